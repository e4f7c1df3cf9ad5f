"""Brings a database's schema to the one this version needs, one numbered step at a time."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from parley.errors import StorageNewer

FOLDER: Final = Path(__file__).parent / "migrations"


def migrate(engine: sa.Engine) -> None:
    """Run every migration the database lacks, in one transaction.

    Raises:
        StorageNewer: the database has a schema that this version does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    with engine.connect() as connection, connection.begin():
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and found not in known:
            raise StorageNewer(found=found, known=script.get_current_head() or "")
        if found == script.get_current_head():
            return
        with EnvironmentContext(
            config,
            script,
            fn=lambda revision, _: script._upgrade_revs("head", revision),  # noqa: SLF001  as Alembic's own command does
        ) as environment:
            environment.configure(connection, transactional_ddl=True)
            environment.run_migrations()
