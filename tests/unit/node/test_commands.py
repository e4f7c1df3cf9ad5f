"""The command line, as a person and as a program see it."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from parley.__main__ import WORDS, assemble
from parley.node.commands import status as status_command
from parley.testing.nodes import write_folder

RUN = CliRunner()
COMMANDS = [
    ["init"],
    ["serve"],
    ["status"],
    ["try"],
    ["verify"],
    ["doctor"],
    ["trail"],
    ["drill", "call"],
    *(["pair", word] for word in ("card", "import", "words", "confirm", "suspend", "resume")),
    ["pair", "remove"],
    ["pair", "list"],
    *(["person", word] for word in ("add", "link", "list")),
]


def run(*typed: str, put: str | None = None) -> Result:
    """Run a command line."""
    return RUN.invoke(assemble(WORDS), list(typed), input=put)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Give a test two nodes that do not run."""
    for name in ("Harbour", "Hospital"):
        write_folder(tmp_path / name, name)
    return str(tmp_path / "Harbour"), str(tmp_path / "Hospital")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    """One that can be typed."""
    shown = run(*command, "--help")

    assert shown.exit_code == 0
    assert "Example: parley " + " ".join(command) in " ".join(shown.output.split())


def test_the_command_line_lists_its_words() -> None:
    """In the order a newcomer needs them."""
    shown = run("--help").output

    assert [word for word in WORDS if word in shown] == list(WORDS)
    assert run("--version").output.strip().count(".") == 2


def test_init_says_what_to_do_next(tmp_path: Path) -> None:
    """And as an object for a program."""
    made = run("init", str(tmp_path / "n"), "--name", "Harbour")
    assert made.exit_code == 0
    assert "parley serve" in made.output

    again = run("init", str(tmp_path / "n"), "--name", "Harbour", "--json")
    assert again.exit_code == 1
    assert json.loads(again.output)["error"]["code"] == "settings.exist"


def test_two_parties_pair_by_files_and_words(pair: tuple[str, str], tmp_path: Path) -> None:
    """Card out, card in, words, confirm."""
    here, there = pair
    file = tmp_path / "card.txt"
    file.write_text(run("pair", "card", "-C", there).output)

    imported = run("pair", "import", str(file), "-C", here, "--language", "uz")
    assert imported.exit_code == 0
    assert "12 " in imported.output

    told = json.loads(run("pair", "words", "Hospital", "-C", here, "--json").output)
    assert len(told["words"]) == 12
    refused = run("pair", "confirm", "Hospital", "-C", here, put="n\n")
    assert refused.exit_code == 1
    confirmed = run("pair", "confirm", "Hospital", "-C", here, put="y\n")
    assert "waiting for the other side" in confirmed.output
    listed = json.loads(run("pair", "list", "-C", here, "--json").output)
    assert listed["pairings"][0]["state"] == "confirmed_here"
    assert "Hospital" in run("pair", "list", "-C", here).output
    assert "suspended" in run("pair", "suspend", "Hospital", "-C", here).output
    assert "waiting" in run("pair", "resume", "Hospital", "-C", here).output
    assert run("pair", "remove", "Hospital", "-C", here, put="n\n").exit_code == 1
    assert run("pair", "remove", "Hospital", "--yes", "-C", here).exit_code == 0
    assert "No other party yet" in run("pair", "list", "-C", here).output


def test_a_card_may_be_pasted(pair: tuple[str, str]) -> None:
    """As text on standard input."""
    here, there = pair
    card = run("pair", "card", "-C", there).output

    assert run("pair", "import", "-", "-C", here, put=f"Dear all,\n{card}").exit_code == 0


def test_a_refused_card_is_told_in_words_and_by_code(pair: tuple[str, str], tmp_path: Path) -> None:
    """And ends with 1."""
    here, _ = pair
    (tmp_path / "card.txt").write_text("nonsense")

    for_person = run("pair", "import", str(tmp_path / "card.txt"), "-C", here)
    for_program = run("pair", "import", str(tmp_path / "card.txt"), "-C", here, "--json")

    assert for_person.exit_code == for_program.exit_code == 1
    assert "card.malformed" in for_person.output
    assert json.loads(for_program.output)["error"]["code"] == "card.malformed"
    assert run("pair", "import", str(tmp_path / "nowhere"), "-C", here).exit_code == 2


def test_people_are_added_linked_and_listed(pair: tuple[str, str]) -> None:
    """The link is printed on a line of its own."""
    here, _ = pair
    assert "Nobody yet" in run("person", "list", "-C", here).output
    added = run("person", "add", "Ingrid", "-C", here, "--language", "uz")
    assert added.output.splitlines()[-1].startswith("http://")
    linked = json.loads(run("person", "link", "Ingrid", "-C", here, "--json").output)
    assert linked["address"] != added.output.splitlines()[-1]
    assert "Ingrid" in run("person", "list", "-C", here).output
    assert run("person", "link", "Nobody", "-C", here).exit_code == 1


def test_status_of_a_node_that_does_not_run_says_how_to_start_it(pair: tuple[str, str]) -> None:
    """In words and by code."""
    here, _ = pair
    assert "parley serve" in run("status", "-C", here).output
    told = json.loads(run("status", "-C", here, "--json").output)
    assert told["error"]["code"] == "node.not_running"


