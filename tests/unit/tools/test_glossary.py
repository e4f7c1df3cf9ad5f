"""The glossary's checks: which names they let through."""

from pathlib import Path

import glossary
import pytest

TEXT = """
# Glossary
- **line** — the standing connection; its **link states**.
## Not used
| word | because | say |
|---|---|---|
| `user` | nobody is one | person |
| `handle` | says nothing | the verb |
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LineStatus", ["line", "status"]),
        ("rtt_ms", ["rtt", "ms"]),
        ("SDPOffer", ["sdp", "offer"]),
        ("_private", ["private"]),
    ],
)
def test_name_is_split_into_its_words(name: str, words: list[str]) -> None:
    """Camel case, snake case and capitals of the trade are all split."""
    assert glossary.words(name) == words


def test_nouns_are_the_bold_words_and_banned_words_are_the_table() -> None:
    """The glossary itself is the only list."""
    nouns, banned = glossary.read_glossary(TEXT)

    assert {"line", "link", "state"} <= nouns
    assert "user" not in nouns
    assert banned == {"user", "handle"}


def test_type_without_a_noun_is_found(source: Path) -> None:
    """A public type says what it is a kind of."""
    source.write_text("class Thing: ...\n")

    assert findings(source) == ["class `Thing` has no noun of GLOSSARY.md in its name"]


def test_type_with_a_noun_private_or_named_for_what_happened_is_let_through(source: Path) -> None:
    """Failures and events are participles; private names are nobody's business."""
    source.write_text("class LineThing: ...\nclass _Thing: ...\nclass Joined: ...\n")

    assert findings(source) == []


def test_banned_word_is_found_where_it_is_defined_and_not_where_it_is_used(source: Path) -> None:
    """Names that libraries chose are their own."""
    source.write_text("import os\nuser_line = os.user\n")

    assert findings(source) == ["`user_line` uses `user`; GLOSSARY.md says what to say"]


def test_function_that_overrides_one_keeps_the_names_of_its_base(source: Path) -> None:
    """What a library calls is named by the library."""
    source.write_text("class LineThing:\n    @override\n    def handle(self, user): ...\n")

    assert findings(source) == []


def test_definition_with_a_stated_reason_is_let_through(source: Path) -> None:
    """The reason stands where the name does."""
    source.write_text("user = 1  # glossary: the standard's own name\n")

    assert findings(source) == []


def test_rust_may_handle_and_a_foreign_trait_names_its_own_functions(rust_source: Path) -> None:
    """`handle` is banned in Python alone; a trait's functions were named by the trait."""
    rust_source.write_text(
        "pub fn handle_timeout() {}\n"
        "impl Verifier for Line {\n    fn verify_user() {}\n}\n"
        "fn user() {}\n"
    )

    assert findings(rust_source) == ["`user` uses `user`; GLOSSARY.md says what to say"]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a Python file that is all there is to check."""
    monkeypatch.setattr(glossary, "ROOT", tmp_path)
    (tmp_path / "src").mkdir()
    return tmp_path / "src" / "thing.py"


@pytest.fixture
def rust_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a Rust file that is all there is to check."""
    monkeypatch.setattr(glossary, "ROOT", tmp_path)
    (tmp_path / "crates").mkdir()
    return tmp_path / "crates" / "thing.rs"


def findings(path: Path) -> list[str]:
    """Return what is found in one file, without its place."""
    nouns, banned = glossary.read_glossary(TEXT)
    found = [f for item in glossary.definitions() for f in glossary.judge(item, nouns, banned)]
    assert all(str(path.name) in finding for finding in found)
    return [finding.partition(": ")[2] for finding in found]
