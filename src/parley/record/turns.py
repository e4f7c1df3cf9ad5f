"""What waits for a turn of the record, and how much of it one turn takes."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from parley.ids import PartyId
from parley.record.batch import RecordBatch
from parley.record.letters import RecordLetter

COST_MAX: Final = 600_000
"""Work of one turn, in bytes as :class:`WorkAllowance` prices them: some 500 entries, 50 ms. More
lets what is urgent, and the pages of our people, wait longer; less makes more commits."""
URGENT_COST_MAX: Final = 65_536
"""Work of a turn in which something urgent was waiting. More lets it wait for what came with it,
less makes more commits of as many urgent entries."""
APPEND_COST: Final = 1_024
"""Of one entry of ours, and of whatever else a turn does."""


@dataclass(slots=True, eq=False)
class TurnTask:
    """One thing to be done in a turn."""

    run: Callable[[RecordBatch], object]
    cost: int = APPEND_COST
    done: asyncio.Future[object] | None = None
    outcome: object = None
    is_alone: bool = False
    """Whether nothing else is to be in its turn: one like it failed."""
    is_urgent: bool = False
    """Whether it goes before all that waits and is not."""
    again: tuple[PartyId, RecordLetter] | None = None
    """The letter to be asked for again if the commit fails."""


class TurnQueue:
    """What is to be done, in the order in which it came; what is urgent first.

    A turn that finds something urgent takes little else, so that an alert waits for the turn that
    is under way and not for another one full of a backlog. The turn after it takes what there is,
    so that whoever floods us with urgent things does not stop the rest.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._urgent: deque[TurnTask] = deque()
        self._others: deque[TurnTask] = deque()
        self._was_short = False

    def __bool__(self) -> bool:
        """Say whether something is to be done."""
        return bool(self._urgent or self._others)

    def is_waited_for(self) -> bool:
        """Say whether a caller waits for something in it."""
        return any(task.done is not None for task in (*self._urgent, *self._others))

    def put(self, task: TurnTask) -> None:
        """Add what is to be done."""
        (self._urgent if task.is_urgent else self._others).append(task)

    def put_back(self, task: TurnTask) -> None:
        """Let what was tried be tried before all else."""
        (self._urgent if task.is_urgent else self._others).appendleft(task)

    def turn(self) -> Iterator[TurnTask]:
        """Yield what one turn takes; at least one, if there is any."""
        self._was_short = bool(self._urgent) and not self._was_short
        left = URGENT_COST_MAX if self._was_short else COST_MAX
        is_first = True
        while left > 0 and (task := self._next(left, is_first=is_first)) is not None:
            left -= COST_MAX if task.is_alone else task.cost
            is_first = False
            yield task

    def _next(self, left: int, *, is_first: bool) -> TurnTask | None:
        queue = self._urgent or self._others
        if not queue:
            return None
        is_too_much = self._was_short and queue[0].cost > left
        return None if not is_first and (queue[0].is_alone or is_too_much) else queue.popleft()
