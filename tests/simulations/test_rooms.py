"""Rooms across two and three nodes, with and without a direct line."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from parley.errors import PartyUnconfirmed, RoomClosed
from parley.ids import ParticipantId, PartyId, RoomId
from parley.rooms import frames
from parley.rooms.label import Label, sign_label
from parley.rooms.letters import HopFigures, PartyReport, Quality, Statements, write_letter
from parley.rooms.statement import Closing, Opening, hash_of, sign_closing, sign_opening
from parley.rooms.view import RoomView
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in

OFFER = "v=0\r\n"
ALL_ON = (False, False, False)
OPEN = frames.MutedTracks(microphone=False, camera=False, screen=True)


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


async def test_a_room_opened_here_is_known_there(nodes: Nodes) -> None:
    """The other party's desk lists it under the names pinned there, with who opened it."""
    near, far = await two(nodes)

    room = await open_room(nodes, near, far)

    (seen,) = rooms(far)
    assert seen.id == room.text
    assert seen.title == "Line check"
    assert seen.opened_by.party.name == "Harbour"
    assert seen.opened_by.person_name == "Ingrid"
    assert [party.name for party in seen.parties] == [
        party.name for party in rooms(near)[0].parties
    ]
    assert seen.state == "open"


async def test_either_side_may_close_a_room(nodes: Nodes) -> None:
    """There is no host: the far party closes what the near one opened, for both."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)

    await far.node.rooms.close(room)
    await nodes.settle()

    assert rooms(near)[0].state == "closed"
    assert room not in near.engine.rooms
    with pytest.raises(RoomClosed):
        near.node.rooms.require_open(room)


async def test_a_room_closed_during_a_cut_is_closed_there_when_the_line_is_back(
    nodes: Nodes,
) -> None:
    """Closing needs no line; it is handed over with the next letter."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    nodes.network.cut(near.party, far.party)
    await near.node.rooms.close(room)
    await nodes.settle()
    assert rooms(far)[0].state == "open"

    nodes.network.mend(near.party, far.party)
    await nodes.settle()

    assert rooms(far)[0].state == "closed"


async def test_rooms_survive_a_kill_on_either_side(nodes: Nodes) -> None:
    """Rooms are rows; the engine is given them again at the start."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)

    for each in (near, far):
        await nodes.restart(each, is_killed=True)
        assert rooms(each)[0].id == room.text
        assert room in each.engine.rooms
    assert far.party in near.engine.rooms[room].attached


async def test_a_room_reaches_a_party_without_a_direct_line(nodes: Nodes) -> None:
    """Harbour and Clinic have never exchanged cards; Hospital opens a room for all three."""
    near, middle, far = await chain(nodes)
    room = await open_room(nodes, middle, near, far)

    assert [view.id for view in rooms(far)] == [room.text]
    assert rooms(far)[0].opened_by.party.name == "Hospital"
    ours, _ = await sit(near, room, "Ingrid")
    theirs, _ = await sit(far, room, "Malika")
    await nodes.settle()

    names = {view.name: view for view in far.node.rooms.rosters.of(room)}
    assert set(names) == {"Ingrid", "Malika"}
    assert names["Ingrid"].route == (near.party.text, middle.party.text)
    assert names["Ingrid"].party.name == "Harbour"
    assert {ours.text, theirs.text} == {view.id for view in near.node.rooms.rosters.of(room)}


async def test_a_room_for_a_party_without_a_line_of_ours_cannot_be_opened(nodes: Nodes) -> None:
    """Whoever opens a room must have confirmed everybody in it."""
    near, _, far = await chain(nodes)

    with pytest.raises(PartyUnconfirmed):
        await near.node.rooms.open(await near.person("Ingrid"), "Line check", [far.party])


async def test_a_close_in_a_chain_reaches_everybody(nodes: Nodes) -> None:
    """The last in the chain closes; the first hears of it through the middle."""
    near, middle, far = await chain(nodes)
    room = await open_room(nodes, middle, near, far)

    await far.node.rooms.close(room)
    await nodes.settle()

    assert {rooms(each)[0].state for each in (near, middle, far)} == {"closed"}


async def test_two_people_see_each_other_in_the_roster(nodes: Nodes) -> None:
    """Each page is told of both, with their own parties, itself marked."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    _, here = await sit(near, room, "Ingrid")
    _, there = await sit(far, room, "Dilnoza")
    await nodes.settle()

    for told, own in ((here, "Ingrid"), (there, "Dilnoza")):
        roster = last(told, frames.Roster)
        assert {view.name for view in roster.participants} == {"Ingrid", "Dilnoza"}
        assert [view.name for view in roster.participants if view.is_self] == [own]
        assert [view.name for view in roster.participants if view.is_local] == [own]


