"""The count that closes a run of every suite."""

import check
import pytest

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
