"""`parley root` between two nodes over a real line: three holders, two signatures, a stolen key."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from parley.node.sample import SampleNode, SamplePair

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.needs_core,
    pytest.mark.timeout(180),
    pytest.mark.enable_socket,
]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[SamplePair]:
    """Give a test two nodes with a line between them."""
    with SamplePair.running(tmp_path, profile="lan", seed=1) as running:
        until(running.is_record_open, "the record does not open")
        yield running


def test_a_party_goes_on_under_a_fresh_key(pair: SamplePair, tmp_path: Path) -> None:
    """As docs/operations/record.md tells it, word for word."""
    near, far = pair.nodes
    holders = [str(tmp_path / f"holder-{each}.key") for each in range(3)]
    public = [parley("root", "key", file)["public"] for file in holders]
    assert [Path(file).stat().st_mode & 0o777 for file in holders] == [0o600] * 3

    word = str(tmp_path / "word.txt")
    named = [part for each in public for part in ("--holder", each)]
    parley("root", "draft", word, *named, at=near)
    assert len(parley("root", "sign", word, holders[0])["signed_by"]) == 1
    refused = parley("root", "take", word, at=near, code=1)
    assert refused["error"]["code"] == "root.wrong"
    parley("root", "sign", word, holders[2])
    assert parley("root", "take", word, at=near)["compromised"] is None
    until(lambda: len(roots(far)) == 1, "the other node has not heard the root")

    stolen = str(tmp_path / "stolen.txt")
    parley("root", "draft", stolen, "--stolen", at=near)
    for holder in holders[1:]:
        parley("root", "sign", stolen, holder)
    shown = parley("root", "show", stolen)
    assert (shown["number"], len(shown["signed_by"])) == (1, 2)
    assert parley("root", "take", stolen, at=near)["spaces"]

    def goes_on() -> bool:
        logs = [log for log in listed(far) if not log["is_ours"]]
        standings = {log["epoch"] == 0: log["standing"] for log in logs}
        return standings == {True: "frozen", False: "fresh"}

    until(goes_on, "the other node does not follow under the fresh key")
    assert [each["frozen_epochs"] for each in roots(far)] == [[0]]
    for node in pair.nodes:
        file = tmp_path / f"{node.party.folder}.zip"
        parley("record", "export", str(file), at=node)
        account = parley("verify", str(file), code=None)
        assert "log_frozen" in {each["code"] for each in account["findings"]}
    told = run("root", "show", at=far)
    assert "frozen epochs" in told.stdout


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; the test's own limit of time ends it."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.2)
    pytest.fail(what)


def parley(*typed: str, at: SampleNode | None = None, code: int | None = 0) -> Any:  # noqa: ANN401  JSON
    """Run a command line for a program; return what it printed."""
    ended = run(*typed, "--json", at=at)
    assert code is None or ended.returncode == code, ended.stdout + ended.stderr
    return json.loads(ended.stdout)


def run(*typed: str, at: SampleNode | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command line, for a node or for none."""
    folder = [] if at is None else ["--folder", str(at.folder)]
    command = [sys.executable, "-m", "parley", *typed, *folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def roots(node: SampleNode) -> list[dict[str, Any]]:
    """Return what a node knows of roots."""
    return list(node.ask("root_list")["roots"])


def listed(node: SampleNode) -> list[dict[str, Any]]:
    """Return the logs of a node's record."""
    [space] = node.ask("record_spaces")["spaces"]
    return list(space["logs"])
