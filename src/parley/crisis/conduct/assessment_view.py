"""Assessments as people and programs are shown them."""

import hashlib
from collections.abc import Callable, Sequence

import msgspec

from parley.crisis.assessment.bodies import Paragraph
from parley.crisis.assessment.matter import Assessment, ReadoutGiven
from parley.crisis.assessment.measures import CrisisMeasures
from parley.crisis.assessment.metrics import AlertTimes, Figures, Spread
from parley.crisis.assessment.readout import Quote
from parley.crisis.assessment.readout_life import free_ms, readout_state
from parley.crisis.assessment.sheet import SheetParagraph, is_clean, sheet_bytes
from parley.crisis.assessment.timeline import Placed, differences
from parley.crisis.conduct.crisis_view import breaches_of, instant, maybe, texts_view
from parley.crisis.conduct.repository import CrisisFound
from parley.crisis.view import AlertBreachView, TextView
from parley.ids import PartyId
from parley.record.kinds import Kind
from parley.record.office import office_of


class TimelineGivenView(msgspec.Struct, frozen=True):
    """What a node says it found."""

    party: str
    digest: str
    count: int
    at: str


class DifferenceView(msgspec.Struct, frozen=True):
    """What one timeline has and the other has not."""

    head: str
    """The beginning of the entry's hash."""
    party: str
    """Whose timeline has it."""
    entry: str | None
    """The whole hash, if the entry is here."""


class AccountView(msgspec.Struct, frozen=True):
    """One party's account."""

    party: str
    seal: str
    sealed_at: str
    shown: tuple[TextView, ...] | None
    shown_at: str | None
    is_awaited: bool
    """Whether both seals are there and its node has not shown it."""


class VersionView(msgspec.Struct, frozen=True):
    """One version of a paragraph."""

    party: str | None
    """In whose brackets; null: both have it."""
    texts: tuple[TextView, ...]
    owner: str | None
    due: str | None


class ParagraphView(msgspec.Struct, frozen=True):
    """A paragraph of the joint sheet."""

    key: str
    section: str
    order: int
    is_bracketed: bool
    versions: tuple[VersionView, ...]


class AdoptionView(msgspec.Struct, frozen=True):
    """A sheet that a party adopted."""

    party: str
    sheet: str
    """SHA-256 of the sheet's bytes."""
    at: str
    is_current: bool
    """Whether it is the sheet as it stands."""


class ReadoutView(msgspec.Struct, frozen=True):
    """What one side says in public."""

    hash: str
    party: str
    texts: tuple[TextView, ...]
    public_from: str
    at: str
    came_at: str
    state: str
    """announced, waiting or public."""
    held_at: str | None
    """Since when the other party's node has it, by that node's clock; null: not known."""
    free_at: str | None
    """From when it may be given out; null: not before the other party has it."""
    is_short: bool
    """Whether its date leaves the other party less than the agreed hours."""


class AssessmentView(msgspec.Struct, frozen=True):
    """An assessment as both sides hold it."""

    crisis: str
    state: str
    begun: str
    deadline: str
    is_after_deadline: bool
    """Whether a side that sealed alone may publish or take back."""
    timelines: tuple[TimelineGivenView, ...]
    are_timelines_equal: bool | None
    """Null until both are there."""
    differences: tuple[DifferenceView, ...]
    accounts: tuple[AccountView, ...]
    sheet: tuple[ParagraphView, ...]
    sheet_hash: str | None
    """SHA-256 of the sheet as it stands; null while it may not be adopted."""
    adoptions: tuple[AdoptionView, ...]
    ended_by: str | None
    readouts: tuple[ReadoutView, ...]
    readout_hours: int
    """That the other party has a readout before it is public; 0: none are agreed."""
    breaches: tuple[AlertBreachView, ...]


class TimelineEntryView(msgspec.Struct, frozen=True):
    """One entry of a timeline."""

    hash: str
    party: str
    kind: str
    at: str
    """By its author's clock."""
    came_at: str | None
    """By ours, of what came from the other party."""
    is_linked: bool
    """Whether it belongs to something that was linked."""
    office: str | None
    """In which office its person spoke, or not_said; null where its kind names none."""


