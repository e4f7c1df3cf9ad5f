"""The alert drill: people of two real nodes write, read and acknowledge alerts over a bad line.

Everything goes the way a page goes: HTTP, passkeys over entries, the desk's WebSocket, and the
question a page asks when it is told that there is something new. *Sounding* is the instant at which
an open desk of the far node has the alert in hand, having been told that there is one and asked for
it: a page that may make a sound begins to ring with that answer.

Phases. *Flashes*: released one after the other, each followed until it sounded, until its receipt
was held here, and, every so often, until its acknowledgement was; in the middle the far node is
killed and started again, with an alert released while it is down. With two paths, every so often
the first one is cut in the instant of the release. *Limits*: alerts that stand for a minute and
that nobody reads, while the clock of the far node is put back, and one of them falls due while that
node is down. Beside the flashes there may be a video call and a transfer of 1 GB.

What was lost, doubled or out of order is counted in the end from the rows of both nodes.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from parley._core import UdpWire
from parley.drill.alert_rows import NodeAbsence, compared, late_ms
from parley.drill.figures import DrillReport, Figure, units
from parley.drill.machine import ProcessorTime
from parley.drill.moved_clock import MovedClock
from parley.drill.person import Person
from parley.drill.second_path import second_path
from parley.drill.steps import Steps
from parley.drill.transfer import transfer
from parley.drill.viewers import participant_in_room
from parley.errors import AlertGuardRefused, SampleFailed
from parley.node.sample import SampleNode, SamplePair

Json = dict[str, Any]
STANDS_S: Final = 60
"""How long the alerts of the phase of limits stand: the shortest time that a desk accepts."""
PUT_BACK_MS: Final = 600_000
"""By how much the far node's clock is put back: ten times what is left of the limits then."""
SOUND_S_MAX: Final = 20.0
"""Seconds after which an alert that nobody sees counts as lost from view; it is looked for again in
the rows of the far node."""
SECONDS_MAX: Final = 150.0
"""After so many no further flash is released: a drill is over in three minutes, however slow the
machine. More waits for samples that say the same."""
SETTLE_S: Final = 3.0
WITHDRAWN_S: Final = 1.0
"""Pause in which withdrawals cross, and what they cause is over before the next press."""
ACKNOWLEDGED_EVERY: Final = 2
CUT_EVERY: Final = 2
CLOSED_EVERY: Final = 5
"""A desk is rarely asked for more open alerts than this; more makes every answer longer."""
MILLION: Final = 1_000_000
_ORDER: Final = ("released", "delivered", "presented", "acknowledged", "held", "answered", "closed")


@dataclass(frozen=True)
class AlertDrill:
    """What to rehearse.

    Attributes:
        profile: Named profile of the emulated line.
        paths: How many paths the line has, one or two.
        alerts: How many flashes.
        has_video: Whether two participants with video are in a room beside.
        transfer_bytes: Length of the file that goes over the line beside; 0: none.
        restarts: How often the far node is killed.
        has_limits: Whether limits are waited for; it takes a minute and a quarter.
        seed: Seeds the emulated line.
    """

    profile: str = "border"
    paths: int = 1
    alerts: int = 40
    has_video: bool = False
    transfer_bytes: int = 0
    restarts: int = 2
    has_limits: bool = True
    seed: int = 1


@dataclass
class _Running:
    """A drill under way."""

    drill: AlertDrill
    pair: SamplePair
    steps: Steps
    clock: MovedClock
    drafter: Person
    releaser: Person
    officer: Person
    far_party: str
    first_path: UdpWire | None
    """The path that is cut, if there is another."""
    until: float
    rows: dict[str, list[float]] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def far(self) -> SampleNode:
        return self.pair.nodes[1]

    def add(self, name: str, *values: float) -> None:
        self.rows.setdefault(name, []).extend(values)


FIGURES: Final = (
    *("release_to_sounding_ms", "path_one_way_ms", "held_receipt_ms"),
    *("acknowledgement_round_trip_ms", "escalation_late_ms", "restart_to_ready_ms"),
    *("alerts_lost", "alerts_doubled", "headers_out_of_order"),
)


def run(drill: AlertDrill, *, as_json: bool = False) -> DrillReport:
    """Run the drill, say on standard error how far it is, and return its figures.

    Args:
        drill: What to rehearse.
        as_json: Whether the caller prints JSON; progress is then plain lines.

    Raises:
        SampleFailed: the two nodes do not come up.
    """
    until = time.monotonic() + SECONDS_MAX - (STANDS_S if drill.has_limits else 0)
    with ExitStack() as stack:
        steps = stack.enter_context(Steps.shown(plain=as_json))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-drill-")))
        steps.say("starting two nodes and the line between them")
        pair = SamplePair(scratch, profile=drill.profile, seed=drill.seed)
        clock = MovedClock(scratch / "clock")
        pair.nodes[1].module = clock.module
        stack.callback(pair.stop)
        pair.start()
        first_path = None
        if drill.paths > 1:
            steps.say("laying the second path")
            stack.enter_context(second_path(pair))
            first_path = pair.wire
        before = ProcessorTime.now()
        rows, released = asyncio.run(_rehearse(drill, pair, steps, clock, first_path, until))
        now = ProcessorTime.now()
        for node in pair.nodes:
            node.stop()
        near, far = (node.folder / "parley.db" for node in pair.nodes)
        rows |= compared(near, far, released)
    rows["machine_busy_ratio"] = [now.busy_ratio_since(before)]
    rows["machine_stolen_ratio"] = [now.stolen_ratio_since(before)]
    figures = {name: Figure(units()[name], rows.get(name, [])) for name in (*FIGURES, *rows)}
    return DrillReport("alert", drill.profile, drill.seed, figures)


