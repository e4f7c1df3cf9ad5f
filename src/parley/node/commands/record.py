"""`parley record`: read the record, hand it over, begin anew where a log cannot go on."""

import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from parley.node.asking import ask
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

app = typer.Typer(no_args_is_help=True, help="The record: what the parties said with weight.")
FOLLOW_S: Final = 0.5
"""Seconds between looks for new entries."""
Space = Annotated[
    str | None,
    typer.Option("--space", "-s", help="Of which record: its id, its name or the other party."),
]


@app.command("list")
def list_record(
    space: Space = None,
    party: Annotated[str | None, typer.Option(help="Only entries of this party.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind: statement, delivery…")] = None,
    thread: Annotated[str | None, typer.Option(help="Only this thread.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many entries.")] = 20,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show the logs, and the newest entries with what is proved of them.

    Example: parley record list --space "Saint Orlan Hospital" --kind statement
    """
    place = node_folder(folder)
    with errors_told(as_json=as_json):
        spaces = operate(place, "record_spaces")
        chosen = {"space": space, "party": party, "kind": kind, "thread": thread}
        entries = operate(place, "record_entries", limit=limit, **_given(chosen))
    show({**spaces, **entries}, as_json=as_json, text=_tell)


@app.command("follow")
def follow(
    space: Space = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Keep showing entries as they come, until Ctrl-C; the node must run.

    Example: parley record follow
    """
    place = node_folder(folder)
    with errors_told(as_json=as_json):
        newest = ask(place, "record_entries", {"limit": 1, **_given({"space": space})})["entries"]
        number = newest[0]["number"] if newest else 0
        while True:
            chosen = {"after": number, "limit": 200, **_given({"space": space})}
            for entry in ask(place, "record_entries", chosen)["entries"]:
                number = entry["number"]
                show(entry, as_json=as_json, text=_tell_entry)
            time.sleep(FOLLOW_S)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The zip file to write.")],
    space: Space = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Write a record into one file that anyone can check: parley verify FILE.

    Example: parley record export record.zip --space "Saint Orlan Hospital"
    """
    with errors_told(as_json=as_json):
        answer = operate(
            node_folder(folder),
            "record_export",
            file=str(file.absolute()),
            **_given({"space": space}),
        )
    show(answer, as_json=as_json, text=_tell_export)


@app.command("evidence")
def evidence(
    file: Annotated[Path | None, typer.Argument(help="A zip file to write it into.")] = None,
    space: Space = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show which logs of others were forked or rolled back, and keep what shows it.

    Anybody can check the file, anywhere, without a node: parley verify FILE. Nothing that was said
    is in it.

    Example: parley record evidence evidence.zip
    """
    asked = {"space": space, "file": None if file is None else str(file.absolute())}
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "record_evidence", **_given(asked))
    show(answer, as_json=as_json, text=_tell_evidence)


@app.command("epoch")
def epoch(
    space: Space = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Begin a new log of ours where the old one cannot go on.

    A node that started waits until a mirror of its log has said how far it had come. Where no
    mirror is left, or the log is forked, only a new log goes on; the old one stays as it is.

    Example: parley record epoch --space "Saint Orlan Hospital"
    """
    if not yes:
        typer.confirm("Begin a new log? The old one will never grow again.", abort=True)
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "record_epoch", **_given({"space": space}))
    show(answer, as_json=as_json, text=lambda said: out.print(f"New log: {escape(said['log'])}"))


@app.command("rotate")
def rotate(
    space: Space = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Hand our log over to a fresh key, in a new log that goes on where the old one ends.

    The key lies in the node's folder, in log-keys; copy it to where the party's key is copied. The
    line stays up and the other parties follow by themselves.

    Example: parley record rotate --space "Saint Orlan Hospital"
    """
    if not yes:
        typer.confirm("Close the log and go on with a fresh key?", abort=True)
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "record_rotate", _given({"space": space}))
    show(answer, as_json=as_json, text=lambda said: out.print(f"New log: {escape(said['log'])}"))


