"""Debian's Janus, VideoRoom plugin, set up for this bench alone and driven over its HTTP API."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from relay.load import Load
from relay.network import RELAY_ADDRESS
from relay.processes import running

_PORT = 18_088
_LIBRARIES = Path("/usr/lib")
_PATIENCE_SECONDS = 20
#: Threads that serve all connections together. By default Janus starts one for every connection;
#: its manual advises a few instead, and on one core a single one forwards most.
EVENT_LOOPS = 1


class JanusRefusedError(Exception):
    """Janus answered with an error, or not at all."""


@contextmanager
def janus(folder: Path, core: int) -> Iterator[Janus]:
    """Run Janus on a core for as long as the context lasts."""
    program = shutil.which("janus")
    if program is None:
        raise SystemExit("janus is missing: apt-get install janus")
    _configure(folder)
    command = (program, "-F", str(folder), "-o")
    with (folder / "janus.log").open("w") as log, running(core, *command, log=log) as process:
        yield Janus(process)


class Janus:
    """A running Janus, its rooms and the connections of its participants."""

    name = "janus"

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Wait until it answers, and open what its API calls a session."""
        self.process = process.pid
        self._http = _wait_for_http(process)
        self._cameras: dict[int, str] = {}
        self._prefix = "/janus"
        self._prefix += f"/{self._post('', janus='create')['data']['id']}"

    @property
    def version(self) -> str:
        """What it calls itself."""
        self._http.request("GET", "/janus/info")
        told = json.load(self._http.getresponse())
        return f"Janus {told['version_string']}, VideoRoom, {EVENT_LOOPS} event loop"

    def open_room(self, room: int) -> None:
        """Open a room that caps nothing and announces nothing."""
        body = {
            "request": "create",
            "room": room + 1,
            "publishers": 1_000,
            "bitrate": 0,
            "videocodec": "vp8",
            "notify_joining": False,
        }
        self._post(f"/{self._attach()}", janus="message", body=body)

    def join_publisher(self, load: Load, room: int, publisher: int) -> None:
        """Let a new endpoint of the generator publish a camera."""
        body = {
            "request": "joinandconfigure",
            "ptype": "publisher",
            "room": room + 1,
            "id": publisher + 1,
            "audio": True,
            "video": True,
        }
        offer = load.offer(publishes=True, slots=0)
        jsep = {"type": "offer", "sdp": offer.sdp, "trickle": False}
        event = self._message(self._attach(), body, jsep)
        load.accept(offer.endpoint, event["jsep"]["sdp"])
        _microphone, self._cameras[publisher], _screen = re.findall(r"a=mid:(\S+)", offer.sdp)

    def join_watcher(self, load: Load, room: int, publishers: Sequence[int]) -> None:
        """Let a new endpoint of the generator watch some cameras; they must be connected."""
        handle = self._attach()
        streams = [
            {"feed": publisher + 1, "mid": self._cameras[publisher]} for publisher in publishers
        ]
        body = {"request": "join", "ptype": "subscriber", "room": room + 1, "streams": streams}
        event = self._message(handle, body, None)
        answer = load.answer(event["jsep"]["sdp"])
        jsep = {"type": "answer", "sdp": answer.sdp, "trickle": False}
        self._message(handle, {"request": "start"}, jsep)

    def join_both(self, load: Load, room: int, size: int, watched: int) -> None:
        """Let everyone publish on one connection and watch the next ones on another."""
        for person in range(size):
            self.join_publisher(load, room, person)
        load.connect()
        for person in range(size):
            others = [(person + step) % size for step in range(1, watched + 1)]
            self.join_watcher(load, room, others)

    def _attach(self) -> int:
        plugin = "janus.plugin.videoroom"
        handle: int = self._post("", janus="attach", plugin=plugin)["data"]["id"]
        return handle

    def _message(
        self, handle: int, body: dict[str, Any], jsep: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Send an asynchronous request and wait for its event."""
        extra = {} if jsep is None else {"jsep": jsep}
        transaction = f"{handle}-{body['request']}"
        self._post(f"/{handle}", janus="message", body=body, transaction=transaction, **extra)
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up:
            self._http.request("GET", self._prefix)
            event = json.load(self._http.getresponse())
            if event.get("transaction") == transaction and event["janus"] == "event":
                return _checked(event)
        raise JanusRefusedError(f"no answer to {body['request']}")

    def _post(self, path: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        content = json.dumps({"transaction": "bench", **request})
        self._http.request("POST", self._prefix + path, content)
        return _checked(json.load(self._http.getresponse()))


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    told = answer.get("plugindata", {}).get("data", {})
    if answer["janus"] == "error" or "error" in told:
        raise JanusRefusedError(json.dumps(answer.get("error", told)))
    return answer


def _wait_for_http(process: subprocess.Popen[str]) -> HTTPConnection:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        http = HTTPConnection("127.0.0.1", _PORT, timeout=_PATIENCE_SECONDS)
        try:
            http.request("GET", "/janus/info")
            http.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return http
    raise JanusRefusedError("it did not start")


def _configure(folder: Path) -> None:
    libraries = next(_LIBRARIES.glob("*/janus"), _LIBRARIES / "janus")
    folder.joinpath("janus.jcfg").write_text(f"""
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{libraries}/plugins"
    transports_folder = "{libraries}/transports"
    events_folder = "{libraries}/events"
    loggers_folder = "{libraries}/loggers"
    debug_level = 2
    session_timeout = 0
    event_loops = {EVENT_LOOPS}
}}
certificates: {{ }}
media: {{ }}
nat: {{
    ice_lite = true
    ice_enforce_list = "{RELAY_ADDRESS}"
}}
plugins: {{ disable = "{_others(libraries / "plugins", "videoroom")}" }}
transports: {{ disable = "{_others(libraries / "transports", "http")}" }}
""")
    folder.joinpath("janus.transport.http.jcfg").write_text(f"""
general: {{ json = "compact", base_path = "/janus", http = true, port = {_PORT}, ip = "127.0.0.1" }}
""")


def _others(folder: Path, wanted: str) -> str:
    return ",".join(
        path.name.partition(".so")[0] + ".so"
        for path in sorted(folder.glob("*.so"))
        if wanted not in path.name
    )
