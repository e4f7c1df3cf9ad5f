"""A feed and a mirror: whatever is lost between them, the mirror ends up with the log."""

import dataclasses
import random

import pytest

from parley.errors import NoteMalformed, NoteSignatureWrong, NoteUnsigned
from parley.record.allowance import ENTRY_COST, LETTER_COST, WorkAllowance
from parley.record.feed import AHEAD_MAX, TEXTS_MAX, LogFeed
from parley.record.kinds import Kind
from parley.record.letters import (
    PACKAGE_BYTES_MAX,
    Answer,
    AnswerKind,
    Growth,
    Package,
    read_letter,
    write_letter,
)
from parley.record.note import Note, NoteSignature, read_note
from parley.testing.records import START, RecordKeeper, carry, keepers_of


def two() -> tuple[RecordKeeper, RecordKeeper]:
    """Return two parties that keep a record together."""
    first, second = keepers_of("first", "second").values()
    return first, second


def feed_of(keeper: RecordKeeper) -> LogFeed:
    """Return a keeper's only feed."""
    return next(iter(keeper.feeds.values()))


def received(keeper: RecordKeeper, other: RecordKeeper) -> list[bytes]:
    """Return what a keeper holds of another's log."""
    return keeper.mirror_disks[other.own.party].stored


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 3_000])
def test_a_backlog_reaches_the_mirror_byte_for_byte(count: int) -> None:
    """And the mirror's cosignature comes back."""
    near, far = two()
    for _ in range(count):
        near.say(START)
    near.flush(START)
    far.flush(START)
    carry({near.own.party: near, far.own.party: far}, START)

    assert received(far, near) == near.disk.stored
    assert near.held[far.own.party][-1].size == count + 1
    assert near.held[far.own.party][-1].seconds == START.timestamp()


def test_a_feed_waits_until_what_it_sent_is_answered() -> None:
    """And for nothing once the mirror has it all."""
    near, far = two()
    assert not feed_of(near).is_waiting
    near.flush(START)
    assert feed_of(near).is_waiting
    far.flush(START)
    carry({near.own.party: near, far.own.party: far}, START)
    assert not feed_of(near).is_waiting


@pytest.mark.parametrize("seed", range(20))
def test_letters_lost_and_repeated_cost_time_alone(seed: int) -> None:
    """After every loss the feed asks where the mirror is."""
    draw = random.Random(seed)  # noqa: S311  a test's own dice
    near, far = two()
    now = START
    for _ in range(60):
        now = now.add(seconds=1)
        for _ in range(draw.randrange(80)):
            near.say(now)
        if draw.random() < 0.3:
            near.flush(now)
        letters, near.sent = near.sent, []
        for _, body in letters:
            for _ in range(draw.choice([0, 1, 1, 2])):
                far.receive(near.own.party, body, now)
        letters, far.sent = far.sent, []
        for _, body in letters:
            if draw.random() < 0.8:
                near.receive(far.own.party, body, now)
        if draw.random() < 0.2:
            feed_of(near).restart()
    near.flush(now)
    feed_of(near).restart()
    near.feed(now)
    carry({near.own.party: near, far.own.party: far}, now)

    assert received(far, near) == near.disk.stored
    assert near.held[far.own.party][-1].size == len(near.disk.stored)


def test_large_entries_are_sent_in_smaller_packages() -> None:
    """Every letter fits the line."""
    near, far = two()
    for _ in range(40):
        near.say(START, Kind.STATEMENT, {0: "x" * 60_000})
    near.flush(START)
    far.flush(START)
    sizes = [len(body) for _, body in near.sent]
    carry({near.own.party: near, far.own.party: far}, START)

    assert max(sizes) <= PACKAGE_BYTES_MAX + 10_000
    assert received(far, near) == near.disk.stored


def test_a_newer_checkpoint_is_sent_while_a_backlog_drains() -> None:
    """So an entry can be proved before everything before it has arrived."""
    near, far = two()
    for _ in range(5_000):
        near.say(START)
    near.flush(START)
    (_, asked), near.sent = near.sent[0], []
    far.receive(near.own.party, asked, START)
    near.receive(far.own.party, far.sent.pop()[1], START)
    assert sum(isinstance(read_letter(body), Package) for _, body in near.sent) == 8
    near.say(START)
    near.flush(START)
    growth = read_letter(near.sent[-1][1])
    assert isinstance(growth, Growth)
    assert growth.old_size == 5_001

    far.receive(near.own.party, near.sent.pop()[1], START)
    carry({near.own.party: near, far.own.party: far}, START)
    assert received(far, near) == near.disk.stored


