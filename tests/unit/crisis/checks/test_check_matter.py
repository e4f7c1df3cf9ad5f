"""What both parties hold of a line check, whatever came in whichever order."""

import itertools

import pytest

from parley.crisis.checks.bodies import (
    CheckDeclined,
    CheckSent,
    check_body,
    decline_body,
)
from parley.crisis.checks.machine import CheckState
from parley.crisis.checks.matter import CheckEntry, CheckMatter, work_out
from parley.crisis.checks.schedule import CONFIRM_MS, HOUR_MS, TYPE_MS
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, entry_hash, write_entry
from parley.record.kinds import Kind

LOW, HIGH = PartyId(bytes(16)), PartyId(bytes([1] * 16))
SPACE = SpaceId.of_pair(LOW, HIGH)
PERSON = ActorId(bytes([7] * 16))
DUE = 498_194 * HOUR_MS
CODE = "AC349K"
SKEW = 5 * HOUR_MS
"""By how much the other party's clock is off: no outcome depends on it."""
MACHINE = {Kind.RECEIPT, Kind.DELIVERY}


def said(
    party: PartyId,
    kind: Kind,
    time_ms: int,
    body: dict[int, Value],
    *refs: bytes,
    actor: ActorId | None = PERSON,
) -> CheckEntry:
    """Return an entry."""
    entry = Entry(
        space=SPACE,
        author=party,
        kind=kind,
        time_ms=time_ms,
        actor=None if kind in MACHINE else actor,
        refs=refs,
        body=encode(body),
    )
    return CheckEntry(entry_hash(write_entry(entry)), entry, 0, time_ms, time_ms)


def check(due_ms: int | None = DUE, party: PartyId = LOW) -> CheckEntry:
    """Return a check that was sent."""
    body = dict(check_body(CheckSent(due_ms, (("en", "Words."),), CODE)))
    return said(party, Kind.LINE_CHECK, DUE + 1_000, body)


def matter(first: CheckEntry, *others: CheckEntry) -> CheckMatter:
    """Return what they come to, in every order."""
    found = [work_out(first, each, (LOW, HIGH)) for each in itertools.permutations(others)]
    assert all(each == found[0] for each in found)
    return found[0]


FIRST = check()
RECEIPT = said(HIGH, Kind.RECEIPT, DUE + SKEW, {0: DUE + SKEW}, FIRST.hash)
TYPED = said(HIGH, Kind.CHECK_RETURN, DUE + SKEW + TYPE_MS, {0: CODE}, FIRST.hash)
CONFIRMED = said(LOW, Kind.CHECK_CONFIRMATION, DUE + 1_000 + CONFIRM_MS, {}, FIRST.hash, TYPED.hash)


def test_a_kept_check_is_confirmed_though_a_clock_is_hours_off() -> None:
    """Ten minutes lie in the other party's log, fifteen in the starter's."""
    assert matter(FIRST).state is CheckState.SENT
    assert matter(FIRST, RECEIPT, TYPED).state is CheckState.RETURNED
    found = matter(FIRST, RECEIPT, TYPED, CONFIRMED)
    assert (found.state, found.breaches) == (CheckState.CONFIRMED, ())
    assert found.awaited == LOW


@pytest.mark.parametrize(
    ("late", "what"),
    [
        (
            said(HIGH, Kind.CHECK_RETURN, DUE + SKEW + TYPE_MS + 1, {0: CODE}, FIRST.hash),
            "typed_in_time",
        ),
        (said(HIGH, Kind.CHECK_RETURN, DUE + SKEW, {0: "AAAAAA"}, FIRST.hash), "code_alike"),
        (said(LOW, Kind.CHECK_RETURN, DUE, {0: CODE}, FIRST.hash), "party"),
        (said(HIGH, Kind.CHECK_RETURN, DUE, {0: CODE}, FIRST.hash, actor=None), "no_person"),
        (said(HIGH, Kind.CHECK_RETURN, DUE, {1: CODE}, FIRST.hash), "malformed: body"),
        (said(LOW, Kind.CHECK_CONFIRMATION, DUE, {}, FIRST.hash), "confirm in sent"),
    ],
)
def test_what_a_guard_refuses_is_a_breach_without_effect(late: CheckEntry, what: str) -> None:
    """It is kept and shown, and the right one counts beside it."""
    found = matter(FIRST, RECEIPT, late)
    assert (found.state, [each.what for each in found.breaches]) == (CheckState.SENT, [what])


def test_a_confirmation_that_comes_late_confirms_nothing() -> None:
    """The limit lies between two entries of the starter."""
    late = said(LOW, Kind.CHECK_CONFIRMATION, DUE + 1_001 + CONFIRM_MS, {}, FIRST.hash)
    found = matter(FIRST, RECEIPT, TYPED, late)
    assert found.state is CheckState.RETURNED
    assert [each.what for each in found.breaches] == ["confirmed_in_time"]


def test_not_now_is_said_by_whoever_is_waited_for() -> None:
    """And by nobody else."""
    body = dict(decline_body(CheckDeclined(DUE, "busy")))
    theirs = said(HIGH, Kind.CHECK_DECLINE, DUE + SKEW, body, FIRST.hash)
    ours = said(LOW, Kind.CHECK_DECLINE, DUE, body, FIRST.hash)
    found = matter(FIRST, theirs)
    assert (found.state, found.awaited, found.words) == (CheckState.MISSED, HIGH, "busy")
    assert found.proof(HIGH).is_declined
    assert [each.what for each in matter(FIRST, ours).breaches] == ["party"]


def test_a_check_out_of_turn_is_none() -> None:
    """Whose turn an hour is follows from the ids; outside the schedule either may."""
    for wrong in (check(party=HIGH), check(DUE + 1)):
        assert [each.what for each in matter(wrong).breaches] == ["on_schedule"]
    assert matter(check(None, HIGH)).state is CheckState.SENT


def test_a_flood_of_entries_costs_no_more_than_its_bound() -> None:
    """What is beyond is not read."""
    flood = [
        said(HIGH, Kind.CHECK_RETURN, DUE + each, {0: "AAAAAA"}, FIRST.hash) for each in range(100)
    ]
    assert len(work_out(FIRST, flood, (LOW, HIGH)).breaches) == 64
