"""The alert drill: people of two real nodes write, read and acknowledge alerts over a bad line.

Everything goes the way a page goes: HTTP, passkeys over entries, the desk's WebSocket. *Sounding*
is the instant at which an open desk of the far node has the alert in hand, having been told that
there is one and asked for it: a page that may make a sound begins to ring with that answer.

Phases. *Flashes*: released one after the other, each followed until it sounded, until its receipt
was held here, and, every so often, until its acknowledgement was. *Limits*: alerts that stand for a
minute and that nobody reads, one of them while its node is down. *Restarts*: the far node is killed
and started again. Beside the first there may be a video call and a transfer of 1 GB.

What was lost, doubled or out of order is counted in the end from the rows of both nodes.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from parley.drill.figures import DrillReport, Figure, units
from parley.drill.machine import ProcessorTime
from parley.drill.person import Person
from parley.drill.second_path import second_path
from parley.drill.steps import Steps
from parley.drill.viewers import participant_in_room
from parley.errors import SampleFailed
from parley.node.sample import SampleNode, SamplePair
from parley.terminal.node import AGENT

Json = dict[str, Any]
STANDS_S: Final = 60
"""How long the alerts of the phase of limits stand: the shortest time that a desk accepts."""
SOUND_S_MAX: Final = 60.0
"""Seconds after which an alert that nobody sees counts as lost from view; it is looked for again in
the rows of the far node."""
PIECE_BYTES: Final = 1 << 20
GIGABYTE: Final = 1 << 30
ACKNOWLEDGED_EVERY: Final = 2
MILLION: Final = 1_000_000


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
        has_limits: Whether limits are waited for; it takes a minute.
        seed: Seeds the emulated line.
    """

    profile: str = "border"
    paths: int = 1
    alerts: int = 60
    has_video: bool = False
    transfer_bytes: int = 0
    restarts: int = 3
    has_limits: bool = True
    seed: int = 1


@dataclass
class _Running:
    """A drill under way."""

    drill: AlertDrill
    pair: SamplePair
    steps: Steps
    drafter: Person
    releaser: Person
    officer: Person
    far_party: str
    rows: dict[str, list[float]] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    ready_ms: float = 0.0
    """When the far node answered again after it was down at a limit."""

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
    before = ProcessorTime.now()
    with ExitStack() as stack:
        steps = stack.enter_context(Steps.shown(plain=as_json))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-drill-")))
        steps.say("starting two nodes and the line between them")
        pair = stack.enter_context(
            SamplePair.running(scratch, profile=drill.profile, seed=drill.seed)
        )
        if drill.paths > 1:
            steps.say("laying the second path")
            stack.enter_context(second_path(pair))
        rows = asyncio.run(_rehearse(drill, pair, steps))
        for node in pair.nodes:
            node.stop()
        rows |= _compared(pair.nodes, rows.pop("released"))
    now = ProcessorTime.now()
    rows["machine_busy_ratio"] = [now.busy_ratio_since(before)]
    rows["machine_stolen_ratio"] = [now.stolen_ratio_since(before)]
    figures = {name: Figure(units()[name], rows.get(name, [])) for name in (*FIGURES, *rows)}
    return DrillReport("alert", drill.profile, drill.seed, figures)


async def _rehearse(drill: AlertDrill, pair: SamplePair, steps: Steps) -> dict[str, Any]:
    near, far = pair.nodes
    (first, _), (second, _) = near.party.people
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(Person.signed_in(node.sign_in_address(name)))
            for node, name in ((near, second), (near, first), (far, far.party.people[0][0]))
        ]
        party = (await people[1].get("/api/lines"))["lines"][0]["party"]["id"]
        drafter, releaser, officer = people
        running = _Running(drill, pair, steps, drafter, releaser, officer, party)
        async with _beside(running):
            await _follow_flashes(running)
        if drill.has_limits:
            await _follow_limits(running)
        await _restart(running)
        return {**running.rows, "released": running.released}


# ------------------------------------------------------------------------------------- the phases


