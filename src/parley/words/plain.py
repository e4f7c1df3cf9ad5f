"""Texts of others on a terminal: nothing in them may steer it. A core without I/O.

A terminal obeys control codes: a text could clear the screen, paint another's words, or type keys.
A node refuses its own people such texts but shows another party's as they came; here every code
point that is not for reading is shown by its number instead. Isolating marks keep what is written
from right to left from turning the words around it, on terminals that know them.
"""

import unicodedata
from typing import Final

from parley.words import isolate

UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINERS: Final = frozenset("\u200c\u200d")
"""Persian and Pashto are not written without them."""
MARKS_MAX: Final = 4
"""Marks on one letter; a tower of more would cover the lines above it."""


def plain(text: str) -> str:
    """Return a text in which everything that is not for reading is shown by its number."""
    shown: list[str] = []
    marks = 0
    for each in text:
        category = unicodedata.category(each)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        is_unsafe = category in UNSAFE and each not in JOINERS and each != "\n"
        shown.append(f"<U+{ord(each):04X}>" if is_unsafe or marks > MARKS_MAX else each)
    return "".join(shown)


def line(text: str) -> str:
    """Return a text of others in one line, isolated from what stands around it if it must be."""
    shown = " ".join(plain(text).split())
    return isolate(shown) if any(map(_turns, shown)) else shown


def _turns(character: str) -> bool:
    return unicodedata.bidirectional(character) in {"R", "AL"}
