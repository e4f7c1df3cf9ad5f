"""A notification as it is set on paper, for tests and for validators of PDF/A."""

from parley.crisis.notifications.bodies import NotificationSaid
from parley.crisis.notifications.definition import read_type
from parley.crisis.notifications.form import JsonValue
from parley.crisis.notifications.matter import NotificationMatter, Query
from parley.crisis.notifications.starter import starter_type
from parley.crisis.papers.paper import Paper, PaperFile, PaperFrame, PaperParty, paper_of
from parley.identity.keys import PartyKey
from parley.ids import ActorId

KIND = read_type(starter_type("launch-or-test"))
KEY = PartyKey(bytes(range(32)))
NOW_MS = 1_796_000_000_000
MINISTRY = PaperParty(party=KEY.party, name="Ministry", zone="Asia/Tashkent")
HOSPITAL = PaperParty(party=KEY.party, name="Hospital", zone="Asia/Kabul")
FORM: dict[str, JsonValue] = {
    "kind": "missile_test",
    "notice": "short_notice",
    "window": {"begins": "2026-12-01T10:00:00Z", "ends": "2026-12-01T14:00:00Z"},
    "areas": [
        {"centre": {"latitude": 41.3, "longitude": 69.2}, "radius": {"value": 4, "unit": "km"}}
    ],
    "description": 'Over our own land. #panic("no") *b* [x]',
}
MATTER = NotificationMatter(
    hash=b"\x9a" * 32,
    author=KEY.party,
    said=NotificationSaid(
        type_hash=b"1" * 32,
        type_id=KIND.id,
        type_version=1,
        year=2026,
        number=3,
        form=b"{}",
        drafter=ActorId(b"1" * 16),
        verifier=ActorId(b"2" * 16),
    ),
    sent_ms=1_795_000_000_000,
    kind=KIND,
    form=FORM,
    provided_ms=1_795_000_400_000,
    effective_ms=1_796_119_200_000,
    due_ms=1_794_988_880_000,
    late_ms=11_520_000,
    queries=(Query(b"q" * 32, "Which azimuth?", 1_795_000_900_000, 1_795_043_900_000, ()),),
)


def paper(language: str, *files: PaperFile) -> Paper:
    """Return the notification as it is to be set."""
    frame = PaperFrame(
        language=language, author=MINISTRY, recipient=HOSPITAL, made_by=MINISTRY, now_ms=NOW_MS
    )
    return paper_of(MATTER, frame, files)
