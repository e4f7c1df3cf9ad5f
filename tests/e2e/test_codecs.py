"""Video that is not VP8 passes through nodes and line, where both browsers agree upon it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parley.testing.call import enter, frames_followed, page_at
from parley.testing.institution import Institution, pair, set_up
from parley.testing.lab import Lab

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

    from parley.drill.browser import PersonBrowser

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.calls,
    pytest.mark.needs_core,
    pytest.mark.timeout(240),
    pytest.mark.enable_socket,
]

FOLLOW_S = 6
# A page that would rather send another codec, and still takes VP8, which every browser has to.
RATHER = """
(() => {
  const native = RTCRtpTransceiver.prototype.setCodecPreferences;
  const isWanted = ({ mimeType }) => mimeType.toLowerCase() === "%s";
  RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
    native.call(this, [...codecs.filter(isWanted), ...codecs.filter((each) => !isWanted(each))]);
  };
})();
"""
CODECS_IN = """
(async () => {
  const found = new Set();
  for (const connection of parleyProbe.connections) {
    const stats = await connection.getStats();
    for (const report of stats.values())
      if (report.type === "inbound-rtp" && report.kind === "video" && report.framesDecoded > 0)
        found.add(stats.get(report.codecId).mimeType.toLowerCase());
  }
  return [...found];
})()
"""


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Institution, Institution]]:
    """Two institutions on one wire."""
    with Lab.open() as lab:
        folder = tmp_path_factory.mktemp("codecs")
        near, far = (Institution(lab, folder, name) for name in ("north", "south"))
        wire = lab.join(near.machine, far.machine, profile="regional", seed=1)
        set_up((near, far), [wire])
        pair(near, far)
        yield near, far


def test_codecs_that_both_browsers_have_cross_the_line(
    playwright: Playwright, tmp_path: Path, nodes: tuple[Institution, Institution]
) -> None:
    """What enters a camera is decoded on the far side, in the codec that its own page prefers."""
    near, far = nodes
    people = {near: near.person("Aino"), far: far.person("Dilnoza", "uz")}
    codecs = ("video/vp9", "video/av1")
    room = near.open_room("Aino", "Working group", [far])
    pages: list[PersonBrowser] = []
    with ExitStack() as stack:
        for seed, (one, address) in enumerate(people.items()):
            page = stack.enter_context(page_at(playwright, tmp_path, one, seed))
            page.page.context.add_init_script(script=RATHER % codecs[seed])
            enter(page, address, room)
            pages.append(page)
        for page in pages:
            page.wait_for_far_video()
        for seed, sender in enumerate(pages):
            receiver = pages[1 - seed]
            assert len(frames_followed(sender, receiver, FOLLOW_S)) > FOLLOW_S
            assert receiver.page.evaluate(CODECS_IN) == [codecs[seed]]
