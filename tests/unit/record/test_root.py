"""A party's root: what two of three holders may say, and what follows from it."""

import hashlib
from dataclasses import replace

import pytest

from parley.errors import NoteMalformed, NoteSignatureWrong, RootWrong
from parley.identity.keys import PartyKey
from parley.ids import SpaceId
from parley.record.cbor import decode_map, encode
from parley.record.entry import Entry
from parley.record.kinds import Kind
from parley.record.note import Note, read_note, to_base64
from parley.record.root import (
    RootBook,
    RootManifest,
    add_signature,
    check_succession,
    freeze_body,
    manifest_in,
    read_draft,
    read_manifest,
    root_body,
    root_hash,
    sign_manifest,
)


def key(name: str) -> PartyKey:
    """Return a made-up key."""
    return PartyKey(hashlib.sha256(name.encode()).digest())


def holders(name: str) -> list[PartyKey]:
    """Return three holders in the order of their keys."""
    return sorted((key(f"{name} {each}") for each in range(3)), key=lambda each: each.public)


OWN, FRESH, OTHER = key("own"), key("fresh"), key("other")
ROOT, NEXT, STRANGERS = holders("root"), holders("next"), holders("strangers")


def publics(keys: list[PartyKey]) -> tuple[bytes, ...]:
    """Return public keys."""
    return tuple(each.public for each in keys)


FIRST = RootManifest(
    party=OWN.party,
    number=0,
    log_key=OWN.public,
    keys=publics(ROOT),
    following=root_hash(publics(NEXT)),
)
STOLEN = replace(FIRST, number=1, log_key=FRESH.public, compromised=OWN.public)


def entry(body: bytes, kind: Kind = Kind.ROOT) -> Entry:
    """Return an entry of our party."""
    return Entry(space=SpaceId(bytes(16)), author=OWN.party, kind=kind, time_ms=1, body=body)


