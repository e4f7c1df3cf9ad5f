"""A plan as JSON: what an editor, a file and a row hold. A core without I/O.

What is wrong is said with its place (``policies.0.steps.2.delay_s``), and nothing of it counts: a
plan is read whole or refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final, TypeVar

import msgspec
from whenever import PlainDateTime

from parley.config.kinds import TIME_ZONE, is_plain
from parley.crisis.escalation import policy as policies
from parley.crisis.escalation import roster as rosters
from parley.crisis.escalation.plan import ROSTERS_MAX, Plan
from parley.crisis.escalation.policy import (
    Direction,
    Policy,
    PolicyStep,
    Target,
    TargetKind,
    Until,
)
from parley.crisis.escalation.roster import Hours, Roster, Rotation, ShiftUnit
from parley.errors import PlanRefused
from parley.identity.permission import Role
from parley.ids import OfficeId, PersonId
from parley.record.entry import Precedence

PLAN_BYTES_MAX: Final = 262_144
"""Bytes of a plan. Twenty rosters of sixty people need about 100,000."""
LENGTH_MAX: Final = 366
KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
NAME_CHARACTERS_MAX: Final = 80
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_MIDNIGHT: Final = "24:00"
E = TypeVar("E")


class HoursText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time of the day on some days of the week, 1 for Monday."""

    days: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...],
        msgspec.Meta(min_length=1, max_length=7),
    ]
    start: str
    end: str


class RotationText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People who follow one another."""

    name: str
    people: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=rosters.PEOPLE_MAX)]
    starts: str
    length: Annotated[int, msgspec.Meta(ge=1, le=LENGTH_MAX)]
    unit: ShiftUnit
    hours: Annotated[tuple[HoursText, ...], msgspec.Meta(max_length=14)] = ()


class RosterText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is to be on watch in an office."""

    key: str
    name: str
    zone: str
    office: str
    rotations: Annotated[
        tuple[RotationText, ...], msgspec.Meta(max_length=rosters.ROTATIONS_MAX)
    ] = ()


class PolicyStepText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step; targets as ``role:releaser``, ``roster:watch``, ``desk``, ``siren:hall``."""

    delay_s: Annotated[int, msgspec.Meta(ge=0, le=policies.DELAY_S_MAX)]
    targets: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=policies.TARGETS_MAX)]
    until: Until = Until.ACKNOWLEDGED
    acks: Annotated[int, msgspec.Meta(ge=1, le=policies.ACKS_MAX)] = 1


class PolicyText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one precedence of one direction is escalated."""

    direction: Direction
    precedence: str
    steps: Annotated[tuple[PolicyStepText, ...], msgspec.Meta(max_length=policies.STEPS_MAX)]
    repeats: Annotated[int, msgspec.Meta(ge=0, le=policies.REPEATS_MAX)] = 0
    repeat_s: Annotated[int, msgspec.Meta(ge=10, le=policies.DELAY_S_MAX)] = 300
    calls_in_exercises: bool = False


