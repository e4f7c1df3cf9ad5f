"""The settings file: what is allowed, and what is said when something is not."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.config import FILE_NAME, PathSettings, Settings
from parley.config.reference import reference, sample
from parley.config.sections import SECTIONS, declared
from parley.errors import ParleyError, SettingsBadValue, SettingsUnknownKey, SettingsUnreadable

HERE = Path("/somewhere")
PARTY = '[party]\nname = "Harbour"\n'


def test_a_name_is_all_that_must_be_given() -> None:
    """Everything else has a default."""
    settings = Settings.parse(HERE, PARTY)

    assert settings.party.name == "Harbour"
    assert settings.web.listen == "127.0.0.1:7480"
    assert settings.line.path == ()
    assert settings.path("parley.db") == HERE / "parley.db"
    assert settings.path("/elsewhere/key") == Path("/elsewhere/key")


def test_paths_of_a_line_are_tables() -> None:
    """One for each provider, in order."""
    text = PARTY + (
        '[[line.path]]\nname = "fibre"\nlisten = "192.0.2.1:7400"\nadvertise = "a.example:7400"\n'
        'carriers = ["udp", "tcp"]\n[[line.path]]\nname = "satellite"\nfloor_kbps = 64\n'
    )

    first, second = Settings.parse(HERE, text).line.path

    assert first == PathSettings("fibre", "192.0.2.1:7400", "a.example:7400", ("udp", "tcp"))
    assert (second.name, second.floor_kbps, second.carriers) == ("satellite", 64, ("udp",))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[wbe]\n", "wbe"),
        ("[web]\nport = 1\n", "web.port"),
        ("[[line.path]]\nname = 'a'\nspeed = 1\n", "line.path.speed"),
        ("[line]\npaths = []\n", "line.paths"),
    ],
)
def test_an_unknown_key_is_named_with_what_is_allowed(text: str, key: str) -> None:
    """A misspelt setting is not silently the default."""
    with pytest.raises(SettingsUnknownKey) as refused:
        Settings.parse(HERE, PARTY + text)
    assert refused.value.params["file"] == str(HERE / FILE_NAME)
    assert refused.value.params["key"] == key
    assert refused.value.params["allowed"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "party.name"),
        ("party = 1\n", "party"),
        ("[party]\nlanguages = ['en']\n", "party.name"),
        ("[party]\nname = ''\n", "party.name"),
        ("[party]\nname = 7\n", "party.name"),
        (PARTY.replace("Harbour", "\ud800"), "party.name"),
        (PARTY + "languages = []\n", "party.languages"),
        (PARTY + "languages = ['en', 'en']\n", "party.languages"),
        (PARTY + "languages = 'en'\n", "party.languages"),
        (PARTY + "languages = ['english']\n", "party.languages"),
        (PARTY + "time_zone = 'Mars'\n", "party.time_zone"),
        (PARTY + "key = 'folder/'\n", "party.key"),
        (PARTY + "card_days = 0\n", "party.card_days"),
        (PARTY + "card_days = true\n", "party.card_days"),
        (PARTY + "card_days = 1.5\n", "party.card_days"),
        (PARTY + "[web]\nlisten = '127.0.0.1'\n", "web.listen"),
        (PARTY + "[web]\nlisten = '127.0.0.1:0'\n", "web.listen"),
        (PARTY + "[web]\nlisten = '127.0.0.1:70000'\n", "web.listen"),
        (PARTY + "[web]\nlisten = '-x:1'\n", "web.listen"),
        (PARTY + "[web]\nlisten = '[::zz]:1'\n", "web.listen"),
        (PARTY + "[web]\nlisten = 7480\n", "web.listen"),
        (PARTY + "[web]\norigins = ['parley.example']\n", "web.origins"),
        (PARTY + "[web]\norigins = ['ftp://parley.example']\n", "web.origins"),
        (PARTY + "[web]\norigins = ['https://parley.example/x']\n", "web.origins"),
        (PARTY + "[web]\norigins = [7]\n", "web.origins"),
        (PARTY + "[media]\nadvertise = ['host.example']\n", "media.advertise"),
        (PARTY + "[media]\nadvertise = [7]\n", "media.advertise"),
        (PARTY + "[log]\nlevel = 'loud'\n", "log.level"),
        (PARTY + "[log]\nlevel = 7\n", "log.level"),
        (PARTY + "[line]\npath = 'main'\n", "line.path"),
        (PARTY + "[line]\npath = [1]\n", "line.path"),
        (PARTY + "[[line.path]]\nname = 'a'\n[[line.path]]\nname = 'a'\n", "line.path.name"),
        (PARTY + "[[line.path]]\ncarriers = ['pigeon']\n", "line.path.carriers"),
    ],
)
def test_a_value_outside_its_kind_is_named_with_what_is_allowed(text: str, key: str) -> None:
    """The operator reads file, key and what may stand there."""
    with pytest.raises((SettingsBadValue, SettingsUnknownKey)) as refused:
        Settings.parse(HERE, text)
    assert refused.value.params["key"] == key
    assert refused.value.params["allowed"]


@pytest.mark.parametrize("text", ["[", "a = ", "\x00", "a = 1\na = 2"])
def test_what_is_no_toml_is_said_to_be_unreadable(text: str) -> None:
    """With the parser's reason."""
    with pytest.raises(SettingsUnreadable):
        Settings.parse(HERE, text)


