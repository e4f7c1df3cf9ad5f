"""Who of several recipients acknowledged an alert, told to the others where the terms share it."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from parley.crisis.alert import AlertState
from parley.crisis.bodies import AlertBody, alert_body
from parley.crisis.tables import breach
from parley.crisis.told_acknowledgement import told_body
from parley.crisis.told_rows import OWED_DAYS, owed, told
from parley.ids import ActorId, SpaceId
from parley.record.cbor import Value
from parley.record.checkpoint import Origin
from parley.record.entry import Entry, Precedence, entry_hash, read_entry
from parley.record.handover import prove_entry
from parley.record.keeping import EntryDraft
from parley.record.kinds import Kind
from parley.record.line_terms import DEFAULT_TERMS
from parley.record.note import Note
from parley.record.proof import EntryProof, read_proof
from parley.record.tables import entry
from parley.testing.alerts import actor_of
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.invariants import hold_nodes
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest, nodes_in
from parley.testing.terms import agree_terms

SHARED = dataclasses.replace(DEFAULT_TERMS, shares_acknowledgements=True)
OTHER_KEY = bytes(range(32))


@dataclasses.dataclass
class Three:
    """An author and two recipients, with who works there."""

    author: NodeUnderTest
    reader: NodeUnderTest
    other: NodeUnderTest
    rolf: tuple[Browser, Authenticator]
    olga: tuple[Browser, Authenticator]


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Give a test its nodes."""
    async with nodes_in(tmp_path) as made:
        yield made
        await hold_nodes(made)


@pytest.mark.timeout(120)
async def test_an_acknowledgement_is_told_to_the_other_recipient_with_its_proof(
    nodes: Nodes,
) -> None:
    """Through a cut line and an author that dies: once, and both ends show the same."""
    three = await three_nodes(nodes)
    await agree_terms(nodes, three.author, three.reader, SHARED)
    await agree_terms(nodes, three.author, three.other, SHARED)
    read, unread = await released_to_both(nodes, three)
    nodes.network.cut(three.author.party, three.other.party)
    await acknowledge(three.olga, read)
    await nodes.seconds(4)
    await three.author.kill()
    await three.author.start()
    await nodes.seconds(2)
    assert await shown(three.other, unread) == []

    nodes.network.mend(three.author.party, three.other.party)
    await nodes.seconds(10)

    found = await shown(three.other, unread)
    assert [(each["party_id"], each["capacity"], each["language"]) for each in found] == [
        (three.reader.party.text, "duty_officer", "en")
    ]
    assert found == [
        {**each, "party": three.reader.party.text} for each in await shown(three.author, unread)
    ]
    told_entries = await entries_of(three.other, Kind.ACKNOWLEDGEMENT_TOLD)
    assert len(told_entries) == 1
    assert await rows(three.author, owed) == []
    assert await rows(three.reader, told) == []
    there = await three.other.node.alerts.find(bytes.fromhex(unread))
    assert there.state is AlertState.DELIVERED


@pytest.mark.timeout(120)
@pytest.mark.parametrize("agrees", ["neither", "the reader's line", "the other's line"])
async def test_nothing_is_told_unless_both_lines_share_it(nodes: Nodes, agrees: str) -> None:
    """Whose word it is has agreed that it goes on, and who hears it that it comes."""
    three = await three_nodes(nodes)
    if agrees == "the reader's line":
        await agree_terms(nodes, three.author, three.reader, SHARED)
    if agrees == "the other's line":
        await agree_terms(nodes, three.author, three.other, SHARED)
    read, unread = await released_to_both(nodes, three)
    await acknowledge(three.olga, read)
    await nodes.seconds(6)

    assert await shown(three.other, unread) == []
    assert await entries_of(three.other, Kind.ACKNOWLEDGEMENT_TOLD) == []
    nodes.clock.advance(OWED_DAYS * 86_400 + 60)
    await nodes.seconds(3)
    assert await rows(three.author, owed) == []