async def test_a_second_page_of_the_same_person_replaces_the_first(nodes: Nodes) -> None:
    """The first page is told so and does not come back by itself."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    first, one = await sit(near, room, "Ingrid")

    second, two_ = await sit(near, room, "Ingrid")
    await nodes.settle()

    assert isinstance(one[-1], frames.Replaced)
    assert second != first
    assert {view.id for view in near.node.rooms.rosters.of(room)} == {second.text}
    assert last(two_, frames.Joined).participant_id == second.text


async def test_a_replaced_page_that_tries_to_resume_is_told_again(nodes: Nodes) -> None:
    """The person's last act wins; an old tab waking up does not throw the new one out."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    first, _ = await sit(near, room, "Ingrid")
    second, _ = await sit(near, room, "Ingrid")
    told: list[frames.RoomFrame] = []

    join(near, room, await near.person("Ingrid"), told, resume=first.text)
    await nodes.settle()

    assert told == [frames.Replaced()]
    assert {view.id for view in near.node.rooms.rosters.of(room)} == {second.text}


async def test_a_page_that_lost_its_socket_resumes_its_place(nodes: Nodes) -> None:
    """Same participant, new offer: the others see no leaving and joining."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    person = await near.person("Ingrid")
    first, told = await sit(near, room, "Ingrid")
    near.node.seats.page_lost(room, person, sink_of(told))
    await nodes.seconds(5)

    again: list[frames.RoomFrame] = []
    join(near, room, person, again, resume=first.text)
    await nodes.settle()

    assert last(again, frames.Joined).participant_id == first.text
    assert [view.id for view in far.node.rooms.rosters.of(room)] == [first.text]


async def test_a_place_nobody_comes_back_to_is_given_up(nodes: Nodes) -> None:
    """After the time the settings allow, the others see the person leave."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    person = await near.person("Ingrid")
    _, told = await sit(near, room, "Ingrid")
    near.node.seats.page_lost(room, person, sink_of(told))

    await nodes.seconds(near.node.settings.rooms.absence_s + 2)

    assert near.node.rooms.rosters.of(room) == ()
    assert far.node.rooms.rosters.of(room) == ()


async def test_a_page_may_not_resume_somebody_elses_place(nodes: Nodes) -> None:
    """Naming another's participant gives a fresh place, not theirs."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    first, _ = await sit(near, room, "Ingrid")
    told: list[frames.RoomFrame] = []

    join(near, room, await near.person("Mallory"), told, resume=first.text)
    await nodes.settle()

    assert last(told, frames.Joined).participant_id != first.text
    assert len(near.node.rooms.rosters.of(room)) == 2


async def test_media_that_falls_silent_makes_the_page_join_again(nodes: Nodes) -> None:
    """The engine drops a silent device; its page is told and offers again."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    first, told = await sit(near, room, "Ingrid")

    near.engine.drop(first, "silent")
    await nodes.settle()
    assert told[-1] == frames.Ended("fault")

    again: list[frames.RoomFrame] = []
    join(near, room, await near.person("Ingrid"), again, resume=first.text)
    await nodes.settle()
    assert last(again, frames.Joined).participant_id == first.text


