"""One running node for tests of its web side."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in


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


@pytest.fixture
async def ingrid(near: NodeUnderTest) -> Browser:
    """Give a test a browser in which Ingrid is signed in."""
    return await near.browser("Ingrid")


@pytest.fixture
def stranger(near: NodeUnderTest) -> Browser:
    """Give a test a browser in which nobody is signed in."""
    return near.stranger()
