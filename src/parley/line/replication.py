"""Carries the record: takes letters of topic 18 off the lines, and gives them to the lines.

The record says what is due for a party whenever it is asked (:meth:`Record.due`); it is asked for
as much as the line is about to deliver, and no more. What is short and urgent (checkpoints,
answers, proved entries) goes on the alert lane, packages of entries on the document lane, so a
backlog of weeks never stands before an alert or a spoken word, and never fills the engine. What
comes is given to the record at once, a checkpoint with the entries that follow it. A line
that comes up again, or whose other node has restarted, begins anew: what was under way is taken
back, and the first answer says where the mirror is.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from typing_extensions import override

from parley import _core
from parley.clock import Clock
from parley.errors import EngineFault, ParleyError, PartyUnconfirmed
from parley.ids import PartyId, SpaceId
from parley.line.engine import Feed
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.line.under_way import LettersUnderWay
from parley.record.keeping import Record
from parley.record.letters import (
    TOPIC,
    Growth,
    Package,
    RecordLetter,
    read_letter,
    write_letter,
)
from parley.record.ports import RecordPort
from parley.telemetry import log

ALERT_LANE: Final = 0
DOCUMENT_LANE: Final = 4
GREETING_LANE: Final = 2
"""The lane of the hello, behind which a letter is never before the line is agreed."""
WINDOW_BYTES: Final = 2_097_152
"""Packages given to a line and not delivered yet. More fills a longer path (2 MiB are four seconds
of ``border``), less leaves less to be sent twice after a cut."""
ALERT_BYTES: Final = 524_288
"""Half of what the engine takes on the alert lane: the other half is for others' alerts."""
RESEND_S_MIN: Final = 0.05
"""Shortest wait before urgent entries are looked at again. Less looks more often than it helps."""
GATHER_S: Final = 0.01
"""How long a checkpoint waits for the letter behind it. More delays one that comes alone, as while
a backlog drains; less takes it into a turn of its own more often, with a commit and an answer."""
ROUNDS_MAX: Final = 64
"""Times the record is asked for more before others get their turn."""


@dataclass(slots=True)
class _Pump:
    """What is under way to one party."""

    under_way: LettersUnderWay = field(default_factory=LettersUnderWay)
    """What is not delivered."""
    held_back: deque[RecordLetter] = field(default_factory=deque)
    """Letters that the engine had no room for."""
    growth: tuple[Growth, int, asyncio.TimerHandle] | None = None
    """A checkpoint that came and waits for its entries, its length, and what ends its waiting."""
    is_met: bool = False
    """Whether the other node has written about the record since the line came up: then it has
    agreed to the line too, and nothing of ours comes before its agreement."""

    def room(self) -> int:
        return WINDOW_BYTES - self.under_way.bulk_bytes

    def is_jammed(self) -> bool:
        return self.under_way.urgent_bytes >= ALERT_BYTES


