"""`parley backup` and `parley restore`: a node as a folder that proves itself."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress as Bar
from rich.progress import TaskID

from parley.clock import SystemClock
from parley.config import FILE_NAME, Settings
from parley.node.commands.console import (
    AsJson,
    Folder,
    Json,
    err,
    errors_told,
    node_folder,
    out,
    show,
)
from parley.node.lifecycle import only_node
from parley.storage.backup import (
    BackupManifest,
    Progress,
    make_backup,
    note_backup,
    restore_backup,
)


def backup(
    target: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Copy a node, running or not, into a new folder, and prove the copy.

    Neither the party's key nor the keys of cases are in it.

    Example: parley backup /mnt/safe/parley-2026-11-22
    """
    with errors_told(as_json=as_json), _bar(is_shown=not as_json) as progress:
        settings = Settings.load(node_folder(folder))
        manifest = make_backup(settings, target.absolute(), SystemClock().now(), progress)
        is_noted = note_backup(settings.folder, target.absolute(), manifest)
    made = {**_answer(target, manifest), "is_noted": is_noted}
    show(made, as_json=as_json, text=_tell_made)


def restore(
    source: Annotated[Path, typer.Argument(help="A folder that parley backup made.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite the database that is there.")
    ] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in a stopped node's place; the record then asks a mirror before it appends.

    Settings that are there stay; a folder without any gets those of the backup.

    Example: parley restore /mnt/safe/parley-2026-11-22 --folder /var/lib/parley
    """
    place = node_folder(folder)
    with errors_told(as_json=as_json), _bar(is_shown=not as_json) as progress:
        BackupManifest.read(source)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with only_node(place):
            if not (place / FILE_NAME).exists():
                (place / FILE_NAME).touch(mode=0o600)
                (place / FILE_NAME).write_bytes((source / FILE_NAME).read_bytes())
            manifest = restore_backup(
                Settings.load(place), source, SystemClock().now(), progress, replaces=replace
            )
    show(_answer(source, manifest), as_json=as_json, text=_tell_restored)


@contextlib.contextmanager
def _bar(*, is_shown: bool) -> Iterator[Progress]:
    """Yield what shows progress, one bar for each stage."""
    tasks: dict[str, TaskID] = {}
    with Bar(console=err, transient=True, disable=not is_shown) as bar:

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage)
            bar.update(tasks[stage], completed=done, total=total)

        yield progress


def _answer(folder: Path, manifest: BackupManifest) -> Json:
    return {"folder": str(folder), **manifest.as_json()}


def _tell_made(made: Json) -> None:
    size = sum(file["size"] for file in made["files"])
    rows = sum(made["rows"].values())
    out.print(f"[bold]{made['folder']}[/bold]: {size:,} bytes, {rows:,} rows, proved.")
    out.print("The party's key and the keys of cases are not in it: keep them apart.")
    if not made["is_noted"]:
        out.print("[yellow]The node could not note it: doctor and desk name an older one.[/yellow]")


def _tell_restored(restored: Json) -> None:
    out.print(f"Restored the state of {restored['made_at'][:19]} UTC.")
    out.print("The record appends nothing until another party has shown how far it had come.")
    out.print("The party's key is not part of a backup: put it back if it is not there.")
