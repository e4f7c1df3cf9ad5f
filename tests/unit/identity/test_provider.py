"""What a provider of sign-ins says: read, checked, refused by name."""

import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from parley.clock import FakeClock
from parley.errors import (
    ParleyError,
    ProviderFailed,
    ProviderMalformed,
    ProviderRefused,
    ProviderSettingsWrong,
    ProviderTokenRefused,
    SignInNotBegun,
)
from parley.identity.provider import (
    KEYS_MAX,
    TOKEN_CHARACTERS_MAX,
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
)
from parley.testing.authenticator import base64url
from parley.testing.provider import AUDIENCE, ISSUER, ProviderUnderTest, unsigned

WAY = ProviderWay("w" * 43)
CLOCK = FakeClock()
NOW = CLOCK.now().timestamp()
SKEW_S = 60
SAID = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}
DOCUMENT = ProviderDocument(
    ISSUER, f"{ISSUER}/authorize", f"{ISSUER}/token", f"{ISSUER}/keys", True, True
)
Bend = Callable[[ProviderUnderTest], str]


@pytest.fixture
def provider() -> ProviderUnderTest:
    """Give a test a provider."""
    return ProviderUnderTest(CLOCK)


def subject_of(provider: ProviderUnderTest, token: str, login_age_s_max: int = 0) -> str:
    """Read a token with the keys the provider publishes."""
    keys = read_keys(json.dumps({"keys": [provider.key.as_dict(private=False)]}).encode())
    expected = TokenExpected(ISSUER, AUDIENCE, WAY.nonce, SKEW_S, login_age_s_max)
    return read_subject(token, keys, expected, CLOCK.now())


@pytest.mark.parametrize(
    "key",
    [
        ECKey.generate_key("P-256", auto_kid=True),
        RSAKey.generate_key(2048, auto_kid=True),
        ECKey.generate_key("P-256"),
    ],
    ids=["ES256", "RS256", "without an id"],
)
def test_a_token_that_holds_names_its_subject(provider: ProviderUnderTest, key: ECKey) -> None:
    """By the key the provider publishes."""
    provider.key = key
    assert subject_of(provider, provider.token(sub="s-77", nonce=WAY.nonce)) == "s-77"


@pytest.mark.parametrize(
    ("claims", "claim"),
    [
        ({"iss": "https://login.elsewhere.example"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-node"}, "aud"),
        ({"aud": [AUDIENCE, "another-node"]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"azp": "another-node"}, "azp"),
        ({"nonce": "of another way"}, "nonce"),
        ({"nonce": "ü"}, "nonce"),
        ({"nonce": 7}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": NOW - SKEW_S}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": str(NOW + 300)}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"iat": NOW - 600 - SKEW_S - 1}, "iat"),
        ({"iat": NOW + SKEW_S + 1}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": NOW + SKEW_S + 1}, "nbf"),
        ({"nbf": []}, "nbf"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": "s\n1"}, "sub"),
        ({"sub": "\u0455-1"}, "sub"),
        ({"sub": 1}, "sub"),
        ({"sub": None}, "sub"),
    ],
)
def test_a_token_that_says_something_else_is_refused_by_the_claim(
    provider: ProviderUnderTest, claims: dict[str, Any], claim: str
) -> None:
    """The signature holds; what is signed does not."""
    token = provider.token(**{"nonce": WAY.nonce, **claims})
    with pytest.raises(ProviderTokenRefused) as refused:
        subject_of(provider, token)
    assert refused.value.params == {"claim": claim}


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [AUDIENCE]},
        {"azp": AUDIENCE},
        {"exp": NOW - SKEW_S + 1},
        {"exp": NOW + 300.5},
        {"iat": NOW + SKEW_S},
        {"iat": NOW - 600 - SKEW_S},
        {"nbf": NOW + SKEW_S},
        {"sub": "x" * 255},
    ],
)
def test_the_last_that_still_holds_is_taken(
    provider: ProviderUnderTest, claims: dict[str, Any]
) -> None:
    """Bounds are where they are said to be."""
    assert subject_of(provider, provider.token(**{"nonce": WAY.nonce, **claims}))


