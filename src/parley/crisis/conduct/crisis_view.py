"""Crises as people and programs are shown them: both sides' own words beside each other.

Hashes are hexadecimal, instants ISO 8601 in UTC; whose clock an instant is by follows from whose
entry it is.
"""

from collections.abc import Iterable, Sequence

import msgspec

from parley.clock import from_milliseconds
from parley.crisis.assessment.matter import Assessment
from parley.crisis.conduct.repository import CrisisFound
from parley.crisis.crises.effects import CHECK_MINUTES
from parley.crisis.crises.fields import Texts
from parley.crisis.crises.matter import Crisis, FactMade, Side, StatementMade
from parley.crisis.matter import Breach
from parley.crisis.view import AlertBreachView, Name, TextView
from parley.ids import PartyId


class CrisisPartyView(msgspec.Struct, frozen=True):
    """A party of a line."""

    id: str
    name: str | None
    is_ours: bool


class SideView(msgspec.Struct, frozen=True):
    """One party's side: its own title, grade and start."""

    party: str
    state: str
    """not_open, open or closed."""
    title: tuple[TextView, ...]
    grade: str | None
    start: str | None
    opened_at: str | None
    closed_at: str | None
    words: str | None
    openings: int


class StatementView(msgspec.Struct, frozen=True):
    """A claim, a request or an offer."""

    hash: str
    party: str
    kind: str
    texts: tuple[TextView, ...]
    at: str
    came_at: str
    state: str
    disputes: str | None
    disputed_by: tuple[str, ...]
    reply: str | None
    reply_words: str | None
    is_quotable: bool


class FactView(msgspec.Struct, frozen=True):
    """A fact, and who has signed it."""

    hash: str
    """Of the body that both sign."""
    texts: tuple[TextView, ...]
    state: str
    claim: str | None
    signed: tuple[tuple[str, str, str], ...]
    """Party, entry and instant of each signature."""
    is_quotable: bool


class LinkedView(msgspec.Struct, frozen=True):
    """An entry that belongs to a crisis."""

    hash: str
    party: str
    at: str
    words: str | None


class CrisisView(msgspec.Struct, frozen=True):
    """A crisis as both sides hold it."""

    hash: str
    space: str
    thread: str
    number: str
    """The opener's year and number, both sides' alike."""
    opener: str
    parties: tuple[CrisisPartyView, ...]
    sides: tuple[SideView, ...]
    """Ours first."""
    is_open: bool
    is_exercise: bool
    reaches_principals: bool
    statements: tuple[StatementView, ...]
    facts: tuple[FactView, ...]
    linked: tuple[LinkedView, ...]
    breaches: tuple[AlertBreachView, ...]
    last_at: str
    quiet_since: str | None
    """When we were last reminded that nothing was said, if nothing was since."""
    room: str | None
    check_minutes: int | None
    """Minutes between line checks that our side asks for."""
    state: str | None
    """The assessment's, once a side has closed."""


class CrisisSummaryView(msgspec.Struct, frozen=True):
    """A crisis in a list."""

    hash: str
    space: str
    number: str
    opener: str
    parties: tuple[CrisisPartyView, ...]
    sides: tuple[SideView, ...]
    is_open: bool
    is_exercise: bool
    last_at: str
    state: str | None
    breaches: int


def crisis_view(
    found: CrisisFound, own: PartyId, name: Name, quiet_ms: int | None, room: str | None
) -> CrisisView:
    """Return a crisis as shown to a party's people."""
    crisis = found.crisis
    assessment: Assessment | None = found.assessment
    return CrisisView(
        hash=crisis.hash.hex(),
        space=crisis.space.text,
        thread=crisis.thread.text,
        number=number_of(crisis),
        opener=crisis.opener.text,
        parties=parties_of(crisis, own, name),
        sides=sides_of(crisis, own),
        is_open=crisis.is_open,
        is_exercise=crisis.is_exercise,
        reaches_principals=crisis.reaches_principals,
        statements=tuple(map(_statement, crisis.statements)),
        facts=tuple(map(_fact, crisis.facts)),
        linked=tuple(
            LinkedView(each.hash.hex(), each.by.text, instant(each.at_ms), each.words)
            for each in crisis.linked
        ),
        breaches=breaches_of(crisis.breaches),
        last_at=instant(crisis.last_ms),
        quiet_since=None if quiet_ms is None else instant(quiet_ms),
        room=room,
        check_minutes=CHECK_MINUTES if own in crisis.open_by else None,
        state=None if assessment is None else assessment.state.value,
    )


