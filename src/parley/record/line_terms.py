"""The terms in a line's agreement that nodes act on: limits, checks, languages, suspension. A core.

An agreement has words for people and, beside them in the same signed body, these terms for the two
nodes. Where a line has no agreement, or one without terms, the defaults hold at both ends.
``protocol/checks.md`` says how they are written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from parley.errors import EntryMalformed, TermsRefused
from parley.ids import PartyId
from parley.record.business import (
    BusinessCalendar,
    calendar_value,
    check_calendar,
    read_calendar,
)
from parley.record.cbor import Value
from parley.record.entry import Precedence

MINUTE_S: Final = 60
HOUR_S: Final = 3_600
LIMIT_S_MAX: Final = 30 * 24 * HOUR_S
"""A longer limit is none."""
HOURS_MAX: Final = 720
ACCOUNT_DAYS_MAX: Final = 365
CODE_MINUTES_MAX: Final = 60
"""To type a code back. More: a check is not over when the hour's next one is due."""
LIST_MAX: Final = 32
PARTIES_MAX: Final = 2
"""Of a line."""
WORD_CHARACTERS_MAX: Final = 80
CIVIL_CHECKS: Final = 2
DAY_HOURS: Final = 24


class CheckProfile(IntEnum):
    """How often people check a line."""

    OFF = 0
    """Never by schedule."""
    CIVIL = 1
    """Twice a day, each party once."""
    WATCH = 2
    """Hourly, the parties in turn."""


class SuspendedAlerts(IntEnum):
    """Which alerts a party still accepts on a line it has suspended."""

    NONE = 0
    FLASH = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class PrecedenceTerms:
    """How long the steps of an alert may take, in seconds."""

    target_s: int
    limit_s: int
    answer_s: int


DEFAULT_LIMITS: Final[Mapping[Precedence, PrecedenceTerms]] = {
    Precedence.FLASH: PrecedenceTerms(2 * MINUTE_S, 10 * MINUTE_S, 30 * MINUTE_S),
    Precedence.IMMEDIATE: PrecedenceTerms(10 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S),
    Precedence.PRIORITY: PrecedenceTerms(1 * HOUR_S, 3 * HOUR_S, 24 * HOUR_S),
    Precedence.ROUTINE: PrecedenceTerms(6 * HOUR_S, 24 * HOUR_S, 72 * HOUR_S),
}
CIVIL_HOURS: Final = (6, 17)
"""Hours of UTC, one even and one odd, so that each party starts one of the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """What the nodes of a line go by."""

    limits: Mapping[Precedence, PrecedenceTerms]
    call_hours: int = 48
    """To answer a call request."""
    clarification_hours: int = 48
    """To clarify a notification that was queried."""
    checks: CheckProfile = CheckProfile.CIVIL
    civil_hours: tuple[int, ...] = CIVIL_HOURS
    """Hours of UTC of the two checks of a day."""
    levels: tuple[str, ...] = ("watch", "director", "commander", "minister", "head")
    languages: tuple[str, ...] = ()
    """Of texts on the line; none: those of the two parties' cards."""
    types: tuple[str, ...] = ()
    """Ids of the types of notification in use; none: each as it is agreed by itself."""
    suspended_alerts: SuspendedAlerts = SuspendedAlerts.FLASH
    """What a suspension leaves, unless it says otherwise."""
    shares_escalation: bool = False
    """Whether a party is told which step of the other's escalation is reached."""
    account_days: int = 14
    """From the first closing of a crisis until a side that sealed alone may decide."""
    readout_hours: int = 0
    """That the other party has a readout before it is public; 0: it need not."""
    code_minutes: int = 10
    """To type the code of a line check back; five more to confirm it."""
    shares_acknowledgements: bool = False
    """Whether others whom an alert went to are told that a party acknowledged it."""
    mornings: tuple[tuple[PartyId, BusinessCalendar], ...] = ()
    """By whose next business morning a routine alert to them must be acknowledged, by party."""

    def morning_of(self, party: PartyId) -> BusinessCalendar | None:
        """Return the calendar of a party, None where its limit is so many seconds."""
        return dict(self.mornings).get(party)


DEFAULT_TERMS: Final = LineTerms(limits=DEFAULT_LIMITS)
_TERMS: Final = 10
_NUMBERS: Final = ("account_days", "readout_hours", "code_minutes")
_LATER_TERMS: Final = (*_NUMBERS, "shares_acknowledgements", "mornings")
"""After the first ten, in the order in which they came. They end where the rest is as by default:
an agreement that changes none of them has the bytes that every version of this software reads."""
_LATER_ENDS: Final = (0, len(_NUMBERS), len(_NUMBERS) + 1, len(_LATER_TERMS))
"""How many of them there may be: what came together is written together."""


def terms_value(terms: LineTerms) -> Value:
    """Return terms as they stand in an agreement's body.

    Raises:
        TermsRefused: one of them cannot be.
    """
    _check(terms)
    limits: list[Value] = [
        [each.target_s, each.limit_s, each.answer_s]
        for each in (terms.limits[precedence] for precedence in _ORDER)
    ]
    later, usual = _later_values(terms), _later_values(DEFAULT_TERMS)
    end = next(each for each in _LATER_ENDS if later[each:] == usual[each:])
    return [
        limits,
        terms.call_hours,
        terms.clarification_hours,
        int(terms.checks),
        [*terms.civil_hours],
        [*terms.levels],
        [*terms.languages],
        [*terms.types],
        int(terms.suspended_alerts),
        terms.shares_escalation,
        *later[:end],
    ]


