"""Formatted notifications: types, drafts, what both sides hold, queries, numbers, reminders."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from parley.crisis.notifications.bodies import WORDS_CHARACTERS_MAX, NotificationWords
from parley.crisis.notifications.definition import write_type
from parley.crisis.notifications.form import write_form
from parley.crisis.notifications.matter import OFFICES
from parley.crisis.notifications.starter import STARTER_IDS, starter_type
from parley.crisis.offices import Capacity
from parley.crisis.papers.notifications import SHOWN_MAX
from parley.errors import RequestMalformed
from parley.identity.permission import OURS, THEIRS, Act, Whose
from parley.identity.sign_in import SignedIn
from parley.ids import DraftId, SpaceId
from parley.record.kinds import Kind
from parley.web.answers import answer
from parley.web.capacity import capacity_within
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.paper_answers import (
    DraftsAnswer,
    NotificationsAnswer,
    NumbersAnswer,
    RemindersAnswer,
    StarterAnswer,
    StarterView,
    TypesAnswer,
)
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED, NO_CONTENT
from parley.web.routes.record import NO_STORE, DigestText, IdText
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
SpaceText = Annotated[str, Query(pattern=r"^[a-z2-7]{26}$")]
MaybeSpaceText = Annotated[str | None, Query(pattern=r"^[a-z2-7]{26}$")]
PathId = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
LimitNumber = Annotated[int, Query(ge=1, le=SHOWN_MAX)]
HashText = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LanguageText = Annotated[str, Query(max_length=12)]
CAP_MEDIA_TYPE: Final = "application/cap+xml; charset=utf-8"
PDF_MEDIA_TYPE: Final = "application/pdf"


class TypeGiven(BaseModel):
    """A type to be proposed: one of the starter set, or a definition of one's own."""

    model_config = ConfigDict(extra="forbid")

    space: IdText
    starter: Annotated[str | None, Field(max_length=40)] = None
    definition: dict[str, Any] | None = None


class DraftGiven(BaseModel):
    """A notification to be drafted."""

    model_config = ConfigDict(extra="forbid")

    space: IdText
    type_hash: HashText
    form: dict[str, Any]
    corrects: HashText | None = None
    is_exercise: bool = False


class FormGiven(BaseModel):
    """What a draft is to say instead."""

    model_config = ConfigDict(extra="forbid")

    form: dict[str, Any]


class WordsGiven(BaseModel):
    """A question, an answer, a reason."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(max_length=WORDS_CHARACTERS_MAX)] = ""


# ------------------------------------------------------------------------------------------- types


@route(router, "GET", "/api/notification-types", Act.NOTIFICATION_READ)
async def read_types(request: Request, space: SpaceText) -> Response:
    """Return every type that was proposed for a line, and who agreed to it."""
    return answer(TypesAnswer(await parts_of(request).notifications.types(_space(space))))


@route(router, "GET", "/api/notification-types/starter", Act.NOTIFICATION_READ)
async def read_starter_types() -> Response:
    """Return the types to begin with; they bind nobody."""
    found = tuple(StarterView(each, starter_type(each).decode()) for each in STARTER_IDS)
    return answer(StarterAnswer(found))


@route(router, "POST", "/api/notification-types", Act.AGREEMENT_PROPOSE, status_code=CREATED)
async def propose_type(request: Request, signed_in: SignedInPerson, given: TypeGiven) -> Response:
    """Propose a type for a line; nobody has agreed to it yet."""
    if (given.starter is None) == (given.definition is None):
        raise RequestMalformed(field="definition")
    own = given.definition
    encoded = starter_type(given.starter or "") if own is None else write_type(own)
    service = parts_of(request).notifications
    found = await service.propose_type(_space(given.space), encoded, signed_in.person)
    return answer(found, CREATED)


@route(
    router,
    "POST",
    "/api/notification-types/{space}/{digest}/agree/begin",
    Act.AGREEMENT_SIGN,
    About.LATER,
)
async def begin_type_agreement(
    request: Request, signed_in: SignedInPerson, space: PathId, digest: DigestText
) -> Response:
    """Make the entry that agrees to a type; return what the authenticators are to sign."""
    parts, where = parts_of(request), _space(space)
    draft = await parts.notifications.type_agreement(
        where, bytes.fromhex(digest), signed_in.person.actor
    )
    prepared = parts.record.prepare_draft(where, draft)
    return await begin_signing(request, signed_in, Act.AGREEMENT_SIGN, prepared)


@route(
    router,
    "POST",
    "/api/notification-types/{space}/{digest}/agree",
    Act.AGREEMENT_SIGN,
    About.LATER,
)
async def agree_to_type(
    request: Request,
    signed_in: SignedInPerson,
    space: PathId,
    digest: DigestText,
    given: CredentialGiven,
) -> Response:
    """Agree to a type for one's own party, with a passkey over the very entry."""
    parts, where, kind = parts_of(request), _space(space), bytes.fromhex(digest)
    shown = await parts.notifications.type_shown(where, kind)
    subject = bytes.fromhex(shown.entry)
    await finish_signing(request, signed_in, Act.AGREEMENT_SIGN, given, subject)
    return answer(await parts.notifications.type_shown(where, kind))


