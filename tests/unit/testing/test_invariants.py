"""Each invariant is broken on purpose, and found."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from msgspec import structs

from parley.crisis.alert import AlertState
from parley.testing.desks import Desk, carry, desks_of
from parley.testing.invariants import End, Invariant, end_of_desk, hold, violations

Break = Callable[[Sequence[Desk], Sequence[End], bytes], None]


def test_a_run_in_which_all_went_well_breaks_nothing() -> None:
    """From release to closing, with an exercise beside it."""
    desks, _ = a_run()
    hold([end_of_desk(desk) for desk in desks])


def test_a_run_that_has_not_settled_is_held_to_what_holds_at_every_moment() -> None:
    """What has not arrived is not lost."""
    near, far = desks_of("near", "far")
    near.release(far)
    ends = [end_of_desk(near), end_of_desk(far)]
    hold(ends, is_settled=False)
    assert {each.invariant for each in violations(ends)} == {Invariant.ONCE}


def _receipt(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    find, gone = ends[1].find, alert
    ends[1].find = lambda digest: None if digest == gone else find(digest)


def _place(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks, alert
    name = next(name for name, log in ends[1].logs.items() if name[1] == ends[0].party)
    ends[1].logs = {**ends[1].logs, name: {**ends[1].logs[name], 0: bytes(32)}}


def _twice(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks, alert
    name = next(name for name, log in ends[0].logs.items() if name[1] == ends[0].party)
    log = ends[0].logs[name]
    ends[0].logs = {**ends[0].logs, name: {**log, len(log): log[0]}}


def _gap(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks, alert
    name = next(name for name, log in ends[1].logs.items() if name[1] == ends[0].party)
    ends[1].logs = {
        **ends[1].logs,
        name: {place: each for place, each in ends[1].logs[name].items() if place},
    }


def _proof(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    found = ends[0].alerts[alert]
    forged = replace(found.acknowledgements[0], hash=bytes(32))
    ends[0].alerts = {**ends[0].alerts, alert: structs.replace(found, acknowledgements=(forged,))}


def _no_proof(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    found = structs.replace(ends[0].alerts[alert], acknowledgements=(), closings=())
    ends[0].alerts = {
        **ends[0].alerts,
        alert: structs.replace(found, state=AlertState.ACKNOWLEDGED),
    }


def _overdue_twice(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    ends[0].overdue = [(alert, "limit/0")] * 2


def _overdue_untold(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    ends[0].overdue, ends[0].told = [(alert, "limit/0")], {}


def _timeline(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    ends[0].alerts = {**ends[0].alerts, alert: structs.replace(ends[0].alerts[alert], closings=())}


def _principals(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del alert
    exercise = next(
        digest for digest, each in desks[1].disk.alerts.items() if each.body.is_exercise
    )
    ends[1].reached_principals = [exercise]


def _rang_twice(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    ends[1].rung = [*ends[1].rung, alert]


def _lost(desks: Sequence[Desk], ends: Sequence[End], alert: bytes) -> None:
    del desks
    ends[1].alerts = {digest: each for digest, each in ends[1].alerts.items() if digest != alert}


@pytest.mark.parametrize(
    ("broken", "invariant"),
    [
        (_receipt, Invariant.RECEIPT),
        (_place, Invariant.ONE_PLACE),
        (_twice, Invariant.ONE_PLACE),
        (_gap, Invariant.ORDER),
        (_proof, Invariant.PROOF),
        (_no_proof, Invariant.PROOF),
        (_overdue_twice, Invariant.OVERDUE),
        (_overdue_untold, Invariant.OVERDUE),
        (_timeline, Invariant.TIMELINE),
        (_principals, Invariant.PRINCIPALS),
        (_rang_twice, Invariant.ONCE),
        (_lost, Invariant.ONCE),
    ],
)
def test_what_is_broken_is_found_and_named(broken: Break, invariant: Invariant) -> None:
    """Whatever else it breaks besides."""
    desks, alert = a_run()
    ends = [end_of_desk(desk) for desk in desks]
    broken(desks, ends, alert)
    assert invariant in {each.invariant for each in violations(ends)}
    with pytest.raises(AssertionError, match="broken"):
        hold(ends)


# ----------------------------------------------------------------------------------------- details


def a_run() -> tuple[list[Desk], bytes]:
    """Return two desks after an alert was read and closed by both, and an exercise beside it."""
    near, far = desks_of("near", "far")
    alert = near.release(far, "words")
    near.release(far, "exercise", is_exercise=True)
    carry([near, far])
    far.present(alert)
    far.acknowledge(alert)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    carry([near, far])
    far.close(alert)
    carry([near, far])
    return [near, far], alert
