"""The record drill: two real nodes, one emulated line, entries written on both of its ends.

Phases. *Even*: entries at an even rate, each timed from the instant it was due until the other
side's mirror has cosigned it. *Full*: as many as go, with a bound on those on their way.
*Restored*: entries are written until the log has as many as asked for; the node starts again with
them, then it loses its disk and takes its log back from the other, and the export is checked
offline. *Backlog*: the line is cut, entries pile up, and while they drain urgent ones are written.

A phase that fails leaves its figures without a number and the others as they are. Nothing here has
a bound of time but one: when nothing has moved for :data:`STALL_S`, a phase has failed. So the same
drill runs with a thousand entries and with millions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from parley import verify
from parley.drill.figures import DrillReport, Figure, units
from parley.drill.machine import ProcessorTime
from parley.drill.steps import Steps
from parley.errors import NodeNotRunning, ParleyError, SampleFailed
from parley.node.sample import SampleNode, SamplePair

MILLION: Final = 1_000_000
POLL_S: Final = 0.1
"""Seconds between two looks. Less measures more finely and takes more of the processors."""
STALL_S: Final = 120.0
"""Seconds without any progress after which a phase has failed."""
TEXT_CHARACTERS: Final = 700
"""An entry of about 0.85 KB."""
RATE: Final = 20
WARM_S: Final = 5.0
"""Seconds of the even rate that are not counted: a path's rate is found within the first two or
three. More only takes longer."""
AT_ONCE: Final = 1_000
PILE: Final = 20_000
"""Entries written between two looks at how far it is."""
ALERTS_MAX: Final = 240
"""Urgent entries while a backlog drains: a mirror keeps 256 of them ahead of what it holds."""
ALERT_EVERY_S_MIN: Final = 0.25
DRAIN_RATE: Final = 2_000
"""Entries a second by which alerts are spread over the time that a backlog takes."""
_PHASES: Final[Mapping[str, tuple[str, ...]]] = {
    "even": ("held_latency_ms",),
    "full": ("entries_held_per_second", "record_processor_us_per_entry", "memory_mib"),
    "restored": (
        *("memory_with_record_mib", "bytes_per_entry", "restart_with_record_seconds"),
        *("restore_million_seconds", "verify_million_seconds"),
    ),
    "backlog": ("alert_under_backlog_ms", "backlog_entries_per_second"),
}
"""The figures of each phase."""


@dataclass(frozen=True)
class RecordDrill:
    """What to rehearse.

    Attributes:
        profile: Named profile of the emulated line.
        even_s: Seconds at an even rate.
        full_s: Seconds of as many entries as go.
        restored: Entries that the log has at least when its disk is lost; 0 leaves the phase out.
        backlog: Entries that pile up while the line is cut; 0 leaves the phase out.
        seed: Seeds the emulated line.
    """

    profile: str = "border"
    even_s: float = 30.0
    full_s: float = 20.0
    restored: int = 20_000
    backlog: int = 20_000
    seed: int = 1

    def phases(self) -> list[str]:
        """Return the names of the phases there are, in order."""
        sizes = (self.even_s, self.full_s, self.restored, self.backlog)
        return [name for name, size in zip(_PHASES, sizes, strict=True) if size]


@dataclass
class _Running:
    """A drill under way."""

    drill: RecordDrill
    pair: SamplePair
    steps: Steps
    rows: dict[str, list[float]] = field(default_factory=dict)

    @property
    def near(self) -> SampleNode:
        return self.pair.nodes[0]

    @property
    def far(self) -> SampleNode:
        return self.pair.nodes[1]


def run(drill: RecordDrill, *, as_json: bool = False) -> DrillReport:
    """Run the drill, say on standard error how far it is, and return its figures.

    Args:
        drill: What to rehearse.
        as_json: Whether the caller prints JSON; progress is then plain lines.

    Raises:
        SampleFailed: the two nodes do not come up.
    """
    before = ProcessorTime.now()
    with ExitStack() as stack:
        steps = stack.enter_context(Steps.shown(plain=as_json))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-drill-")))
        steps.say("starting two nodes and the line between them")
        pair = stack.enter_context(
            SamplePair.running(scratch, profile=drill.profile, seed=drill.seed)
        )
        running = _Running(drill, pair, steps)
        _until(lambda: _look(running.near)["state"] == _look(running.far)["state"] == "open")
        for name in drill.phases():
            _attempt(name, running)
    machine = ProcessorTime.now()
    running.rows["machine_busy_ratio"] = [machine.busy_ratio_since(before)]
    running.rows["machine_stolen_ratio"] = [machine.stolen_ratio_since(before)]
    figures = {name: Figure(units()[name], values) for name, values in running.rows.items()}
    return DrillReport("record", drill.profile, drill.seed, figures)


def _attempt(name: str, running: _Running) -> None:
    """Measure a phase; if it fails, say so and leave its figures without a number."""
    measure = {
        "even": _measure_even,
        "full": _measure_full,
        "restored": _measure_restored,
        "backlog": _measure_backlog,
    }[name]
    try:
        measure(running)
    except (ParleyError, OSError) as error:
        running.steps.say(f"the phase {name} failed: {error}")
    for figure in _PHASES[name]:
        running.rows.setdefault(figure, [])


# ------------------------------------------------------------------------------------ the phases


def _measure_even(running: _Running) -> None:
    """Write at an even rate, once the line that has just come up knows its path."""
    running.steps.say(f"{WARM_S:.0f} s that are not measured")
    _write(running.near, WARM_S, RATE)
    running.steps.say(f"{running.drill.even_s:.0f} s at {RATE} entries/s")
    running.rows["held_latency_ms"] = _write(running.near, running.drill.even_s, RATE)["held_ms"]


def _measure_full(running: _Running) -> None:
    """Write as many as go, and count what they cost both nodes."""
    running.steps.say(f"{running.drill.full_s:.0f} s of as many entries as go")
    before = [_look(node)["processor_s"] for node in running.pair.nodes]
    full = _write(running.near, running.drill.full_s, 0)
    after = [_look(node)["processor_s"] for node in running.pair.nodes]
    count = max(1, full["written"])
    running.rows["entries_held_per_second"] = [full["held_in_time"] / full["seconds"]]
    running.rows["record_processor_us_per_entry"] = [
        (end - start) / count * 1e6 for start, end in zip(before, after, strict=True)
    ]
    running.rows["memory_mib"] = [_look(node)["mib"] for node in running.pair.nodes]


def _measure_restored(running: _Running) -> None:
    """Fill the log, start again with it, lose it, take it back, check the export."""
    near, far = running.near, running.far
    missing = running.drill.restored - _look(near)["own"]
    if missing > 0:
        _pile_up(running, missing, "written")
    size = _look(near)["own"]
    _reach(running, "held", lambda: _look(far)["others"], size)
    running.rows["memory_with_record_mib"] = [_look(node)["mib"] for node in running.pair.nodes]
    running.steps.say("starting again with all of it")
    running.rows["restart_with_record_seconds"] = [_restarted(near)]
    _until(lambda: bool(_look(near)["state"] == "open"))
    total = _look(near)["own"] + _look(near)["others"]
    near.stop()
    database = near.folder / "parley.db"
    running.rows["bytes_per_entry"] = [database.stat().st_size / total]
    for left in near.folder.glob("parley.db*"):
        left.unlink()
    near.start()
    near.wait()
    _pair(near, far)
    start = time.monotonic()
    _reach(running, "taken back", lambda: _look(near)["own"], size)
    _until(lambda: bool(_look(near)["state"] == "open"))
    running.rows["restore_million_seconds"] = [(time.monotonic() - start) * MILLION / size]
    running.steps.say("writing and checking the export")
    # One entry more, so that there is a checkpoint of all that came back.
    _pile_up(running, 1, "written")
    file = near.folder / "record.zip"
    near.ask("record_export", file=str(file))
    spent_s, entries = _verified(file)
    if entries <= size:
        raise SampleFailed(folder=str(file.parent))
    running.rows["verify_million_seconds"] = [spent_s * MILLION / entries]
    file.unlink()


def _measure_backlog(running: _Running) -> None:
    """Cut the line, let entries pile up, and write urgent ones while they drain."""
    near, far, backlog = running.near, running.far, running.drill.backlog
    running.pair.wire.cut()
    try:
        _pile_up(running, backlog, "piled up")
        # A short cut may not have been noticed yet; what is measured begins with a line that is.
        _until(lambda: not running.pair.is_line_up())
    finally:
        running.pair.wire.restore()
    size = _look(near)["own"]
    _until(running.pair.is_line_up)
    start, before = time.monotonic(), _look(far)["others"]
    every_s = max(ALERT_EVERY_S_MIN, backlog / DRAIN_RATE / ALERTS_MAX)
    alerts: dict[str, float] = {}

    def alert_and_look() -> int:
        if len(alerts) < ALERTS_MAX and time.monotonic() >= start + len(alerts) * every_s:
            written = _exercise(near, "alert")
            alerts[written["hash"]] = written["due_ms"]
        return int(_look(far)["others"])

    _reach(running, "drained", alert_and_look, size, before)
    running.rows["backlog_entries_per_second"] = [(size - before) / (time.monotonic() - start)]
    _until(lambda: alerts.keys() <= _exercise(far, "seen").keys())
    seen = _exercise(far, "seen")
    running.rows["alert_under_backlog_ms"] = [seen[each] - due for each, due in alerts.items()]


# --------------------------------------------------------------------------------------- details


def _write(node: SampleNode, seconds: float, rate: int) -> Any:  # noqa: ANN401  JSON
    return _exercise(
        node, "write", seconds=seconds, rate=rate, characters=TEXT_CHARACTERS, at_once=AT_ONCE
    )


def _pile_up(running: _Running, count: int, what: str) -> None:
    """Write so many entries, a pile after the other."""
    done = 0
    running.steps.count(what, done, count)
    while done < count:
        pile = min(PILE, count - done)
        _exercise(running.near, "pile_up", count=pile, characters=TEXT_CHARACTERS)
        done += pile
        running.steps.count(what, done, count)


def _restarted(node: SampleNode) -> float:
    """Start a node again; return the seconds from its process's start to its first answer."""
    node.stop()
    start = time.monotonic()
    node.start()
    node.wait()
    return time.monotonic() - start


