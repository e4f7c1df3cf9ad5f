"""Notifications at a terminal: drafted from a file, verified, signed, asked about, ended."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from parley.__main__ import WORDS, assemble
from parley.errors import (
    CeremonyRefused,
    DraftUnknown,
    FormRefused,
    NotificationTypeUnusable,
    NotificationUnknown,
    ParleyError,
    PartyUnknown,
)
from parley.ids import SpaceId
from parley.node.commands import notification_acts as command
from parley.terminal.acts import Acts
from parley.terminal.notification_acts import NotificationActs
from parley.terminal.wording import proposal_lines
from parley.testing.keyed_people import keyed_person
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.notifying_people import LAUNCH_FORM, agreed_type
from parley.testing.terminals import OfficerAtTerminal, officer
from parley.words import Words

Json = dict[str, Any]
Act = Callable[[Acts], Awaitable[Json]]
HOSPITAL = ("--to", "Hospital", "--type", "launch-or-test")


@pytest.fixture
async def agreed(nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest) -> None:
    """Let both parties agree to a type."""
    space = SpaceId.of_pair(near.party, far.party).text
    people = [await keyed_person(each, "Secretary", "releaser") for each in (near, far)]
    await agreed_type(nodes, space, *people)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """Give a test a form in a file, beside it another one and one that does not hold."""
    later = {**LAUNCH_FORM["window"], "ends": "2026-12-01T15:00:00Z"}
    for name, changed in (
        ("launch", {}),
        ("later", {"window": later}),
        ("wrong", {"kind": "party"}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps({**LAUNCH_FORM, **changed}))
    return tmp_path / "launch.json"


async def typed(
    monkeypatch: pytest.MonkeyPatch, who: OfficerAtTerminal, *words: str, language: str = "en"
) -> Json:
    """Type a command of the group as somebody at a terminal; return what came of it."""
    given: list[tuple[Act, Callable[[Json, Words], None]]] = []
    with monkeypatch.context() as patched:
        patched.setattr(
            command, "act_and_tell", lambda act, _, tell, **__: given.append((act, tell))
        )
        ran = CliRunner().invoke(assemble(WORDS), ["notification", *words])
    assert ran.exit_code == 0, ran.output
    ((act, tell),) = given
    answered = await act(who.acts)
    tell(answered, Words(language))
    return answered


@pytest.mark.timeout(120)
async def test_a_notification_goes_the_whole_way_by_commands(
    nodes: Nodes,
    near: NodeUnderTest,
    far: NodeUnderTest,
    agreed: None,
    form: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From a file to an end that both sides hold; each word that binds is shown before the PIN."""
    rolf, rita = [await officer(near, name, "releaser") for name in ("Rolf", "Rita")]
    fatima = await officer(far, "Fatima", "releaser")

    draft = await typed(monkeypatch, rolf, "draft", str(form), *HOSPITAL)
    assert (draft["state"], draft["findings"]) == ("checked", [])
    assert "The form holds" in capsys.readouterr().out
    await typed(monkeypatch, rita, "verify", draft["id"][:8])
    assert "Verified" in capsys.readouterr().out
    sent = await typed(monkeypatch, rolf, "send", draft["id"][:8])
    assert sent["form"] == LAUNCH_FORM
    shown = "\n".join(proposal_lines(rolf.asked.proposals[-1], Words("en")))
    for said in (
        *("type: launch-or-test 1", "number: 2026/1", 'says: /kind: "missile_test"'),
        *("says: /areas/0/centre/latitude: 41.3", 'says: /areas/0/radius/unit: "km"'),
        "capacity: releaser",
    ):
        assert said in shown
    await nodes.seconds(3)

    which = sent["hash"][:10]
    await typed(monkeypatch, fatima, "query", which, "--words", "Which of the two?")
    await nodes.seconds(3)
    capsys.readouterr()
    cleared = await typed(monkeypatch, rolf, "clarify", which, "-w", "The southern one.")
    assert cleared["queries"][0]["answers"][0]["words"] == "The southern one."
    assert "? Which of the two?" in capsys.readouterr().out
    with pytest.raises(NotificationUnknown):
        await typed(monkeypatch, rolf, "clarify", which, "-w", "Once more.")
    closed = await typed(monkeypatch, rolf, "close", which)
    assert closed["state"] == "closed"
    assert (await typed(monkeypatch, rolf, "drafts"))["drafts"] == []


