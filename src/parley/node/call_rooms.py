"""The room of a call that both sides agreed on: it opens by itself at its time, and closes with it.

The calls know of no room and the rooms of no call; the node that wires both looks here once a
second. The node of the party that asked opens the room some minutes before the call begins; if it
is not there when it begins, because that node or the line is down, the other one opens one. Which
room is a call's is told by its title, which is made of the request's hash alike on both sides, and
by whom it spans: a third party can take a title, and not the place of those two.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.crisis.calls.bodies import CallMode
from parley.crisis.calls.machine import CallState
from parley.crisis.papers.call_view import CallView
from parley.errors import OurError
from parley.ids import PartyId, RoomId
from parley.record.keeping import Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, RecordEvent
from parley.rooms.admission import call_title
from parley.rooms.room import Room
from parley.telemetry import log

AHEAD_MS: Final = 10 * 60 * 1_000
"""How long before its time the asker's node opens the room. More: it stands empty. Less: nobody can
try their microphone before the other side listens."""
KEPT_MS: Final = 6 * 60 * 60 * 1_000
"""How long after its time a room is still opened, after a node was down. More: calls that nobody
held open rooms in the night. Less: a call that begins late has none."""
CALLS_MAX: Final = 200
CALL_KINDS: Final = frozenset(
    {
        Kind.CALL_REQUEST,
        Kind.CALL_ANSWER,
        Kind.CALL_WITHDRAWAL,
        Kind.CALL_START,
        Kind.CALL_END,
    }
)
_ON: Final = frozenset({CallState.ACCEPTED.value, CallState.STARTED.value})
_OVER: Final = frozenset({CallState.WITHDRAWN.value, CallState.ENDED.value})


class KnownCalls(Protocol):
    """The calls of the node."""

    async def calls(self, space: None = None, limit: int = 50) -> Sequence[CallView]:
        """Return the newest requests."""


class CallRoomsOpened(Protocol):
    """The rooms of the node."""

    def open_rooms(self) -> Sequence[Room]:
        """Return the rooms that are open."""

    async def open_as(self, name: str, title: str, parties: Iterable[PartyId]) -> Room:
        """Open a room in somebody's name."""

    async def close(self, room: RoomId) -> Room:
        """Close a room for everyone."""


def room_title(call: str) -> str:
    """Return what the room of a call is called, alike at both nodes and in every page."""
    return call_title(call)


class CallRooms:
    """Opens and closes the rooms of calls. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        calls: KnownCalls,
        rooms: CallRoomsOpened,
        record: Record,
        own: PartyId,
        name: Callable[[], str],
        clock: Clock,
    ) -> None:
        """Look anew whenever an entry about a call comes.

        Args:
            calls: what was agreed on.
            rooms: what is opened.
            record: whose entries tell of changes.
            own: our party.
            name: what it is called: a node opens in its party's name, nobody's own.
            clock: the node's.
        """
        self._calls, self._rooms = calls, rooms
        self._own, self._name, self._clock = own, name, clock
        self._known: Sequence[CallView] = ()
        self._is_stale = True
        record.listen(self._on_event)

    async def tick(self) -> None:
        """Open what is due and close what is over; what fails is tried again."""
        try:
            if self._is_stale:
                self._is_stale = False
                self._known = await self._calls.calls(limit=CALLS_MAX)
            await self._act()
        except OurError as error:
            self._is_stale = True
            log.warning("room of a call not opened", code=error.code)

    def _on_event(self, event: RecordEvent) -> None:
        if isinstance(event, EntryCame) and event.entry.kind in CALL_KINDS:
            self._is_stale = True

    async def _act(self) -> None:
        rooms = self._rooms.open_rooms()
        open_rooms = {(room.opening.title, room.members): room for room in rooms}
        now_ms = milliseconds(self._clock.now())
        for call in self._known:
            title = room_title(call.hash)
            members = frozenset(map(PartyId.parse, call.asked.by_party))
            known = open_rooms.get((title, members))
            if known is None and self._is_due(call, now_ms):
                await self._rooms.open_as(self._name(), title, members)
            elif known is not None and call.state in _OVER and known.opening.opener == self._own:
                await self._rooms.close(known.id)

    def _is_due(self, call: CallView, now_ms: int) -> bool:
        if call.state not in _ON or call.mode == CallMode.TEXT.name.lower() or call.begins is None:
            return False
        begins_ms = milliseconds(Instant.parse_iso(call.begins.at))
        ahead_ms = AHEAD_MS if call.asker == self._own.text else 0
        return begins_ms - ahead_ms <= now_ms < begins_ms + KEPT_MS
