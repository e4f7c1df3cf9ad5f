"""`parley try` as a newcomer runs it: both desks in browsers, the keys in a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parley.drill.browser import FLAGS, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_core,
    pytest.mark.timeout(300),
    pytest.mark.enable_socket,
]

PATIENCE_S = 120.0
READY = "Keys: L cuts the line"


class Trial:
    """`parley try` on a terminal, and the desks of its two sample people."""

    def __init__(self, stack: ExitStack, folder: Path, playwright: Playwright) -> None:
        self.said = ""
        self._terminal, theirs = pty.openpty()
        command = [sys.executable, "-m", "parley", "try", "--folder", str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            # Ctrl-C is the terminal's: it must be the one that the process was started on.
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(theirs)
        stack.callback(self.stop)
        self.wait_for_words(READY)
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        stack.callback(browser.close)
        addresses = re.findall(r"^\s+(http://\S+)", self.said, re.MULTILINE)[:2]
        self.near, self.far = (browser.new_context().new_page() for _ in addresses)
        for page, address in zip((self.near, self.far), addresses, strict=True):
            page.goto(address)
            page.locator("[data-testid^=line-][data-state=up]").wait_for()

    def press(self, key: str, answer: str) -> None:
        """Press a key, and wait for what is said of it."""
        self.said = ""
        os.write(self._terminal, key.encode())
        self.wait_for_words(answer)

    def wait_for_words(self, words: str) -> None:
        """Read what it prints until it has said something."""
        until = time.monotonic() + PATIENCE_S
        while words not in self.said:
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None, self.said
            if select.select([self._terminal], [], [], 0.5)[0]:
                # A terminal whose program has ended is an error to read from.
                with suppress(OSError):
                    self.said += os.read(self._terminal, 65_536).decode("utf-8", "replace")

    def stop(self) -> None:
        """Press Ctrl-C."""
        if self.process.poll() is None:
            os.write(self._terminal, b"\x03")
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._terminal)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[Trial]:
    """One trial; each test leaves the line up and both nodes running."""
    with ExitStack() as stack:
        yield Trial(stack, tmp_path_factory.mktemp("try"), playwright)


def shows(page: Page, silence: str) -> None:
    """Wait until a desk says what is silent, of a line that it calls cut."""
    line = page.locator("[data-testid^=line-][data-state=cut]")
    said = line.locator(f"[data-testid=silence][data-silence={silence}]")
    said.wait_for(timeout=PATIENCE_S * 1_000)


def recovers(page: Page) -> None:
    """Wait until a desk calls its line up again and speaks of no silence."""
    up = "[data-testid^=line-]:is([data-state=up], [data-state=degraded])"
    page.locator(up).wait_for(timeout=PATIENCE_S * 1_000)
    assert page.get_by_test_id("silence").count() == 0


def test_a_cut_line_is_told_as_the_way_on_both_desks(trial: Trial) -> None:
    """What cuts the line cuts the way to both edge responders."""
    trial.press("l", "The line is cut")
    shows(trial.near, "path")
    shows(trial.far, "path")
    trial.press("L", "The line is mended")
    recovers(trial.near)
    recovers(trial.far)


@pytest.mark.parametrize("number", [1, 2])
def test_a_node_that_is_stopped_is_told_as_the_node(trial: Trial, number: int) -> None:
    """Its edge responder, a process of its own, goes on answering."""
    other = (trial.far, trial.near)[number - 1]
    trial.press(str(number), "has stopped")
    shows(other, "node")
    trial.press(str(number), "runs again")
    recovers(other)


def test_a_node_that_is_stopped_behind_a_cut_is_told_as_the_way(trial: Trial) -> None:
    """Nothing more is known then; once the way is mended, the node is what is silent."""
    trial.press("l", "The line is cut")
    trial.press("2", "has stopped")
    shows(trial.near, "path")
    trial.press("l", "The line is mended")
    shows(trial.near, "node")
    trial.press("2", "runs again")
    recovers(trial.near)