# ------------------------------------------------------------------------------------------ drafts


@route(router, "GET", "/api/notifications/drafts", Act.NOTIFICATION_DRAFT)
async def read_drafts(request: Request) -> Response:
    """Return what is being written here, each with what is wrong about it now."""
    return answer(DraftsAnswer(await parts_of(request).notifications.drafts()))


@route(router, "POST", "/api/notifications/drafts", Act.NOTIFICATION_DRAFT, status_code=CREATED)
async def begin_draft(request: Request, signed_in: SignedInPerson, given: DraftGiven) -> Response:
    """Begin a draft; it may be wrong in every way but that of its encoding."""
    found = await parts_of(request).notifications.begin(
        _space(given.space),
        bytes.fromhex(given.type_hash),
        write_form(given.form),
        signed_in.person,
        None if given.corrects is None else bytes.fromhex(given.corrects),
        is_exercise=given.is_exercise,
    )
    return answer(found, CREATED)


@route(
    router,
    "PATCH",
    "/api/notifications/drafts/{draft}",
    Act.NOTIFICATION_DRAFT,
    About.LATER,
)
async def change_draft(
    request: Request, signed_in: SignedInPerson, draft: PathId, given: FormGiven
) -> Response:
    """Give a draft other words; it is to be checked and verified again."""
    parts, wanted = parts_of(request), _draft(draft)
    await _require_draft(parts, signed_in, wanted, Act.NOTIFICATION_DRAFT)
    form = write_form(given.form)
    return answer(await parts.notifications.change(wanted, form, signed_in.person))


@route(
    router,
    "POST",
    "/api/notifications/drafts/{draft}/check",
    Act.NOTIFICATION_DRAFT,
    About.LATER,
)
async def check_draft(request: Request, signed_in: SignedInPerson, draft: PathId) -> Response:
    """Hold a draft against its type; findings say what is to be mended."""
    parts, wanted = parts_of(request), _draft(draft)
    await _require_draft(parts, signed_in, wanted, Act.NOTIFICATION_DRAFT)
    return answer(await parts.notifications.check(wanted))


@route(
    router,
    "POST",
    "/api/notifications/drafts/{draft}/verify",
    Act.NOTIFICATION_VERIFY,
    About.LATER,
)
async def verify_draft(request: Request, signed_in: SignedInPerson, draft: PathId) -> Response:
    """Vouch for a draft that somebody else wrote."""
    parts, wanted = parts_of(request), _draft(draft)
    await _require_draft(parts, signed_in, wanted, Act.NOTIFICATION_VERIFY)
    return answer(await parts.notifications.verify(wanted, signed_in.person))


@route(
    router,
    "POST",
    "/api/notifications/drafts/{draft}/discard",
    Act.NOTIFICATION_DRAFT,
    About.LATER,
    status_code=NO_CONTENT,
)
async def discard_draft(request: Request, signed_in: SignedInPerson, draft: PathId) -> Response:
    """Give a draft up."""
    parts, wanted = parts_of(request), _draft(draft)
    await _require_draft(parts, signed_in, wanted, Act.NOTIFICATION_DRAFT)
    await parts.notifications.discard(wanted)
    return Response(status_code=NO_CONTENT)


