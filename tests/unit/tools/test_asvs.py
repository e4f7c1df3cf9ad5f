"""The table of the security standard: no row blank or judged twice, no test that is not there."""

from pathlib import Path

import asvs
import pytest

KNOWN = """
[[chapter]]
file = "v01.toml"
title = "V1 Encoding"
level_1 = ["1.2.1"]
level_2 = ["1.1.1"]
"""
FIRST = """
[[row]]
id = "1.1.1"
verdict = "pass"
says = "Read once | and only once."
tests = ["tests/test_read.py::test_once", "ui/read.e2e.ts::is read once", "crates/read.rs::once"]
"""
SECOND = FIRST.replace("1.1.1", "1.2.1").replace('"pass"', '"not_applicable"')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a repository with a table of two rows and the tests they name."""
    for name, text in (
        ("tables/rows.toml", KNOWN),
        ("tables/v01.toml", SECOND + FIRST),
        ("tests/test_read.py", "async def test_once() -> None: ..."),
        ("ui/read.e2e.ts", 'test("is read once", () => {});'),
        ("crates/read.rs", "#[test]\nfn once() {}"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_page_has_every_row_in_the_standards_order_and_counts_them(root: Path) -> None:
    """A bar within a sentence does not end its cell."""
    said = asvs.page(root / "tables", root)
    assert "| together | 2 | 1 | 1 | 0 |" in said
    rows = [line for line in said.splitlines() if line.startswith("| 1.")]
    assert [row[:12] for row in rows] == ["| 1.1.1 | 2 ", "| 1.2.1 | 1 "]
    assert "Read once \\| and only once." in rows[0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (FIRST, r"1\.2\.1 have no row here"),
        (FIRST + SECOND + SECOND, r"1\.2\.1 are judged twice"),
        (FIRST + SECOND + FIRST.replace("1.1.1", "1.9.9"), r"1\.9\.9 are no rows"),
        (FIRST.replace("pass", "surely") + SECOND, r"row 1\.1\.1 needs .* a verdict is one of"),
        (FIRST.replace("Read once | and only once.", " ") + SECOND, r"no field may be empty"),
        (FIRST.replace("::test_once", "::test_twice") + SECOND, r"not there: .*test_twice"),
        (FIRST.replace("ui/read", "ui/write") + SECOND, r"not there: ui/write"),
        (FIRST.replace("is read once", "is read") + SECOND, r"not there: .*::is read"),
        (FIRST.replace("::once", "::onc") + SECOND, r"not there: .*::onc"),
        (FIRST.replace("::once", "") + SECOND, r"not there: crates/read\.rs"),
    ],
)
def test_a_table_that_cannot_be_relied_on_writes_no_page(root: Path, rows: str, said: str) -> None:
    """The refusal names the file, the row and what is wrong."""
    (root / "tables" / "v01.toml").write_text(rows)
    with pytest.raises(asvs.TableError, match=said) as refused:
        asvs.page(root / "tables", root)
    assert "v01.toml" in str(refused.value)
