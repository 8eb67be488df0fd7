"""What `01_neuron` built against scikit-learn and scipy, interleaved in one run.

    python tests/benchmarks/neuron.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import numpy as np  # noqa: E402
import scipy.special  # noqa: E402
from built import neuron as n  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

ALPHA = 0.01


def fits(rows: int) -> dict:
    """Logistic regression on so many tumours, until the weights agree to 1e-4 or so."""
    X, y = n.tumours()["learn"]
    X, y = X[:rows], y[:rows]
    step = n.safe_step(X, ALPHA)
    return {
        "train, 3,000 steps": lambda: n.train(X, y, step, 3000, ALPHA),
        "scikit-learn": lambda: LogisticRegression(C=1 / (len(y) * ALPHA), tol=1e-8, max_iter=5000).fit(X, y),
    }


def sigmoids(count: int) -> dict:
    """The sigmoid of so many numbers."""
    z = np.random.default_rng(0).normal(size=count)
    return {"sigmoid": lambda: n.sigmoid(z), "scipy.special.expit": lambda: scipy.special.expit(z)}


if __name__ == "__main__":
    rows = [
        *results.compare("logistic regression on 300 × 30", fits, (30, 300), rounds=5),
        *results.compare("sigmoid of 1,000,000", sigmoids, (100_000, 1_000_000)),
    ]
    results.report("01_neuron", rows)
