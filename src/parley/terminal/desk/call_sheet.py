"""The sheet on which a call between officials is asked for."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Checkbox, Input, Select, Static
from typing_extensions import override
from whenever import Instant

from parley.terminal.desk.sheets import Choice, Sheet
from parley.terminal.proposal import INTERPRETERS, MODES
from parley.words import Words

Json = dict[str, Any]
WHO_CHARACTERS_MAX: Final = 200
SUBJECT_CHARACTERS_MAX: Final = 1_000
LANGUAGE_CHARACTERS_MAX: Final = 12
HOURS_DEFAULT: Final = 48
FIRST_HOURS, LAST_HOURS = 2, 6
"""From when and until when a call is asked for, unless the person says otherwise."""
NEEDED: Final = ("who_asks", "who_is_asked", "level")


class CallSheet(Sheet["Json | None"]):
    """Asks who asks whom, about what, when and how."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(
        self, parties: Sequence[Choice], languages: Sequence[str], now: Instant, words: Words
    ) -> None:
        """Ask for a call with one of some parties.

        Args:
            parties: whom it may be with.
            languages: ours, and theirs of the first party.
            now: the present.
            words: the person's language.
        """
        super().__init__()
        self._parties = parties
        self._languages = languages
        self._now = now
        self._words = words

    @override
    def compose(self) -> ComposeResult:
        """Lay it out: a row for each thing that is asked."""
        code, say = self._words.code, self._words.say
        with VerticalScroll(classes="sheet"):
            yield Static(code("sheet", "call"), classes="title", markup=False)
            yield Select(
                [(each.said, each.code) for each in self._parties],
                value=self._parties[0].code,
                allow_blank=False,
                id="to",
                compact=True,
            )
            yield Checkbox(say("EXERCISE"), id="exercise", compact=True)
            for name, given, longest in self._fields():
                with Horizontal(classes="field"):
                    yield Static(code("label", name), markup=False)
                    yield Input(given, id=name, max_length=longest, compact=True)
            for name, codes in (("mode", MODES), ("interpreter", INTERPRETERS)):
                options = [(code(name, each), each) for each in codes]
                yield Select(options, value=codes[0], allow_blank=False, id=name, compact=True)
            yield Static(id="lacking", classes="title", markup=False)
            hint = say("Times are UTC. Ctrl+S goes on, Escape goes back, Tab moves.")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Let who asks be typed at once."""
        self.query_one("#who_asks", Input).focus()

    def action_done(self) -> None:
        """Return what is asked as the node takes it, or say what it lacks."""
        said = {
            name: self.query_one(f"#{name}", Input).value.strip() for name, *_ in self._fields()
        }
        times = {name: instant_of(said[name]) for name in ("earliest", "latest")}
        lacking = next((name for name in NEEDED if not said[name]), None)
        lacking = lacking or next((name for name, at in times.items() if at is None), None)
        if lacking is None and not said["hours"].isdigit():
            lacking = "hours"
        if lacking is not None:
            reason = "no_instant" if lacking in times else "missing"
            text = f"{self._words.code('label', lacking)}: {self._words.code('finding', reason)}"
            self.query_one("#lacking", Static).update(text)
            return
        self.end(self._asked(said, times))

    def action_decline(self) -> None:
        """Ask for nothing."""
        self.end(None)

    def _asked(self, said: dict[str, str], times: dict[str, str | None]) -> Json:
        languages = [each.strip() for each in said["languages"].split(",") if each.strip()]
        return {
            "party": str(self.query_one("#to", Select).value),
            **{name: said[name] for name in NEEDED},
            "subject": said["subject"] or None,
            **times,
            "mode": str(self.query_one("#mode", Select).value),
            "languages": languages or [*self._languages][:1],
            "interpreter": str(self.query_one("#interpreter", Select).value),
            "answer_hours": int(said["hours"]),
            "is_exercise": self.query_one("#exercise", Checkbox).value,
        }

    def _fields(self) -> Iterator[tuple[str, str, int]]:
        first, last = (self._now.add(hours=each) for each in (FIRST_HOURS, LAST_HOURS))
        yield from ((name, "", WHO_CHARACTERS_MAX) for name in NEEDED)
        yield "subject", "", SUBJECT_CHARACTERS_MAX
        yield "earliest", _hour(first), len("2026-11-01T12:00:00Z")
        yield "latest", _hour(last), len("2026-11-01T12:00:00Z")
        yield "languages", ", ".join(self._languages), 4 * LANGUAGE_CHARACTERS_MAX
        yield "hours", str(HOURS_DEFAULT), len(str(HOURS_DEFAULT))


def instant_of(text: str) -> str | None:
    """Return a date and time as the node takes it, None if there is no such instant.

    ``2026-11-01 12:00`` is UTC; what says its own zone is taken as it says.
    """
    for given in (text, f"{text.replace(' ', 'T')}Z", f"{text.replace(' ', 'T')}:00Z"):
        try:
            return Instant.parse_iso(given).format_iso(unit="second")
        except ValueError:
            continue
    return None


def _hour(at: Instant) -> str:
    return f"{at.format_iso()[:13].replace('T', ' ')}:00"
