"""The tables of people: who they are, how they sign in, what they may do now."""

import sqlalchemy as sa

from parley.ids import (
    ActorId,
    BrokenGlassId,
    DuressCallId,
    DutyId,
    MachineAccountId,
    OfficeId,
    PasskeyId,
    PersonId,
    SignInId,
)
from parley.storage.columns import IdColumn, InstantColumn, whole
from parley.storage.tables import metadata

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", IdColumn(PersonId), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("appearance", sa.Text, nullable=False),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("actor", IdColumn(ActorId)),
    sa.Column("revoked_at", InstantColumn),
    sqlite_strict=True,
)
"""People of our own party; ``actor`` is what the record calls them."""

person_role = sa.Table(
    "person_role",
    metadata,
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("given_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""The roles of each person."""

sign_in_link = sa.Table(
    "sign_in_link",
    metadata,
    sa.Column("code_hash", sa.LargeBinary, primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("issued_at", InstantColumn, nullable=False),
    sa.Column("expires_at", InstantColumn, nullable=False),
    sa.Column("used_at", InstantColumn),
    sqlite_strict=True,
)
"""One-time links; only the hash of a code is kept."""

passkey = sa.Table(
    "passkey",
    metadata,
    sa.Column("id", IdColumn(PasskeyId), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", whole(), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_synced", sa.Integer, nullable=False),
    sa.Column("added_at", InstantColumn, nullable=False),
    sa.Column("seen_at", InstantColumn),
    sa.Column("suspect_at", InstantColumn),
    sa.Column("revoked_at", InstantColumn),
    sa.Column("is_duress", sa.Integer, nullable=False, server_default=sa.text("0")),
    sqlite_strict=True,
)
"""Passkeys; the public key as COSE_Key, the counter as the authenticator last said it; and whether
its person keeps it for duress."""

sign_in = sa.Table(
    "sign_in",
    metadata,
    sa.Column("id", IdColumn(SignInId), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("browser", sa.Text, nullable=False),
    sa.Column("mark", sa.LargeBinary, nullable=False),
    sa.Column("started_at", InstantColumn, nullable=False),
    sa.Column("seen_at", InstantColumn, nullable=False),
    sa.Column("stepped_up_at", InstantColumn),
    sa.Column("ended_at", InstantColumn),
    sa.Column("ended_by", sa.Text),
    sa.Column("passkey", IdColumn(PasskeyId)),
    sa.Column("stepped_up_with", IdColumn(PasskeyId)),
    sqlite_strict=True,
)
"""Who is signed in on which browser; ``mark`` is the hash of what the browser says of itself,
``passkey`` what let it in, if that did, ``stepped_up_with`` the one that was used last."""

sign_in_cookie = sa.Table(
    "sign_in_cookie",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("sign_in", IdColumn(SignInId), sa.ForeignKey("sign_in.id"), nullable=False),
    sa.Column("issued_at", InstantColumn, nullable=False),
    sa.Column("used_at", InstantColumn),
    sa.Column("replaced_at", InstantColumn),
    sqlite_strict=True,
)
"""Every cookie a sign-in ever had; only hashes. One that was replaced and comes again is a copy."""

ceremony = sa.Table(
    "ceremony",
    metadata,
    sa.Column("challenge", sa.LargeBinary, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("sign_in", IdColumn(SignInId)),
    sa.Column("expires_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Challenges that were given out and not yet answered; an answer deletes its row."""

subject = sa.Table(
    "subject",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("tied_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""What a provider calls people of ours; tied by the operator alone."""

office = sa.Table(
    "office",
    metadata,
    sa.Column("id", IdColumn(OfficeId), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("closed_at", InstantColumn),
    sqlite_strict=True,
)
"""Posts of our party."""

office_person = sa.Table(
    "office_person",
    metadata,
    sa.Column("office", IdColumn(OfficeId), sa.ForeignKey("office.id"), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("added_at", InstantColumn, nullable=False),
    sqlite_strict=True,
)
"""Who belongs to which office."""

duty = sa.Table(
    "duty",
    metadata,
    sa.Column("id", IdColumn(DutyId), primary_key=True),
    sa.Column("office", IdColumn(OfficeId), sa.ForeignKey("office.id"), nullable=False),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("taken_at", InstantColumn, nullable=False),
    sa.Column("offered_to", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("offered_at", InstantColumn),
    sa.Column("ended_at", InstantColumn),
    sqlite_strict=True,
)
"""Every time on duty, from taking it to handing it over; at most one of an office has not ended."""

broken_glass = sa.Table(
    "broken_glass",
    metadata,
    sa.Column("id", IdColumn(BrokenGlassId), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("opened_at", InstantColumn, nullable=False),
    sa.Column("second", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("seconded_at", InstantColumn),
    sa.Column("ends_at", InstantColumn, nullable=False),
    sa.Column("ended_at", InstantColumn),
    sqlite_strict=True,
)
"""Roles lent for a while; ``ends_at`` is first the last instant for a second person to agree."""

duress_call = sa.Table(
    "duress_call",
    metadata,
    sa.Column("id", IdColumn(DuressCallId), primary_key=True),
    sa.Column("person", IdColumn(PersonId), sa.ForeignKey("person.id"), nullable=False),
    sa.Column("began_at", InstantColumn, nullable=False),
    sa.Column("seen_at", InstantColumn, nullable=False),
    sa.Column("told_at", InstantColumn),
    sa.Column("settled_at", InstantColumn),
    sa.Column("settled_by", IdColumn(PersonId), sa.ForeignKey("person.id")),
    sa.Column("words", sa.Text, nullable=False),
    sqlite_strict=True,
)
"""Calls of people of ours who are forced; ``seen_at`` is when such a passkey was last used."""

machine_account = sa.Table(
    "machine_account",
    metadata,
    sa.Column("id", IdColumn(MachineAccountId), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("acts", sa.Text, nullable=False),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("revoked_at", InstantColumn),
    sqlite_strict=True,
)
"""Programs that may ask; only the hash of a token is kept."""

trail = sa.Table(
    "trail",
    metadata,
    sa.Column("number", whole(), primary_key=True, autoincrement=False),
    sa.Column("at", InstantColumn, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("asker", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""What our own people did that binds, and what was refused; each row's digest covers the last's."""
