"""The desk in a terminal: what is on the screen, what is heard, and what each key leads to."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input, OptionList, Static
from whenever import Instant

from parley.errors import NodeUnreachable
from parley.identity.office import make_office
from parley.terminal.acts import Acts
from parley.terminal.board import BellSound, Board, Link
from parley.terminal.desk import paint
from parley.terminal.desk.app import Desk, key_table
from parley.terminal.desk.bell import Bell
from parley.terminal.desk.feed import Feed
from parley.terminal.desk.sheets import PinSheet
from parley.terminal.keys import FileKey
from parley.testing import boards
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terminals import OfficerAtTerminal, officer
from parley.words import LANGUAGES, Words
from parley.words.refusals import trouble_words

NOW = Instant.parse_iso(boards.NOW)
SIZES = [(80, 24), (120, 40), (50, 20)]


def board(language: str = "en", **changes: Any) -> Board:  # noqa: ANN401  a board's fields
    """Return a board on which something rings."""
    made = Board(
        Link.CONNECTED,
        NOW,
        who=boards.who(language),
        lines=[boards.line_to()],
        alerts=[boards.alert(1), boards.ours(2, is_exercise=True)],
        drafts=[boards.draft()],
        offices=[boards.office(), boards.office("Night watch", None)],
        sound=BellSound.HEARD,
    )
    return replace(made, **changes)


class Sat:
    """A desk without a node, and how often it was rung."""

    def __init__(self) -> None:
        self.now = NOW
        self.bells = 0
        acts: Any = None
        self.desk = Desk(lambda _: acts, words=Words("en"), now=lambda: self.now, is_fed=False)
        self.desk._bell = Bell(self.ring)

    def ring(self) -> None:
        """Count."""
        self.bells += 1

    def text(self, name: str) -> str:
        """Return what a part of the screen says."""
        return str(self.desk.screen_stack[0].query_one(f"#{name}", Static).content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_desk_says_that_duty_and_roster_differ_before_what_is_in_order(language: str) -> None:
    """There is room for two rows, and what is in order may fall off."""
    planned = {"person": {"id": "p9", "name": "Bela"}, "since": boards.NOW}
    offices = [boards.office("In order"), {**boards.office("Late"), "planned": planned}]
    said = paint.duty(board(offices=offices), Words(language)).plain
    assert said.index("Late") < said.index("Bela") < said.index("In order")
    assert ("the roster says" in said) is (language == "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_forced_stands_before_who_is_on_duty(language: str) -> None:
    """In every language."""
    calls = [{"id": "u1", "person": {"id": "p9", "name": "Bela"}}]
    offices = [boards.office("In order")]
    said = paint.duty(replace(board(offices=offices), duress=calls), Words(language)).plain
    assert said.index("Bela") < said.index("In order")
    assert ("duress" in said) is (language == "en")


@pytest.mark.parametrize(("size", "language"), list(zip(SIZES, ["en", "ru", "ps"], strict=True)))
async def test_what_rings_and_what_it_is_about_is_on_every_screen(
    size: tuple[int, int], language: str
) -> None:
    """From a wall to a telephone: the alarm, the exercise mark, the node, the sound, a row."""
    sat = Sat()
    async with sat.desk.run_test(size=size) as pilot:
        sat.desk.change(lambda _: board(language, crises=[boards.crisis()]))
        await pilot.pause()
        words = Words(language)
        assert words.say("EXERCISE") in sat.text("exercise")
        assert words.code("precedence", "flash") in sat.text("alarm")
        assert words.say("node connected") in sat.text("head")
        assert words.say("sound heard here") in sat.text("head")
        assert "2026/1" in sat.text("crisis")
        for name in ("alarm", "crisis", "exercise", "items", "keys"):
            region = sat.desk.query_one(f"#{name}").region
            assert region.height > 0, name
            assert region.bottom <= size[1], name


async def test_what_is_shown_without_the_node_is_said_to_be_old() -> None:
    """Since when, and why; the first loss counts, not the last try."""
    sat = Sat()
    async with sat.desk.run_test() as pilot:
        gone = NodeUnreachable(reason="ConnectError")
        sat.desk.change(lambda _: board("ru"))
        sat.desk.change(lambda shown: shown.lost(NOW, gone))
        later = NOW.add(seconds=60)
        sat.desk.change(lambda shown: shown.lost(later, gone))
        await pilot.pause()
        russian = Words("ru")
        assert "12:01:00Z" in sat.text("head")
        assert russian.say("Your node does not answer.") in sat.text("head")
        assert "ConnectError" not in sat.text("head")
        assert russian.code("precedence", "flash") in sat.text("alarm")


async def test_a_flash_sounds_every_second_until_it_is_acknowledged() -> None:
    """A moment of quiet is a moment; what rings goes on being shown."""
    sat = Sat()
    async with sat.desk.run_test() as pilot:
        sat.desk.change(lambda _: board())
        before = sat.bells
        for _ in range(3):
            sat.now = sat.now.add(seconds=1)
            await sat.desk.tick()
        assert sat.bells - before == 3

        await pilot.press("m")
        heard = sat.bells
        sat.now = sat.now.add(seconds=20)
        await sat.desk.tick()
        assert (sat.bells, "RINGS" in sat.text("alarm")) == (heard, True)
        sat.now = sat.now.add(seconds=11)
        await sat.desk.tick()
        assert sat.bells == heard + 1

        said = boards.saying("acknowledgement_sent", "our_answer", capacity="duty_officer")
        sat.desk.change(lambda shown: replace(shown, alerts=[boards.alert(1, saying=said)]))
        sat.now = sat.now.add(seconds=10)
        await sat.desk.tick()
        assert sat.bells == heard + 1
        assert not sat.text("alarm")


@pytest.mark.parametrize(("may", "told"), [("alert.acknowledge", 1), ("alert.read", 0)])
async def test_the_node_is_told_of_what_is_shown_to_who_may_take_it(may: str, told: int) -> None:
    """An auditor's screen proves nothing of whether somebody is there who could act."""
    shown: list[str] = []

    class Recorder:
        async def present(self, alert: str, desk: str, *, has_sound: bool) -> None:
            shown.append(f"{alert[:2]} {desk} {has_sound}")

    recorder: Any = Recorder()
    desk = Desk(lambda _: recorder, words=Words("en"), now=lambda: NOW, is_fed=False)
    async with desk.run_test():
        desk.change(lambda _: board(who={**boards.who(), "may": [may]}))
        await desk.present().wait()
        await desk.present().wait()
    assert len(shown) == told


