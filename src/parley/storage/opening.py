"""Which database, blobs and keys of cases a node's settings name, and opening them."""

from whenever import Instant

from parley.config import Settings
from parley.storage.blobs import Blobs
from parley.storage.case_keys import CaseKeys
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


def open_blobs(settings: Settings, keys: CaseKeys) -> Blobs:
    """Return where the settings keep blobs: a folder, or a bucket."""
    chosen = settings.storage
    if chosen.bucket:
        endpoint, region = chosen.bucket_endpoint, chosen.bucket_region
        return Blobs.in_bucket(chosen.bucket, keys, endpoint, region)
    return Blobs.in_folder(settings.path(chosen.blobs), keys)


def open_case_keys(settings: Settings, now: Instant) -> CaseKeys:
    """Open the keys of cases; raises like :meth:`CaseKeys.open`."""
    return CaseKeys.open(settings.path(settings.storage.case_keys), now)


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name; raises like :meth:`Database.open` besides.

    Raises:
        SettingsUnreadable: the file with the password cannot be read.
        SecretExposed: others on the machine can read it.
    """
    return Database.open(source_of(settings), settings.storage.readers)
