"""What opens above the desk: a PIN under what is signed, a draft, an answer, the keys.

A sheet never hides that something rings: the desk below goes on sounding, and the sheet is smaller
than the screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Select, Static, TextArea
from typing_extensions import override

from parley.words import Words

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen from a list."""

    code: str
    said: str


class Sheet(ModalScreen[Answer]):
    """What opens above the desk until it is answered."""

    def end(self, answer: Answer) -> None:
        """Close it with an answer."""
        # A screen that waits for its own end waits for ever: textual refuses it.
        _ = self.dismiss(answer)


class PinSheet(Sheet[str | None]):
    """Asks for the PIN, under exactly what it is for; None if the person does not want to."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "decline", "No")]

    def __init__(self, lines: Sequence[str], prompt: str, words: Words) -> None:
        """Ask for a PIN after showing some lines."""
        super().__init__()
        self._lines = lines
        self._prompt = prompt
        self._words = words

    @override
    def compose(self) -> ComposeResult:
        """Lay it out: what is signed above, the PIN below, always in sight."""
        with VerticalScroll(classes="sheet"):
            with VerticalScroll(id="signed"):
                yield Static("\n".join(self._lines), markup=False)
            yield Static(self._prompt, markup=False)
            yield Input(password=True, id="pin", compact=True)
            hint = self._words.say("Enter signs, Escape does not. Page up and down to read.")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Let the PIN be typed at once."""
        self.query_one("#pin", Input).focus()

    def on_key(self, event: Any) -> None:  # noqa: ANN401  textual's
        """Scroll what is signed while the PIN has the keys."""
        signed = self.query_one("#signed", VerticalScroll)
        if event.key == "pagedown":
            signed.scroll_page_down()
        elif event.key == "pageup":
            signed.scroll_page_up()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the PIN; an empty one is a no."""
        self.end(event.value or None)

    def action_decline(self) -> None:
        """Sign nothing."""
        self.end(None)


class WordsSheet(Sheet["SheetAnswer | None"]):
    """Asks for a choice, some words, or both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        words: Words,
        *,
        shown: Sequence[str] = (),
        language: str | None = None,
    ) -> None:
        """Ask for one of some choices, if there are any, and for words.

        Args:
            title: what is asked.
            choices: what can be chosen.
            words: the person's language.
            shown: what is read before it is answered.
            language: in which language the words are, unless the person says another; None if
                that is not asked.
        """
        super().__init__()
        self._title = title
        self._choices = choices
        self._words = words
        self._shown = shown
        self._language = language

    @override
    def compose(self) -> ComposeResult:
        """Lay it out."""
        with VerticalScroll(classes="sheet"):
            yield Static(self._title, classes="title", markup=False)
            if self._shown:
                yield Static("\n".join(self._shown), markup=False)
            if self._choices:
                yield Select(
                    [(each.said, each.code) for each in self._choices],
                    value=self._choices[0].code,
                    allow_blank=False,
                    id="choice",
                    compact=True,
                )
            if self._language is not None:
                yield Static(self._words.code("sheet", "language"), classes="hint", markup=False)
                yield Input(self._language, id="language", max_length=20, compact=True)
            yield TextArea(id="words", compact=True)
            hint = self._words.say("Ctrl+S goes on, Escape goes back, Tab moves.")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Let the words be typed at once."""
        self.query_one("#words", TextArea).focus()

    def action_done(self) -> None:
        """Return what was written."""
        chosen = str(self.query_one("#choice", Select).value) if self._choices else ""
        language = self._language or ""
        if self._language is not None:
            language = self.query_one("#language", Input).value.strip() or self._language
        self.end(SheetAnswer(chosen, self.query_one("#words", TextArea).text.strip(), language))

    def action_decline(self) -> None:
        """Go back."""
        self.end(None)


class ChoiceSheet(Sheet[str | None]):
    """Shows some lines and asks for one of some choices; None if the person goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(self, lines: Sequence[str], choices: Sequence[Choice], words: Words) -> None:
        """Ask for one of some choices, of which there is at least one."""
        super().__init__()
        self._lines = lines
        self._choices = choices
        self._words = words

    @override
    def compose(self) -> ComposeResult:
        """Lay it out: the lines above, the choice below, always in sight."""
        with VerticalScroll(classes="sheet"):
            with VerticalScroll(id="signed"):
                yield Static("\n".join(self._lines), markup=False)
            yield Select(
                [(each.said, each.code) for each in self._choices],
                value=self._choices[0].code,
                allow_blank=False,
                id="choice",
                compact=True,
            )
            hint = self._words.say("Ctrl+S goes on, Escape goes back, Tab moves.")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Let it be chosen at once."""
        self.query_one("#choice", Select).focus()

    def action_done(self) -> None:
        """Return what was chosen."""
        self.end(str(self.query_one("#choice", Select).value))

    def action_decline(self) -> None:
        """Go back."""
        self.end(None)


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """What was chosen and written."""

    choice: str
    words: str
    language: str = ""
    """In which language the words are, where that is asked."""


class DraftSheet(Sheet["dict[str, object] | None"]):
    """Asks for a new alert."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(
        self, parties: Sequence[Choice], urgencies: Sequence[Choice], language: str, words: Words
    ) -> None:
        """Ask for an alert to one of some parties."""
        super().__init__()
        self._parties = parties
        self._urgencies = urgencies
        self._language = language
        self._words = words

    @override
    def compose(self) -> ComposeResult:
        """Lay it out."""
        say = self._words.say
        with VerticalScroll(classes="sheet"):
            yield Static(say("New alert"), classes="title", markup=False)
            for name, choices in (("to", self._parties), ("precedence", self._urgencies)):
                options = [(each.said, each.code) for each in choices]
                yield Select(
                    options, value=choices[0].code, allow_blank=False, id=name, compact=True
                )
            yield Checkbox(say("EXERCISE"), id="exercise", compact=True)
            yield Input(self._language, id="language", max_length=20, compact=True)
            yield TextArea(id="words", compact=True)
            yield Static(
                say("Ctrl+S goes on, Escape goes back, Tab moves."), classes="hint", markup=False
            )

    def on_mount(self) -> None:
        """Let the words be typed at once."""
        self.query_one("#words", TextArea).focus()

    def action_done(self) -> None:
        """Return the draft as the node takes it."""
        text = self.query_one("#words", TextArea).text.strip()
        language = self.query_one("#language", Input).value.strip() or self._language
        self.end(
            {
                "texts": [{"language": language, "text": text}],
                "recipients": [str(self.query_one("#to", Select).value)],
                "precedence": str(self.query_one("#precedence", Select).value),
                "is_exercise": self.query_one("#exercise", Checkbox).value,
            }
        )

    def action_decline(self) -> None:
        """Go back."""
        self.end(None)


