"""Made-up histories of alerts, as many as wanted: what is lost, doubled or out of order is found.

What runs in them of the real code: every entry is written to its bytes and read from them, hashed,
read in its matter (:mod:`parley.crisis.folding`), judged by tables and guards; limits are deadlines
of :mod:`parley.storage.deadline`, what is urgent is sent again by :mod:`parley.record.resending`.
What does not: trees, signatures and QUIC, which have histories of their own, and the database; what
is durable lies in dicts, and one call is one transaction.

A history follows from its seed. Two or three institutions release alerts, present, acknowledge,
answer, hold, close and withdraw them, while the network loses, repeats, delays and reorders letters
and is cut for up to three days, nodes die before and after a commit, clocks jump by up to an hour,
and in some of them one party writes what nobody should: poison, receipts for what it never saw,
acknowledgements of its own, back-dated and repeated entries, other entries at places already taken.
Then lines heal, everything arrives, and :mod:`parley.testing.invariants` holds everybody to
everything.

``python -m parley.testing.alert_histories --alerts 3000000`` runs as many; ``--help`` says more.
"""

import argparse
import hashlib
import heapq
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import count
from typing import Final

from parley.clock import FakeClock
from parley.crisis.bodies import AnswerKind
from parley.crisis.projection import is_open
from parley.errors import ParleyError
from parley.ids import PartyId, SpaceId
from parley.record.entry import Entry, Precedence, entry_hash, read_entry, write_entry
from parley.record.kinds import Kind
from parley.record.resending import Resending
from parley.testing.desks import Desk, desks_of
from parley.testing.invariants import Invariant, Violation, end_of_desk, violations

PER_HISTORY: Final = 64
"""Alerts of one history. More meet each other in it; less ends sooner when a seed fails."""
URGENT: Final = (Precedence.FLASH, Precedence.IMMEDIATE)
DAY_S: Final = 86_400.0
LATEST_S: Final = 100_000.0
"""Longer than any limit of an alert that is not routine and unanswered."""
REPAIR_S: Final = 30.0
"""How often a log asks for what it lacks, as the record's does."""
SPAN_MAX: Final = 256
"""Entries in one letter of a log."""
READ_WHOLE_EVERY: Final = 8
"""In one history of so many every matter is read as a whole, too. Less costs half as much again."""
CRASHES: Final = 0.002
"""Share of arrivals before which a node dies, and of those after which it does. More and little is
ever finished in memory, less and few acts are cut in two."""
_ODDITIES: Final = (b"", b"\xff", b"\xa0", b"\xa1\x00\x80", b"\xbf", b"\xfb\x7f\xf8" + bytes(6))


