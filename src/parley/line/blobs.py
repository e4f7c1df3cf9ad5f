"""Carries blobs: files and large bodies that entries name, to and from the other parties' nodes.

How a file gets across: :meth:`BlobExchange.attach` seals it under the key of its case, keeps it,
and appends the entry that commits to it. The entry travels as all do. The other node finds that it
wants a blob (:mod:`parley.record.sealed`), asks the entry's author for a span of it
(:mod:`parley.record.blob_fetch`), writes the pieces to a file, asks for the next span, and at the
end compares the hash before it keeps the whole. The key comes the same way. All of it goes on the
lowest lane, so that no entry, word or picture of a room ever waits for it.

What if it fails: a cut line or a killed node goes on from the bytes that are in the file. Bytes of
another hash are thrown away and counted. A party is sent what an entry of a space names that it is
a member of, and a span at a time; it is asked for no blob larger than the settings allow, and for
no more of them together. A case that is erased takes its key, its blobs and whatever is under
way with it; then our own log says so.

Invariants: nothing unsealed is on the disk or the line; nothing is taken that was not asked for; a
key is given to members of the space where its case began, and to nobody else.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from parley import _core
from parley.clock import Clock
from parley.errors import (
    BlobDamaged,
    BlobMissing,
    BlobNotAsked,
    BlobWrong,
    CaseErased,
    CaseKeyMissing,
    EngineFault,
    EntryUnknown,
    OurError,
    ParleyError,
    PartyUnconfirmed,
)
from parley.ids import ActorId, CaseId, PartyId, SpaceId, ThreadId
from parley.line.engine import Feed
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.record import sealed
from parley.record.attachment import AttachmentFile, read_attachment, write_head
from parley.record.blob_fetch import BlobFetch
from parley.record.blob_letters import (
    PIECE_BYTES_MAX,
    SPAN_BYTES_MAX,
    TOPIC,
    BlobLack,
    BlobLetter,
    BlobPiece,
    BlobReason,
    BlobWish,
    CaseKeyLetter,
    read_blob_letter,
    write_blob_letter,
)
from parley.record.entry import REFS_MAX, SealedBody
from parley.record.keeping import Appended, EntryDraft, Record
from parley.record.kinds import Kind
from parley.record.ports import EntryCame, LogStateChanged, RecordEvent
from parley.record.sealed import BlobRow, BlobState, CaseRow
from parley.storage import Database
from parley.storage.blobs import Blobs
from parley.storage.case_keys import CaseKeys
from parley.telemetry import log

DOCUMENT_LANE: Final = 4
BLOB_LANE: Final = 5
"""Below everything else on a line."""
INBOX_MAX: Final = 64
"""Letters of one party that wait. Two spans that were asked for are sixteen."""
ACTIVE_MAX: Final = 2
"""Blobs fetched from one party at once. More finishes small ones sooner beside a large one."""
FETCHES_MAX: Final = 256
"""Blobs looked after at once; the others wait in their rows."""
UNDER_WAY_BYTES_MAX: Final = 2 * SPAN_BYTES_MAX
LATER_MS: Final = 1_000
PARTIAL: Final = "partial"


@dataclass(frozen=True, slots=True)
class BlobLimits:
    """How much other parties may leave here."""

    bytes_max: int
    """Largest blob that is fetched."""
    of_party_bytes_max: int
    """All blobs of one party together."""


@dataclass(slots=True)
class _Outbox:
    """What is under way to one party."""

    sent: dict[int, int] = field(default_factory=dict)
    """Bytes of each letter that is not delivered, by the letter's number."""


@dataclass(frozen=True, slots=True)
class BlobPlace:
    """Where one node keeps what blobs consist of."""

    store: Blobs
    """Sealed bytes, whole."""
    keys: CaseKeys
    """What opens them."""
    folder: Path
    """Where unfinished ones lie."""
    limits: BlobLimits


