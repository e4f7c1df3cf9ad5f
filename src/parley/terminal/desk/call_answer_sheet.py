"""The sheet on which a call request, or the last offer about it, is answered."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Select, Static, TextArea
from typing_extensions import override

from parley.terminal.desk.call_sheet import WHO_CHARACTERS_MAX, instant_of
from parley.terminal.desk.sheets import Sheet
from parley.words import Words

Json = dict[str, Any]
NEEDED: Final = {
    "accept": ("earliest",),
    "other_time": ("earliest", "latest"),
    "other_level": ("level",),
    "decline": (),
}
"""What each answer says besides; *still deciding* has a key of its own."""
TIMES: Final = ("earliest", "latest")
FIELDS: Final = (*TIMES, "level")


class CallAnswerSheet(Sheet["Json | None"]):
    """Asks for an answer, and for the time or level that it names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(self, title: str, call: Mapping[str, Any], words: Words) -> None:
        """Ask what is said to a request, beginning with its own times and level.

        Args:
            title: who asks whom.
            call: the request, as the node tells it.
            words: the person's language.
        """
        super().__init__()
        self._title = title
        self._given = dict(_offered(call))
        self._words = words

    @override
    def compose(self) -> ComposeResult:
        """Lay it out: the answer, then what it may name, then words."""
        code = self._words.code
        with VerticalScroll(classes="sheet"):
            yield Static(self._title, classes="title", markup=False)
            answers = [(code("call_answer", each), each) for each in NEEDED]
            yield Select(answers, value="accept", allow_blank=False, id="answer", compact=True)
            for name in FIELDS:
                with Horizontal(classes="field", id=f"row-{name}"):
                    yield Static(code("label", name), markup=False)
                    yield Input(
                        self._given[name], id=name, max_length=WHO_CHARACTERS_MAX, compact=True
                    )
            yield TextArea(id="words", compact=True)
            yield Static(id="lacking", classes="title", markup=False)
            hint = self._words.say("Times are UTC. Ctrl+S goes on, Escape goes back, Tab moves.")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Let the answer be chosen at once."""
        self._show_needed("accept")
        self.query_one("#answer", Select).focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Show what the answer names, and nothing else."""
        self._show_needed(str(event.value))

    def action_done(self) -> None:
        """Return the answer as the node takes it, or say what it lacks."""
        answer = str(self.query_one("#answer", Select).value)
        said: dict[str, str | None] = {}
        for name in NEEDED[answer]:
            text = self.query_one(f"#{name}", Input).value.strip()
            said[name] = instant_of(text) if name in TIMES else text or None
            if said[name] is None:
                self._tell(name)
                return
        said["reason"] = self.query_one("#words", TextArea).text.strip() or None
        self.end({"answer": answer, **said})

    def action_decline(self) -> None:
        """Answer nothing."""
        self.end(None)

    def _show_needed(self, answer: str) -> None:
        for name in FIELDS:
            self.query_one(f"#row-{name}").display = name in NEEDED[answer]

    def _tell(self, name: str) -> None:
        code = self._words.code
        reason = code("finding", "no_instant" if name in TIMES else "missing")
        self.query_one("#lacking", Static).update(f"{code('label', name)}: {reason}")


def _offered(call: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield times and level that stand on the table: the last offered, or those asked for."""
    for name in FIELDS:
        offers = [turn[name] for turn in call["turns"] if turn[name] is not None]
        said = offers[-1] if offers else call[name]
        yield name, f"{said['at'][:16].replace('T', ' ')}Z" if name in TIMES else str(said)
