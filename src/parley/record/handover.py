"""What leaves a node for somebody else to check: an export, an entry's proof, whom to trust.

All of it is made from rows of one committed state, so a running node goes on meanwhile, and a
stopped one can be asked as well.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Final

import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley.errors import (
    EncodingRefused,
    EntryMalformed,
    EntryUnknown,
    NoteMalformed,
    SpaceUnknown,
)
from parley.ids import PartyId, SpaceId
from parley.record import repository
from parley.record.checkpoint import Origin, cosigner_name, read_checkpoint
from parley.record.entry import read_body, read_entry
from parley.record.export import LogExport, RecordExport, with_signatures, write_export
from parley.record.feed import EntrySource
from parley.record.keyring import (
    RecordKeys,
    cosigner_key,
    log_keys,
    next_log_key,
    policy_of,
)
from parley.record.note import Note, read_note
from parley.record.policy import Policy, read_policy
from parley.record.proof import EntryProof
from parley.record.repository import LogRow, NoteRow, SpaceRow
from parley.record.root import RootBook
from parley.record.signing import NoteVerifier, SignatureType
from parley.record.tiles import Tree
from parley.record.view import signed_s

NEWEST_NOTES: Final = 16
"""Checkpoints of each party that a proof is first looked for in. More reads more where the newest
would do, less reads all of them where the parties keep up unevenly."""
WITHHELD_S: Final = 120
"""How long entries may be on their way before an export says that they are missing."""


class StoredLog(EntrySource):
    """One log as it lies in the database."""

    def __init__(self, connection: sa.Connection, row: LogRow) -> None:
        """Read nothing yet."""
        self.row = row
        self._connection = connection

    @override
    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries of a span."""
        return repository.encoded_entries(self._connection, self.row.id, start, end)

    def tree(self) -> Tree:
        """Return the tree over what is stored."""
        find = repository.tile
        return Tree(self.row.size, lambda tile: find(self._connection, self.row.id, tile))

    def notes(self) -> list[Note]:
        """Return the checkpoints that were cosigned, the smaller first."""
        return self._ordered(repository.notes(self._connection, self.row.id))

    def newest_notes(self, parties: Iterable[PartyId], place: int) -> list[Note]:
        """Return the newest few that each party cosigned over an entry, the smaller first."""
        rows = repository.newest_notes(self._connection, self.row.id, parties, place, NEWEST_NOTES)
        return self._ordered(rows)

    def _ordered(self, rows: Iterable[NoteRow]) -> list[Note]:
        notes = [read_note(each.note) for each in rows]
        if self.row.note is not None:
            notes.append(read_note(self.row.note))
        return sorted(notes, key=_size)


def export_space(
    connection: sa.Connection,
    into: IO[bytes],
    space: SpaceId,
    keys: RecordKeys,
    labels: dict[PartyId, str],
    now: Instant,
) -> None:
    """Write all that is kept of a space into one file, signed by our party.

    Raises:
        SpaceUnknown: it is not kept here.
    """
    row = _space(connection, space)
    logs = [StoredLog(connection, log) for log in _logs(connection, space)]
    exported = [each for each in (_exported(log, now) for log in logs) if each is not None]
    ids = {log.row.id for log in logs}
    evidence = [each for log, each in repository.evidence_of(connection) if log in ids]
    signing = _log_keys(connection, [log.row for log in logs], row.members)
    verifiers = list(_verifiers(row, logs, signing, keys))
    record = RecordExport(space, exported, verifiers, evidence, labels)
    write_export(into, record, keys.party, keys.seed(), now)


def export_evidence(
    connection: sa.Connection,
    into: IO[bytes],
    space: SpaceId,
    keys: RecordKeys,
    labels: dict[PartyId, str],
    now: Instant,
    origin: Origin | None = None,
) -> int:
    """Write what shows that logs of a space contradict themselves into one file; return how many.

    It is an export without the record: whoever checks it needs the keys, which are in it, and
    nothing else that was said. Only where a log was handed over to a key that an earlier epoch
    names are that party's earlier epochs with it.

    Args:
        connection: reads one committed state.
        into: where the zip file is written.
        space: which space.
        keys: our keys; our party signs the list of files.
        labels: what we call the parties.
        now: the wall clock.
        origin: of one log alone, none for all of the space.

    Raises:
        SpaceUnknown: it is not kept here.
    """
    row = _space(connection, space)
    logs = [StoredLog(connection, log) for log in _logs(connection, space)]
    kept = repository.evidence_of(connection)
    disputed = [
        (log, [each for number, each in kept if number == log.row.id])
        for log in logs
        if origin in {None, log.row.origin}
    ]
    evidence = [each for _, found in disputed for each in found]
    signing = _log_keys(connection, [log.row for log in logs], row.members)
    handed_over = [
        log.row.origin
        for log, found in disputed
        if found and signing[log.row.origin] != row.members[log.row.origin.party]
    ]
    needed = [
        log
        for log in logs
        for each in handed_over
        if log.row.origin.party == each.party and log.row.origin.epoch < each.epoch
    ]
    exported = [found for log in dict.fromkeys(needed) if (found := _exported(log, now))]
    verifiers = list(_verifiers(row, logs, signing, keys))
    record = RecordExport(space, exported, verifiers, evidence, labels)
    write_export(into, record, keys.party, keys.seed(), now)
    return len(evidence)


