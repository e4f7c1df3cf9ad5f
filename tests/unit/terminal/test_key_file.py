"""A key file: what it signs, what it says of itself, and what it does about wrong PINs."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.structs import CredentialDeviceType

from parley.errors import (
    CeremonyRefused,
    KeyFileLocked,
    KeyFileUnreadable,
    NodeInsecure,
    NodeMalformed,
    ParleyError,
    PinTooShort,
    PinTooSoon,
    PinWrong,
)
from parley.terminal.ceremony import (
    ED25519,
    ES256,
    base64url,
    check_rp_id,
    read_creation,
    read_origin,
    read_request,
)
from parley.terminal.key_file import (
    AAGUID,
    PIN_CHARACTERS_MAX,
    KeyAlgorithm,
    KeyFile,
    make_key,
    read_key_file,
    sign,
    write_key_file,
)
from parley.terminal.key_state import (
    TRIES_MAX,
    WAITS_S,
    KeyState,
    PinTries,
    begin_try,
    state_of,
    wait_s,
)

ORIGIN = read_origin("https://node.example.org:8443")
RP_ID = "node.example.org"
PIN = "four quiet herons"
CHALLENGE = b"c" * 32
CHEAP = 2
"""What scrypt costs here; what it costs in earnest is measured by nobody's test."""


