"""The record's routes: what a page is told, and what it may not ask."""

import io
import zipfile

import pytest

from parley import verify
from parley.ids import SpaceId
from parley.record.entry import entry_hash
from parley.record.policy import read_policy
from parley.record.proof import read_proof
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest


@pytest.fixture
async def far(nodes: Nodes, near: NodeUnderTest) -> NodeUnderTest:
    """Give a test a second node, paired with the first."""
    made = await nodes.add("Hospital")
    await nodes.pair(near, made)
    return made


async def test_a_remark_is_shown_on_both_sides_with_what_is_proved(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser
) -> None:
    """Held by the other side only once its mirror has signed for it."""
    space = SpaceId.of_pair(near.party, far.party).text
    said = await ingrid.post("/api/record/remarks", {"space": space, "text": "Good day."})
    assert said.status == 201
    assert [each["word"] for each in said.json["receipts"]] == ["queued"]

    await nodes.settle()

    for browser in (ingrid, await far.browser("Olim")):
        answer = await browser.get(f"/api/record/entries?space={space}&kind=statement")
        entry = answer.json["entries"][0]
        assert entry["hash"] == said.json["hash"]
        assert entry["body"] == {"text": "Good day."}
        assert [each["word"] for each in entry["receipts"]] == ["held"]


async def test_entries_are_given_a_page_at_a_time(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser
) -> None:
    """The newest first; the cursor leads to those before."""
    space = SpaceId.of_pair(near.party, far.party).text
    for number in range(3):
        await ingrid.post("/api/record/remarks", {"space": space, "text": str(number)})
    await nodes.settle()

    first = await ingrid.get(f"/api/record/entries?party={near.party.text}&limit=2")
    rest = await ingrid.get(
        f"/api/record/entries?party={near.party.text}&limit=2&before={first.json['next']}"
    )

    texts = [entry["body"].get("text") for entry in first.json["entries"]]
    assert texts == ["2", "1"]
    assert [entry["index"] for entry in rest.json["entries"]] == [1, 0]


async def test_proof_trust_and_export_are_what_others_check(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser
) -> None:
    """The proof carries the entry itself and meets the policy."""
    space = SpaceId.of_pair(near.party, far.party).text
    said = await ingrid.post("/api/record/remarks", {"space": space, "text": "Good day."})
    await nodes.settle()
    log, index = said.json["log"], said.json["index"]

    proof = read_proof((await ingrid.get(f"/api/record/proof?log={log}&index={index}")).body)
    policy = read_policy((await ingrid.get(f"/api/record/trust?space={space}")).body)
    proof.check(entry_hash(proof.extra), policy)

    assert entry_hash(proof.extra).hex() == said.json["hash"]
    evidence = await ingrid.get(f"/api/record/evidence?log={log}")
    names = zipfile.ZipFile(io.BytesIO(evidence.body)).namelist()
    assert names == ["about.json", "keys", "manifest", "manifest.note"]


async def test_what_is_not_there_is_said_so(far: NodeUnderTest, ingrid: Browser) -> None:
    """Other spaces, other logs, words that are no ids."""
    nowhere = SpaceId(bytes(16)).text
    log = f"parley/{nowhere}/{far.party.text}/0"
    for path, status in (
        (f"/api/record/trust?space={nowhere}", 404),
        (f"/api/record/proof?log={log}&index=0", 404),
        (f"/api/record/evidence?log={log}", 404),
        ("/api/record/proof?log=x&index=0", 400),
        ("/api/record/entries?space=x", 400),
        ("/api/record/entries?kind=x", 400),
        (f"/api/lines/{nowhere}/agreement", 404),
    ):
        assert (await ingrid.get(path)).status == status, path
    said = await ingrid.post("/api/record/remarks", {"space": nowhere, "text": "x"})
    assert said.status == 404


async def test_an_export_holds(nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest) -> None:
    """As the command line writes it."""
    await nodes.settle()
    file = near.folder / "record.zip"
    await near.node.operations.call("record_export", {"file": str(file), "space": "Hospital"})

    account = verify.verify(file, {near.party.text, far.party.text})

    assert account["findings"] == []