async def test_a_room_the_engine_lost_is_opened_again(nodes: Nodes) -> None:
    """Pages are told to join again, and they can."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    _, told = await sit(near, room, "Ingrid")

    near.engine.lose_room(room)
    await nodes.settle()

    assert told[-1] == frames.Ended("fault")
    await sit(near, room, "Ingrid")
    await nodes.settle()
    assert [view.name for view in far.node.rooms.rosters.of(room)] == ["Ingrid"]


async def test_a_refused_offer_is_told_and_the_place_is_free(nodes: Nodes) -> None:
    """A page that offers what cannot be answered hears why and may try again."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    near.engine.refuse_offer = "media.codec"
    told: list[frames.RoomFrame] = []
    join(near, room, await near.person("Ingrid"), told)
    await nodes.settle()
    assert told[-1] == frames.Refused("room.offer_refused", {"reason": "media.codec"})

    near.engine.refuse_offer = None
    await sit(near, room, "Ingrid")
    await nodes.settle()
    assert len(near.node.rooms.rosters.of(room)) == 1


async def test_leaving_is_final_and_told(nodes: Nodes) -> None:
    """The page is told, the others see it, and further frames are refused."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    person = await near.person("Ingrid")
    _, told = await sit(near, room, "Ingrid")

    near.node.seats.take(room, person, sink_of(told), frames.Leave())
    await nodes.settle()

    assert told[-1] == frames.Ended("left")
    assert far.node.rooms.rosters.of(room) == ()


async def test_a_participant_with_a_forged_label_is_not_shown(nodes: Nodes) -> None:
    """A node in the middle cannot put a person of another party into the room."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    await sit(near, room, "Ingrid")
    forged = ParticipantId.new()
    stolen = Label(room, forged, near.node.key.public, "Ingrid")
    far.engine.join(room, forged, sign_label(stolen, far.node.key), OFFER, ALL_ON)
    await nodes.settle()

    assert [view.name for view in near.node.rooms.rosters.of(room)] == ["Ingrid"]
    assert reasons(near)["room.label_forged"] >= 1


async def test_who_is_refused_is_set_aside_in_the_relay_and_not_passed_on(nodes: Nodes) -> None:
    """The node in the middle neither plays a forged participant nor offers them to the next."""
    near, middle, far = await chain(nodes)
    room = await open_room(nodes, middle, near, far)
    forged, honest = ParticipantId.new(), ParticipantId.new()
    stolen = sign_label(Label(room, forged, middle.node.key.public, "Malika"), near.node.key)
    theirs = sign_label(Label(room, honest, near.node.key.public, "Ingrid"), near.node.key)
    near.engine.join(room, forged, stolen, OFFER, ALL_ON)
    near.engine.join(room, honest, theirs, OFFER, ALL_ON)
    await nodes.settle()

    assert middle.engine.rooms[room].aside == {(bytes(forged), stolen)}
    assert [view.name for view in middle.node.rooms.rosters.of(room)] == ["Ingrid"]
    assert [view.name for view in far.node.rooms.rosters.of(room)] == ["Ingrid"]


