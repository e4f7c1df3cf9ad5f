"""Two NATS servers, a stream on the near one and its mirror on the far one, each write synced."""

from __future__ import annotations

import json
import selectors
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Final

from record_peers.authority import Certified, certify
from record_peers.counting import Tally, due, has_settled
from record_peers.measured import Measured
from record_peers.nats import Link
from record_peers.places import NATS_SERVER
from record_peers.plan import (
    CATCH_UP_S_MAX,
    ENTRY_BYTES,
    ON_THE_WAY_MAX,
    PACE_PER_SECOND,
    QUIET_S,
    Plan,
    texts,
)
from record_peers.sides import PeerFailedError, Side, say, wait_until

_PORT: Final = 4222
_LEAF_PORT: Final = 7422
_STREAM: Final = "ENTRIES"
_SUBJECT: Final = "entries"
_WARM_UP_S: Final = 1.0
#: Published in one go, between two looks at what came back. More makes both sides wait for this
#: program, fewer cost it a system call each.
_AT_ONCE_MAX: Final = 64
_WAIT_S_MAX: Final = 0.05


def measure_jetstream(near: Side, far: Side, plan: Plan, seed: int) -> Measured:
    """Measure both phases between two servers on these sides."""
    with _stream_and_mirror(near, far) as (writer, reader, version):
        bench = _Publisher(writer, reader, texts(seed, ENTRY_BYTES))
        say("jetstream: warming up")
        bench.at_pace(_WARM_UP_S)
        before = _stored(reader)
        say(f"jetstream: {PACE_PER_SECOND:g} a second for {plan.pace_s:g} s")
        paced = bench.at_pace(plan.pace_s)
        say(f"jetstream: as many as go for {plan.load_s:g} s")
        loaded = bench.at_most(plan.load_s)
        after = _stored(reader)
        return Measured(
            version=version,
            paced=paced,
            loaded=loaded,
            load_s=plan.load_s,
            memory_mib=max(near.memory_mib(), far.memory_mib()),
            bytes_each=(after[1] - before[1]) / max(1, after[0] - before[0]),
        )


@contextmanager
def _stream_and_mirror(near: Side, far: Side) -> Iterator[tuple[Link, Link, str]]:
    """Start both servers; yield a link to each, and their version.

    Raises:
        PeerFailedError: something does not start or is refused.
    """
    say("starting a NATS server on each side")
    papers = certify(near.folder, [near.address, far.address])
    with ExitStack() as stack:
        writer, reader = (
            stack.enter_context(_server(side, near, paper))
            for side, paper in zip((near, far), papers, strict=True)
        )
        stream = {"name": _STREAM, "storage": "file", "retention": "limits"}
        told = writer.ask(f"$JS.API.STREAM.CREATE.{_STREAM}", {**stream, "subjects": [_SUBJECT]})
        mirror = {"name": _STREAM, "external": {"api": "$JS.near.API"}}
        _wait_for_leaf(reader)
        reader.ask(f"$JS.API.STREAM.CREATE.{_STREAM}", {**stream, "mirror": mirror})
        consumer = {
            "deliver_subject": f"{reader.inbox}.seen",
            "ack_policy": "none",
            "deliver_policy": "all",
            "mem_storage": True,
        }
        asked = {"stream_name": _STREAM, "config": consumer}
        reader.ask(f"$JS.API.CONSUMER.CREATE.{_STREAM}", asked)
        version = told["config"].get("metadata", {}).get("_nats.ver", "?")
        yield writer, reader, f"NATS {version}, JetStream, sync_interval: always"


