"""What is said of a crisis and of a call request, worded once for terminal and text page.

Both sides' own words stand beside each other; nothing is claimed beyond the node's answers, which
are given as JSON. A core without I/O.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley.words import Words, language_name
from parley.words.alerts import stamp_of
from parley.words.plain import line

Json = Mapping[str, Any]
OVER: Final = frozenset({"adopted", "ended_without_joint_text"})
"""Stages of an assessment after which nothing waits."""
CALLS_AGREED: Final = frozenset({"accepted", "started"})
CALLS_OVER: Final = frozenset({"declined", "withdrawn", "ended"})
ASKED: Final = frozenset({"request", "offer"})
"""Statements that the other party answers."""


def is_shown(crisis: Json) -> bool:
    """Say whether a desk shows a crisis: a side is open, or its assessment is not over."""
    state = crisis["state"]
    return bool(crisis["is_open"]) or (state is not None and state not in OVER)


def is_agreed(call: Json) -> bool:
    """Say whether a call is to be held, or is being held."""
    return call["state"] in CALLS_AGREED


def own_of(crisis: Json) -> str:
    """Return the id of our party."""
    return next(str(each["id"]) for each in crisis["parties"] if each["is_ours"])


def other_of(crisis: Json) -> str:
    """Return what the other party is called."""
    other = next(each for each in crisis["parties"] if not each["is_ours"])
    return line(str(other["name"] or other["id"]))


def text_in(texts: Sequence[Json], words: Words) -> str:
    """Return a text in one line, in the reader's language if it is there."""
    own = [each for each in texts if each["language"] == words.language]
    found = (own or texts)[:1]
    return line(str(found[0]["text"])) if found else ""


def crisis_headline(crisis: Json, words: Words) -> str:
    """Return a crisis in one line: whether it is an exercise, its number, with whom."""
    said = words.say("CRISIS {number}: {party}", number=crisis["number"], party=other_of(crisis))
    return f"{words.say('EXERCISE')} {said}" if crisis["is_exercise"] else said


def open_headline(crises: Sequence[Json], words: Words) -> str:
    """Return what stands on top while crises are open: how many, the newest under both names."""
    first = crises[0]
    names = [text_in(each["title"], words) for each in first["sides"]]
    named = " / ".join(map(words.apart, filter(None, names)))
    whose = f"{words.apart(first['number'])} {words.apart(other_of(first))}"
    what = f"{whose} \N{EN DASH} {named}"
    said = words.say("CRISIS OPEN ({count}): {what}", count=len(crises), what=what)
    return f"{words.say('EXERCISE')} {said}" if first["is_exercise"] else said


def side_rows(crisis: Json, words: Words) -> list[str]:
    """Return both sides, ours first: whether open, since when, under which own name."""
    return [_side(each, each["party"] == own_of(crisis), words) for each in crisis["sides"]]


def effect_rows(crisis: Json, words: Words) -> list[str]:
    """Return what the crisis changes here while our side is open."""
    rows = []
    if crisis["check_minutes"] is not None:
        rows.append(
            words.say(
                "Our side is open: our limits half as long, a line check every {minutes} min.",
                minutes=crisis["check_minutes"],
            )
        )
    if crisis["room"] is not None:
        rows.append(words.say("A standing room is open; it is joined in a browser."))
    if crisis["quiet_since"] is not None:
        rows.append(words.say("Nothing was said for days; reminded {at}", at=_at(crisis)))
    return rows


def stage_row(crisis: Json, words: Words) -> str | None:
    """Return where the assessment stands, None before a side has closed."""
    if crisis["state"] is None:
        return None
    stage = words.code("stage", str(crisis["state"]))
    return words.say("Assessment: {stage}. It is written in a browser.", stage=stage)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One thing that stands in a crisis."""

    head: str
    """What it is, whose, and where it stands."""
    text: str
    more: str = ""
    """What it disputes, or the words of a reply."""


def statement_rows(crisis: Json, words: Words) -> list[StatementRow]:
    """Return claims, requests and offers, in the order in which they were made."""
    by_hash = {each["hash"]: each for each in crisis["statements"]}
    rows = []
    for each in crisis["statements"]:
        kind = words.code("statement_kind", str(each["kind"]))
        state = words.code("statement", str(each["state"]))
        head = f"{kind}, {_whose(each['party'] == own_of(crisis), words)}: {state}"
        more = line(str(each["reply_words"] or ""))
        disputed = by_hash.get(each["disputes"])
        if disputed is not None:
            more = words.say("against: {text}", text=text_in(disputed["texts"], words))
        rows.append(StatementRow(head, text_in(each["texts"], words), more))
    return rows


def fact_rows(crisis: Json, words: Words) -> list[StatementRow]:
    """Return facts, and who has signed each."""
    own, rows = own_of(crisis), []
    for each in crisis["facts"]:
        signed = _signed({party for party, _, _ in each["signed"]}, own, words)
        rows.append(StatementRow(f"{words.say('Fact')}: {signed}", text_in(each["texts"], words)))
    return rows


def waiting_facts(crisis: Json) -> list[Json]:
    """Return the facts that the other party has signed and we have not."""
    own = own_of(crisis)
    return [
        each
        for each in crisis["facts"]
        if each["state"] == "proposed" and own not in {party for party, _, _ in each["signed"]}
    ]


def waiting_statements(crisis: Json) -> list[Json]:
    """Return the other party's requests and offers that nobody here has answered."""
    own = own_of(crisis)
    return [
        each
        for each in crisis["statements"]
        if each["party"] != own and each["kind"] in ASKED and each["state"] == "standing"
    ]


