"""Crises and call requests at the desk in a terminal: what is shown, and what each key leads to."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

import pytest
from textual.pilot import Pilot
from textual.widgets import Checkbox, Input, Select, Static, TextArea
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.calls.bodies import CallAsked, CallMode, Interpreter
from parley.errors import ActRefused, CeremonyRefused, CrisisRefused, NodeMalformed
from parley.ids import SpaceId
from parley.terminal.acts import Acts
from parley.terminal.board import BellSound, Board, Link, Matter
from parley.terminal.crisis_acts import CrisisActs, space_of
from parley.terminal.desk.app import Desk
from parley.terminal.desk.call_answer_sheet import FIELDS, NEEDED
from parley.terminal.desk.crisis_keys import CrisisKeys
from parley.terminal.desk.feed import Feed
from parley.terminal.desk.paint_matters import call_detail
from parley.terminal.wording import proposal_lines
from parley.testing import boards
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.signing import append_signed
from parley.testing.terminals import officer
from parley.words import Words

NOW = Instant.parse_iso(boards.NOW)
START = "2026-11-22T08:00:00Z"
TITLE = [{"language": "en", "text": "Two vessels"}]


class ActsNoted:
    """Takes note of what the keys lead to."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  any act
        async def note(*given: Any, **named: Any) -> None:  # noqa: ANN401
            self.done.append((name, *given, *sorted(named.items())))

        return note


def board(**changes: Any) -> Board:  # noqa: ANN401  a board's fields
    """Return a board on which a crisis is open and a call is asked for; nothing rings."""
    made = Board(
        Link.CONNECTED,
        NOW,
        who=boards.who(),
        lines=[boards.line_to()],
        crises=[boards.crisis()],
        sound=BellSound.HEARD,
    )
    return replace(made, **changes)


def sat() -> tuple[Desk, ActsNoted]:
    """Return a desk without a node, and what is done there."""
    acts: Any = None
    desk = Desk(lambda _: acts, words=Words("en"), now=lambda: NOW, is_fed=False)
    noted: Any = ActsNoted()
    desk._crisis_keys = CrisisKeys(desk, noted, lambda: NOW)
    return desk, noted


def text(desk: Desk, name: str) -> str:
    """Return what a part of the screen says."""
    return str(desk.screen_stack[0].query_one(f"#{name}", Static).content)


def _become(after: Board, _: Board) -> Board:
    return after


async def opened(pilot: Pilot[None], key: str) -> None:
    """Press a key and wait for the sheet it opens."""
    await pilot.press(key)
    while len(pilot.app.screen_stack) == 1:
        await pilot.pause()
    await pilot.pause()


async def ended(pilot: Pilot[None], *keys: str) -> None:
    """End the sheet, and wait for what comes of it."""
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_an_open_crisis_is_said_so_above_the_lines_with_both_names() -> None:
    """Own name, other name, what it changes here, claims, facts; and the mark of an exercise."""
    desk, _ = sat()
    async with desk.run_test(size=(120, 40)) as pilot:
        desk.change(lambda _: board())
        await pilot.pause()
        strip = text(desk, "crisis")
        assert "CRISIS OPEN (1): 2026/1 Saint Orlan Hospital" in strip
        assert "Two vessels near the ice edge / Harassment at sea" in strip
        shown = text(desk, "whole")
        for said in (
            "Two vessels near the ice edge",
            "Harassment at sea",
            "every 15 min",
            "against: Your vessel crossed the line.",
            "signed by them, waits for us",
        ):
            assert said in shown
        assert not text(desk, "exercise")
        marked = [boards.crisis(is_exercise=True)]
        desk.change(lambda _: board(crises=marked, calls=[boards.call(is_exercise=True)]))
        await pilot.pause()
        for name in ("exercise", "crisis", "whole", "due"):
            assert "EXERCISE" in text(desk, name), name
        desk.change(lambda _: board(crises=[boards.looked_back_on()]))
        await pilot.pause()
        assert not text(desk, "crisis")
        assert "accounts being written" in text(desk, "whole")
        assert "account to be sealed" in text(desk, "due")


