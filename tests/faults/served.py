"""`survey serve` in a process of its own, which tests kill, starve and replace; its address stays the same."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from processes import handed_down, lines_until

SURVEY = Path(sys.executable).with_name("survey")
KEY = "the same for every process of a test"
LONGEST_START = 5  # seconds; the promise after a crash


class Served:
    """The server of one installation.

    before: words of a command in front, such as strace. held: a socket that outlives single processes.
    """

    def __init__(self, url, folder, *, before=(), held=None, program=(SURVEY, "serve")):
        self._url, self._folder, self._before, self._program = url, folder, before, program
        self._held = held
        self.port = held.getsockname()[1] if held else free_port()
        self.process = None
        self.log = folder / "server.log"
        (folder / "data").mkdir(exist_ok=True)

    @property
    def address(self):
        return "127.0.0.1", self.port

    def start(self):
        """Begin to serve; gives the seconds until it did."""
        begun = time.monotonic()
        command = [*self._before, *self._program, "--port", self.port]
        command = [str(each) for each in command] if self._held is None else handed_down(command, self._held)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SURVEY_", "DATABASE_"))}
        told = {"DATABASE_URL": self._url, "SURVEY_DATA_DIR": str(self._folder / "data"), "SURVEY_SECRET_KEY": KEY}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=kept | told,
                pass_fds=() if self._held is None else (self._held.fileno(),),
            )
        printed = lines_until(self.process, "Stop with Ctrl-C.")
        assert "Stop with Ctrl-C." in printed, self.log.read_text()
        return time.monotonic() - begun

    def kill(self):
        """End it as a power cut for this process: no handler runs."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def wait_for_port(self, seconds=5):
        """Until nobody listens, though the process may still be finishing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.socket() as trial:
                if trial.connect_ex(self.address) != 0:
                    return
            time.sleep(0.01)
        raise TimeoutError

    def stop(self):
        """End it as a service manager does, if it still runs; gives what it ended with."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(35)
        finally:
            self.kill()


def free_port():
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]
