"""What HTTP routes answer with; the interface's types are generated from these."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from parley.line.view import LineView
from parley.record.line_agreement import AgreementVersionView
from parley.record.view import EntryView, SpaceView
from parley.rooms.view import RoomView


class LinesAnswer(msgspec.Struct, frozen=True):
    """All lines."""

    lines: tuple[LineView, ...]


class RoomsAnswer(msgspec.Struct, frozen=True):
    """All rooms."""

    rooms: tuple[RoomView, ...]


class RefusalView(msgspec.Struct, frozen=True):
    """One kind of thing that was set aside since the node started."""

    reason: str
    """A key of protocol/errors.toml."""
    party: str | None
    count: int
    last_at: str | None


class RefusalsAnswer(msgspec.Struct, frozen=True):
    """All that was set aside, the latest first."""

    refusals: tuple[RefusalView, ...]


class HealthAnswer(msgspec.Struct, frozen=True):
    """The node answers."""

    status: str
    version: str


class WaysInAnswer(msgspec.Struct, frozen=True):
    """What lets people in here beside passkeys and one-time links."""

    provider: str | None
    """What the party's own provider of sign-ins is called; null where there is none."""


class ProviderAddressAnswer(msgspec.Struct, frozen=True):
    """Where a browser signs in."""

    address: str


class SpacesAnswer(msgspec.Struct, frozen=True):
    """All spaces, with their logs."""

    spaces: tuple[SpaceView, ...]


class EntriesAnswer(msgspec.Struct, frozen=True):
    """Entries, the newest first; ``next`` asks for those before them."""

    entries: tuple[EntryView, ...]
    next: str | None


class LineAgreementAnswer(msgspec.Struct, frozen=True):
    """Every version of a line's agreement, the first one first."""

    versions: tuple[AgreementVersionView, ...]


Answer = msgspec.Struct
"""Any structure; :mod:`parley.web.schema` says which route answers with which."""


def answer(
    content: Answer, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a structure as JSON that nobody keeps."""
    return Response(
        msgspec.json.encode(content),
        status,
        headers={"cache-control": "no-store", **(headers or {})},
        media_type="application/json",
    )
