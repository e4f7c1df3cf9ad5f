"""Rights over HTTP: who may what, at each request, and what open pages see when they change."""

import asyncio
from typing import Any

import pytest

from parley.errors import GuardMissing
from parley.identity.broken_glass import LENT_S, SECOND_S
from parley.identity.permission import Act
from parley.node import operations
from parley.record import acts
from parley.record.kinds import Kind
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.guard import Guard

ORIGIN = "http://localhost:7480"
JOIN = {
    "type": "join",
    "offer": "v=0\r\n",
    "resume": None,
    "muted": {"microphone": False, "camera": False, "screen": True},
}


async def person(node: NodeUnderTest, name: str, *roles: str, steps_up: bool = False) -> Browser:
    """Return a browser in which somebody with these roles is signed in."""
    await node.node.operations.person_add(name, roles=list(roles))
    browser = await node.browser(name)
    if steps_up:
        begun = await browser.post("/api/passkeys/begin")
        made = Authenticator(ORIGIN).create(begun.json["options"])
        finished = await browser.post("/api/passkeys/finish", {"credential": made})
        assert finished.status == 201
    return browser


async def id_of(node: NodeUnderTest, name: str) -> str:
    """Return somebody's id."""
    return (await node.person(name)).id.text


@pytest.fixture
async def sofia(near: NodeUnderTest) -> Browser:
    """Give a test a secretary who has just used her passkey."""
    return await person(near, "Sofia", "secretary", steps_up=True)


@pytest.fixture
async def rolf(near: NodeUnderTest) -> Browser:
    """Give a test a releaser who has just used his passkey."""
    return await person(near, "Rolf", "releaser", "member", steps_up=True)


async def test_people_are_invited_listed_changed_and_revoked(
    near: NodeUnderTest, sofia: Browser
) -> None:
    """The answer has the address that signs the new one in once."""
    made = await sofia.post(
        "/api/people", {"name": "Olga", "language": "ru", "roles": ["member", "duty_officer"]}
    )
    assert made.status == 201
    olga = near.stranger()
    assert (await olga.get(made.json["address"].removeprefix(near.origin))).status == 303
    told = (await olga.get("/api/self")).json
    assert told["roles"] == ["member", "duty_officer"]
    assert "duty.take" in told["may"]
    assert "people.invite" not in told["may"]

    chosen = f"/api/people/{made.json['person']['id']}"
    changed = await sofia.patch(chosen, {"name": "Olga Petrova", "roles": ["member"]})
    assert (changed.json["name"], changed.json["roles"]) == ("Olga Petrova", ["member"])
    listed = (await olga.get("/api/people")).json["people"]
    assert {each["name"] for each in listed} == {"Sofia", "Olga Petrova"}
    assert (await olga.get("/api/self")).json["roles"] == ["member"]

    revoked = await sofia.patch(chosen, {"is_revoked": True})
    assert revoked.json["revoked_at"] is not None
    assert (await olga.get("/api/self")).code == "sign_in.needed"
    assert (await sofia.post(f"{chosen}/link")).code == "person.revoked"
    assert (await sofia.patch(chosen, {"is_revoked": False})).json["revoked_at"] is None
    link = (await sofia.post(f"{chosen}/link")).json["address"]
    assert (await olga.get(link.removeprefix(near.origin))).status == 303


async def test_nobody_gives_takes_or_lets_in_a_role_above_their_own(
    near: NodeUnderTest, sofia: Browser, rolf: Browser
) -> None:
    """A link for a releaser is worth a releaser."""
    releaser = f"/api/people/{await id_of(near, 'Rolf')}"
    for answer in (
        await sofia.post("/api/people", {"name": "X", "roles": ["releaser"]}),
        await sofia.post(f"{releaser}/link"),
        await sofia.patch(releaser, {"name": "Nobody"}),
        await sofia.patch(releaser, {"is_revoked": True}),
        await sofia.patch(f"/api/people/{await id_of(near, 'Ingrid')}", {"roles": ["auditor"]}),
    ):
        assert (answer.status, answer.code) == (403, "permission.role_not_given")
    secretary = f"/api/people/{await id_of(near, 'Sofia')}"
    assert (await rolf.patch(secretary, {"roles": ["secretary", "member"]})).status == 200


