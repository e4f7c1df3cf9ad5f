"""Institutions for end-to-end tests: a real node in a machine of a lab, and a desk for browsers.

Everything goes the way an operator goes: `parley init` makes a node, `parley serve` runs it,
cards are exchanged and confirmed, people get links. Only the machine is emulated.
"""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from parley.config import FILE_NAME
from parley.errors import NodeNotRunning
from parley.node.asking import ask

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from parley.testing.lab import Browser, Lab, Machine, Wire

WEB_PORT = 8443
LINE_PORT = 7400
MEDIA_PORT = 7410
SKEWED = "parley.testing.skewed"
TIMED_OUT = 124
"""What `timeout` ends with when it had to end the program."""
POLL_S = 0.05
"""How often a condition outside this process is looked at. More delays tests, less burns time."""


PATIENCE_S = 60.0
"""How long is waited for what must come. It is no measurement: a machine that runs ten other things
takes that long to start a node. More only delays the report of a failure."""


class NotInTime(AssertionError):
    """Something a test waits for has not come; the text says what."""


class Institution:
    """One party: its node's machine, its folder, and one desk to put a browser on.

    Attributes:
        name: The party's name.
        machine: Where its node runs.
        desk: Where its people's browsers run; it reaches the node and nothing else.
        folder: The node's folder.
        log: What its node prints.
        party: Its id, known once the node has started.
        address: An address of its own, on no wire; others reach it where a `route` was laid.
    """

    def __init__(self, lab: Lab, folder: Path, name: str) -> None:
        """Add the machines; the node is made by `init`."""
        self.name = name
        self.machine: Machine = lab.machine(name)
        self.desk: Browser = lab.browser(self.machine, f"{name}-desk")
        self.folder = folder / name
        self.log = folder / f"{name}.log"
        self.party = ""
        self.address = f"10.79.0.{self.desk.gateway.split('.')[2]}"
        self._process: subprocess.Popen[bytes] | None = None

    def init(self, wires: Sequence[Wire] = (), carriers: Sequence[str] = ("udp",)) -> None:
        """Make the node: one line path for each wire, in order, or one at its own address.

        Args:
            wires: The wires this institution's machine is on; none for a node that is reached at
                its own `address`, over whatever leads there.
            carriers: How packets may travel on every path.
        """
        media = f"{self.desk.gateway}:{MEDIA_PORT}"
        web = f"{self.desk.gateway}:{WEB_PORT}"
        options = ["--name", self.name, "--web", web, "--media", media]
        self._command("init", str(self.folder), *options, "--media-advertise", self.desk.gateway)
        settings = self.folder / FILE_NAME
        before, _, _ = settings.read_text().partition("[[line.path]]")
        rest = settings.read_text().partition("[[line.path]]")[2].partition("\n[")[2]
        if not wires:
            self.machine.run("ip", "address", "add", f"{self.address}/32", "dev", "lo")
        addresses = [wire.address(self.machine) for wire in wires] or [self.address]
        paths = [self._path_table(at, host, carriers) for at, host in enumerate(addresses)]
        settings.write_text(before + "".join(paths) + "[" + rest)

    def start(self, *, clock_ahead_s: int = 0) -> None:
        """Run the node, with a clock that is wrong by so much, and wait until it answers."""
        program = ("parley",) if not clock_ahead_s else (SKEWED, str(clock_ahead_s))
        self._process = self.machine.start(
            sys.executable, "-m", *program, "serve", "-C", str(self.folder), log=self.log
        )
        self.wait_until(lambda: self.status() is not None, "the node does not start")
        self.party = self.ask("pair_list")["party"]["id"]

    def kill(self) -> None:
        """End the node as a power cut does: SIGKILL, no last word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """Ask the node to end and return its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._process.wait(30)

    def ask(self, operation: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        """Ask the running node what the `parley` command would ask it."""
        return ask(self.folder, operation, arguments)

    def serve_in_vain(self) -> str:
        """Run a node that is not to start, and return what it says.

        Raises:
            NotInTime: It runs.
        """
        done = self.machine.run(
            "timeout", "30", sys.executable, "-m", "parley", "serve", "-C", str(self.folder)
        )
        if done.returncode in {0, TIMED_OUT}:
            raise NotInTime(f"{self.name}: it runs\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def take_over(self, other: Institution) -> None:
        """Become a second node of another's party: its key and database, the own machine."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(other.folder, self.folder, ignore=shutil.ignore_patterns("*.sock"))
        settings = self.folder / FILE_NAME
        text = settings.read_text().replace(other.address, self.address)
        settings.write_text(text.replace(other.desk.gateway, self.desk.gateway))
        self.party = other.party

    def set_aside(self) -> dict[str, int]:
        """Return how often the node refused what, by reason."""
        counts: dict[str, int] = {}
        for each in (self.status() or {"set_aside": []})["set_aside"]:
            counts[each["reason"]] = counts.get(each["reason"], 0) + each["count"]
        return counts

    def line(self, other: Institution) -> Mapping[str, Any]:
        """Return what the node says of the line to another institution."""
        lines = (self.status() or {"lines": []})["lines"]
        return next((line for line in lines if line["party"]["id"] == other.party), {})

    def own_log(self) -> Mapping[str, Any]:
        """Return its own log in its only record."""
        (space,) = self.ask("record_spaces")["spaces"]
        own: Mapping[str, Any] = next(log for log in space["logs"] if log["is_ours"])
        return own

    def status(self) -> Mapping[str, Any] | None:
        """Return what `parley status` prints, or nothing while the node does not answer."""
        try:
            answer: Mapping[str, Any] = self.ask("status")
        except NodeNotRunning:
            return None
        return answer

    def line_state(self, other: Institution) -> str:
        """Return the state of the line to another institution, as this node proves it."""
        status = self.status() or {"lines": []}
        states = [line["state"] for line in status["lines"] if line["party"]["id"] == other.party]
        return states[0] if states else "none"

    def person(self, name: str, language: str = "en") -> str:
        """Add a person and return the address that signs them in once."""
        address: str = self.ask("person_add", name=name, language=language)["address"]
        return address

    def open_room(self, person: str, title: str, others: Sequence[Institution]) -> str:
        """Open a room in a person's name and return its id."""
        parties = [other.party for other in others]
        room: str = self.ask("room_open", person=person, title=title, parties=parties)["room"]
        return room

    def path_states(self, other: Institution) -> dict[str, str]:
        """Return the state of every path to another institution, by carrier and name."""
        status = self.status() or {"lines": []}
        return {
            f"{path['carrier']} {path['name']}": path["state"]
            for line in status["lines"]
            if line["party"]["id"] == other.party
            for path in line["paths"]
        }

    def wait_until(self, holds: Any, otherwise: str, patience_s: float = PATIENCE_S) -> None:  # noqa: ANN401
        """Wait for something outside this process.

        Raises:
            NotInTime: It did not come; the text ends with the node's last log lines.
        """
        until = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > until:
                last = self.log.read_text()[-2000:] if self.log.exists() else "(no log)"
                raise NotInTime(f"{self.name}: {otherwise}\n{last}")
            time.sleep(POLL_S)

    def _path_table(self, number: int, host: str, carriers: Sequence[str]) -> str:
        address = f"{host}:{LINE_PORT}"
        listed = ", ".join(f'"{carrier}"' for carrier in carriers)
        return (
            f'[[line.path]]\nname = "path-{number + 1}"\nlisten = "{address}"\n'
            f'advertise = "{address}"\ncarriers = [{listed}]\n\n'
        )

    def _command(self, *arguments: str) -> None:
        done = self.machine.run(sys.executable, "-m", "parley", *arguments)
        if done.returncode != 0:
            raise NotInTime(f"parley {' '.join(arguments)}: {done.stdout}{done.stderr}")


def set_up(
    institutions: Sequence[Institution],
    wires: Sequence[Wire] = (),
    carriers: Sequence[str] = ("udp",),
) -> None:
    """Make nodes and run them, side by side: each computes for seconds before it answers.

    Args:
        institutions: Whose nodes.
        wires: As for :meth:`Institution.init`; all of them are on each.
        carriers: How packets may travel on every path.

    Raises:
        NotInTime: One of them does not start.
    """

    def made(one: Institution) -> None:
        one.init(wires, carriers)
        one.start()

    with ThreadPoolExecutor(len(institutions)) as pool:
        for each in [pool.submit(made, one) for one in institutions]:
            each.result()


def route(first: Institution, second: Institution, wire: Wire) -> None:
    """Let two institutions reach each other's own address over a wire that joins them.

    Raises:
        NotInTime: The kernel refuses it; the text says why.
    """
    for one, other in ((first, second), (second, first)):
        over = wire.address(other.machine)
        done = one.machine.run("ip", "route", "add", f"{other.address}/32", "via", over)
        if done.returncode != 0:
            raise NotInTime(f"route from {one.name} to {other.name}: {done.stderr}")


def pair(first: Institution, second: Institution) -> None:
    """Exchange cards, compare the words as two operators would, confirm, and wait for the line.

    Raises:
        NotInTime: The words differ, or the line does not come up.
    """
    for one, other in ((first, second), (second, first)):
        one.ask("pair_import", card=other.ask("pair_card")["card"])
    words = [
        one.ask("pair_words", party=other.party)["words"]
        for one, other in ((first, second), (second, first))
    ]
    if words[0] != words[1]:
        raise NotInTime(f"the words differ: {words}")
    first.ask("pair_confirm", party=second.party)
    second.ask("pair_confirm", party=first.party)
    for one, other in ((first, second), (second, first)):
        one.wait_until(lambda one=one, other=other: one.line_state(other) == "up", "no line")