@route(
    router,
    "POST",
    "/api/notifications/drafts/{draft}/send/begin",
    Act.NOTIFICATION_SEND,
    About.LATER,
)
async def begin_sending(request: Request, signed_in: SignedInPerson, draft: PathId) -> Response:
    """Make the entry that sends a verified draft under the next number of its series."""
    notifications, capacity = parts_of(request).notifications, _capacity(signed_in)
    actor = signed_in.person.actor
    prepared = await notifications.prepare_sending(_draft(draft), actor, capacity)
    return await begin_signing(request, signed_in, Act.NOTIFICATION_SEND, prepared)


@route(
    router,
    "POST",
    "/api/notifications/drafts/{draft}/send",
    Act.NOTIFICATION_SEND,
    About.LATER,
    status_code=CREATED,
)
async def send_draft(
    request: Request, signed_in: SignedInPerson, draft: PathId, given: CredentialGiven
) -> Response:
    """Send a verified draft, with a passkey over the very entry."""
    notifications = parts_of(request).notifications
    async with notifications.sending(_draft(draft), _capacity(signed_in)) as accept:
        sent = await finish_signing(request, signed_in, Act.NOTIFICATION_SEND, given, accept=accept)
    return answer(await notifications.notification(sent.hash), CREATED)


# ----------------------------------------------------------------------------- what both sides hold


@route(router, "GET", "/api/notifications", Act.NOTIFICATION_READ)
async def read_notifications(
    request: Request, space: MaybeSpaceText = None, limit: LimitNumber = 50
) -> Response:
    """Return the newest notifications, the newest first."""
    wanted = None if space is None else _space(space)
    found = await parts_of(request).notifications.notifications(wanted, limit)
    return answer(NotificationsAnswer(found))


@route(router, "GET", "/api/notifications/numbers", Act.NOTIFICATION_READ)
async def read_numbers(request: Request) -> Response:
    """Return every number that is missing or that several notifications have."""
    return answer(NumbersAnswer(await parts_of(request).notifications.numbers()))


@route(router, "GET", "/api/notifications/reminders", Act.NOTIFICATION_READ)
async def read_reminders(request: Request) -> Response:
    """Return the periodic notifications we were reminded of."""
    return answer(RemindersAnswer(await parts_of(request).notifications.reminders()))


@route(router, "GET", "/api/notifications/{digest}", Act.NOTIFICATION_READ)
async def read_notification(request: Request, digest: DigestText) -> Response:
    """Return one notification as both sides hold it."""
    return answer(await parts_of(request).notifications.notification(bytes.fromhex(digest)))


@route(
    router,
    "GET",
    "/api/notifications/{digest}/cap",
    Act.NOTIFICATION_READ,
    response_class=Response,
)
async def read_cap(request: Request, digest: DigestText, language: LanguageText = "en") -> Response:
    """Return a notification as an alert of CAP 1.2, where its type fits."""
    exported = await parts_of(request).notifications.cap(bytes.fromhex(digest), language)
    return Response(exported, media_type=CAP_MEDIA_TYPE, headers=NO_STORE)


