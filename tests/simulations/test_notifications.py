"""Two whole nodes exchange notifications and call requests, through cuts, restarts and poison."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley import verify
from parley.clock import milliseconds
from parley.crisis.calls.bodies import (
    CallAnswer,
    CallAnswerKind,
    CallAsked,
    CallMode,
    Interpreter,
)
from parley.crisis.calls.identity_code import DeviceKey, commitment_of
from parley.crisis.notifications.bodies import (
    NotificationSaid,
    NotificationWords,
    notification_body,
    type_body,
    words_body,
)
from parley.crisis.notifications.form import JsonMap, write_form
from parley.crisis.notifications.starter import starter_type
from parley.crisis.offices import Capacity
from parley.crisis.papers import repository, tables
from parley.crisis.papers.call_view import CallView
from parley.crisis.papers.notification_view import NotificationView
from parley.errors import (
    ActRefused,
    CallAnswerRefused,
    FormRefused,
    NotificationNotReady,
    NotificationTypeUnusable,
    NotificationUnknown,
)
from parley.identity.person import Person
from parley.ids import DraftId, SpaceId, ThreadId
from parley.record.entry import body_hash, read_entry
from parley.record.handover import export_space
from parley.record.keeping import EntryDraft
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.line_terms import DEFAULT_LIMITS, LineTerms
from parley.storage import deadlines
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.signing import append_signed, assertion_of, enrolment_of, new_passkey
from parley.testing.terms import agree_terms

NO = NotificationWords("Not needed.", Capacity.RELEASER)
DAY_S = 86_400


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


@pytest.fixture
async def pair(nodes: Nodes) -> tuple[NodeUnderTest, NodeUnderTest, SpaceId]:
    """Give a test two nodes with a line, and the launch type agreed on."""
    near = await nodes.add("Harbour")
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    space = SpaceId.of_pair(near.party, far.party)
    await agreed(nodes, near, far, "launch-or-test")
    return near, far, space


async def test_a_notification_is_the_same_on_both_sides_and_late_by_the_receipt(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """Written while the line is cut: what counts is when the other node had it."""
    near, far, space = pair
    nodes.network.cut(near.party, far.party)
    sent = await send(near, space, launch(nodes, begins_h=73))
    assert (sent.state, sent.late, sent.provided_at) == ("sent", None, None)
    assert sent.number == "Harbour/launch-or-test/2026/1"
    await idle(nodes, 4 * 3_600 + 12 * 60)

    nodes.network.mend(near.party, far.party)
    await nodes.seconds(5)

    ours, theirs = await both(near, far, sent)
    assert ours == theirs
    assert ours.state == "provided"
    assert ours.late is not None
    assert ours.late.startswith("03:1")
    assert (ours.findings, ours.breaches) == ((), ())
    await idle(nodes, 70 * 3_600)
    assert [each.state for each in await both(near, far, sent)] == ["effective"] * 2


async def test_drafts_are_checked_verified_by_another_and_numbered_without_a_gap(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """Who wrote it cannot vouch for it; what changed is vouched for anew; twice is refused."""
    near, far, space = pair
    desk = near.node.notifications
    first, second = await near.person("Ingrid"), await near.person("Oleg")
    kind = await type_hash(near, space, "launch-or-test")
    wrong = launch(nodes, begins_h=100, kind="party")
    draft = DraftId.parse((await desk.begin(space, kind, write_form(wrong), first)).id)
    checked = await desk.check(draft)
    assert (checked.state, checked.findings[0].field) == ("draft", "/kind")
    with pytest.raises(NotificationNotReady):
        await desk.verify(draft, second)
    form = write_form(launch(nodes, begins_h=100))
    await desk.change(draft, form, first)
    assert (await desk.check(draft)).state == "checked"
    with pytest.raises(ActRefused):
        await desk.verify(draft, first)
    assert (await desk.verify(draft, second)).state == "verified"
    assert (await desk.change(draft, form, second)).state == "draft"
    await desk.check(draft)
    await desk.verify(draft, first)
    sent = await send_draft(near, draft, second)
    with pytest.raises(NotificationNotReady):
        await send_draft(near, draft, second)
    again = DraftId.parse((await desk.begin(space, kind, form, first)).id)
    assert [each.reason for each in (await desk.check(again)).findings] == ["double"]
    await desk.discard(again)
    assert await desk.drafts() == ()
    others = [await send(near, space, launch(nodes, begins_h=101 + n)) for n in range(3)]
    await nodes.seconds(3)
    names = [each.number.rpartition("/")[2] for each in (sent, *others)]
    assert names == ["1", "2", "3", "4"]
    assert await far.node.notifications.numbers() == ()


async def test_exercises_have_numbers_of_their_own_and_leave_the_real_ones_whole(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """The same form may be drilled and then meant; both sides count alike, rebuilt rows too."""
    near, far, space = pair
    form = launch(nodes, begins_h=100)
    drilled = await send(near, space, form, is_exercise=True)
    real = await send(near, space, form)
    corrected = await send(
        near, space, launch(nodes, begins_h=101), corrects=bytes.fromhex(drilled.hash)
    )
    again = await send(near, space, launch(nodes, begins_h=102))
    await nodes.seconds(3)
    names = [each.number.rpartition("/")[2] for each in (drilled, real, corrected, again)]
    assert names == ["E1", "1", "E2", "2"]
    ours, theirs = await both(near, far, drilled)
    assert ours == theirs
    assert (theirs.is_exercise, theirs.state, theirs.breaches) == (True, "corrected", ())
    for node in (near, far):
        assert await node.node.notifications.numbers() == ()
        before = await everything(node, space)
        await node.node.database.write(repository.rebuild)
        assert await everything(node, space) == before


async def test_a_restart_between_any_two_steps_loses_and_doubles_nothing(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """Each notification is received once, at the instant it came, whoever dies when."""
    near, far, space = pair
    sent = []
    for number in range(6):
        sent.append(await send(near, space, launch(nodes, begins_h=100 + number)))
        await nodes.settle_letters(number)
        await nodes.restart((near, far)[number % 2], is_killed=True)
    await nodes.settle()
    await nodes.seconds(5)
    for each in sent:
        ours, theirs = await both(near, far, each)
        assert ours == theirs
        assert ours.state == "provided"
    receipts = await count_entries(near, space, Kind.RECEIPT)
    assert receipts == len(sent)
    assert await near.node.notifications.numbers() == ()
    assert (await verified(near, space))["findings"] == []


async def test_queries_corrections_and_cancellations_come_to_the_same_on_both_sides(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """Asked across, answered late, corrected, cancelled."""
    near, far, space = pair
    sent = await send(near, space, launch(nodes, begins_h=100))
    await nodes.seconds(3)
    digest = bytes.fromhex(sent.hash)
    oleg, maria = await near.person("Oleg"), await far.person("Maria")
    with pytest.raises(NotificationUnknown):
        await near.node.notifications.query(digest, "Why?", oleg, Capacity.RELEASER)
    with pytest.raises(NotificationUnknown):
        await end(far, digest, Kind.CANCELLATION, maria)
    office = Capacity.DUTY_OFFICER
    asked = await far.node.notifications.query(digest, "Which azimuth?", maria, office)
    await idle(nodes, 13 * 3_600)
    assert [each.queries[0].state for each in await both(near, far, sent)] == ["overdue"] * 2
    query = bytes.fromhex(asked.queries[0].hash)
    answered = await near.node.notifications.prepare_clarification(
        digest, query, "90 degrees.", oleg.actor
    )
    await append_signed(near, oleg, answered)
    corrected = await send(near, space, launch(nodes, begins_h=99), corrects=digest)
    await nodes.seconds(3)
    ours, theirs = await both(near, far, sent)
    assert ours == theirs
    assert (ours.state, ours.ended_by) == ("corrected", corrected.hash)
    (query_shown,) = ours.queries
    assert query_shown.answers[0].words == "90 degrees."
    offices = (ours.capacity, query_shown.capacity, query_shown.answers[0].capacity, ours.ended_as)
    assert offices == ("duty_officer", "duty_officer", "releaser", "duty_officer")
    with pytest.raises(NotificationNotReady):
        await end(near, digest, Kind.CONCLUSION, oleg)
    other = bytes.fromhex(corrected.hash)
    await end(near, other, Kind.CANCELLATION, oleg)
    await nodes.seconds(3)
    assert {each.state for each in await both(near, far, corrected)} == {"cancelled"}


async def test_gaps_doubles_and_poison_are_named_and_never_block_the_next(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """A hostile node appends by hand what no service would."""
    near, far, space = pair
    kind = await type_hash(near, space, "launch-or-test")
    actor = (await near.person("Ingrid")).actor

    async def hostile(number: int, **changes: object) -> bytes:
        said = NotificationSaid(
            type_hash=kind,
            type_id="launch-or-test",
            type_version=1,
            year=2026,
            number=number,
            form=cast("bytes", changes.get("form", b"{}")),
            drafter=actor,
            verifier=actor,
        )
        body = notification_body(said)
        thread = ThreadId.new()
        made = await near.node.record.append(
            space, Kind.NOTIFICATION, body, actor=actor, thread=thread
        )
        return made.hash

    three, again = await hostile(3), await hostile(3, form=b'{"a":NaN}')
    for kinds in (Kind.NOTIFICATION, Kind.NOTIFICATION_TYPE, Kind.CALL_REQUEST, Kind.QUERY):
        for poison in (b"\xff", words_body("\u202e"), type_body(b"{" * 999)):
            await near.node.record.append(space, kinds, poison, actor=actor, refs=(three,))
    await nodes.seconds(3)
    after = await send(near, space, launch(nodes, begins_h=100))
    await nodes.seconds(3)

    faults = await far.node.notifications.numbers()
    assert faults == await near.node.notifications.numbers()
    assert [(each.number, each.fault) for each in faults] == [
        (1, "gap"),
        (2, "gap"),
        (3, "double"),
    ]
    assert set(faults[2].hashes) == {three.hex(), again.hex()}
    assert after.number.endswith("/4")
    shown = await far.node.notifications.notification(again)
    assert {name for name, _ in shown.breaches} == {"one_person", "form_unreadable", "unsigned"}
    assert (await both(near, far, after))[1].state == "provided"
    assert await far.node.notifications.types(space) == await near.node.notifications.types(space)
    assert await far.node.calls.calls() == ()


async def test_a_type_counts_only_once_both_have_agreed_to_the_same_bytes(nodes: Nodes) -> None:
    """Each side may propose; one signature is none."""
    near = await nodes.add("Harbour")
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    space = SpaceId.of_pair(near.party, far.party)
    ingrid, maria = await near.person("Ingrid"), await far.person("Maria")
    encoded = starter_type("border-closure")
    proposed = await near.node.notifications.propose_type(space, encoded, ingrid)
    kind = bytes.fromhex(proposed.hash)
    await agree_to_type(near, space, kind, ingrid)
    with pytest.raises(NotificationTypeUnusable):
        await near.node.notifications.begin(space, kind, b"{}", ingrid)
    # The other side proposes the same itself: the same bytes, the same hash.
    await far.node.notifications.propose_type(space, encoded, maria)
    await nodes.seconds(2)
    # What no passkey signed agrees to nothing.
    theirs = await far.node.notifications.type_agreement(space, kind, maria.actor)
    await far.node.record.append_draft(space, theirs)
    await nodes.seconds(2)
    assert not (await near.node.notifications.types(space))[0].is_usable
    await agree_to_type(far, space, kind, maria)
    await nodes.seconds(2)
    for node in (near, far):
        (shown,) = await node.node.notifications.types(space)
        assert shown.is_usable
        assert len(shown.agreed_by) == 2
    assert (await near.node.notifications.begin(space, kind, b"{}", ingrid)).state == "draft"
    with pytest.raises(FormRefused):
        await near.node.notifications.begin(space, kind, b'{"a": 1, "a": 2}', ingrid)


async def test_a_periodic_type_raises_one_reminder_a_year_on_each_side(nodes: Nodes) -> None:
    """The line every 1 January, a fortnight before, whoever sleeps through it."""
    near = await nodes.add("Harbour")
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    space = await agreed(nodes, near, far, "annual-list")
    assert await near.node.notifications.reminders() == ()
    await far.stop()
    nodes.clock.set_wall(Instant.from_utc(2026, 12, 18, 0, 0, 1))
    await near.node.beat(0.0)
    nodes.clock.set_wall(Instant.from_utc(2026, 12, 20))
    await far.start()
    await nodes.seconds(5)
    for node in (near, far):
        (due,) = await node.node.notifications.reminders()
        assert (due.year, due.due_at, due.is_met) == (2027, "2027-01-01T00:00:00Z", False)
    form: JsonMap = {
        "year": 2027,
        "due_at": "2027-01-01T00:00:00Z",
        "items": [{"subject": "Contacts", "text": "Unchanged."}],
    }
    sent = await send(near, space, form, type_id="annual-list")
    await nodes.seconds(3)
    assert [each.is_met for each in await near.node.notifications.reminders()] == [True]
    assert [each.is_met for each in await far.node.notifications.reminders()] == [False]
    assert (await both(near, far, sent))[0].late == "00:00"


async def test_what_follows_from_the_record_can_be_made_anew_from_it(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """The rows thrown away, everything shown is as before."""
    near, far, space = pair
    sent = await send(near, space, launch(nodes, begins_h=100))
    await ask(nodes, near, space)
    await nodes.seconds(3)
    for node in (near, far):
        before = await everything(node, space)
        assert await node.node.database.write(repository.rebuild) > 0
        assert await everything(node, space) == before
    assert (await send(near, space, launch(nodes, begins_h=101))).number.endswith("/2")
    assert sent.number.endswith("/1")


async def test_a_call_is_asked_for_agreed_on_and_begun_with_the_same_code_on_both_sides(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """The whole way, the line cut in the middle; each end has its own clock."""
    near, far, space = pair
    oleg, maria = await near.person("Oleg"), await far.person("Maria")
    request = bytes.fromhex((await ask(nodes, near, space)).hash)
    with pytest.raises(CallAnswerRefused):
        await answer(near, request, CallAnswer(kind=CallAnswerKind.DECLINE), oleg)
    await nodes.seconds(3)
    now_ms = milliseconds(nodes.clock.now())
    hold = CallAnswer(kind=CallAnswerKind.DECIDING, until_ms=now_ms + 3_600_000)
    await answer(far, request, hold, maria)
    await nodes.seconds(1)
    nodes.network.cut(near.party, far.party)
    other = CallAnswer(
        kind=CallAnswerKind.OTHER_TIME,
        earliest_ms=now_ms + 20 * 3_600_000,
        latest_ms=now_ms + 22 * 3_600_000,
    )
    await answer(far, request, other, maria)
    assert (await near.node.calls.call(request)).holds_left == 1
    await idle(nodes, 3_600)
    nodes.network.mend(near.party, far.party)
    await nodes.seconds(5)
    offered = await near.node.calls.call(request)
    assert (offered.state, offered.turn) == ("time_offered", near.party.text)
    # An hour on its way: whoever is to answer counts from when it came.
    assert offered.due is not None
    assert offered.due_here is not None
    assert offered.due_here.at > offered.due.at
    accept = CallAnswer(kind=CallAnswerKind.ACCEPT, earliest_ms=now_ms + 21 * 3_600_000)
    await answer(near, request, accept, oleg)
    await nodes.seconds(3)

    near_key, far_key = DeviceKey(b"n" * 91, b"1" * 16), DeviceKey(b"f" * 91, b"2" * 16)
    with pytest.raises(CallAnswerRefused):
        await far.node.calls.show_key(request, far_key, maria)
    await near.node.calls.commit(request, commitment_of(request, near_key), oleg)
    await nodes.seconds(2)
    await far.node.calls.show_key(request, far_key, maria)
    await nodes.seconds(2)
    code = (await near.node.calls.show_key(request, near_key, oleg)).identity.code
    await nodes.seconds(2)
    assert code is not None
    assert (await far.node.calls.call(request)).identity.code == code
    with pytest.raises(CallAnswerRefused):
        await far.node.calls.start(request, "000000" if code != "000000" else "1", maria)
    await near.node.calls.start(request, code, oleg)
    await far.node.calls.start(request, code, maria)
    await nodes.seconds(2)
    assert (await near.node.calls.call(request)).state == "started"
    await far.node.calls.end(request, None, maria)
    await nodes.seconds(2)
    ours, theirs = await near.node.calls.call(request), await far.node.calls.call(request)
    assert ours == theirs
    assert ours.state == "ended"
    assert ours.breaches == ()
    assert await waiting_deadlines(near) == await waiting_deadlines(far) == 0


async def test_what_a_node_says_without_its_persons_passkey_binds_nobody(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """A hostile node answers, withdraws and cancels by itself, or with another entry's signature.

    Each is named at the other end, the limits run on, and what a person then signs counts.
    """
    near, far, space = pair
    maria, oleg = await far.person("Maria"), await near.person("Oleg")
    request = bytes.fromhex((await ask(nodes, near, space)).hash)
    sent = await send(far, space, launch(nodes, begins_h=100))
    await nodes.seconds(3)
    decline = CallAnswer(kind=CallAnswerKind.DECLINE)
    alone = await far.node.calls.prepare_answer(request, decline, maria.actor)
    words = replace(decline, reason="Not now.")
    other = await far.node.calls.prepare_answer(request, words, maria.actor)
    key = new_passkey()
    borrowed = EntryDraft(
        kind=Kind.ASSERTION,
        body=assertion_of(key, other.hash),
        actor=maria.actor,
        refs=(alone.hash,),
    )
    enrolled = EntryDraft(kind=Kind.ENROLMENT, body=enrolment_of(key), actor=maria.actor)
    await far.node.record.append_prepared(alone, lambda _: enrolled, lambda _: borrowed)
    digest = bytes.fromhex(sent.hash)
    ended = await far.node.notifications.prepare_end(digest, Kind.CANCELLATION, NO, maria.actor)
    await far.node.record.append_prepared(ended)
    await nodes.seconds(3)

    for node in (near, far):
        call = await node.node.calls.call(request)
        assert (call.state, call.breaches) == ("asked", (("unsigned", alone.hash.hex()),))
        shown = await node.node.notifications.notification(digest)
        assert (shown.state, shown.breaches) == ("provided", (("unsigned", ended.hash.hex()),))
        assert await waiting_deadlines(node) == 1

    withdrawal = await near.node.calls.prepare_withdrawal(request, None, oleg.actor)
    await near.node.record.append_prepared(withdrawal)
    await answer(far, request, decline, maria)
    await nodes.seconds(3)
    for node in (near, far):
        assert (await node.node.calls.call(request)).state == "declined"
        assert await waiting_deadlines(node) == 0


async def test_an_answer_that_never_comes_is_shown_overdue_at_both_ends(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """48 hours; software cannot make anybody answer. Both dates stand in each party's zone."""
    near, far, space = pair
    asked = await ask(nodes, near, space)
    await nodes.seconds(3)
    request = bytes.fromhex(asked.hash)
    assert set(asked.earliest.by_party) == {near.party.text, far.party.text}
    assert not (await far.node.calls.call(request)).is_overdue
    await idle(nodes, 2 * DAY_S + 10)
    for node in (near, far):
        shown = await node.node.calls.call(request)
        assert (shown.state, shown.is_overdue) == ("asked", True)
    assert await waiting_deadlines(near) == await waiting_deadlines(far) == 0


