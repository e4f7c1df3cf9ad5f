"""`parley init`: make a node."""

from pathlib import Path
from typing import Annotated

import typer

from parley.node.commands.console import AsJson, Json, errors_told, out, show
from parley.node.setup import Choices, make
from parley.web.serving import first_origin


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make the node in.")],
    name: Annotated[str, typer.Option("--name", "-n", help="The institution's name.")],
    languages: Annotated[
        list[str] | None, typer.Option("--language", "-l", help="Language of the desk; repeat.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Time zone of the desk.")] = "UTC",
    web: Annotated[str, typer.Option(help="Where browsers reach it.")] = "127.0.0.1:7480",
    line_listen: Annotated[str, typer.Option(help="Local end of the line.")] = "0.0.0.0:7400",
    line_advertise: Annotated[
        str, typer.Option(help="host:port under which the other party reaches it.")
    ] = "",
    media: Annotated[str, typer.Option(help="Where browsers send media.")] = "0.0.0.0:7410",
    media_advertise: Annotated[
        list[str] | None, typer.Option(help="IP address browsers are told; repeat.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a node: settings, key, database, and a certificate where one is needed.

    Example: parley init /var/lib/parley --name "Velmar Crisis Centre" --time-zone Europe/Helsinki
    --line-advertise line.velmar.example:7400
    """
    choices = Choices(
        name,
        tuple(languages or ("en",)),
        time_zone,
        web,
        line_listen,
        line_advertise,
        media,
        tuple(media_advertise or ()),
    )
    with errors_told(as_json=as_json):
        settings = make(folder.absolute(), choices)
    answer = {"folder": str(settings.folder), "address": first_origin(settings)}
    show(answer, as_json=as_json, text=_tell_made)


def _tell_made(made: Json) -> None:
    folder = made["folder"]
    out.print(f"Made a node in [bold]{folder}[/bold]. Next:")
    out.print(f"  parley serve -C {folder}                run it")
    out.print(f"  parley person add -C {folder} NAME      a link that signs NAME in")
    out.print(f"  parley pair card -C {folder}            the card to give to the other party")
    out.print(f"  parley doctor -C {folder}               what is still wrong")
