"""People of two parties who agreed to a type of notification, for tests of what is sent by it."""

from typing import Any, Final

from parley.testing.authenticator import Authenticator
from parley.testing.browser import Browser
from parley.testing.keyed_people import accepted, keyed_person, signed, step_up
from parley.testing.nodes import Nodes, NodeUnderTest

LAUNCH_FORM: Final[dict[str, Any]] = {
    "kind": "missile_test",
    "notice": "planned",
    "window": {"begins": "2026-12-01T10:00:00Z", "ends": "2026-12-01T14:00:00Z"},
    "areas": [
        {"centre": {"latitude": 41.3, "longitude": 69.2}, "radius": {"value": 4, "unit": "km"}}
    ],
}
"""One of the starter type `launch-or-test`, in time."""


async def stepped_up(node: NodeUnderTest, name: str) -> tuple[Browser, Authenticator]:
    """Return a releaser's browser, with a passkey that was just used."""
    browser, key = await keyed_person(node, name, "releaser")
    await step_up(browser, key)
    return browser, key


async def agreed_type(nodes: Nodes, space: str, *people: tuple[Browser, Authenticator]) -> str:
    """Let people of both parties agree to a starter type; return its hash."""
    (first, _), *_ = people
    asked = {"space": space, "starter": "launch-or-test"}
    kind = str((await first.post("/api/notification-types", asked)).json["hash"])
    await nodes.seconds(2)
    for browser, key in people:
        accepted(await signed(browser, key, f"/api/notification-types/{space}/{kind}/agree"))
    await nodes.seconds(2)
    return kind
