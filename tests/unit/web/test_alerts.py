"""Alerts over the web side of two real nodes: two people, their passkeys, the line between them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from parley.crisis import tables
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest

ORIGIN = "http://localhost:7480"


@dataclass
class Officer:
    """A person with a passkey, at their browser."""

    browser: Browser
    key: Authenticator

    async def step_up(self) -> None:
        """Use the passkey for what binds a little."""
        begun = await self.browser.post("/api/step-up/begin")
        given = {"credential": self.key.get(begun.json["options"])}
        assert (await self.browser.post("/api/step-up/finish", given)).status == 200

    async def sign(self, where: str, said: dict[str, Any] | None = None) -> Answer:
        """Sign an entry and have it appended."""
        begun = await self.browser.post(f"{where}/begin", said or {})
        if begun.status != 200:
            return begun
        given = {"credential": self.key.get(begun.json["options"])}
        return await self.browser.post(where, given)


async def officer(node: NodeUnderTest, name: str, *roles: str) -> Officer:
    """Return a person of a node, with a passkey of their own."""
    return Officer(*await keyed_person(node, name, *roles))


def words(far: NodeUnderTest, **other: object) -> dict[str, object]:
    """Return an alert as a drafter writes it."""
    texts = [{"language": "en", "text": "Two aircraft are off course."}]
    return {"texts": texts, "recipients": [far.party.text], "precedence": "flash", **other}


@pytest.mark.timeout(200)
async def test_a_flash_goes_from_draft_to_closed_with_the_line_cut_in_the_middle(  # noqa: PLR0915  one story
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Two persons write it, a third releases it; what each side shows is what it has proof of."""
    dora = await officer(near, "Dora", "duty_officer")
    vera = await officer(near, "Vera", "duty_officer")
    rolf = await officer(near, "Rolf", "releaser")
    olga = await officer(far, "Olga", "duty_officer")
    rita = await officer(far, "Rita", "releaser")

    made = await dora.browser.post("/api/alerts/drafts", words(far))
    assert (made.status, made.json["state"]) == (201, "draft")
    draft = f"/api/alerts/drafts/{made.json['id']}"
    await dora.step_up()
    assert (await dora.browser.post(f"{draft}/verify")).code == "permission.refused"
    early = await rolf.sign(f"{draft}/release/{far.party.text}")
    assert early.code == "alert.guard_refused"
    await vera.step_up()
    assert (await vera.browser.post(f"{draft}/verify")).json["state"] == "verified"

    cut_line(nodes, near, far)
    released = await rolf.sign(f"{draft}/release/{far.party.text}")
    assert (released.status, released.json["state"]) == (200, "released"), released.body
    alert = f"/api/alerts/{released.json['hash']}"
    await nodes.seconds(1)
    shown = (await dora.browser.get(alert)).json
    assert shown["saying"]["sentence"] == "not_known_to_have_arrived"
    assert (await olga.browser.get(alert)).code == "alert.unknown"

    heal_line(nodes, near, far)
    await nodes.seconds(4)
    shown = (await dora.browser.get(alert)).json
    assert shown["saying"]["sentence"] == "on_their_disk"
    theirs = (await olga.browser.get("/api/alerts?open=true")).json["alerts"][0]
    assert theirs["saying"]["duty"] == "our_acknowledgement"
    assert (theirs["is_signed"], theirs["is_verified"], theirs["breaches"]) == (True, True, [])
    assert [each["limit"] for each in theirs["due"]] == ["target", "limit"]

    desk = {"desk": "Watch", "has_sound": True}
    assert (await olga.browser.post(f"{alert}/presented", desk)).status == 200
    here = {"language": "en", "offset_minutes": 330}
    taken = await olga.sign(f"{alert}/acknowledge", here)
    assert (taken.status, taken.json["state"]) == (200, "acknowledged"), taken.body
    await nodes.seconds(2)
    assert (await dora.browser.get(alert)).json["saying"]["sentence"] == "read_by_them"
    read = await near.node.alerts.find(bytes.fromhex(released.json["hash"]))
    assert [each.said.offset_minutes for each in read.acknowledgements] == [330]
    nowhere = {"language": "en", "offset_minutes": 841}
    refused = await olga.browser.post(f"{alert}/acknowledge/begin", nowhere)
    assert refused.code == "web.malformed", refused.body
    confirmed = (await olga.browser.get(alert)).json["saying"]["sentence"]
    assert confirmed == "acknowledgement_confirmed"

    reply = {"kind": "reply", "words": "We see them too."}
    assert (await olga.sign(f"{alert}/answer", reply)).code == "permission.refused"
    assert (await rita.sign(f"{alert}/answer", reply)).json["state"] == "answered"
    await nodes.seconds(2)
    await dora.step_up()
    closing = await dora.browser.post(f"{alert}/close", {})
    assert closing.json["state"] == "closing", closing.body
    await nodes.seconds(2)
    await olga.step_up()
    assert (await olga.browser.post(f"{alert}/close", {})).json["state"] == "closed"
    await nodes.seconds(2)
    assert (await dora.browser.get(alert)).json["state"] == "closed"
    await the_rows_follow_from_the_entries(near, far)


