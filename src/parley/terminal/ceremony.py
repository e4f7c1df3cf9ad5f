"""What a terminal's key answers a node, and what it refuses to. A core without I/O.

A browser stands between a page and an authenticator and keeps the page from asking for what is not
its own: the origin it writes is the one it spoke to, and a key answers only for an RP id that this
origin is, or lies below (WebAuthn §5.1.3, §5.1.4). A terminal has no browser, so this module does
its part, to the same rules.
"""

import base64
import binascii
import hashlib
import ipaddress
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Final
from urllib.parse import urlsplit

from parley.errors import CeremonyRefused, NodeInsecure, NodeMalformed

CHALLENGE_BYTES_MIN: Final = 16
"""WebAuthn §13.4.3 wants as many; a shorter one could have been collected beforehand."""
CHALLENGE_BYTES_MAX: Final = 1_024
ES256: Final = -7
ED25519: Final = -8


class Flags(IntFlag):
    """What an authenticator says of itself at each use (WebAuthn §6.1)."""

    PRESENT = 0x01
    VERIFIED = 0x04
    BACKUP_ELIGIBLE = 0x08
    BACKED_UP = 0x10
    ATTESTED = 0x40


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a terminal speaks to, as a browser would name it."""

    scheme: str
    host: str
    port: int | None

    @property
    def text(self) -> str:
        """As it stands in what is signed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port is None else f":{self.port}")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_origin(address: str) -> Origin:
    """Return the origin of an address.

    Raises:
        NodeInsecure: it would be spoken to in the clear, over a network; or it is no address.
    """
    try:
        split = urlsplit(address)
        host, port = split.hostname or "", split.port
    except ValueError as error:
        raise NodeInsecure from error
    default = {"https": 443, "http": 80}.get(split.scheme)
    found = Origin(split.scheme, host.lower(), None if port == default else port)
    if not host or split.scheme not in {"https", "http"}:
        raise NodeInsecure
    if split.scheme == "http" and not found.is_loopback:
        raise NodeInsecure
    return found


def check_rp_id(origin: Origin, rp_id: str) -> None:
    """Refuse an RP id that an origin may not ask for.

    A browser knows from the public suffix list below which names nobody may ask for all; a terminal
    takes a name above its host only where it has two labels, and no address at all.

    Raises:
        CeremonyRefused: it is not this origin's.
    """
    is_own = origin.host == rp_id and not _is_address(rp_id)
    is_above = origin.host.endswith(f".{rp_id}") and "." in rp_id.strip(".")
    if not rp_id or not (is_own or is_above):
        raise CeremonyRefused(reason="rp_id")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a node asks a key to do."""

    rp_id: str
    challenge: bytes
    credentials: tuple[bytes, ...]
    """Those that may answer, or that are not to be made again."""


def read_request(options: Mapping[str, Any], origin: Origin) -> Wanted:
    """Return what a node wants signed.

    Raises:
        NodeMalformed: the options are none.
        CeremonyRefused: the key does not answer such a question.
    """
    try:
        rp_id = options.get("rpId", origin.host)
        wanted = Wanted(
            _text(rp_id),
            _challenge(options["challenge"]),
            _ids(options.get("allowCredentials", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NodeMalformed from error
    check_rp_id(origin, wanted.rp_id)
    return wanted


@dataclass(frozen=True, slots=True)
class WantedKey(Wanted):
    """What a node asks to be made."""

    owner: bytes
    """The person, as the node names them."""
    name: str
    algorithms: tuple[int, ...]


def read_creation(options: Mapping[str, Any], origin: Origin) -> WantedKey:
    """Return what key a node wants made.

    Raises:
        NodeMalformed: the options are none.
        CeremonyRefused: the key is not made for such a question.
    """
    try:
        owner = unbase64(options["user"]["id"])
        wanted = WantedKey(
            _text(options["rp"].get("id", origin.host)),
            _challenge(options["challenge"]),
            _ids(options.get("excludeCredentials", [])),
            owner,
            _text(options["user"].get("name", "")),
            tuple(int(each["alg"]) for each in options["pubKeyCredParams"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NodeMalformed from error
    if not 1 <= len(owner) <= 64:  # noqa: PLR2004  WebAuthn §5.4.3
        raise NodeMalformed
    check_rp_id(origin, wanted.rp_id)
    return wanted


def collected(kind: str, challenge: bytes, origin: Origin) -> bytes:
    """Return what is signed about the question, byte for byte as WebAuthn §5.8.1.1 has it."""
    content = {
        "type": kind,
        "challenge": base64url(challenge),
        "origin": origin.text,
        "crossOrigin": False,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def authenticator_output(rp_id: str, flags: Flags, count: int, attested: bytes = b"") -> bytes:
    """Return what an authenticator says of itself (WebAuthn §6.1)."""
    digest = hashlib.sha256(rp_id.encode("utf-8")).digest()
    return digest + bytes([int(flags)]) + struct.pack(">I", count) + attested


def attested_credential(aaguid: bytes, credential: bytes, public: bytes) -> bytes:
    """Return what is said of a new key (WebAuthn §6.5.1); ``public`` is a COSE_Key."""
    return aaguid + struct.pack(">H", len(credential)) + credential + public


def registration(credential: bytes, collected_: bytes, attestation: bytes) -> dict[str, Any]:
    """Return a new key as ``navigator.credentials.create`` gives it, in its JSON form."""
    response = {
        "clientDataJSON": base64url(collected_),
        "attestationObject": base64url(attestation),
    }
    return _answered(credential, response)


def assertion(
    credential: bytes, collected_: bytes, output: bytes, signature: bytes, owner: bytes | None
) -> dict[str, Any]:
    """Return what was signed as ``navigator.credentials.get`` gives it, in its JSON form."""
    response = {
        "clientDataJSON": base64url(collected_),
        "authenticatorData": base64url(output),
        "signature": base64url(signature),
    }
    if owner is not None:
        response["userHandle"] = base64url(owner)
    return _answered(credential, response)


def base64url(content: bytes) -> str:
    """Return bytes as WebAuthn writes them in JSON."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def unbase64(text: str) -> bytes:
    """Read what :func:`base64url` wrote.

    Raises:
        ValueError: it is none.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError(text) from error


def _answered(credential: bytes, response: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": base64url(credential),
        "rawId": base64url(credential),
        "type": "public-key",
        "authenticatorAttachment": "cross-platform",
        "clientExtensionResults": {},
        "response": dict(response),
    }


def _challenge(text: str) -> bytes:
    found = unbase64(text)
    if not CHALLENGE_BYTES_MIN <= len(found) <= CHALLENGE_BYTES_MAX:
        raise CeremonyRefused(reason="challenge")
    return found


def _ids(listed: Sequence[Mapping[str, Any]]) -> tuple[bytes, ...]:
    return tuple(unbase64(each["id"]) for each in listed)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
