"""`parley notification`: read formatted notifications, check a form, export one."""

import base64
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from parley.crisis.notifications.numbers import number_text
from parley.node.asking import ask
from parley.node.commands import notification_acts
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
from parley.node.commands.notification_told import (
    late_words,
    number_words,
    tell_findings,
    tell_notification,
)
from parley.words.alerts import stamp_of
from parley.words.plain import line

app = typer.Typer(no_args_is_help=True, help="Formatted notifications, as both sides hold them.")
app.add_typer(notification_acts.app)
Space = Annotated[str, typer.Option("--space", "-s", help="Of which line: the other party.")]
MaybeSpace = Annotated[
    str | None, typer.Option("--space", "-s", help="Only of this line: the other party.")
]
Which = Annotated[str, typer.Argument(help="Its hash, or enough of its beginning.")]


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
    show(answer, as_json=as_json, text=lambda said: tell_findings(said, language_of_system()))
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


def _tell_one(answer: Json) -> None:
    tell_notification(answer["notification"], language_of_system())


def _tell_list(answer: Json) -> None:
    words = language_of_system()
    label = partial(words.code, "label")
    columns = ("number", "state", "provided_at", "late")
    rows = table(*map(label, columns), "")
    for each in answer["notifications"]:
        rows.add_row(
            number_words(each, words),
            words.code("paper_state", each["state"]),
            stamp_of(each["provided_at"]) if each["provided_at"] else "-",
            late_words(each, words),
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


def _tell_types(answer: Json) -> None:
    words = language_of_system()
    names = answer["names"]
    rows = table(words.code("label", "type"), "", words.code("label", "signed_by"), "", "")
    for each in answer["types"]:
        agreed = ", ".join(line(names.get(party, party)) for party in each["agreed_by"]) or "-"
        usable = words.code("label", "usable" if each["is_usable"] else "not_usable")
        rows.add_row(each["id"], str(each["version"]), escape(agreed), usable, each["hash"][:12])
    out.print(rows if answer["types"] else words.code("label", "no_type"))
