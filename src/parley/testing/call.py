"""Calls between institutions for end-to-end tests: real browsers, and what was followed in them.

Every page and institution made here stands in `OPEN_PAGES` and `OPEN_INSTITUTIONS` while it lives,
so that whoever reports a failed test can show what the people saw and what the nodes said.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from parley.drill.browser import PersonBrowser, chromium, person_browser
from parley.drill.marked_media import CameraFile
from parley.drill.observations import MARK_DELAY_MS_MAX, delays_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Page, Playwright

    from parley.testing.institution import Institution

SMALL_CAMERA = CameraFile(320, 176, 10)
"""A larger or faster picture costs processor time, which several browsers share; of a smaller one
the number could not be read in a quarter layer."""

FRAME_DELAY_MS_MAX = 9_000
"""Half the camera file's loop: a frame later than this would be paired with the wrong entry."""


class OpenPage(Protocol):
    """A page that can be shown when a test failed."""

    @property
    def page(self) -> Page:
        """Return the browser's page."""

    def states(self) -> Sequence[str]:
        """Return what it has shown, for the report."""


OPEN_PAGES: dict[str, OpenPage] = {}
"""Every page that is open, by whose it is."""

OPEN_INSTITUTIONS: dict[str, Institution] = {}
"""Every institution whose people have had a page, by name."""


@contextmanager
def page_at(
    playwright: Playwright,
    folder: Path,
    institution: Institution,
    seed: int,
    *,
    camera: CameraFile = SMALL_CAMERA,
    allowed: Sequence[str] | None = None,
) -> Iterator[PersonBrowser]:
    """Run a browser at an institution's desk, which reaches that institution's node alone.

    Args:
        playwright: A started Playwright.
        folder: Folder for the camera and microphone files.
        institution: Whose desk.
        seed: Tells the persons' pictures apart.
        camera: Shape of the camera file.
        allowed: Devices the person allows; all if not given.
    """
    launcher = str(institution.desk.wrap(chromium()))
    name = f"{institution.name}-{seed}"
    OPEN_INSTITUTIONS[institution.name] = institution
    with person_browser(
        playwright, folder, seed=seed, camera=camera, launcher=launcher, allowed=allowed
    ) as page:
        OPEN_PAGES[name] = page
        try:
            yield page
        finally:
            del OPEN_PAGES[name]


def enter(page: PersonBrowser, address: str, room: str) -> None:
    """Sign a person in, go through the device check, and join the room."""
    page.sign_in(address)
    page.open_check(room)
    page.join()


def frames_followed(sender: PersonBrowser, receiver: PersonBrowser, seconds: float) -> list[float]:
    """Follow numbered frames for a while and return each one's delay in milliseconds."""
    _follow(sender, receiver, seconds)
    entered = sender.observations().entered
    return [
        delay
        for frames in receiver.observations().frames.values()
        for delay in delays_ms(entered, frames, FRAME_DELAY_MS_MAX)
    ]


def marks_followed(sender: PersonBrowser, receiver: PersonBrowser, seconds: float) -> list[float]:
    """Follow marks in the sound for a while and return each one's delay in milliseconds."""
    _follow(sender, receiver, seconds)
    spoken = sender.observations().marks.get("entered", [])
    return delays_ms(spoken, receiver.observations().heard(), MARK_DELAY_MS_MAX)


def _follow(sender: PersonBrowser, receiver: PersonBrowser, seconds: float) -> None:
    for page in (sender, receiver):
        page.forget()
    sender.page.wait_for_timeout(seconds * 1000)
