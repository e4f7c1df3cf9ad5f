"""The record: spaces and entries, proofs and exports, remarks, and the agreement of a line."""

import io
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Annotated, Final, TypeVar

import sqlalchemy as sa
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from parley.crisis.checks.terms import line_agreement
from parley.errors import (
    AgreementOvertaken,
    EntryUnknown,
    LogNotOpen,
    NoteMalformed,
    PartyUnknown,
    RequestMalformed,
)
from parley.identity.permission import Act
from parley.ids import PartyId, SpaceId, ThreadId
from parley.record import repository
from parley.record.checkpoint import Origin, read_origin
from parley.record.handover import export_evidence, export_space, prove_entry, trust_of
from parley.record.keeping import Appended, EntryDraft
from parley.record.kinds import KIND_MAX, Kind
from parley.record.line_agreement import (
    TEXT_CHARACTERS_MAX,
    LineVersion,
    find_version,
    may_be_signed,
    proposal,
    signature,
)
from parley.record.repository import EntryQuery
from parley.record.view import EntryView, RecordLook
from parley.web.answers import EntriesAnswer, LineAgreementAnswer, SpacesAnswer, answer
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
LIMIT_MAX: Final = 200
"""Entries in one answer; each costs a handful of look-ups."""
CHUNK_BYTES: Final = 262_144
REMARK_CHARACTERS_MAX: Final = 8_000
IdText = Annotated[str, Field(pattern=r"^[a-z2-7]{26}$")]
DigestText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
OriginText = Annotated[str, Query(max_length=80)]
AnyId = TypeVar("AnyId", SpaceId, PartyId, ThreadId)
NO_STORE: Final = {"cache-control": "no-store"}


class Remark(BaseModel):
    """Plain words of a person to the other parties of a space."""

    model_config = ConfigDict(extra="forbid")

    space: IdText
    text: Annotated[str, Field(min_length=1, max_length=REMARK_CHARACTERS_MAX)]
    thread: IdText | None = None


class AgreementProposal(BaseModel):
    """A version of a line's agreement."""

    model_config = ConfigDict(extra="forbid")

    body: Annotated[str, Field(min_length=1, max_length=TEXT_CHARACTERS_MAX)]


@route(router, "GET", "/api/record/spaces", Act.RECORD_READ)
async def read_spaces(request: Request) -> Response:
    """Return every space with its logs: size, standing, who holds how much."""
    parts = parts_of(request)
    live = parts.record.live()
    return answer(SpacesAnswer(await parts.database.read(lambda c: _look(parts, c).spaces(live))))


@route(router, "GET", "/api/record/entries", Act.RECORD_READ)
async def read_entries(
    request: Request,
    space: Annotated[str | None, Query(max_length=26)] = None,
    party: Annotated[str | None, Query(max_length=26)] = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    thread: Annotated[str | None, Query(max_length=26)] = None,
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    set_aside: bool | None = None,  # noqa: FBT001  FastAPI's form of a query
) -> Response:
    """Return entries, the newest first, with what is proved of each."""
    parts = parts_of(request)
    wanted_space = None if space is None else _parse(SpaceId, space, "space")
    wanted_party = None if party is None else _parse(PartyId, party, "party")
    wanted_thread = None if thread is None else bytes(_parse(ThreadId, thread, "thread"))
    kinds = () if kind is None else (_kind(kind),)

    def find(connection: sa.Connection) -> tuple[EntryView, ...]:
        logs = [
            log.id
            for log in repository.logs(connection)
            if wanted_space in {None, log.origin.space} and wanted_party in {None, log.origin.party}
        ]
        query = EntryQuery(logs, kinds, wanted_thread, before, limit=limit, is_set_aside=set_aside)
        return _look(parts, connection).entries(query)

    found = await parts.database.read(find)
    rest = str(found[-1].number) if len(found) == limit else None
    return answer(EntriesAnswer(found, rest))


@route(router, "GET", "/api/record/proof", Act.RECORD_READ, response_class=Response)
async def read_proof(
    request: Request, log: OriginText, index: Annotated[int, Query(ge=0, le=2**62)]
) -> Response:
    """Return the proof that an entry is in its log (C2SP tlog-proof), its bytes as the extra."""
    origin = _origin(log)
    proof = await parts_of(request).database.read(lambda c: prove_entry(c, origin, index))
    return Response(proof.encoded(), media_type="text/plain", headers=NO_STORE)


