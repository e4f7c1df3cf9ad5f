"""The vectors of line checks: what every implementation reads and writes alike."""

import json
from pathlib import Path

import pytest

from parley.crisis.checks.passage import typed_code
from parley.edge import EdgeResponder, key_name, read_answer, write_question
from parley.errors import EntryMalformed
from parley.record.cbor import decode, encode
from parley.record.line_terms import read_terms, terms_value

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "protocol/vectors/checks/checks.json").read_text("utf-8"))


def test_the_edge_responder_speaks_the_bytes_of_the_vectors() -> None:
    """Question and answer, to the byte."""
    edge = {name: bytes.fromhex(value) for name, value in VECTORS["edge"].items()}
    assert write_question(edge["key"], edge["nonce"]) == edge["question"]
    responder = EdgeResponder({key_name(edge["key"]): edge["key"]})
    assert responder.answer(edge["question"], 0.0) == edge["answer"]
    assert read_answer(edge["key"], edge["answer"]) == edge["nonce"]


@pytest.mark.parametrize("case", VECTORS["typed"], ids=lambda case: str(case["typed"]))
def test_what_was_typed_is_compared_alike(case: dict[str, str]) -> None:
    """Gaps, small letters, full width and other scripts' digits."""
    assert typed_code(case["typed"]) == case["code"]


@pytest.mark.parametrize("case", VECTORS["terms"], ids=lambda case: str(case["name"]))
def test_terms_are_read_and_written_as_they_stand(case: dict[str, str]) -> None:
    """The same bytes come out as went in."""
    body = decode(bytes.fromhex(case["body"]))
    assert isinstance(body, dict)
    assert encode({0: body[0], 1: terms_value(read_terms(body[1]))}).hex() == case["body"]


@pytest.mark.parametrize("case", VECTORS["refused_terms"], ids=lambda case: str(case["name"]))
def test_terms_that_cannot_be_are_refused(case: dict[str, str]) -> None:
    """A version with such terms has none."""
    with pytest.raises(EntryMalformed):
        read_terms(decode(bytes.fromhex(case["value"])))
