"""`parley crisis`: read crises and their assessments."""

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

app = typer.Typer(no_args_is_help=True, help="Crises and the assessments after them.")
Which = Annotated[str, typer.Argument(help="The beginning of its hash.")]
MaybeSpace = Annotated[
    str | None, typer.Option("--space", "-s", help="Only of this line: the other party.")
]


@app.command("list")
def list_crises(
    space: MaybeSpace = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many.")] = 20,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show crises: each side's own title, who has it open, where the assessment stands.

    Example: parley crisis list --json
    """
    with errors_told(as_json=as_json):
        arguments: Json = {"limit": limit} if space is None else {"limit": limit, "space": space}
        answer = ask(node_folder(folder), "crisis_list", arguments)
    show(answer, as_json=as_json, text=_tell)


@app.command("show")
def show_crisis(which: Which, folder: Folder = None, as_json: AsJson = False) -> None:
    """Show one crisis: both sides, what was said, facts, and the assessment.

    Example: parley crisis show 3f9a
    """
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "crisis_show", {"crisis": which})
    show(answer, as_json=as_json, text=_tell_one)


@app.command("timeline")
def timeline(which: Which, folder: Folder = None, as_json: AsJson = False) -> None:
    """Show what the record has of a crisis, and how long what took.

    To prove all of it offline, export the line's record (parley record export) and verify that.

    Example: parley crisis timeline 3f9a --json
    """
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "crisis_timeline", {"crisis": which})
    show(answer, as_json=as_json, text=_tell_timeline)


def _tell(answer: Json) -> None:
    rows = table("number", "sides", "assessment", "last said", "hash")
    for each in answer["crises"]:
        mark = "EXERCISE " if each["is_exercise"] else ""
        sides = ", ".join(f"{_title(side)} ({side['state']})" for side in each["sides"])
        rows.add_row(
            mark + each["number"],
            escape(sides),
            each["state"] or "-",
            each["last_at"][:19],
            each["hash"][:12],
        )
    out.print(rows if answer["crises"] else "No crisis was opened yet.")


def _tell_one(answer: Json) -> None:
    _tell({"crises": [answer["crisis"]]})
    for each in answer["crisis"]["statements"]:
        words = escape(each["texts"][0]["text"])
        out.print(f"{each['kind']} of {each['party'][:8]}, {each['state']}: {words}")
    for fact in answer["crisis"]["facts"]:
        out.print(f"fact, {fact['state']}: {escape(fact['texts'][0]['text'])}")
    assessment = answer["assessment"]
    if assessment is None:
        return
    equal = {True: "equal", False: "not equal", None: "not both there yet"}
    out.print(f"timelines: {equal[assessment['are_timelines_equal']]}")
    for account in assessment["accounts"]:
        shown = "shown" if account["shown"] is not None else "sealed"
        out.print(f"account of {account['party'][:8]}: {shown}")


def _tell_timeline(answer: Json) -> None:
    for each in answer["entries"]:
        out.print(f"{each['at'][:19]} {each['party'][:8]} {each['kind']} {each['hash'][:12]}")
    for times in answer["times"]:
        spans = ", ".join(
            f"{name} {times[f'{name}_ms']} ms"
            for name in ("deliver", "present", "acknowledge", "answer")
            if times[f"{name}_ms"] is not None
        )
        out.print(f"{times['precedence']} of {times['party'][:8]}: {spans or 'not delivered'}")


def _title(side: Json) -> str:
    return str(side["title"][0]["text"]) if side["title"] else "-"
