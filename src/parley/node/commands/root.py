"""`parley root`: three keys that never lie on a node, and what two of them say of the party's."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from parley.errors import RequestMalformed
from parley.identity.keys import PartyKey
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
from parley.node.root_operations import root_told
from parley.record.note import NOTE_BYTES_MAX, to_base64
from parley.record.root import ROOT_THRESHOLD, add_signature, read_draft

app = typer.Typer(
    no_args_is_help=True, help="The party's root: what still counts when its key was stolen."
)
Manifest = Annotated[Path, typer.Argument(help="The file with what the root says.")]
_PARTY: Final = "party"


@app.command("key")
def key(
    file: Annotated[Path, typer.Argument(help="The new key's file, on a medium of its own.")],
    as_json: AsJson = False,
) -> None:
    """Make one holder's key; no node is needed, and none may ever have it.

    Each of three holders does this on a machine that is not on a network, and gives away only what
    is printed.

    Example: parley root key /media/holder-1/root.key
    """
    with errors_told(as_json=as_json):
        made = PartyKey.generate()
        made.save(file)
    said = {"file": str(file), "public": to_base64(made.public)}
    show(said, as_json=as_json, text=lambda told: out.print(told["public"]))


@app.command("draft")
def draft(
    file: Manifest,
    holder: Annotated[
        list[str] | None, typer.Option(help="A holder's public key; three times.")
    ] = None,
    following: Annotated[
        list[str] | None,
        typer.Option("--next", help="A key of the root that may take over; three times."),
    ] = None,
    stolen: Annotated[
        bool, typer.Option("--stolen", help="The party's own key is known to others.")
    ] = False,
    stolen_key: Annotated[
        str | None, typer.Option(help="Instead: the log's public key that is known to others.")
    ] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Write what our root is to say; the node must run. It counts once two holders have signed.

    The first one names the three holders. One with --stolen takes the root's word back from a key:
    every other party then believes its logs no further than it had signed for, and our logs go on
    under a fresh key, which is made now and lies in log-keys.

    Example: parley root draft word.txt --stolen
    """
    asked: Json = {"holders": holder or [], "following": following or []}
    if stolen or stolen_key:
        asked["stolen"] = stolen_key or _PARTY
    with errors_told(as_json=as_json):
        answer = ask(node_folder(folder), "root_draft", asked)
        _write_new(file, answer["manifest"].encode())
    show({"file": str(file), **answer}, as_json=as_json, text=_tell_draft)


@app.command("sign")
def sign(
    file: Manifest,
    key_file: Annotated[Path, typer.Argument(metavar="KEY", help="A holder's key file.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign what the root is to say, as one of its holders; no node is needed.

    Read what it says first: it is shown. The holders need not sit together; the file goes from one
    to the other.

    Example: parley root sign word.txt /media/holder-1/root.key
    """
    with errors_told(as_json=as_json):
        content = _content(file)
        told = _told(content)
        if not yes and not as_json:
            _tell_manifest(told)
            typer.confirm("Sign this?", abort=True)
        signed = add_signature(content, PartyKey.load(key_file))
        _replace(file, signed)
    show({"file": str(file), **_told(signed)}, as_json=as_json, text=_tell_signed)


@app.command("take")
def take(
    file: Manifest,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Have the node do what a root says, ours or another party's; the node must run.

    Ours goes on to the other parties by the line. Where somebody else may have the line, carry the
    file to them by another road: each of them takes it by the same command.

    Example: parley root take word.txt
    """
    with errors_told(as_json=as_json):
        content = _content(file)
        told = _told(content)
        if not yes and not as_json:
            _tell_manifest(told)
            typer.confirm("Do what it says? It cannot be undone.", abort=True)
        asked = {"manifest": content.decode(errors="replace")}
        answer = ask(node_folder(folder), "root_take", asked)
    show({**told, **answer}, as_json=as_json, text=_tell_taken)


@app.command("show")
def show_root(
    file: Annotated[Path | None, typer.Argument(help="A file with what a root says.")] = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show what a file says and who signed it; without one, what each party's root said last.

    Example: parley root show word.txt
    """
    with errors_told(as_json=as_json):
        if file is not None:
            show(_told(_content(file)), as_json=as_json, text=_tell_manifest)
            return
        answer = ask(node_folder(folder), "root_list", {})
    show(answer, as_json=as_json, text=_tell_roots)


def _told(content: bytes) -> Json:
    manifest, signed = read_draft(content)
    return {**root_told(manifest), "signed_by": [to_base64(each) for each in signed]}


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(NOTE_BYTES_MAX + 1)
    except OSError as error:
        raise RequestMalformed(field=str(file)) from error


def _write_new(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as opened:
            opened.write(content)
    except OSError as error:
        raise RequestMalformed(field=str(file)) from error


def _replace(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(file)
    except OSError as error:
        raise RequestMalformed(field=str(file)) from error


def _tell_manifest(told: Json) -> None:
    out.print(f"Root of party {told['party']}, word {told['number']}")
    if told["compromised"]:
        out.print(f"  [red]stolen:[/red] {told['compromised']}")
    out.print(f"  logs are signed by {told['log_key']}")
    for each in told["holders"]:
        mark = " [green](signed)[/green]" if each in told["signed_by"] else ""
        out.print(f"  holder {each}{mark}")


def _tell_draft(told: Json) -> None:
    _tell_manifest({**told, "signed_by": []})
    out.print(f"Two holders sign it: parley root sign {escape(told['file'])} KEY")


def _tell_signed(told: Json) -> None:
    missing = ROOT_THRESHOLD - len(set(told["signed_by"]))
    if missing > 0:
        out.print("Signed. One more holder must sign before it counts.")
    else:
        out.print(f"Signed by two: it counts. parley root take {escape(told['file'])}")


def _tell_taken(told: Json) -> None:
    what = "frozen, or gone on under the new key," if told["compromised"] else "pinned"
    out.print(f"Root of party {told['party'][:8]}: {what} in {len(told['spaces'])} records.")


def _tell_roots(answer: dict[str, Any]) -> None:
    if not answer["roots"]:
        out.print("No party here has shown a root: parley root draft --help")
        return
    rows = table("party", "word", "holders", "record", "frozen epochs")
    for each in answer["roots"]:
        frozen = ", ".join(str(epoch) for epoch in each["frozen_epochs"]) or "-"
        shares = ", ".join(holder[:8] for holder in each["holders"])
        rows.add_row(escape(each["name"]), str(each["number"]), shares, each["space"][:8], frozen)
    out.print(rows)
