"""Every contract test runs twice: on SQLite and on PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from parley.storage import Database
from parley.storage.postgres import PostgresDatabase
from parley.storage.source import DatabaseSource
from parley.storage.sqlite import SqliteFile
from parley.testing.databases import FILE, empty_database
from parley.testing.postgres import COMMAND, PostgresCluster, find_programs, running_cluster

NewSource = Callable[[], DatabaseSource]
"""Each call names the same database anew, as a node that starts again does."""


CONTRACT_TIMEOUT_S = 150
"""The last of these tests also removes the cluster: a thousand files for each database."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of this folder the time their engine needs."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(CONTRACT_TIMEOUT_S))


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresCluster]:
    """Run a PostgreSQL for the whole test run."""
    if find_programs() is None and os.geteuid() != 0:
        pytest.skip(f"PostgreSQL is not installed: sudo {COMMAND}")
    with running_cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Say which engine a test runs on."""
    return cast("str", request.param)


@pytest.fixture
def new_source(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> NewSource:
    """Give a test an empty database, by a function that names it."""
    if engine_name == "sqlite":
        file = tmp_path / FILE
        file.write_bytes(empty_database())
        return lambda: SqliteFile(file)
    address = request.getfixturevalue("cluster").new_node_database()
    return lambda: PostgresDatabase(address)


@pytest.fixture
def database(new_source: NewSource) -> Iterator[Database]:
    """Give a test an open database."""
    opened = Database.open(new_source())
    yield opened
    opened.close()
