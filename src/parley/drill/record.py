"""The record drill: two real nodes, one emulated line, entries written on both of its ends.

Phases. *Even*: entries at an even rate, each timed from the instant it was due until the other
side's mirror has cosigned it. *Full*: as many as go, with a bound on those on their way. *Backlog*:
the line is cut, entries pile up, and while they drain urgent ones are written. *Restore*: one node
loses its disk and takes its log back from the other. *Verify*: the export is checked offline. The
last two are measured on what the drill wrote, and scaled to a million entries.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from parley import verify
from parley.drill.figures import DrillReport, Figure, units
from parley.errors import SampleFailed
from parley.node.sample import SampleNode, SamplePair

MILLION = 1_000_000
POLL_S = 0.05
WAIT_S_MAX = 600.0
"""Seconds a phase may take on a busy machine before the drill gives up."""
TEXT_CHARACTERS = 700
"""An entry of about 0.85 KB."""
RATE = 20
AT_ONCE = 1_000
ALERT_EVERY_S = 0.25
STARTS_MAX = 3
"""Times thirty seconds that a node may take to answer again."""


@dataclass(frozen=True)
class RecordDrill:
    """What to rehearse.

    Attributes:
        profile: Named profile of the emulated line.
        even_s: Seconds at an even rate.
        full_s: Seconds of as many entries as go.
        backlog: Entries that pile up while the line is cut; 0 leaves the phase out.
        restores: Whether to lose a disk and to check the export.
        seed: Seeds the emulated line.
    """

    profile: str = "border"
    even_s: float = 30.0
    full_s: float = 20.0
    backlog: int = 20_000
    restores: bool = True
    seed: int = 1


def run(drill: RecordDrill) -> DrillReport:
    """Run the drill, say on standard error how far it is, and return its figures."""
    say = Console(stderr=True).print
    rows: dict[str, list[float]] = {}
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-drill-")))
        say("starting two nodes and the line between them", highlight=False)
        pair = stack.enter_context(
            SamplePair.running(scratch, profile=drill.profile, seed=drill.seed)
        )
        near, far = pair.nodes
        _until(lambda: _state(near) == _state(far) == "open")
        say(f"{drill.even_s:.0f} s at {RATE} entries/s", highlight=False)
        even = _write(near, drill.even_s, RATE)
        rows["held_latency_ms"] = even["held_ms"]
        say(f"{drill.full_s:.0f} s of as many entries as go", highlight=False)
        full = _write(near, drill.full_s, 0)
        rows["entries_held_per_second"] = [full["held_in_time"] / full["seconds"]]
        rows["memory_mib"] = [_exercise(node, "memory")["mib"] for node in pair.nodes]
        if drill.backlog:
            say(f"a backlog of {drill.backlog:,} entries, and alerts before it", highlight=False)
            _measure_backlog(drill, pair, rows)
        if drill.restores:
            say("a lost disk, and the export", highlight=False)
            _measure_restore(near, far, rows)
    figures = {name: Figure(units()[name], values) for name, values in rows.items()}
    return DrillReport("record", drill.profile, drill.seed, figures)


def _write(node: SampleNode, seconds: float, rate: int) -> Any:  # noqa: ANN401  JSON
    return _exercise(
        node, "write", seconds=seconds, rate=rate, characters=TEXT_CHARACTERS, at_once=AT_ONCE
    )


def _measure_backlog(drill: RecordDrill, pair: SamplePair, rows: dict[str, list[float]]) -> None:
    """Cut the line, let entries pile up, and write urgent ones while they drain."""
    near, far = pair.nodes
    pair.wire.cut()
    _exercise(near, "pile_up", count=drill.backlog, characters=TEXT_CHARACTERS)
    size = _size(near, near)
    pair.wire.restore()
    _until(pair.is_line_up)
    start, before = time.monotonic(), _size(far, near)
    alerts: dict[str, float] = {}
    while _size(far, near) < size:
        alert = _exercise(near, "alert")
        alerts[alert["hash"]] = alert["due_ms"]
        _give_up_after(start)
        time.sleep(ALERT_EVERY_S)
    drained = (size - before) / (time.monotonic() - start)
    _until(lambda: alerts.keys() <= _exercise(far, "seen").keys())
    seen = _exercise(far, "seen")
    rows["alert_under_backlog_ms"] = [seen[each] - due for each, due in alerts.items()]
    rows["backlog_entries_per_second"] = [drained]


def _measure_restore(near: SampleNode, far: SampleNode, rows: dict[str, list[float]]) -> None:
    """Lose one node's disk, wait for its log to come back, check the export."""
    size = _size(near, near)
    _until(lambda: _held(near) >= size)
    total = size + _size(near, far)
    near.stop()
    database = near.folder / "parley.db"
    rows["bytes_per_entry"] = [database.stat().st_size / total]
    for left in near.folder.glob("parley.db*"):
        left.unlink()
    near.start()
    _wait(near)
    _pair(near, far)
    start = time.monotonic()
    _until(lambda: _size(near, near) >= size and _state(near) == "open")
    rows["restore_million_seconds"] = [(time.monotonic() - start) * MILLION / size]
    file = near.folder / "record.zip"
    near.ask("record_export", file=str(file))
    start = time.process_time()
    account = verify.verify(file, set())
    rows["verify_million_seconds"] = [(time.process_time() - start) * MILLION / total]
    if account["verdict"] == verify.WRONG:
        raise SampleFailed(folder=str(near.folder))


def _wait(node: SampleNode) -> None:
    """Wait for a node as long as a machine that is shared may take."""
    for _ in range(STARTS_MAX):
        with contextlib.suppress(SampleFailed):
            node.wait()
            return
    node.wait()


def _pair(near: SampleNode, far: SampleNode) -> None:
    """Import the other's card again, which went with the disk, and confirm it."""
    card = far.ask("pair_card")["card"]
    party = near.ask("pair_import", card=card)["party"]["id"]
    near.ask("pair_confirm", party=party)


def _exercise(node: SampleNode, what: str, **asked: Any) -> Any:  # noqa: ANN401  JSON
    return node.ask("record_exercise", what=what, **asked)


def _logs(node: SampleNode) -> list[dict[str, Any]]:
    spaces = node.ask("record_spaces")["spaces"]
    return [log for space in spaces for log in space["logs"]]


def _size(node: SampleNode, of: SampleNode) -> int:
    """Return how many entries of a node's log another has, or the node itself."""
    is_ours = node is of
    return sum(log["size"] for log in _logs(node) if log["is_ours"] is is_ours)


def _held(node: SampleNode) -> int:
    return max(
        (held["size"] for log in _logs(node) if log["is_ours"] for held in log["held"]), default=0
    )


def _state(node: SampleNode) -> str:
    return next((log["state"] for log in _logs(node) if log["is_ours"]), "")


def _until(holds: Callable[[], bool]) -> None:
    start = time.monotonic()
    while not holds():
        _give_up_after(start)
        time.sleep(POLL_S)


def _give_up_after(start: float) -> None:
    if time.monotonic() > start + WAIT_S_MAX:
        raise SampleFailed(folder="the drill's")
