"""Crises and call requests on the text-only page: what is said of them, and where to act.

They are read here. What is said in a crisis is written in a browser with scripts, or in a terminal.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from parley.web.text.markup import listed, wording
from parley.words import Words
from parley.words.alerts import breach_rows
from parley.words.crises import (
    StatementRow,
    call_headline,
    call_rows,
    crisis_headline,
    effect_rows,
    fact_rows,
    is_agreed,
    is_shown,
    open_headline,
    side_rows,
    stage_row,
    statement_rows,
    waits_for_us,
)

Json = Mapping[str, Any]
WORDS_MAX: Final = 400
"""Characters of one statement. More: a long crisis is not read over a thin line."""
SAID_MAX: Final = 20
"""Statements and facts each that are shown, the newest. More: as above."""


def crisis_strip(crises: Sequence[Json], words: Words) -> list[str]:
    """Return what stands above all but what rings while a side of a crisis is open."""
    found = [each for each in crises if each["is_open"]]
    if not found:
        return []
    said = _marked(found[0], open_headline(found, words))
    link = f'<a href="/text?crisis={found[0]["hash"]}">{said}</a>'
    return [f"<p class=crisis role=status>{link}</p>"]


def crisis_row(crisis: Json, words: Words) -> str:
    """Return a crisis in the list."""
    head = _marked(crisis, crisis_headline(crisis, words))
    rows = [escape(each) for each in (*side_rows(crisis, words), *effect_rows(crisis, words))]
    stage = stage_row(crisis, words)
    rows += [] if stage is None else [escape(stage)]
    rows += [f"<b>{wording(words, 'It waits for us.')}</b>"] if waits_for_us(crisis) else []
    return f'<a href="/text?crisis={crisis["hash"]}">{head}</a><br>' + "<br>".join(rows)


def crisis_whole(crisis: Json, due: Sequence[str], words: Words) -> list[str]:
    """Return all of a crisis; what is due is HTML already."""
    parts = [f"<h2>{_marked(crisis, crisis_headline(crisis, words))}</h2>"]
    rows = [*side_rows(crisis, words), *effect_rows(crisis, words)]
    stage = stage_row(crisis, words)
    rows += [] if stage is None else [stage]
    parts.append(listed([*map(escape, rows), *due]))
    said = [*fact_rows(crisis, words)[-SAID_MAX:], *statement_rows(crisis, words)[-SAID_MAX:]]
    parts.append(listed([_row(each) for each in said]) if said else "")
    parts += [f"<p>{escape(each)}</p>" for each in breach_rows(crisis, words)]
    if is_shown(crisis):
        where = wording(
            words, "To speak in it, sign or close: a browser with scripts, or parley desk."
        )
        parts.append(f"<p>{where}</p>")
    return [*parts, f"<p>SHA-256 {crisis['hash']}</p>"]


def call_row(call: Json, own: str, names: Mapping[str, str], words: Words) -> str:
    """Return a call request in the list."""
    head = _marked(call, call_headline(call, own, names, words))
    rows = "<br>".join(map(escape, call_rows(call, own, words)))
    return f'<a href="/text?call={call["hash"]}">{head}</a><br>{rows}'


def call_whole(
    call: Json, own: str, names: Mapping[str, str], due: Sequence[str], words: Words
) -> list[str]:
    """Return all of a call request; what is due is HTML already."""
    head = _marked(call, call_headline(call, own, names, words))
    return [
        f"<h2>{head}</h2>",
        listed([*map(escape, call_rows(call, own, words)), *due]),
        *_where_to_act(call, own, words),
        f"<p>SHA-256 {call['hash']}</p>",
    ]


def _where_to_act(call: Json, own: str, words: Words) -> list[str]:
    """Return where the act is done that is ours now; nothing where none is."""
    if call["turn"] == own:
        where = wording(words, "To answer it: a browser with scripts, or parley desk.")
        return [f"<p>{where}</p>"]
    if is_agreed(call):
        return [f"<p>{wording(words, 'The call itself: a browser.')}</p>"]
    return []


def _row(row: StatementRow) -> str:
    text = row.text if len(row.text) <= WORDS_MAX else f"{row.text[:WORDS_MAX]}…"
    more = f"<br>{escape(row.more)}" if row.more else ""
    return f"<b>{escape(row.head)}</b><br><bdi>{escape(text)}</bdi>{more}"


def _marked(content: Json, said: str) -> str:
    return f"<span class=exercise>{escape(said)}</span>" if content["is_exercise"] else escape(said)
