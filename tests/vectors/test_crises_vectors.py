"""Seals, timelines and sheets as any implementation must compute them.

``PARLEY_VECTORS=write`` writes the file anew from what the code computes.
"""

import json
import os
from pathlib import Path

from parley.crisis.assessment.bodies import (
    Cut,
    Paragraph,
    Section,
    account_bytes,
    paragraph_body,
    seal_of,
    timeline_body,
)
from parley.crisis.assessment.sheet import is_clean, sheet_bytes, sheet_of
from parley.crisis.assessment.timeline import Placed, said_of
from parley.crisis.crises.bodies import Fact, Opening, fact_body, opening_body
from parley.ids import PartyId, SpaceId
from parley.record.cbor import encode
from parley.record.entry import Entry
from parley.record.kinds import Kind

FILE = Path(__file__).parents[2] / "protocol/vectors/crises/assessment.json"
CRISIS, SALT = bytes(range(32)), bytes(range(32, 64))
NEAR, FAR = PartyId(bytes([1]) * 16), PartyId(bytes([2]) * 16)
TEXTS = (("en", "Two vessels met."), ("ru", "Встретились два судна."))


def computed() -> dict[str, object]:
    """Return what the code makes of fixed inputs."""
    account = account_bytes(TEXTS)
    entry = Entry(
        space=SpaceId(bytes(16)), author=NEAR, kind=Kind.ALERT, time_ms=1, body=encode({})
    )
    placed = [Placed(bytes([each]) * 32, entry, 0, each) for each in (9, 3, 5)]
    cut = (Cut(NEAR, 0, 10), Cut(FAR, 1, 7))
    same = Paragraph(key=bytes(16), section=Section.FACT, order=0, texts=TEXTS)
    ours = Paragraph(key=bytes([1]) * 16, section=Section.LESSON, order=2, texts=TEXTS[:1])
    sheet = sheet_of({same.key: {NEAR: same, FAR: same}, ours.key: {NEAR: ours}})
    opening = Opening(title=TEXTS, grade="2", start_ms=5, year=2026, number=1, is_exercise=True)
    return {
        "account": account.hex(),
        "seal": seal_of(CRISIS, SALT, account).hex(),
        "timeline": encode(timeline_body(said_of(CRISIS, placed, cut))).hex(),
        "opening": encode(opening_body(opening)).hex(),
        "fact": encode(fact_body(Fact(texts=TEXTS, crisis=CRISIS))).hex(),
        "paragraph": encode(paragraph_body(ours)).hex(),
        "sheet": sheet_bytes(sheet).hex(),
        "sheet_may_be_adopted": is_clean(sheet_bytes(sheet)),
    }


def test_the_code_computes_what_the_vectors_say() -> None:
    """Byte for byte."""
    found = computed()
    if os.environ.get("PARLEY_VECTORS") == "write":
        FILE.write_text(json.dumps(found, indent=1) + "\n")
    assert json.loads(FILE.read_text()) == found


def test_a_bracketed_fact_keeps_a_sheet_from_being_adopted() -> None:
    """A lesson may keep its brackets, a fact may not."""
    fact = Paragraph(key=bytes(16), section=Section.FACT, order=0, texts=TEXTS)
    assert not is_clean(sheet_bytes(sheet_of({fact.key: {NEAR: fact}})))
    assert not is_clean(b"")
    assert not is_clean(b"\xff")
