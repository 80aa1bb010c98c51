"""Signs of answering faster than one can read, from seconds per interview, page or item.

They mark, and remove nothing. Times that are not known are NaN and are never marked. Method, section 5.4.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from exports.dataset import Bool, Int8
from exports.quality import AMBER, FINE, RED

Floats: TypeAlias = NDArray[np.float64]

FEWEST_COMPARED = 20  # interviews of the same mode and version; of fewer the median says little
AMBER_INDEX, RED_INDEX = 1.75, 2.0
FEWEST_SECONDS = 1.0  # for an item, however short
SECONDS_PER_WORD = 0.3
WORDS_READ_ALOUD = 4.0  # in a second: faster than normal reading aloud
UNREAD_SHARE = 0.10
SLOWEST_OF_FAST = 0.10


def speed_index(seconds: Floats, comparable: NDArray[np.integer]) -> Floats:
    """Median time of the comparable interviews / own time: 2 is twice as fast as the middle one.

    seconds: whole interviews. comparable: one number for all interviews of the same mode and version. NaN where
    fewer than 20 can be compared, or the own time is not known or not above 0. Source: method 5.4.
    """
    found = np.full(len(seconds), np.nan)
    known = seconds > 0
    for kind in np.unique(comparable[known]):
        rows = known & (comparable == kind)
        if rows.sum() >= FEWEST_COMPARED:
            found[rows] = np.median(seconds[rows]) / seconds[rows]
    return found


def speed_flags(index: Floats) -> Int8:
    """RED from an index of 2 on, AMBER from 1.75 on."""
    return np.select([index >= RED_INDEX, index >= AMBER_INDEX], [RED, AMBER], FINE).astype(np.int8)


def is_too_fast(seconds: Floats, words: NDArray[np.integer]) -> Bool:
    """True where an item took less than a second, or less than 0.3 seconds for each of its words."""
    fast: Bool = seconds < np.maximum(FEWEST_SECONDS, SECONDS_PER_WORD * words)
    return fast


def page_profile(seconds: Floats) -> Floats:
    """For each interview the mean over its pages of time / the page's median, at most 1 for each page.

    seconds: shape (interviews, pages), NaN where a page was not shown. NaN for an interview without a page.
    Source: the speed index of 1KA; method 5.4.
    """
    shown = ~np.isnan(seconds)
    middle = np.array([np.median(page[~np.isnan(page)]) if (~np.isnan(page)).any() else np.nan for page in seconds.T])
    # A page whose median is 0 has nobody faster than the middle.
    share = np.where(seconds >= middle, 1.0, np.divide(seconds, middle, out=np.ones(seconds.shape), where=middle > 0))
    total, n = np.where(shown, share, 0.0).sum(axis=1), shown.sum(axis=1)
    found: Floats = np.divide(total, n, out=np.full(len(seconds), np.nan), where=n > 0)
    return found


def profile_flags(profile: Floats) -> Int8:
    """AMBER for the lowest tenth; whoever is as slow as everybody (1) is never in it."""
    known = profile[~np.isnan(profile)]
    if len(known) == 0:
        return np.full(len(profile), FINE, np.int8)
    slow = (profile <= np.quantile(known, SLOWEST_OF_FAST)) & (profile < 1)
    return np.where(slow, AMBER, FINE).astype(np.int8)


def not_read_out(seconds: Floats, words: NDArray[np.integer], interview: NDArray[np.integer], size: int) -> Int8:
    """RED for phone interviews with more than a tenth of the items faster than anybody reads aloud.

    seconds, words, interview: one per item that was answered on the phone. size: the number of interviews.
    """
    known = ~np.isnan(seconds)
    fast = known & (seconds < words / WORDS_READ_ALOUD)
    n = np.bincount(interview, weights=known, minlength=size)
    n_fast = np.bincount(interview, weights=fast, minlength=size)
    return np.where(n_fast > UNREAD_SHARE * n, RED, FINE).astype(np.int8)