async def test_nobody_changes_their_own_roles_or_lets_themselves_in(
    near: NodeUnderTest, sofia: Browser
) -> None:
    """Somebody else must."""
    own = f"/api/people/{await id_of(near, 'Sofia')}"
    for answer in (
        await sofia.patch(own, {"roles": ["secretary", "member"]}),
        await sofia.patch(own, {"is_revoked": True}),
        await sofia.post(f"{own}/link"),
    ):
        assert (answer.status, answer.code) == (403, "permission.refused")
        assert answer.json["params"]["reason"] == "self"


MEMBER_MAY_NOT = [
    ("GET", "/api/trail", None),
    ("POST", "/api/people", {"name": "X"}),
    ("POST", f"/api/people/{'a' * 26}/link", None),
    ("PATCH", f"/api/people/{'a' * 26}", {"name": "X"}),
    ("POST", "/api/offices", {"name": "X"}),
    ("PATCH", f"/api/offices/{'a' * 26}", {"name": "X"}),
    ("POST", "/api/break-glass", {"reason": "nobody is there"}),
    ("GET", f"/api/record/export?space={'a' * 26}", None),
    ("POST", f"/api/lines/{'a' * 26}/agreement", {"body": "x"}),
    ("POST", f"/api/lines/{'a' * 26}/agreement/{'0' * 64}/agree/begin", None),
]


@pytest.mark.parametrize(("method", "path", "body"), MEMBER_MAY_NOT)
async def test_a_member_is_refused_by_role_before_anything_is_looked_up(
    ingrid: Browser, method: str, path: str, body: object
) -> None:
    """Whether the thing exists is not told to whoever may not do it."""
    answer = await ingrid.request(method, path, content=body)
    assert (answer.status, answer.code) == (403, "permission.refused")
    assert answer.json["params"]["reason"] == "role"


async def test_an_engineer_reads_nothing_that_people_wrote(near: NodeUnderTest) -> None:
    """Nor joins a room."""
    erik = await person(near, "Erik", "engineer")
    assert (await erik.get("/api/record/spaces")).code == "permission.refused"
    async with erik.page(f"/api/rooms/{'a' * 26}/participate") as page:
        assert (await page.receive())["code"] == "permission.refused"
    assert (await erik.get("/api/lines")).status == 200


async def test_a_delegate_who_loses_rights_is_out_of_the_room_at_once(
    nodes: Nodes, near: NodeUnderTest, sofia: Browser, ingrid: Browser
) -> None:
    """The seat is given up, the page is told why, the next request is refused."""
    opened = await ingrid.post("/api/rooms", {"title": "Talks", "parties": []})
    room = f"/api/rooms/{opened.json['id']}/participate"
    async with ingrid.page(room) as page, ingrid.page("/api/desk") as desk:
        await page.send(JOIN)
        while not page.to_node.empty():  # noqa: ASYNC110  turns of the loop, no time passes
            await asyncio.sleep(0)
        await nodes.settle()
        assert (await page.until("joined")) is not None
        assert near.node.seats.count() == 1

        await near.node.operations.person_change("Ingrid", roles=["engineer"])

        assert (await page.until("refused"))["code"] == "permission.refused"
        assert await page.until("never") is None
        assert near.node.seats.count() == 0
        await desk.until("self")
        assert (await desk.until("self"))["roles"] == ["engineer"]
    assert (await ingrid.post("/api/rooms", {"title": "X", "parties": []})).code == (
        "permission.refused"
    )


