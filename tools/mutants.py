"""Change a core one place at a time and see whether a test notices (quality goal Q1).

    python3 tools/mutants.py              the cores of tools/mutants.toml
    python3 tools/mutants.py CORE         its score, and every change that no test noticed
    python3 tools/mutants.py CORE FILE    of one file alone

mutmut makes the changes and runs the tests, in a copy of the tree, so nothing here is ever changed.
It takes minutes: run it at a low priority. `.parley/mutants/CORE` keeps the copy; there `python -m
mutmut show NAME` tells what a change was.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from provision.console import ROOT, Missing, StepFailed, ask, explain, plain, run, step
from provision.toolchains import TOOLS

CONFIG = ROOT / "tools" / "mutants.toml"
FOLDER = ROOT / ".parley" / "mutants"
LIBRARY = TOOLS / "mutmut"
REQUIREMENT = "mutmut==3.8.1"
COPIED = ("src", "tests", "tools", "benches", "protocol")
NOTICED = frozenset({"killed", "timeout", "segfault", "suspicious"})
"""What became of a change that is not in the tree any more: a test failed, or never ended."""
WANTED = 90.0
"""Per cent of the changes that tests must notice."""
PYTEST = ("-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-seed=1", "-q")


def cores() -> dict[str, dict[str, list[str]]]:
    """Return what tools/mutants.toml says."""
    found: dict[str, dict[str, list[str]]] = tomllib.loads(CONFIG.read_text())
    return found


def main(arguments: list[str]) -> int:
    """Measure one core; return how a shell should take it."""
    known = cores()
    if not arguments or arguments[0] not in known:
        plain(f"Name one of: {', '.join(known)}")
        return 0 if not arguments else 2
    name, core = arguments[0], known[arguments[0]]
    try:
        if not LIBRARY.exists():
            run(
                "mutmut", ["uv", "pip", "install", "--quiet", "--target", str(LIBRARY), REQUIREMENT]
            )
        folder = _copy(name, arguments[1:] or core["files"], core["tests"])
        with step(f"Changes of {name}", f"mutants-{name}"):
            command = [sys.executable, "-m", "mutmut", "run"]
            run(f"mutants-{name}", command, environment=_environment(folder), folder=folder)
    except (Missing, StepFailed) as failure:
        explain(failure)
        return 2
    return _report(name, verdicts(folder))


def verdicts(folder: Path) -> dict[str, str]:
    """Return what became of each change, by its name."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    told = ask(command, _environment(folder), folder=folder) or ""
    pairs = (line.strip().partition(": ") for line in told.splitlines())
    return {name: verdict for name, found, verdict in pairs if found}


def score(found: dict[str, str]) -> float:
    """Return how many of a hundred changes the tests noticed."""
    return 100 * sum(verdict in NOTICED for verdict in found.values()) / max(1, len(found))


def _report(core: str, found: dict[str, str]) -> int:
    for name, verdict in found.items():
        if verdict not in NOTICED:
            plain(f"{verdict}: {name}")
    counts = dict(Counter(found.values()))
    plain(f"{core}: {score(found):.1f} % of {len(found)} changes noticed {json.dumps(counts)}")
    return 0 if found and score(found) >= WANTED else 1


def _copy(core: str, files: list[str], tests: list[str]) -> Path:
    """Copy the tree to where it may be changed, with mutmut's settings."""
    folder = FOLDER / core
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    settings: dict[str, Any] = {
        "source_paths": ["src"],
        "only_mutate": files,
        "also_copy": [name for name in COPIED if name not in {"src", "tests"}],
        "pytest_add_cli_args": [*PYTEST],
        "pytest_add_cli_args_test_selection": tests,
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    before = (ROOT / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text("\n".join((before, "[tool.mutmut]", *lines, "")))
    return folder


def _environment(folder: Path) -> dict[str, str]:
    """Import the changed code, and mutmut."""
    return {"PYTHONPATH": os.pathsep.join([str(folder / "mutants" / "src"), str(LIBRARY)])}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