@route(router, "GET", "/api/record/trust", Act.RECORD_READ, response_class=Response)
async def read_trust(request: Request, space: Annotated[str, Query(max_length=26)]) -> Response:
    """Return whose logs count in a space and who must hold them (C2SP tlog-policy)."""
    wanted = _parse(SpaceId, space, "space")
    policy = await parts_of(request).database.read(lambda c: trust_of(c, wanted))
    return Response(policy, media_type="text/plain", headers=NO_STORE)


@route(router, "GET", "/api/record/export", Act.RECORD_EXPORT, response_class=Response)
async def export(request: Request, space: Annotated[str, Query(max_length=26)]) -> Response:
    """Return all that is kept of a space as one file, for ``parley verify``."""
    parts = parts_of(request)
    wanted, now = _parse(SpaceId, space, "space"), parts.clock.now()
    kept = parts.record.space(wanted)
    labels = {party: parts.lines.name_of(party) or party.text for party in kept.row.members}
    # The answer is sent after this function has returned; the file goes with it.
    into = tempfile.TemporaryFile()  # noqa: SIM115

    def write(connection: sa.Connection) -> None:
        export_space(connection, into, wanted, parts.record.keys, labels, now)

    await parts.database.read(write)
    return _zipped(into, f"record-{wanted.text[:8]}.zip")


@route(router, "GET", "/api/record/evidence", Act.RECORD_READ, response_class=Response)
async def read_evidence(request: Request, log: OriginText) -> Response:
    """Return what shows that a log's party contradicted itself, for ``parley verify``."""
    parts, origin = parts_of(request), _origin(log)
    labels = {
        party: parts.lines.name_of(party) or party.text
        for party in parts.record.space(origin.space).row.members
    }
    into, now = io.BytesIO(), parts.clock.now()

    def write(connection: sa.Connection) -> None:
        if all(row.origin != origin for row in repository.logs(connection)):
            raise EntryUnknown
        export_evidence(connection, into, origin.space, parts.record.keys, labels, now, origin)

    await parts.database.read(write)
    return _zipped(into, f"evidence-{origin.party.text[:8]}.zip")


@route(router, "POST", "/api/record/remarks", Act.RECORD_REMARK, status_code=CREATED)
async def remark(request: Request, signed_in: SignedInPerson, said: Remark) -> Response:
    """Say something to the other parties of a space."""
    parts = parts_of(request)
    space = _parse(SpaceId, said.space, "space")
    draft = EntryDraft(
        kind=Kind.STATEMENT,
        body={0: said.text},
        actor=signed_in.person.actor,
        thread=None if said.thread is None else _parse(ThreadId, said.thread, "thread"),
    )
    appended = await parts.record.append_draft(space, draft)
    return answer(await shown(parts, appended), CREATED)


# --------------------------------------------------------------------------- agreement of a line


@route(router, "GET", "/api/lines/{party}/agreement", Act.AGREEMENT_READ)
async def read_agreement(request: Request, party: Annotated[str, Path()]) -> Response:
    """Return every version of what both parties have agreed about their line."""
    parts = parts_of(request)
    space = _line_space(parts, party)
    found = await parts.database.read(lambda c: line_agreement(c, space))
    own = parts.record.keys.party
    return answer(LineAgreementAnswer(tuple(version.view(own) for version in found)))


@route(router, "POST", "/api/lines/{party}/agreement", Act.AGREEMENT_PROPOSE, status_code=CREATED)
async def propose_agreement(
    request: Request,
    signed_in: SignedInPerson,
    party: Annotated[str, Path()],
    said: AgreementProposal,
) -> Response:
    """Propose a version; nobody has agreed to it yet."""
    parts = parts_of(request)
    space = _line_space(parts, party)
    draft = proposal(space, said.body, signed_in.person.actor)
    appended = await parts.record.append_draft(space, draft)
    version = await _version(parts, space, lambda each: each.hash == appended.hash)
    return answer(version.view(parts.record.keys.party), CREATED)


