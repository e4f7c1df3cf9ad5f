"""A real Chromium with a marked camera and microphone, as one person's browser."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
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

ALLOWS_EVERYTHING = "--use-fake-ui-for-media-stream"
"""Answers yes to every question for a device, as most people do."""

POLL_MS = 50
"""How often a page is asked; the probe stamps the instants, so this does not blur a figure."""

PATIENCE_S = 60.0
"""How long is waited for what must come. More only delays the report of a failure."""

FLAGS = (
    "--no-sandbox",  # Root in a test machine has no user namespace to give the sandbox.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
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

    def wait_for_state(self, *states: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until the room says that the call stands in one of these states."""
        found = "document.querySelector('[data-testid=connection-state]')?.dataset.state"
        self._wait_for(f"{list(states)}.includes({found})", "/".join(states), patience_s)

    def wait_for_face(self, name: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until a decoded picture of a person moves in the tile that bears the name."""
        script = (
            "[...document.querySelectorAll('.tile')].some(tile =>"
            f" tile.innerText.includes({json.dumps(name)}) &&"
            " (parleyProbe.frames[tile.querySelector('video')?.dataset.track] ?? []).length > 2)"
        )
        self._wait_for(script, f"face of {name}", patience_s)

    def leave(self) -> None:
        """Leave the room and wait for the desk."""
        self.page.get_by_test_id("leave").click()
        self.page.locator("[data-testid^=room-]").first.wait_for()

    def wait_for_far_video(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until a decoded frame from the other party has been shown."""
        self._wait_for("Object.keys(parleyProbe.firstFrame).length > 0", "far video", patience_s)

    def wait_for_far_sound(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until a sound from the other party has been heard."""
        heard = "Object.keys(parleyProbe.firstSound).some(place => place !== 'entered')"
        self._wait_for(heard, "far sound", patience_s)

    def states(self) -> list[str]:
        """Return every state the room has shown since this page was loaded, in order."""
        return [str(state) for state in self.page.evaluate("parleyProbe.states")]

    def media_protocol(self) -> str:
        """Return whether sound and picture travel to the node by `udp` or by `tcp`."""
        return str(self.page.evaluate("parleyProbe.protocol()"))

    def loaded_at(self) -> float:
        """Return when this page was loaded: a page that has reloaded has another instant."""
        return float(self.page.evaluate("performance.timeOrigin"))

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
    allowed: Sequence[str] | None = None,
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
        allowed: Which devices the person allows (`camera`, `microphone`), all if not given; asked
            for another one, the browser refuses it.
    """
    picture, sound = scratch / f"camera-{seed}.y4m", scratch / f"microphone-{seed}.wav"
    write_camera(picture, camera or CameraFile(), seed)
    write_microphone(sound, seconds=8, seed=seed)
    files = (
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
        *([ALLOWS_EVERYTHING] if allowed is None else []),
    )
    running = playwright.chromium.launch(
        executable_path=launcher or chromium(), args=[*FLAGS, *files]
    )
    try:
        context = running.new_context(
            locale=locale, ignore_https_errors=True, viewport={"width": 1024, "height": 720}
        )
        if allowed is not None:
            context.grant_permissions(allowed)
        context.add_init_script(path=PROBE)
        yield PersonBrowser(context.new_page())
    finally:
        running.close()
