"""`parley person`: people of this party and the links that sign them in."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.identity.person import Role
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

app = typer.Typer(no_args_is_help=True, help="People of this party.")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The person's name, as others are to see it.")],
    language: Annotated[str, typer.Option("--language", "-l", help="Of their pages.")] = "en",
    role: Annotated[Role, typer.Option(help="What they are to the node.")] = Role.MEMBER,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Add a person and print a link that signs them in once.

    Example: parley person add "Dilnoza Karimova" --language uz
    """
    with errors_told(as_json=as_json):
        answer = operate(
            node_folder(folder), "person_add", name=name, language=language, role=role.value
        )
    show(answer, as_json=as_json, text=_tell_link)


@app.command("link")
def link(
    person: Annotated[str, typer.Argument(help="Name, id, or the beginning of the id.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Print a fresh link that signs somebody in once, within a day.

    Example: parley person link "Dilnoza Karimova"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_link", person=person)
    show(answer, as_json=as_json, text=_tell_link)


@app.command("list")
def list_people(folder: Folder = None, as_json: AsJson = False) -> None:
    """List everybody of this party.

    Example: parley person list
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "person_list")
    show(answer, as_json=as_json, text=_tell_list)


def _tell_link(answer: Json) -> None:
    out.print(f"Open once, within a day, as [bold]{escape(answer['person']['name'])}[/bold]:")
    typer.echo(answer["address"])


def _tell_list(answer: Json) -> None:
    rows = table("name", "id", "language", "role")
    for each in answer["people"]:
        person = each["person"]
        rows.add_row(escape(person["name"]), person["id"], each["language"], each["role"])
    out.print(rows if answer["people"] else "Nobody yet: parley person add NAME")
