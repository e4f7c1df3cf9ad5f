"""Errors as problem documents (RFC 9457). The only place that gives an HTTP status."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

from parley import errors
from parley.errors import ParleyError, TheirError

MEDIA_TYPE: Final = "application/problem+json"
CREATED: Final = HTTPStatus.CREATED
NO_CONTENT: Final = HTTPStatus.NO_CONTENT
SEE_OTHER: Final = HTTPStatus.SEE_OTHER
NOT_MODIFIED: Final = HTTPStatus.NOT_MODIFIED

STATUS: Final[Mapping[type[ParleyError], HTTPStatus]] = {
    errors.SignInNeeded: HTTPStatus.UNAUTHORIZED,
    errors.SignInLinkUnknown: HTTPStatus.FORBIDDEN,
    errors.SignInLinkUsed: HTTPStatus.GONE,
    errors.SignInLinkExpired: HTTPStatus.GONE,
    errors.SignInCopied: HTTPStatus.UNAUTHORIZED,
    errors.SignInTaken: HTTPStatus.CONFLICT,
    errors.SignInNotBegun: HTTPStatus.FORBIDDEN,
    errors.ProviderMissing: HTTPStatus.NOT_FOUND,
    errors.ProviderSettingsWrong: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SubjectUnknown: HTTPStatus.FORBIDDEN,
    errors.PersonRevoked: HTTPStatus.FORBIDDEN,
    errors.PasskeyUnknown: HTTPStatus.FORBIDDEN,
    errors.PasskeyRefused: HTTPStatus.FORBIDDEN,
    errors.PasskeySuspect: HTTPStatus.FORBIDDEN,
    errors.PasskeyExists: HTTPStatus.CONFLICT,
    errors.PasskeysTooMany: HTTPStatus.CONFLICT,
    errors.PasskeyMissing: HTTPStatus.FORBIDDEN,
    errors.ChallengeUnknown: HTTPStatus.FORBIDDEN,
    errors.ActRefused: HTTPStatus.FORBIDDEN,
    errors.RoomByName: HTTPStatus.FORBIDDEN,
    errors.StepUpNeeded: HTTPStatus.FORBIDDEN,
    errors.SignatureNeeded: HTTPStatus.FORBIDDEN,
    errors.RoleNotGiven: HTTPStatus.FORBIDDEN,
    errors.RoleNotLent: HTTPStatus.FORBIDDEN,
    errors.BrokenGlassUnknown: HTTPStatus.NOT_FOUND,
    errors.DuressCallUnknown: HTTPStatus.NOT_FOUND,
    errors.OfficeUnknown: HTTPStatus.NOT_FOUND,
    errors.NotInOffice: HTTPStatus.CONFLICT,
    errors.DeviceUnknown: HTTPStatus.NOT_FOUND,
    errors.MachineTokenUnknown: HTTPStatus.UNAUTHORIZED,
    errors.OriginRefused: HTTPStatus.FORBIDDEN,
    errors.HostRefused: HTTPStatus.MISDIRECTED_REQUEST,
    errors.LoopbackOnly: HTTPStatus.FORBIDDEN,
    errors.BodyTooLarge: HTTPStatus.CONTENT_TOO_LARGE
    if hasattr(HTTPStatus, "CONTENT_TOO_LARGE")
    else HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.RequestTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    errors.RequestMalformed: HTTPStatus.BAD_REQUEST,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.MethodRefused: HTTPStatus.METHOD_NOT_ALLOWED,
    errors.InterfaceMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.PersonUnknown: HTTPStatus.NOT_FOUND,
    errors.PartyUnknown: HTTPStatus.NOT_FOUND,
    errors.PartyUnconfirmed: HTTPStatus.CONFLICT,
    errors.RoomUnknown: HTTPStatus.NOT_FOUND,
    errors.RoomClosed: HTTPStatus.CONFLICT,
    errors.RoomsTooMany: HTTPStatus.CONFLICT,
    errors.TransitionRefused: HTTPStatus.CONFLICT,
    errors.AlertUnknown: HTTPStatus.NOT_FOUND,
    errors.DraftUnknown: HTTPStatus.NOT_FOUND,
    errors.AlertTextRefused: HTTPStatus.BAD_REQUEST,
    errors.AlertGuardRefused: HTTPStatus.CONFLICT,
    errors.FormRefused: HTTPStatus.BAD_REQUEST,
    errors.NotificationTypeRefused: HTTPStatus.BAD_REQUEST,
    errors.NotificationTypeUnusable: HTTPStatus.CONFLICT,
    errors.NotificationUnknown: HTTPStatus.NOT_FOUND,
    errors.NotificationNotReady: HTTPStatus.CONFLICT,
    errors.PaperFontMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.PaperNotSet: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.CallRequestUnknown: HTTPStatus.NOT_FOUND,
    errors.CallAnswerRefused: HTTPStatus.CONFLICT,
    errors.PlanRefused: HTTPStatus.BAD_REQUEST,
    errors.PlanUnknown: HTTPStatus.NOT_FOUND,
    errors.PlanGuardRefused: HTTPStatus.CONFLICT,
    errors.OverrideUnknown: HTTPStatus.NOT_FOUND,
    errors.NoticeUnknown: HTTPStatus.NOT_FOUND,
    errors.DutyDeviceRefused: HTTPStatus.BAD_REQUEST,
    errors.DutyDeviceUnknown: HTTPStatus.NOT_FOUND,
    errors.CheckUnknown: HTTPStatus.NOT_FOUND,
    errors.CheckRefused: HTTPStatus.CONFLICT,
    errors.LineIsSuspended: HTTPStatus.CONFLICT,
    errors.LineStandingRefused: HTTPStatus.CONFLICT,
    errors.LineStartRefused: HTTPStatus.BAD_REQUEST,
    errors.AgreementOvertaken: HTTPStatus.CONFLICT,
    errors.TermsRefused: HTTPStatus.BAD_REQUEST,
    errors.ContactUnknown: HTTPStatus.NOT_FOUND,
    errors.ContactListRefused: HTTPStatus.BAD_REQUEST,
    errors.CrisisUnknown: HTTPStatus.NOT_FOUND,
    errors.CrisisRefused: HTTPStatus.CONFLICT,
    errors.ReadoutTooEarly: HTTPStatus.CONFLICT,
    errors.ReadoutWaits: HTTPStatus.CONFLICT,
    errors.CrisisTextRefused: HTTPStatus.BAD_REQUEST,
    errors.SpaceUnknown: HTTPStatus.NOT_FOUND,
    errors.EntryUnknown: HTTPStatus.NOT_FOUND,
    errors.EntryTooOld: HTTPStatus.CONFLICT,
    errors.BlobMissing: HTTPStatus.NOT_FOUND,
    errors.CaseErased: HTTPStatus.GONE,
    errors.CaseKeyMissing: HTTPStatus.NOT_FOUND,
    errors.EntryTooLarge: HTTPStatus.BAD_REQUEST,
    errors.LogNotOpen: HTTPStatus.CONFLICT,
    errors.RecordFenced: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageClosed: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.StorageReadOnly: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageTaken: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.EngineFault: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Errors that mean something to a browser; every other one is a fault of ours (500)."""


