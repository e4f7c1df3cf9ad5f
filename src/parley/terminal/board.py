"""What a desk in a terminal shows, worked out from the node's answers. A core without I/O.

Nothing is claimed beyond the last answer: while the node is not connected, everything stands as it
was, and the board says since when it is old.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from whenever import Instant

from parley.errors import ParleyError
from parley.words.alerts import OURS_TO_DO, rank, rings
from parley.words.crises import waits_for_us
from parley.words.dues import DeadlineRow, DeskShown, dues

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


class Matter(StrEnum):
    """What a row of the list is."""

    ALERT = "alert"
    DRAFT = "draft"
    CALL = "call"
    CRISIS = "crisis"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One row of the list: an alert, a draft, a call request, a crisis, or a room."""

    key: str
    content: Json
    matter: Matter
    rings: bool = False

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft."""
        return self.matter is Matter.DRAFT


@dataclass(frozen=True)
class Board:
    """Everything a desk shows."""

    link: Link = Link.BEGINNING
    since: Instant | None = None
    """Since when the link is as it is."""
    why: ParleyError | None = None
    """What stood in the way."""
    who: Json = field(default_factory=dict)
    lines: Sequence[Json] = ()
    alerts: Sequence[Json] = ()
    drafts: Sequence[Json] = ()
    offices: Sequence[Json] = ()
    crises: Sequence[Json] = ()
    """Those that are open, or are looked back on; with their ``assessment``, if it has begun."""
    calls: Sequence[Json] = ()
    checks: Sequence[Json] = ()
    """Of each line: the check that is under way, and the next ones."""
    rooms: Sequence[Json] = ()
    """Those that are open, each with its ``door``: who of our party may enter."""
    lent: Sequence[Json] = ()
    duress: Sequence[Json] = ()
    """Calls of others who are forced, where this person can help."""
    troubles: Sequence[str] = ()
    """Codes of what ails our own node, the gravest first."""
    sound: BellSound = BellSound.UNTESTED
    quiet_until: Instant | None = None
    """Until when the person asked for no bell, to think; what rings goes on being shown."""

    # ------------------------------------------------------------------------------- what happens

    def connected(self, now: Instant) -> "Board":
        """Return it with the node there."""
        return (
            self
            if self.link is Link.CONNECTED
            else replace(self, link=Link.CONNECTED, since=now, why=None)
        )

    def lost(self, now: Instant, why: ParleyError) -> "Board":
        """Return it without the node: what is shown is as old as the loss."""
        since = self.since if self.link is Link.LOST else now
        return replace(self, link=Link.LOST, since=since, why=why)

    # ------------------------------------------------------------------------------ what it shows

    @property
    def ringing(self) -> list[Json]:
        """Alerts of the other parties that nobody here has acknowledged, the most urgent first."""
        found = [each for each in self.alerts if rings(each)]
        return sorted(found, key=lambda each: (rank(each), each["started_at"]))

    @property
    def own(self) -> str:
        """Return the id of our party, empty while nobody is signed in."""
        return str(self.who.get("party", {}).get("id", ""))

    @property
    def names(self) -> dict[str, str]:
        """Return what the other parties are called, by id."""
        return {str(each["party"]["id"]): str(each["party"]["name"]) for each in self.lines}

    @property
    def open_crises(self) -> list[Json]:
        """Crises of which a side is open, the one something was said in last first."""
        return [each for each in self.crises if each["is_open"]]

    def items(self) -> list[BoardItem]:
        """Return all rows: what rings, what is ours to do, open crises, then the newest."""
        rows = [
            BoardItem(str(each["hash"]), each, Matter.ALERT, rings=rings(each))
            for each in self.alerts
        ]
        rows += [BoardItem(str(each["id"]), each, Matter.DRAFT) for each in self.drafts]
        rows += [BoardItem(str(each["hash"]), each, Matter.CALL) for each in self.calls]
        rows += [BoardItem(str(each["hash"]), each, Matter.CRISIS) for each in self.crises]
        rows += [BoardItem(str(each["id"]), each, Matter.ROOM) for each in self.rooms]
        rows.sort(key=_begun, reverse=True)
        rows.sort(key=self._place)
        return rows

    def due(self) -> list[DeadlineRow]:
        """Return what is due, the soonest first."""
        shown = DeskShown(self.own, self.names, self.alerts, self.calls, self.checks, self.crises)
        return dues(shown)

    def open_offices(self) -> list[Json]:
        """Return each open office, those first in which duty and roster differ."""
        found = [each for each in self.offices if each.get("closed_at") is None]
        return sorted(found, key=lambda each: each["planned"] is None)

    def ring_every_s(self, now: Instant) -> float | None:
        """Return how often the bell is to sound now, None for not at all."""
        if self.quiet_until is not None and now < self.quiet_until:
            return None
        found = [RING_EVERY_S[str(each["precedence"])] for each in self.ringing if _urgent(each)]
        return min(found, default=None)

    @property
    def has_exercise(self) -> bool:
        """Whether anything that is shown is an exercise."""
        shown = (*self.alerts, *self.drafts, *self.calls, *self.crises)
        under_way = [each["now"] for each in self.checks if each["now"] is not None]
        return any(each["is_exercise"] for each in (*shown, *under_way))

    def _place(self, item: BoardItem) -> tuple[bool, bool, bool, bool, int]:
        is_crisis = item.matter is Matter.CRISIS and bool(item.content["is_open"])
        urgency = rank(item.content) if "precedence" in item.content else 0
        is_room = item.matter is Matter.ROOM
        return not item.rings, not self._is_ours_to_do(item), not is_crisis, is_room, urgency

    def _is_ours_to_do(self, item: BoardItem) -> bool:
        content = item.content
        match item.matter:
            case Matter.DRAFT:
                return True
            case Matter.CALL:
                return bool(content["turn"] == self.own)
            case Matter.CRISIS:
                return waits_for_us(content)
            case Matter.ROOM:
                return False
            case Matter.ALERT:
                return content["saying"]["duty"] in OURS_TO_DO


def _begun(item: BoardItem) -> str:
    """Return since when it is there; what says nothing of that comes first."""
    return str(item.content.get("started_at", item.content.get("opened_at", "9")))


def _urgent(alert: Json) -> bool:
    return str(alert["precedence"]) in RING_EVERY_S
