"""Edge responders: ours is told its keys, the other parties' are asked.

The node writes the file of keys that its own edge responder (:mod:`parley.edge`) reads, one key for
each other party, and tells each its key and our addresses on the line (topic 20). What the others
tell is a row, so that a node that starts while the line is down knows whom to ask.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from typing_extensions import override

from parley.clock import Clock, milliseconds
from parley.config import Settings
from parley.config.secret_file import read_secret
from parley.crisis.checks.edge_watch import EdgePlace, EdgeWatch
from parley.crisis.checks.evidence import Silence, SiteProof, silence_now
from parley.crisis.checks.tables import edge as table
from parley.edge import KEY_BYTES, QUESTION_BYTES, derive_key, nonce
from parley.errors import LetterMalformed, ParleyError
from parley.identity.encoding import decode_map, encode
from parley.ids import PartyId
from parley.line.letters import LANE
from parley.line.resolver import Resolver
from parley.line.service import Lines
from parley.storage import Database, insert
from parley.telemetry import log

TOPIC: Final = 20
ADDRESSES_MAX: Final = 8
ADDRESS_CHARACTERS_MAX: Final = 280
LETTER_BYTES_MAX: Final = 4_096
SECRET_FILE: Final = "edge-secret"  # noqa: S105  a name, not a secret
PORT_MAX: Final = 65_535
RESOLVED_MAX: Final = 64
"""Names remembered with their addresses; at the next one all are looked up anew."""
_OWNER_ALONE: Final = 0o600


class EdgeProber(asyncio.DatagramProtocol):
    """Asks the edge responders of other parties. Owned by the event loop's thread."""

    def __init__(
        self,
        *,
        lines: Lines,
        database: Database,
        clock: Clock,
        settings: Settings,
        resolver: Resolver,
    ) -> None:
        """Ask from nobody yet."""
        self._lines = lines
        self._database = database
        self._clock = clock
        self._settings = settings
        self._resolver = resolver
        self._watch = EdgeWatch()
        self._transport: asyncio.DatagramTransport | None = None
        self._resolved: dict[str, tuple[str, int]] = {}
        lines.read_topic(TOPIC, self._on_letter)
        lines.on_agreed(self._tell)

    # ---------------------------------------------------------------------------- what is known

    def site(self, party: PartyId) -> SiteProof:
        """Return what was heard from a party's site, by our clock."""
        now_ms = milliseconds(self._clock.now())
        status = self._lines.status(party)
        age_ms = None if status is None else status.proof_age_ms
        return SiteProof(
            self._watch.answered_ms(party),
            None if age_ms is None else now_ms - age_ms,
            self._watch.is_known(party),
        )

    def silence(self, party: PartyId) -> Silence | None:
        """Return what of a party is silent while its line is cut, None while that is asked."""
        return silence_now(self.site(party), milliseconds(self._clock.now()))

    # ------------------------------------------------------------------------------- the shell

    async def start(self) -> None:
        """Read whom to ask, and write what our own edge responder reads."""
        for row in await self._database.read(lambda c: c.execute(sa.select(table)).all()):
            self._place(row.party, json.loads(row.addresses), bytes(row.secret))
        self._write_keys()

    async def tick(self) -> None:
        """Ask whoever is due; called once a second."""
        now_ms = milliseconds(self._clock.now())
        questions = self._watch.questions(now_ms, _nonces())
        for address, question in questions:
            where = await self._where(address)
            if where is None:
                continue
            try:
                transport = await self._open()
                transport.sendto(question, where)
            except OSError as error:
                log.debug("edge not asked", why=str(error))

    def stop(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take an answer; whatever else comes is passed over."""
        del addr
        if len(data) <= QUESTION_BYTES:
            self._watch.take(data, milliseconds(self._clock.now()))

    @override
    def error_received(self, exc: Exception) -> None:
        """Pass over that nobody listens there: silence is what is measured."""

    # --------------------------------------------------------------------------------- letters

    async def _tell(self, party: PartyId) -> None:
        """Tell a party where our edge responder is, and with which key to ask it."""
        addresses = list(self._settings.edge.advertise)
        if not addresses:
            return
        self._write_keys()
        key = derive_key(self._secret(), bytes(party))
        try:
            self._lines.send(party, LANE, TOPIC, encode({0: 1, 1: [*addresses], 2: key}))
        except ParleyError as error:
            log.warning("edge not told", party=party.text, code=error.code)

    async def _on_letter(self, party: PartyId, body: bytes) -> None:
        match decode_map(body, LETTER_BYTES_MAX):
            case {0: 1, 1: list(addresses), 2: bytes(key)} if len(key) == KEY_BYTES:
                pass
            case _:
                raise LetterMalformed(topic=TOPIC)
        texts = [each for each in addresses if isinstance(each, str) and _is_address(each)]
        if len(texts) != len(addresses) or len(texts) > ADDRESSES_MAX:
            raise LetterMalformed(topic=TOPIC)
        self._place(party, texts, key)
        row = {
            "addresses": json.dumps(texts),
            "secret": key,
            "told_at": self._clock.now(),
        }

        def write(connection: sa.Connection) -> None:
            made = insert(connection, table).values(party=party, **row)
            connection.execute(made.on_conflict_do_update(index_elements=["party"], set_=row))

        await self._database.write(write)

    def _place(self, party: PartyId, addresses: list[str], key: bytes) -> None:
        self._watch.place(party, EdgePlace(tuple(addresses), key))

    # --------------------------------------------------------------------------------- details

    async def _open(self) -> asyncio.DatagramTransport:
        if self._transport is None or self._transport.is_closing():
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: self,
                local_addr=("0.0.0.0", 0),  # noqa: S104  asks wherever they are
            )
        return self._transport

    async def _where(self, address: str) -> tuple[str, int] | None:
        found = self._resolved.get(address)
        if found is None:
            resolved = await self._resolver.resolve(address)
            if resolved is None:
                return None
            host, _, port = resolved.rpartition(":")
            found = (host.strip("[]"), int(port))
            if len(self._resolved) >= RESOLVED_MAX:
                self._resolved.clear()
            self._resolved[address] = found
        return found

    def _secret(self) -> bytes:
        path = self._settings.path(SECRET_FILE)
        if not path.exists():
            _write(path, secrets.token_hex(KEY_BYTES))
        return bytes.fromhex(read_secret(path))

    def _write_keys(self) -> None:
        """Write the keys that our edge responder answers under; only where it is in use."""
        if not self._settings.edge.advertise:
            return
        secret = self._secret()
        keys = [derive_key(secret, bytes(party)).hex() for party in sorted(self._lines.agreed())]
        path = self._settings.path(self._settings.edge.keys)
        text = "".join(f"{key}\n" for key in keys)
        if not path.exists() or path.read_text("ascii") != text:
            _write(path, text)


def _write(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    beside = path.with_name(f"{path.name}.new")
    beside.touch(_OWNER_ALONE)
    beside.write_text(text, "ascii")
    beside.replace(path)


def _nonces() -> Iterator[bytes]:
    while True:
        yield nonce()


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    is_short = len(host) > 0 and len(text) <= ADDRESS_CHARACTERS_MAX
    return is_short and port.isdecimal() and 0 < int(port) <= PORT_MAX
