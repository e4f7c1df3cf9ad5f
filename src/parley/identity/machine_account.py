"""Machine accounts: programs that may ask, each with a token and the acts it was given.

A program has no role and no sign-in, and nothing a person does is among the acts it can be given
(:class:`parley.identity.permission.MachineAct`). A token is 256 random bits, shown once when it is
made; only its hash is kept.
"""

from dataclasses import dataclass

import sqlalchemy as sa
from whenever import Instant

from parley.errors import MachineTokenUnknown, MachineUnknown
from parley.identity.permission import Act, MachineAct
from parley.identity.sign_in import hash_of, new_secret
from parley.identity.trail import OPERATOR, add_to_trail
from parley.ids import MachineAccountId
from parley.storage import people


@dataclass(frozen=True, slots=True)
class MachineAccount:
    """One program."""

    id: MachineAccountId
    name: str
    acts: frozenset[MachineAct]
    made_at: Instant
    revoked_at: Instant | None


def make_machine(
    connection: sa.Connection, name: str, acts: frozenset[MachineAct], now: Instant
) -> tuple[MachineAccount, str]:
    """Make an account; return it and its token, which is kept nowhere."""
    account = MachineAccount(MachineAccountId.new(), name, acts, now, None)
    token = new_secret()
    connection.execute(
        people.machine_account.insert().values(
            id=account.id,
            name=name,
            token_hash=hash_of(token),
            acts=" ".join(sorted(acts)),
            made_at=now,
        )
    )
    act = Act.MACHINE_CHANGE.value
    add_to_trail(connection, now, act, OPERATOR, subject=account.id.text)
    return account, token


def find_machine(connection: sa.Connection, token: str) -> MachineAccount:
    """Return the program that carries a token.

    Raises:
        MachineTokenUnknown: none, or its account was revoked.
    """
    row = connection.execute(
        sa.select(people.machine_account).where(
            people.machine_account.c.token_hash == hash_of(token)
        )
    ).one_or_none()
    if row is None or row.revoked_at is not None:
        raise MachineTokenUnknown
    return _account(row)


def all_machines(connection: sa.Connection) -> list[MachineAccount]:
    """Return every program, in the order they were made."""
    rows = connection.execute(
        sa.select(people.machine_account).order_by(people.machine_account.c.made_at)
    )
    return [_account(row) for row in rows]


def revoke_machine(connection: sa.Connection, machine: str, now: Instant) -> MachineAccount:
    """End an account, named by its id, the beginning of it, or its name.

    Raises:
        MachineUnknown: none is meant, or more than one.
    """
    found = [
        account
        for account in all_machines(connection)
        if account.revoked_at is None
        and (account.id.text.startswith(machine) or account.name == machine)
    ]
    if len(found) != 1:
        raise MachineUnknown(machine=machine[:80])
    connection.execute(
        people.machine_account.update()
        .where(people.machine_account.c.id == found[0].id)
        .values(revoked_at=now)
    )
    act = Act.MACHINE_CHANGE.value
    add_to_trail(connection, now, act, OPERATOR, subject=found[0].id.text)
    return found[0]


def _account(row: sa.Row[tuple[object, ...]]) -> MachineAccount:
    acts = frozenset(MachineAct(act) for act in str(row.acts).split())
    return MachineAccount(row.id, row.name, acts, row.made_at, row.revoked_at)
