"""`parley machine`: accounts of programs."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.identity.permission import MachineAct
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

app = typer.Typer(no_args_is_help=True, help="Accounts of programs; none can do a person's act.")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the program is for.")],
    act: Annotated[list[MachineAct], typer.Option(help="What it may do; repeat.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Make an account for a program and print its token, once.

    The program sends it as "Authorization: Bearer TOKEN".

    Example: parley machine add "Prometheus" --act node.metrics
    """
    acts = [each.value for each in act]
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "machine_add", name=name, acts=acts)
    show(answer, as_json=as_json, text=_tell_token)


@app.command("list")
def list_machines(folder: Folder = None, as_json: AsJson = False) -> None:
    """List every program's account.

    Example: parley machine list
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "machine_list")
    show(answer, as_json=as_json, text=_tell_list)


@app.command("revoke")
def revoke(
    machine: Annotated[str, typer.Argument(help="Name, id, or the beginning of the id.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """End a program's account at once.

    Example: parley machine revoke "Prometheus"
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "machine_revoke", machine=machine)
    show(answer, as_json=as_json, text=lambda done: out.print(f"Revoked {done['revoked']}."))


def _tell_token(answer: Json) -> None:
    out.print(f"Token of [bold]{escape(answer['machine']['name'])}[/bold], shown this once:")
    typer.echo(answer["token"])


def _tell_list(answer: Json) -> None:
    rows = table("name", "id", "may", "made", "")
    for each in answer["machines"]:
        state = "revoked" if each["revoked_at"] else ""
        acts = ", ".join(each["acts"])
        rows.add_row(escape(each["name"]), each["id"], acts, each["made_at"], state)
    out.print(rows if answer["machines"] else "None.")
