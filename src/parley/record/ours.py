"""Our own logs as a running node keeps them: asked for at the mirrors, appended to, fed to others.

A log that was started asks every mirror that can be reached what it was ever shown of it. When all
have answered, or those that did have waited :data:`ASK_S` for the rest, it goes on from there:
open, or behind and taking its tail back, or forked. One that came out of a backup waits for all of
them, however long. What a mirror says later is held against it
too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from parley.errors import EncodingRefused, EntryMalformed, EntryNotTheirs, LogNotOpen
from parley.ids import PartyId
from parley.record.batch import RecordBatch
from parley.record.checkpoint import Checkpoint, Origin, cosigner_name, read_checkpoint
from parley.record.entry import URGENT, Entry, entry_hash, judge
from parley.record.feed import CheckpointHeld, LogFeed
from parley.record.keyring import KEYLESS, AbsentKeySigner, RecordKeys, cosigner_key
from parley.record.kinds import Kind
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    Question,
    Showing,
)
from parley.record.log import LogFlushed, LogState, OwnLog
from parley.record.note import Note, read_note, read_signatures
from parley.record.ports import EntryCame, LogHeld, LogStateChanged
from parley.record.proof import EntryProof
from parley.record.replica import EntriesStored
from parley.record.repository import LogRow, NoteRow, RecordChanges
from parley.record.resending import Resending
from parley.record.shelf import LogShelf
from parley.record.signing import NoteSigner, verified
from parley.record.standing import BEAT_S
from parley.record.tiles import TILE_WIDTH, TileId
from parley.telemetry import log as logger

ASK_S: Final = 10.0
"""Seconds that mirrors which answered wait for those that have not. More waits longer for a party
that is down, less may miss the one that was shown most."""
LASTING_S: Final = 60.0
"""Seconds between ML-DSA-44 signatures. More often costs 2,420 bytes each, less often leaves more
to the elliptic curve alone."""
URGENT_MAX: Final = 64
"""Urgent entries sent ahead after a cut; what is older comes with the backlog."""
RESTORED: Final = "restored"
"""How a log is shown that came out of a backup and waits for its mirrors."""
STALL_S: Final = 30.0
"""Seconds without an answer after which a mirror is asked again where it is."""


@dataclass(slots=True, eq=False)
class KeptLog:
    """One of our own logs."""

    id: int
    """Its row."""
    log: OwnLog
    """The machine."""
    shelf: LogShelf
    """What is stored of it."""
    signer: NoteSigner
    """Signs its checkpoints."""
    members: dict[PartyId, bytes]
    """The key of every other party of the space."""
    note: bytes | None = None
    """The newest checkpoint that was committed."""
    feeds: dict[PartyId, LogFeed] = field(default_factory=dict)
    """What each mirror is to be sent."""
    pending: list[tuple[bytes, Entry]] = field(default_factory=list)
    """Entries appended since the last flush."""
    flushed_at: float = float("-inf")
    """Monotonic time of the last checkpoint."""
    lasting_at: float = float("-inf")
    """Monotonic time of the last one with ML-DSA-44."""
    is_lasting: bool = False
    """Whether the next flush is to have it, because parties agree."""
    shown: dict[PartyId, tuple[bytes, bytes]] = field(default_factory=dict)
    """What each mirror was shown, and what it holds."""
    asked_at: float = float("-inf")
    """Monotonic time of the last question."""
    answered_at: float | None = None
    """Monotonic time of the first mirror's answer."""
    tail_at: float = float("-inf")
    """Monotonic time at which the tail was last asked for."""
    tail_to: int = 0
    """How far the log goes that was asked for."""
    tail_from: int = 0
    """Place from which on the tail has not come yet."""
    progress: dict[PartyId, float] = field(default_factory=dict)
    """Monotonic time at which each mirror last answered."""
    is_frozen: bool = False
    """Whether our root does not believe its key any more."""
    holdings: dict[PartyId, int] | None = None
    """Of a log that came out of a backup: how much each mirror had been proved to hold. Nobody can
    tell from what is here which mirror was shown the most since, so every one of them must answer,
    and one that shows less than it held has lost its own memory and proves nothing."""
    resending: dict[PartyId, Resending] = field(default_factory=dict)
    """Urgent entries of which nothing proves that a mirror has them."""
    is_ahead: set[PartyId] = field(default_factory=set)
    """Mirrors that have been sent the urgent entries they lack, since their line came up."""

    @property
    def origin(self) -> Origin:
        """Which log."""
        return self.log.origin

    @property
    def is_proved(self) -> bool:
        """Whether a mirror has said how far we had come, and it is what we have."""
        return self.log.state in {LogState.OPEN, LogState.CLOSED}

    @property
    def is_vouched(self) -> bool:
        """Whether its newest checkpoint is known to cover all that we ever signed of it.

        Not before a mirror has said how far we had come; of what came back then, not before we have
        signed it anew.
        """
        is_whole = self.is_proved or self.log.is_closing
        return is_whole and (self.flushed_at > float("-inf") or self._is_covered())

    def _is_covered(self) -> bool:
        note = None if self.note is None else read_note(self.note)
        return note is not None and read_checkpoint(note.text).size == self.log.tree.size

    @property
    def is_keyless(self) -> bool:
        """Whether the key it was handed over to is not here: then it never grows again."""
        return isinstance(self.signer, AbsentKeySigner)

    @property
    def state(self) -> str:
        """How it is shown."""
        if self.is_frozen:
            return LogState.CLOSED.value
        if self.holdings is not None and self.log.state is LogState.UNPROVED:
            return RESTORED
        return KEYLESS if self.is_keyless else self.log.state.value

    @property
    def waits_for(self) -> list[PartyId]:
        """Mirrors whose word is wanted before the log may grow."""
        if self.log.state is not LogState.UNPROVED:
            return []
        return [party for party in self.members if party not in self.shown]

    # ------------------------------------------------------------------------- where we had come

    def ask(self, party: PartyId, batch: RecordBatch) -> None:
        """Ask a mirror what it was shown."""
        self.asked_at = batch.monotonic
        batch.send(party, Question(self.origin, self.holdings is not None))

    def ask_again(self, batch: RecordBatch) -> None:
        """Ask once more those whose word is wanted: all, or any as long as nobody has answered."""
        is_wanted = self.answered_at is None or self.holdings is not None
        if is_wanted and batch.monotonic >= self.asked_at + ASK_S:
            for party in self.waits_for:
                self.ask(party, batch)

    def take_showing(self, party: PartyId, showing: Showing, batch: RecordBatch) -> None:
        """Take a mirror's word on what it was shown.

        Raises:
            TheirError: it shows something that we did not sign.
        """
        sizes = [self.log.read_shown(note or None).size for note in (showing.note, showing.held)]
        if self.holdings is not None and max(sizes) < self.holdings.get(party, 0):
            logger.warning("mirror has forgotten", origin=self.origin.text(), party=party.text)
            return
        self.shown[party] = (showing.note, showing.held)
        if self.answered_at is None:
            self.answered_at = batch.monotonic
        if self.log.state is not LogState.UNPROVED:
            self._judge([party], batch)

    def prove(self, batch: RecordBatch) -> None:
        """Go on from what the mirrors were shown, once all have answered or had their time."""
        if self.log.state is LogState.UNPROVED and self.answered_at is not None:
            is_time = self.holdings is None and batch.monotonic >= self.answered_at + ASK_S
            if is_time or self.shown.keys() >= self.members.keys():
                self._judge(list(self.shown), batch)
        if self.log.state is LogState.BEHIND and batch.monotonic >= self.tail_at + ASK_S:
            self.ask_tail(batch)

    def _judge(self, parties: Sequence[PartyId], batch: RecordBatch) -> None:
        before = self.log.state
        notes = [note or None for party in parties for note in self.shown[party]]
        self.log.heads_shown(notes)
        self._told(before, batch)
        if self.log.state is LogState.BEHIND:
            self.ask_tail(batch)

    def begin(self, batch: RecordBatch) -> None:
        """Open a log that has just begun by the operator's word: nothing of it was ever shown."""
        before = self.log.state
        self.log.heads_shown([None])
        self._told(before, batch)

    def ask_tail(self, batch: RecordBatch) -> None:
        """Ask the mirror that holds the most of our log for what we lack of it."""
        self.tail_at = batch.monotonic
        sizes = {
            party: read_checkpoint(read_note(held).text).size
            for party, (_, held) in self.shown.items()
            if held
        }
        party = max(sizes, key=lambda each: sizes[each], default=None)
        if party is not None and sizes[party] > self.log.tree.size:
            place = self.log.tree.size
            self.tail_to = sizes[party]
            batch.send(party, Answer(self.origin, AnswerKind.STORED, sizes[party], place))

    def expects(self, package: Package) -> bool:
        """Say whether a package goes on where the tail that was asked for ended; each once.

        Such work was asked for and ends with the log, so nobody pays for it.
        """
        start = max(self.tail_from, self.log.tree.size)
        end = package.start + len(package.entries)
        is_next = package.start == start and end <= self.tail_to
        if self.log.state is not LogState.BEHIND or not is_next:
            return False
        self.tail_from = end
        return True

    def take_tail(self, package: Package, batch: RecordBatch) -> None:
        """Import entries of ours that a mirror held.

        Raises:
            LogNotOpen: nothing is missing.
            ProofWrong: they are not what we signed.
        """
        before = self.log.state
        stored = self.log.take_tail(package)
        self._store(stored, [self._judged(each) for each in stored.entries], batch)
        self._keep(stored.tiles, batch)
        self.shelf.add(stored)
        self._told(before, batch)
        if stored.entries:
            self.tail_at = float("-inf")

    def _judged(self, encoded: bytes) -> Entry | str:
        """Return what an entry of ours says; one that nobody reads any more is set aside, not lost.

        Its log was signed with it in its place: without it nothing after it can be proved.
        """
        try:
            return judge(encoded, self.origin.space, self.origin.party)
        except (EncodingRefused, EntryMalformed, EntryNotTheirs) as error:
            return error.code

    # --------------------------------------------------------------------------- what we append

    def append(self, encoded: bytes, entry: Entry) -> int:
        """Take an entry for this turn's flush, as ``write_entry`` wrote it; return its place.

        Raises:
            LogNotOpen: the log may not grow.
            EntryNotTheirs: nobody would read it as ours.
        """
        if self.is_keyless:
            raise LogNotOpen(state=KEYLESS)
        place = self.log.append(encoded, entry)
        self.is_lasting = self.is_lasting or entry.kind == Kind.AGREEMENT
        self.pending.append((encoded, entry))
        return place

    def is_due(self, monotonic: float) -> bool:
        """Say whether a checkpoint is to be signed: something was appended, or a minute is over."""
        if self.log.state not in {LogState.OPEN, LogState.CLOSED} or self.is_keyless:
            return False
        is_beat = self.log.state is LogState.OPEN and monotonic >= self.flushed_at + BEAT_S
        return bool(self.pending) or is_beat

    def flush(self, batch: RecordBatch) -> LogFlushed:
        """Sign what was appended; all of it leaves after the commit."""
        is_lasting = self.is_lasting or batch.monotonic >= self.lasting_at + LASTING_S
        before = self.log.state
        flushed = self.log.flush(batch.now, is_lasting=is_lasting)
        self.flushed_at, self.is_lasting = batch.monotonic, False
        if is_lasting:
            self.lasting_at = batch.monotonic
        entries, self.pending = self.pending, []
        self._store(flushed.stored, [entry for _, entry in entries], batch)
        self._keep(flushed.stored.tiles, batch)
        self.shelf.add(flushed.stored)
        encoded = flushed.note.encoded()
        batch.changes.update(self.id, note=encoded)
        if is_lasting:
            size = flushed.stored.start + len(entries)
            batch.changes.notes.append(
                NoteRow(self.id, self.origin.party, size, signed_s(flushed.note), encoded)
            )
        urgent = [
            (flushed.stored.start + number, each)
            for number, (each, entry) in enumerate(entries)
            if entry.precedence in URGENT
        ]
        batch.then.append(lambda: self._announce(encoded))
        self._run_ahead(urgent, flushed.note, batch)
        self._told(before, batch)
        return flushed

    def proved(self, place: int, encoded: bytes, note: Note) -> ProvedEntry:
        """Return an entry with the proof that it is in a checkpoint of ours."""
        size = read_checkpoint(note.text).size
        hashes = self.log.tree.prove_inclusion(place, size)
        lines = (note.signatures[0], *note.signatures[1:2])
        proof = EntryProof(place, tuple(hashes), Note(note.text, lines))
        return ProvedEntry(self.origin, encoded, proof.encoded())

    def _run_ahead(self, urgent: list[tuple[int, bytes]], note: Note, batch: RecordBatch) -> None:
        for place, encoded in urgent:
            letter = self.proved(place, encoded, note)
            for party in self.members:
                batch.send(party, letter)
                resending = self.resending.setdefault(party, Resending())
                resending.add(place, entry_hash(encoded), batch.monotonic)

    def resend(self, party: PartyId, monotonic: float) -> list[ProvedEntry]:
        """Return urgent entries that are to be sent to a mirror again."""
        found = self.resending.get(party)
        if found is None or self.note is None:
            return []
        note = read_note(self.note)
        size = read_checkpoint(note.text).size
        places = [place for place in found.due(monotonic) if place < size]
        return [
            self.proved(place, self.shelf.entries(place, place + 1)[0], note) for place in places
        ]

    def _announce(self, note: bytes) -> None:
        self.note = note
        for feed in self.feeds.values():
            feed.extend(note)

    def _store(
        self, stored: EntriesStored, said: Sequence[Entry | str], batch: RecordBatch
    ) -> None:
        changes, events, origin = batch.changes, batch.events, self.origin
        rows = zip(stored.entries, stored.leaves, said, strict=True)
        for place, (encoded, digest, entry) in enumerate(rows, stored.start):
            changes.add_entry(batch.next_number(), self.id, place, encoded, digest, entry)
            if isinstance(entry, str):
                batch.refuse(entry, None, self.id)
                continue
            events.append(EntryCame(origin, place, digest, entry))
            if entry.kind == Kind.CLOSING:
                changes.update(self.id, is_closing=1)

    def _keep(self, tiles: dict[TileId, bytes], batch: RecordBatch) -> None:
        keep_tiles(self.id, tiles, batch.changes)
        batch.changes.update(self.id, size=self.log.tree.size)
        batch.shelves.add(self.shelf)

    def _told(self, before: LogState, batch: RecordBatch) -> None:
        if self.log.state is not before:
            batch.events.append(LogStateChanged(self.origin, self.log.state))

    # ------------------------------------------------------------------- what mirrors are told

    def due(self, party: PartyId, monotonic: float, bytes_max: int) -> list[Growth | Package]:
        """Return what a mirror is to be sent now, and say of it what we do not know ourselves."""
        letters = self.feeds[party].due(monotonic, bytes_max)
        if self.is_vouched:
            return letters
        return [
            replace(each, is_unproved=True) if isinstance(each, Growth) else each
            for each in letters
        ]

    # ------------------------------------------------------------------------- what mirrors say

    def take_answer(self, party: PartyId, answer: Answer, batch: RecordBatch) -> None:
        """Take a mirror's answer, or one that a third party handed on.

        Raises:
            TheirError: what it says does not hold.
        """
        self.progress[party] = batch.monotonic
        lines = read_signatures(answer.signatures) if answer.signatures else ()
        if lines and cosigner_name(party) not in {line.name for line in lines}:
            self._take_handed_on(answer, batch)
            return
        if party in self.resending and answer.kind is AnswerKind.HELD:
            self.resending[party].held(answer.next_entry)
        verifier = cosigner_key(party, self.members[party])
        held = self.feeds[party].take(answer, [verifier], batch.monotonic)
        if held is not None:
            self._held(party, held, batch)
        self._send_urgent(party, batch)
        if self.log.state is LogState.OPEN and (
            answer.size > self.log.tree.size or answer.kind is AnswerKind.REFUSED
        ):
            # Somebody else writes under our key, or what we signed is not what we have.
            self.ask(party, batch)

    def _send_urgent(self, party: PartyId, batch: RecordBatch) -> None:
        """Let what is urgent run ahead of the backlog that a cut line left."""
        start = self.feeds[party].next_entry
        if party in self.is_ahead or start is None or self.note is None:
            return
        self.is_ahead.add(party)
        note = read_note(self.note)
        size = read_checkpoint(note.text).size
        if size - start <= TILE_WIDTH:
            return
        for place, encoded in self.shelf.urgent(start, URGENT_MAX):
            if place < size:
                batch.send(party, self.proved(place, encoded, note))

    def _take_handed_on(self, answer: Answer, batch: RecordBatch) -> None:
        if answer.next_entry > self.log.tree.size:
            return
        text = _text_at(self.log, answer.next_entry)
        note = Note(text, read_signatures(answer.signatures))
        for party, key in self.members.items():
            found = verified(note, [cosigner_key(party, key)])
            if found:
                seconds = max(each.seconds or 0 for each in found)
                self._held(party, CheckpointHeld(answer.next_entry, note, seconds), batch)

    def _held(self, party: PartyId, held: CheckpointHeld, batch: RecordBatch) -> None:
        if not self.is_keyless:
            lines = (self.signer.sign(held.note.text), *held.note.signatures)
            note = Note(held.note.text, lines).encoded()
            batch.changes.notes.append(NoteRow(self.id, party, held.size, held.seconds, note))
        batch.events.append(LogHeld(self.origin, party, held.size, held.seconds))

    def restart_feed(self, party: PartyId, monotonic: float) -> None:
        """Begin again with a mirror: the line or its node lost what was under way."""
        self.feeds[party].restart()
        self.progress[party] = monotonic
        self.is_ahead.discard(party)


