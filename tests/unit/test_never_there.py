"""What is not in the sources, and must not come in: other people's words that are run as ours.

A reader of security asks for each kind of injection how it is kept out. Most are kept out by the
absence of what would be injected into, and this file is what keeps it absent.
"""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import parley
from parley.storage.tables import metadata
from parley.web.schema import openapi

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = Path(parley.__file__).parent
NOT_SERVED: Final = ("testing", "drill")
"""Ships beside the node and is no part of one."""
SOURCES: Final = {
    str(file.relative_to(PACKAGE)): ast.parse(file.read_text(encoding="utf-8"))
    for file in sorted(PACKAGE.rglob("*.py"))
    if file.relative_to(PACKAGE).parts[0] not in NOT_SERVED
}
INTERFACE: Final = [
    *(
        file
        for file in (ROOT / "ui" / "src").rglob("*.ts*")
        if ".test." not in file.name and "locales" not in file.parts
    ),
    *(PACKAGE / "web" / "text").glob("*.js"),
    ROOT / "ui" / "index.html",
]
RUN_AS_CODE: Final = {"eval", "exec", "compile", "__import__"}
STARTED_BY_A_SHELL: Final = {
    *("system", "popen", "getoutput", "getstatusoutput", "create_subprocess_shell"),
    *("execl", "execlp", "execv", "execvp", "spawnl", "spawnlp", "spawnv", "spawnvp"),
}
NEVER_IMPORTED: Final = {
    "code that comes as values": {
        *("pickle", "_pickle", "cPickle", "dill", "cloudpickle", "jsonpickle", "marshal"),
        *("shelve", "yaml", "ruamel", "code", "codeop"),
    },
    "templates": {"jinja2", "mako", "chameleon", "string.Template", "genshi", "tornado"},
    "LDAP": {"ldap", "ldap3", "bonsai"},
    "XML that is read": {
        *("lxml", "defusedxml", "xmltodict", "bs4", "html5lib", "xml.sax", "xml.dom"),
        *("xml.parsers", "xmlrpc", "elementpath"),
    },
    "memcache": {"memcache", "pymemcache", "pylibmc", "aiomcache", "bmemcached"},
    "Java": {"jnius", "jpype", "py4j", "javabridge"},
    "GraphQL": {"graphql", "graphene", "strawberry", "ariadne", "gql"},
    "LaTeX": {"pylatex", "latex", "texsoup"},
    "archives that are unpacked": {"tarfile", "shutil.unpack_archive", "py7zr", "rarfile"},
    "SAML": {"saml2", "onelogin", "lasso", "signxml", "djangosaml2"},
    "mail that is fetched": {"imaplib", "poplib", "nntplib", "telnetlib", "ftplib"},
}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield where, the call, and the last word of what is called."""
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                word = called.attr if isinstance(called, ast.Attribute) else ""
                yield name, node, called.id if isinstance(called, ast.Name) else word


def imported() -> dict[str, set[str]]:
    """Return each module's imports, as whole dotted names."""
    found: dict[str, set[str]] = {}
    for name, tree in SOURCES.items():
        into = found.setdefault(name, set())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                into.update(each.name for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                into.add(node.module)
                into.update(f"{node.module}.{each.name}" for each in node.names)
    return found


def is_constant(node: ast.expr) -> bool:
    """Say whether an expression is fixed in the source: text, or names that never change."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id.lstrip("_").isupper()
    if isinstance(node, ast.JoinedStr):
        return all(
            is_constant(part.value) if isinstance(part, ast.FormattedValue) else True
            for part in node.values
        )
    return False


def test_there_are_sources_to_look_at() -> None:
    """A folder that moved would make every test here true."""
    assert len(SOURCES) > 200
    assert len(INTERFACE) > 100


def test_no_text_is_run_as_code() -> None:
    """Neither evaluated, nor compiled, nor imported by a name from outside."""
    found = [
        (name, node.lineno)
        for name, node, word in calls()
        if word in RUN_AS_CODE and isinstance(node.func, ast.Name)
    ]
    assert found == []
    by_name = {name for name, _, word in calls() if word == "import_module"}
    # The command's words, each of which stands in a table beside it.
    assert by_name <= {"__main__.py"}


def test_no_program_is_started_by_a_shell() -> None:
    """Every one gets its arguments one by one."""
    found = [(name, node.lineno) for name, node, word in calls() if word in STARTED_BY_A_SHELL]
    assert found == []
    shells = [
        (name, node.lineno)
        for name, node, _ in calls()
        if any(each.arg == "shell" for each in node.keywords)
    ]
    assert shells == []


@pytest.mark.parametrize("what", NEVER_IMPORTED)
def test_what_could_be_injected_into_is_not_there(what: str) -> None:
    """Nor among what the package needs to be installed."""
    banned = NEVER_IMPORTED[what]
    found = {
        (name, each)
        for name, those in imported().items()
        for each in those
        if any(each == one or each.startswith(f"{one}.") for one in banned)
    }
    assert found == set()
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[^A-Za-z0-9_]", each.lower().replace("-", "_"))[0] for each in needed}
    assert (
        names & {each.partition(".")[0] for each in banned} - {"string", "shutil", "xml"} == set()
    )


def test_xml_is_written_and_never_read() -> None:
    """No entity is resolved, no path is asked, because nothing parses it."""
    users = {name for name, those in imported().items() if any("xml" in each for each in those)}
    assert users == {"crisis/notifications/cap.py"}
    tree = SOURCES["crisis/notifications/cap.py"]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "ET"
    }
    assert used == {"Element", "SubElement", "tostring"}


def test_every_statement_to_the_database_is_fixed_in_the_source() -> None:
    """Values go beside it; the few names in it are our own constants."""
    found = []
    for name, node, word in calls():
        if word not in {"text", "exec_driver_sql", "literal_column", "executescript"}:
            continue
        is_sqlalchemy = isinstance(node.func, ast.Attribute) and (
            word != "text" or getattr(node.func.value, "id", "") == "sa"
        )
        if is_sqlalchemy and node.args and not is_constant(node.args[0]):
            found.append((name, ast.unparse(node)))
    # One of two words that the engine begins a transaction with.
    assert found == [("storage/sqlite.py", "connection.exec_driver_sql(statement)")]
    made = [
        (name, ast.unparse(node.args[0]))
        for name, node, word in calls()
        if word in {"execute", "executemany"}
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
        and not is_constant(node.args[0])
    ]
    # From the tuple of settings above it: SQLite takes no values there.
    assert made == [("storage/sqlite.py", "f'PRAGMA {pragma}'")]


def test_every_pattern_is_fixed_in_the_source() -> None:
    """Nobody's words become a regular expression, in the node or in the interface."""
    words = {"compile", "match", "search", "sub", "fullmatch", "split", "findall", "finditer"}
    found = [
        (name, ast.unparse(node))
        for name, node, word in calls()
        if word in words
        and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") == "re"
        and not is_constant(node.args[0])
    ]
    # The verifier's, whose pattern is a constant of the line above.
    assert found == [("verify.py", "re.findall(pattern, policy)")]
    assert [file.name for file in INTERFACE if "RegExp(" in file.read_text(encoding="utf-8")] == []


def test_only_sentences_of_ours_are_filled_in() -> None:
    """What is formatted is a sentence of a table here; others' words are only put into it."""
    found = {
        name: ast.unparse(node.func)
        for name, node, word in calls()
        if word in {"format", "format_map"}
        and isinstance(node.func, ast.Attribute)
        and not isinstance(node.func.value, ast.Constant)
    }
    assert found == {
        "crisis/escalation/wording.py": "_in(WATCH, language).format",
        "errors.py": "self.sentence.format",
        "terminal/key_file.py": "msgspec.json.format",
        "web/schema.py": "REFERENCE.format",
        "words/__init__.py": "said.format",
    }


BANNED_IN_PAGES: Final = (
    *("dangerouslySetInnerHTML", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"),
    *("createContextualFragment", "DOMParser", "setHTMLUnsafe", "parseHTMLUnsafe"),
    *("srcDoc", "srcdoc", "<iframe", "<object", "<embed", "<applet", "javascript:"),
    *("document.cookie", "document.domain", "importScripts", "window.opener", "window.parent"),
)
CODE_IN_PAGES: Final = (r"\beval\(", r"\bnew Function\b", r"\bset(?:Timeout|Interval)\(\s*[\"'`]")


@pytest.mark.parametrize("banned", BANNED_IN_PAGES)
def test_a_page_shows_words_as_words(banned: str) -> None:
    """React and ``textContent`` make text of text; nothing here goes round them."""
    found = [str(file) for file in INTERFACE if banned in file.read_text(encoding="utf-8")]
    assert found == []


@pytest.mark.parametrize("banned", CODE_IN_PAGES)
def test_a_page_runs_no_text(banned: str) -> None:
    """The content security policy would stop it as well."""
    found = [str(file) for file in INTERFACE if re.search(banned, file.read_text(encoding="utf-8"))]
    assert found == []


def test_no_word_from_outside_names_what_all_objects_share() -> None:
    """Nothing of others is laid into an object by a loop over its names, or over a prototype."""
    shared = re.compile(r"__proto__|setPrototypeOf|\.prototype\b|\bfor \((?:const|let|var) \w+ in ")
    found = [str(file) for file in INTERFACE if shared.search(file.read_text(encoding="utf-8"))]
    assert found == []
    manifest = json.loads((ROOT / "ui" / "package.json").read_text(encoding="utf-8"))
    merges = {"lodash", "lodash.merge", "deepmerge", "merge-deep", "jquery", "immer", "extend"}
    assert merges.isdisjoint(manifest["dependencies"])


def test_a_node_loads_nothing_that_is_for_tests() -> None:
    """Drills and the parts they stand on ship in the package, and a node imports none of them."""
    banned = ("parley.testing", "parley.drill")
    users = {
        name
        for name, those in imported().items()
        if any(each == one or each.startswith(f"{one}.") for each in those for one in banned)
    }
    assert users == {"__main__.py"}  # what `parley drill` reports, for its types alone


def test_pages_take_messages_of_their_own_workers_alone() -> None:
    """No window listens: what another origin posts to a page is heard by nobody."""
    listens = re.compile(r"(\w+)\.addEventListener\(\s*[\"']message[\"']|\bonmessage\b")
    found = {
        (file.name, each[1])
        for file in INTERFACE
        for each in listens.finditer(file.read_text(encoding="utf-8"))
    }
    assert found == {
        ("signalling.ts", "socket"),
        ("desk.ts", "socket"),
        ("bell.ts", "worker"),
        ("verifier.ts", "worker"),
        ("worker.ts", "globalThis"),
    }


def test_a_page_goes_to_another_host_in_one_place() -> None:
    """To the party's own provider, whose address the node said; everything else is its own path."""
    goes = re.compile(r"location\.(?:assign|replace)\(([^)]*)\)|location\.href\s*=|window\.open\(")
    found = {
        (file.name, each[1])
        for file in INTERFACE
        for each in goes.finditer(file.read_text(encoding="utf-8"))
    }
    assert found == {
        ("sign-in-page.tsx", '"/"'),
        ("leave.tsx", '"/"'),
        ("ways-in.ts", "address"),
    }


def test_the_engine_has_no_unsafe_code() -> None:
    """The compiler checks every access to memory; a crate that turned that off would be found."""
    unsafe = re.compile(r"\bunsafe\s*(?:\{|fn|impl)")
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert manifest["workspace"]["lints"]["rust"]["unsafe_code"] == "forbid"
    assert manifest["profile"]["release"]["overflow-checks"] is True
    for crate in sorted((ROOT / "crates").iterdir()):
        lints = tomllib.loads((crate / "Cargo.toml").read_text())["lints"]
        is_held = lints.get("workspace") is True or lints["rust"]["unsafe_code"] == "deny"
        assert (crate.name, is_held) == (crate.name, True)
        for file in (crate / "src").rglob("*.rs"):
            found = unsafe.search(file.read_text(encoding="utf-8"))
            assert (str(file), found) == (str(file), None)


def test_no_certificate_goes_unread() -> None:
    """Nothing turns off the look at whom a connection by TLS has, not even for a first try."""
    words = re.compile(r"CERT_NONE|CERT_OPTIONAL|_create_unverified|check_hostname|verify_mode")
    files = [PACKAGE / name for name in SOURCES]
    assert [str(file) for file in files if words.search(file.read_text(encoding="utf-8"))] == []
    off = [
        (name, ast.unparse(each.value))
        for name, node, _ in calls()
        for each in node.keywords
        if each.arg == "verify" and "False" in ast.unparse(each.value)
    ]
    assert off == []


def test_python_calls_the_kernel_in_two_places() -> None:
    """Clock and memory limits are the kernel's; nothing of anybody's is passed there."""
    users = {
        name for name, those in imported().items() if those & {"ctypes", "cffi", "mmap", "_ctypes"}
    }
    assert users == {"clock.py", "exhaustion.py"}


def test_a_node_is_no_provider_of_sign_ins() -> None:
    """It reads one kind of token, writes another, and nobody is let in by either at a route.

    It reads what its party's provider says of a person, once, on the way in; it writes what a push
    service asks for (VAPID). There is no authorization server here, no resource server, no log-out
    by a provider's word, and so nothing of theirs that could be got wrong.
    """
    found = {
        (name, ast.unparse(node.func))
        for name, node, _ in calls()
        if isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") in {"jwt", "jws", "jwe"}
    }
    assert found == {
        ("crisis/duty/carriers.py", "jwt.encode"),
        ("identity/provider.py", "jwt.decode"),
    }
    spoken = openapi()
    paths = [path for path in spoken["paths"] if isinstance(path, str)]
    assert len(paths) > 100
    theirs = re.compile(r"token|authoriz|introspect|jwks|well-known|consent|userinfo|log-?out")
    assert [path for path in paths if theirs.search(path)] == []
    assert [path for path in paths if "provider" in path] == [
        "/api/sign-in/provider/begin",
        "/sign-in/provider",
    ]


def test_nobody_has_a_password() -> None:
    """No column keeps one, no request takes one, no page asks for one: there is none to be guessed.

    Nor an answer to a question, a telephone number to send a code to, or a shared secret of codes.
    """
    banned = re.compile(
        r"passw|passphrase|secret_question|hint|otp|phone|totp|recovery", re.IGNORECASE
    )
    columns = {
        f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.c
    }
    assert len(columns) > 200
    assert {each for each in columns if banned.search(each)} == set()
    taken = set(re.findall(r'"([a-z_]+)":', json.dumps(openapi()["components"])))
    assert {each for each in taken if banned.search(each)} == set()
    pages = [file.read_text(encoding="utf-8") for file in INTERFACE]
    asked = re.compile(r"type=[\"'{]+(?:password|tel)|current-password|new-password|one-time-code")
    assert [found[0] for page in pages if (found := asked.search(page))] == []
