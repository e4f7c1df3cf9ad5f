"""The party's key and its file."""

from pathlib import Path

import pytest

from parley.errors import KeyCorrupt, KeyExists, KeyExposed, KeyMissing
from parley.identity.keys import PartyKey, is_usable, verify
from parley.ids import PartyId

SMALL_ORDER = (
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)


def test_a_key_survives_its_file(tmp_path: Path) -> None:
    """What is loaded is the party that was saved."""
    key = PartyKey.generate()
    key.save(tmp_path / "k")

    loaded = PartyKey.load(tmp_path / "k")

    assert loaded.public == key.public
    assert loaded.party == PartyId.of_key(key.public)
    assert loaded.engine_seed() == key.engine_seed()


def test_the_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """From the first instant."""
    PartyKey.generate().save(tmp_path / "k")

    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """The error says the mode and the command that mends it."""
    PartyKey.generate().save(tmp_path / "k")
    (tmp_path / "k").chmod(mode)

    with pytest.raises(KeyExposed, match="chmod 600"):
        PartyKey.load(tmp_path / "k")


def test_a_missing_key_is_said_to_be_missing(tmp_path: Path) -> None:
    """Not made anew: whoever makes a key makes a party."""
    with pytest.raises(KeyMissing):
        PartyKey.load(tmp_path / "k")


def test_a_folder_in_place_of_a_key_is_no_key(tmp_path: Path) -> None:
    """What cannot be read is damaged."""
    with pytest.raises(KeyCorrupt):
        PartyKey.load(tmp_path)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """A second party in the same place would end the first."""
    PartyKey.generate().save(tmp_path / "k")

    with pytest.raises(KeyExists):
        PartyKey.generate().save(tmp_path / "k")


@pytest.mark.parametrize("position", range(0, 75, 5))
def test_a_damaged_file_is_refused(tmp_path: Path, position: int) -> None:
    """A flipped bit, anywhere."""
    file = tmp_path / "k"
    PartyKey.generate().save(file)
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(bytes(content))

    with pytest.raises(KeyCorrupt):
        PartyKey.load(file)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"parley party key 1\n", b"\xff" * 40, b"parley party key 1\naaaa\n"]
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut short, or something else."""
    file = tmp_path / "k"
    file.write_bytes(content)
    file.chmod(0o600)

    with pytest.raises(KeyCorrupt):
        PartyKey.load(file)


def test_a_signature_holds_for_its_purpose_alone() -> None:
    """A signed card is no signed room."""
    key = PartyKey.generate()
    signature = key.sign("card", b"content")

    assert verify(key.public, "card", b"content", signature)
    assert not verify(key.public, "room", b"content", signature)
    assert not verify(key.public, "card", b"other", signature)
    assert not verify(key.public, "card", b"content", signature[:-1])
    assert not verify(b"short", "card", b"content", signature)
    assert not verify(PartyKey.generate().public, "card", b"content", signature)


@pytest.mark.parametrize("text", SMALL_ORDER)
def test_keys_nobody_can_hold_are_not_usable(text: str) -> None:
    """The points of small order verify signatures nobody made."""
    assert not is_usable(bytes.fromhex(text))


def test_only_canonical_keys_of_the_right_length_are_usable() -> None:
    """A second spelling of one key would be a second party."""
    assert is_usable(PartyKey.generate().public)
    assert not is_usable(b"")
    assert not is_usable((2**255 - 19 + 5).to_bytes(32, "little"))


def test_a_key_shows_its_party_and_nothing_else() -> None:
    """Neither in a log nor in a traceback."""
    key = PartyKey(b"s" * 32)

    assert repr(key) == f"PartyKey({key.party.text})"
