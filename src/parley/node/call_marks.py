"""Which rooms are an exercise's: those of calls whose request has the mark.

A room says nothing about it; its title names the request by the beginning of its hash, alike at
both nodes, and so each node works the mark out of its own record. The rooms of calls are looked at
once a second, each until its request is known here; a request never loses its mark or gets one.
"""

from collections.abc import Sequence
from typing import Protocol

from parley.crisis.papers.call_view import CallView
from parley.errors import OurError
from parley.ids import RoomId
from parley.node.call_rooms import CALL_KINDS
from parley.record.keeping import Record
from parley.record.ports import EntryCame, RecordEvent
from parley.rooms.admission import digits_of, is_call_room
from parley.rooms.room import Room
from parley.telemetry import log


class CallsByHash(Protocol):
    """The calls of the node."""

    async def calls_beginning(self, digits: str) -> Sequence[CallView]:
        """Return every request whose hash begins so, however old."""


class RoomsMarked(Protocol):
    """The rooms of the node."""

    def all_rooms(self) -> Sequence[Room]:
        """Return every room that a desk shows."""

    def changed(self) -> None:
        """Tell the desks to look again."""


class CallRoomMarks:
    """Knows the rooms of exercises. Owned by the event loop's thread."""

    def __init__(self, *, calls: CallsByHash, rooms: RoomsMarked, record: Record) -> None:
        """Look at rooms, and at unknown ones again whenever an entry about a call comes."""
        self._calls, self._rooms = calls, rooms
        self._marks: dict[RoomId, bool] = {}
        self._looked_for: set[RoomId] = set()
        """Rooms whose request was not here when it was looked for."""
        record.listen(self._on_event)

    def is_exercise(self, room: Room) -> bool:
        """Say whether a room is known to be an exercise's."""
        return self._marks.get(room.id, False)

    async def tick(self) -> None:
        """Find the requests of rooms that were not looked at yet; what fails is tried again."""
        shown = {
            room.id: (room, digits)
            for room in self._rooms.all_rooms()
            if is_call_room(room) and (digits := digits_of(room.opening.title)) is not None
        }
        self._marks = {room: mark for room, mark in self._marks.items() if room in shown}
        self._looked_for &= shown.keys()
        fresh = shown.keys() - self._marks.keys() - self._looked_for
        try:
            found = [await self._look(*shown[each]) for each in sorted(fresh, key=bytes)]
        except OurError as error:
            log.warning("room of a call not looked at", code=error.code)
            return
        if any(found):
            self._rooms.changed()

    async def _look(self, room: Room, digits: str) -> bool:
        """Note what the request of a room says; return whether it is an exercise."""
        calls = [
            each
            for each in await self._calls.calls_beginning(digits)
            if set(each.asked.by_party) == {party.text for party in room.members}
        ]
        if not calls:
            self._looked_for.add(room.id)
            return False
        # Of two requests alike in title and parties, a real one must not look like an exercise.
        self._marks[room.id] = all(each.is_exercise for each in calls)
        return self._marks[room.id]

    def _on_event(self, event: RecordEvent) -> None:
        if isinstance(event, EntryCame) and event.entry.kind in CALL_KINDS:
            self._looked_for.clear()
