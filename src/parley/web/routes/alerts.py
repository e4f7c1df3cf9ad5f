"""Alerts: drafts, second person, release; acknowledgement, answer, withdrawal, closing.

What binds comes in two requests: the first makes the entry and returns what an authenticator is to
sign, the second brings the signature and appends the entry to the byte.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.bodies import (
    OFFSET_MINUTES_MAX,
    AlertBody,
    Answer,
    AnswerKind,
    Level,
    Paraphrase,
    ParaphraseWord,
    Presented,
    Translation,
)
from parley.crisis.drafts import Draft
from parley.crisis.offices import Capacity
from parley.crisis.service import SHOWN_MAX, AlertSeen
from parley.crisis.view import AlertDraftView, AlertView, OwnClock, alert_view, draft_view
from parley.errors import PartyUnknown, RequestMalformed
from parley.identity.permission import OURS, THEIRS, Act, Role, Whose
from parley.identity.sign_in import SignedIn
from parley.ids import DraftId, PartyId
from parley.record.entry import Precedence
from parley.web.answers import answer
from parley.web.capacity import capacity_of
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, require, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.routes.record import IdText
from parley.web.signing import begin_signing, finish_signing
from parley.web.staff_views import names_of

router = APIRouter()
HashText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
ParaphraseText = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
DraftText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
LanguageText = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$")]
WORDS_CHARACTERS_MAX: Final = 6_000
WordsText = Annotated[str | None, Field(min_length=1, max_length=WORDS_CHARACTERS_MAX)]
STANDS_S_MAX: Final = 31_536_000
PRECEDENCES: Final = "^(flash|immediate|priority|routine)$"
LEVELS: Final = "^(watch|director|commander|minister|head)$"
ANSWERS: Final = "^(reply|hold|accept_call|other_time|other_level|decline|not_our_matter)$"
WATCH_ANSWERS: Final = frozenset({AnswerKind.HOLD, AnswerKind.NOT_OUR_MATTER})
"""What a duty officer may answer; the rest is a releaser's."""


class TextGiven(BaseModel):
    """A text in one language."""

    model_config = ConfigDict(extra="forbid")

    language: LanguageText
    text: Annotated[str, Field(min_length=1, max_length=WORDS_CHARACTERS_MAX)]


class DraftGiven(BaseModel):
    """An alert as it is written."""

    model_config = ConfigDict(extra="forbid")

    texts: Annotated[list[TextGiven], Field(min_length=1, max_length=4)]
    recipients: Annotated[list[IdText], Field(min_length=1, max_length=32)]
    precedence: Annotated[str, Field(pattern=PRECEDENCES)]
    is_exercise: bool = False
    reaches_principals: bool = False
    is_quotable: bool = False
    level: Annotated[str | None, Field(pattern=LEVELS)] = None
    supersedes: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    attachment: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    stands_s: Annotated[int | None, Field(ge=60, le=STANDS_S_MAX)] = None


class AcknowledgementGiven(BaseModel):
    """In which language an alert was read, and how far the reader's local time is from UTC."""

    model_config = ConfigDict(extra="forbid")

    language: LanguageText
    offset_minutes: Annotated[int, Field(ge=-OFFSET_MINUTES_MAX, le=OFFSET_MINUTES_MAX)] = 0


class AnswerGiven(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(pattern=ANSWERS)]
    words: WordsText = None
    at: Annotated[str | None, Field(max_length=30)] = None
    level: Annotated[str | None, Field(pattern=LEVELS)] = None


class WordsGiven(BaseModel):
    """Why, if that is said."""

    model_config = ConfigDict(extra="forbid")

    words: WordsText = None


class TranslationGiven(BaseModel):
    """An alert in another language."""

    model_config = ConfigDict(extra="forbid")

    language: LanguageText
    text: WordsText = None


class ParaphraseGiven(TextGiven):
    """How an alert was understood, in one's own words."""


class ParaphraseWordGiven(BaseModel):
    """What was meant, if a paraphrase does not say it; nothing if it does."""

    model_config = ConfigDict(extra="forbid")

    correction: TextGiven | None = None


