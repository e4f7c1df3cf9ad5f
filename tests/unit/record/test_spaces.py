"""All spaces of a node: which log a letter is about, new epochs, what a restored node may say."""

import asyncio
import dataclasses
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.errors import LogNotOpen, SpaceUnknown
from parley.identity.keys import PartyKey
from parley.ids import SpaceId
from parley.record import repository
from parley.record.keeping import INBOX_BYTES_MAX
from parley.record.kinds import Kind
from parley.record.letters import Answer, AnswerKind, Growth, Package, Question, Showing
from parley.record.log import LogState
from parley.record.ours import ASK_S
from parley.record.spaces import EPOCHS_MAX, VOUCH_S
from parley.record.standing import Standing
from parley.storage.restoring import mark_restored
from parley.testing.foreign_log import NOON, ForeignLog, give, lone_record, prove
from parley.testing.record_world import RecordParty

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far", b"stranger")]
FAR, STRANGER = KEYS[1].party, KEYS[2].party


@pytest.fixture
async def near(template: Path, tmp_path: Path) -> AsyncIterator[RecordParty]:
    """Give a test a record whose log is open and whose other party is written by hand."""
    party = await lone_record(template, tmp_path, KEYS[:2])
    await prove(party)
    yield party
    party.kill()


def log_of(near: RecordParty, epoch: int = 0, entries: int = 2) -> ForeignLog:
    """Return a log of the other party."""
    log = ForeignLog(KEYS[1], near.world.space, epoch)
    log.add(*(log.entry(body={0: f"{number}"}) for number in range(entries)))
    return log


async def test_a_letter_about_a_log_that_nobody_keeps_here_is_refused(near: RecordParty) -> None:
    """Of another space, or from somebody who is no member; who offers entries is told."""
    elsewhere = ForeignLog(KEYS[1], SpaceId(b"e" * 16))
    later = log_of(near, epoch=3)

    assert await give(near, FAR, elsewhere.growth()) == []
    assert await give(near, STRANGER, log_of(near).growth()) == []
    assert await give(near, FAR, later.package()) == [Answer(later.origin, AnswerKind.UNKNOWN)]
    assert await give(near, FAR, Answer(later.origin, AnswerKind.HELD, 1, 1)) == []
    assert near.refused == ["log.unknown"] * 4


async def test_who_is_put_off_is_told_where_the_copy_is(near: RecordParty) -> None:
    """Of a log that is not kept: at its beginning."""
    log, later = log_of(near), log_of(near, epoch=3)
    elsewhere = ForeignLog(KEYS[1], SpaceId(b"e" * 16))
    await give(near, FAR, log.growth(), log.package())
    own = near.record.space(near.world.space).own.origin
    for letter in (log.growth(), later.growth(), elsewhere.growth(), Growth(own, 0, (), b"")):
        near.record.take(FAR, letter, INBOX_BYTES_MAX + 1)

    answers = near.record.answers(FAR)

    places = [(each.size, each.next_entry) for each in answers if isinstance(each, Answer)]
    assert places == [(2, 2), (0, 0), (0, 0), (0, 1)]


async def test_nobody_is_shown_what_we_know_of_anothers_log(near: RecordParty) -> None:
    """A party asks about its own."""
    question = Question(near.record.space(near.world.space).own.origin)

    assert await give(near, FAR, question) == []
    assert near.refused == ["log.unknown"]


async def test_a_later_epoch_of_a_member_is_copied_once_its_party_signed_it(
    near: RecordParty,
) -> None:
    """Not one that somebody else signed, nor one before what is known, nor of a stranger."""
    forged = ForeignLog(KEYS[2], near.world.space)
    forged.origin = dataclasses.replace(log_of(near).origin, epoch=1)
    first, third = log_of(near, epoch=1), log_of(near, epoch=3)
    of_stranger = ForeignLog(KEYS[2], near.world.space, 1)

    (refused,) = await give(near, FAR, forged.growth())
    (taken,) = await give(near, FAR, third.growth())
    (too_late,) = await give(near, FAR, first.growth())
    (nobody,) = await give(near, FAR, of_stranger.growth())

    kinds = [each.kind for each in (refused, too_late, nobody) if isinstance(each, Answer)]
    assert kinds == [AnswerKind.UNKNOWN] * 3
    assert isinstance(taken, Answer)
    assert taken.kind is AnswerKind.STORED
    assert {epoch for _, epoch in near.record.space(near.world.space).mirrors} == {0, 3}
    held = await give(near, FAR, third.package())
    assert [each.kind for each in held if isinstance(each, Answer)] == [AnswerKind.HELD]


