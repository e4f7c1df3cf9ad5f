"""Other parties' logs as a running node keeps them: mirrored, watched, brought to third parties.

A letter goes through :class:`~parley.record.mirror.Mirror`; what it says is to be done becomes rows
of one transaction here, and its answers leave after that. In a group the copy also goes on to the
others, so that a line that is cut heals through a third party: one checkpoint a minute is offered,
and whoever turns out to lack something gets it, until they have it from the log's own party again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.errors import EntryKindUnknown, LogFrozen, NoteMalformed
from parley.ids import PartyId
from parley.record.batch import RecordBatch
from parley.record.checkpoint import Origin, read_checkpoint
from parley.record.entry import Entry, Head, entry_hash, judge
from parley.record.feed import LogFeed
from parley.record.keyring import RecordKeys, cosigner_key, log_keys
from parley.record.kinds import KINDS
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    Showing,
)
from parley.record.merkle import EMPTY_ROOT, check_inclusion
from parley.record.mirror import (
    EVIDENCE_MAX,
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
from parley.record.note import Note, read_note, read_signatures
from parley.record.ours import keep_tiles
from parley.record.ports import EntryCame, EvidenceKept, StandingChanged
from parley.record.proof import read_proof
from parley.record.replica import EntriesStored
from parley.record.repository import LogRow, NoteRow, set_aside_from
from parley.record.shelf import LogShelf
from parley.record.signing import require
from parley.record.standing import LogWatch, Standing

EARLY_MAX: Final = 256
"""Urgent entries kept of one log ahead of what is held. More is work nobody has paid for."""
OFFER_S: Final = 60.0
"""Seconds between offers of a third party's log. Less heals sooner and costs a letter each."""
LACKING_S: Final = 150.0
"""Seconds for which a party that lacked something is brought the log as it grows."""


@dataclass(slots=True)
class OnwardFeed:
    """A third party that our copy is brought to."""

    feed: LogFeed
    """What it is to be sent."""
    offered_at: float = float("-inf")
    """Monotonic time of the last offer."""
    lacking_until: float = float("-inf")
    """Monotonic time until which it is brought everything at once."""


