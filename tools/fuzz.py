"""Searches one parser of foreign bytes with libFuzzer, on the pinned stable Rust.

    python3 tools/fuzz.py                    list the targets
    python3 tools/fuzz.py NAME [SECONDS]     search; what breaks it is kept in fuzz/regressions/NAME

The instrumentation that libFuzzer steers by is made of stable compiler flags, so neither a nightly
compiler nor an installed tool is needed; a C++ compiler is. The instrumented build has a target
folder of its own, because it shares nothing with the usual one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FUZZ = ROOT / "fuzz"
TARGET_FOLDER = ROOT / "target" / "fuzz"

# What cargo-fuzz passes, without the sanitizers that need nightly: the code is safe Rust, so what
# there is to find is panics, overflows (checked in this profile), endless loops and memory.
COVERAGE = (
    "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
    " -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
    " -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
    " -Cdebug-assertions -Ccodegen-units=1"
)
# A parser of one datagram or letter that takes longer, or more, for one input is broken.
SECONDS_PER_INPUT_MAX = 10
MEMORY_MIB_MAX = 1024
# Longer than any frame's bound by a margin, so that bounds are met; longer inputs only cost time.
INPUT_BYTES_MAX = 4096


def main(arguments: list[str]) -> int:
    """List the targets or search one; return how a shell should take it."""
    name, seconds = [*arguments, "", ""][:2]
    if not name:
        command = ["cargo", "run", "--release", "--locked", "--quiet", "-p", "parley-fuzz"]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    program = _build()
    if program is None:
        return 1
    return _search(program, name, int(seconds or "60"))


def _build() -> Path | None:
    version = subprocess.run(["rustc", "-vV"], cwd=ROOT, capture_output=True, text=True, check=True)
    host = re.findall(r"^host: (.*)$", version.stdout, flags=re.MULTILINE)[0]
    command = ["cargo", "build", "--release", "--locked", "-p", "parley-fuzz"]
    # Naming the target keeps the flags away from build scripts, which have no libFuzzer to link.
    command += ["--features", "libfuzzer", "--target-dir", str(TARGET_FOLDER), "--target", host]
    environment = {**os.environ, "RUSTFLAGS": COVERAGE}
    built = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    return TARGET_FOLDER / host / "release" / "parley-fuzz" if built.returncode == 0 else None


def _search(program: Path, name: str, seconds: int) -> int:
    corpus = FUZZ / "corpus" / name
    kept = FUZZ / "regressions" / name
    found = FUZZ / "found" / name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    inputs = [folder for folder in (FUZZ / "seeds" / name, kept) if folder.is_dir()]
    command = [str(program), str(corpus), *map(str, inputs)]
    command += [
        f"-max_total_time={seconds}",
        f"-timeout={SECONDS_PER_INPUT_MAX}",
        f"-rss_limit_mb={MEMORY_MIB_MAX}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-artifact_prefix={found}/",
        "-print_final_stats=1",
    ]
    environment = {**os.environ, "PARLEY_FUZZ_TARGET": name}
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    broken = sorted(path.name for path in found.iterdir())
    if broken:
        print(f"\nBroken by: {', '.join(broken)}")
        print(
            f"Keep each in {kept.relative_to(ROOT)}/, named for what it broke, when it is mended."
        )
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
