"""What ends with what: a passkey's sign-ins with the passkey, the sign-in before with the next."""

from typing import Any

from parley.errors import PasskeySuspect, SignInCopied
from parley.identity.cookie import GRACE_S
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import Nodes, NodeUnderTest

ORIGIN = "http://localhost:7480"


async def enrol(browser: Browser, name: str) -> tuple[Authenticator, str]:
    """Return a new passkey of the person at a browser, and its id."""
    key = Authenticator(ORIGIN)
    begun = await browser.post("/api/passkeys/begin")
    given = {"credential": key.create(begun.json["options"]), "name": name}
    listed = (await browser.post("/api/passkeys/finish", given)).json["devices"]
    return key, next(each["id"] for each in listed if each["name"] == name)


async def sign_in(browser: Browser, key: Authenticator) -> Answer:
    """Sign in with a passkey."""
    begun = await browser.post("/api/sign-in/passkey/begin")
    given = {"credential": key.get(begun.json["options"])}
    return await browser.post("/api/sign-in/passkey/finish", given)


async def step_up(browser: Browser, key: Authenticator) -> Answer:
    """Use a passkey while signed in."""
    begun = await browser.post("/api/step-up/begin")
    given = {"credential": key.get(begun.json["options"])}
    return await browser.post("/api/step-up/finish", given)


async def told(browser: Browser) -> Any:  # noqa: ANN401  JSON
    """Return who the node says is signed in."""
    return (await browser.get("/api/self")).json


async def test_a_revoked_passkey_takes_with_it_the_browsers_it_let_in(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """At once, and its step-ups; a browser that came in by something else stays."""
    lost, lost_id = await enrol(ingrid, "Lost")
    kept, _ = await enrol(ingrid, "Kept")
    thief, desk = near.stranger(), near.stranger()
    await sign_in(thief, lost)
    await sign_in(desk, kept)
    assert (await step_up(ingrid, lost)).json["stepped_up_until"] is not None

    async with thief.page("/api/desk") as open_page:
        await open_page.until("rooms")
        assert (await ingrid.request("DELETE", f"/api/devices/{lost_id}")).status == 204
        assert (await open_page.until("refused"))["code"] == "sign_in.needed"
        assert await open_page.until("never") is None
    assert (await thief.get("/api/self")).code == "sign_in.needed"
    assert (await told(desk))["stepped_up_until"] is not None
    assert (await told(ingrid))["stepped_up_until"] is None


async def test_whoever_revokes_the_passkey_they_came_in_by_stays(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """Otherwise a synced passkey could not be revoked without being put out of the door."""
    key, key_id = await enrol(ingrid, "Synced")
    desk = near.stranger()
    await sign_in(desk, key)

    assert (await desk.request("DELETE", f"/api/devices/{key_id}")).status == 204

    assert (await told(desk))["stepped_up_until"] is None
    assert [each["kind"] for each in (await desk.get("/api/devices")).json["devices"]] == [
        "browser",
        "browser",
    ]


async def test_the_operator_s_revoking_ends_them_too(near: NodeUnderTest, ingrid: Browser) -> None:
    """From the node's own machine, and open pages are told."""
    key, key_id = await enrol(ingrid, "Lost")
    thief = near.stranger()
    await sign_in(thief, key)
    async with thief.page("/api/desk") as open_page:
        await open_page.until("rooms")
        await near.node.operations.device_revoke(key_id)
        assert (await open_page.until("refused"))["code"] == "sign_in.needed"


async def test_a_passkey_that_locks_takes_with_it_the_browsers_it_let_in(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """One of them is the copy's, and nobody can know which."""
    key, _ = await enrol(ingrid, "Copied")
    thief = near.stranger()
    await sign_in(thief, key)
    async with thief.page("/api/desk") as open_page:
        await open_page.until("rooms")
        key.credentials[0].count = 0
        assert (await sign_in(near.stranger(), key)).code == PasskeySuspect.code
        assert (await open_page.until("refused"))["code"] == "sign_in.needed"
    assert (await thief.get("/api/self")).code == "sign_in.needed"
    assert (await told(ingrid))["stepped_up_until"] is None


async def test_signing_in_again_ends_the_sign_in_before(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """Its cookie is worth nothing to whoever kept it, and its open pages end."""
    key, _ = await enrol(ingrid, "Key")
    before = dict(ingrid.cookies)
    async with ingrid.page("/api/desk") as open_page:
        await open_page.until("rooms")
        assert (await sign_in(ingrid, key)).status == 204
        assert (await open_page.until("refused"))["code"] == "sign_in.needed"

    kept = near.stranger()
    kept.cookies = before
    assert (await kept.get("/api/self")).code == "sign_in.needed"
    devices = (await ingrid.get("/api/devices")).json["devices"]
    assert [each["way"] for each in devices if each["kind"] == "browser"] == ["passkey"]


async def test_who_signs_in_on_anothers_browser_ends_their_sign_in(
    near: NodeUnderTest, ingrid: Browser
) -> None:
    """By a link; a desk that is shared has one person."""
    await near.node.operations.person_add("Olga", roles=["member"])
    link = (await near.node.operations.person_link("Olga"))["address"]
    before = dict(ingrid.cookies)

    assert (await ingrid.get(link.removeprefix(near.origin))).status == 303

    assert (await told(ingrid))["person"]["name"] == "Olga"
    kept = near.stranger()
    kept.cookies = before
    assert (await kept.get("/api/self")).code == "sign_in.needed"


async def test_a_step_up_changes_the_cookie(
    nodes: Nodes, near: NodeUnderTest, ingrid: Browser
) -> None:
    """A copy taken before it is not stepped up for longer than requests are under way."""
    key, _ = await enrol(ingrid, "Key")
    nodes.clock.advance(GRACE_S + 1)
    copy = near.stranger()
    copy.cookies = dict(ingrid.cookies)

    await step_up(ingrid, key)

    assert ingrid.cookies != copy.cookies
    assert (await ingrid.get("/api/self")).status == 200
    nodes.clock.advance(GRACE_S)
    assert (await copy.get("/api/self")).code == SignInCopied.code