class Problem(msgspec.Struct, frozen=True):
    """A refused request: ``code`` is the translation key, ``params`` what its wording needs."""

    type: str
    title: str
    status: int
    code: str
    params: dict[str, str | int]


def status_of(error: ParleyError) -> HTTPStatus:
    """Return the status a browser is given for an error."""
    if isinstance(error, TheirError):
        return HTTPStatus.BAD_GATEWAY
    return STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem(error: ParleyError) -> Response:
    """Return an error as the answer to a request.

    Errors without a status of their own were not meant for a browser: their parameters (file names,
    for one) stay in the log.
    """
    status = status_of(error)
    shown = error if status is not HTTPStatus.INTERNAL_SERVER_ERROR else errors.WebFault()
    document = Problem(
        f"urn:parley:error:{shown.code}", str(shown), int(status), shown.code, dict(shown.params)
    )
    headers = {"cache-control": "no-store"}
    if isinstance(shown, errors.TooManyRequests):
        headers["retry-after"] = str(shown.params["retry_after_s"])
    if isinstance(shown, errors.RequestTooSlow):
        # What is still to come of it is not waited for.
        headers["connection"] = "close"
    return Response(
        msgspec.json.encode(document), int(status), headers=headers, media_type=MEDIA_TYPE
    )


def from_status(status: int) -> ParleyError:
    """Return the error behind a status that the web framework decided on by itself."""
    if status == HTTPStatus.NOT_FOUND:
        return errors.NotFound()
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return errors.MethodRefused()
    return errors.RequestMalformed(field="request")
