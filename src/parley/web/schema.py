"""The schema of everything a page and its node say to each other.

``python3 -m parley.web.schema`` prints one object: the OpenAPI document of the HTTP routes, and the
JSON Schema of the frames on both WebSockets. The interface's types are checked against it.
"""

import json
import sys
from typing import Any, Final

import msgspec

from parley.crisis.checks.view import CheckLineView, CheckView
from parley.crisis.conduct.assessment_view import AssessmentView, MeasuresView
from parley.crisis.conduct.crisis_view import CrisisView
from parley.crisis.contacts.view import ContactLineView
from parley.crisis.duty import view as duty
from parley.crisis.papers.call_view import CallView
from parley.crisis.papers.notification_view import DraftView, NotificationView, TypeView
from parley.crisis.view import AlertDraftView, AlertView
from parley.record.line_agreement import AgreementVersionView
from parley.record.view import EntryView
from parley.rooms import frames
from parley.rooms.view import RoomView
from parley.web import answers
from parley.web import paper_answers as papers
from parley.web import staff_answers as staff
from parley.web.app import routes
from parley.web.problems import Problem
from parley.web.routes import checks
from parley.web.routes import duty as duties
from parley.web.routes.alerts import AlertDraftsAnswer, AlertsAnswer
from parley.web.routes.assessments import (
    AccountDraftAnswer,
    ExercisesAnswer,
    QuotesAnswer,
    TimelineAnswer,
)
from parley.web.routes.contacts import ContactLinesAnswer
from parley.web.routes.crises import CrisesAnswer
from parley.web.routes.doors import DoorView
from parley.web.routes.terms import LineTermsAnswer

