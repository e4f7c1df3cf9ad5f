"""People at terminals of nodes under test: a key file each, and no network between them."""

from dataclasses import dataclass, field

import httpx

from parley.errors import SigningDeclined
from parley.terminal.acts import Acts, KeyPurpose, enrol
from parley.terminal.ceremony import read_origin
from parley.terminal.key_file import KeyAlgorithm
from parley.terminal.key_store import TerminalFolder
from parley.terminal.keys import FileKey
from parley.terminal.node import OwnNode
from parley.terminal.proposal import Proposal
from parley.testing.nodes import NodeUnderTest

TERMINAL_ORIGIN = read_origin("http://localhost:7480")
PIN = "four quiet herons"


@dataclass
class Asked:
    """A person who says yes to everything, and remembers what they were asked."""

    pin: str = PIN
    is_willing: bool = True
    proposals: list[Proposal] = field(default_factory=list)
    uses: list[KeyPurpose] = field(default_factory=list)

    async def to_sign(self, proposal: Proposal) -> str:
        """Look at what is to be signed."""
        self.proposals.append(proposal)
        if not self.is_willing:
            raise SigningDeclined
        return self.pin

    async def to_use(self, purpose: KeyPurpose) -> str:
        """Take note of what the key is for."""
        self.uses.append(purpose)
        return self.pin


@dataclass
class OfficerAtTerminal:
    """A person at a terminal."""

    acts: Acts
    asked: Asked
    folder: TerminalFolder
    node: OwnNode


def node_at(under_test: NodeUnderTest, folder: TerminalFolder | None = None) -> OwnNode:
    """Return a node as a terminal speaks to it, without a network between them."""
    transport = httpx.ASGITransport(app=under_test.node.app)
    return OwnNode(TERMINAL_ORIGIN, None, folder=folder, transport=transport)


async def officer(under_test: NodeUnderTest, name: str, *roles: str) -> OfficerAtTerminal:
    """Return a person with a key file of their own, enrolled through an invitation."""
    added = await under_test.node.operations.person_add(name, roles=list(roles))
    node = node_at(under_test)
    link = added["address"].replace("127.0.0.1", "localhost")
    await node.open_link(link)
    folder = TerminalFolder(under_test.folder / f"terminal of {name}")
    await enrol(node, folder, PIN, "Key file", KeyAlgorithm.ED25519)
    folder.note_address(TERMINAL_ORIGIN.text)
    asked = Asked()
    return OfficerAtTerminal(Acts(node, FileKey(folder), asked), asked, folder, node)
