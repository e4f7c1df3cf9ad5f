"""A whole exercise crisis between two real nodes over a bad line, and what proves it offline.

One side opens it; both end with a readout of their own. Each exports its record; the file that
checks exports runs alone, without Parley, and tells of the crisis what both have on their screens.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from parley import verify
from parley.drill.person import Person
from parley.node.sample import SamplePair
from parley.record.tiles import bundled, unbundled
from parley.testing.exports import files_of, zipped
from parley.testing.loops import run_apart

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]

START = "2026-11-22T08:00:00Z"
ACCOUNTS = ("We saw a vessel at eight.", "We saw nothing before nine.")
PAUSE_S = 0.25
PATIENCE_S = 120.0
"""For anything, on a machine that others share; more only delays the report of a failure."""


def test_an_exercise_crisis_over_a_bad_line_is_proved_offline_from_both_sides(
    tmp_path: Path,
) -> None:
    """From one side's opening to two readouts; whoever changes the file afterwards is named."""
    with SamplePair.running(tmp_path, profile="border", seed=9) as pair:
        parties = [node.ask("pair_list")["party"]["id"] for node in pair.nodes]
        run_apart(_story(pair))
        exports = [tmp_path / f"{number}.zip" for number in range(2)]
        for node, export in zip(pair.nodes, exports, strict=True):
            node.ask("record_export", file=str(export))
    for export in exports:
        code, told = checked(export, parties)
        assert code == verify.HOLDS, told
        assert told.count("the salted hash matches") == 2
        assert told.count(", as the record shows it") == 2
        assert "the timelines are equal" in told
        assert told.count("adopted by both") == 1
        assert told.count("readout of") == 2
        assert "EXERCISE: Crisis 20" in told
        assert "calls it: Two vessels" in told
        assert "calls it: Harassment at sea" in told
    forged = tmp_path / "forged.zip"
    forged.write_bytes(with_another_account(exports[0].read_bytes()))
    code, told = checked(forged, parties)
    assert code == verify.WRONG
    assert "WRONG [entry_changed]" in told


def checked(export: Path, trusted: list[str]) -> tuple[int, str]:
    """Run the file that checks exports by itself; return how it ended and what it told."""
    trust = [f"--trust={party}" for party in trusted]
    command = [sys.executable, "-I", verify.__file__, str(export), *trust, "--entries"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def with_another_account(export: bytes) -> bytes:
    """Return an export in which somebody changed the words of an account that was shown."""
    files = files_of(export)
    words = ACCOUNTS[0].encode()
    name = next(each for each in files if "/tile/entries/" in each and words in files[each])
    other = words.replace(b"eight", b"seven")
    entries = [entry.replace(words, other) for entry in unbundled(files[name])]
    return zipped({**files, name: bundled(entries)})


async def _story(pair: SamplePair) -> None:
    near, far = pair.sign_in_addresses()
    async with Person.signed_in(near) as ingrid, Person.signed_in(far) as dilnoza:
        crisis = await _opened(ingrid, dilnoza)
        await _said(crisis, ingrid, dilnoza)
        await ingrid.sign(f"{crisis}/close", {"words": "All calm."})
        await _until(lambda: _is_closed(dilnoza, crisis))
        await dilnoza.sign(f"{crisis}/close", {})
        where = f"{crisis}/assessment"
        for each in (ingrid, dilnoza):
            await _has(each, where, "are_timelines_equal", is_now=True)
        await _sealed(where, ingrid, dilnoza)
        await _adopted(where, ingrid, dilnoza)
        for each in (ingrid, dilnoza):
            said = {"texts": _texts("The matter is closed."), "public_from": START}
            await each.sign(f"{where}/readout", said)
        for each in (ingrid, dilnoza):
            await _counts(each, where, "readouts", 2)


async def _opened(ingrid: Person, dilnoza: Person) -> str:
    spaces = (await ingrid.get("/api/record/spaces"))["spaces"]
    said = {"title": _texts("Two vessels"), "start": START}
    new = {"space": spaces[0]["id"], "is_exercise": True}
    made = await ingrid.sign("/api/crises/open", {**said, **new})
    await _counts(dilnoza, "/api/crises", "crises", 1)
    other = {"title": _texts("Harassment at sea"), "start": START, "crisis": made["hash"]}
    await dilnoza.sign("/api/crises/open", other)
    return f"/api/crises/{made['hash']}"


async def _said(crisis: str, ingrid: Person, dilnoza: Person) -> None:
    fact = await ingrid.sign(f"{crisis}/facts", {"texts": _texts("Two vessels met.")})
    await _counts(dilnoza, crisis, "facts", 1)
    signed = await dilnoza.sign(f"{crisis}/facts", {"same_as": fact["facts"][0]["hash"]})
    assert signed["facts"][0]["state"] == "agreed"


async def _sealed(where: str, *people: Person) -> None:
    for each, words in zip(people, ACCOUNTS, strict=True):
        await each.step_up()
        await each.put(f"{where}/account", {"texts": _texts(words)})
        await each.sign(f"{where}/seal")
    for each in people:
        await _has(each, where, "state", is_now="revealed")


async def _adopted(where: str, ingrid: Person, dilnoza: Person) -> None:
    said = {"section": "lesson", "texts": _texts("Call earlier.")}
    await ingrid.step_up()
    written = await ingrid.post(f"{where}/paragraphs", said)
    await _counts(dilnoza, where, "sheet", 1)
    await dilnoza.step_up()
    await dilnoza.post(f"{where}/paragraphs", {**said, "key": written["sheet"][0]["key"]})
    await dilnoza.sign(f"{where}/adopt")
    await _counts(ingrid, where, "adoptions", 1)
    adopted = await ingrid.sign(f"{where}/adopt")
    assert adopted["state"] == "adopted"
    await _has(dilnoza, where, "state", is_now="adopted")


# ----------------------------------------------------------------------------------------- details


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110  a node of another process is asked
            await asyncio.sleep(PAUSE_S)


async def _is_closed(who: Person, crisis: str) -> bool:
    """Say whether the other side has closed it."""
    return bool((await who.get(crisis))["sides"][1]["state"] == "closed")


async def _has(who: Person, path: str, key: str, *, is_now: object) -> None:
    """Wait until a person's node says so."""

    async def holds() -> bool:
        return bool((await who.get(path))[key] == is_now)

    await _until(holds)


async def _counts(who: Person, path: str, key: str, count: int) -> None:
    """Wait until a person's node tells of so many."""

    async def holds() -> bool:
        return len((await who.get(path))[key]) == count

    await _until(holds)


def _texts(words: str) -> list[dict[str, Any]]:
    return [{"language": "en", "text": words}]
