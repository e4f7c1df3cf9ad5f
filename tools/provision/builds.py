"""What is built from the sources: the Python environment, the engine, the interface."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from pathlib import Path

from . import stamps
from .console import ROOT, Missing, ask, run, say, step

UI = ROOT / "ui"

ENGINE_INPUTS = (
    "crates",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo",
    "pyproject.toml",
)
PYTHON_INPUTS = ("uv.lock", "pyproject.toml")
PACKAGES_INPUTS = ("ui/package.json", "ui/package-lock.json")


def python_environment() -> None:
    """Make `.venv` exactly what uv.lock says."""
    python = _machine_python()
    fingerprint = stamps.digest(PYTHON_INPUTS, python + platform.python_version())
    if stamps.is_current("python", fingerprint, ".venv/bin/python"):
        return
    with step("Python packages (uv sync)", log="python"):
        # The engine is built by `engine`, into the source tree: --inexact leaves it installed.
        # Compiled once here: a node that may not write beside its packages, or was told to keep no
        # bytecode, would compile them anew at every start, which takes twice as long.
        run(
            "python",
            [
                "uv",
                "sync",
                "--locked",
                "--no-install-project",
                "--inexact",
                "--compile-bytecode",
                "--python",
                python,
            ],
        )
    stamps.put("python", fingerprint)


def crates() -> None:
    """Download the crates while nothing else needs the network."""
    fingerprint = stamps.digest(("Cargo.lock",))
    if stamps.is_current("crates", fingerprint):
        return
    with step("Rust crates (cargo fetch)"):
        run("crates", ["cargo", "fetch", "--locked"])
    stamps.put("crates", fingerprint)


def engine() -> None:
    """Compile the engine and install the package in place, so that sources stay editable."""
    fingerprint = stamps.digest(ENGINE_INPUTS, platform.python_version())
    if stamps.is_current("engine", fingerprint, "src/parley/_core.abi3.so", ".venv/bin/parley"):
        return
    with step("Engine (cargo, release; several minutes when cold)", log="engine"):
        run("engine", ["maturin", "develop", "--release", "--locked", "--uv"])
    stamps.put("engine", fingerprint)


def packages() -> None:
    """Install the interface's npm packages as locked; none of them may run a script of its own."""
    _need_lock_in_step()
    fingerprint = stamps.digest(PACKAGES_INPUTS, ask(["node", "--version"]) or "")
    if stamps.is_current("packages", fingerprint, "ui/node_modules"):
        return
    with step("npm packages (npm install, as locked)", log="packages"):
        # Not `npm ci`: a lock made behind a registry that lacks other systems' binaries has no
        # entries for them, which `npm ci` refuses, everywhere. Versions and hashes still come from
        # the lock, and --no-save leaves it as it is.
        options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
        run("packages", ["npm", "install", *options], folder=UI)
    stamps.put("packages", fingerprint)


def interface() -> None:
    """Build the interface that a node serves."""
    fingerprint = stamps.digest(("ui", "protocol"))
    if stamps.is_current("interface", fingerprint, "ui/dist/index.html"):
        return
    with step("Interface (vite build)", log="interface"):
        run("interface", ["npm", "run", "build"], folder=UI)
    stamps.put("interface", fingerprint)


def room_on_disk() -> None:
    """Warn before a build that will not fit."""
    free_gib = shutil.disk_usage(ROOT).free / 2**30
    # A cold release build with its tests takes about 4 GiB, packages and caches about 2 more.
    if free_gib < 8:  # noqa: PLR2004 - the sum above, with a margin
        say(f"Only {free_gib:.1f} GiB free here; a whole build takes about 6 GiB.")


def _need_lock_in_step() -> None:
    """Refuse a package.json whose packages the lock does not have, as `npm ci` would."""
    wanted = json.loads((UI / "package.json").read_text())
    locked = json.loads((UI / "package-lock.json").read_text())["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        if wanted.get(kind, {}) != locked.get(kind, {}):
            command = "cd ui && npm install --ignore-scripts, then commit ui/package-lock.json"
            raise Missing(f"ui/package-lock.json in step with the {kind} of package.json", command)


def _machine_python() -> str:
    """Return the interpreter under any virtual environment that this runs in."""
    major, minor = sys.version_info[:2]
    base = Path(sys.base_prefix) / "bin" / f"python{major}.{minor}"
    return str(base) if base.exists() else sys.executable
