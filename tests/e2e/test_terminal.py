"""Two desks in real pseudo-terminals: a flash from draft to closed over `border`, the line cut."""

from __future__ import annotations

import os
import pty
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from fcntl import ioctl
from pathlib import Path
from typing import Any, TypeVar

import pyte
import pytest
from typing_extensions import override

from parley.node.sample import SampleNode, SamplePair
from parley.verify import rows_of, verify

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PIN = "four quiet herons"
PATIENCE_S = 60.0
"""How long is waited for what must come; it is no measurement."""
POLL_S = 0.05
COLUMNS, ROWS = 100, 34
ESCAPE, ENTER, DONE, BACK_TAB, UP = "\x1b", "\r", "\x13", "\x1b[Z", "\x1b[A"


class Ringing(pyte.Screen):
    """A screen that counts how often it was rung."""

    bells = 0

    @override
    def bell(self, *args: Any) -> None:
        """Count."""
        self.bells += 1


class Terminal:
    """A program in a pseudo-terminal, as a person sees it."""

    def __init__(self, *command: str, folder: Path) -> None:
        """Start `parley` with some words."""
        self.screen = Ringing(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "LANG": "en_GB.UTF-8",
            "PARLEY_TERMINAL": str(folder),
        }
        self.pid, self._end = pty.fork()
        if self.pid == 0:  # pragma: no cover  the program itself
            os.execve(  # noqa: S606  no shell is wanted
                sys.executable, [sys.executable, "-m", "parley", *command], environment
            )
        ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def text(self) -> str:
        """Return what is on the screen."""
        with self._lock:
            return "\n".join(row.rstrip() for row in self.screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._end, keys.encode())

    def until(self, *wanted: str, without: str = "") -> str:
        """Wait until the screen says all of something; return it."""
        return waited(
            lambda: self._if(lambda text: all(each in text for each in wanted), without),
            lambda: f"{wanted} is not on\n{self.text()}",
        )

    def ended(self) -> int:
        """Wait until the program ends; return its exit code."""
        return waited(self._exit_code, lambda: f"still runs\n{self.text()}")

    def stop(self) -> None:
        """End the program, whatever it does."""
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        with suppress(OSError):
            os.close(self._end)

    def _if(self, holds: Callable[[str], bool], without: str) -> str | None:
        # A sentence may be broken anywhere.
        text = " ".join(self.text().split())
        return text if holds(text) and not (without and without in text) else None

    def _exit_code(self) -> int | None:
        found, status = os.waitpid(self.pid, os.WNOHANG)
        return None if found == 0 else os.waitstatus_to_exitcode(status)

    def _read(self) -> None:
        with suppress(OSError):
            while content := os.read(self._end, 65_536):
                with self._lock:
                    self._stream.feed(content)


Found = TypeVar("Found")


def waited(look: Callable[[], Found | None], otherwise: Callable[[], str]) -> Found:
    """Return what ``look`` finds, once it finds something."""
    until = time.monotonic() + PATIENCE_S
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > until:
            raise AssertionError(otherwise())
        time.sleep(POLL_S)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[SamplePair]:
    """Give a test two nodes over a bad line."""
    with SamplePair.running(tmp_path / "nodes", profile="border", seed=1) as running:
        yield running


@pytest.fixture
def terminals() -> Iterator[ExitStack]:
    """Stop every program a test started."""
    with ExitStack() as opened:
        yield opened


def enrolled(node: SampleNode, name: str, place: Path, terminals: ExitStack) -> Path:
    """Let a person enrol a key file through an invitation; return their folder."""
    roles = ["member", "duty_officer", "releaser"]
    address = node.ask("person_add", name=name, language="en", roles=roles)["address"]
    link = address.replace("127.0.0.1", "localhost")
    terminal = Terminal("desk", "enrol", link, folder=place)
    terminals.callback(terminal.stop)
    terminal.until("New PIN")
    terminal.type(PIN + ENTER)
    terminal.until("again")
    terminal.type(PIN + ENTER)
    assert terminal.ended() == 0, terminal.text()
    return place


def sat_down(place: Path, terminals: ExitStack) -> Terminal:
    """Open a person's desk, and let them try its sound."""
    desk = Terminal("desk", folder=place)
    terminals.callback(desk.stop)
    desk.until("PIN to sign in")
    desk.type(PIN + ENTER)
    desk.until("node connected", "SOUND NOT TESTED")
    desk.type("t")
    desk.until("Did you hear it")
    desk.type("y")
    desk.until("sound heard here")
    return desk


def signed(desk: Terminal, key: str, *shown: str) -> None:
    """Press a key that leads to a signature, read what is signed, and sign it."""
    desk.type(key)
    desk.until("You sign, with your key", *shown)
    desk.type(PIN + ENTER)
    desk.until("Done.", without="You sign")


