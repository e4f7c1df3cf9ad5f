"""Made-up histories of alerts, as many as wanted: what is lost, doubled or out of order is found.

What runs in them of the real code: every entry is written to its bytes and read from them, hashed,
read in its matter (:mod:`parley.crisis.folding`), judged by tables and guards; limits are deadlines
of :mod:`parley.storage.deadline`, what is urgent is sent again by :mod:`parley.record.resending`.
What does not: trees, signatures and QUIC, which have histories of their own, and the database; what
is durable lies in dicts, and one call is one transaction.

A history follows from its seed. Two or three institutions release alerts, present, acknowledge,
answer, hold, close and withdraw them, say how they understood them and whether that was meant,
while the network loses, repeats, delays and reorders letters and is cut for up to three days, nodes
die before and after a commit, clocks jump by up to an hour, and in some of them one party writes
what nobody should: poison, receipts for what it never saw, acknowledgements of its own, back-dated
and repeated entries, other entries at places already taken.
Then lines heal, everything arrives, and :mod:`parley.testing.invariants` holds everybody to
everything.

``python -m parley.testing.alert_histories --alerts 3000000`` runs as many; ``--help`` says more.
What is counted with ``--keep`` is in a file after every few histories: a run may be ended at any
moment and goes on from there. Seeds have meant these histories since people say in them how they
understood an alert; those before were others.
"""

import argparse
import gc
import hashlib
import heapq
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import lru_cache, partial
from itertools import count
from pathlib import Path
from typing import Final

from parley.clock import FakeClock
from parley.crisis.bodies import AnswerKind
from parley.crisis.projection import is_open
from parley.errors import ParleyError
from parley.ids import SpaceId
from parley.record.entry import Entry, Precedence, entry_hash, read_entry, write_entry
from parley.record.kinds import Kind
from parley.record.resending import Resending
from parley.testing.alert_counts import AlertChunk, Counts, keep, kept, next_seed, total
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
REPAIR_LATE_S: Final = 960.0
"""Within how long it does, where the asking is lost, too. More and urgent entries are sent again
more often, less and only the log brings them."""
SPAN_MAX: Final = 256
"""Entries in one letter of a log."""
READ_WHOLE_EVERY: Final = 8
"""In one history of so many every matter is read as a whole, too. Less costs half as much again."""
CHUNK: Final = 16
"""Histories that a process runs at a time. More is lost when a run is ended, less collects more
often what circles are left."""
CRASHES: Final = 0.002
"""Share of arrivals before which a node dies, and of those after which it does. More and little is
ever finished in memory, less and few acts are cut in two."""
_ODDITIES: Final = (b"", b"\xff", b"\xa0", b"\xa1\x00\x80", b"\xbf", b"\xfb\x7f\xf8" + bytes(6))


