"""The text-only page, and its two files."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from parley.clock import milliseconds
from parley.crisis.service import AlertSeen
from parley.crisis.view import OwnClock, alert_view
from parley.errors import NotFound, SignInCopied, SignInNeeded, StepUpNeeded
from parley.identity.permission import Act, may_at_all
from parley.identity.sign_in import SignedIn
from parley.web.guard import Guard, route, who
from parley.web.handover import open_now
from parley.web.parts import Parts, parts_of
from parley.web.staff_views import office_views
from parley.web.text.asking import with_matters
from parley.web.text.page import Json, TextPage, page, sign_in_page
from parley.words import Words
from parley.words.handover import offices_to_take

router = APIRouter()
HashAsked = Annotated[str | None, Query(pattern=r"^[0-9a-f]{64}$")]
LIMIT: Final = 50
TYPES: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Stricter than the interface's: nothing but two files of ours, and no form that goes anywhere."""
HEADERS: Final = {"cache-control": "no-store", "content-security-policy": POLICY}


@route(router, "GET", "/text", Guard.ANYONE, response_class=Response)
async def read_text(
    request: Request,
    alert: HashAsked = None,
    crisis: HashAsked = None,
    call: HashAsked = None,
) -> Response:
    """Return the desk as plain HTML: what rings, crises, what is due, lines, who is on duty."""
    parts = parts_of(request)
    try:
        signed_in = await who(request, Act.LINE_WATCH)
    except (SignInNeeded, SignInCopied, StepUpNeeded):
        return _html(sign_in_page(_words_of(request)))
    shown = await _shown(parts, signed_in, alert)
    shown = await with_matters(parts, signed_in, shown, crisis, call)
    shown = await _with_handover(parts, signed_in, shown)
    return _html(page(shown, Words(signed_in.person.language), parts.clock.now()))


@route(router, "GET", "/text/{file}", Guard.ANYONE, response_class=Response)
async def read_file(file: Literal["page.css", "page.js"]) -> Response:
    """Return a file of the text-only page."""
    return Response(_file(file), media_type=TYPES[file], headers={"cache-control": "no-cache"})


async def _shown(parts: Parts, signed_in: SignedIn, chosen: str | None) -> TextPage:
    asker, own = signed_in.asker, parts.lines.book.own
    found: list[AlertSeen] = []
    one: Json | None = None
    if may_at_all(asker, Act.ALERT_READ):
        found = list(await parts.alerts.seen(is_open_only=True, limit=LIMIT))
        if chosen is not None:
            one = _alert(parts, await parts.alerts.see(bytes.fromhex(chosen)))
    elif chosen is not None:
        raise NotFound
    offices: list[Json] = []
    if may_at_all(asker, Act.OFFICE_READ):
        now, settings = parts.clock.now(), parts.settings.escalation
        views = await parts.database.read(
            lambda connection: office_views(connection, settings, now)
        )
        offices = [msgspec.to_builtins(each) for each in views]
    return TextPage(
        signed_in.person.name,
        own.name,
        [msgspec.to_builtins(each) for each in parts.lines.views()],
        [_alert(parts, each) for each in found],
        offices,
        one,
        own.id.text,
        troubles=parts.desks.troubles,
    )


async def _with_handover(parts: Parts, signed_in: SignedIn, shown: TextPage) -> TextPage:
    """Return a page with what is open, if there is a duty that the person can take."""
    me, acts = signed_in.person.id.text, (Act.DUTY_TAKE, Act.ALERT_READ)
    may_take = all(may_at_all(signed_in.asker, act) for act in acts)
    if not may_take or not offices_to_take(shown.offices, me):
        return shown
    return replace(shown, me=me, handover=msgspec.to_builtins(await open_now(parts)))


def _alert(parts: Parts, seen: AlertSeen) -> Json:
    clock = OwnClock(milliseconds(parts.clock.now()), parts.clock.error_bound_ms())
    own, name = parts.record.keys.party, parts.lines.name_of
    said: Json = msgspec.to_builtins(
        alert_view(seen.alert, own, name, clock, seen.overdue, seen.limits, seen.steps, seen.told)
    )
    return said


def _words_of(request: Request) -> Words:
    """Return the first language that the browser wants and we speak."""
    given = request.headers.get("accept-language", "")
    for each in given.split(","):
        tag = each.partition(";")[0].strip()
        known = {"zh": "zh-Hans", "fa": "prs"}.get(tag[:2], tag.partition("-")[0])
        if (words := Words(known)).language == known:
            return words
    return Words("en")


def _html(content: str) -> Response:
    return Response(content, media_type="text/html; charset=utf-8", headers=HEADERS)


@cache
def _file(name: str) -> bytes:
    return files("parley.web.text").joinpath(name).read_bytes()
