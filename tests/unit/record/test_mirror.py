"""A mirror: takes in what is proved, says what it holds, and keeps what contradicts."""

import dataclasses

import pytest

from parley.errors import TilesMalformed
from parley.ids import PartyId, SpaceId
from parley.record.checkpoint import Checkpoint, Origin
from parley.record.entry import Entry, write_entry
from parley.record.evidence import EvidenceKind, check_evidence, read_evidence
from parley.record.letters import Answer, AnswerKind, Growth, Package
from parley.record.merkle import leaf_hash
from parley.record.mirror import (
    AHEAD_S_MAX,
    EVIDENCE_MAX,
    PENDING_MAX,
    EntryLearned,
    HoldCheckpoint,
    KeepCheckpoint,
    KeepEvidence,
    Mirror,
    MirrorAct,
    RememberCheckpoint,
    SetAside,
)
from parley.record.note import Note, NoteSignature, read_note, read_signatures
from parley.record.replica import EntriesStored
from parley.record.signing import require
from parley.record.tiles import TileId, Tree
from parley.testing.records import START, LogDisk, PartySigners

SPACE = SpaceId(b"s" * 16)
AUTHOR, OWN, THIRD = PartySigners("author"), PartySigners("own"), PartySigners("third")
ORIGIN = AUTHOR.origin(SPACE)
ENTRIES = [
    write_entry(Entry(space=SPACE, author=AUTHOR.party, kind=9, time_ms=number, body=b""))
    for number in range(600)
]


class Author:
    """A log's party that says and proves whatever the test wants."""

    def __init__(self, entries: list[bytes] | None = None) -> None:
        self.entries = ENTRIES if entries is None else entries
        self.tiles: dict[TileId, bytes] = {}
        self.tree = Tree(0, lambda tile: self.tiles[tile])
        for entry in self.entries:
            self.tree.append(leaf_hash(entry))
        self.tiles.update(self.tree.changed())

    def note(self, size: int, seconds: int = 0, origin: Origin = ORIGIN) -> bytes:
        """Return the checkpoint of a size, with its time from the start."""
        text = Checkpoint(origin, size, self.tree.root_of(0, size)).text()
        stamp = AUTHOR.cosigners[0].cosign(text, START.timestamp() + seconds)
        return Note(text, (AUTHOR.signer(SPACE).sign(text), stamp)).encoded()

    def growth(self, old: int, size: int, seconds: int = 0) -> Growth:
        """Return a growth that holds."""
        proof = tuple(self.tree.prove_consistency(old, size))
        return Growth(ORIGIN, old, proof, self.note(size, seconds))

    def package(self, start: int, end: int, size: int) -> Package:
        """Return a package that holds."""
        proof = tuple(self.tree.prove_subtree(start - start % 256, end, size))
        return Package(ORIGIN, size, start, tuple(self.entries[start:end]), proof)


def mirror_of(disk: LogDisk | None = None) -> Mirror:
    """Return a mirror with nothing, or with what a disk has."""
    disk = disk or LogDisk()
    keys = AUTHOR.keys(SPACE)
    return Mirror(ORIGIN, keys, OWN.cosigners, disk.tree(), disk.pending)


def filled(author: Author, size: int, seconds: int = 0) -> Mirror:
    """Return a mirror that holds the first entries of a log."""
    disk = LogDisk()
    mirror = mirror_of(disk)
    mirror.take_growth(author.growth(0, size, seconds), START)
    for start in range(0, size, 256):
        package = author.package(start, min(start + 256, size), size)
        for act in mirror.take_package(package, START):
            if isinstance(act, EntriesStored):
                disk.store(act)
    return mirror


def answer_of(acts: list[MirrorAct]) -> Answer:
    """Return the one answer among acts, which is the last of them."""
    assert [act for act in acts if isinstance(act, Answer)] == acts[-1:]
    assert isinstance(acts[-1], Answer)
    return acts[-1]


def codes(acts: list[MirrorAct]) -> list[str]:
    """Return what was set aside."""
    return [act.code for act in acts if isinstance(act, SetAside)]


def evidence_of(acts: list[MirrorAct]) -> EvidenceKind:
    """Return what the evidence among acts shows to a third person."""
    kept = next(act for act in acts if isinstance(act, KeepEvidence))
    evidence = read_evidence(kept.evidence)
    keys = AUTHOR.keys(SPACE)
    check_evidence(evidence, keys.log, keys.cosigner)
    return evidence.kind


