"""The pictures of the documents, taken from two real nodes and two real browsers over `border`.

    just pictures                 docs/images/{desk,room,record}.png anew
    just pictures --terminal      docs/images/{terminal-desk,terminal-sign,text-page}.png anew
    just pictures --look FOLDER   every screen at 390, 1024 and 1440 pixels, in every language

The people are drawn, so that no face and no name in a document is anybody's.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import terminal_pictures
from playwright.sync_api import sync_playwright

from parley.drill.browser import FLAGS, PersonBrowser, chromium
from parley.node.sample import SamplePair

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT, FRAMES, FRAMES_PER_SECOND = 640, 352, 12, 6
WIDTHS = (390, 1024, 1440)
LANGUAGES = ("en", "ru", "zh-Hans", "uz", "prs", "ps")
SCREENS = (
    *("", "record", "people", "devices", "trail"),
    *("watch", "checks", "contacts", "duty", "duty/plan", "notifications", "calls", "crises"),
)
"""Paths of the screens that stand by themselves; the room is taken apart."""
REMARKS = (
    "Line check of the morning watch: heard and seen, no remarks.",
    "Tongi tekshiruv: tasvir va tovush yaxshi.",
)
SETTLE_MS = 9_000
"""A call has its full picture after about three seconds."""

Colour: TypeAlias = tuple[int, int, int]
NECK_WIDTH = 26
NECK = range(190, 250)
HAIR_LINE = 128
"""Where the neck and the hair are, in pixels from the middle and from above."""


@dataclass(frozen=True)
class Portrait:
    """A drawn person: wall, clothes, skin and hair."""

    wall: Colour
    clothes: Colour
    skin: Colour
    hair: Colour

    def write(self, path: Path) -> None:
        """Write the person as a Y4M loop that sways a little."""
        with path.open("wb") as file:
            rate = f"F{FRAMES_PER_SECOND}:1"
            file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} {rate} Ip A1:1 C420jpeg\n".encode())
            for frame in range(FRAMES):
                sway = 4 * math.sin(2 * math.pi * frame / FRAMES)
                file.write(b"FRAME\n" + b"".join(self._planes(sway)))

    def _planes(self, sway: float) -> tuple[bytes, bytes, bytes]:
        luma, blue, red = bytearray(), bytearray(), bytearray()
        for y in range(HEIGHT):
            for x in range(WIDTH):
                r, g, b = self._colour(x - WIDTH / 2 - sway, y, x)
                luma.append(int(16 + 0.257 * r + 0.504 * g + 0.098 * b))
                if not (x | y) & 1:
                    blue.append(int(128 - 0.148 * r - 0.291 * g + 0.439 * b))
                    red.append(int(128 + 0.439 * r - 0.368 * g - 0.071 * b))
        return bytes(luma), bytes(blue), bytes(red)

    def _colour(self, across: float, y: int, x: int) -> tuple[float, float, float]:
        if y < HAIR_LINE and (across / 70) ** 2 + ((y - 118) / 74) ** 2 < 1:
            return self.hair
        if (across / 62) ** 2 + ((y - 140) / 78) ** 2 < 1:
            return self.skin
        if y in NECK and abs(across) < NECK_WIDTH:
            return _lit(self.skin, 0.88)
        if (across / 150) ** 2 + ((y - HEIGHT - 20) / 155) ** 2 < 1:
            return self.clothes
        return _lit(self.wall, (0.75 + 0.35 * y / HEIGHT) * (0.9 + 0.2 * x / WIDTH))


PORTRAITS = (
    Portrait((120, 140, 150), (40, 60, 90), (224, 188, 160), (90, 60, 40)),
    Portrait((150, 135, 115), (235, 238, 240), (205, 160, 125), (30, 26, 24)),
)


def main(arguments: list[str]) -> int:
    """Take the pictures; return how a shell should take it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", type=Path, metavar="FOLDER", help="every screen, width, language")
    parser.add_argument("--terminal", action="store_true", help="those without a browser alone")
    chosen = parser.parse_args(arguments)
    if chosen.terminal:
        terminal_pictures.take(IMAGES)
        return 0
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        playwright = stack.enter_context(sync_playwright())
        pair = stack.enter_context(SamplePair.running(scratch, profile="border", seed=1))
        people = [_person(stack, playwright, scratch, pair, side) for side in (0, 1)]
        _write_remarks(people)
        if chosen.look:
            _look(people[0].page, pair, chosen.look)
        else:
            _take(people, pair)
    return 0


def _person(
    stack: ExitStack, playwright: Playwright, scratch: Path, pair: SamplePair, side: int
) -> PersonBrowser:
    camera = scratch / f"camera-{side}.y4m"
    PORTRAITS[side].write(camera)
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
    browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
    stack.callback(browser.close)
    context = browser.new_context(
        permissions=["camera", "microphone"], viewport={"width": 1440, "height": 900}
    )
    person = PersonBrowser(context.new_page())
    person.sign_in(pair.sign_in_addresses()[side])
    return person


def _write_remarks(people: list[PersonBrowser]) -> None:
    for person, words in zip(people, REMARKS, strict=True):
        _open(person.page, "record")
        person.page.get_by_test_id("remark-words").fill(words)
        person.page.get_by_test_id("remark-write").click()
        person.page.get_by_test_id("entry").filter(has_text=words).first.wait_for()
    # Both remarks are held on both sides before anybody looks.
    people[0].page.get_by_test_id("entry").filter(has_text=REMARKS[1]).first.wait_for()


def _take(people: list[PersonBrowser], pair: SamplePair) -> None:
    page = people[0].page
    _shoot(page, IMAGES / "record.png")
    for person in people:
        _open(person.page, "")
    page.wait_for_timeout(SETTLE_MS)
    _shoot(page, IMAGES / "desk.png")
    for person in people:
        person.open_check(pair.room)
        person.join()
    page.wait_for_timeout(SETTLE_MS)
    _shoot(page, IMAGES / "room.png")


def _look(page: Page, pair: SamplePair, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    line = pair.nodes[0].ask("pair_list")["pairings"][0]["party"]["id"]
    for language in LANGUAGES:
        page.evaluate("language => localStorage.setItem('parley.language', language)", language)
        for screen in (*SCREENS, f"lines/{line}/agreement"):
            _open(page, screen)
            name = screen.split("/")[-1] or "desk"
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_timeout(300)
                _shoot(page, folder / f"{name}-{language}-{width}.png", whole=True)


def _open(page: Page, screen: str) -> None:
    origin = "/".join(page.url.split("/")[:3])
    page.goto(f"{origin}/{screen}")
    page.locator("main").first.wait_for()
    page.wait_for_timeout(500)


def _shoot(page: Page, path: Path, *, whole: bool = False) -> None:
    # What sticks to the window's edge is drawn where the window is: at the top of the page.
    page.evaluate("() => window.scrollTo(0, 0)")
    page.screenshot(path=path, full_page=whole)
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()


def _lit(colour: Colour, light: float) -> tuple[float, float, float]:
    r, g, b = (min(255.0, part * light) for part in colour)
    return r, g, b


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
