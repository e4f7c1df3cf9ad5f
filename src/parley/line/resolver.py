"""Looks up host names of other parties' paths; the engine takes IP literals alone."""

import asyncio
import ipaddress
import socket
from typing import Final, Protocol

from parley.config.kinds import split_address
from parley.line.path_mtu import known_mtu

LOOK_UP_S_MAX: Final = 5.0
"""Seconds a name may take. More delays the other paths of a line, less fails on slow resolvers."""


class Resolver(Protocol):
    """Turns ``host:port`` into an IP literal with its port."""

    async def resolve(self, address: str) -> str | None:
        """Return the address with an IP literal, or None while the name cannot be looked up."""

    def mtu(self, address: str) -> int | None:
        """Return the largest packet known to pass to an IP literal with its port, if one is."""


class SystemResolver:
    """The machine's own resolver."""

    def mtu(self, address: str) -> int | None:
        """Return what the kernel has learnt."""
        return known_mtu(address)

    async def resolve(self, address: str) -> str | None:
        """Return the first address the system knows for the name."""
        host, port = split_address(address)
        if (literal := as_literal(host, port)) is not None:
            return literal
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_UP_S_MAX):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except (OSError, TimeoutError, UnicodeError):
            return None
        return as_literal(str(found[0][4][0]), port) if found else None


def as_literal(host: str, port: int) -> str | None:
    """Return ``host:port`` as the engine writes it if ``host`` is an IP address."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return None
    return f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"  # noqa: PLR2004  IP version 6