def test_what_rings_comes_first_then_what_is_ours_then_the_crisis() -> None:
    """A crisis never stands above a flash."""
    quiet = boards.crisis(facts=[], statements=[])
    shown = board(alerts=[boards.alert(1), boards.ours(2)], crises=[quiet], calls=[boards.call()])
    assert [each.matter for each in shown.items()] == [
        Matter.ALERT,
        Matter.CALL,
        Matter.CRISIS,
        Matter.ALERT,
    ]
    assert shown.items()[0].rings
    assert board(checks=[boards.checks({"is_exercise": True})]).has_exercise


ANSWERED: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("accept", {}),
    ("other_time", {"earliest": "2026-11-03 08:00", "latest": "2026-11-03T10:30+01:00"}),
    ("other_level", {"level": "director"}),
    ("decline", {}),
)


async def test_a_call_request_says_by_when_and_is_answered_by_key() -> None:
    """R answers in each of four ways, H says until when we decide; by both clocks until when."""
    desk, noted = sat()
    async with desk.run_test(size=(120, 40)) as pilot:
        desk.change(lambda _: board(crises=[], calls=[boards.call()]))
        await pilot.pause()
        assert "the minister" in text(desk, "whole")
        assert "47:59:02 theirs 47:59:00" in text(desk, "whole")
        for answer, given in ANSWERED:
            await opened(pilot, "r")
            desk.screen.query_one("#answer", Select).value = answer
            await pilot.pause()
            shown = {name for name in FIELDS if desk.screen.query_one(f"#row-{name}").display}
            assert shown == set(NEEDED[answer])
            for name, said in given.items():
                desk.screen.query_one(f"#{name}", Input).value = said
            await ended(pilot, "ctrl+s")
        await opened(pilot, "h")
        await ended(pilot, "ctrl+s")
    call = boards.call()["hash"]
    assert noted.done == [
        ("answer_call", call, "accept", ("earliest", "2026-11-02T08:00:00Z"), ("reason", None)),
        (
            *("answer_call", call, "other_time", ("earliest", "2026-11-03T08:00:00Z")),
            *(("latest", "2026-11-03T09:30:00Z"), ("reason", None)),
        ),
        ("answer_call", call, "other_level", ("level", "director"), ("reason", None)),
        ("answer_call", call, "decline", ("reason", None)),
        ("answer_call", call, "deciding", ("reason", None), ("until", "2026-11-01T12:31:00Z")),
    ]


async def test_an_answer_to_a_call_begins_with_what_was_offered_last_and_says_what_it_lacks() -> (
    None
):
    """The other side's counter-offer, not the request of two days ago; no time that is none."""
    offer: dict[str, Any] = {
        "hash": "0f" * 32,
        "party": "orlan",
        "at": boards.NOW,
        "answer": "other_time",
    }
    offer |= {"level": None, "until": None, "reason": None, "capacity": "releaser"}
    times = [boards.dates(f"2026-11-05T{hour}:00:00Z", "x", "y") for hour in ("08", "11")]
    turn: dict[str, Any] = {**offer, "earliest": times[0], "latest": times[1]}
    desk, noted = sat()
    async with desk.run_test(size=(120, 40)) as pilot:
        desk.change(lambda _: board(crises=[], calls=[boards.call(turns=[turn])]))
        await pilot.pause()
        await opened(pilot, "r")
        assert desk.screen.query_one("#earliest", Input).value == "2026-11-05 08:00Z"
        assert desk.screen.query_one("#level", Input).value == "minister"
        desk.screen.query_one("#earliest", Input).value = "31.11.2026"
        await pilot.press("ctrl+s")
        await pilot.pause()
        lacking = str(desk.screen.query_one("#lacking", Static).content)
        assert lacking == "Not before: This is no date and time that exists."
        desk.screen.query_one("#answer", Select).value = "other_level"
        desk.screen.query_one("#level", Input).value = " "
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert str(desk.screen.query_one("#lacking", Static).content) == "Level: This is needed."
        await ended(pilot, "escape")
    assert noted.done == []


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({}, ["R answers", "H holds"]),
        ({"holds_left": 0}, ["R answers"]),
        ({"turn": "orlan", "due_here": None}, []),
        ({"state": "accepted", "turn": None, "due": None}, ["The call itself"]),
        ({"state": "declined", "turn": None, "due": None}, []),
    ],
)
def test_a_call_request_names_the_keys_that_do_something(
    changes: dict[str, Any], keys: list[str]
) -> None:
    """Nobody presses R on what is not theirs to answer."""
    said = call_detail(boards.call(**changes), board(crises=[]), Words("en"), NOW).plain
    assert [each for each in ("R answers", "H holds", "The call itself") if each in said] == keys