class PresentationGiven(BaseModel):
    """Which desk shows an alert, and whether it can be heard."""

    model_config = ConfigDict(extra="forbid")

    desk: Annotated[str, Field(min_length=1, max_length=60)]
    has_sound: bool


class AlertsAnswer(msgspec.Struct, frozen=True):
    """Alerts, the newest first."""

    alerts: tuple[AlertView, ...]


class AlertDraftsAnswer(msgspec.Struct, frozen=True):
    """What is being written."""

    drafts: tuple[AlertDraftView, ...]


@route(router, "GET", "/api/alerts", Act.ALERT_READ)
async def read_alerts(
    request: Request,
    open: bool = False,  # noqa: A002, FBT001, FBT002  FastAPI's form of a query
    limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 50,
) -> Response:
    """Return alerts, the newest first; ``open``: those with something left to do."""
    parts = parts_of(request)
    # A desk that rings waits for this: everything about all of them is one look at the database.
    found = await parts.alerts.seen(is_open_only=open, limit=limit)
    return answer(AlertsAnswer(tuple(_view(parts, each) for each in found)))


@route(router, "GET", "/api/alerts/drafts", Act.ALERT_DRAFT)
async def read_drafts(request: Request) -> Response:
    """Return what is being written."""
    parts = parts_of(request)
    found = await parts.alerts.drafts()
    return answer(AlertDraftsAnswer(tuple([await _draft_view(parts, each) for each in found])))


@route(router, "POST", "/api/alerts/drafts", Act.ALERT_DRAFT, status_code=CREATED)
async def draft(request: Request, signed_in: SignedInPerson, said: DraftGiven) -> Response:
    """Begin an alert."""
    body, precedence = _draft_body(said, signed_in)
    parts = parts_of(request)
    made = await parts.alerts.draft(body, precedence, signed_in.person.id, _given_ms(said))
    return await _draft_shown(parts, made, CREATED)


@route(router, "PATCH", "/api/alerts/drafts/{draft}", Act.ALERT_DRAFT, About.LATER)
async def change_draft(
    request: Request, signed_in: SignedInPerson, draft: DraftText, said: DraftGiven
) -> Response:
    """Give a draft other words; it is to be verified anew."""
    parts, wanted = parts_of(request), DraftId.parse(draft)
    await _require_draft(parts, signed_in, Act.ALERT_DRAFT, wanted)
    return await _draft_shown(
        parts, await parts.alerts.change(wanted, *_draft_body(said, signed_in), _given_ms(said))
    )


@route(router, "DELETE", "/api/alerts/drafts/{draft}", Act.ALERT_DRAFT, About.LATER)
async def discard_draft(request: Request, signed_in: SignedInPerson, draft: DraftText) -> Response:
    """Throw a draft away."""
    parts, wanted = parts_of(request), DraftId.parse(draft)
    await _require_draft(parts, signed_in, Act.ALERT_DRAFT, wanted)
    return await _draft_shown(parts, await parts.alerts.discard(wanted))


@route(router, "POST", "/api/alerts/drafts/{draft}/verify", Act.ALERT_VERIFY, About.LATER)
async def verify(request: Request, signed_in: SignedInPerson, draft: DraftText) -> Response:
    """Vouch for a draft that another person wrote."""
    parts, wanted = parts_of(request), DraftId.parse(draft)
    await _require_draft(parts, signed_in, Act.ALERT_VERIFY, wanted)
    person = signed_in.person
    return await _draft_shown(parts, await parts.alerts.verify(wanted, person.id, person.actor))


@route(
    router,
    "POST",
    "/api/alerts/drafts/{draft}/release/{party}/begin",
    Act.ALERT_RELEASE,
    About.LATER,
)
async def begin_release(
    request: Request,
    signed_in: SignedInPerson,
    draft: DraftText,
    party: Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")],
) -> Response:
    """Make the entry that releases a draft to a party; return what is to be signed."""
    parts = parts_of(request)
    prepared = await parts.alerts.prepare_release(
        DraftId.parse(draft), PartyId.parse(party), signed_in.person.actor
    )
    return await begin_signing(request, signed_in, Act.ALERT_RELEASE, prepared)


