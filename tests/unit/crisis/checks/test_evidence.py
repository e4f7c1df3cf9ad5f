"""Which silence a miss was: the last thing proved, and nothing more."""

import pytest

from parley.crisis.checks.evidence import (
    CheckProof,
    Proved,
    Silence,
    SiteProof,
    silence_of_ours,
    silence_of_theirs,
)

LIMIT = 1_000_000
FRESH = LIMIT - 2_000
STALE = LIMIT - 60_000

CASES = [
    # what was heard of the site, what the entries prove, cause, last proved
    (SiteProof(), CheckProof(), Silence.PATH, Proved.NOTHING),
    (SiteProof(has_edge=False), CheckProof(), Silence.PATH_OR_NODE, Proved.NOTHING),
    (SiteProof(STALE, STALE - 20_000), CheckProof(), Silence.PATH, Proved.EDGE),
    (SiteProof(STALE, STALE - 1), CheckProof(), Silence.PATH, Proved.NODE),
    (SiteProof(STALE - 1, STALE), CheckProof(), Silence.PATH, Proved.NODE),
    (SiteProof(FRESH, STALE), CheckProof(), Silence.NODE, Proved.EDGE),
    (SiteProof(FRESH, FRESH + 1), CheckProof(), Silence.NODE, Proved.NODE),
    (SiteProof(None, FRESH, has_edge=False), CheckProof(), Silence.NODE, Proved.NODE),
    (SiteProof(STALE, STALE), CheckProof(STALE), Silence.PATH, Proved.RECEIPT),
    (SiteProof(FRESH, STALE), CheckProof(STALE, STALE), Silence.NODE, Proved.DESK),
    (SiteProof(FRESH, FRESH), CheckProof(STALE), Silence.UNSTAFFED, Proved.RECEIPT),
    (SiteProof(FRESH, FRESH), CheckProof(STALE, STALE), Silence.NO_ANSWER, Proved.DESK),
    (SiteProof(), CheckProof(1, 2, 3, is_declined=True), Silence.DECLINED, Proved.PERSON),
    (SiteProof(), CheckProof(is_suspended=True), Silence.SUSPENDED, Proved.NOTHING),
    (SiteProof(), CheckProof(1, 2, 3, True, True), Silence.SUSPENDED, Proved.PERSON),
]


@pytest.mark.parametrize(("site", "check", "cause", "proved"), CASES)
def test_the_cause_is_the_place_behind_which_nothing_was_proved(
    site: SiteProof, check: CheckProof, cause: Silence, proved: Proved
) -> None:
    """Path, node, desk, person: in this order, each by a proof of its own."""
    found = silence_of_theirs(site, check, LIMIT, was_sent=True)
    assert (found.cause, found.proved) == (cause, proved)


def test_of_a_node_that_had_nothing_to_receive_being_heard_is_all_that_is_proved() -> None:
    """It was theirs to begin: their node is there, nothing is known of a desk."""
    found = silence_of_theirs(SiteProof(None, FRESH), CheckProof(), LIMIT, was_sent=False)
    assert (found.cause, found.proved, found.proved_ms) == (Silence.UNSTAFFED, Proved.NODE, FRESH)


def test_what_was_heard_after_the_limit_counts_as_heard() -> None:
    """A deadline that is acted on late finds newer proofs than its instant."""
    found = silence_of_theirs(SiteProof(LIMIT + 900), CheckProof(), LIMIT, was_sent=True)
    assert found.cause is Silence.NODE


@pytest.mark.parametrize(
    ("check", "cause"),
    [
        (CheckProof(), Silence.UNSTAFFED),
        (CheckProof(desk_ms=5), Silence.NO_ANSWER),
        (CheckProof(person_ms=5, is_declined=True), Silence.DECLINED),
        (CheckProof(is_suspended=True), Silence.SUSPENDED),
    ],
)
def test_our_own_silence_is_told_as_plainly(check: CheckProof, cause: Silence) -> None:
    """Of our own node we know at least that it ran."""
    assert silence_of_ours(check, LIMIT).cause is cause
