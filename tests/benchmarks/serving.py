"""One of three servers around one application, in one process with eight threads, so that sides can be compared."""

import logging
import os
from pathlib import Path

import waitress
from flask import Flask

SERVERS = ("waitress", "granian", "gunicorn")
THREADS = 8
_TICKS = os.sysconf("SC_CLK_TCK")


def serve(app: Flask, port: int, server: str) -> None:
    """Serve until the process is told to stop. granian and gunicorn answer in a child of this process."""
    logging.getLogger("waitress").setLevel(logging.ERROR)
    if server == "granian":
        # Imported here, because these two are an extra of the package.
        from granian import Granian  # noqa: PLC0415

        Granian(
            "the application",
            port=port,
            interface="wsgi",
            workers=1,
            blocking_threads=THREADS,
            log_enabled=False,
        ).serve(target_loader=lambda: app, wrap_loader=False)
    elif server == "gunicorn":
        from gunicorn.app.base import BaseApplication  # noqa: PLC0415

        class Server(BaseApplication):
            def load_config(self) -> None:
                settings = {
                    "bind": f"127.0.0.1:{port}",
                    "worker_class": "gthread",
                    "threads": THREADS,
                    "keepalive": 60,  # seconds; the sides take turns, and a connection waits meanwhile
                    "loglevel": "error",
                    "control_socket_disable": True,
                }
                for name, value in settings.items():
                    self.cfg.set(name, value)

            def load(self) -> Flask:
                return app

        Server().run()
    else:
        waitress.serve(app, host="127.0.0.1", port=port, threads=THREADS)


def cpu_seconds(pid: int) -> float:
    """What a server and its children have used so far."""
    children = [
        int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
    ]
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS + sum(cpu_seconds(child) for child in children)
