"""What a section of the settings file is made of."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from parley.config.kinds import Kind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the reference page says about one setting."""

    kind: Kind[Any]
    meaning: str
    optional: bool


class Section:
    """One table of the settings file; subclasses are frozen dataclasses."""

    title: ClassVar[str]
    essay: ClassVar[str]


def setting(kind: Kind[T], default: T, meaning: str, *, optional: bool = True) -> T:
    """Declare a setting: what is allowed, the value without one in the file, what it is for."""
    declared = Setting(kind, meaning, optional)
    field: T = dataclasses.field(default=default, metadata={"setting": declared})
    return field