def open_claims(crisis: Json) -> list[Json]:
    """Return the other party's claims that may be disputed."""
    own = own_of(crisis)
    return [
        each
        for each in crisis["statements"]
        if each["party"] != own
        and each["kind"] == "claim"
        and each["state"] in {"standing", "disputed"}
    ]


def waits_for_us(crisis: Json) -> bool:
    """Say whether something in a crisis waits for an answer or a signature of ours."""
    return bool(waiting_facts(crisis) or waiting_statements(crisis))


# ---------------------------------------------------------------------------------- call requests


def shown_calls(calls: Iterable[Json]) -> list[Json]:
    """Return the call requests that are not over."""
    return [each for each in calls if each["state"] not in CALLS_OVER]


def party_of_call(call: Json, own: str, names: Mapping[str, str]) -> str:
    """Return what the other party of a call request is called."""
    others = [party for party in call["earliest"]["by_party"] if party != own]
    return line(names.get(others[0], others[0])) if others else ""


def call_headline(call: Json, own: str, names: Mapping[str, str], words: Words) -> str:
    """Return a call request in one line: whether it is an exercise, with whom, where it stands."""
    state = words.code("call", str(call["state"]))
    party = party_of_call(call, own, names)
    said = f"{words.say('CALL REQUEST')} {words.apart(party)}: {state}"
    return f"{words.say('EXERCISE')} {said}" if call["is_exercise"] else said


def call_rows(call: Json, own: str, words: Words) -> list[str]:
    """Return who asks whom, how, about what, when, and whose turn it is."""
    asker, asked = line(str(call["who_asks"])), line(str(call["who_is_asked"]))
    level = line(words.code("level", str(call["level"])))
    tongues = line(", ".join(map(language_name, call["languages"])))
    rows = [
        words.say("{asker} asks to speak with {asked}", asker=asker, asked=asked),
        f"{words.code('label', 'capacity')}: {words.code('capacity', str(call['capacity']))}",
        f"{words.code('label', 'level')}: {words.apart(level)}",
        f"{words.code('label', 'subject')}: {words.apart(line(str(call['subject'] or '-')))}",
        f"{words.code('mode', str(call['mode']))}, {words.apart(tongues)}",
        words.code("interpreter", str(call["interpreter"])),
    ]
    begins = call["begins"]
    if begins is not None:
        rows.append(words.say("begins {at}", at=_local_times(begins, own, words)))
    else:
        first, last = (_local_times(call[each], own, words) for each in ("earliest", "latest"))
        rows.append(words.say("between {first} and {last}", first=first, last=last))
    if call["turn"] is not None:
        is_ours = call["turn"] == own
        rows.append(words.say("Our answer is due.") if is_ours else words.say("Theirs to answer."))
    rows += [_turn_words(each, words) for each in call["turns"][-1:]]
    if call["withdrawn_as"] is not None:
        office = words.code("capacity", str(call["withdrawn_as"]))
        rows.append(f"{words.code('call', 'withdrawn')} ({office})")
    if call["identity"]["code"]:
        rows.append(words.say("Identity code, read aloud: {code}", code=call["identity"]["code"]))
    return rows


def _turn_words(turn: Json, words: Words) -> str:
    """Return what was answered, and in which office."""
    office = words.code("capacity", str(turn["capacity"]))
    return f"{words.code('call_answer', str(turn['answer']))} ({office})"


def _local_times(dates: Json, own: str, words: Words) -> str:
    """Return an instant in UTC, and as each party's clock shows it."""
    said = []
    for party, local in sorted(dates["by_party"].items(), key=lambda each: each[0] != own):
        at = str(local)[11:16]
        said.append(
            words.say("ours {at}", at=at) if party == own else words.say("theirs {at}", at=at)
        )
    return f"{words.apart(stamp_of(dates['at']))} ({', '.join(said)})"


def _side(side: Json, is_ours: bool, words: Words) -> str:  # noqa: FBT001  which of two
    said = f"{_whose(is_ours, words)}: {words.code('side', str(side['state']))}"
    at = side["closed_at"] if side["state"] == "closed" else side["opened_at"]
    if at is not None:
        said += f" {words.apart(stamp_of(at))}"
    title = text_in(side["title"], words)
    if title:
        said += f" \N{EN DASH} {words.apart(title)}"
    return f"{said} ({words.apart(line(str(side['grade'])))})" if side["grade"] else said


def _signed(by: set[str], own: str, words: Words) -> str:
    if len(by) > 1:
        return words.say("signed by both")
    if own in by:
        return words.say("signed by us, not by them")
    return words.say("signed by them, waits for us")


def _whose(is_ours: bool, words: Words) -> str:  # noqa: FBT001  which of two
    return words.say("ours") if is_ours else words.say("theirs")


def _at(crisis: Json) -> str:
    return stamp_of(str(crisis["quiet_since"]))
