"""How much is measured, and with what texts."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Words of an entry of 0.85 KB; what else is in one (author, heads, hashes) is each system's own.
TEXT_CHARACTERS: Final = 700
#: A Parley entry with such a text. JetStream adds nothing of that kind, so it gets all of it.
ENTRY_BYTES: Final = 850
#: The even pace of the latency phase, as in the goals of the record.
PACE_PER_SECOND: Final = 20.0
#: Entries given and not yet seen on the far side. More lets a thin wire hide its rate in a backlog
#: that outlives the bench; less holds a fast one back by its round trip.
ON_THE_WAY_MAX: Final = 1_000
#: Nothing new for so long, and what is missing is missing.
QUIET_S: Final = 10.0
#: So long is waited at most for what is under way when a phase ends.
CATCH_UP_S_MAX: Final = 30.0


@dataclass(frozen=True)
class Plan:
    """How long each phase lasts, in seconds."""

    name: str
    pace_s: float
    load_s: float


FULL = Plan("full", pace_s=20, load_s=15)
QUICK = Plan("quick", pace_s=5, load_s=5)


def texts(seed: int, characters: int) -> Iterator[str]:
    """Yield texts of one length, the same for the same seed, of which none helps to press another.

    NATS compresses what it sends over a slow wire; a few texts again and again would cross it as
    next to nothing.
    """
    chosen = random.Random(seed)  # noqa: S311 - nothing secret
    while True:
        yield base64.b64encode(chosen.randbytes(characters)).decode()[:characters]
