"""Strict deterministic CBOR for bytes that come from, or are signed for, another party.

One value has one encoding (RFC 8949 §4.2.1): whoever hashes or signs it gets the same bytes as
everyone else, and nobody can smuggle a second meaning past a parser that reads leniently. Only
whole numbers, byte strings, text, lists, maps with whole-number keys, true, false and null exist
here; floats, tags and indefinite lengths are refused.
"""

from collections.abc import Mapping
from typing import Final, Never, TypeAlias, cast

import cbor2

from parley.errors import EncodingRefused

Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[int, Value] | None"

DEPTH_MAX: Final = 8
"""Nesting allowed: our deepest letter has six levels. More costs stack on hostile input."""
_TAGS: Final = (
    *(0, 1, 2, 3, 4, 5, 21, 22, 23, 24, 25, 28, 29, 30, 32, 33, 34, 35, 36, 37, 43, 52, 54),
    *(100, 256, 258, 260, 261, 1004, 43000, 55799),
)


def encode(value: Value) -> bytes:
    """Return the one deterministic encoding of ``value``."""
    return cbor2.dumps(value, canonical=True)


def decode(encoded: bytes, bytes_max: int) -> Value:
    """Read foreign bytes that must be the deterministic encoding of one value.

    Args:
        encoded: the bytes as they came.
        bytes_max: what the caller is ready to read; longer is refused unread.

    Raises:
        EncodingRefused: the bytes are longer, or anything but strict deterministic CBOR.
    """
    if len(encoded) > bytes_max:
        raise EncodingRefused(reason="too long")
    try:
        value: object = cbor2.loads(
            encoded,
            semantic_decoders=dict.fromkeys(_TAGS, _refuse_tag),
            max_depth=DEPTH_MAX,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORDecodeError, ValueError, OverflowError, TypeError) as error:
        raise EncodingRefused(reason="not well-formed") from error
    checked = _checked(value)
    if encode(checked) != encoded:
        raise EncodingRefused(reason="not the shortest form")
    return checked


def decode_map(encoded: bytes, bytes_max: int) -> Mapping[int, Value]:
    """Read foreign bytes that must be a map with whole-number keys.

    Raises:
        EncodingRefused: the bytes are no such map.
    """
    value = decode(encoded, bytes_max)
    if not isinstance(value, dict):
        raise EncodingRefused(reason="not a map")
    return value


def _refuse_tag(*_: object) -> Never:
    raise EncodingRefused(reason="a tag")


def _checked(value: object) -> Value:
    """Return ``value`` if it holds only the types that exist here."""
    if value is None or isinstance(value, bool | int | bytes | str):
        return value
    if isinstance(value, list):
        return [_checked(item) for item in value]
    if isinstance(value, dict):
        if all(type(key) is int for key in value):
            return {cast("int", key): _checked(item) for key, item in value.items()}
        raise EncodingRefused(reason="a key that is no whole number")
    raise EncodingRefused(reason="a type that does not exist here")
