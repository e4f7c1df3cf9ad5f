"""How every state machine takes a step: by its table, and by nothing else.

A table maps a pair of state and event to what comes of it. The plain form of that is the next
state. Where it matters who may bring the event about and what must be true of it, it is a
:class:`Step`, which carries all of that, so that one table is what runs, what is tested pair by
pair, and what stands in the documentation as a table and as a picture.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Generic, TypeVar

from parley.errors import TransitionRefused

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """What comes of an event in a state, who brings it about, and what must hold for it."""

    next: State
    """The state after it."""
    who: StrEnum
    """Whose act it is."""
    guards: tuple[StrEnum, ...] = ()
    """What must be true of it, each a name that the machine's file has a check for."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row of a table, in words."""

    state: str
    event: str
    who: str
    guards: tuple[str, ...]
    next: str


def follow(
    table: Mapping[tuple[State, Event], Outcome], machine: str, state: State, event: Event
) -> Outcome:
    """Return what ``table`` has for ``event`` in ``state``: the next state, with acts if any.

    Args:
        table: The outcome of each pair that is possible.
        machine: What the machine is called in an error.
        state: Where it stands.
        event: What happens to it.

    Raises:
        TransitionRefused: the table has no such pair.
    """
    try:
        return table[state, event]
    except KeyError as error:
        raise TransitionRefused(machine=machine, state=state.value, event=event.value) from error


def rows(table: Mapping[tuple[State, Event], Outcome]) -> Iterator[StepRow]:
    """Yield a table in words, whichever of the forms its outcomes have."""
    for (state, event), outcome in table.items():
        if isinstance(outcome, Step):
            guards = tuple(map(_word, outcome.guards))
            yield StepRow(
                _word(state), _word(event), _word(outcome.who), guards, _word(outcome.next)
            )
        else:
            after = outcome[0] if isinstance(outcome, tuple) else outcome
            yield StepRow(_word(state), _word(event), "", (), _word(after))


def drawing(table: Mapping[tuple[State, Event], Outcome]) -> list[str]:
    """Return the lines of a Mermaid picture of a table."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {row.state} --> {row.next}: {row.event}" for row in rows(table)]
    return [*lines, "```"]


def tabulated(table: Mapping[tuple[State, Event], Outcome]) -> list[str]:
    """Return the lines of a Markdown table that says who may, and under which guards."""
    lines = ["| state | event | who | guards | next |", "|---|---|---|---|---|"]
    for row in rows(table):
        guards = ", ".join(row.guards) or "-"
        lines.append(f"| {row.state} | {row.event} | {row.who} | {guards} | {row.next} |")
    return lines


def _word(part: object) -> str:
    if isinstance(part, Enum):
        return str(part.value)
    return part.__name__ if isinstance(part, type) else str(part)
