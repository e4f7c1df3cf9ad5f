"""Looking up names of hosts."""

import asyncio
import socket
from typing import Any

import pytest

from parley.line.resolver import SystemResolver, as_literal


@pytest.mark.parametrize(
    ("address", "literal"),
    [("192.0.2.1:7400", "192.0.2.1:7400"), ("[2001:db8::0001]:7400", "[2001:db8::1]:7400")],
)
async def test_a_literal_needs_no_looking_up(address: str, literal: str) -> None:
    """It is only spelt as the engine spells it."""
    assert await SystemResolver().resolve(address) == literal


async def test_a_name_becomes_its_first_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system gives it."""

    async def found(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("192.0.2.7", 7400))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    assert await SystemResolver().resolve("line.example:7400") == "192.0.2.7:7400"


@pytest.mark.parametrize("failure", [OSError("no such name"), TimeoutError(), None])
async def test_a_name_that_is_not_found_is_none_for_now(
    monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    """It is tried again later."""

    async def not_found(*_: object, **__: object) -> list[Any]:
        if failure is not None:
            raise failure
        return []

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", not_found)
    assert await SystemResolver().resolve("line.example:7400") is None


def test_a_name_is_no_literal() -> None:
    """Only addresses are."""
    assert as_literal("line.example", 1) is None
