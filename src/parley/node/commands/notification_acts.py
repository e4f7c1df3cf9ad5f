"""What a person does about notifications with their own key: `parley notification draft` and on."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from parley.errors import FormRefused, NotificationUnknown
from parley.node.commands.alert import party_named
from parley.node.commands.console import AsJson, Json, out
from parley.node.commands.notification_told import tell_findings, tell_notification
from parley.node.commands.terminal import DEFAULT, Place, Usb, act_and_tell
from parley.terminal.acts import Acts, beginning_with
from parley.terminal.notification_acts import NotificationActs
from parley.words import Words

app = typer.Typer()
Which = Annotated[str, typer.Argument(help="Its hash, or enough of its beginning.")]
Draft = Annotated[str, typer.Argument(help="The draft's id, or enough of its beginning.")]
Said = Annotated[str, typer.Option("--words", "-w", help="What you say.")]
Why = Annotated[str, typer.Option("--words", "-w", help="Why, if you want to say it.")]
FORM_BYTES_MAX: Final = 32_768


@app.command("drafts")
def drafts(terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False) -> None:
    """List what is being written, each with what is wrong about it now.

    Example: parley notification drafts
    """

    async def act(acts: Acts) -> Json:
        return {"drafts": await NotificationActs(acts).drafts()}

    act_and_tell(act, terminal, _tell_drafts, usb=usb, as_json=as_json)


@app.command("draft")
def draft(
    file: Annotated[Path, typer.Argument(help="The form, a JSON file.", exists=True)],
    to: Annotated[str, typer.Option("--to", help="The other party, by name or id.")],
    kind: Annotated[str, typer.Option("--type", "-t", help="The agreed type's id.")],
    corrects: Annotated[
        str | None, typer.Option(help="Hash of ours in whose place it stands.")
    ] = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="It is an exercise.")] = False,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Begin a notification, and hold it against its type; another person verifies it.

    Example: parley notification draft launch.json --to "Saint Orlan Hospital" -t launch-or-test
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        replaced = None if corrects is None else (await own.find(corrects))["hash"]
        party = await party_named(acts, to)
        made = await own.draft(party, kind, _form(file), replaced, is_exercise=exercise)
        return await own.check(made["id"])

    act_and_tell(act, terminal, _tell_draft, usb=usb, as_json=as_json)


@app.command("verify")
def verify(
    which: Draft, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Vouch for a draft that another person wrote.

    Example: parley notification verify k3td
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        return await own.verify((await own.find_draft(which))["id"])

    act_and_tell(act, terminal, _tell_draft, usb=usb, as_json=as_json)


@app.command("discard")
def discard(
    which: Draft, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Throw a draft away.

    Example: parley notification discard k3td
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        found = await own.find_draft(which)
        await own.discard(found["id"])
        return {"discarded": found["id"]}

    act_and_tell(act, terminal, _tell_done, usb=usb, as_json=as_json)


@app.command("send")
def send(
    which: Draft, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Send a verified draft under the next number, with your signature.

    Example: parley notification send k3td
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        return await own.send(await own.find_draft(which))

    act_and_tell(act, terminal, _tell_sent, usb=usb, as_json=as_json)


@app.command("query")
def query(
    which: Which, words: Said, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Ask about a notification of the other party; its type says how long they have.

    Example: parley notification query 3f9a --words "Which of the two areas is closed?"
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        return await own.query((await own.find(which))["hash"], words)

    act_and_tell(act, terminal, _tell_sent, usb=usb, as_json=as_json)


@app.command("clarify")
def clarify(
    which: Which,
    words: Said,
    question: Annotated[
        str | None, typer.Option(help="Hash of the question; by default the only open one.")
    ] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Answer, signed, what the other party asked about a notification of ours.

    Example: parley notification clarify 3f9a --words "The southern one."
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        found = await own.find(which)
        asked = _question(found, question)
        return await own.clarify(found["hash"], asked, words)

    act_and_tell(act, terminal, _tell_sent, usb=usb, as_json=as_json)


@app.command("cancel")
def cancel(
    which: Which,
    words: Why = "",
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say, signed, that a notification of ours does not stand any more.

    Example: parley notification cancel 3f9a --words "The test was called off."
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        return await own.cancel((await own.find(which))["hash"], words)

    act_and_tell(act, terminal, _tell_sent, usb=usb, as_json=as_json)


@app.command("close")
def close(
    which: Which,
    words: Why = "",
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say, signed, that a notification of ours has run its course.

    Example: parley notification close 3f9a
    """

    async def act(acts: Acts) -> Json:
        own = NotificationActs(acts)
        return await own.close((await own.find(which))["hash"], words)

    act_and_tell(act, terminal, _tell_sent, usb=usb, as_json=as_json)


def _form(file: Path) -> dict[str, Any]:
    """Read a form.

    Raises:
        FormRefused: the file holds none.
    """
    content = file.read_bytes()
    try:
        found = json.loads(content) if len(content) <= FORM_BYTES_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise FormRefused(field="form", reason="wrong_type")
    return found


def _question(notification: Json, beginning: str | None) -> str:
    """Return the question that is meant: the one named, or the only one that waits.

    Raises:
        NotificationUnknown: there is no such question, or several wait.
    """
    waiting = [each for each in notification["queries"] if not each["answers"]]
    asked = notification["queries"] if beginning else waiting
    found = beginning_with(asked, "hash", beginning or "") if beginning else None
    if found is None and not beginning and len(waiting) == 1:
        found = waiting[0]
    if found is None:
        raise NotificationUnknown
    return str(found["hash"])


def _tell_sent(answered: Json, words: Words) -> None:
    tell_notification(answered, words)
    out.print(f"  [dim]{answered['hash']}[/dim]")


def _tell_drafts(answered: Json, words: Words) -> None:
    for each in answered["drafts"]:
        _tell_draft(each, words)
    if not answered["drafts"]:
        out.print(words.code("label", "no_notification"))


def _tell_draft(each: Json, words: Words) -> None:
    mark = f"{words.say('EXERCISE')} " if each["is_exercise"] else ""
    state = words.code("paper_state", each["state"])
    out.print(f"[bold]{escape(mark)}{each['id']}[/bold] {state}")
    tell_findings(each, words)


def _tell_done(_: Json, words: Words) -> None:
    out.print(words.say("Done."))
