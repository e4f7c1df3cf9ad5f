"""Checks that the code speaks the glossary: known nouns in public types, banned words nowhere.

A public class, struct, enum or trait has at least one noun of GLOSSARY.md in its name;
no name that we define contains a word of its "Not used" table. Names that other libraries chose
are their own, so only definitions count, never uses. Failures and events are named for what
happened (`LabelForged`, `Joined`), so they need no noun.

A definition that must break the rule says why on its line: `glossary: RFC 7250 names it so`.

    python3 tools/glossary.py            check
    python3 tools/glossary.py --nouns    print the nouns that names may be made of
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = ROOT / "GLOSSARY.md"
EXEMPTION = "glossary:"

# Words that are banned in Python alone: in Rust they belong to the sans-I/O idiom
# (`handle_timeout`, `handle_datagram`) and to libraries whose traits we implement.
PYTHON_ONLY = frozenset({"handle", "data", "info"})
# An established compound in which a banned word is innocent.
INNOCENT = frozenset({"interpretation_channel"})

RUST_ITEM = re.compile(
    r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+|async\s+|unsafe\s+|extern\s+\"C\"\s+)*"
    r"(?P<kind>struct|enum|trait|union|fn|mod|type|const|static)\s+(?:mut\s+)?(?P<name>[A-Za-z_]\w*)"
)
# What is in an `impl Trait for Type` was named by the trait; any other item at the margin ends it.
RUST_BLOCK = re.compile(
    r"^(?:unsafe )?impl\b|^(?:pub|fn|struct|enum|mod|const|static|trait|type)\b"
)
TYPESCRIPT_ITEM = re.compile(
    r"^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?P<kind>class|interface|type|enum|function)\s+(?P<name>[A-Za-z_$][\w$]*)"
)
# TypeScript interfaces are left out: most are the shape of one function's arguments.
TYPES = frozenset({"class", "struct", "enum", "trait", "union"})


@dataclass(frozen=True)
class Definition:
    """One name that our code defines."""

    path: Path
    line: int
    kind: str
    name: str
    is_public: bool


def main(arguments: list[str]) -> int:
    """Print what breaks the glossary; return how a shell should take it."""
    nouns, banned = read_glossary(GLOSSARY.read_text())
    if "--nouns" in arguments:
        print("\n".join(sorted(nouns)))
        return 0
    findings = sorted({finding for item in definitions() for finding in judge(item, nouns, banned)})
    for finding in findings:
        print(finding)
    print(f"glossary: {len(nouns)} nouns, {len(findings)} findings")
    return 1 if findings else 0


def read_glossary(text: str) -> tuple[set[str], set[str]]:
    """Return the nouns (bold terms, split into words) and the banned words (the last table)."""
    terms, _, not_used = text.partition("\n## Not used")
    nouns = {
        _singular(word)
        for term in re.findall(r"\*\*([^*]+)\*\*", terms)
        for word in re.findall(r"[a-z0-9]+", term.lower())
    }
    rows = re.findall(r"^\| ([^|]+) \|", not_used, flags=re.MULTILINE)
    banned = {word for row in rows for word in re.findall(r"`([a-z]+)`", row)}
    return nouns, banned


def words(name: str) -> list[str]:
    """Split a name into its words, whatever the language's habit of joining them.

    >>> words("LineStatus"), words("rtt_ms"), words("openSDPOffer")
    (['line', 'status'], ['rtt', 'ms'], ['open', 'sdp', 'offer'])
    """
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [part.lower() for part in parts]


def judge(item: Definition, nouns: set[str], banned: set[str]) -> Iterator[str]:
    """Yield what is wrong with one name."""
    place = f"{item.path.relative_to(ROOT)}:{item.line}"
    found = [_singular(word) for word in words(item.name)]
    if "_".join(found) not in INNOCENT:
        ours = banned if item.path.suffix in {".py", ".pyi"} else banned - PYTHON_ONLY
        for word in found:
            if word in ours:
                yield f"{place}: `{item.name}` uses `{word}`; GLOSSARY.md says what to say"
    named = bool(nouns.intersection(found)) or _is_happening(item)
    if item.is_public and item.kind in TYPES and not named:
        yield f"{place}: {item.kind} `{item.name}` has no noun of GLOSSARY.md in its name"


def _is_happening(item: Definition) -> bool:
    """Say whether a type is named for what happened: an error's file, or a participle."""
    return item.path.stem in {"error", "errors"} or item.name.endswith(("ed", "Left"))


def definitions() -> Iterator[Definition]:
    """Yield every name that our code defines, outside tests."""
    for path in _sources("src", {".py", ".pyi"}):
        yield from _python(path)
    for path in _sources("crates", {".rs"}):
        yield from _by_line(path, RUST_ITEM)
    for path in _sources("ui/src", {".ts", ".tsx"}):
        if "i18n" not in path.parts:
            yield from _by_line(path, TYPESCRIPT_ITEM)


def _sources(folder: str, suffixes: set[str]) -> Iterator[Path]:
    for path in sorted((ROOT / folder).rglob("*")):
        generated = {"node_modules", "target", "dist", "tests", "benches"}.intersection(path.parts)
        if path.suffix in suffixes and not generated:
            yield path


def _python(path: Path) -> Iterator[Definition]:
    text = path.read_text()
    lines = text.splitlines()
    tree = ast.parse(text)
    foreign = {id(part) for node in ast.walk(tree) if _overrides(node) for part in _signature(node)}
    for node in ast.walk(tree):
        for kind, name, line in _bound(node):
            if EXEMPTION not in lines[line - 1] and id(node) not in foreign:
                yield Definition(path, line, kind, name, is_public=not name.startswith("_"))


def _overrides(node: ast.AST) -> bool:
    """Say whether a function is marked as overriding one: its names were chosen by the base."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
        isinstance(mark, ast.Name) and mark.id == "override" for mark in node.decorator_list
    )


def _signature(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    yield from (part for part in ast.walk(node) if isinstance(part, ast.arg))


def _bound(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Yield the names that one node of the tree defines."""
    if isinstance(node, ast.ClassDef):
        yield "class", node.name, node.lineno
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield "function", node.name, node.lineno
    elif isinstance(node, ast.arg):
        yield "argument", node.arg, node.lineno
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield "variable", node.id, node.lineno


def _by_line(path: Path, item: re.Pattern[str]) -> Iterator[Definition]:
    in_foreign_trait = False
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if line.strip() == "mod tests {":
            return
        if RUST_BLOCK.match(line):
            in_foreign_trait = " for " in line
        found = item.match(line)
        if found and EXEMPTION not in line and not in_foreign_trait:
            is_public = line.lstrip().startswith(("pub ", "export "))
            yield Definition(path, number, found["kind"], found["name"], is_public)


def _singular(word: str) -> str:
    """Take a plural off, roughly: both sides of a comparison go through here."""
    if word.endswith("ies") and len(word) > len("ties"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
