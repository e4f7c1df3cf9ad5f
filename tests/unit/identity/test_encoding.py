"""Strict deterministic CBOR."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import EncodingRefused
from parley.identity.encoding import DEPTH_MAX, Value, decode, decode_map, encode

whole = st.integers(0, 2**64 - 1) | st.integers(-(2**63), -1)
leaves = st.none() | st.booleans() | whole | st.binary(max_size=20) | st.text(max_size=20)
values: st.SearchStrategy[Value] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 99), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_a_value_survives_the_way_to_bytes_and_back(value: Value) -> None:
    """And its bytes are the only ones it has."""
    encoded = encode(value)
    try:
        assert decode(encoded, 10_000) == value
    except EncodingRefused:
        assert depth(value) >= DEPTH_MAX


@given(st.binary(max_size=64))
def test_any_bytes_are_the_one_encoding_of_something_or_refused(encoded: bytes) -> None:
    """Whoever hashes what was read gets the same hash."""
    try:
        value = decode(encoded, 64)
    except EncodingRefused:
        return
    assert encode(value) == encoded


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing
        "1800",  # 0 in two bytes
        "1900ff",  # 255 in three bytes
        "0102",  # two values
        "9fff",  # a list without a length
        "bf0102ff",  # a map without a length
        "5f4101ff",  # bytes in pieces
        "a201010102",  # one key twice
        "a202010101",  # keys out of order
        "a1616101",  # a key that is text
        "a1f401",  # a key that is false
        "a18001",  # a key that is a list
        "f90000",  # a float
        "fa47c35000",  # a float
        "f97e00",  # not a number
        "f7",  # undefined
        "e0",  # a simple value
        "c000",  # a date
        "c24101",  # a big number
        "c2490100000000000000ff",  # a big number that is needed
        "d81c80",  # a shared value
        "d8236161",  # a regular expression
        "d9d9f701",  # CBOR that says so
        "d9fff101",  # a tag nobody knows
        "62ffff",  # no UTF-8
        "63eda080",  # half a surrogate pair
        "5b7fffffffffffffff",  # more bytes than there are
        "9b7fffffffffffffff",  # more items than there are
        "81" * 64 + "00",  # too deep
    ],
)
def test_everything_but_the_one_form_is_refused(text: str) -> None:
    """Each of these is CBOR, or nearly, and none is ours."""
    with pytest.raises(EncodingRefused):
        decode(bytes.fromhex(text), 1_000)


def test_longer_than_the_reader_is_ready_for_is_refused_unread() -> None:
    """The bound comes first."""
    with pytest.raises(EncodingRefused, match="too long"):
        decode(encode([0] * 100), 10)


def test_a_map_is_asked_for_by_name() -> None:
    """Anything else is refused."""
    assert decode_map(encode({1: "a"}), 100) == {1: "a"}
    with pytest.raises(EncodingRefused, match="not a map"):
        decode_map(encode([1]), 100)


def depth(value: Value) -> int:
    """Return how deep a value nests."""
    if isinstance(value, list):
        return 1 + max((depth(item) for item in value), default=0)
    if isinstance(value, dict):
        return 1 + max((depth(item) for item in value.values()), default=0)
    return 0
