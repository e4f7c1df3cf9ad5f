"""What a node's process does about itself."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from parley.exhaustion import CODE
from parley.node.lifecycle import spare_what_is_loaded, until_a_part_ends
from parley.testing.programs import run_program


class _Ring:
    """Something that only a collection of garbage finds."""

    def __init__(self) -> None:
        """Refer to itself."""
        self.itself = self


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_not_looked_at_again() -> None:
    """Or a full collection stands in the way of an alert."""
    before = len(gc.get_objects())
    spare_what_is_loaded()
    assert gc.get_freeze_count() > before // 2
    assert len(gc.get_objects()) < before // 2


def test_garbage_that_comes_later_is_still_collected() -> None:
    """A node runs for months."""
    spare_what_is_loaded()
    ring = _Ring()
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is None


async def test_a_node_runs_until_it_is_told_while_its_parts_do() -> None:
    """A task of another name may end as it likes."""
    part = asyncio.create_task(asyncio.sleep(3_600), name="record")
    other = asyncio.create_task(asyncio.sleep(0), name="another")
    told = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, told.set)

    async def until() -> None:
        await told.wait()

    await until_a_part_ends(until)
    assert other.done()
    part.cancel()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ('raise ValueError("half done")', "a part of it did (record)"),
        ("return", "a part of it did (record)"),
        ("raise MemoryError", "no memory left"),
        ('raise NodePartEnded(part="database")', "a part of it did (database)"),
    ],
)
def test_a_node_whose_part_ended_ends_at_once_and_says_which(fault: str, said: str) -> None:
    """One without its record would look alive and keep its word to nobody."""
    program = f"""
import asyncio
from parley.errors import NodePartEnded
from parley.exhaustion import end_if_memory_was_missed
from parley.node.lifecycle import until_a_part_ends
from parley.telemetry import configure
async def part():
    await asyncio.sleep(0)
    {fault}
async def main():
    configure("info", look=end_if_memory_was_missed)
    task = asyncio.create_task(part(), name="record")
    await until_a_part_ends(lambda: asyncio.sleep(3_600))
asyncio.run(main())
"""
    code, _, told = run_program(program)
    assert (code, said in told) == (CODE, True)
