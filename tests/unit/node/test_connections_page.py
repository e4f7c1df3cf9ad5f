"""What the page about connections lists is every place where one is opened or taken."""

import ast
import re
from pathlib import Path
from typing import Final

import parley

ROOT: Final = Path(__file__).parents[3]
PACKAGE: Final = Path(parley.__file__).parent
PAGE: Final = (ROOT / "docs" / "operations" / "connections.md").read_text(encoding="utf-8")
NOT_SERVED: Final = ("testing", "drill")
OPENS: Final = {
    *("httpx.AsyncClient", "httpx.Client", "urlopen", "ssl.get_server_certificate"),
    *("smtplib.SMTP", "smtplib.SMTP_SSL", "psycopg.connect", "S3Store.from_url", "connect"),
    *("socket.socket", "socket.create_connection", "socket.create_server", "uvicorn.Config"),
    *("asyncio.open_connection", "asyncio.start_server", "asyncio.start_unix_server"),
    *("asyncio.create_subprocess_exec", "subprocess.run", "subprocess.Popen"),
}
"""What opens or takes a connection, or starts a process, as the sources spell it."""
ASKS_THE_LOOP: Final = {
    *("create_datagram_endpoint", "create_connection", "create_server", "getaddrinfo"),
}
IN_RUST: Final = re.compile(r"\b(?:UdpSocket|TcpStream|TcpListener|Socket)::")


def test_every_place_that_opens_a_connection_is_on_the_page() -> None:
    """One more would be one more way in or out."""
    assert openers() == set(re.findall(r"`([a-z_/-]+\.py)`", PAGE))


def openers() -> set[str]:
    """Return the modules that open or take connections, or start processes."""
    # SQLAlchemy opens these, by the name of the driver.
    driven = PACKAGE / "storage" / "postgres.py"
    assert "postgresql+psycopg" in driven.read_text(encoding="utf-8")
    found = {str(driven.relative_to(PACKAGE))}
    for file in PACKAGE.rglob("*.py"):
        name = str(file.relative_to(PACKAGE))
        if name.startswith(NOT_SERVED):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                is_one = ast.unparse(node) in OPENS or node.attr in ASKS_THE_LOOP
            else:
                is_one = isinstance(node, ast.Call) and ast.unparse(node.func) in OPENS
            if is_one:
                found.add(name)
    return found


def test_the_engine_opens_sockets_in_one_crate() -> None:
    """All others are given bytes and an instant."""
    found = {
        file.relative_to(ROOT / "crates").parts[0]
        for crate in ("io", "line", "media", "python", "srtp", "wire")
        for file in (ROOT / "crates" / f"parley-{crate}" / "src").rglob("*.rs")
        if IN_RUST.search(file.read_text(encoding="utf-8").partition("#[cfg(test)]")[0])
    }
    assert found == {"parley-io"}
    assert "`crates/parley-io`" in PAGE
