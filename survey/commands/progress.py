"""A bar on a terminal for what takes more than two seconds. Nothing is drawn into files and pipes."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TextIO

SILENT_SECONDS = 2.0  # what is done sooner needs no bar
STEP_SECONDS = 0.2
WIDTH = 28


class Progress:
    """Call it with how much is done. A thread draws, so that work in one long step is seen to go on, too."""

    def __init__(self, words: str, stream: TextIO) -> None:
        self._words = words
        self._stream = stream
        self._done = 0
        self._total = 0
        self._over = threading.Event()
        self._drawing = threading.Thread(target=self._draw, daemon=True)

    def __call__(self, done: int, total: int) -> None:
        """So much of so much is done."""
        self._done, self._total = done, total

    def __enter__(self) -> Self:
        self._drawing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._drawing.join()

    def _draw(self) -> None:
        started = time.monotonic()
        if self._over.wait(SILENT_SECONDS):
            return
        while not self._over.wait(STEP_SECONDS):
            self._stream.write(f"\r{self._line(time.monotonic() - started)}\x1b[K")
            self._stream.flush()
        self._stream.write("\r\x1b[K")
        self._stream.flush()

    def _line(self, seconds: float) -> str:
        if self._total == 0:
            return f"{self._words} … {seconds:.0f} s"
        full = WIDTH * self._done // self._total
        return f"{self._words} [{'#' * full}{'-' * (WIDTH - full)}] {self._done:,} of {self._total:,}"


@contextmanager
def progress(words: str) -> Iterator[Progress]:
    """A bar on stderr if that is a terminal."""
    bar = Progress(words, sys.stderr)
    if not sys.stderr.isatty():
        yield bar
        return
    with bar:
        yield bar
