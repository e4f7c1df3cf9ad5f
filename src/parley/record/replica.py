"""A copy of a log that takes in only what its party signed: the part mirrors and restores share."""

from collections.abc import Sequence
from dataclasses import dataclass

from parley.errors import ProofWrong
from parley.record.checkpoint import Checkpoint
from parley.record.letters import Package
from parley.record.merkle import check_subtree, leaf_hash, root_of_leaves
from parley.record.tiles import TILE_WIDTH, TileId, Tree


@dataclass(frozen=True, slots=True)
class EntriesStored:
    """Entries that are proved and new, with the tiles that changed: to be stored together."""

    start: int
    """Place of the first."""
    entries: tuple[bytes, ...]
    """The entries; none when everything was known."""
    tiles: dict[TileId, bytes]
    """Tiles of the log's tree as they are after them."""
    leaves: tuple[bytes, ...]
    """The hash of each of the entries."""


def take_in(tree: Tree, package: Package, checkpoint: Checkpoint) -> EntriesStored:
    """Add a package to a copy, once it is proved to be in the tree of a signed checkpoint.

    The copy's own leaves fill the package's subtree up from the left, so the proof also holds the
    copy against the checkpoint. What the copy has already is passed over: it is proved to be the
    same. Nothing changes when the package is refused.

    Raises:
        ProofWrong: the package is not in that tree, or does not go on from the copy.
    """
    low = package.start - package.start % TILE_WIDTH
    end = package.start + len(package.entries)
    if package.start > tree.size or end > min(low + TILE_WIDTH, checkpoint.size):
        raise ProofWrong(reason="the package does not fit")
    leaves = [leaf_hash(entry) for entry in package.entries]
    subtree = _root_with(tree, low, package.start, leaves)
    check_subtree((low, end), subtree, checkpoint.size, checkpoint.root, list(package.proof))
    start, known = tree.size, max(0, tree.size - package.start)
    if len(leaves) == TILE_WIDTH and known == 0:
        tree.append_tile(leaves, subtree)
    else:
        tree.extend(leaves[known:])
    new = tuple(leaves[known:])
    return EntriesStored(start, package.entries[known:], tree.changed(), new)


def _root_with(tree: Tree, low: int, start: int, leaves: Sequence[bytes]) -> bytes:
    """Return the root over a copy's leaves from ``low`` to ``start`` and a package's after them."""
    if start != tree.size or start == low:
        return root_of_leaves([*tree.leaves(low, start), *leaves])
    # What is there already is joined as far as it can be; a few entries add a few hashes.
    part = tree.last_tile()
    for leaf in leaves:
        part.append(leaf)
    return part.root()
