"""Who is in each room, near and far, after every label was checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from parley import _core
from parley.errors import LabelForged, RoomNotTheirs
from parley.ids import ParticipantId, PartyId, RoomId, track_text
from parley.line.view import PartyView
from parley.rooms import frames
from parley.rooms.label import Label, read_label
from parley.rooms.room import Room
from parley.rooms.view import RoomParticipantView

KINDS: Final[tuple[frames.TrackKind, ...]] = ("microphone", "camera", "screen")
LABELS_KEPT: Final = 4_096
"""Checked labels remembered, so that each costs one signature check."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Someone of another node who is not what their entry claims."""

    participant: ParticipantId
    """Who."""
    party: PartyId
    """The party that brings them, as the entry says."""
    label: bytes
    """The label they came under."""
    error: LabelForged | RoomNotTheirs
    """What is wrong."""


class Rosters:
    """The rosters of all rooms. Owned by the event loop's thread."""

    def __init__(self, name_of: Callable[[Room, PartyId], str]) -> None:
        """Start empty; ``name_of`` gives the name a party goes by in a room."""
        self._name_of = name_of
        self._rosters: dict[RoomId, tuple[frames.ParticipantView, ...]] = {}
        self._checked: dict[tuple[bytes, bytes, bytes, bytes], Label | None] = {}

    def take(self, room: Room, event: _core.Roster, own: PartyId) -> list[Refused]:
        """Take a roster from the engine; return who in it is refused and why."""
        refused: list[Refused] = []
        shown: list[frames.ParticipantView] = []
        for entry in event.participants:
            origin = own if entry.is_local else PartyId(entry.origin)
            if origin not in room.members:
                refused.append(_refused(entry, origin, RoomNotTheirs(party=origin.text)))
                continue
            label = self._label(room.id, entry, origin)
            if label is None:
                refused.append(_refused(entry, origin, LabelForged(party=origin.text)))
                continue
            shown.append(self._view(room, entry, label))
        self._rosters[room.id] = tuple(sorted(shown, key=lambda view: (not view.is_local, view.id)))
        return refused

    def of(self, room: RoomId) -> tuple[frames.ParticipantView, ...]:
        """Return who is in a room, people of this node first."""
        return self._rosters.get(room, ())

    def frame_for(self, room: RoomId, participant: ParticipantId) -> frames.Roster:
        """Return the roster as one participant's page is told it."""
        return frames.Roster(
            tuple(
                frames.ParticipantView(
                    view.id,
                    view.name,
                    view.party,
                    view.id == participant.text,
                    view.is_local,
                    view.route,
                    view.tracks,
                )
                for view in self.of(room)
            )
        )

    def listed(self, room: RoomId) -> tuple[RoomParticipantView, ...]:
        """Return who is in a room, as the desk lists them."""
        return tuple(RoomParticipantView(view.id, view.name, view.party) for view in self.of(room))

    def parties(self, room: RoomId) -> set[str]:
        """Return the text ids of the parties whose people are in a room."""
        return {view.party.id for view in self.of(room)}

    def forget(self, room: RoomId) -> None:
        """Drop a room's roster."""
        self._rosters.pop(room, None)

    def _label(self, room: RoomId, entry: _core.RosterEntry, origin: PartyId) -> Label | None:
        key = (bytes(room), entry.participant, bytes(origin), entry.label)
        if key not in self._checked:
            if len(self._checked) >= LABELS_KEPT:
                self._checked.clear()
            self._checked[key] = read_label(
                entry.label, room, ParticipantId(entry.participant), origin
            )
        return self._checked[key]

    def _view(self, room: Room, entry: _core.RosterEntry, label: Label) -> frames.ParticipantView:
        participant = ParticipantId(entry.participant)
        return frames.ParticipantView(
            participant.text,
            label.person_name,
            PartyView(label.party.text, self._name_of(room, label.party)),
            is_self=False,
            is_local=entry.is_local,
            route=tuple(PartyId(party).text for party in entry.route),
            tracks=tuple(
                frames.TrackView(
                    track_text(participant, track.index),
                    KINDS[track.index],
                    track.muted,
                    tuple(track.layers),
                )
                for track in entry.tracks
                if 0 <= track.index < len(KINDS)
            ),
        )


def _refused(
    entry: _core.RosterEntry, origin: PartyId, error: LabelForged | RoomNotTheirs
) -> Refused:
    return Refused(ParticipantId(entry.participant), origin, entry.label, error)
