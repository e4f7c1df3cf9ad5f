"""The room of a call opens by itself at its time, once, and closes when the call is over."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from whenever import Instant

from parley.clock import FakeClock
from parley.crisis.papers.call_view import CallView, DatesView
from parley.errors import RoomsTooMany
from parley.ids import PartyId, RoomId
from parley.node.call_rooms import CallRooms, room_title
from parley.record.kinds import Kind
from parley.record.ports import EntryCame

OURS, THEIRS, OTHERS = (PartyId(bytes([each]) * 16) for each in (1, 2, 3))
BOTH = frozenset({OURS, THEIRS})
BEGINS = Instant.from_utc(2026, 12, 1, 15)
HASH = "ab" * 32


def test_the_asker_opens_the_room_ten_minutes_before_the_call_and_once() -> None:
    """Both sides can sit down and be heard before it begins."""
    node = _Node(_call(asker=OURS), BEGINS.subtract(minutes=11))
    node.tick()
    assert node.opened == []
    node.clock.advance(61)
    node.tick()
    node.tick()
    assert node.opened == [("Our party", room_title(HASH), {OURS, THEIRS})]


def test_the_other_side_opens_it_when_it_begins_and_nobody_has() -> None:
    """A node or a line that is down does not keep two officials apart."""
    node = _Node(_call(asker=THEIRS), BEGINS.subtract(seconds=1))
    node.tick()
    assert node.opened == []
    node.clock.advance(1)
    node.tick()
    assert len(node.opened) == 1


@pytest.mark.parametrize(
    "call",
    [
        {"state": "asked"},
        {"state": "declined"},
        {"mode": "text"},
        {"begins": None},
    ],
)
def test_no_room_opens_for_a_call_that_is_not_agreed_on_or_in_writing(call: dict[str, Any]) -> None:
    """A room says that a call is to be held there."""
    node = _Node(_call(OURS, **call), BEGINS)
    node.tick()
    assert node.opened == []


def test_no_room_opens_for_a_call_of_yesterday() -> None:
    """A node that was down for a day opens no room in which nobody is expected."""
    node = _Node(_call(asker=OURS), BEGINS.add(hours=6))
    node.tick()
    assert node.opened == []


@pytest.mark.parametrize("state", ["ended", "withdrawn"])
def test_the_room_closes_when_the_call_is_over_by_the_node_that_opened_it(state: str) -> None:
    """The other node's word closes its own room."""
    node = _Node(_call(asker=OURS), BEGINS)
    node.tick()
    node.known = [_call(OURS, state=state)]
    node.tick()
    assert len(node.rooms) == 1, "nothing said that anything has changed"
    node.tell(Kind.CALL_END)
    node.tick()
    assert node.rooms == []
    theirs = _Node(node.known[0], BEGINS)
    theirs.rooms = [_room(room_title(HASH), THEIRS)]
    theirs.tick()
    assert len(theirs.rooms) == 1


def test_a_third_party_cannot_take_the_place_of_a_call_s_room() -> None:
    """Whoever knows the title opens a room that spans others than the two of the call."""
    node = _Node(_call(asker=OURS), BEGINS)
    node.rooms = [_room(room_title(HASH), OTHERS, {OURS, OTHERS})]
    node.tick()
    assert len(node.opened) == 1


def test_a_room_that_could_not_be_opened_is_tried_again() -> None:
    """Too many rooms now are not too many in a minute."""
    node = _Node(_call(asker=OURS), BEGINS)
    node.refusals = 1
    node.tick()
    assert node.opened == []
    node.tick()
    assert len(node.opened) == 1


def test_entries_about_anything_else_do_not_make_calls_read_again() -> None:
    """Working a call out reads every entry of it."""
    node = _Node(_call(asker=OURS), BEGINS)
    node.tick()
    node.tell(Kind.ALERT)
    node.tick()
    assert node.reads == 1


class _Node:
    """Calls, rooms and a record as a node has them."""

    def __init__(self, call: CallView, now: Instant) -> None:
        self.known: list[CallView] = [call]
        self.rooms: list[SimpleNamespace] = []
        self.opened: list[tuple[str, str, set[PartyId]]] = []
        self.refusals = self.reads = 0
        self.clock = FakeClock(now)
        self._listeners: list[Callable[[object], None]] = []
        self._rooms = CallRooms(
            calls=self,
            rooms=cast("Any", self),
            record=cast("Any", self),
            own=OURS,
            name=lambda: "Our party",
            clock=self.clock,
        )

    def tick(self) -> None:
        asyncio.run(self._rooms.tick())

    def tell(self, kind: Kind) -> None:
        entry = SimpleNamespace(kind=kind)
        came = EntryCame(cast("Any", None), 0, b"", cast("Any", entry))
        for listener in self._listeners:
            listener(came)

    def listen(self, listener: Callable[[object], None]) -> None:
        self._listeners.append(listener)

    async def calls(self, space: None = None, limit: int = 50) -> Sequence[CallView]:
        assert space is None
        self.reads += 1
        return self.known[:limit]

    def open_rooms(self) -> Sequence[SimpleNamespace]:
        return self.rooms

    async def open_as(self, name: str, title: str, parties: Iterable[PartyId]) -> SimpleNamespace:
        if self.refusals > 0:
            self.refusals -= 1
            raise RoomsTooMany(rooms_max=1)
        self.opened.append((name, title, set(parties)))
        self.rooms.append(_room(title, OURS))
        return self.rooms[-1]

    async def close(self, room: RoomId) -> None:
        self.rooms = [each for each in self.rooms if each.id != room]


def _room(title: str, opener: PartyId, members: Iterable[PartyId] = BOTH) -> SimpleNamespace:
    opening = SimpleNamespace(title=title, opener=opener)
    return SimpleNamespace(id=RoomId.new(), opening=opening, members=frozenset(members))


def _call(asker: PartyId, **part: Any) -> CallView:  # noqa: ANN401  any field of a view
    dates = DatesView(BEGINS.format_iso(), {OURS.text: "", THEIRS.text: ""})
    said = {"hash": HASH, "asker": asker.text, "mode": "voice", "state": "accepted"}
    fields = {**said, "asked": dates, "begins": dates, **part}
    return cast("CallView", SimpleNamespace(**fields))
