"""What two people of a party have written about a line, and what it leaves."""

import pytest

from parley.crisis.checks.bodies import (
    StandingWords,
    Suspended,
    concurrence_body,
    standing_body,
    suspension_body,
)
from parley.crisis.checks.machine import LineStanding
from parley.crisis.checks.suspension import (
    LineEntry,
    PartyStanding,
    is_checked,
    party_standing,
    refusal,
)
from parley.ids import ActorId, PartyId, SpaceId
from parley.record.cbor import Value, encode
from parley.record.entry import Entry, Precedence, entry_hash, write_entry
from parley.record.kinds import Kind
from parley.record.line_terms import SuspendedAlerts

US, THEM = PartyId(bytes(16)), PartyId(bytes([1] * 16))
SPACE = SpaceId.of_pair(US, THEM)
FIRST, SECOND = ActorId(bytes([7] * 16)), ActorId(bytes([8] * 16))
NOW = 1_793_500_000_000


class Log:
    """A party's log about its line."""

    def __init__(self, party: PartyId = US) -> None:
        """Begin empty."""
        self.party = party
        self.entries: list[LineEntry] = []

    def write(
        self,
        kind: Kind,
        body: dict[int, Value],
        actor: ActorId | None = FIRST,
        *,
        is_signed: bool = True,
        about: bytes | None = None,
    ) -> bytes:
        """Append an entry; return its hash."""
        entry = Entry(
            space=SPACE,
            author=self.party,
            kind=kind,
            time_ms=NOW + len(self.entries),
            actor=actor,
            refs=() if about is None else (about,),
            body=encode(body),
        )
        digest = entry_hash(write_entry(entry))
        made = LineEntry(digest, entry, 0, len(self.entries), is_signed)
        self.entries.append(made)
        return digest

    def suspend(self, **said: object) -> bytes:
        """Let the first person suspend."""
        body = suspension_body(Suspended(NOW, "", **said))  # type: ignore[arg-type]
        return self.write(Kind.SUSPENSION, dict(body))

    def concur(self, about: bytes, actor: ActorId = SECOND, *, concurs: bool = True) -> bytes:
        """Let the second person sign."""
        return self.write(
            Kind.CONCURRENCE, dict(concurrence_body(concurs=concurs)), actor, about=about
        )

    @property
    def standing(self) -> PartyStanding:
        """What it comes to, whichever way round it is read."""
        found = party_standing(self.party, reversed(self.entries))
        assert found == party_standing(self.party, self.entries)
        return found


def words(kind: Kind) -> dict[int, Value]:
    """Return the body of a resumption or ending."""
    del kind
    return dict(standing_body(StandingWords(NOW, "as agreed")))


def entry(kind: Kind, precedence: Precedence | None = None) -> Entry:
    """Return something that somebody wants to write."""
    return Entry(space=SPACE, author=US, kind=kind, time_ms=NOW, precedence=precedence)


def test_one_person_suspends_nothing() -> None:
    """Nor does the same person twice, nor a second without a passkey."""
    log = Log()
    asked = log.suspend()
    assert log.standing.standing is LineStanding.SUSPENDING
    assert refusal([log.standing], entry(Kind.NOTIFICATION), NOW) is None
    log.concur(asked, FIRST)
    log.write(Kind.CONCURRENCE, {0: True}, SECOND, is_signed=False, about=asked)
    log.write(Kind.CONCURRENCE, {0: True}, SECOND, about=bytes(32))
    assert [each.what for each in log.standing.breaches] == ["another", "signed", "about another"]
    assert log.standing.standing is LineStanding.SUSPENDING


