"""Frames between a page and its own node, on the two WebSockets.

The JSON Schema of these classes is exported (``tools/schema.py``) and the interface's types are
generated from it, so a field added here is a field there. Instants are ISO 8601 in UTC, rates in
bit/s, shares 0 to 1, ids 26 characters, tracks ``<participant>/<index>``.
"""

from typing import Literal

import msgspec

from parley.line.view import LineView, PartyView
from parley.record.view import SpaceView
from parley.rooms.view import RoomView

HopLevel = Literal["good", "fair", "poor", "cut", "unknown"]
WithheldReason = Literal["rate", "paused", "muted", "own_way"]
TrackKind = Literal["microphone", "camera", "screen"]


class Hop(msgspec.Struct, frozen=True):
    """How one hop between two people does; null where nothing is known."""

    level: HopLevel
    rtt_ms: float | None = None
    loss: float | None = None
    rate_bps: int | None = None


class PartyHop(msgspec.Struct, frozen=True):
    """A hop that belongs to one other party."""

    party_id: str
    level: HopLevel
    rtt_ms: float | None = None
    loss: float | None = None
    rate_bps: int | None = None


class DeviceHop(msgspec.Struct, frozen=True):
    """The hop between another participant's device and that participant's own node."""

    participant_id: str
    party_id: str
    level: HopLevel
    rtt_ms: float | None = None
    loss: float | None = None
    rate_bps: int | None = None


class Hops(msgspec.Struct, frozen=True):
    """Every hop between this page and the others, nearest first.

    A room may reach several parties: ``their_node`` and ``their_device`` are the worst of those
    known, the lists name each.
    """

    my_device: Hop
    my_node: Hop
    line: tuple[PartyHop, ...]
    their_node: Hop
    their_device: Hop
    their_nodes: tuple[PartyHop, ...]
    their_devices: tuple[DeviceHop, ...]


# --------------------------------------------------------------------------- from page to node


class Muted(msgspec.Struct, frozen=True, tag="muted", forbid_unknown_fields=True):
    """What the person has muted, in full; a screen that is not shared is muted."""

    microphone: bool
    camera: bool
    screen: bool


class MutedTracks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person has muted at joining."""

    microphone: bool
    camera: bool
    screen: bool


class Join(msgspec.Struct, frozen=True, tag="join", forbid_unknown_fields=True):
    """The page's media offer; ``resume`` names its participant after a lost connection."""

    offer: str
    muted: MutedTracks
    resume: str | None = None


class WatchSlot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tile the page shows: slot 0 to 7, which track, how many pixels high."""

    slot: int
    track: str
    height: int


class Watch(msgspec.Struct, frozen=True, tag="watch", forbid_unknown_fields=True):
    """All tiles the page shows, in full."""

    slots: tuple[WatchSlot, ...]


class Sending(msgspec.Struct, frozen=True):
    """What the page sends, as its browser reports it."""

    audio_bps: int | None = None
    video_bps: int | None = None
    limited_by: str | None = None


class Report(msgspec.Struct, frozen=True, tag="report"):
    """How the hop to the node does, as the page's browser measures it; once a second."""

    rtt_ms: float | None = None
    loss_in: float | None = None
    loss_out: float | None = None
    concealed_ratio: float | None = None
    freeze_ratio: float | None = None
    sending: Sending | None = None


class PageBeat(msgspec.Struct, frozen=True, tag="beat"):
    """The page is alive."""


class Leave(msgspec.Struct, frozen=True, tag="leave"):
    """The person leaves the room."""


PageFrame = Join | Watch | Muted | Report | PageBeat | Leave

# --------------------------------------------------------------------------- from node to page


class SlotMids(msgspec.Struct, frozen=True):
    """The ``mid`` of each slot in the answer, in slot order."""

    video: tuple[str, ...]
    audio: tuple[str, ...]


class Joined(msgspec.Struct, frozen=True, tag="joined"):
    """The node's answer to the page's offer."""

    participant_id: str
    answer: str
    slots: SlotMids


class TrackView(msgspec.Struct, frozen=True):
    """One track of a participant; ``layers`` are those its device sends."""

    id: str
    kind: TrackKind
    muted: bool
    layers: tuple[int, ...]


class ParticipantView(msgspec.Struct, frozen=True):
    """One participant; ``route`` lists the parties the media passes, origin first."""

    id: str
    name: str
    party: PartyView
    is_self: bool
    is_local: bool
    route: tuple[str, ...]
    tracks: tuple[TrackView, ...]


class Roster(msgspec.Struct, frozen=True, tag="roster"):
    """Everyone in the room, in full."""

    participants: tuple[ParticipantView, ...]


class AudioSlot(msgspec.Struct, frozen=True):
    """Whom one audio slot carries."""

    slot: int
    track: str | None


class VideoSlot(msgspec.Struct, frozen=True):
    """What one video slot carries, and why less than asked for."""

    slot: int
    track: str | None
    layer: int | None
    withheld: WithheldReason | None


