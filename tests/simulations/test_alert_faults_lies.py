"""Group 4 of what alerts must stand: the other party lies.

What it writes is kept and shown as a breach, changes nothing, and is in nobody's way.
"""

import hashlib
import os
from collections import defaultdict
from typing import Any

import pytest

from parley.clock import FakeClock
from parley.crisis.alert import AlertState
from parley.crisis.bodies import PARTIES_MAX, acknowledged_body
from parley.crisis.bodies import Acknowledged as Said
from parley.crisis.matter import BreachKind
from parley.crisis.offices import Capacity
from parley.crisis.precedence import FLASH_PER_HOUR_MAX
from parley.crisis.projection import ENTRIES_MAX
from parley.crisis.sentence import sentences
from parley.errors import EntryMalformed
from parley.ids import PartyId
from parley.record.entry import Entry, Precedence, read_entry
from parley.record.kinds import Kind
from parley.testing.desks import Desk, carry, desks_of
from parley.testing.invariants import Invariant, end_of_desk, hold, violations

TINY = int(os.environ.get("PARLEY_TINY", "300"))
S = AlertState


def test_a_receipt_for_an_unseen_hash_says_nothing_about_any_alert() -> None:
    """What was never written cannot have arrived."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    far.say(near.party, Kind.RECEIPT, {0: far.now_ms()}, (hashlib.sha256(b"guess").digest(),))
    near.take(*_newest(far))
    assert near.alert(alert).state is S.RELEASED
    assert near.alert(alert).confirmed == frozenset()
    carry([near, far])
    goes_on(near, far)


def test_an_acknowledgement_in_an_unknown_office_is_none() -> None:
    """The word for the office is one of three."""
    near, far = desks_of("near", "far")
    alert = delivered(near, far)
    body = acknowledged_body(Said(Capacity.DUTY_OFFICER, "en", sentences(("en",)), 0)) | {3: "king"}
    far.say(near.party, Kind.ACKNOWLEDGEMENT, body, (alert,), precedence=Precedence.FLASH)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).state is S.DELIVERED
        assert [each.kind for each in desk.alert(alert).breaches] == [BreachKind.MALFORMED]
    goes_on(near, far)


def test_an_acknowledgement_by_somebody_without_a_valid_key_is_none() -> None:
    """A role that is over has no key that signs for it."""
    near, far = desks_of("near", "far")
    alert = delivered(near, far)
    far.acknowledge(alert, is_signed=False)
    assert far.alert(alert).state is S.DELIVERED
    assert [each.what for each in far.alert(alert).breaches] == ["signed"]


def test_an_acknowledgement_by_a_machine_is_none() -> None:
    """A program cannot read: such bytes are no entry, and an answer of one is a breach."""
    near, far = desks_of("near", "far")
    alert = delivered(near, far)
    nobody: Any = defaultdict(lambda: None)
    far.people = nobody
    with pytest.raises(EntryMalformed):
        far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    assert near.alert(alert).state is S.DELIVERED
    assert [each.kind for each in near.alert(alert).breaches] == [BreachKind.NO_PERSON]


def test_what_one_party_says_in_the_other_s_name_is_not_the_other_s() -> None:
    """The author of an alert acknowledges nothing in its place."""
    near, far = desks_of("near", "far")
    alert = delivered(near, far)
    near.acknowledge(alert)
    carry([near, far])
    for desk in (near, far):
        assert desk.alert(alert).state is S.DELIVERED
        assert [each.what for each in desk.alert(alert).breaches] == ["by_addressee"]


def test_a_back_dated_acknowledgement_moves_no_deadline_of_ours() -> None:
    """Each end counts from its own event, by its own clock."""
    near, far = desks_of("near", "far")
    alert = delivered(near, far)
    near.clock.advance(300)
    said = acknowledged_body(Said(Capacity.DUTY_OFFICER, "en", sentences(("en",)), 0))
    far.say(
        near.party,
        Kind.ACKNOWLEDGEMENT,
        said,
        (alert,),
        precedence=Precedence.FLASH,
        time_ms=1,
    )
    now_ms = near.now_ms()
    carry([near, far])
    given = near.alert(alert).acknowledgements[0]
    assert given.at_ms == 1
    assert given.came_ms >= now_ms
    due = near.disk.deadlines["alert.answer", f"{alert.hex()}/0"].due_at
    assert due.timestamp(unit="millisecond") >= now_ms + 1_800_000


def test_what_is_replayed_on_another_line_is_not_about_the_alert() -> None:
    """A third party acknowledges what it was never sent."""
    near, far, third = desks_of("near", "far", "third")
    alert = delivered(near, far)
    said = acknowledged_body(Said(Capacity.DUTY_OFFICER, "en", sentences(("en",)), 0))
    third.say(near.party, Kind.ACKNOWLEDGEMENT, said, (alert,), precedence=Precedence.FLASH)
    third.say(near.party, Kind.RECEIPT, {0: 1}, (alert,), precedence=Precedence.FLASH)
    carry([near, far, third])
    assert near.alert(alert).state is S.DELIVERED
    assert near.alert(alert).breaches == ()
    goes_on(near, third)


def test_silence_on_one_precedence_is_seen_and_said() -> None:
    """A flash that is kept back leaves a gap, and its limit passes here."""
    near, far = desks_of("near", "far")
    flash = near.release(far, "flash", Precedence.FLASH)
    near.release(far, "routine", Precedence.ROUTINE)
    log = near.disk.logs[next(iter(near.disk.logs))]
    far.take(read_entry(log[1]), log[1], 1)
    far.confirm_owed()
    ends = [end_of_desk(near), end_of_desk(far)]
    found = violations(ends, is_settled=False)
    assert {each.invariant for each in found} == {Invariant.ORDER}
    assert near.alert(flash).received_ms is None
    near.clock.advance(601)
    assert (flash, "limit/0") in near.tick()


def test_endless_flashes_are_demoted_with_a_mark_and_none_is_dropped() -> None:
    """At both ends the same ones."""
    near, far = desks_of("near", "far")
    alerts = []
    for number in range(3 * FLASH_PER_HOUR_MAX):
        alerts.append(near.release(far, f"flash {number}"))
        near.clock.advance(1)
        far.clock.advance(1)
    carry([near, far])
    for desk in (near, far):
        counted = [desk.alert(alert).precedence for alert in alerts]
        assert counted.count(Precedence.FLASH) == FLASH_PER_HOUR_MAX
        assert counted.count(Precedence.IMMEDIATE) == 2 * FLASH_PER_HOUR_MAX
        assert all(desk.alert(each).is_demoted for each in alerts[FLASH_PER_HOUR_MAX:])
    assert far.disk.rung == alerts
    hold([end_of_desk(near), end_of_desk(far)])


def test_any_number_of_tiny_entries_hides_no_person_s_word() -> None:
    """Of a node and of its people so many are read each, and the flood is named once."""
    near, far = desks_of("near", "far")
    alert = delivered(near, far)
    for _ in range(TINY):
        far.say(near.party, Kind.DELIVERY, {0: "x"}, (alert,), precedence=Precedence.FLASH)
    far.acknowledge(alert)
    carry([near, far])
    for desk in (near, far):
        found = desk.alert(alert)
        assert found.state is S.ACKNOWLEDGED
        assert len(found.presented) <= ENTRIES_MAX
        assert [each.kind for each in found.breaches] == [BreachKind.TOO_MANY]
    hold([end_of_desk(near), end_of_desk(far)])


@pytest.mark.parametrize("count", [PARTIES_MAX + 1, 2_000])
def test_an_alert_to_a_giant_list_is_none_and_the_next_one_rings(count: int) -> None:
    """It is kept as poison."""
    near, far = desks_of("near", "far")
    parties = tuple(sorted(PartyId(number.to_bytes(16, "big")) for number in range(count)))
    giant = near.release(far, "giant", parties=parties)
    carry([near, far])
    assert giant in far.disk.poison
    assert far.disk.rung == []
    goes_on(near, far)


# ----------------------------------------------------------------------------------------- details


def delivered(near: Desk, far: Desk) -> bytes:
    """Return an alert that the other node has confirmed."""
    near.clock = far.clock = FakeClock()
    near.restart()
    far.restart()
    alert = near.release(far)
    carry([near, far])
    assert near.alert(alert).state is S.DELIVERED
    return alert


def goes_on(near: Desk, far: Desk) -> None:
    """The next alert rings, and everybody is held to everything."""
    rung = len(far.disk.rung)
    alert = near.release(far, "the next one")
    carry([near, far])
    assert far.disk.rung[rung:] == [alert]
    assert near.alert(alert).state is S.DELIVERED
    hold([end_of_desk(near), end_of_desk(far)])


def _newest(sender: Desk) -> tuple[Entry, bytes, int]:
    log = next(log for name, log in sender.disk.logs.items() if name[1] == sender.party)
    place = max(log)
    return read_entry(log[place]), log[place], place
