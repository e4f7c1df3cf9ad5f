"""Contact directories as people and programs are shown them; instants ISO 8601 in UTC."""

from collections.abc import Callable, Iterable

import msgspec

from parley.clock import from_milliseconds
from parley.crisis.contacts.bodies import Contact
from parley.crisis.contacts.directory import ContactBreach, ContactKept, PartyContacts, TrialKept
from parley.crisis.contacts.hours import ContactHours
from parley.crisis.contacts.service import LineContacts
from parley.crisis.crises.fields import Texts
from parley.ids import PartyId


class ContactTextView(msgspec.Struct, frozen=True):
    """A text in one language."""

    language: str
    text: str


class SpanView(msgspec.Struct, frozen=True):
    """Hours on some days of the week."""

    days: tuple[int, ...]
    """1 Monday to 7 Sunday."""
    begins: str
    """Hours and minutes, 00:00 to 23:59."""
    ends: str
    """00:01 to 24:00; not after the beginning: on the next day."""


class ContactHoursView(msgspec.Struct, frozen=True):
    """When a contact is there, in its own zone."""

    zone: str
    spans: tuple[SpanView, ...]


class WayView(msgspec.Struct, frozen=True):
    """A way to reach a contact."""

    kind: str
    """telephone, mail or other."""
    text: str


class TrialView(msgspec.Struct, frozen=True):
    """What came of using a contact."""

    is_ours: bool
    """Whether one of our people tried it."""
    outcome: str
    at: str
    was_open: bool | None
    words: str | None


class ContactView(msgspec.Struct, frozen=True):
    """One contact."""

    mark: str
    title: tuple[ContactTextView, ...]
    level: str
    duty: tuple[ContactTextView, ...]
    hours: ContactHoursView | None
    languages: tuple[str, ...]
    ways: tuple[WayView, ...]
    is_open: bool | None
    """Whether it can be reached now; null: this node does not know the zone."""
    changes_at: str | None
    standing: str
    """untried, reached or failed."""
    trials: tuple[TrialView, ...]
    """The newest first."""


class ContactBreachView(msgspec.Struct, frozen=True):
    """An entry about contacts that has no effect."""

    entry: str
    is_ours: bool
    what: str


class PartyContactsView(msgspec.Struct, frozen=True):
    """The directory of one party."""

    is_ours: bool
    standing: str
    """none, current, due or doubtful."""
    hash: str | None
    confirmed_at: str | None
    due_at: str | None
    received_at: str | None
    """Since when the other party has our list, as it says."""
    contacts: tuple[ContactView, ...]
    breaches: tuple[ContactBreachView, ...]


class ContactLineView(msgspec.Struct, frozen=True):
    """The directories of one line."""

    space: str
    party: str
    party_id: str
    levels: tuple[str, ...]
    ours: PartyContactsView
    theirs: PartyContactsView
    breaches: tuple[ContactBreachView, ...]
    """Trials without effect."""


def line_view(
    line: LineContacts, own: PartyId, name: Callable[[PartyId], str | None]
) -> ContactLineView:
    """Return a line's directories as shown at our end.

    Args:
        line: the directories.
        own: our party.
        name: what a party is called here.
    """
    return ContactLineView(
        line.space.text,
        name(line.other) or line.other.text,
        line.other.text,
        line.levels,
        _party(line.ours, own),
        _party(line.theirs, own),
        _breaches(line.breaches, own),
    )


def _party(kept: PartyContacts, own: PartyId) -> PartyContactsView:
    return PartyContactsView(
        is_ours=kept.party == own,
        standing=kept.standing.value,
        hash=None if kept.hash is None else kept.hash.hex(),
        confirmed_at=_maybe(kept.since_ms),
        due_at=_maybe(kept.due_ms),
        received_at=_maybe(kept.theirs_ms),
        contacts=tuple(_contact(each, own) for each in kept.contacts),
        breaches=_breaches(kept.breaches, own),
    )


def _contact(kept: ContactKept, own: PartyId) -> ContactView:
    contact: Contact = kept.contact
    return ContactView(
        mark=kept.mark.hex(),
        title=_texts(contact.title),
        level=contact.level,
        duty=_texts(contact.duty),
        hours=None if contact.hours is None else _hours(contact.hours),
        languages=contact.languages,
        ways=tuple(WayView(each.kind.name.lower(), each.text) for each in contact.ways),
        is_open=kept.presence.is_open,
        changes_at=_maybe(kept.presence.changes_ms),
        standing=kept.standing.value,
        trials=tuple(_trial(each, own) for each in kept.trials),
    )


def _trial(kept: TrialKept, own: PartyId) -> TrialView:
    return TrialView(
        is_ours=kept.author == own,
        outcome=kept.trial.outcome.name.lower(),
        at=_stamp(kept.at_ms),
        was_open=kept.was_open,
        words=kept.trial.words,
    )


def _hours(hours: ContactHours) -> ContactHoursView:
    spans = tuple(
        SpanView(each.days, _clock(each.from_minute), _clock(each.until_minute))
        for each in hours.spans
    )
    return ContactHoursView(hours.zone, spans)


def _texts(texts: Texts) -> tuple[ContactTextView, ...]:
    return tuple(ContactTextView(language, text) for language, text in texts)


def _breaches(found: Iterable[ContactBreach], own: PartyId) -> tuple[ContactBreachView, ...]:
    return tuple(
        ContactBreachView(each.hash.hex(), each.author == own, each.what) for each in found
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _maybe(at_ms: int | None) -> str | None:
    return None if at_ms is None else _stamp(at_ms)


def _stamp(at_ms: int) -> str:
    return from_milliseconds(at_ms).format_iso()
