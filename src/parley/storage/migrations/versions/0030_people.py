"""Roles, passkeys, cookies that change, offices, duty, broken glass, programs, the trail."""

import secrets

import sqlalchemy as sa
from alembic import op

from parley.ids import ActorId
from parley.storage.columns import whole

revision = "0030"
down_revision = "0020"

STRICT = {"sqlite_strict": True}


def _person() -> None:
    """Give people a pseudonym and several roles."""
    op.add_column("person", sa.Column("actor", sa.Text))
    op.add_column("person", sa.Column("revoked_at", whole()))
    op.create_table(
        "person_role",
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("given_at", whole(), nullable=False),
        **STRICT,
    )
    connection = op.get_bind()
    people = connection.execute(sa.text("SELECT id, role, created_at FROM person")).all()
    for person, role, created_at in people:
        connection.execute(
            sa.text("UPDATE person SET actor = :actor WHERE id = :id"),
            {"actor": ActorId(secrets.token_bytes(16)).text, "id": person},
        )
        # An engineer of the first version was a member as well.
        for each in {"member", role}:
            connection.execute(
                sa.text("INSERT INTO person_role VALUES (:person, :role, :at)"),
                {"person": person, "role": each, "at": created_at},
            )
    op.drop_column("person", "role")


def _sign_in() -> None:
    """Make sign-ins anew: everybody signs in again, their cookies are of another kind."""
    op.drop_table("sign_in")
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("mark", sa.LargeBinary, nullable=False),
        sa.Column("started_at", whole(), nullable=False),
        sa.Column("seen_at", whole(), nullable=False),
        sa.Column("stepped_up_at", whole()),
        sa.Column("ended_at", whole()),
        sa.Column("ended_by", sa.Text),
        **STRICT,
    )
    op.create_table(
        "sign_in_cookie",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("sign_in", sa.Text, sa.ForeignKey("sign_in.id"), nullable=False),
        sa.Column("issued_at", whole(), nullable=False),
        sa.Column("used_at", whole()),
        sa.Column("replaced_at", whole()),
        **STRICT,
    )
    op.create_table(
        "ceremony",
        sa.Column("challenge", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id")),
        sa.Column("sign_in", sa.Text),
        sa.Column("expires_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", whole(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_synced", sa.Integer, nullable=False),
        sa.Column("added_at", whole(), nullable=False),
        sa.Column("seen_at", whole()),
        sa.Column("suspect_at", whole()),
        sa.Column("revoked_at", whole()),
        **STRICT,
    )


def _offices() -> None:
    op.create_table(
        "office",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("closed_at", whole()),
        **STRICT,
    )
    op.create_table(
        "office_person",
        sa.Column("office", sa.Text, sa.ForeignKey("office.id"), primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("added_at", whole(), nullable=False),
        **STRICT,
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("office", sa.Text, sa.ForeignKey("office.id"), nullable=False),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("taken_at", whole(), nullable=False),
        sa.Column("offered_to", sa.Text, sa.ForeignKey("person.id")),
        sa.Column("offered_at", whole()),
        sa.Column("ended_at", whole()),
        **STRICT,
    )


def _exceptions() -> None:
    op.create_table(
        "broken_glass",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("opened_at", whole(), nullable=False),
        sa.Column("second", sa.Text, sa.ForeignKey("person.id")),
        sa.Column("seconded_at", whole()),
        sa.Column("ends_at", whole(), nullable=False),
        sa.Column("ended_at", whole()),
        **STRICT,
    )
    op.create_table(
        "machine_account",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("acts", sa.Text, nullable=False),
        sa.Column("made_at", whole(), nullable=False),
        sa.Column("revoked_at", whole()),
        **STRICT,
    )
    op.create_table(
        "trail",
        sa.Column("number", whole(), primary_key=True, autoincrement=False),
        sa.Column("at", whole(), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        **STRICT,
    )


def upgrade() -> None:
    """Change people and sign-ins; make the rest."""
    _person()
    _sign_in()
    _offices()
    _exceptions()