class OpeningSheet(Sheet["dict[str, object] | None"]):
    """Asks under which name our side opens a crisis."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(self, title: str, parties: Sequence[Choice], language: str, words: Words) -> None:
        """Ask for a new crisis with one of some parties; without any, for our side of one."""
        super().__init__()
        self._title = title
        self._parties = parties
        self._language = language
        self._words = words

    @override
    def compose(self) -> ComposeResult:
        """Lay it out."""
        say = self._words.say
        with VerticalScroll(classes="sheet"):
            yield Static(self._title, classes="title", markup=False)
            if self._parties:
                options = [(each.said, each.code) for each in self._parties]
                yield Select(options, value=options[0][1], allow_blank=False, id="to", compact=True)
                # Of a crisis that is there the mark cannot be changed.
                yield Checkbox(say("EXERCISE"), id="exercise", compact=True)
            yield Input(self._language, id="language", max_length=20, compact=True)
            yield Static(self._words.code("row", "title"), markup=False)
            yield Input(id="name", max_length=200, compact=True)
            yield Static(self._words.code("row", "grade"), markup=False)
            yield Input(id="grade", max_length=60, compact=True)
            yield Static(
                say("Ctrl+S goes on, Escape goes back, Tab moves."), classes="hint", markup=False
            )

    def on_mount(self) -> None:
        """Let the name be typed at once."""
        self.query_one("#name", Input).focus()

    def action_done(self) -> None:
        """Return the opening as the node takes it, but for its time."""
        text = self.query_one("#name", Input).value.strip()
        language = self.query_one("#language", Input).value.strip() or self._language
        said: dict[str, object] = {"title": [{"language": language, "text": text}]}
        grade = self.query_one("#grade", Input).value.strip()
        if grade:
            said["grade"] = grade
        if self._parties:
            said["party"] = str(self.query_one("#to", Select).value)
            said["is_exercise"] = self.query_one("#exercise", Checkbox).value
        self.end(said)

    def action_decline(self) -> None:
        """Go back."""
        self.end(None)


class TellSheet(Sheet[bool]):
    """Shows some lines, until a key is pressed; asks yes or no if it is told to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,enter,question_mark,n", "answer(False)", "Back"),
        ("y", "answer(True)", "Yes"),
    ]

    def __init__(self, lines: Sequence[str], table: Table | None = None) -> None:
        """Show some lines, or a table."""
        super().__init__()
        self._lines = lines
        self._table = table

    @override
    def compose(self) -> ComposeResult:
        """Lay it out."""
        with VerticalScroll(classes="sheet"):
            yield Static(self._table or "\n".join(self._lines), markup=False)

    def action_answer(self, is_yes: bool) -> None:  # noqa: FBT001  textual's form
        """Close it."""
        self.end(is_yes)
