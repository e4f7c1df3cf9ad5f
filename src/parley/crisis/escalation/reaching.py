"""Whom a target comes to at an instant, and by which ends they are told. A core without I/O.

A target that comes to nobody is never silence: the releasers are told instead, with the reason, and
when nobody is a releaser either, every desk is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from whenever import Instant

from parley.crisis.escalation.policy import Target, TargetKind
from parley.crisis.escalation.roster import Override, Roster, on_watch
from parley.identity.permission import Role
from parley.ids import OfficeId, PersonId

TAKEN_AHEAD_MIN: Final = 60
"""Minutes before an empty shift from which on who takes the duty takes it for that shift. More: a
duty that was forgotten hides that nobody came. Less: who comes early is called a forgotten one."""


class EndKind(StrEnum):
    """By what somebody is told."""

    DESK = "desk"
    """A desk that is open: a person's, or every one."""
    PUSH = "push"
    MAIL = "mail"
    """A person's own mail box."""
    BOX = "box"
    """A mail box of the settings."""
    WEBHOOK = "webhook"
    SIREN = "siren"


@dataclass(frozen=True, slots=True, order=True)
class End:
    """One end that is told."""

    kind: EndKind
    name: str = ""
    """A device's or person's id, or a name of the settings; empty: every desk."""

    @property
    def text(self) -> str:
        """The end in one word, as it stands in rows."""
        return f"{self.kind.value}:{self.name}" if self.name else self.kind.value

    @property
    def is_outside(self) -> bool:
        """Whether telling it leaves the node."""
        return self.kind is not EndKind.DESK


class CallReason(StrEnum):
    """Why an end is told that the step did not name."""

    NAMED = "named"
    EMPTY_SHIFT = "empty_shift"
    NOBODY = "nobody"
    """Nobody has the role, or the person is not of our party any more."""
    UNKNOWN = "unknown"
    """The settings or the plan have no such name."""
    UNREACHABLE = "unreachable"
    """There is no such device any more."""


@dataclass(frozen=True, slots=True)
class Call:
    """One end to be told because of one target."""

    end: End
    target: Target
    person: PersonId | None = None
    why: CallReason = CallReason.NAMED


@dataclass(frozen=True, slots=True)
class Reachable:
    """One person of ours, and by what they are told."""

    roles: frozenset[Role]
    devices: tuple[str, ...] = ()
    has_mail: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything by which a target is turned into ends, as it is at one moment."""

    people: Mapping[PersonId, Reachable] = field(default_factory=dict)
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    overrides: Sequence[Override] = ()
    members: Mapping[OfficeId, frozenset[PersonId]] = field(default_factory=dict)
    on_duty: Mapping[OfficeId, PersonId] = field(default_factory=dict)
    taken_at: Mapping[OfficeId, Instant] = field(default_factory=dict)
    """Since when whoever has the duty has it."""
    boxes: frozenset[str] = frozenset()
    webhooks: frozenset[str] = frozenset()
    sirens: frozenset[str] = frozenset()

    def able(self, roster: Roster, person: PersonId) -> bool:
        """Say whether somebody can stand watch: of our party, and of the roster's office."""
        return person in self.people and person in self.members.get(roster.office, frozenset())

    def rostered(self, roster: Roster, at: Instant) -> PersonId | None:
        """Return whose shift it is, if they can stand it."""
        return on_watch(roster, self.overrides, at, lambda person: self.able(roster, person))

    def watching(self, roster: Roster, at: Instant, *, is_now: bool = True) -> PersonId | None:
        """Return who is on watch: who has the duty now, or else whose shift it is."""
        holder = self.on_duty.get(roster.office) if is_now else None
        return holder if holder in self.people else self.rostered(roster, at)

    def is_taken_for(self, roster: Roster, starts_at: Instant) -> bool:
        """Say whether somebody took the duty for an empty shift, and not for what was before it."""
        taken_at = self.taken_at.get(roster.office)
        return (
            self.on_duty.get(roster.office) in self.people
            and taken_at is not None
            and taken_at >= starts_at.subtract(minutes=TAKEN_AHEAD_MIN)
        )


def calls(
    targets: Iterable[Target], watch: Watch, at: Instant, *, is_now: bool = True
) -> tuple[Call, ...]:
    """Return every end that a step's targets come to, each once.

    Args:
        targets: of the step.
        watch: who there is.
        at: the instant.
        is_now: whether it is the present, in which who has the duty counts before the roster.
    """
    found: dict[End, Call] = {}
    for target in targets:
        for call in _calls_of(target, watch, at, is_now=is_now):
            found.setdefault(call.end, call)
    return tuple(found.values())


def _calls_of(target: Target, watch: Watch, at: Instant, *, is_now: bool) -> list[Call]:
    if target.kind in _NAMES:
        kind, names = _NAMES[target.kind]
        if target.name in getattr(watch, names):
            return [Call(End(kind, target.name), target)]
        return _instead(target, watch, CallReason.UNKNOWN)
    if target.kind is TargetKind.DESK:
        return [Call(End(EndKind.DESK), target)]
    if target.kind is TargetKind.DEVICE:
        return _device(target, watch)
    people, why = _people(target, watch, at, is_now=is_now)
    if not people:
        return _instead(target, watch, why)
    return [call for person in people for call in _person(person, target, watch, CallReason.NAMED)]


_NAMES = {
    TargetKind.MAIL: (EndKind.BOX, "boxes"),
    TargetKind.WEBHOOK: (EndKind.WEBHOOK, "webhooks"),
    TargetKind.SIREN: (EndKind.SIREN, "sirens"),
}


def _people(
    target: Target, watch: Watch, at: Instant, *, is_now: bool
) -> tuple[list[PersonId], CallReason]:
    if target.kind is TargetKind.ROLE:
        having = [p for p, each in watch.people.items() if target.name in each.roles]
        return sorted(having), CallReason.NOBODY
    if target.kind is TargetKind.ROSTER:
        roster = watch.rosters.get(target.name)
        if roster is None:
            return [], CallReason.UNKNOWN
        person = watch.watching(roster, at, is_now=is_now)
        return ([] if person is None else [person]), CallReason.EMPTY_SHIFT
    chosen = [person for person in watch.people if person.text == target.name]
    return chosen, CallReason.NOBODY


def _device(target: Target, watch: Watch) -> list[Call]:
    for person, each in watch.people.items():
        if target.name in each.devices:
            return [Call(End(EndKind.PUSH, target.name), target, person)]
    return _instead(target, watch, CallReason.UNREACHABLE)


def _person(person: PersonId, target: Target, watch: Watch, why: CallReason) -> list[Call]:
    """Return every end of a person; their desk is one of them, open or not."""
    each = watch.people[person]
    ends = [End(EndKind.DESK, person.text)]
    ends += [End(EndKind.PUSH, device) for device in each.devices]
    ends += [End(EndKind.MAIL, person.text)] if each.has_mail else []
    return [Call(end, target, person, why) for end in ends]


def _instead(target: Target, watch: Watch, why: CallReason) -> list[Call]:
    releasers = sorted(p for p, each in watch.people.items() if Role.RELEASER in each.roles)
    if not releasers:
        return [Call(End(EndKind.DESK), target, None, why)]
    return [call for person in releasers for call in _person(person, target, watch, why)]
