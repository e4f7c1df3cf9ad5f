"""Exports of records in which a party's root froze its log: what both verifiers must tell alike."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Final

from parley.identity.keys import PartyKey
from parley.record.checkpoint import Checkpoint
from parley.record.handover import export_space
from parley.record.kinds import Kind
from parley.record.letters import Growth
from parley.record.note import Note
from parley.record.ours import KeptLog
from parley.record.root import RootManifest, freeze_body, sign_manifest
from parley.testing.databases import empty_database
from parley.testing.record_world import RecordParty, RecordWorld

QUIET_S: Final = 200
"""Longer than entries may be on their way before an export says that they are missing."""


def root_holders(name: str) -> list[PartyKey]:
    """Return three holders in the order of their keys."""
    made = (PartyKey(hashlib.sha256(f"{name} {each}".encode()).digest()) for each in range(3))
    return sorted(made, key=lambda each: each.public)


def first_manifest(party: RecordParty, root: list[PartyKey]) -> RootManifest:
    """Return what a party's root says when it is pinned."""
    keys = tuple(each.public for each in root)
    return RootManifest(party=party.party, number=0, log_key=party.key.public, keys=keys)


def stolen_manifest(party: RecordParty, root: list[PartyKey], fresh: bytes) -> bytes:
    """Return a root's word that a party's key is known to others."""
    first = first_manifest(party, root)
    return sign_manifest(
        replace(first, number=1, log_key=fresh, compromised=party.key.public), root[:2]
    )


async def frozen_exports(folder: Path) -> dict[str, bytes]:
    """Return exports by name: after a freeze, with what a thief signed then, and a false one."""
    keys = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far")]
    template = folder / "template.db"
    template.write_bytes(empty_database())
    world = RecordWorld(template, folder, keys)
    near, far = (world.parties[key.party] for key in keys)
    near.log_keys = folder / "log-keys"
    await world.start()
    await world.carry()
    root, strangers = root_holders("root"), root_holders("strangers")
    await near.record.take_root(sign_manifest(first_manifest(near, root), root[1:]))
    await world.carry()
    found = {"false": await _false(world, near, far, strangers)}
    fresh = near.record.keys.make_log_key()
    await near.record.take_root(stolen_manifest(near, root, fresh))
    await world.carry()
    found["frozen"] = await _export(far)
    old = near.record.space(world.space).logs[0]
    found["beyond"] = await _beyond(world, old, far)
    world.stop()
    return found


async def _false(
    world: RecordWorld, near: RecordParty, far: RecordParty, strangers: list[PartyKey]
) -> bytes:
    """Let the one party say that the other's log is frozen, by the word of a root nobody pinned."""
    mirror = far.record.space(world.space).mirrors[near.party, 0]
    head = mirror.head
    word = stolen_manifest(near, strangers, near.key.public)
    size, top = (head.size, head.root) if head else (0, bytes(32))
    body = freeze_body(mirror.origin.text(), size, top, word)
    await far.record.append(world.space, Kind.FREEZE, body)
    await world.carry()
    return await _export(far)


async def _beyond(world: RecordWorld, old: KeptLog, far: RecordParty) -> bytes:
    """Sign one more checkpoint with the stolen key, and show it."""
    mirror = far.record.space(world.space).mirrors[old.origin.party, 0].mirror
    text = Checkpoint(old.origin, mirror.tree.size + 3, bytes(31) + b"x").text()
    seconds = int(world.clock.now().timestamp())
    lines = (old.signer.sign(text), far.world.parties[old.origin.party].record.keys.cosigners[0])
    note = Note(text, (lines[0], lines[1].cosign(text, seconds))).encoded()
    growth = Growth(old.origin, mirror.tree.size, (), note)
    far.record.take(old.origin.party, growth, len(note))
    await world.carry()
    return await _export(far)


async def _export(party: RecordParty) -> bytes:
    into, world = io.BytesIO(), party.world
    world.clock.advance(QUIET_S)
    now, keys = world.clock.now(), party.record.keys
    await party.database.read(lambda c: export_space(c, into, world.space, keys, {}, now))
    return into.getvalue()
