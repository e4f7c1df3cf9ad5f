"""What one turn of the record takes."""

import asyncio

from parley.record.batch import RecordBatch
from parley.record.turns import COST_MAX, URGENT_COST_MAX, TurnQueue, TurnTask


def _work(_batch: RecordBatch) -> None:
    """Do nothing."""


def _task(cost: int = 1_024, *, is_urgent: bool = False, is_alone: bool = False) -> TurnTask:
    return TurnTask(_work, cost, is_urgent=is_urgent, is_alone=is_alone)


def _queue(*tasks: TurnTask) -> TurnQueue:
    queue = TurnQueue()
    for task in tasks:
        queue.put(task)
    return queue


def test_a_turn_takes_what_came_in_the_order_in_which_it_came() -> None:
    """An idle record commits at once, a busy one as often as the disk allows."""
    tasks = [_task() for _ in range(5)]
    queue = _queue(*tasks)
    assert queue
    assert list(queue.turn()) == tasks
    assert not queue
    assert list(queue.turn()) == []


def test_a_turn_ends_when_it_has_cost_enough() -> None:
    """What waits for it does not wait for ever."""
    queue = _queue(*(_task(COST_MAX // 2) for _ in range(5)))
    assert [len(list(queue.turn())) for _ in range(3)] == [2, 2, 1]


def test_what_is_urgent_overtakes_a_backlog_and_takes_little_of_it_along() -> None:
    """An alert waits for the turn that is under way, and for no other."""
    answer, package, urgent = _task(), _task(300_000), _task(is_urgent=True)
    queue = _queue(answer, package, urgent)
    assert list(queue.turn()) == [urgent, answer]
    assert list(queue.turn()) == [package]


def test_more_that_is_urgent_than_a_short_turn_takes_waits_for_the_next() -> None:
    """A short turn stays short."""
    half = URGENT_COST_MAX // 2
    tasks = [_task(half + 1, is_urgent=True) for _ in range(3)]
    queue = _queue(*tasks)
    assert list(queue.turn()) == tasks[:1]
    assert list(queue.turn()) == tasks[1:]


def test_a_flood_of_what_is_urgent_does_not_stop_the_rest() -> None:
    """Every other turn takes what there is."""
    queue = _queue(*(_task(300_000) for _ in range(3)))
    taken = 0
    for _ in range(4):
        queue.put(_task(is_urgent=True))
        taken += sum(not task.is_urgent for task in queue.turn())
    assert taken == 3
    assert not queue


def test_a_large_urgent_task_is_taken_all_the_same() -> None:
    """Or it would wait for ever."""
    large = _task(URGENT_COST_MAX * 2, is_urgent=True)
    assert list(_queue(large).turn()) == [large]


def test_what_is_to_be_alone_is_alone() -> None:
    """What failed beside others fails by itself."""
    first, alone, last = _task(), _task(is_alone=True), _task()
    queue = _queue(first, alone, last)
    assert [list(queue.turn()) for _ in range(3)] == [[first], [alone], [last]]


def test_what_is_put_back_is_tried_before_the_rest() -> None:
    """In the order in which it had come."""
    waiting, waiting_urgent = _task(), _task(is_urgent=True)
    again, urgent = _task(), _task(is_urgent=True)
    queue = _queue(waiting, waiting_urgent)
    queue.put_back(again)
    queue.put_back(urgent)
    assert list(queue.turn()) == [urgent, waiting_urgent, again, waiting]


def test_a_caller_is_waited_for_where_one_waits() -> None:
    """While the disk is sick only what somebody waits for is tried."""
    queue = _queue(_task())
    assert not queue.is_waited_for()
    loop = asyncio.new_event_loop()
    queue.put(TurnTask(_work, done=loop.create_future()))
    loop.close()
    assert queue.is_waited_for()
