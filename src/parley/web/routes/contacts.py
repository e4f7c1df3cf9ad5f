"""Contact directories: whom each party names to the other, and what came of using it."""

from typing import Annotated, Final, Literal

import msgspec
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from whenever import Instant

from parley.clock import milliseconds
from parley.crisis.contacts.bodies import (
    CONTACTS_MAX,
    DUTY_CHARACTERS_MAX,
    LANGUAGES_MAX,
    LEVEL_CHARACTERS_MAX,
    MARK_BYTES,
    SPANS_MAX,
    WAY_CHARACTERS_MAX,
    WAYS_MAX,
    WORDS_CHARACTERS_MAX,
    Contact,
    Trial,
    TrialOutcome,
    Way,
    WayKind,
)
from parley.crisis.contacts.hours import ContactHours, HoursSpan
from parley.crisis.contacts.service import LineContacts
from parley.crisis.contacts.view import ContactLineView, line_view
from parley.crisis.crises.fields import TEXTS_MAX, Texts
from parley.errors import RequestMalformed
from parley.identity.permission import Act
from parley.ids import PartyId, SpaceId
from parley.web.answers import answer
from parley.web.ceremony import CredentialGiven
from parley.web.guard import About, SignedInPerson, route
from parley.web.parts import Parts, parts_of
from parley.web.problems import CREATED
from parley.web.signing import begin_signing, finish_signing

router = APIRouter()
PartyText = Annotated[str, Path(pattern=r"^[a-z2-7]{26}$")]
Tag = Annotated[str, Field(min_length=2, max_length=35)]
OPENS: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
CLOSES: Final = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_HOUR_MINUTES: Final = 60
_STRICT: Final = ConfigDict(extra="forbid")
_BYTES: Final = 4
"""A page counts what a reader counts, so a text may have more code points; the record decides."""


class ContactTextGiven(BaseModel):
    """A text in one language."""

    model_config = _STRICT

    language: Tag
    text: Annotated[str, Field(max_length=DUTY_CHARACTERS_MAX * _BYTES)]


TextsGiven = Annotated[list[ContactTextGiven], Field(min_length=1, max_length=TEXTS_MAX)]


class SpanGiven(BaseModel):
    """Hours on some days of the week, in the contact's own zone."""

    model_config = _STRICT

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    begins: Annotated[str, Field(pattern=OPENS)]
    ends: Annotated[str, Field(pattern=CLOSES)]


class ContactHoursGiven(BaseModel):
    """When a contact is there."""

    model_config = _STRICT

    zone: Annotated[str, Field(min_length=1, max_length=60)]
    spans: Annotated[list[SpanGiven], Field(min_length=1, max_length=SPANS_MAX)]


class WayGiven(BaseModel):
    """A way to reach a contact."""

    model_config = _STRICT

    kind: Literal["telephone", "mail", "other"]
    text: Annotated[str, Field(max_length=WAY_CHARACTERS_MAX * _BYTES)]


class ContactGiven(BaseModel):
    """A contact, as it is written; always there without hours."""

    model_config = _STRICT

    title: TextsGiven
    level: Annotated[str, Field(min_length=1, max_length=LEVEL_CHARACTERS_MAX)]
    duty: TextsGiven
    hours: ContactHoursGiven | None = None
    languages: Annotated[list[Tag], Field(min_length=1, max_length=LANGUAGES_MAX)]
    ways: Annotated[list[WayGiven], Field(min_length=1, max_length=WAYS_MAX)]

    def contact(self) -> Contact:
        """Return it as an entry has it."""
        return Contact(
            title=_texts(self.title),
            level=self.level,
            duty=_texts(self.duty),
            hours=None if self.hours is None else _hours(self.hours),
            languages=tuple(self.languages),
            ways=tuple(Way(WayKind[each.kind.upper()], each.text) for each in self.ways),
        )


class ContactListGiven(BaseModel):
    """Our whole list; none: the list that stands, confirmed."""

    model_config = _STRICT

    contacts: Annotated[list[ContactGiven] | None, Field(min_length=1, max_length=CONTACTS_MAX)] = (
        None
    )


