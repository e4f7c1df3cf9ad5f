"""The load generator: one process on a core of its own, one JSON command at a time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay.network import FIRST_ENDPOINT_ADDRESS
from relay.processes import running

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = _ROOT / "target" / "release" / "parley-load"
#: RTP payload of every packet, as the goal names it.
PAYLOAD_BYTES = 1_100
#: Sockets behind the generator's addresses. More spreads its receive buffers, fewer batches better.
_SOCKETS = 4


def build() -> None:
    """Compile the generator, which takes a moment when nothing has changed.

    Raises:
        SystemExit: when it does not compile.
    """
    command = ["cargo", "build", "--release", "--locked", "--quiet", "-p", "parley-load"]
    if subprocess.run(command, cwd=_ROOT, check=False).returncode:
        raise SystemExit(f"the generator does not compile: {' '.join(command)}")


class LoadError(Exception):
    """The generator refused a command, or a relay refused the generator."""


@dataclass(frozen=True)
class Offer:
    """An endpoint that waits for its answer, or the answer to a relay's offer."""

    endpoint: int
    sdp: str


@dataclass(frozen=True)
class Window:
    """What one measured stretch of steady sending saw."""

    seconds: float
    sent: int
    expected: int
    received: int
    bytes: int
    streams: int
    busy_seconds: float
    own_busy_seconds: float
    delay_ns: dict[str, float]
    slip_ns: dict[str, float]
    oddities: dict[str, int]

    @property
    def missing_share(self) -> float:
        """Share of the packets that did not arrive: 0 to 1."""
        return max(0.0, 1 - self.received / self.expected) if self.expected else 1.0

    @property
    def busy_share(self) -> float:
        """Share of one core that the relay used."""
        return self.busy_seconds / self.seconds

    @property
    def packets_per_busy_second(self) -> float:
        """Packets delivered for each second of processor time of the relay."""
        return self.received / self.busy_seconds

    @property
    def mbit_per_busy_second(self) -> float:
        """Mbit of UDP payload delivered for each second of processor time of the relay."""
        return self.bytes * 8 / 1e6 / self.busy_seconds


@contextmanager
def generator(core: int) -> Iterator[Load]:
    """Run the generator on a core for as long as the context lasts."""
    command = (str(_PROGRAM), FIRST_ENDPOINT_ADDRESS, str(_SOCKETS))
    with running(core, *command, pipes=subprocess.PIPE) as process:
        yield Load(process)


class Load:
    """A running generator."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Drive the generator of a process."""
        self._process = process

    def offer(self, *, publishes: bool, slots: int) -> Offer:
        """Make an endpoint as a page of Parley's would: three media up, so many slots down."""
        made = self._ask(do="offer", publishes=publishes, slots=slots, payload_bytes=PAYLOAD_BYTES)
        return Offer(made["id"], made["sdp"])

    def accept(self, endpoint: int, answer: str) -> None:
        """Hand the relay's answer to an endpoint."""
        self._ask(do="accept", id=endpoint, sdp=answer)

    def answer(self, offer: str) -> Offer:
        """Make a watcher from a relay's offer."""
        made = self._ask(do="answer", sdp=offer)
        return Offer(made["id"], made["sdp"])

    def connect(self, seconds: int = 30) -> list[str]:
        """Wait until all endpoints are connected; return the SRTP profiles agreed upon."""
        profiles: list[str] = self._ask(do="connect", seconds=seconds)["profiles"]
        return profiles

    def clear(self) -> None:
        """Drop all endpoints."""
        self._ask(do="clear")

    def ports(self) -> list[int]:
        """Return the generator's UDP ports."""
        ports: list[int] = self._ask(do="ports")["ports"]
        return ports

    def run(self, process: int, rate: int, seconds: float, warm_up: float = 0.7) -> Window:
        """Publish `rate` packets a second from each publisher and measure one window."""
        seen = self._ask(
            do="run",
            packets_per_second=rate,
            warm_up_ms=round(warm_up * 1000),
            window_ms=round(seconds * 1000),
            processes=[process],
        )
        return Window(
            seconds=seen["seconds"],
            sent=seen["sent"],
            expected=seen["expected"],
            received=seen["received"],
            bytes=seen["bytes"],
            streams=seen["streams"],
            busy_seconds=seen["busy_ns"][0] / 1e9,
            own_busy_seconds=seen["own_busy_ns"] / 1e9,
            delay_ns=seen["delay_ns"],
            slip_ns=seen["slip_ns"],
            oddities=seen["oddities"],
        )

    def baseline_ns(self) -> dict[str, float]:
        """Measure what the way from one own address to another costs without a relay."""
        return self._ask(do="baseline", packets=2_000, bytes=PAYLOAD_BYTES + 36)

    def _ask(self, **command: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise LoadError("the generator has no pipes")
        stdin.write(json.dumps(command) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise LoadError(f"the generator ended during {command['do']}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LoadError(f"{command['do']}: {answer['error']}")
        return answer
