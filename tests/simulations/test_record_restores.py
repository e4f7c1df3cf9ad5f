"""Old backups are restored again and again, whatever lines are cut: no fork, no number used twice.

PARLEY_RESTORES sets how many. Every life follows from its seed, which a failure names;
PARLEY_FIRST_SEED sets the first.
"""

import asyncio
import hashlib
import io
import os
import random
import shutil
from pathlib import Path

import pytest
from typing_extensions import override

from parley import verify
from parley.identity.keys import PartyKey
from parley.ids import PartyId
from parley.record.checkpoint import Origin, read_checkpoint
from parley.record.handover import export_space
from parley.record.kinds import Kind
from parley.record.letters import Growth, Package, ProvedEntry, RecordLetter, read_letter
from parley.record.log import LogState
from parley.record.merkle import leaf_hash
from parley.record.note import read_note
from parley.record.ours import RESTORED
from parley.record.proof import read_proof
from parley.record.view import RecordLook, SpaceView
from parley.storage import Database
from parley.storage.restoring import is_unproved, mark_restored
from parley.testing.record_world import RecordParty, RecordWorld

RESTORES = int(os.environ.get("PARLEY_RESTORES", "10"))
FIRST = int(os.environ.get("PARLEY_FIRST_SEED", "0"))
RESTORES_EACH = 10
"""Restores in one life."""
AFTER_A_LOSS = {"log_truncated", "log_silent", "log_missing"}
"""What the verifier may find where entries were signed, seen by nobody and lost."""


class ShownWorld(RecordWorld):
    """A world that remembers all that arrived anywhere, and holds every letter against it."""

    roots: dict[tuple[Origin, int], bytes]
    leaves: dict[tuple[Origin, int], bytes]

    @override
    def seen(self, body: bytes) -> RecordLetter:
        """Hold checkpoints and entries against those of the same place that came before."""
        letter = read_letter(body)
        match letter:
            case Growth():
                checkpoint = read_checkpoint(read_note(letter.note).text)
                self.hold(self.roots, checkpoint.origin, checkpoint.size, checkpoint.root)
            case Package():
                for place, entry in enumerate(letter.entries, letter.start):
                    self.hold(self.leaves, letter.origin, place, leaf_hash(entry))
            case ProvedEntry():
                place = read_proof(letter.proof).index
                self.hold(self.leaves, letter.origin, place, leaf_hash(letter.entry))
            case _:
                pass
        return letter

    @staticmethod
    def hold(
        known: dict[tuple[Origin, int], bytes], origin: Origin, number: int, found: bytes
    ) -> None:
        """Accept what is new, or the same again."""
        assert known.setdefault((origin, number), found) == found, (origin.text(), number)


