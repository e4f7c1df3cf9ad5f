"""A provider of sign-ins in the same process: what it answers is made by the protocol's rules.

It stands where the network would be (:attr:`parley.web.provider.Provider.transport`), checks what
the node sends it (PKCE, the code, the secret), and signs tokens with real keys. A test bends one
thing of it at a time. The end-to-end tests have a provider that others wrote.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from typing_extensions import override

from parley.clock import Clock

ISSUER: Final = "https://login.harbour.example/realm"
AUDIENCE: Final = "parley-node"
SECRET: Final = "a secret: of the provider's"  # noqa: S105  an example


@dataclass
class ProviderUnderTest(httpx.AsyncBaseTransport):
    """One provider, and what a test bends of it."""

    clock: Clock
    document: dict[str, Any] = field(default_factory=dict)
    """What it says of itself besides, or instead."""
    claims: dict[str, Any] = field(default_factory=dict)
    """What its tokens say besides, or instead; None leaves a claim out."""
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, httpx.Response | Exception] = field(default_factory=dict)
    """What it answers instead, by the last word of the address."""
    asked: list[str] = field(default_factory=list)
    """The last words of the addresses it was asked at."""
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    signs_with: Key | None = None
    """Another key than the one it publishes."""
    _codes: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def send_back(self, address: str, subject: str, **changes: str) -> str:
        """Check somebody at the address a browser was sent to; return where it goes back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**query, "subject": subject}
        back = {"code": code, "state": query["state"], "iss": ISSUER, **changes}
        kept = {name: value for name, value in back.items() if value}
        return f"{query['redirect_uri']}?{urlencode(kept)}"

    def change_keys(self) -> None:
        """Sign with a new key from now on; the old one is published no more."""
        self.key = RSAKey.generate_key(2048, auto_kid=True)

    @override
    async def handle_async_request(  # glossary: httpx names it so
        self, request: httpx.Request
    ) -> httpx.Response:
        answer = self._answer(request)
        # As the network gives it: nothing of it read yet.
        stream = httpx.ByteStream(answer.content)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.rpartition("/")[2]
        self.asked.append(what)
        bent = self.answers.get(what)
        if isinstance(bent, Exception):
            raise bent
        if bent is not None:
            return bent
        if what == "token":
            return self._change(request)
        content = {"openid-configuration": self._said(), "keys": {"keys": [self._public()]}}[what]
        return httpx.Response(200, json=content)

    def token(self, **claims: Any) -> str:  # noqa: ANN401  JSON
        """Return a token as it makes them, with some claims changed; None leaves one out."""
        key = self.signs_with or self.key
        now = self.clock.now().timestamp()
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": now + 300,
            "iat": now,
            "sub": "s-1",
            **self.claims,
            **claims,
        }
        named = {} if key.kid is None else {"kid": key.kid}
        header = {"alg": algorithm_of(key), **named, **self.header}
        registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(header, kept, key, registry=registry)

    def _said(self) -> dict[str, Any]:
        said = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            **self.document,
        }
        return {name: value for name, value in said.items() if value is not None}

    def _public(self) -> Mapping[str, Any]:
        return self.key.as_dict(private=False)

    def _change(self, request: httpx.Request) -> httpx.Response:
        """Change a code for a token, once, for whoever shows verifier and secret."""
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if not self._is_known(request, form):
            return httpx.Response(401, json={"error": "invalid_client"})
        query = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_theirs = query is not None and (
            query["code_challenge"] == challenge and query["redirect_uri"] == form["redirect_uri"]
        )
        if query is None or not is_theirs:
            return httpx.Response(400, json={"error": "invalid_grant"})
        token = self.token(**{"sub": query["subject"], "nonce": query["nonce"], **self.claims})
        return httpx.Response(200, json={"id_token": token, "access_token": "not used"})

    def _is_known(self, request: httpx.Request, form: Mapping[str, str]) -> bool:
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (AUDIENCE, SECRET)
        kind, _, pair = request.headers.get("authorization", "").partition(" ")
        name, _, secret = base64.b64decode(pair).decode().partition(":")
        return (kind, unquote_plus(name), unquote_plus(secret)) == ("Basic", AUDIENCE, SECRET)


def algorithm_of(key: Key) -> str:
    """Return how a key signs."""
    if isinstance(key, OctKey):
        return "HS256"
    return "ES256" if isinstance(key, ECKey) else "RS256"


def unsigned(claims: Mapping[str, object]) -> str:
    """Return a token that nobody signed (RFC 7519 §6)."""
    parts = (json.dumps({"alg": "none"}), json.dumps(claims))
    written = (base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)
    return ".".join(written) + "."
