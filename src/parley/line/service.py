"""The lines of a running node: keeps the book, the engine and the other parties in step."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from whenever import Instant

from parley import _core
from parley.clock import Clock, milliseconds
from parley.config import Settings
from parley.errors import (
    CardMalformed,
    ClockSkewed,
    EngineFault,
    LetterMalformed,
    LetterUnagreed,
    LetterUnknown,
    ParleyError,
    PartyUnconfirmed,
    TransitionRefused,
)
from parley.identity.card import read_card
from parley.ids import BootId, PartyId
from parley.line.book import Pairing, PairingBook
from parley.line.engine import Engine, Feed, LineStatus
from parley.line.letters import (
    LANE,
    TOPIC,
    ClockAnswer,
    ClockQuestion,
    Hello,
    KeyWarning,
    LineLetter,
    Withdrawal,
    read_letter,
    write_letter,
)
from parley.line.link import EngineState, LinkState, link_state
from parley.line.pairing import OPEN_STATES, Act, PairingEvent, PairingState
from parley.line.path_mtu import is_narrow
from parley.line.paths import plan_paths
from parley.line.resolver import Resolver
from parley.line.set_aside import SetAside
from parley.line.skew import ClockComparison
from parley.line.view import LineView, line_view
from parley.telemetry import log

GOODBYE_S: Final = 2.0
"""Seconds a withdrawal may take before the line closes without it. More delays the operator."""
WARN_EVERY_S: Final = 60.0
"""Seconds between two warnings that a key is in use twice; the other node tries for ever."""
KEY_TWICE: Final = "line.key_in_use_twice"
OUR_KEY_TWICE: Final = "line.our_key_in_use_twice"
RESOLVE_EVERY_S: Final = 30.0
_SILENT: Final = frozenset({LinkState.CUT, LinkState.COLD})
"""Words for a line on which nothing comes."""
"""Seconds between look-ups of names that could not be looked up."""

LetterReader = Callable[[PartyId, bytes], Awaitable[None]]
AgreedListener = Callable[[PartyId], Awaitable[None]]


@dataclass(slots=True)
class _Line:
    """What the service knows of one line, beside the book. Owned by the event loop's thread."""

    engine: EngineState = EngineState.CLOSED
    link: LinkState = LinkState.UNCONFIRMED
    since: Instant | None = None
    their_boot: BootId | None = None
    clocks: ClockComparison = field(default_factory=ClockComparison)
    closes_at: float | None = None
    """Monotonic time at which a withdrawn line closes even if the letter was not delivered."""
    goodbye: int | None = None
    """Number of the withdrawal letter under way."""
    warned_at: float | None = None
    """Monotonic time at which they were last warned that their key is in use twice."""
    resolve_at: float | None = None
    """Monotonic time at which unresolved names are tried again."""
    ends: dict[str, str] = field(default_factory=dict)
    """Where each path by UDP goes to, by its name."""


