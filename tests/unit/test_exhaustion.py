"""What a process does when memory or threads run out, met by real limits in real processes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from parley.exhaustion import CODE, are_threads_short, is_memory_short, started_pool
from parley.testing.programs import run_program

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
    return run_program(LIMITED + program)


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


@pytest.mark.parametrize(
    ("raises", "code"),
    [
        ("raise MemoryError", CODE),
        ("raise ValueError from MemoryError()", CODE),
        ("try:\n        raise MemoryError\n    finally:\n        raise OSError", CODE),
        ("limit(0)\n    raise SystemError", CODE),
        ("raise SystemError", 0),
        ("raise ValueError", 0),
    ],
)
def test_an_error_behind_which_memory_was_missed_ends_the_process(raises: str, code: int) -> None:
    """With a line that says so; any other is its caller's."""
    program = f"""
try:
    {raises}
except Exception as error:
    end_if_memory_was_missed(error)
"""
    found, _, told = said_by(program)
    assert found == code
    assert ("no memory left" in told) == (code == CODE)


@pytest.mark.parametrize(("error", "code"), [("MemoryError", CODE), ("ValueError", 0)])
@pytest.mark.parametrize(
    "lost",
    [
        "threading.Thread(target=fail).start()",
        "type('Gone', (), {'__del__': fail})()",
        "_thread.start_new_thread(fail, ()); begun.wait()\nwhile _thread._count(): pass",
    ],
)
def test_an_error_that_nobody_would_see_ends_the_process_if_memory_was_missed(
    lost: str, error: str, code: int
) -> None:
    """Any other is told as Python tells it, and the process goes on."""
    program = f"""
import _thread, threading
watch_for_missed_memory()
begun = threading.Event()
def fail(*_):
    begun.set()
    raise {error}
{lost}
"""
    found, _, told = said_by(program)
    assert found == code
    assert ("no memory left" in told) == (code == CODE)
    assert ("ValueError" in told) == (code == 0)


@pytest.mark.parametrize(
    ("fails", "code"),
    [
        ("loop.call_soon(fail)", CODE),
        ("loop.run_in_executor(None, int).add_done_callback(fail)", CODE),
        ("pool.submit(int).add_done_callback(fail)", CODE),
        ("fail()", CODE),
        ("pass", 0),
    ],
)
def test_a_node_that_missed_memory_does_not_stop_orderly(fails: str, code: int) -> None:
    """Where others log it and go on, and where it ends the node: some of its tasks never would."""
    program = f"""
import asyncio
from concurrent.futures import ThreadPoolExecutor
from parley.node.commands import serve
from parley.telemetry import configure
configure("error", look=end_if_memory_was_missed)
pool = ThreadPoolExecutor(1)
def fail(*_):
    raise MemoryError
async def for_ever():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass
async def node(settings, *, with_parent):
    loop = asyncio.get_running_loop()
    if {code}:
        waits = asyncio.create_task(for_ever())
    await asyncio.sleep(0)
    {fails}
    await asyncio.sleep(60 if {code} else 0)
serve._serve = node
serve._run(None, with_parent=False)
"""
    found, _, told = said_by(program)
    assert found == code
    assert ("no memory left" in told) == (code == CODE)


def test_a_panic_leaves_no_trace_whatever_the_environment_asks_for() -> None:
    """What the C library is asked, which the engine and other libraries ask."""
    program = """
import ctypes, os
os.environ["RUST_BACKTRACE"] = "full"
forgo_traces_of_panics()
getenv = ctypes.CDLL(None).getenv
getenv.restype = ctypes.c_char_p
print(getenv(b"RUST_BACKTRACE"))
"""
    assert said_by(program) == (0, "b'0'\n", "")


def test_a_node_ends_also_where_its_last_line_goes_nowhere() -> None:
    """Standard error may be closed."""
    assert said_by("import os\nos.close(2)\nend_if_memory_was_missed(MemoryError())")[0] == CODE
