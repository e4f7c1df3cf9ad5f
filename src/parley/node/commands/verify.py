"""`parley verify`: check an exported record, offline; the same as handing on that one file."""

from pathlib import Path
from typing import Annotated

import typer

from parley import verify as checker
from parley.node.commands.console import AsJson


def verify(
    file: Annotated[Path, typer.Argument(help="The export, a zip file.")],
    trust: Annotated[
        list[str] | None, typer.Option("--trust", "-t", help="Id of a party you know; repeat.")
    ] = None,
    entries: Annotated[
        bool, typer.Option("--entries", help="List every entry, however many there are.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check an exported record offline: who said what, when, and who is proved to have held it.

    Ends with 0 if the record holds, 1 if something in it does not, 2 if the file is no export, 3 if
    what is there holds and something is missing.

    Example: parley verify record.zip --trust 2734wm6j37e56ib7tkxnmgqtvq
    """
    typed = [str(file), *(f"--trust={party}" for party in trust or ())]
    typed += [name for name, is_on in (("--entries", entries), ("--json", as_json)) if is_on]
    raise typer.Exit(checker.main(typed))
