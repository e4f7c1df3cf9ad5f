"""What all commands share: where the node is, how it is asked, how answers and errors look."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from parley.config import FILE_NAME
from parley.errors import NodeNotRunning, ParleyError
from parley.node.asking import ask
from parley.words import Words
from parley.words.refusals import refusal_words

Json = dict[str, Any]
SYSTEM_FOLDER: Final = Path("/var/lib/parley")
out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        "-C",
        envvar="PARLEY_FOLDER",
        help="The node's folder; by default this one if it holds a node, else /var/lib/parley.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for a program.")]
Language = Annotated[str, typer.Option("--language", "-l", help="Language: en, zh, ru or uz.")]


def node_folder(chosen: Path | None) -> Path:
    """Return the folder of the node a command is about."""
    if chosen is not None:
        return chosen.absolute()
    here = Path.cwd()
    return here if (here / FILE_NAME).is_file() else SYSTEM_FOLDER


@contextlib.contextmanager
def errors_told(*, as_json: bool) -> Iterator[None]:
    """Print a refusal in words, or as JSON, and end with code 1."""
    try:
        yield
    except ParleyError as error:
        if as_json:
            content = {"error": {"code": error.code, "params": error.params, "text": str(error)}}
            print_json(content)
        else:
            words = language_of_system()
            # In English an error says more of itself: files, names, numbers.
            said = str(error) if words.language == "en" else refusal_words(error, words)
            err.print(f"[red]{escape(said)}[/red] [dim]({error.code})[/dim]")
        raise typer.Exit(1) from error


def language_of_system() -> Words:
    """Return the words of the terminal's own language, before a node has said the person's."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    code = named.partition(".")[0].replace("_", "-")
    special = {"zh": "zh-Hans", "fa": "prs"}
    return Words(special.get(code[:2], code.partition("-")[0]))


def operate(folder: Path, operation: str, **arguments: Any) -> Any:  # noqa: ANN401  JSON
    """Ask the running node, or work on its database while it does not run.

    Raises:
        ParleyError: the operation refused.
    """
    try:
        return ask(folder, operation, arguments)
    except NodeNotRunning:
        # Needs the database; a command that finds the node running does not.
        from parley.node.offline import operate_offline  # noqa: PLC0415

        return operate_offline(folder, operation, arguments)


def show(content: Any, *, as_json: bool, text: Callable[[Any], None]) -> None:  # noqa: ANN401  JSON
    """Print an answer for a program, or for a person with ``text``."""
    if as_json:
        print_json(content)
    else:
        text(content)


def print_json(content: Any) -> None:  # noqa: ANN401  JSON
    """Print one JSON object."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


def table(*columns: str) -> Table:
    """Return an empty table in the house style."""
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


def is_root() -> bool:
    """Say whether the command runs with all rights."""
    return os.geteuid() == 0
