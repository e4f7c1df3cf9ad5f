"""Contacts of a running node: what both parties publish, and what came of using it.

Owned by the event loop's thread. Whatever is published is read back first as the other party would
read it, so that what would be a breach there is refused here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.crisis.contacts import repository as rows
from parley.crisis.contacts.bodies import (
    LIST_BYTES_MAX,
    Contact,
    Trial,
    list_body,
    read_list,
    read_trial,
    trial_body,
)
from parley.crisis.contacts.directory import (
    ContactBreach,
    PartyContacts,
    party_contacts,
    trial_breaches,
)
from parley.crisis.contacts.hours import is_known_zone
from parley.crisis.repository import owe_receipt
from parley.errors import ContactListRefused, ContactUnknown, EntryMalformed, SpaceUnknown
from parley.identity.person import Person
from parley.ids import ID_BYTES, ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, Precedence
from parley.record.keeping import EntryDraft, PreparedEntry, Record
from parley.record.kinds import Kind
from parley.record.line_terms import LineTerms
from parley.record.ports import EntryCame
from parley.storage import Database

_PAIR: Final = 2
_TURNED: Final = 0x5A
"""Turns a space's id into the id of its thread of contacts."""
TermsAt = Callable[[sa.Connection, SpaceId, tuple[PartyId, PartyId], int], LineTerms]


@dataclass(frozen=True, slots=True)
class LineContacts:
    """Whom the two parties of a line name to each other."""

    space: SpaceId
    other: PartyId
    levels: tuple[str, ...]
    """Of the line's agreement."""
    ours: PartyContacts
    theirs: PartyContacts
    breaches: tuple[ContactBreach, ...]
    """Trials without effect."""

    def __iter__(self) -> Iterator[PartyContacts]:
        """Iterate over our directory and theirs."""
        return iter((self.ours, self.theirs))


class Contacts:
    """The contact directories of one node's lines."""

    def __init__(self, *, record: Record, database: Database, clock: Clock, terms: TermsAt) -> None:
        """Read and write the record; ``terms`` says which levels a line's agreement has."""
        self._record = record
        self._database = database
        self._clock = clock
        self._terms = terms
        self._own: PartyId = record.keys.party
        record.keep_with([Kind.CONTACT_LIST, Kind.CONTACT_TRIAL], self._keep)

    async def lines(self) -> Sequence[LineContacts]:
        """Return the directories of every line."""
        spaces = [each.id for each in self._record.spaces if len(each.row.members) == _PAIR]

        def find(connection: sa.Connection) -> list[LineContacts]:
            return [self._line(connection, space) for space in spaces]

        return await self._database.read(find)

    async def line(self, space: SpaceId) -> LineContacts:
        """Return the directories of one line.

        Raises:
            SpaceUnknown: it is no line of two parties.
        """
        self._other(space)
        return await self._database.read(lambda connection: self._line(connection, space))

    async def prepare_list(
        self, space: SpaceId, contacts: Sequence[Contact], actor: ActorId
    ) -> PreparedEntry:
        """Make the entry that publishes our list, for a releaser to sign.

        Raises:
            ContactListRefused: the other party would not take it, or a level or zone is unknown.
            SpaceUnknown, LogNotOpen: there is no such record, or it cannot grow.
        """
        levels = (await self.line(space)).levels
        for each in contacts:
            if each.level not in levels:
                raise ContactListRefused(field="level", reason=each.level)
            if each.hours is not None and not is_known_zone(each.hours.zone):
                raise ContactListRefused(field="zone", reason=each.hours.zone)
        return self._prepare_list(space, contacts, actor)

    async def prepare_same(self, space: SpaceId, actor: ActorId) -> PreparedEntry:
        """Make the entry that publishes our list again as it stands: we confirm it.

        Raises:
            ContactUnknown: we have published none.
            SpaceUnknown, LogNotOpen: there is no such record, or it cannot grow.
        """
        ours = (await self.line(space)).ours
        if ours.hash is None:
            raise ContactUnknown
        return self._prepare_list(space, [each.contact for each in ours.contacts], actor)

    async def note_trial(self, space: SpaceId, said: Trial, by: Person) -> LineContacts:
        """Say what came of using a contact; return the directories as they are then.

        Raises:
            ContactUnknown: neither party names it.
            ContactListRefused: the words could be misread, or it was tried later than now.
            SpaceUnknown, LogNotOpen: there is no such record, or it cannot grow.
        """
        if said.tried_ms > milliseconds(self._clock.now()):
            raise ContactListRefused(field="tried_at", reason="later than now")
        line = await self.line(space)
        digest = next(
            (each.hash for each in line if said.mark in {one.mark for one in each.contacts}), None
        )
        if digest is None:
            raise ContactUnknown
        draft = self._draft(space, Kind.CONTACT_TRIAL, trial_body(said), by.actor, (digest,))
        _require(read_trial, self._record.prepare_draft(space, draft).entry)
        await self._record.append_draft(space, draft)
        return await self.line(space)

    # ------------------------------------------------------------------------------------ details

    def _prepare_list(
        self, space: SpaceId, contacts: Sequence[Contact], actor: ActorId
    ) -> PreparedEntry:
        body = dict(list_body(contacts))
        if len(encode(body)) > LIST_BYTES_MAX:
            raise ContactListRefused(field="contacts", reason="too_long")
        draft = self._draft(space, Kind.CONTACT_LIST, body, actor)
        prepared = self._record.prepare_draft(space, draft)
        _require(read_list, prepared.entry)
        return prepared

    def _draft(
        self,
        space: SpaceId,
        kind: Kind,
        body: Mapping[int, Value],
        actor: ActorId,
        refs: tuple[bytes, ...] = (),
    ) -> EntryDraft:
        return EntryDraft(
            kind=kind,
            body=body,
            actor=actor,
            thread=ThreadId(bytes(each ^ _TURNED for each in space[:ID_BYTES])),
            precedence=Precedence.ROUTINE,
            refs=refs,
        )

    def _line(self, connection: sa.Connection, space: SpaceId) -> LineContacts:
        other, now_ms = self._other(space), milliseconds(self._clock.now())
        entries = rows.contact_entries(connection, space, self._own)
        terms = self._terms(connection, space, (self._own, other), now_ms)
        ours = party_contacts(self._own, entries, now_ms)
        theirs = party_contacts(other, entries, now_ms)
        breaches = trial_breaches(entries, (ours, theirs))
        return LineContacts(space, other, terms.levels, ours, theirs, breaches)

    def _keep(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        if came.entry.author != self._own:
            owe_receipt(connection, came.entry, came.hash, now)

    def _other(self, space: SpaceId) -> PartyId:
        kept = self._record.space(space)
        if len(kept.row.members) != _PAIR or not kept.others:
            raise SpaceUnknown
        return kept.others[0]


def _require(read: Callable[[Entry], object], entry: Entry) -> None:
    """Refuse what the other party could not read, with the field and the fault."""
    try:
        read(entry)
    except EntryMalformed as error:
        field, _, reason = str(error.params.get("field", "")).partition(" ")
        raise ContactListRefused(field=field, reason=reason or "malformed") from error
