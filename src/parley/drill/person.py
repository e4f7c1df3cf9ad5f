"""A person in a drill: speaks to their own node by HTTP and a WebSocket, and signs with a passkey.

What a page does, a drill's person does: they open their one-time link, enrol a passkey, begin an
act, sign what the node shows and finish it. The key is made for the drill and forgotten with it, so
it lies in memory, without a PIN.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import cbor2
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from parley.errors import TooManyRequests
from parley.terminal.ceremony import (
    ES256,
    Flags,
    assertion,
    attested_credential,
    authenticator_output,
    collected,
    read_creation,
    read_origin,
    read_request,
    registration,
)
from parley.terminal.node import OwnNode

Json = dict[str, Any]
PAUSE_S: Final = 2.0
"""Before what a node refused for coming too often is tried again."""
ANSWER_S_MAX: Final = 60.0
"""Seconds an answer may take on a machine that does other things; a drill measures, it does not
give up."""
TRIES: Final = 30


class Passkey:
    """A passkey in memory: ES256, without attestation."""

    def __init__(self) -> None:
        """Make the key."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(32)
        self._owner = b""
        self._count = 0

    def create(self, options: Json, origin: str) -> Json:
        """Return what a browser answers to the question for a new key."""
        own = read_origin(origin)
        wanted = read_creation(options, own)
        self._owner = wanted.owner
        attested = attested_credential(bytes(16), self._id, self._cose())
        flags = Flags.PRESENT | Flags.VERIFIED | Flags.ATTESTED
        output = authenticator_output(wanted.rp_id, flags, 0, attested)
        told = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": output})
        said = collected("webauthn.create", wanted.challenge, own)
        return registration(self._id, said, told)

    def get(self, options: Json, origin: str) -> Json:
        """Return what a browser answers to the question for a signature."""
        own = read_origin(origin)
        wanted = read_request(options, own)
        self._count += 1
        output = authenticator_output(wanted.rp_id, Flags.PRESENT | Flags.VERIFIED, self._count)
        said = collected("webauthn.get", wanted.challenge, own)
        signed = output + hashlib.sha256(said).digest()
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return assertion(self._id, said, output, signature, self._owner)

    def _cose(self) -> bytes:
        numbers = self._key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        # COSE_Key of type EC2 (RFC 9053 §7.1.1), on the curve P-256.
        return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: x, -3: y}, canonical=True)


class Person:
    """One person of a sample party, signed in, with a passkey."""

    def __init__(self, node: OwnNode, passkey: Passkey) -> None:
        """Use :meth:`signed_in`."""
        self.node = node
        self._passkey = passkey
        self._origin = node.origin.text

    @classmethod
    @asynccontextmanager
    async def signed_in(cls, link: str) -> AsyncIterator[Person]:
        """Yield the person whom a one-time link signs in, with a passkey of their own."""
        # Passkeys are for names, and the node's loopback has one.
        link = link.replace("//127.0.0.1:", "//localhost:")
        node = OwnNode(read_origin(link), None, answer_s=ANSWER_S_MAX)
        try:
            await _patiently(lambda: node.open_link(link))
            person = cls(node, Passkey())
            await person._enrol()
            yield person
        finally:
            await node.close()

    async def get(self, path: str) -> Any:  # noqa: ANN401  JSON
        """Return what the node answers."""
        return await _patiently(lambda: self.node.get(path))

    async def post(self, path: str, content: object = None) -> Any:  # noqa: ANN401  JSON
        """Ask the node to do something."""
        return await _patiently(lambda: self.node.post(path, content))

    async def put(self, path: str, content: object) -> Any:  # noqa: ANN401  JSON
        """Have the node keep something in the place of what was there."""
        return await _patiently(lambda: self.node.put(path, content))

    async def step_up(self) -> None:
        """Use the passkey for what binds and has no entry of its own to sign."""
        begun = await self.post("/api/step-up/begin")
        credential = self._passkey.get(begun["options"], self._origin)
        await self.finish("/api/step-up/finish", credential)

    async def sign(self, path: str, content: object = None) -> Any:  # noqa: ANN401  JSON
        """Begin an act, sign what the node shows, finish it; return what the node answers."""
        return await self.finish(path, await self.begin(path, content))

    async def begin(self, path: str, content: object = None) -> Json:
        """Begin an act and sign it: the person's finger is on the key, and it is not sent yet."""
        shown = await self.post(f"{path}/begin", content)
        return self._passkey.get(shown["options"], self._origin)

    async def finish(self, path: str, credential: Json) -> Any:  # noqa: ANN401  JSON
        """Send what was signed."""
        return await self.post(path, {"credential": credential})

    @asynccontextmanager
    async def desk(self, wanted: str) -> AsyncIterator[asyncio.Queue[Json]]:
        """Open the desk; yield a queue of the frames of one type as they come."""
        frames: asyncio.Queue[Json] = asyncio.Queue()
        async with self.node.desk() as socket:

            async def read() -> None:
                async for text in socket:
                    frame: Json = msgspec.json.decode(text)
                    if frame["type"] == wanted:
                        frames.put_nowait(frame)

            task = asyncio.create_task(read())
            try:
                yield frames
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _enrol(self) -> None:
        shown = await self.post("/api/passkeys/begin")
        made = self._passkey.create(shown["options"], self._origin)
        await self.post("/api/passkeys/finish", {"credential": made, "name": "Drill"})


async def _patiently(ask: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401  JSON
    """Ask again where a node wants to be asked less often."""
    for _ in range(TRIES):
        with suppress(TooManyRequests):
            return await ask()
        await asyncio.sleep(PAUSE_S)
    return await ask()
