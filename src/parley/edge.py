"""The edge responder: a tiny process beside a node that answers "the way to this site is open".

When a node is silent, its line cannot tell whether the node died or the way to it is cut. This
process tells: it runs by itself, answers one kind of datagram and does nothing else. It reads a
file of keys that the node writes, one for each other party, and keeps no state but the counters of
its rate limits. It imports nothing of the node and parses nothing but the 64 bytes below, so that
it goes on when the node cannot, and offers nobody anything to attack.

A question is 64 bytes: ``PEQ1``, the first 8 bytes of SHA-256 of the key, a nonce of 16, zeros up
to 48, and the first 16 bytes of HMAC-SHA-256 of those 48 under the key. The answer is 48 bytes:
``PEA1``, the same 8, the same nonce, zeros up to 32, and 16 bytes of HMAC-SHA-256 of those 32. It
is shorter than its question, so it makes no flood larger. What is not such a question gets no
answer. ``protocol/checks.md`` says the same.
"""

import argparse
import hashlib
import hmac
import os
import secrets
import socket
import sys
import time
from collections.abc import Mapping

QUESTION_BYTES = 64
ANSWER_BYTES = 48
KEY_BYTES = 32
NAME_BYTES = 8
NONCE_BYTES = 16
MAC_BYTES = 16
ASK = b"PEQ1"
TELL = b"PEA1"
PER_KEY_S = 5.0
"""Questions of one party answered in a second. Its node asks one in two; the rest is for several
paths and for a node that was started anew."""
BURST = 20.0
"""Questions of one party answered at once."""
READ_EVERY_S = 5.0
"""Seconds between looks at whether the file of keys has changed."""
FILE_BYTES_MAX = 1_000_000
PORT = 7848


def key_name(key: bytes) -> bytes:
    """Return by which name a question says its key."""
    return hashlib.sha256(key).digest()[:NAME_BYTES]


def write_question(key: bytes, nonce: bytes) -> bytes:
    """Return a question."""
    body = (ASK + key_name(key) + nonce).ljust(QUESTION_BYTES - MAC_BYTES, b"\0")
    return body + _mac(key, body)


def read_answer(key: bytes, answer: bytes) -> bytes | None:
    """Return the nonce of the question that an answer is to; None if it is none under this key."""
    body, mac = answer[:-MAC_BYTES], answer[-MAC_BYTES:]
    start = TELL + key_name(key)
    is_answer = len(answer) == ANSWER_BYTES and body.startswith(start)
    if not is_answer or not hmac.compare_digest(mac, _mac(key, body)):
        return None
    return body[len(start) : len(start) + NONCE_BYTES]


class EdgeResponder:
    """What answers questions: bytes and ``now`` in, bytes or nothing out; no socket, no clock."""

    def __init__(self, keys: Mapping[bytes, bytes]) -> None:
        """Answer under these keys, by name."""
        self._keys = dict(keys)
        self._left: dict[bytes, tuple[float, float]] = {}

    def take_keys(self, keys: Mapping[bytes, bytes]) -> None:
        """Answer under other keys from here on."""
        self._keys = dict(keys)
        self._left = {name: left for name, left in self._left.items() if name in self._keys}

    def answer(self, question: bytes, now: float) -> bytes | None:
        """Return the answer to a datagram, None if it gets none.

        Args:
            question: the datagram.
            now: seconds that never go back.
        """
        if len(question) != QUESTION_BYTES or not question.startswith(ASK):
            return None
        name = question[len(ASK) : len(ASK) + NAME_BYTES]
        key = self._keys.get(name)
        if key is None:
            return None
        body, mac = question[:-MAC_BYTES], question[-MAC_BYTES:]
        # The key is looked at before the rate: nobody without it uses a party's share up.
        if not hmac.compare_digest(mac, _mac(key, body)) or not self._has_room(name, now):
            return None
        start = len(ASK) + NAME_BYTES
        told = (TELL + name + body[start : start + NONCE_BYTES]).ljust(
            ANSWER_BYTES - MAC_BYTES, b"\0"
        )
        return told + _mac(key, told)

    def _has_room(self, name: bytes, now: float) -> bool:
        left, at = self._left.get(name, (BURST, now))
        left = min(BURST, left + (now - at) * PER_KEY_S)
        self._left[name] = (left - 1.0 if left >= 1.0 else left, now)
        return left >= 1.0


def derive_key(secret: bytes, party: bytes) -> bytes:
    """Return the key that one party asks with.

    Args:
        secret: 32 bytes that the node keeps for this alone.
        party: the party's id.
    """
    return hmac.digest(secret, b"parley edge\0" + party, "sha256")


def load_keys(path: str) -> dict[bytes, bytes]:
    """Return the keys of a file, by name: one in hexadecimal on each line.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not such a file.
    """
    with open(path, encoding="ascii") as file:  # noqa: PTH123  as little as possible is imported
        lines = file.read(FILE_BYTES_MAX).split()
    keys = [bytes.fromhex(line) for line in lines]
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(path)
    return {key_name(key): key for key in keys}


def nonce() -> bytes:
    """Return a fresh nonce."""
    return secrets.token_bytes(NONCE_BYTES)


def serve(listen: tuple[str, int], path: str) -> None:
    """Answer until the process is stopped.

    Raises:
        OSError: the port cannot be had, or the keys not be read at the start.
    """
    family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
    responder, mark, looked_at = EdgeResponder(load_keys(path)), _mark(path), time.monotonic()
    with socket.socket(family, socket.SOCK_DGRAM) as port:
        port.bind(listen)
        port.settimeout(READ_EVERY_S)
        sys.stdout.write(f"edge responder on {listen[0]} port {port.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            try:
                question, asker = port.recvfrom(QUESTION_BYTES + 1)
                told = responder.answer(question, time.monotonic())
                if told is not None:
                    port.sendto(told, asker)
            except OSError:
                # A time-out, or a datagram that could not be answered: the next one may be.
                pass
            if time.monotonic() - looked_at >= READ_EVERY_S:
                looked_at, found = time.monotonic(), _mark(path)
                if found != mark:
                    mark = _take(responder, path, found)


def main() -> None:
    """Run the edge responder."""
    parser = argparse.ArgumentParser(prog="parley edge", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--listen", default=f"0.0.0.0:{PORT}", help="Address and port, UDP.")
    parser.add_argument("--keys", default="edge.keys", help="File that the node writes.")
    given = parser.parse_args()
    host, _, port = given.listen.rpartition(":")
    try:
        serve((host.strip("[]"), int(port)), given.keys)
    except KeyboardInterrupt:
        pass
    except (OSError, ValueError) as error:
        sys.stderr.write(f"parley edge: {error}\n")
        raise SystemExit(1) from error


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:MAC_BYTES]


def _mark(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  as little as possible is imported
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _take(
    responder: EdgeResponder, path: str, mark: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Take over a file that has changed; one that cannot be read leaves the keys as they are."""
    try:
        responder.take_keys(load_keys(path))
    except (OSError, ValueError):
        return None
    return mark


if __name__ == "__main__":
    main()
