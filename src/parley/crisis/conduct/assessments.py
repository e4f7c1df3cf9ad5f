"""Assessments of a running node: what people do, and what the node says by itself.

By itself the node says two things: its timeline, and an account whose seal it has sent, once both
seals are there. Both are rows of ``crisis_task``, written with the entry that causes them, so a
node that dies in between says them when it starts again; an entry that is there already is not said
twice, because it is looked for before.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, milliseconds
from parley.crisis import repository as alert_rows
from parley.crisis.assessment.bodies import (
    Paragraph,
    Readout,
    account_seal_body,
    account_shown_body,
    adoption_body,
    paragraph_body,
    readout_body,
    timeline_body,
)
from parley.crisis.assessment.machine import AssessmentState
from parley.crisis.assessment.matter import Assessment
from parley.crisis.assessment.measures import CrisisMeasures
from parley.crisis.assessment.metrics import AlertTimes, times_of
from parley.crisis.assessment.private import PrivateAccounts
from parley.crisis.assessment.readout import Quote, QuoteSource, quotes
from parley.crisis.assessment.readout_life import earliest_ms, free_ms
from parley.crisis.assessment.sheet import is_clean, sheet_bytes
from parley.crisis.assessment.timeline import Placed, said_of
from parley.crisis.bodies import read_alert
from parley.crisis.conduct import repository
from parley.crisis.conduct.crises import Crises, check_texts
from parley.crisis.conduct.crisis_view import instant
from parley.crisis.conduct.measures import measured
from parley.crisis.conduct.repository import SHOW_TASK, TIMELINE_TASK, CrisisFound
from parley.crisis.crises.bodies import words_body
from parley.crisis.crises.fields import Texts
from parley.crisis.repository import AlertKeeper
from parley.errors import (
    CrisisRefused,
    EntryMalformed,
    LogNotOpen,
    ParleyError,
    ReadoutTooEarly,
    ReadoutWaits,
    SpaceUnknown,
)
from parley.identity.keys import PartyKey
from parley.ids import ActorId
from parley.record.cbor import Value
from parley.record.keeping import EntryDraft, PreparedEntry, Record
from parley.record.kinds import Kind
from parley.storage import Database
from parley.telemetry import log

EXERCISES_MAX: Final = 500
"""Alerts of exercises whose times are shown together."""


@dataclass(frozen=True, slots=True)
class _Task:
    found: CrisisFound
    name: str


class Assessments:
    """The assessments of one node. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        crises: Crises,
        alerts: AlertKeeper,
        record: Record,
        database: Database,
        clock: Clock,
        key: PartyKey,
    ) -> None:
        """Speak about the crises of ``crises``; our accounts are encrypted under ``key``."""
        self._crises = crises
        self._alerts = alerts
        self._record = record
        self._database = database
        self._clock = clock
        self._own = crises.own
        self._private = PrivateAccounts(key)
        self._is_working = False
        self._noted: Callable[[], Awaitable[None]] = _nothing_to_note

    def measure_after(self, noted: Callable[[], Awaitable[None]]) -> None:
        """Let what is only in memory be noted before anything is measured."""
        self._noted = noted

    # -------------------------------------------------------------------------- our own account

    async def draft(self, crisis: bytes) -> tuple[Texts, Instant] | None:
        """Return our account as it is being written, None if nothing is.

        Raises:
            CrisisUnknown: there is no such crisis.
        """
        await self._crises.find(crisis)
        return await self._database.read(lambda c: self._private.draft(c, crisis))

    async def save_draft(self, crisis: bytes, texts: Texts) -> None:
        """Keep our account as it is written; it leaves the node with nobody.

        Raises:
            CrisisUnknown, CrisisTextRefused: it cannot be kept.
            CrisisRefused: ours is sealed.
        """
        check_texts("account", texts)
        found = await self._crises.find(crisis)
        if found.assessment is not None and self._own in found.assessment.accounts:
            raise CrisisRefused(reason="sealed")
        now = self._clock.now()
        await self._database.write(lambda c: self._private.save_draft(c, crisis, texts, now))

    async def prepare_seal(self, crisis: bytes, actor: ActorId) -> PreparedEntry:
        """Make the entry that seals our account as it is now, for a releaser to sign.

        Raises:
            CrisisUnknown, CrisisRefused: nothing is written, no side has closed, or we sealed.
        """
        found, _ = await self._begun(crisis)
        now = self._clock.now()
        seal = await self._database.write(lambda c: self._private.freeze(c, crisis, now))
        if seal is None:
            raise CrisisRefused(reason="no_account")
        return self._crises.prepare(found, Kind.ACCOUNT_SEAL, account_seal_body(seal), actor)

    async def prepare_publication(self, crisis: bytes, actor: ActorId) -> PreparedEntry:
        """Make the entry that shows what we sealed alone; raises like :meth:`prepare_seal`."""
        found, assessment = await self._begun(crisis)
        body = await self._sealed_body(crisis, assessment)
        if body is None:
            raise CrisisRefused(reason="no_account")
        return self._crises.prepare(found, Kind.ACCOUNT_PUBLICATION, body, actor)

    async def prepare_taking_back(
        self, crisis: bytes, actor: ActorId, words: str | None
    ) -> PreparedEntry:
        """Make the entry that takes what we sealed alone back; raises like :meth:`prepare_seal`."""
        found, _ = await self._begun(crisis)
        return self._crises.prepare(found, Kind.ACCOUNT_WITHDRAWAL, words_body(words), actor)

    # -------------------------------------------------------------------------- the joint sheet

    async def write(self, crisis: bytes, actor: ActorId, said: Paragraph) -> bytes:
        """Say our version of a paragraph.

        Raises:
            CrisisUnknown, CrisisTextRefused, CrisisRefused: it cannot be.
        """
        check_texts("paragraph", said.texts)
        found, _ = await self._begun(crisis)
        body = paragraph_body(said)
        return await self._crises.append(
            self._crises.prepare(found, Kind.SHEET_PARAGRAPH, body, actor)
        )

    async def prepare_adoption(self, crisis: bytes, actor: ActorId) -> PreparedEntry:
        """Make the entry that adopts the sheet as it stands; raises like :meth:`prepare_seal`."""
        found, assessment = await self._begun(crisis)
        sheet = sheet_bytes(assessment.sheet)
        if not is_clean(sheet):
            raise CrisisRefused(reason="brackets")
        return self._crises.prepare(found, Kind.ADOPTION, adoption_body(sheet), actor)

    async def prepare_end(self, crisis: bytes, actor: ActorId, words: str | None) -> PreparedEntry:
        """Make the entry that ends it without a joint text; raises like :meth:`prepare_seal`."""
        found, _ = await self._begun(crisis)
        return self._crises.prepare(found, Kind.ASSESSMENT_END, words_body(words), actor)

    # ------------------------------------------------------------------------------ the readout

    async def prepare_readout(self, crisis: bytes, actor: ActorId, said: Readout) -> PreparedEntry:
        """Make the entry by which we say what we say in public; raises like :meth:`write`.

        Raises:
            ReadoutTooEarly: the other party would not have it the agreed hours before.
        """
        check_texts("readout", said.texts)
        found, assessment = await self._begun(crisis)
        now_ms = milliseconds(self._clock.now())
        earliest = earliest_ms(assessment.readout_hours, now_ms)
        if said.public_from_ms < earliest:
            raise ReadoutTooEarly(earliest=instant(earliest), hours=assessment.readout_hours)
        return self._crises.prepare(found, Kind.READOUT, readout_body(said), actor)

    async def readout_text(self, crisis: bytes, readout: bytes, language: str) -> str:
        """Return a readout as it is given to the public, in one of its languages.

        Raises:
            CrisisUnknown, CrisisRefused: there is none, or not in this language.
            ReadoutWaits: the other party has not had it for the agreed hours, or its date is ahead.
        """
        found, assessment = await self._begun(crisis)
        given = next((each for each in assessment.readouts if each.hash == readout), None)
        words = None if given is None else dict(given.said.texts).get(language)
        if given is None or words is None:
            raise CrisisRefused(reason="readout")
        free = free_ms(given.said.public_from_ms, assessment.readout_hours, found.held.get(readout))
        if free is None or milliseconds(self._clock.now()) < free:
            raise ReadoutWaits(until="unknown" if free is None else instant(free))
        return words

    async def quotes(self, crisis: bytes, texts: Texts) -> tuple[Quote, ...]:
        """Return what a readout has word for word from the record, quotable or not.

        Raises:
            CrisisUnknown: there is no such crisis.
        """
        found = await self._crises.find(crisis)
        entries = await self.timeline(crisis)
        return quotes(texts, [*_quotables(found), *_alert_texts(entries)])

    # ----------------------------------------------------------------------------- what happened

    async def timeline(self, crisis: bytes) -> tuple[Placed, ...]:
        """Return the entries of a crisis and of what was linked to it, as they are here.

        Raises:
            CrisisUnknown: there is no such crisis.
        """
        found = await self._crises.find(crisis)
        return await self._database.read(lambda c: repository.timeline_of(c, found.crisis))

    async def times(self, crisis: bytes) -> tuple[AlertTimes, ...]:
        """Return how long each alert of a crisis took; raises like :meth:`timeline`."""
        entries = await self.timeline(crisis)
        alerts = [each.hash for each in entries if each.entry.kind == Kind.ALERT]
        return await self._times(alerts)

    async def measures(self, crisis: bytes) -> CrisisMeasures:
        """Return what else was measured in its time; raises like :meth:`timeline`."""
        found = await self._crises.find(crisis)
        entries = await self.timeline(crisis)
        alerts = {each.hash for each in entries if each.entry.kind == Kind.ALERT}
        await self._noted()
        now = self._clock.now()
        return await self._database.read(
            lambda c: measured(c, found.crisis, alerts, self._own, now)
        )

    async def exercises(self) -> tuple[AlertTimes, ...]:
        """Return how long each alert of an exercise took, the newest first."""

        def find(connection: sa.Connection) -> list[bytes]:
            return alert_rows.exercise_hashes(connection, EXERCISES_MAX)

        return await self._times(await self._database.read(find))

    async def _times(self, alerts: Iterable[bytes]) -> tuple[AlertTimes, ...]:
        wanted = [*alerts]

        def find(connection: sa.Connection) -> list[AlertTimes]:
            found = (self._alerts.find(connection, each) for each in wanted)
            return [times_of(each) for each in found if each is not None]

        return tuple(await self._database.read(find))

    # --------------------------------------------------------------------- what the node says

    async def work(self) -> int:
        """Say what our node is to say by itself; return how much. Called once a second."""
        if self._is_working:
            return 0
        self._is_working = True
        done = 0
        try:
            for task in await self._database.read(self._tasks):
                done += await self._act(task)
        finally:
            self._is_working = False
        return done

    def _tasks(self, connection: sa.Connection) -> list[_Task]:
        known = repository.tasks(connection)
        found = ((self._crises.keeper.find(connection, crisis), name) for crisis, name in known)
        return [_Task(each, name) for each, name in found if each is not None]

    async def _act(self, task: _Task) -> int:
        crisis = task.found.crisis
        draft = await self._draft(task)
        if draft is None:
            await self._database.write(lambda c: repository.end_task(c, crisis.hash, task.name))
            return 0
        try:
            await self._record.append_draft(
                crisis.space,
                draft,
                also=lambda c: repository.end_task(c, crisis.hash, task.name),
            )
        except (LogNotOpen, SpaceUnknown):
            return 0
        except ParleyError as error:
            log.warning("assessment not continued", task=task.name, why=error.code)
            return 0
        return 1

    async def _draft(self, task: _Task) -> EntryDraft | None:
        """Return what is to be said, None if nothing is any more."""
        if task.name == TIMELINE_TASK:
            return await self._timeline_draft(task.found)
        if task.name == SHOW_TASK:
            return await self._show_draft(task.found)
        return None

    async def _timeline_draft(self, found: CrisisFound) -> EntryDraft | None:
        crisis = found.crisis

        def build(connection: sa.Connection) -> EntryDraft | None:
            cut = repository.next_cut(connection, found, self._own)
            if cut is None:
                return None
            entries = repository.timeline_of(connection, crisis, cut)
            body = timeline_body(said_of(crisis.hash, entries, cut))
            return EntryDraft(
                kind=Kind.TIMELINE, body=body, thread=crisis.thread, refs=self._refs(found)
            )

        return await self._database.read(build)

    async def _show_draft(self, found: CrisisFound) -> EntryDraft | None:
        assessment = found.assessment
        if assessment is None or self._own not in assessment.waits_for:
            return None
        body = await self._sealed_body(found.crisis.hash, assessment)
        if body is None:
            log.error("sealed account is not here", crisis=found.crisis.hash.hex())
            return None
        return EntryDraft(
            kind=Kind.ACCOUNT_SHOWN,
            body=body,
            thread=found.crisis.thread,
            refs=self._refs(found),
        )

    def _refs(self, found: CrisisFound) -> tuple[bytes, ...]:
        theirs = [each for each in found.entries if each.entry.author != self._own]
        last = max(theirs, key=lambda each: (each.epoch, each.place), default=None)
        crisis = found.crisis.hash
        return (crisis,) if last is None or last.hash == crisis else (crisis, last.hash)

    async def _sealed_body(
        self, crisis: bytes, assessment: Assessment
    ) -> Mapping[int, Value] | None:
        account = assessment.accounts.get(self._own)
        if account is None:
            return None
        seal = account.seal
        kept = await self._database.read(lambda c: self._private.find(c, crisis, seal))
        return None if kept is None else account_shown_body(kept.salt, kept.account)

    async def _begun(self, crisis: bytes) -> tuple[CrisisFound, Assessment]:
        found = await self._crises.find(crisis)
        if found.assessment is None:
            raise CrisisRefused(reason="no_side_has_closed")
        return found, found.assessment


