"""A person at a terminal against a real node: signing in, signing, and a node that lies."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.errors import (
    ActRefused,
    CeremonyRefused,
    KeyExists,
    KeyFileUnreadable,
    NodeMalformed,
    NodeSaidNo,
    NodeUnreachable,
    ParleyError,
    PasskeyMissing,
    PasskeySuspect,
    PasskeyUnknown,
    SigningDeclined,
    SignInLinkUnknown,
    SignInNeeded,
    TerminalUnenrolled,
)
from parley.terminal.acts import Acts, KeyPurpose, enrol
from parley.terminal.key_file import KeyAlgorithm, write_key_file
from parley.terminal.key_store import TerminalFolder
from parley.terminal.keys import FileKey
from parley.terminal.node import OwnNode
from parley.terminal.proposal import Expected, SignedKind, read_proposal
from parley.testing.alerts import released as alert_released
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terminals import PIN, TERMINAL_ORIGIN, Asked, node_at, officer
from parley.verify import rows_of, verify

WORDS = "Two aircraft are off course."


def content(far: NodeUnderTest, **changes: object) -> dict[str, object]:
    """Return an alert as it is written at a terminal."""
    texts = [{"language": "en", "text": WORDS}]
    recipients = [far.party.text]
    return {"texts": texts, "recipients": recipients, "precedence": "flash", **changes}


async def test_a_key_file_is_enrolled_through_an_invitation_and_listed(near: NodeUnderTest) -> None:
    """Like any other device, and revocable like any other."""
    dora = await officer(near, "Dora", "duty_officer")
    devices = (await dora.node.get("/api/devices"))["devices"]
    (key,) = [each for each in devices if each["kind"] == "passkey"]
    assert (key["name"], key["is_synced"]) == ("Key file", False)
    (terminal,) = [each for each in devices if each["kind"] == "browser"]
    assert terminal["name"] == "Parley terminal, Linux"

    again = Acts(node_at(near), FileKey(dora.folder), dora.asked)
    assert (await again.signed_in())["person"]["name"] == "Dora"
    assert dora.asked.uses == [KeyPurpose.SIGN_IN]

    await dora.node.delete(f"/api/devices/{key['id']}")
    with pytest.raises(PasskeyUnknown):
        await Acts(node_at(near), FileKey(dora.folder), dora.asked).sign_in()


async def test_a_key_is_used_before_what_lets_one_in_is_revoked_later(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """More than half an hour after signing in; nobody is asked twice."""
    dora = await officer(near, "Dora", "duty_officer")
    other = await near.browser("Dora")
    nodes.clock.advance(1_801)
    dora.asked.uses.clear()
    devices = (await dora.node.get("/api/devices"))["devices"]
    (browser,) = [each for each in devices if not each["is_this"] and each["kind"] == "browser"]

    await dora.acts.revoke(browser["id"])

    assert dora.asked.uses == [KeyPurpose.STEP_UP]
    assert (await other.get("/api/self")).status == 401


async def test_a_second_key_file_needs_the_first_to_be_out_of_the_way(near: NodeUnderTest) -> None:
    """No key is ever overwritten; a further one goes into another folder."""
    dora = await officer(near, "Dora", "duty_officer")
    with pytest.raises(KeyExists):
        await enrol(dora.node, dora.folder, PIN, "Key file", KeyAlgorithm.ES256)
    other = TerminalFolder(dora.folder.path.parent / "another")
    listed = await enrol(dora.node, other, PIN, "Second", KeyAlgorithm.ES256)
    assert {each["name"] for each in listed["devices"]} >= {"Key file", "Second"}


async def test_a_key_file_kept_for_duress_signs_in_like_any_other_and_calls(
    near: NodeUnderTest,
) -> None:
    """Its person is shown nothing; a releaser's desk is."""
    dora = await officer(near, "Dora", "duty_officer")
    await near.node.operations.person_add("Rita", roles=["releaser"])
    other = TerminalFolder(dora.folder.path.parent / "old laptop")
    listed = await enrol(dora.node, other, PIN, "Key file", KeyAlgorithm.ES256, is_duress=True)
    assert {each["kind"] for each in listed["devices"]} == {"browser", "passkey"}

    await Acts(node_at(near), FileKey(other), dora.asked).sign_in()

    async with (await near.browser("Rita")).page("/api/desk") as page:
        calls = (await page.until("duress"))["calls"]
    assert [each["person"]["name"] for each in calls] == ["Dora"]


