"""What both parties' entries about contacts come to. A core without I/O.

A party's list is the newest in its own log that a passkey of its people signed. Trials are of
anybody on the line. Both ends compute the same from the same entries; only since when they have
them, and so what is doubtful, is each end's own.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from parley.crisis.contacts.bodies import (
    Contact,
    Trial,
    TrialOutcome,
    mark_of,
    read_list,
    read_trial,
)
from parley.crisis.contacts.hours import Presence, presence_at
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId
from parley.record.entry import Entry
from parley.record.kinds import Kind

DAY_MS: Final = 24 * 3_600_000
CONFIRMED_MS: Final = 90 * DAY_MS
"""How long a list is good without being confirmed. More: numbers of people who have left. Less:
people confirm without looking."""
REMIND_MS: Final = 14 * DAY_MS
"""How long before that our own people are reminded; two weeks, so that a holiday fits."""
TRIALS_MAX: Final = 5
"""Trials of one contact that are shown."""


class ListStanding(StrEnum):
    """Whether a party's list can be relied on."""

    NONE = "none"
    """It has published none."""
    CURRENT = "current"
    DUE = "due"
    """It is to be confirmed soon."""
    DOUBTFUL = "doubtful"
    """Nobody has confirmed it for 90 days."""


class ContactStanding(StrEnum):
    """What came of the last use of a contact."""

    UNTRIED = "untried"
    REACHED = "reached"
    FAILED = "failed"
    """The last trial reached nobody within the hours, or somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """An entry about contacts."""

    hash: bytes
    entry: Entry
    epoch: int
    place: int
    came_ms: int
    """Since when we have it, by our clock; of our own, when it was written."""
    is_signed: bool = False
    """Whether its person's passkey is proved to have signed it."""
    theirs_ms: int | None = None
    """Since when the other party says it has ours."""


@dataclass(frozen=True, slots=True)
class ContactBreach:
    """An entry about contacts that has no effect."""

    hash: bytes
    author: PartyId
    what: str


@dataclass(frozen=True, slots=True)
class TrialKept:
    """A trial that counts."""

    author: PartyId
    trial: Trial
    at_ms: int
    """When it was, but not after it came."""
    was_open: bool | None
    """Whether the contact said that it was there; None if that is not known."""


@dataclass(frozen=True, slots=True)
class ContactKept:
    """A contact of a list, and what is known of it."""

    contact: Contact
    mark: bytes
    presence: Presence
    standing: ContactStanding
    trials: tuple[TrialKept, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True)
class PartyContacts:
    """A party's directory."""

    party: PartyId
    standing: ListStanding
    contacts: tuple[ContactKept, ...] = ()
    hash: bytes | None = None
    """Of the entry of the list that counts."""
    since_ms: int | None = None
    """When it was last confirmed, by our clock."""
    theirs_ms: int | None = None
    """Since when the other party says it has our list."""
    breaches: tuple[ContactBreach, ...] = ()

    @property
    def due_ms(self) -> int | None:
        """By when it is to be confirmed."""
        return None if self.since_ms is None else self.since_ms + CONFIRMED_MS


def party_contacts(party: PartyId, entries: Collection[ContactEntry], now_ms: int) -> PartyContacts:
    """Return a party's directory at an instant.

    Args:
        party: whose.
        entries: lists and trials of everybody on the line, in any order.
        now_ms: by our clock.
    """
    lists = [each for each in entries if each.entry.kind == Kind.CONTACT_LIST]
    own = sorted(
        (each for each in lists if each.entry.author == party),
        key=lambda each: (each.epoch, each.place),
        reverse=True,
    )
    breaches: list[ContactBreach] = []
    for each in own:
        contacts, wrong = _read(each)
        if wrong is None:
            return _kept(party, each, contacts, entries, tuple(breaches), now_ms)
        breaches.append(ContactBreach(each.hash, party, wrong))
    return PartyContacts(party, ListStanding.NONE, breaches=tuple(breaches))


