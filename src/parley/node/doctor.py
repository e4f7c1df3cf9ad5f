"""`parley doctor`: what a node needs, the state of each, and the command that mends it."""

import asyncio
import contextlib
import os
import platform
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from cryptography import x509
from sqlalchemy.exc import DatabaseError
from whenever import Instant

from parley.clock import Clock, from_milliseconds
from parley.config import Settings
from parley.config.kinds import split_address
from parley.errors import ParleyError
from parley.identity.keys import PartyKey
from parley.line.service import OUR_KEY_TWICE
from parley.node.asking import ask
from parley.storage import sqlite
from parley.storage.backup import last_backup
from parley.storage.opening import source_of
from parley.web.parts import are_secure
from parley.web.provider import Provider
from parley.web.routes.interface import folder as interface_folder
from parley.web.serving import check_listening, origins

State = Literal["good", "warning", "bad"]
DISK_BYTES_LOW: Final = 1_000_000_000
"""Free disk below which the record may fill it within weeks."""
DISK_BYTES_MIN: Final = 100_000_000
UDP_BUFFER_BYTES: Final = 2_097_152
"""Receive buffer the engine asks for; less loses packets in bursts at 100,000 a second."""
CERTIFICATE_DAYS_LOW: Final = 30
CHROMIUM_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_COMMAND: Final = "apt-get install chromium"
TOOL_S_MAX: Final = 5.0


BACKUP_DAYS_MAX: Final = 7
"""A node that was not copied for longer is told of: what is lost with its disk comes back from the
other parties alone, and what it never sent does not."""
CLOCK_BOUND_MS_MAX: Final = 2_000
"""A larger bound of a clock's error shows as a doubtful time on both desks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    state: State
    found: str
    """What was found, in words."""
    mend: str = ""
    """The command that mends it, or what to do."""


_LOG_STATES: Final[dict[str, tuple[State, str]]] = {
    "unproved": ("warning", "parley status   # it opens when a mirror has answered on a line"),
    "restored": ("warning", "parley status   # every other party must show how far it had come"),
    "behind": ("warning", "parley record list   # it takes its own entries back from a mirror"),
    "forked": ("bad", "parley record epoch   # two nodes had one key, or a backup was restored"),
    "closed": ("warning", "parley record epoch"),
    "keyless": ("bad", "parley record epoch   # or put the log's key back into log-keys"),
}
"""What may be wrong with our own log, and what mends it."""
_LOG_STANDINGS: Final[dict[str, tuple[State, str]]] = {
    "late": ("warning", "parley status"),
    "silent": ("warning", "parley status   # cut off, down, or withheld by its party"),
    "disputed": ("bad", "parley record evidence evidence.zip"),
    "frozen": ("bad", "parley root show   # speak with that party by another road"),
}
"""What may be wrong with another party's log."""


_TROUBLES: Final[dict[str, str]] = {
    "record.fenced": "stop one of the two nodes, then restart the other",
    "node.memory_short": "give the node more memory, or stop what takes it",
    "node.threads_short": "raise TasksMax or RLIMIT_NPROC, or stop what takes the threads",
    "web.flooded": "ss -tn says where they come from: keep them off by the firewall",
    "log.forked": "find the other node and stop it, then parley record epoch",
    OUR_KEY_TWICE: "find the other node and stop it at once",
}
"""What mends a trouble of the node that is none of its disk."""


