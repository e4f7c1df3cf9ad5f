"""A backup: a folder with one consistent copy of a node, proved as it is made.

What is in it: the database as one file, the settings, the blobs (sealed; a bucket's are not copied,
its own versions are), and ``manifest.json`` with the size and SHA-256 of each. What is not: the
party's key and the keys of cases. Whoever has the one *is* the party; the others must be able to
die (:mod:`parley.storage.case_keys`).

How it comes to be: everything is written into ``TARGET.partial``, synced, opened again and compared
with what it was made from; only then it gets its name. So a folder of that name is a whole backup,
and one that broke off never looks like one.

A restore reads every hash before it touches anything, puts the database into place (SQLite by
renaming, PostgreSQL in one transaction) and marks it as restored.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from whenever import Instant

from parley.config import FILE_NAME, Settings
from parley.errors import BackupExists, BackupUnusable, RestoreRefused, StorageUnavailable
from parley.storage import copying, sqlite
from parley.storage.case_keys import sync_folder
from parley.storage.copying import Contents, LogHead
from parley.storage.database import Database
from parley.storage.opening import source_of
from parley.storage.restoring import mark_restored

FORM: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "parley.db"
BLOBS: Final = "blobs"
REPLACED: Final = ".replaced"
LAST: Final = "last-backup.json"
"""Where a node's folder says when it was last copied, and whereto."""

