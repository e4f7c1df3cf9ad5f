"""When each path of each line was up, as rows: what a crisis is measured by."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import milliseconds
from parley.ids import PartyId
from parley.storage.columns import IdColumn, InstantColumn
from parley.storage.tables import metadata

KEPT_H: Final = 24 * 400
"""Spells are forgotten after so long: an assessment of a year ago can still be made."""

spell = sa.Table(
    "line_path_spell",
    metadata,
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("from_at", InstantColumn, primary_key=True),
    sa.Column("seen_at", InstantColumn, nullable=False),
    sa.Column("is_up", sa.Integer, nullable=False),
    sqlite_strict=True,
)
"""Stretches in which a path of the line to a party was seen in one condition, until ``seen_at``."""
sa.Index("line_path_spell_seen", spell.c.party, spell.c.seen_at)


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch in which a path was seen in one condition, milliseconds since 1970 UTC."""

    path: str
    from_ms: int
    until_ms: int
    is_up: bool


def spells_of(
    connection: sa.Connection, party: PartyId, from_at: Instant, until_at: Instant
) -> list[Spell]:
    """Return what was seen of the paths to a party between two instants, cut to them."""
    query = sa.select(spell).where(
        spell.c.party == party, spell.c.seen_at >= from_at, spell.c.from_at <= until_at
    )
    return [
        Spell(
            row.path,
            milliseconds(max(row.from_at, from_at)),
            milliseconds(min(row.seen_at, until_at)),
            bool(row.is_up),
        )
        for row in connection.execute(query)
    ]


def forget_spells(connection: sa.Connection, before: Instant) -> int:
    """Delete what was last seen before an instant; return how many rows."""
    return connection.execute(spell.delete().where(spell.c.seen_at < before)).rowcount
