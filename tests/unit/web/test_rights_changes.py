"""How pages that stay open learn that somebody's rights have changed, and what a verdict means."""

import asyncio

import pytest

from parley.errors import ActRefused, ParleyError, SignatureNeeded, StepUpNeeded
from parley.identity.permission import ALLOWED, Act, Reason, Verdict
from parley.web import rights
from parley.web.guard import refuse
from parley.web.rights import RightsChanges


async def test_a_change_that_was_not_seen_is_told_at_once() -> None:
    """It came between looking and waiting."""
    changes = RightsChanges()
    changes.note_change()
    async with asyncio.timeout(10):
        await changes.wait(0)
    assert changes.number == 1


async def test_every_page_that_waits_is_told_of_a_change() -> None:
    """And none of them waits on afterwards."""
    changes = RightsChanges()
    pages = [asyncio.create_task(changes.wait(0)) for _ in range(3)]
    await asyncio.sleep(0)
    changes.note_change()
    async with asyncio.timeout(10):
        await asyncio.gather(*pages)
    assert not changes._waiting


async def test_pages_look_again_although_nobody_told_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was lent ends without anybody doing anything."""
    monkeypatch.setattr(rights, "LOOK_EVERY_S", 0.0)
    changes = RightsChanges()
    async with asyncio.timeout(10):
        await changes.wait(0)
    assert changes.number == 0
    assert not changes._waiting


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (Reason.STEP_UP, StepUpNeeded),
        (Reason.SIGNATURE, SignatureNeeded),
        (Reason.ROLE, ActRefused),
        (Reason.FOREIGN, ActRefused),
    ],
)
def test_a_verdict_says_what_is_needed(reason: Reason, error: type[ParleyError]) -> None:
    """To use a passkey, to sign with it, or to be somebody else."""
    with pytest.raises(error):
        refuse(Act.AGREEMENT_SIGN, Verdict(reason))
    refuse(Act.AGREEMENT_SIGN, ALLOWED)