async def test_a_desk_is_heard_once_somebody_says_so() -> None:
    """No terminal says whether its bell sounded; a person does."""
    sat = Sat()
    async with sat.desk.run_test() as pilot:
        sat.desk.change(lambda _: board(sound=BellSound.UNTESTED, alerts=[]))
        await pilot.pause()
        assert "SOUND NOT TESTED" in sat.text("head")
        for key, sound in (("n", BellSound.SILENT), ("y", BellSound.HEARD)):
            await pilot.press("t")
            await pilot.pause()
            await pilot.press(key)
            await pilot.pause()
            assert sat.desk.board.sound is sound
        assert sat.bells == 2


async def test_who_reads_one_alert_is_not_moved_away_by_others() -> None:
    """Unless the new one rings: that comes first, for everybody."""
    sat = Sat()
    quiet = boards.saying("answer_sent", "nobody", capacity="releaser")
    async with sat.desk.run_test() as pilot:
        old = [boards.alert(each, saying=quiet, due=[]) for each in (1, 2, 3)]
        sat.desk.change(lambda _: board(alerts=old, drafts=[]))
        await pilot.press("down", "down")
        stood = sat.desk.chosen()
        assert stood is not None
        more = [boards.alert(9, saying=quiet, due=[], started_at="2026-11-01T12:00:59Z"), *old]
        sat.desk.change(lambda shown: replace(shown, alerts=more))
        await pilot.pause()
        still = sat.desk.chosen()
        assert still is not None
        assert still.key == stood.key
        sat.desk.change(lambda shown: replace(shown, alerts=[boards.alert(8), *more]))
        await pilot.pause()
        first = sat.desk.chosen()
        assert first is not None
        assert first.rings


async def test_a_room_that_nobody_chose_gives_way_to_what_comes_in() -> None:
    """Whoever went down to a room stays there; where only rooms are, a draft is stood on."""
    sat = Sat()
    rooms = [boards.room(), boards.room(id="room2", opened_at="2026-11-01T11:00:00Z")]
    async with sat.desk.run_test() as pilot:
        sat.desk.change(lambda _: board(alerts=[], drafts=[], rooms=rooms))
        await pilot.pause()
        sat.desk.change(lambda shown: replace(shown, drafts=[boards.draft()]))
        await pilot.pause()
        first = sat.desk.chosen()
        assert first is not None
        assert first.is_draft
        await pilot.press("down")
        sat.desk.change(lambda shown: replace(shown, drafts=[boards.draft(), boards.draft(4)]))
        await pilot.pause()
        still = sat.desk.chosen()
        assert still is not None
        assert still.key == "room1"


