"""Sealed bodies: which blobs entries name, where each stands here, and which cases are erased.

An entry with a sealed body commits to a *blob* (its hash and size) and names the *case* whose key
seals it. Both get a row here in the transaction of the first entry that names them. The blob is
wanted until its bytes are here (:mod:`parley.line.blobs` fetches them), and erased once its case
is.

The key of a case is made by the party whose entry first names it: its *maker*. When the maker says
that it has deleted the key (an *erasure* by a person, or *erased* by its node), every other party
deletes its own and says so; proofs stay as they are, because what was hashed is the entry. Another
party that erases a case says what it did itself; whether the maker follows is for a person there.

Three instants tell how far that is: ``erased_at`` it was decided, ``gone_at`` the key is deleted,
``said_at`` our entry says so. They only ever follow in this order, so a node that dies in between
goes on where it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.ids import CaseId, PartyId, SpaceId
from parley.record import repository
from parley.record.entry import REFS_MAX, SealedBody, read_entry
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.record.tables import blob, case
from parley.storage.columns import insert

ERASING: Final = frozenset({Kind.ERASURE, Kind.ERASED})
"""Kinds that say that the keys of the sealed bodies referred to are deleted."""


class BlobState(StrEnum):
    """Where a blob stands here."""

    WANTED = "wanted"
    """Its bytes are not all here yet."""
    HERE = "here"
    LEFT = "left"
    """It is not fetched: larger than one may be, or more than its party may leave here."""
    ERASED = "erased"
    """Its case's key is deleted, and its bytes with it."""


@dataclass(frozen=True, slots=True)
class BlobRow:
    """A blob that an entry names."""

    digest: bytes
    space: SpaceId
    case: CaseId
    author: PartyId
    """Whose entry named it first."""
    size: int
    state: BlobState


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case that an entry names."""

    case: CaseId
    space: SpaceId
    maker: PartyId
    erased_at: Instant | None
    gone_at: Instant | None
    said_at: Instant | None


def keep_sealed(connection: sa.Connection, came: EntryCame, own: PartyId, now: Instant) -> None:
    """Write the rows of an entry that came: what it seals, or which cases it erases."""
    if came.entry.sealed is not None:
        _keep_named(connection, came, came.entry.sealed)
    if came.entry.kind in ERASING:
        for found in sealed_by(connection, came.origin.space, came.entry.refs):
            if came.origin.party in {found.maker, own}:
                erase_case(connection, found.case, now)


def erase_case(connection: sa.Connection, wanted: CaseId, now: Instant) -> None:
    """Decide that a case is erased; its key and blobs follow."""
    connection.execute(
        case.update().where(case.c.case == wanted, case.c.erased_at.is_(None)).values(erased_at=now)
    )
    connection.execute(
        blob.update().where(blob.c.case == wanted).values(state=BlobState.ERASED.value)
    )


def mark_gone(connection: sa.Connection, wanted: CaseId, now: Instant) -> None:
    """Note that a case's key and blobs are deleted here."""
    connection.execute(case.update().where(case.c.case == wanted).values(gone_at=now))


def mark_said(connection: sa.Connection, wanted: CaseId, now: Instant) -> None:
    """Note that our own entry says so."""
    connection.execute(case.update().where(case.c.case == wanted).values(said_at=now))


def mark_blob(connection: sa.Connection, digest: bytes, state: BlobState) -> None:
    """Note where a blob stands; one that was erased stays erased."""
    is_erased = blob.c.state == BlobState.ERASED.value
    connection.execute(
        blob.update().where(blob.c.digest == digest, ~is_erased).values(state=state.value)
    )


def find_blob(connection: sa.Connection, digest: bytes) -> BlobRow | None:
    """Return one blob."""
    row = connection.execute(sa.select(blob).where(blob.c.digest == digest)).one_or_none()
    return None if row is None else _blob(row)


