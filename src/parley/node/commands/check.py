"""`parley check`: line checks for a duty officer at a terminal, with their own key.

They ask the person's node over HTTPS, as the desk in the terminal does. A check proves a person:
what is typed here is typed by whoever is signed in, and no program's account can do it.
"""

from typing import Annotated, Final

import typer
from rich.markup import escape

from parley.errors import CheckUnknown
from parley.node.commands.console import AsJson, Json, out, table
from parley.node.commands.terminal import DEFAULT, Place, Usb, act_and_tell
from parley.terminal.acts import Acts
from parley.words.plain import line, plain

app = typer.Typer(no_args_is_help=True, help="Line checks, with your own key.")
Party = Annotated[str, typer.Argument(help="The other party, by name or id.")]
MARKS: Final = {
    "path": "P",
    "node": "N",
    "path_or_node": "?",
    "unstaffed": "U",
    "no_answer": "A",
    "declined": "D",
    "suspended": "S",
}
"""As on the page: a letter for each cause."""
STANDINGS: Final = {
    "suspending": "a suspension waits for a second person",
    "suspended": "suspended",
    "resuming": "suspended; the resumption waits for a second person",
    "ending": "the end waits for a second person",
    "ended": "ended",
}
ACCEPTED: Final = {
    "none": "no alerts are accepted",
    "flash": "only flash alerts are accepted",
    "all": "alerts are accepted",
}


@app.command("list")
def list_checks(terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False) -> None:
    """Show each line: what is due now, the last checks, and the last thing proven of each miss.

    Below it stands which party has suspended or ended a line, from when, and what goes on.

    Letters: P path, N node, ? path or node, U unstaffed, A no answer, D declined, S suspended.

    Example: parley check list --json
    """
    act_and_tell(_lines, terminal, _tell_lines, usb=usb, as_json=as_json)


@app.command("send")
def send_check(
    party: Party,
    exercise: Annotated[
        bool, typer.Option("--exercise", help="One outside the schedule, marked as an exercise.")
    ] = False,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Send the check that is due, or one outside the schedule if none is.

    Example: parley check send "Saint Orlan Hospital"
    """

    async def act(acts: Acts) -> Json:
        found = await _line(acts, party)
        now = found["now"]
        is_due = now is not None and "send" in now["may"]
        is_due = is_due and not exercise
        said = {"due": now["due_at"] if is_due else None, "is_exercise": exercise}
        return await _told(acts, f"/api/lines/{found['party_id']}/checks", said)

    act_and_tell(act, terminal, _tell_check, usb=usb, as_json=as_json)


@app.command("answer")
def answer_check(
    party: Party,
    code: Annotated[str, typer.Argument(help="The six characters, as you read them.")],
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Type the code of their check back.

    Example: parley check answer "Saint Orlan Hospital" AC349K
    """

    async def act(acts: Acts) -> Json:
        digest = await _hash(acts, party, "type")
        return await _told(acts, f"/api/checks/{digest}/type", {"code": code})

    act_and_tell(act, terminal, _tell_check, usb=usb, as_json=as_json)


@app.command("confirm")
def confirm_check(
    party: Party, terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False
) -> None:
    """Confirm that the code of our check came back.

    Example: parley check confirm "Saint Orlan Hospital"
    """

    async def act(acts: Acts) -> Json:
        digest = await _hash(acts, party, "confirm")
        return await _told(acts, f"/api/checks/{digest}/confirm", {})

    act_and_tell(act, terminal, _tell_check, usb=usb, as_json=as_json)


@app.command("not-now")
def not_now(
    party: Party,
    words: Annotated[str | None, typer.Option("--words", "-w", help="Why, if you say it.")] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """Say "not now" to the check that waits for us.

    Example: parley check not-now "Saint Orlan Hospital" --words "fire drill"
    """

    async def act(acts: Acts) -> Json:
        found = await _line(acts, party)
        now = found["now"]
        if now is None or "decline" not in now["may"]:
            raise CheckUnknown
        path = f"/api/lines/{found['party_id']}/checks/{now['name']}/decline"
        return await _told(acts, path, {"words": words})

    act_and_tell(act, terminal, _tell_check, usb=usb, as_json=as_json)


# -------------------------------------------------------------------------------------- details


async def _lines(acts: Acts) -> Json:
    found: Json = await acts.node.get("/api/checks")
    return found


async def _line(acts: Acts, named: str) -> Json:
    """Return the line to a party that is named by its label or id.

    Raises:
        CheckUnknown: there is none.
    """
    for each in (await _lines(acts))["lines"]:
        if named in {each["party"], each["party_id"]}:
            found: Json = each
            return found
    raise CheckUnknown


async def _hash(acts: Acts, named: str, wanted: str) -> str:
    """Return the hash of the check that waits for us to do something.

    Raises:
        CheckUnknown: none does.
    """
    now = (await _line(acts, named))["now"]
    if now is None or wanted not in now["may"]:
        raise CheckUnknown
    return str(now["hash"])


async def _told(acts: Acts, path: str, said: Json) -> Json:
    answered: Json = await acts.node.post(path, said)
    return answered


def _tell_lines(answer: Json) -> None:
    rows = table("party", "last checks", "now", "next", "last proven")
    for each in answer["lines"]:
        marks = "".join(_mark(check) for check in reversed(each["history"][:24]))
        now, last = each["now"], next(iter(each["history"]), None)
        following = each["next"][0] if each["next"] else None
        proved = "-" if last is None or last["proved"] is None else last["proved"]
        rows.add_row(
            escape(plain(each["party"])),
            marks or "-",
            "-" if now is None else f"{now['state']} ({now['turn']})",
            "-" if following is None else following["due_at"][:16],
            proved,
        )
    out.print(rows if answer["lines"] else "No lines yet.")
    for each in answer["lines"]:
        for standing in each["standings"]:
            _tell_standing(each["party"], standing)
        if each["now"] is not None and each["now"]["turn"] == "us":
            _tell_check(each["now"])


def _tell_standing(party: str, standing: Json) -> None:
    """Say what one party has written about a line, if it is not simply in use."""
    said = STANDINGS.get(standing["standing"])
    if said is None:
        return
    whose = f"to {party}, by us" if standing["is_ours"] else f"to {party}, by them"
    parts = [said, f"from {standing['from_at'][:16]}Z"]
    if standing["alerts"] is not None and standing["standing"] != "ended":
        parts.append(ACCEPTED.get(standing["alerts"], str(standing["alerts"])))
        parts.append("line checks go on" if standing["has_checks"] else "line checks rest")
    out.print(f"Line {escape(line(whose))}: {'; '.join(parts)}.")
    if standing["reason"]:
        out.print(f"  {escape(line(standing['reason']))}")


def _tell_check(check: Json) -> None:
    mark = "EXERCISE " if check["is_exercise"] else ""
    out.print(f"{mark}[bold]{check['state']}[/bold] due {check['due_at'][:16]}")
    for each in check["passage"]:
        out.print(f"  {escape(line(each['text']))}")
    if check["code"] is not None and "type" in check["may"]:
        out.print(f"  code: [bold]{check['code']}[/bold]")


def _mark(check: Json) -> str:
    if check["state"] == "confirmed":
        return "+"
    return MARKS.get(check["cause"] or "", ".")
