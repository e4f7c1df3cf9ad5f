"""A real Chromium with a marked camera and microphone, as one person's browser."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from parley.drill.marked_media import CameraFile, write_camera, write_microphone
from parley.drill.observations import Observations, Received
from parley.errors import ChromiumMissing, NothingCame

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

PROBE = Path(__file__).with_name("probe.js")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

POLL_MS = 50
"""How often a page is asked; the probe stamps the instants, so this does not blur a figure."""

FLAGS = (
    "--no-sandbox",  # Root in a test machine has no user namespace to give the sandbox.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # Two pages share two cores: neither may be slowed for being behind the other.
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
)


def chromium() -> str:
    """Return the path of the system's Chromium.

    Raises:
        ChromiumMissing: No Chromium is installed; the error names the command that gets it.
    """
    for name in CHROMIUM_NAMES:
        path = shutil.which(name)
        if path is not None:
            return path
    raise ChromiumMissing(command="apt-get install chromium")


class PersonBrowser:
    """One person's page, driven the way a person would, with the probe listening in it."""

    def __init__(self, page: Page) -> None:
        """Take over a page in which the probe is installed."""
        self.page = page

    def sign_in(self, address: str) -> None:
        """Open a one-time sign-in address and wait for the desk."""
        self.page.goto(address)
        self.page.locator("[data-testid^=line-]").first.wait_for()

    def open_check(self, room: str) -> None:
        """Go from the desk through the room's join button to the device check, ready to join."""
        self.page.get_by_test_id(f"room-{room}").get_by_test_id("join-room").click()
        self.page.locator("[data-testid=join-now]:not([disabled])").wait_for()

    def join(self) -> None:
        """Press the button that joins, and wait until the room says that it is connected."""
        self.page.get_by_test_id("join-now").click()

    def leave(self) -> None:
        """Leave the room and wait for the desk."""
        self.page.get_by_test_id("leave").click()
        self.page.locator("[data-testid^=room-]").first.wait_for()

    def wait_for_far_video(self, patience_s: float = 30) -> None:
        """Wait until a decoded frame from the other party has been shown."""
        self._wait_for("Object.keys(parleyProbe.firstFrame).length > 0", "far video", patience_s)

    def wait_for_far_sound(self, patience_s: float = 30) -> None:
        """Wait until a sound from the other party has been heard."""
        heard = "Object.keys(parleyProbe.firstSound).some(place => place !== 'entered')"
        self._wait_for(heard, "far sound", patience_s)

    def observations(self) -> Observations:
        """Return what the probe has seen so far."""
        return msgspec.convert(
            self.page.evaluate("({...parleyProbe, connections: [], streams: []})"), Observations
        )

    def received(self) -> Received:
        """Return the browser's own receiver statistics so far."""
        return msgspec.convert(self.page.evaluate("parleyProbe.received()"), Received)

    def _wait_for(self, condition: str, what: str, patience_s: float) -> None:
        """Look until a condition holds.

        Playwright's own waiting compiles the condition inside the page, which the page's content
        security policy rightly forbids.
        """
        until = time.monotonic() + patience_s
        while not self.page.evaluate(condition):
            if time.monotonic() > until:
                raise NothingCame(what=what)
            self.page.wait_for_timeout(POLL_MS)

    def forget(self) -> None:
        """Empty the probe's lists, so that a later reading holds one phase alone."""
        self.page.evaluate(
            "Object.assign(parleyProbe, {clicks: [], entered: [], frames: {}, marks: {},"
            " firstFrame: {}, firstSound: {}})"
        )


@contextmanager
def person_browser(
    playwright: Playwright,
    scratch: Path,
    *,
    seed: int,
    camera: CameraFile | None = None,
    launcher: str | None = None,
    locale: str = "en",
) -> Iterator[PersonBrowser]:
    """Run a browser of its own for one person.

    Args:
        playwright: A started Playwright.
        scratch: Folder for the camera and microphone files.
        seed: Tells the two persons' pictures apart.
        camera: Shape of the camera file.
        launcher: An executable to start instead of Chromium itself: a wrapper that enters a
            network namespace first.
        locale: Language the browser asks for.
    """
    picture, sound = scratch / f"camera-{seed}.y4m", scratch / f"microphone-{seed}.wav"
    write_camera(picture, camera or CameraFile(), seed)
    write_microphone(sound, seconds=8, seed=seed)
    files = (
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
    )
    running = playwright.chromium.launch(
        executable_path=launcher or chromium(), args=[*FLAGS, *files]
    )
    try:
        context = running.new_context(
            locale=locale, ignore_https_errors=True, viewport={"width": 1024, "height": 720}
        )
        context.add_init_script(path=PROBE)
        yield PersonBrowser(context.new_page())
    finally:
        running.close()
