"""Serving by waitress: a port of our own, threads, and a quiet end on Ctrl-C and SIGTERM."""

import errno
import ipaddress
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from survey.web.patience import WAITED

THREADS = 8
WAITING = 1024  # connections that the system keeps until a thread is free
# Connections that are open. A page asks for news every few seconds, so its connection stays.
CONNECTIONS = 1000
CROWDED = CONNECTIONS // 2


def listen_at(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 lets the system choose. A port that cannot be had is refused in a sentence.

    It is taken before anything else is done, so that nobody waits for data to be made only to learn that the port is in
    use; whoever connects meanwhile is answered as soon as the server runs.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise click.ClickException(f"{host} is not an address of this machine: {error.strerror or error}.") from error
    try:
        if sys.platform != "win32":
            # Else the port stays closed for a minute after a server was stopped. On Windows it would let two share it.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(WAITING)
    except OSError as error:
        listening.close()
        raise click.ClickException(_refusal(host, port, error)) from error
    return listening


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def run(app: Flask, listening: socket.socket, *, base_url: str, threads: int = THREADS) -> None:
    """Serve until Ctrl-C or SIGTERM; then let running requests finish, for five seconds at most, and come back."""
    # A browser asks for a page's files all at once; that one of them waits for a thread is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server: Any = create_server(
        app,
        sockets=[listening],
        threads=threads,
        # Behind a proxy that speaks HTTPS, pages have to know that the browser does.
        url_scheme=urlsplit(base_url).scheme,
        clear_untrusted_proxy_headers=True,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,  # the other way ends at a thousand files
        channel_timeout=30,  # a browser that stops in the middle of a request gives its place to others
        ident=None,
    )
    server.channel_class = _Channel
    with _terminating():
        try:
            server.run()
        finally:
            server.close()


class _Task(WSGITask):
    """A request that knows how long it has waited for a thread, and leaves its connection open where it may."""

    channel: "_Channel"

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[WAITED] = time.monotonic() - self.channel.came_at
        return environ

    def build_response_header(self) -> bytes:
        if self.status.startswith("503") and len(self.channel.server.active_channels) > CROWDED:
            # Whoever shall come later gives the place to somebody else meanwhile. Not always: a new connection costs
            # more than the refusal.
            self.set_close_on_finish()
        return bytes(super().build_response_header())

    def set_close_on_finish(self) -> None:
        """Not for want of a length where there is no body: such an answer ends with its headers (RFC 9112, 6.3).

        Else every "no news" would cost the page its connection.
        """
        # The stubs know requests only that could not be read.
        headers: dict[str, str] = self.request.headers  # type: ignore[attr-defined]
        if self.has_body or self.version == "1.0" or headers.get("CONNECTION", "").lower() == "close":
            super().set_close_on_finish()


class _Channel(HTTPChannel):
    """A connection that knows when its request came."""

    server: Any
    task_class = _Task
    came_at = 0.0

    def received(self, data: bytes) -> bool:
        self.came_at = time.monotonic()
        return bool(super().received(data))


@contextmanager
def _terminating() -> Iterator[None]:
    """SIGTERM, which service managers send, ends like Ctrl-C."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program; choose another one with --port."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} is reserved for the system; choose one above 1023 with --port."
    return f"{host}, port {port}, cannot be served: {error.strerror or error}."
