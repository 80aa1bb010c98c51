"""`survey serve` in a process of its own, as it is shipped, and what it uses."""

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SURVEY = Path(sys.executable).with_name("survey")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Served:
    """A server that runs. largest_wal: bytes of SQLite's journal, watched every half second."""

    port: int
    pid: int
    folder: Path
    environ: dict[str, str]
    largest_wal: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def largest_memory(self):
        """The most that it has had in memory, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1])

    def command(self, *arguments):
        """Another command of the same installation, as the list for a process."""
        return [str(SURVEY), *map(str, arguments)]

    def watch(self):
        file = self.folder / "survey.db-wal"
        while not self._stopped.wait(0.5):
            if file.exists():
                self.largest_wal = max(self.largest_wal, file.stat().st_size)

    def stop_watching(self):
        self._stopped.set()


@contextmanager
def serving(folder, url, *arguments):
    """The server with the data folder and the database URL, None for SQLite; stopped in the end."""
    environ = os.environ | {"SURVEY_DATA_DIR": str(folder)} | ({"DATABASE_URL": url} if url else {})
    command = [str(SURVEY), "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            line = process.stdout.readline()
            port = int(re.search(r" at http://127\.0\.0\.1:(\d+)", line)[1])
            served = Served(port, process.pid, folder, environ)
            watching = threading.Thread(target=served.watch, daemon=True)
            watching.start()
            yield served
            served.stop_watching()
            watching.join()
        finally:
            process.terminate()
            process.wait(20)


def machine_load():
    """The load average of the last minute and five minutes."""
    one, five, _ = os.getloadavg()
    return f"{one:.2f}, {five:.2f}"


def wait_until_calm(limit, longest):
    """Wait until the load average is not above `limit`, but not longer than so many seconds."""
    until = time.monotonic() + longest
    while os.getloadavg()[0] > limit and time.monotonic() < until:
        time.sleep(5)
