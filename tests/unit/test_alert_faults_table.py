"""The table of what alerts must stand names tests that exist, and every test made for it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "concepts" / "alert-faults.md"
FOLDER = ROOT / "tests" / "simulations"
LINE = ROOT / "crates" / "parley-line" / "tests"
FILES = {
    "H": FOLDER / "test_alerts.py",
    "R": FOLDER / "test_record_nodes.py",
    "N": FOLDER / "test_alert_faults_network.py",
    "K": FOLDER / "test_alert_faults_crash.py",
    "C": FOLDER / "test_alert_faults_clocks.py",
    "L": FOLDER / "test_alert_faults_lies.py",
    "P": FOLDER / "test_alert_faults_poison.py",
    "O": FOLDER / "test_alert_faults_people.py",
    "S": FOLDER / "test_alert_faults_politics.py",
    "D": ROOT / "tests" / "contracts" / "test_deadline_instants.py",
    "E": ROOT / "tests" / "e2e" / "test_faults.py",
    "Z": ROOT / "tests" / "e2e" / "test_narrow_path.py",
    "X": ROOT / "tests" / "crash" / "test_failing_disk.py",
    "Y": ROOT / "tests" / "crash" / "test_power_loss.py",
    "F": ROOT / "tests" / "unit" / "crisis" / "notifications" / "test_check.py",
    "G": ROOT / "tests" / "unit" / "crisis" / "calls" / "test_call_matter.py",
    "Q": ROOT / "tests" / "unit" / "crisis" / "checks" / "test_suspension.py",
    "M": ROOT / "tests" / "unit" / "crisis" / "escalation" / "test_roster.py",
    "A": ROOT / "tests" / "e2e" / "test_alert_isolation.py",
    "B": FOLDER / "test_escalation.py",
    "J": ROOT / "tests" / "unit" / "crisis" / "test_projection.py",
    "U": ROOT / "tests" / "unit" / "crisis" / "duty" / "test_service.py",
    "W": ROOT / "tests" / "unit" / "web" / "test_crises.py",
    "AA": ROOT / "tests" / "contracts" / "test_record.py",
    "AB": ROOT / "tests" / "unit" / "record" / "test_line_agreement.py",
    "AC": ROOT / "tests" / "unit" / "web" / "test_duress.py",
    "I": ROOT / "tests" / "unit" / "testing" / "test_invariants.py",
    "T": LINE / "letters.rs",
    "V": LINE / "resilience.rs",
}
NAMED = re.findall(r"\b([A-Z]{1,2}) `(\w+)`", TABLE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_a_test_that_the_table_names_exists(file: str, name: str) -> None:
    """In the file that its letter stands for."""
    text = FILES[file].read_text(encoding="utf-8")
    assert re.search(rf"^(async )?(def|fn) {name}\(", text, re.MULTILINE), f"{FILES[file]}: {name}"


@pytest.mark.parametrize("file", sorted("NKCLPOSA"))
def test_a_test_made_for_the_table_is_in_it(file: str) -> None:
    """Or nobody knows what it holds."""
    text = FILES[file].read_text(encoding="utf-8")
    made = re.findall(r"^(?:async )?def (test_\w+)\(", text, re.MULTILINE)
    assert made
    assert set(made) <= {name for letter, name in NAMED if letter == file}


def test_the_table_has_all_eight_groups_and_says_what_is_missing() -> None:
    """A line names a test, a drill, or that there is none."""
    text = TABLE.read_text(encoding="utf-8")
    assert re.findall(r"^## (\d)", text, re.MULTILINE) == list("12345678")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "|---" not in line]
    for row in rows:
        held = row.split("|")[2]
        is_head = "held by" in held
        assert is_head or "`" in held or "no test" in held, row
