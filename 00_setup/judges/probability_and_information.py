"""What the exercises of `01_linear_algebra/07_probability_and_information` are judged by."""

import math
from collections import Counter

import numpy as np

from judges import Args, Judge, Mistake, Question, Verdict, swap, with_unchecked


def small_counts():
    """Counts of a short text, with room for strings of three."""
    text = "the queen then quit the quay "
    counts = Counter({"": len(text) - 2})
    for size in (1, 2, 3):
        counts.update(text[at : at + size] for at in range(len(text) - 2))
    return counts


def histories(rng):
    """Histories that were seen, seen once, never, empty; characters that follow and that never do; odd strengths."""
    counts = small_counts()
    yield "u", "q", Counter({"": 98, "q": 8, "u": 26, "qu": 8}), 2
    for character, history in [
        ("h", "t"),
        ("e", "th"),
        ("u", "q"),
        ("z", "th"),
        ("e", "zz"),
        ("z", ""),
        ("e", ""),
        ("n", "ee"),
    ]:
        for strength in (0.5, 5):
            yield character, history, counts, strength
    yield "e", "th", counts, 0
    yield "e", "th", counts, -1
    yield "e", "th", counts, math.nan
    yield "a", "bc", Counter(), 3
    for _ in range(10):
        yield rng.choice("thequinay z"), "".join(rng.choice("thequn ") for _ in range(rng.randint(0, 2))), counts, 2.0


def scores(rng):
    """Logits: lists, tables along either axis, large, small, −∞ among them; then NaN, +∞ and nothing but −∞."""
    yield ([0.0, 0.0],)
    yield ([1.0, 2.0, 3.0],)
    yield ([1000.0, 1000.0 + math.log(3)],)
    yield ([-1000.0, -1001.0],)
    yield ([-np.inf, 0.0, 0.0],)
    yield ([[0.0, 1.0], [0.0, 1.0]],)
    yield Args([[0.0, 1.0], [0.0, 1.0]], axis=0)
    yield Args(np.zeros((2, 3, 4)), axis=1)
    yield ([5],)
    yield ([-np.inf, -np.inf],)
    yield ([[0.0, 1.0], [-np.inf, -np.inf]],)
    yield ([0.0, np.nan],)
    yield ([0.0, np.inf],)
    yield ([[-2000.0, -2001.0], [1.0, 2.0]],)
    for n in range(2, 8):
        yield ([rng.uniform(-5, 5) for _ in range(n)],)


def worths(rng):
    """Distributions with the worth of each: one, several rows, three axes, sure ones; then shapes that differ."""
    yield np.array([0.5, 0.5]), np.array([1.0, 0.0])
    yield np.array([0.2, 0.3, 0.5]), np.array([1.0, 1.0, 1.0])
    yield np.array([1.0, 0.0]), np.array([3.0, 5.0])
    yield np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 2.0], [3.0, -1.0]])
    yield np.array([0.5, 0.5]), np.array([1.0, 0.0, 2.0])
    yield np.array([[0.5, 0.5]]), np.array([1.0, 0.0])
    for shape in [(4,), (2, 3), (3, 2), (2, 2, 3)]:
        p = np.array([rng.uniform(0.1, 1) for _ in range(math.prod(shape))]).reshape(shape)
        yield (
            p / p.sum(axis=-1, keepdims=True),
            np.array([float(rng.randint(-4, 5)) for _ in range(p.size)]).reshape(shape),
        )


def answers(rng):
    """Logits with the right answers: even, sure, hopeless, large; then no rows, bad shapes, targets out of range."""
    yield [[0.0, 0.0]], [1]
    yield [[800.0, 0.0]], [1]
    yield [[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]], [2, 0]
    yield np.array([[1e4, 0.0], [0.0, 1e4]]), np.array([0, 0])
    yield [[-900.0, -901.0]], [0]
    yield [[0.0, 0.0], [2000.0, 2000.0]], [0, 0]
    yield np.zeros((0, 3)), np.zeros(0, dtype=int)
    yield [0.0, 1.0], [1]
    yield [[0.0, 1.0]], [0, 1]
    yield [[0.0, 1.0]], [-1]
    yield [[0.0, 1.0]], [2]
    for n in range(1, 7):
        yield [[rng.uniform(-3, 3) for _ in range(4)] for _ in range(n)], [rng.randint(0, 3) for _ in range(n)]


