"""The sections of ``parley.toml``: every setting with its kind, default and reason."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from parley.config.calling import (
    BoxSettings,
    EscalationSettings,
    SirenSettings,
    WebhookSettings,
)
from parley.config.kinds import (
    ADDRESS,
    BUCKET,
    BUCKET_SERVICE,
    DATABASE_ADDRESS,
    FILE,
    IP,
    ISSUER,
    LANGUAGE,
    ORIGIN,
    TIME_ZONE,
    Choice,
    Flag,
    ListOf,
    Text,
    Whole,
)
from parley.config.sections_base import Section, Setting, setting


@dataclass(frozen=True)
class PartySettings(Section):
    """Who this node speaks for; goes into the party card."""

    title = "party"
    essay = "Who this node speaks for. All of it goes into the party card that others import."

    name: str = setting(
        Text(1, 80),
        "",
        "The institution's name as the other parties are to see it.",
        optional=False,
    )
    languages: tuple[str, ...] = setting(
        ListOf(LANGUAGE, 1, 8), ("en",), "Languages spoken at the desk, the first one preferred."
    )
    time_zone: str = setting(
        TIME_ZONE, "UTC", "Where the desk's clock on the wall stands, for showing local time."
    )
    key: str = setting(
        FILE, "party.key", "The party's private key. Whoever has this file is the party."
    )
    card_days: int = setting(
        Whole(1, 3660),
        730,
        "Days a party card is valid. More: cards are exchanged less often. Less: a lost key is "
        "refused earlier by those who were not told.",
    )


@dataclass(frozen=True)
class WebSettings(Section):
    """Where people of this party reach the node with a browser."""

    title = "web"
    essay = "Where this party's own people reach the node with a browser."

    listen: str = setting(ADDRESS, "127.0.0.1:7480", "Address and port for browsers.")
    origins: tuple[str, ...] = setting(
        ListOf(ORIGIN, 0, 8),
        (),
        "Origins under which pages may be opened, such as https://parley.example. Empty: the "
        "listening address itself, and localhost on the loopback.",
    )
    proxies: tuple[str, ...] = setting(
        ListOf(IP, 0, 16),
        (),
        "Addresses of reverse proxies in front of this port. Where a request comes from is taken "
        "from X-Forwarded-For if one of these sends it, and from nobody else's: name every proxy, "
        "or all that it lets through counts as one source, and as this machine where it is.",
    )
    certificate: str = setting(
        FILE, "", "TLS certificate chain (PEM). Needed unless listening on the loopback alone."
    )
    key: str = setting(FILE, "", "TLS private key (PEM) for the certificate.")
    sign_in_hours: int = setting(
        Whole(1, 720),
        12,
        "Hours without a request after which a person must sign in again. More: fewer interrupted "
        "watches. Less: an unattended browser is closed earlier.",
    )
    sign_in_hours_max: int = setting(
        Whole(1, 8_760),
        168,
        "Hours after which a person must sign in again, however busy. More: fewer interrupted "
        "watches. Less: a browser somebody walked away with is worth less.",
    )
    step_up_minutes: int = setting(
        Whole(1, 60),
        5,
        "Minutes for which the use of a passkey counts as a step-up. More: fewer touches for "
        "several acts in a row. Less: an unlocked desk left alone can be misused for less long.",
    )
    passkey_needed: bool = setting(
        Flag(),
        default=False,
        meaning="Whether a browser is let into more than adding a passkey only once one was used "
        "in it. True: two factors for everybody, and a link or the provider alone opens nothing. "
        "False: people without a passkey read and speak; what binds wants one all the same.",
    )
    rp_id: str = setting(
        Text(0, 253),
        "",
        "Domain that passkeys are made for (WebAuthn RP id), such as parley.example; the host of "
        "every origin must be it or end in it. Empty: the host of the origins. Passkeys made for "
        "one domain do not work for another: choose it once.",
    )


@dataclass(frozen=True)
class OidcSettings(Section):
    """The party's own provider of sign-ins, if it has one."""

    title = "sign_in.oidc"
    essay = (
        "The party's own provider of sign-ins (OpenID Connect), if it has one. It lets in people "
        "who are here already and whom the operator tied to it (`parley person tie`); it makes "
        "nobody and gives no role, and what binds still needs a passkey. The address to register "
        "with it is the node's own with /sign-in/provider behind it."
    )

    issuer: str = setting(
        ISSUER, "", "Where the provider is, as it says of itself. Empty: nobody signs in by one."
    )
    client_id: str = setting(  # glossary: OpenID Connect names it so
        Text(0, 255), "", "What the provider calls this node."
    )
    client_secret_file: str = setting(  # glossary: OpenID Connect names it so
        FILE,
        "",
        "File with the secret the provider gave, readable by its owner alone. Empty: none, and "
        "the node shows by PKCE alone that it is the one who asked.",
    )
    name: str = setting(
        Text(0, 60), "", "What the sign-in page calls the provider. Empty: the issuer's host."
    )
    authorities: str = setting(
        FILE,
        "",
        "Certificates (PEM) of those who may vouch for the provider's TLS. Empty: those this "
        "machine trusts.",
    )
    clock_skew_s_max: int = setting(
        Whole(0, 300),
        60,
        "Seconds by which the provider's clock may differ. More: a token that was taken counts "
        "for longer. Less: sign-ins fail when a clock is off.",
    )
    login_age_s_max: int = setting(
        Whole(0, 86_400),
        0,
        "Seconds since the provider itself checked the person, beyond which it must do so again. "
        "Less: a browser left open elsewhere lets nobody in here. 0: the provider decides.",
    )


