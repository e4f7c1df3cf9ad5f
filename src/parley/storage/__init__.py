"""The database of a node: what it must not lose, and nothing else.

How a change gets to disk: a service hands :meth:`Database.write` a function that takes a
connection. One writer thread runs the functions in the order they came, as many as are waiting in
one transaction (group commit), each inside its own savepoint so that one that raises takes nothing
else with it. The caller goes on when the transaction is durable (``synchronous=FULL``;
``synchronous_commit=on``). Reads run beside it on a small pool of read-only connections; each
function sees one committed state, the last one.

Two engines keep it, by one setting: SQLite in a file beside the node
(:mod:`~parley.storage.sqlite`) or a PostgreSQL database (:mod:`~parley.storage.postgres`). Nobody
above knows which; the tables, the steps that make them and the promises are the same
(``tests/contracts``).

What if it fails: an error inside one function goes to its caller alone. An error of the disk at
commit goes to every caller of that transaction and nothing of it is acknowledged. A full disk
refuses changes until there is space. A disk that failed to write or to sync is not asked again: no
later sync can tell what became of the pages, so every further change is refused until the node is
restarted, which reads what really is there. A lost PostgreSQL is dialled again at the next change;
whether the lost one was kept must be read, not assumed. A process killed at any instant leaves the
last durable transaction. A database written by a newer Parley, an SQLite with the WAL-reset defect,
or another node on the same database stop the start with a clear error.

Invariants: no other package imports a database driver; one node at a time holds a database, by a
lock that goes with the process or the connection; nothing is acknowledged that is not durable.
"""

from parley.storage.columns import insert, insert_rows, run_plain
from parley.storage.database import Database
from parley.storage.opening import open_database

__all__ = ["Database", "insert", "insert_rows", "open_database", "run_plain"]
