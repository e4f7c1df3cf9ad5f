"""All that CI runs, in CI's order: what reads the code, then what runs it, then real browsers.

Two tracks run side by side, one for each processor of a small machine: the first compiles, and then
takes what is left of the second one's list. End to end there is real time. Tests that only wait for
a node or a page run beside those of the interface; calls, whose pictures and sound come by the
second, run alone (decision 0043). Each step's whole output is in `.parley/log/<step>.log`; a failed
step shows its end. The last lines name the tests that failed and count the tests of all suites.

Real time is not repeatable: what fails end to end runs a second time, alone, at the end. What fails
twice has failed; what fails once is named as having done so (decision 0085).

    python3 tools/check.py            everything
    python3 tools/check.py --list     the steps' names
    python3 tools/check.py NAME...    these steps
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import covered
from provision import machine, toolchains
from provision.console import LOGS, ROOT, StepFailed, plain, run, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CARGO = ("--release", "--workspace", "--locked")
PYTHON = str(ROOT / ".venv" / "bin" / "python")

# Enough of a failed test run to see the first failures and the summary.
FAILURE_LINES = 150


@dataclass(frozen=True)
class Step:
    """One command of the whole check."""

    name: str
    command: Sequence[str]
    folder: str = "."
    counts: str = ""
    again: Callable[[str], Sequence[str]] | None = None
    """From a run's output to the command that runs once more what failed; empty when nobody can."""


def _files_again(output: str) -> Sequence[str]:
    """Run the files again in which a browser test failed: its groups build on one another."""
    files = sorted({name.split()[0] for name in failed_tests("vitest", output)})
    return (*INTERFACE_AS_BUILT, "--", *files) if files else ()


def _tests_again(output: str) -> Sequence[str]:
    """Run the end-to-end tests again that failed."""
    names = [line.partition(" - ")[0] for line in failed_tests("pytest", output)]
    return (*END_TO_END_TEST, *names) if names else ()


def _tests_but(*folders: str) -> list[str]:
    """Return the folders of tests, without some and without what they share."""
    every = sorted(each for each in (ROOT / "tests").iterdir() if each.is_dir())
    return [
        str(each.relative_to(ROOT))
        for each in every
        if each.name not in {*folders, "__pycache__"} and any(each.rglob("test_*.py"))
    ]


PYTEST = ("pytest", "-m", "not e2e", *(f"--ignore={each}" for each in covered.tests()))
INTERFACE_END_TO_END = ("npm", "run", "e2e")
# The same without a build of its own, for a run in which `interface-check` has made one.
INTERFACE_AS_BUILT = ("npm", "run", "then:e2e")
END_TO_END_TEST = ("pytest", "--force-enable-socket", "-p", "no:randomly", "--timeout=300")
COMPILED = (
    Step("rustfmt", ("cargo", "fmt", "--all", "--check")),
    Step("crates", (PYTHON, "tools/crates.py")),
    Step("layers", (PYTHON, "tools/layers.py")),
    Step("clippy", ("cargo", "clippy", *CARGO, "--all-targets", "--", "-D", "warnings")),
    Step("cargo-test", ("cargo", "test", *CARGO, "--no-fail-fast"), counts="cargo"),
    Step("rustdoc", ("cargo", "doc", *CARGO, "--no-deps")),
)
# First what is quick to fail, then the longest: the shorter the last ones, the less does one
# processor wait for the other at the end.
OTHERS = (
    Step("codespell", ("codespell",)),
    Step("glossary", (PYTHON, "tools/glossary.py")),
    Step("refs", (PYTHON, "tools/refs.py", "--check")),
    Step("documents", (PYTHON, "tools/documents.py")),
    Step("reference", (PYTHON, "tools/reference.py", "--check")),
    Step("ruff-format", ("ruff", "format", "--check")),
    Step("ruff", ("ruff", "check")),
    Step("deptry", ("deptry", ".")),
    Step("import-linter", ("lint-imports", "--no-logo")),
    Step("mypy", ("mypy",)),
    Step(
        "stubs",
        (
            PYTHON,
            "-m",
            "mypy.stubtest",
            "parley._core",
            "--ignore-disjoint-bases",
            "--allowlist",
            "tools/stubtest-allowlist.txt",
        ),
    ),
    Step("interface-check", ("npm", "run", "check"), folder="ui", counts="vitest"),
    Step("covered", (PYTHON, "tools/covered.py"), counts="pytest"),
    Step("pytest-unit", (*PYTEST, "--ignore=tests/unit/web", "tests/unit"), counts="pytest"),
    Step("pytest-simulations", (*PYTEST, "tests/simulations"), counts="pytest"),
    Step("pytest-web", (*PYTEST, "tests/unit/web"), counts="pytest"),
    Step("pytest-whole", (*PYTEST, *_tests_but("unit", "simulations", "e2e")), counts="pytest"),
)
WAITING = (
    Step("interface-end-to-end", INTERFACE_END_TO_END, "ui", "vitest", _files_again),
    Step(
        "end-to-end",
        (*END_TO_END_TEST, "-m", "e2e and not calls", "tests/e2e"),
        counts="pytest",
        again=_tests_again,
    ),
)
CALLS = (
    Step(
        "end-to-end-calls",
        (*END_TO_END_TEST, "-m", "e2e and calls", "tests/e2e"),
        counts="pytest",
        again=_tests_again,
    ),
)
EVERY = (*OTHERS, *COMPILED, *WAITING, *CALLS)

