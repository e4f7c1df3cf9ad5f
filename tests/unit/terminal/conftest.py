"""Two nodes with a line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.terminal import key_file
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


@pytest.fixture(autouse=True)
def cheap_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scrypt cost nothing; what it costs in earnest is no test's business."""
    assert key_file.make_key.__kwdefaults__ is not None
    monkeypatch.setitem(key_file.make_key.__kwdefaults__, "cost", 2)


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made


@pytest.fixture
async def near(nodes: Nodes) -> NodeUnderTest:
    """Give a test one node."""
    return await nodes.add("Harbour")


@pytest.fixture
async def far(nodes: Nodes, near: NodeUnderTest) -> NodeUnderTest:
    """Give a test another party, with a line."""
    added = await nodes.add("Hospital")
    await nodes.pair(near, added)
    await nodes.seconds(2)
    return added
