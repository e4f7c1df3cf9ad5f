"""Typed identifiers: 16 bytes each, written as 26 letters and digits.

Ids are ``bytes`` so that the engine takes them as they are, and types of their own so that a room
is never passed where a person is meant. The text form is RFC 4648 base32 in lower case without
padding: it can be read aloud, selected with a double click and put into a URL.
"""

import base64
import binascii
import hashlib
import re
import secrets
from functools import lru_cache
from typing import Final, Self

from typing_extensions import override

ID_BYTES: Final = 16
"""Length of every id; 128 bits cannot be guessed and do not collide."""
ID_CHARACTERS: Final = 26
_TEXT: Final = re.compile(r"[a-z2-7]{26}")
_TEXTS_MAX: Final = 1_024
"""Texts remembered: the names of logs are written for every entry, checkpoint and letter."""


class Id(bytes):
    """A 16-byte identifier; use one of the subclasses."""

    __slots__ = ()

    def __new__(cls, raw: bytes) -> Self:
        """Take 16 raw bytes.

        Raises:
            ValueError: ``raw`` is not 16 bytes long.
        """
        if len(raw) != ID_BYTES:
            reason = f"an id has {ID_BYTES} bytes, not {len(raw)}"
            raise ValueError(reason)
        return super().__new__(cls, raw)

    @classmethod
    def new(cls) -> Self:
        """Return a fresh random id from the operating system's generator."""
        return cls(secrets.token_bytes(ID_BYTES))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the 26-character text form; only the one canonical spelling is accepted.

        Raises:
            ValueError: ``text`` is not an id.
        """
        if not _TEXT.fullmatch(text):
            reason = "an id is 26 characters of a-z and 2-7"
            raise ValueError(reason)
        try:
            raw = base64.b32decode(text.upper() + "======")
        except binascii.Error as error:
            raise ValueError(str(error)) from error
        parsed = cls(raw)
        if parsed.text != text:
            reason = "an id must not have bits set after its last byte"
            raise ValueError(reason)
        return parsed

    @property
    def text(self) -> str:
        """The text form: 26 lower-case base32 characters."""
        return _text_of(self)

    @override
    def __repr__(self) -> str:
        """Show type and text; ids are no personal data and may be logged."""
        return f"{type(self).__name__}({self.text})"

    @override
    def __str__(self) -> str:
        """Show what :func:`repr` shows, never raw bytes."""
        return repr(self)


@lru_cache(_TEXTS_MAX)
def _text_of(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


class PartyId(Id):
    """A party: the first 16 bytes of SHA-256 of its public key."""

    __slots__ = ()

    @classmethod
    def of_key(cls, public_key: bytes) -> Self:
        """Return the id of the party that holds ``public_key`` (32 bytes, Ed25519)."""
        return cls(hashlib.sha256(public_key).digest()[:ID_BYTES])


class PersonId(Id):
    """A person of our own party."""

    __slots__ = ()


class SignInId(Id):
    """One person signed in on one browser."""

    __slots__ = ()


class PasskeyId(Id):
    """One passkey of one person."""

    __slots__ = ()


class OfficeId(Id):
    """A post of our party that several people hold by turns."""

    __slots__ = ()


class DutyId(Id):
    """One person's time on duty in one office."""

    __slots__ = ()


class BrokenGlassId(Id):
    """One role lent to one person for a while."""

    __slots__ = ()


class DuressCallId(Id):
    """One call of one person of ours who is forced."""

    __slots__ = ()


class MachineAccountId(Id):
    """One program that may ask."""

    __slots__ = ()


class RoomId(Id):
    """A room, the same id at every party it spans."""

    __slots__ = ()


class ParticipantId(Id):
    """A person in a room, from joining to leaving; another id at the next joining."""

    __slots__ = ()


class SpaceId(Id):
    """Those who keep a record together, the same id at every party."""

    __slots__ = ()

    @classmethod
    def of_pair(cls, first: PartyId, second: PartyId) -> Self:
        """Return the space of a line: the two parties that it joins, in whichever order."""
        both = b"".join(sorted((first, second)))
        return cls(hashlib.sha256(b"parley space\0" + both).digest()[:ID_BYTES])


class ThreadId(Id):
    """The entries of the record that belong to one matter; chosen by the first of them."""

    __slots__ = ()


class CaseId(Id):
    """What is sealed under one key, so that it is erased together: the key's id in the record."""

    __slots__ = ()


class ActorId(Id):
    """A person as the record names them: a pseudonym, so that the name can be erased."""

    __slots__ = ()


class DraftId(Id):
    """An alert that is being written; it has no other name before it is released."""

    __slots__ = ()


class ShiftId(Id):
    """A time for which somebody is to be on duty in an office."""

    __slots__ = ()


class NoticeId(Id):
    """One end that is told because of one step."""

    __slots__ = ()


class DutyDeviceId(Id):
    """One device on which a person of ours is called."""

    __slots__ = ()


class BootId(Id):
    """One start of a node; tells the other party that what it was told before is gone."""

    __slots__ = ()


def track_text(participant: ParticipantId, index: int) -> str:
    """Return a track's text id, ``<participant>/<index>``."""
    return f"{participant.text}/{index}"


def parse_track(text: str) -> tuple[ParticipantId, int]:
    """Read a track's text id.

    Raises:
        ValueError: ``text`` is not ``<participant>/<0, 1 or 2>``.
    """
    participant, separator, index = text.partition("/")
    if not separator or index not in {"0", "1", "2"}:
        reason = "a track is <participant>/<0, 1 or 2>"
        raise ValueError(reason)
    return ParticipantId.parse(participant), int(index)
