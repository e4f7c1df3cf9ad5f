"""In which office the person of an entry spoke, as the entry itself says it.

Whether somebody may say a thing in that office is judged where the thing is known
(:mod:`parley.crisis.offices`); here it is only read, to be shown beside any entry.
"""

import re
from collections.abc import Mapping
from typing import Final

from parley.errors import EntryMalformed
from parley.record.entry import Entry, read_body
from parley.record.kinds import Kind

OFFICE_KEYS: Final[Mapping[int, int]] = {
    Kind.ACKNOWLEDGEMENT: 3,
    Kind.ANSWER: 4,
    Kind.WITHDRAWAL: 4,
    Kind.CLOSURE: 4,
    Kind.TRANSLATION: 4,
    Kind.PARAPHRASE: 4,
    Kind.PARAPHRASE_WORD: 4,
    Kind.NOTIFICATION: 10,
    Kind.QUERY: 1,
    Kind.CLARIFICATION: 1,
    Kind.CANCELLATION: 1,
    Kind.CONCLUSION: 1,
    Kind.CALL_REQUEST: 11,
    Kind.CALL_ANSWER: 6,
    Kind.CALL_WITHDRAWAL: 1,
}
"""The key of each body that says the office (``protocol/kinds.toml``)."""
NOT_SAID: Final = "not_said"
"""What is shown where an entry could say its office and does not."""
_OFFICE: Final = re.compile(r"[a-z_]{1,40}")
"""An office that a later version knows is shown by its name; whatever else stands there is none."""


def office_of(entry: Entry) -> str | None:
    """Return the office an entry names, ``not_said`` if it names none; None for other kinds."""
    key = OFFICE_KEYS.get(entry.kind)
    if key is None:
        return None
    try:
        said = read_body(entry).get(key)
    except EntryMalformed:
        said = None
    if isinstance(said, str) and _OFFICE.fullmatch(said):
        return said
    # Of an acknowledgement only an alert's says it.
    return None if entry.kind == Kind.ACKNOWLEDGEMENT else NOT_SAID