@route(router, "POST", "/api/alerts/drafts/{draft}/release/{party}", Act.ALERT_RELEASE, About.LATER)
async def release(
    request: Request,
    signed_in: SignedInPerson,
    draft: DraftText,
    party: Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")],
    given: CredentialGiven,
) -> Response:
    """Release a draft to a party, with a passkey over the very entry."""
    del party
    parts = parts_of(request)
    appended = await finish_signing(request, signed_in, Act.ALERT_RELEASE, given)
    await parts.alerts.note_release(DraftId.parse(draft))
    return answer(_view(parts, await parts.alerts.see(appended.hash)))


@route(router, "GET", "/api/alerts/{alert}", Act.ALERT_READ)
async def read_alert(request: Request, alert: HashText) -> Response:
    """Return one alert."""
    return await _shown(parts_of(request), bytes.fromhex(alert))


@route(router, "POST", "/api/alerts/{alert}/acknowledge/begin", Act.ALERT_ACKNOWLEDGE, About.LATER)
async def begin_acknowledgement(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: AcknowledgementGiven
) -> Response:
    """Make the entry that says that an alert was read; return what is to be signed."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    whose = await _whose(parts, matter)
    prepared = await parts.alerts.prepare_acknowledgement(
        *(matter, signed_in.person.actor, capacity_of(signed_in), said.language),
        await _languages(parts, matter),
        said.offset_minutes,
    )
    return await begin_signing(request, signed_in, Act.ALERT_ACKNOWLEDGE, prepared, whose)


@route(router, "POST", "/api/alerts/{alert}/acknowledge", Act.ALERT_ACKNOWLEDGE, About.LATER)
async def acknowledge(
    request: Request, signed_in: SignedInPerson, alert: HashText, given: CredentialGiven
) -> Response:
    """Say that an alert was read, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ALERT_ACKNOWLEDGE, alert, given)


@route(router, "POST", "/api/alerts/{alert}/answer/begin", Act.ALERT_ANSWER, About.LATER)
async def begin_answer(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: AnswerGiven
) -> Response:
    """Make an answer that binds; return what is to be signed."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    whose = await _whose(parts, matter)
    prepared = await parts.alerts.prepare_answer(
        matter, signed_in.person.actor, _answer(said, Capacity.RELEASER)
    )
    return await begin_signing(request, signed_in, Act.ALERT_ANSWER, prepared, whose)


@route(router, "POST", "/api/alerts/{alert}/answer", Act.ALERT_ANSWER, About.LATER)
async def give_answer(
    request: Request, signed_in: SignedInPerson, alert: HashText, given: CredentialGiven
) -> Response:
    """Answer for the party, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ALERT_ANSWER, alert, given)


@route(router, "POST", "/api/alerts/{alert}/hold", Act.ALERT_HOLD, About.LATER)
async def hold(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: AnswerGiven
) -> Response:
    """Answer that we are still deciding, or that it is not our matter."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    require(parts, signed_in, Act.ALERT_HOLD, await _whose(parts, matter))
    given = _answer(said, capacity_of(signed_in))
    if given.kind not in WATCH_ANSWERS:
        raise RequestMalformed(field="kind")
    await parts.alerts.answer(matter, signed_in.person.actor, given)
    return await _shown(parts, matter)


@route(router, "POST", "/api/alerts/{alert}/withdraw/begin", Act.ALERT_RELEASE, About.LATER)
async def begin_withdrawal(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: WordsGiven
) -> Response:
    """Make what takes an alert of ours back; return what is to be signed."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    whose = await _whose(parts, matter)
    prepared = await parts.alerts.prepare_withdrawal(matter, signed_in.person.actor, said.words)
    return await begin_signing(request, signed_in, Act.ALERT_RELEASE, prepared, whose)


