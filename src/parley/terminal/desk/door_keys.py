"""E: who of our party may enter the room, or the room of the call, a person stands on."""

from typing import Any, Final

from parley.errors import ActRefused
from parley.terminal.acts import Acts
from parley.terminal.board import BoardItem, Matter
from parley.terminal.desk.crisis_keys import SeatedDesk
from parley.terminal.desk.door_sheet import DoorAnswer, DoorSheet, place_of
from parley.terminal.desk.sheets import Choice
from parley.words.doors import room_headline
from parley.words.plain import line

Json = dict[str, Any]
WHERE: Final = {Matter.ROOM: "/api/rooms", Matter.CALL: "/api/call-requests"}


class DoorKeys:
    """What E leads to."""

    def __init__(self, desk: SeatedDesk, acts: Acts) -> None:
        """Lead to acts of whoever sits at a desk."""
        self._desk = desk
        self._acts = acts

    async def press(self, chosen: BoardItem | None) -> None:
        """Name who may enter, or let everybody in again."""
        words = self._desk.words
        if chosen is None or chosen.matter not in WHERE:
            self._desk.say(words.say("Choose a room or a call request first."))
            return
        path = f"{WHERE[chosen.matter]}/{chosen.key}/door"
        door: Json = await self._acts.node.get(path)
        if not door["may_change"]:
            self._desk.say(words.code("door", "others_change"))
            return
        title = words.code("door", "title")
        if chosen.matter is Matter.ROOM:
            title = f"{room_headline(chosen.content, words)}\n{title}"
        sheet = DoorSheet(title, door, await self._ours(door), words)
        answer: DoorAnswer | None = await self._desk.ask(sheet)
        if answer is not None:
            content = {"named": answer.named}
            await self._desk.tried(lambda: self._acts.put(path, content))

    async def _ours(self, door: Json) -> list[Choice]:
        """Return our offices and people; those already named, where others may not be read."""
        node = self._acts.node
        offices = [each for each in self._desk.board.offices if each.get("closed_at") is None]
        try:
            people = (await node.get("/api/people"))["people"]
        except ActRefused:
            people = []
        found = {f"office {each['id']}": str(each["name"]) for each in offices}
        found |= {
            f"person {each['id']}": str(each["name"])
            for each in people
            if each["revoked_at"] is None
        }
        found |= {place_of(each): str(each["name"]) for each in door["named"]}
        return [Choice(code, line(name)) for code, name in found.items()]
