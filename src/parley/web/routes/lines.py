"""Lines, and what was set aside on them."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from parley.identity.permission import Act
from parley.line.view import stamp
from parley.web.answers import LinesAnswer, RefusalsAnswer, RefusalView, answer
from parley.web.guard import route
from parley.web.parts import parts_of

router = APIRouter()


@route(router, "GET", "/api/lines", Act.LINE_WATCH)
async def read_lines(request: Request) -> Response:
    """Return every line: agreement, paths, lanes, last proof of life."""
    return answer(LinesAnswer(tuple(parts_of(request).lines.views())))


@route(router, "GET", "/api/refusals", Act.LINE_WATCH)
async def read_refusals(request: Request) -> Response:
    """Return what was set aside since the node started, counted by reason."""
    return answer(
        RefusalsAnswer(
            tuple(
                RefusalView(
                    count.code,
                    count.party.text if count.party else None,
                    count.count,
                    stamp(count.last_at),
                )
                for count in parts_of(request).set_aside.counts()
            )
        )
    )
