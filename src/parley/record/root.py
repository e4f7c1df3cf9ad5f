"""A party's root: three keys that never lie on a node, of which two vouch for the key of its log.

A node's keys lie on the machine that is connected to the line. Who copies that machine is the
party, as far as anybody can tell, and no word by those keys can say otherwise. The root can: its
three keys are made elsewhere, one file for each of three holders, and two of them sign a
*manifest*, a note (C2SP signed-note) that names the log key, the root keys, and by hash the root
keys that may follow, as TUF and pre-rotation do. The first manifest in a party's log pins its root
for everybody who holds that log. A later one counts if it has a higher number and is signed by the
same root, or by the one whose hash the pinned one names. One that names a key as *compromised*
freezes the logs that this key signs.

A core without I/O: notes in, manifests out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from parley.errors import (
    EncodingRefused,
    EntryMalformed,
    NoteMalformed,
    NoteSignatureWrong,
    RootWrong,
)
from parley.identity.keys import PartyKey, is_usable
from parley.ids import PartyId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, read_body
from parley.record.note import NOTE_BYTES_MAX, Note, from_base64, read_note, to_base64
from parley.record.signing import NoteSigner, NoteVerifier, SignatureType, verified

ROOT_KEYS: Final = 3
"""Holders: one may be away or have lost theirs, and no one alone can speak."""
ROOT_THRESHOLD: Final = 2
NUMBER_MAX: Final = 999_999_999
_HEADER: Final = "parley/root/v1"
_LINES: Final = 10
_NOBODY: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootManifest:
    """What a party's root says."""

    party: PartyId
    """Whose root it is."""
    number: int
    """0 for the first; of two the higher counts."""
    log_key: bytes
    """The Ed25519 key that signs the party's logs, from now on where one was compromised."""
    compromised: bytes | None = None
    """A key that nobody is to believe any more."""
    keys: tuple[bytes, ...]
    """The root's three keys, in rising order."""
    following: bytes | None = None
    """Hash of the root keys that may take over; none: these stay."""
    note: bytes = field(default=b"", compare=False, repr=False)
    """The signed note it was read from."""

    def text(self) -> str:
        """Return what is signed."""
        others = [_NOBODY if each is None else to_base64(each) for each in self._optional()]
        keys = (to_base64(each) for each in self.keys)
        lines = (_HEADER, self.party.text, str(self.number), to_base64(self.log_key), *others)
        return "\n".join((*lines, *keys, ""))

    def _optional(self) -> tuple[bytes | None, bytes | None]:
        return self.compromised, self.following


def root_hash(keys: Sequence[bytes]) -> bytes:
    """Return what a manifest names a root by that may take over."""
    return hashlib.sha256(b"parley root 1\0" + b"".join(sorted(keys))).digest()


def sign_manifest(manifest: RootManifest, holders: Sequence[PartyKey]) -> bytes:
    """Return a manifest signed by some holders of the root.

    Raises:
        RootWrong: a holder's key is not one of the root's, or they are too few.
    """
    if not {holder.public for holder in holders} <= set(manifest.keys):
        raise RootWrong(reason="a share that is not of this root")
    text, name = manifest.text(), root_name(manifest.party)
    lines = tuple(NoteSigner(name, holder.engine_seed()).sign(text) for holder in holders)
    encoded = Note(text, lines).encoded()
    read_manifest(encoded)
    return encoded


def add_signature(draft: bytes, holder: PartyKey) -> bytes:
    """Return a manifest with one holder's signature more; they need not sit together.

    Args:
        draft: what is to be signed, with or without signatures.
        holder: one of the root's three keys.

    Raises:
        RootWrong: it is no manifest, or the key is not one of its root's.
        NoteMalformed: it is no note.
    """
    note = _as_note(draft)
    manifest = _parse(note.text)
    if holder.public not in manifest.keys:
        raise RootWrong(reason="a share that is not of this root")
    line = NoteSigner(root_name(manifest.party), holder.engine_seed()).sign(note.text)
    others = tuple(each for each in note.signatures if each.key_id != line.key_id)
    return Note(note.text, (*others, line)).encoded()


def read_draft(draft: bytes) -> tuple[RootManifest, list[bytes]]:
    """Return what a manifest says, however many signed it, and whose signatures hold.

    Raises:
        RootWrong: it is no manifest.
        NoteMalformed: it is no note.
        NoteSignatureWrong: a signature does not hold.
    """
    note = _as_note(draft)
    manifest = _parse(note.text)
    if not note.signatures:
        return manifest, []
    name = root_name(manifest.party)
    verifiers = [NoteVerifier(name, SignatureType.ED25519, key) for key in manifest.keys]
    return manifest, [found.verifier.public for found in verified(note, verifiers)]


def read_key(text: str) -> bytes:
    """Return a public key out of base64.

    Raises:
        RootWrong: it is none that anybody can hold.
    """
    try:
        key = from_base64(text)
    except NoteMalformed as error:
        raise RootWrong(reason="a key that nobody can hold") from error
    if not is_usable(key):
        raise RootWrong(reason="a key that nobody can hold")
    return key


def root_name(party: PartyId) -> str:
    """Return the name under which the keys of a party's root sign."""
    return f"parley/{party.text}/root"


def read_manifest(encoded: bytes) -> RootManifest:
    """Read foreign bytes as a manifest that two of its own three keys signed.

    Raises:
        RootWrong: it is none, or too few signed.
        NoteMalformed: it is no note.
        NoteSignatureWrong: a signature does not hold.
    """
    manifest, signed = read_draft(encoded)
    if len(set(signed)) < ROOT_THRESHOLD:
        raise RootWrong(reason="two of its three holders must sign")
    return replace(manifest, note=encoded)


