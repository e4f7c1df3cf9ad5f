"""What the log tells of who came in and who was refused: who, what, by which rule, from where.

Not every no is worth a line. A page asks before anybody has signed in, and a passkey is asked for
by refusing first: those are counted and not told. Lines are bounded, because whoever is refused
decides how often: what is over the bound is counted and told as a number.

*Where from* is an address, which is personal data and stays out of the log. In its place stand
eight characters, the same for one source until the node is started anew, by which lines of one
source are told from those of a hundred. :func:`~parley.web.strangers.source_of` says what a source
is.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.types import Scope

from parley.clock import Clock
from parley.errors import ParleyError, SignatureNeeded, SignInNeeded, StepUpNeeded
from parley.identity.sign_in import SignedIn
from parley.telemetry import Metrics, log
from parley.web.problems import status_of
from parley.web.strangers import source_of

LINES_A_MINUTE: Final = 120
"""Refusals told. More fills a disk for whoever floods, fewer hides one refusal behind others."""
MINUTE_S: Final = 60.0
SOURCE_CHARACTERS: Final = 8
_TOLD: Final = frozenset({400, 401, 403, 410, 413, 421, 429, 502})
"""Somebody asked for what they may not have, or as no page of ours asks."""
_ASKED_ON: Final = (SignInNeeded, StepUpNeeded, SignatureNeeded)
"""The first half of how one is let in, and no refusal yet."""


class SecurityLog:
    """The lines about ways in and refusals of one node; the event loop's thread alone calls it."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        """Begin with nothing told."""
        self._metrics = metrics
        self._clock = clock
        self._key = os.urandom(16)
        self._began = float("-inf")
        self._told = self._untold = 0

    def refused(self, error: ParleyError, scope: Scope) -> None:
        """Count a refusal, and tell it if it is one to look at."""
        self._metrics.refusals.labels(error.code).inc()
        if isinstance(error, _ASKED_ON) or status_of(error) not in _TOLD:
            return
        if not self._has_line():
            return
        log.warning("refused", code=error.code, **self._asked(scope))

    def came_in(self, connection: HTTPConnection, signed_in: SignedIn) -> None:
        """Tell that somebody signed in, and by what."""
        found = {"way": signed_in.way.value, "sign_in": signed_in.id.text}
        log.info(
            "signed in", person=signed_in.person.id.text, **found, **self._from(connection.scope)
        )

    def _asked(self, scope: Scope) -> Mapping[str, str]:
        state: Mapping[str, Any] = scope.get("state", {})
        person = state.get("asked_by", "")
        what = getattr(scope.get("route"), "path", "other")
        asked = {"method": str(scope.get("method", "WEBSOCKET")), "route": str(what)}
        return {**asked, **({"person": person} if person else {}), **self._from(scope)}

    def _from(self, scope: Scope) -> Mapping[str, str]:
        if not scope.get("client"):
            return {}
        source = source_of(scope["client"][0]).encode()
        return {"source": hmac.digest(self._key, source, hashlib.sha256).hex()[:SOURCE_CHARACTERS]}

    def _has_line(self) -> bool:
        """Say whether one more is told; after each minute, tell how many were not."""
        now = self._clock.monotonic()
        if now >= self._began + MINUTE_S:
            if self._untold:
                log.warning("refusals not told", count=self._untold)
            self._began, self._told, self._untold = now, 0, 0
        if self._told >= LINES_A_MINUTE:
            self._untold += 1
            return False
        self._told += 1
        return True