def creation(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return the options with which a node has a key made."""
    return {
        "rp": {"id": RP_ID, "name": "Harbour"},
        "user": {"id": base64url(b"person-0123456789"), "name": "Ingrid"},
        "challenge": base64url(CHALLENGE),
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in (ES256, ED25519)],
        **changes,
    }


def request(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return the options with which a node has something signed."""
    return {"rpId": RP_ID, "challenge": base64url(CHALLENGE), "allowCredentials": [], **changes}


class Disk:
    """Where the key file lies, and every state it was in."""

    def __init__(self, algorithm: KeyAlgorithm = KeyAlgorithm.ES256) -> None:
        wanted = read_creation(creation(), ORIGIN)
        made, self.registration = make_key(wanted, ORIGIN, PIN, algorithm=algorithm, cost=CHEAP)
        self.kept: list[bytes] = [write_key_file(made)]
        self.now_s = 1_000_000

    @property
    def file(self) -> KeyFile:
        """The key file as it was last kept."""
        return read_key_file(self.kept[-1], "key.json")

    def sign(self, pin: str = PIN, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
        """Answer a node's question."""
        wanted = read_request(request(**changes), ORIGIN)
        return sign(
            self.file,
            wanted,
            ORIGIN,
            pin,
            now_s=self.now_s,
            keep=lambda file: self.kept.append(write_key_file(file)),
        )


def verified(disk: Disk, answer: dict[str, Any], public: bytes, count: int = -1) -> int:
    """Judge an answer as the node does; return its counter."""
    judged = verify_authentication_response(
        credential=json.dumps(answer),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=[ORIGIN.text],
        credential_public_key=public,
        credential_current_sign_count=count,
        require_user_verification=True,
    )
    assert judged.credential_backed_up is False
    return judged.new_sign_count


@pytest.mark.parametrize("algorithm", list(KeyAlgorithm))
def test_a_node_takes_the_key_and_what_it_signs(algorithm: KeyAlgorithm) -> None:
    """Registered without attestation as what it is: a file, which can be copied."""
    disk = Disk(algorithm)
    registered = verify_registration_response(
        credential=json.dumps(disk.registration),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=[ORIGIN.text],
        require_user_verification=True,
    )
    assert registered.fmt == "none"
    assert registered.aaguid.replace("-", "") == AAGUID.hex()
    assert registered.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    assert registered.credential_backed_up is False

    public = registered.credential_public_key
    assert [verified(disk, disk.sign(), public) for _ in range(3)] == [1, 2, 3]


def test_the_counter_is_on_the_disk_before_anything_is_signed() -> None:
    """A program that ends in between has used the number up: it is never given out twice."""
    disk = Disk()
    wanted = read_request(request(), ORIGIN)
    kept: list[KeyFile] = []

    def fails_the_second_time(file: KeyFile) -> None:
        if kept:
            raise KeyFileUnreadable(file="key.json", reason="No space left on device")
        kept.append(file)

    with pytest.raises(KeyFileUnreadable):
        sign(disk.file, wanted, ORIGIN, PIN, now_s=0, keep=fails_the_second_time)


def test_a_copy_signs_with_a_counter_that_the_node_has_seen() -> None:
    """Which is how the node learns that there are two (decision 0073)."""
    disk, thief = Disk(), Disk()
    thief.kept = list(disk.kept)
    first, copied = disk.sign(), thief.sign()
    count = [each["response"]["authenticatorData"] for each in (first, copied)]
    assert count[0] == count[1]


def test_wrong_pins_wait_longer_each_time_and_lock() -> None:
    """As many as a security key takes; the right PIN afterwards changes nothing."""
    disk = Disk()
    for number, wait in enumerate(WAITS_S, 1):
        with pytest.raises(PinWrong) as refused:
            disk.sign("not the pin")
        assert refused.value.params["left"] == TRIES_MAX - number
        if wait:
            with pytest.raises(PinTooSoon) as early:
                disk.sign()
            assert early.value.params["seconds"] == wait
        disk.now_s += wait
    with pytest.raises(KeyFileLocked):
        disk.sign("not the pin")
    disk.now_s += 1_000_000
    with pytest.raises(KeyFileLocked):
        disk.sign()


def test_the_right_pin_forgets_the_wrong_ones() -> None:
    """Two mistyped ones a day do not lock anybody out by Friday."""
    disk = Disk()
    for _ in range(TRIES_MAX * 2):
        with pytest.raises(PinWrong):
            disk.sign("not the pin")
        disk.sign()
    assert disk.file.wrong == 0


def test_a_try_counts_before_the_pin_is_tried() -> None:
    """Ending the program while it computes gives nobody a try for nothing."""
    disk = Disk()
    with pytest.raises(PinWrong):
        disk.sign("not the pin")
    assert [read_key_file(each, "key.json").wrong for each in disk.kept] == [0, 1]


def test_a_clock_set_back_does_not_lengthen_the_wait() -> None:
    """It is at most what it was when it began."""
    assert wait_s(PinTries(3, 1_000), 500) == WAITS_S[2]
    assert state_of(PinTries(3, 1_000), 1_000 + WAITS_S[2]) is KeyState.READY
    assert begin_try(PinTries(1, 1_000), 0) == PinTries(2, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rpId": "example.org"}, "origin"),
        ({"rpId": "evil.example"}, "rp_id"),
        ({"rpId": "org"}, "rp_id"),
        ({"rpId": ""}, "rp_id"),
        ({"challenge": base64url(b"short")}, "challenge"),
        ({"challenge": base64url(bytes(2_000))}, "challenge"),
        ({"allowCredentials": [{"id": base64url(b"another")}]}, "credential"),
    ],
)
def test_a_question_that_is_not_this_keys_costs_no_try(
    changes: dict[str, Any], reason: str
) -> None:
    """Refused before the PIN is tried: a hostile node cannot lock a key file."""
    disk = Disk()
    with pytest.raises(CeremonyRefused) as refused:
        disk.sign(**changes)
    assert refused.value.params["reason"] == reason
    assert len(disk.kept) == 1


@pytest.mark.parametrize(
    "options",
    [{}, {"challenge": 3}, {"challenge": "*"}, {"challenge": base64url(CHALLENGE), "rpId": 5}],
)
def test_options_that_are_none_are_refused(options: dict[str, Any]) -> None:
    """Whatever a node sends ends in a refusal and nowhere else."""
    with pytest.raises(NodeMalformed):
        read_request(options, ORIGIN)
    with pytest.raises(NodeMalformed):
        read_creation(options, ORIGIN)


@pytest.mark.parametrize(
    ("address", "rp_id"),
    [
        ("https://node.example.org", "node.example.org"),
        ("https://node.example.org", "example.org"),
        ("http://localhost:7480", "localhost"),
    ],
)
def test_an_origin_may_ask_for_its_own_name_or_one_above(address: str, rp_id: str) -> None:
    """As in a browser (WebAuthn §5.1.3)."""
    check_rp_id(read_origin(address), rp_id)


@pytest.mark.parametrize(
    ("address", "rp_id"),
    [
        ("https://node.example.org", "other.example.org"),
        ("https://badexample.org", "example.org"),
        ("https://10.0.0.1", "10.0.0.1"),
        ("http://localhost:7480", "example.org"),
    ],
)
def test_an_origin_may_not_ask_for_another_name(address: str, rp_id: str) -> None:
    """Nor for an address: browsers make no passkeys for those."""
    with pytest.raises(CeremonyRefused):
        check_rp_id(read_origin(address), rp_id)


@pytest.mark.parametrize(
    "address", ["http://node.example.org", "ftp://localhost", "node.example.org", "https://[1"]
)
def test_nothing_is_spoken_in_the_clear_over_a_network(address: str) -> None:
    """Plain HTTP is for this very machine."""
    with pytest.raises(NodeInsecure):
        read_origin(address)


@pytest.mark.parametrize("pin", ["", "1234567", "x" * (PIN_CHARACTERS_MAX + 1)])
def test_a_pin_is_neither_short_nor_endless(pin: str) -> None:
    """Against a stolen file its length is all there is."""
    with pytest.raises(PinTooShort):
        make_key(read_creation(creation(), ORIGIN), ORIGIN, pin, cost=CHEAP)


def test_a_node_that_takes_other_algorithms_gets_no_key() -> None:
    """Nothing is made that it could not check."""
    wanted = read_creation(creation(pubKeyCredParams=[{"alg": -257}]), ORIGIN)
    with pytest.raises(CeremonyRefused):
        make_key(wanted, ORIGIN, PIN, cost=CHEAP)


@pytest.mark.parametrize("name", ["rp_id", "origin", "credential", "owner", "person", "public"])
def test_what_the_file_says_in_the_clear_cannot_be_changed(name: str) -> None:
    """It is bound into the seal: a changed file opens under no PIN."""
    disk = Disk()
    value = getattr(disk.file, name)
    changed = msgspec.structs.replace(disk.file, **{name: value + value[:1]})
    wanted = read_request(request(), ORIGIN)
    with pytest.raises((PinWrong, CeremonyRefused)):
        sign(changed, wanted, ORIGIN, PIN, now_s=0, keep=lambda _: None)


def test_the_key_is_not_in_the_file_in_the_clear_nor_in_its_print() -> None:
    """What a log or a trace would show is no secret."""
    disk = Disk()
    assert PIN not in disk.kept[0].decode()
    assert "sealed" not in repr(disk.file)
    assert "Ingrid" not in repr(disk.file)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_key_file_or_refused(content: bytes) -> None:
    """A damaged file ends in one refusal."""
    with pytest.raises(KeyFileUnreadable):
        read_key_file(content, "key.json")


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_key_file_signs_nothing_else(at: int, byte: int) -> None:
    """One byte changed: it opens as it was, or not at all."""
    disk = DAMAGED
    content = bytearray(disk.kept[0])
    content[at % len(content)] = byte
    disk.kept = [disk.kept[0], bytes(content)]
    try:
        disk.sign()
    except ParleyError:
        pass
    finally:
        disk.kept = disk.kept[:1]


DAMAGED = Disk()


def test_a_file_that_wants_a_gigabyte_is_refused() -> None:
    """It would stop the desk that opens it."""
    greedy = msgspec.structs.replace(Disk().file, cost=1 << 24)
    with pytest.raises(KeyFileUnreadable):
        read_key_file(write_key_file(greedy), "key.json")
