"""What lists and trials come to: which list counts, what is doubtful, what has no effect."""

from dataclasses import replace

import msgspec
import pytest

from parley.crisis.contacts.bodies import (
    Contact,
    Trial,
    TrialOutcome,
    Way,
    WayKind,
    list_body,
    mark_of,
    trial_body,
)
from parley.crisis.contacts.directory import (
    CONFIRMED_MS,
    DAY_MS,
    REMIND_MS,
    TRIALS_MAX,
    ContactEntry,
    ContactStanding,
    ListStanding,
    party_contacts,
    trial_breaches,
)
from parley.crisis.contacts.hours import ContactHours, HoursSpan
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import encode
from parley.record.entry import Entry, entry_hash, write_entry
from parley.record.kinds import Kind

US, THEM = PartyId(bytes(16)), PartyId(bytes([1] * 16))
NOW = 1_793_491_200_000  # a Sunday, midnight UTC
DESK = Contact(
    title=(("en", "Desk"),),
    level="watch",
    duty=(("en", "Anything"),),
    hours=None,
    languages=("en",),
    ways=(Way(WayKind.TELEPHONE, "+998 71 200 00 00"),),
)
OFFICE = replace(
    DESK, title=(("en", "Office"),), hours=ContactHours("UTC", (HoursSpan((1,), 0, 60),))
)


class Line:
    """Both parties' entries."""

    def __init__(self) -> None:
        """Begin empty."""
        self.entries: list[ContactEntry] = []

    def add(self, author: PartyId, kind: Kind, body: object, at_ms: int, **other: object) -> bytes:
        """Append an entry; return its hash."""
        entry = Entry(
            space=SpaceId.of_pair(US, THEM),
            author=author,
            kind=kind,
            time_ms=at_ms,
            actor=ActorId(bytes(16)),
            body=encode(body),  # type: ignore[arg-type]
        )
        entry = msgspec.structs.replace(entry, **other)
        digest = entry_hash(write_entry(entry))
        made = ContactEntry(
            hash=digest,
            entry=entry,
            epoch=0,
            place=len(self.entries),
            came_ms=min(at_ms, NOW),
            is_signed=True,
        )
        self.entries.append(made)
        return digest

    def publish(self, *contacts: Contact, at_ms: int = NOW, author: PartyId = THEM) -> bytes:
        """Publish a list."""
        return self.add(author, Kind.CONTACT_LIST, dict(list_body(contacts)), at_ms)

    def tried(
        self,
        contact: Contact,
        outcome: TrialOutcome,
        at_ms: int = NOW,
        *,
        about: bytes = bytes(32),
        written_ms: int = NOW,
        author: PartyId = US,
    ) -> bytes:
        """Try a contact of theirs."""
        said = Trial(mark_of(THEM, contact), outcome, at_ms)
        body = dict(trial_body(said))
        return self.add(author, Kind.CONTACT_TRIAL, body, written_ms, refs=(about,))

    def standing(self, contact: Contact, now_ms: int = NOW) -> ContactStanding:
        """Return how a contact of theirs stands."""
        found = party_contacts(THEM, self.entries, now_ms)
        assert found == party_contacts(THEM, list(reversed(self.entries)), now_ms)
        mark = mark_of(THEM, contact)
        return next(each.standing for each in found.contacts if each.mark == mark)


def test_the_newest_list_of_a_partys_own_log_counts() -> None:
    """The other party's list is another's, and neither changes the other's."""
    line = Line()
    line.publish(DESK)
    newest = line.publish(DESK, OFFICE)
    ours = line.publish(OFFICE, author=US)
    found = party_contacts(THEM, line.entries, NOW)
    assert (found.hash, [each.contact for each in found.contacts]) == (newest, [DESK, OFFICE])
    assert party_contacts(US, line.entries, NOW).hash == ours
    assert party_contacts(PartyId(bytes([9] * 16)), line.entries, NOW).standing is ListStanding.NONE


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"is_signed": False}, "signed"),
        ({"actor": None}, "no_person"),
        ({"body": encode({0: []})}, "malformed: contacts"),
    ],
)
def test_a_list_that_is_a_breach_leaves_the_one_before_it(
    change: dict[str, object], what: str
) -> None:
    """It is shown, and changes nothing."""
    line = Line()
    good = line.publish(DESK)
    line.publish(OFFICE)
    last = line.entries[-1]
    if "is_signed" in change:
        last = replace(last, is_signed=False)
    else:
        last = replace(last, entry=msgspec.structs.replace(last.entry, **change))
    line.entries[-1] = last
    found = party_contacts(THEM, line.entries, NOW)
    assert (found.hash, [each.what for each in found.breaches]) == (good, [what])
    del line.entries[0]
    alone = party_contacts(THEM, line.entries, NOW)
    assert (alone.standing, alone.due_ms, len(alone.breaches)) == (ListStanding.NONE, None, 1)