async def _follow_flashes(running: _Running) -> None:
    """Release flashes one after the other and follow each to the other side and back."""
    async with running.officer.desk("alerts") as far, running.releaser.desk("alerts") as near:
        for number in range(running.drill.alerts):
            running.steps.count("flashes", number, running.drill.alerts)
            await _one_way(running)
            alert, pressed_ms = await _release(running, f"Flash {number}")
            sounding_ms = await _seen(running.officer, far, alert, "released")
            if sounding_ms is None:
                continue
            running.add("release_to_sounding_ms", sounding_ms - pressed_ms)
            held_ms = await _seen(running.releaser, near, alert, "delivered")
            if held_ms is not None:
                running.add("held_receipt_ms", held_ms - pressed_ms)
            if number % ACKNOWLEDGED_EVERY == 0:
                await _acknowledge(running, near, alert)
        running.steps.count("flashes", running.drill.alerts, running.drill.alerts)


async def _acknowledge(running: _Running, near: asyncio.Queue[Json], alert: str) -> None:
    path = f"/api/alerts/{alert}/acknowledge"
    signed = await running.officer.begin(path, {"language": "en"})
    pressed_ms = _now_ms()
    await running.officer.finish(path, signed)
    read_ms = await _seen(running.releaser, near, alert, "acknowledged")
    if read_ms is not None:
        running.add("acknowledgement_round_trip_ms", read_ms - pressed_ms)


async def _follow_limits(running: _Running) -> None:
    """Let alerts run out that nobody reads, while both nodes run and while one is down."""
    far = running.pair.nodes[1]
    for number in range(4):
        await _release(running, f"Limit {number}", stands_s=STANDS_S)
    started = time.monotonic()
    running.steps.say(f"waiting {STANDS_S} s for limits, the far node down in the middle")
    await asyncio.sleep(STANDS_S - 5)
    await _release(running, "Limit while down", stands_s=STANDS_S)
    await asyncio.sleep(max(0.0, STANDS_S + 4 - (time.monotonic() - started)))
    far.kill()
    await asyncio.sleep(STANDS_S - 5)
    far.start()
    await asyncio.to_thread(far.wait)
    running.ready_ms = _now_ms()
    await asyncio.sleep(3)
    for node, since_ms in zip(running.pair.nodes, (0.0, running.ready_ms), strict=True):
        running.add("escalation_late_ms", *_late_ms(node, since_ms))


async def _restart(running: _Running) -> None:
    """Kill the far node and start it again."""
    far = running.pair.nodes[1]
    for number in range(running.drill.restarts):
        running.steps.count("restarts", number, running.drill.restarts)
        far.kill()
        started = time.monotonic()
        far.start()
        await asyncio.to_thread(far.wait)
        running.add("restart_to_ready_ms", (time.monotonic() - started) * 1_000)
    await asyncio.to_thread(_line_up, running.pair)
    await asyncio.sleep(5)


@asynccontextmanager
async def _beside(running: _Running) -> AsyncIterator[None]:
    """Let a call and a transfer go on meanwhile."""
    async with AsyncExitStack() as stack:
        if running.drill.has_video:
            running.steps.say("two participants with video")
            for side in (0, 1):
                address = await asyncio.to_thread(running.pair.invite, side, "On camera")
                joining = participant_in_room(address, running.pair.room, sends_video=True)
                await stack.enter_async_context(joining)
        if running.drill.transfer_bytes:
            running.steps.say(f"a transfer of {running.drill.transfer_bytes:,} bytes")
            sending = asyncio.create_task(_transfer(running))
            stack.push_async_callback(_end, sending)
            await asyncio.sleep(3)
        yield


