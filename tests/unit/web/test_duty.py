"""Watches and escalation over HTTP: what is shown, who may, and what is refused."""

from typing import Any

import pytest

from parley.testing.browser import Browser
from parley.testing.keyed_people import enrolled, step_up
from parley.testing.nodes import NodeUnderTest

NOBODY = "a" * 26
WHEN = {"starts_at": "2026-11-02T08:00:00Z", "ends_at": "2026-11-02T10:00:00Z"}
OVERRIDE = {"roster": "watch", "person": None, **WHEN}
DEVICE = {"name": "Phone", "endpoint": "https://push.example/x", "public": "AA", "secret": "AA"}
TRIED = {"direction": "inbound", "precedence": "flash", "at": "2026-11-02T08:00:00Z"}

READS = ["/api/duty", "/api/duty/card", "/api/duty/reach", "/api/escalation"]
READS += ["/api/escalation/plan", "/api/escalation/notices"]

MALFORMED: list[tuple[str, str, Any]] = [
    ("GET", "/api/duty?since=yesterday", None),
    ("GET", "/api/duty?days=0", None),
    ("GET", "/api/duty?days=63", None),
    ("GET", "/api/escalation/notices?limit=0", None),
    ("GET", "/api/escalation/notices?is_failed_only=perhaps", None),
    ("POST", "/api/duty/overrides", []),
    ("POST", "/api/duty/overrides", {**OVERRIDE, "ends_at": "never"}),
    ("POST", "/api/duty/overrides", {**OVERRIDE, "person": "Ingrid"}),
    ("POST", "/api/duty/overrides", {**OVERRIDE, "roster": "x" * 41}),
    ("POST", "/api/duty/overrides", {**OVERRIDE, "is_forced": True}),
    ("DELETE", "/api/duty/overrides/1", None),
    ("POST", "/api/duty/devices", {**DEVICE, "name": "a\u202eb"}),
    ("POST", "/api/duty/devices", {**DEVICE, "name": ""}),
    ("POST", "/api/duty/devices", {**DEVICE, "public": "not base64"}),
    ("POST", "/api/duty/devices", {**DEVICE, "secret": 7}),
    ("DELETE", "/api/duty/devices/..", None),
    ("PUT", "/api/duty/mail", {}),
    ("PUT", "/api/duty/mail", {"address": "x" * 255}),
    ("POST", "/api/escalation/dry-run", {**TRIED, "direction": "sideways"}),
    ("POST", "/api/escalation/dry-run", {**TRIED, "precedence": "urgent"}),
    ("POST", "/api/escalation/dry-run", {**TRIED, "at": "2026-13-01T00:00:00Z"}),
    ("POST", "/api/escalation/preview", {"plan": {}, "since": "now"}),
    ("POST", "/api/escalation/preview", {"plan": [], "since": "2026-11-02T08:00:00Z"}),
    ("POST", "/api/escalation/try", {"target": ""}),
    ("POST", "/api/escalation/notices/1/again", None),
]

ASKS: list[tuple[str, str, Any]] = [
    ("POST", "/api/duty/overrides", OVERRIDE),
    ("DELETE", f"/api/duty/overrides/{NOBODY}", None),
    ("POST", "/api/escalation/plan", {"plan": {}}),
    ("POST", "/api/escalation/plan/1/confirm", None),
    ("POST", "/api/escalation/plan/1/reject", None),
    ("POST", "/api/escalation/try", {"target": "desk"}),
    ("POST", f"/api/escalation/notices/{NOBODY}/again", None),
]


async def person(node: NodeUnderTest, name: str, *roles: str) -> Browser:
    """Return the browser of a person with roles."""
    await node.node.operations.person_add(name, roles=[*roles])
    return await node.browser(name)


async def test_everybody_of_ours_reads_the_watches_and_no_stranger_does(
    near: NodeUnderTest, ingrid: Browser, stranger: Browser
) -> None:
    """A new node has no roster, no escalation and no notice, and says so."""
    for path in READS:
        assert (await ingrid.get(path)).status == 200, path
        refused = await stranger.get(path)
        assert (refused.status, refused.code) == (401, "sign_in.needed"), path
    shown = (await ingrid.get("/api/escalation")).json
    assert (shown["escalations"], shown["steps"]) == ([], [])
    assert (await ingrid.get("/api/escalation/notices")).json == {"notices": []}
    erik = await person(near, "Erik", "engineer")
    assert (await erik.get("/api/duty/card")).status == 200


