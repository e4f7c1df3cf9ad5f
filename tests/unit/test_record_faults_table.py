"""The table of what the record must stand names tests that exist, and says where there is none."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "concepts" / "record-faults.md"
SIMULATIONS = ROOT / "tests" / "simulations"
CRASH = ROOT / "tests" / "crash"
CONTRACTS = ROOT / "tests" / "contracts"
RECORD = ROOT / "tests" / "unit" / "record"
LINE = ROOT / "crates" / "parley-line" / "tests"
FILES = {
    "A": SIMULATIONS / "test_record_nodes.py",
    "B": SIMULATIONS / "test_record_histories.py",
    "C": SIMULATIONS / "test_record_restores.py",
    "D": SIMULATIONS / "test_record_rotation.py",
    "O": SIMULATIONS / "test_record.py",
    "Y": SIMULATIONS / "test_record_blobs.py",
    "Z": SIMULATIONS / "test_pairing.py",
    "E": CRASH / "test_failing_disk.py",
    "F": CRASH / "test_hard_times.py",
    "G": CRASH / "test_power_loss.py",
    "H": CRASH / "test_kill.py",
    "I": ROOT / "tests" / "unit" / "node" / "test_troubles.py",
    "J": CONTRACTS / "test_backup.py",
    "K": CONTRACTS / "test_database.py",
    "L": CONTRACTS / "test_blobs.py",
    "X": CONTRACTS / "test_deadlines.py",
    "M": RECORD / "test_mirror.py",
    "N": RECORD / "test_cbor.py",
    "P": RECORD / "test_letters.py",
    "Q": RECORD / "test_keeping.py",
    "R": RECORD / "test_log.py",
    "S": RECORD / "test_entry.py",
    "V": ROOT / "tests" / "unit" / "test_verify.py",
    "W": ROOT / "tests" / "unit" / "test_foreign_bytes.py",
    "T": LINE / "resilience.rs",
    "U": LINE / "keys.rs",
}
NAMED = re.findall(r"\b([A-Z]) `(\w+)`", TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_test_that_the_table_names_exists(file: str, name: str) -> None:
    """In the file that its letter stands for."""
    text = FILES[file].read_text(encoding="utf-8")
    assert re.search(rf"^(async )?(def|fn) {name}\(", text, re.MULTILINE), f"{FILES[file]}: {name}"


def test_the_table_has_all_four_groups_and_says_what_is_missing() -> None:
    """A line names a test, or says that there is none."""
    text = TABLE.read_text(encoding="utf-8")
    assert re.findall(r"^## (\d)", text, re.MULTILINE) == list("1234")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "|---" not in line]
    for row in rows:
        held = row.split("|")[2]
        assert "held by" in held or "`" in held or "no test" in held, row
