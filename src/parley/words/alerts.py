"""What is said of an alert, worded once for terminal and text page. A core without I/O.

An alert is what the node's answer says of it, as JSON: whoever words it claims nothing beyond.
"""

from collections.abc import Mapping
from typing import Any, Final

from whenever import Instant

from parley.words import Words, language_name
from parley.words.plain import line

Json = Mapping[str, Any]
ORDER: Final = ("flash", "immediate", "priority", "routine")
OURS_TO_DO: Final = frozenset({"our_acknowledgement", "our_answer", "our_closing"})
MINUTE_S: Final = 60
HOUR_S: Final = 3_600


def rings(alert: Json) -> bool:
    """Say whether an alert is to be heard: it is theirs, stands, and nobody has acknowledged it."""
    is_waiting = alert["saying"]["duty"] == "our_acknowledgement"
    return is_waiting and not alert["is_ours"] and alert["standing"] in {"in_force", "expired"}


def left_of(due_at: Instant, now: Instant) -> str:
    """Return how long is left, or by how much it is late: ``-`` before it."""
    seconds = round((due_at - now).total("seconds"))
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, HOUR_S)
    clock = f"{rest // MINUTE_S:02d}:{rest % MINUTE_S:02d}"
    return f"{sign}{hours}:{clock}" if hours else f"{sign}{clock}"


def stamp_of(at: str | None, bound_ms: int | None = None, *, is_doubtful: bool = False) -> str:
    """Return an instant as a desk shows it: UTC, with how far its clock may have been off."""
    if at is None:
        return "?"
    shown = f"{at[:10]} {at[11:19]}Z"
    if is_doubtful:
        return f"{shown} ?"
    return shown if bound_ms is None else f"{shown} \N{PLUS-MINUS SIGN}{bound_ms / 1_000:.1f} s"


def planned_words(office: Json, words: Words) -> str:
    """Return that somebody else has the duty than the roster says."""
    planned = office["planned"]
    return words.say(
        "{holder} has the duty, the roster says {planned} since {at}",
        holder=words.apart(line(str(office["duty"]["person"]["name"]))),
        planned=words.apart(line(str(planned["person"]["name"]))),
        at=words.apart(stamp_of(planned["since"])),
    )


def sentence_of(alert: Json, words: Words) -> str:
    """Return what may be said of an alert, and nothing beyond it."""
    said = alert["saying"]
    at = stamp_of(said["at"], said.get("bound_ms"), is_doubtful=said["is_clock_doubtful"])
    code = str(said["sentence"])
    if code == "on_their_desk" and said["has_sound"] is not True:
        code = "on_their_desk_silent"
    party, capacity = line(str(alert["party"])), words.code("capacity", said["capacity"])
    sentence = words.code("sentence", code, at=at, party=party, capacity=capacity)
    last = alert["answers"][-1]["kind"] if alert["answers"] else None
    return sentence.replace("<0/>", words.code("answer", last)).strip()


def step_rows(alert: Json, words: Words) -> list[str]:
    """Return how far each party has told the other that its escalation has come."""
    party = line(str(alert["party"]))
    return [
        words.code(
            "step", "ours" if each["is_ours"] else "theirs", party=party, number=each["number"]
        )
        + f", {words.apart(stamp_of(each['reached_at']))}"
        for each in alert["steps"]
    ]


def told_rows(alert: Json, words: Words) -> list[str]:
    """Return which other recipients acknowledged an alert, as its author told the others."""
    party, code = line(str(alert["party"])), "ours" if alert["is_ours"] else "theirs"
    return [
        words.code("told", code, party=party, who=line(str(each["party"])))
        + f" ({words.code('capacity', str(each['capacity']))})"
        + f", {words.apart(stamp_of(each['at']))}"
        for each in alert["told"]
    ]


