"""What is open at the node: what whoever comes on duty sees before they take it.

It is asked of the same services as the watch page, the terminal and the text page, and its
deadlines are those of :mod:`parley.words.dues`: nobody is handed anything that the desk does not
show. What was open goes into the trail with the taking of the duty, so that it can be shown later
what was handed over.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

import msgspec
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.checks.view import line_view
from parley.crisis.conduct.assessment_view import assessment_view
from parley.crisis.conduct.crisis_view import summary_view
from parley.crisis.duty.view import failed_notices
from parley.crisis.service import SHOWN_MAX
from parley.crisis.view import OwnClock, alert_view
from parley.identity.trail import WORDS_MAX
from parley.line.view import stamp
from parley.web.parts import Parts
from parley.web.staff_answers import HandoverAnswer, OpenDueView, OpenMatterView
from parley.words.alerts import OURS_TO_DO
from parley.words.crises import is_shown, other_of, own_of, party_of_call, shown_calls
from parley.words.dues import DeadlineRow, DeskShown, dues
from parley.words.plain import line

Json = Mapping[str, Any]
Dues = Mapping[str, list[DeadlineRow]]
KINDS: Final = ("alert", "check", "missed", "notification", "reminder", "call", "crisis")
TEXT_CHARACTERS_MAX: Final = 160
"""Of an alert's text. More: fewer matters stand on one screen; the whole of it is a step away."""
HASH_DIGITS: Final = 8
"""Of each matter's hash in the trail: enough to find it, and many fit."""


async def open_now(parts: Parts) -> HandoverAnswer:
    """Return everything that is open at this instant, what is due soonest first."""
    now = parts.clock.now()
    own = parts.lines.book.own.id.text
    alerts, calls, checks = await _alerts(parts), await _calls(parts), await _checks(parts)
    crises = await _crises(parts)
    names = {each.party.id: each.party.name for each in parts.lines.views()}
    due: dict[str, list[DeadlineRow]] = {}
    for row in dues(DeskShown(own, names, alerts, calls, checks, crises)):
        due.setdefault(row.about, []).append(row)
    found = chain(
        (_alert(each, due) for each in alerts),
        _check_matters(checks),
        await _papers(parts, own, names),
        (_call(each, own, names, due) for each in calls),
        (_crisis(each, due) for each in crises),
    )
    last = "\N{DELETE}"
    matters = sorted(found, key=lambda each: min((d.due_at for d in each.due), default=last))
    untold = await parts.database.read(failed_notices)
    return HandoverAnswer(stamp(now), tuple(matters), untold)


def handed_over_words(found: HandoverAnswer) -> str:
    """Return what the trail keeps of it: a count of each kind, then each matter while they fit.

    Pages word the counts in the reader's language; the rest are hashes and fixed words.
    """
    count = Counter(each.kind for each in found.matters)
    counts = " ".join(f"{kind}={count[kind]}" for kind in KINDS)
    said = f"{counts} untold={found.untold};"
    for each in found.matters:
        more = f" {each.kind}:{each.about[:HASH_DIGITS]}:{each.state}"
        if len(said) + len(more) > WORDS_MAX:
            break
        said += more
    return said


async def _alerts(parts: Parts) -> list[Json]:
    clock = OwnClock(milliseconds(parts.clock.now()), parts.clock.error_bound_ms())
    own, name = parts.record.keys.party, parts.lines.name_of
    return [
        _plain(
            alert_view(each.alert, own, name, clock, each.overdue, each.limits, each.steps),
        )
        for each in await parts.alerts.seen(is_open_only=True, limit=SHOWN_MAX)
    ]


async def _calls(parts: Parts) -> list[Json]:
    return shown_calls(_plain(each) for each in await parts.calls.calls(None, SHOWN_MAX))


async def _checks(parts: Parts) -> list[Json]:
    own, name = parts.record.keys.party, parts.lines.name_of
    return [_plain(line_view(each, own, name, None)) for each in await parts.checks.lines(1)]


async def _crises(parts: Parts) -> list[Json]:
    own, name = parts.record.keys.party, parts.lines.name_of
    now_ms = milliseconds(parts.clock.now())
    found: list[Json] = []
    for each in await parts.crises.crises(None, SHOWN_MAX):
        shown = _plain(summary_view(each, own, name))
        if not is_shown(shown):
            continue
        begun = each.assessment
        assessment = None if begun is None else _plain(assessment_view(each, begun, now_ms))
        found.append({**shown, "assessment": assessment})
    return found


