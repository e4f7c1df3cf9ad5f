"""The offline verifier tells what is wrong with hostile bytes, and never ends in the middle.

A verdict that is withheld because the verifier crashed is what a cheat would want. What each export
here is told to be, the browser's verifier tells as well (`tools/record_tamperings.py`).
PARLEY_TAMPERINGS sets how many are tried.
"""

import copy
import io
import json
import os
import random
import struct
import tracemalloc
import zipfile

import pytest

from parley import verify as checker
from parley.record.cbor import Value, encode
from parley.record.entry import entry_hash
from parley.record.kinds import Kind
from parley.record.note import Note, read_note
from parley.record.signing import NoteSigner
from parley.testing.exports import (
    NAMES,
    export_of,
    exported,
    files_of,
    kept,
    signed_again,
    without,
    zipped,
)
from parley.testing.hostile import ENTRY_OF_FILE, ENTRY_OF_LIST, HOSTILE
from parley.testing.records import START, carry, keepers_of

HOSTILES = int(os.environ.get("PARLEY_TAMPERINGS", "2000")) // 5
CHUNK = 50
ODD_TIMES = (253_402_300_800, 1 << 53, (1 << 64) - 1)


def told(export: bytes) -> dict[str, object]:
    """Return the account of an export, after telling it to a program and to a person."""
    account = checker.verify(io.BytesIO(export), set(), lists_all=True)
    assert json.dumps(account)
    assert all(line.isprintable() for line in checker.told(account))
    return account


def codes(export: bytes) -> set[str]:
    """Return the codes of what was found."""
    return {str(each["code"]) for each in checker.rows_of(told(export), "findings")}


def patched(export: bytes, kind: bytes, name: str, offset: int, field: bytes) -> bytes:
    """Return an export with another field in one file's descriptions of a kind."""
    head = 46 if kind == ENTRY_OF_LIST else 30
    at = next(
        at
        for at in range(len(export))
        if export[at : at + 4] == kind and export[at + head :].startswith(name.encode())
    )
    return export[: at + offset] + field + export[at + offset + len(field) :]


