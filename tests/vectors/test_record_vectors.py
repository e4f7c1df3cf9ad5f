"""The record's vectors: what others' code accepted of ours, and what it made for us to accept.

``tools/referee`` is a program on Go modules that Parley's authors did not write. It was run once
over ``export.zip``; ``referee.json`` says what it accepted there, and holds what it made itself.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from parley import verify
from parley.record.merkle import (
    check_consistency,
    check_inclusion,
    leaf_hash,
    prove,
    root_of_leaves,
)
from parley.record.note import read_note
from parley.record.policy import read_policy
from parley.record.proof import read_proof
from parley.record.signing import NoteVerifier, SignatureType, require

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors" / "record"
REFEREE: dict[str, Any] = json.loads((FOLDER / "referee.json").read_text(encoding="utf-8"))


def test_the_referee_accepted_every_part_of_this_export() -> None:
    """The file is the one it read, and nothing in it was passed over."""
    export = (FOLDER / "export.zip").read_bytes()
    found = verify.verify(FOLDER / "export.zip", set())
    logs = verify.rows_of(found, "logs")

    assert REFEREE["export_sha256"] == hashlib.sha256(export).hexdigest()
    assert found["verdict"] == verify.HOLDS
    assert REFEREE["accepted"]["entries"] == sum(int(str(log["entries"])) for log in logs) == 326
    assert REFEREE["accepted"]["consistency"] == REFEREE["accepted"]["checkpoints"] == 26


@pytest.mark.parametrize(
    ("signed", "kind"), list(zip(REFEREE["signed"], SignatureType, strict=True))
)
def test_what_the_referee_signed_holds(signed: dict[str, str], kind: SignatureType) -> None:
    """With each of the three types of key."""
    verifier = NoteVerifier.parse(signed["vkey"])
    note = read_note(signed["note"].encode())

    assert verifier.type is kind
    assert verifier.vkey() == signed["vkey"]
    assert note.encoded() == signed["note"].encode()
    found = require(note, verifier)
    assert (found.seconds is None) == (kind is SignatureType.ED25519)


def test_the_proof_of_an_entry_that_the_referee_made_holds() -> None:
    """And is written by us in the same bytes."""
    proof = read_proof(REFEREE["entry_proof"].encode())
    policy = read_policy(f"log {REFEREE['entry_proof_by']}\nquorum none\n".encode())

    assert proof.encoded() == REFEREE["entry_proof"].encode()
    assert proof.check(bytes.fromhex(REFEREE["entry_leaf"]), policy).size == 3


@pytest.mark.parametrize("tree", REFEREE["trees"], ids=lambda tree: str(tree["size"]))
def test_the_referees_proofs_are_ours(tree: dict[str, Any]) -> None:
    """Of every leaf and every smaller tree, hash for hash."""
    size = tree["size"]
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    root = root_of_leaves(leaves)
    assert root.hex() == tree["root"]

    def root_of(start: int, end: int) -> bytes:
        return root_of_leaves(leaves[start:end])

    for index in range(size):
        path, grown = (
            [bytes.fromhex(each) for each in tree[name][index]]
            for name in ("inclusion", "consistency")
        )
        assert prove(index, index + 1, size, root_of) == path
        assert prove(0, index + 1, size, root_of) == grown
        check_inclusion(index, leaves[index], size, root, path)
        check_consistency(index + 1, root_of(0, index + 1), size, root, grown)
