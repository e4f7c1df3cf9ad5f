"""Receipts of the desk: paid from rows, once, with the instant at which the entry came."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis import tables
from parley.crisis.receipts import BATCH, Receipts, receipt_draft
from parley.errors import StorageUnavailable
from parley.identity.keys import PartyKey
from parley.ids import ActorId, SpaceId, ThreadId
from parley.record import repository
from parley.record.cbor import decode_map
from parley.record.entry import Entry, Precedence, read_entry
from parley.record.kinds import Kind
from parley.record.repository import EntryQuery
from parley.testing.foreign_log import NOON, ForeignLog, give, lone_record, prove
from parley.testing.record_world import RecordParty

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far")]
FAR = KEYS[1].party
THREAD = ThreadId(b"t" * 16)
WAITS = 3_000
"""Looks before a test gives up. Fewer mistake a busy machine for a fault."""


@pytest.fixture
async def near(template: Path, tmp_path: Path) -> AsyncIterator[RecordParty]:
    """Give a test a record whose log is open."""
    party = await lone_record(template, tmp_path, KEYS)
    await prove(party)
    yield party
    party.kill()


def receipts_of(near: RecordParty) -> Receipts:
    """Return what pays for a record."""
    return Receipts(record=near.record, database=near.database, clock=near.world.clock)


async def owe(
    near: RecordParty,
    number: int,
    space: SpaceId | None = None,
    precedence: Precedence | None = None,
    came_at: Instant = NOON,
) -> bytes:
    """Owe a receipt for one entry; return its hash."""
    digest = number.to_bytes(32, "big")
    row = {
        "hash": digest,
        "space": space or near.world.space,
        "thread": THREAD,
        "precedence": None if precedence is None else int(precedence),
        "came_at": came_at,
    }
    await near.database.write(lambda c: c.execute(tables.owed.insert().values(**row)))
    return digest


async def owed(near: RecordParty) -> int:
    """Return how many receipts are owed."""
    count = sa.select(sa.func.count()).select_from(tables.owed)
    return int(await near.database.read(lambda c: c.execute(count).scalar_one()))


async def paid(near: RecordParty) -> list[Entry]:
    """Return the receipts in our log."""
    log = near.record.space(near.world.space).own.id
    query = EntryQuery([log], [Kind.RECEIPT], after=0, limit=1_000)
    rows = await near.database.read(lambda c: repository.find_entries(c, query))
    return [read_entry(row.encoded) for row in rows]


async def test_a_receipt_says_since_when_its_entry_is_here(near: RecordParty) -> None:
    """By our clock, with how far it may be off where that is known; the oldest first."""
    later = await owe(near, 1, precedence=Precedence.FLASH, came_at=NOON.add(seconds=5))
    first = await owe(near, 2)
    receipts = receipts_of(near)

    assert await receipts.pay() == 2
    near.world.clock.bound_ms = None
    last = await owe(near, 3)
    assert await receipts.pay() == 1

    entries = await paid(near)
    assert [entry.refs for entry in entries] == [(first,), (later,), (last,)]
    assert [entry.precedence for entry in entries] == [None, Precedence.FLASH, None]
    assert {entry.thread for entry in entries} == {THREAD}
    bodies = [decode_map(entry.body or b"") for entry in entries]
    noon = milliseconds(NOON)
    assert bodies == [{0: noon, 1: 200}, {0: noon + 5_000, 1: 200}, {0: noon}]
    assert await owed(near) == 0


async def test_what_is_asked_for_while_it_pays_is_looked_at_once_more(near: RecordParty) -> None:
    """So that nothing that came meanwhile waits, and nothing is paid twice."""
    await owe(near, 1)
    receipts = receipts_of(near)

    counts = await asyncio.gather(*(receipts.pay() for _ in range(3)))

    assert sorted(counts) == [0, 0, 1]
    assert len(await paid(near)) == 1


async def test_what_comes_while_it_pays_is_paid_in_the_same_turn(
    near: RecordParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one who asked meanwhile is told 0, and it is done nevertheless; then nothing waits."""
    first = await owe(near, 1)
    receipts, append = receipts_of(near), near.record.append_draft
    came: list[int] = []

    async def append_and_owe(*asked: Any, **more: Any) -> object:  # noqa: ANN401  as it is given
        if not came:
            came.append(2)
            await owe(near, 2)
            assert await receipts.pay() == 0
        return await append(*asked, **more)

    monkeypatch.setattr(near.record, "append_draft", append_and_owe)
    assert await receipts.pay() == 2
    assert [entry.refs for entry in await paid(near)] == [(first,), ((2).to_bytes(32, "big"),)]
    assert await receipts.pay() == 0


