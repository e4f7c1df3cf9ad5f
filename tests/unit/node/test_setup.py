"""Making a node's folder, and examining it."""

import json
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from whenever import Instant

from parley.clock import Clock, FakeClock, SystemClock
from parley.config import FILE_NAME, Settings
from parley.errors import InsecureListening, SettingsBadValue, SettingsExist
from parley.identity.keys import PartyKey
from parley.node import doctor as doctor_module
from parley.node.doctor import Doctor, Finding, as_json
from parley.node.setup import Choices, make, rewrite
from parley.web.provider import Provider
from parley.web.serving import check_listening, first_origin, origins

CHOICES = Choices("Harbour", ("en", "ru"), "Europe/Helsinki", line_advertise="a.example:7400")


def test_a_made_folder_holds_a_whole_node(tmp_path: Path) -> None:
    """Settings, key and database, each for its owner alone."""
    settings = make(tmp_path / "n", CHOICES)

    assert Settings.load(tmp_path / "n") == settings
    assert settings.party.languages == ("en", "ru")
    assert settings.line.path[0].advertise == "a.example:7400"
    PartyKey.load(tmp_path / "n" / "party.key")
    for file in (FILE_NAME, "party.key", "parley.db"):
        assert (tmp_path / "n" / file).stat().st_mode & 0o077 == 0
    assert not (tmp_path / "n" / "web-key.pem").exists()


def test_a_node_is_never_made_over_another(tmp_path: Path) -> None:
    """Its key is its identity."""
    make(tmp_path, CHOICES)
    before = (tmp_path / "party.key").read_bytes()

    with pytest.raises(SettingsExist):
        make(tmp_path, CHOICES)
    assert (tmp_path / "party.key").read_bytes() == before


def test_a_choice_that_is_not_allowed_makes_nothing(tmp_path: Path) -> None:
    """Not half a node."""
    with pytest.raises(SettingsBadValue):
        make(tmp_path / "n", Choices("", web="127.0.0.1:7480"))
    assert not (tmp_path / "n").exists()


def test_rewriting_keeps_the_key(tmp_path: Path) -> None:
    """Other ports, same party."""
    make(tmp_path, CHOICES)
    before = (tmp_path / "party.key").read_bytes()

    settings = rewrite(tmp_path, Choices("Harbour", web="127.0.0.1:7555"))

    assert settings.web.listen == "127.0.0.1:7555"
    assert Settings.load(tmp_path) == settings
    assert (tmp_path / "party.key").read_bytes() == before
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_listening_beyond_the_loopback_makes_a_certificate(tmp_path: Path) -> None:
    """For the address, valid for a year and no longer than browsers take."""
    settings = make(tmp_path, Choices("Harbour", web="192.0.2.1:7480"))

    check_listening(settings)
    pem = (tmp_path / "web-certificate.pem").read_bytes()
    certificate = x509.load_pem_x509_certificate(pem)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.1"]
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= 398
    assert (tmp_path / "web-key.pem").stat().st_mode & 0o077 == 0
    assert first_origin(settings) == "https://192.0.2.1:7480"


def test_plain_http_beyond_the_loopback_is_refused() -> None:
    """Sign-ins would cross the network in the clear."""
    text = '[party]\nname = "x"\n[web]\nlisten = "0.0.0.0:7480"\n'
    with pytest.raises(InsecureListening):
        check_listening(Settings.parse(Path("/x"), text))


@pytest.mark.parametrize(
    ("web", "expected"),
    [
        ('listen = "127.0.0.1:7480"', {"http://127.0.0.1:7480", "http://localhost:7480"}),
        ('listen = "[::1]:7480"', {"http://[::1]:7480", "http://localhost:7480"}),
        ('origins = ["https://parley.example"]', {"https://parley.example"}),
    ],
)
def test_origins_are_what_browsers_open(web: str, expected: set[str]) -> None:
    """Declared, or the listening address itself."""
    settings = Settings.parse(Path("/x"), f'[party]\nname = "x"\n[web]\n{web}\n')

    assert origins(settings) == expected
    assert first_origin(settings) in expected


def found(folder: Path, clock: FakeClock | None = None) -> dict[str, Finding]:
    """Return what the doctor finds, by what was looked at."""
    return {each.what: each for each in Doctor(folder, clock or SystemClock()).examine()}


