"""The tree over a log's entries: RFC 9162 §2.1 hashes, and one proof that covers every case.

A *span* is a half-open range of leaves ``(start, end)``; its root is the Merkle Tree Hash of those
leaves alone. Which spans a proof consists of follows from three whole numbers: the span proved and
the size of the tree. So a proof has exactly one right length, the prover is a look-up, and the
verifier does nothing but hash the spans it was given back together, by the definition of the tree.
If the result is the root that was signed, each span has the hash it has in the signed tree, or
somebody found a collision of SHA-256.

An inclusion proof (RFC 9162 §2.1.3) is the proof of the span of one leaf, a consistency proof
(RFC 9162 §2.1.4) that of the first ``m`` leaves, and a subtree consistency proof
(draft-ietf-plants-merkle-tree-certs, "Subtree Consistency Proofs") that of any span that is a
subtree of its own. RFC 9162 and RFC 6962 define the same tree and the same two proofs.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from parley.errors import ProofWrong

HASH_BYTES: Final = 32
"""SHA-256."""
PROOF_HASHES_MAX: Final = 63
"""What C2SP tlog-witness and tlog-mirror allow; enough for 2^62 leaves."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""Root of a tree without leaves (RFC 9162 §2.1.1)."""

Span: TypeAlias = tuple[int, int]
"""Leaves ``start`` to ``end - 1``."""


class ProofShape(NamedTuple):
    """What a proof consists of, before any hash is known."""

    spans: list[Span]
    """The spans whose roots are the proof, in the order they are sent."""
    has_whole: bool
    """Whether the span proved is a branch of the tree itself, so that its root is not sent."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one leaf (RFC 9162 §2.1.1): of exactly the bytes received."""
    return hashlib.sha256(b"\x00" + entry).digest()


def joined(left: bytes, right: bytes) -> bytes:
    """Return the hash of two branches (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fork_of(size: int) -> int:
    """Return how many of ``size`` > 1 leaves lie left: the largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def is_subtree(start: int, end: int) -> bool:
    """Say whether a span is a tree that every larger tree contains or extends.

    The rule of draft-ietf-plants-merkle-tree-certs: ``start`` is a multiple of the smallest power
    of two that is not smaller than the span.
    """
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def root_of_leaves(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, pair by pair; the last one of an odd row moves up as it is.

    Equal to the recursive definition, which splits off the largest power of two.
    """
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        above = [joined(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = above + row[len(above) * 2 :]
    return row[0]


def proof_shape(start: int, end: int, size: int) -> ProofShape:
    """Return what proves the subtree ``[start, end)`` within the tree of ``size`` leaves.

    This is SUBTREE_SUBPROOF of the draft, unrolled: walk from the root towards the span and note
    the branch not taken; where the span straddles a fork, its left half is a branch by itself and
    the walk goes on with the right half.

    Raises:
        ProofWrong: no such subtree can be in that tree.
    """
    if not is_subtree(start, end) or end > size:
        raise ProofWrong(reason="there is no such subtree")
    spans: list[Span] = []
    low, high, has_whole = 0, size, True
    while (low, high) != (start, end):
        middle = low + fork_of(high - low)
        if end <= middle:
            spans.append((middle, high))
            high = middle
        elif start >= middle:
            spans.append((low, middle))
            low = middle
        else:
            spans.append((low, middle))
            start = low = middle
            has_whole = False
    if not has_whole:
        spans.append((low, high))
    spans.reverse()
    return ProofShape(spans, has_whole)


def prove(start: int, end: int, size: int, root_of: Callable[[int, int], bytes]) -> list[bytes]:
    """Return the proof of a subtree, given the root of any span.

    Raises:
        ProofWrong: no such subtree can be in that tree.
    """
    return [root_of(*span) for span in proof_shape(start, end, size).spans]


def check_subtree(span: Span, subtree: bytes, size: int, root: bytes, proof: list[bytes]) -> None:
    """Accept that ``subtree`` is the root of ``span`` in the tree of ``size`` leaves and ``root``.

    Raises:
        ProofWrong: the proof has another length, or shows something else.
    """
    shape = proof_shape(*span, size)
    if len(proof) != len(shape.spans):
        raise ProofWrong(reason="it has the wrong length")
    if any(len(each) != HASH_BYTES for each in (subtree, root, *proof)):
        raise ProofWrong(reason="a hash does not have 32 bytes")
    known = dict(zip(shape.spans, proof, strict=True))
    if shape.has_whole:
        known[span] = subtree
    elif _fold(span, known) != subtree:
        raise ProofWrong(reason="it does not lead to the smaller tree")
    if _fold((0, size), known) != root:
        raise ProofWrong(reason="it does not lead to the root")


def check_inclusion(index: int, leaf: bytes, size: int, root: bytes, proof: list[bytes]) -> None:
    """Accept that leaf ``index`` of the tree has the hash ``leaf`` (RFC 9162 §2.1.3).

    Raises:
        ProofWrong: it is not proved.
    """
    check_subtree((index, index + 1), leaf, size, root, proof)


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]
) -> None:
    """Accept that a tree only grew from ``old_root`` to ``root`` (RFC 9162 §2.1.4).

    Every tree has grown from the empty one; that proof is empty (C2SP tlog-witness).

    Raises:
        ProofWrong: it is not proved.
    """
    if old_size != 0:
        check_subtree((0, old_size), old_root, size, root, proof)
    elif proof or old_root != EMPTY_ROOT:
        raise ProofWrong(reason="the empty tree needs no proof")
    elif (size == 0) != (root == EMPTY_ROOT):
        raise ProofWrong(reason="the empty tree has a root of its own")


def _fold(span: Span, known: Mapping[Span, bytes]) -> bytes:
    """Return the root of a span that known spans make up, by the definition of the tree."""
    found = known.get(span)
    if found is not None:
        return found
    start, end = span
    middle = start + fork_of(end - start)
    return joined(_fold((start, middle), known), _fold((middle, end), known))


class Frontier:
    """The right edge of a growing tree: enough to append and to know the root, and no more.

    One hash per bit set in the size, the root of the largest perfect subtree first.
    """

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Take the roots of the perfect subtrees that ``size`` leaves split into.

        Raises:
            ValueError: their number does not fit ``size``.
        """
        if len(hashes) != size.bit_count():
            reason = f"{size} leaves have {size.bit_count()} perfect subtrees, not {len(hashes)}"
            raise ValueError(reason)
        self.size = size
        self._hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; joins as many subtrees as the size has trailing one bits."""
        self.append_span(leaf, 1)

    def append_span(self, root: bytes, width: int) -> None:
        """Add a perfect subtree of so many leaves, a power of two that divides the size."""
        rest = self.size // width
        while rest & 1:
            root = joined(self._hashes.pop(), root)
            rest >>= 1
        self._hashes.append(root)
        self.size += width

    def root(self) -> bytes:
        """Return the root of the tree as it is."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = joined(left, root)
        return root

    def hashes(self) -> tuple[bytes, ...]:
        """Return the roots of the perfect subtrees, the largest first."""
        return tuple(self._hashes)


def perfect_spans(size: int) -> list[Span]:
    """Return the perfect subtrees that ``size`` leaves split into, the largest first."""
    spans: list[Span] = []
    start = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            spans.append((start, start + (1 << height)))
            start += 1 << height
    return spans
