"""Our own log: the one place where entries are appended, flushed and signed.

Entries are taken one by one and signed together: :meth:`OwnLog.flush` returns what is to be stored
in one transaction (entries, tiles, the new checkpoint) and nothing leaves the node before that has
been committed. When a commit fails the log's memory is ahead of the disk; it is thrown away and
made anew from what is stored, never tried again.

A log that was started may be one that was restored from a backup, and what it would append next may
have been signed once before. So it begins *unproved* and appends nothing until a mirror has shown
the newest checkpoint of ours that it was ever shown::

    UNPROVED --HEAD_PROVED--> OPEN --CLOSE--> CLOSED
       |  ^                    |
       |  '--(tail imported)   '--TAIL_MISSING, BRANCH_FOUND--> FORKED
       '--TAIL_MISSING--> BEHIND --HEAD_PROVED--> OPEN

A log that has no entry yet, at a party that never wrote in this space, proves itself by its mirrors
knowing nothing of it either. Where no mirror is left, the operator begins a new epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from whenever import Instant

from parley.errors import EncodingRefused, EntryMalformed, LogNotOpen, NoteMalformed, ProofWrong
from parley.record.checkpoint import Checkpoint, Origin, read_checkpoint
from parley.record.entry import Entry, check_theirs, read_entry
from parley.record.kinds import Kind
from parley.record.letters import Package
from parley.record.merkle import EMPTY_ROOT, leaf_hash
from parley.record.note import Note, read_note
from parley.record.replica import EntriesStored, take_in
from parley.record.signing import CheckpointCosigner, NoteSigner, require
from parley.record.tiles import Tree
from parley.transitions import follow


class LogState(StrEnum):
    """Whether our log may grow."""

    UNPROVED = "unproved"
    """Just started; a mirror must show how far we had come."""
    BEHIND = "behind"
    """A mirror holds more of our log than we do; the tail is to be imported first."""
    OPEN = "open"
    """Entries may be appended."""
    CLOSED = "closed"
    """The epoch has its closing entry; the next epoch goes on."""
    FORKED = "forked"
    """What a mirror holds under our signature is not what we have: only a new epoch goes on."""


class LogEvent(StrEnum):
    """What happens to our log."""

    HEAD_PROVED = "head_proved"
    TAIL_MISSING = "tail_missing"
    BRANCH_FOUND = "branch_found"
    CLOSE = "close"


_S = LogState
_E = LogEvent

TRANSITIONS: Final[Mapping[tuple[LogState, LogEvent], LogState]] = {
    (_S.UNPROVED, _E.HEAD_PROVED): _S.OPEN,
    (_S.UNPROVED, _E.TAIL_MISSING): _S.BEHIND,
    (_S.UNPROVED, _E.BRANCH_FOUND): _S.FORKED,
    (_S.BEHIND, _E.HEAD_PROVED): _S.OPEN,
    (_S.BEHIND, _E.TAIL_MISSING): _S.BEHIND,
    (_S.BEHIND, _E.BRANCH_FOUND): _S.FORKED,
    (_S.OPEN, _E.HEAD_PROVED): _S.OPEN,
    (_S.OPEN, _E.TAIL_MISSING): _S.FORKED,
    (_S.OPEN, _E.BRANCH_FOUND): _S.FORKED,
    (_S.OPEN, _E.CLOSE): _S.CLOSED,
    (_S.CLOSED, _E.HEAD_PROVED): _S.CLOSED,
    (_S.CLOSED, _E.TAIL_MISSING): _S.FORKED,
    (_S.CLOSED, _E.BRANCH_FOUND): _S.FORKED,
    **{(_S.FORKED, event): _S.FORKED for event in _E if event is not _E.CLOSE},
}


def step(state: LogState, event: LogEvent) -> LogState:
    """Return the next state.

    Raises:
        TransitionRefused: only an open log is closed.
    """
    return follow(TRANSITIONS, "log", state, event)


@dataclass(frozen=True, slots=True)
class LogFlushed:
    """What one flush made: to be stored together, before any of it leaves the node."""

    stored: EntriesStored
    """The entries since the last flush, with the tiles that changed."""
    note: Note
    """The new checkpoint, signed and timed."""


class OwnLog:
    """The log that we alone write to, in one space and epoch."""

    def __init__(
        self,
        origin: Origin,
        signer: NoteSigner,
        cosigners: Sequence[CheckpointCosigner],
        tree: Tree,
        signed_s: int = 0,
        *,
        is_closing: bool = False,
    ) -> None:
        """Take up the log where it was left; it appends nothing yet.

        Args:
            origin: which log.
            signer: signs checkpoints; its name is the origin.
            cosigners: give them their time: the Ed25519 one, then the ML-DSA-44 one if there is.
            tree: the tree over what is stored.
            signed_s: the time of the last checkpoint stored. No checkpoint is given an earlier one,
                whatever the clock says: two of them would say that the log had shrunk.
            is_closing: whether the last entry stored closes the epoch.
        """
        self.origin = origin
        self.tree = tree
        self.state = LogState.UNPROVED
        self._signed_s = signed_s
        self._signer = signer
        self._cosigners = cosigners
        self._entries: list[bytes] = []
        self._is_closing = is_closing
        self._shown: list[Checkpoint] = []

    @property
    def is_closing(self) -> bool:
        """Whether its last entry closes the epoch: nothing follows it."""
        return self._is_closing

    def append(self, encoded: bytes, written: Entry | None = None) -> int:
        """Take an entry for the next flush; return the place it will have.

        Args:
            encoded: the entry's bytes.
            written: what they say, where :func:`~parley.record.entry.write_entry` made them: it
                has read them back. Without it they are read here.

        Raises:
            LogNotOpen: the log may not grow.
            EncodingRefused, EntryMalformed, EntryNotTheirs: nobody would read it as ours.
        """
        if self.state is not LogState.OPEN or self._is_closing:
            raise LogNotOpen(state="closing" if self._is_closing else self.state.value)
        entry = read_entry(encoded) if written is None else written
        check_theirs(entry, self.origin.space, self.origin.party)
        self._is_closing = entry.kind == Kind.CLOSING
        self._entries.append(encoded)
        return self.tree.size + len(self._entries) - 1

    def flush(self, now: Instant, *, is_lasting: bool = False) -> LogFlushed:
        """Sign a checkpoint over everything appended, or over what there was, with the time.

        Args:
            now: the wall clock; checkpoints are timed by it.
            is_lasting: whether to add the ML-DSA-44 signature, as once a minute and when parties
                agree.

        Raises:
            LogNotOpen: a log that may be behind its mirrors signs nothing.
        """
        if self.state not in {LogState.OPEN, LogState.CLOSED}:
            raise LogNotOpen(state=self.state.value)
        entries, self._entries = tuple(self._entries), []
        start = self.tree.size
        leaves = tuple(map(leaf_hash, entries))
        self.tree.extend(leaves)
        if self._is_closing and self.state is LogState.OPEN:
            self.state = step(self.state, LogEvent.CLOSE)
        text = Checkpoint(self.origin, self.tree.size, self.tree.root()).text()
        seconds = self._signed_s = max(self._signed_s, int(now.timestamp()))
        cosigners = self._cosigners if is_lasting else self._cosigners[:1]
        cosigned = (cosigner.cosign(text, seconds) for cosigner in cosigners)
        note = Note(text, (self._signer.sign(text), *cosigned))
        return LogFlushed(EntriesStored(start, entries, self.tree.changed(), leaves), note)

    def heads_shown(self, notes: Sequence[bytes | None]) -> LogState:
        """Take the newest checkpoints of our log that mirrors were shown; ``None``: it has none.

        Not only what a mirror holds counts: a checkpoint that we signed and whose entries never
        reached it binds us as well. At the start, all mirrors that can be reached are asked before
        this is called: they differ in how far they had come, and the first answer opens the log.

        Raises:
            ValueError: no mirror was asked; that proves nothing.
            NoteMalformed: one is no checkpoint of this log.
            NoteUnsigned: we did not sign it.
            NoteSignatureWrong: a signature does not hold.
        """
        if not notes:
            reason = "without a mirror a log is not proved"
            raise ValueError(reason)
        shown = [self.read_shown(encoded) for encoded in notes]
        self._shown = [*(self._shown if self.state is LogState.BEHIND else ()), *shown]
        self.state = step(self.state, self._event())
        return self.state

    def take_tail(self, package: Package) -> EntriesStored:
        """Import entries of ours that a mirror held and we lost; the last one opens the log.

        Raises:
            LogNotOpen: nothing is missing.
            ProofWrong: the package is not in a log that we signed and was shown.
        """
        if self.state is not LogState.BEHIND:
            raise LogNotOpen(state=self.state.value)
        target = next((each for each in self._shown if each.size == package.size), None)
        if target is None:
            raise ProofWrong(reason="towards no checkpoint that was shown")
        stored = take_in(self.tree, package, target)
        self._is_closing = _closes(stored.entries, self._is_closing)
        self.state = step(self.state, self._event())
        return stored

    def read_shown(self, encoded: bytes | None) -> Checkpoint:
        """Return a checkpoint that we signed, and never sign with an earlier time than its own.

        Raises:
            NoteMalformed: it is no checkpoint of this log.
            NoteUnsigned: we did not sign it.
            NoteSignatureWrong: a signature does not hold.
        """
        if encoded is None:
            return Checkpoint(self.origin, 0, EMPTY_ROOT)
        note = read_note(encoded)
        require(note, self._signer.verifier)
        shown = read_checkpoint(note.text)
        if shown.origin != self.origin:
            raise NoteMalformed(reason="another log")
        signed_s = require(note, self._cosigners[0].verifier).seconds or 0
        self._signed_s = max(self._signed_s, signed_s)
        return shown

    def _event(self) -> LogEvent:
        if any(shown.size > self.tree.size for shown in self._shown):
            return LogEvent.TAIL_MISSING
        if any(self.tree.root_of(0, shown.size) != shown.root for shown in self._shown):
            return LogEvent.BRANCH_FOUND
        return LogEvent.HEAD_PROVED


def _closes(entries: Sequence[bytes], otherwise: bool) -> bool:  # noqa: FBT001  what was known
    """Say whether the last of some entries of ours closes the epoch."""
    if not entries:
        return otherwise
    try:
        return read_entry(entries[-1]).kind == Kind.CLOSING
    except (EncodingRefused, EntryMalformed):
        return False
