"""The `parley` command: every word of it, put together.

Only the module of the word that was typed is imported: `parley status` answers without the web,
`parley --help` knows them all.
"""

import importlib
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Final

import typer

from parley import __version__
from parley.node.commands.console import AsJson, errors_told, out, table

if TYPE_CHECKING:
    from parley.drill.figures import DrillReport

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("parley.node.commands.init", "init"),
    "serve": ("parley.node.commands.serve", "serve"),
    "pair": ("parley.node.commands.pair", "app"),
    "person": ("parley.node.commands.person", "app"),
    "office": ("parley.node.commands.office", "app"),
    "machine": ("parley.node.commands.machine", "app"),
    "trail": ("parley.node.commands.trail", "trail"),
    "status": ("parley.node.commands.status", "status"),
    "desk": ("parley.node.commands.desk", "app"),
    "alert": ("parley.node.commands.alert", "app"),
    "duty": ("parley.node.commands.duty", "app"),
    "escalation": ("parley.node.commands.escalation", "app"),
    "record": ("parley.node.commands.record", "app"),
    "root": ("parley.node.commands.root", "app"),
    "crisis": ("parley.node.commands.crisis", "app"),
    "notification": ("parley.node.commands.notification", "app"),
    "call-request": ("parley.node.commands.call_request", "app"),
    "check": ("parley.node.commands.check", "app"),
    "contacts": ("parley.node.commands.contacts", "app"),
    "edge": ("parley.node.commands.edge", "edge"),
    "verify": ("parley.node.commands.verify", "verify"),
    "doctor": ("parley.node.commands.doctor", "doctor"),
    "backup": ("parley.node.commands.backup", "backup"),
    "restore": ("parley.node.commands.backup", "restore"),
    "try": ("parley.node.commands.try_out", "try_out"),
    "drill": ("parley.__main__", "drills"),
}
"""Each word, the module that holds it and its name there, in the order a newcomer needs them."""

drills = typer.Typer(no_args_is_help=True, help="Measure, over an emulated line.")


def _tell_version(wanted: bool) -> None:  # noqa: FBT001  typer's form
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def assemble(words: Iterable[str]) -> typer.Typer:
    """Return the command line with some of its words."""
    app = typer.Typer(
        name="parley",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help="One line between institutions that will not put their words on each other's servers.",
    )
    app.callback()(parley)
    for word in words:
        module, name = WORDS[word]
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=word)
        else:
            app.command(word)(found)
    return app


def parley(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """One line between institutions that will not put their words on each other's servers."""
    del version


@drills.callback()
def drill() -> None:
    """Measure, over an emulated line."""


@drills.command("call")
def drill_call(
    profile: Annotated[str, typer.Option("--profile", "-p", help="Of the line.")] = "border",
    joins: Annotated[int, typer.Option(help="How often the second person joins.")] = 20,
    seconds: Annotated[int, typer.Option(help="Length of the steady phase.")] = 60,
    viewers: Annotated[
        list[int] | None, typer.Option(help="Size of the far audience; repeat. [1, 5, 20]")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same losses.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure a call between two real browsers, each on its own node.

    Example: parley drill call --profile border --json
    """
    # Needs a browser and its driver; the other commands do not.
    from parley.drill.call import CallDrill, run  # noqa: PLC0415

    with errors_told(as_json=as_json):
        chosen = CallDrill(profile, joins, seconds, tuple(viewers or (1, 5, 20)), seed)
        report = run(chosen, as_json=as_json)
    _tell_report(report, as_json=as_json)


@drills.command("alert")
def drill_alert(
    profile: Annotated[str, typer.Option("--profile", "-p", help="Of the line.")] = "border",
    paths: Annotated[int, typer.Option(min=1, max=2, help="Paths of the line.")] = 1,
    alerts: Annotated[int, typer.Option(min=1, help="Flashes to release.")] = 40,
    video: Annotated[bool, typer.Option("--video", help="With a video call beside.")] = False,
    transfer: Annotated[bool, typer.Option("--transfer", help="With 1 GB under way.")] = False,
    restarts: Annotated[int, typer.Option(min=0, help="How often a node is killed.")] = 2,
    limits: Annotated[bool, typer.Option(help="Wait a minute for limits.")] = True,
    seed: Annotated[int, typer.Option(help="Same seed, same losses.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure alerts between two nodes: sounding, receipts, acknowledgements, limits, restarts.

    Example: parley drill alert --profile border --paths 2 --video --transfer --json
    """
    # Starts nodes; the other commands do not.
    from parley.drill.alert import AlertDrill, run  # noqa: PLC0415
    from parley.drill.transfer import GIGABYTE  # noqa: PLC0415

    with errors_told(as_json=as_json):
        size = GIGABYTE if transfer else 0
        chosen = AlertDrill(
            *(profile, paths, alerts, video, size, restarts, limits, seed),
        )
        report = run(chosen, as_json=as_json)
    _tell_report(report, as_json=as_json)


@drills.command("record")
def drill_record(
    profile: Annotated[str, typer.Option("--profile", "-p", help="Of the line.")] = "border",
    even: Annotated[float, typer.Option(help="Seconds at 20 entries/s.")] = 30.0,
    full: Annotated[float, typer.Option(help="Seconds of as many as go.")] = 20.0,
    restored: Annotated[
        int, typer.Option(help="Entries of the log that is lost and taken back; 0: none is lost.")
    ] = 20_000,
    backlog: Annotated[int, typer.Option(help="Entries that pile up in a cut; 0: none.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Same seed, same losses.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure the record between two nodes: rate, latency, restore, verification, backlog.

    Example: parley drill record --profile lan --restored 1000000 --backlog 2000000 --json
    """
    # Starts nodes; the other commands do not.
    from parley.drill.record import RecordDrill, run  # noqa: PLC0415

    with errors_told(as_json=as_json):
        chosen = RecordDrill(profile, even, full, restored, backlog, seed)
        report = run(chosen, as_json=as_json)
    _tell_report(report, as_json=as_json)
    if not all(figure.samples for figure in report.figures.values()):
        raise typer.Exit(1)


def _tell_report(report: "DrillReport", *, as_json: bool) -> None:
    """Print a drill's figures, for a program or for a person."""
    if as_json:
        typer.echo(report.as_json())
        return
    rows = table("figure", "unit", "n", "p50", "p95", "max")
    for name, measured in report.figures.items():
        summary = measured.summary()
        worth = [summary.get(key, summary.get("value", "-")) for key in ("p50", "p95", "max")]
        rows.add_row(name, *(str(each) for each in (summary["unit"], summary["n"], *worth)))
    out.print(rows)


def main() -> None:
    """Run the command line."""
    typed = sys.argv[1] if len(sys.argv) > 1 else ""
    assemble([typed] if typed in WORDS else WORDS)()


if __name__ == "__main__":
    main()
