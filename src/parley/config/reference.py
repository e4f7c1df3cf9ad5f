"""The settings' reference page and the sample file, written from the classes themselves."""

import json
from collections.abc import Iterator, Mapping

from parley.config.sections import NESTED, SECTIONS, LineSettings, declared
from parley.config.sections_base import Section

WIDTH = 96


def sample(chosen: Mapping[str, Mapping[str, object]]) -> str:
    """Return a settings file: every setting with its reason, chosen ones set, others commented.

    Args:
        chosen: section title to setting to value; what `parley init` was told.
    """
    lines = ["# Parley settings. Lines that start with # show the default.", ""]
    for section in SECTIONS:
        lines += _sample_section(section, f"[{section.title}]", chosen.get(section.title, {}))
        for nested in NESTED.get(section, {}).values():
            rows = _sample_section(nested, f"[[{nested.title}]]", chosen.get(nested.title, {}))
            # A node has one path at least; of the other tables it may have none.
            lines += rows if section is LineSettings else map(_commented, rows)
    return "\n".join(lines)


def reference() -> str:
    """Return the settings' reference page in Markdown."""
    lines = [
        "# Settings",
        "",
        "One file, `parley.toml`, in the node's folder. This page is generated from the code",
        "(`python3 tools/reference.py`). An unknown key or a value outside what is allowed stops",
        "the start; the error names the file, the key and what is allowed.",
        "",
    ]
    for section in SECTIONS:
        lines += _reference_section(section, f"[{section.title}]")
        for nested in NESTED.get(section, {}).values():
            lines += _reference_section(nested, f"[[{nested.title}]]")
    return "\n".join(lines)


def _sample_section(
    section: type[Section], header: str, chosen: Mapping[str, object]
) -> Iterator[str]:
    yield from _comment(section.essay)
    yield header
    for name, default, description in declared(section):
        yield from _comment(f"{description.meaning} Allowed: {description.kind.allowed}.")
        if name in chosen or not description.optional:
            yield f"{name} = {literal(chosen.get(name, default))}"
        else:
            yield f"# {name} = {literal(default)}"
    yield ""


def _reference_section(section: type[Section], header: str) -> Iterator[str]:
    yield f"## `{header}`"
    yield ""
    yield section.essay
    yield ""
    rows = list(declared(section))
    if rows:
        yield "| setting | allowed | default | meaning |"
        yield "|---|---|---|---|"
    for name, default, description in rows:
        shown = f"`{literal(default)}`" if description.optional else "must be given"
        yield f"| `{name}` | {description.kind.allowed} | {shown} | {description.meaning} |"
    yield ""


def literal(value: object) -> str:
    """Return ``value`` as TOML writes it; JSON and TOML agree on text, numbers and lists."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _commented(line: str) -> str:
    """Return a line of a table that need not be there, as a comment of a comment.

    So it is told from a default, which counts as it stands once its mark is taken away.
    """
    if not line:
        return line
    return f"#{line}" if line.startswith("#") else f"## {line}"


def _comment(text: str) -> Iterator[str]:
    line = "#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = "#"
        line += f" {word}"
    yield line
