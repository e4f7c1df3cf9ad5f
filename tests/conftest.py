"""Settings of all Python tests, and what many of them start from."""

from pathlib import Path

import pytest
from hypothesis import settings

from parley.testing.databases import FILE, empty_database

# A busy machine is no failure: no test asserts time. Failing examples are printed with their seed.
settings.register_profile("parley", deadline=None, print_blob=True)
settings.load_profile("parley")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give tests an empty database to copy: making one takes longer than most of them."""
    file = tmp_path_factory.mktemp("template") / FILE
    file.write_bytes(empty_database())
    return file
