"""Exports of a made-up record, honest and changed, for tests of what checks them."""

import copy
import functools
import hashlib
import io
import zipfile
from typing import Final, TypeAlias

from parley.record.checkpoint import cosigner_name, read_checkpoint
from parley.record.entry import entry_hash
from parley.record.export import write_export
from parley.record.kinds import Kind
from parley.record.log import OwnLog
from parley.record.note import Note, read_note
from parley.record.signing import NoteSigner
from parley.testing.records import START, LogDisk, PartySigners, RecordKeeper, carry, keepers_of

NAMES: Final = ("author", "other")
Files: TypeAlias = dict[str, bytes]


@functools.cache
def kept(minutes: int) -> tuple[RecordKeeper, RecordKeeper]:
    """Return two parties after a while; each saw, cited, delivered and acknowledged the other."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    now = START
    for minute in range(minutes):
        now = START.add(minutes=minute + 1)
        said = author.say(now)
        for keeper in (author, other):
            keeper.say(now, Kind.SIGHTING)
            keeper.flush(now, is_lasting=minute == 1)
        carry(keepers, now)
        other.say(now, Kind.DELIVERY, {0: "desk"}, (entry_hash(said),))
        other.say(now, Kind.ACKNOWLEDGEMENT, {0: None}, (entry_hash(said),))
    for _ in range(2):
        for keeper in (author, other):
            keeper.say(now, Kind.SIGHTING)
            keeper.flush(now, is_lasting=True)
        carry(keepers, now)
    return author, other


@functools.cache
def exported(minutes: int = 6) -> bytes:
    """Return what the author exports at the end."""
    return export_of(copy.deepcopy(kept(minutes)[0]), minutes)


def export_of(keeper: RecordKeeper, minutes: int = 6) -> bytes:
    """Return a keeper's export as a file."""
    into = io.BytesIO()
    now = START.add(minutes=minutes, seconds=30)
    write_export(into, keeper.export(), keeper.own.party, keeper.own.seed, now)
    return into.getvalue()


def files_of(export: bytes) -> Files:
    """Return the files of an export."""
    with zipfile.ZipFile(io.BytesIO(export)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Files) -> bytes:
    """Return files as an export."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return into.getvalue()


def signed_again(files: Files, by: PartySigners) -> bytes:
    """Return files as an export whose list of files a party signed as its exporter."""
    rest = {name: files[name] for name in files if not name.startswith("manifest")}
    lines = (f"{hashlib.sha256(content).hexdigest()} {name}\n" for name, content in rest.items())
    manifest = "".join(lines).encode()
    head = read_note(files["manifest.note"]).text.split("\n")
    head[4] = hashlib.sha256(manifest).hexdigest()
    text = "\n".join(head)
    note = Note(text, (NoteSigner(cosigner_name(by.party), by.seed).sign(text),))
    return zipped(rest | {"manifest": manifest, "manifest.note": note.encoded()})


def without(files: Files, name: str) -> bytes:
    """Return files as an export that lacks one of them."""
    return zipped({each: content for each, content in files.items() if each != name})


def rewritten_export(author: RecordKeeper, entries: list[bytes], *, keeps_history: bool) -> bytes:
    """Return an export in which the author's log has other entries, all signed by the author."""
    disk, log_notes = LogDisk(), list(author.disk.notes)
    log = OwnLog(
        author.log.origin, author.own.signer(author.space), author.own.cosigners, disk.tree()
    )
    log.heads_shown([None])
    # A dishonest node does not ask itself whether anybody would read this.
    log._entries += entries  # noqa: SLF001  (the same)
    flushed = log.flush(START.add(minutes=6))
    disk.store(flushed.stored)
    disk.notes = [*(log_notes if keeps_history else []), flushed.note.encoded()]
    author.disk, author.log = disk, log
    author.held = {party: [] for party in author.held}
    if keeps_history:
        # Only what the new log does not contradict by itself may stay, so this is worse for it.
        disk.notes = [note for note in log_notes if _size(note) <= log.tree.size] + disk.notes[-1:]
    return export_of(author)


def _size(note: bytes) -> int:
    return read_checkpoint(read_note(note).text).size
