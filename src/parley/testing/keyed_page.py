"""A page of a person with a virtual authenticator, in a real browser against a running node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

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
    """A page with an authenticator of its own."""

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
