"""What the web layer needs of a node."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from whenever import Instant

from parley.clock import Clock
from parley.config import Settings
from parley.crisis.checks.service import Checks
from parley.crisis.checks.standing import LineStandings
from parley.crisis.conduct.assessments import Assessments
from parley.crisis.conduct.crises import Crises
from parley.crisis.contacts.service import Contacts
from parley.crisis.duty.service import DutyService
from parley.crisis.papers.calls import Calls
from parley.crisis.papers.notifications import Notifications
from parley.crisis.service import Alerts
from parley.identity.cookie import SignInLimits
from parley.identity.passkey import RelyingParty
from parley.line.blobs import BlobExchange
from parley.line.service import Lines
from parley.line.set_aside import SetAside
from parley.record.keeping import Record
from parley.rooms.seats import Seats
from parley.rooms.service import Rooms
from parley.storage import Database
from parley.telemetry import Metrics
from parley.web.desk import Desks
from parley.web.doors import Doors
from parley.web.provider import Provider
from parley.web.rights import RightsChanges
from parley.web.security_log import SecurityLog


@dataclass(frozen=True, slots=True)
class Parts:
    """The services of one node, wired once by ``parley.node``."""

    settings: Settings
    clock: Clock
    database: Database
    blobs: BlobExchange
    lines: Lines
    rooms: Rooms
    doors: Doors
    seats: Seats
    record: Record
    notifications: Notifications
    calls: Calls
    alerts: Alerts
    crises: Crises
    assessments: Assessments
    checks: Checks
    duty: DutyService
    standings: LineStandings
    contacts: Contacts
    set_aside: SetAside
    metrics: Metrics
    desks: Desks
    rights: RightsChanges
    security: SecurityLog
    provider: Provider | None
    """Who else signs our people in, if anybody."""
    started_at: Instant
    origins: frozenset[str]
    """Origins of this node's own pages."""

    @property
    def is_secure(self) -> bool:
        """Whether pages come by https alone."""
        return are_secure(self.origins)

    @property
    def cookie(self) -> str:
        """Name of the sign-in cookie; two nodes on one host do not take each other's.

        ``__Host-`` makes browsers refuse one that another name of the domain laid there.
        """
        prefix = "__Host-" if self.is_secure else ""
        return f"{prefix}parley_{self.lines.book.own.id.text[:8]}"

    @property
    def sign_in_limits(self) -> SignInLimits:
        """How long a sign-in lasts."""
        web = self.settings.web
        return SignInLimits(web.sign_in_hours, web.sign_in_hours_max, web.step_up_minutes)

    @property
    def relying_party(self) -> RelyingParty:
        """Our node as authenticators know it.

        Origins whose host is not the RP id or below it are left out: no browser makes a passkey
        for it there.
        """
        rp_id = self.settings.web.rp_id or rp_id_of(self.origins)
        origins = tuple(
            sorted(origin for origin in self.origins if _is_under(host_of(origin), rp_id))
        )
        return RelyingParty(rp_id, self.lines.book.own.name, origins)


def parts_of(connection: HTTPConnection) -> Parts:
    """Return the services behind a request or WebSocket."""
    parts = connection.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError
    return parts


def host_of(origin: str) -> str:
    """Return an origin's host, without brackets and port."""
    return urlsplit(origin).hostname or ""


def host_header_of(origin: str) -> str:
    """Return an origin's host as the Host header gives it: without the scheme's own port."""
    split = urlsplit(origin)
    default = {"http": ":80", "https": ":443"}.get(split.scheme, "")
    return split.netloc.removesuffix(default)


def are_secure(origins: frozenset[str]) -> bool:
    """Say whether pages come by https alone."""
    return all(origin.startswith("https://") for origin in origins)


def rp_id_of(origins: frozenset[str]) -> str:
    """Return the RP id where the settings name none: the host of an origin that is no address.

    Browsers make no passkeys for IP addresses (WebAuthn §5.1.3); ``localhost`` will do.
    """
    hosts = sorted(host for host in map(host_of, origins) if not _is_address(host))
    return hosts[0] if hosts else "localhost"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_under(host: str, rp_id: str) -> bool:
    return host == rp_id or host.endswith(f".{rp_id}")
