"""What binds, and what a reader makes of it: every kind that is signed says so."""

from parley.record.acts import KIND_ACTS
from parley.record.bindings import JUDGED, asks_signature, reference
from parley.record.kinds import Kind


def test_every_kind_that_is_signed_says_what_a_reader_makes_of_one_that_is_not() -> None:
    """And no other: a signature that nobody asks for is judged nowhere."""
    assert set(JUDGED) == {kind for kind in KIND_ACTS if asks_signature(kind)}


def test_the_page_has_a_line_for_every_kind_of_a_person() -> None:
    """With what is asked, and what goes into the log."""
    lines = [line for line in reference().splitlines() if line.startswith("| ")]
    assert len(lines) == 1 + len(KIND_ACTS)
    (signed,) = [line for line in lines if line.startswith("| crisis fact ")]
    assert "a passkey over the entry's hash | assertion | has no effect" in signed
    (said,) = [line for line in lines if line.startswith("| statement ")]
    assert said.endswith("| a sign-in |  | as its node says |  |")
    (asked,) = [line for line in lines if line.startswith("| call request ")]
    assert asked.endswith("| stands as evidence, and is shown as a breach | key 11 |")
    assert not asks_signature(Kind.CRISIS_STATEMENT)
