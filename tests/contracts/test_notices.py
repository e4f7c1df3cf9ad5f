"""Notices on real sockets: a mail to a real receiver, a device's call to a real push endpoint."""

import json
import socket
import time
from collections.abc import Iterator
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import http_ece
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from typing_extensions import override
from whenever import Instant

from parley.config import Settings
from parley.crisis.duty.carriers import TOKEN_S, CarrierFailed, Dispatch, carry_mail
from parley.crisis.duty.opening import open_push
from parley.crisis.duty.rows import DutyDevice
from parley.ids import DutyDeviceId, PersonId

pytestmark = pytest.mark.enable_socket
WORDS = "Parley: FLASH ждёт на пульте, номер 7"
FROM = 'mail_from = "node@harbour.example"'
DISPATCH = Dispatch("n7", WORDS, 1_000, "flash", 7, address="https://desk.example")


class Kept(Message):
    """Keeps every mail."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.mails: list[Mail] = []

    @override
    def handle_message(self, message: Mail) -> None:
        """Keep one."""
        self.mails.append(message)


@pytest.fixture
def receiver() -> Iterator[tuple[Kept, int]]:
    """Give a test a mail server and its port."""
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()


def settings(folder: Path, lines: str) -> Settings:
    """Return settings that call people."""
    return Settings.parse(folder, f'[party]\nname = "Harbour"\n[escalation]\n{lines}')


def test_a_mail_says_that_something_waits(receiver: tuple[Kept, int], tmp_path: Path) -> None:
    """In any script, with an id by which a second one is known."""
    kept, port = receiver
    chosen = settings(
        tmp_path,
        f'mail_smtp = "127.0.0.1:{port}"\nmail_security = "none"\n' + FROM,
    )
    carry_mail(DISPATCH, chosen, "ada@harbour.example")

    (mail,) = kept.mails
    assert mail["to"] == "ada@harbour.example"
    assert mail["message-id"] == "<n7@harbour.example>"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().splitlines()[0] == WORDS


def test_a_mail_server_that_is_away_is_tried_again(tmp_path: Path) -> None:
    """And one that speaks no TLS is given nothing, if TLS is wanted."""
    away = settings(tmp_path, 'mail_smtp = "127.0.0.1:1"\nmail_from = "node@harbour.example"')
    with pytest.raises(CarrierFailed, match="no answer") as refused:
        carry_mail(DISPATCH, away, "ada@harbour.example")
    assert not refused.value.is_final


def test_tls_that_is_wanted_is_not_done_without(receiver: tuple[Kept, int], tmp_path: Path) -> None:
    """A server on the way could take it away."""
    kept, port = receiver
    chosen = settings(
        tmp_path, f'mail_smtp = "127.0.0.1:{port}"\nmail_from = "node@harbour.example"'
    )
    with pytest.raises(CarrierFailed):
        carry_mail(DISPATCH, chosen, "ada@harbour.example")
    assert kept.mails == []


async def test_a_device_reads_what_came_through_a_push_endpoint(tmp_path: Path) -> None:
    """Posted over a real socket, decrypted with the browser's own key; ours vouches for it there.

    The token that says who posts (RFC 8292) counts at this push service alone, and for a while.
    """
    key, secret = ec.generate_private_key(ec.SECP256R1()), b"s" * 16
    bodies: list[bytes] = []
    tokens: list[str] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            tokens.append(self.headers["authorization"])
            self.send_response(201)
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    Thread(target=server.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{server.server_port}"
    chosen = settings(
        tmp_path, f'push_contact = "mailto:a@harbour.example"\npush_services = ["{origin}"]'
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    at = Instant.from_utc(2026, 11, 1)
    device = DutyDevice(
        *(DutyDeviceId(b"d" * 16), PersonId(b"p" * 16), "phone", f"{origin}/send"),
        public,
        secret,
        at,
        None,
    )
    push = open_push(chosen)
    assert push is not None
    assert open_push(chosen).public == push.public  # type: ignore[union-attr]
    await push.carry(DISPATCH, device)
    server.shutdown()
    server.server_close()
    read = http_ece.decrypt(bodies[0], private_key=key, auth_secret=secret, version="aes128gcm")
    assert json.loads(read)["words"] == WORDS
    claims = vapid_claims(tokens[0], push.public)
    assert claims["aud"] == origin
    assert claims["sub"] == "mailto:a@harbour.example"
    assert time.time() < claims["exp"] <= time.time() + TOKEN_S


def vapid_claims(authorization: str, public: bytes) -> dict[str, Any]:
    """Return what a push service is told of who posts, if our key signed it (RFC 8292)."""
    token = authorization.removeprefix("vapid t=").partition(",")[0]
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    pem = point.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return jwt.decode(token, ECKey.import_key(pem), algorithms=["ES256"]).claims
