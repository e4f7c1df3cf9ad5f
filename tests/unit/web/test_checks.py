"""Line checks, terms and suspension over HTTP: two nodes, their people, their passkeys."""

from typing import Any

import pytest

from parley.crisis.duty.stepping import find_escalation
from parley.crisis.escalation.policy import Direction
from parley.errors import LineIsSuspended
from parley.ids import SpaceId
from parley.record.entry import Precedence
from parley.testing.alerts import released
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Browser
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest

ORIGIN = "http://localhost:7480"


async def sign(browser: Browser, key: Authenticator, where: str, said: dict[str, Any]) -> Any:  # noqa: ANN401
    """Write about a line's standing, with a passkey."""
    begun = await browser.post(f"{where}/begin", said)
    if begun.status != 200:
        return begun
    given = {"credential": key.get(begun.json["options"])}
    return await browser.post(f"{where}/{said['step']}", given)


async def test_a_line_is_checked_by_two_people_over_http(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Sent, shown, typed, confirmed; nobody types their own, nor does an auditor."""
    rolf, _ = await keyed_person(near, "Rolf", "duty_officer")
    fatima, _ = await keyed_person(far, "Fatima", "duty_officer")
    auditor, _ = await keyed_person(far, "Ada", "auditor")
    made = await rolf.post(f"/api/lines/{far.party.text}/checks", {"due": None})
    assert made.status == 201, made.body
    await nodes.seconds(2)
    (line,) = (await fatima.get("/api/checks")).json["lines"]
    now = line["now"]
    assert (now["turn"], now["may"], now["code"]) == ("us", ["type", "decline"], made.json["code"])
    place = f"/api/checks/{now['hash']}"
    assert (await auditor.post(f"{place}/type", {"code": now["code"]})).status == 403
    assert (await rolf.post(f"{place}/type", {"code": now["code"]})).status == 403
    # An auditor's screen says nothing of whether the desk is staffed.
    desk = {"desk": "watch", "has_sound": False}
    assert (await auditor.post(f"{place}/presented", desk)).code == "permission.refused"
    shown = await fatima.post(f"{place}/presented", desk)
    assert shown.json == {"is_new": True}
    assert (await fatima.post(f"{place}/type", {"code": "333333"})).status == 409
    assert (await fatima.post(f"{place}/type", {"code": now["code"]})).json["state"] == "returned"
    await nodes.seconds(2)
    assert (await rolf.post(f"{place}/confirm")).json["state"] == "confirmed"
    await nodes.seconds(2)
    (line,) = (await fatima.get("/api/checks")).json["lines"]
    assert (line["now"], line["history"][0]["state"]) == (None, "confirmed")


async def test_an_exercise_is_marked_at_both_ends_and_is_never_a_check_that_is_due(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The mark is inside what was sent; what is due keeps the line proved and is no exercise."""
    rolf, _ = await keyed_person(near, "Rolf", "duty_officer")
    fatima, _ = await keyed_person(far, "Fatima", "duty_officer")
    where = f"/api/lines/{far.party.text}/checks"
    due = {"due": "2026-11-01T13:00:00Z", "is_exercise": True}
    refused = await rolf.post(where, due)
    assert (refused.status, refused.json["params"]["field"]) == (400, "is_exercise")
    made = await rolf.post(where, {"is_exercise": True})
    assert made.status == 201, made.body
    await nodes.seconds(2)
    for browser in (rolf, fatima):
        (line,) = (await browser.get("/api/checks")).json["lines"]
        assert line["now"]["is_exercise"]


async def test_two_people_suspend_a_line_and_it_refuses_what_it_does_not_take(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """One signature is none; then notifications and calls are refused, and both desks show it."""
    rolf, rolf_key = await keyed_person(near, "Rolf", "releaser")
    rita, rita_key = await keyed_person(near, "Rita", "secretary")
    fatima, _ = await keyed_person(far, "Fatima", "releaser")
    where = f"/api/lines/{far.party.text}/standing"
    asked = await sign(rolf, rolf_key, where, {"step": "suspend", "reason": ""})
    assert asked.status == 200, asked.body
    again = await sign(rolf, rolf_key, where, {"step": "concur"})
    assert again.json["code"] == "line.standing_refused"
    done = await sign(rita, rita_key, where, {"step": "concur"})
    assert done.status == 200, done.body
    await nodes.seconds(2)
    for browser, is_ours in ((rolf, True), (fatima, False)):
        (line,) = (await browser.get("/api/checks")).json["lines"]
        found = {each["is_ours"]: each for each in line["standings"]}
        assert found[is_ours]["standing"] == "suspended"
        assert (found[is_ours]["alerts"], found[is_ours]["has_checks"]) == ("flash", True)
    space = SpaceId.of_pair(near.party, far.party).text
    refused = await fatima.post("/api/notification-types", {"space": space, "starter": "x"})
    assert refused.status != 201
    sent = await rolf.post(f"/api/lines/{far.party.text}/checks", {"due": None})
    assert sent.status == 201, sent.body
    resumed = await sign(rolf, rolf_key, where, {"step": "resume", "reason": "done"})
    assert resumed.status == 200, resumed.body
    assert (await sign(rita, rita_key, where, {"step": "concur"})).status == 200
    ours = (await rolf.get("/api/checks")).json["lines"][0]["standings"]
    assert {each["standing"] for each in ours} == {"in_use"}


async def test_a_suspension_says_from_when_it_holds_and_whether_checks_go_on(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Both ends read the same start and scope; until the start, a check is sent as before."""
    rolf, rolf_key = await keyed_person(near, "Rolf", "releaser")
    rita, rita_key = await keyed_person(near, "Rita", "secretary")
    fatima, _ = await keyed_person(far, "Fatima", "releaser")
    where = f"/api/lines/{far.party.text}/standing"
    starts = near.node.clock.now().add(hours=2).round("second")
    said = {"step": "suspend", "starts": starts.format_iso(), "alerts": "all", "has_checks": False}
    assert (await sign(rolf, rolf_key, where, said)).status == 200
    assert (await sign(rita, rita_key, where, {"step": "concur"})).status == 200
    await nodes.seconds(2)
    for browser, is_ours in ((rolf, True), (fatima, False)):
        (line,) = (await browser.get("/api/checks")).json["lines"]
        found = next(each for each in line["standings"] if each["is_ours"] == is_ours)
        assert (found["from_at"], found["alerts"]) == (starts.format_iso(), "all")
        assert found["has_checks"] is False
    checks = f"/api/lines/{far.party.text}/checks"
    assert (await rolf.post(checks, {"due": None})).status == 201


@pytest.mark.parametrize("hours", [-1, 24 * 367])
@pytest.mark.parametrize("step", ["suspend", "end"])
async def test_a_start_that_is_past_or_too_far_ahead_is_refused_before_anything_is_signed(
    near: NodeUnderTest, far: NodeUnderTest, step: str, hours: int
) -> None:
    """A mistyped day or year is told with what would do."""
    rolf, rolf_key = await keyed_person(near, "Rolf", "releaser")
    starts = near.node.clock.now().add(hours=hours).round("second").format_iso()
    said = {"step": step, "starts": starts}
    refused = await sign(rolf, rolf_key, f"/api/lines/{far.party.text}/standing", said)
    assert (refused.status, refused.json["code"]) == (400, "line.start_refused")
    assert refused.json["params"] == {"starts": starts, "days": 366}


@pytest.mark.timeout(120)
async def test_an_alert_that_a_suspension_leaves_out_is_shown_and_rings_nobody(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Its author knew of it; a flash still rings, and so does what crossed the suspension."""
    rolf, rolf_key = await keyed_person(near, "Rolf", "releaser")
    rita, rita_key = await keyed_person(near, "Rita", "secretary")
    where = f"/api/lines/{far.party.text}/standing"
    nodes.network.cut(near.party, far.party)
    await nodes.seconds(1)
    await sign(rolf, rolf_key, where, {"step": "suspend", "reason": ""})
    assert (await sign(rita, rita_key, where, {"step": "concur"})).status == 200
    crossed = await released(far, near, "On its way already.", Precedence.IMMEDIATE)
    nodes.network.mend(near.party, far.party)
    await nodes.seconds(8)
    with pytest.raises(LineIsSuspended):
        await released(far, near, "Refused at home.", Precedence.IMMEDIATE)
    far.node.record._gates.clear()
    left_out = await released(far, near, "Sent all the same.", Precedence.IMMEDIATE)
    flash = await released(far, near, "A flash.", Precedence.FLASH)
    await nodes.seconds(4)

    async def shown(alert: bytes) -> tuple[str, list[str], int]:
        found = (await rolf.get(f"/api/alerts/{alert.hex()}")).json
        kinds = [each["kind"] for each in found["breaches"]]
        return (
            found["saying"]["duty"],
            [each for each in kinds if each == "suspended"],
            len(found["due"]),
        )

    waiting: tuple[str, list[str], int] = ("our_acknowledgement", [], 2)
    assert (await shown(crossed), await shown(flash)) == (waiting, waiting)
    assert await shown(left_out) == ("nobody", ["suspended"], 0)

    async def called(alert: bytes) -> bool:
        found = await near.node.database.read(
            lambda connection: find_escalation(connection, alert, Direction.INBOUND)
        )
        return found is not None

    assert [await called(each) for each in (crossed, flash, left_out)] == [True, True, False]
    resumed = await sign(rolf, rolf_key, where, {"step": "resume", "reason": "done"})
    assert resumed.status == 200, resumed.body
    assert (await sign(rita, rita_key, where, {"step": "concur"})).status == 200
    await near.node.database.write(
        lambda connection: near.node.alerts.keeper.rebuild(connection, near.clock.now())
    )
    assert await shown(left_out) == ("nobody", ["suspended"], 0)


async def test_terms_are_proposed_with_their_words_and_say_what_they_change(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """In force are the defaults until both have signed; what cannot be is refused."""
    rolf, _ = await keyed_person(near, "Rolf", "releaser")
    place = f"/api/lines/{far.party.text}/terms"
    before = (await rolf.get(place)).json
    assert (before["in_force"]["checks"], before["versions"]) == ("civil", [])
    limits = {
        each["precedence"]: {name: each[name] for name in ("target_s", "limit_s", "answer_s")}
        for each in before["in_force"]["limits"]
    }
    said = {"body": "Hourly.", **limits, "checks": "watch"}
    proposed = await rolf.post(place, said)
    assert proposed.status == 201, proposed.body
    assert proposed.json["in_force"]["checks"] == "civil"
    assert proposed.json["versions"][0]["changes"] == ["checks"]
    wrong = await rolf.post(place, {**said, "civil_hours": [6, 18]})
    assert wrong.json["code"] == "agreement.terms_refused"


async def test_mornings_are_proposed_for_the_parties_of_the_line_in_zones_that_are_known(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Shown as they were written; what nobody could go by is refused with its name."""
    rolf, _ = await keyed_person(near, "Rolf", "releaser")
    place = f"/api/lines/{far.party.text}/terms"
    limits = {
        each["precedence"]: {name: each[name] for name in ("target_s", "limit_s", "answer_s")}
        for each in (await rolf.get(place)).json["in_force"]["limits"]
    }
    morning = {
        "party": far.party.text,
        "zone": "Asia/Tashkent",
        "days": [1, 2, 3, 4, 5],
        "at": "08:30",
        "holidays": ["2027-03-21"],
    }
    said = {"body": "By mornings.", **limits, "mornings": [morning]}
    proposed = await rolf.post(place, said)
    assert proposed.status == 201, proposed.body
    version = proposed.json["versions"][0]
    assert version["changes"] == ["mornings"]
    assert version["terms"]["mornings"] == [morning]
    for wrong in (
        {**morning, "zone": "Nowhere/Atlantis"},
        {**morning, "party": "a" * 26},
        {**morning, "holidays": ["2027-02-30"]},
    ):
        refused = await rolf.post(place, {**said, "mornings": [wrong]})
        assert refused.json["code"] == "agreement.terms_refused", wrong
    twice = await rolf.post(place, {**said, "mornings": [morning, morning]})
    assert twice.json["code"] == "agreement.terms_refused"
