"""Duress calls: who of ours calls, for everybody who may help, and what came of it."""

from typing import Annotated, Final

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.config.kinds import Text
from parley.errors import RequestMalformed
from parley.identity.duress import find_duress_call, settle_duress_call
from parley.identity.permission import Act, Whose
from parley.ids import DuressCallId
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import parts_of
from parley.web.staff_answers import DuressAnswer
from parley.web.staff_views import duress_frame

router = APIRouter()
OUTCOME: Final = Text(1, 400)


class DuressSettled(BaseModel):
    """What came of a call."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(max_length=2_000)]


@route(router, "GET", "/api/duress", Act.DURESS_READ, About.LATER)
async def read_duress(request: Request, signed_in: SignedInPerson) -> Response:
    """Return the calls of others that nobody has settled; one's own is never among them."""
    return answer(DuressAnswer((await duress_frame(parts_of(request), signed_in)).calls))


@route(router, "POST", "/api/duress/{call}/settle", Act.DURESS_SETTLE, About.LATER)
async def settle_duress(
    request: Request,
    signed_in: SignedInPerson,
    call: Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")],
    given: DuressSettled,
) -> Response:
    """Say what came of somebody else's call."""
    parts = parts_of(request)
    try:
        words, chosen = OUTCOME.read(given.words), DuressCallId.parse(call)
    except ValueError as error:
        raise RequestMalformed(field="words") from error
    found = await parts.database.read(lambda connection: find_duress_call(connection, chosen))
    require(parts, signed_in, Act.DURESS_SETTLE, Whose(person=found.person))
    now, by = parts.clock.now(), signed_in.person.id
    await parts.database.write(
        lambda connection: settle_duress_call(connection, chosen, by, words, now)
    )
    log.warning("duress call settled", call=call)
    parts.rights.note_change()
    return answer(DuressAnswer((await duress_frame(parts, signed_in)).calls))
