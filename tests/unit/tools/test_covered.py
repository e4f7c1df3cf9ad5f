"""The list of files of which every branch is taken."""

import covered
from provision.console import ROOT


def test_every_file_and_every_test_that_is_named_is_there() -> None:
    """A file that was moved would leave the list without a word."""
    assert [
        each for each in (*covered.files(), *covered.tests()) if not (ROOT / each).exists()
    ] == []


def test_a_file_that_no_test_runs_is_found_out() -> None:
    """The report is silent about it, and so would pass."""
    found: dict[str, object] = {"src/parley/record/note.py": {}}
    wanted = ["src/parley/record/note.py", "src/parley/record/tiles.py"]
    assert covered.unseen(found, wanted) == ["src/parley/record/tiles.py"]


def test_less_than_every_branch_fails() -> None:
    """The measurement counts branches, and nothing below all of them passes."""
    said = covered.settings()["coverage"]
    assert said["run"]["branch"] is True
    assert said["report"]["fail_under"] == 100
