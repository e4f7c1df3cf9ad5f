"""Letters about rooms (topic 16): what is handed over, and how each hop does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from parley.errors import EncodingRefused, LetterMalformed
from parley.identity.encoding import Value, decode_map, encode
from parley.ids import ID_BYTES, ParticipantId, PartyId, RoomId
from parley.rooms.statement import TOPIC

LANE: Final = 2
LETTER_BYTES_MAX: Final = 1_048_576
STATEMENTS_MAX: Final = 512
REPORTS_MAX: Final = 64
DEVICES_MAX: Final = 256
_SNAPSHOT, _QUALITY = 1, 2
_AGE_MS_MAX: Final = 600_000


@dataclass(frozen=True, slots=True)
class Statements:
    """Everything the sender knows of the rooms both share; again and again, without harm."""

    rooms: tuple[tuple[bytes, bytes | None], ...]
    """Opening and closing of each room, as signed."""


@dataclass(frozen=True, slots=True)
class HopFigures:
    """How one hop does, as reported by whoever measures it; None where nothing is known."""

    rtt_ms: int | None
    loss_permille: int | None
    rate_kbps: int | None


@dataclass(frozen=True, slots=True)
class PartyReport:
    """How one party's own side of a room does."""

    room: RoomId
    party: PartyId
    age_ms: int
    """How old the figures are; a node that passes them on adds the time it kept them."""
    node: HopFigures
    """The node itself: how late it runs, as its rtt."""
    devices: tuple[tuple[ParticipantId, HopFigures], ...]
    """The hop between that node and each of its participants' devices."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Reports of the sender's own side, and those it was told by others."""

    reports: tuple[PartyReport, ...]


RoomLetter: TypeAlias = Statements | Quality


def write_letter(letter: RoomLetter) -> bytes:
    """Return a letter's bytes."""
    match letter:
        case Statements(rooms):
            return encode({0: _SNAPSHOT, 1: [[opening, closing] for opening, closing in rooms]})
        case Quality(reports):
            return encode({0: _QUALITY, 1: [_report_value(report) for report in reports]})


def read_letter(body: bytes) -> RoomLetter:
    """Read foreign bytes as a letter about rooms.

    Raises:
        LetterMalformed: they are none.
    """
    try:
        content = decode_map(body, LETTER_BYTES_MAX)
    except EncodingRefused as error:
        raise LetterMalformed(topic=TOPIC) from error
    items = _items(content)
    if content.get(0) == _SNAPSHOT and len(items) <= STATEMENTS_MAX:
        return Statements(tuple(_statement(item) for item in items))
    if content.get(0) == _QUALITY and len(items) <= REPORTS_MAX:
        return Quality(tuple(_report(item) for item in items))
    raise LetterMalformed(topic=TOPIC)


def _items(content: Mapping[int, Value]) -> list[Value]:
    items = content.get(1)
    if set(content) != {0, 1} or not isinstance(items, list):
        raise LetterMalformed(topic=TOPIC)
    return items


def _statement(value: Value) -> tuple[bytes, bytes | None]:
    match value:
        case [bytes() as opening, (bytes() | None) as closing]:
            return opening, closing
        case _:
            raise LetterMalformed(topic=TOPIC)


def _report_value(report: PartyReport) -> Value:
    return [
        bytes(report.room),
        bytes(report.party),
        report.age_ms,
        _figures_value(report.node),
        [[bytes(participant), _figures_value(hop)] for participant, hop in report.devices],
    ]


def _figures_value(hop: HopFigures) -> Value:
    return [hop.rtt_ms, hop.loss_permille, hop.rate_kbps]


def _report(value: Value) -> PartyReport:
    match value:
        case [bytes() as room, bytes() as party, int() as age_ms, node, list() as devices] if (
            len(room) == ID_BYTES
            and len(party) == ID_BYTES
            and _is_whole(age_ms, _AGE_MS_MAX)
            and len(devices) <= DEVICES_MAX
        ):
            return PartyReport(
                RoomId(room),
                PartyId(party),
                age_ms,
                _figures(node),
                tuple(_device(device) for device in devices),
            )
        case _:
            raise LetterMalformed(topic=TOPIC)


def _device(value: Value) -> tuple[ParticipantId, HopFigures]:
    match value:
        case [bytes() as participant, figures] if len(participant) == ID_BYTES:
            return ParticipantId(participant), _figures(figures)
        case _:
            raise LetterMalformed(topic=TOPIC)


def _figures(value: Value) -> HopFigures:
    match value:
        case [rtt_ms, loss_permille, rate_kbps]:
            return HopFigures(
                _figure(rtt_ms, 600_000), _figure(loss_permille, 1_000), _figure(rate_kbps, 2**31)
            )
        case _:
            raise LetterMalformed(topic=TOPIC)


def _figure(value: Value, limit: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or not _is_whole(value, limit):
        raise LetterMalformed(topic=TOPIC)
    return value


def _is_whole(value: int, limit: int) -> bool:
    return not isinstance(value, bool) and 0 <= value <= limit
