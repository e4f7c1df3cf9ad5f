"""Exports made to break what reads them, by a party with its own keys.

Nothing here tries to pass for honest: each puts what no honest node would write where a reader may
not expect it, and signs it as its own wherever it can, so that a reader gets as far as it goes.
"""

import contextlib
import copy
import random
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from parley.errors import NoteMalformed
from parley.record.cbor import Value, decode_map, encode
from parley.record.entry import entry_hash
from parley.record.evidence import EvidenceKind, LogEvidence, write_evidence
from parley.record.kinds import HUMAN_KINDS
from parley.record.note import Note, NoteSignature, read_note, to_base64
from parley.record.signing import NoteSigner
from parley.record.tiles import bundled, unbundled
from parley.testing.exports import exported, files_of, kept, rewritten_export, signed_again, zipped
from parley.testing.records import RecordKeeper

Hostile: TypeAlias = Callable[[random.Random], tuple[str, bytes]]

NUMBERS: Final = (
    *(0, 1, 2, 3, 5, 10, 16, 23, 24, 32, 63, 64, 255, 256, 65_535, 65_536, (1 << 31) - 1, 1 << 31),
    *((1 << 32) - 1, 1 << 32, 1 << 53, 253_402_300_799_999, 253_402_300_800_000, 1 << 62),
    *((1 << 63) - 1, 1 << 63, (1 << 64) - 1),
)
"""Whole numbers at which something may end."""
TEXTS: Final = (
    *("", "x", "a b", "../../x", "parley/x", "\N{RIGHT-TO-LEFT OVERRIDE}txt", "\x1b[2J", "a\nb"),
    *("\0", "\N{ARABIC-INDIC DIGIT THREE}", "\N{LATIN SMALL LETTER LONG S}" * 26, "9" * 5_000),
    *("a" * 26, "\U0001f600", "[" * 3_000, "log parley/" + "a" * 26 + "/" + "b" * 26 + "/0+"),
)
"""Texts that a reader may take for something else."""
FORGED_JSON: Final = (
    *(b"", b"[", b"[" * 100_000, b"{" * 100_000, b'{"a":' * 50_000, b"{}", b"[]", b"1", b"NaN"),
    *(b'{"space":NaN}', b'{"space":1e999,"exported_at_ms":5}', b'{"labels":{"x":1}}', b"\xff\xfe"),
    *(b'{"space":"\\u0000","exported_at_ms":"' + b"9" * 5_000 + b'"}', b'\xef\xbb\xbf{"a":"b"}'),
    *(b'{"exported_by":{"a":"b"},"more":[1]}', b'{"n":' + b"9" * 5_000 + b"}", b'{"a":"\xff"}'),
)
"""What may lie in place of a file of JSON."""
ENTRY_OF_LIST, ENTRY_OF_FILE, END_OF_LIST = b"PK\1\2", b"PK\3\4", b"PK\5\6"
FIELDS: Final[dict[bytes, tuple[tuple[int, int], ...]]] = {
    ENTRY_OF_LIST: (
        *((4, 2), (6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2)),
        *((34, 2), (42, 4), (46, 2)),
    ),
    ENTRY_OF_FILE: ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2), (30, 2)),
    END_OF_LIST: ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}
"""Place and length of the fields of a zip file (APPNOTE 4.3)."""
METHODS: Final = (0, 1, 8, 9, 12, 14, 93, 95, 97, 99, 65_535)
"""Ways to pack that some library may know."""


def forge_the_list(draw: random.Random) -> tuple[str, bytes]:
    """Write something else into one field of the zip file's own form."""
    export = bytearray(exported(2))
    kind = draw.choice(list(FIELDS))
    places = [at for at in range(len(export) - 3) if export[at : at + 4] == kind]
    offset, length = draw.choice(FIELDS[kind])
    at = draw.choice(places) + offset
    number = draw.choice((draw.choice(NUMBERS), draw.choice(METHODS), draw.randrange(1 << 32)))
    field = (number % (1 << 8 * length)).to_bytes(length, "little")
    export[at : at + length] = field
    return f"{kind!r} field {offset} at {at}: {number}", bytes(export)


