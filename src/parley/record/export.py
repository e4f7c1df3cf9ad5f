"""An export: logs, checkpoints and evidence in one file that anyone can check alone.

Each log lies in the export as C2SP tlog-tiles lays it out, so that its folder can be served as it
is to tools we did not write. Beside it are the older checkpoints with what others cosigned, which
prove when the log had how many entries. The exporter signs a list of all files, so that nothing can
be taken away or added on the way; what the exporter itself leaves out shows in what the logs say of
each other. :mod:`parley.verify` checks it all and shares no code with this.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from whenever import Instant

from parley.clock import milliseconds
from parley.ids import PartyId, SpaceId
from parley.record.checkpoint import Origin, cosigner_name, read_checkpoint
from parley.record.feed import EntrySource
from parley.record.note import Note, NoteSignature
from parley.record.signing import NoteSigner, NoteVerifier
from parley.record.tiles import TILE_WIDTH, Tree, bundle_path, bundled, tiles_of

FORMAT: Final = "parley/export/v1"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""Every file has the same date, so that the same record gives the same export."""


@dataclass(frozen=True, slots=True)
class LogExport:
    """One log as it is exported."""

    origin: Origin
    """Which log."""
    note: Note
    """Its newest checkpoint with every signature known; the export ends there."""
    history: Sequence[Note]
    """Older checkpoints of it, and those others cosigned, the smaller first."""
    tree: Tree
    """The tree over its entries, or over more."""
    source: EntrySource
    """Where its entries are read from."""


@dataclass(frozen=True, slots=True)
class RecordExport:
    """What is exported of one space."""

    space: SpaceId
    """Which space."""
    logs: Sequence[LogExport]
    """Our own log and the mirrored ones, every epoch that is kept."""
    verifiers: Sequence[NoteVerifier]
    """The keys of all parties, for logs and for cosignatures."""
    evidence: Sequence[bytes] = ()
    """Contradictions that were kept."""
    labels: dict[PartyId, str] = field(default_factory=dict)
    """What the exporter calls the parties; nothing vouches for it."""


def write_export(
    into: IO[bytes], record: RecordExport, party: PartyId, seed: bytes, now: Instant
) -> None:
    """Write an export, signed by the party that makes it.

    Args:
        into: where the zip file is written.
        record: what is exported.
        party: our party.
        seed: the 32 secret bytes of its key.
        now: the wall clock.
    """
    signer = NoteSigner(cosigner_name(party), seed)
    lines: list[str] = []
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(record, signer.verifier, party, now):
            lines.append(f"{hashlib.sha256(content).hexdigest()} {name}\n")
            _add(archive, name, content)
        manifest = "".join(lines).encode()
        digest = hashlib.sha256(manifest).hexdigest()
        head = (FORMAT, record.space.text, party.text, str(milliseconds(now)), digest, "")
        text = "\n".join(head)
        _add(archive, "manifest", manifest)
        _add(archive, "manifest.note", Note(text, (signer.sign(text),)).encoded())


def with_signatures(note: Note, others: Iterable[Note]) -> Note:
    """Return a checkpoint with the signatures that other copies of the same text carry."""
    found: dict[tuple[str, bytes], NoteSignature] = {}
    for copy in (note, *others):
        if copy.text == note.text:
            found |= {(each.name, each.key_id): each for each in copy.signatures}
    return Note(note.text, tuple(found.values()))


def _files(
    record: RecordExport, exporter: NoteVerifier, party: PartyId, now: Instant
) -> Iterator[tuple[str, bytes]]:
    """Yield every file of an export but the list of them."""
    about = {
        "format": FORMAT,
        "space": record.space.text,
        "exported_by": party.text,
        "exported_at_ms": str(milliseconds(now)),
        "labels": {each.text: label for each, label in record.labels.items()},
    }
    yield "about.json", json.dumps(about, ensure_ascii=False, indent=1).encode()
    vkeys = [verifier.vkey() for verifier in (*record.verifiers, exporter)]
    yield "keys", "".join(f"{vkey}\n" for vkey in vkeys).encode()
    for log in record.logs:
        folder = f"logs/{log.origin.party.text}/{log.origin.epoch}"
        for name, content in _log_files(log):
            yield f"{folder}/{name}", content
    for number, evidence in enumerate(record.evidence):
        yield f"evidence/{number}", evidence


def _log_files(log: LogExport) -> Iterator[tuple[str, bytes]]:
    yield "checkpoint", log.note.encoded()
    yield "history", bundled(note.encoded() for note in log.history)
    size = read_checkpoint(log.note.text).size
    for start in range(0, size, TILE_WIDTH):
        end = min(start + TILE_WIDTH, size)
        path = bundle_path(start // TILE_WIDTH, end - start)
        yield path, bundled(log.source.entries(start, end))
    for tile, width in tiles_of(size):
        yield tile.path(width), log.tree.tile(tile, width)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
