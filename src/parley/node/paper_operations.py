"""What an operator may ask of notifications and call requests, of a running node."""

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from parley.config import Settings
from parley.crisis.notifications.check import check_form
from parley.crisis.notifications.definition import read_type
from parley.crisis.notifications.form import read_form
from parley.crisis.notifications.starter import starter_type
from parley.crisis.papers import repository
from parley.crisis.papers.calls import Calls
from parley.crisis.papers.notification_view import finding_view
from parley.crisis.papers.notifications import Notifications
from parley.errors import NotificationUnknown, RequestMalformed
from parley.identity.permission import Act
from parley.ids import SpaceId
from parley.storage import Database

Json = dict[str, Any]
HASH_CHARACTERS: Final = 64


class PaperOperations:
    """The operator's side of the desk's papers; part of ``parley.node.operations.Operations``.

    An operator reads, checks and exports. Nothing here speaks for the party.
    """

    _database: Database
    _settings: Settings

    async def notification_list(self, space: str | None = None, limit: int = 50) -> Json:
        """Return notifications, numbers that are wrong, and reminders."""
        found = self.running_notifications()
        wanted = None if space is None else await self.find_space(space)
        return {
            "notifications": _plain(await found.notifications(wanted, limit)),
            "faults": _plain(await found.numbers()),
            "reminders": _plain(await found.reminders()),
            "names": self.party_names(),
        }

    async def notification_show(self, notification: str) -> Json:
        """Return one notification, by its hash or enough of its beginning."""
        found = self.running_notifications()
        shown = await found.notification(await self._notification(notification))
        return {"notification": _plain(shown)}

    async def notification_types(self, space: str) -> Json:
        """Return the types that were proposed for a line, and who agreed to them."""
        types = await self.running_notifications().types(await self.find_space(space))
        return {"types": _plain(types), "names": self.party_names()}

    async def notification_check(self, form: str, starter: str) -> Json:
        """Hold a form against a starter type; return what is wrong with it."""
        kind = read_type(starter_type(starter))
        findings = check_form(kind, read_form(form.encode("utf-8", "surrogatepass")))
        return {"type": starter, "findings": _plain(tuple(map(finding_view, findings)))}

    async def notification_export(self, notification: str, language: str) -> Json:
        """Return a notification as CAP 1.2."""
        digest = await self._notification(notification)
        exported = await self.running_notifications().cap(digest, language)
        return {"cap": exported.decode()}

    async def notification_paper(self, notification: str, language: str) -> Json:
        """Return a notification as signed PDF/A, in base64."""
        digest = await self._notification(notification)
        made = await self.running_notifications().paper(digest, language)
        return {"pdf": base64.b64encode(made).decode("ascii")}

    async def notification_rebuild(self) -> Json:
        """Make the rows of notifications and call requests anew from the record."""
        return {"entries": await self._database.write(repository.rebuild)}

    async def call_request_list(self, space: str | None = None, limit: int = 50) -> Json:
        """Return call requests, the newest first."""
        wanted = None if space is None else await self.find_space(space)
        calls = _plain(await self.running_calls().calls(wanted, limit))
        return {"calls": calls, "names": self.party_names()}

    async def _notification(self, text: str) -> bytes:
        """Return the hash of the one notification that a text begins."""
        is_hash = 0 < len(text) <= HASH_CHARACTERS and set(text) <= set("0123456789abcdef")
        if not is_hash:
            raise RequestMalformed(field="notification")
        found = await self.running_notifications().notifications(None, 200)
        hashes = [each.hash for each in found if each.hash.startswith(text)]
        if len(hashes) != 1:
            raise NotificationUnknown
        return bytes.fromhex(hashes[0])

    # What Operations knows.

    def running_notifications(self) -> Notifications:
        """Return the notifications of the running node; Operations knows."""
        raise NotImplementedError

    def running_calls(self) -> Calls:
        """Return the call requests of the running node; Operations knows."""
        raise NotImplementedError

    def party_names(self) -> dict[str, str]:
        """Return what each party is called here, ours included; Operations knows."""
        raise NotImplementedError

    async def find_space(self, text: str) -> SpaceId:
        """Return the space that a text names; Operations does it."""
        raise NotImplementedError


PAPER_OPERATIONS: Final[Mapping[str, Act]] = {
    "notification_list": Act.NOTIFICATION_READ,
    "notification_show": Act.NOTIFICATION_READ,
    "notification_types": Act.NOTIFICATION_READ,
    "notification_check": Act.NOTIFICATION_READ,
    "notification_export": Act.NOTIFICATION_READ,
    "notification_paper": Act.NOTIFICATION_READ,
    "notification_rebuild": Act.RECORD_KEEP,
    "call_request_list": Act.CALL_READ,
}
"""What the admin socket may call, and which act each is."""


def _plain(views: object) -> Any:  # noqa: ANN401  JSON
    return msgspec.to_builtins(views)
