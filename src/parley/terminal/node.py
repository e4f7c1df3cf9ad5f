"""The person's own node, as a terminal speaks to it: HTTPS, one cookie, one origin.

The rules are a browser's. The address is https, or http on this very machine; the certificate is
one the system trusts, or the one that was pinned and no other; the cookie goes to the node that set
it and nowhere else; what changes something carries the origin; no redirection is followed. What
comes back is read up to a bound and never believed further than it can be checked.
"""

import json
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin as OriginText

from parley.errors import (
    NodeMalformed,
    NodeSaidNo,
    NodeUnreachable,
    NodeUntrusted,
    ParleyError,
    SignInLinkUnknown,
    every_error,
)
from parley.terminal.ceremony import Origin, read_origin
from parley.terminal.key_store import TerminalFolder

AGENT: Final = "ParleyTerminal (Linux)"
"""What a terminal says of itself: always the same, because a cookie that comes with another name is
taken for a copy."""
ANSWER_S_MAX: Final = 10.0
"""Seconds an answer may take. Over a thin line it takes two; more keeps a desk waiting that should
say that it has lost its node."""
ANSWER_BYTES_MAX: Final = 8_000_000
"""Two hundred alerts with four texts each have six."""
FRAME_BYTES_MAX: Final = 4_000_000
PING_S: Final = 10.0
COOKIES_MAX: Final = 8
SEE_OTHER: Final = 303
REFUSED_FROM: Final = 400