COUNTS = {
    "pytest": re.compile(r"(?P<n>\d+) (?P<what>passed|failed|error|skipped)"),
    "cargo": re.compile(r"(?P<n>\d+) (?P<what>passed|failed|ignored);"),
    "vitest": re.compile(r"(?P<n>\d+) (?P<what>passed|failed|skipped)\b"),
}
CLOSING = {
    "pytest": re.compile(r"^=*\s*(?:\d+ \w+(?:, )?)+ in [\d.]+s.*$", re.MULTILINE),
    "cargo": re.compile(r"^test result: .*$", re.MULTILINE),
    "vitest": re.compile(r"^\s*Tests\s+.*$", re.MULTILINE),
}
FAILED_TEST = {
    "pytest": re.compile(r"^(?:FAILED|ERROR) (?P<test>tests/.+)$", re.MULTILINE),
    "cargo": re.compile(r"^test (?P<test>\S+) \.\.\. FAILED$", re.MULTILINE),
    "vitest": re.compile(r"^\s*FAIL\s+(?:\|?\w+\|?\s+)?(?P<test>\S+\.tsx?\b.*)$", re.MULTILINE),
}
# What the last lines say of a failed test: its name and the beginning of why.
NAME_CHARACTERS = 220
NAMES_MAX = 20
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Outcome:
    """How one step ended."""

    step: Step
    seconds: float
    failure: StepFailed | None
    tests: dict[str, int]
    failed: Sequence[str] = ()
    """The tests that failed, each with the beginning of its reason."""
    failed_once: Sequence[str] = ()
    """Those that failed at first and passed when they ran again."""
    again: Sequence[str] = ()
    """The command that runs once more what failed, until it has run."""


def main(arguments: list[str]) -> int:
    """Run the steps; return how a shell should take it."""
    os.chdir(ROOT)
    toolchains.use_own_tools()
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    # Hundreds of nodes start in the tests: none of them needs to compile the package anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["RUSTDOCFLAGS"] = "-D warnings"
    os.environ["PARLEY_CHROMIUM"] = toolchains.find_chromium() or ""
    names = {step.name for step in EVERY}
    if "--list" in arguments:
        plain("\n".join(step.name for step in EVERY))
        return 0
    chosen = set(arguments) or names
    unknown = chosen - names
    if unknown:
        plain(f"No such step: {', '.join(sorted(unknown))}. See --list.")
        return 2
    real_time = {step.name for step in (*WAITING, *CALLS)}
    reason = _cannot_run_browsers() if chosen & real_time else ""
    outcomes = _run_all(chosen - real_time if reason else chosen)
    return _close(outcomes, reason)


def _run_all(chosen: set[str]) -> list[Outcome]:
    def of(steps: Iterable[Step]) -> list[Step]:
        return [step for step in steps if step.name in chosen]

    waiting = of(WAITING)
    if "interface-check" in chosen:
        waiting = [
            replace(step, command=INTERFACE_AS_BUILT)
            if step.command == INTERFACE_END_TO_END
            else step
            for step in waiting
        ]
    outcomes = _side_by_side(of(COMPILED), of(OTHERS))
    outcomes += _side_by_side([], waiting)
    outcomes += [run_step(step) for step in of(CALLS)]
    return [run_again(outcome) for outcome in outcomes]


def _side_by_side(first: Sequence[Step], others: Sequence[Step]) -> list[Outcome]:
    """Run some steps in order and others beside them; who is done first takes the next of these."""
    left = deque(others)

    def track(own: Iterable[Step]) -> list[Outcome]:
        outcomes = [run_step(step) for step in own]
        while True:
            try:
                step = left.popleft()
            except IndexError:
                return outcomes
            outcomes.append(run_step(step))

    with ThreadPoolExecutor(2) as pool:
        tracks = [pool.submit(track, first), pool.submit(track, ())]
    return [outcome for side in tracks for outcome in side.result()]


