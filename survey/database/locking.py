"""One writer at a time for a SQLite file: a fair queue in the process, a file lock between processes.

SQLite itself lets writers collide and makes the loser ask again later: of saves from 8 browsers the slowest hundredth
then took 759 ms, where a queue took 29 ms. Here everyone has a turn.
"""

import errno
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.database.errors import Busy, Reason, Unavailable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FIRST_PAUSE = 0.0002  # seconds between two looks at another process' lock; a commit takes about a millisecond
LONGEST_PAUSE = 0.002
REASONS = {
    errno.EACCES: Reason.READ_ONLY,
    errno.EPERM: Reason.READ_ONLY,
    errno.EROFS: Reason.READ_ONLY,
    errno.ENOSPC: Reason.DISK_FULL,
}


class FairLock:
    """A lock that is handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held_by: int | None = None

    def acquire(self, seconds: float) -> bool:
        """Take the lock within that time; False when the turn did not come."""
        me = threading.get_ident()
        with self._guard:
            if self._held_by is None:
                self._held_by = me
                return True
            if self._held_by == me:
                message = "a writing transaction was opened inside another one of the same thread"
                raise RuntimeError(message)
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            came = turn.acquire(timeout=max(seconds, 0))
        except BaseException:
            # Ctrl-C: a turn given to somebody who left would stop everybody behind.
            if not self._leave(turn):
                self.release()
            raise
        # The turn may have come in the moment in which the time ran out.
        if not came and self._leave(turn):
            return False
        self._held_by = me
        return True

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                # Never free in between, so that nobody slips in before the one who waited longest.
                self._held_by = -1
                self._waiting.popleft().release()
            else:
                self._held_by = None

    def _leave(self, turn: threading.Lock) -> bool:
        """Leave the queue; False when the turn had already been given."""
        with self._guard:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True


class FileLock:
    """A lock between processes, which the operating system takes back from a process that dies.

    Two files: who wants to write takes `turn`, then `lock`, then gives `turn` back. So whoever waits is next, even
    beside a process that writes without a pause.
    """

    def __init__(self, database: Path) -> None:
        self._paths = (Path(f"{database}.turn"), Path(f"{database}.lock"))
        self._files: tuple[int, int] | None = None

    def acquire(self, deadline: float) -> bool:
        """Take the lock before `time.monotonic()` passes `deadline`; False when it did not come free."""
        turn, lock = self._open()
        if not _wait_for(turn, deadline):
            return False
        try:
            return _wait_for(lock, deadline)
        finally:
            _unlock(turn)

    def release(self) -> None:
        _unlock(self._open()[1])

    def close(self) -> None:
        for file in self._files or ():
            os.close(file)
        self._files = None

    def _open(self) -> tuple[int, int]:
        if self._files is None:
            turn = _open(self._paths[0])
            try:
                lock = _open(self._paths[1])
            except Unavailable:
                os.close(turn)
                raise
            self._files = (turn, lock)
        return self._files


class Writers:
    """The queue of those who want to write to one SQLite file."""

    def __init__(self, database: Path, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._threads = FairLock()
        self._processes = FileLock(database)

    @contextmanager
    def turn(self, wait_seconds: float | None = None) -> Iterator[None]:
        """Hold the only right to write. Busy when it does not come in time. wait_seconds: when not the usual time."""
        patience = self._wait_seconds if wait_seconds is None else wait_seconds
        deadline = time.monotonic() + patience
        if not self._threads.acquire(patience):
            raise Busy
        try:
            if not self._processes.acquire(deadline):
                raise Busy
            try:
                yield
            finally:
                self._processes.release()
        finally:
            self._threads.release()

    def close(self) -> None:
        self._processes.close()

    def forget_parent(self) -> None:
        """In a forked child: an own queue, and own files, since a lock belongs to all who hold the same open file."""
        self._threads = FairLock()
        self._processes.close()


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        reason = REASONS.get(error.errno or 0, Reason.DISK_ERROR)
        raise Unavailable(reason, f"{path}: {error.strerror}") from error


def _wait_for(file: int, deadline: float) -> bool:
    pause = FIRST_PAUSE
    while not _try_lock(file):
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return True


if sys.platform == "win32":

    def _try_lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
