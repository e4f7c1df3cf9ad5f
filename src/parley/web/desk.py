"""Open desk pages: each is sent lines, rooms, the record and a beat as they change."""

import asyncio
from collections.abc import Callable

import msgspec

from parley.clock import Clock
from parley.line.service import Lines
from parley.line.view import stamp
from parley.record.view import SpaceView
from parley.rooms import frames
from parley.rooms.service import Rooms

Post = Callable[[bytes], None]


class Desks:
    """All open desk pages. Owned by the event loop's thread."""

    def __init__(self, lines: Lines, rooms: Rooms, clock: Clock) -> None:
        self._lines = lines
        self._rooms = rooms
        self._clock = clock
        self._pages: dict[Post, bool] = {}
        """Each with whether its person may read the record."""
        self._rooms_due: asyncio.Handle | None = None
        self._last_lines = b""
        self._last_record = b""
        self._last_state = b""
        self.troubles: tuple[str, ...] = ()
        """Codes of what ails the node, the gravest first."""
        self._alerts_due: asyncio.Handle | None = None
        self._alert_changes = 0
        rooms.on_change(self._note_rooms)

    def add(self, post: Post, *, reads_record: bool) -> None:
        """Add a page and send it everything that its person may read."""
        self._pages[post] = False
        post(self._encoded_lines())
        post(self._encoded_rooms())
        post(self._encoded_alerts())
        if self._last_state:
            post(self._last_state)
        self.note_reader(post, reads_record=reads_record)

    def note_reader(self, post: Post, *, reads_record: bool) -> None:
        """Note whether a page's person may read the record now; who just may is sent it."""
        if reads_record and not self._pages[post] and self._last_record:
            post(self._last_record)
        self._pages[post] = reads_record

    def has_pages(self) -> bool:
        """Say whether anybody looks."""
        return bool(self._pages)

    def show_record(self, spaces: tuple[SpaceView, ...]) -> None:
        """Send the record's spaces if they look different."""
        encoded = msgspec.json.encode(frames.RecordFrame(spaces))
        if encoded != self._last_record:
            self._last_record = encoded
            for post in [each for each, reads_record in self._pages.items() if reads_record]:
                post(encoded)

    def show_state(self, state: frames.NodeState) -> None:
        """Send what the node says of itself, if it is another than before."""
        self.troubles = state.troubles
        encoded = msgspec.json.encode(state)
        if encoded != self._last_state:
            self._last_state = encoded
            self._post(encoded)

    def note_alerts(self) -> None:
        """Tell pages to ask for alerts anew: at once, several changes of one turn together."""
        self._alert_changes += 1
        if self._alerts_due is None and self._pages:
            self._alerts_due = asyncio.get_running_loop().call_soon(self._post_alerts)

    def remove(self, post: Post) -> None:
        """Forget a page."""
        self._pages.pop(post, None)

    def tick(self) -> None:
        """Send lines, if they look different, and a beat; the shell calls this once a second."""
        if not self._pages:
            return
        encoded = self._encoded_lines()
        if encoded != self._last_lines:
            self._last_lines = encoded
            self._post(encoded)
        self._post(msgspec.json.encode(frames.Beat(stamp(self._clock.now()))))

    def _note_rooms(self) -> None:
        """Send rooms soon: several changes in one turn of the loop make one frame."""
        if self._rooms_due is None and self._pages:
            self._rooms_due = asyncio.get_running_loop().call_soon(self._post_rooms)

    def _post_rooms(self) -> None:
        self._rooms_due = None
        self._post(self._encoded_rooms())

    def _post_alerts(self) -> None:
        self._alerts_due = None
        self._post(self._encoded_alerts())

    def _post(self, encoded: bytes) -> None:
        for post in list(self._pages):
            post(encoded)

    def _encoded_lines(self) -> bytes:
        return msgspec.json.encode(frames.Lines(tuple(self._lines.views())))

    def _encoded_alerts(self) -> bytes:
        return msgspec.json.encode(frames.AlertsChanged(self._alert_changes))

    def _encoded_rooms(self) -> bytes:
        return msgspec.json.encode(frames.Rooms(tuple(self._rooms.views())))
