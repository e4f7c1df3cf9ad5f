"""What is kept of the record is shown, exported and proved alike from either engine."""

import functools
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from parley import verify
from parley.errors import EntryUnknown, SpaceUnknown, TilesMalformed
from parley.identity.keys import PartyKey
from parley.ids import ActorId, CaseId, PartyId, SpaceId
from parley.record import repository, sealed
from parley.record.cbor import Value, decode_map, encode
from parley.record.entry import Precedence, SealedBody, body_hash, entry_hash, read_entry
from parley.record.handover import WITHHELD_S, export_evidence, export_space, prove_entry, trust_of
from parley.record.kinds import Kind
from parley.record.line_agreement import (
    LineVersion,
    Signatures,
    agreement_thread,
    find_version,
    line_versions,
    may_be_signed,
    newest_terms,
    proposal,
    signature,
    terms_of,
)
from parley.record.line_terms import DEFAULT_TERMS
from parley.record.merkle import leaf_hash
from parley.record.policy import read_policy
from parley.record.receipts import BodyAgreed, agreement_body
from parley.record.replica import EntriesStored
from parley.record.repository import EntryQuery, LogRow, RecordChanges
from parley.record.sealed import BlobState
from parley.record.shelf import RECENT_BYTES_MAX, TILES_MAX, LogShelf, StoredEntries
from parley.record.tiles import TileId
from parley.record.view import EntryView, RecordLook, kind_name
from parley.storage import Database
from parley.storage.source import DatabaseSource
from parley.testing.foreign_log import NOON, ForeignLog, give, lone_record, prove
from parley.testing.record_world import RecordParty
from parley.testing.signing import assertion_of, enrolment_of, new_passkey

from .conftest import NewSource

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far")]
FAR = KEYS[1].party
INGRID = ActorId(b"ingrid".ljust(16))
CASE = b"c" * 16


@pytest.fixture
async def near(template: Path, tmp_path: Path, new_source: NewSource) -> AsyncIterator[RecordParty]:
    """Give a test a record on either engine whose other party is written by hand."""

    def place() -> DatabaseSource:
        return new_source()

    party = await lone_record(template, tmp_path, KEYS, place)
    await prove(party)
    yield party
    party.kill()


def log_of(near: RecordParty, *entries: bytes, epoch: int = 0) -> ForeignLog:
    """Return a log of the other party; without entries given, with two."""
    log = ForeignLog(KEYS[1], near.world.space, epoch)
    log.add(*(entries or (log.entry(body={0: "one"}), log.entry(body={0: "two"}))))
    return log


async def take(near: RecordParty, log: ForeignLog) -> None:
    """Let the record hold all of a log."""
    await give(near, FAR, log.growth(), log.package())


async def shown(near: RecordParty, kind: int | None = None) -> list[EntryView]:
    """Return entries as pages show them, the oldest first."""
    logs = [log.id for log in await near.database.read(repository.logs)]
    query = EntryQuery(logs, () if kind is None else (kind,), after=0)
    look = await near.database.read(
        lambda c: RecordLook(c, near.party, lambda _: "Harbour").entries(query)
    )
    return list(look)


async def exported(near: RecordParty) -> dict[str, object]:
    """Return what the verifier says of an export."""
    into, space, now = io.BytesIO(), near.world.space, near.world.clock.now()
    keys, labels = near.record.keys, {near.party: "Harbour"}
    await near.database.read(lambda c: export_space(c, into, space, keys, labels, now))
    into.seek(0)
    return verify.verify(into, {each.party.text for each in KEYS})


def codes(account: dict[str, object]) -> list[object]:
    """Return what a verifier found."""
    return [each["code"] for each in verify.rows_of(account, "findings")]


# ----------------------------------------------------------------------------- exports and proofs


async def test_an_export_holds_and_a_proof_is_accepted_by_the_policy(near: RecordParty) -> None:
    """Of our own entries and of those of others."""
    log = log_of(near)
    await take(near, log)
    await near.record.append(near.world.space, Kind.STATEMENT, {0: "words"})

    proof = await near.database.read(lambda c: prove_entry(c, log.origin, 1))

    assert proof.extra == log.entries[1]
    trust = await near.database.read(lambda c: trust_of(c, near.world.space))
    assert trust.count("\nlog ") + trust.startswith("log ") == 2
    # Its party signed it and we hold it: that is everybody.
    policy = read_policy(trust.encode())
    assert proof.check(leaf_hash(proof.extra), policy).size == 2
    own = near.record.space(near.world.space).own.origin
    ours = await near.database.read(lambda c: prove_entry(c, own, 1))
    # Nobody but us holds ours: the newest is given all the same, and no policy takes it.
    assert not policy.is_valid(ours.note)
    assert codes(await exported(near)) == ["opening_missing"]


