"""How hops are judged and reports kept."""

from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.ids import ParticipantId, PartyId, RoomId
from parley.line.link import LinkState
from parley.rooms import quality
from parley.rooms.frames import Hop, PartyHop, Report
from parley.rooms.letters import HopFigures, PartyReport
from parley.testing.engine import MemoryDeviceQuality, MemoryLineStatus, MemoryPathStatus

A, B, C = PartyId(b"a" * 16), PartyId(b"b" * 16), PartyId(b"c" * 16)
ROOM = RoomId(b"r" * 16)
FIGURES = HopFigures(5, 0, None)


@pytest.mark.parametrize(
    ("rtt_ms", "loss", "level"),
    [
        (None, None, "unknown"),
        (10.0, None, "good"),
        (None, 0.0, "good"),
        (79.9, 0.019, "good"),
        (80.0, 0.0, "fair"),
        (10.0, 0.02, "fair"),
        (250.0, 0.0, "poor"),
        (10.0, 0.1, "poor"),
    ],
)
def test_the_worse_of_round_trip_and_loss_decides(
    rtt_ms: float | None, loss: float | None, level: str
) -> None:
    """For a device's own network."""
    assert quality.device_hop(None, Report(rtt_ms=rtt_ms, loss_in=loss)).level == level


def test_a_device_is_judged_by_both_ends() -> None:
    """The engine's round trip, and the worse loss of either."""
    hop = quality.device_hop(MemoryDeviceQuality(), Report(rtt_ms=90.0, loss_out=0.05))

    assert hop == Hop("fair", 12.0, 0.05, 2_000_000)


@dataclass(frozen=True)
class Path:
    """A path as a test needs it."""

    state: Literal["cold", "up", "suspect", "down"]
    rtt_ms: float | None


def status(*paths: Path, loss: float | None = 0.0) -> MemoryLineStatus:
    """Return a line's status with some paths."""
    return MemoryLineStatus(
        "up",
        4_000_000,
        1,
        [
            MemoryPathStatus(str(number), "udp", path.state, path.rtt_ms, loss, None)
            for number, path in enumerate(paths)
        ],
        [],
    )


def test_a_line_is_judged_by_its_best_path_that_is_up() -> None:
    """A satellite beside a fibre does not make the line poor."""
    seen = status(Path("up", 900.0), Path("up", 200.0), Path("down", 5.0), Path("up", None))

    assert quality.line_hop(LinkState.UP, seen) == Hop("good", 200.0, 0.0, 4_000_000)


@pytest.mark.parametrize(
    ("link", "level"),
    [
        (LinkState.CUT, "cut"),
        (LinkState.SUSPENDED, "cut"),
        (LinkState.COLD, "unknown"),
        (LinkState.UNCONFIRMED, "unknown"),
    ],
)
def test_a_line_that_is_not_up_is_said_so(link: LinkState, level: str) -> None:
    """Whatever its paths say."""
    assert quality.line_hop(link, status(Path("up", 1.0))).level == level


def test_a_line_without_a_path_is_cut_and_without_a_status_unknown() -> None:
    """Two different things."""
    assert quality.line_hop(LinkState.UP, status(Path("down", 1.0))).level == "cut"
    assert quality.line_hop(LinkState.UP, None).level == "unknown"


@pytest.mark.parametrize(("lag_ms", "level"), [(0.0, "good"), (60.0, "fair"), (300.0, "poor")])
def test_a_node_is_judged_by_how_late_it_runs(lag_ms: float, level: str) -> None:
    """In milliseconds."""
    assert quality.node_hop(lag_ms).level == level


@given(
    st.none() | st.floats(0, 1e9),
    st.none() | st.floats(0, 2),
    st.none() | st.integers(0, 2**40),
)
def test_any_hop_fits_into_a_letter(
    rtt_ms: float | None, loss: float | None, rate: int | None
) -> None:
    """And comes out near to what it was."""
    told = quality.figures(Hop("good", rtt_ms, loss, rate))

    assert told.rtt_ms is None or 0 <= told.rtt_ms <= 600_000
    assert told.loss_permille is None or 0 <= told.loss_permille <= 1_000
    again = quality.reported_device(told)
    assert (again.rtt_ms is None) == (rtt_ms is None)


def test_a_node_that_did_not_say_is_unknown() -> None:
    """Not good."""
    assert quality.reported_node(HopFigures(None, None, None)).level == "unknown"
    assert quality.reported_node(HopFigures(3, None, None)).level == "good"


def test_the_worst_hop_stands_for_all() -> None:
    """Those of which nothing is known do not count, unless there are no others."""
    hops = [PartyHop("a", "good", 9.0), PartyHop("b", "poor", 1.0), PartyHop("c", "unknown")]

    assert quality.worst(hops) == Hop("poor", 1.0)
    assert quality.worst(hops[2:]) == Hop("unknown")
    assert quality.worst([]) == Hop("unknown")


def report(party: PartyId, age_ms: int = 0, rtt_ms: int = 5) -> PartyReport:
    """Return a report of one party."""
    devices = ((ParticipantId(bytes(party)), FIGURES),)
    return PartyReport(ROOM, party, age_ms, HopFigures(rtt_ms, None, None), devices)


def test_a_report_counts_for_six_seconds_from_when_it_was_made() -> None:
    """Its age on arrival included."""
    reports = quality.Reports()
    reports.take(report(A, age_ms=4_000), A, 100.0)

    assert reports.fresh(ROOM, 101.9)
    assert not reports.fresh(ROOM, 102.1)
    assert reports.device(ROOM, ParticipantId(bytes(A)), 101.0) == FIGURES
    assert reports.device(ROOM, ParticipantId(bytes(B)), 101.0) is None


def test_a_partys_own_word_beats_what_others_pass_on() -> None:
    """As long as it is fresh."""
    reports = quality.Reports()
    reports.take(report(A, rtt_ms=1), A, 100.0)
    reports.take(report(A, rtt_ms=2), B, 101.0)
    assert reports.fresh(ROOM, 101.0)[0].node.rtt_ms == 1

    reports.take(report(A, rtt_ms=3), B, 107.0)
    assert reports.fresh(ROOM, 107.0)[0].node.rtt_ms == 3


def test_a_fresher_report_of_the_same_kind_wins() -> None:
    """Whoever brings it."""
    reports = quality.Reports()
    reports.take(report(A, rtt_ms=1), B, 100.0)
    reports.take(report(A, age_ms=5_000, rtt_ms=2), C, 100.5)
    assert reports.fresh(ROOM, 100.5)[0].node.rtt_ms == 1
    reports.take(report(A, rtt_ms=3), C, 101.0)
    assert reports.fresh(ROOM, 101.0)[0].node.rtt_ms == 3


def test_nobody_is_told_what_they_said_or_what_is_said_of_them() -> None:
    """And what is passed on has grown older."""
    reports = quality.Reports()
    reports.take(report(A), A, 100.0)
    reports.take(report(C), B, 100.0)

    assert reports.to_pass_on(ROOM, A, 101.0) == [report(C, age_ms=1_000)]
    assert reports.to_pass_on(ROOM, B, 101.0) == [report(A, age_ms=1_000)]
    assert reports.to_pass_on(ROOM, C, 101.0) == [report(A, age_ms=1_000)]


def test_reports_of_closed_rooms_are_forgotten() -> None:
    """At once."""
    reports = quality.Reports()
    reports.take(report(A), A, 100.0)
    reports.forget([ROOM])

    assert not reports.fresh(ROOM, 100.0)
