"""What must be true of every end of a line after any run, whatever happened in it.

An :class:`End` is what one party has: its logs and its copies of others', what its alerts have come
to, what became overdue and who was told. It is read off desks in memory (:func:`end_of_desk`) or
out of a node's own rows (:func:`end_of_rows`). :func:`violations` compares the ends with each other
and says of everything that is not as it must be which invariant it breaks. A run that was not let
settle is held to what holds at every moment, and not to what holds once everything has arrived.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final

import sqlalchemy as sa

from parley.crisis import tables
from parley.crisis.alert import AlertState, has_reached
from parley.crisis.matter import Alert
from parley.crisis.repository import AlertKeeper, alert_hashes
from parley.ids import PartyId
from parley.record import repository as record_rows
from parley.record.entry import Entry, entry_hash, read_entry
from parley.record.kinds import DOMAIN_HUMAN_KINDS, Kind
from parley.testing.desks import Desk
from parley.testing.nodes import Nodes

SHOWN_MAX: Final = 12
"""Violations that an error shows. More hides the first, less the pattern."""
_HUMAN: Final = DOMAIN_HUMAN_KINDS | {Kind.ACKNOWLEDGEMENT}
_ALL: Final = 1_000_000


class Invariant(StrEnum):
    """What must be true."""

    RECEIPT = "a receipt held: the entry is in both logs"
    ONE_PLACE = "one place, one entry"
    ORDER = "headers in order, gaps reported"
    PROOF = "no acknowledgement shown without the other party's person's proof"
    UNDERSTOOD = "no paraphrase and no word on one without that party's person's proof; one waits"
    OVERDUE = "every overdue step recorded exactly once at each end, and told at least once"
    TIMELINE = "both timelines equal up to declared differences"
    PRINCIPALS = "exercise entries never reach principals unless asked"
    ONCE = "an alert rings once, and none is lost"


LogName = tuple[str, PartyId, int]
"""Space, author and epoch of a log."""


@dataclass(slots=True)
class End:
    """What one party has after a run."""

    party: PartyId
    logs: Mapping[LogName, Mapping[int, bytes]]
    """Hashes of entries by place: its own logs, and its copies of others'."""
    alerts: Mapping[bytes, Alert]
    find: Callable[[bytes], Entry | None]
    """Returns the entry with a hash that is here."""
    rung: Sequence[bytes]
    """Alerts for which its desks began to ring."""
    overdue: Sequence[tuple[bytes, str]] = ()
    """Limits that passed, as recorded."""
    told: Mapping[tuple[bytes, str], int] | None = None
    """How often somebody was told of each; None where nobody was to be told."""
    gaps: Mapping[LogName, Collection[int]] = field(default_factory=dict)
    """Places it says it lacks."""
    reached_principals: Collection[bytes] = ()
    """Alerts that were brought before principals."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is not as it must be."""

    invariant: Invariant
    party: PartyId
    what: str


def violations(ends: Sequence[End], *, is_settled: bool = True) -> list[Violation]:
    """Return everything that is wrong.

    Args:
        ends: every party of the run.
        is_settled: whether lines were up and everything was given the time to arrive.
    """
    found: list[Violation] = []
    by_party = {end.party: end for end in ends}
    for end in ends:
        found += _places(end)
        found += _proofs(end, by_party)
        found += _overdue(end)
        found += _principals(end)
        found += _once(end, by_party, is_settled=is_settled)
        for other in ends:
            if other is not end:
                found += _copies(end, other, is_settled=is_settled)
        if is_settled:
            found += _timelines(end, by_party)
    return found


def hold(ends: Sequence[End], *, is_settled: bool = True) -> None:
    """Hold every end to every invariant.

    Raises:
        AssertionError: one is broken; the text says which and where.
    """
    found = violations(ends, is_settled=is_settled)
    if found:
        shown = [f"{each.party.text[:6]}: {each.invariant}: {each.what}" for each in found]
        raise AssertionError("\n".join([f"{len(found)} broken:", *shown[:SHOWN_MAX]]))