def test_a_mirror_knows_what_was_signed_and_when_it_cosigned() -> None:
    """What its party says that there is, before it is here; its own time once it is."""
    author, mirror = Author(), mirror_of()
    mirror.take_growth(author.growth(0, 5), START)
    assert (mirror.signed_size, mirror.cosigned_s) == (5, 0)
    mirror.take_package(author.package(0, 5, 5), START.add(seconds=7))
    assert (mirror.signed_size, mirror.cosigned_s) == (5, START.timestamp() + 7)


def test_held_is_said_when_the_last_entry_is_there_and_not_before() -> None:
    """With a cosignature that holds for the checkpoint."""
    author, mirror = Author(), mirror_of()
    acts = mirror.take_growth(author.growth(0, 300), START)
    assert acts[0] == KeepCheckpoint(author.note(300))
    assert answer_of(acts) == Answer(ORIGIN, AnswerKind.STORED, 300, 0)

    first = mirror.take_package(author.package(0, 256, 300), START)
    assert isinstance(first[0], EntriesStored)
    assert answer_of(first) == Answer(ORIGIN, AnswerKind.STORED, 300, 256)

    last = mirror.take_package(author.package(256, 300, 300), START)
    held = next(act for act in last if isinstance(act, HoldCheckpoint))
    answer = answer_of(last)
    assert (answer.kind, answer.next_entry, held.size) == (AnswerKind.HELD, 300, 300)
    note = Note(read_note(author.note(300)).text, read_signatures(answer.signatures))
    for cosigner in OWN.cosigners:
        assert require(note, cosigner.verifier).seconds == START.timestamp()
        require(read_note(held.note), cosigner.verifier)
    require(read_note(held.note), AUTHOR.keys(SPACE).log)


def test_a_package_that_comes_again_changes_nothing() -> None:
    """Nor one that overlaps; both are answered with where we are."""
    author = Author()
    mirror = filled(author, 300)
    for start, end in ((256, 300), (0, 256), (270, 290)):
        acts = mirror.take_package(author.package(start, end, 300), START)
        assert not any(isinstance(act, EntriesStored | EntryLearned) for act in acts)
        assert answer_of(acts).next_entry == 300

    mirror.take_growth(author.growth(300, 310, 1), START)
    acts = mirror.take_package(author.package(290, 310, 310), START)
    stored = next(act for act in acts if isinstance(act, EntriesStored))
    assert (stored.start, list(stored.entries)) == (300, ENTRIES[300:310])


def test_a_large_package_may_come_in_parts() -> None:
    """Any end will do, as long as it is proved."""
    author, mirror = Author(), mirror_of()
    mirror.take_growth(author.growth(0, 300), START)
    for start, end in ((0, 3), (3, 200), (200, 256), (256, 257), (257, 300)):
        answer = answer_of(mirror.take_package(author.package(start, end, 300), START))
        assert answer.next_entry == end
        assert (answer.kind is AnswerKind.HELD) == (end == 300)


def test_a_mirror_taken_up_again_goes_on_where_its_disk_is() -> None:
    """Locked onto the checkpoint it was locked onto."""
    author, disk = Author(), LogDisk()
    mirror = mirror_of(disk)
    disk.pending = author.note(300)
    mirror.take_growth(author.growth(0, 300), START)
    for act in mirror.take_package(author.package(0, 256, 300), START):
        if isinstance(act, EntriesStored):
            disk.store(act)

    again = mirror_of(disk)
    assert again.newest() == author.note(300)
    acts = again.take_growth(author.growth(0, 300), START)
    assert answer_of(acts) == Answer(ORIGIN, AnswerKind.ELSEWHERE, 300, 256)
    acts = again.take_package(author.package(256, 300, 300), START)
    assert answer_of(acts).kind is AnswerKind.HELD


def test_a_mirror_out_of_a_backup_cosigns_nothing_smaller_than_it_may_have() -> None:
    """Locked onto 300 there, it had cosigned up to 500 since; the log's party shows as much."""
    author, disk = Author(), LogDisk()
    disk.pending = author.note(300)
    mirror = mirror_of(disk)
    assert answer_of(mirror.take_package(author.package(0, 3, 300), START)).next_entry == 3
    assert answer_of(mirror.take_growth(author.growth(0, 500, 9), START)).size == 300
    mirror.take_package(author.package(3, 256, 300), START)
    answer = answer_of(mirror.take_package(author.package(256, 300, 300), START))
    assert (answer.kind, answer.next_entry) == (AnswerKind.STORED, 300)

    assert mirror.complete() == author.note(300)

    mirror.take_growth(author.growth(300, 500, 9), START)
    mirror.take_package(author.package(300, 400, 500), START)
    assert mirror.complete() is None
    mirror.take_package(author.package(400, 500, 500), START)
    answer = answer_of(mirror.take_growth(author.growth(500, 500, 10), START))
    assert (answer.kind, answer.next_entry) == (AnswerKind.HELD, 500)


