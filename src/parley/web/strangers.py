"""Who keeps a place at the web port, and who goes when there are too many.

Whoever connects is a stranger until somebody has signed in on that connection. Strangers have so
many places, so many of them for one source, and a newcomer always gets one: the stranger that is
worth least to keep goes. Connections that are signed in have places of their own and never go.

Who is worth least is asked of the source that holds the most places, so that whoever floods pays
with its own: of those, whoever asks nothing at present goes before who is being answered, and who
has done so for longer goes first.

Connections, sources and ``now`` in, who has to go out; no socket, no clock.
"""

import ipaddress
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
FLOOD: Final = 100
"""Strangers that had to go within a minute for it to be a flood. Fewer calls the engineer for a
room full of browsers that start at once, more lets a slow flood go unseen."""
FLOOD_S: Final = 60.0
"""How long after the last of them the flood is over."""
NETWORK_BITS: Final = 64
"""What one site has of IPv6 at least (RFC 6177 §2): its addresses are as many as it likes."""


class Crowding(StrEnum):
    """Why a stranger had to go."""

    SOURCE = "source"
    """Its source has no more places."""
    PLACES = "places"
    """There are no more places."""


@dataclass(frozen=True, slots=True)
class StrangerLimits:
    """How many may be there at once."""

    places: int
    """Strangers."""
    per_source: int
    """Strangers of one source."""
    kept: int
    """Connections that are signed in."""


@dataclass(frozen=True, slots=True)
class Eviction(Generic[K]):
    """A stranger that has to go."""

    who: K
    why: Crowding


@dataclass(slots=True)
class _Stranger(Generic[K]):
    who: K
    source: str
    since: float
    is_busy: bool

    @property
    def worth(self) -> tuple[bool, float]:
        return self.is_busy, self.since


class Strangers(Generic[K]):
    """The places of one web port."""

    def __init__(self, limits: StrangerLimits) -> None:
        """Begin with all places free."""
        self._limits = limits
        self._by_source: dict[str, dict[K, _Stranger[K]]] = {}
        self._sources: dict[K, str] = {}
        self._kept: set[K] = set()
        self._gone: deque[float] = deque(maxlen=FLOOD)

    @property
    def count(self) -> int:
        """Strangers that are there."""
        return len(self._sources)

    @property
    def kept_count(self) -> int:
        """Connections that are signed in."""
        return len(self._kept)

    def arrive(
        self, who: K, source: str, now: float, *, is_crowd: bool = False
    ) -> Eviction[K] | None:
        """Give a newcomer a place; return who has to go for it.

        Args:
            who: the newcomer, or a connection whose source turns out to be another.
            source: where it comes from (:func:`source_of`).
            now: seconds that never go back.
            is_crowd: whether many people come from this source, each with a name of their own yet
                to be told: it has no bound of its own.
        """
        self.leave(who)
        evicted = self._crowded_out(source, is_crowd=is_crowd)
        if evicted is not None:
            self.leave(evicted.who)
            self._gone.append(now)
        self._by_source.setdefault(source, {})[who] = _Stranger(who, source, now, is_busy=False)
        self._sources[who] = source
        return evicted

    def note(self, who: K, now: float, *, is_busy: bool) -> None:
        """Note that a connection is being answered from now on, or asks nothing any more."""
        if who in self._sources:
            stranger = self._by_source[self._sources[who]][who]
            stranger.since, stranger.is_busy = now, is_busy

    def keep(self, who: K) -> bool:
        """Give a connection one of the places of those who are signed in; say whether it has one.

        One that finds none stays among the strangers, and may ask again.
        """
        if who in self._sources and len(self._kept) < self._limits.kept:
            self.leave(who)
            self._kept.add(who)
        return who in self._kept

    def leave(self, who: K) -> None:
        """Take a connection's place back, whatever it was."""
        self._kept.discard(who)
        source = self._sources.pop(who, None)
        if source is not None:
            of_source = self._by_source[source]
            del of_source[who]
            if not of_source:
                del self._by_source[source]

    def is_flooded(self, now: float) -> bool:
        """Say whether so many had to go of late that it is no accident."""
        return len(self._gone) == FLOOD and now - self._gone[0] <= FLOOD_S

    def _crowded_out(self, source: str, *, is_crowd: bool) -> Eviction[K] | None:
        of_source = self._by_source.get(source, {})
        if len(of_source) >= self._limits.per_source and not is_crowd:
            return Eviction(_least(of_source.values()), Crowding.SOURCE)
        if len(self._sources) < self._limits.places:
            return None
        most = max(len(those) for those in self._by_source.values())
        largest = (those for those in self._by_source.values() if len(those) == most)
        return Eviction(
            _least(each for those in largest for each in those.values()), Crowding.PLACES
        )


def source_of(address: str) -> str:
    """Return as what a connection's address counts: itself, or its network's 64 bits of IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


def _least(strangers: Iterable[_Stranger[K]]) -> K:
    return min(strangers, key=lambda each: each.worth).who