class Life:
    """One seeded life of two or three parties."""

    def __init__(self, seed: int, template: Path, folder: Path) -> None:
        """Begin."""
        self.dice = random.Random(seed)  # noqa: S311  a test's own dice
        count = self.dice.choice([2, 3])
        keys = [PartyKey(hashlib.sha256(f"{number}".encode()).digest()) for number in range(count)]
        self.world = ShownWorld(template, folder, keys)
        self.world.roots, self.world.leaves = {}, {}
        self.backups: dict[PartyId, list[Path]] = {key.party: [] for key in keys}
        self.restores = self.said = self.waits = 0

    async def live(self) -> None:
        """Restore again and again, then heal everything and hold everybody to everything."""
        await self.world.start()
        await self.world.carry()
        while self.restores < RESTORES_EACH:
            party = self.dice.choice(list(self.world.parties.values()))
            await self.dice.choice([self.say, self.say, self.change_line, self.back_up])(party)
            await self.pass_by()
            if self.dice.random() < 0.4 and self.backups[party.party]:
                await self.restore(party)
        await self.heal()

    async def say(self, party: RecordParty) -> None:
        """Append some entries, if the log may grow."""
        if self.state(party) is not LogState.OPEN:
            return
        count = self.dice.choice([1, 2, 20])
        self.said += count
        texts = [f"{self.said} {number}" for number in range(count)]
        append, space = party.record.append, self.world.space
        await asyncio.gather(*(append(space, Kind.STATEMENT, {0: text}) for text in texts))

    async def change_line(self, party: RecordParty) -> None:
        """Cut a line, or heal it."""
        other = self.dice.choice([each for each in self.world.parties if each != party.party])
        place = frozenset({party.party, other})
        self.world.cut ^= {place}
        if place not in self.world.cut:
            self.meet(party, self.world.parties[other])

    async def back_up(self, party: RecordParty) -> None:
        """Keep a copy of a party's disk."""
        copy = party.file.with_suffix(f".{len(self.backups[party.party])}")
        party.database.close()
        shutil.copyfile(party.file, copy)
        self.backups[party.party].append(copy)
        party.kill()
        await self.open(party)

    async def restore(self, party: RecordParty) -> None:
        """Put any of its backups in the place of a party's disk, as `parley restore` does."""
        party.kill()
        shutil.copyfile(self.dice.choice(self.backups[party.party]), party.file)
        database, now = Database.open(party.file, 1), self.world.clock.now()
        database.write_now(lambda c: mark_restored(c, now, now))
        database.close()
        self.restores += 1
        await self.open(party)
        await self.look_at_mark(party)
        await self.pass_by()
        await self.look_at_mark(party)

    async def look_at_mark(self, party: RecordParty) -> None:
        """While the mark stands nothing grows and everybody can see why; afterwards it is gone."""
        is_marked = await party.database.read(is_unproved)
        shown = (await self.shown(party)).logs
        own = next(each for each in shown if each.is_ours)
        assert (own.backup_of is not None) == is_marked == (own.state not in {"open", "closed"})
        if own.state == RESTORED:
            self.waits += 1
            assert own.waits_for

    async def pass_by(self) -> None:
        """Let a while pass, and some or all letters arrive."""
        self.world.clock.advance(self.dice.choice([1, 11, 70, 700]))
        for party in self.world.parties.values():
            party.record.tick()
        await self.world.work()
        for (sender, to), letters in self.world.under_way.items():
            if letters and frozenset({sender, to}) not in self.world.cut:
                await self.world.deliver(sender, to, self.dice.randrange(len(letters) + 1))
        if self.dice.random() < 0.5:
            await self.world.carry()

    async def heal(self) -> None:
        """Heal every line; all logs open, all copies are alike, the verifier finds nothing.

        What a party signed and nobody was ever given is gone with its disk; so is a mirror's memory
        that was restored as well. There the operator begins an epoch, and the verifier says so.
        """
        self.world.cut.clear()
        for party in self.world.parties.values():
            self.world.line_up(party)
        await self.settle()
        ended = [party for party in self.world.parties.values() if not self.is_open(party)]
        for party in ended:
            assert self.state(party) in {LogState.UNPROVED, LogState.BEHIND}
            await party.record.begin_epoch(self.world.space)
        await self.settle()
        for party in self.world.parties.values():
            assert self.is_open(party)
            assert not await party.database.read(is_unproved)
            found = verify.verify(io.BytesIO(await self.export(party)), set())["findings"]
            assert isinstance(found, list)
            assert {each["code"] for each in found} <= (AFTER_A_LOSS if ended else set())
        self.world.stop()

    async def settle(self) -> None:
        """Let everything arrive, and some minutes pass."""
        for _ in range(6):
            await self.world.carry()
            self.world.clock.advance(31)
            for party in self.world.parties.values():
                party.record.tick()
        await self.world.carry()

    async def export(self, party: RecordParty) -> bytes:
        """Return what a party would hand over."""
        into, now = io.BytesIO(), self.world.clock.now()
        space, keys = self.world.space, party.record.keys
        await party.database.read(lambda c: export_space(c, into, space, keys, {}, now))
        return into.getvalue()

    async def shown(self, party: RecordParty) -> SpaceView:
        """Return how a party's record is shown."""
        live = party.record.live()
        look = await party.database.read(
            lambda c: RecordLook(c, party.party, lambda _: None).spaces(live)
        )
        return look[0]

    def meet(self, party: RecordParty, other: RecordParty) -> None:
        """Begin anew on one line."""
        for first, second in ((party, other), (other, party)):
            self.world.under_way[first.party, second.party].clear()
            first.record.line_up(second.party)

    async def open(self, party: RecordParty) -> None:
        """Start a party again; its lines that are not cut come up by themselves."""
        await party.start()
        for other in self.world.parties.values():
            if other is not party and party.is_up(other.party):
                self.meet(party, other)

    def is_open(self, party: RecordParty) -> bool:
        """Say whether a party's log may grow."""
        return self.state(party) is LogState.OPEN

    def state(self, party: RecordParty) -> LogState:
        """Return whether a party's log may grow."""
        return party.record.space(self.world.space).own.log.state


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + max(1, RESTORES // RESTORES_EACH)))
async def test_no_restore_of_an_old_backup_forks_a_log_or_uses_a_number_twice(
    seed: int, template: Path, tmp_path: Path
) -> None:
    """Also while the one who was shown the most cannot be asked: then the log waits, visibly."""
    try:
        await Life(seed, template, tmp_path).live()
    except BaseException as error:
        error.add_note(f"PARLEY restore life, seed {seed}")
        raise
