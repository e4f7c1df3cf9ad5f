"""The edge responder: what it answers, and what it does not."""

import ast
from pathlib import Path

import pytest

import parley.edge
from parley.crisis.checks.edge_watch import ANSWER_MS_MAX, ASK_EVERY_MS, EdgePlace, EdgeWatch
from parley.edge import (
    ANSWER_BYTES,
    BURST,
    PER_KEY_S,
    QUESTION_BYTES,
    EdgeResponder,
    derive_key,
    key_name,
    load_keys,
    read_answer,
    write_question,
)
from parley.ids import PartyId

KEY = derive_key(bytes(32), bytes(16))
OTHER = derive_key(bytes(32), bytes([1] * 16))
NONCE = bytes(range(16))


@pytest.fixture
def responder() -> EdgeResponder:
    """Give a test an edge responder with one key."""
    return EdgeResponder({key_name(KEY): KEY})


def test_a_question_under_its_key_is_answered_by_less_than_was_asked(
    responder: EdgeResponder,
) -> None:
    """The nonce comes back, under the key, in fewer bytes."""
    answer = responder.answer(write_question(KEY, NONCE), 0.0)
    assert answer is not None
    assert len(answer) == ANSWER_BYTES < QUESTION_BYTES
    assert read_answer(KEY, answer) == NONCE
    assert read_answer(OTHER, answer) is None


def test_everything_else_gets_no_answer(responder: EdgeResponder) -> None:
    """Another key, a flipped bit anywhere, a cut or longer datagram, an answer sent back."""
    question = write_question(KEY, NONCE)
    flipped = (
        bytes([*question[:place], question[place] ^ 1, *question[place + 1 :]])
        for place in range(QUESTION_BYTES)
    )
    answer = responder.answer(question, 0.0)
    assert answer is not None
    for wrong in (
        *flipped,
        b"",
        question[:-1],
        question + b"\0",
        answer,
        write_question(OTHER, NONCE),
    ):
        assert responder.answer(wrong, 0.0) is None


def test_a_party_is_answered_no_oftener_than_the_rate(responder: EdgeResponder) -> None:
    """After the burst as many as the rate gives; what is forged uses nothing of it."""
    question = write_question(KEY, NONCE)
    forged = question[:-1] + bytes([question[-1] ^ 1])
    for _ in range(1_000):
        responder.answer(forged, 0.0)
    answered = sum(responder.answer(question, 0.0) is not None for _ in range(100))
    assert answered == BURST
    answered = sum(responder.answer(question, 1.0) is not None for _ in range(100))
    assert answered == PER_KEY_S


def test_keys_are_taken_over_while_it_runs(responder: EdgeResponder, tmp_path: Path) -> None:
    """A party that is forgotten is answered no more, a new one is."""
    file = tmp_path / "edge.keys"
    file.write_text(f"{OTHER.hex()}\n", "ascii")
    responder.take_keys(load_keys(str(file)))
    assert responder.answer(write_question(KEY, NONCE), 0.0) is None
    assert responder.answer(write_question(OTHER, NONCE), 0.0) is not None
    file.write_text("abcd\n", "ascii")
    with pytest.raises(ValueError, match=r"edge\.keys"):
        load_keys(str(file))


def test_it_imports_nothing_of_the_node() -> None:
    """It goes on when the node cannot."""
    tree = ast.parse(Path(parley.edge.__file__).read_text("utf-8"))
    imported = [
        getattr(each, "module", None) or name.name
        for each in ast.walk(tree)
        if isinstance(each, ast.Import | ast.ImportFrom)
        for name in each.names
    ]
    assert not [each for each in imported if each.startswith("parley")]


def test_an_answer_counts_only_to_a_question_asked_lately(responder: EdgeResponder) -> None:
    """A replay, an answer nobody asked for and one that took too long prove nothing."""
    party, watch = PartyId(bytes(16)), EdgeWatch()
    assert not watch.is_known(party)
    watch.place(party, EdgePlace(("192.0.2.1:7848",), KEY))
    assert "key" not in repr(EdgePlace((), KEY))
    nonces = iter([bytes([each] * 16) for each in range(9)])
    ((address, question),) = watch.questions(1_000, nonces)
    assert address == "192.0.2.1:7848"
    assert watch.questions(1_000 + ASK_EVERY_MS - 1, nonces) == []
    answer = responder.answer(question, 0.0)
    assert answer is not None
    assert watch.take(b"nothing", 1_100) is None
    assert watch.take(answer, 1_100) == party
    assert watch.take(answer, 1_200) is None
    assert watch.answered_ms(party) == 1_100
    ((_, question),) = watch.questions(1_000 + ASK_EVERY_MS, nonces)
    late = responder.answer(question, 0.0)
    assert late is not None
    assert watch.take(late, 1_000 + ASK_EVERY_MS + ANSWER_MS_MAX + 1) is None
    watch.place(party, None)
    assert not watch.is_known(party)
