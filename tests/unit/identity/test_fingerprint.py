"""The fingerprint and its words."""

import itertools

import pytest

from parley.identity.fingerprint import LANGUAGES, WORDS, fingerprint, words

ALL = tuple(range(256))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_256_different_words(language: str) -> None:
    """One for each value of a byte."""
    assert len(set(words(ALL, language))) == 256


def test_a_row_means_the_same_in_every_language() -> None:
    """The same number reads as the same thing, so an interpreter can check."""
    rows = set(zip(*(words(ALL, language) for language in LANGUAGES), strict=True))

    assert ("apple", "苹果", "яблоко", "olma") in rows
    assert ("water", "清水", "вода", "suv") in rows


def test_both_orders_of_the_keys_give_the_same_words() -> None:
    """So both sides read the same."""
    first, second = b"a" * 32, b"b" * 32

    assert fingerprint(first, second) == fingerprint(second, first)
    assert len(fingerprint(first, second)) == WORDS


def test_another_key_gives_other_words() -> None:
    """On either side."""
    found = {
        fingerprint(first * 32, second * 32)
        for first, second in itertools.combinations((b"a", b"b", b"c"), 2)
    }

    assert len(found) == 3


@pytest.mark.parametrize(
    ("asked", "used"), [("zh-Hans", "zh"), ("uz", "uz"), ("ps", "en"), ("", "en"), ("ru", "ru")]
)
def test_a_language_without_words_reads_english(asked: str, used: str) -> None:
    """Scripts and regions do not matter."""
    assert words((0, 255), asked) == words((0, 255), used)


@pytest.mark.parametrize("language", ["en", "ru", "uz"])
def test_no_two_words_sound_nearly_alike(language: str) -> None:
    """Words that differ in one letter would be heard as each other."""
    chosen = words(ALL, language)

    close = [pair for pair in itertools.combinations(chosen, 2) if differ_in_one(*pair)]
    assert close == []


def differ_in_one(first: str, second: str) -> bool:
    """Say whether one letter changed, added or left out makes one word of the other."""
    short, long = sorted((first, second), key=len)
    if len(short) == len(long):
        return sum(one != other for one, other in zip(first, second, strict=True)) <= 1
    return any(short == long[:cut] + long[cut + 1 :] for cut in range(len(long)))
