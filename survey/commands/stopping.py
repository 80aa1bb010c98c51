"""Ctrl-C, and SIGTERM, which service managers send: heard at a moment that suits the program."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_to_stop(wake: Callable[[], object] | None = None) -> Iterator[threading.Event]:
    """An event that is set when somebody asks to stop. Whoever asks a second time is obeyed at once.

    wake: called, too, where the program waits for something else than the event.
    """
    told = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if told.is_set():
            raise SystemExit(1)
        told.set()
        if wake is not None:
            wake()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