async def test_a_pin_is_asked_for_under_what_is_signed_and_escape_signs_nothing() -> None:
    """What is signed can be read to its end on the smallest screen, with the PIN in sight."""
    sat = Sat()
    lines = [f"line {each}" for each in range(60)]
    async with sat.desk.run_test(size=(50, 20)) as pilot:
        given: list[str | None] = []
        await sat.desk.push_screen(PinSheet(lines, "PIN", Words("en")), given.append)
        await pilot.pause()
        entry = sat.desk.screen.query_one("#pin", Input)
        assert entry.password
        assert entry.region.bottom <= 20
        await pilot.press("pagedown", "x", "escape")
        await pilot.pause()
        assert given == [None]


async def test_the_key_sheet_opens_over_the_desk_and_closes() -> None:
    """Every key is told of."""
    sat = Sat()
    async with sat.desk.run_test(size=(80, 24)) as pilot:
        sat.desk.change(lambda _: board())
        await pilot.press("question_mark")
        await pilot.pause()
        assert len(sat.desk.screen_stack) == 2
        await pilot.press("escape")
        await pilot.pause()
        assert len(sat.desk.screen_stack) == 1
        assert sat.desk.query_one("#items", OptionList).option_count == 3


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_key_sheet_tells_of_every_key_and_is_read_to_its_end(language: str) -> None:
    """On the smallest screen, by the keys that scroll."""
    sat = Sat()
    told = [str(cell) for cell in key_table(Words(language)).columns[0]._cells]
    keys = {str(each[0]).upper() for each in Desk.BINDINGS if isinstance(each, tuple)}
    bound = keys - {"QUESTION_MARK"}
    assert bound == {each for each in told if each}
    async with sat.desk.run_test(size=(50, 20)) as pilot:
        sat.desk.change(lambda _: board(language))
        await pilot.press("question_mark")
        await pilot.pause()
        sheet = sat.desk.screen.query_one(".sheet")
        assert sheet.max_scroll_y > 0
        await pilot.press(*["pagedown"] * 6)
        await pilot.pause()
        assert sheet.scroll_y == sheet.max_scroll_y


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_low_screen_shows_what_is_read_under_everything_that_can_stand_above_it(
    language: str,
) -> None:
    """What rings, a crisis, an exercise, names in wide letters and from right to left."""
    sat = Sat()
    wide = boards.line_to("\u4e0a\u6d77 \u0645\u0631\u06a9\u0632 \U0001f6a2")
    texts = [{"language": "zh-Hans", "text": "\u4e24\u67b6\u98de\u673a\u504f\u822a\u3002" * 9}]
    rings = boards.alert(1, texts=texts)
    async with sat.desk.run_test(size=(80, 24)) as pilot:
        made = board(language, lines=[wide], alerts=[rings, boards.ours(2, is_exercise=True)])
        full = replace(made, crises=[boards.crisis()], calls=[boards.call()], rooms=[boards.room()])
        sat.desk.change(lambda _: full)
        await pilot.pause()
        assert sat.desk.query_one("#detail").content_size.height >= 3
        assert sat.desk.query_one("#crisis").region.height == 1
        rows = sat.desk.screen._compositor.render_strips()
        assert {each.cell_length for each in rows} == {80}
        for key in ("down",) * sat.desk.query_one("#items", OptionList).option_count:
            await pilot.press(key)
            rows = sat.desk.screen._compositor.render_strips()
            assert {each.cell_length for each in rows} == {80}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_ails_the_node_is_on_every_screen(language: str) -> None:
    """Told by the node as the pages are, and taken back when it is over."""
    sat = Sat()
    acts: Any = None
    codes = ["storage.full", "node.threads_short"]
    async with sat.desk.run_test(size=(80, 24)) as pilot:
        sat.desk.words = Words(language)
        sat.desk.change(lambda _: board(language))
        feed = Feed(acts, sat.desk.change, lambda: NOW)
        for troubles in (codes, []):
            await feed._take({"type": "node", "troubles": troubles, "backup_at": None})
            await pilot.pause()
            said = sat.text("troubles").splitlines()
            assert [each.strip() for each in said] == [
                trouble_words(code, Words(language)) for code in troubles
            ]
            assert sat.desk.query_one("#troubles").display is bool(troubles)
            assert sat.desk.query_one("#detail").content_size.height >= 3


async def test_a_sound_command_that_fails_is_said_so() -> None:
    """It takes back that the desk is heard."""
    bell = Bell(lambda: None, "/nonexistent/alarm --loud")
    bell.strike()
    assert bell._running is not None
    await asyncio.wait([bell._running])
    assert await bell.has_failed()
    await bell.stop()
    assert not await Bell(lambda: None).has_failed()


def sat_at(person: OfficerAtTerminal) -> Desk:
    """Return a desk of a person, whose acts go to their node."""
    return Desk(
        lambda desk: Acts(person.node, FileKey(person.folder), desk),
        words=Words("en"),
        now=lambda: NOW,
        is_fed=False,
    )


