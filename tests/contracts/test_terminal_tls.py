"""A terminal and its node by TLS: whom it believes, on real sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from parley.config import Settings
from parley.errors import NodeUntrusted
from parley.node.setup import make_certificate
from parley.terminal.ceremony import read_origin
from parley.terminal.key_store import TerminalFolder
from parley.terminal.node import OwnNode, shown_certificate, trust_of

pytestmark = pytest.mark.enable_socket
SETTINGS = """
[party]
name = "Harbour"
[web]
listen = "127.0.0.1:7480"
certificate = "web.pem"
key = "web-key.pem"
"""
ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{"is": "it"}'


def self_made(folder: Path) -> ssl.SSLContext:
    """Return what shows a certificate as `parley init` makes it."""
    folder.mkdir()
    make_certificate(Settings.parse(folder, SETTINGS))
    shows = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shows.load_cert_chain(folder / "web.pem", folder / "web-key.pem")
    return shows


@asynccontextmanager
async def node_with(folder: Path) -> AsyncIterator[tuple[str, bytearray]]:
    """Yield the address of what shows a certificate of its own and answers, and what it heard."""
    shows, heard = self_made(folder), bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(1_024))
        writer.write(ANSWER)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=shows) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", heard


@pytest.mark.parametrize("pinned", ["its own", "another's", "none"])
async def test_a_terminal_believes_the_certificate_it_pinned_and_no_other(
    tmp_path: Path, pinned: str
) -> None:
    """Whoever stands between is told nothing: no cookie, no link, not even what is asked for."""
    folder = TerminalFolder(tmp_path / "terminal")
    async with (
        node_with(tmp_path / "node") as (address, heard),
        node_with(tmp_path / "another") as (elsewhere, _),
    ):
        origin = read_origin(address)
        if pinned != "none":
            whose = origin if pinned == "its own" else read_origin(elsewhere)
            shown = await asyncio.to_thread(shown_certificate, whose)
            folder.note_certificate(shown.encode("ascii"))
        own = OwnNode(origin, trust_of(origin, folder))
        heard.clear()
        if pinned == "its own":
            assert await own.get("/api/self") == {"is": "it"}
        else:
            with pytest.raises(NodeUntrusted):
                await own.get("/api/self")
            with pytest.raises(NodeUntrusted):
                async with own.desk():
                    pass
            assert heard == b""
        await own.close()


def test_what_was_pinned_and_is_no_certificate_trusts_nobody(tmp_path: Path) -> None:
    """A file that was damaged is not taken for no pin at all."""
    folder = TerminalFolder(tmp_path / "terminal")
    folder.note_certificate(b"not one")
    with pytest.raises(NodeUntrusted):
        trust_of(read_origin("https://desk.example"), folder)
