"""The compiled engine: one node's lines and rooms, on threads that never take the GIL.

How a letter gets to the other party: `Engine.send` queues it on one lane of one line and returns
its number; the line thread carries it over whichever network paths are up, for as long as it
takes; when the other party's engine has it, a `LetterDelivered` with that number comes out of
`drain`, and on the other side a `Letter`. How a face gets there: a browser's offer goes in by
`join`, the answer comes back as the event `Joined`, and from then on packets flow between the
browser, this node's relay and the other parties' relays without Python seeing one of them; Python
sees rosters, slots, speakers and counters.

Everything that happens comes out of `Engine.drain`, in the order it happened. `Engine.event_fd`
becomes readable when there is something to drain, so `loop.add_reader(engine.event_fd, ...)` is all
an event loop needs. When Python drains too slowly, an event that only repeats the latest state of
one thing (slots, speakers, roster, path state) replaces the one before it; nothing else is left out
before 256 MiB of undrained letters or 200,000 events are waiting, and what is left out after that
is counted by `EventsLost`.

Ids of parties, rooms and participants are 16 `bytes`; their text form is lower-case base32 without
padding. Every call raises `CoreError` and nothing else. `stop` ends all threads; an engine that is
collected stops itself.
"""

from typing import Literal, TypeAlias, final

__all__ = [
    "AudioSlots",
    "Connected",
    "CoreError",
    "Engine",
    "EventsLost",
    "Fault",
    "JoinRefused",
    "Joined",
    "LaneStatus",
    "Left",
    "Letter",
    "LetterDelivered",
    "LinePath",
    "LineState",
    "LineStatus",
    "ParticipantQuality",
    "PathState",
    "PathStatus",
    "Refusal",
    "RoomClosed",
    "Roster",
    "RosterEntry",
    "RosterTrack",
    "Speakers",
    "SyntheticParticipant",
    "TunWire",
    "UdpWire",
    "VideoSlot",
    "VideoSlots",
    "WantedLayers",
    "Watchdog",
    "WireStats",
    "party_id",
    "public_key",
]

Track: TypeAlias = tuple[bytes, int]
"""A track: its participant and its index there (0 microphone, 1 camera, 2 screen)."""

LineStateName: TypeAlias = Literal["cold", "up", "degraded", "cut"]
"""cold: not proved yet. up: every path up. degraded: some. cut: was up, no path is."""

PathStateName: TypeAlias = Literal["cold", "up", "suspect", "down"]
"""cold: not proved yet. up: proof of life is fresh. suspect: a probe is late. down: gone."""

Carrier: TypeAlias = Literal["udp", "tcp"]
"""What carries the packets of a path."""

WithheldReason: TypeAlias = Literal["rate", "paused", "muted", "own_way"]
"""Why a wanted track or layer does not come: no room on a line, nobody sends it, muted, or no room
on the way from this node to the viewer."""

Event: TypeAlias = (
    LineState
    | PathState
    | Letter
    | LetterDelivered
    | Joined
    | JoinRefused
    | Roster
    | Connected
    | Left
    | AudioSlots
    | VideoSlots
    | Speakers
    | WantedLayers
    | RoomClosed
    | Refusal
    | Fault
    | EventsLost
)
"""Whatever `Engine.drain` returns; `match` on the class."""

class CoreError(Exception):
    """The engine refused a call.

    `code` is stable and is a key of protocol/errors.toml:

    - `engine.port_taken` (`address`), `engine.address_unusable` (`address`): a socket did not open.
    - `engine.permission_denied` (`what`): the system forbids it (TUN wire, low port).
    - `engine.argument_invalid` (`argument`): a value that cannot be (key not 32 bytes, lane 9).
    - `engine.overloaded`: a command queue is full. `engine.stalled`: a thread gave no answer in
      two seconds. `engine.stopped`: `stop` was called before.
    - `engine.system` (`what`, `errno`): the system failed in a way that has no name here.
    - `line.unknown`, `line.already_open`, `line.own_key`, `line.paths_malformed`,
      `line.key_unusable`, `line.letter_too_long` (`bytes`), `line.wrong_lane` (`lane`),
      `line.lane_full` (`lane`): a line refused it.
    - `media.room_unknown`, `media.participant_unknown`: a room refused it.
    - `media.answer` (`reason`): a synthetic participant cannot use the answer it was given.
    - `wire.profile_invalid` (`reason`): the emulator does not know such a profile.
    """

    code: str
    """Stable code, a key of protocol/errors.toml."""
    params: dict[str, str | int]
    """What the wording of the code needs; never a person's name, a key or a letter's text."""
    is_theirs: bool
    """Whether somebody else's input caused it, rather than this node."""