async def test_what_the_lines_agreement_gives_is_the_longest_that_a_call_may_wait(
    nodes: Nodes, pair: tuple[NodeUnderTest, NodeUnderTest, SpaceId]
) -> None:
    """Both ends count the hours that were in force when the request was made."""
    near, far, space = pair
    before = await ask(nodes, near, space)
    terms = LineTerms(limits=DEFAULT_LIMITS, call_hours=6, clarification_hours=3)
    await agree_terms(nodes, near, far, terms)
    asked = await ask(nodes, far, space)
    await nodes.seconds(2)
    for node in (near, far):
        shown = await node.node.calls.call(bytes.fromhex(asked.hash))
        assert shown.answer_hours == 6
        assert (await node.node.calls.call(bytes.fromhex(before.hash))).answer_hours == 48


async def agreed(nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, type_id: str) -> SpaceId:
    """Let both parties agree to a starter type."""
    space = SpaceId.of_pair(near.party, far.party)
    ingrid, maria = await near.person("Ingrid"), await far.person("Maria")
    found = await near.node.notifications.propose_type(space, starter_type(type_id), ingrid)
    kind = bytes.fromhex(found.hash)
    await nodes.seconds(2)
    for node, person in ((near, ingrid), (far, maria)):
        await agree_to_type(node, space, kind, person)
    await nodes.seconds(2)
    return space


