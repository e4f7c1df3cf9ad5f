"""One embedded database for each node: what it must not lose, and nothing else.

How a change gets to disk: a service hands :meth:`Database.write` a function that takes a
connection. One writer thread runs the functions in the order they came, as many as are waiting in
one transaction (group commit), each inside its own savepoint so that one that raises takes nothing
else with it. The caller goes on when the transaction is durable (``synchronous=FULL``). Reads run
beside it on a small pool of read-only connections and see the last committed state.

What if it fails: an error inside one function goes to its caller alone. An error of the disk at
commit goes to every caller of that transaction and nothing of it is kept. A process killed at any
instant leaves the last durable transaction. A database written by a newer Parley, or an SQLite with
the WAL-reset defect, stops the start with a clear error.

Invariant: no other package imports SQLite, and no other process writes this file while a node runs.
"""

from parley.storage.database import Database

__all__ = ["Database"]
