"""What the page about signing in says is what the node does."""

import re
from pathlib import Path
from typing import Final

from fastapi import APIRouter

from parley.config import LimitSettings
from parley.config.sections import OidcSettings, WebSettings
from parley.identity.cookie import CHANGE_S
from parley.identity.passkey import CEREMONY_S, PASSKEYS_MAX
from parley.identity.sign_in import LINK_HOURS, SECRET_BYTES, Way
from parley.identity.subject import WAY_S
from parley.web.app import ROUTERS
from parley.web.guard import Guard
from parley.web.routes.devices import FRESH_S

PAGE: Final = " ".join(
    (Path(__file__).parents[3] / "docs" / "operations" / "signing-in.md").read_text().split()
)


def test_every_number_on_the_page_is_the_node_s() -> None:
    """Limits, lifetimes, and what they are set by."""
    limits, web = LimitSettings(), WebSettings()
    for said in (
        f"`limits.sign_ins_per_minute` ({limits.sign_ins_per_minute})",
        f"`limits.requests_per_minute` ({limits.requests_per_minute})",
        f"`web.sign_in_hours`: {web.sign_in_hours} hours",
        f"`web.sign_in_hours_max`: {web.sign_in_hours_max} hours",
        f"`web.step_up_minutes`: {web.step_up_minutes} minutes",
        f"a cookie before it is changed | {CHANGE_S // 60} minutes",
        f"after signing in | {FRESH_S // 60} minutes",
        f"for {FRESH_S // 60} minutes the adding of one",
        f"within {LINK_HOURS} hours, has {SECRET_BYTES * 8} random bits",
        f"a challenge for a passkey holds for {CEREMONY_S // 60} minutes",
        f"the way to the provider for {WAY_S // 60}, and each counts once",
        f"at most {PASSKEYS_MAX} passkeys",
    ):
        assert said in PAGE, said
    assert hasattr(limits, "sockets")
    assert hasattr(OidcSettings(), "login_age_s_max")
    assert web.passkey_needed is False


def test_every_way_in_is_on_the_page() -> None:
    """One more way would be one more row."""
    rows = {Way.PASSKEY: "| passkey |", Way.LINK: "| one-time link |", Way.OIDC: "[provider]"}
    assert set(rows) == set(Way)
    for row in rows.values():
        assert row in PAGE


def test_what_is_open_to_everybody_is_on_the_page_and_nothing_else_is() -> None:
    """An address that asks nobody who they are is found here before it is found by others."""
    opened: set[str] = set()
    for router in ROUTERS:
        assert isinstance(router, APIRouter)
        for each in router.routes:
            guard = getattr(getattr(each, "endpoint", None), "__parley_guard__", None)
            if guard is Guard.ANYONE:
                path = getattr(each, "path", "")
                opened |= {f"{method} {path}" for method in getattr(each, "methods", ())}
    assert set(re.findall(r"`((?:GET|POST) /[^`]*)`", PAGE)) == opened