async def _transfer(running: _Running) -> None:
    """Attach a file of random bytes, which the other node then fetches."""
    node = running.releaser.node
    spaces = await running.releaser.get("/api/record/spaces")
    space = spaces["spaces"][0]["id"]

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(running.drill.transfer_bytes // PIECE_BYTES):
            yield os.urandom(PIECE_BYTES)

    headers = {"origin": node.origin.text, "content-type": "application/octet-stream"}
    headers |= {"cookie": node._cookie_header(), "user-agent": AGENT}  # noqa: SLF001  as a page does
    async with httpx.AsyncClient(base_url=node.origin.text, timeout=None) as http:  # noqa: S113
        asked = {"space": space, "name": "image.bin", "type": "application/octet-stream"}
        answer = await http.post(
            "/api/record/attachments", params=asked, headers=headers, content=pieces()
        )
        answer.raise_for_status()
    await asyncio.Event().wait()


async def _end(task: asyncio.Task[None]) -> None:
    is_broken = task.done() and task.exception() is not None
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    if is_broken:
        raise SampleFailed(folder="the transfer")


# ----------------------------------------------------------------------------------------- details


async def _release(running: _Running, text: str, stands_s: int | None = None) -> tuple[str, float]:
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
    pressed_ms = _now_ms()
    alert: str = (await running.releaser.finish(path, signed))["hash"]
    running.released.append(alert)
    return alert, pressed_ms


async def _seen(
    person: Person, frames: asyncio.Queue[Json], alert: str, wanted: str
) -> float | None:
    """Return when a desk had an alert in hand that had come so far; None if it never had."""
    order = ("released", "delivered", "presented", "acknowledged", "held", "answered")
    until = time.monotonic() + SOUND_S_MAX
    while True:
        found = await person.get("/api/alerts?open=true&limit=5")
        for each in found["alerts"]:
            if each["hash"] == alert and each["state"] in order[order.index(wanted) :]:
                return _now_ms()
        try:
            async with asyncio.timeout(max(0.0, until - time.monotonic())):
                await frames.get()
        except TimeoutError:
            return None
        while not frames.empty():
            frames.get_nowait()


async def _one_way(running: _Running) -> None:
    lines = (await running.releaser.get("/api/lines"))["lines"]
    trips = [path["rtt_ms"] for line in lines for path in line["paths"]]
    running.add("path_one_way_ms", *(trip / 2 for trip in trips if trip is not None))


def _late_ms(node: SampleNode, since_ms: float) -> Iterator[float]:
    """Yield how late each limit was noted, from when it was due, or the node was there again."""
    with sqlite3.connect(f"file:{node.folder / 'parley.db'}?mode=ro", uri=True) as database:
        for due_ms, noticed_ms in database.execute("SELECT due_at, noticed_at FROM crisis_overdue"):
            was_down = due_ms < since_ms <= noticed_ms
            yield noticed_ms - (since_ms if was_down else due_ms)


def _compared(nodes: tuple[SampleNode, ...], released: list[str]) -> dict[str, list[float]]:
    """Count what is lost, doubled or out of order, from the rows of both nodes."""
    near, far = (_entries(node) for node in nodes)
    theirs = Counter(digest for log in far.values() for digest in log.values())
    lost = sum(theirs[digest] == 0 for digest in released)
    doubled = sum(theirs[digest] > 1 for digest in released)
    wrong = 0
    for name in near.keys() | far.keys():
        ours, copy = near.get(name, {}), far.get(name, {})
        shared = ours.keys() & copy.keys()
        wrong += sum(ours[place] != copy[place] for place in shared)
        wrong += sum(max(each, default=-1) + 1 - len(each) for each in (ours, copy))
    return {
        "alerts_lost": [float(lost)],
        "alerts_doubled": [float(doubled)],
        "headers_out_of_order": [float(wrong)],
    }


def _entries(node: SampleNode) -> dict[str, dict[int, str]]:
    """Return the hashes that a node keeps, by log and place."""
    from parley.record.entry import entry_hash  # noqa: PLC0415  the drill's one look into bytes

    found: dict[str, dict[int, str]] = {}
    query = (
        "SELECT hex(l.space) || '/' || hex(l.party) || '/' || l.epoch, e.place, e.encoded"
        " FROM record_entry e JOIN record_log l ON l.id = e.log WHERE e.set_aside IS NULL"
    )
    with sqlite3.connect(f"file:{node.folder / 'parley.db'}?mode=ro", uri=True) as database:
        for name, place, encoded in database.execute(query):
            found.setdefault(str(name), {})[place] = entry_hash(bytes(encoded)).hex()
    return found


def _line_up(pair: SamplePair) -> None:
    until = time.monotonic() + SOUND_S_MAX
    while not pair.is_line_up():
        if time.monotonic() > until:
            raise SampleFailed(folder=str(pair.folder))
        time.sleep(0.1)


def _now_ms() -> float:
    return time.time_ns() / MILLION
