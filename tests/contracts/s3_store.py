"""Runs moto's S3 with one bucket on the loopback, says where, and ends with its standard input."""

import http.client
import sys

from moto.server import ThreadedMotoServer

if __name__ == "__main__":
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    asking = http.client.HTTPConnection(host, port)
    asking.request("PUT", "/parley")
    if asking.getresponse().status != http.HTTPStatus.OK:
        sys.exit("the bucket was not made")
    asking.close()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    store.stop()
