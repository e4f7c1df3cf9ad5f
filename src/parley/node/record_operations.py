"""What an operator may ask of the record, of a running node or of its database alone."""

import base64
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import sqlalchemy as sa
from typing_extensions import override

from parley.clock import Clock
from parley.config import Settings
from parley.errors import EntryUnknown, NodeNotRunning, RequestMalformed, SpaceUnknown
from parley.identity.keys import PartyKey
from parley.identity.permission import Act
from parley.ids import PartyId, SpaceId, ThreadId
from parley.line.blobs import BlobExchange
from parley.line.book import PairingBook
from parley.node.record_exercise import RecordExercise
from parley.record import repository, tables
from parley.record.checkpoint import read_origin
from parley.record.evidence import EvidenceKind, read_evidence
from parley.record.handover import export_evidence, export_space
from parley.record.keeping import Record
from parley.record.keyring import RecordKeys
from parley.record.kinds import Kind
from parley.record.ports import RecordPort
from parley.record.repository import EntryQuery
from parley.record.sealed import blobs_of, sealed_hashes
from parley.record.view import RecordLook
from parley.storage import Database

Json = dict[str, Any]
ENTRIES_MAX: Final = 1_000


class _NoLines(RecordPort):
    """The lines of a node that does not run."""

    @override
    def is_up(self, party: PartyId) -> bool:
        """Say that nothing can arrive."""
        del party
        return False

    @override
    def wake(self, party: PartyId) -> None:
        """Take no note: nobody sends."""

    @override
    def count(self, code: str, party: PartyId | None, number: int = 1) -> None:
        """Count nothing: nothing comes in."""


