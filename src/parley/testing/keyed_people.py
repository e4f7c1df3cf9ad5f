"""People with a passkey of their own, for tests of what a node answers to browsers."""

from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import NodeUnderTest

ORIGIN = "http://localhost:7480"
"""Where the node under test is for its people."""
Algorithm: TypeAlias = Literal["ed25519", "es256"]


async def keyed_person(
    node: NodeUnderTest, name: str, *roles: str, algorithm: Algorithm = "ed25519"
) -> tuple[Browser, Authenticator]:
    """Return a new person's browser, signed in, and a passkey they have enrolled."""
    await node.node.operations.person_add(name, roles=list(roles))
    browser = await node.browser(name)
    return browser, await enrolled(browser, algorithm)


async def enrolled(
    browser: Browser, algorithm: Algorithm = "ed25519", *, is_duress: bool = False
) -> Authenticator:
    """Enrol a passkey of whoever is signed in; return what holds it."""
    key = Authenticator(ORIGIN, algorithm)
    options = (await browser.post("/api/passkeys/begin")).json["options"]
    made = {"credential": key.create(options), "name": "Key", "is_duress": is_duress}
    accepted(await browser.post("/api/passkeys/finish", made))
    return key


async def step_up(browser: Browser, key: Authenticator) -> None:
    """Show a passkey for what asks for one afresh."""
    options = (await browser.post("/api/step-up/begin")).json["options"]
    used = {"credential": key.get(options)}
    accepted(await browser.post("/api/step-up/finish", used))


async def signed(
    browser: Browser, key: Authenticator, path: str, content: dict[str, Any] | None = None
) -> Answer:
    """Do what binds, with a passkey over the very entry; return what refused it, or came of it."""
    begun = await browser.post(f"{path}/begin", content or {})
    if begun.status >= HTTPStatus.BAD_REQUEST:
        return begun
    return await browser.post(path, {"credential": key.get(begun.json["options"])})


def accepted(answer: Answer) -> Answer:
    """Fail the test whose person was refused; return the answer otherwise."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise AssertionError(answer.code)
    return answer
