"""Bytes about notifications and call requests that every implementation comes to."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parley.crisis.calls.bodies import CallAsked, CallMode, Interpreter, request_body
from parley.crisis.calls.identity_code import DeviceKey, commitment_of, identity_code
from parley.crisis.notifications.bodies import NotificationSaid, notification_body, type_body
from parley.crisis.notifications.definition import read_type
from parley.crisis.notifications.lateness import LeadRule, Relation, late_ms, late_text
from parley.crisis.offices import Capacity
from parley.ids import ActorId
from parley.record.entry import body_hash

PLACE = Path(__file__).parents[2] / "protocol" / "vectors" / "notifications" / "notifications.json"
VECTORS: dict[str, Any] = json.loads(PLACE.read_text(encoding="utf-8"))


def test_the_hash_of_a_type_is_that_of_the_body_that_proposes_it() -> None:
    """What both parties' agreements quote."""
    definition = VECTORS["type"]["definition"].encode()
    assert read_type(definition).id == "launch-or-test"
    assert body_hash(type_body(definition)).hex() == VECTORS["type"]["hash"]


def test_a_notification_has_the_bytes_of_the_vector() -> None:
    """Deterministic CBOR; the form as it was verified."""
    given = VECTORS["notification"]
    said = NotificationSaid(
        type_hash=bytes.fromhex(given["type_hash"]),
        type_id=given["type_id"],
        type_version=given["type_version"],
        year=given["year"],
        number=given["number"],
        form=given["form"].encode(),
        drafter=ActorId(bytes.fromhex(given["drafter"])),
        verifier=ActorId(bytes.fromhex(given["verifier"])),
        corrects=None,
    )
    assert notification_body(said).hex() == given["body"]
    drill = replace(said, is_exercise=True)
    assert notification_body(drill).hex() == given["body_of_an_exercise"]
    spoken = replace(said, capacity=Capacity.DUTY_OFFICER)
    assert notification_body(spoken).hex() == given["body_by_a_duty_officer"]


def test_a_call_request_has_the_bytes_of_the_vector() -> None:
    """In whatever script."""
    given = VECTORS["call_request"]
    asked = CallAsked(
        asker=given["asker"],
        asked=given["asked"],
        level=given["level"],
        subject=given["subject"],
        earliest_ms=given["earliest_ms"],
        latest_ms=given["latest_ms"],
        mode=CallMode(given["mode"]),
        languages=tuple(given["languages"]),
        interpreter=Interpreter(given["interpreter"]),
        answer_hours=given["answer_hours"],
    )
    assert request_body(asked).hex() == given["body"]
    spoken = replace(asked, capacity=Capacity.RELEASER)
    assert request_body(spoken).hex() == given["body_by_a_releaser"]


@pytest.mark.parametrize("number", range(len(VECTORS["lateness"])))
def test_lateness_is_computed_alike(number: int) -> None:
    """To the millisecond, and shown by whole minutes."""
    given = VECTORS["lateness"][number]
    rule = LeadRule(Relation(given["relation"]), given["hours"])
    late = late_ms(rule, given["reference_ms"], given["received_ms"])
    assert late == given["late_ms"]
    assert late_text(late or 0) == given["shown"]


def test_the_identity_code_is_that_of_the_vector() -> None:
    """Six digits from two keys, two nonces and the request."""
    given = VECTORS["identity_code"]
    request = bytes.fromhex(given["request"])
    asker, asked = (
        DeviceKey(bytes.fromhex(given[who]["public_key"]), bytes.fromhex(given[who]["nonce"]))
        for who in ("asker", "asked")
    )
    assert commitment_of(request, asker).hex() == given["commitment"]
    assert identity_code(request, asker, asked) == given["code"]
