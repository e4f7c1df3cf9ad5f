"""How each hop does, in one of five words, and the reports that cross the line.

A call fails somewhere in particular: at my device, at my node, on the line, at their node, at their
device. Each hop is judged by whoever can measure it; the other side's two hops come as letters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from parley.ids import ParticipantId, PartyId, RoomId
from parley.line.engine import DeviceQuality, LineStatus
from parley.line.link import LinkState
from parley.rooms.frames import DeviceHop, Hop, HopLevel, PartyHop, Report
from parley.rooms.letters import HopFigures, PartyReport

LOSS_FAIR: Final = 0.02
"""Loss from which a hop is fair. Opus hides 2 % without a trace; more would cry wolf less often."""
LOSS_POOR: Final = 0.10
"""Loss from which a hop is poor: more than copies and parity repair on one path."""
DEVICE_RTT_FAIR_MS: Final = 80.0
"""A device's own network is fair from here: a good one answers in 30 ms."""
DEVICE_RTT_POOR_MS: Final = 250.0
LINE_RTT_FAIR_MS: Final = 350.0
"""A line is fair from here: with both edges, one way exceeds ITU-T G.114's comfortable 150 ms
long before, but 250 ms is what the border costs and nobody can mend it."""
LINE_RTT_POOR_MS: Final = 800.0
"""A line is poor from here: people talk over each other."""
NODE_LAG_FAIR_MS: Final = 50.0
NODE_LAG_POOR_MS: Final = 250.0
"""A node that runs this late lets pages and receipts wait noticeably."""
REPORT_AGE_S_MAX: Final = 6.0
"""Seconds a report counts. More shows what was; less flickers when one report is lost."""
KILO: Final = 1_000


def hop(rtt_ms: float | None, loss: float | None, rate_bps: int | None, level: HopLevel) -> Hop:
    """Return a hop with its figures rounded to what they are worth."""
    return Hop(
        level,
        None if rtt_ms is None else round(rtt_ms, 1),
        None if loss is None else round(loss, 4),
        rate_bps,
    )


def level(rtt_ms: float | None, loss: float | None, fair_ms: float, poor_ms: float) -> HopLevel:
    """Return the word for a hop; the worse of round trip and loss decides."""
    if rtt_ms is None and loss is None:
        return "unknown"
    if (rtt_ms or 0.0) >= poor_ms or (loss or 0.0) >= LOSS_POOR:
        return "poor"
    if (rtt_ms or 0.0) >= fair_ms or (loss or 0.0) >= LOSS_FAIR:
        return "fair"
    return "good"


def device_hop(measured: DeviceQuality | None, report: Report | None) -> Hop:
    """Judge the hop between a device and this node, by both ends' measurements."""
    rtts = [measured.rtt_ms if measured else None, report.rtt_ms if report else None]
    losses = [
        *((measured.loss_in, measured.loss_out) if measured else ()),
        *((report.loss_in, report.loss_out) if report else ()),
    ]
    rtt_ms, loss = _first(rtts), _worst(losses)
    word = level(rtt_ms, loss, DEVICE_RTT_FAIR_MS, DEVICE_RTT_POOR_MS)
    return hop(rtt_ms, loss, measured.estimate_bps if measured else None, word)


def node_hop(lag_ms: float) -> Hop:
    """Judge a node by how late its event loop runs."""
    return hop(lag_ms, None, None, level(lag_ms, None, NODE_LAG_FAIR_MS, NODE_LAG_POOR_MS))


def line_hop(link: LinkState, status: LineStatus | None) -> Hop:
    """Judge a line by its best path that is up."""
    if link in {LinkState.CUT, LinkState.SUSPENDED}:
        return Hop("cut")
    if status is None or link in {LinkState.UNCONFIRMED, LinkState.COLD}:
        return Hop("unknown")
    paths = [path for path in status.paths if path.state in {"up", "suspect"}]
    best = min(paths, key=lambda path: (path.rtt_ms is None, path.rtt_ms or 0.0), default=None)
    if best is None:
        return Hop("cut")
    loss = _worst((best.loss_in, best.loss_out))
    word = level(best.rtt_ms, loss, LINE_RTT_FAIR_MS, LINE_RTT_POOR_MS)
    return hop(best.rtt_ms, loss, status.rate_bps, word)


