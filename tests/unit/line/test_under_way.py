"""What of the record a line need not be given again."""

import pytest

from parley.ids import PartyId, SpaceId
from parley.line.under_way import REMEMBERED_MAX, SLOWEST, LettersUnderWay
from parley.record.checkpoint import Origin
from parley.record.letters import Answer, AnswerKind, Growth, Package, ProvedEntry, RecordLetter

OURS, THEIRS = PartyId(bytes(16)), PartyId(bytes([1]) * 16)
ORIGIN = Origin(SpaceId.of_pair(OURS, THEIRS), OURS, 0)
OTHER = Origin(ORIGIN.space, THEIRS, 0)


def entry(origin: Origin = ORIGIN, said: bytes = b"entry", proof: bytes = b"") -> ProvedEntry:
    """Return an urgent entry; its proof is another one whenever the log has grown."""
    return ProvedEntry(origin, said, proof)


def given(letters: LettersUnderWay, number: int, letter: RecordLetter, now_s: float) -> None:
    """Give a line a letter of ten bytes."""
    letters.give(number, letter, 10, now_s, is_bulk=isinstance(letter, Package))


@pytest.mark.parametrize(
    ("first", "again", "another"),
    [
        (entry(), entry(proof=b"of a larger tree"), entry(said=b"another")),
        (entry(), entry(), entry(OTHER)),
        (
            Growth(ORIGIN, 0, (), b"note"),
            Growth(ORIGIN, 0, (), b"note"),
            Growth(ORIGIN, 0, (), b""),
        ),
        (
            Growth(ORIGIN, 1, (), b"note"),
            Growth(ORIGIN, 1, (), b"note"),
            Growth(ORIGIN, 0, (), b"note"),
        ),
        (
            Package(ORIGIN, 3, 1, (b"a", b"b"), ()),
            Package(ORIGIN, 4, 1, (b"a", b"b"), ()),
            Package(ORIGIN, 4, 1, (b"a", b"b", b"c"), ()),
        ),
    ],
)
def test_what_is_under_way_is_not_given_again(
    first: RecordLetter, again: RecordLetter, another: RecordLetter
) -> None:
    """What brings something else is, and so is what the line has taken back."""
    letters = LettersUnderWay()
    assert letters.may_give(first, 0.0)
    given(letters, 7, first, 0.0)
    assert not letters.may_give(again, 59.9)
    assert letters.may_give(another, 0.0)
    assert LettersUnderWay().may_give(again, 0.0)


def test_what_not_even_the_slowest_path_takes_so_long_for_is_given_again() -> None:
    """For all that is before it, and a minute more."""
    letters, growth = LettersUnderWay(), Growth(ORIGIN, 0, (), b"note")
    package = Package(ORIGIN, 2, 1, (b"a",), ())
    letters.give(1, package, 50 * SLOWEST, 5.0, is_bulk=True)
    letters.give(2, growth, 10 * SLOWEST, 5.0, is_bulk=False)
    asked = [letters.may_give(package, at) for at in (114.9, 115.0)]
    assert asked == [False, True]
    assert [letters.may_give(growth, at) for at in (124.9, 125.0)] == [False, True]


def test_an_answer_is_always_given() -> None:
    """The last one says where the mirror is, also where it says the same as one before."""
    letters, answer = LettersUnderWay(), Answer(ORIGIN, AnswerKind.STORED, 2, 1)
    given(letters, 1, answer, 0.0)
    assert letters.may_give(answer, 0.0)
    assert letters.deliver(1, 1.0)
    assert letters.may_give(answer, 1.0)


def test_an_entry_waits_for_its_answer_as_long_as_it_took_and_twice_as_long_each_time() -> None:
    """So entries of which nothing is proved never take more than half of a slow path."""
    letters = LettersUnderWay()
    given(letters, 1, entry(), 0.0)
    letters.deliver(1, 4.0)
    assert [letters.may_give(entry(), at) for at in (4.0, 7.9, 8.0)] == [False, False, True]
    given(letters, 2, entry(), 8.0)
    letters.deliver(2, 9.0)
    assert [letters.may_give(entry(), at) for at in (9.0, 16.9, 17.0)] == [False, False, True]
    given(letters, 3, entry(), 20.0)
    letters.deliver(3, 40.0)
    assert [letters.may_give(entry(), at) for at in (59.9, 60.0)] == [False, True]


def test_a_checkpoint_or_a_package_that_was_delivered_may_be_given_at_once() -> None:
    """Whoever asks for it after that has lost it."""
    letters = LettersUnderWay()
    asked: list[RecordLetter] = [Growth(ORIGIN, 0, (), b"note"), Package(ORIGIN, 2, 1, (b"a",), ())]
    for number, letter in enumerate(asked):
        given(letters, number, letter, 0.0)
        letters.deliver(number, 9.0)
        assert letters.may_give(letter, 9.0)


def test_bytes_are_counted_by_lane_until_they_are_delivered() -> None:
    """What was never given counts for nothing."""
    letters = LettersUnderWay()
    given(letters, 1, entry(), 0.0)
    given(letters, 2, Package(ORIGIN, 2, 1, (b"a",), ()), 0.0)
    assert (letters.urgent_bytes, letters.bulk_bytes, [*letters]) == (10, 10, [1, 2])
    assert not letters.deliver(3, 0.0)
    assert letters.deliver(2, 0.0)
    assert (letters.urgent_bytes, letters.bulk_bytes, [*letters]) == (10, 0, [1])
    assert letters.deliver(1, 0.0)
    assert not letters.deliver(1, 0.0)
    assert (letters.urgent_bytes, letters.bulk_bytes, [*letters]) == (0, 0, [])


def test_only_so_many_entries_are_remembered() -> None:
    """The oldest is forgotten, and repeated by the clock of the record."""
    letters = LettersUnderWay()
    entries = [entry(said=bytes([number % 256, number // 256])) for number in range(300)]
    for number, each in enumerate(entries):
        given(letters, number, each, 0.0)
        letters.deliver(number, 100.0)
    waiting = [each for each in entries if not letters.may_give(each, 100.0)]
    assert waiting == entries[-REMEMBERED_MAX:]
