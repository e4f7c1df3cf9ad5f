"""Whatever a stranger's bytes are, a reader of them reads or refuses, and raises nothing else.

The readers are found, not listed: every public function of the package called ``read_…``,
``decode…``, ``parse…``, ``judge`` or ``un…`` that needs one thing alone, and that thing bytes, text
or an entry. Each is tried with honest examples of everything, changed at random in their bytes or
in their values. PARLEY_FOREIGN sets how many each is tried with, PARLEY_SEED where they begin.
"""

import functools
import importlib
import inspect
import os
import pkgutil
import random
from collections.abc import Callable, Iterator

import pytest

import parley
from parley.errors import ParleyError
from parley.identity.card import Endpoint, PartyCard, armour, sign_card
from parley.identity.keys import PartyKey
from parley.ids import ActorId, BootId, RoomId
from parley.line.letters import ClockAnswer, Hello, write_letter
from parley.record.cbor import Value, decode_map, encode
from parley.record.entry import Entry, read_entry, write_entry
from parley.record.evidence import EvidenceKind, LogEvidence, write_evidence
from parley.record.kinds import HUMAN_KINDS, Kind
from parley.record.note import read_note
from parley.record.proof import EntryProof
from parley.record.receipts import BodyAgreed, agreement_body
from parley.record.root import RootManifest, sign_manifest
from parley.record.tiles import bundled
from parley.rooms.statement import Opening, sign_opening
from parley.testing.exports import kept
from parley.testing.hostile import TEXTS, any_map, any_value
from parley.testing.records import START, keepers_of

TRIES = int(os.environ.get("PARLEY_FOREIGN", "150"))
SEED = int(os.environ.get("PARLEY_SEED", "1"))
NAMES = ("read_", "decode", "parse", "judge", "un")
KEY = PartyKey(bytes(range(32)))


def readers() -> Iterator[tuple[str, Callable[[object], object], type]]:
    """Yield name, reader and what it reads."""
    for found in pkgutil.walk_packages(parley.__path__, "parley."):
        if found.name.startswith(("parley.testing", "parley.drill", "parley.verify", "parley.web")):
            continue
        if "migrations" in found.name or found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for name, each in vars(module).items():
            if not inspect.isfunction(each) or each.__module__ != module.__name__:
                continue
            if not name.startswith(NAMES) or inspect.iscoroutinefunction(each):
                continue
            takes = [
                given
                for given in inspect.signature(each).parameters.values()
                if given.default is given.empty
            ]
            if len(takes) == 1 and takes[0].annotation in {bytes, str, Entry}:
                yield f"{module.__name__}.{name}", each, takes[0].annotation


READERS = sorted(readers(), key=lambda each: each[0])


@functools.cache
def examples() -> list[bytes]:
    """Return honest bytes of every form that crosses the line or comes in a file."""
    author, other = kept(2)
    keepers = keepers_of("author", "other")
    for keeper in keepers.values():
        keeper.flush(START)
    letters: list[bytes] = []
    for _ in range(6):
        for sender, keeper in keepers.items():
            sent, keeper.sent = keeper.sent, []
            for receiver, body in sent:
                letters.append(body)
                keepers[receiver].receive(sender, body, START)
    note = author.disk.notes[-1]
    path = tuple(author.log.tree.prove_inclusion(1, author.log.tree.size))
    proof = EntryProof(1, path, read_note(note), author.disk.stored[1])
    card = PartyCard(
        public_key=KEY.public,
        name="Saint Orlan Hospital",
        languages=("uz", "zh-Hans"),
        time_zone="Asia/Tashkent",
        endpoints=(Endpoint("main", "192.0.2.1:7400", has_tcp=True),),
        created_at=START,
        expires_at=START.add(hours=24),
    )
    opened = Opening(
        RoomId(b"r" * 16), "Line check", KEY.public, "Ingrid", START, ((KEY.party, "Harbour"),)
    )
    signed = sign_card(card, KEY)
    made = (PartyKey(bytes([number]) * 32) for number in (1, 2, 3))
    holders = sorted(made, key=lambda each: each.public)
    shares = tuple(each.public for each in holders)
    root = RootManifest(party=KEY.party, number=0, log_key=KEY.public, keys=shares)
    return [
        *(*letters, *author.disk.stored[:6], *other.disk.stored[:3], note, proof.encoded()),
        *(bundled(author.disk.stored[:3]), author.policy().encode(), signed, b"", b"\xa0", b"{}"),
        *(armour(signed).encode(), sign_opening(opened, KEY), author.log.origin.text().encode()),
        author.own.signer(author.space).verifier.vkey().encode(),
        write_letter(Hello(BootId(bytes(16)), bytes(32), signed)),
        write_letter(ClockAnswer(7, 1_793_534_400_000)),
        write_evidence(LogEvidence(EvidenceKind.SAME_SIZE, note, note, bytes(32), (bytes(32),))),
        agreement_body(BodyAgreed(b"b" * 32, (author.own.party,))),
        *(root.text().encode(), sign_manifest(root, holders[:2])),
        b'{"issuer":"https://login.example","keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}',
    ]