REFERENCE: Final = "#/components/schemas/{name}"
ANSWERS: Final[dict[tuple[str, str], tuple[str, type[msgspec.Struct]]]] = {
    ("/api/self", "get"): ("200", frames.SelfView),
    ("/api/duty", "get"): ("200", duty.DutyWeek),
    ("/api/duty/card", "get"): ("200", duty.CardView),
    ("/api/duty/overrides", "post"): ("201", duties.MadeAnswer),
    ("/api/duty/overrides/{override}", "delete"): ("200", duties.MadeAnswer),
    ("/api/duty/reach", "get"): ("200", duty.ReachView),
    ("/api/duty/devices", "post"): ("201", duties.MadeAnswer),
    ("/api/duty/devices/{device}", "delete"): ("200", duties.MadeAnswer),
    ("/api/duty/mail", "put"): ("200", duty.ReachView),
    ("/api/escalation", "get"): ("200", duties.EscalationsAnswer),
    ("/api/escalation/plan", "get"): ("200", duty.PlanView),
    ("/api/escalation/plan", "post"): ("201", duties.PlanMadeAnswer),
    ("/api/escalation/plan/{number}/confirm", "post"): ("200", duties.PlanMadeAnswer),
    ("/api/escalation/plan/{number}/reject", "post"): ("200", duties.PlanMadeAnswer),
    ("/api/escalation/dry-run", "post"): ("200", duties.DryRunAnswer),
    ("/api/escalation/try", "post"): ("200", duties.TriedAnswer),
    ("/api/escalation/notices", "get"): ("200", duties.NoticesAnswer),
    ("/api/escalation/notices/{notice}/again", "post"): ("200", duties.MadeAnswer),
    ("/api/self", "patch"): ("200", frames.SelfView),
    ("/api/lines", "get"): ("200", answers.LinesAnswer),
    ("/api/rooms", "get"): ("200", answers.RoomsAnswer),
    ("/api/rooms", "post"): ("201", RoomView),
    ("/api/rooms/{room}/close", "post"): ("200", RoomView),
    ("/api/rooms/{room}/door", "get"): ("200", DoorView),
    ("/api/rooms/{room}/door", "put"): ("200", DoorView),
    ("/api/call-requests/{digest}/door", "get"): ("200", DoorView),
    ("/api/call-requests/{digest}/door", "put"): ("200", DoorView),
    ("/api/refusals", "get"): ("200", answers.RefusalsAnswer),
    ("/api/record/spaces", "get"): ("200", answers.SpacesAnswer),
    ("/api/record/entries", "get"): ("200", answers.EntriesAnswer),
    ("/api/record/remarks", "post"): ("201", EntryView),
    ("/api/lines/{party}/agreement", "get"): ("200", answers.LineAgreementAnswer),
    ("/api/lines/{party}/agreement", "post"): ("201", AgreementVersionView),
    ("/api/lines/{party}/agreement/{digest}/agree/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/lines/{party}/agreement/{digest}/agree", "post"): ("200", AgreementVersionView),
    ("/api/notification-types", "get"): ("200", papers.TypesAnswer),
    ("/api/notification-types", "post"): ("201", TypeView),
    ("/api/notification-types/starter", "get"): ("200", papers.StarterAnswer),
    ("/api/notification-types/{space}/{digest}/agree/begin", "post"): (
        "200",
        staff.OptionsAnswer,
    ),
    ("/api/notification-types/{space}/{digest}/agree", "post"): ("200", TypeView),
    ("/api/notifications", "get"): ("200", papers.NotificationsAnswer),
    ("/api/notifications/numbers", "get"): ("200", papers.NumbersAnswer),
    ("/api/notifications/reminders", "get"): ("200", papers.RemindersAnswer),
    ("/api/notifications/drafts", "get"): ("200", papers.DraftsAnswer),
    ("/api/notifications/drafts", "post"): ("201", DraftView),
    ("/api/notifications/drafts/{draft}", "patch"): ("200", DraftView),
    ("/api/notifications/drafts/{draft}/check", "post"): ("200", DraftView),
    ("/api/notifications/drafts/{draft}/verify", "post"): ("200", DraftView),
    ("/api/notifications/drafts/{draft}/send", "post"): ("201", NotificationView),
    ("/api/notifications/{digest}", "get"): ("200", NotificationView),
    ("/api/notifications/{digest}/queries", "post"): ("201", NotificationView),
    ("/api/notifications/{digest}/queries/{query}/clarification", "post"): (
        "201",
        NotificationView,
    ),
    ("/api/notifications/{digest}/cancel", "post"): ("201", NotificationView),
    ("/api/notifications/{digest}/close", "post"): ("201", NotificationView),
    ("/api/call-requests", "get"): ("200", papers.CallsAnswer),
    ("/api/call-requests", "post"): ("201", CallView),
    ("/api/call-requests/{digest}", "get"): ("200", CallView),
    ("/api/call-requests/{digest}/answers", "post"): ("201", CallView),
    ("/api/call-requests/{digest}/withdraw", "post"): ("201", CallView),
    ("/api/call-requests/{digest}/commitment", "post"): ("201", CallView),
    ("/api/call-requests/{digest}/key", "post"): ("201", CallView),
    ("/api/call-requests/{digest}/start", "post"): ("201", CallView),
    ("/api/call-requests/{digest}/end", "post"): ("201", CallView),
    ("/api/call-requests/{digest}/mismatch", "post"): ("201", CallView),
    ("/api/crises", "get"): ("200", CrisesAnswer),
    ("/api/crises/open/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/crises/open", "post"): ("200", CrisisView),
    ("/api/crises/{crisis}", "get"): ("200", CrisisView),
    ("/api/crises/{crisis}/close/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/crises/{crisis}/close", "post"): ("200", CrisisView),
    ("/api/crises/{crisis}/statements", "post"): ("201", CrisisView),
    ("/api/crises/{crisis}/statements/{statement}/reply", "post"): ("200", CrisisView),
    ("/api/crises/{crisis}/statements/{statement}/take-back", "post"): ("200", CrisisView),
    ("/api/crises/{crisis}/links", "post"): ("201", CrisisView),
    ("/api/crises/{crisis}/facts/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/crises/{crisis}/facts", "post"): ("200", CrisisView),
    ("/api/crises/{crisis}/timeline", "get"): ("200", TimelineAnswer),
    ("/api/crises/{crisis}/measures", "get"): ("200", MeasuresView),
    ("/api/crises/{crisis}/assessment", "get"): ("200", AssessmentView),
    ("/api/crises/{crisis}/assessment/account", "get"): ("200", AccountDraftAnswer),
    ("/api/crises/{crisis}/assessment/account", "put"): ("200", AccountDraftAnswer),
    **{
        (f"/api/crises/{{crisis}}/assessment/{act}", "post"): ("200", AssessmentView)
        for act in ("seal", "publish", "take-back", "adopt", "end", "readout")
    },
    **{
        (f"/api/crises/{{crisis}}/assessment/{act}/begin", "post"): ("200", staff.OptionsAnswer)
        for act in ("seal", "publish", "take-back", "adopt", "end", "readout")
    },
    ("/api/crises/{crisis}/assessment/paragraphs", "post"): ("201", AssessmentView),
    ("/api/crises/{crisis}/assessment/readout/check", "post"): ("200", QuotesAnswer),
    ("/api/exercises", "get"): ("200", ExercisesAnswer),
    ("/api/contacts", "get"): ("200", ContactLinesAnswer),
    ("/api/lines/{party}/contacts/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/lines/{party}/contacts", "post"): ("200", ContactLineView),
    ("/api/lines/{party}/contacts/trials", "post"): ("201", ContactLineView),
    ("/api/alerts", "get"): ("200", AlertsAnswer),
    ("/api/alerts/drafts", "get"): ("200", AlertDraftsAnswer),
    ("/api/alerts/drafts", "post"): ("201", AlertDraftView),
    ("/api/alerts/drafts/{draft}", "patch"): ("200", AlertDraftView),
    ("/api/alerts/drafts/{draft}", "delete"): ("200", AlertDraftView),
    ("/api/alerts/drafts/{draft}/verify", "post"): ("200", AlertDraftView),
    ("/api/alerts/drafts/{draft}/release/{party}/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/alerts/drafts/{draft}/release/{party}", "post"): ("200", AlertView),
    ("/api/alerts/{alert}", "get"): ("200", AlertView),
    ("/api/alerts/{alert}/acknowledge/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/alerts/{alert}/acknowledge", "post"): ("200", AlertView),
    ("/api/alerts/{alert}/answer/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/alerts/{alert}/answer", "post"): ("200", AlertView),
    ("/api/alerts/{alert}/hold", "post"): ("200", AlertView),
    ("/api/alerts/{alert}/withdraw/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/alerts/{alert}/withdraw", "post"): ("200", AlertView),
    ("/api/alerts/{alert}/close", "post"): ("200", AlertView),
    ("/api/alerts/{alert}/translations", "post"): ("200", AlertView),
    ("/api/alerts/{alert}/presented", "post"): ("200", AlertView),
    ("/api/checks", "get"): ("200", checks.CheckLinesAnswer),
    ("/api/checks/{check}/type", "post"): ("200", CheckView),
    ("/api/checks/{check}/confirm", "post"): ("200", CheckView),
    ("/api/checks/{check}/presented", "post"): ("200", checks.CheckShownAnswer),
    ("/api/lines/{party}/checks", "post"): ("201", CheckView),
    ("/api/lines/{party}/checks/{name}/decline", "post"): ("200", CheckView),
    ("/api/lines/{party}/checks/notices/seen", "post"): ("200", checks.NoticesSeenAnswer),
    ("/api/lines/{party}/terms", "get"): ("200", LineTermsAnswer),
    ("/api/lines/{party}/terms", "post"): ("201", LineTermsAnswer),
    ("/api/lines/{party}/standing/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/lines/{party}/standing/{step}", "post"): ("200", CheckLineView),
    ("/healthz", "get"): ("200", answers.HealthAnswer),
    ("/api/sign-in", "get"): ("200", answers.WaysInAnswer),
    ("/api/sign-in/provider/begin", "post"): ("200", answers.ProviderAddressAnswer),
    ("/api/sign-in/passkey/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/passkeys/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/passkeys/finish", "post"): ("201", staff.DevicesAnswer),
    ("/api/step-up/begin", "post"): ("200", staff.OptionsAnswer),
    ("/api/step-up/finish", "post"): ("200", frames.SelfView),
    ("/api/devices", "get"): ("200", staff.DevicesAnswer),
    ("/api/people", "get"): ("200", staff.PeopleAnswer),
    ("/api/people", "post"): ("201", staff.InvitationAnswer),
    ("/api/people/{person}", "patch"): ("200", staff.PersonListed),
    ("/api/people/{person}/link", "post"): ("201", staff.InvitationAnswer),
    ("/api/offices", "get"): ("200", staff.OfficesAnswer),
    ("/api/offices", "post"): ("201", staff.OfficeView),
    ("/api/offices/{office}", "patch"): ("200", staff.OfficeView),
    ("/api/offices/{office}/duty", "post"): ("200", staff.OfficeView),
    ("/api/handover", "get"): ("200", staff.HandoverAnswer),
    ("/api/permissions", "get"): ("200", staff.PermissionsAnswer),
    ("/api/trail", "get"): ("200", staff.TrailAnswer),
    ("/api/duress", "get"): ("200", staff.DuressAnswer),
    ("/api/duress/{call}/settle", "post"): ("200", staff.DuressAnswer),
    ("/api/break-glass", "get"): ("200", staff.LentRolesAnswer),
    ("/api/break-glass", "post"): ("201", frames.LentRoleView),
    ("/api/break-glass/{glass}/second", "post"): ("200", frames.LentRoleView),
    ("/api/break-glass/{glass}/end", "post"): ("200", frames.LentRoleView),
}
"""What each route answers with when nothing is refused."""


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of the HTTP routes, answers and problems included."""
    document = routes().openapi()
    kinds = [Problem, *{kind for _, kind in ANSWERS.values()}]
    _, components = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    document.setdefault("components", {}).setdefault("schemas", {}).update(components)
    refused = _content("Problem", "application/problem+json", "Refused; see `code`.")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = refused
            if (path, method) in ANSWERS:
                status, kind = ANSWERS[path, method]
                operation["responses"][status] = _content(
                    kind.__name__, "application/json", "Done."
                )
    return document


def socket_frames() -> dict[str, Any]:
    """Return the JSON Schema of every frame on the two WebSockets."""
    kinds = {
        "from_page": frames.PageFrame,
        "to_page": frames.RoomFrame,
        "to_desk": frames.DeskFrame,
    }
    schemas, components = msgspec.json.schema_components(
        list(kinds.values()), ref_template="#/$defs/{name}"
    )
    return {**dict(zip(kinds, schemas, strict=True)), "$defs": components}


def main() -> None:
    """Print both as one object."""
    whole = {"http": openapi(), "sockets": socket_frames()}
    sys.stdout.write(json.dumps(whole, indent=1, sort_keys=True) + "\n")


def _content(name: str, media_type: str, description: str) -> dict[str, Any]:
    reference = {"$ref": REFERENCE.format(name=name)}
    return {"description": description, "content": {media_type: {"schema": reference}}}


if __name__ == "__main__":
    main()
