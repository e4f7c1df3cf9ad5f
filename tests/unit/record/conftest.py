"""Two parties that keep a record, each running on a database of its own."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.identity.keys import PartyKey
from parley.testing.record_world import RecordParty, RecordWorld


@pytest.fixture
def keys() -> list[PartyKey]:
    """Give a test the keys of the parties, the near one's first."""
    return [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far")]


@pytest.fixture
async def world(template: Path, tmp_path: Path, keys: list[PartyKey]) -> AsyncIterator[RecordWorld]:
    """Give a test two parties whose logs are open."""
    made = RecordWorld(template, tmp_path, keys)
    await made.start()
    await made.carry()
    yield made
    made.stop()


@pytest.fixture
def near(world: RecordWorld, keys: list[PartyKey]) -> RecordParty:
    """Give a test the first party."""
    return world.parties[keys[0].party]


@pytest.fixture
def far(world: RecordWorld, keys: list[PartyKey]) -> RecordParty:
    """Give a test the second party."""
    return world.parties[keys[1].party]