@dataclass(slots=True, eq=False)
class KeptMirror:
    """Our copy of one log of another party."""

    id: int
    """Its row."""
    mirror: Mirror
    """The machine."""
    keys: LogKeys
    """What the log is checked with."""
    shelf: LogShelf
    """What is stored of it."""
    watch: LogWatch
    """Its beats."""
    members: dict[PartyId, bytes]
    """The key of every party of the space but its own and ours."""
    own: PartyId
    """Our party, which cosigns."""
    note: bytes | None = None
    """The newest checkpoint held, cosigned by us, that was committed."""
    head: Head | None = None
    """How much of the log is held."""
    evidence: int = 0
    """Contradictions kept."""
    early: set[int] = field(default_factory=set)
    """Places of urgent entries that ran ahead."""
    onward: dict[PartyId, OnwardFeed] = field(default_factory=dict)
    """Third parties of a group, by party."""
    tail: LogFeed | None = None
    """Brings the log's own party what it lost."""

    @property
    def origin(self) -> Origin:
        """Which log."""
        return self.mirror.origin

    def hold(self, note: bytes) -> None:
        """Take note of the newest checkpoint that is held."""
        self.note = note
        checkpoint = read_checkpoint(read_note(note).text)
        place = (self.origin.party, self.origin.epoch)
        self.head = Head(*place, checkpoint.size, checkpoint.root)

    def freeze(self, batch: RecordBatch) -> Head:
        """Take nothing more; return what we cosigned last, up to which the log is believed.

        What was stored beyond it, and not cosigned, is set aside where it lies.
        """
        self.mirror.is_frozen = True
        batch.events.append(StandingChanged(self.origin, self.watch.froze()))
        head = self.head or Head(self.origin.party, self.origin.epoch, 0, EMPTY_ROOT)
        if self.mirror.tree.size > head.size:
            batch.changes.after.append(
                lambda c: set_aside_from(c, self.id, head.size, LogFrozen.code)
            )
        return head

    def freeze_again(self) -> None:
        """Take nothing more, as before a start."""
        self.mirror.is_frozen = True
        self.watch.froze()

    # ---------------------------------------------------------------------------- what comes in

    def take_growth(self, sender: PartyId, growth: Growth, batch: RecordBatch) -> None:
        """Lock onto a newer checkpoint and answer."""
        is_vouched = sender == self.origin.party and not growth.is_unproved
        self._do(sender, self.mirror.take_growth(growth, batch.now, is_vouched=is_vouched), batch)

    def take_package(self, sender: PartyId, package: Package, batch: RecordBatch) -> None:
        """Take in entries and answer."""
        self._do(sender, self.mirror.take_package(package, batch.now), batch)

    def take_proved(self, sender: PartyId, letter: ProvedEntry, batch: RecordBatch) -> None:
        """Take an urgent entry that runs ahead of what is held.

        Raises:
            TheirError: it is not in a checkpoint that its party signed.
        """
        if self.mirror.is_frozen:
            raise LogFrozen
        proof = read_proof(letter.proof)
        checkpoint = read_checkpoint(proof.note.text)
        if checkpoint.origin != self.origin:
            raise NoteMalformed(reason="another log")
        require(proof.note, self.keys.log)
        digest, size = entry_hash(letter.entry), checkpoint.size
        check_inclusion(proof.index, digest, size, checkpoint.root, list(proof.hashes))
        # A checkpoint binds its party however it came.
        shown = Growth(self.origin, 0, (), proof.note.encoded())
        kinds = (RememberCheckpoint, KeepEvidence)
        acts = self.mirror.take_growth(shown, batch.now, is_vouched=False)
        self._do(sender, [act for act in acts if isinstance(act, kinds)], batch)
        place = proof.index
        if place < self.mirror.tree.size or place in self.early or len(self.early) >= EARLY_MAX:
            return
        entry = judge(letter.entry, self.origin.space, self.origin.party)
        self.early.add(place)
        batch.changes.early.append((self.id, place, letter.entry, letter.proof))
        batch.events.append(EntryCame(self.origin, place, digest, entry, is_early=True))

    def show(self, asker: PartyId, batch: RecordBatch) -> None:
        """Tell the log's own party what we were shown of it, and what we hold."""
        note = self.mirror.newest() or b""
        batch.send(asker, Showing(self.origin, note, self.mirror.complete() or self.note or b""))

    def take_wish(self, wish: Answer, batch: RecordBatch) -> None:
        """Bring the log's own party what it says it lacks, and go on from what is under way."""
        if self.tail is None:
            self.tail = LogFeed(self.origin, self.mirror.tree, self.shelf)
        elif wish.next_entry <= (self.tail.next_entry or 0):
            # It has not come further: what was under way is lost.
            self.tail.restart()
        self.tail.take(wish, [], batch.monotonic)

    # -------------------------------------------------------------------------- what goes onward

    def take_answer(self, party: PartyId, answer: Answer, batch: RecordBatch) -> None:
        """Take the answer of a third party that we brought the log to.

        Raises:
            TheirError: what it says does not hold.
        """
        onward = self.onward[party]
        if answer.kind is AnswerKind.STORED:
            onward.lacking_until = batch.monotonic + LACKING_S
        verifier = cosigner_key(party, self.members[party])
        held = onward.feed.take(answer, [verifier], batch.monotonic)
        if held is None:
            return
        batch.send(self.origin.party, answer)
        if self.note is not None and read_note(self.note).text == held.note.text:
            lines = (read_note(self.note).signatures[0], *read_signatures(answer.signatures))
            note = Note(held.note.text, lines).encoded()
            batch.changes.notes.append(NoteRow(self.id, party, held.size, held.seconds, note))

    def tick(self, batch: RecordBatch) -> None:
        """Judge the silence; offer the log to third parties."""
        before = self.watch.standing
        if self.watch.tick(batch.monotonic) is not before:
            batch.events.append(StandingChanged(self.origin, self.watch.standing))
        for onward in self.onward.values():
            if self.note is not None and batch.monotonic >= onward.offered_at + OFFER_S:
                onward.offered_at = batch.monotonic
                onward.feed.extend(self.note)

    def restart_feed(self, party: PartyId) -> None:
        """Begin again with a third party, or with the log's own."""
        if party in self.onward:
            self.onward[party].feed.restart()
        if party == self.origin.party:
            self.tail = None

    # ------------------------------------------------------------------------------------- details

    def _do(self, sender: PartyId, acts: Sequence[MirrorAct], batch: RecordBatch) -> None:
        """Turn what the mirror says into rows, letters and events."""
        learned: list[Entry | str] = []
        stored: EntriesStored | None = None
        for act in acts:
            match act:
                case KeepCheckpoint():
                    batch.changes.update(self.id, pending=act.note)
                    self._heard(batch)
                case RememberCheckpoint():
                    batch.changes.update(self.id, shown=act.note)
                case EntriesStored():
                    stored = act
                case EntryLearned():
                    learned.append(act.entry)
                case SetAside():
                    batch.refuse(act.code, sender, self.id)
                    learned += [act.code] if act.index is not None else []
                case HoldCheckpoint():
                    self._hold(act, batch)
                case KeepEvidence():
                    self._dispute(act.evidence, batch)
                case _:
                    self._answer(sender, act, batch)
        if stored is not None:
            self._store(stored, learned, batch)

    def _answer(self, sender: PartyId, answer: Answer, batch: RecordBatch) -> None:
        if sender == self.origin.party:
            batch.answer(sender, answer)
        else:
            # Who brings another's log learns from each answer whether we lacked some of it.
            batch.send(sender, answer)

    def _store(
        self, stored: EntriesStored, learned: Sequence[Entry | str], batch: RecordBatch
    ) -> None:
        changes, origin = batch.changes, self.origin
        rows = zip(stored.entries, stored.leaves, learned, strict=True)
        for place, (encoded, digest, known) in enumerate(rows, stored.start):
            changes.add_entry(batch.next_number(), self.id, place, encoded, digest, known)
            if isinstance(known, Entry) and known.kind not in KINDS:
                batch.refuse(EntryKindUnknown.code, origin.party)
            if isinstance(known, Entry) and place not in self.early:
                batch.events.append(EntryCame(origin, place, digest, known))
        keep_tiles(self.id, stored.tiles, changes)
        size = self.mirror.tree.size
        changes.update(self.id, size=size)
        ahead = {place for place in self.early if place >= size}
        if len(ahead) < len(self.early):
            changes.caught_up[self.id] = size
            self.early = ahead
        self.shelf.add(stored)
        batch.shelves.add(self.shelf)

    def _hold(self, act: HoldCheckpoint, batch: RecordBatch) -> None:
        seconds = self.mirror.cosigned_s
        batch.changes.update(self.id, note=act.note, cosigned_s=seconds)
        batch.changes.notes.append(NoteRow(self.id, self.own, act.size, seconds, act.note))
        batch.then.append(lambda: self._held(act.note, batch.monotonic))

    def _held(self, note: bytes, monotonic: float) -> None:
        self.hold(note)
        for onward in self.onward.values():
            if monotonic < onward.lacking_until:
                onward.feed.extend(note)

    def _heard(self, batch: RecordBatch) -> None:
        before = self.watch.standing
        if self.watch.heard(batch.monotonic) is not before:
            batch.events.append(StandingChanged(self.origin, self.watch.standing))

    def _dispute(self, evidence: bytes, batch: RecordBatch) -> None:
        if self.evidence >= EVIDENCE_MAX:
            return
        batch.changes.evidence.append((self.id, self.evidence, evidence, batch.now))
        batch.changes.update(self.id, is_disputed=1)
        self.evidence += 1
        if self.watch.standing is not Standing.DISPUTED:
            batch.events.append(StandingChanged(self.origin, self.watch.contradicted()))
        batch.events.append(EvidenceKept(self.origin, evidence))


