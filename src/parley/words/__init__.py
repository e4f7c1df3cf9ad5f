"""The words of what a node shows without the interface: a terminal's, and the text page's.

What the interface says too is worded there, and nowhere else: `tools/plain_words.py` copies the
tables of `ui/src/views/alerts/words.ts` and the catalogues of `ui/src/i18n` into ``shared.json``,
and a test holds the copy to them. What only a terminal or the text page says is in ``own.json``,
in the same six languages; Dari and Pashto are drafts there as they are in the interface.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("en", "zh-Hans", "ru", "uz", "prs", "ps")
"""As the interface offers them."""
RIGHT_TO_LEFT: Final = frozenset({"prs", "ps"})
TAGS: Final[Mapping[str, str]] = {"prs": "fa-AF", "uz": "uz-Latn"}
"""For the ``lang`` attribute, where it is not the language's own id."""
FIRST_STRONG, POP = "\u2068", "\u2069"


NAMES: Final[Mapping[str, str]] = {
    "en": "English",
    "zh-Hans": "简体中文",
    "ru": "Русский",
    "uz": "O\u02bbzbekcha",
    "prs": "دری",
    "ps": "پښتو",
}
"""Each language by its own name, as in the interface."""


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        """Speak a language; English for one that is none of ours."""
        self.language: Final = language if language in LANGUAGES else LANGUAGES[0]

    @property
    def is_right_to_left(self) -> bool:
        """Whether it is written from right to left."""
        return self.language in RIGHT_TO_LEFT

    @property
    def tag(self) -> str:
        """The language's tag in a page."""
        return TAGS.get(self.language, self.language)

    def say(self, english: str, **given: object) -> str:
        """Return a text in this language; ``given`` stands where the text names it in braces."""
        said = _translations().get(english, {}).get(self.language, english)
        if not given:
            return said
        return said.format(**{name: self.apart(str(each)) for name, each in given.items()})

    def apart(self, text: str) -> str:
        """Return a date, a number or a name so that words from right to left do not turn it."""
        is_plain = not text or text.isdigit() or text.startswith(FIRST_STRONG)
        return text if is_plain or not self.is_right_to_left else isolate(text)

    def code(self, table: str, code: str | None, **given: object) -> str:
        """Return what a fixed word of the node is called, itself if a newer node made it up."""
        english = _codes().get(table, {}).get(code or "")
        return (code or "") if english is None else self.say(english, **given)


def language_name(tag: str) -> str:
    """Return a language by its own name, for a tag such as ``zh``; the tag of one we lack."""
    wanted = tag.lower()
    exact = [each for each in NAMES if each.lower() == wanted]
    alike = [each for each in NAMES if _base(each) == _base(wanted)]
    found = [*exact, *alike]
    return NAMES[found[0]] if found else tag


def _base(tag: str) -> str:
    return tag.lower().partition("-")[0]


def isolate(text: str) -> str:
    """Return a text that neither turns the words around it nor is turned by them (UAX #9)."""
    return f"{FIRST_STRONG}{text}{POP}"


@cache
def _codes() -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for name in ("own.json", "shared.json"):
        for table, listed in _content(name)["codes"].items():
            tables.setdefault(table, {}).update(listed)
    return tables


@cache
def _translations() -> Mapping[str, Mapping[str, str]]:
    return {**_content("own.json")["texts"], **_content("shared.json")["texts"]}


def _content(name: str) -> dict[str, dict[str, dict[str, str]]]:
    read: dict[str, dict[str, dict[str, str]]] = json.loads(
        files("parley.words").joinpath(name).read_text(encoding="utf-8")
    )
    return read
