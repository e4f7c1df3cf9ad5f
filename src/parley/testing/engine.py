"""An engine without packets: lines and rooms of several nodes in one process.

:class:`MemoryNetwork` joins engines that have opened a line to each other, delivers their letters
exactly once and, lane by lane, in order, and gives every room the roster a real relay would: who is
attached through whom, shortest route first. Nothing happens by itself: a letter is delivered when
:meth:`MemoryNetwork.step` is called, so a test decides the order of everything.
"""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from parley import _core
from parley.ids import PartyId
from parley.line.engine import Event

State = Literal["cold", "up", "degraded", "cut"]


@dataclass(frozen=True, slots=True)
class MemoryPathStatus:
    """A path's status."""

    name: str
    carrier: Literal["udp", "tcp"]
    state: Literal["cold", "up", "suspect", "down"]
    rtt_ms: float | None = None
    loss_in: float | None = None
    loss_out: float | None = None
    rate_bps: int | None = None
    proof_age_ms: int | None = None


@dataclass(frozen=True, slots=True)
class MemoryLaneStatus:
    """A lane's status."""

    lane: int
    bytes_sent: int = 0
    bytes_received: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class MemoryLineStatus:
    """A line's status."""

    state: State
    rate_bps: int
    proof_age_ms: int | None
    paths: Sequence[MemoryPathStatus]
    lanes: Sequence[MemoryLaneStatus]


@dataclass(frozen=True, slots=True)
class MemoryDeviceQuality:
    """A device's hop."""

    rtt_ms: float | None = 12.0
    loss_in: float | None = 0.0
    loss_out: float | None = 0.0
    estimate_bps: int | None = 2_000_000
    receiving_bps: int = 0
    sending_bps: int = 0


@dataclass(slots=True)
class _OpenLine:
    paths: list[_core.LinePath]
    state: State = "cold"


@dataclass(slots=True)
class _Member:
    participant: bytes
    label: bytes
    muted: set[int] = field(default_factory=lambda: {2})


@dataclass(slots=True)
class _Room:
    attached: set[bytes] = field(default_factory=set)
    members: dict[bytes, _Member] = field(default_factory=dict)
    aside: set[tuple[bytes, bytes]] = field(default_factory=set)


