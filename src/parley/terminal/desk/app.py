"""The desk: the board on the screen, the keys, and what each key leads to."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from typing_extensions import override
from whenever import Instant

from parley.errors import KeyFileLocked, ParleyError, SigningDeclined
from parley.terminal.acts import Acts, KeyPurpose
from parley.terminal.board import BellSound, Board, BoardItem, Matter
from parley.terminal.crisis_acts import CrisisActs
from parley.terminal.desk import paint
from parley.terminal.desk.bell import Bell
from parley.terminal.desk.call_keys import CallKeys
from parley.terminal.desk.crisis_keys import CrisisKeys
from parley.terminal.desk.door_keys import DoorKeys
from parley.terminal.desk.duty_keys import DutyKeys
from parley.terminal.desk.feed import Feed
from parley.terminal.desk.paraphrase_keys import ParaphraseKeys
from parley.terminal.desk.sheets import (
    Choice,
    DraftSheet,
    PinSheet,
    Sheet,
    SheetAnswer,
    TellSheet,
    WordsSheet,
)
from parley.terminal.proposal import Proposal
from parley.terminal.wording import proposal_lines
from parley.words import Words
from parley.words.alerts import headline
from parley.words.plain import line, plain
from parley.words.refusals import refusal_words

TICK_S: Final = 0.25
"""How often clocks and bells are looked at. Less makes a flash sound sooner by as much."""
QUIET_S: Final = 30
"""Seconds for which the bell is stopped at a key's press. More: a second alert is not heard."""
DESK: Final = "terminal"
"""What the other party is told of this desk: that it is one."""
HOLD_MINUTES: Final = (30, 60, 120, 360, 1_440)
WATCH_ANSWERS: Final = ("hold", "not_our_matter")
ANSWERS: Final = ("reply", "accept_call", "decline", "not_our_matter")
URGENCIES: Final = ("flash", "immediate", "priority", "routine")
STYLE: Final = """
Screen { layout: vertical; }
#head { height: 2; text-wrap: nowrap; text-overflow: ellipsis; }
#keys { height: 1; text-wrap: nowrap; text-overflow: ellipsis; background: $panel; }
OptionList > .option-list--option-highlighted { background: $panel; color: $foreground;
  text-style: underline; }
#troubles, #alarm, #crisis, #exercise { height: auto; width: 100%; text-align: center; }
#said { height: auto; }
#troubles, #lines { height: auto; max-height: 4; }
Screen.-low #troubles { max-height: 2; }
#main { height: 1fr; layout: vertical; }
#items { height: 3fr; min-height: 4; border: none; padding: 0; }
#side { height: 2fr; }
#detail { height: 1fr; border-top: solid $primary; }
#due { height: auto; max-height: 4; border-top: solid $primary; }
#duty { height: auto; max-height: 2; }
Screen.-wide #main { layout: horizontal; }
Screen.-wide #items { width: 3fr; height: 1fr; }
Screen.-wide #side { width: 2fr; height: 1fr; border-left: solid $primary; }
Screen.-wide #due { max-height: 8; }
Screen.-low #crisis { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
Screen.-low #items { height: 1fr; }
Screen.-low #side { height: 1fr; }
Screen.-low #lines { max-height: 1; }
Screen.-low #due { max-height: 3; }
Screen.-low #duty { max-height: 1; }
ModalScreen { align: center middle; }
.sheet { width: 90%; max-width: 100; height: auto; max-height: 90%; border: thick $primary;
  background: $surface; padding: 0 1; }
#signed { height: auto; max-height: 12; }
.hint { color: $text-muted; }
.title { text-style: bold; }
TextArea { height: 6; }
.field { height: 1; }
.field Static { width: 2fr; text-wrap: nowrap; text-overflow: ellipsis; }
.field Input { width: 3fr; }
"""