class PlanText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan."""

    rosters: Annotated[tuple[RosterText, ...], msgspec.Meta(max_length=ROSTERS_MAX)] = ()
    policies: Annotated[tuple[PolicyText, ...], msgspec.Meta(max_length=8)] = ()


def read_plan(encoded: bytes) -> Plan:
    """Read a plan.

    Raises:
        PlanRefused: it is none, with the place and what is wrong there.
    """
    if len(encoded) > PLAN_BYTES_MAX:
        raise PlanRefused(place="plan", reason="too_long")
    try:
        text = msgspec.json.decode(encoded, type=PlanText)
    except msgspec.ValidationError as error:
        place = str(error).rpartition(" - at `")[2].rstrip("`").removeprefix("$.")
        raise PlanRefused(place=place[:80] or "plan", reason="wrong_shape") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise PlanRefused(place="plan", reason="no_json") from error
    return plan_of(text)


def plan_of(text: PlanText) -> Plan:
    """Return the plan that a text means; raises like :func:`read_plan`."""
    read = tuple(_roster(each, f"rosters.{i}") for i, each in enumerate(text.rosters))
    _require_different((each.key for each in read), "rosters")
    keys = {each.key for each in read}
    found: dict[tuple[Direction, Precedence], Policy] = {}
    for i, each in enumerate(text.policies):
        place = f"policies.{i}"
        about = (each.direction, _precedence(each.precedence, place))
        if about in found:
            raise PlanRefused(place=place, reason="twice")
        found[about] = _policy(each, keys, place)
    return Plan(read, found)


def plan_text(plan: Plan) -> PlanText:
    """Return a plan as its text."""
    return PlanText(
        tuple(map(_roster_text, plan.rosters)),
        tuple(policy_text(*about, each) for about, each in plan.policies.items()),
    )


def write_plan(plan: Plan) -> bytes:
    """Return a plan as JSON, the same bytes for the same plan."""
    return msgspec.json.encode(plan_text(plan))


def write_policy(policy: Policy) -> bytes:
    """Return one policy as JSON; direction and precedence stand elsewhere."""
    return msgspec.json.encode(policy_text(Direction.INBOUND, Precedence.FLASH, policy))


def read_policy(encoded: bytes) -> Policy:
    """Read what :func:`write_policy` wrote.

    Raises:
        PlanRefused: it is none.
    """
    try:
        text = msgspec.json.decode(encoded, type=PolicyText)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise PlanRefused(place="policy", reason="wrong_shape") from error
    return _policy(text, None, "policy")


def policy_text(direction: Direction, precedence: Precedence, policy: Policy) -> PolicyText:
    """Return a policy as its text."""
    steps = tuple(
        PolicyStepText(each.delay_s, tuple(t.text for t in each.targets), each.until, each.acks)
        for each in policy.steps
    )
    return PolicyText(
        direction,
        precedence.name.lower(),
        steps,
        policy.repeats,
        policy.repeat_s,
        policy.calls_in_exercises,
    )


def read_target(text: str) -> Target:
    """Read a target, such as ``role:releaser``.

    Raises:
        PlanRefused: it is none.
    """
    return _target(text, None, "target")


# ------------------------------------------------------------------------------------------ details


def _roster(text: RosterText, place: str) -> Roster:
    if KEY.fullmatch(text.key) is None:
        raise PlanRefused(place=f"{place}.key", reason="no_key")
    _require_name(text.name, f"{place}.name")
    try:
        zone, office = TIME_ZONE.read(text.zone), OfficeId.parse(text.office)
    except ValueError as error:
        raise PlanRefused(place=f"{place}.zone or office", reason="unknown") from error
    rotations = tuple(
        _rotation(each, f"{place}.rotations.{i}") for i, each in enumerate(text.rotations)
    )
    _require_different((each.name for each in rotations), f"{place}.rotations")
    return Roster(text.key, text.name, zone, office, rotations)


def _rotation(text: RotationText, place: str) -> Rotation:
    _require_name(text.name, f"{place}.name")
    if text.name == rosters.OVERRIDE:
        raise PlanRefused(place=f"{place}.name", reason="taken")
    try:
        people = tuple(PersonId.parse(each) for each in text.people)
    except ValueError as error:
        raise PlanRefused(place=f"{place}.people", reason="unknown") from error
    try:
        starts = PlainDateTime.parse_iso(text.starts)
    except ValueError as error:
        raise PlanRefused(place=f"{place}.starts", reason="no_time") from error
    if not _YEAR_MIN <= starts.year <= _YEAR_MAX:
        raise PlanRefused(place=f"{place}.starts", reason="no_time")
    hours = tuple(_hours(each, f"{place}.hours.{i}") for i, each in enumerate(text.hours))
    return Rotation(text.name, people, starts, text.length, text.unit, hours)


_YEAR_MIN, _YEAR_MAX = 2_000, 2_200
"""Years of a rotation's first hand-over: others are slips of the pen."""


def _hours(text: HoursText, place: str) -> Hours:
    return Hours(frozenset(text.days), _minute(text.start, place), _minute(text.end, place))


def _minute(text: str, place: str) -> int:
    if text == _MIDNIGHT:
        return 0
    found = _TIME.fullmatch(text)
    if found is None:
        raise PlanRefused(place=place, reason="no_time")
    return int(found[1]) * 60 + int(found[2])


def _policy(text: PolicyText, keys: set[str] | None, place: str) -> Policy:
    steps = tuple(
        PolicyStep(
            each.delay_s,
            tuple(_target(t, keys, f"{place}.steps.{i}.targets") for t in each.targets),
            each.until,
            each.acks,
        )
        for i, each in enumerate(text.steps)
    )
    return Policy(steps, text.repeats, text.repeat_s, text.calls_in_exercises)


def _target(text: str, keys: set[str] | None, place: str) -> Target:
    word, colon, name = text.partition(":")
    try:
        kind = TargetKind(word)
    except ValueError as error:
        raise PlanRefused(place=place, reason="unknown") from error
    if (kind is TargetKind.DESK) == bool(colon) or (colon and not name):
        raise PlanRefused(place=place, reason="unknown")
    known: Mapping[TargetKind, Callable[[], bool]] = {
        TargetKind.ROLE: lambda: name in set(Role),
        TargetKind.ROSTER: lambda: keys is None or name in keys,
        TargetKind.PERSON: lambda: _is_id(name),
        TargetKind.DEVICE: lambda: _is_id(name),
    }
    is_known = known.get(kind, lambda: not name or KEY.fullmatch(name) is not None)
    if not is_known():
        raise PlanRefused(place=place, reason="unknown")
    return Target(kind, name)


def _is_id(text: str) -> bool:
    try:
        PersonId.parse(text)
    except ValueError:
        return False
    return True


def _precedence(text: str, place: str) -> Precedence:
    try:
        return Precedence[text.upper()]
    except KeyError as error:
        raise PlanRefused(place=f"{place}.precedence", reason="unknown") from error


def _require_name(text: str, place: str) -> None:
    if not 0 < len(text) <= NAME_CHARACTERS_MAX or not is_plain(text):
        raise PlanRefused(place=place, reason="no_name")


def _require_different(names: Iterable[Any], place: str) -> None:
    seen = list(names)
    if len(set(seen)) != len(seen):
        raise PlanRefused(place=place, reason="twice")


def _roster_text(roster: Roster) -> RosterText:
    rotations = tuple(
        RotationText(
            each.name,
            tuple(person.text for person in each.people),
            each.starts.format_iso(),
            each.length,
            each.unit,
            tuple(
                HoursText(tuple(sorted(h.days)), _clock(h.from_minute), _clock(h.until_minute))
                for h in each.hours
            ),
        )
        for each in roster.rotations
    )
    return RosterText(roster.key, roster.name, roster.zone, roster.office.text, rotations)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
