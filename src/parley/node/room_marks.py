"""Which rooms are an exercise's: those of calls and crises that have the mark.

A room says nothing about it; its title names the request or the crisis by the beginning of its
hash, alike at both nodes, and so each node works the mark out of its own record. Rooms are looked
at once a second, each until its matter is known here; no matter ever loses its mark or gets one.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from parley.crisis.crises.matter import Crisis
from parley.crisis.crises.standing_room import digits_of as crisis_digits_of
from parley.crisis.papers.call_view import CallView
from parley.errors import OurError
from parley.ids import RoomId
from parley.node.call_rooms import CALL_KINDS
from parley.record.keeping import Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, RecordEvent
from parley.rooms.admission import digits_of as call_digits_of
from parley.rooms.admission import is_call_room
from parley.rooms.room import Room
from parley.telemetry import log

KINDS: Final = CALL_KINDS | {Kind.CRISIS_OPENING}
"""Entries that may tell of a room that came before them."""


class Calls(Protocol):
    """The calls of the node."""

    async def calls_beginning(self, digits: str) -> Sequence[CallView]:
        """Return every request whose hash begins so, however old."""


class Crises(Protocol):
    """The crises of the node."""

    async def crises_beginning(self, digits: str) -> Sequence[Crisis]:
        """Return every crisis whose hash begins so, however old."""


class RoomsMarked(Protocol):
    """The rooms of the node."""

    def all_rooms(self) -> Sequence[Room]:
        """Return every room that a desk shows."""

    def changed(self) -> None:
        """Tell the desks to look again."""


class RoomMarks:
    """Knows the rooms of exercises. Owned by the event loop's thread."""

    def __init__(self, *, calls: Calls, crises: Crises, rooms: RoomsMarked, record: Record) -> None:
        """Look at rooms, and at unknown ones again whenever an entry may tell of them."""
        self._calls, self._crises, self._rooms = calls, crises, rooms
        self._marks: dict[RoomId, bool] = {}
        self._looked_for: set[RoomId] = set()
        """Rooms whose matter was not here when it was looked for."""
        record.listen(self._on_event)

    def is_exercise(self, room: Room) -> bool:
        """Say whether a room is known to be an exercise's."""
        return self._marks.get(room.id, False)

    async def tick(self) -> None:
        """Find the matters of rooms that were not looked at yet; what fails is tried again."""
        shown = {room.id: room for room in self._rooms.all_rooms() if _is_of_a_matter(room)}
        self._marks = {room: mark for room, mark in self._marks.items() if room in shown}
        self._looked_for &= shown.keys()
        fresh = shown.keys() - self._marks.keys() - self._looked_for
        try:
            found = [await self._look(shown[each]) for each in sorted(fresh, key=bytes)]
        except OurError as error:
            log.warning("room of a call or a crisis not looked at", code=error.code)
            return
        if any(found):
            self._rooms.changed()

    async def _look(self, room: Room) -> bool:
        """Note what a room's matter says; return whether it is an exercise."""
        said = await (self._calls_say(room) if is_call_room(room) else self._crises_say(room))
        if not said:
            self._looked_for.add(room.id)
            return False
        # Of two matters alike in title and parties, a real one must not look like an exercise.
        self._marks[room.id] = all(said)
        return self._marks[room.id]

    async def _calls_say(self, room: Room) -> list[bool]:
        digits = call_digits_of(room.opening.title) or ""
        calls = await self._calls.calls_beginning(digits)
        parties = {party.text for party in room.members}
        return [each.is_exercise for each in calls if set(each.asked.by_party) == parties]

    async def _crises_say(self, room: Room) -> list[bool]:
        """Ask what is known of a standing room's crisis; it is one side's until both are open."""
        digits = crisis_digits_of(room.opening.title) or ""
        crises = await self._crises.crises_beginning(digits)
        return [each.is_exercise for each in crises if room.members <= {*each.members}]

    def _on_event(self, event: RecordEvent) -> None:
        if isinstance(event, EntryCame) and event.entry.kind in KINDS:
            self._looked_for.clear()


# ---------------------------------------------------------------------------------------- details


def _is_of_a_matter(room: Room) -> bool:
    return is_call_room(room) or crisis_digits_of(room.opening.title) is not None
