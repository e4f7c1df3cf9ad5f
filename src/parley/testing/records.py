"""Parties that keep a record together in memory: for unit tests, simulations and benches.

Each keeper has a disk that survives it and a memory that does not. What it sends goes into a list
that the test carries, delays, loses or repeats as it likes.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override
from whenever import Instant

from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.checkpoint import Origin, cosigner_name, read_checkpoint
from parley.record.entry import Entry, Head, SealedBody, write_entry
from parley.record.export import LogExport, RecordExport, with_signatures
from parley.record.feed import CheckpointHeld, EntrySource, LogFeed
from parley.record.kinds import HUMAN_KINDS, MACHINE_KINDS, Kind
from parley.record.letters import Answer, AnswerKind, Growth, Package, read_letter, write_letter
from parley.record.log import LogFlushed, LogState, OwnLog
from parley.record.mirror import (
    EntryLearned,
    HoldCheckpoint,
    KeepCheckpoint,
    KeepEvidence,
    LogKeys,
    Mirror,
    MirrorAct,
    RememberCheckpoint,
    SetAside,
)
from parley.record.note import read_note
from parley.record.replica import EntriesStored
from parley.record.signing import (
    CheckpointCosigner,
    Ed25519CheckpointCosigner,
    MlDsaCheckpointCosigner,
    NoteSigner,
)
from parley.record.tiles import TileId, Tree

START: Final = Instant.from_utc(2026, 11, 1, 12)


@dataclass(slots=True)
class LogDisk(EntrySource):
    """What one party has stored of one log."""

    stored: list[bytes] = field(default_factory=list)
    """Every entry."""
    tiles: dict[TileId, bytes] = field(default_factory=dict)
    """The newest form of every tile."""
    notes: list[bytes] = field(default_factory=list)
    """Every checkpoint: of an own log those signed, of a mirror those held."""
    pending: bytes | None = None
    """Of a mirror, the checkpoint it is locked onto."""
    shown: bytes | None = None
    """Of a mirror, the largest checkpoint it was ever shown."""
    evidence: list[bytes] = field(default_factory=list)
    """Contradictions of the log's party."""
    set_aside: list[SetAside] = field(default_factory=list)
    """What was refused."""
    learned: list[EntryLearned] = field(default_factory=list)
    """Entries that count."""

    @override
    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return entries of a span."""
        return self.stored[start:end]

    def tree(self) -> Tree:
        """Return the tree over what is stored."""
        return Tree(len(self.stored), lambda tile: self.tiles.get(tile, b""))

    def store(self, stored: EntriesStored) -> None:
        """Store entries and tiles."""
        if stored.start != len(self.stored):
            reason = "entries are stored in order"
            raise AssertionError(reason)
        self.stored += stored.entries
        self.tiles.update(stored.tiles)

    def copy(self) -> "LogDisk":
        """Return a backup of this disk."""
        return dataclasses.replace(
            self,
            stored=list(self.stored),
            tiles=dict(self.tiles),
            notes=list(self.notes),
            evidence=list(self.evidence),
            set_aside=list(self.set_aside),
            learned=list(self.learned),
        )


class PartySigners:
    """The keys of one made-up party; its name is its secret."""

    def __init__(self, name: str, epoch: int = 0) -> None:
        """Derive everything from the name."""
        self.name = name
        self.seed = hashlib.sha256(f"log {name}".encode()).digest()
        public = NoteSigner("x", self.seed).verifier.public
        self.party = PartyId.of_key(public)
        self.epoch = epoch
        lattice = hashlib.sha256(f"lattice {name}".encode()).digest()
        self.cosigners: tuple[CheckpointCosigner, ...] = (
            Ed25519CheckpointCosigner(cosigner_name(self.party), self.seed),
            MlDsaCheckpointCosigner(cosigner_name(self.party), lattice),
        )

    def origin(self, space: SpaceId) -> Origin:
        """Return the name of the party's log."""
        return Origin(space, self.party, self.epoch)

    def signer(self, space: SpaceId) -> NoteSigner:
        """Return the key that signs the party's checkpoints."""
        return NoteSigner(self.origin(space).text(), self.seed)

    def keys(self, space: SpaceId) -> LogKeys:
        """Return what others check the party's log with."""
        return LogKeys(self.signer(space).verifier, self.cosigners[0].verifier)


