"""What carries a notice out of the node: Web Push, mail, a webhook, a siren's command.

Each carrier takes one dispatch and returns when it has been taken over, or says why not. What it
says outside is the dispatch's words and nothing else of an alert.
"""

import asyncio
import hashlib
import hmac
import os
import signal
import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final

import http_ece
import httpx
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from parley.config import EscalationSettings, Settings
from parley.config.calling import SirenSettings, WebhookSettings
from parley.config.secret_file import read_secret
from parley.crisis.duty.rows import DutyDevice
from parley.errors import ParleyError

ANSWER_S: Final = 10.0
"""Seconds for a push service, a mail server or a webhook to answer. More: one that hangs delays its
next try. Less: a slow one across a bad line never works."""
PUSH_TTL_S: Final = 3_600
"""Seconds for which a push service keeps what a device that is off does not take. More: somebody is
called for what was long over."""
TOKEN_S: Final = 12 * 3_600
"""RFC 8292 §2 allows 24 hours."""
_GONE: Final = frozenset({404, 410})
_HOPELESS: Final = frozenset({400, 401, 403, 404, 405, 410, 413})
"""Answers that another try does not change."""
FAILURE_CHARACTERS_MAX: Final = 200


class CarrierFailed(Exception):
    """A carrier did not take a notice."""

    def __init__(self, why: str, *, is_final: bool = False, is_gone: bool = False) -> None:
        """Say why, in one line without secrets.

        Args:
            why: for a person to read.
            is_final: whether another try cannot work.
            is_gone: whether the device is not there any more.
        """
        super().__init__(why[:FAILURE_CHARACTERS_MAX])
        self.is_final = is_final
        self.is_gone = is_gone


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One notice on its way."""

    notice: str
    """Its id: whoever gets it twice knows by this."""
    words: str
    made_s: int
    """When it was made, in seconds since 1970."""
    precedence: str = ""
    number: int = 0
    step: int = 0
    direction: str = ""
    is_exercise: bool = False
    address: str = ""
    """Where the desk is, for whoever is called."""


class PushCarrier:
    """Calls browsers by Web Push (RFC 8030, 8188, 8291, 8292)."""

    def __init__(self, settings: EscalationSettings, key: ec.EllipticCurvePrivateKey) -> None:
        """Speak for the node with a key of its own."""
        self._settings = settings
        self._key = key
        self.transport: httpx.AsyncBaseTransport | None = None

    @property
    def public(self) -> bytes:
        """The node's key, by which browsers subscribe: an uncompressed point, 65 bytes."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def allows(self, endpoint: str) -> bool:
        """Say whether an endpoint is of a push service that the settings name."""
        return is_allowed(endpoint, self._settings.push_services)

    async def carry(self, dispatch: Dispatch, device: DutyDevice) -> None:
        """Hand a notice to a device's push service.

        Raises:
            CarrierFailed: it was not taken.
        """
        if not self.allows(device.endpoint):
            raise CarrierFailed("its push service is not in the settings", is_final=True)
        content = msgspec.json.encode({"words": dispatch.words, "notice": dispatch.notice})
        try:
            body = http_ece.encrypt(
                content,
                private_key=ec.generate_private_key(ec.SECP256R1()),
                dh=device.public,
                auth_secret=device.secret,
                version="aes128gcm",
            )
        except (ValueError, http_ece.ECEException) as error:
            raise CarrierFailed("its key is none", is_final=True) from error
        headers = {
            "Authorization": self._authorization(device.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(PUSH_TTL_S),
            "Urgency": "high",
        }
        await post(device.endpoint, body, headers, self.transport)

    def _authorization(self, endpoint: str) -> str:
        url = httpx.URL(endpoint)
        port = "" if url.port is None else f":{url.port}"
        claims: dict[str, object] = {
            "aud": f"{url.scheme}://{url.host}{port}",
            "exp": int(time.time()) + TOKEN_S,
            "sub": self._settings.push_contact,
        }
        key = ECKey.import_key(
            self._key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, key)
        public = msgspec.json.encode(self.public).strip(b'"').rstrip(b"=")
        text = public.translate(bytes.maketrans(b"+/", b"-_")).decode("ascii")
        return f"vapid t={token}, k={text}"


async def carry_webhook(
    dispatch: Dispatch,
    chosen: WebhookSettings,
    secret: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """Tell a program of the operator's.

    The signature is ``t=<seconds>,v1=<hex>``: HMAC-SHA-256 with the secret over the seconds, a full
    stop and the body, so that neither a body nor a time can be given to another.

    Raises:
        CarrierFailed: it was not taken.
    """
    body = msgspec.json.encode(
        {
            "notice": dispatch.notice,
            "words": dispatch.words,
            "made_s": dispatch.made_s,
            "precedence": dispatch.precedence,
            "number": dispatch.number,
            "step": dispatch.step,
            "direction": dispatch.direction,
            "is_exercise": dispatch.is_exercise,
        }
    )
    now_s = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Parley-Notice": dispatch.notice,
        "Parley-Signature": f"t={now_s},v1={webhook_mark(secret, now_s, body)}",
    }
    await post(chosen.address, body, headers, transport)


def webhook_mark(secret: str, at_s: int, body: bytes) -> str:
    """Return the mark that shows a body to be ours, as hexadecimal."""
    content = f"{at_s}.".encode("ascii") + body
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


async def post(
    address: str,
    body: bytes,
    headers: dict[str, str],
    transport: httpx.AsyncBaseTransport | None,
) -> None:
    """Post to an address; whatever is not taken, redirects included, is a failure.

    Raises:
        CarrierFailed: it was not taken.
    """
    try:
        # What it says besides is not read: nobody fills our memory by an answer.
        async with (
            asyncio.timeout(ANSWER_S),
            httpx.AsyncClient(
                transport=transport, trust_env=False, follow_redirects=False, timeout=ANSWER_S
            ) as asking,
            asking.stream("POST", address, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, TimeoutError, OSError) as error:
        raise CarrierFailed(f"no answer ({type(error).__name__})") from error
    if not httpx.codes.is_success(status):
        raise CarrierFailed(f"HTTP {status}", is_final=status in _HOPELESS, is_gone=status in _GONE)


def carry_mail(dispatch: Dispatch, settings: Settings, to: str) -> None:
    """Hand a mail to the settings' server; waits on this thread.

    Raises:
        CarrierFailed: it was not taken.
    """
    chosen = settings.escalation
    letter = EmailMessage()
    letter["From"], letter["To"] = chosen.mail_from, to
    letter["Subject"] = dispatch.words.splitlines()[0]
    letter["Date"] = formatdate(dispatch.made_s)
    domain = chosen.mail_from.rpartition("@")[2] or "parley"
    letter["Message-ID"] = f"<{dispatch.notice}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Importance"] = "high"
    letter.set_content(f"{dispatch.words}\n\n{dispatch.address}\n")
    try:
        with _smtp(settings) as smtp:
            smtp.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        status = min(code for code, _ in error.recipients.values())
        raise CarrierFailed(f"SMTP {status}", is_final=status >= _SMTP_FOR_GOOD) from error
    except smtplib.SMTPResponseException as error:
        raise CarrierFailed(f"SMTP {error.smtp_code}") from error
    except ParleyError as error:
        raise CarrierFailed(str(error)) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise CarrierFailed(f"no answer ({type(error).__name__})") from error


_SMTP_FOR_GOOD: Final = 550


def _smtp(settings: Settings) -> smtplib.SMTP:
    chosen = settings.escalation
    host, _, port = chosen.mail_smtp.rpartition(":")
    host = host.strip("[]")
    file = str(settings.path(chosen.mail_authorities)) if chosen.mail_authorities else None
    trust = ssl.create_default_context(cafile=file)
    if chosen.mail_security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port), timeout=ANSWER_S, context=trust)
    else:
        smtp = smtplib.SMTP(host, int(port), timeout=ANSWER_S)
    try:
        if chosen.mail_security == "starttls":
            smtp.starttls(context=trust)
        if chosen.mail_account:
            smtp.login(chosen.mail_account, read_secret(settings.path(chosen.mail_password_file)))
    except BaseException:
        smtp.close()
        raise
    return smtp


