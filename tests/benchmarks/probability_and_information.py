"""What `07_probability_and_information` built against scipy, torch and bz2, interleaved in one run.

    python tests/benchmarks/probability_and_information.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import bz2

import results

results.prepare()

import numpy as np  # noqa: E402
import scipy.special  # noqa: E402
import scipy.stats  # noqa: E402
import torch  # noqa: E402
from built import probability_and_information as q  # noqa: E402


def softmaxes(rows: int) -> dict:
    """Softmax of rows × 1,000 logits, 64 bits."""
    z = np.random.default_rng(0).normal(size=(rows, 1000))
    there = torch.tensor(z)
    return {
        "softmax": lambda: q.softmax(z),
        "scipy.special.softmax": lambda: scipy.special.softmax(z, axis=-1),
        "torch.softmax": lambda: torch.softmax(there, -1),
    }


def losses(rows: int) -> dict:
    """The loss and its gradient for rows × 1,000 logits, 64 bits."""
    z, targets = np.random.default_rng(0).normal(size=(rows, 1000)), np.arange(rows) % 1000
    there, aim = torch.tensor(z, requires_grad=True), torch.tensor(targets)

    def theirs():
        there.grad = None
        torch.nn.functional.cross_entropy(there, aim).backward()

    return {
        "cross_entropy and its gradient": lambda: (q.cross_entropy(z, targets), q.cross_entropy_gradient(z, targets)),
        "torch": theirs,
    }


def bootstraps(n: int) -> dict:
    """An interval from n values, 1,000 resamples."""
    values = np.random.default_rng(0).normal(size=n)
    return {
        "bootstrap": lambda: q.bootstrap(values),
        "scipy.stats.bootstrap": lambda: scipy.stats.bootstrap(
            (values,), np.mean, n_resamples=1000, method="percentile", rng=0
        ),
    }


def codes(n: int) -> dict:
    """Compressing n held-out characters."""
    message = q.text()[1][:n]
    return {"encode": lambda: q.encode(message), "bz2": lambda: bz2.compress(message.encode(), 9)}


if __name__ == "__main__":
    rows = [
        *results.compare("softmax of 1,000 × 1,000", softmaxes, (100, 1000)),
        *results.compare("loss and gradient of 1,000 × 1,000", losses, (100, 1000)),
        *results.compare("an interval from 1,000 values", bootstraps, (100, 1000)),
        *results.compare("compressing 1,000 characters", codes, (100, 1000), rounds=3),
    ]
    results.report("07_probability_and_information", rows)
