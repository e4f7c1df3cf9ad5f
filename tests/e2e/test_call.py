"""Two people in two institutions see and hear each other, and the page says what is true meanwhile.

Real nodes and real browsers, each browser able to reach its own node alone; frames carry their
number and sound carries marks, so that what is asserted was decoded on the far side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from parley.drill.browser import PersonBrowser
from parley.testing.call import enter, frames_followed, marks_followed, page_at
from parley.testing.institution import WEB_PORT, Institution, pair, set_up
from parley.testing.lab import Lab, Wire

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.calls,
    pytest.mark.needs_core,
    pytest.mark.timeout(240),
    pytest.mark.enable_socket,
]

BORDER_ONE_WAY_MS = 125
"""Half the round trip of the profile `border`: nothing decoded can be younger."""
FOLLOW_S = 8
PATIENT_S = 40
FRAMES_MIN = 25
"""Enough for a median that one frame does not move."""
LONG = pytest.mark.skipif(
    not os.environ.get("PARLEY_LONG"), reason="takes ten minutes; PARLEY_LONG=1 runs it"
)


class Call:
    """Two institutions on one wire, a room between them, one person of each in it."""

    def __init__(self, stack: ExitStack, folder: Path, playwright: Playwright) -> None:
        self.lab = stack.enter_context(Lab.open())
        self.near, self.far = (Institution(self.lab, folder, name) for name in ("north", "south"))
        self.wire: Wire = self.lab.join(
            self.near.machine, self.far.machine, profile="border", seed=1
        )
        set_up((self.near, self.far), [self.wire])
        pair(self.near, self.far)
        addresses = [self.near.person("Aino Virta"), self.far.person("Dilnoza Karimova", "uz")]
        self.room = self.near.open_room("Aino Virta", "Working group", [self.far])
        self.pages = [
            stack.enter_context(page_at(playwright, folder, one, seed))
            for seed, one in enumerate((self.near, self.far))
        ]
        for page, address in zip(self.pages, addresses, strict=True):
            enter(page, address, self.room)


@pytest.fixture(scope="module")
def call(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """Two people in a call over `border`; the tests of this page share it, each leaves it whole."""
    with ExitStack() as stack:
        yield Call(stack, tmp_path_factory.mktemp("call"), playwright)


def test_each_browser_reaches_its_own_node_alone(call: Call) -> None:
    """Nobody connects to a foreign server: the kernel has no route for it."""
    for own, other in ((call.near, call.far), (call.far, call.near)):
        for address in (other.desk.gateway, call.wire.address(other.machine)):
            asked = own.desk.run("curl", "-sk", "-m", "2", f"https://{address}:{WEB_PORT}/healthz")
            assert asked.returncode != 0, address
        asked = own.desk.run("curl", "-sk", "-m", "5", f"https://{own.desk.gateway}:{WEB_PORT}/")
        assert asked.returncode == 0


def test_both_see_each_other_across_the_border(call: Call) -> None:
    """What enters a camera is decoded on the other side, both ways, after the path's delay."""
    near, far = call.pages
    for page in call.pages:
        page.wait_for_far_video()
    for sender, receiver in ((near, far), (far, near)):
        delays = frames_followed(sender, receiver, FOLLOW_S)
        if len(delays) < FRAMES_MIN:
            # A busy machine draws and codes few pictures a second; that is no fault of the call.
            delays = frames_followed(sender, receiver, PATIENT_S)
        assert len(delays) >= FRAMES_MIN
        # The median: a busy page may note late that a frame entered.
        assert median(delays) >= BORDER_ONE_WAY_MS


def test_both_hear_each_other_across_the_border(call: Call) -> None:
    """Marks spoken on one side are heard on the other, both ways, no sooner than the path."""
    for sender, receiver in (call.pages, call.pages[::-1]):
        receiver.wait_for_far_sound()
        delays = marks_followed(sender, receiver, FOLLOW_S)
        assert len(delays) >= FOLLOW_S
        assert median(delays) >= BORDER_ONE_WAY_MS


def test_sound_holds_in_slow_hours(call: Call) -> None:
    """With 15 % loss one way and under 1 Mbit/s, speech goes on in both directions."""
    call.wire.set_profile("slow-hours")
    # The line has to find that it has a fifth of its rate left; what holds is what follows.
    call.near.machine.run("sleep", "12")
    for sender, receiver in (call.pages, call.pages[::-1]):
        before = receiver.received()
        delays = marks_followed(sender, receiver, FOLLOW_S)
        assert len(delays) >= FOLLOW_S
        assert receiver.received().concealed_ratio_since(before) <= 0.05
    call.wire.set_profile("border")


@pytest.mark.parametrize(
    "cut_s", [10, pytest.param(600, marks=[LONG, pytest.mark.timeout(900)], id="600")]
)
def test_call_returns_by_itself_after_the_line_was_cut(call: Call, cut_s: int) -> None:
    """While nothing passes the page says so; afterwards frames come again without a reload."""
    loaded = [page.loaded_at() for page in call.pages]
    call.wire.cut()
    call.near.wait_until(lambda: call.near.line_state(call.far) == "cut", "the cut is not seen")
    _wait_for_hop(call.pages[0], "cut")
    call.pages[0].page.wait_for_timeout(cut_s * 1_000)
    _wait_for_hop(call.pages[0], "cut")
    call.wire.restore()
    call.near.wait_until(lambda: call.near.line_state(call.far) == "up", "the line stays cut")
    for page in call.pages:
        page.forget()
        page.wait_for_far_video()
        page.wait_for_far_sound()
    assert [page.loaded_at() for page in call.pages] == loaded


@pytest.mark.parametrize("side", [0, 1])
def test_call_returns_after_a_node_was_killed(call: Call, side: int) -> None:
    """A node killed with SIGKILL comes back, and so does everybody's picture, without a reload."""
    killed = (call.near, call.far)[side]
    killed.kill()
    call.pages[side].page.wait_for_selector(
        "[data-testid=connection-state]:not([data-state=live])", state="attached"
    )
    killed.start()
    for page in call.pages:
        page.forget()
        page.wait_for_far_video(60)
        page.wait_for_far_sound(60)


def _wait_for_hop(page: PersonBrowser, level: str) -> None:
    page.page.wait_for_selector(f"[data-hop=line][data-level={level}]", state="attached")
