"""Lists the standards the code cites, both ways: by standard and section, and by file.

A reader of RFC 9000 §8.2 asks where we do it; a reader of a file asks where the rule comes from.
One form of citation makes both answers a search: `RFC 9000 §8.2`, `PS3.15 Annex E`, `ACP 121`.

    python3 tools/refs.py            by standard
    python3 tools/refs.py --files    by file
    python3 tools/refs.py --check    refuse citations in another form
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("src", "crates", "ui/src", "protocol", "docs", "tests", "fuzz")
SUFFIXES = frozenset({".py", ".pyi", ".rs", ".ts", ".tsx", ".md", ".toml"})
SKIPPED = frozenset({"node_modules", "target", "dist", "corpus", "__pycache__"})

# Our one form, with the section when there is one.
CITATION = re.compile(
    r"\b(RFC \d{3,5}|PS3\.\d{1,2}|ACP \d{3}|ITU-T [A-Z]\.\d+|BCP \d+)"
    r"(?: (§[\dA-Z.]*[\dA-Z]|Annex [A-Z]))?"
)
# Forms that a search for the first would miss.
OTHER_FORM = re.compile(
    r"\b(?:rfc ?\d{3,5}\b(?!\.)|RFC-?\d{3,5}\b|RFC \d{3,5},? [Ss]ec(?:tion|t?\.)? ?\d|PS 3\.\d+)"
)


def main(arguments: list[str]) -> int:
    """Print the citations, or what is wrong with them."""
    if "--check" in arguments:
        return _check()
    by_key: dict[str, set[str]] = defaultdict(set)
    for path, number, line in _lines():
        for standard, section in CITATION.findall(line):
            citation = f"{standard} {section}".strip()
            place = f"{path.relative_to(ROOT)}:{number}"
            if "--files" in arguments:
                by_key[str(path.relative_to(ROOT))].add(citation)
            else:
                by_key[citation].add(place)
    for key in sorted(by_key, key=_natural):
        print(f"{key}\n    " + "\n    ".join(sorted(by_key[key], key=_natural)))
    return 0


def _check() -> int:
    findings = 0
    for path, number, line in _lines():
        for found in OTHER_FORM.finditer(line):
            if _is_address(line, found.start()):
                continue
            findings += 1
            print(f"{path.relative_to(ROOT)}:{number}: write `{found[0]}` as `RFC 9000 §8.2`")
    print(f"refs: {findings} findings")
    return 1 if findings else 0


def _is_address(line: str, at: int) -> bool:
    """Say whether a match is part of a web address or a file name rather than a citation."""
    return line[max(0, at - 1) : at] in {"/", "_", "-", "`", '"', "'"}


def _lines() -> Iterator[tuple[Path, int, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and not SKIPPED.intersection(path.parts) and path.is_file():
                for number, line in enumerate(path.read_text().splitlines(), start=1):
                    yield path, number, line


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Order RFC 768 before RFC 9000."""
    parts = re.split(r"(\d+)", text)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
