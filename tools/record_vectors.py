"""Write protocol/vectors/record/export.zip: a small record that every implementation must accept.

Beside it frozen.zip: what is told of records in which a root froze a log, word for word.

    python3 tools/record_vectors.py
    cd tools/referee && go run . ../../protocol/vectors/record/export.zip \
        > ../../protocol/vectors/record/referee.json

The second command checks the first one's file with code by others and writes what it made itself.
The keys follow from the parties' names and must never be a real party's.
"""

import asyncio
import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path

from record_tamperings import canonical

from parley.record.entry import entry_hash
from parley.record.export import write_export
from parley.record.kinds import Kind
from parley.testing.frozen_records import frozen_exports
from parley.testing.records import START, carry, keepers_of
from parley.verify import verify

FILE = Path(__file__).parents[1] / "protocol" / "vectors" / "record" / "export.zip"
ENTRIES = 300
"""More than one bundle, fewer than would make the file large."""


def main() -> None:
    """Write the file."""
    keepers = keepers_of("harbour", "hospital")
    harbour, hospital = keepers.values()
    now = START
    for number in range(ENTRIES):
        now = now.add(seconds=2)
        said = harbour.say(now)
        if number % 25 == 0:
            harbour.flush(now, is_lasting=number % 100 == 0)
            hospital.flush(now)
            carry(keepers, now)
            hospital.say(now, Kind.DELIVERY, {0: "desk"}, (entry_hash(said),))
            hospital.say(now, Kind.ACKNOWLEDGEMENT, {0: None}, (entry_hash(said),))
    for keeper in (harbour, hospital):
        keeper.flush(now, is_lasting=True)
    carry(keepers, now)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("wb") as into:
        write_export(into, harbour.export(), harbour.own.party, harbour.own.seed, now)
    write_frozen(FILE.with_name("frozen.zip"))


def write_frozen(file: Path) -> None:
    """Write exports of frozen logs, and what the verifier tells of each."""
    with tempfile.TemporaryDirectory() as folder:
        exports = asyncio.run(frozen_exports(Path(folder)))
    accounts = {name: verify(io.BytesIO(content), set()) for name, content in exports.items()}
    told = {
        name: {
            "codes": [each["code"] for each in account["findings"]],  # type: ignore[attr-defined]
            "account": hashlib.sha256(canonical(account)).hexdigest(),
        }
        for name, account in accounts.items()
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in exports.items():
            into.writestr(zipfile.ZipInfo(f"{name}.zip"), content)
        into.writestr(zipfile.ZipInfo("cases.json"), json.dumps(told, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
