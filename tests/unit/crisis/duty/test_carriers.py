"""What leaves the node: readable by whom it is for alone, signed, and never where it may not go."""

import asyncio
import base64
import json
import sys

import http_ece
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from whenever import Instant

from parley.config import EscalationSettings
from parley.config.calling import SirenSettings, WebhookSettings
from parley.crisis.duty.carriers import (
    CarrierFailed,
    Dispatch,
    PushCarrier,
    carry_siren,
    carry_webhook,
    is_allowed,
    webhook_mark,
)
from parley.crisis.duty.rows import DutyDevice
from parley.ids import DutyDeviceId, PersonId

WORDS = "Parley: FLASH waits at the desk, number 7"
DISPATCH = Dispatch("notice", WORDS, 1_000, "flash", 7, 2, "inbound")
SERVICE = "https://push.example"
SETTINGS = EscalationSettings(push_contact="mailto:desk@harbour.example", push_services=(SERVICE,))


class PushService:
    """A push service and the browser behind it, which reads what is for it."""

    def __init__(self, status: int = 201) -> None:
        """Answer every request with a status."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"s" * 16
        self.status = status
        self.requests: list[httpx.Request] = []

    @property
    def device(self) -> DutyDevice:
        """What the browser told the node of itself."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        at = Instant.from_utc(2026, 11, 1)
        person = PersonId(b"p" * 16)
        endpoint = f"{SERVICE}/send/abc"
        return DutyDevice(
            DutyDeviceId(b"d" * 16), person, "phone", endpoint, public, self.secret, at, None
        )

    def read(self, request: httpx.Request) -> dict[str, str]:
        """Return what the browser reads (RFC 8291)."""
        plain = http_ece.decrypt(
            request.content, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        read: dict[str, str] = json.loads(plain)
        return read

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Take a request."""
        self.requests.append(request)
        return httpx.Response(self.status, headers={"location": "http://127.0.0.1:1/"})


def sender(service: PushService) -> PushCarrier:
    """Return a node's sender whose requests come to a service."""
    made = PushCarrier(SETTINGS, ec.generate_private_key(ec.SECP256R1()))
    made.transport = httpx.MockTransport(service.answer)
    return made


async def test_a_device_reads_that_something_waits_and_its_service_reads_nothing() -> None:
    """RFC 8291, 8292: encrypted for the browser, signed by the node for that service alone."""
    service = PushService()
    node = sender(service)
    await node.carry(DISPATCH, service.device)

    (request,) = service.requests
    assert service.read(request) == {"words": WORDS, "notice": "notice"}
    assert WORDS.encode() not in request.content
    assert request.headers["urgency"] == "high"
    assert request.headers["content-encoding"] == "aes128gcm"
    token, key = request.headers["authorization"].removeprefix("vapid t=").split(", k=")
    assert base64.urlsafe_b64decode(key + "=") == node.public
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), node.public)
    pem = point.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = jwt.decode(token, ECKey.import_key(pem), algorithms=["ES256"]).claims
    assert (claims["aud"], claims["sub"]) == (SERVICE, "mailto:desk@harbour.example")


@pytest.mark.parametrize(
    ("status", "is_final", "is_gone"),
    [
        (404, True, True),
        (410, True, True),
        (413, True, False),
        (429, False, False),
        (503, False, False),
        (302, False, False),
    ],
)
async def test_what_a_push_service_refuses_is_tried_again_where_that_can_help(
    status: int, *, is_final: bool, is_gone: bool
) -> None:
    """A device that is gone is forgotten; a redirect is followed nowhere."""
    service = PushService(status)
    with pytest.raises(CarrierFailed) as refused:
        await sender(service).carry(DISPATCH, service.device)
    assert (refused.value.is_final, refused.value.is_gone) == (is_final, is_gone)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://push.example:444/x",
        "https://push.example.evil.example/",
        "https://127.0.0.1/",
        "https://a@push.example/",
        "ftp://x",
        "",
        "https://[::1",
    ],
)
def test_a_browser_cannot_make_the_node_call_another_place(endpoint: str) -> None:
    """Only services that the operator wrote down."""
    assert not is_allowed(endpoint, (SERVICE, "https://*.notify.example"))
    assert is_allowed("https://a.b.notify.example/x", ("https://*.notify.example",))
    assert not is_allowed("https://notify.example.org/", ("https://*.notify.example",))


async def test_a_webhook_is_signed_over_time_and_body_and_follows_no_redirect() -> None:
    """Its body says that something waits, and not what."""
    service = PushService(200)
    hook = WebhookSettings("ops", "https://10.0.0.7/parley", "secret")
    await carry_webhook(DISPATCH, hook, "hush", httpx.MockTransport(service.answer))

    (request,) = service.requests
    at, mark = request.headers["parley-signature"].removeprefix("t=").split(",v1=")
    assert mark == webhook_mark("hush", int(at), request.content)
    assert mark != webhook_mark("hush", int(at) + 1, request.content)
    assert json.loads(request.content)["words"] == WORDS
    service.status = 307
    with pytest.raises(CarrierFailed, match="307"):
        await carry_webhook(DISPATCH, hook, "hush", httpx.MockTransport(service.answer))


async def test_a_siren_is_a_command_with_arguments_and_no_shell() -> None:
    """It knows precedence and number, and nothing of our surroundings."""
    program = (
        "import os, sys; sys.exit(sorted(k for k in os.environ if k.startswith('PARLEY')) != "
        "['PARLEY_EXERCISE', 'PARLEY_NUMBER', 'PARLEY_PRECEDENCE'] or sys.argv[1] != '$HOME;x')"
    )
    await carry_siren(DISPATCH, SirenSettings("hall", (sys.executable, "-c", program, "$HOME;x")))
    failing = (sys.executable, "-c", "raise SystemExit(3)")
    with pytest.raises(CarrierFailed, match="ended with 3"):
        await carry_siren(DISPATCH, SirenSettings("hall", failing))
    with pytest.raises(CarrierFailed, match="cannot be started"):
        await carry_siren(DISPATCH, SirenSettings("hall", ("/nowhere/siren",)))


async def test_a_siren_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """With whatever it started."""

    async def at_once(waiting: object, _: float) -> None:
        assert asyncio.iscoroutine(waiting)
        waiting.close()
        raise TimeoutError

    monkeypatch.setattr(asyncio, "wait_for", at_once)
    with pytest.raises(CarrierFailed, match="not over"):
        await carry_siren(DISPATCH, SirenSettings("hall", ("/bin/sleep", "600"), 1))