async def test_a_member_may_not_begin_epochs_without_end(near: RecordParty) -> None:
    """What an entry's heads can name is kept, and no more."""
    for epoch in range(1, EPOCHS_MAX + 3):
        await give(near, FAR, log_of(near, epoch).growth())

    assert len(near.record.space(near.world.space).mirrors) == EPOCHS_MAX


async def test_an_epoch_that_was_lost_with_the_disk_is_taken_up_when_a_mirror_shows_it(
    near: RecordParty,
) -> None:
    """If we signed it; a letter that shows nothing brings nothing back."""
    lost = ForeignLog(KEYS[0], near.world.space, 2)
    lost.add(lost.entry())
    forged = ForeignLog(KEYS[1], near.world.space, 3)
    forged.origin = dataclasses.replace(lost.origin, epoch=3)

    await give(near, FAR, Answer(lost.origin, AnswerKind.HELD, 1, 1))
    await give(near, FAR, Showing(lost.origin, b"", b""))
    await give(near, FAR, Showing(forged.origin, forged.note(), b""))
    space = near.record.space(near.world.space)
    assert sorted(space.logs) == [0]
    answers = await give(near, FAR, Showing(lost.origin, lost.note(), lost.note()))
    assert sorted(space.logs) == [0, 2]
    assert space.own.waits_for == []
    answers += await give(near, FAR, lost.package())

    assert any(isinstance(each, Question) for each in answers)
    assert space.own.log.state is LogState.OPEN
    assert space.own.shelf.entries(0, 1) == lost.entries


async def test_a_restored_node_vouches_for_what_was_signed_well_after_it(
    near: RecordParty,
) -> None:
    """What it was shown between the backup and the restore is gone with its disk."""
    log = log_of(near)
    question = Question(log.origin, is_restored=True)
    now = near.world.clock.now()
    await near.database.write(lambda c: mark_restored(c, now, now))
    near.kill()
    await near.start()
    await prove(near)

    async def shown() -> list[bytes]:
        answers = await give(near, FAR, question)
        return [each.note for each in answers if isinstance(each, Showing)]

    assert await shown() == []
    await give(near, FAR, log.growth(), log.package())
    assert await shown() == []
    late = NOON.add(seconds=VOUCH_S + 5)
    near.world.clock.advance(VOUCH_S + 5)
    log.add(log.entry(body={0: "late"}))
    await give(near, FAR, log.growth(2, late), log.package(2))
    assert await shown() == [log.note(late)]


async def test_two_that_have_both_just_begun_ask_each_other_once(
    template: Path, tmp_path: Path
) -> None:
    """A question is answered by another only where our own has had its time."""
    near = await lone_record(template, tmp_path, KEYS[:2])
    origin = log_of(near).origin
    own = near.record.space(near.world.space).own.origin
    at_once = await give(near, FAR, Question(origin))
    near.world.clock.advance(2)
    later = await give(near, FAR, Question(origin))

    assert Question(own) not in at_once
    assert Question(own) in later
    near.kill()


async def test_a_question_about_an_epoch_that_is_not_known_shows_nothing_of_it(
    near: RecordParty,
) -> None:
    """Beside what is known, so that the party learns both."""
    log = log_of(near)
    await give(near, FAR, log.growth(), log.package())
    asked = dataclasses.replace(log.origin, epoch=4)

    shown = await give(near, FAR, Question(asked))

    assert [each for each in shown if isinstance(each, Showing)] == [
        Showing(log.origin, log.note(), shown[0].held if isinstance(shown[0], Showing) else b""),
        Showing(asked, b"", b""),
    ]


async def test_a_space_is_opened_once(near: RecordParty) -> None:
    """Also by two at the same time."""
    world = near.world
    fresh = SpaceId(b"f" * 16)

    near.record.run()
    await asyncio.gather(*(near.record.open_space(fresh, world.members) for _ in range(2)))
    await near.record.stop()
    await near.record.open_space(fresh, world.members)

    assert [kept.id for kept in near.record.spaces] == [world.space, fresh]
    rows = await near.database.read(repository.spaces)
    assert [row.id for row in rows] == [world.space, fresh]
    with pytest.raises(SpaceUnknown):
        near.record.space(SpaceId(b"g" * 16))


