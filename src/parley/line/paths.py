"""Which network paths a line gets: both sides work it out from the two cards and agree.

Path *k* joins the *k*-th path of one side with the *k*-th of the other; the side with fewer repeats
its own. With two providers here and one there the line still has two paths. Names are joined in the
order of the party ids, so both sides call a path the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from parley.config import PathSettings
from parley.identity.card import Endpoint

KILO: Final = 1_000


@dataclass(frozen=True, slots=True)
class PathPlan:
    """One path of one line, before names of hosts are looked up."""

    name: str
    """Unique within the line, the same on both sides."""
    socket: int
    """Index of our local end."""
    address: str
    """Where the other side is reached: ``host:port``, or empty to wait to be dialled."""
    carrier: Literal["udp", "tcp"]
    floor_bps: int
    ceiling_bps: int


def plan_paths(
    ours: Sequence[PathSettings], theirs: Sequence[Endpoint], *, ours_first: bool
) -> tuple[PathPlan, ...]:
    """Return the paths of a line.

    Args:
        ours: our own paths, in the order of our card.
        theirs: the other party's, in the order of its card.
        ours_first: whether our party id sorts before theirs.
    """
    plans: list[PathPlan] = []
    for number in range(max(len(ours), len(theirs)) if ours and theirs else 0):
        socket = number % len(ours)
        mine, other = ours[socket], theirs[number % len(theirs)]
        name = _name(mine.name, other.name, ours_first=ours_first)
        if any(plan.name == name for plan in plans):
            name = f"{name} {number + 1}"
        if "udp" in mine.carriers:
            plans.append(_plan(name, socket, mine, other, "udp"))
        if "tcp" in mine.carriers and other.has_tcp:
            plans.append(_plan(f"{name} tcp", socket, mine, other, "tcp"))
    return tuple(plans)


def own_endpoints(paths: Sequence[PathSettings]) -> tuple[Endpoint, ...]:
    """Return what our card says about our own paths."""
    return tuple(Endpoint(path.name, path.advertise, "tcp" in path.carriers) for path in paths)


def _name(ours: str, theirs: str, *, ours_first: bool) -> str:
    if ours == theirs:
        return ours
    return f"{ours}/{theirs}" if ours_first else f"{theirs}/{ours}"


def _plan(
    name: str, socket: int, mine: PathSettings, other: Endpoint, carrier: Literal["udp", "tcp"]
) -> PathPlan:
    return PathPlan(
        name,
        socket,
        other.address,
        carrier,
        mine.floor_kbps * KILO,
        mine.ceiling_kbps * KILO,
    )
