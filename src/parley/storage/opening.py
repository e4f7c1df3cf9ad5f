"""Which database a node's settings name, and opening it."""

from parley.config import Settings
from parley.storage.database import Database
from parley.storage.source import DatabaseSource
from parley.storage.sqlite import SqliteFile


def source_of(settings: Settings) -> DatabaseSource:
    """Return the database that the settings name.

    Raises:
        SettingsUnreadable: the file with the password cannot be read.
        SecretExposed: others on the machine can read it.
    """
    chosen = settings.storage
    if not chosen.address:
        return SqliteFile(settings.path(chosen.database))
    # A node on the embedded database need not load the driver.
    from parley.storage.postgres import PostgresDatabase, password_from  # noqa: PLC0415

    secret = settings.path(chosen.password_file) if chosen.password_file else None
    return PostgresDatabase(chosen.address, password_from(secret))


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name; raises like :meth:`Database.open` besides.

    Raises:
        SettingsUnreadable: the file with the password cannot be read.
        SecretExposed: others on the machine can read it.
    """
    return Database.open(source_of(settings), settings.storage.readers)
