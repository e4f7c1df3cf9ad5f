"""Running Alembic's steps on a connection of ours."""

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory


def upgrade(connection: sa.Connection, folder: Path) -> None:
    """Run every step in ``folder`` that the database lacks; the caller commits."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(
        config,
        script,
        fn=lambda revision, _: script._upgrade_revs("head", revision),  # noqa: SLF001  as Alembic's own
    ) as environment:
        environment.configure(connection, transactional_ddl=True)
        environment.run_migrations()
