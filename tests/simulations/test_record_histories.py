"""Running records live through seeded histories of cuts, crashes, lost letters and old backups.

Every history follows from its seed, which a failure names; PARLEY_RECORD_HISTORIES sets how many,
PARLEY_FIRST_SEED where they begin.
What was ever shown to anybody is never shown in another way, no copy differs from the log it
copies, and at the end both sides export the same bytes and the verifier finds nothing.
"""

import asyncio
import hashlib
import io
import os
import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typing_extensions import override

from parley import verify
from parley.identity.keys import PartyKey
from parley.ids import PartyId
from parley.record.checkpoint import Origin, read_checkpoint
from parley.record.entry import Precedence
from parley.record.handover import export_space
from parley.record.kinds import Kind
from parley.record.letters import Growth, RecordLetter, read_letter
from parley.record.log import LogState
from parley.record.note import read_note
from parley.testing.record_world import RecordParty, RecordWorld

HISTORIES = int(os.environ.get("PARLEY_RECORD_HISTORIES", "20"))
FIRST = int(os.environ.get("PARLEY_FIRST_SEED", "0"))
CHUNK = 5
STEPS = 40


class HistoryWorld(RecordWorld):
    """A world that remembers all that was shown."""

    shown: dict[tuple[Origin, int], bytes]

    @override
    def seen(self, body: bytes) -> RecordLetter:
        """Hold a checkpoint against those of the same size that were shown before."""
        letter = read_letter(body)
        if isinstance(letter, Growth):
            checkpoint = read_checkpoint(read_note(letter.note).text)
            place = (checkpoint.origin, checkpoint.size)
            assert self.shown.setdefault(place, checkpoint.root) == checkpoint.root
        return letter


