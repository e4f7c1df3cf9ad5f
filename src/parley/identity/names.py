"""Names that could be taken for each other.

A party's name is a label; its key is its identity. Two labels that a reader cannot tell apart are
one label here: case, width, spacing, punctuation, accents and letters of other scripts that look
the same are folded away before comparing (after Unicode TS 39, for the scripts our readers use).
"""

import unicodedata
from typing import Final

_LOOKALIKES: Final = str.maketrans(
    {
        **dict(zip("аеорсухіјѕһԁԛԝкмтвн", "aeopcyxijshdqwkmtbh", strict=True)),
        **dict(zip("αβγεζηικμνορτυχ", "abyezhikmvoptux", strict=True)),
        "0": "o",
        "1": "l",
        "|": "l",
        "ı": "i",  # noqa: RUF001  folding it is the point
        "ł": "l",
        "ø": "o",
    }
)


def skeleton(name: str) -> str:
    """Return what is left of ``name`` when everything a reader may overlook is folded away."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = (
        character for character in folded if unicodedata.category(character)[0] in {"L", "N"}
    )
    return "".join(letters).translate(_LOOKALIKES)


def resembles(first: str, second: str) -> bool:
    """Say whether a reader could take one name for the other."""
    return skeleton(first) == skeleton(second)