def prove_entry(connection: sa.Connection, origin: Origin, place: int) -> EntryProof:
    """Return the proof that an entry is in its log, with its bytes as the proof's extra.

    Raises:
        SpaceUnknown: the space is not kept here.
        EntryUnknown: the entry is not here.
    """
    row = _space(connection, origin.space)
    log = next((each for each in _logs(connection, origin.space) if each.origin == origin), None)
    entries = [] if log is None else StoredLog(connection, log).entries(place, place + 1)
    if log is None or not entries:
        raise EntryUnknown
    stored = StoredLog(connection, log)
    note = _best_note(stored, row, place, read_policy(trust_of(connection, row.id).encode()))
    if note is None:
        raise EntryUnknown
    hashes = stored.tree().prove_inclusion(place, _size(note))
    return EntryProof(place, tuple(hashes), note, entries[0])


def trust_of(connection: sa.Connection, space: SpaceId) -> str:
    """Return a space's policy with the logs of every epoch, as a checker wants it.

    Raises:
        SpaceUnknown: it is not kept here.
    """
    row = _space(connection, space)
    return policy_of(_log_keys(connection, _logs(connection, space), row.members), row.members)


def _best_note(stored: StoredLog, space: SpaceRow, place: int, policy: Policy) -> Note | None:
    """Return the newest checkpoint over an entry that the policy accepts, or the newest at all.

    The newest few of each party nearly always have one; all of them are read where they do not,
    as when a party has long been away.
    """
    newest: Note | None = None
    few = functools.partial(stored.newest_notes, space.members, place)
    looks: tuple[Callable[[], list[Note]], ...] = (few, stored.notes)
    for find in looks:
        notes = [each for each in find() if _size(each) > place]
        newest = notes[-1] if notes else None
        whole = (with_signatures(each, notes) for each in reversed(notes))
        found = next((each for each in whole if policy.is_valid(each)), None)
        if found is not None:
            return found
    return newest


def _exported(log: StoredLog, now: Instant) -> LogExport | None:
    if log.row.note is None:
        return None
    newest, notes = read_note(log.row.note), log.notes()
    history = sorted([*notes, *_withheld(log.row, _size(newest), now)], key=_size)
    return LogExport(log.row.origin, with_signatures(newest, notes), history, log.tree(), log)


def _withheld(row: LogRow, size: int, now: Instant) -> Iterator[Note]:
    """Yield what a party signed long ago and never gave the entries of."""
    for signed in (row.pending, row.shown):
        if signed is not None and _size(read_note(signed)) > size:
            if now.timestamp() - signed_s(signed) > WITHHELD_S:
                yield read_note(signed)
            return


def _verifiers(
    space: SpaceRow, logs: Sequence[StoredLog], signing: Mapping[Origin, bytes], keys: RecordKeys
) -> Iterator[NoteVerifier]:
    for log in logs:
        yield log_keys(log.row.origin, signing[log.row.origin]).log
    for party, public in space.members.items():
        yield cosigner_key(party, public)
    yield from {keys.cosigners[1].verifier, *(each for log in logs for each in _lattices(log))}


def _log_keys(
    connection: sa.Connection, logs: Sequence[LogRow], members: Mapping[PartyId, bytes]
) -> dict[Origin, bytes]:
    """Return the key that signs each log: its party's, or the one the epoch before names."""
    roots, origins = RootBook(), {log.id: log.origin for log in logs}
    said = [each for each in repository.root_entries(connection) if each[0] in origins]
    for log_id, encoded in said:
        roots.hear(origins[log_id].party, read_entry(encoded))
    found: dict[Origin, bytes] = {}
    named: dict[Origin, bytes | None] = {}
    for log in sorted(logs, key=lambda each: each.origin):
        origin, own = log.origin, members[log.origin.party]
        before = [key for each, key in found.items() if each.party == origin.party]
        key = roots.next_key(origin.party, before, named.get(origin), own)
        found[origin] = key or own
        last = repository.encoded_entries(connection, log.id, log.size - 1, log.size)
        following = Origin(origin.space, origin.party, origin.epoch + 1)
        named[following] = next_log_key(last[0]) if last else None
    return found


def _lattices(log: StoredLog) -> Iterator[NoteVerifier]:
    """Yield the ML-DSA-44 keys that a log's opening names as its party's own."""
    for encoded in log.entries(0, 1):
        try:
            named = read_body(read_entry(encoded)).get(1)
        except (EncodingRefused, EntryMalformed):
            return
        for vkey in named if isinstance(named, list) else ():
            try:
                verifier = NoteVerifier.parse(str(vkey))
            except NoteMalformed:
                continue
            is_own = verifier.name == cosigner_name(log.row.origin.party)
            if is_own and verifier.type is SignatureType.ML_DSA_44_COSIGNATURE:
                yield verifier


def _space(connection: sa.Connection, space: SpaceId) -> SpaceRow:
    for row in repository.spaces(connection):
        if row.id == space:
            return row
    raise SpaceUnknown


def _logs(connection: sa.Connection, space: SpaceId) -> list[LogRow]:
    return [log for log in repository.logs(connection) if log.origin.space == space]


def _size(note: Note) -> int:
    return read_checkpoint(note.text).size
