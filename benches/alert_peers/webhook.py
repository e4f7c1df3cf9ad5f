"""A desk that a notifier calls: `webhook.py ADDRESS PORT FILE` writes the instant of each alert."""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Desk(BaseHTTPRequestHandler):
    """Takes what a notifier posts."""

    def do_POST(self) -> None:
        """Note the alerts of one call."""
        content = self.rfile.read(int(self.headers["content-length"]))
        now = time.time()
        numbers = [alert["labels"]["number"] for alert in json.loads(content)["alerts"]]
        with Path(sys.argv[3]).open("a") as seen:
            seen.writelines(f"{number} {now}\n" for number in numbers)
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer((sys.argv[1], int(sys.argv[2])), Desk).serve_forever()