class TrialGiven(BaseModel):
    """What came of using a contact; when, if not just now."""

    model_config = _STRICT

    mark: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * MARK_BYTES}}}$")]
    outcome: Literal["reached", "no_answer", "wrong"]
    tried_at: Annotated[str | None, Field(max_length=30)] = None
    words: Annotated[str | None, Field(max_length=WORDS_CHARACTERS_MAX * _BYTES)] = None


class ContactLinesAnswer(msgspec.Struct, frozen=True):
    """The directories of every line."""

    lines: tuple[ContactLineView, ...]


@route(router, "GET", "/api/contacts", Act.CONTACT_READ)
async def read_contacts(request: Request, signed_in: SignedInPerson) -> Response:
    """Return whom the two parties of each line name to each other, and who is there now."""
    del signed_in
    parts = parts_of(request)
    found = await parts.contacts.lines()
    return answer(ContactLinesAnswer(tuple(_view(parts, each) for each in found)))


@route(router, "POST", "/api/lines/{party}/contacts/begin", Act.CONTACT_PUBLISH, About.LATER)
async def begin_contacts(
    request: Request, signed_in: SignedInPerson, party: PartyText, said: ContactListGiven
) -> Response:
    """Make the entry of our list, or of our list as it stands; return what is to be signed."""
    parts, actor = parts_of(request), signed_in.person.actor
    space = _space(parts, party)
    if said.contacts is None:
        prepared = await parts.contacts.prepare_same(space, actor)
    else:
        contacts = [each.contact() for each in said.contacts]
        prepared = await parts.contacts.prepare_list(space, contacts, actor)
    return await begin_signing(request, signed_in, Act.CONTACT_PUBLISH, prepared)


@route(router, "POST", "/api/lines/{party}/contacts", Act.CONTACT_PUBLISH, About.LATER)
async def publish_contacts(
    request: Request, signed_in: SignedInPerson, party: PartyText, given: CredentialGiven
) -> Response:
    """Publish our list, with a passkey over the very entry."""
    parts = parts_of(request)
    await finish_signing(request, signed_in, Act.CONTACT_PUBLISH, given)
    return answer(_view(parts, await parts.contacts.line(_space(parts, party))))


@route(router, "POST", "/api/lines/{party}/contacts/trials", Act.CONTACT_TRY, status_code=CREATED)
async def note_trial(
    request: Request, signed_in: SignedInPerson, party: PartyText, said: TrialGiven
) -> Response:
    """Say what came of using a contact of either party."""
    parts = parts_of(request)
    trial = Trial(
        bytes.fromhex(said.mark),
        TrialOutcome[said.outcome.upper()],
        milliseconds(parts.clock.now()) if said.tried_at is None else _instant(said.tried_at),
        said.words or None,
    )
    line = await parts.contacts.note_trial(_space(parts, party), trial, signed_in.person)
    return answer(_view(parts, line), CREATED)


# -------------------------------------------------------------------------------------- details


def _view(parts: Parts, line: LineContacts) -> ContactLineView:
    return line_view(line, parts.record.keys.party, parts.lines.name_of)


def _texts(given: list[ContactTextGiven]) -> Texts:
    return tuple((each.language, each.text) for each in given)


def _hours(given: ContactHoursGiven) -> ContactHours:
    spans = tuple(
        HoursSpan(tuple(sorted(each.days)), _minute(each.begins), _minute(each.ends))
        for each in given.spans
    )
    return ContactHours(given.zone, spans)


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * _HOUR_MINUTES + int(minutes)


def _space(parts: Parts, text: str) -> SpaceId:
    try:
        party = PartyId.parse(text)
    except ValueError as error:
        raise RequestMalformed(field="party") from error
    return SpaceId.of_pair(parts.record.keys.party, party)


def _instant(text: str) -> int:
    try:
        return milliseconds(Instant.parse_iso(text))
    except ValueError as error:
        raise RequestMalformed(field="tried_at") from error