class MemoryEngine:
    """One node's engine on a memory network."""

    def __init__(self, network: "MemoryNetwork", key: bytes) -> None:
        """Join ``network`` as the party that holds the public ``key``."""
        self.network = network
        self.key = key
        self.party = bytes(PartyId.of_key(key))
        self.lines: dict[bytes, _OpenLine] = {}
        self.rooms: dict[bytes, _Room] = {}
        self.watched: dict[bytes, list[tuple[int, bytes, int, int]]] = {}
        self.quality = MemoryDeviceQuality()
        self.refuse_offer: str | None = None
        self.is_stopped = False
        self._events: deque[Event] = deque()
        self._requests = 0
        self._event_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        network.add(self)

    # ------------------------------------------------------------------------------------- events

    @property
    def event_fd(self) -> int:
        """Readable while there is something to drain."""
        return self._event_fd

    def emit(self, event: Event) -> None:
        """Let something happen on this engine."""
        if not self.is_stopped:
            self._events.append(event)
            os.eventfd_write(self._event_fd, 1)

    def drain(self) -> Sequence[Event]:
        """Return what happened since the last call."""
        if self._events:
            os.eventfd_read(self._event_fd)
        events = list(self._events)
        self._events.clear()
        return events

    def stop(self) -> None:
        """End: every line is cut for the others."""
        if not self.is_stopped:
            self.is_stopped = True
            self.network.remove(self)
            os.close(self._event_fd)

    # -------------------------------------------------------------------------------------- lines

    def open_line(self, *, remote_key: bytes, paths: list[_core.LinePath]) -> bytes:
        """Open our end of a line."""
        party = bytes(PartyId.of_key(remote_key))
        if party in self.lines:
            raise refused("line.already_open", party=party.hex())
        self.lines[party] = _OpenLine(paths)
        self.network.refresh()
        return party

    def close_line(self, party: bytes) -> None:
        """Close our end; what waits on it is forgotten."""
        if self.lines.pop(bytes(party), None) is None:
            raise refused("line.unknown", party=party.hex())
        self.network.forget(self.party, bytes(party))
        self.network.refresh()

    def line_status(self, party: bytes) -> MemoryLineStatus:
        """Return a line's status."""
        line = self.lines.get(bytes(party))
        if line is None:
            raise refused("line.unknown", party=party.hex())
        is_up = line.state == "up"
        return MemoryLineStatus(
            line.state,
            4_000_000 if is_up else 0,
            20 if is_up else None,
            [
                MemoryPathStatus(
                    path.name,
                    path.carrier,
                    "up" if is_up else "cold" if line.state == "cold" else "down",
                    250.0 if is_up else None,
                    0.01 if is_up else None,
                    0.0 if is_up else None,
                    4_000_000 if is_up else None,
                    20 if is_up else None,
                )
                for path in line.paths
            ],
            [MemoryLaneStatus(lane) for lane in range(6)],
        )

    def send(self, party: bytes, lane: int, topic: int, body: bytes) -> int:
        """Queue a letter."""
        if bytes(party) not in self.lines:
            raise refused("line.unknown", party=party.hex())
        return self.network.post(self.party, bytes(party), lane, topic, body)

    def cancel(self, letter: int) -> bool:
        """Forget a letter that is not delivered yet."""
        return self.network.cancel(letter)

    # -------------------------------------------------------------------------------------- rooms

    def open_room(self, room: bytes) -> None:
        """Open a room."""
        if bytes(room) in self.rooms:
            raise refused("media.room_exists", room=room.hex())
        self.rooms[bytes(room)] = _Room()

    def close_room(self, room: bytes) -> None:
        """Close a room."""
        closed = self.rooms.pop(bytes(room), None)
        if closed is None:
            raise refused("media.room_unknown", room=room.hex())
        for participant in closed.members:
            self.emit(_core.Left(participant=participant, reason="room_closed"))
        self.network.roster(bytes(room))

    def attach(self, room: bytes, party: bytes) -> None:
        """Let a line carry a room."""
        self._room(room).attached.add(bytes(party))
        self.network.roster(bytes(room))

    def detach(self, room: bytes, party: bytes) -> None:
        """Stop a line carrying a room."""
        self._room(room).attached.discard(bytes(party))
        self.network.roster(bytes(room))

    def set_aside(self, room: bytes, participant: bytes, label: bytes) -> None:
        """Set a far participant aside while they come under this label."""
        self._room(room).aside.add((bytes(participant), bytes(label)))
        self.network.roster(bytes(room))

    def join(
        self,
        room: bytes,
        participant: bytes,
        label: bytes,
        offer: str,
        muted: tuple[bool, bool, bool],
    ) -> int:
        """Put a participant into a room; the answer is ready at once."""
        self._requests += 1
        members = self._room(room).members
        if self.refuse_offer is not None or not offer.startswith("v=0"):
            code = self.refuse_offer or "media.offer"
            self.emit(
                _core.JoinRefused(
                    request=self._requests,
                    participant=bytes(participant),
                    code=code,
                    reason="not SDP",
                )
            )
            return self._requests
        if bytes(participant) in members:
            self.emit(_core.Left(participant=bytes(participant), reason="replaced"))
        silent = {index for index, is_muted in enumerate(muted) if is_muted}
        members[bytes(participant)] = _Member(bytes(participant), label, silent)
        self.emit(
            _core.Joined(
                request=self._requests,
                participant=bytes(participant),
                answer="v=0\r\n",
                video_mids=[str(mid) for mid in range(3, 11)],
                audio_mids=["11", "12", "13"],
            )
        )
        self.emit(_core.Connected(participant=bytes(participant)))
        self.network.roster(bytes(room))
        return self._requests

    def leave(self, participant: bytes) -> None:
        """Take a participant out."""
        for room, opened in self.rooms.items():
            if opened.members.pop(bytes(participant), None) is not None:
                self.emit(_core.Left(participant=bytes(participant), reason="left"))
                self.network.roster(room)

    def drop(self, participant: bytes, reason: str) -> None:
        """Lose a participant's media, as when a device falls silent."""
        for room, opened in self.rooms.items():
            if opened.members.pop(bytes(participant), None) is not None:
                self.emit(_core.Left(participant=bytes(participant), reason=reason))
                self.network.roster(room)

    def lose_room(self, room: bytes) -> None:
        """Lose a room, as when the thread that carried it failed."""
        del self.rooms[bytes(room)]
        self.emit(_core.RoomClosed(room=bytes(room), reason="fault"))
        self.network.roster(bytes(room))

    def watch(self, participant: bytes, slots: list[tuple[int, bytes, int, int]]) -> None:
        """Say what a page shows; every slot gets its middle layer."""
        self._member(participant)
        self.watched[bytes(participant)] = slots
        self.emit(
            _core.VideoSlots(
                participant=bytes(participant),
                slots=[
                    _core.VideoSlot(slot=slot, track=(track, index), layer=1, withheld=None)
                    for slot, track, index, _ in slots
                ],
            )
        )

    def set_muted(self, participant: bytes, track: int, muted: bool) -> None:  # noqa: FBT001  the core's
        """Stop or resume a track."""
        room, member = self._member(participant)
        (member.muted.add if muted else member.muted.discard)(track)
        self.network.roster(room)

    def participant_quality(self, participant: bytes) -> MemoryDeviceQuality:
        """Return how a device's hop does."""
        self._member(participant)
        return self.quality

    def counters(self) -> dict[str, int | float]:
        """Return counters."""
        return {"memory_rooms": len(self.rooms), "memory_lines": len(self.lines)}

    def _room(self, room: bytes) -> _Room:
        try:
            return self.rooms[bytes(room)]
        except KeyError as error:
            raise refused("media.room_unknown", room=room.hex()) from error

    def _member(self, participant: bytes) -> tuple[bytes, _Member]:
        for room, opened in self.rooms.items():
            if bytes(participant) in opened.members:
                return room, opened.members[bytes(participant)]
        raise refused("media.participant_unknown")