class OwnNode:
    """The node of the person at this terminal."""

    def __init__(
        self,
        origin: Origin,
        trust: ssl.SSLContext | None,
        *,
        folder: TerminalFolder | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        answer_s: float = ANSWER_S_MAX,
    ) -> None:
        """Speak to one node.

        Args:
            origin: who it is.
            trust: which certificates are believed; None for http on this machine.
            folder: where the sign-in is kept for the next program; None keeps it in memory.
            transport: stands in for the network, in tests.
            answer_s: how long an answer may take; who measures waits longer than who must act.
        """
        self.origin = origin
        self._trust = trust
        self._folder = folder
        self._cookies: dict[str, str] = {}
        self._http = httpx.AsyncClient(
            base_url=origin.text,
            verify=True if trust is None else trust,
            headers={"user-agent": AGENT},
            timeout=answer_s,
            follow_redirects=False,
            # Nothing between a terminal and its node may be chosen by a variable of the system.
            trust_env=False,
            transport=transport,
        )
        if folder is not None:
            self._cookies = _kept_cookies(folder.read_sign_in(), origin)

    async def close(self) -> None:
        """End all connections."""
        await self._http.aclose()

    async def get(self, path: str) -> Any:  # noqa: ANN401  JSON
        """Return what the node answers.

        Raises:
            NodeUnreachable, NodeUntrusted, NodeMalformed: there is no answer to be had.
            ParleyError: the node refused.
        """
        return await self._ask("GET", path, None)

    async def post(self, path: str, content: object = None) -> Any:  # noqa: ANN401  JSON
        """Ask the node to do something; raises like :meth:`get`."""
        return await self._ask("POST", path, {} if content is None else content)

    async def put(self, path: str, content: object) -> Any:  # noqa: ANN401  JSON
        """Have the node keep something in the place of what was there; raises like :meth:`get`."""
        return await self._ask("PUT", path, content)

    async def delete(self, path: str) -> Any:  # noqa: ANN401  JSON
        """Ask the node to remove something; raises like :meth:`get`."""
        return await self._ask("DELETE", path, None)

    async def open_link(self, link: str) -> None:
        """Sign in by an invitation's one-time link; raises like :meth:`get`.

        Raises:
            SignInLinkUnknown: it is none of this node's.
        """
        code = parse_qs(urlsplit(link).query).get("code", [""])[0]
        if read_origin(link) != self.origin or not code:
            raise SignInLinkUnknown
        answer = await self._send("GET", httpx.URL("/sign-in", params={"code": code}), None)
        if answer.status_code != SEE_OTHER or not self._cookies:
            raise _refusal(answer) or SignInLinkUnknown()

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[ClientConnection]:
        """Open the desk's WebSocket.

        Raises:
            NodeUnreachable, NodeUntrusted: it cannot be opened.
        """
        scheme = "wss" if self.origin.scheme == "https" else "ws"
        address = f"{scheme}://{self.origin.text.partition('://')[2]}/api/desk"
        try:
            opened = await connect(
                address,
                ssl=self._trust,
                origin=OriginText(self.origin.text),
                user_agent_header=AGENT,
                additional_headers={"cookie": self.cookie_header()},
                open_timeout=ANSWER_S_MAX,
                ping_interval=PING_S,
                ping_timeout=PING_S,
                max_size=FRAME_BYTES_MAX,
                compression=None,
                proxy=None,
            )
        except ssl.SSLCertVerificationError as error:
            raise NodeUntrusted from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise NodeUnreachable(reason=_reason(error)) from error
        try:
            yield opened
        finally:
            await opened.close()

    async def _ask(self, method: str, path: str, content: object) -> Any:  # noqa: ANN401  JSON
        answer = await self._send(method, httpx.URL(path), content)
        if answer.status_code >= REFUSED_FROM:
            raise _refusal(answer) or NodeMalformed()
        if answer.is_redirect:
            raise NodeMalformed
        return _read(answer.content) if answer.content else None

    async def _send(self, method: str, url: httpx.URL, content: object) -> httpx.Response:
        headers = {"cookie": self.cookie_header()} if self._cookies else {}
        if method != "GET":
            headers["origin"] = self.origin.text
        body = None if content is None else json.dumps(content).encode()
        if body is not None:
            headers["content-type"] = "application/json"
        try:
            async with self._http.stream(method, url, content=body, headers=headers) as answer:
                await _read_bounded(answer)
        except httpx.HTTPError as error:
            if _is_untrusted(error):
                raise NodeUntrusted from error
            raise NodeUnreachable(reason=_reason(error)) from error
        self._keep_cookies(answer)
        return answer

    def cookie_header(self) -> str:
        """Return the cookies, as a request carries them."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _keep_cookies(self, answer: httpx.Response) -> None:
        """Keep cookies as a browser does that has one node alone: by name, until they end."""
        given = answer.headers.get_list("set-cookie")
        for each in given:
            for name, value in _cookies_in(each, self.origin).items():
                if value is None:
                    self._cookies.pop(name, None)
                elif name in self._cookies or len(self._cookies) < COOKIES_MAX:
                    self._cookies[name] = value
        if given and self._folder is not None:
            kept = {"origin": self.origin.text, "cookies": self._cookies}
            self._folder.keep_sign_in(json.dumps(kept).encode())


def trust_of(origin: Origin, folder: TerminalFolder) -> ssl.SSLContext | None:
    """Return which certificates a terminal believes: the pinned one alone, or the system's.

    Raises:
        NodeUntrusted: what was pinned is no certificate.
    """
    if origin.scheme != "https":
        return None
    pinned = folder.certificate()
    if pinned is None:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # A node's self-made certificate is no authority; it is the end of its own chain.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=pinned)
    except (ssl.SSLError, OSError) as error:
        raise NodeUntrusted from error
    return context


def shown_certificate(origin: Origin) -> str:
    """Return the certificate that a node shows, as PEM, believed by nobody yet.

    Raises:
        NodeUnreachable: it shows none.
    """
    try:
        return ssl.get_server_certificate((origin.host, origin.port or 443), timeout=ANSWER_S_MAX)
    except (OSError, ssl.SSLError, socket.timeout) as error:  # noqa: UP041  3.11 has both
        raise NodeUnreachable(reason=_reason(error)) from error


def _cookies_in(header: str, origin: Origin) -> Mapping[str, str | None]:
    """Return the cookies of one header; None for one that has ended. Others' rules are not ours."""
    try:
        parsed = SimpleCookie(header)
    except CookieError:
        return {}
    found: dict[str, str | None] = {}
    for name, each in parsed.items():
        is_host = name.startswith("__Host-")
        is_bound = bool(each["secure"]) and each["path"] == "/" and not each["domain"]
        if each["domain"] or (each["secure"] and origin.scheme != "https"):
            continue
        if is_host and not is_bound:
            continue
        found[name] = None if each["max-age"] == "0" or not each.value else each.value
    return found


def _kept_cookies(content: bytes, origin: Origin) -> dict[str, str]:
    """Return a sign-in that another program kept, if it is this node's."""
    try:
        kept = json.loads(content)
        if kept["origin"] != origin.text:
            return {}
        return {str(name): str(value) for name, value in kept["cookies"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


async def _read_bounded(answer: httpx.Response) -> None:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > ANSWER_BYTES_MAX:
            raise NodeMalformed
    answer._content = bytes(content)  # noqa: SLF001  what httpx's own aread() does, with a bound


def _read(content: bytes) -> Any:  # noqa: ANN401  JSON
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NodeMalformed from error


def _refusal(answer: httpx.Response) -> ParleyError | None:
    """Return the refusal in an answer, by its code; None if it names none."""
    try:
        said = _read(answer.content)
        code, params = str(said["code"]), dict(said["params"])
    except (NodeMalformed, KeyError, TypeError, ValueError):
        return None
    for kind in every_error():
        if kind.code == code:
            try:
                return kind(**params)
            except (TypeError, KeyError):
                break
    return NodeSaidNo(said=code[:80])


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _reason(error: BaseException) -> str:
    """Return what stood in the way, in a word that is safe to show."""
    return type(error).__name__