@route(router, "POST", "/api/alerts/{alert}/withdraw", Act.ALERT_RELEASE, About.LATER)
async def withdraw(
    request: Request, signed_in: SignedInPerson, alert: HashText, given: CredentialGiven
) -> Response:
    """Take an alert of ours back, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ALERT_RELEASE, alert, given)


@route(router, "POST", "/api/alerts/{alert}/close", Act.ALERT_CLOSE, About.LATER)
async def close(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: WordsGiven
) -> Response:
    """Say that nothing more is to be done about an alert."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    require(parts, signed_in, Act.ALERT_CLOSE, await _whose(parts, matter))
    await parts.alerts.close(matter, signed_in.person.actor, capacity_of(signed_in), said.words)
    return await _shown(parts, matter)


@route(router, "POST", "/api/alerts/{alert}/translations", Act.ALERT_TRANSLATE, About.LATER)
async def translate(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: TranslationGiven
) -> Response:
    """Put an alert into another language, and say that it was understood."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    require(parts, signed_in, Act.ALERT_TRANSLATE, await _whose(parts, matter))
    given = Translation(said.language, said.text, Capacity.TRANSLATOR)
    await parts.alerts.translate(matter, signed_in.person.actor, given)
    return await _shown(parts, matter)


@route(router, "POST", "/api/alerts/{alert}/paraphrases/begin", Act.ALERT_PARAPHRASE, About.LATER)
async def begin_paraphrase(
    request: Request, signed_in: SignedInPerson, alert: HashText, said: ParaphraseGiven
) -> Response:
    """Make the entry that says how an alert was understood; return what is to be signed."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    whose = await _whose(parts, matter)
    given = Paraphrase(said.language, said.text, _capacity_of_reader(signed_in))
    prepared = await parts.alerts.prepare_paraphrase(matter, signed_in.person.actor, given)
    return await begin_signing(request, signed_in, Act.ALERT_PARAPHRASE, prepared, whose)


@route(router, "POST", "/api/alerts/{alert}/paraphrases", Act.ALERT_PARAPHRASE, About.LATER)
async def give_paraphrase(
    request: Request, signed_in: SignedInPerson, alert: HashText, given: CredentialGiven
) -> Response:
    """Say how an alert was understood, with a passkey over the very entry."""
    return await _finish(request, signed_in, Act.ALERT_PARAPHRASE, alert, given)


@route(
    router,
    "POST",
    "/api/alerts/{alert}/paraphrases/{paraphrase}/word/begin",
    Act.ALERT_JUDGE,
    About.LATER,
)
async def begin_paraphrase_word(
    request: Request,
    signed_in: SignedInPerson,
    alert: HashText,
    paraphrase: ParaphraseText,
    said: ParaphraseWordGiven,
) -> Response:
    """Make the entry that confirms or corrects a paraphrase; return what is to be signed."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    whose, meant = await _whose(parts, matter), said.correction
    correction = None if meant is None else (meant.language, meant.text)
    given = ParaphraseWord(bytes.fromhex(paraphrase), Capacity.RELEASER, correction)
    prepared = await parts.alerts.prepare_paraphrase_word(matter, signed_in.person.actor, given)
    return await begin_signing(request, signed_in, Act.ALERT_JUDGE, prepared, whose)


@route(
    router,
    "POST",
    "/api/alerts/{alert}/paraphrases/{paraphrase}/word",
    Act.ALERT_JUDGE,
    About.LATER,
)
async def give_paraphrase_word(
    request: Request,
    signed_in: SignedInPerson,
    alert: HashText,
    paraphrase: ParaphraseText,
    given: CredentialGiven,
) -> Response:
    """Confirm or correct a paraphrase, with a passkey over the very entry."""
    del paraphrase
    return await _finish(request, signed_in, Act.ALERT_JUDGE, alert, given)


@route(router, "POST", "/api/alerts/{alert}/presented", Act.ALERT_ACKNOWLEDGE, About.LATER)
async def present(request: Request, alert: HashText, said: PresentationGiven) -> Response:
    """Say that this desk shows an alert of the other party's: to somebody who may take it."""
    parts, matter = parts_of(request), bytes.fromhex(alert)
    await parts.alerts.present(matter, Presented(said.desk, said.has_sound))
    return await _shown(parts, matter)


# -------------------------------------------------------------------------------------- details


