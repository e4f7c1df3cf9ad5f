"""The lab itself: what is joined is reached as the profile says, what is not joined is not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.testing import lab as labs
from parley.testing.lab import Browser, Lab, Machine

pytestmark = [pytest.mark.e2e, pytest.mark.needs_core, pytest.mark.timeout(120)]

PORT = "7400"
PATIENCE_S = 30.0
"""For what a machine does by itself. It is no measurement."""

# Listens for TCP and UDP on every address of its machine, and answers whoever asks.
LISTENER = f"""
import socket, threading
tcp = socket.create_server(("0.0.0.0", {PORT}))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", {PORT}))
def echo():
    while True:
        packet, source = udp.recvfrom(2000)
        udp.sendto(packet, source)
threading.Thread(target=echo, daemon=True).start()
print("listening", flush=True)
while True:
    tcp.accept()[0].close()
"""

# Asks one address by TCP and by UDP; prints the round trips in ms, or null where none came.
ASKER = f"""
import json, socket, sys, time
address = (sys.argv[1], {PORT})
patience = float(sys.argv[2])
def tcp():
    socket.create_connection(address, timeout=patience).close()
def udp():
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.settimeout(patience)
    asking.sendto(b"?", address)
    asking.recvfrom(10)
def round_trip(ask):
    before = time.monotonic()
    try:
        ask()
    except OSError:
        return None
    return (time.monotonic() - before) * 1000
