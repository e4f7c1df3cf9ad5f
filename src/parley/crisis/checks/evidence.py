"""What was last proved of a party that is silent, and which of the silences that is. A core.

Presence can be proved, absence cannot, and a party can always feign to be further away than it is.
So nothing is concluded here about anybody's will: a cause is the place in one chain behind which
nothing was proved: the way to their site, their node, their desk, a person there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FRESH_MS: Final = 15_000
"""How old a proof of site or node may be to count as one now: five probes of theirs, three of the
path's. More: a cut in the last moments is taken for a silent node. Less: one lost packet is taken
for a cut."""


EDGE_AFTER_MS: Final = 8_000
"""By how much an edge responder must have outlasted its node to tell that the way is open: more
than a path's probe and a question are apart. Less: a cut is taken for a silent node, because the
site was asked last. More: a silent node is named later."""
SETTLED_MS: Final = 16_000
"""How long nothing must have come from a site to say so. Less: the question that would be answered
is under way. More: a cut is named later."""


class Silence(StrEnum):
    """Why a line check was missed, as far as it is proved."""

    PATH = "path"
    """Nothing from their site when the limit passed: neither node nor edge responder."""
    NODE = "node"
    """Their edge responder answers and their node does not; or it is heard and receipts nothing."""
    PATH_OR_NODE = "path_or_node"
    """Nothing from their node, and no edge responder is known that could tell which."""
    UNSTAFFED = "unstaffed"
    """Their node has it, and no desk of theirs showed it."""
    NO_ANSWER = "no_answer"
    """A desk of theirs showed it, and nobody did anything."""
    DECLINED = "declined"
    """A person said "not now"."""
    SUSPENDED = "suspended"
    """The line is suspended, line checks included."""


class Proved(StrEnum):
    """The last thing proved of a party."""

    NOTHING = "nothing"
    EDGE = "edge"
    """Its edge responder answered."""
    NODE = "node"
    """Its node was heard on the line."""
    RECEIPT = "receipt"
    """Its node has the check on disk."""
    DESK = "desk"
    """A desk of it shows the check."""
    PERSON = "person"
    """A person of it typed, confirmed or declined."""


@dataclass(frozen=True, slots=True)
class SiteProof:
    """What a node has heard from the other party's site, by its own clock; None: never."""

    edge_ms: int | None = None
    node_ms: int | None = None
    has_edge: bool = True
    """Whether an edge responder of theirs is known here at all."""


@dataclass(frozen=True, slots=True)
class CheckProof:
    """What the entries of one check prove of the party that is waited for, by our clock."""

    receipt_ms: int | None = None
    desk_ms: int | None = None
    person_ms: int | None = None
    is_declined: bool = False
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class SilenceFound:
    """Why a check was missed, and the last thing proved before."""

    cause: Silence
    proved: Proved
    proved_ms: int | None


def silence_of_theirs(
    site: SiteProof, check: CheckProof, limit_ms: int, *, was_sent: bool
) -> SilenceFound:
    """Return which silence of the other party's it was when a limit passed.

    Args:
        site: what was heard from their site until then.
        check: what the entries prove.
        limit_ms: the limit, by our clock.
        was_sent: whether there was something of ours to receive; if it was theirs to begin, their
            node has nothing to receipt, and being heard is all that can be proved of it.
    """
    proved, at_ms = last_proved(site, check)
    if check.is_suspended:
        return SilenceFound(Silence.SUSPENDED, proved, at_ms)
    if check.is_declined:
        return SilenceFound(Silence.DECLINED, proved, at_ms)
    cause = _silence_of_site(site, limit_ms)
    return SilenceFound(cause or _silence_behind(check, was_sent=was_sent), proved, at_ms)


def silence_now(site: SiteProof, now_ms: int) -> Silence | None:
    """Return which silence it is while a line is cut, None while that is still being asked.

    Unlike a limit that passed, a cut has only just begun: what was heard of a site at the same time
    as of its node says nothing of now.
    """
    if not site.has_edge:
        return Silence.PATH_OR_NODE
    edge_ms, node_ms = site.edge_ms, site.node_ms
    outlasted = edge_ms is not None and (node_ms is None or edge_ms >= node_ms + EDGE_AFTER_MS)
    if outlasted and _is_fresh(edge_ms, now_ms):
        return Silence.NODE
    heard = [each for each in (edge_ms, node_ms) if each is not None]
    return Silence.PATH if heard and now_ms >= max(heard) + SETTLED_MS else None


def silence_of_ours(check: CheckProof, node_ms: int) -> SilenceFound:
    """Return which silence of our own it was: of our own node we know at least that it ran."""
    at_ms = check.person_ms or check.desk_ms or check.receipt_ms or node_ms
    if check.is_suspended:
        return SilenceFound(Silence.SUSPENDED, Proved.NODE, at_ms)
    if check.is_declined:
        return SilenceFound(Silence.DECLINED, Proved.PERSON, at_ms)
    if check.desk_ms is not None:
        return SilenceFound(Silence.NO_ANSWER, Proved.DESK, at_ms)
    return SilenceFound(Silence.UNSTAFFED, Proved.NODE, at_ms)


def last_proved(site: SiteProof, check: CheckProof) -> tuple[Proved, int | None]:
    """Return the furthest thing proved: of this check if anything is, else of their site."""
    chain = (
        (Proved.PERSON, check.person_ms),
        (Proved.DESK, check.desk_ms),
        (Proved.RECEIPT, check.receipt_ms),
    )
    for proved, at_ms in chain:
        if at_ms is not None:
            return proved, at_ms
    # A node that fell silent before its site did is not the last proof.
    edge_ms, node_ms = site.edge_ms, site.node_ms
    if node_ms is not None and (edge_ms is None or node_ms >= edge_ms - FRESH_MS):
        return Proved.NODE, node_ms
    return (Proved.NOTHING, None) if edge_ms is None else (Proved.EDGE, edge_ms)


def _silence_of_site(site: SiteProof, limit_ms: int) -> Silence | None:
    """Return what is silent between us and their node; None if it was heard just now.

    While it is, nothing of a desk or a person could have come: their silence proves nothing.
    """
    if _is_fresh(site.node_ms, limit_ms):
        return None
    if _is_fresh(site.edge_ms, limit_ms):
        return Silence.NODE
    return Silence.PATH if site.has_edge else Silence.PATH_OR_NODE


def _silence_behind(check: CheckProof, *, was_sent: bool) -> Silence:
    """Return what is silent behind a node that is heard."""
    if check.desk_ms is not None:
        return Silence.NO_ANSWER
    is_receipted = check.receipt_ms is not None or not was_sent
    return Silence.UNSTAFFED if is_receipted else Silence.NODE


def _is_fresh(at_ms: int | None, limit_ms: int) -> bool:
    return at_ms is not None and at_ms >= limit_ms - FRESH_MS