class Desk(App[None]):
    """One person's desk in a terminal."""

    TITLE = "Parley"
    CSS = STYLE
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        ("a", "acknowledge", "Acknowledge"),
        ("r", "answer", "Answer"),
        ("h", "hold", "Hold"),
        ("n", "draft", "New"),
        ("v", "verify", "Verify"),
        ("l", "release", "Release"),
        ("x", "close_alert", "Close"),
        ("w", "withdraw", "Withdraw"),
        ("c", "speak", "Speak in a crisis"),
        ("o", "open_crisis", "Open a crisis"),
        ("s", "sign_fact", "Sign a fact"),
        ("p", "paraphrase", "Paraphrase"),
        ("d", "duty", "Duty"),
        ("e", "door", "Who may enter"),
        ("k", "ask_call", "Ask for a call"),
        ("t", "test_sound", "BellSound"),
        ("m", "quiet", "Quiet"),
        ("question_mark", "keys", "Keys"),
        ("q", "leave", "Leave"),
    ]

    def __init__(
        self,
        acts: Callable[["Desk"], Acts],
        *,
        words: Words,
        sound: str | None = None,
        now: Callable[[], Instant] = Instant.now,
        is_fed: bool = True,
    ) -> None:
        """Sit a person at a desk.

        Args:
            acts: makes what acts for the person; the desk is how they are asked.
            words: the language until the node has said the person's own.
            sound: a command that makes a sound, beside the terminal's bell.
            now: the present.
            is_fed: whether the node is asked; without it the board is set by whoever tests.
        """
        super().__init__()
        self.board = Board()
        self.words = words
        self._acts = acts(self)
        self._now = now
        self._crisis_keys = CrisisKeys(self, CrisisActs(self._acts), now)
        self._call_keys = CallKeys(self, CrisisActs(self._acts), now)
        self._door_keys = DoorKeys(self, self._acts)
        self._paraphrase_keys = ParaphraseKeys(self, self._acts)
        self._duty_keys = DutyKeys(self, self._acts, now)
        self._bell = Bell(self.bell, sound)
        self._struck: Instant | None = None
        self._is_fed = is_fed
        self._said = Text()
        self._presented: set[tuple[str, bool]] = set()
        self._painted: list[str] = []

    @override
    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        for name in ("head", "troubles", "alarm", "crisis", "exercise", "lines"):
            yield Static(id=name)
        with Horizontal(id="main"):
            yield OptionList(id="items")
            with Vertical(id="side"):
                with VerticalScroll(id="detail"):
                    yield Static(id="whole")
                yield Static(id="due")
        yield Static(id="duty")
        yield Static(id="said")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Begin to look at the clock, and at the node."""
        self.set_interval(TICK_S, self.tick)
        self.query_one("#items", OptionList).focus()
        if self._is_fed:
            self.feed()
        self.paint()

    @work(exclusive=True, group="feed")
    async def feed(self) -> None:
        """Keep the board up to date."""
        await Feed(self._acts, self.change, self._now).run()

    def change(self, become: Callable[[Board], Board]) -> None:
        """Let the board become another one, and show it."""
        self.board = become(self.board)
        person = self.board.who.get("person")
        if person and person["language"] != self.words.language:
            self.words = Words(str(person["language"]))
        self.paint()
        if self._is_fed and self.board.ringing:
            self.call_after_refresh(self.present)

    @work(group="present")
    async def present(self) -> None:
        """Tell the node what this screen shows to somebody who may take it, and if it is heard."""
        if "alert.acknowledge" not in self.board.who.get("may", ()):
            return
        has_sound = self.board.sound is BellSound.HEARD
        for each in self.board.ringing:
            told = (str(each["hash"]), has_sound)
            if told in self._presented:
                continue
            self._presented.add(told)
            try:
                await self._acts.present(told[0], DESK, has_sound=has_sound)
            except ParleyError as error:
                self._presented.discard(told)
                self.say(refusal_words(error, self.words))

    # ------------------------------------------------------------------------------ the screen

    async def tick(self) -> None:
        """Let clocks go on, and ring what is to ring."""
        now = self._now()
        every = self.board.ring_every_s(now)
        if every is None:
            self._struck = None
        elif self._struck is None or (now - self._struck).total("seconds") >= every:
            self._struck = now
            self._bell.strike()
        if await self._bell.has_failed() and self.board.sound is not BellSound.FAILED:
            self.board = replace(self.board, sound=BellSound.FAILED)
        self.paint()

    def paint(self) -> None:
        """Show the board."""
        if not self.query("#head"):
            return
        board, words, now = self.board, self.words, self._now()
        shown = {
            "head": paint.head(board, words, now),
            "troubles": paint.troubles(board, words),
            "alarm": paint.alarm(board, words),
            "crisis": paint.crisis(board, words),
            "exercise": paint.exercise(board, words),
            "lines": paint.lines(board, words, now),
            "due": paint.due(board, words, now),
            "duty": paint.duty(board, words),
            "keys": paint.keys(words),
        }
        for name, text in shown.items():
            self._update(name, text)
        self._paint_items(now)
        self._update("said", self._said)
        self._update("whole", paint.detail(self.chosen(), board, words, now))

    def _paint_items(self, now: Instant) -> None:
        """Show the list; whoever stands on a row stays on it when others come in above."""
        listed = self._main("#items", OptionList)
        items = self.board.items()
        keys = [each.key for each in items]
        prompts = [paint.item(each, self.board, self.words, now) for each in items]
        if keys == self._painted:
            for at, prompt in enumerate(prompts):
                listed.replace_option_prompt_at_index(at, prompt)
            return
        stood = self.chosen()
        if stood is not None and stood.matter is Matter.ROOM and stood.key == self._painted[0]:
            # Nothing but rooms was there: nobody chose it before what comes in above.
            stood = None
        self._painted = keys
        listed.set_options([Option(text, key) for text, key in zip(prompts, keys, strict=True)])
        if keys:
            is_there = stood is not None and stood.key in keys and not items[0].rings
            listed.highlighted = keys.index(stood.key) if stood and is_there else 0

    def _update(self, name: str, text: Text) -> None:
        shown = self._main(f"#{name}", Static)
        shown.update(text)
        # Where there is room, what is said moves nothing when it comes.
        is_kept = name == "said" and not self.screen_stack[0].has_class("-low")
        shown.display = bool(text) or is_kept

    def _main(self, which: str, kind: type[Any]) -> Any:  # noqa: ANN401  a widget
        return self.screen_stack[0].query_one(which, kind)

    def on_option_list_option_highlighted(self, _: OptionList.OptionHighlighted) -> None:
        """Show all of what the person stands on."""
        self._update("whole", paint.detail(self.chosen(), self.board, self.words, self._now()))

    def chosen(self) -> BoardItem | None:
        """Return what the person stands on."""
        listed = self._main("#items", OptionList)
        at = listed.highlighted
        if at is None or at >= len(self._painted):
            return None
        return next((e for e in self.board.items() if e.key == self._painted[at]), None)

    def say(self, text: str) -> None:
        """Say something under the list: what was refused, or what was done."""
        self._said = Text(plain(text), "bold")
        self._update("said", self._said)

    # ------------------------------------------------------------------------------ asking

    async def to_sign(self, proposal: Proposal) -> str:
        """Show what is to be signed; return the PIN of a person who wants that."""
        lines = self._proposal_lines(proposal)
        return await self._pin(lines, self.words.say("PIN to sign exactly this"))

    async def to_use(self, purpose: KeyPurpose) -> str:
        """Return the PIN for another use of the key."""
        lines = {
            KeyPurpose.SIGN_IN: self.words.say("PIN to sign in"),
            KeyPurpose.STEP_UP: self.words.say("PIN to show that it is you"),
        }
        return await self._pin([lines[purpose]], "PIN")

    def touch(self) -> None:
        """Say that the security key waits for a finger; called from another thread."""
        self.call_from_thread(self.say, self.words.say("Touch the security key."))

    async def _pin(self, lines: Sequence[str], prompt: str) -> str:
        pin = await self.push_screen_wait(PinSheet(lines, prompt, self.words))
        if not pin:
            raise SigningDeclined
        return pin

    def _proposal_lines(self, proposal: Proposal) -> list[str]:
        return proposal_lines(proposal, self.words, self.board.names)

    # ------------------------------------------------------------------------------ the keys

    def action_acknowledge(self) -> None:
        """Acknowledge what the person stands on, or what rings loudest."""
        found = self.chosen()
        if found is None or not found.rings:
            found = next((each for each in self.board.items() if each.rings), None)
        if found is None:
            self.say(self.words.say("Nothing rings."))
            return
        content = found.content
        read_in = {str(each["language"]) for each in content["texts"]}
        own = self.words.language
        language = own if own in read_in else str(content["texts"][0]["language"])
        self.act(lambda: self._acts.acknowledge(found.key, language))

    def action_verify(self) -> None:
        """Vouch for the draft the person stands on."""
        self._with_draft(lambda draft: self._acts.verify(draft.key))

    def action_release(self) -> None:
        """Release the draft the person stands on."""

        async def release(draft: BoardItem) -> object:
            return await self._acts.release(dict(draft.content))

        self._with_draft(release)

    @work(exclusive=True, group="act")
    async def action_close_alert(self) -> None:
        """Say that nothing more is to be done about an alert, or close our side of a crisis."""
        found = self.chosen()
        if found is not None and found.matter is Matter.CRISIS:
            await self._crisis_keys.close(found)
        elif (alert := self._alert()) is not None:
            await self.tried(lambda: self._acts.close(alert.key))

    @work(exclusive=True, group="act")
    async def action_speak(self) -> None:
        """Say something in a crisis, or propose a fact."""
        await self._crisis_keys.speak()

    @work(exclusive=True, group="act")
    async def action_open_crisis(self) -> None:
        """Open a crisis, or our side of one."""
        await self._crisis_keys.open()

    @work(exclusive=True, group="act")
    async def action_sign_fact(self) -> None:
        """Sign a fact that the other party has signed."""
        await self._crisis_keys.sign_fact()

    @work(exclusive=True, group="act")
    async def action_duty(self) -> None:
        """Take a duty or hand it over, after seeing what is open."""
        await self._duty_keys.pass_on()

    @work(exclusive=True, group="act")
    async def action_answer(self) -> None:
        """Answer an alert of the other party, a call request, or what was asked in a crisis."""
        chosen = self.chosen()
        if chosen is not None and chosen.matter is Matter.CRISIS:
            await self._crisis_keys.reply(chosen)
        elif chosen is not None and chosen.matter is Matter.CALL:
            await self._crisis_keys.answer_call(chosen)
        elif (found := self._alert()) is not None:
            await self._answer_alert(found)

    async def _answer_alert(self, found: BoardItem) -> None:
        choices = [Choice(each, self.words.code("choice", each)) for each in ANSWERS]
        title = headline(found.content, self.words)
        written = await self.push_screen_wait(WordsSheet(title, choices, self.words))
        if written is not None:
            await self.tried(lambda: self._answer(found.key, written))

    async def _answer(self, alert: str, written: SheetAnswer) -> object:
        words = written.words or None
        if written.choice in WATCH_ANSWERS:
            return await self._acts.hold(alert, written.choice, words=words)
        return await self._acts.answer(alert, written.choice, words=words)

    @work(exclusive=True, group="act")
    async def action_hold(self) -> None:
        """Answer that it is still being decided, and until when."""
        say, chosen = self.words.say, self.chosen()
        choices = [Choice(str(each), say("{count} min", count=each)) for each in HOLD_MINUTES]
        if chosen is not None and chosen.matter is Matter.CALL:
            await self._crisis_keys.hold_call(chosen, choices)
            return
        found = self._alert()
        if found is None:
            return
        title = headline(found.content, self.words)
        written = await self.push_screen_wait(WordsSheet(title, choices, self.words))
        if written is not None:
            until = self._now().add(minutes=int(written.choice)).format_iso(unit="second")
            words = written.words or None
            await self.tried(lambda: self._acts.hold(found.key, at=until, words=words))

    @work(exclusive=True, group="act")
    async def action_withdraw(self) -> None:
        """Take an alert of ours back, or throw a draft away."""
        chosen = self.chosen()
        if chosen is not None and chosen.is_draft:
            await self.tried(lambda: self._acts.discard(chosen.key))
            return
        found = self._alert()
        if found is None:
            return
        title = headline(found.content, self.words)
        written = await self.push_screen_wait(WordsSheet(title, [], self.words))
        if written is not None:
            await self.tried(lambda: self._acts.withdraw(found.key, written.words or None))

    @work(exclusive=True, group="act")
    async def action_paraphrase(self) -> None:
        """Say how an alert of theirs was understood, or our word on how ours was."""
        found = self._alert()
        if found is not None:
            await self._paraphrase_keys.press(found)

    @work(exclusive=True, group="act")
    async def action_door(self) -> None:
        """Name who of our party may enter a room, or the room of a call."""
        try:
            await self._door_keys.press(self.chosen())
        except ParleyError as error:
            self.say(refusal_words(error, self.words))

    @work(exclusive=True, group="act")
    async def action_ask_call(self) -> None:
        """Ask for a call between officials."""
        await self._call_keys.ask()

    @work(exclusive=True, group="act")
    async def action_draft(self) -> None:
        """Begin an alert."""
        parties = [
            Choice(str(each["party"]["id"]), line(str(each["party"]["name"])))
            for each in self.board.lines
        ]
        if not parties:
            self.say(self.words.say("No line yet."))
            return
        urgencies = [Choice(each, self.words.code("precedence", each)) for each in URGENCIES]
        languages = self.board.who.get("party", {}).get("languages") or ["en"]
        sheet = DraftSheet(parties, urgencies, str(languages[0]), self.words)
        content = await self.push_screen_wait(sheet)
        if content is not None:
            await self.tried(lambda: self._acts.draft(content))

    @work(exclusive=True, group="act")
    async def action_test_sound(self) -> None:
        """Ring once, and ask whether it was heard."""
        self._bell.strike()
        asked = [self.words.say("Did you hear it? Y: yes, N: no")]
        is_heard = await self.push_screen_wait(TellSheet(asked))
        sound = BellSound.HEARD if is_heard else BellSound.SILENT
        self.change(lambda board: replace(board, sound=sound))

    def action_quiet(self) -> None:
        """Stop the bell for a moment; what rings goes on being shown."""
        until = self._now().add(seconds=QUIET_S)
        self.change(lambda board: replace(board, quiet_until=until))

    async def action_keys(self) -> None:
        """Show what each key does."""
        await self.push_screen(TellSheet([], key_table(self.words)))

    @work(exclusive=True, group="act")
    async def action_leave(self) -> None:
        """Leave the desk, after a question if something rings."""
        if self.board.ringing:
            asked = [self.words.say("Something rings. Leave all the same? Y: yes, N: no")]
            if not await self.push_screen_wait(TellSheet(asked)):
                return
        await self._bell.stop()
        self.exit()

    @work(exclusive=True, group="act")
    async def act(self, does: Callable[[], Awaitable[object]]) -> None:
        """Do something, and say what came of it."""
        await self.tried(does)

    async def ask(self, sheet: Sheet[Any]) -> Any:  # noqa: ANN401  as the sheet says
        """Open a sheet and wait for its answer."""
        return await self.push_screen_wait(sheet)

    async def tried(self, does: Callable[[], Awaitable[object]]) -> None:
        """Do something, say what came of it, and ask the node anew."""
        try:
            await does()
        except KeyFileLocked as error:
            said = refusal_words(error, self.words)
            self.say(f"{said} {self.words.say('Use another key.')}")
        except ParleyError as error:
            self.say(refusal_words(error, self.words))
        else:
            self.say(self.words.say("Done."))
        if self._is_fed:
            try:
                feed = Feed(self._acts, self.change, self._now)
                await feed.ask_alerts()
                await feed.ask_matters()
                await feed.ask_rooms()
            except ParleyError as error:
                self.say(refusal_words(error, self.words))

    def _alert(self) -> BoardItem | None:
        found = self.chosen()
        if found is None or found.matter is not Matter.ALERT:
            self.say(self.words.say("Choose an alert first."))
            return None
        return found

    def _with_draft(self, does: Callable[[BoardItem], Awaitable[object]]) -> None:
        found = self.chosen()
        if found is None or not found.is_draft:
            self.say(self.words.say("Choose a draft first."))
        else:
            self.act(lambda: does(found))


def key_table(words: Words) -> Table:
    """Return what each key does; what is too long for a line stays right of its key."""
    say = words.say
    keys = (
        ("A", say("acknowledge what rings: read, nothing admitted, nothing promised")),
        ("R", say("answer for your party (a releaser)")),
        ("H", say("answer that you are still deciding, until when")),
        ("N", say("begin an alert")),
        ("V", say("vouch for another person's draft")),
        ("L", say("release a draft (a releaser)")),
        ("W", say("take an alert of yours back, or throw a draft away")),
        ("P", say("say how you understood an alert, or your word on how yours was understood")),
        ("X", say("close an alert, or our side of a crisis")),
        ("C", say("speak in a crisis: claim, ask, offer, dispute, propose a fact")),
        ("O", say("open a crisis, or our side of one (a releaser)")),
        ("S", say("sign a fact that they have signed (a releaser)")),
        ("D", say("take or hand over the duty, after seeing what is open")),
        ("K", say("ask for a call between officials (a releaser)")),
        ("E", say("name who of your party may enter a room, or the room of a call")),
        ("T", say("ring once, to hear whether this terminal sounds")),
        ("M", say("no bell for 30 s; what rings goes on being shown")),
        ("Q", say("leave")),
    )
    table = Table.grid("", "", padding=(0, 2))
    for key, said in (("", say("Keys")), *keys):
        table.add_row(Text(key, "bold"), Text(said, "" if key else "bold"))
    return table
