"""Settings that the pages for operators name are settings."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
PAGES = sorted([*(DOCS / "operations").glob("*.md"), *(DOCS / "guides").glob("*.md")])
REFERENCE = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## `\[+([a-z_.]+)\]+`$", REFERENCE, re.MULTILINE)


def settings() -> set[str]:
    """Return every setting as a page names it: section and name."""
    found = set()
    for part in REFERENCE.split("\n## `")[1:]:
        section = part.partition("`")[0].strip("[]")
        names = re.findall(r"^\| `([a-z_]+)` \|", part, re.MULTILINE)
        found |= {f"{section}.{name}" for name in names}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_a_setting_on_a_page_is_one(page: Path) -> None:
    """A reader who types it in is not told that there is none."""
    begins = "|".join(re.escape(section) for section in SECTIONS)
    named = re.findall(rf"`((?:{begins})\.(?!py`)[a-z_]+)", page.read_text(encoding="utf-8"))
    made = settings()
    assert len(made) > 60
    known = made | set(SECTIONS)
    codes = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", (DOCS / "reference" / "errors.md").read_text()))
    assert [each for each in named if each not in known | codes] == []
