"""Write protocol/vectors/record/export.zip: a small record that every implementation must accept.

    python3 tools/record_vectors.py
    cd tools/referee && go run . ../../protocol/vectors/record/export.zip \
        > ../../protocol/vectors/record/referee.json

The second command checks the first one's file with code by others and writes what it made itself.
The keys follow from the parties' names and must never be a real party's.
"""

from pathlib import Path

from parley.record.entry import entry_hash
from parley.record.export import write_export
from parley.record.kinds import Kind
from parley.testing.records import START, carry, keepers_of

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


if __name__ == "__main__":
    main()
