"""Labels: who a participant is, signed by the participant's own party.

The engines carry labels as they are. Whoever shows a person checks the signature against the key
whose hash is the party the participant is said to be from, so no node on the way can put a person
of another party into a room, rename one, or move one from another room.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parley.errors import EncodingRefused
from parley.identity.encoding import Value, decode_map, encode
from parley.identity.keys import PartyKey, verify
from parley.ids import ParticipantId, PartyId, RoomId
from parley.rooms.statement import NAME

LABEL_BYTES_MAX: Final = 1_024
"""The engine's limit; a label takes about 250 bytes."""
_FORM, _ROOM, _PARTICIPANT, _KEY, _NAME, _SIGNATURE = range(6)
_FORMAT: Final = 1
_PURPOSE: Final = "participant label"


@dataclass(frozen=True, slots=True)
class Label:
    """Who a participant is."""

    room: RoomId
    participant: ParticipantId
    party_key: bytes
    """Public key of the participant's own party."""
    person_name: str
    """The person, as that party names them."""

    @property
    def party(self) -> PartyId:
        """The participant's own party."""
        return PartyId.of_key(self.party_key)


def sign_label(label: Label, key: PartyKey) -> bytes:
    """Return a label as signed bytes."""
    content: dict[int, Value] = {
        _FORM: _FORMAT,
        _ROOM: bytes(label.room),
        _PARTICIPANT: bytes(label.participant),
        _KEY: label.party_key,
        _NAME: label.person_name,
    }
    return encode({**content, _SIGNATURE: key.sign(_PURPOSE, encode(content))})


def read_label(
    encoded: bytes, room: RoomId, participant: ParticipantId, party: PartyId
) -> Label | None:
    """Read foreign bytes as the label of one participant; None if anything does not hold.

    Args:
        encoded: the bytes as the engine got them.
        room: the room it must be for.
        participant: the participant it must be for.
        party: the party whose key must have signed it.
    """
    try:
        fields = decode_map(encoded, LABEL_BYTES_MAX)
    except EncodingRefused:
        return None
    if set(fields) != set(range(6)) or fields[_FORM] != _FORMAT:
        return None
    if fields[_ROOM] != bytes(room) or fields[_PARTICIPANT] != bytes(participant):
        return None
    return _signed(fields, room, participant, party)


def _signed(
    fields: Mapping[int, Value], room: RoomId, participant: ParticipantId, party: PartyId
) -> Label | None:
    key, name, signature = fields[_KEY], fields[_NAME], fields[_SIGNATURE]
    if not isinstance(key, bytes) or not isinstance(signature, bytes) or not isinstance(name, str):
        return None
    try:
        is_normal = NAME.read(name) == name
    except ValueError:
        return None
    signed = encode({number: value for number, value in fields.items() if number != _SIGNATURE})
    if not is_normal or PartyId.of_key(key) != party:
        return None
    return Label(room, participant, key, name) if verify(key, _PURPOSE, signed, signature) else None
