"""Asking a running node: the caller's end of its admin socket.

Light on purpose: a command that only asks starts without the database, the web or the engine.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from parley.errors import NodeNotRunning, ParleyError, every_error

SOCKET_FILE: Final = "admin.sock"
ANSWER_BYTES_MAX: Final = 16_777_216
PATH_BYTES_MAX: Final = 100
"""A socket's path may have 107 bytes (unix(7)); longer ones are reached through /proc."""
ANSWER_S_MAX: Final = 900.0
"""Seconds an answer may take; a record of millions of entries is exported in some minutes."""


def ask(folder: Path, operation: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Ask the running node of ``folder`` to do something, and return its answer.

    Raises:
        NodeNotRunning: nobody answers.
        ParleyError: the node refused.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as calling:
        calling.settimeout(ANSWER_S_MAX)
        try:
            with reachable(folder / SOCKET_FILE) as path:
                calling.connect(path)
            request = {"operation": operation, "arguments": dict(arguments)}
            calling.sendall(json.dumps(request).encode() + b"\n")
            answer = _read(calling)
        except OSError as error:
            raise NodeNotRunning(folder=str(folder)) from error
    if "error" in answer:
        raise _error(answer["error"])
    return answer["result"]


@contextlib.contextmanager
def reachable(file: Path) -> Iterator[str]:
    """Yield a path for a socket file that fits, however deep its folder lies."""
    if len(os.fsencode(file)) <= PATH_BYTES_MAX:
        yield str(file)
        return
    descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{file.name}"
    finally:
        os.close(descriptor)


def _read(calling: socket.socket) -> Any:  # noqa: ANN401  JSON
    with calling.makefile("rb") as stream:
        line = stream.readline(ANSWER_BYTES_MAX)
    if not line:
        raise ConnectionResetError
    return json.loads(line)


def _error(refused: Mapping[str, Any]) -> ParleyError:
    for kind in every_error():
        if kind.code == refused["code"]:
            return kind(**refused["params"])
    raise TypeError(refused["code"])
