"""The camera and microphone files say when they were sent."""

import wave
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from parley.drill.marked_media import (
    CHECK_BITS,
    CHECK_MODULUS,
    CODE_BITS,
    NUMBER_BITS,
    CameraFile,
    code_bits,
    write_camera,
    write_microphone,
)


@given(st.integers(0, 2**NUMBER_BITS - 1), st.integers(0, CODE_BITS - 1))
def test_a_misread_square_is_no_other_frame(number: int, square: int) -> None:
    """A frame that seemed to be another would be followed to the wrong instant."""
    bits = code_bits(number)
    bits[square] = not bits[square]
    code = sum(bit << at for at, bit in enumerate(reversed(bits)))
    assert (code >> CHECK_BITS) % CHECK_MODULUS != code % (1 << CHECK_BITS)


def test_camera_file_has_the_length_its_shape_says(tmp_path: Path) -> None:
    """Chromium reads the file as a loop; a short last frame would break it."""
    shape = CameraFile(width_px=64, height_px=32, frames_per_second=5, seconds=1)
    write_camera(tmp_path / "camera.y4m", shape, seed=1)
    header, _, frames = (tmp_path / "camera.y4m").read_bytes().partition(b"\n")
    assert header.startswith(b"YUV4MPEG2 W64 H32 F5:1")
    assert len(frames) == shape.frame_count * (len(b"FRAME\n") + 64 * 32 * 3 // 2)


def test_squares_of_a_frame_spell_its_number(tmp_path: Path) -> None:
    """The number is read back from the middle of each square."""
    shape = CameraFile(width_px=64, height_px=32, frames_per_second=5, seconds=1)
    write_camera(tmp_path / "camera.y4m", shape, seed=1)
    frames = (tmp_path / "camera.y4m").read_bytes().partition(b"\n")[2]
    frame = frames[3 * (6 + 64 * 32 * 3 // 2) + 6 :]
    middles = [
        frame[(row * 4 + 2) * 64 + column * 8 + 4] > 125 for row in range(2) for column in range(8)
    ]
    assert middles == code_bits(3)


def test_microphone_file_is_one_loop_of_marks(tmp_path: Path) -> None:
    """Eight seconds are sixteen marks: the loop joins without a doubled mark."""
    write_microphone(tmp_path / "microphone.wav", seconds=8, seed=1)
    with wave.open(str(tmp_path / "microphone.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (
            1,
            48_000,
            8 * 48_000,
        )
