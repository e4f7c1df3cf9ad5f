"""Agreeing to a line agreement: a releaser's passkey over the very entry."""

import io
from pathlib import Path
from typing import Any

from parley import verify as checker
from parley.identity.passkey import CEREMONY_S
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.keyed_people import Algorithm, keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest

ORIGIN = "http://localhost:7480"
KEYS: dict[str, Algorithm] = {"Rolf": "ed25519", "Rita": "es256"}


async def releaser(node: NodeUnderTest, name: str) -> tuple[Browser, Authenticator]:
    """Return a releaser's browser and the key they enrolled."""
    return await keyed_person(node, name, "releaser", algorithm=KEYS.get(name, "es256"))


async def proposed(rolf: Browser, far: NodeUnderTest) -> str:
    """Propose a version; return where it is agreed to."""
    line = f"/api/lines/{far.party.text}/agreement"
    made = await rolf.post(line, {"body": "Checks at 06:00 and 18:00 UTC."})
    assert made.status == 201, made.body
    return f"{line}/{made.json['hash']}/agree"


async def agree(browser: Browser, key: Authenticator, where: str) -> Answer:
    """Sign and agree."""
    begun = await browser.post(f"{where}/begin")
    assert begun.status == 200, begun.body
    return await browser.post(where, {"credential": key.get(begun.json["options"])})


def findings(export: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what the offline verifier finds, and the kinds of entries signed by a passkey."""
    account = checker.verify(io.BytesIO(export), set(), lists_all=True)
    signed = [each for each in checker.rows_of(account, "entries") if "signed" in each]
    return checker.rows_of(account, "findings"), [str(each["kind"]) for each in signed]


async def test_an_agreement_is_signed_with_a_passkey_over_its_entry(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The entry, the key and the signature are in the record; anyone can check them."""
    rolf, key = await releaser(near, "Rolf")
    where = await proposed(rolf, far)

    signed = await agree(rolf, key, where)
    assert (signed.status, signed.json["state"]) == (200, "signed_by_us")
    again = await proposed(rolf, far)
    assert (await agree(rolf, key, again)).json["state"] == "signed_by_us"
    await nodes.seconds(2)

    space = (await rolf.get("/api/record/spaces")).json["spaces"][0]["id"]
    entries = (await rolf.get(f"/api/record/entries?space={space}")).json["entries"]
    kinds = [each["kind_name"] for each in entries]
    assert kinds.count("assertion") == 2
    assert kinds.count("enrolment") == 1
    export = await rolf.get(f"/api/record/export?space={space}")
    wrong, kinds_signed = findings(export.body)
    assert [each["code"] for each in wrong if not each["is_gap"]] == []
    assert kinds_signed == ["agreement", "agreement"]


async def test_a_signature_that_does_not_hold_appends_nothing(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """A step-up is no signature, nor is another person's key, a late one, or one used before."""
    rolf, key = await releaser(near, "Rolf")
    rita, hers = await releaser(near, "Rita")
    where = await proposed(rolf, far)

    begun = (await rolf.post(f"{where}/begin")).json["options"]
    assert (await rolf.post(where, {"credential": hers.get(begun)})).code == "passkey.unknown"
    begun = (await rolf.post(f"{where}/begin")).json["options"]
    used = {"credential": key.get(begun)}
    assert (await rita.post(where, used)).code == "passkey.challenge_unknown"
    stepped = (await rolf.post("/api/step-up/begin")).json["options"]
    other = await rolf.post(where, {"credential": key.get(stepped)})
    assert other.code == "passkey.challenge_unknown"
    begun = (await rolf.post(f"{where}/begin")).json["options"]
    near.clock.advance(CEREMONY_S)
    late = await rolf.post(where, {"credential": key.get(begun)})
    assert late.code in {"passkey.challenge_unknown", "entry.too_old"}
    assert (await rolf.post(where, {"credential": {}})).code == "passkey.challenge_unknown"
    assert (await agree(rolf, key, where)).status == 200

    versions = await rolf.get(f"/api/lines/{far.party.text}/agreement")
    assert [each["state"] for each in versions.json["versions"]] == ["signed_by_us"]


async def test_a_signature_for_one_version_does_not_agree_to_another(
    near: NodeUnderTest, far: NodeUnderTest
) -> None:
    """The entry names the version it is about."""
    rolf, key = await releaser(near, "Rolf")
    first, second = await proposed(rolf, far), await proposed(rolf, far)
    begun = (await rolf.post(f"{first}/begin")).json["options"]
    crossed = await rolf.post(second, {"credential": key.get(begun)})
    assert crossed.code == "passkey.challenge_unknown"


async def test_who_loses_the_role_between_asking_and_signing_signs_nothing(
    near: NodeUnderTest, far: NodeUnderTest, tmp_path: Path
) -> None:
    """Rights are those of the instant of the signature."""
    rolf, key = await releaser(near, "Rolf")
    where = await proposed(rolf, far)
    begun = (await rolf.post(f"{where}/begin")).json["options"]
    await near.node.operations.person_change("Rolf", roles=["member"])
    answer = await rolf.post(where, {"credential": key.get(begun)})
    assert (answer.status, answer.code) == (403, "permission.refused")
