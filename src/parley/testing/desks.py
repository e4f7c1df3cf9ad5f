"""Desks of several parties in memory: the real cores of alerts, a disk each, and a clock each.

What a running node keeps in rows lies here in dicts, and letters are carried by whoever uses it. A
crash loses everything but the disk. What happens in one call is one transaction.
"""

import hashlib
import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from parley.clock import FakeClock, from_milliseconds, milliseconds
from parley.crisis.alert import AlertState
from parley.crisis.bodies import (
    Acknowledged,
    AlertBody,
    Answer,
    AnswerKind,
    Paraphrase,
    ParaphraseWord,
    Presented,
    Received,
    Words,
    acknowledged_body,
    alert_body,
    answer_body,
    paraphrase_body,
    paraphrase_word_body,
    presented_body,
    read_alert,
    received_body,
    words_body,
)
from parley.crisis.due import LIMITS_BY_DEADLINE, due_change, read_subject
from parley.crisis.folding import MatterFold
from parley.crisis.matter import Alert, MatterEntry
from parley.crisis.offices import Capacity
from parley.crisis.precedence import is_over_rate
from parley.crisis.projection import ABOUT_ALERTS, RECEIPTED, project
from parley.crisis.sentence import sentences
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value, encode
from parley.record.entry import (
    Entry,
    Precedence,
    entry_hash,
    read_body,
    read_entry,
    write_entry,
)
from parley.record.kinds import DOMAIN_HUMAN_KINDS, HUMAN_KINDS, Kind
from parley.storage.deadline import (
    ClockWatch,
    Deadline,
    DeadlineState,
    acted,
    cancelled,
    is_due,
    shifted,
)

PEOPLE = HUMAN_KINDS | DOMAIN_HUMAN_KINDS
_CONFIRMED = frozenset({Kind.RECEIPT, Kind.DELIVERY, Kind.ACKNOWLEDGEMENT})
"""What is about every entry it refers to."""
_WORDS_OF_OFFICERS: Final = encode(
    acknowledged_body(Acknowledged(Capacity.DUTY_OFFICER, "en", sentences(("en", "ru")), 0))
)
_SHOWN: Final = {
    has_sound: encode(presented_body(Presented("watch", has_sound))) for has_sound in (False, True)
}
_ENDED: Final = encode(words_body(Words(Capacity.RELEASER)))


@dataclass(slots=True)
class DeskDisk:
    """What survives a crash."""

    logs: dict[tuple[SpaceId, PartyId], dict[int, bytes]] = field(default_factory=dict)
    """Entries by place, our own logs and what came of others'."""
    came_ms: dict[bytes, int] = field(default_factory=dict)
    matters: dict[bytes, dict[bytes, MatterEntry]] = field(default_factory=dict)
    """Entries by the alert they are about."""
    matter_of: dict[bytes, set[bytes]] = field(default_factory=dict)
    alerts: dict[bytes, Alert] = field(default_factory=dict)
    """Rows: what the entries of each matter come to."""
    deadlines: dict[tuple[str, str], Deadline] = field(default_factory=dict)
    overdue: list[tuple[bytes, str]] = field(default_factory=list)
    owed: dict[bytes, MatterEntry] = field(default_factory=dict)
    """Entries whose arrival we have still to confirm."""
    rung: list[bytes] = field(default_factory=list)
    """Alerts for which the desk began to ring."""
    poison: set[bytes] = field(default_factory=set)
    """Alerts of theirs that are none."""
    flashes: dict[tuple[SpaceId, PartyId], list[tuple[int, int]]] = field(default_factory=dict)
    """Place and time of each flash."""


