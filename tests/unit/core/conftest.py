"""Engines on loopback, ended with each test."""

from __future__ import annotations

import contextlib
import select
from typing import TYPE_CHECKING, TypeVar

import pytest

from parley import _core

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = TypeVar("Found")

PATIENCE_MS = 20_000
"""Longer than anything here ever takes; it only ends a test that has failed."""


@pytest.fixture
def start() -> Iterator[Callable[[int], _core.Engine]]:
    """Return what starts an engine with a key of its own on free ports."""
    with contextlib.ExitStack() as ending:

        def start_one(seed: int) -> _core.Engine:
            engine = _core.Engine(
                key_seed=bytes([seed]) * 32,
                line_listen=["127.0.0.1:0"],
                media_udp="127.0.0.1:0",
                media_tcp="127.0.0.1:0",
                media_threads=1,
            )
            ending.callback(engine.stop)
            return engine

        yield start_one


@pytest.fixture
def wait() -> Callable[[_core.Engine, type[Found]], Found]:
    """Return what waits for an event of one kind, as an event loop does."""
    waiting: dict[int, list[object]] = {}

    def wait_for(engine: _core.Engine, kind: type[Found]) -> Found:
        told = waiting.setdefault(engine.event_fd, [])
        while True:
            for place, event in enumerate(told):
                if isinstance(event, kind):
                    del told[place]
                    return event
            poller = select.poll()
            poller.register(engine.event_fd, select.POLLIN)
            assert poller.poll(PATIENCE_MS), f"{kind.__name__} never came; told: {told}"
            told.extend(engine.drain())

    return wait_for
