"""How the command line tells of a notification: by its operator's words or its person's."""

from typing import Final

from rich.markup import escape

from parley.crisis.notifications.check import Weight
from parley.node.commands.console import Json, out
from parley.words import Words
from parley.words.alerts import stamp_of
from parley.words.plain import line

IN_TIME: Final = "00:00"


def tell_notification(each: Json, words: Words) -> None:
    """Print one notification: its form, times, questions, and what is wrong."""
    out.print(
        f"[bold]{number_words(each, words)}[/bold] {words.code('paper_state', each['state'])}"
    )
    out.print(f"  {words.code('label', 'capacity')}: {words.code('capacity', each['capacity'])}")
    if each["ended_as"] is not None:
        ended = words.code("paper_state", each["state"])
        out.print(f"  {ended} ({words.code('capacity', each['ended_as'])})")
    for name in ("sent_at", "provided_at", "effective_at", "due_at"):
        at = stamp_of(each[name]) if each[name] else "-"
        out.print(f"  {words.code('label', name)}: {at}")
    out.print(f"  {words.code('label', 'late')}: {late_words(each, words)}")
    out.print_json(data=each["form"])
    for query in each["queries"]:
        state = words.code("query", query["state"])
        due = f"{words.code('label', 'answer_due')} {stamp_of(query['due_at'])}"
        asked = words.code("capacity", query["capacity"])
        out.print(f"  ? {escape(line(query['words']))} ({asked}; {state}; {due})")
        for said in query["answers"]:
            office = words.code("capacity", said["capacity"])
            out.print(f"    {escape(line(said['words']))} ({office})")
    for breach, digest in each["breaches"]:
        said = words.code("paper_breach", breach)
        out.print(f"  [yellow]{escape(said)}[/yellow] [dim]{digest[:12]}[/dim]")
    if each["findings"]:
        tell_findings(each, words)


def late_words(each: Json, words: Words) -> str:
    """Return how late a notification was, or that it was in time."""
    if not each["provided_at"] or not each["late"]:
        return "-"
    return words.code("label", "in_time") if each["late"] == IN_TIME else str(each["late"])


def number_words(each: Json, words: Words) -> str:
    """Return its number, with the mark of an exercise."""
    number = escape(each["number"])
    return f"{words.say('EXERCISE')} {number}" if each["is_exercise"] else number


def tell_findings(answer: Json, words: Words) -> None:
    """Print what is wrong with a form, place by place, or that it holds."""
    for each in answer["findings"]:
        wanted = f" ({escape(line(each['wanted']))})" if each["wanted"] else ""
        said = words.code("finding", each["reason"])
        mark = "!" if each["weight"] == Weight.REFUSES else "?"
        out.print(f"  {mark} {escape(line(each['field']))}: {said}{wanted}")
    if not answer["findings"]:
        out.print(words.code("label", "form_holds"))
