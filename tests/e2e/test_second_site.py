"""A party with two sites: each runs the party alone, and what the lost one had said is not lost.

The second site has a backup that is older than what was said since, the party's key out of the safe
and addresses of its own. The other party's node is not touched: it has what the backup lacks.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from parley.errors import ParleyError
from parley.testing.institution import Institution, pair, route, set_up
from parley.testing.lab import Lab

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_core,
    pytest.mark.timeout(300),
    pytest.mark.enable_socket,
]


class Sites:
    """A party with two sites, and another one with a line to it."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.safe = folder / "safe"
        self.safe.mkdir()
        lab = stack.enter_context(Lab.open())
        self.first, self.second, self.far = (
            Institution(lab, folder, name) for name in ("first", "second", "far")
        )
        self.second.init()
        set_up((self.first, self.far))
        for seed, site in enumerate((self.first, self.second)):
            wire = lab.join(site.machine, self.far.machine, profile="border", seed=seed)
            route(site, self.far, wire)
        pair(self.first, self.far)
        shutil.copy(self.first.folder / "party.key", self.safe)

    def back_up(self, site: Institution, name: str) -> Path:
        """Make a backup of a site and bring it to safety."""
        target = self.safe / name
        run(site, "backup", str(target))
        return target

    def take_over(self, site: Institution, backup: Path) -> None:
        """Let a site stand in for the other, as docs/operations/second-site.md says."""
        run(site, "restore", str(backup), "--replace")
        shutil.copy(self.safe / "party.key", site.folder)
        site.start()
        for one, other in ((site, self.far), (self.far, site)):
            one.wait_until(lambda one=one, other=other: one.line_state(other) == "up", "no line")
        site.wait_until(lambda: site.own_log()["state"] == "open", "its log does not open")


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    """Give the test its machines."""
    with ExitStack() as stack:
        yield Sites(stack, tmp_path)


def test_each_site_runs_the_party_alone_and_nothing_that_was_said_is_lost(sites: Sites) -> None:
    """Lost, stood in for, and taken back; what was said at either site is in one unforked log."""
    first, second, far = sites.first, sites.second, sites.far
    say(first)
    old = sites.back_up(first, "old")
    say(first)
    said, origin = first.own_log()["size"], first.own_log()["log"]
    first.kill()

    sites.take_over(second, old)
    assert second.own_log()["log"] == origin
    assert second.own_log()["size"] >= said
    say(second)

    # The first site comes back by itself: the other party refuses it, and both are told.
    first.start()
    far.wait_until(lambda: "line.key_in_use_twice" in far.set_aside(), "far sees nothing")
    first.wait_until(lambda: "line.our_key_in_use_twice" in first.set_aside(), "it is not told")
    assert second.line_state(far) == "up"
    first.kill()

    fresh = sites.back_up(second, "fresh")
    second.kill()
    sites.take_over(first, fresh)
    say(first)
    assert far.ask("record_evidence")["evidence"] == []
    bundle = sites.safe / "record.zip"
    far.ask("record_export", file=str(bundle))
    told = json.loads(run(far, "verify", "--json", str(bundle)))
    assert told["findings"] == []
    ours = next(log for log in told["logs"] if log["log"] == f"{first.party}/0")
    assert ours["entries"] == first.own_log()["size"]


def say(site: Institution) -> None:
    """Let a site say something for a second, and the other party hold it."""
    asked = {"what": "write", "seconds": 1.0, "rate": 20, "characters": 100, "at_once": 100}

    def is_said() -> bool:
        try:
            site.ask("record_exercise", **asked)
        except ParleyError:
            return False
        return True

    site.wait_until(is_said, "it cannot say anything")
    site.wait_until(lambda: held(site.own_log()), "the other party does not hold it")


def held(log: Mapping[str, Any]) -> bool:
    """Say whether the other party holds a whole log."""
    return all(each["size"] == log["size"] for each in log["held"]) and bool(log["held"])


def run(site: Institution, *command: str) -> str:
    """Run a command at a site as its operator would."""
    folder = () if command[0] == "verify" else ("-C", str(site.folder))
    done = site.machine.run(sys.executable, "-m", "parley", *command, *folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
