"""`parley try`: two sample nodes on this machine, joined by an emulated bad line."""

import contextlib
import os
import select
import shutil
import signal
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape

from parley.node.commands.console import err, errors_told, out

if TYPE_CHECKING:
    from parley.node.sample import SampleNode, SamplePair

PROFILES = "lan, regional, border, slow-hours or satellite, with changes such as border,loss=5%"
LOOK_EVERY_S: Final = 0.25
"""Seconds between looks at whether the end was asked for. More: Ctrl-C is noticed later."""
KEYS_MAX: Final = 16
"""Keys read at once. More: somebody who leans on one waits for all of it."""
LINE_KEY: Final = "l"


def try_out(
    profile: Annotated[str, typer.Option("--profile", "-p", help=PROFILES)] = "border",
    seed: Annotated[int, typer.Option(help="Same seed, same losses.")] = 1,
    folder: Annotated[
        Path, typer.Option("--folder", "-C", help="Where the two nodes are kept.")
    ] = Path(".parley/try"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the last time first.")] = False,
) -> None:
    """Start two sample nodes and print two addresses, each opening signed in.

    While it runs, L cuts the line or mends it, and 1 and 2 stop and start the two nodes.

    Example: parley try --profile slow-hours
    """
    # Needs the compiled engine; the other commands do not.
    from parley.node.sample import SamplePair  # noqa: PLC0415

    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    place = folder.absolute()
    with errors_told(as_json=False):
        if fresh:
            shutil.rmtree(place, ignore_errors=True)
        pair = SamplePair(place, profile=profile, seed=seed, has_edges=True)
        try:
            with err.status("Starting") as shown:
                pair.start(lambda doing: _tell(doing, told, shown.update))
            _welcome(pair, profile)
            for key in _keys(told):
                _press(pair, key)
        except KeyboardInterrupt:
            pass
        finally:
            with err.status("Stopping"):
                pair.stop()


def _tell(doing: str, told: threading.Event, update: object) -> None:
    if told.is_set():
        raise KeyboardInterrupt
    if callable(update):
        update(doing)


def _welcome(pair: "SamplePair", profile: str) -> None:
    """Say where to look, and what may be done here meanwhile."""
    for node, address in zip(pair.nodes, pair.sign_in_addresses(), strict=True):
        person, party = node.party.people[0][0], node.party.name
        out.print(f"\n[bold]{escape(person)}[/bold], {escape(party)}:")
        # Browsers make no passkeys for an IP address (WebAuthn §5.1.3).
        typer.echo(f"  {_local(address)}")
    out.print(f"\nOne room is open: {escape(_title())}. The line: {escape(profile)}.")
    out.print("Each address signs in once. Ctrl-C stops both nodes.")
    near, far = pair.nodes
    link = _local(near.sign_in_address(*near.party.people[0]))
    typer.echo(f"A terminal for {near.party.people[0][0]}: give it a key, then sit down:")
    typer.echo(f'  .venv/bin/parley desk enrol -T .parley/desk "{link}"')
    typer.echo("  .venv/bin/parley desk -T .parley/desk")
    typer.echo(
        f"Keys: L cuts the line, or mends it. 1 stops {near.party.name}, 2 {far.party.name}, "
        "or starts it again."
    )


def _local(address: str) -> str:
    return address.replace("127.0.0.1", "localhost")


def _keys(told: threading.Event) -> Iterator[str]:
    """Yield each key that is pressed until the end is asked for."""
    with _key_by_key():
        is_open = True
        while not told.is_set():
            if not is_open:
                told.wait(LOOK_EVERY_S)
                continue
            if select.select([sys.stdin], [], [], LOOK_EVERY_S)[0]:
                pressed = os.read(sys.stdin.fileno(), KEYS_MAX)
                # Started with nothing to read from, it runs on until it is told to stop.
                is_open = bool(pressed)
                yield from pressed.decode("ascii", "ignore").lower()


@contextlib.contextmanager
def _key_by_key() -> Iterator[None]:
    """Let a terminal give each key at once, and as it was afterwards."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _press(pair: "SamplePair", key: str) -> None:
    """Do what a key is for; a key that is for nothing does nothing."""
    if key == LINE_KEY:
        _cut_or_mend(pair)
    elif key in {"1", "2"}:
        _stop_or_start(pair.nodes[int(key) - 1])


def _cut_or_mend(pair: "SamplePair") -> None:
    if pair.is_cut:
        pair.mend()
        typer.echo("The line is mended.")
    else:
        pair.cut()
        typer.echo(
            "The line is cut: both desks say so in seconds, and soon that the way is silent."
        )


def _stop_or_start(node: "SampleNode") -> None:
    name = node.party.name
    if node.is_running:
        typer.echo(f"Stopping {name}.")
        node.stop()
        typer.echo(f"{name} has stopped: the other desk says soon that their node is silent.")
    else:
        typer.echo(f"Starting {name}.")
        node.start()
        node.wait()
        typer.echo(f"{name} runs again.")


def _title() -> str:
    from parley.node.sample import ROOM_TITLE  # noqa: PLC0415  see above

    return ROOM_TITLE
