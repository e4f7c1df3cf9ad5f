"""Deterministic CBOR, beside a library that somebody else wrote."""

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parley.errors import EncodingRefused
from parley.record.cbor import DEPTH_MAX, Value, decode, decode_map, encode

whole = st.integers(-(2**64), 2**64 - 1)
leaves = st.none() | st.booleans() | whole | st.binary(max_size=20) | st.text(max_size=20)
values: st.SearchStrategy[Value] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 2**64 - 1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_a_value_survives_the_way_to_bytes_and_back(value: Value) -> None:
    """And the referee writes and reads the same."""
    encoded = encode(value)

    assert encoded == cbor2.dumps(value, canonical=True)
    assert decode(encoded) == cbor2.loads(encoded) == value


@given(st.binary(max_size=64))
@example(bytes.fromhex("f4"))
def test_any_bytes_are_the_one_encoding_of_something_or_refused(encoded: bytes) -> None:
    """Whoever hashes what was read gets the same hash."""
    try:
        value = decode(encoded)
    except EncodingRefused:
        return
    assert encode(value) == encoded


@given(values, st.data())
def test_a_changed_encoding_never_reads_as_the_same_value(
    value: Value, draw: st.DataObject
) -> None:
    """Flip any bit: another value or none."""
    encoded = bytearray(encode(value))
    at = draw.draw(st.integers(0, len(encoded) * 8 - 1))
    encoded[at // 8] ^= 1 << at % 8
    try:
        read = decode(bytes(encoded))
    except EncodingRefused:
        return
    assert encode(read) == bytes(encoded)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ("1800", "not the shortest form"),
        ("1817", "not the shortest form"),
        ("1900ff", "not the shortest form"),
        ("1a0000ffff", "not the shortest form"),
        ("1b00000000ffffffff", "not the shortest form"),
        ("5803616263", "not the shortest form"),
        ("19ff", "ends too early"),
        ("0102", "bytes after the value"),
        ("9fff", "no definite length"),
        ("bf0102ff", "no definite length"),
        ("5f4101ff", "no definite length"),
        ("1c", "no definite length"),
        ("a201010102", "keys out of order"),
        ("a202010101", "keys out of order"),
        ("a12001", "a key that is no whole number"),
        ("a1616101", "a key that is no whole number"),
        ("f90000", "not the shortest form"),
        ("f97e00", "a float"),
        ("fa47c35000", "a float"),
        ("fb7ff8000000000000", "a float"),
        ("f814", "not the shortest form"),
        ("f8ff", "a float or a simple value"),
        ("f7", "a float or a simple value"),
        ("e0", "a float or a simple value"),
        ("c000", "a tag"),
        ("c24101", "a tag"),
        ("d9d9f701", "a tag"),
        ("62ffff", "not UTF-8"),
        ("63eda080", "not UTF-8"),
        ("5b7fffffffffffffff", "ends too early"),
        ("9b7fffffffffffffff", "ends too early"),
        ("bb7fffffffffffffff", "ends too early"),
    ],
)
def test_everything_but_the_one_form_is_refused(text: str, reason: str) -> None:
    """Each of these is CBOR, or nearly, and none is ours."""
    with pytest.raises(EncodingRefused, match=reason):
        decode(bytes.fromhex(text))


def test_sixteen_levels_are_read_and_the_seventeenth_is_refused() -> None:
    """Ten thousand are refused as cheaply."""
    decode(b"\x81" * DEPTH_MAX + b"\x00")
    for depth in (DEPTH_MAX + 1, 10_000):
        with pytest.raises(EncodingRefused, match="nested too deep"):
            decode(b"\x81" * depth + b"\x00")


def test_a_map_is_asked_for_by_name() -> None:
    """Anything else is refused."""
    assert decode_map(encode({1: "a"})) == {1: "a"}
    with pytest.raises(EncodingRefused, match="not a map"):
        decode_map(encode([1]))


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, {-1: 0}])
def test_what_has_no_encoding_is_our_own_mistake(value: Value) -> None:
    """Numbers beyond 64 bits and negative keys."""
    with pytest.raises(ValueError, match=r"64 bits|negative"):
        encode(value)