async def test_who_comes_under_a_label_that_holds_is_in_the_room_again(nodes: Nodes) -> None:
    """What was set aside is a label, not a person for ever."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    person = ParticipantId.new()
    claimed = Label(room, person, far.node.key.public, "Dilnoza")
    far.engine.join(room, person, sign_label(claimed, near.node.key), OFFER, ALL_ON)
    await nodes.settle()
    assert near.node.rooms.rosters.of(room) == ()

    far.engine.join(room, person, sign_label(claimed, far.node.key), OFFER, ALL_ON)
    await nodes.settle()

    assert [view.name for view in near.node.rooms.rosters.of(room)] == ["Dilnoza"]


async def test_a_label_cannot_be_moved_to_another_room_or_participant(nodes: Nodes) -> None:
    """The signature covers both."""
    near, far = await two(nodes)
    first = await open_room(nodes, near, far)
    second = await open_room(nodes, near, far, title="Another")
    mine = ParticipantId.new()
    label = sign_label(Label(first, mine, far.node.key.public, "Dilnoza"), far.node.key)

    far.engine.join(second, mine, label, OFFER, ALL_ON)
    far.engine.join(first, ParticipantId.new(), label, OFFER, ALL_ON)
    await nodes.settle()

    assert near.node.rooms.rosters.of(second) == ()
    assert near.node.rooms.rosters.of(first) == ()


async def test_statements_that_do_not_hold_are_set_aside_one_by_one(nodes: Nodes) -> None:
    """Each bad room of a letter is counted by what is wrong; the good one in it stands."""
    near, far = await two(nodes)
    third = await nodes.add("Clinic")
    good = opening_of(far, near, far)
    bodies = [
        (b"rubbish", None),
        (sign_opening(opening_of(third, near, far, third), far.node.key), None),
        (sign_opening(opening_of(far, near, third), far.node.key), None),
        (sign_opening(opening_of(third, third, far), third.node.key), None),
        (sign_opening(good, far.node.key), None),
    ]

    far.engine.send(near.party, 2, 16, write_letter(Statements(tuple(bodies))))
    await nodes.settle()

    assert [view.id for view in rooms(near)] == [good.room.text]
    assert reasons(near) == {"letter.malformed": 1, "room.forged": 1, "room.not_theirs": 2}


async def test_a_second_opening_of_a_known_room_is_set_aside(nodes: Nodes) -> None:
    """A room's title and parties cannot be changed behind people's backs."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    changed = opening_of(far, near, far, room=room, title="Something else")

    far.engine.send(near.party, 2, 16, statements(sign_opening(changed, far.node.key)))
    await nodes.settle()

    assert rooms(near)[0].title == "Line check"
    assert reasons(near) == {"room.conflict": 1}


async def test_a_closing_by_a_stranger_or_for_another_opening_is_set_aside(nodes: Nodes) -> None:
    """Only a listed party closes a room, and only the room it saw."""
    near, far = await two(nodes)
    third = await nodes.add("Clinic")
    room = await open_room(nodes, near, far)
    opening = near.node.rooms.open_rooms()[0].opening_bytes
    now = nodes.clock.now()
    by_stranger = sign_closing(
        Closing(room, third.node.key.public, now, hash_of(opening)), third.node.key
    )
    other_room = sign_closing(
        Closing(room, far.node.key.public, now, hash_of(b"another")), far.node.key
    )
    unsigned = sign_closing(
        Closing(room, near.node.key.public, now, hash_of(opening)), far.node.key
    )

    for closing in (by_stranger, other_room, unsigned):
        far.engine.send(near.party, 2, 16, statements(opening, closing))
    await nodes.settle()

    assert rooms(near)[0].state == "open"
    assert reasons(near) == {"room.not_theirs": 1, "room.forged": 2}


async def test_an_unknown_party_under_a_known_name_spoils_the_room(nodes: Nodes) -> None:
    """In a room, too, nobody goes by a name that belongs to another here."""
    near, far = await two(nodes)
    stranger = PartyId.new()
    opening = opening_of(far, near, far, extra=((stranger, "Harbour"),))

    far.engine.send(near.party, 2, 16, statements(sign_opening(opening, far.node.key)))
    await nodes.settle()

    assert rooms(near) == []
    assert reasons(near) == {"claim.name": 1}


async def test_a_party_that_announces_without_end_is_bounded(nodes: Nodes) -> None:
    """Its rooms beyond the limit are set aside; ours can still be opened."""
    near, far = await two(nodes)
    limit = near.node.settings.rooms.open_max
    for _ in range(limit + 3):
        opening = sign_opening(opening_of(far, near, far), far.node.key)
        far.engine.send(near.party, 2, 16, statements(opening))
    await nodes.settle()

    assert len(rooms(near)) == limit
    assert reasons(near) == {"room.flooded": 3}


