"""All spaces of a node in memory: which log a letter is about, and who is to be sent what.

A space has our own logs, of which the one of the last epoch grows, and copies of everybody else's.
A letter goes to the log that its origin names; one about a log that nobody here keeps is answered
so. Growths of the next epoch of a member's log begin its copy, if its party signed them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from whenever import Instant

from parley.errors import KeyMissing, LogNotOpen, LogUnknown, RootWrong, SpaceUnknown
from parley.ids import PartyId, SpaceId
from parley.record.batch import RecordBatch
from parley.record.cbor import encode
from parley.record.checkpoint import Origin
from parley.record.copies import KeptMirror, kept_mirror
from parley.record.entry import Entry, Head, body_hash, read_entry, write_entry
from parley.record.keyring import AbsentKeySigner, RecordKeys, next_log_key, policy_of
from parley.record.kinds import Kind
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    Question,
    RecordLetter,
    RootLetter,
    Showing,
)
from parley.record.log import LogState
from parley.record.note import read_note
from parley.record.ours import STALL_S, KeptLog, kept_log, signed_s
from parley.record.ports import EntryCame, EvidenceKept
from parley.record.repository import LogRow, SpaceRow
from parley.record.root import RootBook, RootManifest, freeze_body, read_manifest, root_body
from parley.record.shelf import LogShelf, StoredEntries
from parley.storage.restoring import mark_proved

EPOCHS_MAX: Final = 32
"""Epochs kept of one party in one space; an entry's heads name as many logs."""


ASK_BACK_S: Final = 1.0
"""Seconds after a question in which one that comes is not answered by another."""
VOUCH_S: Final = 600
"""Seconds by which a checkpoint must be later than our restore to be surely signed after it: as far
ahead as a clock may be. More keeps a restored mirror from having a say for longer."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """What is known of a backup that the database came out of."""

    is_unproved: bool = False
    """Whether no mirror has shown yet what it lacks."""
    restored_at: Instant | None = None
    """When it last came out of one, None if it never did. A space that is opened anew may be one
    that it forgot."""
    holdings: Mapping[int, Mapping[PartyId, int]] = field(default_factory=dict)
    """How much of each log, by its row, every mirror was proved to hold when it was made."""

    def holdings_of(self, row: LogRow) -> dict[PartyId, int] | None:
        """Return what mirrors had held of a log of ours that every one of them must show."""
        has_been = self.restored_at is not None
        if self.is_unproved or (has_been and row.size == 0):
            return dict(self.holdings.get(row.id, {}))
        return None

    def vouches(self, newest: KeptMirror | None) -> bool:
        """Say whether what is here of a party's logs is all that this node was ever shown of them.

        It is after a restore once that party has signed something later: then its log was open,
        and what it signed covers everything before.
        """
        if self.restored_at is None:
            return True
        if newest is None or newest.note is None:
            return False
        return signed_s(read_note(newest.note)) > self.restored_at.timestamp() + VOUCH_S


@dataclass(slots=True, eq=False)
class KeptSpace:
    """One space."""

    row: SpaceRow
    """Its id, policy and members."""
    party: PartyId
    """Our own party."""
    logs: dict[int, KeptLog] = field(default_factory=dict)
    """Our own logs, by epoch."""
    mirrors: dict[tuple[PartyId, int], KeptMirror] = field(default_factory=dict)
    """Copies of the others' logs, by party and epoch."""
    seen: dict[tuple[PartyId, int], int] = field(default_factory=dict)
    """How much of each copy our own entries have named."""
    roots: RootBook = field(default_factory=RootBook)
    """What the roots of its parties have said."""

    @property
    def id(self) -> SpaceId:
        """Which space."""
        return self.row.id

    @property
    def own(self) -> KeptLog:
        """Our log of the last epoch: the one that grows."""
        return self.logs[max(self.logs)]

    @property
    def others(self) -> list[PartyId]:
        """Everybody but us."""
        return [party for party in self.row.members if party != self.party]

    def newest(self) -> Iterator[KeptMirror]:
        """Yield the copy of each party's last epoch."""
        for party in self.others:
            epochs = [epoch for owner, epoch in self.mirrors if owner == party]
            yield self.mirrors[party, max(epochs)]

    def log_key(self, origin: Origin) -> bytes | None:
        """Return the key that a log was handed over to by the epoch before, none if it was not."""
        earlier = [
            (epoch, key) for epoch, key in self.log_keys(origin.party) if epoch < origin.epoch
        ]
        named = self._named_key(origin)
        own = self.row.members[origin.party]
        return self.roots.next_key(origin.party, [key for _, key in earlier], named, own)

    def log_keys(self, party: PartyId) -> list[tuple[int, bytes]]:
        """Return epoch and key of each log of a party, the earliest first."""
        if party == self.party:
            ours = ((epoch, own.signer.verifier.public) for epoch, own in self.logs.items())
            return sorted(ours)
        theirs = (
            (epoch, mirror.keys.log.public)
            for (owner, epoch), mirror in self.mirrors.items()
            if owner == party
        )
        return sorted(theirs)

    def frozen_epochs(self, party: PartyId) -> list[int]:
        """Return the epochs of a party's logs that are believed no further."""
        keys = self.log_keys(party)
        found = self.roots.frozen(party, [key for _, key in keys])
        return [epoch for (epoch, _), is_frozen in zip(keys, found, strict=True) if is_frozen]

    def _named_key(self, origin: Origin) -> bytes | None:
        before = origin.epoch - 1
        kept: KeptLog | KeptMirror | None = (
            self.logs.get(before)
            if origin.party == self.party
            else self.mirrors.get((origin.party, before))
        )
        if kept is None or kept.shelf.tree.size == 0:
            return None
        size = kept.shelf.tree.size
        return next_log_key(kept.shelf.entries(size - 1, size)[0])

    def heads(self) -> tuple[Head, ...]:
        """Return what we have newly seen of the others since our last entry."""
        found = (self.mirrors[place].head for place in sorted(self.mirrors))
        return tuple(
            head
            for head in found
            if head is not None and self.seen.get((head.party, head.epoch), 0) < head.size
        )

    def append(self, encoded: bytes, entry: Entry) -> int:
        """Take an entry of ours for this turn's flush; return its place.

        Raises:
            LogNotOpen: our log may not grow.
        """
        place = self.own.append(encoded, entry)
        for head in entry.heads:
            self.seen[head.party, head.epoch] = head.size
        return place