@pytest.mark.timeout(120)
async def test_what_proves_nothing_is_a_breach_and_shows_nothing(nodes: Nodes) -> None:
    """Each part of the proof is needed: nobody can be said to have acknowledged who has not."""
    three = await three_nodes(nodes)
    await agree_terms(nodes, three.author, three.other, SHARED)
    read, unread = await released_to_both(nodes, three)
    sound = await sound_body(nodes, three, read)
    proof = read_proof(as_bytes(sound[1]))
    unsigned = EntryProof(proof.index, proof.hashes, Note(proof.note.text, ()), proof.extra)
    moved = EntryProof(proof.index + 1, proof.hashes, proof.note, proof.extra)
    broken = dataclasses.replace(
        proof.note.signatures[0], signature=bytes(len(proof.note.signatures[0].signature))
    )
    forged = EntryProof(proof.index, proof.hashes, Note(proof.note.text, (broken,)), proof.extra)
    alert = await author_entry(three, read)
    not_theirs = EntryProof(proof.index, proof.hashes, proof.note, alert)
    wrong: list[tuple[str, dict[int, Value]]] = [
        ("malformed", {**sound, 1: unsigned.encoded()}),
        ("unproved", {**sound, 1: moved.encoded()}),
        ("unproved", {**sound, 1: forged.encoded()}),
        ("unproved", {**sound, 1: not_theirs.encoded()}),
        ("unproved", {**sound, 2: OTHER_KEY}),
        ("unproved", {**sound, 0: before_body(await author_entry(three, unread))}),
        ("unproved", {**sound, 0: b"\xa0"}),
        ("malformed", {**sound, 1: b"no proof"}),
        ("malformed", {**sound, 2: b"short"}),
        ("malformed", {0: sound[0], 1: sound[1]}),
    ]
    for _, body in wrong:
        await tell(three, body, unread)
    await tell(three, sound, read)
    await tell(three, sound, unread, actor=actor_of(three.author, "releaser"))
    await nodes.seconds(2)

    assert await shown(three.other, unread) == []
    found = sorted(row.what for row in await rows(three.other, breach))
    assert found == sorted([*(what for what, _ in wrong), "unknown", "person"])
    await tell(three, sound, unread)
    await nodes.seconds(2)
    assert [each["party_id"] for each in await shown(three.other, unread)] == [
        three.reader.party.text
    ]


@pytest.mark.timeout(120)
async def test_one_who_was_told_another_text_is_told_of_no_acknowledgement(nodes: Nodes) -> None:
    """What was acknowledged is what stands in the alert that the reader has, or it is nothing."""
    three = await three_nodes(nodes)
    await agree_terms(nodes, three.author, three.reader, SHARED)
    await agree_terms(nodes, three.author, three.other, SHARED)
    read, unread = await released_to_both(nodes, three)
    sound = await sound_body(nodes, three, read)
    first = read_entry(await author_entry(three, unread))
    parties = tuple(sorted((three.reader.party, three.other.party)))
    said = AlertBody(
        texts=(("en", "Quite another text."),),
        parties=parties,
        drafter=actor_of(three.author, "drafter"),
        verifier=actor_of(three.author, "verifier"),
    )
    draft = EntryDraft(
        kind=Kind.ALERT,
        body=alert_body(said),
        actor=actor_of(three.author, "releaser"),
        thread=first.thread,
        precedence=Precedence.PRIORITY,
    )
    space = SpaceId.of_pair(three.author.party, three.other.party)
    another = await three.author.node.record.append_draft(space, draft)
    await nodes.seconds(2)
    await tell(three, sound, another.hash.hex())
    await nodes.seconds(2)
    assert await shown(three.other, another.hash.hex()) == []
    assert [row.what for row in await rows(three.other, breach)] == ["unproved"]


async def three_nodes(nodes: Nodes) -> Three:
    """Return an author with a line to each of two others, who have none with each other."""
    made = [await nodes.add(name) for name in ("Harbour", "Summit", "Delta")]
    author, reader, other = made
    await nodes.pair(author, reader)
    await nodes.pair(author, other)
    await nodes.seconds(2)
    rolf = await keyed_person(author, "Rolf", "releaser", "duty_officer")
    olga = await keyed_person(reader, "Olga", "duty_officer")
    return Three(author, reader, other, rolf, olga)


