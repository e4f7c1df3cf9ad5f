"""Running records of several parties in one process, without nodes: for seeded histories.

Each party has the real :class:`~parley.record.keeping.Record` on a database of its own; between
them lie lists of letters that a history delivers, delays, loses or repeats. A crash closes the
database under the record and opens it again; a restore puts an older copy of its file there first.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from typing_extensions import override

from parley.clock import FakeClock
from parley.identity.keys import PartyKey
from parley.ids import PartyId, SpaceId
from parley.record.keeping import Record
from parley.record.letters import RecordLetter, read_letter, write_letter
from parley.record.ports import RecordPort
from parley.storage import Database
from parley.storage.source import DatabaseSource

WINDOW_BYTES: Final = 200_000
"""Small, so that histories see packages under way."""


class RecordParty(RecordPort):
    """One party's record, its disk, and the letters it has written."""

    def __init__(self, world: "RecordWorld", key: PartyKey, file: Path) -> None:
        """Use :class:`RecordWorld`."""
        self.world = world
        self.key = key
        self.file = file
        self.log_keys: Path | None = None
        self.refused: list[str] = []
        self.database: Database
        self.record: Record

    @property
    def party(self) -> PartyId:
        """Which party."""
        return self.key.party

    async def start(self) -> None:
        """Open the database as it lies there."""
        self.database = Database.open(self.place(), 1)
        self.record = Record(
            database=self.database,
            key=self.key,
            clock=self.world.clock,
            port=self,
            log_keys=self.log_keys,
        )
        await self.record.start()

    def place(self) -> Path | DatabaseSource:
        """Return where the disk is; a contract test has another engine's here."""
        return self.file

    def kill(self) -> None:
        """Lose the memory and every letter under way from or to this party."""
        self.database.close()
        for place in self.world.under_way:
            if self.party in place:
                self.world.under_way[place].clear()

    @override
    def is_up(self, party: PartyId) -> bool:
        """Say whether the way to a party is not cut."""
        return frozenset({self.party, party}) not in self.world.cut

    @override
    def wake(self, party: PartyId) -> None:
        """Take no note: the world asks."""

    @override
    def count(self, code: str, party: PartyId | None, number: int = 1) -> None:
        """Remember what was refused."""
        self.refused += [code] * number


class RecordWorld:
    """Some parties that keep a record together."""

    def __init__(self, template: Path, folder: Path, keys: Sequence[PartyKey]) -> None:
        """Give every party a fresh database.

        Args:
            template: an empty database with all its tables, made once.
            folder: where the databases lie.
            keys: one for each party.
        """
        self.clock = FakeClock()
        self.cut: set[frozenset[PartyId]] = set()
        self.parties: dict[PartyId, RecordParty] = {}
        for number, key in enumerate(keys):
            file = folder / f"{number}.db"
            shutil.copyfile(template, file)
            self.parties[key.party] = RecordParty(self, key, file)
        ids = list(self.parties)
        self.under_way: dict[tuple[PartyId, PartyId], list[bytes]] = {
            (sender, to): [] for sender in ids for to in ids if sender != to
        }
        is_pair = len(ids) == len({0, 1})
        self.space = SpaceId.of_pair(ids[0], ids[1]) if is_pair else SpaceId(bytes(ids[0]))
        self.members = {key.party: key.public for key in keys}

    async def start(self) -> None:
        """Start every party and open the space."""
        for party in self.parties.values():
            await party.start()
            await party.record.open_space(self.space, self.members)
        for party in self.parties.values():
            self.line_up(party)

    def stop(self) -> None:
        """Close every database."""
        for party in self.parties.values():
            party.database.close()

    def line_up(self, party: RecordParty) -> None:
        """Tell a party, and those it can reach, that their line came up."""
        for other in self.parties.values():
            if other is not party and party.is_up(other.party):
                party.record.line_up(other.party)
                other.record.line_up(party.party)

    async def work(self) -> None:
        """Let every party do what it has to do, and put what it then sends under way."""
        for sender in self.parties.values():
            while await sender.record.work():
                pass
        for (sender_id, to), letters in self.under_way.items():
            sender = self.parties[sender_id]
            if sender.is_up(to):
                room = WINDOW_BYTES - sum(map(len, letters))
                letters.extend(map(write_letter, sender.record.due(to, room)))

    async def deliver(self, sender: PartyId, to: PartyId, count: int) -> None:
        """Let the oldest letters of one party to another arrive."""
        letters = self.under_way[sender, to]
        for body in letters[:count]:
            self.parties[to].record.take(sender, self.seen(body), len(body))
        del letters[:count]
        await self.work()

    def seen(self, body: bytes) -> RecordLetter:
        """Return a letter that arrives; a test may look at it here."""
        return read_letter(body)

    async def carry(self) -> None:
        """Deliver until nobody has anything to say."""
        await self.work()
        while any(
            letters and frozenset(place) not in self.cut
            for place, letters in self.under_way.items()
        ):
            for (sender, to), letters in self.under_way.items():
                if letters and frozenset({sender, to}) not in self.cut:
                    await self.deliver(sender, to, len(letters))
