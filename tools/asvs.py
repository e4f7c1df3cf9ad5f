"""Writes docs/reference/asvs.md: how Parley stands to each row of the OWASP ASVS, and by what test.

The rows' numbers are in docs/reference/asvs/rows.toml, what we say of them in a file per chapter
beside it. Nothing is written from a table with a row that is blank, judged twice or no row of the
standard, or that names a test that is not there.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "docs" / "reference" / "asvs"
VERDICTS = {"pass": "holds", "not_applicable": "does not apply", "gap": "MISSING"}
FIELDS = {"id", "verdict", "says", "tests"}
DECLARED = {
    ".py": r"^ *(?:async )?def {name}\(",
    ".rs": r"^ *(?:async )?fn {name}[(<]",
}
"""What declares a test of a name. In TypeScript it is the name itself, as a string."""


class TableError(Exception):
    """The table cannot be relied on; names file, row and what to do."""


@dataclass(frozen=True)
class Row:
    """One row of the standard, judged."""

    id: str
    level: int
    verdict: str
    says: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """One chapter, its rows in the standard's order."""

    title: str
    rows: tuple[Row, ...]


def page(tables: Path = TABLES, root: Path = ROOT) -> str:
    """Return the page.

    Raises:
        TableError: a row is blank, unknown or judged twice, or names a test that is not there.
    """
    chapters = read(tables, root)
    return "\n".join([*_head(chapters), *(line for each in chapters for line in _chapter(each))])


def read(tables: Path, root: Path) -> list[Chapter]:
    """Return the chapters; raises like :func:`page`."""
    known = tomllib.loads((tables / "rows.toml").read_text())["chapter"]
    return [_read_chapter(each, tables / each["file"], root) for each in known]


# ------------------------------------------------------------------------------------------ reading


def _read_chapter(known: dict[str, Any], file: Path, root: Path) -> Chapter:
    levels = {row: level for level in (1, 2, 3) for row in known.get(f"level_{level}", [])}
    given = tomllib.loads(file.read_text())["row"] if file.exists() else []
    ids = [str(each.get("id")) for each in given]
    for what, wrong in (
        ("have no row here", levels.keys() - ids),
        ("are no rows of the standard that are judged", set(ids) - levels.keys()),
        ("are judged twice", {row for row, count in Counter(ids).items() if count > 1}),
    ):
        if wrong:
            raise TableError(f"{file}: {', '.join(sorted(wrong, key=_place))} {what}")
    rows = [_read_row(each, levels, file, root) for each in given]
    return Chapter(known["title"], tuple(sorted(rows, key=lambda row: _place(row.id))))


def _read_row(given: dict[str, Any], levels: dict[str, int], file: Path, root: Path) -> Row:
    row = Row(
        given["id"],
        levels[given["id"]],
        given.get("verdict", ""),
        given.get("says", "").strip(),
        tuple(given.get("tests", ())),
    )
    wrong = given.keys() ^ FIELDS
    if wrong or row.verdict not in VERDICTS or not row.says or not row.tests:
        raise TableError(
            f"{file}: row {row.id} needs {', '.join(sorted(FIELDS))} and nothing else; a verdict is"
            f" one of {', '.join(VERDICTS)}, and no field may be empty"
        )
    for test in row.tests:
        if not _is_there(root, *_parted(test)):
            raise TableError(f"{file}: row {row.id} names a test that is not there: {test}")
    return row


def _parted(test: str) -> tuple[str, str]:
    path, _, name = test.partition("::")
    return path, name


@cache
def _is_there(root: Path, path: str, name: str) -> bool:
    file = root / path
    if not name or not file.is_file():
        return False
    text, form = file.read_text(), DECLARED.get(file.suffix)
    if form is None:
        return any(f"{quote}{name}{quote}" in text for quote in "\"'`")
    return re.search(form.format(name=re.escape(name)), text, re.MULTILINE) is not None


def _place(row: str) -> tuple[int, ...]:
    return tuple(int(each) if each.isdigit() else 0 for each in row.split("."))


# ------------------------------------------------------------------------------------------ writing


def _head(chapters: list[Chapter]) -> Iterator[str]:
    yield from (
        "# Security, row by row",
        "",
        "How Parley stands to each row of levels 1 and 2 of the [OWASP Application Security",
        "Verification Standard](https://owasp.org/www-project-application-security-verification-standard/)",
        "5.0.0, and to level 3 of its chapter on WebRTC. The numbers are the standard's, the words",
        "are ours: read both side by side. A row that holds names tests that fail if it no longer",
        "does; one that does not apply names a test that shows what is not there. It is our own",
        "judgement and nobody's certificate.",
        "",
        "Generated by `just docs` from the files in [asvs/](asvs); change those instead.",
        "",
        f"| chapter | rows | {' | '.join(VERDICTS.values())} |",
        "|---|" + "---:|" * (len(VERDICTS) + 1),
    )
    for each in chapters:
        yield _counts(each.title, each.rows)
    yield _counts("together", [row for each in chapters for row in each.rows])
    yield ""


def _counts(title: str, rows: tuple[Row, ...] | list[Row]) -> str:
    counted = Counter(row.verdict for row in rows)
    numbers = [len(rows), *(counted[verdict] for verdict in VERDICTS)]
    return f"| {title} | {' | '.join(map(str, numbers))} |"


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield from (f"## {chapter.title}", "")
    yield from ("| row | level | | what Parley does | said by |", "|---|---|---|---|---|")
    for row in chapter.rows:
        said, tests = _cell(row.says), "<br>".join(f"`{_cell(test)}`" for test in row.tests)
        yield f"| {row.id} | {row.level} | {VERDICTS[row.verdict]} | {said} | {tests} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    try:
        print(page())
    except TableError as error:
        sys.exit(str(error))
