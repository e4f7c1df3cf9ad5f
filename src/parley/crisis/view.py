"""Alerts as people and programs are shown them: what is proved, what is due, what is wrong.

Hashes are hexadecimal, instants ISO 8601 in UTC. A time by the other party's clock is marked where
its bound is not known or over two seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from parley.clock import from_milliseconds
from parley.crisis.alert import ParaphraseState
from parley.crisis.bodies import AlertBody, Texts, alert_body
from parley.crisis.drafts import Draft
from parley.crisis.due import due_elsewhere, due_steps
from parley.crisis.guards import HOLDS_MAX
from parley.crisis.matter import Alert, ClosingGiven, ParaphraseGiven, ParaphraseWordGiven
from parley.crisis.precedence import DEFAULT_LIMITS, BothLimits
from parley.crisis.saying import is_clock_doubtful, saying
from parley.crisis.shared_steps import SharedStep
from parley.crisis.told_rows import AcknowledgementShown
from parley.ids import PartyId, PersonId
from parley.record.cbor import encode
from parley.record.entry import body_hash

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
    bound_ms: int | None = None
    """How far the clock that ``at`` is by may have been off; null if nobody says."""


class DueView(msgspec.Struct, frozen=True):
    """By when something must have happened."""

    limit: str
    due_at: str
    """By our clock."""
    theirs_at: str | None = None
    """By the other party's, as far as its own event is proved here."""


class OverdueView(msgspec.Struct, frozen=True):
    """A limit that passed here."""

    step: str
    due_at: str


class PresentationView(msgspec.Struct, frozen=True):
    """A desk of the other party, or of ours, that showed it."""

    desk: str
    has_sound: bool
    at: str


class AcknowledgementView(msgspec.Struct, frozen=True):
    """One person's word that it was read."""

    capacity: str
    language: str
    sentences: tuple[TextView, ...]
    at: str
    is_confirmed: bool


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


class ParaphraseWordView(msgspec.Struct, frozen=True):
    """The author's word on a paraphrase."""

    kind: str
    """``confirmed`` or ``corrected``."""
    correction: TextView | None
    capacity: str
    at: str
    has_arrived: bool


class ParaphraseView(msgspec.Struct, frozen=True):
    """How the party an alert went to understood it."""

    hash: str
    language: str
    text: str
    capacity: str
    at: str
    has_arrived: bool
    """Whether the alert's author is proved to have it."""
    word: ParaphraseWordView | None
    """None as long as it waits for one."""


class ClosingView(msgspec.Struct, frozen=True):
    """A party's word that it is done with an alert."""

    party: str
    """Its id."""
    words: str | None
    at: str
    """By that party's clock."""
    arrived_at: str | None
    """Since when the other end has it, by that end's clock; null as long as nothing proves it."""


class AlertBreachView(msgspec.Struct, frozen=True):
    """Something wrong about an entry."""

    entry: str
    party: str
    kind: str
    what: str


class StepToldView(msgspec.Struct, frozen=True):
    """A step of an escalation that its party told of."""

    is_ours: bool
    number: int
    reached_at: str
    """By that party's clock."""


class AcknowledgementToldView(msgspec.Struct, frozen=True):
    """That another party acknowledged the alert it went to too, as the alert's author told."""

    party: str
    """Its name here, or its id where we have no line with it."""
    party_id: str
    capacity: str
    language: str
    at: str
    """By that party's clock."""


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
    is_quotable: bool = False
    attachment: str | None = None
    received_at: str | None = None
    """Since when the other party has it, by its clock, as its receipt says."""
    received_bound_ms: int | None = None
    released_bound_ms: int | None = None
    """How far its author's clock may have been off at the release; null if it does not say."""
    presented: tuple[PresentationView, ...] = ()
    acknowledgements: tuple[AcknowledgementView, ...] = ()
    paraphrases: tuple[ParaphraseView, ...] = ()
    paraphrase_state: str = ParaphraseState.UNSAID.value
    closings: tuple[ClosingView, ...] = ()
    holds_left: int = 0
    steps: tuple[StepToldView, ...] = ()
    """Steps of escalations that a party told the other of, as the line's terms share them."""
    told: tuple[AcknowledgementToldView, ...] = ()
    """Acknowledgements by other recipients, as the line's terms share them, each proved."""


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
    reaches_principals: bool = False
    is_quotable: bool = False
    level: str | None = None
    supersedes: str | None = None
    attachment: str | None = None
    stands_s: int | None = None
    body_hash: str = ""
    """Of the bytes that would be released now: the same for every party it goes to."""
    drafter_name: str | None = None
    verifier_name: str | None = None
    released_to: tuple[str, ...] = ()
    """Parties it was released to already."""


@dataclass(frozen=True, slots=True)
class OwnClock:
    """What is known of our own clock."""

    now_ms: int
    bound_ms: int | None = None


