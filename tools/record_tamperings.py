"""Write protocol/vectors/record/tamperings.zip: honest and tampered exports, and what is told.

    PYTHONPATH=src python3 tools/record_tamperings.py

The tamperers are those of `parley.testing`, the situations those of the tests of the verifier; what
`src/parley/verify.py` tells of each export is written down beside it, so that a verifier in another
language must tell the same. `cases.json` lists them: an export is either `files`, names with where
their content lies in this file, or a `zip` that lies in it, of which one byte is changed (`flip`:
place and mask), the end cut off (`cut`: length) or a part replaced (`patch`: from, to, what instead
in hexadecimal). `account` is the SHA-256 of the whole account as JSON with sorted keys and no
spaces; it is left out where the reason for a refusal comes from the zip library, or a number is one
that JavaScript rounds. Verdict 2 means that the file cannot be read at all.
"""

import hashlib
import importlib.util
import io
import json
import random
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from parley import verify
from parley.testing.hostile import HOSTILE, forge_the_list, widen_the_list

ROOT = Path(__file__).parents[1]
FILE = ROOT / "protocol" / "vectors" / "record" / "tamperings.zip"
TESTS = ROOT / "tests" / "unit"
STRANGERS, FLIPS, INSIDERS, HOSTILES = 50, 150, 14, 80
"""How many of each are tried: more cost room in the repository, fewer find less."""
SITUATIONS = (
    *("test_only_what_both_parties_wrote_is_agreed",),
    *("test_entries_that_do_not_count_are_shown_and_prove_nothing",),
    *("test_what_a_stranger_does_is_named", "test_an_insider_cannot_write_the_others_log"),
    *("test_a_party_the_reader_did_not_name_is_pointed_out",),
    *("test_a_log_of_a_party_that_no_opening_names_is_pointed_out",),
    *("test_signed_times_that_contradict_each_other_are_pointed_out",),
    *("test_evidence_in_an_export_is_checked_and_told",),
    *("test_a_new_epoch_is_signed_by_the_key_the_last_one_named",),
    *("test_odd_files_are_refused_without_harm",),
    *("test_stored_hashes_of_a_higher_level_are_checked_too",),
    *("test_an_entry_signed_with_an_enrolled_passkey_is_shown_as_signed",),
    *("test_a_passkey_nobody_enrolled_is_a_gap_and_no_fault",),
    *("test_a_signature_over_another_entry_does_not_hold",),
    *("test_what_was_erased_is_told_beside_the_sealed_entry_itself",),
)
HOSTILE_SITUATIONS = (
    *("test_entries_of_a_space_without_an_id_are_set_aside",),
    *("test_names_are_shown_so_that_they_cannot_pass_for_the_verdict",),
)
CRISIS_SITUATIONS = (
    *("test_an_account_that_is_not_the_sealed_one_is_named",),
    *("test_a_timeline_that_is_not_the_records_is_named",),
    *("test_a_side_that_never_sealed_is_seen_to_have_none",),
)
CRISIS_CHANGED = (
    *("test_a_whole_crisis_is_proved_from_either_sides_export",),
    *("test_a_seal_of_another_form_is_none_and_nothing_is_shown_to_match_it",),
    *("test_a_cut_of_another_form_is_read_without_harm",),
    *("test_a_stranger_who_changes_an_entry_of_a_crisis_is_named",),
)
CHANGED = (
    *("test_signatures_after_the_year_9999_are_told_as_such",),
    *("test_an_assertion_that_names_no_credential_is_a_gap",),
    *("test_what_an_exporter_says_of_itself_breaks_nothing",),
    *("test_an_export_at_no_time_is_not_vouched_for",),
)
SIGNATURE_CHANGED = "test_a_signature_that_does_not_hold_is_named"
EXACT_MAX = 2**53
"""JavaScript rounds larger numbers."""


class Collection:
    """Cases and the contents they share."""

    def __init__(self) -> None:
        self.cases: list[dict[str, Any]] = []
        self.contents: dict[str, bytes] = {}
        self._places: dict[bytes, str] = {}
        self._real = verify.verify

    def add(self, name: str, export: bytes, trusted: set[str], **how: Any) -> None:  # noqa: ANN401
        """Take an export with what is told of it."""
        lists_all = bool(how.pop("lists_all", False))
        case: dict[str, Any] = {"name": name, "trusted": sorted(trusted), "lists_all": lists_all}
        try:
            account = self._real(io.BytesIO(export), trusted, lists_all=lists_all)
        except verify.UnreadableExport:
            case |= {"verdict": verify.UNREADABLE, "codes": []}
        else:
            found = verify.rows_of(account, "findings")
            case |= {"verdict": account["verdict"], "codes": [each["code"] for each in found]}
            if not how and is_exact(account):
                case["account"] = hashlib.sha256(canonical(account)).hexdigest()
        if how:
            how["zip"] = self._keep("zips", how["zip"])
        else:
            with zipfile.ZipFile(io.BytesIO(export)) as archive:
                if len(set(archive.namelist())) != len(archive.namelist()):
                    return
                how["files"] = {
                    each: self._keep("files", archive.read(each)) for each in archive.namelist()
                }
        self.cases.append(case | how)

    def verify(
        self, file: IO[bytes], trusted: set[str], *, lists_all: bool = False
    ) -> dict[str, object]:
        """Stand in for the verifier: take the export, then tell what it tells."""
        export = file.read()
        if len(export) < 60_000:  # noqa: PLR2004  a long record makes a large file
            self.add(self.situation, export, trusted, lists_all=lists_all)
        return self._real(io.BytesIO(export), trusted, lists_all=lists_all)

    situation = ""

    def _keep(self, folder: str, content: bytes) -> str:
        place = self._places.setdefault(content, f"{folder}/{len(self._places)}")
        self.contents[place] = content
        return place

    def write(self) -> None:
        """Write the file; only passkeys are made anew each time."""
        with zipfile.ZipFile(FILE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            index = json.dumps(self.cases, ensure_ascii=False, separators=(",", ":")).encode()
            for name, content in (("cases.json", index), *sorted(self.contents.items())):
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)


