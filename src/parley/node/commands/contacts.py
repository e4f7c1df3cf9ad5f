"""`parley contacts`: whom the other party can call, for a person at a terminal, with their own key.

A list is published from a file, in the very form in which `show --json` prints the contacts of a
party, so that one is changed by printing, editing and publishing it.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.markup import escape

from parley.crisis.contacts.bodies import list_body
from parley.errors import ContactListRefused, ContactUnknown
from parley.node.commands.console import AsJson, Json, out
from parley.node.commands.terminal import (
    DEFAULT,
    Place,
    Usb,
    act_and_tell,
)
from parley.record.cbor import encode
from parley.terminal.acts import Acts
from parley.terminal.proposal import Expected, SignedKind
from parley.web.routes.contacts import ContactListGiven
from parley.words import Words, language_name
from parley.words.alerts import stamp_of
from parley.words.contacts import contact_breach
from parley.words.plain import line

app = typer.Typer(no_args_is_help=True, help="Contacts of both parties, with your own key.")
Party = Annotated[str, typer.Argument(help="The other party, by name or id.")]
FILE_BYTES_MAX: Final = 1_000_000
"""Far more than a list of twenty contacts; a larger file is another one."""
KNOWN: Final = ("mark", "is_open", "changes_at", "standing", "trials")
"""What the node says of a contact and nobody writes."""


@app.command("show")
def show_contacts(terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False) -> None:
    """Show both parties' contacts of each line: who is there now, and whether it worked.

    Example: parley contacts show --json
    """
    act_and_tell(_lines, terminal, _tell_lines, usb=usb, as_json=as_json)


@app.command("publish")
def publish_contacts(
    party: Party,
    file: Annotated[
        Path | None,
        typer.Argument(help="Our whole list as JSON; without it ours is confirmed as it stands."),
    ] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Publish our list to a party, or confirm it as it stands; signed.

    Example: parley contacts publish "Saint Orlan Hospital" contacts.json
    """

    async def act(acts: Acts) -> Json:
        found = await _line(acts, party)
        given = None if file is None else _contacts_in(file)
        stands = found["ours"]["contacts"] if given is None else given
        written = [_written(each) for each in stands]
        expected = Expected(SignedKind.CONTACT_LIST, body=_body_hash(written), space=found["space"])
        said = {"contacts": None if given is None else written}
        path = f"/api/lines/{found['party_id']}/contacts"
        answered: Json = await acts.signed(path, said, expected)
        return answered

    act_and_tell(act, terminal, _tell_line, usb=usb, as_json=as_json)


@app.command("tried")
def tried_contact(
    party: Party,
    contact: Annotated[str, typer.Argument(help="The first characters of its mark, or its title.")],
    outcome: Annotated[str, typer.Argument(help="reached, no-answer or wrong.")],
    words: Annotated[
        str | None, typer.Option("--words", "-w", help="What was said, if it matters.")
    ] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say what came of using a contact just now; both parties are shown it.

    Example: parley contacts tried "Saint Orlan Hospital" "Watch officer" reached
    """

    async def act(acts: Acts) -> Json:
        found = await _line(acts, party)
        said = {
            "mark": _mark(found, contact),
            "outcome": outcome.replace("-", "_"),
            "words": words,
        }
        path = f"/api/lines/{found['party_id']}/contacts/trials"
        answered: Json = await acts.node.post(path, said)
        return answered

    act_and_tell(act, terminal, _tell_line, usb=usb, as_json=as_json)


# -------------------------------------------------------------------------------------- details


async def _lines(acts: Acts) -> Json:
    found: Json = await acts.node.get("/api/contacts")
    return found


async def _line(acts: Acts, named: str) -> Json:
    """Return the line to a party that is named by its label or id.

    Raises:
        ContactUnknown: there is none.
    """
    for each in (await _lines(acts))["lines"]:
        if named in {each["party"], each["party_id"]}:
            found: Json = each
            return found
    raise ContactUnknown


def _mark(found: Json, named: str) -> str:
    """Return the mark of the one contact that is meant, theirs before ours.

    Raises:
        ContactUnknown: none is, or several are.
    """
    for side in ("theirs", "ours"):
        marks = {
            str(each["mark"])
            for each in found[side]["contacts"]
            if each["mark"].startswith(named.lower())
            or named in {text["text"] for text in each["title"]}
        }
        if len(marks) == 1:
            return marks.pop()
    raise ContactUnknown


def _contacts_in(file: Path) -> list[Json]:
    """Return the contacts of a file: a list, or the object of one that `show --json` prints.

    Raises:
        ContactListRefused: it cannot be read, or is something else.
    """
    try:
        with file.open("rb") as opened:
            found = json.loads(opened.read(FILE_BYTES_MAX))
    except (OSError, ValueError, RecursionError) as error:
        raise ContactListRefused(field="file", reason="unreadable") from error
    listed = found.get("contacts") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ContactListRefused(field="file", reason="no list of contacts")
    return listed


def _written(contact: Json) -> Json:
    return {name: each for name, each in contact.items() if name not in KNOWN}


def _body_hash(written: list[Json]) -> bytes:
    """Return the hash of the body that the node must let us sign.

    Raises:
        ContactListRefused: these are no contacts.
    """
    try:
        given = ContactListGiven.model_validate({"contacts": written})
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ContactListRefused(field=field[:80], reason="malformed") from error
    contacts = [each.contact() for each in given.contacts or ()]
    return sha256(encode(dict(list_body(contacts)))).digest()


def _tell_lines(answer: Json, words: Words) -> None:
    for each in answer["lines"]:
        _tell_line(each, words)
    if not answer["lines"]:
        out.print(words.say("No line yet."))


def _tell_line(found: Json, words: Words) -> None:
    out.print(f"[bold]{escape(line(found['party']))}[/bold]")
    for side in ("theirs", "ours"):
        kept = found[side]
        at = "" if kept["confirmed_at"] is None else f" ({stamp_of(kept['confirmed_at'])})"
        standing = words.code("contact_list", kept["standing"])
        out.print(f"  {words.code('whose', side)}: {standing}{at}")
        for each in kept["contacts"]:
            _tell_contact(each, words)
        _tell_breaches(kept["breaches"], words)
    _tell_breaches(found["breaches"], words)


def _tell_breaches(breaches: list[Json], words: Words) -> None:
    for each in breaches:
        said = escape(contact_breach(each["what"], words))
        out.print(f"    ! {said} [dim]{each['entry'][:16]}[/dim]")


def _tell_contact(contact: Json, words: Words) -> None:
    presence = {True: "there", False: "not_there", None: "hours_unknown"}[contact["is_open"]]
    title = " / ".join(line(each["text"]) for each in contact["title"])
    level = words.code("level", contact["level"])
    spoken = ", ".join(language_name(each) for each in contact["languages"])
    out.print(f"    [bold]{escape(title)}[/bold] [dim]{contact['mark'][:8]}[/dim]")
    out.print(f"      {escape(line(level))}; {escape(line(spoken))}")
    standing = words.code("contact", contact["standing"])
    out.print(f"      {words.code('label', presence)}; {standing}")
    for way in contact["ways"]:
        out.print(f"      {words.code('way', way['kind'])}: {escape(line(way['text']))}")
    last = next(iter(contact["trials"]), None)
    if last is not None:
        whose = words.code("whose", "ours" if last["is_ours"] else "theirs")
        said = "" if last["words"] is None else f": {escape(line(last['words']))}"
        outcome = words.code("trial", last["outcome"])
        out.print(f"      {outcome} ({whose}, {stamp_of(last['at'])}){said}")
