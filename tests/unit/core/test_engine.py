"""The compiled engine through its binding."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

import pytest

from parley import _core

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[[int], _core.Engine]
    Wait = Callable[[_core.Engine, type[Any]], Any]

NOBODY = bytes(16)
ALL_ON = (False, False, False)


def test_an_engine_says_where_it_listens_and_who_it_is(start: Start) -> None:
    """Ports that the system chose are told, and the party follows from the key."""
    engine = start(1)
    for addresses in (engine.line_addresses, engine.media_addresses, engine.media_tcp_addresses):
        assert [address.partition(":")[0] for address in addresses] == ["127.0.0.1"]
    assert engine.party == _core.party_id(_core.public_key(bytes([1]) * 32))


def test_a_public_key_is_that_of_rfc_8032() -> None:
    """RFC 8032 §7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert _core.public_key(seed) == key


def test_the_descriptor_is_readable_while_there_is_something_to_drain(
    start: Start, wait: Wait
) -> None:
    """An event loop needs nothing but `event_fd`."""
    engine = start(1)
    poller = select.poll()
    poller.register(engine.event_fd, select.POLLIN)
    assert not poller.poll(0)
    assert engine.drain() == []
    engine.open_room(b"r" * 16)
    assert wait(engine, _core.Roster) == _core.Roster(room=b"r" * 16, participants=[])
    assert not poller.poll(0)


def test_letters_cross_a_line_and_their_delivery_is_told(start: Start, wait: Wait) -> None:
    """What `send` took comes out on the other side once, and its number comes back."""
    near, far = start(1), start(2)
    _join_lines(near, far)
    number = near.send(far.party, 0, 16, b"ring")
    expected = _core.Letter(party=near.party, lane=0, topic=16, body=b"ring")
    assert wait(far, _core.Letter) == expected
    assert wait(near, _core.LetterDelivered) == _core.LetterDelivered(letter=number)
    status = near.line_status(far.party)
    assert status.state == "up"
    assert [path.name for path in status.paths] == ["only"]
    assert [lane.lane for lane in status.lanes] == [0, 1, 2, 3, 4, 5]
    assert status.counters["letters_delivered"] == 1


def test_a_letter_can_be_cancelled_until_it_is_delivered(start: Start) -> None:
    """A letter on a line that nobody answers waits, and can be taken back once."""
    near = start(1)
    party = near.open_line(remote_key=_core.public_key(bytes([2]) * 32), paths=[_path(None)])
    number = near.send(party, 4, 16, b"words")
    assert near.cancel(number)
    assert not near.cancel(number)


def test_a_participant_without_a_browser_joins_and_leaves(start: Start, wait: Wait) -> None:
    """The answer comes as an event with the number that `join` returned."""
    engine = start(1)
    engine.open_room(b"r" * 16)
    device = _core.SyntheticParticipant(seed=7)
    request = engine.join(b"r" * 16, b"p" * 16, b"label", device.offer(), ALL_ON)
    joined = wait(engine, _core.Joined)
    assert (joined.request, joined.participant) == (request, b"p" * 16)
    assert (len(joined.video_mids), len(joined.audio_mids)) == (8, 3)
    device.accept(joined.answer)
    assert wait(engine, _core.Connected) == _core.Connected(participant=b"p" * 16)
    assert engine.participant_quality(b"p" * 16).is_tcp is False
    engine.leave(b"p" * 16)
    assert wait(engine, _core.Left) == _core.Left(participant=b"p" * 16, reason="left")
    device.stop()


def test_setting_somebody_aside_who_is_not_there_is_no_error(start: Start) -> None:
    """Rosters change while a node judges one."""
    engine = start(1)
    engine.open_room(b"r" * 16)
    engine.set_aside(b"r" * 16, b"p" * 16, b"label")


def test_an_offer_that_cannot_be_answered_is_refused_with_a_code(start: Start, wait: Wait) -> None:
    """A page that offers nonsense harms nobody else."""
    engine = start(1)
    engine.open_room(b"r" * 16)
    request = engine.join(b"r" * 16, b"p" * 16, b"label", "v=0\r\nnonsense", ALL_ON)
    refused = wait(engine, _core.JoinRefused)
    assert (refused.request, refused.code.partition(".")[0]) == (request, "media")


def test_counters_have_names_that_end_in_their_unit(start: Start) -> None:
    """The names that metrics and drills rely on are there from the start."""
    counters = start(1).counters()
    assert {"relay_packets_in", "line_bytes_out", "relay_residence_p99_ms"} <= counters.keys()


