"""What another party may cause here, and when it is told to wait."""

from parley.record.allowance import ENTRY_COST, LETTER_COST, WorkAllowance


def test_what_is_saved_up_is_spent_and_comes_back_with_time() -> None:
    """A letter and each entry in it have a price beside their bytes."""
    allowance = WorkAllowance(bytes_per_s=1_000, saved_bytes_max=10_000)
    assert allowance.spend(1_000, 2, 5.0) == 0
    left = 10_000 - 1_000 - LETTER_COST - 2 * ENTRY_COST
    missing = 1_000 + LETTER_COST - left
    assert allowance.spend(1_000, 0, 5.0) == missing
    assert allowance.spend(1_000, 0, 5.0 + missing / 1_000) == 0


def test_no_more_is_saved_up_than_the_bound() -> None:
    """However long a party was quiet."""
    allowance = WorkAllowance(bytes_per_s=1_000, saved_bytes_max=5_000)
    assert allowance.spend(0, 0, 0.0) == 0
    assert allowance.spend(0, 0, 1_000_000.0) == 0
    assert allowance.spend(5_000 - LETTER_COST, 0, 1_000_000.0) > 0


def test_what_costs_more_than_can_be_saved_passes_when_everything_is() -> None:
    """Or a large package could never be sent; all of it is paid for before the next."""
    allowance = WorkAllowance(bytes_per_s=1_000, saved_bytes_max=5_000)
    assert allowance.spend(20_000, 0, 0.0) == 0
    wait_ms = allowance.spend(20_000, 0, 0.0)
    assert wait_ms == 20_000 + LETTER_COST
    assert allowance.spend(20_000, 0, wait_ms / 1_000) == 0


def test_whoever_waits_is_never_told_nought() -> None:
    """Nought means that it was paid."""
    allowance = WorkAllowance(bytes_per_s=1_000_000_000, saved_bytes_max=LETTER_COST)
    assert allowance.spend(0, 0, 0.0) == 0
    assert allowance.spend(0, 0, 0.0) == 1
