"""Three institutions in one room: through the one in the middle, and directly while that is open.

North and south have a line to middle; nothing else joins them at first. Then they get a line of
their own, and lose it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from parley.testing.call import enter, frames_followed, marks_followed, page_at
from parley.testing.institution import Institution, pair, route, set_up
from parley.testing.lab import Lab, Wire

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.calls,
    pytest.mark.needs_core,
    pytest.mark.timeout(300),
    pytest.mark.enable_socket,
]

REGIONAL_ONE_WAY_MS = 15
"""Half the round trip of the profile `regional`: one wire."""
FOLLOW_S = 5


class Chain:
    """Three institutions, the outer two joined through the middle one alone."""

    def __init__(self, stack: ExitStack, folder: Path, playwright: Playwright) -> None:
        self.lab = stack.enter_context(Lab.open())
        self.north, self.middle, self.south = self.all = [
            Institution(self.lab, folder, name) for name in ("north", "middle", "south")
        ]
        self.wires = [
            self.join(one, self.middle, seed) for seed, one in enumerate((self.north, self.south))
        ]
        set_up(self.all)
        for one in (self.north, self.south):
            pair(one, self.middle)
        addresses = [self.north.person("Aino Virta"), self.south.person("Dilnoza Karimova")]
        self.middle.person("Bolat Omarov")
        self.room = self.middle.open_room("Bolat Omarov", "All three", [self.north, self.south])
        self.pages = [
            stack.enter_context(page_at(playwright, folder, one, seed))
            for seed, one in enumerate((self.north, self.south))
        ]
        for page, address in zip(self.pages, addresses, strict=True):
            enter(page, address, self.room)

    def join(self, one: Institution, other: Institution, seed: int) -> Wire:
        """Lay a wire and a route over it."""
        wire = self.lab.join(one.machine, other.machine, profile="regional", seed=seed)
        route(one, other, wire)
        return wire


@pytest.fixture(scope="module")
def chain(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Two people in a call through a third institution; the tests share it, in their order."""
    with ExitStack() as stack:
        yield Chain(stack, tmp_path_factory.mktemp("chain"), playwright)


def test_two_institutions_without_a_line_meet_through_a_third(chain: Chain) -> None:
    """Picture and sound pass both wires, both ways, no sooner than both wires take."""
    for page in chain.pages:
        page.wait_for_far_video()
        page.wait_for_far_sound()
    for sender, receiver in (chain.pages, chain.pages[::-1]):
        frames = frames_followed(sender, receiver, FOLLOW_S)
        assert len(frames) > FOLLOW_S
        assert median(frames) >= 2 * REGIONAL_ONE_WAY_MS
        marks = marks_followed(sender, receiver, FOLLOW_S)
        assert len(marks) >= FOLLOW_S
        assert median(marks) >= 2 * REGIONAL_ONE_WAY_MS


def test_a_direct_line_takes_the_call_over_and_gives_it_back(chain: Chain) -> None:
    """The shorter way is taken while it is there; cut, the call goes on through the middle."""
    loaded = [page.loaded_at() for page in chain.pages]
    direct = chain.join(chain.north, chain.south, seed=9)
    pair(chain.north, chain.south)
    _wait_until_carried(chain, direct, is_carried=True)
    _still_see_and_hear(chain)

    direct.cut()
    chain.north.wait_until(
        lambda: chain.north.line_state(chain.south) == "cut", "the cut is not seen"
    )
    _still_see_and_hear(chain)

    direct.restore()
    chain.north.wait_until(lambda: chain.north.line_state(chain.south) == "up", "it stays cut")
    _wait_until_carried(chain, direct, is_carried=True)
    _still_see_and_hear(chain)
    assert [page.loaded_at() for page in chain.pages] == loaded


def _still_see_and_hear(chain: Chain) -> None:
    for page in chain.pages:
        page.forget()
    for page in chain.pages:
        page.wait_for_far_video()
        page.wait_for_far_sound()
    for sender, receiver in (chain.pages, chain.pages[::-1]):
        assert median(frames_followed(sender, receiver, FOLLOW_S)) >= REGIONAL_ONE_WAY_MS


def _wait_until_carried(chain: Chain, wire: Wire, *, is_carried: bool) -> None:
    """Wait until most of what the wires carry in a second does, or does not, take this one."""

    def carries() -> bool:
        before = [sum(way.delivered for way in each.stats()) for each in (wire, chain.wires[0])]
        chain.pages[0].page.wait_for_timeout(1_000)
        after = [sum(way.delivered for way in each.stats()) for each in (wire, chain.wires[0])]
        direct, through = (late - early for early, late in zip(before, after, strict=True))
        return (direct > through) == is_carried

    chain.north.wait_until(carries, "the call does not take the direct line")
