"""Sets the repository up and starts what was asked for: `make try`, `make test`, `just setup`.

Run by `tools/bootstrap`, which has found a Python new enough. Standard library only.

    try ARGUMENTS...   set up, then `parley try`
    test ARGUMENTS...  set up, then every check and test (tools/check.py)
    setup              set up for both
    core               the engine alone
    web                the interface alone
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from provision import builds, toolchains
from provision.console import ROOT, Missing, StepFailed, explain, plain, say

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str]) -> int:
    """Do what the first argument names; return the exit status."""
    if not arguments or arguments[0] not in TASKS:
        plain(__doc__ or "")
        return 2
    os.chdir(ROOT)
    task, rest = arguments[0], arguments[1:]
    toolchains.use_own_tools()
    try:
        TASKS[task](rest)
    except (Missing, StepFailed) as failure:
        explain(failure)
        return 1
    except KeyboardInterrupt:
        say("Interrupted. The next run continues from here.")
        return 130
    return 0


def _try(rest: list[str]) -> None:
    _build()
    _become([str(ROOT / ".venv" / "bin" / "parley"), "try", *rest])


def _test(rest: list[str]) -> None:
    _build(_system)
    _become([str(ROOT / ".venv" / "bin" / "python"), "tools/check.py", *rest])


def _setup(_rest: list[str]) -> None:
    _build(_system)
    say("Ready. `just` lists every command (.venv/bin/just if it is not on PATH).")


def _core(_rest: list[str]) -> None:
    toolchains.need_uv()
    toolchains.need_rust()
    _engine_side()


def _web(_rest: list[str]) -> None:
    toolchains.need_uv()
    toolchains.need_node()
    _interface_side()


def _build(*others: Callable[[], None]) -> None:
    """Bring engine and interface up to date, side by side where one waits for the network."""
    builds.room_on_disk()
    toolchains.need_compiler()
    toolchains.need_uv()
    toolchains.need_rust()
    toolchains.need_node()
    sides = (_engine_side, _interface_side, *others)
    failures: list[Missing | StepFailed] = []
    with ThreadPoolExecutor(len(sides)) as pool:
        for side in as_completed([pool.submit(side) for side in sides]):
            try:
                side.result()
            except (Missing, StepFailed) as failure:
                say(f"{failure} could not be done; waiting for what runs beside it")
                failures.append(failure)
    for another in failures[1:]:
        explain(another)
    if failures:
        raise failures[0]


def _engine_side() -> None:
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(builds.crates)
        builds.python_environment()
        fetching.result()
    builds.engine()


def _interface_side() -> None:
    builds.packages()
    builds.interface()


def _system() -> None:
    """Install what tests need of the system; without it they are skipped, and the end says so."""
    for need in (toolchains.need_postgres, toolchains.need_browser_and_namespaces):
        try:
            need()
        except Missing as missing:
            say(f"Missing: {missing.thing}; its tests will be skipped.")
            say(f"Get it with: {missing.command}")


def _become(command: list[str]) -> None:
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - it takes this process's place, signals included


TASKS: dict[str, Callable[[list[str]], None]] = {
    "try": _try,
    "test": _test,
    "setup": _setup,
    "core": _core,
    "web": _web,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
