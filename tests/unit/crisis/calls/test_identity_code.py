"""The six digits that two people read to each other."""

import secrets
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.crisis.calls.identity_code import (
    DIGITS,
    NONCE_BYTES,
    DeviceKey,
    commitment_of,
    identity_code,
)

KEYS = st.builds(
    DeviceKey,
    st.binary(min_size=32, max_size=120),
    st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES),
)
COMMITMENT = "1df41c3f1e62ce27f25dc6ecd0609bad0a9596f1f0ada729e96edd5ae561cffe"
CODE = "172969"
REQUESTS = st.binary(min_size=32, max_size=32)


@settings(max_examples=40)
@given(REQUESTS, KEYS, KEYS)
def test_both_sides_read_the_same_six_digits(
    request_hash: bytes, asker: DeviceKey, asked: DeviceKey
) -> None:
    """From what the three entries say and nothing else."""
    code = identity_code(request_hash, asker, asked)
    assert len(code) == DIGITS
    assert code.isdecimal()
    assert code == identity_code(request_hash, asker, asked)


def test_the_code_is_that_of_the_vectors() -> None:
    """Worked out by hand with hashlib: bytes that every implementation must come to."""
    asker = DeviceKey(bytes(range(32)), b"\x01" * 16)
    asked = DeviceKey(bytes(range(32, 64)), b"\x02" * 16)
    request_hash = b"\xaa" * 32
    assert commitment_of(request_hash, asker).hex() == COMMITMENT
    assert identity_code(request_hash, asker, asked) == CODE


@settings(max_examples=40)
@given(REQUESTS, KEYS, KEYS, st.integers(min_value=0, max_value=47))
def test_a_changed_bit_of_a_key_or_nonce_breaks_the_commitment(
    request_hash: bytes, asker: DeviceKey, other: DeviceKey, place: int
) -> None:
    """What was committed to is what must be shown, for this very request."""
    flipped = bytearray(asker.public_key[:32] + asker.nonce)
    flipped[place] ^= 1
    changed = DeviceKey(bytes(flipped[:32]) + asker.public_key[32:], bytes(flipped[32:]))
    assert commitment_of(request_hash, changed) != commitment_of(request_hash, asker)
    assert (commitment_of(request_hash, other) == commitment_of(request_hash, asker)) == (
        other == asker
    )


@given(st.binary(min_size=33, max_size=64), st.integers(min_value=1, max_value=16))
def test_bytes_do_not_move_between_a_key_and_its_nonce(key: bytes, moved: int) -> None:
    """The length stands before the key, so two different pairs are never one text."""
    nonce = bytes(NONCE_BYTES)
    one = DeviceKey(key, nonce)
    two = DeviceKey(key + nonce[:moved], nonce)
    assert commitment_of(b"r" * 32, one) != commitment_of(b"r" * 32, two)


def test_whoever_stands_between_has_one_chance_in_a_million() -> None:
    """20,000 deceptions with everything chosen as late as the exchange allows: none fits.

    The chance that one does is 2 in 100; the seed is fixed by the keys below.
    """
    asker = DeviceKey(b"a" * 32, b"\x03" * 16)
    asked = DeviceKey(b"b" * 32, b"\x04" * 16)
    fitting = 0
    for number in range(20_000):
        # Towards the asked side it must commit before it sees that side's nonce; towards the asker
        # it must show a key before it sees the asker's. Both are then fixed, and so are the codes.
        false = DeviceKey(b"m" * 32, number.to_bytes(NONCE_BYTES, "big"))
        fitting += identity_code(b"r" * 32, asker, false) == identity_code(b"r" * 32, false, asked)
    assert fitting == 0


def test_keys_of_no_length_a_key_has_are_unsound() -> None:
    """Nothing empty, nothing huge, no short nonce."""
    sound = DeviceKey(secrets.token_bytes(91), secrets.token_bytes(NONCE_BYTES))
    assert sound.is_sound()
    assert not replace(sound, public_key=b"").is_sound()
    assert not replace(sound, public_key=bytes(2_000)).is_sound()
    assert not replace(sound, nonce=b"short").is_sound()
