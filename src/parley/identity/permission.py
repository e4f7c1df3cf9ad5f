"""Who may do what: the one table, and the only place that answers from it.

An *act* is one thing that can be done at a node, named area.verb. A person has one or several
*roles*; a role allows an act on the person's own things, on things of our party, on things of
another party, or on some of these. Some acts want more than a sign-in: a *step-up*, which is a
passkey used within the last minutes, or a *signature*, which is a passkey over the very entry that
is to be appended.

People, the operator at the node's own machine and programs are three kinds of askers with three
questions, :func:`may`, :func:`operator_may` and :func:`machine_may`. A program is no person with
fewer roles: it has no roles at all, and the acts it can be given are a type of their own that holds
no act of a person. So there is no cell of the table, and no mistake in it, by which a machine could
do what a person is to answer for.

The table is looked up at each request with the rights of that instant; nothing here is remembered.
``docs/reference/permissions.md`` is written from it (:mod:`parley.identity.permission_page`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import Final

from whenever import Instant

from parley.ids import PersonId


class Role(StrEnum):
    """What a person is in their institution. Roles never cross the line."""

    MEMBER = "member"
    """Uses the desk, rooms and the record."""
    DUTY_OFFICER = "duty_officer"
    """Also stands watch in an office: takes duty and hands it over."""
    RELEASER = "releaser"
    """Also speaks for the party: what binds it needs them."""
    PRINCIPAL = "principal"
    """Of the principal's office: reads, speaks in rooms, and is the second person where a line is
    suspended or ended. No exercise comes to them that does not ask for it."""
    SECRETARY = "secretary"
    """Also keeps people and offices, and prepares what a releaser signs."""
    ENGINEER = "engineer"
    """Keeps the node running; reads nothing that people wrote."""
    AUDITOR = "auditor"
    """Reads and exports everything, does nothing else."""


class Act(StrEnum):
    """One thing that can be done at a node."""

    SELF_USE = "self.use"
    """See and change one's own language and colours; sign out."""
    LINE_WATCH = "line.watch"
    """Watch the lines: state, paths, what was set aside."""
    LINE_PAIR = "line.pair"
    """Exchange cards, confirm, suspend, resume and forget another party."""
    ROOM_READ = "room.read"
    """See which rooms there are."""
    ROOM_OPEN = "room.open"
    """Open a room."""
    ROOM_JOIN = "room.join"
    """Take a seat in a room."""
    ROOM_CLOSE = "room.close"
    """Close a room for everyone in it."""
    ROOM_RESTRICT = "room.restrict"
    """Name who of our people may enter a room, or the room of a call."""
    RECORD_READ = "record.read"
    """Read the record, its receipts and its evidence."""
    RECORD_REMARK = "record.remark"
    """Append a remark in plain words."""
    RECORD_ATTACH = "record.attach"
    """Append a file, sealed."""
    RECORD_FETCH = "record.fetch"
    """Read a file that was attached."""
    RECORD_ERASE = "record.erase"
    """Delete the key of a sealed body, and say so."""
    RECORD_KEEP = "record.keep"
    """Begin a new log of ours, or a record with several parties."""
    RECORD_EXERCISE = "record.exercise"
    """Let the node append made-up entries for a drill, marked as an exercise."""
    RECORD_EXPORT = "record.export"
    """Take a copy of the record away."""
    AGREEMENT_READ = "agreement.read"
    """Read line agreements."""
    AGREEMENT_PROPOSE = "agreement.propose"
    """Propose a version of a line agreement."""
    AGREEMENT_SIGN = "agreement.sign"
    """Agree to a version of a line agreement for the party."""
    ALERT_READ = "alert.read"
    """Read alerts, what was done about them and what is due."""
    ALERT_DRAFT = "alert.draft"
    """Write an alert, change it, throw it away."""
    ALERT_VERIFY = "alert.verify"
    """Vouch for what another person drafted; nobody does it for their own."""
    ALERT_RELEASE = "alert.release"
    """Let an alert go to the other party, replace it or take it back."""
    ALERT_ACKNOWLEDGE = "alert.acknowledge"
    """Take another party's alert as a person: that it was read, and nothing else."""
    ALERT_TRANSLATE = "alert.translate"
    """Put an alert into another language, and say that it was understood."""
    ALERT_PARAPHRASE = "alert.paraphrase"
    """Say in our own words how another party's alert was understood."""
    ALERT_JUDGE = "alert.judge"
    """Confirm or correct how the other party understood an alert of ours."""
    ALERT_HOLD = "alert.hold"
    """Answer that we are still deciding, or that it is not our matter."""
    ALERT_ANSWER = "alert.answer"
    """Give any other answer to another party's alert."""
    ALERT_CLOSE = "alert.close"
    """Say that nothing more is to be done about an alert."""
    NOTIFICATION_READ = "notification.read"
    """Read notifications, their types, queries and numbers."""
    NOTIFICATION_DRAFT = "notification.draft"
    """Fill in a notification, change it, check it, throw it away."""
    NOTIFICATION_VERIFY = "notification.verify"
    """Vouch for a form that another person filled in; nobody does it for their own."""
    NOTIFICATION_SEND = "notification.send"
    """Send a verified notification under its number."""
    NOTIFICATION_QUERY = "notification.query"
    """Ask about another party's notification."""
    NOTIFICATION_CLARIFY = "notification.clarify"
    """Answer what another party asked about ours."""
    NOTIFICATION_CANCEL = "notification.cancel"
    """Say that a notification of ours does not stand any more."""
    NOTIFICATION_CLOSE = "notification.close"
    """Say that a notification of ours has run its course."""
    CALL_READ = "call.read"
    """Read call requests and what was answered."""
    CALL_ASK = "call.ask"
    """Ask for a call between officials, or give the request up."""
    CALL_ANSWER = "call.answer"
    """Answer a call request, or the last offer about it."""
    CALL_START = "call.start"
    """Show a device's key, read the code, begin and end a call that was agreed on."""
    CHECK_READ = "check.read"
    """Read line checks, what they proved, and whether a line is suspended."""
    CHECK_SEND = "check.send"
    """Send a line check, and confirm what came back."""
    CHECK_ANSWER = "check.answer"
    """Type the code of another party's line check back, or say "not now"."""
    LINE_SUSPEND = "line.suspend"
    """Suspend, resume or end a line in writing, as the first of two people."""
    LINE_CONCUR = "line.concur"
    """Concur in that, as the second: another releaser, or the principal's office."""
    CONTACT_READ = "contact.read"
    """Read whom each party names to the other, and what came of using it."""
    CONTACT_PUBLISH = "contact.publish"
    """Publish our list of contacts, or confirm it as it stands."""
    CONTACT_TRY = "contact.try"
    """Say what came of using a contact of either party."""
    CRISIS_READ = "crisis.read"
    """Read crises, their timelines and assessments, and the times of exercises."""
    CRISIS_OPEN = "crisis.open"
    """Open, rename, close and reopen our side of a crisis."""
    CRISIS_SAY = "crisis.say"
    """Claim, ask, offer, reply, link and take back within a crisis."""
    CRISIS_AGREE = "crisis.agree"
    """Sign a fact for the party."""
    ASSESSMENT_WRITE = "assessment.write"
    """Write our account in private, and paragraphs of the joint sheet."""
    ASSESSMENT_SEAL = "assessment.seal"
    """Seal our account; publish it or take it back after the deadline."""
    ASSESSMENT_ADOPT = "assessment.adopt"
    """Adopt a joint sheet for the party, or end without one."""
    ASSESSMENT_READ_OUT = "assessment.read_out"
    """Sign our public readout."""
    PEOPLE_READ = "people.read"
    """See who works here, with their roles and offices."""
    PEOPLE_INVITE = "people.invite"
    """Invite a person, or give somebody a fresh link."""
    PEOPLE_CHANGE = "people.change"
    """Change somebody's name or roles."""
    PEOPLE_REVOKE = "people.revoke"
    """End all rights of a person, or give them back."""
    OFFICE_READ = "office.read"
    """See offices and who is on duty."""
    OFFICE_CHANGE = "office.change"
    """Make and close offices, and say who belongs to them."""
    DUTY_TAKE = "duty.take"
    """Take the duty of an office, or accept it from whoever hands it over."""
    DUTY_HAND_OVER = "duty.hand_over"
    """Offer one's duty to the next, or lay it down."""
    DUTY_READ = "duty.read"
    """See rosters, escalation, who is called and whether that worked."""
    DUTY_OVERRIDE = "duty.override"
    """Put somebody else, or nobody, on a roster for a while."""
    DUTY_REACH = "duty.reach"
    """Say by which of one's own devices and mail one is called."""
    ESCALATION_CHANGE = "escalation.change"
    """Propose rosters and policies, or put in force what the other of the two proposed."""
    ESCALATION_TRY = "escalation.try"
    """Call a target to see whether it can be, and call again what could not be."""
    DEVICE_READ = "device.read"
    """See browsers and passkeys."""
    DEVICE_ENROL = "device.enrol"
    """Add a passkey of one's own."""
    DEVICE_REVOKE = "device.revoke"
    """End a browser's sign-in, or a passkey."""
    PERMISSION_READ = "permission.read"
    """Read this table."""
    TRAIL_READ = "trail.read"
    """Read what was done here that binds, and what was refused."""
    BREAK_GLASS_OPEN = "break_glass.open"
    """Ask for a role one does not have, for a while, with a reason."""
    BREAK_GLASS_SECOND = "break_glass.second"
    """Agree that somebody else gets such a role."""
    BREAK_GLASS_END = "break_glass.end"
    """Take such a role back before its time is over."""
    DURESS_READ = "duress.read"
    """See that somebody else of ours has used a passkey kept for duress."""
    DURESS_SETTLE = "duress.settle"
    """Say what came of that."""
    MACHINE_CHANGE = "machine.change"
    """Make and revoke the accounts of programs."""
    NODE_STATUS = "node.status"
    """Ask how the node does."""
    NODE_METRICS = "node.metrics"
    """Read the node's metrics."""