def party_id(public_key: bytes) -> bytes:
    """Return the id of the party that owns an Ed25519 public key of 32 bytes."""

def public_key(key_seed: bytes) -> bytes:
    """Return the Ed25519 public key of 32 bytes that belongs to a secret seed of 32 bytes."""

@final
class LinePath:
    """One network route of a line, as the operator declared it."""

    def __new__(
        cls,
        *,
        name: str,
        socket: int = 0,
        remote: str | None = None,
        carrier: Carrier = "udp",
        floor_bps: int = 128_000,
        ceiling_bps: int = 100_000_000,
    ) -> LinePath: ...
    @property
    def name(self) -> str:
        """The operator's name for the path; unique within the line."""
    @property
    def socket(self) -> int:
        """Index into the engine's `line_listen`: the local end."""
    @property
    def remote(self) -> str | None:
        """`host:port` of the far end as an IP literal, or None to wait to be dialled."""
    @property
    def carrier(self) -> Carrier:
        """UDP, or TCP where UDP is blocked."""
    @property
    def floor_bps(self) -> int:
        """The rate that is never gone below, in bit/s."""
    @property
    def ceiling_bps(self) -> int:
        """The rate that is never gone above, in bit/s."""

@final
class PathStatus:
    """What is known about one path, and nothing that is not proved."""

    def __new__(
        cls,
        *,
        name: str,
        carrier: Carrier,
        state: PathStateName,
        is_best: bool,
        rtt_ms: float | None,
        loss_in: float | None,
        loss_out: float | None,
        rate_bps: int | None,
        queue_ms: float | None,
        proof_age_ms: int | None,
        bytes_sent: int,
        bytes_received: int,
    ) -> PathStatus: ...
    @property
    def name(self) -> str:
        """The operator's name for the path."""
    @property
    def carrier(self) -> Carrier:
        """What carries its packets."""
    @property
    def state(self) -> PathStateName:
        """The path's state."""
    @property
    def is_best(self) -> bool:
        """Whether media goes this way at present."""
    @property
    def rtt_ms(self) -> float | None:
        """Smoothed round trip in milliseconds, or None before the first."""
    @property
    def loss_in(self) -> float | None:
        """Share of packets lost on the way here, 0 to 1, as far as known."""
    @property
    def loss_out(self) -> float | None:
        """Share of packets lost on the way there, 0 to 1, as far as known."""
    @property
    def rate_bps(self) -> int | None:
        """What the path is taken to carry towards the other party, in bit/s."""
    @property
    def queue_ms(self) -> float | None:
        """Delay of the queue on the way, above the path's own delay, in milliseconds."""
    @property
    def proof_age_ms(self) -> int | None:
        """Milliseconds since the other party last proved to be alive on this path."""
    @property
    def bytes_sent(self) -> int:
        """Bytes put on the network."""
    @property
    def bytes_received(self) -> int:
        """Bytes of frames received."""

@final
class LaneStatus:
    """What one lane of a line has carried."""

    def __new__(
        cls,
        *,
        lane: int,
        bytes_sent: int,
        bytes_received: int,
        queued: int,
    ) -> LaneStatus: ...
    @property
    def lane(self) -> int:
        """The urgency class, 0 (alerts) to 5 (images)."""
    @property
    def bytes_sent(self) -> int:
        """Payload bytes handed to the network, copies and parity included."""
    @property
    def bytes_received(self) -> int:
        """Payload bytes received, copies and parity included."""
    @property
    def queued(self) -> int:
        """Payload bytes that wait here."""

