"""Reading JSON that somebody else wrote: one meaning, few bytes, shallow, no numbers that are none.

Python's reader takes NaN, takes the last of two equal keys, and goes as deep as the stack. Here
each of those is refused by name before anything looks at the content.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Final, TypeAlias, cast

from parley.errors import FormRefused

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonMap: TypeAlias = dict[str, JsonValue]

FORM_BYTES_MAX: Final = 32_768
"""A filled-in form. More: an entry of 65,535 bytes might not take it beside the rest. Less: a long
description in a script of three bytes a letter is cut short."""
DEPTH_MAX: Final = 8
"""Maps and lists inside each other; a list of areas with their points needs five."""
NUMBER_CHARACTERS_MAX: Final = 24
"""Digits of a number. More costs time that grows with their square; no quantity needs them."""
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def read_form(
    encoded: bytes, *, bytes_max: int = FORM_BYTES_MAX, depth_max: int = DEPTH_MAX
) -> JsonMap:
    """Read foreign bytes as a JSON object.

    Raises:
        FormRefused: they are none, or too long, too deep, or ambiguous; the reason says which.
    """
    if len(encoded) > bytes_max:
        raise FormRefused(field="", reason="too_long")
    if _depth(encoded) > depth_max:
        raise FormRefused(field="", reason="too_deep")
    try:
        found = json.loads(
            encoded.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_whole,
        )
    except FormRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise FormRefused(field="", reason="no_json") from error
    if not isinstance(found, dict):
        raise FormRefused(field="", reason="no_object")
    return cast("JsonMap", found)


def write_form(form: JsonMap) -> bytes:
    """Return a form as the bytes that count: keys in order, no spaces, UTF-8.

    Raises:
        FormRefused: a number in it is none, or a text is no Unicode.
    """
    try:
        text = json.dumps(
            form, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
        return text.encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise FormRefused(field="", reason="no_json") from error


def at_pointer(form: JsonValue, pointer: str) -> JsonValue:
    """Return what stands at a place such as ``/window/begins``, None where nothing does."""
    found = form
    for part in pointer.split("/")[1:]:
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def walk(value: JsonValue, pointer: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Yield every value with its place; items of lists have their number as the part."""
    yield pointer, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from walk(each, f"{pointer}/{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from walk(each, f"{pointer}/{number}")


def _depth(encoded: bytes) -> int:
    """Return how deep brackets lie in each other, outside of texts."""
    deepest = depth = 0
    for found in _STRUCTURE.finditer(encoded):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found.group()[:1], 0)
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonMap:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormRefused(field="", reason="double_key")
    return found


def _no_number(text: str) -> float:
    raise FormRefused(field="", reason="no_number") from ValueError(text)


def _float(text: str) -> float:
    value = float(text) if len(text) <= NUMBER_CHARACTERS_MAX else math.inf
    if not math.isfinite(value):
        raise FormRefused(field="", reason="no_number")
    return value


def _whole(text: str) -> int:
    if len(text) > NUMBER_CHARACTERS_MAX:
        raise FormRefused(field="", reason="no_number")
    return int(text)