def read_terms(value: Value) -> LineTerms:
    """Return the terms of an agreement's body.

    Raises:
        EntryMalformed: they are not of the form, or one of them cannot be.
    """
    try:
        return _read(value)
    except (TermsRefused, ValueError, TypeError, KeyError) as error:
        raise EntryMalformed(field="terms") from error


def changed_terms(before: LineTerms, after: LineTerms) -> tuple[str, ...]:
    """Return the names of the terms that differ, limits by precedence."""
    names = [
        f"limits.{each.name.lower()}"
        for each in _ORDER
        if before.limits[each] != after.limits[each]
    ]
    plain = (
        "call_hours",
        "clarification_hours",
        "checks",
        "civil_hours",
        "levels",
        "languages",
        "types",
        "suspended_alerts",
        "shares_escalation",
        *_LATER_TERMS,
    )
    names += [name for name in plain if getattr(before, name) != getattr(after, name)]
    return tuple(names)


_ORDER: Final = (
    Precedence.FLASH,
    Precedence.IMMEDIATE,
    Precedence.PRIORITY,
    Precedence.ROUTINE,
)


def _read(value: Value) -> LineTerms:
    if not isinstance(value, list):
        raise TypeError
    first, later = value[:_TERMS], value[_TERMS:]
    limits, call, clarification, checks, hours, levels, languages, types, alerts, shares = first
    if not isinstance(limits, list) or len(limits) != len(_ORDER):
        raise TypeError
    read = LineTerms(
        limits=dict(zip(_ORDER, map(_limits, limits), strict=True)),
        call_hours=_whole(call),
        clarification_hours=_whole(clarification),
        checks=CheckProfile(_whole(checks)),
        civil_hours=tuple(map(_whole, _listed(hours))),
        levels=tuple(map(_word, _listed(levels))),
        languages=tuple(map(_word, _listed(languages))),
        types=tuple(map(_word, _listed(types))),
        suspended_alerts=SuspendedAlerts(_whole(alerts)),
        shares_escalation=_flag(shares),
    )
    read = _with_later(read, later)
    _check(read)
    return read


def _with_later(terms: LineTerms, later: list[Value]) -> LineTerms:
    """Return terms with those after the first ten, as many as are there."""
    if len(later) not in _LATER_ENDS:
        raise ValueError
    if not later:
        return terms
    days, hours, minutes, *rest = later
    terms = replace(
        terms,
        account_days=_whole(days),
        readout_hours=_whole(hours),
        code_minutes=_whole(minutes),
    )
    if not rest:
        return terms
    shares, *mornings = rest
    read = tuple(map(_morning, _listed(mornings[0]))) if mornings else ()
    return replace(terms, shares_acknowledgements=_flag(shares), mornings=read)


def _later_values(terms: LineTerms) -> list[Value]:
    """Return all the later terms as they are written."""
    mornings: list[Value] = [
        [bytes(party), *calendar_value(calendar)] for party, calendar in terms.mornings
    ]
    numbers = (terms.account_days, terms.readout_hours, terms.code_minutes)
    return [*numbers, terms.shares_acknowledgements, mornings]


def _morning(value: Value) -> tuple[PartyId, BusinessCalendar]:
    party, *calendar = _listed(value)
    if not isinstance(party, bytes):
        raise TypeError
    return PartyId(party), read_calendar(calendar)


def _limits(value: Value) -> PrecedenceTerms:
    target_s, limit_s, answer_s = map(_whole, _listed(value))
    return PrecedenceTerms(target_s, limit_s, answer_s)


def _check(terms: LineTerms) -> None:
    for precedence in _ORDER:
        each = terms.limits[precedence]
        if not 0 < each.target_s <= each.limit_s <= LIMIT_S_MAX or not (
            0 < each.answer_s <= LIMIT_S_MAX
        ):
            raise TermsRefused(term=f"limits.{precedence.name.lower()}")
    for name in ("call_hours", "clarification_hours"):
        if not 0 < getattr(terms, name) <= HOURS_MAX:
            raise TermsRefused(term=name)
    bounds = ((1, ACCOUNT_DAYS_MAX), (0, HOURS_MAX), (1, CODE_MINUTES_MAX))
    for name, (least, most) in zip(_NUMBERS, bounds, strict=True):
        if not least <= getattr(terms, name) <= most:
            raise TermsRefused(term=name)
    hours = terms.civil_hours
    parities = sorted(hour % 2 for hour in hours)
    # One even hour and one odd: each party starts one check of the day.
    if parities != [0, 1] or not all(0 <= hour < DAY_HOURS for hour in hours):
        raise TermsRefused(term="civil_hours")
    _check_mornings(terms.mornings)
    for name in ("levels", "languages", "types"):
        _check_words(name, getattr(terms, name))


def _check_mornings(mornings: tuple[tuple[PartyId, BusinessCalendar], ...]) -> None:
    parties = [party for party, _ in mornings]
    if parties != sorted(set(parties)) or len(parties) > PARTIES_MAX:
        raise TermsRefused(term="mornings")
    for _, calendar in mornings:
        check_calendar(calendar)


def _check_words(name: str, words: Iterable[str]) -> None:
    listed = list(words)
    is_sound = all(0 < len(each) <= WORD_CHARACTERS_MAX and each.isprintable() for each in listed)
    if len(listed) > LIST_MAX or len(set(listed)) != len(listed) or not is_sound:
        raise TermsRefused(term=name)


def _whole(value: Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _flag(value: Value) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _listed(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _word(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
