"""Alerts of a running node: drafts, releases, and what people and desks do about alerts.

Whatever becomes an entry is first tried: the entry is laid beside those that are there, and what
they come to together is computed. If the new one would be a breach, it is refused here, with the
guard's name, and nothing is appended. So the author's node holds its own people to the very rules
by which the other party's node will read them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa

from parley.clock import Clock, milliseconds
from parley.crisis import repository
from parley.crisis.alert import AlertState
from parley.crisis.bodies import (
    Acknowledged,
    AlertBody,
    Answer,
    Paraphrase,
    ParaphraseWord,
    Presented,
    Translation,
    Words,
    acknowledged_body,
    alert_body,
    answer_body,
    paraphrase_body,
    paraphrase_word_body,
    presented_body,
    translation_body,
    words_body,
)
from parley.crisis.draft_rows import find_draft, open_drafts, save_draft
from parley.crisis.drafts import (
    Draft,
    changed,
    check_draft,
    discarded,
    released,
    to_release,
    verified,
)
from parley.crisis.due import LIMITS_BY_DEADLINE
from parley.crisis.matter import Alert, BreachKind, MatterEntry
from parley.crisis.offices import Capacity
from parley.crisis.precedence import BothLimits
from parley.crisis.projection import project
from parley.crisis.repository import KINDS, AlertKeeper
from parley.crisis.sentence import sentences
from parley.crisis.shared_steps import SharedStep, steps_of
from parley.crisis.told_rows import AcknowledgementShown, acknowledgements_told
from parley.errors import AlertGuardRefused, AlertUnknown
from parley.ids import ActorId, DraftId, PartyId, PersonId, SpaceId, ThreadId
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.keeping import EntryDraft, PreparedEntry, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, RecordEvent
from parley.storage import Database
from parley.storage.deadlines import Deadlines

SHOWN_MAX: Final = 200
"""Alerts in one answer; each is computed from its entries."""


@dataclass(frozen=True, slots=True)
class AlertSeen:
    """An alert, and what a desk shows beside it."""

    alert: Alert
    overdue: Sequence[tuple[str, int]]
    """The limits that have passed here, and when they were due."""
    limits: BothLimits
    """What it has here, and at the other end."""
    steps: Sequence[SharedStep] = ()
    """Of escalations, that either party told the other of."""
    told: Sequence[AcknowledgementShown] = ()
    """Acknowledgements by other recipients, that the alert's author told of."""


