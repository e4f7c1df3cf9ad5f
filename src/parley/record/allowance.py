"""How much work another party may cause here in a while.

Everything a hostile party can make a mirror do is paid for in bytes: what it sends, and a price
for each letter and entry that stands for the signature, the proof and the row. What is not spent is
saved up to a bound; who has spent everything is told how long to wait, and nothing else is done.
"""

from typing import Final

BYTES_PER_S: Final = 8_000_000
"""Twice what 4,000 entries of 0.9 KB a second need. More lets one party slow the others down."""
SAVED_BYTES_MAX: Final = 32_000_000
"""What may come at once after a quiet time."""
LETTER_COST: Final = 4_096
"""One signature, one proof and one answer: about 0.3 ms, 3,000 a second at most."""
ENTRY_COST: Final = 256
"""One row and two hashes: a million empty entries cost as much as 256 MB."""


class WorkAllowance:
    """What one party may still cause here."""

    def __init__(
        self, bytes_per_s: int = BYTES_PER_S, saved_bytes_max: int = SAVED_BYTES_MAX
    ) -> None:
        """Start with everything saved up."""
        self._rate = bytes_per_s
        self._saved_max = saved_bytes_max
        self._saved = float(saved_bytes_max)
        self._at_s: float | None = None

    def spend(self, letter_bytes: int, entries: int, now_s: float) -> int:
        """Pay for a letter; return 0, or how many milliseconds to wait before trying again.

        Args:
            letter_bytes: length of the letter.
            entries: how many entries are in it.
            now_s: time that never goes back, in seconds.
        """
        self._save_up(now_s)
        cost = letter_bytes + LETTER_COST + ENTRY_COST * entries
        # What costs more than can be saved passes when everything is saved.
        missing = min(cost, self._saved_max) - self._saved
        if missing > 0:
            return max(1, round(missing * 1000 / self._rate))
        self._saved -= cost
        return 0

    def _save_up(self, now_s: float) -> None:
        if self._at_s is not None:
            earned = (now_s - self._at_s) * self._rate
            self._saved = min(self._saved_max, self._saved + earned)
        self._at_s = now_s
