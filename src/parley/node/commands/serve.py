"""`parley serve`: run the node."""

import asyncio
import sys
from typing import Annotated, Final

import typer

from parley.config import Settings
from parley.exhaustion import (
    end_if_memory_was_missed,
    forgo_traces_of_panics,
    started_pool,
    watch_for_missed_memory,
)
from parley.node.commands.console import Folder, errors_told, node_folder, out
from parley.node.lifecycle import only_node, spare_what_is_loaded, until_told, watched
from parley.node.node import Node
from parley.telemetry import configure
from parley.web.serving import first_origin

THREADS: Final = 6
"""Threads for what would hold others up: files, mail. More carries more files at once, fewer spare
memory."""


def serve(
    folder: Folder = None,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Run the node until it is told to stop (Ctrl-C, or SIGTERM by systemd).

    Example: parley serve --folder /var/lib/parley
    """
    place = node_folder(folder)
    with errors_told(as_json=False):
        settings = Settings.load(place)
        configure(settings.log.level, look=end_if_memory_was_missed)
        forgo_traces_of_panics()
        watch_for_missed_memory()
        with only_node(place):
            _run(settings, with_parent=with_parent)


def _run(settings: Settings, *, with_parent: bool) -> None:
    with asyncio.Runner() as runner:
        try:
            runner.run(_serve(settings, with_parent=with_parent))
        except BaseException as error:
            # Before the runner closes, which is an orderly stop and wants memory.
            end_if_memory_was_missed(error)
            raise


async def _serve(settings: Settings, *, with_parent: bool) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(started_pool(THREADS, "parley-work"))
    node = Node(settings)
    until = _until_told_or_alone if with_parent else until_told
    await node.serve(lambda: watched(until), lambda: _ready(settings))


async def _until_told_or_alone() -> None:
    """Return when told to stop, or when whoever started this process is gone."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)

    async def until_end() -> None:
        await reader.read()
        gone.set()

    tasks = [asyncio.create_task(until_end()), asyncio.create_task(until_told())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _ready(settings: Settings) -> None:
    spare_what_is_loaded()
    if sys.stdout.isatty():
        out.print(f"Browsers: [bold]{first_origin(settings)}[/bold]   Stop: Ctrl-C")
