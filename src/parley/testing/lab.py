"""Whole machines on one machine: network namespaces, joined by emulated bad networks.

How does a browser come to reach nothing but its own node? Each machine of a lab is a network
namespace, which starts with no way out at all. A browser's namespace gets one cable, to its node's,
and no route beyond it; a node's namespace does not forward. Two nodes that have a line get a TUN
wire (``parley-netem``), which carries TCP and UDP alike, delayed and lost as its profile says. What
was not joined cannot be reached: that is a property of the kernel's routing, not of a filter.

What if a run dies? A namespace outlives the process that made it, so its name says who that was;
opening a lab first removes the namespaces, and ends what still runs in them, of labs whose process
is gone. Wires need no such care: they end with the process.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from parley._core import TunWire, WireStats

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "parley-lab"
"""What the names of all namespaces of all labs begin with."""

NAMESPACES = Path("/run/netns")
"""Where iproute2 keeps namespaces by name."""

LEAVE_SECONDS = 5.0
"""How long a process has to end when asked. Less cuts off a node that writes its last words; more
only delays the end of a test whose process hangs."""

COMMAND_SECONDS = 60.0
"""How long a command run in a machine may take before it is taken to hang. It is no measurement:
over the slowest profile the longest thing done so, a download of a page, takes a few seconds."""

NETWORKS_MAX = 250
"""How many cables, and how many wires, a lab has addresses for: one byte of them."""

PREFIX_LENGTH = 30
"""Of every cable's and wire's network: two addresses, so that a route reaches two machines."""


class LabUnavailable(Exception):
    """This machine cannot be a lab; the text says what is missing."""


@dataclass(frozen=True)
class Machine:
    """One machine of a lab: a network namespace and what runs in it."""

    name: str
    namespace: str
    folder: Path
    processes: list[subprocess.Popen[bytes]]

    def run(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command here to its end, whatever that is, and return what it printed."""
        return subprocess.run(  # noqa: S603 - the test says what runs
            self._inside(command),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def start(
        self, *command: str, log: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a command here that runs until it ends or the lab is closed.

        Args:
            command: the program and its arguments.
            log: the file that what it prints is appended to.
            environment: variables on top of our own.
        """
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - the test says what runs
                self._inside(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def block(self, *rule: str) -> None:
        """Drop what matches, coming in or going out, until `unblock`.

        Args:
            rule: one nftables match, such as ``udp dport 7400``.

        Raises:
            LabUnavailable: nftables is missing or refuses it; the text holds its own words.
        """
        ways = [f"add rule inet {PREFIX} {way} {' '.join(rule)} drop" for way in ("in", "out")]
        chains = [
            f"add chain inet {PREFIX} {way} {{ type filter hook {hook} priority 0; }}"
            for way, hook in (("in", "input"), ("out", "output"))
        ]
        self._filter("\n".join([f"add table inet {PREFIX}", *chains, *ways]))

    def unblock(self) -> None:
        """Let everything pass again."""
        self._filter(f"delete table inet {PREFIX}")

    def _filter(self, rules: str) -> None:
        done = self.run(_program("nft", "nftables"), "-f", "-", stdin=rules)
        if done.returncode != 0:
            raise LabUnavailable(f"nft: {done.stderr.strip()}")

    def wrap(self, program: str) -> Path:
        """Return an executable that runs a program here, for whoever wants a path to one."""
        path = self.folder / f"{self.name}-{Path(program).name}"
        inside = " ".join(self._inside((program,)))
        path.write_text(f'#!/bin/sh\nexec {inside} "$@"\n')
        path.chmod(0o700)
        return path

    def _inside(self, command: tuple[str, ...]) -> list[str]:
        return [_program("ip"), "netns", "exec", self.namespace, *command]


@dataclass(frozen=True)
class Browser(Machine):
    """A machine that reaches one node and nothing else."""

    address: str
    """Its own address on its cable."""
    gateway: str
    """Its node's address on that cable: the only one it can reach."""


class Wire:
    """An emulated path between two machines of a lab."""

    def __init__(self, wire: TunWire, addresses: Mapping[str, str]) -> None:
        self._wire = wire
        self._addresses = addresses

    def address(self, machine: Machine) -> str:
        """Return a machine's own address on this wire."""
        return self._addresses[machine.namespace]

    def cut(self, ms: int | None = None, way: Literal["both", "out", "back"] = "both") -> None:
        """Let nothing pass for so many milliseconds, or until `restore`."""
        self._wire.cut(ms, way)

    def restore(self) -> None:
        """End a cut."""
        self._wire.restore()

    def set_profile(self, profile: str) -> None:
        """Turn this into another path from now on; the text is that of `Lab.join`."""
        self._wire.set_profile(profile)

    def stats(self) -> tuple[WireStats, WireStats]:
        """Return what the way out (first machine to second) and the way back have carried."""
        return self._wire.stats()

    def stop(self) -> None:
        """Take the wire away, and its addresses with it."""
        self._wire.stop()


class Lab:
    """Machines and what joins them; `open` makes one, leaving the block removes it all."""

    def __init__(self, folder: Path) -> None:
        self._owner = f"{PREFIX}-{os.getpid()}-{_started_at(os.getpid())}-"
        self._folder = folder
        self._machines: list[Machine] = []
        self._wires: list[Wire] = []
        self._cables = 0

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Self]:
        """Open a lab, after removing what crashed ones left behind.

        Raises:
            LabUnavailable: this machine cannot be one.
        """
        if (reason := missing()) is not None:
            raise LabUnavailable(reason)
        remove_stale()
        with tempfile.TemporaryDirectory(prefix=f"{PREFIX}-") as folder:
            lab = cls(Path(folder))
            try:
                yield lab
            finally:
                lab.close()

    def machine(self, name: str) -> Machine:
        """Add a machine that reaches nothing yet but itself."""
        machine = Machine(name, self._namespace(name), self._folder, [])
        self._machines.append(machine)
        return machine

    def browser(self, node: Machine, name: str) -> Browser:
        """Add a machine that reaches one node, by a perfect cable, and nothing else."""
        self._cables += 1
        gateway, address = _addresses(77, self._cables)
        browser = Browser(name, self._namespace(name), self._folder, [], address, gateway)
        self._machines.append(browser)
        _lay_cable(node.namespace, gateway, browser.namespace, address, number=self._cables)
        return browser

    def join(self, first: Machine, second: Machine, *, profile: str, seed: int) -> Wire:
        """Join two machines by an emulated path, out being from the first to the second.

        Args:
            first: one machine.
            second: another one.
            profile: a name and what differs from it, such as ``border,loss=5%``.
            seed: the same seed and the same traffic lose the same packets.
        """
        number = len(self._wires) + 1
        near, far = _addresses(78, number)
        core = TunWire(
            profile=profile,
            seed=seed,
            near_namespace=first.namespace,
            far_namespace=second.namespace,
            near_ip=f"{near}/{PREFIX_LENGTH}",
            far_ip=f"{far}/{PREFIX_LENGTH}",
            device=f"wire{number}",
        )
        wire = Wire(core, {first.namespace: near, second.namespace: far})
        self._wires.append(wire)
        return wire

    def close(self) -> None:
        """End every process and wire, and remove every machine."""
        for machine in self._machines:
            _end(machine.processes)
        for wire in self._wires:
            wire.stop()
        for machine in self._machines:
            _remove(machine.namespace)
        self._machines.clear()
        self._wires.clear()

    def _namespace(self, name: str) -> str:
        namespace = self._owner + name
        _ip("netns", "add", namespace)
        try:
            _settle(namespace)
        except LabUnavailable:
            _remove(namespace)
            raise
        return namespace


def missing() -> str | None:
    """Return what this machine lacks to be a lab, or `None`."""
    if sys.platform != "linux":
        return "a lab needs Linux: its machines are network namespaces"
    if os.geteuid() != 0:
        return "a lab needs root to make network namespaces and TUN devices: run as root"
    if shutil.which("ip") is None:
        return "a lab needs the command ip: apt-get install iproute2"
    return None


def remove_stale() -> list[str]:
    """Remove the namespaces of labs whose process is gone; return their names."""
    stale = [name for name in _namespaces() if _is_stale(name)]
    for namespace in stale:
        _remove(namespace)
    return stale


def _namespaces() -> list[str]:
    if not NAMESPACES.is_dir():
        return []
    return sorted(path.name for path in NAMESPACES.iterdir() if path.name.startswith(f"{PREFIX}-"))


def _is_stale(namespace: str) -> bool:
    """Return whether the process that made a namespace is gone.

    A process id comes round again, so its start is compared, too.
    """
    pid, _, rest = namespace.removeprefix(f"{PREFIX}-").partition("-")
    return not pid.isdigit() or rest.partition("-")[0] != _started_at(int(pid))


def _started_at(pid: int) -> str:
    """Return when a process started, in clock ticks since the machine did; empty if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # proc(5): field 22, counted from behind the name in brackets, which may hold anything.
    return stat.rpartition(")")[2].split()[19]


def _settle(namespace: str) -> None:
    """Bring up the loopback, never forward, and let no device speak before it is spoken to."""
    _ip("-n", namespace, "link", "set", "lo", "up")
    settings = {
        "net/ipv4/ip_forward": "0",
        "net/ipv6/conf/all/forwarding": "0",
        # No link-local address, so that a wire carries nothing but what a test sends.
        "net/ipv6/conf/default/addr_gen_mode": "1",
    }
    script = "; ".join(
        f"[ ! -e /proc/sys/{key} ] || echo {value} > /proc/sys/{key}"
        for key, value in settings.items()
    )
    _ip("netns", "exec", namespace, "sh", "-ec", script)


def _lay_cable(near: str, near_ip: str, far: str, far_ip: str, *, number: int) -> None:
    ends = f"cable{number}", "cable0"
    _ip("-n", near, "link", "add", ends[0], "type", "veth", "peer", "name", ends[1], "netns", far)
    for namespace, device, address in ((near, ends[0], near_ip), (far, ends[1], far_ip)):
        _ip("-n", namespace, "address", "add", f"{address}/{PREFIX_LENGTH}", "dev", device)
        _ip("-n", namespace, "link", "set", device, "up")


def _addresses(network: int, number: int) -> tuple[str, str]:
    if number > NETWORKS_MAX:
        raise LabUnavailable(f"a lab has addresses for {NETWORKS_MAX} cables and as many wires")
    return f"10.{network}.{number}.1", f"10.{network}.{number}.2"


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LEAVE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _remove(namespace: str) -> None:
    """End what still runs in a namespace and remove it; devices and wires go with it."""
    with suppress(LabUnavailable):
        for pid in _ip("netns", "pids", namespace).split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        _ip("netns", "delete", namespace)


def _ip(*arguments: str) -> str:
    """Run iproute2 and return what it printed.

    Raises:
        LabUnavailable: it failed; the text holds its own words.
    """
    command = [_program("ip"), *arguments]
    done = subprocess.run(  # noqa: S603 - every argument is our own
        command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    if done.returncode != 0:
        raise LabUnavailable(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _program(name: str, package: str = "iproute2") -> str:
    path = shutil.which(name)
    if path is None:
        raise LabUnavailable(f"a lab needs the command {name}: apt-get install {package}")
    return path
