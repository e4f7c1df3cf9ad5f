"""The fingerprint of two parties' keys, as words two people read to each other.

Both keys go in together, in sorted order, so both sides see the same words and one reading checks
both directions. Twelve words are 96 bits of a deliberately slow hash (scrypt, RFC 7914). Fewer
would not do: someone who carries both cards may invent *two* keys, one to show each side, and needs
only a pair of them whose words collide. That takes 2^48 trials of 64 MiB each here; with eight
words of a fast hash it would take 2^32 trials, an afternoon.
"""

import hashlib
from functools import cache
from importlib import resources
from typing import Final

WORDS: Final = 12
"""Words read aloud; see above. More: safer and slower to read. Less: within a state's reach."""
LANGUAGES: Final = ("en", "zh", "ru", "uz")
_SCRYPT_N: Final = 2**16
"""scrypt cost: 64 MiB and about 0.2 s. More slows `parley pair`, less helps an attacker."""
_SCRYPT_R: Final = 8
_MEMORY_MAX: Final = 128 * 1024 * 1024
_SALT: Final = b"parley fingerprint 1"


@cache
def fingerprint(first_key: bytes, second_key: bytes) -> tuple[int, ...]:
    """Return the word numbers, 0 to 255, for two parties' public keys in either order."""
    low, high = sorted((first_key, second_key))
    digest = hashlib.scrypt(
        low + high,
        salt=_SALT,
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=1,
        maxmem=_MEMORY_MAX,
        dklen=WORDS,
    )
    return tuple(digest)


def words(numbers: tuple[int, ...], language: str) -> tuple[str, ...]:
    """Return the words for ``numbers`` in a reader's language, English where there is no list."""
    base = language.partition("-")[0]
    column = _table()[base if base in LANGUAGES else "en"]
    return tuple(column[number] for number in numbers)


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = resources.files(__package__).joinpath("words.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith(("#", "index"))]
    return {
        language: tuple(row[column] for row in rows)
        for column, language in enumerate(LANGUAGES, start=1)
    }
