"""Suspending, resuming and ending a line, of a running node: two people, two signatures.

Each step is first tried: the entry is laid beside those that are there, and what they come to
together is computed. If it would be a breach, it is refused here, with what does not hold.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from parley.clock import Clock, from_milliseconds, milliseconds
from parley.crisis.checks import repository as rows
from parley.crisis.checks.bodies import (
    StandingWords,
    Suspended,
    concurrence_body,
    standing_body,
    suspension_body,
)
from parley.crisis.checks.suspension import LineEntry, PartyStanding, party_standing
from parley.errors import LineStandingRefused, LineStartRefused
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.keeping import EntryDraft, PreparedEntry, Record
from parley.record.kinds import Kind
from parley.record.line_agreement import agreement_thread
from parley.storage import Database

_NEXT_PLACE = 1 << 52
"""Beyond every place: what is tried comes last."""
START_BEHIND_MS: Final = 10 * 60_000
"""How far behind a start may lie: a person types it, then signs. More: what was written in between
would be judged by a suspension that nobody could know of."""
START_AHEAD_DAYS: Final = 366
"""How far ahead. More: a mistyped year would pass for a date."""
_DAY_MS: Final = 86_400_000


class LineStandings:
    """How each line stands. Owned by the event loop's thread."""

    def __init__(self, *, record: Record, database: Database, clock: Clock) -> None:
        """Write into ``record``, read the rows of ``database``."""
        self._record = record
        self._database = database
        self._clock = clock
        self._own: PartyId = record.keys.party

    async def standings(self, space: SpaceId) -> Sequence[PartyStanding]:
        """Return what each party has written about a line."""
        members = list(self._record.space(space).row.members)
        return await self._database.read(lambda c: rows.standings(c, space, members))

    async def suspend(self, space: SpaceId, said: Suspended, actor: ActorId) -> PreparedEntry:
        """Make the entry that suspends a line, for the first of two people to sign.

        Raises:
            LineStandingRefused: it does not fit where the line stands.
            LineStartRefused: the time from which it holds is past, or too far ahead.
            SpaceUnknown, LogNotOpen: there is no such record, or it cannot grow.
        """
        self._check_start(said.from_ms)
        return await self._prepare(space, Kind.SUSPENSION, suspension_body(said), actor)

    async def resume(self, space: SpaceId, said: StandingWords, actor: ActorId) -> PreparedEntry:
        """Make the entry that resumes what we suspended; raises like :meth:`suspend`."""
        self._check_start(said.from_ms)
        return await self._prepare(space, Kind.RESUMPTION, standing_body(said), actor)

    async def end(self, space: SpaceId, said: StandingWords, actor: ActorId) -> PreparedEntry:
        """Make the entry that ends a line; raises like :meth:`suspend`."""
        self._check_start(said.from_ms)
        return await self._prepare(space, Kind.LINE_ENDING, standing_body(said), actor)

    async def concur(self, space: SpaceId, actor: ActorId, *, concurs: bool) -> PreparedEntry:
        """Make the second person's entry, or what takes it back; raises like :meth:`suspend`."""
        body = concurrence_body(concurs=concurs)
        return await self._prepare(space, Kind.CONCURRENCE, body, actor)

    def _check_start(self, from_ms: int) -> None:
        """Refuse a start that nobody means.

        Raises:
            LineStartRefused: it is past, or too far ahead.
        """
        ahead_ms = from_ms - self.now_ms()
        if not -START_BEHIND_MS <= ahead_ms <= START_AHEAD_DAYS * _DAY_MS:
            starts = from_milliseconds(from_ms).format_iso()
            raise LineStartRefused(starts=starts, days=START_AHEAD_DAYS)

    async def _prepare(
        self, space: SpaceId, kind: Kind, body: Mapping[int, Value], actor: ActorId
    ) -> PreparedEntry:
        def find(connection: sa.Connection) -> list[LineEntry]:
            return rows.line_entries(connection, space)

        entries = await self._database.read(find)
        before = party_standing(self._own, entries)
        refs = () if before.asked is None or kind != Kind.CONCURRENCE else (before.asked,)
        draft = EntryDraft(
            kind=kind,
            body=body,
            actor=actor,
            thread=agreement_thread(space),
            precedence=Precedence.PRIORITY,
            refs=refs,
        )
        prepared = self._record.prepare_draft(space, draft)
        epoch = max((each.epoch for each in entries), default=0)
        tried = LineEntry(prepared.hash, prepared.entry, epoch, _NEXT_PLACE, is_signed=True)
        after = party_standing(self._own, [*entries, tried])
        wrong = next((each for each in after.breaches if each.hash == prepared.hash), None)
        if wrong is not None:
            raise LineStandingRefused(standing=before.standing.value, reason=wrong.what)
        return prepared

    def now_ms(self) -> int:
        """Return the present, for a start that is at once."""
        return milliseconds(self._clock.now())
