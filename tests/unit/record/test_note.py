"""Signed notes and checkpoints as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.errors import NoteMalformed
from parley.ids import PartyId, SpaceId
from parley.record.checkpoint import (
    Checkpoint,
    Origin,
    cosigner_name,
    read_checkpoint,
    read_origin,
)
from parley.record.merkle import EMPTY_ROOT
from parley.record.note import (
    NOTE_BYTES_MAX,
    Note,
    NoteSignature,
    from_base64,
    is_key_name,
    read_note,
)

ORIGIN = Origin(SpaceId(b"s" * 16), PartyId(b"p" * 16), 3)
ROOT = b"r" * 32
SIGNATURE = NoteSignature("parley/x", b"abcd", b"signature")
GOOD = Note("one\n\ntwo\n", (SIGNATURE, SIGNATURE))

names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1).filter(
    is_key_name
)
signatures = st.builds(
    NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
texts = st.text(st.characters(codec="utf-8", min_codepoint=32)).map(lambda text: f"{text}\n")


@given(st.lists(texts, min_size=1, max_size=3).map("\n".join), st.lists(signatures, min_size=1))
def test_a_note_survives_the_way_to_bytes_and_back(text: str, signed: list[NoteSignature]) -> None:
    """Empty lines within the text too."""
    note = Note(text, tuple(signed[:64]))
    assert read_note(note.encoded()) == note


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_or_are_refused(encoded: bytes) -> None:
    """And a note has one form."""
    try:
        note = read_note(encoded)
    except NoteMalformed:
        return
    assert note.encoded() == encoded


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"", "no empty line"),
        (b"text\n", "no empty line"),
        (b"text\n\n", "ends within a line"),
        (b"text\n\n\xe2\x80\x94 name YWJjZGU=", "ends within a line"),
        (b"text\n\nname YWJjZGU=\n", "no signature"),
        (b"text\n\n- name YWJjZGU=\n", "no signature"),
        (b"text\n\n\xe2\x80\x94  YWJjZGU=\n", "no signature"),
        (b"text\n\n\xe2\x80\x94 na+me YWJjZGU=\n", "no signature"),
        (b"text\n\n\xe2\x80\x94 na\xc2\xa0me YWJjZGU=\n", "no signature"),
        (b"text\n\n\xe2\x80\x94 name\n", "without content"),
        (b"text\n\n\xe2\x80\x94 name YWJjZA==\n", "without content"),
        (b"text\n\n\xe2\x80\x94 name YWJjZGU\n", "not base64"),
        (b"text\n\n\xe2\x80\x94 name YWJjZGV=\n", "not base64 as"),
        (b"text\n\n\xe2\x80\x94 name YWJj ZGU=\n", "not base64"),
        ("text\n\n— name YWJjZGÜ=\n".encode(), "not base64"),
        (b"wo\trd\n\n\xe2\x80\x94 name YWJjZGU=\n", "control"),
        (b"wo\0rd\n\n\xe2\x80\x94 name YWJjZGU=\n", "control"),
        (b"wo\xffrd\n\n\xe2\x80\x94 name YWJjZGU=\n", "UTF-8"),
        (b"text\n\n" + 65 * b"\xe2\x80\x94 name YWJjZGU=\n", "too many"),
        (bytes(NOTE_BYTES_MAX + 1), "too long"),
    ],
)
def test_what_is_not_a_note_is_refused(encoded: bytes, reason: str) -> None:
    """By what is wrong with it."""
    with pytest.raises(NoteMalformed, match=reason):
        read_note(encoded)


def test_base64_has_one_spelling() -> None:
    """A second one would make two notes of one."""
    assert from_base64("YQ==") == b"a"
    for text in ("YR==", "YQ=", "YQ", "Y Q==", "_-=="):
        with pytest.raises(NoteMalformed):
            from_base64(text)


@given(st.integers(1, 2**62))
def test_a_checkpoint_survives_the_way_to_text_and_back(size: int) -> None:
    """In three lines."""
    checkpoint = Checkpoint(ORIGIN, size, ROOT)
    assert read_checkpoint(checkpoint.text()) == checkpoint
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert read_checkpoint(empty.text()) == empty


@pytest.mark.parametrize(
    ("size", "root", "rest", "reason"),
    [
        ("01", ROOT, "", "no number"),
        ("-1", ROOT, "", "no number"),
        ("+1", ROOT, "", "no number"),
        ("1 ", ROOT, "", "no number"),
        ("\N{ARABIC-INDIC DIGIT ONE}", ROOT, "", "no number"),
        (str(2**62 + 1), ROOT, "", "no number"),
        ("9" * 30, ROOT, "", "no number"),
        ("1", ROOT[:31], "", "does not fit"),
        ("0", ROOT, "", "does not fit"),
        ("1", EMPTY_ROOT, "", "does not fit"),
        ("1", ROOT, "extension\n", "three lines"),
        ("1", ROOT, "x", "three lines"),
    ],
)
def test_what_is_not_a_checkpoint_is_refused(
    size: str, root: bytes, rest: str, reason: str
) -> None:
    """Sizes in other forms, roots that cannot be, lines nobody signs."""
    good = Checkpoint(ORIGIN, 1, root).text()
    text = good.replace("\n1\n", f"\n{size}\n") + rest
    with pytest.raises(NoteMalformed, match=reason):
        read_checkpoint(text)


def test_a_log_is_named_by_space_party_and_epoch() -> None:
    """And its name says whose it is."""
    text = ORIGIN.text()
    assert text == f"parley/{'onzx' + text[11:33]}/{ORIGIN.party.text}/3"
    assert read_origin(text) == ORIGIN
    assert cosigner_name(ORIGIN.party) == f"parley/{ORIGIN.party.text}"
    assert is_key_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/log",
        ORIGIN.text() + "0" * 10,
        ORIGIN.text().replace("/3", "/03"),
        ORIGIN.text().replace("/3", "/9999999999"),
        ORIGIN.text().replace("/3", "/3/"),
        ORIGIN.text().upper(),
        "parley/" + "z" * 26 + "/" + ORIGIN.party.text + "/0",
    ],
)
def test_other_texts_name_no_log(text: str) -> None:
    """One log, one name."""
    with pytest.raises(NoteMalformed, match="no origin"):
        read_origin(text)
