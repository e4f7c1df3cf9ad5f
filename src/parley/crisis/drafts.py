"""Alerts before they are released: drafted by one person, verified by another. A core without I/O.

A draft leaves the node with nobody and is no entry: that something is being written is nobody
else's business. What is released names drafter and verifier by their pseudonyms inside what the
releaser signs, so the other party can see that they were two, and prove it later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from typing_extensions import override
from whenever import Instant

from parley.crisis.alert import AlertEvent, AlertState, step
from parley.crisis.bodies import AlertBody
from parley.crisis.guards import has_second_person, limits_of_text
from parley.crisis.precedence import demoted, is_over_rate
from parley.crisis.text import check_text
from parley.errors import AlertGuardRefused
from parley.ids import ActorId, DraftId, PersonId, ThreadId
from parley.record.entry import Precedence


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert that is being written."""

    id: DraftId
    thread: ThreadId
    precedence: Precedence
    """What the drafter proposes; the releaser confirms it by releasing."""
    body: AlertBody
    given_ms: int | None
    """How long it is to stand; None: until somebody ends it."""
    state: AlertState
    drafter: PersonId
    verifier: PersonId | None
    made_at: Instant
    changed_at: Instant

    @override
    def __repr__(self) -> str:
        """Show where it stands, not what it says."""
        return f"Draft({self.id.text} {self.precedence.name} {self.state})"


def check_draft(body: AlertBody, precedence: Precedence) -> None:
    """Refuse what could never be released.

    Raises:
        AlertTextRefused: a text could be misread, or is too long.
    """
    for _, text in body.texts:
        check_text(text, *limits_of_text(precedence))


def changed(draft: Draft, body: AlertBody, precedence: Precedence, now: Instant) -> Draft:
    """Return a draft with other words; whoever vouched for the old ones did not for these.

    Raises:
        TransitionRefused: it is released or thrown away.
        AlertTextRefused: a text could be misread, or is too long.
    """
    state = step(draft.state, AlertEvent.CHANGE).next
    check_draft(body, precedence)
    unverified = replace(body, drafter=draft.body.drafter, verifier=None)
    return replace(
        draft,
        body=unverified,
        precedence=precedence,
        state=state,
        verifier=None,
        changed_at=now,
    )


def verified(draft: Draft, person: PersonId, actor: ActorId, now: Instant) -> Draft:
    """Return a draft that a second person vouches for.

    Raises:
        TransitionRefused: it is verified, released or thrown away.
        AlertGuardRefused: it is the drafter who asks.
        AlertTextRefused: a text could be misread, or is too long.
    """
    state = step(draft.state, AlertEvent.VERIFY).next
    if person == draft.drafter or actor == draft.body.drafter:
        raise AlertGuardRefused(guard="by_another")
    check_draft(draft.body, draft.precedence)
    body = replace(draft.body, verifier=actor)
    return replace(draft, body=body, state=state, verifier=person, changed_at=now)


def discarded(draft: Draft, now: Instant) -> Draft:
    """Return a draft that is thrown away.

    Raises:
        TransitionRefused: it is released, or was thrown away.
    """
    return replace(draft, state=step(draft.state, AlertEvent.DISCARD).next, changed_at=now)


def to_release(draft: Draft, at_ms: int, flashes_ms: Sequence[int]) -> tuple[AlertBody, Precedence]:
    """Return what is released: body and precedence, demoted if it comes after too many flashes.

    Args:
        draft: what was written.
        at_ms: the present, milliseconds since 1970 UTC.
        flashes_ms: when our flashes on the busiest of its lines were released.

    Raises:
        TransitionRefused: it is released, or thrown away.
        AlertGuardRefused: it is a flash that nobody verified.
        AlertTextRefused: a text could be misread, or is too long.
    """
    step(draft.state, AlertEvent.RELEASE)
    if not has_second_person(draft.body, draft.precedence):
        raise AlertGuardRefused(guard="second_person")
    check_draft(draft.body, draft.precedence)
    is_flash = draft.precedence is Precedence.FLASH
    if is_flash and is_over_rate(at_ms, flashes_ms):
        body = replace(draft.body, demoted_from=draft.precedence)
        return body, demoted(draft.precedence)
    return draft.body, draft.precedence


def released(draft: Draft, now: Instant) -> Draft:
    """Return a draft whose entry is in the record."""
    return replace(draft, state=step(draft.state, AlertEvent.RELEASE).next, changed_at=now)