def told_of(alert: Alert) -> tuple[object, ...]:
    """Return what must be the same at both ends of an alert's line.

    The declared differences are when each end had an entry by its own clock, and what follows from
    that: its own deadlines and whether the time the alert was given is over there.
    """
    return (
        *(alert.state, alert.standing, alert.precedence, alert.body_hash, alert.received_ms),
        *(alert.presented, alert.closed_by, alert.confirmed, alert.superseded_by),
        tuple(each.hash for each in alert.acknowledgements),
        tuple(each.hash for each in alert.answers),
        tuple(each.hash for each in alert.translations),
        *(alert.paraphrases, alert.paraphrase_state),
        tuple((each.hash, each.kind, each.what) for each in alert.breaches),
    )


# ------------------------------------------------------------------------------------- the ends


def end_of_desk(desk: Desk, told: Mapping[tuple[bytes, str], int] | None = None) -> End:
    """Return the end of a desk in memory."""
    disk = desk.disk
    known = {
        digest: each.entry for matter in disk.matters.values() for digest, each in matter.items()
    }
    return End(
        desk.party,
        {
            (space.text, party, 0): {place: entry_hash(each) for place, each in log.items()}
            for (space, party), log in disk.logs.items()
        },
        disk.alerts,
        known.get,
        disk.rung,
        disk.overdue,
        told,
    )


def end_of_rows(connection: sa.Connection, own: PartyId) -> End:
    """Return the end that a node's database holds; it may have been running a moment ago."""
    origins = {log.id: log.origin for log in record_rows.logs(connection)}
    logs: dict[LogName, dict[int, bytes]] = {}
    encoded: dict[bytes, bytes] = {}
    rows = record_rows.find_entries(
        connection, record_rows.EntryQuery(list(origins), (), limit=_ALL, is_set_aside=False)
    )
    for row in rows:
        origin, content = origins[row.log], bytes(row.encoded)
        digest = entry_hash(content)
        encoded[digest] = content
        name = (origin.space.text, origin.party, origin.epoch)
        logs.setdefault(name, {})[row.place] = digest
    keeper = AlertKeeper(own)
    alerts = {
        digest: alert
        for digest in alert_hashes(connection, limit=_ALL)
        if (alert := keeper.find(connection, digest)) is not None
    }
    overdue = sa.select(tables.overdue.c.matter, tables.overdue.c.step)
    return End(
        own,
        logs,
        alerts,
        lambda digest: read_entry(encoded[digest]) if digest in encoded else None,
        [digest for digest, alert in alerts.items() if alert.author != own],
        [(bytes(row.matter), row.step) for row in connection.execute(overdue)],
    )


async def hold_nodes(nodes: Nodes, *, is_settled: bool = False) -> None:
    """Hold nodes that run to every invariant; raises like :func:`hold`."""
    ends = [
        await each.node.database.read(partial(end_of_rows, own=each.party)) for each in nodes.all
    ]
    hold(ends, is_settled=is_settled)


# --------------------------------------------------------------------------------- the invariants


def _places(end: End) -> Iterable[Violation]:
    """One place holds one entry, and one entry has one place."""
    for name, log in end.logs.items():
        for digest, count in Counter(log.values()).items():
            if count > 1:
                yield Violation(Invariant.ONE_PLACE, end.party, f"{digest.hex()[:8]} x{count}")
        missing = set(range(max(log, default=-1) + 1)) - log.keys()
        unsaid = missing - set(end.gaps.get(name, ()))
        if unsaid:
            yield Violation(Invariant.ORDER, end.party, f"unsaid gaps {sorted(unsaid)[:5]}")


def _copies(end: End, other: End, *, is_settled: bool) -> Iterable[Violation]:
    """A copy is what its author has, place by place; all of it, once everything arrived."""
    for name, copy in end.logs.items():
        if name[1] != other.party:
            continue
        log = other.logs.get(name, {})
        wrong = [place for place, digest in copy.items() if log.get(place) != digest]
        if wrong:
            yield Violation(Invariant.ONE_PLACE, end.party, f"other entries at {wrong[:5]}")
        if is_settled and log.keys() - copy.keys():
            lacks = sorted(log.keys() - copy.keys())
            yield Violation(Invariant.ORDER, end.party, f"lacks places {lacks[:5]}")


