"""The tree against its definition, written down naively."""

import functools
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import ProofWrong
from parley.record.merkle import (
    EMPTY_ROOT,
    PROOF_HASHES_MAX,
    Frontier,
    check_consistency,
    check_inclusion,
    check_subtree,
    is_subtree,
    leaf_hash,
    perfect_spans,
    proof_shape,
    prove,
    root_of_leaves,
)

LEAVES = [leaf_hash(bytes([number])) for number in range(80)]
sizes = st.integers(1, len(LEAVES))


def test_the_tree_of_rfc_6962_has_its_published_roots() -> None:
    """The test vectors every implementation of Certificate Transparency carries."""
    entries = ["", "00", "10", "2021", "3031", "40414243"]
    entries += ["5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [leaf_hash(bytes.fromhex(entry)) for entry in entries]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }

    assert {size: root_of_leaves(hashes[:size]).hex() for size in roots} == roots


@given(st.integers(0, len(LEAVES)))
def test_every_way_to_a_root_gives_the_same_root(size: int) -> None:
    """Row by row, leaf by leaf and by the definition."""
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)

    assert frontier.root() == root_of_leaves(LEAVES[:size]) == naive_root(0, size)
    assert frontier.hashes() == tuple(naive_root(*span) for span in perfect_spans(size))
    assert Frontier(size, frontier.hashes()).root() == frontier.root()


def test_a_frontier_refuses_hashes_that_do_not_fit_its_size() -> None:
    """Five leaves are two perfect subtrees."""
    with pytest.raises(ValueError, match="2 perfect subtrees"):
        Frontier(5, [EMPTY_ROOT])


@pytest.mark.parametrize("size", [*range(1, 34), 64, 65, 80])
def test_a_proof_of_a_subtree_is_what_the_draft_defines(size: int) -> None:
    """For every subtree: same hashes, same order, and it is accepted."""
    spans = [(start, end) for end in range(1, size + 1) for start in range(end)]
    for start, end in spans:
        if is_subtree(start, end):
            proof = prove(start, end, size, naive_root)
            assert proof == naive_proof(start, end, (0, size), is_whole=True)
            check_subtree((start, end), naive_root(start, end), size, naive_root(0, size), proof)


@given(sizes, st.data())
def test_inclusion_and_consistency_are_those_of_rfc_9162(size: int, draw: st.DataObject) -> None:
    """PATH and PROOF, as the RFC writes them."""
    index = draw.draw(st.integers(0, size - 1))
    path = naive_path(index, (0, size))
    assert prove(index, index + 1, size, naive_root) == path
    check_inclusion(index, LEAVES[index], size, naive_root(0, size), path)

    old = draw.draw(st.integers(1, size))
    grown = naive_proof(0, old, (0, size), is_whole=True)
    check_consistency(old, naive_root(0, old), size, naive_root(0, size), grown)


@given(sizes, st.data())
def test_a_proof_changed_anywhere_is_refused(size: int, draw: st.DataObject) -> None:
    """A bit, a hash more, a hash less, two exchanged, another place, another size."""
    index = draw.draw(st.integers(0, size - 1))
    root = naive_root(0, size)
    proof = prove(index, index + 1, size, naive_root)
    refused(index, LEAVES[index - 1], size, root, proof)
    refused(index, LEAVES[index], size, naive_root(0, size + 1 if size < 80 else 1), proof)
    refused(index, LEAVES[index], size, root, [*proof, EMPTY_ROOT])
    refused(index, LEAVES[index], index, root, proof)
    for at, each in enumerate(proof):
        flipped = bytes([each[0] ^ 1]) + each[1:]
        refused(index, LEAVES[index], size, root, [*proof[:at], flipped, *proof[at + 1 :]])
        refused(index, LEAVES[index], size, root, [*proof[:at], *proof[at + 1 :]])
        refused(index, LEAVES[index], size, root, [*proof[:at], each[1:], *proof[at + 1 :]])
    if len(proof) > 1:
        refused(index, LEAVES[index], size, root, proof[::-1])