async def test_a_line_to_somebody_who_is_no_member_begins_nothing(near: RecordParty) -> None:
    """A node keeps records with others than those that its line leads to."""
    near.record.line_up(STRANGER)

    assert await give(near, STRANGER) == []
    assert near.record.due(STRANGER, 1 << 20) == []


async def test_an_open_log_is_closed_before_its_next_epoch_begins(near: RecordParty) -> None:
    """So that everybody who holds it knows that nothing follows."""
    await near.record.begin_epoch(near.world.space)

    space = near.record.space(near.world.space)
    assert space.logs[0].log.state is LogState.CLOSED
    assert (space.own.origin.epoch, space.own.log.state) == (1, LogState.OPEN)


async def test_the_state_of_every_log_is_told(near: RecordParty) -> None:
    """Our own by whether it may grow, copies by how far they are to be relied on."""
    log = log_of(near)
    own = near.record.space(near.world.space).own.origin

    live = near.record.live()

    assert live[own.text()].state == LogState.OPEN.value
    copy = live[log.origin.text()]
    assert (copy.state, copy.standing) == ("mirrored", Standing.FRESH.value)


async def test_an_epoch_begun_after_a_restore_is_none_that_was_lost(
    template: Path, tmp_path: Path
) -> None:
    """Nobody can tell how many came after the backup, so it takes its number from the clock."""
    near = await lone_record(template, tmp_path, KEYS[:2])
    await prove(near)
    space = near.world.space
    await near.record.append(space, Kind.STATEMENT, {0: "words"})
    copy = near.file.with_suffix(".backup")
    near.database.close()
    shutil.copyfile(near.file, copy)
    near.kill()
    shutil.copyfile(copy, near.file)
    await near.start()
    now = near.world.clock.now()
    await near.database.write(lambda c: mark_restored(c, now, now))
    near.kill()
    await near.start()
    with pytest.raises(LogNotOpen):
        await near.record.append(space, Kind.STATEMENT, {0: "words"})

    await near.record.begin_epoch(space)

    own = near.record.space(space).own
    assert own.origin.epoch == int(now.timestamp()) // 60
    assert own.log.state is LogState.OPEN
    # The lost log waits on: a commit that fails leaves it as it was.
    await fail_once(near)
    states = {kept.log.state for kept in near.record.space(space).logs.values()}
    assert states == {LogState.OPEN, LogState.UNPROVED}
    near.kill()


async def test_a_log_is_not_vouched_for_before_it_is_known_how_far_it_had_come(
    near: RecordParty,
) -> None:
    """A mirror takes what we vouch for as all that there ever was; we may know of less."""
    space = near.world.space
    await near.record.append(space, Kind.STATEMENT, {0: "words"})
    near.kill()
    await near.start()
    near.record.line_up(FAR)
    assert await give(near, FAR) == [Question(near.record.space(space).own.origin)]
    (growth,) = near.record.due(FAR, 1 << 20)
    assert isinstance(growth, Growth)
    assert growth.is_unproved

    note = near.record.space(space).own.note or b""
    await give(near, FAR, Showing(near.record.space(space).own.origin, note, b""))

    await give(near, FAR, Answer(growth.origin, AnswerKind.ELSEWHERE, 2, 1))
    letters = near.record.due(FAR, 1 << 20)
    assert [type(each) for each in letters] == [Package, Growth]
    assert not any(each.is_unproved for each in letters if isinstance(each, Growth))


async def fail_once(near: RecordParty) -> None:
    """Let one entry fail with whatever is written beside it."""

    def also(_: object) -> None:
        reason = "second thoughts"
        raise ValueError(reason)

    with pytest.raises(ValueError, match="second thoughts"):
        await near.record.append(near.world.space, Kind.STATEMENT, {0: "words"}, also=also)
    near.world.clock.advance(ASK_S)


async def test_a_tail_that_was_asked_for_is_known_by_its_log(near: RecordParty) -> None:
    """Letters of other kinds, logs and spaces are priced like any."""
    mine = ForeignLog(KEYS[0], SpaceId(b"e" * 16))
    mine.add(mine.entry())
    here = ForeignLog(KEYS[0], near.world.space)
    here.add(here.entry())

    for letter in (mine.package(), here.package(), mine.growth()):
        assert isinstance(letter, Package | Growth)
        assert await give(near, FAR, letter) == []
