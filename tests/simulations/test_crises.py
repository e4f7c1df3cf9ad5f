"""Crises between two desks: entries that come late, cross, and lie. Both come to the same.

Each desk keeps what has come to it; the line carries entries of a log in order, as late as the seed
says. What a side does follows the seed; a hostile one shows another text than it sealed, seals
twice, shows before it may, marks entries wrongly and says what is no entry at all.
"""

import hashlib
import os
import random
from dataclasses import dataclass, field, replace

import pytest

from parley.crisis.assessment.bodies import Cut as TimelineCut
from parley.crisis.assessment.bodies import (
    Paragraph,
    Section,
    TimelineSaid,
    account_bytes,
    account_seal_body,
    account_shown_body,
    adoption_body,
    paragraph_body,
    seal_of,
    timeline_body,
)
from parley.crisis.assessment.machine import AssessmentState
from parley.crisis.assessment.matter import Assessment
from parley.crisis.assessment.projection import assess
from parley.crisis.assessment.sheet import is_clean, sheet_bytes
from parley.crisis.assessment.timeline import Placed, differences, said_of, timeline
from parley.crisis.crises.bodies import (
    Fact,
    Opening,
    Reply,
    ReplyKind,
    Statement,
    StatementKind,
    fact_body,
    opening_body,
    reply_body,
    statement_body,
    words_body,
)
from parley.crisis.crises.matter import Crisis
from parley.crisis.crises.projection import work_out
from parley.crisis.matter import BreachKind, MatterEntry
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, entry_hash, write_entry
from parley.record.kinds import DOMAIN_HUMAN_KINDS, Kind
from parley.testing.invariants import End, hold

SEEDS = int(os.environ.get("PARLEY_CRISIS_HISTORIES", "8"))
STEPS = 60
NEAR, FAR = sorted(PartyId(hashlib.sha256(name).digest()[:16]) for name in (b"near", b"far"))
SPACE = SpaceId.of_pair(NEAR, FAR)
THREAD = ThreadId(bytes(16))
WRITING = (AssessmentState.REVEALED, AssessmentState.PUBLISHED, AssessmentState.JOINT_DRAFT)
TITLE = (("en", "Two vessels"),)
TEXTS = tuple((("en", f"words {number}"),) for number in range(4))


@dataclass
class Side:
    """One desk: its own log, and how much of the other's has come."""

    party: PartyId
    rng: random.Random
    is_hostile: bool = False
    log: list[MatterEntry] = field(default_factory=list)
    came: int = 0
    sealed: tuple[bytes, bytes] | None = None

    def known(self, other: "Side") -> list[MatterEntry]:
        """Return the entries this desk has."""
        return [*self.log, *other.log[: self.came]]