@route(
    router,
    "GET",
    "/api/notifications/{digest}/paper",
    Act.NOTIFICATION_READ,
    response_class=Response,
)
async def read_paper(
    request: Request, digest: DigestText, language: LanguageText = "en"
) -> Response:
    """Return a notification on paper: PDF/A-3a, signed by our party, with its proofs attached."""
    made = await parts_of(request).notifications.paper(bytes.fromhex(digest), language)
    return Response(made, media_type=PDF_MEDIA_TYPE, headers=NO_STORE)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/queries",
    Act.NOTIFICATION_QUERY,
    About.LATER,
    status_code=CREATED,
)
async def ask_about(
    request: Request, signed_in: SignedInPerson, digest: DigestText, given: WordsGiven
) -> Response:
    """Ask about the other party's notification."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    require(parts, signed_in, Act.NOTIFICATION_QUERY, await _whose(parts, wanted))
    capacity = _capacity(signed_in, Kind.QUERY)
    found = await parts.notifications.query(wanted, given.words, signed_in.person, capacity)
    return answer(found, CREATED)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/queries/{query}/clarification/begin",
    Act.NOTIFICATION_CLARIFY,
    About.LATER,
)
async def begin_clarification(
    request: Request,
    signed_in: SignedInPerson,
    digest: DigestText,
    query: DigestText,
    given: WordsGiven,
) -> Response:
    """Make the answer to what the other party asked about ours."""
    notifications, wanted = parts_of(request).notifications, bytes.fromhex(digest)
    whose, actor = await _whose(parts_of(request), wanted), signed_in.person.actor
    prepared = await notifications.prepare_clarification(
        wanted, bytes.fromhex(query), given.words, actor
    )
    return await begin_signing(request, signed_in, Act.NOTIFICATION_CLARIFY, prepared, whose)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/queries/{query}/clarification",
    Act.NOTIFICATION_CLARIFY,
    About.LATER,
    status_code=CREATED,
)
async def clarify(
    request: Request,
    signed_in: SignedInPerson,
    digest: DigestText,
    query: DigestText,
    given: CredentialGiven,
) -> Response:
    """Answer what the other party asked about ours, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.NOTIFICATION_CLARIFY, digest, given, query)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/cancel/begin",
    Act.NOTIFICATION_CANCEL,
    About.LATER,
)
async def begin_cancellation(
    request: Request,
    signed_in: SignedInPerson,
    digest: DigestText,
    given: WordsGiven,
) -> Response:
    """Make what says that a notification of ours does not stand any more."""
    act, kind = Act.NOTIFICATION_CANCEL, Kind.CANCELLATION
    return await _begin_end(request, signed_in, act, kind, digest, given.words)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/cancel",
    Act.NOTIFICATION_CANCEL,
    About.LATER,
    status_code=CREATED,
)
async def cancel(
    request: Request,
    signed_in: SignedInPerson,
    digest: DigestText,
    given: CredentialGiven,
) -> Response:
    """Cancel a notification of ours, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.NOTIFICATION_CANCEL, digest, given)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/close/begin",
    Act.NOTIFICATION_CLOSE,
    About.LATER,
)
async def begin_closing(
    request: Request,
    signed_in: SignedInPerson,
    digest: DigestText,
    given: WordsGiven,
) -> Response:
    """Make what says that a notification of ours has run its course."""
    act, kind = Act.NOTIFICATION_CLOSE, Kind.CONCLUSION
    return await _begin_end(request, signed_in, act, kind, digest, given.words)


@route(
    router,
    "POST",
    "/api/notifications/{digest}/close",
    Act.NOTIFICATION_CLOSE,
    About.LATER,
    status_code=CREATED,
)
async def close(
    request: Request,
    signed_in: SignedInPerson,
    digest: DigestText,
    given: CredentialGiven,
) -> Response:
    """Close a notification of ours, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.NOTIFICATION_CLOSE, digest, given)


# ----------------------------------------------------------------------------------------- details


async def _require_draft(parts: Parts, asking: SignedIn, draft: DraftId, act: Act) -> None:
    found = await parts.notifications.draft_of(draft)
    require(parts, asking, act, Whose(person=found.drafter))


async def _begin_end(
    request: Request, signed_in: SignedIn, act: Act, kind: Kind, digest: str, words: str
) -> Response:
    """Make what cancels or closes a notification of ours; return what is to be signed."""
    parts, wanted = parts_of(request), bytes.fromhex(digest)
    whose, actor = await _whose(parts, wanted), signed_in.person.actor
    said = NotificationWords(words, _capacity(signed_in, kind))
    prepared = await parts.notifications.prepare_end(wanted, kind, said, actor)
    return await begin_signing(request, signed_in, act, prepared, whose)


async def _finish(
    request: Request,
    signed_in: SignedIn,
    act: Act,
    digest: str,
    given: CredentialGiven,
    about: str | None = None,
) -> Response:
    """Append what was signed about a notification; return the notification as it stands then."""
    subject = bytes.fromhex(about or digest)
    await finish_signing(request, signed_in, act, given, subject)
    found = await parts_of(request).notifications.notification(bytes.fromhex(digest))
    return answer(found, CREATED)


def _capacity(signed_in: SignedIn, kind: Kind = Kind.NOTIFICATION) -> Capacity:
    return capacity_within(signed_in, OFFICES[kind])


async def _whose(parts: Parts, digest: bytes) -> Whose:
    matter = await parts.notifications.matter(digest)
    return OURS if matter.author == parts.record.keys.party else THEIRS


def _space(text: str) -> SpaceId:
    try:
        return SpaceId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="space") from error


def _draft(text: str) -> DraftId:
    try:
        return DraftId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="draft") from error
