"""Our own logs: where they had come, as mirrors show it; what is taken back, sent ahead, held."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.errors import KeyMissing, LogNotOpen
from parley.identity.keys import PartyKey
from parley.record import repository
from parley.record.entry import Precedence
from parley.record.handover import trust_of
from parley.record.keeping import Record
from parley.record.keyring import KEYLESS
from parley.record.kinds import Kind
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    Question,
    Showing,
)
from parley.record.log import LogState
from parley.record.ours import ASK_S, RESTORED, STALL_S
from parley.record.ports import LogHeld, LogStateChanged, RecordEvent
from parley.storage.restoring import is_unproved, mark_restored
from parley.testing.foreign_log import ForeignLog, give, lone_record, prove
from parley.testing.record_world import RecordParty

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far", b"third")]
FAR, THIRD = KEYS[1].party, KEYS[2].party


@pytest.fixture
async def near(template: Path, tmp_path: Path) -> AsyncIterator[RecordParty]:
    """Give a test a record whose other two parties are written by hand; its log is unproved."""
    party = await lone_record(template, tmp_path, KEYS)
    yield party
    party.kill()


def own_log(near: RecordParty, entries: int = 3) -> ForeignLog:
    """Return a log signed with the very key of the record, as before it lost its disk."""
    log = ForeignLog(KEYS[0], near.world.space)
    log.add(*(log.entry(body={0: f"{number}"}) for number in range(entries)))
    return log


def state(near: RecordParty) -> LogState:
    """Return whether the log may grow."""
    return near.record.space(near.world.space).own.log.state


async def restored(near: RecordParty) -> None:
    """Start the record as after `parley restore`."""
    now = near.world.clock.now()
    await near.database.write(lambda c: mark_restored(c, now, now))
    near.kill()
    await near.start()


async def held_by(near: RecordParty, number: int) -> Answer:
    """Let another party hold all of the log; return what it says then."""
    own = near.record.space(near.world.space).own
    assert own.note is not None
    mirror = ForeignLog(KEYS[number], near.world.space)
    return mirror.held(own.origin, own.note, near.world.clock.now())


async def test_a_log_waits_a_while_for_mirrors_that_have_not_answered(near: RecordParty) -> None:
    """They are asked again until one has; then the others have ten seconds."""
    space = near.record.space(near.world.space)
    assert set(space.own.waits_for) == {FAR, THIRD}
    near.world.clock.advance(ASK_S)
    near.record.tick()
    assert await give(near, FAR) == [Question(space.own.origin)]
    assert await give(near, THIRD) == [Question(space.own.origin)]

    await give(near, FAR, Showing(space.own.origin, b"", b""))
    near.record.tick()
    await give(near, FAR)
    assert (state(near), space.own.waits_for) == (LogState.UNPROVED, [THIRD])
    near.world.clock.advance(ASK_S)
    near.record.tick()
    await give(near, FAR)

    assert (state(near), space.own.waits_for) == (LogState.OPEN, [])


async def test_a_restored_log_hears_nobody_who_has_forgotten_what_it_held(
    near: RecordParty,
) -> None:
    """Such a mirror lost its own memory: what it was shown since, it cannot say."""
    await prove(near)
    origin = near.record.space(near.world.space).own.origin
    for number, party in ((1, FAR), (2, THIRD)):
        await give(near, party, await held_by(near, number))
    await restored(near)
    own = near.record.space(near.world.space).own
    note = own.note
    assert note is not None
    assert (own.state, set(own.waits_for)) == (RESTORED, {FAR, THIRD})

    await give(near, FAR, Showing(origin, b"", b""))
    await give(near, THIRD, Showing(origin, note, note))
    near.world.clock.advance(10 * ASK_S)
    near.record.tick()
    asked = await give(near, FAR)
    assert (own.state, own.waits_for) == (RESTORED, [FAR])
    assert asked == [Question(origin, is_restored=True)]
    await give(near, FAR, Showing(origin, note, note))

    assert own.state == LogState.OPEN.value
    assert not await near.database.read(is_unproved)


async def test_a_checkpoint_whose_entries_nobody_holds_leaves_the_log_behind(
    near: RecordParty,
) -> None:
    """There is nobody to ask for them; once somebody holds them, they are asked for and taken."""
    log, told = own_log(near), list[RecordEvent]()
    near.record.listen(told.append)
    await give(near, FAR, Showing(log.origin, log.note(), b""))
    answers = await give(near, THIRD, Showing(log.origin, b"", b""))
    assert (state(near), answers) == (LogState.BEHIND, [])
    near.world.clock.advance(ASK_S)
    near.record.tick()
    assert await give(near, FAR) == []

    asked = await give(near, THIRD, Showing(log.origin, log.note(), log.note()))
    assert [each for each in asked if isinstance(each, Answer)] == [
        Answer(log.origin, AnswerKind.STORED, 3, 0)
    ]
    await give(near, THIRD, log.package())

    assert state(near) is LogState.OPEN
    assert near.record.space(near.world.space).own.shelf.entries(0, 3) == log.entries
    states = [event.state for event in told if isinstance(event, LogStateChanged)]
    assert states == [LogState.BEHIND, LogState.OPEN]


async def test_entries_of_ours_that_nobody_reads_any_more_are_taken_back_and_set_aside(
    near: RecordParty,
) -> None:
    """The log was signed with them in it; a closing entry among them closes it again."""
    log = own_log(near)
    log.add(b"\xff nothing", log.entry(Kind.CLOSING, {0: None}))
    for party in (FAR, THIRD):
        await give(near, party, Showing(log.origin, log.note(), log.note()))
    await give(near, FAR, log.package())

    own = near.record.space(near.world.space).own
    assert own.log.state in {LogState.OPEN, LogState.CLOSED}
    with pytest.raises(LogNotOpen):
        await near.record.append(near.world.space, Kind.STATEMENT, {0: "more"})
    counts = await near.database.read(repository.set_aside_counts)
    rows = await near.database.read(repository.logs)
    assert counts == {own.id: 1}
    assert [row.is_closing for row in rows if row.origin == log.origin] == [True]


async def test_what_we_signed_and_do_not_have_stops_the_log(near: RecordParty) -> None:
    """Another tree of the same size was signed with our key: nothing more is appended."""
    await prove(near)
    other = own_log(near, 1)
    assert state(near) is LogState.OPEN

    await give(near, FAR, Showing(other.origin, other.note(), b""))

    assert state(near) is LogState.FORKED
    with pytest.raises(LogNotOpen):
        await near.record.append(near.world.space, Kind.STATEMENT, {0: "words"})


@pytest.mark.parametrize("kind", [AnswerKind.STORED, AnswerKind.REFUSED])
async def test_a_mirror_that_knows_more_than_we_do_is_asked(
    near: RecordParty, kind: AnswerKind
) -> None:
    """Somebody else may write under our key, or what we signed is not what we have."""
    await prove(near)
    origin = near.record.space(near.world.space).own.origin
    size = 9 if kind is AnswerKind.STORED else 0

    answers = await give(near, FAR, Answer(origin, kind, size, 0))

    assert answers == [Question(origin)]


async def test_a_third_partys_word_is_taken_from_whoever_hands_it_on(near: RecordParty) -> None:
    """If it holds for what we have; what is said of entries that we have not is left alone."""
    await prove(near)
    told: list[RecordEvent] = []
    near.record.listen(told.append)
    word = await held_by(near, 2)
    more = own_log(near, 7)
    stranger = ForeignLog(PartyKey(hashlib.sha256(b"stranger").digest()), near.world.space)
    own = near.record.space(near.world.space).own
    assert own.note is not None

    for letter in (
        word,
        ForeignLog(KEYS[2], near.world.space).held(own.origin, more.note()),
        stranger.held(own.origin, own.note),
    ):
        await give(near, FAR, letter)

    held = [event for event in told if isinstance(event, LogHeld)]
    assert [(event.party, event.size) for event in held] == [(THIRD, own.log.tree.size)]


async def test_urgent_entries_run_ahead_of_a_backlog_once_a_line_comes_up(
    near: RecordParty,
) -> None:
    """Only of a backlog: what goes out with the next package anyway is not sent twice."""
    await prove(near)
    space, own = near.world.space, near.record.space(near.world.space).own
    await near.record.append(space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH)
    behind = Answer(own.origin, AnswerKind.STORED, 0, 0)
    near.record.line_up(FAR)
    answers = await give(near, FAR, behind)
    assert not any(isinstance(each, ProvedEntry) for each in answers)
    for number in range(257):
        await near.record.append(space, Kind.STATEMENT, {0: f"{number}"})
    near.record.line_up(FAR)

    first = await give(near, FAR, behind)
    second = await give(near, FAR, behind)

    assert [each.entry for each in first if isinstance(each, ProvedEntry)] == [
        own.shelf.entries(1, 2)[0]
    ]
    assert not any(isinstance(each, ProvedEntry) for each in second)


async def test_what_was_taken_back_runs_ahead_once_it_is_signed_again(near: RecordParty) -> None:
    """An urgent entry behind our newest checkpoint cannot be proved by it."""
    log = own_log(near, 260)
    for party in (FAR, THIRD):
        await give(near, party, Showing(log.origin, log.note(), log.note()))
    await give(near, FAR, log.package(), log.package(256))
    assert state(near) is LogState.OPEN
    near.kill()
    await near.start()
    log.add(log.entry(body={0: "now"}, precedence=Precedence.FLASH), *log.entries[:30])
    for party in (FAR, THIRD):
        await give(near, party, Showing(log.origin, log.note(), log.note()))
    await give(near, FAR, log.package(260, 270))
    own = near.record.space(near.world.space).own
    assert (own.log.tree.size, own.state) == (270, LogState.BEHIND.value)
    near.record.line_up(THIRD)

    answers = await give(near, THIRD, Answer(log.origin, AnswerKind.STORED, 0, 0))

    assert not any(isinstance(each, ProvedEntry) for each in answers)


async def test_an_urgent_entry_is_not_sent_again_to_whom_refers_to_it(near: RecordParty) -> None:
    """Who quotes it has it, whatever is proved of the rest of the log."""
    await prove(near)
    said = await near.record.append(
        near.world.space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH
    )
    log = ForeignLog(KEYS[1], near.world.space)
    log.add(log.entry(Kind.DELIVERY, {0: "desk"}, refs=(said.hash,)))

    await give(near, FAR, log.growth(), log.package())

    assert near.record.resend_in_s([FAR]) is None
    assert near.record.resend_in_s([THIRD]) is not None


async def test_an_urgent_entry_is_sent_again_until_it_is_held(near: RecordParty) -> None:
    """Nothing before it was signed, and nothing after a mirror proved that it has it."""
    own = near.record.space(near.world.space).own
    assert near.record.resend_in_s([FAR]) is None
    await prove(near)
    await near.record.append(
        near.world.space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH
    )
    near.record.answers(FAR)
    pause = near.record.resend_in_s([FAR])
    assert pause is not None
    near.world.clock.advance(pause)

    again = [each for each in near.record.due(FAR, 0) if isinstance(each, ProvedEntry)]
    await give(near, FAR, await held_by(near, 1))
    near.world.clock.advance(60)

    assert [each.entry for each in again] == own.shelf.entries(1, 2)
    assert not any(isinstance(each, ProvedEntry) for each in near.record.due(FAR, 0))
    assert near.record.resend_in_s([FAR]) is None


async def test_a_mirror_that_stays_silent_is_asked_where_it_is(near: RecordParty) -> None:
    """What was sent to it may be lost: after half a minute it is offered again."""
    await prove(near)
    space = near.world.space
    own = near.record.space(space).own
    await give(near, FAR, Answer(own.origin, AnswerKind.STORED, 0, 0))
    await near.record.append(space, Kind.STATEMENT, {0: "lost"})
    lost = near.record.due(FAR, 1 << 20)
    assert any(isinstance(each, Growth) for each in lost)
    assert near.record.due(FAR, 1 << 20) == []
    near.world.clock.advance(STALL_S)
    near.record.tick()
    await give(near, FAR)

    again = near.record.due(FAR, 1 << 20)

    assert [each.old_size for each in again if isinstance(each, Growth)] == [0]


async def test_a_log_handed_over_to_a_key_goes_on_with_it_and_stops_without(
    near: RecordParty, tmp_path: Path
) -> None:
    """A mirror is given it once it has the entry that names the key; held is told all the same."""
    folder = tmp_path / "log-keys"
    await prove(near)
    with pytest.raises(KeyMissing):
        await near.record.rotate(near.world.space)

    async def start(keys: Path) -> None:
        near.record = Record(
            database=near.database, key=near.key, clock=near.world.clock, port=near, log_keys=keys
        )
        await near.record.start()
        await prove(near)

    space = near.world.space
    await start(folder)
    origin = await near.record.rotate(space)
    kept = near.record.space(space)
    assert kept.own.origin.text() == origin
    trust = await near.database.read(lambda c: trust_of(c, space))
    assert kept.own.signer.verifier.vkey() in trust
    sent = {each.origin.epoch for each in near.record.due(FAR, 1 << 20)}
    closed = kept.logs[0].note
    assert closed is not None
    mirror = ForeignLog(KEYS[1], space)
    await give(near, FAR, mirror.held(kept.logs[0].origin, closed))
    sent_then = {each.origin.epoch for each in near.record.due(FAR, 1 << 20)}
    assert (sent, sent_then) == ({0}, {1})

    await start(tmp_path / "elsewhere")
    kept, told = near.record.space(space), list[RecordEvent]()
    near.record.listen(told.append)
    assert kept.own.state == KEYLESS
    with pytest.raises(LogNotOpen, match=KEYLESS):
        await near.record.append(space, Kind.STATEMENT, {0: "words"})
    with pytest.raises(LogNotOpen):
        near.record.require_open(space)
    note = kept.own.note
    assert note is not None
    near.record.due(FAR, 1 << 20)
    await give(near, FAR, mirror.held(kept.own.origin, note))

    assert [event.party for event in told if isinstance(event, LogHeld)] == [FAR]
    assert await near.record.begin_epoch(space) != origin
    assert near.record.space(space).own.state == LogState.OPEN.value


async def test_our_own_log_brought_by_somebody_else_changes_nothing(near: RecordParty) -> None:
    """We have it, or ask for it."""
    log = own_log(near)
    await prove(near)
    own = near.record.space(near.world.space).own
    size = own.log.tree.size

    answers = await give(near, FAR, log.growth(), log.package(), log.proved(0))

    assert (answers, near.refused, own.log.tree.size) == ([], [], size)
    assert not any(isinstance(each, Package) for each in answers)
