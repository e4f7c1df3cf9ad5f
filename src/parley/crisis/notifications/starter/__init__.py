"""Notification types to begin with: data files, with their labels in six languages.

A file has everything of a type but its labels, which ``words.tsv`` has for all types together. They
bind nobody: a party proposes one as it is, or a version of its own, and it counts once both have
agreed to it.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, cast

from parley.crisis.notifications.definition import label_places, write_type
from parley.crisis.notifications.form import JsonMap, JsonValue
from parley.errors import NotificationTypeUnusable

STARTER_IDS: Final = (
    "planned-activity",
    "launch-or-test",
    "exercise-observation",
    "hazardous-incident",
    "explanation-request",
    "public-health-event",
    "border-closure",
    "contact-change",
    "line-suspension",
    "annual-list",
)
"""In the order in which they are shown."""


def starter_type(type_id: str) -> bytes:
    """Return a starter type as the bytes that are proposed.

    Raises:
        NotificationTypeUnusable: there is none of that id.
    """
    if type_id not in STARTER_IDS:
        raise NotificationTypeUnusable
    return write_type(_definition(type_id))


def _definition(type_id: str) -> JsonMap:
    read = resources.files(__name__).joinpath(f"{type_id}.json").read_text(encoding="utf-8")
    definition = cast("JsonMap", json.loads(read))
    labelled = [*label_places(cast("JsonMap", definition["schema"]))]
    labels: dict[str, JsonValue] = {
        language: {place: words[_term(type_id, place)] for place in labelled}
        for language, words in _words().items()
    }
    return {**definition, "labels": labels}


def _term(type_id: str, place: str) -> str:
    """Return the term of a label's place: a choice's value, a field's name, or the type's title."""
    if not place:
        return f"type:{type_id}"
    return place.rpartition("=")[2] if "=" in place else place.rpartition("/")[2]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Return, for each language, the label of each term."""
    table = resources.files(__name__).joinpath("words.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    languages, terms = rows[0][1:], rows[1:]
    return {
        language: {row[0]: row[number] for row in terms}
        for number, language in enumerate(languages, 1)
    }