print(json.dumps([round_trip(tcp), round_trip(udp)]))
"""

# Opens a lab, says which namespaces it has, and waits to be killed.
DYING_LAB = """
import sys
from parley.testing.lab import Lab
with Lab.open() as lab:
    first, second = lab.machine("a"), lab.machine("b")
    sleeper = first.start("sleep", "1000", log=__import__("pathlib").Path("/dev/null"))
    print(first.namespace, second.namespace, sleeper.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A lab, on a machine that can be one."""
    if (reason := labs.missing()) is not None:
        pytest.skip(reason)
    with Lab.open() as opened:
        yield opened


def test_a_browser_reaches_its_own_node_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    """Invariant of the product: only nodes cross the border."""
    near, far = listening(lab, "near", tmp_path), listening(lab, "far", tmp_path)
    desk, other = lab.browser(near, "desk"), lab.browser(far, "other")
    wire = lab.join(near, far, profile="lan", seed=1)

    assert reaches(desk, desk.gateway)
    assert reaches(other, other.gateway)
    assert reaches(near, wire.address(far))
    for address in (wire.address(far), wire.address(near), other.gateway, other.address):
        assert is_shut_off(desk, address), address


def test_a_node_does_not_forward_even_for_a_browser_that_tries(lab: Lab, tmp_path: Path) -> None:
    """A route added by hand in the browser's machine ends at its node."""
    near, far = listening(lab, "near", tmp_path), listening(lab, "far", tmp_path)
    desk, other = lab.browser(near, "desk"), lab.browser(far, "other")
    wire = lab.join(near, far, profile="lan", seed=1)
    assert desk.run("ip", "route", "add", "default", "via", desk.gateway).returncode == 0
    assert far.run("ip", "route", "add", "default", "via", wire.address(near)).returncode == 0

    for address in (wire.address(far), other.gateway, other.address):
        assert is_shut_off(desk, address), address
    out, _ = wire.stats()
    assert out.offered == 0


def test_a_node_reaches_only_those_it_has_a_line_with(lab: Lab, tmp_path: Path) -> None:
    """Three nodes in a row: the ends reach the middle and not each other."""
    first, middle, last = (listening(lab, name, tmp_path) for name in ("first", "middle", "last"))
    one = lab.join(first, middle, profile="lan", seed=1)
    two = lab.join(middle, last, profile="lan", seed=2)

    assert reaches(first, one.address(middle))
    assert reaches(last, two.address(middle))
    assert is_shut_off(first, two.address(last))
    assert is_shut_off(first, two.address(middle))
    three = lab.join(first, last, profile="lan", seed=3)
    assert reaches(first, three.address(last))


def test_a_wire_delays_tcp_and_udp_by_its_profile(lab: Lab, tmp_path: Path) -> None:
    """No packet is ever early; how late one may be depends on the machine."""
    near, far = listening(lab, "near", tmp_path), listening(lab, "far", tmp_path)
    wire = lab.join(near, far, profile="border,loss=0%", seed=1)

    tcp, udp = ask(near, wire.address(far))
    assert tcp is not None
    assert udp is not None
    assert min(tcp, udp) >= 250


def test_a_cut_wire_passes_nothing_until_it_is_restored(lab: Lab, tmp_path: Path) -> None:
    """One way is enough to stop a conversation."""
    near, far = listening(lab, "near", tmp_path), listening(lab, "far", tmp_path)
    wire = lab.join(near, far, profile="lan", seed=1)

    wire.cut()
    assert is_shut_off(near, wire.address(far))
    wire.restore()
    assert reaches(near, wire.address(far))
    wire.cut(way="back")
    assert is_shut_off(near, wire.address(far))
    wire.restore()
    wire.set_profile("lan,out.loss=100%")
    assert is_shut_off(near, wire.address(far))
    out, back = wire.stats()
    assert min(out.cut, out.lost, back.cut) > 0


def test_a_program_can_be_given_as_a_path(lab: Lab) -> None:
    """What starts a browser wants an executable, not a command line."""
    first, second = lab.machine("a"), lab.machine("b")
    wire = lab.join(first, second, profile="lan", seed=1)

    wrapped = first.wrap(str(Path("/bin/sh")))
    printed = subprocess.run(
        [wrapped, "-c", "ip -brief address show up"], capture_output=True, text=True, check=True
    ).stdout
    assert wire.address(first) in printed
    assert wire.address(second) not in printed


def test_closing_a_lab_ends_its_processes_and_removes_its_machines(tmp_path: Path) -> None:
    """Also those that a process of the lab has started and forgotten."""
    if (reason := labs.missing()) is not None:
        pytest.skip(reason)
    with Lab.open() as lab:
        machine = lab.machine("a")
        process = machine.start("sh", "-c", "sleep 1000 & sleep 1000", log=tmp_path / "log")
        machine.run("sh", "-c", "setsid sleep 1000 > /dev/null 2>&1 &")
        inside = processes(machine, 3)
    assert process.returncode is not None
    assert not (labs.NAMESPACES / machine.namespace).exists()
    assert all(is_over(int(pid)) for pid in inside)


def test_a_crashed_lab_is_removed_by_the_next_and_a_running_one_is_not(lab: Lab) -> None:
    """Names say whose a namespace is; a process that is gone owns nothing."""
    bystander = lab.machine("bystander")
    crashing = subprocess.Popen(
        [sys.executable, "-c", DYING_LAB], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with crashing:
        assert crashing.stdout is not None
        first, second, sleeper = crashing.stdout.readline().split()
        assert (labs.NAMESPACES / first).exists()
        assert labs.remove_stale() == []
        crashing.send_signal(signal.SIGKILL)
    assert sorted(labs.remove_stale()) == sorted([first, second])
    assert not (labs.NAMESPACES / first).exists()
    assert is_over(int(sleeper))
    assert (labs.NAMESPACES / bystander.namespace).exists()


def listening(lab: Lab, name: str, folder: Path) -> Machine:
    """Add a machine on which something listens on every address."""
    machine = lab.machine(name)
    log = folder / f"{name}.log"
    machine.start(sys.executable, "-c", LISTENER, log=log)
    while "listening" not in log.read_text():
        machine.run("sleep", "0.02")
    return machine


def reaches(machine: Machine | Browser, address: str) -> bool:
    """Whether TCP or UDP gets through and back at all."""
    return any(round_trip is not None for round_trip in ask(machine, address))


def is_shut_off(machine: Machine | Browser, address: str) -> bool:
    """Whether neither TCP nor UDP gets through within a second, on wires that take no time."""
    return ask(machine, address, patience=1) == [None, None]


def ask(machine: Machine, address: str, patience: float = 20) -> list[float | None]:
    """Return the round trip by TCP and by UDP in ms, `None` where no answer came."""
    answer = machine.run(sys.executable, "-c", ASKER, address, str(patience))
    assert answer.returncode == 0, answer.stderr
    round_trips: list[float | None] = json.loads(answer.stdout)
    return round_trips


def processes(machine: Machine, number: int) -> list[str]:
    """Return the processes in a machine, once there are so many."""
    last = time.monotonic() + PATIENCE_S
    while True:
        inside = machine.run("ip", "netns", "pids", machine.namespace).stdout.split()
        if len(inside) >= number:
            return inside
        assert time.monotonic() < last, inside
        time.sleep(0.05)


def is_over(pid: int) -> bool:
    """Whether a process that was killed ends; a busy machine takes its time over that."""
    until = time.monotonic() + PATIENCE_S
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(pid)


def is_running(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.getpid() != pid
