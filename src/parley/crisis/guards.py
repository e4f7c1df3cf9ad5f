"""What must be true of a step in an alert: one function for each name in the tables. A core.

They are asked by the author's node before it writes an entry and by the other party's when it reads
one, with the same facts, so neither needs to trust the other to have asked.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct

from parley.crisis.alert import AlertEvent, AlertGuard, AlertState, Standing, has_reached
from parley.crisis.bodies import (
    Acknowledged,
    AlertBody,
    Answer,
    AnswerKind,
    Paraphrase,
    ParaphraseWord,
    Words,
)
from parley.crisis.matter import Alert
from parley.crisis.offices import RELEASING_OFFICE, WATCH_OFFICES, Capacity, acts_as
from parley.crisis.text import (
    CHARACTERS_MAX,
    LONG_BYTES_MAX,
    LONG_CHARACTERS_MAX,
    TEXT_BYTES_MAX,
    TextFinding,
    findings,
)
from parley.ids import PartyId
from parley.record.entry import Precedence

HOLDS_MAX: Final = 2
"""Times "still deciding" may be said. More turns it into the answer, less into a refusal."""


class Attempt(Struct, frozen=True):
    """A step that somebody wants to take, or that an entry says was taken."""

    alert: Alert
    """Where the alert stands before it."""
    by: PartyId
    """Whose entry it is."""
    is_signed: bool
    """Whether a passkey signed it."""
    is_over: bool = False
    """Whether the alert's time was over at that party when it did this, by its own clock."""
    said: Acknowledged | Answer | Words | Paraphrase | ParaphraseWord | None = None
    """What its person signs, with the office in which they say that they acted."""


def unmet(guards: Iterable[AlertGuard], attempt: Attempt) -> AlertGuard | None:
    """Return the first guard that does not hold, None if all do."""
    for guard in guards:
        if not CHECKS[guard](attempt):
            return guard
    return None


def limits_of_text(precedence: Precedence) -> tuple[int, int]:
    """Return how many characters and bytes one text of an alert may have."""
    if precedence is Precedence.FLASH:
        return CHARACTERS_MAX, TEXT_BYTES_MAX
    return LONG_CHARACTERS_MAX, LONG_BYTES_MAX


def text_findings(body: AlertBody, precedence: Precedence) -> tuple[TextFinding, ...]:
    """Return what is wrong with an alert's texts, the worst of each fault."""
    # What was demoted was written as a flash, and is held to the length of one.
    written = precedence if body.demoted_from is None else body.demoted_from
    limits = limits_of_text(written)
    return tuple(found for _, text in body.texts for found in findings(text, *limits))


def has_second_person(body: AlertBody, precedence: Precedence) -> bool:
    """Say whether a second person vouched for an alert that needs one."""
    is_flash = Precedence.FLASH in {precedence, body.demoted_from}
    if body.verifier is None:
        return not is_flash
    return body.verifier != body.drafter


def closing_event(alert: Alert, by: PartyId) -> AlertEvent:
    """Return what a closing by a party is: a flash needs both, and this may be the first."""
    is_pair = alert.written is Precedence.FLASH or alert.body.demoted_from is Precedence.FLASH
    others = [party for party in alert.closed_by if party != by]
    return AlertEvent.CLOSE_FIRST if is_pair and not others else AlertEvent.CLOSE


def _is_settled(attempt: Attempt) -> bool:
    alert = attempt.alert
    is_ended = alert.standing in {Standing.SUPERSEDED, Standing.WITHDRAWN}
    return has_reached(alert.state, AlertState.ANSWERED) or is_ended or attempt.is_over


def _may_close(attempt: Attempt) -> bool:
    alert = attempt.alert
    is_flash = closing_event(alert, attempt.by) is AlertEvent.CLOSE_FIRST or bool(alert.closed_by)
    return attempt.by == alert.author or (is_flash and attempt.by == alert.other)


def _acts_as(attempt: Attempt, offices: Collection[Capacity]) -> bool:
    return attempt.said is not None and acts_as(attempt.said.capacity, offices)


def _has_binding_office(attempt: Attempt) -> bool:
    said = attempt.said
    if isinstance(said, Answer) and said.kind is AnswerKind.NOT_OUR_MATTER:
        return _acts_as(attempt, WATCH_OFFICES)
    # What binds a party is proved by a person's key, not only by what their node says.
    return _acts_as(attempt, RELEASING_OFFICE) and attempt.is_signed


def _is_on_last(attempt: Attempt) -> bool:
    given, said = attempt.alert.paraphrases, attempt.said
    if not given or not isinstance(said, ParaphraseWord):
        return False
    return given[-1].hash == said.paraphrase


CHECKS: Final[Mapping[AlertGuard, Callable[[Attempt], bool]]] = {
    AlertGuard.BY_ANOTHER: lambda each: each.alert.body.verifier != each.alert.body.drafter,
    AlertGuard.TEXT_ALLOWED: lambda each: not each.alert.text_findings,
    AlertGuard.SECOND_PERSON: lambda each: has_second_person(each.alert.body, each.alert.written),
    AlertGuard.SIGNED: lambda each: each.is_signed,
    AlertGuard.BY_AUTHOR: lambda each: each.by == each.alert.author,
    AlertGuard.BY_ADDRESSEE: lambda each: each.by == each.alert.other,
    # An acknowledgement without the sentence is not even of the form: it is never read as one.
    AlertGuard.SENTENCE: lambda _: True,
    AlertGuard.HOLDS_LEFT: lambda each: each.alert.holds < HOLDS_MAX,
    AlertGuard.WATCH_OFFICE: lambda each: _acts_as(each, WATCH_OFFICES),
    AlertGuard.BINDING_OFFICE: _has_binding_office,
    AlertGuard.RELEASING_OFFICE: lambda each: _acts_as(each, RELEASING_OFFICE),
    AlertGuard.SETTLED: _is_settled,
    AlertGuard.BY_AUTHOR_OR_BOTH: _may_close,
    AlertGuard.READ_BEFORE: lambda each: bool(each.alert.acknowledgements),
    AlertGuard.PARAPHRASE_WAITS: _is_on_last,
}
