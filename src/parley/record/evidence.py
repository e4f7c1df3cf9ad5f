"""What shows a third person that a log was forked or rolled back.

Every kind rests on statements the log's own party signed. Whoever checks one needs the party's keys
and nothing else: no copy of the log, and no trust in who kept the evidence.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from parley.errors import EncodingRefused, EvidenceWrong, NoteMalformed, ProofWrong
from parley.record.cbor import Value, decode_map, encode
from parley.record.checkpoint import Checkpoint, read_checkpoint
from parley.record.merkle import HASH_BYTES, check_consistency
from parley.record.note import read_note
from parley.record.signing import NoteVerifier, require

VERSION: Final = 1


class EvidenceKind(IntEnum):
    """What is shown."""

    SAME_SIZE = 0
    """Two checkpoints of one size with different roots."""
    OTHER_BRANCH = 1
    """A checkpoint whose tree is not the beginning of a larger one's, as a proof shows."""
    ROLLED_BACK = 2
    """A log that its party says to be smaller than the same party said before."""


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """Two statements of a log's party that cannot both be true of one log that only grows."""

    kind: EvidenceKind
    """What is shown."""
    first: bytes
    """A signed checkpoint: the smaller, or the later one where a log was rolled back."""
    second: bytes
    """The signed checkpoint that contradicts it."""
    root: bytes = b""
    """For another branch: the root that the second tree had at the size of the first."""
    proof: tuple[bytes, ...] = ()
    """For another branch: the consistency proof from that root to the second tree."""


def write_evidence(evidence: LogEvidence) -> bytes:
    """Return evidence as bytes to keep and to hand over."""
    fields: list[Value] = [VERSION, int(evidence.kind), evidence.first, evidence.second]
    fields += [evidence.root, [*evidence.proof]]
    return encode(dict(enumerate(fields)))


def read_evidence(encoded: bytes) -> LogEvidence:
    """Read evidence; :func:`check_evidence` says whether it shows anything.

    Raises:
        EvidenceWrong: the bytes are no evidence.
    """
    try:
        fields = decode_map(encoded)
    except EncodingRefused as error:
        raise EvidenceWrong(reason="not readable") from error
    match [*fields.items()]:
        case [
            (0, 1),
            (1, int(kind)),
            (2, bytes(first)),
            (3, bytes(second)),
            (4, bytes(root)),
            (5, list(proof)),
        ] if kind in set(EvidenceKind):
            hashes = tuple(each for each in proof if isinstance(each, bytes))
            if len(hashes) == len(proof):
                return LogEvidence(EvidenceKind(kind), first, second, root, hashes)
    raise EvidenceWrong(reason="not of the agreed form")


def check_evidence(
    evidence: LogEvidence, log: NoteVerifier, cosigner: NoteVerifier
) -> tuple[Checkpoint, Checkpoint]:
    """Accept that the party of a log contradicted itself; return what it signed.

    Args:
        evidence: what is to be shown.
        log: the key that signs the log's checkpoints.
        cosigner: the key with which the same party gives them their time.

    Raises:
        EvidenceWrong: it shows nothing of the kind.
        NoteUnsigned: a checkpoint is not signed by that party.
        NoteSignatureWrong: a signature does not hold.
    """
    checkpoints: list[Checkpoint] = []
    seconds: list[int] = []
    try:
        for encoded in (evidence.first, evidence.second):
            note = read_note(encoded)
            require(note, log)
            checkpoints.append(read_checkpoint(note.text))
            if evidence.kind is EvidenceKind.ROLLED_BACK:
                seconds.append(require(note, cosigner).seconds or 0)
        first, second = checkpoints
        if first.origin != second.origin or first.origin.text() != log.name:
            raise EvidenceWrong(reason="the checkpoints are not of that log")
        _check_contradiction(evidence, first, second, seconds)
    except (NoteMalformed, ProofWrong) as error:
        raise EvidenceWrong(reason="a checkpoint or a proof does not hold") from error
    return first, second


def _check_contradiction(
    evidence: LogEvidence, first: Checkpoint, second: Checkpoint, seconds: list[int]
) -> None:
    shows = False
    match evidence.kind:
        case EvidenceKind.SAME_SIZE:
            shows = first.size == second.size and first.root != second.root
        case EvidenceKind.OTHER_BRANCH:
            proof = list(evidence.proof)
            check_consistency(first.size, evidence.root, second.size, second.root, proof)
            shows = len(evidence.root) == HASH_BYTES and evidence.root != first.root
        case _:
            shows = first.size < second.size and seconds[0] > seconds[1]
    if not shows:
        raise EvidenceWrong(reason="the checkpoints do not contradict each other")