class History:
    """One seeded history."""

    def __init__(self, seed: int, template: Path, folder: Path) -> None:
        """Begin."""
        self.dice = random.Random(seed)  # noqa: S311  a test's own dice
        count = self.dice.choice([2, 2, 3])
        keys = [PartyKey(hashlib.sha256(f"{number}".encode()).digest()) for number in range(count)]
        self.folder = folder
        self.world = HistoryWorld(template, folder, keys)
        self.world.shown = {}
        self.backups: dict[PartyId, bool] = {}
        self.said = 0

    async def live(self) -> None:
        """Let things happen, then let all of it settle."""
        world = self.world
        await world.start()
        await world.carry()
        steps: list[Callable[[RecordParty], Awaitable[None]]] = [
            *(self.say, self.say, self.say, self.deliver, self.deliver, self.deliver),
            *(self.deliver, self.change_line, self.back_up, self.crash, self.restore),
        ]
        for _ in range(STEPS):
            world.clock.advance(self.dice.choice([0, 1, 1, 30, 70]))
            step = self.dice.choice(steps)
            await step(self.dice.choice(list(world.parties.values())))
            await world.work()
        await self.settle()

    async def say(self, party: RecordParty) -> None:
        """Append some entries at once."""
        if self.state(party) is not LogState.OPEN:
            return
        count = self.dice.choice([1, 1, 2, 5, 20, 270])
        urgency = self.dice.choice([None, None, None, Precedence.FLASH])
        self.said += count
        await asyncio.gather(
            *(
                party.record.append(
                    self.world.space, Kind.STATEMENT, {0: f"{self.said}"}, precedence=urgency
                )
                for _ in range(count)
            )
        )

    async def deliver(self, party: RecordParty) -> None:
        """Let some letters to a party arrive."""
        for (sender, to), letters in self.world.under_way.items():
            if to == party.party and party.is_up(sender):
                await self.world.deliver(sender, to, self.dice.randrange(len(letters) + 1))

    async def change_line(self, party: RecordParty) -> None:
        """Cut a line, or heal it."""
        other = self.dice.choice([each for each in self.world.parties if each != party.party])
        place = frozenset({party.party, other})
        self.world.cut ^= {place}
        if place not in self.world.cut:
            self.meet(party, self.world.parties[other])

    async def back_up(self, party: RecordParty) -> None:
        """Copy a party's disk."""
        party.database.close()
        shutil.copyfile(party.file, self.backup_of(party))
        self.backups[party.party] = True
        await self.open(party)

    async def crash(self, party: RecordParty) -> None:
        """Lose a node's memory, and every letter under way to it or from it."""
        party.kill()
        await self.open(party)

    async def restore(self, party: RecordParty) -> None:
        """Go back to the last backup, with every line up so that mirrors can be asked."""
        if party.party not in self.backups:
            return
        for other in self.world.parties.values():
            place = frozenset({party.party, other.party})
            if place in self.world.cut:
                self.world.cut.discard(place)
                self.meet(party, other)
        await self.world.carry()
        party.kill()
        shutil.copyfile(self.backup_of(party), party.file)
        await self.open(party)
        await self.world.carry()
        self.world.clock.advance(11)
        party.record.tick()
        await self.world.carry()
        assert self.state(party) is LogState.OPEN

    async def settle(self) -> None:
        """Heal every line and hold everybody to everything."""
        world = self.world
        world.cut.clear()
        for party in world.parties.values():
            world.line_up(party)
        await world.carry()
        for _ in range(4):
            world.clock.advance(31)
            for party in world.parties.values():
                party.record.tick()
            await world.carry()
        for party in world.parties.values():
            assert self.state(party) is LogState.OPEN
            assert not [code for code in party.refused if code != "letter.malformed"]
        exports = [await self.export(party) for party in world.parties.values()]
        assert [verify.verify(io.BytesIO(each), set())["findings"] for each in exports] == [
            [] for _ in exports
        ]
        roots = [self.roots(party) for party in world.parties.values()]
        assert all(each == roots[0] for each in roots)
        world.stop()

    def roots(self, party: RecordParty) -> dict[Origin, tuple[int, bytes]]:
        """Return size and root of every log that a party has."""
        kept = party.record.space(self.world.space)
        found = {own.origin: own.log.tree for own in kept.logs.values()}
        found |= {mirror.origin: mirror.mirror.tree for mirror in kept.mirrors.values()}
        return {origin: (tree.size, tree.root()) for origin, tree in found.items()}

    async def export(self, party: RecordParty) -> bytes:
        """Return what a party would hand over."""
        into = io.BytesIO()
        space, keys, now = self.world.space, party.record.keys, self.world.clock.now()
        await party.database.read(
            lambda connection: export_space(connection, into, space, keys, {}, now)
        )
        return into.getvalue()

    def meet(self, party: RecordParty, other: RecordParty) -> None:
        """Begin anew on one line."""
        for first, second in ((party, other), (other, party)):
            self.world.under_way[first.party, second.party].clear()
            first.record.line_up(second.party)

    async def open(self, party: RecordParty) -> None:
        """Start a party again; its lines come up by themselves."""
        await party.start()
        for other in self.world.parties.values():
            if other is not party and party.is_up(other.party):
                self.meet(party, other)

    def backup_of(self, party: RecordParty) -> Path:
        """Return where a party's backup lies."""
        return party.file.with_suffix(".backup")

    def state(self, party: RecordParty) -> LogState:
        """Return whether a party's log may grow."""
        return party.record.space(self.world.space).own.log.state


@pytest.mark.timeout(300)
@pytest.mark.parametrize("chunk", range(max(1, HISTORIES // CHUNK)))
async def test_no_history_loses_or_forks_what_was_held(
    chunk: int, template: Path, tmp_path: Path
) -> None:
    """Whatever happens to lines, nodes and disks, one at a time."""
    start = FIRST + chunk * CHUNK
    for seed in range(start, start + CHUNK):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            await History(seed, template, folder).live()
        except BaseException as error:
            error.add_note(f"PARLEY record history, seed {seed}")
            raise
        shutil.rmtree(folder)
