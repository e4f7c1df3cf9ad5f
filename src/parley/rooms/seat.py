"""One person's place in one room: the page behind it, what it asked for and what it was told."""

import contextlib
from collections.abc import Callable
from typing import Final

from parley.errors import ParleyError, RequestMalformed
from parley.identity.person import Person
from parley.ids import ParticipantId, RoomId, parse_track
from parley.rooms import frames
from parley.rooms.participation import PlaceEvent, PlaceState, step

Sink = Callable[[frames.RoomFrame], None]
SLOTS: Final = 8
HEIGHT_PX_MAX: Final = 4_320
OFFER_CHARACTERS_MAX: Final = 131_072
"""A browser's offer for the fixed slots has 54,000 characters where it lists every codec it has."""


class Seat:
    """A place in a room. Owned by the event loop's thread; its room service calls the engine."""

    def __init__(self, room: RoomId, participant: ParticipantId, person: Person) -> None:
        self.room = room
        self.participant = participant
        self.person = person
        self.state = PlaceState.OFFERED
        self.muted = frames.MutedTracks(microphone=False, camera=False, screen=True)
        self.report: frames.Report | None = None
        self.request: int | None = None
        """Number of the engine request whose answer is awaited."""
        self.absent_since: float | None = None
        """Monotonic time since when the page has been silent."""
        self.slots = frames.Slots((), ())
        self._sink: Sink | None = None

    @property
    def is_attended(self) -> bool:
        """Whether a page is connected to this place."""
        return self._sink is not None

    def is_of(self, sink: Sink) -> bool:
        """Say whether this place belongs to the page behind ``sink``."""
        return self._sink is sink

    def attend(self, sink: Sink | None) -> None:
        """Connect a page to this place, or none."""
        self._sink = sink

    def tell(self, frame: frames.RoomFrame) -> None:
        """Send a frame to the page, if one is there."""
        if self._sink is not None:
            self._sink(frame)

    def step(self, event: PlaceEvent) -> None:
        """Take one step of the place's machine."""
        self.state = step(self.state, event)


def watch_slots(watch: frames.Watch) -> list[tuple[int, bytes, int, int]]:
    """Return what a page wants to see, as the engine takes it.

    Raises:
        RequestMalformed: a slot is out of range or named twice, or a track is none.
    """
    wanted: dict[int, tuple[int, bytes, int, int]] = {}
    for slot in watch.slots:
        if not 0 <= slot.slot < SLOTS or slot.slot in wanted:
            raise RequestMalformed(field="slots.slot")
        if not 0 <= slot.height <= HEIGHT_PX_MAX:
            raise RequestMalformed(field="slots.height")
        try:
            participant, index = parse_track(slot.track)
        except ValueError as error:
            raise RequestMalformed(field="slots.track") from error
        wanted[slot.slot] = (slot.slot, bytes(participant), index, slot.height)
    return list(wanted.values())


def refusal(error: ParleyError) -> frames.Refused:
    """Return an error as the page is told of it."""
    return frames.Refused(error.code, dict(error.params))


def resumed_participant(resume: str | None) -> ParticipantId | None:
    """Return the participant a page claims to have been, None for anything that is no id."""
    if resume is not None:
        with contextlib.suppress(ValueError):
            return ParticipantId.parse(resume)
    return None
