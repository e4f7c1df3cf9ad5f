"""Two sample nodes on one machine, joined by an emulated bad line.

What `parley try`, the drills and the end-to-end tests stand on. Each node is a process of its own
with its own folder, key and database; between them lies a :class:`~parley._core.UdpWire`. Parties,
people and room are invented and stay in the folder, so a second start takes seconds. The nodes stop
with whoever started them: their standard input is a pipe from it.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from parley._core import UdpWire
from parley.config import FILE_NAME
from parley.errors import NodeNotRunning, PersonUnknown, SampleFailed
from parley.node.asking import ask
from parley.node.setup import Choices, make, rewrite

LOOPBACK: Final = "127.0.0.1"
START_S_MAX: Final = 120.0
"""Seconds a node may take to answer. It takes three, and thirty where six others want each
processor; one that ends is noticed at once, so more costs only the wait for one that hangs."""
STOP_S_MAX: Final = 8.0
LINE_S_MAX: Final = 150.0
"""Seconds the line may take to come up; over ``border`` it takes about two,
over 8 kbit/s a hundred."""
POLL_S: Final = 0.05
CEILINGS_KBPS: Final = {"lan": 1_000_000, "regional": 50_000}
"""What the paths carry that carry more than a node allows by itself: its 20 Mbit/s stand for what
an operator has paid for, and nobody has bought less of one's own building."""
ROOM_TITLE: Final = "Weekly line check"
OFFICE_NAME: Final = "Watch"
FIRST_ROLES: Final = ("member", "duty_officer", "releaser", "secretary")
"""Of the first person of a party, so that everything can be tried; the others stand watch."""
OTHER_ROLES: Final = ("member", "duty_officer")


@dataclass(frozen=True, slots=True)
class SampleParty:
    """An invented party: who it is and which ports it likes."""

    folder: str
    name: str
    languages: tuple[str, ...]
    time_zone: str
    people: tuple[tuple[str, str], ...]
    """Name and language of each person; the first opens the sample room."""
    web: int
    line: int
    media: int
    wire: int
    """Port of the wire's end on this side: where this node sends."""
    edge: int
    """Port of its edge responder."""
    edge_wire: int
    """Port at which the other party asks it: the near end of a wire of its own."""


NEAR: Final = SampleParty(
    "near",
    "Velmar Crisis Centre",
    ("en", "ru"),
    "Europe/Helsinki",
    (("Ingrid Solberg", "en"), ("Мария Волкова", "ru")),
    7480,
    7401,
    7410,
    7403,
    7405,
    7407,
)
FAR: Final = SampleParty(
    "far",
    "Saint Orlan Hospital",
    ("uz", "zh"),
    "Asia/Tashkent",
    (("Dilnoza Karimova", "uz"), ("李文", "zh-Hans")),
    7490,
    7402,
    7420,
    7404,
    7406,
    7408,
)


