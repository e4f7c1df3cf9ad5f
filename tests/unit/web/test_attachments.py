"""Files of the record over HTTP: sealed as they come, given out as nothing but bytes."""

from pathlib import Path

import pytest

from parley.ids import SpaceId
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import Nodes, NodeUnderTest

CONTENT = b"<script>alert(1)</script>" * 9_000
CHUNKS = [CONTENT[at : at + 50_000] for at in range(0, len(CONTENT), 50_000)]


@pytest.fixture
async def far(nodes: Nodes, near: NodeUnderTest) -> NodeUnderTest:
    """Give a test a second node, paired with the first."""
    made = await nodes.add("Hospital")
    await nodes.pair(near, made)
    return made


async def put(
    browser: Browser, near: NodeUnderTest, far: NodeUnderTest, more: str = "", length: int = 0
) -> Answer:
    """Put a file, larger than any other body may be, in chunks."""
    space = SpaceId.of_pair(near.party, far.party).text
    path = f"/api/record/attachments?space={space}&name=%2e%2e%2fscan.html&type=text/html{more}"
    headers = {"content_length": str(length)} if length else {}
    return await browser.request("POST", path, chunks=list(CHUNKS), headers=headers)


async def test_a_file_is_read_on_the_other_side_as_a_download_of_plain_bytes(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser
) -> None:
    """Whatever it says it is: no browser runs it in the node's name."""
    said = await put(ingrid, near, far)
    assert said.status == 201
    assert said.json["kind_name"] == "attachment"
    assert said.json["sealed"]["state"] == "here"
    await nodes.settle()

    olim = await far.browser("Olim")
    found = await olim.get(f"/api/record/attachments/{said.json['hash']}")

    assert found.status == 200
    assert found.body == CONTENT
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"] == "attachment; filename*=UTF-8''_scan.html"
    assert found.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; frame-ancestors 'none'"
    )
    assert found.headers["x-content-type-options"] == "nosniff"


async def test_a_file_that_is_too_large_leaves_nothing(nodes: Nodes, tmp_path: Path) -> None:
    """Whether it says so or not."""
    near = await nodes.add("Port", limits={"attachment_bytes": 100_000})
    far = await nodes.add("Clinic")
    await nodes.pair(near, far)
    maria = await near.browser("Maria")

    for length in (0, len(CONTENT)):
        refused = await put(maria, near, far, length=length)
        assert (refused.status, refused.code) == (413, "web.body_too_large")
    files = [file for file in (near.folder / "blobs").rglob("*") if file.is_file()]
    assert files == []
    assert tmp_path in near.folder.parents


async def test_who_is_not_signed_in_puts_and_reads_nothing(
    near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser, stranger: Browser
) -> None:
    """A hash is no right to what it names."""
    said = await put(ingrid, near, far)

    assert (await put(stranger, near, far)).status == 401
    assert (await stranger.get(f"/api/record/attachments/{said.json['hash']}")).status == 401


async def test_what_is_not_here_is_said_in_its_own_words(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser
) -> None:
    """Unknown, not here yet, erased; a case that is none."""
    unknown = await ingrid.get(f"/api/record/attachments/{'0' * 64}")
    assert (unknown.status, unknown.code) == (404, "entry.unknown")
    nodes.network.cut(near.party, far.party)
    said = await put(ingrid, near, far)
    await near.node.operations.call("record_erase", {"entry": said.json["hash"][:12]})
    erased = await ingrid.get(f"/api/record/attachments/{said.json['hash']}")
    assert (erased.status, erased.code) == (410, "case.erased")
    other = await put(ingrid, near, far, f"&case={'a' * 26}")
    assert (other.status, other.code) == (404, "entry.unknown")