@dataclass(slots=True)
class _Letter:
    number: int
    sender: bytes
    to: bytes
    lane: int
    topic: int
    body: bytes


class MemoryNetwork:
    """What lies between memory engines."""

    def __init__(self) -> None:
        """Start with no engine and no cut."""
        self.engines: dict[bytes, MemoryEngine] = {}
        self.cuts: set[frozenset[bytes]] = set()
        self._letters: deque[_Letter] = deque()
        self._numbers = 0

    def add(self, engine: MemoryEngine) -> None:
        """Connect an engine."""
        self.engines[engine.party] = engine

    def remove(self, engine: MemoryEngine) -> None:
        """Disconnect an engine and forget what it had queued, as a killed process does."""
        if self.engines.get(engine.party) is engine:
            del self.engines[engine.party]
        self._letters = deque(letter for letter in self._letters if letter.sender != engine.party)
        self.refresh()

    def cut(self, first: bytes, second: bytes) -> None:
        """Cut the way between two parties."""
        self.cuts.add(frozenset((bytes(first), bytes(second))))
        self.refresh()

    def mend(self, first: bytes, second: bytes) -> None:
        """Mend the way between two parties."""
        self.cuts.discard(frozenset((bytes(first), bytes(second))))
        self.refresh()

    def are_joined(self, first: bytes, second: bytes) -> bool:
        """Say whether letters pass between two parties."""
        near, far = self.engines.get(first), self.engines.get(second)
        return (
            near is not None
            and far is not None
            and second in near.lines
            and first in far.lines
            and frozenset((first, second)) not in self.cuts
        )

    def refresh(self) -> None:
        """Tell every engine how its lines stand."""
        for engine in list(self.engines.values()):
            for party, line in engine.lines.items():
                joined = self.are_joined(engine.party, party)
                state: State = "up" if joined else "cold" if line.state == "cold" else "cut"
                if state != line.state:
                    line.state = state
                    engine.emit(_core.LineState(party=party, state=state))
        for room in {room for engine in self.engines.values() for room in engine.rooms}:
            self.roster(room)

    def post(self, sender: bytes, to: bytes, lane: int, topic: int, body: bytes) -> int:
        """Queue a letter and return its number."""
        self._numbers += 1
        self._letters.append(_Letter(self._numbers, sender, to, lane, topic, body))
        return self._numbers

    def cancel(self, number: int) -> bool:
        """Forget a letter."""
        kept = deque(letter for letter in self._letters if letter.number != number)
        found = len(kept) != len(self._letters)
        self._letters = kept
        return found

    def forget(self, sender: bytes, to: bytes) -> None:
        """Forget what waits from one party to another."""
        self._letters = deque(
            letter for letter in self._letters if (letter.sender, letter.to) != (sender, to)
        )

    def waiting(self) -> int:
        """Return how many letters wait, those for cut lines included."""
        return len(self._letters)

    def step(self) -> bool:
        """Deliver the most urgent letter, of these the oldest; return whether there was one."""
        ready = (each for each in self._letters if self.are_joined(each.sender, each.to))
        # The first of those on the most urgent lane, as a line would.
        letter = min(ready, key=lambda each: each.lane, default=None)
        if letter is None:
            return False
        self._letters.remove(letter)
        self._deliver(letter)
        return True

    def roster(self, room: bytes) -> None:
        """Tell every engine who is in a room."""
        for engine in list(self.engines.values()):
            if room in engine.rooms:
                engine.emit(_core.Roster(room=room, participants=self._entries(engine, room)))

    def _deliver(self, letter: _Letter) -> None:
        self.engines[letter.to].emit(
            _core.Letter(
                party=letter.sender, lane=letter.lane, topic=letter.topic, body=letter.body
            )
        )
        self.engines[letter.sender].emit(_core.LetterDelivered(letter=letter.number))

    def _entries(self, engine: MemoryEngine, room: bytes) -> list[_core.RosterEntry]:
        """Walk outwards along the lines that carry the room; nearest first."""
        routes: dict[bytes, list[bytes]] = {engine.party: []}
        frontier = deque([engine.party])
        while frontier:
            here = frontier.popleft()
            for other in sorted(self.engines[here].rooms[room].attached):
                if other not in routes and self._carries(here, other, room):
                    routes[other] = [other, *routes[here]]
                    frontier.append(other)
        return [
            self._entry(member, party, route, is_local=party == engine.party)
            for party, route in routes.items()
            for member in self.engines[party].rooms[room].members.values()
            if not self._is_aside(member, [engine.party, *route[1:]], room)
        ]

    def _is_aside(self, member: _Member, judges: list[bytes], room: bytes) -> bool:
        """Say whether a node on the way has set a member aside."""
        claim = (member.participant, member.label)
        return any(claim in self.engines[party].rooms[room].aside for party in judges)

    def _carries(self, here: bytes, other: bytes, room: bytes) -> bool:
        far = self.engines.get(other)
        return (
            far is not None
            and room in far.rooms
            and here in far.rooms[room].attached
            and self.are_joined(here, other)
        )

    def _entry(
        self, member: _Member, party: bytes, route: list[bytes], *, is_local: bool
    ) -> _core.RosterEntry:
        return _core.RosterEntry(
            participant=member.participant,
            origin=party,
            route=route,
            label=member.label,
            tracks=[
                _core.RosterTrack(
                    index=index,
                    kind="audio" if index == 0 else "video",
                    muted=index in member.muted,
                    layers=[0] if index == 0 else [0, 1, 2],
                )
                for index in range(3)
            ],
            is_local=is_local,
        )


def refused(code: str, **params: str | int) -> _core.CoreError:
    """Return an engine's refusal."""
    error = _core.CoreError(code)
    error.code = code
    error.params = params
    error.is_theirs = False
    return error