class MachineAct(StrEnum):
    """What a program may be allowed. No act of a person is in here, so none can be given to one."""

    NODE_STATUS = Act.NODE_STATUS.value
    NODE_METRICS = Act.NODE_METRICS.value


class Reach(Flag):
    """Whose things an act may be done to."""

    NOTHING = 0
    SELF = auto()
    """The person's own."""
    OWN = auto()
    """Our party's: another person's, or nobody's in particular."""
    FOREIGN = auto()
    """Another party's."""


class Proof(StrEnum):
    """What a person must show beside being signed in."""

    SIGN_IN = "sign_in"
    """Nothing more."""
    STEP_UP = "step_up"
    """A passkey used within the last minutes."""
    SIGNATURE = "signature"
    """A passkey used over the hash of the entry itself."""


class Reason(StrEnum):
    """Why an act is refused."""

    ROLE = "role"
    """None of the person's roles allows it at all."""
    SELF = "self"
    """It is the person's own, and somebody else must do it."""
    OWN = "own"
    """It is our party's, and only another party's or one's own would do."""
    FOREIGN = "foreign"
    """It is another party's."""
    STEP_UP = "step_up"
    """A passkey must be used first."""
    SIGNATURE = "signature"
    """The entry itself must be signed with a passkey."""
    NAMED = "named"
    """It is for named people, and the person is none of them."""
    MACHINE = "machine"
    """A program asks for what only a person may do, or for more than it was given."""
    OPERATOR = "operator"
    """Not from the node's own machine: a person must do it, signed in."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A person who asks, with the rights of this instant."""

    person: PersonId
    roles: frozenset[Role]
    """Those given to the person, and one lent by broken glass."""
    stepped_up_until: Instant | None = None
    """Until when their last use of a passkey counts."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose the thing is that an act is done to."""

    is_foreign: bool = False
    """Another party's."""
    person: PersonId | None = None
    """The person of ours it belongs to, if to one."""
    named: frozenset[PersonId] | None = None
    """Who of ours alone may do what goes by name; None: nobody is left out."""

    def reach(self, person: PersonId) -> Reach:
        """Return what it is to ``person``."""
        if self.is_foreign:
            return Reach.FOREIGN
        return Reach.SELF if self.person == person else Reach.OWN


