"""The pictures of the desk in a terminal and of the page of text, drawn from a board of one night.

    just pictures --terminal      docs/images/{terminal-desk,terminal-sign,text-page}.png anew

What is signed in the second one comes from two nodes in memory; the board is the one that tests
look at, so that the pictures change when what tests look at does.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from whenever import Instant

from parley.drill.browser import FLAGS, chromium
from parley.terminal.board import BellSound, Board, Link
from parley.terminal.desk.app import Desk
from parley.terminal.desk.sheets import PinSheet
from parley.terminal.wording import proposal_lines
from parley.testing import boards
from parley.testing.alerts import released
from parley.testing.nodes import nodes_in
from parley.testing.terminals import officer
from parley.web import text
from parley.web.text.page import TextPage, page
from parley.words import Words

NOW = Instant.parse_iso(boards.NOW)
COLUMNS, ROWS = 110, 34
ENGLISH = Words("en")


def take(folder: Path) -> None:
    """Take the three pictures."""
    desk, sheet = asyncio.run(_drawn())
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS])
        shown = browser.new_page(viewport={"width": 1100, "height": 800}, device_scale_factor=1)
        for name, drawing in (("terminal-desk", desk), ("terminal-sign", sheet)):
            file = Path(scratch) / f"{name}.svg"
            file.write_text(drawing, encoding="utf-8")
            shown.goto(file.as_uri())
            shown.locator("svg").screenshot(path=folder / f"{name}.png")
        file = Path(scratch) / "text.html"
        file.write_text(_text_page(), encoding="utf-8")
        css = (Path(text.__file__).parent / "page.css").read_text(encoding="utf-8")
        shown.set_viewport_size({"width": 760, "height": 400})
        shown.goto(file.as_uri())
        shown.add_style_tag(content=css)
        shown.screenshot(path=folder / "text-page.png", full_page=True)
        browser.close()


async def _drawn() -> tuple[str, str]:
    """Return the desk, and a sheet above it with what is signed, as drawings."""
    lines = await _signed_lines()
    acts: Any = None
    desk = Desk(lambda _: acts, words=ENGLISH, now=lambda: NOW, is_fed=False)
    async with desk.run_test(size=(COLUMNS, ROWS)) as pilot:
        desk.change(lambda _: _board())
        await pilot.pause()
        await pilot.pause()
        drawn = desk.export_screenshot(title="Parley")
        prompt = ENGLISH.say("PIN to sign exactly this (nothing: do not sign)")
        await desk.push_screen(PinSheet(lines, prompt, ENGLISH))
        await pilot.pause()
        await pilot.press(*"four")
        await pilot.pause()
        return drawn, desk.export_screenshot(title="Parley")


async def _signed_lines() -> list[str]:
    """Return what a duty officer is shown before an acknowledgement is signed."""
    with tempfile.TemporaryDirectory() as scratch:
        async with nodes_in(Path(scratch)) as nodes:
            near, far = [
                await nodes.add(name, party={"name": name, "languages": spoken, "time_zone": zone})
                for name, spoken, zone in (
                    ("Velmar Crisis Centre", ("en",), "Europe/Helsinki"),
                    ("Saint Orlan Hospital", ("uz",), "Asia/Tashkent"),
                )
            ]
            await nodes.pair(near, far)
            await nodes.seconds(2)
            alert = await released(far, near, "Two aircraft are off course near the river.")
            await nodes.seconds(3)
            ingrid = await officer(near, "Ingrid Solberg", "duty_officer")
            await ingrid.acts.acknowledge(alert.hex(), "en")
            return proposal_lines(ingrid.asked.proposals[-1], ENGLISH)


def _board() -> Board:
    return Board(
        Link.CONNECTED,
        NOW,
        who=boards.who(),
        lines=[boards.line_to()],
        alerts=[boards.alert(1), boards.ours(2, is_exercise=True)],
        drafts=[boards.draft()],
        offices=[boards.office(), boards.office("Night watch", None)],
        crises=[boards.crisis()],
        calls=[boards.call()],
        sound=BellSound.HEARD,
    )


def _text_page() -> str:
    shown = TextPage(
        "Ingrid Solberg",
        "Velmar Crisis Centre",
        [boards.line_to()],
        [boards.alert(1), boards.ours(2, is_exercise=True)],
        [boards.office(), boards.office("Night watch", None)],
        own="velmar",
        crises=[boards.crisis()],
        calls=[boards.call()],
    )
    return page(shown, ENGLISH, NOW)
