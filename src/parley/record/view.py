"""The record as people and programs are shown it: spaces, logs, entries, what is proved of them.

Everything is computed from rows of one committed state, so a page, the command line of a running
node and that of a stopped one see the same. Hashes are hexadecimal, instants ISO 8601 in UTC.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import sqlalchemy as sa
from whenever import Instant

from parley.errors import EncodingRefused, EntryMalformed, EntryNotTheirs
from parley.ids import CaseId, PartyId, SpaceId
from parley.record import repository
from parley.record.cbor import Value, decode_map
from parley.record.checkpoint import read_checkpoint
from parley.record.deadlines import find_entry_deadline
from parley.record.entry import Entry, body_hash, entry_hash, judge
from parley.record.kinds import Kind
from parley.record.note import read_note
from parley.record.office import office_of
from parley.record.ports import LiveLog
from parley.record.receipts import (
    BodyAgreed,
    EntryCitation,
    Receipt,
    ReceiptWord,
    is_agreed,
    read_agreement,
    receipt,
)
from parley.record.repository import EntryQuery, EntryRow, LogRow, SpaceRow
from parley.record.sealed import ERASING, BlobState, find_blob
from parley.record.signed import SignedActs
from parley.storage.restoring import is_unproved, restored_from

Scalar = str | int | bool | None
BodyValue = Scalar | tuple[Scalar, ...]
"""A value of a body as shown; what is nested deeper stands as text."""
Name = Callable[[PartyId], str | None]
SIGNED_KINDS: Final = frozenset({Kind.ACKNOWLEDGEMENT, Kind.AGREEMENT})
"""What counts of a person when their passkey signed it; a receipt says no more than is proved."""
AGREEMENTS_MAX: Final = 1_000
"""Agreements looked through for one body; a thread has a handful."""
_UNPROVED: Final = frozenset({"restored", "unproved", "behind", "stopped", "forked"})
"""States of our own log in which a backup's mark still means something."""
_FIELDS: Final[Mapping[int, tuple[str, ...]]] = {
    Kind.OPENING: ("policy", "keys", "closing_checkpoint"),
    Kind.CLOSING: ("next_key_hash", "next_key"),
    Kind.DELIVERY: ("desk",),
    Kind.ACKNOWLEDGEMENT: ("words",),
    Kind.AGREEMENT: ("body_hash", "parties"),
    Kind.ASSERTION: ("credential", "authenticator_output", "collected_output", "signature"),
    Kind.DISPUTE: ("log", "evidence_hash"),
    Kind.STATEMENT: ("text",),
    Kind.ROOT: ("manifest",),
    Kind.FREEZE: ("manifest", "log", "size", "tree_root"),
}
"""What the keys of a body are called, in order, for the kinds that are known here."""


class RecordPartyView(msgspec.Struct, frozen=True):
    """A party of a space: its id, and the label it is pinned under here."""

    id: str
    name: str


class HoldingView(msgspec.Struct, frozen=True):
    """How much of a log a party is proved to hold, and when by its own clock."""

    party_id: str
    size: int
    at: str


class LogView(msgspec.Struct, frozen=True):
    """One log."""

    log: str
    """Its origin."""
    party: RecordPartyView
    epoch: int
    is_ours: bool
    size: int
    root: str | None
    """Root of the newest checkpoint; null before the first."""
    signed_at: str | None
    state: str
    """Of our own log whether it may grow; of a copy, "mirrored"."""
    standing: str
    """How much it can be relied on: fresh, late, silent or disputed; of our own, fresh."""
    held: tuple[HoldingView, ...]
    evidence_count: int
    set_aside_count: int
    waits_for: tuple[RecordPartyView, ...] = ()
    """Of our own, while it may not grow: who must show first how far it had come."""
    backup_of: str | None = None
    """When the backup was made that our own came out of, until that has been shown."""


class SpaceView(msgspec.Struct, frozen=True):
    """Those who keep a record together."""

    id: str
    name: str
    """What a group is called; of a line it is empty."""
    members: tuple[RecordPartyView, ...]
    logs: tuple[LogView, ...]


class HeadView(msgspec.Struct, frozen=True):
    """How much of another log an entry's author had seen."""

    party_id: str
    size: int