OURS: Final = Whose()
"""A thing of our party and of nobody in particular."""
THEIRS: Final = Whose(is_foreign=True)
"""A thing of another party."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "may they": yes, or no for a reason."""

    reason: Reason | None = None

    def __bool__(self) -> bool:
        """Say whether they may."""
        return self.reason is None


ALLOWED: Final = Verdict()


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    people: Mapping[Role, Reach]
    """What each role allows; a role that is not named allows nothing."""
    proof: Proof = Proof.SIGN_IN
    """What is needed for things that are not the person's own; for those a sign-in will do."""
    is_operator: bool = False
    """Whether whoever holds the node's machine may, without signing in."""
    is_by_name: bool = False
    """Whether a thing that is for named people lets nobody else do this, whatever their role."""


_DESK: Final = (Role.MEMBER, Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY)
_SPEAKERS: Final = (*_DESK, Role.PRINCIPAL)
_READERS: Final = (*_SPEAKERS, Role.AUDITOR)
_SHARED: Final = Reach.OWN | Reach.FOREIGN
_MINE_OR_OURS: Final = Reach.SELF | Reach.OWN


def _each(roles: tuple[Role, ...] | type[Role], reach: Reach) -> Mapping[Role, Reach]:
    return dict.fromkeys(roles, reach)


