"""The offline verifier: an export holds, or it is said what does not.

The tamperers come in two kinds. A stranger changes the file and has no key. An insider is the party
that exports: it has its own keys, rewrites its own log, signs everything again that it can sign,
and has only the other party's word against it. PARLEY_TAMPERINGS sets how many are tried,
PARLEY_FIRST_SEED where they begin.
"""

import copy
import dataclasses
import hashlib
import io
import json
import os
import random
import runpy
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from parley import verify as checker
from parley.errors import TheirError
from parley.ids import PartyId
from parley.record.cbor import Value, decode_map, encode
from parley.record.checkpoint import Checkpoint, cosigner_name, read_checkpoint
from parley.record.entry import SealedBody, entry_hash, judge
from parley.record.evidence import EvidenceKind, LogEvidence, write_evidence
from parley.record.export import LogExport, write_export
from parley.record.kinds import Kind
from parley.record.log import OwnLog
from parley.record.merkle import leaf_hash, prove, root_of_leaves
from parley.record.note import Note, read_note, to_base64
from parley.record.receipts import BodyAgreed, agreement_body
from parley.record.signing import Ed25519CheckpointCosigner, NoteSigner
from parley.record.tiles import bundled, unbundled
from parley.testing.authenticator import Authenticator, base64url, unbase64
from parley.testing.exports import (
    NAMES,
    export_of,
    exported,
    files_of,
    kept,
    rewritten_export,
    signed_again,
    without,
    zipped,
)
from parley.testing.records import START, LogDisk, PartySigners, RecordKeeper, carry, keepers_of
from parley.testing.signing import assertion_of, enrolment_of, new_passkey
from parley.testing.tamperers import INSIDERS, STRANGERS

TAMPERINGS = int(os.environ.get("PARLEY_TAMPERINGS", "2000"))
FIRST = int(os.environ.get("PARLEY_FIRST_SEED", "0"))
CHUNK = 50


def checked(export: bytes, *trusted: PartyId, lists_all: bool = False) -> dict[str, object]:
    """Return the account of an export."""
    return checker.verify(
        io.BytesIO(export), {party.text for party in trusted}, lists_all=lists_all
    )


def codes(export: bytes, *trusted: PartyId) -> set[str]:
    """Return the codes of what was found."""
    return {str(each["code"]) for each in checker.rows_of(checked(export, *trusted), "findings")}


# ---------------------------------------------------------------------------- what holds


@pytest.mark.parametrize("minutes", [1, 6, 200])
def test_an_honest_export_holds(minutes: int) -> None:
    """From both sides' mouth, with both named as trusted."""
    author, other = kept(minutes)
    for keeper in (author, other):
        export = export_of(copy.deepcopy(keeper), minutes)
        found = checked(export, author.own.party, other.own.party)
        assert found["findings"] == []
        assert found["verdict"] == checker.HOLDS
        sizes = {log["log"]: log["entries"] for log in checker.rows_of(found, "logs")}
        assert sizes[f"{author.own.party.text}/0"] == len(author.disk.stored)


def test_the_same_record_gives_the_same_export() -> None:
    """Byte for byte."""
    keeper = kept(6)[0]
    assert export_of(copy.deepcopy(keeper)) == export_of(copy.deepcopy(keeper))


def test_an_account_says_who_what_when_and_what_is_proved_of_it() -> None:
    """By both clocks, with what the other party's node says of it, and no more."""
    author, other = kept(6)
    found = checked(exported(), author.own.party, other.own.party)
    said = next(each for each in checker.rows_of(found, "entries") if each["kind"] == "statement")
    receipt = checker.dict_of(checker.dict_of(said["receipts"])[other.own.party.text])
    assert (said["party"], said["at"]) == (author.own.party.text, "2026-11-01 12:01:00")
    assert receipt == {"word": "delivered", "held_at": "2026-11-01 12:01:00"}
    taken = next(
        each for each in checker.rows_of(found, "entries") if each["kind"] == "acknowledgement"
    )
    assert taken["refers_to"] == [said["entry"]]
    assert str(taken["person"]).isalnum()
    log = next(
        each for each in checker.rows_of(found, "logs") if author.own.party.text in str(each["log"])
    )
    assert log["ml_dsa_to"] == len(author.disk.stored)
    text = "\n".join(checker.told(found))
    assert "holds" in text
    assert f"{other.own.party.text}: delivered since 2026-11-01 12:01:00 by its clock" in text