def test_a_missing_file_and_one_that_is_no_text_are_unreadable(tmp_path: Path) -> None:
    """With the system's reason."""
    with pytest.raises(SettingsUnreadable, match="No such file"):
        Settings.load(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsUnreadable, match="not UTF-8"):
        Settings.load(tmp_path)


@given(st.text(max_size=200))
def test_any_text_is_settings_or_refused(text: str) -> None:
    """Nothing else comes out of a damaged file."""
    try:
        Settings.parse(HERE, text)
    except ParleyError:
        return


@given(
    st.dictionaries(
        st.sampled_from([name for name, _, _ in declared(SECTIONS[0])]),
        st.text(max_size=9) | st.integers() | st.booleans() | st.lists(st.text(max_size=4)),
    )
)
def test_any_values_are_settings_or_refused(values: dict[str, object]) -> None:
    """Of any type."""
    import json  # noqa: PLC0415  here alone

    text = "[party]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    try:
        Settings.parse(HERE, text)
    except ParleyError:
        return


def test_the_sample_says_every_setting_and_reads_back() -> None:
    """What `parley init` writes is what was chosen, and nothing is left out."""
    chosen: dict[str, dict[str, object]] = {
        "party": {"name": 'The "Harbour"', "languages": ("en", "ru")},
        "line.path": {"name": "fibre", "advertise": "a.example:7400"},
    }
    text = sample(chosen)
    settings = Settings.parse(HERE, text)

    assert settings.party.name == 'The "Harbour"'
    assert settings.party.languages == ("en", "ru")
    assert settings.line.path[0].advertise == "a.example:7400"
    for section in (*SECTIONS, PathSettings):
        for name, _, _ in declared(section):
            assert f"{name} = " in text


def test_the_sample_with_every_default_switched_on_is_the_defaults() -> None:
    """The commented values are the true ones."""
    plain = sample({"party": {"name": "Harbour"}})
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line and line.startswith("# ") else line
        for line in plain.splitlines()
        if not line.startswith("# ") or is_setting(line)
    )

    switched_on = Settings.parse(HERE, uncommented)
    assert switched_on == Settings.parse(HERE, plain)


def test_the_reference_says_every_setting() -> None:
    """Generated, so it cannot be behind."""
    page = reference()
    for section in (*SECTIONS, PathSettings):
        for name, _, description in declared(section):
            assert f"| `{name}` | {description.kind.allowed} |" in page


def is_setting(line: str) -> bool:
    """Say whether a comment is a setting that is switched off."""
    try:
        return bool(tomllib.loads(line.removeprefix("# ")))
    except tomllib.TOMLDecodeError:
        return False


def test_a_provider_is_named_with_what_it_calls_the_node() -> None:
    """One without the other is no provider."""
    table = '[sign_in.oidc]\nissuer = "https://login.example/realm"\n'
    oidc = Settings.parse(HERE, PARTY + table + 'client_id = "node"\n').oidc
    assert (oidc.issuer, oidc.client_id) == ("https://login.example/realm", "node")
    assert Settings.parse(HERE, PARTY).oidc.issuer == ""
    with pytest.raises(SettingsBadValue, match="client_id"):
        Settings.parse(HERE, PARTY + table)


