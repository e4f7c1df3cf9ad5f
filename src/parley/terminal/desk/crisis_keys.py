"""What the keys lead to where a person stands on a crisis or a call request."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from whenever import Instant

from parley.terminal.board import Board, BoardItem, Matter
from parley.terminal.crisis_acts import CrisisActs
from parley.terminal.desk.call_answer_sheet import CallAnswerSheet
from parley.terminal.desk.sheets import Choice, OpeningSheet, SheetAnswer, WordsSheet
from parley.words import Words
from parley.words.crises import (
    call_headline,
    crisis_headline,
    open_claims,
    text_in,
    waiting_facts,
    waiting_statements,
)

STATEMENTS: Final = ("claim", "request", "offer")
CHOICE_CHARACTERS_MAX: Final = 60
"""Of a text in a list of choices: a line of the narrowest terminal."""


class SeatedDesk(Protocol):
    """What is needed of the desk."""

    @property
    def board(self) -> Board:
        """What it shows."""

    @property
    def words(self) -> Words:
        """The person's language."""

    def chosen(self) -> BoardItem | None:
        """Return what the person stands on."""

    def say(self, text: str) -> None:
        """Say something under the list."""

    async def ask(self, sheet: Any) -> Any:  # noqa: ANN401  a sheet, and its answer
        """Open a sheet and wait for its answer."""

    async def tried(self, does: Callable[[], Awaitable[object]]) -> None:
        """Do something, and say what came of it."""


