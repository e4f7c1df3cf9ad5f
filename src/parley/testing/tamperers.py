"""Those who change an export: strangers without a key, and the party that exports.

Each takes its dice and says in a word what it did. A stranger gets the file. An insider gets the
entries of its own log, of which the other party has seen the first ``seen``.
"""

import random
from collections.abc import Callable
from typing import Final, TypeAlias

from parley.record.cbor import Value, decode_map, encode
from parley.record.tiles import bundled, unbundled
from parley.testing.exports import files_of, without, zipped
from parley.verify import TOLERANCE_S

Stranger: TypeAlias = Callable[[random.Random, bytes], tuple[str, bytes]]
Insider: TypeAlias = Callable[[random.Random, list[bytes], int], str]


def flip_a_bit(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Change one bit of the zip file itself."""
    at = draw.randrange(len(export))
    changed = bytearray(export)
    changed[at] ^= 1 << draw.randrange(8)
    return f"bit of byte {at}", bytes(changed)


def cut_the_file(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Cut the zip file off."""
    at = draw.randrange(len(export))
    return f"cut at {at}", export[:at]


def edit_a_file(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Change a byte of a file, and the list of files with it."""
    files = files_of(export)
    name = draw.choice([name for name in files if files[name]])
    at = draw.randrange(len(files[name]))
    new = bytes([files[name][at] ^ draw.randrange(1, 256)])
    files[name] = files[name][:at] + new + files[name][at + 1 :]
    return f"byte {at} of {name}", zipped(files)


def drop_a_file(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Take a file out."""
    files = files_of(export)
    name = draw.choice(sorted(files))
    return f"without {name}", without(files, name)


def swap_two_files(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Let two files change places."""
    files = files_of(export)
    first, second = draw.sample(sorted(files), 2)
    files[first], files[second] = files[second], files[first]
    return f"{first} and {second}", zipped(files)


def truncate_a_file(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Cut a file off."""
    files = files_of(export)
    name = draw.choice([name for name in files if files[name]])
    at = draw.randrange(len(files[name]))
    return f"{name} to {at}", zipped(files | {name: files[name][:at]})


def stir_entries(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Drop, repeat or exchange entries, or take another log's."""
    files = files_of(export)
    bundles = [name for name in files if "/tile/entries/" in name]
    name = draw.choice(bundles)
    entries = unbundled(files[name])
    one, two = draw.randrange(len(entries)), draw.randrange(len(entries))
    foreign = unbundled(files[draw.choice(bundles)])
    how = draw.choice(("drop", "repeat", "exchange", "replace"))
    match how:
        case "drop":
            del entries[one]
        case "repeat":
            entries.insert(one, entries[two])
        case "exchange":
            entries[one], entries[two] = entries[two], entries[one]
        case _:
            entries[one] = foreign[two % len(foreign)]
    return f"{how} in {name}", zipped(files | {name: bundled(entries)})


def roll_back(draw: random.Random, export: bytes) -> tuple[str, bytes]:
    """Put an older checkpoint of a log in the place of its newest."""
    files = files_of(export)
    name = draw.choice([name for name in files if name.endswith("/checkpoint")])
    older = unbundled(files[name.replace("checkpoint", "history")])
    return f"older {name}", zipped(files | {name: draw.choice(older)})


STRANGERS: Final[list[Stranger]] = [
    *(flip_a_bit, cut_the_file, edit_a_file, drop_a_file, swap_two_files, truncate_a_file),
    *(stir_entries, roll_back),
]


def edit_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Say something else than was said."""
    at = draw.randrange(1, seen)
    fields = decode_map(entries[at])
    entries[at] = encode({**fields, 5: _whole(fields[5]) + draw.randrange(1, 10**6)})
    return f"edit {at}"


def drop_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Leave out what was said."""
    at = draw.randrange(1, seen)
    del entries[at]
    return f"drop {at}"


def swap_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Say it in another order."""
    one, two = draw.randrange(1, seen), draw.randrange(1, seen)
    entries[one], entries[two] = entries[two], entries[one]
    return f"swap {one} {two}"


def insert_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Say afterwards what should have been said before."""
    at = draw.randrange(1, seen)
    entries.insert(at, entries[draw.randrange(1, len(entries))])
    return f"insert {at}"


def truncate_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Take back what was said last."""
    at = draw.randrange(1, seen)
    del entries[at:]
    return f"truncate {at}"


def fork_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Go on in another way from some place."""
    at = draw.randrange(1, seen)
    entries[at:] = entries[at:][::-1]
    return f"fork {at}"


def back_date_own(draw: random.Random, entries: list[bytes], seen: int) -> str:
    """Append something that says it is older than what came before it."""
    fields = decode_map(entries[seen - 1])
    earlier = draw.randrange(TOLERANCE_S + 120, 100_000) * 1000
    entries.append(encode({**fields, 5: _whole(fields[5]) - earlier}))
    return f"back-date {earlier}"


INSIDERS: Final[list[Insider]] = [
    *(edit_own, drop_own, swap_own, insert_own, truncate_own, fork_own, back_date_own),
]


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    return value
