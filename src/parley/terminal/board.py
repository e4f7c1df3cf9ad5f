"""What a desk in a terminal shows, worked out from the node's answers. A core without I/O.

Nothing is claimed beyond the last answer: while the node is not connected, everything stands as it
was, and the board says since when it is old.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from whenever import Instant

from parley.words.alerts import OURS_TO_DO, rank, rings

Json = Mapping[str, Any]
RING_EVERY_S: Final[Mapping[str, float]] = {"flash": 1.0, "immediate": 2.0, "priority": 15.0}
"""Seconds between bells until somebody acknowledges. Less is noticed sooner, and drives people to
turn the sound off. Routine traffic sounds once."""


class Link(StrEnum):
    """Whether the node answers this terminal."""

    BEGINNING = "beginning"
    CONNECTED = "connected"
    LOST = "lost"
    """What is shown is as old as it says."""


class BellSound(StrEnum):
    """What is known of this terminal's bell. A terminal never says whether it rang."""

    UNTESTED = "untested"
    HEARD = "heard"
    """A person here pressed a key to say that they heard it."""
    SILENT = "silent"
    """They said that they did not."""
    FAILED = "failed"
    """The command that makes it failed."""


@dataclass(frozen=True, slots=True)
class BoardDue:
    """One thing that must happen, by both clocks."""

    alert: str
    party: str
    precedence: str
    limit: str
    due_at: Instant
    """By our clock."""
    theirs_at: Instant | None
    """By the other party's, as far as its own event is proved here."""
    is_ours: bool


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One row of the list: an alert, or a draft."""

    key: str
    content: Json
    is_draft: bool
    rings: bool


@dataclass(frozen=True)
class Board:
    """Everything a desk shows."""

    link: Link = Link.BEGINNING
    since: Instant | None = None
    """Since when the link is as it is."""
    why: str = ""
    """What stood in the way, as words or a code."""
    who: Json = field(default_factory=dict)
    lines: Sequence[Json] = ()
    alerts: Sequence[Json] = ()
    drafts: Sequence[Json] = ()
    offices: Sequence[Json] = ()
    lent: Sequence[Json] = ()
    sound: BellSound = BellSound.UNTESTED
    quiet_until: Instant | None = None
    """Until when the person asked for no bell, to think; what rings goes on being shown."""

    # ------------------------------------------------------------------------------- what happens

    def connected(self, now: Instant) -> "Board":
        """Return it with the node there."""
        return (
            self
            if self.link is Link.CONNECTED
            else replace(self, link=Link.CONNECTED, since=now, why="")
        )

    def lost(self, now: Instant, why: str) -> "Board":
        """Return it without the node: what is shown is as old as the loss."""
        since = self.since if self.link is Link.LOST else now
        return replace(self, link=Link.LOST, since=since, why=why)

    # ------------------------------------------------------------------------------ what it shows

    @property
    def ringing(self) -> list[Json]:
        """Alerts of the other parties that nobody here has acknowledged, the most urgent first."""
        found = [each for each in self.alerts if rings(each)]
        return sorted(found, key=lambda each: (rank(each), each["started_at"]))

    def items(self) -> list[BoardItem]:
        """Return alerts and drafts: what rings, what is ours to do, then the newest."""
        rows = [
            BoardItem(each["hash"], each, is_draft=False, rings=rings(each)) for each in self.alerts
        ]
        rows += [BoardItem(each["id"], each, is_draft=True, rings=False) for each in self.drafts]
        rows.sort(key=lambda item: str(item.content.get("started_at", "9")), reverse=True)
        rows.sort(key=lambda item: (not item.rings, not _is_ours_to_do(item), rank(item.content)))
        return rows

    def due(self) -> list[BoardDue]:
        """Return what is due, the soonest first."""
        found = [
            BoardDue(
                each["hash"],
                str(each["party"]),
                str(each["precedence"]),
                str(due["limit"]),
                Instant.parse_iso(due["due_at"]),
                None if due.get("theirs_at") is None else Instant.parse_iso(due["theirs_at"]),
                is_ours=each["saying"]["duty"] in OURS_TO_DO,
            )
            for each in self.alerts
            if each["state"] != "closed"
            for due in each["due"]
        ]
        return sorted(found, key=lambda row: row.due_at)

    def on_duty(self) -> list[tuple[str, str | None]]:
        """Return each open office, and who is on duty in it, if anybody."""
        return [
            (
                str(each["name"]),
                None if each["duty"] is None else str(each["duty"]["person"]["name"]),
            )
            for each in self.offices
            if each.get("closed_at") is None
        ]

    def ring_every_s(self, now: Instant) -> float | None:
        """Return how often the bell is to sound now, None for not at all."""
        if self.quiet_until is not None and now < self.quiet_until:
            return None
        found = [RING_EVERY_S[str(each["precedence"])] for each in self.ringing if _urgent(each)]
        return min(found, default=None)

    @property
    def has_exercise(self) -> bool:
        """Whether anything that is open is an exercise."""
        return any(each["is_exercise"] for each in (*self.alerts, *self.drafts))


def _urgent(alert: Json) -> bool:
    return str(alert["precedence"]) in RING_EVERY_S


def _is_ours_to_do(item: BoardItem) -> bool:
    return item.is_draft or item.content["saying"]["duty"] in OURS_TO_DO
