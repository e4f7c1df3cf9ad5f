"""The sheet on which a list of who may enter is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Checkbox, Input, Select, SelectionList, Static
from textual.widgets.selection_list import Selection
from typing_extensions import override

from parley.terminal.desk.sheets import Choice, Sheet
from parley.words import Words

Json = dict[str, Any]
CAPACITIES: Final = ("official", "interpreter", "staff")
SHOWN_CHARACTERS_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class DoorAnswer:
    """Who may enter; None: no list of ours."""

    named: list[Json] | None


class DoorSheet(Sheet["DoorAnswer | None"]):
    """Asks who of our party may enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "decline", "No"),
        ("ctrl+s", "done", "Done"),
    ]

    def __init__(self, title: str, door: Json, ours: Sequence[Choice], words: Words) -> None:
        """Ask, with those ticked who may enter now.

        Args:
            title: of which room.
            door: as the node shows it.
            ours: offices and people of ours.
            words: the person's language.
        """
        super().__init__()
        self._title = title
        self._door = door
        self._ours = ours
        self._words = words
        self._listed = {place_of(each): each for each in door["named"]}

    @override
    def compose(self) -> ComposeResult:
        """Lay it out: who is ticked enters, whoever is new as what is said below."""
        code = self._words.code
        ticks = [Selection(e.said, e.code, e.code in self._listed) for e in self._ours]
        options = [(code("enters_as", each), each) for each in CAPACITIES]
        with VerticalScroll(classes="sheet"):
            yield Static(self._title, classes="title", markup=False)
            yield SelectionList(*ticks, id="named", compact=True)
            if self._door["is_set"]:
                again = "everybody_again" if self._door["official"] is None else "to_request"
                yield Checkbox(code("door", again), id="everybody", compact=True)
            yield Static(code("door", "enters_as"), classes="hint", markup=False)
            yield Select(options, value="official", allow_blank=False, id="capacity", compact=True)
            yield Static(code("door", "shown_as"), classes="hint", markup=False)
            yield Input(id="shown", max_length=SHOWN_CHARACTERS_MAX, compact=True)
            yield Static(id="lacking", classes="title", markup=False)
            hint = self._words.say("Space ticks, Ctrl+S goes on, Escape goes back, Tab moves.")
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Let people be ticked at once."""
        self.query_one("#named", SelectionList).focus()

    def action_done(self) -> None:
        """Return the list, or say what it lacks."""
        everybody = self.query("#everybody")
        if everybody and self.query_one("#everybody", Checkbox).value:
            self.end(DoorAnswer(None))
            return
        ticked = [str(each) for each in self.query_one("#named", SelectionList).selected]
        capacity = str(self.query_one("#capacity", Select).value)
        shown = self.query_one("#shown", Input).value.strip()
        has_new = any(each not in self._listed for each in ticked)
        is_call = self._door["official"] is not None
        lacking = "" if ticked else self._words.say("Nobody is ticked.")
        if is_call and has_new and capacity != "official" and not shown:
            # The other side must not take an interpreter or a note-taker for the official.
            lacking = self._words.say("Say what the other side is to see of them.")
        if lacking:
            self.query_one("#lacking", Static).update(lacking)
            return
        self.end(DoorAnswer([self._named(each, capacity, shown or None) for each in ticked]))

    def action_decline(self) -> None:
        """Leave it as it is."""
        self.end(None)

    def _named(self, place: str, capacity: str, shown: str | None) -> Json:
        known = self._listed.get(place)
        if known is not None:
            return {name: each for name, each in known.items() if name != "name"}
        kind, _, found = place.partition(" ")
        named = {"capacity": capacity, "person": None, "office": None, "shown_as": shown}
        return {**named, kind: found}


def place_of(named: Json) -> str:
    """Return the person or office that a row of a list names."""
    kind = "office" if named["person"] is None else "person"
    return f"{kind} {named[kind]}"
