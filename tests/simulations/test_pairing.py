"""Two and three nodes become known to each other, or are refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from whenever import Instant

from parley.clock import FakeClock
from parley.errors import (
    CardExpired,
    ClaimKeySwapped,
    ClaimName,
    PartyOurOwn,
    PartyUnconfirmed,
    TransitionRefused,
)
from parley.identity.fingerprint import words
from parley.line.letters import LANE, TOPIC, Withdrawal, write_letter
from parley.line.pairing import PairingState
from parley.line.view import LineView
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def test_two_parties_that_confirm_each_other_have_a_line(nodes: Nodes) -> None:
    """Cards crossed, words compared, both confirmed: the line is up and agreed on both sides."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")

    await nodes.pair(near, far)

    for ours, theirs in ((near, far), (far, near)):
        line = view(ours, theirs)
        assert line.state == "up"
        assert line.agreement.ours_confirmed
        assert line.agreement.theirs_confirmed


async def test_both_sides_read_the_same_words(nodes: Nodes) -> None:
    """The fingerprint takes both keys in sorted order, so neither side reads another one."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await near.import_card(await far.card())
    await far.import_card(await near.card())

    ours = near.node.book.fingerprint(far.party)
    theirs = far.node.book.fingerprint(near.party)

    assert ours == theirs
    assert words(ours, "uz") == words(theirs, "uz")


async def test_nothing_flows_until_both_sides_have_confirmed(nodes: Nodes) -> None:
    """One confirmation opens one end; the desk says unconfirmed and rooms are refused."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await near.import_card(await far.card())
    await far.import_card(await near.card())
    await near.confirm(far)
    await nodes.seconds(5)
    ingrid = await near.person("Ingrid")

    assert view(near, far).state == "unconfirmed"
    assert not far.engine.lines
    with pytest.raises(PartyUnconfirmed):
        await near.node.rooms.open(ingrid, "Too early", [far.party])
    assert not nodes.network.waiting()


async def test_a_letter_before_the_agreement_is_set_aside(nodes: Nodes) -> None:
    """A node that speaks of rooms before both sides have confirmed is counted, not heard."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await near.import_card(await far.card())
    await far.import_card(await near.card())
    await near.confirm(far)
    await far.confirm(near)
    far.engine.send(near.party, LANE, 16, b"\xa0")

    await deliver_without_hello(nodes, near, far)

    assert reasons(near)["letter.unagreed"] == 1


async def test_an_agreement_survives_a_restart_of_either_side(nodes: Nodes) -> None:
    """Confirmations are rows: after a kill the line comes back without anybody's act."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    await nodes.restart(far, is_killed=True)

    assert view(far, near).state == "up"
    assert view(near, far).state == "up"


async def test_a_cut_line_is_said_to_be_cut_and_comes_back_by_itself(nodes: Nodes) -> None:
    """The desk claims only what is proved."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    nodes.network.cut(near.party, far.party)
    await nodes.settle()
    assert view(near, far).state == "cut"
    assert view(near, far).last_proof_at is None

    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    assert view(near, far).state == "up"


async def test_a_suspended_line_closes_and_both_sides_say_why(nodes: Nodes) -> None:
    """The side that suspends says so; the other learns that the confirmation was withdrawn."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    await near.node.operations.pair_suspend(far.party.text)
    await nodes.seconds(3)

    assert view(near, far).state == "suspended"
    assert far.party not in near.engine.lines
    assert view(far, near).state == "unconfirmed"
    assert not view(far, near).agreement.theirs_confirmed

    await near.node.operations.pair_resume(far.party.text)
    await nodes.settle()
    assert view(near, far).state == "up"
    assert view(far, near).state == "up"


async def test_a_suspension_closes_even_if_the_other_side_cannot_be_told(nodes: Nodes) -> None:
    """The withdrawal has two seconds; a cut line does not keep our end open."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    nodes.network.cut(near.party, far.party)
    await near.node.operations.pair_suspend(far.party.text)

    await nodes.seconds(3)

    assert far.party not in near.engine.lines


async def test_a_removed_party_is_unknown_and_its_line_closed(nodes: Nodes) -> None:
    """Removing is the way to pair anew with another key."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    await near.node.operations.pair_remove(far.party.text)
    await nodes.settle()

    assert near.node.lines.views() == []
    assert not near.engine.lines
    assert view(far, near).state == "cut"


async def test_our_own_card_is_refused(nodes: Nodes) -> None:
    """A node has no line to itself."""
    near = await nodes.add("Harbour")

    with pytest.raises(PartyOurOwn):
        await near.import_card(await near.card())
    assert reasons(near)["party.our_own"] == 1


async def test_another_key_under_a_known_name_is_refused(nodes: Nodes) -> None:
    """Keys do not change behind a name; the operator removes the old one first."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    impostor = await nodes.add("hospital two")
    impostor_card = await impostor.card()
    twin = await renamed(nodes, impostor, "Hospital")

    with pytest.raises(ClaimKeySwapped):
        await near.import_card(twin)
    assert reasons(near)["claim.key_swapped"] == 1
    await near.import_card(impostor_card)


async def test_a_name_that_looks_like_a_known_one_is_refused(nodes: Nodes) -> None:
    """Cyrillic letters, case and spacing do not make another name."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    impostor = await nodes.add("other")
    twin = await renamed(nodes, impostor, "H\u043espit\u0430l")

    with pytest.raises(ClaimName):
        await near.import_card(twin)
    await near.import_card(twin, label="The other one")
    assert view(near, impostor).party.name == "The other one"


