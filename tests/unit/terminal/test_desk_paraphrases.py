"""P at the desk in a terminal: how an alert was understood, and its author's word on that."""

from typing import Any

import pytest
from textual.widgets import Input, Static
from whenever import Instant

from parley.errors import CeremonyRefused
from parley.node.commands import alert as command
from parley.terminal.acts import Acts
from parley.terminal.desk.app import Desk
from parley.terminal.desk.feed import Feed
from parley.terminal.keys import FileKey
from parley.terminal.proposal import Expected, SignedKind
from parley.testing import boards
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terminals import OfficerAtTerminal, officer
from parley.words import Words

NOW = Instant.parse_iso(boards.NOW)
ASKED, MEANT = "They ask for help.", "We ask for nothing."


async def pressed(
    person: OfficerAtTerminal, *keys: str, is_signed: bool = True
) -> tuple[str, dict[str, Any]]:
    """Sit a person at the desk, press P and keys in its sheet, sign; return what was shown."""
    desk = Desk(
        lambda opened: Acts(person.node, FileKey(person.folder), opened),
        words=Words("en"),
        now=lambda: NOW,
        is_fed=False,
    )
    async with desk.run_test(size=(80, 24)) as pilot:
        await Feed(desk._acts, desk.change, lambda: NOW).ask_all()
        await pilot.pause()
        await pilot.press("p")
        while len(desk.screen_stack) == 1:
            await pilot.pause()
        shown = texts_of(desk)
        await pilot.press(*keys, "ctrl+s")
        if is_signed:
            while not desk.screen.query("#pin"):
                await pilot.pause()
            assert desk.screen.query_one("#pin", Input).region.bottom <= 24
            shown += texts_of(desk)
            await pilot.press(*"four", "space", *"quiet", "space", *"herons", "enter")
        await desk.workers.wait_for_complete()
        said = str(desk.screen_stack[0].query_one("#said", Static).content)
        (alert,) = await person.acts.alerts()
        return f"{shown}\n{said}", alert


def texts_of(desk: Desk) -> str:
    """Return all that the sheet on top says."""
    return "\n".join(str(each.content) for each in desk.screen.query(Static))


def typed(text: str) -> list[str]:
    """Return the keys of a text."""
    named = {" ": "space", ".": "full_stop"}
    return [named.get(each, each) for each in text]


@pytest.mark.timeout(120)
async def test_an_alert_is_said_back_and_corrected_at_two_terminals(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Each signs exactly their own words; the author sees what was understood before correcting."""
    rolf = await officer(near, "Rolf", "releaser")
    olga = await officer(far, "Olga", "duty_officer")
    words = [{"language": "en", "text": "We move three patients tonight."}]
    content = {"texts": words, "recipients": [far.party.text], "precedence": "immediate"}
    (released,) = await rolf.acts.release(await rolf.acts.draft(content))
    await nodes.seconds(3)

    early, _ = await pressed(olga, *typed(ASKED), is_signed=False)
    assert "Somebody must have acknowledged it before." in early
    await olga.acts.acknowledge(released["hash"], "en")

    shown, theirs = await pressed(olga, *typed(ASKED))
    assert "We move three patients tonight." in shown
    assert f"understood as [English]: {ASKED}" in shown
    assert "capacity: duty officer" in shown
    assert theirs["paraphrase_state"] == "waiting"
    await nodes.seconds(3)

    judged, ours = await pressed(rolf, *typed(MEANT))
    assert f"Understood as: {ASKED}" in judged
    assert "our word: Corrected by its author" in judged
    assert f"what was meant [English]: {MEANT}" in judged
    assert ours["paraphrases"][-1]["word"]["correction"]["text"] == MEANT
    await nodes.seconds(3)

    await olga.acts.paraphrase(released["hash"], "en", MEANT)
    await nodes.seconds(3)
    confirmed, ours = await pressed(rolf)
    assert "our word: Confirmed by its author" in confirmed
    assert ours["paraphrase_state"] == "confirmed"


@pytest.mark.timeout(120)
async def test_other_words_than_were_written_are_not_signed(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Nor a word on another paraphrase than the one that was read."""
    rolf = await officer(near, "Rolf", "releaser")
    olga = await officer(far, "Olga", "duty_officer")
    words = [{"language": "en", "text": "We move three patients tonight."}]
    content = {"texts": words, "recipients": [far.party.text], "precedence": "immediate"}
    (released,) = await rolf.acts.release(await rolf.acts.draft(content))
    await nodes.seconds(3)
    alert = bytes.fromhex(released["hash"])
    await olga.acts.acknowledge(released["hash"], "en")
    path, said = f"/api/alerts/{alert.hex()}/paraphrases", {"language": "en", "text": ASKED}
    other = Expected(SignedKind.PARAPHRASE, alert, texts=(("en", MEANT),))
    with pytest.raises(CeremonyRefused):
        await olga.acts.signed(path, said, other)
    given = await olga.acts.paraphrase(alert.hex(), "en", ASKED)
    await nodes.seconds(3)

    read = bytes.fromhex(given["paraphrases"][0]["hash"])
    for expected in (
        Expected(SignedKind.PARAPHRASE_WORD, alert, texts=(), paraphrase=bytes(32)),
        Expected(SignedKind.PARAPHRASE_WORD, alert, texts=(("en", MEANT),), paraphrase=read),
    ):
        with pytest.raises(CeremonyRefused):
            await rolf.acts.signed(f"{path}/{read.hex()}/word", {"correction": None}, expected)
    assert not [each for each in olga.asked.proposals if each.kind is SignedKind.PARAPHRASE_WORD]
    assert len(rolf.asked.proposals) == 1


async def test_nothing_is_judged_that_nobody_waits_for() -> None:
    """The desk says so instead of opening a sheet."""
    acts: Any = None
    desk = Desk(lambda _: acts, words=Words("en"), now=lambda: NOW, is_fed=False)
    async with desk.run_test() as pilot:
        desk.change(lambda board: board.connected(NOW))
        await pilot.press("p")
        await pilot.pause()
        said = desk.query_one("#said", Static)
        assert "Choose an alert first." in str(said.content)
    assert command.app.registered_commands