@pytest.mark.timeout(120)
async def test_an_alert_is_acknowledged_at_the_desk_with_pin_and_eyes(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """A: what is signed is shown, the PIN is typed, the node has the person's signature."""
    rolf = await officer(near, "Rolf", "releaser")
    olga = await officer(far, "Olga", "duty_officer")
    words = [{"language": "en", "text": "Two aircraft are off course."}]
    content = {"texts": words, "recipients": [far.party.text], "precedence": "immediate"}
    await rolf.acts.release(await rolf.acts.draft(content))
    await nodes.seconds(3)

    desk = sat_at(olga)
    async with desk.run_test(size=(100, 40)) as pilot:
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.pause()
        assert desk.board.ringing
        await pilot.press("a")
        while len(desk.screen_stack) == 1:
            await pilot.pause()
        shown = "\n".join(str(each.content) for each in desk.screen.query(Static))
        assert "This acknowledgement says only" in shown
        assert "SHA-256" in shown
        await pilot.press(*"four", "space", *"quiet", "space", *"herons", "enter")
        await desk.workers.wait_for_complete()
    (alert,) = await olga.acts.alerts()
    assert alert["state"] == "acknowledged"


async def shown_on(desk: Desk, pilot: Any) -> str:  # noqa: ANN401  textual's
    """Return what the sheet says that opens next."""
    while len(desk.screen_stack) == 1:
        await pilot.pause()
    return "\n".join(str(each.content) for each in desk.screen.query(Static))


async def watch_at(node: NodeUnderTest, *names: str) -> list[OfficerAtTerminal]:
    """Return duty officers of one office, each with the office's id known to their own desk."""
    found = [await officer(node, name, "duty_officer") for name in names]
    members = [(await node.person(name)).id for name in names]
    now = node.clock.now()
    await node.node.database.write(lambda c: make_office(c, "Watch", members, "operator", now))
    return found


@pytest.mark.timeout(120)
async def test_a_duty_is_taken_at_the_terminal_after_what_is_open_was_shown(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """D: the open alert with its limits by both clocks, and a yes; then it is offered on."""
    rolf = await officer(near, "Rolf", "releaser")
    olga, _ = await watch_at(far, "Olga", "Oleg")
    words = [{"language": "en", "text": "Two aircraft are off course."}]
    content = {"texts": words, "recipients": [far.party.text], "precedence": "immediate"}
    await rolf.acts.release(await rolf.acts.draft(content))
    await nodes.seconds(3)

    desk = sat_at(olga)
    async with desk.run_test(size=(100, 40)) as pilot:
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.press("d")
        asked = await shown_on(desk, pilot)
        assert "Take the duty of Watch?" in asked
        assert "Two aircraft are off course." in asked
        assert "(theirs " in asked
        await pilot.press("y")
        await desk.workers.wait_for_complete()
        (office,) = desk.board.offices
        assert office["duty"]["person"]["name"] == "Olga"

        await pilot.press("d")
        assert "Hand over the duty of Watch. This is open:" in await shown_on(desk, pilot)
        await pilot.press("ctrl+s")
        await desk.workers.wait_for_complete()
        (office,) = desk.board.offices
        assert (office["duty"]["state"], office["duty"]["offered_to"]["name"]) == (
            "offered",
            "Oleg",
        )


async def test_no_duty_is_taken_that_is_another_s_or_that_a_person_says_no_to(
    near: NodeUnderTest,
) -> None:
    """Without an office there is none; and N, on a quiet day, leaves it to nobody."""
    (olga,) = await watch_at(near, "Olga")
    stranger = await officer(near, "Sam", "duty_officer")
    desk = sat_at(stranger)
    async with desk.run_test(size=(100, 40)) as pilot:
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.press("d")
        await desk.workers.wait_for_complete()
        said = str(desk.screen_stack[0].query_one("#said", Static).content)
        assert said == "No duty of yours to take or hand over."
    desk = sat_at(olga)
    async with desk.run_test(size=(100, 40)) as pilot:
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.press("d")
        assert "Nothing is open." in await shown_on(desk, pilot)
        await pilot.press("n")
        await desk.workers.wait_for_complete()
        assert desk.board.offices[0]["duty"] is None


async def test_a_feed_says_that_it_lost_the_node_and_tries_again_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Later and later, up to five seconds; the board is told each time."""
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 6:
            raise asyncio.CancelledError

    class Gone:
        async def signed_in(self) -> None:
            raise NodeUnreachable(reason="ConnectError")

    shown = [Board()]
    acts: Any = Gone()
    monkeypatch.setattr("parley.terminal.desk.feed.asyncio.sleep", pause)
    feed = Feed(acts, lambda become: shown.append(become(shown[-1])), lambda: NOW)
    with pytest.raises(asyncio.CancelledError):
        await feed.run()
    assert waits == [0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert shown[-1].link is Link.LOST