def losses(rng):
    """Losses of long and of short pieces, none, an array; then a text without characters."""
    yield [math.log(2), math.log(8)], 8
    yield [5.0] * 20, 100
    yield np.array([2.0] * 60), 100
    yield [1.0], 1
    yield [], 5
    yield [1.0], 0
    yield [1.0, 2.0], -3
    for n in range(1, 6):
        yield [rng.uniform(0, 6) for _ in range(n)], rng.randint(1, 30)


def samples(rng):
    """Values all alike, skewed, few; other levels, seeds and rounds; then one value, a table, NaN."""
    yield ([1.0, 1.0, 1.0],)
    yield ([0.0, 10.0],)
    yield ([1, 2, 3, 4, 100],)
    yield Args([1.0, 2.0, 4.0, 8.0], level=0.5)
    yield Args([1.0, 2.0, 4.0, 8.0], level=0.99)
    yield Args([1.0, 2.0, 4.0, 8.0], seed=7)
    yield Args([1.0, 2.0, 4.0, 8.0, 16.0], rounds=50)
    yield ([3.0],)
    yield ([],)
    yield ([1.0, np.nan, 2.0],)
    yield ([1.0, np.inf, 2.0],)
    yield (np.ones((2, 2)),)
    for n in range(2, 9):
        yield ([rng.uniform(0, 9) for _ in range(n)],)


PROBABILITY = (
    "def probability(character, history, counts, strength):\n    if not strength > 0:\n        raise ValueError(strength)\n"
    "    believed = 1 / len(alphabet())\n    for start in range(len(history), -1, -1):\n        known = history[start:]\n"
    "        believed = (counts[known + character] + strength * believed) / (counts[known] + strength)\n    return believed"
)
SOFTMAX = (
    "def softmax(logits, axis=-1):\n    logits = np.asarray(logits, dtype=float)\n"
    "    largest = logits.max(axis=axis, keepdims=True)\n    if not np.isfinite(largest).all():\n"
    "        raise ValueError('logits')\n    weights = np.exp(logits - largest)\n"
    "    return weights / weights.sum(axis=axis, keepdims=True)"
)
VJP = (
    "def softmax_vjp(p, g):\n    if np.shape(p) != np.shape(g):\n        raise ValueError('shapes')\n"
    "    return p * (g - (g * p).sum(axis=-1, keepdims=True))"
)
LOSS = (
    "def cross_entropy(logits, targets):\n    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)\n"
    "    if logits.ndim != 2 or not len(logits) or targets.shape != (len(logits),):\n        raise ValueError('shapes')\n"
    "    if targets.min() < 0 or targets.max() >= logits.shape[1]:\n        raise ValueError('targets')\n"
    "    largest = logits.max(axis=1)\n    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))\n"
    "    return float((log_sum - logits[np.arange(len(logits)), targets]).mean())"
)
BITS = (
    "def bits_per_char(nats, characters):\n    if characters < 1:\n        raise ValueError(characters)\n"
    "    return float(np.sum(nats) / np.log(2) / characters)"
)
BOOTSTRAP = (
    "def bootstrap(values, rounds=1000, level=0.95, seed=0):\n    values = np.asarray(values, dtype=float)\n"
    "    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():\n        raise ValueError(values.shape)\n"
    "    n = len(values)\n    means = values[np.random.default_rng(seed).integers(0, n, size=(rounds, n))].mean(axis=1)\n"
    "    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])\n    return float(low), float(high)"
)