class SpreadView(msgspec.Struct, frozen=True):
    """Several times together, in milliseconds."""

    count: int
    median_ms: int | None
    longest_ms: int | None


class FiguresView(msgspec.Struct, frozen=True):
    """How long what took, of one party's alerts."""

    party: str
    alerts: int
    deliver: SpreadView
    """By two clocks; the rest is by the receiver's alone."""
    present: SpreadView
    acknowledge: SpreadView
    answer: SpreadView


class CheckFiguresView(msgspec.Struct, frozen=True):
    """The line checks that one party was to answer."""

    party: str
    kept: int
    missed: int
    causes: dict[str, int]
    """How often each cause was the last thing proved."""


class NotificationFiguresView(msgspec.Struct, frozen=True):
    """The notifications of one party."""

    party: str
    sent: int
    late: int
    latest_ms: int | None


class EscalationFiguresView(msgspec.Struct, frozen=True):
    """What escalated on our own side."""

    started: int
    steps: int
    latest_ms: int | None
    told: int
    """Steps that the other side told of, where the line's terms share them."""


class PathFiguresView(msgspec.Struct, frozen=True):
    """How much of the time in which our node looked a path of the line carried."""

    path: str | None
    """Null: the line, which is up while any path is."""
    seen_ms: int
    up_ms: int
    breaks: int


class MeasuresView(msgspec.Struct, frozen=True):
    """All that is measured of a crisis."""

    begun_at: str
    ended_at: str | None
    """Null while a side is open."""
    alerts: tuple[FiguresView, ...]
    checks: tuple[CheckFiguresView, ...]
    notifications: tuple[NotificationFiguresView, ...]
    escalation: EscalationFiguresView
    paths: tuple[PathFiguresView, ...]
    """The line first; none where our node saw nothing of it."""


class AlertTimesView(msgspec.Struct, frozen=True):
    """How long one alert took, in milliseconds."""

    hash: str
    party: str
    precedence: str
    released_at: str
    deliver_ms: int | None
    present_ms: int | None
    acknowledge_ms: int | None
    answer_ms: int | None


class QuoteView(msgspec.Struct, frozen=True):
    """A stretch of a readout that stands in the record too."""

    hash: str
    party: str
    kind: str
    language: str
    place: int
    words: str
    may_be_quoted: bool


def assessment_view(found: CrisisFound, assessment: Assessment, now_ms: int) -> AssessmentView:
    """Return an assessment as shown."""
    encoded = sheet_bytes(assessment.sheet)
    digest = hashlib.sha256(encoded).hexdigest()
    given = [*assessment.timelines.items()]
    is_pair = len(given) == len(assessment.members)
    return AssessmentView(
        crisis=assessment.crisis.hex(),
        state=assessment.state.value,
        begun=instant(assessment.begun_ms),
        deadline=instant(assessment.deadline_ms),
        is_after_deadline=now_ms >= assessment.deadline_ms,
        timelines=tuple(
            TimelineGivenView(
                party.text, each.said.digest.hex(), each.said.count, instant(each.at_ms)
            )
            for party, each in given
        ),
        are_timelines_equal=(
            given[0][1].said.digest == given[1][1].said.digest if is_pair else None
        ),
        differences=_differences(found, assessment) if is_pair else (),
        accounts=_accounts(assessment),
        sheet=tuple(map(_paragraph, assessment.sheet)),
        sheet_hash=digest if is_clean(encoded) else None,
        adoptions=tuple(
            AdoptionView(
                party.text,
                hashlib.sha256(each.sheet).hexdigest(),
                instant(each.at_ms),
                each.sheet == encoded,
            )
            for party, each in assessment.adoptions.items()
        ),
        ended_by=None if assessment.ended_by is None else assessment.ended_by.text,
        readouts=tuple(
            _readout(each, assessment.readout_hours, found.held.get(each.hash), now_ms)
            for each in assessment.readouts
        ),
        readout_hours=assessment.readout_hours,
        breaches=breaches_of(assessment.breaches),
    )


def timeline_view(
    found: CrisisFound, entries: Sequence[Placed], came_ms: Callable[[bytes], int | None]
) -> tuple[TimelineEntryView, ...]:
    """Return the entries of a crisis as shown, by their authors' clocks."""
    return tuple(
        TimelineEntryView(
            each.hash.hex(),
            each.entry.author.text,
            Kind(each.entry.kind).name.lower() if each.entry.kind in _KNOWN else "unknown",
            instant(each.entry.time_ms),
            maybe(came_ms(each.hash)),
            each.entry.thread != found.crisis.thread,
            office_of(each.entry),
        )
        for each in entries
    )


