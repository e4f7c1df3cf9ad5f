"""One node: every service, made and wired in one place."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

import sqlalchemy as sa
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from parley import __version__
from parley.clock import Clock, SystemClock, milliseconds
from parley.config import Settings
from parley.crisis.checks.schedule import CheckPace
from parley.crisis.checks.service import CheckAround, Checks
from parley.crisis.checks.standing import LineStandings
from parley.crisis.checks.terms import limits_at, terms_at
from parley.crisis.conduct.assessments import Assessments
from parley.crisis.conduct.crises import Crises
from parley.crisis.contacts.service import Contacts
from parley.crisis.duty.opening import open_push
from parley.crisis.duty.service import DutyService
from parley.crisis.papers.calls import Calls
from parley.crisis.papers.keeping import attach as keep_papers
from parley.crisis.papers.notifications import Notifications
from parley.crisis.receipts import Receipts
from parley.crisis.service import Alerts
from parley.crisis.shared_steps import StepSharer
from parley.crisis.told_rows import AcknowledgementTeller
from parley.errors import NodePartEnded, OurError
from parley.identity.broken_glass import end_lent_duties, lent_duties_over
from parley.identity.keys import PartyKey
from parley.identity.sign_in import sweep
from parley.ids import PartyId, SpaceId
from parley.line.blobs import BlobExchange, BlobLimits, BlobPlace
from parley.line.book import PairingBook
from parley.line.engine import Engine, Feed
from parley.line.path_history import PathHistory, paths_seen
from parley.line.replication import LineReplication
from parley.line.resolver import Resolver, SystemResolver
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.line.transport import start_engine
from parley.node.admin import AdminListener
from parley.node.call_rooms import CallRooms
from parley.node.edge_prober import EdgeProber
from parley.node.lifecycle import SecondHand, until_a_part_ends
from parley.node.operations import Operations, check_operations
from parley.node.record_desk import RecordDesk
from parley.node.record_exercise import RecordExercise
from parley.node.room_marks import RoomMarks
from parley.node.troubles import NodeTroubles
from parley.record.acts import check_kinds
from parley.record.keeping import Record
from parley.rooms.hops import HopReports
from parley.rooms.seats import Seats
from parley.rooms.service import Rooms
from parley.storage import open_database
from parley.storage.deadlines import Deadlines, forget_settled
from parley.storage.opening import open_blobs, open_case_keys
from parley.storage.path_spells import KEPT_H, forget_spells
from parley.telemetry import Metrics, gauges, log
from parley.web import enrolments
from parley.web.app import build
from parley.web.desk import Desks
from parley.web.doors import Doors
from parley.web.parts import Parts, are_secure
from parley.web.port import WebPort
from parley.web.provider import Provider
from parley.web.rights import LOOK_EVERY_S, RightsChanges
from parley.web.security_log import SecurityLog
from parley.web.serving import WebListener, check_listening, first_origin, origins

SWEEP_EVERY_S: Final = 3_600
"""Seconds between deleting sign-ins and links nobody can use any more."""

SETTLED_KEPT_H: Final = 9_600
"""Hours for which a deadline that is over stays to be seen: 400 days, so that what comes back every
year is seen once more. More fills the table, less forgets what an entry's reader still asks."""

LOG_KEYS: Final = "log-keys"
"""Folder, beside the party's key, of those that logs were handed over to."""

EngineStarter = Callable[[Settings, PartyKey], Engine]