async def _rehearse(
    drill: AlertDrill,
    pair: SamplePair,
    steps: Steps,
    clock: MovedClock,
    first_path: UdpWire | None,
    until: float,
) -> tuple[dict[str, list[float]], list[str]]:
    near, far = pair.nodes
    (first, _), (second, _) = near.party.people
    async with AsyncExitStack() as stack:
        drafter, releaser, officer = [
            await stack.enter_async_context(Person.signed_in(node.sign_in_address(name)))
            for node, name in ((near, second), (near, first), (far, far.party.people[0][0]))
        ]
        party = (await releaser.get("/api/lines"))["lines"][0]["party"]["id"]
        running = _Running(
            *(drill, pair, steps, clock, drafter, releaser, officer, party, first_path, until)
        )
        if drill.transfer_bytes:
            going = transfer(releaser, far, drill.transfer_bytes, steps)
            await stack.enter_async_context(going)
        half = -(-drill.alerts // 2)
        async with _call(running):
            await _follow_flashes(running, 0, half)
        await _restart(running)
        async with _call(running):
            await _follow_flashes(running, half, drill.alerts)
        if drill.has_limits:
            await _follow_limits(running)
        await _settle(running)
        return running.rows, running.released


# ------------------------------------------------------------------------------------- the phases


async def _follow_flashes(running: _Running, first: int, last: int) -> None:
    """Release flashes one after the other and follow each to the other side and back."""
    async with running.officer.desk("alerts") as far, running.releaser.desk("alerts") as near:
        for number in range(first, last):
            if time.monotonic() > running.until:
                running.steps.say(f"out of time after {number} flashes")
                return
            running.steps.count("flashes", number, running.drill.alerts)
            await _one_way(running)
            is_cut = running.first_path is not None and number % CUT_EVERY == 1
            alert, pressed_ms = await _release(running, f"Flash {number}", is_cut=is_cut)
            sounding_ms = await _seen(running.officer, far, alert, "released")
            if is_cut and running.first_path is not None:
                running.first_path.restore()
            if sounding_ms is None:
                continue
            name = "release_to_sounding_path_cut_ms" if is_cut else "release_to_sounding_ms"
            running.add(name, sounding_ms - pressed_ms)
            held_ms = await _seen(running.releaser, near, alert, "delivered")
            if held_ms is not None and not is_cut:
                running.add("held_receipt_ms", held_ms - pressed_ms)
            if number % ACKNOWLEDGED_EVERY == 0:
                await _acknowledge(running, near, alert)
            await _close(running, alert)
        running.steps.count("flashes", last, running.drill.alerts)


async def _acknowledge(running: _Running, near: asyncio.Queue[Json], alert: str) -> None:
    path = f"/api/alerts/{alert}/acknowledge"
    signed = await running.officer.begin(path, {"language": "en"})
    pressed_ms = _now_ms()
    await running.officer.finish(path, signed)
    read_ms = await _seen(running.releaser, near, alert, "acknowledged")
    if read_ms is not None:
        running.add("acknowledgement_round_trip_ms", read_ms - pressed_ms)


async def _close(running: _Running, alert: str) -> None:
    """Withdraw and close alerts at both ends, now and then: desks are rarely asked for many."""
    running.open.append(alert)
    if len(running.open) < CLOSED_EVERY:
        return
    for each in running.open:
        await running.releaser.sign(f"/api/alerts/{each}/withdraw", {})
    # What has not come by then stays open there.
    await asyncio.sleep(WITHDRAWN_S)
    for each in running.open:
        for person in (running.releaser, running.officer):
            with suppress(AlertGuardRefused):
                await person.post(f"/api/alerts/{each}/close", {})
    running.open.clear()
    await asyncio.sleep(WITHDRAWN_S)


async def _restart(running: _Running) -> None:
    """Kill the far node, release an alert, and start the node again."""
    for number in range(running.drill.restarts):
        running.steps.count("restarts", number, running.drill.restarts)
        running.far.kill()
        await _release(running, f"While down {number}")
        await _start(running)
    if running.drill.restarts:
        await asyncio.to_thread(_line_up, running.pair)
        await asyncio.sleep(SETTLE_S)


async def _start(running: _Running) -> None:
    started = time.monotonic()
    running.far.start()
    await asyncio.to_thread(running.far.wait)
    running.add("restart_to_ready_ms", (time.monotonic() - started) * 1_000)


async def _follow_limits(running: _Running) -> None:
    """Let alerts run out that nobody reads: the clock is put back, one falls due in an absence."""
    for number in range(4):
        await _release(running, f"Limit {number}", stands_s=STANDS_S)
    started = time.monotonic()
    say = "waiting for limits of 60 s, with a clock put back and the far node down at one of them"
    running.steps.say(say)
    await asyncio.sleep(5)
    await _release(running, "Limit while down", stands_s=STANDS_S)
    fell_due = time.monotonic() + STANDS_S
    await asyncio.sleep(5)
    running.clock.set(-PUT_BACK_MS)
    await asyncio.sleep(max(0.0, fell_due - 1.5 - time.monotonic()))
    from_ms = _now_ms()
    running.far.kill()
    await asyncio.sleep(max(0.0, fell_due + 1.5 - time.monotonic()))
    await _start(running)
    absence = NodeAbsence(from_ms, _now_ms(), running.clock.ahead_ms)
    await asyncio.sleep(max(SETTLE_S, started + STANDS_S + 5 - time.monotonic()))
    near, far = (node.folder / "parley.db" for node in running.pair.nodes)
    running.add("escalation_late_ms", *late_ms(near, NodeAbsence()), *late_ms(far, absence))
    await asyncio.to_thread(_line_up, running.pair)


async def _settle(running: _Running) -> None:
    """Wait until both nodes have all there is, or nothing moves any more."""
    running.steps.say("letting what is under way arrive")
    until, before = time.monotonic() + SOUND_S_MAX, [Json()]
    while time.monotonic() < until:
        looks = [
            await asyncio.to_thread(node.ask, "record_exercise", what="look")
            for node in running.pair.nodes
        ]
        near, far = looks
        if near["own"] == far["others"] and far["own"] == near["others"]:
            return
        if looks != before:
            until, before = time.monotonic() + SOUND_S_MAX, looks
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _call(running: _Running) -> AsyncIterator[None]:
    """Let a call go on meanwhile, if that is wanted."""
    async with AsyncExitStack() as stack:
        if running.drill.has_video:
            running.steps.say("two participants with video")
            for side in (0, 1):
                address = await asyncio.to_thread(running.pair.invite, side, "On camera")
                joining = participant_in_room(address, running.pair.room, sends_video=True)
                await stack.enter_async_context(joining)
            await asyncio.sleep(SETTLE_S)
        yield


# ----------------------------------------------------------------------------------------- details


async def _release(
    running: _Running, text: str, stands_s: int | None = None, *, is_cut: bool = False
) -> tuple[str, float]:
    """Draft, verify and release a flash; return its hash and when the release was pressed."""
    said = {
        "texts": [{"language": "en", "text": text}],
        "recipients": [running.far_party],
        "precedence": "flash",
        "is_exercise": True,
        "stands_s": stands_s,
    }
    draft = (await running.drafter.post("/api/alerts/drafts", said))["id"]
    await running.releaser.post(f"/api/alerts/drafts/{draft}/verify")
    path = f"/api/alerts/drafts/{draft}/release/{running.far_party}"
    signed = await running.releaser.begin(path)
    if is_cut and running.first_path is not None:
        running.first_path.cut()
    pressed_ms = _now_ms()
    alert: str = (await running.releaser.finish(path, signed))["hash"]
    running.released.append(alert)
    return alert, pressed_ms


async def _seen(
    person: Person, frames: asyncio.Queue[Json], alert: str, wanted: str
) -> float | None:
    """Return when a desk had an alert in hand that had come so far; None if it never had.

    As a page does it asks when it is told that something changed: a question before that would be
    answered beside the very commit it waits for, and the next one after it.
    """
    until = time.monotonic() + SOUND_S_MAX
    while True:
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                await frames.get()
        except TimeoutError:
            return None
        while not frames.empty():
            frames.get_nowait()
        found = await person.get("/api/alerts?open=true&limit=200")
        for each in found["alerts"]:
            if each["hash"] == alert and each["state"] in _ORDER[_ORDER.index(wanted) :]:
                return _now_ms()


async def _one_way(running: _Running) -> None:
    lines = (await running.releaser.get("/api/lines"))["lines"]
    trips = [path["rtt_ms"] for line in lines for path in line["paths"]]
    running.add("path_one_way_ms", *(trip / 2 for trip in trips if trip is not None))


def _line_up(pair: SamplePair) -> None:
    until = time.monotonic() + SOUND_S_MAX
    while not pair.is_line_up():
        if time.monotonic() > until:
            raise SampleFailed(folder=str(pair.folder))
        time.sleep(0.1)


def _now_ms() -> float:
    return time.time_ns() / MILLION
