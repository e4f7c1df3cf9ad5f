"""Who may do what, cell by cell."""

import itertools
from dataclasses import replace

import pytest
from whenever import Instant

from parley.identity.permission import (
    OURS,
    TABLE,
    THEIRS,
    Act,
    Asker,
    MachineAct,
    Proof,
    Reason,
    Role,
    Whose,
    acts_of,
    machine_may,
    may,
    may_at_all,
    may_give,
    operator_may,
    rows,
)
from parley.identity.permission_page import reference
from parley.ids import PersonId

NOW = Instant.from_utc(2026, 11, 1)
INGRID = PersonId(b"i" * 16)
MARIA = PersonId(b"m" * 16)

# s: one's own, o: our party's, f: another party's; a capital: with a step-up, !: with a signature.
SPELLED_OUT = """
act               member duty_officer releaser principal secretary engineer auditor operator machine
self.use          s      s            s        s         s         s        s       -        -
line.watch        of     of           of       of        of        of       of      yes      -
line.pair         -      -            -        -         -         -        -       yes      -
room.read         of     of           of       of        of        of       of      yes      -
room.open         o      o            o        -         o         -        -       yes      -
room.join         of     of           of       of        of        -        -       -        -
room.close        of     of           of       -         of        -        -       yes      -
room.restrict     s      s            sOF      -         s         -        -       -        -
record.read       of     of           of       of        of        -        of      yes      -
record.remark     o      o            o        -         o         -        -       -        -
record.attach     o      o            o        -         o         -        -       -        -
record.fetch      of     of           of       of        of        -        of      -        -
record.erase      -      -            of!      -         -         -        -       yes      -
record.keep       -      -            -        -         -         -        -       yes      -
record.exercise   -      -            -        -         -         -        -       yes      -
record.export     -      -            OF       -         -         -        OF      yes      -
agreement.read    of     of           of       of        of        -        of      -        -
agreement.propose -      -            of       -         of        -        -       -        -
agreement.sign    -      -            of!      -         -         -        -       -        -
alert.read        of     of           of       of        of        -        of      yes      -
alert.draft       -      so           so       -         so        -        -       -        -
alert.verify      -      O            O        -         O         -        -       -        -
alert.release     -      -            o!       -         -         -        -       -        -
alert.acknowledge -      f!           f!       -         -         -        -       -        -
alert.translate   of     of           of       -         of        -        -       -        -
alert.paraphrase  f!     f!           f!       -         f!        -        -       -        -
alert.judge       -      -            o!       -         -         -        -       -        -
alert.hold        -      F            F        -         -         -        -       -        -
alert.answer      -      -            f!       -         -         -        -       -        -
alert.close       -      OF           OF       -         -         -        -       -        -
notification.read of     of           of       of        of        -        of      yes      -
notification.draft so     so           so       -         so        -        -       -        -
notification.verify -      O            O        -         O         -        -       -        -
notification.send -      o!           o!       -         -         -        -       -        -
notification.query -      f            f        -         -         -        -       -        -
notification.clarify -      -            o!       -         -         -        -       -        -
notification.cancel -      -            o!       -         -         -        -       -        -
notification.close -      o!           o!       -         -         -        -       -        -
call.read         of     of           of       of        of        -        of      yes      -
call.ask          -      -            o!       -         -         -        -       -        -
call.answer       -      -            of!      -         -         -        -       -        -
call.start        -      of           of       -         -         -        -       -        -
check.read        of     of           of       of        of        -        of      yes      -
check.send        -      o            o        -         -         -        -       -        -
check.answer      -      f            f        -         -         -        -       -        -
line.suspend      -      -            of!      -         -         -        -       -        -
line.concur       -      -            of!      of!       of!       -        -       -        -
contact.read      of     of           of       of        of        -        of      yes      -
contact.publish   -      -            o!       -         -         -        -       -        -
contact.try       -      of           of       -         of        -        -       -        -
crisis.read       of     of           of       of        of        -        of      yes      -
crisis.open       -      -            of!      -         -         -        -       -        -
crisis.say        -      OF           OF       -         -         -        -       -        -
crisis.agree      -      -            of!      -         -         -        -       -        -
assessment.write  -      of           of       -         of        -        -       -        -
assessment.seal   -      -            of!      -         -         -        -       -        -
assessment.adopt  -      -            of!      -         -         -        -       -        -
assessment.read_out -      -            of!      -         -         -        -       -        -
people.read       so     so           so       so        so        so       so      yes      -
people.invite     -      -            O        -         O         O        -       yes      -
people.change     -      -            O        -         O         -        -       yes      -
people.revoke     -      -            O        -         O         O        -       yes      -
office.read       o      o            o        o         o         o        o       yes      -
office.change     -      -            O        -         O         -        -       yes      -
duty.take         -      O            -        -         -         -        -       -        -
duty.hand_over    -      s            -        -         -         -        -       -        -
duty.read         o      o            o        o         o         o        o       yes      -
duty.override     -      o            o        -         o         -        -       -        -
duty.reach        s      s            s        s         s         s        s       -        -
escalation.change -      -            O        -         -         O        -       -        -
escalation.try    -      o            o        -         -         o        -       yes      -
device.read       s      s            so       s         s         so       so      yes      -
device.enrol      s      s            s        s         s         s        s       -        -
device.revoke     s      s            sO       s         sO        sO       s       yes      -
permission.read   o      o            o        o         o         o        o       yes      -
trail.read        -      -            o        -         -         -        o       yes      -
break_glass.open  -      O            -        -         O         -        -       -        -
break_glass.second O      O            O        -         O         -        -       -        -
break_glass.end   so     so           so       -         so        -        -       -        -
duress.read       -      -            o        -         -         o        o       -        -
duress.settle     -      -            O        -         -         O        -       -        -
machine.change    -      -            -        -         -         -        -       yes      -
node.status       -      -            -        -         -         o        -       yes      yes
node.metrics      -      -            -        -         -         o        -       yes      yes
"""
HEADER, *LINES = (line.split() for line in SPELLED_OUT.strip().splitlines())
CELLS = {
    (line[0], column): cell for line in LINES for column, cell in zip(HEADER, line, strict=True)
}
BY_NAME = {Act.ROOM_JOIN, Act.ROOM_CLOSE}
THINGS = {"s": Whose(person=INGRID), "o": Whose(person=MARIA), "f": THEIRS}


