"""Brings a database's schema to the one this version needs, one numbered step at a time."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from parley.errors import StorageNewer

FOLDER: Final = Path(__file__).parent / "migrations"
STEPS: Final = tuple(sorted(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py")))
"""Numbers of all steps this version knows; each is the revision of the step's file."""


def migrate(connection: sa.Connection) -> None:
    """Run every step the database lacks, in one transaction.

    Raises:
        StorageNewer: the database has a schema that this version does not know.
    """
    with connection.begin():
        found = schema_of(connection)
        if found is not None and found not in STEPS:
            raise StorageNewer(found=found, known=STEPS[-1])
        if found != STEPS[-1]:
            # Alembic takes half a second to import; most starts have nothing to migrate.
            from parley.storage.upgrade import upgrade  # noqa: PLC0415

            upgrade(connection, FOLDER)


def schema_of(connection: sa.Connection) -> str | None:
    """Return the step a database is at, None for a new one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)