async def test_quality_crosses_the_line_and_says_who_suffers(nodes: Nodes) -> None:
    """Each page sees five hops; the far two by the far node's own report."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    _, told = await sit(near, room, "Ingrid")
    there, seen = await sit(far, room, "Dilnoza")
    await nodes.settle()
    report = frames.Report(rtt_ms=300.0, loss_in=0.2)
    far.node.seats.take(room, await far.person("Dilnoza"), sink_of(seen), report)

    await nodes.seconds(6)

    hops = last(told, frames.Quality).hops
    assert hops.my_device.level == "good"
    assert hops.my_node.level == "good"
    assert [(hop.party_id, hop.level) for hop in hops.line] == [(far.party.text, "good")]
    assert hops.their_node.level == "good"
    assert [(hop.participant_id, hop.level) for hop in hops.their_devices] == [(there.text, "poor")]
    assert hops.their_device.level == "poor"


async def test_quality_of_a_party_without_a_line_is_passed_on(nodes: Nodes) -> None:
    """The middle node tells each end how the other does, with the age of what it tells."""
    near, middle, far = await chain(nodes)
    room = await open_room(nodes, middle, near, far)
    _, told = await sit(near, room, "Ingrid")
    await sit(far, room, "Malika")
    await nodes.settle()

    await nodes.seconds(8)

    hops = last(told, frames.Quality).hops
    assert [hop.party_id for hop in hops.line] == [middle.party.text]
    assert [(hop.party_id, hop.level) for hop in hops.their_nodes] == [(far.party.text, "good")]


async def test_a_cut_line_is_said_to_be_cut_to_every_page(nodes: Nodes) -> None:
    """And the far hops become unknown rather than stay as they were."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    _, told = await sit(near, room, "Ingrid")
    await sit(far, room, "Dilnoza")
    await nodes.seconds(4)

    nodes.network.cut(near.party, far.party)
    await nodes.seconds(10)

    hops = last(told, frames.Quality).hops
    assert hops.line[0].level == "cut"
    assert hops.their_node.level == "unknown"


async def test_undelivered_reports_do_not_pile_up(nodes: Nodes) -> None:
    """Ten minutes of a cut leave one letter of each kind, not hundreds."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    await sit(near, room, "Ingrid")
    nodes.network.cut(near.party, far.party)

    await nodes.seconds(60)

    assert nodes.network.waiting() <= 3


async def test_reports_about_rooms_of_others_are_set_aside(nodes: Nodes) -> None:
    """A party may not speak about a room it is not in, nor about us."""
    near, far = await two(nodes)
    third = await nodes.add("Clinic")
    await nodes.pair(near, third)
    room = await open_room(nodes, near, far)
    figures = HopFigures(1, 0, None)
    about_others = Quality((PartyReport(room, third.party, 0, figures, ()),))
    about_us = Quality((PartyReport(room, near.party, 0, figures, ()),))

    third.engine.send(near.party, 2, 16, write_letter(about_others))
    far.engine.send(near.party, 2, 16, write_letter(about_us))
    await nodes.settle()

    assert reasons(near) == {"room.not_theirs": 2}


async def test_closed_rooms_leave_the_desk_after_a_day_and_do_not_come_back(nodes: Nodes) -> None:
    """A late statement about a room closed long ago opens nothing again."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    opening = near.node.rooms.open_rooms()[0].opening_bytes
    await near.node.rooms.close(room)
    await nodes.settle()
    nodes.clock.advance(86_400 + 10)
    await nodes.seconds(1)
    assert rooms(near) == []

    far.engine.send(near.party, 2, 16, statements(opening))
    await nodes.settle()

    assert rooms(near) == []


async def test_a_suspended_line_carries_no_room(nodes: Nodes) -> None:
    """The engine is told to let go of it, and to take it up again."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)

    await near.node.operations.pair_suspend(far.party.text)
    await nodes.seconds(3)
    assert near.engine.rooms[room].attached == set()

    await near.node.operations.pair_resume(far.party.text)
    await nodes.settle()
    assert near.engine.rooms[room].attached == {far.party}


async def test_no_name_or_address_reaches_the_log_of_a_whole_run(
    nodes: Nodes, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parties, people, titles and addresses stay out of every line above debug."""
    from parley.telemetry import configure  # noqa: PLC0415  replaces the root handler: here alone

    root = logging.getLogger()
    before = list(root.handlers)
    configure("info")
    try:
        await a_whole_run(nodes)
    finally:
        root.handlers = before
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]

    assert len(lines) > 20
    for private in ("Harbour", "Hospital", "Ingrid", "Dilnoza", "Line check", "192.0.2.1"):
        assert private not in written


