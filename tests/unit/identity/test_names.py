"""Names that could be taken for each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.identity.names import resembles, skeleton


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Hospital", "hospital"),
        ("Hospital", "HOSPITAL "),
        ("Hospital", "H\u043espit\u0430l"),
        ("Hospital", "Ho-spi.tal"),
        ("Hospital", "Ｈｏｓｐｉｔａｌ"),  # noqa: RUF001  that is the point
        ("Hospital", "Hóspítal"),
        ("Hospital 1", "Hospital l"),
        ("Министерство", "министерство"),
        ("人民医院", "人民 医院"),
    ],
)
def test_names_a_reader_cannot_tell_apart_resemble_each_other(first: str, second: str) -> None:
    """By case, script, width, accents, spacing or punctuation."""
    assert resembles(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Hospital", "Hospitals"), ("North", "South"), ("人民医院", "人民法院"), ("Uzel", "Pozel")],
)
def test_other_names_do_not(first: str, second: str) -> None:
    """However close."""
    assert not resembles(first, second)


@given(st.text(max_size=30))
def test_a_name_resembles_itself(name: str) -> None:
    """Whatever it is made of."""
    assert resembles(name, name)
    assert skeleton(name.upper()) == skeleton(name.upper().lower())
