"""E at the desk in a terminal: the rooms, who is in them, and who of our party may enter."""

from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Checkbox, Input, Select, SelectionList, Static
from whenever import Instant

from parley.terminal.acts import Acts
from parley.terminal.board import Board, Matter
from parley.terminal.desk import paint
from parley.terminal.desk.app import Desk
from parley.terminal.desk.door_sheet import DoorAnswer, DoorSheet
from parley.terminal.desk.feed import Feed
from parley.terminal.desk.sheets import Choice
from parley.terminal.keys import FileKey
from parley.testing import boards
from parley.testing.nodes import NodeUnderTest
from parley.testing.terminals import OfficerAtTerminal, officer
from parley.words import LANGUAGES, Words

NOW = Instant.parse_iso(boards.NOW)
OURS = [
    Choice("person p1", "Ingrid Solberg"),
    Choice("office Watch", "Watch"),
    Choice("person p2", "Maria Volkova"),
]


def sat_at(person: OfficerAtTerminal) -> Desk:
    """Return a desk of a person, whose acts go to their node."""
    return Desk(
        lambda desk: Acts(person.node, FileKey(person.folder), desk),
        words=Words("en"),
        now=lambda: NOW,
        is_fed=False,
    )


def whole(board: Board, language: str = "en") -> str:
    """Return all of the first row of a board."""
    (item,) = board.items()
    return paint.detail(item, board, Words(language), NOW).plain


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_room_says_who_is_in_it_and_who_of_ours_may_enter(language: str) -> None:
    """As what, seen as whom; an empty one says so, and one for everybody too."""
    words, made = Words(language), Board(rooms=[boards.room()])
    shown = whole(made, language)
    for said in ("Olim Karimov", "Note-taker", words.code("enters_as", "staff")):
        assert said in shown
    free = boards.room(participants=[], is_restricted=False, door=boards.door(is_restricted=False))
    shown = whole(Board(rooms=[free]), language)
    assert words.code("door", "empty") in shown
    assert words.code("door", "everybody") in shown


def test_the_room_of_a_call_that_is_agreed_on_says_who_enters() -> None:
    """Without a list: who follows from the request; and that the person is none of them."""
    door = boards.door(is_set=False, named=[], official="the minister", may_enter=False)
    shown = whole(replace(Board(), calls=[boards.call(state="accepted", turn=None, door=door)]))
    assert "Nobody has made a list" in shown
    assert "Nobody of ours yet." in shown
    assert "You are not one of them." in shown


async def answered(door: dict[str, Any], *keys: str, size: tuple[int, int] = (80, 24)) -> Any:  # noqa: ANN401
    """Return what the sheet of a door answers to some keys, and what it says is lacking."""
    acts: Any = None
    desk = Desk(lambda _: acts, words=Words("en"), now=lambda: NOW, is_fed=False)
    async with desk.run_test(size=size) as pilot:
        given: list[DoorAnswer | None] = []
        sheet = DoorSheet("Room", door, OURS, Words("en"))
        await desk.push_screen(sheet, given.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        lacking = "" if given else str(sheet.query_one("#lacking", Static).content)
        return given[0] if given else lacking


async def test_who_is_named_already_stays_as_they_are_named() -> None:
    """What is said below is for those who are newly ticked."""
    kept = [
        {"capacity": "official", "person": "p1", "office": None, "shown_as": None},
        {"capacity": "staff", "person": None, "office": "Watch", "shown_as": "Note-taker"},
    ]
    assert await answered(boards.door(), "ctrl+s") == DoorAnswer(kept)
    both = await answered(boards.door(), "down", "down", "space", "ctrl+s", size=(50, 20))
    new = {"capacity": "official", "person": "p2", "office": None, "shown_as": None}
    assert both == DoorAnswer([*kept, new])
    assert await answered(boards.door(), "space", "ctrl+s") == DoorAnswer(kept[1:])
    assert await answered(boards.door(), "escape") is None


async def test_a_list_of_nobody_is_not_sent_nor_one_that_shows_staff_as_the_official() -> None:
    """The sheet says what is lacking, and stays."""
    none = await answered(boards.door(), "space", "down", "space", "ctrl+s")
    assert none == "Nobody is ticked."
    call = boards.door(official="the minister")
    tick = ("down", "down", "space", "tab", "tab", "enter", "down", "enter")
    assert "what the other side is to see" in await answered(call, *tick, "ctrl+s")
    shown = await answered(call, *tick, "tab", *"AB", "ctrl+s")
    new = {"capacity": "interpreter", "person": "p2", "office": None, "shown_as": "AB"}
    assert shown.named[-1] == new


@pytest.mark.timeout(120)
async def test_a_door_is_closed_and_opened_at_the_desk(near: NodeUnderTest) -> None:
    """The node has the list, and the desk shows it; then everybody may enter again."""
    rolf = await officer(near, "Rolf", "releaser")
    dora = await officer(near, "Dora", "duty_officer")
    room = await rolf.node.post("/api/rooms", {"title": "Two vessels", "parties": []})
    place = f"/api/rooms/{room['id']}/door"
    desk = sat_at(rolf)
    async with desk.run_test(size=(80, 24)) as pilot:
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.pause()
        (item,) = desk.board.items()
        assert item.matter is Matter.ROOM
        await pilot.press("e")
        while len(desk.screen_stack) == 1:
            await pilot.pause()
        ours = desk.screen.query_one("#named", SelectionList)
        names = [str(ours.get_option_at_index(at).prompt) for at in range(ours.option_count)]
        assert not desk.screen.query("#everybody")
        assert desk.screen.query_one("#capacity", Select).value == "official"
        await pilot.press(*["down"] * names.index("Rolf"), "space", "ctrl+s")
        await desk.workers.wait_for_complete()
        door = await rolf.node.get(place)
        assert [each["name"] for each in door["named"]] == ["Rolf"]
        assert not (await dora.node.get(place))["may_enter"]

        await Feed(desk._acts, desk.change, lambda: NOW).ask_rooms()
        await pilot.pause()
        assert "Rolf: Official" in str(desk.query_one("#whole", Static).content)
        await pilot.press("e")
        while len(desk.screen_stack) == 1:
            await pilot.pause()
        desk.screen.query_one("#everybody", Checkbox).value = True
        assert desk.screen.query_one("#shown", Input).value == ""
        await pilot.press("ctrl+s")
        await desk.workers.wait_for_complete()
    assert not (await rolf.node.get(place))["is_restricted"]


@pytest.mark.timeout(120)
async def test_whoever_may_not_change_a_door_is_told_who_may(near: NodeUnderTest) -> None:
    """No sheet opens; on a row that is no room, E says what to choose."""
    rolf = await officer(near, "Rolf", "releaser")
    dora = await officer(near, "Dora", "duty_officer")
    desk = sat_at(dora)
    async with desk.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        await desk.workers.wait_for_complete()
        said = desk.query_one("#said", Static)
        assert "Choose a room or a call request first." in str(said.content)
        await rolf.node.post("/api/rooms", {"title": "Two vessels", "parties": []})
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.pause()
        await pilot.press("e")
        await desk.workers.wait_for_complete()
        assert "Whoever opened the room, or a releaser" in str(said.content)
        assert len(desk.screen_stack) == 1
