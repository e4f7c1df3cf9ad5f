"""What one turn collects: of the answers about one copy, those that say something."""

import pytest

from parley.ids import PartyId, SpaceId
from parley.record.batch import RecordBatch
from parley.record.checkpoint import Origin
from parley.record.letters import Answer, AnswerKind
from parley.record.repository import RecordChanges
from parley.testing.records import START

AUTHOR, THIRD = PartyId(b"a" * 16), PartyId(b"t" * 16)
ORIGIN, OTHER = (Origin(SpaceId(space * 16), AUTHOR) for space in (b"s", b"o"))
STORED, HELD, ELSEWHERE = AnswerKind.STORED, AnswerKind.HELD, AnswerKind.ELSEWHERE


def answered(*answers: tuple[PartyId, Origin, AnswerKind]) -> list[tuple[PartyId, Answer]]:
    """Return what leaves after a turn that gave these answers; each says another place."""
    batch = RecordBatch(RecordChanges(1), START, 0.0, 0)
    for place, (party, origin, kind) in enumerate(answers):
        batch.answer(party, Answer(origin, kind, 9, place))
    return [(party, each) for party, each in batch.letters if isinstance(each, Answer)]


@pytest.mark.parametrize("last", [STORED, HELD])
def test_a_later_answer_of_a_turn_says_what_the_earlier_said(last: AnswerKind) -> None:
    """That more is wanted is left out where the same turn says from where on, or that all is."""
    found = answered((AUTHOR, ORIGIN, STORED), (AUTHOR, ORIGIN, STORED), (AUTHOR, ORIGIN, last))
    assert found == [(AUTHOR, Answer(ORIGIN, last, 9, 2))]


def test_what_was_held_is_said_each_time() -> None:
    """A cosignature is of one checkpoint, and of no other."""
    found = answered((AUTHOR, ORIGIN, HELD), (AUTHOR, ORIGIN, STORED), (AUTHOR, ORIGIN, HELD))
    assert [each.next_entry for _, each in found] == [0, 2]


def test_what_does_not_go_on_stands_between() -> None:
    """The sender goes back for it, so what was said before and after keeps its place."""
    kinds = (STORED, ELSEWHERE, STORED)
    found = answered(*((AUTHOR, ORIGIN, kind) for kind in kinds))
    assert [each.kind for _, each in found] == [*kinds]


def test_answers_about_other_logs_and_to_other_parties_are_their_own() -> None:
    """Each reader hears about each log."""
    asked = [(AUTHOR, ORIGIN, STORED), (THIRD, ORIGIN, STORED), (AUTHOR, OTHER, STORED)]
    assert len(answered(*asked)) == len(asked)
