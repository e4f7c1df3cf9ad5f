"""Lines, rooms, refusals, measurements and files over HTTP."""

from pathlib import Path

import pytest
from fastapi import APIRouter

from parley.errors import GuardMissing
from parley.testing.browser import Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web import app as web_app
from parley.web.guard import check_guards
from parley.web.routes import interface

UNKNOWN = "a" * 26
SIGNED_IN = [
    ("GET", "/api/self"),
    ("PATCH", "/api/self"),
    ("POST", "/api/sign-out"),
    ("GET", "/api/lines"),
    ("GET", "/api/refusals"),
    ("GET", "/api/rooms"),
    ("POST", "/api/rooms"),
    ("POST", f"/api/rooms/{UNKNOWN}/close"),
]


@pytest.mark.parametrize(("method", "path"), SIGNED_IN)
@pytest.mark.parametrize("cookie", ["", "parley_aaaaaaaa=x", "garbage"])
async def test_nobody_who_is_not_signed_in_gets_an_answer(
    near: NodeUnderTest, stranger: Browser, method: str, path: str, cookie: str
) -> None:
    """No cookie, another node's, or a made-up one."""
    name = f"parley_{near.party.text[:8]}"
    for sent in (cookie, f"{name}={'A' * 43}"):
        answer = await stranger.request(method, path, content={}, headers={"cookie": sent})
        assert (answer.status, answer.code) == (401, "sign_in.needed")


def test_a_route_without_a_guard_stops_the_start() -> None:
    """Who may use a route is said where it is declared."""
    router = APIRouter()

    async def forgotten() -> None:
        """Answer anybody."""

    router.add_api_route("/api/forgotten", forgotten)
    with pytest.raises(GuardMissing, match="/api/forgotten"):
        check_guards(router.routes)


def test_every_route_of_the_node_has_a_guard() -> None:
    """The start would fail otherwise."""
    web_app.routes()


async def test_lines_are_told_as_they_are_proved(nodes: Nodes, near: NodeUnderTest) -> None:
    """With agreement, paths and lanes."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    browser = await near.browser("Ingrid")

    (line,) = (await browser.get("/api/lines")).json["lines"]

    assert line["party"]["id"] == far.party.text
    assert line["state"] == "up"
    assert line["agreement"] == {"ours_confirmed": True, "theirs_confirmed": True}
    assert line["paths"][0]["name"] == "main"
    assert len(line["lanes"]) == 6


async def test_a_room_is_opened_listed_and_closed(nodes: Nodes, near: NodeUnderTest) -> None:
    """By whoever is signed in."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    browser = await near.browser("Ingrid")

    opened = await browser.post("/api/rooms", {"title": "Weekly", "parties": [far.party.text]})
    assert opened.status == 201
    assert opened.json["opened_by"]["person_name"] == "Ingrid"
    listed = (await browser.get("/api/rooms")).json["rooms"]
    assert [room["id"] for room in listed] == [opened.json["id"]]

    closed = await browser.post(f"/api/rooms/{opened.json['id']}/close")
    assert closed.json["state"] == "closed"
    again = await browser.post(f"/api/rooms/{opened.json['id']}/close")
    assert again.json["closed_at"] == closed.json["closed_at"]


@pytest.mark.parametrize(
    ("opening", "status", "code"),
    [
        ({"title": "", "parties": []}, 400, "web.malformed"),
        ({"title": "x" * 121, "parties": []}, 400, "web.malformed"),
        ({"title": "evil\u202e", "parties": []}, 400, "web.malformed"),
        ({"title": "  ", "parties": []}, 400, "web.malformed"),
        ({"title": "x"}, 400, "web.malformed"),
        ({"title": "x", "parties": ["short"]}, 400, "web.malformed"),
        ({"title": "x", "parties": ["a" * 25 + "b"]}, 400, "web.malformed"),
        ({"title": "x", "parties": [UNKNOWN]}, 409, "party.unconfirmed"),
        ({"title": "x", "parties": [], "host": "me"}, 400, "web.malformed"),
        ([], 400, "web.malformed"),
    ],
)
async def test_a_room_that_cannot_be_is_refused(
    ingrid: Browser, opening: object, status: int, code: str
) -> None:
    """And by name of what is wrong."""
    answer = await ingrid.post("/api/rooms", opening)

    assert (answer.status, answer.code) == (status, code)


async def test_no_more_rooms_than_the_settings_allow(near: NodeUnderTest, ingrid: Browser) -> None:
    """The next one is refused; closing one makes place."""
    limit = near.node.settings.rooms.open_max
    last = await ingrid.post("/api/rooms", {"title": "first", "parties": []})
    for number in range(limit - 1):
        last = await ingrid.post("/api/rooms", {"title": str(number), "parties": []})
    answer = await ingrid.post("/api/rooms", {"title": "one more", "parties": []})
    assert (answer.status, answer.code) == (409, "room.too_many")

    await ingrid.post(f"/api/rooms/{last.json['id']}/close")
    assert (await ingrid.post("/api/rooms", {"title": "x", "parties": []})).status == 201


@pytest.mark.parametrize(
    ("room", "status", "code"),
    [
        (UNKNOWN, 404, "room.unknown"),
        ("short", 400, "web.malformed"),
        ("a" * 25 + "b", 400, "web.malformed"),
        ("..%2f..", 404, "web.not_found"),
    ],
)
async def test_a_room_that_is_none_cannot_be_closed(
    ingrid: Browser, room: str, status: int, code: str
) -> None:
    """Unknown, or no id at all."""
    answer = await ingrid.post(f"/api/rooms/{room}/close")

    assert (answer.status, answer.code) in {(status, code), (405, "web.method_refused")}


