"""What the exercises of `02_neural_nets/05_deep_and_stable` are judged by: cases, known mistakes, quiz, reviews."""

import numpy as np
from seeded import Seeded

from judges import Judge, Mistake, Question, Verdict, swap, whole, with_unchecked


def sizes(rng):
    """Layers that widen and that narrow, of one unit, for relu, leaky and linear units; then none at all."""
    yield 2, 3, Seeded(0)
    yield 8, 1, Seeded(1)
    yield 1, 1, Seeded(2)
    yield 5, 2, Seeded(3), 1.0
    yield 2, 5, Seeded(4), 0.5
    yield 3, 4, Seeded(4), -1.0
    yield 0, 3, Seeded(5)
    yield 3, 0, Seeded(6)
    yield -2, 3, Seeded(7)
    for _ in range(8):
        yield (
            rng.randint(1, 9),
            rng.randint(1, 5),
            Seeded(rng.randint(0, 99)),
            rng.choice([0.0, 0.1, 1.0]),
        )


def worths(rng):
    """Rows and stacks of rows with a worth for each entry, far from zero, all alike, other eps; then what does not fit."""
    yield np.array([[1.0, 2.0, 6.0]]), np.array([[1.0, 0.0, 0.0]])
    yield np.array([[1.0, 3.0], [10.0, 50.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    yield np.array([2.0, 4.0, 9.0]), np.array([0.0, 1.0, -1.0])
    yield np.array([[5.0, 5.0, 5.0]]), np.array([[1.0, 2.0, 0.0]])
    yield np.array([[7.0]]), np.array([[3.0]])
    yield np.array([[1.0, 2.0, 6.0]]), np.array([[1.0, 0.0, 0.0]]), 1.0
    yield np.array([[0.01, -0.02, 0.0]]), np.array([[1.0, 0.0, 2.0]])
    yield np.ones((2, 3)), np.ones((2, 1))
    yield np.ones((2, 3)), np.ones(3)
    yield np.ones((2, 3)), np.ones((3, 2))
    for _ in range(8):
        shape = rng.choice([(3,), (2, 4), (4, 2), (2, 3, 4)])
        x = np.array([rng.uniform(-5, 5) for _ in range(int(np.prod(shape)))]).reshape(shape)
        yield x, whole(rng, *shape), rng.choice([1e-5, 0.1])


def off(rng):
    """Tables and lists with some entries off, p of zero, in training and in use; then shares that are none."""
    yield np.ones(4), 0.5, Seeded(0)
    yield np.ones((6, 3)), 0.5, Seeded(1)
    yield np.arange(12.0).reshape(3, 4), 0.25, Seeded(2)
    yield np.arange(5.0), 0.0, Seeded(3)
    yield np.arange(5.0), 0.9, Seeded(4)
    yield np.array([1.0, -2.0, 3.0]), 0.5, Seeded(5), False
    yield np.ones((2, 2)), 0.8, None, False
    yield np.ones(3), 1.0, Seeded(6)
    yield np.ones(3), -0.1, Seeded(7)
    yield np.ones(3), 1.5, Seeded(8), False
    for _ in range(8):
        yield (
            whole(rng, rng.randint(2, 5), rng.randint(2, 4)),
            rng.choice([0.1, 0.3, 0.7]),
            Seeded(rng.randint(0, 99)),
        )


def both_kinds(function, x, *more):
    """What a dropout makes of an array and of a Tensor, and whether it left the array as it was."""
    from copy import deepcopy

    from built.autograd import Tensor

    before, again = x.copy(), deepcopy(more)
    found = {"array": function(x, *more), "the array is as it was": bool(np.array_equal(before, x))}
    of_tensor = function(Tensor(before), *again)
    return found | {"Tensor": of_tensor.numbers if isinstance(of_tensor, Tensor) else "no Tensor"}


def runs(rng):
    """Losses that fall, rise, stand still, come back too late, are NaN; then none, and no patience."""
    yield [3.0, 2.0, 2.5, 2.2, 1.0], 2
    yield [3.0, 2.0, 1.0], 1
    yield [1.0, 2.0, 3.0], 1
    yield [1.0, 1.0, 1.0, 0.5], 2
    yield [2.0], 5
    yield [5.0, 4.0, 4.5, 3.0, 3.5, 3.2, 3.1, 2.0], 3
    yield [2.0, float("nan"), 1.0, 1.5], 3
    yield [float("nan"), 2.0, 1.0], 2
    yield [float("nan"), float("nan"), 1.0], 2
    yield [1.0, float("nan"), 3.0, 4.0], 2
    yield [2.0, float("nan"), float("nan"), 1.0], 2
    yield [float("nan")] * 5, 2
    yield [3.0, 1.0, 2.0, 1.0, 2.0, 0.5], 3
    yield [], 2
    yield [1.0, 2.0], 0
    yield [1.0, 2.0], -1
    for _ in range(12):
        yield [float(rng.randint(1, 9)) for _ in range(rng.randint(1, 12))], rng.randint(1, 4)


def dashboards(rng):
    """Runs that were not on the page: each sickness, two at once, with nothing close to a limit."""
    depth = rng.randint(6, 12)
    flat = lambda size: [size * rng.uniform(0.7, 1.4) for _ in range(depth)]  # noqa: E731
    slope = lambda first, last: [  # noqa: E731
        first * (last / first) ** (k / (depth - 1)) * rng.uniform(0.8, 1.2) for k in range(depth)
    ]
    fine = {
        "strength": flat(1),
        "dead": [0.1] * depth,
        "gradient": flat(0.01),
        "ratio": flat(1e-3),
        "likeness": [0.4] * depth,
    }
    falling = [2.3, 1.7, 1.1]
    some_dead = [0.1] * depth
    some_dead[depth // 2] = 0.98
    yield fine, falling
    yield fine | {"strength": [1e-2] * (depth - 1) + [20.0]}, falling
    yield fine | {"strength": [1.0] * (depth - 2) + [5e3, 1.0]}, falling
    yield fine | {"ratio": [1e-2, 0.15] + [1e-2, 0.15] * (depth // 2 - 1)}, falling
    yield fine | {"strength": slope(1, 1e6)}, [4e5, 3e5, 4e5]
    yield fine | {"strength": slope(1, 1e-6)}, [2.3, 2.3]
    yield fine | {"gradient": slope(1e4, 1e-2)}, falling
    yield fine | {"gradient": slope(1e-9, 1e-2)}, [2.3, 2.3]
    yield fine | {"dead": some_dead}, [2.5, 2.3]
    yield fine | {"dead": [0.5] * depth}, falling
    yield fine | {"likeness": [0.5] * (depth - 1) + [0.999]}, [2.3, 2.3]
    yield fine | {"likeness": [0.999] + [0.3] * (depth - 1)}, falling
    yield fine | {"ratio": flat(0.6)}, [2.3, 2.9, 2.1]
    yield fine | {"ratio": flat(1e-7)}, [2.3, 2.3]
    yield fine | {"ratio": [2.0] + [1e-3] * (depth - 1)}, falling
    yield fine | {"ratio": [0.3] + [1e-3] * (depth - 1)}, falling
    yield fine | {"ratio": [0.0] + [1e-3] * (depth - 1)}, falling
    yield fine | {"ratio": [1e-3] * (depth - 2) + [30.0, 30.0]}, falling
    yield fine, [2.3, float("nan")]
    yield fine, [2.3, 40.0, float("inf")]
    yield fine | {"gradient": [float("nan")] * depth, "ratio": [float("nan")] * depth}, [2.3]
    yield fine | {"likeness": [float("nan")] * depth, "dead": [1.0] * depth}, [2.3]
    yield fine | {"strength": slope(1, 1e-9), "dead": some_dead}, [2.3, 2.3]
    yield (
        fine
        | {"strength": [1.0] + [0.0] * (depth - 1), "gradient": [0.0] * depth, "dead": [0.1] + [1.0] * (depth - 1)},
        [2.3],
    )
    yield fine | {"strength": slope(1, 1e-6), "likeness": [0.999] * depth, "ratio": flat(1e-8)}, [2.3, 2.3]
    yield fine | {"strength": slope(1, 1e7), "dead": some_dead, "ratio": flat(5)}, [9e4, 8e4]
    yield fine | {"likeness": [0.999] * depth, "ratio": flat(1e-8)}, [2.3, 2.3]
    yield {name: values[:1] for name, values in fine.items()}, falling


KAIMING = (
    "def kaiming(n, m, rng, leak=0.0):\n    if n < 1 or m < 1:\n        raise ValueError((n, m))\n"
    "    return rng.normal(size=(n, m)) * np.sqrt(2 / (1 + leak**2) / n)"
)
VJP = (
    "def layer_norm_vjp(x, G, eps=1e-5):\n    if x.shape != G.shape:\n        raise ValueError(G.shape)\n"
    "    y = layer_norm(x, eps)\n    spread = np.sqrt(x.var(axis=-1, keepdims=True) + eps)\n"
    "    along_ones, along_y = G.mean(axis=-1, keepdims=True), (G * y).mean(axis=-1, keepdims=True)\n"
    "    return (G - along_ones - along_y * y) / spread"
)
DROPOUT = (
    "def dropout(x, p, rng, training=True):\n    if not 0 <= p < 1:\n        raise ValueError(p)\n"
    "    if not training:\n        return x\n    return x * ((rng.random(x.shape) >= p) / (1 - p))"
)
STOP = (
    "def early_stop(losses, patience):\n    if not len(losses) or patience < 1:\n        raise ValueError(patience)\n"
    "    best, waited = None, 0\n    for epoch, loss in enumerate(losses):\n"
    "        if loss == loss and (best is None or loss < losses[best]):\n            best, waited = epoch, 0\n"
    "        else:\n            waited += 1\n        if waited == patience:\n            return best or 0, epoch + 1\n"
    "    return best or 0, len(losses)"
)
NOT_FINITE = "    if not np.isfinite(np.concatenate([*readings.values(), losses])).all():\n        return 'exploding'\n"
GROWN = "    if strength[-1] > 1000 * strength[0] or gradient[0] > 1000 * gradient[-1]:\n        return 'exploding'\n"
DEAD = "    if max(readings['dead']) > 0.9:\n        return 'dead'\n"
FADED = "    if strength[-1] < strength[0] / 1000 or gradient[0] < gradient[-1] / 1000:\n        return 'vanishing'\n"
ALIKE = "    if readings['likeness'][-1] > 0.99:\n        return 'alike'\n"
DIAGNOSE = (
    "def diagnose(readings, losses):\n    strength, gradient = readings['strength'], readings['gradient']\n"
    + NOT_FINITE + GROWN + DEAD + FADED + ALIKE
    + "    ratio = np.median(readings['ratio'])\n"
    "    return 'step too large' if ratio > 0.1 else 'step too small' if ratio < 1e-5 else 'healthy'"
)  # fmt: skip
UNCHECKED = {  # the lines of each solution that look at what was given: most people write them last
    "kaiming": "    if n < 1 or m < 1:\n        raise ValueError((n, m))\n",
    "layer_norm_vjp": "    if x.shape != G.shape:\n        raise ValueError(G.shape)\n",
    "dropout": "    if not 0 <= p < 1:\n        raise ValueError(p)\n",
    "early_stop": "    if not len(losses) or patience < 1:\n        raise ValueError(patience)\n",
}


EXERCISES = {
    "kaiming": Judge(
        cases=sizes,
        hints=(
            "A unit adds up n products: the mean square of the sum is n · s² times that of the inputs. What is left of it "
            "after the unit, if half of the numbers are below zero and those are multiplied by leak?",
            "Half stays whole and half is multiplied by leak²: (1 + leak²)/2. So n · s² · (1 + leak²)/2 must be 1.",
            "`rng.normal(size=(n, m)) * np.sqrt(2 / (1 + leak**2) / n)`; and refuse layers of no inputs or no units.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["kaiming"]],
            {
                "variance-as-spread": Mistake(
                    "That is the variance. The numbers of a Generator are multiplied by the *spread*, its root.",
                    swap(KAIMING, ("np.sqrt(2 / (1 + leak**2) / n)", "2 / (1 + leak**2) / n")),
                ),
                "units-for-inputs": Mistake(
                    "You divide by the number of units. A sum gets larger with what is added up: the inputs, n.",
                    swap(KAIMING, ("/ n)", "/ m)")),
                ),
                "mean-of-both": Mistake(
                    "Glorot's compromise between n and m, for both directions at once. Here what passes forwards is to be kept: n.",
                    swap(KAIMING, ("/ n)", "/ ((n + m) / 2))")),
                ),
                "leak-forgotten": Mistake(
                    "Right for relu. A unit that lets something through below zero loses less, and needs less.",
                    swap(KAIMING, ("2 / (1 + leak**2)", "2")),
                ),
                "leak-not-squared": Mistake(
                    "Squares are kept: what is multiplied by leak has leak² of its mean square.",
                    swap(KAIMING, ("leak**2", "leak")),
                ),
                "linear": Mistake(
                    "1/√n is for linear units, which halve nothing. With relu this fades to nothing in fifty layers.",
                    swap(KAIMING, ("np.sqrt(2 / (1 + leak**2) / n)", "np.sqrt(1 / n)")),
                ),
                "turned": Mistake(
                    "Upside down: the more a unit lets through, the smaller the weights.",
                    swap(KAIMING, ("2 / (1 + leak**2) / n", "(1 + leak**2) / 2 / n")),
                ),
                "transposed": Mistake(
                    "(units, inputs) is PyTorch's way round. Here X @ W has the inputs first: (n, m).",
                    swap(KAIMING, ("size=(n, m)", "size=(m, n)")),
                ),
                "uniform": Mistake(
                    "Uniform numbers between −s and s have a spread of s/√3, and the docstring asks for `rng.normal`.",
                    swap(
                        KAIMING,
                        (
                            "rng.normal(size=(n, m)) * np.sqrt(2 / (1 + leak**2) / n)",
                            "rng.uniform(-1, 1, size=(n, m)) * np.sqrt(2 / (1 + leak**2) / n)",
                        ),
                    ),
                ),
            },
        )
        | {
            "unchecked": Mistake(
                "Right numbers. A layer without inputs or without units is a bug of the caller: refuse it.",
                swap(KAIMING, (UNCHECKED["kaiming"], "")),
            )
        },
        also=(
            "def kaiming(n, m, rng, leak=0.0):\n    if min(n, m) <= 0:\n        raise ValueError('empty')\n"
            "    gain = (0.5 + 0.5 * leak * leak) ** -0.5\n    return rng.normal(0, gain / n**0.5, (n, m))",
        ),
    ),
    "layer_norm_vjp": Judge(
        cases=worths,
        hints=(
            "An entry acts directly, through the mean of its row, and through the spread of its row. Begin with G / spread.",
            "What goes through the mean takes away the mean of G. What goes through the spread takes away y · mean(G · y).",
            "(G − mean(G) − y · mean(G · y)) / √(variance + eps), means over the last axis with `keepdims=True`.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["layer_norm_vjp"]],
            {
                "direct-only": Mistake(
                    "That is the direct way only. An entry also moves the mean and the spread of its row, and so all others.",
                    swap(VJP, ("(G - along_ones - along_y * y)", "G")),
                ),
                "mean-only": Mistake(
                    "The spread of the row is taken for a constant. Stretch the row: nothing may change, so what comes back "
                    "must be at right angles to y.",
                    swap(VJP, (" - along_y * y", "")),
                ),
                "spread-only": Mistake(
                    "That is the way back of RMS norm. Add a constant to the row: nothing may change, so the worths of a row "
                    "must add up to zero.",
                    swap(VJP, (" - along_ones", "")),
                ),
                "sums": Mistake(
                    "Sums in place of means: each entry has a share of 1/d in the mean, and in the spread.",
                    swap(VJP, ("G.mean(", "G.sum("), ("(G * y).mean(", "(G * y).sum(")),
                ),
                "not-divided": Mistake(
                    "The directions are right. The norm divides by the spread, so the way back does, too.",
                    swap(VJP, (" / spread", "")),
                ),
                "multiplied": Mistake(
                    "You multiply by the spread. It was divided by on the way forward, and that is its slope on the way back.",
                    swap(VJP, (" / spread", " * spread")),
                ),
                "by-the-variance": Mistake(
                    "You divide by the variance; its root is what the norm divides by.",
                    swap(VJP, ("np.sqrt(x.var(axis=-1, keepdims=True) + eps)", "x.var(axis=-1, keepdims=True) + eps")),
                ),
                "x-for-y": Mistake(
                    "You take away the part along x as it came in. What counts is the result y, which is centred and scaled.",
                    swap(VJP, ("(G * y).mean", "(G * x).mean"), ("along_y * y", "along_y * x")),
                ),
                "whole-table": Mistake(
                    "You average over the whole table. Each row has a mean and a spread of its own: the last axis.",
                    swap(
                        VJP,
                        ("G.mean(axis=-1, keepdims=True)", "G.mean()"),
                        ("(G * y).mean(axis=-1, keepdims=True)", "(G * y).mean()"),
                    ),
                ),
                "first-axis": Mistake(
                    "That is down the columns, as in batch norm. Layer norm looks along the row: the last axis.",
                    VJP.replace("axis=-1", "axis=0").replace("layer_norm(x, eps)", "layer_norm(x.T, eps).T"),
                ),
                "eps-forgotten": Mistake(
                    "Nearly right: `eps` is missing from the spread, which shows where a row is all alike, or eps is large.",
                    swap(
                        VJP,
                        (
                            "np.sqrt(x.var(axis=-1, keepdims=True) + eps)",
                            "np.sqrt(x.var(axis=-1, keepdims=True) + 1e-300)",
                        ),
                    ),
                ),
                "eps-outside": Mistake(
                    "Nearly right: eps is added to the variance, under the root, not to the spread.",
                    swap(
                        VJP,
                        (
                            "np.sqrt(x.var(axis=-1, keepdims=True) + eps)",
                            "np.sqrt(x.var(axis=-1, keepdims=True)) + eps",
                        ),
                    ),
                ),
                "default-eps": Mistake(
                    "`eps` is not handed on: for another eps the result y is another one.",
                    swap(VJP, ("layer_norm(x, eps)", "layer_norm(x)")),
                ),
                "sample-variance": Mistake(
                    "You divide by d − 1. The norm takes the mean of the squares: divided by d.",
                    swap(VJP, ("x.var(axis=-1, keepdims=True)", "x.var(axis=-1, keepdims=True, ddof=x.shape[-1] > 1)")),
                ),
            },
        )
        | {
            "unchecked": Mistake(
                "Right where the shapes agree. If G has another one, numpy may stretch it, and nobody notices: refuse it.",
                swap(VJP, (UNCHECKED["layer_norm_vjp"], "")),
            )
        },
        also=(
            "def layer_norm_vjp(x, G, eps=1e-5):\n    if np.shape(x) != np.shape(G):\n        raise ValueError('shape')\n"
            "    d = x.shape[-1]\n    c = x - x.mean(-1, keepdims=True)\n    r = ((c * c).sum(-1, keepdims=True) / d + eps) ** -0.5\n"
            "    of_r = (G * c).sum(-1, keepdims=True)\n    of_c = G * r - of_r * r**3 * c / d\n"
            "    return of_c - of_c.sum(-1, keepdims=True) / d",
        ),
        close=1e-8,
    ),
    "dropout": Judge(
        cases=off,
        drive=both_kinds,
        hints=(
            "Refuse a p that is no share first, then: if not training, x comes back as it is.",
            "An entry stays where `rng.random(x.shape) >= p`. What is the mean now, and by what must the others be enlarged?",
            "`x * ((rng.random(x.shape) >= p) / (1 - p))`: a product only, so that it works for a Tensor.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["dropout"]],
            {
                "not-enlarged": Mistake(
                    "What stays on is not enlarged: in use the next layer hears more than it was trained for.",
                    swap(DROPOUT, (" / (1 - p)", "")),
                ),
                "divided-by-p": Mistake(
                    "The share that stays is 1 − p; you divide by p, and at p = ½ nobody notices.",
                    swap(
                        DROPOUT,
                        ("((rng.random(x.shape) >= p) / (1 - p))", "((rng.random(x.shape) >= p) / (p if p else 1))"),
                    ),
                ),
                "multiplied": Mistake(
                    "Smaller in place of larger. Few are left to carry the sum: divide by 1 − p.",
                    swap(DROPOUT, ("/ (1 - p)", "* (1 - p)")),
                ),
                "in-use": Mistake(
                    "The first recipe from 2012: as it is in training, smaller in use. Here training makes up for it, and use is free.",
                    swap(DROPOUT, ("return x\n", "return x * (1 - p)\n"), (" / (1 - p))", " * 1.0)")),
                ),
                "always-on": Mistake(
                    "It drops in use, too: the same request gets another answer each time. Look at `training`.",
                    swap(
                        DROPOUT,
                        ("    if not training:\n        return x\n", "    rng = rng or np.random.default_rng(0)\n"),
                    ),
                ),
                "kept-with-p": Mistake(
                    "You keep with probability p. p is the share that is switched off.",
                    swap(DROPOUT, (">= p)", "< p)")),
                ),
                "whole-columns": Mistake(
                    "One draw for all rows: each example must lose units of its own.",
                    swap(DROPOUT, ("rng.random(x.shape)", "rng.random(x.shape[-1])")),
                ),
                "binomial": Mistake(
                    "Right on average, but other numbers are drawn than the docstring says, so nobody can compare: "
                    "one `rng.random(x.shape)`, kept where it is p or more.",
                    swap(DROPOUT, ("(rng.random(x.shape) >= p)", "rng.binomial(1, 1 - p, x.shape)")),
                ),
            },
        )
        | {
            "unchecked": Mistake(
                "Right for shares. At p = 1 you divide by zero; below 0 you make all smaller. Refuse both, in use as well.",
                swap(DROPOUT, (UNCHECKED["dropout"], "")),
            ),
            "checked-late": Mistake(
                "In use a p of 1.5 goes unnoticed, until somebody trains with it. Look at p first.",
                "def dropout(x, p, rng, training=True):\n    if not training:\n        return x\n"
                "    if not 0 <= p < 1:\n        raise ValueError(p)\n"
                "    return x * ((rng.random(x.shape) >= p) / (1 - p))",
            ),
            "one-allowed": Mistake(
                "At p = 1 nothing stays, and 1/(1 − p) is infinite: zero times infinity is no number. Refuse 1 as well.",
                swap(DROPOUT, ("0 <= p < 1", "0 <= p <= 1")),
            ),
            "in-place": Mistake(
                "You write into x. The caller's array is changed, and a Tensor does not let you.",
                "def dropout(x, p, rng, training=True):\n    if not 0 <= p < 1:\n        raise ValueError(p)\n"
                "    if training:\n        x *= (rng.random(x.shape) >= p) / (1 - p)\n    return x",
            ),
        },
        also=(
            "def dropout(x, p, rng, training=True):\n    if p < 0 or p >= 1:\n        raise ValueError('p')\n"
            "    if training and p > 0:\n        stays = 1.0 * ~(rng.random(x.shape) < p)\n        return x * (stays * (1 / (1 - p)))\n    return x",
        ),
    ),
    "early_stop": Judge(
        cases=runs,
        hints=(
            "Go through the losses one after the other, and remember the position of the best one so far.",
            "If this epoch is not below the best one: how many epochs is it since the best? At `patience` of them, stop.",
            "Return (best, number of epochs that were run). A NaN (`loss != loss`) never becomes the best.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["early_stop"]],
            {
                "looks-ahead": Mistake(
                    "You take the smallest of all. Training had stopped before it came: what was not run has no loss.",
                    swap(
                        STOP,
                        (
                            "return best or 0, epoch + 1",
                            "return int(np.nanargmin(losses) if best is not None else 0), epoch + 1",
                        ),
                    ),
                ),
                "one-too-long": Mistake(
                    "One epoch too many: after `patience` without a new best it is over.",
                    swap(STOP, ("waited == patience", "waited > patience")),
                ),
                "position-for-count": Mistake(
                    "The second number counts epochs that were run; you give the position of the last one.",
                    swap(
                        STOP,
                        ("best or 0, epoch + 1", "best or 0, epoch"),
                        ("best or 0, len(losses)", "best or 0, len(losses) - 1"),
                    ),
                ),
                "ties-count": Mistake(
                    "An equal loss is no improvement: with it, a run that stands still goes on forever.",
                    swap(STOP, ("loss < losses[best]", "loss <= losses[best]")),
                ),
                "compared-with-last": Mistake(
                    "You compare with the epoch before. A saw goes up and down and gets nowhere: compare with the best.",
                    swap(STOP, ("(best is None or loss < losses[best])", "(best is None or loss < losses[epoch - 1])")),
                ),
                "counter-not-reset": Mistake(
                    "You count bad epochs over the whole run. A new best sets the count back to zero.",
                    swap(STOP, ("            best, waited = epoch, 0\n", "            best = epoch\n")),
                ),
                "last-weights": Mistake(
                    "You go back to the last epoch. The best one is what was kept.",
                    swap(
                        STOP,
                        ("best or 0, epoch + 1", "epoch, epoch + 1"),
                        ("best or 0, len(losses)", "len(losses) - 1, len(losses)"),
                    ),
                ),
                "nan-first": Mistake(
                    "If the first loss is NaN, nothing is ever below it, and a good run is thrown away.",
                    swap(
                        STOP,
                        (
                            "loss == loss and (best is None or loss < losses[best])",
                            "best is None or loss < losses[best]",
                        ),
                    ),
                ),
                "nan-is-best": Mistake(
                    "NaN is not above anything either: `not loss >= best` takes it for a new best, and then nothing is below it.",
                    swap(
                        STOP,
                        (
                            "loss == loss and (best is None or loss < losses[best])",
                            "best is None or not loss >= losses[best]",
                        ),
                    ),
                ),
                "from-one": Mistake(
                    "Positions count from 0, as in any list of weights that you kept.",
                    swap(
                        STOP,
                        ("best or 0, epoch + 1", "(best or 0) + 1, epoch + 1"),
                        ("best or 0, len(losses)", "(best or 0) + 1, len(losses)"),
                    ),
                ),
            },
        )
        | {
            "unchecked": Mistake(
                "Right for real runs. No losses, or a patience below 1, is a bug of the caller: refuse it.",
                swap(STOP, (UNCHECKED["early_stop"], "")),
            )
        },
        also=(
            "def early_stop(losses, patience):\n    if len(losses) == 0 or patience <= 0:\n        raise ValueError('no')\n"
            "    lowest, at, idle = float('inf'), 0, 0\n    for n, loss in enumerate(losses, start=1):\n"
            "        if loss < lowest:\n            lowest, at, idle = loss, n - 1, 0\n        else:\n            idle += 1\n"
            "        if idle >= patience:\n            break\n    return at, n",
        ),
    ),
    "diagnose": Judge(
        cases=dashboards,
        hints=(
            "First all readings and losses: `np.isfinite`. Every comparison with NaN is false, so NaN looks healthy.",
            "Then in the order of the docstring. Strength is compared from the first layer to the last, the gradient from the "
            "last to the first: each along its own way. `dead` asks for the worst layer.",
            "The ratio is the median over layers, and comes last: a sick net has odd steps as well.",
        ),
        mistakes={
            "nan-is-healthy": Mistake(
                "A NaN walks through all the comparisons, as each of them is false, and comes out healthy. Look for it first.",
                swap(DIAGNOSE, (NOT_FINITE, "")),
            ),
            "nan-in-losses-only": Mistake(
                "You look for NaN in the losses only. The readings may have it first.",
                swap(DIAGNOSE, ("np.concatenate([*readings.values(), losses])", "losses")),
            ),
            "nan-in-readings-only": Mistake(
                "You look for NaN in the readings only. The losses may have it, too.",
                swap(
                    DIAGNOSE, ("np.concatenate([*readings.values(), losses])", "np.concatenate([*readings.values()])")
                ),
            ),
            "isnan": Mistake(
                "Infinity is no NaN, and not finite either.",
                swap(
                    DIAGNOSE,
                    (
                        "not np.isfinite(np.concatenate([*readings.values(), losses])).all()",
                        "np.isnan(np.concatenate([*readings.values(), losses])).any()",
                    ),
                ),
            ),
            "strength-only": Mistake(
                "You look at the strength only. Batch norm keeps it in order, and its gradients explode on the way back.",
                swap(
                    DIAGNOSE,
                    (" or gradient[0] > 1000 * gradient[-1]", ""),
                    (" or gradient[0] < gradient[-1] / 1000", ""),
                ),
            ),
            "gradient-forwards": Mistake(
                "Worth travels from the last layer to the first: there it has grown, or faded.",
                swap(
                    DIAGNOSE,
                    ("gradient[0] > 1000 * gradient[-1]", "gradient[-1] > 1000 * gradient[0]"),
                    ("gradient[0] < gradient[-1] / 1000", "gradient[-1] < gradient[0] / 1000"),
                ),
            ),
            "dead-on-average": Mistake(
                "One layer whose units are dead stops everything, whatever the average says. Take the worst layer.",
                swap(DIAGNOSE, ("max(readings['dead'])", "np.mean(readings['dead'])")),
            ),
            "dead-last": Mistake(
                "What is dead has no strength either. You say *vanishing*, and somebody changes the spread of the weights. Dead comes first.",
                swap(DIAGNOSE, (DEAD + FADED, FADED + DEAD)),
            ),
            "dead-first": Mistake(
                "Where strength or losses are infinite, units die as well. What explodes is said first.",
                swap(DIAGNOSE, (NOT_FINITE + GROWN + DEAD, DEAD + NOT_FINITE + GROWN)),
            ),
            "mean-ratio": Mistake(
                "A mean is moved by one layer, the first or the last, whose ratio is often odd. The median asks most of them.",
                swap(DIAGNOSE, ("np.median(", "np.mean(")),
            ),
            "worst-ratio": Mistake(
                "The largest ratio of all layers is not the median.",
                swap(DIAGNOSE, ("np.median(", "max(")),
            ),
            "step-first": Mistake(
                "You look at the step first. A net that vanishes has tiny steps, too, and a larger one does not help it.",
                swap(
                    DIAGNOSE,
                    (FADED + ALIKE + "    ratio = np.median(readings['ratio'])\n", ""),
                    (
                        DEAD,
                        DEAD + "    ratio = np.median(readings['ratio'])\n    if ratio > 0.1 or ratio < 1e-5:\n"
                        "        return 'step too large' if ratio > 0.1 else 'step too small'\n" + FADED + ALIKE,
                    ),
                ),
            ),
            "alike-anywhere": Mistake(
                "You look for the largest likeness anywhere. What counts is what the last layer can still tell apart.",
                swap(DIAGNOSE, ("readings['likeness'][-1] > 0.99", "max(readings['likeness']) > 0.99")),
            ),
            "alike-forgotten": Mistake(
                "A net in which all examples have become one looks healthy by all other readings. Ask for the likeness.",
                swap(DIAGNOSE, (ALIKE, "")),
            ),
        },
        also=(
            "def diagnose(readings, losses):\n    numbers = list(losses)\n    for values in readings.values():\n        numbers += list(values)\n"
            "    if any(not -float('inf') < v < float('inf') for v in numbers):\n        return 'exploding'\n"
            "    s, g = readings['strength'], readings['gradient']\n    way = ((s[0], s[-1]), (g[-1], g[0]))\n"
            "    if any(end > 1000 * begin for begin, end in way):\n        return 'exploding'\n"
            "    if any(d > 0.9 for d in readings['dead']):\n        return 'dead'\n"
            "    if any(1000 * end < begin for begin, end in way):\n        return 'vanishing'\n"
            "    if readings['likeness'][-1] > 0.99:\n        return 'alike'\n"
            "    r = sorted(readings['ratio'])\n    middle = (r[len(r) // 2] + r[(len(r) - 1) // 2]) / 2\n"
            "    if middle > 0.1:\n        return 'step too large'\n    return 'healthy' if middle >= 1e-5 else 'step too small'",
        ),
    ),
}

QUIZ = (
    Question(
        "one-notch",
        "In the widget, fifty layers, gain 1.4: by what factor does the far end change when the gain moves by 0.1?",
        (
            ("By about 7 %, as the gain itself does", "So it is for one layer. Gains multiply."),
            ("By about three and a half, 50 times 7 %", "Gains multiply, they do not add up."),
            (
                "By some thirty to forty, up or down",
                "(1.5/1.4)⁵⁰ is 31, and (1.4/1.3)⁵⁰ is 41.",
            ),
            ("By about a million, either way", "Look at the legend before and after."),
        ),
        right=2,
    ),
    Question(
        "why-not",
        "Fifty plain layers with Kaiming's spread keep the strength of signals and gradients. Why do they still learn so little?",
        (
            (
                "Their first layers get a smaller gradient than the last ones",
                "All get about the same: look at *inside*.",
            ),
            ("All digits have become the same direction at the end", "What the last layer could tell apart is gone."),
            (
                "Most of their units are dead from the beginning on",
                "About half are off for a digit; off for all are many only at the end, where all digits look alike.",
            ),
            ("The weights are too large for a step of 0.1", "Steps of 0.01 and 0.03 read 0.19 as well."),
        ),
        right=1,
    ),
    Question(
        "which-norm",
        "A model answers one request at a time, each of another length. Which norm gives what it gave in training?",
        (
            ("Batch norm, in training mode", "A batch of one has no spread."),
            ("Batch norm, with the memory turned off", "Then it needs the batch, and there is none."),
            (
                "Any of them, if its running mean is fresh",
                "Layer and RMS norm have none, and batch norm used the batch in training: by its memory it gives something near.",
            ),
            ("Layer norm or RMS norm", "They look at one example, and at nothing else."),
        ),
        right=3,
    ),
    Question(
        "half-off",
        "Dropout with p = ½: somebody forgets `training=False` when the net is used. What do users see?",
        (
            ("Answers that are right, at half the confidence", "On average the next layer hears the same as ever."),
            ("Another answer each time for the same question", "Each call switches other units off."),
            ("The same answers as before, since the mean is kept", "The mean is; a single call is not the mean."),
            ("An error, since nothing is drawn in use", "Nothing complains: it draws and goes on."),
        ),
        right=1,
    ),
    Question(
        "memorised",
        "A net reads all of its 500 digits, wrong labels included. Which of these leaves the *share* read of other digits exactly as it is?",
        (
            (
                "To go back to the weights of the lowest held-out loss",
                "Other weights, other answers: the table shows what it gives.",
            ),
            (
                "To let the weights fade a little in each step",
                "Other weights, other answers; stopped, it is 0.75 where it was 0.73.",
            ),
            ("To divide its logits by a temperature", "It changes how sure an answer is, never the answer."),
            ("To switch off half of the units in training", "The table shows what that gives."),
        ),
        right=2,
    ),
)


def rows(rng):
    """Rows near zero and far from it, with a large spread and a small one."""
    yield (np.array([[1.0, 3.0], [10.0, 50.0]]),)
    for _ in range(8):
        shift = rng.choice([0.0, 3.0, 1e6])
        yield (shift + np.array([[rng.uniform(-1, 1) for _ in range(4)] for _ in range(3)]),)


def worlds(rng):
    """Probabilities above zero for a few classes, and shares in the old world and in the new one."""
    for _ in range(12):
        n, k = rng.randint(1, 4), rng.randint(2, 5)
        p, old, new = (np.array([[rng.uniform(0.05, 1) for _ in range(k)] for _ in range(m)]) for m in (n, 1, 1))
        p, old, new = (table / table.sum(axis=1, keepdims=True) for table in (p, old, new))
        yield p, old[0], new[0]


REVIEWS = {
    "one-pass": Verdict(
        of="layer_norm",
        right=False,
        why="On paper it is the same. In floats, the difference of two large numbers that are nearly equal keeps no digits: for "
        "a row far from zero the spread is noise, or zero by the maximum, and then the row is divided by √eps. Subtract the "
        "mean first, as the two passes do.",
        cases=rows,
        witness=(np.array([[1e9, 1e9 + 1]]),),
    ),
    "shares-in-logs": Verdict(
        of="for_shares",
        right=True,
        why="exp(ln p + ln new − ln old) is p · new/old, and softmax divides by the sum. Where everything is above zero the two "
        "agree up to rounding, and the explanation says that it holds there. (A share of zero gives −∞, with a warning.)",
        cases=worlds,
        witness=None,
    ),
}
