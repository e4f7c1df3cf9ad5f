"""Write protocol/vectors/record/tamperings.zip: honest and tampered exports, and what is told.

    PYTHONPATH=src python3 tools/record_tamperings.py

The tamperers and the situations are those of tests/unit/test_verify.py; what `src/parley/verify.py`
tells of each export is written down beside it, so that a verifier in another language must tell the
same. `cases.json` lists them: an export is either `files`, names with where their content lies in
this file, or a `zip` that lies in it, of which one byte is changed (`flip`: place
and mask) or the end cut off (`cut`: length). `account` is the SHA-256 of the whole account as JSON
with sorted keys and no spaces; it is left out where the reason for a refusal comes from the zip
library. Verdict 2 means that the file cannot be read at all.
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

ROOT = Path(__file__).parents[1]
FILE = ROOT / "protocol" / "vectors" / "record" / "tamperings.zip"
TESTS = ROOT / "tests" / "unit" / "test_verify.py"
STRANGERS, FLIPS, INSIDERS = 50, 150, 14
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
)
CHANGED = "test_a_signature_that_does_not_hold_is_named"


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
            if not how:
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
    tests, into = loaded(), Collection()
    tests.checker.verify = into.verify
    for name in SITUATIONS:
        into.situation = name.removeprefix("test_").replace("_", " ")
        getattr(tests, name)()
    into.situation = CHANGED.removeprefix("test_").replace("_", " ")
    for change in getattr(tests, CHANGED).pytestmark[0].args[1]:
        getattr(tests, CHANGED)(change)
    for minutes in (1, 6):
        into.add(f"honest, {minutes} min", tests.exported(minutes), set())
    into.add("honest, every entry", tests.exported(2), set(), lists_all=True)
    strangers(tests, into)
    insiders(tests, into)
    into.write()
    sys.stdout.write(f"{len(into.cases)} cases, {FILE.stat().st_size} bytes\n")


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


def canonical(account: dict[str, object]) -> bytes:
    """Return an account as the bytes that every language writes alike."""
    return json.dumps(
        account, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def loaded() -> ModuleType:
    """Return the tests of the verifier as a module."""
    spec = importlib.util.spec_from_file_location("tamperers", TESTS)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{TESTS} is not there.")
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    return tests


if __name__ == "__main__":
    main()
