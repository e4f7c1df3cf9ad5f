"""Stamps: a step whose inputs have not changed is not done again."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

from .console import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STAMPS = ROOT / ".parley" / "stamps"


def digest(inputs: Iterable[str], extra: str = "") -> str:
    """Hash the named files and folders (paths from the root) and a word of our own."""
    sha = hashlib.sha256(extra.encode())
    for path in _files(inputs):
        sha.update(str(path.relative_to(ROOT)).encode())
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def is_current(step: str, fingerprint: str, *products: str) -> bool:
    """Say whether a step was done for this fingerprint and its products are still there."""
    stamp = STAMPS / step
    if not all((ROOT / product).exists() for product in products):
        return False
    return stamp.is_file() and stamp.read_text() == fingerprint


def put(step: str, fingerprint: str) -> None:
    """Note that a step is done for this fingerprint."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / step).write_text(fingerprint)


def _files(inputs: Iterable[str]) -> list[Path]:
    """Return the sources under the named paths: what git tracks or would, not what steps write."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *inputs],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = sorted({ROOT / name for name in listed.stdout.split("\0") if name})
    return [path for path in paths if path.is_file()]
