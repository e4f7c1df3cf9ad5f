"""Contacts at a terminal: a list from a file, signed only if it is what the file says."""

import json
from pathlib import Path
from typing import Any

import pytest

from parley.errors import CeremonyRefused, ContactListRefused, ContactUnknown
from parley.node.commands import contacts as command
from parley.terminal.proposal import Expected, SignedKind
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.terminals import officer
from parley.words import Words

DESK: dict[str, Any] = {
    "title": [{"language": "en", "text": "Watch officer"}],
    "level": "watch",
    "duty": [{"language": "en", "text": "Anything urgent"}],
    "hours": None,
    "languages": ["en"],
    "ways": [{"kind": "telephone", "text": "+998 71 200 00 00"}],
}


def hash_of(contacts: list[dict[str, Any]]) -> bytes:
    """Return the hash of the body that a file with these contacts means."""
    return command._body_hash(contacts)


async def test_a_list_is_signed_only_if_it_is_what_the_file_says(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """Its titles, levels and numbers are shown before the PIN is asked for."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    await nodes.seconds(2)
    rolf = await officer(near, "Rolf", "releaser")
    (line,) = (await rolf.node.get("/api/contacts"))["lines"]
    path, said = f"/api/lines/{line['party_id']}/contacts", {"contacts": [DESK]}
    other = {**DESK, "ways": [{"kind": "telephone", "text": "+998 71 200 00 01"}]}
    for expected in (
        Expected(SignedKind.CONTACT_LIST, body=hash_of([other]), space=line["space"]),
        Expected(SignedKind.CONTACT_LIST, body=hash_of([DESK]), space="another"),
    ):
        with pytest.raises(CeremonyRefused):
            await rolf.acts.signed(path, said, expected)
    expected = Expected(SignedKind.CONTACT_LIST, body=hash_of([DESK]), space=line["space"])
    made = await rolf.acts.signed(path, said, expected)
    assert made["ours"]["standing"] == "current"
    shown = {(row.name, row.value) for row in rolf.asked.proposals[-1].rows}
    assert shown >= {
        ("contact en", "Watch officer"),
        ("level", "watch"),
        ("way", "+998 71 200 00 00"),
    }
    contact = made["ours"]["contacts"][0]
    assert command._written(contact) == DESK
    assert command._mark(made, contact["mark"][:6].upper()) == contact["mark"]
    assert command._mark(made, "Watch officer") == contact["mark"]
    with pytest.raises(ContactUnknown):
        command._mark(made, "Nobody")
    command._tell_lines({"lines": [made]}, Words("en"))


def test_a_file_is_a_list_or_what_show_prints_of_a_party(tmp_path: Path) -> None:
    """Anything else is refused before anything is asked of the node."""
    file = tmp_path / "contacts.json"
    for content in ([DESK], {"contacts": [DESK]}):
        file.write_text(json.dumps(content))
        assert command._contacts_in(file) == [DESK]
    for text in ("{", "[1]", "{}", "[" * 100_000):
        file.write_text(text)
        with pytest.raises(ContactListRefused):
            command._contacts_in(file)
    with pytest.raises(ContactListRefused):
        command._contacts_in(tmp_path / "none.json")
    with pytest.raises(ContactListRefused):
        hash_of([{**DESK, "ways": []}])