@dataclass(frozen=True)
class PathSettings(Section):
    """One network path of our own to the border."""

    title = "line.path"
    essay = (
        "One network path of our own to the border; repeat the table for a second provider. "
        "Paths pair up with the other party's in the order both cards list them."
    )

    name: str = setting(
        Text(1, 24), "main", "A word for this path, shown on the desk of both parties."
    )
    listen: str = setting(ADDRESS, "0.0.0.0:7400", "Local address and port, UDP and TCP.")
    advertise: str = setting(
        ADDRESS,
        "",
        "Address and port under which the other party reaches this path; goes into the card. "
        "Empty: this node only dials out on this path.",
    )
    carriers: tuple[str, ...] = setting(
        ListOf(Choice("udp", "tcp"), 1, 2),
        ("udp",),
        "How packets travel. Add tcp where UDP may be blocked on the way.",
    )
    floor_kbps: int = setting(
        Whole(16, 1_000_000),
        128,
        "Rate never gone below, whatever loss is seen. More: more speech survives on a bad path, "
        "but a path that is really this narrow is flooded.",
    )
    ceiling_kbps: int = setting(
        Whole(64, 10_000_000),
        20_000,
        "Rate never exceeded: what the operator has paid for. Less leaves room for other traffic.",
    )


@dataclass(frozen=True)
class LineSettings(Section):
    """The border side of the node."""

    title = "line"
    essay = "The border side. Only nodes of confirmed parties are answered here."

    path: tuple[PathSettings, ...] = ()
    clock_skew_s_max: int = setting(
        Whole(1, 86_400),
        30,
        "Seconds by which another party's clock may differ before the desk says so. Less: "
        "deadlines agree better. More: fewer warnings with badly kept clocks.",
    )


@dataclass(frozen=True)
class EdgeSettings(Section):
    """The small process beside the node that answers whether the way to this site is open."""

    title = "edge"
    essay = (
        "The edge responder: a process of its own at this site (`parley edge`), which tells the "
        "other party that the way here is open when the node itself is silent. Without one, a "
        "silence is shown there as path or node."
    )

    advertise: tuple[str, ...] = setting(
        ListOf(ADDRESS, 0, 8),
        (),
        "Addresses and UDP ports under which other parties reach it, one for each path. Empty: "
        "there is none.",
    )
    keys: str = setting(
        FILE,
        "edge.keys",
        "File of the keys it answers under; the node writes it, the edge responder reads it.",
    )


@dataclass(frozen=True)
class MediaSettings(Section):
    """Where browsers send sound and pictures."""

    title = "media"
    essay = "Where this party's browsers send sound and pictures."

    udp: str = setting(ADDRESS, "0.0.0.0:7410", "Address and port for media over UDP.")
    tcp: str = setting(
        ADDRESS, "0.0.0.0:7410", "Address and port for media over TCP, behind strict firewalls."
    )
    advertise: tuple[str, ...] = setting(
        ListOf(IP, 0, 8),
        (),
        "IP addresses under which browsers reach the two ports. Empty: all of this machine's.",
    )


@dataclass(frozen=True)
class RoomSettings(Section):
    """Bounds on rooms."""

    title = "rooms"
    essay = "Bounds on rooms, so that neither our people nor another party can exhaust the node."

    open_max: int = setting(
        Whole(1, 1000), 64, "Rooms open at once. More costs memory in the engine for each."
    )
    absence_s: int = setting(
        Whole(3, 300),
        20,
        "Seconds a participant keeps a place after the page fell silent. More: longer frozen "
        "tiles at the others. Less: a short outage looks like leaving.",
    )