class SealedView(msgspec.Struct, frozen=True):
    """The commitment to a body that is kept elsewhere."""

    hash: str
    size: int
    key: str
    case: str
    """The key's id as a case: what is erased together."""
    state: str
    """wanted, here, left (larger than is taken) or erased."""
    erased_by: tuple[RecordPartyView, ...]
    """Who says in their own log that they deleted the key."""


class ReceiptView(msgspec.Struct, frozen=True):
    """What one party is proved to have done with an entry."""

    party: RecordPartyView
    word: str
    """queued, held, delivered, acknowledged or agreed."""
    held_at: str | None = None
    delivered_at: str | None = None
    acknowledged_at: str | None = None
    acknowledged_by: str | None = None


class EntryView(msgspec.Struct, frozen=True):
    """One entry, with what is proved of it."""

    log: str
    index: int
    number: int
    """In which order entries came here."""
    hash: str
    party: RecordPartyView
    space: str
    kind: int | None
    kind_name: str
    thread: str | None
    written_at: str | None
    precedence: str | None
    deadline: str | None
    """By when its author wants an answer, by the author's clock."""
    due_at: str | None
    """When the time it gives is over here, by our clock; null without one, or long after."""
    due: str | None
    """Whether that is still "waiting", or over: "done" when it came, "cancelled" when answered."""
    refs: tuple[str, ...]
    heads: tuple[HeadView, ...]
    actor: str | None
    office: str | None
    """In which office the person spoke, or not_said; null where its kind names none."""
    body: dict[str, BodyValue] | None
    sealed: SealedView | None
    receipts: tuple[ReceiptView, ...]
    set_aside: str | None


