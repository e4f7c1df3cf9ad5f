"""`parley notification`: read formatted notifications, check a form, export one."""

import base64
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from parley.crisis.notifications.check import Weight
from parley.crisis.notifications.numbers import number_text
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
    table,
)
from parley.words import Words
from parley.words.alerts import stamp_of
from parley.words.plain import line

app = typer.Typer(no_args_is_help=True, help="Formatted notifications, as both sides hold them.")
Space = Annotated[str, typer.Option("--space", "-s", help="Of which line: the other party.")]
MaybeSpace = Annotated[
    str | None, typer.Option("--space", "-s", help="Only of this line: the other party.")
]
Which = Annotated[str, typer.Argument(help="Its hash, or enough of its beginning.")]
IN_TIME: Final = "00:00"


@app.command("list")
def list_notifications(
    space: MaybeSpace = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many.")] = 20,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show notifications with their legal time and lateness, wrong numbers, and reminders.

    Example: parley notification list --space "Saint Orlan Hospital"
    """
    with errors_told(as_json=as_json):
        arguments: Json = {"limit": limit} if space is None else {"limit": limit, "space": space}
        answer = ask(node_folder(folder), "notification_list", arguments)
    show(answer, as_json=as_json, text=_tell_list)


@app.command("show")
def show_notification(which: Which, folder: Folder = None, as_json: AsJson = False) -> None:
    """Show one notification: its form, queries, findings and breaches.

    Example: parley notification show 3f9a
    """
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "notification_show", {"notification": which})
    show(answer, as_json=as_json, text=_tell_one)


@app.command("types")
def types(space: Space, folder: Folder = None, as_json: AsJson = False) -> None:
    """Show the types that were proposed for a line, and who agreed to them.

    Example: parley notification types --space "Saint Orlan Hospital"
    """
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "notification_types", {"space": space})
    show(answer, as_json=as_json, text=_tell_types)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The form, a JSON file.", exists=True)],
    starter: Annotated[str, typer.Option("--type", "-t", help="The starter type's id.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Hold a form against a starter type; say what is wrong, where, and what would do.

    Example: parley notification check launch.json --type launch-or-test
    """
    with errors_told(as_json=as_json):
        arguments = {"form": file.read_text(encoding="utf-8"), "starter": starter}
        answer = ask(node_folder(folder), "notification_check", arguments)
    show(answer, as_json=as_json, text=_tell_findings)
    if answer["findings"]:
        raise typer.Exit(1)


@app.command("export")
def export(
    which: Which,
    file: Annotated[Path, typer.Argument(help="The XML file to write.")],
    language: Annotated[str, typer.Option(help="The language of the labels.")] = "en",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Write a notification as an alert of CAP 1.2, where its type fits.

    Example: parley notification export 3f9a launch.xml --language ru
    """
    with errors_told(as_json=as_json):
        arguments = {"notification": which, "language": language}
        answer = ask(node_folder(folder), "notification_export", arguments)
    file.write_text(answer["cap"], encoding="utf-8")
    show(answer, as_json=as_json, text=lambda _: out.print(f"{escape(str(file))} written."))


@app.command("paper")
def paper(
    which: Which,
    file: Annotated[Path, typer.Argument(help="The PDF file to write.")],
    language: Annotated[str, typer.Option(help="The language of the paper.")] = "en",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Write a notification as PDF/A-3a, signed by our party, with its proofs attached.

    Example: parley notification paper 3f9a launch.pdf --language ru
    """
    with errors_told(as_json=as_json):
        arguments = {"notification": which, "language": language}
        answer = ask(node_folder(folder), "notification_paper", arguments)
    file.write_bytes(base64.b64decode(answer["pdf"]))
    told = {"file": str(file), "language": language}
    show(told, as_json=as_json, text=lambda _: out.print(f"{escape(str(file))} written."))


@app.command("rebuild")
def rebuild(folder: Folder = None, as_json: AsJson = False) -> None:
    """Make the rows of notifications and call requests anew from the record.

    Example: parley notification rebuild
    """
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "notification_rebuild", {})
    show(answer, as_json=as_json, text=lambda said: out.print(f"{said['entries']} entries read."))


def _tell_list(answer: Json) -> None:
    words = language_of_system()
    label = partial(words.code, "label")
    columns = ("number", "state", "provided_at", "late")
    rows = table(*map(label, columns), "")
    for each in answer["notifications"]:
        rows.add_row(
            _number(each, words),
            words.code("paper_state", each["state"]),
            stamp_of(each["provided_at"]) if each["provided_at"] else "-",
            _late(each, words),
            each["hash"][:12],
        )
    out.print(rows if answer["notifications"] else label("no_notification"))
    for fault in answer["faults"]:
        number = number_text(fault["number"], is_exercise=fault["is_exercise"])
        party = line(answer["names"].get(fault["party"], fault["party"]))
        place = f"{party}: {fault['type_id']}/{fault['year']}/{number}"
        out.print(f"[yellow]{escape(place)}: {label(fault['fault'])}[/yellow]")
    for due in answer["reminders"]:
        if not due["is_met"]:
            out.print(f"[yellow]{label('due')} {due['due_at'][:10]}: {escape(due['type_id'])}[/]")


def _tell_one(answer: Json) -> None:
    each, words = answer["notification"], language_of_system()
    out.print(f"[bold]{_number(each, words)}[/bold] {words.code('paper_state', each['state'])}")
    out.print(f"  {words.code('label', 'capacity')}: {words.code('capacity', each['capacity'])}")
    if each["ended_as"] is not None:
        ended = words.code("paper_state", each["state"])
        out.print(f"  {ended} ({words.code('capacity', each['ended_as'])})")
    for name in ("sent_at", "provided_at", "effective_at", "due_at"):
        at = stamp_of(each[name]) if each[name] else "-"
        out.print(f"  {words.code('label', name)}: {at}")
    out.print(f"  {words.code('label', 'late')}: {_late(each, words)}")
    out.print_json(data=each["form"])
    for query in each["queries"]:
        state = words.code("query", query["state"])
        due = f"{words.code('label', 'answer_due')} {stamp_of(query['due_at'])}"
        asked = words.code("capacity", query["capacity"])
        out.print(f"  ? {escape(line(query['words']))} ({asked}; {state}; {due})")
        for said in query["answers"]:
            office = words.code("capacity", said["capacity"])
            out.print(f"    {escape(line(said['words']))} ({office})")
    for breach, digest in each["breaches"]:
        said = words.code("paper_breach", breach)
        out.print(f"  [yellow]{escape(said)}[/yellow] [dim]{digest[:12]}[/dim]")
    if each["findings"]:
        _tell_findings(each)


def _late(each: Json, words: Words) -> str:
    if not each["provided_at"] or not each["late"]:
        return "-"
    return words.code("label", "in_time") if each["late"] == IN_TIME else str(each["late"])


def _number(each: Json, words: Words) -> str:
    number = escape(each["number"])
    return f"{words.say('EXERCISE')} {number}" if each["is_exercise"] else number


def _tell_types(answer: Json) -> None:
    words = language_of_system()
    names = answer["names"]
    rows = table(words.code("label", "type"), "", words.code("label", "signed_by"), "", "")
    for each in answer["types"]:
        agreed = ", ".join(line(names.get(party, party)) for party in each["agreed_by"]) or "-"
        usable = words.code("label", "usable" if each["is_usable"] else "not_usable")
        rows.add_row(each["id"], str(each["version"]), escape(agreed), usable, each["hash"][:12])
    out.print(rows if answer["types"] else words.code("label", "no_type"))


def _tell_findings(answer: Json) -> None:
    words = language_of_system()
    for each in answer["findings"]:
        wanted = f" ({escape(line(each['wanted']))})" if each["wanted"] else ""
        said = words.code("finding", each["reason"])
        mark = "!" if each["weight"] == Weight.REFUSES else "?"
        out.print(f"  {mark} {escape(line(each['field']))}: {said}{wanted}")
    if not answer["findings"]:
        out.print(words.code("label", "form_holds"))
