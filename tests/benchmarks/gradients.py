"""What `06_gradients` built against torch, interleaved in one run.

    python tests/benchmarks/gradients.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from built import gradients as g  # noqa: E402


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
    rows = [
        *results.compare("a network of 1,000 units", networks, (100, 1000)),
        *results.compare("a sum of 1,000 squares", nudges, (100, 1000)),
    ]
    results.report("06_gradients", rows)