def reported_node(figures: HopFigures) -> Hop:
    """Judge another party's node by its own report."""
    return node_hop(float(figures.rtt_ms)) if figures.rtt_ms is not None else Hop("unknown")


def reported_device(figures: HopFigures) -> Hop:
    """Judge the hop to another party's device by that party's report."""
    rtt_ms = None if figures.rtt_ms is None else float(figures.rtt_ms)
    loss = None if figures.loss_permille is None else figures.loss_permille / KILO
    rate = None if figures.rate_kbps is None else figures.rate_kbps * KILO
    return hop(rtt_ms, loss, rate, level(rtt_ms, loss, DEVICE_RTT_FAIR_MS, DEVICE_RTT_POOR_MS))


def figures(judged: Hop) -> HopFigures:
    """Return a hop's figures as a letter carries them."""
    return HopFigures(
        None if judged.rtt_ms is None else min(600_000, max(0, round(judged.rtt_ms))),
        None if judged.loss is None else min(KILO, max(0, round(judged.loss * KILO))),
        None if judged.rate_bps is None else max(0, judged.rate_bps // KILO),
    )


def worst(hops: Iterable[PartyHop | DeviceHop]) -> Hop:
    """Return the worst hop of which something is known, as one."""
    known = [each for each in hops if each.level != "unknown"]
    if not known:
        return Hop("unknown")
    chosen = max(known, key=lambda each: (_LEVELS.index(each.level), each.rtt_ms or 0.0))
    return Hop(chosen.level, chosen.rtt_ms, chosen.loss, chosen.rate_bps)


_LEVELS: Final[tuple[HopLevel, ...]] = ("unknown", "good", "fair", "poor", "cut")


@dataclass(frozen=True, slots=True)
class _Kept:
    report: PartyReport
    came_from: PartyId
    at: float


class Reports:
    """What other parties said about their side of each room. Owned by the event loop's thread."""

    def __init__(self) -> None:
        self._kept: dict[tuple[RoomId, PartyId], _Kept] = {}

    def take(self, report: PartyReport, came_from: PartyId, monotonic: float) -> None:
        """Keep a report unless a fresher one by that party is here.

        A party's own word beats what others pass on of it.
        """
        key = (report.room, report.party)
        taken_at = monotonic - report.age_ms / KILO
        kept = self._kept.get(key)
        is_own_word = report.party == came_from
        if kept is not None and self._age_s(kept, monotonic) <= REPORT_AGE_S_MAX:
            kept_at = kept.at - kept.report.age_ms / KILO
            was_own_word = kept.report.party == kept.came_from
            if (was_own_word, kept_at) > (is_own_word, taken_at):
                return
        self._kept[key] = _Kept(report, came_from, monotonic)

    def fresh(self, room: RoomId, monotonic: float) -> list[PartyReport]:
        """Return the reports about a room that still count."""
        return [kept.report for kept in self._fresh(room, monotonic)]

    def to_pass_on(self, room: RoomId, to: PartyId, monotonic: float) -> list[PartyReport]:
        """Return what ``to`` may be told of others: nothing of itself, nothing it told us."""
        return [
            replace(kept.report, age_ms=round(self._age_s(kept, monotonic) * KILO))
            for kept in self._fresh(room, monotonic)
            if to not in {kept.came_from, kept.report.party}
        ]

    def forget(self, rooms: Iterable[RoomId]) -> None:
        """Drop everything about rooms that are closed."""
        gone = set(rooms)
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] not in gone}

    def device(
        self, room: RoomId, participant: ParticipantId, monotonic: float
    ) -> HopFigures | None:
        """Return what is known of one far participant's device."""
        for report in self.fresh(room, monotonic):
            for device, measured in report.devices:
                if device == participant:
                    return measured
        return None

    def _fresh(self, room: RoomId, monotonic: float) -> list[_Kept]:
        return [
            kept
            for (kept_room, _), kept in self._kept.items()
            if kept_room == room and self._age_s(kept, monotonic) <= REPORT_AGE_S_MAX
        ]

    def _age_s(self, kept: _Kept, monotonic: float) -> float:
        return monotonic - kept.at + kept.report.age_ms / KILO


def _first(values: Iterable[float | None]) -> float | None:
    return next((value for value in values if value is not None), None)


def _worst(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
