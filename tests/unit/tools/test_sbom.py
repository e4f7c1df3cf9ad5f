"""The bill of materials: everything in the lock files that ships, once, and the same each time."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sbom


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """Give a test the bill of this very tree."""
    return sbom.joined([sbom.python_part(), sbom.engine_part(), sbom.interface_part()])


def locked_for_the_node() -> Iterator[str]:
    """Yield what uv.lock asks for without groups, by walking it ourselves."""
    locked = tomllib.loads((sbom.ROOT / "uv.lock").read_text())["package"]
    needs: dict[str, list[str]] = {}
    for each in locked:
        asked = [to["name"] for to in each.get("dependencies", ())]
        for extra in each.get("optional-dependencies", {}).values():
            asked += [to["name"] for to in extra]
        needs.setdefault(each["name"], []).extend(asked)
    left, found = ["parley"], set[str]()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += needs[name]
    yield from found - {"parley"}


def names(bill: dict[str, Any], kind: str) -> set[str]:
    """Return the names of one package manager's components."""
    return {each["name"] for each in bill["components"] if each["purl"].startswith(f"pkg:{kind}/")}


def test_every_library_that_ships_is_in_it(bill: dict[str, Any]) -> None:
    """Python's by a walk of its own over the lock; the others' by what we know they need."""
    project = tomllib.loads((sbom.ROOT / "pyproject.toml").read_text())["project"]
    assert len(project["dependencies"]) > 20
    assert names(bill, "pypi") <= set(locked_for_the_node())
    for each in project["dependencies"]:
        name = each.split("[")[0].split(">")[0].split("=")[0].split(";")[0].strip().lower()
        assert name in names(bill, "pypi"), each
    manifest = json.loads((sbom.ROOT / "ui" / "package.json").read_text())
    assert set(manifest["dependencies"]) <= names(bill, "npm")
    assert {"rustls", "str0m", "quinn-proto", "aws-lc-sys"} <= names(bill, "cargo")


def test_what_only_builds_and_tests_is_not_in_it(bill: dict[str, Any]) -> None:
    """Nor are our own crates: they are Parley."""
    everything = {each["name"] for each in bill["components"]}
    assert everything.isdisjoint({"pytest", "mypy", "ruff", "vite", "vitest", "typescript"})
    assert everything.isdisjoint({"proptest", "criterion", "parley-line", "parley-io", "maturin"})


def test_each_has_a_hash_or_says_where_it_has_one_and_a_licence(bill: dict[str, Any]) -> None:
    """What cannot be checked is no bill. A package of another system may lack the licence."""
    for each in bill["components"]:
        hashes = [*each.get("hashes", ())]
        for place in each.get("externalReferences", ()):
            hashes += place.get("hashes", ())
        assert hashes, each["purl"]
    bare = {each["name"] for each in bill["components"] if not each.get("licenses")}
    assert bare <= {"colorama", "pysqlite3"}


def test_every_need_is_a_component_and_every_component_is_needed(bill: dict[str, Any]) -> None:
    """A bill whose parts hang in the air was joined wrongly."""
    own = bill["metadata"]["component"]["bom-ref"]
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    components = {each["bom-ref"] for each in bill["components"]}
    assert set(needs) == components | {own}
    left, reached = [own], set[str]()
    while left:
        each = left.pop()
        if each not in reached:
            reached.add(each)
            left += needs[each]
    assert reached == components | {own}


def test_the_same_locks_give_the_same_bytes(tmp_path: Path) -> None:
    """No time, no serial number."""
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    assert sbom.main([str(first)]) == sbom.main([str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
