"""The vectors of contacts: what every implementation reads, writes and marks alike."""

import json
from pathlib import Path
from typing import Any

import pytest
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.contacts.bodies import list_body, mark_of, read_list, read_trial, trial_body
from parley.crisis.contacts.hours import ContactHours, HoursSpan, presence_at
from parley.errors import EntryMalformed
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import encode
from parley.record.entry import Entry
from parley.record.kinds import Kind

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "protocol/vectors/contacts/contacts.json").read_text("utf-8"))
PARTY = PartyId(bytes.fromhex(VECTORS["party"]))


def entry(kind: Kind, body: str) -> Entry:
    """Return an entry of a body."""
    return Entry(
        space=SpaceId.of_pair(PARTY, PartyId(bytes(16))),
        author=PARTY,
        kind=kind,
        time_ms=0,
        actor=ActorId(bytes(16)),
        body=bytes.fromhex(body),
    )


@pytest.mark.parametrize("case", VECTORS["lists"], ids=lambda case: str(case["name"]))
def test_a_list_is_read_written_and_marked_as_it_stands(case: dict[str, Any]) -> None:
    """The same bytes come out as went in, and each contact has its mark."""
    contacts = read_list(entry(Kind.CONTACT_LIST, case["body"]))
    assert encode(dict(list_body(contacts))).hex() == case["body"]
    assert [mark_of(PARTY, each).hex() for each in contacts] == case["marks"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: str(case["name"]))
def test_what_is_no_list_has_no_effect(case: dict[str, Any]) -> None:
    """Whoever writes one has written a breach."""
    with pytest.raises(EntryMalformed):
        read_list(entry(Kind.CONTACT_LIST, case["body"]))


@pytest.mark.parametrize("case", VECTORS["trials"], ids=lambda case: str(case["name"]))
def test_a_trial_is_read_and_written_as_it_stands(case: dict[str, Any]) -> None:
    """Mark, outcome, time and words."""
    trial = read_trial(entry(Kind.CONTACT_TRIAL, case["body"]))
    found = [trial.mark.hex(), int(trial.outcome), trial.tried_ms, trial.words]
    assert found == [case[name] for name in ("mark", "outcome", "tried_ms", "words")]
    assert encode(dict(trial_body(trial))).hex() == case["body"]


@pytest.mark.parametrize("case", VECTORS["hours"], ids=lambda case: str(case["at"]))
def test_hours_are_read_alike(case: dict[str, Any]) -> None:
    """By the wall clock of the zone, past midnight too."""
    spans = tuple(HoursSpan(tuple(days), begins, ends) for days, begins, ends in VECTORS["spans"])
    at_ms = milliseconds(Instant.parse_iso(case["at"]))
    found = presence_at(ContactHours(VECTORS["hours_of"], spans), at_ms)
    changes = milliseconds(Instant.parse_iso(case["changes"]))
    assert (found.is_open, found.changes_ms) == (case["is_open"], changes)
