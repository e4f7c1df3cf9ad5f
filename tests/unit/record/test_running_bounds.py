"""A running record's bounds: what is kept ahead, what is paid for, what an old entry may be."""

import asyncio
import io
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from parley import verify
from parley.errors import EntryMalformed, EntryUnknown, LettersTooMany
from parley.ids import PartyId, SpaceId
from parley.record import handover, ours, repository, tables
from parley.record.copies import EARLY_MAX
from parley.record.entry import Entry, Precedence, judge
from parley.record.handover import NEWEST_NOTES, export_space, prove_entry, trust_of
from parley.record.keeping import URGENT_BYTES_MAX, Appended
from parley.record.kinds import Kind
from parley.record.letters import ProvedEntry, Question, read_letter
from parley.record.log import LogState
from parley.record.policy import read_policy
from parley.record.ports import EntryCame, RecordEvent
from parley.testing.record_world import RecordParty, RecordWorld


async def warn(world: RecordWorld, party: RecordParty, number: int = 1) -> list[Appended]:
    """Let a party append urgent entries."""
    appends = (
        party.record.append(world.space, Kind.STATEMENT, {0: "now"}, precedence=Precedence.FLASH)
        for _ in range(number)
    )
    said = await asyncio.gather(*appends)
    await world.work()
    return said


async def early_rows(party: RecordParty) -> int:
    """Return how many entries are kept ahead of what is held."""
    query = sa.select(sa.func.count()).select_from(tables.early)
    return int(await party.database.read(lambda connection: connection.execute(query).scalar_one()))


async def ahead_only(world: RecordWorld, sender: RecordParty, to: RecordParty) -> None:
    """Deliver what runs ahead, and lose the rest."""
    letters = world.under_way[sender.party, to.party]
    ahead = [body for body in letters if isinstance(read_letter(body), ProvedEntry)]
    letters[:] = ahead
    await world.deliver(sender.party, to.party, len(ahead))


@pytest.mark.timeout(180)
async def test_urgent_entries_beyond_those_kept_ahead_come_with_their_log(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """The 257th is not told ahead; it is lost to nobody, and none is told twice."""
    told: list[RecordEvent] = []
    far.record.listen(told.append)
    said = await warn(world, near, EARLY_MAX + 4)
    await ahead_only(world, near, far)
    came = [event for event in told if isinstance(event, EntryCame)]
    assert await early_rows(far) == len(came) == EARLY_MAX
    assert all(event.is_early for event in came)

    world.line_up(near)
    world.line_up(far)
    await world.carry()
    came = [event for event in told if isinstance(event, EntryCame)]
    assert sorted(event.hash for event in came) == sorted(each.hash for each in said)
    assert await early_rows(far) == 0


async def test_urgent_entries_are_paid_for_apart_from_the_backlog(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Who sends more than anybody needs is counted; the log itself goes on coming."""
    (said,) = await warn(world, near)
    letters = map(read_letter, world.under_way[near.party, far.party])
    letter = next(each for each in letters if isinstance(each, ProvedEntry))
    taken = 0
    while LettersTooMany.code not in far.refused:
        far.record.take(near.party, letter, 50_000)
        taken += 1
    assert taken > URGENT_BYTES_MAX // 60_000
    assert far.record.answers(near.party) == []

    await world.carry()
    mirror = far.record.space(world.space).mirrors[near.party, 0].mirror
    assert mirror.tree.size == said.index + 1


async def test_questions_without_end_are_counted_and_not_answered(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Each would begin every feed anew."""
    question = Question(near.record.space(world.space).own.origin)
    for _ in range(20_000):
        far.record.take(near.party, question, 100)
    assert far.refused.count(LettersTooMany.code) > 10_000
    before = len(far.refused)
    world.clock.advance(10)
    far.record.take(near.party, question, 100)
    assert len(far.refused) == before


async def test_an_entry_of_ours_that_nobody_reads_any_more_is_taken_back_and_set_aside(
    world: RecordWorld,
    near: RecordParty,
    far: RecordParty,
    template: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was signed in its place: a log without it would be another log."""
    said = [
        await near.record.append(world.space, Kind.STATEMENT, {0: f"words {number}"})
        for number in range(3)
    ]
    await world.carry()
    odd = near.record.space(world.space).own.shelf.entries(said[1].index, said[1].index + 1)[0]

    def stricter(encoded: bytes, space: SpaceId, author: PartyId) -> Entry:
        if encoded == odd:
            raise EntryMalformed(field="body")
        return judge(encoded, space, author)

    monkeypatch.setattr(ours, "judge", stricter)
    near.kill()
    for left in near.file.parent.glob(f"{near.file.name}*"):
        left.unlink()
    shutil.copyfile(template, near.file)
    await near.start()
    await near.record.open_space(world.space, world.members)
    world.line_up(near)
    world.line_up(far)
    await world.carry()

    own = near.record.space(world.space).own
    assert own.log.state is LogState.OPEN
    assert EntryMalformed.code in near.refused
    found = await near.database.read(lambda c: repository.find_entry(c, said[1].hash))
    assert found is not None
    assert found.set_aside == EntryMalformed.code
    await near.record.append(world.space, Kind.STATEMENT, {0: "after"})
    await world.carry()
    assert await findings(world, near) == await findings(world, far) == []


async def test_an_entry_is_proved_from_the_newest_checkpoints_all_parties_have(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Also where another party has long been away, and what all have lies far behind."""
    world.clock.advance(61)  # so that its checkpoint is one that both cosign and that is kept
    (said,) = await warn(world, near)
    await world.carry()
    for _ in range(NEWEST_NOTES + 4):
        world.clock.advance(61)
        await near.record.append(world.space, Kind.STATEMENT, {0: "words"})
    world.under_way[near.party, far.party].clear()

    def look(connection: sa.Connection) -> None:
        policy = read_policy(trust_of(connection, world.space).encode())
        origin = near.record.space(world.space).own.origin
        proof = prove_entry(connection, origin, said.index)
        assert policy.is_valid(proof.note)
        (row,) = (each for each in repository.logs(connection) if each.origin == origin)
        stored = handover.StoredLog(connection, row)
        newest = stored.newest_notes(world.members, said.index)
        assert len(newest) <= 2 * NEWEST_NOTES + 1 < len(stored.notes()) + NEWEST_NOTES
        # The last entry is proved too, by our own word alone.
        last = prove_entry(connection, origin, row.size - 1)
        assert not policy.is_valid(last.note)
        with pytest.raises(EntryUnknown):
            prove_entry(connection, origin, row.size)

    await near.database.read(look)


async def findings(world: RecordWorld, party: RecordParty) -> list[dict[str, object]]:
    """Return what the verifier finds in a party's export, but that no log is silent."""
    into = io.BytesIO()
    now = world.clock.now()
    await party.database.read(
        lambda c: export_space(c, into, world.space, party.record.keys, {}, now)
    )
    return verify.rows_of(verify.verify(into, set()), "findings")