async def test_what_everybody_holds_is_proved_by_a_checkpoint_the_policy_accepts(
    near: RecordParty,
) -> None:
    """Found among the newest few, and where the parties keep up unevenly among all of them."""
    own = near.record.space(near.world.space).own
    mirror = ForeignLog(KEYS[1], near.world.space)
    assert own.note is not None
    await give(near, FAR, mirror.held(own.origin, own.note, near.world.clock.now()))
    policy = read_policy(
        (await near.database.read(lambda c: trust_of(c, near.world.space))).encode()
    )

    first = await near.database.read(lambda c: prove_entry(c, own.origin, 0))

    assert policy.is_valid(first.note)
    assert first.check(leaf_hash(first.extra), policy).size == 1


async def test_what_is_not_here_is_neither_exported_nor_proved(near: RecordParty) -> None:
    """An unknown space, a log of no epoch, a place behind the end, entries nobody signed for us."""
    log = log_of(near)
    elsewhere = ForeignLog(KEYS[1], SpaceId(b"e" * 16))
    for origin, place, error in (
        (elsewhere.origin, 0, SpaceUnknown),
        (log_of(near, epoch=5).origin, 0, EntryUnknown),
        (log.origin, 7, EntryUnknown),
    ):
        with pytest.raises(error):
            await near.database.read(functools.partial(prove_entry, origin=origin, place=place))
    # Half of what was signed: stored, and held by nobody.
    log.add(*(log.entry(body={0: f"{number}"}) for number in range(3)))
    await give(near, FAR, log.growth(), log.package(0, 2))

    with pytest.raises(EntryUnknown):
        await near.database.read(lambda c: prove_entry(c, log.origin, 0))
    account = await exported(near)
    assert log.origin.text() not in str(verify.rows_of(account, "logs"))


async def test_what_a_party_signed_and_never_gave_is_named_after_a_while(
    near: RecordParty,
) -> None:
    """Entries are on their way for two minutes; then the export says that they are withheld."""
    log = log_of(near)
    await take(near, log)
    log.add(log.entry(body={0: "three"}))
    await give(near, FAR, log.growth(2))

    at_once = codes(await exported(near))
    near.world.clock.advance(WITHHELD_S + 1)
    later = codes(await exported(near))

    assert set(later) - set(at_once)


async def test_keys_that_an_opening_names_are_taken_where_they_are_its_partys_own(
    near: RecordParty,
) -> None:
    """An opening that nobody can read names none; rubbish and others' keys are passed over."""
    log = ForeignLog(KEYS[1], near.world.space)
    own = [cosigner.verifier.vkey() for cosigner in log.keys.cosigners]
    others = near.record.keys.cosigners[1].verifier.vkey()
    named: list[Value] = ["rubbish", *own, others]
    log.add(log.entry(Kind.OPENING, {0: "", 1: named, 2: None}))
    await take(near, log)
    unreadable, third = log_of(near, b"\xff", epoch=1), log_of(near, epoch=2)
    empty = ForeignLog(KEYS[1], near.world.space, 3)
    empty.add(empty.entry(Kind.OPENING, {0: "", 1: None, 2: None}))
    for each in (unreadable, third, empty):
        await take(near, each)

    into, keys, now = io.BytesIO(), near.record.keys, near.world.clock.now()
    space = near.world.space
    await near.database.read(lambda c: export_space(c, into, space, keys, {}, now))

    kept = verify.verify(into, set())
    assert "keys_missing" not in codes(kept)


# ------------------------------------------------------------------------------------- as shown


