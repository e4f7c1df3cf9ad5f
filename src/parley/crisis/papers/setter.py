"""Sets one paper and ends: the short-lived process behind :mod:`parley.crisis.papers.press`.

It reads a :class:`~parley.crisis.papers.paper.Paper` as JSON and writes a PDF. What both parties
wrote goes through a large library here, so it has no database, no keys and little time.
"""

import json
import re
import resource
import sys
from importlib import resources
from typing import Final

MEMORY_BYTES_MAX: Final = 2 << 30
"""Address space. Less: the machine's fonts, which are mapped, do not fit. More: a fault costs."""
PROCESSOR_S_MAX: Final = 20
"""Seconds of processor time: a hundred times what a long paper takes."""
MISSING: Final = 3
"""Ends so if a character has no font; the character is on standard error."""
STANDARD: Final = "a-3a"
"""PDF/A-3, level A: archived, tagged, with files attached (ISO 19005-3)."""
_NO_FONT: Final = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)


def main() -> int:
    """Set the paper on standard input; return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S_MAX, PROCESSOR_S_MAX))
    asked = json.load(sys.stdin.buffer)
    # Here, so that the limits hold for it.
    import typst  # noqa: PLC0415

    template = resources.files(__package__).joinpath("paper.typ").read_bytes()
    paper = json.dumps(asked["paper"], ensure_ascii=False)
    fonts = typst.Fonts(include_system_fonts=asked["with_system_fonts"])
    compiler = typst.Compiler(template, font_paths=fonts, sys_inputs={"paper": paper})
    try:
        made = compiler.compile(
            format="pdf", pdf_standards=[STANDARD], timestamp=asked["made_at_s"]
        )
    except typst.TypstError as error:
        found = _NO_FONT.search(str(error))
        sys.stderr.write(str(error) if found is None else found[1])
        return 1 if found is None else MISSING
    sys.stdout.buffer.write(made if isinstance(made, bytes) else b"")
    return 0


if __name__ == "__main__":
    sys.exit(main())