@dataclass(slots=True)
class Counts:
    """What happened in some histories."""

    histories: int = 0
    alerts: int = 0
    entries: int = 0
    letters: int = 0
    lost_letters: int = 0
    repeated_letters: int = 0
    crashes: int = 0
    jumps: int = 0
    cuts: int = 0
    hostile: int = 0
    overdue: int = 0
    alerts_lost: int = 0
    alerts_doubled: int = 0
    headers_out_of_order: int = 0
    other_violations: int = 0
    failed_seeds: list[int] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        """Add another's."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class History:
    """One seeded history. Time is a number of seconds that everybody's monotonic clock shares."""

    def __init__(self, seed: int, alerts: int = PER_HISTORY) -> None:
        """Begin; :meth:`live` does the rest."""
        self.seed = seed
        self.dice = random.Random(seed)  # noqa: S311  a simulation's own dice
        self.alerts = alerts
        self.counts = Counts(histories=1)
        self.desks = desks_of("near", "far", "third")[: self.dice.choice([2, 2, 2, 3])]
        for desk in self.desks:
            desk.clock = FakeClock(desk.clock.now().add(seconds=self.dice.randrange(-7_200, 7_200)))
            desk.restart()
        self.names = {
            (sender, to): (
                SpaceId.of_pair(self.desks[sender].party, self.desks[to].party),
                self.desks[sender].party,
            )
            for sender, to in self.ways()
        }
        is_hostile = self.happens(0.25)
        self.hostile = self.dice.randrange(len(self.desks)) if is_hostile else None
        self.now_s = 0.0
        self.seen_s = [0.0] * len(self.desks)
        self.loss = self.dice.choice([0.0, 0.01, 0.1, 0.3])
        self.repeats = self.dice.choice([0.0, 0.1])
        self.delay_s = self.dice.choice([0.002, 0.06, 0.3, 2.0])
        self.cut_until: dict[tuple[int, int], float] = {}
        self.number = count()
        self.due: list[tuple[float, int, Callable[[], None]]] = []
        self.resending: dict[tuple[int, int], Resending] = {}
        self.resent_at: dict[tuple[int, int], float] = {}
        self.flushed: Counter[tuple[int, int]] = Counter()
        self.held: Counter[tuple[int, int]] = Counter()
        """How much of a log its reader has without a gap."""
        self.told: list[Counter[tuple[bytes, str]]] = [Counter() for _ in self.desks]
        self.seen_rung = [0] * len(self.desks)
        self.unsigned: set[bytes] = set()
        """What no passkey signed; everybody who has it finds that."""
        self.is_ending = False

    def happens(self, share: float) -> bool:
        """Say whether what happens in that share of all cases happens."""
        return self.dice.random() < share

    # --------------------------------------------------------------------------------- the course

    def live(self) -> Counts:
        """Let everything happen, heal, and return what happened and what is wrong."""
        at_s = 0.0
        for _ in range(self.alerts):
            at_s += self.dice.choice([0.05, 1.0, 20.0, 300.0, 1_800.0])
            self.at(at_s, self.release)
        for _ in range(self.alerts // 4):
            self.at(self.dice.random() * at_s, self.mishap)
        for sender, to in self.ways():
            self.at(self.dice.random() * REPAIR_S, partial(self.repair, sender, to))
        self.run(at_s + self.dice.choice([0.0, 900.0]))
        self.heal()
        for violation in self.found():
            self.count(violation)
        return self.counts

    def heal(self) -> None:
        """Let lines be up, time pass and everything arrive."""
        self.is_ending, self.loss = True, 0.0
        self.cut_until.clear()
        self.run(self.now_s + LATEST_S)
        for _ in range(64):
            if not self.under_way():
                break
            self.run(self.now_s + 2 * REPAIR_S)
        for who in range(len(self.desks)):
            self.touch(who)

    def under_way(self) -> bool:
        """Say whether somebody lacks something, or owes a receipt."""
        return any(
            len(self.log(sender, to)) > len(self.copy(sender, to)) for sender, to in self.ways()
        ) or any(desk.disk.owed for desk in self.desks)

    def found(self) -> list[Violation]:
        """Return what is wrong in the end. A hostile party vouches for nothing of its own."""
        ends = [end_of_desk(desk, told) for desk, told in zip(self.desks, self.told, strict=True)]
        return [*violations(ends), *self.unnoticed(), *self.unlike()]

    def unnoticed(self) -> list[Violation]:
        """Return limits that passed without a note, of alerts that nobody read or ended."""
        return [
            Violation(Invariant.OVERDUE, desk.party, f"{matter.hex()[:8]} limit/0 unnoticed")
            for desk, told in zip(self.desks, self.told, strict=True)
            for matter, alert in desk.disk.alerts.items()
            if is_open(alert) and not alert.acknowledgements and not alert.is_settled
            if not told[matter, "limit/0"]
        ]

    def unlike(self) -> list[Violation]:
        """Return alerts that came to something else than their entries read as a whole."""
        found = []
        for desk in self.desks if self.seed % READ_WHOLE_EVERY == 0 else ():
            whole = desk.rebuilt()
            found += [
                Violation(Invariant.TIMELINE, desk.party, f"{matter.hex()[:8]} folded otherwise")
                for matter in {*whole, *desk.disk.alerts}
                if whole.get(matter) != desk.disk.alerts.get(matter)
            ]
        return found

    def count(self, violation: Violation) -> None:
        """Count what is wrong."""
        if violation.invariant is Invariant.ONCE:
            is_lost = violation.what.endswith("lost")
            self.counts.alerts_lost += is_lost
            self.counts.alerts_doubled += not is_lost
        elif violation.invariant in {Invariant.ORDER, Invariant.ONE_PLACE}:
            self.counts.headers_out_of_order += 1
        else:
            self.counts.other_violations += 1

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self.due, (at_s, next(self.number), act))

    def run(self, until_s: float) -> None:
        """Do everything that is due until then, in its order."""
        while self.due and self.due[0][0] <= until_s:
            at_s, _, act = heapq.heappop(self.due)
            self.now_s = max(self.now_s, at_s)
            act()
        self.now_s = until_s

    def touch(self, who: int) -> Desk:
        """Return a desk at the present, with every limit noted that has passed."""
        desk = self.desks[who]
        if self.now_s > self.seen_s[who]:
            desk.clock.advance(self.now_s - self.seen_s[who])
            self.seen_s[who] = self.now_s
        for step in desk.tick():
            self.told[who][step] += 1
            self.counts.overdue += 1
        return desk

    # ------------------------------------------------------------------------------- what people do

    def release(self) -> None:
        """Write an alert to one or to all others, and plan what its author does later."""
        who = self.dice.randrange(len(self.desks))
        others = [each for each in range(len(self.desks)) if each != who]
        chosen = others if self.happens(0.2) else [self.dice.choice(others)]
        desk = self.touch(who)
        is_exercise = self.happens(0.3)
        text = f"{self.counts.alerts} {self.dice.random()}"
        precedence = self.dice.choice(list(Precedence))
        for to in chosen:
            matter = desk.release(
                self.desks[to],
                text,
                precedence,
                parties=tuple(sorted(self.desks[each].party for each in chosen)),
                given_ms=self.dice.choice([None, None, 600_000]),
                is_exercise=is_exercise,
                reaches_principals=is_exercise and self.happens(0.3),
            )
            self.counts.alerts += 1
            if self.happens(0.3):
                act = self.dice.choice([desk.withdraw, desk.close])
                after_s = self.dice.choice([1.0, 60.0, 3_600.0])
                self.at(self.now_s + after_s, partial(self.do, who, act, matter))
        self.flush(who)

    def do(self, who: int, act: Callable[[bytes], bytes], matter: bytes) -> None:
        """Let somebody do something about an alert that is here."""
        desk = self.touch(who)
        if matter in desk.disk.alerts:
            act(matter)
            self.flush(who)

    def ring(self, who: int) -> None:
        """Plan what people do about the alerts that began to ring."""
        desk = self.desks[who]
        rung, self.seen_rung[who] = desk.disk.rung[self.seen_rung[who] :], len(desk.disk.rung)
        for matter in rung:
            plan: list[tuple[float, float, Callable[[bytes], bytes]]] = [
                (0.9, 0.2, desk.present),
                (0.7, self.dice.choice([5.0, 60.0, 700.0, 9_000.0]), desk.acknowledge),
                (0.1, 70.0, desk.acknowledge),
                (0.1, 200.0, lambda m: desk.answer(m, AnswerKind.HOLD, desk.now_ms() + 60_000)),
                (0.4, self.dice.choice([90.0, 900.0]), desk.answer),
                (0.2, 1_000.0, desk.close),
            ]
            for share, after_s, act in plan:
                if self.happens(share):
                    later = self.now_s + after_s
                    self.at(later, partial(self.do, who, act, matter))

    # -------------------------------------------------------------------------------- what happens

    def mishap(self) -> None:
        """Let something go wrong."""
        if self.is_ending:
            return
        if self.hostile is not None and self.happens(0.5):
            self.misbehave(self.hostile)
            return
        match self.dice.randrange(3):
            case 0:
                sender, to = self.dice.choice(self.ways())
                lasts_s = self.dice.choice([1.0, 30.0, 3_600.0, 3 * DAY_S])
                self.cut_until[sender, to] = self.now_s + lasts_s
                self.counts.cuts += 1
            case 1:
                self.crash(self.dice.randrange(len(self.desks)))
            case _:
                desk = self.touch(self.dice.randrange(len(self.desks)))
                desk.clock.set_wall(
                    desk.clock.now().add(seconds=self.dice.randrange(-3_600, 3_600))
                )
                self.counts.jumps += 1

    def crash(self, who: int) -> None:
        """Lose a node's memory; what is on its disk stays."""
        self.touch(who).restart()
        self.counts.crashes += 1
        for sender, to in self.ways():
            if sender == who:
                self.resending[sender, to] = Resending()
                self.flushed[sender, to] = len(self.log(sender, to))

    def misbehave(self, who: int) -> None:
        """Let a party write what nobody should."""
        desk = self.touch(who)
        self.counts.hostile += 1
        to = self.dice.choice(desk.known)
        known = list(desk.disk.alerts)[-8:]
        matter = self.dice.choice(known) if known else bytes(32)
        unseen = hashlib.sha256(f"{self.now_s}".encode()).digest()
        precedence = self.dice.choice(list(Precedence))
        kind = self.dice.choice(
            [Kind.ALERT, Kind.ANSWER, Kind.RECEIPT, Kind.CLOSURE, Kind.DELIVERY]
        )
        match self.dice.randrange(6):
            case 0:
                desk.say(to, kind, self.dice.choice(_ODDITIES), (matter,), precedence=precedence)
            case 1:
                desk.say(to, Kind.RECEIPT, {0: desk.now_ms()}, (unseen,), precedence=precedence)
            case 2 if known:
                desk.acknowledge(matter)
            case 3 if known:
                self.unsigned.add(desk.acknowledge(matter, is_signed=False))
            case 4:
                # Dated back to 1970, each to another instant: said twice alike, it is one entry.
                at_ms = self.counts.hostile
                desk.say(to, Kind.RECEIPT, {0: 1}, (matter,), precedence=precedence, time_ms=at_ms)
            case _:
                self.fork(who)
        self.flush(who)

    def fork(self, who: int) -> None:
        """Send another entry for a place that is taken, and an entry of one line on another."""
        desk = self.desks[who]
        for to in range(len(self.desks)):
            log = {} if to == who else self.log(who, to)
            if not log:
                continue
            place = self.dice.randrange(len(log))
            entry = read_entry(log[place])
            other = write_entry(
                Entry(
                    space=entry.space, author=desk.party, kind=Kind.RECEIPT, time_ms=1, body=b"\xa0"
                )
            )
            # A mirror holds what came first at a place: an honest log never has two there.
            if place in self.copy(who, to):
                self.post(who, to, ((place, other),))

    # --------------------------------------------------------------------------------- the network

    def ways(self) -> list[tuple[int, int]]:
        """Return every way there is."""
        span = range(len(self.desks))
        return [(sender, to) for sender in span for to in span if sender != to]

    def flush(self, who: int) -> None:
        """Send what is new and urgent at once; the rest comes with the log."""
        self.desks[who].confirm_owed()
        for sender, to in self.ways():
            if sender != who:
                continue
            log = self.log(sender, to)
            start, self.flushed[sender, to] = self.flushed[sender, to], len(log)
            new = tuple((place, log[place]) for place in range(start, len(log)))
            if not new:
                continue
            for place, encoded in new:
                if _read(encoded).precedence in URGENT:
                    resending = self.resending.setdefault((sender, to), Resending())
                    resending.add(place, entry_hash(encoded), self.now_s)
                    self.post(sender, to, ((place, encoded),))
            self.post(sender, to, new)
            self.plan_resending(sender, to)

    def plan_resending(self, sender: int, to: int) -> None:
        """Wake when something is to be sent again."""
        at_s = self.resending.setdefault((sender, to), Resending()).next_s()
        planned = self.resent_at.get((sender, to))
        if at_s is None or (planned is not None and self.now_s < planned <= at_s):
            return
        self.resent_at[sender, to] = at_s
        self.at(at_s, lambda: self.resend(sender, to))

    def resend(self, sender: int, to: int) -> None:
        """Send again what is urgent and unproved."""
        log = self.log(sender, to)
        healed_s = max(self.cut_until.get(way, 0.0) for way in ((sender, to), (to, sender)))
        if healed_s > self.now_s:
            # A line of which one way is cut is down: nothing is sent again until it is up.
            self.resent_at[sender, to] = healed_s
            self.at(healed_s, lambda: self.resend(sender, to))
            return
        for place in self.resending.setdefault((sender, to), Resending()).due(self.now_s):
            self.post(sender, to, ((place, log[place]),))
        self.plan_resending(sender, to)

    def repair(self, sender: int, to: int) -> None:
        """Send what the other lacks of a log, as it says by what it holds."""
        log, copy = self.log(sender, to), self.copy(sender, to)
        if len(copy) < len(log) and not self.is_cut(sender, to):
            start = self.held[sender, to]
            missing = [place for place in range(start, len(log)) if place not in copy][:SPAN_MAX]
            self.post(sender, to, tuple((place, log[place]) for place in missing))
        pause_s = REPAIR_S if self.happens(0.5) or self.is_ending else 4 * REPAIR_S
        if len(copy) == len(log):
            # Its reader says again how far it has come: an answer of before may be lost.
            self.answer(sender, to)
            pause_s *= 8
        self.at(self.now_s + pause_s, lambda: self.repair(sender, to))

    def post(self, sender: int, to: int, entries: tuple[tuple[int, bytes], ...]) -> None:
        """Put entries under way, unless the network loses them; twice, now and then."""
        for _ in range(1 + (self.dice.random() < self.repeats)):
            self.counts.letters += 1
            if self.is_cut(sender, to) or self.dice.random() < self.loss:
                self.counts.lost_letters += 1
                continue
            after_s = self.delay_s * (0.5 + self.dice.random())
            self.at(self.now_s + after_s, lambda: self.arrive(sender, to, entries))

    def is_cut(self, sender: int, to: int) -> bool:
        """Say whether nothing passes now."""
        return self.cut_until.get((sender, to), 0.0) > self.now_s

    def arrive(self, sender: int, to: int, entries: tuple[tuple[int, bytes], ...]) -> None:
        """Let entries arrive; now and then the node dies just before or after it has them."""
        if not self.is_ending and self.happens(CRASHES):
            self.crash(to)
            return
        desk = self.touch(to)
        cited = self.resending.get((to, sender))
        for place, encoded in entries:
            try:
                entry = _read(encoded)
                is_signed = not self.unsigned or entry_hash(encoded) not in self.unsigned
                is_new = desk.take(entry, encoded, place, is_signed=is_signed)
            except ParleyError:
                continue
            self.counts.repeated_letters += not is_new
            if is_new and cited is not None:
                cited.cited(entry.refs)
        if not self.is_ending and self.happens(CRASHES):
            self.crash(to)
        self.answer(sender, to)
        self.ring(to)
        self.flush(to)

    def answer(self, sender: int, to: int) -> None:
        """Say how much of a log is here without a gap, unless the network loses it."""
        copy, size = self.copy(sender, to), self.held[sender, to]
        while size in copy:
            size += 1
        self.held[sender, to] = size
        if not self.is_cut(to, sender) and self.dice.random() >= self.loss:
            after_s = self.delay_s * (0.5 + self.dice.random())
            held = self.resending.setdefault((sender, to), Resending())
            self.at(self.now_s + after_s, lambda: held.held(size))

    def log(self, sender: int, to: int) -> dict[int, bytes]:
        """Return a party's log in its space with another."""
        return self.desks[sender].disk.logs.get(self._name(sender, to), {})

    def copy(self, sender: int, to: int) -> dict[int, bytes]:
        """Return what the other holds of it."""
        return self.desks[to].disk.logs.get(self._name(sender, to), {})

    def _name(self, sender: int, to: int) -> tuple[SpaceId, PartyId]:
        return self.names[sender, to]