async def test_entries_are_shown_with_what_is_proved_of_them(near: RecordParty) -> None:
    """Delivered by the other party's word, acknowledged by its person's passkey, as it tells."""
    space = near.world.space
    said = await near.record.append(space, Kind.STATEMENT, {0: "words"}, deadline_ms=1)
    log = ForeignLog(KEYS[1], space)
    log.add(
        log.entry(Kind.DELIVERY, {0: "desk"}, refs=(said.hash,)),
        *signed_by_ingrid(log, Kind.ACKNOWLEDGEMENT, {0: None}, said.hash),
        b"\xff",
        log.entry(body={0: [b"\x01", [1]], 7: "more"}),
    )
    await take(near, log)

    views = await shown(near)

    mine = next(view for view in views if view.hash == said.hash.hex())
    assert mine.deadline is not None
    assert [(each.word, each.held_at, each.acknowledged_by) for each in mine.receipts] == [
        ("acknowledged", None, INGRID.text)
    ]
    aside = [view for view in views if view.set_aside]
    assert [(view.kind_name, view.body, view.receipts) for view in aside] == [
        ("unreadable", None, ())
    ]
    listed = next(view for view in views if view.index == 5 and view.party.id != near.party.text)
    assert listed.body is not None
    assert set(listed.body) >= {"7"}
    assert kind_name(9_999) == "unknown"


@pytest.mark.parametrize("fault", ["no_assertion", "no_key", "malformed_key", "another_person"])
async def test_an_acknowledgement_is_shown_as_one_when_its_person_signed_it(
    near: RecordParty, fault: str
) -> None:
    """What the other party's node says of a person without their passkey proves a delivery."""
    space = near.world.space
    said = await near.record.append(space, Kind.STATEMENT, {0: "words"})
    log = ForeignLog(KEYS[1], space)
    enrolled, act, asserted = signed_by_ingrid(log, Kind.ACKNOWLEDGEMENT, {0: None}, said.hash)
    other = ActorId(b"someone else 16b")
    instead = {
        "no_assertion": (enrolled, act),
        "no_key": (act, asserted),
        "malformed_key": (log.entry(Kind.ENROLMENT, {0: 1}, actor=INGRID), act, asserted),
        "another_person": (
            log.entry(Kind.ENROLMENT, enrolment_of(new_passkey()), actor=other),
            *(act, asserted),
        ),
    }[fault]
    log.add(log.entry(Kind.DELIVERY, {0: "desk"}, refs=(said.hash,)), *instead)
    await take(near, log)

    (mine,) = [view for view in await shown(near) if view.hash == said.hash.hex()]

    assert [(each.word, each.acknowledged_by) for each in mine.receipts] == [("delivered", None)]


async def test_entries_are_found_by_what_is_asked_of_them(near: RecordParty) -> None:
    """Those before a place among them, the newest first; how urgent each is, is shown."""
    space = near.world.space
    for number, precedence in enumerate((None, Precedence.FLASH, None)):
        await near.record.append(space, Kind.STATEMENT, {0: f"{number}"}, precedence=precedence)
    views = await shown(near, Kind.STATEMENT)
    log = near.record.space(space).own.id

    found = await near.database.read(
        lambda c: repository.find_entries(c, EntryQuery([log], before=views[-1].number, limit=2))
    )

    assert [each.precedence for each in views] == [None, "flash", None]
    assert [row.number for row in found] == [views[1].number, views[0].number]


async def test_an_entry_of_a_later_version_is_held_and_named_as_such(near: RecordParty) -> None:
    """Whatever else is in it; read as it is once this node is updated."""
    log = log_of(near)
    later = encode({**decode_map(log.entry(body={0: "to come"})), 0: 2, 13: "more"})
    log.add(later, log.entry(body={0: "three"}))
    await take(near, log)

    ours = {entry_hash(each).hex() for each in log.entries}
    views = [each for each in await shown(near) if each.hash in ours]
    assert [each.set_aside for each in views] == [None, None, "entry.newer", None]
    assert near.refused == ["entry.newer"]


async def test_an_entry_of_a_kind_of_a_later_version_counts_and_is_counted(
    near: RecordParty,
) -> None:
    """It is shown as unknown; nothing of it is set aside."""
    log = log_of(near)
    log.add(log.entry(cast("Kind", 60_000), {0: "to come"}))
    await take(near, log)

    (view,) = await shown(near, 60_000)
    assert (kind_name(view.kind), view.set_aside) == ("unknown", None)
    assert near.refused == ["entry.kind_unknown"]


