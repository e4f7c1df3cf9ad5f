"""`parley try`: two sample nodes on this machine, joined by an emulated bad line."""

import shutil
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from parley.node.commands.console import err, errors_told, out

PROFILES = "lan, regional, border, slow-hours or satellite, with changes such as border,loss=5%"


def try_out(
    profile: Annotated[str, typer.Option("--profile", "-p", help=PROFILES)] = "border",
    seed: Annotated[int, typer.Option(help="Same seed, same losses.")] = 1,
    folder: Annotated[
        Path, typer.Option("--folder", "-C", help="Where the two nodes are kept.")
    ] = Path(".parley/try"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the last time first.")] = False,
) -> None:
    """Start two sample nodes and print two addresses, each opening signed in.

    Example: parley try --profile slow-hours
    """
    # Needs the compiled engine; the other commands do not.
    from parley.node.sample import SamplePair  # noqa: PLC0415

    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    place = folder.absolute()
    with errors_told(as_json=False):
        if fresh:
            shutil.rmtree(place, ignore_errors=True)
        pair = SamplePair(place, profile=profile, seed=seed)
        try:
            with err.status("Starting") as shown:
                pair.start(lambda doing: _tell(doing, told, shown.update))
            for node, address in zip(pair.nodes, pair.sign_in_addresses(), strict=True):
                person, party = node.party.people[0][0], node.party.name
                out.print(f"\n[bold]{escape(person)}[/bold], {escape(party)}:")
                # Browsers make no passkeys for an IP address (WebAuthn §5.1.3).
                typer.echo(f"  {address.replace('127.0.0.1', 'localhost')}")
            out.print(f"\nOne room is open: {escape(_title())}. The line: {escape(profile)}.")
            out.print("Each address signs in once. Ctrl-C stops both nodes.")
            near = pair.nodes[0]
            link = near.sign_in_address(*near.party.people[0]).replace("127.0.0.1", "localhost")
            typer.echo(f"A terminal for {near.party.people[0][0]}: give it a key, then sit down:")
            typer.echo(f'  .venv/bin/parley desk enrol -T .parley/desk "{link}"')
            typer.echo("  .venv/bin/parley desk -T .parley/desk")
            told.wait()
        except KeyboardInterrupt:
            pass
        finally:
            with err.status("Stopping"):
                pair.stop()


def _tell(doing: str, told: threading.Event, update: object) -> None:
    if told.is_set():
        raise KeyboardInterrupt
    if callable(update):
        update(doing)


def _title() -> str:
    from parley.node.sample import ROOM_TITLE  # noqa: PLC0415  see above

    return ROOM_TITLE