async def a_whole_run(nodes: Nodes) -> None:
    """Pair, open, join, be refused, be cut, restart, leave."""
    near, far = await two(nodes)
    room = await open_room(nodes, near, far)
    _, told = await sit(near, room, "Ingrid")
    await sit(far, room, "Dilnoza")
    far.engine.send(near.party, 2, 16, b"Dilnoza")
    await nodes.seconds(5)
    nodes.network.cut(near.party, far.party)
    await nodes.seconds(2)
    nodes.network.mend(near.party, far.party)
    await nodes.settle()
    near.engine.refuse_offer = "media.offer"
    join(near, room, await near.person("Ingrid"), told)
    await nodes.settle()
    await nodes.restart(far)
    browser = await near.browser("Ingrid")
    await browser.get("/api/rooms/Ingrid/close")
    await near.node.rooms.close(room)
    await nodes.settle()


async def two(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest]:
    """Return two paired nodes."""
    near, far = await nodes.add("Harbour"), await nodes.add("Hospital")
    await nodes.pair(near, far)
    return near, far


async def chain(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, NodeUnderTest]:
    """Return three nodes: the outer two have never exchanged cards."""
    near, middle, far = [await nodes.add(name) for name in ("Harbour", "Hospital", "Clinic")]
    await nodes.pair(near, middle)
    await nodes.pair(middle, far)
    return near, middle, far


async def open_room(
    nodes: Nodes, opener: NodeUnderTest, *others: NodeUnderTest, title: str = "Line check"
) -> RoomId:
    """Open a room in Ingrid's name and let everybody hear of it."""
    person = await opener.person("Ingrid")
    room = await opener.node.rooms.open(person, title, [other.party for other in others])
    await nodes.settle()
    return room.id


async def sit(
    node: NodeUnderTest, room: RoomId, name: str
) -> tuple[ParticipantId, list[frames.RoomFrame]]:
    """Put a person into a room; return their participant and what their page is told."""
    told: list[frames.RoomFrame] = []
    join(node, room, await node.person(name), told)
    await node.nodes.settle()
    return ParticipantId.parse(last(told, frames.Joined).participant_id), told


_sinks: dict[int, Any] = {}


def sink_of(told: list[frames.RoomFrame]) -> Any:  # noqa: ANN401  a Sink
    """Return the one sink that fills a list: a page is known by its sink."""
    return _sinks.setdefault(id(told), told.append)


def join(
    node: NodeUnderTest,
    room: RoomId,
    person: Any,  # noqa: ANN401  a Person
    told: list[frames.RoomFrame],
    resume: str | None = None,
) -> None:
    """Let a page offer."""
    node.node.seats.take(room, person, sink_of(told), frames.Join(OFFER, OPEN, resume))


def last(told: list[frames.RoomFrame], kind: type[Any]) -> Any:  # noqa: ANN401  of that kind
    """Return the last frame of one kind."""
    return next(frame for frame in reversed(told) if isinstance(frame, kind))


def rooms(node: NodeUnderTest) -> list[RoomView]:
    """Return the rooms a desk shows."""
    return node.node.rooms.views()


def reasons(node: NodeUnderTest) -> dict[str, int]:
    """Return what a node has set aside, by reason."""
    found: dict[str, int] = {}
    for count in node.node.set_aside.counts():
        found[count.code] = found.get(count.code, 0) + count.count
    return found


def opening_of(
    opener: NodeUnderTest,
    *members: NodeUnderTest,
    room: RoomId | None = None,
    title: str = "Line check",
    extra: tuple[tuple[PartyId, str], ...] = (),
) -> Opening:
    """Return an opening as a node would make it, for any members."""
    parties = [(each.party, each.name) for each in members]
    return Opening(
        room or RoomId.new(),
        title,
        opener.node.key.public,
        "Somebody",
        opener.clock.now(),
        tuple(sorted([*parties, *extra])),
    )


def statements(opening: bytes, closing: bytes | None = None) -> bytes:
    """Return a letter that hands one room over."""
    return write_letter(Statements(((opening, closing),)))
