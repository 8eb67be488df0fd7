"""What `02_neural_nets/05_deep_and_stable` built against PyTorch, interleaved in one run.

    python tests/benchmarks/deep_and_stable.py        prints a table; --write puts it into RESULTS.md

Each norm forwards and backwards in single precision: with its own way back, spelled out in steps that the engine
knows, and by torch. Times are medians of interleaved rounds on one thread; the ratio is ours to torch's. Nothing is
asserted.
"""

import results

results.prepare()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from built import deep_and_stable as d  # noqa: E402
from built.autograd import Tensor  # noqa: E402

torch.set_num_threads(1)


def once(norm, x, G) -> None:
    """One norm forwards and backwards."""
    x.grad = None
    norm(x).backward(G)


def norms(kind: str):
    """For a number of rows: one norm of 512 units, by the course's own step, spelled out, and by torch."""

    def of_size(rows: int) -> dict:
        rng = np.random.default_rng(0)
        x, G = (rng.normal(size=(rows, 512)).astype("float32") for _ in range(2))
        ours, spelled = Tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
        theirs, worth = torch.tensor(x, requires_grad=True), torch.tensor(G)
        return {
            "normed": lambda: once(lambda h: d.normed(h, kind), ours, G),
            "torch": lambda: once(lambda h: d.in_torch(h, kind), theirs, worth),
            "spelled out": lambda: once(lambda h: d.spelled_out(h, kind), spelled, G),
        }

    return of_size


if __name__ == "__main__":
    rows = [
        row
        for kind in ("layer", "rms", "batch")
        for row in results.compare(f"{kind} norm, 512 units, forth and back", norms(kind), (64, 1024), rounds=51)
    ]
    results.report("05_deep_and_stable", rows)