def alert_view(
    alert: Alert,
    own: PartyId,
    name: Name,
    clock: OwnClock,
    overdue: Sequence[tuple[str, int]] = (),
    limits: BothLimits = (DEFAULT_LIMITS, DEFAULT_LIMITS),
    steps: Sequence[SharedStep] = (),
    told: Sequence[AcknowledgementShown] = (),
) -> AlertView:
    """Return an alert as shown at our end; ``limits`` are ours, then those of the other end."""
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
        standing=alert.standing_at(clock.now_ms).value,
        texts=_texts(body.texts),
        translations=tuple(
            TranslationView(each.author.text, each.said.language, each.said.text)
            for each in alert.translations
        ),
        recipients=_recipients(body),
        body_hash=alert.body_hash.hex(),
        released_at=_stamp(alert.released_ms),
        started_at=_stamp(alert.started_ms),
        expires_at=_maybe_stamp(alert.expires_ms),
        saying=_saying(alert, own, clock),
        due=_due(alert, own, limits),
        overdue=tuple(OverdueView(step, _stamp(at_ms)) for step, at_ms in overdue),
        answers=_answers(alert),
        supersedes=None if body.supersedes is None else body.supersedes.hex(),
        superseded_by=None if alert.superseded_by is None else alert.superseded_by.hex(),
        withdrawn_words=None if alert.withdrawal is None else alert.withdrawal.words,
        breaches=tuple(
            AlertBreachView(each.hash.hex(), each.author.text, each.kind.value, each.what)
            for each in alert.breaches
        ),
        is_quotable=body.is_quotable,
        attachment=None if body.attachment is None else body.attachment.hex(),
        received_at=_maybe_stamp(alert.received_ms),
        received_bound_ms=alert.received_bound_ms,
        released_bound_ms=body.clock_bound_ms,
        presented=tuple(
            PresentationView(shown.desk, shown.has_sound, _stamp(at_ms))
            for shown, at_ms in alert.presented
        ),
        acknowledgements=_acknowledgements(alert),
        paraphrases=tuple(_paraphrase(alert, each) for each in alert.paraphrases),
        paraphrase_state=alert.paraphrase_state.value,
        closings=tuple(_closing(alert, own, each) for each in alert.closings),
        holds_left=max(0, HOLDS_MAX - alert.holds),
        steps=tuple(
            StepToldView(each.author == own, each.number, _stamp(each.reached_ms)) for each in steps
        ),
        told=tuple(
            AcknowledgementToldView(
                name(each.party) or each.party.text,
                each.party.text,
                each.capacity,
                each.language,
                _stamp(each.at_ms),
            )
            for each in told
        ),
    )


def draft_view(
    draft: Draft,
    person: Callable[[PersonId], str | None] = lambda _: None,
    released_to: Sequence[PartyId] = (),
) -> AlertDraftView:
    """Return a draft as shown.

    Args:
        draft: what is being written.
        person: the name of one of our people.
        released_to: whom it went to already.
    """
    body = draft.body
    return AlertDraftView(
        draft.id.text,
        draft.state.value,
        draft.precedence.name.lower(),
        body.is_exercise,
        _texts(body.texts),
        _recipients(body),
        draft.drafter.text,
        None if draft.verifier is None else draft.verifier.text,
        draft.changed_at.format_iso(),
        reaches_principals=body.reaches_principals,
        is_quotable=body.is_quotable,
        level=None if body.level is None else body.level.value,
        supersedes=None if body.supersedes is None else body.supersedes.hex(),
        attachment=None if body.attachment is None else body.attachment.hex(),
        stands_s=None if draft.given_ms is None else draft.given_ms // 1_000,
        body_hash=body_hash(encode(alert_body(body))).hex(),
        drafter_name=person(draft.drafter),
        verifier_name=None if draft.verifier is None else person(draft.verifier),
        released_to=tuple(party.text for party in released_to),
    )


def _saying(alert: Alert, own: PartyId, clock: OwnClock) -> SayingView:
    said = saying(alert, own)
    # What the author says is by the other party's clock, what the other party says by its own.
    bound_ms = alert.received_bound_ms if alert.author == own else clock.bound_ms
    return SayingView(
        said.sentence.value,
        said.duty.value,
        _maybe_stamp(said.at_ms),
        is_clock_doubtful(bound_ms),
        None if said.capacity is None else said.capacity.value,
        said.has_sound,
        bound_ms,
    )


def _due(alert: Alert, own: PartyId, limits: BothLimits) -> tuple[DueView, ...]:
    theirs = due_elsewhere(alert, own, limits[1])
    return tuple(
        DueView(step.limit.value, _stamp(step.due_ms), _maybe_stamp(theirs.get(step.name)))
        for step in due_steps(alert, limits[0])
    )


def _acknowledgements(alert: Alert) -> tuple[AcknowledgementView, ...]:
    return tuple(
        AcknowledgementView(
            each.said.capacity.value,
            each.said.language,
            _texts(each.said.sentences),
            _stamp(each.at_ms),
            each.hash in alert.confirmed,
        )
        for each in alert.acknowledgements
    )


def _paraphrase(alert: Alert, each: ParaphraseGiven) -> ParaphraseView:
    said, word = each.said, each.word
    shown = None if word is None else _paraphrase_word(alert, word)
    is_there = each.hash in alert.confirmed
    return ParaphraseView(
        *(each.hash.hex(), said.language, said.text, said.capacity.value),
        *(_stamp(each.at_ms), is_there, shown),
    )


def _closing(alert: Alert, own: PartyId, each: ClosingGiven) -> ClosingView:
    arrived_ms = alert.arrived_ms(each.hash) if each.author == own else each.came_ms
    return ClosingView(
        each.author.text, each.said.words, _stamp(each.at_ms), _maybe_stamp(arrived_ms)
    )


def _paraphrase_word(alert: Alert, word: ParaphraseWordGiven) -> ParaphraseWordView:
    correction = word.said.correction
    state = ParaphraseState.CONFIRMED if correction is None else ParaphraseState.CORRECTED
    return ParaphraseWordView(
        state.value,
        None if correction is None else TextView(*correction),
        word.said.capacity.value,
        _stamp(word.at_ms),
        word.hash in alert.confirmed,
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


def _maybe_stamp(at_ms: int | None) -> str | None:
    return None if at_ms is None else _stamp(at_ms)


def _stamp(at_ms: int) -> str:
    return from_milliseconds(at_ms).format_iso()
