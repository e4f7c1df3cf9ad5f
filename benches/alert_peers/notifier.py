"""One alert after the other through Prometheus Alertmanager: posted here, its webhook called there.

Its waiting for more alerts of a group is switched off (`group_wait: 0s`, each alert a group of its
own), as somebody would who has only urgent ones.
"""

from __future__ import annotations

import json
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import Final

from record_peers.matrix import Door
from record_peers.sides import PeerFailedError, Side, restarted, say, wait_until

ALERTMANAGER: Final = "prometheus-alertmanager"
"""Debian's program and package."""
WEBHOOK: Final = Path(__file__).with_name("webhook.py")
_PORT: Final = 9093
_WEBHOOK_PORT: Final = 9099
_SEEN_S_MAX: Final = 30.0
_WARM_UP: Final = 2
Samples = dict[str, list[float]]


def measure_alertmanager(near: Side, far: Side, alerts: int, restarts: int) -> Samples:
    """Return the samples of each figure, by its name without the system's."""
    seen = far.folder / "webhook.txt"
    seen.touch()
    far.start("webhook", sys.executable, str(WEBHOOK), far.address, str(_WEBHOOK_PORT), str(seen))
    settings = near.folder / "alertmanager.yaml"
    settings.write_text(json.dumps(_settings(far)))
    process = near.start(
        "alertmanager",
        *(
            ALERTMANAGER,
            f"--config.file={settings}",
            f"--web.listen-address=127.0.0.1:{_PORT}",
        ),
        *(f"--storage.path={near.folder / 'alertmanager'}", "--cluster.listen-address="),
    )

    def is_well() -> bool:
        return _is_well(near)

    wait_until(is_well, near, "alertmanager", process)
    say(f"alertmanager: {alerts} alerts")
    samples: Samples = {"alerts_lost": [0.0], "release_to_sounding_ms": []}
    for number in range(-_WARM_UP, alerts):
        pressed = _post(near, number)
        came = _came(seen, number)
        if came is None:
            samples["alerts_lost"][0] += number >= 0
        elif number >= 0:
            samples["release_to_sounding_ms"].append((came - pressed) * 1e3)
    samples["restart_to_ready_ms"] = [
        restarted(near, "alertmanager", is_well) for _ in range(restarts)
    ]
    return samples


def _settings(far: Side) -> dict[str, object]:
    hook = {"url": f"http://{far.address}:{_WEBHOOK_PORT}/", "send_resolved": False}
    route = {"receiver": "desk", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
    return {"route": route, "receivers": [{"name": "desk", "webhook_configs": [hook]}]}


def _post(near: Side, number: int) -> float:
    """Give it an alert; return when that was begun."""
    labels = {"alertname": "flash", "number": str(number)}
    content = json.dumps([{"labels": labels, "annotations": {"text": f"Flash {number}"}}])
    with Door(near, _PORT) as door:
        door.connect()
        pressed = time.time()
        door.request("POST", "/api/v2/alerts", content, {"Content-Type": "application/json"})
        answer = door.getresponse()
        answer.read()
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise PeerFailedError(f"alertmanager: {answer.status}")
    return pressed


def _came(seen: Path, number: int) -> float | None:
    until = time.monotonic() + _SEEN_S_MAX
    while time.monotonic() < until:
        for line in seen.read_text().splitlines():
            name, _, at = line.partition(" ")
            if name == str(number) and at:
                return float(at)
        time.sleep(0.02)
    return None


def _is_well(side: Side) -> bool:
    try:
        with Door(side, _PORT) as door:
            door.request("GET", "/-/ready")
            return door.getresponse().status == 200  # noqa: PLR2004 - OK
    except (OSError, HTTPException):
        return False