@pytest.mark.timeout(200)
async def test_what_was_understood_is_corrected_said_anew_and_confirmed(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Who reads says it with a passkey; the author's releaser alone has the word on it."""
    dora = await officer(near, "Dora", "duty_officer")
    rolf = await officer(near, "Rolf", "releaser")
    tara = await officer(far, "Tara", "member")
    olga = await officer(far, "Olga", "duty_officer")
    made = await dora.browser.post(
        "/api/alerts/drafts", words(far, precedence="priority", is_exercise=True)
    )
    released = await rolf.sign(f"/api/alerts/drafts/{made.json['id']}/release/{far.party.text}")
    alert = f"/api/alerts/{released.json['hash']}"
    await nodes.seconds(4)

    said = {"language": "en", "text": "Two of their aircraft turn back."}
    early = await olga.sign(f"{alert}/paraphrases", said)
    assert (early.code, early.json["params"]) == ("alert.guard_refused", {"guard": "read_before"})
    assert (await olga.sign(f"{alert}/acknowledge", {"language": "en"})).status == 200
    hidden = {"language": "en", "text": "one\u202etwo"}
    assert (await tara.sign(f"{alert}/paraphrases", hidden)).code == "alert.guard_refused"
    shown = (await tara.sign(f"{alert}/paraphrases", said)).json
    (given,) = shown["paraphrases"]
    assert (given["text"], given["capacity"], given["word"]) == (said["text"], "translator", None)
    assert (shown["paraphrase_state"], given["has_arrived"]) == ("waiting", False)
    twice = await olga.sign(f"{alert}/paraphrases", said)
    assert twice.code == "alert.guard_refused"
    await nodes.seconds(4)
    assert (await olga.browser.get(alert)).json["paraphrases"][0]["has_arrived"]

    where = f"{alert}/paraphrases/{given['hash']}/word"
    assert (await dora.sign(where)).code == "permission.refused"
    assert (await olga.sign(where)).code == "permission.refused"
    assert (await rolf.sign(f"{alert}/paraphrases", said)).code == "alert.guard_refused"
    meant = {"language": "en", "text": "They are off course; whether they turn is not known."}
    corrected = await rolf.sign(where, {"correction": meant})
    assert corrected.json["paraphrase_state"] == "corrected", corrected.body
    await nodes.seconds(4)
    theirs = (await olga.browser.get(alert)).json
    assert theirs["paraphrases"][0]["word"]["kind"] == "corrected"
    assert theirs["paraphrases"][0]["word"]["correction"] == meant

    again = (await olga.sign(f"{alert}/paraphrases", meant)).json["paraphrases"]
    assert [each["capacity"] for each in again] == ["translator", "duty_officer"]
    await nodes.seconds(4)
    stale = await rolf.sign(where)
    assert stale.json["params"] == {"guard": "paraphrase_waits"}
    confirmed = await rolf.sign(f"{alert}/paraphrases/{again[1]['hash']}/word")
    assert confirmed.json["paraphrase_state"] == "confirmed", confirmed.body
    assert confirmed.json["state"] == "acknowledged"
    await nodes.seconds(4)
    theirs = (await olga.browser.get(alert)).json
    assert theirs["paraphrases"][1]["word"]["correction"] is None
    assert (theirs["is_exercise"], theirs["breaches"]) == (True, [])
    await the_rows_follow_from_the_entries(near, far)


@pytest.mark.timeout(120)
async def test_limits_pass_at_both_ends_while_the_line_is_cut(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Each counts from its own event; each step is noted once, through a restart."""
    dora = await officer(near, "Dora", "duty_officer")
    rolf = await officer(near, "Rolf", "releaser")
    made = await dora.browser.post("/api/alerts/drafts", words(far, precedence="immediate"))
    where = f"/api/alerts/drafts/{made.json['id']}/release/{far.party.text}"
    alert = (await rolf.sign(where)).json["hash"]
    await nodes.seconds(3)
    cut_line(nodes, near, far)
    near.clock.advance(601)
    await nodes.restart(far)
    await nodes.seconds(2)
    near.clock.advance(1_201)
    await nodes.seconds(2)
    for node in (near, far):
        seen = await node.node.alerts.see(bytes.fromhex(alert))
        steps = [step for step, _ in seen.overdue]
        assert steps == ["target/0", "limit/0"]


async def test_a_text_that_could_be_misread_is_refused_with_its_place(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Nothing of it is changed silently."""
    dora = await officer(near, "Dora", "duty_officer")
    texts = [{"language": "en", "text": "turn\u202eback"}]
    refused = await dora.browser.post("/api/alerts/drafts", words(far, texts=texts))
    assert refused.code == "alert.text_refused"
    assert refused.json["params"] == {"reason": "turning", "place": 4}


# --------------------------------------------------------------------------------------- helpers


def cut_line(nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Let nothing pass between two nodes."""
    nodes.network.cut(near.party, far.party)


def heal_line(nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Let everything pass again."""
    nodes.network.mend(near.party, far.party)


async def the_rows_follow_from_the_entries(*nodes: NodeUnderTest) -> None:
    """Throw away what was computed and make it anew: it is the same."""
    for node in nodes:
        now = node.clock.now()
        keeper, database = node.node.alerts.keeper, node.node.database
        before = await database.read(lambda c: c.execute(tables.alert.select()).all())
        entries = await database.read(lambda c: len(c.execute(tables.entry.select()).all()))
        made = await database.write(partial(keeper.rebuild, now=now))
        after = await database.read(lambda c: c.execute(tables.alert.select()).all())
        assert made == len(before)
        assert after == before
        assert entries == await database.read(lambda c: len(c.execute(tables.entry.select()).all()))
