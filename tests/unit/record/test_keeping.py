"""A running record: what is durable together, what is refused, what follows when the disk fails."""

import asyncio
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.errors import (
    EntryTooLarge,
    EntryTooOld,
    LogNotOpen,
    RecordFenced,
    SpaceUnknown,
    StorageUnavailable,
)
from parley.ids import ActorId, SpaceId
from parley.record import repository, tables
from parley.record.allowance import ENTRY_COST, LETTER_COST, SAVED_BYTES_MAX
from parley.record.entry import Precedence
from parley.record.keeping import INBOX_BYTES_MAX, EntryDraft
from parley.record.kinds import Kind
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    RecordLetter,
    read_letter,
    write_letter,
)
from parley.record.log import LogState
from parley.record.ours import ASK_S
from parley.record.ports import EntryCame, LogHeld, RecordEvent
from parley.testing.record_world import RecordParty, RecordWorld

ACTOR = ActorId(bytes(16))
THREE_PACKAGES = pytest.mark.timeout(180)
"""For tests that first write as many entries as three packages take."""


async def count(party: RecordParty) -> int:
    """Return how many entries are on a party's disk."""
    query = sa.select(sa.func.count()).select_from(tables.entry)
    return int(await party.database.read(lambda connection: connection.execute(query).scalar_one()))


async def test_rows_of_others_are_written_with_the_entry(
    world: RecordWorld, near: RecordParty
) -> None:
    """A deadline is there if and only if the entry is."""

    def also(connection: sa.Connection) -> None:
        log = near.record.space(world.space).own.id
        connection.execute(tables.set_aside.insert().values(log=log, code="x", count=1))

    before = await count(near)
    await near.record.append(world.space, Kind.STATEMENT, {0: "words"}, also=also)

    assert await count(near) == before + 1
    assert await near.database.read(repository.set_aside_counts) != {}


async def test_what_fails_beside_an_entry_fails_with_it_alone(
    world: RecordWorld, near: RecordParty
) -> None:
    """The others of the turn are appended all the same, each once."""

    def also(_: sa.Connection) -> None:
        reason = "second thoughts"
        raise ValueError(reason)

    before = await count(near)
    done = await asyncio.gather(
        near.record.append(world.space, Kind.STATEMENT, {0: "one"}),
        near.record.append(world.space, Kind.STATEMENT, {0: "two"}, also=also),
        near.record.append(world.space, Kind.STATEMENT, {0: "three"}),
        return_exceptions=True,
    )

    assert isinstance(done[1], ValueError)
    assert [isinstance(each, BaseException) for each in done] == [False, True, False]
    await world.carry()
    world.clock.advance(11)
    near.record.tick()
    await world.carry()
    assert await count(near) == before + 2


