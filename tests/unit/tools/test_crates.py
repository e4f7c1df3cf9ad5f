"""Licences of crates, read from their SPDX expressions."""

import crates
import pytest

ALLOWED = {"MIT", "ISC", "Apache-2.0 WITH LLVM-exception"}


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(GPL-3.0 OR MIT) AND ISC",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
    ],
)
def test_expression_with_an_allowed_choice_is_allowed(expression: str) -> None:
    """OR needs one side, AND both."""
    assert crates.is_allowed(expression, ALLOWED)


@pytest.mark.parametrize(
    "expression", ["GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(GPL-3.0 OR MIT) AND BSL-1.0"]
)
def test_expression_without_an_allowed_choice_is_refused(expression: str) -> None:
    """An exception is part of the licence's name."""
    assert not crates.is_allowed(expression, ALLOWED)


def test_expression_that_does_not_end_is_refused_loudly() -> None:
    """What cannot be read is not taken for allowed."""
    with pytest.raises(ValueError, match="MIT MIT"):
        crates.is_allowed("MIT MIT", ALLOWED)
