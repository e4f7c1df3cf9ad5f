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
    language_of_system,
    node_folder,
    out,
    show,
)
from parley.words import Words
from parley.words.alerts import breach_rows, stamp_of
from parley.words.crises import crisis_headline, fact_rows, side_rows, statement_rows
from parley.words.plain import line

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
    words = language_of_system()
    for each in answer["crises"]:
        _tell_head(each, words)
    if not answer["crises"]:
        out.print(words.code("label", "no_crisis"))


def _tell_head(crisis: Json, words: Words) -> None:
    head = escape(crisis_headline(crisis, words))
    out.print(f"[bold]{head}[/bold] [dim]{crisis['hash'][:12]}[/dim]")
    for row in side_rows(crisis, words):
        out.print(f"  {row}", markup=False)
    if crisis["state"] is not None:
        out.print(f"  {words.code('stage', crisis['state'])}")


def _tell_one(answer: Json) -> None:
    words, crisis = language_of_system(), answer["crisis"]
    _tell_head(crisis, words)
    for row in (*fact_rows(crisis, words), *statement_rows(crisis, words)):
        out.print(f"  {row.head}", markup=False)
        for said in filter(None, (row.text, row.more)):
            out.print(f"    {said}", markup=False)
    for breach in breach_rows(crisis, words):
        out.print(f"  {breach}", markup=False)
    if answer["assessment"] is not None:
        _tell_assessment(answer["assessment"], names_of(crisis), words)


def _tell_assessment(assessment: Json, names: dict[str, str], words: Words) -> None:
    equal = {True: "timelines_equal", False: "timelines_differ", None: "timelines_awaited"}
    out.print(f"  {words.code('label', equal[assessment['are_timelines_equal']])}")
    for account in assessment["accounts"]:
        state = "account_sealed" if account["shown"] is None else "account_shown"
        who = line(names.get(account["party"], account["party"]))
        out.print(f"  {escape(who)}: {words.code('label', state)}")


def _tell_timeline(answer: Json) -> None:
    words, names = language_of_system(), answer["names"]
    for each in answer["entries"]:
        who = escape(line(names.get(each["party"], each["party"])))
        kind = words.code("entry", each["kind"])
        out.print(f"{stamp_of(each['at'])} {who}: {kind} [dim]{each['hash'][:12]}[/dim]")
    for times in answer["times"]:
        spans = ", ".join(
            f"{words.code('span', name)} {times[f'{name}_ms'] / 1_000:.1f} s"
            for name in ("deliver", "present", "acknowledge", "answer")
            if times[f"{name}_ms"] is not None
        )
        who = escape(line(names.get(times["party"], times["party"])))
        precedence = words.code("precedence", times["precedence"])
        said = spans or words.code("sentence", "not_known_to_have_arrived")
        out.print(f"{precedence}, {who}: {said}")


def names_of(crisis: Json) -> dict[str, str]:
    """Return what both parties of a crisis are called, by id."""
    return {each["id"]: each["name"] or each["id"] for each in crisis["parties"]}