async def test_debts_of_one_instant_are_paid_in_the_order_of_their_hashes(
    near: RecordParty,
) -> None:
    """However they came in: two nodes with one database pay alike."""
    for number in (9, 3, 7, 1):
        await owe(near, number)
    assert await receipts_of(near).pay() == 4
    assert [entry.refs[0][-1] for entry in await paid(near)] == [1, 3, 7, 9]


async def test_a_backlog_is_paid_in_parts(near: RecordParty) -> None:
    """A turn's worth at a time; the rest with the next one."""
    for number in range(BATCH + 3):
        await owe(near, number)
    receipts = receipts_of(near)

    assert await receipts.pay() == BATCH
    assert await owed(near) == 3
    assert await receipts.pay() == 3


async def test_what_cannot_be_said_yet_stays_owed(template: Path, tmp_path: Path) -> None:
    """A log that may not grow, a space that is not kept: paid once they are."""
    near = await lone_record(template, tmp_path, KEYS)
    receipts = receipts_of(near)
    await owe(near, 1)
    elsewhere = SpaceId(b"e" * 16)
    await owe(near, 2, space=elsewhere)

    assert await receipts.pay() == 0
    await prove(near)
    assert await receipts.pay() == 1

    assert await owed(near) == 1
    near.kill()


async def test_a_receipt_that_the_disk_refused_stays_owed(
    near: RecordParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged, and paid with the next turn."""
    digest = await owe(near, 1)
    receipts, write = receipts_of(near), near.database.write

    async def refuse(_: object) -> None:
        raise StorageUnavailable(file="parley.db", reason="no space")

    monkeypatch.setattr(near.database, "write", refuse)
    with capture_logs() as told:
        assert await receipts.pay() == 0
    [line] = [each for each in told if each["event"] == "receipt not written"]
    assert line["log_level"] == "warning"
    assert (line["entry"], line["why"]) == (digest.hex(), "storage.unavailable")
    monkeypatch.setattr(near.database, "write", write)
    near.world.clock.advance(10)

    assert await owed(near) == 1
    assert await receipts.pay() == 1
    assert await owed(near) == 0


async def test_it_pays_by_itself_as_soon_as_a_person_of_the_other_party_was_heard(
    near: RecordParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain words wake nobody; a database that cannot be read is tried with the next."""
    receipts, pays = receipts_of(near), list[bool]()
    pay = receipts.pay

    async def seen() -> int:
        pays.append(True)
        if len(pays) == 1:
            raise StorageUnavailable(file="parley.db", reason="no space")
        return await pay()

    monkeypatch.setattr(receipts, "pay", seen)
    await receipts.stop()
    receipts.run()
    log = ForeignLog(KEYS[1], near.world.space)
    person = ActorId(b"a" * 16)
    log.add(log.entry(actor=person), log.entry(Kind.ALERT, actor=person))
    await owe(near, 1)
    await give(near, FAR, log.growth(), log.package(0, 1))
    await asyncio.sleep(0)
    assert pays == []
    await give(near, FAR, log.package(1))
    with capture_logs() as told:
        await until(lambda: len(pays) == 1)
    assert [(each["event"], each["why"]) for each in told] == [
        ("receipts not written", "storage.unavailable")
    ]
    assert await owed(near) == 1
    log.add(log.entry(Kind.ALERT, actor=person))
    await give(near, FAR, log.growth(2), log.package(2))
    for _ in range(WAITS):
        if await owed(near) == 0:
            break
        await asyncio.sleep(0.01)

    assert (len(pays), await owed(near)) == (2, 0)
    await receipts.stop()


def test_a_draft_names_what_it_is_for() -> None:
    """Without a bound where our clock has none."""
    draft = receipt_draft(b"h" * 32, None, None, NOON)

    assert (draft.refs, draft.precedence, draft.thread) == ((b"h" * 32,), None, None)
    assert draft.body == {0: milliseconds(NOON)}


async def until(is_so: object) -> None:
    """Give the loop and its threads turns until something is so."""
    assert callable(is_so)
    for _ in range(WAITS):
        if is_so():
            return
        await asyncio.sleep(0.01)
