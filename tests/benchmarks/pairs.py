"""Ratios within one run: two sides take turns, the median of the pairs counts, the machine's load is said beside it."""

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratios:
    """How many times the plain way costs what ours costs, pair by pair."""

    name: str
    pairs: tuple[float, ...]

    def sentence(self) -> str:
        middle = statistics.median(self.pairs)
        return f"{self.name}: {middle:.1f} times (pairs {min(self.pairs):.1f} to {max(self.pairs):.1f})"


def in_turn(name: str, ours: Callable[[], float], plain: Callable[[], float], *, pairs: int) -> Ratios:
    """Runs plain, ours, plain, ours … Each gives its cost in seconds; several pairs tell how noisy the machine is."""
    costs = []
    for _ in range(pairs):
        plain_cost = plain()
        costs.append(plain_cost / ours())
    return Ratios(name, tuple(costs))


def load() -> str:
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores, load {one:.2f} (1 min) and {five:.2f} (5 min)"