def test_two_people_suspend_and_two_resume() -> None:
    """What goes on by default: flash alerts, line checks, and every answer."""
    log = Log()
    log.concur(log.suspend())
    found = log.standing
    assert (found.standing, found.is_suspended) == (LineStanding.SUSPENDED, True)
    for kind in (Kind.NOTIFICATION, Kind.CALL_REQUEST):
        assert refusal([found], entry(kind), NOW) == kind.name.lower()
    assert refusal([found], entry(Kind.ALERT, Precedence.IMMEDIATE), NOW) == "alert"
    free = (
        entry(Kind.ALERT, Precedence.FLASH),
        entry(Kind.LINE_CHECK),
        entry(Kind.ANSWER),
        entry(Kind.STATEMENT),
        entry(Kind.RECEIPT),
    )
    assert {refusal([found], each, NOW) for each in free} == {None}
    assert is_checked([found], NOW)
    resumed = log.write(Kind.RESUMPTION, words(Kind.RESUMPTION))
    assert refusal([log.standing], entry(Kind.NOTIFICATION), NOW) == "notification"
    log.concur(resumed)
    assert log.standing.standing is LineStanding.IN_USE
    assert refusal([log.standing], entry(Kind.NOTIFICATION), NOW) is None


@pytest.mark.parametrize(
    ("alerts", "flash", "routine"),
    [
        (SuspendedAlerts.NONE, "alert", "alert"),
        (SuspendedAlerts.FLASH, None, "alert"),
        (SuspendedAlerts.ALL, None, None),
    ],
)
def test_a_suspension_says_which_alerts_it_leaves(
    alerts: SuspendedAlerts, flash: str | None, routine: str | None
) -> None:
    """None, flash alone, or all; line checks rest if it says so."""
    log = Log()
    log.concur(log.suspend(alerts=alerts, has_checks=False))
    found = [log.standing]
    assert refusal(found, entry(Kind.ALERT, Precedence.FLASH), NOW) == flash
    assert refusal(found, entry(Kind.ALERT, Precedence.ROUTINE), NOW) == routine
    assert refusal(found, entry(Kind.LINE_CHECK), NOW) == "line_check"
    assert not is_checked(found, NOW)


def test_it_holds_from_the_time_it_gives() -> None:
    """Before that the line is in use."""
    log = Log()
    log.concur(log.suspend())
    assert refusal([log.standing], entry(Kind.NOTIFICATION), NOW - 1) is None
    log = Log()
    log.concur(log.write(Kind.LINE_ENDING, words(Kind.LINE_ENDING)))
    assert refusal([log.standing], entry(Kind.ALERT, Precedence.FLASH), NOW - 1) is None
    assert refusal([log.standing], entry(Kind.ALERT, Precedence.FLASH), NOW) == "alert"


def test_the_first_takes_it_back_before_a_second_has_signed() -> None:
    """Then it is as it was."""
    log = Log()
    log.concur(log.suspend(), FIRST, concurs=False)
    assert (log.standing.standing, log.standing.suspended) == (LineStanding.IN_USE, None)
    log.concur(log.suspend())
    log.concur(log.write(Kind.RESUMPTION, words(Kind.RESUMPTION)), FIRST, concurs=False)
    assert log.standing.is_suspended


def test_nobody_resumes_what_the_other_party_suspended() -> None:
    """Each party's log speaks for itself alone."""
    ours, theirs = Log(), Log(THEM)
    ours.concur(ours.suspend())
    theirs.write(Kind.RESUMPTION, words(Kind.RESUMPTION))
    assert theirs.standing.standing is LineStanding.IN_USE
    assert [each.what for each in theirs.standing.breaches] == ["resume in in_use"]
    assert party_standing(US, [*theirs.entries, *ours.entries]).is_suspended


def test_what_is_not_of_the_form_changes_nothing() -> None:
    """A breach, and the next entry is read as if it had not been there."""
    log = Log()
    log.write(Kind.SUSPENSION, {0: NOW})
    log.write(Kind.SUSPENSION, {0: NOW, 1: "", 2: 9, 3: True})
    log.write(Kind.SUSPENSION, dict(suspension_body(Suspended(NOW, ""))), None)
    assert len(log.standing.breaches) == 3
    log.concur(log.suspend())
    assert log.standing.is_suspended
