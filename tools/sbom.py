"""Writes what a Parley node is made of (CycloneDX 1.5): every library that ships, with its hash.

    python tools/sbom.py [FILE]     parley.cdx.json by default

Joins what three lock files hold (of uv, npm and cargo) under one component, names each by its
package URL, and leaves out times and random numbers, so that the same locks give the same bytes.
What only builds or tests is not in it. Run with the venv's Python, which knows the licences of its
packages.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import crates

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
FILE = "parley.cdx.json"
ENGINE = "parley-python"
"""The crate that Python loads; what it needs ships, what others need does not."""
KEPT = ("type", "name", "version", "purl", "externalReferences")
HASHES = {"sha512": "SHA-512", "sha256": "SHA-256"}


@dataclass(frozen=True)
class Part:
    """What one package manager says: components by package URL, and what each needs."""

    components: dict[str, dict[str, Any]]
    needs: dict[str, list[str]]
    first: list[str]
    """What Parley itself asks for."""


def main(arguments: list[str]) -> int:
    """Write the file; return how a shell should take it."""
    file = Path(arguments[0] if arguments else FILE)
    bom = joined([python_part(), engine_part(), interface_part()])
    file.write_text(json.dumps(bom, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{file}: {len(bom['components'])} components")
    return 0


def joined(parts: list[Part]) -> dict[str, Any]:
    """Return one bill of the parts."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    own = f"pkg:generic/parley@{version}"
    components = {purl: each for part in parts for purl, each in part.components.items()}
    needs = {purl: those for part in parts for purl, those in part.needs.items()}
    needs[own] = [purl for part in parts for purl in part.first]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "parley",
                "version": version,
                "purl": own,
                "licenses": [{"expression": "Apache-2.0 OR MIT"}],
            }
        },
        "components": [components[purl] for purl in sorted(components)],
        "dependencies": [
            {"ref": purl, "dependsOn": sorted(set(needs[purl]))} for purl in sorted(needs)
        ],
    }


# ---------------------------------------------------------------------------------------- the node


def python_part() -> Part:
    """Return what the node's Python needs, from uv.lock."""
    command = ["uv", "export", "--format", "cyclonedx1.5", "--no-dev", "--frozen", "--quiet"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    bom = json.loads(answer.stdout)
    own = bom["metadata"]["component"]["bom-ref"]
    purls = {each["bom-ref"]: each["purl"] for each in bom["components"]}
    needs = {
        each["ref"]: [purls[ref] for ref in each.get("dependsOn", ())]
        for each in bom["dependencies"]
    }
    return Part(
        {each["purl"]: _package(each) for each in bom["components"]},
        {purls[ref]: those for ref, those in needs.items() if ref != own},
        needs[own],
    )


def _package(given: dict[str, Any]) -> dict[str, Any]:
    kept = {key: given[key] for key in KEPT}
    return {"bom-ref": given["purl"], **kept, "licenses": list(_licences(given["name"]))}


def _licences(name: str) -> Iterator[dict[str, Any]]:
    """Yield a package's licence as it says it: in SPDX, in its own words, or by classifiers."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:  # of another system than this
        return
    expression, words = said.json.get("license_expression"), said.json.get("license", "")
    if expression:
        yield {"expression": expression}
    elif words and "\n" not in words:
        yield {"license": {"name": words}}
    else:
        for each in said.json.get("classifier", ()):
            if each.startswith("License ::"):
                yield {"license": {"name": each.rpartition(" :: ")[2]}}


# --------------------------------------------------------------------------------------- the pages


def interface_part() -> Part:
    """Return what the pages need, from ui/package-lock.json.

    `npm sbom` says the same, but leaves out what both Parley and a tool of its build need.
    """
    locked = json.loads((ROOT / "ui" / "package-lock.json").read_text())["packages"]
    needs = {place: list(_asked(place, locked)) for place in locked}
    found = _reached("", needs) - {""}
    return Part(
        {_module_purl(place, locked): _module(place, locked) for place in found},
        {
            _module_purl(place, locked): [_module_purl(to, locked) for to in needs[place]]
            for place in found
        },
        [_module_purl(to, locked) for to in needs[""]],
    )


def _asked(place: str, locked: dict[str, Any]) -> Iterator[str]:
    """Yield where a package finds what it needs: in its own folder, or in one above it."""
    given = locked[place]
    optional = given.get("peerDependenciesMeta", {})
    peers = [each for each in given.get("peerDependencies", ()) if each not in optional]
    for name in [*given.get("dependencies", ()), *peers]:
        above = place
        while above and f"{above}/node_modules/{name}" not in locked:
            above = above.rpartition("/node_modules/")[0]
        yield f"{above}/node_modules/{name}".lstrip("/")


def _module_purl(place: str, locked: dict[str, Any]) -> str:
    name = place.rpartition("node_modules/")[2]
    return f"pkg:npm/{quote(name)}@{locked[place]['version']}"


def _module(place: str, locked: dict[str, Any]) -> dict[str, Any]:
    given, purl = locked[place], _module_purl(place, locked)
    kind, _, digest = given["integrity"].partition("-")
    return {
        "bom-ref": purl,
        "type": "library",
        "name": place.rpartition("node_modules/")[2],
        "version": given["version"],
        "purl": purl,
        "licenses": [{"expression": given["license"]}],
        "hashes": [{"alg": HASHES[kind], "content": base64.b64decode(digest).hex()}],
    }


# -------------------------------------------------------------------------------------- the engine


def engine_part() -> Part:
    """Return what the engine needs, from Cargo.lock."""
    read = crates.read_metadata()
    packages = {each["id"]: each for each in read["packages"]}
    needs = {node["id"]: list(_shipped(node)) for node in read["resolve"]["nodes"]}
    own = next(each for each, package in packages.items() if package["name"] == ENGINE)
    found = _reached(own, needs)
    foreign = {each for each in found if packages[each]["source"] is not None}
    hashes = {
        (each["name"], each["version"]): each["checksum"]
        for each in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
        if "checksum" in each
    }
    return Part(
        {purl_of(packages[each]): _crate(packages[each], hashes) for each in foreign},
        {
            purl_of(packages[each]): [purl_of(packages[to]) for to in needs[each]]
            for each in foreign
        },
        [purl_of(packages[to]) for each in found - foreign for to in needs[each] if to in foreign],
    )


def purl_of(package: crates.Crate) -> str:
    """Return a crate's package URL."""
    return f"pkg:cargo/{package['name']}@{quote(package['version'])}"


def _crate(package: crates.Crate, hashes: dict[tuple[str, str], str]) -> dict[str, Any]:
    purl = purl_of(package)
    licence = (package["license"] or "").replace("/", " OR ")
    return {
        "bom-ref": purl,
        "type": "library",
        "name": package["name"],
        "version": package["version"],
        "purl": purl,
        "licenses": [{"expression": licence}],
        "hashes": [{"alg": "SHA-256", "content": hashes[package["name"], package["version"]]}],
    }


def _shipped(node: dict[str, Any]) -> Iterator[str]:
    """Yield what is compiled into a crate, not what builds or tests it."""
    for each in node["deps"]:
        if any(kind["kind"] is None for kind in each["dep_kinds"]):
            yield each["pkg"]


def _reached(start: str, needs: dict[str, list[str]]) -> set[str]:
    found, left = set[str](), [start]
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left.extend(needs[each])
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
