"""Write protocol/vectors/pairing: cards and words that every implementation must read alike.

    python3 tools/pairing_vectors.py

The seeds are public and must never be a real party's.
"""

import json
from pathlib import Path
from typing import Any

from whenever import Instant

from parley.identity.card import Endpoint, PartyCard, armour, sign_card
from parley.identity.encoding import decode_map, encode
from parley.identity.fingerprint import LANGUAGES, fingerprint, words
from parley.identity.keys import PartyKey

FOLDER = Path(__file__).parents[1] / "protocol" / "vectors" / "pairing"
NEAR, FAR = PartyKey(bytes(range(32))), PartyKey(bytes(range(32, 64)))
CREATED = Instant.from_utc(2026, 11, 1)


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("cards.json", {"accepted": accepted(), "refused": refused()})
    write("fingerprints.json", [fingerprints(NEAR, FAR), fingerprints(FAR, NEAR)])


def accepted() -> list[dict[str, Any]]:
    """Return cards that hold."""
    return [
        described(
            NEAR,
            "Velmar Crisis Centre",
            ("en", "ru"),
            (Endpoint("main", "192.0.2.1:7400", has_tcp=False),),
        ),
        described(
            FAR,
            "奥兰医院",
            ("uz", "zh-Hans"),
            (
                Endpoint("fibre", "line.orlan.example:7400", has_tcp=True),
                Endpoint("spare", "", has_tcp=False),
            ),
        ),
    ]


def refused() -> list[dict[str, str]]:
    """Return bytes that are no card, and why."""
    signed = sign_card(card(NEAR, "Velmar", ("en",), (Endpoint("main", "", has_tcp=False),)), NEAR)
    fields = dict(decode_map(signed, 9_000))
    changed = encode({**fields, 2: "Velmar Two"})
    other = encode({**fields, 8: FAR.sign("card", b"")})
    longer = signed[:1] + b"\x18\x00" + signed[2:]
    reasons = {
        "card.signature_wrong": [changed, other],
        "card.malformed": [b"", signed[:-1], signed + b"\0", longer, encode({**fields, 9: 0})],
    }
    return [
        {"card": content.hex(), "code": code}
        for code, contents in reasons.items()
        for content in contents
    ]


def described(
    key: PartyKey, name: str, languages: tuple[str, ...], endpoints: tuple[Endpoint, ...]
) -> dict[str, Any]:
    """Return a card with what it says."""
    made = card(key, name, languages, endpoints)
    signed = sign_card(made, key)
    return {
        "seed": key.engine_seed().hex(),
        "public_key": key.public.hex(),
        "party": key.party.text,
        "name": name,
        "languages": languages,
        "time_zone": made.time_zone,
        "paths": [[path.name, path.address, path.has_tcp] for path in endpoints],
        "created": made.created_at.format_iso(),
        "expires": made.expires_at.format_iso(),
        "card": signed.hex(),
        "text": armour(signed),
    }


def card(
    key: PartyKey, name: str, languages: tuple[str, ...], endpoints: tuple[Endpoint, ...]
) -> PartyCard:
    """Return a card of the vectors."""
    expires = CREATED.add(hours=24 * 730)
    return PartyCard(key.public, name, languages, "Asia/Tashkent", endpoints, CREATED, expires)


def fingerprints(first: PartyKey, second: PartyKey) -> dict[str, Any]:
    """Return the words of two keys in every language."""
    numbers = fingerprint(first.public, second.public)
    said = {language: words(numbers, language) for language in LANGUAGES}
    return {"keys": [first.public.hex(), second.public.hex()], "numbers": numbers, "words": said}


def write(name: str, content: object) -> None:
    """Write one file."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
