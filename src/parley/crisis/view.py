"""Alerts as people and programs are shown them: what is proved, what is due, what is wrong.

Hashes are hexadecimal, instants ISO 8601 in UTC. A time by the other party's clock is marked where
its bound is not known or over two seconds.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from parley.clock import from_milliseconds
from parley.crisis.bodies import AlertBody, Texts
from parley.crisis.drafts import Draft
from parley.crisis.due import due_steps
from parley.crisis.matter import Alert
from parley.crisis.precedence import DEFAULT_LIMITS, Limits
from parley.crisis.saying import is_clock_doubtful, saying
from parley.ids import PartyId
from parley.record.entry import Precedence

Name = Callable[[PartyId], str | None]


class TextView(msgspec.Struct, frozen=True):
    """A text in one language."""

    language: str
    text: str


class SayingView(msgspec.Struct, frozen=True):
    """What may be said of an alert at this end, and whose turn it is."""

    sentence: str
    duty: str
    at: str | None
    is_clock_doubtful: bool
    capacity: str | None
    has_sound: bool | None


class DueView(msgspec.Struct, frozen=True):
    """By when something must have happened, by our clock."""

    limit: str
    due_at: str


class OverdueView(msgspec.Struct, frozen=True):
    """A limit that passed here."""

    step: str
    due_at: str


class AnswerView(msgspec.Struct, frozen=True):
    """One answer."""

    kind: str
    capacity: str
    words: str | None
    at: str
    until: str | None
    level: str | None
    is_confirmed: bool


class TranslationView(msgspec.Struct, frozen=True):
    """One translation, beside the alert's own words."""

    party: str
    language: str
    text: str | None


class AlertBreachView(msgspec.Struct, frozen=True):
    """Something wrong about an entry."""

    entry: str
    party: str
    kind: str
    what: str


class AlertView(msgspec.Struct, frozen=True):
    """One alert."""

    hash: str
    thread: str
    space: str
    is_ours: bool
    party: str
    """Name of the party at the other end."""
    party_id: str
    precedence: str
    written: str
    """The precedence its author gave it."""
    is_demoted: bool
    is_exercise: bool
    reaches_principals: bool
    is_signed: bool
    is_verified: bool
    level: str | None
    state: str
    standing: str
    texts: tuple[TextView, ...]
    translations: tuple[TranslationView, ...]
    recipients: tuple[str, ...]
    body_hash: str
    released_at: str
    started_at: str
    expires_at: str | None
    saying: SayingView
    due: tuple[DueView, ...]
    overdue: tuple[OverdueView, ...]
    answers: tuple[AnswerView, ...]
    supersedes: str | None
    superseded_by: str | None
    withdrawn_words: str | None
    breaches: tuple[AlertBreachView, ...]


class AlertDraftView(msgspec.Struct, frozen=True):
    """An alert that is being written."""

    id: str
    state: str
    precedence: str
    is_exercise: bool
    texts: tuple[TextView, ...]
    recipients: tuple[str, ...]
    drafter: str
    verifier: str | None
    changed_at: str


def alert_view(
    alert: Alert,
    own: PartyId,
    name: Name,
    now_ms: int,
    overdue: Sequence[tuple[str, int]] = (),
    limits: Mapping[Precedence, Limits] = DEFAULT_LIMITS,
) -> AlertView:
    """Return an alert as shown at our end."""
    is_ours = alert.author == own
    other = alert.other if is_ours else alert.author
    body = alert.body
    return AlertView(
        hash=alert.hash.hex(),
        thread=alert.thread.text,
        space=alert.space.text,
        is_ours=is_ours,
        party=name(other) or other.text,
        party_id=other.text,
        precedence=alert.precedence.name.lower(),
        written=(body.demoted_from or alert.written).name.lower(),
        is_demoted=alert.is_demoted,
        is_exercise=body.is_exercise,
        reaches_principals=alert.may_reach_principals,
        is_signed=alert.is_signed,
        is_verified=body.verifier is not None and body.verifier != body.drafter,
        level=None if body.level is None else body.level.value,
        state=alert.state.value,
        standing=alert.standing_at(now_ms).value,
        texts=_texts(body.texts),
        translations=tuple(
            TranslationView(each.author.text, each.said.language, each.said.text)
            for each in alert.translations
        ),
        recipients=_recipients(body),
        body_hash=alert.body_hash.hex(),
        released_at=_stamp(alert.released_ms),
        started_at=_stamp(alert.started_ms),
        expires_at=None if alert.expires_ms is None else _stamp(alert.expires_ms),
        saying=_saying(alert, own),
        due=tuple(
            DueView(step.limit.value, _stamp(step.due_ms)) for step in due_steps(alert, limits)
        ),
        overdue=tuple(OverdueView(step, _stamp(at_ms)) for step, at_ms in overdue),
        answers=_answers(alert),
        supersedes=None if body.supersedes is None else body.supersedes.hex(),
        superseded_by=None if alert.superseded_by is None else alert.superseded_by.hex(),
        withdrawn_words=None if alert.withdrawal is None else alert.withdrawal.words,
        breaches=tuple(
            AlertBreachView(each.hash.hex(), each.author.text, each.kind.value, each.what)
            for each in alert.breaches
        ),
    )


def draft_view(draft: Draft) -> AlertDraftView:
    """Return a draft as shown."""
    return AlertDraftView(
        draft.id.text,
        draft.state.value,
        draft.precedence.name.lower(),
        draft.body.is_exercise,
        _texts(draft.body.texts),
        _recipients(draft.body),
        draft.drafter.text,
        None if draft.verifier is None else draft.verifier.text,
        draft.changed_at.format_iso(),
    )


def _saying(alert: Alert, own: PartyId) -> SayingView:
    said = saying(alert, own)
    return SayingView(
        said.sentence.value,
        said.duty.value,
        None if said.at_ms is None else _stamp(said.at_ms),
        is_clock_doubtful(alert.body.clock_bound_ms),
        None if said.capacity is None else said.capacity.value,
        said.has_sound,
    )


def _answers(alert: Alert) -> tuple[AnswerView, ...]:
    return tuple(
        AnswerView(
            each.said.kind.name.lower(),
            each.said.capacity.value,
            each.said.words,
            _stamp(each.at_ms),
            None if each.said.at_ms is None else _stamp(each.said.at_ms),
            None if each.said.level is None else each.said.level.value,
            each.hash in alert.confirmed,
        )
        for each in alert.answers
    )


def _texts(texts: Texts) -> tuple[TextView, ...]:
    return tuple(TextView(language, text) for language, text in texts)


def _recipients(body: AlertBody) -> tuple[str, ...]:
    return tuple(party.text for party in body.parties)


def _stamp(at_ms: int) -> str:
    return from_milliseconds(at_ms).format_iso()
