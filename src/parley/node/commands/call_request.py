"""`parley call-request`: read call requests between officials."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.node.asking import ask
from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    node_folder,
    out,
    show,
    table,
)

app = typer.Typer(no_args_is_help=True, help="Call requests between officials.")
MaybeSpace = Annotated[
    str | None, typer.Option("--space", "-s", help="Only of this line: the other party.")
]


@app.command("list")
def list_calls(
    space: MaybeSpace = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many.")] = 20,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show call requests: where each stands, whose answer is awaited, by when.

    Example: parley call-request list --json
    """
    with errors_told(as_json=as_json):
        arguments: Json = {"limit": limit} if space is None else {"limit": limit, "space": space}
        answer = ask(node_folder(folder), "call_request_list", arguments)
    show(answer, as_json=as_json, text=_tell)


@app.command("dates")
def dates(
    which: Annotated[str, typer.Argument(help="The beginning of its hash.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show when a call is wanted and when it begins, in each party's own zone.

    Example: parley call-request dates 3f9a
    """
    with errors_told(as_json=as_json):
        calls = ask(node_folder(folder), "call_request_list", {"limit": 200})["calls"]
    found = [each for each in calls if each["hash"].startswith(which)]
    show({"calls": found}, as_json=as_json, text=_tell_dates)


def _tell(answer: Json) -> None:
    rows = table("who asks", "whom", "level", "state", "answer by", "hash")
    for each in answer["calls"]:
        limit = each["due_here"] or each["due"]
        late = " overdue" if each["is_overdue"] else ""
        rows.add_row(
            ("EXERCISE " if each["is_exercise"] else "") + escape(each["who_asks"]),
            escape(each["who_is_asked"]),
            escape(each["level"]),
            each["state"] + late,
            "-" if limit is None else limit["at"][:19],
            each["hash"][:12],
        )
    out.print(rows if answer["calls"] else "No call requests yet.")


def _tell_dates(answer: Json) -> None:
    for each in answer["calls"]:
        out.print(f"[bold]{each['hash'][:12]}[/bold] {each['state']}")
        for name in ("earliest", "latest", "begins"):
            for party, local in (each[name] or {"by_party": {}})["by_party"].items():
                out.print(f"  {name} {party[:8]}: {escape(local)}")
