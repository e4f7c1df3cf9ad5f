"""Contacts over HTTP: two nodes, their people, their passkeys, and a stranger's list."""

from typing import Any

import pytest

from parley.crisis.contacts.bodies import list_body
from parley.errors import ContactListRefused
from parley.ids import ActorId, SpaceId
from parley.record.kinds import Kind
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.routes.contacts import ContactListGiven

ORIGIN = "http://localhost:7480"
DAY_S = 86_400
SPAN: dict[str, Any] = {"days": [1], "begins": "08:00", "ends": "09:00"}


def desk(**change: object) -> dict[str, Any]:
    """Return a contact as a page writes it."""
    return {
        "title": [{"language": "en", "text": "Watch officer"}],
        "level": "watch",
        "duty": [{"language": "en", "text": "Anything urgent"}],
        "hours": None,
        "languages": ["en", "uz"],
        "ways": [{"kind": "telephone", "text": "+998 71 200 00 00"}],
        **change,
    }


async def publish(
    by: tuple[Browser, Authenticator], other: NodeUnderTest, contacts: list[dict[str, Any]] | None
) -> Answer:
    """Publish a list, or confirm the one that stands."""
    browser, key = by
    where = f"/api/lines/{other.party.text}/contacts"
    begun = await browser.post(f"{where}/begin", {"contacts": contacts})
    if begun.status != 200:
        return begun
    return await browser.post(where, {"credential": key.get(begun.json["options"])})


async def seen(browser: Browser) -> dict[str, Any]:
    """Return the only line's directories."""
    (line,) = (await browser.get("/api/contacts")).json["lines"]
    found: dict[str, Any] = line
    return found