@route(
    router,
    "POST",
    "/api/lines/{party}/agreement/{digest}/agree/begin",
    Act.AGREEMENT_SIGN,
    About.LATER,
)
async def begin_agreement(
    request: Request,
    signed_in: SignedInPerson,
    party: Annotated[str, Path()],
    digest: DigestText,
) -> Response:
    """Make the entry that agrees to a version; return what the authenticators are to sign."""
    parts = parts_of(request)
    space = _line_space(parts, party)
    versions = await parts.database.read(lambda c: line_agreement(c, space))
    version = find_version(versions, bytes.fromhex(digest))
    if version.is_overtaken or not may_be_signed(version, versions, parts.record.keys.party):
        raise AgreementOvertaken(number=version.number)
    members = parts.record.space(space).row.members
    draft = signature(space, members, version, signed_in.person.actor)
    prepared = parts.record.prepare_draft(space, draft)
    return await begin_signing(request, signed_in, Act.AGREEMENT_SIGN, prepared)


@route(
    router,
    "POST",
    "/api/lines/{party}/agreement/{digest}/agree",
    Act.AGREEMENT_SIGN,
    About.LATER,
)
async def sign_agreement(
    request: Request,
    signed_in: SignedInPerson,
    party: Annotated[str, Path()],
    digest: DigestText,
    given: CredentialGiven,
) -> Response:
    """Agree to a version for one's own party, with a passkey over the very entry."""
    parts = parts_of(request)
    space, own = _line_space(parts, party), parts.record.keys.party
    versions = await parts.database.read(lambda c: line_agreement(c, space))
    version = find_version(versions, bytes.fromhex(digest))
    await finish_signing(request, signed_in, Act.AGREEMENT_SIGN, given, version.hash)
    version = await _version(parts, space, lambda each: each.hash == version.hash)
    return answer(version.view(own))


# -------------------------------------------------------------------------------------- details


def _look(parts: Parts, connection: sa.Connection) -> RecordLook:
    return RecordLook(connection, parts.record.keys.party, parts.lines.name_of)


async def shown(parts: Parts, appended: Appended) -> EntryView:
    """Return an entry that was appended, as it is shown."""

    def find(connection: sa.Connection) -> EntryView:
        row = repository.find_entry(connection, appended.hash)
        if row is None:
            raise LogNotOpen(state="lost")
        logs = {log.id: log for log in repository.logs(connection)}
        spaces = {space.id: space for space in repository.spaces(connection)}
        return _look(parts, connection).entry(row, logs, spaces)

    return await parts.database.read(find)


async def _version(
    parts: Parts, space: SpaceId, is_wanted: Callable[[LineVersion], bool]
) -> LineVersion:
    found = await parts.database.read(lambda c: line_agreement(c, space))
    version = next((each for each in found if is_wanted(each)), None)
    if version is None:
        raise EntryUnknown
    return version


def _line_space(parts: Parts, text: str) -> SpaceId:
    """Return the space of the line to a party.

    Raises:
        PartyUnknown: there is no record with it.
    """
    party = _parse(PartyId, text, "party")
    space = SpaceId.of_pair(parts.record.keys.party, party)
    if space not in {kept.id for kept in parts.record.spaces}:
        raise PartyUnknown(party=party.text)
    return space


def _zipped(into: IO[bytes], name: str) -> Response:
    into.seek(0)
    headers = {**NO_STORE, "content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_chunks(into), media_type="application/zip", headers=headers)


def _chunks(into: IO[bytes]) -> Iterator[bytes]:
    with into:
        while chunk := into.read(CHUNK_BYTES):
            yield chunk


def _kind(text: str) -> int:
    known = {kind.name.lower(): int(kind) for kind in Kind}
    if text in known:
        return known[text]
    if not (text.isascii() and text.isdecimal()) or int(text) > KIND_MAX:
        raise RequestMalformed(field="kind")
    return int(text)


def _origin(text: str) -> Origin:
    try:
        return read_origin(text)
    except NoteMalformed as error:
        raise RequestMalformed(field="log") from error


def _parse(kind: type[AnyId], text: str, field: str) -> AnyId:
    try:
        return kind.parse(text)
    except ValueError as error:
        raise RequestMalformed(field=field) from error
