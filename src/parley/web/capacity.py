"""In which office a person who is signed in speaks, by their roles and by what they say."""

from collections.abc import Collection

from parley.crisis.offices import Capacity
from parley.identity.permission import Role
from parley.identity.sign_in import SignedIn


def capacity_of(signed_in: SignedIn) -> Capacity:
    """Return in which office a person keeps the watch."""
    is_releaser = Role.RELEASER in signed_in.asker.roles
    is_watch = Role.DUTY_OFFICER in signed_in.asker.roles
    return Capacity.RELEASER if is_releaser and not is_watch else Capacity.DUTY_OFFICER


def capacity_within(signed_in: SignedIn, offices: Collection[Capacity]) -> Capacity:
    """Return in which of the offices that may say something a person says it."""
    found = capacity_of(signed_in)
    return found if found in offices else Capacity.RELEASER
