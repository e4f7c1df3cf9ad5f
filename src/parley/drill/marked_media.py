"""Camera and microphone files whose content says when it was sent.

The camera file (Y4M) carries its frame number as sixteen squares, the microphone file (WAV) carries
a two-tone mark every half second. Both survive a quarter-size layer and 16 kbit/s Opus, which a
burnt-in clock in small type would not.
"""

from __future__ import annotations

import math
import random
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

NUMBER_BITS = 10
"""Frames that a file can number; more bits would leave fewer to check them by."""
CHECK_BITS = 6
CHECK_MODULUS = 61
"""The largest prime the check holds: a single square misread in a coarse picture never passes for
another frame, several do once in 61 times."""
CODE_BITS = NUMBER_BITS + CHECK_BITS
CODE_COLUMNS = 8
"""Two rows of eight squares: at a quarter of 640 pixels each square is still 20 pixels wide."""

MARK_INTERVAL_MS = 500
"""Longer leaves too few marks for a median in a short drill; shorter makes late marks overlap."""
MARK_LENGTH_MS = 60
"""Three Opus frames: shorter marks vanish with one lost frame, longer ones blur their start."""
MARKS = 16
LOW_TONES_HZ = (697, 770, 852, 941)
HIGH_TONES_HZ = (1209, 1336, 1477, 1633)
"""The two tone groups of ITU-T Q.23, chosen there so that speech rarely imitates them."""

SAMPLE_RATE_HZ = 48_000


@dataclass(frozen=True)
class CameraFile:
    """The shape of a generated camera file.

    Attributes:
        width_px: Frame width, a multiple of 32 so that every simulcast layer is even.
        height_px: Frame height, a multiple of 16.
        frames_per_second: Frame rate of the file; Chromium plays it at this rate in a loop.
        seconds: Length of the loop. A frame number is unambiguous within it.
    """

    width_px: int = 640
    height_px: int = 352
    frames_per_second: int = 15
    seconds: int = 20

    @property
    def frame_count(self) -> int:
        """Return how many distinct frame numbers the file holds."""
        return self.frames_per_second * self.seconds


def write_camera(path: Path, shape: CameraFile, seed: int) -> None:
    """Write a Y4M file whose every frame shows its own number over a moving texture.

    Args:
        path: Where to write; an existing file is replaced.
        shape: Size, rate and length.
        seed: Seeds the texture, so that two parties do not show the same picture.
    """
    texture = _texture(shape, seed)
    chroma = bytes([118 + seed % 24]) * (shape.width_px * shape.height_px // 4)
    size = f"W{shape.width_px} H{shape.height_px} F{shape.frames_per_second}:1"
    header = f"YUV4MPEG2 {size} Ip A1:1 C420jpeg\n"
    with path.open("wb") as file:
        file.write(header.encode())
        for number in range(shape.frame_count):
            file.write(b"FRAME\n")
            file.write(_luma(texture, shape, number))
            file.write(chroma)
            file.write(chroma)


def write_microphone(path: Path, seconds: int, seed: int) -> None:
    """Write a WAV file with one two-tone mark each half second over quiet noise.

    The noise keeps an encoder from falling silent, so that the first decoded sound is the first
    packet and not the first mark.

    Args:
        path: Where to write; an existing file is replaced.
        seconds: Length of the loop; a whole number of mark cycles (8 s) keeps marks unambiguous.
        seed: Seeds the noise.
    """
    noise = random.Random(seed)  # noqa: S311 - a test signal, not a secret.
    samples = bytearray()
    for index in range(seconds * SAMPLE_RATE_HZ):
        value = 0.01 * (noise.random() - 0.5) + _mark_sample(index)
        samples += struct.pack("<h", int(max(-1.0, min(1.0, value)) * 32767))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(bytes(samples))


def code_bits(number: int) -> list[bool]:
    """Return the squares of a frame number, most significant first: the number, then its check.

    ``probe.js`` reads them back, and takes a frame whose check does not fit for an unknown one.
    """
    code = number << CHECK_BITS | number % CHECK_MODULUS
    return [bool(code >> bit & 1) for bit in reversed(range(CODE_BITS))]


def _mark_sample(index: int) -> float:
    mark_length = SAMPLE_RATE_HZ * MARK_LENGTH_MS // 1000
    interval = SAMPLE_RATE_HZ * MARK_INTERVAL_MS // 1000
    mark, offset = divmod(index, interval)
    if offset >= mark_length:
        return 0.0
    low, high = LOW_TONES_HZ[mark % MARKS // 4], HIGH_TONES_HZ[mark % 4]
    time_s = index / SAMPLE_RATE_HZ
    return 0.3 * (math.sin(2 * math.pi * low * time_s) + math.sin(2 * math.pi * high * time_s))


def _texture(shape: CameraFile, seed: int) -> list[bytes]:
    """Return one row of texture per line, twice as wide as the frame, to be scrolled sideways."""
    rng = random.Random(seed)  # noqa: S311 - a test picture, not a secret.
    rows = []
    block = [
        [rng.randint(70, 180) for _ in range(shape.width_px // 16)]
        for _ in range(shape.height_px // 16)
    ]
    for line in range(shape.height_px):
        row = bytes(level for level in block[line // 16] for _ in range(16))
        rows.append(row + row)
    return rows


def _luma(texture: list[bytes], shape: CameraFile, number: int) -> bytes:
    shift = number * 4 % shape.width_px
    plane = bytearray(b"".join(row[shift : shift + shape.width_px] for row in texture))
    side = shape.width_px // CODE_COLUMNS
    height = shape.height_px // 8
    for index, bit in enumerate(code_bits(number)):
        row, column = divmod(index, CODE_COLUMNS)
        level = bytes([235 if bit else 16]) * side
        for line in range(row * height, (row + 1) * height):
            start = line * shape.width_px + column * side
            plane[start : start + side] = level
    return bytes(plane)
