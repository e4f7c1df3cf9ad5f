"""What a person sees of the set-up: one line per step with its time, and the reason of a failure.

Steps may run side by side, so a line is printed whole, when something is known.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".parley" / "log"

# A line per half minute tells waiting from hanging; more often drowns the lines that say something.
STILL_RUNNING_EVERY_S = 30.0
# Lines of a failed command's output that are shown: enough for a compiler error, less than a page.
TAIL_LINES = 40

# A status line must not wrap on a terminal of 100 columns.
LAST_LINE_LENGTH = 40

_started = time.monotonic()
_printing = threading.Lock()
# Logs this process has begun: a second command of one step goes behind the first.
_begun: set[str] = set()


class Missing(Exception):
    """Something this machine lacks and the set-up cannot install by itself."""

    def __init__(self, thing: str, command: str, reason: str = "") -> None:
        """Name the thing, the command that gets it, and why it was not got here."""
        super().__init__(thing)
        self.thing = thing
        self.command = command
        self.reason = reason


class StepFailed(Exception):
    """A command of the set-up ended with an error; its output is in the log."""

    def __init__(self, step: str, command: Sequence[str], status: int, log: Path) -> None:
        """Keep what is needed to repeat the command by hand."""
        super().__init__(step)
        self.step = step
        self.command = list(command)
        self.status = status
        self.log = log


def say(text: str) -> None:
    """Print one whole line, with the seconds since the start before it."""
    elapsed = time.monotonic() - _started
    with _printing:
        sys.stdout.write(f"[{elapsed:6.1f} s] {text}\n")
        sys.stdout.flush()


def plain(text: str = "") -> None:
    """Print lines as they are."""
    with _printing:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


@contextmanager
def step(title: str, log: str = "") -> Iterator[None]:
    """Announce a step, keep saying how far its log has come, and close it with its time."""
    say(f"{title} ...")
    began = time.monotonic()
    over = threading.Event()

    def _remind() -> None:
        while not over.wait(STILL_RUNNING_EVERY_S):
            last = _last_line(LOGS / f"{log}.log") if log else ""
            say(f"  still: {title} ({time.monotonic() - began:.0f} s) {last}".rstrip())

    reminder = threading.Thread(target=_remind, daemon=True)
    reminder.start()
    try:
        yield
    finally:
        over.set()
        reminder.join()
    say(f"{title}: done in {time.monotonic() - began:.1f} s")


def run(
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> None:
    """Run one command into `.parley/log/<name>.log`; raise StepFailed when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("ab" if name in _begun else "wb") as output:
        _begun.add(name)
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        done = subprocess.run(
            list(command),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise StepFailed(name, command, done.returncode, log)


def ask(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path = ROOT,
) -> str | None:
    """Return what a command prints, or None when it cannot be run or fails."""
    try:
        done = subprocess.run(
            list(command),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def explain(failure: Missing | StepFailed) -> None:
    """Tell a person what stopped the set-up and what to do about it."""
    if isinstance(failure, Missing):
        plain(f"\nMissing: {failure.thing}.")
        if failure.reason:
            plain(f"  {failure.reason}")
        plain(f"Get it with: {failure.command}\n")
        return
    plain(f"\nFailed: {failure.step} (exit status {failure.status}).")
    plain(f"  command: {' '.join(failure.command)}")
    plain(f"  whole log: {failure.log.relative_to(ROOT)}\n")
    for line in failure.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]:
        plain(f"  | {line}")
    plain()


def _last_line(log: Path) -> str:
    """Return what a command said last, short enough for one line."""
    if not log.exists():
        return ""
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:LAST_LINE_LENGTH]
