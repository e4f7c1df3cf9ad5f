"""Notifications of a running node: drafts become entries, entries become rows, rows are shown.

Everything that binds is appended to the record; what both sides hold is worked out anew from the
entries each time it is shown. Owned by the event loop's thread.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.crisis.notifications.bodies import (
    WORDS_CHARACTERS_MAX,
    NotificationSaid,
    NotificationWords,
    notification_body,
    type_body,
    words_body,
)
from parley.crisis.notifications.cap import as_cap
from parley.crisis.notifications.check import Finding, Reason, Weight, check_form, check_lead
from parley.crisis.notifications.definition import read_type
from parley.crisis.notifications.form import read_form
from parley.crisis.notifications.lateness import HOUR_MS
from parley.crisis.notifications.machine import NotificationEvent, NotificationState
from parley.crisis.notifications.matter import NotificationMatter, work_out
from parley.crisis.notifications.numbers import NUMBER_MAX, number_faults
from parley.crisis.offices import Capacity
from parley.crisis.papers import repository
from parley.crisis.papers.call_view import PartyZone
from parley.crisis.papers.drafts import (
    NotificationDraft,
    after,
    all_drafts,
    changed,
    find_draft,
    keep_draft,
    new_draft,
    verified,
)
from parley.crisis.papers.notification_view import (
    DraftView,
    NotificationView,
    NumberFaultView,
    PartyName,
    ReminderView,
    TypeView,
    draft_view,
    notification_view,
    number_view,
    type_view,
)
from parley.crisis.papers.printing import PaperMaker
from parley.crisis.papers.reminders import PERIODIC, keep_reminders, remind, reminders
from parley.crisis.papers.repository import Series, TermsOf, TypeRow
from parley.errors import (
    ChallengeUnknown,
    FormRefused,
    NotificationNotReady,
    NotificationTypeUnusable,
    NotificationUnknown,
)
from parley.identity.person import Person
from parley.ids import ActorId, DraftId, PartyId, SpaceId, ThreadId
from parley.record.entry import Precedence
from parley.record.keeping import Acceptance, EntryDraft, PreparedEntry, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame
from parley.record.receipts import BodyAgreed, agreement_body
from parley.record.repository import After
from parley.storage import Database
from parley.storage.deadlines import Deadlines

SHOWN_MAX: Final = 200
"""Notifications in one answer; each is worked out from its entries."""


class Notifications:
    """The notifications of one node."""

    def __init__(
        self,
        *,
        record: Record,
        database: Database,
        clock: Clock,
        deadlines: Deadlines,
        name: PartyName,
        zone: PartyZone,
        terms: TermsOf,
    ) -> None:
        """Make it before the record is started.

        Args:
            record: where notifications are said.
            database: where drafts and rows are.
            clock: the node's.
            deadlines: what reminds of periodic types.
            name: what a party is called here.
            zone: the zone a party's desk lives in.
            terms: what a line's agreement says at an instant.
        """
        self._terms = terms
        self._paper = PaperMaker(record, database, clock, name, zone)
        self._record = record
        self._database = database
        self._clock = clock
        self._name = name
        self._own = record.keys.party
        self._numbering = asyncio.Lock()
        record.keep_with([Kind.NOTIFICATION_TYPE, Kind.ASSERTION], self._keep_type)
        deadlines.on(PERIODIC, remind)

    # --------------------------------------------------------------------------------------- types

    async def types(self, space: SpaceId) -> tuple[TypeView, ...]:
        """Return every type that was proposed for a line."""
        members = self._members(space)
        rows = await self._database.read(lambda c: repository.types_of(c, space))
        return tuple(type_view(row, members) for row in rows)

    async def propose_type(self, space: SpaceId, definition: bytes, by: Person) -> TypeView:
        """Propose a type; nobody has agreed to it yet, not even our own party.

        Raises:
            NotificationTypeRefused: it is none.
        """
        read_type(definition)
        members = self._members(space)
        body = type_body(definition)
        appended = await self._record.append(space, Kind.NOTIFICATION_TYPE, body, actor=by.actor)
        rows = await self._database.read(lambda c: repository.types_of(c, space))
        own = next((row for row in rows if row.definition == definition), None)
        if own is None:
            raise NotificationTypeUnusable from LookupError(appended.hash.hex())
        return type_view(own, members)

    async def type_agreement(self, space: SpaceId, digest: bytes, by: ActorId) -> EntryDraft:
        """Return what agrees to a type, for a passkey to sign.

        Raises:
            NotificationTypeUnusable: none of that hash was proposed.
        """
        row = await self._type(space, digest)
        agreed = BodyAgreed(row.hash, tuple(sorted(self._members(space))))
        return EntryDraft(
            kind=Kind.AGREEMENT, body=agreement_body(agreed), refs=(row.entry,), actor=by
        )

    async def type_shown(self, space: SpaceId, digest: bytes) -> TypeView:
        """Return one type.

        Raises:
            NotificationTypeUnusable: none of that hash was proposed.
        """
        return type_view(await self._type(space, digest), self._members(space))

    # -------------------------------------------------------------------------------------- drafts

    async def drafts(self) -> tuple[DraftView, ...]:
        """Return what is being written, each with what is wrong about it now."""
        found = await self._database.read(all_drafts)
        return tuple([await self._draft_view(each) for each in found])

    async def draft_of(self, draft: DraftId) -> NotificationDraft:
        """Return one draft.

        Raises:
            NotificationUnknown: there is none of that id.
        """
        return await self._database.read(lambda c: find_draft(c, draft))

    async def begin(
        self,
        space: SpaceId,
        type_hash: bytes,
        form: bytes,
        by: Person,
        corrects: bytes | None = None,
        *,
        is_exercise: bool = False,
    ) -> DraftView:
        """Begin a draft; it may be wrong in every way but that of its encoding.

        What stands in the place of an exercise is one, and of nothing else, whatever is asked.

        Raises:
            NotificationTypeUnusable: both parties have not agreed to such a type.
            NotificationUnknown: what it is to replace is not ours.
            FormRefused: the form cannot be read.
        """
        self._members(space)
        await self._usable(space, type_hash)
        read_form(form)
        if corrects is not None:
            is_exercise = (await self._ours(corrects)).said.is_exercise
        now = self._clock.now()
        draft = new_draft(space, type_hash, form, corrects, by, now, is_exercise=is_exercise)
        return await self._kept(draft)

    async def change(self, draft: DraftId, form: bytes, by: Person) -> DraftView:
        """Give a draft other words; it is to be checked and verified again.

        Raises:
            FormRefused: the form cannot be read.
            NotificationUnknown, NotificationNotReady: there is no such draft any more.
        """
        read_form(form)
        return await self._kept(changed(await self.draft_of(draft), form, by, self._clock.now()))

    async def check(self, draft: DraftId) -> DraftView:
        """Hold a draft against its type; one with nothing but warnings is checked from then on.

        Raises:
            NotificationUnknown, NotificationNotReady: there is no such draft any more.
        """
        found = await self.draft_of(draft)
        if any(each.weight is Weight.REFUSES for each in await self._findings(found)):
            return await self._draft_view(found)
        if found.state is NotificationState.CHECKED:
            return await self._draft_view(found)
        return await self._kept(after(found, NotificationEvent.CHECK, self._clock.now()))

    async def verify(self, draft: DraftId, by: Person) -> DraftView:
        """Vouch for a draft as a second person.

        Raises:
            NotificationUnknown, NotificationNotReady: there is no such draft, or it is unchecked.
            ActRefused: they drafted it themselves.
        """
        return await self._kept(verified(await self.draft_of(draft), by, self._clock.now()))

    async def discard(self, draft: DraftId) -> None:
        """Give a draft up.

        Raises:
            NotificationUnknown, NotificationNotReady: there is no such draft any more.
        """
        found = await self.draft_of(draft)
        await self._kept(after(found, NotificationEvent.DISCARD, self._clock.now()))

    async def prepare_sending(
        self, draft: DraftId, by: ActorId, capacity: Capacity
    ) -> PreparedEntry:
        """Make the entry that sends a verified draft under the next number, for a passkey to sign.

        Args:
            draft: which.
            by: who sends it.
            capacity: in which office they do.

        Raises:
            NotificationUnknown, NotificationNotReady: there is no such draft, or it is unverified.
            FormRefused: something became wrong about it since it was checked.
            NotificationTypeUnusable: both parties do not agree to its type.
        """
        found = await self.draft_of(draft)
        after(found, NotificationEvent.SEND, self._clock.now())
        wrong = [x for x in await self._findings(found) if x.weight is Weight.REFUSES]
        if wrong:
            raise FormRefused(field=wrong[0].field, reason=wrong[0].reason.value)
        return self._record.prepare(
            found.space,
            Kind.NOTIFICATION,
            notification_body(await self._next_said(found, capacity)),
            actor=by,
            thread=ThreadId.new(),
            precedence=Precedence.PRIORITY,
            refs=() if found.corrects is None else (found.corrects,),
        )

    @asynccontextmanager
    async def sending(self, draft: DraftId, capacity: Capacity) -> AsyncIterator[Acceptance]:
        """Hold the numbers while a signed draft is appended; yields what judges its entry.

        Nobody else takes a number meanwhile, so that a series has neither gap nor double; what was
        signed for a number that has gone since, for another draft, or in an office that its person
        has no more, is signed anew.
        """

        async def accept(prepared: PreparedEntry) -> After:
            found, now = await self.draft_of(draft), self._clock.now()
            sent = after(found, NotificationEvent.SEND, now)
            if prepared.entry.body != notification_body(await self._next_said(found, capacity)):
                raise ChallengeUnknown
            sent = replace(sent, sent_hash=prepared.hash)
            return lambda connection: keep_draft(connection, sent)

        async with self._numbering:
            yield accept

    # --------------------------------------------------------------------------- what both hold

    async def notifications(
        self, space: SpaceId | None = None, limit: int = 50
    ) -> tuple[NotificationView, ...]:
        """Return the newest notifications, the newest first."""
        most = min(limit, SHOWN_MAX)

        def find(connection: sa.Connection) -> list[NotificationView]:
            hashes = repository.notification_hashes(connection, space, most)
            return [self._view(connection, each) for each in hashes]

        return tuple(await self._database.read(find))

    async def notification(self, digest: bytes) -> NotificationView:
        """Return one notification.

        Raises:
            NotificationUnknown: there is none of that hash.
        """
        return await self._database.read(lambda c: self._view(c, digest))

    async def numbers(self) -> tuple[NumberFaultView, ...]:
        """Return every number that is missing or comes twice, in all spaces."""
        spaces = [kept.id for kept in self._record.spaces]

        def find(connection: sa.Connection) -> list[NumberFaultView]:
            return [
                number_view(space, series, fault)
                for space in spaces
                for series, counted in repository.numbers_of(connection, space).items()
                for fault in number_faults(counted)
            ]

        return tuple(await self._database.read(find))

    async def reminders(self) -> tuple[ReminderView, ...]:
        """Return the periodic notifications we were reminded of, the last one first."""
        return tuple(await self._database.read(lambda c: reminders(c, self._own)))

    async def matter(self, digest: bytes) -> NotificationMatter:
        """Return what both sides hold of a notification.

        Raises:
            NotificationUnknown: there is none of that hash.
        """
        return await self._database.read(lambda c: self._work_out(c, digest)[0])

    async def cap(self, digest: bytes, language: str) -> bytes:
        """Return a notification as CAP 1.2.

        Raises:
            NotificationUnknown: there is none of that hash.
            FormRefused: its type is none that fits, or has no labels in the language.
        """
        matter = await self.matter(digest)
        corrects = matter.said.corrects
        corrected = None if corrects is None else await self.matter(corrects)
        name = self._name(matter.author) or matter.author.text
        return as_cap(matter, name, language, milliseconds(self._clock.now()), corrected)

    async def paper(self, digest: bytes, language: str) -> bytes:
        """Return a notification as signed PDF/A-3a.

        Raises:
            NotificationUnknown: there is none of that hash.
            FormRefused: it cannot be read, or has no labels in the language.
            PaperFontMissing, PaperNotSet: it could not be set here.
        """
        matter, space = await self._database.read(lambda c: self._work_out(c, digest))
        return await self._paper.notification(matter, space, language)

    # ----------------------------------------------------------------------------- what is added

    async def query(
        self, digest: bytes, words: str, by: Person, capacity: Capacity
    ) -> NotificationView:
        """Ask about the other party's notification; its type says how long they have.

        Where its type is not known here, the line's agreement says it.

        Raises:
            NotificationUnknown: it is none, or our own.
            FormRefused: the words are too long or none.
        """
        matter = await self.matter(digest)
        if matter.author == self._own:
            raise NotificationUnknown
        due = milliseconds(self._clock.now()) + matter.clarify_hours * HOUR_MS
        said = NotificationWords(words, capacity)
        asked = await self._prepare(digest, Kind.QUERY, said, by.actor, deadline_ms=due)
        await self._record.append_prepared(asked)
        return await self.notification(digest)

    async def prepare_clarification(
        self, digest: bytes, query: bytes, words: str, by: ActorId
    ) -> PreparedEntry:
        """Make the answer to a query about ours, for a passkey to sign.

        Raises:
            NotificationUnknown: it is not ours, or there is no such query.
            FormRefused: the words are too long or none.
        """
        matter = await self._ours(digest)
        if query not in {each.hash for each in matter.queries}:
            raise NotificationUnknown
        said = NotificationWords(words, Capacity.RELEASER)
        return await self._prepare(digest, Kind.CLARIFICATION, said, by, refs=(query,))

    async def prepare_end(
        self, digest: bytes, kind: Kind, said: NotificationWords, by: ActorId
    ) -> PreparedEntry:
        """Make what cancels or closes a notification of ours, for a passkey to sign.

        Args:
            digest: hash of the notification.
            kind: cancellation or conclusion.
            said: why, which may be empty, and in which office.
            by: who says so.

        Raises:
            NotificationUnknown: it is not ours.
            NotificationNotReady: its state does not allow it.
        """
        matter = await self._ours(digest)
        state = matter.state(milliseconds(self._clock.now()))
        is_open = state in {NotificationState.PROVIDED, NotificationState.EFFECTIVE}
        if not is_open and (kind is not Kind.CANCELLATION or state is not NotificationState.SENT):
            raise NotificationNotReady(state=state.value)
        return await self._prepare(digest, kind, said, by, may_be_empty=True)

    # ------------------------------------------------------------------------------------- details

    def _members(self, space: SpaceId) -> Sequence[PartyId]:
        """Return the two parties of a line.

        Raises:
            SpaceUnknown: no record is kept there.
            NotificationTypeUnusable: it is a group's, and types are agreed on by two.
        """
        members = list(self._record.space(space).row.members)
        if len(members) != 2:  # noqa: PLR2004  a pair
            raise NotificationTypeUnusable
        return members

    async def _type(self, space: SpaceId, digest: bytes) -> TypeRow:
        rows = await self._database.read(lambda c: repository.types_of(c, space, digest))
        if not rows:
            raise NotificationTypeUnusable
        return rows[0]

    async def _usable(self, space: SpaceId, digest: bytes) -> TypeRow:
        row = await self._type(space, digest)
        if not row.is_usable(self._members(space)):
            raise NotificationTypeUnusable
        return row

    async def _ours(self, digest: bytes) -> NotificationMatter:
        matter = await self.matter(digest)
        if matter.author != self._own:
            raise NotificationUnknown
        return matter

    async def _kept(self, draft: NotificationDraft) -> DraftView:
        await self._database.write(lambda c: keep_draft(c, draft))
        return await self._draft_view(draft)

    async def _draft_view(self, draft: NotificationDraft) -> DraftView:
        return draft_view(draft, await self._findings(draft))

    async def _findings(self, draft: NotificationDraft) -> list[Finding]:
        """Return what is wrong with a draft: its form, its time, and that it was said before."""
        row = await self._usable(draft.space, draft.type_hash)
        form, now_ms = read_form(draft.form), milliseconds(self._clock.now())
        found = [*check_form(row.kind, form), *check_lead(row.kind, form, now_ms)]

        def standing(connection: sa.Connection) -> bool:
            ours = repository.same_form(
                *(connection, draft.space, self._own, draft.type_hash, draft.form),
                is_exercise=draft.is_exercise,
            )
            ended = {NotificationState.CANCELLED, NotificationState.CORRECTED}
            matters = (self._work_out(connection, each)[0] for each in ours)
            return any(each.state(now_ms) not in ended for each in matters)

        if await self._database.read(standing):
            found.append(Finding("", Reason.DOUBLE))
        return found

    async def _next_said(self, draft: NotificationDraft, capacity: Capacity) -> NotificationSaid:
        """Return what a draft says under the next number of its series, sent in an office."""
        row = await self._usable(draft.space, draft.type_hash)
        if draft.verifier_actor is None:
            raise NotificationNotReady(state=draft.state.value)
        year = self._clock.now().to_tz("UTC").year
        series = Series(self._own, row.kind.id, year, draft.is_exercise)
        highest = await self._database.read(
            lambda c: repository.highest_number(c, draft.space, series)
        )
        return NotificationSaid(
            type_hash=row.hash,
            type_id=row.kind.id,
            type_version=row.kind.version,
            year=year,
            number=min(highest + 1, NUMBER_MAX),
            form=draft.form,
            drafter=draft.drafter_actor,
            verifier=draft.verifier_actor,
            corrects=draft.corrects,
            is_exercise=draft.is_exercise,
            capacity=capacity,
        )

    async def _prepare(
        self,
        digest: bytes,
        kind: Kind,
        said: NotificationWords,
        by: ActorId,
        *,
        refs: tuple[bytes, ...] = (),
        deadline_ms: int | None = None,
        may_be_empty: bool = False,
    ) -> PreparedEntry:
        words = said.words
        if len(words) > WORDS_CHARACTERS_MAX or not (words.strip() or may_be_empty):
            raise FormRefused(field="words", reason="too_long" if words.strip() else "missing")
        space, thread = await self._database.read(lambda c: self._place(c, digest))
        return self._record.prepare(
            space,
            kind,
            words_body(words, said.capacity),
            actor=by,
            thread=thread,
            refs=(digest, *refs),
            deadline_ms=deadline_ms,
        )

    def _place(self, connection: sa.Connection, digest: bytes) -> tuple[SpaceId, ThreadId | None]:
        row = repository.find_matter(connection, digest)
        if row is None:
            raise NotificationUnknown
        return row.first.entry.space, row.first.entry.thread

    def _work_out(
        self, connection: sa.Connection, digest: bytes
    ) -> tuple[NotificationMatter, SpaceId]:
        row = repository.find_matter(connection, digest)
        if row is None or row.first.entry.kind != Kind.NOTIFICATION:
            raise NotificationUnknown
        space = row.first.entry.space
        members = self._members(space)
        agreed = self._terms(connection, space, members, row.first.entry.time_ms)
        hours = agreed.clarification_hours
        matter = work_out(row.first, row.others, None, hours)
        types = repository.types_of(connection, space, matter.said.type_hash)
        if types and types[0].is_usable(members):
            matter = work_out(row.first, row.others, types[0].kind, hours)
        return matter, space

    def _view(self, connection: sa.Connection, digest: bytes) -> NotificationView:
        matter, space = self._work_out(connection, digest)
        return notification_view(matter, space, milliseconds(self._clock.now()), self._name)

    def _keep_type(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Set the reminders of types that have become usable by an entry."""
        space, act = came.entry.space, repository.signed_act(connection, came)
        is_agreement = act is not None and act.kind == Kind.AGREEMENT
        if came.entry.kind == Kind.ASSERTION and not is_agreement:
            return
        members = list(self._record.space(space).row.members)
        for row in repository.types_of(connection, space):
            if row.is_usable(members):
                keep_reminders(connection, row, now)