class RecordOperations:
    """The operator's side of the record; part of :class:`parley.node.operations.Operations`."""

    _database: Database
    _settings: Settings
    _clock: Clock
    _book: PairingBook

    async def record_spaces(self) -> Json:
        """Return every space with its logs."""
        running = self.running_record()
        live = {} if running is None else running.live()
        spaces = await self._database.read(lambda c: self._look(c).spaces(live))
        return {"party": self._book.own.id.text, "spaces": msgspec.to_builtins(spaces)}

    async def record_entries(
        self,
        space: str | None = None,
        party: str | None = None,
        kind: str | None = None,
        thread: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> Json:
        """Return entries, the newest first; with ``after`` those that came later, in order."""
        wanted = None if space is None else await self._space(space)
        whose = None if party is None else self._member(party)
        matter = None if thread is None else bytes(_parse_thread(thread))
        kinds = () if kind is None else (_kind(kind),)

        def find(connection: sa.Connection) -> object:
            logs = [
                log.id
                for log in repository.logs(connection)
                if wanted in {None, log.origin.space} and whose in {None, log.origin.party}
            ]
            query = EntryQuery(logs, kinds, matter, before, after, max(1, min(limit, ENTRIES_MAX)))
            return msgspec.to_builtins(self._look(connection).entries(query))

        return {"entries": await self._database.read(find)}

    async def record_export(self, file: str, space: str | None = None) -> Json:
        """Write all that is kept of a space into a file that ``parley verify`` checks."""
        wanted, now = await self._space(space), self._clock.now()
        keys, target = self._record_keys(), Path(file)
        names = {each.id: each.name for each in self._parties()}

        def write(connection: sa.Connection) -> int:
            return _write_anew(
                target, lambda into: export_space(connection, into, wanted, keys, names, now)
            )

        try:
            size = await self._database.read(write)
        except OSError as error:
            raise RequestMalformed(field="file") from error
        return {"space": wanted.text, "file": str(target), "bytes": size}

    async def record_evidence(self, file: str | None = None, space: str | None = None) -> Json:
        """Return what shows that others' logs were forked or rolled back.

        Args:
            file: where to write it for ``parley verify``; nothing is written where there is none.
            space: of which record, where more than one has some and a file is wanted.
        """

        def find(connection: sa.Connection) -> list[Json]:
            origins = {log.id: log.origin.text() for log in repository.logs(connection)}
            rows = connection.execute(
                sa.select(tables.evidence).order_by(tables.evidence.c.log, tables.evidence.c.number)
            )
            return [
                {
                    "log": origins[row.log],
                    "kind": EvidenceKind(read_evidence(bytes(row.evidence)).kind).name.lower(),
                    "kept_at": row.kept_at.format_iso(),
                    "evidence": base64.b64encode(row.evidence).decode("ascii"),
                }
                for row in rows
            ]

        found = await self._database.read(find)
        written = None
        if file is not None and found:
            spaces = {read_origin(each["log"]).space for each in found}
            wanted = spaces.pop() if space is None and len(spaces) == 1 else None
            written = str(Path(file))
            await self._write_evidence(Path(file), wanted or await self._space(space))
        return {"evidence": found, "file": written}

    async def _write_evidence(self, target: Path, space: SpaceId) -> None:
        keys, now = self._record_keys(), self._clock.now()
        names = {each.id: each.name for each in self._parties()}

        def write(connection: sa.Connection) -> int:
            return _write_anew(
                target, lambda into: export_evidence(connection, into, space, keys, names, now)
            )

        try:
            await self._database.read(write)
        except OSError as error:
            raise RequestMalformed(field="file") from error

    async def record_epoch(self, space: str | None = None) -> Json:
        """Begin a new log of ours in a space: the old one cannot go on, and no mirror is left."""
        wanted = await self._space(space)
        record = self.running_record() or await self._alone()
        return {"space": wanted.text, "log": await record.begin_epoch(wanted)}

    async def record_rotate(self, space: str | None = None) -> Json:
        """Hand our log in a space over to a fresh key; the node must run."""
        wanted = await self._space(space)
        record = self.running_record()
        if record is None:
            raise NodeNotRunning(folder=str(self._settings.folder))
        return {"space": wanted.text, "log": await record.rotate(wanted)}

    async def record_erase(self, entry: str) -> Json:
        """Erase what an entry seals: its key and bytes here, and with them all of its case.

        Args:
            entry: the entry's hash, or enough of its beginning.
        """
        digest = await self._entry(entry)
        case = await self.running_blobs().erase(digest)
        blobs = await self._database.read(lambda c: blobs_of(c, case.case))
        others = [party.text for party in self.running_blobs().members(case.space)]
        follows = case.maker == self._book.own.id
        return {
            "entry": digest.hex(),
            "case": case.case.text,
            "files": len(blobs),
            "said_at": None if case.said_at is None else case.said_at.format_iso(),
            "others": others,
            "others_follow": follows,
        }

    async def record_group(self, name: str, parties: list[str], space: str | None = None) -> Json:
        """Open a space of a group; every member does it with the same id.

        Args:
            name: what the group is called here.
            parties: every other member, by name or id; their cards must be here.
            space: the group's id, given by the member who opened it first.
        """
        try:
            wanted = SpaceId.new() if space is None else SpaceId.parse(space)
        except ValueError as error:
            raise RequestMalformed(field="space") from error
        chosen = {self._member(party) for party in parties}
        known = {each.id: each.card.public_key for each in self._parties()}
        members = {party: known[party] for party in {*chosen, self._book.own.id}}
        if not GROUP_MIN <= len(members) <= GROUP_MAX:
            raise RequestMalformed(field="parties")
        record = self.running_record() or await self._alone()
        await record.open_space(wanted, members, name[:80])
        return {"space": wanted.text, "members": [party.text for party in sorted(members)]}

    async def record_exercise(self, what: str, space: str | None = None, **asked: Any) -> Any:  # noqa: ANN401  JSON
        """Write made-up entries and time them; what `parley drill record` asks of sample nodes."""
        exercise = self.running_exercise()
        if what == "look":
            return exercise.look()
        wanted = await self._space(space)
        match what:
            case "write":
                return await exercise.write(wanted, **asked)
            case "pile_up":
                return await exercise.pile_up(wanted, **asked)
            case "alert":
                return await exercise.alert(wanted)
            case "alerts":
                return await exercise.alerts(wanted, **asked)
            case "seen":
                return exercise.seen()
            case _:
                raise RequestMalformed(field="what")

    # ------------------------------------------------------------------------------------- details

    async def _entry(self, text: str) -> bytes:
        """Return the hash of the one entry that a text names: its hash, or the beginning of it.

        Raises:
            RequestMalformed: it is no hash.
            EntryUnknown: no entry has it, or more than one.
        """
        if not re.fullmatch(r"[0-9a-f]{8,64}", text):
            raise RequestMalformed(field="entry")
        found = await self._database.read(lambda c: sealed_hashes(c, text))
        if len(found) != 1:
            raise EntryUnknown
        return found[0]

    def running_blobs(self) -> BlobExchange:
        """Return the running node's blobs; Operations knows."""
        raise NotImplementedError

    def running_exercise(self) -> RecordExercise:
        """Return what exercises the running node's record; Operations knows."""
        raise NotImplementedError

    def _look(self, connection: sa.Connection) -> RecordLook:
        names = {each.id: each.name for each in self._parties()}
        return RecordLook(connection, self._book.own.id, names.get)

    def _parties(self) -> list[Any]:
        return [self._book.own, *(pairing.party for pairing in self._book.all())]

    def _record_keys(self) -> RecordKeys:
        return RecordKeys(PartyKey.load(self._settings.path(self._settings.party.key)))

    async def _alone(self) -> Record:
        """Return the record of a node that does not run."""
        key = PartyKey.load(self._settings.path(self._settings.party.key))
        record = Record(database=self._database, key=key, clock=self._clock, port=_NoLines())
        await record.start()
        return record

    def _member(self, text: str) -> PartyId:
        """Return the party that a text names, our own included."""
        own = self._book.own
        if own.id.text.startswith(text.casefold()) or own.name.casefold() == text.casefold():
            return own.id
        return self.find_party(text)

    def running_record(self) -> Record | None:
        """Return the record of the running node, if it runs; Operations knows."""
        raise NotImplementedError

    def find_party(self, text: str) -> PartyId:
        """Return the one other party that a text names; Operations does it."""
        raise NotImplementedError

    async def _space(self, text: str | None) -> SpaceId:
        """Return the space that a text names: its id, the beginning of it, its name, a party's.

        Raises:
            SpaceUnknown: none, or more than one.
        """
        rows = await self._database.read(repository.spaces)
        own = self._book.own.id
        found = [row.id for row in rows if text is None or row.id.text.startswith(text.casefold())]
        found = found or [row.id for row in rows if text and row.name.casefold() == text.casefold()]
        if not found and text:
            pair = SpaceId.of_pair(own, self.find_party(text))
            found = [row.id for row in rows if row.id == pair]
        if len(found) != 1:
            raise SpaceUnknown
        return found[0]


GROUP_MIN: Final = 3
GROUP_MAX: Final = 12
"""Parties of a group: more would want a policy that not everybody must hold."""
RECORD_OPERATIONS: Final[Mapping[str, Act]] = {
    "record_spaces": Act.RECORD_READ,
    "record_entries": Act.RECORD_READ,
    "record_export": Act.RECORD_EXPORT,
    "record_evidence": Act.RECORD_READ,
    "record_epoch": Act.RECORD_KEEP,
    "record_rotate": Act.RECORD_KEEP,
    "record_erase": Act.RECORD_ERASE,
    "record_group": Act.RECORD_KEEP,
    "record_exercise": Act.RECORD_EXERCISE,
}
"""What the admin socket may call, and which act each is."""


def _write_anew(target: Path, write: Callable[[IO[bytes]], object]) -> int:
    """Write a file of our own beside its place, then put it there; return its size."""
    fresh = target.with_name(f".{target.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as into:
            write(into)
        size = fresh.stat().st_size
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    return size


def _parse_thread(text: str) -> ThreadId:
    try:
        return ThreadId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="thread") from error


def _kind(text: str) -> int:
    names = {kind.name.lower(): int(kind) for kind in Kind}
    if text in names:
        return names[text]
    try:
        return int(text)
    except ValueError as error:
        raise RequestMalformed(field="kind") from error