class Doctor:
    """Examines one node's folder and the machine below it."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._status: dict[str, Any] | None = None

    def examine(self) -> list[Finding]:
        """Look at everything; a thing that cannot be looked at is a finding too."""
        try:
            settings = Settings.load(self._folder)
        except ParleyError as error:
            mend = (
                f"parley init {self._folder} --name NAME" if _missing(self._folder) else "edit it"
            )
            return [Finding("settings", "bad", str(error), mend), *self._machine()]
        with contextlib.suppress(ParleyError):
            self._status = ask(self._folder, "status", {})
        findings = [Finding("settings", "good", f"{self._folder} holds a node")]
        looks = (self._key, self._database, self._backup, self._certificate, self._ports)
        for look in (*looks, self._provider, self._lines, self._notices, self._record):
            findings += _guarded(look, settings)
        findings += _guarded(self._trail, settings)
        return [*findings, *self._disk(), *self._machine()]

    def _key(self, settings: Settings) -> Iterator[Finding]:
        file = settings.path(settings.party.key)
        try:
            key = PartyKey.load(file)
        except ParleyError as error:
            mend = (
                f"chmod 600 {file}" if error.code == "keys.exposed" else "restore it from its safe"
            )
            yield Finding("party key", "bad", str(error), mend)
            return
        yield Finding("party key", "good", f"party {key.party.text}")

    def _database(self, settings: Settings) -> Iterator[Finding]:
        try:
            sqlite.check_version()
        except ParleyError as error:
            yield Finding("database", "bad", str(error), "uv sync")
            return
        source = source_of(settings)
        if isinstance(source, sqlite.SqliteFile) and not source.file.is_file():
            yield Finding(
                "database", "warning", f"{source.name} does not exist yet", "parley serve"
            )
            return
        try:
            is_well, found = source.examine()
        except DatabaseError as error:
            is_well, found = False, f"{source.name}: {str(error.orig).partition(chr(10))[0]}"
        if is_well:
            yield Finding("database", "good", found)
        else:
            yield Finding("database", "bad", found, "see docs/operations/storage.md")

    def _backup(self, settings: Settings) -> Iterator[Finding]:
        """Say when the node was last copied."""
        mend = "parley backup FOLDER   # on another disk"
        made_at = last_backup(settings.folder)
        if made_at is None:
            yield Finding("backup", "warning", "none is known of", mend)
            return
        days = int((self._clock.now() - made_at).total("hours") // 24)
        is_old = days > BACKUP_DAYS_MAX
        found = f"the last good one was made at {made_at.format_iso()[:16]} UTC, {days} days ago"
        yield Finding("backup", "warning" if is_old else "good", found, mend if is_old else "")

    def _certificate(self, settings: Settings) -> Iterator[Finding]:
        try:
            check_listening(settings)
        except ParleyError as error:
            yield Finding("web certificate", "bad", str(error), "set web.certificate and web.key")
            return
        if not settings.web.certificate:
            yield Finding("web certificate", "good", "not needed on the loopback")
            return
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(
                settings.path(settings.web.certificate), settings.path(settings.web.key)
            )
            pem = settings.path(settings.web.certificate).read_bytes()
            until = x509.load_pem_x509_certificate(pem).not_valid_after_utc
        except (OSError, ValueError, ssl.SSLError) as error:
            yield Finding("web certificate", "bad", f"unusable: {error}", "put in a valid pair")
            return
        days = (from_milliseconds(int(until.timestamp() * 1_000)) - self._clock.now()).total(
            "hours"
        )
        state: State = (
            "good" if days > CERTIFICATE_DAYS_LOW * 24 else "warning" if days > 0 else "bad"
        )
        mend = "" if state == "good" else "renew the certificate, then restart the node"
        yield Finding("web certificate", state, f"valid until {until:%Y-%m-%d}", mend)

    def _ports(self, settings: Settings) -> Iterator[Finding]:
        wanted = [
            ("browsers", settings.web.listen, socket.SOCK_STREAM),
            *(("line " + path.name, path.listen, socket.SOCK_DGRAM) for path in settings.line.path),
            *(
                ("line " + path.name, path.listen, socket.SOCK_STREAM)
                for path in settings.line.path
            ),
            ("media", settings.media.udp, socket.SOCK_DGRAM),
            *((("media", settings.media.tcp, socket.SOCK_STREAM),) if settings.media.tcp else ()),
        ]
        for what, address, kind in wanted:
            protocol = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
            yield self._port(f"port for {what}", address, kind, protocol)

    def _port(self, what: str, address: str, kind: socket.SocketKind, protocol: str) -> Finding:
        where = f"{address} {protocol}"
        if self._status is not None:
            return Finding(what, "good", f"{where}, in use by the running node")
        host, port = split_address(address)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
            try:
                probe.bind((host, port))
            except OSError as error:
                mend = f"ss -lnp{protocol[0].lower()} 'sport = :{port}'   # shows who has it"
                return Finding(what, "bad", f"{where}: {error.strerror}", mend)
        return Finding(what, "good", f"{where} is free")

    def _provider(self, settings: Settings) -> Iterator[Finding]:
        """Ask the party's own provider of sign-ins what it is, where the party has one."""
        try:
            may_be_plain = not are_secure(origins(settings))
            provider = Provider.of(settings, self._clock, may_be_plain=may_be_plain)
            if provider is None:
                return
            count = asyncio.run(provider.check())
        except ParleyError as error:
            mend = "see oidc in the settings; passkeys and links go on without it"
            yield Finding("provider of sign-ins", "bad", str(error), mend)
            return
        yield Finding("provider of sign-ins", "good", f"{provider.issuer}, {count} keys")

    def _lines(self, _: Settings) -> Iterator[Finding]:
        if self._status is None:
            command = f"parley serve -C {self._folder}"
            yield Finding("node", "warning", "not running", command)
            return
        yield Finding("node", "good", f"running since {self._status['started_at'][:19]} UTC")
        for trouble in self._status["troubles"]:
            mend = _TROUBLES.get(trouble["code"], "see docs/operations/storage.md")
            yield Finding("node", "bad", trouble["said"], mend)
        for line in self._status["lines"]:
            name, state = line["party"]["name"], line["state"]
            good: State = "good" if state == "up" else "warning"
            mend = "" if state == "up" else "parley status"
            yield Finding(f"line to {name}", good, state, mend)
            for path in line["paths"]:
                if path["narrow_mtu"] is not None:
                    yield _narrow(name, path)
            if line["clock_is_skewed"]:
                seconds = line["clock_skew_s"]
                found = f"{name}'s clock is {seconds:+.0f} s from ours"
                yield Finding("clock", "bad", found, "timedatectl set-ntp true   # on both sides")

    def _record(self, _: Settings) -> Iterator[Finding]:
        """Say of each log whether it grows, and whether it can be relied on."""
        if self._status is None:
            return
        for space in ask(self._folder, "record_spaces", {})["spaces"]:
            for log in space["logs"]:
                mends = _LOG_STATES if log["is_ours"] else _LOG_STANDINGS
                word = log["state"] if log["is_ours"] else log["standing"]
                state, mend = mends.get(word, ("good", ""))
                found = word + _restoration(log)
                yield Finding(f"log of {log['party']['name']}", state, found, mend)

    def _trail(self, _: Settings) -> Iterator[Finding]:
        """Say whether every row of the trail is as it was written; asks the running node."""
        if self._status is None:
            return
        wrong = ask(self._folder, "trail_list", {"limit": 1})["first_wrong"]
        if wrong is None:
            yield Finding("trail", "good", "every row is as it was written")
        else:
            found = f"from row {wrong} on it is not what was written"
            yield Finding("trail", "bad", found, f"parley trail --before {wrong + 2}")

    def _notices(self, _: Settings) -> Iterator[Finding]:
        """Yield whether somebody could not be told; asks the running node."""
        with contextlib.suppress(ParleyError):
            arguments = {"is_failed_only": True, "limit": 50}
            failed = ask(self._folder, "duty_notices", arguments)["notices"]
            if failed:
                ends = sorted({each["end"].partition(":")[0] for each in failed})
                yield Finding(
                    "notices",
                    "bad",
                    f"{len(failed)} given up: {', '.join(ends)}; last: {failed[0]['failure']}",
                    "parley duty notices --failed",
                )
            else:
                yield Finding("notices", "good", "nobody is left untold")

    def _disk(self) -> Iterator[Finding]:
        free = shutil.disk_usage(self._folder).free
        state: State = (
            "good" if free >= DISK_BYTES_LOW else "warning" if free >= DISK_BYTES_MIN else "bad"
        )
        mend = "" if state == "good" else f"free space on the disk of {self._folder}"
        yield Finding("disk", state, f"{free / 1e9:,.1f} GB free", mend)

    def _machine(self) -> Iterator[Finding]:
        yield from _engine()
        yield from _clock(self._clock.now())
        yield _clock_bound(self._clock.error_bound_ms())
        yield from _udp_buffer()
        yield from _interface()
        yield from _chromium()