class RecordKeeper:
    """One party that keeps a record with others."""

    def __init__(self, own: PartySigners, others: Sequence[PartySigners], space: SpaceId) -> None:
        """Start with empty disks, and the log open."""
        self.own = own
        self.others = {other.party: other for other in others}
        self.space = space
        self.disk = LogDisk()
        self.mirror_disks = {party: LogDisk() for party in self.others}
        self.held: dict[PartyId, list[CheckpointHeld]] = {party: [] for party in self.others}
        self.sent: list[tuple[PartyId, bytes]] = []
        self.seen: dict[PartyId, int] = {}
        self.load()
        self.log.heads_shown([None])
        policy = self.policy()
        vkeys: list[Value] = [cosigner.verifier.vkey() for cosigner in self.own.cosigners]
        vkeys.insert(0, self.own.signer(space).verifier.vkey())
        self.say(START, Kind.OPENING, {0: policy, 1: vkeys, 2: None})

    def load(self) -> None:
        """Make everything anew from the disks, as after a crash; the log is unproved."""
        signed_s = 0
        for encoded in self.disk.notes[-1:]:
            content = read_note(encoded).signatures[1].signature
            signed_s = int.from_bytes(content[:8], "big")
        self.log = OwnLog(
            self.own.origin(self.space),
            self.own.signer(self.space),
            self.own.cosigners,
            self.disk.tree(),
            signed_s,
        )
        self.mirrors: dict[PartyId, Mirror] = {}
        self.feeds: dict[PartyId, LogFeed] = {}
        for party, other in self.others.items():
            disk = self.mirror_disks[party]
            self.mirrors[party] = Mirror(
                other.origin(self.space),
                other.keys(self.space),
                self.own.cosigners[:1],
                disk.tree(),
                disk.pending,
                disk.shown,
            )
            feed = LogFeed(self.log.origin, self.log.tree, self.disk)
            for note in self.disk.notes[-1:]:
                feed.extend(note)
            self.feeds[party] = feed

    def policy(self) -> str:
        """Return the policy of the space: everyone must hold."""
        everyone = sorted([self.own, *self.others.values()], key=lambda each: each.name)
        lines = [f"log {each.signer(self.space).verifier.vkey()}" for each in everyone]
        lines += [f"witness {each.name} {each.cosigners[0].verifier.vkey()}" for each in everyone]
        names = " ".join(each.name for each in everyone)
        return "\n".join((*lines, f"group everyone all {names}", "quorum everyone", ""))

    def say(
        self,
        now: Instant,
        kind: Kind = Kind.STATEMENT,
        body: dict[int, Value] | None = None,
        refs: tuple[bytes, ...] = (),
        sealed: SealedBody | None = None,
    ) -> bytes:
        """Append an entry with what was newly seen of the others; return its bytes."""
        entry = Entry(
            space=self.space,
            author=self.own.party,
            kind=kind,
            time_ms=now.timestamp(unit="millisecond"),
            refs=refs,
            heads=() if kind is Kind.OPENING else self._heads(),
            actor=ActorId(b"person of " + self.own.party[:6]) if kind in HUMAN_KINDS else None,
            body=None if sealed else encode(body if body is not None else _words(kind)),
            sealed=sealed,
        )
        encoded = write_entry(entry)
        self.log.append(encoded, entry)
        return encoded

    def flush(self, now: Instant, *, is_lasting: bool = False) -> LogFlushed:
        """Store and announce what was appended."""
        flushed = self.log.flush(now, is_lasting=is_lasting)
        self.disk.store(flushed.stored)
        self.disk.notes.append(flushed.note.encoded())
        for feed in self.feeds.values():
            feed.extend(flushed.note.encoded())
        self.feed(now)
        return flushed

    def feed(self, now: Instant) -> None:
        """Put what is due for the others into the list of what is sent."""
        for party, feed in self.feeds.items():
            for letter in feed.due(now.timestamp()):
                if isinstance(letter, Growth) and not self._is_vouched():
                    letter = dataclasses.replace(letter, is_unproved=True)  # noqa: PLW2901
                self.sent.append((party, write_letter(letter)))

    def receive(self, sender: PartyId, body: bytes, now: Instant) -> None:
        """Take a letter from another party, do what follows, and answer."""
        letter = read_letter(body)
        match letter:
            case Answer():
                verifier = self.others[sender].cosigners[0].verifier
                held = self.feeds[sender].take(letter, [verifier], now.timestamp())
                if held is not None:
                    self.held[sender].append(held)
                self.feed(now)
            case Growth():
                writer = letter.origin.party
                is_vouched = sender == writer and not letter.is_unproved
                acts = self.mirrors[writer].take_growth(letter, now, is_vouched=is_vouched)
                self._do(sender, writer, acts)
            case Package():
                mirror = self.mirrors[letter.origin.party]
                self._do(sender, letter.origin.party, mirror.take_package(letter, now))
            case _:
                reason = "keepers ask each other without letters"
                raise AssertionError(reason)

    def recover(self, others: Sequence["RecordKeeper"]) -> LogState:
        """Ask other keepers what they were shown of our log, and take back what they hold of it.

        Where somebody was shown more than anybody holds, the log stays behind: what the others hold
        comes back, and goes no further.
        """
        party = self.own.party
        held = [(other.held_of(party), other) for other in others]
        shown = [other.mirrors[party].newest() for other in others]
        notes = [other.mirror_disks[party].notes[-1:] for other in others]
        self.log.heads_shown([*shown, *(note for found in notes for note in found)])
        size, other = max(held, key=lambda each: each[0])
        self._take_back(other, size)
        return self.log.state

    def held_of(self, party: PartyId) -> int:
        """Return how many entries of another's log we said that we hold."""
        notes = self.mirror_disks[party].notes
        return read_checkpoint(read_note(notes[-1]).text).size if notes else 0

    def _take_back(self, other: "RecordKeeper", size: int) -> None:
        """Import what another keeper holds of our log, up to a size."""
        origin, party = self.log.origin, self.own.party
        feed = LogFeed(origin, other.mirrors[party].tree, other.mirror_disks[party])
        while self._is_behind() and self.log.tree.size < size:
            answer = Answer(origin, AnswerKind.STORED, size, self.log.tree.size)
            feed.take(answer, [], 0)
            for letter in feed.due(0):
                if isinstance(letter, Package):
                    self.disk.store(self.log.take_tail(letter))

    def export(self) -> RecordExport:
        """Return all that this keeper has, as it would export it."""
        logs = [self._exported(self.log.origin, self.log.tree, self.disk)]
        for party, mirror in self.mirrors.items():
            logs.append(self._exported(mirror.origin, mirror.tree, self.mirror_disks[party]))
        everyone = [self.own, *self.others.values()]
        verifiers = [each.signer(self.space).verifier for each in everyone]
        verifiers += [cosigner.verifier for each in everyone for cosigner in each.cosigners]
        evidence = [each for disk in self.mirror_disks.values() for each in disk.evidence]
        return RecordExport(self.space, [log for log in logs if log], verifiers, evidence)

    def _exported(self, origin: Origin, tree: Tree, disk: LogDisk) -> LogExport | None:
        if not disk.notes:
            return None
        notes = [read_note(encoded) for encoded in disk.notes]
        if origin.party == self.own.party:
            notes += [held.note for found in self.held.values() for held in found]
        notes.sort(key=lambda note: read_checkpoint(note.text).size)
        texts = {note.text: note for note in notes if len(note.signatures) > 1}
        history = [with_signatures(note, notes) for note in texts.values()]
        return LogExport(origin, history[-1], history[:-1], tree, disk)

    def _is_vouched(self) -> bool:
        newest = read_checkpoint(read_note(self.disk.notes[-1]).text)
        return self.log.state is LogState.OPEN and newest.size == self.log.tree.size

    def _is_behind(self) -> bool:
        return self.log.state is LogState.BEHIND

    def _do(self, sender: PartyId, writer: PartyId, acts: Sequence[MirrorAct]) -> None:
        disk = self.mirror_disks[writer]
        for act in acts:
            match act:
                case KeepCheckpoint():
                    disk.pending = act.note
                case RememberCheckpoint():
                    disk.shown = act.note
                case EntriesStored():
                    disk.store(act)
                case HoldCheckpoint():
                    disk.notes.append(act.note)
                case KeepEvidence():
                    disk.evidence.append(act.evidence)
                case SetAside():
                    disk.set_aside.append(act)
                case EntryLearned():
                    disk.learned.append(act)
                case Answer():
                    self.sent.append((sender, write_letter(act)))

    def _heads(self) -> tuple[Head, ...]:
        heads: list[Head] = []
        for party, mirror in sorted(self.mirrors.items()):
            notes = self.mirror_disks[party].notes
            if not notes:
                continue
            checkpoint = read_checkpoint(read_note(notes[-1]).text)
            if self.seen.get(party, 0) < checkpoint.size:
                self.seen[party] = checkpoint.size
                heads.append(Head(party, mirror.origin.epoch, checkpoint.size, checkpoint.root))
        return tuple(heads)


def _words(kind: Kind) -> dict[int, Value]:
    return {0: "words"} if kind not in MACHINE_KINDS and kind is not Kind.ERASURE else {}


def carry(keepers: dict[PartyId, RecordKeeper], now: Instant) -> None:
    """Carry letters between keepers until nobody has anything to say."""
    while any(keeper.sent for keeper in keepers.values()):
        for sender, keeper in keepers.items():
            letters, keeper.sent = keeper.sent, []
            for receiver, body in letters:
                keepers[receiver].receive(sender, body, now)


def keepers_of(*names: str) -> dict[PartyId, RecordKeeper]:
    """Return parties that keep a record together."""
    signers = [PartySigners(name) for name in names]
    seed = b"".join(sorted(each.party for each in signers))
    space = SpaceId(hashlib.sha256(b"parley space\0" + seed).digest()[:16])
    return {
        own.party: RecordKeeper(own, [each for each in signers if each is not own], space)
        for own in signers
    }
