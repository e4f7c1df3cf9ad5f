"""The count that closes a run of every suite."""

import re
from pathlib import Path

import check
import pytest
from provision import console

OUTPUTS = [
    ("pytest", "====== 3 failed, 120 passed, 2 skipped in 4.20s ======", (120, 3, 2)),
    ("pytest", "7 passed in 0.10s", (7, 0, 0)),
    ("pytest", "1 passed, 1 error in 0.10s", (1, 1, 0)),
    ("cargo", "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured", (12, 0, 1)),
    ("vitest", "      Tests  2 failed | 40 passed (42)", (40, 2, 0)),
    (
        "vitest",
        "\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m40 passed\x1b[39m\x1b[22m (40)",
        (40, 0, 0),
    ),
]


@pytest.mark.parametrize(("runner", "output", "counts"), OUTPUTS)
def test_closing_line_of_each_runner_is_counted(
    runner: str, output: str, counts: tuple[int, int, int]
) -> None:
    """Passed, failed and skipped, whatever the runner calls them."""
    step = check.Step("suite", ("true",), counts=runner)

    found = check.count(step, f"collected\n{output}\n")

    assert (found["passed"], found["failed"], found["skipped"]) == counts


def test_lines_of_several_test_programs_are_added_up() -> None:
    """Cargo closes each test program with a line of its own."""
    step = check.Step("suite", ("true",), counts="cargo")
    line = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\n"

    assert check.count(step, line * 3)["passed"] == 6


def test_step_that_runs_no_tests_counts_none() -> None:
    """A linter's words are not taken for tests."""
    assert sum(check.count(check.Step("ruff", ("true",)), "3 passed in 1s").values()) == 0


FAILURES = [
    (
        "pytest",
        "FAILED tests/e2e/test_call.py::test_cut[10] - NotInTime: north: the line stays cut",
        "tests/e2e/test_call.py::test_cut[10] - NotInTime: north: the line stays cut",
    ),
    ("pytest", "ERROR tests/e2e/test_lab.py::test_wire", "tests/e2e/test_lab.py::test_wire"),
    ("cargo", "test rate::tests::a_dip ... FAILED", "rate::tests::a_dip"),
    (
        "vitest",
        "\x1b[41m FAIL \x1b[49m \x1b[30m e2e \x1b[49m\x1b[39m testing/a.e2e.ts > fits",
        "testing/a.e2e.ts > fits",
    ),
]


@pytest.mark.parametrize(("runner", "output", "name"), FAILURES)
def test_failed_tests_of_each_runner_are_named_once(runner: str, output: str, name: str) -> None:
    """A runner may tell a failure twice: where it happened and at its end."""
    assert check.failed_tests(runner, f"before\n{output}\nbetween\n{output}\n") == [name]


def _step(folder: Path, *, passes_at: int) -> check.Step:
    """Make a step that fails until it has run so often; it says so as pytest does."""
    script = folder / "suite.sh"
    script.write_text(
        f"echo >> {folder}/runs\n"
        f"if [ $(wc -l < {folder}/runs) -ge {passes_at} ]; then echo '1 passed in 1s'; exit 0; fi\n"
        "echo 'FAILED tests/t.py::test_x - late'; echo '1 failed, 2 passed in 1s'; exit 1\n"
    )
    command = ("sh", str(script))
    return check.Step("suite", command, ".", "pytest", lambda _: command)


@pytest.mark.parametrize(("passes_at", "runs"), [(1, 1), (2, 2), (3, 2)])
def test_what_fails_twice_has_failed_and_what_fails_once_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passes_at: int, runs: int
) -> None:
    """A failure is never hidden, and nothing runs a third time."""
    monkeypatch.setattr(check, "LOGS", tmp_path)
    monkeypatch.setattr(console, "LOGS", tmp_path)
    name = "tests/t.py::test_x - late"

    outcome = check.run_again(check.run_step(_step(tmp_path, passes_at=passes_at)))

    assert len((tmp_path / "runs").read_text().splitlines()) == runs
    assert bool(outcome.failure) == (passes_at > 2)
    assert list(outcome.failed) == [name] * (passes_at > 2)
    assert list(outcome.failed_once) == [name] * (passes_at == 2)
    assert outcome.tests["failed"] == (1 if passes_at > 2 else 0)


def test_every_step_runs_once_and_those_in_order_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the two sides takes it."""
    monkeypatch.setattr(check, "LOGS", tmp_path)
    monkeypatch.setattr(console, "LOGS", tmp_path)
    ran = tmp_path / "ran"

    def step(name: str) -> check.Step:
        return check.Step(name, ("sh", "-c", f"echo {name} >> {ran}"))

    first, others = ["a1", "a2"], [f"b{number}" for number in range(7)]
    outcomes = check._side_by_side([step(each) for each in first], [step(each) for each in others])

    assert sorted(outcome.step.name for outcome in outcomes) == [*first, *others]
    names = ran.read_text().split()
    assert sorted(names) == [*first, *others]
    assert names.index("a1") < names.index("a2")


def test_every_test_is_in_a_step() -> None:
    """A folder or a marker that no step takes would be a test that never runs."""
    commands = [" ".join(step.command) for step in check.EVERY if step.counts == "pytest"]
    folders = {each.parent for each in (console.ROOT / "tests").rglob("test_*.py")}
    for folder in sorted(str(each.relative_to(console.ROOT)) for each in folders):
        top = "/".join(folder.split("/")[:2])
        assert any(top in command.split() for command in commands), folder
    ends = [command for command in commands if "tests/e2e" in command]
    assert [("e2e and not calls" in each, "e2e and calls" in each) for each in ends] == [
        (True, False),
        (False, True),
    ]
    assert any(each.split()[-1] == "tests/unit/web" for each in commands)
    marked = {
        each.parent.name
        for each in (console.ROOT / "tests").rglob("test_*.py")
        if re.search(r"pytest\.mark\.e2e", each.read_text())
    }
    assert marked == {"e2e"}
