"""What a key file does about wrong PINs: it waits, waits longer, and locks. A core without I/O.

The tries are counted in the file before a PIN is tried, so that ending the program in between gives
nobody a try for nothing. This slows whoever sits at this machine with the file that is in use. It
cannot slow whoever takes a copy elsewhere and tries PINs on that: against those stands only what
one try costs (:mod:`parley.terminal.key_file`), the length of the PIN, and that its person revokes
the key as soon as the copy is known of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from parley.errors import KeyFileLocked, PinTooSoon
from parley.transitions import Step, follow

WAITS_S: Final = (0, 2, 5, 15, 60, 300, 900)
"""Seconds until the next try after so many wrong ones less one. More: a mistyped PIN costs a duty
officer time. Less: somebody at the desk tries more PINs before they are seen."""
TRIES_MAX: Final = len(WAITS_S) + 1
"""Wrong PINs in a row that lock a key file, as many as a security key takes (CTAP 2.1 §6.5.2.1)."""


class KeyWho(StrEnum):
    """Whose act a step is."""

    PERSON = "the person at the terminal"
    CLOCK = "the machine's clock"


class KeyState(StrEnum):
    """Whether a key file takes a PIN."""

    READY = "ready"
    WAITING = "waiting"
    """The last PIN was wrong; the next is taken after a while."""
    LOCKED = "locked"
    """It takes no PIN any more."""


class KeyEvent(StrEnum):
    """What happens to a key file."""

    RIGHT_PIN = "right_pin"
    WRONG_PIN = "wrong_pin"
    WRONG_PIN_AGAIN = "wrong_pin_again"
    """A wrong one after which the next has to wait."""
    LAST_WRONG_PIN = "last_wrong_pin"
    WAITED = "waited"


_S, _E, _W = KeyState, KeyEvent, KeyWho
KEY_TRANSITIONS: Final[Mapping[tuple[KeyState, KeyEvent], Step[KeyState]]] = {
    (_S.READY, _E.RIGHT_PIN): Step(_S.READY, _W.PERSON),
    (_S.READY, _E.WRONG_PIN): Step(_S.READY, _W.PERSON),
    (_S.READY, _E.WRONG_PIN_AGAIN): Step(_S.WAITING, _W.PERSON),
    (_S.READY, _E.LAST_WRONG_PIN): Step(_S.LOCKED, _W.PERSON),
    (_S.WAITING, _E.WAITED): Step(_S.READY, _W.CLOCK),
}
"""Nothing leads out of ``locked``: the key is enrolled anew, and the old one revoked."""


@dataclass(frozen=True, slots=True)
class PinTries:
    """How often a PIN was wrong in a row, and when it was last tried."""

    wrong: int = 0
    tried_at_s: int = 0
    """By the machine's wall clock, seconds since 1970."""


def next_key(state: KeyState, event: KeyEvent) -> KeyState:
    """Return what a key file is after an event.

    Raises:
        TransitionRefused: the event does not apply.
    """
    return follow(KEY_TRANSITIONS, "key file", state, event).next


def state_of(tries: PinTries, now_s: int) -> KeyState:
    """Return whether a key file takes a PIN now."""
    if tries.wrong >= TRIES_MAX:
        return KeyState.LOCKED
    return KeyState.READY if wait_s(tries, now_s) == 0 else KeyState.WAITING


def wait_s(tries: PinTries, now_s: int) -> int:
    """Return how many seconds are left until a PIN is taken.

    A clock that was set back does not make the wait longer than it was.
    """
    if not 0 < tries.wrong < TRIES_MAX:
        return 0
    whole = WAITS_S[tries.wrong - 1]
    passed = max(0, now_s - tries.tried_at_s)
    return max(0, whole - passed)


def begin_try(tries: PinTries, now_s: int) -> PinTries:
    """Return the tries with one more, to be kept before the PIN is tried.

    Raises:
        KeyFileLocked: it takes no PIN any more.
        PinTooSoon: not yet.
    """
    state = state_of(tries, now_s)
    if state is KeyState.LOCKED:
        raise KeyFileLocked(number_max=TRIES_MAX)
    if state is KeyState.WAITING:
        raise PinTooSoon(seconds=wait_s(tries, now_s))
    return PinTries(tries.wrong + 1, now_s)


def end_try(tries: PinTries, *, is_right: bool) -> tuple[PinTries, KeyState]:
    """Return what a try that was begun came to: the tries to keep, and the state after it."""
    if is_right:
        return replace(tries, wrong=0), next_key(KeyState.READY, KeyEvent.RIGHT_PIN)
    if tries.wrong >= TRIES_MAX:
        return tries, next_key(KeyState.READY, KeyEvent.LAST_WRONG_PIN)
    is_waiting = WAITS_S[tries.wrong - 1] > 0
    event = KeyEvent.WRONG_PIN_AGAIN if is_waiting else KeyEvent.WRONG_PIN
    return tries, next_key(KeyState.READY, event)
