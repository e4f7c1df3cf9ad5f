"""Our account of a crisis while it is private: encrypted rows, a draft and what was sealed.

The key follows from the party's own key, so a database that was restored from a backup can still
show what was sealed before; whoever has the database without that key reads nothing.
"""

import os
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from whenever import Instant

from parley.crisis.assessment.bodies import SALT_BYTES, account_bytes, read_account, seal_of
from parley.crisis.crises import tables
from parley.crisis.crises.fields import Texts
from parley.errors import EntryMalformed
from parley.identity.keys import PartyKey
from parley.storage import insert

NONCE_BYTES: Final = 12
DRAFT: Final = b""
"""In place of a seal: what is still being written."""


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """An account as it is kept."""

    salt: bytes
    account: bytes
    changed_at: Instant


class PrivateAccounts:
    """Reads and writes the encrypted rows, on the connection of whoever changes something."""

    def __init__(self, key: PartyKey) -> None:
        """Encrypt under a key that follows from the party's."""
        self._cipher = AESGCM(key.derive("crisis accounts"))

    def save_draft(
        self, connection: sa.Connection, crisis: bytes, texts: Texts, now: Instant
    ) -> None:
        """Keep what is being written."""
        account = account_bytes(texts) if texts else b""
        self._save(connection, crisis, DRAFT, bytes(SALT_BYTES) + account, now)

    def draft(self, connection: sa.Connection, crisis: bytes) -> tuple[Texts, Instant] | None:
        """Return what is being written, None if nothing is."""
        kept = self.find(connection, crisis, DRAFT)
        if kept is None or not kept.account:
            return None
        return read_account(kept.account), kept.changed_at

    def freeze(self, connection: sa.Connection, crisis: bytes, now: Instant) -> bytes | None:
        """Keep a copy of the draft that nothing changes any more; return its seal, None without."""
        kept = self.find(connection, crisis, DRAFT)
        if kept is None or not kept.account:
            return None
        salt = os.urandom(SALT_BYTES)
        seal = seal_of(crisis, salt, kept.account)
        self._save(connection, crisis, seal, salt + kept.account, now)
        return seal

    def find(self, connection: sa.Connection, crisis: bytes, seal: bytes) -> KeptAccount | None:
        """Return what is kept under a seal, None if it is not here or cannot be opened."""
        table = tables.account.c
        query = sa.select(table.words, table.changed_at).where(
            table.crisis == crisis, table.seal == seal
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        words = bytes(row.words)
        try:
            plain = self._cipher.decrypt(words[:NONCE_BYTES], words[NONCE_BYTES:], crisis + seal)
        except InvalidTag as error:
            raise EntryMalformed(field="account") from error
        return KeptAccount(plain[:SALT_BYTES], plain[SALT_BYTES:], row.changed_at)

    def _save(
        self, connection: sa.Connection, crisis: bytes, seal: bytes, plain: bytes, now: Instant
    ) -> None:
        nonce = os.urandom(NONCE_BYTES)
        words = nonce + self._cipher.encrypt(nonce, plain, crisis + seal)
        row = {"crisis": crisis, "seal": seal, "words": words, "changed_at": now}
        upsert = insert(connection, tables.account).values(row)
        changed = {"words": words, "changed_at": now}
        connection.execute(
            upsert.on_conflict_do_update(index_elements=["crisis", "seal"], set_=changed)
        )
