"""`parley check`: line checks for a duty officer at a terminal, with their own key.

They ask the person's node over HTTPS, as the desk in the terminal does. A check proves a person:
what is typed here is typed by whoever is signed in, and no program's account can do it.
"""

from functools import partial
from typing import Annotated, Final

import typer
from rich.markup import escape

from parley.errors import CheckUnknown
from parley.node.commands.console import AsJson, Json, out
from parley.node.commands.terminal import DEFAULT, Place, Usb, act_and_tell
from parley.terminal.acts import Acts
from parley.words import Words
from parley.words.alerts import stamp_of
from parley.words.plain import line

app = typer.Typer(no_args_is_help=True, help="Line checks, with your own key.")
Party = Annotated[str, typer.Argument(help="The other party, by name or id.")]
HISTORY_MAX: Final = 24
"""Checks that are shown of each line: a day of a watch's."""
MISSES_MAX: Final = 5
"""Misses of each line that are told of in words. More hides what is due."""


@app.command("list")
def list_checks(terminal: Place = DEFAULT, usb: Usb = False, as_json: AsJson = False) -> None:
    """Show each line: what is due now, the last checks, and the last thing proven of each miss.

    A plus stands for a check that was kept, an x for one that was missed, a dot for one under way.
    Below stand the misses with their causes, and which party has suspended or ended a line.

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


def _tell_lines(answer: Json, words: Words) -> None:
    if not answer["lines"]:
        out.print(words.say("No line yet."))
    for each in answer["lines"]:
        _tell_line(each, words)
    for each in answer["lines"]:
        for standing in each["standings"]:
            _tell_standing(each["party"], standing, words)
        if each["now"] is not None and each["now"]["turn"] == "us":
            _tell_check(each["now"], words)


def _tell_line(each: Json, words: Words) -> None:
    label = partial(words.code, "label")
    out.print(f"[bold]{escape(line(each['party']))}[/bold]")
    shown = each["history"][:HISTORY_MAX]
    marks = "".join(_mark(check) for check in reversed(shown))
    out.print(f"  {label('last_checks')}: {marks or '-'}")
    if each["now"] is not None:
        out.print(f"  {label('now')}: {_state(each['now'], each['party'], words)}")
    for following in each["next"][:1]:
        whose = "our_turn" if following["is_ours"] else "their_turn"
        turn = words.code("label", whose, party=line(each["party"]))
        out.print(f"  {label('next')}: {stamp_of(following['due_at'])}, {escape(turn)}")
    for check in [one for one in shown if one["state"] == "missed"][:MISSES_MAX]:
        proved = words.code("proved", check["proved"] or "nothing")
        cause = words.code("silence", check["cause"])
        out.print(f"  {stamp_of(check['due_at'])} {cause}; {label('last_proven')}: {proved}")


def _state(check: Json, party: str, words: Words) -> str:
    if check["state"] == "missed":
        return words.code("silence", check["cause"])
    if check["state"] == "confirmed":
        return words.code("label", "kept")
    turn = "our_turn" if check["turn"] == "us" else "their_turn"
    whose = words.code("label", turn, party=line(party))
    return escape(f"{words.code('label', 'under_way')}, {whose}")


def _tell_standing(party: str, standing: Json, words: Words) -> None:
    """Say what one party has written about a line, if it is not simply in use."""
    if standing["standing"] == "in_use":
        return
    whose = words.code("whose", "ours" if standing["is_ours"] else "theirs")
    since = words.say("from {at}", at=stamp_of(standing["from_at"]))
    parts = [words.code("line_standing", standing["standing"]), since]
    if standing["alerts"] is not None and standing["standing"] != "ended":
        parts.append(words.code("accepted", standing["alerts"]))
        goes_on = "checks_go_on" if standing["has_checks"] else "checks_rest"
        parts.append(words.code("label", goes_on).rstrip("."))
    out.print(f"{escape(line(party))} ({whose}): {'; '.join(parts)}.")
    if standing["reason"]:
        out.print(f"  {escape(line(standing['reason']))}")


def _tell_check(check: Json, words: Words) -> None:
    mark = f"{words.say('EXERCISE')} " if check["is_exercise"] else ""
    state = {"confirmed": words.code("label", "kept"), "missed": words.code("label", "missed")}
    said = state.get(check["state"], words.code("label", "under_way"))
    due = words.code("label", "due")
    out.print(f"{mark}[bold]{said}[/bold] {due} {stamp_of(check['due_at'])}")
    for each in check["passage"]:
        out.print(f"  {escape(line(each['text']))}")
    if check["code"] is not None and "type" in check["may"]:
        out.print(f"  {words.code('label', 'the_code')}: [bold]{check['code']}[/bold]")


def _mark(check: Json) -> str:
    return {"confirmed": "+", "missed": "x"}.get(check["state"], ".")
