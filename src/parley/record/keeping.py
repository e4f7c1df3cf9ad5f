"""The record of a running node: everything that changes it goes through here, one turn at a time.

How an entry gets from a person's click to "held": :meth:`Record.append` puts it into the queue. A
turn takes what is queued, appends and letters alike, lets the cores work on it in memory, signs one
checkpoint for each log that grew, and commits all of it in one transaction: entries, tiles,
checkpoint, what a domain wants beside them. Meanwhile the queue fills for the next turn: an idle
record commits at once, a busy one as often as the disk allows. After the commit the caller goes on
("queued"), feeds have something to send, answers leave and listeners are told. A line's pump
(:mod:`parley.line.replication`) asks :meth:`Record.due` for letters as fast as they are delivered,
and brings those that come in to :meth:`Record.take`.

What if it fails: after a commit that failed the memory is ahead of the disk, so all of it is thrown
away and read anew; who appended is told, who sent a letter is asked to send again. A node that was
started later on the same database has the fence: this one then writes nothing more.

Invariants: nothing leaves before it is durable. One task works on the logs at a time. Nothing here
knows how a letter travels.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar, cast

import sqlalchemy as sa

from parley.clock import Clock, milliseconds
from parley.errors import (
    EntryTooOld,
    LettersTooMany,
    LogNotOpen,
    ParleyError,
    RecordFenced,
    SpaceUnknown,
    StorageUnavailable,
)
from parley.identity.keys import PartyKey
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record import repository
from parley.record.allowance import WorkAllowance
from parley.record.batch import RecordBatch
from parley.record.cbor import Value, encode
from parley.record.deadlines import OUR_ENTRY, THEIR_ENTRY, due_event
from parley.record.entry import (
    URGENT,
    Entry,
    Precedence,
    SealedBody,
    entry_hash,
    write_entry,
)
from parley.record.keepers import EntryKeepers, Wanted
from parley.record.keyring import RecordKeys, hash_of_key
from parley.record.kinds import Kind
from parley.record.letters import (
    Answer,
    AnswerKind,
    Growth,
    Package,
    ProvedEntry,
    RecordLetter,
)
from parley.record.log import LogState
from parley.record.ports import Keeper, Listener, LiveLog, RecordEvent, RecordPort
from parley.record.repository import After, RecordChanges
from parley.record.root import RootManifest, read_manifest
from parley.record.shelf import StoredEntries
from parley.record.spaces import KeptSpace, KeptSpaces, Restoration
from parley.record.standing import Standing
from parley.record.turns import APPEND_COST, TurnQueue, TurnTask
from parley.storage import Database, restoring
from parley.storage.deadlines import Deadlines
from parley.telemetry import log as logger

T = TypeVar("T")
INBOX_BYTES_MAX: Final = 16_777_216
"""Letters of one party that may wait for their turn; its line carries twice that at most."""
URGENT_BYTES_PER_S: Final = 1_000_000
"""About 200 urgent entries a second. More is work nobody needs: a mirror keeps 256 of them ahead of
what it holds."""
URGENT_BYTES_MAX: Final = 4_000_000
"""About 800 of them at once after a quiet time. More lets a hostile party keep a turn busy."""
SMALL_BYTES_PER_S: Final = 4_000_000
"""About 900 answers a second: ten times what a busy record asks for."""
AGAIN_MS: Final = 1_000
"""How long a sender waits whose letters were lost with a commit, or found the inbox full."""
REST_S: Final = 5.0
"""Seconds after a commit that failed in which only what a caller waits for is tried. Less asks a
sick disk more often, more notices later that it is well."""
PREPARED_MS_MAX: Final = 300_000
"""How old an entry may be when it is appended: as long as a person takes to touch a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What is to be said in an entry; space, author, time and heads are added when it is made."""

    kind: int
    """A number of ``protocol/kinds.toml``."""
    body: Mapping[int, Value] | bytes | None = None
    """What is said, as the kind defines it; or it is sealed."""
    sealed: SealedBody | None = None
    """The commitment to a body that is kept elsewhere."""
    actor: ActorId | None = None
    """Pseudonym of the person who says it."""
    thread: ThreadId | None = None
    """The matter it belongs to."""
    refs: tuple[bytes, ...] = ()
    """Hashes of the entries it answers or quotes."""
    precedence: Precedence | None = None
    """How urgent it is; flash and immediate run ahead of a backlog."""
    deadline_ms: int | None = None
    """By when it wants an answer, milliseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class PreparedEntry:
    """An entry as it will be appended, to the byte; nothing of it is stored yet."""

    space: SpaceId
    """Where it is to be said."""
    encoded: bytes
    """The entry's bytes."""
    entry: Entry
    """What they say."""
    hash: bytes
    """What others will refer to it by, and what a person's authenticator signs."""
    time_ms: int
    """When it was made."""


