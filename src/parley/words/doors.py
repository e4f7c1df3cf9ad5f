"""What is said of rooms and of who may enter them, worded once. A core without I/O.

Each party keeps its own door: what is shown is whom ours lets in, and nobody's accounts beyond it.
"""

from collections.abc import Mapping
from typing import Any

from parley.words import Words
from parley.words.alerts import stamp_of
from parley.words.plain import line

Json = Mapping[str, Any]


def room_headline(room: Json, words: Words) -> str:
    """Return a room in one line: its title, how many are in it, whether it is for named people."""
    said = words.say(
        "ROOM {title}: {count} in it",
        title=line(str(room["title"])),
        count=len(room["participants"]),
    )
    return f"{said}  {words.code('door', 'restricted')}" if room["is_restricted"] else said


def room_rows(room: Json, words: Words) -> list[str]:
    """Return who opened a room, for whom, and who is in it."""
    opener = room["opened_by"]
    who = f"{line(str(opener['person_name']))}, {line(str(opener['party']['name']))}"
    at = stamp_of(str(room["opened_at"]))
    rows = [words.say("opened {at} by {who}", at=at, who=who)]
    rows += [
        f"{words.apart(line(str(each['name'])))}, {words.apart(line(str(each['party']['name'])))}"
        for each in room["participants"]
    ]
    return rows if room["participants"] else [*rows, words.code("door", "empty")]


def door_rows(door: Json, words: Words) -> list[str]:
    """Return who of our party may enter, as what, and why, if nobody made a list."""
    rows = [words.code("door", "title")]
    if not door["is_restricted"]:
        return [*rows, f"  {words.code('door', 'everybody')}"]
    rows += [f"  {_named(each, door, words)}" for each in door["named"]]
    if not door["named"]:
        rows.append(f"  {words.code('door', 'nobody')}")
    if not door["is_set"]:
        rows.append(f"  {words.code('door', 'by_request')}")
    if not door["may_enter"]:
        rows.append(f"  {words.code('door', 'not_you')}")
    return rows


def _named(each: Json, door: Json, words: Words) -> str:
    said = f"{words.apart(line(str(each['name'])))}: {words.code('enters_as', each['capacity'])}"
    seen = each["shown_as"] or door["official"]
    if seen is None:
        return said
    return f"{said}, {words.say('seen there as {name}', name=line(str(seen)))}"
