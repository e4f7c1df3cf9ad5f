"""One party's copy of another's log, and what it may say about it (C2SP tlog-mirror).

The mirror takes bytes from a letter and ``now``, and returns acts in order. Whoever runs it does
them in one transaction, and sends the answers after the commit: a cosignature that leaves is about
entries that are on the disk. When a commit fails, the mirror's memory is ahead of the disk; it is
thrown away and made anew from what is stored.

The mirror first locks onto a checkpoint (a *growth*: signed by the log, proved to contain what was
known), then takes packages proved to be in it. So every entry is authenticated before it is stored,
and whatever two senders mix up, the copy is a beginning of one signed tree. The sender need not be
the author: any party that has the letters can bring them.

What is held is bytes. An entry that cannot be read, or names another author or space, is in the log
all the same: it is held, proved and set aside, and it stops nothing.

Whoever runs the mirror may have come out of a backup, and have cosigned more than it knows of. So a
mirror that was started cosigns nothing before the log's own party has shown it a checkpoint, which
is at least as large as all that was cosigned, and nothing smaller than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from whenever import Instant

from parley.errors import (
    EncodingRefused,
    EntryMalformed,
    EntryNotTheirs,
    LogFrozen,
    LogUnknown,
    NoteMalformed,
    ProofWrong,
    TheirError,
    TilesMalformed,
)
from parley.record.checkpoint import Checkpoint, Origin, read_checkpoint
from parley.record.entry import Entry, judge
from parley.record.evidence import EvidenceKind, LogEvidence, write_evidence
from parley.record.letters import Answer, AnswerKind, Growth, Package
from parley.record.merkle import EMPTY_ROOT, check_consistency
from parley.record.note import Note, read_note
from parley.record.replica import EntriesStored, take_in
from parley.record.signing import CheckpointCosigner, NoteVerifier, require
from parley.record.tiles import Tree

PENDING_MAX: Final = 16
"""Checkpoints a package may lead to. More costs 300 bytes each, less restarts uploads in haste."""
EVIDENCE_MAX: Final = 8
"""Contradictions kept of one log; the first one says everything."""
AHEAD_S_MAX: Final = 600
"""A party's clock may be ahead of ours by this much before its word on the time is refused."""


@dataclass(frozen=True, slots=True)
class KeepCheckpoint:
    """Store the newest checkpoint the mirror is locked onto, before it is answered."""

    note: bytes
    """The signed checkpoint."""


@dataclass(frozen=True, slots=True)
class RememberCheckpoint:
    """Store the largest checkpoint the log's party ever showed, whether or not it was taken.

    A party that loses its disk asks for it: what it signed binds it, even if nothing came after.
    """

    note: bytes
    """The signed checkpoint."""


@dataclass(frozen=True, slots=True)
class HoldCheckpoint:
    """Store a checkpoint with our cosignatures: everything up to it is held."""

    note: bytes
    """The checkpoint with the log's signatures and ours."""
    size: int
    """How many entries are held."""


@dataclass(frozen=True, slots=True)
class EntryLearned:
    """Tell the domains of an entry that counts."""

    index: int
    """Its place in the log."""
    entry: Entry
    """The entry."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Count and show something that was refused."""

    code: str
    """A code of ``protocol/errors.toml``."""
    index: int | None = None
    """The entry's place in the log, where it is about one that is held all the same."""


@dataclass(frozen=True, slots=True)
class KeepEvidence:
    """Store what shows that the log is disputed, and alarm the desk."""

    evidence: bytes
    """For :func:`parley.record.evidence.read_evidence`."""


