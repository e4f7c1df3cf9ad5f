"""Copies of others' logs: contradictions kept, silence judged, cut lines healed by others."""

import dataclasses
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.identity.keys import PartyKey
from parley.record import repository
from parley.record.copies import LACKING_S, OFFER_S
from parley.record.entry import Precedence
from parley.record.kinds import Kind
from parley.record.letters import Answer, AnswerKind, Growth, ProvedEntry, Question, Showing
from parley.record.mirror import EVIDENCE_MAX
from parley.record.ports import EntryCame, EvidenceKept, RecordEvent, StandingChanged
from parley.record.standing import BEAT_S, GRACE_S, MISSED_MAX, Standing
from parley.testing.foreign_log import NOON, ForeignLog, give, lone_record, prove
from parley.testing.record_world import RecordParty, RecordWorld

KEYS = [PartyKey(hashlib.sha256(name).digest()) for name in (b"near", b"far", b"third")]
FAR, THIRD = KEYS[1].party, KEYS[2].party


@pytest.fixture
async def near(template: Path, tmp_path: Path) -> AsyncIterator[RecordParty]:
    """Give a test a record whose log is open and whose other party is written by hand."""
    party = await lone_record(template, tmp_path, KEYS[:2])
    await prove(party)
    yield party
    party.kill()


@pytest.fixture
async def three(template: Path, tmp_path: Path) -> AsyncIterator[RecordWorld]:
    """Give a test three parties that keep a record together."""
    world = RecordWorld(template, tmp_path, KEYS)
    await world.start()
    await world.carry()
    yield world
    world.stop()


def log_of(near: RecordParty, epoch: int = 0, entries: int = 3) -> ForeignLog:
    """Return a log of the other party with some entries."""
    log = ForeignLog(KEYS[1], near.world.space, epoch)
    log.add(*(log.entry(body={0: f"{number}"}) for number in range(entries)))
    return log


def events(near: RecordParty) -> list[RecordEvent]:
    """Listen from here on."""
    told: list[RecordEvent] = []
    near.record.listen(told.append)
    return told


def branch(near: RecordParty, number: int) -> Growth:
    """Return a checkpoint of the same size over other entries."""
    other = ForeignLog(KEYS[1], near.world.space)
    other.add(*(other.entry(body={0: f"{number} {place}"}) for place in range(3)))
    return other.growth(at=NOON.add(seconds=number))


async def test_an_urgent_entry_with_a_proof_for_another_log_is_refused(near: RecordParty) -> None:
    """Its own party signed that proof, and it proves nothing here."""
    told = events(near)
    later = log_of(near, epoch=1)
    letter = dataclasses.replace(later.proved(0), origin=log_of(near).origin)

    await give(near, FAR, letter)

    assert near.refused == ["note.malformed"]
    assert not any(isinstance(event, EntryCame) for event in told)


async def test_contradictions_are_kept_a_few_of_them_and_a_restart_does_not_count_anew(
    near: RecordParty,
) -> None:
    """The first says everything; the log is disputed from then on, and followed all the same."""
    log, told = log_of(near), events(near)
    await give(near, FAR, log.growth(), log.package())
    for number in range(1, EVIDENCE_MAX + 3):
        (answer,) = await give(near, FAR, branch(near, number))
        assert isinstance(answer, Answer)
        assert answer.kind is AnswerKind.REFUSED
    near.kill()
    await near.start()
    again = events(near)
    await prove(near)
    await give(near, FAR, branch(near, 100))

    kept = [event for event in told if isinstance(event, EvidenceKept)]
    changed = [event.standing for event in told if isinstance(event, StandingChanged)]
    assert len(kept) == EVIDENCE_MAX == len(await near.database.read(repository.evidence_of))
    assert changed == [Standing.DISPUTED]
    assert not any(isinstance(event, EvidenceKept | StandingChanged) for event in again)
    mirror = near.record.space(near.world.space).mirrors[FAR, 0]
    assert (mirror.watch.standing, mirror.mirror.tree.size) == (Standing.DISPUTED, 3)


async def test_what_contradicts_is_said_in_our_own_log_as_soon_as_it_may_grow(
    template: Path, tmp_path: Path
) -> None:
    """While it may not, the evidence is kept all the same."""
    near = await lone_record(template, tmp_path, KEYS[:2])
    log = log_of(near)
    await give(near, FAR, log.growth(), log.package(), branch(near, 1))
    own = near.record.space(near.world.space).own
    assert (own.log.tree.size, len(await near.database.read(repository.evidence_of))) == (0, 1)
    await prove(near)
    size = own.log.tree.size

    await give(near, FAR, branch(near, 2))

    (entry,) = own.shelf.entries(size, size + 1)
    row = await near.database.read(
        lambda c: repository.find_entries(c, repository.EntryQuery([own.id], [Kind.DISPUTE]))
    )
    assert [each.encoded for each in row] == [entry]
    near.kill()


async def test_silence_is_told_and_so_is_its_end(near: RecordParty) -> None:
    """A withheld checkpoint counts as silence."""
    log = log_of(near)
    await give(near, FAR, log.growth(), log.package())
    told = events(near)
    for _ in range(MISSED_MAX + 1):
        near.world.clock.advance(BEAT_S + GRACE_S)
        near.record.tick()
        await give(near, FAR)
    silent = [event.standing for event in told if isinstance(event, StandingChanged)]
    log.add(log.entry(body={0: "at last"}))

    await give(near, FAR, log.growth(3, near.world.clock.now()))

    assert silent[-1] is Standing.SILENT
    assert told[-1] == StandingChanged(log.origin, Standing.FRESH)


