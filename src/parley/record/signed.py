"""Which entries of people their passkeys are proved to have signed, as the record itself tells.

Nothing is remembered: an assertion may come after the act, and an enrolment after both. The domains
keep rows of their own for what they judge with every entry; this is for what is shown.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record import repository
from parley.record.assertion import EnrolledKey, credential_of, is_asserted, read_enrolment
from parley.record.entry import Entry
from parley.record.kinds import Kind
from parley.record.repository import EntryQuery, EntryRow, LogRow

ENROLMENTS_MAX: Final = 1_000
"""Passkeys of one party that are looked through. Nobody has as many people with several each; who
floods their own log with more, signs nothing."""
Keys = Mapping[tuple[ActorId | None, bytes], EnrolledKey]


class SignedActs:
    """What the passkeys of a space's people signed, as one look at the record finds it."""

    def __init__(
        self,
        connection: sa.Connection,
        logs: Mapping[int, LogRow],
        read: Callable[[EntryRow], Entry | None],
    ) -> None:
        """Look within one transaction.

        Args:
            connection: of the transaction.
            logs: all logs, by their rows.
            read: reads an entry; None for one that is set aside.
        """
        self._connection = connection
        self._logs = logs
        self._read = read
        self._keys: dict[tuple[SpaceId, PartyId], Keys] = {}

    def has_signature(self, act: Entry, digest: bytes) -> bool:
        """Say whether a passkey of an act's person is proved to have signed it."""
        rows = repository.citing(self._connection, digest)
        assertions = [self._read(row) for row in rows if row.kind == Kind.ASSERTION]
        return any(
            key is not None and is_asserted(said, act, digest, key)
            for said in assertions
            if said is not None
            for key in [self._enrolled(said).get((said.actor, credential_of(said) or b""))]
        )

    def _enrolled(self, said: Entry) -> Keys:
        place = said.space, said.author
        if place not in self._keys:
            self._keys[place] = self._find(*place)
        return self._keys[place]

    def _find(self, space: SpaceId, party: PartyId) -> Keys:
        """Return the passkeys that a party told in a space; what was told first holds."""
        origins = {number: row.origin for number, row in self._logs.items()}
        logs = [each for each, at in origins.items() if (at.space, at.party) == (space, party)]
        query = EntryQuery(logs, (int(Kind.ENROLMENT),), limit=ENROLMENTS_MAX, is_set_aside=False)
        entries = [self._read(row) for row in repository.find_entries(self._connection, query)]
        found: dict[tuple[ActorId | None, bytes], EnrolledKey] = {}
        for told in [each for each in entries if each is not None]:
            # The newest come first, so that the first to be told is what stays.
            with contextlib.suppress(EntryMalformed):
                key = read_enrolment(told)
                found[told.actor, key.credential] = key
        return found
