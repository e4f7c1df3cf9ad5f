"""What goes wrong with nodes themselves: taken ports, a wrong clock, one key on two machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from parley.testing.institution import (
    LINE_PORT,
    MEDIA_PORT,
    WEB_PORT,
    Institution,
    pair,
    route,
    set_up,
)
from parley.testing.lab import Lab

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_core,
    pytest.mark.timeout(300),
    pytest.mark.enable_socket,
]

HOUR_S = 3_600
HOLDER = """
import signal, socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
held = socket.socket(socket.AF_INET, kind)
held.bind((sys.argv[2], int(sys.argv[3])))
if kind == socket.SOCK_STREAM:
    held.listen()
print("held", flush=True)
signal.pause()
"""


class Three:
    """Two parties with a line, and a machine that is to become a second node of the first."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        lab = stack.enter_context(Lab.open())
        self.near, self.far, self.twin = (
            Institution(lab, folder, name) for name in ("north", "south", "twin")
        )
        self.twin.init()
        set_up((self.near, self.far))
        for seed, one in enumerate((self.near, self.twin)):
            wire = lab.join(one.machine, self.far.machine, profile="regional", seed=seed)
            route(one, self.far, wire)
        pair(self.near, self.far)

    def wait_for_line(self) -> None:
        """Wait until both nodes say that the line is up."""
        for one, other in ((self.near, self.far), (self.far, self.near)):
            one.wait_until(lambda one=one, other=other: one.line_state(other) == "up", "no line")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """The machines that the tests of this page share; each leaves the line up."""
    with ExitStack() as stack:
        yield Three(stack, tmp_path_factory.mktemp("nodes"))


@pytest.mark.parametrize(
    ("protocol", "port"), [("tcp", WEB_PORT), ("udp", LINE_PORT), ("udp", MEDIA_PORT)]
)
def test_a_node_whose_port_is_taken_says_which_and_does_not_run(
    three: Three, tmp_path: Path, protocol: str, port: int
) -> None:
    """The address, and what to do; nothing of the node runs half."""
    node = three.twin
    where = node.address if port == LINE_PORT else node.desk.gateway
    log = tmp_path / "holder.log"
    holder = node.machine.start(sys.executable, "-c", HOLDER, protocol, where, str(port), log=log)
    try:
        node.wait_until(lambda: "held" in log.read_text(), "nobody holds the port")
        said = node.serve_in_vain()
    finally:
        holder.kill()
        holder.wait()
    assert f"{where}:{port} is in use" in said
    assert "Traceback" not in said


def test_a_second_process_on_one_folder_is_refused(three: Three) -> None:
    """Two processes would write one database; the one that runs is not disturbed."""
    assert "running" in three.near.serve_in_vain()
    three.wait_for_line()


@pytest.mark.parametrize("ahead_s", [HOUR_S, -HOUR_S])
def test_a_clock_an_hour_off_is_told_on_both_sides_and_the_line_holds(
    three: Three, ahead_s: int
) -> None:
    """No key and no card depends on the hour; what is dated wrong is said to be."""
    three.far.stop()
    three.far.start(clock_ahead_s=ahead_s)
    try:
        three.wait_for_line()
        for one, other, skew_s in (
            (three.near, three.far, ahead_s),
            (three.far, three.near, -ahead_s),
        ):
            one.wait_until(
                lambda one=one, other=other: one.line(other).get("clock_is_skewed"),
                "the clocks are not compared",
            )
            assert one.line(other)["clock_skew_s"] == pytest.approx(skew_s, abs=5)
            assert one.set_aside()["claim.clock_skewed"] >= 1
    finally:
        three.far.stop()
        three.far.start()
    three.wait_for_line()
    three.near.wait_until(
        lambda: three.near.line(three.far).get("clock_is_skewed") is False,
        "a clock that was set right is still said to be wrong",
    )


def test_two_nodes_with_one_key_are_told_apart_and_named_on_both_sides(three: Three) -> None:
    """A copied folder is found out by the other party, which tells the party whose key it is."""
    three.twin.take_over(three.near)
    three.twin.start()
    three.far.wait_until(
        lambda: "line.key_in_use_twice" in three.far.set_aside(), "the other party sees nothing"
    )
    three.near.wait_until(
        lambda: (
            "line.our_key_in_use_twice" in three.near.set_aside()
            or "line.our_key_in_use_twice" in three.twin.set_aside()
        ),
        "the party itself is not told",
    )
    three.twin.kill()
    three.wait_for_line()