def _proofs(end: End, by_party: Mapping[PartyId, End]) -> Iterable[Violation]:
    """What is said of the other party, that party has said."""
    for matter, alert in end.alerts.items():
        ends = [
            each for each in (end, by_party.get(alert.author), by_party.get(alert.other)) if each
        ]
        # What nobody has was confirmed by somebody who lies, and says nothing about any entry.
        for digest in alert.confirmed:
            if len({each.find(digest) is None for each in ends}) > 1:
                what = f"{matter.hex()[:8]} confirms {digest.hex()[:8]}"
                yield Violation(Invariant.RECEIPT, end.party, what)
        is_read = has_reached(alert.state, AlertState.ACKNOWLEDGED) and not alert.closed_by
        if is_read and not alert.acknowledgements:
            yield Violation(Invariant.PROOF, end.party, f"{matter.hex()[:8]} without any")
        for given in alert.acknowledgements:
            found = [each.find(given.hash) for each in ends]
            if not all(_is_proof(each, alert, Kind.ACKNOWLEDGEMENT, alert.other) for each in found):
                yield Violation(Invariant.PROOF, end.party, f"{given.hash.hex()[:8]}")
        yield from _understanding(end, ends, alert)


def _understanding(end: End, ends: Sequence[End], alert: Alert) -> Iterable[Violation]:
    """Whom an alert went to has put it into words, and its author has said the word on them."""
    shown = [(each.hash, Kind.PARAPHRASE, alert.other) for each in alert.paraphrases]
    words = [each.word for each in alert.paraphrases if each.word is not None]
    shown += [(each.hash, Kind.PARAPHRASE_WORD, alert.author) for each in words]
    for digest, kind, author in shown:
        if not all(_is_proof(each.find(digest), alert, kind, author) for each in ends):
            yield Violation(Invariant.UNDERSTOOD, end.party, f"{digest.hex()[:8]}")
    if any(each.word is None for each in alert.paraphrases[:-1]):
        yield Violation(Invariant.UNDERSTOOD, end.party, f"{alert.hash.hex()[:8]} two wait")


def _is_proof(found: Entry | None, alert: Alert, kind: Kind, author: PartyId) -> bool:
    """Say whether an entry of a kind is a person's of that party, about that alert."""
    return (
        found is not None
        and found.kind == kind
        and found.author == author
        and found.actor is not None
        and alert.hash in found.refs
    )


def _overdue(end: End) -> Iterable[Violation]:
    for step, count in Counter(end.overdue).items():
        if count != 1:
            yield Violation(Invariant.OVERDUE, end.party, f"{step[1]} recorded {count} times")
        if end.told is not None and not end.told.get(step, 0):
            yield Violation(Invariant.OVERDUE, end.party, f"{step[1]} told nobody")


def _principals(end: End) -> Iterable[Violation]:
    for digest, alert in end.alerts.items():
        wanted = not alert.body.is_exercise or alert.body.reaches_principals
        if alert.may_reach_principals != wanted:
            yield Violation(Invariant.PRINCIPALS, end.party, digest.hex()[:8])
    for digest in end.reached_principals:
        reached = end.alerts.get(digest)
        if reached is not None and not reached.may_reach_principals:
            yield Violation(Invariant.PRINCIPALS, end.party, f"{digest.hex()[:8]} reached them")


def _once(end: End, by_party: Mapping[PartyId, End], *, is_settled: bool) -> Iterable[Violation]:
    for digest, count in Counter(end.rung).items():
        if count != 1:
            yield Violation(Invariant.ONCE, end.party, f"{digest.hex()[:8]} rang {count} times")
    if not is_settled:
        return
    for digest, alert in end.alerts.items():
        other = by_party.get(alert.other)
        if alert.author == end.party and other is not None and digest not in other.alerts:
            yield Violation(Invariant.ONCE, other.party, f"{digest.hex()[:8]} lost")


def _timelines(end: End, by_party: Mapping[PartyId, End]) -> Iterable[Violation]:
    for digest, alert in end.alerts.items():
        other = by_party.get(alert.other)
        if alert.author != end.party or other is None or digest not in other.alerts:
            continue
        theirs = other.alerts[digest]
        if told_of(alert) != told_of(theirs):
            what = f"{digest.hex()[:8]}: {alert.state} here, {theirs.state} there"
            yield Violation(Invariant.TIMELINE, end.party, what)