def changed(draw: random.Random, content: bytes) -> bytes:
    """Return bytes changed at random, in one of the ways that matter to a reader."""
    if draw.random() < 0.5:
        try:
            return encode(_stirred(draw, decode_map(content)))
        except ParleyError:
            pass
    made = bytearray(content)
    for _ in range(draw.randrange(4)):
        at = draw.randrange(len(made) + 1)
        piece = draw.choice((b"", draw.randbytes(draw.randrange(5)), made[at : at + 30] * 2))
        made[at : at + draw.choice((0, 1, len(piece), 30))] = piece
    return bytes(made)


def _stirred(draw: random.Random, fields: dict[int, Value]) -> dict[int, Value]:
    made = dict(fields)
    for _ in range(draw.randrange(1, 4)):
        key = draw.choice((*made, draw.randrange(14)))
        inner = made.get(key)
        match inner:
            case [*items] if items and draw.random() < 0.7:
                items[draw.randrange(len(items))] = any_value(draw, 2)
                made[key] = items
            case bytes() if inner and draw.random() < 0.5:
                made[key] = changed(draw, inner)
            case _ if draw.random() < 0.2:
                made.pop(key, None)
            case _:
                made[key] = any_value(draw, 3)
    return made


def given_to(draw: random.Random, takes: type) -> object:
    """Return something for a reader."""
    content = changed(draw, draw.choice(examples()))
    if takes is bytes:
        return content
    if takes is str:
        return draw.choice((content.decode(errors="replace"), draw.choice(TEXTS)))
    kind = draw.choice((*Kind, 65_535))
    body = encode(any_map(draw, 3)) if draw.random() < 0.7 else content[:60_000]
    author, _ = kept(2)
    actor = ActorId(bytes(16)) if kind in HUMAN_KINDS else None
    entry = Entry(
        space=author.space,
        author=author.own.party,
        kind=int(kind),
        time_ms=START.timestamp(unit="millisecond"),
        actor=actor,
        body=body,
    )
    return read_entry(write_entry(entry))


@pytest.mark.parametrize(("name", "reader", "takes"), READERS, ids=[each[0] for each in READERS])
def test_a_reader_reads_or_refuses(
    name: str, reader: Callable[[object], object], takes: type
) -> None:
    """Nothing that a stranger sends reaches anybody as a fault of ours.

    A reader of text that only we write may say that we made a mistake.
    """
    refusals = (ParleyError, ValueError) if "ValueError:" in str(reader.__doc__) else ParleyError
    for number in range(TRIES):
        draw = random.Random(f"{SEED} {name} {number}")  # noqa: S311  a test's own dice
        given = given_to(draw, takes)
        try:
            reader(given)
        except refusals:
            continue
        except Exception as error:
            raise AssertionError(f"PARLEY_SEED={SEED}, try {number}: {given!r:.300}") from error
