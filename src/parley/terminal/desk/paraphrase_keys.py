"""P: how an alert was understood, in its reader's own words, and its author's word on that."""

from typing import Any, Final

from parley.terminal.acts import Acts
from parley.terminal.board import BoardItem
from parley.terminal.desk.crisis_keys import SeatedDesk
from parley.terminal.desk.sheets import SheetAnswer, WordsSheet
from parley.words.plain import plain

WAITING: Final = "waiting"


class ParaphraseKeys:
    """What P leads to where a person stands on an alert."""

    def __init__(self, desk: SeatedDesk, acts: Acts) -> None:
        """Lead to acts of whoever sits at a desk."""
        self._desk = desk
        self._acts = acts

    async def press(self, alert: BoardItem) -> None:
        """Say how theirs was understood; of ours, confirm or correct how it was."""
        if not alert.content["is_ours"]:
            await self._understood(alert)
        elif alert.content["paraphrase_state"] == WAITING:
            await self._judged(alert, alert.content["paraphrases"][-1])
        else:
            self._desk.say(self._desk.words.say("Nobody waits for our word on this alert."))

    async def _understood(self, alert: BoardItem) -> None:
        words = self._desk.words
        sheet = WordsSheet(
            words.code("sheet", "understood"),
            [],
            words,
            shown=[plain(str(alert.content["texts"][0]["text"]))],
            language=words.language,
        )
        written: SheetAnswer | None = await self._desk.ask(sheet)
        if written is None:
            return
        if not written.words:
            self._desk.say(words.code("fault", "empty"))
            return
        await self._desk.tried(
            lambda: self._acts.paraphrase(alert.key, written.language, written.words)
        )

    async def _judged(self, alert: BoardItem, paraphrase: Any) -> None:  # noqa: ANN401  JSON
        words = self._desk.words
        sheet = WordsSheet(
            words.code("sheet", "word"),
            [],
            words,
            shown=[
                f"{words.code('paraphrase', 'understood')}: {plain(str(paraphrase['text']))}",
                words.code("sheet", "meant"),
                words.say("If nothing is written, you confirm that it was meant so."),
            ],
            language=str(alert.content["texts"][0]["language"]),
        )
        written: SheetAnswer | None = await self._desk.ask(sheet)
        if written is None:
            return
        meant = (written.language, written.words) if written.words else None
        # The one that was read here: a newer one is not judged unread.
        read = str(paraphrase["hash"])
        await self._desk.tried(lambda: self._acts.judge(alert.key, read, meant))
