"""A whole exercise crisis over the web side of two real nodes, to what an export of it proves."""

import dataclasses
import io
from dataclasses import dataclass
from typing import Any

import pytest
from whenever import Instant

from parley import verify
from parley.clock import milliseconds
from parley.crisis.checks.schedule import DAY_MS, HOUR_MS
from parley.ids import SpaceId
from parley.record.line_terms import DEFAULT_TERMS
from parley.testing.alerts import released
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terms import agree_terms

ORIGIN = "http://localhost:7480"
START = "2026-11-22T08:00:00Z"


@dataclass
class Releaser:
    """A person who speaks for their party, with a passkey, at their browser."""

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

    async def say(self, where: str, said: dict[str, Any]) -> Answer:
        """Say what needs a passkey used within the last minutes."""
        await self.step_up()
        return await self.browser.post(where, said)


async def releaser(node: NodeUnderTest, name: str) -> Releaser:
    """Return a releaser of a node."""
    return Releaser(*await keyed_person(node, name, "releaser", "duty_officer"))


def text(words: str) -> list[dict[str, str]]:
    """Return a text in one language."""
    return [{"language": "en", "text": words}]


async def opened(near: NodeUnderTest, far: NodeUnderTest, by: Releaser) -> str:
    """Open an exercise crisis on one side; return where it is."""
    space = SpaceId.of_pair(near.party, far.party).text
    said = {"space": space, "title": text("Two vessels"), "start": START, "is_exercise": True}
    answer = await by.sign("/api/crises/open", said)
    assert answer.status == 200, answer.body
    return f"/api/crises/{answer.json['hash']}"


