"""Line checks and a line's standing as people and programs are shown them.

Hashes are hexadecimal, instants ISO 8601 in UTC. What is shown of the other party is what was
proved of it, and when.
"""

from collections.abc import Callable

import msgspec

from parley.clock import from_milliseconds
from parley.crisis.checks.machine import CheckState
from parley.crisis.checks.matter import CheckMatter
from parley.crisis.checks.repository import CheckRow
from parley.crisis.checks.schedule import SEND_MS
from parley.crisis.checks.service import LineKept
from parley.crisis.checks.suspension import PartyStanding
from parley.ids import PartyId
from parley.record.entry import Precedence
from parley.record.line_terms import CheckProfile, LineTerms

Name = Callable[[PartyId], str | None]


class PassageView(msgspec.Struct, frozen=True):
    """What is read in a check, in one language."""

    language: str
    text: str


class CheckBreachView(msgspec.Struct, frozen=True):
    """An entry about a check that has no effect."""

    entry: str
    is_ours: bool
    what: str


class CheckView(msgspec.Struct, frozen=True):
    """One line check."""

    name: str
    hash: str | None
    is_scheduled: bool
    is_exercise: bool
    is_ours: bool
    """Whether it is ours to begin."""
    due_at: str
    state: str
    turn: str
    """Who is waited for: us, them or nobody."""
    may: tuple[str, ...]
    """What a duty officer here can do: send, type, confirm, decline."""
    limit_at: str | None
    """Until when, by our clock."""
    passage: tuple[PassageView, ...]
    code: str | None
    """Shown to those who type it back, and to those who sent it."""
    cause: str | None
    silent: str | None
    """Who fell silent, if it was missed: us or them."""
    proved: str | None
    """The last thing proved of whoever fell silent."""
    proved_at: str | None
    words: str | None
    ended_at: str | None
    breaches: tuple[CheckBreachView, ...]


class NextCheckView(msgspec.Struct, frozen=True):
    """When a check is due, and whose turn it is to begin."""

    due_at: str
    is_ours: bool


class StandingView(msgspec.Struct, frozen=True):
    """What one party has written about a line."""

    is_ours: bool
    standing: str
    from_at: str | None
    reason: str | None
    alerts: str | None
    """Which alerts are still accepted: none, flash or all."""
    has_checks: bool | None
    waits_for_second: bool
    asked_by_me: bool
    """Whether the asking person is the first of the two."""


class SiteView(msgspec.Struct, frozen=True):
    """What was last heard from the other party's site."""

    has_edge: bool
    edge_at: str | None
    node_at: str | None


class CheckNoticeView(msgspec.Struct, frozen=True):
    """Two checks in a row were missed."""

    name: str
    made_at: str


class CheckLineView(msgspec.Struct, frozen=True):
    """The checks of one line."""

    space: str
    party: str
    party_id: str
    profile: str
    next: tuple[NextCheckView, ...]
    now: CheckView | None
    """The check that is under way."""
    history: tuple[CheckView, ...]
    """The newest first."""
    site: SiteView
    standings: tuple[StandingView, ...]
    notices: tuple[CheckNoticeView, ...]


class LimitsView(msgspec.Struct, frozen=True):
    """How long the steps of an alert may take, in seconds."""

    precedence: str
    target_s: int
    limit_s: int
    answer_s: int


class MorningView(msgspec.Struct, frozen=True):
    """A party's business mornings: when a routine alert to it must be acknowledged."""

    party: str
    """Its id."""
    zone: str
    days: tuple[int, ...]
    """1 Monday to 7 Sunday."""
    at: str
    """On its wall clock, HH:MM."""
    holidays: tuple[str, ...]
    """Dates, YYYY-MM-DD."""


class LineTermsView(msgspec.Struct, frozen=True):
    """The terms of a line's agreement."""

    limits: tuple[LimitsView, ...]
    call_hours: int
    clarification_hours: int
    checks: str
    civil_hours: tuple[int, ...]
    levels: tuple[str, ...]
    languages: tuple[str, ...]
    types: tuple[str, ...]
    suspended_alerts: str
    shares_escalation: bool
    account_days: int
    readout_hours: int
    code_minutes: int
    shares_acknowledgements: bool
    mornings: tuple[MorningView, ...]