UNCHECKED = {  # the lines of each solution that look at what was given: most people write them last
    "softmax": "    if not np.isfinite(largest).all():\n        raise ValueError('logits')\n",
    "softmax_vjp": "    if np.shape(p) != np.shape(g):\n        raise ValueError('shapes')\n",
    "bits_per_char": "    if characters < 1:\n        raise ValueError(characters)\n",
    "probability": "    if not strength > 0:\n        raise ValueError(strength)\n",
}


EXERCISES = {
    "probability": Judge(
        cases=histories,
        hints=(
            "Begin with 1 / 72 and go through the histories from the empty one to the longest: each corrects the one before.",
            "One correction: (count of history + character, plus s times what was believed) over (count of history, plus s).",
            "`history[start:]` for start from len(history) down to 0 gives the histories, the empty one first.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["probability"]],
            {
                "no-smoothing": Mistake(
                    "Plain shares: zero for what was never seen, and an error for a history that was never seen.",
                    swap(
                        PROBABILITY,
                        (
                            "        believed = (counts[known + character] + strength * believed) / (counts[known] + strength)\n",
                            "        believed = counts[known + character] / counts[known] if counts[known] else 0.0\n",
                        ),
                    ),
                ),
                "longest-only": Mistake(
                    "You go from 1 / 72 to the longest history in one step. The shorter ones in between know something.",
                    swap(PROBABILITY, ("range(len(history), -1, -1)", "[0]")),
                ),
                "empty-skipped": Mistake(
                    "You leave out the empty history: how often the character occurs at all.",
                    swap(PROBABILITY, ("range(len(history), -1, -1)", "range(len(history) - 1, -1, -1)")),
                ),
                "from-the-front": Mistake(
                    "You shorten the history at its end. What matters most is the character right before: drop the first.",
                    swap(PROBABILITY, ("history[start:]", "history[: len(history) - start]")),
                ),
                "divisor": Mistake(
                    "The probabilities of all characters do not add up to one. What was added above must be added below.",
                    swap(PROBABILITY, ("(counts[known] + strength)", "max(counts[known], 1)")),
                ),
                "strength-per-character": Mistake(
                    "Below, the strength is added once for all characters together, not once for each of the 72.",
                    swap(PROBABILITY, ("(counts[known] + strength)", "(counts[known] + strength * len(alphabet()))")),
                ),
                "average": Mistake(
                    "You average what the histories say, all alike. How much each is trusted depends on how often it was seen.",
                    swap(
                        PROBABILITY,
                        (
                            "        believed = (counts[known + character] + strength * believed) / (counts[known] + strength)\n",
                            "        share = counts[known + character] / counts[known] if counts[known] else 0.0\n"
                            "        believed = (believed + share) / 2\n",
                        ),
                    ),
                ),
                "strength-unchecked": Mistake(
                    "A strength of zero or less comes back with a number. It would say *never* again: refuse it.",
                    swap(
                        PROBABILITY,
                        ("    if not strength > 0:\n        raise ValueError(strength)\n", ""),
                        ("(counts[known] + strength)", "(counts[known] + strength or 1)"),
                    ),
                ),
            },
        ),
        also=(
            "def probability(character, history, counts, strength):\n    if not strength > 0:\n        raise ValueError('s')\n"
            "    shorter = probability(character, history[1:], counts, strength) if history else 1 / 72\n"
            "    return (counts[history + character] + strength * shorter) / (counts[history] + strength)",
        ),
    ),
    "softmax": Judge(
        cases=scores,
        hints=(
            "e to the power of each, over the sum of all of them, along the axis. `keepdims=True` keeps the shapes fitting.",
            "Subtract the largest along the axis first: nothing changes, and nothing overflows.",
            "The largest is NaN if one is NaN, +∞ if one is, and −∞ if all are: all three are refused by `np.isfinite`.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["softmax"]],
            {
                "overflows": Mistake(
                    "e to the power of 1000 is infinite, and infinite over infinite is NaN. Subtract the largest first.",
                    swap(SOFTMAX, ("np.exp(logits - largest)", "np.exp(logits)")),
                ),
                "whole-table": Mistake(
                    "You divide by the sum of the whole table. Each row, along the axis, is a distribution of its own.",
                    swap(
                        SOFTMAX,
                        ("weights.sum(axis=axis, keepdims=True)", "weights.sum()"),
                    ),
                ),
                "last-axis-only": Mistake(
                    "You always work along the last axis. Which one was asked for?",
                    swap(
                        SOFTMAX,
                        ("logits.max(axis=axis", "logits.max(axis=-1"),
                        ("weights.sum(axis=axis", "weights.sum(axis=-1"),
                    ),
                ),
                "one-maximum": Mistake(
                    "One maximum for the whole table: in a row far below it everything underflows to 0 / 0.",
                    swap(SOFTMAX, ("logits - largest", "logits - logits.max()")),
                ),
                "minimum": Mistake(
                    "You subtract the smallest: then the largest overflows, and −∞ makes everything NaN.",
                    swap(SOFTMAX, ("logits - largest", "logits - logits.min(axis=axis, keepdims=True)")),
                ),
                "no-exponential": Mistake(
                    "The scores over their sum: negative scores make negative probabilities. What makes any number positive?",
                    swap(SOFTMAX, ("np.exp(logits - largest)", "logits - largest + 1")),
                ),
                "log": Mistake(
                    "That is the logarithm of it. Probabilities are asked for: one in all.",
                    swap(
                        SOFTMAX,
                        (
                            "return weights / weights.sum(axis=axis, keepdims=True)",
                            "return logits - largest - np.log(weights.sum(axis=axis, keepdims=True))",
                        ),
                    ),
                ),
                "nan-unseen": Mistake(
                    "Logits that are no numbers, or all −∞, come back as NaN, and nobody hears of it until much later.",
                    swap(SOFTMAX, ("    if not np.isfinite(largest).all():\n        raise ValueError('logits')\n", "")),
                ),
                "minus-infinity-refused": Mistake(
                    "One −∞ is allowed: that is how a model is told that something cannot come. It becomes 0.",
                    swap(SOFTMAX, ("np.isfinite(largest).all()", "np.isfinite(logits).all()")),
                ),
            },
        ),
        also=(
            "def softmax(logits, axis=-1):\n    z = np.array(logits, dtype=float)\n    if np.isnan(z).any() or (z == np.inf).any():\n"
            "        raise ValueError('nan or inf')\n    if (z == -np.inf).all(axis=axis).any():\n        raise ValueError('nothing')\n"
            "    return np.apply_along_axis(lambda row: np.exp(row - np.logaddexp.reduce(row)), axis, z)",
        ),
    ),
    "softmax_vjp": Judge(
        cases=worths,
        hints=(
            "Write the sum out for one j: the diagonal gives gⱼ pⱼ, and the rest is pⱼ times the sum of all gᵢ pᵢ.",
            "So it is pⱼ times (gⱼ minus the mean worth), and the mean worth is `(g * p).sum()`.",
            "With several rows each has its own mean: `axis=-1, keepdims=True`.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["softmax_vjp"]],
            {
                "diagonal": Mistake(
                    "p (1 − p) is the diagonal of the table. A logit moves all the other probabilities as well.",
                    swap(VJP, ("p * (g - (g * p).sum(axis=-1, keepdims=True))", "g * p * (1 - p)")),
                ),
                "plain-mean": Mistake(
                    "You subtract the plain mean of the worths. It is weighted: by how likely each one is.",
                    swap(VJP, ("(g * p).sum(axis=-1, keepdims=True)", "g.mean(axis=-1, keepdims=True)")),
                ),
                "unweighted-sum": Mistake(
                    "You subtract the sum of the worths. Each counts as much as it is likely: `g * p`.",
                    swap(VJP, ("(g * p).sum(axis=-1, keepdims=True)", "g.sum(axis=-1, keepdims=True)")),
                ),
                "all-rows": Mistake(
                    "One mean worth for all rows. Each row is a distribution of its own.",
                    swap(VJP, ("(g * p).sum(axis=-1, keepdims=True)", "(g * p).sum()")),
                ),
                "mean-not-weighed": Mistake(
                    "g p less the sum of all g p: the sum has to be multiplied by p as well, since each logit moves by its share.",
                    swap(
                        VJP,
                        (
                            "p * (g - (g * p).sum(axis=-1, keepdims=True))",
                            "p * g - (g * p).sum(axis=-1, keepdims=True)",
                        ),
                    ),
                ),
                "p-forgotten": Mistake(
                    "The worth above the mean, and then? A logit moves its probability by p times that.",
                    swap(VJP, ("return p * (", "return (")),
                ),
                "only-first": Mistake(
                    "You have the diagonal part, g p. What the others lose is missing.",
                    swap(VJP, ("p * (g - (g * p).sum(axis=-1, keepdims=True))", "p * g")),
                ),
                "sign": Mistake(
                    "Turned round: what is worth more than the mean should come out positive.",
                    swap(VJP, ("g - (g * p).sum(axis=-1, keepdims=True)", "(g * p).sum(axis=-1, keepdims=True) - g")),
                ),
                "squared": Mistake(
                    "In the sum, p stands once for each probability; you have it twice.",
                    swap(VJP, ("(g * p).sum", "(g * p * p).sum")),
                ),
                "stretched": Mistake(
                    "Shapes that differ come back as if they fitted: numpy stretched one of them.",
                    "def softmax_vjp(p, g):\n    if p.shape[-1] != g.shape[-1]:\n        raise ValueError('shapes')\n"
                    "    return p * (g - (g * p).sum(axis=-1, keepdims=True))",
                ),
            },
        ),
        also=(
            "def softmax_vjp(p, g):\n    p, g = np.asarray(p), np.asarray(g)\n    if p.shape != g.shape:\n        raise ValueError('s')\n"
            "    flat = [(np.diag(a) - np.outer(a, a)) @ b for a, b in zip(p.reshape(-1, p.shape[-1]), g.reshape(-1, g.shape[-1]))]\n"
            "    return np.array(flat).reshape(p.shape)",
        ),
    ),
    "cross_entropy": Judge(
        cases=answers,
        hints=(
            "For each row: the logarithm of the sum of e^z, minus the logit of the right answer. Then the mean.",
            "`logits[np.arange(n), targets]` picks the right answer of each row.",
            "log Σ e^z = m + log Σ e^(z − m) for any m: take the largest of the row.",
        ),
        mistakes={
            "log-of-softmax": Mistake(
                "The softmax of a hopeless answer underflows to 0, and its logarithm is −∞. Stay with the logits.",
                swap(
                    LOSS,
                    (
                        "    largest = logits.max(axis=1)\n    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))\n"
                        "    return float((log_sum - logits[np.arange(len(logits)), targets]).mean())",
                        "    p = np.exp(logits - logits.max(axis=1)[:, None])\n    p /= p.sum(axis=1)[:, None]\n"
                        "    with np.errstate(divide='ignore'):\n"
                        "        return float(-np.log(p[np.arange(len(logits)), targets]).mean())",
                    ),
                ),
            ),
            "overflows": Mistake(
                "e to the power of 800 is infinite. Take the largest of the row out of the sum first.",
                swap(LOSS, ("    largest = logits.max(axis=1)\n", "    largest = np.zeros(len(logits))\n")),
            ),
            "sum": Mistake("The sum over the rows. The mean is asked for.", swap(LOSS, (".mean())", ".sum())"))),
            "bits": Mistake(
                "These are bits. By custom the loss is in nats, with the natural logarithm.",
                swap(LOSS, (".mean())", ".mean() / np.log(2))")),
            ),
            "sign": Mistake(
                "The sign is turned round: a surprise is never negative.",
                swap(
                    LOSS,
                    (
                        "log_sum - logits[np.arange(len(logits)), targets]",
                        "logits[np.arange(len(logits)), targets] - log_sum",
                    ),
                ),
            ),
            "largest-not-added": Mistake(
                "You took the largest out of the sum and did not put it back in front of the logarithm.",
                swap(LOSS, ("largest + np.log", "np.log")),
            ),
            "whole-columns": Mistake(
                "`logits[:, targets]` is a table: every row with every target. Each row has one of its own.",
                swap(
                    LOSS,
                    ("(log_sum - logits[np.arange(len(logits)), targets])", "(log_sum[:, None] - logits[:, targets])"),
                ),
            ),
            "likeliest": Mistake(
                "You take the largest logit for the right answer. What was right stands in `targets`.",
                swap(LOSS, ("logits[np.arange(len(logits)), targets]", "largest")),
            ),
            "one-maximum": Mistake(
                "One maximum for the whole table: in a row far below it everything underflows, and the logarithm is −∞.",
                swap(
                    LOSS, ("    largest = logits.max(axis=1)\n", "    largest = np.full(len(logits), logits.max())\n")
                ),
            ),
            "epsilon": Mistake(
                "A small number added inside of the logarithm hides the infinity and puts a wrong number in its place.",
                swap(
                    LOSS,
                    (
                        "    largest = logits.max(axis=1)\n    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))\n"
                        "    return float((log_sum - logits[np.arange(len(logits)), targets]).mean())",
                        "    p = np.exp(logits - logits.max(axis=1)[:, None])\n    p /= p.sum(axis=1)[:, None]\n"
                        "    return float(-np.log(p[np.arange(len(logits)), targets] + 1e-12).mean())",
                    ),
                ),
            ),
            "negative-target": Mistake(
                "A target of −1 takes the last column in silence. It is a bug of the caller: say so.",
                swap(LOSS, ("targets.min() < 0 or targets.max()", "targets.max()")),
            ),
        },
        also=(
            "def cross_entropy(logits, targets):\n    logits, targets = np.asarray(logits, float), list(targets)\n"
            "    if logits.ndim != 2 or len(logits) != len(targets) or not targets:\n        raise ValueError('shape')\n"
            "    if any(not 0 <= t < logits.shape[1] for t in targets):\n        raise ValueError('target')\n"
            "    return float(np.mean([np.logaddexp.reduce(z) - z[t] for z, t in zip(logits, targets)]))",
        ),
    ),
    "bits_per_char": Judge(
        cases=losses,
        hints=(
            "How many nats for the whole text? How many bits is that?",
            "A nat is 1 / ln 2 bits: divide by `np.log(2)`.",
            "Then divide by the characters of the text, not by the number of tokens.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["bits_per_char"]],
            {
                "mean-loss": Mistake(
                    "You divide by the number of tokens. How many pieces it was cut into is the model's affair; the text is not.",
                    swap(BITS, ("/ characters", "/ max(len(nats), 1)")),
                ),
                "mean-over-characters": Mistake(
                    "You take the mean over the tokens and divide by the characters: divided twice.",
                    swap(BITS, ("np.sum(nats)", "np.sum(nats) / max(len(nats), 1)")),
                ),
                "nats": Mistake("Still in nats. One nat is 1.44 bits.", swap(BITS, (" / np.log(2)", ""))),
                "times": Mistake(
                    "Multiplied where it should be divided: a nat is more than a bit.",
                    swap(BITS, ("/ np.log(2)", "* np.log(2)")),
                ),
                "log2-of-nats": Mistake(
                    "The losses are logarithms already. You take the logarithm of a logarithm.",
                    swap(BITS, ("np.sum(nats) / np.log(2)", "np.log2(np.sum(nats) or 1)")),
                ),
                "perplexity": Mistake(
                    "That is a perplexity, e to the power of the loss. Bits are asked for.",
                    swap(BITS, ("np.sum(nats) / np.log(2) / characters", "np.exp(np.sum(nats) / characters)")),
                ),
                "unchecked": Mistake(
                    "A text without characters comes back with a number. There is nothing to divide by: say so.",
                    swap(
                        BITS,
                        ("    if characters < 1:\n        raise ValueError(characters)\n", ""),
                        ("/ characters", "/ (characters or 1)"),
                    ),
                ),
            },
        ),
        also=(
            "def bits_per_char(nats, characters):\n    if not characters > 0:\n        raise ValueError('none')\n"
            "    return float(sum(loss * np.log2(np.e) for loss in nats)) / characters",
        ),
    ),
    "bootstrap": Judge(
        cases=samples,
        hints=(
            "`values[places]` with a table of places gives a table of resamples, one a row.",
            "The mean of each row (`axis=1`), and then two quantiles of the means.",
            "Which quantiles? For a level of 0.95, 0.025 and 0.975: (1 − level) / 2 and (1 + level) / 2.",
        ),
        mistakes={
            "of-the-values": Mistake(
                "Quantiles of the values say where single values lie. Where does their *mean* lie? Resample first.",
                swap(BOOTSTRAP, ("np.quantile(means,", "np.quantile(values,")),
            ),
            "one-sided": Mistake(
                "You leave out all of it on one side. Half of it belongs to either.",
                swap(BOOTSTRAP, ("[(1 - level) / 2, (1 + level) / 2]", "[1 - level, level]")),
            ),
            "percent": Mistake(
                "`np.quantile` counts from 0 to 1, and you leave out a hundredth of what should be left out.",
                swap(BOOTSTRAP, ("[(1 - level) / 2, (1 + level) / 2]", "[(1 - level) / 200, 1 - (1 - level) / 200]")),
            ),
            "single-draws": Mistake(
                "You look at single draws. Each resample has as many values as there are, and its mean varies far less.",
                swap(BOOTSTRAP, (".mean(axis=1)", "[:, 0]")),
            ),
            "columns": Mistake(
                "Means down the columns: each is a mean of a thousand values. A resample is a row.",
                swap(BOOTSTRAP, (".mean(axis=1)", ".mean(axis=0)")),
            ),
            "fixed-level": Mistake(
                "You always leave out five in a hundred. `level` says how many stay in.",
                swap(BOOTSTRAP, ("[(1 - level) / 2, (1 + level) / 2]", "[0.025, 0.975]")),
            ),
            "swapped": Mistake(
                "The upper end first. The order is (low, high).",
                swap(BOOTSTRAP, ("return float(low), float(high)", "return float(high), float(low)")),
            ),
            "median": Mistake(
                "You take the median of each resample. The interval is for the mean.",
                swap(
                    BOOTSTRAP,
                    (
                        ".integers(0, n, size=(rounds, n))].mean(axis=1)",
                        ".integers(0, n, size=(rounds, n))]\n    means = np.median(means, axis=1)",
                    ),
                ),
            ),
            "draws-elsewhere": Mistake(
                "Other draws than the docstring asks for: all at once, `rounds` rows of n places. Yours is as good, and nobody "
                "can compare it.",
                swap(
                    BOOTSTRAP,
                    (
                        "values[np.random.default_rng(seed).integers(0, n, size=(rounds, n))]",
                        "values[np.random.default_rng(seed).integers(0, n, size=(n, rounds))].T",
                    ),
                ),
            ),
            "own-seed": Mistake(
                "The seed that was given is not used, so nobody can get your interval again.",
                swap(BOOTSTRAP, ("default_rng(seed)", "default_rng(12345)")),
            ),
            "rounds-ignored": Mistake(
                "`rounds` says how many resamples; you always take a thousand.",
                swap(BOOTSTRAP, ("size=(rounds, n)", "size=(1000, n)")),
            ),
            "normal": Mistake(
                "Mean plus and minus 1.96 standard errors: close for many values, symmetric for none that are skewed. "
                "The quantiles of the resampled means are asked for.",
                swap(
                    BOOTSTRAP,
                    (
                        "    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])\n",
                        "    off = 1.96 * values.std(ddof=1) / n**0.5\n    low, high = values.mean() - off, values.mean() + off\n",
                    ),
                ),
            ),
            "nan-through": Mistake(
                "One NaN and both ends are NaN, or too few values and an interval of one point. Refuse them.",
                swap(BOOTSTRAP, (" or len(values) < 2 or not np.isfinite(values).all()", " or not len(values)")),
            ),
        },
        also=(
            "def bootstrap(values, rounds=1000, level=0.95, seed=0):\n    values = np.array(list(values), dtype=float)\n"
            "    if values.ndim > 1 or values.size < 2 or not np.isfinite(values).all():\n        raise ValueError('values')\n"
            "    places = np.random.default_rng(seed).integers(0, values.size, size=(rounds, values.size))\n"
            "    means = [np.mean(values[row]) for row in places]\n    half = 100 * (1 - level) / 2\n"
            "    return float(np.percentile(means, half)), float(np.percentile(means, 100 - half))",
        ),
    ),
}