class Desk:
    """One party's desk."""

    known: tuple[PartyId, ...] = ()
    """The other parties."""

    def __init__(self, name: str, clock: FakeClock | None = None) -> None:
        """Begin with an empty disk; the party follows from the name."""
        self.name = name
        self.party = PartyId(hashlib.sha256(name.encode()).digest()[:16])
        self.clock = clock or FakeClock()
        self.disk = DeskDisk()
        self.people = {
            who: ActorId(hashlib.sha256(f"{name} {who}".encode()).digest()[:16])
            for who in ("drafter", "verifier", "releaser", "officer")
        }
        self.restart()

    def restart(self) -> None:
        """Lose the memory."""
        self._watch = ClockWatch(self.clock.now(), self.clock.monotonic())
        self._folds: dict[bytes, MatterFold] = {}
        self._spaces: dict[PartyId, SpaceId] = {}
        self._rates: dict[bytes, tuple[int, bool]] = {}
        self._queue()

    def now_ms(self) -> int:
        """Return our wall time."""
        return milliseconds(self.clock.now())

    # --------------------------------------------------------------------------- what people do

    def release(  # noqa: PLR0913  as many as an alert has
        self,
        to: "Desk",
        text: str = "words",
        precedence: Precedence = Precedence.FLASH,
        *,
        parties: tuple[PartyId, ...] = (),
        supersedes: bytes | None = None,
        given_ms: int | None = None,
        is_exercise: bool = False,
        reaches_principals: bool = False,
        verifier: str | None = "verifier",
        is_signed: bool = True,
        thread: ThreadId | None = None,
    ) -> bytes:
        """Append an alert; return its hash."""
        body = AlertBody(
            texts=(("en", text),),
            parties=parties or (to.party,),
            drafter=self.people["drafter"],
            verifier=None if verifier is None else self.people[verifier],
            is_exercise=is_exercise,
            reaches_principals=reaches_principals,
            supersedes=supersedes,
        )
        refs = () if supersedes is None else (supersedes,)
        return self.say(
            to.party,
            Kind.ALERT,
            alert_body(body),
            refs,
            precedence=precedence,
            given_ms=given_ms,
            is_signed=is_signed,
            thread=thread or ThreadId(hashlib.sha256(text.encode()).digest()[:16]),
        )

    def acknowledge(self, alert: bytes, *, is_signed: bool = True) -> bytes:
        """Append a person's acknowledgement."""
        kind, body = Kind.ACKNOWLEDGEMENT, _WORDS_OF_OFFICERS
        return self.about(alert, kind, body, is_signed=is_signed, has_tip=False)

    def present(self, alert: bytes, *, has_sound: bool = True) -> bytes:
        """Append a desk's presentation."""
        return self.about(alert, Kind.DELIVERY, _SHOWN[has_sound], has_tip=False)

    def answer(
        self, alert: bytes, kind: AnswerKind = AnswerKind.REPLY, at_ms: int | None = None
    ) -> bytes:
        """Append an answer."""
        capacity = Capacity.DUTY_OFFICER if kind is AnswerKind.HOLD else Capacity.RELEASER
        return self.about(alert, Kind.ANSWER, answer_body(Answer(kind, capacity, "yes", at_ms)))

    def paraphrase(self, alert: bytes, text: str = "so", *, is_signed: bool = True) -> bytes:
        """Append how we understood an alert."""
        body = paraphrase_body(Paraphrase("en", text, Capacity.TRANSLATOR))
        return self.about(alert, Kind.PARAPHRASE, body, is_signed=is_signed)

    def judge(
        self,
        alert: bytes,
        correction: str | None = None,
        *,
        about: bytes | None = None,
        capacity: Capacity = Capacity.RELEASER,
    ) -> bytes:
        """Append our word on a paraphrase, of the last one if no other is named."""
        given = self.disk.alerts[alert].paraphrases
        named = about or (given[-1].hash if given else bytes(32))
        meant = None if correction is None else ("en", correction)
        body = paraphrase_word_body(ParaphraseWord(named, capacity, meant))
        return self.about(alert, Kind.PARAPHRASE_WORD, body)

    def withdraw(self, alert: bytes) -> bytes:
        """Append a withdrawal."""
        return self.about(alert, Kind.WITHDRAWAL, _ENDED)

    def close(self, alert: bytes) -> bytes:
        """Append a closure."""
        return self.about(alert, Kind.CLOSURE, _ENDED)

    def confirm_owed(self) -> list[bytes]:
        """Append the receipts that we owe, as the service does after every commit."""
        owed, self.disk.owed = self.disk.owed, {}
        found = []
        for each in owed.values():
            body = received_body(Received(each.came_ms))
            author, precedence = each.entry.author, each.entry.precedence
            found.append(self.say(author, Kind.RECEIPT, body, (each.hash,), precedence=precedence))
        return found

    def about(
        self,
        alert: bytes,
        kind: Kind,
        body: Mapping[int, Value] | bytes,
        *,
        is_signed: bool = True,
        has_tip: bool = True,
    ) -> bytes:
        """Append an entry about an alert, after the last entry of the other party about it."""
        found = self.disk.alerts[alert]
        refs = (alert, *(self._tips(alert) if has_tip else ()))
        other = found.other if found.author == self.party else found.author
        return self.say(
            other,
            kind,
            body,
            refs,
            precedence=found.written,
            is_signed=is_signed,
            thread=found.thread,
        )

    def _tips(self, alert: bytes) -> tuple[bytes, ...]:
        theirs = [
            each
            for each in self.disk.matters[alert].values()
            if each.entry.author != self.party and each.hash != alert
        ]
        last = max(theirs, key=lambda each: each.place, default=None)
        return () if last is None else (last.hash,)

    def say(  # noqa: PLR0913  what an entry has
        self,
        to: PartyId,
        kind: int,
        body: Mapping[int, Value] | bytes,
        refs: tuple[bytes, ...] = (),
        *,
        precedence: Precedence | None = None,
        given_ms: int | None = None,
        is_signed: bool = True,
        thread: ThreadId | None = None,
        time_ms: int | None = None,
    ) -> bytes:
        """Append any entry to our log with a party; return its hash."""
        # Two entries of one instant that say the same would be one: they have one hash.
        self.clock.advance(0.001)
        space = self._space(to)
        time_ms = self.now_ms() if time_ms is None else time_ms
        entry = Entry(
            space=space,
            author=self.party,
            kind=kind,
            time_ms=time_ms,
            thread=thread,
            precedence=precedence,
            deadline_ms=None if given_ms is None else time_ms + given_ms,
            refs=refs,
            actor=self.people["officer"] if kind in PEOPLE else None,
            body=body if isinstance(body, bytes) else encode(dict(body)),
        )
        encoded = write_entry(entry)
        place = len(self.disk.logs.setdefault((space, self.party), {}))
        return self._keep(entry, encoded, place, time_ms, is_signed=is_signed)

    # ------------------------------------------------------------------------- what comes in

    def take(self, entry: Entry, encoded: bytes, place: int, *, is_signed: bool = True) -> bool:
        """Take another party's entry at its place; say whether it was new."""
        log = self.disk.logs.setdefault((entry.space, entry.author), {})
        if place in log:
            return False
        self._keep(entry, encoded, place, self.now_ms(), is_signed=is_signed)
        return True

    def _keep(
        self, entry: Entry, encoded: bytes, place: int, came_ms: int, *, is_signed: bool
    ) -> bytes:
        """Keep an entry, and all that follows from it, in one transaction; return its hash."""
        digest = entry_hash(encoded)
        self.disk.logs.setdefault((entry.space, entry.author), {})[place] = encoded
        self.disk.came_ms[digest] = came_ms
        if entry.kind not in ABOUT_ALERTS:
            return digest
        each = MatterEntry(digest, entry, 0, place, came_ms, is_signed)
        matters = self._matters_of(each)
        if entry.kind == Kind.ALERT and entry.precedence is Precedence.FLASH:
            key = (entry.space, entry.author)
            self.disk.flashes.setdefault(key, []).append((place, entry.time_ms))
        # What ran ahead of what it is about has waited under its hash.
        waiting = self.disk.matters.get(digest, {}) if digest not in matters else {}
        for matter in matters:
            self.disk.matters.setdefault(matter, {}).update({digest: each, **waiting})
            for known in (digest, *waiting):
                self.disk.matter_of.setdefault(known, set()).add(matter)
            self._refresh(matter)
        if entry.author != self.party and entry.kind in RECEIPTED and matters:
            self.disk.owed[digest] = each
        return digest

    def _matters_of(self, each: MatterEntry) -> list[bytes]:
        entry = each.entry
        if entry.kind == Kind.ALERT:
            try:
                replaced = read_alert(entry).supersedes
            except EntryMalformed:
                replaced = _replaced_by(entry)
            return [each.hash] if replaced is None else [each.hash, replaced]
        if entry.kind in _CONFIRMED:
            found: set[bytes] = set()
            for ref in entry.refs:
                is_unknown = ref not in self.disk.came_ms
                found |= {ref} if is_unknown else self.disk.matter_of.get(ref, set())
            return sorted(found)
        return list(entry.refs[:1])

    def _refresh(self, matter: bytes) -> None:
        """Compute an alert anew; set and cancel its deadlines; ring once."""
        entries = self.disk.matters[matter]
        if matter not in entries:
            return
        before = self.disk.alerts.get(matter)
        after = self._fold(matter, entries).alert
        if after is None:
            self.disk.poison.add(matter)
            return
        self.disk.alerts[matter] = after
        now = self.clock.now()
        change = due_change(before, after)
        for step in change.to_set:
            key = (step.limit.deadline, step.subject(matter))
            if key not in self.disk.deadlines:
                due_at = from_milliseconds(step.due_ms)
                self.disk.deadlines[key] = Deadline(*key, due_at, due_at, now)
                heapq.heappush(self._due, (step.due_ms, key))
        for step in change.to_cancel:
            key = (step.limit.deadline, step.subject(matter))
            self.disk.deadlines[key] = cancelled(self.disk.deadlines[key], now)
        if before is None and after.author != self.party:
            self.disk.rung.append(matter)

    def _fold(self, matter: bytes, entries: Mapping[bytes, MatterEntry]) -> MatterFold:
        """Return a matter's fold, with every entry in it; a restart has forgotten it."""
        root = entries[matter]
        is_over_rate = self._is_over_rate(root)
        fold = self._folds.get(matter)
        if fold is None:
            other = self._other(root.entry)
            fold = MatterFold(matter, self.party, other, is_over_rate=is_over_rate)
            self._folds[matter] = fold
        fold.judge_rate(is_over_rate=is_over_rate)
        # The newest entries of a matter are the last of it.
        for each in list(entries.values())[len(fold) :]:
            fold.add(each)
        return fold

    def _other(self, entry: Entry) -> PartyId:
        """Return whom we share the space with: the author, or whom our own alert is for."""
        if entry.author != self.party:
            return entry.author
        return next(party for party in self.known if self._space(party) == entry.space)

    def _space(self, other: PartyId) -> SpaceId:
        found = self._spaces.get(other)
        if found is None:
            found = self._spaces[other] = SpaceId.of_pair(self.party, other)
        return found

    def _is_over_rate(self, root: MatterEntry) -> bool:
        if root.entry.precedence is not Precedence.FLASH:
            return False
        flashes = self.disk.flashes.get((root.entry.space, root.entry.author), [])
        judged = self._rates.get(root.hash)
        # Nothing but another flash changes what was found.
        if judged is None or judged[0] != len(flashes):
            earlier = [at for place, at in flashes[-64:] if place < root.place]
            judged = (len(flashes), is_over_rate(root.entry.time_ms, earlier))
            self._rates[root.hash] = judged
        return judged[1]

    # ------------------------------------------------------------------------------ what is due

    def tick(self) -> list[tuple[bytes, str]]:
        """Act on every deadline that is due; return what became overdue."""
        now = self.clock.now()
        by_ms = self._watch.look(now, self.clock.monotonic())
        if by_ms:
            for key, each in self.disk.deadlines.items():
                if each.state is DeadlineState.WAITING:
                    self.disk.deadlines[key] = shifted(each, by_ms)
            self._queue()
        found: list[tuple[bytes, str]] = []
        now_ms = milliseconds(now)
        while self._due and self._due[0][0] <= now_ms:
            _, key = heapq.heappop(self._due)
            each = self.disk.deadlines[key]
            if is_due(each, now):
                matter, number = read_subject(each.subject)
                found.append((matter, f"{LIMITS_BY_DEADLINE[each.kind].value}/{number}"))
                self.disk.deadlines[key] = acted(each, now, None)
        self.disk.overdue += found
        return found

    def _queue(self) -> None:
        """Put the deadlines that wait in the order in which they are acted on."""
        self._due: list[tuple[int, tuple[str, str]]] = [
            (milliseconds(each.acts_at), key)
            for key, each in self.disk.deadlines.items()
            if each.state is DeadlineState.WAITING
        ]
        heapq.heapify(self._due)

    # --------------------------------------------------------------------------- to be looked at

    def alert(self, matter: bytes) -> Alert:
        """Return an alert as it stands here."""
        return self.disk.alerts[matter]

    def rebuilt(self) -> dict[bytes, Alert]:
        """Return every alert as its entries alone make it."""
        found = {}
        for matter, entries in self.disk.matters.items():
            if matter in entries:
                root = entries[matter]
                other = self._other(root.entry)
                is_over = self._is_over_rate(root)
                alert = project(matter, self.party, other, entries.values(), is_over_rate=is_over)
                if alert is not None:
                    found[matter] = alert
        return found