def test_a_third_party_heals_a_cut_line() -> None:
    """It brings what it mirrors; the signatures are the author's."""
    keepers = keepers_of("near", "far", "third")
    near, far, third = keepers.values()
    for _ in range(600):
        near.say(START)
    near.flush(START)
    near.sent = [(to, body) for to, body in near.sent if to == third.own.party]
    while near.sent or third.sent:
        for sender, receiver in ((near, third), (third, near)):
            letters, sender.sent = sender.sent, []
            for to, body in letters:
                if to == receiver.own.party:
                    receiver.receive(sender.own.party, body, START)
        near.sent = [(to, body) for to, body in near.sent if to == third.own.party]

    disk = third.mirror_disks[near.own.party]
    feed = LogFeed(near.log.origin, third.mirrors[near.own.party].tree, disk)
    feed.extend(disk.notes[-1])
    while letters_due := feed.due(0):
        for letter in letters_due:
            far.receive(third.own.party, write_letter(letter), START)
            answer = read_letter(far.sent.pop()[1])
            assert isinstance(answer, Answer)
            feed.take(answer, [far.own.cosigners[0].verifier], 0)
    assert received(far, near) == near.disk.stored


def test_a_mirror_that_knows_more_is_sent_nothing() -> None:
    """We have lost something; the log finds out what."""
    near, _ = two()
    near.flush(START)
    feed = feed_of(near)
    feed.restart()
    feed.take(Answer(near.log.origin, AnswerKind.ELSEWHERE, 50, 40), [], 0)
    assert feed.is_behind
    feed.extend(near.disk.notes[-1])
    assert feed.due(0) == []


def test_who_is_asked_to_wait_waits() -> None:
    """And then asks again."""
    near, _ = two()
    near.flush(START)
    feed = feed_of(near)
    wait = Answer(near.log.origin, AnswerKind.LATER, 0, 0, "", 2_000)
    feed.take(wait, [], 10)
    assert feed.due(11.9) == []
    assert [type(letter) for letter in feed.due(12)] == [Growth, Package]
    feed.extend(near.flush(START.add(seconds=1)).note.encoded())
    feed.take(wait, [], 12)
    assert [type(letter) for letter in feed.due(14)] == [Growth, Package]


@pytest.mark.parametrize("kind", [AnswerKind.REFUSED, AnswerKind.UNKNOWN])
def test_a_refused_feed_stops_until_somebody_looks(kind: AnswerKind) -> None:
    """Sending the same again would be refused again."""
    near, _ = two()
    near.flush(START)
    feed = feed_of(near)
    feed.take(Answer(near.log.origin, kind), [], 0)
    near.flush(START.add(seconds=1))
    assert feed.is_refused
    assert feed.due(10) == []
    feed.restart()
    assert feed.due(10) != []


def test_held_is_believed_by_signature_alone() -> None:
    """None, another's, a wrong one, one on something we never sent."""
    near, far = two()
    near.flush(START)
    feed, verifier = feed_of(near), far.own.cosigners[0].verifier
    text = read_note(near.disk.notes[-1]).text
    good = far.own.cosigners[0].cosign(text, 7)
    wrong = NoteSignature(good.name, good.key_id, bytes(72))
    theirs = near.own.cosigners[0].cosign(text, 7)
    held = Answer(near.log.origin, AnswerKind.HELD, 1, 1)
    for signature, error in ((theirs, NoteUnsigned), (wrong, NoteSignatureWrong)):
        with pytest.raises(error):
            feed.take(dataclasses.replace(held, signatures=signature.line()), [verifier], 0)
    with pytest.raises(NoteMalformed):
        feed.take(held, [verifier], 0)
    unsent = dataclasses.replace(held, next_entry=0)
    assert feed.take(unsent, [verifier], 0) is None
    found = feed.take(dataclasses.replace(held, signatures=good.line()), [verifier], 0)
    assert found is not None
    assert (found.size, found.seconds, found.note) == (1, 7, Note(text, (good,)))


def test_a_feed_takes_checkpoints_of_its_own_log_alone() -> None:
    """And remembers the last few."""
    near, far = two()
    far.flush(START)
    with pytest.raises(NoteMalformed, match="another log"):
        feed_of(near).extend(far.disk.notes[-1])
    for number in range(TEXTS_MAX + 5):
        near.say(START)
        near.flush(START.add(seconds=number))
    assert len(feed_of(near)._texts) == TEXTS_MAX


def test_what_is_not_spent_is_saved_up_to_a_bound() -> None:
    """And who has spent everything is told how long to wait."""
    allowance = WorkAllowance(bytes_per_s=10_000, saved_bytes_max=20_000)
    assert allowance.spend(10_000 - LETTER_COST, 0, 0.0) == 0
    assert allowance.spend(10_000 - LETTER_COST, 0, 0.0) == 0
    assert allowance.spend(1_000, 0, 0.0) == round((1_000 + LETTER_COST) / 10)
    assert allowance.spend(0, 2, 0.2) == round((LETTER_COST + 2 * ENTRY_COST - 2_000) / 10)
    assert allowance.spend(0, 0, 10.0) == 0
    assert allowance.spend(10**9, 0, 100.0) == 0
    assert allowance.spend(0, 0, 100.0) > 0


