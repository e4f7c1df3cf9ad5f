"""The life of an assessment: one table, alike for both sides."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from parley.transitions import Step, follow


class AssessmentState(StrEnum):
    """Where an assessment stands."""

    TIMELINE = "timeline"
    """Each node lists what the record has; each side writes its account, alone."""
    ACCOUNTS_SEALED = "accounts_sealed"
    """Both seals are in; the nodes show the accounts."""
    REVEALED = "revealed"
    """Both accounts are there to be read."""
    PUBLISHED = "published"
    """One account alone: the other side sealed none by the deadline."""
    JOINT_DRAFT = "joint_draft"
    ADOPTED = "adopted"
    ENDED = "ended_without_joint_text"
    """A normal end."""


class AssessmentEvent(StrEnum):
    """What happens to an assessment."""

    SEAL_FIRST = "seal_first"
    SEAL_SECOND = "seal_second"
    TAKE_BACK = "take_back"
    """The side that sealed alone takes its account back."""
    PUBLISH = "publish"
    """The side that sealed alone shows it."""
    SHOW_FIRST = "show_first"
    SHOW_SECOND = "show_second"
    WRITE = "write"
    """A paragraph of the joint sheet."""
    ADOPT_FIRST = "adopt_first"
    ADOPT_SECOND = "adopt_second"
    """The other side adopts the very same sheet."""
    END = "end"


class AssessmentWho(StrEnum):
    """Whose act a step is."""

    RELEASER = "a releaser of either party"
    NODE = "the node of a party that sealed, by itself"
    WRITER = "a releaser, secretary or duty officer of either party"


class AssessmentGuard(StrEnum):
    """What must be true of a step."""

    SIGNED = "signed with the person's passkey"
    BY_NODE = "by the node, nobody else"
    SEALS_ONCE = "that party has sealed nothing"
    HAS_SEALED = "that party has sealed, and has not shown"
    MATCHES = "the salted hash of what is shown is the seal"
    AFTER_DEADLINE = "after the deadline"
    NO_BRACKETS = "no brackets in its facts and commitments"
    OWN_COMMITMENT = "an owner that is one of both parties"


_S, _E, _W, _G = AssessmentState, AssessmentEvent, AssessmentWho, AssessmentGuard
_END: Final = Step(_S.ENDED, _W.RELEASER, (_G.SIGNED,))
_WRITE: Final = Step(_S.JOINT_DRAFT, _W.WRITER, (_G.OWN_COMMITMENT,))
_SHOWN: Final = (_G.BY_NODE, _G.HAS_SEALED, _G.MATCHES)
TRANSITIONS: Final[Mapping[tuple[AssessmentState, AssessmentEvent], Step[AssessmentState]]] = {
    (_S.TIMELINE, _E.SEAL_FIRST): Step(_S.TIMELINE, _W.RELEASER, (_G.SIGNED, _G.SEALS_ONCE)),
    (_S.TIMELINE, _E.SEAL_SECOND): Step(
        _S.ACCOUNTS_SEALED, _W.RELEASER, (_G.SIGNED, _G.SEALS_ONCE)
    ),
    (_S.TIMELINE, _E.TAKE_BACK): Step(
        _S.TIMELINE, _W.RELEASER, (_G.SIGNED, _G.HAS_SEALED, _G.AFTER_DEADLINE)
    ),
    (_S.TIMELINE, _E.PUBLISH): Step(
        _S.PUBLISHED, _W.RELEASER, (_G.SIGNED, _G.HAS_SEALED, _G.AFTER_DEADLINE, _G.MATCHES)
    ),
    (_S.ACCOUNTS_SEALED, _E.SHOW_FIRST): Step(_S.ACCOUNTS_SEALED, _W.NODE, _SHOWN),
    (_S.ACCOUNTS_SEALED, _E.SHOW_SECOND): Step(_S.REVEALED, _W.NODE, _SHOWN),
    (_S.REVEALED, _E.WRITE): _WRITE,
    (_S.PUBLISHED, _E.WRITE): _WRITE,
    (_S.JOINT_DRAFT, _E.WRITE): _WRITE,
    (_S.JOINT_DRAFT, _E.ADOPT_FIRST): Step(
        _S.JOINT_DRAFT, _W.RELEASER, (_G.SIGNED, _G.NO_BRACKETS)
    ),
    (_S.JOINT_DRAFT, _E.ADOPT_SECOND): Step(_S.ADOPTED, _W.RELEASER, (_G.SIGNED, _G.NO_BRACKETS)),
    **{
        (state, _E.END): _END
        for state in (_S.TIMELINE, _S.ACCOUNTS_SEALED, _S.REVEALED, _S.PUBLISHED, _S.JOINT_DRAFT)
    },
}
"""Nothing is undone that the other side has seen; either side may end it wherever it stands."""
OVER: Final = frozenset({_S.ADOPTED, _S.ENDED})


def step(state: AssessmentState, event: AssessmentEvent) -> Step[AssessmentState]:
    """Return what comes of an event in an assessment.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(TRANSITIONS, "assessment", state, event)
