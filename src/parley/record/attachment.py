"""A file as it is sealed: its name and type first, so that they are erased with it.

What comes out of another party's file is bytes and two labels, and nothing here believes either:
names lose every separator and control character, types that are none become that of plain bytes.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from typing_extensions import override

from parley.errors import BlobDamaged, EncodingRefused, RequestMalformed
from parley.record.cbor import decode_map, encode

NAME_CHARACTERS_MAX: Final = 200
HEAD_BYTES_MAX: Final = 4_096
_LENGTH_BYTES: Final = 4
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,127}")
PLAIN: Final = "application/octet-stream"
_BANNED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    """What a file is called and what it is said to be."""

    name: str
    media_type: str = PLAIN

    @override
    def __repr__(self) -> str:
        """Keep names out of logs."""
        return f"AttachmentFile({self.media_type})"


def write_head(file: AttachmentFile) -> bytes:
    """Return what is sealed before a file's bytes.

    Raises:
        RequestMalformed: the name or the type is none.
    """
    if safe_name(file.name) != file.name or not 0 < len(file.name) <= NAME_CHARACTERS_MAX:
        raise RequestMalformed(field="name")
    if not _TYPE.fullmatch(file.media_type):
        raise RequestMalformed(field="type")
    head = encode({0: file.name, 1: file.media_type})
    return len(head).to_bytes(_LENGTH_BYTES, "big") + head


def read_attachment(pieces: Iterable[bytes], blob: str) -> tuple[AttachmentFile, Iterator[bytes]]:
    """Read what was sealed: the labels, then the file's bytes as they come.

    Raises:
        BlobDamaged: it does not begin as an attachment does.
    """
    source = iter(pieces)
    held = b""
    wanted = _LENGTH_BYTES
    while len(held) < wanted:
        piece = next(source, None)
        if piece is None:
            raise BlobDamaged(blob=blob, reason="it ends before its name")
        held += piece
        if len(held) >= _LENGTH_BYTES:
            wanted = _LENGTH_BYTES + int.from_bytes(held[:_LENGTH_BYTES], "big")
            if wanted > _LENGTH_BYTES + HEAD_BYTES_MAX:
                raise BlobDamaged(blob=blob, reason="its name is too long")
    try:
        fields = decode_map(held[_LENGTH_BYTES:wanted])
    except EncodingRefused as error:
        raise BlobDamaged(blob=blob, reason="its name is unreadable") from error
    name, media_type = fields.get(0), fields.get(1)
    if not isinstance(name, str) or not isinstance(media_type, str):
        raise BlobDamaged(blob=blob, reason="it has no name")
    is_type = _TYPE.fullmatch(media_type) is not None
    file = AttachmentFile(safe_name(name) or "file", media_type if is_type else PLAIN)
    return file, chain([held[wanted:]], source)


def safe_name(name: str) -> str:
    """Return a name without what could make it another file's, or look like another name."""
    kept = (each for each in name if unicodedata.category(each) not in _BANNED)
    return "".join("_" if each in '/\\:*?"<>|' else each for each in kept).strip(" .")[
        :NAME_CHARACTERS_MAX
    ]
