"""A stolen key: what the root takes its word back from, the other party believes no further."""

import hashlib
import io
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from parley.errors import KeyMissing, LogNotOpen, RootWrong, SpaceUnknown
from parley.identity.keys import PartyKey
from parley.record import repository, tables
from parley.record.handover import export_space
from parley.record.kinds import Kind
from parley.record.letters import Package, ProvedEntry, RecordLetter, RootLetter, Showing
from parley.record.log import LogState
from parley.record.root import RootManifest, read_manifest, root_hash, sign_manifest
from parley.record.standing import Standing
from parley.testing.record_world import RecordParty, RecordWorld
from parley.verify import verify


def holders(name: str) -> list[PartyKey]:
    """Return three holders in the order of their keys."""
    made = (PartyKey(hashlib.sha256(f"{name} {each}".encode()).digest()) for each in range(3))
    return sorted(made, key=lambda each: each.public)


ROOT, NEXT, STRANGERS = holders("root"), holders("next"), holders("strangers")


def first(party: RecordParty, root: list[PartyKey] = ROOT) -> RootManifest:
    """Return what a party's root says when it is pinned."""
    return RootManifest(
        party=party.party,
        number=0,
        log_key=party.key.public,
        keys=tuple(each.public for each in root),
        following=root_hash([each.public for each in NEXT]),
    )


def stolen(party: RecordParty, root: list[PartyKey] = ROOT) -> bytes:
    """Return the root's word that a party's key is known to others; its fresh key lies there."""
    fresh = party.record.keys.make_log_key()
    manifest = replace(first(party, root), number=1, log_key=fresh, compromised=party.key.public)
    return sign_manifest(manifest, root[:2])


class Thief(RecordParty):
    """Whoever copied a party's disk, keys and all, and speaks in its place."""

    async def talk(self, far: RecordParty, rounds: int = 12) -> None:
        """Exchange letters with the other party, as who it is not."""
        self.record.line_up(far.party)
        far.record.line_up(self.party)
        for _ in range(rounds):
            for speaker, hearer in ((self, far), (far, self)):
                while await speaker.record.work():
                    pass
                for letter in speaker.record.due(hearer.party, 1 << 20):
                    hearer.record.take(speaker.party, letter, 100)
                while await hearer.record.work():
                    pass


async def thief_of(world: RecordWorld, near: RecordParty, folder: Path) -> Thief:
    """Copy a party's disk, and cut that party off."""
    near.kill()
    copy = folder / "stolen.db"
    shutil.copyfile(near.file, copy)
    await near.start()
    world.line_up(near)
    await world.carry()
    thief = Thief(world, near.key, copy)
    await thief.start()
    return thief


@pytest.fixture
async def pinned(world: RecordWorld, near: RecordParty, tmp_path: Path) -> RecordWorld:
    """Give a test two parties, of which the near one's root is pinned."""
    near.log_keys = tmp_path / "log-keys"
    near.kill()
    await near.start()
    world.line_up(near)
    await world.carry()
    await near.record.take_root(sign_manifest(first(near), ROOT[1:]))
    await world.carry()
    return world


def frozen(far: RecordParty, near: RecordParty) -> list[int]:
    """Return the epochs of a party's logs that another believes no further."""
    mirrors = far.record.space(far.world.space).mirrors
    return sorted(
        epoch
        for (party, epoch), kept in mirrors.items()
        if party == near.party and kept.mirror.is_frozen
    )


async def said(party: RecordParty, kind: Kind) -> int:
    """Return how many entries of a kind are on a party's disk."""
    rows = await party.database.read(repository.root_entries)
    assert rows is not None
    query = tables.entry.select().where(tables.entry.c.kind == int(kind))
    return len(await party.database.read(lambda c: c.execute(query).fetchall()))


def rows(found: dict[str, object], key: str) -> list[dict[str, object]]:
    """Return a list of an account."""
    listed = found[key]
    assert isinstance(listed, list)
    return listed


async def account(party: RecordParty) -> dict[str, object]:
    """Return what the verifier tells of a party's export."""
    into, world = io.BytesIO(), party.world
    keys, now = party.record.keys, world.clock.now()
    await party.database.read(lambda c: export_space(c, into, world.space, keys, {}, now))
    assert zipfile.is_zipfile(into)
    found: dict[str, object] = json.loads(json.dumps(verify(into, set())))
    return found


