"""Line checks and the standing of lines, of a running node. Owned by the event loop's thread.

What is due is a row, acted on once however long the node was down. When a limit passes, the row
keeps what was proved of the silent party at that moment; the sites' proofs are read from a copy
that the loop makes once a second, because rows are written in another thread.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from whenever import Instant

from parley.clock import Clock, from_milliseconds, milliseconds
from parley.crisis.bodies import Presented, presented_body
from parley.crisis.checks import repository as rows
from parley.crisis.checks.bodies import (
    CheckDeclined,
    CheckSent,
    check_body,
    decline_body,
    return_body,
)
from parley.crisis.checks.evidence import (
    CheckProof,
    Proved,
    Silence,
    SilenceFound,
    SiteProof,
    silence_of_ours,
    silence_of_theirs,
)
from parley.crisis.checks.machine import CheckState
from parley.crisis.checks.matter import CheckMatter
from parley.crisis.checks.passage import code, passage, typed_code
from parley.crisis.checks.repository import CheckRow
from parley.crisis.checks.schedule import (
    SEND_MS,
    CheckPace,
    confirm_ms,
    due_times,
    is_turn_of,
    next_due,
    starter_at,
)
from parley.crisis.checks.suspension import LINE_KINDS, PartyStanding, is_checked, refusal
from parley.crisis.checks.terms import keep_terms, may_have_terms, terms_at
from parley.crisis.repository import note_excluded
from parley.errors import CheckRefused, CheckUnknown, LineIsSuspended, RequestMalformed
from parley.identity.person import Person
from parley.ids import ID_BYTES, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value
from parley.record.entry import Entry, Precedence
from parley.record.keeping import Record
from parley.record.kinds import Kind
from parley.record.line_terms import LineTerms
from parley.record.ports import EntryCame
from parley.storage import Database
from parley.storage.deadline import Deadline
from parley.storage.deadlines import Deadlines, set_deadline
from parley.telemetry import log

DUE: Final = "check.due"
"""Kind of the deadline at which a check is due."""
LIMIT: Final = "check.limit"
"""Kind of the deadline at which a check must have gone on."""
PLAN_EVERY_S: Final = 30.0
"""Seconds between looks at what is due next. More: a new agreement is followed later."""
CAUGHT_UP_MAX: Final = 200
"""Checks noted as missed after the node was down; eight days of one an hour."""
_PAIR: Final = 2
SUSPENDABLE: Final = (Kind.NOTIFICATION, Kind.CALL_REQUEST, Kind.LINE_CHECK)

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAround:
    """What line checks ask of the node around them."""

    site: Callable[[PartyId], SiteProof]
    """What was heard from a party's site."""
    languages: Callable[[PartyId], Sequence[str]]
    """Of a party, our own included."""
    desk_ms: Callable[[], int | None]
    """When a desk of ours was last open."""
    pace: Callable[[sa.Connection, SpaceId], CheckPace]
    """What an open crisis adds to a line's checks."""
    entropy: Entropy


@dataclass(frozen=True, slots=True)
class LineKept:
    """What is known of the checks of one line."""

    space: SpaceId
    other: PartyId
    terms: LineTerms
    next_due: tuple[tuple[int, PartyId], ...]
    """When the next checks are due, and whose turn each is."""
    checks: tuple[tuple[CheckRow, CheckMatter | None], ...]
    """The newest first."""
    site: SiteProof
    standings: tuple[PartyStanding, ...]
    notices: tuple[tuple[str, Instant], ...]
    """Two misses in a row, of which nobody has taken note."""


