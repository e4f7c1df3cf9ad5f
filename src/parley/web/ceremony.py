"""Ceremonies over HTTP: options out, the authenticator's answer in, both as JSON of WebAuthn."""

import json
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response
from webauthn.helpers import bytes_to_base64url

from parley.web.answers import answer
from parley.web.signatures import SignableEntry
from parley.web.staff_answers import OptionsAnswer


class CredentialGiven(BaseModel):
    """What ``navigator.credentials`` returned, in its own JSON form (WebAuthn §5.1)."""

    model_config = ConfigDict(extra="forbid")

    credential: dict[str, Any]


def options_answer(options: str) -> Response:
    """Return a ceremony's options, and the entry that is to be signed if it is about one."""
    entry = bytes_to_base64url(options.entry) if isinstance(options, SignableEntry) else None
    return answer(OptionsAnswer(msgspec.json.decode(options.encode()), entry))


def ceremony_answer(given: CredentialGiven) -> str:
    """Return what an authenticator answered as the JSON that is judged."""
    return json.dumps(given.credential)