@final
class LineStatus:
    """What is known about one line."""

    def __new__(
        cls,
        *,
        party: bytes,
        state: LineStateName,
        rate_bps: int,
        media_bps: int,
        proof_age_ms: int | None,
        paths: list[PathStatus],
        lanes: list[LaneStatus],
        counters: dict[str, int],
    ) -> LineStatus: ...
    @property
    def party(self) -> bytes:
        """The other party."""
    @property
    def state(self) -> LineStateName:
        """The line's state."""
    @property
    def rate_bps(self) -> int:
        """What all its paths together are taken to carry, in bit/s."""
    @property
    def media_bps(self) -> int:
        """What there is room for of video, after sound and protection, in bit/s."""
    @property
    def proof_age_ms(self) -> int | None:
        """Milliseconds since the other party last proved to be alive on any path."""
    @property
    def paths(self) -> list[PathStatus]:
        """Its paths, in the order they were declared."""
    @property
    def lanes(self) -> list[LaneStatus]:
        """Its six lanes, in order."""
    @property
    def counters(self) -> dict[str, int]:
        """What happened since it was opened: letters, units, reconnections and the like."""

@final
class ParticipantQuality:
    """How the hop between one device and this node does."""

    def __new__(
        cls,
        *,
        rtt_ms: float | None,
        loss_in: float | None,
        loss_out: float | None,
        estimate_bps: int | None,
        receiving_bps: int,
        sending_bps: int,
        is_tcp: bool,
    ) -> ParticipantQuality: ...
    @property
    def rtt_ms(self) -> float | None:
        """Round trip in milliseconds."""
    @property
    def loss_in(self) -> float | None:
        """Share of the device's packets that did not reach this node, 0 to 1."""
    @property
    def loss_out(self) -> float | None:
        """Share of this node's packets that did not reach the device, 0 to 1."""
    @property
    def estimate_bps(self) -> int | None:
        """What this node can send to the device, estimated, in bit/s."""
    @property
    def receiving_bps(self) -> int:
        """What comes from the device, in bit/s."""
    @property
    def sending_bps(self) -> int:
        """What goes to the device, in bit/s."""
    @property
    def is_tcp(self) -> bool:
        """Whether media goes over TCP, because UDP does not get through."""

@final
class LineState:
    """A line changed its state."""

    def __new__(cls, *, party: bytes, state: LineStateName) -> LineState: ...
    @property
    def party(self) -> bytes:
        """The other party."""
    @property
    def state(self) -> LineStateName:
        """The state it is in."""

@final
class PathState:
    """A path of a line changed its state."""

    def __new__(cls, *, party: bytes, path: str, state: PathStateName) -> PathState: ...
    @property
    def party(self) -> bytes:
        """The other party."""
    @property
    def path(self) -> str:
        """The path's name."""
    @property
    def state(self) -> PathStateName:
        """The state it is in."""

@final
class Letter:
    """The other party's letter arrived, exactly once."""

    def __new__(cls, *, party: bytes, lane: int, topic: int, body: bytes) -> Letter: ...
    @property
    def party(self) -> bytes:
        """Who sent it: proved by the party's key."""
    @property
    def lane(self) -> int:
        """The lane it came on."""
    @property
    def topic(self) -> int:
        """What it is about, 16 or more."""
    @property
    def body(self) -> bytes:
        """Its bytes: foreign, to be parsed with suspicion."""

@final
class LetterDelivered:
    """The other party's engine has a letter that `Engine.send` took."""

    def __new__(cls, *, letter: int) -> LetterDelivered: ...
    @property
    def letter(self) -> int:
        """The number that `Engine.send` returned."""

@final
class Joined:
    """A participant's offer was answered."""

    def __new__(
        cls,
        *,
        request: int,
        participant: bytes,
        answer: str,
        video_mids: list[str],
        audio_mids: list[str],
    ) -> Joined: ...
    @property
    def request(self) -> int:
        """The number that `Engine.join` returned."""
    @property
    def participant(self) -> bytes:
        """Who joined."""
    @property
    def answer(self) -> str:
        """The SDP answer for the page."""
    @property
    def video_mids(self) -> list[str]:
        """The `mid` of each video slot, in slot order."""
    @property
    def audio_mids(self) -> list[str]:
        """The `mid` of each audio slot, in slot order."""

