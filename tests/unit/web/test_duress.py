"""Passkeys kept for duress: nothing that the forced person sees differs, and others are told."""

from typing import Any

from parley.identity.trail import check_trail
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Browser
from parley.testing.keyed_people import enrolled, keyed_person, signed, step_up
from parley.testing.nodes import Nodes, NodeUnderTest

NOTICES = "/api/escalation/notices"


async def forced(node: NodeUnderTest, name: str, *roles: str) -> tuple[Browser, Authenticator]:
    """Return somebody's browser, and the passkey that they keep for duress beside another."""
    browser, _ = await keyed_person(node, name, *roles)
    return browser, await enrolled(browser, is_duress=True)


async def called(browser: Browser) -> list[str]:
    """Return the names of those who call, as somebody is shown them."""
    return [each["person"]["name"] for each in (await browser.get("/api/duress")).json["calls"]]


async def told(node: NodeUnderTest) -> set[str]:
    """Return whom the notices of duress calls went to."""
    await node.node.duty.look()
    notices = (await node.node.operations.duty_notices())["notices"]
    return {each["name"] for each in notices if each["cause"] == "duress"}


async def test_who_can_help_is_told_and_who_is_forced_sees_nothing(near: NodeUnderTest) -> None:
    """A releaser is forced; every page of theirs is as it would have been."""
    rolf, key = await forced(near, "Rolf", "releaser", "auditor")
    rita, _ = await keyed_person(near, "Rita", "releaser")
    egon, _ = await keyed_person(near, "Egon", "engineer")
    mina, _ = await keyed_person(near, "Mina", "member")
    before = [(await rolf.get(path)).json for path in ("/api/devices", NOTICES, "/api/trail")]
    async with rita.page("/api/desk") as page, rolf.page("/api/desk") as own:
        await page.until("rooms")

        await step_up(rolf, key)

        assert await told(near) == {"Rita", "Egon"}
        heard = await page.until("duress")
        assert [each["person"]["name"] for each in heard["calls"]] == ["Rolf"]
        near.node.parts.rights.note_change()
        await own.until("self")
        shown = [own.from_node.get_nowait()["text"] for _ in range(own.from_node.qsize())]
        assert not [each for each in shown if "duress" in each and '"type":"self"' not in each]
    assert (await called(rita), await called(egon), await called(rolf)) == (["Rolf"], ["Rolf"], [])
    assert (await mina.get("/api/duress")).code == "permission.refused"
    after = [(await rolf.get(path)).json for path in ("/api/devices", NOTICES, "/api/trail")]
    assert without_instants(after) == without_instants(before)


def without_instants(value: Any) -> Any:  # noqa: ANN401  JSON
    """Return JSON without what tells when something was last used."""
    if isinstance(value, dict):
        return {
            name: without_instants(each) for name, each in value.items() if not name.endswith("_at")
        }
    return [without_instants(each) for each in value] if isinstance(value, list) else value


