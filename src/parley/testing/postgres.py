"""A PostgreSQL of our own for tests: started on a Unix socket in a folder, gone afterwards.

PostgreSQL refuses to run as root, so root starts it as the account that its package makes, or as
``nobody``. Nothing listens on the network; who reaches the socket's folder is let in.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import psycopg
import sqlalchemy as sa

from parley.storage import Database
from parley.storage.postgres import PostgresDatabase

COMMAND: Final = "apt-get install -y postgresql"
START_S_MAX: Final = 60
ACCOUNTS: Final = ("postgres", "nobody")
QUICK: Final[Mapping[str, str]] = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "autovacuum": "off",
}
"""Settings of a database that nobody needs tomorrow."""


class DatabaseProgramsMissing(Exception):
    """PostgreSQL's programs are not installed."""


class PostgresCluster:
    """One running PostgreSQL with its folder; use :func:`running_cluster`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        """Take the folder of PostgreSQL's programs and an empty folder that is ours."""
        self.folder = folder
        self._programs = programs
        self._databases = 0
        self._template = ""
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = next(entry for name in ACCOUNTS if (entry := _account(name)) is not None)
            os.chown(folder, account.pw_uid, account.pw_gid)
            self._account = {
                "user": account.pw_uid,
                "group": account.pw_gid,
                "extra_groups": [account.pw_gid],
            }

    @classmethod
    def made(cls, folder: Path) -> Self:
        """Make a cluster in ``folder`` and start it.

        Raises:
            DatabaseProgramsMissing: PostgreSQL's programs are not installed.
        """
        programs = find_programs()
        if programs is None:
            raise DatabaseProgramsMissing(COMMAND)
        cluster = cls(programs, folder)
        options = ("--auth=trust", "--username=parley", "--encoding=UTF8", "--no-sync")
        cluster._run("initdb", "-D", str(folder / "cluster"), *options)
        cluster.start()
        return cluster

    def start(self, **settings: str) -> None:
        """Start it; ``settings`` override the quick ones."""
        chosen = {
            **QUICK,
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            **settings,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in chosen.items())
        log = str(self.folder / "log")
        self._run(
            "pg_ctl", "-D", str(self.folder / "cluster"), "-l", log, "-w", "-o", options, "start"
        )

    def stop(self, how: str = "fast") -> None:
        """Stop it: ``fast`` in an orderly way, ``immediate`` as a crash would."""
        self._run("pg_ctl", "-D", str(self.folder / "cluster"), "-m", how, "-w", "stop")

    def new_database(self, template: str = "template0") -> str:
        """Make an empty database and return its address."""
        self._databases += 1
        name = f"parley_{self._databases}"
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"postgresql://parley@/{name}?host={self.folder}"

    def new_node_database(self) -> str:
        """Make a database with all its tables and no row and return its address."""
        if not self._template:
            address = self.new_database()
            Database.open(PostgresDatabase(address)).close()
            self._template = str(sa.make_url(address).database)
        return self.new_database(self._template)

    @contextlib.contextmanager
    def admin(self) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
        """Yield a connection that may do everything, each statement for itself."""
        with psycopg.connect(
            host=str(self.folder), user="parley", dbname="postgres", autocommit=True
        ) as connection:
            yield connection

    def end_connections(self, name: str) -> int:
        """End every connection to a database, as a restart would; return how many."""
        with self.admin() as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                (name,),
            )
            return ended.rowcount

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  PostgreSQL's own programs
            [str(self._programs / program), *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            timeout=START_S_MAX,
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **self._account,
        )
        if done.returncode:
            said = (done.stderr or b"").decode(errors="replace") + self._log()
            reason = f"{program} ended with {done.returncode}: {said}"
            raise RuntimeError(reason)

    def _log(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-2_000:]
        return ""


@contextlib.contextmanager
def running_cluster() -> Iterator[PostgresCluster]:
    """Yield a running PostgreSQL in a temporary folder.

    Raises:
        DatabaseProgramsMissing: PostgreSQL's programs are not installed.
    """
    # A socket's path may have 107 bytes (unix(7)), and root's own folders are closed to others.
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    cluster = None
    try:
        cluster = PostgresCluster.made(folder)
        yield cluster
    finally:
        if cluster is not None:
            with contextlib.suppress(RuntimeError):
                cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, None without one."""
    debian = Path("/usr/lib/postgresql")
    versions = [entry for entry in debian.glob("*") if entry.name.isdigit()]
    for entry in sorted(versions, key=lambda entry: -int(entry.name)):
        if (entry / "bin" / "initdb").exists():
            return entry / "bin"
    found = shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent


def _account(name: str) -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)
    return None
