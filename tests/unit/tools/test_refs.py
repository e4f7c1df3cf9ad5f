"""Citations: the one form, and those a search would miss."""

import pytest
import refs


@pytest.mark.parametrize(
    "line", ["// RFC 9000 §8.2", "# ACP 121", "PS3.15 Annex E", "RFC 7250", "rfc9000.html"]
)
def test_citation_in_our_form_is_let_through(line: str) -> None:
    """Standard, a space, the section with its sign."""
    assert not refs.OTHER_FORM.search(line)


@pytest.mark.parametrize("line", ["RFC9000", "rfc 9000", "RFC 9000, section 8.2", "RFC-9000"])
def test_citation_in_another_form_is_found(line: str) -> None:
    """A search for `RFC 9000 §8.2` would miss it."""
    assert refs.OTHER_FORM.search(line)


def test_section_belongs_to_the_citation() -> None:
    """By standard means by section."""
    assert refs.CITATION.findall("see RFC 9000 §8.2.1.") == [("RFC 9000", "§8.2.1")]