async def _nothing_to_note() -> None:
    """Note nothing."""


def _quotables(found: CrisisFound) -> list[QuoteSource]:
    """Return the texts that were said within a crisis, what was adopted and shown among them."""
    crisis, assessment = found.crisis, found.assessment
    items = [
        QuoteSource(
            each.hash,
            each.author,
            each.said.kind.name.lower(),
            each.said.texts,
            each.said.is_quotable,
        )
        for each in crisis.statements
    ]
    for fact in crisis.facts:
        digest = next(iter(fact.signed.values()))[0]
        author = next(iter(fact.signed))
        is_quotable = fact.said.is_quotable and len(fact.signed) > 1
        items.append(QuoteSource(digest, author, "fact", fact.said.texts, is_quotable))
    if assessment is None:
        return items
    for party, account in assessment.accounts.items():
        if account.shown is not None and account.shown_hash is not None:
            items.append(
                QuoteSource(account.shown_hash, party, "account", account.shown, is_quotable=False)
            )
    is_adopted = assessment.state is AssessmentState.ADOPTED
    for paragraph in assessment.sheet:
        for wanted_by, said in paragraph.versions:
            author = crisis.opener if wanted_by is None else wanted_by
            items.append(QuoteSource(crisis.hash, author, "sheet", said.texts, is_adopted))
    return items


def _alert_texts(entries: Sequence[Placed]) -> list[QuoteSource]:
    found = []
    for each in entries:
        if each.entry.kind != Kind.ALERT:
            continue
        try:
            body = read_alert(each.entry)
        except EntryMalformed:
            continue
        found.append(
            QuoteSource(each.hash, each.entry.author, "alert", body.texts, body.is_quotable)
        )
    return found