class World:
    """Two desks and the line between them."""

    def __init__(self, seed: int) -> None:
        """Let one of them be hostile in every other history."""
        self.rng = random.Random(seed)  # noqa: S311  a seed, no secret
        self.near = Side(NEAR, self.rng)
        self.far = Side(FAR, self.rng, is_hostile=seed % 2 == 1)
        self.now_ms = 1_700_000_000_000
        said = Opening(title=TITLE, start_ms=1, year=2026, number=1, is_exercise=True)
        self.root = self.say(self.near, Kind.CRISIS_OPENING, opening_body(said), ())

    def say(
        self,
        side: Side,
        kind: int,
        body: dict[int, Value] | bytes,
        refs: tuple[bytes, ...] | None = None,
        *,
        is_signed: bool = True,
    ) -> bytes:
        """Append an entry to a side's log; its time may be a little wrong."""
        self.now_ms += self.rng.randrange(1, 5_000)
        other = self.far if side is self.near else self.near
        tip = (other.log[side.came - 1].hash,) if side.came else ()
        named = tuple(dict.fromkeys((self.root, *tip))) if refs is None else refs
        entry = Entry(
            space=SPACE,
            author=side.party,
            kind=kind,
            time_ms=self.now_ms + (self.rng.randrange(-60_000, 60_000) if refs is None else 0),
            thread=THREAD,
            refs=named,
            actor=ActorId(bytes(side.party)) if kind in DOMAIN_HUMAN_KINDS else None,
            body=body if isinstance(body, bytes) else encode(dict(body)),
        )
        digest = entry_hash(write_entry(entry))
        side.log.append(MatterEntry(digest, entry, 0, len(side.log), self.now_ms, is_signed))
        return digest

    def look(self, side: Side) -> tuple[Crisis | None, Assessment | None]:
        """Return what a desk makes of what it has."""
        entries = side.known(self.far if side is self.near else self.near)
        self.rng.shuffle(entries)
        crisis = work_out(self.root, (NEAR, FAR), entries)
        return crisis, None if crisis is None else assess(crisis, entries)

    def carry(self, *, is_whole: bool = False) -> None:
        """Let some of what is under way arrive, or all."""
        for side, other in ((self.near, self.far), (self.far, self.near)):
            left = len(other.log) - side.came
            side.came += left if is_whole else self.rng.randint(0, min(left, 4))

    def step(self) -> None:
        """Let one side do something that it may do, as far as it knows."""
        side = self.rng.choice((self.near, self.far))
        crisis, assessment = self.look(side)
        if crisis is None:
            return
        if side.is_hostile and self.rng.random() < 0.3:
            self._lie(side)
            return
        if assessment is not None and self.rng.random() < 0.7:
            self._assess(side, assessment)
            return
        self._act(side, crisis)

    def _act(self, side: Side, crisis: Crisis) -> None:
        text = self.rng.choice(TEXTS)
        theirs = [each for each in crisis.statements if each.author != side.party]
        about = self.rng.choice(theirs).hash if theirs else None
        tip = () if about is None else (about,)
        refs = (self.root, *tip)
        what = self.rng.randrange(7)
        if what == 0:
            own = Opening(title=text, start_ms=2, is_exercise=True)
            self.say(side, Kind.CRISIS_OPENING, opening_body(own))
        elif what == 1:
            self.say(side, Kind.CRISIS_CLOSING, words_body(None))
        elif what == 2:
            said = Statement(kind=StatementKind.CLAIM, texts=text, disputes=about)
            self.say(side, Kind.CRISIS_STATEMENT, statement_body(said), refs)
        elif what == 3:
            offer = Statement(kind=self.rng.choice([*StatementKind]), texts=text)
            self.say(side, Kind.CRISIS_STATEMENT, statement_body(offer))
        elif what == 4:
            self.say(side, Kind.CRISIS_FACT, fact_body(Fact(texts=text, crisis=self.root)))
        elif what == 5 and about is not None:
            reply = Reply(self.rng.choice([*ReplyKind]))
            self.say(side, Kind.CRISIS_REPLY, reply_body(reply), refs)
        else:
            self.say(side, Kind.CRISIS_WITHDRAWAL, words_body(None), refs)

    def _assess(self, side: Side, found: Assessment) -> None:
        key = bytes([self.rng.randrange(3)]) * 16
        text = self.rng.choice(TEXTS[:2])
        if found.state is AssessmentState.TIMELINE and side.party not in found.accounts:
            side.sealed = (self.rng.randbytes(32), account_bytes((("en", "Our account"),)))
            seal = seal_of(self.root, *side.sealed)
            self.say(side, Kind.ACCOUNT_SEAL, account_seal_body(seal))
        elif side.party in found.waits_for and side.sealed is not None:
            self.say(side, Kind.ACCOUNT_SHOWN, account_shown_body(*side.sealed))
        elif found.state is AssessmentState.JOINT_DRAFT and self.rng.random() < 0.4:
            sheet = sheet_bytes(found.sheet)
            if is_clean(sheet):
                self.say(side, Kind.ADOPTION, adoption_body(sheet))
        elif found.state in WRITING:
            said = Paragraph(key=key, section=self.rng.choice([*Section][:3]), order=0, texts=text)
            self.say(side, Kind.SHEET_PARAGRAPH, paragraph_body(said))

    def _lie(self, side: Side) -> None:
        lies = (
            (Kind.ACCOUNT_SHOWN, account_shown_body(bytes(32), account_bytes(TEXTS[0]))),
            (Kind.ACCOUNT_SEAL, account_seal_body(self.rng.randbytes(32))),
            (Kind.ACCOUNT_PUBLICATION, account_shown_body(bytes(32), account_bytes(TEXTS[1]))),
            (Kind.ADOPTION, adoption_body(b"no sheet")),
            (Kind.CRISIS_OPENING, opening_body(Opening(title=TITLE, start_ms=3))),
            (Kind.READOUT, b"\xff\xff"),
            (Kind.TIMELINE, timeline_body(TimelineSaid(bytes(32), 0, (), ()))),
        )
        kind, body = self.rng.choice(lies)
        self.say(side, kind, body, is_signed=self.rng.random() < 0.5)


