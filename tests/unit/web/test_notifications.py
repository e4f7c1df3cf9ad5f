"""Notifications and call requests over HTTP: who may, and what comes back."""

from base64 import b64encode

from parley.crisis.calls.identity_code import DeviceKey, commitment_of
from parley.ids import SpaceId
from parley.testing.keyed_people import signed
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.notifying_people import LAUNCH_FORM, agreed_type, stepped_up

ORIGIN = "http://localhost:7480"


async def test_a_notification_goes_the_whole_way_over_http(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Type agreed by passkeys on both sides; drafted, verified by another, sent, queried."""
    space = SpaceId.of_pair(near.party, far.party).text
    rolf, rolf_key = await stepped_up(near, "Rolf")
    rita, rita_key = await stepped_up(near, "Rita")
    fatima, fatima_key = await stepped_up(far, "Fatima")
    kind = await agreed_type(nodes, space, (rolf, rolf_key), (fatima, fatima_key))

    draft = {"space": space, "type_hash": kind, "form": {**LAUNCH_FORM, "kind": "party"}}
    begun = await rolf.post("/api/notifications/drafts", draft)
    assert (begun.status, begun.json["findings"][0]["reason"]) == (201, "no_choice")
    place = f"/api/notifications/drafts/{begun.json['id']}"
    early = await signed(rolf, rolf_key, f"{place}/send")
    assert early.json["code"] == "notification.not_ready"
    changed = await rolf.patch(place, {"form": LAUNCH_FORM})
    assert changed.json["findings"] == []
    assert (await rolf.post(f"{place}/check")).json["state"] == "checked"
    refused = await rolf.post(f"{place}/verify")
    assert (refused.status, refused.json["params"]["reason"]) == (403, "self")
    assert (await rita.post(f"{place}/verify")).json["state"] == "verified"
    # Two people sign at once: the second signature finds the draft sent.
    options = (await rita.post(f"{place}/send/begin")).json["options"]
    sent = await signed(rolf, rolf_key, f"{place}/send")
    late = await rita.post(f"{place}/send", {"credential": rita_key.get(options)})
    assert late.json["code"] == "notification.not_ready"
    assert (sent.status, sent.json["number"][-7:]) == (201, "/2026/1")
    await nodes.seconds(3)

    where = f"/api/notifications/{sent.json['hash']}"
    seen = (await fatima.get(where)).json
    assert seen == (await rolf.get(where)).json
    assert (seen["state"], seen["late"]) == ("provided", "00:00")
    # What the author's node has signed by its person is what the other desk shows.
    assert (seen["author"], seen["capacity"]) == (near.party.text, "releaser")
    assert (await rolf.post(f"{where}/queries", {"words": "?"})).status == 403
    asked_about = await fatima.post(f"{where}/queries", {"words": "Which azimuth?"})
    await nodes.seconds(2)
    query = asked_about.json["queries"][0]["hash"]
    answers = f"{where}/queries/{query}/clarification"
    unsigned = await rolf.post(answers, {"words": "90."})
    assert unsigned.status == 400
    told = await signed(rolf, rolf_key, answers, {"words": "90."})
    (answered,) = told.json["queries"]
    assert (answered["state"], answered["capacity"]) == ("clarified", "releaser")
    assert (answered["answers"][0]["capacity"], told.json["capacity"]) == ("releaser", "releaser")
    assert (await signed(fatima, fatima_key, f"{where}/cancel")).status == 404
    paper = await fatima.get(f"{where}/paper?language=uz")
    assert (paper.status, paper.body[:5]) == (200, b"%PDF-")
    assert b"cap:1.2" in (await fatima.get(f"{where}/cap?language=uz")).body
    closed = await signed(rolf, rolf_key, f"{where}/close")
    assert (closed.json["state"], closed.json["breaches"]) == ("closed", [])
    assert closed.json["ended_as"] == "releaser"
    await nodes.seconds(2)
    assert (await fatima.get(where)).json == closed.json
    assert (await rolf.get("/api/notifications/numbers")).json["faults"] == []


async def test_a_call_goes_the_whole_way_over_http(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Asked, accepted, the code on both screens, begun, ended."""
    rolf, rolf_key = await stepped_up(near, "Rolf")
    fatima, fatima_key = await stepped_up(far, "Fatima")
    asked = await signed(
        *(rolf, rolf_key, "/api/call-requests"),
        {
            "space": SpaceId.of_pair(near.party, far.party).text,
            "who_asks": "Minister",
            "who_is_asked": "Minister",
            "level": "minister",
            "earliest": "2026-11-02T08:00:00Z",
            "latest": "2026-11-03T08:00:00Z",
            "mode": "voice",
            "languages": ["uz", "ru"],
            "interpreter": "both",
        },
    )
    assert asked.status == 201, asked.body
    await nodes.seconds(3)
    where = f"/api/call-requests/{asked.json['hash']}"
    out = {"answer": "accept", "earliest": "2026-12-24T08:00:00Z"}
    refused = await signed(fatima, fatima_key, f"{where}/answers", out)
    assert refused.json["params"]["reason"] == "outside_window"
    yes = {"answer": "accept", "earliest": "2026-11-02T09:00:00Z"}
    refused = await signed(rolf, rolf_key, f"{where}/answers", yes)
    assert refused.json["code"] == "call_request.answer_refused"
    # A second window of the same official is open: what is signed in it comes too late.
    options = (await fatima.post(f"{where}/answers/begin", {"answer": "decline"})).json["options"]
    assert (await signed(fatima, fatima_key, f"{where}/answers", yes)).json["state"] == "accepted"
    late = await fatima.post(f"{where}/answers", {"credential": fatima_key.get(options)})
    assert late.json["params"]["reason"] == "not_our_turn"
    await nodes.seconds(2)

    request = bytes.fromhex(asked.json["hash"])
    keys = [DeviceKey(letter * 32, letter * 16) for letter in (b"r", b"f")]
    committed = {"commitment": commitment_of(request, keys[0]).hex()}
    assert (await rolf.post(f"{where}/commitment", committed)).status == 201
    for browser, key in ((fatima, keys[1]), (rolf, keys[0])):
        await nodes.seconds(2)
        assert (await browser.post(f"{where}/key", shown(key))).status == 201
    await nodes.seconds(2)
    code = (await fatima.get(where)).json["identity"]["code"]
    told = await fatima.post(f"{where}/mismatch", {"heard": "000111"})
    assert (told.status, told.json["mismatches"][0][2]) == (201, "000111")
    assert (await fatima.post(f"{where}/start", {"code": code})).json["params"]["reason"] == (
        "mismatch"
    )
    # A new exchange, and this time both hear what they see.
    assert (await rolf.post(f"{where}/commitment", committed)).status == 201
    for browser, key in ((fatima, keys[1]), (rolf, keys[0])):
        await nodes.seconds(2)
        assert (await browser.post(f"{where}/key", shown(key))).status == 201
    await nodes.seconds(2)
    for browser in (rolf, fatima):
        assert (await browser.post(f"{where}/start", {"code": code})).status == 201
    await nodes.seconds(2)
    assert (await rolf.get(where)).json["state"] == "started"
    assert (await rolf.post(f"{where}/end", {})).json["state"] == "ended"
    (listed,) = (await rolf.get("/api/call-requests")).json["calls"]
    assert listed["breaches"] == []
    offices = (listed["capacity"], listed["turns"][0]["capacity"], listed["withdrawn_as"])
    assert offices == ("releaser", "releaser", None)


async def test_what_is_no_request_is_refused_before_anything_is_read(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Unknown hashes, wrong spaces, forms that are none, a member without the role."""
    space = SpaceId.of_pair(near.party, far.party).text
    ingrid = await near.browser("Ingrid")
    nobody = "0" * 64
    assert (await ingrid.get(f"/api/notifications/{nobody}")).status == 404
    assert (await ingrid.get(f"/api/call-requests/{nobody}")).status == 404
    assert (await ingrid.get("/api/notification-types?space=" + "a" * 26)).status == 404
    draft = {"space": space, "type_hash": nobody, "form": {}}
    made = await ingrid.post("/api/notifications/drafts", draft)
    assert (made.status, made.json["code"]) == (409, "notification_type.unusable")
    assert (await ingrid.post("/api/notification-types", {"space": space})).status == 403
    assert (await ingrid.post("/api/call-requests/begin", {})).status == 403
    rolf, _ = await stepped_up(near, "Rolf")
    wrong = {"space": space, "definition": {"id": "x"}}
    refused = await rolf.post("/api/notification-types", wrong)
    assert (refused.status, refused.json["code"]) == (400, "notification_type.refused")
    assert (await rolf.post("/api/notification-types", {"space": space})).status == 400


def shown(key: DeviceKey) -> dict[str, str]:
    """Return a device's key as a page sends it."""
    return {
        "public_key": b64encode(key.public_key).decode(),
        "nonce": b64encode(key.nonce).decode(),
    }
