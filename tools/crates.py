"""Holds every crate of the build to deny.toml: licences, sources, bans.

`cargo deny check` does more (advisories) and takes minutes to compile; this reads the same file
with nothing installed, so that every build is checked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


class Dependency(TypedDict):
    """What a crate asks for."""

    name: str
    req: str
    path: str | None


class Crate(TypedDict):
    """One crate as `cargo metadata` describes it; `source` is None for our own."""

    id: str
    name: str
    version: str
    license: str | None
    source: str | None
    dependencies: list[Dependency]


def main() -> int:
    """Print what deny.toml does not allow; return how a shell should take it."""
    policy = tomllib.loads((ROOT / "deny.toml").read_text())
    allowed = set(policy["licenses"]["allow"])
    banned = {item["crate"] for item in policy["bans"]["deny"]}
    crates = read_crates()
    findings = [finding for crate in crates for finding in _judge(crate, allowed, banned)]
    for finding in findings:
        print(finding)
    print(f"crates: {len(crates)} crates, {len(findings)} findings; twice: {_twice(crates)}")
    return 1 if findings else 0


def read_crates() -> list[Crate]:
    """Return every crate that is compiled for this machine's kind of system."""
    metadata = read_metadata()
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    return cast("list[Crate]", [crate for crate in metadata["packages"] if crate["id"] in used])


def read_metadata() -> dict[str, Any]:
    """Return what cargo says of all crates and of what each needs, on this kind of system."""
    host = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    target = re.findall(r"^host: (.*)$", host, flags=re.MULTILINE)[0]
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    command += ["--filter-platform", target]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return cast("dict[str, Any]", json.loads(answer.stdout))


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Evaluate an SPDX expression: OR needs one side, AND both, WITH is part of a name.

    >>> is_allowed("(MIT OR GPL-3.0) AND ISC", {"MIT", "ISC"})
    True
    """
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    value, rest = _either(tokens, allowed)
    if rest:
        raise ValueError(expression)
    return value


def _judge(crate: Crate, allowed: set[str], banned: set[str]) -> Iterator[str]:
    name = f"{crate['name']} {crate['version']}"
    if not crate["license"] or not is_allowed(crate["license"], allowed):
        yield f"{name}: licence {crate['license']} is not in deny.toml"
    if crate["name"] in banned:
        yield f"{name}: banned in deny.toml"
    if crate["source"] is None:
        yield from (
            f"{name}: asks for any version of {dependency['name']}"
            for dependency in crate["dependencies"]
            if dependency["req"] == "*" and dependency["path"] is None
        )
    elif crate["source"] != DEFAULT_REGISTRY:
        yield f"{name}: comes from {crate['source']}"


def _either(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    value, tokens = _both(tokens, allowed)
    while tokens[:1] == ["OR"]:
        other, tokens = _both(tokens[1:], allowed)
        value = value or other
    return value, tokens


def _both(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    value, tokens = _one(tokens, allowed)
    while tokens[:1] == ["AND"]:
        other, tokens = _one(tokens[1:], allowed)
        value = value and other
    return value, tokens


def _one(tokens: list[str], allowed: set[str]) -> tuple[bool, list[str]]:
    if tokens[0] == "(":
        value, rest = _either(tokens[1:], allowed)
        return value, rest[1:]
    if tokens[1:2] == ["WITH"]:
        return " ".join(tokens[:3]) in allowed, tokens[3:]
    return tokens[0] in allowed, tokens[1:]


def _twice(crates: list[Crate]) -> str:
    versions: dict[str, list[str]] = defaultdict(list)
    for crate in crates:
        versions[crate["name"]].append(crate["version"])
    twice = [f"{name} {', '.join(found)}" for name, found in versions.items() if len(found) > 1]
    return "; ".join(sorted(twice)) or "none"


if __name__ == "__main__":
    sys.exit(main())