@pytest.mark.timeout(200)
async def test_an_exercise_crisis_goes_from_one_sides_opening_to_two_readouts(  # noqa: PLR0915  one story
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Opened by one, closed by both; accounts sealed and shown, a sheet adopted, two readouts."""
    rolf, rita = await releaser(near, "Rolf"), await releaser(far, "Rita")
    crisis = await opened(near, far, rolf)
    await nodes.seconds(2)
    theirs = (await rita.browser.get(crisis)).json
    assert [side["state"] for side in theirs["sides"]] == ["not_open", "open"]
    assert (theirs["is_exercise"], theirs["check_minutes"], theirs["breaches"]) == (True, None, [])

    claim = {"kind": "claim", "texts": text("Your vessel crossed the line at eight.")}
    made = await rolf.say(f"{crisis}/statements", claim)
    assert made.status == 201, made.body
    first = made.json["statements"][0]["hash"]
    await nodes.seconds(2)
    joined = {"crisis": crisis[-64:], "title": text("Harassment at sea"), "start": START}
    assert (await rita.sign("/api/crises/open", joined)).status == 200
    counter = {"kind": "claim", "texts": text("It did not."), "disputes": first}
    assert (await rita.say(f"{crisis}/statements", counter)).status == 201
    offer = {"kind": "offer", "texts": text("We share the radar track.")}
    offered = await rita.say(f"{crisis}/statements", offer)
    await nodes.seconds(2)
    shown = (await rolf.browser.get(crisis)).json
    assert [each["state"] for each in shown["statements"]] == ["disputed", "standing", "standing"]
    titles = [side["title"][0]["text"] for side in shown["sides"]]
    assert titles == ["Two vessels", "Harassment at sea"]
    radar = offered.json["statements"][-1]["hash"]
    taken = await rolf.say(f"{crisis}/statements/{radar}/reply", {"kind": "taken_up"})
    assert taken.json["statements"][-1]["state"] == "taken_up", taken.body
    fact = {"texts": text("Two vessels met at 08:00 UTC."), "is_quotable": True}
    proposed = await rolf.sign(f"{crisis}/facts", fact)
    assert proposed.json["facts"][0]["state"] == "proposed", proposed.body
    await nodes.seconds(2)
    same = {"same_as": proposed.json["facts"][0]["hash"]}
    assert (await rita.sign(f"{crisis}/facts", same)).json["facts"][0]["state"] == "agreed"

    early = await rolf.browser.get(f"{crisis}/assessment")
    assert early.code == "crisis.refused"
    assert (await rolf.sign(f"{crisis}/close", {"words": "All calm."})).status == 200
    assert (await rita.sign(f"{crisis}/close")).status == 200
    await nodes.seconds(6)
    where = f"{crisis}/assessment"
    for who in (rolf, rita):
        seen = (await who.browser.get(where)).json
        assert (seen["state"], seen["are_timelines_equal"]) == ("timeline", True), seen
        assert (seen["differences"], seen["breaches"]) == ([], [])

    assert (await rolf.sign(f"{where}/seal")).code == "crisis.refused"
    for who, words in ((rolf, "We saw a vessel."), (rita, "We saw another.")):
        await who.step_up()
        kept = await who.browser.request("PUT", f"{where}/account", content={"texts": text(words)})
        assert kept.status == 200, kept.body
    assert (await rolf.sign(f"{where}/seal")).status == 200
    await nodes.seconds(2)
    half = (await rita.browser.get(where)).json
    assert (half["state"], half["accounts"][0]["shown"]) == ("timeline", None)
    changed = await rolf.browser.request(
        "PUT", f"{where}/account", content={"texts": text("Changed")}
    )
    assert changed.code == "crisis.refused"
    assert (await rita.sign(f"{where}/seal")).json["state"] == "accounts_sealed"
    await nodes.seconds(4)
    for who in (rolf, rita):
        seen = (await who.browser.get(where)).json
        shown = sorted(each["shown"][0]["text"] for each in seen["accounts"])
        assert (seen["state"], shown) == ("revealed", ["We saw a vessel.", "We saw another."])

    paragraph = {"section": "fact", "texts": text("Two vessels met.")}
    written = (await rolf.say(f"{where}/paragraphs", paragraph)).json
    key = written["sheet"][0]["key"]
    assert (written["state"], written["sheet"][0]["is_bracketed"]) == ("joint_draft", True)
    refused = await rolf.sign(f"{where}/adopt")
    assert refused.code == "crisis.refused"
    await nodes.seconds(2)
    agreed = (await rita.say(f"{where}/paragraphs", {**paragraph, "key": key})).json
    assert agreed["sheet"][0]["is_bracketed"] is False
    assert (await rita.sign(f"{where}/adopt")).json["state"] == "joint_draft"
    await nodes.seconds(2)
    assert (await rolf.sign(f"{where}/adopt")).json["state"] == "adopted"

    public = (
        "Both sides state: Two vessels met at 08:00 UTC. Your vessel crossed the line at eight."
    )
    checked = (await rolf.browser.post(f"{where}/readout/check", {"texts": text(public)})).json
    assert {(each["kind"], each["may_be_quoted"]) for each in checked["quotes"]} >= {
        ("fact", True),
        ("claim", False),
    }
    for who in (rolf, rita):
        readout = {"texts": text("The matter is closed."), "public_from": START}
        assert (await who.sign(f"{where}/readout", readout)).status == 200
    await nodes.seconds(4)
    seen = (await rolf.browser.get(where)).json
    assert ({each["party"] for each in seen["readouts"]}, seen["breaches"]) == (
        {near.party.text, far.party.text},
        [],
    )
    happened = (await rita.browser.get(f"{crisis}/timeline")).json["entries"]
    kinds = [each["kind"] for each in happened]
    assert (kinds[0], kinds.count("crisis_opening"), kinds.count("crisis_closing")) == (
        "crisis_opening",
        2,
        2,
    )
    assert (await rolf.browser.get("/api/exercises")).json["times"] == []
    measures = (await rolf.browser.get(f"{crisis}/measures")).json
    assert measures["ended_at"] is not None
    assert {each["party"] for each in measures["checks"]} == {near.party.text, far.party.text}
    assert measures["escalation"] == {"started": 0, "steps": 0, "latest_ms": None, "told": 0}
    line = measures["paths"][0]
    assert (line["path"], line["breaks"]) == (None, 0)
    assert 0 < line["up_ms"] == line["seen_ms"]

    await rolf.step_up()
    space = SpaceId.of_pair(near.party, far.party).text
    export = await rolf.browser.get(f"/api/record/export?space={space}")
    account = verify.verify(io.BytesIO(export.body), {near.party.text, far.party.text})
    assert account["verdict"] == verify.HOLDS, account["findings"]
    told = "\n".join(verify.told(account))
    assert told.count("the salted hash matches") == 2
    assert told.count(", as the record shows it") == 2
    assert "the timelines are equal" in told
    assert told.count("adopted by both") == 1
    assert told.count("readout of") == 2
    assert "EXERCISE: Crisis 20" in told


@pytest.mark.timeout(120)
async def test_one_room_stands_open_for_both_sides_of_an_exercise_with_its_mark(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Ours alone first; then whichever side opened it, both are led to the same one."""
    rolf, rita = await releaser(near, "Rolf"), await releaser(far, "Rita")
    crisis = await opened(near, far, rolf)
    await nodes.seconds(2)
    own = (await rolf.browser.get(crisis)).json["room"]
    assert (await rita.browser.get(crisis)).json["room"] is None
    assert await rooms_of(rolf) == {own: (1, "open", True)}

    joined = {"crisis": crisis[-64:], "title": text("Harassment at sea"), "start": START}
    shared = (await rita.sign("/api/crises/open", joined)).json["room"]
    await nodes.seconds(2)
    assert (await rolf.browser.get(crisis)).json["room"] == shared
    assert await rooms_of(rita) == {shared: (2, "open", True)}
    assert await rooms_of(rolf) == {own: (1, "open", True), shared: (2, "open", True)}

    assert (await rita.sign(f"{crisis}/close")).json["room"] is None
    await nodes.seconds(2)
    assert (await rolf.browser.get(crisis)).json["room"] == own
    assert (await rolf.sign(f"{crisis}/close")).json["room"] is None
    assert await rooms_of(rolf) == {own: (1, "closed", True), shared: (2, "closed", True)}


@pytest.mark.timeout(120)
async def test_a_crisis_opens_though_no_room_can(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """As many rooms as may be are open: whoever opens a crisis then is not told that it failed."""
    rolf = await releaser(near, "Rolf")
    for each in range(near.node.settings.rooms.open_max):
        await near.node.rooms.open_as("Rolf", f"Room {each}", [])
    crisis = await opened(near, far, rolf)
    assert (await rolf.browser.get(crisis)).json["room"] is None
    await nodes.seconds(2)
    there = await far.node.crises.find(bytes.fromhex(crisis[-64:]))
    assert there.crisis.open_by == (near.party,)


async def rooms_of(who: Releaser) -> dict[str, tuple[int, str, bool]]:
    """Return of how many parties each room at somebody's node is, its state, and its mark."""
    rooms = (await who.browser.get("/api/rooms")).json["rooms"]
    return {
        each["id"]: (len(each["parties"]), each["state"], each["is_exercise"]) for each in rooms
    }


@pytest.mark.timeout(120)
async def test_a_readout_waits_until_the_other_side_has_had_it_for_the_agreed_hours(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Refused if it is dated too early, kept back while the line is cut, and told alike."""
    terms = dataclasses.replace(DEFAULT_TERMS, readout_hours=2, account_days=3)
    await agree_terms(nodes, near, far, terms)
    rolf, rita = await releaser(near, "Rolf"), await releaser(far, "Rita")
    crisis = await opened(near, far, rolf)
    await nodes.seconds(2)
    assert (await rolf.sign(f"{crisis}/close", {"words": "Over."})).status == 200
    where = f"{crisis}/assessment"
    begun = (await rolf.browser.get(where)).json
    assert begun["readout_hours"] == 2
    assert round(seconds_from(begun["begun"], begun["deadline"])) == 3 * 86_400
    said = text("The matter is closed.")

    early = at(near, hours=1.9)
    refused = await rolf.sign(f"{where}/readout", {"texts": said, "public_from": early})
    assert (refused.status, refused.json["code"]) == (409, "readout.too_early")
    nodes.network.cut(near.party, far.party)
    dated = at(near, hours=2.5)
    signed = await rolf.sign(f"{where}/readout", {"texts": said, "public_from": dated})
    assert signed.status == 200, signed.body
    (readout,) = signed.json["readouts"]
    assert (readout["state"], readout["held_at"], readout["is_short"]) == ("announced", None, False)
    text_of = f"{where}/readouts/{readout['hash']}/text?language=en"
    nodes.clock.advance(3 * 3_600)
    waits = await rolf.browser.get(text_of)
    assert (waits.status, waits.json["code"]) == (409, "readout.waits")

    nodes.network.mend(near.party, far.party)
    await nodes.seconds(5)
    shown = [(await who.browser.get(where)).json["readouts"][0] for who in (rolf, rita)]
    assert {each["state"] for each in shown} == {"waiting"}
    assert len({(each["held_at"], each["free_at"]) for each in shown}) == 1
    assert (await rolf.browser.get(text_of)).status == 409
    nodes.clock.advance(2 * 3_600)
    await nodes.seconds(1)
    given = await rolf.browser.get(text_of)
    assert (given.status, given.body.decode()) == (200, "The matter is closed.")
    assert (await rita.browser.get(where)).json["readouts"][0]["state"] == "public"
    assert (await rita.browser.get(where)).json["breaches"] == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("act", ["publish", "take-back"])
async def test_who_sealed_alone_shows_or_takes_back_its_account_after_the_deadline_and_not_before(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, act: str
) -> None:
    """The other side seals nothing; until the deadline neither of its people sees a word."""
    await agree_terms(nodes, near, far, dataclasses.replace(DEFAULT_TERMS, account_days=1))
    rolf, rita = await releaser(near, "Rolf"), await releaser(far, "Rita")
    crisis = await opened(near, far, rolf)
    await nodes.seconds(2)
    assert (await rolf.sign(f"{crisis}/close")).status == 200
    where = f"{crisis}/assessment"
    await rolf.step_up()
    said = {"texts": text("We saw a vessel.")}
    assert (await rolf.browser.request("PUT", f"{where}/account", content=said)).status == 200
    assert (await rolf.sign(f"{where}/seal")).status == 200
    await nodes.seconds(2)
    for early in ("publish", "take-back"):
        refused = await rolf.sign(f"{where}/{early}")
        assert (refused.code, refused.json["params"]["reason"]) == (
            "crisis.refused",
            "guard: after_deadline",
        )
    assert [each["shown"] for each in (await rita.browser.get(where)).json["accounts"]] == [None]

    nodes.clock.advance(86_400)
    rune, ruth = await releaser(near, "Rune"), await releaser(far, "Ruth")
    done = await rune.sign(f"{where}/{act}")
    assert done.status == 200, done.body
    await nodes.seconds(3)
    for who in (rune, ruth):
        seen = (await who.browser.get(where)).json
        assert seen["breaches"] == []
        shown = [each["shown"][0]["text"] for each in seen["accounts"]]
        is_published = act == "publish"
        assert shown == (["We saw a vessel."] if is_published else [])
        assert seen["state"] == ("published" if is_published else "timeline")


def at(node: NodeUnderTest, *, hours: float) -> str:
    """Return an instant some hours ahead of a node's clock, as a page sends it."""
    return node.clock.now().add(minutes=round(hours * 60)).round("second").format_iso()


@pytest.mark.timeout(120)
async def test_an_open_crisis_has_effects_on_the_side_that_opened_it_and_on_no_other(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """Its limits are the shorter ones, its own turns have a check every quarter of an hour."""
    rolf, rita = await releaser(near, "Rolf"), await releaser(far, "Rita")
    space = SpaceId.of_pair(near.party, far.party)
    before = await released(far, near, "Before it was opened.")
    await nodes.seconds(2)
    await opened(near, far, rolf)
    await nodes.seconds(2)
    sent = await released(far, near, "While it is open.")
    await nodes.seconds(2)

    async def limits(who: Releaser, alert: bytes) -> list[tuple[float, float]]:
        shown = (await who.browser.get(f"/api/alerts/{alert.hex()}")).json
        ours, theirs = shown["started_at"], shown["released_at" if who is rolf else "received_at"]
        return [
            (seconds_from(ours, each["due_at"]), seconds_from(theirs, each["theirs_at"]))
            for each in shown["due"]
        ]

    assert await limits(rolf, before) == [(120, 120), (600, 600)]
    assert await limits(rolf, sent) == [(60, 120), (300, 600)]
    assert await limits(rita, sent) == [(120, 60), (600, 300)]
    ours, theirs = (await near.node.checks.line(space)), (await far.node.checks.line(space))
    assert {due_ms % DAY_MS // HOUR_MS for due_ms, _ in theirs.next_due} == {6, 17}
    now_ms = milliseconds(near.clock.now())
    own = [due_ms for due_ms, who in ours.next_due if who == near.party]
    assert len(own) >= 3  # of the next four
    assert own[0] - now_ms <= 75 * 60_000
    await rolf.sign(await where_of(rolf), {"words": "All calm."})
    await nodes.seconds(2)
    after = await released(far, near, "After it was closed.")
    await nodes.seconds(2)
    assert await limits(rolf, after) == [(120, 120), (600, 600)]
    assert await limits(rolf, sent) == [(60, 120), (300, 600)]
    assert not [due for due, _ in (await near.node.checks.line(space)).next_due if due % HOUR_MS]


async def where_of(who: Releaser) -> str:
    """Return where the only crisis is closed."""
    (crisis,) = (await who.browser.get("/api/crises")).json["crises"]
    return f"/api/crises/{crisis['hash']}/close"


def seconds_from(begun: str, due: str) -> float:
    """Return how long after an instant another is, in whole seconds."""
    return round((Instant.parse_iso(due) - Instant.parse_iso(begun)).total("seconds"))


async def test_nobody_opens_a_crisis_without_a_releasers_key(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """A duty officer reads crises and opens none."""
    await near.node.operations.person_add("Dora", roles=["duty_officer"])
    dora = await near.browser("Dora")
    space = SpaceId.of_pair(near.party, far.party).text
    said = {"space": space, "title": text("Two vessels"), "start": START}
    assert (await dora.post("/api/crises/open/begin", said)).code == "permission.refused"
    assert (await dora.get("/api/crises")).json == {"crises": []}
    assert (await dora.get(f"/api/crises/{'0' * 64}")).code == "crisis.unknown"
    await nodes.seconds(1)
