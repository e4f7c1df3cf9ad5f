"""Where a terminal keeps a person's key file, their node's certificate and their sign-in.

One folder for one person and one node, which its owner alone may read. A key file is changed under
a lock and replaced whole: whoever is interrupted leaves the old one or the new one, and two
programs never use one counter.
"""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from parley.errors import KeyExists, KeyFileUnreadable, TerminalUnenrolled
from parley.terminal.key_file import KeyFile, read_key_file, write_key_file

KEY_FILE: Final = "key.json"
CERTIFICATE_FILE: Final = "node.pem"
SIGN_IN_FILE: Final = "sign-in.json"
ADDRESS_FILE: Final = "address"
BYTES_MAX: Final = 65_536
"""Of any file here; ours have a few thousand."""


class TerminalFolder:
    """The folder of one person's terminal."""

    def __init__(self, path: Path) -> None:
        """Use a folder; it is made with the first file in it."""
        self.path = path

    @property
    def has_key(self) -> bool:
        """Whether a key file is there."""
        return (self.path / KEY_FILE).is_file()

    def address(self) -> str:
        """Return the address of the person's node.

        Raises:
            TerminalUnenrolled: it was never told.
        """
        found = self._read(ADDRESS_FILE)
        if found is None:
            raise TerminalUnenrolled
        return found.decode("utf-8", "replace").strip()

    def note_address(self, address: str) -> None:
        """Remember the address of the person's node."""
        self._replace(ADDRESS_FILE, f"{address}\n".encode())

    def certificate(self) -> Path | None:
        """Return the file of the one certificate that is trusted, None for the system's."""
        file = self.path / CERTIFICATE_FILE
        return file if file.is_file() else None

    def note_certificate(self, pem: bytes) -> None:
        """Trust one certificate, and no other, from now on."""
        self._replace(CERTIFICATE_FILE, pem)

    def add_key(self, file: KeyFile) -> None:
        """Keep a new key.

        Raises:
            KeyExists: one is there; it is never overwritten.
        """
        with self._locked():
            if self.has_key:
                raise KeyExists(file=KEY_FILE)
            self._replace(KEY_FILE, write_key_file(file))

    def read_key(self) -> KeyFile:
        """Return the key as it was last kept.

        Raises:
            TerminalUnenrolled: there is none.
            KeyFileUnreadable: it is damaged, or others may read it.
        """
        file = self.path / KEY_FILE
        with contextlib.suppress(FileNotFoundError):
            if stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise KeyFileUnreadable(file=KEY_FILE, reason="others may read it (chmod 600)")
        found = self._read(KEY_FILE)
        if found is None:
            raise TerminalUnenrolled
        return read_key_file(found, KEY_FILE)

    def keep_key(self, file: KeyFile) -> None:
        """Replace the key, and return once that is durable."""
        self._replace(KEY_FILE, write_key_file(file))

    def remove_key(self) -> None:
        """Delete a key that the node did not take."""
        (self.path / KEY_FILE).unlink(missing_ok=True)

    @contextlib.contextmanager
    def using_key(self) -> Iterator[KeyFile]:
        """Yield the key while no other program uses it."""
        with self._locked():
            yield self.read_key()

    def read_sign_in(self) -> bytes:
        """Return what was kept of a sign-in, empty if nothing was."""
        return self._read(SIGN_IN_FILE) or b""

    def keep_sign_in(self, content: bytes) -> None:
        """Keep a sign-in; whoever reads this file is signed in as its person."""
        self._replace(SIGN_IN_FILE, content)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._make()
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _read(self, name: str) -> bytes | None:
        try:
            with (self.path / name).open("rb") as opened:
                content = opened.read(BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyFileUnreadable(file=name, reason=error.strerror or "unreadable") from error
        if len(content) > BYTES_MAX:
            raise KeyFileUnreadable(file=name, reason="too large")
        return content

    def _replace(self, name: str, content: bytes) -> None:
        self._make()
        fresh = self.path / f".{name}.new"
        fresh.unlink(missing_ok=True)
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            fresh.replace(self.path / name)
            self._sync_folder()
        except OSError as error:
            raise KeyFileUnreadable(file=name, reason=error.strerror or "unwritable") from error

    def _sync_folder(self) -> None:
        """Make a new name durable: without this a counter could come back after a power cut."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
