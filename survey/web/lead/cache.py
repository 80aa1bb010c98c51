"""Results in memory: computed once for each state of a study's data, whoever asks and however many at once."""

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from exports import Dataset, Edition, Results, results

# Studies looked at side by side. A study of 20,000 evaluations takes some 15 MB.
KEPT = 4
# Results that took longer than this, in seconds of the processor, are shown for a while although answers have come
# since: with a million answers a second is needed, in which those who answer wait.
COSTLY = 0.25
OLDEST = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A study's data and what they say."""

    dataset: Dataset
    results: Results


@dataclass(slots=True)
class _Entry:
    computed: Computed | None = None
    # Until when, by `time.monotonic()`, they are shown whatever has come since.
    good_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_good_for(self, revision: int) -> bool:
        # What is here may be newer than what was asked for, never older by more than was agreed.
        if self.computed is None:
            return False
        return self.computed.dataset.revision >= revision or time.monotonic() < self.good_until


class ResultsCache:
    """Keeps the latest results of a few studies. May be used by many threads.

    costly: from how many seconds of computing on results may be as old as `oldest` seconds.
    """

    def __init__(self, kept: int = KEPT, *, costly: float = COSTLY, oldest: float = OLDEST) -> None:
        self._kept, self._costly, self._oldest = kept, costly, oldest
        # By the study's id, not its key: a study that is made anew under the same key starts at revision 0 again.
        self._entries: OrderedDict[uuid.UUID, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, study_id: uuid.UUID, revision: int, collect: Callable[[], Dataset]) -> Computed:
        """The results of a study at a revision; `collect` is called only if they are not here yet.

        Several requests for the same study wait for the first one instead of computing the same thing again; other
        studies are not held up. If `collect` raises, nothing is kept and the next request tries again.
        """
        entry = self._entry(study_id)
        with entry.lock:
            if entry.computed is None or not entry.is_good_for(revision):
                start = time.thread_time()
                dataset = collect()
                entry.computed = Computed(dataset, results(dataset, threshold=Edition.INTERNAL.threshold))
                is_costly = time.thread_time() - start >= self._costly
                entry.good_until = time.monotonic() + self._oldest if is_costly else 0.0
            return entry.computed

    def _entry(self, study_id: uuid.UUID) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(study_id, _Entry())
            self._entries.move_to_end(study_id)
            while len(self._entries) > self._kept:
                self._entries.popitem(last=False)
            return entry