def keep_tiles(log: int, tiles: dict[TileId, bytes], changes: RecordChanges) -> None:
    """Put changed tiles among the rows."""
    changes.tiles |= {(log, tile): hashes for tile, hashes in tiles.items()}


def kept_log(
    row: LogRow,
    keys: RecordKeys,
    members: dict[PartyId, bytes],
    shelf: LogShelf,
    holdings: dict[PartyId, int] | None = None,
    public: bytes | None = None,
) -> KeptLog:
    """Take up one of our logs where it was left; it is unproved.

    Args:
        row: where it was left.
        keys: our keys.
        members: the key of every party of the space.
        shelf: what is stored of it.
        holdings: of a log that came out of a backup, how much each mirror was proved to hold.
        public: the key it was handed over to, none for the party's own.
    """
    signer = keys.signer(row.origin, public)
    last_s = 0 if row.note is None else signed_s(read_note(row.note))
    log = OwnLog(row.origin, signer, keys.cosigners, shelf.tree, last_s, is_closing=row.is_closing)
    others = {party: key for party, key in members.items() if party != row.origin.party}
    kept = KeptLog(row.id, log, shelf, signer, others, row.note, holdings=holdings)
    for party in others:
        feed = kept.feeds[party] = LogFeed(row.origin, shelf.tree, shelf)
        if row.note is not None:
            feed.extend(row.note)
    return kept


def signed_s(note: Note) -> int:
    """Return the time that a log's own cosignature gives one of its checkpoints."""
    return int.from_bytes(note.signatures[1].signature[:8], "big")


def _text_at(log: OwnLog, size: int) -> str:
    return Checkpoint(log.origin, size, log.tree.root_of(0, size)).text()
