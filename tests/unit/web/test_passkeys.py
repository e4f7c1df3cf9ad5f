"""Passkeys over HTTP: enrolling, signing in, stepping up; and every way to get round them."""

from typing import Any

import pytest

from parley.errors import PasskeyRefused, PasskeySuspect
from parley.identity.passkey import CEREMONY_S
from parley.testing.authenticator import Authenticator, base64url
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import Nodes, NodeUnderTest

ORIGIN = "http://localhost:7480"


def key_for(algorithm: Any = "es256", **changes: Any) -> Authenticator:  # noqa: ANN401
    """Return an authenticator in a browser at the node's own address."""
    return Authenticator(ORIGIN, algorithm, **changes)


async def enrol(browser: Browser, key: Authenticator, name: str = "Key") -> Answer:
    """Enrol a passkey and return the node's answer."""
    begun = await browser.post("/api/passkeys/begin")
    assert begun.status == 200, begun.body
    made = key.create(begun.json["options"])
    return await browser.post("/api/passkeys/finish", {"credential": made, "name": name})


async def sign_in(browser: Browser, key: Authenticator) -> Answer:
    """Sign in with the first passkey of an authenticator."""
    begun = await browser.post("/api/sign-in/passkey/begin")
    used = key.get(begun.json["options"])
    return await browser.post("/api/sign-in/passkey/finish", {"credential": used})


async def step_up(browser: Browser, key: Authenticator, which: int = 0) -> Answer:
    """Use a passkey while signed in."""
    begun = await browser.post("/api/step-up/begin")
    if begun.status != 200:
        return begun
    used = key.get(begun.json["options"], which)
    return await browser.post("/api/step-up/finish", {"credential": used})


@pytest.mark.parametrize("algorithm", ["es256", "ed25519", "rs256"])
async def test_a_passkey_is_enrolled_and_signs_its_person_in(
    ingrid: Browser, stranger: Browser, algorithm: str
) -> None:
    """Made after a link was opened; from then on it is enough by itself."""
    key = key_for(algorithm)
    enrolled = await enrol(ingrid, key, "Blue key")
    assert enrolled.status == 201
    assert [each["name"] for each in enrolled.json["devices"] if each["kind"] == "passkey"] == [
        "Blue key"
    ]
    assert (await ingrid.get("/api/self")).json["has_passkey"]

    answer = await sign_in(stranger, key)

    assert answer.status == 204
    assert "HttpOnly" in answer.headers["set-cookie"]
    told = (await stranger.get("/api/self")).json
    assert told["person"]["name"] == "Ingrid"
    assert told["signed_in_by"] == "passkey"
    assert told["stepped_up_until"] == "2026-11-01T12:05:00.000Z"


async def test_a_passkey_that_could_be_broken_is_not_taken_in(ingrid: Browser) -> None:
    """Its holder could say of everything that somebody else had signed it."""
    answer = await enrol(ingrid, key_for("rs256", modulus_bits=1_024))
    assert (answer.status, answer.code) == (403, PasskeyRefused.code)
    assert not (await ingrid.get("/api/self")).json["has_passkey"]


async def test_options_demand_a_discoverable_key_and_a_checked_person(ingrid: Browser) -> None:
    """Required, not preferred; no attestation is asked for."""
    made = (await ingrid.post("/api/passkeys/begin")).json["options"]
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["attestation"] == "none"
    assert made["rp"] == {"id": "localhost", "name": "Harbour"}
    used = (await ingrid.post("/api/sign-in/passkey/begin")).json["options"]
    assert used["userVerification"] == "required"
    assert used["allowCredentials"] == []


async def test_a_person_has_several_passkeys_and_none_twice(ingrid: Browser) -> None:
    """Those there are excluded from being made again."""
    key = key_for()
    await enrol(ingrid, key, "one")
    second = await enrol(ingrid, key_for("ed25519"), "two")
    names = {each["name"] for each in second.json["devices"] if each["kind"] == "passkey"}
    assert names == {"one", "two"}

    options = (await ingrid.post("/api/passkeys/begin")).json["options"]
    assert {each["id"] for each in options["excludeCredentials"]} >= {
        base64url(key.credentials[0].id)
    }
    # An authenticator that ignores the list and says the same id again.
    made = key_for().create(options, named=key.credentials[0].id)
    refused = await ingrid.post("/api/passkeys/finish", {"credential": made})
    assert (refused.status, refused.code) == (409, "passkey.exists")


