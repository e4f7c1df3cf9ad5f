"""The text-only page as HTML: worded by the same words as the terminal's desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from whenever import Instant

from parley.web.text.contacts import contact_rows
from parley.web.text.markup import said_line, section, wording
from parley.web.text.matters import call_row, call_whole, crisis_row, crisis_strip, crisis_whole
from parley.words import Words
from parley.words.alerts import (
    breach_rows,
    closing_rows,
    headline,
    late_rows,
    left_of,
    mark_rows,
    paraphrase_rows,
    planned_words,
    rank,
    rings,
    sentence_of,
    stamp_of,
    step_rows,
    told_rows,
)
from parley.words.crises import call_headline, crisis_headline
from parley.words.dues import DeadlineRow, DeskShown, due_words, dues, limit_words
from parley.words.handover import offices_to_take, open_rows
from parley.words.plain import plain
from parley.words.refusals import trouble_words

Json = Mapping[str, Any]
REFRESH_S: Final = 30
RINGING_REFRESH_S: Final = 15
"""Seconds after which the page asks anew. Less shows an alert sooner and fills a thin line."""
ALERTS_MAX: Final = 10
WORDS_MAX: Final = 160
"""Characters of an alert in the list; the whole of it is a link away."""
OPEN_MAX: Final = 20
"""Open matters that are listed before a duty is taken. More: the page takes longer on a thin line;
the rest are counted."""
MATTERS_MAX: Final = 5
"""Crises and call requests each that are listed. More: the page takes longer on a thin line."""


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
    own: str = ""
    """Id of our party."""
    crises: Sequence[Json] = ()
    """Those that are open, or are looked back on; with their ``assessment``, if it has begun."""
    calls: Sequence[Json] = ()
    checks: Sequence[Json] = ()
    """Of each line: the check that is under way, and the next ones."""
    chosen_crisis: Json | None = None
    chosen_call: Json | None = None
    contacts: Sequence[Json] = ()
    """Of each line: whom the two parties name to each other."""
    me: str = ""
    """Id of the person."""
    handover: Json | None = None
    """What is open, for a person who can take a duty."""
    troubles: Sequence[str] = ()
    """Codes of what ails our own node, the gravest first."""

    @property
    def names(self) -> dict[str, str]:
        """Return what the other parties are called, by id."""
        return {str(each["party"]["id"]): str(each["party"]["name"]) for each in self.lines}

    @property
    def dues(self) -> list[DeadlineRow]:
        """Return what is due, the soonest first."""
        shown = DeskShown(self.own, self.names, self.alerts, self.calls, self.checks, self.crises)
        return dues(shown)


def page(shown: TextPage, words: Words, now: Instant) -> str:
    """Return the page of somebody who is signed in."""
    ringing = sorted((each for each in shown.alerts if rings(each)), key=rank)
    parts = [f"<h1>{said_line(shown.party)}: {said_line(shown.person)}</h1>"]
    parts.append(
        f"<p><span dir=ltr>{_clock(now)}</span> <a href=/text>{wording(words, 'Ask again')}</a></p>"
    )
    parts += [
        f"<p class=ails role=alert>{escape(trouble_words(code, words))}</p>"
        for code in shown.troubles
    ]
    found = _chosen(shown, words, now)
    if found is not None:
        return _document(words, found[0], [*parts, *found[1]], None)
    parts += _ringing(ringing, words)
    parts += crisis_strip(shown.crises, words)
    parts += section(words.say("Alerts"), _alerts(shown.alerts, words, now), words)
    parts += section(words.say("Due"), _due(shown, words, now), words)
    if shown.crises:
        rows = [crisis_row(each, words) for each in shown.crises[:MATTERS_MAX]]
        parts += section(words.say("Crises"), rows, words)
    if shown.calls:
        rows = [call_row(each, shown.own, shown.names, words) for each in shown.calls]
        parts += section(words.say("Call requests"), rows[:MATTERS_MAX], words)
    parts += section(words.say("Lines"), _lines(shown.lines, words), words)
    if shown.contacts:
        parts += section(
            words.say("Contacts there now"), contact_rows(shown.contacts, words), words
        )
    parts += section(words.say("On duty"), _offices(shown.offices, words), words)
    parts += _handing_over(shown, words, now)
    title = words.say("Parley, text only")
    if ringing:
        title = f"*** {headline(ringing[0], words)} ***"
    return _document(words, title, parts, RINGING_REFRESH_S if ringing else REFRESH_S)


def _chosen(shown: TextPage, words: Words, now: Instant) -> tuple[str, list[str]] | None:
    """Return the title and the parts of the one thing that is asked for, None if nothing is."""
    if shown.chosen is not None:
        return headline(shown.chosen, words), _whole(shown.chosen, words, now)
    crisis, call = shown.chosen_crisis, shown.chosen_call
    if crisis is not None:
        rows = [_due_row(row, words, now) for row in shown.dues if row.about == crisis["hash"]]
        return crisis_headline(crisis, words), crisis_whole(crisis, rows, words)
    if call is not None:
        rows = [_due_row(row, words, now) for row in shown.dues if row.about == call["hash"]]
        title = call_headline(call, shown.own, shown.names, words)
        return title, call_whole(call, shown.own, shown.names, rows, words)
    return None


def sign_in_page(words: Words) -> str:
    """Return the page of somebody who is not signed in."""
    said = words.say(
        "Open the one-time link of your invitation in this browser, or sign in with a passkey."
    )
    parts = [f"<h1>{wording(words, 'Parley, text only')}</h1>", f"<p>{escape(said)}</p>"]
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
        f"<p class=rings role=alert>{wording(words, 'RINGS')}: {_headline(each, words)}</p>"
        for each in ringing[:ALERTS_MAX]
    ]


def _alerts(alerts: Sequence[Json], words: Words, now: Instant) -> list[str]:
    first = sorted(alerts, key=lambda each: (not rings(each), rank(each)))
    return [_row(each, words, now) for each in first[:ALERTS_MAX]]


def _row(alert: Json, words: Words, now: Instant) -> str:
    text = " ".join(str(alert["texts"][0]["text"]).split())
    cut = text if len(text) <= WORDS_MAX else f"{text[:WORDS_MAX]}…"
    soonest = min((str(due["due_at"]) for due in alert["due"]), default=None)
    left = (
        ""
        if soonest is None
        else f" (<span dir=ltr>{left_of(Instant.parse_iso(soonest), now)}</span>)"
    )
    marks = "".join(f"<b>{escape(each)}</b> " for each in mark_rows(alert, words))
    return (
        f'<a href="/text?alert={alert["hash"]}">{_headline(alert, words)}</a> {marks}'
        f"{escape(words.code('state', str(alert['state'])))}<br>"
        f"<bdi>{said_line(cut)}</bdi><br>{escape(sentence_of(alert, words))} "
        f"<b>{escape(words.code('duty', str(alert['saying']['duty'])))}</b>{left}"
    )


def _whole(alert: Json, words: Words, now: Instant) -> list[str]:
    parts = [f"<h2>{_headline(alert, words)}</h2>"]
    for text in (*alert["texts"], *alert["translations"]):
        shown = escape(plain(str(text["text"] or "")))
        parts.append(f'<p class=words lang="{escape(text["language"])}" dir=auto>{shown}</p>')
    duty = escape(words.code("duty", str(alert["saying"]["duty"])))
    parts.append(f"<p>{escape(sentence_of(alert, words))} <b>{duty}</b></p>")
    rows = [f"<b>{escape(each)}</b>" for each in mark_rows(alert, words)]
    rows += [_due_words(alert, each, words, now) for each in alert["due"]]
    rows += [f"<b>{escape(each)}</b>" for each in late_rows(alert, words)]
    rows += map(escape, (*step_rows(alert, words), *told_rows(alert, words)))
    for given in alert["answers"]:
        kind = escape(words.code("answer", str(given["kind"])))
        at = words.apart(stamp_of(given["at"]))
        rows.append(f"{kind}, {at}: <bdi>{said_line(given['words'] or '')}</bdi>")
    for named, said in paraphrase_rows(alert, words):
        spoken = f": <bdi>{said_line(said)}</bdi>" if said else ""
        rows.append(f"{escape(named)}{spoken}")
    rows += map(escape, closing_rows(alert, words))
    rows += map(escape, breach_rows(alert, words))
    parts.append("<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>")
    if rings(alert):
        where = f"/api/alerts/{alert['hash']}/acknowledge"
        said = words.say("Acknowledge: read, nothing admitted, nothing promised")
        language = str(alert["texts"][0]["language"])
        parts.append(_form(f"{where}/begin", where, language, said, words))
    parts.append(f"<p>SHA-256 {alert['hash']}</p>")
    return parts


def _handing_over(shown: TextPage, words: Words, now: Instant) -> list[str]:
    """Return what is open, and under it what takes each duty that the person can take."""
    offices = offices_to_take(shown.offices, shown.me)
    if shown.handover is None or not offices:
        return []
    rows = [escape(each) for each in open_rows(shown.handover, words, now)]
    listed = rows[:OPEN_MAX]
    if len(rows) > OPEN_MAX:
        listed.append(escape(words.say("and {count} more", count=len(rows) - OPEN_MAX)))
    parts = section(words.say("Handing over"), listed, words)
    for each in offices:
        parts.append(f"<p><bdi>{said_line(each['name'])}</bdi></p>")
        where = (f"/api/offices/{each['id']}/duty", shown.me)
        step_up = "/api/step-up"
        said = words.say("Take the duty")
        parts.append(_form(f"{step_up}/begin", f"{step_up}/finish", None, said, words, then=where))
    return parts


def _form(
    begin: str,
    finish: str,
    language: str | None,
    said: str,
    words: Words,
    *,
    then: tuple[str, str] | None = None,
) -> str:
    """Return a form that uses a passkey, and then names a person where that is wanted."""
    needed = words.say("This needs a passkey, and so a script. Without one: parley desk.")
    chosen = "" if language is None else f' data-language="{escape(language)}"'
    if then is not None:
        chosen += f' data-then="{escape(then[0])}" data-person="{escape(then[1])}"'
    return (
        f'<form hidden data-begin="{begin}" data-finish="{finish}"{chosen}>'
        f"<button>{escape(said)}</button> <output role=status></output></form>"
        f"<noscript><p>{escape(needed)}</p></noscript>"
    )


def _due(shown: TextPage, words: Words, now: Instant) -> list[str]:
    return [
        f"{_due_row(row, words, now)} {_due_name(row, words)}" for row in shown.dues[:ALERTS_MAX]
    ]


def _due_row(row: DeadlineRow, words: Words, now: Instant) -> str:
    left, theirs = due_words(row, words, now)
    mark = f"<span class=exercise>{wording(words, 'EXERCISE')}</span> " if row.is_exercise else ""
    said = f"<b dir=ltr>{left}</b> {mark}{escape(limit_words(row, words))}"
    return f"{said} ({escape(theirs)})" if theirs else said


def _due_name(row: DeadlineRow, words: Words) -> str:
    return escape(
        " ".join(filter(None, (words.code("precedence", row.precedence), words.apart(row.party))))
    )


def _due_words(_: Json, due: Json, words: Words, now: Instant) -> str:
    left = left_of(Instant.parse_iso(due["due_at"]), now)
    said = f"<b>{left}</b> {escape(words.code('limit', str(due['limit'])))}"
    said += f", {escape(words.say('ours {at}', at=stamp_of(str(due['due_at']))))}"
    if due.get("theirs_at"):
        theirs = left_of(Instant.parse_iso(due["theirs_at"]), now)
        said += f" ({escape(words.say('theirs {at}', at=theirs))})"
    return said


def _lines(lines: Sequence[Json], words: Words) -> list[str]:
    return [
        f"<bdi>{said_line(each['party']['name'])}</bdi>: "
        f"<b>{escape(words.code('line', str(each['state'])))}</b>, "
        + escape(words.say("last proof {at}", at=stamp_of(each["last_proof_at"])))
        + (f"<br>{escape(words.code('line_silence', each['silence']))}" if each["silence"] else "")
        for each in lines
    ]


def _offices(offices: Sequence[Json], words: Words) -> list[str]:
    return [
        f"<bdi>{said_line(each['name'])}</bdi>: "
        + (
            said_line(each["duty"]["person"]["name"])
            if each["duty"]
            else f"<b>{wording(words, 'nobody')}</b>"
        )
        + (f"<br><b>{escape(planned_words(each, words))}</b>" if each["planned"] else "")
        for each in offices
        if each["closed_at"] is None
    ]


def _headline(alert: Json, words: Words) -> str:
    said = escape(headline(alert, words))
    return f"<span class=exercise>{said}</span>" if alert["is_exercise"] else said


def _clock(now: Instant) -> str:
    return stamp_of(now.format_iso())
