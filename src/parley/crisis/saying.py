"""What each end may say of an alert: what it holds an entry for, and nothing else. A core.

No common certainty exists between two ends of a line that can be cut, so a screen shows evidence.
The author may say what the other party's entries say. The other party may say what it did, and that
the author knows of it once the author's receipt for that is here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from parley.crisis.alert import AlertState, Standing, has_reached
from parley.crisis.bodies import AnswerKind
from parley.crisis.matter import Alert
from parley.crisis.offices import Capacity
from parley.ids import PartyId

CLOCK_BOUND_MS_MAX: Final = 2_000
"""A clock that may be off by more is shown with a question mark."""


class Sentence(StrEnum):
    """What may be said."""

    NOT_KNOWN_TO_HAVE_ARRIVED = "not_known_to_have_arrived"
    """Released; nothing proves that it arrived."""
    COSIGNED = "cosigned"
    """Their node cosigned our log up to it; it has sent no receipt."""
    ON_THEIR_DISK = "on_their_disk"
    ON_THEIR_DESK = "on_their_desk"
    READ_BY_THEM = "read_by_them"
    HELD_BY_THEM = "held_by_them"
    ANSWERED_BY_THEM = "answered_by_them"
    OURS_TO_READ = "ours_to_read"
    """It is theirs, and nobody of us has acknowledged it."""
    ACKNOWLEDGEMENT_SENT = "acknowledgement_sent"
    ACKNOWLEDGEMENT_CONFIRMED = "acknowledgement_confirmed"
    """Their node has our acknowledgement."""
    ANSWER_SENT = "answer_sent"
    ANSWER_CONFIRMED = "answer_confirmed"


class Duty(StrEnum):
    """Whose turn it is, as far as this end can know."""

    NOBODY = "nobody"
    THEIR_RECEIPT = "their_receipt"
    THEIR_ACKNOWLEDGEMENT = "their_acknowledgement"
    THEIR_ANSWER = "their_answer"
    OUR_ACKNOWLEDGEMENT = "our_acknowledgement"
    OUR_ANSWER = "our_answer"
    OUR_CLOSING = "our_closing"


@dataclass(frozen=True, slots=True)
class Saying:
    """What may be said of an alert at one end."""

    sentence: Sentence
    duty: Duty
    at_ms: int | None = None
    """When, by the clock of whoever did it."""
    capacity: Capacity | None = None
    """In which office the person acted."""
    has_sound: bool | None = None
    """Whether the desk it was shown on had its sound on."""


def saying(alert: Alert, own: PartyId, cosigned_ms: int | None = None) -> Saying:
    """Return what may be said of an alert at our end.

    Args:
        alert: what its entries come to here.
        own: our party.
        cosigned_ms: when the other party's mirror cosigned our log up to it, if it has.
    """
    return _author(alert, cosigned_ms) if alert.author == own else _addressee(alert)


def is_clock_doubtful(bound_ms: int | None) -> bool:
    """Say whether a time is to be shown with a question mark."""
    return bound_ms is None or bound_ms > CLOCK_BOUND_MS_MAX


def _author(alert: Alert, cosigned_ms: int | None) -> Saying:
    duty = _their_duty(alert)
    if has_reached(alert.state, AlertState.ACKNOWLEDGED) and alert.answers:
        last = alert.answers[-1]
        is_hold = last.said.kind is AnswerKind.HOLD
        sentence = Sentence.HELD_BY_THEM if is_hold else Sentence.ANSWERED_BY_THEM
        return Saying(sentence, duty, last.at_ms, last.said.capacity)
    if alert.acknowledgements:
        first = alert.acknowledgements[0]
        return Saying(Sentence.READ_BY_THEM, duty, first.at_ms, first.said.capacity)
    if alert.presented:
        shown, at_ms = alert.presented[0]
        has_sound = any(each.has_sound for each, _ in alert.presented)
        return Saying(Sentence.ON_THEIR_DESK, duty, at_ms, None, shown.has_sound or has_sound)
    if alert.received_ms is not None:
        return Saying(Sentence.ON_THEIR_DISK, duty, alert.received_ms)
    if cosigned_ms is not None:
        return Saying(Sentence.COSIGNED, duty, cosigned_ms)
    return Saying(Sentence.NOT_KNOWN_TO_HAVE_ARRIVED, duty)


def _their_duty(alert: Alert) -> Duty:
    if alert.state is AlertState.CLOSED:
        return Duty.NOBODY
    if alert.is_settled:
        return Duty.OUR_CLOSING if alert.author not in alert.closed_by else Duty.NOBODY
    if has_reached(alert.state, AlertState.ACKNOWLEDGED):
        return Duty.THEIR_ANSWER
    is_there = alert.received_ms is not None or bool(alert.presented)
    return Duty.THEIR_ACKNOWLEDGEMENT if is_there else Duty.THEIR_RECEIPT


def _addressee(alert: Alert) -> Saying:
    duty = _our_duty(alert)
    if alert.answers:
        last = alert.answers[-1]
        is_confirmed = last.hash in alert.confirmed
        sentence = Sentence.ANSWER_CONFIRMED if is_confirmed else Sentence.ANSWER_SENT
        return Saying(sentence, duty, last.at_ms, last.said.capacity)
    if alert.acknowledgements:
        first = alert.acknowledgements[0]
        is_confirmed = first.hash in alert.confirmed
        sentence = (
            Sentence.ACKNOWLEDGEMENT_CONFIRMED if is_confirmed else Sentence.ACKNOWLEDGEMENT_SENT
        )
        return Saying(sentence, duty, first.at_ms, first.said.capacity)
    return Saying(Sentence.OURS_TO_READ, duty, alert.started_ms)


def _our_duty(alert: Alert) -> Duty:
    if alert.state is AlertState.CLOSED or alert.standing is Standing.WITHDRAWN:
        return Duty.NOBODY
    if not has_reached(alert.state, AlertState.ACKNOWLEDGED):
        return Duty.NOBODY if alert.is_excluded else Duty.OUR_ACKNOWLEDGEMENT
    if not alert.is_settled:
        return Duty.OUR_ANSWER
    is_asked = alert.state is AlertState.CLOSING and alert.other not in alert.closed_by
    return Duty.OUR_CLOSING if is_asked else Duty.NOBODY