TABLE: Final[Mapping[Act, Rule]] = {
    Act.SELF_USE: Rule(_each(Role, Reach.SELF)),
    Act.LINE_WATCH: Rule(_each(Role, _SHARED), is_operator=True),
    Act.LINE_PAIR: Rule({}, is_operator=True),
    Act.ROOM_READ: Rule(_each(Role, _SHARED), is_operator=True),
    Act.ROOM_OPEN: Rule(_each(_DESK, Reach.OWN), is_operator=True),
    Act.ROOM_JOIN: Rule(_each(_SPEAKERS, _SHARED), is_by_name=True),
    Act.ROOM_CLOSE: Rule(_each(_DESK, _SHARED), is_operator=True, is_by_name=True),
    Act.ROOM_RESTRICT: Rule(
        {
            **_each((Role.MEMBER, Role.DUTY_OFFICER, Role.SECRETARY), Reach.SELF),
            Role.RELEASER: Reach.SELF | _SHARED,
        },
        Proof.STEP_UP,
    ),
    Act.RECORD_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.RECORD_REMARK: Rule(_each(_DESK, Reach.OWN)),
    Act.RECORD_ATTACH: Rule(_each(_DESK, Reach.OWN)),
    Act.RECORD_FETCH: Rule(_each(_READERS, _SHARED)),
    Act.RECORD_ERASE: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE, is_operator=True),
    Act.RECORD_KEEP: Rule({}, is_operator=True),
    Act.RECORD_EXERCISE: Rule({}, is_operator=True),
    Act.RECORD_EXPORT: Rule(
        _each((Role.RELEASER, Role.AUDITOR), _SHARED), Proof.STEP_UP, is_operator=True
    ),
    Act.AGREEMENT_READ: Rule(_each(_READERS, _SHARED)),
    Act.AGREEMENT_PROPOSE: Rule(_each((Role.RELEASER, Role.SECRETARY), _SHARED)),
    Act.AGREEMENT_SIGN: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.ALERT_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.ALERT_DRAFT: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY), _MINE_OR_OURS)),
    Act.ALERT_VERIFY: Rule(
        _each((Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY), Reach.OWN), Proof.STEP_UP
    ),
    Act.ALERT_RELEASE: Rule(_each((Role.RELEASER,), Reach.OWN), Proof.SIGNATURE),
    Act.ALERT_ACKNOWLEDGE: Rule(
        _each((Role.DUTY_OFFICER, Role.RELEASER), Reach.FOREIGN), Proof.SIGNATURE
    ),
    Act.ALERT_TRANSLATE: Rule(_each(_DESK, _SHARED)),
    Act.ALERT_PARAPHRASE: Rule(_each(_DESK, Reach.FOREIGN), Proof.SIGNATURE),
    Act.ALERT_JUDGE: Rule(_each((Role.RELEASER,), Reach.OWN), Proof.SIGNATURE),
    Act.ALERT_HOLD: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), Reach.FOREIGN), Proof.STEP_UP),
    Act.ALERT_ANSWER: Rule(_each((Role.RELEASER,), Reach.FOREIGN), Proof.SIGNATURE),
    Act.ALERT_CLOSE: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), _SHARED), Proof.STEP_UP),
    Act.NOTIFICATION_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.NOTIFICATION_DRAFT: Rule(_each(_DESK, _MINE_OR_OURS)),
    Act.NOTIFICATION_VERIFY: Rule(
        _each((Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY), Reach.OWN), Proof.STEP_UP
    ),
    Act.NOTIFICATION_SEND: Rule(
        _each((Role.DUTY_OFFICER, Role.RELEASER), Reach.OWN), Proof.SIGNATURE
    ),
    Act.NOTIFICATION_QUERY: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), Reach.FOREIGN)),
    Act.NOTIFICATION_CLARIFY: Rule(_each((Role.RELEASER,), Reach.OWN), Proof.SIGNATURE),
    Act.NOTIFICATION_CANCEL: Rule(_each((Role.RELEASER,), Reach.OWN), Proof.SIGNATURE),
    Act.NOTIFICATION_CLOSE: Rule(
        _each((Role.DUTY_OFFICER, Role.RELEASER), Reach.OWN), Proof.SIGNATURE
    ),
    Act.CALL_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.CALL_ASK: Rule(_each((Role.RELEASER,), Reach.OWN), Proof.SIGNATURE),
    Act.CALL_ANSWER: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.CALL_START: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), _SHARED)),
    Act.CHECK_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.CHECK_SEND: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), Reach.OWN)),
    Act.CHECK_ANSWER: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), Reach.FOREIGN)),
    Act.LINE_SUSPEND: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.LINE_CONCUR: Rule(
        _each((Role.RELEASER, Role.PRINCIPAL, Role.SECRETARY), _SHARED), Proof.SIGNATURE
    ),
    Act.CONTACT_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.CONTACT_PUBLISH: Rule(_each((Role.RELEASER,), Reach.OWN), Proof.SIGNATURE),
    Act.CONTACT_TRY: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY), _SHARED)),
    Act.CRISIS_READ: Rule(_each(_READERS, _SHARED), is_operator=True),
    Act.CRISIS_OPEN: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.CRISIS_SAY: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER), _SHARED), Proof.STEP_UP),
    Act.CRISIS_AGREE: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.ASSESSMENT_WRITE: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY), _SHARED)),
    Act.ASSESSMENT_SEAL: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.ASSESSMENT_ADOPT: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.ASSESSMENT_READ_OUT: Rule(_each((Role.RELEASER,), _SHARED), Proof.SIGNATURE),
    Act.PEOPLE_READ: Rule(_each(Role, _MINE_OR_OURS), is_operator=True),
    Act.PEOPLE_INVITE: Rule(
        _each((Role.RELEASER, Role.SECRETARY, Role.ENGINEER), Reach.OWN),
        Proof.STEP_UP,
        is_operator=True,
    ),
    Act.PEOPLE_CHANGE: Rule(
        _each((Role.RELEASER, Role.SECRETARY), Reach.OWN), Proof.STEP_UP, is_operator=True
    ),
    Act.PEOPLE_REVOKE: Rule(
        _each((Role.RELEASER, Role.SECRETARY, Role.ENGINEER), Reach.OWN),
        Proof.STEP_UP,
        is_operator=True,
    ),
    Act.OFFICE_READ: Rule(_each(Role, Reach.OWN), is_operator=True),
    Act.OFFICE_CHANGE: Rule(
        _each((Role.RELEASER, Role.SECRETARY), Reach.OWN), Proof.STEP_UP, is_operator=True
    ),
    Act.DUTY_TAKE: Rule(_each((Role.DUTY_OFFICER,), Reach.OWN), Proof.STEP_UP),
    Act.DUTY_HAND_OVER: Rule(_each((Role.DUTY_OFFICER,), Reach.SELF)),
    Act.DUTY_READ: Rule(_each(Role, Reach.OWN), is_operator=True),
    Act.DUTY_OVERRIDE: Rule(_each((Role.DUTY_OFFICER, Role.RELEASER, Role.SECRETARY), Reach.OWN)),
    Act.DUTY_REACH: Rule(_each(Role, Reach.SELF)),
    Act.ESCALATION_CHANGE: Rule(_each((Role.RELEASER, Role.ENGINEER), Reach.OWN), Proof.STEP_UP),
    Act.ESCALATION_TRY: Rule(
        _each((Role.DUTY_OFFICER, Role.RELEASER, Role.ENGINEER), Reach.OWN), is_operator=True
    ),
    Act.DEVICE_READ: Rule(
        {
            **_each(Role, Reach.SELF),
            **_each((Role.RELEASER, Role.ENGINEER, Role.AUDITOR), _MINE_OR_OURS),
        },
        is_operator=True,
    ),
    Act.DEVICE_ENROL: Rule(_each(Role, Reach.SELF)),
    Act.DEVICE_REVOKE: Rule(
        {
            **_each(Role, Reach.SELF),
            **_each((Role.RELEASER, Role.SECRETARY, Role.ENGINEER), _MINE_OR_OURS),
        },
        Proof.STEP_UP,
        is_operator=True,
    ),
    Act.PERMISSION_READ: Rule(_each(Role, Reach.OWN), is_operator=True),
    Act.TRAIL_READ: Rule(_each((Role.RELEASER, Role.AUDITOR), Reach.OWN), is_operator=True),
    Act.BREAK_GLASS_OPEN: Rule(
        _each((Role.DUTY_OFFICER, Role.SECRETARY), Reach.OWN), Proof.STEP_UP
    ),
    Act.BREAK_GLASS_SECOND: Rule(_each(_DESK, Reach.OWN), Proof.STEP_UP),
    Act.BREAK_GLASS_END: Rule(_each(_DESK, _MINE_OR_OURS)),
    Act.DURESS_READ: Rule(_each((Role.RELEASER, Role.ENGINEER, Role.AUDITOR), Reach.OWN)),
    Act.DURESS_SETTLE: Rule(_each((Role.RELEASER, Role.ENGINEER), Reach.OWN), Proof.STEP_UP),
    Act.MACHINE_CHANGE: Rule({}, is_operator=True),
    Act.NODE_STATUS: Rule(_each((Role.ENGINEER,), Reach.OWN), is_operator=True),
    Act.NODE_METRICS: Rule(_each((Role.ENGINEER,), Reach.OWN), is_operator=True),
}
"""Who may do what. Read it as a document in ``docs/reference/permissions.md``."""

