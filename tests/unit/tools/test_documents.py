"""The checks on what the repository says of itself."""

from pathlib import Path

import documents
import pytest


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty repository."""
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "see /home/" + "ada/parley/README.md",
        "fetched from files." + "pythonhosted.org",
        "TO" + "DO: the rest",
    ],
)
def test_what_belongs_to_one_machine_or_is_unfinished_is_found(root: Path, line: str) -> None:
    """Paths of a machine, hosts of a registry, markers of unfinished work."""
    page = root / "page.md"
    page.write_text(f"{line}\n")

    assert len(list(documents.judge(page))) == 1


def test_ordinary_paths_and_hosts_are_let_through(root: Path) -> None:
    """A relative path, a system path and an example host belong to nobody."""
    page = root / "page.md"
    page.write_text("/usr/bin/chromium, src/work/thing, https://parley.example/root/\n")

    assert list(documents.judge(page)) == []


def test_link_to_a_file_and_a_heading_that_are_there_resolves(root: Path) -> None:
    """Anchors are made as Markdown hosts make them."""
    (root / "other.md").write_text("# The line, and `lanes`\n")
    page = root / "page.md"
    page.write_text("[a](other.md#the-line-and-lanes) [b](https://parley.example/)\n")

    assert list(documents.judge(page)) == []


@pytest.mark.parametrize("target", ["missing.md", "other.md#nowhere", "#nowhere"])
def test_link_to_nothing_is_found(root: Path, target: str) -> None:
    """A file that is not there, a heading that is not there."""
    (root / "other.md").write_text("# Here\n")
    page = root / "page.md"
    page.write_text(f"[a]({target})\n")

    assert len(list(documents.judge(page))) == 1


def test_link_in_a_code_block_is_no_link(root: Path) -> None:
    """Code shows what to type, not where to go."""
    page = root / "page.md"
    page.write_text("```\n[a](missing.md)\n```\n")

    assert list(documents.judge(page)) == []


def test_lock_naming_a_mirror_is_found_and_one_naming_the_default_is_not(root: Path) -> None:
    """A lock file installs everywhere."""
    lock = root / "uv.lock"
    default = 'source = { registry = "https://' + "py" + 'pi.org/simple" }\n'
    lock.write_text(default)
    assert list(documents.judge(lock)) == []

    lock.write_text(default + 'source = { registry = "https://mirror.example/simple" }\n')
    assert len(list(documents.judge(lock))) == 1
