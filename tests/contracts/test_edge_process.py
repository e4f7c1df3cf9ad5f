"""The edge responder as it runs: a process of its own, on real UDP, without a node."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.edge import derive_key, nonce, read_answer, write_question

pytestmark = pytest.mark.enable_socket
KEY = derive_key(bytes(32), bytes(16))
OTHER = derive_key(bytes(32), bytes([1] * 16))
ANSWER_S_MAX = 5.0


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Give a test the port of a running edge responder that knows one key."""
    keys = tmp_path / "edge.keys"
    keys.write_text(f"{KEY.hex()}\n", "ascii")
    command = [sys.executable, "-I", "-m", "parley.edge", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--keys", str(keys)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline().rsplit(" ", 1)[1])
        process.kill()


def test_it_answers_who_has_a_key_and_nobody_else(port: int) -> None:
    """What is no question under a key is passed over, and delays nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(ANSWER_S_MAX)
        asker.connect(("127.0.0.1", port))
        for wrong in (b"", b"x" * 2_000, write_question(OTHER, nonce())):
            asker.send(wrong)
        asked = nonce()
        asker.send(write_question(KEY, asked))
        # The first answer is to the last question: the others got none.
        assert read_answer(KEY, asker.recv(100)) == asked


def test_it_says_what_it_cannot_do(tmp_path: Path) -> None:
    """Without keys it does not start, and says why."""
    ended = subprocess.run(
        [sys.executable, "-m", "parley.edge", "--keys", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "none" in ended.stderr
