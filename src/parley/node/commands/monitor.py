"""The live monitor: `parley status --watch` on a terminal."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable, Footer, Header, Static
from typing_extensions import override

from parley.errors import ParleyError
from parley.node.commands.console import Json

EVERY_S: Final = 1.0
STYLES: Final = {"up": "green", "degraded": "yellow", "cold": "yellow", "cut": "bold red"}
PATHS: Final = (
    "line",
    "state",
    "path",
    "carrier",
    "path state",
    "rtt ms",
    "in %",
    "out %",
    "kbit/s",
)
LANES: Final = ("alerts", "audio", "base", "upper", "documents", "images")


class Monitor(App[None]):
    """Lines, paths, lanes and rooms of one node, once a second."""

    TITLE = "Parley"
    CSS = "DataTable { height: auto; margin: 1 0 0 0; } #head, #rooms { margin: 1 1 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]

    def __init__(self, ask: Callable[[], Json]) -> None:
        """Show what ``ask`` answers."""
        super().__init__()
        self._ask = ask

    @override
    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Header(show_clock=True)
        yield Static(id="head")
        yield DataTable[Any](id="paths", show_cursor=False)
        yield DataTable[Any](id="lanes", show_cursor=False)
        yield Static(id="rooms")
        yield DataTable[Any](id="aside", show_cursor=False)
        yield Footer()

    async def on_mount(self) -> None:
        """Begin to ask."""
        self._table("paths").add_columns(*PATHS)
        self._table("lanes").add_columns("line", *LANES)
        self._table("aside").add_columns("set aside", "from", "count", "last")
        self.set_interval(EVERY_S, self.refresh_figures)
        await self.refresh_figures()

    async def refresh_figures(self) -> None:
        """Ask once and show the answer; a node that does not answer is said so."""
        head = self.query_one("#head", Static)
        try:
            answer = await asyncio.to_thread(self._ask)
        except ParleyError as error:
            head.update(Text(str(error), style="bold red"))
            return
        party = answer["party"]
        head.update(f"{party['name']}   Parley {answer['version']}   {answer['address']}")
        self._show_paths(answer)
        self._show_rooms(answer)

    def _show_paths(self, answer: Json) -> None:
        paths, lanes = self._table("paths"), self._table("lanes")
        paths.clear()
        lanes.clear()
        for line in answer["lines"]:
            name, state = line["party"]["name"], line["state"]
            for path in line["paths"] or [{}]:
                paths.add_row(
                    name,
                    Text(state, style=STYLES.get(state, "")),
                    path.get("name", "-"),
                    path.get("carrier", "-"),
                    path.get("state", "-"),
                    _figure(path.get("rtt_ms"), 1),
                    _figure(path.get("loss_in"), 100),
                    _figure(path.get("loss_out"), 100),
                    _figure(path.get("rate_bps"), 0.001),
                )
            if line["lanes"]:
                lanes.add_row(name, *(_lane(lane) for lane in line["lanes"]))

    def _show_rooms(self, answer: Json) -> None:
        rooms = [room for room in answer["rooms"] if room["state"] == "open"]
        lines = [f"Rooms open: {len(rooms)}   people of ours in them: {answer['participants']}"]
        lines += [f"  {room['title']}: {len(room['participants'])} present" for room in rooms]
        self.query_one("#rooms", Static).update(Text("\n".join(lines)))
        aside = self._table("aside")
        aside.clear()
        for each in answer["set_aside"]:
            aside.add_row(each["reason"], each["party"] or "-", each["count"], each["last_at"][:19])

    def _table(self, name: str) -> DataTable[Any]:
        return self.query_one(f"#{name}", DataTable)


def _figure(value: float | None, factor: float) -> str:
    return "-" if value is None else f"{value * factor:,.1f}"


def _lane(lane: Json) -> str:
    return f"{lane['bytes_sent']:,} / {lane['bytes_received']:,}"
