"""Asking other parties' edge responders, and what their answers prove. A core without I/O.

A question is answered if an answer brings its nonce back under the key; nothing else counts. The
newest questions alone are remembered, so an answer that comes late proves nothing of now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from parley.edge import read_answer, write_question
from parley.ids import PartyId

ASK_EVERY_MS: Final = 4_000
"""Between two questions to one address. More: a cut is told from a dead node later. Less: more
datagrams for the same knowledge; the other party answers five in a second."""
ANSWER_MS_MAX: Final = 10_000
"""Longest way there and back that counts."""


@dataclass(frozen=True, slots=True)
class EdgePlace:
    """Where a party's edge responder is, and the key we ask it with."""

    addresses: tuple[str, ...]
    """``host:port``, one for each path."""
    key: bytes

    @override
    def __repr__(self) -> str:
        """Show no key."""
        return f"EdgePlace({len(self.addresses)} addresses)"


@dataclass(slots=True)
class _Asked:
    due_ms: int = 0
    nonces: dict[bytes, int] = field(default_factory=dict)
    answered_ms: int | None = None


class EdgeWatch:
    """What is known of every party's edge responder. Owned by the event loop's thread."""

    def __init__(self) -> None:
        """Know none."""
        self._places: dict[PartyId, EdgePlace] = {}
        self._asked: dict[PartyId, _Asked] = {}

    def place(self, party: PartyId, place: EdgePlace | None) -> None:
        """Take note of where a party's edge responder is; None: it has none."""
        if place is None or not place.addresses:
            self._places.pop(party, None)
            return
        self._places[party] = place
        self._asked.setdefault(party, _Asked())

    def is_known(self, party: PartyId) -> bool:
        """Say whether an edge responder of a party is known."""
        return party in self._places

    def answered_ms(self, party: PartyId) -> int | None:
        """Return when a party's edge responder last answered, by our clock."""
        asked = self._asked.get(party)
        return None if asked is None else asked.answered_ms

    def questions(self, now_ms: int, nonces: Iterator[bytes]) -> Sequence[tuple[str, bytes]]:
        """Return the questions that are due: address and datagram.

        Args:
            now_ms: the present.
            nonces: fresh random ones.
        """
        due: list[tuple[str, bytes]] = []
        for party, place in self._places.items():
            asked = self._asked[party]
            if now_ms < asked.due_ms and asked.due_ms - now_ms <= ASK_EVERY_MS:
                continue
            asked.due_ms = now_ms + ASK_EVERY_MS
            asked.nonces = {
                nonce: at for nonce, at in asked.nonces.items() if 0 <= now_ms - at <= ANSWER_MS_MAX
            }
            for address in place.addresses:
                nonce = next(nonces)
                asked.nonces[nonce] = now_ms
                due.append((address, write_question(place.key, nonce)))
        return due

    def take(self, datagram: bytes, now_ms: int) -> PartyId | None:
        """Take a datagram; return whose edge responder it proves, None if nobody's."""
        for party, place in self._places.items():
            nonce = read_answer(place.key, datagram)
            asked = self._asked[party]
            if nonce is None or nonce not in asked.nonces:
                continue
            at_ms = asked.nonces.pop(nonce)
            if 0 <= now_ms - at_ms <= ANSWER_MS_MAX:
                asked.answered_ms = now_ms
                return party
        return None
