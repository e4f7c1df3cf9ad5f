"""A matter read entry by entry comes to what a matter read as a whole comes to."""

import os
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from parley.crisis.bodies import AnswerKind
from parley.crisis.folding import FOLDS_MAX, Folds, MatterFold
from parley.crisis.matter import MatterEntry
from parley.crisis.projection import project
from parley.ids import PartyId
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.testing.desks import Desk, carry, desks_of

FOLDED = int(os.environ.get("PARLEY_FOLDS", "40"))


@pytest.mark.parametrize("chunk", range(4))
def test_a_fold_comes_to_what_the_whole_projection_comes_to(chunk: int) -> None:
    """After every entry, in whatever order they come, signed at once or later, at both ends."""
    for seed in range(chunk * FOLDED // 4, (chunk + 1) * FOLDED // 4):
        dice = random.Random(seed)  # noqa: S311  a test's own dice
        near, far = desks_of("near", "far")
        matter = made_up(dice, near, far)
        for own, other in ((near, far), (far, near)):
            entries = list(own.disk.matters[matter].values())
            dice.shuffle(entries)
            hold(matter, own.party, other.party, entries, dice)


def test_an_entry_at_the_end_reads_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cost does not grow with the matter."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    for _ in range(20):
        far.acknowledge(alert)
        far.clock.advance(1)
    entries = sorted(far.disk.matters[alert].values(), key=lambda each: each.entry.time_ms)
    fold = folded(alert, far, near, entries[:-1])
    read: list[bytes] = []

    def read_on(reading: object, each: MatterEntry) -> object:
        read.append(each.hash)
        return reading

    monkeypatch.setattr("parley.crisis.folding.read_on", read_on)
    fold.add(entries[-1])
    assert read == [entries[-1].hash]


def test_an_entry_that_is_known_is_not_read_again() -> None:
    """What comes twice is absorbed."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    entries = list(near.disk.matters[alert].values())
    fold = folded(alert, near, far, entries)
    before = fold.alert
    for each in entries:
        fold.add(each)
    assert fold.alert is before


def test_two_entries_at_one_place_are_read_alike_whichever_came_first() -> None:
    """A fork is the other party's fault, and no reason to come to different things."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    far.acknowledge(alert)
    far.present(alert)
    entries = list(far.disk.matters[alert].values())
    forked = [
        replace(each, place=7) if each.entry.author == far.party else each for each in entries
    ]
    one = folded(alert, far, near, forked).alert
    assert one == folded(alert, far, near, forked[::-1]).alert
    assert one == project(alert, far.party, near.party, forked)
    assert one == project(alert, far.party, near.party, forked[::-1])


def test_folds_forget_what_was_undone() -> None:
    """An entry whose transaction was undone is in no later reading."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    carry([near, far])
    before = list(far.disk.matters[alert].values())
    far.acknowledge(alert)
    after = list(far.disk.matters[alert].values())
    folds = Folds()
    assert folds.project(alert, far.party, near.party, after) == far.alert(alert)
    undone = folds.project(alert, far.party, near.party, before)
    assert undone == project(alert, far.party, near.party, before)
    assert undone != far.alert(alert)


def test_folds_are_kept_of_the_last_matters_only() -> None:
    """However many alerts a party sends."""
    near, far = desks_of("near", "far")
    folds = Folds()
    for number in range(FOLDS_MAX + 3):
        alert = near.release(far, f"text {number}", Precedence.ROUTINE)
        entries = list(near.disk.matters[alert].values())
        assert folds.project(alert, near.party, far.party, entries) == near.alert(alert)
    assert len(folds._folds) == FOLDS_MAX


def test_a_flash_that_turns_out_to_be_one_too_many_is_read_again() -> None:
    """An earlier one may come later."""
    near, far = desks_of("near", "far")
    alert = near.release(far)
    entries = list(near.disk.matters[alert].values())
    folds = Folds()
    for is_over in (False, True, False):
        found = folds.project(alert, near.party, far.party, entries, is_over_rate=is_over)
        assert found == project(alert, near.party, far.party, entries, is_over_rate=is_over)


# ----------------------------------------------------------------------------------------- details


def folded(matter: bytes, own: Desk, other: Desk, entries: Sequence[MatterEntry]) -> MatterFold:
    """Return the fold of some entries."""
    fold = MatterFold(matter, own.party, other.party)
    for each in entries:
        fold.add(each)
    return fold


def hold(
    matter: bytes,
    own: PartyId,
    other: PartyId,
    entries: Sequence[MatterEntry],
    dice: random.Random,
) -> None:
    """Compare after every entry; some are known unsigned first."""
    fold, folds = MatterFold(matter, own, other), Folds()
    here: dict[bytes, MatterEntry] = {}
    late = [each for each in entries if dice.random() < 0.2]
    coming = [replace(each, is_signed=False) if each in late else each for each in entries]
    for each in (*coming, *late):
        here[each.hash] = each
        fold.add(each)
        whole = project(matter, own, other, here.values())
        assert fold.alert == whole
        assert folds.project(matter, own, other, list(here.values())) == whole


def made_up(dice: random.Random, near: Desk, far: Desk) -> bytes:
    """Let two desks do anything about an alert, with clocks that are set and lines that wait."""
    matter = near.release(
        far, precedence=dice.choice(list(Precedence)), given_ms=dice.choice([None, 400])
    )
    replacement = None
    carry([near, far])
    for _ in range(dice.randrange(14)):
        desk = dice.choice([near, far])
        desk.clock.set_wall(desk.clock.now().add(milliseconds=dice.randrange(-500, 500)))
        match dice.randrange(8):
            case 0:
                desk.acknowledge(matter, is_signed=dice.random() < 0.8)
            case 1:
                desk.present(matter)
            case 2:
                kind = dice.choice([AnswerKind.REPLY, AnswerKind.HOLD, AnswerKind.DECLINE])
                at_ms = desk.now_ms() + 5 if kind is AnswerKind.HOLD else None
                desk.answer(matter, kind, at_ms)
            case 3:
                desk.close(matter)
            case 4 if replacement is None:
                replacement = near.release(far, "instead", supersedes=matter)
            case 5:
                refs = tuple({matter, *dice.sample(sorted(desk.disk.came_ms), 1)})
                to = far if desk is near else near
                desk.say(to.party, dice.choice([*Kind]), dice.choice([b"", b"\xa0"]), refs)
            case 6:
                desk.withdraw(matter)
            case _:
                carry([near, far])
    carry([near, far])
    return matter
