"""One entry's proof as a text anyone can check later: C2SP tlog-proof."""

import re
from dataclasses import dataclass
from typing import Final

from parley.errors import NoteMalformed, NoteUnsigned
from parley.record.checkpoint import Checkpoint, read_checkpoint
from parley.record.merkle import HASH_BYTES, PROOF_HASHES_MAX, check_inclusion
from parley.record.note import Note, from_base64, read_note, to_base64
from parley.record.policy import Policy

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That one entry is in a log, as its checkpoint shows."""

    index: int
    """The entry's place in the log, from 0."""
    hashes: tuple[bytes, ...]
    """The inclusion proof, from the leaf upwards."""
    note: Note
    """The checkpoint with its signatures."""
    extra: bytes = b""
    """Bytes carried along; nothing vouches for them."""

    def encoded(self) -> bytes:
        """Return the proof as text."""
        lines = [_HEADER]
        if self.extra:
            lines.append(f"extra {to_base64(self.extra)}")
        lines += [f"index {self.index}", *(to_base64(each) for each in self.hashes), "", ""]
        return "\n".join(lines).encode() + self.note.encoded()

    def check(self, leaf: bytes, policy: Policy) -> Checkpoint:
        """Accept that the entry with this hash is in a log that the policy lists.

        Raises:
            NoteUnsigned: the policy is not met.
            NoteSignatureWrong: a signature does not hold.
            ProofWrong: the entry is not in the tree of the checkpoint.
        """
        checkpoint = read_checkpoint(self.note.text)
        if not policy.is_valid(self.note):
            raise NoteUnsigned(name=checkpoint.origin.text())
        check_inclusion(self.index, leaf, checkpoint.size, checkpoint.root, list(self.hashes))
        return checkpoint


def read_proof(encoded: bytes) -> EntryProof:
    """Read foreign bytes as a proof; :meth:`EntryProof.check` says whether it holds.

    Raises:
        NoteMalformed: they are none.
    """
    head, separator, note = encoded.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteMalformed(reason="not ASCII before the checkpoint") from error
    if not separator or lines.pop(0) != _HEADER or not lines:
        raise NoteMalformed(reason="no proof of this version")
    extra = b""
    if lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0).removeprefix("extra "))
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if index is None or len(lines) > PROOF_HASHES_MAX:
        raise NoteMalformed(reason="no index, or too many hashes")
    hashes = tuple(from_base64(line) for line in lines)
    if any(len(each) != HASH_BYTES for each in hashes):
        raise NoteMalformed(reason="a hash does not have 32 bytes")
    return EntryProof(int(index[1]), hashes, read_note(note), extra)
