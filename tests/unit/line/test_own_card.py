"""Our own card: kept while it says the truth, renewed in time."""

from dataclasses import replace
from pathlib import Path

from whenever import Instant

from parley.config import PathSettings, Settings
from parley.identity.card import read_card
from parley.identity.keys import PartyKey
from parley.line.own_card import own_party

KEY = PartyKey(bytes(32))
NOW = Instant.from_utc(2026, 11, 1)
SETTINGS = Settings.parse(Path("/x"), '[party]\nname = "Harbour"\n[[line.path]]\nname = "a"\n')


def test_a_fresh_party_has_a_card_that_holds() -> None:
    """Signed, with what the settings say."""
    own = own_party(SETTINGS, KEY, None, NOW)

    assert own.is_ours
    assert read_card(own.card_bytes) == own.card
    assert [endpoint.name for endpoint in own.card.endpoints] == ["a"]
    own.card.check(NOW)


def test_a_card_is_kept_while_it_says_the_same() -> None:
    """Others need not be told anything new at every start."""
    own = own_party(SETTINGS, KEY, None, NOW)

    assert own_party(SETTINGS, KEY, own, NOW.add(hours=24 * 300)) is own


def test_a_card_is_renewed_when_a_quarter_of_its_time_is_left() -> None:
    """Long before it runs out, so that the others get it over the line."""
    own = own_party(SETTINGS, KEY, None, NOW)

    renewed = own_party(SETTINGS, KEY, own, NOW.add(hours=24 * 560))
    assert renewed.card.created_at > own.card.created_at
    assert renewed.imported_at == own.imported_at


def test_a_card_is_renewed_when_the_settings_change() -> None:
    """Another address, another card."""
    own = own_party(SETTINGS, KEY, None, NOW)
    moved = replace(SETTINGS, line=replace(SETTINGS.line, path=(PathSettings("b"),)))

    renewed = own_party(moved, KEY, own, NOW.add(hours=1))
    assert [endpoint.name for endpoint in renewed.card.endpoints] == ["b"]


def test_a_card_from_the_future_is_replaced() -> None:
    """After a clock was put right."""
    own = own_party(SETTINGS, KEY, None, NOW.add(hours=1))

    assert own_party(SETTINGS, KEY, own, NOW).card.created_at <= NOW
