"""What the routes of notifications and call requests answer with."""

import msgspec

from parley.crisis.papers.call_view import CallView
from parley.crisis.papers.notification_view import (
    DraftView,
    NotificationView,
    NumberFaultView,
    ReminderView,
    TypeView,
)


class TypesAnswer(msgspec.Struct, frozen=True):
    """The types that were proposed for a line."""

    types: tuple[TypeView, ...]


class StarterView(msgspec.Struct, frozen=True):
    """A type to begin with."""

    id: str
    definition: str
    """JSON, the bytes that would be proposed."""


class StarterAnswer(msgspec.Struct, frozen=True):
    """The types to begin with."""

    types: tuple[StarterView, ...]


class DraftsAnswer(msgspec.Struct, frozen=True):
    """What is being written here."""

    drafts: tuple[DraftView, ...]


class NotificationsAnswer(msgspec.Struct, frozen=True):
    """Notifications, the newest first."""

    notifications: tuple[NotificationView, ...]


class NumbersAnswer(msgspec.Struct, frozen=True):
    """Numbers that are missing or come twice."""

    faults: tuple[NumberFaultView, ...]


class RemindersAnswer(msgspec.Struct, frozen=True):
    """Periodic notifications we were reminded of."""

    reminders: tuple[ReminderView, ...]


class CallsAnswer(msgspec.Struct, frozen=True):
    """Call requests, the newest first."""

    calls: tuple[CallView, ...]