class BlobExchange:
    """The blobs of one node and its lines. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        lines: Lines,
        feed: Feed,
        record: Record,
        database: Database,
        place: BlobPlace,
        clock: Clock,
        set_aside: SetAside,
    ) -> None:
        """Listen to lines and record; :meth:`work` does what follows.

        Args:
            lines: carry the letters.
            feed: tells of letters delivered.
            record: whose entries name blobs.
            database: holds their rows.
            place: holds their bytes and keys.
            clock: what time it is.
            set_aside: counts what is refused.
        """
        self._lines = lines
        self._record = record
        self._database = database
        self._store = place.store
        self._keys = place.keys
        self._folder = place.folder / PARTIAL
        self._limits = place.limits
        self._clock = clock
        self._set_aside = set_aside
        self._letters: dict[PartyId, deque[BlobLetter]] = defaultdict(deque)
        self._outboxes: dict[PartyId, _Outbox] = defaultdict(_Outbox)
        self._fetches: dict[bytes, BlobFetch] = {}
        self._is_new = True
        self._lock = asyncio.Lock()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        lines.read_topic(TOPIC, self._on_letter)
        lines.on_agreed(self._on_agreed)
        feed.subscribe(_core.LetterDelivered, self._on_delivered)
        record.listen(self._on_event)

    # ---------------------------------------------------------------------------- what people do

    async def attach(
        self,
        space: SpaceId,
        file: AttachmentFile,
        pieces: Iterable[bytes],
        *,
        actor: ActorId | None,
        thread: ThreadId | None = None,
        case: CaseId | None = None,
    ) -> Appended:
        """Seal and keep a file, and append the entry that commits to it.

        Args:
            space: where it is said.
            file: name and type, sealed with it.
            pieces: the file's bytes; read on another thread.
            actor: who attaches it.
            thread: the matter it belongs to.
            case: what it is to be erased with; without one it is a case of its own.

        Raises:
            EntryUnknown: there is no such case in this space.
            CaseErased: the case was erased.
            SpaceUnknown, LogNotOpen, StorageUnavailable: as :meth:`Record.append`.
        """
        chosen = CaseId.new() if case is None else case
        if case is not None:
            known = await self._database.read(lambda c: sealed.find_case(c, chosen))
            if known is None or known.space != space:
                raise EntryUnknown
        self._record.require_open(space)
        whole = chain([write_head(file)], pieces)
        kept = await asyncio.to_thread(self._store.put, chosen, whole, self._clock.now())
        draft = EntryDraft(
            kind=Kind.ATTACHMENT,
            sealed=SealedBody(kept.digest, kept.size, bytes(chosen)),
            actor=actor,
            thread=thread,
        )
        try:
            appended = await self._record.append_draft(space, draft)
        except ParleyError:
            await asyncio.to_thread(self._store.delete, kept.digest)
            raise
        await self._mark(kept.digest, BlobState.HERE)
        return appended

    async def read(self, digest: bytes) -> tuple[AttachmentFile, Iterator[bytes]]:
        """Return what an attachment's entry commits to: name, type, and the file's bytes.

        Raises:
            EntryUnknown: no such entry is here, or it attaches nothing.
            BlobMissing: its bytes are not all here yet.
            BlobDamaged: they are not what was sealed.
            CaseErased, CaseKeyMissing: its key is not here any more, or not yet.
        """
        row = await self._database.read(lambda c: sealed.find_named(c, digest))
        if row is None:
            raise EntryUnknown
        if row.state is BlobState.ERASED:
            raise CaseErased(case=row.case.text)
        if row.state is not BlobState.HERE:
            raise BlobMissing(blob=row.digest.hex())
        pieces = self._store.get(row.case, row.digest)
        return await asyncio.to_thread(read_attachment, pieces, row.digest.hex())

    def members(self, space: SpaceId) -> list[PartyId]:
        """Return the other parties of a space; raises SpaceUnknown."""
        return self._record.space(space).others

    async def erase(self, digest: bytes) -> CaseRow:
        """Erase the case of an entry's sealed body, for good; our log says so at once, or later.

        Raises:
            EntryUnknown: no such entry is here, or its body is not sealed.
        """
        row = await self._database.read(lambda c: sealed.find_named(c, digest))
        if row is None:
            raise EntryUnknown
        now = self._clock.now()
        await self._database.write(lambda c: sealed.erase_case(c, row.case, now))
        self._is_new = True
        while await self.work():
            pass
        found = await self._database.read(lambda c: sealed.find_case(c, row.case))
        if found is None:
            raise EntryUnknown
        return found

    # ---------------------------------------------------------------------------- from the shell

    def run(self) -> None:
        """Begin to work by itself; without it :meth:`work` is called for every step."""
        self._task = asyncio.create_task(self._run(), name="blobs")

    async def stop(self) -> None:
        """Stop working; what is under way goes on at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def tick(self) -> None:
        """Do what is due; the shell calls this once a second."""
        now = self._clock.now()
        if not self._keys.is_of_month(now):
            await asyncio.to_thread(self._keys.renew, now)
            log.info("case keys wrapped anew")
        self._is_new = self._is_new or bool(await self._database.read(sealed.unfinished_cases))
        self._woken.set()

    async def sweep(self) -> None:
        """Delete what streams that broke off left behind."""
        before = self._clock.now().subtract(hours=24)
        await asyncio.to_thread(self._store.sweep, before)

    async def work(self) -> bool:
        """Do what there is to do; return whether there was anything."""
        async with self._lock:
            is_busy = False
            for party, letters in list(self._letters.items()):
                while letters:
                    is_busy = True
                    await self._take(party, letters.popleft())
            if self._is_new:
                self._is_new, is_busy = False, True
                await self._look()
            return await self._ask() or is_busy

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                while await self.work():  # noqa: ASYNC110
                    await asyncio.sleep(0)
            except (ParleyError, OSError) as error:
                log.error("blobs", reason=str(error))

    # ------------------------------------------------------------------------ from lines, record

    async def _on_letter(self, party: PartyId, body: bytes) -> None:
        letter = read_blob_letter(body)
        if len(self._letters[party]) >= INBOX_MAX:
            raise BlobNotAsked(party=party.text)
        self._letters[party].append(letter)
        self._woken.set()

    async def _on_agreed(self, party: PartyId) -> None:
        """Begin anew with a party: what was under way is asked for again."""
        for number in self._outboxes.pop(party, _Outbox()).sent:
            self._lines.cancel(number)
        for fetch in self._fetches.values():
            fetch.restart(party)
        self._woken.set()

    async def _on_delivered(self, event: _core.LetterDelivered) -> None:
        for outbox in self._outboxes.values():
            outbox.sent.pop(event.letter, None)

    def _on_event(self, event: RecordEvent) -> None:
        match event:
            case EntryCame(entry=entry) if entry.sealed is not None or entry.kind in sealed.ERASING:
                self._is_new = True
                self._woken.set()
            case LogStateChanged():
                self._is_new = True
                self._woken.set()
            case _:
                pass

    # ---------------------------------------------------------------------------- letters

    async def _take(self, party: PartyId, letter: BlobLetter) -> None:
        try:
            match letter:
                case BlobWish():
                    await self._serve(party, letter)
                case BlobPiece():
                    await self._take_piece(party, letter)
                case CaseKeyLetter():
                    await self._take_key(party, letter)
                case BlobLack():
                    fetch = self._fetches.get(letter.digest)
                    if fetch is not None:
                        fetch.take_lack(party, letter, self._clock.monotonic())
        except ParleyError as error:
            self._set_aside.add_error(error, party, self._clock.now())
            log.warning("blob", party=party.text, code=error.code)

    async def _serve(self, party: PartyId, wish: BlobWish) -> None:
        """Send a span of a blob to a member of the space whose entry names it."""
        row = await self._database.read(lambda c: sealed.find_blob(c, wish.digest))
        lack = self._lack(party, wish, row)
        if row is None or lack is not None:
            why = BlobReason.UNKNOWN if lack is None else lack
            wait_ms = LATER_MS if why is BlobReason.LATER else 0
            self._send(party, DOCUMENT_LANE, BlobLack(wish.digest, why, wait_ms))
            return
        try:
            if wish.wants_key:
                key = await asyncio.to_thread(self._keys.find, row.case)
                self._send(party, DOCUMENT_LANE, CaseKeyLetter(row.case, key))
            if wish.length:
                part = await asyncio.to_thread(
                    self._store.part, wish.digest, wish.start, wish.length
                )
                self._send_part(party, wish, part)
        except (BlobMissing, CaseKeyMissing):
            self._send(party, DOCUMENT_LANE, BlobLack(wish.digest, BlobReason.UNKNOWN))
        except CaseErased:
            self._send(party, DOCUMENT_LANE, BlobLack(wish.digest, BlobReason.ERASED))

    def _lack(self, party: PartyId, wish: BlobWish, row: BlobRow | None) -> BlobReason | None:
        """Return why a wish is not granted, nothing if it is."""
        spaces = {kept.id: kept for kept in self._record.spaces}
        is_theirs = wish.space in spaces and party in spaces[wish.space].row.members
        if row is None or row.space != wish.space or not is_theirs:
            return BlobReason.UNKNOWN
        if row.state is BlobState.ERASED:
            return BlobReason.ERASED
        if row.state is not BlobState.HERE:
            return BlobReason.UNKNOWN
        is_full = sum(self._outboxes[party].sent.values()) + wish.length > UNDER_WAY_BYTES_MAX
        return BlobReason.LATER if is_full else None

    def _send_part(self, party: PartyId, wish: BlobWish, part: bytes) -> None:
        for at in range(0, len(part), PIECE_BYTES_MAX):
            content = part[at : at + PIECE_BYTES_MAX]
            if not self._send(party, BLOB_LANE, BlobPiece(wish.digest, wish.start + at, content)):
                return

    def _send(self, party: PartyId, lane: int, letter: BlobLetter) -> bool:
        """Give a letter to the line; who waits for one that was not taken asks again."""
        body = write_blob_letter(letter)
        try:
            number = self._lines.send(party, lane, TOPIC, body)
        except (EngineFault, PartyUnconfirmed) as error:
            log.warning("blob letter not sent", party=party.text, code=error.code)
            return False
        self._outboxes[party].sent[number] = len(body)
        return True

    async def _take_piece(self, party: PartyId, piece: BlobPiece) -> None:
        fetch = self._fetches.get(piece.digest)
        monotonic = self._clock.monotonic()
        content = None if fetch is None else fetch.take(party, piece, monotonic)
        if fetch is None or content is None:
            return
        try:
            await asyncio.to_thread(_append, self._partial(fetch.digest), content)
        except OSError as error:
            fetch.have = self._size_of(fetch.digest)
            fetch.give_up(monotonic)
            log.error("blob not written", reason=error.strerror)
            return
        if fetch.is_whole:
            await self._finish(party, fetch)

    async def _finish(self, party: PartyId, fetch: BlobFetch) -> None:
        """Keep a blob that is all here, if it is the one.

        Raises:
            BlobWrong: its bytes are not those that its entry commits to.
        """
        file = self._partial(fetch.digest)
        try:
            await asyncio.to_thread(self._store.take, file, fetch.digest)
        except BlobDamaged as error:
            file.unlink(missing_ok=True)
            fetch.refuse(self._clock.monotonic())
            raise BlobWrong(party=party.text) from error
        file.unlink(missing_ok=True)
        await self._complete(fetch)

    async def _complete(self, fetch: BlobFetch) -> None:
        """Let go of a blob once its bytes and its key are here."""
        if fetch.is_over:
            await self._mark(fetch.digest, BlobState.HERE)
            self._fetches.pop(fetch.digest, None)
            self._is_new = True

    async def _take_key(self, party: PartyId, letter: CaseKeyLetter) -> None:
        """Take over a case's key that was asked for."""
        waiting = [
            fetch
            for fetch in self._fetches.values()
            if fetch.case == letter.case and fetch.wants_key and fetch.source == party
        ]
        if not waiting:
            return
        await asyncio.to_thread(self._keys.adopt, letter.case, letter.key, self._clock.now())
        for fetch in list(self._fetches.values()):
            if fetch.case == letter.case:
                fetch.wants_key = False
                await self._complete(fetch)

    # ---------------------------------------------------------------------------- what is wanted

    async def _ask(self) -> bool:
        """Ask for whatever may be asked for now; return whether anything was."""
        up = {party for party in self._lines.agreed() if self._lines.is_up(party)}
        monotonic = self._clock.monotonic()
        busy = Counter(fetch.source for fetch in self._fetches.values() if fetch.source)
        has_asked = False
        for fetch in list(self._fetches.values()):
            free = {party for party in up if busy[party] < ACTIVE_MAX or party == fetch.source}
            before = fetch.source
            wish = fetch.next_wish(free, monotonic)
            if wish is None or fetch.source is None:
                continue
            busy[fetch.source] += fetch.source != before
            has_asked = self._send(fetch.source, DOCUMENT_LANE, wish) or has_asked
        return has_asked

    async def _look(self) -> None:
        """Take up what the rows want: blobs to fetch, cases to erase."""
        for case in await self._database.read(sealed.unfinished_cases):
            await self._erase(case)
        rows = await self._database.read(lambda c: sealed.wanted_blobs(c, FETCHES_MAX))
        wanted = {row.digest for row in rows}
        for digest in [each for each in self._fetches if each not in wanted]:
            del self._fetches[digest]
        for row in rows:
            if row.digest not in self._fetches:
                await self._begin(row)

    async def _begin(self, row: BlobRow) -> None:
        """Begin to fetch a blob, unless it is here or must not be."""
        wants_key = await asyncio.to_thread(self._lacks_key, row.case)
        if wants_key is None:
            now = self._clock.now()
            await self._database.write(lambda c: sealed.erase_case(c, row.case, now))
            return
        is_here = await asyncio.to_thread(self._store.has, row.digest)
        if not is_here and not await self._may_fetch(row):
            await self._mark(row.digest, BlobState.LEFT)
            return
        members = self._record.space(row.space).others
        sources = sorted(members, key=lambda party: party != row.author)
        have = row.size if is_here else self._size_of(row.digest)
        fetch = BlobFetch(row.digest, row.space, row.case, row.size, sources, have, wants_key)
        self._fetches[row.digest] = fetch
        if fetch.is_whole and not is_here:
            await self._take_whole(fetch)
        await self._complete(fetch)

    async def _take_whole(self, fetch: BlobFetch) -> None:
        """Keep a blob whose last piece was written just before the node stopped."""
        try:
            await self._finish(self._record.keys.party, fetch)
        except BlobWrong:
            log.warning("unfinished blob thrown away")

    async def _may_fetch(self, row: BlobRow) -> bool:
        """Say whether a blob is within what its party may leave here."""
        kept = await self._database.read(lambda c: sealed.bytes_of(c, row.author))
        under_way = sum(
            fetch.size for fetch in self._fetches.values() if fetch.sources[0] == row.author
        )
        is_fitting = kept + under_way + row.size <= self._limits.of_party_bytes_max
        return 0 < row.size <= self._limits.bytes_max and is_fitting

    async def _erase(self, case: CaseRow) -> None:
        """Delete a case's key and blobs, then say so in our log; what fails is tried again."""
        now = self._clock.now()
        if case.gone_at is None:
            await asyncio.to_thread(self._keys.erase, case.case, now)
            for row in await self._database.read(lambda c: sealed.blobs_of(c, case.case)):
                self._fetches.pop(row.digest, None)
                self._partial(row.digest).unlink(missing_ok=True)
                await asyncio.to_thread(self._store.delete, row.digest)
            await self._database.write(lambda c: sealed.mark_gone(c, case.case, now))
        named = await self._database.read(lambda c: sealed.entries_of(c, case.case))
        try:
            await self._say_erased(case, named)
        except OurError as error:
            log.warning("erasure not said yet", case=case.case.text, code=error.code)

    async def _say_erased(self, case: CaseRow, named: Sequence[bytes]) -> None:
        now = self._clock.now()

        def also(connection: sa.Connection) -> None:
            sealed.mark_said(connection, case.case, now)

        for at in range(0, len(named), REFS_MAX):
            refs = tuple(named[at : at + REFS_MAX])
            is_last = at + REFS_MAX >= len(named)
            draft = EntryDraft(kind=Kind.ERASED, body={}, refs=refs)
            await self._record.append_draft(case.space, draft, also=also if is_last else None)

    # ------------------------------------------------------------------------------------- details

    def _lacks_key(self, case: CaseId) -> bool | None:
        """Say whether a case's key is not here, nothing if it was erased."""
        try:
            self._keys.find(case)
        except CaseKeyMissing:
            return True
        except CaseErased:
            return None
        return False

    async def _mark(self, digest: bytes, state: BlobState) -> None:
        await self._database.write(lambda c: sealed.mark_blob(c, digest, state))

    def _partial(self, digest: bytes) -> Path:
        return self._folder / f"{digest.hex()}.part"

    def _size_of(self, digest: bytes) -> int:
        file = self._partial(digest)
        return file.stat().st_size if file.exists() else 0


def _append(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("ab") as opened:
        opened.write(content)
