"""Which silence a miss was: the last thing proved, and nothing more."""

import pytest

from parley.crisis.checks.evidence import (
    CheckProof,
    Proved,
    Silence,
    SiteProof,
    silence_now,
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


AT_THE_CUT = LIMIT - 17_000
LATER = AT_THE_CUT + 8_000


@pytest.mark.parametrize(
    ("site", "cause"),
    [
        (SiteProof(FRESH, AT_THE_CUT, has_edge=False), Silence.PATH_OR_NODE),
        (SiteProof(LATER, AT_THE_CUT), Silence.NODE),
        (SiteProof(FRESH, None), Silence.NODE),
        (SiteProof(AT_THE_CUT, AT_THE_CUT), Silence.PATH),
        (SiteProof(None, AT_THE_CUT), Silence.PATH),
        (SiteProof(AT_THE_CUT, None), Silence.PATH),
        # Asked last before the cut: an answer that came with the node's last word tells nothing.
        (SiteProof(LATER - 1, AT_THE_CUT), None),
        (SiteProof(FRESH, FRESH), None),
        (SiteProof(None, FRESH), None),
        (SiteProof(), None),
    ],
)
def test_a_cut_names_what_is_silent_once_that_is_proved(
    site: SiteProof, cause: Silence | None
) -> None:
    """An edge responder that goes on alone proves a silent node; silence of both takes a while."""
    assert silence_now(site, LIMIT) is cause


def test_a_node_that_fell_silent_before_the_way_was_cut_is_a_cut_way_in_the_end() -> None:
    """What an edge responder proved is proved of its instant alone."""
    site = SiteProof(LATER, AT_THE_CUT)
    assert silence_now(site, LATER + 15_000) is Silence.NODE
    assert silence_now(site, LATER + 15_001) is None
    assert silence_now(site, LATER + 16_000) is Silence.PATH
