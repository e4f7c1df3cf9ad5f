"""Deterministic CBOR (RFC 8949 §4.2.1) for entries: written in one way, read in no other.

What is hashed is what came, so a reader that understood two byte strings as one value would let
an author show two readers the same entry under two hashes, or two entries as one. This reader
decides while it reads: each length in its shortest form, no indefinite lengths, the keys of a map
whole numbers in strictly rising order (so none comes twice), no floats, tags or simple values other
than true, false and null, text in valid UTF-8, at most sixteen levels. It never encodes again to
compare.

Text is not normalised or folded: which sequences are normal depends on a Unicode version, and a
record must mean the same to the reader in ten years. What may be shown is the screen's matter.
"""

from typing import Final, TypeAlias

from parley.errors import EncodingRefused

Value: TypeAlias = "int | bytes | str | bool | list[Value] | dict[int, Value] | None"

DEPTH_MAX: Final = 16
"""Lists and maps inside each other. More costs stack on hostile input; ours need six."""

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLES: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}
_DIRECT_MAX: Final = 23
"""A number up to this lies in the first byte itself (RFC 8949 §3)."""
_BYTE_MAX: Final = 255
_LENGTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_SHORTEST: Final = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
"""The smallest number that needs so many bytes."""
_BYTE: Final = [bytes([each]) for each in range(256)]


def encode(value: Value) -> bytes:
    """Return the one encoding of ``value``.

    Raises:
        ValueError: a number does not fit 64 bits, or a key is negative.
    """
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


def decode(encoded: bytes) -> Value:
    """Read foreign bytes that must be the one encoding of one value.

    Raises:
        EncodingRefused: they are not.
    """
    try:
        value, at = _read(encoded, 0, DEPTH_MAX)
    except IndexError as error:
        raise EncodingRefused(reason="ends too early") from error
    if at > len(encoded):
        # A string that is cut off reads as what there is of it, and leads beyond the end.
        raise EncodingRefused(reason="ends too early")
    if at < len(encoded):
        raise EncodingRefused(reason="bytes after the value")
    return value


def decode_map(encoded: bytes) -> dict[int, Value]:
    """Read foreign bytes that must be the one encoding of a map.

    Raises:
        EncodingRefused: they are not.
    """
    value = decode(encoded)
    if not isinstance(value, dict):
        raise EncodingRefused(reason="not a map")
    return value


def _write(value: Value, parts: list[bytes]) -> None:
    # Byte strings first: nearly all that is written is entries, and hashes in them.
    if isinstance(value, bytes):
        parts += (_head(_BYTES, len(value)), value)
    elif value is None:
        parts.append(b"\xf6")
    elif isinstance(value, bool):
        parts.append(b"\xf5" if value else b"\xf4")
    elif isinstance(value, int):
        parts.append(_head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value))
    elif isinstance(value, str):
        text = value.encode()
        parts += (_head(_TEXT, len(text)), text)
    elif isinstance(value, list):
        parts.append(_head(_LIST, len(value)))
        for item in value:
            if isinstance(item, bytes):
                parts += (_head(_BYTES, len(item)), item)
            else:
                _write(item, parts)
    else:
        _write_map(value, parts)


def _write_map(value: dict[int, Value], parts: list[bytes]) -> None:
    parts.append(_head(_MAP, len(value)))
    for key, item in sorted(value.items()):
        if key < 0:
            reason = "keys are not negative"
            raise ValueError(reason)
        parts.append(_BYTE[key] if key <= _DIRECT_MAX else _head(_UNSIGNED, key))
        if isinstance(item, bytes):
            parts += (_head(_BYTES, len(item)), item)
        else:
            _write(item, parts)


def _head(major: int, number: int) -> bytes:
    """Return the head of an item in its shortest form (RFC 8949 §4.2.1)."""
    if number <= _DIRECT_MAX:
        return _BYTE[major << 5 | number]
    if number <= _BYTE_MAX:
        return bytes((major << 5 | 24, number))
    for form, length in _LENGTHS.items():
        if number < 1 << 8 * length:
            return bytes([major << 5 | form]) + number.to_bytes(length, "big")
    reason = "a number has at most 64 bits"
    raise ValueError(reason)


def _read(encoded: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Return the value that starts at ``at``, and where it ends.

    Raises:
        EncodingRefused: it is not the one encoding of a value.
        IndexError: there is nothing at ``at``, or within the value.
    """
    first = encoded[at]
    major, number, at = first >> 5, first & 0x1F, at + 1
    if number > _DIRECT_MAX:
        number, at = _read_number(encoded, at, number)
    if major == _BYTES:
        end = at + number
        return encoded[at:end], end
    if major == _UNSIGNED:
        return number, at
    if major == _TEXT:
        end = at + number
        return _text(encoded[at:end]), end
    if major in {_LIST, _MAP}:
        if depth == 0:
            raise EncodingRefused(reason="nested too deep")
        # An item has at least one byte: a forged count is refused before anything is made for it.
        if number > len(encoded) - at:
            raise EncodingRefused(reason="ends too early")
        read = _read_list if major == _LIST else _read_map
        return read(encoded, at, number, depth - 1)
    return -1 - number if major == _NEGATIVE else _simple(major, number), at


def _read_number(encoded: bytes, at: int, form: int) -> tuple[int, int]:
    """Return the number of a head that goes on after its first byte, and where the head ends."""
    length = _LENGTHS.get(form)
    if length is None:
        raise EncodingRefused(reason="no definite length")
    end = at + length
    if end > len(encoded):
        raise EncodingRefused(reason="ends too early")
    number = int.from_bytes(encoded[at:end], "big")
    if number < _SHORTEST[form]:
        raise EncodingRefused(reason="not the shortest form")
    return number, end


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise EncodingRefused(reason="not UTF-8") from error


def _read_list(encoded: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    for _ in range(count):
        item, at = _read(encoded, at, depth)
        items.append(item)
    return items, at


def _read_map(encoded: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    items: dict[int, Value] = {}
    before = -1
    for _ in range(count):
        # A key of ours is one byte.
        key = encoded[at]
        if key <= _DIRECT_MAX:
            at += 1
        else:
            key, at = _read_key(encoded, at)
        if key <= before:
            raise EncodingRefused(reason="keys out of order")
        items[key], at = _read(encoded, at, depth)
        before = key
    return items, at


def _read_key(encoded: bytes, at: int) -> tuple[int, int]:
    """Return a key of more than one byte, and where it ends."""
    first = encoded[at]
    if first >> 5 != _UNSIGNED:
        raise EncodingRefused(reason="a key that is no whole number")
    return _read_number(encoded, at + 1, first & 0x1F)


def _simple(major: int, number: int) -> Value:
    if major == _TAG:
        raise EncodingRefused(reason="a tag")
    # The head was in its shortest form, so a float's bits cannot pass for one of these three.
    if number not in _SIMPLES:
        raise EncodingRefused(reason="a float or a simple value that does not exist here")
    return _SIMPLES[number]