async def test_what_is_said_in_a_crisis_is_in_the_language_the_person_says() -> None:
    """A fact that both sign is not tagged as another language than it is written in."""
    desk, noted = sat()
    crisis = boards.crisis()["hash"]
    async with desk.run_test(size=(80, 24)) as pilot:
        desk.change(lambda _: board())
        await pilot.pause()
        await opened(pilot, "c")
        assert desk.screen.query_one("#language", Input).value == "en"
        desk.screen.query_one("#language", Input).value = "ru"
        desk.screen.query_one("#choice", Select).value = "fact"
        desk.screen.query_one("#words", TextArea).text = "Said."
        await ended(pilot, "ctrl+s")
    assert noted.done == [("propose_fact", crisis, "ru", "Said.")]


async def test_what_a_desk_may_do_in_a_crisis_is_done_by_key() -> None:
    """C speaks or disputes, R replies, S signs, X closes, O opens our side."""
    desk, noted = sat()
    crisis = boards.crisis()["hash"]
    async with desk.run_test(size=(120, 40)) as pilot:
        desk.change(lambda _: board())
        await pilot.pause()
        for choice in ("request", "01" * 32, "fact"):
            await opened(pilot, "c")
            desk.screen.query_one("#choice", Select).value = choice
            desk.screen.query_one("#words", TextArea).text = "Said."
            await ended(pilot, "ctrl+s")
        await opened(pilot, "c")
        await ended(pilot, "ctrl+s")
        await opened(pilot, "r")
        await ended(pilot, "ctrl+s")
        await ended(pilot, "s")
        await opened(pilot, "x")
        await ended(pilot, "ctrl+s")
        await opened(pilot, "o")
        desk.screen.query_one("#name", Input).value = "Renamed"
        desk.screen.query_one("#grade", Input).value = "grave"
        await ended(pilot, "ctrl+s")
        await opened(pilot, "c")
        await ended(pilot, "escape")
    said = [{"language": "en", "text": "Said."}]
    assert noted.done == [
        ("say", crisis, {"kind": "request", "texts": said}),
        ("say", crisis, {"kind": "claim", "texts": said, "disputes": "01" * 32}),
        ("propose_fact", crisis, "en", "Said."),
        ("reply", crisis, "03" * 32, "taken_up", None),
        ("sign_fact", crisis, "fa" * 32),
        ("close", crisis, None),
        (
            "open",
            {
                "title": [{"language": "en", "text": "Renamed"}],
                "grade": "grave",
                "start": "2026-11-01T12:01:00Z",
                "crisis": crisis,
                "is_exercise": False,
            },
            "velmar",
        ),
    ]


async def test_a_new_crisis_names_with_whom_and_whether_it_is_an_exercise() -> None:
    """Where no crisis is, O asks for a party; where no line is, it says so."""
    desk, noted = sat()
    async with desk.run_test(size=(100, 30)) as pilot:
        desk.change(lambda _: board(crises=[], lines=[]))
        await ended(pilot, "o")
        assert "No line yet." in text(desk, "said")
        desk.change(lambda _: board(crises=[]))
        await opened(pilot, "o")
        desk.screen.query_one("#exercise", Checkbox).value = True
        await ended(pilot, "ctrl+s")
        assert noted.done == []
        await opened(pilot, "o")
        desk.screen.query_one("#exercise", Checkbox).value = True
        desk.screen.query_one("#name", Input).value = "Drill"
        await ended(pilot, "ctrl+s")
    ((_, content, own),) = noted.done
    assert (content["party"], content["is_exercise"], own) == ("orlan", True, "velmar")
    assert "crisis" not in content


