"""Run the tests of the files in tools/covered.toml; fail if a branch of theirs is not taken.

    python3 tools/covered.py            the tests, then the report
    python3 tools/covered.py --list     the tests' paths

These tests run here and not with the others, so that only they pay for being watched. Nothing is
left to chance: the tests run in their order, and generated examples are the same each time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import Any

from provision.console import ROOT, plain

CONFIG = ROOT / "tools" / "covered.toml"
FOUND = ROOT / ".parley" / "covered.json"
COVERAGE = (sys.executable, "-m", "coverage")
PYTEST = (
    *("pytest", "-m", "not e2e", "-p", "no:randomly", "--hypothesis-seed=1"),
    # A test takes longer while it is watched.
    "--timeout=120",
)


def settings() -> dict[str, Any]:
    """Return what tools/covered.toml says."""
    tools: dict[str, Any] = tomllib.loads(CONFIG.read_text())["tool"]
    return tools


def tests() -> list[str]:
    """Return the paths of the tests that are run here."""
    return [str(each) for each in settings()["covered"]["tests"]]


def files() -> list[str]:
    """Return the files of which every branch must be taken."""
    return [str(each) for each in settings()["coverage"]["run"]["include"]]


def main(arguments: list[str]) -> int:
    """Run and report; return how a shell should take it."""
    if "--list" in arguments:
        plain("\n".join(tests()))
        return 0
    FOUND.parent.mkdir(exist_ok=True)
    status = _coverage("run", "-m", *PYTEST, *tests())
    if status:
        return status
    _coverage("json", "-q", "-o", str(FOUND))
    missing = unseen(json.loads(FOUND.read_text())["files"], files())
    if missing:
        plain(f"No test of tools/covered.toml runs {', '.join(missing)}.")
        return 1
    return _coverage("report")


def unseen(found: dict[str, Any], wanted: list[str]) -> list[str]:
    """Return the files that were not even imported: a report says nothing of them."""
    return [each for each in wanted if each not in found]


def _coverage(what: str, *rest: str) -> int:
    command = (*COVERAGE, what, f"--rcfile={CONFIG}", *rest)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
