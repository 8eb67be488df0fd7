"""What `03_digits` built against PyTorch and scikit-learn, interleaved in one run.

    python tests/benchmarks/digits.py        prints a table; --write puts it into RESULTS.md

An epoch of training on MNIST digits in batches of 64, on the course's engine and in torch, the same loop; and moving
pictures about against scipy. Times are medians of interleaved rounds on one thread; the ratio is ours to the named
peer. Nothing is asserted.
"""

import results

results.prepare()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from built import digits as d  # noqa: E402
from scipy import ndimage  # noqa: E402

torch.set_num_threads(1)


def epochs(count: int) -> dict:
    """One epoch over so many pictures."""
    X, y = (part[:count] for part in d.mnist())
    ours = d.weights_of([784, 256, 10], np.random.default_rng(0))
    arrays = [w.data.copy() for w in ours]
    return {
        "fit": lambda: d.fit(ours, X, y, np.random.default_rng(1), epochs=1, step=0.05),
        "the same in torch": lambda: d.fit_in_torch(arrays, X, y, np.random.default_rng(1), epochs=1, step=0.05),
    }


def moves(count: int) -> dict:
    """So many pictures, each moved by a pixel or not at all."""
    X, _ = d.mnist()
    pictures = X[:count].reshape(-1, 28, 28)

    def by_scipy():
        steps = np.random.default_rng(0).integers(-1, 2, (count, 2))
        return [ndimage.shift(picture, step, order=0) for picture, step in zip(pictures, steps, strict=True)]

    return {"jitter": lambda: d.jitter(X[:count], np.random.default_rng(0)), "scipy.ndimage.shift": by_scipy}


if __name__ == "__main__":
    rows = [
        *results.compare("an epoch over 4,000 pictures", epochs, (1000, 4000), rounds=11),
        *results.compare("64 pictures moved", moves, (16, 64)),
    ]
    results.report("03_digits", rows)