@pytest.mark.parametrize(("is_signed", "word"), [(True, "acknowledged"), (False, "delivered")])
def test_acknowledged_is_what_a_person_signed(*, is_signed: bool, word: str) -> None:
    """Their node's word for it is none."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    key, refs = new_passkey(), (entry_hash(author.say(START)),)
    other.say(START, Kind.DELIVERY, {0: "desk"}, refs)
    taken = entry_hash(other.say(START, Kind.ACKNOWLEDGEMENT, {0: None}, refs))
    if is_signed:
        other.say(START, Kind.ENROLMENT, enrolment_of(key))
        other.say(START, Kind.ASSERTION, assertion_of(key, taken), (taken,))
    for keeper in (author, other):
        keeper.flush(START)
    carry(keepers, START)
    (said,) = (
        each
        for each in checker.rows_of(checked(export_of(author, 0)), "entries")
        if each["kind"] == "statement"
    )
    receipt = checker.dict_of(checker.dict_of(said["receipts"])[other.own.party.text])
    assert receipt["word"] == word


def test_an_entry_is_shown_with_the_office_that_its_person_spoke_in() -> None:
    """As the body says it; what could say it and does not is shown as that, in words too."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    first = entry_hash(author.say(START, Kind.QUERY, {0: "?", 1: "releaser"}))
    author.say(START, Kind.CALL_ANSWER, {0: 3, 6: "duty_officer"}, (first,))
    silent: list[dict[int, Value]] = [{0: None}, {0: None, 1: 7}, {0: None, 1: "a\x1b[2J"}]
    for body in silent:
        author.say(START, Kind.CALL_WITHDRAWAL, body, (first,))
    author.say(START, Kind.ACKNOWLEDGEMENT, {0: None}, (first,))
    author.say(START, Kind.ACKNOWLEDGEMENT, {0: None, 3: "duty_officer"}, (first,))
    for keeper in (author, other):
        keeper.flush(START)
    carry(keepers, START)
    found = checked(export_of(author, 0))
    shown: dict[str, list[object]] = {"142": [], "151": [], "152": [], "acknowledgement": []}
    for each in checker.rows_of(found, "entries"):
        if each["kind"] in shown:
            shown[str(each["kind"])].append(each.get("office"))
    assert shown == {
        "142": ["releaser"],
        "151": ["duty_officer"],
        "152": ["not_said"] * 3,
        "acknowledgement": [None, "duty_officer"],
    }
    text = "\n".join(checker.told(found))
    assert "in the office of releaser" in text
    assert text.count("office not said") == 3


def test_only_what_both_parties_wrote_is_agreed() -> None:
    """The same body with the same names, in both logs, with a person's passkey over each."""
    keepers = keepers_of(*NAMES)
    author = next(iter(keepers.values()))
    names = tuple(sorted(keepers))
    both, one, unsigned = (BodyAgreed(each * 32, names) for each in (b"b", b"o", b"u"))
    for keeper in keepers.values():
        key = new_passkey()
        keeper.say(START, Kind.ENROLMENT, enrolment_of(key))
        for agreed in (both, one, unsigned) if keeper is author else (both, unsigned):
            act = entry_hash(keeper.say(START, Kind.AGREEMENT, _map(agreement_body(agreed))))
            if keeper is author or agreed is not unsigned:
                keeper.say(START, Kind.ASSERTION, assertion_of(key, act), (act,))
        keeper.flush(START)
    carry(keepers, START)
    found = checked(export_of(author, 0))
    agreements = checker.rows_of(found, "agreements")
    assert [each["is_agreed"] for each in agreements] == [True, False, False]
    assert [len(checker.dict_of(each["by"])) for each in agreements] == [2, 1, 2]
    assert "NOT agreed by all named" in "\n".join(checker.told(found))