def check_succession(pinned: RootManifest, later: RootManifest) -> None:
    """Accept what follows a manifest that is believed.

    Raises:
        RootWrong: it is of another party, not later, or another root's.
    """
    if later.party != pinned.party:
        raise RootWrong(reason="another party")
    if later.number <= pinned.number:
        raise RootWrong(reason="a later one is known")
    if later.keys != pinned.keys and root_hash(later.keys) != pinned.following:
        raise RootWrong(reason="another root")


class RootBook:
    """What the roots of some parties have said, as one log after the other is read."""

    def __init__(self) -> None:
        """Begin with nobody's."""
        self._newest: dict[PartyId, RootManifest] = {}
        self._compromised: dict[PartyId, set[bytes]] = {}
        self._vouched: dict[PartyId, set[bytes]] = {}

    def newest(self, party: PartyId) -> RootManifest | None:
        """Return what a party's root said last, none where none is pinned."""
        return self._newest.get(party)

    def judge(self, manifest: RootManifest, *, may_pin: bool) -> None:
        """Accept a manifest without taking note of it.

        Args:
            manifest: signed by its own root.
            may_pin: whether it may be the first of its party: in that party's own log alone.

        Raises:
            RootWrong: it does not follow from what is pinned, or nothing is.
        """
        pinned = self._newest.get(manifest.party)
        if pinned is not None:
            check_succession(pinned, manifest)
        elif not may_pin or manifest.compromised is not None:
            raise RootWrong(reason="no root of that party is pinned")

    def take(self, manifest: RootManifest, *, may_pin: bool) -> None:
        """Take note of a manifest.

        Raises:
            RootWrong: as :meth:`judge`.
        """
        self.judge(manifest, may_pin=may_pin)
        self._newest[manifest.party] = manifest
        self._vouched.setdefault(manifest.party, set()).add(manifest.log_key)
        if manifest.compromised is not None:
            self._compromised.setdefault(manifest.party, set()).add(manifest.compromised)

    def hear(self, author: PartyId, entry: Entry) -> RootManifest | None:
        """Take note of what an entry hands on; return it, none where it says nothing new.

        A party's own log may pin its root; another party's may only hand on what follows.
        """
        try:
            manifest = read_manifest(manifest_in(entry))
            self.take(manifest, may_pin=author == manifest.party)
        except (RootWrong, NoteMalformed, NoteSignatureWrong):
            return None
        return manifest

    def is_compromised(self, party: PartyId, key: bytes) -> bool:
        """Say whether a party's root took its word back from a key."""
        return key in self._compromised.get(party, ())

    def frozen(self, party: PartyId, keys: Sequence[bytes]) -> list[bool]:
        """Say of the keys of a party's logs, the earlier epochs first, which logs are frozen.

        One is whose key was compromised, and one that goes on where such a log was: unless the root
        named its key, whoever had the one key may have handed over to the other.
        """
        found: list[bool] = []
        for key in keys:
            goes_on = bool(found) and found[-1] and key not in self._vouched.get(party, ())
            found.append(goes_on or self.is_compromised(party, key))
        return found

    def next_key(
        self, party: PartyId, before: Sequence[bytes], named: bytes | None, own: bytes
    ) -> bytes | None:
        """Return the key that signs a party's log of a later epoch, none for the party's own.

        Args:
            party: whose log.
            before: the keys of the earlier epochs that are here, the earliest first.
            named: the key that the epoch right before handed over to.
            own: the party's own key.
        """
        root = self._newest.get(party)
        if root is None or not before:
            return named
        is_frozen = self.frozen(party, before)[-1]
        return root.log_key if is_frozen or self.is_compromised(party, named or own) else named


def root_body(manifest: bytes) -> dict[int, Value]:
    """Return the body of an entry in which a party shows what its root says."""
    return {0: manifest}


def freeze_body(origin: str, size: int, root: bytes, manifest: bytes) -> bytes:
    """Return the body of an entry that says how far a log is believed, and by whose word."""
    return encode({0: manifest, 1: origin, 2: size, 3: root})


def manifest_in(entry: Entry) -> bytes:
    """Return the manifest that an entry hands on, empty where there is none."""
    try:
        found: Mapping[int, Value] = read_body(entry)
    except (EncodingRefused, EntryMalformed):
        return b""
    manifest = found.get(0)
    return manifest if isinstance(manifest, bytes) else b""


def _as_note(draft: bytes) -> Note:
    """Read a manifest that may not be signed yet."""
    if len(draft) <= NOTE_BYTES_MAX and b"\n\n" not in draft:
        with suppress(UnicodeDecodeError):
            return Note(draft.decode(), ())
    return read_note(draft)


def _parse(text: str) -> RootManifest:
    lines = text.split("\n")
    if len(lines) != _LINES or lines[0] != _HEADER or lines[-1]:
        raise RootWrong(reason="it has another form")
    number = lines[2]
    try:
        party = PartyId.parse(lines[1])
    except ValueError as error:
        raise RootWrong(reason="no id of a party") from error
    is_number = number.isascii() and number.isdecimal() and str(int(number)) == number
    if not is_number or int(number) > NUMBER_MAX:
        raise RootWrong(reason="no number")
    keys = tuple(read_key(line) for line in lines[6:9])
    if list(keys) != sorted(set(keys)):
        raise RootWrong(reason="three keys in rising order")
    return RootManifest(
        party=party,
        number=int(number),
        log_key=read_key(lines[3]),
        compromised=None if lines[4] == _NOBODY else read_key(lines[4]),
        following=None if lines[5] == _NOBODY else _hash(lines[5]),
        keys=keys,
    )


def _hash(line: str) -> bytes:
    digest = from_base64(line)
    if len(digest) != hashlib.sha256().digest_size:
        raise RootWrong(reason="no hash of root keys")
    return digest