@pytest.mark.parametrize("chunk", range(HOSTILES // CHUNK))
def test_no_hostile_bytes_end_the_check_in_the_middle(chunk: int) -> None:
    """Whatever a party with its own keys packs, the file is refused or told of, wholly."""
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        draw = random.Random(seed)  # noqa: S311  a test's own dice
        done, export = draw.choice(HOSTILE)(draw)
        try:
            account = told(export)
        except checker.UnreadableExport:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {done}") from error
        assert account["verdict"] in {checker.HOLDS, checker.WRONG, checker.GAPS}


@pytest.mark.parametrize("version", [64, 255, 65_535])
def test_an_archive_of_a_later_version_is_no_export(version: int) -> None:
    """Nobody here knows what it would hold."""
    field = struct.pack("<H", version)
    with pytest.raises(checker.UnreadableExport):
        told(patched(exported(2), ENTRY_OF_LIST, "keys", 6, field))


def test_an_archive_with_a_name_in_no_alphabet_is_no_export() -> None:
    """What is said to be UTF-8 must be."""
    export = zipped(files_of(exported(2)) | {"evidence/\N{SNOWMAN}": b""})
    with pytest.raises(checker.UnreadableExport):
        told(export.replace("\N{SNOWMAN}".encode(), b"\xff\xff\xff"))


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
def test_a_file_packed_in_another_way_is_named(method: int) -> None:
    """Also in a way that this Python could unpack: other verifiers could not."""
    field = struct.pack("<H", method)
    export = patched(exported(2), ENTRY_OF_LIST, "keys", 10, field)
    export = patched(export, ENTRY_OF_FILE, "keys", 8, field)
    assert {"file_damaged", "keys_missing"} <= codes(export)

    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in files_of(exported(2)).items():
            archive.writestr(name, content)
    assert "file_damaged" in codes(into.getvalue())


def test_a_file_is_never_unpacked_beyond_what_is_said() -> None:
    """Of one that swells to 100 MB, no more than the claimed hundred bytes take memory."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("keys", bytes(100_000_000))
    export = patched(into.getvalue(), ENTRY_OF_LIST, "keys", 24, struct.pack("<L", 100))
    del into
    tracemalloc.start()
    try:
        found = codes(export)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "file_damaged" in found
    assert peak < 1_000_000


def test_a_file_shorter_than_it_is_said_to_be_is_named() -> None:
    """Also where its check sum is that of what is there."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("keys", b"x" * 100)
    export = patched(into.getvalue(), ENTRY_OF_LIST, "keys", 24, struct.pack("<L", 101))
    assert "file_damaged" in codes(export)


@pytest.mark.parametrize("seconds", ODD_TIMES)
def test_signatures_after_the_year_9999_are_told_as_such(seconds: int) -> None:
    """By the log's own party and by another: the form has room for them, a calendar has not."""
    author, other = copy.deepcopy(kept(2))
    text = read_note(author.disk.notes[-1]).text
    own, theirs = (each.own.cosigners[0].cosign(text, seconds) for each in (author, other))
    signatures = (author.own.signer(author.space).sign(text), own, theirs)
    files = files_of(exported(2))
    name = f"logs/{author.own.party.text}/0/checkpoint"
    files[name] = Note(text, signatures).encoded()
    account = told(signed_again(files, author.own))
    log = next(
        each
        for each in checker.rows_of(account, "logs")
        if author.own.party.text in str(each["log"])
    )
    held = checker.dict_of(checker.dict_of(log["held_by"])[other.own.party.text])
    assert log["signed_at"] == held["at"] == "after the year 9999"


@pytest.mark.parametrize("credential", [[1], {0: 1}, None, "text", 7, [[], {0: []}]], ids=str)
def test_an_assertion_that_names_no_credential_is_a_gap(credential: Value) -> None:
    """Of whatever form it is, and the rest is told all the same."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    said = author.say(START)
    author.say(START, Kind.ASSERTION, {0: credential}, (entry_hash(said),))
    for keeper in (author, other):
        keeper.flush(START)
    carry(keepers, START)
    assert codes(export_of(author, 0)) == {"passkey_missing"}


def test_entries_of_a_space_without_an_id_are_set_aside() -> None:
    """A party can sign any name of a log; nothing in it counts."""
    author, other = copy.deepcopy(kept(2))
    files = files_of(exported(2))
    head = read_note(files["manifest.note"]).text.split("\n")
    origin = f"parley/nowhere/{author.own.party.text}/0"
    name = f"logs/{author.own.party.text}/0/checkpoint"
    lines = read_note(files[name]).text.split("\n")
    text = "\n".join([origin, *lines[1:]])
    signer = NoteSigner(origin, author.own.seed)
    files[name] = Note(text, (signer.sign(text),)).encoded()
    files["keys"] += f"{signer.verifier.vkey()}\n".encode()
    files = files_of(signed_again(files, author.own))
    head = read_note(files["manifest.note"]).text.split("\n")
    said = "\n".join([head[0], "nowhere", *head[2:]])
    exporter = NoteSigner(f"parley/{author.own.party.text}", author.own.seed)
    files["manifest.note"] = Note(said, (exporter.sign(said),)).encoded()
    account = told(zipped(files))
    log = next(
        each
        for each in checker.rows_of(account, "logs")
        if author.own.party.text in str(each["log"])
    )
    aside = [checker.dict_of(each)["reason"] for each in checker.list_of(log["set_aside"])]
    assert log["holds"]
    assert aside == ["of another party or space"] * len(author.disk.stored)
    assert other.own.party.text in str(account["logs"])


@pytest.mark.parametrize(
    "about",
    [
        *(b"[" * 100_000, b'{"a":' * 50_000, b'{"n":' + b"9" * 5_000 + b"}", b'{"n":NaN}', b"\xff"),
        *(b'{"exported_at_ms":"' + b"9" * 5_000 + b'"}', b'{"space":{"a":"b"}}', b'{"space":5}'),
    ],
    ids=lambda each: str(each[:12]),
)
def test_what_an_exporter_says_of_itself_breaks_nothing(about: bytes) -> None:
    """With nobody who vouches for it, it is all there is."""
    files = files_of(exported(2)) | {"about.json": about}
    found = told(without(files, "manifest.note"))
    assert found["verdict"] == checker.WRONG
    assert all(
        isinstance(value, str | dict) for value in checker.dict_of(found["exporter"]).values()
    )


@pytest.mark.parametrize("at_ms", ["9" * 5_000, "\N{ARABIC-INDIC DIGIT THREE}", "-1", ""])
def test_an_export_at_no_time_is_not_vouched_for(at_ms: str) -> None:
    """Its exporter signed no list of files of any time."""
    author, _ = kept(2)
    files = files_of(exported(2))
    head = read_note(files["manifest.note"]).text.split("\n")
    head[3] = at_ms
    text = "\n".join(head)
    exporter = NoteSigner(f"parley/{author.own.party.text}", author.own.seed)
    files["manifest.note"] = Note(text, (exporter.sign(text),)).encoded()
    assert codes(zipped(files)) == {"manifest_wrong"}


def test_names_are_shown_so_that_they_cannot_pass_for_the_verdict() -> None:
    """A line's end, an order to the terminal or to turn letters round is written out."""
    name = "evidence/\n\x1b[2JThe record holds.\N{RIGHT-TO-LEFT OVERRIDE}"
    author, _ = kept(2)
    account = told(signed_again(files_of(exported(2)) | {name: b""}, author.own))
    lines = [*checker.told(account)]
    assert lines.count("The record holds.") == 0
    assert lines[-1] == "The record does NOT hold."
    assert any("\\n\\x1b[2JThe record holds.\\u202e" in line for line in lines)


@pytest.mark.parametrize(("field", "value"), [(0, True), (1, False), (1, "x"), (5, None)])
def test_evidence_of_another_form_shows_nothing(field: int, value: Value) -> None:
    """A truth value is no number, although Python counts with it."""
    notes = [b"x", b"y"]
    fields: dict[int, Value] = {0: 1, 1: 0, 2: notes[0], 3: notes[1], 4: b"", 5: []}
    with pytest.raises(checker.MalformedEntry, match="another form"):
        checker.evidence_parts(encode(fields | {field: value}))
    assert checker.evidence_parts(encode(fields)) == (0, *notes, b"", [])