STATUS = {
    "party": {"id": "a" * 26, "name": "Harbour", "card_expires_at": "2028-01-01T00:00:00Z"},
    "version": "0.1.0",
    "started_at": "2026-11-01T12:00:00.000Z",
    "address": "http://127.0.0.1:7480",
    "participants": 1,
    "logs": [{"party": "Clinic", "epoch": 2, "standing": "frozen"}],
    "troubles": [{"code": "storage.full", "said": "The disk below /parley.db is full."}],
    "backup_at": "2026-10-31T03:00:00Z",
    "rooms": [{"state": "open", "title": "Weekly", "participants": []}],
    "set_aside": [
        {"reason": "letter.malformed", "party": None, "count": 3, "last_at": "2026-11-01T12:00:00Z"}
    ],
    "lines": [
        {
            "party": {"id": "b" * 26, "name": "Hospital", "time_zone": "UTC"},
            "state": "degraded",
            "since": "2026-11-01T12:00:00.000Z",
            "agreement": {"ours_confirmed": True, "theirs_confirmed": True},
            "clock_is_skewed": True,
            "clock_skew_s": 3600.0,
            "paths": [
                {
                    "name": "main",
                    "carrier": "udp",
                    "state": "up",
                    "rtt_ms": 250.0,
                    "loss_in": 0.01,
                    "loss_out": None,
                    "rate_bps": 4_000_000,
                    "last_proof_at": None,
                }
            ],
            "lanes": [{"lane": 0, "bytes_sent": 1, "bytes_received": 2, "queued": 0}],
        }
    ],
}


def test_status_tells_lines_paths_rooms_and_what_was_set_aside(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dash stands where nothing is known."""
    monkeypatch.setattr(status_command, "ask", lambda *_: STATUS)

    shown = run("status", "-C", pair[0]).output
    assert "The disk below /parley.db is full. (storage.full)" in shown
    assert "Last backup: 2026-10-31T03:00:00" in shown
    assert "Log of Clinic, epoch 2: frozen" in shown

    for told in ("degraded", "250.0 ms", "1.0 %", "-", "4,000.0 kbit/s", "letter.malformed"):
        assert told in shown
    assert "Clocks differ by 3600 s" in shown
    assert json.loads(run("status", "-C", pair[0], "--json").output) == STATUS


@pytest.mark.parametrize(
    ("reason", "told"),
    [("entry.newer", "this node may need an update"), ("line.version", "update the older")],
)
def test_status_says_which_side_is_to_be_updated(
    pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, reason: str, told: str
) -> None:
    """Once, however much was set aside for it."""
    aside = [{"reason": reason, "party": None, "count": 3, "last_at": "2026-11-01T12:00:00Z"}]
    monkeypatch.setattr(status_command, "ask", lambda *_: STATUS | {"set_aside": aside})
    shown = " ".join(run("status", "-C", pair[0]).output.split())
    assert shown.count(told) == 1
    monkeypatch.setattr(status_command, "ask", lambda *_: STATUS)
    assert told not in " ".join(run("status", "-C", pair[0]).output.split())


async def test_the_monitor_shows_the_same_live() -> None:
    """And says so when the node does not answer."""
    from parley.errors import NodeNotRunning  # noqa: PLC0415  here alone
    from parley.node.commands.monitor import Monitor  # noqa: PLC0415

    answers: list[object] = [STATUS, NodeNotRunning(folder="x")]

    def ask() -> dict[str, object]:
        answer = answers.pop(0)
        if isinstance(answer, NodeNotRunning):
            raise answer
        assert isinstance(answer, dict)
        return answer

    monitor = Monitor(ask)
    async with monitor.run_test() as pilot:
        await pilot.pause()
        assert monitor._table("paths").row_count == 1
        assert monitor._table("lanes").row_count == 1
        assert monitor._table("aside").row_count == 1
        await monitor.refresh_figures()
        assert "No node is running" in str(monitor.query_one("#head").render())


def test_the_trail_says_whether_it_is_as_it_was_written(pair: tuple[str, str]) -> None:
    """By names a person knows, by ids for a program; a row that was changed ends with status 1."""
    here = ("-C", pair[0])
    assert run("trail", *here).output.strip() == "Nothing yet."
    run("person", "add", "Ingrid", "--role", "engineer", *here)
    run("person", "change", "Ingrid", "--role", "auditor", *here)
    told = run("trail", *here)
    assert told.exit_code == 0
    assert "Ingrid" in told.output
    assert "Every row is as it was written" in told.output
    whole = json.loads(run("trail", *here, "--json").stdout)
    older = json.loads(run("trail", *here, "--limit", "1", "--before", "1", "--json").stdout)
    assert whole["rows"][0]["digest"] == whole["newest"]
    assert [row["number"] for row in older["rows"]] == [0]

    with sqlite3.connect(Path(pair[0]) / "parley.db") as opened:
        opened.execute("UPDATE trail SET words = 'nothing happened' WHERE number = 1")
    found = run("trail", *here)
    assert found.exit_code == 1
    assert "From row 1 on" in found.output
    assert json.loads(run("trail", *here, "--json").stdout)["first_wrong"] == 1


def test_the_doctor_prints_what_it_finds(pair: tuple[str, str]) -> None:
    """And ends with 1 if something is bad."""
    told = run("doctor", "-C", pair[0] + "/nowhere", "--json")

    assert told.exit_code == 1
    assert not json.loads(told.output)["is_well"]
    assert "settings" in run("doctor", "-C", pair[0] + "/nowhere").output
