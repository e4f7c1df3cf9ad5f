"""Our side of a call: whom the request names, and which of our people spoke for them."""

from dataclasses import dataclass

import sqlalchemy as sa

from parley.crisis.calls.machine import CallState
from parley.crisis.papers.call_view import CallView
from parley.ids import ActorId, PartyId
from parley.record import repository
from parley.record.entry import read_entry

ON = frozenset({CallState.ACCEPTED.value, CallState.STARTED.value})
"""States of a call that is agreed on and not over."""


@dataclass(frozen=True, slots=True)
class OurSide:
    """What a request says about us."""

    call: CallView
    official: str
    """Who of ours speaks, in the words of the request."""
    actors: frozenset[ActorId]
    """Who of ours asked, or answered."""

    @property
    def is_on(self) -> bool:
        """Whether both sides agreed on it and it is not over."""
        return self.call.state in ON


def our_side(connection: sa.Connection, call: CallView, own: PartyId) -> OurSide:
    """Return what a request says about us."""
    is_ours = call.asker == own.text
    said = [turn.hash for turn in call.turns if turn.party == own.text]
    ours = [call.hash, *said] if is_ours else said
    rows = [repository.find_entry(connection, bytes.fromhex(digest)) for digest in ours]
    actors = [read_entry(row.encoded).actor for row in rows if row is not None]
    official = call.who_asks if is_ours else call.who_is_asked
    return OurSide(call, official, frozenset(each for each in actors if each is not None))