class Node:
    """A node of one party. Make it, :meth:`start` it, :meth:`stop` it; once."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        engine: EngineStarter = start_engine,
        resolver: Resolver | None = None,
    ) -> None:
        """Make every service; opens the database and the engine's ports.

        Raises:
            OurError: key, database, port or certificate cannot be used.
        """
        check_listening(settings)
        self.settings = settings
        self.clock = clock or SystemClock()
        self.metrics = Metrics()
        self.set_aside = SetAside()
        self.set_aside.listen(self._count_refusals)
        may_be_plain = not are_secure(origins(settings))
        self.provider = Provider.of(settings, self.clock, may_be_plain=may_be_plain)
        self.key = PartyKey.load(settings.path(settings.party.key))
        self.database = open_database(settings)
        try:
            self.case_keys = open_case_keys(settings, self.clock.now())
        except BaseException:
            self.database.close()
            raise
        try:
            self.engine = engine(settings, self.key)
        except BaseException:
            self.case_keys.close()
            self.database.close()
            raise
        self.feed = Feed(self.engine)
        self.book = PairingBook(self.database, settings, self.key, self.clock)
        self._wire(resolver or SystemResolver())
        self._last_sweep = 0.0
        self._last_look_at_lent = 0.0

    def _wire(self, resolver: Resolver) -> None:
        self.lines = Lines(
            engine=self.engine,
            feed=self.feed,
            book=self.book,
            settings=self.settings,
            clock=self.clock,
            set_aside=self.set_aside,
            resolver=resolver,
        )
        self.replication = LineReplication(self.lines, self.feed, self.set_aside, self.clock)
        self.record = Record(
            database=self.database,
            key=self.key,
            clock=self.clock,
            port=self.replication,
            log_keys=self.settings.path(LOG_KEYS),
        )
        self.replication.attach(self.record)
        self.deadlines = Deadlines(self.database, self.clock)
        self.alerts = Alerts(
            record=self.record,
            database=self.database,
            clock=self.clock,
            deadlines=self.deadlines,
        )
        self.crises = Crises(
            record=self.record,
            database=self.database,
            clock=self.clock,
            deadlines=self.deadlines,
        )
        self.assessments = Assessments(
            crises=self.crises,
            alerts=self.alerts.keeper,
            record=self.record,
            database=self.database,
            clock=self.clock,
            key=self.key,
        )
        self.duty = DutyService(
            record=self.record,
            database=self.database,
            clock=self.clock,
            settings=self.settings,
            deadlines=self.deadlines,
            push=open_push(self.settings),
            address=first_origin(self.settings),
        )
        self.steps = StepSharer(record=self.record, database=self.database, clock=self.clock)
        self.teller = AcknowledgementTeller(
            record=self.record,
            database=self.database,
            clock=self.clock,
            keeper=self.alerts.keeper,
        )
        self.paths = PathHistory(self.database)
        self.assessments.measure_after(self.paths.save)
        self.record.watch_deadlines(self.deadlines)
        keep_papers(self.record)
        self.receipts = Receipts(record=self.record, database=self.database, clock=self.clock)
        self.notifications = Notifications(
            record=self.record,
            database=self.database,
            clock=self.clock,
            deadlines=self.deadlines,
            name=self._name_of,
            zone=self._zone_of,
            terms=terms_at,
        )
        self.calls = Calls(
            record=self.record,
            database=self.database,
            clock=self.clock,
            zone=self._zone_of,
            terms=terms_at,
        )
        storage = self.settings.storage
        self.blobs = BlobExchange(
            lines=self.lines,
            feed=self.feed,
            record=self.record,
            database=self.database,
            place=BlobPlace(
                open_blobs(self.settings, self.case_keys),
                self.case_keys,
                self.settings.path(storage.blobs),
                BlobLimits(storage.blob_bytes_max, storage.party_bytes_max),
            ),
            clock=self.clock,
            set_aside=self.set_aside,
        )
        self.rooms = Rooms(
            engine=self.engine,
            feed=self.feed,
            lines=self.lines,
            database=self.database,
            settings=self.settings,
            key=self.key,
            clock=self.clock,
            set_aside=self.set_aside,
        )
        self.crises.use_rooms(self.rooms)
        self.seats = Seats(
            engine=self.engine,
            feed=self.feed,
            rooms=self.rooms,
            settings=self.settings,
            key=self.key,
            clock=self.clock,
            set_aside=self.set_aside,
        )
        self.hops = HopReports(
            rooms=self.rooms,
            seats=self.seats,
            lines=self.lines,
            own=self.key.party,
            clock=self.clock,
        )
        self.doors = Doors(self.rooms, self.calls, self.database, self.key.party)
        enrolments.attach(self.record)
        self.desks = Desks(self.lines, self.rooms, self.clock)
        self.alerts.listen(self.desks.note_alerts)
        self.duty.listen(self.desks.note_alerts)
        self._wire_checks(resolver)
        self.call_rooms = CallRooms(
            calls=self.calls,
            rooms=self.rooms,
            record=self.record,
            own=self.key.party,
            name=lambda: self.book.own.name,
            clock=self.clock,
        )
        self.room_marks = RoomMarks(
            calls=self.calls, crises=self.crises, rooms=self.rooms, record=self.record
        )
        self.rooms.mark_by(self.room_marks.is_exercise)
        self.record_desk = RecordDesk(
            self.record, self.database, self.desks, self.lines.name_of, self.key.party
        )
        self.web_port = WebPort(self.settings, self.clock, self.metrics)
        self.troubles = NodeTroubles(
            web_port=self.web_port,
            database=self.database,
            record=self.record,
            set_aside=self.set_aside,
            folder=self.settings.folder,
            clock=self.clock,
        )
        self.record_exercise = RecordExercise(self.record, self.clock)
        self.metrics.add_source(self._own_metrics)
        self.metrics.add_source(self.record_desk.metrics)
        self.second_hand = SecondHand(self.clock, self.beat)

    def _wire_checks(self, resolver: Resolver) -> None:
        self.edges = EdgeProber(
            lines=self.lines,
            database=self.database,
            clock=self.clock,
            settings=self.settings,
            resolver=resolver,
        )
        self.lines.explain_silence(self.edges.silence)
        self.checks = Checks(
            record=self.record,
            database=self.database,
            clock=self.clock,
            deadlines=self.deadlines,
            around=CheckAround(
                site=self.edges.site,
                languages=self._languages_of,
                desk_ms=self._desk_ms,
                pace=self._pace,
                entropy=secrets.token_bytes,
            ),
        )
        self.standings = LineStandings(record=self.record, database=self.database, clock=self.clock)
        self.contacts = Contacts(
            record=self.record, database=self.database, clock=self.clock, terms=terms_at
        )
        self.record.refuse_with(self.checks.gate)
        self.alerts.keeper.go_by(limits_at)
        self.alerts.keeper.judge_with(self.checks.judge)
        self.alerts.keeper.shorten_with(self.crises.keeper.shortened)

    def _pace(self, connection: sa.Connection, space: SpaceId) -> CheckPace:
        """Return what our open crises add to a line's checks: in our turns, or once both opened."""
        found = self.crises.keeper.effects(connection, space)
        others = self.record.space(space).others if found.is_room_shared else ()
        return CheckPace(found.check_minutes, frozenset({self.record.keys.party, *others}))

    async def start(self) -> None:
        """Read the rows, open lines and rooms; nothing runs by itself yet.

        Raises:
            GuardMissing: a route, an operation or a kind of entry names no act.
        """
        check_operations()
        check_kinds()
        await self.book.load()
        await self.database.write(lambda c: enrolments.fill(c, self.key.party))
        await self.record.start()
        self.parts = Parts(
            settings=self.settings,
            clock=self.clock,
            database=self.database,
            blobs=self.blobs,
            lines=self.lines,
            rooms=self.rooms,
            doors=self.doors,
            seats=self.seats,
            record=self.record,
            notifications=self.notifications,
            calls=self.calls,
            alerts=self.alerts,
            crises=self.crises,
            assessments=self.assessments,
            checks=self.checks,
            duty=self.duty,
            standings=self.standings,
            contacts=self.contacts,
            set_aside=self.set_aside,
            metrics=self.metrics,
            desks=self.desks,
            rights=RightsChanges(),
            security=SecurityLog(self.metrics, self.clock),
            provider=self.provider,
            started_at=self.clock.now(),
            origins=origins(self.settings),
        )
        self.duty.listen_for_duress(self.parts.rights.note_change)
        self.operations = Operations(
            database=self.database,
            settings=self.settings,
            clock=self.clock,
            book=self.book,
            running=self,
        )
        self.app = build(self.parts)
        await self.lines.start()
        await self.checks.start()
        await self.edges.start()
        await self.rooms.start()
        await self.doors.lists.start()

    async def stop(self) -> None:
        """Tell pages, say goodbye on the lines, close everything."""
        self.seats.stop()
        self.replication.stop()
        await self.blobs.stop()
        with suppress(OurError):
            await self.paths.save()
        await self.record.stop()
        self.edges.stop()
        self.lines.stop()
        await self.feed.stop()
        self.engine.stop()
        self.case_keys.close()
        self.database.close()

    async def serve(self, until: Callable[[], Awaitable[None]], ready: Callable[[], None]) -> None:
        """Run the node until ``until`` returns; call ``ready`` once browsers are answered."""
        await self.start()
        web = WebListener(self.app, self.settings, self.web_port, self.metrics)
        admin = AdminListener(self.settings.folder, self.operations)
        try:
            await web.start()
            await admin.start()
            self.record.run()
            self.blobs.run()
            self.replication.start()
            self.receipts.run()
            self.deadlines.start()
            self.duty.run()
            self.feed.start()
            self.second_hand.start()
            log.info("node started", version=__version__, party=self.key.party.text)
            ready()
            await until_a_part_ends(until)
        finally:
            log.info("node stopping")
            await self.second_hand.stop()
            await self.deadlines.stop()
            await self.duty.stop()
            await self.receipts.stop()
            self.seats.stop()
            await admin.stop()
            await web.stop()
            await self.stop()
            log.info("node stopped")

    async def beat(self, lag_s: float) -> None:
        """Do what is due; called once a second."""
        if not self.database.is_writing:
            raise NodePartEnded(part="database")
        self.metrics.loop_lag.set(lag_s)
        self.seats.tick()
        self.hops.tick(lag_s * 1_000)
        self.record.tick()
        for what, do in self._each_second():
            try:
                await do()
            except OurError as error:
                log.error("not done in this second", what=what, code=error.code)
        # Whatever ails the database: a page that hears nothing would call its node silent.
        self.desks.show_state(self.troubles.state())
        self.desks.tick()
        monotonic = self.clock.monotonic()
        if monotonic - self._last_sweep >= SWEEP_EVERY_S:
            self._last_sweep = monotonic
            await self.database.write(self._forget)
            await self.blobs.sweep()

    def _each_second(self) -> Sequence[tuple[str, Callable[[], Awaitable[object]]]]:
        """Return what is done each second; a database that is away stops none of the others."""
        return (
            ("lines", self.lines.tick),
            ("lent roles", self._end_lent),
            ("rooms", self.rooms.tick),
            ("edges", self.edges.tick),
            ("checks", self.checks.tick),
            ("deadlines", self.deadlines.tick),
            ("blobs", self.blobs.tick),
            ("receipts", self.receipts.pay),
            ("assessments", self.assessments.work),
            ("steps", self.steps.say),
            ("told", self.teller.say),
            ("paths", self._look_at_paths),
            ("rooms of calls", self.call_rooms.tick),
            ("marks of rooms", self.room_marks.tick),
            ("record on the desk", self.record_desk.tick),
        )

    async def _look_at_paths(self) -> None:
        with suppress(OurError):
            # What a measure is made of is worth no word: a disk that is full is told of elsewhere.
            await self.paths.look(paths_seen(self.lines.views()), self.clock.now())

    async def _end_lent(self) -> None:
        """End the duties of people whose role for it was lent and has run out."""
        now, monotonic = self.clock.now(), self.clock.monotonic()
        if monotonic - self._last_look_at_lent < LOOK_EVERY_S:
            return
        self._last_look_at_lent = monotonic
        over = await self.database.read(lambda c: lent_duties_over(c, now))
        if not over:
            return
        await self.database.write(lambda c: end_lent_duties(c, now))
        for person in over:
            log.warning("duty ended with a lent role", person=person.text)
        self.parts.rights.note_change()

    def _forget(self, connection: sa.Connection) -> None:
        """Delete what is kept no longer, in one transaction: a disk is asked to flush once."""
        now = self.clock.now()
        sweep(connection, now, self.settings.web.sign_in_hours)
        forget_settled(connection, now.subtract(hours=SETTLED_KEPT_H))
        forget_spells(connection, now.subtract(hours=KEPT_H))

    def _name_of(self, party: PartyId) -> str | None:
        return self.book.own.name if party == self.key.party else self.lines.name_of(party)

    def _languages_of(self, party: PartyId) -> tuple[str, ...]:
        own = party == self.key.party
        return (self.book.own if own else self.book.get(party).party).card.languages

    def _desk_ms(self) -> int | None:
        return milliseconds(self.clock.now()) if self.desks.has_pages() else None

    def _zone_of(self, party: PartyId) -> str:
        own = party == self.key.party
        return (self.book.own if own else self.book.get(party).party).card.time_zone

    def _count_refusals(self, code: str, number: int) -> None:
        self.metrics.refusals.labels(code).inc(number)

    def _own_metrics(self) -> Iterable[Metric]:
        """Yield what is looked up only when somebody asks."""
        self.metrics.rooms_open.set(len(self.rooms.open_rooms()))
        self.metrics.participants.set(self.seats.count())
        trouble = GaugeMetricFamily("parley_trouble", "1 for what is wrong.", labels=["code"])
        for each in self.troubles.found():
            trouble.add_metric([each.code], 1)
        yield trouble
        backup_at = self.troubles.backup_at()
        if backup_at is not None:
            yield GaugeMetricFamily(
                "parley_backup_timestamp_seconds",
                "When the newest proved backup was made.",
                value=backup_at.timestamp(),
            )
        yield from gauges("parley", self.engine.counters())
        state = GaugeMetricFamily(
            "parley_line_state", "1 for a line's state.", labels=["party", "state"]
        )
        sent = CounterMetricFamily("parley_lane_sent_bytes", "Sent.", labels=["party", "lane"])
        got = CounterMetricFamily(
            "parley_lane_received_bytes", "Received.", labels=["party", "lane"]
        )
        rtt = GaugeMetricFamily("parley_path_rtt_seconds", "Round trip.", labels=["party", "path"])
        for view in self.lines.views():
            state.add_metric([view.party.id, view.state], 1)
            for lane in view.lanes:
                sent.add_metric([view.party.id, str(lane.lane)], lane.bytes_sent)
                got.add_metric([view.party.id, str(lane.lane)], lane.bytes_received)
            for path in view.paths:
                if path.rtt_ms is not None:
                    rtt.add_metric([view.party.id, path.name], path.rtt_ms / 1_000)
        yield from (state, sent, got, rtt)
