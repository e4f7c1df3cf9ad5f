"""The doors of rooms: whose a room is and who of ours may enter, for every page that asks.

Rooms know nothing of calls, nor calls of rooms; what both say about a door meets here, and every
route that lets somebody into a room, or close one, asks :meth:`Doors.whose`.
"""

from dataclasses import dataclass
from typing import Final

from parley.crisis.papers.calls import Calls
from parley.crisis.papers.our_side import OurSide
from parley.identity.permission import Whose
from parley.ids import PartyId, PersonId, RoomId
from parley.rooms.admission import NOBODY, Admission, Admissions, CallSide, digits_of
from parley.rooms.room import Room
from parley.rooms.service import Rooms
from parley.storage import Database


@dataclass(frozen=True, slots=True)
class Door:
    """One room, or one call that has no room yet."""

    subject: bytes
    """What a list is about: the call's hash, or the room's id."""
    is_foreign: bool
    """Whether another party opened the room, or asked for the call."""
    owner: PersonId | None
    """Who of ours may say who enters, beside the releasers."""
    admission: Admission | None
    """Who may enter; None: everybody of ours whose role allows it."""

    @property
    def entering(self) -> Whose:
        """Whose it is to those who want in."""
        named = None if self.admission is None else self.admission.admitted
        return Whose(is_foreign=self.is_foreign, named=named)

    @property
    def listing(self) -> Whose:
        """Whose it is to those who want to change the list."""
        return Whose(is_foreign=self.is_foreign, person=self.owner)


class Doors:
    """The doors of one node. Owned by the event loop's thread."""

    def __init__(self, rooms: Rooms, calls: Calls, database: Database, own: PartyId) -> None:
        """Ask ``rooms`` and ``calls``; lists are in ``database``."""
        self._rooms: Final = rooms
        self._calls: Final = calls
        self._own: Final = own
        self.lists: Final = Admissions(database, self._side)
        rooms.restrict_by(self.lists.is_restricted)

    async def of_room(self, room: RoomId) -> Door:
        """Return the door of a room.

        Raises:
            RoomUnknown: no such room is known here.
        """
        known = self._rooms.find(room)
        admission = await self.lists.of(known)
        is_foreign = known.opening.opener != self._own
        if admission is not None and admission.side is not None:
            return Door(admission.side.call, is_foreign, None, admission)
        owner = await self.lists.owner(room)
        return Door(bytes(room), is_foreign, owner, admission)

    async def of_call(self, digest: bytes) -> Door:
        """Return the door of a call's room, whether there is one yet or not.

        Raises:
            CallRequestUnknown: there is no call request of that hash.
        """
        view = await self._calls.call(digest)
        found = await self._calls.our_sides(view.hash)
        admission = await self.lists.of_call(_as_told(found[0])) if found else NOBODY
        return Door(digest, view.asker != self._own.text, None, admission)

    async def _side(self, room: Room) -> CallSide | None:
        """Return the one call that is on between the parties of a room and that its title names."""
        digits = digits_of(room.opening.title)
        if digits is None:
            return None
        members = {party.text for party in room.members}
        found = [
            each
            for each in await self._calls.our_sides(digits)
            if each.is_on and set(each.call.asked.by_party) == members
        ]
        return _as_told(found[0]) if len(found) == 1 else None


def _as_told(side: OurSide) -> CallSide:
    return CallSide(bytes.fromhex(side.call.hash), side.official, side.actors)