def test_the_table_spelled_out_here_names_every_act_and_every_role() -> None:
    """A new act or role is decided on here as well as there."""
    assert [line[0] for line in LINES] == [act.value for act in Act] == [act.value for act in TABLE]
    assert HEADER[1:-2] == [role.value for role in Role]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("letter", list(THINGS))
def test_every_cell_of_the_table_is_as_spelled_out(act: Act, role: Role, letter: str) -> None:
    """Role, act and whose thing it is decide, with what the person shows."""
    cell = CELLS[act.value, role.value]
    asker = Asker(INGRID, frozenset({role}))
    fresh = Asker(INGRID, frozenset({role}), NOW.add(seconds=1))
    thing = THINGS[letter]

    plain, stepped = may(asker, act, thing, NOW), may(fresh, act, thing, NOW)
    signed = may(asker, act, thing, NOW, shown=Proof.SIGNATURE)

    if letter not in cell.lower():
        expected = {"s": Reason.SELF, "o": Reason.OWN, "f": Reason.FOREIGN}[letter]
        reason = Reason.ROLE if cell == "-" else expected
        assert plain.reason is stepped.reason is signed.reason is reason
    elif cell.endswith("!"):
        assert plain.reason is stepped.reason is Reason.SIGNATURE
        assert signed
    elif letter.upper() in cell:
        assert plain.reason is Reason.STEP_UP
        assert stepped
        assert signed
    else:
        assert plain
    assert may_at_all(asker, act) == (cell != "-")


@pytest.mark.parametrize("act", list(Act))
def test_what_is_for_named_people_is_entered_and_closed_by_them_alone(act: Act) -> None:
    """A name takes rights away from everybody else, and gives nobody what their role does not."""
    lists = [frozenset[PersonId](), frozenset({MARIA}), frozenset({MARIA, INGRID})]
    for role, letter, named in itertools.product(Role, "of", lists):
        fresh = Asker(INGRID, frozenset({role}), NOW.add(seconds=1))
        thing = THINGS[letter]
        without = may(fresh, act, thing, NOW, shown=Proof.SIGNATURE)
        verdict = may(fresh, act, replace(thing, named=named), NOW, shown=Proof.SIGNATURE)
        if without and act in BY_NAME and INGRID not in named:
            assert verdict.reason is Reason.NAMED
        else:
            assert verdict == without


