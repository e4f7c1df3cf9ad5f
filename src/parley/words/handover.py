"""What passes with a duty, in rows: worded once for terminal and text page. A core without I/O.

What is open is the node's answer as JSON (``GET /api/handover``): the list that a browser shows
before a duty is taken, and that the trail counts when it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from whenever import Instant

from parley.words import Words
from parley.words.alerts import left_of, stamp_of
from parley.words.plain import line

Json = Mapping[str, Any]
STATE_TABLES: Final[Mapping[str, str]] = {
    "alert": "state",
    "call": "call",
    "crisis": "stage",
    "notification": "query",
}
"""By which table of words each kind's states are said; the other kinds' are said by their name."""


def offices_to_take(offices: Sequence[Json], person: str) -> list[Json]:
    """Return the offices whose duty a person can take: theirs, with nobody on duty, or offered."""
    return [
        each
        for each in offices
        if each["closed_at"] is None
        and any(member["id"] == person for member in each["people"])
        and _is_free(each["duty"], person)
    ]


def offices_held(offices: Sequence[Json], person: str) -> list[Json]:
    """Return the offices in which a person is on duty."""
    return [each for each in offices if each["duty"] and each["duty"]["person"]["id"] == person]


def open_rows(handover: Json, words: Words, now: Instant) -> list[str]:
    """Return what is open, a line each, what is due soonest first; that nothing is, if so."""
    rows = [matter_row(each, words, now) for each in handover["matters"]]
    if handover["untold"]:
        rows.insert(0, f"! {words.say('Notices that reached nobody')}: {handover['untold']}")
    return rows or [words.say("Nothing is open.")]


def matter_row(matter: Json, words: Words, now: Instant) -> str:
    """Return one open matter: marked, what it is, with whom, where it stands, what is due."""
    mark = words.say("EXERCISE") if matter["is_exercise"] else ""
    urgency = words.code("precedence", matter["precedence"]) if matter["precedence"] else ""
    named = (mark, words.code("open", str(matter["kind"])), urgency, _apart(matter["party"], words))
    said = " ".join(filter(None, named))
    stands = [_apart(matter["text"], words), *filter(None, (_state(matter, words),))]
    if matter["at"] is not None:
        stands.append(words.apart(stamp_of(str(matter["at"]))))
    if matter["is_ours"]:
        stands.append(words.say("ours to do"))
    return f"{said}: {'; '.join([*filter(None, stands), *_dues(matter, words, now)])}"


def _is_free(duty: Json | None, person: str) -> bool:
    if duty is None:
        return True
    offered = duty.get("offered_to")
    return offered is not None and bool(offered["id"] == person)


def _state(matter: Json, words: Words) -> str:
    table = STATE_TABLES.get(str(matter["kind"]))
    if table is None:
        return ""
    state = str(matter["state"])
    return words.say("open") if state == "open" else words.code(table, state)


def _dues(matter: Json, words: Words, now: Instant) -> Iterator[str]:
    table = "limit" if matter["precedence"] else "due"
    for due in matter["due"]:
        left = words.apart(left_of(Instant.parse_iso(due["due_at"]), now))
        said = f"{words.code(table, str(due['limit']))} {left}"
        if due["theirs_at"] is not None:
            theirs = left_of(Instant.parse_iso(due["theirs_at"]), now)
            said += f" ({words.say('theirs {at}', at=theirs)})"
        yield said


def _apart(text: object, words: Words) -> str:
    return words.apart(line(str(text)))