@pytest.mark.timeout(120)
async def test_one_is_corrected_cancelled_discarded_and_marked(
    nodes: Nodes,
    near: NodeUnderTest,
    far: NodeUnderTest,
    agreed: None,
    form: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An exercise in the place of an exercise, and what was never sent."""
    rolf, rita = [await officer(near, name, "releaser") for name in ("Rolf", "Rita")]
    sent: list[Json] = []
    for name in ("launch", "later"):
        file, place = str(form.with_stem(name)), [each["hash"][:12] for each in sent]
        given = ("--corrects", *place) if place else ()
        words = ("draft", file, *HOSPITAL, "--exercise", *given)
        made = await typed(monkeypatch, rolf, *words, language="ru")
        assert "УЧЕНИЕ" in capsys.readouterr().out
        await typed(monkeypatch, rita, "verify", made["id"])
        sent.append(await typed(monkeypatch, rolf, "send", made["id"]))
        assert rolf.asked.proposals[-1].is_exercise
        await nodes.seconds(3)
    assert sent[1]["corrects"] == sent[0]["hash"]
    ended = await typed(monkeypatch, rolf, "cancel", sent[1]["hash"], "-w", "Called off.")
    assert (ended["state"], ended["words"]) == ("cancelled", "Called off.")

    capsys.readouterr()
    wrong = await typed(monkeypatch, rolf, "draft", str(form.with_stem("wrong")), *HOSPITAL)
    assert "! /kind: Choose one of those that were agreed." in capsys.readouterr().out
    assert [each["id"] for each in (await typed(monkeypatch, rolf, "drafts"))["drafts"]] == [
        wrong["id"]
    ]
    await typed(monkeypatch, rolf, "discard", wrong["id"][:6])
    assert "Done." in capsys.readouterr().out
    assert (await typed(monkeypatch, rolf, "drafts"))["drafts"] == []


@pytest.mark.timeout(120)
async def test_a_node_that_lets_something_else_be_signed_is_refused(
    nodes: Nodes,
    near: NodeUnderTest,
    far: NodeUnderTest,
    agreed: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another form, another type, other words: before the PIN is asked for."""
    rolf, rita = [await officer(near, name, "releaser") for name in ("Rolf", "Rita")]
    acts, other = NotificationActs(rolf.acts), NotificationActs(rita.acts)
    draft = await acts.draft(far.party.text, "launch-or-test", LAUNCH_FORM, None, is_exercise=False)
    await acts.check(draft["id"])
    draft = await other.verify(draft["id"])
    swapped = {**LAUNCH_FORM, "kind": "satellite_launch"}
    as_text = {**LAUNCH_FORM, "areas": [{**LAUNCH_FORM["areas"][0], "radius": "4 km"}]}
    for change, reason in (
        ({"form": swapped}, "form"),
        ({"form": as_text}, "form"),
        ({"type_hash": "00" * 32}, "type"),
        ({"is_exercise": True}, "exercise"),
        ({"space": "a" * 26}, "space"),
    ):
        with pytest.raises(CeremonyRefused) as refused:
            await acts.send({**draft, **change})
        assert refused.value.params["reason"] == reason
    assert rolf.asked.proposals == []
    sent = await acts.send(draft)
    await nodes.seconds(3)

    post = rolf.node.post

    async def bent(path: str, content: Any = None) -> Any:  # noqa: ANN401  JSON
        return await post(path, {"words": "Nothing."} if path.endswith("/begin") else content)

    monkeypatch.setattr(rolf.node, "post", bent)
    for end in (acts.cancel, acts.close):
        with pytest.raises(CeremonyRefused) as refused:
            await end(sent["hash"], "It is over.")
        assert refused.value.params["reason"] == "words"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("draft", "FORM", "--to", "Nobody", "-t", "launch-or-test"), PartyUnknown),
        (("draft", "FORM", "--to", "Hospital", "-t", "no-such-type"), NotificationTypeUnusable),
        (("draft", "LIST", "--to", "Hospital", "-t", "launch-or-test"), FormRefused),
        (("draft", "DEEP", "--to", "Hospital", "-t", "launch-or-test"), FormRefused),
        (("verify", "zzzz"), DraftUnknown),
        (("send", ""), DraftUnknown),
        (("close", "ffff"), NotificationUnknown),
    ],
)
async def test_what_is_not_there_is_said_by_name(
    near: NodeUnderTest,
    far: NodeUnderTest,
    form: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    error: type[ParleyError],
) -> None:
    """A party, a type, a draft, a notification, or a form in the file."""
    (form.parent / "list.json").write_text("[1]")
    (form.parent / "deep.json").write_text("[" * 30_000)
    files = {"FORM": form, "LIST": form.parent / "list.json", "DEEP": form.parent / "deep.json"}
    rolf = await officer(near, "Rolf", "releaser")
    with pytest.raises(error):
        await typed(monkeypatch, rolf, *(str(files.get(each, each)) for each in words))
