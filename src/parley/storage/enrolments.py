"""The table of passkeys whose public keys our logs have told."""

import sqlalchemy as sa

from parley.ids import ActorId, PartyId, SpaceId
from parley.storage.columns import IdColumn
from parley.storage.tables import metadata

enrolment = sa.Table(
    "record_enrolment",
    metadata,
    sa.Column("space", IdColumn(SpaceId), primary_key=True),
    sa.Column("party", IdColumn(PartyId), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("actor", IdColumn(ActorId), primary_key=True),
    sa.Column("credential", sa.LargeBinary, primary_key=True),
    sqlite_strict=True,
)
"""Each passkey in each log of ours, made from the enrolment entry there."""
