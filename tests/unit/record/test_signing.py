"""Signatures of notes and cosignatures of checkpoints."""

import hashlib

import pytest

from parley.errors import NoteMalformed, NoteSignatureWrong, NoteUnsigned
from parley.ids import PartyId, SpaceId
from parley.record.checkpoint import Checkpoint, Origin
from parley.record.note import Note, NoteSignature, read_note, to_base64
from parley.record.signing import (
    CheckpointCosigner,
    Ed25519CheckpointCosigner,
    MlDsaCheckpointCosigner,
    NoteSigner,
    NoteVerifier,
    SignatureType,
    require,
    signed_bytes,
    verified,
)

ORIGIN = Origin(SpaceId(b"s" * 16), PartyId(b"p" * 16))
TEXT = Checkpoint(ORIGIN, 5, b"r" * 32).text()
NOW = 1_793_000_000
LOG = NoteSigner(ORIGIN.text(), bytes(range(32)))
COSIGNERS: list[CheckpointCosigner] = [
    Ed25519CheckpointCosigner("parley/b", bytes(32)),
    MlDsaCheckpointCosigner("parley/b", bytes(32)),
]


def test_the_example_of_the_specification_holds() -> None:
    """The verifier key and the note of C2SP signed-note."""
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    note = (
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mF"
        "XmRKuwHjG1Yu72IneyaQM=\n"
    )
    verifier = NoteVerifier.parse(vkey)

    assert verifier.vkey() == vkey
    assert require(read_note(note.encode()), verifier).seconds is None


def test_a_log_signs_the_text_itself() -> None:
    """And another text is not signed."""
    note = Note(TEXT, (LOG.sign(TEXT),))
    assert require(note, LOG.verifier).verifier == LOG.verifier
    with pytest.raises(NoteSignatureWrong):
        require(Note(TEXT + "x\n", note.signatures), LOG.verifier)


@pytest.mark.parametrize("cosigner", COSIGNERS, ids=["ed25519", "ml-dsa-44"])
def test_a_cosignature_names_its_time(cosigner: CheckpointCosigner) -> None:
    """And holds for that time and that checkpoint alone."""
    made = cosigner.cosign(TEXT, NOW)
    assert require(Note(TEXT, (made,)), cosigner.verifier).seconds == NOW

    later = (NOW + 1).to_bytes(8, "big") + made.signature[8:]
    other = Checkpoint(ORIGIN, 6, b"r" * 32).text()
    beyond = b"\xff" + made.signature[1:]
    for text, signature in (
        (TEXT, later),
        (TEXT, beyond),
        (TEXT, made.signature[:-1]),
        (TEXT, made.signature[:4]),
        (other, made.signature),
    ):
        changed = NoteSignature(made.name, made.key_id, signature)
        with pytest.raises(NoteSignatureWrong):
            require(Note(text, (changed,)), cosigner.verifier)


@pytest.mark.parametrize("cosigner", COSIGNERS, ids=["ed25519", "ml-dsa-44"])
def test_only_checkpoints_are_cosigned(cosigner: CheckpointCosigner) -> None:
    """Any other text is refused, by the one who signs and by the one who reads."""
    with pytest.raises(NoteMalformed):
        cosigner.cosign("any\n", NOW)
    made = cosigner.cosign(TEXT, NOW)
    with pytest.raises(NoteMalformed):
        require(Note("any\n", (made,)), cosigner.verifier)


def test_an_ml_dsa_cosignature_commits_to_its_name() -> None:
    """An Ed25519 one does not, so a key has one name."""
    signed = [signed_bytes(SignatureType.ML_DSA_44_COSIGNATURE, name, TEXT, 0) for name in "ab"]
    assert signed[0] != signed[1]
    assert signed[0][:12] == b"subtree/v1\n\0"
    assert signed[0][-32:] == b"r" * 32


def test_the_signed_bytes_are_those_of_the_specification() -> None:
    """Two lines and the checkpoint; the structure field by field."""
    ed25519 = signed_bytes(SignatureType.ED25519_COSIGNATURE, "n", TEXT, NOW)
    assert ed25519 == f"cosignature/v1\ntime {NOW}\n{TEXT}".encode()

    origin = ORIGIN.text().encode()
    lattice = signed_bytes(SignatureType.ML_DSA_44_COSIGNATURE, "n", TEXT, NOW)
    assert lattice == b"".join(
        (
            b"subtree/v1\n\0\x01n",
            NOW.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            bytes(8) + (5).to_bytes(8, "big") + b"r" * 32,
        )
    )


def test_unknown_keys_are_passed_over() -> None:
    """Even those that share a name or an id with a known one, but not both."""
    by_log, by_cosigner = LOG.sign(TEXT), COSIGNERS[0].cosign(TEXT, NOW)
    same_name = NoteSignature(by_log.name, b"\0\0\0\0", b"x" * 64)
    same_id = NoteSignature("other", by_log.key_id, b"x" * 64)
    note = Note(TEXT, (same_name, by_cosigner, same_id, by_log))

    assert [found.verifier for found in verified(note, [LOG.verifier])] == [LOG.verifier]
    with pytest.raises(NoteUnsigned):
        require(note, COSIGNERS[1].verifier)
    wrong = NoteSignature(by_log.name, by_log.key_id, b"x" * 64)
    with pytest.raises(NoteSignatureWrong):
        verified(Note(TEXT, (by_log, wrong)), [LOG.verifier])


@pytest.mark.parametrize("kind", list(SignatureType))
def test_a_verifier_key_survives_the_way_to_text_and_back(kind: SignatureType) -> None:
    """With the id C2SP defines."""
    verifiers = {
        verifier.type: verifier
        for verifier in (LOG.verifier, *(cosigner.verifier for cosigner in COSIGNERS))
    }
    verifier = verifiers[kind]
    named = verifier.name.encode() + b"\n" + bytes([kind]) + verifier.public
    assert verifier.key_id == hashlib.sha256(named).digest()[:4]
    assert NoteVerifier.parse(verifier.vkey()) == verifier


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000",
        "+00000000+AQ==",
        "na me+00000000+AQ==",
        "name+00000000+",
        "name+00000000+Aw==",
        "name+00000000+AQ==",
        "name+00000000+!!!!",
        LOG.verifier.vkey().replace("+", "+0", 1),
        f"name+{hashlib.sha256(b'name' + bytes([10, 1]) + bytes(32)).hexdigest()[:8]}+"
        + to_base64(b"\1" + bytes(32)),
    ],
)
def test_what_is_no_verifier_key_is_refused(vkey: str) -> None:
    """A key of small order too: it verifies what nobody signed."""
    with pytest.raises(NoteMalformed, match=r"verifier key|base64"):
        NoteVerifier.parse(vkey)


def test_keys_show_their_names_alone() -> None:
    """Never a secret."""
    assert repr(LOG) == f"NoteSigner({ORIGIN.text()})"
    assert repr(COSIGNERS[0]) == "Ed25519CheckpointCosigner(parley/b)"
    assert repr(COSIGNERS[1]) == "MlDsaCheckpointCosigner(parley/b)"