async def test_no_file_is_left_that_the_node_did_not_take(near: NodeUnderTest) -> None:
    """Whoever is not signed in leaves nothing behind."""
    folder = TerminalFolder(near.folder / "nobody")
    with pytest.raises(SignInNeeded):
        await enrol(node_at(near), folder, PIN, "Key file", KeyAlgorithm.ES256)
    assert not folder.has_key
    with pytest.raises(TerminalUnenrolled):
        folder.read_key()


async def test_a_link_of_another_node_is_not_opened(near: NodeUnderTest) -> None:
    """A code is shown to the node it is from, and to nobody else."""
    for link in ("https://evil.example/sign-in?code=x", "http://localhost:7480/sign-in"):
        with pytest.raises(SignInLinkUnknown):
            await node_at(near).open_link(link)
    with pytest.raises(SignInLinkUnknown):
        await node_at(near).open_link("http://localhost:7480/sign-in?code=made-up")


@pytest.mark.timeout(120)
async def test_a_flash_is_signed_at_terminals_from_draft_to_closed_and_verifies(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """What each person signs is shown to them from the entry itself; the verifier takes it all."""
    dora = await officer(near, "Dora", "duty_officer")
    vera = await officer(near, "Vera", "duty_officer")
    rolf = await officer(near, "Rolf", "releaser")
    olga = await officer(far, "Olga", "duty_officer", "releaser")

    made = await dora.acts.draft(content(far))
    await vera.acts.verify(made["id"])
    assert vera.asked.uses == []  # the key was used a moment ago, at enrolment
    (released,) = await rolf.acts.release(await rolf.acts.find_draft(made["id"][:6]))
    (shown,) = rolf.asked.proposals
    assert ("precedence", "flash") in {(row.name, row.value) for row in shown.rows}
    assert ("text en", WORDS) in {(row.name, row.value) for row in shown.rows}
    assert shown.hash.hex() == released["hash"]
    await nodes.seconds(3)

    (rings,) = await olga.acts.alerts(is_open_only=True)
    await olga.acts.present(rings["hash"], "terminal", has_sound=True)
    read = await olga.acts.acknowledge(rings["hash"], "en")
    assert read["state"] == "acknowledged"
    sentences = [row.value for row in olga.asked.proposals[0].rows if row.name == "sentence en"]
    assert sentences[0].startswith("This acknowledgement says only")
    held = await olga.acts.hold(rings["hash"], at="2026-11-01T13:00:00Z")
    assert held["state"] == "held"
    answered = await olga.acts.answer(rings["hash"], "reply", words="They are turning back.")
    assert answered["state"] == "answered"
    await nodes.seconds(3)
    await dora.acts.close(rings["hash"])
    await nodes.seconds(3)
    await olga.acts.close(rings["hash"])
    await nodes.seconds(3)
    assert (await dora.acts.find_alert(rings["hash"][:8]))["state"] == "closed"

    space = (await rolf.node.get("/api/record/spaces"))["spaces"][0]["id"]
    file = near.folder / "export.zip"
    await near.node.operations.record_export(str(file), space)
    account = verify(file, set())
    signed = [each for each in rows_of(account, "entries") if each.get("signed") == "passkey"]
    assert len(signed) == 3
    assert account["findings"] == []


async def test_the_sentence_stands_in_the_languages_of_both_parties(nodes: Nodes) -> None:
    """Whatever language the alert is in: a hospital may write in neither its own nor ours."""
    spoken = {"Velmar": ("ru", "en"), "Orlan": ("uz",)}
    near, far = [
        await nodes.add(name, party={"name": name, "languages": each, "time_zone": "UTC"})
        for name, each in spoken.items()
    ]
    await nodes.pair(near, far)
    await nodes.seconds(2)
    alert = await alert_released(near, far, "Two aircraft are off course.")
    await nodes.seconds(3)
    olga = await officer(far, "Olga", "duty_officer")
    await olga.acts.acknowledge(alert.hex(), "en")
    said = [row.name for row in olga.asked.proposals[-1].rows if row.name.startswith("sentence")]
    assert said == ["sentence uz", "sentence ru"]


async def test_who_does_not_confirm_has_signed_nothing(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The draft stays where it was."""
    rolf = await officer(near, "Rolf", "releaser")
    made = await rolf.acts.draft(content(far, precedence="priority"))
    rolf.asked.is_willing = False
    with pytest.raises(SigningDeclined):
        await rolf.acts.release(made)
    assert [each["state"] for each in await rolf.acts.drafts()] == ["draft"]


async def test_a_duty_officer_cannot_release_at_a_terminal_either(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The node's table of rights is the same for every way in."""
    dora = await officer(near, "Dora", "duty_officer")
    made = await dora.acts.draft(content(far, precedence="priority"))
    with pytest.raises(ActRefused):
        await dora.acts.release(made)
    assert dora.asked.proposals == []


async def test_a_stolen_copy_locks_the_key_for_both(near: NodeUnderTest) -> None:
    """The copy is used first; the rightful file's counter is then one that was seen."""
    dora = await officer(near, "Dora", "duty_officer")
    stolen = TerminalFolder(near.folder / "thief")
    stolen.keep_key(dora.folder.read_key())
    await Acts(node_at(near), FileKey(stolen), Asked()).sign_in()

    with pytest.raises(PasskeySuspect):
        await Acts(node_at(near), FileKey(dora.folder), dora.asked).sign_in()
    with pytest.raises(PasskeySuspect):
        await Acts(node_at(near), FileKey(stolen), Asked()).sign_in()
    with pytest.raises((PasskeyMissing, ParleyError)):
        await dora.acts.close("00" * 32)


async def test_a_key_file_that_others_may_read_is_not_used(near: NodeUnderTest) -> None:
    """Whoever can read it can try PINs elsewhere."""
    dora = await officer(near, "Dora", "duty_officer")
    (dora.folder.path / "key.json").chmod(0o644)
    with pytest.raises(KeyFileUnreadable):
        await dora.acts.sign_in()


# ---------------------------------------------------------------------- a node that lies


def lying(answer: Any, status: int = 200, **headers: str) -> OwnNode:  # noqa: ANN401  anything
    """Return a node that answers everything with one thing."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body, headers=headers)

    return OwnNode(TERMINAL_ORIGIN, None, transport=httpx.MockTransport(respond))


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[" * 100_000, b"null", b"[]", b'{"alerts": 3}', b'{"alerts": [3]}'],
)
async def test_nonsense_from_a_node_is_one_refusal(answer: bytes) -> None:
    """Whatever it is, nothing else comes of it."""
    acts = Acts(lying(answer), FileKey(TerminalFolder(Path("x"))), Asked())
    with pytest.raises(NodeMalformed):
        await acts.alerts()


async def test_a_redirection_is_not_followed() -> None:
    """Not even to the same node: the interface has none."""
    with pytest.raises(NodeMalformed):
        await lying(b"", 302, location="https://evil.example/").get("/api/self")


async def test_an_endless_answer_is_cut() -> None:
    """A terminal's memory is not the node's to fill."""
    with pytest.raises(NodeMalformed):
        await lying(b" " * 9_000_000).get("/api/self")


async def test_a_refusal_keeps_its_code_also_where_it_is_not_known() -> None:
    """A newer node's codes are shown as they are."""
    with pytest.raises(NodeSaidNo) as refused:
        await lying({"code": "alert.from_the_future", "params": {}}, 409).get("/api/self")
    assert refused.value.params == {"said": "alert.from_the_future"}
    with pytest.raises(NodeSaidNo):
        await lying({"code": "alert.text_refused", "params": {"wrong": 1}}, 400).get("/api/self")


async def test_a_node_that_is_not_there_is_said_so() -> None:
    """By the kind of failure; no address in it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(NodeUnreachable):
        await OwnNode(TERMINAL_ORIGIN, None, transport=httpx.MockTransport(fail)).get("/api/self")


@pytest.mark.parametrize(
    "header",
    [
        "a=1; Domain=example.org",
        "a=1; Secure",
        "__Host-a=1; Path=/; Domain=localhost; Secure",
        "__Host-a=1; Path=/",
        "a=; Max-Age=0",
    ],
)
async def test_cookies_are_taken_as_a_browser_takes_them(header: str) -> None:
    """None for a whole domain, none that wants https over http, none without what its name says."""
    node = lying({}, 200, **{"set-cookie": header})
    await node.get("/api/self")
    assert node._cookies == {}


async def test_a_node_cannot_have_another_entry_signed_than_it_shows(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The hash, the kind, the words, the precedence, the party: each is compared, then refused."""
    rolf = await officer(near, "Rolf", "releaser")
    made = await rolf.acts.draft(content(far, precedence="priority"))
    path = f"/api/alerts/drafts/{made['id']}/release/{far.party.text}/begin"
    begun = await rolf.node.post(path)
    asked = Expected(
        SignedKind.ALERT, texts=(("en", WORDS),), precedence="priority", is_exercise=False
    )
    assert read_proposal(begun, replace(asked, party=far.party.text)).rows

    lies = [
        ("hash", {**begun, "options": {**begun["options"], "challenge": "A" * 43}}, asked),
        ("texts", begun, replace(asked, texts=(("en", "Something milder."),))),
        ("precedence", begun, replace(asked, precedence="routine")),
        ("exercise", begun, replace(asked, is_exercise=True)),
        ("party", begun, replace(asked, party=near.party.text)),
    ]
    for what, answer, expected in lies:
        with pytest.raises(CeremonyRefused) as refused:
            read_proposal(answer, expected)
        assert refused.value.params["reason"] == what
    with pytest.raises(CeremonyRefused) as refused:
        read_proposal(begun, Expected(SignedKind.ACKNOWLEDGEMENT, bytes(32)))
    assert refused.value.params["reason"] == "kind"
    for nonsense in ({}, {**begun, "entry": None}, {**begun, "entry": "AAAA"}):
        with pytest.raises(NodeMalformed):
            read_proposal(nonsense, Expected(SignedKind.ALERT))


async def test_a_node_that_swaps_the_alert_gets_no_acknowledgement(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """What is acknowledged is what was on the screen."""
    rolf = await officer(near, "Rolf", "releaser")
    olga = await officer(far, "Olga", "duty_officer")
    for text in ("One.", "Two."):
        texts = [{"language": "en", "text": text}]
        made = await rolf.acts.draft(content(far, precedence="priority", texts=texts))
        await rolf.acts.release(made)
    await nodes.seconds(3)
    two, one = await olga.acts.alerts()
    begun = await olga.node.post(f"/api/alerts/{two['hash']}/acknowledge/begin", {"language": "en"})
    with pytest.raises(CeremonyRefused) as refused:
        read_proposal(begun, Expected(SignedKind.ACKNOWLEDGEMENT, bytes.fromhex(one["hash"])))
    assert refused.value.params["reason"] == "alert"
    assert write_key_file(olga.folder.read_key())