def summary_view(found: CrisisFound, own: PartyId, name: Name) -> CrisisSummaryView:
    """Return a crisis as a list shows it."""
    crisis, assessment = found.crisis, found.assessment
    return CrisisSummaryView(
        crisis.hash.hex(),
        crisis.space.text,
        number_of(crisis),
        crisis.opener.text,
        parties_of(crisis, own, name),
        sides_of(crisis, own),
        crisis.is_open,
        crisis.is_exercise,
        instant(crisis.last_ms),
        None if assessment is None else assessment.state.value,
        len(crisis.breaches) + (0 if assessment is None else len(assessment.breaches)),
    )


def number_of(crisis: Crisis) -> str:
    """Return a crisis's number as it is written."""
    return f"{crisis.year}/{crisis.number}"


def parties_of(crisis: Crisis, own: PartyId, name: Name) -> tuple[CrisisPartyView, ...]:
    """Return both parties, ours first."""
    return tuple(
        CrisisPartyView(each.text, name(each), each == own) for each in _own_first(crisis, own)
    )


def sides_of(crisis: Crisis, own: PartyId) -> tuple[SideView, ...]:
    """Return both sides, ours first."""
    return tuple(_side(each, crisis.sides[each]) for each in _own_first(crisis, own))


def texts_view(texts: Texts) -> tuple[TextView, ...]:
    """Return a text in its languages."""
    return tuple(TextView(language, text) for language, text in texts)


def breaches_of(breaches: Iterable[Breach]) -> tuple[AlertBreachView, ...]:
    """Return what is wrong about entries."""
    return tuple(
        AlertBreachView(each.hash.hex(), each.author.text, each.kind.value, each.what)
        for each in breaches
    )


def instant(at_ms: int) -> str:
    """Return milliseconds since 1970 UTC as text."""
    return from_milliseconds(at_ms).format_iso()


def maybe(at_ms: int | None) -> str | None:
    """Return milliseconds since 1970 UTC as text, None for none."""
    return None if at_ms is None else instant(at_ms)


def _own_first(crisis: Crisis, own: PartyId) -> Sequence[PartyId]:
    return sorted(crisis.members, key=lambda each: (each != own, each))


def _side(party: PartyId, side: Side) -> SideView:
    opening = side.opening
    return SideView(
        party.text,
        side.state.value,
        () if opening is None else texts_view(opening.title),
        None if opening is None else opening.grade,
        None if opening is None else instant(opening.start_ms),
        maybe(side.opened_ms),
        maybe(side.closed_ms),
        side.words,
        side.openings,
    )


def _statement(made: StatementMade) -> StatementView:
    said, reply = made.said, made.reply
    return StatementView(
        made.hash.hex(),
        made.author.text,
        said.kind.name.lower(),
        texts_view(said.texts),
        instant(made.at_ms),
        instant(made.came_ms),
        made.state.value,
        None if said.disputes is None else said.disputes.hex(),
        tuple(each.hex() for each in made.disputed_by),
        None if reply is None else reply.kind.name.lower(),
        None if reply is None else reply.words,
        said.is_quotable,
    )


def _fact(made: FactMade) -> FactView:
    return FactView(
        made.body_hash.hex(),
        texts_view(made.said.texts),
        made.state.value,
        None if made.said.claim is None else made.said.claim.hex(),
        tuple(
            (party.text, digest.hex(), instant(at_ms))
            for party, (digest, at_ms) in made.signed.items()
        ),
        made.said.is_quotable,
    )
