"""The web application of one node, put together."""

from typing import cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from parley.errors import ParleyError, PasskeySuspect, RequestMalformed, WebFault
from parley.web.gatekeeper import Gatekeeper
from parley.web.guard import check_guards
from parley.web.parts import Parts
from parley.web.problems import from_status, problem
from parley.web.routes import (
    alerts,
    assessments,
    calls,
    checks,
    contacts,
    crises,
    devices,
    doors,
    duress,
    duty,
    erasures,
    interface,
    lines,
    notifications,
    offices,
    operations,
    pages,
    people,
    permissions,
    provider,
    record,
    rooms,
    sign_in,
    terms,
    text,
)
from parley.web.routes.attachments import router as attachments

ROUTERS = (
    sign_in.router,
    provider.router,
    devices.router,
    people.router,
    offices.router,
    duress.router,
    permissions.router,
    lines.router,
    attachments,
    erasures.router,
    rooms.router,
    doors.router,
    record.router,
    notifications.router,
    calls.router,
    alerts.router,
    duty.router,
    crises.router,
    assessments.router,
    checks.router,
    contacts.router,
    terms.router,
    pages.router,
    text.router,
    operations.router,
    interface.router,
)
"""In order: the interface answers whatever nothing else does."""


def routes() -> FastAPI:
    """Return the routes without the services behind them, for schema and checks.

    Raises:
        GuardMissing: a route declares no guard.
    """
    app = FastAPI(title="Parley node", docs_url=None, redoc_url=None, openapi_url=None)
    for router in ROUTERS:
        # Not included: that builds each route a second time at the first request, which waits.
        app.router.routes.extend(router.routes)
    check_guards(app.routes)
    app.add_exception_handler(ParleyError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(HTTPException, _on_status)
    app.add_exception_handler(Exception, _on_fault)
    return app


def build(parts: Parts) -> ASGIApp:
    """Return the application of a running node, behind its gatekeeper."""
    app = routes()
    app.state.parts = parts
    return Gatekeeper(
        app,
        limits=parts.settings.limits,
        origins=parts.origins,
        clock=parts.clock,
        metrics=parts.metrics,
        security=parts.security,
    )


async def _on_error(request: Request, error: Exception) -> Response:
    refused = cast("ParleyError", error)
    parts = getattr(request.app.state, "parts", None)
    if isinstance(parts, Parts):
        parts.security.refused(refused, request.scope)
        if isinstance(refused, PasskeySuspect):
            # It has just ended what that passkey began, wherever it was shown.
            parts.rights.note_change()
    return problem(refused)


async def _on_malformed(request: Request, error: Exception) -> Response:
    first = cast("RequestValidationError", error).errors()[0]
    refused = RequestMalformed(field=".".join(str(part) for part in first["loc"])[:80])
    return await _on_error(request, refused)


async def _on_status(_: Request, error: Exception) -> Response:
    return problem(from_status(cast("HTTPException", error).status_code))


async def _on_fault(_request: Request, _error: Exception) -> Response:
    return problem(WebFault())
