"""What is said to a provider of sign-ins and what its answers are worth (OpenID Connect Core 1.0).

A party that has a place where its people sign in already may let it open the node's door too. The
browser is sent there and comes back with a *code*; the node changes the code for an *ID token*, in
which the provider says by its signature which *subject* it has just checked. What a subject means
here is for :mod:`parley.identity.subject` to say. This module has no I/O: it writes addresses and
forms, and reads documents, keys, answers and tokens; :mod:`parley.web.provider` fetches them.

How the way back is tied to the way there: one secret is made for the way and laid into the browser
as a cookie. *State* (that this browser was sent), *nonce* (that the token was made for this way)
and *verifier* (PKCE, RFC 7636: that whoever changes the code is who asked for it) all follow from
it, so nothing of it needs to be stored; a row under the secret's hash says that it was not used yet
and until when it counts.

What if it fails: whatever the provider sends that does not hold is a ``TheirError`` that names the
part; what shows that our settings do not fit is an ``OurError``. Nobody is signed in by halves.

Invariant: a token counts only by a signature with a key the provider publishes, by one of
:data:`ALGORITHMS`. No symmetric algorithm is among them, and never ``none``, so nobody who knows
the public keys or our own secret can make one.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet, RSAKey
from joserfc.jws import JWSRegistry
from whenever import Instant

from parley.errors import (
    ParleyError,
    ProviderFailed,
    ProviderMalformed,
    ProviderRefused,
    ProviderSettingsWrong,
    ProviderTokenRefused,
    SignInNotBegun,
)

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
"""How a token may be signed: with a private key, always."""
TOKEN_CHARACTERS_MAX: Final = 16_384
"""Longest token. One of a provider that puts a person's groups into it takes about 4,000."""
CODE_CHARACTERS_MAX: Final = 2_048
SUBJECT_CHARACTERS_MAX: Final = 255
"""OpenID Connect Core §2."""
TOKEN_AGE_S_MAX: Final = 600
"""Seconds since a token was made. It comes at once; more would let an old one count."""
INSTANT_S_END: Final = 2**53
"""Seconds since 1970 that are no instant any more; below, a float is exact."""
KEYS_MAX: Final = 64
RSA_BITS_MIN: Final = 2_048
_KEY_TYPES: Final = frozenset({"RSA", "EC", "OKP"})
_NOT_LET_IN: Final = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_grant",
        "login_required",
    }
)
_NOT_KNOWN: Final = frozenset(
    {
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
    }
)
_NOT_ABLE: Final = frozenset({"server_error", "temporarily_unavailable"})
_OK: Final = 200
_REFUSED: Final = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True, repr=False)
class ProviderWay:
    """One way to the provider and back; all of it follows from a secret only the browser keeps."""

    secret: str

    @property
    def state(self) -> str:
        """What the provider brings back (RFC 6749 §10.12)."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the token must hold (OpenID Connect Core §15.5.2)."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What shows that whoever changes the code asked for it (RFC 7636 §4.1)."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """The verifier's hash, which goes ahead (RFC 7636 §4.2)."""
        return _text(hashlib.sha256(self.verifier.encode("ascii")).digest())

    def _derived(self, label: str) -> str:
        key = self.secret.encode("utf-8", errors="surrogatepass")
        return _text(hmac.digest(key, f"parley provider {label}".encode("ascii"), "sha256"))


@dataclass(frozen=True, slots=True)
class ProviderDocument:
    """What a provider says of itself (OpenID Connect Discovery §3)."""

    issuer: str
    authorization: str
    """Where the browser is sent."""
    token: str
    """Where a code is changed for a token."""
    keys: str
    """Where its public keys are."""
    names_itself: bool
    """Whether it says its name on the way back (RFC 9207 §3)."""
    takes_basic: bool
    """Whether our secret goes into a header; if not, into the form."""


@dataclass(frozen=True, slots=True)
class TokenExpected:
    """What a token must say to count."""

    issuer: str
    audience: str
    """What the provider calls this node."""
    nonce: str
    skew_s: int
    """Seconds by which the provider's clock may differ."""
    login_age_s_max: int
    """Seconds since the provider checked the person; 0 for any."""


def document_address(issuer: str) -> str:
    """Return where a provider says what it is (OpenID Connect Discovery §4.1)."""
    return f"{issuer.removesuffix('/')}/.well-known/openid-configuration"


