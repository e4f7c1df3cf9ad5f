"""Writes made-up entries into the record as fast as asked, and times what becomes of them.

What `parley drill record` asks of a node from within: every entry is allowed by the permission
table, appended and held as a person's remark would be. For sample parties only; the words say so.
"""

import asyncio
import base64
import contextlib
import os
import resource
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from parley.clock import Clock
from parley.crisis.bodies import AlertBody, alert_body
from parley.errors import RequestMalformed
from parley.identity.permission import OURS, Act, Asker, Role, may
from parley.ids import ActorId, PartyId, PersonId, SpaceId, ThreadId
from parley.record.entry import Precedence
from parley.record.keeping import EntryDraft, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, LogHeld, RecordEvent

Json = dict[str, Any]
SEEN_MAX: Final = 4_096
"""Urgent entries whose arrival is remembered."""
ALERTS_AT_ONCE: Final = 50
"""Alerts written together. More makes what is urgent wait for them, fewer takes longer."""
GRACE_S: Final = 60.0
"""How long an exercise waits for what it wrote to be held."""


@dataclass(slots=True)
class _Running:
    """One exercise under way."""

    due: OrderedDict[int, float] = field(default_factory=OrderedDict)
    """Monotonic time at which each entry was due, by its place, in the order they were stored."""
    held_ms: list[float] = field(default_factory=list)
    held_at: list[float] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class RecordExercise:
    """Exercises of one node's record. Owned by the event loop's thread."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record = record
        self._clock = clock
        self._asker = Asker(PersonId.new(), frozenset({Role.DUTY_OFFICER}))
        self._actor = ActorId.new()
        self._running: _Running | None = None
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        record.listen(self._on_event)

    async def write(
        self, space: SpaceId, seconds: float, rate: int, characters: int, at_once: int
    ) -> Json:
        """Write for a while and return how long each entry took to be held.

        Args:
            space: where.
            seconds: how long.
            rate: entries a second, evenly; 0: as many as go.
            characters: length of each text.
            at_once: entries that may be on their way.
        """
        running = self._running = _Running()
        start = self._clock.monotonic()
        tasks: set[asyncio.Task[None]] = set()
        number = 0
        while (now := self._clock.monotonic()) < start + seconds:
            due = start + number / rate if rate else now
            if now < due:
                await asyncio.sleep(due - now)
                continue
            if len(tasks) + len(running.due) >= at_once:
                await self._room(running)
                continue
            number += 1
            task = asyncio.create_task(self._say(space, characters, due, running))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if number % 16 == 0:
                await asyncio.sleep(0)
        end = self._clock.monotonic()
        held_in_time = sum(at <= end for at in running.held_at)
        await asyncio.gather(*tasks)
        await self._drain(running)
        self._running = None
        return {
            "written": number,
            "held_ms": [round(each, 2) for each in running.held_ms],
            "held_in_time": held_in_time,
            "seconds": end - start,
        }

    async def pile_up(self, space: SpaceId, count: int, characters: int) -> Json:
        """Write so many entries and wait for nothing but the disk."""
        done = 0
        while done < count:
            size = min(1_000, count - done)
            await asyncio.gather(
                *(
                    self._record.append_draft(space, self._draft(characters, None))
                    for _ in range(size)
                )
            )
            done += size
        return {"written": done}

    async def alert(self, space: SpaceId) -> Json:
        """Write one urgent entry; return its hash and when it was due, POSIX milliseconds."""
        due = self._clock.now().timestamp(unit="nanosecond") / 1e6
        draft = self._draft(200, Precedence.FLASH)
        appended = await self._record.append_draft(space, draft)
        return {"hash": appended.hash.hex(), "due_ms": due}

    async def alerts(self, space: SpaceId, party: str, count: int) -> Json:
        """Write so many alerts marked as exercises, of every precedence, signed by nobody.

        Args:
            space: where.
            party: whom they are for.
            count: how many.
        """
        body = AlertBody(
            texts=(("en", "exercise"),),
            parties=(PartyId.parse(party),),
            drafter=self._actor,
            verifier=ActorId.new(),
            is_exercise=True,
        )
        for start in range(0, count, ALERTS_AT_ONCE):
            drafts = [
                EntryDraft(
                    kind=Kind.ALERT,
                    body=alert_body(body),
                    actor=self._actor,
                    thread=ThreadId.new(),
                    precedence=Precedence(number % len(Precedence)),
                )
                for number in range(start, min(start + ALERTS_AT_ONCE, count))
            ]
            await asyncio.gather(*(self._record.append_draft(space, each) for each in drafts))
        return {"written": count}

    def look(self) -> Json:
        """Return how much of the record is here, and what it has cost this process so far."""
        spaces = self._record.spaces
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "own": sum(kept.own.log.tree.size for kept in spaces),
            "others": sum(each.mirror.tree.size for kept in spaces for each in kept.newest()),
            "state": next((kept.own.log.state.value for kept in spaces), ""),
            "mib": memory_mib(),
            "processor_s": used.ru_utime + used.ru_stime,
        }

    def seen(self) -> Json:
        """Return when urgent entries of others came here, POSIX milliseconds by hash."""
        return {digest.hex(): at for digest, at in self._seen.items()}

    # ------------------------------------------------------------------------------------- details

    async def _say(self, space: SpaceId, characters: int, due: float, running: _Running) -> None:
        draft = self._draft(characters, None)
        appended = await self._record.append_draft(space, draft)
        running.due[appended.index] = due

    def _draft(self, characters: int, precedence: Precedence | None) -> EntryDraft:
        if not may(self._asker, Act.RECORD_REMARK, OURS, self._clock.now()):
            raise RequestMalformed(field="permission")
        text = base64.b64encode(os.urandom(characters * 3 // 4)).decode("ascii")
        return EntryDraft(
            kind=Kind.STATEMENT, body={0: text}, actor=self._actor, precedence=precedence
        )

    async def _room(self, running: _Running) -> None:
        running.news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await running.news.wait()

    async def _drain(self, running: _Running) -> None:
        last = self._clock.monotonic() + GRACE_S
        while running.due and self._clock.monotonic() < last:
            await self._room(running)

    def _on_event(self, event: RecordEvent) -> None:
        match event:
            case LogHeld() if self._running is not None:
                self._held(self._running, event.size)
            case EntryCame() if event.entry.precedence is not None:
                self._seen[event.hash] = self._clock.now().timestamp(unit="nanosecond") / 1e6
                while len(self._seen) > SEEN_MAX:
                    self._seen.popitem(last=False)
            case _:
                pass

    def _held(self, running: _Running, size: int) -> None:
        now = self._clock.monotonic()
        while running.due and next(iter(running.due)) < size:
            _, due = running.due.popitem(last=False)
            running.held_ms.append((now - due) * 1_000)
            running.held_at.append(now)
        running.news.set()


def memory_mib() -> float:
    """Return how much memory this process holds."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_024
    return 0.0