def _pair(near: SampleNode, far: SampleNode) -> None:
    """Import the other's card again, which went with the disk, and confirm it."""
    card = far.ask("pair_card")["card"]
    party = near.ask("pair_import", card=card)["party"]["id"]
    near.ask("pair_confirm", party=party)


def _verified(file: Path) -> tuple[float, int]:
    """Check an export in a process of its own; return its processor time in seconds, and entries.

    Raises:
        SampleFailed: it does not hold.
    """
    with subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-I", verify.__file__, str(file), "--json"], stdout=subprocess.PIPE
    ) as checking:
        told = checking.stdout.read() if checking.stdout is not None else b""
        _, status, used = os.wait4(checking.pid, 0)
        checking.returncode = os.waitstatus_to_exitcode(status)
    if checking.returncode not in {verify.HOLDS, verify.GAPS}:
        raise SampleFailed(folder=str(file.parent))
    entries = sum(log["entries"] for log in json.loads(told)["logs"] if log["holds"])
    return used.ru_utime + used.ru_stime, entries


def _look(node: SampleNode) -> Any:  # noqa: ANN401  JSON
    return _exercise(node, "look")


def _exercise(node: SampleNode, what: str, **asked: Any) -> Any:  # noqa: ANN401  JSON
    return node.ask("record_exercise", what=what, **asked)


def _reach(
    running: _Running, what: str, count: Callable[[], int], wanted: int, before: int = 0
) -> None:
    """Wait until a count has come so far, as long as it goes on."""
    best, moved_at = -1, time.monotonic()
    while (now := count()) < wanted:
        if now > best:
            best, moved_at = now, time.monotonic()
        _give_up(moved_at)
        running.steps.count(what, now - before, wanted - before)
        time.sleep(POLL_S)
    running.steps.count(what, wanted - before, wanted - before)


def _until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; a node that is not there yet does not hold it."""
    start = time.monotonic()
    while True:
        with suppress(NodeNotRunning):
            if holds():
                return
        _give_up(start)
        time.sleep(POLL_S)


def _give_up(since: float) -> None:
    if time.monotonic() > since + STALL_S:
        raise SampleFailed(folder="the drill's")
