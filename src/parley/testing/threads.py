"""Ends one thread of a running process, as a fault deep in it would: the others are not told.

A thread that waits in the kernel is stopped (ptrace(2)), and made to leave by the system call that
ends a thread and nothing else. No destructor runs and nobody can join it. For Linux on x86-64.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import time
from pathlib import Path
from typing import Final

_GET_REGISTERS: Final = 12
_SET_REGISTERS: Final = 13
_ATTACH: Final = 16
_DETACH: Final = 17
_PEEK: Final = 1
_REGISTERS: Final = ctypes.c_ulonglong * 27
"""``struct user_regs_struct``."""
_RAX, _RDI, _ORIGINAL, _RIP = 10, 14, 15, 16
_EXIT: Final = 60
"""exit(2): of the thread alone."""
_SYSCALL: Final = 0x050F
_ALL_THREADS: Final = 0x40000000
"""``__WALL``: a thread is waited for, too."""
GONE_S_MAX: Final = 5.0


def can_end_threads() -> bool:
    """Say whether threads can be ended here."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def threads_of(process: int, name: str) -> list[int]:
    """Return the threads of a process whose name begins so; the kernel keeps 15 characters."""
    tasks = Path(f"/proc/{process}/task")
    return [
        int(each.name)
        for each in tasks.iterdir()
        if (each / "comm").read_text().strip().startswith(name)
    ]


def end_thread(thread: int) -> None:
    """End a thread that waits in a system call, and return once it is gone.

    Raises:
        OSError: it cannot be traced, or does not go.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def trace(request: int, address: int = 0, given: object = None) -> int:
        told: int = libc.ptrace(request, thread, address, given)
        if told == -1 and request != _PEEK:
            raise OSError(ctypes.get_errno(), f"ptrace {request}")
        return told

    trace(_ATTACH)
    os.waitpid(thread, _ALL_THREADS)
    registers = _REGISTERS()
    trace(_GET_REGISTERS, 0, ctypes.byref(registers))
    before = registers[_RIP] - 2
    if trace(_PEEK, before) & 0xFFFF != _SYSCALL:
        trace(_DETACH)
        raise OSError(0, "the thread waits in no system call")
    # It stands behind the instruction that took it into the kernel: that is run again, to leave.
    registers[_RIP], registers[_RAX], registers[_RDI] = before, _EXIT, 0
    registers[_ORIGINAL] = ctypes.c_ulonglong(-1).value
    trace(_SET_REGISTERS, 0, ctypes.byref(registers))
    trace(_DETACH)
    until = time.monotonic() + GONE_S_MAX
    while Path(f"/proc/self/task/{thread}").exists() or _is_there(thread):
        if time.monotonic() > until:
            raise OSError(0, "the thread did not go")
        time.sleep(0.01)


def _is_there(thread: int) -> bool:
    try:
        os.kill(thread, 0)
    except ProcessLookupError:
        return False
    return True