def test_who_was_checked_too_long_ago_is_refused_where_the_settings_say_so(
    provider: ProviderUnderTest,
) -> None:
    """The provider was told so, and must say when it checked."""
    token = provider.token(nonce=WAY.nonce, auth_time=NOW - 3_600 - SKEW_S)
    assert subject_of(provider, token, 3_600)
    for age in ({"auth_time": NOW - 3_601 - SKEW_S}, {}):
        with pytest.raises(ProviderTokenRefused, match="auth_time"):
            subject_of(provider, provider.token(nonce=WAY.nonce, **age), 3_600)


def _by_another_key(provider: ProviderUnderTest) -> str:
    provider.signs_with = ECKey.generate_key("P-256", {"kid": provider.key.kid or ""})
    return provider.token(nonce=WAY.nonce)


def _unsigned(_: ProviderUnderTest) -> str:
    return unsigned({"iss": ISSUER, "aud": AUDIENCE, "nonce": WAY.nonce, "sub": "s-1"})


def _by_the_public_key(provider: ProviderUnderTest) -> str:
    """Sign with what everybody knows, as if it were a shared secret (RFC 8725 §2.1)."""
    public = provider.key.public_key
    assert isinstance(public, EllipticCurvePublicKey)
    known = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    _, body, _ = provider.token(nonce=WAY.nonce).split(".")
    head = base64url(json.dumps({"alg": "HS256", "kid": provider.key.kid}).encode())
    signed = hmac.digest(known, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64url(signed)}"


def _by_a_key_it_brings(provider: ProviderUnderTest) -> str:
    """Bring the key along in the header (RFC 7515 §4.1.3)."""
    own = ECKey.generate_key("P-256")
    provider.signs_with = own
    provider.header = {"jwk": own.as_dict(private=False), "kid": provider.key.kid}
    return provider.token(nonce=WAY.nonce)


def _changed(provider: ProviderUnderTest) -> str:
    head, body, tail = provider.token(nonce=WAY.nonce).split(".")
    return f"{head}.{body[:-3]}AAA.{tail}"


@pytest.mark.parametrize(
    "bend", [_by_another_key, _unsigned, _by_the_public_key, _by_a_key_it_brings, _changed]
)
def test_a_token_whose_signature_does_not_hold_is_refused(
    provider: ProviderUnderTest, bend: Bend
) -> None:
    """Made by whoever knows all that is public."""
    with pytest.raises(ProviderTokenRefused):
        subject_of(provider, bend(provider))


def test_a_token_by_a_key_that_is_not_published_asks_for_newer_keys(
    provider: ProviderUnderTest,
) -> None:
    """The provider may have changed them."""
    other = ProviderUnderTest(CLOCK)
    with pytest.raises(ProviderTokenRefused) as refused:
        subject_of(provider, other.token(nonce=WAY.nonce))
    assert refused.value.params == {"claim": "kid"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "....",
        "e30.e30.",
        "bnVsbA.e30.AA",
        "ü.e30.AA",
        "W10.W10.W10",
        f"{'A' * 9_000}.e30.AA",
        "eyJhbGciOiJFUzI1NiIsImtpZCI6MX0.e30.AA",
        "eyJhbGciOlsiRVMyNTYiXX0.e30.AA",
    ],
)
def test_what_is_no_token_is_refused(provider: ProviderUnderTest, token: str) -> None:
    """Whatever bytes come."""
    with pytest.raises(ProviderTokenRefused):
        subject_of(provider, token)