def plain(crisis: Crisis | None) -> Crisis | None:
    """Return a crisis without what each desk knows by its own clock alone."""
    if crisis is None:
        return None
    return replace(crisis, statements=tuple(replace(each, came_ms=0) for each in crisis.statements))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_both_desks_come_to_the_same_whatever_a_side_says(seed: int) -> None:
    """In any order of arrival; what a hostile side says wrongly has no effect."""
    world = World(seed)
    for _ in range(STEPS):
        world.step()
        if world.rng.random() < 0.6:
            world.carry()
        for side in (world.near, world.far):
            check(*world.look(side))
    world.carry(is_whole=True)
    near, far = world.look(world.near), world.look(world.far)
    assert plain(near[0]) == plain(far[0])
    assert near[1] == far[1]
    crisis = near[0]
    assert crisis is not None
    hold([end_of(world.near, world.far), end_of(world.far, world.near)])
    # What crosses may come too late; nothing that an honest side says is refused otherwise.
    honest = () if near[1] is None else near[1].breaches
    assert {each.kind for each in honest if each.author == NEAR} <= {BreachKind.IMPOSSIBLE}
    # Two timelines over the same cut are equal; over two cuts they differ by what is listed.
    placed = [
        Placed(each.hash, each.entry, each.epoch, each.place)
        for each in (*world.near.log, *world.far.log)
    ]
    cut = tuple(
        sorted(TimelineCut(side.party, 0, len(side.log)) for side in (world.near, world.far))
    )
    short = tuple(replace(each, size=each.size // 2) for each in cut)
    whole = said_of(crisis.hash, timeline(crisis.hash, crisis.thread, placed, cut), cut)
    again = said_of(crisis.hash, timeline(crisis.hash, crisis.thread, placed[::-1], cut), cut)
    part = said_of(crisis.hash, timeline(crisis.hash, crisis.thread, placed, short), short)
    assert whole == again
    found = differences(NEAR, whole, FAR, part)
    assert {each.head for each in found} == set(whole.heads) - set(part.heads)
    assert (whole.digest == part.digest) == (not found)


def end_of(side: Side, other: Side) -> End:
    """Return what a desk has, as the invariants of every line are held against it."""
    known = {each.hash: each.entry for each in side.known(other)}
    logs = {
        (SPACE.text, whose.party, 0): {each.place: each.hash for each in log}
        for whose, log in ((side, side.log), (other, other.log[: side.came]))
    }
    return End(side.party, logs, {}, known.get, [])


def check(crisis: Crisis | None, assessment: Assessment | None) -> None:
    """Hold what one desk shows against what must always be true."""
    if crisis is None or assessment is None:
        return
    shown = [each for each in assessment.accounts.values() if each.shown is not None]
    if shown:
        # Nobody's account is there before both are sealed: no deadline passes in these histories.
        assert len(assessment.accounts) == 2
    assert all(each.shown == (("en", "Our account"),) for each in shown)
    if assessment.state is AssessmentState.ADOPTED:
        assert len({each.body_hash for each in assessment.adoptions.values()}) == 1
    for fact in crisis.facts:
        assert (fact.state.value == "agreed") == (len(fact.signed) == 2)
