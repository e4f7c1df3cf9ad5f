"""What a person does at a terminal: signing in, drafts, and what binds, with their key.

Whatever changes something comes from here, for the desk and for the commands alike. What needs no
signature over an entry but a key used a moment ago (a step-up) is tried first, and the key is used
when the node asks for it.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from parley.errors import (
    AlertUnknown,
    DraftUnknown,
    NodeMalformed,
    SignInCopied,
    SignInNeeded,
    StepUpNeeded,
)
from parley.terminal.key_file import KeyAlgorithm
from parley.terminal.key_store import TerminalFolder
from parley.terminal.keys import PersonKey, enrol_file
from parley.terminal.node import OwnNode
from parley.terminal.proposal import Expected, Proposal, SignedKind, read_proposal

Json = dict[str, Any]


def local_offset_minutes() -> int:
    """Return how far the local time of this machine is from UTC."""
    return time.localtime().tm_gmtoff // 60


class KeyPurpose(StrEnum):
    """What a key is used for where no entry is signed."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    """To show that the person is still the one at the terminal."""


class PersonAsked(Protocol):
    """How the person is asked."""

    async def to_sign(self, proposal: Proposal) -> str:
        """Show what is to be signed; return the PIN of a person who wants that.

        Raises:
            SigningDeclined: they do not.
        """

    async def to_use(self, purpose: KeyPurpose) -> str:
        """Return the PIN for another use of the key; raises like :meth:`to_sign`."""


class Acts:
    """One person at one terminal."""

    def __init__(self, node: OwnNode, key: PersonKey, consent: PersonAsked) -> None:
        """Act through a node, with a key, after asking."""
        self.node = node
        self._key = key
        self._consent = consent

    async def sign_in(self) -> Json:
        """Sign in with the key; return who that is."""
        options = _options(await self.node.post("/api/sign-in/passkey/begin"))
        pin = await self._consent.to_use(KeyPurpose.SIGN_IN)
        await self._finish("/api/sign-in/passkey/finish", options, pin)
        return await self.who()

    async def signed_in(self) -> Json:
        """Return who is signed in, who signs in if nobody is."""
        try:
            return await self.who()
        except (SignInNeeded, SignInCopied):
            return await self.sign_in()

    async def who(self) -> Json:
        """Return who is signed in.

        Raises:
            SignInNeeded, SignInCopied: nobody is.
        """
        return _map(await self.node.get("/api/self"))

    # ------------------------------------------------------------------------------------ reading

    async def alerts(self, *, is_open_only: bool = False, limit: int = 50) -> list[Json]:
        """Return alerts, the newest first."""
        asked = f"/api/alerts?open={str(is_open_only).lower()}&limit={limit}"
        return await self.listed(asked, "alerts")

    async def drafts(self) -> list[Json]:
        """Return what is being written."""
        return await self.listed("/api/alerts/drafts", "drafts")

    async def find_alert(self, beginning: str) -> Json:
        """Return the one alert whose hash begins so.

        Raises:
            AlertUnknown: none does, or several do.
        """
        found = beginning_with(await self.alerts(limit=200), "hash", beginning)
        if found is None:
            raise AlertUnknown
        return found

    async def find_draft(self, beginning: str) -> Json:
        """Return the one draft whose id begins so.

        Raises:
            DraftUnknown: none does, or several do.
        """
        found = beginning_with(await self.drafts(), "id", beginning)
        if found is None:
            raise DraftUnknown
        return found

    # ------------------------------------------------------------------------------------ writing

    async def draft(self, content: Mapping[str, object]) -> Json:
        """Begin an alert."""
        return _map(await self.node.post("/api/alerts/drafts", dict(content)))

    async def discard(self, draft: str) -> Json:
        """Throw a draft away."""
        return _map(await self.node.delete(f"/api/alerts/drafts/{draft}"))

    async def verify(self, draft: str) -> Json:
        """Vouch for a draft of another person."""
        return await self.stepped(f"/api/alerts/drafts/{draft}/verify", {})

    async def release(self, draft: Json) -> list[Json]:
        """Release a draft to each of its parties, with a signature for each."""
        released = []
        for party in draft["recipients"]:
            expected = Expected(
                SignedKind.ALERT,
                texts=tuple((each["language"], each["text"]) for each in draft["texts"]),
                precedence=draft["precedence"],
                is_exercise=draft["is_exercise"],
                party=party,
            )
            path = f"/api/alerts/drafts/{draft['id']}/release/{party}"
            released.append(await self.signed(path, {}, expected))
        return released

    async def acknowledge(self, alert: str, language: str) -> Json:
        """Say, signed, that an alert was read."""
        expected = Expected(SignedKind.ACKNOWLEDGEMENT, bytes.fromhex(alert))
        path = f"/api/alerts/{alert}/acknowledge"
        said = {"language": language, "offset_minutes": local_offset_minutes()}
        return await self.signed(path, said, expected)

    async def answer(self, alert: str, kind: str, **said: str | None) -> Json:
        """Answer for the party, signed."""
        content = {"kind": kind, **{name: each for name, each in said.items() if each}}
        expected = Expected(
            SignedKind.ANSWER, bytes.fromhex(alert), answer=kind, words=content.get("words")
        )
        return await self.signed(f"/api/alerts/{alert}/answer", content, expected)

    async def hold(self, alert: str, kind: str = "hold", **said: str | None) -> Json:
        """Answer that it is still being decided, or that it is not our matter."""
        content = {"kind": kind, **{name: each for name, each in said.items() if each}}
        return await self.stepped(f"/api/alerts/{alert}/hold", content)

    async def withdraw(self, alert: str, words: str | None = None) -> Json:
        """Take an alert of ours back, signed."""
        expected = Expected(SignedKind.WITHDRAWAL, bytes.fromhex(alert), words=words)
        content = {} if words is None else {"words": words}
        return await self.signed(f"/api/alerts/{alert}/withdraw", content, expected)

    async def paraphrase(self, alert: str, language: str, text: str) -> Json:
        """Say, signed, how an alert of the other party was understood."""
        expected = Expected(SignedKind.PARAPHRASE, bytes.fromhex(alert), texts=((language, text),))
        said = {"language": language, "text": text}
        return await self.signed(f"/api/alerts/{alert}/paraphrases", said, expected)

    async def judge(self, alert: str, paraphrase: str, meant: tuple[str, str] | None) -> Json:
        """Confirm, signed, how an alert of ours was understood, or say what was meant.

        Args:
            alert: hash of the alert.
            paraphrase: hash of the very paraphrase that was read.
            meant: language and text of what was meant, None to confirm.
        """
        expected = Expected(
            SignedKind.PARAPHRASE_WORD,
            bytes.fromhex(alert),
            texts=() if meant is None else (meant,),
            paraphrase=bytes.fromhex(paraphrase),
        )
        said = None if meant is None else {"language": meant[0], "text": meant[1]}
        path = f"/api/alerts/{alert}/paraphrases/{paraphrase}/word"
        return await self.signed(path, {"correction": said}, expected)

    async def close(self, alert: str, words: str | None = None) -> Json:
        """Say that nothing more is to be done."""
        content = {} if words is None else {"words": words}
        return await self.stepped(f"/api/alerts/{alert}/close", content)

    async def present(self, alert: str, desk: str, *, has_sound: bool) -> Json:
        """Say that this desk shows an alert, and whether it is known to be heard."""
        path = f"/api/alerts/{alert}/presented"
        return _map(await self.node.post(path, {"desk": desk, "has_sound": has_sound}))

    # ------------------------------------------------------------------------------------ the duty

    async def handover(self) -> Json:
        """Return what is open now: what whoever takes a duty takes with it."""
        return _map(await self.node.get("/api/handover"))

    async def pass_duty(self, office: str, person: str | None) -> Json:
        """Take a duty (``person`` is oneself), offer one's own to another, or lay it down."""
        return await self.stepped(f"/api/offices/{office}/duty", {"person": person})

    # -------------------------------------------------------------------- for what else is acted on

    async def listed(self, path: str, name: str) -> list[Json]:
        """Return a list that the node tells under a name."""
        return _maps(_map(await self.node.get(path)).get(name))

    async def asked(self, path: str, content: Mapping[str, object]) -> Json:
        """Ask for something that a sign-in is enough for."""
        return _map(await self.node.post(path, dict(content)))

    # ---------------------------------------------------------------------------- what binds, each

    async def signed(self, path: str, content: Mapping[str, object], expected: Expected) -> Json:
        """Have the node make an entry, look whether it is what was asked for, and sign it."""
        begun = _map(await self.node.post(f"{path}/begin", dict(content)))
        proposal = read_proposal(begun, expected)
        pin = await self._consent.to_sign(proposal)
        return _map(await self._finish(path, _options(begun), pin))

    async def stepped(self, path: str, content: Mapping[str, object]) -> Json:
        """Ask for what needs a key used a moment ago; use the key when the node asks for it."""
        return await self._stepped(lambda: self.node.post(path, dict(content)))

    async def put(self, path: str, content: Mapping[str, object]) -> Json:
        """Have something kept in the place of what was there; like :meth:`stepped`."""
        return await self._stepped(lambda: self.node.put(path, dict(content)))

    async def revoke(self, device: str) -> None:
        """Let a browser or a key of one's own count for nothing; like :meth:`stepped`."""
        await self._again(lambda: self.node.delete(f"/api/devices/{device}"))

    async def _stepped(self, asks: Callable[[], Awaitable[object]]) -> Json:
        return _map(await self._again(asks))

    async def _again(self, asks: Callable[[], Awaitable[object]]) -> object:
        try:
            return await asks()
        except StepUpNeeded:
            options = _options(await self.node.post("/api/step-up/begin"))
            pin = await self._consent.to_use(KeyPurpose.STEP_UP)
            await self._finish("/api/step-up/finish", options, pin)
        return await asks()

    async def _finish(self, path: str, options: Json, pin: str) -> object:
        used = await self._key.answer(options, self.node.origin, pin)
        answered: object = await self.node.post(path, {"credential": used})
        return answered


