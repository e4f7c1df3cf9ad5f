"""How every state machine takes a step: by its table, and by nothing else."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from parley.errors import TransitionRefused

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)
Outcome = TypeVar("Outcome")


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
