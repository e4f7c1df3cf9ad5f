"""Crises and call requests as text for a terminal: worded elsewhere, coloured here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.text import Text
from whenever import Instant

from parley.terminal.board import Board
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
    side_rows,
    stage_row,
    statement_rows,
    waits_for_us,
)
from parley.words.doors import door_rows, room_headline, room_rows
from parley.words.dues import DeadlineRow, due_words, limit_words

Json = Mapping[str, Any]
EXERCISE: Final = "bold black on bright_magenta"
CRISIS: Final = "bold white on red"


def mark(content: Json, words: Words) -> Text:
    """Return the mark of an exercise; empty for what is real."""
    if not content["is_exercise"]:
        return Text()
    return Text().append(f" {words.say('EXERCISE')} ", EXERCISE).append(" ")


def crisis_item(content: Json, words: Words) -> Text:
    """Return a crisis as a row of the list: both sides, and whether it waits for us."""
    text = mark(content, words).append(_crisis_head(content, words), "bold")
    if waits_for_us(content):
        text.append(f"  {words.say('It waits for us.')}", "bold yellow")
    for said in side_rows(content, words):
        text.append(f"\n  {said}")
    return text


def crisis_detail(content: Json, board: Board, words: Words, now: Instant) -> Text:
    """Return all of a crisis."""
    text = mark(content, words).append(_crisis_head(content, words), "bold")
    for said in side_rows(content, words):
        text.append(f"\n{said}")
    for said in effect_rows(content, words):
        text.append(f"\n{said}", "yellow")
    stage = stage_row(content, words)
    text.append(f"\n{stage}" if stage else "")
    text.append_text(_dues(board, str(content["hash"]), words, now))
    text.append_text(_said(fact_rows(content, words)))
    text.append_text(_said(statement_rows(content, words)))
    for said in breach_rows(content, words):
        text.append(f"\n{said}", "bold yellow")
    return text


def call_item(content: Json, board: Board, words: Words, now: Instant) -> Text:
    """Return a call request as a row of the list."""
    text = mark(content, words).append(_call_head(content, board, words), "bold")
    rows = call_rows(content, board.own, words)
    text.append(f"\n  {rows[0]}")
    return text.append_text(_dues(board, str(content["hash"]), words, now, "\n  "))


def room_item(content: Json, words: Words) -> Text:
    """Return a room as a row of the list."""
    return Text(room_headline(content, words), "bold")


def room_detail(content: Json, words: Words) -> Text:
    """Return all of a room: who opened it, who is in it, who of ours may enter."""
    text = Text().append(room_headline(content, words), "bold")
    for said in room_rows(content, words):
        text.append(f"\n{said}")
    text.append_text(_door(content, words))
    keys = words.say("E names who may enter. A room is joined in a browser.")
    return text.append(f"\n{keys}", "dim")


def _door(content: Json, words: Words) -> Text:
    door, text = content.get("door"), Text()
    for at, said in enumerate(door_rows(door, words) if door else ()):
        text.append(f"\n{said}", "" if at else "bold")
    return text


def call_detail(content: Json, board: Board, words: Words, now: Instant) -> Text:
    """Return all of a call request."""
    text = mark(content, words).append(_call_head(content, board, words), "bold")
    for said in call_rows(content, board.own, words):
        text.append(f"\n{said}")
    text.append_text(_dues(board, str(content["hash"]), words, now))
    text.append_text(_door(content, words))
    for said in _call_keys(content, board.own, words):
        text.append(f"\n{said}", "dim")
    return text


def _call_keys(content: Json, own: str, words: Words) -> Iterator[str]:
    """Yield what can be done about a call request now, and with which key."""
    if content["turn"] == own:
        yield words.say("R answers: accept, another time, another level, decline.")
        if content["holds_left"] > 0:
            yield words.say("H holds.")
    if is_agreed(content):
        yield words.say("The call itself: a browser.")


def _call_head(content: Json, board: Board, words: Words) -> str:
    return call_headline({**content, "is_exercise": False}, board.own, board.names, words)


def _crisis_head(content: Json, words: Words) -> str:
    """Return the headline without the mark, which stands before it in colour."""
    return crisis_headline({**content, "is_exercise": False}, words)


def _said(rows: Sequence[StatementRow]) -> Text:
    text = Text()
    for each in rows:
        text.append(f"\n{each.head}", "bold").append(f"\n  {each.text}")
        text.append(f"\n  {each.more}" if each.more else "", "dim")
    return text


def _dues(board: Board, about: str, words: Words, now: Instant, before: str = "\n") -> Text:
    text = Text()
    for row in board.due():
        if row.about == about:
            text.append(before).append_text(_due(row, words, now))
    return text


def _due(row: DeadlineRow, words: Words, now: Instant) -> Text:
    left, theirs = due_words(row, words, now)
    style = "bold red" if left.startswith("-") else ""
    return Text(f"{limit_words(row, words)}: {left} {theirs}".rstrip(), style)
