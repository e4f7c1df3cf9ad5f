"""`parley office`: posts of this party, and who belongs to them."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    node_folder,
    operate,
    out,
    show,
    table,
)

app = typer.Typer(no_args_is_help=True, help="Offices of this party, and who is on duty.")
Which = Annotated[str, typer.Argument(help="Name, id, or the beginning of the id.")]
People = Annotated[
    list[str] | None, typer.Option("--person", "-p", help="Who belongs to it; repeat.")
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The office's name.")],
    person: People = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Make an office. Who belongs to it takes duty on the desk.

    Example: parley office add "Watch" --person "Ingrid Solberg" --person "Maria Volkova"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "office_add", name=name, people=person or [])
    show(answer, as_json=as_json, text=_tell_office)


@app.command("change")
def change(
    office: Which,
    name: Annotated[str | None, typer.Option(help="Its name from now on.")] = None,
    person: People = None,
    close: Annotated[
        bool | None, typer.Option("--close/--open", help="Close it, or open it again.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Change an office: its name, all of its people, or whether it is open.

    Example: parley office change Watch --person "Ingrid Solberg"
    """
    with errors_told(as_json=as_json):
        answer = operate(
            node_folder(folder),
            "office_change",
            office=office,
            name=name,
            people=person or None,
            is_closed=close,
        )
    show(answer, as_json=as_json, text=_tell_office)


@app.command("list")
def list_offices(folder: Folder = None, as_json: AsJson = False) -> None:
    """List every office, its people and who is on duty.

    Example: parley office list
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "office_list")
    show(answer, as_json=as_json, text=_tell_offices)


def _tell_office(answer: Json) -> None:
    _tell_offices({"offices": [answer["office"]]})


def _tell_offices(answer: Json) -> None:
    rows = table("office", "id", "people", "on duty", "since", "")
    for each in answer["offices"]:
        rows.add_row(
            escape(each["name"]),
            each["id"],
            escape(", ".join(each["people"])),
            escape(each["on_duty"] or "nobody"),
            each["since"] or "",
            "closed" if each["closed_at"] else "",
        )
    out.print(rows if answer["offices"] else "None yet: parley office add NAME")
