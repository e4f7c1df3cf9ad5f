"""What the text-only page shows of crises, calls and line checks, for whoever may read that."""

from dataclasses import replace
from typing import Final

import msgspec

from parley.clock import milliseconds
from parley.crisis.checks.view import line_view
from parley.crisis.conduct.assessment_view import assessment_view
from parley.crisis.conduct.crisis_view import crisis_view, summary_view
from parley.crisis.conduct.repository import CrisisFound
from parley.crisis.contacts import view as contacts
from parley.errors import NotFound
from parley.identity.permission import Act, may_at_all
from parley.identity.sign_in import SignedIn
from parley.web.parts import Parts
from parley.web.text.page import Json, TextPage
from parley.words.crises import is_shown, shown_calls

LISTED: Final = 50
CRISES_SHOWN: Final = 6
"""Crises that are read whole. More: the page takes longer to make than to send."""


async def with_matters(
    parts: Parts, signed_in: SignedIn, shown: TextPage, crisis: str | None, call: str | None
) -> TextPage:
    """Return a page with crises, call requests and line checks, as far as the person may read them.

    Raises:
        NotFound: what was asked for is not there, or not for this person.
    """
    asker = signed_in.asker
    if may_at_all(asker, Act.CRISIS_READ):
        shown = replace(shown, crises=await _crises(parts))
        if crisis is not None:
            found = await parts.crises.find(bytes.fromhex(crisis))
            shown = replace(shown, chosen_crisis=await _crisis(parts, found))
    elif crisis is not None:
        raise NotFound
    if may_at_all(asker, Act.CALL_READ):
        calls = [msgspec.to_builtins(each) for each in await parts.calls.calls(None, LISTED)]
        shown = replace(shown, calls=shown_calls(calls))
        if call is not None:
            one: Json = msgspec.to_builtins(await parts.calls.call(bytes.fromhex(call)))
            shown = replace(shown, chosen_call=one)
    elif call is not None:
        raise NotFound
    if may_at_all(asker, Act.CHECK_READ):
        shown = replace(shown, checks=await _checks(parts))
    if may_at_all(asker, Act.CONTACT_READ):
        shown = replace(shown, contacts=await _contacts(parts))
    return shown


async def _crises(parts: Parts) -> list[Json]:
    own, name = parts.record.keys.party, parts.lines.name_of
    found = await parts.crises.crises(None, LISTED)
    wanted = [each for each in found if is_shown(_plain(summary_view(each, own, name)))]
    return [await _crisis(parts, each) for each in wanted[:CRISES_SHOWN]]


async def _crisis(parts: Parts, found: CrisisFound) -> Json:
    digest = found.crisis.hash
    view = crisis_view(
        found,
        parts.record.keys.party,
        parts.lines.name_of,
        await parts.crises.quiet_since(digest),
        await parts.crises.room(digest),
    )
    if found.assessment is None:
        return _plain(view)
    now_ms = milliseconds(parts.clock.now())
    assessment = assessment_view(found, found.assessment, now_ms)
    return {**_plain(view), "assessment": _plain(assessment)}


async def _contacts(parts: Parts) -> list[Json]:
    own, name = parts.record.keys.party, parts.lines.name_of
    return [_plain(contacts.line_view(each, own, name)) for each in await parts.contacts.lines()]


async def _checks(parts: Parts) -> list[Json]:
    own, name = parts.record.keys.party, parts.lines.name_of
    return [_plain(line_view(each, own, name, None)) for each in await parts.checks.lines(1)]


def _plain(view: msgspec.Struct) -> Json:
    shown: Json = msgspec.to_builtins(view)
    return shown