async def agree_to_type(node: NodeUnderTest, space: SpaceId, kind: bytes, by: Person) -> None:
    """Agree to a type for a party, signed."""
    draft = await node.node.notifications.type_agreement(space, kind, by.actor)
    await append_signed(node, by, node.node.record.prepare_draft(space, draft))


async def type_hash(node: NodeUnderTest, space: SpaceId, type_id: str) -> bytes:
    """Return the hash of a type that was agreed on."""
    types = await node.node.notifications.types(space)
    (found,) = [each for each in types if each.id == type_id]
    assert bytes.fromhex(found.hash) == body_hash(type_body(starter_type(type_id)))
    return bytes.fromhex(found.hash)


async def send(
    node: NodeUnderTest,
    space: SpaceId,
    form: JsonMap,
    *,
    type_id: str = "launch-or-test",
    corrects: bytes | None = None,
    is_exercise: bool = False,
) -> NotificationView:
    """Draft, check, verify and send, by two people."""
    desk = node.node.notifications
    first, second = await node.person("Ingrid"), await node.person("Oleg")
    kind = await type_hash(node, space, type_id)
    begun = await desk.begin(
        *(space, kind, write_form(form), first, corrects), is_exercise=is_exercise
    )
    draft = DraftId.parse(begun.id)
    checked = await desk.check(draft)
    assert checked.state == "checked", checked.findings
    await desk.verify(draft, second)
    return await send_draft(node, draft, first)