class CrisisKeys:
    """The keys of crises and call requests."""

    def __init__(self, desk: SeatedDesk, acts: CrisisActs, now: Callable[[], Instant]) -> None:
        """Lead to acts of whoever sits at a desk."""
        self._desk = desk
        self._acts = acts
        self._now = now

    async def speak(self) -> None:
        """C: claim, ask, offer, dispute, or propose a fact."""
        found = self._crisis()
        if found is None:
            return
        words, crisis = self._desk.words, str(found["hash"])
        choices = [Choice(each, words.code("statement_kind", each)) for each in STATEMENTS]
        choices += [
            Choice(str(each["hash"]), words.say("Dispute: {text}", text=_short(each, words)))
            for each in open_claims(found)
        ]
        choices.append(Choice("fact", words.say("A fact for both to sign")))
        title = crisis_headline(found, words)
        sheet = WordsSheet(title, choices, words, language=self._language())
        written: SheetAnswer | None = await self._desk.ask(sheet)
        if written is None or not written.words:
            return
        await self._desk.tried(lambda: self._said(crisis, written))

    async def _said(self, crisis: str, written: SheetAnswer) -> object:
        if written.choice == "fact":
            return await self._acts.propose_fact(crisis, written.language, written.words)
        texts = [{"language": written.language, "text": written.words}]
        if written.choice in STATEMENTS:
            return await self._acts.say(crisis, {"kind": written.choice, "texts": texts})
        said = {"kind": "claim", "texts": texts, "disputes": written.choice}
        return await self._acts.say(crisis, said)

    async def open(self) -> None:
        """O: open a crisis with a party, or our side of the one the person stands on."""
        words, board, found = self._desk.words, self._desk.board, self._desk.chosen()
        crisis = found.content if found and found.matter is Matter.CRISIS else None
        parties = [Choice(party, name) for party, name in board.names.items()]
        if crisis is None and not parties:
            self._desk.say(words.say("No line yet."))
            return
        title = words.say("Open a crisis on our side, under our own name")
        if crisis is not None:
            what = crisis_headline(crisis, words)
            title = words.say("Open our side of {what}, under our own name", what=what)
        sheet = OpeningSheet(title, [] if crisis else parties, self._language(), words)
        written: dict[str, Any] | None = await self._desk.ask(sheet)
        if written is None or not written["title"][0]["text"]:
            return
        said = {**written, "start": self._now().format_iso(unit="second")}
        if crisis is not None:
            said |= {"crisis": str(crisis["hash"]), "is_exercise": bool(crisis["is_exercise"])}
        await self._desk.tried(lambda: self._acts.open(said, board.own))

    async def sign_fact(self) -> None:
        """S: sign the very bytes of a fact that the other party has signed."""
        found = self._crisis()
        if found is None:
            return
        words, waiting = self._desk.words, waiting_facts(found)
        if not waiting:
            self._desk.say(words.say("No fact of theirs waits for our signature."))
            return
        fact = str(waiting[0]["hash"])
        if len(waiting) > 1:
            choices = [Choice(str(each["hash"]), _short(each, words)) for each in waiting]
            sheet = WordsSheet(crisis_headline(found, words), choices, words)
            written: SheetAnswer | None = await self._desk.ask(sheet)
            if written is None:
                return
            fact = written.choice
        await self._desk.tried(lambda: self._acts.sign_fact(str(found["hash"]), fact))

    async def close(self, crisis: BoardItem) -> None:
        """X: close our side."""
        words = self._desk.words
        what = crisis_headline(crisis.content, words)
        title = words.say("Close our side of {what}; why, if you want to say", what=what)
        written: SheetAnswer | None = await self._desk.ask(WordsSheet(title, [], words))
        if written is not None:
            await self._desk.tried(lambda: self._acts.close(crisis.key, written.words or None))

    async def reply(self, crisis: BoardItem) -> None:
        """R: take a request or an offer of theirs up, or decline it."""
        words, waiting = self._desk.words, waiting_statements(crisis.content)
        if not waiting:
            self._desk.say(words.say("No request or offer of theirs waits for an answer."))
            return
        choices = []
        for each in waiting:
            text, statement = _short(each, words), str(each["hash"])
            choices += [
                Choice(f"taken_up {statement}", words.say("Take up: {text}", text=text)),
                Choice(f"declined {statement}", words.say("Decline: {text}", text=text)),
            ]
        sheet = WordsSheet(crisis_headline(crisis.content, words), choices, words)
        written: SheetAnswer | None = await self._desk.ask(sheet)
        if written is None:
            return
        kind, _, statement = written.choice.partition(" ")
        said = written.words or None
        await self._desk.tried(lambda: self._acts.reply(crisis.key, statement, kind, said))

    async def answer_call(self, call: BoardItem) -> None:
        """R: accept a call request, offer another time, name another level, or decline it."""
        sheet = CallAnswerSheet(self._call_title(call), call.content, self._desk.words)
        said: dict[str, Any] | None = await self._desk.ask(sheet)
        if said is not None:
            answer = said.pop("answer")
            await self._desk.tried(lambda: self._acts.answer_call(call.key, answer, **said))

    async def hold_call(self, call: BoardItem, minutes: list[Choice]) -> None:
        """H: say until when we decide."""
        sheet = WordsSheet(self._call_title(call), minutes, self._desk.words)
        written: SheetAnswer | None = await self._desk.ask(sheet)
        if written is not None:
            until = self._now().add(minutes=int(written.choice)).format_iso(unit="second")
            reason = written.words or None
            await self._desk.tried(
                lambda: self._acts.answer_call(call.key, "deciding", until=until, reason=reason)
            )

    def _call_title(self, call: BoardItem) -> str:
        board = self._desk.board
        return call_headline(call.content, board.own, board.names, self._desk.words)

    def _crisis(self) -> Any:  # noqa: ANN401  JSON
        """Return the crisis the person stands on, or the only one that is open."""
        found = self._desk.chosen()
        if found is not None and found.matter is Matter.CRISIS:
            return found.content
        if len(self._desk.board.open_crises) == 1:
            return self._desk.board.open_crises[0]
        self._desk.say(self._desk.words.say("Choose a crisis first."))
        return None

    def _language(self) -> str:
        languages = self._desk.board.who.get("party", {}).get("languages") or ["en"]
        return str(languages[0])


def _short(each: Any, words: Words) -> str:  # noqa: ANN401  JSON
    said = text_in(each["texts"], words)
    return said if len(said) <= CHOICE_CHARACTERS_MAX else f"{said[:CHOICE_CHARACTERS_MAX]}…"