def read_document(content: bytes, issuer: str, *, may_be_plain: bool) -> ProviderDocument:
    """Read what a provider says of itself.

    Args:
        content: the bytes it answered with.
        issuer: who was asked.
        may_be_plain: whether plain http to this very machine will do.

    Raises:
        ProviderMalformed: it is none, or somebody else's.
    """
    claims = _object(content, "document")
    if claims.get("issuer") != issuer:
        raise ProviderMalformed(field="issuer")
    challenges = claims.get("code_challenge_methods_supported", ["S256"])
    if not isinstance(challenges, list) or "S256" not in challenges:
        raise ProviderMalformed(field="code_challenge_methods_supported")
    methods = claims.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(methods, list):
        raise ProviderMalformed(field="token_endpoint_auth_methods_supported")
    return ProviderDocument(
        issuer,
        _address(claims, "authorization_endpoint", may_be_plain=may_be_plain),
        _address(claims, "token_endpoint", may_be_plain=may_be_plain),
        _address(claims, "jwks_uri", may_be_plain=may_be_plain),
        claims.get("authorization_response_iss_parameter_supported") is True,
        "client_secret_basic" in methods or "client_secret_post" not in methods,
    )


def read_keys(content: bytes) -> KeySet:
    """Read a provider's public keys; those of unknown kinds and for other uses are left out.

    Raises:
        ProviderMalformed: there is none to check a token with.
    """
    listed = _object(content, "jwks").get("keys")
    if not isinstance(listed, list) or len(listed) > KEYS_MAX:
        raise ProviderMalformed(field="jwks")
    keys = [key for key in map(_key, listed) if key is not None]
    if not keys:
        raise ProviderMalformed(field="jwks")
    return KeySet(keys)


def authorization_address(
    document: ProviderDocument, way: ProviderWay, audience: str, redirect: str, login_age_s_max: int
) -> str:
    """Return where the browser is sent (OpenID Connect Core §3.1.2.1)."""
    asked = {
        "response_type": "code",
        "client_id": audience,
        "redirect_uri": redirect,
        "scope": "openid",
        "state": way.state,
        "nonce": way.nonce,
        "code_challenge": way.challenge,
        "code_challenge_method": "S256",
    }
    if login_age_s_max:
        asked["max_age"] = str(login_age_s_max)
    separator = "&" if urlsplit(document.authorization).query else "?"
    return f"{document.authorization}{separator}{urlencode(asked)}"


def read_return(query: Mapping[str, str], way: ProviderWay, document: ProviderDocument) -> str:
    """Return the code with which the browser came back.

    Raises:
        SignInNotBegun: this browser was not sent there on this way.
        ProviderMalformed: another provider answers, or there is no code.
        ProviderRefused: it did not let the person in.
        ProviderSettingsWrong: it does not know this node as the settings describe it.
        ProviderFailed: it could not.
    """
    if not hmac.compare_digest(_bytes(query.get("state", "")), way.state.encode("ascii")):
        raise SignInNotBegun
    named = query.get("iss")
    if (named is not None or document.names_itself) and named != document.issuer:
        raise ProviderMalformed(field="iss")
    if "error" in query:
        raise _refusal(query["error"])
    code = query.get("code", "")
    if not 0 < len(code) <= CODE_CHARACTERS_MAX:
        raise ProviderMalformed(field="code")
    return code