@lru_cache(4_096)
def _read(encoded: bytes) -> Entry:
    """Read an entry's bytes; those that come again say the same."""
    return read_entry(encoded)


def run_histories(first: int, number: int, per_history: int = PER_HISTORY) -> Counts:
    """Run histories one after the other; return what happened, and the seeds that failed."""
    counts = Counts()
    for seed in range(first, first + number):
        history = History(seed, per_history)
        try:
            lived = history.live()
        except BaseException as error:
            error.add_note(f"alert history, seed {seed}")
            raise
        lived.entries = sum(len(log) for desk in history.desks for log in desk.disk.logs.values())
        broken = (lived.alerts_lost, lived.alerts_doubled, lived.headers_out_of_order)
        if any(broken) or lived.other_violations:
            lived.failed_seeds.append(seed)
        counts.add(lived)
    return counts


def main() -> int:
    """Run as many as asked for; print what happened as JSON, and progress on standard error."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--alerts", type=int, default=100_000, help="alerts in all (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first history")
    parser.add_argument("--processes", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--seconds", type=float, default=7_200.0, help="stop after so many")
    asked = parser.parse_args()
    started, total, seed = time.monotonic(), Counts(), asked.seed
    chunk = 16
    with ProcessPoolExecutor(asked.processes) as pool:
        under_way: set[Future[Counts]] = set()
        while True:
            is_over = time.monotonic() - started > asked.seconds or total.alerts >= asked.alerts
            while not is_over and len(under_way) < 2 * asked.processes:
                under_way.add(pool.submit(run_histories, seed, chunk))
                seed += chunk
            if not under_way:
                break
            done = next(as_completed(under_way))
            under_way.discard(done)
            total.add(done.result())
            spent_s = time.monotonic() - started
            said = f"{total.alerts:,} alerts, {total.alerts / spent_s:,.0f} a second"
            print(f"{said}, failed seeds {total.failed_seeds}", file=sys.stderr)  # noqa: T201
    told = {name: getattr(total, name) for name in total.__slots__}
    told["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(told, indent=2))  # noqa: T201
    return 1 if total.failed_seeds else 0


if __name__ == "__main__":
    sys.exit(main())
