"""A person's key, whichever it is: a file under a PIN, or a security key on USB.

Either is asked the same way: a question of the node, and a PIN that the person has just typed after
reading what is signed. The slow part (scrypt, a finger) runs in a thread, so that a desk goes on
ringing meanwhile.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Protocol

from parley.terminal.ceremony import Origin, read_creation, read_request
from parley.terminal.key_file import KeyAlgorithm, make_key, sign
from parley.terminal.key_store import TerminalFolder


class PersonKey(Protocol):
    """What signs for a person."""

    @property
    def needs_pin(self) -> bool:
        """Whether a PIN is to be typed for each use."""

    async def answer(self, options: Mapping[str, Any], origin: Origin, pin: str) -> dict[str, Any]:
        """Answer a node's question.

        Raises:
            ParleyError: nothing was signed.
        """


class FileKey:
    """A key file in a folder."""

    needs_pin = True

    def __init__(self, folder: TerminalFolder) -> None:
        """Use the key in a folder."""
        self._folder = folder

    async def answer(self, options: Mapping[str, Any], origin: Origin, pin: str) -> dict[str, Any]:
        """Answer a node's question; raises like :func:`parley.terminal.key_file.sign`."""
        return await asyncio.to_thread(self._answer, options, origin, pin)

    def _answer(self, options: Mapping[str, Any], origin: Origin, pin: str) -> dict[str, Any]:
        wanted = read_request(options, origin)
        with self._folder.using_key() as file:
            now_s, keep = int(time.time()), self._folder.keep_key
            return sign(file, wanted, origin, pin, now_s=now_s, keep=keep)


async def enrol_file(
    folder: TerminalFolder,
    options: Mapping[str, Any],
    origin: Origin,
    pin: str,
    algorithm: KeyAlgorithm = KeyAlgorithm.ES256,
) -> dict[str, Any]:
    """Make a key file as a node wants it; return what the node is answered.

    Raises:
        KeyExists: one is there.
        PinTooShort, CeremonyRefused, NodeMalformed: it is not made.
    """

    def make() -> dict[str, Any]:
        wanted = read_creation(options, origin)
        file, answer = make_key(wanted, origin, pin, algorithm=algorithm)
        folder.add_key(file)
        return answer

    return await asyncio.to_thread(make)
