"""What `parley desk` and `parley alert` share: the person's folder, their key, how they are asked.

These commands are no part of a node: they speak to it as a browser does, and may run on another
machine. What binds is asked of a person at a terminal, and of nobody and nothing else.
"""

import asyncio
import contextlib
import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.markup import escape

from parley.errors import SigningDeclined, TerminalNeeded
from parley.node.commands.console import Json, err, errors_told, language_of_system, show
from parley.terminal.acts import Acts, KeyPurpose
from parley.terminal.ceremony import read_origin
from parley.terminal.key_store import TerminalFolder
from parley.terminal.keys import FileKey, PersonKey
from parley.terminal.node import OwnNode, trust_of
from parley.terminal.proposal import Proposal
from parley.terminal.security_key import SecurityKey
from parley.terminal.wording import proposal_lines
from parley.words import Words

DEFAULT: Final = Path("~/.config/parley")
T = TypeVar("T")

Place = Annotated[
    Path,
    typer.Option(
        "--terminal",
        "-T",
        envvar="PARLEY_TERMINAL",
        help="The folder with your key and your node's address.",
    ),
]
Usb = Annotated[bool, typer.Option("--usb", help="Use the security key that is plugged in.")]


class PersonAtConsole:
    """Asks on the terminal, whatever standard input and output are."""

    def __init__(self, words: Words) -> None:
        """Ask in a language."""
        self._words = words

    async def to_sign(self, proposal: Proposal) -> str:
        """Show what is to be signed; return the PIN of a person who wants that."""
        require_terminal()
        for line in proposal_lines(proposal, self._words):
            err.print(line, markup=False)
        return self._pin(self._words.say("PIN to sign exactly this (nothing: do not sign)"))

    async def to_use(self, purpose: KeyPurpose) -> str:
        """Return the PIN for another use of the key."""
        require_terminal()
        said = {
            KeyPurpose.SIGN_IN: self._words.say("PIN to sign in"),
            KeyPurpose.STEP_UP: self._words.say("PIN to show that it is you"),
        }
        return self._pin(said[purpose])

    def touch(self) -> None:
        """Say that the security key waits for a finger."""
        err.print(escape(self._words.say("Touch the security key.")))

    def _pin(self, prompt: str) -> str:
        pin = getpass.getpass(f"{prompt}: ")
        if not pin:
            raise SigningDeclined
        return pin


def require_terminal() -> None:
    """Refuse to ask where nobody sits.

    Raises:
        TerminalNeeded: this program has no terminal.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError as error:
        raise TerminalNeeded from error


def key_in(folder: TerminalFolder, consent: PersonAtConsole, *, usb: bool) -> PersonKey:
    """Return the key to use: the file, or the one that is plugged in."""
    return SecurityKey(consent.touch) if usb or not folder.has_key else FileKey(folder)


def node_of(folder: TerminalFolder, *, is_kept: bool) -> OwnNode:
    """Return the person's node; ``is_kept``: the next program goes on with this sign-in."""
    origin = read_origin(folder.address())
    return OwnNode(origin, trust_of(origin, folder), folder=folder if is_kept else None)


def acting(place: Path, act: Callable[[Acts], Awaitable[T]], *, usb: bool) -> tuple[T, Words]:
    """Do something as the person of a folder, who signs in first if nobody is signed in.

    Returns:
        What came of it, and the person's own language.
    """
    folder = TerminalFolder(place.expanduser())

    async def run() -> tuple[T, Words]:
        node = node_of(folder, is_kept=True)
        try:
            consent = PersonAtConsole(language_of_system())
            acts = Acts(node, key_in(folder, consent, usb=usb), consent)
            who = await acts.signed_in()
            return await act(acts), Words(str(who["person"]["language"]))
        finally:
            await node.close()

    return asyncio.run(run())


def act_and_tell(
    act: Callable[[Acts], Awaitable[Json]],
    place: Path,
    tell: Callable[[Json, Words], None],
    *,
    usb: bool,
    as_json: bool,
) -> None:
    """Do something as the person of a folder; print what came of it, or the refusal."""
    with errors_told(as_json=as_json), interrupted_is_declined():
        answered, words = acting(place, act, usb=usb)
    show(answered, as_json=as_json, text=lambda said: tell(said, words))


@contextlib.contextmanager
def interrupted_is_declined() -> Any:  # noqa: ANN401  a generator's
    """Take Ctrl-C at a question for a no."""
    try:
        yield
    except (KeyboardInterrupt, EOFError) as error:
        raise SigningDeclined from error
