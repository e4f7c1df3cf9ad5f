"""The board as text for a terminal: nothing in it is decided here, only worded and coloured.

Colour is never alone: what rings is in reverse video and says so, an exercise is named on every
line it is on, what is late has a minus sign.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.text import Text
from whenever import Instant, TimeZoneNotFoundError

from parley.terminal.board import BellSound, Board, BoardItem, Link, Matter
from parley.terminal.desk import paint_matters
from parley.terminal.desk.paint_matters import EXERCISE, mark
from parley.words import Words, language_name
from parley.words.alerts import (
    breach_rows,
    closing_rows,
    headline,
    late_rows,
    left_of,
    mark_rows,
    paraphrase_rows,
    planned_words,
    sentence_of,
    stamp_of,
    step_rows,
    told_rows,
)
from parley.words.crises import open_headline
from parley.words.dues import DeadlineRow, due_words, limit_words
from parley.words.plain import line, plain
from parley.words.refusals import refusal_words, trouble_words

Json = Mapping[str, Any]
URGENT: Final[Mapping[str, str]] = {"flash": "bold red", "immediate": "bold yellow"}
LINE_STYLES: Final[Mapping[str, str]] = {"up": "green", "degraded": "yellow", "cut": "bold red"}
RINGS: Final = "bold reverse"
AILS: Final = "bold red"
DUE_MAX: Final = 6


def head(board: Board, words: Words, now: Instant) -> Text:
    """Return who sits here, whether the node answers, and whether the desk can be heard."""
    text = Text(no_wrap=True, overflow="ellipsis")
    party, person = board.who.get("party"), board.who.get("person")
    if party and person:
        text.append(line(str(party["name"])), "bold")
        text.append(f"  {line(str(person['name']))}")
        roles = ", ".join(words.code("role", str(each)) for each in board.who["roles"])
        text.append(f" ({roles})" if roles else "")
    text.append(f"\n{now.format_iso()[:10]} {_clock(now)}   ", "bold")
    text.append_text(_link(board, words))
    text.append("   ")
    text.append_text(_sound(board, words, now))
    return text


def alarm(board: Board, words: Words) -> Text:
    """Return what rings, in words that are read from across the room; empty if nothing does."""
    found = board.ringing
    if not found:
        return Text()
    said = words.say(
        "RINGS ({count}): {what}. Press A to acknowledge.",
        count=len(found),
        what=headline(found[0], words),
    )
    return Text().append(f" {said} ", RINGS)


def troubles(board: Board, words: Words) -> Text:
    """Return what ails our own node, one line for each thing; empty while all is well."""
    said = [f" {trouble_words(code, words)} " for code in board.troubles]
    return Text("\n".join(said), AILS)


def crisis(board: Board, words: Words) -> Text:
    """Return the strip that stands while a side of a crisis is open; empty otherwise."""
    found = board.open_crises
    if not found:
        return Text()
    return Text().append(f" {open_headline(found, words)} ", paint_matters.CRISIS)


def keys(words: Words) -> Text:
    """Return the keys that are needed most; the rest is a key away."""
    named = (
        ("?", words.say("keys")),
        ("A", words.say("acknowledge")),
        ("R", words.say("answer")),
        ("H", words.say("hold")),
        ("N", words.say("new")),
        ("V", words.say("verify")),
        ("L", words.say("release")),
        ("X", words.say("close")),
        ("C", words.say("crisis")),
        ("D", words.say("duty")),
        ("T", words.say("sound")),
        ("Q", words.say("leave")),
    )
    text = Text()
    for key, said in named:
        text.append(f"{key} ", "bold").append(f"{said}  ", "dim")
    return text


def exercise(board: Board, words: Words) -> Text:
    """Return the mark that stands while anything open is an exercise."""
    if not board.has_exercise:
        return Text()
    said = words.say("EXERCISE")
    marked = words.say("what is marked so is not real")
    return Text().append(f" {said} - {marked} - {said} ", EXERCISE)


def lines(board: Board, words: Words, now: Instant) -> Text:
    """Return each line with what is proved of it."""
    text = Text()
    for each in board.lines:
        party, state = each["party"], str(each["state"])
        text.append(line(str(party["name"])), "bold")
        text.append(f"  {words.code('line', state)}", LINE_STYLES.get(state, "yellow"))
        ways = [f"{p['name']} {words.code('path', str(p['state']))}" for p in each["paths"]]
        text.append(f"  {line(', '.join(ways))}" if ways else "", "dim")
        text.append("  " + words.say("last proof {at}", at=_proof(each["last_proof_at"], now)))
        text.append(f"  {_there(now, str(party['time_zone']))}\n", "dim")
        if each["silence"]:
            text.append(f"  {words.code('line_silence', str(each['silence']))}\n", "bold yellow")
    if not board.lines:
        text.append(words.say("No line yet."), "dim")
    text.rstrip()
    return text


def item(each: BoardItem, board: Board, words: Words, now: Instant) -> Text:
    """Return one row of the list."""
    if each.matter is Matter.CRISIS:
        return paint_matters.crisis_item(each.content, words)
    if each.matter is Matter.CALL:
        return paint_matters.call_item(each.content, board, words, now)
    if each.matter is Matter.ROOM:
        return paint_matters.room_item(each.content, words)
    style = RINGS if each.rings else ""
    content, text = each.content, Text(style=style).append_text(mark(each.content, words))
    urgency = str(content["precedence"])
    text.append(words.code("precedence", urgency), URGENT.get(urgency, "bold"))
    text.append(f"  {words.code('state', str(content['state']))}")
    if each.is_draft:
        by = content.get("drafter_name")
        text.append(f"  {line(str(by))}" if by else "")
        text.append(f"\n  {line(_first(content))}")
        return text
    text.append(f"  {line(str(content['party']))}")
    whose = words.say("ours") if content["is_ours"] else words.say("theirs")
    text.append(f"  {whose}", "dim")
    if content["standing"] != "in_force":
        text.append(f"  {words.code('standing', str(content['standing']))}", "bold")
    text.append(f"\n  {sentence_of(content, words)} ")
    text.append(words.code("duty", str(content["saying"]["duty"])), "bold")
    if content["is_ours"] and content["paraphrase_state"] == "waiting":
        text.append(f"  {words.code('paraphrase', 'ours')}", "bold yellow")
    if content["due"]:
        soonest = min(content["due"], key=lambda due: str(due["due_at"]))
        text.append(f"  {left_of(Instant.parse_iso(soonest['due_at']), now)}")
    return text


def detail(each: BoardItem | None, board: Board, words: Words, now: Instant) -> Text:
    """Return all of one row of the list."""
    if each is None:
        return Text(words.say("Nothing is open."), "dim")
    if each.matter is Matter.CRISIS:
        return paint_matters.crisis_detail(each.content, board, words, now)
    if each.matter is Matter.CALL:
        return paint_matters.call_detail(each.content, board, words, now)
    if each.matter is Matter.ROOM:
        return paint_matters.room_detail(each.content, words)
    return _alert_detail(each, words, now)


def _alert_detail(each: BoardItem, words: Words, now: Instant) -> Text:
    """Return all of one alert or draft."""
    content, text = each.content, Text()
    if content["is_exercise"]:
        text.append_text(mark(content, words)).append("\n")
    for given in content["texts"]:
        text.append(f"[{language_name(str(given['language']))}] ", "dim")
        text.append(f"{plain(str(given['text']))}\n")
    if each.is_draft:
        _draft_rows(text, content, words)
        return text
    for given in content["translations"]:
        text.append(
            f"[{language_name(str(given['language']))}, {words.say('translation')}] ", "dim"
        )
        text.append(f"{plain(str(given['text'] or '-'))}\n")
    for said in mark_rows(content, words):
        text.append(f"{said}\n", "bold yellow")
    text.append(f"{sentence_of(content, words)} ", "bold")
    text.append(words.code("duty", str(content["saying"]["duty"])) + "\n")
    for due in content["due"]:
        text.append_text(_due(due, words, now))
    for late in late_rows(content, words):
        text.append(f"{late}\n", "red")
    told = (*step_rows(content, words), *told_rows(content, words))
    text.append("".join(f"{each}\n" for each in told))
    for given in content["answers"]:
        text.append_text(_answer(given, words))
    text.append_text(_paraphrases(content, words))
    text.append("".join(f"{told}\n" for told in closing_rows(content, words)))
    for said in breach_rows(content, words):
        text.append(f"{said}\n", "bold yellow")
    text.append(f"SHA-256 {content['hash']}", "dim")
    return text


def _paraphrases(content: Json, words: Words) -> Text:
    text = Text()
    for named, said in paraphrase_rows(content, words):
        text.append(f"{named}: " if said else f"{named}\n", "dim" if said else "bold")
        text.append(f"{plain(said)}\n" if said else "")
    return text


def due(board: Board, words: Words, now: Instant) -> Text:
    """Return what is due, the soonest first, by our clock and by theirs."""
    text, rows = Text(), board.due()
    for row in rows[:DUE_MAX]:
        text.append_text(_due_row(row, words, now))
    if len(rows) > DUE_MAX:
        text.append(words.say("and {count} more", count=len(rows) - DUE_MAX), "dim")
    if not rows:
        text.append(words.say("Nothing is due."), "dim")
    text.rstrip()
    return text


def duty(board: Board, words: Words) -> Text:
    """Return who is on duty."""
    text = Text()
    for each in board.duress:
        name = line(str(each["person"]["name"]))
        said = words.say("{name} is being forced: a passkey kept for duress was used", name=name)
        text.append(f"{said}  ", "bold reverse red")
    for office in board.open_offices():
        text.append(f"{line(str(office['name']))}: ")
        held = office["duty"]
        if office["planned"] is not None:
            text.append(f"{planned_words(office, words)}  ", "bold yellow")
        elif held is None:
            text.append(f"{words.say('nobody')}  ", "bold red")
        else:
            text.append(f"{line(str(held['person']['name']))}  ")
    for each in board.lent:
        text.append(
            line(f"{each['person']['name']} = {words.code('role', str(each['role']))}"),
            "bold yellow",
        )
    if not text:
        text.append(words.say("No office."), "dim")
    return text


# -------------------------------------------------------------------------------------- details


def _link(board: Board, words: Words) -> Text:
    if board.link is Link.CONNECTED:
        return Text(words.say("node connected"), "green")
    if board.link is Link.BEGINNING:
        return Text(words.say("connecting"), "yellow")
    since = "?" if board.since is None else _clock(board.since)
    said = words.say("NODE NOT CONNECTED since {at}: all below is as old as that", at=since)
    why = "" if board.why is None else f" ({line(refusal_words(board.why, words))})"
    return Text(f"{said}{why}", "bold reverse red")


def _sound(board: Board, words: Words, now: Instant) -> Text:
    if board.quiet_until is not None and now < board.quiet_until:
        said = words.say("quiet for {left}", left=left_of(board.quiet_until, now))
        return Text(said, "bold yellow")
    said, style = {
        BellSound.HEARD: (words.say("sound heard here"), "green"),
        BellSound.UNTESTED: (words.say("SOUND NOT TESTED: press T"), "bold yellow"),
        BellSound.SILENT: (words.say("NO SOUND HERE: watch the screen"), "bold reverse yellow"),
        BellSound.FAILED: (words.say("THE SOUND COMMAND FAILED"), "bold reverse red"),
    }[board.sound]
    return Text(said, style)


def _draft_rows(text: Text, content: Json, words: Words) -> None:
    rows = [
        (words.say("drafted by"), content.get("drafter_name") or content["drafter"]),
        (words.say("verified by"), content.get("verifier_name") or content["verifier"]),
    ]
    for name, value in rows:
        text.append(f"{name}: {line(str(value)) if value else '-'}\n")


def _due(each: Json, words: Words, now: Instant) -> Text:
    left = left_of(Instant.parse_iso(each["due_at"]), now)
    style = "bold red" if left.startswith("-") else ""
    text = Text(f"{words.code('limit', str(each['limit']))}: {left} ", style)
    text.append(words.say("ours {at}", at=stamp_of(each["due_at"])))
    theirs = each.get("theirs_at")
    if theirs:
        text.append(", " + words.say("theirs {at}", at=stamp_of(str(theirs))))
    return text.append("\n")


def _due_row(row: DeadlineRow, words: Words, now: Instant) -> Text:
    left, theirs = due_words(row, words, now)
    style = "bold red" if left.startswith("-") else ("bold" if row.is_ours else "")
    text = Text(f"{left:>9}  ", style)
    if row.is_exercise:
        text.append(f" {words.say('EXERCISE')} ", EXERCISE).append(" ")
    text.append(f"{limit_words(row, words)}  {words.code('precedence', row.precedence)}  ")
    text.append(row.party)
    text.append(f"  {theirs}" if theirs else "", "dim")
    return text.append("\n")


def _answer(each: Json, words: Words) -> Text:
    text = Text(f"{words.code('answer', str(each['kind']))} ", "bold")
    text.append(f"{words.code('capacity', str(each['capacity']))}, {stamp_of(each['at'])}")
    if each["until"]:
        text.append("  " + words.say("until {at}", at=stamp_of(each["until"])))
    if each["level"]:
        text.append(f"  {words.code('level', str(each['level']))}")
    text.append(f"\n{plain(str(each['words']))}\n" if each["words"] else "\n")
    return text


def _first(content: Json) -> str:
    texts: Sequence[Json] = content["texts"]
    return str(texts[0]["text"]) if texts else ""


def _proof(at: str | None, now: Instant) -> str:
    if at is None:
        return "-"
    seconds = max(0, round((now - Instant.parse_iso(at)).total("seconds")))
    return f"{seconds} s" if seconds < 100 else stamp_of(at)  # noqa: PLR2004  two digits


def _there(now: Instant, zone: str) -> str:
    """Return the other party's own time of day."""
    try:
        return f"{now.to_tz(zone).format_iso()[11:16]} {line(zone)}"
    except (TimeZoneNotFoundError, ValueError):
        return line(zone)


def _clock(instant: Instant) -> str:
    return f"{instant.format_iso()[11:19]}Z"
