"""The emulator through its binding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from parley import _core

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[[int], _core.Engine]
    Wait = Callable[[_core.Engine, type[Any]], Any]


def test_a_line_over_a_wire_comes_up_and_the_wire_counts_it(start: Start, wait: Wait) -> None:
    """Two nodes that know only the wire's ends reach each other through it."""
    near, far = start(1), start(2)
    wire = _core.UdpWire(
        profile="lan",
        seed=1,
        near_target=near.line_addresses[0],
        far_target=far.line_addresses[0],
    )
    for engine, seed, remote in ((near, 2, wire.near_address), (far, 1, wire.far_address)):
        path = _core.LinePath(name="only", remote=remote)
        engine.open_line(remote_key=_core.public_key(bytes([seed]) * 32), paths=[path])
    near.send(far.party, 0, 16, b"ring")
    assert wait(far, _core.Letter).body == b"ring"
    out, back = wire.stats()
    assert min(out.delivered, back.delivered) > 0
    wire.cut(way="out")
    wire.restore()
    wire.set_profile("border,loss=5%")
    wire.stop()


@pytest.mark.parametrize("profile", ["moon", "border,colour=red", "border,rate=fast"])
def test_a_profile_that_is_not_known_is_refused(profile: str) -> None:
    """The refusal says what would have been understood."""
    with pytest.raises(_core.CoreError) as refused:
        _core.UdpWire(profile=profile, seed=1)
    assert refused.value.code == "wire.profile_invalid"
    assert refused.value.params["reason"]


def test_a_direction_that_is_not_known_is_refused() -> None:
    """A wire has two directions."""
    wire = _core.UdpWire(profile="lan", seed=1)
    with pytest.raises(_core.CoreError) as refused:
        wire.cut(way="sideways")  # type: ignore[arg-type]
    assert refused.value.code == "engine.argument_invalid"


def test_an_address_that_is_none_is_refused() -> None:
    """A TUN wire names the end whose address it cannot read."""
    with pytest.raises(_core.CoreError) as refused:
        _core.TunWire(
            profile="lan",
            seed=1,
            near_namespace=None,
            far_namespace=None,
            near_ip="here",
            far_ip="10.0.0.2",
        )
    assert refused.value.params == {"argument": "near_ip"}
