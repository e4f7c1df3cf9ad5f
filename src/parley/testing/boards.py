"""Answers of a node, made up for tests and pictures of the desk in a terminal."""

from typing import Any

Json = dict[str, Any]
NOW = "2026-11-01T12:01:00Z"


def who(language: str = "en") -> Json:
    """Return who sits at the desk."""
    return {
        "type": "self",
        "person": {"id": "p1", "name": "Ingrid Solberg", "language": language, "role": "member"},
        "party": {
            "id": "velmar",
            "name": "Velmar Crisis Centre",
            "languages": ["en", "ru"],
            "time_zone": "Europe/Helsinki",
        },
        "roles": ["duty_officer", "releaser"],
    }


def line_to(name: str = "Saint Orlan Hospital", state: str = "up") -> Json:
    """Return a line."""
    return {
        "party": {"id": "orlan", "name": name, "time_zone": "Asia/Tashkent", "languages": ["uz"]},
        "state": state,
        "last_proof_at": "2026-11-01T12:00:58Z",
        "silence": None,
        "paths": [{"name": "main", "state": "up"}, {"name": "satellite", "state": "suspect"}],
    }


def paraphrases() -> list[Json]:
    """Return one that its author corrected, and one that waits."""
    said = {"language": "en", "capacity": "translator", "at": NOW, "has_arrived": True}
    meant = {"language": "en", "text": "We ask\u202efor <b>nothing</b>."}
    word = {"kind": "corrected", "correction": meant, "capacity": "releaser", "at": NOW}
    return [
        {**said, "hash": "c1" * 32, "text": "They <b>ask</b> for help.", "word": word},
        {**said, "hash": "c2" * 32, "text": "They ask for nothing.", "word": None},
    ]


