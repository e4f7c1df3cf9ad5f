"""Erasing a sealed body by a person's word, signed with their passkey."""

import io

from parley import verify as checker
from parley.ids import SpaceId
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest

CONTENT = b"a scan of somebody"


async def releaser(node: NodeUnderTest, name: str) -> tuple[Browser, Authenticator]:
    """Return a releaser's browser and the key they enrolled."""
    return await keyed_person(node, name, "releaser")


async def put(browser: Browser, space: str) -> str:
    """Attach a file; return where it is."""
    path = f"/api/record/attachments?space={space}&name=scan"
    said = await browser.request("POST", path, chunks=[CONTENT])
    assert said.status == 201, said.body
    return f"/api/record/attachments/{said.json['hash']}"


async def erase(browser: Browser, key: Authenticator, place: str) -> Answer:
    """Sign and erase."""
    begun = await browser.post(f"{place}/erase/begin")
    assert begun.status == 200, begun.body
    return await browser.post(f"{place}/erase", {"credential": key.get(begun.json["options"])})


async def test_a_releaser_erases_with_a_passkey_on_both_sides(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The verifier tells beside the entry who erased it; every proof still holds."""
    rolf, key = await releaser(near, "Rolf")
    olim, _ = await releaser(far, "Olim")
    space = SpaceId.of_pair(near.party, far.party).text
    place = await put(rolf, space)
    await nodes.seconds(3)
    assert (await olim.get(place)).body == CONTENT

    said = await erase(rolf, key, place)
    assert (said.status, said.json["kind_name"]) == (201, "erasure")
    await nodes.seconds(3)

    for browser in (rolf, olim):
        gone = await browser.get(place)
        assert (gone.status, gone.code) == (410, "case.erased")
    export = await rolf.get(f"/api/record/export?space={space}")
    account = checker.verify(io.BytesIO(export.body), set(), lists_all=True)
    assert [each for each in checker.rows_of(account, "findings") if not each["is_gap"]] == []
    rows = checker.rows_of(account, "entries")
    (sealed,) = (checker.dict_of(each["sealed"]) for each in rows if "sealed" in each)
    by = checker.dict_of(sealed["erased_by"])
    assert set(by) == {near.party.text, far.party.text}
    assert checker.dict_of(by[near.party.text])["person"] is not None
    assert checker.dict_of(by[far.party.text])["person"] is None
    signed = [each["kind"] for each in rows if "signed" in each]
    assert signed == ["erasure"]


async def test_nobody_erases_without_the_role_a_passkey_or_a_sealed_entry(
    near: NodeUnderTest, far: NodeUnderTest, ingrid: Browser, stranger: Browser
) -> None:
    """A duty officer does not, nor a click alone, nor anybody what is not sealed."""
    rolf, key = await releaser(near, "Rolf")
    space = SpaceId.of_pair(near.party, far.party).text
    place = await put(rolf, space)
    other = await put(rolf, space)

    assert (await stranger.post(f"{place}/erase/begin")).status == 401
    assert (await ingrid.post(f"{place}/erase/begin")).status == 403
    click = await rolf.post(f"{place}/erase", {"credential": {}})
    assert click.code == "passkey.challenge_unknown"
    unknown = await rolf.post(f"/api/record/attachments/{'0' * 64}/erase/begin")
    assert (unknown.status, unknown.code) == (404, "entry.unknown")
    begun = (await rolf.post(f"{place}/erase/begin")).json["options"]
    crossed = await rolf.post(f"{other}/erase", {"credential": key.get(begun)})
    assert crossed.code == "passkey.challenge_unknown"
    assert (await rolf.get(place)).body == (await rolf.get(other)).body == CONTENT
