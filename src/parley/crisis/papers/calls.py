"""Call requests of a running node. Owned by the event loop's thread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa

from parley.clock import Clock, milliseconds
from parley.crisis.calls.bodies import (
    CallAnswer,
    CallAnswerKind,
    CallAsked,
    CallWithdrawal,
    answer_body,
    commitment_body,
    is_whole,
    key_body,
    request_body,
    withdrawal_body,
    words_body,
)
from parley.crisis.calls.identity_code import DeviceKey
from parley.crisis.calls.machine import OPEN, CallState
from parley.crisis.calls.matter import HOLDS_MAX, HOUR_MS, CallMatter, work_out
from parley.crisis.offices import Capacity
from parley.crisis.papers import repository
from parley.crisis.papers.call_view import CallDates, CallView, PartyZone, call_view
from parley.crisis.papers.our_side import OurSide, our_side
from parley.crisis.papers.repository import MatterRow, TermsOf
from parley.errors import CallAnswerRefused, CallRequestUnknown
from parley.identity.person import Person
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.keeping import PreparedEntry, Record
from parley.record.kinds import Kind
from parley.storage import Database

SHOWN_MAX: Final = 200
"""Requests in one answer; each is worked out from its entries."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A request as it stands, and the rows it was worked out from."""

    matter: CallMatter
    row: MatterRow

    @property
    def space(self) -> SpaceId:
        return self.row.first.entry.space


