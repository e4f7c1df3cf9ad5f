"""Processes on a core of their own that end with the bench, however it ends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which
from typing import IO

#: How long a process may take to end when asked to.
_END_SECONDS = 5


@contextmanager
def running(
    core: int, *command: str, pipes: int | None = None, log: IO[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command on one core for as long as the context lasts.

    Args:
        core: The core that all its threads stay on.
        command: The program and its arguments.
        pipes: ``subprocess.PIPE`` to talk to it; the end of its standard input asks it to end.
        log: Where its output goes when it has no pipes.
    """
    for tool in ("taskset", "setpriv"):
        if which(tool) is None:
            raise SystemExit(f"{tool} is missing: apt-get install util-linux")
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(core), *command],
        stdin=pipes,
        stdout=log if pipes is None else pipes,
        stderr=None if log is None else subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    _put_ahead(process.pid)
    try:
        yield process
    finally:
        _end(process)


def resident_kib(process: int) -> int:
    """Return the resident memory of a process in KiB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def busy_seconds(process: int) -> float:
    """Return the processor time that all threads of a process have used, in seconds."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _put_ahead(process: int) -> None:
    """Put a process ahead of what else the machine does; only root may."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, -20)
    with suppress(OSError):
        # The scheduler weighs sessions against each other before it looks at processes (sched(7)).
        Path(f"/proc/{process}/autogroup").write_text("-20")


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        with suppress(BrokenPipeError):
            process.stdin.close()
    else:
        process.terminate()
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