async def test_a_key_without_its_matter_says_what_is_missing() -> None:
    """Nothing is done, and the person is told why."""
    desk, noted = sat()
    empty = boards.crisis(facts=[], statements=[])
    async with desk.run_test(size=(100, 30)) as pilot:
        for crises, key, said in (
            ([], "c", "Choose a crisis first."),
            ([], "s", "Choose a crisis first."),
            ([empty], "s", "No fact of theirs"),
            ([empty], "r", "No request or offer"),
            ([empty], "h", "Choose an alert first."),
            ([empty], "w", "Choose an alert first."),
        ):
            changed = board(crises=crises)
            desk.change(partial(_become, changed))
            await pilot.pause()
            await ended(pilot, key)
            assert said in text(desk, "said"), key
    assert noted.done == []


@pytest.mark.timeout(120)
async def test_a_crisis_goes_through_two_terminals_and_what_is_signed_is_looked_at(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Opened, joined, asked, answered, a fact signed by both, closed; each board is told."""
    rolf = await officer(near, "Rolf", "releaser", "duty_officer")
    rita = await officer(far, "Rita", "releaser", "duty_officer")
    ours, theirs = CrisisActs(rolf.acts), CrisisActs(rita.acts)
    opening = {"title": TITLE, "start": START, "is_exercise": True}
    opened = await ours.open({**opening, "party": far.party.text}, near.party.text)
    crisis = opened["hash"]
    proposal = rolf.asked.proposals[-1]
    assert proposal.is_exercise
    assert ("title en", "Two vessels") in {(row.name, row.value) for row in proposal.rows}
    await nodes.seconds(3)
    await theirs.open({**opening, "crisis": crisis}, far.party.text)
    texts = [{"language": "en", "text": "Turn the second vessel."}]
    asked = await theirs.say(crisis, {"kind": "request", "texts": texts})
    await nodes.seconds(3)
    statement = asked["statements"][-1]["hash"]
    replied = await ours.reply(crisis, statement, "taken_up", "It is turning.")
    assert replied["statements"][-1]["state"] == "taken_up"
    proposed = await ours.propose_fact(crisis, "en", "Two vessels met.")
    await nodes.seconds(3)
    signed = await theirs.sign_fact(crisis, proposed["facts"][0]["hash"])
    assert signed["facts"][0]["state"] == "agreed"
    assert rita.asked.proposals[-1].rows[0].value == "Two vessels met."

    shown = [Board()]
    feed = Feed(rita.acts, lambda become: shown.append(become(shown[-1])), lambda: NOW)
    await feed.ask_all()
    assert [each["hash"] for each in shown[-1].crises] == [crisis]
    assert shown[-1].has_exercise
    assert [row.limit for row in shown[-1].due()] != []
    await feed._take({"type": "record"})
    await theirs.close(crisis, "All calm.")
    await feed._take({"type": "beat"})
    await nodes.seconds(3)
    await feed._take({"type": "beat"})
    await feed.ask_matters()
    assert shown[-1].crises[0]["assessment"]["state"] == "timeline"
    with pytest.raises(CrisisRefused):
        await theirs.close(crisis, None)


@pytest.mark.timeout(120)
async def test_a_call_is_answered_at_a_terminal_with_a_key_over_the_very_answer(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held, then accepted at its earliest time; a node that answers otherwise is refused."""
    rita = await officer(far, "Rita", "releaser")
    oleg, now = await near.person("Oleg"), nodes.clock.now()
    calls, space = near.node.calls, SpaceId.of_pair(near.party, far.party)
    wanted = CallAsked(
        asker="Minister",
        asked="Minister",
        level="minister",
        subject=None,
        earliest_ms=milliseconds(now.add(hours=2)),
        latest_ms=milliseconds(now.add(hours=9)),
        mode=CallMode.VOICE,
        languages=("uz",),
        interpreter=Interpreter.NOBODY,
    )
    made = await append_signed(near, oleg, await calls.prepare_request(space, wanted, oleg.actor))
    await nodes.seconds(3)
    acts, call = CrisisActs(rita.acts), made.hash.hex()
    post, given = rita.node.post, {"answer": "decline"}

    async def other(path: str, content: Any = None) -> Any:  # noqa: ANN401  JSON
        return await post(path, given if path.endswith("/begin") else content)

    until, earliest = (now.add(hours=each).format_iso(unit="second") for each in (1, 2))
    with monkeypatch.context() as patched:
        patched.setattr(rita.node, "post", other)
        for changed, reason in (
            ({"answer": "decline"}, "answer"),
            ({"answer": "accept", "earliest": earliest, "reason": "Gladly"}, "words"),
            ({"answer": "accept", "earliest": now.add(hours=3).format_iso()}, "time"),
        ):
            given = changed
            with pytest.raises(CeremonyRefused) as refused:
                await acts.answer_call(call, "accept", earliest=earliest)
            assert refused.value.params["reason"] == reason
        given = {"answer": "other_level", "level": "watch"}
        with pytest.raises(CeremonyRefused) as refused:
            await acts.answer_call(call, "other_level", level="director")
        assert refused.value.params["reason"] == "level"
        window = {"earliest": earliest, "latest": now.add(hours=5).format_iso(unit="second")}
        given = {"answer": "other_time", **window, "latest": now.add(hours=8).format_iso()}
        with pytest.raises(CeremonyRefused) as refused:
            await acts.answer_call(call, "other_time", **window)
        assert refused.value.params["reason"] == "time"
    assert rita.asked.proposals == []

    held = await acts.answer_call(call, "deciding", until=until, reason="We ask the minister.")
    assert held["state"] == "held"
    rows = [(row.name, row.value) for row in rita.asked.proposals[-1].rows]
    assert rows[0] == ("call_answer", "deciding")
    assert ("words", "We ask the minister.") in rows
    await acts.answer_call(call, "accept", earliest=earliest)
    await nodes.seconds(3)
    shown = await calls.call(made.hash)
    assert (shown.state, shown.breaches) == ("accepted", ())
    lines = proposal_lines(rita.asked.proposals[-1], Words("ru"))
    assert any("начнётся" in line for line in lines)


@pytest.mark.timeout(60)
async def test_a_node_that_lets_another_crisis_be_signed_is_refused(
    near: NodeUnderTest, far: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another line, another mark, another name: nothing is signed."""
    rolf = await officer(near, "Rolf", "releaser")
    acts, asked = CrisisActs(rolf.acts), {"title": TITLE, "start": START, "is_exercise": False}
    post = rolf.node.post
    changed: dict[str, Any] = {"is_exercise": True}

    async def other(path: str, content: Any = None) -> Any:  # noqa: ANN401  JSON
        return await post(path, {**content, **changed} if path.endswith("open/begin") else content)

    monkeypatch.setattr(rolf.node, "post", other)
    with pytest.raises(CeremonyRefused) as refused:
        await acts.open({**asked, "party": far.party.text}, near.party.text)
    assert refused.value.params["reason"] == "exercise"
    changed = {"title": [{"language": "en", "text": "War"}]}
    with pytest.raises(CeremonyRefused) as refused:
        await acts.open({**asked, "party": far.party.text}, near.party.text)
    assert refused.value.params["reason"] == "texts"
    changed = {"space": space_of(near.party.text, far.party.text)}
    with pytest.raises(CeremonyRefused) as refused:
        await acts.open({**asked, "party": near.party.text}, near.party.text)
    assert refused.value.params["reason"] == "space"
    assert rolf.asked.proposals == []


async def test_who_may_not_read_crises_has_none_on_the_board() -> None:
    """And an answer that is no crisis is not taken for one."""

    class Node:
        def __init__(self, listed: Any) -> None:  # noqa: ANN401  JSON
            self.listed = listed

        async def get(self, path: str) -> Any:  # noqa: ANN401  JSON
            if self.listed is None:
                raise ActRefused(act="crisis.read", reason="role")
            return {"crises": self.listed, "calls": [], "lines": []} if "?" in path else []

    shown = [Board()]
    for listed in (None, [boards.crisis()]):
        acts: Any = Acts(Node(listed), None, None)  # type: ignore[arg-type]
        feed = Feed(acts, lambda become: shown.append(become(shown[-1])), lambda: NOW)
        if listed is None:
            await feed.ask_matters()
            assert shown[-1].crises == []
        else:
            with pytest.raises(NodeMalformed):
                await feed.ask_matters()
