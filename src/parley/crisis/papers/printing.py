"""Notifications on paper: gathered from the record, set, and signed by our party."""

import hashlib
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from parley.clock import Clock, milliseconds
from parley.crisis.notifications.matter import NotificationMatter
from parley.crisis.papers import repository
from parley.crisis.papers.call_view import PartyZone
from parley.crisis.papers.notification_view import PartyName
from parley.crisis.papers.paper import PaperFile, PaperFrame, PaperParty, paper_of
from parley.crisis.papers.press import set_paper
from parley.crisis.papers.seal import STATEMENT_FILE, PaperSeal
from parley.errors import EntryUnknown, NotificationUnknown
from parley.identity.keys import PartyKey
from parley.ids import PartyId, SpaceId
from parley.record import repository as record_repository
from parley.record.handover import prove_entry, trust_of
from parley.record.keeping import Record
from parley.record.kinds import Kind
from parley.storage import Database

PROOF_TYPE: Final = "text/plain"


@dataclass(frozen=True, slots=True)
class PaperMaker:
    """Makes papers of one node's record."""

    record: Record
    database: Database
    clock: Clock
    name: PartyName
    zone: PartyZone

    async def notification(
        self, matter: NotificationMatter, space: SpaceId, language: str
    ) -> bytes:
        """Return a notification as signed PDF/A-3a, with the proofs of its entries attached.

        Args:
            matter: what both sides hold of it.
            space: the line's.
            language: one of the type's.

        Raises:
            NotificationUnknown: it is not here any more.
            FormRefused: it cannot be read, or its type has no such language.
            PaperFontMissing: no font here has one of its characters.
            PaperNotSet: it could not be set.
        """
        own = self.record.keys.party
        members = self.record.space(space).row.members
        other = next(each for each in members if each != matter.author)
        now_ms = milliseconds(self.clock.now())
        frame = PaperFrame(
            language=language,
            author=self._party(matter.author),
            recipient=self._party(other),
            made_by=self._party(own),
            now_ms=now_ms,
        )
        seal = PaperSeal(PartyKey(self.record.keys.seed()), frame.made_by.name)
        files = await self.database.read(lambda c: _files(c, matter, space))
        stated = _file(STATEMENT_FILE, seal.statement, "Which certificate the party signs with")
        paper = paper_of(matter, frame, (*files, stated))
        return await seal.sign(await set_paper(paper, now_ms // 1_000))

    def _party(self, party: PartyId) -> PaperParty:
        return PaperParty(party=party, name=self.name(party) or party.text, zone=self.zone(party))


def _files(
    connection: sa.Connection, matter: NotificationMatter, space: SpaceId
) -> list[PaperFile]:
    """Return form and type as they were agreed on, and what proves notification and receipts."""
    row = repository.find_matter(connection, matter.hash)
    if row is None:
        raise NotificationUnknown
    types = repository.types_of(connection, space, matter.said.type_hash)
    files = [
        PaperFile(
            "form.json",
            matter.said.form.decode("utf-8"),
            "application/json",
            "The form as it was sent",
            "source",
        ),
        *(
            PaperFile(
                "type.json",
                each.definition.decode("utf-8"),
                "application/json",
                f"The agreed type, SHA-256 {hashlib.sha256(each.definition).hexdigest()}",
                "data",
            )
            for each in types[:1]
        ),
        _file("policy.txt", trust_of(connection, space), "Whose logs count (C2SP tlog-policy)"),
    ]
    receipts = [each for each in row.others if each.entry.kind == Kind.RECEIPT]
    for number, each in enumerate(sorted((row.first, *receipts), key=lambda found: found.order)):
        proof = _proof(connection, each.hash)
        if proof is not None:
            name = "notification" if each is row.first else f"receipt-{number}"
            files.append(_file(f"{name}.tlog-proof", proof, f"Proof of entry {each.hash.hex()}"))
    return files


def _proof(connection: sa.Connection, digest: bytes) -> str | None:
    """Return an entry's proof as text; None while no checkpoint has it."""
    found = record_repository.find_entry(connection, digest)
    if found is None:
        return None
    logs = {each.id: each.origin for each in record_repository.logs(connection)}
    try:
        return prove_entry(connection, logs[found.log], found.place).encoded().decode("utf-8")
    except EntryUnknown:
        return None


def _file(name: str, text: str, description: str) -> PaperFile:
    return PaperFile(name, text, PROOF_TYPE, description, "supplement")
