"""The pairing vectors are read, and written, exactly so."""

import json
from pathlib import Path
from typing import Any

import pytest

from parley.errors import ParleyError
from parley.identity.card import Endpoint, card_from, read_card, sign_card
from parley.identity.fingerprint import fingerprint, words
from parley.identity.keys import PartyKey

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors" / "pairing"
CARDS: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "cards.json").read_text("utf-8"))
PRINTS: list[dict[str, Any]] = json.loads((FOLDER / "fingerprints.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", CARDS["accepted"], ids=lambda vector: str(vector["name"]))
def test_a_card_of_the_vectors_says_what_it_should(vector: dict[str, Any]) -> None:
    """As bytes and as text, and signing it again gives the same bytes."""
    signed = bytes.fromhex(vector["card"])
    card = read_card(signed)

    assert card_from(vector["text"].encode()) == (card, signed)
    assert card.party.text == vector["party"]
    assert (card.name, list(card.languages)) == (vector["name"], vector["languages"])
    assert card.endpoints == tuple(Endpoint(*path) for path in vector["paths"])
    assert card.created_at.format_iso() == vector["created"]
    assert sign_card(card, PartyKey(bytes.fromhex(vector["seed"]))) == signed


@pytest.mark.parametrize("vector", CARDS["refused"])
def test_a_card_the_vectors_refuse_is_refused_for_that_reason(vector: dict[str, Any]) -> None:
    """By code."""
    with pytest.raises(ParleyError) as refused:
        read_card(bytes.fromhex(vector["card"]))
    assert refused.value.code == vector["code"]


@pytest.mark.parametrize("vector", PRINTS)
def test_the_words_of_the_vectors_are_the_words(vector: dict[str, Any]) -> None:
    """In every language, whichever key comes first."""
    first, second = (bytes.fromhex(key) for key in vector["keys"])
    numbers = fingerprint(first, second)

    assert list(numbers) == vector["numbers"]
    for language, said in vector["words"].items():
        assert list(words(numbers, language)) == said
