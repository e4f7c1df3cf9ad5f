"""What a person does at a terminal about formatted notifications.

A form is a file that the person wrote or a program made. What is signed is looked at first: type,
number, every field of the form as it stands in the entry, the exercise mark.
"""

from collections.abc import Mapping
from typing import Any

from parley.errors import DraftUnknown, NotificationTypeUnusable, NotificationUnknown
from parley.terminal.acts import Acts, beginning_with
from parley.terminal.crisis_acts import space_of
from parley.terminal.proposal import Expected, SignedKind

Json = dict[str, Any]


class NotificationActs:
    """One person's acts about notifications."""

    def __init__(self, acts: Acts) -> None:
        """Act as somebody who is signed in."""
        self._acts = acts

    async def drafts(self) -> list[Json]:
        """Return what is being written, each with what is wrong about it now."""
        return await self._acts.listed("/api/notifications/drafts", "drafts")

    async def notifications(self) -> list[Json]:
        """Return the newest notifications of both sides, the newest first."""
        return await self._acts.listed("/api/notifications?limit=200", "notifications")

    async def find_draft(self, beginning: str) -> Json:
        """Return the one draft whose id begins so.

        Raises:
            DraftUnknown: none does, or several do.
        """
        found = beginning_with(await self.drafts(), "id", beginning)
        if found is None:
            raise DraftUnknown
        return found

    async def find(self, beginning: str) -> Json:
        """Return the one notification whose hash begins so.

        Raises:
            NotificationUnknown: none does, or several do.
        """
        found = beginning_with(await self.notifications(), "hash", beginning)
        if found is None:
            raise NotificationUnknown
        return found

    async def draft(
        self,
        party: str,
        kind: str,
        form: Mapping[str, Any],
        corrects: str | None,
        *,
        is_exercise: bool,
    ) -> Json:
        """Begin a notification to a party.

        Args:
            party: id of the other party.
            kind: the type's id, or enough of its hash's beginning.
            form: what it says.
            corrects: hash of the one in whose place it stands.
            is_exercise: whether it is one.

        Raises:
            NotificationTypeUnusable: both have agreed to no such type, or to several.
        """
        space = space_of((await self._acts.who())["party"]["id"], party)
        content = {
            "space": space,
            "type_hash": await self._type_of(space, kind),
            "form": dict(form),
            "is_exercise": is_exercise,
            **({} if corrects is None else {"corrects": corrects}),
        }
        return await self._acts.asked("/api/notifications/drafts", content)

    async def check(self, draft: str) -> Json:
        """Hold a draft against its type; findings say what is to be mended."""
        return await self._acts.asked(f"/api/notifications/drafts/{draft}/check", {})

    async def verify(self, draft: str) -> Json:
        """Vouch for a draft of another person."""
        return await self._acts.stepped(f"/api/notifications/drafts/{draft}/verify", {})

    async def discard(self, draft: str) -> None:
        """Throw a draft away."""
        await self._acts.node.post(f"/api/notifications/drafts/{draft}/discard", {})

    async def send(self, draft: Json) -> Json:
        """Send a verified draft, signed."""
        corrects = draft["corrects"]
        expected = Expected(
            SignedKind.NOTIFICATION,
            None if corrects is None else bytes.fromhex(corrects),
            is_exercise=draft["is_exercise"],
            space=draft["space"],
            type_hash=bytes.fromhex(draft["type_hash"]),
            form=draft["form"],
        )
        path = f"/api/notifications/drafts/{draft['id']}/send"
        return await self._acts.signed(path, {}, expected)

    async def query(self, notification: str, words: str) -> Json:
        """Ask about a notification of the other party."""
        said = {"words": words}
        return await self._acts.stepped(f"/api/notifications/{notification}/queries", said)

    async def clarify(self, notification: str, query: str, words: str) -> Json:
        """Answer what the other party asked about ours, signed."""
        expected = Expected(
            SignedKind.CLARIFICATION,
            bytes.fromhex(notification),
            words=words,
            query=bytes.fromhex(query),
        )
        path = f"/api/notifications/{notification}/queries/{query}/clarification"
        return await self._acts.signed(path, {"words": words}, expected)

    async def cancel(self, notification: str, words: str) -> Json:
        """Say, signed, that a notification of ours does not stand any more."""
        return await self._end(notification, "cancel", SignedKind.CANCELLATION, words)

    async def close(self, notification: str, words: str) -> Json:
        """Say, signed, that a notification of ours has run its course."""
        return await self._end(notification, "close", SignedKind.CONCLUSION, words)

    async def _end(self, notification: str, how: str, kind: SignedKind, words: str) -> Json:
        expected = Expected(kind, bytes.fromhex(notification), words=words)
        path = f"/api/notifications/{notification}/{how}"
        return await self._acts.signed(path, {"words": words}, expected)

    async def _type_of(self, space: str, kind: str) -> str:
        types = await self._acts.listed(f"/api/notification-types?space={space}", "types")
        usable = [each for each in types if each["is_usable"]]
        named = [each for each in usable if each["id"] == kind]
        found = named[-1] if named else beginning_with(usable, "hash", kind)
        if found is None:
            raise NotificationTypeUnusable
        return str(found["hash"])