def main() -> None:
    """Make all cases and write them."""
    into = Collection()
    tests = loaded("test_verify", into)
    for name in SITUATIONS:
        try_one(tests, name, into)
    try_each(tests, SIGNATURE_CHANGED, into)
    odd = loaded("test_verify_hostile", into)
    for name in HOSTILE_SITUATIONS:
        try_one(odd, name, into)
    for name in CHANGED:
        try_each(odd, name, into)
    crises = loaded("test_verify_crises", into)
    for name in CRISIS_SITUATIONS:
        try_one(crises, name, into)
    for name in CRISIS_CHANGED:
        try_each(crises, name, into)
    for minutes in (1, 6):
        into.add(f"honest, {minutes} min", tests.exported(minutes), set())
    into.add("honest, every entry", tests.exported(2), set(), lists_all=True)
    strangers(tests, into)
    insiders(tests, into)
    hostiles(tests, into)
    into.write()
    sys.stdout.write(f"{len(into.cases)} cases, {FILE.stat().st_size} bytes\n")


def try_one(tests: ModuleType, name: str, into: Collection, *given: object) -> None:
    """Run a test that checks exports."""
    into.situation = name.removeprefix("test_").replace("_", " ")
    getattr(tests, name)(*given)


def try_each(tests: ModuleType, name: str, into: Collection) -> None:
    """Run a test with every parameter it has."""
    for given in getattr(tests, name).pytestmark[0].args[1]:
        try_one(tests, name, into, given)


def strangers(tests: ModuleType, into: Collection) -> None:
    """Try those who have no key."""
    export = tests.exported(2)
    on_files = [
        each for each in tests.STRANGERS if each.__name__ not in {"flip_a_bit", "cut_the_file"}
    ]
    for seed in range(STRANGERS):
        draw = random.Random(seed)  # noqa: S311  dice of a test
        done, changed = draw.choice(on_files)(draw, export)
        into.add(f"stranger {seed}: {done}", changed, set())
    for seed in range(FLIPS):
        draw = random.Random(seed)  # noqa: S311  dice of a test
        at = draw.randrange(len(export))
        if seed % 10 == 0:
            into.add(f"cut at {at}", export[:at], set(), zip=export, cut=at)
            continue
        mask = 1 << draw.randrange(8)
        changed = export[:at] + bytes([export[at] ^ mask]) + export[at + 1 :]
        into.add(f"byte {at}", changed, set(), zip=export, flip=[at, mask])


def insiders(tests: ModuleType, into: Collection) -> None:
    """Try those who export with their own keys."""
    for seed in range(INSIDERS):
        draw = random.Random(seed)  # noqa: S311  dice of a test
        author, other = tests.copy.deepcopy(tests.kept(4))
        learned = author.mirror_disks[other.own.party].learned
        seen = max(head.size for act in learned for head in act.entry.heads)
        entries = list(author.disk.stored)
        done = draw.choice(tests.INSIDERS)(draw, entries, seen)
        keeps = draw.random() < 0.5  # noqa: PLR2004  one of two
        export = tests.rewritten_export(author, entries, keeps_history=keeps)
        trusted = {author.own.party.text, other.own.party.text}
        into.add(f"insider {seed}: {done}", export, trusted)


def hostiles(tests: ModuleType, into: Collection) -> None:
    """Try what is made to break a reader."""
    whole = tests.exported(2)
    for seed in range(HOSTILES):
        draw = random.Random(seed)  # noqa: S311  dice of a test
        made = draw.choice(HOSTILE)
        _, export = made(draw)
        name = f"hostile {seed}: {made.__name__.replace('_', ' ')}"
        if made in {forge_the_list, widen_the_list}:
            into.add(name, export, set(), zip=whole, patch=patch_of(whole, export))
        else:
            into.add(name, export, set(), lists_all=True)


def patch_of(old: bytes, new: bytes) -> list[int | str]:
    """Return from where to where the old bytes differ, and what stands there instead."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - start
    same = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return [start, len(old) - same, new[start : len(new) - same].hex()]


def is_exact(value: object) -> bool:
    """Say whether every language holds the numbers in a value as they are."""
    match value:
        case dict():
            return all(map(is_exact, value.values()))
        case list():
            return all(map(is_exact, value))
        case int():
            return abs(value) <= EXACT_MAX
        case _:
            return True


def canonical(account: dict[str, object]) -> bytes:
    """Return an account as the bytes that every language writes alike."""
    return json.dumps(
        account, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def loaded(name: str, into: Collection) -> ModuleType:
    """Return a file of tests as a module whose verifier is the collection's."""
    file = TESTS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is not there.")
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    vars(tests.checker)["verify"] = into.verify
    return tests


if __name__ == "__main__":
    main()
