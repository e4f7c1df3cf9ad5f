"""Runs a Versity S3 gateway with one bucket on the loopback, says where, ends with its input.

Its arguments: the gateway's binary, and an empty folder for what it keeps.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

STARTS_WITHIN_S = 30


def free_address() -> str:
    """Return an address of the loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def await_port(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until somebody listens at an address; end if the process does before."""
    host, port = address.split(":")
    for _ in range(STARTS_WITHIN_S * 10):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            sys.exit("the S3 server did not start")
        else:
            return
    sys.exit("the S3 server does not listen")


def main(binary: str, folder: Path) -> None:
    """Serve until the standard input ends."""
    for each in ("root/parley", "sidecar"):
        (folder / each).mkdir(parents=True)
    address = free_address()
    access, secret = (os.environ[f"AWS_{each}"] for each in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
    keys = ["--access", access, "--secret", secret]
    where = ["posix", "--sidecar", str(folder / "sidecar"), str(folder / "root")]
    with subprocess.Popen(
        [binary, "--port", address, *keys, *where],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            await_port(address, process)
            sys.stdout.write(f"http://{address}\n")
            sys.stdout.flush()
            sys.stdin.read()
        finally:
            process.terminate()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