async def send_draft(node: NodeUnderTest, draft: DraftId, by: Person) -> NotificationView:
    """Send a verified draft, signed."""
    desk = node.node.notifications
    prepared = await desk.prepare_sending(draft, by.actor, Capacity.DUTY_OFFICER)
    async with desk.sending(draft, Capacity.DUTY_OFFICER) as accept:
        sent = await append_signed(node, by, prepared, accept)
    return await desk.notification(sent.hash)


async def end(node: NodeUnderTest, digest: bytes, kind: Kind, by: Person) -> None:
    """Cancel or close a notification, signed."""
    prepared = await node.node.notifications.prepare_end(digest, kind, NO, by.actor)
    await append_signed(node, by, prepared)


async def answer(node: NodeUnderTest, request: bytes, said: CallAnswer, by: Person) -> None:
    """Answer a call request, signed."""
    calls = node.node.calls
    prepared = await calls.prepare_answer(request, said, by.actor)
    await append_signed(node, by, prepared, lambda each: calls.accept_answer(request, each))


async def ask(nodes: Nodes, node: NodeUnderTest, space: SpaceId) -> CallView:
    """Ask for a call within the next day."""
    now_ms = milliseconds(nodes.clock.now())
    asked = CallAsked(
        asker="Minister",
        asked="Minister",
        level="minister",
        subject=None,
        earliest_ms=now_ms,
        latest_ms=now_ms + DAY_S * 1_000,
        mode=CallMode.VIDEO,
        languages=("uz", "ru"),
        interpreter=Interpreter.BOTH,
    )
    oleg = await node.person("Oleg")
    prepared = await node.node.calls.prepare_request(space, asked, oleg.actor)
    appended = await append_signed(node, oleg, prepared)
    return await node.node.calls.call(appended.hash)