@pytest.mark.parametrize("act", list(Act))
def test_the_operator_may_what_is_spelled_out(act: Act) -> None:
    """Never an act that somebody signs with their name."""
    verdict = operator_may(act)
    assert bool(verdict) == (CELLS[act.value, "operator"] == "yes")
    assert verdict.reason in {None, Reason.OPERATOR}


@pytest.mark.parametrize("act", list(Act))
def test_a_machine_with_everything_it_can_be_given_may_what_is_spelled_out(act: Act) -> None:
    """All machine acts together are two, and neither is a person's to answer for."""
    verdict = machine_may(frozenset(MachineAct), act)
    assert bool(verdict) == (CELLS[act.value, "machine"] == "yes")
    assert verdict.reason in {None, Reason.MACHINE}


def test_a_machine_may_no_more_than_it_was_given() -> None:
    """A program that reads metrics does not read the status."""
    given = frozenset({MachineAct.NODE_METRICS})
    assert machine_may(given, Act.NODE_METRICS)
    assert not machine_may(given, Act.NODE_STATUS)
    assert not machine_may(frozenset(), Act.NODE_METRICS)


def test_no_act_that_appends_to_the_record_can_be_given_to_a_machine() -> None:
    """A machine's acts are a type of their own; a person's act is no member of it."""
    for act in Act:
        if act.value.partition(".")[0] != "node":
            with pytest.raises(ValueError, match=act.value):
                MachineAct(act.value)


def test_a_step_up_ends_at_its_instant() -> None:
    """Not a moment later."""
    asker = Asker(INGRID, frozenset({Role.RELEASER}), NOW)
    assert may(asker, Act.RECORD_EXPORT, OURS, NOW.subtract(milliseconds=1))
    assert may(asker, Act.RECORD_EXPORT, OURS, NOW).reason is Reason.STEP_UP


def test_roles_add_up_and_nobody_without_a_role_may_anything() -> None:
    """Two roles allow what either allows."""
    both = Asker(INGRID, frozenset({Role.MEMBER, Role.ENGINEER}))
    assert may(both, Act.ROOM_JOIN, OURS, NOW)
    assert may(both, Act.NODE_METRICS, OURS, NOW)
    assert acts_of(Asker(INGRID, frozenset())) == ()
    assert may(Asker(INGRID, frozenset()), Act.SELF_USE, THINGS["s"], NOW).reason is Reason.ROLE


GIVEN = {
    Role.MEMBER: set(),
    Role.DUTY_OFFICER: set(),
    Role.RELEASER: {"member", "duty_officer", "releaser", "principal", "secretary", "auditor"},
    Role.PRINCIPAL: set(),
    Role.SECRETARY: {"member", "duty_officer", "secretary"},
    Role.ENGINEER: {"member", "engineer"},
    Role.AUDITOR: set(),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("given", list(Role))
def test_nobody_gives_a_role_above_their_own(role: Role, given: Role) -> None:
    """A secretary makes no releaser, by no way."""
    assert may_give(frozenset({role}), frozenset({given})) == (given.value in GIVEN[role])


def test_giving_several_roles_needs_the_right_to_give_each() -> None:
    """From any of one's roles."""
    roles = frozenset({Role.SECRETARY, Role.ENGINEER})
    assert may_give(roles, frozenset({Role.DUTY_OFFICER, Role.ENGINEER}))
    assert not may_give(roles, frozenset({Role.DUTY_OFFICER, Role.RELEASER}))
    assert may_give(frozenset(), frozenset())
    assert not may_give(frozenset(), frozenset({Role.MEMBER}))


def test_the_document_has_a_line_for_every_act() -> None:
    """With what it needs and who may."""
    page = reference()
    for row in rows():
        assert f"| `{row.act.value}` |" in page
    assert "| `agreement.sign` | signature |  |  | own, foreign |  |  |  |  |  |  |" in page
    assert "| `node.metrics` |  |  |  |  |  |  | own |  | yes | yes |" in page
    assert "By name: `room.join`, `room.close`." in page
    assert "| secretary | member, duty officer, secretary |" in page