@pytest.mark.parametrize(
    ("age_ms", "standing"),
    [
        (0, ListStanding.CURRENT),
        (CONFIRMED_MS - REMIND_MS - 1, ListStanding.CURRENT),
        (CONFIRMED_MS - REMIND_MS, ListStanding.DUE),
        (CONFIRMED_MS - 1, ListStanding.DUE),
        (CONFIRMED_MS, ListStanding.DOUBTFUL),
    ],
)
def test_a_list_that_nobody_confirms_becomes_doubtful(age_ms: int, standing: ListStanding) -> None:
    """After ninety days; its own people are reminded two weeks ahead."""
    line = Line()
    line.publish(DESK, at_ms=NOW - age_ms)
    found = party_contacts(THEM, line.entries, NOW)
    assert (found.standing, found.due_ms) == (standing, NOW - age_ms + CONFIRMED_MS)
    line.publish(DESK)
    assert party_contacts(THEM, line.entries, NOW).standing is ListStanding.CURRENT


def test_a_list_of_tomorrow_is_not_good_for_a_day_longer() -> None:
    """Since when it counts is never later than now."""
    line = Line()
    line.publish(DESK, at_ms=NOW)
    line.entries[0] = replace(line.entries[0], came_ms=NOW + 400 * DAY_MS)
    assert party_contacts(THEM, line.entries, NOW).since_ms == NOW


def test_the_last_trial_says_how_a_contact_stands() -> None:
    """Of either party; confirming the list unchanged keeps what is known of it."""
    line = Line()
    line.publish(DESK, at_ms=NOW - 9)
    assert line.standing(DESK) is ContactStanding.UNTRIED
    line.tried(DESK, TrialOutcome.NO_ANSWER, NOW - 5)
    assert line.standing(DESK) is ContactStanding.FAILED
    line.tried(DESK, TrialOutcome.REACHED, NOW - 4, author=THEM)
    line.publish(DESK, OFFICE)
    assert line.standing(DESK) is ContactStanding.REACHED
    line.tried(DESK, TrialOutcome.WRONG, NOW - 3)
    line.tried(DESK, TrialOutcome.REACHED, NOW - 8)
    assert line.standing(DESK) is ContactStanding.FAILED
    changed = replace(DESK, ways=(Way(WayKind.TELEPHONE, "+998 71 200 00 09"),))
    line.publish(changed)
    assert line.standing(changed) is ContactStanding.UNTRIED


def test_nobody_need_answer_outside_the_hours() -> None:
    """Such a trial is shown and casts no doubt; a wrong number is wrong at any hour."""
    line = Line()
    line.publish(OFFICE)
    line.tried(OFFICE, TrialOutcome.NO_ANSWER)
    assert line.standing(OFFICE) is ContactStanding.UNTRIED
    found = party_contacts(THEM, line.entries, NOW).contacts[0]
    assert (found.trials[0].was_open, found.presence.is_open) == (False, False)
    line.tried(OFFICE, TrialOutcome.WRONG)
    assert line.standing(OFFICE) is ContactStanding.FAILED


def test_a_trial_dated_after_its_arrival_counts_from_then() -> None:
    """So no clock of theirs makes theirs the last word for ever; a few are shown."""
    line = Line()
    line.publish(DESK)
    far = NOW + 900 * DAY_MS
    line.tried(DESK, TrialOutcome.REACHED, far, written_ms=far, author=THEM)
    for _ in range(TRIALS_MAX + 1):
        line.tried(DESK, TrialOutcome.WRONG)
    assert line.standing(DESK) is ContactStanding.FAILED
    assert len(party_contacts(THEM, line.entries, NOW).contacts[0].trials) == TRIALS_MAX


def test_trials_that_cannot_be_are_shown_and_have_no_effect() -> None:
    """Of nobody, of another contact than the list has, tried later than written, malformed."""
    line = Line()
    digest = line.publish(DESK)
    line.tried(DESK, TrialOutcome.WRONG, NOW + 1)
    line.tried(OFFICE, TrialOutcome.WRONG, about=digest)
    line.tried(OFFICE, TrialOutcome.WRONG)
    line.add(US, Kind.CONTACT_TRIAL, {0: b"x"}, NOW)
    line.add(US, Kind.CONTACT_TRIAL, dict(trial_body(Trial(bytes(16), TrialOutcome.WRONG, 1))), NOW)
    line.entries[-1] = replace(
        line.entries[-1], entry=msgspec.structs.replace(line.entries[-1].entry, actor=None)
    )
    assert line.standing(DESK) is ContactStanding.UNTRIED
    parties = [party_contacts(each, line.entries, NOW) for each in (US, THEM)]
    assert [each.what for each in trial_breaches(line.entries, parties)] == [
        "tried later than written",
        "another contact",
        "malformed: keys",
        "no_person",
    ]
