"""What a process does when its machine has no memory or no threads left for it.

Whatever was half done when memory ran out is done for nobody: what follows may be a lie. Nothing
that was said to be kept is lost by an end, so a node ends, and whoever watches it starts it anew.
Threads it has from the start, so that it wants none later.
"""

import _thread
import mmap
import os
import resource
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NoReturn

MEMORY_SPARE: Final = 64 * 1_048_576
"""Bytes that must still be had for all to be well: what a busy minute takes and gives back. Less
warns too late, more warns on small machines that have enough."""
CODE: Final = 70
"""With what a process that ended itself ends: EX_SOFTWARE of sysexits.h."""
CAUSES_MAX: Final = 16
"""Errors looked at, one behind the other; more only a circle has."""


def started_pool(threads: int, name: str) -> ThreadPoolExecutor:
    """Return a pool whose threads run already, so that it can always be given work."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    all_run = threading.Barrier(threads + 1)
    for _ in range(threads):
        pool.submit(all_run.wait)
    all_run.wait()
    return pool


def is_memory_short() -> bool:
    """Say whether :data:`MEMORY_SPARE` cannot be had; takes it and gives it back untouched.

    A limit of the process (RLIMIT_AS) or of the machine (vm.overcommit_memory=2) is met so; one of
    a control group is not, there the kernel ends the process.
    """
    try:
        mmap.mmap(-1, MEMORY_SPARE).close()
    except (OSError, MemoryError):
        return True
    return False


def are_threads_short() -> bool:
    """Say whether no further thread can be started; starts one that ends at once."""
    try:
        # Not threading.Thread: it waits, for ever, for the first word of one that had no memory.
        _thread.start_new_thread(_nothing, ())
    except RuntimeError:
        return True
    return False


def raise_descriptors(needed: int) -> int:
    """Let this process open as many files and sockets, if the system does; return how many it may.

    What a shell gives by itself is a few for programs that use ``select``, which this does not.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return needed
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(soft, allowed)


def end_without_memory() -> NoReturn:
    """End this process at once, as a power cut does, with a line that says why.

    Everything orderly would want memory. The line is written without making anything.
    """
    try:
        os.write(sys.stderr.fileno(), _LAST_LINE)
    finally:
        end_at_once()


def end_at_once() -> NoReturn:
    """End this process as a power cut does, with :data:`CODE`."""
    os._exit(CODE)


def end_if_memory_was_missed(error: BaseException | None) -> None:
    """End this process if memory was missed, there or behind it; return otherwise.

    An error of the interpreter itself counts where memory is short: that is how it tells of one
    that it had no memory to make.
    """
    seen = 0
    while error is not None and seen < CAUSES_MAX:
        if isinstance(error, MemoryError) or (isinstance(error, SystemError) and is_memory_short()):
            end_without_memory()
        error = error.__cause__ or error.__context__
        seen += 1


def watch_for_missed_memory() -> None:
    """End the process where a lack of memory would end a thread of it, or be passed over."""

    def look_at_thread(ended: threading.ExceptHookArgs) -> None:
        end_if_memory_was_missed(ended.exc_value)
        threading.__excepthook__(ended)

    def look_at_ignored(ignored: "sys.UnraisableHookArgs") -> None:
        end_if_memory_was_missed(ignored.exc_value)
        sys.__unraisablehook__(ignored)

    threading.excepthook = look_at_thread
    sys.unraisablehook = look_at_ignored


def forgo_traces_of_panics() -> None:
    """Let the engine, and libraries in its language, end a panic without a trace of its frames.

    A trace wants memory while it holds a lock; without memory it waits for that lock for ever.
    """
    os.environ["RUST_BACKTRACE"] = "0"


def _nothing() -> None:
    """Be a thread that ends at once."""


_LAST_LINE: Final = (
    b'{"event": "node ended: no memory left; start it again, with more", '
    b'"code": "node.memory_short", "level": "critical", "logger": "parley"}\n'
)