async def test_what_contradicts_a_party_goes_with_an_export(near: RecordParty) -> None:
    """So that a third person can check it without us."""
    log, other = log_of(near), log_of(near)
    other.add(other.entry(body={0: "other"}))
    log.add(log.entry(body={0: "three"}))
    await take(near, log)
    await give(near, FAR, other.growth())
    row = near.record.space(near.world.space).mirrors[FAR, 0].id

    kept = await near.database.read(lambda c: repository.evidence_of(c, row))

    assert [each for each, _ in kept] == [row]
    assert await near.database.read(lambda c: repository.evidence_of(c, row + 9)) == []
    assert "log_disputed" in codes(await exported(near))
    into, keys, now = io.BytesIO(), near.record.keys, near.world.clock.now()
    count = await near.database.read(
        lambda c: export_evidence(c, into, near.world.space, keys, {}, now)
    )
    assert count == 1
    found = codes(verify.verify(into, {near.party.text}))
    assert sorted(map(str, found)) == ["log_disputed", "log_missing"]


async def test_a_body_that_is_no_map_is_shown_as_bytes(near: RecordParty) -> None:
    """And one that is sealed as nothing but its commitment."""
    space = near.world.space
    await near.record.append(space, Kind.STATEMENT, b"\x01")

    (view,) = await shown(near, Kind.STATEMENT)

    assert view.body == {"unreadable": "01"}


async def test_an_entry_is_agreed_when_everybody_named_has_signed_the_same_body(
    near: RecordParty,
) -> None:
    """The entry and each agreement say so; one that names others, or is unsigned, does not."""
    space, log, key = near.world.space, ForeignLog(KEYS[1], near.world.space), new_passkey()
    both = tuple(sorted(each.party for each in KEYS))
    await near.record.append(space, Kind.ENROLMENT, enrolment_of(key), actor=INGRID)

    async def agree(body: bytes, *, is_signed: bool) -> bytes:
        """Let both agree to a body, the other party with or without a passkey; return its entry."""
        said = await near.record.append(space, Kind.STATEMENT, body)
        agreed = BodyAgreed(body_hash(body), both)
        act = await near.record.append(
            space, Kind.AGREEMENT, agreement_body(agreed), refs=(said.hash,), actor=INGRID
        )
        signed = assertion_of(key, act.hash)
        await near.record.append(space, Kind.ASSERTION, signed, refs=(act.hash,), actor=INGRID)
        fields: dict[int, Value] = {0: agreed.body_hash, 1: [bytes(each) for each in both]}
        entries = signed_by_ingrid(log, Kind.AGREEMENT, fields, said.hash)
        log.add(*entries[: 3 if is_signed else 2])
        return said.hash

    whole, half = [
        await agree(encode({0: f"terms {each}"}), is_signed=each) for each in (True, False)
    ]
    log.add(log.entry(Kind.AGREEMENT, {0: b"short"}, refs=(whole,), actor=INGRID))
    before = await shown(near)
    await take(near, log)
    after = await shown(near)

    def word(views: list[EntryView], digest: bytes) -> str:
        return next(each for each in views if each.hash == digest.hex()).receipts[0].word

    assert [word(before, each) for each in (whole, half)] == ["queued", "queued"]
    assert [word(after, each) for each in (whole, half)] == ["agreed", "queued"]
    ours, ours_too, theirs, theirs_too, odd = await shown(near, Kind.AGREEMENT)
    assert [each.receipts[0].word for each in (ours, theirs)] == ["agreed", "agreed"]
    assert {each.receipts[0].word for each in (ours_too, theirs_too, odd)} & {"agreed"} == set()


async def test_logs_are_shown_with_who_holds_them(near: RecordParty) -> None:
    """Stopped nodes show their own as stopped; a log nobody signed yet has no root."""
    log = log_of(near)
    own = near.record.space(near.world.space).own
    mirror = ForeignLog(KEYS[1], near.world.space)
    assert own.note is not None
    await give(near, FAR, mirror.held(own.origin, own.note, near.world.clock.now()))

    (space,) = await near.database.read(
        lambda c: RecordLook(c, near.party, lambda _: None).spaces({})
    )

    mine = next(each for each in space.logs if each.is_ours)
    theirs = next(each for each in space.logs if not each.is_ours)
    assert (mine.state, [each.size for each in mine.held]) == ("stopped", [1])
    assert (theirs.log, theirs.root) == (log.origin.text(), None)


