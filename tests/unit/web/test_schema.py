"""Every answer fits the exported schema, whatever is asked."""

import json
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.rooms import frames
from parley.testing.browser import Answer, Browser
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.web.schema import ANSWERS, openapi, socket_frames

DOCUMENT = openapi()
SOCKETS = socket_frames()
ROUTES = sorted((path, method) for path, methods in DOCUMENT["paths"].items() for method in methods)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
bodies = json_values | st.fixed_dictionaries(
    {}, optional={"title": json_values, "parties": json_values, "language": json_values}
)


def check(answer: Answer, path: str, method: str) -> None:
    """Fail unless an answer is one the schema describes."""
    operation = DOCUMENT["paths"][path][method]
    described = operation["responses"].get(str(answer.status), operation["responses"]["default"])
    content = described.get("content", {})
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not content or not answer.body:
        return
    schema = {**content[kind]["schema"], "components": DOCUMENT["components"]}
    jsonschema_rs.validate(schema, answer.json)


@pytest.mark.parametrize(("path", "method"), ROUTES)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(body=bodies, room=st.text(max_size=30), query=st.text(max_size=20))
async def test_no_request_gets_anything_but_a_described_answer(
    near: NodeUnderTest,
    ingrid: Browser,
    path: str,
    method: str,
    body: Any,  # noqa: ANN401  JSON
    room: str,
    query: str,
) -> None:
    """Any body, path or query: an answer of the schema or a problem, never a fault of ours."""
    near.clock.advance(120)
    kept = dict(ingrid.cookies)
    filled = path.replace("{room}", quote(room, safe="") or "x") + "?code=" + quote(query)

    answer = await ingrid.request(method.upper(), filled, content=None if method == "get" else body)

    assert answer.status < 500
    if "{room}" not in path:
        check(answer, path, method)
    ingrid.cookies = kept
    if path == "/api/sign-out":
        ingrid.cookies = (await near.browser("Ingrid")).cookies


async def test_every_declared_answer_is_what_the_route_gives(
    nodes: Nodes, near: NodeUnderTest
) -> None:
    """With something in it."""
    far = await nodes.add("Hospital")
    await nodes.pair(near, far)
    browser = await near.browser("Ingrid")
    opened = await browser.post("/api/rooms", {"title": "Weekly", "parties": [far.party.text]})
    check(opened, "/api/rooms", "post")
    for path, method in ANSWERS:
        if method == "get":
            check(await browser.get(path), path, method)
    closed = await browser.post(f"/api/rooms/{opened.json['id']}/close")
    check(closed, "/api/rooms/{room}/close", "post")


def test_frames_fit_their_schema() -> None:
    """One of each direction."""
    page = {"type": "leave"}
    jsonschema_rs.validate({**SOCKETS["from_page"], "$defs": SOCKETS["$defs"]}, page)
    node = json.loads(msgspec.json.encode(frames.Ended("stopping")))
    jsonschema_rs.validate({**SOCKETS["to_page"], "$defs": SOCKETS["$defs"]}, node)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate({**SOCKETS["to_page"], "$defs": SOCKETS["$defs"]}, page)