class Calls:
    """The call requests of one node."""

    def __init__(
        self, *, record: Record, database: Database, clock: Clock, zone: PartyZone, terms: TermsOf
    ) -> None:
        """Make it.

        Args:
            record: where requests are said.
            database: where their rows are.
            clock: the node's.
            zone: the zone a party's desk lives in.
            terms: what a line's agreement says at an instant.
        """
        self._terms = terms
        self._record = record
        self._database = database
        self._clock = clock
        self._zone = zone
        self._own = record.keys.party

    async def calls(self, space: SpaceId | None = None, limit: int = 50) -> tuple[CallView, ...]:
        """Return the newest requests, the newest first."""
        most = min(limit, SHOWN_MAX)

        def find(connection: sa.Connection) -> list[CallView]:
            hashes = repository.call_hashes(connection, space, most)
            return [self._view(self._find(connection, each)) for each in hashes]

        return tuple(await self._database.read(find))

    async def our_sides(self, digits: str) -> tuple[OurSide, ...]:
        """Return our side of the requests whose hash begins with some digits."""

        def find(connection: sa.Connection) -> list[OurSide]:
            hashes = repository.call_hashes_beginning(connection, digits)
            views = [self._view(self._find(connection, each)) for each in hashes]
            return [our_side(connection, view, self._own) for view in views]

        return tuple(await self._database.read(find))

    async def calls_beginning(self, digits: str) -> tuple[CallView, ...]:
        """Return every request whose hash begins with some digits, however old."""

        def find(connection: sa.Connection) -> list[CallView]:
            hashes = repository.call_hashes_beginning(connection, digits)
            return [self._view(self._find(connection, each)) for each in hashes]

        return tuple(await self._database.read(find))

    async def call(self, digest: bytes) -> CallView:
        """Return one request.

        Raises:
            CallRequestUnknown: there is none of that hash.
        """
        return self._view(await self._found(digest))

    async def asker_of(self, digest: bytes) -> PartyId:
        """Return which party asked.

        Raises:
            CallRequestUnknown: there is none of that hash.
        """
        return (await self._found(digest)).matter.asker

    async def prepare_request(self, space: SpaceId, asked: CallAsked, by: ActorId) -> PreparedEntry:
        """Make the entry that asks for a call, for a passkey to sign.

        The other side's limit runs from when it has the request; it has no longer than the line's
        agreement gives.

        Raises:
            CallAnswerRefused: the window is over, or ends before it begins.
        """
        members = self._members(space)
        now_ms = milliseconds(self._clock.now())
        if asked.latest_ms < asked.earliest_ms or asked.latest_ms <= now_ms:
            raise CallAnswerRefused(state="new", reason="window")
        agreed = await self._database.read(lambda c: self._terms(c, space, members, now_ms))
        hours = min(asked.answer_hours, agreed.call_hours)
        asked = replace(asked, answer_hours=hours, capacity=Capacity.RELEASER)
        return self._record.prepare(
            space,
            Kind.CALL_REQUEST,
            request_body(asked),
            actor=by,
            thread=ThreadId.new(),
            precedence=Precedence.PRIORITY,
            deadline_ms=now_ms + asked.answer_hours * HOUR_MS,
        )

    async def prepare_answer(self, digest: bytes, answer: CallAnswer, by: ActorId) -> PreparedEntry:
        """Make an answer to a request or to the last offer about it, for a passkey to sign.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: it is not ours to answer, or lacks what its kind needs.
        """
        found = await self._found(digest)
        matter = found.matter
        if matter.turn != self._own:
            raise CallAnswerRefused(state=matter.state.value, reason="not_our_turn")
        if not is_whole(answer):
            raise CallAnswerRefused(state=matter.state.value, reason="incomplete")
        if answer.kind is CallAnswerKind.DECIDING and matter.holds >= HOLDS_MAX:
            raise CallAnswerRefused(state=matter.state.value, reason="held_too_often")
        self._check_times(matter, answer)
        return self._prepare(
            found,
            Kind.CALL_ANSWER,
            answer_body(replace(answer, capacity=Capacity.RELEASER)),
            by,
            refs=matter.awaited,
            deadline_ms=self._deadline(matter, answer),
        )

    async def accept_answer(self, digest: bytes, prepared: PreparedEntry) -> None:
        """Judge an answer once more when it is signed: what it answers may have been answered.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: another answer came first.
        """
        matter = (await self._found(digest)).matter
        if matter.turn != self._own or not set(matter.awaited) <= set(prepared.entry.refs):
            raise CallAnswerRefused(state=matter.state.value, reason="not_our_turn")

    async def prepare_withdrawal(
        self, digest: bytes, words: str | None, by: ActorId
    ) -> PreparedEntry:
        """Make what gives a request up, or the call that was agreed on, for a passkey to sign.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: it has begun, or is over.
        """
        found = await self._found(digest)
        has_begun = self._own in found.matter.speaking
        if found.matter.state not in {*OPEN, CallState.ACCEPTED} or has_begun:
            raise CallAnswerRefused(state=found.matter.state.value, reason="over")
        body = withdrawal_body(CallWithdrawal(words or None, Capacity.RELEASER))
        refs = found.matter.awaited
        return self._prepare(found, Kind.CALL_WITHDRAWAL, body, by, refs=refs)

    async def commit(self, digest: bytes, commitment: bytes, by: Person) -> CallView:
        """Let our device commit to its key; the side that asked begins.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: the call is not agreed on, or the other side is to begin.
        """
        found = await self._accepted(digest)
        if found.matter.asker != self._own:
            raise CallAnswerRefused(state=found.matter.state.value, reason="not_our_turn")
        await self._say(found, Kind.CALL_COMMITMENT, commitment_body(commitment), by)
        return await self.call(digest)

    async def show_key(self, digest: bytes, shown: DeviceKey, by: Person) -> CallView:
        """Show our device's key, each side in its turn.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: it is not our turn, or the key has a length no key has.
        """
        found = await self._accepted(digest)
        identity = found.matter.identity
        is_asker = found.matter.asker == self._own
        after = identity.asked_key if is_asker else identity.commitment
        is_done = identity.code is not None if is_asker else identity.asked_key is not None
        if after is None or is_done:
            raise CallAnswerRefused(state=found.matter.state.value, reason="not_our_turn")
        if not shown.is_sound():
            raise CallAnswerRefused(state=found.matter.state.value, reason="key")
        await self._say(found, Kind.CALL_KEY, key_body(shown), by, refs=(after,))
        return await self.call(digest)

    async def start(self, digest: bytes, code: str | None, by: Person) -> CallView:
        """Say that our official speaks, and which code was read aloud.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: the call is not agreed on, or the code is another.
        """
        found = await self._accepted(digest)
        is_written = found.matter.asked.mode.name == "TEXT"
        if not is_written and (code is None or code != found.matter.identity.code):
            raise CallAnswerRefused(state=found.matter.state.value, reason="code")
        about = found.matter.identity.commitment
        if any(each.commitment == about for each in found.matter.mismatches):
            raise CallAnswerRefused(state=found.matter.state.value, reason="mismatch")
        body = words_body(None if is_written else code)
        await self._say(found, Kind.CALL_START, body, by)
        return await self.call(digest)

    async def mismatch(self, digest: bytes, heard: str | None, by: Person) -> CallView:
        """Say that what was heard read aloud is not the code; the exchange is over for us.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: there is no code to compare with yet.
        """
        found = await self._accepted(digest)
        identity = found.matter.identity
        if identity.commitment is None or identity.code is None:
            raise CallAnswerRefused(state=found.matter.state.value, reason="no_code")
        body = words_body(heard or None)
        await self._say(found, Kind.CALL_MISMATCH, body, by, refs=(identity.commitment,))
        return await self.call(digest)

    async def end(self, digest: bytes, words: str | None, by: Person) -> CallView:
        """Say that the call is over.

        Raises:
            CallRequestUnknown: there is none of that hash.
            CallAnswerRefused: it has not begun, or is over.
        """
        found = await self._found(digest)
        if found.matter.state is not CallState.STARTED:
            raise CallAnswerRefused(state=found.matter.state.value, reason="not_started")
        await self._say(found, Kind.CALL_END, words_body(words or None), by)
        return await self.call(digest)

    # ------------------------------------------------------------------------------------- details

    def _members(self, space: SpaceId) -> Sequence[PartyId]:
        members = list(self._record.space(space).row.members)
        if len(members) != 2:  # noqa: PLR2004  a pair
            raise CallAnswerRefused(state="new", reason="group")
        return members

    def _check_times(self, matter: CallMatter, answer: CallAnswer) -> None:
        now_ms = milliseconds(self._clock.now())
        first, until = answer.earliest_ms, answer.until_ms
        is_out = first is not None and not matter.earliest_ms <= first <= matter.latest_ms
        if answer.kind is CallAnswerKind.ACCEPT and is_out:
            raise CallAnswerRefused(state=matter.state.value, reason="outside_window")
        latest = answer.latest_ms
        if latest is not None and latest <= now_ms:
            raise CallAnswerRefused(state=matter.state.value, reason="window")
        if until is not None and until <= now_ms:
            raise CallAnswerRefused(state=matter.state.value, reason="until")

    def _deadline(self, matter: CallMatter, answer: CallAnswer) -> int | None:
        now_ms, hours_ms = milliseconds(self._clock.now()), matter.asked.answer_hours * HOUR_MS
        match answer.kind:
            case CallAnswerKind.OTHER_TIME | CallAnswerKind.OTHER_LEVEL:
                return now_ms + hours_ms
            case CallAnswerKind.DECIDING:
                return min(answer.until_ms or now_ms, now_ms + hours_ms)
            case CallAnswerKind.ACCEPT | CallAnswerKind.DECLINE:
                return None

    async def _accepted(self, digest: bytes) -> _Found:
        found = await self._found(digest)
        if found.matter.state is not CallState.ACCEPTED:
            raise CallAnswerRefused(state=found.matter.state.value, reason="not_accepted")
        return found

    async def _say(
        self,
        found: _Found,
        kind: Kind,
        body: bytes | dict[int, Value],
        by: Person,
        *,
        refs: tuple[bytes, ...] = (),
    ) -> None:
        prepared = self._prepare(found, kind, body, by.actor, refs=refs)
        await self._record.append_prepared(prepared)

    def _prepare(
        self,
        found: _Found,
        kind: Kind,
        body: bytes | dict[int, Value],
        by: ActorId,
        *,
        refs: tuple[bytes, ...] = (),
        deadline_ms: int | None = None,
    ) -> PreparedEntry:
        first = found.row.first
        return self._record.prepare(
            found.space,
            kind,
            body,
            actor=by,
            thread=first.entry.thread,
            precedence=Precedence.PRIORITY,
            refs=tuple(dict.fromkeys((first.hash, *refs))),
            deadline_ms=deadline_ms,
        )

    async def _found(self, digest: bytes) -> _Found:
        return await self._database.read(lambda c: self._find(c, digest))

    def _find(self, connection: sa.Connection, digest: bytes) -> _Found:
        row = repository.find_matter(connection, digest)
        if row is None or row.first.entry.kind != Kind.CALL_REQUEST:
            raise CallRequestUnknown
        return _Found(work_out(row.first, row.others, self._members(row.first.entry.space)), row)

    def _view(self, found: _Found) -> CallView:
        matter, due_here_ms = found.matter, None
        came = found.row.arrivals.get(matter.offer)
        if matter.turn == self._own and came is not None:
            limit_ms = milliseconds(came) + matter.asked.answer_hours * HOUR_MS
            due_here_ms = max(limit_ms, matter.due_ms if matter.holds else limit_ms)
        dates = CallDates(self._members(found.space), self._zone)
        now_ms, thread = milliseconds(self._clock.now()), found.row.first.entry.thread
        return call_view(matter, found.space, thread, dates, now_ms, due_here_ms)
