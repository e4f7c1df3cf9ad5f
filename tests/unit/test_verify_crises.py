"""What the offline verifier tells of a crisis: all that was signed, and each false thing."""

import functools
import io
import random
from collections.abc import Callable

import pytest

from parley import verify as checker
from parley.record.cbor import Value
from parley.record.kinds import Kind
from parley.record.tiles import bundled, unbundled
from parley.testing.crisis_exports import TITLES, CrisisRecord
from parley.testing.exports import NAMES, files_of, zipped

AUTHOR, OTHER = NAMES


@functools.cache
def honest() -> CrisisRecord:
    """Return a crisis in which nobody said anything false."""
    return CrisisRecord().whole()


def checked(export: bytes) -> dict[str, object]:
    """Return the account of an export."""
    return checker.verify(io.BytesIO(export), set(), lists_all=True)


def crisis_in(account: dict[str, object]) -> dict[str, object]:
    """Return the only crisis of an account."""
    (crisis,) = checker.rows_of(account, "crises")
    return crisis


def codes(account: dict[str, object]) -> list[str]:
    """Return the codes of what was found."""
    return [str(each["code"]) for each in checker.rows_of(account, "findings")]


@pytest.mark.parametrize("by", NAMES)
def test_a_whole_crisis_is_proved_from_either_sides_export(by: str) -> None:
    """Both titles, the fact, two equal timelines, two accounts, the sheet, two readouts."""
    account = checked(honest().export(by))
    assert codes(account) == []
    crisis = crisis_in(account)
    sides = [checker.dict_of(each) for each in checker.dict_of(crisis["sides"]).values()]
    assert {str(each["title"]) for each in sides} == set(TITLES)
    assert {str(each["state"]) for each in sides} == {"closed"}
    assert (crisis["is_exercise"], crisis["are_timelines_equal"]) == (True, True)
    told = list(checker.told(account))
    assert sum("the salted hash matches" in line for line in told) == 2
    assert sum(line.startswith("  readout of ") for line in told) == 2
    assert any("adopted by both" in line for line in told)
    assert any(line.startswith("EXERCISE: Crisis 2026/1") for line in told)
    assert any("agreed (" in line for line in told)
    assert _count(told, ", as the record shows it") == 2
    assert _count(told, "nothing of it is proved") == 0


def test_an_account_that_is_not_the_sealed_one_is_named() -> None:
    """A side that shows another text than it sealed is told, and shows nothing."""
    account = checked(CrisisRecord({(OTHER, Kind.ACCOUNT_SHOWN): _other_account}).whole().export())
    assert codes(account) == ["account_wrong"]
    accounts = [
        checker.dict_of(each) for each in checker.dict_of(crisis_in(account)["accounts"]).values()
    ]
    assert sorted(each["shown_in"] is None for each in accounts) == [False, True]


@pytest.mark.parametrize("seal", [b"", "text"])
def test_a_seal_of_another_form_is_none_and_nothing_is_shown_to_match_it(seal: Value) -> None:
    """Nor does a body without a salt come to the seal that has no bytes."""
    changes = {
        (OTHER, Kind.ACCOUNT_SEAL): _with(0, seal),
        (OTHER, Kind.ACCOUNT_SHOWN): _with(0, "no salt"),
    }
    account = checked(CrisisRecord(changes).whole().export())
    assert len(checker.dict_of(crisis_in(account)["accounts"])) == 1


def test_a_timeline_that_is_not_the_records_is_named() -> None:
    """One that leaves something out has another digest than the entries here."""
    changes = {(AUTHOR, Kind.TIMELINE): _with(0, b"x" * 32)}
    account = checked(CrisisRecord(changes).whole().export())
    assert codes(account) == ["timeline_wrong"]
    assert crisis_in(account)["are_timelines_equal"] is False
    assert "  the timelines are NOT equal" in list(checker.told(account))


@pytest.mark.parametrize("cut", ["text", [[b"p" * 16, "0", 1]], [[b"p" * 16, 0, 2**60]]])
def test_a_cut_of_another_form_is_read_without_harm(cut: Value) -> None:
    """What names no log of a size looks at nothing."""
    changes = {(AUTHOR, Kind.TIMELINE): _with(2, cut)}
    assert codes(checked(CrisisRecord(changes).whole().export())) in ([], ["timeline_wrong"])


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (Kind.CRISIS_CLOSING, "closed at"),
        (Kind.CRISIS_FACT, ": agreed ("),
        (Kind.ACCOUNT_SEAL, "account of"),
        (Kind.ADOPTION, "adopted by both"),
        (Kind.READOUT, "readout of"),
    ],
)
def test_what_no_passkey_signed_is_not_told_as_said(kind: Kind, missing: str) -> None:
    """It is in the log, and nothing follows from it."""
    whole = list(checker.told(checked(honest().export())))
    unsigned = CrisisRecord(unsigned=frozenset({(OTHER, kind)})).whole()
    told = list(checker.told(checked(unsigned.export())))
    assert _count(told, missing) < _count(whole, missing)


def test_a_side_that_never_sealed_is_seen_to_have_none() -> None:
    """The other side's account stands as sealed."""
    left_out = frozenset({(OTHER, Kind.ACCOUNT_SEAL), (OTHER, Kind.ACCOUNT_SHOWN)})
    account = checked(CrisisRecord(left_out=left_out).whole().export())
    assert codes(account) == []
    assert len(checker.dict_of(crisis_in(account)["accounts"])) == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_stranger_who_changes_an_entry_of_a_crisis_is_named(seed: int) -> None:
    """Whichever it is: a title, a seal, an account, a readout."""
    files = files_of(honest().export())
    name = next(each for each in sorted(files) if "/tile/entries/" in each)
    entries = list(unbundled(files[name]))
    draw = random.Random(seed)  # noqa: S311  dice of a test
    at = draw.randrange(len(entries))
    changed = bytearray(entries[at])
    changed[-1] ^= 1
    entries[at] = bytes(changed)
    account = checked(zipped({**files, name: bundled(entries)}))
    assert "entry_changed" in codes(account)
    told = list(checker.told(account))
    assert "  A log does NOT hold: this is what it says, and nothing of it is proved." in told
    assert _count(told, "as the record shows it") == 0


def _count(told: list[str], words: str) -> int:
    return sum(words in line for line in told)


def _with(key: int, value: Value) -> Callable[[dict[int, Value]], None]:
    def change(body: dict[int, Value]) -> None:
        body[key] = value

    return change


def _other_account(body: dict[int, Value]) -> None:
    body[1] = b"\xa1\x00\x80"