class SampleNode:
    """One node of the pair: its folder, its process, and what may be asked of it."""

    def __init__(self, folder: Path, party: SampleParty) -> None:
        """Settle on ports: those the party likes, or free ones where they are taken."""
        self.folder = folder / party.folder
        self.party = party
        self.web = free_port(party.web)
        self.line = free_port(party.line)
        self.media = free_port(party.media)
        self.wire = free_port(party.wire)
        self.edge = SampleEdge(self.folder, party)
        self.module: tuple[str, ...] = ("parley",)
        """What is run, and what comes before its own arguments; a drill gives it another clock."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """The address browsers open."""
        return f"http://{LOOPBACK}:{self.web}"

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._process is not None

    @property
    def ended(self) -> int | None:
        """With what its process ended by itself; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def process_id(self) -> int:
        """The running process, for tests that hurt it.

        Raises:
            NodeNotRunning: there is none.
        """
        if self._process is None:
            raise NodeNotRunning(folder=str(self.folder))
        return self._process.pid

    def prepare(self, reached_at: int, ceiling_kbps: int = 0, *, has_edge: bool = False) -> None:
        """Write the node's settings; make it first if it is not there.

        Args:
            reached_at: port of the wire's end where the other node reaches this one.
            ceiling_kbps: what its path may carry; 0 for what a node allows by itself.
            has_edge: whether an edge responder answers for its site.
        """
        choices = Choices(
            self.party.name,
            self.party.languages,
            self.party.time_zone,
            f"{LOOPBACK}:{self.web}",
            f"{LOOPBACK}:{self.line}",
            f"{LOOPBACK}:{reached_at}",
            f"{LOOPBACK}:{self.media}",
            (LOOPBACK,),
            ceiling_kbps,
            (f"{LOOPBACK}:{self.edge.asked_at}",) if has_edge else (),
        )
        if (self.folder / FILE_NAME).is_file():
            rewrite(self.folder, choices)
        else:
            # A folder that was being made when somebody pressed Ctrl-C is made anew.
            shutil.rmtree(self.folder, ignore_errors=True)
            make(self.folder, choices)

    def start(self) -> None:
        """Start the process; :meth:`wait` says when it answers."""
        folder = str(self.folder)
        with (self.folder / "log.jsonl").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  this very program
                [sys.executable, "-m", *self.module, "serve", "--with-parent", "-C", folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # The terminal's Ctrl-C is for whoever started this; the pipe ends the node.
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return once the node answers.

        Raises:
            SampleFailed: it ended, or does not answer in time.
        """
        _until(self._answers, START_S_MAX, self.folder)

    def kill(self) -> None:
        """Kill the process at once, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None

    def stop(self) -> None:
        """Ask the process to stop, and see that it does."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def ask(self, operation: str, **arguments: Any) -> Any:  # noqa: ANN401  JSON
        """Ask the node to do something, as the command line does."""
        return ask(self.folder, operation, arguments)

    def sign_in_address(self, name: str, language: str = "en") -> str:
        """Return a fresh one-time address for a person, who is added if need be."""
        try:
            answer = self.ask("person_link", person=name)
        except PersonUnknown:
            is_first = name == self.party.people[0][0]
            roles = list(FIRST_ROLES if is_first else OTHER_ROLES)
            answer = self.ask("person_add", name=name, language=language, roles=roles)
        return str(answer["address"])

    def metrics(self) -> dict[str, float]:
        """Return the node's metrics now; labels are part of the name, as Prometheus writes them."""
        with urllib.request.urlopen(f"{self.origin}/metrics", timeout=5) as answer:  # noqa: S310  own
            text = answer.read().decode("utf-8")
        return {
            _sample_name(sample.name, sample.labels): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise SampleFailed(folder=str(self.folder))
        try:
            self.ask("pair_list")
        except NodeNotRunning:
            return False
        return True


class SampleEdge:
    """A node's edge responder: a process of its own, which goes on when the node is stopped.

    The other party asks it over a wire like the line's, so that what cuts the one cuts the other.
    Who asks is learned from the question: a node asks from another port each time it starts.
    """

    def __init__(self, folder: Path, party: SampleParty) -> None:
        """Settle on ports."""
        self._keys = folder / "edge.keys"
        self._log = folder / "edge.log"
        self._port = free_port(party.edge)
        self.asked_at = free_port(party.edge_wire)
        self.wire: UdpWire | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, profile: str, seed: int) -> None:
        """Lay the wire and start the process; the node has written its keys by then."""
        self.wire = UdpWire(
            profile=profile,
            seed=seed,
            far_target=f"{LOOPBACK}:{self._port}",
            near_listen=f"{LOOPBACK}:{self.asked_at}",
        )
        where = ["--listen", f"{LOOPBACK}:{self._port}", "--keys", str(self._keys)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  this very program
                [sys.executable, "-m", "parley", "edge", "--with-parent", *where],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Stop the process and the wire, if they were started."""
        if self._process is not None:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.terminate()
            self._process.wait()
            self._process = None
        if self.wire is not None:
            self.wire.stop()
            self.wire = None


class SamplePair:
    """Two running nodes with a line, people and an open room."""

    def __init__(self, folder: Path, *, profile: str, seed: int, has_edges: bool = False) -> None:
        """Settle on ports in ``folder``; :meth:`start` does the rest.

        Args:
            folder: where the two nodes are kept.
            profile: of the network between them.
            seed: of its losses.
            has_edges: whether each has an edge responder; what is measured runs without.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.profile = profile
        self.seed = seed
        self.nodes = (SampleNode(folder, NEAR), SampleNode(folder, FAR))
        self.room = ""
        self.has_edges = has_edges
        self.is_cut = False
        self._wire: UdpWire | None = None

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path, *, profile: str, seed: int) -> Iterator["SamplePair"]:
        """Yield a pair that runs, and stop it at the end whatever happened."""
        pair = cls(folder, profile=profile, seed=seed)
        try:
            pair.start()
            yield pair
        finally:
            pair.stop()

    @property
    def wire(self) -> UdpWire:
        """The emulated network between the two nodes."""
        if self._wire is None:
            raise NodeNotRunning(folder=str(self.folder))
        return self._wire

    @property
    def origins(self) -> tuple[str, str]:
        """The addresses browsers open, near and far."""
        return self.nodes[0].origin, self.nodes[1].origin

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start wire and nodes, pair them, wait for the line, open the room.

        Args:
            tell: called with what is being done, for whoever watches.

        Raises:
            SampleFailed: a node does not start, or the line does not come up.
        """
        near, far = self.nodes
        tell("Making two parties")
        ceiling_kbps = CEILINGS_KBPS.get(self.profile.partition(",")[0], 0)
        near.prepare(far.wire, ceiling_kbps, has_edge=self.has_edges)
        far.prepare(near.wire, ceiling_kbps, has_edge=self.has_edges)
        tell(f"Laying an emulated line ({self.profile})")
        self._wire = UdpWire(
            profile=self.profile,
            seed=self.seed,
            near_target=f"{LOOPBACK}:{near.line}",
            far_target=f"{LOOPBACK}:{far.line}",
            near_listen=f"{LOOPBACK}:{near.wire}",
            far_listen=f"{LOOPBACK}:{far.wire}",
        )
        tell("Starting two nodes")
        for node in self.nodes:
            node.start()
        for number, node in enumerate(self.nodes, 1):
            node.wait()
            if self.has_edges:
                node.edge.start(self.profile, self.seed + number)
        tell("Pairing them")
        _pair(near, far)
        _pair(far, near)
        tell("Waiting for the line")
        _until(self.is_line_up, LINE_S_MAX, self.folder)
        _until(self.is_record_open, LINE_S_MAX, self.folder)
        self.room = self._open_room()

    def stop(self) -> None:
        """Stop both nodes and the wire; the folder stays."""
        for node in self.nodes:
            node.stop()
            node.edge.stop()
        if self._wire is not None:
            self._wire.stop()
            self._wire = None

    def cut(self) -> None:
        """Let nothing through between the two sites, neither of the nodes nor of their edges."""
        for wire in self._wires():
            wire.cut()
        self.is_cut = True

    def mend(self) -> None:
        """Let everything through again."""
        for wire in self._wires():
            wire.restore()
        self.is_cut = False

    def is_line_up(self) -> bool:
        """Say whether both nodes say that the line is up."""
        return all(
            line["state"] in {"up", "degraded"}
            for node in self.nodes
            for line in node.ask("status")["lines"]
        )

    def is_record_open(self) -> bool:
        """Say whether both nodes may write: each has asked the other how far its log had come."""
        return all(
            log["state"] == "open"
            for node in self.nodes
            for space in node.ask("record_spaces")["spaces"]
            for log in space["logs"]
            if log["is_ours"]
        )

    def sign_in_addresses(self) -> tuple[str, str]:
        """Return two fresh one-time addresses, one for each node's first person."""
        near, far = self.nodes
        return (
            near.sign_in_address(*near.party.people[0]),
            far.sign_in_address(*far.party.people[0]),
        )

    def invite(self, side: int, name: str) -> str:
        """Add a person to the near (0) or far (1) party; return their one-time address."""
        return str(self.nodes[side].ask("person_add", name=name)["address"])

    def metrics(self, side: int) -> dict[str, float]:
        """Return the metrics of the near (0) or far (1) node."""
        return self.nodes[side].metrics()

    def _wires(self) -> list[UdpWire]:
        edges = [node.edge.wire for node in self.nodes]
        return [self.wire, *(each for each in edges if each is not None)]

    def _open_room(self) -> str:
        """Return the sample room, opened if need be, once both nodes know it."""
        near, far = self.nodes
        for node in self.nodes:
            for person in node.party.people:
                node.sign_in_address(*person)
            if not node.ask("office_list")["offices"]:
                names = [name for name, _ in node.party.people]
                node.ask("office_add", name=OFFICE_NAME, people=names)
        room = _open_rooms(near).get(ROOM_TITLE)
        if room is None:
            other = near.ask("pair_list")["pairings"][0]["party"]["id"]
            opener = near.party.people[0][0]
            answer = near.ask("room_open", person=opener, title=ROOM_TITLE, parties=[other])
            room = str(answer["room"])
        _until(lambda: room in _open_rooms(far).values(), LINE_S_MAX, self.folder)
        return room


def free_port(liked: int) -> int:
    """Return ``liked`` if UDP and TCP are free there, else a port where both are."""
    for wanted in (liked, *([0] * 20)):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
        ):
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                stream.bind((LOOPBACK, wanted))
                datagram.bind((LOOPBACK, int(stream.getsockname()[1])))
            except OSError:
                continue
            return int(stream.getsockname()[1])
    raise SampleFailed(folder=f"no free port near {liked}")


def _pair(ours: SampleNode, theirs: SampleNode) -> None:
    """Import the other's newest card and confirm it; both are harmless the second time."""
    card = theirs.ask("pair_card")["card"]
    party = ours.ask("pair_import", card=card)["party"]["id"]
    ours.ask("pair_confirm", party=party)


def _open_rooms(node: SampleNode) -> dict[str, str]:
    return {
        room["title"]: room["id"] for room in node.ask("status")["rooms"] if room["state"] == "open"
    }


def _until(holds: Callable[[], bool], seconds: float, folder: Path) -> None:
    """Return once something holds; a real process is at the other end, so this waits for real."""
    last = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > last:
            raise SampleFailed(folder=str(folder))
        time.sleep(POLL_S)


def _sample_name(name: str, labels: dict[str, str]) -> str:
    if not labels:
        return name
    return f"{name}{{{','.join(f'{key}={value}' for key, value in sorted(labels.items()))}}}"