def test_what_another_party_brings_is_cosigned_when_it_was_signed_since_the_start() -> None:
    """It may know less of the log than we had cosigned; ten minutes are for clocks that differ."""
    author, mirror = Author(), mirror_of()
    acts = mirror.take_growth(author.growth(0, 5, AHEAD_S_MAX - 1), START, is_vouched=False)
    assert answer_of(acts).kind is AnswerKind.STORED
    answer = answer_of(mirror.take_package(author.package(0, 5, 5), START))
    assert (answer.kind, answer.next_entry) == (AnswerKind.STORED, 5)

    acts = mirror.take_growth(author.growth(5, 5, AHEAD_S_MAX), START, is_vouched=False)
    assert answer_of(acts).kind is AnswerKind.HELD


@pytest.mark.parametrize(
    "changes",
    [
        {"entries": (*ENTRIES[:9], ENTRIES[10])},
        {"entries": ENTRIES[:9]},
        {"entries": (ENTRIES[1], ENTRIES[0], *ENTRIES[2:10])},
        {"entries": (*ENTRIES[:9], b"")},
        {"proof": ()},
        {"start": 1},
    ],
)
def test_a_package_that_is_not_proved_is_refused_and_changes_nothing(
    changes: dict[str, object],
) -> None:
    """An entry exchanged, dropped or added; no proof; another place."""
    author, mirror = Author(), mirror_of()
    mirror.take_growth(author.growth(0, 300), START)
    package = dataclasses.replace(author.package(0, 10, 300), **changes)  # type: ignore[arg-type]
    acts = mirror.take_package(package, START)

    assert mirror.tree.size == 0
    assert codes(acts) == ([] if changes == {"start": 1} else ["proof.wrong"])
    assert answer_of(acts).kind in {AnswerKind.REFUSED, AnswerKind.ELSEWHERE}


@pytest.mark.parametrize(("start", "end"), [(250, 260), (290, 301)])
def test_a_package_over_a_bundle_or_the_checkpoint_is_refused(start: int, end: int) -> None:
    """Its proof would be about something else."""
    author = Author()
    mirror = filled(author, 300)
    package = dataclasses.replace(
        author.package(256, 300, 300), start=start, entries=tuple(ENTRIES[start:end])
    )
    assert codes(mirror.take_package(package, START)) == ["proof.wrong"]


def test_a_gap_is_answered_with_where_we_are() -> None:
    """So is a checkpoint nobody told us of."""
    author, mirror = Author(), mirror_of()
    mirror.take_growth(author.growth(0, 300), START)
    for package in (author.package(256, 300, 300), author.package(0, 10, 299)):
        answer = answer_of(mirror.take_package(package, START))
        assert answer == Answer(ORIGIN, AnswerKind.ELSEWHERE, 300, 0)


def test_another_log_is_unknown_here() -> None:
    """Whatever the letter, and whatever the note inside says."""
    author, mirror = Author(), mirror_of()
    elsewhere = dataclasses.replace(ORIGIN, space=SpaceId(b"z" * 16))
    growth = dataclasses.replace(author.growth(0, 3), origin=elsewhere)
    package = dataclasses.replace(author.package(0, 3, 3), origin=elsewhere)
    for acts in (mirror.take_growth(growth, START), mirror.take_package(package, START)):
        assert codes(acts) == ["log.unknown"]
        assert answer_of(acts).kind is AnswerKind.UNKNOWN

    replayed = Growth(ORIGIN, 0, (), author.note(3, origin=elsewhere))
    acts = mirror.take_growth(replayed, START)
    assert codes(acts) == ["log.unknown"]
    assert answer_of(acts).kind is AnswerKind.REFUSED


def test_only_the_logs_own_party_signs_its_checkpoints() -> None:
    """Not signed, signed by another, signed wrongly, without its time."""
    author, mirror = Author(), mirror_of()
    note = read_note(author.note(3))
    by_log, stamp = note.signatures
    third = THIRD.signer(SPACE).sign(note.text)
    wrong = NoteSignature(by_log.name, by_log.key_id, bytes(64))
    for signatures, code in (
        ((third, stamp), "note.unsigned"),
        ((wrong, stamp), "note.signature_wrong"),
        ((by_log,), "note.unsigned"),
        ((by_log, THIRD.cosigners[0].cosign(note.text, 1)), "note.unsigned"),
    ):
        growth = Growth(ORIGIN, 0, (), Note(note.text, signatures).encoded())
        assert codes(mirror.take_growth(growth, START)) == [code]
    assert codes(mirror.take_growth(Growth(ORIGIN, 0, (), b"x"), START)) == ["note.malformed"]


