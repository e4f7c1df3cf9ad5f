"""What a person does at a terminal about crises and call requests.

What is signed is looked at first, like an alert: title or fact, whose crisis, the exercise mark.
What is written in a browser alone is the assessment; calls are held there too.
"""

import hashlib
from base64 import b32decode
from collections.abc import Mapping
from typing import Any, Final

from whenever import Instant

from parley.clock import milliseconds
from parley.terminal.acts import Acts
from parley.terminal.proposal import CALL_TIMES, INTERPRETERS, MODES, Expected, SignedKind
from parley.verify import party_text

Json = dict[str, Any]
ID_CHARACTERS: Final = 32
"""Base32 is decoded in whole groups; an id has 26 characters of it."""


class CrisisActs:
    """One person's acts about crises and call requests."""

    def __init__(self, acts: Acts) -> None:
        """Act as somebody who is signed in."""
        self._acts = acts

    async def say(self, crisis: str, statement: Mapping[str, object]) -> Json:
        """Claim, ask or offer something."""
        return await self._acts.stepped(f"/api/crises/{crisis}/statements", statement)

    async def reply(self, crisis: str, statement: str, kind: str, words: str | None) -> Json:
        """Take their request or offer up, or decline it."""
        said = {"kind": kind} if words is None else {"kind": kind, "words": words}
        return await self._acts.stepped(f"/api/crises/{crisis}/statements/{statement}/reply", said)

    async def open(self, content: Mapping[str, Any], own: str) -> Json:
        """Open a crisis with a party, or our side of one, signed.

        Args:
            content: ``party`` or ``crisis``, then as the node takes it.
            own: id of our party.
        """
        said = {name: each for name, each in content.items() if name != "party"}
        if "party" in content:
            said["space"] = space_of(own, str(content["party"]))
        crisis = content.get("crisis")
        expected = Expected(
            SignedKind.CRISIS_OPENING,
            None if crisis is None else bytes.fromhex(str(crisis)),
            texts=tuple((each["language"], each["text"]) for each in content["title"]),
            is_exercise=bool(content["is_exercise"]),
            space=said.get("space"),
        )
        return await self._acts.signed("/api/crises/open", said, expected)

    async def close(self, crisis: str, words: str | None) -> Json:
        """Close our side, signed."""
        expected = Expected(SignedKind.CRISIS_CLOSING, bytes.fromhex(crisis), words=words)
        said = {} if words is None else {"words": words}
        return await self._acts.signed(f"/api/crises/{crisis}/close", said, expected)

    async def propose_fact(self, crisis: str, language: str, text: str) -> Json:
        """Sign a fact that the other party may sign too."""
        expected = Expected(
            SignedKind.CRISIS_FACT, bytes.fromhex(crisis), texts=((language, text),)
        )
        said = {"texts": [{"language": language, "text": text}]}
        return await self._acts.signed(f"/api/crises/{crisis}/facts", said, expected)

    async def sign_fact(self, crisis: str, fact: str) -> Json:
        """Sign the very bytes of a fact that the other party has signed."""
        expected = Expected(SignedKind.CRISIS_FACT, bytes.fromhex(crisis), body=bytes.fromhex(fact))
        return await self._acts.signed(f"/api/crises/{crisis}/facts", {"same_as": fact}, expected)

    async def ask_call(self, content: Mapping[str, Any], own: str) -> Json:
        """Ask for a call between officials, signed.

        Args:
            content: ``party``, then as the node takes it.
            own: id of our party.
        """
        said = {
            name: each for name, each in content.items() if name != "party" and each is not None
        }
        said["space"] = space_of(own, str(content["party"]))
        expected = Expected(
            SignedKind.CALL_REQUEST,
            call=(
                *(content[name] for name in ("who_asks", "who_is_asked", "level", "subject")),
                *(_milliseconds(content[name]) for name in ("earliest", "latest")),
                MODES.index(content["mode"]),
                tuple(content["languages"]),
                INTERPRETERS.index(content["interpreter"]),
                content["answer_hours"],
                content["is_exercise"],
            ),
            space=str(said["space"]),
        )
        return await self._acts.signed("/api/call-requests", said, expected)

    async def answer_call(self, call: str, answer: str, **said: str | None) -> Json:
        """Answer a call request, or the last offer about it, or say until when we decide, signed.

        Args:
            call: hash of the request.
            answer: accept, other_time, other_level, decline or deciding.
            said: ``earliest`` of a call that is accepted; ``earliest`` and ``latest`` of another
                time; ``level``; ``until`` of one that is being decided about; a ``reason``.
        """
        content = {name: each for name, each in said.items() if each}
        expected = Expected(
            SignedKind.CALL_ANSWER,
            bytes.fromhex(call),
            answer=answer,
            words=content.get("reason"),
            times_ms=tuple(_maybe_milliseconds(content.get(name)) for name in CALL_TIMES),
            level=content.get("level"),
        )
        path = f"/api/call-requests/{call}/answers"
        return await self._acts.signed(path, {"answer": answer, **content}, expected)


def space_of(own: str, other: str) -> str:
    """Return the id of the record of a line, from its two parties' ids (``protocol/record.md``)."""
    both = b"".join(sorted(_id(each) for each in (own, other)))
    return party_text(hashlib.sha256(b"parley space\0" + both).digest()[:16])


def _milliseconds(at: str) -> int:
    return milliseconds(Instant.parse_iso(at))


def _maybe_milliseconds(at: str | None) -> int | None:
    return None if at is None else _milliseconds(at)


def _id(text: str) -> bytes:
    return b32decode(text.upper().ljust(ID_CHARACTERS, "="))
