"""What `06_gradients` built against torch, interleaved in one run.

    python tests/benchmarks/gradients.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read once, when numpy is imported
    os.environ[name] = "1"

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "00_setup"), str(ROOT / "tests" / "benchmarks")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from built import gradients as g  # noqa: E402
from results import compare, table, write  # noqa: E402


def networks(hidden: int) -> dict:
    """The gradients of a network with 64 inputs and 10 outputs on 64 rows, in 64 bits."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(64, 64)), rng.normal(size=(64, 10))
    given = [rng.normal(size=(64, hidden)), rng.normal(size=hidden), rng.normal(size=(hidden, 10))]
    tensors = [torch.tensor(w, requires_grad=True) for w in given]
    X_there, Y_there = torch.tensor(X), torch.tensor(Y)

    def theirs():
        for tensor in tensors:
            tensor.grad = None
        g.network_loss(X_there, Y_there, *tensors).backward()

    return {"network_gradients": lambda: g.network_gradients(X, Y, *given), "torch autograd": theirs}


def nudges(n: int) -> dict:
    """The gradient of a sum of squares of n numbers, by nudges."""
    x = np.random.default_rng(0).normal(size=n)
    tensor = torch.tensor(x, requires_grad=True)
    return {
        "numerical_gradient": lambda: g.numerical_gradient(lambda x: float((x**2).sum()), x),
        "torch autograd": lambda: (tensor**2).sum().backward(),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    rows = [
        *compare("a network of 1,000 units", networks, (100, 1000)),
        *compare("a sum of 1,000 squares", nudges, (100, 1000)),
    ]
    columns = ["what", "who", "median", "middle half (ms)", "ratio to the first peer", "growth"]
    print(table(columns, rows))
    if "--write" in sys.argv:
        write("06_gradients", "python tests/benchmarks/gradients.py --write", table(columns, rows))
