"""Two and three parties keep a record through cuts, crashes, restores and lost letters.

Every history follows from its seed, which a failure names; PARLEY_HISTORIES sets how many are lived
through, PARLEY_FIRST_SEED where they begin. After each step nothing may have been signed twice in
two ways, and no copy may differ from the log it copies; at the end every copy is whole and every
export holds.
"""

import io
import os
import random
from collections import defaultdict
from collections.abc import Callable

import pytest

from parley import verify
from parley.ids import PartyId
from parley.record.checkpoint import Origin, read_checkpoint
from parley.record.export import write_export
from parley.record.kinds import Kind
from parley.record.letters import Growth, read_letter
from parley.record.log import LogState
from parley.record.note import read_note
from parley.testing.records import START, LogDisk, RecordKeeper, keepers_of

HISTORIES = int(os.environ.get("PARLEY_HISTORIES", "200"))
FIRST = int(os.environ.get("PARLEY_FIRST_SEED", "0"))
CHUNK = 20
STEPS = 50
Backup = tuple[LogDisk, dict[PartyId, LogDisk]]


class World:
    """Some parties, the lines between them, and what has been said so far."""

    def __init__(self, seed: int) -> None:
        """Begin a history."""
        self.dice = random.Random(seed)  # noqa: S311  a test's own dice
        self.keepers = keepers_of(*("one", "two", "three")[: self.dice.choice([2, 2, 3])])
        self.now = START
        self.under_way: dict[tuple[PartyId, PartyId], list[bytes]] = defaultdict(list)
        self.cut: set[frozenset[PartyId]] = set()
        self.backups: dict[PartyId, Backup] = {}
        self.shown: dict[tuple[Origin, int], bytes] = {}
        self.said: dict[PartyId, list[bytes]] = {party: [] for party in self.keepers}
        self.ended: set[PartyId] = set()
        for keeper in self.keepers.values():
            keeper.flush(self.now)
        self.collect()

    def live(self) -> None:
        """Let things happen, then let all of it settle."""
        steps: list[Callable[[RecordKeeper], None]] = [
            *(self.say, self.say, self.flush, self.flush, self.deliver, self.deliver, self.deliver),
            *(self.deliver, self.change_line, self.back_up, self.crash, self.restore),
        ]
        for _ in range(STEPS):
            self.now = self.now.add(seconds=self.dice.choice([0, 1, 1, 30]))
            step = self.dice.choice(steps)
            step(self.dice.choice(list(self.keepers.values())))
            self.check()
        self.settle()

    def say(self, keeper: RecordKeeper) -> None:
        """Append some entries."""
        if keeper.log.state is LogState.OPEN:
            for _ in range(self.dice.choice([1, 1, 2, 3, 5, 20, 20, 270])):
                keeper.say(self.now)

    def flush(self, keeper: RecordKeeper) -> None:
        """Sign and store."""
        if keeper.log.state is LogState.OPEN:
            keeper.flush(self.now)
            self.collect()

    def deliver(self, keeper: RecordKeeper) -> None:
        """Let some letters to a party arrive."""
        for sender in self.keepers:
            letters = self.under_way[sender, keeper.own.party]
            if frozenset({sender, keeper.own.party}) not in self.cut:
                for _ in range(self.dice.randrange(len(letters) + 1)):
                    self.arrive(sender, keeper.own.party, letters.pop(0))
                    self.collect()

    def change_line(self, keeper: RecordKeeper) -> None:
        """Cut a line, or heal it."""
        other = self.dice.choice(list(keeper.others))
        self.cut ^= {frozenset({keeper.own.party, other})}

    def back_up(self, keeper: RecordKeeper) -> None:
        """Copy a party's disks."""
        mirrors = {party: disk.copy() for party, disk in keeper.mirror_disks.items()}
        self.backups[keeper.own.party] = (keeper.disk.copy(), mirrors)

    def crash(self, keeper: RecordKeeper) -> None:
        """Lose a node's memory and every letter under way to it or from it."""
        if keeper.own.party in self.ended:
            return
        party = keeper.own.party
        keeper.sent.clear()
        for place in self.under_way:
            if party in place:
                self.under_way[place].clear()
        keeper.load()
        for other in keeper.others:
            self.cut.discard(frozenset({party, other}))
            self.keepers[other].feeds[party].restart()
        if keeper.recover([self.keepers[other] for other in keeper.others]) is not LogState.OPEN:
            # What we had signed and shown is nowhere any more: only a new epoch goes on.
            self.ended.add(party)
        for other_keeper in self.keepers.values():
            other_keeper.feed(self.now)
        self.collect()

    def restore(self, keeper: RecordKeeper) -> None:
        """Lose a party's disks, go back to the last backup, and take back what others hold."""
        party = keeper.own.party
        if party not in self.backups or party in self.ended or self.lost_elsewhere(keeper):
            return
        own, mirrors = self.backups[party]
        keeper.disk = own.copy()
        keeper.mirror_disks = {other: disk.copy() for other, disk in mirrors.items()}
        keeper.held = {other: [] for other in keeper.others}
        held = max(self.keepers[other].held_of(party) for other in keeper.others)
        self.crash(keeper)
        assert len(keeper.disk.stored) >= held

    def lost_elsewhere(self, keeper: RecordKeeper) -> bool:
        """Say whether a restore would lose what another party lost before and has not got back.

        Two parties that both lose their disks may lose what only they had; one must not.
        """
        party = keeper.own.party
        mirrors = [self.keepers[other].mirrors[party] for other in keeper.others]
        notes = [mirror.newest() for mirror in mirrors]
        known = [read_checkpoint(read_note(note).text).size for note in notes if note]
        shown = [size for origin, size in self.shown if origin.party == party]
        return max(shown, default=0) > max(known, default=0) or any(
            len(keeper.mirror_disks[other].stored) > len(self.keepers[other].disk.stored)
            for other in keeper.others
        )

    def collect(self) -> None:
        """Put what was sent under way."""
        for sender, keeper in self.keepers.items():
            letters, keeper.sent = keeper.sent, []
            for receiver, body in letters:
                self.under_way[sender, receiver].append(body)

    def arrive(self, sender: PartyId, receiver: PartyId, body: bytes) -> None:
        """Let a letter arrive; what was ever shown to anybody is never shown in another way."""
        letter = read_letter(body)
        if isinstance(letter, Growth):
            checkpoint = read_checkpoint(read_note(letter.note).text)
            place = (checkpoint.origin, checkpoint.size)
            assert self.shown.setdefault(place, checkpoint.root) == checkpoint.root
        self.keepers[receiver].receive(sender, body, self.now)

    def check(self) -> None:
        """Hold every copy against the log it copies."""
        for party, keeper in self.keepers.items():
            copies = [keeper.disk.stored]
            copies += [self.keepers[other].mirror_disks[party].stored for other in keeper.others]
            for copy in copies:
                shared = min(len(copy), len(self.said[party]))
                if party not in self.ended:
                    assert copy[:shared] == self.said[party][:shared]
            longest = max(copies, key=len)
            mirrored = max(copies[1:], key=len)
            self.said[party] = list(mirrored if len(mirrored) >= len(longest) else longest)
            for disk in keeper.mirror_disks.values():
                assert not disk.evidence
                assert not disk.set_aside

    def settle(self) -> None:
        """Heal every line, lose nothing more, and hold everybody to everything."""
        self.cut.clear()
        for keeper in self.keepers.values():
            if keeper.log.state is LogState.OPEN:
                keeper.say(self.now, Kind.SIGHTING)
                keeper.flush(self.now)
        self.carry()
        for party, keeper in self.keepers.items():
            for other in keeper.others:
                if party not in self.ended:
                    mirrored = self.keepers[other].mirror_disks[party].stored
                    assert mirrored == keeper.disk.stored
                    assert keeper.held[other][-1].size == len(mirrored)
        for keeper in self.keepers.values():
            if not self.ended:
                into = io.BytesIO()
                export = keeper.export()
                write_export(into, export, keeper.own.party, keeper.own.seed, self.now)
                assert verify.verify(into, set())["findings"] == []

    def carry(self) -> None:
        """Deliver until nobody has anything to say."""
        self.collect()
        while any(self.under_way.values()):
            for (sender, receiver), letters in list(self.under_way.items()):
                while letters:
                    self.arrive(sender, receiver, letters.pop(0))
            self.collect()


@pytest.mark.parametrize("chunk", range(HISTORIES // CHUNK))
def test_no_history_loses_or_forks_what_was_held(chunk: int) -> None:
    """Whatever happens to lines, nodes and disks, one at a time."""
    start = FIRST + chunk * CHUNK
    for seed in range(start, start + CHUNK):
        try:
            World(seed).live()
        except Exception as error:
            error.add_note(f"PARLEY history, seed {seed}")
            raise


def test_a_restore_where_nobody_holds_all_that_was_shown_brings_back_what_is_held() -> None:
    """A mirror that was shown a checkpoint had only a part of its entries, not held."""
    world = World(10)
    world.live()
    assert world.ended


@pytest.mark.parametrize("seed", [9038, 9644])
def test_a_mirror_out_of_a_backup_does_not_say_that_the_log_shrank(seed: int) -> None:
    """It had cosigned a larger tree than those that its backup and the letters knew of."""
    World(seed).live()


def test_a_history_follows_from_its_seed() -> None:
    """Lived twice, it is the same."""
    worlds = [World(7), World(7)]
    for world in worlds:
        world.live()
    assert worlds[0].said == worlds[1].said
