"""Has veraPDF validate papers as PDF/A-3a: `python tools/archived_papers.py [--broken] [FILE...]`.

Without a file a notification is set and signed in every language whose script has a font here.
Maven fetches veraPDF into .parley/tools; a JDK of 17 or newer runs it. `--broken` validates the
first without an end of line before its signature, which must fail: it shows that the validator
works.
"""

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path

from parley.crisis.papers.paper import PaperFile
from parley.crisis.papers.press import set_paper
from parley.crisis.papers.seal import STATEMENT_FILE, PaperSeal
from parley.errors import PaperFontMissing
from parley.testing.papers import KEY, KIND, NOW_MS, paper

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".parley" / "tools" / "verapdf"
SOURCE = ROOT / "tools" / "verapdf"


def main() -> int:
    """Validate; return 0 if every paper is PDF/A-3a."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--broken", action="store_true")
    asked.add_argument("files", nargs="*", type=Path)
    given = asked.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = given.files or asyncio.run(made())
    if given.broken:
        broken = FOLDER / "broken.pdf"
        broken.write_bytes(files[0].read_bytes().replace(b"%%EOF\n", b"%%EOF", 1))
        files = [broken]
    return validate(files)


async def made() -> list[Path]:
    """Set and sign a paper in each language; say which one lacks a font here."""
    seal = PaperSeal(KEY, "Ministry")
    stated = PaperFile(STATEMENT_FILE, seal.statement, "text/plain", "Statement", "supplement")
    files = []
    for language in KIND.labels:
        try:
            unsigned = await set_paper(paper(language, stated), NOW_MS // 1_000)
        except PaperFontMissing as error:
            sys.stdout.write(f"none {language}: {error}\n")
            continue
        file = FOLDER / f"{language}.pdf"
        file.write_bytes(await seal.sign(unsigned))
        files.append(file)
    return files


def validate(files: list[Path]) -> int:
    """Run veraPDF over files; return 0 if each is what it says."""
    jars = FOLDER / "jars"
    pom = str(SOURCE / "pom.xml")
    if not jars.is_dir():
        copy = ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        subprocess.run(["mvn", "-q", "-B", "-f", pom, *copy], check=True)
    program = ["java", "-cp", f"{jars}/*", str(SOURCE / "Validate.java"), *map(str, files)]
    return subprocess.run(program, check=False, stderr=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    raise SystemExit(main())
