"""A log of another party that holds whatever a test wants, signed with that party's own keys.

What a hostile or broken node may write: entries that nobody can read, two trees of one size,
checkpoints without their entries. No record stands behind it: :func:`give` hands its letters to a
:func:`lone_record`, whose other parties never start.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from whenever import Instant

from parley.identity.keys import PartyKey
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value, encode
from parley.record.checkpoint import Checkpoint, Origin, read_checkpoint
from parley.record.entry import Entry, Precedence, write_entry
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    RecordLetter,
    Showing,
    write_letter,
)
from parley.record.merkle import leaf_hash
from parley.record.note import Note, read_note
from parley.record.proof import EntryProof
from parley.record.tiles import TILE_WIDTH, Tree
from parley.storage.source import DatabaseSource
from parley.testing.record_world import RecordParty, RecordWorld

NOON: Final = Instant.from_utc(2026, 11, 1, 12)


class ForeignLog:
    """One log, written by hand."""

    def __init__(self, key: PartyKey, space: SpaceId, epoch: int = 0) -> None:
        """Begin with nothing in it."""
        self.keys = RecordKeys(key)
        self.origin = Origin(space, key.party, epoch)
        self.entries: list[bytes] = []
        self._tiles = Tree(0, lambda _: b"")

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.entries)

    def add(self, *entries: bytes) -> None:
        """Add entries, whatever their bytes are."""
        self.entries += entries
        self._tiles.extend([leaf_hash(each) for each in entries])

    def entry(
        self,
        kind: Kind = Kind.STATEMENT,
        body: dict[int, Value] | None = None,
        precedence: Precedence | None = None,
        refs: tuple[bytes, ...] = (),
        actor: ActorId | None = None,
        thread: ThreadId | None = None,
    ) -> bytes:
        """Return an entry that counts; it is not added."""
        made = Entry(
            space=self.origin.space,
            author=self.origin.party,
            kind=kind,
            time_ms=NOON.timestamp(unit="millisecond"),
            precedence=precedence,
            refs=refs,
            actor=actor,
            thread=thread,
            body=encode({0: "words"} if body is None else body),
        )
        return write_entry(made)

    def note(self, at: Instant = NOON, root: bytes | None = None) -> bytes:
        """Return a checkpoint over all of it, or one that claims another root."""
        tree = self._tiles
        text = Checkpoint(self.origin, self.size, root or tree.root()).text()
        signed = self.keys.signer(self.origin).sign(text)
        cosigned = self.keys.cosigners[0].cosign(text, int(at.timestamp()))
        return Note(text, (signed, cosigned)).encoded()

    def growth(self, old_size: int = 0, at: Instant = NOON) -> Growth:
        """Return the letter that offers the newest checkpoint."""
        proof = self._tiles.prove_consistency(old_size, self.size)
        return Growth(self.origin, old_size, tuple(proof), self.note(at))

    def package(self, start: int = 0, end: int | None = None) -> Package:
        """Return the letter with the entries from ``start`` on, of one bundle at most."""
        low = start - start % TILE_WIDTH
        stop = min(self.size if end is None else end, low + TILE_WIDTH)
        proof = self._tiles.prove_subtree(low, stop, self.size)
        taken = tuple(self.entries[start:stop])
        return Package(self.origin, self.size, start, taken, tuple(proof))

    def proved(self, place: int) -> ProvedEntry:
        """Return the letter with one entry and its proof, ahead of the others."""
        hashes: Sequence[bytes] = self._tiles.prove_inclusion(place, self.size)
        note = read_note(self.note())
        proof = EntryProof(place, tuple(hashes), note)
        return ProvedEntry(self.origin, self.entries[place], proof.encoded())

    def held(self, log: Origin, note: bytes, at: Instant = NOON) -> Answer:
        """Return this party's word that it holds another log up to a checkpoint."""
        read = read_note(note)
        size = read_checkpoint(read.text).size
        line = self.keys.cosigners[0].cosign(read.text, int(at.timestamp())).line()
        return Answer(log, AnswerKind.HELD, size, size, line)


async def lone_record(
    template: Path,
    folder: Path,
    keys: Sequence[PartyKey],
    place: Callable[[], DatabaseSource] | None = None,
) -> RecordParty:
    """Start the record of the first party alone; its log is unproved, its mirrors have been asked.

    Args:
        template: an empty database with all its tables.
        folder: where the databases lie.
        keys: of every party of the space, the running one first.
        place: names another engine's database, empty.
    """
    world = RecordWorld(template, folder, keys)
    party = world.parties[keys[0].party]
    if place is not None:
        party.place = place  # type: ignore[method-assign]
    await party.start()
    await party.record.open_space(world.space, world.members)
    for other in party.record.space(world.space).others:
        party.record.answers(other)
    return party


async def give(party: RecordParty, sender: PartyId, *letters: RecordLetter) -> list[RecordLetter]:
    """Let a record take letters from a party and work; return what it answers to it."""
    for letter in letters:
        party.record.take(sender, letter, len(write_letter(letter)))
    while await party.record.work():
        pass
    return party.record.answers(sender)


async def prove(party: RecordParty) -> None:
    """Let every other party say that it was never shown anything of the log: it opens."""
    space = party.record.space(party.world.space)
    for other in space.others:
        await give(party, other, Showing(space.own.origin, b"", b""))
