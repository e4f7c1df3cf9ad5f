"""Six digits that two people read to each other, from the keys of their two devices.

Three entries, in this order, each quoting the one before: the asker's device *commits* to its key
and a random number; the asked device *shows* its own key and random number; the asker's device
shows what it committed to. Only then is there a code. Whoever stands between the two must have
chosen its own keys before it knows what the code will be, so six digits are one chance in a million
for each exchange, and every exchange is in both logs. ``protocol/notifications.md`` has the
argument.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

DIGITS: Final = 6
"""Digits read aloud. More: fewer people read them all. Less: ten times the chance to deceive."""
NONCE_BYTES: Final = 16
KEY_BYTES_MIN: Final = 32
KEY_BYTES_MAX: Final = 1_024
"""A public key in DER (SubjectPublicKeyInfo); RSA keys are the long ones."""
EXCHANGES_MAX: Final = 8
"""Exchanges of one call that count. More: more chances to deceive. Less: a device that was changed
twice needs a new request."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """What a device shows of itself for one call."""

    public_key: bytes
    """SubjectPublicKeyInfo in DER, or as the device's kind defines it."""
    nonce: bytes
    """16 random bytes, fresh for this call."""

    def is_sound(self) -> bool:
        """Say whether it has the lengths it must have."""
        return (
            KEY_BYTES_MIN <= len(self.public_key) <= KEY_BYTES_MAX
            and len(self.nonce) == NONCE_BYTES
        )


def commitment_of(request: bytes, shown: DeviceKey) -> bytes:
    """Return what the asker's device commits to before it has seen the other's key.

    Args:
        request: hash of the call request.
        shown: what will be shown later.
    """
    return hashlib.sha256(b"parley identity commitment\0" + request + _part(shown)).digest()


def identity_code(request: bytes, asker: DeviceKey, asked: DeviceKey) -> str:
    """Return the six digits that both people read aloud.

    Args:
        request: hash of the call request.
        asker: what the device of the side that asked showed.
        asked: what the device of the side that was asked showed.
    """
    said = b"parley identity code\0" + request + _part(asker) + _part(asked)
    # 64 bits taken by a million: no code is likelier than another by more than 1 in 10^13.
    number = int.from_bytes(hashlib.sha256(said).digest()[:8], "big") % 10**DIGITS
    return f"{number:0{DIGITS}d}"


def _part(shown: DeviceKey) -> bytes:
    """Return a key and its nonce so that no other pair has the same bytes."""
    return len(shown.public_key).to_bytes(2, "big") + shown.public_key + shown.nonce