GIVES: Final[Mapping[Role, frozenset[Role]]] = {
    Role.RELEASER: frozenset(
        {
            *(Role.MEMBER, Role.DUTY_OFFICER, Role.RELEASER),
            *(Role.PRINCIPAL, Role.SECRETARY, Role.AUDITOR),
        }
    ),
    Role.SECRETARY: frozenset({Role.MEMBER, Role.DUTY_OFFICER, Role.SECRETARY}),
    Role.ENGINEER: frozenset({Role.MEMBER, Role.ENGINEER}),
}
"""Which roles somebody with a role can give, take and let in. Nobody gives one above their own: a
fresh link for a releaser is worth a releaser. The operator of the machine can give every role."""


def may(
    asker: Asker, act: Act, whose: Whose, now: Instant, *, shown: Proof = Proof.SIGN_IN
) -> Verdict:
    """Say whether a person may do something to a thing now.

    Args:
        asker: who, with the rights of this instant.
        act: what.
        whose: whose the thing is.
        now: the present.
        shown: what they show with this very request, if more than their sign-in.
    """
    rule = TABLE[act]
    reach = whose.reach(asker.person)
    allowed = _reach_of(asker, rule)
    if not allowed:
        return Verdict(Reason.ROLE)
    if reach not in allowed:
        return Verdict(_OUT_OF_REACH[reach])
    if rule.is_by_name and whose.named is not None and asker.person not in whose.named:
        return Verdict(Reason.NAMED)
    if reach is Reach.SELF:
        return ALLOWED
    return _proved(rule.proof, asker, now, shown)