@final
class JoinRefused:
    """A participant's offer was not answered, and the participant is not in the room."""

    def __new__(
        cls, *, request: int, participant: bytes, code: str, reason: str
    ) -> JoinRefused: ...
    @property
    def request(self) -> int:
        """The number that `Engine.join` returned."""
    @property
    def participant(self) -> bytes:
        """Who wanted to join."""
    @property
    def code(self) -> str:
        """Stable code: `media.offer`, `media.slots`, `media.codec`, `media.full` or the like."""
    @property
    def reason(self) -> str:
        """What was wrong, in English, for the log."""

@final
class RosterTrack:
    """One track of a participant, as the roster announces it."""

    def __new__(cls, *, index: int, kind: str, muted: bool, layers: list[int]) -> RosterTrack: ...
    @property
    def index(self) -> int:
        """0 microphone, 1 camera, 2 screen."""
    @property
    def kind(self) -> Literal["audio", "video"]:
        """What kind of medium it is."""
    @property
    def muted(self) -> bool:
        """Whether its owner muted it."""
    @property
    def layers(self) -> list[int]:
        """The layers its device sends (0 quarter, 1 half, 2 full); empty when none."""

@final
class RosterEntry:
    """One participant of a room, near or far."""

    def __new__(
        cls,
        *,
        participant: bytes,
        origin: bytes,
        route: list[bytes],
        label: bytes,
        tracks: list[RosterTrack],
        is_local: bool,
    ) -> RosterEntry: ...
    @property
    def participant(self) -> bytes:
        """Who."""
    @property
    def origin(self) -> bytes:
        """The party whose node the participant is connected to, as that route claims."""
    @property
    def route(self) -> list[bytes]:
        """The parties the media passes, origin first; empty for a local participant."""
    @property
    def label(self) -> bytes:
        """What `join` was given on the participant's own node: foreign bytes unless local."""
    @property
    def tracks(self) -> list[RosterTrack]:
        """The participant's tracks."""
    @property
    def is_local(self) -> bool:
        """Whether the participant is connected to this node."""

@final
class Roster:
    """Who is in a room, in full, whenever that changes."""

    def __new__(cls, *, room: bytes, participants: list[RosterEntry]) -> Roster: ...
    @property
    def room(self) -> bytes:
        """The room."""
    @property
    def participants(self) -> list[RosterEntry]:
        """Everyone in it."""

@final
class Connected:
    """A participant's device and this node exchange media for the first time after a join."""

    def __new__(cls, *, participant: bytes) -> Connected: ...
    @property
    def participant(self) -> bytes:
        """Who."""

@final
class Left:
    """A local participant is no longer in the room."""

    def __new__(cls, *, participant: bytes, reason: str) -> Left: ...
    @property
    def participant(self) -> bytes:
        """Who."""
    @property
    def reason(self) -> str:
        """`left`, `replaced`, `room_closed`, `closed` (by the browser), `silent` or `fault`."""

@final
class AudioSlots:
    """Whom a participant's three audio slots carry."""

    def __new__(cls, *, participant: bytes, tracks: list[Track | None]) -> AudioSlots: ...
    @property
    def participant(self) -> bytes:
        """Who listens."""
    @property
    def tracks(self) -> list[Track | None]:
        """The track in each slot, or None."""

@final
class VideoSlot:
    """What one video slot of a participant carries."""

    def __new__(
        cls,
        *,
        slot: int,
        track: Track | None,
        layer: int | None,
        withheld: WithheldReason | None,
    ) -> VideoSlot: ...
    @property
    def slot(self) -> int:
        """The slot, 0 to 7."""
    @property
    def track(self) -> Track | None:
        """The track that `watch` asked for."""
    @property
    def layer(self) -> int | None:
        """The layer that is being sent, or None while none is."""
    @property
    def withheld(self) -> WithheldReason | None:
        """Why no layer, or a lower one than asked for, is being sent."""

@final
class VideoSlots:
    """What a participant's video slots carry, in full."""

    def __new__(cls, *, participant: bytes, slots: list[VideoSlot]) -> VideoSlots: ...
    @property
    def participant(self) -> bytes:
        """Who watches."""
    @property
    def slots(self) -> list[VideoSlot]:
        """Each slot that `watch` named."""

