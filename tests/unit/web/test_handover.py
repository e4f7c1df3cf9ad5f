"""What whoever comes on duty sees before they take it, and what the trail keeps of it."""

import sqlalchemy as sa

from parley.identity.trail import read_trail
from parley.storage.tables import deadline
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Browser
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.handover import handed_over_words
from parley.web.staff_answers import HandoverAnswer, OpenMatterView

NOTHING = "alert=0 check=0 missed=0 notification=0 reminder=0 call=0 crisis=0 untold=0;"


async def watch_of(node: NodeUnderTest, *names: str) -> tuple[str, list[tuple[Browser, str]]]:
    """Return the address of an office of these duty officers, and each with their id.

    Each of them has just used a passkey.
    """
    found = []
    for name in names:
        browser, key = await keyed_person(node, name, "duty_officer")
        await step_up(browser, key)
        found.append((browser, (await node.person(name)).id.text))
    sofia, key = await keyed_person(node, "Sofia", "secretary")
    await step_up(sofia, key)
    people = [own for _, own in found]
    made = await sofia.post("/api/offices", {"name": "Watch", "people": people})
    return f"/api/offices/{made.json['id']}/duty", found


async def step_up(browser: Browser, key: Authenticator) -> None:
    """Use a passkey for what binds a little."""
    begun = await browser.post("/api/step-up/begin")
    given = {"credential": key.get(begun.json["options"])}
    assert (await browser.post("/api/step-up/finish", given)).status == 200


async def alert_of(near: NodeUnderTest, far: NodeUnderTest, **other: object) -> str:
    """Release an alert to the other party; return its hash."""
    rolf, key = await keyed_person(near, "Rolf", "releaser")
    said = {
        "texts": [{"language": "en", "text": "Two aircraft are off course."}],
        "recipients": [far.party.text],
        "precedence": "immediate",
        **other,
    }
    made = await rolf.post("/api/alerts/drafts", said)
    where = f"/api/alerts/drafts/{made.json['id']}/release/{far.party.text}"
    begun = await rolf.post(f"{where}/begin", {})
    given = {"credential": key.get(begun.json["options"])}
    return str((await rolf.post(where, given)).json["hash"])


async def last_words(node: NodeUnderTest) -> str:
    """Return what the trail keeps of the last taking of a duty."""
    rows = await node.node.database.read(lambda c: read_trail(c, None, 50))
    return next(row.words for row in rows if row.act == "duty.take")


async def waiting(node: NodeUnderTest) -> list[tuple[object, ...]]:
    """Return every deadline of a node, to the last column."""

    def read(connection: sa.Connection) -> list[tuple[object, ...]]:
        query = sa.select(deadline).order_by(deadline.c.kind, deadline.c.subject)
        return [tuple(row) for row in connection.execute(query)]

    return await node.node.database.read(read)


async def test_on_a_quiet_day_nothing_is_open_and_the_trail_says_so(near: NodeUnderTest) -> None:
    """An empty list is an answer too."""
    office, [(anna, own)] = await watch_of(near, "Anna")
    assert (await anna.get("/api/handover")).json["matters"] == []
    assert (await anna.post(office, {"person": own})).status == 200
    assert await last_words(near) == NOTHING


async def test_the_duty_is_taken_with_a_passkey_alone(near: NodeUnderTest) -> None:
    """Whoever takes it answers for what is open: a sign-in left open does not."""
    office, [(anna, own)] = await watch_of(near, "Anna")
    await near.node.operations.person_add("Bela", roles=["duty_officer"])
    bela = await near.browser("Bela")
    taken = await bela.post(office, {"person": (await near.person("Bela")).id.text})
    assert taken.code == "permission.step_up_needed"
    assert (await anna.post(office, {"person": own})).status == 200


async def test_what_is_open_is_shown_by_both_clocks_and_kept_in_the_trail(
    near: NodeUnderTest, far: NodeUnderTest, nodes: Nodes
) -> None:
    """The same limits as on the alert's own page, and the alert by its hash."""
    office, [(anna, own)] = await watch_of(far, "Anna")
    alert = await alert_of(near, far, is_exercise=True)
    await nodes.seconds(4)

    (matter,) = (await anna.get("/api/handover")).json["matters"]
    shown = (await anna.get(f"/api/alerts/{alert}")).json
    assert (matter["kind"], matter["about"], matter["state"]) == ("alert", alert, shown["state"])
    assert matter["due"] == shown["due"]
    assert all(each["theirs_at"] is not None for each in matter["due"])
    assert (matter["is_ours"], matter["is_exercise"], matter["precedence"]) == (
        True,
        True,
        "immediate",
    )
    await anna.post(office, {"person": own})
    words = await last_words(far)
    assert words.startswith("alert=1 check=0")
    assert words.endswith(f"; alert:{alert[:8]}:{shown['state']}")


async def test_a_hand_over_in_the_middle_of_a_countdown_changes_no_countdown(
    near: NodeUnderTest, far: NodeUnderTest, nodes: Nodes
) -> None:
    """Not one deadline of either end is another one when the duty has passed on."""
    office, [(anna, first), (bela, second)] = await watch_of(far, "Anna", "Bela")
    await anna.post(office, {"person": first})
    await alert_of(near, far)
    await nodes.seconds(30)
    before = (await waiting(near), await waiting(far))
    assert sum(str(row[0]).startswith("alert.") for row in before[1]) >= 2
    running = (await bela.get("/api/handover")).json["matters"][0]["due"]

    await anna.post(office, {"person": second})
    assert (await bela.post(office, {"person": second})).json["duty"]["person"]["name"] == "Bela"

    assert (await waiting(near), await waiting(far)) == before
    assert (await bela.get("/api/handover")).json["matters"][0]["due"] == running


async def test_who_may_read_no_alert_is_told_of_none(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """An engineer keeps the node, and reads nothing that people wrote."""
    await far.node.operations.person_add("Ed", roles=["engineer"])
    assert (await (await far.browser("Ed")).get("/api/handover")).code == "permission.refused"


def test_the_trail_keeps_the_counts_of_more_than_it_can_name() -> None:
    """Two hundred alerts are counted, and those named that fit."""
    matters = tuple(OpenMatterView("alert", f"{each:064x}", "", "held", "") for each in range(200))
    said = handed_over_words(HandoverAnswer("2026-01-01T00:00:00Z", matters, 3))
    assert len(said) <= 500
    assert said.startswith("alert=200 check=0 missed=0")
    assert "untold=3;" in said
    assert said.endswith(":held")