class Slots(msgspec.Struct, frozen=True, tag="slots"):
    """What all slots carry, in full."""

    audio: tuple[AudioSlot, ...]
    video: tuple[VideoSlot, ...]


class Speakers(msgspec.Struct, frozen=True, tag="speakers"):
    """Who is being heard, loudest first."""

    tracks: tuple[str, ...]


class Wanted(msgspec.Struct, frozen=True, tag="wanted"):
    """Which layers of one's own track anybody watches; the page may stop sending the others."""

    track: str
    layers: tuple[int, ...]


class Quality(msgspec.Struct, frozen=True, tag="quality"):
    """How each hop does; every second or two."""

    hops: Hops


class Beat(msgspec.Struct, frozen=True, tag="beat"):
    """The node is alive; a page that has not heard one for 3 s stops sending."""

    at: str


class Replaced(msgspec.Struct, frozen=True, tag="replaced"):
    """The same person has joined from another page; this one must not come back by itself."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A frame was refused; ``code`` is a key of protocol/errors.toml."""

    code: str
    params: dict[str, str | int]


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The page's place in the room has ended.

    Reasons: ``closed`` the room was closed; ``left`` the person left; ``stopping`` the node is
    being restarted and ``fault`` the engine was: in both the page joins again by itself.
    """

    reason: Literal["closed", "left", "stopping", "fault"]


RoomFrame = (
    Joined | Roster | Slots | Speakers | Wanted | Quality | Beat | Replaced | Refused | Ended
)


class Lines(msgspec.Struct, frozen=True, tag="lines"):
    """All lines, in full; at most once a second."""

    lines: tuple[LineView, ...]


class Rooms(msgspec.Struct, frozen=True, tag="rooms"):
    """All rooms, in full."""

    rooms: tuple[RoomView, ...]


class PersonNameView(msgspec.Struct, frozen=True):
    """Somebody of our own party."""

    id: str
    name: str


class PersonView(msgspec.Struct, frozen=True):
    """The person signed in; ``role`` is the first of their roles."""

    id: str
    name: str
    language: str
    appearance: str
    role: str


class OwnPartyView(msgspec.Struct, frozen=True):
    """The party this node speaks for."""

    id: str
    name: str
    languages: tuple[str, ...]
    time_zone: str


class OfficeHeldView(msgspec.Struct, frozen=True):
    """An office the person belongs to."""

    id: str
    name: str
    is_on_duty: bool


class LentRoleView(msgspec.Struct, frozen=True):
    """A role asked for, or lent because two people agreed."""

    id: str
    person: PersonNameView
    role: str
    reason: str
    opened_at: str
    second: PersonNameView | None
    ends_at: str
    state: Literal["asked", "open", "ended", "expired", "lapsed"]


class LentRoles(msgspec.Struct, frozen=True, tag="break_glass"):
    """Every role asked for or lent now, in full; every desk shows them."""

    lent: tuple[LentRoleView, ...]


class DuressCallView(msgspec.Struct, frozen=True):
    """Somebody of ours who used a passkey that they keep for duress."""

    id: str
    person: PersonNameView
    began_at: str
    seen_at: str
    """When such a passkey was used last."""


class DuressCalls(msgspec.Struct, frozen=True, tag="duress"):
    """Every duress call that nobody has settled, in full; never the reader's own."""

    calls: tuple[DuressCallView, ...]


class NodeView(msgspec.Struct, frozen=True):
    """This node."""

    version: str
    started_at: str


class SelfView(msgspec.Struct, frozen=True, tag="self"):
    """Who is signed in, where."""

    person: PersonView
    party: OwnPartyView
    node: NodeView
    roles: tuple[str, ...]
    """What they are in the institution; those lent by broken glass included."""
    offices: tuple[OfficeHeldView, ...]
    may: tuple[str, ...]
    """Acts of the permission table they may do to something."""
    signed_in_by: Literal["link", "passkey", "oidc"]
    stepped_up_until: str | None
    """Until when their last use of a passkey counts; null when it does not."""
    has_passkey: bool


class RecordFrame(msgspec.Struct, frozen=True, tag="record"):
    """All spaces of the record, in full; at most once a second."""

    spaces: tuple[SpaceView, ...]


class AlertsChanged(msgspec.Struct, frozen=True, tag="alerts"):
    """Something about an alert, a draft or a limit is new; the page asks again.

    What is new is not in it: who may read alerts is decided where they are asked for.
    """

    number: int
    """Counts the changes since the node started."""


class NodeState(msgspec.Struct, frozen=True, tag="node"):
    """What keeps the node from keeping its word, and when it was last copied."""

    troubles: tuple[str, ...]
    """Codes, the gravest first; empty while all is well."""
    backup_at: str | None
    """When the newest backup that was proved was made; null if none is known of."""


DeskFrame = (
    Lines
    | Rooms
    | RecordFrame
    | (
        Lines
        | Rooms
        | RecordFrame
        | SelfView
        | LentRoles
        | DuressCalls
        | AlertsChanged
        | NodeState
        | Beat
    )
)