async def carry_siren(dispatch: Dispatch, chosen: SirenSettings) -> None:
    """Run the settings' command to its end.

    Raises:
        CarrierFailed: it cannot be started, ends with another code than 0, or takes too long.
    """
    surroundings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PARLEY_PRECEDENCE": dispatch.precedence,
        "PARLEY_NUMBER": str(dispatch.number),
        "PARLEY_EXERCISE": "1" if dispatch.is_exercise else "0",
    }
    try:
        running = await asyncio.create_subprocess_exec(
            *chosen.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=surroundings,
            start_new_session=True,
        )
    except OSError as error:
        raise CarrierFailed(f"cannot be started ({error.strerror})") from error
    try:
        code = await asyncio.wait_for(running.wait(), chosen.seconds)
    except TimeoutError as error:
        raise CarrierFailed(f"not over after {chosen.seconds} s") from error
    finally:
        if running.returncode is None:
            _end(running.pid)
            await running.wait()
    if code:
        raise CarrierFailed(f"ended with {code}")


def _end(group: int) -> None:
    """End a command and whatever it started."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def is_allowed(endpoint: str, services: tuple[str, ...]) -> bool:
    """Say whether an address is under one of the origins; ``*.`` stands for one or more names."""
    try:
        url = httpx.URL(endpoint)
    except (httpx.InvalidURL, ValueError):
        return False
    if url.userinfo or not url.host:
        return False
    port = "" if url.port is None else f":{url.port}"
    for service in services:
        scheme, _, host = service.rstrip("/").partition("://")
        if scheme != url.scheme:
            continue
        if host.startswith("*."):
            if f"{url.host}{port}".endswith(host[1:]):
                return True
        elif f"{url.host}{port}" == host:
            return True
    return False