def as_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return the findings for a program."""
    listed = list(findings)
    return {
        "is_well": all(finding.state != "bad" for finding in listed),
        "findings": [asdict(finding) for finding in listed],
    }


def chromium() -> str | None:
    """Return the path of the system's Chromium, None without one."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _narrow(party: str, path: dict[str, Any]) -> Finding:
    """Say that the way there carries no datagram that QUIC can begin with."""
    found = (
        "this path carries no packets of 1,200 bytes: "
        f"the largest that passes has {path['narrow_mtu']}, headers included"
    )
    mend = 'line.path: carriers = ["udp", "tcp"]   # on both sides, or a way with an MTU of 1,280'
    return Finding(f"path {path['name']} to {party}", "warning", found, mend)


def _restoration(log: dict[str, Any]) -> str:
    """Return what is to be said of a log that came out of a backup, and whom it waits for."""
    said = f", restored from a backup of {log['backup_of'][:19]}" if log["backup_of"] else ""
    names = ", ".join(party["name"] for party in log["waits_for"])
    return f"{said}, waits for {names}" if names else said


def _engine() -> Iterator[Finding]:
    try:
        from parley.line.transport import start_engine  # noqa: PLC0415  may be absent: that is asked
    except ImportError as error:
        mend = "uv run maturin develop --release"
        yield Finding("engine", "bad", f"cannot be imported: {error}", mend)
        return
    yield Finding("engine", "good", f"compiled for {platform.machine()} ({start_engine.__name__})")