@final
class Speakers:
    """Who is being heard in a room, loudest first."""

    def __new__(cls, *, room: bytes, tracks: list[Track]) -> Speakers: ...
    @property
    def room(self) -> bytes:
        """The room."""
    @property
    def tracks(self) -> list[Track]:
        """The audio tracks, loudest first."""

@final
class WantedLayers:
    """Which layers of a local participant's track anybody watches.

    The participant's page may stop sending the others until the next such event.
    """

    def __new__(cls, *, participant: bytes, index: int, layers: list[int]) -> WantedLayers: ...
    @property
    def participant(self) -> bytes:
        """Whose page it concerns."""
    @property
    def index(self) -> int:
        """Which of their tracks: 0 microphone, 1 camera, 2 screen."""
    @property
    def layers(self) -> list[int]:
        """The layers that are watched, lowest first; empty when nobody watches."""

@final
class RoomClosed:
    """A room ended without being asked to: its participants must join again."""

    def __new__(cls, *, room: bytes, reason: str) -> RoomClosed: ...
    @property
    def room(self) -> bytes:
        """The room. It has to be opened again."""
    @property
    def reason(self) -> str:
        """`fault`: the thread that carried it failed and was started again."""

@final
class Refusal:
    """Something that came from outside was set aside; at most one of a kind per second."""

    def __new__(
        cls,
        *,
        area: str,
        reason: str,
        party: bytes | None,
        key: bytes | None,
        count: int,
    ) -> Refusal: ...
    @property
    def area(self) -> Literal["line", "relay", "io"]:
        """Which part set it aside."""
    @property
    def reason(self) -> str:
        """Stable name of what was wrong: `line.unknown_key`, `route_false`, ..."""
    @property
    def party(self) -> bytes | None:
        """The party it came from, where proved."""
    @property
    def key(self) -> bytes | None:
        """The public key that was presented and not taken, where one was."""
    @property
    def count(self) -> int:
        """How many of this kind since the engine started."""

@final
class Fault:
    """A thread of the engine failed at one step, and goes on."""

    def __new__(cls, *, thread: str, cause: str, restarted: bool, count: int) -> Fault: ...
    @property
    def thread(self) -> str:
        """`line`, `media-<n>` or `acceptor`."""
    @property
    def cause(self) -> str:
        """What the engine said of it, for a log: without addresses or names."""
    @property
    def restarted(self) -> bool:
        """Whether its state was thrown away (each room is reported by `RoomClosed`)."""
    @property
    def count(self) -> int:
        """How many faults that thread has had since the engine started."""

@final
class EventsLost:
    """Python drained so slowly that events were left out: read all state again."""

    def __new__(cls, *, count: int) -> EventsLost: ...
    @property
    def count(self) -> int:
        """How many events were left out."""

