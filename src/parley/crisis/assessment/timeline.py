"""The timeline of a crisis: which entries it has, in one form that two nodes reach apart. A core.

It holds every entry of the crisis's thread and of the threads of what was linked to it, as far as
the logs were looked at (the *cut*), but for the assessment's own. Its digest is over the hashes of
those entries in rising order; whoever has the record comes to the same for the same cut.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parley.crisis.assessment.bodies import HEAD_BYTES, HEADS_MAX, Cut, TimelineSaid
from parley.ids import PartyId, ThreadId
from parley.record.entry import Entry
from parley.record.kinds import Kind

_TIMELINE: Final = b"parley timeline v1\0"
TIMELINES_MAX: Final = 16
"""Timelines one node says about one crisis. Two are needed where both close at about one time;
more than this is a node that talks to itself."""
OWN_KINDS: Final = frozenset(
    {
        *(Kind.TIMELINE, Kind.ACCOUNT_SEAL, Kind.ACCOUNT_SHOWN, Kind.ACCOUNT_WITHDRAWAL),
        *(Kind.SHEET_PARAGRAPH, Kind.ADOPTION, Kind.ASSESSMENT_END, Kind.READOUT),
        Kind.ACCOUNT_PUBLICATION,
    }
)
"""The assessment's own, of which no timeline tells."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where it is."""

    hash: bytes
    entry: Entry
    epoch: int
    place: int

    def is_within(self, sizes: Mapping[tuple[PartyId, int], int]) -> bool:
        """Say whether it was looked at."""
        return self.place < sizes.get((self.entry.author, self.epoch), 0)


def sizes_of(cut: Iterable[Cut]) -> dict[tuple[PartyId, int], int]:
    """Return how far each log was looked at."""
    return {(each.party, each.epoch): each.size for each in cut}


def threads_of(crisis: bytes, thread: ThreadId, entries: Iterable[Placed]) -> set[ThreadId]:
    """Return the threads a timeline tells of: the crisis's, and those of what was linked."""
    known = list(entries)
    linked = {
        ref
        for each in known
        if each.entry.kind == Kind.CRISIS_LINK
        and each.entry.thread == thread
        and each.entry.refs[:1] == (crisis,)
        for ref in each.entry.refs[1:]
    }
    found = {each.entry.thread for each in known if each.hash in linked}
    return {thread, *(each for each in found if each is not None)}


def timeline(
    crisis: bytes, thread: ThreadId, entries: Iterable[Placed], cut: Iterable[Cut]
) -> tuple[Placed, ...]:
    """Return the entries of a crisis as far as the logs are looked at.

    Args:
        crisis: hash of its first opening.
        thread: its thread.
        entries: those of its thread and of the threads of what is linked; others do not count.
        cut: how far to look.
    """
    looked = tuple(cut)
    sizes = sizes_of(looked)
    within = [each for each in entries if each.is_within(sizes)]
    threads = threads_of(crisis, thread, within)
    found = [
        each for each in within if each.entry.thread in threads and each.entry.kind not in OWN_KINDS
    ]
    return tuple(sorted(found, key=lambda each: (each.entry.time_ms, each.hash)))


def said_of(crisis: bytes, entries: Sequence[Placed], cut: Iterable[Cut]) -> TimelineSaid:
    """Return what is said of a timeline."""
    hashes = sorted(each.hash for each in entries)
    heads = tuple(each[:HEAD_BYTES] for each in hashes) if len(hashes) <= HEADS_MAX else ()
    return TimelineSaid(digest_of(crisis, hashes), len(hashes), tuple(sorted(cut)), heads)


def digest_of(crisis: bytes, hashes: Iterable[bytes]) -> bytes:
    """Return the digest over the entries' hashes, which are sorted here."""
    return hashlib.sha256(_TIMELINE + crisis + b"".join(sorted(hashes))).digest()


def together(first: Iterable[Cut], second: Iterable[Cut]) -> tuple[Cut, ...]:
    """Return a cut that looks as far as both."""
    most = sizes_of(first)
    for key, size in sizes_of(second).items():
        most[key] = max(size, most.get(key, 0))
    return tuple(sorted(Cut(party, epoch, size) for (party, epoch), size in most.items()))


def covers(cut: Iterable[Cut], other: Iterable[Cut]) -> bool:
    """Say whether a cut looks at least as far as another."""
    sizes = sizes_of(cut)
    return all(sizes.get((each.party, each.epoch), 0) >= each.size for each in other)


@dataclass(frozen=True, slots=True)
class Difference:
    """What one timeline has and the other has not."""

    head: bytes
    """The beginning of the entry's hash."""
    has: PartyId
    """Whose timeline has it."""


def differences(
    first: PartyId, ours: TimelineSaid, second: PartyId, theirs: TimelineSaid
) -> tuple[Difference, ...]:
    """Return what only one of two timelines has, in rising order."""
    one, two = set(ours.heads), set(theirs.heads)
    found = [Difference(head, first) for head in one - two]
    found += [Difference(head, second) for head in two - one]
    return tuple(sorted(found, key=lambda each: each.head))