class LineReplication(RecordPort):
    """The lines as the record uses them. Owned by the event loop's thread."""

    def __init__(self, lines: Lines, feed: Feed, set_aside: SetAside, clock: Clock) -> None:
        """Listen to the lines; :meth:`attach` says for which record."""
        self._lines = lines
        self._set_aside = set_aside
        self._clock = clock
        self._record: Record | None = None
        self._pumps: dict[PartyId, _Pump] = {}
        self._woken: set[PartyId] = set()
        self._scheduled: asyncio.Handle | None = None
        self._resending: asyncio.Handle | None = None
        self._is_running = False
        lines.read_topic(TOPIC, self._on_letter)
        lines.on_agreed(self._on_agreed)
        feed.subscribe(_core.LetterDelivered, self._on_delivered)

    def attach(self, record: Record) -> None:
        """Carry this record."""
        self._record = record

    def start(self) -> None:
        """Send by itself from here on; without it :meth:`pump` is called for every step."""
        self._is_running = True

    def stop(self) -> None:
        """Send nothing more."""
        self._is_running = False

    # ----------------------------------------------------------------------- what the record asks

    @override
    def is_up(self, party: PartyId) -> bool:
        """Say whether letters to a party can arrive."""
        return self._lines.is_up(party)

    @override
    def wake(self, party: PartyId) -> None:
        """Take note that there may be something for a party."""
        self._woken.add(party)
        if self._is_running and self._scheduled is None:
            self._scheduled = asyncio.get_running_loop().call_soon(self._run)

    @override
    def count(self, code: str, party: PartyId | None, number: int = 1) -> None:
        """Count what was set aside."""
        self._set_aside.add(code, party, self._clock.now(), number)

    def pump(self) -> bool:
        """Send what is due to everybody who was woken; return whether there was anything."""
        woken, self._woken = sorted(self._woken), set()
        return sum(self._send_due(party) for party in woken) > 0

    def waiting_bytes(self) -> Iterator[tuple[PartyId, int]]:
        """Yield how many bytes of packages are under way to each party."""
        for party, pump in self._pumps.items():
            yield party, pump.under_way.bulk_bytes

    # ------------------------------------------------------------------------- from the lines

    async def _on_letter(self, party: PartyId, body: bytes) -> None:
        letter = read_letter(body)
        pump = self._pumps.setdefault(party, _Pump())
        if not pump.is_met:
            pump.is_met = True
            self.wake(party)
        self._take_growth(party)
        if isinstance(letter, Growth) and self._is_running:
            loop = asyncio.get_running_loop()
            timer = loop.call_later(GATHER_S, self._take_growth, party)
            pump.growth = (letter, len(body), timer)
        elif self._record is not None:
            self._record.take(party, letter, len(body))

    def _take_growth(self, party: PartyId) -> None:
        """Give the record a checkpoint that waited: its entries are here, or will not come soon.

        Both in one turn, because alone a checkpoint costs us a commit and its sender an answer that
        says no more than the next one. Nobody can tell it from a letter that took longer to come.
        """
        pump = self._pumps.get(party)
        if pump is not None and pump.growth is not None and self._record is not None:
            (growth, length, timer), pump.growth = pump.growth, None
            timer.cancel()
            self._record.take(party, growth, length)

    async def _on_agreed(self, party: PartyId) -> None:
        """Open the space of the line, and begin anew with the other party."""
        if self._record is None:
            return
        own = self._lines.book.own
        other = self._lines.book.get(party).party
        members = {own.id: own.card.public_key, party: other.card.public_key}
        self._take_back(party)
        try:
            await self._record.open_space(SpaceId.of_pair(own.id, party), members)
        except ParleyError as error:
            log.error("record not opened", party=party.text, code=error.code)
            return
        self._record.line_up(party)

    async def _on_delivered(self, event: _core.LetterDelivered) -> None:
        for party, pump in self._pumps.items():
            if pump.under_way.deliver(event.letter, self._clock.monotonic()):
                self.wake(party)
                return

    # ------------------------------------------------------------------------------------- details

    def _run(self) -> None:
        self._scheduled = None
        if self._is_running:
            self.pump()
            self._schedule_resending()

    def _schedule_resending(self) -> None:
        """Be woken when something urgent is to be sent again, sooner than the next second."""
        reached = {party for party in self._pumps if self._lines.is_up(party)}
        wait_s = None if self._record is None else self._record.resend_in_s(reached)
        if self._resending is None and wait_s is not None:
            loop = asyncio.get_running_loop()
            self._resending = loop.call_later(max(RESEND_S_MIN, wait_s), self._resend)

    def _resend(self) -> None:
        self._resending = None
        for party in self._pumps:
            self.wake(party)

    def _send_due(self, party: PartyId) -> int:
        """Give a line what it has room for; return how many letters that were."""
        if self._record is None or not self._lines.is_up(party):
            return 0
        pump = self._pumps.setdefault(party, _Pump())
        count = 0
        for _ in range(ROUNDS_MAX):
            if pump.is_jammed():
                return count
            letters = pump.held_back or self._due(self._record, party, pump)
            if not letters:
                return count
            pump.held_back = deque(letters)
            while pump.held_back:
                letter, *rest = list(islice(pump.held_back, 2))
                if not self._send(party, pump, letter, rest):
                    return count
                pump.held_back.popleft()
                count += 1
        self.wake(party)
        return count

    def _due(self, record: Record, party: PartyId, pump: _Pump) -> Sequence[RecordLetter]:
        return record.due(party, pump.room()) if pump.is_met else record.answers(party)

    def _send(
        self, party: PartyId, pump: _Pump, letter: RecordLetter, rest: Sequence[RecordLetter]
    ) -> bool:
        """Give a letter to the line; say whether it is settled, with the line or for now."""
        now_s = self._clock.monotonic()
        if not pump.under_way.may_give(letter, now_s):
            return True
        body = write_letter(letter)
        lane = _lane(letter, rest) if pump.is_met else GREETING_LANE
        try:
            number = self._lines.send(party, lane, TOPIC, body)
        except (EngineFault, PartyUnconfirmed) as error:
            log.warning("record letter held back", party=party.text, code=error.code)
            return False
        is_bulk = lane == DOCUMENT_LANE
        pump.under_way.give(number, letter, len(body), now_s, is_bulk=is_bulk)
        return True

    def _take_back(self, party: PartyId) -> None:
        """Forget what was under way: it is asked for again."""
        pump = self._pumps.pop(party, None)
        if pump is not None and pump.growth is not None:
            pump.growth[2].cancel()
        for number in () if pump is None else pump.under_way:
            self._lines.cancel(number)


def _lane(letter: RecordLetter, rest: Sequence[RecordLetter]) -> int:
    """Return the lane for a letter, given the one that follows it.

    A checkpoint whose entries follow at once goes on their lane, so that it is there first.
    """
    is_led = any(isinstance(each, Package) and each.origin == letter.origin for each in rest)
    if isinstance(letter, Package) or (isinstance(letter, Growth) and is_led):
        return DOCUMENT_LANE
    return ALERT_LANE
