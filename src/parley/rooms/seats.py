"""Everyone of this node who sits in a room: pages on one side, the engine on the other."""

import contextlib
from collections.abc import Iterator

from parley import _core
from parley.clock import Clock
from parley.config import Settings
from parley.errors import (
    EngineFault,
    NotJoined,
    OfferRefused,
    RequestMalformed,
    RoomClosed,
    RoomUnknown,
)
from parley.identity.keys import PartyKey
from parley.identity.person import Person
from parley.ids import ParticipantId, PersonId, RoomId, track_text
from parley.line.engine import DeviceQuality, Engine, Feed, is_about
from parley.line.set_aside import SetAside
from parley.line.view import stamp
from parley.rooms import frames
from parley.rooms.label import Label, sign_label
from parley.rooms.participation import PlaceEvent, PlaceState
from parley.rooms.roster import Refused
from parley.rooms.seat import (
    OFFER_CHARACTERS_MAX,
    Seat,
    Sink,
    refusal,
    resumed_participant,
    watch_slots,
)
from parley.rooms.service import Rooms
from parley.telemetry import log


class Seats:
    """All places in all rooms of one node. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        engine: Engine,
        feed: Feed,
        rooms: Rooms,
        settings: Settings,
        key: PartyKey,
        clock: Clock,
        set_aside: SetAside,
    ) -> None:
        self._engine = engine
        self._rooms = rooms
        self._settings = settings
        self._key = key
        self._clock = clock
        self._set_aside = set_aside
        self._seats: dict[ParticipantId, Seat] = {}
        self._places: dict[tuple[RoomId, PersonId], ParticipantId] = {}
        self._speakers: dict[RoomId, tuple[str, ...]] = {}
        rooms.on_closed(self._on_room_closed)
        feed.subscribe(_core.Joined, self._on_joined)
        feed.subscribe(_core.JoinRefused, self._on_join_refused)
        feed.subscribe(_core.Left, self._on_left)
        feed.subscribe(_core.Roster, self._on_roster)
        feed.subscribe(_core.Speakers, self._on_speakers)
        feed.subscribe(_core.AudioSlots, self._on_audio_slots)
        feed.subscribe(_core.VideoSlots, self._on_video_slots)
        feed.subscribe(_core.WantedLayers, self._on_wanted)

    # --------------------------------------------------------------------------- from the pages

    def take(self, room: RoomId, person: Person, sink: Sink, frame: frames.PageFrame) -> None:
        """Take one frame of a page; what comes back goes to ``sink``.

        Raises:
            ParleyError: the frame is refused; the page is told and goes on.
        """
        if isinstance(frame, frames.Join):
            self._join(room, person, sink, frame)
            return
        if isinstance(frame, frames.PageBeat):
            return
        seat = self._seat_of(room, person, sink)
        match frame:
            case frames.Watch():
                wanted = watch_slots(frame)
                with _engine_call():
                    self._engine.watch(seat.participant, wanted)
            case frames.Muted():
                seat.muted = frames.MutedTracks(frame.microphone, frame.camera, frame.screen)
                self._mute(seat)
            case frames.Report():
                seat.report = frame
            case frames.Leave():
                seat.tell(frames.Ended("left"))
                self._give_up(seat, PlaceEvent.LEAVE)

    def page_lost(self, room: RoomId, person: Person, sink: Sink) -> None:
        """Keep a place for a page whose WebSocket broke, for as long as the settings say."""
        participant = self._places.get((room, person.id))
        seat = self._seats.get(participant) if participant else None
        if seat is None or not seat.is_of(sink):
            return
        seat.attend(None)
        seat.step(PlaceEvent.PAGE_LOST)
        seat.absent_since = self._clock.monotonic()
        log.info("page lost", participant=seat.participant.text)

    def dismiss(self, room: RoomId, person: PersonId) -> None:
        """Give up a person's place at once: they may not be in the room any more."""
        participant = self._places.get((room, person))
        if participant is not None:
            log.info("place taken away", participant=participant.text)
            self._give_up(self._seats[participant], PlaceEvent.LEAVE)

    def is_seated(self, room: RoomId, person: PersonId) -> bool:
        """Say whether a page of that person has a place in the room."""
        participant = self._places.get((room, person))
        return participant is not None and self._seats[participant].is_attended

    def count(self) -> int:
        """Return how many places are taken."""
        return len(self._seats)

    # ------------------------------------------------------------------------------ from the shell

    def tick(self) -> None:
        """Send beats, give up places nobody came back to; the shell calls this once a second."""
        now = frames.Beat(stamp(self._clock.now()))
        monotonic = self._clock.monotonic()
        for seat in list(self._seats.values()):
            if seat.is_attended:
                seat.tell(now)
            elif monotonic - (seat.absent_since or 0.0) > self._settings.rooms.absence_s:
                log.info("place given up", participant=seat.participant.text)
                self._give_up(seat, PlaceEvent.TOO_LONG)

    def stop(self) -> None:
        """Tell every page that the node is going; it comes back by itself."""
        for seat in list(self._seats.values()):
            seat.tell(frames.Ended("stopping"))
            seat.attend(None)

    def in_room(self, room: RoomId) -> list[Seat]:
        """Return the places taken in a room on this node."""
        return [seat for seat in self._seats.values() if seat.room == room]

    def occupied_rooms(self) -> set[RoomId]:
        """Return the rooms with people of this node in them."""
        return {seat.room for seat in self._seats.values()}

    def device_quality(self, seat: Seat) -> DeviceQuality | None:
        """Return what the engine measures of the hop to a device."""
        if seat.state is not PlaceState.PRESENT:
            return None
        try:
            return self._engine.participant_quality(seat.participant)
        except _core.CoreError:
            return None

    # ------------------------------------------------------------------------------------- joining

    def _join(self, room: RoomId, person: Person, sink: Sink, frame: frames.Join) -> None:
        self._rooms.require_open(room)
        if len(frame.offer) > OFFER_CHARACTERS_MAX:
            raise RequestMalformed(field="offer")
        held = self._places.get((room, person.id))
        resumed = resumed_participant(frame.resume)
        seat = self._seats[held] if held is not None else None
        if seat is not None and resumed is not None and resumed != held and seat.is_attended:
            # The person joined from another page meanwhile; this one is not to take it back.
            sink(frames.Replaced())
            return
        if seat is not None and not seat.is_of(sink):
            seat.tell(frames.Replaced())
        if seat is not None and resumed != held and not seat.is_of(sink):
            self._give_up(seat, PlaceEvent.REPLACED)
            seat = None
        if seat is None:
            seat = self._new_seat(room, person)
        seat.attend(sink)
        seat.absent_since = None
        seat.muted = frame.muted
        seat.step(PlaceEvent.OFFER)
        self._offer(seat, frame.offer)

    def _new_seat(self, room: RoomId, person: Person) -> Seat:
        seat = Seat(room, ParticipantId.new(), person)
        self._seats[seat.participant] = seat
        self._places[room, person.id] = seat.participant
        return seat

    def _offer(self, seat: Seat, offer: str) -> None:
        label = Label(seat.room, seat.participant, self._key.public, seat.person.name)
        signed = sign_label(label, self._key)
        try:
            seat.request = self._engine.join(
                seat.room, seat.participant, signed, offer, _by_index(seat.muted)
            )
        except _core.CoreError as error:
            self._give_up(seat, PlaceEvent.REFUSED)
            raise EngineFault(code=error.code) from error
        log.info("joining", room=seat.room.text, participant=seat.participant.text)

    async def _on_joined(self, event: _core.Joined) -> None:
        seat = self._awaiting(event.request, event.participant)
        if seat is None:
            return
        seat.step(PlaceEvent.ANSWERED)
        mids = frames.SlotMids(tuple(event.video_mids), tuple(event.audio_mids))
        seat.tell(frames.Joined(seat.participant.text, event.answer, mids))
        seat.tell(self._rooms.rosters.frame_for(seat.room, seat.participant))
        seat.tell(frames.Speakers(self._speakers.get(seat.room, ())))

    async def _on_join_refused(self, event: _core.JoinRefused) -> None:
        seat = self._awaiting(event.request, event.participant)
        if seat is None:
            return
        self._set_aside.add(event.code, None, self._clock.now())
        log.warning("join refused", participant=seat.participant.text, code=event.code)
        seat.tell(refusal(OfferRefused(reason=event.code)))
        self._give_up(seat, PlaceEvent.REFUSED)

    # --------------------------------------------------------------------------- engine's events

    async def _on_left(self, event: _core.Left) -> None:
        seat = self._seats.get(ParticipantId(event.participant))
        if seat is None or event.reason == "replaced":
            return
        log.info("left", participant=seat.participant.text, reason=event.reason)
        was_present = seat.state is PlaceState.PRESENT
        seat.step(PlaceEvent.ENGINE_DROPPED)
        if was_present:
            # Its page is to offer again; the place waits for that like for a lost page.
            seat.tell(frames.Ended("fault"))
            seat.attend(None)
            seat.absent_since = self._clock.monotonic()

    async def _on_roster(self, event: _core.Roster) -> None:
        room_id = RoomId(event.room)
        try:
            room = self._rooms.require_open(room_id)
        except (RoomUnknown, RoomClosed):
            return
        for refused in self._rooms.rosters.take(room, event, self._key.party):
            self._refuse(room_id, refused)
        for seat in self.in_room(room_id):
            seat.tell(self._rooms.rosters.frame_for(room_id, seat.participant))
        self._rooms.changed()

    def _refuse(self, room: RoomId, refused: Refused) -> None:
        """Let the relay neither play nor pass on who is not what their label claims."""
        self._set_aside.add_error(refused.error, refused.party, self._clock.now())
        try:
            self._engine.set_aside(room, refused.participant, refused.label)
        except _core.CoreError as error:
            log.warning("not set aside in the engine", room=room.text, code=error.code)

    async def _on_speakers(self, event: _core.Speakers) -> None:
        room = RoomId(event.room)
        self._speakers[room] = tuple(_track(track) for track in event.tracks)
        for seat in self.in_room(room):
            seat.tell(frames.Speakers(self._speakers[room]))

    async def _on_audio_slots(self, event: _core.AudioSlots) -> None:
        seat = self._seats.get(ParticipantId(event.participant))
        if seat is not None:
            audio = tuple(
                frames.AudioSlot(slot, None if track is None else _track(track))
                for slot, track in enumerate(event.tracks)
            )
            seat.slots = frames.Slots(audio, seat.slots.video)
            seat.tell(seat.slots)

    async def _on_video_slots(self, event: _core.VideoSlots) -> None:
        seat = self._seats.get(ParticipantId(event.participant))
        if seat is not None:
            video = tuple(
                frames.VideoSlot(
                    slot.slot,
                    None if slot.track is None else _track(slot.track),
                    slot.layer,
                    slot.withheld,
                )
                for slot in event.slots
            )
            seat.slots = frames.Slots(seat.slots.audio, video)
            seat.tell(seat.slots)

    async def _on_wanted(self, event: _core.WantedLayers) -> None:
        seat = self._seats.get(ParticipantId(event.participant))
        if seat is not None:
            track = _track((event.participant, event.index))
            seat.tell(frames.Wanted(track, tuple(event.layers)))

    def _on_room_closed(self, room: RoomId, reason: str) -> None:
        for seat in self.in_room(room):
            seat.tell(frames.Ended("closed" if reason == "closed" else "fault"))
            self._forget(seat)
        self._speakers.pop(room, None)

    # ------------------------------------------------------------------------------------- details

    def _seat_of(self, room: RoomId, person: Person, sink: Sink) -> Seat:
        participant = self._places.get((room, person.id))
        seat = self._seats.get(participant) if participant else None
        if seat is None or not seat.is_of(sink):
            raise NotJoined
        return seat

    def _awaiting(self, request: int, participant: bytes) -> Seat | None:
        """Return the place whose newest offer an answer is for."""
        seat = self._seats.get(ParticipantId(participant))
        if seat is None or seat.request != request:
            return None
        seat.request = None
        return seat

    def _mute(self, seat: Seat) -> None:
        with _engine_call():
            for index, is_muted in enumerate(_by_index(seat.muted)):
                self._engine.set_muted(seat.participant, index, is_muted)

    def _give_up(self, seat: Seat, event: PlaceEvent) -> None:
        seat.step(event)
        self._forget(seat)
        try:
            self._engine.leave(seat.participant)
        except _core.CoreError as error:
            log.warning("leave refused", participant=seat.participant.text, code=error.code)

    def _forget(self, seat: Seat) -> None:
        seat.attend(None)
        self._seats.pop(seat.participant, None)
        if self._places.get((seat.room, seat.person.id)) == seat.participant:
            del self._places[seat.room, seat.person.id]


@contextlib.contextmanager
def _engine_call() -> Iterator[None]:
    """Wrap the engine's refusals; a participant it has just dropped is no error of the page."""
    try:
        yield
    except _core.CoreError as error:
        if not is_about(error, "participant_unknown"):
            raise EngineFault(code=error.code) from error


def _track(track: tuple[bytes, int]) -> str:
    return track_text(ParticipantId(track[0]), track[1])


def _by_index(muted: frames.Muted | frames.MutedTracks) -> tuple[bool, bool, bool]:
    """In the order of the engine's track indices."""
    return muted.microphone, muted.camera, muted.screen
