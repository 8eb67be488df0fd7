"""What `07_language_models` built against torch.nn, interleaved in one run.

    python tests/benchmarks/language_models.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from built import language_models as lm  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)
V, WIDTH, HIDDEN, LANES = 72, 24, 192, 32


def lookups(count: int) -> dict:
    """The gradient of a lookup of so many ids in a table of 72 rows: ours, by torch's layer, and as a product."""
    ids, g = torch.randint(V, (count,)), torch.randn(count, WIDTH)
    layer = nn.Embedding(V, WIDTH)

    def theirs():
        layer.weight.grad = None
        layer(ids).backward(g)

    return {
        "lookup_vjp": lambda: lm.lookup_vjp(ids, g, V),
        "nn.Embedding, forward and backward": theirs,
        "one-hot, transposed, times g": lambda: F.one_hot(ids, V).float().T @ g,
    }


class Theirs(nn.Module):
    """The same language model from torch's layers; theirs sends each arrow through one more product, 192 × 192."""

    def __init__(self):
        super().__init__()
        self.E, self.rnn, self.out = nn.Embedding(V, HIDDEN), nn.RNN(HIDDEN, HIDDEN), nn.Linear(HIDDEN, V)

    def loss(self, X, y):
        """The mean surprise of y after X, both (lanes, length)."""
        return F.cross_entropy(self.out(self.rnn(self.E(X.T))[0]).flatten(0, 1), y.T.flatten())


def steps(length: int) -> dict:
    """A training step on so many characters in 32 lanes: forward, backward, AdamW."""
    X, y = torch.randint(V, (2, LANES, length))
    ours, theirs = lm.CharRNN(HIDDEN), Theirs()
    losses = {
        "CharRNN": lambda: F.cross_entropy(torch.cat(ours.states(X)) @ ours.V + ours.c, y.T.flatten()),
        "nn.RNN": lambda: theirs.loss(X, y),
    }
    optimisers = {
        "CharRNN": torch.optim.AdamW(ours.parameters(), lr=1e-4),
        "nn.RNN": torch.optim.AdamW(theirs.parameters(), lr=1e-4),
    }

    def step(name):
        optimisers[name].zero_grad()
        losses[name]().backward()
        optimisers[name].step()

    return {"CharRNN": lambda: step("CharRNN"), "nn.RNN": lambda: step("nn.RNN")}


def reading(count: int) -> dict:
    """A text of so many characters, one after the other, without gradients."""
    ids, ours, theirs = torch.randint(V, (count,)), lm.CharRNN(HIDDEN), Theirs()

    def without(call):
        with torch.no_grad():
            return call()

    return {
        "CharRNN.read": lambda: without(lambda: ours.read(ids)),
        "nn.RNN": lambda: without(lambda: theirs.out(theirs.rnn(theirs.E(ids[:, None]))[0])),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("gradient of 12,288 lookups, 72 × 24", lookups, (1536, 12_288)),
        *results.compare("training step, 32 lanes × 64, 192 units", steps, (16, 64)),
        *results.compare("reading 4,000 characters", reading, (1000, 4000), rounds=7),
    ]
    results.report("07_language_models", rows)