async def test_a_log_goes_on_under_the_roots_key_from_where_it_was_held(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """The other party freezes the one log and takes the other, and both say so."""
    held = far.record.space(pinned.space).mirrors[near.party, 0].mirror.tree.size

    await near.record.take_root(stolen(near))
    await pinned.carry()
    await near.record.append(pinned.space, Kind.STATEMENT, {0: "we are back"})
    await pinned.carry()

    assert frozen(far, near) == [0]
    mirrors = far.record.space(pinned.space).mirrors
    assert mirrors[near.party, 0].watch.standing is Standing.FROZEN
    assert mirrors[near.party, 0].mirror.tree.size == held
    kept = near.record.space(pinned.space)
    assert kept.logs[0].state == LogState.CLOSED.value
    following = mirrors[near.party, kept.own.origin.epoch]
    assert following.mirror.tree.size == kept.own.log.tree.size == 3
    assert not following.mirror.is_frozen
    assert (await said(far, Kind.FREEZE), await said(far, Kind.ROOT)) == (1, 2)


async def test_a_thief_who_appends_after_the_freeze_is_set_aside_and_counted(
    pinned: RecordWorld, near: RecordParty, far: RecordParty, tmp_path: Path
) -> None:
    """Nothing of it is taken, urgent or not; the largest signed checkpoint is kept as evidence."""
    thief = await thief_of(pinned, near, tmp_path)
    await near.record.take_root(stolen(near))
    await pinned.carry()
    kept = far.record.space(pinned.space).mirrors[near.party, 0]
    before = kept.mirror.tree.size

    await thief.talk(far)
    await thief.record.append(pinned.space, Kind.STATEMENT, {0: "all is well"})
    await thief.talk(far)

    assert kept.mirror.tree.size == before
    assert "log.frozen" in far.refused
    counts = await far.database.read(repository.set_aside_counts)
    assert counts[kept.id] >= 1
    row = next(each for each in await far.database.read(repository.logs) if each.id == kept.id)
    assert row.shown is not None
    assert f"\n{before + 1}\n".encode() in row.shown
    with pytest.raises(RootWrong):
        await thief.record.take_root(sign_manifest(first(near, STRANGERS), STRANGERS))


async def test_what_a_thief_had_appended_before_stays_as_far_as_it_was_cosigned(
    pinned: RecordWorld, near: RecordParty, far: RecordParty, tmp_path: Path
) -> None:
    """It was held, and it is said how far; a log that the thief handed over to is frozen too."""
    thief = await thief_of(pinned, near, tmp_path)
    thief.log_keys = tmp_path / "thief-keys"
    thief.kill()
    await thief.start()
    word = stolen(near)
    await thief.talk(far)
    await thief.record.append(pinned.space, Kind.STATEMENT, {0: "all is well"})
    await thief.talk(far)
    await thief.record.rotate(pinned.space)
    await thief.talk(far)
    kept = far.record.space(pinned.space).mirrors
    assert (near.party, 1) in kept
    size = kept[near.party, 0].mirror.tree.size

    await far.record.take_root(word)
    await near.record.take_root(word)
    await pinned.carry()
    pinned.line_up(near)
    await pinned.carry()

    assert frozen(far, near) == [0, 1]
    head = kept[near.party, 0].head
    assert head is not None
    assert head.size == size
    own = near.record.space(pinned.space).own.origin
    assert own.epoch > 1
    assert kept[near.party, own.epoch].mirror.tree.size >= 2
    found = await far.database.read(repository.root_entries)
    assert len(found) >= 3


async def test_what_was_stored_and_not_cosigned_is_set_aside_where_it_lies(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """It stays on the disk, and counts no more."""
    kept = far.record.space(pinned.space).mirrors[near.party, 0]
    head = kept.head
    assert head is not None
    kept.head = replace(head, size=head.size - 1)

    await far.record.take_root(stolen(near))

    counts = await far.database.read(repository.set_aside_counts)
    assert counts[kept.id] == 1


async def test_nobody_else_may_say_it(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Neither another root, nor one that is not pinned, nor of a key that signs nothing here."""
    fresh = near.record.keys.make_log_key()
    other = replace(first(near), number=2, compromised=fresh)
    for party, word in (
        (near, stolen(near, STRANGERS)),
        (far, stolen(near, STRANGERS)),
        (near, stolen_of(far, fresh)),
        (near, sign_manifest(other, ROOT)),
        (far, sign_manifest(other, ROOT)),
        (far, sign_manifest(replace(first(near), number=2), ROOT)),
    ):
        with pytest.raises(RootWrong):
            await party.record.take_root(word)
    assert frozen(far, near) == []
    stranger = replace(first(near), party=PartyKey(bytes(32)).party)
    with pytest.raises(SpaceUnknown):
        await far.record.take_root(sign_manifest(stranger, ROOT))


def stolen_of(party: RecordParty, fresh: bytes) -> bytes:
    """Return the word of a root that nobody pinned."""
    manifest = replace(first(party), number=1, log_key=fresh, compromised=party.key.public)
    return sign_manifest(manifest, ROOT)


async def test_the_key_that_the_log_is_to_go_on_under_must_be_here(
    pinned: RecordWorld, near: RecordParty
) -> None:
    """Nothing changes before."""
    word = stolen_of(near, PartyKey(bytes(31) + b"x").public)
    with pytest.raises(KeyMissing):
        await near.record.take_root(word)
    assert near.record.space(pinned.space).own.origin.epoch == 0


async def test_a_freeze_outlives_a_restart_and_one_that_was_not_written_is_done_again(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """A node that dies before it has said so is told anew when the line comes up."""
    pinned.cut.add(frozenset({near.party, far.party}))
    await near.record.take_root(stolen(near))
    await pinned.work()
    near.kill()
    await near.start()
    far.kill()
    await far.start()
    word = near.record.space(pinned.space).roots.newest(near.party)
    assert word is not None
    with pytest.raises(LogNotOpen):
        await far.record.take_root(word.note)
    pinned.cut.clear()
    for _ in range(3):
        pinned.line_up(near)
        await pinned.carry()

    assert frozen(far, near) == [0]
    far.kill()
    await far.start()
    assert frozen(far, near) == [0]
    pinned.line_up(far)
    await pinned.carry()
    assert await said(far, Kind.FREEZE) == 1
    assert near.record.space(pinned.space).own.origin.epoch > 0


async def test_the_verifier_tells_of_the_freeze_and_believes_the_roots_key(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Nothing is wrong; that a log was frozen, and how far it holds, is said."""
    await near.record.take_root(stolen(near))
    await pinned.carry()
    pinned.clock.advance(61)
    for each in (near, far):
        each.record.tick()
    await pinned.carry()

    for party in (near, far):
        findings = rows(await account(party), "findings")
        assert [(each["code"], each["is_gap"]) for each in findings] == [("log_frozen", True)]
        assert "2 of 2 entries count" in str(findings[0]["text"])


async def test_no_letter_brings_anything_into_a_frozen_log(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """Neither a package nor an urgent entry; and a root's word is about a party of the space."""
    await near.record.take_root(stolen(near))
    await pinned.carry()
    kept = far.record.space(pinned.space).mirrors[near.party, 0]
    size = kept.mirror.tree.size
    stranger = replace(first(near), party=PartyKey(bytes(32)).party)
    letters: list[RecordLetter] = [
        Package(kept.origin, size, size, (b"entry",), ()),
        ProvedEntry(kept.origin, b"entry", b"proof"),
        RootLetter(kept.origin, sign_manifest(stranger, ROOT)),
    ]
    for letter in letters:
        far.record.take(near.party, letter, 100)
        await pinned.work()
    assert kept.mirror.tree.size == size
    assert far.refused[-3:] == ["log.frozen", "log.frozen", "log.unknown"]


async def test_a_root_may_take_its_word_back_twice(
    pinned: RecordWorld, near: RecordParty, far: RecordParty
) -> None:
    """The fresh key was stolen, too: what was frozen stays as it was."""
    word = read_manifest(stolen(near))
    await near.record.take_root(word.note)
    await pinned.carry()
    fresh = near.record.keys.make_log_key()
    pinned.clock.advance(120)
    later = replace(word, number=2, log_key=fresh, compromised=word.log_key)
    await near.record.take_root(sign_manifest(later, ROOT[:2]))
    await pinned.carry()
    mirrors = far.record.space(pinned.space).mirrors
    epochs = sorted(epoch for party, epoch in mirrors if party == near.party)
    assert frozen(far, near) == epochs[:-1]
    assert len(epochs) == 3
    assert await said(far, Kind.FREEZE) == 2


async def test_a_party_whose_log_may_not_grow_yet_freezes_without_saying_so(
    template: Path, tmp_path: Path
) -> None:
    """What it reads of a root counts at once; its own word follows another time."""
    keys = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far", b"third")]
    world = RecordWorld(template, tmp_path, keys)
    near, far, third = (world.parties[key.party] for key in keys)
    near.log_keys = tmp_path / "log-keys"
    await world.start()
    await world.carry()
    await near.record.take_root(sign_manifest(first(near), ROOT[1:]))
    await world.carry()
    world.cut |= {frozenset({each.party, third.party}) for each in (near, far)}
    await near.record.take_root(stolen(near))
    await world.carry()
    third.kill()
    await third.start()
    world.cut.discard(frozenset({far.party, third.party}))
    far.record.line_up(third.party)
    third.record.line_up(far.party)
    for _ in range(6):
        await hand_over(far, third)
        await hand_over(third, far)

    assert third.record.space(world.space).own.log.state is LogState.UNPROVED
    assert frozen(third, near) == [0]
    assert await said(third, Kind.FREEZE) == 1
    world.stop()


async def hand_over(speaker: RecordParty, hearer: RecordParty) -> None:
    """Bring what one has for the other, but nothing that tells the other of its own log."""
    while await speaker.record.work():
        pass
    for letter in speaker.record.due(hearer.party, 1 << 20):
        if not isinstance(letter, Showing):
            hearer.record.take(speaker.party, letter, 100)
    while await hearer.record.work():
        pass