def trial_breaches(
    entries: Iterable[ContactEntry], parties: Iterable[PartyContacts]
) -> tuple[ContactBreach, ...]:
    """Return the trials that have no effect, and why."""
    marks = {
        each.hash: {kept.mark for kept in each.contacts}
        for each in parties
        if each.hash is not None
    }
    found = []
    for each in entries:
        if each.entry.kind != Kind.CONTACT_TRIAL:
            continue
        trial, wrong = _trial(each)
        about = marks.get(each.entry.refs[0]) if each.entry.refs else None
        if trial is not None and about is not None and trial.mark not in about:
            wrong = "another contact"
        if wrong is not None:
            found.append(ContactBreach(each.hash, each.entry.author, wrong))
    return tuple(found)


def _kept(
    party: PartyId,
    current: ContactEntry,
    contacts: tuple[Contact, ...],
    entries: Iterable[ContactEntry],
    breaches: tuple[ContactBreach, ...],
    now_ms: int,
) -> PartyContacts:
    marks = {mark_of(party, each): each for each in contacts}
    trials: dict[bytes, list[TrialKept]] = {mark: [] for mark in marks}
    for each in entries:
        trial, _ = _trial(each) if each.entry.kind == Kind.CONTACT_TRIAL else (None, None)
        if trial is not None and trial.mark in trials:
            at_ms = min(trial.tried_ms, each.came_ms)
            was_open = presence_at(marks[trial.mark].hours, at_ms).is_open
            trials[trial.mark].append(TrialKept(each.entry.author, trial, at_ms, was_open))
    kept = tuple(_contact(mark, each, trials[mark], now_ms) for mark, each in marks.items())
    # A list that says it is of tomorrow is not good for a day longer.
    since_ms = min(current.came_ms, now_ms)
    standing = _standing(now_ms - since_ms)
    return PartyContacts(party, standing, kept, current.hash, since_ms, current.theirs_ms, breaches)


def _contact(mark: bytes, contact: Contact, tried: list[TrialKept], now_ms: int) -> ContactKept:
    newest = sorted(tried, key=lambda each: (each.at_ms, each.trial.outcome), reverse=True)
    counting = (each for each in newest if _counts(each))
    last = next(counting, None)
    if last is None:
        standing = ContactStanding.UNTRIED
    else:
        is_reached = last.trial.outcome is TrialOutcome.REACHED
        standing = ContactStanding.REACHED if is_reached else ContactStanding.FAILED
    presence = presence_at(contact.hours, now_ms)
    return ContactKept(contact, mark, presence, standing, tuple(newest[:TRIALS_MAX]))


def _counts(tried: TrialKept) -> bool:
    """Say whether a trial says anything of a contact: nobody is to answer outside the hours."""
    return tried.trial.outcome is not TrialOutcome.NO_ANSWER or tried.was_open is not False


def _standing(age_ms: int) -> ListStanding:
    if age_ms >= CONFIRMED_MS:
        return ListStanding.DOUBTFUL
    return ListStanding.DUE if age_ms >= CONFIRMED_MS - REMIND_MS else ListStanding.CURRENT


def _read(each: ContactEntry) -> tuple[tuple[Contact, ...], str | None]:
    """Return a list's contacts, or why it has no effect."""
    if each.entry.actor is None:
        return (), "no_person"
    try:
        contacts = read_list(each.entry)
    except EntryMalformed as error:
        return (), f"malformed: {error.params.get('field', '')}"
    return contacts, None if each.is_signed else "signed"


def _trial(each: ContactEntry) -> tuple[Trial | None, str | None]:
    """Return a trial, or why it has no effect."""
    actor: ActorId | None = each.entry.actor
    if actor is None:
        return None, "no_person"
    try:
        trial = read_trial(each.entry)
    except EntryMalformed as error:
        return None, f"malformed: {error.params.get('field', '')}"
    if trial.tried_ms > each.entry.time_ms:
        return None, "tried later than written"
    return trial, None
