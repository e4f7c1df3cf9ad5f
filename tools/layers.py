"""Checks the layers that import-linter cannot see: crates, and who touches the compiled core.

* A crate of ours depends on crates of ours only downwards, as `CRATES` lists them.
* The crates without I/O have no runtime and no sockets anywhere below them.
* `parley._core` is imported by `parley.rooms` and `parley.line` alone, and by the fakes that stand
  in for it in tests (import-linter does not see compiled modules); others may take the emulated
  wires from it, which are no part of a node.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]

# What each crate may name among ours. Tests may also name the emulator and the load.
CRATES: dict[str, frozenset[str]] = {
    "parley-wire": frozenset(),
    "parley-netem": frozenset(),
    "parley-line": frozenset({"parley-wire"}),
    "parley-srtp": frozenset(),
    "parley-media": frozenset({"parley-srtp", "parley-wire"}),
    "parley-io": frozenset({"parley-line", "parley-media", "parley-wire"}),
    "parley-python": frozenset(
        {"parley-io", "parley-line", "parley-load", "parley-media", "parley-netem", "parley-wire"}
    ),
    "parley-fuzz": frozenset(
        {"parley-io", "parley-line", "parley-media", "parley-srtp", "parley-wire"}
    ),
    # Measuring stands beside the engine and is never below a node's own parts.
    "parley-load": frozenset(
        {
            "parley-io",
            "parley-line",
            "parley-media",
            "parley-netem",
            "parley-srtp",
            "parley-wire",
        }
    ),
}
TEST_CRATES = frozenset({"parley-load", "parley-netem", "parley-wire"})
WITHOUT_IO = ("parley-wire", "parley-line", "parley-srtp", "parley-media")
IO_CRATES = frozenset(
    {
        "tokio",
        "async-std",
        "async-io",
        "smol",
        "mio",
        "polling",
        "socket2",
        "quinn-udp",
        "nix",
        "rustix",
    }
)
# Modules that may import the compiled core, themselves or anything below them.
CORE_IMPORTERS = ("parley.rooms", "parley.line", "parley.testing")
# What anybody may import from it: the emulator and the watchdog.
FREE_NAMES = frozenset({"UdpWire", "TunWire", "Watchdog", "WireStats"})


def main() -> int:
    """Print every import against the layers; return how a shell should take it."""
    findings = [*_crates(), *_core_imports()]
    for finding in findings:
        print(finding)
    print(f"layers: {len(findings)} findings")
    return 1 if findings else 0


def _crates() -> Iterator[str]:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if answer.returncode != 0:
        yield "cargo metadata failed, see above"
        return
    metadata = json.loads(answer.stdout)
    for crate in metadata["packages"]:
        if crate["source"] is None and crate["name"].startswith("parley-"):
            yield from _own_dependencies(crate["name"], crate["dependencies"])
    names = {crate["id"]: crate["name"] for crate in metadata["packages"]}
    below = {node["id"]: _normal(node) for node in metadata["resolve"]["nodes"]}
    for identifier, name in names.items():
        if name in WITHOUT_IO:
            found = IO_CRATES.intersection(names[part] for part in _reach(identifier, below))
            for part in sorted(found):
                yield f"{name}: has no I/O, yet {part} is below it (cargo tree -p {name} -i {part})"


def _own_dependencies(name: str, dependencies: list[dict[str, str]]) -> Iterator[str]:
    if name not in CRATES:
        yield f"{name}: a crate that tools/layers.py does not place"
        return
    for dependency in dependencies:
        other = dependency["name"]
        allowed = CRATES[name] | (TEST_CRATES if dependency["kind"] == "dev" else frozenset())
        if other.startswith("parley-") and other not in {*allowed, name}:
            yield f"{name}: may not depend on {other}"


def _normal(node: dict[str, list[dict[str, object]]]) -> list[str]:
    """Return what a crate links: neither its build scripts' nor its tests' crates."""
    return [
        str(part["pkg"])
        for part in node["deps"]
        if any(kind["kind"] is None for kind in part["dep_kinds"])  # type: ignore[attr-defined]
    ]


def _reach(start: str, below: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(below[start])
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            waiting += below[part]
    return seen


def _core_imports() -> Iterator[str]:
    source = ROOT / "src"
    for path in sorted(source.rglob("*.py")):
        module = ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
        if any(module == name or module.startswith(f"{name}.") for name in CORE_IMPORTERS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if _names_core(node):
                yield f"{path.relative_to(ROOT)}:{node.lineno}: only rooms and line touch the core"  # type: ignore[attr-defined]


def _names_core(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        inside = node.module == "parley" or (node.module is None and node.level > 0)
        if (node.module or "").split(".")[-1] == "_core":
            return not FREE_NAMES.issuperset(alias.name for alias in node.names)
        return inside and any(alias.name == "_core" for alias in node.names)
    if isinstance(node, ast.Import):
        return any(alias.name == "parley._core" for alias in node.names)
    return False


if __name__ == "__main__":
    sys.exit(main())
