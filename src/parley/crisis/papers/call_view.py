"""How call requests are shown: every date in each party's own zone."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from whenever import Instant, TimeZoneNotFoundError

from parley.clock import from_milliseconds
from parley.crisis.calls.machine import CallState
from parley.crisis.calls.matter import HOLDS_MAX, CallMatter, CallTurn, Mismatch
from parley.crisis.offices import office_code
from parley.ids import PartyId, SpaceId, ThreadId

PartyZone = Callable[[PartyId], str]
"""The zone a party's desk lives in, as its card says."""


class DatesView(msgspec.Struct, frozen=True):
    """An instant, and what each party's calendar and clock show of it."""

    at: str
    """UTC."""
    by_party: Mapping[str, str]
    """For each party's id, date, time, offset and zone."""


class CallTurnView(msgspec.Struct, frozen=True):
    """One answer of a negotiation."""

    hash: str
    party: str
    at: str
    answer: str
    """accept, other_time, other_level, decline or deciding."""
    earliest: DatesView | None
    latest: DatesView | None
    level: str | None
    until: DatesView | None
    reason: str | None
    capacity: str
    """In which office it was said, or not_said."""


class IdentityView(msgspec.Struct, frozen=True):
    """How far the two devices have come with their code."""

    commitment: str | None
    """Hash of the entry that the asked device's key must quote."""
    asked_key: str | None
    """Hash of the entry that the asker's key must quote."""
    code: str | None
    """The six digits both people read aloud."""


class CallView(msgspec.Struct, frozen=True):
    """A call request as both sides hold it."""

    hash: str
    space: str
    asker: str
    """Id of the party that asks."""
    who_asks: str
    who_is_asked: str
    level: str
    """As asked, or as named last."""
    subject: str | None
    mode: str
    languages: tuple[str, ...]
    interpreter: str
    asked: DatesView
    earliest: DatesView
    latest: DatesView
    answer_hours: int
    is_exercise: bool
    state: str
    offer: str
    """Hash of what is to be answered."""
    turn: str | None
    """Id of the party whose answer is awaited."""
    due: DatesView | None
    """By when, by the clock of whoever made the offer; None once nothing is awaited."""
    due_here: DatesView | None
    """By when, counted from when we had it, if it is for us to answer."""
    is_overdue: bool
    begins: DatesView | None
    turns: tuple[CallTurnView, ...]
    holds_left: int
    """How often whoever is to answer may still say that it is being decided."""
    identity: IdentityView
    thread: str | None
    """Of everything that is said about it; a call in writing is the remarks in it."""
    speaking: tuple[str, ...]
    """Ids of the parties that have said that they speak."""
    mismatches: tuple[tuple[str, str, str], ...]
    """Who heard another code, when, and what they heard if they said so."""
    capacity: str
    """In which office it was asked for, or not_said."""
    withdrawn_as: str | None
    """In which office it was given up, or not_said; null: it was not."""
    started: DatesView | None
    ended: DatesView | None
    breaches: tuple[tuple[str, str], ...]


class CallDates:
    """Shows instants in the zones of two parties."""

    def __init__(self, members: Sequence[PartyId], zone: PartyZone) -> None:
        """Show for these parties."""
        self._zones = {member.text: zone(member) for member in members}

    def view(self, at: Instant) -> DatesView:
        """Return an instant as shown."""
        local = {party: _local(at, zone) for party, zone in self._zones.items()}
        return DatesView(at.format_iso(), local)

    def maybe(self, value_ms: int | None) -> DatesView | None:
        """Return milliseconds since 1970 UTC as shown, None for none."""
        return None if value_ms is None else self.view(from_milliseconds(value_ms))

    def of(self, value_ms: int) -> DatesView:
        """Return milliseconds since 1970 UTC as shown."""
        return self.view(from_milliseconds(value_ms))


def call_view(
    matter: CallMatter,
    space: SpaceId,
    thread: ThreadId | None,
    dates: CallDates,
    now_ms: int,
    due_here_ms: int | None,
) -> CallView:
    """Return a call request as shown.

    Args:
        matter: what both sides hold of it.
        space: the line's.
        thread: the request's.
        dates: shows instants in both zones.
        now_ms: the present.
        due_here_ms: by when we are to answer, counted from when we had what is to be answered.
    """
    asked, awaited = matter.asked, matter.turn is not None
    limit_ms = matter.due_ms if due_here_ms is None else due_here_ms
    return CallView(
        hash=matter.hash.hex(),
        space=space.text,
        asker=matter.asker.text,
        who_asks=asked.asker,
        who_is_asked=asked.asked,
        level=matter.level,
        subject=asked.subject,
        mode=asked.mode.name.lower(),
        languages=asked.languages,
        interpreter=asked.interpreter.name.lower(),
        asked=dates.of(matter.asked_ms),
        earliest=dates.of(matter.earliest_ms),
        latest=dates.of(matter.latest_ms),
        answer_hours=asked.answer_hours,
        is_exercise=asked.is_exercise,
        state=matter.state,
        offer=matter.offer.hex(),
        turn=None if matter.turn is None else matter.turn.text,
        due=dates.of(matter.due_ms) if awaited else None,
        due_here=dates.maybe(due_here_ms) if awaited else None,
        is_overdue=awaited and now_ms > limit_ms,
        begins=dates.maybe(matter.begins_ms),
        turns=tuple(_turn(each, dates) for each in matter.turns),
        holds_left=max(0, HOLDS_MAX - matter.holds) if awaited else 0,
        identity=IdentityView(
            _hex(matter.identity.commitment),
            _hex(matter.identity.asked_key),
            matter.identity.code,
        ),
        thread=None if thread is None else thread.text,
        speaking=tuple(each.text for each in matter.speaking),
        mismatches=tuple(map(_mismatch, matter.mismatches)),
        capacity=office_code(asked.capacity),
        withdrawn_as=_withdrawn_as(matter),
        started=dates.maybe(matter.started_ms),
        ended=dates.maybe(matter.ended_ms),
        breaches=tuple((breach.value, digest.hex()) for breach, digest in matter.breaches),
    )


def _turn(turn: CallTurn, dates: CallDates) -> CallTurnView:
    answer = turn.answer
    return CallTurnView(
        turn.hash.hex(),
        turn.party.text,
        from_milliseconds(turn.at_ms).format_iso(),
        answer.kind.name.lower(),
        dates.maybe(answer.earliest_ms),
        dates.maybe(answer.latest_ms),
        answer.level,
        dates.maybe(answer.until_ms),
        answer.reason,
        office_code(answer.capacity),
    )


def _withdrawn_as(matter: CallMatter) -> str | None:
    is_withdrawn = matter.state is CallState.WITHDRAWN
    return office_code(matter.withdrawn_as) if is_withdrawn else None


def _mismatch(each: Mismatch) -> tuple[str, str, str]:
    return each.party.text, from_milliseconds(each.at_ms).format_iso(), each.heard or ""


def _local(at: Instant, zone: str) -> str:
    try:
        return at.to_tz(zone).format_iso()
    except TimeZoneNotFoundError:
        # A zone newer than this machine's table; its card is right, and UTC is not wrong.
        return at.format_iso()


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()
