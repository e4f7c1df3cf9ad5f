"""Sets papers in a process of their own, so that no word of a form can hurt the node.

The library that sets them reads fonts and text of both parties. It runs without keys and database,
with limits on memory and processor (:mod:`parley.crisis.papers.setter`), and is gone afterwards.
"""

import asyncio
import sys
from typing import Final

import msgspec

from parley.crisis.papers.paper import Paper, script_of
from parley.crisis.papers.setter import MISSING
from parley.errors import PaperFontMissing, PaperNotSet

WITHIN_S: Final = 30.0
"""Seconds in which a paper is set. More: a person waits longer for a refusal. Less: a machine that
is busy makes none."""
AT_ONCE: Final = asyncio.Semaphore(2)
"""Papers set at the same time; each has a process."""
_SAID_MAX: Final = 200


async def set_paper(paper: Paper, made_at_s: int, *, with_system_fonts: bool = True) -> bytes:
    """Return a paper as PDF/A-3a, unsigned.

    Args:
        paper: what it says.
        made_at_s: seconds since 1970 UTC, for its metadata.
        with_system_fonts: whether fonts of the machine are used beside those that are built in.

    Raises:
        PaperFontMissing: no font here has one of its characters.
        PaperNotSet: the process failed, or took too long.
    """
    asked = msgspec.json.encode(
        {"paper": paper, "made_at_s": made_at_s, "with_system_fonts": with_system_fonts}
    )
    async with AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "parley.crisis.papers.setter"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            made, said = await asyncio.wait_for(process.communicate(asked), WITHIN_S)
        except TimeoutError as error:
            raise PaperNotSet(reason=f"{WITHIN_S:.0f} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    text = said.decode("utf-8", "replace")[:_SAID_MAX].strip()
    if process.returncode == MISSING:
        raise PaperFontMissing(script=script_of(text), character=f"U+{ord(text[:1] or '?'):04X}")
    if process.returncode != 0 or not made.startswith(b"%PDF-"):
        raise PaperNotSet(reason=text or str(process.returncode))
    return made
