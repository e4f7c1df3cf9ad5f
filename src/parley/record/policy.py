"""Whose logs count and who must hold a checkpoint: C2SP tlog-policy, read and applied."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from parley.errors import NoteMalformed, PolicyMalformed
from parley.record.note import Note
from parley.record.signing import NoteVerifier, SignatureType, VerifiedSignature, verified

POLICY_BYTES_MAX: Final = 32_768
"""Fits the first entry of a log, with the ML-DSA-44 keys of twelve parties."""
_CONTROLS: Final = frozenset({*range(0x20), 0x7F} - {*b"\t\n"})
NONE: Final = "none"
_COSIGNATURES: Final = frozenset(set(SignatureType) - {SignatureType.ED25519})


@dataclass(frozen=True, slots=True)
class QuorumGroup:
    """So many of these must have cosigned."""

    threshold: int
    """How many of the members."""
    members: tuple[str, ...]
    """Names of witnesses and of other groups."""


@dataclass(slots=True)
class Policy:
    """Whose logs count, and who must hold a checkpoint before it does."""

    logs: list[NoteVerifier] = field(default_factory=list)
    """Keys of the logs; the name is the origin."""
    witnesses: dict[str, NoteVerifier] = field(default_factory=dict)
    """Keys of the parties that cosign, by their name in the policy."""
    groups: dict[str, QuorumGroup] = field(default_factory=dict)
    """Groups of witnesses, by name."""
    quorum: str = NONE
    """The witness or group that must have cosigned."""

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Say whether the witnesses named are enough."""
        return self.quorum == NONE or self._has(self.quorum, cosigned)

    def check(self, note: Note) -> list[VerifiedSignature]:
        """Return the signatures that hold; whether they suffice is for the caller to ask.

        Raises:
            NoteSignatureWrong: one that claims a known key does not hold.
        """
        return verified(note, [*self.logs, *self.witnesses.values()])

    def is_valid(self, note: Note) -> bool:
        """Say whether a checkpoint is signed by one of the logs and cosigned by the quorum.

        Raises:
            NoteSignatureWrong: a signature that claims a known key does not hold.
        """
        made = {found.verifier for found in self.check(note)}
        has_log = any(log in made and note.text.startswith(f"{log.name}\n") for log in self.logs)
        names = {name for name, verifier in self.witnesses.items() if verifier in made}
        return has_log and self.is_met(names)

    def _has(self, name: str, cosigned: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self._has(member, cosigned) for member in group.members) >= group.threshold


def read_policy(encoded: bytes) -> Policy:
    """Read a policy; unlike most of what comes from outside, an operator wrote it.

    Raises:
        PolicyMalformed: it is none, with the line that is wrong.
    """
    return _Reader().read(encoded)


class _Reader:
    """Reads a policy line by line; a name must be defined before it is used."""

    def __init__(self) -> None:
        self._policy = Policy()
        self._line = 0
        self._members: set[str] = set()
        self._has_quorum = False
        self._lines: Mapping[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }

    def read(self, encoded: bytes) -> Policy:
        if len(encoded) > POLICY_BYTES_MAX:
            raise self._wrong("too long")
        if not _CONTROLS.isdisjoint(encoded):
            raise self._wrong("a control character")
        # Names are opaque octets: whatever is not UTF-8 stays what it is.
        lines = encoded.decode(errors="surrogateescape").split("\n")
        if lines[-1]:
            raise self._wrong("the last line does not end")
        for line in lines[:-1]:
            self._line += 1
            items = line.replace("\t", " ").split(" ")
            self._read_line([item for item in items if item])
        if not self._has_quorum:
            raise self._wrong("no quorum")
        return self._policy

    def _read_line(self, items: list[str]) -> None:
        if not items or items[0].startswith("#"):
            return
        if items[0] not in self._lines:
            raise self._wrong("an unknown word")
        self._lines[items[0]](items[1:])

    def _log(self, items: list[str]) -> None:
        if len(items) not in {1, 2}:
            raise self._wrong("a log has a key, and perhaps an address")
        verifier = self._verifier(items[0])
        if verifier.public in {log.public for log in self._policy.logs}:
            raise self._wrong("a log twice")
        self._policy.logs.append(verifier)

    def _witness(self, items: list[str]) -> None:
        if len(items) not in {2, 3}:
            raise self._wrong("a witness has a name and a key, and perhaps an address")
        verifier = self._verifier(items[1])
        if verifier.type not in _COSIGNATURES:
            raise self._wrong("a witness needs a key for cosignatures")
        if verifier.public in {each.public for each in self._policy.witnesses.values()}:
            raise self._wrong("a witness twice")
        self._policy.witnesses[self._new(items[0])] = verifier

    def _group(self, items: list[str]) -> None:
        if len(items) < 3:  # noqa: PLR2004  name, number and one member
            raise self._wrong("a group has a name, a number and members")
        name, number, members = self._new(items[0]), items[1], tuple(items[2:])
        words = {"all": len(members), "any": 1}
        if number not in words and not (number.isascii() and number.isdecimal()):
            raise self._wrong("a group's number is all, any or a number")
        threshold = words[number] if number in words else int(number)
        if not 1 <= threshold <= len(members):
            raise self._wrong("a group's number does not fit its members")
        for member in members:
            self._take(member)
        self._policy.groups[name] = QuorumGroup(threshold, members)

    def _quorum(self, items: list[str]) -> None:
        if self._has_quorum or len(items) != 1:
            raise self._wrong("one quorum, with one name")
        if items[0] != NONE and not self._is_defined(items[0]):
            raise self._wrong("a name that is not defined")
        self._has_quorum = True
        self._policy.quorum = items[0]

    def _verifier(self, vkey: str) -> NoteVerifier:
        try:
            return NoteVerifier.parse(vkey)
        except (NoteMalformed, UnicodeEncodeError) as error:
            raise self._wrong("no verifier key") from error

    def _new(self, name: str) -> str:
        if name == NONE or self._is_defined(name):
            raise self._wrong("a name twice")
        return name

    def _take(self, member: str) -> None:
        if not self._is_defined(member) or member in self._members:
            raise self._wrong("a member that is not defined, or a member twice")
        self._members.add(member)

    def _is_defined(self, name: str) -> bool:
        return name in self._policy.witnesses or name in self._policy.groups

    def _wrong(self, reason: str) -> PolicyMalformed:
        return PolicyMalformed(line=self._line, reason=reason)