def token_form(way: ProviderWay, audience: str, redirect: str, code: str) -> dict[str, str]:
    """Return the form by which a code is changed for a token (RFC 6749 §4.1.3)."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "client_id": audience,
        "code_verifier": way.verifier,
    }


def read_token(status: int, content: bytes) -> str:
    """Return the ID token in a provider's answer; all else in it is not used.

    Raises:
        ProviderMalformed: there is none.
        ProviderRefused: the code does not count.
        ProviderSettingsWrong: it does not know this node as the settings describe it.
        ProviderFailed: it could not.
    """
    if status in _REFUSED:
        raise _refusal(_object(content, "token").get("error"))
    if status != _OK:
        raise ProviderFailed(reason=f"HTTP {status}")
    token = _object(content, "token").get("id_token")
    if not isinstance(token, str) or not 0 < len(token) <= TOKEN_CHARACTERS_MAX:
        raise ProviderMalformed(field="id_token")
    return token


def read_subject(token: str, keys: KeySet, expected: TokenExpected, now: Instant) -> str:
    """Return the subject a token vouches for, all of it checked (OpenID Connect Core §3.1.3.7).

    Raises:
        ProviderTokenRefused: it does not hold; ``kid`` when newer keys may know its signature.
    """
    claims = _signed_claims(token, keys)
    if claims.get("iss") != expected.issuer:
        raise ProviderTokenRefused(claim="iss")
    # An audience besides us is one we do not trust, so there is none but us.
    if claims.get("aud") not in (expected.audience, [expected.audience]):
        raise ProviderTokenRefused(claim="aud")
    if claims.get("azp", expected.audience) != expected.audience:
        raise ProviderTokenRefused(claim="azp")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(_bytes(nonce), _bytes(expected.nonce)):
        raise ProviderTokenRefused(claim="nonce")
    _check_times(claims, expected, now.timestamp())
    subject = claims.get("sub")
    if (
        not isinstance(subject, str)
        or not subject.isascii()
        or not subject.isprintable()
        or not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX
    ):
        raise ProviderTokenRefused(claim="sub")
    return subject


def _signed_claims(token: str, keys: KeySet) -> Mapping[str, object]:
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        read = jwt.decode(token, keys, registry=registry)
    except InvalidKeyIdError as error:
        raise ProviderTokenRefused(claim="kid") from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise ProviderTokenRefused(claim="signature") from error
    return cast("Mapping[str, object]", read.claims)


def _check_times(claims: Mapping[str, object], expected: TokenExpected, now_s: int) -> None:
    skew_s = expected.skew_s
    if now_s >= _number(claims, "exp") + skew_s:
        raise ProviderTokenRefused(claim="exp")
    made_s = _number(claims, "iat")
    if not now_s - TOKEN_AGE_S_MAX - skew_s <= made_s <= now_s + skew_s:
        raise ProviderTokenRefused(claim="iat")
    if "nbf" in claims and now_s + skew_s < _number(claims, "nbf"):
        raise ProviderTokenRefused(claim="nbf")
    if expected.login_age_s_max:
        age_s = now_s - _number(claims, "auth_time")
        if age_s > expected.login_age_s_max + skew_s:
            raise ProviderTokenRefused(claim="auth_time")


def _number(claims: Mapping[str, object], name: str) -> float:
    """Return an instant of a token; infinity is none, and NaN, which nothing compares with."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProviderTokenRefused(claim=name)
    if not 0 <= value < INSTANT_S_END:
        raise ProviderTokenRefused(claim=name)
    return value


def _refusal(reason: object) -> ParleyError:
    """Return a provider's refusal as ours: only words of the protocol are passed on.

    Raises:
        ProviderMalformed: it is no word.
    """
    if not isinstance(reason, str):
        raise ProviderMalformed(field="error")
    if reason in _NOT_LET_IN:
        return ProviderRefused(reason=reason)
    if reason in _NOT_KNOWN:
        return ProviderSettingsWrong(reason=reason)
    return ProviderFailed(reason=reason if reason in _NOT_ABLE else "another error")


def _key(listed: object) -> Key | None:
    """Return a key for checking signatures, or None for one that is for something else."""
    if not isinstance(listed, dict) or listed.get("kty") not in _KEY_TYPES:
        return None
    if listed.get("use", "sig") != "sig" or _is_short(listed):
        return None
    try:
        key = JWKRegistry.import_key(listed)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    is_short = isinstance(key, RSAKey) and key.raw_value.key_size < RSA_BITS_MIN
    return None if is_short else key


def _is_short(listed: Mapping[str, object]) -> bool:
    """Say whether an RSA key's modulus is too short even before it is read."""
    modulus = listed.get("n", "")
    is_rsa = listed.get("kty") == "RSA"
    return is_rsa and (not isinstance(modulus, str) or len(modulus) * 6 < RSA_BITS_MIN)


def _object(content: bytes, what: str) -> Mapping[str, object]:
    try:
        read: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ProviderMalformed(field=what) from error
    if not isinstance(read, dict):
        raise ProviderMalformed(field=what)
    return read


def _address(claims: Mapping[str, object], name: str, *, may_be_plain: bool) -> str:
    value = claims.get(name)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        host = "" if parts is None else parts.hostname or ""
        port_is_one = parts is None or parts.port != 0
    except ValueError as error:
        raise ProviderMalformed(field=name) from error
    is_near = may_be_plain and host in {"localhost", "127.0.0.1", "::1"}
    schemes = {"https", "http"} if is_near else {"https"}
    if parts is None or not host or parts.scheme not in schemes or not port_is_one:
        raise ProviderMalformed(field=name)
    if "@" in parts.netloc or parts.fragment:
        raise ProviderMalformed(field=name)
    return parts.geturl()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogatepass")