def widen_the_list(draw: random.Random) -> tuple[str, bytes]:
    """End the zip file in the form for large files, with numbers that fit none."""
    export = exported(2)
    at = export.rindex(END_OF_LIST)
    size, place = struct.unpack("<LL", export[at + 12 : at + 20])
    count = export.count(ENTRY_OF_LIST)
    numbers = [count, count, size, place]
    for _ in range(draw.randrange(3)):
        numbers[draw.randrange(4)] = draw.choice(NUMBERS)
    wide = b"PK\6\6" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, *numbers)
    locator = b"PK\6\7" + struct.pack("<LQL", 0, at, 1)
    return f"wide {numbers}", export[:at] + wide + locator + export[at:]


def spoil_a_file(draw: random.Random) -> tuple[str, bytes]:
    """Change a file anyhow, and sign the list of files again."""
    author, _ = kept(2)
    files = files_of(exported(2))
    name = draw.choice(sorted(each for each in files if not each.startswith("manifest")))
    content = bytearray(files[name])
    for _ in range(draw.randrange(1, 5)):
        at = draw.randrange(len(content) + 1)
        piece = draw.choice((b"", draw.randbytes(draw.randrange(8)), content[at : at + 40] * 2))
        content[at : at + draw.choice((0, 1, len(piece), 40))] = piece
    return f"spoilt {name}", signed_again(files | {name: bytes(content)}, author.own)


def forge_what_is_said(draw: random.Random) -> tuple[str, bytes]:
    """Say odd things of the export itself, where nobody vouches for them and where one does."""
    author, _ = kept(2)
    files = files_of(exported(2)) | {"about.json": draw.choice(FORGED_JSON)}
    signed = files_of(signed_again(files, author.own))
    head = read_note(signed["manifest.note"]).text.split("\n")
    for _ in range(draw.randrange(3)):
        head[draw.randrange(4)] = draw.choice((*TEXTS, *map(str, NUMBERS))).replace("\n", " ")
    text = "\n".join(head)
    name = draw.choice((f"parley/{author.own.party.text}", f"parley/{head[2]}"))
    made = NoteSigner(name, author.own.seed).sign(text)
    signed["manifest.note"] = Note(text, (made,)).encoded()
    if draw.random() < 0.2:  # noqa: PLR2004  one of five
        del signed["manifest.note"]
    return f"says {head[1][:30]!r}", zipped(signed)


def forge_a_file_s_name(draw: random.Random) -> tuple[str, bytes]:
    """Add files whose names are made to be shown."""
    author, _ = kept(2)
    files = files_of(exported(2))
    prefix = draw.choice(("", "evidence/", "logs/", f"logs/{author.own.party.text}/1/"))
    names = [f"{prefix}{draw.choice(TEXTS)[:200]}" for _ in range(3)]
    # A zip file's name ends at a zero, and one without any letter is none.
    more = {name: draw.choice(FORGED_JSON) for name in names if name.partition("\0")[0]}
    return f"more {list(more)}", signed_again(files | more, author.own)


def forge_entries(draw: random.Random) -> tuple[str, bytes]:
    """Append entries whose bodies, times, refs and persons are of any form."""
    author, _ = copy.deepcopy(kept(2))
    entries = list(author.disk.stored)
    for _ in range(draw.randrange(1, 6)):
        entries.append(_forged_entry(draw, author, entries))
    if draw.random() < 0.2:  # noqa: PLR2004  one of five
        entries[0] = _forged_entry(draw, author, entries)
    return f"{len(entries)} entries", rewritten_export(author, entries, keeps_history=True)


