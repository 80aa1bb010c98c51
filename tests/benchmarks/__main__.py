"""Measures: `make bench`. Ratios of one run, with the machine's load beside them; nothing passes or fails by time."""

import statistics

import counting
import page_step
from pairs import load


def main() -> None:
    print(load())
    print(counting.measure().sentence())
    ratios, runs = page_step.measure()
    print(ratios.sentence())
    plain = statistics.median(slow.steps_per_second for slow, _ in runs)
    ours = statistics.median(fast.steps_per_second for _, fast in runs)
    print(f"  steps per second with {page_step.CLIENTS} respondents: plain {plain:.0f}, ours {ours:.0f}")
    print(
        f"  server CPU per step: plain {1000 * statistics.median(slow.cpu_per_step for slow, _ in runs):.2f} ms,"
        f" ours {1000 * statistics.median(fast.cpu_per_step for _, fast in runs):.2f} ms"
    )
    print(load())


if __name__ == "__main__":
    main()