def test_a_million_tiny_entries_are_slowed_down() -> None:
    """They cost what their rows cost, not what their bytes do."""
    allowance = WorkAllowance()
    taken = sum(allowance.spend(256 * 2, 256, 0.0) == 0 for _ in range(1_000_000 // 256))
    assert taken * 256 < 150_000


@pytest.mark.parametrize("seed", range(3))
def test_letters_survive_the_way_to_bytes_and_back(seed: int) -> None:
    """Of every kind."""
    near, _ = two()
    origin = near.log.origin
    hashes = tuple(bytes([seed, number]) * 16 for number in range(seed))
    for letter in (
        Growth(origin, seed, hashes, b"note"),
        Package(origin, 9, seed, (b"", b"entry"), hashes),
        Answer(origin, AnswerKind(seed), 3, seed, "— x AAAA\n", 7),
    ):
        assert read_letter(write_letter(letter)) == letter


def test_who_follows_is_sent_checkpoint_and_entries_without_a_question() -> None:
    """So that it holds them one round trip after they were written."""
    near, far = two()
    both = {near.own.party: near, far.own.party: far}
    near.flush(START)
    far.flush(START)
    carry(both, START)

    for _ in range(3):
        near.say(START)
        near.flush(START)
    sent = [type(read_letter(body)) for _, body in near.sent]

    assert sent == [Growth, Package] * 3
    carry(both, START)
    assert received(far, near) == near.disk.stored
    assert near.held[far.own.party][-1].size == 4


def test_checkpoints_without_answers_are_bounded() -> None:
    """A mirror keeps only so many; the next one waits for an answer, and stands for the others."""
    near, far = two()
    both = {near.own.party: near, far.own.party: far}
    near.flush(START)
    far.flush(START)
    carry(both, START)

    for _ in range(AHEAD_MAX + 4):
        near.say(START)
        near.flush(START)
    sent = [read_letter(body) for _, body in near.sent]

    assert [type(letter) for letter in sent] == [Growth, Package] * AHEAD_MAX
    carry(both, START)
    assert received(far, near) == near.disk.stored
    assert near.held[far.own.party][-1].size == 1 + AHEAD_MAX + 4


def test_a_checkpoint_alone_does_not_overtake_one_that_goes_with_entries() -> None:
    """It is carried faster, and the mirror could not tell what it grew from: it waits."""
    near, far = two()
    both = {near.own.party: near, far.own.party: far}
    near.flush(START)
    far.flush(START)
    carry(both, START)
    near.say(START)
    near.flush(START)
    sent = len(near.sent)

    near.flush(START.add(seconds=60))
    assert len(near.sent) == sent

    carry(both, START.add(seconds=60))
    seconds = near.log.flush(START).note.signatures[1].signature[:8]
    assert feed_of(near).next_entry == 2
    assert far.mirrors[near.own.party].cosigned_s == int.from_bytes(seconds, "big")


def test_a_checkpoint_waits_for_the_room_its_entries_need() -> None:
    """Behind one that went with entries it goes with its own."""
    near, far = two()
    both = {near.own.party: near, far.own.party: far}
    near.flush(START)
    far.flush(START)
    carry(both, START)
    near.say(START)
    near.flush(START)
    near.say(START)
    flushed = near.log.flush(START)
    near.disk.store(flushed.stored)
    feed_of(near).extend(flushed.note.encoded())

    assert feed_of(near).due(0.0, 0) == []
    assert [type(each) for each in feed_of(near).due(0.0, 1)] == [Growth, Package]


def test_a_follower_that_forgot_is_asked_where_it_is() -> None:
    """What was sent without a question is sent again with one."""
    near, far = two()
    both = {near.own.party: near, far.own.party: far}
    near.flush(START)
    far.flush(START)
    carry(both, START)
    near.say(START)
    near.flush(START)
    near.sent.clear()
    near.say(START)
    near.flush(START)

    carry(both, START)

    assert received(far, near) == near.disk.stored


def test_what_a_mirror_lost_of_an_older_checkpoint_goes_before_the_newer() -> None:
    """So that it needs no question, and all is held one round trip later."""
    near, far = two()
    both = {near.own.party: near, far.own.party: far}
    near.flush(START)
    far.flush(START)
    carry(both, START)
    near.say(START)
    near.flush(START)
    far.receive(near.own.party, near.sent[0][1], START)
    near.sent.clear()
    feed_of(near).take(Answer(near.log.origin, AnswerKind.ELSEWHERE, 2, 1), [], 0.0)
    near.say(START)
    near.flush(START)
    letters = [read_letter(body) for _, body in near.sent]

    assert [type(letter) for letter in letters] == [Package, Growth, Package]
    far.sent.clear()
    carry(both, START)
    assert near.held[far.own.party][-1].size == 3
