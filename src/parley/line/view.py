"""What a desk is shown of a line: only what the node holds proof of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from whenever import Instant

from parley.ids import PartyId
from parley.line.book import Pairing
from parley.line.engine import LineStatus
from parley.line.link import LinkState

NONE_NARROW: Final[Mapping[str, int]] = MappingProxyType({})


class PartyView(msgspec.Struct, frozen=True):
    """A party as shown: its id and the label it is pinned under."""

    id: str
    name: str


class LinePartyView(msgspec.Struct, frozen=True):
    """The other party of a line."""

    id: str
    name: str
    languages: tuple[str, ...]
    time_zone: str


class AgreementView(msgspec.Struct, frozen=True):
    """Who has confirmed the pair of keys."""

    ours_confirmed: bool
    theirs_confirmed: bool


class PathView(msgspec.Struct, frozen=True):
    """One path of a line. Shares are 0 to 1; null means that nothing is known."""

    name: str
    carrier: str
    state: str
    rtt_ms: float | None
    loss_in: float | None
    loss_out: float | None
    rate_bps: int | None
    last_proof_at: str | None
    narrow_mtu: int | None = None
    """The largest packet known to pass, where a path needs more than that."""


class LaneView(msgspec.Struct, frozen=True):
    """One lane of a line, bytes since it opened."""

    lane: int
    bytes_sent: int
    bytes_received: int
    queued: int


class LineView(msgspec.Struct, frozen=True):
    """One line, as shown on the desk and by `parley status`."""

    party: LinePartyView
    state: str
    since: str
    last_proof_at: str | None
    agreement: AgreementView
    clock_skew_s: float | None
    """By how much the other party's clock is ahead of ours, as far as known."""
    clock_is_skewed: bool
    card_expires_at: str
    set_aside: int
    """How much from this party was set aside since the node started."""
    paths: tuple[PathView, ...]
    lanes: tuple[LaneView, ...]
    silence: str | None = None
    """Of a line on which nothing comes, what is silent as far as that is proved."""


def line_view(
    pairing: Pairing,
    link: tuple[LinkState, Instant],
    skew: tuple[float | None, bool],
    set_aside: int,
    status: LineStatus | None,
    now: Instant,
    silence: str | None = None,
    narrow: Mapping[str, int] = NONE_NARROW,
) -> LineView:
    """Return what is shown of one line.

    Args:
        pairing: with whom.
        link: the word for it, and since when.
        skew: by how much the clocks differ, and whether that is too much.
        set_aside: how much from this party was set aside.
        status: what the engine knows, None while our end is closed.
        now: the present.
        silence: what is silent, where nothing comes.
        narrow: the largest packet that is known to pass, of paths that need more.
    """
    party = pairing.party
    return LineView(
        LinePartyView(party.id.text, party.name, party.card.languages, party.card.time_zone),
        link[0].value,
        stamp(link[1]),
        _proof_at(status.proof_age_ms if status else None, now),
        AgreementView(
            pairing.ours_confirmed_at is not None, pairing.theirs_confirmed_at is not None
        ),
        skew[0],
        skew[1],
        stamp(party.card.expires_at),
        set_aside,
        _paths(status, now, narrow) if status else (),
        _lanes(status) if status else (),
        silence,
    )


def party_view(party: PartyId, name: str) -> PartyView:
    """Return a party as shown."""
    return PartyView(party.text, name)


def stamp(instant: Instant) -> str:
    """Return an instant as pages read it: ISO 8601, UTC, milliseconds."""
    return instant.format_iso(unit="millisecond")


def _paths(status: LineStatus, now: Instant, narrow: Mapping[str, int]) -> tuple[PathView, ...]:
    return tuple(
        PathView(
            path.name,
            path.carrier,
            path.state,
            path.rtt_ms,
            path.loss_in,
            path.loss_out,
            path.rate_bps,
            _proof_at(path.proof_age_ms, now),
            narrow.get(path.name),
        )
        for path in status.paths
    )


def _lanes(status: LineStatus) -> tuple[LaneView, ...]:
    return tuple(
        LaneView(lane.lane, lane.bytes_sent, lane.bytes_received, lane.queued)
        for lane in status.lanes
    )


def _proof_at(age_ms: int | None, now: Instant) -> str | None:
    return None if age_ms is None else stamp(now.subtract(milliseconds=age_ms))
