"""A port for processes that find each other by its number."""

from __future__ import annotations

import random
import socket

FIRST, LAST = 20_000, 32_000  # below those that Linux gives to connections, which could take it meanwhile


def find_free_port() -> int:
    """Find a port of 127.0.0.1 on which nothing listens."""
    generator = random.SystemRandom()
    while True:
        port = generator.randrange(FIRST, LAST)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
