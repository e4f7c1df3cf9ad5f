"""What D leads to: taking a duty or handing it over, after seeing what is open."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from whenever import Instant

from parley.errors import ParleyError
from parley.terminal.acts import Acts
from parley.terminal.board import Board
from parley.terminal.desk.sheets import Choice, ChoiceSheet, TellSheet
from parley.words import Words
from parley.words.handover import offices_held, offices_to_take, open_rows
from parley.words.plain import line

Json = Mapping[str, Any]
NOBODY: Final = "-"
"""The choice to lay the duty down; no id of a person."""


class DutyDesk(Protocol):
    """What is needed of the desk."""

    @property
    def board(self) -> Board:
        """What it shows."""

    @property
    def words(self) -> Words:
        """The person's language."""

    def change(self, become: Callable[[Board], Board]) -> None:
        """Let the board become another one."""

    def say(self, text: str) -> None:
        """Say something under the list."""

    async def ask(self, sheet: Any) -> Any:  # noqa: ANN401  a sheet, and its answer
        """Open a sheet and wait for its answer."""

    async def tried(self, does: Callable[[], Awaitable[object]]) -> None:
        """Do something, and say what came of it."""


class DutyKeys:
    """The key of the hand-over."""

    def __init__(self, desk: DutyDesk, acts: Acts, now: Callable[[], Instant]) -> None:
        """Lead to acts of whoever sits at a desk."""
        self._desk = desk
        self._acts = acts
        self._now = now

    async def pass_on(self) -> None:
        """D: take a duty that is free or offered, or hand one's own over."""
        words, offices = self._desk.words, self._desk.board.offices
        me = str(self._desk.board.who.get("person", {}).get("id", ""))
        to_take, held = offices_to_take(offices, me), offices_held(offices, me)
        found = [*to_take, *held]
        if not found:
            self._desk.say(words.say("No duty of yours to take or hand over."))
            return
        office = found[0]
        if len(found) > 1:
            choices = [Choice(str(each["id"]), line(str(each["name"]))) for each in found]
            title = words.say("take or hand over the duty, after seeing what is open")
            chosen = await self._desk.ask(ChoiceSheet([title], choices, words))
            if chosen is None:
                return
            office = next(each for each in found if each["id"] == chosen)
        try:
            rows = open_rows(await self._acts.handover(), words, self._now())
        except ParleyError as error:
            # What cannot be shown is not taken, nor handed to anybody.
            self._desk.say(str(error))
            return
        if office in held:
            await self._hand_over(office, me, rows)
        else:
            await self._take(office, me, rows)

    async def _take(self, office: Json, me: str, rows: list[str]) -> None:
        words = self._desk.words
        title = words.say(
            "Take the duty of {office}? This is open and passes to you:", office=_name(office)
        )
        asked = [title, *rows, words.say("Y takes it, N does not.")]
        if await self._desk.ask(TellSheet(asked)):
            await self._desk.tried(lambda: self._passed(office, me))

    async def _hand_over(self, office: Json, me: str, rows: list[str]) -> None:
        words = self._desk.words
        choices = [
            Choice(str(each["id"]), line(str(each["name"])))
            for each in office["people"]
            if each["id"] != me
        ]
        choices.append(Choice(NOBODY, words.say("Nobody: lay it down")))
        title = words.say("Hand over the duty of {office}. This is open:", office=_name(office))
        lines = [title, *rows, words.say("To whom")]
        chosen = await self._desk.ask(ChoiceSheet(lines, choices, words))
        if chosen is not None:
            to = None if chosen == NOBODY else str(chosen)
            await self._desk.tried(lambda: self._passed(office, to))

    async def _passed(self, office: Json, to: str | None) -> None:
        passed = await self._acts.pass_duty(str(office["id"]), to)

        def become(board: Board) -> Board:
            offices = [passed if each["id"] == passed["id"] else each for each in board.offices]
            return replace(board, offices=offices)

        self._desk.change(become)


def _name(office: Json) -> str:
    return line(str(office["name"]))