def test_growth_that_is_not_proved_is_refused() -> None:
    """A proof from another tree, and one from where we are not."""
    author = Author()
    mirror = filled(author, 300)
    good = author.growth(300, 400, 1)
    acts = mirror.take_growth(dataclasses.replace(good, proof=good.proof[1:]), START)
    assert codes(acts) == ["proof.wrong"]
    acts = mirror.take_growth(author.growth(200, 400, 1), START)
    assert answer_of(acts).kind is AnswerKind.ELSEWHERE
    assert answer_of(acts).size == 300
    assert not mirror.is_disputed


def test_a_beat_is_a_newer_word_on_the_same_tree() -> None:
    """It is cosigned again; the same word again is not."""
    author = Author()
    mirror = filled(author, 300)
    later = START.add(seconds=60)
    acts = mirror.take_growth(author.growth(300, 300, 60), later)
    assert answer_of(acts).kind is AnswerKind.HELD
    acts = mirror.take_growth(author.growth(300, 300, 60), later)
    assert answer_of(acts).kind is AnswerKind.ELSEWHERE


def test_a_time_far_ahead_or_going_back_is_refused() -> None:
    """Neither is a word on what is newest."""
    author = Author()
    mirror = filled(author, 300, 10)
    for growth in (author.growth(300, 400, 700), author.growth(300, 400, 9)):
        assert codes(mirror.take_growth(growth, START)) == ["note.malformed"]


def test_our_own_cosignatures_never_go_back_in_time() -> None:
    """Two that did would say that the log had shrunk."""
    author, mirror = Author(), mirror_of()
    mirror.take_growth(author.growth(0, 1), START)
    mirror.take_package(author.package(0, 1, 1), START)
    before = START.subtract(seconds=3_000)
    keys = AUTHOR.keys(SPACE)
    note = author.note(1)
    late = Mirror(ORIGIN, keys, OWN.cosigners, mirror.tree, note, cosigned_s=START.timestamp())
    late.take_growth(author.growth(0, 1, -3_000), before)
    acts = late.take_package(author.package(0, 1, 1), before)
    cosigned = Note(read_note(note).text, read_signatures(answer_of(acts).signatures))
    assert require(cosigned, OWN.cosigners[0].verifier).seconds == START.timestamp()


def test_another_tree_of_the_same_size_is_kept_as_evidence() -> None:
    """And the log is disputed, while we stay on the branch we were on."""
    author, other = Author(), Author([*ENTRIES[:299], ENTRIES[0]])
    mirror = filled(author, 300)
    acts = mirror.take_growth(other.growth(300, 300, 60), START)

    assert evidence_of(acts) is EvidenceKind.SAME_SIZE
    assert answer_of(acts).kind is AnswerKind.REFUSED
    assert mirror.is_disputed
    acts = mirror.take_growth(author.growth(300, 310, 61), START)
    assert answer_of(acts).kind is AnswerKind.STORED


def test_a_smaller_tree_of_another_branch_is_kept_as_evidence() -> None:
    """With the proof from our copy that it is another."""
    author, other = Author(), Author([*ENTRIES[:199], ENTRIES[0]])
    mirror = filled(author, 300)
    assert evidence_of(mirror.take_growth(other.growth(0, 200), START)) is EvidenceKind.OTHER_BRANCH


def test_a_log_said_to_be_smaller_later_is_rolled_back() -> None:
    """Even if the smaller tree is the beginning of the larger, and even before we hold it."""
    author = Author()
    acts = filled(author, 300).take_growth(author.growth(0, 200, 60), START)
    assert evidence_of(acts) is EvidenceKind.ROLLED_BACK

    locked = mirror_of()
    locked.take_growth(author.growth(0, 300), START)
    acts = locked.take_growth(author.growth(0, 200, 60), START)
    assert evidence_of(acts) is EvidenceKind.ROLLED_BACK


def test_an_old_checkpoint_that_comes_late_is_no_roll_back() -> None:
    """It was signed before the newer one."""
    author = Author()
    mirror = filled(author, 300, 60)
    acts = mirror.take_growth(author.growth(0, 200, 10), START)
    assert answer_of(acts).kind is AnswerKind.ELSEWHERE
    assert not mirror.is_disputed


