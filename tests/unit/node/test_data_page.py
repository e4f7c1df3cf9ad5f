"""What the page about data lists is every table there is, each in one class."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

from parley.node.node import SETTLED_KEPT_H  # with it every table is declared
from parley.storage.path_spells import KEPT_H
from parley.storage.tables import metadata

PAGE: Final = (Path(__file__).parents[3] / "docs" / "operations" / "data.md").read_text()


def test_every_table_has_one_class() -> None:
    """Data that nobody classed is data that nobody protects."""
    part = PAGE.partition("## Which table has what")[2].partition("\n## ")[0]
    listed = Counter(re.findall(r"`([a-z_]+)`", part))
    assert set(listed) == set(metadata.tables)
    assert {table for table, count in listed.items() if count > 1} == set()


def test_how_long_is_the_node_s() -> None:
    """The numbers on the page are those it deletes by."""
    assert KEPT_H == SETTLED_KEPT_H == 24 * 400
    assert "settled deadlines and spells of paths 400 days" in PAGE


def test_every_class_has_a_row_that_says_how_it_is_kept() -> None:
    """Who reads it, where it lies, who else is told, what is logged, for how long."""
    said = dict(re.findall(r"^\| \*\*([^*]+)\*\* \|(.*)\|$", PAGE, re.MULTILINE))
    part = PAGE.partition("## Which table has what")[2].partition("\n## ")[0]
    classes = set(re.findall(r"^\| ([a-z ]+) \| `", part, re.MULTILINE))
    assert set(said) == classes | {"keys"}
    assert all(cell.strip() for row in said.values() for cell in row.split(" | "))