def signed_with_passkey(
    change: Callable[[dict[int, Value], Authenticator], None] | None = None,
    *,
    is_enrolled: bool = True,
    other_entry: bool = False,
) -> dict[str, object]:
    """Return the account of a record in which a person signed an agreement with a passkey."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    agreed = BodyAgreed(b"b" * 32, tuple(sorted(keepers)))
    act = author.say(START, Kind.AGREEMENT, _map(agreement_body(agreed)))
    key = Authenticator("https://desk.example", "es256")
    key.create({"rp": {"id": "desk.example"}, "user": {"id": "aaaa"}, "challenge": "aaaa"})
    made = key.credentials[0]
    if is_enrolled:
        public = made.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        author.say(START, Kind.ENROLMENT, {0: made.id, 1: public, 2: "desk.example"})
    digest = b"x" * 32 if other_entry else entry_hash(act)
    used = key.get({"challenge": base64url(digest)})["response"]
    body: dict[int, Value] = {
        0: made.id,
        1: unbase64(used["authenticatorData"]),
        2: unbase64(used["clientDataJSON"]),
        3: unbase64(used["signature"]),
    }
    if change is not None:
        change(body, key)
    author.say(START, Kind.ASSERTION, body, (entry_hash(act),))
    for keeper in (author, other):
        keeper.flush(START)
    carry(keepers, START)
    return checked(export_of(author, 0), lists_all=True)


def test_an_entry_signed_with_an_enrolled_passkey_is_shown_as_signed() -> None:
    """The key, the entry's hash, the person and the check of the person all hold."""
    account = signed_with_passkey()
    signed = [each for each in checker.rows_of(account, "entries") if "signed" in each]
    assert [each["kind"] for each in signed] == ["agreement"]
    assert "signed with the person's passkey" in "\n".join(checker.told(account))
    assert not checker.rows_of(account, "findings")


def test_a_passkey_nobody_enrolled_is_a_gap_and_no_fault() -> None:
    """What cannot be checked is said, not guessed."""
    found = checker.rows_of(signed_with_passkey(is_enrolled=False), "findings")
    assert [(each["code"], each["is_gap"]) for each in found] == [("passkey_missing", True)]


def _at(index: int, value: Value) -> Callable[[dict[int, Value], Authenticator], None]:
    def change(body: dict[int, Value], _: Authenticator) -> None:
        body[index] = value

    return change


def _unverified(body: dict[int, Value], key: Authenticator) -> None:
    output = bytearray(body[1] if isinstance(body[1], bytes) else b"")
    output[32] = 0x01
    collected = body[2] if isinstance(body[2], bytes) else b""
    body[1] = bytes(output)
    body[3] = key.credentials[0].sign(bytes(output) + hashlib.sha256(collected).digest())


@pytest.mark.parametrize(
    "change",
    [
        *(_at(1, b""), _at(2, b"{}"), _at(2, b"[]"), _at(2, b"not json"), _at(3, b"")),
        *(_at(3, 1), _at(1, b"x" * 37), _unverified),
    ],
    ids=[
        *("no output", "another type", "no map", "no JSON", "no signature"),
        *("a number", "another RP", "nobody checked"),
    ],
)
def test_a_signature_that_does_not_hold_is_named(
    change: Callable[[dict[int, Value], Authenticator], None],
) -> None:
    """Whatever part of it was changed; one without a check of the person counts for nothing."""
    found = checker.rows_of(signed_with_passkey(change), "findings")
    assert [each["code"] for each in found] == ["assertion_wrong"]


def test_a_signature_over_another_entry_does_not_hold() -> None:
    """The challenge is the hash of the entry it refers to, or it says nothing of it."""
    found = checker.rows_of(signed_with_passkey(other_entry=True), "findings")
    assert [each["code"] for each in found] == ["assertion_wrong"]


