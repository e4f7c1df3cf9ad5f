"""Costs of the record's cores and of the verifier, in CPU time.

    python3 benches/record.py [ENTRIES]

One party writes entries with a body of 700 bytes, flushed fifty at a time; another mirrors and
cosigns them; the export is then checked by the offline verifier.
"""

import io
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from parley import verify
from parley.record.export import write_export
from parley.record.kinds import Kind
from parley.testing.records import START, RecordKeeper, carry, keepers_of

ENTRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
FLUSHED_AT_ONCE = 50
BODY = "x" * 700
Made = TypeVar("Made")


def main() -> None:
    """Print what each step costs."""
    keepers = keepers_of("near", "far")
    near, far = keepers.values()
    timed("written, judged and flushed", lambda: write(near))
    far.flush(START)
    timed("replicated, mirrored and cosigned", lambda: carry(keepers, START))
    into = io.BytesIO()
    party, seed = near.own.party, near.own.seed
    timed("exported", lambda: write_export(into, near.export(), party, seed, START))
    found = timed("checked offline", lambda: verify.verify(into, set()))
    if found["verdict"] != verify.HOLDS:
        sys.exit("the record does not hold")


def write(keeper: RecordKeeper) -> None:
    """Append and flush every entry."""
    for number in range(1, ENTRIES + 1):
        keeper.say(START, Kind.STATEMENT, {0: BODY})
        if number % FLUSHED_AT_ONCE == 0:
            keeper.flush(START)


def timed(what: str, do: Callable[[], Made]) -> Made:
    """Run one step and print its CPU time."""
    started = time.process_time()
    made = do()
    spent = time.process_time() - started
    print(f"{what}: {spent / ENTRIES * 1e6:.1f} microseconds of CPU an entry")
    return made


if __name__ == "__main__":
    main()
