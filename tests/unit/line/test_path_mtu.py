"""What the kernel knows of the largest packet on the way to another party."""

import socket
import sys
from typing import Self

import pytest

from parley.line.path_mtu import is_narrow, known_mtu
from parley.line.resolver import SystemResolver


class Probe:
    """A socket of a kernel that has been told of the way."""

    asked: tuple[object, ...] = ()

    def __init__(self, family: int, kind: int) -> None:
        """Be of a family."""
        Probe.asked = (family, kind)

    def __enter__(self) -> Self:
        """Open nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""

    def connect(self, address: tuple[str, int]) -> None:
        """Choose a way; send nothing."""
        if address[0] == "192.0.2.9":
            raise OSError(101, "Network is unreachable")
        Probe.asked = (*Probe.asked, address)

    def getsockopt(self, level: int, option: int) -> int:
        """Say what a router said."""
        Probe.asked = (*Probe.asked, level, option)
        return 576


@pytest.mark.parametrize(
    ("address", "family", "where", "asked"),
    [
        ("192.0.2.1:7400", socket.AF_INET, ("192.0.2.1", 7400), (socket.IPPROTO_IP, 14)),
        ("[2001:db8::1]:1", socket.AF_INET6, ("2001:db8::1", 1), (socket.IPPROTO_IPV6, 24)),
    ],
)
def test_the_kernel_is_asked_and_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    family: int,
    where: tuple[str, int],
    asked: tuple[int, int],
) -> None:
    """What it has learnt of the way is the same for every socket."""
    monkeypatch.setattr(socket, "socket", Probe)
    monkeypatch.setattr(sys, "platform", "linux")
    assert SystemResolver().mtu(address) == 576
    assert Probe.asked == (family, socket.SOCK_DGRAM, where, *asked)


def test_where_there_is_no_way_or_no_such_question_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And nothing is said."""
    monkeypatch.setattr(socket, "socket", Probe)
    monkeypatch.setattr(sys, "platform", "linux")
    assert known_mtu("192.0.2.9:7400") is None
    monkeypatch.setattr(sys, "platform", "darwin")
    assert known_mtu("192.0.2.1:7400") is None


@pytest.mark.parametrize(
    ("mtu", "address", "narrow"),
    [
        (576, "192.0.2.1:7400", True),
        (1_227, "192.0.2.1:7400", True),
        (1_228, "192.0.2.1:7400", False),
        (1_247, "[2001:db8::1]:7400", True),
        (1_248, "[2001:db8::1]:7400", False),
    ],
)
def test_a_way_is_narrow_that_carries_no_datagram_of_1200_bytes(
    mtu: int, address: str, *, narrow: bool
) -> None:
    """With the headers of IP and UDP before it (RFC 9000 §14)."""
    assert is_narrow(mtu, address) is narrow