def test_entries_that_do_not_count_are_shown_and_prove_nothing() -> None:
    """They are in the log all the same, and the log holds."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    author.flush(START)
    other.flush(START)
    sayings = [b"\xff", b"\xa0", other.disk.stored[0], *bad_entries(author)]
    author.log._entries += sayings
    author.flush(START)
    carry(keepers, START)
    found = checked(export_of(other, 0), *keepers)
    log = next(
        each for each in checker.rows_of(found, "logs") if author.own.party.text in str(each["log"])
    )
    assert len(checker.list_of(log["set_aside"])) == len(sayings)
    assert found["verdict"] == checker.HOLDS
    assert "does not count" in "\n".join(checker.told(found))


def test_a_long_record_is_counted_and_listed_when_asked() -> None:
    """Entries that others refer to are always listed."""
    keepers = keepers_of(*NAMES)
    author, _ = keepers.values()
    for _ in range(checker.ROWS_MAX + 10):
        author.say(START)
    for keeper in keepers.values():
        keeper.flush(START)
    carry(keepers, START)
    export = export_of(author, 0)
    few, all_of_them = checked(export), checked(export, lists_all=True)
    assert len(checker.list_of(few["entries"])) == 2
    assert len(checker.list_of(all_of_them["entries"])) == checker.ROWS_MAX + 12


# ------------------------------------------------------------------------ strangers without keys


def test_what_a_stranger_does_is_named() -> None:
    """Entry by entry, where the signed hashes still tell."""
    author, _ = kept(6)
    files = files_of(exported())
    folder = f"logs/{author.own.party.text}/0"
    name = next(each for each in files if each.startswith(f"{folder}/tile/entries"))
    entries = unbundled(files[name])

    def changed(*wanted: bytes) -> set[str]:
        return codes(zipped(files | {name: bundled(wanted)}))

    edited = entries[3][:-1] + bytes([entries[3][-1] ^ 1])
    assert "entry_changed" in changed(*entries[:3], edited, *entries[4:])
    assert "entry_moved" in changed(entries[0], entries[2], entries[1], *entries[3:])
    assert "entry_dropped" in changed(*entries[:5], *entries[6:])
    assert "entries_missing" in changed(*entries[:-2])
    assert "checkpoint_missing" in codes(without(files, f"{folder}/checkpoint"))
    assert "file_missing" in codes(without(files, name))
    assert codes(without(files, "manifest.note")) == {"manifest_missing"}
    assert checked(without(files, "manifest"))["verdict"] == checker.GAPS
    assert "file_unknown" in codes(zipped(files | {"more": b""}))
    assert "keys_missing" in codes(without(files, "keys"))
    assert "manifest_wrong" in codes(zipped(files | {"manifest.note": b"x"}))
    assert "file_changed" in codes(zipped(files | {"about.json": b"[]"}))


@pytest.mark.parametrize("chunk", range(TAMPERINGS * 3 // 4 // CHUNK))
def test_no_stranger_gets_past(chunk: int) -> None:
    """Whatever is done to the files, it is noticed; whatever is done to the zip, nothing breaks."""
    start = FIRST + chunk * CHUNK
    for seed in range(start, start + CHUNK):
        draw = random.Random(seed)  # noqa: S311  a test's own dice
        export = exported(2 if seed % CHUNK else 130)
        done, changed = draw.choice(STRANGERS)(draw, export)
        try:
            found = checked(changed)
            verdict = found["verdict"]
            assert json.dumps(found)
            assert list(checker.told(found))
        except checker.UnreadableExport:
            continue
        if verdict == checker.HOLDS:
            assert files_of(changed) == files_of(export), f"seed {seed}: {done}"


# -------------------------------------------------------------------- insiders with their own keys


@pytest.mark.parametrize("chunk", range(TAMPERINGS // 4 // CHUNK))
def test_no_insider_rewrites_what_the_other_has_seen(chunk: int) -> None:
    """With its own keys, and a list of files signed anew."""
    start = FIRST + chunk * CHUNK
    for seed in range(start, start + CHUNK):
        draw = random.Random(seed)  # noqa: S311  a test's own dice
        author, other = copy.deepcopy(kept(4))
        entries = list(author.disk.stored)
        seen = max(
            head.size
            for act in author.mirror_disks[other.own.party].learned
            for head in act.entry.heads
        )
        done = draw.choice(INSIDERS)(draw, entries, seen)
        if entries[:seen] == author.disk.stored[:seen] and "back-date" not in done:
            continue
        rewritten = rewritten_export(author, entries, keeps_history=draw.random() < 0.5)
        found = checked(rewritten, author.own.party, other.own.party)
        assert found["verdict"] == checker.WRONG, f"seed {seed}: {done}"


def test_an_insider_cannot_write_the_others_log() -> None:
    """Nor leave it out, nor stop it early, without that being said."""
    author, other = copy.deepcopy(kept(6))
    files = files_of(exported())
    folder = f"logs/{other.own.party.text}/0"
    name = next(each for each in files if each.startswith(f"{folder}/tile/entries"))
    entries = unbundled(files[name])
    entries[2] = entries[3]
    changed = signed_again(files | {name: bundled(entries)}, author.own)
    assert codes(changed) == {"entry_moved"}

    rest = {each: content for each, content in files.items() if not each.startswith(folder)}
    left_out = checked(signed_again(rest, author.own))
    assert {str(each["code"]) for each in checker.rows_of(left_out, "findings")} == {"log_missing"}
    assert left_out["verdict"] == checker.GAPS
    assert "MISSING" in "\n".join(checker.told(left_out))

    late = dataclasses.replace(author.export(), evidence=())
    into = io.BytesIO()
    write_export(into, late, author.own.party, author.own.seed, START.add(minutes=60))
    assert codes(into.getvalue()) == {"log_silent"}


def test_a_party_the_reader_did_not_name_is_pointed_out() -> None:
    """Whoever makes up both parties makes up a record that holds."""
    author, other = kept(6)
    assert codes(exported(), author.own.party, other.own.party) == set()
    assert codes(exported(), author.own.party) == {"party_not_trusted"}


def test_a_log_of_a_party_that_no_opening_names_is_pointed_out() -> None:
    """It was never in this space."""
    author, _ = kept(6)
    stranger = PartySigners("stranger")
    keeper = RecordKeeper(stranger, [author.own], author.space)
    keeper.flush(START.add(minutes=6))
    added = files_of(export_of(keeper))
    files = files_of(exported())
    folder = f"logs/{stranger.party.text}"
    files |= {name: content for name, content in added.items() if name.startswith(folder)}
    files["keys"] += added["keys"]
    assert "party_unknown" in codes(signed_again(files, author.own))


def test_signed_times_that_contradict_each_other_are_pointed_out() -> None:
    """A smaller log at a later time; an entry later than its checkpoint."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    author.flush(START)
    first = author.disk.notes[0]
    author.say(START.add(minutes=30))
    author.flush(START.add(minutes=1))
    text = read_note(first).text
    stamp = author.own.cosigners[0].cosign(text, START.add(minutes=5).timestamp())
    author.disk.notes.insert(
        1, Note(text, (author.own.signer(author.space).sign(text), stamp)).encoded()
    )
    other.flush(START)
    carry(keepers, START.add(minutes=1))
    found = codes(export_of(author, 6))
    assert {"log_rolled_back", "entry_forward_dated"} <= found


