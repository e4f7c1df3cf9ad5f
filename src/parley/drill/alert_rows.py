"""What the rows of two nodes say after an alert drill: what is lost, doubled, wrong or late.

The one place of a drill that looks into a node's database; both nodes may run meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from parley.record.entry import entry_hash

_ENTRIES = (
    "SELECT hex(l.space) || '/' || hex(l.party) || '/' || l.epoch, e.place, e.encoded"
    " FROM record_entry e JOIN record_log l ON l.id = e.log WHERE e.set_aside IS NULL"
)
_LIMITS = "SELECT due_at, noticed_at FROM crisis_overdue"
_STEPS = (
    "SELECT s.due_at, s.fired_at FROM crisis_step s JOIN crisis_escalation e"
    " ON e.matter = s.matter AND e.direction = s.direction"
    " WHERE s.is_needed = 1 AND s.due_at > e.started_at"
)


@dataclass(frozen=True)
class NodeAbsence:
    """When a node was down, and how its clock stands since it was set; milliseconds, real time."""

    from_ms: float = 0.0
    until_ms: float = 0.0
    ahead_ms: int = 0
    """By how much its wall clock is ahead, when it notes what is late."""

    def late_ms(self, due_ms: float, noted_ms: float) -> float:
        """Return how late something was noted; what fell due in the absence is due at its end."""
        was_away = self.from_ms <= due_ms < self.until_ms
        return max(0.0, noted_ms - self.until_ms) if was_away else noted_ms - due_ms


def late_ms(database: Path, absence: NodeAbsence) -> Iterator[float]:
    """Yield how late each limit that passed and each step of an escalation was noted.

    A limit stands by the instant agreed on, and its note by the clock as it was set meanwhile; the
    steps of an escalation move with the clock.
    """
    ahead_ms = absence.ahead_ms
    with closing(_opened(database)) as opened:
        for due_ms, noted_ms in opened.execute(_LIMITS):
            yield absence.late_ms(due_ms, noted_ms - ahead_ms)
        for due_ms, fired_ms in opened.execute(_STEPS):
            yield absence.late_ms(due_ms - ahead_ms, fired_ms - ahead_ms)


def compared(near: Path, far: Path, released: Sequence[str]) -> dict[str, list[float]]:
    """Count what is lost, doubled or out of order, from the rows of both nodes.

    Args:
        near: database of the node on which alerts were released.
        far: database of the other one.
        released: hashes of the alerts.
    """
    ours, theirs = _entries(near), _entries(far)
    copies = Counter(digest for log in theirs.values() for digest in log.values())
    wrong = 0
    for name in ours.keys() | theirs.keys():
        one, other = ours.get(name, {}), theirs.get(name, {})
        wrong += sum(one[place] != other[place] for place in one.keys() & other.keys())
        wrong += sum(max(each, default=-1) + 1 - len(each) for each in (one, other))
    return {
        "alerts_lost": [float(sum(copies[digest] == 0 for digest in released))],
        "alerts_doubled": [float(sum(copies[digest] > 1 for digest in released))],
        "headers_out_of_order": [float(wrong)],
    }


def _entries(database: Path) -> dict[str, dict[int, str]]:
    """Return the hashes that a node keeps, by log and place."""
    found: dict[str, dict[int, str]] = {}
    with closing(_opened(database)) as opened:
        for name, place, encoded in opened.execute(_ENTRIES):
            found.setdefault(str(name), {})[place] = entry_hash(bytes(encoded)).hex()
    return found


def _opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)
