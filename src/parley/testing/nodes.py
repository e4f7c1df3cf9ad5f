"""Several whole nodes in one process, in virtual time: everything but packets and browsers.

Each node is the real :class:`~parley.node.node.Node` with its own folder, database and key; the
engine is :class:`~parley.testing.engine.MemoryEngine` and the clock stands still until it is moved.
Nothing happens between two calls, so a test reads like a story and comes out the same every time.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from parley.clock import FakeClock
from parley.config import FILE_NAME, Settings
from parley.config.reference import sample
from parley.identity.keys import PartyKey
from parley.identity.person import Person, all_people
from parley.identity.sign_in import issue_link
from parley.ids import PartyId, PersonId
from parley.line.engine import Engine
from parley.node.node import Node
from parley.testing import databases
from parley.testing.browser import Browser
from parley.testing.engine import MemoryEngine, MemoryNetwork

ROUNDS_MAX = 10_000
"""Rounds after which nodes that keep talking to each other are taken to be talking in circles."""


class LiteralResolver:
    """A resolver for tests: knows the names it was told."""

    def __init__(self) -> None:
        """Know no name."""
        self.names: dict[str, str] = {}
        self.mtus: dict[str, int] = {}
        """What is known of the largest packet on the way to an address."""

    def mtu(self, address: str) -> int | None:
        """Return what was told."""
        return self.mtus.get(address)

    async def resolve(self, address: str) -> str | None:
        """Return what was told, or the address itself if it is a literal."""
        host = address.rpartition(":")[0]
        return address if host.replace(".", "").isdigit() else self.names.get(address)


class NodeUnderTest:
    """One node, and the engine below it."""

    def __init__(self, nodes: "Nodes", name: str, folder: Path, clock: FakeClock) -> None:
        """Use :meth:`Nodes.add`."""
        self.nodes = nodes
        self.name = name
        self.folder = folder
        self.clock = clock
        self.resolver = LiteralResolver()
        self.engine: MemoryEngine
        self.node: Node

    @property
    def party(self) -> PartyId:
        """The node's party."""
        return self.node.key.party

    @property
    def origin(self) -> str:
        """The origin of the node's own pages."""
        return "http://127.0.0.1:7480"

    async def start(self) -> None:
        """Start, or start again after a stop or a kill."""

        def engine(_: Settings, key: PartyKey) -> Engine:
            self.engine = MemoryEngine(self.nodes.network, key.public)
            return self.engine

        settings = Settings.load(self.folder)
        self.node = Node(settings, clock=self.clock, engine=engine, resolver=self.resolver)
        await self.node.start()

    async def stop(self) -> None:
        """Stop in order."""
        await self.node.stop()

    async def kill(self) -> None:
        """Stop as kill -9 does: no goodbye, nothing written that was not durable."""
        self.engine.stop()
        self.node.case_keys.close()
        self.node.database.close()

    async def person(self, name: str) -> Person:
        """Return a person of this party, added if need be."""
        people = await self.node.database.read(all_people)
        for known in people:
            if known.name == name:
                return known
        await self.node.operations.person_add(name)
        return await self.node.operations.find_person(name)

    async def browser(self, name: str, *, agent: str = "") -> Browser:
        """Return a browser in which a person is signed in; ``agent`` is what it says it is."""
        person = await self.person(name)
        browser = self.stranger()
        now = self.clock.now()
        code = await self.node.database.write(
            lambda connection: issue_link(connection, PersonId(person.id), now)
        )
        await browser.get(f"/sign-in?code={code}", user_agent=agent)
        return browser

    def stranger(self) -> Browser:
        """Return a browser in which nobody is signed in."""
        return Browser(self.node.app, self.origin)

    async def card(self) -> str:
        """Return the node's card as text."""
        return str((await self.node.operations.pair_card())["card"])

    async def import_card(self, text: str, label: str | None = None) -> None:
        """Import another party's card."""
        await self.node.operations.pair_import(text, label)

    async def confirm(self, other: "NodeUnderTest") -> None:
        """Confirm another party's card."""
        await self.node.operations.pair_confirm(other.party.text)


class Nodes:
    """A handful of nodes on one memory network."""

    def __init__(self, folder: Path) -> None:
        """Keep the nodes' folders in ``folder``."""
        self.folder = folder
        self.clock = FakeClock()
        self.network = MemoryNetwork()
        self.all: list[NodeUnderTest] = []

    async def add(
        self, name: str, *, clock: FakeClock | None = None, **tables: dict[str, object]
    ) -> NodeUnderTest:
        """Make and start a node; ``tables`` are sections of its settings."""
        added = NodeUnderTest(self, name, self.folder / name.replace(" ", "-"), clock or self.clock)
        write_folder(added.folder, name, **tables)
        if "address" not in tables.get("storage", {}):
            (added.folder / databases.FILE).write_bytes(databases.empty_database())
        await added.start()
        self.all.append(added)
        return added

    async def settle(self) -> None:
        """Let everything that is under way arrive, and everything that follows from it."""
        for _ in range(ROUNDS_MAX):
            happened = 0
            for each in self.all:
                if not each.engine.is_stopped:
                    happened += await each.node.feed.deliver()
                    happened += await each.node.record.work()
                    happened += await each.node.blobs.work()
                    happened += each.node.replication.pump()
            if not happened and not self.network.step():
                return
        reason = "the nodes do not settle"
        raise AssertionError(reason)

    async def settle_letters(self, count: int) -> None:
        """Let so many letters arrive, with what the nodes then do; the others stay under way."""
        for _ in range(count):
            for each in self.all:
                if not each.engine.is_stopped:
                    await each.node.feed.deliver()
                    await each.node.record.work()
                    await each.node.blobs.work()
                    each.node.replication.pump()
            self.network.step()

    async def seconds(self, number: int) -> None:
        """Let time pass, a second at a time."""
        for _ in range(number):
            for clock in {id(each.clock): each.clock for each in self.all}.values():
                clock.advance(1)
            for each in self.all:
                if not each.engine.is_stopped:
                    await each.node.beat(0.0)
            await self.settle()

    async def pair(self, first: NodeUnderTest, second: NodeUnderTest) -> None:
        """Exchange cards and confirm on both sides."""
        await first.import_card(await second.card())
        await second.import_card(await first.card())
        await first.confirm(second)
        await second.confirm(first)
        await self.settle()

    async def restart(self, which: NodeUnderTest, *, is_killed: bool = False) -> None:
        """Stop or kill a node and start it again."""
        await (which.kill() if is_killed else which.stop())
        await self.settle()
        await which.start()
        await self.settle()


@asynccontextmanager
async def nodes_in(folder: Path) -> AsyncIterator[Nodes]:
    """Yield nodes that are stopped at the end."""
    nodes = Nodes(folder)
    try:
        yield nodes
    finally:
        for each in nodes.all:
            if not each.engine.is_stopped:
                await each.stop()


def write_folder(folder: Path, name: str, **tables: dict[str, object]) -> None:
    """Write settings and key of a node; its database is made when it starts."""
    folder.mkdir(parents=True)
    chosen: dict[str, dict[str, object]] = {
        "party": {"name": name, "languages": ("en",), "time_zone": "UTC"},
        "line.path": {"advertise": "192.0.2.1:7400"},
        **tables,
    }
    (folder / FILE_NAME).write_text(sample(chosen), encoding="utf-8")
    PartyKey.generate().save(folder / "party.key")