# ---------------------------------------------------------------------------------- what is erased


def test_what_was_erased_is_told_beside_the_sealed_entry_itself() -> None:
    """Who says that its key is deleted, when, and in which entry; each party once."""
    keepers = keepers_of(*NAMES)
    author, other = keepers.values()
    gone, kept_one = (
        author.say(START, Kind.ATTACHMENT, sealed=SealedBody(b"c" * 32, 900, key * 16))
        for key in (b"k", b"l")
    )
    plain = author.say(START)
    now = START.add(minutes=2)
    for kind in (Kind.ERASED, Kind.ERASED):
        author.say(now, kind, {}, (entry_hash(gone), entry_hash(plain)))
    other.say(now, Kind.ERASURE, {}, (entry_hash(gone),))
    other.say(now, Kind.DELIVERY, {0: "desk"}, (entry_hash(kept_one),))
    for keeper in (author, other, author, other):
        keeper.flush(now, is_lasting=True)
        carry(keepers, now)
    found = checked(export_of(copy.deepcopy(author), 2))
    assert found["findings"] == []
    rows = {str(each["entry"]): each for each in checker.rows_of(found, "entries")}
    log, remote = f"{author.own.party.text}/0", f"{other.own.party.text}/0"
    erased = checker.dict_of(checker.dict_of(rows[f"{log}#1"]["sealed"])["erased_by"])
    assert erased == {
        author.own.party.text: {"entry": f"{log}#4", "at": "2026-11-01 12:02:00", "person": None},
        other.own.party.text: {
            "entry": f"{remote}#1",
            "at": "2026-11-01 12:02:00",
            "person": rows[f"{remote}#1"]["person"],
        },
    }
    assert rows[f"{log}#2"]["sealed"] == {"erased_by": {}}
    assert "sealed" not in rows[f"{log}#3"]
    lines = list(checker.told(found))
    assert sum(line.startswith("    sealed: ERASED by ") for line in lines) == 2
    assert sum(line.startswith("    sealed: what it says is not") for line in lines) == 1
    assert any(f"says its node in {log}#4" in line for line in lines)