@dataclass(frozen=True, slots=True)
class RecordLook:
    """One look at the record: a committed state, and what the parties are called."""

    connection: sa.Connection
    own: PartyId
    name: Name

    # ------------------------------------------------------------------------------------- spaces

    def spaces(self, live: Mapping[str, LiveLog]) -> tuple[SpaceView, ...]:
        """Return every space.

        Args:
            live: how each log does, by origin, as far as a running node knows.
        """
        logs = repository.logs(self.connection)
        counts = repository.set_aside_counts(self.connection)
        evidence = [log for log, _ in repository.evidence_of(self.connection)]
        return tuple(
            SpaceView(
                space.id.text,
                space.name,
                tuple(self.party(party) for party in space.members),
                tuple(
                    self._log(log, live, counts.get(log.id, 0), evidence.count(log.id))
                    for log in sorted(logs, key=lambda each: each.origin)
                    if log.origin.space == space.id
                ),
            )
            for space in repository.spaces(self.connection)
        )

    def party(self, party: PartyId) -> RecordPartyView:
        """Return a party as shown."""
        return RecordPartyView(party.text, self.name(party) or party.text[:8])

    def _log(self, log: LogRow, live: Mapping[str, LiveLog], aside: int, evidence: int) -> LogView:
        is_ours = log.origin.party == self.own
        state = "stopped" if is_ours else "mirrored"
        standing = "disputed" if log.is_disputed else "unknown"
        found = live.get(log.origin.text(), LiveLog(state, standing))
        is_restored = is_ours and found.state in _UNPROVED and is_unproved(self.connection)
        made_at = restored_from(self.connection) if is_restored else None
        checkpoint = None if log.note is None else read_checkpoint(read_note(log.note).text)
        holdings = [
            HoldingView(party.text, size, _seconds(seconds))
            for party, size, seconds in repository.newest_holding(self.connection, log.id)
            if party != log.origin.party
        ]
        return LogView(
            log.origin.text(),
            self.party(log.origin.party),
            log.origin.epoch,
            is_ours,
            log.size,
            None if checkpoint is None else checkpoint.root.hex(),
            None if log.note is None else _seconds(signed_s(log.note)),
            found.state,
            found.standing,
            tuple(sorted(holdings, key=lambda each: each.party_id)),
            evidence,
            aside,
            tuple(self.party(party) for party in found.waits_for),
            None if made_at is None else made_at.format_iso(),
        )

    # ------------------------------------------------------------------------------------ entries

    def entries(self, query: EntryQuery) -> tuple[EntryView, ...]:
        """Return entries, with their receipts."""
        logs = {log.id: log for log in repository.logs(self.connection)}
        spaces = {space.id: space for space in repository.spaces(self.connection)}
        return tuple(
            self.entry(row, logs, spaces) for row in repository.find_entries(self.connection, query)
        )

    def entry(
        self, row: EntryRow, logs: Mapping[int, LogRow], spaces: Mapping[SpaceId, SpaceRow]
    ) -> EntryView:
        """Return one entry as shown."""
        origin = logs[row.log].origin
        entry, digest = counted(row, logs), entry_hash(row.encoded)
        has_deadline = entry is not None and entry.deadline_ms is not None
        deadline = find_entry_deadline(self.connection, digest) if has_deadline else None
        return EntryView(
            log=origin.text(),
            index=row.place,
            number=row.number,
            hash=digest.hex(),
            party=self.party(origin.party),
            space=origin.space.text,
            kind=row.kind,
            kind_name=kind_name(row.kind),
            thread=None if entry is None or entry.thread is None else entry.thread.text,
            written_at=None if entry is None else stamp(entry.time_ms),
            precedence=_precedence(entry),
            deadline=None
            if entry is None or entry.deadline_ms is None
            else stamp(entry.deadline_ms),
            due_at=None if deadline is None else deadline.due_at.format_iso(),
            due=None if deadline is None else deadline.state.value,
            refs=() if entry is None else tuple(each.hex() for each in entry.refs),
            heads=_heads(entry),
            actor=None if entry is None or entry.actor is None else entry.actor.text,
            office=None if entry is None else office_of(entry),
            body=None if entry is None else shown_body(entry),
            sealed=None if entry is None else self._sealed(entry, digest, logs),
            receipts=()
            if entry is None
            else tuple(self._receipts(row, entry, logs, spaces[origin.space])),
            set_aside=row.set_aside,
        )

    def _sealed(self, entry: Entry, digest: bytes, logs: Mapping[int, LogRow]) -> SealedView | None:
        """Return what an entry commits to, and where it stands here."""
        if entry.sealed is None:
            return None
        named, case = entry.sealed, CaseId(entry.sealed.key_id)
        blob = find_blob(self.connection, named.ciphertext_hash)
        erasing = {
            logs[row.log].origin.party
            for row in repository.citing(self.connection, digest)
            if row.kind in ERASING and (said := counted(row, logs)) and digest in said.refs
        }
        return SealedView(
            named.ciphertext_hash.hex(),
            named.size,
            named.key_id.hex(),
            case.text,
            BlobState.WANTED.value if blob is None else blob.state.value,
            tuple(map(self.party, sorted(erasing))),
        )

    def _signed(self, logs: Mapping[int, LogRow]) -> SignedActs:
        return SignedActs(self.connection, logs, lambda row: counted(row, logs))

    def _receipts(
        self, row: EntryRow, entry: Entry, logs: Mapping[int, LogRow], space: SpaceRow
    ) -> Iterable[ReceiptView]:
        digest = entry_hash(row.encoded)
        held = repository.held_since(self.connection, row.log, row.place)
        signed = self._signed(logs)
        cited = [
            (
                logs[each.log].origin.party,
                EntryCitation(each.place, found, _is_signed(signed, found, each)),
                each,
            )
            for each in repository.citing(self.connection, digest)
            if (found := counted(each, logs)) is not None and digest in found.refs
        ]
        agreed = self._is_agreed(entry, cited, logs, space.id)
        for party in space.members:
            if party == entry.author:
                continue
            citations = [citation for by, citation, _ in cited if by == party]
            cosigned = [(row.place + 1, held[party])] if party in held else []
            proved = receipt(row.place, cosigned, citations, has_agreement=agreed)
            yield self._receipt(party, proved, citations)

    def _receipt(
        self, party: PartyId, found: Receipt, citations: Sequence[EntryCitation]
    ) -> ReceiptView:
        times = {each.index: stamp(each.entry.time_ms) for each in citations}
        return ReceiptView(
            self.party(party),
            ReceiptWord(found.word).name.lower(),
            None if found.held_s is None else _seconds(found.held_s),
            None if found.delivered_at is None else times[found.delivered_at],
            None if found.acknowledged_at is None else times[found.acknowledged_at],
            None if found.acknowledged_by is None else found.acknowledged_by.text,
        )

    def _is_agreed(
        self,
        entry: Entry,
        cited: Sequence[tuple[PartyId, EntryCitation, EntryRow]],
        logs: Mapping[int, LogRow],
        space: SpaceId,
    ) -> bool:
        """Say whether everybody named has agreed to what the entry says, or agrees to."""
        found: list[tuple[PartyId, BodyAgreed]] = []
        if entry.kind == Kind.AGREEMENT:
            kind = (int(Kind.AGREEMENT),)
            ids = [log.id for log in logs.values() if log.origin.space == space]
            thread = None if entry.thread is None else bytes(entry.thread)
            query = EntryQuery(ids, kind, thread, limit=AGREEMENTS_MAX)
            rows = repository.find_entries(self.connection, query)
            signed = self._signed(logs)
            found = [
                (each.author, agreed)
                for row, each in ((row, counted(row, logs)) for row in rows)
                if each is not None
                and (agreed := agreement_of(each)) is not None
                and _is_signed(signed, each, row)
            ]
            wanted = agreement_of(entry)
        else:
            found = [
                (by, agreed)
                for by, citation, _ in cited
                if citation.is_signed and (agreed := agreement_of(citation.entry)) is not None
            ]
            quoted = None if entry.body is None else body_hash(entry.body)
            wanted = next((each for _, each in found if each.body_hash == quoted), None)
        by_party: dict[PartyId, list[BodyAgreed]] = {}
        for party, agreed in found:
            by_party.setdefault(party, []).append(agreed)
        return wanted is not None and is_agreed(wanted, by_party)


