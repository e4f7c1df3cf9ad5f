"""By when what must have happened to an alert at this end. A core without I/O.

Both ends compute this from the same entries and each from its own event, by its own clock. What is
returned is all that is waited for now; what is not in it any more need not be waited for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec import Struct

from parley.crisis.alert import AlertState, Standing, has_reached
from parley.crisis.bodies import AnswerKind
from parley.crisis.matter import Alert, AnswerGiven
from parley.crisis.precedence import DEFAULT_LIMITS, Limits
from parley.ids import PartyId
from parley.record.entry import TIME_MS_MAX, Precedence
from parley.record.merkle import HASH_BYTES


class AlertLimit(StrEnum):
    """What may become overdue."""

    TARGET = "target"
    """It was to be acknowledged by then, as is aimed at."""
    LIMIT = "limit"
    """It had to be acknowledged by then."""
    ANSWER = "answer"
    """It had to be answered by then, or by when "still deciding" promised."""
    EXPIRY = "expiry"
    """It stands no longer."""

    @property
    def deadline(self) -> str:
        """The kind of its deadline's row."""
        return f"alert.{self.value}"


class DueStep(Struct, frozen=True):
    """One thing that must have happened by an instant."""

    limit: AlertLimit
    number: int
    """Counts from 0: an answer that was put off is due anew."""
    due_ms: int
    """When, by our clock."""

    def subject(self, matter: bytes) -> str:
        """Return the subject of its deadline's row."""
        return f"{matter.hex()}/{self.number}"

    @property
    def name(self) -> str:
        """What it is called among the steps that became overdue."""
        return f"{self.limit.value}/{self.number}"


def read_subject(subject: str) -> tuple[bytes, int]:
    """Return the matter and the number that a deadline's subject names.

    Raises:
        ValueError: it names none.
    """
    matter, _, number = subject.partition("/")
    found = bytes.fromhex(matter)
    if len(found) != HASH_BYTES:
        raise ValueError(subject)
    return found, int(number)


def due_steps(
    alert: Alert, limits: Mapping[Precedence, Limits] = DEFAULT_LIMITS
) -> tuple[DueStep, ...]:
    """Return everything that is waited for."""
    is_ended = alert.standing in {Standing.SUPERSEDED, Standing.WITHDRAWN}
    if is_ended or has_reached(alert.state, AlertState.ANSWERED):
        return ()
    agreed = limits[alert.precedence]
    steps = [*_expiry(alert)]
    if has_reached(alert.state, AlertState.ACKNOWLEDGED):
        steps.append(_answer(alert, agreed))
    elif not alert.is_excluded:
        target_ms = alert.started_ms + agreed.target_s * 1_000
        steps.append(DueStep(AlertLimit.TARGET, 0, _capped(target_ms)))
        limit_ms = agreed.limit_ms(alert.started_ms)
        steps.append(DueStep(AlertLimit.LIMIT, 0, _capped(limit_ms)))
    return tuple(steps)


def due_elsewhere(
    alert: Alert, own: PartyId, limits: Mapping[Precedence, Limits] = DEFAULT_LIMITS
) -> Mapping[str, int]:
    """Return when the other end counts the same steps as due, by its clock, by their names.

    Each end counts from its own event. What is not proved here of the other's event, its receipt
    being under way, has no time yet and is not among them.
    """
    is_ours = alert.author == own
    start = alert.received_ms if is_ours else alert.released_ms
    agreed = limits[alert.precedence]
    first = alert.acknowledgements[0] if alert.acknowledgements else None
    found = {
        "expiry/0": _after(start, alert.given_ms),
        "target/0": _after(start, agreed.target_s * 1_000),
        "limit/0": None if start is None else agreed.limit_ms(start),
    }
    if first is not None:
        at = first.at_ms if is_ours else alert.arrived_ms(first.hash)
        found["answer/0"] = _after(at, agreed.answer_s * 1_000)
    holds = [each for each in alert.answers if each.said.kind is AnswerKind.HOLD]
    for number, hold in enumerate(holds, 1):
        at = hold.at_ms if is_ours else alert.arrived_ms(hold.hash)
        found[f"answer/{number}"] = _after(at, max(0, (hold.said.at_ms or 0) - hold.at_ms))
    return {name: _capped(at) for name, at in found.items() if at is not None}


def _after(at_ms: int | None, lasts_ms: int | None) -> int | None:
    return None if at_ms is None or lasts_ms is None else at_ms + lasts_ms


@dataclass(frozen=True, slots=True)
class DueChange:
    """What to do about deadlines when an alert has come to something else."""

    to_set: tuple[DueStep, ...]
    to_cancel: tuple[DueStep, ...]


def due_change(
    before: Alert | None, after: Alert, limits: Mapping[Precedence, Limits] = DEFAULT_LIMITS
) -> DueChange:
    """Return which deadlines an alert has that it had not, and which it has no longer."""
    if before is not None and _is_waited_alike(before, after):
        return _NO_CHANGE
    steps = () if before is None else due_steps(before, limits)
    old = {(each.limit, each.number): each for each in steps}
    new = {(each.limit, each.number): each for each in due_steps(after, limits)}
    return DueChange(
        tuple(each for key, each in new.items() if key not in old),
        tuple(each for key, each in old.items() if key not in new),
    )


_NO_CHANGE: Final = DueChange((), ())


def _is_waited_alike(before: Alert, after: Alert) -> bool:
    """Say whether everything is the same of which :func:`due_steps` depends."""
    return (
        before.state is after.state
        and before.standing is after.standing
        and before.precedence is after.precedence
        and before.acknowledgements is after.acknowledgements
        and before.answers is after.answers
        and before.breaches is after.breaches
        and before.started_ms == after.started_ms
        and before.given_ms == after.given_ms
    )


def _expiry(alert: Alert) -> tuple[DueStep, ...]:
    at = alert.expires_ms
    return () if at is None else (DueStep(AlertLimit.EXPIRY, 0, _capped(at)),)


def _answer(alert: Alert, agreed: Limits) -> DueStep:
    holds = [each for each in alert.answers if each.said.kind is AnswerKind.HOLD]
    if holds:
        return DueStep(AlertLimit.ANSWER, len(holds), _capped(_held_until(holds[-1])))
    first = alert.acknowledgements[0]
    return DueStep(AlertLimit.ANSWER, 0, _capped(first.came_ms + agreed.answer_s * 1_000))


def _held_until(hold: AnswerGiven) -> int:
    """Return until when it is held, by our clock: as long as they give, from when we heard it."""
    return hold.came_ms + max(0, (hold.said.at_ms or 0) - hold.at_ms)


def _capped(at_ms: int) -> int:
    return min(at_ms, TIME_MS_MAX)


LIMITS_BY_DEADLINE: Final[Mapping[str, AlertLimit]] = {each.deadline: each for each in AlertLimit}
