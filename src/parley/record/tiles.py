"""A tree as C2SP tlog-tiles: rows of up to 256 hashes, and entries in bundles beside them.

Tile ``n`` of level ``l`` holds the roots of up to 256 consecutive spans of ``256**l`` leaves. A
partial tile is a prefix of the full one, so one stored value per tile serves every width it ever
had. Nothing here reads a disk: a tree is given something that looks tiles up, and returns the tiles
that changed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from parley.errors import EntryTooLarge, TilesMalformed
from parley.record.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    Frontier,
    fork_of,
    joined,
    perfect_spans,
    prove,
    root_of_leaves,
)

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
"""A tile spans eight levels of the tree."""
ENTRY_BYTES_MAX: Final = 65_535
"""What the two bytes of length before an entry in a bundle can say (C2SP tlog-tiles)."""
ROOTS_MAX: Final = 1_024
"""Roots of spans remembered of one tree, 200 bytes each. More hashes less for proofs that lie far
apart; those of a feed that sends package after package go through a few dozen."""


class TileId(NamedTuple):
    """Where a tile is: its level, and its place within the level."""

    level: int
    number: int

    def path(self, width: int = TILE_WIDTH) -> str:
        """Return the tile's path below the log's prefix, ``tile/0/x001/234`` (C2SP tlog-tiles)."""
        return f"tile/{self.level}/{_number_path(self.number, width)}"


def bundle_path(number: int, width: int = TILE_WIDTH) -> str:
    """Return the path of an entry bundle, ``tile/entries/x001/234.p/56`` (C2SP tlog-tiles)."""
    return f"tile/entries/{_number_path(number, width)}"


def bundled(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each after its length in two bytes.

    Raises:
        EntryTooLarge: an entry is longer than two bytes can say.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise EntryTooLarge(bytes_max=ENTRY_BYTES_MAX)
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def unbundled(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        TilesMalformed: the bundle ends within an entry.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            raise TilesMalformed(what="bundle")
        entries.append(bundle[start:at])
    return entries


def tiles_of(size: int) -> Iterable[tuple[TileId, int]]:
    """Yield every tile of a tree with its width: the full ones, then the partial one, by level."""
    level = 0
    while size:
        full, width = divmod(size, TILE_WIDTH)
        for index in range(full):
            yield TileId(level, index), TILE_WIDTH
        if width:
            yield TileId(level, full), width
        size, level = full, level + 1


def _number_path(number: int, width: int) -> str:
    digits = f"{number:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


class Tree:
    """One log's tree: grows leaf by leaf, and finds the root of any span in its tiles."""

    def __init__(self, size: int, find: Callable[[TileId], bytes]) -> None:
        """Take up a tree where it was left.

        Args:
            size: leaves in the tree.
            find: returns the newest bytes of a tile that :meth:`changed` gave out, from the
                moment it did.

        Raises:
            TilesMalformed: a tile on the right edge is shorter than the size says.
        """
        self.size = size
        self._find = find
        self._changed: dict[TileId, bytes] = {}
        # Leaves are only added, so the root of a whole span is the same for ever.
        self._roots: dict[tuple[int, int], bytes] = {}
        self._edge: list[bytearray] = []
        rest = size
        while rest:
            full, width = divmod(rest, TILE_WIDTH)
            tile = self._stored(TileId(len(self._edge), full), width) if width else b""
            self._edge.append(bytearray(tile))
            rest = full
        self._frontier = Frontier(size, [self._perfect(*span) for span in perfect_spans(size)])

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        return self._frontier.root()

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash, and to each level above the root of a tile that is full."""
        self._frontier.append(leaf)
        self.size += 1
        self._fill(0, leaf)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes; where they fill a whole tile it is hashed once, and not leaf by leaf."""
        at = 0
        while at < len(leaves):
            part = leaves[at : at + TILE_WIDTH]
            if self.size % TILE_WIDTH or len(part) < TILE_WIDTH:
                self.append(leaves[at])
                at += 1
            else:
                self.append_tile(part, root_of_leaves(part))
                at += TILE_WIDTH

    def append_tile(self, leaves: Sequence[bytes], root: bytes) -> None:
        """Add the 256 leaf hashes of a whole tile, whose root is known."""
        self._changed[TileId(0, self.size >> TILE_HEIGHT)] = b"".join(leaves)
        self._frontier.append_span(root, TILE_WIDTH)
        self.size += TILE_WIDTH
        if not self._edge:
            self._edge.append(bytearray())
        self._fill(1, root)

    def _fill(self, level: int, added: bytes) -> None:
        """Add a hash to the last tile of a level, and its root to the next while one is full."""
        while True:
            if level == len(self._edge):
                self._edge.append(bytearray())
            tile = self._edge[level]
            tile += added
            if len(tile) < TILE_WIDTH * HASH_BYTES:
                return
            whole = TileId(level, (self.size >> TILE_HEIGHT * (level + 1)) - 1)
            self._changed[whole] = bytes(tile)
            added = root_of_leaves(_hashes(tile))
            tile.clear()
            level += 1

    def changed(self) -> dict[TileId, bytes]:
        """Return the tiles to be stored, as they are, since this was last asked."""
        taken = {**self._changed, **self._partial()}
        self._changed = {}
        return taken

    def root_of(self, start: int, end: int) -> bytes:
        """Return the root of a span; ``[0, n)`` gives the root the tree had with ``n`` leaves."""
        width = end - start
        if width == 0:
            return EMPTY_ROOT
        if width & width - 1 == 0 and start % width == 0:
            return self._perfect(start, end)
        middle = start + fork_of(width)
        return joined(self.root_of(start, middle), self.root_of(middle, end))

    def tile(self, tile: TileId, width: int) -> bytes:
        """Return a tile as it was when it had ``width`` hashes."""
        return self._tile(tile)[: width * HASH_BYTES]

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Return the leaf hashes of a span that lies within one tile of level 0."""
        if start == end:
            return []
        index, offset = divmod(start, TILE_WIDTH)
        tile = self._tile(TileId(0, index))
        return _hashes(tile[offset * HASH_BYTES : (offset + end - start) * HASH_BYTES])

    def last_tile(self) -> Frontier:
        """Return the leaves after the last whole tile as a tree of their own, to be added to."""
        width = self.size % TILE_WIDTH
        hashes = self._frontier.hashes()
        return Frontier(width, hashes[len(hashes) - width.bit_count() :])

    def prove_inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that leaf ``index`` is in the tree of ``size`` leaves."""
        return prove(index, index + 1, size, self.root_of)

    def prove_consistency(self, old_size: int, size: int) -> list[bytes]:
        """Return the proof that the tree of ``size`` leaves grew from that of ``old_size``."""
        return prove(0, old_size, size, self.root_of) if old_size else []

    def prove_subtree(self, start: int, end: int, size: int) -> list[bytes]:
        """Return the proof that the tree of ``size`` leaves contains the subtree."""
        return prove(start, end, size, self.root_of)

    def _perfect(self, start: int, end: int) -> bytes:
        """Return the root of a span whose size is a power of two and divides its start."""
        found = self._roots.get((start, end))
        if found is not None:
            return found
        level, rest = divmod((end - start).bit_length() - 1, TILE_HEIGHT)
        index, offset = divmod(start >> TILE_HEIGHT * level, TILE_WIDTH)
        tile = self._tile(TileId(level, index))
        first = offset * HASH_BYTES
        root = root_of_leaves(_hashes(tile[first : first + (HASH_BYTES << rest)]))
        if end <= self.size:
            if len(self._roots) >= ROOTS_MAX:
                self._roots.clear()
            self._roots[start, end] = root
        return root

    def _tile(self, tile: TileId) -> bytes:
        has_edge = tile.level < len(self._edge)
        if has_edge and tile.number == self.size >> TILE_HEIGHT * (tile.level + 1):
            return bytes(self._edge[tile.level])
        return self._changed.get(tile) or self._stored(tile, TILE_WIDTH)

    def _stored(self, tile: TileId, width: int) -> bytes:
        found = self._find(tile)[: width * HASH_BYTES]
        if len(found) != width * HASH_BYTES:
            raise TilesMalformed(what=tile.path(width))
        return found

    def _partial(self) -> dict[TileId, bytes]:
        return {
            TileId(level, self.size >> TILE_HEIGHT * (level + 1)): bytes(tile)
            for level, tile in enumerate(self._edge)
            if tile
        }


def _hashes(tile: bytes | bytearray) -> list[bytes]:
    return [bytes(tile[at : at + HASH_BYTES]) for at in range(0, len(tile), HASH_BYTES)]
