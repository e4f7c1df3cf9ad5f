"""Making a node's folder: settings, key, database, and a certificate where one is needed."""

import datetime as dt
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from whenever import Instant

from parley.config import FILE_NAME, Settings
from parley.config.kinds import split_address
from parley.config.reference import sample
from parley.errors import SettingsExist
from parley.identity.keys import PartyKey
from parley.storage import open_database
from parley.web.serving import LOOPBACK_HOSTS

CERTIFICATE_FILE: Final = "web-certificate.pem"
CERTIFICATE_KEY_FILE: Final = "web-key.pem"
CERTIFICATE_DAYS: Final = 397
"""Days a self-made certificate is valid; browsers take none that is valid longer."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What `parley init` was told; empty means the default."""

    name: str
    languages: tuple[str, ...] = ("en",)
    time_zone: str = "UTC"
    web: str = "127.0.0.1:7480"
    line_listen: str = "0.0.0.0:7400"
    line_advertise: str = ""
    media: str = "0.0.0.0:7410"
    media_advertise: tuple[str, ...] = ()
    line_ceiling_kbps: int = 0
    """0 means the default."""
    edge_advertise: tuple[str, ...] = ()

    def tables(self) -> Mapping[str, Mapping[str, object]]:
        """Return the choices as settings."""
        host, _ = split_address(self.web)
        secure = {"certificate": CERTIFICATE_FILE, "key": CERTIFICATE_KEY_FILE}
        return {
            "party": {
                "name": self.name,
                "languages": self.languages,
                "time_zone": self.time_zone,
            },
            "web": {"listen": self.web, **({} if host in LOOPBACK_HOSTS else secure)},
            "line.path": {
                "name": "main",
                "listen": self.line_listen,
                "advertise": self.line_advertise,
                **({"ceiling_kbps": self.line_ceiling_kbps} if self.line_ceiling_kbps else {}),
            },
            **({"edge": {"advertise": self.edge_advertise}} if self.edge_advertise else {}),
            "media": {
                "udp": self.media,
                "tcp": self.media,
                "advertise": self.media_advertise,
            },
        }


def make(folder: Path, choices: Choices) -> Settings:
    """Make a node's folder and return its settings.

    Raises:
        SettingsExist: there is a node in the folder already.
        SettingsBadValue: a choice is not allowed.
        KeyExists: there is a key in the folder already.
    """
    file = folder / FILE_NAME
    if file.exists():
        raise SettingsExist(file=str(file))
    text = sample(choices.tables())
    settings = Settings.parse(folder, text)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    PartyKey.generate().save(settings.path(settings.party.key))
    if settings.web.certificate:
        make_certificate(settings)
    open_database(settings).close()
    # Last, so that a folder with settings is a whole one.
    write_private(file, text.encode("utf-8"))
    return settings


def rewrite(folder: Path, choices: Choices) -> Settings:
    """Replace the settings of a node that was made; key and database stay.

    Raises:
        SettingsBadValue: a choice is not allowed.
    """
    text = sample(choices.tables())
    settings = Settings.parse(folder, text)
    fresh = folder / f"{FILE_NAME}.new"
    fresh.unlink(missing_ok=True)
    write_private(fresh, text.encode("utf-8"))
    fresh.replace(folder / FILE_NAME)
    return settings


def make_certificate(settings: Settings) -> None:
    """Write a self-made certificate for the address browsers use; they warn once about it."""
    host, _ = split_address(settings.web.listen)
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.fromtimestamp(Instant.now().timestamp(), tz=dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Parley node")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(settings, host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(settings.path(settings.web.key), pem)
    chain = certificate.public_bytes(serialization.Encoding.PEM)
    write_private(settings.path(settings.web.certificate), chain)


def write_private(file: Path, content: bytes) -> None:
    """Write a new file that its owner alone may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)


def _names(settings: Settings, host: str) -> list[x509.GeneralName]:
    hosts = {origin.partition("://")[2].rpartition(":")[0] for origin in settings.web.origins}
    wildcards = {"", "0.0.0.0", "::"}  # noqa: S104  nothing listens on these here
    return [_general_name(each) for each in sorted({*hosts, host, "localhost"} - wildcards)]


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