@dataclass(slots=True)
class Way:
    """What goes from one party to another: its log there, and what is known of its coming."""

    sender: int
    to: int
    log: dict[int, bytes]
    """Entries by place, as their author has them."""
    copy: dict[int, bytes]
    """The same, as the other has them."""
    resending: Resending = field(default_factory=Resending)
    resent_at_s: float | None = None
    flushed: int = 0
    """How much of the log was sent once."""
    held: int = 0
    """How much of it its reader has without a gap."""
    is_watched: bool = False
    """Whether it is planned to look what is lacking."""
    cut_until_s: float = 0.0


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
        self.by_ends = {ends: self._way(*ends) for ends in self.ways()}
        self.sent_by = [
            [way for way in self.by_ends.values() if way.sender == who]
            for who in range(len(self.desks))
        ]
        is_hostile = self.happens(0.25)
        self.hostile = self.dice.randrange(len(self.desks)) if is_hostile else None
        self.now_s = 0.0
        self.seen_s = [0.0] * len(self.desks)
        self.loss = self.dice.choice([0.0, 0.01, 0.1, 0.3])
        self.repeats = self.dice.choice([0.0, 0.1])
        self.delay_s = self.dice.choice([0.002, 0.06, 0.3, 2.0])
        self.number = count()
        self.due: list[tuple[float, int, Callable[[], None]]] = []
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
        self.run(at_s + self.dice.choice([0.0, 900.0]))
        self.heal()
        for violation in self.found():
            self.count(violation)
        return self.counts

    def heal(self) -> None:
        """Let lines be up, time pass and everything arrive."""
        self.is_ending, self.loss = True, 0.0
        for way in self.by_ends.values():
            way.cut_until_s = 0.0
        self.run(self.now_s + LATEST_S)
        for _ in range(64):
            if not self.under_way():
                break
            self.run(self.now_s + 2 * REPAIR_S)
        for who in range(len(self.desks)):
            self.touch(who)

    def under_way(self) -> bool:
        """Say whether somebody lacks something, or owes a receipt."""
        return any(len(way.log) > len(way.copy) for way in self.by_ends.values()) or any(
            desk.disk.owed for desk in self.desks
        )

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
            for after_s in (120.0, 2_000.0):
                # Now and then nothing waits for it: then it is a breach, at both ends.
                if self.happens(0.3):
                    meant = "otherwise" if self.happens(0.5) else None
                    judge = partial(desk.judge, correction=meant)
                    self.at(self.now_s + after_s, partial(self.do, who, judge, matter))
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
        if len(desk.disk.rung) == self.seen_rung[who]:
            return
        rung, self.seen_rung[who] = desk.disk.rung[self.seen_rung[who] :], len(desk.disk.rung)
        for matter in rung:
            plan: list[tuple[float, float, Callable[[bytes], bytes]]] = [
                (0.9, 0.2, desk.present),
                (0.7, self.dice.choice([5.0, 60.0, 700.0, 9_000.0]), desk.acknowledge),
                (0.1, 70.0, desk.acknowledge),
                (0.1, 200.0, lambda m: desk.answer(m, AnswerKind.HOLD, desk.now_ms() + 60_000)),
                (0.4, self.dice.choice([90.0, 900.0]), desk.answer),
                (0.3, self.dice.choice([30.0, 80.0, 800.0]), desk.paraphrase),
                (0.2, 1_500.0, desk.paraphrase),
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
                self.by_ends[sender, to].cut_until_s = self.now_s + lasts_s
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
        for way in self.sent_by[who]:
            way.resending = Resending()
            way.flushed = len(way.log)

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
            way = self.by_ends.get((who, to))
            if way is None or not way.log:
                continue
            place = self.dice.randrange(len(way.log))
            entry = read_entry(way.log[place])
            other = write_entry(
                Entry(
                    space=entry.space, author=desk.party, kind=Kind.RECEIPT, time_ms=1, body=b"\xa0"
                )
            )
            # A mirror holds what came first at a place: an honest log never has two there.
            if place in way.copy:
                self.post(way, ((place, other),))

    # --------------------------------------------------------------------------------- the network

    def ways(self) -> list[tuple[int, int]]:
        """Return every way there is."""
        span = range(len(self.desks))
        return [(sender, to) for sender in span for to in span if sender != to]

    def flush(self, who: int) -> None:
        """Send what is new and urgent at once; the rest comes with the log."""
        self.desks[who].confirm_owed()
        for way in self.sent_by[who]:
            start, way.flushed = way.flushed, len(way.log)
            if start == way.flushed:
                continue
            new = tuple((place, way.log[place]) for place in range(start, way.flushed))
            for place, encoded in new:
                if _read(encoded).precedence in URGENT:
                    way.resending.add(place, entry_hash(encoded), self.now_s)
                    self.post(way, ((place, encoded),))
            self.post(way, new)
            self.plan_resending(way)
            if not way.is_watched:
                way.is_watched = True
                within_s = REPAIR_LATE_S if self.happens(0.25) else REPAIR_S
                self.at(self.now_s + self.dice.random() * within_s, partial(self.repair, way))

    def plan_resending(self, way: Way) -> None:
        """Wake when something is to be sent again."""
        at_s, planned = way.resending.next_s(), way.resent_at_s
        if at_s is None or (planned is not None and self.now_s < planned <= at_s):
            return
        way.resent_at_s = at_s
        self.at(at_s, partial(self.resend, way))

    def resend(self, way: Way) -> None:
        """Send again what is urgent and unproved."""
        healed_s = max(way.cut_until_s, self.back(way).cut_until_s)
        if healed_s > self.now_s:
            # A line of which one way is cut is down: nothing is sent again until it is up.
            way.resent_at_s = healed_s
            self.at(healed_s, partial(self.resend, way))
            return
        for place in way.resending.due(self.now_s):
            self.post(way, ((place, way.log[place]),))
        self.plan_resending(way)

    def repair(self, way: Way) -> None:
        """Send what the other lacks of a log, as it says by what it holds."""
        log, copy = way.log, way.copy
        if len(copy) < len(log) and not self.is_cut(way):
            missing = [place for place in range(way.held, len(log)) if place not in copy]
            self.post(way, tuple((place, log[place]) for place in missing[:SPAN_MAX]))
        pause_s = REPAIR_S if self.happens(0.5) or self.is_ending else 4 * REPAIR_S
        if len(copy) == len(log):
            if not way.resending:
                # Everything has come, and its author knows: there is nothing to look at.
                way.is_watched = False
                return
            # Its reader says again how far it has come: an answer of before may be lost.
            self.answer(way)
            pause_s *= 8
        self.at(self.now_s + pause_s, partial(self.repair, way))

    def post(self, way: Way, entries: tuple[tuple[int, bytes], ...]) -> None:
        """Put entries under way, unless the network loses them; twice, now and then."""
        dice = self.dice.random
        for _ in range(1 + (dice() < self.repeats)):
            self.counts.letters += 1
            if self.is_cut(way) or dice() < self.loss:
                self.counts.lost_letters += 1
                continue
            after_s = self.delay_s * (0.5 + dice())
            self.at(self.now_s + after_s, partial(self.arrive, way, entries))

    def is_cut(self, way: Way) -> bool:
        """Say whether nothing passes now."""
        return way.cut_until_s > self.now_s

    def back(self, way: Way) -> Way:
        """Return the way in the other direction."""
        return self.by_ends[way.to, way.sender]

    def arrive(self, way: Way, entries: tuple[tuple[int, bytes], ...]) -> None:
        """Let entries arrive; now and then the node dies just before or after it has them."""
        to = way.to
        if not self.is_ending and self.happens(CRASHES):
            self.crash(to)
            return
        desk, cited = self.touch(to), self.back(way).resending
        # What is there already is absorbed by its place.
        fresh = [(place, encoded) for place, encoded in entries if place not in way.copy]
        for place, encoded in fresh:
            try:
                entry = _read(encoded)
                is_signed = not self.unsigned or entry_hash(encoded) not in self.unsigned
                is_new = desk.take(entry, encoded, place, is_signed=is_signed)
            except ParleyError:
                continue
            self.counts.repeated_letters += not is_new
            if is_new:
                cited.cited(entry.refs)
        self.counts.repeated_letters += len(entries) - len(fresh)
        if not self.is_ending and self.happens(CRASHES):
            self.crash(to)
        self.answer(way)
        if fresh:
            self.ring(to)
            self.flush(to)

    def answer(self, way: Way) -> None:
        """Say how much of a log is here without a gap, unless the network loses it."""
        copy, size = way.copy, way.held
        while size in copy:
            size += 1
        way.held = size
        back = self.back(way)
        if self.is_cut(back) or self.dice.random() < self.loss:
            return
        after_s = self.delay_s * (0.5 + self.dice.random())
        # Nothing is waited for that was not waited for when this was said.
        if way.resending:
            self.at(self.now_s + after_s, partial(way.resending.held, size))

    def copy(self, sender: int, to: int) -> dict[int, bytes]:
        """Return what the other holds of a party's log in its space with it."""
        return self.by_ends[sender, to].copy

    def _way(self, sender: int, to: int) -> Way:
        author, other = self.desks[sender], self.desks[to]
        name = (SpaceId.of_pair(author.party, other.party), author.party)
        log, copy = (desk.disk.logs.setdefault(name, {}) for desk in (author, other))
        return Way(sender, to, log, copy)


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
        if lived.is_broken:
            lived.failed_seeds.append(seed)
        counts.add(lived)
        # What is still planned refers to the history that refers to it: one large circle.
        history.due.clear()
    return counts


def run_chunk(first: int, number: int) -> AlertChunk:
    """Run histories in a process that does nothing else."""
    started_s = time.process_time()
    counts = run_histories(first, number)
    gc.collect()
    return AlertChunk(first, number, round(time.process_time() - started_s, 3), counts)


def _begin_process() -> None:
    """Look for circles after each chunk alone: looked for all the time, it is a fifth of it."""
    gc.collect()
    gc.freeze()
    gc.disable()


def run_many(asked: argparse.Namespace, tell: Callable[[Counts, float], None]) -> Counts:
    """Run as many as asked for in processes of their own; return what all kept runs found."""
    started_s = time.monotonic()
    chunks = [] if asked.keep is None else kept(asked.keep)
    found, seed = total(chunks), next_seed(chunks, asked.seed)
    with ProcessPoolExecutor(asked.processes, initializer=_begin_process) as pool:
        under_way: set[Future[AlertChunk]] = set()
        while True:
            spent_s = time.monotonic() - started_s
            is_over = spent_s > asked.seconds or found.alerts >= asked.alerts
            while not is_over and len(under_way) <= asked.processes:
                under_way.add(pool.submit(run_chunk, seed, CHUNK))
                seed += CHUNK
            if not under_way:
                return found
            done = next(as_completed(under_way))
            under_way.discard(done)
            chunk = done.result()
            found.add(chunk.counts)
            if asked.keep is not None:
                keep(asked.keep, chunk)
            tell(found, chunk.processor_s / chunk.counts.alerts)


def main() -> int:
    """Run as many as asked for; print what happened as JSON, and progress on standard error."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--alerts", type=int, default=100_000, help="alerts in all (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first history")
    parser.add_argument("--processes", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--seconds", type=float, default=7_200.0, help="stop after so many")
    parser.add_argument(
        "--keep", type=Path, help="file of what was counted; a run goes on after what is in it"
    )

    def tell(found: Counts, per_alert_s: float) -> None:
        said = f"{found.alerts:,} alerts, {per_alert_s * 1_000:.2f} ms each"
        print(f"{said}, failed seeds {found.failed_seeds}", file=sys.stderr, flush=True)  # noqa: T201

    found = run_many(parser.parse_args(), tell)
    print(json.dumps(asdict(found), indent=2))  # noqa: T201
    return 1 if found.failed_seeds else 0


if __name__ == "__main__":
    sys.exit(main())