def run_step(step: Step) -> Outcome:
    """Run a step; one that can run once more says only later how it ended."""
    began = time.monotonic()
    say(f"{step.name} ...")
    failure, output = _attempt(step.name, step, step.command)
    failed = failed_tests(step.counts, output)
    again = step.again(output) if failure and step.again else ()
    seconds = time.monotonic() - began
    outcome = Outcome(step, seconds, failure, count(step, output), failed, again=again)
    if again:
        say(f"{step.name}: {len(failed)} failed in {seconds:.1f} s; they run once more at the end")
    else:
        _report(outcome)
    return outcome


def run_again(first: Outcome) -> Outcome:
    """Run once more what failed in a step, if it can; nothing may run beside it."""
    if not first.again:
        return first
    step, began = first.step, time.monotonic()
    say(f"{step.name}, once more ...")
    failure, output = _attempt(f"{step.name}-again", step, first.again)
    failed_once = () if failure else first.failed
    outcome = replace(
        first,
        seconds=first.seconds + time.monotonic() - began,
        failure=failure,
        tests={
            **first.tests,
            "passed": first.tests["passed"] + len(failed_once),
            "failed": count(step, output)["failed"] if failure else 0,
        },
        failed=failed_tests(step.counts, output),
        failed_once=failed_once,
        again=(),
    )
    _report(outcome)
    return outcome


def _attempt(name: str, step: Step, command: Sequence[str]) -> tuple[StepFailed | None, str]:
    failure = None
    try:
        run(name, command, folder=ROOT / step.folder)
    except StepFailed as failed:
        failure = failed
    return failure, (LOGS / f"{name}.log").read_text(errors="replace")


def _report(outcome: Outcome) -> None:
    counted = ", ".join(f"{count} {what}" for what, count in outcome.tests.items() if count)
    ending = "FAILED" if outcome.failure else "ok"
    counts = f" ({counted})" if counted else ""
    say(f"{outcome.step.name}: {ending} in {outcome.seconds:.1f} s{counts}")
    if outcome.failure:
        lines = outcome.failure.log.read_text(errors="replace").splitlines()[-FAILURE_LINES:]
        plain("\n".join(f"  {outcome.step.name} | {line}" for line in lines))


def count(step: Step, output: str) -> dict[str, int]:
    """Add up what a test runner's closing lines say."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    if not step.counts:
        return totals
    names = {"error": "failed", "ignored": "skipped"}
    for line in CLOSING[step.counts].findall(ANSI.sub("", output)):
        for found in COUNTS[step.counts].finditer(line):
            totals[names.get(found["what"], found["what"])] += int(found["n"])
    return totals


def failed_tests(runner: str, output: str) -> list[str]:
    """Return the tests that a test runner's output says failed, each once, in order."""
    pattern = FAILED_TEST.get(runner)
    names = pattern.findall(ANSI.sub("", output)) if pattern else []
    return list(dict.fromkeys(name.strip() for name in names))


def _cannot_run_browsers() -> str:
    """Return why the end-to-end tests cannot run here, or nothing."""
    if not machine.is_root():
        return "they make network namespaces, which takes root: sudo make test"
    if toolchains.find_chromium() is None:
        return f"Chromium is missing: {machine.install_command([machine.CHROMIUM])}"
    return ""


def _close(outcomes: list[Outcome], no_browsers: str) -> int:
    failed = [outcome for outcome in outcomes if outcome.failure]
    plain()
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.seconds):
        ending = "FAILED" if outcome.failure else "ok    "
        plain(f"  {outcome.seconds:7.1f} s  {ending}  {outcome.step.name}")
    if no_browsers:
        plain(f"\nNOT RUN: the end-to-end tests with a real browser; {no_browsers}")
    _name_tests("Failed once, passed the second time", (o.failed_once for o in outcomes))
    _name_tests("Failed", (outcome.failed for outcome in outcomes))
    if failed:
        plain(f"\nFailed: {', '.join(outcome.step.name for outcome in failed)}")
        plain(f"Again: python3 tools/check.py {' '.join(outcome.step.name for outcome in failed)}")
    sums = {
        what: sum(outcome.tests.get(what, 0) for outcome in outcomes)
        for what in ("passed", "failed", "skipped")
    }
    plain(f"\n{sums['passed']} passed, {sums['failed']} failed, {sums['skipped']} skipped")
    return 1 if failed else 0


def _name_tests(title: str, of_steps: Iterable[Sequence[str]]) -> None:
    names = [name for names in of_steps for name in names]
    if names:
        plain(f"\n{title}:")
    for name in names[:NAMES_MAX]:
        plain(f"  {name[:NAME_CHARACTERS]}")
    if len(names) > NAMES_MAX:
        plain(f"  and {len(names) - NAMES_MAX} more")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