def test_a_fresh_node_is_well_apart_from_not_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every finding has a state, and what is not good has a remedy."""
    monkeypatch.setattr(Doctor, "_port", lambda *_: Finding("port", "good", "free"))
    make(tmp_path, CHOICES)

    findings = found(tmp_path)

    assert findings["settings"].state == "good"
    assert findings["party key"].state == "good"
    assert findings["database"].state == "good"
    assert findings["node"].state == "warning"
    for finding in findings.values():
        assert finding.state == "good" or finding.mend


def test_the_provider_of_sign_ins_is_asked_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a sign-in would ask; a party that has none hears nothing of it."""
    monkeypatch.setattr(Doctor, "_port", lambda *_: Finding("port", "good", "free"))
    make(tmp_path, CHOICES)
    assert "provider of sign-ins" not in found(tmp_path)

    def answer(request: httpx.Request) -> httpx.Response:
        issuer = "https://login.velmar.example"
        key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        document = {"issuer": issuer, **{name: f"{issuer}/{name}" for name in names}}
        is_keys = request.url.path == "/jwks_uri"
        said = json.dumps({"keys": [key]} if is_keys else document).encode()
        return httpx.Response(200, stream=httpx.ByteStream(said))

    settings = tmp_path / "parley.toml"
    text = settings.read_text(encoding="utf-8")
    chosen = '[sign_in.oidc]\nissuer = "https://login.velmar.example"\nclient_id = "parley"'
    settings.write_text(text.replace("[sign_in.oidc]", chosen), encoding="utf-8")
    of = Provider.of
    carriers: list[httpx.MockTransport] = []

    def carried(settings: Settings, clock: Clock, *, may_be_plain: bool) -> Provider | None:
        made = of(settings, clock, may_be_plain=may_be_plain)
        if made is not None:
            made.transport = carriers[-1]
        return made

    monkeypatch.setattr(Provider, "of", carried)
    carriers.append(httpx.MockTransport(answer))
    assert found(tmp_path)["provider of sign-ins"].state == "good"
    carriers.append(
        httpx.MockTransport(lambda _: httpx.Response(503, stream=httpx.ByteStream(b"")))
    )
    silent = found(tmp_path)["provider of sign-ins"]
    assert silent.state == "bad"
    assert silent.mend


def test_a_folder_without_a_node_says_how_to_make_one(tmp_path: Path) -> None:
    """And is not well."""
    findings = Doctor(tmp_path, SystemClock()).examine()

    assert findings[0].mend.startswith("parley init")
    assert not as_json(findings)["is_well"]


def test_each_thing_that_is_wrong_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, key, database, certificate."""
    monkeypatch.setattr(Doctor, "_port", lambda *_: Finding("port", "good", "free"))
    make(tmp_path, Choices("Harbour", web="192.0.2.1:7480"))

    (tmp_path / "party.key").chmod(0o644)
    assert found(tmp_path)["party key"].mend == f"chmod 600 {tmp_path / 'party.key'}"
    (tmp_path / "party.key").unlink()
    assert found(tmp_path)["party key"].state == "bad"

    late = FakeClock(Instant.now().add(hours=24 * 380))
    assert found(tmp_path, late)["web certificate"].state == "warning"
    (tmp_path / "web-key.pem").write_text("nonsense")
    assert found(tmp_path)["web certificate"].state == "bad"
    (tmp_path / "parley.db").write_bytes(b"nonsense" * 1_000)
    assert found(tmp_path)["database"].state == "bad"
    (tmp_path / "parley.db").unlink()
    assert found(tmp_path)["database"].state == "warning"
    (tmp_path / FILE_NAME).write_text("[wbe]\n")
    assert found(tmp_path)["settings"].state == "bad"


def test_a_clock_long_past_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a battery starts in 1970."""
    assert found(tmp_path, FakeClock(Instant.from_utc(1970, 1, 2)))["clock"].state == "bad"

    for said, state in (("yes", "good"), ("no", "warning"), (None, "warning")):
        monkeypatch.setattr(doctor_module, "_timedatectl", lambda said=said: said)
        assert found(tmp_path)["clock"].state == state


def test_a_browser_that_is_missing_is_a_warning_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node does not need it; drills do."""
    monkeypatch.setattr(doctor_module, "chromium", lambda: None)

    finding = found(tmp_path)["Chromium"]
    assert finding.state == "warning"
    assert "apt-get install chromium" in finding.mend
