"""The `parley` command with a wrong clock: ``python -m parley.testing.skewed SECONDS serve ...``.

The wall clock runs ahead by so many seconds, or behind where they are negative; monotonic time is
the machine's, as on a machine whose operator set the date wrong.
"""

import sys

from whenever import Instant

from parley import clock
from parley.__main__ import main


def run(ahead_s: float) -> None:
    """Run the command line with every wall clock ahead by ``ahead_s`` seconds."""

    def now(_: clock.SystemClock) -> Instant:
        return Instant.now().add(seconds=ahead_s)

    clock.SystemClock.now = now  # type: ignore[method-assign, assignment]
    main()


if __name__ == "__main__":
    run(float(sys.argv.pop(1)))
