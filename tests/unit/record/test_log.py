"""Our own log: appends when it may, signs what it has."""

import dataclasses

import pytest

from parley.errors import EntryNotTheirs, LogNotOpen, NoteMalformed, NoteUnsigned, ProofWrong
from parley.ids import SpaceId
from parley.record.checkpoint import read_checkpoint
from parley.record.entry import Entry, write_entry
from parley.record.feed import LogFeed
from parley.record.kinds import Kind
from parley.record.letters import Answer, AnswerKind, Package
from parley.record.log import LogState, OwnLog
from parley.record.note import Note, read_note
from parley.record.signing import require
from parley.testing.records import START, LogDisk, PartySigners

SPACE = SpaceId(b"s" * 16)
OWN, OTHER = PartySigners("own"), PartySigners("other")
ORIGIN = OWN.origin(SPACE)


def entry(number: int, kind: Kind = Kind.STATEMENT) -> bytes:
    """Return an entry of ours."""
    return write_entry(
        Entry(space=SPACE, author=OWN.party, kind=kind, time_ms=number, body=b"\xa0")
    )


def log_of(disk: LogDisk, signed_s: int = 0, *, is_closing: bool = False) -> OwnLog:
    """Return our log as it starts from a disk."""
    signer = OWN.signer(SPACE)
    return OwnLog(ORIGIN, signer, OWN.cosigners, disk.tree(), signed_s, is_closing=is_closing)


def grown(disk: LogDisk, count: int, seconds: int = 0, first: int = 0) -> OwnLog:
    """Return an open log after so many entries, stored, with a checkpoint at the end."""
    log = log_of(disk)
    log.heads_shown([disk.notes[-1] if disk.notes else None])
    for number in range(first, first + count):
        log.append(entry(number))
    flushed = log.flush(START.add(seconds=seconds))
    disk.store(flushed.stored)
    disk.notes.append(flushed.note.encoded())
    return log


def tail(disk: LogDisk, start: int) -> list[Package]:
    """Return the packages by which a mirror gives back what it holds from a place on."""
    feed = LogFeed(ORIGIN, disk.tree(), disk)
    feed.take(Answer(ORIGIN, AnswerKind.STORED, len(disk.stored), start), [], 0)
    return [letter for letter in feed.due(0) if isinstance(letter, Package)]


def test_a_log_that_was_just_started_appends_and_signs_nothing() -> None:
    """What it has may be an old backup."""
    log = log_of(LogDisk())
    with pytest.raises(LogNotOpen, match="unproved"):
        log.append(entry(0))
    with pytest.raises(LogNotOpen, match="unproved"):
        log.flush(START)
    assert log.heads_shown([None]) is LogState.OPEN


def test_a_flush_signs_everything_appended_once() -> None:
    """With the log's key and the time; the lasting signature when asked."""
    disk = LogDisk()
    log = log_of(disk)
    log.heads_shown([None])
    assert [log.append(entry(number)) for number in range(3)] == [0, 1, 2]
    flushed = log.flush(START, is_lasting=True)

    assert flushed.stored.entries == tuple(entry(number) for number in range(3))
    require(flushed.note, OWN.signer(SPACE).verifier)
    for cosigner in OWN.cosigners:
        assert require(flushed.note, cosigner.verifier).seconds == START.timestamp()
    assert read_checkpoint(flushed.note.text).size == 3
    beat = log.flush(START.add(seconds=60))
    assert (beat.stored.entries, beat.note.text) == ((), flushed.note.text)
    assert len(beat.note.signatures) == 2


def test_no_checkpoint_has_an_earlier_time_than_the_one_before() -> None:
    """Whatever the clock says, and across restarts."""
    disk = LogDisk()
    log = log_of(disk, START.timestamp())
    log.heads_shown([None])
    note = log.flush(START.subtract(seconds=86_400)).note
    assert require(note, OWN.cosigners[0].verifier).seconds == START.timestamp()

    grown(disk, 2, seconds=50)
    lost = log_of(LogDisk())
    lost.heads_shown([disk.notes[-1]])
    for package in tail(disk, 0):
        lost.take_tail(package)
    note = lost.flush(START).note
    assert require(note, OWN.cosigners[0].verifier).seconds == START.timestamp() + 50


def test_only_our_own_entries_are_appended() -> None:
    """Nobody would read another's in our log."""
    log = log_of(LogDisk())
    log.heads_shown([None])
    theirs = Entry(space=SPACE, author=OTHER.party, kind=9, time_ms=1, body=b"")
    with pytest.raises(EntryNotTheirs):
        log.append(write_entry(theirs))


def test_nothing_follows_the_closing_entry() -> None:
    """Before it is signed, after, and after a restart."""
    disk = LogDisk()
    log = grown(disk, 2)
    log.append(entry(2, Kind.CLOSING))
    with pytest.raises(LogNotOpen, match="closing"):
        log.append(entry(3))
    flushed = log.flush(START)
    assert log.state is LogState.CLOSED
    with pytest.raises(LogNotOpen):
        log.append(entry(3))
    assert log.flush(START.add(seconds=60)).note.text == flushed.note.text

    disk.store(flushed.stored)
    again = log_of(disk, is_closing=True)
    again.heads_shown([flushed.note.encoded()])
    with pytest.raises(LogNotOpen, match="closing"):
        again.append(entry(3))
    again.flush(START)
    assert again.state is LogState.CLOSED


