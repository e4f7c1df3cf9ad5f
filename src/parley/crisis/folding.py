"""What a matter comes to, kept up entry by entry. A core without I/O.

:func:`parley.crisis.projection.project` reads all entries of a matter each time one comes. A
:class:`MatterFold` keeps what was come to after each of them, finds where a new one sorts in, and
reads on from there: mostly that is the end. It comes to what ``project`` comes to, whatever the
order in which entries are given to it; that is what its tests hold it to.

:class:`Folds` keeps the folds of the matters that were looked at last. It is given the whole set of
entries each time and never believes more than that: a fold that knows an entry which is not in the
set (its transaction was undone) is thrown away. So it saves work and decides nothing.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Final

from parley.crisis.matter import Alert, MatterEntry
from parley.crisis.projection import (
    Reading,
    begin_reading,
    is_of_line,
    ordering,
    rank,
    read_on,
)
from parley.ids import PartyId

FOLDS_MAX: Final = 256
"""Matters whose fold is kept. More keeps the entries of more alerts in memory (some 10 KB each),
less reads from the beginning where many alerts are worked on at once."""


class MatterFold:
    """The entries of one matter in their order, and what they come to after each."""

    def __init__(
        self, matter: bytes, own: PartyId, other: PartyId, *, is_over_rate: bool = False
    ) -> None:
        """Begin with no entry; the arguments are those of ``project``."""
        self.matter = matter
        self._own = own
        self._other = other
        self._is_over_rate = is_over_rate
        self._known: dict[bytes, MatterEntry] = {}
        self._order: list[MatterEntry] = []
        self._readings: list[Reading | None] = []
        """After how many entries of the order; the first before any of them."""
        self._is_circular = False

    @property
    def alert(self) -> Alert | None:
        """What all entries come to, None while the alert is not among them, or is none."""
        last = self._readings[-1] if self._readings else None
        return None if last is None else last.alert

    def knows_only(self, hashes: Iterable[bytes]) -> bool:
        """Say whether every entry known here is among some hashes."""
        return self._known.keys() <= set(hashes)

    def __len__(self) -> int:
        """Return how many entries are known."""
        return len(self._known)

    def is_for(self, own: PartyId, other: PartyId) -> bool:
        """Say whether it is read at our end of a line with that party."""
        return (self._own, self._other) == (own, other)

    def judge_rate(self, *, is_over_rate: bool) -> None:
        """Take note whether the alert is a flash after too many others."""
        if is_over_rate != self._is_over_rate:
            self._is_over_rate = is_over_rate
            self._read_from(0)

    def add(self, each: MatterEntry) -> None:
        """Take one more entry, or what is newly known of one."""
        before = self._known.get(each.hash)
        if before == each:
            return
        self._known[each.hash] = each
        root = self._known.get(self.matter)
        if root is None:
            return
        has_moved = before is not None and _place(before) != _place(each)
        if each is root or has_moved:
            # What was come to began with the alert as it was known before.
            self._readings.clear()
            self._sort(root)
        elif before is not None:
            self._exchange(before, each)
        elif is_of_line(each, root):
            self._insert(each, root)

    # ------------------------------------------------------------------------------------- details

    def _exchange(self, before: MatterEntry, each: MatterEntry) -> None:
        """Put an entry in the place of itself: what it says, and so its place, are the same."""
        for at, known in enumerate(self._order):
            if known is before:
                self._order[at] = each
                self._read_from(at)

    def _insert(self, each: MatterEntry, root: MatterEntry) -> None:
        if self._is_circular:
            self._sort(root)
            return
        at = 0
        log, place, digest, refs = _log(each), each.place, each.hash, each.entry.refs
        for number, known in enumerate(self._order):
            entry = known.entry
            is_of_log = (entry.author, known.epoch) == log
            is_earlier = is_of_log and (known.place, known.hash) < (place, digest)
            if digest in entry.refs or is_of_log is not is_earlier:
                self._sort(root)
                return
            if is_earlier or known.hash in refs:
                at = number + 1
        # From there on it was the next in turn until one came that has precedence over it.
        while at < len(self._order) and rank(self._order[at]) < rank(each):
            at += 1
        self._order.insert(at, each)
        self._read_from(at)

    def _sort(self, root: MatterEntry) -> None:
        """Put all entries in order, and read on from the first that is elsewhere."""
        order = ordering(each for each in self._known.values() if is_of_line(each, root))
        same = 0
        for known, each in zip(self._order, order, strict=False):
            if known is not each:
                break
            same += 1
        self._order = order
        self._is_circular = _is_circular(order)
        self._read_from(same)

    def _read_from(self, at: int) -> None:
        """Read again what comes after the first ``at`` entries of the order."""
        root = self._known.get(self.matter)
        if root is None:
            return
        if at == 0 or not self._readings:
            at = 0
            first = begin_reading(root, self._own, self._other, is_over_rate=self._is_over_rate)
            self._readings = [first]
        del self._readings[at + 1 :]
        reading = self._readings[-1]
        for each in self._order[at:]:
            if reading is not None and each.hash != self.matter:
                reading = read_on(reading, each)
            self._readings.append(reading)


class Folds:
    """The folds of the matters that were looked at last. Any thread may ask."""

    def __init__(self) -> None:
        """Begin with none."""
        self._folds: OrderedDict[bytes, MatterFold] = OrderedDict()
        self._lock = Lock()

    def project(
        self,
        matter: bytes,
        own: PartyId,
        other: PartyId,
        entries: Sequence[MatterEntry],
        *,
        is_over_rate: bool = False,
    ) -> Alert | None:
        """Return what :func:`parley.crisis.projection.project` returns."""
        with self._lock:
            fold = self._folds.get(matter)
            hashes = [each.hash for each in entries]
            if fold is None or not fold.is_for(own, other) or not fold.knows_only(hashes):
                fold = MatterFold(matter, own, other, is_over_rate=is_over_rate)
            self._folds[matter] = fold
            self._folds.move_to_end(matter)
            fold.judge_rate(is_over_rate=is_over_rate)
            for each in entries:
                fold.add(each)
            while len(self._folds) > FOLDS_MAX:
                self._folds.popitem(last=False)
            return fold.alert


def _is_circular(order: Sequence[MatterEntry]) -> bool:
    """Say whether an order could not be kept to, because entries want to precede each other."""
    places = {each.hash: number for number, each in enumerate(order)}
    last: dict[tuple[PartyId, int], tuple[int, bytes]] = {}
    for number, each in enumerate(order):
        if any(places.get(ref, -1) > number for ref in each.entry.refs):
            return True
        if last.get(_log(each), (-1, b"")) > (each.place, each.hash):
            return True
        last[_log(each)] = (each.place, each.hash)
    return False


def _log(each: MatterEntry) -> tuple[PartyId, int]:
    return (each.entry.author, each.epoch)


def _place(each: MatterEntry) -> tuple[int, int]:
    return (each.epoch, each.place)
