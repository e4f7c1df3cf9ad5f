"""Checkpoints (C2SP tlog-checkpoint), and how logs and the parties that cosign them are named.

A log's origin is ``parley/<space>/<party>/<epoch>``, ids in their text form; a party cosigns under
the name ``parley/<party>``. Both say whose they are by themselves, because a party's id is the hash
of its first key: a checkpoint of one space or party cannot be shown as that of another.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from parley.errors import NoteMalformed
from parley.ids import PartyId, SpaceId
from parley.record.entry import EPOCH_MAX, SIZE_MAX
from parley.record.merkle import EMPTY_ROOT, HASH_BYTES
from parley.record.note import from_base64, to_base64

_ORIGIN: Final = re.compile(r"parley/([a-z2-7]{26})/([a-z2-7]{26})/(0|[1-9][0-9]{0,9})")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES: Final = 3
_REMEMBERED: Final = 256
"""Texts whose meaning is remembered, 1 KiB each at most: a checkpoint is read ten times from its
signature to its cosignature. A longer text than one of ours is refused, and that is not kept."""


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Which log: one party's, in one space, in one epoch."""

    space: SpaceId
    """The space it belongs to."""
    party: PartyId
    """The party that writes it."""
    epoch: int = 0
    """0 for the first; a later one goes on where the one before was closed."""

    def text(self) -> str:
        """Return the origin as it stands in checkpoints."""
        return f"parley/{self.space.text}/{self.party.text}/{self.epoch}"


@lru_cache(_REMEMBERED)
def read_origin(text: str) -> Origin:
    """Read an origin.

    Raises:
        NoteMalformed: it names no log of Parley's.
    """
    found = _ORIGIN.fullmatch(text)
    if found is None or int(found[3]) > EPOCH_MAX:
        raise NoteMalformed(reason="no origin of ours")
    try:
        return Origin(SpaceId.parse(found[1]), PartyId.parse(found[2]), int(found[3]))
    except ValueError as error:
        raise NoteMalformed(reason="no origin of ours") from error


def cosigner_name(party: PartyId) -> str:
    """Return the name under which a party signs that it holds a log."""
    return f"parley/{party.text}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one size."""

    origin: Origin
    """Which log."""
    size: int
    """Entries in it."""
    root: bytes
    """Root of the tree over them."""

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin.text()}\n{self.size}\n{to_base64(self.root)}\n"


@lru_cache(_REMEMBERED)
def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint.

    Lines after the third are refused: C2SP discourages them, an ML-DSA-44 cosignature does not
    cover them, and ours have none.

    Raises:
        NoteMalformed: it is no checkpoint of a log of Parley's.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[_LINES]:
        raise NoteMalformed(reason="a checkpoint has three lines")
    origin, size, root = read_origin(lines[0]), lines[1], from_base64(lines[2])
    if not _DECIMAL.fullmatch(size) or int(size) > SIZE_MAX:
        raise NoteMalformed(reason="the size is no number")
    if len(root) != HASH_BYTES or (int(size) == 0) != (root == EMPTY_ROOT):
        raise NoteMalformed(reason="the root does not fit the size")
    return Checkpoint(origin, int(size), root)