MirrorAct: TypeAlias = (
    KeepCheckpoint
    | RememberCheckpoint
    | EntriesStored
    | HoldCheckpoint
    | EntryLearned
    | SetAside
    | KeepEvidence
    | Answer
)


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The keys of the party that writes a log."""

    log: NoteVerifier
    """Signs its checkpoints; its name is the origin."""
    cosigner: NoteVerifier
    """Gives them their time."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """A checkpoint the mirror is locked onto."""

    checkpoint: Checkpoint
    note: Note
    seconds: int
    """When its party said that this was the largest tree there is."""


class Mirror:
    """The copy of one log of another party."""

    def __init__(
        self,
        origin: Origin,
        keys: LogKeys,
        cosigners: Sequence[CheckpointCosigner],
        tree: Tree,
        pending: bytes | None = None,
        shown: bytes | None = None,
        cosigned_s: int = 0,
    ) -> None:
        """Take up a mirror where it was left.

        Args:
            origin: which log.
            keys: the keys of its party.
            cosigners: our own keys, the Ed25519 one first.
            tree: the tree over what is stored.
            pending: the checkpoint last kept by :class:`KeepCheckpoint`.
            shown: the checkpoint last kept by :class:`RememberCheckpoint`.
            cosigned_s: the time of our last cosignature on this log; none is given an earlier one,
                because two of them would say that the log had shrunk.
        """
        self.origin = origin
        self.tree = tree
        self.is_disputed = False
        self.is_frozen = False
        """Whether its key is not believed any more: then nothing is taken, and nothing cosigned."""
        self._keys = keys
        self._cosigners = cosigners
        self._pending: dict[int, _Pending] = {}
        self._newest = Checkpoint(origin, 0, EMPTY_ROOT)
        self._seconds = -1
        self._cosigned_s = cosigned_s
        self._cosigned_min: int | None = None
        self._started_s: int | None = None
        self._contradictions = 0
        self._largest: _Pending | None = None
        if pending is not None:
            self._lock(self._read(pending, None))
        if shown is not None:
            self._remember(self._read(shown, None))

    @property
    def cosigned_s(self) -> int:
        """The time of our last cosignature on this log, POSIX seconds."""
        return self._cosigned_s

    @property
    def signed_size(self) -> int:
        """How many entries the party says that the log has."""
        return self._newest.size

    def newest(self) -> bytes | None:
        """Return the largest checkpoint we were shown, for its party to go on from after a loss."""
        return None if self._largest is None else self._largest.note.encoded()

    def complete(self) -> bytes | None:
        """Return the checkpoint up to which all is stored, whether or not it may be cosigned yet.

        A party that loses its disk is given back that much.
        """
        found = self._pending.get(self.tree.size)
        return None if found is None else found.note.encoded()

    def take_growth(
        self, growth: Growth, now: Instant, *, is_vouched: bool = True
    ) -> list[MirrorAct]:
        """Lock onto a newer checkpoint, if it is one (C2SP tlog-witness, add-checkpoint).

        Args:
            growth: what was sent.
            now: by our clock.
            is_vouched: whether the log's party itself sent it, knowing how far the log had come.
        """
        if growth.origin != self.origin:
            return [SetAside(LogUnknown.code), self._answer(AnswerKind.UNKNOWN)]
        try:
            offered = self._read(growth.note, now)
        except TheirError as error:
            return [SetAside(error.code), self._answer(AnswerKind.REFUSED)]
        if self.is_frozen:
            kept = [RememberCheckpoint(growth.note)] if self._remember(offered) else []
            return [*kept, *self._frozen()]
        self._learn_what_was_cosigned(offered, now, is_vouched=is_vouched)
        acts = self._judged(growth, offered, now)
        return [RememberCheckpoint(growth.note), *acts] if self._remember(offered) else acts

    def take_package(self, package: Package, now: Instant) -> list[MirrorAct]:
        """Take in entries that are proved to be in a checkpoint we know (add-entries)."""
        if package.origin != self.origin:
            return [SetAside(LogUnknown.code), self._answer(AnswerKind.UNKNOWN)]
        if self.is_frozen:
            return self._frozen()
        target = self._pending.get(package.size)
        if target is None or package.start > self.tree.size:
            return [self._answer(AnswerKind.ELSEWHERE)]
        try:
            stored = take_in(self.tree, package, target.checkpoint)
        except ProofWrong as error:
            return [SetAside(error.code), self._answer(AnswerKind.REFUSED)]
        acts: list[MirrorAct] = [stored] if stored.entries else []
        acts += [
            self._judge(stored.start + number, encoded)
            for number, encoded in enumerate(stored.entries)
        ]
        return [*acts, *self._held(now)]

    def _frozen(self) -> list[MirrorAct]:
        return [SetAside(LogFrozen.code), self._answer(AnswerKind.REFUSED)]

    def _learn_what_was_cosigned(
        self, offered: _Pending, now: Instant, *, is_vouched: bool
    ) -> None:
        """Take the first checkpoint that is at least as large as all that we ever cosigned.

        What nobody vouches for may be older than that, unless it was signed since we started.
        """
        if self._started_s is None:
            self._started_s = int(now.timestamp())
        is_since = offered.seconds >= self._started_s + AHEAD_S_MAX
        if self._cosigned_min is None and (is_since or is_vouched):
            self._cosigned_min = offered.checkpoint.size

    def _judged(self, growth: Growth, offered: _Pending, now: Instant) -> list[MirrorAct]:
        """Keep what contradicts, or grow."""
        evidence = self._contradiction(offered)
        if evidence is not None:
            return [*self._dispute(evidence), self._answer(AnswerKind.REFUSED)]
        try:
            return self._grow(growth, offered, now)
        except TheirError as error:
            return [SetAside(error.code), self._answer(AnswerKind.REFUSED)]

    def _grow(self, growth: Growth, offered: _Pending, now: Instant) -> list[MirrorAct]:
        checkpoint, newest = offered.checkpoint, self._newest
        if checkpoint.size < newest.size or growth.old_size != newest.size:
            return [self._answer(AnswerKind.ELSEWHERE)]
        if checkpoint.size == newest.size and offered.seconds <= self._seconds:
            return [self._answer(AnswerKind.ELSEWHERE)]
        if offered.seconds < self._seconds:
            raise NoteMalformed(reason="its time goes back")
        proof = list(growth.proof)
        check_consistency(newest.size, newest.root, checkpoint.size, checkpoint.root, proof)
        self._lock(offered)
        is_complete = checkpoint.size == self.tree.size
        rest = self._held(now) if is_complete else [self._answer(AnswerKind.STORED)]
        return [KeepCheckpoint(growth.note), *rest]

    def _contradiction(self, offered: _Pending) -> LogEvidence | None:
        """Return what shows that the party contradicted what it signed before."""
        checkpoint, largest = offered.checkpoint, self._largest
        if largest is None or checkpoint.size > largest.checkpoint.size:
            return None
        ours, theirs = largest.note.encoded(), offered.note.encoded()
        if checkpoint.size == largest.checkpoint.size:
            if checkpoint.root == largest.checkpoint.root:
                return None
            return LogEvidence(EvidenceKind.SAME_SIZE, theirs, ours)
        if offered.seconds > largest.seconds:
            return LogEvidence(EvidenceKind.ROLLED_BACK, theirs, ours)
        return self._other_branch(offered)

    def _other_branch(self, offered: _Pending) -> LogEvidence | None:
        """Return what shows that a tree is not the beginning of the one that we hold."""
        size, newest = offered.checkpoint.size, self._newest
        known = self._pending.get(newest.size)
        if known is None or not size <= newest.size <= self.tree.size:
            return None
        root = self.tree.root_of(0, size)
        if root == offered.checkpoint.root:
            return None
        proof = tuple(self.tree.prove_consistency(size, newest.size))
        theirs, held = offered.note.encoded(), known.note.encoded()
        return LogEvidence(EvidenceKind.OTHER_BRANCH, theirs, held, root, proof)

    def _remember(self, offered: _Pending) -> bool:
        """Say whether this is the largest checkpoint yet, and take note of it."""
        largest = self._largest
        if largest is not None and offered.checkpoint.size <= largest.checkpoint.size:
            return False
        self._largest = offered
        return True

    def _dispute(self, evidence: LogEvidence) -> list[MirrorAct]:
        """Mark the log; it is followed on the branch it was on, and never repaired silently."""
        self.is_disputed = True
        self._contradictions += 1
        if self._contradictions > EVIDENCE_MAX:
            return []
        return [KeepEvidence(write_evidence(evidence))]

    def _read(self, encoded: bytes, now: Instant | None) -> _Pending:
        """Return a checkpoint that the log's party signed, with its time."""
        note = read_note(encoded)
        checkpoint = read_checkpoint(note.text)
        if checkpoint.origin != self.origin:
            raise LogUnknown
        require(note, self._keys.log)
        seconds = require(note, self._keys.cosigner).seconds or 0
        if now is not None and seconds > now.timestamp() + AHEAD_S_MAX:
            raise NoteMalformed(reason="its time is far ahead")
        return _Pending(checkpoint, note, seconds)

    def _lock(self, pending: _Pending) -> None:
        self._newest, self._seconds = pending.checkpoint, pending.seconds
        if self._largest is None or pending.checkpoint.size >= self._largest.checkpoint.size:
            self._largest = pending
        self._pending.pop(pending.checkpoint.size, None)
        self._pending[pending.checkpoint.size] = pending
        if len(self._pending) > PENDING_MAX:
            del self._pending[next(iter(self._pending))]

    def _held(self, now: Instant) -> list[MirrorAct]:
        """Cosign the checkpoint that is complete, if one is and we cosigned none that is larger."""
        complete = self._pending.get(self.tree.size)
        least = self._cosigned_min
        if complete is None or least is None or self.tree.size < least:
            return [self._answer(AnswerKind.STORED)]
        if self.tree.root() != complete.checkpoint.root:
            raise TilesMalformed(what="tree")
        text = complete.note.text
        seconds = self._cosigned_s = max(self._cosigned_s, int(now.timestamp()))
        ours = tuple(cosigner.cosign(text, seconds) for cosigner in self._cosigners)
        note = Note(text, (*complete.note.signatures, *ours)).encoded()
        lines = "".join(signature.line() for signature in ours)
        return [HoldCheckpoint(note, self.tree.size), self._answer(AnswerKind.HELD, lines)]

    def _judge(self, index: int, encoded: bytes) -> EntryLearned | SetAside:
        try:
            return EntryLearned(index, judge(encoded, self.origin.space, self.origin.party))
        except (EncodingRefused, EntryMalformed, EntryNotTheirs) as error:
            return SetAside(error.code, index)

    def _answer(self, kind: AnswerKind, signatures: str = "") -> Answer:
        return Answer(self.origin, kind, self._newest.size, self.tree.size, signatures)
