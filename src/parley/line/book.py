"""The book of pairings: whose card is here and how far each line is confirmed, kept on disk.

The book needs no engine, so `parley pair` works before the node runs for the first time; the line
service of a running node keeps the same book and does what its steps ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from typing_extensions import override
from whenever import Instant

from parley.clock import Clock
from parley.config import Settings
from parley.config.kinds import Text
from parley.errors import PartyUnknown, SettingsBadValue
from parley.identity.card import PartyCard, card_from
from parley.identity.fingerprint import fingerprint
from parley.identity.keys import PartyKey
from parley.identity.party import (
    Party,
    all_parties,
    check_claims,
    remove_party,
    rename_own,
    save_party,
)
from parley.ids import PartyId
from parley.line.own_card import own_party
from parley.line.pairing import Act, PairingEvent, PairingState, step
from parley.storage import Database, tables

_LABEL: Final = Text(1, 80)


@dataclass(frozen=True, slots=True)
class Pairing:
    """One other party and how far the line to it is confirmed."""

    party: Party
    state: PairingState
    ours_confirmed_at: Instant | None
    theirs_confirmed_at: Instant | None
    changed_at: Instant

    @override
    def __repr__(self) -> str:
        """Show party id and state."""
        return f"Pairing({self.party.id.text}, {self.state})"


class PairingBook:
    """Every pairing of one node. Owned by the event loop's thread."""

    def __init__(self, database: Database, settings: Settings, key: PartyKey, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._key = key
        self._clock = clock
        self._pairings: dict[PartyId, Pairing] = {}
        self._own: Party | None = None

    @property
    def own(self) -> Party:
        """Our own party, with its newest card."""
        if self._own is None:
            raise PartyUnknown(party=self._key.party.text)
        return self._own

    async def load(self) -> None:
        """Read the book and bring our own card up to date."""
        now = self._clock.now()
        parties, rows = await self._database.read(_load)
        kept = next((party for party in parties if party.is_ours), None)
        if kept is not None and kept.id != self._key.party:
            kept = None
        self._own = own_party(self._settings, self._key, kept, now)
        if self._own != kept:
            await self._database.write(_saving_own(self._own))
        others = {party.id: party for party in parties if not party.is_ours}
        self._pairings = {
            row.party: Pairing(
                others[row.party],
                PairingState(row.state),
                row.ours_confirmed_at,
                row.theirs_confirmed_at,
                row.changed_at,
            )
            for row in rows
            if row.party in others
        }

    def all(self) -> list[Pairing]:
        """Return every pairing, in the order the cards came."""
        return sorted(self._pairings.values(), key=lambda pairing: pairing.party.imported_at)

    def get(self, party: PartyId) -> Pairing:
        """Return one pairing.

        Raises:
            PartyUnknown: no card of that party is here.
        """
        try:
            return self._pairings[party]
        except KeyError as error:
            raise PartyUnknown(party=party.text) from error

    def fingerprint(self, party: PartyId) -> tuple[int, ...]:
        """Return the word numbers both operators read; takes a fifth of a second once."""
        return fingerprint(self.own.card.public_key, self.get(party).party.card.public_key)

    async def import_card(
        self, content: bytes, label: str | None
    ) -> tuple[Pairing, tuple[Act, ...]]:
        """Take in another party's card, or a newer card of a known one.

        Args:
            content: a card file, armoured or not: foreign bytes.
            label: the name to pin instead of the card's own, or None.

        Raises:
            CardMalformed: the bytes are no card.
            CardSignatureWrong: the card is not signed by the key it names.
            CardExpired: its time has passed.
            CardFromFuture: its time has not come.
            PartyOurOwn: it is our own.
            ClaimKeySwapped: another key is known under that name.
            ClaimName: the name can be taken for another party's.
        """
        card, encoded = card_from(content)
        return await self.take_card(card, encoded, label)

    async def take_card(
        self, card: PartyCard, encoded: bytes, label: str | None
    ) -> tuple[Pairing, tuple[Act, ...]]:
        """Take in a card that was read; raises like :meth:`import_card`."""
        now = self._clock.now()
        card.check(now)
        known = self._pairings.get(card.party)
        name = self._label(label) or (known.party.name if known else card.name)
        check_claims(
            card, name, (self.own, *(pairing.party for pairing in self._pairings.values()))
        )
        if known is None:
            party = Party(card.party, name, card, encoded, is_ours=False, imported_at=now)
            pairing = Pairing(party, PairingState.IMPORTED, None, None, now)
            return await self._keep(pairing), ()
        if card.created_at <= known.party.card.created_at:
            return known, ()
        state, acts = step(known.state, PairingEvent.RENEW)
        party = replace(known.party, card=card, card_bytes=encoded)
        return await self._keep(replace(known, party=party, state=state, changed_at=now)), acts

    async def apply(self, party: PartyId, event: PairingEvent) -> tuple[Pairing, tuple[Act, ...]]:
        """Take one step of a pairing, durably, and return what the service has to do.

        Raises:
            PartyUnknown: no card of that party is here.
            TransitionRefused: the event does not apply.
            CardExpired: a line was to be opened with a card whose time has passed.
        """
        pairing = self.get(party)
        state, acts = step(pairing.state, event)
        now = self._clock.now()
        if Act.OPEN_LINE in acts:
            pairing.party.card.check(now)
        changed = replace(
            pairing,
            state=state,
            ours_confirmed_at=pairing.ours_confirmed_at or _when(event, PairingEvent.CONFIRM, now),
            theirs_confirmed_at=None
            if event is PairingEvent.THEY_WITHDRAW
            else pairing.theirs_confirmed_at or _when(event, PairingEvent.THEY_CONFIRM, now),
        )
        if changed != pairing:
            changed = await self._keep(replace(changed, changed_at=now))
        return changed, acts

    async def remove(self, party: PartyId) -> Pairing:
        """Forget a party altogether.

        Raises:
            PartyUnknown: no card of that party is here.
        """
        pairing = self.get(party)
        await self._database.write(lambda connection: remove_party(connection, party))
        del self._pairings[party]
        return pairing

    def _label(self, label: str | None) -> str | None:
        if label is None:
            return None
        try:
            return _LABEL.read(label)
        except ValueError as error:
            raise SettingsBadValue(file="-", key="label", allowed=_LABEL.allowed) from error

    async def _keep(self, pairing: Pairing) -> Pairing:
        await self._database.write(_saving(pairing))
        self._pairings[pairing.party.id] = pairing
        return pairing


def _when(event: PairingEvent, wanted: PairingEvent, now: Instant) -> Instant | None:
    return now if event is wanted else None


def _load(connection: sa.Connection) -> tuple[list[Party], list[sa.Row[tuple[object, ...]]]]:
    rows = connection.execute(sa.select(tables.pairing)).all()
    return all_parties(connection), list(rows)


def _saving_own(party: Party) -> Callable[[sa.Connection], None]:
    def save(connection: sa.Connection) -> None:
        connection.execute(
            tables.party.delete().where(tables.party.c.is_ours == 1, tables.party.c.id != party.id)
        )
        save_party(connection, party)
        rename_own(connection, party.id, party.name)

    return save


def _saving(pairing: Pairing) -> Callable[[sa.Connection], None]:
    values = {
        "state": pairing.state.value,
        "ours_confirmed_at": pairing.ours_confirmed_at,
        "theirs_confirmed_at": pairing.theirs_confirmed_at,
        "changed_at": pairing.changed_at,
    }

    def save(connection: sa.Connection) -> None:
        save_party(connection, pairing.party)
        where = tables.pairing.c.party == pairing.party.id
        changed = connection.execute(tables.pairing.update().where(where).values(**values))
        if changed.rowcount == 0:
            connection.execute(tables.pairing.insert().values(party=pairing.party.id, **values))

    return save