def test_a_token_that_is_no_object_is_refused(provider: ProviderUnderTest) -> None:
    """Well signed, and still nothing."""
    header = {"alg": "ES256", "kid": provider.key.kid}
    for content in (b"[]", b"1", b"\xff", b"[" * 90_000):
        with pytest.raises(ProviderTokenRefused):
            subject_of(provider, jws.serialize_compact(header, content, provider.key))


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ([ECKey.generate_key("P-256").as_dict(private=False)], 1),
        ([OKPKey.generate_key("Ed25519").as_dict(private=False), {"kty": "PQ"}, 7], 1),
        ([{**RSAKey.generate_key(2048).as_dict(private=False), "use": "sig"}] * 3, 3),
    ],
)
def test_keys_of_unknown_kinds_are_left_out(keys: list[Any], count: int) -> None:
    """RFC 7517 §5."""
    assert len(read_keys(json.dumps({"keys": keys}).encode()).keys) == count


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b"{}",
        b'{"keys": 7}',
        b'{"keys": []}',
        json.dumps({"keys": [OctKey.generate_key(256).as_dict()]}).encode(),
        json.dumps({"keys": [{"kty": "RSA", "n": "AQAB" * 32, "e": "AQAB"}]}).encode(),
        json.dumps({"keys": [{"kty": "RSA", "n": 7, "e": "AQAB"}]}).encode(),
        json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}).encode(),
        json.dumps({"keys": [{"kty": "EC"}]}).encode(),
        json.dumps(
            {"keys": [{**ECKey.generate_key("P-256").as_dict(private=False), "use": "enc"}]}
        ).encode(),
        json.dumps({"keys": [{"kty": "PQ"}] * (KEYS_MAX + 1)}).encode(),
    ],
)
def test_without_a_key_to_check_by_the_provider_is_refused(content: bytes) -> None:
    """Symmetric, short and broken keys are none."""
    with pytest.raises(ProviderMalformed) as refused:
        read_keys(content)
    assert refused.value.params == {"field": "jwks"}


def test_a_document_says_where_to_go() -> None:
    """And how the secret is shown."""
    content = json.dumps({**SAID, "authorization_response_iss_parameter_supported": True})
    assert read_document(content.encode(), ISSUER, may_be_plain=False) == DOCUMENT
    posted = {**SAID, "token_endpoint_auth_methods_supported": ["client_secret_post"]}
    read = read_document(json.dumps(posted).encode(), ISSUER, may_be_plain=False)
    assert (read.takes_basic, read.names_itself) == (False, False)
    assert document_address(ISSUER + "/") == f"{ISSUER}/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"issuer": "https://elsewhere.example"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"token_endpoint": "http://login.harbour.example/token"}, "token_endpoint"),
        ({"token_endpoint": "http://localhost/token"}, "token_endpoint"),
        ({"token_endpoint": "https://a:b@login.harbour.example/token"}, "token_endpoint"),
        ({"token_endpoint": "https://"}, "token_endpoint"),
        ({"token_endpoint": "https://x:99999/"}, "token_endpoint"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"jwks_uri": ["https://a.example"]}, "jwks_uri"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
        ({"authorization_endpoint": "https://a.example/#x"}, "authorization_endpoint"),
        ({"code_challenge_methods_supported": ["plain"]}, "code_challenge_methods_supported"),
        ({"code_challenge_methods_supported": 7}, "code_challenge_methods_supported"),
        (
            {"token_endpoint_auth_methods_supported": "none"},
            "token_endpoint_auth_methods_supported",
        ),
    ],
)
def test_a_document_that_does_not_hold_is_refused_by_the_field(
    said: dict[str, Any], field: str
) -> None:
    """Another's, or one that leads into the open."""
    with pytest.raises(ProviderMalformed) as refused:
        read_document(json.dumps({**SAID, **said}).encode(), ISSUER, may_be_plain=False)
    assert refused.value.params == {"field": field}


