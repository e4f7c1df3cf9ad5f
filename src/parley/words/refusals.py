"""Why something was not done, in the person's words. A core without I/O.

A refusal that has several causes names its own in ``reason`` or ``guard``; that is said where there
are words for it, and what the refusal says at all where there are none.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from parley.words import Words

TABLES: Final = {
    "alert.guard_refused": "guard",
    "alert.text_refused": "fault",
    "crisis.text_refused": "fault",
    "contact.refused": "fault",
    "notification.form_refused": "finding",
}
"""Refusals whose causes have a table of their own."""


class NamedError(Protocol):
    """What is needed of an error: it says its English by itself."""

    @property
    def code(self) -> str:
        """Return its code (``protocol/errors.toml``)."""

    @property
    def params(self) -> Mapping[str, str | int]:
        """Return what the code declares."""


def trouble_words(code: str, words: Words) -> str:
    """Return what is wrong with one's own node."""
    for table in ("trouble", "own_refusal", "refusal"):
        said = words.code(table, code)
        if said != code:
            return said
    return words.say("Your node refused ({said}).", said=code)


def refusal_words(error: NamedError, words: Words) -> str:
    """Return why something was not done."""
    cause = _cause(error, words)
    if cause:
        return cause
    own = words.code("own_refusal", error.code, **error.params)
    said = words.code("refusal", error.code) if own == error.code else own
    return str(error) if said == error.code else said


def _cause(error: NamedError, words: Words) -> str:
    kind, _, what = str(error.params.get("reason", error.params.get("guard", ""))).partition(": ")
    # What does not hold is named after the kind of breach; where in a text it is, after the fault.
    cause = what if kind == "guard" else kind.partition(" ")[0]
    own = TABLES.get(error.code)
    if own is not None:
        said = words.code(own, cause)
        return "" if said == cause else said
    code = f"{error.code} {cause}"
    said = words.code("reason", code)
    return "" if said == code else said