class Alerts:
    """The alerts of one node. Owned by the event loop's thread."""

    def __init__(
        self, *, record: Record, database: Database, clock: Clock, deadlines: Deadlines
    ) -> None:
        """Keep rows beside the record's entries from here on, and act on the limits."""
        self._record = record
        self._database = database
        self._clock = clock
        self._own: PartyId = record.keys.party
        self.keeper = AlertKeeper(self._own)
        record.keep_with(KINDS, self.keeper.keep)
        self._listeners: list[Callable[[], None]] = []
        record.listen(self._on_event)
        for kind in LIMITS_BY_DEADLINE:
            deadlines.on(kind, self.keeper.act, lambda _: self._changed())

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every change of an alert, a draft or what is overdue."""
        self._listeners.append(listener)

    # ---------------------------------------------------------------------------------- drafts

    async def draft(
        self,
        body: AlertBody,
        precedence: Precedence,
        drafter: PersonId,
        given_ms: int | None = None,
    ) -> Draft:
        """Begin an alert.

        Raises:
            AlertTextRefused: a text could be misread, or is too long.
        """
        check_draft(body, precedence)
        now = self._clock.now()
        made = Draft(
            DraftId.new(),
            ThreadId.new(),
            precedence,
            replace(self._dated(body), verifier=None, demoted_from=None),
            given_ms,
            AlertState.DRAFT,
            drafter,
            None,
            now,
            now,
        )
        await self._database.write(lambda connection: save_draft(connection, made))
        self._changed()
        return made

    async def drafts(self) -> Sequence[Draft]:
        """Return what is being written."""
        return await self._database.read(open_drafts)

    async def find_draft(self, wanted: DraftId) -> Draft:
        """Return one draft.

        Raises:
            DraftUnknown: there is none.
        """
        return await self._database.read(lambda connection: find_draft(connection, wanted))

    async def change(
        self,
        wanted: DraftId,
        body: AlertBody,
        precedence: Precedence,
        given_ms: int | None = None,
    ) -> Draft:
        """Give a draft other words; it is to be verified anew.

        Raises:
            DraftUnknown, TransitionRefused, AlertTextRefused: it cannot be.
        """
        return await self._with_draft(
            wanted,
            lambda found: replace(
                changed(found, self._dated(body), precedence, self._clock.now()),
                given_ms=given_ms,
            ),
        )

    async def verify(self, wanted: DraftId, person: PersonId, actor: ActorId) -> Draft:
        """Vouch for a draft that another person wrote.

        Raises:
            DraftUnknown, TransitionRefused, AlertTextRefused: it cannot be.
            AlertGuardRefused: it is their own.
        """
        return await self._with_draft(
            wanted, lambda found: verified(found, person, actor, self._clock.now())
        )

    async def discard(self, wanted: DraftId) -> Draft:
        """Throw a draft away.

        Raises:
            DraftUnknown, TransitionRefused: it cannot be.
        """
        return await self._with_draft(wanted, lambda found: discarded(found, self._clock.now()))

    async def prepare_release(
        self, wanted: DraftId, party: PartyId, actor: ActorId
    ) -> PreparedEntry:
        """Make the entry that releases a draft to one of its parties, for the releaser to sign.

        The bytes of the body are the same for every party it goes to.

        Raises:
            DraftUnknown, TransitionRefused, AlertTextRefused: it cannot be released.
            AlertGuardRefused: nobody verified a flash, or it does not go to that party.
            SpaceUnknown, LogNotOpen: there is no record with that party, or it cannot grow.
        """
        found = await self._to_release(wanted)
        if party not in found.body.parties:
            raise AlertGuardRefused(guard="by_addressee")
        now_ms = milliseconds(self._clock.now())
        spaces = [SpaceId.of_pair(self._own, each) for each in found.body.parties]
        flashes = await self._database.read(
            lambda connection: [
                repository.flashes_of(connection, space, self._own, now_ms) for space in spaces
            ]
        )
        # What is too much on one line is demoted on all, or the bodies would differ.
        body, precedence = to_release(found, now_ms, max(flashes, key=len))
        draft = EntryDraft(
            kind=Kind.ALERT,
            body=alert_body(body),
            actor=actor,
            thread=found.thread,
            refs=() if body.supersedes is None else (body.supersedes,),
            precedence=precedence,
            deadline_ms=None if found.given_ms is None else now_ms + found.given_ms,
        )
        return self._record.prepare_draft(SpaceId.of_pair(self._own, party), draft)

    async def note_release(self, wanted: DraftId) -> Draft:
        """Take note that a draft is released, once it went to every party it is for."""

        def note(connection: sa.Connection) -> Draft:
            found = find_draft(connection, wanted)
            spaces = {SpaceId.of_pair(self._own, each) for each in found.body.parties}
            if repository.spaces_of_thread(connection, found.thread, self._own) >= spaces:
                found = released(found, self._clock.now())
                save_draft(connection, found)
            return found

        noted = await self._database.write(note)
        self._changed()
        return noted

    async def released_to(self, draft: Draft) -> Sequence[PartyId]:
        """Return the parties that a draft was released to already."""

        def find(connection: sa.Connection) -> list[PartyId]:
            gone = repository.spaces_of_thread(connection, draft.thread, self._own)
            parties = draft.body.parties
            return [each for each in parties if SpaceId.of_pair(self._own, each) in gone]

        return await self._database.read(find)

    # ------------------------------------------------------------------------------ about alerts

    async def alerts(self, *, is_open_only: bool = False, limit: int = 100) -> Sequence[Alert]:
        """Return alerts, the newest first."""
        return [each.alert for each in await self.seen(is_open_only=is_open_only, limit=limit)]

    async def seen(self, *, is_open_only: bool = False, limit: int = 100) -> Sequence[AlertSeen]:
        """Return alerts with what a desk shows of them, the newest first, of one state."""

        def find(connection: sa.Connection) -> list[AlertSeen]:
            hashes = repository.alert_hashes(
                connection, is_open_only=is_open_only, limit=min(limit, SHOWN_MAX)
            )
            found = (self.keeper.find(connection, each) for each in hashes)
            return [self._seen(connection, each) for each in found if each is not None]

        return await self._database.read(find)

    async def see(self, matter: bytes) -> AlertSeen:
        """Return one alert with what a desk shows of it; raises like :meth:`find`."""
        return await self._database.read(
            lambda connection: self._seen(
                connection, repository.find_alert(connection, self.keeper, matter)
            )
        )

    async def find(self, matter: bytes) -> Alert:
        """Return one alert.

        Raises:
            AlertUnknown: it is not here.
        """
        return await self._database.read(
            lambda connection: repository.find_alert(connection, self.keeper, matter)
        )

    async def prepare_acknowledgement(
        self,
        matter: bytes,
        actor: ActorId,
        capacity: Capacity,
        language: str,
        languages: Sequence[str],
        offset_minutes: int = 0,
    ) -> PreparedEntry:
        """Make the entry by which a person says that an alert was read, for them to sign.

        Args:
            matter: the alert.
            actor: the person.
            capacity: in which office they act.
            language: in which language they read it.
            languages: of both parties; the sentence stands in each.
            offset_minutes: of the person's local time from UTC.

        Raises:
            AlertUnknown, TransitionRefused, AlertGuardRefused: it cannot be acknowledged.
        """
        said = Acknowledged(capacity, language, sentences(languages)[:2], offset_minutes)
        return await self._prepare(matter, Kind.ACKNOWLEDGEMENT, acknowledged_body(said), actor)

    async def prepare_answer(self, matter: bytes, actor: ActorId, answer: Answer) -> PreparedEntry:
        """Make an answer; raises like :meth:`prepare_acknowledgement`."""
        return await self._prepare(matter, Kind.ANSWER, answer_body(answer), actor)

    async def prepare_withdrawal(
        self, matter: bytes, actor: ActorId, words: str | None
    ) -> PreparedEntry:
        """Make what takes an alert of ours back; raises like :meth:`prepare_acknowledgement`."""
        body = words_body(Words(Capacity.RELEASER, words))
        return await self._prepare(matter, Kind.WITHDRAWAL, body, actor)

    async def prepare_paraphrase(
        self, matter: bytes, actor: ActorId, said: Paraphrase
    ) -> PreparedEntry:
        """Say how their alert was understood; raises like :meth:`prepare_acknowledgement`."""
        return await self._prepare(matter, Kind.PARAPHRASE, paraphrase_body(said), actor)

    async def prepare_paraphrase_word(
        self, matter: bytes, actor: ActorId, said: ParaphraseWord
    ) -> PreparedEntry:
        """Confirm or correct a paraphrase; raises like :meth:`prepare_acknowledgement`."""
        body = paraphrase_word_body(said)
        return await self._prepare(matter, Kind.PARAPHRASE_WORD, body, actor)

    async def answer(self, matter: bytes, actor: ActorId, answer: Answer) -> bytes:
        """Answer without a passkey over the entry; return the entry's hash."""
        return await self._append(await self.prepare_answer(matter, actor, answer))

    async def close(
        self, matter: bytes, actor: ActorId, capacity: Capacity, words: str | None = None
    ) -> bytes:
        """Say that nothing more is to be done; raises like :meth:`prepare_acknowledgement`."""
        body = words_body(Words(capacity, words))
        return await self._append(await self._prepare(matter, Kind.CLOSURE, body, actor))

    async def translate(self, matter: bytes, actor: ActorId, said: Translation) -> bytes:
        """Put an alert into another language; raises like :meth:`prepare_acknowledgement`."""
        body = translation_body(said)
        return await self._append(await self._prepare(matter, Kind.TRANSLATION, body, actor))

    async def present(self, matter: bytes, shown: Presented) -> bytes | None:
        """Say that a desk shows an alert of theirs; None if that desk has said so before."""
        found = await self.find(matter)
        if any(shown == each for each, _ in found.presented):
            return None
        return await self._append(
            await self._prepare(matter, Kind.DELIVERY, presented_body(shown), None)
        )

    # ---------------------------------------------------------------------------------- details

    def _seen(self, connection: sa.Connection, alert: Alert) -> AlertSeen:
        steps = repository.overdue_steps(connection, alert.hash)
        overdue = tuple((name, milliseconds(due_at)) for name, due_at in steps)
        there = self.keeper.limits_there(connection, alert)
        limits = (self.keeper.limits(connection, alert), there)
        steps_told = steps_of(connection, alert.hash, alert.space)
        told = acknowledgements_told(connection, alert.hash)
        return AlertSeen(alert, overdue, limits, steps_told, told)

    def _dated(self, body: AlertBody) -> AlertBody:
        """Return an alert with how far our clock may be off."""
        return replace(body, clock_bound_ms=self._clock.error_bound_ms())

    async def _to_release(self, wanted: DraftId) -> Draft:
        """Return a draft; before it goes to the first party it learns if our clock got worse.

        After that nothing of it changes: its bytes are the same for every party.
        """
        found = await self.find_draft(wanted)
        said, now_ms = found.body.clock_bound_ms, self._clock.error_bound_ms()
        is_worse = said is not None and (now_ms is None or now_ms > said)
        if not is_worse or await self.released_to(found):
            return found
        found = replace(found, body=self._dated(found.body))
        await self._database.write(lambda connection: save_draft(connection, found))
        return found

    async def _with_draft(self, wanted: DraftId, change: Callable[[Draft], Draft]) -> Draft:
        def write(connection: sa.Connection) -> Draft:
            made = change(find_draft(connection, wanted))
            save_draft(connection, made)
            return made

        written = await self._database.write(write)
        self._changed()
        return written

    def _on_event(self, event: RecordEvent) -> None:
        if isinstance(event, EntryCame) and event.entry.kind in KINDS:
            self._changed()

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()

    async def _append(self, prepared: PreparedEntry) -> bytes:
        return (await self._record.append_prepared(prepared))[0].hash

    async def _prepare(
        self, matter: bytes, kind: Kind, body: Mapping[int, Value], actor: ActorId | None
    ) -> PreparedEntry:
        """Make an entry about an alert, and try what it would come to.

        Raises:
            AlertUnknown: the alert is not here.
            AlertGuardRefused: the entry would be a breach.
        """
        entries = await self._database.read(
            lambda connection: repository.matter_entries(connection, matter)
        )
        root = next((each for each in entries if each.hash == matter), None)
        if root is None or root.entry.thread is None:
            raise AlertUnknown
        # An acknowledgement says of all it refers to that it was read: it names the alert alone.
        is_alone = kind in {Kind.ACKNOWLEDGEMENT, Kind.DELIVERY}
        draft = EntryDraft(
            kind=kind,
            body=body,
            actor=actor,
            thread=root.entry.thread,
            refs=(matter, *(() if is_alone else self._tip(matter, entries))),
            precedence=root.entry.precedence,
        )
        prepared = self._record.prepare_draft(root.entry.space, draft)
        self._try(matter, root, entries, prepared)
        return prepared

    def _tip(self, matter: bytes, entries: Sequence[MatterEntry]) -> tuple[bytes, ...]:
        """Return the other party's last entry about an alert: ours comes after it."""
        theirs = [e for e in entries if e.entry.author != self._own and e.hash != matter]
        last = max(theirs, key=lambda each: (each.epoch, each.place), default=None)
        return () if last is None else (last.hash,)

    def _try(
        self,
        matter: bytes,
        root: MatterEntry,
        entries: Sequence[MatterEntry],
        prepared: PreparedEntry,
    ) -> None:
        own = [each for each in entries if each.entry.author == self._own]
        place = max((each.place for each in own), default=0) + 1
        epoch = max((each.epoch for each in own), default=0)
        new = MatterEntry(
            *(prepared.hash, prepared.entry, epoch, place, prepared.time_ms), is_signed=True
        )
        members = self._record.space(root.entry.space).others
        other = members[0] if members else self._own
        tried = project(matter, self._own, other, [*entries, new])
        found = () if tried is None else tried.breaches
        breach = next((each for each in found if each.hash == prepared.hash), None)
        if breach is not None:
            what = (
                breach.what if breach.kind is BreachKind.GUARD else f"{breach.kind}: {breach.what}"
            )
            raise AlertGuardRefused(guard=what)