def test_plain_http_will_do_on_this_machine_alone_and_only_where_it_may() -> None:
    """For a node that is tried out."""
    said = {**SAID, "token_endpoint": "http://127.0.0.1:9/token"}
    content = json.dumps(said).encode()
    assert read_document(content, ISSUER, may_be_plain=True).token == "http://127.0.0.1:9/token"
    with pytest.raises(ProviderMalformed):
        read_document(content, ISSUER, may_be_plain=False)


def test_the_way_there_holds_hashes_of_what_stays_here() -> None:
    """State, nonce and challenge; neither the secret nor the verifier."""
    address = authorization_address(DOCUMENT, WAY, AUDIENCE, "https://node.example/back", 60)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query == {
        "response_type": "code",
        "client_id": AUDIENCE,
        "redirect_uri": "https://node.example/back",
        "scope": "openid",
        "state": WAY.state,
        "nonce": WAY.nonce,
        "code_challenge": WAY.challenge,
        "code_challenge_method": "S256",
        "max_age": "60",
    }
    assert WAY.secret not in address
    assert WAY.verifier not in address
    assert len({WAY.state, WAY.nonce, WAY.verifier, WAY.challenge, WAY.secret}) == 5
    assert WAY.secret not in repr(WAY)


def test_an_address_that_has_a_query_keeps_it() -> None:
    """RFC 6749 §3.1."""
    document = ProviderDocument(ISSUER, f"{ISSUER}/a?realm=x", "", "", False, True)
    address = authorization_address(document, WAY, AUDIENCE, "https://node.example/back", 0)
    assert address.startswith(f"{ISSUER}/a?realm=x&response_type=code")
    assert "max_age" not in address


BACK = {"state": WAY.state, "iss": ISSUER, "code": "c"}


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"state": "another"}, SignInNotBegun),
        ({"state": "ü\ud800"}, SignInNotBegun),
        ({"state": ""}, SignInNotBegun),
        ({"iss": "https://elsewhere.example"}, ProviderMalformed),
        ({"iss": None}, ProviderMalformed),
        ({"code": ""}, ProviderMalformed),
        ({"code": "c" * 2_049}, ProviderMalformed),
        ({"error": "access_denied"}, ProviderRefused),
        ({"error": "unauthorized_client"}, ProviderSettingsWrong),
        ({"error": "server_error"}, ProviderFailed),
        ({"error": "<script>"}, ProviderFailed),
    ],
)
def test_a_way_back_that_does_not_fit_is_refused(
    query: dict[str, str | None], refusal: type[ParleyError]
) -> None:
    """Mixed up, forged, or with the provider's own refusal."""
    back = {name: value for name, value in {**BACK, **query}.items() if value is not None}
    with pytest.raises(refusal) as refused:
        read_return(back, WAY, DOCUMENT)
    assert "<script>" not in str(refused.value)


def test_a_way_back_brings_the_code() -> None:
    """From the provider this browser was sent to."""
    assert read_return(BACK, WAY, DOCUMENT) == "c"


@pytest.mark.parametrize(
    ("status", "content", "refusal"),
    [
        (200, b"{}", ProviderMalformed),
        (200, b"", ProviderMalformed),
        (200, b'{"id_token": 7}', ProviderMalformed),
        (200, b'{"id_token": ""}', ProviderMalformed),
        (200, b'{"id_token": "%s"}' % (b"x" * (TOKEN_CHARACTERS_MAX + 1)), ProviderMalformed),
        (400, b'{"error": "invalid_grant"}', ProviderRefused),
        (401, b'{"error": "invalid_client"}', ProviderSettingsWrong),
        (400, b'{"error": ["invalid_client"]}', ProviderMalformed),
        (400, b"no", ProviderMalformed),
        (302, b"", ProviderFailed),
        (500, b'{"error": "invalid_client"}', ProviderFailed),
    ],
)
def test_an_answer_without_a_token_is_refused_by_whose_fault_it_is(
    status: int, content: bytes, refusal: type[ParleyError]
) -> None:
    """Ours to mend, or theirs."""
    with pytest.raises(refusal):
        read_token(status, content)
