"""What all end-to-end tests share: one Playwright, and what pages and nodes showed on failure."""

from __future__ import annotations

import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

SEEN_FOLDER = Path(".parley", "failures")
"""Where screenshots and logs go, below the repository: one folder a failed test."""
LOG_CHARACTERS = 4_000
"""The end of each log in the report. More buries the failure itself; the whole log lies beside."""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Drive browsers from this process."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where e2e tests run.

    with sync_playwright() as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what every page showed and every node said when a test failed."""
    report = yield
    if report.failed:
        folder = item.config.rootpath / SEEN_FOLDER / re.sub(r"\W+", "-", item.name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _keep_pages(folder, report)
        _keep_logs(folder, report)
    return report


def _keep_pages(folder: Path, report: pytest.TestReport) -> None:
    from playwright.sync_api import Error  # noqa: PLC0415 - only where e2e tests run.

    from parley.testing.call import OPEN_PAGES  # noqa: PLC0415 - needs the compiled core.

    for name, page in OPEN_PAGES.items():
        # A page that has crashed cannot be shown; the others still can.
        with suppress(Error):
            shown = folder / f"{name}.png"
            page.page.screenshot(path=shown)
            words = page.page.locator("body").inner_text()
            states = " → ".join(page.states())
            report.sections.append((f"page {name} ({shown})", f"states: {states}\n{words}"))


def _keep_logs(folder: Path, report: pytest.TestReport) -> None:
    from parley.testing.call import OPEN_INSTITUTIONS  # noqa: PLC0415 - needs the compiled core.

    for name, institution in OPEN_INSTITUTIONS.items():
        if not institution.log.exists():
            continue
        text = institution.log.read_text()
        (folder / f"{name}.log").write_text(text)
        report.sections.append((f"log of {name}", text[-LOG_CHARACTERS:]))
