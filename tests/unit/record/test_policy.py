"""Policies, and proofs of single entries under them."""

import pytest

from parley.errors import (
    NoteMalformed,
    NoteSignatureWrong,
    NoteUnsigned,
    PolicyMalformed,
    ProofWrong,
)
from parley.ids import PartyId, SpaceId
from parley.record.checkpoint import Checkpoint, Origin
from parley.record.merkle import joined, leaf_hash
from parley.record.note import Note, NoteSignature, to_base64
from parley.record.policy import NONE, read_policy
from parley.record.proof import EntryProof, read_proof
from parley.record.signing import Ed25519CheckpointCosigner, NoteSigner

ORIGIN = Origin(SpaceId(b"s" * 16), PartyId(b"p" * 16))
LOG = NoteSigner(ORIGIN.text(), b"l" * 32)
OTHER_LOG = NoteSigner(Origin(ORIGIN.space, PartyId(b"q" * 16)).text(), b"m" * 32)
WITNESSES = {
    name: Ed25519CheckpointCosigner(f"parley/{name}", name.encode() * 16)
    for name in ("x1", "x2", "x3", "y1", "y2", "y3")
}
VKEYS = {name: cosigner.verifier.vkey() for name, cosigner in WITNESSES.items()}
EXAMPLE = "\n".join(
    (
        "# The example of the specification.",
        f"log {LOG.verifier.vkey()}",
        "",
        *(f"witness {name}\t {vkey}" for name, vkey in VKEYS.items()),
        "  group X-witnesses 2 x1 x2 x3 ",
        "group Y-witnesses any y1 y2 y3",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    )
)
LEAVES = [leaf_hash(b"one"), leaf_hash(b"two")]
TEXT = Checkpoint(ORIGIN, 2, joined(*LEAVES)).text()


def test_the_example_of_the_specification_says_what_it_says() -> None:
    """Two of three here, any of three there, and both."""
    policy = read_policy(EXAMPLE.encode())

    assert policy.is_met({"x1", "x3", "y2"})
    assert not policy.is_met({"x1", "y1", "y2", "y3"})
    assert not policy.is_met({"x1", "x2", "x3"})
    assert not policy.is_met(set())


def test_no_quorum_is_met_by_nobody() -> None:
    """And one witness by itself."""
    assert read_policy(b"quorum none\n").is_met(set())
    alone = read_policy(f"witness w {VKEYS['x1']} https://x.example\nquorum w\n".encode())
    assert alone.is_met({"w"})
    assert not alone.is_met({"x1"})


def test_names_are_octets() -> None:
    """K and the Kelvin sign are two names, and what is no UTF-8 is a name too."""
    policy = read_policy(
        f"witness K {VKEYS['x1']}\nwitness \u212a {VKEYS['x2']}\n".encode()
        + b"witness \xff "
        + f"{VKEYS['y1']}\ngroup g all K \u212a\nquorum g\n".encode()
    )
    assert len(policy.witnesses) == 3
    assert not policy.is_met({"K"})


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        ("quorum none", 0, "does not end"),
        ("", 0, "no quorum"),
        ("quorum none\x01\n", 0, "control"),
        ("quorum none\x7f\n", 0, "control"),
        ("#" * 40_000, 0, "too long"),
        ("quorums none\n", 1, "unknown word"),
        ("quorum\n", 1, "one quorum"),
        ("quorum none none\n", 1, "one quorum"),
        ("quorum none\nquorum none\n", 2, "one quorum"),
        ("quorum x\n", 1, "not defined"),
        ("log\n", 1, "a log has"),
        ("log a b c\n", 1, "a log has"),
        ("log a\n", 1, "no verifier key"),
        (f"log {LOG.verifier.vkey()}\nlog {LOG.verifier.vkey()} u\n", 2, "a log twice"),
        ("witness x\n", 1, "a witness has"),
        (f"witness x {LOG.verifier.vkey()}\n", 1, "for cosignatures"),
        (f"witness x {VKEYS['x1']}\nwitness y {VKEYS['x1']}\n", 2, "a witness twice"),
        (f"witness none {VKEYS['x1']}\n", 1, "a name twice"),
        (f"witness x {VKEYS['x1']}\nwitness x {VKEYS['x2']}\n", 2, "a name twice"),
        (f"witness x {VKEYS['x1']}\ngroup x any x\n", 2, "a name twice"),
        ("group g all\n", 1, "a group has"),
        ("group g all x\n", 1, "not defined"),
        ("group g some x\n", 1, "all, any"),
        ("group g ² x\n", 1, "all, any"),
        ("group g 2 x\n", 1, "does not fit"),
        ("group g 0 x\n", 1, "does not fit"),
        (f"witness x {VKEYS['x1']}\ngroup g 1 x x\n", 2, "twice"),
        (f"witness x {VKEYS['x1']}\ngroup g any x\ngroup h any x\n", 3, "twice"),
    ],
)
def test_what_is_not_a_policy_is_refused_by_line(lines: str, line: int, reason: str) -> None:
    """An operator is told where to look."""
    with pytest.raises(PolicyMalformed, match=reason) as refused:
        read_policy(lines.encode())
    assert refused.value.params["line"] == line