Acceptance = Callable[[PreparedEntry], Awaitable[After | None]]
"""Judges an entry that a person has signed, just before it is appended: it may refuse by raising,
and returns the rows that are to be written with it, if any."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an entry of ours is: durable on our own disk ("queued")."""

    log: str
    """Origin of our log."""
    index: int
    """Its place there."""
    hash: bytes
    """What others refer to it by."""


@dataclass(slots=True)
class _Inbox:
    """What one party's letters cost here."""

    allowance: WorkAllowance = field(default_factory=WorkAllowance)
    """For growths and packages; who has spent it is told when to send again."""
    urgent: WorkAllowance = field(
        default_factory=lambda: WorkAllowance(URGENT_BYTES_PER_S, URGENT_BYTES_MAX)
    )
    """For proved entries, so that a backlog leaves what an alert needs."""
    small: WorkAllowance = field(default_factory=lambda: WorkAllowance(SMALL_BYTES_PER_S))
    """For answers, questions and showings."""
    waiting_bytes: int = 0
    out: deque[RecordLetter] = field(default_factory=deque)
    """Letters that leave before what the feeds have."""


class Record:
    """All spaces of one node. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        database: Database,
        key: PartyKey,
        clock: Clock,
        port: RecordPort,
        log_keys: Path | None = None,
    ) -> None:
        """Make it; :meth:`start` reads what is stored.

        Args:
            database: holds its rows.
            key: our party's.
            clock: what time it is.
            port: the lines.
            log_keys: where keys lie that our logs were handed over to.
        """
        self.keys = RecordKeys(key, log_keys)
        self._database = database
        self._clock = clock
        self._port = port
        self._stored = StoredEntries(database.read_now)
        self._fence = 0
        self._number = 0
        self._spaces = KeptSpaces(self.keys)
        self._queue = TurnQueue()
        self._inboxes: dict[PartyId, _Inbox] = defaultdict(_Inbox)
        self._listeners: list[Listener] = []
        self._keepers = EntryKeepers(self.keys.party)
        self._gates: list[Callable[[Entry], None]] = []
        self._lock = asyncio.Lock()
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.is_fenced = False
        self._rests_until = 0.0

    # --------------------------------------------------------------------------- what domains ask

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with every event, after the commit it follows from."""
        self._listeners.append(listener)

    def keep_with(
        self, kinds: Iterable[int], keeper: Keeper, wanted: Wanted = lambda _: True
    ) -> None:
        """Let ``keeper`` write rows in the transaction of every entry of some kinds that comes.

        It is called once for each entry that counts, ours or another party's, in the transaction
        that makes it durable here: when it is appended, when it is received, and for an urgent one
        that runs ahead of its log when it does, not again. After a restore from a mirror it is
        called for entries of ours that come back. One that raises is undone by itself and logged;
        the entry is kept, because one bad entry must not stop a log. The others of its turn are
        then called once more, with what they had written undone.

        Args:
            kinds: numbers of ``protocol/kinds.toml``.
            keeper: writes the rows.
            wanted: which entries of those kinds it is called for, where it is not for all.
        """
        self._keepers.add(kinds, keeper, wanted)

    def refuse_with(self, gate: Callable[[Entry], None]) -> None:
        """Let ``gate`` look at every entry of ours before it is made; it raises to refuse one."""
        self._gates.append(gate)

    def watch_deadlines(self, deadlines: Deadlines) -> None:
        """Tell listeners when the time that an entry gives is over (``DeadlineDue``)."""
        for kind in (OUR_ENTRY, THEIR_ENTRY):
            deadlines.on(
                kind, lambda _connection, _due, _now: None, lambda due: self._tell(due_event(due))
            )

    async def append(
        self,
        space: SpaceId,
        kind: int,
        body: Mapping[int, Value] | bytes | None = None,
        *,
        also: After | None = None,
        **said: object,
    ) -> Appended:
        """Say something in a space; return once it is durable.

        Args:
            space: where.
            kind: a number of ``protocol/kinds.toml``.
            body: what is said, as the kind defines it.
            also: rows to be written in the same transaction; it must not fail.
            said: further fields of :class:`EntryDraft`.

        Raises:
            SpaceUnknown: this node keeps no such record.
            LogNotOpen: our log there may not grow yet, or not any more.
            EntryTooLarge: it has more than 65,535 bytes.
            EntryMalformed: nobody would read it.
            StorageUnavailable: it could not be stored.
            RecordFenced: another node of this party writes the record.
        """
        draft = EntryDraft(kind=kind, body=body, **said)  # type: ignore[arg-type]
        return await self.append_draft(space, draft, also=also)

    async def append_draft(
        self, space: SpaceId, draft: EntryDraft, *, also: After | None = None
    ) -> Appended:
        """Say something in a space; see :meth:`append`."""
        made = await self._append(
            space, lambda: self.prepare_draft(space, draft), (), also, draft.precedence
        )
        return made[0]

    def prepare(
        self, space: SpaceId, kind: int, body: Mapping[int, Value] | bytes, **said: object
    ) -> PreparedEntry:
        """Make an entry for a person to sign before it is appended; raises like :meth:`append`."""
        draft = EntryDraft(kind=kind, body=body, **said)  # type: ignore[arg-type]
        return self.prepare_draft(space, draft)

    async def append_prepared(
        self,
        prepared: PreparedEntry,
        *following: Callable[[bytes], EntryDraft],
        also: After | None = None,
    ) -> list[Appended]:
        """Append a prepared entry, and entries that refer to its hash, in one checkpoint.

        Args:
            prepared: what :meth:`prepare` returned.
            following: each is given the entry's hash and returns what is said after it.
            also: rows to be written in the same transaction; it must not fail.

        Raises:
            EntryTooOld: it was made more than five minutes ago.
            SpaceUnknown, LogNotOpen, StorageUnavailable, RecordFenced: as :meth:`append`.
        """
        if milliseconds(self._clock.now()) - prepared.time_ms > PREPARED_MS_MAX:
            raise EntryTooOld(minutes_max=PREPARED_MS_MAX // 60_000)
        precedence = prepared.entry.precedence
        return await self._append(prepared.space, lambda: prepared, following, also, precedence)

    def prepare_draft(self, space: SpaceId, draft: EntryDraft) -> PreparedEntry:
        """Make an entry; raises like :meth:`append`."""
        kept = self._spaces.get(space)
        time_ms = milliseconds(self._clock.now())
        body = draft.body
        entry = Entry(
            space=space,
            author=self.keys.party,
            kind=draft.kind,
            time_ms=time_ms,
            thread=draft.thread,
            precedence=draft.precedence,
            deadline_ms=draft.deadline_ms,
            refs=draft.refs,
            heads=() if draft.kind == Kind.OPENING else kept.heads(),
            actor=draft.actor,
            body=body if body is None or isinstance(body, bytes) else encode(dict(body)),
            sealed=draft.sealed,
        )
        for gate in self._gates:
            gate(entry)
        encoded = write_entry(entry)
        return PreparedEntry(space, encoded, entry, entry_hash(encoded), time_ms)

    async def open_space(
        self, space: SpaceId, members: Mapping[PartyId, bytes], name: str = ""
    ) -> None:
        """Begin to keep a record with others, if it is not kept yet.

        Args:
            space: its id, the same at every party.
            members: the Ed25519 key of each party, our own included.
            name: what a group is called; of a line it is empty.
        """
        if space not in self._spaces:
            await self._do(lambda batch: self._open_space(space, members, name, batch))

    async def begin_epoch(self, space: SpaceId) -> str:
        """Begin a new log of ours where the old one cannot go on; return its origin.

        By the operator's word alone: what the old log lost is lost, and a mirror that still has it
        shows it under the old epoch.

        Raises:
            SpaceUnknown: this node keeps no such record.
        """
        own = self._spaces.get(space).own
        if own.log.state is LogState.OPEN and not own.is_keyless:
            await self.append(space, Kind.CLOSING, {0: None})
        await self._do(
            lambda batch: self._spaces.begin_epoch(self._spaces.get(space), self._stored, batch)
        )
        return self._spaces.get(space).own.origin.text()

    async def rotate(self, space: SpaceId) -> str:
        """Hand our log over to a fresh key, in a new epoch; return its origin.

        The closing entry names the key, so that everybody who holds the old log knows whose word
        the new one is. A node that dies in between finds its log closed; beginning an epoch then
        goes on with that key.

        Raises:
            SpaceUnknown: this node keeps no such record.
            LogNotOpen: our log there may not grow.
            KeyMissing: there is no folder for keys.
        """
        self.require_open(space)
        public = self.keys.make_log_key()
        await self.append(space, Kind.CLOSING, {0: hash_of_key(public), 1: public})
        return await self.begin_epoch(space)

    async def take_root(self, encoded: bytes) -> list[str]:
        """Do what a party's root says, in every space of that party; return these spaces' ids.

        Of our own root: pin it, or go on under the key it names where one was compromised. Of
        another party's: freeze the logs of that key.

        Raises:
            RootWrong, NoteMalformed, NoteSignatureWrong: it does not hold.
            SpaceUnknown: that party keeps no record with us.
            LogNotOpen: our log may not grow yet.
            KeyMissing: the key that our log is to go on under is not here.
        """
        manifest = read_manifest(encoded)
        found = [kept for kept in self._spaces.all() if manifest.party in kept.row.members]
        if not found:
            raise SpaceUnknown
        spaces = [kept.id for kept in found]
        await self._do(lambda batch: self._take_root(manifest, spaces, batch))
        return [space.text for space in spaces]

    def _take_root(
        self, manifest: RootManifest, spaces: Sequence[SpaceId], batch: RecordBatch
    ) -> None:
        for space in spaces:
            self._spaces.take_root(self._spaces.get(space), manifest, self._stored, batch)

    def require_open(self, space: SpaceId) -> None:
        """Refuse what would end in an entry that cannot be appended.

        Raises:
            SpaceUnknown: this node keeps no such record.
            LogNotOpen: our log there may not grow yet, or not any more.
        """
        own = self._spaces.get(space).own
        if own.log.state is not LogState.OPEN or own.is_keyless:
            raise LogNotOpen(state=own.state)

    @property
    def spaces(self) -> Sequence[KeptSpace]:
        """Every space that is kept."""
        return list(self._spaces.all())

    def live(self) -> dict[str, LiveLog]:
        """Return, by origin, the state of our own logs and how much copies can be relied on."""
        found: dict[str, LiveLog] = {}
        for kept in self._spaces.all():
            for own in kept.logs.values():
                waits_for = tuple(own.waits_for)
                found[own.origin.text()] = LiveLog(own.state, Standing.FRESH.value, waits_for)
            for mirror in kept.mirrors.values():
                found[mirror.origin.text()] = LiveLog("mirrored", mirror.watch.standing.value)
        return found

    def space(self, space: SpaceId) -> KeptSpace:
        """Return one space.

        Raises:
            SpaceUnknown: this node keeps no such record.
        """
        return self._spaces.get(space)

    # ------------------------------------------------------------------------- what the lines ask

    def take(self, party: PartyId, letter: RecordLetter, length: int) -> None:
        """Take a letter that came in; what follows from it happens in a turn."""
        inbox = self._inboxes[party]
        count = len(letter.entries) if isinstance(letter, Package) else 0
        is_full = inbox.waiting_bytes + length > INBOX_BYTES_MAX
        wait_ms = AGAIN_MS if is_full else self._price(inbox, letter, length, count)
        if wait_ms:
            self._put_off(party, letter, wait_ms)
            return
        inbox.waiting_bytes += length
        cost = length + APPEND_COST + 256 * count

        def run(batch: RecordBatch) -> None:
            inbox.waiting_bytes -= length
            self._spaces.take(party, letter, self._stored, batch)

        is_urgent = isinstance(letter, ProvedEntry)
        self._put(TurnTask(run, cost, again=(party, letter), is_urgent=is_urgent))

    def _price(self, inbox: _Inbox, letter: RecordLetter, length: int, count: int) -> int:
        """Let a party pay for what its letter causes here; return 0, or how long to wait, in ms."""
        now_s = self._clock.monotonic()
        match letter:
            case ProvedEntry():
                return inbox.urgent.spend(length, 1, now_s)
            case Growth() | Package():
                if self._spaces.expects(letter):
                    return 0
                return inbox.allowance.spend(length, count, now_s)
            case _:
                return inbox.small.spend(length, 0, now_s)

    def line_up(self, party: PartyId) -> None:
        """Begin again with a party: its line came up, or its node restarted."""
        self._inboxes[party].out.clear()
        self._put(TurnTask(lambda batch: self._spaces.line_up(party, batch)))

    def due(self, party: PartyId, bytes_max: int) -> list[RecordLetter]:
        """Return letters for a party, the urgent ones first.

        Args:
            party: to whom.
            bytes_max: how many bytes of entries there is room for.
        """
        letters = self.answers(party)
        monotonic = self._clock.monotonic()
        letters += self._spaces.resend(party, monotonic)
        return letters + self._spaces.due(party, monotonic, bytes_max)

    def resend_in_s(self, parties: Collection[PartyId]) -> float | None:
        """Return in how many seconds something urgent is to be sent to some parties again.

        Args:
            parties: those that can be reached.

        Returns:
            None while nothing waits for them.
        """
        at = self._spaces.next_resend_s(parties)
        return None if at is None else max(0.0, at - self._clock.monotonic())

    def answers(self, party: PartyId) -> list[RecordLetter]:
        """Return questions and answers for a party, and nothing that feeds have for it."""
        out = self._inboxes[party].out
        letters: list[RecordLetter] = list(out)
        out.clear()
        return letters

    # ---------------------------------------------------------------------------- from the shell

    async def start(self) -> None:
        """Take the fence and read what is stored."""
        self._fence = await self._database.write(repository.take_fence)
        await self._load()

    def run(self) -> None:
        """Begin to work by itself; without it every call works off what is queued."""
        self._task = asyncio.create_task(self._run(), name="record")

    async def stop(self) -> None:
        """Finish what is queued and stop working."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        while await self.work():
            pass

    def tick(self) -> None:
        """Do what is due; the shell calls this once a second."""
        self._put(TurnTask(self._spaces.tick, 0))
        for party in list(self._inboxes):
            self._port.wake(party)

    async def work(self) -> bool:
        """Do one turn; return whether there was anything to do."""
        async with self._lock:
            is_resting = self._clock.monotonic() < self._rests_until
            if not self._queue or (is_resting and not self._queue.is_waited_for()):
                return False
            await self._turn()
            return True

    # ----------------------------------------------------------------------------------- one turn

    async def _run(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            while await self.work():  # noqa: ASYNC110
                # Pages and letters get their turn between two turns of the record.
                await asyncio.sleep(0)

    async def _turn(self) -> None:
        changes = RecordChanges(self._fence)
        now, monotonic = self._clock.now(), self._clock.monotonic()
        batch = RecordBatch(changes, now, monotonic, self._number)
        tasks: list[TurnTask] = []
        try:
            for task in self._queue.turn():
                tasks.append(task)
                self._attempt(task, batch)
            self._spaces.flush(batch)
            self._keepers.write_beside(batch)
            if changes:
                await self._database.write(changes.apply)
        except Exception as error:  # noqa: BLE001  whatever it was, memory is ahead of the disk
            await self._give_up(tasks, error)
        else:
            self._finish(tasks, batch)

    def _attempt(self, task: TurnTask, batch: RecordBatch) -> None:
        """Let the cores take one thing; what they refuse is its caller's, or the sender's.

        Raises:
            Exception: a fault of ours; a letter that brings one about is not asked for again.
        """
        try:
            task.outcome = task.run(batch)
        except ParleyError as error:
            if task.done is None:
                batch.refuse(error.code, task.again[0] if task.again else None)
            elif not task.done.done():
                task.done.set_exception(error)
        except Exception:
            task.again = None
            raise

    def _finish(self, tasks: Sequence[TurnTask], batch: RecordBatch) -> None:
        self._number = batch.number
        self._rests_until = 0.0
        for then in batch.then:
            then()
        for shelf in batch.shelves:
            shelf.trim()
        for task in tasks:
            if task.done is not None and not task.done.done():
                task.done.set_result(task.outcome)
        for code, party in batch.refused:
            self._port.count(code, party)
        for party, letter in batch.letters:
            if self._port.is_up(party):
                self._inboxes[party].out.append(letter)
        for event in batch.events:
            self._tell(event)
        self._wake(tasks, batch)

    def _wake(self, tasks: Sequence[TurnTask], batch: RecordBatch) -> None:
        parties = {party for party, _ in batch.letters}
        parties |= {task.again[0] for task in tasks if task.again is not None}
        if batch.then or batch.letters:
            parties |= {party for kept in self._spaces.all() for party in kept.others}
        for party in sorted(parties):
            self._port.wake(party)

    async def _give_up(self, tasks: Sequence[TurnTask], error: Exception) -> None:
        """Throw away what the memory has and the disk has not; read all of it anew."""
        self.is_fenced = self.is_fenced or isinstance(error, RecordFenced)
        logger.error("record not written", kind=type(error).__name__, exc_info=error)
        logs = [own for kept in self._spaces.all() for own in kept.logs.values()]
        proved = {own.origin for own in logs if own.is_proved}
        self._rests_until = self._clock.monotonic() + REST_S
        await self._load()
        self._spaces.resume(proved)
        asked = [(task, task.done) for task in tasks if task.done and not task.done.done()]
        # What fails by itself is to fail alone; what the disk refuses, it refuses to all.
        is_storage = isinstance(error, ParleyError | sa.exc.SQLAlchemyError | OSError)
        if is_storage or len(asked) <= 1:
            told = error if isinstance(error, ParleyError) else _unavailable(error)
            for _, done in asked:
                done.set_exception(told if is_storage else error)
        else:
            for task, _ in reversed(asked):
                task.is_alone = True
                self._queue.put_back(task)
        for party in list(self._inboxes):
            if self._port.is_up(party):
                self.line_up(party)
        # After that, because a line that comes up forgets the answers that waited for it.
        for task in tasks:
            if task.again is not None:
                self._put_off(*task.again, AGAIN_MS)

    async def _load(self) -> None:
        spaces, logs, counts, self._number, early = await self._database.read(_stored)
        own = [log.id for log in logs if log.origin.party == self.keys.party]
        restoration = await self._database.read(lambda c: _restoration(c, own))
        self._spaces = KeptSpaces(self.keys)
        monotonic = self._clock.monotonic()
        said = await self._database.read(repository.root_entries)
        self._spaces.load(spaces, logs, counts, early, restoration, self._stored, monotonic, said)

    # ------------------------------------------------------------------------------------- details

    async def _append(
        self,
        space: SpaceId,
        make: Callable[[], PreparedEntry],
        following: Sequence[Callable[[bytes], EntryDraft]],
        also: After | None,
        precedence: Precedence | None,
    ) -> list[Appended]:
        self._spaces.get(space)

        def run(batch: RecordBatch) -> list[Appended]:
            kept = self._spaces.get(space)
            first = make()
            entries = [first]
            entries += [self.prepare_draft(space, each(first.hash)) for each in following]
            places = [kept.append(each.encoded, each.entry) for each in entries]
            if also is not None:
                batch.changes.after.append(also)
            origin = kept.own.origin.text()
            pairs = zip(places, entries, strict=True)
            return [Appended(origin, place, each.hash) for place, each in pairs]

        is_urgent = precedence in URGENT
        return await self._do(run, APPEND_COST * (1 + len(following)), is_urgent=is_urgent)

    def _open_space(
        self, space: SpaceId, members: Mapping[PartyId, bytes], name: str, batch: RecordBatch
    ) -> None:
        self._spaces.open(space, members, name, self._stored, batch)
        for party in members:
            if party != self.keys.party and self._port.is_up(party):
                self._spaces.line_up(party, batch)

    async def _do(
        self, run: Callable[[RecordBatch], T], cost: int = 0, *, is_urgent: bool = False
    ) -> T:
        """Do something in a turn and return what came of it."""
        if self.is_fenced:
            raise RecordFenced
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._put(TurnTask(run, cost, done, is_urgent=is_urgent))
        if self._task is None:
            while not done.done():
                await self.work()
        # A caller that goes away cancels what it waits for alone; the turn does it all the same.
        return cast("T", await done)

    def _put(self, task: TurnTask) -> None:
        if self.is_fenced and task.done is None:
            return
        self._queue.put(task)
        self._ready.set()

    def _put_off(self, party: PartyId, letter: RecordLetter, wait_ms: int) -> None:
        """Tell a sender to send again after a while; what has no answer is counted."""
        if isinstance(letter, Growth | Package):
            size, place = self._spaces.place_of(letter.origin)
            answer = Answer(letter.origin, AnswerKind.LATER, size, place, "", wait_ms)
            self._inboxes[party].out.append(answer)
            self._port.wake(party)
        else:
            # An urgent entry is sent again by itself, an answer is asked for again.
            self._port.count(LettersTooMany.code, party)

    def _tell(self, event: RecordEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001  a listener's fault is not the record's
                logger.error("record listener failed", exc_info=True)


_Stored = tuple[
    list[repository.SpaceRow],
    list[repository.LogRow],
    dict[int, int],
    int,
    list[tuple[int, int]],
]


def _stored(connection: sa.Connection) -> _Stored:
    counts: dict[int, int] = defaultdict(int)
    for log, _ in repository.evidence_of(connection):
        counts[log] += 1
    return (
        repository.spaces(connection),
        repository.logs(connection),
        counts,
        repository.last_number(connection),
        repository.early_entries(connection),
    )


def _restoration(connection: sa.Connection, own: Iterable[int]) -> Restoration:
    """Return whether the database came out of a backup, and what mirrors held when it was made."""
    restored_at = restoring.restored_at(connection)
    if not restoring.is_unproved(connection):
        return Restoration(restored_at=restored_at)
    holdings = {
        log: {party: size for party, size, _ in repository.newest_holding(connection, log)}
        for log in own
    }
    return Restoration(is_unproved=True, restored_at=restored_at, holdings=holdings)


def _unavailable(error: Exception) -> StorageUnavailable:
    return StorageUnavailable(file="record", reason=type(error).__name__)
