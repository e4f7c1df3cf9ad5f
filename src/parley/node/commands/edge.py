"""`parley edge`: the edge responder, a process beside the node."""

import os
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from parley.edge import PORT, serve


def edge(
    listen: Annotated[
        str, typer.Option(help="Address and UDP port to answer on.")
    ] = f"0.0.0.0:{PORT}",
    keys: Annotated[Path, typer.Option(help="File of keys; the node writes it.")] = Path(
        "edge.keys"
    ),
    with_parent: Annotated[
        bool, typer.Option("--with-parent", hidden=True, help="Stop when standard input ends.")
    ] = False,
) -> None:
    """Answer the other parties that the way to this site is open, whatever the node does.

    It runs beside the node, in a process of its own, and outlives it.

    Example: parley edge --listen 0.0.0.0:7848 --keys /var/lib/parley/edge.keys
    """
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    host, _, port = listen.rpartition(":")
    try:
        serve((host.strip("[]"), int(port)), str(keys))
    except KeyboardInterrupt:
        return
    except (OSError, ValueError) as error:
        typer.echo(f"parley edge: {error}", err=True)
        raise typer.Exit(1) from error


def _end_with_parent() -> None:
    """End the process once whoever started it is gone; it keeps nothing that could be lost."""
    sys.stdin.buffer.read()
    os._exit(0)
