"""The call drill: two real browsers, two real nodes, one emulated line.

Three phases. *Joins*: one person stays in the room, the other joins, sees, hears, leaves, and joins
again. *Steady*: both stay, and every frame and mark is followed from one side to the other in both
directions. *Viewers*: synthetic participants gather on the far side, and what each layer costs on
the line is compared with what its sender gave.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from parley.drill.browser import PersonBrowser, person_browser
from parley.drill.figures import DrillReport, Figure, units
from parley.drill.machine import ProcessorTime
from parley.drill.observations import (
    MARK_DELAY_MS_MAX,
    Observations,
    Received,
    delays_ms,
    frozen_ratio,
    in_turn,
)
from parley.drill.viewers import copies_per_layer
from parley.node.sample import SamplePair

FRAME_DELAY_MS_MAX = 9_000.0
"""Half the camera file's loop: a frame later than this would be paired with the wrong entry."""
SETTLE_S = 5.0
"""Bandwidth estimates start low; the steady phase measures a call, not its first seconds."""


@dataclass(frozen=True)
class CallDrill:
    """What to rehearse.

    Attributes:
        profile: Named profile of the emulated line.
        joins: How often the second person joins; one sample of each join figure a time.
        seconds: Length of the steady phase.
        viewers: Sizes of the far audience to compare.
        seed: Seeds the emulated line and the pictures.
    """

    profile: str = "border"
    joins: int = 20
    seconds: int = 60
    viewers: tuple[int, ...] = (1, 5, 20)
    seed: int = 1


@dataclass
class _Samples:
    rows: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, *values: float) -> None:
        self.rows.setdefault(name, []).extend(values)

    def report(self, drill: CallDrill) -> DrillReport:
        figures = {name: Figure(units()[name], rows) for name, rows in self.rows.items()}
        return DrillReport("call", drill.profile, drill.seed, figures)


def run(drill: CallDrill, *, as_json: bool) -> DrillReport:
    """Run the drill, say on standard error how far it is, and return its figures.

    Args:
        drill: What to rehearse.
        as_json: Whether the caller prints JSON; progress is then plain lines.
    """
    samples = _Samples()
    with ExitStack() as stack:
        progress = stack.enter_context(_progress(plain=as_json))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-drill-")))
        progress("starting two nodes and the line between them")
        pair = stack.enter_context(
            SamplePair.running(scratch, profile=drill.profile, seed=drill.seed)
        )
        near, far = stack.enter_context(_two_browsers(scratch, pair, drill.seed))
        _measure_joins(drill, pair, near, far, samples, progress)
        _measure_steady(drill, near, far, samples, progress)
        far.leave()
        for count in drill.viewers:
            progress(f"counting copies on the line with {count} viewers on the far side")
            samples.add("line_copies_per_layer", *copies_per_layer(pair, count))
    return samples.report(drill)


def _measure_joins(
    drill: CallDrill,
    pair: SamplePair,
    near: PersonBrowser,
    far: PersonBrowser,
    samples: _Samples,
    progress: _Say,
) -> None:
    near.open_check(pair.room)
    near.join()
    for index in range(drill.joins):
        progress(f"join {index + 1} of {drill.joins}")
        far.open_check(pair.room)
        far.forget()
        far.join()
        far.wait_for_far_video()
        far.wait_for_far_sound()
        seen = far.observations()
        samples.add("join_to_first_frame_ms", min(seen.first_frame.values()) - seen.clicks[-1])
        sound = seen.first_sound_heard()
        if sound is not None:
            samples.add("join_to_first_sound_ms", sound - seen.clicks[-1])
        if index + 1 < drill.joins:
            far.leave()


def _measure_steady(
    drill: CallDrill, near: PersonBrowser, far: PersonBrowser, samples: _Samples, progress: _Say
) -> None:
    time.sleep(SETTLE_S)
    pages = (near, far)
    for page in pages:
        page.forget()
    before = [page.received() for page in pages]
    machine = ProcessorTime.now()
    for second in range(drill.seconds):
        progress(f"following frames and marks, second {second + 1} of {drill.seconds}")
        time.sleep(1)
        samples.add("path_one_way_ms", *_one_way_ms(near))
        machine, earlier = ProcessorTime.now(), machine
        samples.add("machine_busy_ratio", machine.busy_ratio_since(earlier))
        samples.add("machine_stolen_ratio", machine.stolen_ratio_since(earlier))
    after = [page.received() for page in pages]
    seen = [page.observations() for page in pages]
    _follow(seen[0], seen[1], before[1], after[1], samples)
    _follow(seen[1], seen[0], before[0], after[0], samples)


def _follow(
    sender: Observations,
    receiver: Observations,
    before: Received,
    after: Received,
    samples: _Samples,
) -> None:
    for shown in receiver.frames.values():
        samples.add(
            "video_glass_to_glass_ms", *delays_ms(sender.entered, shown, FRAME_DELAY_MS_MAX)
        )
        samples.add("video_freeze_ratio", frozen_ratio([frame.at_ms for frame in shown]))
    spoken, heard = in_turn(sender.marks.get("entered", [])), in_turn(receiver.heard())
    samples.add("audio_mouth_to_ear_ms", *delays_ms(spoken, heard, MARK_DELAY_MS_MAX))
    samples.add("audio_concealed_ratio", after.concealed_ratio_since(before))


def _one_way_ms(page: PersonBrowser) -> list[float]:
    """Return half the round trip of each path, as the page's own node measures it."""
    lines = page.page.evaluate("fetch('/api/lines').then(answer => answer.json())")["lines"]
    trips = (path["rtt_ms"] for line in lines for path in line["paths"])
    return [trip / 2 for trip in trips if trip is not None]


@contextmanager
def _two_browsers(
    scratch: Path, pair: SamplePair, seed: int
) -> Iterator[tuple[PersonBrowser, PersonBrowser]]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a node without drills does not carry it.

    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())
        near = stack.enter_context(person_browser(playwright, scratch, seed=seed * 2))
        far = stack.enter_context(person_browser(playwright, scratch, seed=seed * 2 + 1))
        for page, address in zip((near, far), pair.sign_in_addresses(), strict=True):
            page.sign_in(address)
        yield near, far


class _Say:
    """Says what the drill is doing, where a person or a log reads it."""

    def __init__(self, console: Console, progress: Progress | None) -> None:
        self._console = console
        self._progress = progress
        self._task = progress.add_task("") if progress is not None else None

    def __call__(self, words: str) -> None:
        if self._progress is None or self._task is None:
            self._console.print(words, highlight=False)
        else:
            self._progress.update(self._task, description=words)


@contextmanager
def _progress(*, plain: bool) -> Iterator[_Say]:
    console = Console(stderr=True)
    if plain or not console.is_terminal:
        yield _Say(console, None)
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
    ) as progress:
        yield _Say(console, progress)
