"""What an operator may ask of crises, of a running node. An operator reads; nobody speaks here."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from parley.clock import milliseconds
from parley.crisis.assessment.metrics import figures
from parley.crisis.conduct.assessment_view import (
    assessment_view,
    figures_view,
    timeline_view,
    times_view,
)
from parley.crisis.conduct.assessments import Assessments
from parley.crisis.conduct.crises import Crises
from parley.crisis.conduct.crisis_view import crisis_view, summary_view
from parley.crisis.conduct.repository import CrisisFound
from parley.crisis.view import Name
from parley.errors import CrisisUnknown
from parley.identity.permission import Act
from parley.ids import SpaceId

Json = dict[str, Any]


class CrisisOperations:
    """The operator's side of crises; part of ``parley.node.operations.Operations``."""

    async def crisis_list(self, space: str | None = None, limit: int = 50) -> Json:
        """Return crises, the last one something was said in first."""
        crises = self.running_crises()
        wanted = None if space is None else await self.find_space(space)
        found = await crises.crises(wanted, limit)
        name = self.party_name
        return {"crises": _plain([summary_view(each, crises.own, name) for each in found])}

    async def crisis_show(self, crisis: str) -> Json:
        """Return one crisis, named by the beginning of its hash, with its assessment."""
        crises = self.running_crises()
        found = await self._found(crisis)
        digest = found.crisis.hash
        quiet_ms, room = await crises.quiet_since(digest), await crises.room(digest)
        now_ms = milliseconds(crises.now())
        assessment = found.assessment
        return {
            "crisis": _plain(crisis_view(found, crises.own, self.party_name, quiet_ms, room)),
            "assessment": None
            if assessment is None
            else _plain(assessment_view(found, assessment, now_ms)),
        }

    async def crisis_timeline(self, crisis: str) -> Json:
        """Return what the record has of a crisis, and how long what took."""
        found, assessments = await self._found(crisis), self.running_assessments()
        entries = await assessments.timeline(found.crisis.hash)
        came = {each.hash: each.came_ms for each in found.entries}
        times = await assessments.times(found.crisis.hash)
        members = found.crisis.members
        return {
            "entries": _plain(timeline_view(found, entries, came.get)),
            "times": _plain([times_view(each) for each in times]),
            "figures": _plain([figures_view(each) for each in figures(times, members)]),
            "names": {each.text: self.party_name(each) or each.text for each in members},
        }

    async def _found(self, crisis: str) -> CrisisFound:
        found = await self.running_crises().crises(limit=200)
        named = [each for each in found if each.crisis.hash.hex().startswith(crisis.lower())]
        if len(named) != 1:
            raise CrisisUnknown
        return named[0]

    # What Operations knows.

    def running_crises(self) -> Crises:
        """Return the crises of the running node; Operations knows."""
        raise NotImplementedError

    def running_assessments(self) -> Assessments:
        """Return the assessments of the running node; Operations knows."""
        raise NotImplementedError

    @property
    def party_name(self) -> Name:
        """Return what other parties are called here; Operations knows."""
        raise NotImplementedError

    async def find_space(self, text: str) -> SpaceId:
        """Return the space that a text names; Operations does it."""
        raise NotImplementedError


CRISIS_OPERATIONS: Final[Mapping[str, Act]] = {
    "crisis_list": Act.CRISIS_READ,
    "crisis_show": Act.CRISIS_READ,
    "crisis_timeline": Act.CRISIS_READ,
}
"""What the admin socket may call, and which act each is."""


def _plain(views: object) -> Any:  # noqa: ANN401  JSON
    return msgspec.to_builtins(views)
