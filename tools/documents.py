"""Checks what the repository says of itself: links resolve, and nothing belongs to one machine.

* Every relative link in a Markdown file names a file that is there, and every `#anchor` a heading.
* Every page under docs/ is linked from the README of its folder, so that a reader can get there.
* No tracked file names a path of somebody's machine or a package registry's host; lock files name
  the public defaults only, so that they install everywhere.
* No unfinished business: a marker such as TO-DO is either work to do now or not worth a line.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]

LINK = re.compile(r"(?<!\\)!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)

TEXT_SUFFIXES = frozenset(
    {
        *(".py", ".pyi", ".rs", ".toml", ".md", ".ts", ".tsx", ".css", ".html", ".json", ".yaml"),
        *(".yml", ".txt", ".po", ".service", ".sh", ".lock", ".cfg", ".sql", ""),
    }
)
# Written in pieces so that this file passes its own check.
MACHINE_PATH = re.compile(
    r"(?<![\w.])/(?:" + "root|work|home/[a-z][a-z0-9_-]*|Users/[A-Za-z]+" + r")/[\w.]"
)
REGISTRY_HOST = re.compile(
    r"\b(?:files\.pythonhosted|pypi|registry\.npmjs|static\.crates|index\.crates"
    r"|repo\.maven|proxy\.golang|deb\.debian)\.[a-z]+\b"
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")

# What each lock file may name: the default of its tool, which every mirror stands in for.
LOCK_HOSTS = {
    "uv.lock": frozenset({"pypi.org", "files.pythonhosted.org"}),
    "Cargo.lock": frozenset({"github.com"}),
    "ui/package-lock.json": frozenset(),
}
# Fields of package-lock.json that name a project's own page, not where it was fetched.
LOCK_FETCH = re.compile(
    r"\"resolved\": \"|\b(?:url|registry|source) = \"|source = \{ (?:registry|url|git)"
)


def main() -> int:
    """Print every finding; return how a shell should take it."""
    tracked = _tracked()
    found = {finding for path in tracked for finding in judge(path)}
    findings = sorted(found | set(_unlinked(tracked)))
    for finding in findings:
        print(finding)
    print(f"documents: {len(findings)} findings")
    return 1 if findings else 0


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix in TEXT_SUFFIXES]


def judge(path: Path) -> Iterator[str]:
    """Yield what is wrong with one file."""
    name = str(path.relative_to(ROOT))
    text = path.read_text(errors="replace")
    if name in LOCK_HOSTS:
        yield from _lock(name, text)
        return
    if path.suffix == ".md":
        yield from _links(path, text)
    for number, line in enumerate(text.splitlines(), start=1):
        for rule, pattern in (
            ("names a path of one machine", MACHINE_PATH),
            ("names a package registry's host", REGISTRY_HOST),
            ("leaves something unfinished", UNFINISHED),
        ):
            found = pattern.search(line)
            if found and path != Path(__file__):
                yield f"{name}:{number}: {rule}: {found[0]}"


def _lock(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not LOCK_FETCH.search(line):
            continue
        for address in re.findall(r"https?://[^\s\"]+", line):
            host = urlsplit(address).hostname
            if host not in LOCK_HOSTS[name]:
                yield f"{name}:{number}: the lock names {host}, which is not the public default"


def _links(path: Path, text: str) -> Iterator[str]:
    name = path.relative_to(ROOT)
    for target in LINK.findall(FENCE.sub("", text)):
        parts = urlsplit(target)
        if parts.scheme or target.startswith("//"):
            continue
        file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not file.exists():
            yield f"{name}: link to {target}: there is no such file"
        elif parts.fragment and file.suffix == ".md" and parts.fragment not in _anchors(file):
            yield f"{name}: link to {target}: there is no such heading"


def _unlinked(tracked: list[Path]) -> Iterator[str]:
    """Yield the pages that no README of their folder, nor docs/README.md, leads to."""
    top = ROOT / "docs" / "README.md"
    for path in tracked:
        if path.suffix != ".md" or top.parent not in path.parents or path.name == "README.md":
            continue
        indexes = [index for index in (path.parent / "README.md", top) if index.exists()]
        linked = {
            (index.parent / unquote(urlsplit(target).path)).resolve()
            for index in indexes
            for target in LINK.findall(index.read_text())
        }
        if path not in linked:
            yield f"{path.relative_to(ROOT)}: no README leads to it"


def _anchors(path: Path) -> set[str]:
    headings = HEADING.findall(FENCE.sub("", path.read_text()))
    return {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """Turn a heading into its anchor as common Markdown hosts do."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main())
