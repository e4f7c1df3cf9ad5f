"""Signed notes, as C2SP signed-note defines them: text, an empty line, lines of signatures.

Reading a note says nothing about who signed it; :mod:`parley.record.signing` does.
"""

import binascii
import re
from dataclasses import dataclass
from typing import Final

from parley.errors import NoteMalformed

NOTE_BYTES_MAX: Final = 65_535
"""Sixteen parties with an ML-DSA-44 signature each need 53,000."""
SIGNATURES_MAX: Final = 64
"""C2SP asks for at least 16 to be read."""
KEY_ID_BYTES: Final = 4
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_NAME: Final = re.compile(r"[^\s+]+")
_DASH: Final = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    """Name of the key."""
    key_id: bytes
    """Four bytes that, with the name, say which key it was."""
    signature: bytes
    """What the key made, in the form its type has."""

    def line(self) -> str:
        """Return the line as it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """Text that is signed, with the signatures below it."""

    text: str
    """What is signed, with its last newline."""
    signatures: tuple[NoteSignature, ...]
    """In the order they stand."""

    def encoded(self) -> bytes:
        """Return the note as it is sent and stored."""
        lines = "".join(signature.line() for signature in self.signatures)
        return f"{self.text}\n{lines}".encode()


def read_note(encoded: bytes) -> Note:
    """Read foreign bytes as a note.

    Raises:
        NoteMalformed: they are none.
    """
    if len(encoded) > NOTE_BYTES_MAX:
        raise NoteMalformed(reason="too long")
    try:
        content = encoded.decode()
    except UnicodeDecodeError as error:
        raise NoteMalformed(reason="not UTF-8") from error
    if _CONTROL.search(content):
        raise NoteMalformed(reason="a control character")
    text, separator, lines = content.rpartition("\n\n")
    if not separator:
        raise NoteMalformed(reason="no empty line before the signatures")
    return Note(f"{text}\n", read_signatures(lines))


def read_signatures(lines: str) -> tuple[NoteSignature, ...]:
    """Read signature lines, one or more.

    Raises:
        NoteMalformed: something else stands there.
    """
    if not lines.endswith("\n"):
        raise NoteMalformed(reason="it ends within a line")
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > SIGNATURES_MAX:
        raise NoteMalformed(reason="too many signatures")
    return signatures


def is_key_name(name: str) -> bool:
    """Say whether C2SP signed-note allows ``name`` for a key: no space, no plus, not empty."""
    return _KEY_NAME.fullmatch(name) is not None


def from_base64(text: str) -> bytes:
    """Return what base64 text stands for; only the one spelling is read (RFC 4648 §3.5).

    Raises:
        NoteMalformed: it is not base64, or not in that spelling.
    """
    try:
        content = binascii.a2b_base64(text)
    except ValueError as error:
        raise NoteMalformed(reason="not base64") from error
    # What the decoder passes over is not in the one spelling either.
    if to_base64(content) != text:
        raise NoteMalformed(reason="not base64 as it should be")
    return content


def to_base64(content: bytes) -> str:
    """Return bytes as base64 (RFC 4648 §4)."""
    return binascii.b2a_base64(content, newline=False).decode("ascii")


def _signature(line: str) -> NoteSignature:
    dash, name, encoded = line[: len(_DASH)], *_two(line[len(_DASH) :])
    if dash != _DASH or not is_key_name(name):
        raise NoteMalformed(reason="a line that is no signature")
    content = from_base64(encoded)
    if len(content) <= KEY_ID_BYTES:
        raise NoteMalformed(reason="a signature without content")
    return NoteSignature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def _two(text: str) -> tuple[str, str]:
    first, _, second = text.partition(" ")
    return first, second
