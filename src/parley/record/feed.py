"""Brings one mirror of a log up to date: what to send next, and what an answer means.

Used by the log's own party, and by any other that mirrors it: whoever has the entries, the tree and
a signed checkpoint can heal another's gap. Packages are sent ahead of their answers, up to a
window; a newer checkpoint is sent at once even while a long backlog drains, so that an entry can be
proved to the other side before everything before it has arrived. To a mirror that has been sent
everything, the next checkpoint goes with its entries and without a question: held takes one round
trip then. One that would go alone, and so faster, waits behind those.

Every answer says where the mirror is, so nothing is counted: an answer that comes twice or late, or
a letter that was lost with a node, costs at most that something is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from parley.errors import NoteMalformed, NoteUnsigned
from parley.record.checkpoint import Checkpoint, Origin, read_checkpoint
from parley.record.letters import PACKAGE_BYTES_MAX, Answer, AnswerKind, Growth, Package
from parley.record.note import Note, read_note, read_signatures
from parley.record.signing import NoteVerifier, verified
from parley.record.tiles import TILE_WIDTH, Tree

WINDOW: Final = 8 * TILE_WIDTH
"""Entries sent ahead. More fills a long path, less leaves more room for what is urgent."""
LETTERS_BYTES_MAX: Final = 8_388_608
"""Entries given out at once where nobody asks for less: what a window of large ones may take."""
AHEAD_MAX: Final = 8
"""Checkpoints sent without waiting for answers: half of what a mirror keeps. More follows faster on
a long path, less is sent again when the mirror is not where it was thought to be."""
TEXTS_MAX: Final = 32
"""Checkpoints remembered until they are cosigned; older ones are covered by newer."""


class EntrySource(Protocol):
    """Where a log's entries are read from."""

    def entries(self, start: int, end: int) -> Sequence[bytes]:
        """Return the entries of a span that the log holds."""


@dataclass(frozen=True, slots=True)
class CheckpointHeld:
    """A mirror's word that it holds everything up to a checkpoint."""

    size: int
    """How many entries it holds."""
    note: Note
    """The checkpoint's text with the mirror's cosignatures."""
    seconds: int
    """When, by the mirror's clock, POSIX seconds."""


