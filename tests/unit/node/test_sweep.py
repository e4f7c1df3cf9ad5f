"""What a node deletes every hour."""

from pathlib import Path

import sqlalchemy as sa

from parley.node.node import SETTLED_KEPT_H
from parley.storage.deadlines import set_deadline
from parley.storage.path_spells import KEPT_H, spell
from parley.storage.tables import deadline as table
from parley.testing.nodes import nodes_in


async def test_what_is_kept_no_longer_goes_in_one_transaction(tmp_path: Path) -> None:
    """Settled deadlines and old spells of paths, in one commit; what is newer stays."""
    async with nodes_in(tmp_path) as nodes:
        near = await nodes.add("Harbour")
        node, now = near.node, near.node.clock.now()

        def keep(connection: sa.Connection) -> None:
            for name, age_h in (("old", 1), ("new", -1)):
                set_deadline(connection, "test.due", name, now, now)
                settled = now.subtract(hours=SETTLED_KEPT_H + age_h)
                due = table.update().where(table.c.subject == name)
                connection.execute(due.values(settled_at=settled))
                seen = now.subtract(hours=KEPT_H + age_h)
                row = {"party": near.party, "path": name, "is_up": True}
                connection.execute(spell.insert().values(**row, from_at=seen, seen_at=seen))

        await node.database.write(keep)
        await node.database.write(node._forget)

        def kept(connection: sa.Connection) -> tuple[list[str], list[str]]:
            due = sa.select(table.c.subject).where(table.c.kind == "test.due")
            return list(connection.scalars(due)), list(connection.scalars(sa.select(spell.c.path)))

        assert await node.database.read(kept) == (["new"], ["new"])