# -------------------------------------------------------------------------------------- evidence


def test_evidence_in_an_export_is_checked_and_told() -> None:
    """Of every kind; what shows nothing is pointed out instead."""
    author, other = copy.deepcopy(kept(6))
    signer, cosigner = other.own.signer(other.space), other.own.cosigners[0]

    def note(size: int, root: bytes, minutes: int = 9) -> bytes:
        text = Checkpoint(other.log.origin, size, root).text()
        stamp = cosigner.cosign(text, START.add(minutes=minutes).timestamp())
        return Note(text, (signer.sign(text), stamp)).encoded()

    def told(evidence: LogEvidence) -> set[str]:
        record = dataclasses.replace(author.export(), evidence=[write_evidence(evidence)])
        into = io.BytesIO()
        write_export(into, record, author.own.party, author.own.seed, START.add(minutes=6))
        return codes(into.getvalue())

    tree = other.log.tree
    for size in (1, 3, 4, 7, 8):
        root, proof = tree.root_of(0, size), tuple(tree.prove_consistency(size, tree.size))
        newest = note(tree.size, tree.root())
        branch = LogEvidence(EvidenceKind.OTHER_BRANCH, note(size, b"x" * 32), newest, root, proof)
        assert told(branch) == {"log_disputed"}
        for nothing in (
            dataclasses.replace(branch, first=note(size, root)),
            dataclasses.replace(branch, proof=proof[1:]),
            dataclasses.replace(branch, proof=(*proof, root)),
            dataclasses.replace(branch, root=b"y" * 32),
        ):
            assert told(nothing) == {"evidence_wrong"}
    same = LogEvidence(EvidenceKind.SAME_SIZE, note(5, b"x" * 32), note(5, b"y" * 32))
    back = LogEvidence(EvidenceKind.ROLLED_BACK, note(4, b"x" * 32, 10), note(5, b"y" * 32, 9))
    assert told(same) == told(back) == {"log_disputed"}
    by_author = read_note(author.disk.notes[0])
    for nothing in (
        dataclasses.replace(same, second=same.first),
        dataclasses.replace(back, second=note(5, b"y" * 32, 10)),
        dataclasses.replace(same, second=by_author.encoded()),
        dataclasses.replace(same, second=b"x"),
        dataclasses.replace(same, first=same.first.replace(b"/0\n", b"/x\n")),
    ):
        assert told(nothing) == {"evidence_wrong"}
    files = files_of(exported()) | {"evidence/0": encode({0: 1})}
    assert codes(signed_again(files, author.own)) == {"evidence_wrong"}


@given(st.data())
def test_both_readers_take_the_same_entries(draw: st.DataObject) -> None:
    """Two readers that share no code, on entries changed at random, agree on every one."""
    keeper = kept(6)[0]
    encoded = bytearray(draw.draw(st.sampled_from(keeper.disk.stored)))
    for _ in range(draw.draw(st.integers(0, 3))):
        at = draw.draw(st.integers(0, len(encoded) - 1))
        encoded[at : at + draw.draw(st.integers(0, 2))] = draw.draw(st.binary(max_size=2))
    agreed: list[bool] = []
    for read in (
        lambda: judge(bytes(encoded), keeper.space, keeper.own.party),
        lambda: checker.read_row(bytes(encoded), 0, keeper.space, keeper.own.party),
    ):
        try:
            read()
        except (TheirError, checker.MalformedEntry):
            agreed.append(False)
        else:
            agreed.append(True)
    assert agreed in ([True, True], [False, False])