def _is_signed(signed: SignedActs, entry: Entry, row: EntryRow) -> bool:
    return entry.kind in SIGNED_KINDS and signed.has_signature(entry, entry_hash(row.encoded))


def counted(row: EntryRow, logs: Mapping[int, LogRow]) -> Entry | None:
    """Return a stored entry as read, nothing for one that was set aside."""
    origin = logs[row.log].origin
    try:
        return judge(row.encoded, origin.space, origin.party)
    except (EncodingRefused, EntryMalformed, EntryNotTheirs):
        return None


def agreement_of(entry: Entry) -> BodyAgreed | None:
    """Return what an entry agrees to, nothing if it does not."""
    try:
        return read_agreement(entry)
    except EntryMalformed:
        return None


def kind_name(kind: int | None) -> str:
    """Return the name of a kind, ``unknown`` for one that is not known here."""
    try:
        return Kind(kind).name.lower() if kind is not None else "unreadable"
    except ValueError:
        return "unknown"


def shown_body(entry: Entry) -> dict[str, BodyValue] | None:
    """Return an entry's body as JSON: bytes in hexadecimal, keys by their names where known."""
    if entry.body is None:
        return None
    try:
        fields = decode_map(entry.body)
    except EncodingRefused:
        return {"unreadable": entry.body.hex()}
    names = dict(enumerate(_FIELDS.get(entry.kind, ())))
    return {names.get(key, str(key)): _plain(value) for key, value in fields.items()}


def signed_s(note: bytes) -> int:
    """Return the time that the party's own cosignature gives one of its checkpoints."""
    signatures = read_note(note).signatures
    return int.from_bytes(signatures[1].signature[:8], "big") if len(signatures) > 1 else 0


def _plain(value: Value) -> BodyValue:
    return tuple(map(_scalar, value)) if isinstance(value, list) else _scalar(value)


def _scalar(value: Value) -> Scalar:
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, list | dict) else value


def _precedence(entry: Entry | None) -> str | None:
    if entry is None or entry.precedence is None:
        return None
    return entry.precedence.name.lower()


def _heads(entry: Entry | None) -> tuple[HeadView, ...]:
    heads = () if entry is None else entry.heads
    return tuple(HeadView(head.party.text, head.size) for head in heads)


def _seconds(seconds: int) -> str:
    return Instant.from_timestamp(min(seconds, 253_402_300_799)).format_iso()


def stamp(value: int) -> str:
    """Return an entry's time as shown."""
    return Instant.from_timestamp(value, unit="millisecond").format_iso()