@pytest.mark.parametrize("which", [(0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_any_two_of_the_three_speak(which: tuple[int, ...]) -> None:
    """What they signed is read as it was."""
    found = read_manifest(sign_manifest(STOLEN, [ROOT[each] for each in which]))

    assert found == STOLEN
    assert read_manifest(found.note) == STOLEN


def test_nobody_speaks_alone() -> None:
    """One holder twice is one holder."""
    for signing in ([ROOT[0]], [ROOT[1], ROOT[1]], []):
        with pytest.raises((RootWrong, NoteMalformed)):
            sign_manifest(FIRST, signing)
    with pytest.raises(RootWrong, match="not of this root"):
        sign_manifest(FIRST, [ROOT[0], ROOT[1], OTHER])


def test_a_changed_manifest_does_not_hold() -> None:
    """Neither its text nor a signature can be another."""
    note = read_note(sign_manifest(FIRST, ROOT[:2]))
    changed = note.text.replace(to_base64(OWN.public), to_base64(OTHER.public))
    with pytest.raises(NoteSignatureWrong):
        read_manifest(Note(changed, note.signatures).encoded())


NO_KEY = "a key that nobody can hold"


@pytest.mark.parametrize(
    ("line", "content", "reason"),
    [
        (0, "parley/root/v2", "it has another form"),
        (1, "nobody", "no id of a party"),
        (2, "01", "no number"),
        (2, "-1", "no number"),
        (2, "x", "no number"),
        (2, "1000000000", "no number"),
        (3, to_base64(bytes(32)), NO_KEY),
        (3, "-", NO_KEY),
        (4, to_base64(b"short"), NO_KEY),
        (5, to_base64(b"short"), "no hash of root keys"),
        (6, to_base64(max(publics(ROOT))), "three keys in rising order"),
        (9, "more", "it has another form"),
    ],
)
def test_another_form_is_refused(line: int, content: str, reason: str) -> None:
    """Before any signature is looked at."""
    note = read_note(sign_manifest(FIRST, ROOT))
    lines = note.text.split("\n")
    lines[line] = content
    text = "\n".join(lines) if line < 9 else "\n".join([*lines, ""])
    with pytest.raises(RootWrong) as refused:
        read_manifest(Note(text, note.signatures).encoded())
    assert refused.value.params == {"reason": reason}


def test_a_freeze_says_how_far_which_log_is_believed() -> None:
    """As protocol/record.md writes it."""
    body = decode_map(freeze_body("parley/x/y/0", 3, bytes(32), b"word"))
    assert body == {0: b"word", 1: "parley/x/y/0", 2: 3, 3: bytes(32)}


def test_holders_sign_one_after_the_other() -> None:
    """Apart from each other; whoever signs twice counts once, and strangers never."""
    draft = FIRST.text().encode()
    assert read_draft(draft) == (FIRST, [])
    once = add_signature(draft, ROOT[0])
    twice = add_signature(once, ROOT[0])
    assert read_draft(twice)[1] == [ROOT[0].public]
    with pytest.raises(RootWrong, match="two"):
        read_manifest(twice)
    both = add_signature(twice, ROOT[2])
    assert read_manifest(both) == FIRST
    with pytest.raises(RootWrong, match="share"):
        add_signature(draft, STRANGERS[0])


@pytest.mark.parametrize("draft", [b"", b"\xff\n", b"a\n\nb", b"x" * 70_000, b"text\n"])
def test_what_is_no_draft_is_refused(draft: bytes) -> None:
    """Whatever a file holds."""
    with pytest.raises((RootWrong, NoteMalformed)):
        read_draft(draft)


def test_what_follows_is_of_the_same_root_or_of_the_one_it_named() -> None:
    """Later, of the same party."""
    check_succession(FIRST, STOLEN)
    check_succession(FIRST, replace(STOLEN, keys=publics(NEXT), following=None))
    for wrong, reason in (
        (replace(STOLEN, number=0), "later"),
        (replace(STOLEN, keys=publics(STRANGERS)), "another root"),
        (replace(STOLEN, party=OTHER.party), "another party"),
    ):
        with pytest.raises(RootWrong, match=reason):
            check_succession(FIRST, wrong)


def test_a_root_is_pinned_once_and_in_its_own_log() -> None:
    """No one else may begin, nor a manifest that takes its word back."""
    book = RootBook()
    for manifest, may_pin in ((FIRST, False), (STOLEN, True)):
        with pytest.raises(RootWrong, match="pinned"):
            book.take(manifest, may_pin=may_pin)
    assert book.newest(OWN.party) is None
    book.take(FIRST, may_pin=True)
    with pytest.raises(RootWrong):
        book.take(replace(FIRST, number=5, keys=publics(STRANGERS)), may_pin=True)
    assert book.newest(OWN.party) == FIRST


def test_a_stolen_key_freezes_its_logs_and_those_it_handed_over_to() -> None:
    """Unless the root named the key they go on under."""
    book = RootBook()
    own, fresh, other = OWN.public, FRESH.public, OTHER.public
    assert book.frozen(OWN.party, [own, other]) == [False, False]
    assert book.next_key(OWN.party, [own], other, own) == other
    book.take(FIRST, may_pin=True)
    assert book.next_key(OWN.party, [own], None, own) is None
    book.take(STOLEN, may_pin=False)

    assert book.is_compromised(OWN.party, own)
    assert book.frozen(OWN.party, [own, other, fresh, other]) == [True, True, False, False]
    assert book.next_key(OWN.party, [own], other, own) == fresh
    assert book.next_key(OWN.party, [own, fresh], other, own) == other
    assert book.next_key(OWN.party, [own, fresh], None, own) == fresh
    assert book.next_key(OWN.party, [], None, own) is None


def test_entries_tell_of_roots() -> None:
    """Those that say nothing new, or nothing, change nothing."""
    book = RootBook()
    first = encode(root_body(sign_manifest(FIRST, ROOT[:2])))
    frozen = freeze_body("parley/x/y/0", 3, bytes(32), sign_manifest(STOLEN, ROOT[1:]))
    assert book.hear(OTHER.party, entry(first)) is None
    assert book.hear(OWN.party, entry(first)) == FIRST
    assert book.hear(OWN.party, entry(first)) is None
    assert book.hear(OTHER.party, entry(frozen, Kind.FREEZE)) == STOLEN
    for said in (encode({0: 1}), encode({}), encode({0: b"x"}), b"\xff"):
        assert book.hear(OWN.party, entry(said)) is None
    assert manifest_in(entry(b"\xff")) == b""
