"""Logs without personal data, metrics of one node."""

import io
import json
import logging
from collections.abc import Iterable, Iterator

import pytest
from prometheus_client.core import Metric

from parley.errors import RoomUnknown
from parley.telemetry import REDACTED, Metrics, configure, gauges, log


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Give a test the log's text, and the root logger back afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    root.handlers, root.level = before, level


def fail() -> None:
    """Raise something with foreign words in it."""
    raise RoomUnknown(room="Ingrid")


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Return what was written, as objects."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_with_level_time_and_fields(written: io.StringIO) -> None:
    """Programs read logs; people read what programs make of them."""
    log.info("line up", party="abc", count=3)

    (entry,) = lines(written)
    assert entry["event"] == "line up"
    assert entry["level"] == "info"
    assert entry["count"] == 3
    assert str(entry["at"]).endswith("Z")


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\0", "\x1b[2K", "\x85", "\v", "\f"])
def test_no_word_of_others_begins_a_line(written: io.StringIO, between: str) -> None:
    """Nor says to a terminal that a line was never there; libraries' lines included."""
    forged = f'quiet{between}{{"event": "signed in", "level": "info"}}'
    log.warning("set aside", reason=forged)
    logging.getLogger("a.library").warning("saw %s", forged)

    raw = written.getvalue()
    assert raw.count("\n") == 2
    assert not set(raw) & set("\r\0\x1b\v\f")
    assert [json.loads(line)["level"] for line in raw.split("\n")[:2]] == ["warning", "warning"]
    assert json.loads(raw.split("\n")[0])["reason"] == forged


@pytest.mark.parametrize("field", ["name", "title", "label", "address", "offer", "card"])
def test_fields_that_hold_personal_data_are_withheld_above_debug(
    written: io.StringIO, field: str
) -> None:
    """Whatever the author of the line intended."""
    log.warning("refused", **{field: "Ingrid Solberg"})
    log.debug("refused", **{field: "Ingrid Solberg"})

    above, below = lines(written)
    assert above[field] == REDACTED
    assert below[field] == "Ingrid Solberg"


@pytest.mark.parametrize(
    "text",
    ["from 192.0.2.77:4431 at once", "[2001:db8::7]:443", "2001:db8::7", "::1", "127.0.0.1"],
)
def test_addresses_are_withheld_wherever_they_stand(written: io.StringIO, text: str) -> None:
    """In the event, in a field, inside a list, in a library's own line."""
    log.info(text, note=text, several=[text, {"deep": text}])
    logging.getLogger("some.library").warning("peer %s", text)

    for entry in lines(written):
        told = json.dumps(entry)
        assert "192.0.2.77" not in told
        assert "2001:db8" not in told
        assert REDACTED in told


@pytest.mark.parametrize("text", ["0.1.0", "12:34:56", "a:b", "since 2026-11-01T12:00:00Z"])
def test_what_only_looks_like_an_address_stays(written: io.StringIO, text: str) -> None:
    """Versions and times of day are no addresses."""
    log.info("started", version=text)

    assert lines(written)[0]["version"] == text


def test_an_exception_is_told_by_type_code_and_frames(written: io.StringIO) -> None:
    """Its text may hold foreign words; above debug it stays out."""
    try:
        fail()
    except RoomUnknown:
        log.error("failed", exc_info=True)
        log.debug("failed", exc_info=True)

    above, below = lines(written)
    assert above["error"] == "RoomUnknown"
    assert above["error_code"] == "room.unknown"
    assert "Ingrid" not in json.dumps(above)
    assert "Ingrid" in str(below["error_text"])


def test_bytes_and_objects_do_not_break_a_line(written: io.StringIO) -> None:
    """A field of any type is written as something."""
    log.info("odd", thing=object(), raw=b"\xff", nothing=None)

    (entry,) = lines(written)
    assert entry["thing"] == "object"
    assert entry["nothing"] is None


def test_two_nodes_in_one_process_have_their_own_metrics() -> None:
    """Registries are not shared."""
    first, second = Metrics(), Metrics()
    first.refusals.labels("x.y").inc()

    assert b'parley_refusals_total{code="x.y"} 1.0' in first.exposition()
    assert b"x.y" not in second.exposition()


def test_a_source_is_asked_at_each_scrape() -> None:
    """The engine's counters are read when somebody looks."""
    metrics = Metrics()
    asked: list[int] = []

    def source() -> Iterable[Metric]:
        asked.append(1)
        return gauges("parley", {"relay_packets": 7})

    metrics.add_source(source)
    before = len(asked)
    assert b"parley_relay_packets 7.0" in metrics.exposition()
    assert len(asked) == before + 1


def test_whoever_looks_sees_every_error_that_is_logged(written: io.StringIO) -> None:
    """Ours and those of libraries, once each; the lines are written all the same."""
    seen: list[BaseException] = []
    configure("error", written, look=seen.append)
    ours, theirs = ValueError("ours"), KeyError("theirs")
    log.error("failed", exc_info=ours)
    try:
        raise theirs
    except KeyError:
        logging.getLogger("a.library").exception("failed")
        log.error("failed", exc_info=True)
    log.error("without one")
    assert seen == [ours, theirs, theirs]
    assert [line.get("error") for line in lines(written)] == [
        "ValueError", "KeyError", "KeyError", None
    ]  # fmt: skip
