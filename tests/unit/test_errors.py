"""The exception tree and protocol/errors.toml say the same."""

import tomllib
from pathlib import Path

import pytest

from parley.errors import OurError, ParleyError, TheirError, TransitionRefused, every_error

LISTED = tomllib.loads(
    (Path(__file__).parents[2] / "protocol" / "errors.toml").read_text(encoding="utf-8")
)


def test_every_error_class_is_listed_with_its_parameters_and_blame() -> None:
    """A code, its parameters, its sentence and whose fault it is are the same in both places."""
    for kind in every_error():
        entry = LISTED[kind.code]
        assert tuple(entry["params"]) == kind.fields
        assert entry["blame"] == kind.blame
        assert entry["english"] == kind.sentence


def test_every_listed_code_has_a_class_or_names_its_source() -> None:
    """No code is left over from something that is gone."""
    of_classes = {kind.code for kind in every_error()}
    assert {code for code, entry in LISTED.items() if "source" not in entry} == of_classes


def test_codes_are_unique() -> None:
    """One code, one meaning."""
    codes = [kind.code for kind in every_error()]
    assert len(codes) == len(set(codes))


def test_the_tree_drawn_in_the_docstring_is_the_tree() -> None:
    """Every leaf is drawn, with its code."""
    import parley.errors  # noqa: PLC0415  its docstring is what is looked at

    drawing = parley.errors.__doc__ or ""
    for kind in every_error():
        assert any(
            kind.__name__ in line and line.endswith(kind.code) for line in drawing.splitlines()
        )


def test_every_sentence_can_be_said_with_its_parameters() -> None:
    """A sentence uses exactly the parameters the code declares."""
    for kind in every_error():
        error = kind(**dict.fromkeys(kind.fields, "x"))
        assert "{" not in str(error)


def test_a_missing_or_undeclared_parameter_is_a_fault_of_the_caller() -> None:
    """Parameters are part of the contract."""
    with pytest.raises(TypeError):
        TransitionRefused(machine="m", state="s")
    with pytest.raises(TypeError):
        TransitionRefused(machine="m", state="s", event="e", name="Ingrid")


def test_blame_has_two_branches() -> None:
    """Whose fault decides log level, wording and record."""
    for kind in every_error():
        assert issubclass(kind, OurError) != issubclass(kind, TheirError)
        assert issubclass(kind, ParleyError)