class Lines:
    """All lines of one node."""

    def __init__(
        self,
        *,
        engine: Engine,
        feed: Feed,
        book: PairingBook,
        settings: Settings,
        clock: Clock,
        set_aside: SetAside,
        resolver: Resolver,
    ) -> None:
        self._engine = engine
        self._book = book
        self._settings = settings
        self._clock = clock
        self._set_aside = set_aside
        self._resolver = resolver
        self._boot = BootId.new()
        self._lines: dict[PartyId, _Line] = {}
        self._readers: dict[int, LetterReader] = {TOPIC: self._on_line_letter}
        self._on_agreed: list[AgreedListener] = []
        self._on_change: list[Callable[[], None]] = []
        self._silence: Callable[[PartyId], str | None] = lambda _: None
        self._refusals_told: dict[str, int] = {}
        feed.subscribe(_core.LineState, self._on_state)
        feed.subscribe(_core.PathState, self._on_path)
        feed.subscribe(_core.Letter, self._on_letter)
        feed.subscribe(_core.LetterDelivered, self._on_delivered)
        feed.subscribe(_core.Refusal, self._on_refusal)
        feed.subscribe(_core.Fault, self._on_fault)
        feed.subscribe(_core.EventsLost, self._on_events_lost)

    # ------------------------------------------------------------------ what others ask of lines

    @property
    def book(self) -> PairingBook:
        """Whose cards are here."""
        return self._book

    def explain_silence(self, silence: Callable[[PartyId], str | None]) -> None:
        """Ask ``silence`` what is silent of a party whose line is cut."""
        self._silence = silence

    def read_topic(self, topic: int, reader: LetterReader) -> None:
        """Give letters of ``topic`` on agreed lines to ``reader``."""
        self._readers[topic] = reader

    def on_agreed(self, listener: AgreedListener) -> None:
        """Call ``listener`` when a line can be used, and again when the other node restarted."""
        self._on_agreed.append(listener)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when what a desk shows of lines may have changed."""
        self._on_change.append(listener)

    def is_agreed(self, party: PartyId) -> bool:
        """Say whether both sides have confirmed the line to ``party``."""
        try:
            return self._book.get(party).state is PairingState.AGREED
        except ParleyError:
            return False

    def agreed(self) -> list[PartyId]:
        """Return the parties whose lines both sides have confirmed."""
        return [
            pairing.party.id for pairing in self._book.all() if pairing.state is PairingState.AGREED
        ]

    def name_of(self, party: PartyId) -> str | None:
        """Return the label a party is pinned under, our own included; None if unknown here."""
        if party == self._book.own.id:
            return self._book.own.name
        try:
            return self._book.get(party).party.name
        except ParleyError:
            return None

    def send(self, party: PartyId, lane: int, topic: int, body: bytes) -> int:
        """Queue a letter on an agreed line and return its number.

        Raises:
            PartyUnconfirmed: the line is not agreed.
            EngineFault: the engine refused.
        """
        if not self.is_agreed(party):
            raise PartyUnconfirmed(party=party.text)
        return self._send(party, lane, topic, body)

    def cancel(self, letter: int) -> None:
        """Forget a letter that is not delivered yet."""
        self._engine.cancel(letter)

    def status(self, party: PartyId) -> LineStatus | None:
        """Return what the engine knows of a line, None while our end is closed."""
        if self._line(party).engine is EngineState.CLOSED:
            return None
        try:
            return self._engine.line_status(party)
        except _core.CoreError:
            return None

    def is_up(self, party: PartyId) -> bool:
        """Say whether a line is agreed and a letter on it can arrive now."""
        is_proved = self._line(party).engine in {EngineState.UP, EngineState.DEGRADED}
        return is_proved and self.is_agreed(party)

    def link(self, party: PartyId) -> LinkState:
        """Return the word for a line."""
        return self._line(party).link

    def views(self) -> list[LineView]:
        """Return every line as a desk shows it."""
        return [self._view(pairing) for pairing in self._book.all()]

    # ---------------------------------------------------------------- what operators ask of lines

    async def import_card(self, content: bytes, label: str | None) -> Pairing:
        """Take in another party's card; raises like :meth:`PairingBook.import_card`."""
        before = {known.party.id: known.party.card.endpoints for known in self._book.all()}
        try:
            pairing, acts = await self._book.import_card(content, label)
        except ParleyError as error:
            self._set_aside.add_error(error, None, self._clock.now())
            raise
        party = pairing.party.id
        log.info("card imported", party=party.text, state=pairing.state.value)
        await self._act(pairing, acts)
        if not acts and before.get(party, ()) != pairing.party.card.endpoints:
            await self._reopen(party)
        return pairing

    async def apply(self, party: PartyId, event: PairingEvent) -> Pairing:
        """Take one step of a pairing and do what follows from it."""
        pairing, acts = await self._book.apply(party, event)
        log.info("pairing", party=party.text, event_name=event.value, state=pairing.state.value)
        await self._act(pairing, acts)
        return pairing

    async def remove(self, party: PartyId) -> None:
        """Forget a party: close the line without a word and delete its card."""
        await self._book.remove(party)
        self._close(party)
        self._lines.pop(party, None)
        log.info("party removed", party=party.text)
        self._changed()

    # ------------------------------------------------------------------------------ from the shell

    async def start(self) -> None:
        """Open our end of every line we have confirmed."""
        await self._expire()
        for pairing in self._book.all():
            if pairing.state in OPEN_STATES:
                await self._open(pairing)
            self._refresh(pairing.party.id)

    async def tick(self) -> None:
        """Do what is due; the shell calls this once a second."""
        monotonic = self._clock.monotonic()
        await self._expire()
        for party, line in list(self._lines.items()):
            if line.closes_at is not None and monotonic >= line.closes_at:
                self._close(party)
            if line.resolve_at is not None and monotonic >= line.resolve_at:
                line.resolve_at = None
                await self._reopen(party)
            if line.engine in {EngineState.UP, EngineState.DEGRADED} and self.is_agreed(party):
                question = line.clocks.ask(self._clock.now(), monotonic)
                if question is not None:
                    self._write(party, question)

    def stop(self) -> None:
        """Say goodbye on every line, so that the other side knows at once."""
        for party in list(self._lines):
            self._close(party)

    # ----------------------------------------------------------------------------- engine's events

    async def _on_state(self, event: _core.LineState) -> None:
        party = PartyId(event.party)
        line = self._line(party)
        was_proved = line.engine in {EngineState.UP, EngineState.DEGRADED}
        line.engine = EngineState(event.state)
        is_proved = line.engine in {EngineState.UP, EngineState.DEGRADED}
        if is_proved and not was_proved:
            line.clocks.restart()
            self._write(party, self._hello(party))
            if self.is_agreed(party):
                await self._tell_agreed(party)
        self._refresh(party)

    async def _on_path(self, event: _core.PathState) -> None:
        log.info("path", party=PartyId(event.party).text, state=event.state)
        self._changed()

    async def _on_delivered(self, event: _core.LetterDelivered) -> None:
        for party, line in list(self._lines.items()):
            if line.goodbye == event.letter:
                self._close(party)

    async def _on_refusal(self, event: _core.Refusal) -> None:
        """Count what the engine set aside; it tells totals, at most one a second of each kind."""
        party = None if event.party is None else PartyId(event.party)
        code = event.reason if "." in event.reason else f"{event.area}.{event.reason}"
        number = max(1, event.count - self._refusals_told.get(code, 0))
        self._refusals_told[code] = event.count
        self._set_aside.add(code, party, self._clock.now(), number)
        log.warning("engine set something aside", code=code, party=party and party.text)
        if code == KEY_TWICE and party is not None and self.is_agreed(party):
            self._warn_of_key(party)

    def _warn_of_key(self, party: PartyId) -> None:
        """Tell a party what it cannot see: only the other node was refused."""
        line, monotonic = self._line(party), self._clock.monotonic()
        if line.warned_at is None or monotonic - line.warned_at >= WARN_EVERY_S:
            line.warned_at = monotonic
            self._write(party, KeyWarning())

    async def _on_fault(self, event: _core.Fault) -> None:
        log.error(
            "engine fault",
            thread=event.thread,
            cause=event.cause,
            restarted=event.restarted,
        )
        self._set_aside.add("engine.fault", None, self._clock.now())

    async def _on_events_lost(self, event: _core.EventsLost) -> None:
        """Read again what can be read; rosters come with the next change."""
        log.error("engine events lost", count=event.count)
        self._set_aside.add("engine.events_lost", None, self._clock.now(), event.count)
        for party in list(self._lines):
            status = self.status(party)
            if status is not None:
                await self._on_state(_core.LineState(party=party, state=status.state))

    async def _on_letter(self, event: _core.Letter) -> None:
        party = PartyId(event.party)
        try:
            reader = self._readers.get(event.topic)
            if reader is None:
                raise LetterUnknown(topic=event.topic)
            if event.topic != TOPIC and not self.is_agreed(party):
                raise LetterUnagreed(party=party.text)
            await reader(party, event.body)
        except ParleyError as error:
            self._set_aside.add_error(error, party, self._clock.now())
            log.warning("letter set aside", party=party.text, code=error.code)

    # --------------------------------------------------------------------- letters about the line

    async def _on_line_letter(self, party: PartyId, body: bytes) -> None:
        letter = read_letter(body)
        match letter:
            case Hello():
                await self._on_hello(party, letter)
            case Withdrawal():
                await self.apply(party, PairingEvent.THEY_WITHDRAW)
            case ClockQuestion(number):
                self._write(party, ClockAnswer(number, milliseconds(self._clock.now())))
            case ClockAnswer():
                self._on_clock(party, letter)
            case KeyWarning():
                self._set_aside.add(OUR_KEY_TWICE, party, self._clock.now())
                log.error("our key is in use twice", party=party.text)

    async def _on_hello(self, party: PartyId, hello: Hello) -> None:
        if hello.pair != self._pair(party):
            raise LetterMalformed(topic=TOPIC)
        await self._take_their_card(party, hello.card)
        line = self._line(party)
        is_news = line.their_boot != hello.boot
        line.their_boot = hello.boot
        was_agreed = self.is_agreed(party)
        try:
            await self.apply(party, PairingEvent.THEY_CONFIRM)
        except TransitionRefused as error:
            raise LetterUnagreed(party=party.text) from error
        if was_agreed and is_news:
            self._write(party, self._hello(party))
        if is_news or not was_agreed:
            await self._tell_agreed(party)

    async def _take_their_card(self, party: PartyId, encoded: bytes) -> None:
        """Take a newer card by the same key; a bad one is set aside and the hello still counts."""
        if encoded == self._book.get(party).party.card_bytes:
            return
        try:
            card = read_card(encoded)
            if card.party != party:
                raise CardMalformed(field="key")
            before = self._book.get(party).party.card.endpoints
            pairing, acts = await self._book.take_card(card, encoded, None)
        except ParleyError as error:
            self._set_aside.add_error(error, party, self._clock.now())
            return
        await self._act(pairing, acts)
        if pairing.party.card.endpoints != before:
            await self._reopen(party)

    def _on_clock(self, party: PartyId, answer: ClockAnswer) -> None:
        clocks = self._line(party).clocks
        now = self._clock.now()
        if clocks.take(answer, now, self._clock.monotonic()) and self._is_skewed(clocks):
            seconds = round(clocks.skew_s or 0.0)
            error = ClockSkewed(party=party.text, seconds=seconds)
            self._set_aside.add_error(error, party, now)
            log.warning("clocks differ", party=party.text, seconds=seconds)
        self._changed()

    # ------------------------------------------------------------------------------------- details

    def _line(self, party: PartyId) -> _Line:
        return self._lines.setdefault(party, _Line())

    def _narrow(self, line: _Line, status: LineStatus | None) -> Mapping[str, int]:
        """Return the largest packet known to pass, of paths by UDP that need more and are not up.

        One that is up is proved to carry what it needs, whatever a router once said.
        """
        paths = () if status is None else status.paths
        lost = [each.name for each in paths if each.carrier == "udp" and each.state != "up"]
        ends = {name: line.ends[name] for name in lost if name in line.ends}
        known = {name: (end, self._resolver.mtu(end)) for name, end in ends.items()}
        return {
            name: mtu
            for name, (end, mtu) in known.items()
            if mtu is not None and is_narrow(mtu, end)
        }

    def _view(self, pairing: Pairing) -> LineView:
        party = pairing.party.id
        line, status = self._line(party), self.status(pairing.party.id)
        now = self._clock.now()
        return line_view(
            pairing,
            (line.link, line.since or pairing.changed_at),
            (line.clocks.skew_s, self._is_skewed(line.clocks)),
            sum(count.count for count in self._set_aside.counts() if count.party == party),
            status,
            now,
            self._silence(party) if line.link in _SILENT else None,
            self._narrow(line, status),
        )

    def _is_skewed(self, clocks: ClockComparison) -> bool:
        return abs(clocks.skew_s or 0.0) > self._settings.line.clock_skew_s_max

    def _refresh(self, party: PartyId) -> None:
        """Work out the word for a line again; note since when it holds."""
        line = self._line(party)
        try:
            state = self._book.get(party).state
        except ParleyError:
            return
        link = link_state(state, line.engine)
        if link is not line.link or line.since is None:
            line.link = link
            line.since = self._clock.now()
            log.info("line", party=party.text, state=link.value)
        self._changed()

    def _changed(self) -> None:
        for listener in self._on_change:
            listener()

    async def _tell_agreed(self, party: PartyId) -> None:
        for listener in self._on_agreed:
            await listener(party)

    def _pair(self, party: PartyId) -> bytes:
        keys = sorted((self._book.own.card.public_key, self._book.get(party).party.card.public_key))
        return hashlib.sha256(b"parley pair\0" + b"".join(keys)).digest()

    def _hello(self, party: PartyId) -> Hello:
        return Hello(self._boot, self._pair(party), self._book.own.card_bytes)

    def _write(self, party: PartyId, letter: LineLetter) -> int | None:
        try:
            return self._send(party, LANE, TOPIC, write_letter(letter))
        except EngineFault:
            log.warning("letter not sent", party=party.text, exc_info=True)
            return None

    def _send(self, party: PartyId, lane: int, topic: int, body: bytes) -> int:
        try:
            return self._engine.send(party, lane, topic, body)
        except _core.CoreError as error:
            raise EngineFault(code=error.code) from error

    async def _act(self, pairing: Pairing, acts: tuple[Act, ...]) -> None:
        party = pairing.party.id
        for act in acts:
            match act:
                case Act.OPEN_LINE:
                    await self._open(pairing)
                case Act.CLOSE_LINE:
                    self._close(party)
                case Act.TELL:
                    if self._line(party).engine in {EngineState.UP, EngineState.DEGRADED}:
                        self._write(party, self._hello(party))
                case Act.WITHDRAW:
                    line = self._line(party)
                    line.goodbye = self._write(party, Withdrawal())
                    line.closes_at = self._clock.monotonic() + GOODBYE_S
        self._refresh(party)

    async def _open(self, pairing: Pairing) -> None:
        party = pairing.party.id
        line = self._line(party)
        line.closes_at, line.goodbye = None, None
        if line.engine is not EngineState.CLOSED:
            self._close(party)
        paths = await self._paths(pairing, line)
        try:
            self._engine.open_line(remote_key=pairing.party.card.public_key, paths=paths)
        except _core.CoreError as error:
            log.error("line not opened", party=party.text, code=error.code)
            self._set_aside.add(error.code, party, self._clock.now())
            return
        line.engine = EngineState.COLD

    async def _paths(self, pairing: Pairing, line: _Line) -> list[_core.LinePath]:
        own = self._book.own
        plans = plan_paths(
            self._settings.line.path,
            pairing.party.card.endpoints,
            ours_first=own.id < pairing.party.id,
        )
        remotes = await asyncio.gather(
            *(self._resolver.resolve(plan.address) for plan in plans if plan.address)
        )
        found = dict(zip([plan.address for plan in plans if plan.address], remotes, strict=True))
        if None in remotes:
            line.resolve_at = self._clock.monotonic() + RESOLVE_EVERY_S
        line.ends = {
            plan.name: remote
            for plan in plans
            if plan.carrier == "udp" and (remote := found.get(plan.address)) is not None
        }
        return [
            _core.LinePath(
                name=plan.name,
                socket=plan.socket,
                remote=found.get(plan.address),
                carrier=plan.carrier,
                floor_bps=plan.floor_bps,
                ceiling_bps=plan.ceiling_bps,
            )
            for plan in plans
        ]

    async def _reopen(self, party: PartyId) -> None:
        """Open a line anew because its paths have changed."""
        pairing = self._book.get(party)
        if pairing.state in OPEN_STATES:
            self._close(party)
            await self._open(pairing)
            self._refresh(party)

    def _close(self, party: PartyId) -> None:
        line = self._line(party)
        line.closes_at, line.goodbye = None, None
        if line.engine is EngineState.CLOSED:
            return
        line.engine = EngineState.CLOSED
        try:
            self._engine.close_line(party)
        except _core.CoreError as error:
            log.warning("line not closed", party=party.text, code=error.code)
        self._refresh(party)

    async def _expire(self) -> None:
        now = self._clock.now()
        for pairing in self._book.all():
            if pairing.state in OPEN_STATES and now >= pairing.party.card.expires_at:
                log.warning("card expired", party=pairing.party.id.text)
                await self.apply(pairing.party.id, PairingEvent.EXPIRE)