async def _finish(
    request: Request, signed_in: SignedIn, act: Act, alert: str, given: CredentialGiven
) -> Response:
    parts, matter = parts_of(request), bytes.fromhex(alert)
    await finish_signing(request, signed_in, act, given, matter)
    return await _shown(parts, matter)


async def _require_draft(parts: Parts, asking: SignedIn, act: Act, wanted: DraftId) -> None:
    """Refuse unless a person may do this to a draft of that drafter."""
    found = await parts.alerts.find_draft(wanted)
    require(parts, asking, act, Whose(person=found.drafter))


async def _whose(parts: Parts, matter: bytes) -> Whose:
    found = await parts.alerts.find(matter)
    return OURS if found.author == parts.record.keys.party else THEIRS


async def _shown(parts: Parts, matter: bytes) -> Response:
    return answer(_view(parts, await parts.alerts.see(matter)))


def _view(parts: Parts, seen: AlertSeen) -> AlertView:
    clock = OwnClock(milliseconds(parts.clock.now()), parts.clock.error_bound_ms())
    own, name = parts.record.keys.party, parts.lines.name_of
    return alert_view(
        seen.alert, own, name, clock, seen.overdue, seen.limits, seen.steps, seen.told
    )


async def _draft_view(parts: Parts, draft: Draft) -> AlertDraftView:
    names = await parts.database.read(names_of)
    return draft_view(draft, names.get, await parts.alerts.released_to(draft))


async def _draft_shown(parts: Parts, draft: Draft, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return answer(await _draft_view(parts, draft), status)


async def _languages(parts: Parts, matter: bytes) -> Sequence[str]:
    """Return our own language and theirs: the alert may be in neither."""
    found = await parts.alerts.find(matter)
    try:
        theirs = parts.lines.book.get(found.author).party.card.languages
    except PartyUnknown:  # its line was removed while it rang
        theirs = (found.body.texts[0][0],)
    return (*parts.settings.party.languages[:1], *theirs[:1])


def _capacity_of_reader(signed_in: SignedIn) -> Capacity:
    """Return in which office an alert is put into other words: of neither desk, as a translator."""
    is_of_desk = {Role.RELEASER, Role.DUTY_OFFICER} & set(signed_in.asker.roles)
    return capacity_of(signed_in) if is_of_desk else Capacity.TRANSLATOR


def _draft_body(said: DraftGiven, signed_in: SignedIn) -> tuple[AlertBody, Precedence]:
    body = AlertBody(
        texts=tuple((each.language, each.text) for each in said.texts),
        parties=tuple(sorted({PartyId.parse(each) for each in said.recipients})),
        drafter=signed_in.person.actor,
        is_exercise=said.is_exercise,
        reaches_principals=said.reaches_principals and said.is_exercise,
        is_quotable=said.is_quotable,
        level=None if said.level is None else Level(said.level),
        supersedes=None if said.supersedes is None else bytes.fromhex(said.supersedes),
        attachment=None if said.attachment is None else bytes.fromhex(said.attachment),
    )
    if len({language for language, _ in body.texts}) != len(body.texts):
        raise RequestMalformed(field="texts")
    return body, Precedence[said.precedence.upper()]


def _given_ms(said: DraftGiven) -> int | None:
    return None if said.stands_s is None else said.stands_s * 1_000


def _answer(said: AnswerGiven, capacity: Capacity) -> Answer:
    try:
        at_ms = None if said.at is None else milliseconds(Instant.parse_iso(said.at))
    except ValueError as error:
        raise RequestMalformed(field="at") from error
    kind = AnswerKind[said.kind.upper()]
    level = None if said.level is None else Level(said.level)
    needs = {
        AnswerKind.REPLY: ("words", said.words),
        AnswerKind.HOLD: ("at", at_ms),
        AnswerKind.OTHER_TIME: ("at", at_ms),
        AnswerKind.OTHER_LEVEL: ("level", level),
    }
    name, value = needs.get(kind, ("", ""))
    if value is None:
        raise RequestMalformed(field=name)
    return Answer(kind, capacity, said.words, at_ms, level)