def test_growth_is_judged_as_the_record_judges_it() -> None:
    """RFC 9162 §2.1.4.2 step by step here, by its definition there."""
    leaves = [leaf_hash(bytes([number])) for number in range(40)]

    def root_of(start: int, end: int) -> bytes:
        return root_of_leaves(leaves[start:end])

    for size in range(1, len(leaves) + 1):
        for old in range(1, size + 1):
            proof = prove(0, old, size, root_of)
            ends = (old, root_of(0, old), size, root_of(0, size))
            assert checker.is_consistent(*ends, proof)
            assert not checker.is_consistent(*ends, [*proof, leaves[0]])
            assert not checker.is_consistent(old, leaves[0] * 2, size, ends[3], proof)
            assert not proof or not checker.is_consistent(*ends, proof[:-1])


def test_a_new_epoch_is_signed_by_the_key_the_last_one_named() -> None:
    """And by no other."""
    author, other = copy.deepcopy(kept(2))
    now = START.add(minutes=3)
    new, public = PartySigners("new key", 1), PartySigners("new key").cosigners[0].verifier.public
    author.say(now, Kind.CLOSING, {0: hashlib.sha256(public).digest()})
    author.flush(now)
    carry({author.own.party: author, other.own.party: other}, now)

    def with_next(names: str) -> bytes:
        origin = dataclasses.replace(author.log.origin, epoch=1)
        signer = NoteSigner(origin.text(), PartySigners(names).seed)
        cosigner = Ed25519CheckpointCosigner(cosigner_name(author.own.party), new.seed)
        disk = LogDisk()
        log = OwnLog(origin, signer, [cosigner], disk.tree())
        log.heads_shown([None])
        log.append(author.disk.stored[0])
        flushed = log.flush(now)
        disk.store(flushed.stored)
        record = author.export()
        record = dataclasses.replace(
            record,
            logs=[*record.logs, LogExport(origin, flushed.note, [], disk.tree(), disk)],
            verifiers=[*record.verifiers, signer.verifier, cosigner.verifier],
        )
        into = io.BytesIO()
        write_export(into, record, author.own.party, author.own.seed, now)
        return into.getvalue()

    assert codes(with_next("new key")) == set()
    assert "checkpoint_wrong" in codes(with_next("another key"))