def alert(number: int = 1, **changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return an alert of the other party that rings."""
    made: Json = {
        "hash": f"{number:02x}" * 32,
        "is_ours": False,
        "party": "Saint Orlan Hospital",
        "party_id": "orlan",
        "precedence": "flash",
        "is_exercise": False,
        "state": "delivered",
        "standing": "in_force",
        "is_demoted": False,
        "texts": [{"language": "en", "text": "Two aircraft are off course near the river."}],
        "translations": [],
        "started_at": "2026-11-01T12:00:03Z",
        "saying": saying("ours_to_read", "our_acknowledgement"),
        "due": [
            {
                "limit": "target",
                "due_at": "2026-11-01T12:02:03Z",
                "theirs_at": "2026-11-01T12:02:02Z",
            },
            {
                "limit": "limit",
                "due_at": "2026-11-01T12:10:03Z",
                "theirs_at": "2026-11-01T12:10:02Z",
            },
        ],
        "overdue": [],
        "steps": [],
        "told": [],
        "closings": [],
        "paraphrases": [],
        "paraphrase_state": "unsaid",
        "answers": [],
        "breaches": [],
    }
    return {**made, **changes}


def ours(number: int = 2, **changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return an alert of our own that is on the other party's disk."""
    return alert(
        number,
        **{
            "is_ours": True,
            "precedence": "immediate",
            "saying": saying("on_their_disk", "their_acknowledgement", bound_ms=200),
            "started_at": "2026-11-01T11:40:00Z",
            "texts": [{"language": "en", "text": "We move three patients tonight."}],
            "due": [{"limit": "limit", "due_at": "2026-11-01T12:10:00Z", "theirs_at": None}],
            **changes,
        },
    )


def draft(number: int = 3, **changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return a draft."""
    made: Json = {
        "id": f"draft{number}",
        "state": "draft",
        "precedence": "flash",
        "is_exercise": False,
        "texts": [{"language": "en", "text": "The bridge is closed."}],
        "recipients": ["orlan"],
        "drafter": "p2",
        "drafter_name": "Maria Volkova",
        "verifier": None,
        "verifier_name": None,
    }
    return {**made, **changes}


def office(name: str = "Watch", person: str | None = "Ingrid Solberg") -> Json:
    """Return an office, and who is on duty in it."""
    duty = None if person is None else {"person": {"id": "p1", "name": person}}
    people: list[Json] = []
    return {
        "id": name,
        "name": name,
        "people": people,
        "duty": duty,
        "planned": None,
        "closed_at": None,
    }


def saying(sentence: str, duty: str, **changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return what may be said of an alert."""
    return {
        "sentence": sentence,
        "duty": duty,
        "at": "2026-11-01T12:00:03Z",
        "is_clock_doubtful": False,
        "capacity": None,
        "has_sound": None,
        "bound_ms": None,
        **changes,
    }


def crisis(**changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return a crisis that they opened first and we too, with a claim, a request and a fact."""
    made: Json = {
        "hash": "c1" * 32,
        "number": "2026/1",
        "parties": [
            {"id": "velmar", "name": "Velmar Crisis Centre", "is_ours": True},
            {"id": "orlan", "name": "Saint Orlan Hospital", "is_ours": False},
        ],
        "sides": [
            side("velmar", "open", "Two vessels near the ice edge", "grave"),
            side("orlan", "open", "Harassment at sea"),
        ],
        "is_open": True,
        "is_exercise": False,
        "statements": [
            statement(1, "orlan", "claim", "Your vessel crossed the line.", state="disputed"),
            statement(2, "velmar", "claim", "It did not.", disputes="01" * 32),
            statement(3, "orlan", "request", "Turn the second vessel."),
        ],
        "facts": [
            {
                "hash": "fa" * 32,
                "texts": [{"language": "en", "text": "Two vessels met at 08:00 UTC."}],
                "state": "proposed",
                "signed": [["orlan", "fb" * 32, NOW]],
            }
        ],
        "breaches": [],
        "quiet_since": None,
        "room": "room1",
        "check_minutes": 15,
        "state": None,
    }
    return {**made, **changes}


def looked_back_on(**changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return a crisis that both sides closed; our account is not sealed."""
    assessment = {
        "state": "timeline",
        "deadline": "2026-11-15T12:00:00Z",
        "accounts": [{"party": "orlan"}],
    }
    sides = [side("velmar", "closed", "Two vessels"), side("orlan", "closed", "Harassment")]
    over = {"is_open": False, "sides": sides, "room": None, "check_minutes": None, "facts": []}
    return crisis(**{**over, "state": "timeline", "assessment": assessment, **changes})


def side(party: str, state: str, title: str, grade: str | None = None) -> Json:
    """Return one party's side of a crisis."""
    return {
        "party": party,
        "state": state,
        "title": [] if state == "not_open" else [{"language": "en", "text": title}],
        "grade": grade,
        "opened_at": None if state == "not_open" else "2026-11-01T11:00:00Z",
        "closed_at": "2026-11-01T12:00:00Z" if state == "closed" else None,
    }


def statement(number: int, party: str, kind: str, text: str, **changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return a claim, a request or an offer."""
    made: Json = {
        "hash": f"{number:02x}" * 32,
        "party": party,
        "kind": kind,
        "texts": [{"language": "en", "text": text}],
        "state": "standing",
        "disputes": None,
        "reply_words": None,
    }
    return {**made, **changes}


def call(**changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return a call request of theirs that waits for our answer."""
    made: Json = {
        "hash": "ca" * 32,
        "who_asks": "the director of Saint Orlan Hospital",
        "who_is_asked": "the minister",
        "level": "minister",
        "subject": "The two vessels",
        "mode": "video",
        "languages": ["en", "uz"],
        "interpreter": "both",
        "is_exercise": False,
        "state": "asked",
        "turn": "velmar",
        "holds_left": 2,
        "earliest": dates("2026-11-02T08:00:00Z", "10:00", "13:00"),
        "latest": dates("2026-11-02T10:00:00Z", "12:00", "15:00"),
        "begins": None,
        "due": dates("2026-11-03T12:00:00Z", "14:00", "17:00"),
        "due_here": dates("2026-11-03T12:00:02Z", "14:00", "17:00"),
        "identity": {"code": None},
        "turns": [],
        "capacity": "releaser",
        "withdrawn_as": None,
    }
    return {**made, **changes}


def room(**changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return an open room that two people are in, and whose door is for named people."""
    ours = {"id": "velmar", "name": "Velmar Crisis Centre"}
    theirs = {"id": "orlan", "name": "Saint Orlan Hospital"}
    made: Json = {
        "id": "room1",
        "title": "Two vessels",
        "opened_by": {"party": ours, "person_name": "Ingrid Solberg"},
        "opened_at": "2026-11-01T11:30:00Z",
        "participants": [
            {"id": "1", "name": "Ingrid Solberg", "party": ours},
            {"id": "2", "name": "Olim Karimov", "party": theirs},
        ],
        "state": "open",
        "is_restricted": True,
        "door": door(),
    }
    return {**made, **changes}


def door(**changes: Any) -> Json:  # noqa: ANN401  JSON
    """Return a door for one person and one office, that we may change."""
    named = {"capacity": "official", "person": "p1", "office": None, "shown_as": None}
    office_ = {"capacity": "staff", "person": None, "office": "Watch", "shown_as": "Note-taker"}
    made: Json = {
        "is_restricted": True,
        "is_set": True,
        "call": None,
        "official": None,
        "named": [{**named, "name": "Ingrid Solberg"}, {**office_, "name": "Watch"}],
        "may_enter": True,
        "may_change": True,
    }
    return {**made, **changes}


def dates(at: str, ours: str, theirs: str) -> Json:
    """Return an instant, and the time of day at each party."""
    day = at[:10]
    local = {
        "velmar": f"{day}T{ours}:00+02:00[Europe/Helsinki]",
        "orlan": f"{day}T{theirs}:00+05:00[Asia/Tashkent]",
    }
    return {"at": at, "by_party": local}


def checks(now: Json | None = None) -> Json:
    """Return the line checks of a line: the next is ours to begin."""
    return {
        "space": "space1",
        "party": "Saint Orlan Hospital",
        "party_id": "orlan",
        "now": now,
        "next": [{"due_at": "2026-11-01T12:15:00Z", "is_ours": True}],
    }
