"""A web server on this machine that has files, and faults on demand."""

import contextlib
import gzip
import re
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Semaphore, Thread


class Publisher:
    """Serves `files` by name; each request takes the next of `faults`, and is noted in `requests`.

    A fault is a function of the handler and the body that should be sent.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: deque = deque()
        self.requests: list[tuple[str, str]] = []  # path, Range
        self.sent = 0  # bytes of bodies
        self.etag = '"1"'
        self.closing = Event()
        self.dripped = Semaphore(0)
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def log_message(self, *_):
        pass

    def do_GET(self):
        publisher = self.publisher
        publisher.requests.append((self.path, self.headers.get("Range", "")))
        fault = publisher.faults.popleft() if publisher.faults else None
        body = publisher.files.get(self.path.lstrip("/"))
        if fault is not None:
            fault(self, body)
        elif body is None:
            self.send_error(404)
        else:
            self.serve(body)

    def serve(self, body, *, most=None, length=None, headers=()):
        """Send a file, or from the offset of a Range header on; at most `most` bytes of it."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = (
            int(match[1])
            if match and self.headers.get("If-Range", self.publisher.etag) == self.publisher.etag
            else 0
        )
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.start_body(
            body[start:] if most is None else body[start:][:most], length or len(body) - start, headers
        )

    def start_body(self, body, length, headers=()):
        self.send_header("Content-Length", str(length))
        self.send_header("ETag", self.publisher.etag)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.publisher.sent += len(body)


def drop(after):
    """Close the connection after some bytes of the body."""
    return lambda handler, body: handler.serve(body, most=after)


def stall(after):
    """Send nothing more after some bytes of the body."""

    def fault(handler, body):
        handler.serve(body, most=after)
        handler.wfile.flush()
        handler.publisher.closing.wait()

    return fault


def answer(status, **headers):
    """Answer with a status."""

    def fault(handler, _):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return fault


def redirect_with_endless_body(url):
    """Answer with a redirect whose body does not end."""

    def fault(handler, _):
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        with contextlib.suppress(OSError):  # the client closes the connection
            while not handler.publisher.closing.is_set():
                handler.wfile.write(bytes(1 << 16))

    return fault


def drip(count):
    """Send the first bytes of the body one by one, each when the client has the one before."""

    def fault(handler, body):
        handler.serve(body, most=0)
        for place in range(count):
            handler.wfile.write(body[place : place + 1])
            handler.publisher.dripped.acquire()

    return fault


def say_length(length):
    """Send the body with another Content-Length."""
    return lambda handler, body: handler.serve(body, length=length)


def send(other):
    """Send another body, from its beginning."""

    def fault(handler, _):
        handler.send_response(200)
        handler.start_body(other, len(other))

    return fault


def send_without_length(other):
    """Send another body whose end is that of the connection."""

    def fault(handler, _):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(other)

    return fault


def send_range(start, total):
    """Answer with another range than that asked for."""

    def fault(handler, body):
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        handler.start_body(body[start:], len(body) - start)

    return fault


def send_gzip(handler, body):
    """Send the body with the content encoding gzip."""
    handler.send_response(200)
    handler.start_body(encoded := gzip.compress(body), len(encoded), [("Content-Encoding", "gzip")])


def label_gzip(handler, body):
    """Send a file as it is, and say that its content encoding is gzip, as servers do for files `.gz`."""
    handler.serve(body, headers=[("Content-Encoding", "gzip")])


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Publisher]:
    """Serve, over TLS with a context."""
    publisher = Publisher()
    bound = type("Bound", (Handler,), {"publisher": publisher})
    with ThreadingHTTPServer(("127.0.0.1", 0), bound) as http:
        if tls is not None:
            http.socket = tls.wrap_socket(http.socket, server_side=True)
            http.handle_error = lambda *_: None  # a client that refuses the certificate
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        publisher.url = f"{'https' if tls else 'http'}://127.0.0.1:{http.server_port}"
        yield publisher
        publisher.closing.set()
        http.shutdown()
        thread.join()
