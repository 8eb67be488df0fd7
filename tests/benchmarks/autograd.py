"""What `02_autograd` built against PyTorch and micrograd, interleaved in one run.

    python tests/benchmarks/autograd.py        prints a table; --write puts it into RESULTS.md

One step of training of the digits network, 784 pixels, 128 units, ten logits. micrograd takes one picture after the
other, so its time is that of one picture times the size of the batch. Times are medians of interleaved rounds on one
thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import micrograd.engine  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from built import autograd as a  # noqa: E402

torch.set_num_threads(1)


def digits(batch: int) -> tuple:
    """Pictures, answers, and the four tables of weights, of single precision."""
    rng = np.random.default_rng(0)
    shapes = [(784, 128), 128, (128, 10), 10]
    arrays = [(rng.normal(size=shape) / 20).astype("float32") for shape in shapes]
    return rng.normal(size=(batch, 784)).astype("float32"), rng.integers(0, 10, batch), arrays


def steps(batch: int) -> dict:
    """One step of training, by the course's tensors and by torch's."""
    X, targets, arrays = digits(batch)
    ours = [a.Tensor(array, requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    loss = torch.nn.functional.cross_entropy
    return {
        "Tensor": lambda: a.training_step(a.Tensor(X), targets, ours, lambda z, t: z.surprise(t)),
        "torch": lambda: a.training_step(torch.tensor(X), torch.tensor(targets), theirs, loss),
    }


def by_numbers(units: int) -> dict:
    """One picture forwards and backwards, with tables, and number by number on our engine and micrograd's."""
    X, targets, arrays = digits(1)
    W1, W2 = arrays[0][:, :units], arrays[2][:units]
    ours = [a.Tensor(W, requires_grad=True) for W in (W1, np.zeros(units, "float32"), W2, np.zeros(10, "float32"))]
    values, theirs = ([[[made(float(w)) for w in row] for row in W.T] for W in (W1, W2)] for made in (a.Value, Peer))

    def micrograds():
        sum(a.neurons([Peer(float(x)) for x in X[0]], theirs), Peer(0.0)).backward()

    return {
        "Tensor": lambda: a.training_step(a.Tensor(X), targets, ours, lambda z, t: z.surprise(t)),
        "micrograd": micrograds,
        "Value": lambda: a.value_step(X[0], values),
    }


Peer = micrograd.engine.Value


def memory(layers: int) -> dict:
    """Forwards and backwards through a chain of tanh layers: plain, and with checkpoints."""
    rng = np.random.default_rng(0)
    h = a.Tensor(rng.normal(size=(128, 128)))
    chain = [a.Tensor(rng.normal(size=(128, 128)) / 12, requires_grad=True) for _ in range(layers)]
    return {
        "with checkpoints": lambda: a.gradients_of(chain, lambda: a.in_segments(h, chain, 4)),
        "without": lambda: a.gradients_of(chain, lambda: a.layers(h, *chain)),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("digits, one step, batch of 64", steps, (16, 64), rounds=101),
        *results.compare("one picture, 128 units", by_numbers, (32, 128), rounds=3),
        *results.compare("32 layers, segments of 4", memory, (8, 32), rounds=11),
    ]
    results.report("02_autograd", rows)
