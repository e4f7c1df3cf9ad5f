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
        "paths": [{"name": "main", "state": "up"}, {"name": "satellite", "state": "suspect"}],
    }


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
    return {"id": name, "name": name, "duty": duty, "closed_at": None}


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