@contextmanager
def _server(side: Side, near: Side, papers: Certified) -> Iterator[Link]:
    tls = {
        "cert_file": str(papers.certificate),
        "key_file": str(papers.key),
        "ca_file": str(papers.authority),
    }
    leaf = (
        {"listen": f"{near.address}:{_LEAF_PORT}", "tls": tls}
        if side is near
        else {"remotes": [{"url": f"tls://{near.address}:{_LEAF_PORT}", "tls": tls}]}
    )
    settings = {
        "server_name": side.machine.name,
        "listen": f"127.0.0.1:{_PORT}",
        "jetstream": {
            "domain": side.machine.name,
            "store_dir": str(side.folder / "jetstream"),
            "sync_interval": "always",
        },
        "leafnodes": leaf,
    }
    # NATS reads JSON as its own format.
    file = side.folder / "nats.conf"
    file.write_text(json.dumps(settings))
    process = side.start("nats", str(NATS_SERVER), "-c", str(file))
    wait_until(lambda: _answers(side), side, "nats", process)
    with side.connect(_PORT) as made:
        yield Link(made)


def _answers(side: Side) -> bool:
    with suppress(OSError), side.connect(_PORT, 1.0):
        return True
    return False


def _wait_for_leaf(reader: Link) -> None:
    """Return once the near side's JetStream answers across the wire."""
    for attempt in range(20):
        with suppress(PeerFailedError):
            reader.ask(f"$JS.near.API.STREAM.INFO.{_STREAM}", {})
            return
        time.sleep(0.1 * attempt)
    raise PeerFailedError("the two NATS servers do not find each other")


def _stored(reader: Link) -> tuple[int, int]:
    """Return how many entries the mirror holds, and in how many bytes."""
    state = reader.ask(f"$JS.API.STREAM.INFO.{_STREAM}", {})["state"]
    return state["messages"], state["bytes"]


@dataclass
class _Publisher:
    """Publishes on the near side and reads on the far side, in one thread, without waiting."""

    writer: Link
    reader: Link
    words: Iterator[str]

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._taken = f"{self.writer.inbox}.taken."
        self._last_seen = 0.0

    def at_pace(self, seconds: float) -> Tally:
        """Publish at an even pace, wait for what is under way, and return what was counted."""
        tally = Tally()
        started = time.monotonic()
        for number in range(round(seconds * PACE_PER_SECOND)):
            instant = due(number, started, PACE_PER_SECOND)
            while (left := instant - time.monotonic()) > 0:
                self._turn(tally, left)
            self._give(tally, instant)
        return self._settled(tally)

    def at_most(self, seconds: float) -> Tally:
        """Publish as many as go, with so many on the way, and return what was counted."""
        tally = Tally()
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for _each in range(min(_AT_ONCE_MAX, ON_THE_WAY_MAX - tally.on_the_way)):
                self._give(tally, now)
            self._turn(tally, _WAIT_S_MAX)
        return self._settled(tally)

    def _give(self, tally: Tally, instant: float) -> None:
        number = next(self._numbers)
        tally.given[number] = instant
        payload = f"{number} {next(self.words)}".encode()[:ENTRY_BYTES]
        self.writer.publish(_SUBJECT, payload, f"{self._taken}{number}")

    def _turn(self, tally: Tally, seconds: float) -> None:
        """Wait for either side at most so long, and note what came."""
        with selectors.DefaultSelector() as selector:
            for link in (self.writer, self.reader):
                writing = selectors.EVENT_WRITE if link.wants_to_write else 0
                selector.register(link.socket, selectors.EVENT_READ | writing)
            selector.select(seconds)
        now = time.monotonic()
        for subject, payload in self.writer.turn():
            if "error" in (told := json.loads(payload)):
                raise PeerFailedError(f"an entry was refused: {told['error']}")
            tally.taken[int(subject.removeprefix(self._taken))] = now
        for _subject, payload in self.reader.turn():
            number = int(payload[: payload.index(b" ")])
            if number in tally.given:
                tally.see(number, now)
                self._last_seen = now

    def _settled(self, tally: Tally) -> Tally:
        ended = time.monotonic()
        while not (len(tally.taken) == len(tally.given) and tally.is_complete):
            now = time.monotonic()
            if has_settled(now, ended, self._last_seen, QUIET_S, CATCH_UP_S_MAX):
                break
            self._turn(tally, _WAIT_S_MAX)
        say(f"  {len(tally.taken)} taken, {len(tally.seen)} seen on the far side")
        return tally