async def test_bodies_and_addresses_that_cannot_be_are_refused_before_anything_happens(
    near: NodeUnderTest,
) -> None:
    """Each by its form, whoever asks."""
    rolf = await person(near, "Rolf", "releaser", "duty_officer", "engineer")
    await step_up(rolf, await enrolled(rolf))
    for method, path, body in MALFORMED:
        answer = await rolf.request(method, path, content=body)
        assert answer.status in {400, 404, 405}, (method, path, body, answer.body)
    assert (await rolf.get("/api/duty/reach")).json["devices"] == []
    assert (await rolf.get("/api/escalation/notices")).json == {"notices": []}


@pytest.mark.parametrize("role", ["member", "auditor"])
async def test_who_stands_no_watch_changes_none(near: NodeUnderTest, role: str) -> None:
    """The refusal is of the role, whether the thing exists or not."""
    olga = await person(near, "Olga", role)
    for method, path, body in ASKS:
        answer = await olga.request(method, path, content=body)
        assert (answer.status, answer.code) == (403, "permission.refused"), (method, path)
        assert answer.json["params"]["reason"] == "role"


async def test_the_plan_is_changed_with_a_passkey_by_two_people_of_different_roles(
    near: NodeUnderTest,
) -> None:
    """Without one it is asked for; a plan that is none is refused; an unknown one is not found."""
    rolf = await person(near, "Rolf", "releaser")
    for method, path, body in ASKS[2:5]:
        answer = await rolf.request(method, path, content=body)
        assert answer.code == "permission.step_up_needed", path
    await step_up(rolf, await enrolled(rolf))
    in_force = (await rolf.get("/api/escalation/plan")).json
    wrong = await rolf.post("/api/escalation/plan", {"plan": {"policies": "none"}})
    assert (wrong.status, wrong.code) == (400, "plan.refused")
    for path in ("confirm", "reject"):
        unknown = await rolf.post(f"/api/escalation/plan/7/{path}")
        assert (unknown.status, unknown.code) == (404, "plan.unknown")
    assert (await rolf.get("/api/escalation/plan")).json == in_force


async def test_mail_and_browsers_are_one_s_own(near: NodeUnderTest, ingrid: Browser) -> None:
    """Nobody sees or takes away by what another is called."""
    set_to = await ingrid.request(
        "PUT", "/api/duty/mail", content={"address": "ingrid@harbour.example"}
    )
    assert set_to.status == 200, set_to.body
    assert "ingrid@harbour.example" in set_to.body.decode()
    maria = await near.browser("Maria")
    assert "ingrid@" not in (await maria.get("/api/duty/reach")).body.decode()
    gone = await maria.request("DELETE", f"/api/duty/devices/{NOBODY}")
    assert (gone.status, gone.code) == (404, "duty_device.unknown")
    # The settings name no push service, so no browser can be called by one.
    refused = await maria.post("/api/duty/devices", DEVICE)
    assert (refused.status, refused.code) == (400, "duty_device.refused")
    cleared = await ingrid.request("PUT", "/api/duty/mail", content={"address": None})
    assert "ingrid@" not in cleared.body.decode()


async def test_what_is_not_there_is_not_changed(near: NodeUnderTest) -> None:
    """Unknown rosters, overrides, targets and notices."""
    olaf = await person(near, "Olaf", "duty_officer")
    roster = {**OVERRIDE, "roster": "no-such-roster"}
    for method, path, body, refused in (
        ("POST", "/api/duty/overrides", roster, (400, "web.malformed")),
        ("DELETE", f"/api/duty/overrides/{NOBODY}", None, (404, "override.unknown")),
        ("POST", "/api/escalation/try", {"target": "no-such-target"}, (400, "plan.refused")),
        ("POST", f"/api/escalation/notices/{NOBODY}/again", None, (404, "notice.unknown")),
    ):
        answer = await olaf.request(method, path, content=body)
        assert (answer.status, answer.code) == refused, path
    planned = await olaf.post("/api/escalation/dry-run", TRIED)
    assert planned.status == 200
    assert isinstance(planned.json["steps"], list)
