"""Alerts as bytes: every implementation reads these entries and comes to the same.

``python tests/vectors/test_crisis_vectors.py`` writes it anew, after a change of the protocol.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from parley.crisis.bodies import AnswerKind, Words, words_body
from parley.crisis.matter import Alert, MatterEntry
from parley.crisis.offices import Capacity
from parley.crisis.projection import project
from parley.crisis.text import CHARACTERS_MAX, TEXT_BYTES_MAX, characters, findings
from parley.ids import PartyId
from parley.record.entry import entry_hash, read_entry
from parley.record.kinds import Kind
from parley.testing.desks import Desk, carry, desks_of

FILE = Path(__file__).parents[2] / "protocol" / "vectors" / "crisis" / "alerts.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("matter", VECTORS["matters"], ids=lambda each: str(each["name"]))
def test_the_entries_of_a_matter_come_to_what_is_written(matter: dict[str, Any]) -> None:
    """At both ends, in the order of the file and in the opposite one."""
    entries = [
        MatterEntry(
            entry_hash(bytes.fromhex(each["entry"])),
            read_entry(bytes.fromhex(each["entry"])),
            0,
            each["place"],
            0,
            each["signed"],
        )
        for each in matter["entries"]
    ]
    author, other = (PartyId.parse(each) for each in matter["parties"])
    root = bytes.fromhex(matter["alert"])
    for own, far in ((author, other), (other, author)):
        for ordered in (entries, entries[::-1]):
            found = project(root, own, far, ordered)
            assert found is not None
            assert told(found) == matter["told"]


@pytest.mark.parametrize("given", VECTORS["texts"], ids=lambda each: repr(each["text"][:12]))
def test_texts_are_counted_and_judged_as_is_written(given: dict[str, Any]) -> None:
    """Characters as a reader counts them; each fault at its place."""
    assert characters(given["text"]) == given["characters"]
    found = findings(given["text"], CHARACTERS_MAX, TEXT_BYTES_MAX)
    assert [[each.fault.value, each.place] for each in found] == given["faults"]


def test_the_file_is_what_this_code_writes() -> None:
    """A change of the protocol is seen here first."""
    assert made() == VECTORS


def told(alert: Alert) -> dict[str, Any]:
    """Return what both ends must come to."""
    return {
        "state": alert.state.value,
        "standing": alert.standing.value,
        "body_hash": alert.body_hash.hex(),
        "received_ms": alert.received_ms,
        "holds": alert.holds,
        "breaches": [[each.hash.hex(), each.kind.value, each.what] for each in alert.breaches],
    }


# ------------------------------------------------------------------------------------ the stories


def answered(near: Desk, far: Desk) -> bytes:
    """Tell of a flash that goes all the way."""
    alert = near.release(far, "Two aircraft are off course.")
    carry([near, far])
    far.present(alert)
    far.acknowledge(alert)
    far.answer(alert, AnswerKind.HOLD, far.now_ms() + 60_000)
    far.answer(alert)
    carry([near, far])
    near.close(alert)
    carry([near, far])
    far.close(alert)
    return alert


def crossed(near: Desk, far: Desk) -> bytes:
    """Tell of an alert that was taken back while it was being acknowledged."""
    alert = near.release(far, "Disregard what follows.")
    carry([near, far])
    near.withdraw(alert)
    far.acknowledge(alert)
    return alert


def broken(near: Desk, far: Desk) -> bytes:
    """Tell of every kind of breach."""
    alert = near.release(far, "turn\u202eback", verifier=None)
    carry([near, far])
    far.acknowledge(alert, is_signed=False)
    far.answer(alert)
    far.withdraw(alert)
    near.close(alert)
    near.say(far.party, Kind.CLOSURE, b"\xa1\x00\x00", (alert,))
    far.say(near.party, Kind.RECEIPT, words_body(Words(Capacity.RELEASER)), (alert,))
    return alert


def made() -> dict[str, Any]:
    """Return the whole file."""
    matters = []
    for story in (answered, crossed, broken):
        near, far = desks_of("near", "far")
        alert = story(near, far)
        carry([near, far])
        entries = sorted(
            near.disk.matters[alert].values(), key=lambda each: (each.entry.author, each.place)
        )
        logs = {party: log for (_, party), log in near.disk.logs.items()}
        matters.append(
            {
                "name": story.__name__,
                "parties": [near.party.text, far.party.text],
                "alert": alert.hex(),
                "entries": [
                    {
                        "entry": logs[each.entry.author][each.place].hex(),
                        "place": each.place,
                        "signed": each.is_signed,
                    }
                    for each in entries
                ],
                "told": told(near.alert(alert)),
            }
        )
    return {"matters": matters, "texts": [judged(text) for text in TEXTS]}


def judged(text: str) -> dict[str, Any]:
    """Return a text with what is found about it."""
    found = findings(text, CHARACTERS_MAX, TEXT_BYTES_MAX)
    return {
        "text": text,
        "characters": characters(text),
        "faults": [[each.fault.value, each.place] for each in found],
    }


TEXTS = (
    *("Plain words.", "e\u0301", "\u00e9", "\U0001f469\u200d\U0001f4bb", "\U0001f1fa\U0001f1ff"),
    *("a\u200bb", "a\u202eb", "p\u0430ris", "a\tb", "a\nb", "", "\u0645\u06cc\u200c\u062e"),
)

if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), ensure_ascii=True, indent=1) + "\n", encoding="utf-8")
