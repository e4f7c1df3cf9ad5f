"""What the desk and the monitoring are told of the record."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from parley.ids import PartyId
from parley.record.keeping import Record
from parley.record.ports import (
    DeadlineDue,
    EntryCame,
    EvidenceKept,
    LogHeld,
    LogStateChanged,
    RecordEvent,
    StandingChanged,
)
from parley.record.view import RecordLook, SpaceView
from parley.storage import Database
from parley.telemetry import log
from parley.web.desk import Desks


class RecordDesk:
    """Listens to the record of one node. Owned by the event loop's thread."""

    def __init__(
        self,
        record: Record,
        database: Database,
        desks: Desks,
        name: Callable[[PartyId], str | None],
        own: PartyId,
    ) -> None:
        self._record = record
        self._database = database
        self._desks = desks
        self._name = name
        self._own = own
        self._is_changed = True
        self._came = {"own": 0, "others": 0}
        self._held = 0
        self._evidence = 0
        record.listen(self._on_event)

    async def tick(self) -> None:
        """Show desks the record if it looks different; the shell calls this once a second."""
        if not self._is_changed or not self._desks.has_pages():
            return
        self._is_changed = False
        self._desks.show_record(await self.spaces())

    async def spaces(self) -> tuple[SpaceView, ...]:
        """Return every space as shown."""
        live = self._record.live()

        def look(connection: sa.Connection) -> tuple[SpaceView, ...]:
            return RecordLook(connection, self._own, self._name).spaces(live)

        return await self._database.read(look)

    def metrics(self) -> Iterable[Metric]:
        """Yield what monitoring is told."""
        came = CounterMetricFamily(
            "parley_record_entries", "Entries stored since the start.", labels=["whose"]
        )
        for whose, count in self._came.items():
            came.add_metric([whose], count)
        yield came
        yield CounterMetricFamily(
            "parley_record_held", "Entries of ours proved to be held by others.", value=self._held
        )
        yield CounterMetricFamily(
            "parley_record_evidence", "Contradictions of others kept.", value=self._evidence
        )
        size = GaugeMetricFamily(
            "parley_record_log_entries", "Entries in a log.", labels=["space", "party", "epoch"]
        )
        state = GaugeMetricFamily(
            "parley_record_log_state", "1 for a log's state.", labels=["space", "party", "state"]
        )
        standing = GaugeMetricFamily(
            "parley_record_standing",
            "1 for a log's standing.",
            labels=["space", "party", "standing"],
        )
        for kept in self._record.spaces:
            for epoch, own in kept.logs.items():
                size.add_metric([kept.id.text, self._own.text, str(epoch)], own.log.tree.size)
            state.add_metric([kept.id.text, self._own.text, kept.own.log.state.value], 1)
            for (party, epoch), mirror in kept.mirrors.items():
                size.add_metric([kept.id.text, party.text, str(epoch)], mirror.mirror.tree.size)
            for mirror in kept.newest():
                labels = [kept.id.text, mirror.origin.party.text, mirror.watch.standing.value]
                standing.add_metric(labels, 1)
        yield from (size, state, standing)

    def _on_event(self, event: RecordEvent) -> None:
        self._is_changed = True
        match event:
            case EntryCame():
                self._came["own" if event.origin.party == self._own else "others"] += 1
            case LogHeld():
                self._held = max(self._held, event.size)
            case EvidenceKept():
                self._evidence += 1
                log.error("log disputed", origin=event.origin.text())
            case StandingChanged():
                log.warning("log", origin=event.origin.text(), standing=event.standing.value)
            case DeadlineDue():
                log.info("deadline over", origin=event.origin.text(), place=event.place)
            case LogStateChanged():
                log.info("own log", origin=event.origin.text(), state=event.state.value)
