"""Why something was refused: by its cause, in the person's language, and never by a code."""

import pytest

from parley.crisis.alert import AlertGuard
from parley.crisis.escalation.plan import PlanGuard
from parley.crisis.text import TextFault
from parley.errors import (
    ActRefused,
    AlertGuardRefused,
    AlertTextRefused,
    CallAnswerRefused,
    CeremonyRefused,
    CheckRefused,
    ContactListRefused,
    CrisisRefused,
    CrisisTextRefused,
    CrisisUnknown,
    ParleyError,
    PinWrong,
    PlanGuardRefused,
    SettingsExist,
    every_error,
)
from parley.identity.permission import Reason
from parley.words import LANGUAGES, Words, _codes
from parley.words.refusals import refusal_words

PERMISSIONS = {*Reason} - {Reason.STEP_UP, Reason.SIGNATURE}
"""The other two have a refusal of their own."""
CAUSES: list[tuple[ParleyError, str]] = [
    (CrisisRefused(reason="guard: after_deadline"), "deadline for accounts has not passed"),
    (CrisisRefused(reason="no_account"), "no account of ours"),
    (CrisisRefused(reason="impossible: closed close"), "somebody may have been faster"),
    (CrisisRefused(reason="from_the_future"), "as it stands now"),
    (CrisisTextRefused(field="title", reason="mixed 5"), "alphabets that look alike"),
    (CallAnswerRefused(state="asked", reason="not_our_turn"), "other party's turn"),
    (CheckRefused(state="sent", reason="code"), "not the code that was sent"),
    (AlertGuardRefused(guard="holds_left"), "was said twice already"),
    (AlertTextRefused(reason="too_long", place=9), "too long"),
    (ContactListRefused(field="title", reason="mixed"), "alphabets that look alike"),
    (ContactListRefused(field="level", reason="king"), "cannot be sent as they are"),
    (ActRefused(act="alert.release", reason="role"), "None of your roles"),
    (CrisisUnknown(), "no such crisis"),
    (PinWrong(left=3), "3 more tries"),
    (CeremonyRefused(reason="texts"), "nothing was signed"),
    (SettingsExist(file="parley.toml"), "parley.toml exists already"),
]


@pytest.mark.parametrize(("error", "said"), CAUSES)
def test_a_refusal_says_its_own_cause(error: ParleyError, said: str) -> None:
    """What nobody has words for is said as the refusal is, and at last as the error itself."""
    assert said in refusal_words(error, Words("en"))


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_cause_is_said_in_every_language(language: str) -> None:
    """None of them in English, none of them the one sentence that every crisis refusal has."""
    general = refusal_words(CrisisRefused(reason="from_the_future"), Words(language))
    for error, _ in CAUSES[:-1]:
        said = refusal_words(error, Words(language))
        assert said != refusal_words(error, Words("en"))
        assert (said == general) is (error.params.get("reason") == "from_the_future")


def test_every_cause_that_people_meet_has_words() -> None:
    """The guards of alerts and plans, the faults of texts, the reasons of permissions."""
    tables = _codes()
    assert {each.name.lower() for each in AlertGuard} <= set(tables["guard"])
    assert {each.value for each in TextFault} <= set(tables["fault"])
    for code, reasons in (
        (PlanGuardRefused.code, {each.name.lower() for each in PlanGuard}),
        (ActRefused.code, {each.value for each in PERMISSIONS}),
    ):
        assert {f"{code} {each}" for each in reasons} <= set(tables["reason"]), code
    known = {each.code for each in every_error()}
    assert {each.partition(" ")[0] for each in tables["reason"]} <= known
    assert set(tables["own_refusal"]) <= known
