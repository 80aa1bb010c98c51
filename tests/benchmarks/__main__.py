"""Measures: `make bench`. Ratios of one run, with the machine's load beside them; nothing passes or fails by time.

Run: python tests/benchmarks [counting | page-step | autosave [waitress | granian | gunicorn]]
"""

import sys

import autosave
import counting
import page_step
from pairs import load


def main(what: str = "all", server: str = "waitress") -> None:
    print(load())
    if what in {"all", "counting"}:
        print(counting.measure().sentence())
    if what in {"all", "page-step"}:
        print(*page_step.measure(server).lines(), sep="\n")
    if what in {"all", "autosave"}:
        print(*autosave.measure(server).lines(), sep="\n")
    print(load())


if __name__ == "__main__":
    main(*sys.argv[1:])