_KNOWN = frozenset(map(int, Kind))


def figures_view(figures: Figures) -> FiguresView:
    """Return figures as shown."""
    return FiguresView(
        figures.author.text,
        figures.alerts,
        _spread(figures.deliver),
        _spread(figures.present),
        _spread(figures.acknowledge),
        _spread(figures.answer),
    )


def measures_view(measures: CrisisMeasures, alerts: Sequence[Figures]) -> MeasuresView:
    """Return what was measured as shown."""
    steps = measures.escalation
    return MeasuresView(
        instant(measures.begun_ms),
        maybe(measures.ended_ms),
        tuple(map(figures_view, alerts)),
        tuple(
            CheckFiguresView(each.party.text, each.kept, each.missed, {**each.causes})
            for each in measures.checks
        ),
        tuple(
            NotificationFiguresView(each.party.text, each.sent, each.late, each.latest_ms)
            for each in measures.notifications
        ),
        EscalationFiguresView(steps.started, steps.steps, steps.latest_ms, steps.told),
        tuple(
            PathFiguresView(each.path, each.seen_ms, each.up_ms, each.breaks)
            for each in measures.paths
        ),
    )


def times_view(times: AlertTimes) -> AlertTimesView:
    """Return the times of an alert as shown."""
    return AlertTimesView(
        times.hash.hex(),
        times.author.text,
        times.precedence.name.lower(),
        instant(times.released_ms),
        times.deliver_ms,
        times.present_ms,
        times.acknowledge_ms,
        times.answer_ms,
    )


def quote_view(quote: Quote) -> QuoteView:
    """Return a quotation as shown."""
    return QuoteView(
        quote.hash.hex(),
        quote.author.text,
        quote.kind,
        quote.language,
        quote.place,
        quote.words,
        quote.may_be_quoted,
    )


def _spread(spread: Spread) -> SpreadView:
    return SpreadView(spread.count, spread.median_ms, spread.longest_ms)


def _accounts(assessment: Assessment) -> tuple[AccountView, ...]:
    return tuple(
        AccountView(
            party.text,
            each.seal.hex(),
            instant(each.sealed_ms),
            None if each.shown is None else texts_view(each.shown),
            maybe(each.shown_ms),
            party in assessment.waits_for,
        )
        for party, each in assessment.accounts.items()
    )


def _differences(found: CrisisFound, assessment: Assessment) -> tuple[DifferenceView, ...]:
    first, second = assessment.members
    ours, theirs = assessment.timelines[first], assessment.timelines[second]
    known = {each.hash[:8]: each.hash.hex() for each in found.entries}
    return tuple(
        DifferenceView(each.head.hex(), each.has.text, known.get(each.head))
        for each in differences(first, ours.said, second, theirs.said)
    )


def _readout(given: ReadoutGiven, hours: int, held_ms: int | None, now_ms: int) -> ReadoutView:
    public_from_ms = given.said.public_from_ms
    return ReadoutView(
        hash=given.hash.hex(),
        party=given.author.text,
        texts=texts_view(given.said.texts),
        public_from=instant(public_from_ms),
        at=instant(given.at_ms),
        came_at=instant(given.came_ms),
        state=readout_state(public_from_ms, hours, held_ms, now_ms).value,
        held_at=maybe(held_ms),
        free_at=maybe(free_ms(public_from_ms, hours, held_ms)),
        is_short=given.is_short,
    )


def _paragraph(paragraph: SheetParagraph) -> ParagraphView:
    return ParagraphView(
        paragraph.key.hex(),
        paragraph.section.name.lower(),
        paragraph.order,
        paragraph.is_bracketed,
        tuple(_version(party, said) for party, said in paragraph.versions),
    )


def _version(party: PartyId | None, said: Paragraph) -> VersionView:
    return VersionView(
        None if party is None else party.text,
        texts_view(said.texts),
        None if said.owner is None else said.owner.text,
        maybe(said.due_ms),
    )
