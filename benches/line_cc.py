"""LineCc beside quinn's Cubic and BBR on the same seeded paths, in virtual time.

just bench line_cc            the whole table, about half a minute of one core
just bench line_cc --quick    250 ms at 4 Mbit/s, without loss and with 10 %
just bench line_cc --alone    LineCc only
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Build the example and run it with the arguments."""
    command = ["cargo", "run", "--release", "-q", "-p", "parley-line", "--example", "line_cc", "--"]
    return subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
