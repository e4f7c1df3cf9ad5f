"""The engine's watchdog, in processes of their own that it may end."""

import signal

import pytest

from parley._core import CoreError, Watchdog
from parley.testing.programs import run_program

START = """
import asyncio, time
from parley._core import Watchdog
from parley.node import lifecycle
watchdog = Watchdog(patience_s=2)
"""


def ended(program: str) -> tuple[int, str]:
    """Run a program that has a watchdog; return its code and its last words."""
    code, _, told = run_program(START + program)
    return code, told


@pytest.mark.parametrize(
    "stands", ["time.sleep(600)", "sum(range(1 << 60))", "asyncio.run(asyncio.sleep(600))"]
)
def test_a_process_that_stands_still_ends_whatever_it_stands_at(stands: str) -> None:
    """One that holds the interpreter's lock, too; with a line that says so."""
    code, told = ended(f"watchdog.feed()\n{stands}")
    assert code == -signal.SIGABRT
    assert "stood still" in told


def test_a_process_whose_words_nobody_reads_ends_all_the_same() -> None:
    """A full pipe must not hold up the end."""
    program = """
import os
reading, writing = os.pipe()
os.set_blocking(writing, False)
try:
    while True:
        os.write(writing, bytes(65_536))
except BlockingIOError:
    os.set_blocking(writing, True)
os.dup2(writing, 2)
watchdog.feed()
time.sleep(600)
"""
    assert ended(program) == (-signal.SIGABRT, "")


@pytest.mark.parametrize(
    "goes_on",
    [
        "time.sleep(4)",
        "for _ in range(4):\n    watchdog.feed()\n    time.sleep(1)",
        "watchdog.feed()\nwatchdog.stop()\nwatchdog.stop()\ntime.sleep(4)",
        "watchdog.feed()\ndel watchdog\ntime.sleep(4)",
        "lifecycle.STANDSTILL_S = 2\nasyncio.run(lifecycle.watched(lambda: asyncio.sleep(4)))",
    ],
)
def test_a_process_that_was_never_fed_or_is_or_needs_not_be_goes_on(goes_on: str) -> None:
    """A node feeds it for as long as its event loop turns."""
    assert ended(goes_on) == (0, "")


def test_a_node_whose_event_loop_stands_still_ends() -> None:
    """Whatever holds it up."""
    program = """
lifecycle.STANDSTILL_S = 2
async def until():
    await asyncio.sleep(1)
    time.sleep(600)
asyncio.run(lifecycle.watched(until))
"""
    code, told = ended(program)
    assert code == -signal.SIGABRT
    assert "stood still" in told


def test_a_watchdog_needs_patience() -> None:
    """One without would end whatever it watches."""
    with pytest.raises(CoreError):
        Watchdog(patience_s=0)