def _clock(now: Instant) -> Iterator[Finding]:
    if now.timestamp() < Instant.from_utc(2026, 1, 1).timestamp():
        yield Finding(
            "clock", "bad", f"{now.format_iso()[:19]} is long past", "timedatectl set-ntp true"
        )
        return
    said = _timedatectl()
    if said is None:
        yield Finding(
            "clock", "warning", "nobody knows whether it is kept by NTP", "apt-get install chrony"
        )
    elif said == "yes":
        yield Finding("clock", "good", "kept by NTP")
    else:
        yield Finding("clock", "warning", "not kept by NTP", "timedatectl set-ntp true")


def _clock_bound(bound_ms: int | None) -> Finding:
    """Say by how much receipts and alerts say that their times may be off."""
    mend = "apt-get install chrony"
    if bound_ms is None:
        found = "nobody keeps it: every time of ours shows with a ? on both desks"
        return Finding("clock bound", "warning", found, mend)
    seconds = bound_ms / 1_000
    if bound_ms > CLOCK_BOUND_MS_MAX:
        found = f"it may be off by {seconds:.1f} s: times show with a ? on both desks"
        return Finding("clock bound", "warning", found, mend)
    return Finding("clock bound", "good", f"off by {seconds:.3f} s at most")


def _timedatectl() -> str | None:
    program = shutil.which("timedatectl")
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603  a fixed program with fixed arguments
            [program, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=TOOL_S_MAX,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def _udp_buffer() -> Iterator[Finding]:
    try:
        most = int(Path("/proc/sys/net/core/rmem_max").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    if most >= UDP_BUFFER_BYTES:
        yield Finding("UDP buffers", "good", f"{most:,} bytes allowed")
        return
    mend = f"sysctl -w net.core.rmem_max={UDP_BUFFER_BYTES} net.core.wmem_max={UDP_BUFFER_BYTES}"
    found = f"{most:,} bytes allowed, {UDP_BUFFER_BYTES:,} wanted; bursts may be lost"
    yield Finding("UDP buffers", "warning", found, mend)


def _interface() -> Iterator[Finding]:
    place = interface_folder()
    if place is None:
        yield Finding("interface", "bad", "not built", "just web")
    else:
        yield Finding("interface", "good", str(place))


def _chromium() -> Iterator[Finding]:
    path = chromium()
    if path is None:
        found = "not installed; needed for drills with a real browser alone"
        command = CHROMIUM_COMMAND if os.geteuid() == 0 else f"sudo {CHROMIUM_COMMAND}"
        yield Finding("Chromium", "warning", found, command)
    else:
        yield Finding("Chromium", "good", path)


def _guarded(
    look: Callable[[Settings], Iterator[Finding]], settings: Settings
) -> Iterator[Finding]:
    """Run one look; whatever it stumbles over is what it found."""
    try:
        yield from look(settings)
    except (OSError, ParleyError, ValueError) as error:
        yield Finding(look.__name__.strip("_"), "bad", str(error), "see docs/operations/README.md")


def _missing(folder: Path) -> bool:
    return not (folder / "parley.toml").is_file()
