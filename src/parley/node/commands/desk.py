"""`parley desk`: the desk in a terminal, and the key a person uses there."""

import asyncio
import getpass
import hashlib
import platform
import ssl
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from parley.errors import NodeUntrusted, PinWrong, SigningDeclined
from parley.node.commands.console import (
    AsJson,
    Json,
    err,
    errors_told,
    language_of_system,
    out,
    show,
    table,
)
from parley.node.commands.terminal import (
    DEFAULT,
    PersonAtConsole,
    Place,
    Usb,
    acting,
    interrupted_is_declined,
    node_of,
    require_terminal,
)
from parley.terminal.acts import Acts, enrol, enrol_with
from parley.terminal.ceremony import Origin, read_origin
from parley.terminal.key_file import KeyAlgorithm, check_pin
from parley.terminal.key_store import TerminalFolder
from parley.terminal.keys import FileKey
from parley.terminal.node import shown_certificate
from parley.terminal.security_key import SecurityKey
from parley.words.plain import line

app = typer.Typer(invoke_without_command=True, help="The desk in a terminal, and your key for it.")


@app.callback()
def desk(
    context: typer.Context,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    sound: Annotated[
        str | None, typer.Option("--sound", help="A command that makes a sound, beside the bell.")
    ] = None,
) -> None:
    """Open the desk: lines, what rings, what is due, who is on duty; everything by keyboard.

    Example: parley desk --sound "paplay /usr/share/sounds/alarm.oga"
    """
    if context.invoked_subcommand is not None:
        return
    # Needs the screen library; enrolling a key does not.
    from parley.terminal.desk.app import Desk  # noqa: PLC0415

    with errors_told(as_json=False):
        require_terminal()
        folder = TerminalFolder(terminal.expanduser())
        # Its sign-in stays in memory: a desk ends with the person who sits at it.
        node = node_of(folder, is_kept=False)

        def acts(opened: Desk) -> Acts:
            is_file = folder.has_key and not usb
            return Acts(node, FileKey(folder) if is_file else SecurityKey(opened.touch), opened)

        Desk(acts, words=language_of_system(), sound=sound).run()
        asyncio.run(node.close())


@app.command("enrol")
def enrol_key(
    link: Annotated[
        str | None, typer.Argument(help="The one-time link of your invitation; none to add a key.")
    ] = None,
    terminal: Place = DEFAULT,
    into: Annotated[
        Path | None, typer.Option("--into", help="The folder of a further key; by default this.")
    ] = None,
    usb: Usb = False,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="The node's certificate or its CA, PEM.")
    ] = None,
    algorithm: Annotated[
        KeyAlgorithm, typer.Option(help="What it signs with.")
    ] = KeyAlgorithm.ES256,
    name: Annotated[
        str | None, typer.Option(help="What the key is called in the list of your devices.")
    ] = None,
    duress: Annotated[
        bool,
        typer.Option(
            "--duress",
            help="Keep it for when you are forced: it works like any other, and tells your party.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make your key: a file sealed under a PIN, or one on the security key that is plugged in.

    With the link of an invitation, or as a further key of somebody who has one already.

    Example: parley desk enrol "https://node.example.org:8443/sign-in?code=..."
    """
    folder = TerminalFolder(terminal.expanduser())
    target = folder if into is None else TerminalFolder(into.expanduser())
    with errors_told(as_json=as_json), interrupted_is_declined():
        if link is not None:
            origin = read_origin(link)
            _trust(origin, folder, certificate)
            folder.note_address(origin.text)
        called = name or f"{'USB key' if usb else 'Key file'} ({platform.node()})"[:60]
        answered = asyncio.run(
            _enrol(folder, target, link, called, algorithm, usb=usb, is_duress=duress)
        )
        if target is not folder:
            target.note_address(folder.address())
    show(answered, as_json=as_json, text=_tell)


@app.command("devices")
def devices(
    revoke: Annotated[str | None, typer.Option("--revoke", help="Id of one to revoke.")] = None,
    terminal: Place = DEFAULT,
    usb: Usb = False,
    as_json: AsJson = False,
) -> None:
    """List your browsers and keys, or revoke one.

    Example: parley desk devices --revoke 2ofy3zn
    """

    async def act(acts: Acts) -> Json:
        if revoke is not None:
            await acts.revoke(revoke)
        answered: Json = await acts.node.get("/api/devices")
        return answered

    with errors_told(as_json=as_json), interrupted_is_declined():
        answered, _ = acting(terminal, act, usb=usb)
    show(answered, as_json=as_json, text=_tell)


async def _enrol(
    folder: TerminalFolder,
    target: TerminalFolder,
    link: str | None,
    name: str,
    algorithm: KeyAlgorithm,
    *,
    usb: bool,
    is_duress: bool,
) -> Json:
    node = node_of(folder, is_kept=True)
    consent = PersonAtConsole(language_of_system())
    try:
        if link is not None:
            await node.open_link(link)
        else:
            # A key that is there signs its person in; only then may another be added.
            has_file = folder.has_key
            held = FileKey(folder) if has_file else SecurityKey(consent.touch)
            await Acts(node, held, consent).sign_in()
        if usb:
            plugged, pin = SecurityKey(consent.touch), _asked("PIN of the security key")
            return await enrol_with(
                node,
                lambda options: plugged.create(options, node.origin, pin),
                name,
                is_duress=is_duress,
            )
        return await enrol(node, target, _new_pin(), name, algorithm, is_duress=is_duress)
    finally:
        await node.close()


def _new_pin() -> str:
    pin = _asked("New PIN, at least 8 characters; several words are better")
    check_pin(pin)
    if _asked("The same PIN again") != pin:
        raise PinWrong(left=0)
    return pin


def _asked(prompt: str) -> str:
    require_terminal()
    given = getpass.getpass(f"{prompt}: ")
    if not given:
        raise SigningDeclined
    return given


def _trust(origin: Origin, folder: TerminalFolder, certificate: Path | None) -> None:
    """Settle which certificate is believed: one that was handed over, or one that was compared.

    Raises:
        NodeUntrusted: the person does not recognise it.
    """
    if origin.scheme != "https":
        return
    if certificate is not None:
        folder.note_certificate(certificate.read_bytes())
        return
    if folder.certificate() is not None:
        return
    shown = shown_certificate(origin)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest().upper()
    pairs = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
    err.print("The node shows a certificate with this SHA-256; the engineer reads theirs by")
    err.print("  openssl x509 -noout -fingerprint -sha256 -in web-certificate.pem", markup=False)
    err.print(f"  [bold]{pairs}[/bold]")
    require_terminal()
    if not typer.confirm("Is it the same, pair by pair?", err=True):
        raise NodeUntrusted
    folder.note_certificate(shown.encode("ascii"))


def _tell(answered: Json) -> None:
    rows = table("id", "kind", "name", "added", "copies", "locked")
    for each in answered["devices"]:
        rows.add_row(
            each["id"],
            each["kind"],
            escape(line(each["name"])),
            each["added_at"][:19],
            {True: "yes", False: "none known", None: "-"}[each["is_synced"]],
            (each["suspect_at"] or "-")[:19],
        )
    out.print(rows)
