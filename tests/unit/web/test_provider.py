"""Signing in by the party's own provider, over HTTP: who gets in, and who does not."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.config import Settings
from parley.errors import (
    ParleyError,
    PersonRevoked,
    ProviderFailed,
    ProviderMalformed,
    ProviderMissing,
    ProviderRefused,
    ProviderSettingsWrong,
    ProviderTokenRefused,
    RequestMalformed,
    SecretExposed,
    SettingsBadValue,
    SettingsUnreadable,
    SignInNotBegun,
    SubjectTaken,
    SubjectUnknown,
)
from parley.identity.subject import WAY_S
from parley.testing.authenticator import Authenticator
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.provider import AUDIENCE, ISSUER, SECRET, ProviderUnderTest
from parley.web.provider import ANSWER_BYTES_MAX, KEPT_S, Provider

SUBJECT = "3f0c71c2-5d0f"
BEGIN = "/api/sign-in/provider/begin"


@pytest.fixture
async def desk(nodes: Nodes, tmp_path: Path) -> NodeUnderTest:
    """Give a test a node that has a provider, and Ingrid, who is tied to it."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    chosen = {"issuer": ISSUER, "client_id": AUDIENCE, "client_secret_file": str(secret)}
    tables: Any = {"sign_in.oidc": {**chosen, "name": "Harbour login"}}
    made = await nodes.add("Harbour", **tables)
    await made.person("Ingrid")
    await made.node.operations.person_tie("Ingrid", SUBJECT)
    return made


@pytest.fixture
def provider(desk: NodeUnderTest) -> ProviderUnderTest:
    """Give a test the provider that the node speaks to."""
    made = ProviderUnderTest(desk.clock)
    own = desk.node.parts.provider
    assert own is not None
    own.transport = made
    return made


@pytest.fixture
def visitor(desk: NodeUnderTest) -> Browser:
    """Give a test a browser in which nobody is signed in."""
    return desk.stranger()


async def go(browser: Browser) -> str:
    """Begin a way to the provider and return where the browser is sent."""
    begun = await browser.post(BEGIN)
    assert begun.status == 200, begun.body
    return str(begun.json["address"])


async def come_back(
    browser: Browser, provider: ProviderUnderTest, subject: str = SUBJECT, **changes: str
) -> Answer:
    """Go to the provider, be checked as a subject, and come back."""
    back = provider.send_back(await go(browser), subject, **changes)
    return await browser.get(back.removeprefix(browser.origin))


def refusal(answer: Answer) -> str:
    """Return why a browser that came back was not let in."""
    found = re.fullmatch(r"/\?refused=(.+)", answer.headers["location"])
    return found[1] if found else ""