def line_view(kept: LineKept, own: PartyId, name: Name, actor: bytes | None) -> CheckLineView:
    """Return the checks of a line as shown at our end.

    Args:
        kept: what is known.
        own: our party.
        name: what a party is called here.
        actor: pseudonym of the asking person, if a person asks.
    """
    shown = tuple(check_view(row, matter, own) for row, matter in kept.checks)
    profile = CheckProfile(kept.terms.checks).name.lower()
    return CheckLineView(
        kept.space.text,
        name(kept.other) or kept.other.text,
        kept.other.text,
        profile,
        tuple(NextCheckView(_stamp(at), party == own) for at, party in kept.next_due),
        next((each for each in shown if each.turn != "nobody"), None),
        shown,
        SiteView(kept.site.has_edge, _maybe(kept.site.edge_ms), _maybe(kept.site.node_ms)),
        tuple(_standing(each, own, actor) for each in kept.standings),
        tuple(CheckNoticeView(each, at.format_iso()) for each, at in kept.notices),
    )


def check_view(row: CheckRow, matter: CheckMatter | None, own: PartyId) -> CheckView:
    """Return one check as shown at our end."""
    is_open = row.state not in {CheckState.CONFIRMED, CheckState.MISSED}
    awaited = row.starter if matter is None else matter.awaited
    turn = ("us" if awaited == own else "them") if is_open else "nobody"
    found = row.found
    limit_ms = row.due_ms + SEND_MS if matter is None else matter.limit_ms(own)
    return CheckView(
        name=row.name,
        hash=None if row.hash is None else row.hash.hex(),
        is_scheduled=row.is_scheduled,
        is_exercise=matter is not None and matter.sent.is_exercise,
        is_ours=row.starter == own,
        due_at=_stamp(row.due_ms),
        state=row.state.value,
        turn=turn,
        may=_may(row.state) if turn == "us" else (),
        limit_at=_stamp(limit_ms) if is_open else None,
        passage=()
        if matter is None
        else tuple(PassageView(language, text) for language, text in matter.sent.passage),
        code=None if matter is None else matter.sent.code,
        cause=None if found is None else found.cause.value,
        silent=None if row.silent is None else ("us" if row.silent == own else "them"),
        proved=None if found is None else found.proved.value,
        proved_at=None if found is None else _maybe(found.proved_ms),
        words=None if matter is None else matter.words,
        ended_at=_maybe(row.ended_ms),
        breaches=()
        if matter is None
        else tuple(
            CheckBreachView(each.hash.hex(), each.author == own, each.what)
            for each in matter.breaches
        ),
    )


def terms_view(terms: LineTerms) -> LineTermsView:
    """Return the terms of an agreement as shown."""
    return LineTermsView(
        limits=tuple(
            LimitsView(precedence.name.lower(), each.target_s, each.limit_s, each.answer_s)
            for precedence, each in sorted(terms.limits.items(), key=_urgent_first)
        ),
        call_hours=terms.call_hours,
        clarification_hours=terms.clarification_hours,
        checks=terms.checks.name.lower(),
        civil_hours=terms.civil_hours,
        levels=terms.levels,
        languages=terms.languages,
        types=terms.types,
        suspended_alerts=terms.suspended_alerts.name.lower(),
        shares_escalation=terms.shares_escalation,
        account_days=terms.account_days,
        readout_hours=terms.readout_hours,
        code_minutes=terms.code_minutes,
        shares_acknowledgements=terms.shares_acknowledgements,
        mornings=tuple(
            MorningView(
                party.text,
                each.zone,
                each.days,
                "{:02d}:{:02d}".format(*divmod(each.morning_minute, 60)),
                each.holidays,
            )
            for party, each in terms.mornings
        ),
    )


_ORDER = [Precedence.FLASH, Precedence.IMMEDIATE, Precedence.PRIORITY, Precedence.ROUTINE]


def _urgent_first(item: tuple[Precedence, object]) -> int:
    return _ORDER.index(item[0])


def _may(state: CheckState) -> tuple[str, ...]:
    act = {
        CheckState.DUE: "send",
        CheckState.SENT: "type",
        CheckState.RETURNED: "confirm",
    }.get(state)
    return () if act is None else (act, "decline")


def _standing(each: PartyStanding, own: PartyId, actor: bytes | None) -> StandingView:
    said, words = each.suspended, each.words
    is_over = each.standing in {"ending", "ended", "resuming"} and words is not None
    from_ms = words.from_ms if is_over and words else (said.from_ms if said else None)
    reason = words.reason if is_over and words else (said.reason if said else None)
    return StandingView(
        is_ours=each.party == own,
        standing=each.standing.value,
        from_at=_maybe(from_ms),
        reason=reason,
        alerts=None if said is None else said.alerts.name.lower(),
        has_checks=None if said is None else said.has_checks,
        waits_for_second=each.asked is not None,
        asked_by_me=each.asked_by is not None and each.asked_by == actor,
    )


def _maybe(at_ms: int | None) -> str | None:
    return None if at_ms is None else _stamp(at_ms)


def _stamp(at_ms: int) -> str:
    return from_milliseconds(at_ms).format_iso()