QUIZ = (
    Question(
        "half",
        'After "To be": at which temperature is the entropy about half of what it is at 1?',
        (
            ("At about 0.3", "There one character has nearly everything, and the entropy is close to zero."),
            ("At about 0.5", "By then it is down to a fifth: it does not fall in a straight line."),
            ("At about 0.7", "It falls slowly at first and fast below, for the likeliest character is far ahead."),
            ("At about 0.9", "It has lost less than a fifth there."),
        ),
        right=2,
    ),
    Question(
        "tokens",
        "Model A has a loss of 3.1 nats per token, model B of 2.4. They cut text into pieces of their own. Which predicts better?",
        (
            ("B, since its loss is smaller", "Of what? Its pieces may be shorter, and then each is easier."),
            ("A, since its tokens carry more", "They may; but how much more is what has to be measured."),
            ("One cannot say: count the characters of the text", "Bits for the same text are what can be compared."),
            (
                "Neither, since losses are not probabilities",
                "They are logarithms of probabilities, and can be compared on one text.",
            ),
        ),
        right=2,
    ),
    Question(
        "never",
        "A predictor gives probability 0 to a character, and it comes. What is its score on the whole text?",
        (
            ("A little worse, by one character in thousands", "One surprise of infinity makes the sum infinite."),
            ("Infinitely bad, whatever else it predicted", "That is why every history is smoothed."),
            ("Zero bits for this character", "Zero bits is what certainty costs if it is right."),
            ("It is left out, as a thing that cannot happen", "It did happen, and the predictor has to answer for it."),
        ),
        right=1,
    ),
    Question(
        "overlap",
        "Two models on the same 500 questions: 71 % and 74 %, each ± 4. Is the second one better?",
        (
            ("No: the intervals overlap", "They hold what both share, such as how hard the questions are."),
            ("Yes: 74 is more than 71", "By luck, perhaps. How sure can one be?"),
            ("Subtract question by question, then ask", "What the models share falls out, and what is left decides."),
            ("Ask 500 other questions of the second one", "Then the two would share even less."),
        ),
        right=2,
    ),
    Question(
        "gradient",
        "What flows back from the loss to the logit of a character that did not come and had the probability 0.3?",
        (
            ("0: it was not the right answer", "It took 0.3 from what came, and is told so."),
            ("+0.3, over the number of rows", "Predicted minus happened: 0.3 − 0. Descent lowers it."),
            ("−0.7, over the number of rows", "So it would be if it had come: 0.3 − 1."),
            ("−log 0.3, over the number of rows", "That is a surprise; the gradient is a difference."),
        ),
        right=1,
    ),
)

REVIEWS = {
    "one-maximum": Verdict(
        of="softmax",
        right=False,
        why="Nothing overflows, that is true. But in a row that lies far below the largest of the whole array every weight "
        "underflows to zero, and zero is divided by zero. One strange row spoils all others of its batch, and only those.",
        cases=scores,
        witness=([[0.0, 0.0], [2000.0, 2000.0]],),
    ),
    "multiplied-out": Verdict(
        of="softmax_vjp",
        right=True,
        why="p (g − m) = p g − p m, with m = Σ g p. Nothing else has changed, the axis and the kept dimension included.",
        cases=worths,
        witness=None,
    ),
}