def may_at_all(asker: Asker, act: Act) -> bool:
    """Say whether there is anything the person may do this to, once they show what it needs."""
    return bool(_reach_of(asker, TABLE[act]))


def acts_of(asker: Asker) -> tuple[Act, ...]:
    """Return every act a person may do to something."""
    return tuple(act for act in Act if may_at_all(asker, act))


def may_give(roles: frozenset[Role], given: frozenset[Role]) -> bool:
    """Say whether somebody with ``roles`` can give, take or let in all of ``given``."""
    return given <= frozenset().union(*(GIVES.get(role, frozenset()) for role in roles))


def operator_may(act: Act) -> Verdict:
    """Say whether whoever holds the node's own machine may, without signing in as a person."""
    return ALLOWED if TABLE[act].is_operator else Verdict(Reason.OPERATOR)


def machine_may(given: frozenset[MachineAct], act: Act) -> Verdict:
    """Say whether a program may: only what it was given, and that is never an act of a person."""
    return ALLOWED if act.value in given else Verdict(Reason.MACHINE)


_OUT_OF_REACH: Final[Mapping[Reach, Reason]] = {
    Reach.SELF: Reason.SELF,
    Reach.OWN: Reason.OWN,
    Reach.FOREIGN: Reason.FOREIGN,
}