def test_odd_files_are_refused_without_harm() -> None:
    """A file twice, a signed size nobody has, a root of another length, bodies of other forms."""
    author, _ = kept(2)
    files = files_of(exported(2))
    folder = f"logs/{author.own.party.text}/0"
    into = io.BytesIO(zipped(files))
    with zipfile.ZipFile(into, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("keys", files["keys"])
    assert "file_twice" in codes(into.getvalue())

    signer = author.own.signer(author.space)
    huge = Checkpoint(author.log.origin, 2**62, bytes(32)).text()
    short = f"{author.log.origin.text()}\n1\n{to_base64(bytes(31))}\n"
    for text, code in ((huge, "entries_missing"), (short, "checkpoint_wrong")):
        note = Note(text, (signer.sign(text),)).encoded()
        changed = signed_again(files | {f"{folder}/checkpoint": note}, author.own)
        assert code in codes(changed)
    tile = f"{folder}/tile/0/{checker.number_path(0, len(author.disk.stored))}"
    assert codes(signed_again(files | {tile: bytes(len(files[tile]))}, author.own)) == {
        "tiles_wrong"
    }

    headless = rewritten_export(copy.deepcopy(author), author.disk.stored[1:], keeps_history=False)
    assert "opening_missing" in codes(headless)
    row = checker.EntryRow(0, 0, 0, (), (), None, None, None, b"\x80")
    assert checker.body_of(row) == {}
    assert checker.quoted_body(row) is None
    for body, keys in ((b"\xff", []), (encode({1: ["x", 1]}), ["x"]), (encode({1: 0}), [])):
        row.body = body
        assert checker.opening_keys(row) == keys
        assert checker.named_parties(row) == set()
        assert checker.next_key(row) is None
    assert checker.number_path(1_234_067, 256) == "x001/x234/067"
    with pytest.raises(checker.MalformedEntry, match="deep"):
        checker.EntryReader(b"\xa1\x00" * 17 + b"\x00").whole()
    with pytest.raises(checker.MalformedEntry, match="UTF-8"):
        checker.split_note(b"\xff")


def test_stored_hashes_of_a_higher_level_are_checked_too() -> None:
    """They prove nothing, but a reader of tiles relies on them."""
    author, _ = kept(130)
    files = files_of(exported(130))
    name = f"logs/{author.own.party.text}/0/tile/1/000.p/1"
    assert codes(signed_again(files | {name: bytes(32)}, author.own)) == {"tiles_wrong"}


# ---------------------------------------------------------------------------------- as a program


def test_the_file_runs_alone_and_ends_as_it_should(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a word for a shell: holds, wrong, unreadable, missing."""
    (tmp_path / "good.zip").write_bytes(exported())
    files = files_of(exported())
    (tmp_path / "wrong.zip").write_bytes(zipped(files | {"about.json": b"{}"}))
    (tmp_path / "gap.zip").write_bytes(without(files, "manifest"))
    (tmp_path / "none.zip").write_bytes(b"none")
    (tmp_path / "empty.zip").write_bytes(zipped({}))
    ends = {"good": 0, "wrong": 1, "none": 2, "gap": 3, "missing": 2, "empty": 1}
    for name, expected in ends.items():
        assert checker.main([str(tmp_path / f"{name}.zip")]) == expected
        capsys.readouterr()
    assert checker.main([str(tmp_path / "good.zip"), "--json", "--entries"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == 0

    monkeypatch.setattr(sys, "argv", ["verify.py", str(tmp_path / "good.zip")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(Path(checker.__file__)), run_name="__main__")
    assert ended.value.code == 0


def test_files_that_unpack_to_too_much_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor those that cannot be unpacked at all."""
    monkeypatch.setattr(checker, "MEMBER_BYTES_MAX", 1_000)
    assert "file_damaged" in codes(exported())


def bad_entries(keeper: RecordKeeper) -> list[bytes]:
    """Return entries that are nearly good, one wrong field each."""
    good = decode_map(keeper.disk.stored[0])
    pseudonym: dict[int, Value] = {3: 3, 10: bytes(16)}
    numbers: list[dict[int, Value]] = [{0: 2}, {0: True}, {3: 70_000}, {5: -1}, {6: 4}, {7: -1}]
    ids: list[dict[int, Value]] = [{1: b"x" * 16}, {2: b""}, {4: b""}, {10: b""}, pseudonym]
    refs: list[dict[int, Value]] = [{8: []}, {8: [b""]}, {8: [bytes(32), bytes(32)]}, {8: b""}]
    heads: list[dict[int, Value]] = [
        {9: []},
        {9: [[]]},
        {9: [[bytes(16), -1, 0, bytes(32)]]},
        {9: [[bytes(16), 0, 0, bytes(32)], [bytes(16), 0, 0, bytes(32)]]},
    ]
    sealed: list[dict[int, Value]] = [
        {12: [bytes(32), 1, bytes(16)]},
        {11: None, 12: []},
        {11: None, 12: [bytes(32), 1, b""]},
    ]
    bodies: list[dict[int, Value]] = [{11: "x"}, {11: None}, {13: 0}, {3: 4}]
    changes = [*numbers, *ids, *refs, *heads, *sealed, *bodies]
    fields = [good | {3: 9} | change for change in changes]
    encoded = [
        encode({key: value for key, value in each.items() if value is not None}) for each in fields
    ]
    odd = [
        "1800",
        "1f",
        "c0",
        "f7",
        "f97e00",
        "61ff",
        "a2010001",
        "a10001a100",
        "9f",
        "a1",
        "81" * 17,
    ]
    return [*encoded, *(bytes.fromhex(each) for each in odd), write_bad_order(good)]


def write_bad_order(good: dict[int, Value]) -> bytes:
    """Return an entry whose first two keys have changed places."""
    encoded = encode(good)
    return encoded[:1] + encoded[3:21] + encoded[1:3] + encoded[21:]


def _map(body: bytes) -> dict[int, Value]:
    return decode_map(body)


def _size(note: bytes) -> int:
    return read_checkpoint(read_note(note).text).size


def _whole(value: Value) -> int:
    assert isinstance(value, int)
    return value
