"""What a running record does when a caller goes away, a core has a fault, or the disk refuses."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley.errors import LettersTooMany, LogNotOpen, RecordFenced, StorageUnavailable
from parley.identity.keys import PartyKey
from parley.record import repository, tables
from parley.record.entry import Entry
from parley.record.keeping import AGAIN_MS, INBOX_BYTES_MAX, REST_S
from parley.record.kinds import Kind
from parley.record.letters import Answer, AnswerKind
from parley.record.ports import EntryCame
from parley.testing.foreign_log import ForeignLog, give, lone_record, prove
from parley.testing.record_world import RecordParty

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far")]
FAR = KEYS[1].party


@pytest.fixture
async def near(template: Path, tmp_path: Path) -> AsyncIterator[RecordParty]:
    """Give a test a record whose log is open and whose other party is written by hand."""
    party = await lone_record(template, tmp_path, KEYS)
    await prove(party)
    yield party
    party.kill()


async def count(near: RecordParty) -> int:
    """Return how many entries are on the disk."""
    query = sa.select(sa.func.count()).select_from(tables.entry)
    return int(await near.database.read(lambda connection: connection.execute(query).scalar_one()))


def refuse(_: Entry) -> None:
    """Refuse every entry, as a gate may."""
    raise LogNotOpen(state="suspended")


async def test_a_caller_that_goes_away_is_told_nothing_and_harms_nobody(
    near: RecordParty,
) -> None:
    """What it asked for is done, or refused, all the same."""
    space, before = near.world.space, await count(near)
    near.record.run()
    going = asyncio.ensure_future(near.record.append(space, Kind.STATEMENT, {0: "words"}))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    await near.record.append(space, Kind.STATEMENT, {0: "more"})
    assert await count(near) == before + 2

    near.record.refuse_with(refuse)
    going = asyncio.ensure_future(near.record.append(space, Kind.STATEMENT, {0: "words"}))
    await asyncio.sleep(0)
    going.cancel()
    with pytest.raises(LogNotOpen):
        await near.record.append(space, Kind.STATEMENT, {0: "words"})
    await near.record.stop()

    assert await count(near) == before + 2
    assert near.refused == []


async def test_a_fault_of_ours_is_the_callers_alone(near: RecordParty) -> None:
    """Its turn is thrown away and the others' entries are appended in another."""

    def fail(entry: Entry) -> None:
        if entry.kind == Kind.SIGHTING:
            reason = "a fault"
            raise ValueError(reason)

    near.record.refuse_with(fail)
    before = await count(near)

    with pytest.raises(ValueError, match="a fault"):
        await near.record.append(near.world.space, Kind.SIGHTING, {})
    await near.record.append(near.world.space, Kind.STATEMENT, {0: "words"})

    assert await count(near) == before + 1


async def test_a_letter_that_brings_a_fault_about_is_not_asked_for_again(
    near: RecordParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would do so for ever; the letters of its turn that did not are."""
    log = ForeignLog(KEYS[1], near.world.space)
    log.add(log.entry(), log.entry(body={0: "two"}))
    mirror = near.record.space(near.world.space).mirrors[FAR, 0]

    def fail(*_: object) -> None:
        reason = "a fault"
        raise ValueError(reason)

    monkeypatch.setattr(mirror.mirror, "take_package", fail)

    answers = await give(near, FAR, log.growth(), log.package())

    assert [(each.kind, each.wait_ms) for each in answers if isinstance(each, Answer)] == [
        (AnswerKind.LATER, AGAIN_MS)
    ]
    near.world.clock.advance(REST_S)
    answers = await give(near, FAR, log.growth(), log.package())
    kinds = [each.kind for each in answers if isinstance(each, Answer)]
    assert kinds[-1] is AnswerKind.HELD


async def test_a_disk_that_refuses_is_told_to_who_can_be_reached(
    near: RecordParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A party whose line is cut is not written to; the driver's error is told as ours."""
    write = near.database.write

    async def broken(_: object) -> None:
        raise sa.exc.OperationalError("", {}, OSError())

    log = ForeignLog(KEYS[1], near.world.space)
    log.add(log.entry())
    near.record.take(FAR, log.growth(), 1)
    near.world.cut = {frozenset({near.party, FAR})}
    monkeypatch.setattr(near.database, "write", broken)
    with pytest.raises(StorageUnavailable):
        await near.record.append(near.world.space, Kind.STATEMENT, {0: "words"})
    monkeypatch.setattr(near.database, "write", write)
    near.world.clock.advance(REST_S)

    await near.record.append(near.world.space, Kind.STATEMENT, {0: "again"})
    await give(near, FAR, log.growth())
    assert near.record.answers(FAR) == []


async def test_letters_beyond_what_waits_are_counted_where_they_have_no_answer(
    near: RecordParty,
) -> None:
    """An urgent entry is sent again by itself."""
    log = ForeignLog(KEYS[1], near.world.space)
    log.add(log.entry())

    near.record.take(FAR, log.proved(0), INBOX_BYTES_MAX + 1)

    assert near.refused == [LettersTooMany.code]
    assert near.record.answers(FAR) == []


async def test_a_keeper_cannot_keep_an_entry_out_and_a_failing_disk_can(
    near: RecordParty,
) -> None:
    """What a keeper gets wrong is undone alone; the database's own fault undoes the turn."""
    log = ForeignLog(KEYS[1], near.world.space)
    log.add(log.entry(), log.entry(body={0: "two"}))
    faults: list[Exception] = [ValueError("the keeper's")]

    def keeper(connection: sa.Connection, came: EntryCame, _: object) -> None:
        if faults:
            connection.execute(tables.set_aside.insert().values(log=1, code="x", count=1))
            raise faults.pop()

    near.record.keep_with([Kind.STATEMENT], keeper)
    await give(near, FAR, log.growth(), log.package(0, 1))
    query = sa.select(sa.func.count()).select_from(tables.set_aside)
    assert await near.database.read(lambda c: c.execute(query).scalar_one()) == 0
    mirror = near.record.space(near.world.space).mirrors[FAR, 0]
    assert mirror.mirror.tree.size == 1

    faults.append(sa.exc.OperationalError("", {}, OSError()))
    (later,) = await give(near, FAR, log.package(1))
    assert isinstance(later, Answer)
    assert later.kind is AnswerKind.LATER
    near.world.clock.advance(REST_S)
    await give(near, FAR, log.growth(), log.package())
    assert near.record.space(near.world.space).mirrors[FAR, 0].mirror.tree.size == 2


async def test_a_record_that_does_not_run_finishes_what_is_queued_when_it_stops(
    near: RecordParty,
) -> None:
    """A letter that came is not lost with it."""
    log = ForeignLog(KEYS[1], near.world.space)
    log.add(log.entry())
    near.record.take(FAR, log.growth(), 1)

    await near.record.stop()

    assert near.record.space(near.world.space).mirrors[FAR, 0].mirror.signed_size == 1


async def test_a_fenced_record_refuses_at_once(near: RecordParty) -> None:
    """It does not ask the database again: another start of the node has it for good."""
    await near.database.write(repository.take_fence)
    for _ in range(2):
        with pytest.raises(RecordFenced):
            await near.record.append(near.world.space, Kind.STATEMENT, {0: "words"})

    assert near.record.is_fenced
