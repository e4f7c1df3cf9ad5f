"""What else a node does is not in the way of an alert: media that dies, video and a large file."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from parley.drill.person import Person
from parley.drill.steps import Steps
from parley.drill.transfer import GIGABYTE, transfer
from parley.drill.viewers import participant_in_room
from parley.node.sample import SamplePair
from parley.testing.loops import run_apart
from parley.testing.threads import can_end_threads, end_thread, threads_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(280)]

MEDIA = "parley-media"
PATIENCE_S = 30.0
"""For anything, on a machine that others share; it is no measurement."""


@pytest.mark.skipif(not can_end_threads(), reason="ends a thread by ptrace, on x86-64 Linux")
def test_a_killed_media_engine_never_silences_the_desk(tmp_path: Path) -> None:
    """Somebody is in a room; its threads die; the flash is there, rings, is shown and read."""
    with SamplePair.running(tmp_path, profile="lan", seed=3) as pair:
        run_apart(_rung_without_media(pair))


def test_video_and_a_gigabyte_on_the_way_leave_room_for_an_alert(tmp_path: Path) -> None:
    """Over a border line, both ways video: the flash is read while most of the file is to come."""
    with SamplePair.running(tmp_path, profile="border", seed=4) as pair:
        run_apart(_rung_beside_a_transfer(pair))


async def _rung_without_media(pair: SamplePair) -> None:
    far = pair.nodes[1]
    async with (
        _three_people(pair) as (writes, releases, reads),
        participant_in_room(pair.invite(1, "On camera"), pair.room, sends_video=True),
    ):
        await _until(lambda: pair.metrics(1)["parley_participants"] == 1)
        media = threads_of(far.process_id, MEDIA)
        assert media
        for each in media:
            end_thread(each)
        assert not threads_of(far.process_id, MEDIA)
        await _rung_and_read(writes, releases, reads)


async def _rung_beside_a_transfer(pair: SamplePair) -> None:
    far = pair.nodes[1]
    async with (
        _three_people(pair) as (writes, releases, reads),
        participant_in_room(pair.invite(0, "On camera"), pair.room, sends_video=True),
        participant_in_room(pair.invite(1, "There too"), pair.room, sends_video=True),
        transfer(releases, far, GIGABYTE, Steps(Console(quiet=True))),
    ):
        for side in (0, 1):
            await _until(lambda side=side: pair.metrics(side)["parley_participants"] == 1)
        await _rung_and_read(writes, releases, reads)
        crossed = sum(
            value
            for name, value in far.metrics().items()
            if name.startswith("parley_lane_received_bytes")
        )
        assert crossed < GIGABYTE // 2


# ----------------------------------------------------------------------------------------- details


@asynccontextmanager
async def _three_people(pair: SamplePair) -> AsyncIterator[tuple[Person, Person, Person]]:
    """Give a drafter and a releaser here, and an officer there."""
    near, far = pair.nodes
    (releaser, _), (drafter, _) = near.party.people
    async with (
        Person.signed_in(near.sign_in_address(drafter)) as writes,
        Person.signed_in(near.sign_in_address(releaser)) as releases,
        Person.signed_in(far.sign_in_address(far.party.people[0][0])) as reads,
    ):
        yield writes, releases, reads


async def _rung_and_read(writes: Person, releases: Person, reads: Person) -> None:
    """Release a flash; the far desk is told, shows it, rings, and a person reads it."""
    async with reads.desk("alerts") as told:
        party = (await releases.get("/api/lines"))["lines"][0]["party"]["id"]
        said = {
            "texts": [{"language": "en", "text": "Two aircraft are off course."}],
            "recipients": [party],
            "precedence": "flash",
        }
        draft = (await writes.post("/api/alerts/drafts", said))["id"]
        await releases.post(f"/api/alerts/drafts/{draft}/verify")
        alert = (await releases.sign(f"/api/alerts/drafts/{draft}/release/{party}"))["hash"]
        while alert not in await _open(reads):
            async with asyncio.timeout(PATIENCE_S):
                await told.get()
        shown = {"desk": "watch", "has_sound": True}
        await reads.post(f"/api/alerts/{alert}/presented", shown)
        await reads.sign(f"/api/alerts/{alert}/acknowledge", {"language": "en"})
        await _until_state(releases, alert, "acknowledged")


async def _open(person: Person) -> dict[str, Any]:
    found = await person.get("/api/alerts?open=true")
    return {each["hash"]: each for each in found["alerts"]}


async def _until_state(person: Person, alert: str, state: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await _open(person))[alert]["state"] != state:  # noqa: ASYNC110  a real process
            await asyncio.sleep(0.1)


async def _until(holds: Any) -> None:  # noqa: ANN401  any question
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110  a real process
            await asyncio.sleep(0.1)