class KeptSpaces:
    """Every space of one node."""

    def __init__(self, keys: RecordKeys) -> None:
        """Begin with none."""
        self._keys = keys
        self._spaces: dict[SpaceId, KeptSpace] = {}
        self._last_log = 0
        self._restoration = Restoration()

    def __contains__(self, space: SpaceId) -> bool:
        """Say whether a space is kept."""
        return space in self._spaces

    def all(self) -> Iterable[KeptSpace]:
        """Return every space."""
        return self._spaces.values()

    def get(self, space: SpaceId) -> KeptSpace:
        """Return one space.

        Raises:
            SpaceUnknown: it is not kept.
        """
        try:
            return self._spaces[space]
        except KeyError as error:
            raise SpaceUnknown from error

    def load(
        self,
        spaces: Sequence[SpaceRow],
        logs: Sequence[LogRow],
        evidence: Mapping[int, int],
        early: Sequence[tuple[int, int]],
        restoration: Restoration,
        stored: StoredEntries,
        monotonic: float,
        said: Sequence[tuple[int, bytes]] = (),
    ) -> None:
        """Take up what is stored.

        Args:
            spaces: every space.
            logs: every log.
            evidence: how much is kept of each log.
            early: log and place of each entry that ran ahead.
            restoration: what is known of a backup.
            stored: the entries.
            monotonic: time that never goes back, in seconds.
            said: entries about roots, with the log each is in, in the order in which they came.
        """
        self._restoration = restoration
        for row in spaces:
            self._spaces[row.id] = KeptSpace(row, self._keys.party)
        origins = {log.id: log.origin for log in logs}
        for log_id, encoded in said:
            origin = origins[log_id]
            self._spaces[origin.space].roots.hear(origin.party, read_entry(encoded))
        for log in logs:
            self._add(log, stored, monotonic)
        for space in self._spaces.values():
            self._freeze_again(space)
        for kept in self._mirrors():
            kept.evidence = evidence.get(kept.id, 0)
            kept.early = {place for log_id, place in early if log_id == kept.id}

    def resume(self, proved: Collection[Origin]) -> None:
        """Go on with logs that were proved a moment ago, by this very start of the node.

        What was not committed was shown to nobody, so the last commit is all that binds.
        """
        for kept in self._spaces.values():
            for own in kept.logs.values():
                if own.origin in proved:
                    own.holdings = None
                    own.log.heads_shown([own.note])

    def open(
        self,
        space: SpaceId,
        members: Mapping[PartyId, bytes],
        name: str,
        stored: StoredEntries,
        batch: RecordBatch,
    ) -> None:
        """Begin to keep a record with others."""
        if space in self._spaces:
            return
        ordered = dict(sorted(members.items()))
        origins = [Origin(space, party) for party in ordered]
        policy = policy_of({each: ordered[each.party] for each in origins}, ordered)
        row = SpaceRow(space, name, policy, ordered)
        batch.changes.spaces.append((row, batch.now))
        self._spaces[space] = KeptSpace(row, self._keys.party)
        for origin in origins:
            self._add(self._new_log(origin, batch), stored, batch.monotonic)

    def begin_epoch(
        self,
        kept: KeptSpace,
        stored: StoredEntries,
        batch: RecordBatch,
        *,
        is_apart: bool = False,
    ) -> None:
        """Begin our next log in a space, without asking anybody.

        Args:
            kept: the space.
            stored: the entries.
            batch: this turn's.
            is_apart: whether somebody else may have begun the next one under our key.
        """
        before = kept.own
        epoch = before.origin.epoch + 1
        if is_apart or before.holdings is not None:
            # Nobody can tell which epochs came after the backup: no later minute begins the same.
            epoch = max(epoch, int(batch.now.timestamp()) // 60)
        origin = Origin(kept.id, self._keys.party, epoch)
        self._add(self._new_log(origin, batch), stored, batch.monotonic)
        kept.own.begin(batch)
        last = next((shown for shown, _ in before.shown.values() if shown), None)
        self._say_opening(kept, before.note or last, batch)

    # -------------------------------------------------------------------------- letters coming in

    def take(
        self, party: PartyId, letter: RecordLetter, stored: StoredEntries, batch: RecordBatch
    ) -> None:
        """Let the log that a letter is about take it.

        Raises:
            ParleyError: it is refused, and there is nothing to answer.
        """
        kept = self._spaces.get(letter.origin.space)
        if kept is None or party not in kept.row.members:
            raise LogUnknown
        own = kept.logs.get(letter.origin.epoch) if self._is_ours(letter.origin) else None
        mirror = kept.mirrors.get((letter.origin.party, letter.origin.epoch))
        if isinstance(letter, RootLetter):
            self.take_root(kept, read_manifest(letter.manifest), stored, batch)
        elif isinstance(letter, Question):
            self._take_question(party, letter, kept, batch)
        elif self._is_ours(letter.origin):
            self._take_ours(party, letter, kept, own, stored, batch)
        elif mirror is not None:
            self._take_theirs(party, letter, mirror, batch)
        elif isinstance(letter, Growth):
            self._take_new_epoch(party, letter, kept, stored, batch)
        else:
            self._answer_unknown(party, letter, batch)

    def expects(self, letter: RecordLetter) -> bool:
        """Say whether a letter is the next part of a log of ours that we asked for after a loss."""
        if not isinstance(letter, Package) or not self._is_ours(letter.origin):
            return False
        kept = self._spaces.get(letter.origin.space)
        own = None if kept is None else kept.logs.get(letter.origin.epoch)
        return own is not None and own.expects(letter)

    def line_up(self, party: PartyId, batch: RecordBatch) -> None:
        """Begin again with a party in every space it is a member of."""
        for kept in self._spaces.values():
            if party not in kept.others:
                continue
            for own in kept.logs.values():
                own.restart_feed(party, batch.monotonic)
            for mirror in kept.mirrors.values():
                mirror.restart_feed(party)
            kept.own.ask(party, batch)
            self._show_root(party, kept, batch)

    def take_root(
        self,
        kept: KeptSpace,
        manifest: RootManifest,
        stored: StoredEntries,
        batch: RecordBatch,
    ) -> None:
        """Do what the root of a party says: pin it, or freeze what was signed with a stolen key.

        Raises:
            RootWrong: it does not follow from what is pinned, or is about no log here.
            LogNotOpen: our own log, in which it is to be said, may not grow yet.
            KeyMissing: the key that our log is to go on under is not here.
            LogUnknown: it is of a party that keeps no log here.
        """
        if manifest.party not in kept.row.members:
            raise LogUnknown
        if manifest.party == self._keys.party:
            self._take_own_root(kept, manifest, stored, batch)
            return
        kept.roots.judge(manifest, may_pin=False)
        if manifest.compromised not in [key for _, key in kept.log_keys(manifest.party)]:
            raise RootWrong(reason="it takes its word back from no key of a log here")
        _require_open(kept.own)
        kept.roots.take(manifest, may_pin=False)
        self._freeze(kept, manifest, batch)

    def tick(self, batch: RecordBatch) -> None:
        """Do what is due by the clock."""
        for kept in self._spaces.values():
            for own in kept.logs.values():
                own.prove(batch)
                own.ask_again(batch)
                self._restart_stalled(own, batch)
            for mirror in kept.newest():
                mirror.tick(batch)

    def due(self, party: PartyId, monotonic: float, bytes_max: int) -> list[RecordLetter]:
        """Return what the feeds have for a party, up to so many bytes of entries."""
        letters: list[RecordLetter] = []
        for due in self._dues(party):
            for letter in due(monotonic, max(0, bytes_max)):
                letters.append(letter)
                if isinstance(letter, Package):
                    bytes_max -= sum(map(len, letter.entries))
        return letters

    def resend(self, party: PartyId, monotonic: float) -> list[RecordLetter]:
        """Return urgent entries of ours that are to be sent to a party again."""
        return [
            letter for kept in self._spaces.values() for letter in kept.own.resend(party, monotonic)
        ]

    def next_resend_s(self, parties: Collection[PartyId]) -> float | None:
        """Return when something is to be sent to some parties again, None while nothing waits."""
        waiting = (
            resending.next_s()
            for kept in self._spaces.values()
            for party, resending in kept.own.resending.items()
            if party in parties
        )
        return min((each for each in waiting if each is not None), default=None)

    def _note_cited(self, batch: RecordBatch) -> None:
        """Take note of entries of ours that others' entries refer to: they have them."""
        for event in batch.events:
            if isinstance(event, EntryCame) and not self._is_ours(event.origin):
                own = self._spaces[event.origin.space].own
                if event.origin.party in own.resending:
                    own.resending[event.origin.party].cited(event.entry.refs)

    def flush(self, batch: RecordBatch) -> None:
        """Sign every log that grew, or that has a beat due; then nothing more may be appended."""
        self._note_cited(batch)
        self._hear_roots(batch)
        for kept in self._spaces.values():
            own = kept.own
            own.prove(batch)
            is_new = own.log.state is LogState.OPEN and own.log.tree.size == 0
            if is_new and not own.pending and not own.is_keyless:
                self._say_opening(kept, None, batch)
            self._say_disputes(kept, batch)
            if own.is_due(batch.monotonic):
                own.flush(batch)
        self._end_restoration(batch)

    def _end_restoration(self, batch: RecordBatch) -> None:
        """Take the mark of a backup off the database once every log of ours may grow again."""
        if self._restoration.is_unproved and self._spaces:
            owns = [kept.own for kept in self._spaces.values()]
            if all(own.is_proved for own in owns):
                self._restoration = replace(self._restoration, is_unproved=False)
                batch.changes.after.append(lambda c: mark_proved(c, batch.now))
                batch.then.append(lambda: _forget_holdings(owns))

    def place_of(self, origin: Origin) -> tuple[int, int]:
        """Return how much of a log its party signed and how much is held, as an answer says it."""
        kept = self._spaces.get(origin.space)
        own = kept.logs.get(origin.epoch) if kept and self._is_ours(origin) else None
        if own is not None:
            return own.tail_to, own.log.tree.size
        mirror = kept.mirrors.get((origin.party, origin.epoch)) if kept else None
        if mirror is None:
            return 0, 0
        return mirror.mirror.signed_size, mirror.mirror.tree.size

    # ------------------------------------------------------------------------------------- details

    def _take_own_root(
        self,
        kept: KeptSpace,
        manifest: RootManifest,
        stored: StoredEntries,
        batch: RecordBatch,
    ) -> None:
        kept.roots.judge(manifest, may_pin=True)
        if manifest.compromised is None:
            _require_open(kept.own)
        else:
            if manifest.compromised not in [key for _, key in kept.log_keys(self._keys.party)]:
                raise RootWrong(reason="it takes its word back from no key of a log here")
            signer = self._keys.signer(kept.own.origin, manifest.log_key)
            if isinstance(signer, AbsentKeySigner):
                raise KeyMissing(file="log-keys")
        kept.roots.take(manifest, may_pin=True)
        if manifest.compromised is not None:
            self._freeze_again(kept)
            self.begin_epoch(kept, stored, batch, is_apart=True)
        self._say(kept, Kind.ROOT, encode(root_body(manifest.note)), batch)
        for party in kept.others:
            self._show_root(party, kept, batch)

    def _show_root(self, party: PartyId, kept: KeptSpace, batch: RecordBatch) -> None:
        """Show a party by whose word our log goes on under another key."""
        root = kept.roots.newest(self._keys.party)
        if root is not None and root.compromised is not None:
            batch.send(party, RootLetter(kept.own.origin, root.note))

    def _hear_roots(self, batch: RecordBatch) -> None:
        """Take note of roots that this turn's entries tell of, and freeze what they say."""
        for event in list(batch.events):
            if not isinstance(event, EntryCame) or event.entry.kind not in _OF_ROOTS:
                continue
            kept = self._spaces[event.origin.space]
            manifest = kept.roots.hear(event.origin.party, event.entry)
            if manifest is not None and manifest.party != self._keys.party:
                self._freeze(kept, manifest, batch)

    def _freeze(self, kept: KeptSpace, manifest: RootManifest, batch: RecordBatch) -> None:
        """Freeze what a party's root believes no further, and say how far we hold it."""
        for epoch in kept.frozen_epochs(manifest.party):
            mirror = kept.mirrors[manifest.party, epoch]
            if mirror.mirror.is_frozen:
                continue
            head = mirror.freeze(batch)
            if kept.own.log.state is LogState.OPEN and not kept.own.is_keyless:
                body = freeze_body(mirror.origin.text(), head.size, head.root, manifest.note)
                self._say(kept, Kind.FREEZE, body, batch)

    def _freeze_again(self, kept: KeptSpace) -> None:
        """Freeze what was frozen, after a start."""
        for party in kept.row.members:
            for epoch in kept.frozen_epochs(party):
                if party == self._keys.party:
                    kept.logs[epoch].is_frozen = True
                else:
                    kept.mirrors[party, epoch].freeze_again()

    def _take_question(
        self, party: PartyId, question: Question, kept: KeptSpace, batch: RecordBatch
    ) -> None:
        """Show a party every epoch of its own log that is known, the newest first."""
        if question.origin.party != party:
            raise LogUnknown
        epochs = sorted((epoch for owner, epoch in kept.mirrors if owner == party), reverse=True)
        newest = kept.mirrors[party, epochs[0]] if epochs else None
        if self._restoration.vouches(newest) or not question.is_restored:
            for epoch in epochs:
                kept.mirrors[party, epoch].show(party, batch)
            if question.origin.epoch not in epochs:
                batch.send(party, Showing(question.origin, b"", b""))
        # Who asks has just begun, and may have missed what was sent before.
        for own in kept.logs.values():
            own.restart_feed(party, batch.monotonic)
        for epoch in epochs:
            kept.mirrors[party, epoch].restart_feed(party)
        # Two nodes that were both restored have nothing to show, and must not ask for ever.
        is_time = batch.monotonic >= kept.own.asked_at + ASK_BACK_S
        if kept.own.log.state is LogState.UNPROVED and party not in kept.own.shown and is_time:
            kept.own.ask(party, batch)

    def _take_ours(
        self,
        party: PartyId,
        letter: RecordLetter,
        kept: KeptSpace,
        own: KeptLog | None,
        stored: StoredEntries,
        batch: RecordBatch,
    ) -> None:
        """Take what a mirror says of a log of ours."""
        if own is None:
            own = self._find_later_epoch(letter, kept, stored, batch)
        match letter:
            case Showing():
                own.take_showing(party, letter, batch)
                own.prove(batch)
            case Answer():
                own.take_answer(party, letter, batch)
                if letter.kind is AnswerKind.UNKNOWN:
                    self._show_root(party, kept, batch)
            case Package() if own.log.state is LogState.BEHIND:
                own.take_tail(letter, batch)
                if own.is_proved:
                    # It may name the key of an epoch that was shown and could not be read.
                    for member in kept.others:
                        own.ask(member, batch)
            case _:
                # Our own log, brought by somebody else: we have it, or ask for it.
                pass

    def _find_later_epoch(
        self, letter: RecordLetter, kept: KeptSpace, stored: StoredEntries, batch: RecordBatch
    ) -> KeptLog:
        """Take up an epoch of ours that we lost with our disk and a mirror shows.

        Raises:
            LogUnknown: it shows nothing that we signed.
        """
        epoch = letter.origin.epoch
        if not isinstance(letter, Showing) or not letter.note or epoch <= max(kept.logs):
            raise LogUnknown
        row = LogRow(0, letter.origin, 0, None, None, None, 0, is_disputed=False, is_closing=False)
        shelf = LogShelf(0, 0, stored)
        key = kept.log_key(letter.origin)
        trial = kept_log(row, self._keys, kept.row.members, shelf, public=key)
        trial.log.read_shown(letter.note)
        self._add(self._new_log(letter.origin, batch), stored, batch.monotonic)
        for party in kept.others:
            kept.own.ask(party, batch)
        return kept.own

    def _take_theirs(
        self, party: PartyId, letter: RecordLetter, mirror: KeptMirror, batch: RecordBatch
    ) -> None:
        """Take what somebody says of a log that we mirror."""
        match letter:
            case Growth():
                mirror.take_growth(party, letter, batch)
            case Package():
                mirror.take_package(party, letter, batch)
            case ProvedEntry():
                mirror.take_proved(party, letter, batch)
            case Answer() if party == letter.origin.party:
                mirror.take_wish(letter, batch)
            case Answer() if party in mirror.onward:
                mirror.take_answer(party, letter, batch)
            case _:
                raise LogUnknown

    def _take_new_epoch(
        self,
        party: PartyId,
        growth: Growth,
        kept: KeptSpace,
        stored: StoredEntries,
        batch: RecordBatch,
    ) -> None:
        """Begin the copy of a member's next epoch, if its party signed the checkpoint."""
        origin = growth.origin
        known = [epoch for owner, epoch in kept.mirrors if owner == origin.party]
        if not known or origin.epoch <= max(known) or len(known) >= EPOCHS_MAX:
            self._answer_unknown(party, growth, batch)
            return
        row = LogRow(0, origin, 0, None, None, None, 0, is_disputed=False, is_closing=False)
        shelf = LogShelf(0, 0, stored)
        key = kept.log_key(origin)
        trial = kept_mirror(row, self._keys, kept.row.members, shelf, batch.monotonic, key)
        acts = trial.mirror.take_growth(growth, batch.now)
        if not any(isinstance(act, Answer) and act.kind in _TAKEN for act in acts):
            self._answer_unknown(party, growth, batch)
            return
        self._add(self._new_log(origin, batch), stored, batch.monotonic)
        kept.mirrors[origin.party, origin.epoch].take_growth(party, growth, batch)

    def _answer_unknown(self, party: PartyId, letter: RecordLetter, batch: RecordBatch) -> None:
        batch.refuse(LogUnknown.code, party)
        if isinstance(letter, Growth | Package):
            batch.send(party, Answer(letter.origin, AnswerKind.UNKNOWN))

    def _say_opening(self, kept: KeptSpace, last: bytes | None, batch: RecordBatch) -> None:
        """Append the first entry of our log."""
        own = kept.own
        logs = {each.origin: each.keys.log.public for each in kept.newest()}
        policy = policy_of({**logs, own.origin: own.signer.verifier.public}, kept.row.members)
        keys = self._keys.vkeys(own.signer)
        body = encode({0: policy, 1: keys, 2: last})
        self._say(kept, Kind.OPENING, body, batch)

    def _say_disputes(self, kept: KeptSpace, batch: RecordBatch) -> None:
        """Append what this turn found out about others' logs, for everybody to see."""
        if kept.own.log.state is not LogState.OPEN or kept.own.is_keyless:
            return
        for event in list(batch.events):
            if isinstance(event, EvidenceKept) and event.origin.space == kept.id:
                body = dispute_body(event.origin, event.evidence)
                self._say(kept, Kind.DISPUTE, body, batch)

    def _say(self, kept: KeptSpace, kind: Kind, body: bytes, batch: RecordBatch) -> None:
        entry = Entry(
            space=kept.id,
            author=self._keys.party,
            kind=kind,
            time_ms=batch.now.timestamp(unit="millisecond"),
            heads=() if kind is Kind.OPENING else kept.heads(),
            body=body,
        )
        kept.append(write_entry(entry), entry)

    def _restart_stalled(self, own: KeptLog, batch: RecordBatch) -> None:
        for party, answered_at in own.progress.items():
            feed = own.feeds[party]
            is_stalled = feed.is_waiting or feed.is_refused
            if is_stalled and batch.monotonic >= answered_at + STALL_S:
                own.restart_feed(party, batch.monotonic)

    def _dues(self, party: PartyId) -> Iterator[Callable[[float, int], list[Growth | Package]]]:
        for kept in self._spaces.values():
            for own in kept.logs.values():
                if party in own.feeds and not own.is_frozen and self._may_follow(kept, own, party):
                    yield partial(own.due, party)
            for mirror in kept.mirrors.values():
                if party in mirror.onward:
                    yield mirror.onward[party].feed.due
                if mirror.tail is not None and party == mirror.origin.party:
                    yield mirror.tail.due

    def _may_follow(self, kept: KeptSpace, own: KeptLog, party: PartyId) -> bool:
        """Say whether a mirror can check a log: it must hold the entry that names its key first."""
        before = kept.logs.get(own.origin.epoch - 1)
        if before is None or own.signer.verifier.public == self._keys.public:
            return True
        held = before.feeds[party].next_entry
        return held is not None and held >= before.log.tree.size

    def _new_log(self, origin: Origin, batch: RecordBatch) -> LogRow:
        self._last_log += 1
        row = LogRow(
            self._last_log, origin, 0, None, None, None, 0, is_disputed=False, is_closing=False
        )
        batch.changes.logs.append(row)
        return row

    def _add(self, row: LogRow, stored: StoredEntries, monotonic: float) -> None:
        self._last_log = max(self._last_log, row.id)
        kept = self._spaces[row.origin.space]
        shelf = LogShelf(row.id, row.size, stored)
        if self._is_ours(row.origin):
            holdings = self._restoration.holdings_of(row)
            kept.logs[row.origin.epoch] = kept_log(
                row, self._keys, kept.row.members, shelf, holdings, kept.log_key(row.origin)
            )
        else:
            place = (row.origin.party, row.origin.epoch)
            kept.mirrors[place] = kept_mirror(
                row, self._keys, kept.row.members, shelf, monotonic, kept.log_key(row.origin)
            )

    def _is_ours(self, origin: Origin) -> bool:
        return origin.party == self._keys.party

    def _mirrors(self) -> Iterator[KeptMirror]:
        for kept in self._spaces.values():
            yield from kept.mirrors.values()


def _require_open(own: KeptLog) -> None:
    if own.log.state is not LogState.OPEN or own.is_keyless:
        raise LogNotOpen(state=own.state)


def _forget_holdings(owns: Iterable[KeptLog]) -> None:
    for own in owns:
        own.holdings = None


def dispute_body(origin: Origin, evidence: bytes) -> bytes:
    """Return the body of an entry that says that a log is disputed."""
    return encode({0: origin.text(), 1: body_hash(evidence)})


_OF_ROOTS: Final = frozenset({Kind.ROOT, Kind.FREEZE})
_TAKEN: Final = frozenset({AnswerKind.HELD, AnswerKind.STORED, AnswerKind.ELSEWHERE})
