"""Settings: one TOML file, whose reference page and sample are generated from the classes here.

Each section of ``parley.toml`` is a class; each setting is a field that carries its kind (what is
allowed), its default and what a higher or lower value costs. A key nobody declared and a value
outside its kind stop the start with an error naming the file, the key and what is allowed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from parley.config.calling import EscalationSettings
from parley.config.kinds import Kind
from parley.config.sections import (
    NESTED,
    SECTIONS,
    EdgeSettings,
    LimitSettings,
    LineSettings,
    LogSettings,
    MediaSettings,
    OidcSettings,
    PartySettings,
    PathSettings,
    RoomSettings,
    StorageSettings,
    WebSettings,
    declared,
)
from parley.config.sections_base import Section, Setting
from parley.errors import SettingsBadValue, SettingsUnknownKey, SettingsUnreadable

__all__ = [
    "FILE_NAME",
    "EdgeSettings",
    "EscalationSettings",
    "LimitSettings",
    "LineSettings",
    "LogSettings",
    "MediaSettings",
    "OidcSettings",
    "PartySettings",
    "PathSettings",
    "RoomSettings",
    "Settings",
    "StorageSettings",
    "WebSettings",
]

FILE_NAME: Final = "parley.toml"
T = TypeVar("T")
S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class Settings:
    """Everything an operator may choose, read once at the start."""

    folder: Path
    party: PartySettings = field(default_factory=PartySettings)
    web: WebSettings = field(default_factory=WebSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    line: LineSettings = field(default_factory=LineSettings)
    edge: EdgeSettings = field(default_factory=EdgeSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    rooms: RoomSettings = field(default_factory=RoomSettings)
    escalation: EscalationSettings = field(default_factory=EscalationSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    log: LogSettings = field(default_factory=LogSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read ``parley.toml`` in ``folder``.

        Raises:
            SettingsUnreadable: no such file, or not TOML.
            SettingsUnknownKey: a key nobody declared.
            SettingsBadValue: a value outside its kind.
        """
        file = folder / FILE_NAME
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise SettingsUnreadable(file=str(file), reason=reason) from error
        return cls.parse(folder, text)

    @classmethod
    def parse(cls, folder: Path, text: str) -> Self:
        """Read the text of a settings file that lies in ``folder``; raises like :meth:`load`."""
        file = str(folder / FILE_NAME)
        try:
            tables = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise SettingsUnreadable(file=file, reason=str(error) or "nested too deep") from error
        known = {section.title: section for section in SECTIONS}
        given = _by_title(file, tables, known)
        sections: dict[str, Any] = {
            title.rpartition(".")[2]: _section(file, title, section, given.get(title, {}))
            for title, section in known.items()
        }
        settings = cls(folder, **sections)
        if settings.oidc.issuer and not settings.oidc.client_id:
            allowed = "what the provider calls this node; it must be given with an issuer"
            raise SettingsBadValue(file=file, key="sign_in.oidc.client_id", allowed=allowed)
        if settings.escalation.is_mail_open():
            allowed = "starttls or tls; none only where mail_smtp is on this machine"
            raise SettingsBadValue(file=file, key="escalation.mail_security", allowed=allowed)
        return settings

    def path(self, name: str) -> Path:
        """Return a file named in the settings; relative names start at the settings' folder."""
        return self.folder / name


def _by_title(
    file: str, tables: Mapping[str, object], known: Mapping[str, type[Section]]
) -> dict[str, object]:
    """Return the tables by their sections' titles; TOML reads [a.b] as a table within a table."""
    found: dict[str, object] = {}
    for key, value in tables.items():
        is_group = any(title.startswith(f"{key}.") for title in known)
        if is_group and not isinstance(value, dict):
            raise SettingsBadValue(file=file, key=key, allowed=f"tables [{key}.…]")
        if is_group and isinstance(value, dict):
            found.update({f"{key}.{name}": table for name, table in value.items()})
        else:
            found[key] = value
    for key in found:
        if key not in known:
            raise SettingsUnknownKey(file=file, key=key, allowed=", ".join(known))
    return found


def _section(file: str, key: str, section: type[S], table: object) -> S:
    if not isinstance(table, dict):
        raise SettingsBadValue(file=file, key=key, allowed=f"a table [{key}]")
    settings = {name: description for name, _, description in declared(section)}
    nested = NESTED.get(section, {})
    values: dict[str, object] = {}
    for name, value in table.items():
        if name in nested:
            values[name] = _tables(file, nested[name], value)
        elif name in settings:
            values[name] = _value(file, f"{key}.{name}", settings[name].kind, value)
        else:
            allowed = ", ".join((*settings, *sorted(nested)))
            raise SettingsUnknownKey(file=file, key=f"{key}.{name}", allowed=allowed)
    _require(file, key, settings, values)
    return section(**values)


def _tables(file: str, section: type[S], tables: object) -> tuple[S, ...]:
    """Return tables that repeat within a section; each has a name of its own."""
    key = section.title
    if not isinstance(tables, list):
        raise SettingsBadValue(file=file, key=key, allowed=f"tables [[{key}]]")
    found = tuple(_section(file, key, section, table) for table in tables)
    names = [getattr(each, "name", None) for each in found]
    if len(set(names)) != len(names):
        raise SettingsBadValue(file=file, key=f"{key}.name", allowed="another name each")
    return found


def _value(file: str, key: str, kind: Kind[T], value: object) -> T:
    try:
        return kind.read(value)
    except ValueError as error:
        raise SettingsBadValue(file=file, key=key, allowed=kind.allowed) from error


def _require(
    file: str, key: str, settings: Mapping[str, Setting], values: Mapping[str, object]
) -> None:
    for name, description in settings.items():
        if not description.optional and name not in values:
            allowed = f"{description.kind.allowed}; it must be given"
            raise SettingsBadValue(file=file, key=f"{key}.{name}", allowed=allowed)
