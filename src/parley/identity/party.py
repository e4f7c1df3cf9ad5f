"""Parties as this node knows them: our own and the others, with the name each was pinned under."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley.errors import ClaimKeySwapped, ClaimName, PartyOurOwn
from parley.identity.card import PartyCard, read_card
from parley.identity.names import resembles
from parley.ids import PartyId
from parley.storage import tables


@dataclass(frozen=True, slots=True)
class Party:
    """A party whose card is held here."""

    id: PartyId
    """Hash of its key."""
    name: str
    """The label it was first imported under; a later card does not change it."""
    card: PartyCard
    """Its newest card."""
    card_bytes: bytes
    """That card as it was signed."""
    is_ours: bool
    """Whether this is the party this node speaks for."""
    imported_at: Instant
    """When it became known here."""

    @override
    def __repr__(self) -> str:
        """Show the id alone: names do not belong into logs."""
        return f"Party({self.id.text})"


def check_claims(card: PartyCard, name: str, known: Iterable[Party]) -> None:
    """Refuse a card that claims what belongs to another party.

    Args:
        card: a card whose signature holds.
        name: the label it is to be pinned under.
        known: every party known here, our own included.

    Raises:
        PartyOurOwn: it is our own card.
        ClaimKeySwapped: another key was paired under exactly this name.
        ClaimName: the name can be taken for another party's.
    """
    for party in known:
        if party.id == card.party:
            if party.is_ours:
                raise PartyOurOwn
            continue
        if party.name == name:
            raise ClaimKeySwapped(party=party.id.text)
        if resembles(party.name, name):
            raise ClaimName(party=card.party.text)


def all_parties(connection: sa.Connection) -> list[Party]:
    """Return every party known here, our own first, then in the order they became known."""
    rows = connection.execute(
        sa.select(tables.party).order_by(
            tables.party.c.is_ours.desc(), tables.party.c.imported_at, tables.party.c.id
        )
    )
    return [
        Party(
            row.id,
            row.name,
            read_card(row.card),
            row.card,
            bool(row.is_ours),
            row.imported_at,
        )
        for row in rows
    ]


def save_party(connection: sa.Connection, party: Party) -> None:
    """Insert a party, or replace the card of one that is known; its name stays."""
    changed = connection.execute(
        tables.party.update().where(tables.party.c.id == party.id).values(card=party.card_bytes)
    )
    if changed.rowcount == 0:
        connection.execute(
            tables.party.insert().values(
                id=party.id,
                card=party.card_bytes,
                name=party.name,
                is_ours=int(party.is_ours),
                imported_at=party.imported_at,
            )
        )


def rename_own(connection: sa.Connection, party: PartyId, name: str) -> None:
    """Pin our own party under the name the settings give it."""
    connection.execute(tables.party.update().where(tables.party.c.id == party).values(name=name))


def remove_party(connection: sa.Connection, party: PartyId) -> None:
    """Forget a party and how far it was confirmed."""
    connection.execute(tables.pairing.delete().where(tables.pairing.c.party == party))
    connection.execute(tables.party.delete().where(tables.party.c.id == party))
