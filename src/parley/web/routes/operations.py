"""What operators' programs ask: is it alive, and how does it do."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from parley import __version__
from parley.web.answers import HealthAnswer, answer
from parley.web.guard import Guard, route
from parley.web.parts import parts_of

router = APIRouter()
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


@route(router, "GET", "/healthz", Guard.ANYONE)
async def health() -> Response:
    """Say that the node answers; pages measure their round trip with it."""
    return answer(HealthAnswer("ok", __version__))


@route(router, "GET", "/metrics", Guard.MACHINE, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Return all metrics in Prometheus' text format."""
    return Response(parts_of(request).metrics.exposition(), media_type=EXPOSITION)