Progress = Callable[[str, int, int], None]
"""Is told the stage, how much is done and how much there is."""


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One file of a backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BackupManifest:  # glossary: lists the files of a backup
    """What a backup says of itself."""

    made_at: Instant
    engine: str
    held: Contents
    files: tuple[BackupFile, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written and printed."""
        return {
            "form": FORM,
            "made_at": self.made_at.format_iso(),
            "engine": self.engine,
            "schema": self.held.schema,
            "rows": dict(self.held.rows),
            "logs": [asdict(head) for head in self.held.logs],
            "files": [asdict(file) for file in self.files],
        }

    @classmethod
    def read(cls, folder: Path) -> "BackupManifest":
        """Read the manifest of a backup.

        Raises:
            BackupUnusable: there is none, or it is of another form.
        """
        try:
            found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if found["form"] != FORM:
                reason = f"it has form {found['form']}, this program reads form {FORM}"
                raise BackupUnusable(folder=str(folder), reason=reason)
            logs = tuple(LogHead(**head) for head in found["logs"])
            return cls(
                Instant.parse_iso(found["made_at"]),
                found["engine"],
                Contents(found["schema"], found["rows"], logs),
                tuple(BackupFile(**file) for file in found["files"]),
            )
        except OSError as error:
            reason = f"{MANIFEST}: {error.strerror}"
            raise BackupUnusable(folder=str(folder), reason=reason) from error
        except (ValueError, KeyError, TypeError) as error:
            reason = f"{MANIFEST} is damaged"
            raise BackupUnusable(folder=str(folder), reason=reason) from error


def make_backup(
    settings: Settings, target: Path, now: Instant, progress: Progress
) -> BackupManifest:
    """Write a backup of a node, running or not, into a new folder.

    Raises:
        BackupExists: something of that name is there.
        BackupUnusable: what was written is not what was read.
        StorageUnavailable: the database cannot be read, or the target not be written.
    """
    if target.exists():
        raise BackupExists(folder=str(target))
    partial = target.with_name(target.name + ".partial")
    source = source_of(settings)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        held = copying.copy_out(
            source, partial / DATABASE, lambda done, total: progress("database", done, total)
        )
        shutil.copyfile(settings.folder / FILE_NAME, partial / FILE_NAME)
        _copy_blobs(settings.path(settings.storage.blobs), partial / BLOBS, progress)
        copying.examine(partial / DATABASE, held)
        files = tuple(_listed(partial, progress))
        engine = "sqlite" if isinstance(source, sqlite.SqliteFile) else "postgresql"
        manifest = BackupManifest(now, engine, held, files)
        written = json.dumps(manifest.as_json(), indent=2, ensure_ascii=False)
        (partial / MANIFEST).write_text(written + "\n", encoding="utf-8")
        _sync(partial)
        partial.rename(target)
        sync_folder(target.parent)
    except (OSError, sa.exc.DBAPIError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise StorageUnavailable(file=source.name, reason=reason) from error
    return manifest


def note_backup(node: Path, target: Path, manifest: BackupManifest) -> bool:
    """Note in a node's folder that a backup of it was made and proved; say whether that worked.

    The backup is good all the same: it may have been made because the node's own disk is full.
    """
    fresh = node / f"{LAST}.new"
    noted = {"made_at": manifest.made_at.format_iso(), "folder": str(target)}
    try:
        fresh.write_text(json.dumps(noted, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(node / LAST)
    except OSError:
        return False
    return True


def last_backup(node: Path) -> Instant | None:
    """Return when the newest proved backup of a node was made, None if none is known of."""
    try:
        noted = json.loads((node / LAST).read_text(encoding="utf-8"))
        return Instant.parse_iso(noted["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_backup(folder: Path, progress: Progress) -> BackupManifest:
    """Compare every file of a backup with its hash, open the database, compare what it holds.

    Raises:
        BackupUnusable: something is missing or is not what it was.
    """
    manifest = BackupManifest.read(folder)
    total = sum(file.size for file in manifest.files)
    done = 0
    for file in manifest.files:
        path = folder / file.name
        if (
            not path.is_file()
            or path.is_symlink()
            or not path.resolve().is_relative_to(folder.resolve())
        ):
            raise BackupUnusable(folder=str(folder), reason=f"{file.name} is missing")
        if _sha256(path) != file.sha256:
            raise BackupUnusable(folder=str(folder), reason=f"{file.name} was changed")
        done += file.size
        progress("checking", done, total)
    copying.examine(folder / DATABASE, manifest.held)
    return manifest


def restore_backup(
    settings: Settings, folder: Path, now: Instant, progress: Progress, *, replaces: bool
) -> BackupManifest:
    """Put a backup in the place of a node's database and blobs, and mark it as restored.

    The caller holds the node's folder, so that no node runs.

    Raises:
        BackupUnusable: the backup is damaged or incomplete.
        RestoreRefused: there is a database already, and ``replaces`` is false.
        StorageTaken: another node has the database open.
        StorageNewer: the backup is of a newer Parley.
        StorageUnavailable: it cannot be written.
    """
    manifest = check_backup(folder, progress)
    source = source_of(settings)
    fresh = settings.folder / f"{DATABASE}.restored"
    try:
        if not replaces and not _is_free(source):
            raise RestoreRefused(place=source.name)
        shutil.copyfile(folder / DATABASE, fresh)
        # Opening it brings an older copy's schema up to date.
        database = Database.open(fresh)
        try:
            database.write_now(lambda c: mark_restored(c, manifest.made_at, now))
        finally:
            database.close()
        if isinstance(source, sqlite.SqliteFile):
            _put_into_place(fresh, source)
        else:
            copying.copy_in(fresh, source, lambda done, total: progress("database", done, total))
            fresh.unlink()
        _copy_blobs(folder / BLOBS, settings.path(settings.storage.blobs), progress)
        for file in settings.folder.glob(f"{fresh.name}*"):
            file.unlink()
    except (OSError, sa.exc.DBAPIError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise StorageUnavailable(file=source.name, reason=reason) from error
    return manifest


def _is_free(source: Any) -> bool:  # noqa: ANN401  a DatabaseSource of either kind
    if isinstance(source, sqlite.SqliteFile) and not source.file.exists():
        return True
    return copying.is_empty(source)


def _put_into_place(fresh: Path, source: sqlite.SqliteFile) -> None:
    """Rename a restored file over the database, under its lock; the old one is kept beside it."""
    source.prepare()
    try:
        with fresh.open("rb") as opened:
            os.fsync(opened.fileno())
        for suffix in ("", "-wal", "-shm"):
            old = source.file.with_name(source.file.name + suffix)
            if old.exists():
                old.replace(old.with_name(source.file.name + REPLACED + suffix))
        fresh.replace(source.file)
        sync_folder(source.file.parent)
    finally:
        source.release()


def _copy_blobs(place: Path, target: Path, progress: Progress) -> None:
    """Copy blobs that are not there yet; they never change under their names."""
    files = [file for file in place.glob("??/*") if file.is_file()] if place.is_dir() else []
    for number, file in enumerate(files, 1):
        copy = target / file.parent.name / file.name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = copy.with_suffix(".partial")
            shutil.copyfile(file, partial)
            partial.replace(copy)
        progress("blobs", number, len(files))


def _listed(folder: Path, progress: Progress) -> Iterator[BackupFile]:
    """Yield every file with its hash; a blob's must be its name."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    for number, file in enumerate(files, 1):
        digest = _sha256(file)
        name = str(file.relative_to(folder))
        if name.startswith(f"{BLOBS}/") and digest != file.name:
            raise BackupUnusable(folder=str(folder), reason=f"{name} is damaged where it is kept")
        yield BackupFile(name, file.stat().st_size, digest)
        progress("verifying", number, len(files))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        else:
            sync_folder(file)
    sync_folder(folder)
