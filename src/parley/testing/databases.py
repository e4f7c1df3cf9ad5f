"""Databases that tests begin with, made once: to make one, every step there ever was is run."""

import functools
import tempfile
from pathlib import Path
from typing import Final

from parley.storage import Database

FILE: Final = "parley.db"


@functools.cache
def empty_database() -> bytes:
    """Return the file of a database with all its tables and no row, for tests to copy."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, FILE)
        Database.open(file, 1).close()
        return file.read_bytes()
