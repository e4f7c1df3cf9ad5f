"""What the kernel has learnt of the largest packet on the way to an address.

QUIC sends no datagram of less than 1,200 bytes before a path is proved, and none in fragments
(RFC 9000 §14). A way that carries less never comes up, and looks like one on which everything is
lost. Routers say what they carry when they turn a packet away (RFC 1191 §4), and the kernel keeps
that for every socket; asking it sends nothing. Where routers are silent, nothing is known.
"""

import socket
import sys
from typing import Final

from parley.config.kinds import split_address

DATAGRAM_BYTES_MIN: Final = 1_200
"""RFC 9000 §14: what a path must carry for QUIC."""
_HEADERS: Final = {socket.AF_INET: 28, socket.AF_INET6: 48}
"""IP and UDP, in front of a datagram."""
# Constants of Linux that Python does not name (RFC 3542 §11 has the one of IPv6).
_ASKED: Final = {
    socket.AF_INET: (socket.IPPROTO_IP, 14),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 24),
}


def known_mtu(address: str) -> int | None:
    """Return the largest packet that the kernel sends to ``host:port``, None where none is known.

    Args:
        address: an IP literal and a port.
    """
    if sys.platform != "linux":
        return None
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host.strip("[]"), port))
            return probe.getsockopt(*_ASKED[family])
    except OSError:
        # There is no way there at all; that is shown by the path itself.
        return None


def is_narrow(mtu: int, address: str) -> bool:
    """Say whether packets of that size carry no datagram of 1,200 bytes."""
    family = socket.AF_INET6 if address.startswith("[") else socket.AF_INET
    return mtu - _HEADERS[family] < DATAGRAM_BYTES_MIN