class Checks:
    """The line checks of one node."""

    def __init__(
        self,
        *,
        record: Record,
        database: Database,
        clock: Clock,
        deadlines: Deadlines,
        around: CheckAround,
    ) -> None:
        """Keep rows beside entries from here on, and act on what is due."""
        self._record = record
        self._database = database
        self._clock = clock
        self._around = around
        self._own: PartyId = record.keys.party
        self._sites: dict[PartyId, SiteProof] = {}
        self._standings: dict[SpaceId, tuple[PartyStanding, ...]] = {}
        self._desk_ms: int | None = None
        self._planned_at: float | None = None
        record.keep_with([Kind.LINE_CHECK, *sorted(rows.CHECK_KINDS)], self._keep)
        record.keep_with([*sorted(rows.PROVING), Kind.ASSERTION], self._keep_proof)
        record.keep_with(sorted(LINE_KINDS), self._keep_line)
        record.keep_with([Kind.STATEMENT], self._keep_terms, may_have_terms)
        record.keep_with(SUSPENDABLE, self.judge)
        deadlines.on(DUE, self._come_due)
        deadlines.on(LIMIT, self._lapse)

    # --------------------------------------------------------------------------- what people do

    async def send(
        self,
        space: SpaceId,
        by: Person,
        due_ms: int | None = None,
        *,
        is_exercise: bool = False,
    ) -> CheckRow:
        """Send a check: for a time that is ours, or outside the schedule.

        Args:
            space: the line's.
            by: who sends it.
            due_ms: the time it is due at; none for one outside the schedule.
            is_exercise: marks one outside the schedule, inside what is signed. One that is due is
                never an exercise: it is what keeps the line proved.

        Raises:
            CheckUnknown: nothing is due at that time.
            CheckRefused: it is not ours to send, or its time is over.
            RequestMalformed: what is due is called an exercise.
            LineIsSuspended: line checks are suspended.
        """
        other = self._other(space)
        now_ms = self._now_ms()
        if due_ms is not None:
            if is_exercise:
                raise RequestMalformed(field="is_exercise")
            row = await self._row(space, str(due_ms))
            if row.state is not CheckState.DUE:
                raise CheckRefused(state=row.state.value, reason="not_due")
            if not is_turn_of(due_ms, self._own, (self._own, other)):
                raise CheckRefused(state=row.state.value, reason="not_our_turn")
        entropy = self._around.entropy(16)
        languages = (*self._around.languages(other), *self._around.languages(self._own))
        sent = CheckSent(due_ms, passage(languages, entropy), code(entropy), is_exercise)
        until_ms = now_ms + confirm_ms(await self.terms(space))
        appended = await self._record.append(
            space,
            Kind.LINE_CHECK,
            check_body(sent),
            actor=by.actor,
            thread=_thread(space),
            precedence=Precedence.PRIORITY,
            also=lambda connection: (
                self._set_limit(connection, space, _name(due_ms, None), until_ms)
                if due_ms is not None
                else None
            ),
        )
        return await self._row(space, _name(due_ms, appended.hash))

    async def answer(self, digest: bytes, typed: str, by: Person) -> CheckRow:
        """Type the code of the other party's check back.

        Raises:
            CheckUnknown: there is no such check.
            CheckRefused: it is not ours to type, it is over, or the code is another.
        """
        matter = await self._matter(digest)
        self._require(matter, CheckState.SENT, matter.other)
        if typed_code(typed) != matter.sent.code:
            raise CheckRefused(state=matter.state.value, reason="code")
        if self._now_ms() - matter.came_ms > matter.type_ms:
            raise CheckRefused(state=matter.state.value, reason="too_late")
        await self._say(matter, Kind.CHECK_RETURN, return_body(typed_code(typed)), by)
        return await self._row_of(matter)

    async def confirm(self, digest: bytes, by: Person) -> CheckRow:
        """Confirm what the other party typed back.

        Raises:
            CheckUnknown: there is no such check.
            CheckRefused: nothing came back, or it is over.
        """
        matter = await self._matter(digest)
        self._require(matter, CheckState.RETURNED, matter.starter)
        if self._now_ms() - matter.sent_ms > matter.confirm_ms:
            raise CheckRefused(state=matter.state.value, reason="too_late")
        returned = () if matter.returned is None else (matter.returned.hash,)
        await self._say(matter, Kind.CHECK_CONFIRMATION, {}, by, refs=returned)
        return await self._row_of(matter)

    async def decline(self, space: SpaceId, name: str, words: str | None, by: Person) -> CheckRow:
        """Say "not now" to a check that is ours to send, to type or to confirm.

        Raises:
            CheckUnknown: there is no such check.
            CheckRefused: it is not ours to go on with, or it is over.
        """
        row = await self._row(space, name)
        due_ms = row.due_ms if row.is_scheduled else None
        said = decline_body(CheckDeclined(due_ms, words or None))
        if row.hash is not None:
            matter = await self._matter(row.hash)
            if matter.is_over or matter.awaited != self._own:
                raise CheckRefused(state=matter.state.value, reason="not_our_turn")
            await self._say(matter, Kind.CHECK_DECLINE, said, by)
        elif row.state is not CheckState.DUE or row.starter != self._own:
            raise CheckRefused(state=row.state.value, reason="not_our_turn")
        else:
            await self._record.append(
                space,
                Kind.CHECK_DECLINE,
                said,
                actor=by.actor,
                thread=_thread(space),
                precedence=Precedence.PRIORITY,
            )
        return await self._row(space, name)

    async def present(self, digest: bytes, shown: Presented) -> bool:
        """Say that a desk of ours shows their check; False if one has said so before.

        Raises:
            CheckUnknown: there is no such check.
        """
        matter = await self._matter(digest)
        if matter.starter == self._own or matter.desk is not None or matter.is_over:
            return False
        await self._record.append(
            matter.space,
            Kind.DELIVERY,
            presented_body(shown),
            thread=_thread(matter.space),
            precedence=Precedence.PRIORITY,
            refs=(digest,),
        )
        return True

    # ------------------------------------------------------------------------------ what is known

    async def lines(self, limit: int = 48) -> Sequence[LineKept]:
        """Return what is known of the checks of every line."""
        spaces = self._spaces()

        def find(connection: sa.Connection) -> list[LineKept]:
            return [self._kept(connection, space, limit) for space in spaces]

        return await self._database.read(find)

    async def line(self, space: SpaceId, limit: int = 48) -> LineKept:
        """Return what is known of the checks of one line.

        Raises:
            CheckUnknown: it is no line of two parties.
        """
        self._other(space)
        return await self._database.read(lambda connection: self._kept(connection, space, limit))

    async def author_of(self, digest: bytes) -> PartyId:
        """Return who sent a check.

        Raises:
            CheckUnknown: there is no such check.
        """
        return (await self._matter(digest)).starter

    async def see_notices(self, space: SpaceId) -> int:
        """Take note of two misses in a row; return how many notices there were."""
        now = self._clock.now()
        return await self._database.write(lambda c: rows.see_notices(c, space, now))

    async def terms(self, space: SpaceId) -> LineTerms:
        """Return the terms in force on a line now."""
        now_ms, parties = self._now_ms(), (self._own, self._other(space))
        return await self._database.read(lambda c: terms_at(c, space, parties, now_ms))

    def gate(self, entry: Entry) -> None:
        """Refuse what the line's standing leaves no room for; what the record asks before it adds.

        Raises:
            LineIsSuspended: the line is suspended or ended.
        """
        standings = self._standings.get(entry.space, ())
        now_ms = self._now_ms()
        what = refusal(standings, entry, now_ms)
        if what is not None:
            is_ended = any(each.holds_at(now_ms).standing == "ended" for each in standings)
            raise LineIsSuspended(
                party=self._other(entry.space).text,
                standing="ended" if is_ended else "suspended",
                what=what,
            )

    # -------------------------------------------------------------------------------- the beat

    async def start(self) -> None:
        """Read how each line stands."""
        spaces = self._spaces()

        def find(connection: sa.Connection) -> None:
            for space in spaces:
                self._load(connection, space)

        await self._database.read(find)

    async def tick(self) -> None:
        """Look at the sites, and plan what is due next; called once a second."""
        self._desk_ms = self._around.desk_ms() or self._desk_ms
        for space in self._spaces():
            other = self._other(space)
            found, before = self._around.site(other), self._sites.get(other)
            if before is not None:
                # A line that was opened anew has forgotten when its node was last heard.
                found = replace(found, node_ms=found.node_ms or before.node_ms)
            self._sites[other] = found
        monotonic = self._clock.monotonic()
        if self._planned_at is not None and monotonic - self._planned_at < PLAN_EVERY_S:
            return
        self._planned_at = monotonic
        now = self._clock.now()
        await self._database.write(lambda connection: self._plan_all(connection, now))

    def _plan_all(self, connection: sa.Connection, now: Instant) -> None:
        for space in self._spaces():
            if space not in self._standings:
                self._load(connection, space)
            self._plan(connection, space, milliseconds(now), now)

    def _plan(self, connection: sa.Connection, space: SpaceId, after_ms: int, now: Instant) -> None:
        parties = (self._own, self._other(space))
        terms = terms_at(connection, space, parties, after_ms)
        at_ms = next_due(terms, after_ms, parties, self._around.pace(connection, space))
        if at_ms is not None:
            subject = f"{space.text}/{at_ms}"
            set_deadline(connection, DUE, subject, from_milliseconds(at_ms), now)

    # ------------------------------------------------------------------------------- what is due

    def _come_due(self, connection: sa.Connection, due: Deadline, now: Instant) -> None:
        """Note that a check is due; what a deadline's row does, once."""
        text, _, number = due.subject.partition("/")
        space, due_ms, now_ms = SpaceId.parse(text), int(number), milliseconds(now)
        if space not in set(self._spaces()):
            return
        parties = (self._own, self._other(space))
        terms = terms_at(connection, space, parties, due_ms)
        pace = self._around.pace(connection, space)
        times = due_times(terms, due_ms, max(now_ms, due_ms) + 1, parties, pace)
        for each, at_ms in enumerate(times):
            if each >= CAUGHT_UP_MAX:
                break
            self._due(connection, space, at_ms, now)
        self._plan(connection, space, max(now_ms, due_ms), now)

    def _due(self, connection: sa.Connection, space: SpaceId, due_ms: int, now: Instant) -> None:
        found = rows.find_row(connection, space, str(due_ms))
        if found is not None and found.state is not CheckState.PLANNED:
            return
        now_ms = milliseconds(now)
        starter = starter_at(due_ms, (self._own, self._other(space)))
        row = CheckRow(
            space,
            str(due_ms),
            due_ms,
            is_scheduled=True,
            starter=starter,
            hash=None,
            state=CheckState.DUE,
        )
        if not is_checked(self._standings.get(space, ()), due_ms):
            suspended = SilenceFound(Silence.SUSPENDED, Proved.NOTHING, None)
            row = replace(row, state=CheckState.MISSED, found=suspended, ended_ms=now_ms)
        elif now_ms > due_ms + SEND_MS + confirm_ms(
            terms_at(connection, space, (self._own, self._other(space)), due_ms)
        ):
            # Nobody could have kept it here: our own node did not run.
            down = SilenceFound(Silence.NODE, Proved.NOTHING, None)
            row = replace(
                row, state=CheckState.MISSED, found=down, silent=self._own, ended_ms=now_ms
            )
        rows.save_row(connection, row)
        if row.state is CheckState.DUE:
            self._set_limit(connection, space, row.name, due_ms + SEND_MS)
        else:
            rows.note_misses(connection, space, now)

    def _set_limit(self, connection: sa.Connection, space: SpaceId, name: str, at_ms: int) -> None:
        subject = f"{space.text}/{name}/{at_ms}"
        now = self._clock.now()
        set_deadline(connection, LIMIT, subject, from_milliseconds(at_ms), now)

    def _lapse(self, connection: sa.Connection, due: Deadline, now: Instant) -> None:
        """Note that a limit passed, and what was proved by then."""
        text, name, number = due.subject.split("/")
        space, limit_ms = SpaceId.parse(text), int(number)
        row = rows.find_row(connection, space, name)
        if row is None or row.state in {CheckState.CONFIRMED, CheckState.MISSED}:
            return
        matter = self._found(connection, row)
        if matter is not None and limit_ms < matter.limit_ms(self._own):
            return
        silent = row.starter if matter is None else matter.awaited
        proof = CheckProof() if matter is None else matter.proof(silent)
        if silent == self._own:
            # Of ourselves more is known than others could prove: whether a desk was open.
            desk_ms = self._desk_ms
            is_open = desk_ms is not None and desk_ms >= row.due_ms
            proof = replace(proof, desk_ms=desk_ms if is_open else None)
            found = silence_of_ours(proof, milliseconds(now))
        else:
            site = self._sites.get(silent, SiteProof(has_edge=False))
            found = silence_of_theirs(
                site, proof, limit_ms, was_sent=matter is not None and row.starter == self._own
            )
        missed = replace(
            row,
            state=CheckState.MISSED,
            silent=silent,
            found=found,
            ended_ms=milliseconds(now),
        )
        rows.save_row(connection, missed)
        if row.is_scheduled and rows.note_misses(connection, space, now):
            log.warning("two line checks missed in a row", space=space.text)

    # ----------------------------------------------------------------------------- entries come

    def _keep(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        is_ours = came.entry.author == self._own
        at = from_milliseconds(came.entry.time_ms) if is_ours else now
        matter = rows.keep_check(connection, came, at)
        if not is_ours:
            rows.owe(connection, came, at)
        due_ms = rows.declined_slot(came.entry)
        if came.entry.kind == Kind.CHECK_DECLINE and due_ms is not None:
            self._decline_slot(connection, came, due_ms, milliseconds(now))
        if came.entry.kind == Kind.LINE_CHECK:
            self._begin(connection, came)
        if matter is not None:
            self._refresh(connection, matter, came.entry.space, now)

    def _keep_proof(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        space = came.entry.space
        if came.entry.kind in rows.PROVING:
            matter = rows.keep_check(connection, came, now)
            if matter is not None:
                self._refresh(connection, matter, space, now)
        if rows.keep_line_entry(connection, came, now):
            self._load(connection, space)

    def _keep_line(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        if rows.keep_line_entry(connection, came, now):
            self._load(connection, came.entry.space)
        if came.entry.author != self._own:
            rows.owe(connection, came, now)

    def _keep_terms(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        del now
        keep_terms(connection, came)
        self._planned_at = None

    def judge(self, connection: sa.Connection, came: EntryCame, now: Instant) -> None:
        """Note what came although its author knew that the line does not take it."""
        entry = came.entry
        standings = self._standings.get(entry.space, ())
        what = refusal(standings, entry, entry.time_ms)
        if what is None or entry.author == self._own:
            return
        known = [
            each.party == entry.author
            or (each.since is not None and rows.has_seen(connection, entry, came.place, each.since))
            for each in standings
            if refusal([each], entry, entry.time_ms) is not None
        ]
        if any(known):
            note_excluded(connection, came, what, now)

    def _begin(self, connection: sa.Connection, came: EntryCame) -> None:
        name = rows.name_of(came.entry, came.hash)
        if name is None:
            return
        space, entry = came.entry.space, came.entry
        found = rows.find_row(connection, space, name)
        if found is not None and found.hash is not None:
            return
        is_scheduled = name.isdecimal()
        due_ms = int(name) if is_scheduled else entry.time_ms
        row = found or CheckRow(
            space, name, due_ms, is_scheduled, entry.author, None, CheckState.DUE
        )
        if row.starter != entry.author:
            return
        rows.save_row(connection, replace(row, hash=came.hash))

    def _decline_slot(
        self, connection: sa.Connection, came: EntryCame, due_ms: int, now_ms: int
    ) -> None:
        space, author = came.entry.space, came.entry.author
        if not is_turn_of(due_ms, author, (self._own, self._other(space))):
            return
        row = rows.find_row(connection, space, str(due_ms))
        if row is not None and row.hash is not None:
            return
        declined = SilenceFound(Silence.DECLINED, Proved.PERSON, now_ms)
        missed = CheckRow(
            space,
            str(due_ms),
            due_ms,
            is_scheduled=True,
            starter=author,
            hash=None,
            state=CheckState.MISSED,
            silent=author,
            found=declined,
            ended_ms=now_ms,
        )
        rows.save_row(connection, missed)

    def _refresh(
        self, connection: sa.Connection, digest: bytes, space: SpaceId, now: Instant
    ) -> None:
        """Let a check's row follow what its entries come to, and set its next limit."""
        matter = rows.find_matter(connection, digest, (self._own, self._other(space)))
        if matter is None:
            return
        due_ms = matter.sent.due_ms
        row = rows.find_row(connection, space, _name(due_ms, digest))
        if row is None or row.hash != digest:
            return
        now_ms = milliseconds(now)
        if matter.state is CheckState.CONFIRMED:
            row = replace(row, silent=None, found=None, ended_ms=row.ended_ms or now_ms)
        elif matter.declined is not None:
            declined = SilenceFound(Silence.DECLINED, Proved.PERSON, matter.declined.came_ms)
            row = replace(
                row, silent=matter.awaited, found=declined, ended_ms=row.ended_ms or now_ms
            )
        elif row.state is CheckState.MISSED:
            # What comes late is kept beside the check, and does not undo that it was missed here.
            return
        else:
            self._set_limit(connection, space, row.name, matter.limit_ms(self._own))
        rows.save_row(connection, replace(row, state=matter.state))

    # ------------------------------------------------------------------------------------ details

    def _load(self, connection: sa.Connection, space: SpaceId) -> None:
        parties = (self._own, self._other(space))
        self._standings[space] = rows.standings(connection, space, parties)

    def _kept(self, connection: sa.Connection, space: SpaceId, limit: int) -> LineKept:
        other, now_ms = self._other(space), self._now_ms()
        parties = (self._own, other)
        terms = terms_at(connection, space, parties, now_ms)
        pace = self._around.pace(connection, space)
        times: list[tuple[int, PartyId]] = []
        after_ms: int | None = now_ms
        for _ in range(4):
            after_ms = next_due(terms, after_ms or now_ms, parties, pace)
            if after_ms is None:
                break
            times.append((after_ms, starter_at(after_ms, parties)))
        found = rows.rows_of(connection, space, limit)
        notices = rows.open_notices(connection)
        return LineKept(
            space,
            other,
            terms,
            tuple(times),
            tuple((row, self._found(connection, row)) for row in found),
            self._sites.get(other, SiteProof(has_edge=False)),
            rows.standings(connection, space, parties),
            tuple((name, at) for where, name, at in notices if where == space),
        )

    def _found(self, connection: sa.Connection, row: CheckRow) -> CheckMatter | None:
        if row.hash is None:
            return None
        return rows.find_matter(connection, row.hash, (self._own, self._other(row.space)))

    def _require(self, matter: CheckMatter, state: CheckState, party: PartyId) -> None:
        if matter.state is not state:
            raise CheckRefused(state=matter.state.value, reason="state")
        if party != self._own:
            raise CheckRefused(state=matter.state.value, reason="not_our_turn")

    async def _say(
        self,
        matter: CheckMatter,
        kind: Kind,
        body: Mapping[int, Value],
        by: Person,
        *,
        refs: tuple[bytes, ...] = (),
    ) -> None:
        await self._record.append(
            matter.space,
            kind,
            body,
            actor=by.actor,
            thread=_thread(matter.space),
            precedence=Precedence.PRIORITY,
            refs=(matter.hash, *refs),
        )

    async def _matter(self, digest: bytes) -> CheckMatter:
        def find(connection: sa.Connection) -> CheckMatter | None:
            for space in self._spaces():
                parties = (self._own, self._other(space))
                found = rows.find_matter(connection, digest, parties)
                if found is not None and found.space == space:
                    return found
            return None

        matter = await self._database.read(find)
        if matter is None:
            raise CheckUnknown
        return matter

    async def _row(self, space: SpaceId, name: str) -> CheckRow:
        row = await self._database.read(lambda c: rows.find_row(c, space, name))
        if row is None:
            raise CheckUnknown
        return row

    async def _row_of(self, matter: CheckMatter) -> CheckRow:
        return await self._row(matter.space, _name(matter.sent.due_ms, matter.hash))

    def _spaces(self) -> list[SpaceId]:
        return [kept.id for kept in self._record.spaces if len(kept.row.members) == _PAIR]

    def _other(self, space: SpaceId) -> PartyId:
        kept = self._record.space(space)
        others = kept.others
        if len(kept.row.members) != _PAIR or not others:
            raise CheckUnknown
        return others[0]

    def _now_ms(self) -> int:
        return milliseconds(self._clock.now())


def _name(due_ms: int | None, digest: bytes | None) -> str:
    return (digest or b"").hex() if due_ms is None else str(due_ms)


def _thread(space: SpaceId) -> ThreadId:
    """Return the thread of a line's checks: the space's own id, turned about."""
    return ThreadId(bytes(each ^ 0xFF for each in space[:ID_BYTES]))