def test_a_key_whose_name_is_no_text_is_no_key() -> None:
    """The name goes into the key's id as UTF-8."""
    with pytest.raises(PolicyMalformed, match="no verifier key"):
        read_policy(b"log \xff" + LOG.verifier.vkey().encode() + b"\nquorum none\n")


def test_a_checkpoint_counts_when_a_log_and_the_quorum_signed() -> None:
    """Neither alone is enough."""
    policy = read_policy(EXAMPLE.encode())
    by_log = LOG.sign(TEXT)
    by_all = [WITNESSES[name].cosign(TEXT, 1) for name in ("x1", "x2", "y1")]

    assert policy.is_valid(Note(TEXT, (by_log, *by_all)))
    assert not policy.is_valid(Note(TEXT, (by_log, *by_all[:2])))
    assert not policy.is_valid(Note(TEXT, tuple(by_all)))
    wrong = NoteSignature(by_log.name, by_log.key_id, bytes(64))
    with pytest.raises(NoteSignatureWrong):
        policy.is_valid(Note(TEXT, (wrong, *by_all)))


def test_a_log_signs_only_its_own_checkpoints() -> None:
    """Another log's key does not do, although the policy lists it."""
    both = f"log {LOG.verifier.vkey()}\nlog {OTHER_LOG.verifier.vkey()}\nquorum {NONE}\n"
    policy = read_policy(both.encode())

    assert policy.is_valid(Note(TEXT, (LOG.sign(TEXT),)))
    assert not policy.is_valid(Note(TEXT, (OTHER_LOG.sign(TEXT),)))


def proof_of(index: int, extra: bytes = b"") -> EntryProof:
    """Return a proof under a policy without quorum."""
    return EntryProof(index, (LEAVES[1 - index],), Note(TEXT, (LOG.sign(TEXT),)), extra)


@pytest.mark.parametrize("extra", [b"", b"more"])
def test_a_proof_survives_the_way_to_text_and_back_and_holds(extra: bytes) -> None:
    """For its entry, at its place."""
    policy = read_policy(f"log {LOG.verifier.vkey()}\nquorum none\n".encode())
    proof = read_proof(proof_of(1, extra).encoded())

    assert proof == proof_of(1, extra)
    assert proof.check(LEAVES[1], policy).size == 2
    with pytest.raises(ProofWrong):
        proof.check(LEAVES[0], policy)
    with pytest.raises(NoteUnsigned):
        proof.check(LEAVES[1], read_policy(EXAMPLE.encode()))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("@v1", "@v2", "version"),
        ("index 1", "index 01", "no index"),
        ("index 1", "index -1", "no index"),
        ("index 1", "extra YQ==", "no index"),
        ("index 1", "extra !", "base64"),
        ("index 1", "índex 1", "ASCII"),
        ("index 1\n", "index 1\n" + 64 * (to_base64(bytes(32)) + "\n"), "too many"),
        ("index 1\n", "index 1\nYQ==\n", "32 bytes"),
        ("index 1\n", "index 1\n!\n", "base64"),
        ("\n\n", "\n", "32 bytes|base64|ASCII"),
    ],
)
def test_what_is_not_a_proof_is_refused(before: str, after: str, reason: str) -> None:
    """By what is wrong with it."""
    text = proof_of(1).encoded().decode().replace(before, after, 1)
    with pytest.raises(NoteMalformed, match=reason):
        read_proof(text.encode())


@pytest.mark.parametrize("text", ["", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\n\n"])
def test_a_proof_cut_short_is_refused(text: str) -> None:
    """Before it has an index."""
    with pytest.raises(NoteMalformed):
        read_proof(text.encode())
