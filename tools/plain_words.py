"""Copies the interface's words for alerts into what is shown without the interface.

`python tools/plain_words.py` writes src/parley/words/shared.json: of every text of own.json's codes
that the interface says too, its five translations. `--check` says whether that is as it should be.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORDS = ROOT / "src" / "parley" / "words"
LOCALES = ROOT / "ui" / "src" / "i18n" / "locales"
PAGE = ROOT / "ui" / "src" / "views" / "watch"
LANGUAGES = ("zh-Hans", "ru", "uz", "prs", "ps")
TABLES = {
    "precedence": "PRECEDENCE_WORDS",
    "level": "ALERT_LEVEL_WORDS",
    "capacity": "CAPACITY_WORDS",
    "choice": "ANSWER_WORDS",
    "answer": "GIVEN_WORDS",
    "standing": "STANDING_WORDS",
    "duty": "DUTY_WORDS",
    "limit": "LIMIT_WORDS",
}
"""Which table of the page words which codes."""
_PART = re.compile(r'^(?:msg(?:id|str) )?"(.*)"$')


def catalogue(language: str) -> dict[str, str]:
    """Return what the interface says in a language, by its English."""
    found: dict[str, str] = {}
    for block in (LOCALES / f"{language}.po").read_text(encoding="utf-8").split("\n\n"):
        said = {"msgid": "", "msgstr": ""}
        at = ""
        for line in block.splitlines():
            at = next((name for name in said if line.startswith(f"{name} ")), at)
            part = _PART.match(line)
            if at and part:
                said[at] += json.loads(f'"{part[1]}"')
        if said["msgid"] and said["msgstr"]:
            found[said["msgid"]] = said["msgstr"]
    return found


def shared() -> dict[str, dict[str, dict[str, str]]]:
    """Return the texts that the interface and the terminal share, with their translations."""
    codes = json.loads((WORDS / "own.json").read_text(encoding="utf-8"))["codes"]
    # What other pages happen to say alike is none of the terminal's.
    english = {text for name in (*TABLES, "sentence") for text in codes[name].values()}
    listed = {language: catalogue(language) for language in LANGUAGES}
    return {
        "codes": {},
        "texts": {
            text: {language: listed[language][text] for language in LANGUAGES}
            for text in sorted(english)
            if all(text in each for each in listed.values())
        },
    }


def page_words() -> dict[str, dict[str, str]]:
    """Return the page's tables of words for alerts, by the terminal's names for them."""
    source = (PAGE / "words.ts").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {}
    for table, name in TABLES.items():
        body = source.partition(f"export const {name}")[2].partition("= {")[2].partition("};")[0]
        found[table] = dict(re.findall(r"(\w+): msg`([^`]*)`", body))
    return found


def page_sentences() -> str:
    """Return the page that words the sentences, each of them in one line."""
    return " ".join((PAGE / "sentence.tsx").read_text(encoding="utf-8").split())


def written(content: object) -> str:
    """Return what is written into a file."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write the shared words, or hold them against the interface's."""
    file, wanted = WORDS / "shared.json", written(shared())
    if "--check" not in sys.argv:
        file.write_text(wanted, encoding="utf-8")
        return 0
    if file.read_text(encoding="utf-8") == wanted:
        return 0
    print("src/parley/words/shared.json: run python tools/plain_words.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