def test_a_flash_is_run_from_draft_to_closed_at_two_terminals_with_the_line_cut(
    pair: SamplePair, tmp_path: Path, terminals: ExitStack
) -> None:
    """Both screens say at every moment what they have proof of, and nothing else."""
    near, far = pair.nodes
    ingrid = enrolled(near, "Ingrid at the desk", tmp_path / "ingrid", terminals)
    maria = enrolled(near, "Maria at the desk", tmp_path / "maria", terminals)
    olim = enrolled(far, "Olim at the desk", tmp_path / "olim", terminals)
    ours, theirs = sat_down(ingrid, terminals), sat_down(olim, terminals)
    bells = theirs.screen.bells

    ours.type("n")
    ours.until("New alert")
    ours.type("Two aircraft are off course." + BACK_TAB * 3 + ENTER)
    ours.type(UP * 3 + ENTER + DONE)
    ours.until("FLASH", "Draft", "Two aircraft", without="New alert")
    draft = near_draft(maria, terminals)
    ours.until("FLASH", "Verified")
    assert draft

    pair.wire.cut()
    signed(ours, "l", "precedence: FLASH", "Two aircraft are off course.")
    ours.until("Released; not known to have arrived.", "Waiting for proof")
    assert "RINGS" not in theirs.text()
    pair.wire.restore()

    theirs.until("RINGS (1): FLASH", "To be acknowledged here.")
    waited(lambda: theirs.screen.bells > bells or None, lambda: "no bell")
    ours.until("On a desk of", "sound on")
    signed(theirs, "a", "This acknowledgement says only")
    theirs.until("Acknowledged by our", without="RINGS")
    ours.until("Read by the", "Waiting for their answer.")
    theirs.until("knows it.", "To be answered here.")

    understood(theirs, ours)

    pair.wire.cut()
    theirs.type("r")
    theirs.until("Ctrl+S goes on")
    theirs.type("They are turning back." + DONE)
    theirs.until("You sign, with your key", "They are turning back.")
    theirs.type(PIN + ENTER)
    theirs.until("Answered at", "is not known to have that", without="You sign")
    assert "Read by the duty officer of" in ours.text()
    pair.wire.restore()
    ours.until("Replied", "They are turning back.", "To be closed here.")
    theirs.until("Answered at", "has it.")

    closed(ours)
    ours.until("Closing")
    theirs.until("To be closed here.")
    closed(theirs)
    theirs.until("Closed")
    ours.until("Closed", "Nothing more is waited for.")
    assert_verified(near, tmp_path / "export.zip")


def understood(reader: Terminal, author: Terminal) -> None:
    """Let the reader say in own words what was understood, and the author confirm it."""
    reader.type("p")
    reader.until("Say how we understood it", "Two aircraft are off course.")
    reader.type("Two of their aircraft lost their way." + DONE)
    reader.until("understood as [English]: Two of their aircraft lost their way.")
    reader.type(PIN + ENTER)
    reader.until("Done.", without="You sign")
    author.until("How it was understood waits for our word")
    author.type("p")
    author.until("Understood as: Two of their aircraft lost their way.", "you confirm")
    author.type(DONE)
    author.until("You sign, with your key", "our word: Confirmed by its author")
    author.type(PIN + ENTER)
    author.until("Done.", without="You sign")
    reader.until("Confirmed by its author", without="Waits for its author")


def near_draft(place: Path, terminals: ExitStack) -> str:
    """Let a second person vouch for the one draft, by commands; return its id."""
    listed = Terminal("alert", "list", "--drafts", "--json", folder=place)
    terminals.callback(listed.stop)
    listed.until('"id": "')
    draft: str = listed.until('"id": "').partition('"id": "')[2].partition('"')[0]
    assert listed.ended() == 0, listed.text()
    verified = Terminal("alert", "verify", draft[:10], folder=place)
    terminals.callback(verified.stop)
    assert verified.ended() == 0, verified.text()
    return draft


def closed(desk: Terminal) -> None:
    """Close the one alert; show the key again if that is asked for."""
    desk.type("x")
    text = waited(
        lambda: next((w for w in ("show that it is you", "Done.") if w in desk.text()), None),
        desk.text,
    )
    if text != "Done.":
        desk.type(PIN + ENTER)
        desk.until("Done.", without="show that it is you")


def assert_verified(node: SampleNode, file: Path) -> None:
    """Let the verifier take what was signed at terminals as it takes any passkey's."""
    spaces = node.ask("record_spaces")["spaces"]
    node.ask("record_export", file=str(file), space=spaces[0]["id"])
    account = verify(file, set())
    assert account["findings"] == []
    signed_ = [each for each in rows_of(account, "entries") if each.get("signed") == "passkey"]
    # Release, acknowledgement, paraphrase, the word on it, answer.
    assert len(signed_) == 5
