"""What is said of contacts, worded once for commands and text page. A core without I/O."""

from parley.words import Words
from parley.words.plain import line


def contact_breach(what: str, words: Words) -> str:
    """Return why an entry about contacts has no effect, and in which part it is wrong."""
    reason, _, place = what.partition(": ")
    field, _, fault = place.partition(" ")
    said = words.code("contact_breach", "text" if fault else reason)
    part = words.code("contact_field", field)
    return line(f"{said} ({part})" if part != field else said)
