"""What was set aside, counted."""

from whenever import Instant

from parley.errors import RoomConflict
from parley.ids import PartyId
from parley.line.set_aside import KINDS_MAX, SetAside

NOW = Instant.from_utc(2026, 11, 1)


def test_refusals_are_counted_by_reason_and_party() -> None:
    """The latest first."""
    aside, party = SetAside(), PartyId.new()
    aside.add("a.b", party, NOW)
    aside.add("a.b", None, NOW.add(seconds=1), 4)
    aside.add_error(RoomConflict(party=party.text), party, NOW.add(seconds=2))
    aside.add("a.b", party, NOW.add(seconds=3))

    assert [(count.code, count.party, count.count) for count in aside.counts()] == [
        ("a.b", party, 2),
        ("room.conflict", party, 1),
        ("a.b", None, 4),
    ]
    assert aside.counts()[0].last_at == NOW.add(seconds=3)


def test_a_flood_of_kinds_is_counted_together() -> None:
    """Memory is bounded whatever is invented."""
    aside = SetAside()
    for number in range(KINDS_MAX + 50):
        aside.add(f"kind.{number}", None, NOW)

    assert len(aside.counts()) == KINDS_MAX + 1
    assert sum(count.count for count in aside.counts()) == KINDS_MAX + 50


def test_listeners_hear_every_one() -> None:
    """With code and number."""
    aside, heard = SetAside(), list[tuple[str, int]]()
    aside.listen(lambda code, number: heard.append((code, number)))
    aside.add("a.b", None, NOW, 3)

    assert heard == [("a.b", 3)]
