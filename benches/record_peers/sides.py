"""Two sides in two network namespaces, the wire between them, and the doors into each."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from tempfile import TemporaryDirectory
from typing import Final

from parley.testing.lab import NAMESPACES, Lab, Machine, Wire

#: What setns(2) enters.
_NETWORK: Final = 0x40000000
#: How long anything may take to start. Synapse writes its whole schema first.
START_S_MAX: Final = 150.0
_ASK_AGAIN_S: Final = 0.1


class PeerFailedError(Exception):
    """A program that is measured did not start, ended, or refused what it was asked."""


@dataclass(frozen=True)
class Side:
    """One of the two: its namespace, its address on the wire, its folder.

    Attributes:
        machine: The namespace and what runs in it.
        address: Its own address on the wire.
        folder: What it writes; others than root may pass through.
    """

    machine: Machine
    address: str
    folder: Path

    def start(
        self, name: str, *command: str, account: tuple[int, int] | None = None
    ) -> Popen[bytes]:
        """Start a program here that ends with the bench, however that ends.

        Args:
            name: What its log is called.
            command: The program and its arguments.
            account: The user and group to run as, by number, when not our own.
        """
        return self.machine.start(
            "setpriv",
            "--pdeathsig",
            "KILL",
            *become(account),
            *command,
            log=self.folder / f"{name}.log",
        )

    def connect(self, port: int, timeout_s: float | None = None) -> socket.socket:
        """Return a connection to a port of this side's loopback.

        A socket belongs to the namespace in which it was made, wherever it is used later; only the
        thread that makes it goes there and comes back (setns(2)).
        """
        with _inside(self.machine.namespace):
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(timeout_s)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            made.connect(("127.0.0.1", port))
        except BaseException:
            made.close()
            raise
        return made

    def memory_mib(self) -> float:
        """Return the memory of all that runs here, shared pages divided among who shares them."""
        inode = (NAMESPACES / self.machine.namespace).stat().st_ino
        return (
            sum(
                _proportional_kib(process)
                for process in Path("/proc").iterdir()
                if process.name.isdigit() and _network_of(process) == inode
            )
            / 1024
        )

    def last_words(self, name: str) -> str:
        """Return the end of a program's log."""
        log = self.folder / f"{name}.log"
        return log.read_text(errors="replace")[-2_000:] if log.exists() else ""


@contextmanager
def two_sides(profile: str, seed: int) -> Iterator[tuple[Side, Side, Wire]]:
    """Yield a near and a far side and the wire between; all that runs there ends with the block."""
    with Lab.open() as lab, TemporaryDirectory(prefix="parley-peers-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        machines = lab.machine("near"), lab.machine("far")
        wire = lab.join(*machines, profile=profile, seed=seed)
        sides = [Side(each, wire.address(each), folder / each.name) for each in machines]
        for side in sides:
            side.folder.mkdir(mode=0o711)
        try:
            yield sides[0], sides[1], wire
        finally:
            # Before the folder goes, so that nothing still writes into it.
            lab.close()


def become(account: tuple[int, int] | None) -> list[str]:
    """Return the options of setpriv(1) that make it another user and group; none when it is us."""
    if account is None:
        return []
    return [f"--reuid={account[0]}", f"--regid={account[1]}", "--clear-groups"]


def wait_until(
    is_ready: Callable[[], bool], side: Side, name: str, process: Popen[bytes] | None = None
) -> None:
    """Return once a program answers.

    Raises:
        PeerFailedError: it ended, or does not answer in time; with its last words.
    """
    give_up = time.monotonic() + START_S_MAX
    while time.monotonic() < give_up and (process is None or process.poll() is None):
        if is_ready():
            return
        time.sleep(_ASK_AGAIN_S)
    raise PeerFailedError(f"{name} ({side.machine.name}) did not start: {side.last_words(name)}")


def restarted(side: Side, name: str, is_ready: Callable[[], bool]) -> float:
    """Kill what was started last on a side; return in how many milliseconds it answers again.

    Raises:
        PeerFailedError: it does not.
    """
    process = side.machine.processes[-1]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    started = time.monotonic()
    again = subprocess.Popen(
        process.args,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    side.machine.processes.append(again)
    wait_until(is_ready, side, name, again)
    return (time.monotonic() - started) * 1e3


def say(words: str) -> None:
    """Tell whoever watches how far the bench is."""
    print(words, file=sys.stderr, flush=True)


@contextmanager
def _inside(namespace: str) -> Iterator[None]:
    """Let this thread make sockets in another network namespace, and come back."""
    with Path("/proc/thread-self/ns/net").open() as here, (NAMESPACES / namespace).open() as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(here.fileno())


def _enter(namespace: int) -> None:
    # os.setns came with Python 3.12.
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _NETWORK):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _network_of(process: Path) -> int:
    try:
        return (process / "ns" / "net").stat().st_ino
    except OSError:
        return 0


def _proportional_kib(process: Path) -> int:
    try:
        rollup = (process / "smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line[:4] == "Pss:"), 0)
