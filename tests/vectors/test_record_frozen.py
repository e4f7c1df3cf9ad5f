"""Exports of logs that a party's root froze, with what is told of each, for other verifiers.

``tools/record_vectors.py`` wrote them; ``ui/src/record`` must tell the same.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path

from parley import verify

FILE = Path(__file__).parents[2] / "protocol" / "vectors" / "record" / "frozen.zip"


def test_a_frozen_log_is_told_as_it_is_written_down() -> None:
    """A stolen key's log that stopped, one that a thief went on with, and one falsely called so."""
    with zipfile.ZipFile(FILE) as archive:
        cases = json.loads(archive.read("cases.json"))
        exports = {name: archive.read(f"{name}.zip") for name in cases}
    assert sorted(cases) == ["beyond", "false", "frozen"]
    for name, case in cases.items():
        account = verify.verify(io.BytesIO(exports[name]), set())
        assert [each["code"] for each in verify.rows_of(account, "findings")] == case["codes"]
        told = json.dumps(account, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(told.encode()).hexdigest() == case["account"]
