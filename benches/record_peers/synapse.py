"""Two federating Synapse servers, each on a PostgreSQL of its own, in one room."""

from __future__ import annotations

import base64
import json
import os
import pwd
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

import psycopg

from parley.testing.postgres import ACCOUNTS, find_programs
from record_peers.authority import Certified, certify
from record_peers.matrix import Account, Door
from record_peers.places import SYNAPSE_PYTHON
from record_peers.sides import PeerFailedError, Side, become, say, wait_until

_FEDERATION_PORT: Final = 8448
_PEOPLE_PORT: Final = 8008
#: A number no bench reaches: the limits that protect a public server would be what is measured.
_NO_LIMIT: Final = 1_000_000
_LIMITS: Final = (
    "rc_message",
    "rc_registration",
    "rc_joins_per_room",
    "rc_key_requests",
    "rc_room_creation",
)


@dataclass(frozen=True)
class Homeserver:
    """A running Synapse: who it is, how its people reach it, how much it keeps."""

    side: Side
    name: str
    secret: str
    database: str

    def door(self) -> Door:
        """Return a new way in for its people."""
        return Door(self.side, _PEOPLE_PORT)

    def stored_bytes(self) -> int:
        """Return how large its database is."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT pg_database_size('synapse')").fetchone()
        return int(row[0]) if row else 0


@dataclass(frozen=True)
class Room:
    """One room with an account of each side in it."""

    room: str
    near: Account
    far: Account
    far_home: Homeserver
    version: str


@contextmanager
def synapse_room(near: Side, far: Side) -> Iterator[Room]:
    """Start both servers, and let somebody of each side into one room.

    Raises:
        PeerFailedError: something does not start or is refused.
    """
    say("starting PostgreSQL and Synapse on both sides")
    papers = certify(near.folder, [near.address, far.address])
    started = [_start(side, paper) for side, paper in zip((near, far), papers, strict=True)]
    for home, process in started:
        wait_until(partial(_is_well, home), home.side, "synapse", process)
    (near_home, _), (far_home, _) = started
    writer = Account.registered(near_home.door(), "writer", near_home.secret)
    reader = Account.registered(far_home.door(), "reader", far_home.secret)
    room = writer.create_room()
    say("joining the room from the other side")
    reader.join(room, near_home.name)
    version = writer.ask("GET", "/_matrix/federation/v1/version")["server"]["version"]
    yield Room(room, writer, reader, far_home, f"Synapse {version}, PostgreSQL")


def _start(side: Side, papers: Certified) -> tuple[Homeserver, subprocess.Popen[bytes]]:
    database = _start_postgres(side)
    name = f"{side.address}:{_FEDERATION_PORT}"
    home = Homeserver(side, name, secrets.token_hex(16), database)
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    (side.folder / "signing.key").write_text(f"ed25519 a_bench {seed}\n")
    # Every JSON text is YAML.
    (side.folder / "log.yaml").write_text(json.dumps(_logging()))
    settings = side.folder / "homeserver.yaml"
    settings.write_text(json.dumps(_settings(home, papers)))
    command = (str(SYNAPSE_PYTHON), "-m", "synapse.app.homeserver", "-c", str(settings))
    return home, side.start("synapse", *command)


def _settings(home: Homeserver, papers: Certified) -> dict[str, Any]:
    limit = {"per_second": _NO_LIMIT, "burst_count": _NO_LIMIT}
    folder = home.side.folder
    return {
        "server_name": home.name,
        "pid_file": str(folder / "synapse.pid"),
        "listeners": [
            _listener(_PEOPLE_PORT, "127.0.0.1", ["client", "federation"], tls=False),
            _listener(_FEDERATION_PORT, home.side.address, ["federation"], tls=True),
        ],
        "tls_certificate_path": str(papers.certificate),
        "tls_private_key_path": str(papers.key),
        "federation_custom_ca_list": [str(papers.authority)],
        "ip_range_blacklist": [],
        "federation_ip_range_blacklist": [],
        "trusted_key_servers": [],
        "suppress_key_server_warning": True,
        "database": {
            "name": "psycopg2",
            "args": {
                "user": "parley",
                "dbname": "synapse",
                "host": str(folder),
                "cp_min": 5,
                "cp_max": 10,
            },
        },
        "log_config": str(folder / "log.yaml"),
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "registration_shared_secret": home.secret,
        "macaroon_secret_key": secrets.token_hex(16),
        "form_secret": secrets.token_hex(16),
        "report_stats": False,
        # What tells who is online costs the servers work that nothing here needs.
        "presence": {"enabled": False},
        # By default a reader is shown no more than the last 100 events at once.
        "filter_timeline_limit": -1,
        "federation_rr_transactions_per_room_per_second": _NO_LIMIT,
        "rc_federation": {
            "window_size": 1_000,
            "sleep_limit": _NO_LIMIT,
            "sleep_delay": 1,
            "reject_limit": _NO_LIMIT,
            "concurrent": 100,
        },
        "rc_joins": {"local": limit, "remote": limit},
        "rc_login": {"address": limit, "account": limit, "failed_attempts": limit},
        **dict.fromkeys(_LIMITS, limit),
    }


def _listener(port: int, address: str, names: list[str], *, tls: bool) -> dict[str, Any]:
    resources = [{"names": names, "compress": False}]
    return {
        "port": port,
        "type": "http",
        "tls": tls,
        "bind_addresses": [address],
        "resources": resources,
    }


def _logging() -> dict[str, Any]:
    return {
        "version": 1,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["console"]},
        "disable_existing_loggers": False,
    }


def _is_well(home: Homeserver) -> bool:
    try:
        with home.door() as door:
            return door.ask("GET", "/_matrix/client/versions", None, "") is not None
    except (OSError, HTTPException):
        return False


def _start_postgres(side: Side) -> str:
    """Start a PostgreSQL on a Unix socket in the side's folder, as durable as it comes."""
    programs = find_programs()
    if programs is None:
        raise PeerFailedError("PostgreSQL's programs are gone")
    account = _account()
    cluster = side.folder / "postgres"
    cluster.mkdir(mode=0o700)
    if account is not None:
        os.chown(side.folder, *account)
        os.chown(cluster, *account)
    making = ("-D", str(cluster), "--auth=trust", "--username=parley")
    made = subprocess.run(
        ["setpriv", *become(account), str(programs / "initdb"), *making],
        cwd=side.folder,
        capture_output=True,
        check=False,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    if made.returncode:
        raise PeerFailedError(f"initdb: {made.stderr.decode(errors='replace')}")
    options = ("-k", str(side.folder), "-c", "listen_addresses=", "-c", "max_connections=40")
    command = (str(programs / "postgres"), "-D", str(cluster), *options)
    process = side.start("postgres", *command, account=account)
    wait_until(lambda: _has_database(side.folder), side, "postgres", process)
    return f"host={side.folder} user=parley dbname=synapse"


def _has_database(folder: Path) -> bool:
    """Make Synapse's database, with the collation that it insists on."""
    try:
        with psycopg.connect(
            f"host={folder} user=parley dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(
                "CREATE DATABASE synapse TEMPLATE template0 ENCODING 'UTF8'"
                " LC_COLLATE 'C' LC_CTYPE 'C'"
            )
    except psycopg.OperationalError:
        return False
    return True


def _account() -> tuple[int, int] | None:
    """Return whom PostgreSQL runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: (entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)