@app.command("erase")
def erase(
    entry: Annotated[str, typer.Argument(help="The entry's hash, or the beginning of it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Erase what an entry seals, with everything of its case; the node must run.

    The key and the files are deleted here, and our log says so. Where our party made the case, the
    other parties' nodes delete theirs and say so in their logs. All proofs hold as before.

    Example: parley record erase 7c1f09a2
    """
    if not yes:
        typer.confirm("Erase it with all of its case? Nobody can read it again.", abort=True)
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "record_erase", {"entry": entry})
    show(answer, as_json=as_json, text=_tell_erased)


@app.command("group")
def group(
    name: Annotated[str, typer.Argument(help="What the group is called here.")],
    parties: Annotated[list[str], typer.Argument(help="The other members, by name or id.")],
    space: Annotated[
        str | None, typer.Option(help="The group's id, from the member who opened it first.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Keep a record with several parties; each member does this with the same id.

    Example: parley record group "Amu basin" "Saint Orlan Hospital" "Velmar Crisis Centre"
    """
    with errors_told(as_json=as_json):
        answer = operate(
            node_folder(folder),
            "record_group",
            name=name,
            parties=parties,
            **_given({"space": space}),
        )
    show(answer, as_json=as_json, text=_tell_group)


def _given(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value is not None}


def _tell(answer: Json) -> None:
    for space in answer["spaces"]:
        names = ", ".join(escape(member["name"]) for member in space["members"])
        out.print(f"[bold]{escape(space['name']) or names}[/bold] ({space['id']})")
        rows = table("  log of", "epoch", "entries", "state", "standing", "held by", "set aside")
        for log in space["logs"]:
            held = ", ".join(f"{each['party_id'][:8]} {each['size']}" for each in log["held"])
            rows.add_row(
                "  " + escape(log["party"]["name"]),
                str(log["epoch"]),
                str(log["size"]),
                log["state"],
                log["standing"],
                held or "-",
                str(log["set_aside_count"]),
            )
        out.print(rows)
        for log in space["logs"]:
            _tell_waiting(log)
    if not answer["spaces"]:
        out.print("No record yet: it begins with a line that both sides have confirmed.")
    for entry in reversed(answer["entries"]):
        _tell_entry(entry)


def _tell_waiting(log: Json) -> None:
    """Say why our own log does not grow."""
    if log["backup_of"]:
        made_at = log["backup_of"][:19]
        out.print(
            f"  [yellow]restored from a backup of {made_at}: nothing is appended yet[/yellow]"
        )
    if log["waits_for"]:
        names = ", ".join(escape(party["name"]) for party in log["waits_for"])
        out.print(f"  [yellow]epoch {log['epoch']} waits for {names}[/yellow]")


def _tell_entry(entry: Json) -> None:
    when = (entry["written_at"] or "-")[:19]
    urgency = f" [red]{entry['precedence']}[/red]" if entry["precedence"] else ""
    said = ""
    if entry["body"] is not None and "text" in entry["body"]:
        said = ": " + escape(str(entry["body"]["text"]))
    if entry["sealed"]:
        said = f": {entry['sealed']['size']:,} bytes {entry['sealed']['state']}"
        said += f", entry {entry['hash'][:12]}"
    if entry["set_aside"]:
        said = f": [yellow]set aside ({entry['set_aside']})[/yellow]"
    words = ", ".join(
        f"{escape(each['party']['name'])} {each['word']}" for each in entry["receipts"]
    )
    out.print(
        f"{when} {escape(entry['party']['name'])} #{entry['index']} "
        f"{entry['kind_name']}{urgency}{said} [dim]{words}[/dim]"
    )


def _tell_export(answer: Json) -> None:
    out.print(f"{escape(answer['file'])}: {answer['bytes']:,} bytes. Check it: parley verify FILE")


def _tell_erased(answer: Json) -> None:
    said = "our log says so" if answer["said_at"] else "our log will say so when it may grow"
    out.print(f"Case {answer['case']}: key and {answer['files']} files deleted; {said}.")
    if not answer["others_follow"]:
        out.print("Another party made this case: whether it erases it too is for it to decide.")


def _tell_evidence(answer: Json) -> None:
    rows = table("log", "what", "kept")
    for each in answer["evidence"]:
        rows.add_row(each["log"], each["kind"], each["kept_at"][:19])
    out.print(rows if answer["evidence"] else "No log contradicts itself.")
    if answer["file"]:
        out.print(f"{escape(answer['file'])}: anybody can check it with parley verify FILE")


def _tell_group(answer: Json) -> None:
    out.print(
        f"Record {answer['space']} with {len(answer['members'])} parties. "
        f"Every other member runs: parley record group NAME … --space {answer['space']}"
    )
