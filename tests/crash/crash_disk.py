# ruff: noqa: D102, N802  the methods are named and described by apsw
"""A disk that remembers: an SQLite VFS in memory that keeps every write, truncation and sync.

From what it remembers the disk is rebuilt as a power cut could have left it. What was written
before a file's last sync is there. Of what came after, any part may be: each write wholly, in the
sectors up to somewhere, in some sectors only, or not at all; a truncation or a deletion happened or
did not; a later write may be there although an earlier one is not. A new file's name is durable
with its first sync (SQLite syncs the folder then).

apsw brings an SQLite of its own into the process; it opens files of this VFS only, never one that
the storage has open.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import apsw
from typing_extensions import override

SECTOR_BYTES = 512
"""What a disk writes wholly or not at all. Disks of today have 4,096: less is harder to survive."""


@dataclass(slots=True)
class Operation:
    """One thing that was done to a file."""

    kind: str
    name: str
    offset: int = 0
    content: bytes = b""


@dataclass
class Disk:
    """The files as a process sees them, and all that was done to them."""

    files: dict[str, bytearray] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    is_recording: bool = True

    def note(self, kind: str, name: str, offset: int = 0, content: bytes = b"") -> None:
        """Remember an operation."""
        if self.is_recording:
            self.operations.append(Operation(kind, name, offset, content))


class MemoryVfs(apsw.VFS):
    """Opens files on whichever disk is in."""

    def __init__(self, name: str) -> None:
        self.disk = Disk()
        super().__init__(name, "")

    @override
    def xOpen(self, name: object, flags: list[int]) -> MemoryFile:  # type: ignore[override]
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        flags[1] = flags[0]
        return MemoryFile(self.disk, path)

    @override
    def xDelete(self, filename: str, syncdir: bool) -> None:
        if self.disk.files.pop(filename, None) is not None:
            self.disk.note("delete", filename)
            if syncdir:
                self.disk.note("sync", filename)

    @override
    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self.disk.files

    @override
    def xFullPathname(self, name: str) -> str:
        return name


class MemoryFile:
    """One open file; whoever has the disk is alone, so locks are always given."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._name = name
        if name not in disk.files:
            disk.files[name] = bytearray()

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(memoryview(self._disk.files[self._name])[offset : offset + amount])

    def xWrite(self, content: bytes, offset: int) -> None:
        _write(self._disk.files[self._name], content, offset)
        self._disk.note("write", self._name, offset, bytes(content))

    def xTruncate(self, size: int) -> None:
        del self._disk.files[self._name][size:]
        self._disk.note("truncate", self._name, size)

    def xSync(self, flags: int) -> None:
        self._disk.note("sync", self._name)

    def xFileSize(self) -> int:
        return len(self._disk.files[self._name])

    def xLock(self, level: int) -> None:
        """Give it."""

    def xUnlock(self, level: int) -> None:
        """Take it back."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR_BYTES

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None:
        """Nothing is held."""


def images(
    begun: Mapping[str, bytes], operations: list[Operation], each: int, chance: random.Random
) -> Iterator[tuple[int, dict[str, bytearray]]]:
    """Yield disks as power cuts could have left them: ``each`` after every operation.

    After a sync of all that was written only one is possible, and comes once.

    Args:
        begun: the files that were durable before the first operation.
        operations: what was done to them.
        each: disks for each operation.
        chance: chooses what was lost.

    Yields:
        How many operations had been done, and the files.
    """
    durable = {name: bytearray(content) for name, content in begun.items()}
    pending: dict[str, list[Operation]] = {}
    for done, operation in enumerate(operations, 1):
        if operation.kind == "sync":
            for left in pending.pop(operation.name, []):
                _apply(durable, left)
        else:
            pending.setdefault(operation.name, []).append(operation)
        for _ in range(each if pending else 1):
            yield done, _cut(durable, pending, chance)


def _cut(
    durable: dict[str, bytearray], pending: dict[str, list[Operation]], chance: random.Random
) -> dict[str, bytearray]:
    files = {name: bytearray(content) for name, content in durable.items()}
    for left in pending.values():
        keeps = chance.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        for operation in left:
            if chance.random() < keeps:
                _apply(files, operation)
            elif operation.kind == "write" and chance.random() < 0.5:
                for torn in _torn(operation, chance):
                    _apply(files, torn)
    return files


def _torn(operation: Operation, chance: random.Random) -> Iterator[Operation]:
    """Yield the sectors of a write that reached the disk: the first ones, or any."""
    content, offset = operation.content, operation.offset
    if chance.random() < 0.5:
        kept = chance.randrange(0, len(content) + 1) // SECTOR_BYTES * SECTOR_BYTES
        yield Operation("write", operation.name, offset, content[:kept])
        return
    for start in range(0, len(content), SECTOR_BYTES):
        if chance.random() < 0.5:
            part = content[start : start + SECTOR_BYTES]
            yield Operation("write", operation.name, offset + start, part)


def _apply(files: dict[str, bytearray], operation: Operation) -> None:
    if operation.kind == "delete":
        files.pop(operation.name, None)
    elif operation.kind == "truncate":
        del files.setdefault(operation.name, bytearray())[operation.offset :]
    else:
        _write(files.setdefault(operation.name, bytearray()), operation.content, operation.offset)


def _write(content: bytearray, piece: bytes, offset: int) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(piece)] = piece