def find_named(connection: sa.Connection, digest: bytes) -> BlobRow | None:
    """Return the blob that an entry names, by the entry's hash."""
    row = repository.find_entry(connection, digest)
    named = None if row is None or row.set_aside else read_entry(row.encoded).sealed
    return None if named is None else find_blob(connection, named.ciphertext_hash)


def sealed_hashes(connection: sa.Connection, beginning: str) -> list[bytes]:
    """Return hashes of entries with sealed bodies that begin in a way, at most two."""
    found = connection.execute(sa.select(blob.c.entry))
    hashes = (bytes(row.entry) for row in found)
    return list(islice((each for each in hashes if each.hex().startswith(beginning)), 2))


def find_case(connection: sa.Connection, wanted: CaseId) -> CaseRow | None:
    """Return one case."""
    row = connection.execute(sa.select(case).where(case.c.case == wanted)).one_or_none()
    return None if row is None else _case(row)


def wanted_blobs(connection: sa.Connection, limit: int) -> list[BlobRow]:
    """Return blobs whose bytes are not here yet."""
    query = sa.select(blob).where(blob.c.state == BlobState.WANTED.value).limit(limit)
    return [_blob(row) for row in connection.execute(query)]


def blobs_of(connection: sa.Connection, wanted: CaseId) -> list[BlobRow]:
    """Return every blob of a case."""
    return [_blob(row) for row in connection.execute(sa.select(blob).where(blob.c.case == wanted))]


def bytes_of(connection: sa.Connection, author: PartyId) -> int:
    """Return how many bytes of blobs of a party are kept here."""
    here = blob.c.state == BlobState.HERE.value
    query = sa.select(sa.func.sum(blob.c.size)).where(blob.c.author == author, here)
    return int(connection.execute(query).scalar() or 0)


def unfinished_cases(connection: sa.Connection) -> list[CaseRow]:
    """Return cases that are erased and of which not all is done."""
    query = sa.select(case).where(case.c.erased_at.is_not(None), case.c.said_at.is_(None))
    return [_case(row) for row in connection.execute(query)]


def sealed_by(connection: sa.Connection, space: SpaceId, digests: Iterable[bytes]) -> list[CaseRow]:
    """Return the cases of the sealed bodies of some entries of a space, each once."""
    found: dict[CaseId, CaseRow] = {}
    for digest in digests:
        row = repository.find_entry(connection, digest)
        sealed = None if row is None or row.set_aside else read_entry(row.encoded).sealed
        known = None if sealed is None else find_case(connection, CaseId(sealed.key_id))
        if known is not None and known.space == space:
            found[known.case] = known
    return list(found.values())


def entries_of(connection: sa.Connection, wanted: CaseId) -> list[bytes]:
    """Return hashes of entries whose bodies a case seals, as many as one entry may refer to."""
    query = sa.select(blob.c.entry).where(blob.c.case == wanted).limit(REFS_MAX)
    return [bytes(row.entry) for row in connection.execute(query)]


def _keep_named(connection: sa.Connection, came: EntryCame, sealed: SealedBody) -> None:
    named = CaseId(sealed.key_id)
    space, author = came.origin.space, came.origin.party
    connection.execute(
        insert(connection, case)
        .values(case=named, space=space, maker=author)
        .on_conflict_do_nothing()
    )
    known = find_case(connection, named)
    is_erased = known is not None and known.erased_at is not None
    connection.execute(
        insert(connection, blob)
        .values(
            digest=sealed.ciphertext_hash,
            space=space,
            case=named,
            author=author,
            entry=came.hash,
            size=sealed.size,
            state=(BlobState.ERASED if is_erased else BlobState.WANTED).value,
        )
        .on_conflict_do_nothing()
    )


def _blob(row: sa.Row[tuple[object, ...]]) -> BlobRow:
    state = BlobState(row.state)
    return BlobRow(bytes(row.digest), row.space, row.case, row.author, row.size, state)


def _case(row: sa.Row[tuple[object, ...]]) -> CaseRow:
    return CaseRow(row.case, row.space, row.maker, row.erased_at, row.gone_at, row.said_at)
