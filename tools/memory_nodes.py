"""Run two nodes in one process on the in-memory engine: the whole interface but no media.

    python3 tools/memory_nodes.py

For work on the interface without building the compiled engine. Prints two addresses, each opening
signed in; the folder is a temporary one and goes with the process.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from parley.config import Settings
from parley.identity.keys import PartyKey
from parley.line.engine import Engine
from parley.node.lifecycle import until_told
from parley.node.node import Node
from parley.node.setup import Choices, make
from parley.telemetry import configure
from parley.testing.engine import MemoryEngine, MemoryNetwork
from parley.web.serving import WebListener


async def main() -> None:
    """Make, pair and serve two nodes until told to stop."""
    configure("warning")
    network = MemoryNetwork()

    def engine(_: Settings, key: PartyKey) -> Engine:
        return MemoryEngine(network, key.public)

    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nodes = [
            Node(make(folder / name, Choices(title, (language,), zone, web=web)), engine=engine)
            for name, title, language, zone, web in (
                ("a", "Harbour Office of Norrland", "en", "Europe/Oslo", "127.0.0.1:7480"),
                ("b", "Orol Shifoxonasi", "uz", "Asia/Tashkent", "127.0.0.1:7490"),
            )
        ]
        for node in nodes:
            await node.start()
            stack.push_async_callback(node.stop)
            web = WebListener(node.app, node.settings, node.web_port, node.metrics)
            await web.start()
            stack.push_async_callback(web.stop)
            node.feed.start()
            node.second_hand.start()
            stack.push_async_callback(node.second_hand.stop)
        await pair(nodes)
        deliverer = asyncio.create_task(deliver(network))
        for node, name in zip(nodes, ("Ingrid Solberg", "Dilnoza Karimova"), strict=True):
            print((await node.operations.person_add(name))["address"])
        await until_told()
        deliverer.cancel()


async def pair(nodes: list[Node]) -> None:
    """Exchange cards and confirm on both sides."""
    for ours, theirs in ((nodes[0], nodes[1]), (nodes[1], nodes[0])):
        card = (await theirs.operations.pair_card())["card"]
        pairing = await ours.operations.pair_import(card)
        await ours.operations.pair_confirm(pairing["party"]["id"])


async def deliver(network: MemoryNetwork) -> None:
    """Carry letters, a few milliseconds each."""
    while True:
        network.step()
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main())
