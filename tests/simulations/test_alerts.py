"""Institutions write alerts to each other through loss, cuts, restarts and clocks that jump.

Every history follows from its seed, which a failure names; PARLEY_ALERTS says how many alerts are
written in all. After each history the lines heal, and then: what one side released the other has,
once, in order; both come to the same; nobody is said to have read what nobody read; each limit that
passed was noted once; no exercise was brought before principals who had not asked.
"""

import heapq
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from parley.clock import FakeClock
from parley.crisis.alert import AlertState, has_reached
from parley.crisis.bodies import AnswerKind
from parley.crisis.matter import Alert
from parley.crisis.projection import is_open
from parley.ids import PartyId, SpaceId
from parley.record.entry import Precedence, entry_hash, read_entry
from parley.record.kinds import Kind
from parley.record.resending import Resending
from parley.testing.desks import Desk, desks_of

ALERTS = int(os.environ.get("PARLEY_ALERTS", "24"))
PER_HISTORY = 8
CHUNKS = max(1, ALERTS // PER_HISTORY // 3)
URGENT = (Precedence.FLASH, Precedence.IMMEDIATE)


@dataclass(order=True)
class Arrival:
    """Entries under way."""

    at_s: float
    number: int
    sender: int = field(compare=False)
    to: int = field(compare=False)
    entries: tuple[tuple[int, bytes], ...] = field(compare=False)


class History:
    """One seeded history of two or three institutions."""

    def __init__(self, seed: int) -> None:
        """Begin."""
        self.dice = random.Random(seed)  # noqa: S311  a test's own dice
        self.desks = desks_of("near", "far", "third")[: self.dice.choice([2, 2, 3])]
        for desk in self.desks:
            desk.clock = FakeClock(desk.clock.now().add(seconds=self.dice.randrange(-7_200, 7_200)))
            desk.restart()
        self.now_s = 0.0
        self.loss = self.dice.choice([0.0, 0.05, 0.3])
        self.delay_s = self.dice.choice([0.02, 0.25, 2.0])
        self.cut: set[tuple[int, int]] = set()
        self.down: set[int] = set()
        self.under_way: list[Arrival] = []
        self.number = 0
        self.resending: dict[tuple[int, int], Resending] = {}
        self.asked: dict[tuple[int, int], float] = {}
        self.flushed: dict[tuple[int, int], int] = {}
        self.released: list[tuple[int, int, bytes]] = []
        self.told: Counter[tuple[int, bytes, str]] = Counter()

    def live(self, alerts: int) -> None:
        """Let things happen, then heal and hold everybody to everything."""
        while len(self.released) < alerts:
            self.dice.choices(
                [self.release, self.act, self.change_line, self.restart, self.jump, self.poison],
                weights=[4, 12, 1, 1, 1, 1],
            )[0]()
            self.pass_time(self.dice.choice([0.1, 0.5, 5.0, 60.0, 900.0]))
        self.cut.clear()
        self.loss = 0.0
        for _ in range(6):
            self.pass_time(30.0)
        self.pass_time(100_000.0)
        for _ in range(3):
            self.pass_time(30.0)
        self.judge()

    # --------------------------------------------------------------------------- what happens

    def release(self) -> None:
        """Write an alert to one or to all others."""
        sender = self.dice.randrange(len(self.desks))
        others = [each for each in range(len(self.desks)) if each != sender]
        chosen = others if self.dice.random() < 0.2 else [self.dice.choice(others)]
        desk = self.desks[sender]
        parties = tuple(sorted(self.desks[each].party for each in chosen))
        precedence = self.dice.choice(list(Precedence))
        is_exercise = self.dice.random() < 0.3
        text = f"{len(self.released)} {self.dice.random()}"
        asks = is_exercise and self.dice.random() < 0.3
        given_ms = self.dice.choice([None, None, 600_000])
        for to in chosen:
            alert = desk.release(
                self.desks[to],
                text,
                precedence,
                parties=parties,
                given_ms=given_ms,
                is_exercise=is_exercise,
                reaches_principals=asks,
            )
            self.released.append((sender, to, alert))
        self.flush(sender)

    def act(self) -> None:
        """Let somebody do something about an alert they have."""
        who = self.dice.randrange(len(self.desks))
        desk = self.desks[who]
        if not desk.disk.alerts or who in self.down:
            return
        matter = self.dice.choice(list(desk.disk.alerts)[-12:])
        ours = (desk.withdraw, desk.close, desk.close)
        theirs: tuple[Callable[[bytes], bytes], ...] = (
            *(desk.present, desk.acknowledge, desk.acknowledge, desk.answer, desk.close),
            lambda each: desk.answer(each, AnswerKind.HOLD, desk.now_ms() + 60_000),
        )
        is_ours = desk.alert(matter).author == desk.party
        self.dice.choice(ours if is_ours else theirs)(matter)
        self.flush(who)

    def poison(self) -> None:
        """Let somebody write what is none."""
        who = self.dice.randrange(len(self.desks))
        desk = self.desks[who]
        to = self.dice.choice(desk.known)
        refs = tuple(self.dice.sample(list(desk.disk.came_ms), min(1, len(desk.disk.came_ms))))
        body = self.dice.choice([b"", b"\xff", b"\xa0", b"\xa1\x00\x80"])
        kind = self.dice.choice([Kind.ALERT, Kind.ANSWER, Kind.RECEIPT, Kind.CLOSURE])
        desk.say(to, kind, body, refs, precedence=self.dice.choice(list(Precedence)))
        self.flush(who)

    def change_line(self) -> None:
        """Cut one way of a line, or heal it."""
        sender = self.dice.randrange(len(self.desks))
        to = self.dice.choice([each for each in range(len(self.desks)) if each != sender])
        self.cut ^= {(sender, to)}

    def restart(self) -> None:
        """Lose a node's memory and everything under way to it."""
        who = self.dice.randrange(len(self.desks))
        self.desks[who].restart()
        self.under_way = [each for each in self.under_way if each.to != who]
        heapq.heapify(self.under_way)
        for sender, to in list(self.resending):
            if sender == who:
                self.resending[sender, to] = Resending()

    def jump(self) -> None:
        """Set a clock forward or back by up to an hour."""
        clock = self.desks[self.dice.randrange(len(self.desks))].clock
        clock.set_wall(clock.now().add(seconds=self.dice.randrange(-3_600, 3_600)))

    # ----------------------------------------------------------------------------- the network

    def flush(self, sender: int) -> None:
        """Send what is urgent at once, as a log does that grew."""
        for to in range(len(self.desks)):
            if to == sender:
                continue
            log = self._log(sender, to)
            resending = self.resending.setdefault((sender, to), Resending())
            start, self.flushed[sender, to] = self.flushed.get((sender, to), 0), len(log)
            for place in range(start, len(log)):
                if read_entry(log[place]).precedence in URGENT:
                    resending.add(place, entry_hash(log[place]), self.now_s)
                    self.send(sender, to, (place,))

    def send(self, sender: int, to: int, places: tuple[int, ...]) -> None:
        """Put entries under way, unless the network loses them; twice, now and then."""
        log = self._log(sender, to)
        entries = tuple((place, log[place]) for place in places)
        for _ in range(self.dice.choice([1, 1, 1, 2])):
            if (sender, to) in self.cut or self.dice.random() < self.loss:
                continue
            self.number += 1
            at_s = self.now_s + self.delay_s * (0.5 + self.dice.random())
            heapq.heappush(self.under_way, Arrival(at_s, self.number, sender, to, entries))

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with all that is due in it."""
        until = self.now_s + seconds
        step = max(0.2, seconds / 40)
        while self.now_s < until:
            self._move(min(step, until - self.now_s))
            while self.under_way and self.under_way[0].at_s <= self.now_s:
                self._arrive(heapq.heappop(self.under_way))
            for sender, desk in enumerate(self.desks):
                desk.confirm_owed()
                self.flush(sender)
                for to in range(len(self.desks)):
                    if to != sender:
                        self._feed(sender, to)
                for matter, name in desk.tick():
                    self.told[sender, matter, name] += 1

    def _move(self, seconds: float) -> None:
        self.now_s += seconds
        for desk in self.desks:
            desk.clock.advance(seconds)

    def _arrive(self, arrival: Arrival) -> None:
        to = self.desks[arrival.to]
        for place, encoded in arrival.entries:
            entry = read_entry(encoded)
            to.take(entry, encoded, place)
            cited = self.resending.get((arrival.to, arrival.sender))
            if cited is not None:
                cited.cited(entry.refs)

    def _feed(self, sender: int, to: int) -> None:
        """Send again what is urgent and unproved, and the next of what the other lacks."""
        due = self.resending.setdefault((sender, to), Resending()).due(self.now_s)
        for place in due:
            self.send(sender, to, (place,))
        known = self.desks[to].disk.logs.get(self._key(sender, to), {})
        log = self._log(sender, to)
        if len(known) == len(log) or self.now_s < self.asked.get((sender, to), 0.0):
            return
        self.asked[sender, to] = self.now_s + 2 * self.delay_s
        missing = tuple(place for place in range(len(log)) if place not in known)[:64]
        self.send(sender, to, missing)

    def _key(self, sender: int, to: int) -> tuple[SpaceId, PartyId]:
        party = self.desks[sender].party
        return (SpaceId.of_pair(party, self.desks[to].party), party)

    def _log(self, sender: int, to: int) -> dict[int, bytes]:
        return self.desks[sender].disk.logs.get(self._key(sender, to), {})

    # ------------------------------------------------------------------------------ the invariants

    def judge(self) -> None:
        """Hold everybody to everything."""
        entries = {digest for desk in self.desks for digest in desk.disk.came_ms}
        for sender, to, matter in self.released:
            here, there = self.desks[sender], self.desks[to]
            assert there.disk.rung.count(matter) == 1, "lost or doubled"
            assert told(here.alert(matter)) == told(there.alert(matter)), "told differently"
            self.judge_reading(here, there, matter, entries)
        for sender in range(len(self.desks)):
            for to in range(len(self.desks)):
                if sender != to:
                    log = self._log(sender, to)
                    copy = self.desks[to].disk.logs.get(self._key(sender, to), {})
                    assert [log[place] for place in range(len(log))] == [
                        copy[place] for place in range(len(log))
                    ], "out of order"
            self.judge_desk(self.desks[sender], sender)

    def judge_reading(self, here: Desk, there: Desk, matter: bytes, entries: set[bytes]) -> None:
        """No receipt without the entry, no reading without the person's entry, in both logs."""
        found = here.alert(matter)
        assert found.confirmed <= entries
        if has_reached(found.state, AlertState.ACKNOWLEDGED) and found.acknowledgements:
            first = found.acknowledgements[0]
            assert first.actor in there.people.values()
            assert {first.hash} <= here.disk.came_ms.keys() & there.disk.came_ms.keys()

    def judge_desk(self, desk: Desk, who: int) -> None:
        """Each limit once, rows as the entries make them, principals left in peace."""
        assert all(count == 1 for count in self.told.values())
        assert len(set(desk.disk.overdue)) == len(desk.disk.overdue)
        assert desk.rebuilt() == desk.disk.alerts
        for matter, alert in desk.disk.alerts.items():
            is_mute = is_open(alert) and not alert.acknowledgements and alert.withdrawal is None
            if is_mute and not alert.is_settled:
                assert self.told[who, matter, "limit/0"] == 1, "a limit passed unnoticed"
            asked = not alert.body.is_exercise or alert.body.reaches_principals
            assert alert.may_reach_principals == asked


def told(alert: Alert) -> tuple[object, ...]:
    """Return what must be the same at both ends."""
    return (
        *(alert.state, alert.standing, alert.precedence, alert.body_hash, alert.received_ms),
        *(alert.presented, alert.closed_by, alert.confirmed, alert.superseded_by),
        tuple(each.hash for each in alert.acknowledgements),
        tuple(each.hash for each in alert.answers),
        tuple((each.hash, each.kind, each.what) for each in alert.breaches),
    )


@pytest.mark.timeout(900)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_history_loses_doubles_or_reorders_an_alert(chunk: int) -> None:
    """Whatever happens to lines, nodes and clocks."""
    for seed in range(chunk * 3, (chunk + 1) * 3):
        try:
            History(seed).live(PER_HISTORY)
        except BaseException as error:
            error.add_note(f"PARLEY alert history, seed {seed}")
            raise
