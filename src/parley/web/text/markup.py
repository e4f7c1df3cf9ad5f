"""What every part of the text-only page is made of: sections, lists, words that are no markup."""

from collections.abc import Sequence
from html import escape

from parley.words import Words
from parley.words.plain import line


def section(title: str, rows: Sequence[str], words: Words) -> list[str]:
    """Return a heading and what is listed under it, which is HTML already."""
    nothing = f"<p>{wording(words, 'Nothing.')}</p>"
    return [f"<h2>{escape(title)}</h2>", listed(rows) if rows else nothing]


def listed(rows: Sequence[str]) -> str:
    """Return a list of what is HTML already."""
    return "<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>"


def said_line(text: object) -> str:
    """Return a text of others in one line, as nothing but text."""
    return escape(line(str(text)))


def wording(words: Words, english: str) -> str:
    """Return words of ours in the reader's language."""
    return escape(words.say(english))