# ------------------------------------------------------------------------------ line agreements


async def test_a_version_is_signed_by_both_and_terms_that_cannot_be_read_are_none(
    near: RecordParty,
) -> None:
    """An agreement in the record is no signature: who signed is told."""
    space = near.world.space
    thread = agreement_thread(space)
    said = await near.record.append_draft(space, proposal(space, "words", INGRID, DEFAULT_TERMS))
    await near.record.append_draft(space, proposal(space, "only words", INGRID))
    for body in ({0: 5}, {0: "odd terms", 1: "x"}):
        await near.record.append(space, Kind.STATEMENT, body, thread=thread, actor=INGRID)
    await near.record.append(space, Kind.STATEMENT, b"\x01", thread=thread, actor=INGRID)
    version = find_version(await versions_of(near, {}), said.hash)
    both = [each.party for each in KEYS]
    draft = signature(space, both, version, INGRID)
    assert (draft.refs, draft.thread) == ((said.hash,), thread)
    await near.record.append_draft(space, draft)

    versions = await versions_of(near, {version.body_hash: {near.party: 5}})
    first = find_version(versions, said.hash)

    assert {each.text for each in versions} == {"words", "only words", "odd terms"}
    assert {each.text: each.terms for each in versions} == {
        "words": DEFAULT_TERMS,
        "only words": None,
        "odd terms": None,
    }
    assert set(first.signed_ms) == {near.party}
    assert first.view(near.party).state == "signed_by_us"
    assert first.view(FAR).state == "signed_by_them"
    with pytest.raises(EntryUnknown):
        find_version(versions, bytes(32))
    row = await near.database.read(lambda c: repository.find_entry(c, said.hash))
    assert row is not None
    assert terms_of(read_entry(row.encoded)) == DEFAULT_TERMS


# ------------------------------------------------------------------------------- sealed bodies


async def test_a_sealed_body_is_wanted_until_it_is_here_and_erased_with_its_case(
    near: RecordParty,
) -> None:
    """By its maker's word, or our own; nobody else's erases what another party sealed."""
    space, now = near.world.space, near.world.clock.now()
    commitment = SealedBody(hashlib.sha256(b"x").digest(), 40, CASE)
    said = await near.record.append(space, Kind.STATEMENT, sealed=commitment)
    read = near.database.read

    row = await read(lambda c: sealed.find_named(c, said.hash))
    assert row is not None
    assert (row.state, row.size, row.author) == (BlobState.WANTED, 40, near.party)
    assert await read(lambda c: sealed.find_named(c, bytes(32))) is None
    assert await read(lambda c: sealed.wanted_blobs(c, 5)) == [row]
    await near.database.write(lambda c: sealed.mark_blob(c, row.digest, BlobState.HERE))
    assert await read(lambda c: sealed.bytes_of(c, near.party)) == 40
    assert await read(lambda c: sealed.bytes_of(c, FAR)) == 0
    assert await read(lambda c: sealed.sealed_hashes(c, said.hash.hex()[:6])) == [said.hash]
    assert await read(lambda c: sealed.entries_of(c, CaseId(CASE))) == [said.hash]
    # The other party says that it erased: what we made stays ours.
    log = log_of(near, ForeignLog(KEYS[1], space).entry(Kind.ERASED, {}, refs=(said.hash,)))
    await take(near, log)
    assert await read(sealed.unfinished_cases) == []
    await near.record.append(space, Kind.ERASED, {}, refs=(said.hash, bytes(32)))

    (case,) = await read(sealed.unfinished_cases)
    assert (case.case, case.maker, case.gone_at) == (CaseId(CASE), near.party, None)
    await near.database.write(lambda c: sealed.mark_gone(c, case.case, now))
    await near.database.write(lambda c: sealed.mark_said(c, case.case, now))
    await near.database.write(lambda c: sealed.mark_blob(c, row.digest, BlobState.HERE))
    assert await read(sealed.unfinished_cases) == []
    assert [each.state for each in await read(lambda c: sealed.blobs_of(c, case.case))] == [
        BlobState.ERASED
    ]
    again = await near.record.append(space, Kind.STATEMENT, sealed=SealedBody(bytes(32), 40, CASE))
    late = await read(lambda c: sealed.find_named(c, again.hash))
    assert late is not None
    assert late.state is BlobState.ERASED
    view = next(each for each in await shown(near) if each.hash == said.hash.hex())
    assert view.sealed is not None
    assert view.sealed.state == "erased"