def _replaced_by(entry: Entry) -> bytes | None:
    """Return what an entry that is no alert says that it replaces."""
    try:
        replaced = read_body(entry).get(6)
    except EntryMalformed:
        return None
    return replaced if isinstance(replaced, bytes) else None


def desks_of(*names: str) -> list[Desk]:
    """Return desks of parties that know each other, each with its own clock."""
    desks = [Desk(name) for name in names]
    for desk in desks:
        desk.known = tuple(each.party for each in desks if each is not desk)
    return desks


def carry(desks: list[Desk]) -> None:
    """Bring every entry to whom it is for, and the receipts for it, until nothing is left."""
    has_moved = True
    while has_moved:
        has_moved = False
        for sender in desks:
            sender.confirm_owed()
            for to in desks:
                if to is not sender:
                    has_moved |= _carry(sender, to)


def _carry(sender: Desk, to: Desk) -> bool:
    space = SpaceId.of_pair(sender.party, to.party)
    log = sender.disk.logs.get((space, sender.party), {})
    known = to.disk.logs.get((space, sender.party), {})
    missing = [place for place in range(len(known), len(log)) if place not in known]
    for place in missing:
        to.take(read_entry(log[place]), log[place], place)
    return bool(missing)


def is_read(alert: Alert) -> bool:
    """Say whether a person of the other party is proved to have read it."""
    return alert.state not in {AlertState.RELEASED, AlertState.DELIVERED, AlertState.PRESENTED}