async def test_letters_that_are_for_no_copy_are_refused(near: RecordParty) -> None:
    """A showing of a log to one who mirrors it; a third party's answer where there is none."""
    origin = log_of(near).origin

    await give(near, FAR, Showing(origin, b"", b""))

    assert near.refused == ["log.unknown"]


async def test_a_party_that_lost_its_disk_is_shown_its_log_and_brought_what_it_lacks(
    near: RecordParty,
) -> None:
    """From where it says it is; who asks again from there gets it again."""
    log = log_of(near)
    await give(near, FAR, log.growth(), log.package())

    (showing,) = await give(near, FAR, Question(log.origin))
    wish = Answer(log.origin, AnswerKind.STORED, 3, 1)
    for _ in range(2):
        await give(near, FAR, wish)
        (package,) = (each for each in near.record.due(FAR, 1 << 20) if each.origin == log.origin)
        assert package == dataclasses.replace(log.package(1), size=3)

    assert isinstance(showing, Showing)
    assert showing.note == log.note()


async def test_a_cut_line_heals_through_a_third_party(three: RecordWorld) -> None:
    """What is offered once a minute is brought at once to whom lacks it, and proved to be held."""
    near, far, third = three.parties.values()
    three.cut = {frozenset({near.party, far.party})}
    await three.carry()
    for text in ("one", "two"):
        await near.record.append(three.space, Kind.STATEMENT, {0: text})
        await three.carry()
        three.clock.advance(OFFER_S + 1)
        third.record.tick()
        await three.carry()
        # From here on it is brought as it grows.
        await near.record.append(three.space, Kind.STATEMENT, {0: f"{text} more"})
        await three.carry()

    size = near.record.space(three.space).own.log.tree.size
    copy = far.record.space(three.space).mirrors[near.party, 0]
    assert copy.mirror.tree.size == size
    log = near.record.space(three.space).own.id
    held = await near.database.read(lambda c: repository.newest_holding(c, log))
    assert {(party, count) for party, count, _ in held} >= {
        (far.party, size),
        (third.party, size),
    }

    # Some minutes later nobody lacks anything: it is offered again, and not before.
    three.clock.advance(LACKING_S + OFFER_S)
    await near.record.append(three.space, Kind.STATEMENT, {0: "late"})
    await three.carry()
    assert copy.mirror.tree.size == size
    three.cut.clear()
    three.line_up(near)
    await three.carry()
    assert copy.mirror.tree.size == size + 1


async def test_what_a_third_party_says_of_a_log_is_checked(template: Path, tmp_path: Path) -> None:
    """Its word that it holds what we do not have yet proves nothing, and does no harm."""
    near = await lone_record(template, tmp_path, KEYS)
    await prove(near)
    log = log_of(near)
    await give(near, FAR, log.growth(), log.package())
    third = ForeignLog(KEYS[2], near.world.space)
    near.world.clock.advance(OFFER_S + 1)
    near.record.tick()
    await give(near, THIRD)
    near.record.due(THIRD, 1 << 20)
    held = third.held(log.origin, log.note())

    # Of what was offered: kept, and told to the log's party. Of what never was: told to nobody.
    await give(near, THIRD, held)
    assert near.record.answers(FAR) == [held]
    await give(near, THIRD, Answer(log.origin, AnswerKind.ELSEWHERE, 3, 0))
    log.add(log.entry(body={0: "four"}))
    await give(near, THIRD, third.held(log.origin, log.note()))
    assert near.record.answers(FAR) == []
    # An older one that it held once is its word still, and no row of what we hold.
    await give(near, FAR, log.growth(3), log.package(3))
    near.world.clock.advance(OFFER_S + 1)
    near.record.tick()
    await give(near, THIRD, held)
    near.record.answers(FAR)

    mirror = near.record.space(near.world.space).mirrors[FAR, 0]
    rows = await near.database.read(lambda c: repository.notes(c, mirror.id))
    assert [row.size for row in rows if row.party == THIRD] == [3]
    near.kill()


async def test_a_line_that_comes_up_again_begins_anew_with_everybody(
    template: Path, tmp_path: Path
) -> None:
    """With a third party that our copy is brought to as well."""
    near = await lone_record(template, tmp_path, KEYS)
    await prove(near)
    log = log_of(near)
    await give(near, FAR, log.growth(), log.package())
    near.world.clock.advance(OFFER_S + 1)
    near.record.tick()
    await give(near, THIRD)
    offered = [each for each in near.record.due(THIRD, 1 << 20) if each.origin == log.origin]
    assert [each for each in near.record.due(THIRD, 1 << 20) if each.origin == log.origin] == []

    near.record.line_up(THIRD)
    await give(near, THIRD)

    again = [each for each in near.record.due(THIRD, 1 << 20) if each.origin == log.origin]
    assert again == offered != []
    near.kill()


async def test_an_urgent_entry_counts_once_before_and_after_its_log_comes(
    near: RecordParty,
) -> None:
    """Also across a restart in between, and however often it is sent."""
    told = events(near)
    log = log_of(near)
    log.add(log.entry(body={0: "now"}, precedence=Precedence.FLASH))
    early = log.proved(3)
    assert isinstance(early, ProvedEntry)
    await give(near, FAR, early, early)
    assert [(event.place, event.is_early) for event in told if isinstance(event, EntryCame)] == [
        (3, True)
    ]
    near.kill()
    backup = near.file.with_suffix(".backup")
    shutil.copyfile(near.file, backup)
    await near.start()
    await prove(near)
    again = events(near)

    await give(near, FAR, early, log.growth(), log.package(), early)

    came = [event.place for event in again if isinstance(event, EntryCame)]
    assert [place for place in came if place <= 2] == [0, 1, 2]
    assert 3 not in came
