"""What the routes about people, devices and rights answer with."""

from typing import Any, Literal

import msgspec

from parley.rooms.frames import DuressCallView, LentRoleView, PersonNameView


class PersonListed(msgspec.Struct, frozen=True):
    """Somebody of our own party."""

    id: str
    name: str
    language: str
    roles: tuple[str, ...]
    offices: tuple[str, ...]
    """Ids of the open offices they belong to."""
    on_duty: tuple[str, ...]
    """Ids of the offices they are on duty in."""
    passkeys: int
    created_at: str
    seen_at: str | None
    """When they were last there, as far back as sign-ins are kept; null before the first."""
    revoked_at: str | None


class PeopleAnswer(msgspec.Struct, frozen=True):
    """Everybody, in the order they were added."""

    people: tuple[PersonListed, ...]


class InvitationAnswer(msgspec.Struct, frozen=True):
    """A person, and the address that signs them in once."""

    person: PersonListed
    address: str
    expires_at: str


class DutyView(msgspec.Struct, frozen=True):
    """Who is on duty, and to whom they have offered it."""

    person: PersonNameView
    state: Literal["held", "offered", "ended"]
    taken_at: str
    offered_to: PersonNameView | None
    offered_at: str | None


class PlannedView(msgspec.Struct, frozen=True):
    """Whose shift it is in an office in which somebody else has the duty."""

    person: PersonNameView
    since: str


class OfficeView(msgspec.Struct, frozen=True):
    """A post of our party."""

    id: str
    name: str
    people: tuple[PersonNameView, ...]
    duty: DutyView | None
    planned: PlannedView | None
    """Whose shift it is, where duty and roster differ."""
    closed_at: str | None


class OfficesAnswer(msgspec.Struct, frozen=True):
    """All offices, in the order they were made."""

    offices: tuple[OfficeView, ...]


class OpenDueView(msgspec.Struct, frozen=True):
    """One thing that must happen to an open matter, by both clocks."""

    limit: str
    due_at: str
    theirs_at: str | None
    """By the other party's clock, as far as its own event is proved here."""


class OpenMatterView(msgspec.Struct, frozen=True):
    """One thing that is open when a duty is handed over."""

    kind: Literal["alert", "check", "missed", "notification", "reminder", "call", "crisis"]
    about: str
    """Hash of the alert, notification, call request or crisis; else the line's space."""
    party: str
    """The other party; empty where it is of our own doing."""
    state: str
    text: str
    """What tells it from others: its first words, its number, its name."""
    precedence: str | None = None
    """Of an alert."""
    duty: str | None = None
    """Whose turn an alert is."""
    at: str | None = None
    """When a line check was found missed."""
    due: tuple[OpenDueView, ...] = ()
    """The soonest first."""
    is_ours: bool = False
    """Whether something waits for us."""
    is_exercise: bool = False
    is_late: bool = False


class HandoverAnswer(msgspec.Struct, frozen=True):
    """What is open now: what whoever takes a duty takes with it."""

    at: str
    matters: tuple[OpenMatterView, ...]
    untold: int
    """Notices to our own people that could not be delivered."""


class DeviceView(msgspec.Struct, frozen=True):
    """A browser that is signed in, or a passkey."""

    id: str
    name: str
    kind: Literal["browser", "passkey"]
    added_at: str
    seen_at: str | None
    is_this: bool
    """Whether it is the browser that asks."""
    way: str | None
    """How a browser signed in: link, passkey or oidc."""
    is_synced: bool | None
    """Whether a passkey has copies on other devices of the person."""
    suspect_at: str | None
    """Since when a passkey's counter is known to have gone back."""


class DevicesAnswer(msgspec.Struct, frozen=True):
    """A person's devices, the newest first."""

    devices: tuple[DeviceView, ...]


class OptionsAnswer(msgspec.Struct, frozen=True):
    """What ``navigator.credentials`` is to be asked, in its own JSON form (WebAuthn §5.1)."""

    options: dict[str, Any]
    entry: str | None = None
    """The entry whose hash is the challenge, where one is signed: its bytes, base64url."""


class RuleView(msgspec.Struct, frozen=True):
    """One row of the permission table."""

    act: str
    needs: Literal["sign_in", "step_up", "signature"]
    roles: dict[str, tuple[str, ...]]
    """For each role whose things: self, own, foreign."""
    operator: bool
    machine: bool


class PermissionsAnswer(msgspec.Struct, frozen=True):
    """The permission table."""

    acts: tuple[RuleView, ...]
    gives: dict[str, tuple[str, ...]]
    """Which roles somebody with a role can give."""


class TrailRowView(msgspec.Struct, frozen=True):
    """One thing that was done here or refused."""

    number: int
    at: str
    act: str
    asker: str
    asker_name: str | None
    subject: str
    subject_name: str | None
    outcome: str
    words: str


class TrailAnswer(msgspec.Struct, frozen=True):
    """The trail, the newest first; ``next`` is where the older ones begin."""

    rows: tuple[TrailRowView, ...]
    next: int | None


class DuressAnswer(msgspec.Struct, frozen=True):
    """Every duress call of others that nobody has settled."""

    calls: tuple[DuressCallView, ...]


class LentRolesAnswer(msgspec.Struct, frozen=True):
    """Roles asked for or lent now."""

    lent: tuple[LentRoleView, ...]