async def test_the_name_stays_as_it_was_pinned(nodes: Nodes) -> None:
    """A newer card by the same key changes addresses, not the name people know."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    await near.import_card(await renamed(nodes, far, "Ministry of Everything"))

    assert view(near, far).party.name == "Hospital"


async def test_a_newer_card_arrives_over_the_line(nodes: Nodes) -> None:
    """A party that renews its card need not send it by hand."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    before = view(near, far).card_expires_at
    nodes.clock.advance(86_400 * 600)

    await nodes.restart(far)

    assert view(near, far).card_expires_at > before
    assert view(near, far).state == "up"


async def test_a_newer_card_that_is_imported_moves_the_line(nodes: Nodes) -> None:
    """A party that moved while the line was cut is reached again once its card is here."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    nodes.clock.advance(60)
    settings = far.folder / "parley.toml"
    settings.write_text(settings.read_text().replace("192.0.2.1:7400", "192.0.2.2:7400"))
    nodes.network.cut(near.party, far.party)
    await nodes.restart(far)

    await near.import_card(await far.card())

    assert near.engine.lines[far.party].paths[0].remote == "192.0.2.2:7400"
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    assert view(near, far).state == "up"


async def test_an_expired_card_closes_the_line_until_a_newer_one_is_here(nodes: Nodes) -> None:
    """A card's last day is kept even in the middle of a call."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    nodes.clock.advance(86_400 * 731)

    await nodes.seconds(1)
    assert view(near, far).state == "suspended"
    assert not near.engine.lines
    with pytest.raises(TransitionRefused):
        await near.confirm(far)

    await nodes.restart(near)
    await nodes.restart(far)
    await near.import_card(await far.card())
    await far.import_card(await near.card())
    await nodes.settle()
    assert view(near, far).state == "up"


async def test_an_expired_card_is_not_imported(nodes: Nodes) -> None:
    """It may have been replaced because its key was lost."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    old = await far.card()
    nodes.clock.advance(86_400 * 731)

    with pytest.raises(CardExpired):
        await near.import_card(old)


async def test_a_clock_an_hour_off_is_measured_and_shown(nodes: Nodes) -> None:
    """The line works; the desk says by how much the clocks differ."""
    near = await nodes.add("Harbour")
    far = await nodes.add("Hospital", clock=FakeClock(Instant.from_utc(2026, 11, 1, 13)))
    await nodes.pair(near, far)

    await nodes.seconds(2)

    assert view(near, far).clock_skew_s == pytest.approx(3_600, abs=2)
    assert view(near, far).clock_is_skewed
    assert view(far, near).clock_skew_s == pytest.approx(-3_600, abs=2)
    assert reasons(near)["claim.clock_skewed"] == 1


async def test_equal_clocks_are_not_complained_of(nodes: Nodes) -> None:
    """Zero is a measurement too."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    await nodes.seconds(2)

    assert view(near, far).clock_skew_s == pytest.approx(0, abs=1)
    assert not view(near, far).clock_is_skewed


async def test_malformed_letters_about_the_line_are_set_aside(nodes: Nodes) -> None:
    """Rubbish, an unknown topic and a hello for another pair of keys leave the line up."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    third = await nodes.add("Third")
    await nodes.pair(far, third)
    wrong_pair = write_letter(far.node.lines._hello(third.party))

    for topic, body in ((TOPIC, b""), (TOPIC, b"\xff" * 40), (99, b"?"), (TOPIC, wrong_pair)):
        far.engine.send(near.party, LANE, topic, body)
    await nodes.settle()

    assert reasons(near) == {"letter.malformed": 3, "letter.unknown": 1}
    assert view(near, far).state == "up"
    assert view(near, far).set_aside == 4


async def test_a_withdrawal_of_what_was_not_agreed_changes_nothing(nodes: Nodes) -> None:
    """A repeated withdrawal is harmless."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)

    for _ in range(2):
        far.engine.send(near.party, LANE, TOPIC, write_letter(Withdrawal()))
    await nodes.settle()

    assert near.node.book.get(far.party).state is PairingState.CONFIRMED_HERE


async def test_names_of_hosts_are_looked_up_again_until_they_are_found(nodes: Nodes) -> None:
    """A resolver that fails delays a path; it does not lose it."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    far.resolver.names["line.example:7400"] = "192.0.2.9:7400"
    settings = near.folder / "parley.toml"
    settings.write_text(settings.read_text().replace("192.0.2.1:7400", "line.example:7400"))
    await nodes.restart(near)
    far.resolver.names.clear()
    await nodes.pair(near, far)
    assert far.engine.lines[near.party].paths[0].remote is None

    far.resolver.names["line.example:7400"] = "192.0.2.9:7400"
    await nodes.seconds(31)

    assert far.engine.lines[near.party].paths[0].remote == "192.0.2.9:7400"
    assert view(near, far).state == "up"


def view(ours: NodeUnderTest, theirs: NodeUnderTest) -> LineView:
    """Return how one node shows its line to another."""
    return next(line for line in ours.node.lines.views() if line.party.id == theirs.party.text)


def reasons(node: NodeUnderTest) -> dict[str, int]:
    """Return what a node has set aside."""
    return {count.code: count.count for count in node.node.set_aside.counts()}


async def renamed(nodes: Nodes, node: NodeUnderTest, name: str) -> str:
    """Return the card of a node that calls itself something else a day later."""
    nodes.clock.advance(86_400)
    settings = node.folder / "parley.toml"
    settings.write_text(settings.read_text().replace(f'"{node.name}"', f'"{name}"'))
    await nodes.restart(node)
    return await node.card()


async def deliver_without_hello(nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Deliver what waits before either node can say hello."""
    while nodes.network.step():
        pass
    await near.node.feed.deliver()
    await far.node.feed.deliver()
