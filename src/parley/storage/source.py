"""What a database is, whichever engine keeps it: connections, a claim, what its errors mean."""

from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa


class Fault(StrEnum):
    """What an exception on a database's connection says about the database."""

    CALLER = "caller"
    """Nothing: the caller's own error, such as a duplicate."""
    PASSING = "passing"
    """It cannot be used at the moment: gone, locked, out of memory."""
    FULL = "full"
    """The disk below it is full; once space is free it goes on."""
    READ_ONLY = "read_only"
    """It takes no changes, but nothing is damaged."""
    LASTING = "lasting"
    """The disk failed: what it holds of the last change is not known, and no second try tells."""


class DatabaseSource(Protocol):
    """One database, as :class:`~parley.storage.database.Database` opens it."""

    @property
    def name(self) -> str:
        """What errors call it: the file, or the address without a secret."""

    @property
    def can_be_away(self) -> bool:
        """Whether a connection can end while nobody uses it, as one to another process can."""

    def prepare(self) -> None:
        """Check what can be checked before the first connection.

        Raises:
            OurError: this engine or its secret must not be used.
        """

    def writer(self) -> sa.Engine:
        """Return an engine for the one writing connection; whoever gets one holds the claim.

        Its connections raise :class:`~parley.errors.StorageTaken` while another node has the
        database.
        """

    def readers(self, number: int) -> sa.Engine:
        """Return an engine whose transactions only read, each seeing one committed state."""

    def opened(self, connection: sa.Connection) -> None:
        """Do what is to be done once after the schema is up to date."""

    def settle(self, connection: sa.Connection) -> None:
        """Tidy up after a transaction, while nobody waits; called by the writer thread."""

    def examine(self) -> tuple[bool, str]:
        """Look at the database beside whoever uses it; say whether it is well, and what was found.

        Raises:
            sqlalchemy.exc.DBAPIError: it cannot be read at all.
        """

    def release(self) -> None:
        """Give up the claim, after the last connection is closed."""

    def fault(self, error: BaseException) -> Fault:
        """Say what an exception raised on a connection says about the database."""
