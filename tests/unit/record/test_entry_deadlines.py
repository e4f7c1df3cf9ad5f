"""The time that an entry gives: a row with the entry, at each party by its own clock."""

import hashlib

import pytest
import sqlalchemy as sa
from whenever import Instant

from parley.clock import FakeClock, from_milliseconds, milliseconds
from parley.identity.keys import PartyKey
from parley.ids import SpaceId
from parley.record import repository, tables
from parley.record.checkpoint import Origin
from parley.record.deadlines import (
    OUR_ENTRY,
    THEIR_ENTRY,
    cancel_entry_deadline,
    deadline_of,
    find_entry_deadline,
)
from parley.record.entry import TIME_MS_MAX, Entry, Precedence
from parley.record.keeping import Appended
from parley.record.kinds import Kind
from parley.record.ports import DeadlineDue, EntryCame, Keeper, RecordEvent
from parley.record.view import RecordLook
from parley.storage.deadline import Deadline, DeadlineState
from parley.storage.deadlines import Deadlines
from parley.testing.record_world import RecordParty, RecordWorld

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far")]
GIVEN_S = 600


async def test_each_party_counts_from_what_happened_at_its_own_place(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """The author from the entry's time, the reader from when it was durable there."""
    world.cut.add(frozenset(world.parties))
    said = await ask(world, near)
    start = world.clock.now()
    world.clock.advance(86_400)
    world.cut.clear()
    world.line_up(near)
    await world.carry()

    ours, theirs = await row(near, said), await row(far, said)

    assert ours.due_at == start.add(seconds=GIVEN_S)
    assert theirs.due_at == start.add(seconds=86_400 + GIVEN_S)
    assert (ours.kind, theirs.kind) == (OUR_ENTRY, THEIR_ENTRY)


async def test_the_end_is_told_once_whatever_is_restarted(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """At both parties, to those who listen, with the place of the entry."""
    said = await ask(world, near)
    await world.carry()
    for party in (near, far):
        told = await over(world, party, GIVEN_S - 1)
        assert told == []
        world.clock.advance(1 - GIVEN_S)
        party.kill()
        await party.start()
    world.clock.advance(GIVEN_S)

    for party in (near, far):
        told = await over(world, party, 0)
        assert [(each.hash, each.place) for each in told] == [(said.hash, said.index)]
        assert told[0].origin.party == near.party
        party.kill()
        await party.start()
        assert await over(world, party, 0) == []


async def test_an_entry_that_ran_ahead_has_its_time_from_then_on(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """And no second one when its log catches up, even if the first was over and is forgotten."""
    await near.record.append(world.space, Kind.STATEMENT, {0: "first"})
    said = await ask(world, near, precedence=Precedence.FLASH)
    await world.work()
    early = await hold_back_packages(world, near, far)
    ran_ahead = (await row(far, said)).due_at
    await far.database.write(
        lambda c: c.execute(sa.text("DELETE FROM deadline WHERE kind = 'entry.theirs'"))
    )
    world.clock.advance(60)
    world.under_way[near.party, far.party] = early
    await world.carry()

    assert ran_ahead == world.clock.now().add(seconds=GIVEN_S - 60)
    assert await found(far, said) is None
    assert far.record.space(world.space).mirrors[near.party, 0].mirror.tree.size == said.index + 1


async def test_what_was_answered_in_time_is_not_told(world: RecordWorld, near: RecordParty) -> None:
    """Whoever answers cancels it, with the answer."""
    said = await ask(world, near)
    now = world.clock.now()
    await near.record.append(
        world.space,
        Kind.STATEMENT,
        {0: "done"},
        also=lambda connection: _cancel(connection, said.hash, now),
    )

    assert await over(world, near, GIVEN_S) == []
    assert (await shown(near, said)) == ("cancelled", now.add(seconds=GIVEN_S).format_iso())


async def test_an_entry_is_shown_with_the_end_of_its_time_here(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Waiting, then done."""
    said = await ask(world, near)
    await world.carry()
    end = world.clock.now().add(seconds=GIVEN_S).format_iso()

    assert await shown(far, said) == ("waiting", end)
    await over(world, far, GIVEN_S)
    assert await shown(far, said) == ("done", end)


async def test_a_keeper_writes_with_the_entry_at_both_parties_once(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """With one that is appended, and with one that runs ahead before its log."""
    kept: dict[RecordParty, list[bytes]] = {near: [], far: []}

    def keeper(hashes: list[bytes]) -> Keeper:
        return lambda _connection, came, _now: hashes.append(came.hash)

    for party, hashes in kept.items():
        party.record.keep_with([Kind.STATEMENT], keeper(hashes))
    first = await near.record.append(world.space, Kind.STATEMENT, {0: "first"})
    said = await ask(world, near, precedence=Precedence.FLASH)
    await world.carry()

    assert kept[near] == [first.hash, said.hash]
    assert sorted(kept[far]) == sorted([first.hash, said.hash])


async def test_a_keeper_that_fails_loses_its_rows_and_no_entry(
    world: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """One bad entry must not stop a log: the next one is kept with its rows."""

    def keep(connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        del now
        log = far.record.space(world.space).mirrors[near.party, 0].id
        count = came.entry.time_ms
        connection.execute(tables.set_aside.insert().values(log=log, code="kept", count=count))
        if came.entry.body == b"\xa1\x00cbad":
            reason = "the domain does not like it"
            raise ValueError(reason)

    far.record.keep_with([Kind.STATEMENT], keep)
    await near.record.append(world.space, Kind.STATEMENT, {0: "bad"})
    await world.carry()
    assert await far.database.read(repository.set_aside_counts) == {}
    await near.record.append(world.space, Kind.STATEMENT, {0: "good"})
    await world.carry()

    mirror = far.record.space(world.space).mirrors[near.party, 0]
    assert mirror.mirror.tree.size == near.record.space(world.space).own.log.tree.size
    assert list(await far.database.read(repository.set_aside_counts)) == [mirror.id]


@pytest.mark.parametrize(("time_ms", "deadline_ms"), [(5, None), (5, 5), (5, 4)])
def test_an_entry_that_gives_no_time_has_no_row(time_ms: int, deadline_ms: int | None) -> None:
    """It was over when it was written."""
    assert deadline_of(came_at(time_ms, deadline_ms), KEYS[0].party, FakeClock().now()) is None


def test_no_entry_gives_more_time_than_there_is() -> None:
    """The year 9999 ends every one; nothing overflows."""
    now = FakeClock().now()

    found = deadline_of(came_at(0, TIME_MS_MAX), KEYS[1].party, now)

    assert found is not None
    assert found.due_at == from_milliseconds(TIME_MS_MAX)


def came_at(time_ms: int, deadline_ms: int | None) -> EntryCame:
    """Return an entry of the first party that came."""
    origin = Origin(_space(), KEYS[0].party)
    entry = Entry(
        space=_space(),
        author=KEYS[0].party,
        kind=Kind.STATEMENT,
        time_ms=time_ms,
        deadline_ms=deadline_ms,
        body=b"\xa0",
    )
    return EntryCame(origin, 0, bytes(32), entry)


async def ask(
    world: RecordWorld, party: RecordParty, precedence: Precedence | None = None
) -> Appended:
    """Say something that wants an answer in ten minutes."""
    deadline_ms = milliseconds(world.clock.now()) + GIVEN_S * 1_000
    return await party.record.append(
        world.space, Kind.STATEMENT, {0: "well?"}, deadline_ms=deadline_ms, precedence=precedence
    )


async def over(world: RecordWorld, party: RecordParty, seconds: int) -> list[DeadlineDue]:
    """Let time pass at a party, and return which ends it was told of."""
    told: list[RecordEvent] = []
    party.record.listen(told.append)
    deadlines = Deadlines(party.database, world.clock)
    party.record.watch_deadlines(deadlines)
    world.clock.advance(seconds)
    await deadlines.tick()
    return [each for each in told if isinstance(each, DeadlineDue)]


async def found(party: RecordParty, said: Appended) -> Deadline | None:
    """Return the row of an entry at a party, if there is one."""
    return await party.database.read(lambda c: find_entry_deadline(c, said.hash))


async def row(party: RecordParty, said: Appended) -> Deadline:
    """Return the row of an entry at a party."""
    deadline = await found(party, said)
    assert deadline is not None
    assert deadline.state is DeadlineState.WAITING
    return deadline


async def shown(party: RecordParty, said: Appended) -> tuple[str | None, str | None]:
    """Return how the end of an entry's time is shown at a party."""

    def look(connection: sa.Connection) -> tuple[str | None, str | None]:
        entry = repository.find_entry(connection, said.hash)
        assert entry is not None
        logs = {log.id: log for log in repository.logs(connection)}
        spaces = {space.id: space for space in repository.spaces(connection)}
        view = RecordLook(connection, party.party, lambda _: None).entry(entry, logs, spaces)
        return view.due, view.due_at

    return await party.database.read(look)


async def hold_back_packages(
    world: RecordWorld, sender: RecordParty, to: RecordParty
) -> list[bytes]:
    """Deliver what runs ahead, and return what is held back."""
    letters = world.under_way[sender.party, to.party]
    ahead = [body for body in letters if body[:3] == b"\xa4\x00\x06"]
    rest = [body for body in letters if body not in ahead]
    assert ahead
    world.under_way[sender.party, to.party] = ahead
    await world.deliver(sender.party, to.party, len(ahead))
    world.under_way[sender.party, to.party].clear()
    return rest


def _cancel(connection: sa.Connection, digest: bytes, now: Instant) -> None:
    assert cancel_entry_deadline(connection, digest, now)


def _space() -> SpaceId:
    return SpaceId.of_pair(KEYS[0].party, KEYS[1].party)