class LogFeed:
    """What one mirror of one log is to be sent."""

    def __init__(self, origin: Origin, tree: Tree, source: EntrySource) -> None:
        """Know nothing of the mirror yet; its first answer tells."""
        self.is_refused = False
        """Whether the mirror refused what we sent; somebody should look."""
        self._origin = origin
        self._tree = tree
        self._source = source
        self._latest: tuple[Checkpoint, bytes] | None = None
        self._newest: tuple[Checkpoint, bytes] | None = None
        self._asked: tuple[Checkpoint, bytes] | None = None
        self._texts: dict[int, str] = {}
        self._known_max = 0
        self.restart()

    @property
    def is_behind(self) -> bool:
        """Whether the mirror knows a larger tree than we do."""
        return self._known_max > self._tree.size

    @property
    def is_waiting(self) -> bool:
        """Whether something was sent that has not been answered."""
        return self._asked is not None or self._next_sent > self._their_next

    @property
    def next_entry(self) -> int | None:
        """Place of the first entry the mirror said it lacks; nothing before it answered."""
        return None if self._their_size is None else self._their_next

    def restart(self) -> None:
        """Forget where the mirror was: the line or one of the nodes lost what was under way."""
        self.is_refused = False
        self._known_max = 0
        self._asked, self._newest = None, self._latest
        self._their_size: int | None = None
        self._their_next = 0
        self._next_sent = 0
        self._ahead: list[int] = []
        self._resume_s = 0.0

    def extend(self, note: bytes) -> None:
        """Take note of a newer checkpoint of the log; every entry below it can be sent.

        Raises:
            NoteMalformed: it is no checkpoint of this log.
        """
        text = read_note(note).text
        checkpoint = read_checkpoint(text)
        if checkpoint.origin != self._origin:
            raise NoteMalformed(reason="another log")
        self._newest = self._latest = (checkpoint, note)
        self._texts.pop(checkpoint.size, None)
        self._texts[checkpoint.size] = text
        if len(self._texts) > TEXTS_MAX:
            del self._texts[next(iter(self._texts))]

    def due(self, now_s: float, bytes_max: int = LETTERS_BYTES_MAX) -> list[Growth | Package]:
        """Return what is to be sent now.

        Args:
            now_s: time that never goes back, in seconds.
            bytes_max: how many bytes of entries there is room for; the last package may pass it.
        """
        if self.is_refused or now_s < self._resume_s:
            return []
        # Whoever has all of the older checkpoint follows, and needs no question about the newer.
        known = self._packages(bytes_max)
        room = bytes_max - sum(len(entry) for package in known for entry in package.entries)
        return [*known, *self._growth(room), *self._packages(room)]

    def take(
        self, answer: Answer, verifiers: Sequence[NoteVerifier], now_s: float
    ) -> CheckpointHeld | None:
        """Take an answer; return what the mirror proves to hold, if it does.

        Args:
            answer: what the mirror said.
            verifiers: the keys it cosigns with.
            now_s: time that never goes back, in seconds.

        Raises:
            NoteMalformed: what should be cosignatures is none.
            NoteUnsigned: there is no cosignature by the mirror's keys.
            NoteSignatureWrong: a cosignature does not hold for what was sent.
        """
        self.is_refused = answer.kind in {AnswerKind.REFUSED, AnswerKind.UNKNOWN}
        self._their_size, self._their_next = answer.size, answer.next_entry
        self._known_max = max(answer.size, answer.next_entry)
        is_on_course = answer.kind in {AnswerKind.HELD, AnswerKind.STORED}
        self._ahead = [size for size in self._ahead if is_on_course and size > answer.size]
        if self._ahead:
            self._their_size = self._ahead[-1]
        if not is_on_course or self._next_sent < answer.next_entry:
            self._next_sent = answer.next_entry
        if not is_on_course or (self._asked is not None and answer.size >= self._asked[0].size):
            self._settle(answer)
        if answer.kind is AnswerKind.LATER:
            self._resume_s = now_s + answer.wait_ms / 1000
        return self._held(answer, verifiers) if answer.kind is AnswerKind.HELD else None

    def _settle(self, answer: Answer) -> None:
        """Take the question as answered; ask again when the mirror has not come so far."""
        asked, self._asked = self._asked or self._latest, None
        is_open = asked is not None and answer.size < asked[0].size
        if self._newest is None and (is_open or answer.kind is AnswerKind.LATER):
            self._newest = asked

    def _growth(self, bytes_max: int) -> list[Growth]:
        if self._newest is None or self._asked is not None or self.is_behind:
            return []
        checkpoint, note = self._newest
        if self._ahead and not self._takes_entries(checkpoint.size, bytes_max):
            return []
        old = min(self._their_size or 0, checkpoint.size)
        if self._is_caught_up():
            # The mirror is taken at its word that it follows: no answer is waited for.
            self._newest, self._their_size = None, checkpoint.size
            self._ahead.append(checkpoint.size)
        else:
            self._asked, self._newest = self._newest, None
        proof = self._tree.prove_consistency(old, checkpoint.size)
        return [Growth(self._origin, old, tuple(proof), note)]

    def _takes_entries(self, size: int, bytes_max: int) -> bool:
        """Say whether a checkpoint goes with entries, and so on their lane behind those before it.

        One that goes alone is carried faster than entries are. It must not overtake another that
        goes with them: the mirror would not know what it grew from, and all would be sent again.
        The first answer lets it go, and by then it stands for those that came meanwhile.
        """
        next_sent = self._next_sent
        has_room = bytes_max > 0 and next_sent < self._their_next + WINDOW
        return self._is_caught_up() and has_room and next_sent < size

    def _is_caught_up(self) -> bool:
        """Say whether the mirror has been sent everything that it knows of, and not too much."""
        is_sent = self._their_size is not None and self._next_sent >= self._their_size
        return is_sent and len(self._ahead) < AHEAD_MAX

    def _packages(self, bytes_max: int) -> list[Package]:
        packages: list[Package] = []
        size = self._their_size
        if size is None or size > self._tree.size:
            return packages
        while self._next_sent < min(size, self._their_next + WINDOW) and bytes_max > 0:
            packages.append(self._package(size))
            bytes_max -= sum(map(len, packages[-1].entries))
        return packages

    def _package(self, size: int) -> Package:
        start = self._next_sent
        low = start - start % TILE_WIDTH
        taken: list[bytes] = []
        room = PACKAGE_BYTES_MAX
        for entry in self._source.entries(start, min(low + TILE_WIDTH, size)):
            room -= len(entry)
            if room < 0:
                break
            taken.append(entry)
        self._next_sent = start + len(taken)
        proof = self._tree.prove_subtree(low, self._next_sent, size)
        return Package(self._origin, size, start, tuple(taken), tuple(proof))

    def _held(self, answer: Answer, verifiers: Sequence[NoteVerifier]) -> CheckpointHeld | None:
        text = self._texts.get(answer.next_entry)
        if text is None:
            return None
        note = Note(text, read_signatures(answer.signatures))
        found = verified(note, verifiers)
        if not found:
            raise NoteUnsigned(name=self._origin.text())
        return CheckpointHeld(answer.next_entry, note, max(each.seconds or 0 for each in found))
