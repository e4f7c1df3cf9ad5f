"""Kinds of settings: what a value may be, said in words an operator reads."""

import ipaddress
import re
import unicodedata
import urllib.parse
import zoneinfo
from functools import cache
from typing import Final, Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PORT_MAX: Final = 65_535
_ADDRESS_MAX: Final = 2_000
_NEAR: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are this very machine."""
_TRUSTED_TLS: Final = frozenset({"verify-ca", "verify-full"})
"""How libpq protects a connection and knows whom it has; other ways go on without, on the quiet."""


class Kind(Protocol[T_co]):
    """What a setting may be."""

    @property
    def allowed(self) -> str:
        """What is allowed, as the end of the sentence "allowed: ..."."""

    def read(self, value: object) -> T_co:
        """Return ``value`` as the setting's type; raises ValueError when it is not allowed."""


class Text:
    """Text of bounded length without control or direction-changing characters."""

    def __init__(self, length_min: int, length_max: int) -> None:
        """Bound the length in characters."""
        self.length_min = length_min
        self.length_max = length_max

    @property
    def allowed(self) -> str:
        """What is allowed."""
        return f"text of {self.length_min} to {self.length_max} characters on one line"

    def read(self, value: object) -> str:
        """Return the text in Unicode normalisation form C."""
        if not isinstance(value, str) or not is_plain(value):
            raise ValueError(self.allowed)
        text = unicodedata.normalize("NFC", value).strip()
        if not self.length_min <= len(text) <= self.length_max:
            raise ValueError(self.allowed)
        return text


class Word:
    """A short name that a policy refers to."""

    allowed = "a word of a-z, 0-9 and -, at most 40 characters"

    def read(self, value: object) -> str:
        """Return the word."""
        if not isinstance(value, str) or _WORD.fullmatch(value) is None:
            raise ValueError(self.allowed)
        return value


class Whole:
    """A whole number within bounds."""

    def __init__(self, low: int, high: int) -> None:
        """Bound the number, both ends included."""
        self.low = low
        self.high = high

    @property
    def allowed(self) -> str:
        """What is allowed."""
        return f"a whole number from {self.low} to {self.high}"

    def read(self, value: object) -> int:
        """Return the number."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(self.allowed)  # noqa: TRY004  one error type for every kind
        if not self.low <= value <= self.high:
            raise ValueError(self.allowed)
        return value


class Choice:
    """One of a few words."""

    def __init__(self, *words: str) -> None:
        """Allow exactly ``words``."""
        self.words = words

    @property
    def allowed(self) -> str:
        """What is allowed."""
        return "one of " + ", ".join(self.words)

    def read(self, value: object) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(self.allowed)
        return value


class ListOf(Generic[T]):
    """A list of one kind, each item once."""

    def __init__(self, kind: Kind[T], length_min: int, length_max: int) -> None:
        """Bound the number of items."""
        self.kind = kind
        self.length_min = length_min
        self.length_max = length_max

    @property
    def allowed(self) -> str:
        """What is allowed."""
        return f"a list of {self.length_min} to {self.length_max}, each {self.kind.allowed}"

    def read(self, value: object) -> tuple[T, ...]:
        """Return the items."""
        if not isinstance(value, list) or not self.length_min <= len(value) <= self.length_max:
            raise ValueError(self.allowed)
        items = tuple(self.kind.read(item) for item in value)
        if len(set(items)) != len(items):
            raise ValueError(self.allowed)
        return items


class Flag:
    """True or false."""

    allowed = "true or false"

    def read(self, value: object) -> bool:
        """Return the flag."""
        if not isinstance(value, bool):
            raise ValueError(self.allowed)  # noqa: TRY004  one error type for every kind
        return value


class Bucket:
    """A bucket of an S3 service."""

    allowed = "s3://bucket or s3://bucket/prefix, or empty"
    _form = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]{1,200})?")

    def read(self, value: object) -> str:
        """Return the address as written."""
        if isinstance(value, str) and (value == "" or self._form.fullmatch(value)):
            return value
        raise ValueError(self.allowed)


class Address:
    """A host and a port."""

    allowed = "host:port such as 0.0.0.0:7400, [::1]:7400 or node.example:7400, or empty"

    def read(self, value: object) -> str:
        """Return the address as written."""
        if value == "":
            return ""
        if not isinstance(value, str):
            raise ValueError(self.allowed)  # noqa: TRY004  one error type for every kind
        split_address(value)
        return value


class IpAddress:
    """One IP address without a port."""

    allowed = "an IP address such as 192.0.2.7"

    def read(self, value: object) -> str:
        """Return the address in its canonical spelling."""
        if not isinstance(value, str):
            raise ValueError(self.allowed)  # noqa: TRY004  one error type for every kind
        return str(ipaddress.ip_address(value))


class FileName:
    """A file's path; relative to the settings' folder."""

    allowed = "a file name, relative to the folder of this file, or empty"

    def read(self, value: object) -> str:
        """Return the path as written."""
        if not isinstance(value, str) or "\0" in value or value.endswith("/"):
            raise ValueError(self.allowed)
        return value


class Language:
    """A language tag of the few subtags the interface uses."""

    allowed = "a language such as en, zh-Hans, ru or uz"

    def read(self, value: object) -> str:
        """Return the tag."""
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
            raise ValueError(self.allowed)
        return value


class TimeZone:
    """A time zone of the IANA database."""

    allowed = "a time zone such as Asia/Tashkent"

    def read(self, value: object) -> str:
        """Return the zone's name."""
        if not isinstance(value, str) or value not in _zones():
            raise ValueError(self.allowed)
        return value


