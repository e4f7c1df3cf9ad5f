"""Copies the interface's words for alerts, calls and crises into what is shown without it.

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
VIEWS = ROOT / "ui" / "src" / "views"
LANGUAGES = ("zh-Hans", "ru", "uz", "prs", "ps")
TABLES = {
    "precedence": ("watch/words", "PRECEDENCE_WORDS"),
    "level": ("watch/words", "ALERT_LEVEL_WORDS"),
    "capacity": ("watch/words", "CAPACITY_WORDS"),
    "choice": ("watch/words", "ANSWER_WORDS"),
    "paraphrase": ("watch/words", "PARAPHRASE_WORDS"),
    "answer": ("watch/words", "GIVEN_WORDS"),
    "standing": ("watch/words", "STANDING_WORDS"),
    "duty": ("watch/words", "DUTY_WORDS"),
    "limit": ("watch/words", "LIMIT_WORDS"),
    "breach": ("watch/words", "BREACH_WORDS"),
    "guard": ("watch/words", "GUARD_WORDS"),
    "fault": ("watch/words", "FAULT_WORDS"),
    "refusal": ("words", "REFUSAL_WORDS"),
    "trouble": ("words", "NODE_TROUBLE_WORDS"),
    "reason": ("reasons", "REASON_WORDS"),
    "role": ("words", "ROLE_WORDS"),
    "line": ("words", "LINE_WORDS"),
    "path": ("words", "PATH_WORDS"),
    "paper_breach": ("notifications/words", "BREACH_WORDS"),
    "paper_state": ("notifications/words", "STATE_WORDS"),
    "query": ("notifications/words", "QUERY_WORDS"),
    "finding": ("notifications/words", "REASON_WORDS"),
    "silence": ("checks/words", "SILENCE_WORDS"),
    "proved": ("checks/words", "PROVED_WORDS"),
    "line_standing": ("checks/words", "LINE_STANDING_WORDS"),
    "accepted": ("checks/words", "ACCEPTED_WORDS"),
    "line_silence": ("desk/words", "LINE_SILENCE_WORDS"),
    "contact": ("contacts/words", "CONTACT_STANDING_WORDS"),
    "contact_list": ("contacts/words", "LIST_STANDING_WORDS"),
    "contact_breach": ("contacts/words", "CONTACT_BREACH_WORDS"),
    "contact_field": ("contacts/words", "CONTACT_FIELD_WORDS"),
    "trial": ("contacts/words", "OUTCOME_WORDS"),
    "way": ("contacts/words", "WAY_WORDS"),
    "side": ("crisis/words", "SIDE_WORDS"),
    "statement_kind": ("crisis/words", "KIND_WORDS"),
    "statement": ("crisis/words", "STATEMENT_WORDS"),
    "stage": ("crisis/words", "STAGE_WORDS"),
    "entry": ("crisis/words", "ENTRY_WORDS"),
    "call": ("calls/words", "CALL_STATE_WORDS"),
    "mode": ("calls/words", "MODE_WORDS"),
    "interpreter": ("calls/words", "INTERPRETER_WORDS"),
    "call_answer": ("calls/words", "CALL_ANSWER_WORDS"),
}
"""Which table of which page words which codes."""
SENTENCES = ("sentence", "step", "told")
"""Tables that a page words one by one."""
ADOPTED = ("sheet", "label", "whose", "door", "enters_as")
"""Tables of texts that a page says somewhere."""
_WORDED = re.compile(r'^ +"?([^"\n]+?)"?: msg`([^`]*)`', re.MULTILINE)
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
    english = {text for name in (*TABLES, *SENTENCES, *ADOPTED) for text in codes[name].values()}
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
    """Return the pages' tables of words, by the terminal's names for them."""
    found: dict[str, dict[str, str]] = {}
    for table, (page, name) in TABLES.items():
        source = (VIEWS / f"{page}.ts").read_text(encoding="utf-8")
        body = source.partition(f"export const {name}")[2].partition("= {")[2].partition("};")[0]
        found[table] = dict(_WORDED.findall(body))
    return found


def page_sentences() -> str:
    """Return the page that words the sentences, each of them in one line."""
    return " ".join((VIEWS / "watch" / "sentence.tsx").read_text(encoding="utf-8").split())


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
