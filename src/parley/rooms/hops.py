"""The quality of every hop, told to each page and to each party of a room, every two seconds."""

from typing import Final

from parley.clock import Clock
from parley.errors import EngineFault, PartyUnconfirmed
from parley.ids import ParticipantId, PartyId, RoomId
from parley.line.service import Lines
from parley.rooms import frames
from parley.rooms.letters import LANE, HopFigures, PartyReport, Quality, write_letter
from parley.rooms.quality import (
    device_hop,
    figures,
    line_hop,
    node_hop,
    reported_device,
    reported_node,
    worst,
)
from parley.rooms.room import Room
from parley.rooms.seat import Seat
from parley.rooms.seats import Seats
from parley.rooms.service import Rooms
from parley.rooms.statement import TOPIC

EVERY_S: Final = 2.0
"""Seconds between reports. Less shows trouble sooner; one report costs about 150 bytes."""


class HopReports:
    """Judges hops and passes the judgement on. Owned by the event loop's thread."""

    def __init__(
        self, *, rooms: Rooms, seats: Seats, lines: Lines, own: PartyId, clock: Clock
    ) -> None:
        self._rooms = rooms
        self._seats = seats
        self._lines = lines
        self._own = own
        self._clock = clock
        self._due = 0.0
        self._under_way: dict[PartyId, int] = {}

    def tick(self, lag_ms: float) -> None:
        """Report when it is due; ``lag_ms`` is how late our own node runs."""
        monotonic = self._clock.monotonic()
        if monotonic < self._due:
            return
        self._due = monotonic + EVERY_S
        occupied = self._seats.occupied_rooms()
        for room in self._rooms.open_rooms():
            if room.id in occupied:
                self._tell_pages(room, lag_ms)
        for party in self._lines.agreed():
            self._tell_party(party, lag_ms)

    def _tell_pages(self, room: Room, lag_ms: float) -> None:
        present = self._rooms.rosters.parties(room.id)
        others = [
            party
            for party in sorted(room.members)
            if party != self._own and (party.text in present or self._lines.is_agreed(party))
        ]
        line = tuple(self._line(party) for party in others if self._lines.is_agreed(party))
        their_nodes, their_devices = self._theirs(room)
        for seat in self._seats.in_room(room.id):
            my_device = device_hop(self._seats.device_quality(seat), seat.report)
            hops = frames.Hops(
                my_device,
                node_hop(lag_ms),
                line,
                worst(their_nodes),
                worst(their_devices),
                their_nodes,
                their_devices,
            )
            seat.tell(frames.Quality(hops))

    def _line(self, party: PartyId) -> frames.PartyHop:
        hop = line_hop(self._lines.link(party), self._lines.status(party))
        return frames.PartyHop(party.text, hop.level, hop.rtt_ms, hop.loss, hop.rate_bps)

    def _theirs(
        self, room: Room
    ) -> tuple[tuple[frames.PartyHop, ...], tuple[frames.DeviceHop, ...]]:
        """Judge the far hops, by what their own nodes last said."""
        reports = self._rooms.reports.fresh(room.id, self._clock.monotonic())
        far = {
            view.id: view.party.id for view in self._rooms.rosters.of(room.id) if not view.is_local
        }
        said = {report.party.text: reported_node(report.node) for report in reports}
        devices = {
            participant.text: reported_device(hop)
            for report in reports
            for participant, hop in report.devices
            if far.get(participant.text) == report.party.text
        }
        unknown = frames.Hop("unknown")
        nodes = {party: said.get(party, unknown) for party in sorted(set(far.values()))}
        return (
            tuple(
                frames.PartyHop(party, hop.level, hop.rtt_ms, hop.loss, hop.rate_bps)
                for party, hop in nodes.items()
            ),
            tuple(
                frames.DeviceHop(participant, party, hop.level, hop.rtt_ms, hop.loss, hop.rate_bps)
                for participant, party in sorted(far.items())
                for hop in (devices.get(participant, unknown),)
            ),
        )

    def _tell_party(self, party: PartyId, lag_ms: float) -> None:
        """Send one letter about every room shared with a party, in place of an undelivered one."""
        before = self._under_way.pop(party, None)
        if before is not None:
            self._lines.cancel(before)
        reports: list[PartyReport] = []
        for room in self._rooms.open_rooms():
            if party in room.members:
                reports += self._reports(room.id, party, lag_ms)
        if not reports:
            return
        try:
            letter = write_letter(Quality(tuple(reports[:64])))
            self._under_way[party] = self._lines.send(party, LANE, TOPIC, letter)
        except (EngineFault, PartyUnconfirmed):
            return

    def _reports(self, room: RoomId, to: PartyId, lag_ms: float) -> list[PartyReport]:
        passed_on = self._rooms.reports.to_pass_on(room, to, self._clock.monotonic())
        seats = self._seats.in_room(room)
        if not seats:
            return passed_on
        devices = tuple(self._device(seat) for seat in seats[:256])
        own = PartyReport(room, self._own, 0, figures(node_hop(lag_ms)), devices)
        return [own, *passed_on]

    def _device(self, seat: Seat) -> tuple[ParticipantId, HopFigures]:
        hop = device_hop(self._seats.device_quality(seat), seat.report)
        return seat.participant, figures(hop)
