"""One blob on its way here: what to ask whom for, and which pieces to take. A core without I/O.

A fetch asks one member of the space at a time for the next span, from where its bytes end. Pieces
count only from the one that was asked, only in order, and only as far as was asked; everything else
is left alone. So a party can cause no more work than was wanted of it. Who is silent, or lacks the
blob, is followed by the next; after the last one the fetch rests. Whether the bytes are the right
ones is known when all of them are here, by their hash.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from parley.ids import CaseId, PartyId, SpaceId
from parley.record.blob_letters import SPAN_BYTES_MAX, BlobLack, BlobPiece, BlobReason, BlobWish

SILENCE_S: Final = 20.0
"""Seconds without a piece after which the next member is asked. More waits longer for one that is
gone, less asks twice for what is only slow."""
REST_S: Final = 60.0
"""Seconds between rounds through the members. More finds a blob later, less asks in vain."""
WRONG_REST_S: Final = 3_600.0
"""Seconds after bytes that were not the blob's. More waits longer, less fetches rubbish again."""


@dataclass(slots=True)
class BlobFetch:
    """A blob that is not all here."""

    digest: bytes
    space: SpaceId
    case: CaseId
    size: int
    """How many bytes its entry says it has."""
    sources: Sequence[PartyId]
    """Members of the space, the author first."""
    have: int = 0
    """Bytes that are here."""
    wants_key: bool = True
    """Whether the key of its case is not here."""
    source: PartyId | None = None
    """Who is being asked."""
    asked_to: int = 0
    """Where the span that was asked for ends."""
    heard_at: float = float("-inf")
    """Monotonic time of the last wish or piece."""
    rests_until: float = float("-inf")
    """Monotonic time until which nobody is asked."""
    tried: int = 0
    """How many sources have been asked in this round."""

    @property
    def is_whole(self) -> bool:
        """Whether every byte is here."""
        return self.have >= self.size

    @property
    def is_over(self) -> bool:
        """Whether nothing is wanted any more."""
        return self.is_whole and not self.wants_key

    def next_wish(self, up: Collection[PartyId], monotonic: float) -> BlobWish | None:
        """Return what to ask :attr:`source` for now, if anything is to be asked."""
        if self.is_over or monotonic < self.rests_until:
            return None
        if self.source is not None:
            is_silent = monotonic >= self.heard_at + SILENCE_S
            if self.source not in up or is_silent:
                self.give_up(monotonic)
            elif self.have < self.asked_to or (self.is_whole and self.asked_to >= self.size):
                return None
        is_resting = monotonic < self.rests_until
        if self.source is None and (is_resting or not self._choose(up, monotonic)):
            return None
        length = min(SPAN_BYTES_MAX, self.size - self.have)
        self.asked_to, self.heard_at = self.have + length, monotonic
        return BlobWish(self.space, self.digest, self.have, length, self.wants_key)

    def take(self, party: PartyId, piece: BlobPiece, monotonic: float) -> bytes | None:
        """Return the bytes to be added, nothing if the piece was not asked for."""
        end = piece.start + len(piece.content)
        if party != self.source or piece.start != self.have or end > self.asked_to:
            return None
        self.have, self.heard_at = end, monotonic
        return piece.content

    def take_lack(self, party: PartyId, lack: BlobLack, monotonic: float) -> None:
        """Take note that the one who was asked does not send it."""
        if party != self.source:
            return
        if lack.reason is BlobReason.LATER:
            self.rests_until = monotonic + max(1.0, lack.wait_ms / 1_000)
            self.source, self.asked_to = None, self.have
            return
        self.give_up(monotonic)

    def give_up(self, monotonic: float) -> None:
        """Leave the one that is asked; after the last one, rest."""
        self.source, self.asked_to = None, self.have
        if self.tried >= len(self.sources):
            self.tried, self.rests_until = 0, monotonic + REST_S

    def restart(self, party: PartyId) -> None:
        """Ask again: the line to a party came up, and what was under way is lost."""
        self.rests_until, self.tried = float("-inf"), 0
        if self.source in {None, party}:
            self.source, self.asked_to = None, self.have

    def refuse(self, monotonic: float) -> None:
        """Begin anew, much later: the bytes were not those of the hash."""
        self.have, self.asked_to, self.source = 0, 0, None
        self.rests_until = monotonic + WRONG_REST_S

    def _choose(self, up: Collection[PartyId], monotonic: float) -> bool:
        """Choose whom to ask next; rest if there is nobody."""
        while self.tried < len(self.sources):
            party = self.sources[self.tried]
            self.tried += 1
            if party in up:
                self.source = party
                return True
        self.give_up(monotonic)
        return False
