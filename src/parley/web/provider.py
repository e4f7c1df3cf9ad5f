"""The provider of sign-ins over HTTPS: what is asked of it, within bounds.

It speaks to its own party's provider alone, as the settings name it. Each answer may take so long
and be so large; redirections are not followed, proxies of the environment are not used. A node that
its own people reach by https asks by https, always; plain http to this very machine will do for a
node that is tried out on the loopback.

The provider's document and keys are kept for an hour. A token signed with a key that is not among
them makes the node look once more, so a provider may change its keys at any time.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from joserfc.jwk import KeySet

from parley.clock import Clock
from parley.config import Settings
from parley.config.secret_file import read_secret
from parley.errors import ProviderFailed, ProviderTokenRefused, SettingsBadValue
from parley.identity.provider import (
    ProviderDocument,
    ProviderWay,
    TokenExpected,
    authorization_address,
    document_address,
    read_document,
    read_keys,
    read_return,
    read_subject,
    read_token,
    token_form,
)

ANSWER_S: Final = 5.0
"""Seconds a whole answer may take. A person waits for up to three of them."""
ANSWER_BYTES_MAX: Final = 262_144
"""Largest answer. Documents have about 3 KB, keys 1 KB each."""
KEPT_S: Final = 3_600.0
"""Seconds for which document and keys are kept. Less asks more often; changed keys are looked for
at once, whatever this is."""
RETURN_PATH: Final = "/sign-in/provider"
"""Where the provider sends browsers back to; registered with it."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    """Something the provider said, and until when it is not asked again."""

    content: T
    until: float


class Provider:
    """The party's own provider of sign-ins."""

    def __init__(self, settings: Settings, clock: Clock, *, may_be_plain: bool) -> None:
        """Read what the settings say; nothing is asked yet.

        Raises:
            SettingsUnreadable: the file with the secret cannot be read.
            SecretExposed: others on the machine can read it.
            SettingsBadValue: the certificates are none.
        """
        chosen = settings.oidc
        self.issuer: Final = chosen.issuer
        self.name: Final = chosen.name or urlsplit(chosen.issuer).hostname or chosen.issuer
        self._chosen = chosen
        self._clock = clock
        self._may_be_plain = may_be_plain
        secret = chosen.client_secret_file
        self._secret = read_secret(settings.path(secret)) if secret else None
        self._trust = _trust(settings)
        self._document: _Kept[ProviderDocument] | None = None
        self._keys: _Kept[KeySet] | None = None
        self.transport: httpx.AsyncBaseTransport | None = None
        """What carries the requests; None for the network."""

    @classmethod
    def of(cls, settings: Settings, clock: Clock, *, may_be_plain: bool) -> Self | None:
        """Return the provider that the settings name, if they name one."""
        return cls(settings, clock, may_be_plain=may_be_plain) if settings.oidc.issuer else None

    async def address(self, way: ProviderWay, origin: str) -> str:
        """Return where a browser is sent to sign in.

        Raises:
            ProviderFailed: the provider is silent, or answers with something else.
            ProviderMalformed: what it says of itself does not hold.
        """
        return authorization_address(
            await self._read_document(),
            way,
            self._chosen.client_id,
            origin + RETURN_PATH,
            self._chosen.login_age_s_max,
        )

    async def subject(self, way: ProviderWay, origin: str, query: Mapping[str, str]) -> str:
        """Return whom the provider vouches for, after a browser came back from it.

        Raises:
            SignInNotBegun: this browser was not sent there on this way.
            ProviderRefused: the provider did not let them in.
            ProviderSettingsWrong: it does not know this node as the settings describe it.
            ProviderFailed: it is silent, or answers with something else.
            ProviderMalformed: an answer does not hold.
            ProviderTokenRefused: its token does not hold.
        """
        document = await self._read_document()
        code = read_return(query, way, document)
        token = await self._change(document, way, origin, code)
        expected = TokenExpected(
            self.issuer,
            self._chosen.client_id,
            way.nonce,
            self._chosen.clock_skew_s_max,
            self._chosen.login_age_s_max,
        )
        try:
            return read_subject(token, await self._read_keys(document), expected, self._clock.now())
        except ProviderTokenRefused as error:
            if error.params["claim"] != "kid":
                raise
        self._keys = None
        return read_subject(token, await self._read_keys(document), expected, self._clock.now())

    async def check(self) -> int:
        """Ask the provider what it is, as a sign-in would; return how many keys it publishes.

        Raises:
            ProviderFailed, ProviderMalformed: as :meth:`address`.
        """
        return len((await self._read_keys(await self._read_document())).keys)

    async def _change(
        self, document: ProviderDocument, way: ProviderWay, origin: str, code: str
    ) -> str:
        """Change a code for a token."""
        form = token_form(way, self._chosen.client_id, origin + RETURN_PATH, code)
        login: httpx.Auth | None = None
        if self._secret is not None and document.takes_basic:
            # RFC 6749 §2.3.1: both are form-encoded before they are put together.
            pair = httpx.QueryParams({self._chosen.client_id: self._secret})
            login = httpx.BasicAuth(*str(pair).split("=", 1))
        elif self._secret is not None:
            form["client_secret"] = self._secret
        return read_token(*await self._ask("POST", document.token, form, login))

    async def _read_document(self) -> ProviderDocument:
        now = self._clock.monotonic()
        if self._document is None or now >= self._document.until:
            content = await self._get(document_address(self.issuer))
            read = read_document(content, self.issuer, may_be_plain=self._may_be_plain)
            self._document, self._keys = _Kept(read, now + KEPT_S), None
        return self._document.content

    async def _read_keys(self, document: ProviderDocument) -> KeySet:
        now = self._clock.monotonic()
        if self._keys is None or now >= self._keys.until:
            self._keys = _Kept(read_keys(await self._get(document.keys)), now + KEPT_S)
        return self._keys.content

    async def _get(self, address: str) -> bytes:
        status, content = await self._ask("GET", address)
        if status != httpx.codes.OK:
            raise ProviderFailed(reason=f"HTTP {status}")
        return content

    async def _ask(
        self,
        method: str,
        address: str,
        form: Mapping[str, str] | None = None,
        login: httpx.Auth | None = None,
    ) -> tuple[int, bytes]:
        """Ask the provider something; return status and bytes of its answer."""
        if urlsplit(address).scheme != "https" and not self._may_be_plain:
            raise ProviderFailed(reason="not https")
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                httpx.AsyncClient(
                    transport=self.transport,
                    verify=self._trust,
                    trust_env=False,
                    follow_redirects=False,
                    timeout=ANSWER_S,
                    # What is not pressed cannot swell.
                    headers={"accept": "application/json", "accept-encoding": "identity"},
                ) as asking,
                asking.stream(method, address, data=form, auth=login) as answer,
            ):
                return answer.status_code, await _whole(answer)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ProviderFailed(reason="silent") from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise ProviderFailed(reason=type(error).__name__) from error


async def _whole(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_raw():
        content += part
        if len(content) > ANSWER_BYTES_MAX:
            raise ProviderFailed(reason="too large")
    return bytes(content)


def _trust(settings: Settings) -> ssl.SSLContext:
    """Return who may vouch for the provider's TLS.

    Raises:
        SettingsBadValue: the certificates are none.
    """
    named = settings.oidc.authorities
    try:
        return ssl.create_default_context(cafile=settings.path(named) if named else None)
    except (OSError, ssl.SSLError) as error:
        raise SettingsBadValue(
            file=str(settings.folder),
            key="sign_in.oidc.authorities",
            allowed="a readable file of certificates (PEM)",
        ) from error