REFUSED: dict[str, tuple[Callable[[_core.Engine], object], str]] = {
    "close of no line": (lambda engine: engine.close_line(NOBODY), "line.unknown"),
    "status of no line": (lambda engine: engine.line_status(NOBODY), "line.unknown"),
    "letter on no line": (lambda engine: engine.send(NOBODY, 0, 16, b""), "line.unknown"),
    "lane 9": (lambda engine: engine.send(NOBODY, 9, 16, b""), "engine.argument_invalid"),
    "engine's topic": (lambda engine: engine.send(NOBODY, 0, 1, b""), "engine.argument_invalid"),
    "short id": (lambda engine: engine.open_room(b"short"), "engine.argument_invalid"),
    "attach of no room": (lambda engine: engine.attach(NOBODY, NOBODY), "media.room_unknown"),
    "watch of nobody": (lambda engine: engine.watch(NOBODY, []), "media.participant_unknown"),
    "mute of nobody": (
        lambda engine: engine.set_muted(NOBODY, 0, True),
        "media.participant_unknown",
    ),
    "quality of nobody": (
        lambda engine: engine.participant_quality(NOBODY),
        "media.participant_unknown",
    ),
    "aside in no room": (
        lambda engine: engine.set_aside(NOBODY, NOBODY, b"label"),
        "media.room_unknown",
    ),
    "long label": (
        lambda engine: engine.join(NOBODY, NOBODY, b"x" * 513, "", ALL_ON),
        "engine.argument_invalid",
    ),
    "line to oneself": (
        lambda engine: engine.open_line(
            remote_key=_core.public_key(bytes([1]) * 32), paths=[_path(None)]
        ),
        "line.own_key",
    ),
    "socket 5": (
        lambda engine: engine.open_line(
            remote_key=_core.public_key(bytes([2]) * 32), paths=[_path(None, socket=5)]
        ),
        "line.paths_malformed",
    ),
}


@pytest.mark.parametrize(("call", "code"), REFUSED.values(), ids=REFUSED)
def test_a_call_that_cannot_be_is_refused_with_its_code(
    start: Start, call: Callable[[_core.Engine], object], code: str
) -> None:
    """Every refusal is a `CoreError` with a stable code."""
    with pytest.raises(_core.CoreError) as refused:
        call(start(1))
    assert refused.value.code == code
    assert refused.value.is_theirs is False


def test_a_line_is_opened_once(start: Start) -> None:
    """A second line to the same party is refused; after closing the first it is not."""
    engine = start(1)
    key = _core.public_key(bytes([2]) * 32)
    party = engine.open_line(remote_key=key, paths=[_path(None)])
    with pytest.raises(_core.CoreError) as refused:
        engine.open_line(remote_key=key, paths=[_path(None)])
    assert refused.value.code == "line.already_open"
    engine.close_line(party)
    assert engine.open_line(remote_key=key, paths=[_path(None)]) == party


def test_a_taken_port_is_named(start: Start) -> None:
    """The operator has to know which of several addresses it is."""
    taken = start(1).line_addresses[0]
    with pytest.raises(_core.CoreError) as refused:
        _core.Engine(key_seed=bytes(32), line_listen=[taken], media_udp="127.0.0.1:0")
    assert (refused.value.code, refused.value.params) == ("engine.port_taken", {"address": taken})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"key_seed": b"short"}, "engine.argument_invalid"),
        ({"line_listen": []}, "engine.argument_invalid"),
        ({"line_listen": ["localhost:1"]}, "engine.address_unusable"),
        ({"media_udp": "192.0.2.1:0"}, "engine.address_unusable"),
        ({"media_advertise": ["here"]}, "engine.argument_invalid"),
        ({"media_threads": 99}, "engine.argument_invalid"),
    ],
)
def test_an_engine_that_cannot_be_is_refused(changed: dict[str, Any], code: str) -> None:
    """Nothing is left behind of an engine that does not start."""
    settings: dict[str, Any] = {
        "key_seed": bytes(32),
        "line_listen": ["127.0.0.1:0"],
        "media_udp": "127.0.0.1:0",
    }
    with pytest.raises(_core.CoreError) as refused:
        _core.Engine(**(settings | changed))
    assert refused.value.code == code


def test_a_stopped_engine_refuses_calls_and_can_be_stopped_again(start: Start) -> None:
    """Stopping is final and harmless to repeat."""
    engine = start(1)
    engine.stop()
    engine.stop()
    with pytest.raises(_core.CoreError) as refused:
        engine.open_room(NOBODY)
    assert refused.value.code == "engine.stopped"


@pytest.mark.parametrize("changed", [{"carrier": "pigeon"}, {"floor_bps": 2, "ceiling_bps": 1}])
def test_a_path_that_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    """A mistake in the settings shows where it is made."""
    with pytest.raises(_core.CoreError) as refused:
        _core.LinePath(name="only", **changed)
    assert refused.value.code == "engine.argument_invalid"


def test_events_can_be_made_and_compared_and_hide_what_they_carry() -> None:
    """Fakes make events like the engine's; a log of one has no person's words."""
    letter = _core.Letter(party=NOBODY, lane=0, topic=16, body=b"secret words")
    assert letter == _core.Letter(party=NOBODY, lane=0, topic=16, body=b"secret words")
    assert letter != _core.Letter(party=NOBODY, lane=0, topic=16, body=b"other words")
    assert "secret" not in repr(letter)
    entry = _core.RosterEntry(
        participant=NOBODY, origin=NOBODY, route=[], label=b"Ann", tracks=[], is_local=True
    )
    roster = _core.Roster(room=NOBODY, participants=[entry])
    assert roster.participants[0].label == b"Ann"
    assert "Ann" not in repr(roster)


def _join_lines(near: _core.Engine, far: _core.Engine) -> None:
    for one, other, seed in ((near, far, 2), (far, near, 1)):
        path = _path(other.line_addresses[0])
        one.open_line(remote_key=_core.public_key(bytes([seed]) * 32), paths=[path])


def _path(remote: str | None, *, socket: int = 0) -> _core.LinePath:
    return _core.LinePath(name="only", remote=remote, socket=socket)
