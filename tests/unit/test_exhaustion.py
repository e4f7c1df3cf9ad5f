"""What a process does when memory or threads run out, met by real limits in real processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from parley.exhaustion import (
    CODE,
    are_threads_short,
    is_memory_short,
    refuse_to_go_on,
    started_pool,
)

LIMITED = """
import resource, sys
from parley import exhaustion
from parley.exhaustion import *
def used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
def limit(spare):
    resource.setrlimit(resource.RLIMIT_AS, (used() + spare, resource.RLIM_INFINITY))
"""


def said_by(program: str) -> tuple[int, str, str]:
    """Run a program that may limit itself; return its code and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED + program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_machine_that_has_enough_is_not_short() -> None:
    """Nothing is left behind by asking."""
    assert not is_memory_short()
    assert not are_threads_short()


def test_memory_that_is_short_is_noticed_and_so_is_its_return() -> None:
    """By what can be had."""
    program = """
limit(MEMORY_SPARE // 2)
print(is_memory_short())
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(is_memory_short())
"""
    assert said_by(program) == (0, "True\nFalse\n", "")


def test_a_process_may_open_as_many_descriptors_as_it_needs_and_the_system_gives() -> None:
    """Never fewer than before."""
    program = """
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 300))
for needed in (200, 280, 1_000):
    print(raise_descriptors(needed), resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    assert said_by(program) == (0, "256 (256, 300)\n280 (280, 300)\n300 (300, 300)\n", "")


def test_a_pool_that_was_started_works_where_no_thread_can_be_started() -> None:
    """One that was not has nobody to give its work to."""
    program = """
from concurrent.futures import ThreadPoolExecutor
pool, late = started_pool(2, "early"), ThreadPoolExecutor(2)
limit(4_194_304)
print(are_threads_short(), pool.submit(sum, [1, 2]).result())
try:
    late.submit(sum, [1, 2])
except RuntimeError as error:
    print(error)
"""
    assert said_by(program) == (0, "True 3\ncan't start new thread\n", "")


def test_a_pool_is_started_whole() -> None:
    """Every thread, and no more."""
    pool: ThreadPoolExecutor = started_pool(3, "three")
    assert len(pool._threads) == 3
    pool.shutdown()


def test_who_goes_on_whatever_happens_does_not_without_memory() -> None:
    """What was left out then was left out for good."""
    refuse_to_go_on(ValueError("another fault"))
    with pytest.raises(MemoryError):
        refuse_to_go_on(MemoryError())


@pytest.mark.parametrize(
    ("error", "code"), [("MemoryError()", CODE), ('ValueError("another fault")', 0)]
)
def test_a_callback_without_memory_ends_the_process_with_a_line_that_says_so(
    error: str, code: int
) -> None:
    """Any other fault is logged, and the loop goes on."""
    program = f"""
import asyncio
def fail():
    raise {error}
async def main():
    loop = asyncio.get_running_loop()
    watch_callbacks(loop)
    loop.call_soon(fail)
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
    found, _, told = said_by(program)
    assert found == code
    assert ("no memory left" in told) == (code == CODE)