@pytest.mark.parametrize(
    ("text", "key"),
    [("[sign_in.saml]\n", "sign_in.saml"), ("[sign_in]\nidle = 1\n", "sign_in.idle")],
)
def test_an_unknown_table_within_a_table_is_named(text: str, key: str) -> None:
    """As one at the top is."""
    with pytest.raises(SettingsUnknownKey) as refused:
        Settings.parse(HERE, PARTY + text)
    assert refused.value.params["key"] == key


def test_a_value_where_tables_belong_is_refused() -> None:
    """The error says what belongs there."""
    with pytest.raises(SettingsBadValue, match="sign_in"):
        Settings.parse(HERE, "sign_in = 1\n" + PARTY)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example",
        "https://",
        "https://a:b@login.example",
        "https://login.example/?x",
        "https://login.example/#x",
        "https://login.example:99999/",
        "https://l\u043egin.example",
        "ftp://login.example",
        " https://login.example",
    ],
)
def test_what_no_issuer_can_be_is_refused(issuer: str) -> None:
    """Https, or this machine; a look-alike letter is none."""
    text = f'[sign_in.oidc]\nclient_id = "node"\nissuer = "{issuer}"\n'
    with pytest.raises(SettingsBadValue, match="issuer"):
        Settings.parse(HERE, PARTY + text)


@pytest.mark.parametrize(
    ("table", "before", "key"),
    [
        ("[storage]", 'bucket = "s3://files"', "bucket_endpoint"),
        ("[[escalation.webhook]]", 'name = "ops"\nsecret_file = "secret"', "address"),
    ],
)
@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://ops.example/x", True),
        ("https://10.0.0.7:8443/x", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000/x", True),
        ("http://localhost", True),
        ("http://10.0.0.7/x", False),
        ("http://ops.example/x", False),
        ("http://localhost.ops.example/x", False),
        ("http://127.0.0.1@ops.example/x", False),
        ("https://ops.example/#x", False),
        ("ftp://127.0.0.1/", False),
        ("ops.example", False),
        ("https://ops.example/" + "x" * 2_000, False),
    ],
)
def test_no_service_on_another_machine_is_called_in_the_open(
    *, table: str, before: str, key: str, address: str, is_taken: bool
) -> None:
    """Files and notices would be anybody's on the way."""
    text = f'{PARTY}{table}\n{before}\n{key} = "{address}"\n'
    if is_taken:
        Settings.parse(HERE, text)
    else:
        with pytest.raises(SettingsBadValue, match=key):
            Settings.parse(HERE, text)


def test_a_webhook_may_have_a_query_and_an_address() -> None:
    """Many are known by it; none without an address."""
    table = f'{PARTY}[[escalation.webhook]]\nname = "ops"\nsecret_file = "secret"\n'
    hook = Settings.parse(HERE, f'{table}address = "https://a.example/?b=c"').escalation.webhook[0]
    assert hook.address == "https://a.example/?b=c"
    with pytest.raises(SettingsBadValue, match="address"):
        Settings.parse(HERE, f'{table}address = ""')


@pytest.mark.parametrize(
    ("server", "security", "is_taken"),
    [
        ("127.0.0.1:25", "none", True),
        ("[::1]:25", "none", True),
        ("localhost:25", "none", True),
        ("", "none", True),
        ("mail.example:25", "none", False),
        ("10.0.0.7:25", "none", False),
        ("mail.example:587", "starttls", True),
        ("mail.example:465", "tls", True),
    ],
)
def test_mail_leaves_this_machine_by_tls_alone(
    *, server: str, security: str, is_taken: bool
) -> None:
    """Whatever it says of an alert."""
    text = f'{PARTY}[escalation]\nmail_smtp = "{server}"\nmail_security = "{security}"\n'
    if is_taken:
        assert Settings.parse(HERE, text).escalation.mail_smtp == server
    else:
        with pytest.raises(SettingsBadValue, match="mail_security"):
            Settings.parse(HERE, text)
