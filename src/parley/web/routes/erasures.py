"""Erasing what an entry seals, by a person's word: signed with their passkey, said to everybody."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from parley.errors import EntryUnknown
from parley.identity.permission import Act
from parley.record import sealed
from parley.record.keeping import EntryDraft
from parley.record.kinds import Kind
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven
from parley.web.gatekeeper import ATTACHMENTS
from parley.web.guard import About, SignedInPerson, route
from parley.web.parts import parts_of
from parley.web.problems import CREATED
from parley.web.routes.record import DigestText, shown
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
PATH = ATTACHMENTS + "/{digest}/erase"


@route(router, "POST", PATH + "/begin", Act.RECORD_ERASE, About.LATER)
async def begin_erasure(
    request: Request, signed_in: SignedInPerson, digest: DigestText
) -> Response:
    """Make the entry that erases a sealed body; return what the authenticators are to sign."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    named = await parts.database.read(lambda c: sealed.find_named(c, wanted))
    if named is None:
        raise EntryUnknown
    draft = EntryDraft(kind=Kind.ERASURE, body={}, refs=(wanted,), actor=signed_in.person.actor)
    prepared = parts.record.prepare_draft(named.space, draft)
    return await begin_signing(request, signed_in, Act.RECORD_ERASE, prepared)


@route(router, "POST", PATH, Act.RECORD_ERASE, About.LATER, status_code=CREATED)
async def erase(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: CredentialGiven
) -> Response:
    """Erase it: its key goes in the transaction's wake, here and where the case's maker is heeded.

    What its case sealed besides goes with it; no entry and no proof changes.
    """
    appended = await finish_signing(
        request, signed_in, Act.RECORD_ERASE, given, bytes.fromhex(digest)
    )
    return answer(await shown(parts_of(request), appended), CREATED)