@pytest.mark.parametrize(
    "changes",
    [
        {"is_verifying": False},
        {"rp_id": "evil.example"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:7480"},
    ],
)
async def test_a_downgraded_or_foreign_ceremony_is_refused(
    ingrid: Browser, stranger: Browser, changes: dict[str, Any]
) -> None:
    """Without a check of the person, for another RP, from another origin; in each ceremony."""
    key = key_for()
    await enrol(ingrid, key)
    bad = key_for()
    bad.credentials = key.credentials
    for name, value in changes.items():
        setattr(bad, name, value)

    assert (await enrol(ingrid, bad)).code == "passkey.refused"
    assert (await sign_in(stranger, bad)).code == "passkey.refused"
    assert (await step_up(ingrid, bad)).code == "passkey.refused"
    assert not stranger.cookies
    assert (await sign_in(stranger, key)).status == 204


async def test_an_answer_counts_once(ingrid: Browser, stranger: Browser) -> None:
    """A recorded answer is worth nothing, nor is one to a challenge nobody gave."""
    key = key_for(is_counting=False)
    await enrol(ingrid, key)
    begun = await stranger.post("/api/sign-in/passkey/begin")
    used = key.get(begun.json["options"])
    assert (await stranger.post("/api/sign-in/passkey/finish", {"credential": used})).status == 204

    again = await stranger.post("/api/sign-in/passkey/finish", {"credential": used})
    made_up = key.get({"challenge": base64url(b"x" * 32)})
    never = await stranger.post("/api/sign-in/passkey/finish", {"credential": made_up})

    assert again.code == never.code == "passkey.challenge_unknown"


async def test_a_late_answer_is_refused(nodes: Nodes, ingrid: Browser, stranger: Browser) -> None:
    """After five minutes."""
    key = key_for()
    await enrol(ingrid, key)
    begun = await stranger.post("/api/sign-in/passkey/begin")
    nodes.clock.advance(CEREMONY_S)
    used = key.get(begun.json["options"])
    late = await stranger.post("/api/sign-in/passkey/finish", {"credential": used})
    assert late.code == "passkey.challenge_unknown"


async def test_a_challenge_serves_one_purpose_one_person_and_one_sign_in(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """A step-up's answer signs nobody in, and another browser's answer steps nobody up."""
    key = key_for()
    await enrol(ingrid, key)
    other = await near.browser("Ingrid")
    for begun_at, finished_at, browser in (
        ("/api/step-up/begin", "/api/sign-in/passkey/finish", ingrid),
        ("/api/sign-in/passkey/begin", "/api/step-up/finish", ingrid),
        ("/api/step-up/begin", "/api/step-up/finish", other),
    ):
        begun = await ingrid.post(begun_at)
        used = key.get(begun.json["options"])
        answer = await browser.post(finished_at, {"credential": used})
        assert answer.code == "passkey.challenge_unknown"


async def test_somebody_elses_passkey_steps_nobody_up(near: NodeUnderTest, ingrid: Browser) -> None:
    """Signed in as Maria, with Ingrid's key in hand."""
    key, hers = key_for(), key_for()
    await enrol(ingrid, key)
    maria = await near.browser("Maria")
    await enrol(maria, hers)
    hers.credentials = [*hers.credentials, *key.credentials]

    assert (await step_up(maria, hers, which=1)).code == "passkey.unknown"
    assert (await step_up(maria, hers, which=0)).status == 200


async def test_a_passkey_under_anothers_name_signs_nobody_in(
    near: NodeUnderTest, ingrid: Browser, stranger: Browser
) -> None:
    """The person the authenticator names must be the one the key belongs to."""
    key = key_for()
    await enrol(ingrid, key)
    key.credentials[0].owner = bytes((await near.person("Maria")).id)
    assert (await sign_in(stranger, key)).code == "passkey.unknown"


async def test_a_counter_that_goes_back_locks_the_passkey_and_is_shown(
    near: NodeUnderTest, ingrid: Browser, stranger: Browser
) -> None:
    """Two of it exist; which is the copy cannot be known."""
    key = key_for()
    await enrol(ingrid, key)
    await sign_in(stranger, key)
    await sign_in(stranger, key)
    key.credentials[0].count = 0

    assert (await sign_in(near.stranger(), key)).code == PasskeySuspect.code
    key.credentials[0].count = 100
    assert (await sign_in(near.stranger(), key)).code == PasskeySuspect.code

    devices = (await ingrid.get("/api/devices")).json["devices"]
    assert [each["suspect_at"] for each in devices if each["kind"] == "passkey"] == [
        "2026-11-01T12:00:00.000Z"
    ]
    rows = (await near.node.operations.trail_list())["rows"]
    assert [row["act"] for row in rows if row["asker"] == "node"] == ["passkey.counter_back"]
    assert (await step_up(ingrid, key)).code == "passkey.missing"


async def test_an_authenticator_that_does_not_count_is_taken(
    ingrid: Browser, stranger: Browser
) -> None:
    """Synced passkeys always say 0."""
    key = key_for(is_counting=False)
    await enrol(ingrid, key)
    assert [(await sign_in(stranger, key)).status for _ in range(3)] == [204, 204, 204]


async def test_a_revoked_passkey_signs_nobody_in(ingrid: Browser, stranger: Browser) -> None:
    """At once."""
    key = key_for()
    devices = (await enrol(ingrid, key)).json["devices"]
    passkey = next(each["id"] for each in devices if each["kind"] == "passkey")
    assert (await ingrid.request("DELETE", f"/api/devices/{passkey}")).status == 204
    assert (await sign_in(stranger, key)).code == "passkey.unknown"


async def test_a_passkey_is_not_added_on_the_strength_of_an_old_cookie(
    nodes: Nodes, ingrid: Browser
) -> None:
    """Half an hour after the link; with a passkey used just before, at any time."""
    key = key_for()
    await enrol(ingrid, key)
    nodes.clock.advance(1_801)
    assert (await ingrid.post("/api/passkeys/begin")).code == "permission.step_up_needed"
    assert (await step_up(ingrid, key)).status == 200
    assert (await enrol(ingrid, key_for())).status == 201


async def test_nothing_of_one_s_own_is_revoked_on_the_strength_of_an_old_cookie(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """Whoever holds a copied cookie locks nobody out; a browser may always end itself."""
    key, spare = key_for(), key_for()
    await enrol(ingrid, key, "Key")
    await enrol(ingrid, spare, "Spare")
    other = await near.browser("Ingrid")
    nodes.clock.advance(1_801)
    devices = (await ingrid.get("/api/devices")).json["devices"]
    places = {each["name"]: f"/api/devices/{each['id']}" for each in devices if not each["is_this"]}
    assert len(places) == 3
    for place in places.values():
        answer = await ingrid.request("DELETE", place)
        assert (answer.status, answer.code) == (403, "permission.step_up_needed")

    assert (await step_up(ingrid, key)).status == 200
    assert (await ingrid.request("DELETE", places["Spare"])).status == 204
    nodes.clock.advance(301)
    own = next(
        each["id"] for each in (await other.get("/api/devices")).json["devices"] if each["is_this"]
    )
    assert (await other.request("DELETE", f"/api/devices/{own}")).status == 204
    assert (await other.get("/api/self")).code == "sign_in.needed"


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1},
        {"id": "x", "rawId": "x", "type": "public-key", "response": {}},
        {"id": "x", "response": {"clientDataJSON": "e30"}},
        {"id": "x", "response": {"clientDataJSON": "bm90IGpzb24"}},
        {"id": "x", "response": {"clientDataJSON": "W10"}},
        {"id": "x", "response": []},
        {"id": "x", "response": {"clientDataJSON": base64url(b"[" * 20_000)}},
    ],
    ids=lambda each: f"{each!r:.60}",
)
async def test_what_no_authenticator_answers_is_refused(
    ingrid: Browser, stranger: Browser, credential: object
) -> None:
    """Not a fault of ours, whatever is sent."""
    await enrol(ingrid, key_for())
    for browser, path in (
        (stranger, "/api/sign-in/passkey/finish"),
        (ingrid, "/api/step-up/finish"),
        (ingrid, "/api/passkeys/finish"),
    ):
        answer = await browser.post(path, {"credential": credential})
        assert (answer.status, answer.code) == (403, "passkey.refused")


