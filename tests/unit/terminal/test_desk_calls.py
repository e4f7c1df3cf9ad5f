"""K at the desk in a terminal: a call between officials is asked for, whole, and signed."""

from typing import Any

import pytest
from textual.widgets import Input, Select, Static
from whenever import Instant

from parley.errors import CeremonyRefused
from parley.terminal.acts import Acts
from parley.terminal.crisis_acts import CrisisActs
from parley.terminal.desk.app import Desk
from parley.terminal.desk.call_sheet import NEEDED, CallSheet, instant_of
from parley.terminal.desk.feed import Feed
from parley.terminal.desk.sheets import Choice
from parley.terminal.keys import FileKey
from parley.testing import boards
from parley.testing.nodes import NodeUnderTest
from parley.testing.terminals import officer
from parley.words import LANGUAGES, Words

NOW = Instant.parse_iso(boards.NOW)
ASKED = {
    "who_asks": "The director of the harbour",
    "who_is_asked": "The minister of health",
    "level": "minister",
    "subject": "Three patients",
}


@pytest.mark.timeout(120)
async def test_a_call_is_asked_for_at_the_desk_and_what_is_signed_is_all_of_it(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Who asks whom, level, subject, window, mode, languages, interpreter, hours, the mark."""
    rolf = await officer(near, "Rolf", "releaser")
    now = near.node.clock.now()
    desk = Desk(
        lambda opened: Acts(rolf.node, FileKey(rolf.folder), opened),
        words=Words("en"),
        now=lambda: now,
        is_fed=False,
    )
    async with desk.run_test(size=(80, 24)) as pilot:
        await Feed(desk._acts, desk.change, lambda: now).ask_all()
        await pilot.pause()
        await pilot.press("k")
        while len(desk.screen_stack) == 1:
            await pilot.pause()
        for name, said in ASKED.items():
            desk.screen.query_one(f"#{name}", Input).value = said
        desk.screen.query_one("#interpreter", Select).value = "both"
        desk.screen.query_one("#mode", Select).value = "video"
        desk.screen.query_one("#languages", Input).value = "en, uz"
        await pilot.press("ctrl+s")
        while not desk.screen.query("#pin"):
            await pilot.pause()
        shown = "\n".join(str(each.content) for each in desk.screen.query(Static))
        for said in (
            *("Whom: The minister of health", "level: Minister", "Subject: Three patients"),
            *("How: By video", "Languages: English, O\u02bbzbekcha", "Both bring an interpreter"),
            *("Not before: ", "Hours to answer, as agreed: 48", "capacity: releaser"),
        ):
            assert said in shown
        await pilot.press(*"four", "space", *"quiet", "space", *"herons", "enter")
        await desk.workers.wait_for_complete()
        said = str(desk.screen_stack[0].query_one("#said", Static).content)
        assert said == "Done."
    (call,) = (await rolf.node.get("/api/call-requests"))["calls"]
    assert {name: call[name] for name in ASKED} == ASKED
    assert (call["mode"], call["interpreter"], call["languages"]) == ("video", "both", ["en", "uz"])
    assert (call["answer_hours"], call["capacity"]) == (48, "releaser")
    assert (call["state"], call["is_exercise"]) == ("asked", False)


class Swapping:
    """Acts whose node asks for a call with somebody else than was said."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    async def signed(self, path: str, content: Any, expected: Any) -> Any:  # noqa: ANN401  JSON
        """Swap whom is asked."""
        return await self._acts.signed(path, {**content, "who_is_asked": "Somebody"}, expected)


async def test_a_call_with_somebody_else_than_was_said_is_not_signed(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The entry is held against all that was asked, before the PIN."""
    rolf = await officer(near, "Rolf", "releaser")
    now = near.node.clock.now()
    first, last = (now.add(hours=each).format_iso(unit="second") for each in (2, 4))
    content = {
        **ASKED,
        "party": far.party.text,
        "earliest": first,
        "latest": last,
        "mode": "voice",
        "languages": ["en"],
        "interpreter": "nobody",
        "answer_hours": 48,
        "is_exercise": True,
    }
    acts: Any = Swapping(rolf.acts)
    with pytest.raises(CeremonyRefused):
        await CrisisActs(acts).ask_call(content, near.party.text)
    assert rolf.asked.proposals == []
    made = await CrisisActs(rolf.acts).ask_call(content, near.party.text)
    assert made["is_exercise"]
    assert rolf.asked.proposals[0].is_exercise


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_sheet_says_what_is_lacking_and_which_time_does_not_exist(language: str) -> None:
    """It stays open, and names the field in the person's words."""
    acts: Any = None
    words = Words(language)
    desk = Desk(lambda _: acts, words=words, now=lambda: NOW, is_fed=False)
    async with desk.run_test(size=(80, 24)) as pilot:
        given: list[Any] = []
        sheet = CallSheet([Choice("orlan", "Hospital")], ["en", "uz"], NOW, words)
        await desk.push_screen(sheet, given.append)
        await pilot.pause()
        for name in NEEDED:
            await pilot.press("ctrl+s")
            shown = sheet.query_one("#lacking", Static)
            assert str(shown.content).startswith(words.code("label", name))
            assert shown.region.bottom <= 24
            sheet.query_one(f"#{name}", Input).value = ASKED[name]
        sheet.query_one("#latest", Input).value = "2026-02-30 12:00"
        await pilot.press("ctrl+s")
        lacking = str(sheet.query_one("#lacking", Static).content)
        assert lacking == f"{words.code('label', 'latest')}: {words.code('finding', 'no_instant')}"
        sheet.query_one("#latest", Input).value = "2026-11-01 20:30"
        await pilot.press("ctrl+s")
        await pilot.pause()
    (asked,) = given
    assert asked["earliest"] == "2026-11-01T14:00:00Z"
    assert asked["latest"] == "2026-11-01T20:30:00Z"
    assert asked["languages"] == ["en", "uz"]


def test_a_time_is_utc_unless_it_says_its_own_zone() -> None:
    """Dates that no calendar has are no instants."""
    assert instant_of("2026-11-01 12:00") == "2026-11-01T12:00:00Z"
    assert instant_of("2026-11-01T12:00:30+05:00") == "2026-11-01T07:00:30Z"
    for text in ("", "noon", "2026-02-30 12:00", "2026-11-01"):
        assert instant_of(text) is None