async def test_signing_in_with_one_opens_what_any_other_opens(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """The two answers are alike, and so are the rights after them."""
    browser, usual = await keyed_person(near, "Rolf", "releaser")
    kept = await enrolled(browser, is_duress=True)
    rita, _ = await keyed_person(near, "Rita", "releaser")
    seen = []
    for key in (usual, kept):
        begun = await stranger.post("/api/sign-in/passkey/begin")
        used = {"credential": key.get(begun.json["options"])}
        finished = await stranger.post("/api/sign-in/passkey/finish", used)
        own = (await stranger.get("/api/self")).json
        seen.append((finished.status, finished.body, own["may"], own["roles"]))
    assert seen[0] == seen[1]
    assert await called(rita) == ["Rolf"]


async def test_a_call_is_open_until_another_says_what_came_of_it(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """Never the forced person; with a passkey; and only then the trail tells of it."""
    rolf, key = await forced(near, "Rolf", "releaser")
    rita, hers = await keyed_person(near, "Rita", "releaser")
    await step_up(rolf, key)
    call = (await rita.get("/api/duress")).json["calls"][0]
    path, said = f"/api/duress/{call['id']}/settle", {"words": "Spoken to at the door: well."}

    assert (await rolf.post(path, said)).json["params"]["reason"] == "self"
    nodes.clock.advance(3_600)
    assert (await rita.post(path, said)).code == "permission.step_up_needed"
    await step_up(rita, hers)
    assert (await rita.post(path, {"words": " "})).code == "web.malformed"
    assert (await rita.post(path, said)).json == {"calls": []}
    assert (await rita.post(path, said)).code == "duress.unknown"

    (row,) = [
        each
        for each in (await rita.get("/api/trail")).json["rows"]
        if each["act"] == "duress.settle" and each["outcome"] == "done"
    ]
    assert (row["subject_name"], row["words"].partition(" ")[2]) == ("Rolf", said["words"])
    assert await near.node.database.read(check_trail) is None


async def test_a_key_that_is_used_again_is_one_call_and_after_its_end_another(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """Nobody is told twice of one, and a new one is no old one."""
    rolf, key = await forced(near, "Rolf", "duty_officer")
    rita, hers = await keyed_person(near, "Rita", "releaser")
    await step_up(rolf, key)
    assert await told(near) == {"Rita"}
    first = (await rita.get("/api/duress")).json["calls"]
    nodes.clock.advance(60)
    await step_up(rolf, key)
    again = (await rita.get("/api/duress")).json["calls"]
    assert [each["id"] for each in again] == [each["id"] for each in first]
    assert again[0]["seen_at"] > first[0]["seen_at"] == first[0]["began_at"]
    await step_up(rita, hers)
    await rita.post(f"/api/duress/{first[0]['id']}/settle", {"words": "A mistake."})
    await step_up(rolf, key)
    newer = (await rita.get("/api/duress")).json["calls"]
    assert [each["id"] for each in newer] != [each["id"] for each in first]


async def test_with_nobody_else_to_tell_no_desk_is_told_in_their_stead(near: NodeUnderTest) -> None:
    """Every desk would be the forced person's too."""
    rolf, key = await forced(near, "Rolf", "releaser")
    await step_up(rolf, key)
    assert await told(near) == set()
    assert not (await near.node.operations.duty_notices())["notices"]


async def test_what_is_released_under_duress_goes_out_and_counts(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The other party is told nothing by it: what was forced is for our others to take back."""
    rolf, key = await forced(near, "Rolf", "releaser")
    vera, hers = await keyed_person(near, "Vera", "duty_officer")
    rita, ritas = await keyed_person(near, "Rita", "releaser")
    olga, _ = await keyed_person(far, "Olga", "duty_officer")
    words = {
        "texts": [{"language": "en", "text": "Two aircraft are off course."}],
        "recipients": [far.party.text],
        "precedence": "flash",
    }
    draft = f"/api/alerts/drafts/{(await rolf.post('/api/alerts/drafts', words)).json['id']}"
    await step_up(vera, hers)
    await vera.post(f"{draft}/verify")

    released = await signed(rolf, key, f"{draft}/release/{far.party.text}")
    assert (released.status, released.json["state"]) == (200, "released")
    await nodes.seconds(2)
    theirs = (await olga.get("/api/alerts?open=true")).json["alerts"][0]
    assert (theirs["is_signed"], theirs["breaches"]) == (True, [])
    assert "duress" not in repr(theirs)
    assert await called(rita) == ["Rolf"]

    alert = f"/api/alerts/{released.json['hash']}"
    taken_back = await signed(rita, ritas, f"{alert}/withdraw", {"words": "Not ours."})
    assert taken_back.status == 200, taken_back.body
    await nodes.seconds(2)
    assert (await olga.get(alert)).json["standing"] == "withdrawn"
