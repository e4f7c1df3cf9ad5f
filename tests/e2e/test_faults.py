"""What goes wrong around a call that goes on: paths, carriers, tabs, devices, sleep.

Two institutions with two wires between them and both carriers on each; every test leaves the call
whole for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parley.drill.browser import PersonBrowser
from parley.testing.call import enter, frames_followed, marks_followed, page_at
from parley.testing.institution import LINE_PORT, MEDIA_PORT, Institution, pair, set_up
from parley.testing.lab import Lab, Machine

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.calls,
    pytest.mark.needs_core,
    pytest.mark.timeout(300),
    pytest.mark.enable_socket,
]

FOLLOW_S = 4
ASLEEP_S = 10
"""Longer than the page takes to believe that it slept, and than the node takes to notice."""
NEAR_NAME, FAR_NAME, THIRD_NAME = "Aino Virta", "Dilnoza Karimova", "Bolat Omarov"


class Call:
    """Two institutions on two wires, a room between them, one person of each in it."""

    def __init__(self, stack: ExitStack, folder: Path, playwright: Playwright) -> None:
        self.folder, self.playwright = folder, playwright
        self.lab = stack.enter_context(Lab.open())
        self.near, self.far = (Institution(self.lab, folder, name) for name in ("north", "south"))
        self.wires = [
            self.lab.join(self.near.machine, self.far.machine, profile="regional", seed=seed)
            for seed in (1, 2)
        ]
        set_up((self.near, self.far), self.wires, carriers=("udp", "tcp"))
        pair(self.near, self.far)
        addresses = [self.near.person(NEAR_NAME), self.far.person(FAR_NAME)]
        self.room = self.near.open_room(NEAR_NAME, "Working group", [self.far])
        self.pages = [
            stack.enter_context(page_at(playwright, folder, one, seed))
            for seed, one in enumerate((self.near, self.far))
        ]
        for page, address in zip(self.pages, addresses, strict=True):
            enter(page, address, self.room)
        self.goes_on()

    def goes_on(self) -> None:
        """See and hear, both ways, from this instant on."""
        for page in self.pages:
            page.forget()
        for page in self.pages:
            page.wait_for_far_video()
            page.wait_for_far_sound()

    def wait_for_line(self, *states: str) -> None:
        """Wait until both nodes say this of the line."""
        for one, other in ((self.near, self.far), (self.far, self.near)):
            one.wait_until(
                lambda one=one, other=other: one.line_state(other) in states,
                f"the line is not {'/'.join(states)}: {one.path_states(other)}",
            )


@pytest.fixture(scope="module")
def shared(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """Two people in a call; the tests of this page share it."""
    with ExitStack() as stack:
        yield Call(stack, tmp_path_factory.mktemp("faults"), playwright)


@pytest.fixture
def call(shared: Call) -> Call:
    """Return the call, whole again whatever the test before left."""
    shared.wait_for_line("up")
    for page in shared.pages:
        page.wait_for_state("live")
    return shared


def test_one_path_cut_leaves_the_call_whole_and_the_line_degraded(call: Call) -> None:
    """Nobody rejoins or reloads; the desk says that only some paths are proved."""
    with _unbroken(call):
        call.wires[0].cut()
        call.wait_for_line("degraded")
        states = call.near.path_states(call.far)
        assert {states[path] for path in states if path.endswith("path-2")} == {"up"}
        call.goes_on()
        sender, receiver = call.pages
        assert len(marks_followed(sender, receiver, FOLLOW_S)) >= FOLLOW_S
        call.wires[0].restore()
        call.wait_for_line("up")
        call.goes_on()


def test_a_cut_of_200_ms_freezes_nobody_for_good(call: Call) -> None:
    """A blink of both paths is no reason to connect anew."""
    with _unbroken(call):
        for wire in call.wires:
            wire.cut(200)
        for sender, receiver in (call.pages, call.pages[::-1]):
            assert len(frames_followed(sender, receiver, FOLLOW_S)) > FOLLOW_S


def test_a_line_without_udp_comes_up_over_tcp(call: Call) -> None:
    """Where a network drops UDP, the same packets go by TCP, also for a node that starts there."""
    with _blocked(call.near.machine, f"udp dport {LINE_PORT}"):
        call.far.stop()
        call.far.start()
        # A node that has just started knows of no path that is missing, and says so: up.
        call.wait_for_line("degraded", "up")
        call.near.wait_until(
            lambda: call.near.line_state(call.far) == "degraded", "near does not miss a path"
        )
        states = call.near.path_states(call.far)
        assert {states[path] for path in states if path.startswith("tcp")} == {"up"}
        assert "up" not in {states[path] for path in states if path.startswith("udp")}
        call.goes_on()
        for sender, receiver in (call.pages, call.pages[::-1]):
            assert len(frames_followed(sender, receiver, FOLLOW_S)) > FOLLOW_S
            assert len(marks_followed(sender, receiver, FOLLOW_S)) >= FOLLOW_S
    call.wait_for_line("up")


def test_a_browser_without_udp_joins_by_tcp(call: Call) -> None:
    """A person behind a firewall reaches the node by ICE-TCP, and is heard and seen."""
    page = call.pages[0]
    assert page.media_protocol() == "udp"
    page.leave()
    with _blocked(call.near.desk, f"udp dport {MEDIA_PORT}"):
        page.open_check(call.room)
        page.join()
        page.wait_for_state("live")
        call.goes_on()
        assert page.media_protocol() == "tcp"
        for sender, receiver in (call.pages, call.pages[::-1]):
            assert len(frames_followed(sender, receiver, FOLLOW_S)) > FOLLOW_S
    page.leave()
    page.open_check(call.room)
    page.join()
    call.goes_on()


def test_a_second_tab_takes_the_seat_and_the_first_can_take_it_back(call: Call) -> None:
    """A person has one seat in a room, and each tab says which of them has it."""
    first = call.pages[0]
    second = PersonBrowser(first.page.context.new_page())
    second.page.goto(first.page.url.split("/rooms/")[0])
    second.open_check(call.room)
    second.join()
    second.wait_for_state("live")
    first.wait_for_state("replaced")

    first.page.get_by_role("button", name="Take the seat back here").click()
    second.wait_for_state("replaced")
    first.wait_for_state("live")
    second.page.close()
    call.goes_on()


def test_a_page_that_slept_returns_by_itself(call: Call) -> None:
    """The browser freezes a page of a closed lid; awake, it says so and rejoins."""
    page = call.pages[0]
    loaded = page.loaded_at()
    tools = page.page.context.new_cdp_session(page.page)
    tools.send("Page.setWebLifecycleState", {"state": "frozen"})
    call.pages[1].page.wait_for_timeout(ASLEEP_S * 1000)
    tools.send("Page.setWebLifecycleState", {"state": "active"})
    tools.detach()
    page.wait_for_state("live")
    call.goes_on()
    assert page.loaded_at() == loaded


def test_a_person_without_a_camera_is_heard_and_each_change_is_told(call: Call) -> None:
    """Denied, allowed later, and gone in the middle of the call: the page says which, and why."""
    with page_at(call.playwright, call.folder, call.near, 3, allowed=["microphone"]) as third:
        third.sign_in(call.near.person(THIRD_NAME))
        third.open_check(call.room)
        third.page.get_by_text("without a picture").wait_for()
        third.join()
        third.wait_for_far_video()
        third.wait_for_far_sound()
        camera = third.page.get_by_test_id("toggle-camera")
        assert camera.get_attribute("data-troubled") == "true"
        assert len(marks_followed(third, call.pages[1], FOLLOW_S)) >= FOLLOW_S

        third.page.context.grant_permissions(["camera", "microphone"])
        camera.click()
        camera.click()
        call.pages[1].wait_for_face(THIRD_NAME)

        third.page.context.clear_permissions()
        third.page.locator("[data-testid=toggle-camera][data-troubled=true]").wait_for()
        third.leave()


def test_a_person_without_devices_joins_to_listen(call: Call) -> None:
    """Nothing allowed is no reason to be shut out."""
    with page_at(call.playwright, call.folder, call.near, 4, allowed=[]) as third:
        third.sign_in(call.near.person("Gulnora Yusupova"))
        third.open_check(call.room)
        third.page.get_by_text("to listen only").wait_for()
        third.join()
        third.wait_for_far_video()
        third.wait_for_far_sound()
        third.leave()


@contextmanager
def _unbroken(call: Call) -> Iterator[None]:
    """Assert that no page reloaded or left the state `live` meanwhile."""
    before = [(page.loaded_at(), page.states()) for page in call.pages]
    yield
    assert [(page.loaded_at(), page.states()) for page in call.pages] == before


@contextmanager
def _blocked(machine: Machine, rule: str) -> Iterator[None]:
    machine.block(*rule.split())
    try:
        yield
    finally:
        machine.unblock()