async def enrol(
    node: OwnNode,
    folder: TerminalFolder,
    pin: str,
    name: str,
    algorithm: KeyAlgorithm,
    *,
    is_duress: bool = False,
) -> Json:
    """Make a key file and have it enrolled for whoever is signed in; return their devices.

    Args:
        node: the person's node.
        folder: where the file is kept.
        pin: what it is sealed under.
        name: what the person calls it.
        algorithm: what it signs with.
        is_duress: whether they keep it for when they are forced.

    Raises:
        KeyExists: a key file is there already.
        ParleyError: the node did not take it; then no file is left.
    """
    options = _options(await node.post("/api/passkeys/begin"))
    made = await enrol_file(folder, options, node.origin, pin, algorithm)
    given = {"credential": made, "name": name, "is_duress": is_duress}
    return await _enrolled(node, given, folder.remove_key)


async def enrol_with(
    node: OwnNode,
    create: Callable[[Json], Awaitable[Json]],
    name: str,
    *,
    is_duress: bool = False,
) -> Json:
    """Enrol a key that something else makes, for whoever is signed in; return their devices."""
    options = _options(await node.post("/api/passkeys/begin"))
    given = {"credential": await create(options), "name": name, "is_duress": is_duress}
    return await _enrolled(node, given, lambda: None)


async def _enrolled(node: OwnNode, given: Json, undo: Callable[[], None]) -> Json:
    try:
        return _map(await node.post("/api/passkeys/finish", given))
    except BaseException:
        undo()
        raise


def _options(answer: object) -> Json:
    return _map(_map(answer).get("options"))


def _map(value: object) -> Json:
    if not isinstance(value, dict):
        raise NodeMalformed
    return value


def _maps(value: object) -> list[Json]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise NodeMalformed
    return [_map(each) for each in value]


def beginning_with(listed: Sequence[Json], name: str, beginning: str) -> Json | None:
    """Return the one of a list whose hash or id begins so, None if none does or several do."""
    found = [each for each in listed if str(each.get(name, "")).startswith(beginning.lower())]
    return found[0] if beginning and len(found) == 1 else None
