"""What `01_vectors` built against numpy, heapq and scikit-learn, interleaved in one run.

    python tests/benchmarks/vectors.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds; the ratio is ours to the named peer. Growth says how the time of each
grows when the input is ten times as large. Nothing here is asserted: times depend on the machine.
"""

import heapq

import results

results.prepare()

import numpy as np  # noqa: E402
from built import vectors as v  # noqa: E402
from sklearn.neighbors import NearestNeighbors  # noqa: E402


def dots(n: int) -> dict:
    """One dot product of two lists of n numbers."""
    a, b = np.random.default_rng(0).normal(size=(2, n))
    return {"dot": lambda: v.dot(a, b), "numpy.dot": lambda: np.dot(a, b)}


def tops(n: int) -> dict:
    """The ten best of n scores."""
    scores = np.random.default_rng(0).normal(size=n)
    listed = scores.tolist()
    return {
        "top_k": lambda: v.top_k(scores, 10),
        "numpy.argpartition": lambda: np.argpartition(-scores, 10)[:10],
        "heapq.nlargest": lambda: heapq.nlargest(10, range(n), key=listed.__getitem__),
        "sorted": lambda: sorted(range(n), key=lambda i: -listed[i])[:10],
    }


def searches(n: int) -> dict:
    """The ten nearest of n word vectors."""
    rows = v.directions()[:n]
    query = v.directions()[3424]
    model = NearestNeighbors(metric="cosine", algorithm="brute").fit(rows)
    return {
        "cosines and top_k": lambda: v.top_k(np.dot(rows, v.unit(query)), 10),
        "scikit-learn kneighbors": lambda: model.kneighbors(query[None], n_neighbors=10),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("a dot product of 10,000 numbers", dots, (1_000, 10_000)),
        *results.compare("ten best of 50,000", tops, (5_000, 50_000)),
        *results.compare("ten nearest of 50,000 words", searches, (5_000, 50_000)),
    ]
    results.report("01_vectors", rows)