def forge_checkpoints(draw: random.Random) -> tuple[str, bytes]:
    """Sign sizes that nobody has, at times that never come."""
    author, _ = kept(2)
    files = files_of(exported(2))
    log = f"logs/{author.own.party.text}/0"
    name = draw.choice((f"{log}/checkpoint", f"{log}/history"))
    notes = [_forged_note(draw, author) for _ in range(draw.randrange(1, 4))]
    old = unbundled(files[f"{log}/history"])
    content = notes[0] if name.endswith("checkpoint") else bundled([*old, *notes])
    return f"forged {name}", signed_again(files | {name: content}, author.own)


def forge_evidence(draw: random.Random) -> tuple[str, bytes]:
    """Give evidence of any form."""
    author, _ = kept(2)
    proof = tuple(draw.randbytes(32) for _ in range(draw.choice((0, 1, 2, 63))))
    evidence = LogEvidence(
        draw.choice(list(EvidenceKind)),
        _forged_note(draw, author),
        _forged_note(draw, author),
        draw.randbytes(32),
        proof,
    )
    fields = decode_map(write_evidence(evidence))
    if draw.random() < 0.5:  # noqa: PLR2004  one of two
        fields[draw.randrange(7)] = any_value(draw, 3)
    files = files_of(exported(2)) | {"evidence/0": encode(fields)}
    return f"evidence {evidence.kind}", signed_again(files, author.own)


HOSTILE: Final[list[Hostile]] = [
    *(forge_the_list, widen_the_list, spoil_a_file, forge_what_is_said, forge_a_file_s_name),
    *(forge_entries, forge_checkpoints, forge_evidence),
]


def any_value(draw: random.Random, depth: int) -> Value:
    """Return a value of any form that an entry can hold."""
    makers: list[Callable[[], Value]] = [
        lambda: draw.choice(NUMBERS),
        lambda: -1 - draw.choice(NUMBERS),
        lambda: draw.choice(TEXTS),
        lambda: draw.randbytes(draw.choice((0, 1, 16, 32, 37, 64, 91))),
        lambda: draw.choice((True, False, None)),
    ]
    if depth:
        makers += [
            lambda: [any_value(draw, depth - 1) for _ in range(draw.randrange(4))],
            lambda: any_map(draw, depth - 1),
        ]
    return draw.choice(makers)()


def any_map(draw: random.Random, depth: int) -> dict[int, Value]:
    """Return a map of any form that a body can be."""
    keys = draw.sample((*range(6), 1 << 63), draw.randrange(5))
    return {key: any_value(draw, depth) for key in sorted(keys)}


def _forged_entry(draw: random.Random, author: RecordKeeper, entries: list[bytes]) -> bytes:
    kind = draw.choice((*range(13), 65_535))
    fields: dict[int, Value] = {
        0: 1,
        1: author.space,
        2: author.own.party,
        3: kind,
        5: draw.choice((*NUMBERS, 1_793_534_400_000)),
        11: encode(any_map(draw, 4)) if draw.random() < 0.9 else draw.randbytes(9),  # noqa: PLR2004
    }
    if kind in HUMAN_KINDS:
        fields[10] = draw.choice((bytes(16), b"person of " + author.own.party[:6]))
    refs = {entry_hash(draw.choice(entries)) for _ in range(draw.randrange(3))}
    if refs:
        fields[8] = [*sorted(refs)]
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        fields[draw.randrange(14)] = any_value(draw, 3)
    return encode(fields)


def _forged_note(draw: random.Random, author: RecordKeeper) -> bytes:
    tree = author.log.tree
    size = draw.choice((*NUMBERS, 10**19 - 1, *range(tree.size + 1)))
    root = tree.root_of(0, size) if 0 < size <= tree.size else draw.randbytes(32)
    shown = to_base64(draw.choice((root, root, root[::-1])))
    text = f"{author.log.origin.text()}\n{size}\n{shown}\n"
    signatures: list[NoteSignature] = [author.own.signer(author.space).sign(text)]
    for cosigner in author.own.cosigners:
        # The second type signs what a checkpoint says, so there must be one.
        with contextlib.suppress(NoteMalformed):
            signatures.append(cosigner.cosign(text, draw.choice((*NUMBERS, 1_793_534_500))))
    return Note(text, tuple(signatures)).encoded()