def test_evidence_is_kept_up_to_a_bound() -> None:
    """The first contradiction says everything."""
    author, other = Author(), Author([*ENTRIES[:299], ENTRIES[0]])
    mirror = filled(author, 300)
    kept = [mirror.take_growth(other.growth(300, 300, 60), START) for _ in range(EVIDENCE_MAX + 2)]
    assert sum(isinstance(act, KeepEvidence) for acts in kept for act in acts) == EVIDENCE_MAX


def test_entries_that_do_not_count_are_held_and_set_aside() -> None:
    """No CBOR, no entry, another author, another space; the log goes on."""

    def entry(space: SpaceId, author: PartyId) -> bytes:
        return write_entry(Entry(space=space, author=author, kind=9, time_ms=1, body=b""))

    author = Author(
        [
            b"\xff",
            b"\xa0",
            entry(SPACE, THIRD.party),
            entry(SpaceId(bytes(16)), AUTHOR.party),
            ENTRIES[0],
        ]
    )
    mirror = mirror_of()
    mirror.take_growth(author.growth(0, 5), START)
    acts = mirror.take_package(author.package(0, 5, 5), START)

    assert [act for act in acts if isinstance(act, SetAside)] == [
        SetAside("encoding.refused", 0),
        SetAside("entry.malformed", 1),
        SetAside("entry.not_theirs", 2),
        SetAside("entry.not_theirs", 3),
    ]
    assert [act.index for act in acts if isinstance(act, EntryLearned)] == [4]
    assert answer_of(acts).kind is AnswerKind.HELD


def test_the_largest_checkpoint_ever_shown_is_remembered() -> None:
    """Even if it was not taken, across restarts: it binds the party that signed it."""
    author, disk = Author(), LogDisk()
    mirror = filled(author, 300)
    ahead = author.growth(200, 500, 5)
    acts = mirror.take_growth(ahead, START)
    assert acts[0] == RememberCheckpoint(ahead.note)
    assert answer_of(acts) == Answer(ORIGIN, AnswerKind.ELSEWHERE, 300, 300)
    assert mirror.newest() == ahead.note
    assert len(mirror.take_growth(ahead, START)) == 1
    wrong = dataclasses.replace(author.growth(300, 600, 6), proof=())
    acts = mirror.take_growth(wrong, START)
    assert (acts[0], codes(acts)) == (RememberCheckpoint(wrong.note), ["proof.wrong"])

    disk.pending = author.note(3)
    again = Mirror(ORIGIN, AUTHOR.keys(SPACE), OWN.cosigners, disk.tree(), disk.pending, ahead.note)
    assert again.newest() == ahead.note
    assert answer_of(again.take_growth(author.growth(0, 2, 1), START)).kind is AnswerKind.ELSEWHERE
    assert isinstance(again.take_growth(author.growth(3, 4, 4), START)[0], KeepCheckpoint)
    assert again.newest() == ahead.note
    other = Author([*ENTRIES[:499], ENTRIES[0]])
    acts = again.take_growth(other.growth(4, 500, 9), START)
    assert evidence_of(acts) is EvidenceKind.SAME_SIZE


def test_another_tree_of_the_size_that_is_held_is_another_branch() -> None:
    """When a larger one was shown since."""
    author, other = Author(), Author([*ENTRIES[:299], ENTRIES[0]])
    mirror = filled(author, 300)
    mirror.take_growth(author.growth(200, 500, 5), START)
    acts = mirror.take_growth(other.growth(300, 300, 5), START)
    assert evidence_of(acts) is EvidenceKind.OTHER_BRANCH


def test_packages_may_lead_to_the_last_few_checkpoints() -> None:
    """Older ones are forgotten."""
    author, mirror = Author(), mirror_of()
    for size in range(1, PENDING_MAX + 2):
        mirror.take_growth(author.growth(size - 1, size, size), START)
    assert answer_of(mirror.take_package(author.package(0, 1, 1), START)).kind is (
        AnswerKind.ELSEWHERE
    )
    answer = answer_of(mirror.take_package(author.package(0, 2, 2), START))
    assert (answer.kind, answer.next_entry) == (AnswerKind.HELD, 2)


def test_a_copy_damaged_on_our_own_disk_is_never_cosigned() -> None:
    """Its root is compared before we say that we hold it."""
    author, disk = Author(), LogDisk()
    damaged = Author([*ENTRIES[:10], ENTRIES[0], *ENTRIES[11:256]])
    disk.stored, disk.tiles, disk.pending = ENTRIES[:256], damaged.tiles, author.note(300)
    mirror = mirror_of(disk)
    mirror.take_growth(author.growth(0, 300), START)
    with pytest.raises(TilesMalformed):
        mirror.take_package(author.package(256, 300, 300), START)
    assert mirror_of().newest() is None
