"""Runs one bench of benches/, or lists them.

python3 tools/bench.py                    list the benches
python3 tools/bench.py NAME ARGUMENTS...  run one; its own --help says more
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHES = ROOT / "benches"


def main(arguments: list[str]) -> int:
    """List the benches, or run the one that is named."""
    benches = {path.stem: path for path in sorted(BENCHES.glob("[a-z]*.py"))}
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name not in benches:
        if name:
            print(f"There is no bench named {name}. There are:", file=sys.stderr)
        for bench, path in benches.items():
            print(f"{bench:16} {_first_line(path)}")
        return 2 if name else 0
    python = str(ROOT / ".venv" / "bin" / "python")
    command = [python, str(benches[name]), *rest]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
