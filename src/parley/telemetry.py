"""Logs and metrics that carry no personal data.

A log line is one JSON object on standard error: an event in words, a level and fields. Info is one
line for each change of a thing's life, warning means that someone should look, error that a person
was let down. Above debug a field may hold ids, numbers and words of ours, never the name of a
person, party or room, nor an address: :func:`redact` enforces it for every line, those of libraries
included, whatever the author of the line intended.
"""

import ipaddress
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

REDACTED: Final = "(withheld)"
PRIVATE_FIELDS: Final = frozenset(
    {"name", "title", "label", "person_name", "party_name", "address", "remote", "host", "url",
     "ip", "origin", "path_info", "query", "offer", "answer", "code_text", "card", "body", "email"}
)  # fmt: skip
"""Fields that hold personal data by their nature; withheld above debug."""
_ADDRESS: Final = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[?(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}\]?(?::\d+)?"
)
_FIELDS_OF_OURS: Final = frozenset({"event", "level", "at", "logger", "code", "thread"})

log = structlog.stdlib.get_logger("parley")
"""The node's log: ``log.info("line up", party=party.text)``."""

Entry = MutableMapping[str, Any]


def configure(
    level: str,
    stream: TextIO | None = None,
    *,
    look: Callable[[BaseException], None] | None = None,
) -> None:
    """Send all logs of this process, libraries' included, to ``stream`` as JSON lines.

    Args:
        level: lowest level written: debug, info, warning or error.
        stream: where to, by default standard error.
        look: called with every error that goes into a line, before the line is written.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", key="at"),
        _ErrorShown(look),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=_plain),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.getLogger("alembic").setLevel("WARNING")


def redact(_: object, level: str, entry: Entry) -> Entry:
    """Withhold personal data from one log entry, unless it is a debug entry."""
    if level == "debug":
        return entry
    for key, value in list(entry.items()):
        if key in PRIVATE_FIELDS:
            entry[key] = REDACTED
        elif key not in _FIELDS_OF_OURS - {"event"}:
            entry[key] = _without_addresses(value)
    return entry


def _without_addresses(value: object) -> object:
    if isinstance(value, str):
        return _ADDRESS.sub(_replacement, value)
    if isinstance(value, int | float | None):
        return value
    if isinstance(value, Mapping):
        return {key: _without_addresses(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_addresses(item) for item in value]
    return value


def _replacement(match: re.Match[str]) -> str:
    """Keep what only looks like an address, such as a version or a time of day."""
    text = match.group()
    bare = text.partition("]")[0].lstrip("[") if text.startswith("[") else text
    for candidate in (bare, bare.rpartition(":")[0]):
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            continue
        return REDACTED
    return text


class _ErrorShown:
    """Replaces an exception by its type, code and frames; its text may hold foreign words."""

    def __init__(self, look: Callable[[BaseException], None] | None) -> None:
        self._look = look

    def __call__(self, _: object, level: str, entry: Entry) -> Entry:
        raised = entry.pop("exc_info", None)
        if raised is True:
            raised = sys.exc_info()
        error = raised[1] if isinstance(raised, tuple) else raised
        if isinstance(error, BaseException):
            if self._look is not None:
                self._look(error)
            entry["error"] = type(error).__name__
            entry["error_code"] = getattr(error, "code", "")
            entry["frames"] = _frames(error.__traceback__)
            if level == "debug":
                entry["error_text"] = str(error)
        return entry


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.filename.rpartition('/parley/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)[-8:]
    ]


def _plain(value: object) -> str:
    return repr(value) if isinstance(value, bytes) else type(value).__name__


class Metrics:
    """One node's Prometheus metrics, in a registry of its own: two nodes fit in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "parley_web_requests", "Requests answered.", ["route", "status"], registry=self.registry
        )
        self.refusals = Counter(
            "parley_refusals", "What was refused or set aside.", ["code"], registry=self.registry
        )
        self.sockets = Gauge(
            "parley_web_sockets", "WebSockets open.", ["kind"], registry=self.registry
        )
        self.web_ended = Counter(
            "parley_web_ended",
            "Connections to the web port that the node ended.",
            ["why"],
            registry=self.registry,
        )
        self.rooms_open = Gauge("parley_rooms_open", "Rooms open.", registry=self.registry)
        self.participants = Gauge(
            "parley_participants", "Participants connected to this node.", registry=self.registry
        )
        self.loop_lag = Gauge(
            "parley_loop_lag_seconds",
            "How late the event loop ran its last second.",
            registry=self.registry,
        )

    def add_source(self, source: Callable[[], Iterable[Metric]]) -> None:
        """Collect further metrics from ``source`` at each scrape."""
        self.registry.register(_Source(source))

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _Source(Collector):
    """A function as a Prometheus collector."""

    def __init__(self, source: Callable[[], Iterable[Metric]]) -> None:
        self._source = source

    @override
    def collect(self) -> Iterable[Metric]:
        return self._source()


def gauges(prefix: str, counters: Mapping[str, float]) -> Iterable[Metric]:
    """Turn a snapshot of named numbers, such as the engine's counters, into metrics."""
    for name, value in counters.items():
        metric = GaugeMetricFamily(f"{prefix}_{name}", f"The engine's {name}.")
        metric.add_metric([], float(value))
        yield metric