async def test_a_person_without_rights_sees_every_page_end(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """At once, not at the next minute."""
    async with ingrid.page("/api/desk") as desk:
        await desk.until("rooms")
        await near.node.operations.person_revoke("Ingrid")
        assert (await desk.until("refused"))["code"] == "sign_in.needed"
        assert await desk.until("never") is None


async def test_a_revoked_browser_is_out_at_once_and_the_others_stay(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """From any of the person's own browsers."""
    other = await near.browser("Ingrid")
    devices = (await ingrid.get("/api/devices")).json["devices"]
    assert len(devices) == 2
    theirs = next(each["id"] for each in devices if not each["is_this"])
    async with other.page("/api/desk") as desk:
        await desk.until("rooms")
        assert (await ingrid.request("DELETE", f"/api/devices/{theirs}")).status == 204
        assert (await desk.until("refused"))["code"] == "sign_in.needed"
    assert (await other.get("/api/self")).code == "sign_in.needed"
    assert (await ingrid.get("/api/self")).status == 200
    again = await ingrid.request("DELETE", f"/api/devices/{theirs}")
    assert (again.status, again.code) == (404, "device.unknown")


async def test_anothers_devices_are_for_those_who_may(
    near: NodeUnderTest, ingrid: Browser, sofia: Browser, rolf: Browser
) -> None:
    """A secretary may end one, after a step-up, and not list them."""
    theirs = f"/api/devices?person={await id_of(near, 'Ingrid')}"
    assert (await sofia.get(theirs)).code == "permission.refused"
    device = (await rolf.get(theirs)).json["devices"][0]["id"]
    assert (await ingrid.get(f"/api/devices?person={await id_of(near, 'Rolf')}")).code == (
        "permission.refused"
    )
    assert (await sofia.request("DELETE", f"/api/devices/{device}")).status == 204


async def office_of(sofia: Browser, *people: str) -> str:
    """Return the address of a fresh office."""
    made = await sofia.post("/api/offices", {"name": "Watch", "people": list(people)})
    assert made.status == 201
    return f"/api/offices/{made.json['id']}"


async def test_duty_is_handed_over_when_both_have_confirmed(
    near: NodeUnderTest, sofia: Browser
) -> None:
    """Until then whoever had it has it."""
    anna, bela = [
        await person(near, name, "duty_officer", steps_up=True) for name in ("Anna", "Bela")
    ]
    ids = [await id_of(near, name) for name in ("Anna", "Bela")]
    office = await office_of(sofia, *ids)

    taken = await anna.post(f"{office}/duty", {"person": ids[0]})
    assert taken.json["duty"]["person"]["name"] == "Anna"
    assert (await bela.post(f"{office}/duty", {"person": ids[1]})).code == "state.refused"
    offered = await anna.post(f"{office}/duty", {"person": ids[1]})
    assert (offered.json["duty"]["state"], offered.json["duty"]["person"]["name"]) == (
        "offered",
        "Anna",
    )
    accepted = await bela.post(f"{office}/duty", {"person": ids[1]})
    assert (accepted.json["duty"]["state"], accepted.json["duty"]["person"]["name"]) == (
        "held",
        "Bela",
    )
    assert (await bela.get("/api/self")).json["offices"][0]["is_on_duty"]
    assert (await bela.post(f"{office}/duty", {"person": None})).json["duty"] is None


async def test_an_offer_is_taken_back_and_nobody_is_put_on_duty_by_another(
    near: NodeUnderTest, sofia: Browser, ingrid: Browser
) -> None:
    """Nor does anybody without the role, or from outside the office, take it."""
    anna, bela = [
        await person(near, name, "duty_officer", steps_up=True) for name in ("Anna", "Bela")
    ]
    ids = [await id_of(near, name) for name in ("Anna", "Bela", "Ingrid")]
    office = await office_of(sofia, ids[0], ids[2])
    assert (await anna.post(f"{office}/duty", {"person": ids[2]})).code == "web.malformed"
    assert (await bela.post(f"{office}/duty", {"person": ids[1]})).code == "office.not_in_it"
    assert (await ingrid.post(f"{office}/duty", {"person": ids[2]})).code == "permission.refused"

    await anna.post(f"{office}/duty", {"person": ids[0]})
    assert (await anna.post(f"{office}/duty", {"person": ids[1]})).code == "office.not_in_it"
    await anna.post(f"{office}/duty", {"person": ids[2]})
    back = await anna.post(f"{office}/duty", {"person": ids[0]})
    assert (back.json["duty"]["state"], back.json["duty"]["offered_to"]) == ("held", None)
    assert (await anna.post(f"{office}/duty", {"person": ids[0]})).code == "state.refused"


@pytest.mark.parametrize("how", ["roles", "office", "closed", "revoked"])
async def test_who_loses_the_right_to_it_loses_the_duty(
    near: NodeUnderTest, sofia: Browser, how: str
) -> None:
    """The office is then shown as empty."""
    anna = await person(near, "Anna", "duty_officer", "member", steps_up=True)
    own = await id_of(near, "Anna")
    office = await office_of(sofia, own)
    await anna.post(f"{office}/duty", {"person": own})
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "roles": (f"/api/people/{own}", {"roles": ["member"]}),
        "office": (office, {"people": []}),
        "closed": (office, {"is_closed": True}),
        "revoked": (f"/api/people/{own}", {"is_revoked": True}),
    }
    assert (await sofia.patch(*changes[how])).status == 200
    assert (await sofia.get("/api/offices")).json["offices"][0]["duty"] is None


async def test_broken_glass_needs_two_people_and_every_desk_shows_it(
    nodes: Nodes, near: NodeUnderTest, sofia: Browser, rolf: Browser, ingrid: Browser
) -> None:
    """Asked with a reason; nothing before somebody else agrees; over after an hour."""
    asked = {"reason": "Both releasers are on the way back", "role": "releaser"}
    async with ingrid.page("/api/desk") as desk:
        await desk.until("rooms")
        opened = await sofia.post("/api/break-glass", asked)
        assert (opened.status, opened.json["state"]) == (201, "asked")
        shown = (await desk.until("break_glass"))["lent"][0]
        assert (shown["person"]["name"], shown["reason"]) == ("Sofia", asked["reason"])
    second = f"/api/break-glass/{opened.json['id']}/second"
    assert (await sofia.post(second)).json["params"]["reason"] == "self"
    assert (await ingrid.post(second)).code == "permission.step_up_needed"
    assert "agreement.sign" not in (await sofia.get("/api/self")).json["may"]

    assert (await rolf.post(second)).json["state"] == "open"
    assert "agreement.sign" in (await sofia.get("/api/self")).json["may"]
    assert (await rolf.post(second)).code == "state.refused"
    assert (await sofia.post("/api/people", {"name": "X", "roles": ["releaser"]})).code == (
        "permission.role_not_given"
    )
    nodes.clock.advance(LENT_S)
    assert "agreement.sign" not in (await sofia.get("/api/self")).json["may"]
    assert (await sofia.get("/api/break-glass")).json["lent"] == []
    trail = (await near.node.operations.trail_list())["rows"]
    assert [row["act"] for row in trail][:2] == ["break_glass.second", "break_glass.open"]
    assert trail[1]["words"] == asked["reason"]


async def test_broken_glass_lapses_is_taken_back_and_lends_no_other_role(
    nodes: Nodes, sofia: Browser, rolf: Browser, ingrid: Browser
) -> None:
    """And wants words for a reason."""
    asked = {"reason": "Nobody else can be reached"}
    assert (await sofia.post("/api/break-glass", {"reason": "hurry"})).code == "web.malformed"
    lent = await sofia.post("/api/break-glass", {**asked, "role": "engineer"})
    assert (lent.status, lent.code) == (403, "permission.role_not_lent")

    late = (await sofia.post("/api/break-glass", asked)).json["id"]
    back = (await sofia.post("/api/break-glass", asked)).json["id"]
    assert (await ingrid.post(f"/api/break-glass/{back}/end")).json["state"] == "ended"
    assert (await rolf.post(f"/api/break-glass/{back}/second")).code == "state.refused"
    nodes.clock.advance(SECOND_S)
    answer = await rolf.post(f"/api/break-glass/{late}/second")
    assert answer.code in {"permission.step_up_needed", "state.refused"}
    assert (await ingrid.post(f"/api/break-glass/{'a' * 26}/end")).code == "break_glass.unknown"


@pytest.mark.parametrize("is_taken_back", [True, False])
async def test_a_duty_that_was_taken_by_a_lent_role_ends_with_it(
    nodes: Nodes, near: NodeUnderTest, sofia: Browser, rolf: Browser, *, is_taken_back: bool
) -> None:
    """Taken back or by its time: the office is shown as empty, and nobody is called who may not."""
    own = await id_of(near, "Sofia")
    made = await rolf.post("/api/offices", {"name": "Watch"})
    place = f"/api/offices/{made.json['id']}"
    await rolf.patch(place, {"people": [own]})
    asked = {"reason": "Nobody else can be reached", "role": "duty_officer"}
    glass = (await sofia.post("/api/break-glass", asked)).json["id"]
    assert (await rolf.post(f"/api/break-glass/{glass}/second")).json["state"] == "open"
    taken = await sofia.post(f"{place}/duty", {"person": own})
    assert taken.json["duty"]["person"]["name"] == "Sofia"
    await nodes.seconds(1)
    assert (await rolf.get("/api/offices")).json["offices"][0]["duty"] is not None

    if is_taken_back:
        await rolf.post(f"/api/break-glass/{glass}/end")
    else:
        nodes.clock.advance(LENT_S)
        await nodes.seconds(1)

    assert (await rolf.get("/api/offices")).json["offices"][0]["duty"] is None


async def test_a_program_reads_metrics_with_its_token_and_nothing_else(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """From any address; revoked, it reads nothing."""
    stranger.address = "192.0.2.9"
    made = await near.node.operations.machine_add("Prometheus", ["node.metrics"])
    other = await near.node.operations.machine_add("Desk", ["node.status"])
    given = {"authorization": f"Bearer {made['token']}"}
    assert (await stranger.get("/metrics")).code == "web.loopback_only"
    assert (await stranger.get("/metrics", **given)).status == 200
    assert (await stranger.get("/metrics", authorization=f"Bearer {other['token']}")).code == (
        "permission.refused"
    )
    for path in ("/api/self", "/api/people", "/api/record/spaces", "/api/lines"):
        assert (await stranger.get(path, **given)).code == "sign_in.needed"
    await near.node.operations.machine_revoke("Prometheus")
    assert (await stranger.get("/metrics", **given)).code == "machine.token_unknown"
    listed = (await near.node.operations.machine_list())["machines"]
    assert [each["revoked_at"] is None for each in listed] == [False, True]


async def test_the_trail_is_narrowed_to_who_and_to_how_it_went(
    near: NodeUnderTest, rolf: Browser, sofia: Browser
) -> None:
    """Page by page; a part of it has the same rows as the whole."""
    id_sofia = await id_of(near, "Sofia")
    whole = (await rolf.get("/api/trail?limit=200")).json["rows"]
    for asked, wanted in (
        ("asker=operator", [row for row in whole if row["asker"] == "operator"]),
        (f"asker={id_sofia}", [row for row in whole if row["asker"] == id_sofia]),
        ("is_refused=false", [row for row in whole if row["outcome"] == "done"]),
        ("is_refused=true", [row for row in whole if row["outcome"] != "done"]),
        ("asker=node&is_refused=false", []),
    ):
        assert (await rolf.get(f"/api/trail?limit=200&{asked}")).json["rows"] == wanted
    first = (await rolf.get("/api/trail?asker=operator&limit=1")).json
    second = (await rolf.get(f"/api/trail?asker=operator&limit=1&before={first['next']}")).json
    operators = [row["number"] for row in whole if row["asker"] == "operator"]
    assert [row["number"] for row in first["rows"] + second["rows"]] == operators[:2]
    assert (await rolf.get("/api/trail?asker=nobody")).code == "web.malformed"


async def test_the_trail_names_what_was_done_something_to(rolf: Browser, sofia: Browser) -> None:
    """People, offices and passkeys by what they are called; ids tell a reader nothing."""
    await sofia.post("/api/offices", {"name": "Night watch"})
    rows = (await rolf.get("/api/trail")).json["rows"]
    assert (rows[0]["asker_name"], rows[0]["subject_name"]) == ("Sofia", "Night watch")
    assert "Passkey" in {row["subject_name"] for row in rows if row["act"] == "device.enrol"}


async def test_the_table_is_told_and_the_trail_is_whole(
    near: NodeUnderTest, ingrid: Browser, rolf: Browser
) -> None:
    """To everybody, and to those who may."""
    told = (await ingrid.get("/api/permissions")).json
    assert [row["act"] for row in told["acts"]] == [act.value for act in Act]
    assert told["gives"]["secretary"] == ["member", "duty_officer", "secretary"]
    rows = (await rolf.get("/api/trail?limit=1")).json
    assert rows["rows"][0]["act"] == "device.enrol"
    older = (await rolf.get(f"/api/trail?before={rows['next']}")).json
    assert older["rows"][0]["number"] == rows["rows"][0]["number"] - 1
    assert (await near.node.operations.trail_list())["first_wrong"] is None


async def test_an_operation_or_a_kind_without_an_act_stops_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a route without a guard does."""
    operations.check_operations()
    acts.check_kinds()
    monkeypatch.setattr(operations, "OPERATIONS", {"status": Act.NODE_STATUS})
    with pytest.raises(GuardMissing, match="operation"):
        operations.check_operations()
    monkeypatch.setattr(acts, "KIND_ACTS", {**acts.KIND_ACTS, Kind.STATEMENT: frozenset()})
    with pytest.raises(GuardMissing, match="statement"):
        acts.check_kinds()


async def test_the_operator_is_held_to_the_table_too(
    near: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operation with an act that is a person's is refused."""
    monkeypatch.setattr(operations, "OPERATIONS", {"status": Act.AGREEMENT_SIGN})
    with pytest.raises(Exception, match=r"agreement\.sign"):
        await near.node.operations.call("status", {})
    assert {guard.value for guard in Guard} == {"anyone", "machine"}
