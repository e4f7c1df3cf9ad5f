"""Keeps a board up to date: one WebSocket to the node, opened again for ever.

The node says that something changed, never what: who may read an alert is decided where it is asked
for. So each word of the node leads to asking anew, and so does a pause, in case a word was lost.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from whenever import Instant

from parley.errors import ActRefused, NodeMalformed, NodeUnreachable, ParleyError, RoomUnknown
from parley.terminal.acts import Acts
from parley.terminal.board import Board
from parley.words.crises import is_shown, shown_calls

AGAIN_S: Final = (0.5, 1.0, 2.0, 5.0)
"""Seconds until the next try, the last one for ever. Less finds a node sooner that is back; a
hundred terminals that ask twice a second keep it from coming back."""
BEAT_S_MAX: Final = 5.0
"""The node beats every second; silence of five is a node that is gone, or a way that is cut."""
ASK_EVERY_S: Final = 15.0
"""Seconds after which everything is asked for again although nothing was said."""
SHOWN: Final = 100
CRISES_SHOWN: Final = 6
"""Crises that are asked for whole. More: over a thin line they take longer than the beat allows."""

ROOMS_SHOWN: Final = 6
"""Rooms that are shown, each with its door. More: as above."""
CALLS_WITH_ROOM: Final = frozenset({"accepted", "started"})

Change = Callable[[Callable[[Board], Board]], None]


class Feed:
    """The way from the node to the board."""

    def __init__(self, acts: Acts, change: Change, now: Callable[[], Instant]) -> None:
        """Ask through ``acts``; ``change`` is called with what becomes of the board."""
        self._acts = acts
        self._change = change
        self._now = now
        self._is_behind = False
        """Whether the record grew since crises and call requests were asked for."""

    async def run(self) -> None:
        """Keep the board up to date for ever."""
        tried = 0
        while True:
            try:
                await self._acts.signed_in()
                async with self._acts.node.desk() as socket:
                    await self.ask_all()
                    tried = 0
                    await self._listen(socket)
            except ParleyError as error:
                self._lost(error)
            except (ConnectionClosed, TimeoutError) as error:
                self._lost(NodeUnreachable(reason=type(error).__name__))
            await asyncio.sleep(AGAIN_S[min(tried, len(AGAIN_S) - 1)])
            tried += 1

    async def ask_all(self) -> None:
        """Ask for everything the board shows."""
        who = await self._acts.who()
        lines = _listed(await self._acts.node.get("/api/lines"), "lines")
        offices = await self._allowed("/api/offices", "offices")
        self._change(
            lambda board: replace(
                board.connected(self._now()), who=who, lines=lines, offices=offices
            )
        )
        await self.ask_alerts()
        await self.ask_matters()
        await self.ask_rooms()

    async def ask_matters(self) -> None:
        """Ask for crises, call requests and line checks."""
        listed = await self._allowed("/api/crises?limit=50", "crises")
        crises = [await self._crisis(each) for each in [*filter(is_shown, listed)][:CRISES_SHOWN]]
        asked = shown_calls(await self._allowed("/api/call-requests?limit=50", "calls"))
        calls = [await self._call(dict(each)) for each in asked]
        checks = await self._allowed("/api/checks?limit=1", "lines")
        self._change(lambda board: replace(board, crises=crises, calls=calls, checks=checks))

    async def ask_rooms(self) -> None:
        """Ask for the rooms that are open, and for the door of each."""
        listed = await self._allowed("/api/rooms", "rooms")
        opened = [each for each in listed if each["state"] == "open"][:ROOMS_SHOWN]
        rooms = [await self._with_door("/api/rooms", each, "id") for each in opened]
        self._change(lambda board: replace(board, rooms=rooms))

    async def ask_alerts(self) -> None:
        """Ask for alerts and drafts."""
        try:
            alerts = await self._acts.alerts(is_open_only=False, limit=SHOWN)
        except ActRefused:
            alerts = []
        drafts = await self._allowed("/api/alerts/drafts", "drafts")
        self._change(lambda board: replace(board, alerts=alerts, drafts=drafts))

    async def _listen(self, socket: ClientConnection) -> None:
        asked_at = self._now()
        while True:
            async with asyncio.timeout(BEAT_S_MAX):
                frame = _read(await socket.recv())
            await self._take(frame)
            if (self._now() - asked_at).total("seconds") >= ASK_EVERY_S:
                asked_at = self._now()
                await self.ask_all()

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "lines":
            lines = _listed(frame, "lines")
            self._change(lambda board: replace(board, lines=lines))
        elif kind == "break_glass":
            lent = _listed(frame, "lent")
            self._change(lambda board: replace(board, lent=lent))
        elif kind == "duress":
            calling = _listed(frame, "calls")
            self._change(lambda board: replace(board, duress=calling))
        elif kind == "node":
            troubles = [str(code) for code in frame.get("troubles", ())]
            self._change(lambda board: replace(board, troubles=troubles))
        elif kind == "alerts":
            await self.ask_alerts()
        elif kind == "rooms":
            await self.ask_rooms()
        elif kind == "record":
            self._is_behind = True
        elif kind == "beat" and self._is_behind:
            # With the beat: however fast the record grows, a second passes between two questions.
            self._is_behind = False
            await self.ask_matters()
        elif kind == "refused":
            raise NodeUnreachable(reason=str(frame.get("code", "refused"))[:80])

    async def _crisis(self, listed: dict[str, Any]) -> dict[str, Any]:
        """Return a crisis whole, with its assessment if that has begun."""
        where = f"/api/crises/{listed['hash']}"
        found = _map(await self._acts.node.get(where))
        if found["state"] is not None:
            found = {**found, "assessment": _map(await self._acts.node.get(f"{where}/assessment"))}
        return found

    async def _call(self, call: dict[str, Any]) -> dict[str, Any]:
        """Return a call request, with who enters its room once it is agreed on."""
        if call["state"] not in CALLS_WITH_ROOM:
            return call
        return await self._with_door("/api/call-requests", call, "hash")

    async def _with_door(self, path: str, content: dict[str, Any], name: str) -> dict[str, Any]:
        """Return a room or a call with its door, without it if this person may not see it."""
        try:
            door = _map(await self._acts.node.get(f"{path}/{content[name]}/door"))
        except (ActRefused, RoomUnknown):
            return content
        return {**content, "door": door}

    async def _allowed(self, path: str, name: str) -> list[dict[str, Any]]:
        """Return a list of the node, empty if this person may not see it."""
        try:
            return _listed(await self._acts.node.get(path), name)
        except ActRefused:
            return []

    def _lost(self, why: ParleyError) -> None:
        now = self._now()
        self._change(lambda board: board.lost(now, why))


def _read(frame: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise NodeMalformed from error
    if not isinstance(found, dict):
        raise NodeMalformed
    return found


def _map(answer: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    if not isinstance(answer, dict):
        raise NodeMalformed
    return answer


def _listed(answer: Any, name: str) -> list[dict[str, Any]]:  # noqa: ANN401  JSON
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NodeMalformed
    return found
