"""Passkeys in a real browser: Chromium's virtual authenticator against a running node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from parley.drill.browser import FLAGS, chromium
from parley.node.sample import SamplePair

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page, Playwright

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

ASK = """
async ([path, body]) => {
  const answer = await fetch(path, {
    method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body),
  });
  const text = await answer.text();
  return {status: answer.status, ...(text ? JSON.parse(text) : {})};
}
"""
ENROL = """
async (options) => (await navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
})).toJSON()
"""
USE = """
async (options) => (await navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
})).toJSON()
"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class KeyedPage:
    """A page of a person with a virtual authenticator."""

    def __init__(self, page: Page, origin: str) -> None:
        """Give ``page`` an authenticator of its own."""
        self.page = page
        self.origin = origin
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        made = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.authenticator = made["authenticatorId"]

    def ask(self, path: str, body: object = None) -> dict[str, Any]:
        """POST to the node as the page does."""
        answer: dict[str, Any] = self.page.evaluate(ASK, [path, body or {}])
        return answer

    def enrol(self) -> dict[str, Any]:
        """Make a passkey and let the node take it in."""
        made = self.page.evaluate(ENROL, self.ask("/api/passkeys/begin")["options"])
        return self.ask("/api/passkeys/finish", {"credential": made, "name": "Virtual"})

    def use(self, ceremony: str) -> dict[str, Any]:
        """Use a passkey in a ceremony."""
        used = self.page.evaluate(USE, self.ask(f"{ceremony}/begin")["options"])
        return self.ask(f"{ceremony}/finish", {"credential": used})

    def credential(self) -> dict[str, Any]:
        """Return the one passkey on the authenticator."""
        found = self.devtools.send(
            "WebAuthn.getCredentials", {"authenticatorId": self.authenticator}
        )
        (credential,) = found["credentials"]
        return dict(credential)

    def put_back(self, credential: dict[str, Any]) -> None:
        """Replace the passkey by an older copy of it."""
        which = {"authenticatorId": self.authenticator}
        self.devtools.send("WebAuthn.clearCredentials", which)
        self.devtools.send("WebAuthn.addCredential", {**which, "credential": credential})


@pytest.fixture
def keyed(playwright: Playwright, tmp_path: Path) -> Iterator[KeyedPage]:
    """Give a test a page in which the first person of a sample node is signed in by link."""
    with SamplePair.running(tmp_path, profile="lan", seed=1) as pair:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page()
        # Browsers make no passkeys for an IP address.
        address = pair.sign_in_addresses()[0].replace("127.0.0.1", "localhost")
        page.goto(address)
        yield KeyedPage(page, pair.origins[0])
        browser.close()


def test_a_passkey_of_a_real_browser_is_enrolled_and_signs_in(keyed: KeyedPage) -> None:
    """Enrolled after the link, used to sign in, to step up, and refused once it is a copy."""
    assert keyed.enrol()["status"] == 201
    old = keyed.credential()
    assert keyed.ask("/api/sign-out")["status"] == 204

    assert keyed.use("/api/sign-in/passkey")["status"] == 204
    stepped = keyed.use("/api/step-up")
    assert stepped["status"] == 200
    assert stepped["signed_in_by"] == "passkey"
    assert stepped["stepped_up_until"]
    assert keyed.ask("/api/offices", {"name": "Night watch"})["status"] == 201

    keyed.put_back(old)
    copied = keyed.use("/api/step-up")
    assert (copied["status"], copied["code"]) == (403, "passkey.suspect")
    assert keyed.ask("/api/step-up/begin")["code"] == "passkey.missing"