@given(sizes, st.data())
def test_a_tree_that_did_not_grow_from_the_other_is_refused(size: int, draw: st.DataObject) -> None:
    """Whatever proof comes with it."""
    old = draw.draw(st.integers(1, size))
    proof = prove(0, old, size, naive_root)
    with pytest.raises(ProofWrong):
        check_consistency(old, leaf_hash(b"another"), size, naive_root(0, size), proof)
    with pytest.raises(ProofWrong):
        check_consistency(old, naive_root(0, old), size, leaf_hash(b"another"), proof)


def test_a_smaller_tree_is_no_growth() -> None:
    """A proof from five leaves to four cannot be."""
    with pytest.raises(ProofWrong, match="no such subtree"):
        check_consistency(5, naive_root(0, 5), 4, naive_root(0, 4), [])


def test_everything_has_grown_from_the_empty_tree() -> None:
    """And nothing else has an empty root."""
    check_consistency(0, EMPTY_ROOT, 3, naive_root(0, 3), [])
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    for old_root, size, root, proof in (
        (EMPTY_ROOT, 3, naive_root(0, 3), [EMPTY_ROOT]),
        (LEAVES[0], 3, naive_root(0, 3), []),
        (EMPTY_ROOT, 0, LEAVES[0], []),
        (EMPTY_ROOT, 3, EMPTY_ROOT, []),
    ):
        with pytest.raises(ProofWrong, match="empty tree"):
            check_consistency(0, old_root, size, root, proof)


def test_a_subtree_starts_where_a_tree_of_its_size_may() -> None:
    """The rule of the draft, with its examples."""
    assert is_subtree(4, 8)
    assert is_subtree(8, 13)
    assert is_subtree(0, 7)
    assert not is_subtree(3, 7)
    assert not is_subtree(6, 6)
    assert not is_subtree(-1, 1)
    with pytest.raises(ProofWrong, match="no such subtree"):
        proof_shape(3, 7, 8)


@given(st.integers(1, 2**62), st.data())
def test_no_proof_is_longer_than_the_bound(size: int, draw: st.DataObject) -> None:
    """So a reader may refuse more unread."""
    index = draw.draw(st.integers(0, size - 1))
    old = draw.draw(st.integers(1, size))
    assert len(proof_shape(index, index + 1, size).spans) <= PROOF_HASHES_MAX
    assert len(proof_shape(0, old, size).spans) <= PROOF_HASHES_MAX


def refused(index: int, leaf: bytes, size: int, root: bytes, proof: list[bytes]) -> None:
    """Hold that a proof is not accepted."""
    with pytest.raises(ProofWrong):
        check_inclusion(index, leaf, size, root, proof)


@functools.cache
def naive_root(start: int, end: int) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    middle = start + naive_fork(end - start)
    return sha256(b"\x01" + naive_root(start, middle) + naive_root(middle, end)).digest()


def naive_path(index: int, window: tuple[int, int]) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3, word for word."""
    low, high = window
    if high - low == 1:
        return []
    middle = low + naive_fork(high - low)
    if index < middle:
        return [*naive_path(index, (low, middle)), naive_root(middle, high)]
    return [*naive_path(index, (middle, high)), naive_root(low, middle)]


def naive_proof(start: int, end: int, window: tuple[int, int], *, is_whole: bool) -> list[bytes]:
    """SUBTREE_SUBPROOF of the draft, word for word; with start 0, SUBPROOF of RFC 9162."""
    low, high = window
    if (start, end) == window:
        return [] if is_whole else [naive_root(low, high)]
    middle = low + naive_fork(high - low)
    if end <= middle:
        inner = naive_proof(start, end, (low, middle), is_whole=is_whole)
        return [*inner, naive_root(middle, high)]
    if start >= middle:
        inner = naive_proof(start, end, (middle, high), is_whole=is_whole)
        return [*inner, naive_root(low, middle)]
    inner = naive_proof(middle, end, (middle, high), is_whole=False)
    return [*inner, naive_root(low, middle)]


def naive_fork(size: int) -> int:
    """Return the largest power of two smaller than ``size``."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power
