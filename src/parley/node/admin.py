"""How the command line reaches a running node: a socket file only the node's own user may open.

One request and one answer for each connection, a JSON object on a line each. The socket lies in the
node's folder with mode 0600, and the kernel is asked besides who is calling (SO_PEERCRED).
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from parley.errors import ParleyError
from parley.node.asking import ANSWER_S_MAX, SOCKET_FILE, reachable
from parley.node.operations import Operations
from parley.telemetry import log

REQUEST_BYTES_MAX: Final = 65_536


class AdminListener:
    """The node's end of the admin socket."""

    def __init__(self, folder: Path, operations: Operations) -> None:
        self._file = folder / SOCKET_FILE
        self._operations = operations
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        """Open the socket; one left by a node that was killed is replaced."""
        self._file.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            with reachable(self._file) as path:
                listening.bind(path)
        finally:
            os.umask(before)
        self._listener = await asyncio.start_unix_server(
            self._answer, sock=listening, limit=REQUEST_BYTES_MAX
        )

    async def stop(self) -> None:
        """Close and remove the socket."""
        if self._listener is not None:
            self._listener.close()
            self._file.unlink(missing_ok=True)
            self._listener = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _caller(writer.get_extra_info("socket")) not in {os.geteuid(), 0}:
                return
            async with asyncio.timeout(ANSWER_S_MAX):
                request = json.loads(await reader.readline())
                answer = await self._call(request)
            writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
        except (ValueError, OSError, TimeoutError, KeyError, TypeError):
            log.warning("admin request failed", exc_info=True)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _call(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {
                "result": await self._operations.call(request["operation"], request["arguments"])
            }
        except ParleyError as error:
            return {"error": {"code": error.code, "params": error.params}}


def _caller(connected: socket.socket) -> int:
    """Return the user id of whoever is at the other end."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, caller, _ = struct.unpack("3i", credentials)
    return int(caller)
