"""Exports honest and tampered, with what is told of each, for verifiers in other languages.

``tools/record_tamperings.py`` wrote it from ``src/parley/verify.py``; ``ui/src/record`` must tell
the same of every export. Here it is held that the file is still what this verifier tells.
"""

import functools
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from parley import verify

FILE = Path(__file__).parents[2] / "protocol" / "vectors" / "record" / "tamperings.zip"


@functools.cache
def cases() -> list[Any]:
    """Return every case of the file."""
    with zipfile.ZipFile(FILE) as archive:
        return list(json.loads(archive.read("cases.json")))


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    """Return what lies in the file."""
    with zipfile.ZipFile(FILE) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("number", range(len(cases())))
def test_an_export_is_told_as_it_is_written_down(number: int, contents: dict[str, bytes]) -> None:
    """Verdict, findings in their order, and the account byte for byte."""
    case = cases()[number]
    export = io.BytesIO(export_of(case, contents))
    try:
        account = verify.verify(export, set(case["trusted"]), lists_all=case["lists_all"])
    except verify.UnreadableExport:
        assert case["verdict"] == verify.UNREADABLE
        return
    assert account["verdict"] == case["verdict"]
    assert [each["code"] for each in verify.rows_of(account, "findings")] == case["codes"]
    if "account" in case:
        told = json.dumps(account, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(told.encode()).hexdigest() == case["account"]


def export_of(case: dict[str, Any], contents: dict[str, bytes]) -> bytes:
    """Return the export that a case describes."""
    if "files" in case:
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w") as archive:
            for name, place in case["files"].items():
                archive.writestr(name, contents[place])
        return into.getvalue()
    export = bytearray(contents[case["zip"]])
    if "cut" in case:
        return bytes(export[: case["cut"]])
    if "patch" in case:
        start, end, instead = case["patch"]
        export[start:end] = bytes.fromhex(instead)
        return bytes(export)
    at, mask = case["flip"]
    export[at] ^= mask
    return bytes(export)
