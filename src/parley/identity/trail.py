"""The trail: what our own people did that binds, and what they were refused.

It never leaves the node: who of us did what is ours to know, the other party sees what the record
says. Rows are only ever added, in the transaction of the act itself, and each row's digest covers
the digest of the row before, so that one taken out or changed later shows (:func:`check_trail`).
Who can write the database can write the trail anew from some row on; the digest of the last row,
kept elsewhere (a backup, a printed page), shows that too.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.identity.encoding import Value, encode
from parley.storage import people

DONE: Final = "done"
OPERATOR: Final = "operator"
NODE: Final = "node"
WORDS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One thing that was done or refused."""

    number: int
    at: Instant
    act: str
    """An act of the permission table, or a fixed word for what the node noticed by itself."""
    asker: str
    """Id of the person or program; ``operator``; or ``node``."""
    subject: str
    """Id of whom or what it was done to; empty when to nothing in particular."""
    outcome: str
    """``done``, or the code of the refusal."""
    words: str
    """What the person gave as a reason."""
    digest: bytes


def add_to_trail(
    connection: sa.Connection,
    now: Instant,
    act: str,
    asker: str,
    *,
    subject: str = "",
    outcome: str = DONE,
    words: str = "",
) -> None:
    """Add one row; what it tells of commits or fails with it."""
    last = connection.execute(
        sa.select(people.trail.c.number, people.trail.c.digest)
        .order_by(people.trail.c.number.desc())
        .limit(1)
    ).one_or_none()
    number, before = (0, b"") if last is None else (last.number + 1, last.digest)
    row = TrailRow(number, now, act, asker, subject, outcome, words[:WORDS_MAX], b"")
    connection.execute(
        people.trail.insert().values(
            number=number,
            at=now,
            act=act,
            asker=asker,
            subject=subject,
            outcome=outcome,
            words=row.words,
            digest=_digest(row, before),
        )
    )


def read_trail(
    connection: sa.Connection,
    before: int | None,
    limit: int,
    *,
    asker: str | None = None,
    is_refused: bool | None = None,
) -> list[TrailRow]:
    """Return rows, the newest first.

    Args:
        connection: the database.
        before: only rows older than this number.
        limit: so many at most.
        asker: only what this person, program, the operator or the node did.
        is_refused: only what was refused or went wrong, or only what was done.
    """
    query = sa.select(people.trail).order_by(people.trail.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(people.trail.c.number < before)
    if asker is not None:
        query = query.where(people.trail.c.asker == asker)
    if is_refused is not None:
        is_done = people.trail.c.outcome == DONE
        query = query.where(sa.not_(is_done) if is_refused else is_done)
    return [TrailRow(*row) for row in connection.execute(query)]


def check_trail(connection: sa.Connection) -> int | None:
    """Return the number of the first row that is not what was written, None if all are."""
    before = b""
    rows = connection.execute(sa.select(people.trail).order_by(people.trail.c.number))
    for expected, row in enumerate(TrailRow(*each) for each in rows):
        if row.number != expected or row.digest != _digest(row, before):
            return expected
        before = row.digest
    return None


def _digest(row: TrailRow, before: bytes) -> bytes:
    content: list[Value] = [
        before,
        row.number,
        milliseconds(row.at),
        row.act,
        row.asker,
        row.subject,
        row.outcome,
        row.words,
    ]
    return hashlib.sha256(encode(content)).digest()
