"""The rooms of exercises are known by their calls and crises, however old, at the node itself."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from parley.crisis.crises.matter import Crisis
from parley.crisis.crises.standing_room import room_title
from parley.crisis.papers.call_view import CallView
from parley.errors import StorageFull
from parley.ids import PartyId, RoomId
from parley.node.room_marks import RoomMarks
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.rooms.admission import call_title
from parley.rooms.room import Room

OURS, THEIRS, OTHERS = (PartyId(bytes([each]) * 16) for each in (1, 2, 3))
HASH = "ab" * 32


def test_the_room_of_an_exercise_is_marked_and_the_desks_are_told_once() -> None:
    """A request is looked for once, and stays what it was."""
    node = _Node([_call(is_exercise=True)], [_room()])
    node.tick()
    node.tick()
    assert node.marks() == [True]
    assert (node.told, node.looks) == (1, ["abababab"])


def test_a_real_call_s_room_and_a_room_of_nothing_are_not_marked() -> None:
    """A title that is none of a call's is not even looked for."""
    node = _Node([_call(is_exercise=False)], [_room(), _room("Exercise of the clinic")])
    node.tick()
    assert node.marks() == [False, False]
    assert (node.told, node.looks) == (0, ["abababab"])


def test_a_room_with_another_party_is_not_marked_by_a_title_it_took() -> None:
    """The call is held between two, and those are not they."""
    node = _Node([_call(is_exercise=True)], [_room(members=(OURS, OTHERS))])
    node.tick()
    assert node.marks() == [False]


def test_of_two_requests_alike_the_real_one_is_not_hidden() -> None:
    """A real call is never taken for an exercise."""
    node = _Node([_call(is_exercise=True), _call(is_exercise=False)], [_room()])
    node.tick()
    assert node.marks() == [False]


def test_a_room_that_came_before_its_request_is_marked_when_the_request_comes() -> None:
    """Rooms and entries take different lanes; other entries make nothing be looked for."""
    node = _Node([], [_room()])
    node.tick()
    node.known = [_call(is_exercise=True)]
    node.tell(Kind.ALERT)
    node.tick()
    assert node.marks() == [False]
    node.tell(Kind.CALL_REQUEST)
    node.tick()
    assert node.marks() == [True]


@pytest.mark.parametrize("members", [(OURS,), (THEIRS,), (OURS, THEIRS)])
@pytest.mark.parametrize("is_exercise", [True, False])
def test_the_standing_room_of_a_crisis_has_its_mark(
    members: tuple[PartyId, ...], *, is_exercise: bool
) -> None:
    """Whether it is one side's or both sides'."""
    node = _Node([], [_room(room_title(2026, 1, bytes.fromhex(HASH)), members)])
    node.crises = [_crisis(is_exercise=is_exercise)]
    node.tick()
    assert node.marks() == [is_exercise]
    assert (node.told, node.looks) == (int(is_exercise), ["abababab"])


def test_a_room_with_another_party_is_not_marked_by_the_title_of_a_crisis() -> None:
    """A third party can take a title, and not the place of those two."""
    title = room_title(2026, 1, bytes.fromhex(HASH))
    node = _Node([], [_room(title, each) for each in ((OURS, OTHERS), (OURS, THEIRS, OTHERS))])
    node.crises = [_crisis(is_exercise=True)]
    node.tick()
    assert node.marks() == [False, False]


def test_a_standing_room_that_came_before_its_crisis_is_marked_when_the_opening_comes() -> None:
    """Rooms and entries take different lanes."""
    node = _Node([], [_room(room_title(2026, 1, bytes.fromhex(HASH)))])
    node.tick()
    node.crises = [_crisis(is_exercise=True)]
    node.tick()
    assert node.marks() == [False]
    node.tell(Kind.CRISIS_OPENING)
    node.tick()
    assert node.marks() == [True]


def test_a_look_that_failed_is_tried_again() -> None:
    """A full disk is no proof that there is no exercise."""
    node = _Node([_call(is_exercise=True)], [_room()])
    node.refusals = 1
    node.tick()
    assert node.marks() == [False]
    node.tick()
    assert node.marks() == [True]


class _Node:
    """Calls, rooms and a record as a node has them."""

    def __init__(self, known: Sequence[CallView], rooms: Sequence[SimpleNamespace]) -> None:
        self.known, self.rooms = list(known), list(rooms)
        self.crises: list[Crisis] = []
        self.told = self.refusals = 0
        self.looks: list[str] = []
        self._listeners: list[Callable[[object], None]] = []
        at_all = cast("Any", self)
        self._marks = RoomMarks(calls=self, crises=at_all, rooms=at_all, record=at_all)

    def tick(self) -> None:
        asyncio.run(self._marks.tick())

    def marks(self) -> list[bool]:
        return [self._marks.is_exercise(cast("Room", each)) for each in self.rooms]

    def tell(self, kind: Kind) -> None:
        entry = SimpleNamespace(kind=kind)
        came = EntryCame(cast("Any", None), 0, b"", cast("Any", entry))
        for listener in self._listeners:
            listener(came)

    def listen(self, listener: Callable[[object], None]) -> None:
        self._listeners.append(listener)

    def all_rooms(self) -> Sequence[SimpleNamespace]:
        return self.rooms

    def changed(self) -> None:
        self.told += 1

    async def calls_beginning(self, digits: str) -> Sequence[CallView]:
        if self.refusals > 0:
            self.refusals -= 1
            raise StorageFull(file="parley.db")
        self.looks.append(digits)
        return [each for each in self.known if each.hash.startswith(digits)]

    async def crises_beginning(self, digits: str) -> Sequence[Crisis]:
        self.looks.append(digits)
        return [each for each in self.crises if each.hash.hex().startswith(digits)]


def _room(
    title: str = call_title(HASH), members: Iterable[PartyId] = (OURS, THEIRS)
) -> SimpleNamespace:
    opening = SimpleNamespace(title=title)
    return SimpleNamespace(id=RoomId.new(), opening=opening, members=frozenset(members))


def _call(*, is_exercise: bool) -> CallView:
    asked = SimpleNamespace(by_party={OURS.text: "", THEIRS.text: ""})
    found = SimpleNamespace(hash=HASH, asked=asked, is_exercise=is_exercise)
    return cast("CallView", found)


def _crisis(*, is_exercise: bool) -> Crisis:
    digest, members = bytes.fromhex(HASH), (OURS, THEIRS)
    found = SimpleNamespace(hash=digest, members=members, is_exercise=is_exercise)
    return cast("Crisis", found)
