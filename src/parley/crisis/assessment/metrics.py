"""What a crisis measured: how long what took, from entries alone. A core without I/O.

Each time is between two entries of one party where it can be, so one clock measured it. Where it
cannot, from release to arrival, both clocks are in it and the figure says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from parley.crisis.bodies import AnswerKind
from parley.crisis.matter import Alert
from parley.ids import PartyId
from parley.record.entry import Precedence


@dataclass(frozen=True, slots=True)
class AlertTimes:
    """How long one alert took, in milliseconds; None where it did not come to that."""

    hash: bytes
    author: PartyId
    precedence: Precedence
    is_exercise: bool
    released_ms: int
    deliver_ms: int | None
    """From release to arrival: by two clocks."""
    present_ms: int | None
    """From arrival to a desk, by the receiver's clock."""
    acknowledge_ms: int | None
    """From arrival to a person's acknowledgement, by the receiver's clock."""
    answer_ms: int | None
    """From the acknowledgement, or else arrival, to the answer, by the receiver's clock."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Several times together."""

    count: int
    median_ms: int | None
    longest_ms: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The times of one party's alerts together: how the other party did with them."""

    author: PartyId
    alerts: int
    deliver: Spread
    present: Spread
    acknowledge: Spread
    answer: Spread


def times_of(alert: Alert) -> AlertTimes:
    """Return how long one alert took."""
    arrived = alert.received_ms
    shown = min((at_ms for _, at_ms in alert.presented), default=None)
    taken = min((each.at_ms for each in alert.acknowledgements), default=None)
    given = [each.at_ms for each in alert.answers if each.said.kind is not AnswerKind.HOLD]
    answered = min(given, default=None)
    return AlertTimes(
        hash=alert.hash,
        author=alert.author,
        precedence=alert.written,
        is_exercise=alert.body.is_exercise,
        released_ms=alert.released_ms,
        deliver_ms=_between(alert.released_ms, arrived),
        present_ms=_between(arrived, shown),
        acknowledge_ms=_between(arrived, taken),
        answer_ms=_between(taken if taken is not None else arrived, answered),
    )


def figures(times: Iterable[AlertTimes], parties: Iterable[PartyId]) -> tuple[Figures, ...]:
    """Return the times of each party's alerts together."""
    known = list(times)
    found = []
    for party in parties:
        own = [each for each in known if each.author == party]
        found.append(
            Figures(
                party,
                len(own),
                _spread([each.deliver_ms for each in own]),
                _spread([each.present_ms for each in own]),
                _spread([each.acknowledge_ms for each in own]),
                _spread([each.answer_ms for each in own]),
            )
        )
    return tuple(found)


def _spread(times: Sequence[int | None]) -> Spread:
    known = sorted(each for each in times if each is not None)
    if not known:
        return Spread(0, None, None)
    return Spread(len(known), known[(len(known) - 1) // 2], known[-1])


def _between(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else max(0, second - first)