def closing_rows(alert: Json, words: Words) -> list[str]:
    """Return who closed an alert and when, by that party's clock and by that of the other end."""
    return [_closing(alert, each, words) for each in alert["closings"]]


def _closing(alert: Json, each: Json, words: Words) -> str:
    party = line(str(alert["party"]))
    at, arrived = (
        None if each[name] is None else words.apart(stamp_of(each[name]))
        for name in ("at", "arrived_at")
    )
    if each["party"] == alert["party_id"]:
        said = words.say("Closed by {party} at {at}", party=party, at=at)
        there = words.say("here since {at}", at=arrived)
    elif arrived is None:
        said = words.say("Closed by us at {at}", at=at)
        there = words.say("{party} is not known to have it", party=party)
    else:
        said = words.say("Closed by us at {at}", at=at)
        there = words.say("{party} has it since {at}", party=party, at=arrived)
    why = line(str(each["words"] or ""))
    return f"{said}; {there}: {words.apart(why)}" if why else f"{said}; {there}"


def mark_rows(alert: Json, words: Words) -> list[str]:
    """Return what changes how an alert is read: that it no longer stands, or counts as less."""
    rows = []
    if alert["standing"] != "in_force":
        rows.append(words.code("standing", str(alert["standing"])))
    if alert["is_demoted"]:
        rows.append(words.say("Demoted: too many flashes within the hour"))
    return rows


def late_rows(alert: Json, words: Words) -> list[str]:
    """Return which limits of an alert have passed here, and when."""
    return [
        f"{words.code('limit', str(late['step']).partition('/')[0])}: "
        + words.say("passed {at}", at=stamp_of(late["due_at"]))
        for late in alert["overdue"]
    ]


def breach_rows(matter: Json, words: Words) -> list[str]:
    """Return what is held against an alert, a crisis or their entries: what it is, and of what."""
    return [f"! {_breach(each, words)}" for each in matter["breaches"]]


def _breach(each: Json, words: Words) -> str:
    kind, what = str(each["kind"]), str(each["what"])
    said = words.code("breach", kind)
    table = {"guard": "guard", "text": "fault"}.get(kind, "")
    cause = words.code(table, what.partition(" ")[0])
    if cause == what.partition(" ")[0]:
        cause = words.code("reason", f"crisis.refused {what}") if kind == "guard" else ""
        cause = "" if cause.startswith("crisis.refused") else cause
    return f"{said}: {cause}" if cause else f"{said} ({line(what)})" if what else said


def paraphrase_rows(alert: Json, words: Words) -> list[tuple[str, str]]:
    """Return how an alert was understood and its author's words on it: what each is, what it says.

    The last says whose word is waited for.
    """
    rows = []
    for each in alert["paraphrases"]:
        said, at = words.code("paraphrase", "understood"), words.apart(stamp_of(each["at"]))
        tongue = words.apart(line(language_name(str(each["language"]))))
        rows.append((f"{said} [{tongue}], {at}", str(each["text"])))
        word = each["word"]
        if word is None:
            code = "ours" if alert["is_ours"] else "waiting"
            rows.append((words.code("paraphrase", code), ""))
            continue
        said, at = words.code("paraphrase", str(word["kind"])), words.apart(stamp_of(word["at"]))
        rows.append((f"{said}, {at}", str((word["correction"] or {"text": ""})["text"])))
    return rows


def headline(alert: Json, words: Words) -> str:
    """Return an alert in one line: how urgent, whether it is an exercise, whose."""
    parts = [words.code("precedence", alert["precedence"])]
    if alert["is_exercise"]:
        parts.insert(0, words.say("EXERCISE"))
    if "party" in alert:
        parts.append(words.apart(line(str(alert["party"]))))
    return " ".join(parts)


def rank(alert: Json) -> int:
    """Return how urgent an alert or a draft is; 0 is most urgent."""
    precedence = str(alert["precedence"])
    return ORDER.index(precedence) if precedence in ORDER else len(ORDER)
