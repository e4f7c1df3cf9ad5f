"""Passkeys in a real browser: Chromium's virtual authenticator against a running node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parley.drill.browser import FLAGS, chromium
from parley.node.sample import SamplePair
from parley.testing.keyed_page import KeyedPage

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


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
    # The browser that came in by it is out as well.
    assert keyed.ask("/api/step-up/begin")["code"] == "sign_in.needed"
