"""Stamps: a step whose inputs have not changed is not done again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from .console import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

STAMPS = ROOT / ".parley" / "stamps"

# Folders that steps write; they are never an input.
GENERATED = frozenset(
    {"node_modules", "dist", "target", "__pycache__", ".venv", ".parley", "corpus"}
)


def digest(inputs: Iterable[str], extra: str = "") -> str:
    """Hash the named files and folders (paths from the root) and a word of our own."""
    sha = hashlib.sha256(extra.encode())
    for name in inputs:
        for path in _files(ROOT / name):
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


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = []
    for child in sorted(path.iterdir()) if path.is_dir() else []:
        if child.is_dir():
            if child.name not in GENERATED:
                found += _files(child)
        elif child.suffix != ".so":
            found.append(child)
    return found
