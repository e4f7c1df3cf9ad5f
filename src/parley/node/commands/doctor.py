"""`parley doctor`: what is wrong and how to mend it."""

import typer
from rich.markup import escape

from parley.clock import SystemClock
from parley.node.commands.console import AsJson, Folder, Json, node_folder, out, show, table
from parley.node.doctor import Doctor, as_json

MARKS = {"good": "[green]good[/green]", "warning": "[yellow]look[/yellow]", "bad": "[red]bad[/red]"}


def doctor(folder: Folder = None, as_json_object: AsJson = False) -> None:
    """Examine ports, clock, key, database, disk, engine and interface; ends with 1 if one is bad.

    Example: parley doctor --folder /var/lib/parley
    """
    answer = as_json(Doctor(node_folder(folder), SystemClock()).examine())
    show(answer, as_json=as_json_object, text=_tell)
    if not answer["is_well"]:
        raise typer.Exit(1)


def _tell(answer: Json) -> None:
    rows = table("", "what", "found", "to mend it")
    for finding in answer["findings"]:
        rows.add_row(
            MARKS[finding["state"]],
            escape(finding["what"]),
            escape(finding["found"]),
            escape(finding["mend"]),
        )
    out.print(rows)