async def _papers(parts: Parts, own: str, names: Mapping[str, str]) -> list[OpenMatterView]:
    """Return questions about notifications that wait, and yearly ones that are due."""
    found = []
    for each in await parts.notifications.notifications(None, SHOWN_MAX):
        is_ours = each.author == own
        for query in each.queries:
            if query.state == "clarified":
                continue
            about = OpenMatterView(
                "notification",
                each.hash,
                "" if is_ours else line(names.get(each.author, each.author)),
                state=query.state,
                text=each.number,
                due=(OpenDueView("clarification", query.due_at, None),),
                is_ours=is_ours,
                is_exercise=each.is_exercise,
                is_late=query.state == "overdue",
            )
            found.append(about)
    for reminder in await parts.notifications.reminders():
        if not reminder.is_met:
            due = (OpenDueView("reminder", reminder.due_at, None),)
            text = f"{reminder.type_id} {reminder.year}"
            about = OpenMatterView(
                "reminder", reminder.space, "", state="due", text=text, due=due, is_ours=True
            )
            found.append(about)
    return found


def _alert(alert: Json, due: Dues) -> OpenMatterView:
    text = line(" ".join(str(alert["texts"][0]["text"]).split()))
    cut = text if len(text) <= TEXT_CHARACTERS_MAX else f"{text[:TEXT_CHARACTERS_MAX]}…"
    return OpenMatterView(
        "alert",
        str(alert["hash"]),
        line(str(alert["party"])),
        state=str(alert["state"]),
        text=cut,
        precedence=str(alert["precedence"]),
        duty=str(alert["saying"]["duty"]),
        due=_dues(due.get(str(alert["hash"]), ())),
        is_ours=alert["saying"]["duty"] in OURS_TO_DO,
        is_exercise=bool(alert["is_exercise"]),
        is_late=bool(alert["overdue"]),
    )


def _check_matters(lines: Iterable[Json]) -> Iterator[OpenMatterView]:
    """Yield the line checks that are under way, and those missed that nobody has seen to."""
    for each in lines:
        space, party, now = str(each["space"]), line(str(each["party"])), each["now"]
        if now is not None and now["limit_at"] is not None:
            yield OpenMatterView(
                "check",
                space,
                party,
                state=str(now["state"]),
                text=str(now["name"]),
                due=(OpenDueView("check_step", str(now["limit_at"]), None),),
                is_ours=now["turn"] == "us",
                is_exercise=bool(now["is_exercise"]),
            )
        for missed in each["notices"]:
            yield OpenMatterView(
                "missed",
                space,
                party,
                state="missed",
                text=str(missed["name"]),
                at=str(missed["made_at"]),
                is_ours=True,
                is_late=True,
            )


def _call(call: Json, own: str, names: Mapping[str, str], due: Dues) -> OpenMatterView:
    return OpenMatterView(
        "call",
        str(call["hash"]),
        party_of_call(call, own, names),
        state=str(call["state"]),
        text=line(str(call["who_asks"])),
        due=_dues(due.get(str(call["hash"]), ())),
        is_ours=call["turn"] == own,
        is_exercise=bool(call["is_exercise"]),
        is_late=bool(call["is_overdue"]),
    )


def _crisis(crisis: Json, due: Dues) -> OpenMatterView:
    own = own_of(crisis)
    is_open = any(each["party"] == own and each["state"] == "open" for each in crisis["sides"])
    return OpenMatterView(
        "crisis",
        str(crisis["hash"]),
        other_of(crisis),
        state="open" if crisis["is_open"] else str(crisis["state"]),
        text=str(crisis["number"]),
        due=_dues(due.get(str(crisis["hash"]), ())),
        is_ours=is_open,
        is_exercise=bool(crisis["is_exercise"]),
    )


def _dues(rows: Iterable[DeadlineRow]) -> tuple[OpenDueView, ...]:
    return tuple(
        OpenDueView(row.limit, row.due_at.format_iso(), _maybe(row.theirs_at))
        for row in sorted(rows, key=lambda row: row.due_at)
    )


def _maybe(at: Instant | None) -> str | None:
    return None if at is None else at.format_iso()


def _plain(view: msgspec.Struct) -> Json:
    shown: Json = msgspec.to_builtins(view)
    return shown
