"""Contacts on the text-only page: whom of the other parties one can call now."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from parley.web.text.markup import said_line
from parley.words import Words

Json = Mapping[str, Any]
CONTACTS_MAX: Final = 8
"""Contacts that are listed. More: the page takes longer on a thin line."""


def contact_rows(lines: Sequence[Json], words: Words) -> list[str]:
    """Return the contacts of other parties who are there now, those that worked first."""
    there = [
        (each["standing"] == "failed", line, each)
        for line in lines
        for each in line["theirs"]["contacts"]
        if each["is_open"]
    ]
    there.sort(key=lambda row: row[0])
    return [_row(line, each, words) for _, line, each in there[:CONTACTS_MAX]]


def _row(line: Json, contact: Json, words: Words) -> str:
    texts = contact["title"]
    title = next((each for each in texts if each["language"] == words.language), texts[0])
    ways = ", ".join(f"<bdi>{said_line(each['text'])}</bdi>" for each in contact["ways"])
    doubts = [
        words.code(table, code)
        for table, code, doubtful in (
            ("contact", contact["standing"], "failed"),
            ("contact_list", line["theirs"]["standing"], "doubtful"),
        )
        if code == doubtful
    ]
    mark = "".join(f" <b>{escape(each)}.</b>" for each in doubts)
    party, said = said_line(line["party"]), said_line(title["text"])
    return f"<bdi>{party}</bdi>: <bdi>{said}</bdi>: {ways}{mark}"
