"""What an operator may ask about party roots: draft what ours is to say, do what one says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from parley.config import Settings
from parley.errors import NodeNotRunning, RootWrong
from parley.identity.permission import Act
from parley.line.book import PairingBook
from parley.record.keeping import Record
from parley.record.note import to_base64
from parley.record.root import ROOT_KEYS, RootManifest, read_key, root_hash

Json = dict[str, Any]


class RootOperations:
    """The operator's side of roots; part of :class:`parley.node.operations.Operations`."""

    _settings: Settings
    _book: PairingBook

    async def root_list(self) -> Json:
        """Return what each party's root said last, and which logs it froze."""
        record = self._record_that_runs()
        found = []
        for kept in record.spaces:
            for party in sorted(kept.row.members):
                root = kept.roots.newest(party)
                if root is not None:
                    frozen = kept.frozen_epochs(party)
                    told = {"space": kept.id.text, "frozen_epochs": frozen}
                    found.append({**told, **self._root_told(root)})
        return {"roots": found}

    async def root_draft(
        self,
        holders: Sequence[str] = (),
        following: Sequence[str] = (),
        stolen: str | None = None,
    ) -> Json:
        """Return what our root is to say next, for two of its holders to sign.

        Args:
            holders: the root's three public keys in base64, where none is pinned or they change.
            following: the three that may take over later, so that the root can change.
            stolen: the public key in base64 that others know; ``party`` for the party's own. A
                fresh key for our logs is then made.

        Raises:
            RootWrong: it is not what a root can say.
            NodeNotRunning: the node does not run.
        """
        record = self._record_that_runs()
        pinned = own_root(record)
        keys = pinned.keys if pinned and not holders else _three(holders)
        draft = RootManifest(
            party=record.keys.party,
            number=0 if pinned is None else pinned.number + 1,
            log_key=record.keys.public if pinned is None else pinned.log_key,
            keys=keys,
            following=_following(pinned, keys, following),
        )
        if stolen is not None:
            if pinned is None:
                raise RootWrong(reason="no root of that party is pinned")
            known = record.keys.public if stolen == _PARTY else read_key(stolen)
            draft = replace(draft, compromised=known, log_key=record.keys.make_log_key())
        return {"manifest": draft.text(), **self._root_told(draft)}

    async def root_take(self, manifest: str) -> Json:
        """Do what a party's root says: ours, or another party's that came by another road.

        Args:
            manifest: the signed manifest's text.
        """
        record = self._record_that_runs()
        return {"spaces": await record.take_root(manifest.encode())}

    def _root_told(self, root: RootManifest) -> Json:
        parties = (self._book.own, *(pairing.party for pairing in self._book.all()))
        names = {each.id: each.name for each in parties}
        return {"name": names.get(root.party, root.party.text[:8]), **root_told(root)}

    def _record_that_runs(self) -> Record:
        record = self.running_record()
        if record is None:
            raise NodeNotRunning(folder=str(self._settings.folder))
        return record

    def running_record(self) -> Record | None:
        """Return the record of the running node, if it runs; Operations knows."""
        raise NotImplementedError


ROOT_OPERATIONS: Final[Mapping[str, Act]] = {
    "root_list": Act.RECORD_READ,
    "root_draft": Act.RECORD_KEEP,
    "root_take": Act.RECORD_KEEP,
}
"""What the admin socket may call, and which act each is."""
_PARTY: Final = "party"


def root_told(root: RootManifest) -> Json:
    """Return what a manifest says, as it is shown."""
    compromised = None if root.compromised is None else to_base64(root.compromised)
    return {
        "party": root.party.text,
        "number": root.number,
        "log_key": to_base64(root.log_key),
        "compromised": compromised,
        "holders": [to_base64(key) for key in root.keys],
        "may_change": root.following is not None,
    }


def own_root(record: Record) -> RootManifest | None:
    """Return what our root said last, in whichever space it got furthest."""
    said = (kept.roots.newest(record.keys.party) for kept in record.spaces)
    return max((each for each in said if each), key=lambda each: each.number, default=None)


def _three(holders: Sequence[str]) -> tuple[bytes, ...]:
    keys = tuple(sorted({read_key(each) for each in holders}))
    if len(keys) != ROOT_KEYS:
        raise RootWrong(reason="three different holders are needed")
    return keys


def _following(
    pinned: RootManifest | None, keys: tuple[bytes, ...], following: Sequence[str]
) -> bytes | None:
    if following:
        return root_hash(_three(following))
    return pinned.following if pinned is not None and pinned.keys == keys else None
