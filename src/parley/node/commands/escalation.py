"""`parley escalation`: what escalates, what would, and whether targets can be called."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from parley.errors import SettingsUnreadable
from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    errors_told,
    node_folder,
    operate,
    out,
    print_json,
    show,
    table,
)

app = typer.Typer(no_args_is_help=True, help="Escalation of alerts that nobody has read.")
PlanFile = Annotated[
    Path | None, typer.Option("--plan", help="A plan that is not in force, as JSON.")
]


@app.command("show")
def show_escalations(folder: Folder = None, as_json: AsJson = False) -> None:
    """Show what escalates now, and the steps that fell due last with how late each fired.

    Example: parley escalation show
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "escalation_show")
    show(answer, as_json=as_json, text=_tell_escalations)


@app.command("plan")
def plan(folder: Folder = None, as_json: AsJson = False) -> None:
    """Print the plan that counts, as JSON: a file to begin another from.

    Example: parley escalation plan > plan.json
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "escalation_plan")
    print_json(answer if as_json else answer["plan"])


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The plan, as JSON.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a plan can stand, and if not, where it is wrong.

    Example: parley escalation check plan.json
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "escalation_check", plan=_text(file))
    show(answer, as_json=as_json, text=lambda _: out.print("The plan can stand."))


@app.command("dry-run")
def dry_run(
    direction: Annotated[
        str, typer.Argument(help="inbound: they wrote; outbound: we wrote.")
    ] = "inbound",
    precedence: Annotated[
        str, typer.Argument(help="flash, immediate, priority or routine.")
    ] = "flash",
    at: Annotated[
        str | None, typer.Option(help="When, such as 2026-11-29T03:00:00+05:00; now by default.")
    ] = None,
    plan_file: PlanFile = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="As an exercise.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show what would happen if an alert came and nobody did anything, and to whom.

    Example: parley escalation dry-run inbound flash --at 2026-11-29T03:00:00+05:00
    """
    with errors_told(as_json=as_json):
        answer = operate(
            node_folder(folder),
            "escalation_dry_run",
            direction=direction,
            precedence=precedence,
            at=at,
            plan=None if plan_file is None else _text(plan_file),
            is_exercise=exercise,
        )
    show(answer, as_json=as_json, text=_tell_steps)


@app.command("try")
def try_target(
    target: Annotated[str, typer.Argument(help="Such as siren:hall, mail:watch, role:releaser.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Call a target now, to see whether it can be. It is told that it is a trial.

    Example: parley escalation try siren:hall
    """
    with errors_told(as_json=as_json):
        answer = operate(node_folder(folder), "escalation_try", target=target)
    show(answer, as_json=as_json, text=_tell_tried)
    if any(each["failure"] for each in answer["ends"]):
        raise typer.Exit(1)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SettingsUnreadable(file=str(file), reason=reason) from error


def _tell_escalations(answer: Json) -> None:
    rows = table("alert", "direction", "precedence", "number", "state", "next", "targets")
    for each in answer["escalations"]:
        rows.add_row(
            each["matter"][:12],
            each["direction"],
            each["precedence"],
            str(each["number"]),
            each["state"],
            each["next_at"] or "",
            ", ".join(each["next_targets"]),
        )
    out.print(rows if answer["escalations"] else "Nothing escalates.")
    steps = table("step", "alert", "due", "fired", "late ms", "")
    for each in answer["steps"][:20]:
        steps.add_row(
            str(each["number"] + 1),
            each["matter"][:12],
            each["due_at"],
            each["fired_at"],
            str(each["late_ms"]),
            "" if each["is_needed"] else "not needed",
        )
    if answer["steps"]:
        out.print(steps)


def _tell_steps(answer: Json) -> None:
    rows = table("step", "at", "until", "who is told")
    for each in answer["steps"]:
        told = ", ".join(
            f"{end['name'] or end['end']} ({end['end'].partition(':')[0]})" for end in each["ends"]
        )
        rows.add_row(str(each["number"] + 1), each["at"], each["until"], escape(told))
    out.print(rows if answer["steps"] else "Nothing would happen.")


def _tell_tried(answer: Json) -> None:
    for each in answer["ends"]:
        why = each["failure"]
        out.print(f"{each['end']}: " + ("called" if why is None else f"[red]{escape(why)}[/red]"))
