"""The record of a whole exercise crisis, honest or not, for tests of what checks exports.

Two parties go from one side's opening to two readouts. Whoever makes it may change what one of them
says at any place, as a dishonest node with its own keys would: the logs hold all the same, and only
what they show of the crisis is another thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.assessment.bodies import (
    Cut,
    Paragraph,
    Readout,
    Section,
    account_bytes,
    account_seal_body,
    account_shown_body,
    adoption_body,
    paragraph_body,
    readout_body,
    seal_of,
    timeline_body,
)
from parley.crisis.assessment.timeline import Placed, said_of, timeline
from parley.crisis.crises.bodies import Fact, Opening, fact_body, opening_body, words_body
from parley.ids import ActorId, ThreadId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, entry_hash, read_entry, write_entry
from parley.record.kinds import Kind
from parley.testing.authenticator import Authenticator
from parley.testing.exports import NAMES, export_of
from parley.testing.records import START, RecordKeeper, carry, keepers_of
from parley.testing.signing import assertion_of, enrolment_of, new_passkey

TITLES: Final = ("Two vessels", "Harassment at sea")
THREAD: Final = ThreadId(b"crisis thread 16")
OTHER_THREAD: Final = ThreadId(b"linked thread 16")
Change = Callable[[dict[int, Value]], None]
"""Changes a body before its party signs it."""


@dataclass
class CrisisRecord:
    """A crisis as two parties write it, one step after the other."""

    changes: Mapping[tuple[str, Kind], Change] = field(default_factory=dict)
    """By party ("author" or "other") and kind: what it says instead."""
    unsigned: frozenset[tuple[str, Kind]] = frozenset()
    """What no passkey signs."""
    left_out: frozenset[tuple[str, Kind]] = frozenset()
    """What is never said."""
    keepers: dict[str, RecordKeeper] = field(init=False)
    keys: dict[str, Authenticator] = field(init=False)
    crisis: bytes = field(init=False, default=b"")
    minute: int = 0

    def __post_init__(self) -> None:
        """Let two people enrol their passkeys."""
        self.keepers = dict(zip(NAMES, keepers_of(*NAMES).values(), strict=True))
        self.keys = {name: new_passkey() for name in NAMES}
        for name, key in self.keys.items():
            self._append(name, Kind.ENROLMENT, enrolment_of(key), None, ())

    @property
    def now(self) -> Instant:
        """The present of the story."""
        return START.add(minutes=self.minute)

    def whole(self) -> "CrisisRecord":
        """Let both go from the first opening to two readouts; return this record."""
        author, other = NAMES
        first = Opening(title=_texts(TITLES[0]), start_ms=1, year=2026, number=1, is_exercise=True)
        self.crisis = self.say(author, Kind.CRISIS_OPENING, opening_body(first))
        own = Opening(title=_texts(TITLES[1]), start_ms=2, is_exercise=True)
        self.say(other, Kind.CRISIS_OPENING, opening_body(own))
        linked = self._append(author, Kind.STATEMENT, {0: "before it"}, OTHER_THREAD, ())
        self.say(author, Kind.CRISIS_LINK, words_body(None), (linked,), is_signed=False)
        fact = fact_body(Fact(texts=_texts("Two vessels met."), crisis=self.crisis))
        for name in NAMES:
            self.say(name, Kind.CRISIS_FACT, fact)
        for name in NAMES:
            self.say(name, Kind.CRISIS_CLOSING, words_body("All calm."))
        self.step()
        for name in NAMES:
            self.say(name, Kind.TIMELINE, self._timeline(), is_signed=False)
        self._accounts()
        self._sheet()
        for name in NAMES:
            said = Readout(texts=_texts("The matter is closed."), public_from_ms=_ms(self.now))
            self.say(name, Kind.READOUT, readout_body(said))
        self.step()
        self.step()
        return self

    def export(self, by: str = NAMES[0]) -> bytes:
        """Return what a party exports."""
        return export_of(self.keepers[by], self.minute)

    def say(
        self,
        name: str,
        kind: Kind,
        body: Mapping[int, Value],
        refs: tuple[bytes, ...] = (),
        *,
        is_signed: bool = True,
    ) -> bytes:
        """Let a party say something of the crisis; return the entry's hash."""
        if (name, kind) in self.left_out:
            return b""
        said = dict(body)
        change = self.changes.get((name, kind))
        if change is not None:
            change(said)
        named = (self.crisis, *refs) if self.crisis else refs
        digest = self._append(name, kind, said, THREAD, named)
        if is_signed and (name, kind) not in self.unsigned:
            self._sign(name, digest)
        return digest

    def step(self) -> None:
        """Let a minute pass, in which both sign their logs and hear of each other's."""
        self.minute += 1
        for keeper in self.keepers.values():
            keeper.say(self.now, Kind.SIGHTING)
            keeper.flush(self.now, is_lasting=True)
        carry({each.own.party: each for each in self.keepers.values()}, self.now)

    def _accounts(self) -> None:
        account, sealed = account_bytes(_texts("We saw a vessel.")), {}
        for number, name in enumerate(NAMES):
            salt = bytes([number]) * 32
            sealed[name] = account_shown_body(salt, account)
            seal = account_seal_body(seal_of(self.crisis, salt, account))
            self.say(name, Kind.ACCOUNT_SEAL, seal)
        self.step()
        for name in NAMES:
            self.say(name, Kind.ACCOUNT_SHOWN, sealed[name], is_signed=False)

    def _sheet(self) -> None:
        said = Paragraph(
            key=bytes(16), section=Section.LESSON, order=0, texts=_texts("Call earlier.")
        )
        for name in NAMES:
            self.say(name, Kind.SHEET_PARAGRAPH, paragraph_body(said), is_signed=False)
        sheet = encode([[int(Section.LESSON), bytes(16), [[b"", encode(paragraph_body(said))]]]])
        for name in NAMES:
            self.say(name, Kind.ADOPTION, adoption_body(sheet))

    def _timeline(self) -> dict[int, Value]:
        placed, cut = [], []
        for keeper in self.keepers.values():
            entries = [read_entry(each) for each in keeper.disk.stored]
            cut.append(Cut(keeper.own.party, 0, len(entries)))
            placed += [
                Placed(entry_hash(write_entry(entry)), entry, 0, place)
                for place, entry in enumerate(entries)
            ]
        found = timeline(self.crisis, THREAD, placed, cut)
        return timeline_body(said_of(self.crisis, found, cut))

    def _sign(self, name: str, digest: bytes) -> None:
        body = assertion_of(self.keys[name], digest)
        self._append(name, Kind.ASSERTION, body, THREAD, (digest,))

    def _append(
        self,
        name: str,
        kind: Kind,
        body: Mapping[int, Value],
        thread: ThreadId | None,
        refs: tuple[bytes, ...],
    ) -> bytes:
        keeper = self.keepers[name]
        entry = Entry(
            space=keeper.space,
            author=keeper.own.party,
            kind=kind,
            time_ms=_ms(self.now),
            thread=thread,
            refs=refs,
            actor=None if kind in _NODE_KINDS else ActorId(b"person of " + keeper.own.party[:6]),
            body=encode(dict(body)),
        )
        encoded = write_entry(entry)
        keeper.log.append(encoded, entry)
        return entry_hash(encoded)


_NODE_KINDS: Final = frozenset({Kind.TIMELINE, Kind.ACCOUNT_SHOWN})


def _texts(words: str) -> tuple[tuple[str, str], ...]:
    return (("en", words),)


def _ms(at: Instant) -> int:
    return milliseconds(at)
