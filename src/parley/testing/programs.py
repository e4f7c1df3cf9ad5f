"""Programs in processes of their own, for what ends a process."""

import subprocess
import sys
from typing import Final

PATIENCE_S: Final = 60.0
"""Longer than any of them takes; it only ends a test that has failed."""


def run_program(program: str) -> tuple[int, str, str]:
    """Run the text of a program; return how it ended, what it said, and its last words."""
    done = subprocess.run(  # noqa: S603  a test's own words
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stdout, done.stderr
