"""Serving by waitress: a port of our own or a socket handed down, threads, and an end that loses no request."""

import errno
import ipaddress
import logging
import os
import select
import socket
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from survey.commands.stopping import told_to_stop
from survey.web.patience import WAITED

if sys.platform != "win32":
    import resource

THREADS = 8
WAITING = 1024  # connections that the system keeps until a thread is free
# A connection without a request costs a place and no thread. A proxy keeps its own open for 60 seconds; if we closed
# first, a save would now and then be sent into a connection that is just being closed.
KEPT_OPEN = 75  # seconds
CONNECTIONS = 2000
OTHER_FILES = 100  # the database, the log, the listening socket
CROWDED = 0.9  # of the connections there may be
LONGEST_END = 30  # seconds until running requests are given up
LINGER = 0.5  # seconds in which a connection that was just used is still heard
FIRST_HANDED_DOWN = 3  # https://www.freedesktop.org/software/systemd/man/sd_listen_fds.html


def listen_at(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 lets the system choose. A port that cannot be had is refused in a sentence.

    It is taken before anything else is done, so that nobody waits for data to be made only to learn that the port is in
    use; whoever connects meanwhile is answered as soon as the server runs. Where a service manager hands its socket
    down, that one is taken: it stays open while one server follows another, and nobody is turned away between them.
    """
    handed_down = _handed_down()
    if handed_down is not None:
        return handed_down
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


def run(
    app: Flask, listening: socket.socket, *, base_url: str, threads: int = THREADS, is_behind_proxies: bool = False
) -> None:
    """Serve until Ctrl-C or SIGTERM; then take no new requests, finish the running ones, and come back.

    Whoever asks a second time to stop is obeyed at once.
    """
    # A browser asks for a page's files all at once; that one of them waits for a thread is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    served: dict[int, Any] = {}
    server: Any = create_server(
        app,
        map=served,
        sockets=[listening],
        threads=threads,
        # Behind a proxy that speaks HTTPS, pages have to know that the browser does.
        url_scheme=urlsplit(base_url).scheme,
        # Where proxies are declared, the application reads as many of their entries as there are (`survey.factory`).
        clear_untrusted_proxy_headers=not is_behind_proxies,
        channel_timeout=KEPT_OPEN,
        connection_limit=_connections(),
        asyncore_use_poll=True,
        ident=None,
    )
    server.channel_class = _Channel
    # Never in the middle of reading a request.
    with told_to_stop(server.pull_trigger) as stop:
        while not stop.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=served, count=1)
        _finish(server, served)


def _connections() -> int:
    """How many connections may be open: fewer than wished where the system lets a program have few files."""
    if sys.platform == "win32":
        return CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft - OTHER_FILES)


def _finish(server: Any, served: dict[int, Any]) -> None:
    """Let what has begun come to its end, for `LONGEST_END` seconds at most.

    Another server may take the port from here on. A browser that is saving sends its next answer within a moment, on
    the same connection: it is heard, and the reply tells it to open a new one.
    """
    # Who has called and was not heard yet is heard first, unless the next server is going to.
    while not _is_handed_down(server.socket) and select.select([server.socket], [], [], 0)[0]:
        server.handle_accept()
    wasyncore.dispatcher.close(server)
    end = time.monotonic() + LONGEST_END
    while server.active_channels and time.monotonic() < end:
        wasyncore.loop(timeout=0.05, use_poll=True, map=served, count=1)
        for channel in tuple(server.active_channels.values()):
            for request in tuple(channel.requests):
                request.headers["CONNECTION"] = "close"
            is_idle = not channel.requests and channel.request is None and not channel.total_outbufs_len
            if is_idle and time.time() - channel.last_activity > LINGER:
                channel.will_close = True
    server.task_dispatcher.shutdown(timeout=max(1, end - time.monotonic()))
    wasyncore.close_all(served)


class _Task(WSGITask):
    """A request that knows how long it has waited for a thread, and leaves its connection open where it may."""

    channel: "_Channel"

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[WAITED] = time.monotonic() - self.channel.came_at
        return environ

    def build_response_header(self) -> bytes:
        if self.status.startswith("503") and self.channel.is_crowded:
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

    @property
    def is_crowded(self) -> bool:
        return bool(len(self.server.active_channels) > CROWDED * self.server.adj.connection_limit)

    def received(self, data: bytes) -> bool:
        self.came_at = time.monotonic()
        return bool(super().received(data))


def _handed_down() -> socket.socket | None:
    """The socket that a service manager holds and hands to each process of a service in turn; None without one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=FIRST_HANDED_DOWN)


def _is_handed_down(listening: socket.socket) -> bool:
    return os.environ.get("LISTEN_PID") == str(os.getpid()) and listening.fileno() == FIRST_HANDED_DOWN


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program; choose another one with --port."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} is reserved for the system; choose one above 1023 with --port."
    return f"{host}, port {port}, cannot be served: {error.strerror or error}."
