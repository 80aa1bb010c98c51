import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from datasets import golden_dataset, make_dataset

from survey.web.lead.cache import ResultsCache

STUDY = uuid.UUID(int=1)


class Source:
    """Stands for a study: gives its dataset and counts how often it was asked."""

    def __init__(self, dataset):
        self.dataset = dataset
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return self.dataset


def test_results_are_computed_once_for_a_revision():
    cache, source = ResultsCache(), Source(golden_dataset())

    first = cache.get(STUDY, 7, source)
    second = cache.get(STUDY, 7, source)

    assert first is second
    assert source.asked == 1
    assert first.results.cell(0, 1).n == 9


def test_a_new_revision_is_computed_anew():
    cache, source = ResultsCache(), Source(make_dataset())
    cache.get(STUDY, 7, source)
    source.dataset = make_dataset(revision=8)

    computed = cache.get(STUDY, 8, source)

    assert source.asked == 2
    assert computed.dataset.revision == 8


def test_costly_results_are_shown_for_a_while_although_answers_have_come():
    cache, source = ResultsCache(costly=0, oldest=60), Source(make_dataset())
    first = cache.get(STUDY, 7, source)
    source.dataset = make_dataset(revision=8)

    assert cache.get(STUDY, 8, source) is first
    assert source.asked == 1


def test_costly_results_do_not_get_older_than_that():
    cache, source = ResultsCache(costly=0, oldest=0), Source(make_dataset())
    cache.get(STUDY, 7, source)
    source.dataset = make_dataset(revision=8)

    assert cache.get(STUDY, 8, source).dataset.revision == 8


def test_newer_results_than_asked_for_are_good_enough():
    cache, source = ResultsCache(), Source(make_dataset(revision=9))
    cache.get(STUDY, 8, source)

    cache.get(STUDY, 8, source)

    assert source.asked == 1


def test_studies_do_not_mix():
    cache, one, two = ResultsCache(), Source(make_dataset()), Source(golden_dataset())

    assert len(cache.get(STUDY, 7, one).dataset) == 0
    assert len(cache.get(uuid.UUID(int=2), 7, two).dataset) == 9


def test_only_the_last_few_studies_are_kept():
    cache, source = ResultsCache(kept=2), Source(make_dataset())
    for number in (1, 2, 1, 3):
        cache.get(uuid.UUID(int=number), 7, source)
    assert source.asked == 3

    cache.get(uuid.UUID(int=1), 7, source)
    assert source.asked == 3

    cache.get(uuid.UUID(int=2), 7, source)
    assert source.asked == 4


def test_many_requests_at_once_compute_once():
    cache, gate = ResultsCache(), threading.Event()
    source = Source(golden_dataset())

    def slow():
        gate.wait(5)
        return source()

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(cache.get, STUDY, 7, slow) for _ in range(8)]
        gate.set()
        found = [each.result(10) for each in waiting]

    assert source.asked == 1
    assert all(each is found[0] for each in found)


def test_a_failure_is_not_kept():
    cache, source = ResultsCache(), Source(make_dataset())

    def failing():
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        cache.get(STUDY, 7, failing)

    assert cache.get(STUDY, 7, source).dataset is source.dataset