# ----------------------------------------------------------------------------------------- rows


async def test_the_shelf_serves_the_newest_from_memory_and_the_rest_from_the_disk(
    database: Database,
) -> None:
    """However little of it is in memory; a span that is not there is a fault, and no gap."""
    fence = await database.write(repository.take_fence)
    log = ForeignLog(KEYS[1], SpaceId(b"s" * 16))
    changes = RecordChanges(fence)
    changes.spaces.append(
        (repository.SpaceRow(log.origin.space, "", "", {FAR: KEYS[1].public}), NOON)
    )
    changes.logs.append(
        LogRow(1, log.origin, 0, None, None, None, 0, is_disputed=False, is_closing=False)
    )
    await database.write(changes.apply)
    shelf = LogShelf(1, 0, StoredEntries(database.read_now))
    large = [bytes([number]) * 60_000 for number in range(40)]
    changes = RecordChanges(fence)
    for place, each in enumerate(large):
        changes.add_entry(place + 1, 1, place, each, entry_hash(each), "entry.malformed")
    await database.write(changes.apply)
    tiles = {TileId(0, number): bytes(32) for number in range(TILES_MAX + 3)}
    shelf.add(EntriesStored(0, tuple(large[:2]), tiles, ()))
    shelf.trim()
    assert shelf.entries(0, 2) == large[:2]
    shelf.add(EntriesStored(2, tuple(large[2:]), {}, ()))
    assert sum(map(len, large)) > RECENT_BYTES_MAX
    shelf.trim()

    assert shelf.entries(0, 40) == large
    assert shelf.entries(38, 40) == large[38:]
    assert shelf.find(TileId(0, 0)) == b""
    assert shelf.find(TileId(0, TILES_MAX + 2)) == bytes(32)
    assert shelf.urgent(0, 5) == []
    with pytest.raises(TilesMalformed):
        shelf.entries(39, 42)


async def test_a_party_cannot_bring_back_terms_that_were_left_lying(
    near: RecordParty,
) -> None:
    """We signed the first, both the second; then the other party signs the first, dated back."""
    space, signed = near.world.space, dict[bytes, dict[PartyId, int]]()

    async def propose(text: str, follows: bytes) -> LineVersion:
        made = proposal(space, text, INGRID, DEFAULT_TERMS, follows)
        appended = await near.record.append_draft(space, made)
        return find_version(await versions_of(near, signed), appended.hash)

    async def next_one() -> bytes:
        return newest_terms(await versions_of(near, signed), near.party)

    async def state(version: LineVersion) -> str:
        found = find_version(await versions_of(near, signed), version.hash)
        return found.view(near.party).state

    first = await propose("first", await next_one())
    signed[first.body_hash] = {near.party: 5}
    rival = await propose("aside", b"")
    second = await propose("second", await next_one())
    signed[second.body_hash] = {near.party: 6}
    third = await propose("third", await next_one())
    versions = await versions_of(near, signed)
    assert may_be_signed(third, versions, near.party)
    assert not may_be_signed(rival, versions, near.party)
    signed[second.body_hash] |= {FAR: 7}
    assert await state(second) == "agreed"

    signed[first.body_hash] |= {FAR: 4}

    states = [await state(each) for each in (first, rival, second)]
    assert states == ["overtaken", "overtaken", "agreed"]


async def versions_of(party: RecordParty, signed: Signatures) -> list[LineVersion]:
    """Return the versions of a line's agreement, by who signed what."""
    space = party.world.space
    return await party.database.read(lambda c: line_versions(c, space, signed))


def signed_by_ingrid(
    log: ForeignLog, kind: Kind, body: dict[int, Value], about: bytes
) -> tuple[bytes, bytes, bytes]:
    """Return an enrolment, a person's entry about another one, and what their passkey signed."""
    key = new_passkey()
    act = log.entry(kind, body, refs=(about,), actor=INGRID)
    signed, digest = assertion_of(key, entry_hash(act)), entry_hash(act)
    return (
        log.entry(Kind.ENROLMENT, enrolment_of(key), actor=INGRID),
        act,
        log.entry(Kind.ASSERTION, signed, refs=(digest,), actor=INGRID),
    )
