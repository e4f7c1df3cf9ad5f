"""Tiles and bundles, as C2SP tlog-tiles has them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.errors import EntryTooLarge, TilesMalformed
from parley.record import tiles as tiles_module
from parley.record.merkle import check_consistency, check_inclusion, leaf_hash, root_of_leaves
from parley.record.tiles import (
    TILE_WIDTH,
    TileId,
    Tree,
    bundle_path,
    bundled,
    tiles_of,
    unbundled,
)

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


def grown(tiles: dict[TileId, bytes], size: int, start: int = 0) -> Tree:
    """Return a tree whose leaves are taken from the list, storing as it goes."""
    tree = Tree(start, tiles.__getitem__)
    for leaf in LEAVES[start:size]:
        tree.append(leaf)
    tiles.update(tree.changed())
    return tree


@settings(max_examples=40)
@given(st.integers(0, 1_500), st.integers(0, 1_500), st.data())
def test_a_tree_taken_up_again_is_the_tree_that_went_on(
    first: int, more: int, draw: st.DataObject
) -> None:
    """Same root, same proofs, whatever was in memory before."""
    tiles: dict[TileId, bytes] = {}
    size = first + more
    grown(tiles, first)
    tree = grown(tiles, size, first)
    assert tree.root() == tree.root_of(0, size) == root_of_leaves(LEAVES[:size])
    if size:
        index = draw.draw(st.integers(0, size - 1))
        proof = tree.prove_inclusion(index, size)
        check_inclusion(index, LEAVES[index], size, tree.root(), proof)
        assert tree.leaves(index, index + 1) == [LEAVES[index]]
    proof = tree.prove_consistency(first, size)
    check_consistency(first, root_of_leaves(LEAVES[:first]), size, tree.root(), proof)


@settings(max_examples=40)
@given(st.integers(0, 1_500), st.integers(0, 300))
def test_the_leaves_of_the_last_tile_are_a_tree_of_their_own(size: int, more: int) -> None:
    """Leaves added to it give the root over both, and leave the tree itself as it was."""
    tree = grown({}, size)
    low = size - size % TILE_WIDTH
    part = tree.last_tile()
    for leaf in LEAVES[size : size + more]:
        part.append(leaf)
    assert part.root() == root_of_leaves(LEAVES[low : size + more])
    assert tree.root() == root_of_leaves(LEAVES[:size])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_leaves_added_at_once_give_the_tree_of_leaves_added_one_by_one(
    counts: list[int],
) -> None:
    """Same tiles at each step, same root, also where a whole tile is hashed once."""
    none: dict[TileId, bytes] = {}
    one, many = Tree(0, none.__getitem__), Tree(0, none.__getitem__)
    for count in counts:
        added = LEAVES[one.size : one.size + count]
        for leaf in added:
            one.append(leaf)
        many.extend(added)
        assert (many.size, many.root()) == (one.size, one.root())
        assert many.changed() == one.changed()


def test_a_tree_extended_over_three_levels_has_the_root_of_its_leaves() -> None:
    """Where tiles of level one are filled by tiles of level nought."""
    tiles: dict[TileId, bytes] = {}
    tree = Tree(0, tiles.__getitem__)
    tree.extend(LEAVES)
    assert tree.root() == root_of_leaves(LEAVES)
    assert tree.changed()[TileId(2, 0)] == root_of_leaves(LEAVES[: 256 * 256])


def test_a_large_tree_has_the_tiles_of_the_specification() -> None:
    """The example of C2SP tlog-tiles: 70,000 entries."""
    tiles: dict[TileId, bytes] = {}
    tree = grown(tiles, 70_000)
    widths: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for tile, width in tiles_of(70_000):
        widths[tile.level].append(width)
        assert len(tiles[tile]) == width * 32

    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert tiles[TileId(1, 0)][:32] == root_of_leaves(LEAVES[:256])
    assert tiles[TileId(2, 0)] == root_of_leaves(LEAVES[: 256 * 256])
    assert tree.root() == root_of_leaves(LEAVES)
    assert tree.root_of(0, 65_536) == root_of_leaves(LEAVES[:65_536])


def test_a_full_first_tile_is_a_partial_one_above() -> None:
    """The specification's example of 256 entries."""
    assert list(tiles_of(256)) == [(TileId(0, 0), 256), (TileId(1, 0), 1)]
    assert list(tiles_of(0)) == []


def test_a_subtree_is_proved_from_tiles() -> None:
    """As a mirror wants it: from a multiple of 256."""
    tree = grown({}, 600)
    assert tree.prove_subtree(256, 512, 600) == [tree.root_of(0, 256), tree.root_of(512, 600)]


def test_a_tree_whose_edge_is_damaged_is_not_taken_up() -> None:
    """A tile shorter than the size says."""
    with pytest.raises(TilesMalformed, match=r"tile/0/000\.p/3"):
        Tree(3, lambda _: bytes(64))


def test_paths_are_those_of_the_specification() -> None:
    """Three digits an element, x before all but the last, the width of a partial one."""
    assert TileId(2, 1_234_067).path() == "tile/2/x001/x234/067"
    assert TileId(0, 7).path(12) == "tile/0/007.p/12"
    assert bundle_path(999) == "tile/entries/999"
    assert bundle_path(1_000, 1) == "tile/entries/x001/000.p/1"


@given(st.lists(st.binary(max_size=300), max_size=TILE_WIDTH))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    """Empty ones too."""
    assert unbundled(bundled(entries)) == entries


def test_a_bundle_cut_anywhere_within_an_entry_is_refused() -> None:
    """In the length and in the entry."""
    bundle = bundled([b"abc", b"de"])
    assert unbundled(bundle[:5]) == [b"abc"]
    for end in (1, 2, 4, 6, 7, 8):
        with pytest.raises(TilesMalformed):
            unbundled(bundle[:end])


def test_an_entry_too_long_for_its_length_is_refused() -> None:
    """Two bytes say at most 65,535."""
    assert len(bundled([bytes(65_535)])) == 65_537
    with pytest.raises(EntryTooLarge):
        bundled([bytes(65_536)])


def test_a_tile_is_given_as_it_was_when_it_was_smaller() -> None:
    """A checkpoint of that size asks for it."""
    assert grown({}, 300).tile(TileId(0, 0), 5) == b"".join(LEAVES[:5])


def test_a_span_of_no_leaves_has_none() -> None:
    """Also where no tile is stored yet."""
    assert grown({}, 0).leaves(0, 0) == []


def test_a_root_is_remembered_only_when_its_span_is_whole() -> None:
    """A span that was asked for too early has its own root once its leaves are there."""
    tree = grown({}, 3)
    early = tree.root_of(0, 4)
    tree.append(LEAVES[3])
    assert tree.root_of(0, 4) == root_of_leaves(LEAVES[:4]) != early


def test_what_is_remembered_of_roots_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree read through wholly costs no more memory, and has the same roots."""
    monkeypatch.setattr(tiles_module, "ROOTS_MAX", 3)
    tree = grown({}, 40)
    for size in (40, 39, 17, 40):
        assert tree.root_of(0, size) == root_of_leaves(LEAVES[:size])
    assert len(tree._roots) <= 3
