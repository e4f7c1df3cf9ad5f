"""What an open crisis changes at the side that opened it, and at both once both have. A core."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from parley.crisis.crises.matter import Crisis
from parley.crisis.precedence import Limits
from parley.ids import PartyId
from parley.record.entry import Precedence

CHECK_MINUTES: Final = 15
"""Between two line checks while a crisis is open. Less leaves a watch officer time for nothing
else, more leaves a dead line unnoticed for longer than a flash may take to be answered."""
QUIET_DAYS: Final = 7
"""Days without a word after which a side that is still open is reminded."""
TIGHTER: Final[Mapping[Precedence, Limits]] = {
    Precedence.FLASH: Limits(60, 5 * 60, 15 * 60),
    Precedence.IMMEDIATE: Limits(5 * 60, 15 * 60, 60 * 60),
    Precedence.PRIORITY: Limits(30 * 60, 90 * 60, 12 * 3_600),
    Precedence.ROUTINE: Limits(3 * 3_600, 12 * 3_600, 36 * 3_600),
}
"""Half of what holds in peace: who opened a crisis sits at the desk."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What holds on a line at one party."""

    is_tight: bool = False
    """Whether that party's own limits are the tighter ones."""
    check_minutes: int | None = None
    """Minutes between line checks, if a crisis asks for it."""
    is_room_shared: bool = False
    """Whether the standing room is for both parties."""


def shorter(agreed: Mapping[Precedence, Limits]) -> Mapping[Precedence, Limits]:
    """Return the limits of a side that has a crisis open: never longer than what was agreed.

    They are hours of any day: in a crisis no business morning is waited for.
    """
    return {
        precedence: Limits(
            min(each.target_s, TIGHTER[precedence].target_s),
            min(each.limit_s, TIGHTER[precedence].limit_s),
            min(each.answer_s, TIGHTER[precedence].answer_s),
        )
        for precedence, each in agreed.items()
    }


def effects(crises: Iterable[Crisis], own: PartyId) -> Effects:
    """Return what the crises of one line change at a party: nothing that it did not open."""
    opened = [crisis for crisis in crises if own in crisis.open_by]
    if not opened:
        return Effects()
    is_both = any(len(crisis.open_by) == len(crisis.members) for crisis in opened)
    return Effects(is_tight=True, check_minutes=CHECK_MINUTES, is_room_shared=is_both)
