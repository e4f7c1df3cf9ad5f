"""`parley duty`: who is to be on watch, and who could not be told."""

from typing import Annotated

import typer
from rich.markup import escape

from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    node_folder,
    operate,
    out,
    show,
    table,
)

app = typer.Typer(no_args_is_help=True, help="Watches of this party: rosters, gaps, notices.")


@app.command("show")
def show_duty(
    days: Annotated[int, typer.Option(min=1, max=62, help="How many days from now.")] = 7,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show every roster: who is on watch, who follows, and when nobody does.

    Example: parley duty show --days 14
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "duty_show", days=days)
    show(answer, as_json=as_json, text=_tell_duty)


@app.command("notices")
def notices(
    failed: Annotated[bool, typer.Option("--failed", help="Only those given up.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 50,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """List who was told of what, by which end, and what came of it.

    Example: parley duty notices --failed
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "duty_notices", is_failed_only=failed, limit=limit)
    show(answer, as_json=as_json, text=_tell_notices)


def _tell_duty(answer: Json) -> None:
    if not answer["rosters"]:
        out.print("No rosters yet: an engineer and a releaser make a plan on the duty page.")
    for roster in answer["rosters"]:
        holder = roster["on_duty"] or "nobody has taken the duty"
        out.print(f"[bold]{escape(roster['name'])}[/bold]  on duty: {escape(holder)}")
        rows = table("from", "until", "who", "by")
        for shift in roster["shifts"]:
            who = "[red]NOBODY[/red]" if shift["person"] is None else escape(shift["name"] or "")
            rows.add_row(shift["starts_at"], shift["ends_at"], who, escape(shift["source"]))
        out.print(rows)


def _tell_notices(answer: Json) -> None:
    rows = table("made", "end", "who", "state", "tries", "failure")
    for each in answer["notices"]:
        rows.add_row(
            each["made_at"],
            each["end"],
            escape(each["name"] or ""),
            each["state"],
            str(each["tries"]),
            escape(each["failure"] or ""),
        )
    out.print(rows if answer["notices"] else "Nobody was told of anything.")