def _reach_of(asker: Asker, rule: Rule) -> Reach:
    reach = Reach.NOTHING
    for role in asker.roles:
        reach |= rule.people.get(role, Reach.NOTHING)
    return reach


def _proved(proof: Proof, asker: Asker, now: Instant, shown: Proof) -> Verdict:
    if proof is Proof.SIGN_IN or shown is Proof.SIGNATURE:
        return ALLOWED
    if proof is Proof.SIGNATURE:
        return Verdict(Reason.SIGNATURE)
    until = asker.stepped_up_until
    return ALLOWED if until is not None and now < until else Verdict(Reason.STEP_UP)


# ------------------------------------------------------------------------------ to be looked at


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One act as the document and the interface show it."""

    act: Act
    proof: Proof
    people: Mapping[Role, tuple[str, ...]]
    """For each role the words self, own, foreign that hold."""
    is_operator: bool
    is_machine: bool


def rows() -> Iterator[RuleShown]:
    """Yield the table, act by act."""
    machine = {act.value for act in MachineAct}
    for act, rule in TABLE.items():
        people = {
            role: tuple(
                str(reach.name).lower()
                for reach in (Reach.SELF, Reach.OWN, Reach.FOREIGN)
                if reach in rule.people.get(role, Reach.NOTHING)
            )
            for role in Role
        }
        yield RuleShown(act, rule.proof, people, rule.is_operator, act.value in machine)
