"""The keys of a record: our own, and those others are checked with.

A log is signed by the party's own key until that key hands over: the closing entry of an epoch
names the key of the next one, which is made for it, random, and lies in a file of its own. Who has
only the party's key cannot go on with such a log, and neither can we without the file: a log whose
key is not here is *keyless*, and the operator begins another epoch, which the party's key signs.

The ML-DSA-44 key needs no file of its own: its seed is derived from the party's seed (RFC 5869).
Who breaks the elliptic curve learns the key's scalar and not the seed it was hashed from, so the
second signature stands when the first has fallen.
"""

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from typing_extensions import override

from parley.errors import EncodingRefused, EntryMalformed, KeyCorrupt, KeyMissing, LogNotOpen
from parley.identity.keys import PartyKey
from parley.ids import PartyId
from parley.record.cbor import Value
from parley.record.checkpoint import Origin, cosigner_name
from parley.record.entry import read_body, read_entry
from parley.record.kinds import Kind
from parley.record.mirror import LogKeys
from parley.record.note import NoteSignature
from parley.record.signing import (
    CheckpointCosigner,
    Ed25519CheckpointCosigner,
    MlDsaCheckpointCosigner,
    NoteSigner,
    NoteVerifier,
    SignatureType,
)
from parley.storage.case_keys import sync_folder

KEYLESS: Final = "keyless"
"""How a log of ours is shown whose key is not here."""
KEY_BYTES: Final = 32
_LATTICE: Final = b"parley ml-dsa-44 1"


class RecordKeys:
    """Our own party's keys for its logs."""

    __slots__ = ("_folder", "_seed", "cosigners", "party", "public")

    def __init__(self, key: PartyKey, folder: Path | None = None) -> None:
        """Derive everything from the party's key but what was handed over to.

        Args:
            key: the party's.
            folder: where keys lie that logs were handed over to.
        """
        self._seed = key.engine_seed()
        self._folder = folder
        self.party = key.party
        self.public = key.public
        name = cosigner_name(key.party)
        self.cosigners: tuple[CheckpointCosigner, ...] = (
            Ed25519CheckpointCosigner(name, self._seed),
            MlDsaCheckpointCosigner(name, _derived(self._seed, _LATTICE)),
        )

    def signer(self, origin: Origin, public: bytes | None = None) -> NoteSigner:
        """Return the key that signs the checkpoints of one of our logs.

        Args:
            origin: which log.
            public: the key it was handed over to, none for the party's own.
        """
        if public is None or public == self.public:
            return NoteSigner(origin.text(), self._seed)
        try:
            seed = PartyKey.load(self._file(public)).engine_seed()
        except (KeyMissing, KeyCorrupt):
            return AbsentKeySigner(origin.text(), public)
        return NoteSigner(origin.text(), seed)

    def make_log_key(self) -> bytes:
        """Make a key for a log to be handed over to; return it once it is on the disk.

        Raises:
            KeyMissing: there is no folder for it.
        """
        if self._folder is None:
            raise KeyMissing(file="log-keys")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        key = PartyKey.generate()
        key.save(self._file(key.public))
        sync_folder(self._folder)
        sync_folder(self._folder.parent)
        return key.public

    def _file(self, public: bytes) -> Path:
        folder = self._folder or Path("log-keys")
        return folder / f"{hashlib.sha256(public).hexdigest()}.key"

    def seed(self) -> bytes:
        """Return the secret seed, for who signs an export."""
        return self._seed

    def vkeys(self, signer: NoteSigner) -> list[Value]:
        """Return our verifier keys, as the opening entry of a signer's log names them."""
        log = signer.verifier.vkey()
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


def policy_of(logs: Mapping[Origin, bytes], members: Mapping[PartyId, bytes]) -> str:
    """Return the policy of a space: everybody's logs count, and everybody must hold them.

    Args:
        logs: the logs that count, each with the key that signs it.
        members: the Ed25519 key of each party, our own included.
    """
    lines = [f"log {log_keys(origin, logs[origin]).log.vkey()}" for origin in sorted(logs)]
    names = [party.text for party in sorted(members)]
    witnesses = [
        f"witness {party.text} {cosigner_key(party, key).vkey()}"
        for party, key in sorted(members.items())
    ]
    group = f"group everyone all {' '.join(names)}"
    return "\n".join((*lines, *witnesses, group, "quorum everyone", ""))


class AbsentKeySigner(NoteSigner):
    """A key that a log of ours was handed over to and that is not here: it cannot sign."""

    __slots__ = ()

    def __init__(self, name: str, public: bytes) -> None:
        """Take the key's name and its public half."""
        self.verifier = NoteVerifier(name, SignatureType.ED25519, public)

    @override
    def sign(self, text: str) -> NoteSignature:
        """Refuse.

        Raises:
            LogNotOpen: always.
        """
        raise LogNotOpen(state=KEYLESS)


def next_log_key(encoded: bytes) -> bytes | None:
    """Return the key that an entry hands its log over to, if it closes one and names one."""
    try:
        entry = read_entry(encoded)
        body = read_body(entry) if entry.kind == Kind.CLOSING else {}
    except (EncodingRefused, EntryMalformed):
        return None
    named, key = body.get(0), body.get(1)
    is_key = isinstance(key, bytes) and len(key) == KEY_BYTES
    return key if is_key and isinstance(key, bytes) and hash_of_key(key) == named else None


def hash_of_key(public: bytes) -> bytes:
    """Return what a closing entry names a key by."""
    return hashlib.sha256(public).digest()


def _derived(seed: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes that follow from a seed for one purpose (RFC 5869, HMAC-SHA-256)."""
    extracted = hmac.new(b"parley record", seed, hashlib.sha256).digest()
    return hmac.new(extracted, purpose + b"\1", hashlib.sha256).digest()
