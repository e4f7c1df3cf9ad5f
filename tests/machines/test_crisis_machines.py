"""A side of a crisis, statements, facts, assessments: every state with every event."""

import itertools

import pytest

from parley.crisis.assessment.machine import OVER, AssessmentEvent, AssessmentState, step
from parley.crisis.crises.machine import (
    FactEvent,
    FactState,
    SideEvent,
    SideState,
    StatementEvent,
    StatementState,
    fact_step,
    side_step,
    statement_step,
)
from parley.errors import TransitionRefused

S, T, V, A, E = SideState, StatementState, StatementEvent, AssessmentState, AssessmentEvent
SIDE = {
    (S.NOT_OPEN, SideEvent.OPEN): S.OPEN,
    (S.OPEN, SideEvent.OPEN): S.OPEN,
    (S.OPEN, SideEvent.CLOSE): S.CLOSED,
    (S.CLOSED, SideEvent.OPEN): S.OPEN,
}
STATEMENT = {
    (T.STANDING, V.DISPUTE): T.DISPUTED,
    (T.STANDING, V.AGREE): T.AGREED,
    (T.STANDING, V.TAKE_UP): T.TAKEN_UP,
    (T.STANDING, V.DECLINE): T.DECLINED,
    (T.STANDING, V.WITHDRAW): T.WITHDRAWN,
    (T.DISPUTED, V.DISPUTE): T.DISPUTED,
    (T.DISPUTED, V.AGREE): T.AGREED,
    (T.DISPUTED, V.WITHDRAW): T.WITHDRAWN,
    (T.DECLINED, V.TAKE_UP): T.TAKEN_UP,
    (T.DECLINED, V.WITHDRAW): T.WITHDRAWN,
}
ASSESSMENT = {
    (A.TIMELINE, E.SEAL_FIRST): A.TIMELINE,
    (A.TIMELINE, E.SEAL_SECOND): A.ACCOUNTS_SEALED,
    (A.TIMELINE, E.TAKE_BACK): A.TIMELINE,
    (A.TIMELINE, E.PUBLISH): A.PUBLISHED,
    (A.ACCOUNTS_SEALED, E.SHOW_FIRST): A.ACCOUNTS_SEALED,
    (A.ACCOUNTS_SEALED, E.SHOW_SECOND): A.REVEALED,
    (A.REVEALED, E.WRITE): A.JOINT_DRAFT,
    (A.PUBLISHED, E.WRITE): A.JOINT_DRAFT,
    (A.JOINT_DRAFT, E.WRITE): A.JOINT_DRAFT,
    (A.JOINT_DRAFT, E.ADOPT_FIRST): A.JOINT_DRAFT,
    (A.JOINT_DRAFT, E.ADOPT_SECOND): A.ADOPTED,
    **{(state, E.END): A.ENDED for state in A if state not in OVER},
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(S, SideEvent)])
def test_a_side_opens_closes_and_opens_again(state: SideState, event: SideEvent) -> None:
    """Nothing else moves it."""
    if (state, event) in SIDE:
        assert side_step(state, event).next is SIDE[state, event]
        return
    with pytest.raises(TransitionRefused):
        side_step(state, event)


@pytest.mark.parametrize(("state", "event"), [*itertools.product(T, V)])
def test_a_statement_takes_the_steps_of_its_table(
    state: StatementState, event: StatementEvent
) -> None:
    """What both agreed to, or one took up, is taken back by nobody."""
    if (state, event) in STATEMENT:
        assert statement_step(state, event).next is STATEMENT[state, event]
        return
    with pytest.raises(TransitionRefused):
        statement_step(state, event)


@pytest.mark.parametrize("state", FactState)
def test_a_fact_is_agreed_once(state: FactState) -> None:
    """By the other party's signature."""
    if state is FactState.PROPOSED:
        assert fact_step(state, FactEvent.SIGN).next is FactState.AGREED
        return
    with pytest.raises(TransitionRefused):
        fact_step(state, FactEvent.SIGN)


@pytest.mark.parametrize(("state", "event"), [*itertools.product(A, E)])
def test_an_assessment_takes_the_steps_of_its_table(
    state: AssessmentState, event: AssessmentEvent
) -> None:
    """An adopted or ended one is moved by nothing."""
    if (state, event) in ASSESSMENT:
        assert step(state, event).next is ASSESSMENT[state, event]
        return
    with pytest.raises(TransitionRefused):
        step(state, event)
