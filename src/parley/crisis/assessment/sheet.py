"""The joint sheet: what both have in the same bytes without brackets, the rest within. A core.

Each party has its own newest version of each paragraph. Where both have the same bytes, the
paragraph is joint. Where they differ, each version stands in the brackets of its party; where only
one has it, in that party's. A version without text asks for the paragraph to be struck: it is gone
once both ask, or once nobody else has it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from parley.crisis.assessment.bodies import KEY_BYTES, Paragraph, Section, paragraph_body
from parley.errors import EncodingRefused
from parley.ids import ID_BYTES, PartyId
from parley.record.cbor import Value, decode, encode

PARAGRAPHS_MAX: Final = 200
"""Paragraphs of a sheet; a longer one is a treaty, and written elsewhere."""
CLEAN: Final = frozenset({Section.FACT, Section.COMMITMENT})
"""Sections in which an adopted sheet has no brackets; lessons and disputed facts may keep them."""


@dataclass(frozen=True, slots=True)
class SheetParagraph:
    """A paragraph as it stands between both."""

    key: bytes
    section: Section
    order: int
    versions: tuple[tuple[PartyId | None, Paragraph], ...]
    """Each with whose brackets it stands in; None: both have it."""

    @property
    def is_bracketed(self) -> bool:
        """Whether it is not the same for both."""
        return any(party is not None for party, _ in self.versions)


Versions = Mapping[bytes, Mapping[PartyId, Paragraph]]
"""By paragraph and party, the newest version."""


def sheet_of(versions: Versions) -> tuple[SheetParagraph, ...]:
    """Return the sheet as it stands."""
    found = (_paragraph(key, by_party) for key, by_party in versions.items())
    kept = [each for each in found if each is not None]
    return tuple(sorted(kept, key=lambda each: (each.section, each.order, each.key)))


def _paragraph(key: bytes, by_party: Mapping[PartyId, Paragraph]) -> SheetParagraph | None:
    written = {party: said for party, said in by_party.items() if said.texts}
    if not written:
        return None
    said = [*written.values()]
    is_joint = len(by_party) > 1 and len(written) == len(by_party) and said[0] == said[-1]
    first = min(said, key=lambda each: (each.section, each.order))
    if is_joint:
        return SheetParagraph(key, first.section, first.order, ((None, said[0]),))
    return SheetParagraph(key, first.section, first.order, tuple(sorted(written.items())))


def sheet_bytes(sheet: Iterable[SheetParagraph]) -> bytes:
    """Return a sheet as the bytes that are adopted."""
    rows: list[Value] = []
    for each in sheet:
        versions: list[Value] = [
            [b"" if party is None else bytes(party), encode(paragraph_body(said))]
            for party, said in each.versions
        ]
        rows.append([int(each.section), each.key, versions])
    return encode(rows)


def is_clean(sheet: bytes) -> bool:
    """Say whether bytes are a sheet, with paragraphs, and no brackets where none may be."""
    try:
        rows = decode(sheet)
    except EncodingRefused:
        return False
    if not isinstance(rows, list) or not 0 < len(rows) <= PARAGRAPHS_MAX:
        return False
    return all(_is_row(row) for row in rows)


def _is_row(row: Value) -> bool:
    match row:
        case [int(section), bytes(key), list(versions)] if len(key) == KEY_BYTES and versions:
            if isinstance(section, bool) or not 0 <= section <= max(Section):
                return False
            parties = [_party_of(version) for version in versions]
            if any(party is None for party in parties):
                return False
            return Section(section) not in CLEAN or parties == [b""]
        case _:
            return False


def _party_of(version: Value) -> bytes | None:
    match version:
        case [bytes(party), bytes(_)] if len(party) in {0, ID_BYTES}:
            return party
        case _:
            return None
