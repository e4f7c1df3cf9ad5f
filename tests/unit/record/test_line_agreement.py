"""Which version of an agreement is in force, whoever signs which of them when."""

import pytest

from parley.errors import EntryMalformed
from parley.ids import PartyId, SpaceId
from parley.record.cbor import encode
from parley.record.entry import Entry
from parley.record.kinds import Kind
from parley.record.line_agreement import VersionLink, followed_by, terms_in_force

ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("links", "wanted"),
    [
        ([], None),
        ([VersionLink(ONE, b"", None)], None),
        ([VersionLink(ONE, b"", 5)], ONE),
        ([VersionLink(TWO, ONE, 9), VersionLink(ONE, b"", 5)], TWO),
        # One side signed the first long ago; the other signs it now to have it back.
        ([VersionLink(ONE, b"", 9), VersionLink(TWO, ONE, 5)], TWO),
        (
            [VersionLink(ONE, b"", 1), VersionLink(TWO, ONE, None), VersionLink(THREE, TWO, 3)],
            THREE,
        ),
        ([VersionLink(ONE, b"", 1), VersionLink(TWO, ONE, 9), VersionLink(THREE, TWO, None)], TWO),
        # What it follows is no longer looked at, or was never there.
        ([VersionLink(TWO, ONE, 5), VersionLink(THREE, TWO, 3)], THREE),
        # None said what it follows: the last that both signed.
        ([VersionLink(ONE, b"", 9), VersionLink(TWO, b"", 5)], ONE),
    ],
)
def test_of_what_both_signed_the_furthest_along_is_in_force(
    links: list[VersionLink], wanted: bytes | None
) -> None:
    """Whenever it was signed, and whatever clocks say."""
    found = terms_in_force(links)
    assert (None if found is None else found.body_hash) == wanted


@pytest.mark.parametrize("follows", [None, "text", bytes(31)])
def test_what_a_version_with_terms_follows_is_said(follows: object) -> None:
    """By a hash, or by nothing for the first."""
    body = encode({0: "words", **({} if follows is None else {2: follows})})  # type: ignore[dict-item]
    entry = Entry(
        space=SpaceId(bytes(16)),
        author=PartyId(bytes(16)),
        kind=Kind.STATEMENT,
        time_ms=0,
        body=body,
    )
    with pytest.raises(EntryMalformed):
        followed_by(entry)