async def test_a_list_is_published_tried_and_confirmed_on_both_sides(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Signed by a releaser, seen there, used by an officer, doubtful to both, and mended."""
    rita = await keyed_person(far, "Rita", "releaser")
    rolf, _ = await keyed_person(near, "Rolf", "duty_officer")
    office = desk(
        title=[{"language": "en", "text": "Office"}],
        hours={
            "zone": "Asia/Tashkent",
            "spans": [{"days": [5, 1], "begins": "08:00", "ends": "24:00"}],
        },
    )
    made = await publish(rita, near, [desk(), office])
    assert made.status == 200, made.body
    assert made.json["ours"]["standing"] == "current"
    await nodes.seconds(3)
    line = await seen(rolf)
    first, second = line["theirs"]["contacts"]
    assert (first["is_open"], first["standing"], first["level"]) == (True, "untried", "watch")
    spans = [{"days": [1, 5], "begins": "08:00", "ends": "24:00"}]
    assert second["hours"] == {"zone": "Asia/Tashkent", "spans": spans}
    assert (await seen(rita[0]))["ours"]["received_at"] is not None

    where = f"/api/lines/{far.party.text}/contacts/trials"
    said = {"mark": first["mark"], "outcome": "wrong", "words": "A bakery."}
    tried = await rolf.post(where, said)
    assert tried.status == 201, tried.body
    assert tried.json["theirs"]["contacts"][0]["standing"] == "failed"
    await nodes.seconds(3)
    ours = (await seen(rita[0]))["ours"]["contacts"][0]
    assert (ours["standing"], ours["trials"][0]["words"]) == ("failed", "A bakery.")
    assert ours["trials"][0]["is_ours"] is False

    nodes.clock.advance(91 * DAY_S)
    await nodes.seconds(2)
    # Sign-ins end long before; passkeys stay.
    rita, rolf = await again(far, "Rita", rita[1]), await near.browser("Rolf")
    assert (await seen(rolf))["theirs"]["standing"] == "doubtful"
    assert (await seen(rita[0]))["ours"]["standing"] == "doubtful"
    confirmed = await publish(rita, near, None)
    assert confirmed.json["ours"]["standing"] == "current", confirmed.body
    assert confirmed.json["ours"]["contacts"][0]["standing"] == "failed"


async def test_only_a_releaser_publishes_and_only_people_of_the_desk_try(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """With a passkey; an auditor reads."""
    rolf, key = await keyed_person(near, "Rolf", "duty_officer")
    ada, _ = await keyed_person(near, "Ada", "auditor")
    assert (await publish((rolf, key), far, [desk()])).code == "permission.refused"
    where = f"/api/lines/{far.party.text}/contacts/trials"
    said = {"mark": "00" * 16, "outcome": "reached"}
    assert (await ada.post(where, said)).status == 403
    assert (await rolf.post(where, said)).code == "contact.unknown"
    assert (await seen(ada))["ours"]["standing"] == "none"


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"level": "emperor"}, "contact.refused"),
    ({"ways": [{"kind": "telephone", "text": "+998\u202e71"}]}, "contact.refused"),
    ({"title": [{"language": "en", "text": "a\nb"}]}, "contact.refused"),
    ({"hours": {"zone": "Mars/Olympus", "spans": [SPAN]}}, "contact.refused"),
    ({"ways": []}, "web.malformed"),
    ({"hours": {"zone": "UTC", "spans": [{**SPAN, "days": [8]}]}}, "web.malformed"),
)


async def test_what_the_other_party_could_misread_is_refused_before_it_is_signed(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Also a level the agreement does not have, a zone nobody knows, and more than an entry has."""
    rita = await keyed_person(near, "Rita", "releaser")
    for change, code in REFUSED:
        assert (await publish(rita, far, [desk(**change)])).code == code
    assert (await publish(rita, far, [desk(), desk()])).code == "contact.refused"
    assert (await publish(rita, far, None)).code == "contact.unknown"
    tags = [f"aa-{chr(97 + number)}{chr(97 + number)}" for number in range(4)]
    duty = [{"language": tag, "text": "\u0634" * 400} for tag in tags]
    long = [desk(duty=duty, level=each) for each in ("watch", "director", "commander", "minister")]
    many = [each | {"languages": [tag]} for each in long for tag in (*tags, "en")]
    given = ContactListGiven.model_validate({"contacts": many}).contacts or []
    space = SpaceId.of_pair(near.party, far.party)
    with pytest.raises(ContactListRefused, match="too_long"):
        await near.node.contacts.prepare_list(
            space, [each.contact() for each in given], ActorId(bytes(16))
        )


async def test_a_trial_of_tomorrow_or_with_hidden_words_is_refused(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """It may have been yesterday."""
    rita = await keyed_person(near, "Rita", "releaser")
    made = await publish(rita, far, [desk()])
    mark = made.json["ours"]["contacts"][0]["mark"]
    where = f"/api/lines/{far.party.text}/contacts/trials"
    said = {"mark": mark, "outcome": "reached"}
    for change in ({"words": "\u202e"}, {"tried_at": "2099-01-01T00:00:00Z"}):
        assert (await rita[0].post(where, {**said, **change})).code == "contact.refused"
    assert (await rita[0].post(where, {**said, "tried_at": "soon"})).code == "web.malformed"
    now = nodes.clock.now().subtract(hours=24)
    tried = await rita[0].post(where, {**said, "tried_at": now.format_iso()})
    assert tried.json["ours"]["contacts"][0]["trials"][0]["is_ours"] is True


async def test_a_list_that_nobody_signed_is_shown_and_changes_nothing(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """A node that appends one all the same is seen to have done so."""
    rita = await keyed_person(far, "Rita", "releaser")
    rolf, _ = await keyed_person(near, "Rolf", "duty_officer")
    good = await publish(rita, near, [desk()])
    space = SpaceId.of_pair(near.party, far.party)
    officer = await far.person("Mallory")
    line = await far.node.contacts.line(space)
    body = list_body([each.contact for each in line.ours.contacts])
    await far.node.record.append(space, Kind.CONTACT_LIST, body, actor=officer.actor)
    await nodes.seconds(3)
    theirs = (await seen(rolf))["theirs"]
    assert theirs["hash"] == good.json["ours"]["hash"]
    assert [each["what"] for each in theirs["breaches"]] == ["signed"]


async def again(
    node: NodeUnderTest, name: str, key: Authenticator
) -> tuple[Browser, Authenticator]:
    """Sign a person in again."""
    return await node.browser(name), key
