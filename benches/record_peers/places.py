"""Where the peers' programs are, how they get there, and what else this machine must have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from parley.testing.lab import missing as lab_lacks
from parley.testing.postgres import COMMAND as POSTGRES_COMMAND
from parley.testing.postgres import find_programs

SYNAPSE: Final = "matrix-synapse==1.163.2"
#: The driver that Synapse's documentation names, as a wheel that needs no compiler.
DRIVER: Final = "psycopg2-binary==2.9.13"
NATS: Final = "github.com/nats-io/nats-server/v2@v2.15.2"
PREPARE: Final = "just bench record_peers --prepare"

CACHE: Final = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parley" / "record_peers"
)
SYNAPSE_PYTHON: Final = CACHE / "synapse" / "bin" / "python"
NATS_SERVER: Final = CACHE / "bin" / "nats-server"


def prepare() -> None:
    """Install the peers' programs into the cache folder, in an environment of their own.

    Raises:
        SystemExit: an installer is missing or fails, with what to do.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    uv = _installer("uv", "make setup")
    go = _installer("go", "apt-get install golang-go")
    environment = CACHE / "synapse"
    if not SYNAPSE_PYTHON.exists():
        _install([uv, "venv", "--quiet", "--python", sys.executable, str(environment)])
    _install([uv, "pip", "install", "--python", str(SYNAPSE_PYTHON), SYNAPSE, DRIVER])
    _install([go, "install", NATS], GOBIN=str(NATS_SERVER.parent))


def require(*, synapse: bool, jetstream: bool) -> None:
    """See that all is there that these two need.

    Raises:
        SystemExit: something is missing; each with the command that gets it.
    """
    lacks = []
    if (reason := lab_lacks()) is not None:
        lacks.append(reason)
    if shutil.which("setpriv") is None:
        lacks.append("setpriv is missing: apt-get install util-linux")
    if synapse and find_programs() is None:
        lacks.append(f"PostgreSQL is missing: {POSTGRES_COMMAND}")
    if synapse and not SYNAPSE_PYTHON.exists():
        lacks.append(f"{SYNAPSE} is missing: {PREPARE}")
    if jetstream and not NATS_SERVER.exists():
        lacks.append(f"{NATS} is missing: {PREPARE}")
    if lacks:
        raise SystemExit("\n".join(lacks))


def _installer(name: str, command: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is missing: {command}")
    return found


def _install(command: list[str], **environment: str) -> None:
    print(" ".join(command), file=sys.stderr)
    if subprocess.run(command, check=False, env={**os.environ, **environment}).returncode:
        raise SystemExit(f"{command[0]} failed: it says why above")