async def released_to_both(nodes: Nodes, three: Three) -> tuple[str, str]:
    """Release one alert to both recipients; return its hash on each line."""
    said: dict[str, Any] = {
        "texts": [{"language": "en", "text": "The bridge is closed."}],
        "recipients": sorted([three.reader.party.text, three.other.party.text]),
        "precedence": "priority",
    }
    made = await three.rolf[0].post("/api/alerts/drafts", said)
    assert made.status == 201, made.body
    hashes = []
    for node in (three.reader, three.other):
        where = f"/api/alerts/drafts/{made.json['id']}/release/{node.party.text}"
        gone = await sign(three.rolf, where, {})
        assert gone.status == 200, gone.body
        hashes.append(gone.json["hash"])
    await nodes.seconds(4)
    return hashes[0], hashes[1]


async def acknowledge(officer: tuple[Browser, Authenticator], alert: str) -> None:
    """Acknowledge an alert with a passkey."""
    taken = await sign(officer, f"/api/alerts/{alert}/acknowledge", {"language": "en"})
    assert taken.status == 200, taken.body


async def sign(officer: tuple[Browser, Authenticator], where: str, said: dict[str, Any]) -> Answer:
    """Sign an entry and have it appended."""
    browser, key = officer
    begun = await browser.post(f"{where}/begin", said)
    if begun.status != 200:
        return begun
    return await browser.post(where, {"credential": key.get(begun.json["options"])})


async def sound_body(nodes: Nodes, three: Three, read: str) -> dict[int, Value]:
    """Return what truly tells of an acknowledgement on the reader's line."""
    await acknowledge(three.olga, read)
    await nodes.seconds(4)
    space = SpaceId.of_pair(three.author.party, three.reader.party)
    alert = await author_entry(three, read)
    body = read_entry(alert).body or b""

    def make(connection: sa.Connection) -> dict[int, Value] | None:
        found = connection.execute(sa.select(entry)).all()
        place = next(row.place for row in found if row.kind == Kind.ACKNOWLEDGEMENT)
        proof = prove_entry(connection, Origin(space, three.reader.party, 0), place)
        return told_body(alert, body, proof, three.reader.node.record.keys.public)

    made = await three.author.node.database.read(make)
    assert made is not None
    return made


async def author_entry(three: Three, alert: str) -> bytes:
    """Return the author's entry with a hash."""
    for row in await rows(three.author, entry):
        if entry_hash(bytes(row.encoded)).hex() == alert:
            return bytes(row.encoded)
    raise AssertionError(alert)


def before_body(encoded: bytes) -> bytes:
    """Return what stands before the body of an entry."""
    return encoded[: len(encoded) - len(read_entry(encoded).body or b"")]


def as_bytes(value: Value) -> bytes:
    """Return a value that is bytes."""
    assert isinstance(value, bytes)
    return value


async def tell(
    three: Three, body: dict[int, Value], alert: str, actor: ActorId | None = None
) -> None:
    """Let the author tell the other recipient something of an acknowledgement."""
    space = SpaceId.of_pair(three.author.party, three.other.party)
    draft = EntryDraft(
        kind=Kind.ACKNOWLEDGEMENT_TOLD, body=body, refs=(bytes.fromhex(alert),), actor=actor
    )
    await three.author.node.record.append_draft(space, draft)


async def shown(node: NodeUnderTest, alert: str) -> list[dict[str, Any]]:
    """Return the acknowledgements of others that a desk shows beside an alert."""
    browser = await node.browser("Wanda")
    answer = await browser.get(f"/api/alerts/{alert}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["told"]
    return found


async def rows(node: NodeUnderTest, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    """Return every row of a table."""
    return await node.node.database.read(lambda c: list(c.execute(sa.select(table))))


async def entries_of(node: NodeUnderTest, kind: Kind) -> list[Entry]:
    """Return every entry of a kind that a node has, each once."""
    found = {bytes(row.encoded) for row in await rows(node, entry)}
    return [each for each in map(read_entry, sorted(found)) if each.kind == kind]