@pytest.mark.parametrize(("kept", "lost"), [(0, 5), (3, 2), (256, 1), (300, 400)])
def test_a_restored_log_imports_its_tail_before_it_appends(kept: int, lost: int) -> None:
    """From any mirror; then it is byte for byte what it was."""
    disk = LogDisk()
    if kept:
        grown(disk, kept)
    backup = disk.copy()
    grown(disk, lost, seconds=60, first=kept)

    log = log_of(backup)
    assert log.heads_shown([disk.notes[-1]]) is LogState.BEHIND
    with pytest.raises(LogNotOpen, match="behind"):
        log.append(entry(0))
    for package in tail(disk, kept):
        backup.store(log.take_tail(package))
    assert log.state is LogState.OPEN
    assert backup.stored == disk.stored
    assert log.tree.root() == disk.tree().root()
    with pytest.raises(LogNotOpen):
        log.take_tail(tail(disk, 0)[0])


def test_a_log_that_went_another_way_after_a_restore_is_forked_for_good() -> None:
    """It appends nothing; only a new epoch goes on."""
    disk = LogDisk()
    grown(disk, 3)
    backup = disk.copy()
    grown(disk, 2, seconds=60, first=3)
    grown(backup, 4, seconds=70, first=100)

    log = log_of(backup)
    assert log.heads_shown([disk.notes[-1]]) is LogState.FORKED
    assert log.heads_shown([backup.notes[-1]]) is LogState.FORKED
    with pytest.raises(LogNotOpen, match="forked"):
        log.append(entry(0))


def test_an_open_log_that_meets_more_of_itself_is_forked() -> None:
    """Somebody else writes with our key."""
    disk = LogDisk()
    grown(disk, 3)
    log = log_of(disk)
    log.heads_shown([disk.notes[-1]])
    grown(disk, 2, seconds=60, first=3)
    assert log.heads_shown([disk.notes[-1]]) is LogState.FORKED


def test_a_branch_shows_when_the_tail_has_been_imported() -> None:
    """Mirrors that were shown two logs cannot both be satisfied."""
    disk, other = LogDisk(), LogDisk()
    grown(disk, 3)
    grown(other, 2, first=50)
    log = log_of(LogDisk())
    assert log.heads_shown([disk.notes[-1], other.notes[-1], None]) is LogState.BEHIND
    log.take_tail(tail(disk, 0)[0])
    assert log.state is LogState.FORKED


def test_without_a_mirror_nothing_is_proved() -> None:
    """An empty answer opens no log."""
    log = log_of(LogDisk())
    with pytest.raises(ValueError, match="mirror"):
        log.heads_shown([])
    assert log.state is LogState.UNPROVED


def test_the_largest_head_shown_is_the_one_to_reach() -> None:
    """Mirrors differ in how far they had come."""
    disk = LogDisk()
    for number in range(3):
        grown(disk, 2, seconds=number, first=2 * number)
    log = log_of(LogDisk())
    for note in (disk.notes[1], disk.notes[2], disk.notes[0]):
        assert log.heads_shown([note]) is LogState.BEHIND
    for package in tail(disk, 0):
        log.take_tail(package)
    assert (log.state, log.tree.size) == (LogState.OPEN, 6)


def test_a_tail_that_we_did_not_sign_is_not_imported() -> None:
    """Whoever brings it."""
    disk, other = LogDisk(), LogDisk()
    grown(disk, 3)
    grown(other, 3, first=50)
    log = log_of(LogDisk())
    log.heads_shown([disk.notes[-1]])
    with pytest.raises(ProofWrong):
        log.take_tail(tail(other, 0)[0])
    with pytest.raises(LogNotOpen):
        log_of(disk).take_tail(tail(disk, 0)[0])


def test_a_part_of_the_tail_that_comes_twice_adds_nothing() -> None:
    """Mirrors repeat what was not answered."""
    disk = LogDisk()
    grown(disk, 300)
    log = log_of(LogDisk())
    log.heads_shown([disk.notes[-1]])
    first, rest = tail(disk, 0)
    assert len(log.take_tail(first).entries) == 256
    assert log.take_tail(first).entries == ()
    assert len(log.take_tail(rest).entries) == 44
    assert (log.state, log.tree.root()) == (LogState.OPEN, disk.tree().root())


def test_a_tail_towards_a_checkpoint_that_nobody_showed_is_not_imported() -> None:
    """It would lead nowhere that anybody vouches for."""
    disk = LogDisk()
    grown(disk, 3)
    log = log_of(LogDisk())
    log.heads_shown([disk.notes[-1]])
    package = dataclasses.replace(tail(disk, 0)[0], size=2)
    with pytest.raises(ProofWrong, match="no checkpoint that was shown"):
        log.take_tail(package)
    assert log.state is LogState.BEHIND


def test_a_tail_that_ends_in_bytes_nobody_can_read_closes_no_log() -> None:
    """Whatever an older program of ours once wrote, the log goes on after it."""
    disk = LogDisk()
    older = log_of(disk)
    older.heads_shown([None])
    older._entries += [b"\xff"]
    flushed = older.flush(START)
    disk.store(flushed.stored)
    log = log_of(LogDisk())
    log.heads_shown([flushed.note.encoded()])
    log.take_tail(tail(disk, 0)[0])
    assert log.append(entry(1)) == 1


def test_a_head_of_another_log_or_by_another_party_is_no_head_of_ours() -> None:
    """A mirror cannot make one."""
    disk = LogDisk()
    grown(disk, 3)
    note = read_note(disk.notes[-1])
    theirs = Note(note.text, (OTHER.signer(SPACE).sign(note.text),))
    log = log_of(LogDisk())
    with pytest.raises(NoteUnsigned):
        log.heads_shown([theirs.encoded()])
    elsewhere = note.text.replace(SPACE.text, SpaceId(bytes(16)).text)
    signed = Note(elsewhere, (OWN.signer(SPACE).sign(elsewhere),))
    with pytest.raises(NoteMalformed, match="another log"):
        log.heads_shown([signed.encoded()])
    assert log.state is LogState.UNPROVED
