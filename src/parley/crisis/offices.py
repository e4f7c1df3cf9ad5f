"""In which office a person speaks, and whether they may say in it what they say. A core.

Alerts, notifications and call requests all ask here: what an office may do is one question with one
answer, at the node that writes an entry and at the one that reads it.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from parley.errors import EntryMalformed
from parley.record.cbor import Value
from parley.record.office import NOT_SAID


class Capacity(StrEnum):
    """In which office a person acted, as the entry tells the other party. It is no role."""

    DUTY_OFFICER = "duty_officer"
    RELEASER = "releaser"
    TRANSLATOR = "translator"


WATCH_OFFICES: Final = frozenset({Capacity.DUTY_OFFICER, Capacity.RELEASER})
"""Who acknowledges, and who is still deciding; a translator says what they understood."""
RELEASING_OFFICE: Final = frozenset({Capacity.RELEASER})
"""Who speaks for the party."""


def acts_as(capacity: Capacity | None, offices: Collection[Capacity]) -> bool:
    """Say whether a person spoke in one of the offices."""
    return capacity in offices


def is_out_of_office(capacity: Capacity | None, offices: Collection[Capacity]) -> bool:
    """Say whether an entry that may leave the office out names another than these."""
    return capacity is not None and not acts_as(capacity, offices)


def read_capacity(body: Mapping[int, Value], key: int) -> Capacity:
    """Return the office that a body names.

    Raises:
        EntryMalformed: it is none.
    """
    try:
        return Capacity(str(body[key]))
    except ValueError as error:
        raise EntryMalformed(field="capacity") from error


def said_capacity(body: Mapping[int, Value], key: int) -> Capacity | None:
    """Return the office that a body names, None if it does not say.

    Raises:
        EntryMalformed: what stands there is no office.
    """
    return read_capacity(body, key) if key in body else None


def office_code(capacity: Capacity | None) -> str:
    """Return an office as it is shown, ``not_said`` for none."""
    return NOT_SAID if capacity is None else capacity.value


def office_field(capacity: Capacity | None, key: int) -> dict[int, Value]:
    """Return the office as a body says it: what is not said has no key."""
    return {} if capacity is None else {key: capacity.value}
