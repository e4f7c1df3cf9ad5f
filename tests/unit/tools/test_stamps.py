"""Stamps: what makes a step run again."""

import subprocess
from pathlib import Path

import pytest
from provision import stamps


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one source file."""
    monkeypatch.setattr(stamps, "ROOT", tmp_path)
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / ".parley" / "stamps")
    (tmp_path / "crates").mkdir()
    (tmp_path / "crates" / "lib.rs").write_text("one")
    (tmp_path / ".gitignore").write_text("target/\n")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def test_step_is_current_after_it_was_stamped(root: Path) -> None:
    """A second run does nothing."""
    fingerprint = stamps.digest(["crates"])
    stamps.put("engine", fingerprint)

    assert stamps.is_current("engine", stamps.digest(["crates"]), "crates")


def test_step_is_due_when_an_input_changed(root: Path) -> None:
    """One byte is enough."""
    stamps.put("engine", stamps.digest(["crates"]))
    (root / "crates" / "lib.rs").write_text("two")

    assert not stamps.is_current("engine", stamps.digest(["crates"]))


def test_step_is_due_when_its_product_is_gone(root: Path) -> None:
    """A stamp alone proves nothing."""
    fingerprint = stamps.digest(["crates"])
    stamps.put("engine", fingerprint)

    assert not stamps.is_current("engine", fingerprint, "src/parley/_core.abi3.so")


def test_what_steps_write_is_no_input(root: Path) -> None:
    """A build does not make itself due."""
    before = stamps.digest(["crates"])
    (root / "crates" / "target").mkdir()
    (root / "crates" / "target" / "out").write_text("built")

    assert stamps.digest(["crates"]) == before
