"""What the page about keys lists is every key there is, and every place where one is made."""

import ast
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

import parley
from parley.config import Settings
from parley.errors import KeyExposed, SecretExposed
from parley.node.setup import make_certificate
from parley.testing.nodes import NodeUnderTest, nodes_in

ROOT: Final = Path(__file__).parents[3]
PACKAGE: Final = Path(parley.__file__).parent
PAGE: Final = (ROOT / "docs" / "operations" / "keys.md").read_text(encoding="utf-8")
NOT_SERVED: Final = ("testing", "drill")
NO_KEYS: Final = {
    *("parley.db", "parley.db-wal", "parley.db-shm", "parley.db.lock", "web.pem"),
    *("case-keys/keys.db-wal", "case-keys/keys.db-shm", "case-keys/keys.db.lock"),
}
"""What only the node's own user reads, and is no key."""
MAKES: Final = {
    *("token_bytes", "token_hex", "token_urlsafe", "randbits", "urandom"),
    *("generate_private_key", "derive_private_key", "generate", "HKDF", "Scrypt", "scrypt"),
}
MAKES_IN_RUST: Final = re.compile(
    r"hkdf::|hmac::HMAC|getrandom::|generate_certificate|SystemRandom|OsRng|rand::rng\("
)
HASHES: Final = {"sha256", "SHA256", "file_digest", "scrypt"}


def part(heading: str) -> str:
    """Return one part of the page."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[NodeUnderTest]:
    """Give a test a node that has needed every key."""
    tables: Any = {
        "escalation": {"push_contact": "mailto:engineer@harbour.example"},
        "edge": {"advertise": ["127.0.0.1:7848"]},
        "web": {"certificate": "web.pem", "key": "web-key.pem"},
    }
    async with nodes_in(tmp_path) as nodes:
        made = await nodes.add("Harbour", **tables)
        make_certificate(Settings.load(made.folder))
        made.node.record.keys.make_log_key()
        yield made


async def test_every_key_in_a_node_s_folder_is_on_the_page(full: NodeUnderTest) -> None:
    """And nothing on the page is a file that no node has."""
    private = {
        str(file.relative_to(full.folder))
        for file in full.folder.rglob("*")
        if file.is_file() and file.stat().st_mode & 0o077 == 0
    }
    forms = {
        re.sub(r"[0-9a-f]{64}", "<sha256>", re.sub(r"\d{4}-\d{2}", "<month>", name))
        for name in private
    }
    listed = re.findall(r"^\| `([^`]+)`", part("Keys that lie in files"), re.MULTILINE)
    assert forms - NO_KEYS == set(listed)


@pytest.mark.parametrize("name", ["party.key", "push.key", "edge-secret"])
async def test_a_key_that_others_can_read_stops_the_start(full: NodeUnderTest, name: str) -> None:
    """Whoever read it may have it already; the operator is to know."""
    await full.stop()
    (full.folder / name).chmod(0o640)
    with pytest.raises((KeyExposed, SecretExposed)) as refused:
        await full.start()
    assert Path(str(refused.value.params["file"])).name == name


def test_every_module_that_makes_a_secret_is_on_the_page() -> None:
    """A key that nobody wrote down is a key that nobody replaces."""
    named = set(re.findall(r"`([a-z_/-]+\.(?:py|rs))`", part("Where each is made")))
    assert makers_in_python() | makers_in_rust() == named


def makers_in_python() -> set[str]:
    """Return the modules that call for chance, make a key or derive one."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        name = str(file.relative_to(PACKAGE))
        if name.startswith(NOT_SERVED) or "migrations" in name:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute | ast.Name):
                word = node.attr if isinstance(node, ast.Attribute) else node.id
                if word in MAKES or ast.unparse(node) in {"hmac.new", "hmac.digest"}:
                    found.add(name)
    return found


def makers_in_rust() -> set[str]:
    """Return the same for the engine, without what only tests and drills build."""
    return {
        str(file.relative_to(ROOT))
        for crate in ("parley-io", "parley-line", "parley-media", "parley-python", "parley-srtp")
        for file in (ROOT / "crates" / crate / "src").rglob("*.rs")
        if MAKES_IN_RUST.search(file.read_text(encoding="utf-8").partition("#[cfg(test)]")[0])
    }


def test_there_is_one_hash_and_one_slow_one() -> None:
    """No old one is called for by name, and nothing draws from a generator that can be guessed."""
    for file in PACKAGE.rglob("*.py"):
        name = str(file.relative_to(PACKAGE))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        called = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in {"hashlib", "hashes"}
            and node.attr not in {"append", "pop", "Hash"}
        }
        assert called <= HASHES, name
        imported = {
            each.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for each in node.names
        }
        assert "random" not in imported or name.startswith(NOT_SERVED), name
