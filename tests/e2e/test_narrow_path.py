"""A way that carries packets of 576 bytes: what a line does there, and what it says of it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from parley.testing.institution import Institution, pair, route, set_up
from parley.testing.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parley.testing.lab import Wire

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_core,
    pytest.mark.timeout(300),
    pytest.mark.enable_socket,
]

MTU = 576
ALERTS = 5
PORT = 4_000
SENT = "import socket, sys\n\
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
s.setsockopt(socket.IPPROTO_IP, 10, int(sys.argv[1]))\n\
try: s.sendto(bytes(1200), (sys.argv[2], int(sys.argv[3])))\n\
except OSError as error: print(error.errno)\n"
"""10 is IP_MTU_DISCOVER; 0 lets the kernel send fragments, 3, as for the line, does not."""
RECEIVED = "import socket, sys\n\
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
s.bind((sys.argv[1], int(sys.argv[2])))\n\
print('ready', flush=True)\n\
while True: print(len(s.recvfrom(2000)[0]), flush=True)\n"


class Two:
    """Two parties with one way between them, both carriers on it."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        lab = stack.enter_context(Lab.open())
        self.near, self.far = (Institution(lab, folder, name) for name in ("north", "south"))
        set_up((self.near, self.far), carriers=("udp", "tcp"))
        self.wire: Wire = lab.join(self.near.machine, self.far.machine, profile="regional", seed=1)
        route(self.near, self.far, self.wire)
        pair(self.near, self.far)

    def narrow(self) -> None:
        """Let the way carry packets of 576 bytes from here on, for nodes that start there."""
        for one in (self.near, self.far):
            done = one.machine.run("ip", "link", "set", "dev", "wire1", "mtu", str(MTU))
            assert done.returncode == 0, done.stderr
        for one in (self.near, self.far):
            one.stop()
            one.start()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """The two machines, on a narrow way."""
    with ExitStack() as stack:
        made = Two(stack, tmp_path_factory.mktemp("narrow"))
        made.narrow()
        yield made


def test_over_an_mtu_of_576_alerts_go_by_tcp_and_the_path_by_udp_says_why(two: Two) -> None:
    """QUIC begins with 1,200 bytes in one packet (RFC 9000 §14); TCP cuts what it carries."""
    for one, other in ((two.near, two.far), (two.far, two.near)):
        one.wait_until(
            lambda one=one, other=other: paths(one, other).get("tcp", {}).get("state") == "up",
            "no path by TCP",
        )
        one.wait_until(lambda one=one: one.own_log()["state"] == "open", "its log does not open")
    held = two.far.ask("record_exercise", what="look")["others"]
    two.near.ask("record_exercise", what="alerts", party=two.far.party, count=ALERTS)
    two.far.wait_until(
        lambda: two.far.ask("record_exercise", what="look")["others"] >= held + ALERTS,
        "the alerts do not come",
    )
    for one, other in ((two.near, two.far), (two.far, two.near)):
        found = paths(one, other)
        assert found["udp"]["state"] != "up"
        assert (found["udp"]["narrow_mtu"], found["tcp"]["narrow_mtu"]) == (MTU, None)
    folder = str(two.near.folder)
    said = two.near.machine.run(sys.executable, "-m", "parley", "doctor", "-C", folder, "--json")
    assert "this path carries no packets of 1,200 bytes" in said.stdout


@pytest.mark.parametrize(("mode", "arrives"), [(0, True), (3, False)])
def test_1200_bytes_pass_in_fragments_alone(
    two: Two, tmp_path: Path, mode: int, *, arrives: bool
) -> None:
    """The way itself would carry fragments; QUIC must not send any (RFC 9000 §14)."""
    log = tmp_path / "received.log"
    where = two.wire.address(two.far.machine)
    received = two.far.machine.start(sys.executable, "-c", RECEIVED, where, str(PORT), log=log)
    try:
        two.far.wait_until(lambda: "ready" in log.read_text(), "nobody listens")
        sent = [
            two.near.machine.run(sys.executable, "-c", SENT, str(mode), where, str(PORT))
            for _ in range(3)
        ]
        if arrives:
            two.far.wait_until(lambda: log.read_text().count("1200") == 3, "no fragments pass")
            return
        # EMSGSIZE on Linux: the kernel knows that it would not pass, and sends nothing.
        assert {each.stdout.strip() for each in sent} == {"90"}
        assert "1200" not in log.read_text()
    finally:
        received.kill()
        received.wait()


def paths(one: Institution, other: Institution) -> dict[str, dict[str, object]]:
    """Return what a node says of each path to another, by its carrier."""
    return {path["carrier"]: path for path in one.line(other).get("paths", ())}
