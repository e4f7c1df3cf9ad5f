"""What notifications and call requests have in common: entries that hang together by reference.

A matter is what one entry begins, a notification or a call request; whatever is said about it later
refers to it by its hash. Both parties speak about it in their own logs. What it has come to is
worked out from the set of those entries (:mod:`parley.crisis.notifications.matter`,
:mod:`parley.crisis.calls.matter`); :mod:`parley.crisis.papers.repository` finds them.
"""

from dataclasses import dataclass

from parley.record.entry import Entry


@dataclass(frozen=True, slots=True)
class FormalEntry:
    """An entry that counts, with its place."""

    hash: bytes
    entry: Entry
    epoch: int
    """Which log of its party it is in."""
    place: int
    """Where in that log."""
    is_signed: bool = False
    """Whether its person's passkey is proved to have signed it."""

    @property
    def order(self) -> tuple[bytes, int, int]:
        """Its place among the entries of both logs, the same wherever it is looked at."""
        return (bytes(self.entry.author), self.epoch, self.place)
