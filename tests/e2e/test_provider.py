"""A provider of sign-ins that others wrote, a real browser, a running node."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from parley.config import FILE_NAME
from parley.drill.browser import FLAGS, chromium
from parley.node.sample import NEAR, SampleNode, free_port

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

UI: Final = Path(__file__).parents[2] / "ui"
PROVIDER: Final = Path("testing", "provider.mjs")
CLIENT: Final = "parley-node"
SECRET: Final = "a secret: of the provider's"


@contextmanager
def provider_at(port: int, redirect: str) -> Iterator[None]:
    """Run the provider, with new keys each time."""
    node = shutil.which("node")
    assert node is not None
    running = subprocess.Popen(
        [node, str(PROVIDER), str(port), CLIENT, SECRET, redirect],
        cwd=UI,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    try:
        assert running.stdout.readline() == "ready\n"
        yield
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


@pytest.fixture
def port() -> int:
    """Give a test a port for the provider."""
    return free_port(0)


@pytest.fixture
def desk(tmp_path: Path, port: int) -> Iterator[SampleNode]:
    """Give a test a running node that has a provider, and somebody who is tied to it."""
    node = SampleNode(tmp_path, NEAR)
    node.prepare(node.line)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    settings = node.folder / FILE_NAME
    table = (
        f'[sign_in.oidc]\nissuer = "http://127.0.0.1:{port}"\nclient_id = "{CLIENT}"\n'
        f'client_secret_file = "{secret}"\nname = "Velmar login"\n'
    )
    settings.write_text(settings.read_text().replace("[sign_in.oidc]\n", table))
    node.start()
    try:
        node.wait()
        name, language = NEAR.people[0]
        node.ask("person_add", name=name, language=language)
        node.ask("person_tie", person=name, subject="ingrid")
        yield node
    finally:
        node.stop()


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[BrowserContext]:
    """Give a test a browser of nobody."""
    started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
    yield started.new_context(locale="en", viewport={"width": 1440, "height": 900})
    started.close()


def sign_in(page: Page, origin: str, subject: str) -> None:
    """Go the whole way: the node's page, the provider's own, and back."""
    page.goto(origin)
    page.get_by_test_id("sign-in-provider").click()
    page.locator("[name=login]").fill(subject)
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{origin}/**")


def test_a_person_signs_in_by_a_real_provider_before_and_after_it_changed_its_keys(
    desk: SampleNode, port: int, browser: BrowserContext
) -> None:
    """Tied: at the desk, by its name. Not tied: refused, told so, and kept in the trail."""
    redirect = f"{desk.origin}/sign-in/provider"
    page = browser.new_page()
    with provider_at(port, redirect):
        sign_in(page, desk.origin, "ingrid")
        page.locator(".frame-who", has_text="Ingrid Solberg").wait_for()
        told = page.evaluate("fetch('/api/self').then(answer => answer.json())")
        assert told["signed_in_by"] == "oidc"
        cookies = browser.cookies(desk.origin)
        own = [each["sameSite"] for each in cookies if each["name"].startswith("parley")]
        assert own == ["Strict"]

    browser.clear_cookies()
    with provider_at(port, redirect):
        sign_in(page, desk.origin, "somebody")
        page.locator(".notice", has_text="your node was not told who that is").wait_for()
        newest = desk.ask("trail_list")["rows"][0]
        assert (newest["outcome"], newest["words"]) == ("provider.subject_unknown", "somebody")

        browser.clear_cookies()
        sign_in(page, desk.origin, "ingrid")
        page.locator(".frame-who", has_text="Ingrid Solberg").wait_for()

    desk.ask("person_untie", person="Ingrid Solberg")
    page.goto(desk.origin)
    page.get_by_test_id("sign-in-provider").wait_for()