def launch(nodes: Nodes, *, begins_h: int, kind: str = "missile_test") -> JsonMap:
    """Return a form of a test that begins so many hours from now."""
    begins = nodes.clock.now().add(hours=begins_h)
    return {
        "kind": kind,
        "notice": "planned",
        "window": {
            "begins": begins.format_iso(unit="second"),
            "ends": begins.add(hours=4).format_iso(unit="second"),
        },
        "areas": [
            {"centre": {"latitude": 41.3, "longitude": 69.2}, "radius": {"value": 4, "unit": "km"}}
        ],
    }


async def both(
    near: NodeUnderTest, far: NodeUnderTest, sent: NotificationView
) -> tuple[NotificationView, NotificationView]:
    """Return a notification as each side shows it."""
    digest = bytes.fromhex(sent.hash)
    return (
        await near.node.notifications.notification(digest),
        await far.node.notifications.notification(digest),
    )


async def everything(node: NodeUnderTest, space: SpaceId) -> str:
    """Return all that a node shows, as one text."""
    desk = node.node.notifications
    shown = [await desk.notifications(), await desk.numbers(), await desk.types(space)]
    return json.dumps([*map(repr, shown), repr(await node.node.calls.calls())])


async def count_entries(node: NodeUnderTest, space: SpaceId, kind: Kind) -> int:
    """Return how many entries of a kind all logs of a space have."""

    def count(connection: sa.Connection) -> int:
        table = tables.entry
        rows = connection.execute(sa.select(table.c.hash, table.c.encoded).distinct()).all()
        entries = [read_entry(bytes(row.encoded)) for row in rows]
        return sum(each.kind == kind and each.space == space for each in entries)

    return await node.node.database.read(count)


async def waiting_deadlines(node: NodeUnderTest) -> int:
    """Return how many limits of entries still run."""
    found = await node.node.database.read(deadlines.waiting_deadlines)
    return sum(each.kind.startswith("entry.") for each in found)


async def idle(nodes: Nodes, seconds: int) -> None:
    """Let time pass in which nobody does anything, and what is due then happen."""
    for clock in {id(each.clock): each.clock for each in nodes.all}.values():
        clock.advance(seconds)
    await nodes.seconds(2)


async def verified(node: NodeUnderTest, space: SpaceId) -> dict[str, object]:
    """Return what the offline verifier says of a node's copy."""
    into = io.BytesIO()
    keys, now = RecordKeys(node.node.key), nodes_now(node)
    labels = {node.party: node.name}
    await node.node.database.read(lambda c: export_space(c, into, space, keys, labels, now))
    into.seek(0)
    return verify.verify(into, set(), lists_all=True)


def nodes_now(node: NodeUnderTest) -> Instant:
    """Return the present of a node."""
    return node.clock.now()