@pytest.mark.parametrize("field", ["authenticatorData", "signature", "clientDataJSON"])
async def test_a_changed_answer_is_refused(ingrid: Browser, stranger: Browser, field: str) -> None:
    """One byte is enough."""
    key = key_for("ed25519")
    await enrol(ingrid, key)
    begun = await stranger.post("/api/sign-in/passkey/begin")
    used = key.get(begun.json["options"])
    text = used["response"][field]
    used["response"][field] = text[:-2] + ("A" if text[-2] != "A" else "B") + text[-1]
    answer = await stranger.post("/api/sign-in/passkey/finish", {"credential": used})
    assert answer.status == 403
    assert not stranger.cookies


async def test_a_step_up_ends_after_its_minutes(nodes: Nodes, near: NodeUnderTest) -> None:
    """And nobody has one who signed in by link."""
    await near.node.operations.person_add("Sofia", roles=["secretary"])
    sofia = await near.browser("Sofia")
    key = key_for()
    asked = {"name": "Watch"}
    assert (await sofia.post("/api/offices", asked)).code == "permission.step_up_needed"
    await enrol(sofia, key)
    assert (await sofia.post("/api/offices", asked)).status == 201
    nodes.clock.advance(300)
    assert (await sofia.post("/api/offices", asked)).code == "permission.step_up_needed"
    told = await step_up(sofia, key)
    assert told.json["stepped_up_until"] == "2026-11-01T12:10:00.000Z"
    assert (await sofia.post("/api/offices", asked)).status == 201


async def test_no_more_than_a_dozen_passkeys(ingrid: Browser) -> None:
    """More would be forgotten somewhere."""
    for _ in range(12):
        assert (await enrol(ingrid, key_for())).status == 201
    assert (await ingrid.post("/api/passkeys/begin")).code == "passkey.too_many"
