"""The keys of a record: our own, made from the party's seed, and those others are checked with.

The ML-DSA-44 key needs no file of its own: its seed is derived from the party's seed (RFC 5869).
Who breaks the elliptic curve learns the key's scalar and not the seed it was hashed from, so the
second signature stands when the first has fallen.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

from parley.identity.keys import PartyKey
from parley.ids import PartyId
from parley.record.cbor import Value
from parley.record.checkpoint import Origin, cosigner_name
from parley.record.mirror import LogKeys
from parley.record.signing import (
    CheckpointCosigner,
    Ed25519CheckpointCosigner,
    MlDsaCheckpointCosigner,
    NoteSigner,
    NoteVerifier,
    SignatureType,
)

_LATTICE: Final = b"parley ml-dsa-44 1"


class RecordKeys:
    """Our own party's keys for its logs."""

    __slots__ = ("_seed", "cosigners", "party", "public")

    def __init__(self, key: PartyKey) -> None:
        """Derive everything from the party's key."""
        self._seed = key.engine_seed()
        self.party = key.party
        self.public = key.public
        name = cosigner_name(key.party)
        self.cosigners: tuple[CheckpointCosigner, ...] = (
            Ed25519CheckpointCosigner(name, self._seed),
            MlDsaCheckpointCosigner(name, _derived(self._seed, _LATTICE)),
        )

    def signer(self, origin: Origin) -> NoteSigner:
        """Return the key that signs the checkpoints of one of our logs."""
        return NoteSigner(origin.text(), self._seed)

    def seed(self) -> bytes:
        """Return the secret seed, for who signs an export."""
        return self._seed

    def vkeys(self, origin: Origin) -> list[Value]:
        """Return our verifier keys, as an opening entry names them."""
        log = self.signer(origin).verifier.vkey()
        return [log, *(cosigner.verifier.vkey() for cosigner in self.cosigners)]


def log_keys(origin: Origin, public: bytes) -> LogKeys:
    """Return what a log of another party is checked with."""
    return LogKeys(
        NoteVerifier(origin.text(), SignatureType.ED25519, public),
        cosigner_key(origin.party, public),
    )


def cosigner_key(party: PartyId, public: bytes) -> NoteVerifier:
    """Return what a party's cosignatures are checked with."""
    return NoteVerifier(cosigner_name(party), SignatureType.ED25519_COSIGNATURE, public)


def policy_of(origins: Iterable[Origin], members: Mapping[PartyId, bytes]) -> str:
    """Return the policy of a space: everybody's logs count, and everybody must hold them.

    Args:
        origins: the logs that count.
        members: the Ed25519 key of each party, our own included.
    """
    logs = [
        f"log {log_keys(origin, members[origin.party]).log.vkey()}" for origin in sorted(origins)
    ]
    names = [party.text for party in sorted(members)]
    witnesses = [
        f"witness {party.text} {cosigner_key(party, key).vkey()}"
        for party, key in sorted(members.items())
    ]
    group = f"group everyone all {' '.join(names)}"
    return "\n".join((*logs, *witnesses, group, "quorum everyone", ""))


def _derived(seed: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes that follow from a seed for one purpose (RFC 5869, HMAC-SHA-256)."""
    extracted = hmac.new(b"parley record", seed, hashlib.sha256).digest()
    return hmac.new(extracted, purpose + b"\1", hashlib.sha256).digest()