@final
class Engine:
    """A node's lines and rooms.

    Addresses are `ip:port` with an IP literal, port 0 for any. `line_listen` are the local ends of
    line paths, each bound for UDP and for TCP. `media_udp` is where browsers send media; with
    several media threads each takes the next port. `media_tcp` is for browsers behind firewalls,
    None for none. `media_advertise` are the IPs that browsers are told (default: every address of
    this machine). `media_threads` defaults to the cores less two, at least one.
    """

    def __new__(
        cls,
        *,
        key_seed: bytes,
        line_listen: list[str],
        media_udp: str,
        media_tcp: str | None = None,
        media_advertise: list[str] | None = None,
        media_threads: int | None = None,
    ) -> Engine: ...
    @property
    def party(self) -> bytes:
        """This node's own party id."""
    @property
    def event_fd(self) -> int:
        """A file descriptor that is readable while `drain` has something."""
    @property
    def line_addresses(self) -> list[str]:
        """The local ends of line paths, as bound."""
    @property
    def media_addresses(self) -> list[str]:
        """The UDP addresses that browsers are told."""
    @property
    def media_tcp_addresses(self) -> list[str]:
        """The TCP addresses that browsers are told."""
    def drain(self) -> list[Event]:
        """Return what happened since the last call, at most 1,024 events, oldest first."""
    def open_line(self, *, remote_key: bytes, paths: list[LinePath]) -> bytes:
        """Open the line to the party that owns `remote_key`; return that party's id.

        Its paths are tried for ever. Raises `engine.line_exists` when it is open already.
        """
    def close_line(self, party: bytes) -> None:
        """Close a line for good: letters that wait on it are forgotten."""
    def line_status(self, party: bytes) -> LineStatus:
        """Return what is known about a line."""
    def send(self, party: bytes, lane: int, topic: int, body: bytes) -> int:
        """Queue a letter and return its number.

        `lane` is 0 (alerts), 2 (room control), 4 (documents) or 5 (images); `topic` is 16 or more;
        `body` is at most 1 MiB. It waits through any outage, in the order of its lane.
        """
    def cancel(self, letter: int) -> bool:
        """Forget a letter that is not delivered yet; return whether there was one.

        The other party may have it even so when the line is between sending and proof.
        """
    def open_room(self, room: bytes) -> None:
        """Open a room on this node."""
    def close_room(self, room: bytes) -> None:
        """Close a room on this node; its local participants leave."""
    def attach(self, room: bytes, party: bytes) -> None:
        """Let the line to a party carry the room, as soon as that line is up."""
    def detach(self, room: bytes, party: bytes) -> None:
        """Stop carrying the room over the line to a party."""
    def set_aside(self, room: bytes, participant: bytes, label: bytes) -> None:
        """Set a participant of another node aside for as long as they come under this label.

        Nobody hears, sees or is told of them, here and on the lines; `Roster` leaves them out.
        Under another label they are in the room again. One who is not there is no error.
        """
    def join(
        self,
        room: bytes,
        participant: bytes,
        label: bytes,
        offer: str,
        muted: tuple[bool, bool, bool],
    ) -> int:
        """Put a participant into a room; return a request number.

        The answer comes as `Joined` or `JoinRefused` with that number. A participant that is in the
        room already is replaced (a page that reconnects). `label` is shown to every node of the
        room, at most 512 bytes. `muted` says of each track, by its index, how it begins.
        """
    def leave(self, participant: bytes) -> None:
        """Take a participant out of the room; one who is not there is no error."""
    def watch(self, participant: bytes, slots: list[tuple[int, bytes, int, int]]) -> None:
        """Say all that a participant's page shows: (slot, participant, track index, height px)."""
    def set_muted(self, participant: bytes, track: int, muted: bool) -> None:
        """Stop or resume forwarding a local participant's track."""
    def participant_quality(self, participant: bytes) -> ParticipantQuality:
        """Return how the hop between a local participant's device and this node does."""
    def counters(self) -> dict[str, float]:
        """Return the engine's counters as of the last second.

        Names end in their unit; see docs/design/engine.md for each.
        """
    def stop(self) -> None:
        """End all threads and close all sockets; further calls raise `engine.stopped`."""

@final
class WireStats:
    """What one direction of an emulated path did."""

    def __new__(
        cls,
        *,
        offered: int,
        delivered: int,
        duplicated: int,
        lost: int,
        queue_full: int,
        too_long: int,
        cut: int,
        waiting: int,
        bytes_offered: int,
        bytes_delivered: int,
        queue_ms: float,
        queue_ms_max: float,
    ) -> WireStats: ...
    @property
    def offered(self) -> int:
        """Packets that came in."""
    @property
    def delivered(self) -> int:
        """Packets that went out, duplicates included."""
    @property
    def duplicated(self) -> int:
        """Copies that the path made."""
    @property
    def lost(self) -> int:
        """Packets that the loss process took."""
    @property
    def queue_full(self) -> int:
        """Packets that found the queue full."""
    @property
    def too_long(self) -> int:
        """Packets longer than the MTU."""
    @property
    def cut(self) -> int:
        """Packets that came during an outage."""
    @property
    def waiting(self) -> int:
        """Packets that wait for their turn."""
    @property
    def bytes_offered(self) -> int:
        """Bytes that came in."""
    @property
    def bytes_delivered(self) -> int:
        """Bytes that went out."""
    @property
    def queue_ms(self) -> float:
        """How long the last packet waited, in milliseconds."""
    @property
    def queue_ms_max(self) -> float:
        """The longest that any waited, in milliseconds."""

