"""`parley status`: what the node is doing, once or watched."""

import time
from typing import Annotated, Any

import typer
from rich.markup import escape

from parley.node.asking import ask
from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    node_folder,
    out,
    show,
    table,
)

_LATER = "The other party writes what this version does not know: this node may need an update."
UPDATES = {
    "entry.newer": _LATER,
    "entry.kind_unknown": _LATER,
    "letter.unknown": _LATER,
    "line.version": "The two nodes speak different versions of the line: update the older.",
}
"""What is set aside because one of two nodes is older, and which of them that is."""
COLOURS = {"up": "green", "degraded": "yellow", "cut": "red", "cold": "yellow"}


def status(
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Keep showing, live.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show lines, paths, rooms and what was set aside.

    Example: parley status --watch
    """
    place = node_folder(folder)
    with errors_told(as_json=as_json):
        answer = ask(place, "status", {})
        if watch and not as_json:
            # Brings a screen of its own; printing once does not need it.
            from parley.node.commands.monitor import Monitor  # noqa: PLC0415

            Monitor(lambda: ask(place, "status", {})).run()
            return
        show(answer, as_json=as_json, text=_tell)
        while watch:
            time.sleep(1)
            show(ask(place, "status", {}), as_json=as_json, text=_tell)


def _tell(answer: Json) -> None:
    party = answer["party"]
    out.print(
        f"[bold]{escape(party['name'])}[/bold] ({party['id']}), Parley {answer['version']}, "
        f"since {answer['started_at'][:19]} UTC, {answer['address']}"
    )
    for trouble in answer["troubles"]:
        out.print(f"[bold red]{escape(trouble['said'])}[/bold red] ({trouble['code']})")
    for log in answer["logs"]:
        name, epoch, standing = escape(log["party"]), log["epoch"], log["standing"]
        out.print(f"[bold red]Log of {name}, epoch {epoch}: {standing}[/bold red] (parley doctor)")
    for line in answer["lines"]:
        _tell_line(line)
    if not answer["lines"]:
        out.print("No line yet: parley pair import FILE")
    out.print(f"Last backup: {(answer['backup_at'] or 'none known of')[:19]}")
    open_rooms = [room for room in answer["rooms"] if room["state"] == "open"]
    out.print(f"Rooms open: {len(open_rooms)}; people of ours in them: {answer['participants']}")
    if answer["set_aside"]:
        rows = table("set aside", "from", "count", "last")
        for each in answer["set_aside"]:
            rows.add_row(
                each["reason"], each["party"] or "-", str(each["count"]), each["last_at"][:19]
            )
        out.print(rows)
        codes = {each["reason"] for each in answer["set_aside"]}
        for said in sorted({UPDATES[code] for code in codes & UPDATES.keys()}):
            out.print(f"[yellow]{said}[/yellow]")


def _tell_line(line: Json) -> None:
    state = line["state"]
    colour = COLOURS.get(state, "white")
    out.print(
        f"Line to [bold]{escape(line['party']['name'])}[/bold]: [{colour}]{state}[/{colour}] "
        f"since {line['since'][:19]}, {agreement(line)}"
    )
    rows = table("  path", "carrier", "state", "round trip", "loss in", "loss out", "rate")
    for path in line["paths"]:
        rows.add_row(
            "  " + escape(path["name"]),
            path["carrier"],
            path["state"],
            figure(path["rtt_ms"], "ms", 1),
            figure(path["loss_in"], "%", 100),
            figure(path["loss_out"], "%", 100),
            figure(path["rate_bps"], "kbit/s", 0.001),
        )
    if line["paths"]:
        out.print(rows)
    if line["clock_is_skewed"]:
        out.print(f"  [yellow]Clocks differ by {line['clock_skew_s']:.0f} s.[/yellow]")


def agreement(line: Json) -> str:
    """Return who has confirmed, in words."""
    ours, theirs = line["agreement"]["ours_confirmed"], line["agreement"]["theirs_confirmed"]
    if ours and theirs:
        return "confirmed by both sides"
    return "confirmed here, not there" if ours else "not confirmed here"


def figure(value: Any, unit: str, factor: float) -> str:  # noqa: ANN401  JSON
    """Return a figure with its unit, or a dash where nothing is known."""
    return "-" if value is None else f"{value * factor:,.1f} {unit}"
