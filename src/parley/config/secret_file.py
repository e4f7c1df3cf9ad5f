"""Files that hold a secret: read only where nobody else on the machine can read them."""

import os
import stat
from pathlib import Path

from parley.errors import SecretExposed, SettingsUnreadable


def read_secret(file: Path) -> str:
    """Return what is in a file, without the line's end.

    Raises:
        SettingsUnreadable: the file cannot be read.
        SecretExposed: others on the machine can read it.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise SecretExposed(file=str(file), mode=f"{mode:04o}")
            return opened.read().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SettingsUnreadable(file=str(file), reason=reason) from error