def kept_mirror(
    row: LogRow,
    keys: RecordKeys,
    members: dict[PartyId, bytes],
    shelf: LogShelf,
    monotonic: float,
    public: bytes | None = None,
) -> KeptMirror:
    """Take up a copy where it was left.

    Args:
        row: where it was left.
        keys: our keys.
        members: the key of every party of the space.
        shelf: what is stored of it.
        monotonic: time that never goes back, in seconds.
        public: the key the log was handed over to, none for its party's own.
    """
    own_key = cosigner_key(row.origin.party, members[row.origin.party])
    handed_over = log_keys(row.origin, public or members[row.origin.party])
    checked = LogKeys(handed_over.log, own_key)
    mirror = Mirror(
        row.origin,
        checked,
        keys.cosigners[:1],
        shelf.tree,
        row.pending,
        row.shown,
        row.cosigned_s,
    )
    mirror.is_disputed = row.is_disputed
    standing = Standing.DISPUTED if row.is_disputed else Standing.FRESH
    others = {
        party: key for party, key in members.items() if party not in {row.origin.party, keys.party}
    }
    watch = LogWatch(monotonic, standing)
    kept = KeptMirror(row.id, mirror, checked, shelf, watch, others, keys.party)
    if row.note is not None:
        kept.hold(row.note)
    for party in others:
        kept.onward[party] = OnwardFeed(LogFeed(row.origin, shelf.tree, shelf))
    return kept
