"""The title of the room that stands open during a crisis: alike at both nodes, and found again.

People read the number; a node finds the crisis by the first digits of its hash, since each side
counts its own crises and two of them may well have one number.
"""

import re
from typing import Final

TITLE_DIGITS: Final = 8
"""Of the crisis's hash. More nobody reads; fewer are alike."""
_TITLE: Final = re.compile(rf"Crisis [0-9]+/[0-9]+ ([0-9a-f]{{{TITLE_DIGITS}}})")


def room_title(year: int, number: int, crisis: bytes) -> str:
    """Return the title of a crisis's standing room."""
    return f"Crisis {year}/{number} {crisis.hex()[:TITLE_DIGITS]}"


def digits_of(title: str) -> str | None:
    """Return with what digits the crisis's hash begins, None if the title is no crisis's."""
    found = _TITLE.fullmatch(title)
    return None if found is None else found[1]