async def test_what_was_set_aside_is_told(nodes: Nodes, near: NodeUnderTest) -> None:
    """Counted by reason and party, the latest first."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    far.engine.send(near.party, 2, 99, b"?")
    await nodes.settle()
    browser = await near.browser("Ingrid")

    (refusal,) = (await browser.get("/api/refusals")).json["refusals"]

    assert refusal["reason"] == "letter.unknown"
    assert refusal["party"] == far.party.text
    assert refusal["count"] == 1


async def test_measurements_are_for_the_own_machine(near: NodeUnderTest, stranger: Browser) -> None:
    """Programs on the node's machine need no sign-in; others get none."""
    assert b"parley_memory_rooms" in (await stranger.get("/metrics")).body
    stranger.address = "192.0.2.7"

    answer = await stranger.get("/metrics")

    assert (answer.status, answer.code) == (403, "web.loopback_only")


async def test_an_address_without_a_route_is_not_found(ingrid: Browser) -> None:
    """As a problem document, not as the start page."""
    answer = await ingrid.get("/api/nothing")

    assert (answer.status, answer.code) == (404, "web.not_found")


@pytest.mark.parametrize("method", ["DELETE", "TRACE", "TRACK", "CONNECT", "PROPFIND"])
async def test_another_method_is_refused(ingrid: Browser, method: str) -> None:
    """As a problem document too; none of them says a request back."""
    answer = await ingrid.request(method, "/api/rooms", headers={"x-said": "it back"})

    assert (answer.status, answer.code) == (405, "web.method_refused")
    assert b"it back" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        *("/openapi.json", "/docs", "/redoc", "/api", "/api/", "/debug", "/.git/config"),
        *(
            "/assets",
            "/assets/",
            "/parley.toml",
            "/party.key",
            "/server-status",
            "/api/openapi.json",
        ),
    ],
)
async def test_nothing_is_shown_that_pages_do_not_need(ingrid: Browser, path: str) -> None:
    """No description of the routes, no listing of a folder, no file beside the interface's."""
    answer = await ingrid.get(path)

    is_start_page = answer.status == 200 and b"<!doctype html" in answer.body[:200].lower()
    assert is_start_page or answer.status in {404, 503}
    assert b"openapi" not in answer.body
    assert b"[core]" not in answer.body
    assert b"parley party key" not in answer.body


async def test_a_parameter_is_read_where_it_is_declared_and_nowhere_else(
    ingrid: Browser, stranger: Browser
) -> None:
    """A second one of the same name, or one in another place, changes nothing."""
    title = {"title": "Consultation", "parties": []}
    answer = await ingrid.request("POST", "/api/rooms?title=Another&parties=x", content=title)
    assert (await ingrid.get("/api/rooms")).json["rooms"][0]["title"] == "Consultation", answer.body
    assert (await ingrid.request("POST", "/api/rooms?title=Another", content={})).status == 400
    begun = await ingrid.request(
        "PATCH", "/api/self", content={"language": "ru", "person": "x", "roles": ["releaser"]}
    )
    assert (begun.status, begun.code) == (400, "web.malformed")
    twice = await stranger.get(f"/sign-in?code={'a' * 43}&code={'b' * 43}")
    assert twice.code == "sign_in.link_unknown"


async def test_a_fault_of_ours_tells_the_page_nothing(
    ingrid: Browser, near: NodeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No trace, no words of the exception."""

    def fail() -> None:
        raise ZeroDivisionError("Ingrid's secret")

    monkeypatch.setattr(near.node.rooms, "views", fail)
    answer = await ingrid.get("/api/rooms")

    assert (answer.status, answer.code) == (500, "web.fault")
    assert b"secret" not in answer.body


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test a built interface."""
    place = tmp_path / "interface"
    (place / "assets").mkdir(parents=True)
    (place / "index.html").write_text("<!doctype html><title>Parley</title>")
    (place / "assets" / "index-abc123.js").write_text("export {}")
    (place / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(interface, "PACKAGED", place)
    return place


async def test_the_interface_is_served_with_its_start_page_everywhere(
    built: Path, stranger: Browser
) -> None:
    """Its own routes are the start page's business."""
    for path in ("/", "/rooms/abc", "/rooms/abc/check"):
        answer = await stranger.get(path)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_files_are_kept_for_ever_and_others_are_asked_for_again(
    built: Path, stranger: Browser
) -> None:
    """A file whose name carries its hash never changes."""
    hashed = await stranger.get("/assets/index-abc123.js")
    plain = await stranger.get("/icon.svg")

    assert "immutable" in hashed.headers["cache-control"]
    assert hashed.headers["content-type"].startswith("text/javascript")
    assert plain.headers["cache-control"] == "no-cache"
    again = await stranger.get("/icon.svg", if_none_match=plain.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/%00", "/assets"]
)
async def test_no_path_leads_out_of_the_interface(
    built: Path, stranger: Browser, path: str
) -> None:
    """The start page answers, or nothing does."""
    answer = await stranger.get(path)

    assert b"secret" not in answer.body


async def test_a_missing_hashed_file_is_not_found(built: Path, stranger: Browser) -> None:
    """An old page asks for an old file; the start page would be no script."""
    assert (await stranger.get("/assets/gone-1.js")).code == "web.not_found"


async def test_without_an_interface_the_node_says_how_to_build_it(
    stranger: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not a blank page."""
    monkeypatch.setattr(interface, "PACKAGED", tmp_path)
    monkeypatch.setattr(interface, "BUILT", tmp_path)

    answer = await stranger.get("/people")

    assert (answer.status, answer.code) == (503, "web.interface_missing")