class Origin:
    """Scheme, host and port of pages."""

    allowed = "an origin such as https://parley.example or http://127.0.0.1:7480"

    def read(self, value: object) -> str:
        """Return the origin in lower case."""
        if not isinstance(value, str):
            raise ValueError(self.allowed)  # noqa: TRY004  one error type for every kind
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in {"http", "https"}:
            raise ValueError(self.allowed)
        split_address(rest if _has_port(rest) else f"{rest}:443")
        return value.lower()


class DatabaseAddress:
    """Where a PostgreSQL database is, without its password."""

    allowed = (
        "an address without a password such as postgresql://parley@db.example/parley or "
        "postgresql:///parley?host=/run/postgresql, or empty; on another machine with "
        "sslmode=verify-full (which it is without a word) or verify-ca"
    )

    def read(self, value: object) -> str:
        """Return the address as written."""
        if value == "":
            return ""
        if not isinstance(value, str) or not is_plain(value):
            raise ValueError(self.allowed)
        parts = urllib.parse.urlsplit(value)
        options = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        is_secret = parts.password is not None or "password" in options
        if parts.scheme != "postgresql" or len(parts.path) < len("/x") or is_secret:
            raise ValueError(self.allowed)
        if not is_database_near(value) and not _TRUSTED_TLS.issuperset(options.get("sslmode", ())):
            raise ValueError(self.allowed)
        _ = parts.port  # raises ValueError for what is no port
        return value


class ServiceAddress:
    """Where a service is that the node calls by HTTPS, or by HTTP on this machine.

    Args:
        example: an address as operators would write it.
        has_query: whether it may have a query.
        optional: whether it may be empty.
    """

    def __init__(self, example: str, *, has_query: bool = False, optional: bool = True) -> None:
        self.allowed = (
            f"an https address{'' if has_query else ' without a query'} such as {example}, http on "
            f"this machine alone{', or empty' if optional else ''}"
        )
        self._has_query = has_query
        self._optional = optional

    def read(self, value: object) -> str:
        """Return the address exactly as written: a provider's is compared byte by byte."""
        if value == "" and self._optional:
            return ""
        if not isinstance(value, str) or not is_plain(value) or not value.isascii() or " " in value:
            raise ValueError(self.allowed)
        parts = urllib.parse.urlsplit(value)
        is_protected = parts.scheme == "https" or (
            parts.scheme == "http" and is_near(parts.hostname)
        )
        is_whole = (
            bool(parts.hostname) and "#" not in value and (self._has_query or "?" not in value)
        )
        if not is_protected or not is_whole or "@" in parts.netloc or len(value) > _ADDRESS_MAX:
            raise ValueError(self.allowed)
        _ = parts.port  # raises ValueError for what is no port
        return value


FLAG: Final = Flag()
ADDRESS: Final = Address()
DATABASE_ADDRESS: Final = DatabaseAddress()
IP: Final = IpAddress()
FILE: Final = FileName()
BUCKET: Final = Bucket()
LANGUAGE: Final = Language()
TIME_ZONE: Final = TimeZone()
ORIGIN: Final = Origin()
ISSUER: Final = ServiceAddress("https://login.ministry.example/realm")
BUCKET_SERVICE: Final = ServiceAddress("https://s3.ministry.example")
WEBHOOK: Final = ServiceAddress(
    "https://ops.ministry.example/parley", has_query=True, optional=False
)


def is_near(host: str | None) -> bool:
    """Say whether a host is this very machine, so that what goes there leaves it nowhere."""
    return host in _NEAR


def is_database_near(address: str) -> bool:
    """Say whether a database is reached without leaving this machine: by a socket or loopback."""
    parts = urllib.parse.urlsplit(address)
    options = urllib.parse.parse_qs(parts.query)
    named = [parts.hostname or "", *options.get("host", ()), *options.get("hostaddr", ())]
    hosts = [host for each in named for host in each.split(",") if host]
    return all(is_near(host) or host.startswith("/") for host in hosts)


def is_plain(text: str) -> bool:
    """Say whether ``text`` is free of characters that hide or reorder what is read.

    Control, format (bidirectional overrides, zero width), surrogate, private and unassigned
    characters, and line and paragraph separators, could make a name look like another one.
    """
    return not any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        for character in text
    )


def split_address(address: str) -> tuple[str, int]:
    """Split ``host:port`` or ``[IPv6]:port``.

    Raises:
        ValueError: not an address, or the port is outside 1 to 65,535.
    """
    host, separator, port = address.rpartition(":")
    if not separator or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= _PORT_MAX:
        raise ValueError(Address.allowed)
    if host.startswith("[") and host.endswith("]"):
        return str(ipaddress.IPv6Address(host[1:-1])), int(port)
    if not _HOST.fullmatch(host):
        raise ValueError(Address.allowed)
    return host, int(port)


@cache
def _zones() -> frozenset[str]:
    """Return every zone the machine knows; looking costs a tenth of a second, so it looks once."""
    return frozenset(zoneinfo.available_timezones())


def _has_port(rest: str) -> bool:
    return rest.rpartition(":")[2].isdigit() and not rest.endswith("]")