async def test_a_disk_that_refuses_loses_nothing_that_was_promised(
    world: RecordWorld, near: RecordParty, far: RecordParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who appended is told; letters are asked for again; the record goes on afterwards."""
    write = near.database.write

    async def refuse(_: object) -> None:
        raise StorageUnavailable(file="parley.db", reason="no space")

    await far.record.append(world.space, Kind.STATEMENT, {0: "theirs"})
    await world.work()
    monkeypatch.setattr(near.database, "write", refuse)
    with pytest.raises(StorageUnavailable):
        await near.record.append(world.space, Kind.STATEMENT, {0: "ours"})
    await world.deliver(far.party, near.party, 10)
    near.record.tick()
    assert not await near.record.work()
    monkeypatch.setattr(near.database, "write", write)
    world.clock.advance(6)
    await world.carry()
    world.clock.advance(31)
    for each in (near, far):
        each.record.tick()
    await world.carry()

    mirrors = near.record.space(world.space).mirrors
    assert mirrors[far.party, 0].mirror.tree.size == 2
    await near.record.append(world.space, Kind.STATEMENT, {0: "ours"})
    await world.carry()
    kept = far.record.space(world.space).mirrors[near.party, 0]
    assert kept.mirror.tree.size == near.record.space(world.space).own.log.tree.size


async def test_a_prepared_entry_is_appended_to_the_byte_with_what_follows(
    world: RecordWorld, near: RecordParty
) -> None:
    """A person's assertion refers to the hash that they signed."""
    prepared = near.record.prepare(world.space, Kind.STATEMENT, {0: "words"}, actor=ACTOR)
    before = near.record.space(world.space).own.log.tree.size

    appended = await near.record.append_prepared(
        prepared,
        lambda digest: EntryDraft(
            kind=Kind.STATEMENT, body={0: "and"}, actor=ACTOR, refs=(digest,)
        ),
    )

    assert [each.index for each in appended] == [before, before + 1]
    assert appended[0].hash == prepared.hash
    kept = near.record.space(world.space).own
    assert kept.shelf.entries(before, before + 1) == [prepared.encoded]


async def test_a_prepared_entry_is_not_appended_much_later(
    world: RecordWorld, near: RecordParty
) -> None:
    """Its time would be a claim about then."""
    prepared = near.record.prepare(world.space, Kind.STATEMENT, {0: "words"})
    world.clock.advance(301)

    with pytest.raises(EntryTooOld):
        await near.record.append_prepared(prepared)


async def test_what_nobody_would_read_is_refused(world: RecordWorld, near: RecordParty) -> None:
    """Too large, in a space that is not kept, or after the log was closed."""
    with pytest.raises(EntryTooLarge):
        await near.record.append(world.space, Kind.STATEMENT, {0: "x" * 70_000})
    with pytest.raises(SpaceUnknown):
        await near.record.append(SpaceId(bytes(16)), Kind.STATEMENT, {0: "words"})
    await near.record.append(world.space, Kind.CLOSING, {0: None})
    with pytest.raises(LogNotOpen):
        await near.record.append(world.space, Kind.STATEMENT, {0: "words"})


async def test_a_later_start_on_the_same_database_fences_the_earlier_one(
    world: RecordWorld, near: RecordParty
) -> None:
    """For appends and for letters."""
    await near.database.write(repository.take_fence)

    with pytest.raises(RecordFenced):
        await near.record.append(world.space, Kind.STATEMENT, {0: "words"})
    near.record.tick()

    assert near.record.is_fenced
    assert not await near.record.work()


async def test_listeners_hear_what_is_durable_and_cannot_stop_the_record(
    world: RecordWorld, near: RecordParty
) -> None:
    """One that fails is logged."""
    told: list[RecordEvent] = []

    def fail(_: RecordEvent) -> None:
        raise ValueError

    near.record.listen(fail)
    near.record.listen(told.append)
    appended = await near.record.append(world.space, Kind.STATEMENT, {0: "words"})
    await world.carry()

    assert [event.hash for event in told if isinstance(event, EntryCame)] == [appended.hash]
    assert [event.size for event in told if isinstance(event, LogHeld)] == [appended.index + 1]


async def test_who_causes_too_much_work_is_told_to_wait(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """By an answer that says where the mirror is."""
    await far.record.append(world.space, Kind.STATEMENT, {0: "words"})
    await world.work()
    body = world.under_way[far.party, near.party].pop(0)
    letter = read_letter(body)
    assert isinstance(letter, Growth | Package)

    near.record.take(far.party, letter, SAVED_BYTES_MAX)
    near.record.take(far.party, letter, 1)
    near.record.take(far.party, letter, INBOX_BYTES_MAX + 1)

    answers = [each for each in near.record.answers(far.party) if isinstance(each, Answer)]
    assert {each.kind for each in answers} == {AnswerKind.LATER}
    assert all(each.wait_ms > 0 and each.next_entry == 1 for each in answers)


@THREE_PACKAGES
async def test_a_tail_that_was_asked_for_is_not_priced(
    world: RecordWorld, near: RecordParty, far: RecordParty, template: Path
) -> None:
    """Each part of it once: what a mirror sends again is, and goes on to be refused."""
    await write(world, near, 600)
    first, second, third = await lose(world, near, far, template)
    near.record.take(far.party, first, 1)
    for _ in range(SAVED_BYTES_MAX // (LETTER_COST + len(first.entries) * ENTRY_COST) + 1):
        near.record.take(far.party, first, 1)
    assert AnswerKind.LATER in map(kind_of, near.record.answers(far.party))

    near.record.take(far.party, second, 1)
    near.record.take(far.party, third, 1)
    assert near.record.answers(far.party) == []
    near.record.take(far.party, third, 1)
    assert [kind_of(each) for each in near.record.answers(far.party)] == [AnswerKind.LATER]

    await world.carry()
    log = near.record.space(world.space).own.log
    assert log.tree.size == 601
    assert log.state is LogState.OPEN


@THREE_PACKAGES
async def test_a_part_of_the_tail_that_is_put_off_is_asked_for_where_it_belongs(
    world: RecordWorld, near: RecordParty, far: RecordParty, template: Path
) -> None:
    """The mirror would begin again with the whole log otherwise, or not go on at all."""
    await write(world, near, 600)
    first, second, _ = await lose(world, near, far, template)
    near.record.take(far.party, first, 1)
    await near.record.work()
    near.record.answers(far.party)

    near.record.take(far.party, second, INBOX_BYTES_MAX + 1)

    (answer,) = near.record.answers(far.party)
    assert isinstance(answer, Answer)
    assert (answer.kind, answer.size, answer.next_entry) == (AnswerKind.LATER, 601, 256)


@THREE_PACKAGES
async def test_a_tail_is_sent_once_however_often_its_party_says_where_it_is(
    world: RecordWorld, near: RecordParty, far: RecordParty, template: Path
) -> None:
    """What is under way when it says so is not sent again; what was lost is, after a while."""
    await write(world, near, 600)
    packages = await lose(world, near, far, template)
    world.under_way[far.party, near.party] += map(write_letter, packages[:2])
    starts: list[int] = []
    read = world.seen
    world.seen = lambda body: seen(read(body), near, starts)  # type: ignore[method-assign]

    for _ in range(4):
        await world.deliver(far.party, near.party, 1)
        await world.deliver(near.party, far.party, 9)
    assert starts == [0, 256]

    world.clock.advance(ASK_S)
    near.record.tick()
    await world.carry()
    assert starts == [0, 256, 512]
    assert near.record.space(world.space).own.log.state is LogState.OPEN


async def test_urgent_entries_go_out_with_their_proof(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """And are told once on the other side, whichever way they come first."""
    told: list[RecordEvent] = []
    far.record.listen(told.append)

    appended = await near.record.append(
        world.space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH
    )
    await world.carry()

    came = [event for event in told if isinstance(event, EntryCame)]
    assert [event.hash for event in came] == [appended.hash]


async def test_a_record_works_by_itself_once_it_runs(world: RecordWorld, near: RecordParty) -> None:
    """Until it is stopped, which finishes what is queued."""
    near.record.run()
    appended = await near.record.append(world.space, Kind.STATEMENT, {0: "words"})
    near.record.tick()
    await near.record.stop()

    assert near.record.space(world.space).own.log.tree.size == appended.index + 1
    assert not await near.record.work()


# ------------------------------------------------------------------------------------- details


async def write(world: RecordWorld, party: RecordParty, number: int) -> None:
    """Let a party say so much, and the other hold it."""
    for _ in range(number):
        await party.record.append(world.space, Kind.STATEMENT, {0: "words"})
    await world.carry()


async def lose(
    world: RecordWorld, party: RecordParty, mirror: RecordParty, template: Path
) -> list[Package]:
    """Let a party lose its disk and ask for its log; return what the mirror then sends."""
    party.kill()
    for left in party.file.parent.glob(f"{party.file.name}*"):
        left.unlink()
    shutil.copyfile(template, party.file)
    await party.start()
    await party.record.open_space(world.space, world.members)
    world.line_up(party)
    letters = world.under_way[mirror.party, party.party]
    while not any(isinstance(read_letter(body), Package) for body in letters):
        await world.deliver(mirror.party, party.party, len(letters))
        asked = world.under_way[party.party, mirror.party]
        await world.deliver(party.party, mirror.party, len(asked))
    found = [read_letter(body) for body in letters]
    letters.clear()
    ours = (each for each in found if each.origin.party == party.party)
    return [each for each in ours if isinstance(each, Package)]


def seen(letter: RecordLetter, party: RecordParty, starts: list[int]) -> RecordLetter:
    """Take note of a package of a party's own log that arrives."""
    if isinstance(letter, Package) and letter.origin.party == party.party:
        starts.append(letter.start)
    return letter


def kind_of(letter: RecordLetter) -> AnswerKind | None:
    """Return the kind of a letter that is an answer."""
    return letter.kind if isinstance(letter, Answer) else None