Way: TypeAlias = Literal["both", "out", "back"]
"""Which direction of a wire: out is from the near end to the far end."""

@final
class UdpWire:
    """An emulated network path for UDP between two nodes, on a thread of its own.

    Node A's path has `near_address` as its remote, node B's `far_address`; what A sends there comes
    out at `far_target` from `far_address`, and the other way round. A target that is not given is
    learned: whoever was heard at that end last. `profile` is `lan`, `regional`, `border`,
    `slow-hours` or `satellite`, and what differs from it, as in `border,loss=5%,out.rate=2mbit`.
    """

    def __new__(
        cls,
        *,
        profile: str,
        seed: int,
        near_target: str | None = None,
        far_target: str | None = None,
        near_listen: str = "127.0.0.1:0",
        far_listen: str = "127.0.0.1:0",
    ) -> UdpWire: ...
    @property
    def near_address(self) -> str:
        """Where the near node sends."""
    @property
    def far_address(self) -> str:
        """Where the far node sends."""
    def stats(self) -> tuple[WireStats, WireStats]:
        """Return what the way out (near to far) did, and the way back."""
    def cut(self, ms: int | None = None, way: Way = "both") -> None:
        """Deliver nothing for so many milliseconds, or until `restore`."""
    def restore(self) -> None:
        """End an outage."""
    def set_profile(self, profile: str) -> None:
        """Turn this into another path, whose schedule starts now."""
    def stop(self) -> None:
        """End the wire."""

@final
class TunWire:
    """An emulated network path for whole machines: two TUN devices, one per network namespace.

    A namespace is named as in `ip netns`, or by the path of the file that stands for it; None is
    the caller's. An address may have the length of its network (`10.0.0.1/30`; 24 if not). Needs
    root; raises `engine.permission_denied` without.
    """

    def __new__(
        cls,
        *,
        profile: str,
        seed: int,
        near_namespace: str | None,
        far_namespace: str | None,
        near_ip: str,
        far_ip: str,
        device: str = "parley0",
    ) -> TunWire: ...
    def stats(self) -> tuple[WireStats, WireStats]:
        """Return what the way out (near to far) did, and the way back."""
    def cut(self, ms: int | None = None, way: Way = "both") -> None:
        """Deliver nothing for so many milliseconds, or until `restore`."""
    def restore(self) -> None:
        """End an outage."""
    def set_profile(self, profile: str) -> None:
        """Turn this into another path, whose schedule starts now."""
    def stop(self) -> None:
        """End the wire, and its devices with it."""

@final
class SyntheticParticipant:
    """A participant without a browser: sends synthetic media, counts what it receives.

    It is for drills and benches. It has a socket and a thread of its own, like a page: `offer` goes
    to `Engine.join`, the answer of `Joined` goes to `accept`. `address` is the local IP that it
    sends from; `seed` is how receivers know it by the marks in its media.
    """

    def __new__(
        cls,
        *,
        sends_audio: bool = True,
        sends_video: bool = True,
        video_bps: int = 1_500_000,
        audio_bps: int = 32_000,
        seed: int = 0,
        address: str = "127.0.0.1",
    ) -> SyntheticParticipant: ...
    def offer(self) -> str:
        """Return the SDP offer."""
    def accept(self, answer: str) -> None:
        """Take the SDP answer and start."""
    def counters(self) -> dict[str, float]:
        """Return what was sent and received so far; names end in their unit."""
    def stop(self) -> None:
        """Leave without a word, as a closed lid does."""

@final
class Watchdog:
    """Ends the process, as a power cut does, when nobody feeds it for some seconds.

    A thread of the engine watches, which needs neither memory nor the interpreter's lock. It counts
    `patience_s` seconds of its own from the last feeding on, and none before the first; those in
    which the whole process was halted do not count.
    """

    def __new__(cls, *, patience_s: int) -> Watchdog: ...
    def feed(self) -> None:
        """Say that the work goes on."""
    def stop(self) -> None:
        """Stop watching."""
