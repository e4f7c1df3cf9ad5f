"""The permission table, the trail, and broken glass."""

from collections.abc import Mapping
from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.config.kinds import Text
from parley.errors import RequestMalformed
from parley.identity.broken_glass import (
    BrokenGlass,
    break_glass,
    end_glass,
    find_glass,
    second_glass,
)
from parley.identity.permission import GIVES, Act, Role, Whose, rows
from parley.identity.trail import TrailRow, read_trail
from parley.ids import BrokenGlassId
from parley.line.view import stamp
from parley.telemetry import log
from parley.web.answers import answer
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.staff_answers import (
    LentRolesAnswer,
    PermissionsAnswer,
    RuleView,
    TrailAnswer,
    TrailRowView,
)
from parley.web.staff_views import (
    glass_view,
    in_order,
    lent_roles_frame,
    names_in_trail,
    names_of,
)

router = APIRouter()
REASON: Final = Text(8, 500)
"""Fewer than eight characters say nothing to whoever reads it later."""
TRAIL_MAX: Final = 200
ASKER: Final = r"^([a-z2-7]{26}|operator|node)$"
GlassText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]


class GlassBroken(BaseModel):
    """Which role is asked for, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=1_000)]
    role: Role = Role.RELEASER


@route(router, "GET", "/api/permissions", Act.PERMISSION_READ)
async def read_permissions() -> Response:
    """Return the whole permission table."""
    acts = tuple(
        RuleView(
            row.act.value,
            row.proof.value,
            {role.value: reach for role, reach in row.people.items()},
            row.is_operator,
            row.is_machine,
        )
        for row in rows()
    )
    return answer(
        PermissionsAnswer(acts, {role.value: in_order(given) for role, given in GIVES.items()})
    )


@route(router, "GET", "/api/trail", Act.TRAIL_READ)
async def read_the_trail(
    request: Request,
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=TRAIL_MAX)] = 50,
    asker: Annotated[str | None, Query(pattern=ASKER)] = None,
    is_refused: Annotated[bool | None, Query()] = None,
) -> Response:
    """Return what was done here that binds, and what the node noticed, the newest first.

    All of it, or what one person, program, ``operator`` or ``node`` did; all of it, or only what
    was refused, or only what was done.
    """

    def read(connection: sa.Connection) -> TrailAnswer:
        names = names_in_trail(connection)
        found = read_trail(connection, before, limit, asker=asker, is_refused=is_refused)
        older = found[-1].number if len(found) == limit else None
        return TrailAnswer(tuple(_row_view(row, names) for row in found), older or None)

    return answer(await parts_of(request).database.read(read))


@route(router, "GET", "/api/break-glass", Act.OFFICE_READ)
async def read_broken_glass(request: Request) -> Response:
    """Return every role asked for or lent now."""
    return answer(LentRolesAnswer((await lent_roles_frame(parts_of(request))).lent))


@route(router, "POST", "/api/break-glass", Act.BREAK_GLASS_OPEN, status_code=CREATED)
async def open_glass(request: Request, signed_in: SignedInPerson, broken: GlassBroken) -> Response:
    """Ask for a role one does not have; every desk shows it."""
    parts = parts_of(request)
    try:
        reason = REASON.read(broken.reason)
    except ValueError as error:
        raise RequestMalformed(field="reason") from error
    now, person = parts.clock.now(), signed_in.person.id

    def write(connection: sa.Connection) -> BrokenGlass:
        made = break_glass(connection, person, broken.role, reason, now)
        return find_glass(connection, made, now)

    return await _told(parts, await parts.database.write(write), CREATED)


@route(router, "POST", "/api/break-glass/{glass}/second", Act.BREAK_GLASS_SECOND, About.LATER)
async def agree_to_glass(request: Request, signed_in: SignedInPerson, glass: GlassText) -> Response:
    """Agree that somebody else gets the role they asked for."""
    parts = parts_of(request)
    chosen, now, person = parse_glass(glass), parts.clock.now(), signed_in.person.id
    asked = await parts.database.read(lambda connection: find_glass(connection, chosen, now))
    require(parts, signed_in, Act.BREAK_GLASS_SECOND, Whose(person=asked.person))
    changed = await parts.database.write(
        lambda connection: second_glass(connection, chosen, person, now)
    )
    return await _told(parts, changed)


@route(router, "POST", "/api/break-glass/{glass}/end", Act.BREAK_GLASS_END, About.LATER)
async def take_glass_back(
    request: Request, signed_in: SignedInPerson, glass: GlassText
) -> Response:
    """Take a lent role back before its time is over."""
    parts = parts_of(request)
    chosen, now, person = parse_glass(glass), parts.clock.now(), signed_in.person.id
    asked = await parts.database.read(lambda connection: find_glass(connection, chosen, now))
    require(parts, signed_in, Act.BREAK_GLASS_END, Whose(person=asked.person))
    changed = await parts.database.write(
        lambda connection: end_glass(connection, chosen, person, now)
    )
    return await _told(parts, changed)


def parse_glass(text: str) -> BrokenGlassId:
    """Read the id of a lent role from an address.

    Raises:
        RequestMalformed: it is none.
    """
    try:
        return BrokenGlassId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="glass") from error


async def _told(parts: Parts, glass: BrokenGlass, status: int = 200) -> Response:
    """Let every desk know, and answer."""
    log.warning("broken glass", state=glass.state.value, person=glass.person.text)
    parts.rights.note_change()
    names = await parts.database.read(names_of)
    return answer(glass_view(glass, names), status)


def _row_view(row: TrailRow, names: Mapping[str, str]) -> TrailRowView:
    return TrailRowView(
        row.number,
        stamp(row.at),
        row.act,
        row.asker,
        names.get(row.asker),
        row.subject,
        names.get(row.subject),
        row.outcome,
        row.words,
    )
