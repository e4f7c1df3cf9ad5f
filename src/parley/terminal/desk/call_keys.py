"""K: ask for a call between officials."""

from collections.abc import Callable
from typing import Any

from whenever import Instant

from parley.terminal.crisis_acts import CrisisActs
from parley.terminal.desk.call_sheet import CallSheet
from parley.terminal.desk.crisis_keys import SeatedDesk
from parley.terminal.desk.sheets import Choice
from parley.words.plain import line


class CallKeys:
    """What K leads to."""

    def __init__(self, desk: SeatedDesk, acts: CrisisActs, now: Callable[[], Instant]) -> None:
        """Lead to acts of whoever sits at a desk."""
        self._desk = desk
        self._acts = acts
        self._now = now

    async def ask(self) -> None:
        """Say who asks whom, about what, when and how; sign it."""
        board, words = self._desk.board, self._desk.words
        parties = [Choice(party, line(name)) for party, name in board.names.items()]
        if not parties:
            self._desk.say(words.say("No line yet."))
            return
        ours = board.who.get("party", {}).get("languages") or ["en"]
        theirs = board.lines[0]["party"].get("languages") or []
        spoken = dict.fromkeys((str(ours[0]), *map(str, theirs[:1])))
        sheet = CallSheet(parties, [*spoken], self._now(), words)
        asked: dict[str, Any] | None = await self._desk.ask(sheet)
        if asked is not None:
            await self._desk.tried(lambda: self._acts.ask_call(asked, board.own))
