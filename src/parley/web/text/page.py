"""The text-only page as HTML: worded by the same words as the terminal's desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from whenever import Instant

from parley.words import Words
from parley.words.alerts import headline, left_of, rank, rings, sentence_of, stamp_of
from parley.words.plain import line, plain

Json = Mapping[str, Any]
REFRESH_S: Final = 30
RINGING_REFRESH_S: Final = 15
"""Seconds after which the page asks anew. Less shows an alert sooner and fills a thin line."""
ALERTS_MAX: Final = 10
WORDS_MAX: Final = 160
"""Characters of an alert in the list; the whole of it is a link away."""


@dataclass(frozen=True, slots=True)
class TextPage:
    """What a text-only page shows."""

    person: str
    party: str
    lines: Sequence[Json]
    alerts: Sequence[Json]
    offices: Sequence[Json]
    chosen: Json | None = None
    """One alert, in full."""


def page(shown: TextPage, words: Words, now: Instant) -> str:
    """Return the page of somebody who is signed in."""
    ringing = sorted((each for each in shown.alerts if rings(each)), key=rank)
    parts = [f"<h1>{_said(shown.party)}: {_said(shown.person)}</h1>"]
    parts.append(f"<p>{_clock(now)} <a href=/text>{_t(words, 'Ask again')}</a></p>")
    if shown.chosen is not None:
        parts += _whole(shown.chosen, words, now)
        return _document(words, headline(shown.chosen, words), parts, None)
    parts += _ringing(ringing, words)
    parts += _section(words.say("Alerts"), _alerts(shown.alerts, words, now), words)
    parts += _section(words.say("Due"), _due(shown.alerts, words, now), words)
    parts += _section(words.say("Lines"), _lines(shown.lines, words), words)
    parts += _section(words.say("On duty"), _offices(shown.offices, words), words)
    title = words.say("Parley, text only")
    if ringing:
        title = f"*** {headline(ringing[0], words)} ***"
    return _document(words, title, parts, RINGING_REFRESH_S if ringing else REFRESH_S)


def sign_in_page(words: Words) -> str:
    """Return the page of somebody who is not signed in."""
    said = words.say(
        "Open the one-time link of your invitation in this browser, or sign in with a passkey."
    )
    parts = [f"<h1>{_t(words, 'Parley, text only')}</h1>", f"<p>{escape(said)}</p>"]
    where = "/api/sign-in/passkey"
    parts.append(_form(f"{where}/begin", f"{where}/finish", None, words.say("Sign in"), words))
    return _document(words, words.say("Parley, text only"), parts, None)


def _document(words: Words, title: str, parts: Iterable[str], refresh_s: int | None) -> str:
    direction = "rtl" if words.is_right_to_left else "ltr"
    again = "" if refresh_s is None else f'<meta http-equiv=refresh content="{refresh_s}">'
    return (
        f'<!doctype html><html lang="{words.tag}" dir={direction}><head><meta charset=utf-8>'
        f'<meta name=viewport content="width=device-width">{again}<title>{escape(title)}</title>'
        "<link rel=stylesheet href=/text/page.css></head><body>"
        + "\n".join(parts)
        + "<script src=/text/page.js></script></body></html>"
    )


def _ringing(ringing: Sequence[Json], words: Words) -> list[str]:
    return [
        f"<p class=rings role=alert>{_t(words, 'RINGS')}: {_headline(each, words)}</p>"
        for each in ringing[:ALERTS_MAX]
    ]


def _section(title: str, rows: Sequence[str], words: Words) -> list[str]:
    listed = "".join(f"<li>{row}</li>" for row in rows)
    nothing = f"<p>{_t(words, 'Nothing.')}</p>"
    return [f"<h2>{escape(title)}</h2>", f"<ul>{listed}</ul>" if rows else nothing]


def _alerts(alerts: Sequence[Json], words: Words, now: Instant) -> list[str]:
    first = sorted(alerts, key=lambda each: (not rings(each), rank(each)))
    return [_row(each, words, now) for each in first[:ALERTS_MAX]]


def _row(alert: Json, words: Words, now: Instant) -> str:
    text = " ".join(str(alert["texts"][0]["text"]).split())
    cut = text if len(text) <= WORDS_MAX else f"{text[:WORDS_MAX]}…"
    soonest = min((str(due["due_at"]) for due in alert["due"]), default=None)
    left = "" if soonest is None else f" ({left_of(Instant.parse_iso(soonest), now)})"
    return (
        f'<a href="/text?alert={alert["hash"]}">{_headline(alert, words)}</a> '
        f"{escape(words.code('state', str(alert['state'])))}<br>"
        f"<bdi>{_said(cut)}</bdi><br>{escape(sentence_of(alert, words))} "
        f"<b>{escape(words.code('duty', str(alert['saying']['duty'])))}</b>{left}"
    )


def _whole(alert: Json, words: Words, now: Instant) -> list[str]:
    parts = [f"<h2>{_headline(alert, words)}</h2>"]
    for text in (*alert["texts"], *alert["translations"]):
        shown = escape(plain(str(text["text"] or "")))
        parts.append(f'<p class=words lang="{escape(text["language"])}" dir=auto>{shown}</p>')
    duty = escape(words.code("duty", str(alert["saying"]["duty"])))
    parts.append(f"<p>{escape(sentence_of(alert, words))} <b>{duty}</b></p>")
    rows = [_due_words(alert, each, words, now) for each in alert["due"]]
    for given in alert["answers"]:
        kind = escape(words.code("answer", str(given["kind"])))
        rows.append(f"{kind}, {stamp_of(given['at'])}: <bdi>{_said(given['words'] or '')}</bdi>")
    rows += [f"! {_said(each['kind'])}: {_said(each['what'])}" for each in alert["breaches"]]
    parts.append("<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>")
    if rings(alert):
        where = f"/api/alerts/{alert['hash']}/acknowledge"
        said = words.say("Acknowledge: read, nothing admitted, nothing promised")
        language = str(alert["texts"][0]["language"])
        parts.append(_form(f"{where}/begin", where, language, said, words))
    parts.append(f"<p>SHA-256 {alert['hash']}</p>")
    return parts


def _form(begin: str, finish: str, language: str | None, said: str, words: Words) -> str:
    needed = words.say("This needs a passkey, and so a script. Without one: parley desk.")
    chosen = "" if language is None else f' data-language="{escape(language)}"'
    return (
        f'<form hidden data-begin="{begin}" data-finish="{finish}"{chosen}>'
        f"<button>{escape(said)}</button> <output role=status></output></form>"
        f"<noscript><p>{escape(needed)}</p></noscript>"
    )


def _due(alerts: Sequence[Json], words: Words, now: Instant) -> list[str]:
    rows = [
        (str(due["due_at"]), each, due)
        for each in alerts
        if each["state"] != "closed"
        for due in each["due"]
    ]
    rows.sort(key=lambda row: row[0])
    return [
        f"{_due_words(each, due, words, now)} {_headline(each, words)}"
        for _, each, due in rows[:ALERTS_MAX]
    ]


def _due_words(_: Json, due: Json, words: Words, now: Instant) -> str:
    left = left_of(Instant.parse_iso(due["due_at"]), now)
    said = f"<b>{left}</b> {escape(words.code('limit', str(due['limit'])))}"
    if due.get("theirs_at"):
        theirs = left_of(Instant.parse_iso(due["theirs_at"]), now)
        said += f" ({escape(words.say('theirs {at}', at=theirs))})"
    return said


def _lines(lines: Sequence[Json], words: Words) -> list[str]:
    return [
        f"<bdi>{_said(each['party']['name'])}</bdi>: "
        f"<b>{escape(words.code('line', str(each['state'])))}</b>, "
        + escape(words.say("last proof {at}", at=stamp_of(each["last_proof_at"])))
        for each in lines
    ]


def _offices(offices: Sequence[Json], words: Words) -> list[str]:
    return [
        f"<bdi>{_said(each['name'])}</bdi>: "
        + (
            _said(each["duty"]["person"]["name"])
            if each["duty"]
            else f"<b>{_t(words, 'nobody')}</b>"
        )
        for each in offices
        if each["closed_at"] is None
    ]


def _headline(alert: Json, words: Words) -> str:
    said = escape(headline(alert, words))
    return f"<span class=exercise>{said}</span>" if alert["is_exercise"] else said


def _said(text: object) -> str:
    return escape(line(str(text)))


def _t(words: Words, english: str) -> str:
    return escape(words.say(english))


def _clock(now: Instant) -> str:
    return stamp_of(now.format_iso())