@dataclass(frozen=True)
class StorageSettings(Section):
    """Where the node keeps what it must not lose."""

    title = "storage"
    essay = "Where the node keeps what it must not lose."

    database: str = setting(FILE, "parley.db", "The embedded database, used without an address.")
    address: str = setting(
        DATABASE_ADDRESS,
        "",
        "A PostgreSQL database (14 or newer) instead of the embedded one. One node holds it at a "
        "time; a pooler in between must keep sessions apart.",
    )
    password_file: str = setting(
        FILE,
        "",
        "File with the password for the address, readable by its owner alone. The environment "
        "variable PARLEY_STORAGE_PASSWORD goes before it. Empty: as libpq finds it (a socket's "
        "peer, certificates, ~/.pgpass).",
    )
    blobs: str = setting(
        FILE, "blobs", "Folder for what is too large for an entry; what is in it is encrypted."
    )
    bucket: str = setting(
        BUCKET,
        "",
        "An S3 bucket for blobs instead of the folder. Credentials come from the environment "
        "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).",
    )
    bucket_endpoint: str = setting(
        BUCKET_SERVICE, "", "Address of the S3 service; without one Amazon's own."
    )
    bucket_region: str = setting(Text(0, 40), "", "Region of the bucket.")
    case_keys: str = setting(
        FILE,
        "case-keys",
        "Folder for the keys that blobs are encrypted with. It is in no backup: without it the "
        "blobs of that time stay closed, so that what was erased stays erased.",
    )
    blob_bytes_max: int = setting(
        Whole(1_024, 1 << 40),
        1_073_741_824,
        "Largest file that is taken from another party. More lets it fill the disk with fewer.",
    )
    party_bytes_max: int = setting(
        Whole(1_024, 1 << 50),
        53_687_091_200,
        "All files of one other party together. What is beyond is shown as left there.",
    )
    readers: int = setting(
        Whole(1, 32), 4, "Reads at once. More costs a file handle and cache each."
    )


@dataclass(frozen=True)
class LogSettings(Section):
    """What the node writes to standard error."""

    title = "log"
    essay = "One JSON object a line on standard error. No names or addresses above debug."

    level: str = setting(
        Choice("debug", "info", "warning", "error"),
        "info",
        "Lowest level written. Debug may contain names and is for a test system alone.",
    )


@dataclass(frozen=True)
class LimitSettings(Section):
    """What a browser may ask of the node."""

    title = "limits"
    essay = "What one browser may ask of the node."

    body_bytes: int = setting(
        Whole(1024, 16_777_216), 65_536, "Largest request body. More lets one browser use memory."
    )
    attachment_bytes: int = setting(
        Whole(65_536, 1 << 40),
        1_073_741_824,
        "Largest file a person may attach; it is sealed as it comes and never held whole. The "
        "other side takes what its `blob_bytes_max` allows.",
    )
    request_s: int = setting(
        Whole(1, 120), 10, "Seconds a request may take to arrive. More lets slow ones pile up."
    )
    idle_s: int = setting(
        Whole(1, 600),
        30,
        "Seconds a connection may stay open after an answer without asking again. More saves slow "
        "ways a handshake, less frees its place earlier.",
    )
    strangers: int = setting(
        Whole(16, 10_000),
        512,
        "Connections at once on which nobody is signed in; the oldest that asks nothing goes for a "
        "newcomer. More gives newcomers longer to say who they are under a flood, at about 50 kB "
        "each.",
    )
    strangers_per_source: int = setting(
        Whole(8, 10_000),
        64,
        "Those of one address, or of one network of 64 bits of IPv6. More lets one machine take "
        "more of the places, less hurts people behind one address.",
    )
    requests_per_minute: int = setting(
        Whole(10, 100_000), 600, "Requests a minute and address. A desk at work makes about 30."
    )
    sign_ins_per_minute: int = setting(
        Whole(1, 1000), 20, "Sign-in links tried a minute and address; guards against guessing."
    )
    frame_bytes: int = setting(
        Whole(4096, 1_048_576), 131_072, "Largest WebSocket frame; an offer may take 60,000."
    )
    frames_per_second: int = setting(
        Whole(2, 1000), 30, "WebSocket frames a second, averaged over five. A page sends about 4."
    )
    sockets: int = setting(
        Whole(2, 100_000),
        1_024,
        "Connections at once, WebSockets and others, on which somebody is signed in: places that "
        "no stranger gets. A desk has two or three. Each costs about 50 kB.",
    )


SECTIONS: Final[tuple[type[Section], ...]] = (
    PartySettings,
    WebSettings,
    OidcSettings,
    LineSettings,
    EdgeSettings,
    MediaSettings,
    RoomSettings,
    EscalationSettings,
    StorageSettings,
    LogSettings,
    LimitSettings,
)

NESTED: Final[Mapping[type[Section], Mapping[str, type[Section]]]] = {
    LineSettings: {"path": PathSettings},
    EscalationSettings: {
        "box": BoxSettings,
        "webhook": WebhookSettings,
        "siren": SirenSettings,
    },
}
"""Tables that repeat within a section."""


def declared(section: type[Section]) -> Iterable[tuple[str, object, Setting]]:
    """Yield name, default and description of each setting of ``section``."""
    for field in dataclasses.fields(cast("Any", section)):
        if "setting" in field.metadata:
            yield field.name, field.default, field.metadata["setting"]