async def test_whom_the_provider_knows_and_the_operator_tied_is_signed_in(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """As the person who is here, with their roles and nothing more; no step-up."""
    assert (await visitor.get("/api/sign-in")).json == {"provider": "Harbour login"}
    answer = await come_back(visitor, provider)

    assert (answer.status, answer.headers["location"]) == (303, "/")
    seen = (await visitor.get("/api/self")).json
    assert seen["person"]["name"] == "Ingrid"
    assert seen["signed_in_by"] == "oidc"
    assert seen["roles"] == ["member"]
    assert seen["stepped_up_until"] is None
    assert len(visitor.cookies) == 1


async def test_a_token_stays_with_the_node(
    provider: ProviderUnderTest, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser carries the code; the token goes from provider to node, and nowhere after."""
    made: list[str] = []
    make = provider.token

    def kept(**claims: Any) -> str:  # noqa: ANN401  JSON
        made.append(make(**claims))
        return made[-1]

    monkeypatch.setattr(provider, "token", kept)
    answer = await come_back(visitor, provider)
    (token,) = made
    seen = [answer, await visitor.get("/api/self"), await visitor.get("/")]
    told = "".join([each.body.decode() + str(dict(each.headers)) for each in seen])
    assert all(part not in told for part in (token, token.rpartition(".")[2], "not used"))
    assert token not in str(dict(visitor.cookies))


async def test_a_node_without_a_provider_offers_none(
    near: NodeUnderTest, stranger: Browser
) -> None:
    """Passkeys and links as ever."""
    assert (await stranger.get("/api/sign-in")).json == {"provider": None}
    assert (await stranger.post(BEGIN)).code == ProviderMissing.code
    assert refusal(await stranger.get("/sign-in/provider?state=s")) == ProviderMissing.code
    with pytest.raises(ProviderMissing):
        await near.node.operations.person_tie("Ingrid", SUBJECT)


async def test_a_subject_nobody_tied_gets_nobody_in_and_stands_in_the_trail(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """The provider makes nobody; the operator reads there whom to tie."""
    assert refusal(await come_back(visitor, provider, "s-new")) == SubjectUnknown.code
    assert (await visitor.get("/api/self")).status == 401
    newest = (await desk.node.operations.trail_list())["rows"][0]
    assert (newest["act"], newest["asker"], newest["outcome"], newest["words"]) == (
        "sign_in.provider",
        "node",
        SubjectUnknown.code,
        "s-new",
    )
    people = (await desk.node.operations.person_list())["people"]
    assert [each["subject"] for each in people] == [SUBJECT]


async def test_who_has_no_rights_any_more_is_not_let_in(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """Whatever the provider says."""
    await desk.node.operations.person_revoke("Ingrid")
    assert refusal(await come_back(visitor, provider)) == PersonRevoked.code


async def test_who_is_untied_is_out_at_once(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """What the provider began ends; what a link began goes on."""
    linked = await desk.browser("Ingrid")
    await come_back(visitor, provider)
    await desk.node.operations.person_untie("Ingrid")

    assert (await visitor.get("/api/self")).status == 401
    assert (await linked.get("/api/self")).status == 200
    assert refusal(await come_back(visitor, provider)) == SubjectUnknown.code


async def test_a_subject_means_one_person_and_a_person_has_one(desk: NodeUnderTest) -> None:
    """Nobody takes another's by a slip."""
    operations = desk.node.operations
    await desk.person("Maria")
    with pytest.raises(SubjectTaken):
        await operations.person_tie("Maria", SUBJECT)
    for wrong in ("", "x" * 256, "s\n1", "ü"):
        with pytest.raises(RequestMalformed):
            await operations.person_tie("Maria", wrong)
    await operations.person_tie("Ingrid", SUBJECT)
    await operations.person_tie("Ingrid", "s-2")
    await operations.person_tie("Maria", SUBJECT)
    people = (await operations.person_list())["people"]
    assert {each["person"]["name"]: each["subject"] for each in people} == {
        "Ingrid": "s-2",
        "Maria": SUBJECT,
    }


async def test_who_came_by_the_provider_adds_no_passkey(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """So a provider that was taken over signs nothing that binds; whoever has a passkey may."""
    await come_back(visitor, provider)
    assert (await visitor.post("/api/passkeys/begin")).code == "permission.step_up_needed"

    linked, key = await desk.browser("Ingrid"), Authenticator("http://localhost:7480", "es256")
    begun = await linked.post("/api/passkeys/begin")
    made = key.create(begun.json["options"])
    await linked.post("/api/passkeys/finish", {"credential": made, "name": "Key"})
    places = {
        each["kind"]: f"/api/devices/{each['id']}"
        for each in (await visitor.get("/api/devices")).json["devices"]
        if not each["is_this"]
    }
    kept = await visitor.request("DELETE", places["passkey"])
    assert kept.code == "permission.step_up_needed"
    assert (await visitor.request("DELETE", places["browser"])).status == 204
    begun = await visitor.post("/api/step-up/begin")
    used = key.get(begun.json["options"])
    assert (await visitor.post("/api/step-up/finish", {"credential": used})).status == 200
    assert (await visitor.post("/api/passkeys/begin")).status == 200


async def test_a_way_back_counts_in_its_own_browser_once_and_in_time(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser, nodes: Nodes
) -> None:
    """Neither in another's (a forced sign-in), nor twice, nor late."""
    other = desk.stranger()
    theirs = provider.send_back(await go(other), SUBJECT).removeprefix(other.origin)
    assert refusal(await visitor.get(theirs)) == SignInNotBegun.code
    await go(visitor)
    assert refusal(await visitor.get(theirs)) == SignInNotBegun.code

    cookies = dict(other.cookies)
    assert refusal(await other.get(theirs)) == ""
    other.cookies.update(cookies)
    assert refusal(await other.get(theirs)) == SignInNotBegun.code

    late = provider.send_back(await go(visitor), SUBJECT).removeprefix(visitor.origin)
    nodes.clock.advance(WAY_S)
    assert refusal(await visitor.get(late)) == SignInNotBegun.code


async def test_a_challenge_for_a_passkey_is_no_way_to_the_provider(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """Each row serves one purpose."""
    await visitor.post("/api/sign-in/passkey/begin")
    name = f"parley_{desk.party.text[:8]}_way"
    visitor.cookies[name] = "x" * 43
    assert refusal(await visitor.get("/sign-in/provider?code=c&state=s")) == SignInNotBegun.code


async def test_only_a_page_of_the_node_sends_a_browser_to_the_provider(
    desk: NodeUnderTest, provider: ProviderUnderTest, visitor: Browser
) -> None:
    """A page of elsewhere cannot begin a sign-in."""
    sent = {"origin": "https://elsewhere.example"}
    assert (await visitor.request("POST", BEGIN, headers=sent)).code == "web.origin_refused"
    assert (await visitor.get(BEGIN)).status in {404, 405}
    assert provider.asked == []


async def test_the_browser_is_sent_back_to_where_it_came_from(
    desk: NodeUnderTest, provider: ProviderUnderTest
) -> None:
    """One of the node's own addresses, never what a page says."""
    near = Browser(desk.node.app, "http://localhost:7480")
    back = provider.send_back(await go(near), SUBJECT)
    assert back.startswith("http://localhost:7480/sign-in/provider?")
    assert (await near.get(back.removeprefix(near.origin))).headers["location"] == "/"


async def test_changed_keys_are_looked_for_once(
    provider: ProviderUnderTest, visitor: Browser
) -> None:
    """A provider changes its keys whenever it likes."""
    await come_back(visitor, provider)
    provider.change_keys()
    provider.asked.clear()
    assert refusal(await come_back(visitor, provider)) == ""
    assert provider.asked == ["token", "keys"]

    provider.signs_with = ProviderUnderTest(provider.clock).key
    provider.asked.clear()
    assert refusal(await come_back(visitor, provider)) == ProviderTokenRefused.code
    assert provider.asked == ["token", "keys"]


async def test_document_and_keys_are_asked_for_again_after_an_hour(
    provider: ProviderUnderTest, visitor: Browser, nodes: Nodes
) -> None:
    """Until then they are kept."""
    await come_back(visitor, provider)
    await come_back(visitor, provider)
    assert provider.asked == ["openid-configuration", "token", "keys", "token"]
    nodes.clock.advance(KEPT_S)
    provider.asked.clear()
    await come_back(visitor, provider)
    assert provider.asked == ["openid-configuration", "token", "keys"]


async def test_the_secret_goes_where_the_provider_takes_it(
    provider: ProviderUnderTest, visitor: Browser
) -> None:
    """Into a header, or into the form."""
    provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert refusal(await come_back(visitor, provider)) == ""


@pytest.mark.parametrize(
    ("claims", "refused"),
    [({"aud": "another"}, ProviderTokenRefused), ({"nonce": "x"}, ProviderTokenRefused)],
)
async def test_a_token_that_does_not_hold_gets_nobody_in_and_stands_in_the_trail(
    desk: NodeUnderTest,
    provider: ProviderUnderTest,
    visitor: Browser,
    claims: dict[str, str],
    refused: type[ParleyError],
) -> None:
    """By the claim."""
    provider.claims = claims
    assert refusal(await come_back(visitor, provider)) == refused.code
    newest = (await desk.node.operations.trail_list())["rows"][0]
    assert (newest["outcome"], newest["words"]) == (refused.code, next(iter(claims)))


BIG = b" " * (ANSWER_BYTES_MAX + 1)


@pytest.mark.parametrize(
    ("at", "answer", "refused"),
    [
        ("openid-configuration", httpx.ConnectError("no"), ProviderFailed),
        ("openid-configuration", httpx.ReadTimeout("no"), ProviderFailed),
        ("openid-configuration", httpx.Response(200, content=b"no"), ProviderMalformed),
        ("openid-configuration", httpx.Response(200, content=BIG), ProviderFailed),
        ("openid-configuration", httpx.Response(404), ProviderFailed),
        (
            "openid-configuration",
            httpx.Response(302, headers={"location": f"{ISSUER}/keys"}),
            ProviderFailed,
        ),
        ("token", httpx.RemoteProtocolError("no"), ProviderFailed),
        ("token", httpx.Response(401, json={"error": "invalid_client"}), ProviderSettingsWrong),
        ("token", httpx.Response(400, json={"error": "invalid_grant"}), ProviderRefused),
        ("token", httpx.Response(200, content=BIG), ProviderFailed),
        ("keys", httpx.Response(200, json={"keys": []}), ProviderMalformed),
        ("keys", httpx.Response(503), ProviderFailed),
    ],
)
async def test_a_provider_that_fails_lets_nobody_in_and_says_why(
    provider: ProviderUnderTest,
    visitor: Browser,
    at: str,
    answer: httpx.Response | Exception,
    refused: type[ParleyError],
) -> None:
    """Silent, broken, too large, leading elsewhere; the fault decides the kind."""
    provider.answers[at] = answer
    if at == "openid-configuration":
        begun = await visitor.post(BEGIN)
        assert (begun.status, begun.code) == (502, refused.code)
        return
    assert refusal(await come_back(visitor, provider)) == refused.code
    assert (await visitor.get("/api/self")).status == 401


async def test_a_person_who_turns_back_at_the_provider_reads_so(
    provider: ProviderUnderTest, visitor: Browser
) -> None:
    """The provider's own refusal, in words of the protocol alone."""
    answer = await come_back(visitor, provider, code="", error="access_denied")
    assert refusal(answer) == ProviderRefused.code
    assert not visitor.cookies


async def test_tries_are_counted_as_all_ways_in_are(
    provider: ProviderUnderTest, visitor: Browser
) -> None:
    """Twenty a minute."""
    tries = [(await visitor.get("/sign-in/provider?state=x")).status for _ in range(21)]
    assert tries[-1] == 429


def settings_with(folder: Path, **chosen: str) -> Settings:
    """Return settings that name a provider."""
    lines = [f'{name} = "{value}"' for name, value in chosen.items()]
    text = "\n".join(['[party]\nname = "Harbour"', "[sign_in.oidc]", *lines])
    return Settings.parse(folder, text)


def test_a_secret_others_can_read_stops_the_start(nodes: Nodes, tmp_path: Path) -> None:
    """As every file with a secret does."""
    secret = tmp_path / "secret"
    chosen = {"issuer": ISSUER, "client_id": AUDIENCE, "client_secret_file": str(secret)}
    with pytest.raises(SettingsUnreadable):
        Provider.of(settings_with(tmp_path, **chosen), nodes.clock, may_be_plain=False)
    secret.write_text(SECRET)
    secret.chmod(0o644)
    with pytest.raises(SecretExposed):
        Provider.of(settings_with(tmp_path, **chosen), nodes.clock, may_be_plain=False)


def test_certificates_that_are_none_stop_the_start(nodes: Nodes, tmp_path: Path) -> None:
    """The key is named."""
    chosen = {"issuer": ISSUER, "client_id": AUDIENCE, "authorities": "party.pem"}
    (tmp_path / "party.pem").write_text("no certificate")
    with pytest.raises(SettingsBadValue, match="authorities"):
        Provider.of(settings_with(tmp_path, **chosen), nodes.clock, may_be_plain=False)


async def test_a_node_reached_by_https_never_asks_in_the_open(nodes: Nodes, tmp_path: Path) -> None:
    """Not even its own machine."""
    near = settings_with(tmp_path, issuer="http://127.0.0.1:9", client_id=AUDIENCE)
    provider = Provider(near, nodes.clock, may_be_plain=False)
    provider.transport = made = ProviderUnderTest(nodes.clock)
    with pytest.raises(ProviderFailed, match="https"):
        await provider._read_document()
    assert made.asked == []
