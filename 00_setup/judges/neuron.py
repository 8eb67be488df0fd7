"""What the exercises of `02_neural_nets/01_neuron` are judged by: cases, known mistakes, quiz, reviews."""

import numpy as np

from judges import Judge, Mistake, Question, Verdict, swap, whole, with_unchecked


def yes_or_no(rng, n):
    """n answers, 0.0 or 1.0."""
    return np.array([float(rng.randint(0, 1)) for _ in range(n)])


def odds(rng):
    """Numbers, lists, tables; far out on both sides, where one formula overflows and another loses everything."""
    yield (0.0,)
    yield (0,)
    yield (-1000.0,)
    yield ([1000.0],)
    yield ([-1000.0, 1000.0],)
    yield ([-40.0, 40.0],)
    yield ([-300.0, -600.0],)
    yield (np.array([[-2.0, -1.0], [1.0, 2.0]]),)
    yield (-3,)
    for n in range(1, 6):
        yield ([rng.uniform(-9, 9) for _ in range(n)],)


def loudly(function, z):
    """Call a function with overflow as an error, where numpy would only warn: its results and their logarithms.

    The logarithms show what is lost of a small result, and no matter what kind of float it is.
    """
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = np.asarray(function(z), dtype=float)
    return {"result": found.tolist(), "its logarithm": np.log(np.maximum(found, 1e-300)).tolist()}


def examples(rng):
    """Weights and examples of one measurement and several, with a cost of weights; then what does not fit."""
    yield np.zeros(1), 0.0, np.array([[2.0], [4.0]]), np.array([0.0, 1.0])
    yield np.array([1.0, -1.0]), 0.5, np.array([[1.0, 2.0], [3.0, 1.0], [0.0, 0.0]]), np.array([1.0, 0.0, 0.0])
    yield np.array([2.0]), -1.0, np.array([[1.0]]), np.array([1.0]), 0.5
    yield np.zeros(2), 0.0, np.zeros((0, 2)), np.zeros(0)
    yield np.zeros(2), 0.0, np.ones((3, 2)), np.ones(2)
    yield np.zeros(2), 0.0, np.ones((2, 2)), np.array([[1.0], [0.0]])
    yield np.zeros(2), 0.0, np.ones((2, 2)), np.array([1.0, -1.0])
    for _ in range(10):
        n, d = rng.randint(1, 5), rng.randint(1, 4)
        yield whole(rng, d) / 3, rng.uniform(-1, 1), whole(rng, n, d), yes_or_no(rng, n), rng.choice([0.0, 0.1, 1.0])


def courses(rng):
    """Descents of some steps, of none, with a cost of weights; then steps and sizes that are none."""
    yield np.array([[-1.0], [1.0]]), np.array([0.0, 1.0]), 1.0, 1
    yield np.array([[-1.0], [1.0]]), np.array([0.0, 1.0]), 1.0, 0
    yield np.array([[-1.0], [2.0]]), np.array([0.0, 1.0]), 0.5, 5, 0.1
    yield np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0]), 1.0, 5
    yield np.array([[1.0]]), np.array([1.0]), 1.0, -1
    yield np.array([[1.0]]), np.array([1.0]), 0.0, 3
    yield np.array([[1.0]]), np.array([1.0]), -0.5, 3
    for _ in range(8):
        n, d = rng.randint(2, 6), rng.randint(1, 3)
        yield whole(rng, n, d) / 2, yes_or_no(rng, n), rng.choice([0.1, 0.5]), rng.randint(2, 6), rng.choice([0.0, 0.2])


def decisions(rng):
    """Probabilities with ties, nobody and everybody to be acted on, free errors; then what does not fit."""
    yield [0.1, 0.4, 0.8], [0, 1, 1], 5, 1
    yield [0.2, 0.6, 0.6, 0.9], [0, 1, 0, 1], 1, 1
    yield [0.3, 0.3], [0, 0], 20, 1
    yield [0.9, 0.2], [1, 1], 3, 1
    yield [0.9, 0.1], [0, 1], 1, 1
    yield [0.5, 0.7], [1, 0], 0, 1
    yield [0.5, 0.7], [1, 0], 1, 0
    yield [], [], 1, 1
    yield [0.5], [1, 0], 1, 1
    yield [0.5, 0.5], [1, 2], 1, 1
    yield [0.5, float("nan")], [1, 0], 1, 1
    yield [0.5], [1], -1, 1
    yield [0.5], [1], 1, -2
    for n in range(2, 14):
        p = [rng.choice([rng.randint(1, 9) / 10, round(rng.random(), 3)]) for _ in range(n)]
        yield p, [rng.randint(0, 1) for _ in range(n)], rng.choice([1, 5, 20]), 1


SIGMOID = (
    "def sigmoid(z):\n    z = np.asarray(z, dtype=float)\n    small = np.exp(-np.abs(z))\n"
    "    found = np.where(z >= 0, 1, small) / (1 + small)\n    return found if found.ndim else float(found)"
)
GRADIENT = (
    "def logistic_gradient(w, b, X, y, alpha=0.0):\n"
    "    y = fitting_answers(X, y)\n    error = sigmoid(X @ w + b) - y\n    return X.T @ error / len(X) + alpha * w, float(error.mean())"
)
TRAIN = (
    "def train(X, y, step, steps, alpha=0.0):\n    if steps < 0 or not step > 0:\n        raise ValueError(steps)\n"
    "    w, b = np.zeros(X.shape[1]), 0.0\n    losses = [logistic_loss(w, b, X, y, alpha)]\n    for _ in range(steps):\n"
    "        of_w, of_b = logistic_gradient(w, b, X, y, alpha)\n        w, b = w - step * of_w, b - step * of_b\n"
    "        losses.append(logistic_loss(w, b, X, y, alpha))\n    return w, b, losses"
)
THRESHOLD = (
    "def best_threshold(p, y, miss, false_alarm):\n    p, y = np.asarray(p, dtype=float), np.asarray(y, dtype=float)\n"
    "    fits = len(p) and p.shape == y.shape and np.isin(y, (0, 1)).all() and not np.isnan(p).any()\n"
    "    if not fits or not miss >= 0 or not false_alarm >= 0:\n        raise ValueError(p.shape)\n"
    "    costs = {}\n    for threshold in [np.inf, *sorted(set(p.tolist()), reverse=True)]:\n        acted = p >= threshold\n"
    "        costs[threshold] = miss * (y[~acted]).sum() + false_alarm * (1 - y[acted]).sum()\n"
    "    threshold = min(costs, key=costs.get)\n    return float(threshold), float(costs[threshold])"
)
UNCHECKED = {  # the lines of each solution that look at what was given: most people write them last
    "logistic_gradient": "    y = fitting_answers(X, y)\n",
    "train": "    if steps < 0 or not step > 0:\n        raise ValueError(steps)\n",
    "best_threshold": "    fits = len(p) and p.shape == y.shape and np.isin(y, (0, 1)).all() and not np.isnan(p).any()\n"
    "    if not fits or not miss >= 0 or not false_alarm >= 0:\n        raise ValueError(p.shape)\n",
}


EXERCISES = {
    "sigmoid": Judge(
        cases=odds,
        hints=(
            "Which of the two forms is safe for z above zero, 1 / (1 + e^−z) or e^z / (1 + e^z)? And below?",
            "Compute e^−|z|, which is never above 1. Above zero the result is 1 over (1 + that); below, that over (1 + that).",
            "`np.where(z >= 0, 1, small) / (1 + small)`; for a single number return a float.",
        ),
        mistakes={
            "one-formula": Mistake(
                "Right, until z is far below zero: there e^−z overflows on the way, and numpy warns. Which form is safe there?",
                "def sigmoid(z):\n    found = 1 / (1 + np.exp(-np.asarray(z, dtype=float)))\n"
                "    return found if found.ndim else float(found)",
            ),
            "other-formula": Mistake(
                "Right, until z is far above zero: there e^z overflows on the way, and infinite over infinite is no number.",
                "def sigmoid(z):\n    grown = np.exp(np.asarray(z, dtype=float))\n    found = grown / (1 + grown)\n"
                "    return found if found.ndim else float(found)",
            ),
            "both-computed": Mistake(
                "Each form is safe on its side, but `np.where` computes both everywhere and then picks. Use −|z| in both.",
                "def sigmoid(z):\n    z = np.asarray(z, dtype=float)\n"
                "    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))",
            ),
            "from-one": Mistake(
                "One minus a number near one: far below zero all digits are lost. There, e^z over (1 + e^z) keeps them.",
                "def sigmoid(z):\n    z = np.asarray(z, dtype=float)\n    high = 1 / (1 + np.exp(-np.abs(z)))\n"
                "    return np.where(z >= 0, high, 1 - high)",
            ),
            "by-tanh": Mistake(
                "½ (1 + tanh(z/2)) is the same function, and far below zero it is one minus one: the digits are lost.",
                "def sigmoid(z):\n    return 0.5 * (1 + np.tanh(np.asarray(z, dtype=float) / 2))",
            ),
            "clipped": Mistake(
                "You cut z off before the exponential. What is rare is not impossible, and −600 is not −30.",
                swap(SIGMOID, ("np.asarray(z, dtype=float)", "np.clip(np.asarray(z, dtype=float), -30, 30)")),
            ),
            "sign": Mistake(
                "The other way round: evidence for *yes* makes yes likelier.",
                swap(SIGMOID, ("z >= 0", "z < 0")),
            ),
            "tanh": Mistake(
                "That goes from −1 to 1. A probability goes from 0 to 1.",
                "def sigmoid(z):\n    found = np.tanh(np.asarray(z, dtype=float) / 2)\n"
                "    return found if found.ndim else float(found)",
            ),
            "base-two": Mistake(
                "You took z for bits. The logarithm of the odds is the natural one: e, not 2.",
                swap(SIGMOID, ("np.exp(", "np.exp2(")),
            ),
            "halves": Mistake(
                "At zero the odds are one to one, so the probability is one half. What stands below the line?",
                swap(SIGMOID, ("(1 + small)", "(2 + small)")),
            ),
        },
        also=(
            "def sigmoid(z):\n    z = np.asarray(z, dtype=float)\n    found = np.exp(-np.logaddexp(0, -z))\n"
            "    return found if found.ndim else float(found)",
        ),
        drive=loudly,
    ),
    "logistic_gradient": Judge(
        cases=examples,
        hints=(
            "Predict first: p = sigmoid(X w + b). The error of each example is p − y.",
            "A weight gets its measurement times the error, averaged over the examples: `X.T @ error / n`.",
            "The cost of the weights adds α w to that; the bias gets the mean of the errors and nothing else.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["logistic_gradient"]],
            {
                "sum": Mistake(
                    "You add over the examples. The loss is a mean, so its gradient is one.",
                    swap(GRADIENT, ("X.T @ error / len(X)", "X.T @ error"), ("error.mean()", "error.sum()")),
                ),
                "sign": Mistake(
                    "Downhill. A gradient points uphill: predicted minus happened.",
                    swap(GRADIENT, ("sigmoid(X @ w + b) - y", "y - sigmoid(X @ w + b)")),
                ),
                "squared-error": Mistake(
                    "You pull back through the sigmoid once more: p (1 − p) belongs to the squared error. With surprise it cancels.",
                    swap(
                        GRADIENT,
                        ("    return X.T", "    error = error * (error + y) * (1 - error - y)\n    return X.T"),
                    ),
                ),
                "no-sigmoid": Mistake(
                    "The error is taken from the sum z. First make it a probability.",
                    swap(GRADIENT, ("sigmoid(X @ w + b) - y", "X @ w + b - y")),
                ),
                "bias-forgotten": Mistake(
                    "The prediction lacks the bias.",
                    swap(GRADIENT, ("X @ w + b", "X @ w")),
                ),
                "bias-charged": Mistake(
                    "You charge for the bias as well. How common *yes* is should cost nothing to say.",
                    swap(GRADIENT, ("float(error.mean())", "float(error.mean() + alpha * b)")),
                ),
                "alpha-forgotten": Mistake(
                    "What the weights cost is missing: α/2 ‖w‖² has the gradient α w.",
                    swap(GRADIENT, (" + alpha * w", "")),
                ),
                "alpha-doubled": Mistake(
                    "The half is there so that it cancels the 2 of the square: the gradient of α/2 ‖w‖² is α w.",
                    swap(GRADIENT, ("alpha * w", "2 * alpha * w")),
                ),
                "alpha-halved": Mistake(
                    "The half is there so that it cancels: the gradient of α/2 ‖w‖² is α w.",
                    swap(GRADIENT, ("alpha * w", "alpha / 2 * w")),
                ),
                "alpha-averaged": Mistake(
                    "The cost of the weights is no mean over examples: do not divide it by n.",
                    swap(GRADIENT, ("X.T @ error / len(X) + alpha * w", "(X.T @ error + alpha * w) / len(X)")),
                ),
                "verdict": Mistake(
                    "You compare verdicts, 0 or 1. What is doubtful should pull less than what is sure.",
                    swap(GRADIENT, ("sigmoid(X @ w + b) - y", "(X @ w + b > 0) - y")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. No examples, other lengths, or answers that are neither 0 nor 1 come back as numbers, too.",
                    GRADIENT.replace(UNCHECKED["logistic_gradient"], ""),
                ),
            },
        ),
        also=(
            "def logistic_gradient(w, b, X, y, alpha=0.0):\n    n = len(X)\n"
            "    if n == 0 or y.shape != (n,) or set(y.tolist()) - {0.0, 1.0}:\n        raise ValueError('y')\n"
            "    of_w, of_b = alpha * w, 0.0\n    for x, t in zip(X, y):\n        e = (sigmoid(float(x @ w + b)) - t) / n\n"
            "        of_w, of_b = of_w + e * x, of_b + e\n    return of_w, float(of_b)",
        ),
    ),
    "train": Judge(
        cases=courses,
        hints=(
            "Begin with zeros and the loss there. Then as often as `steps` says: gradients, both moved, the loss.",
            "Downhill: minus step times the gradient. Take both gradients before you move either.",
            "`losses` has one more than there are steps: the first is that of the beginning.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["train"]],
            {
                "uphill": Mistake(
                    "You go uphill: the loss rises. Minus the gradient.",
                    swap(TRAIN, ("w - step * of_w, b - step * of_b", "w + step * of_w, b + step * of_b")),
                ),
                "bias-still": Mistake("The bias never moves.", swap(TRAIN, ("b - step * of_b", "b"))),
                "first-loss-missing": Mistake(
                    "The loss before the first step is missing: steps + 1 of them.",
                    swap(TRAIN, ("losses = [logistic_loss(w, b, X, y, alpha)]", "losses = []")),
                ),
                "last-loss-missing": Mistake(
                    "You write the loss down before the step, so that of the end is missing, and the first one is there twice.",
                    swap(
                        TRAIN,
                        (
                            "        w, b = w - step * of_w, b - step * of_b\n        losses.append(logistic_loss(w, b, X, y, alpha))\n",
                            "        losses.append(logistic_loss(w, b, X, y, alpha))\n        w, b = w - step * of_w, b - step * of_b\n",
                        ),
                    ),
                ),
                "alpha-unused": Mistake(
                    "The cost of the weights is in the loss that you report and not in the gradient that you follow.",
                    swap(TRAIN, ("logistic_gradient(w, b, X, y, alpha)", "logistic_gradient(w, b, X, y)")),
                ),
                "loss-without-alpha": Mistake(
                    "The losses leave out what the weights cost: they are not what is being descended on.",
                    TRAIN.replace("logistic_loss(w, b, X, y, alpha)", "logistic_loss(w, b, X, y)"),
                ),
                "one-after-the-other": Mistake(
                    "The bias is moved by a gradient that was taken after the weights had moved. Both at the same place.",
                    swap(
                        TRAIN,
                        (
                            "        of_w, of_b = logistic_gradient(w, b, X, y, alpha)\n        w, b = w - step * of_w, b - step * of_b\n",
                            "        w = w - step * logistic_gradient(w, b, X, y, alpha)[0]\n"
                            "        b = b - step * logistic_gradient(w, b, X, y, alpha)[1]\n",
                        ),
                    ),
                ),
                "stops-early": Mistake(
                    "You stop when the loss hardly falls. So many steps were asked for, and so many losses.",
                    swap(
                        TRAIN,
                        (
                            "        losses.append(logistic_loss(w, b, X, y, alpha))\n    return",
                            "        losses.append(logistic_loss(w, b, X, y, alpha))\n"
                            "        if abs(losses[-1] - losses[-2]) < 1e-6:\n            break\n    return",
                        ),
                    ),
                ),
                "one-example-a-step": Mistake(
                    "You step after each example. All of them together make one gradient, and that one step.",
                    swap(
                        TRAIN,
                        (
                            "        of_w, of_b = logistic_gradient(w, b, X, y, alpha)\n        w, b = w - step * of_w, b - step * of_b\n",
                            "        for i in range(len(X)):\n"
                            "            of_w, of_b = logistic_gradient(w, b, X[i : i + 1], y[i : i + 1], alpha)\n"
                            "            w, b = w - step * of_w, b - step * of_b\n",
                        ),
                    ),
                ),
                "alpha-nowhere": Mistake(
                    "`alpha` is not used at all. It belongs into the gradient and into the losses.",
                    TRAIN.replace("X, y, alpha)", "X, y)").replace(
                        "def train(X, y)", "def train(X, y, step, steps, alpha=0.0)"
                    ),
                ),
                "one-step-more": Mistake(
                    "One step too many.",
                    swap(TRAIN, ("range(steps)", "range(steps + 1)")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. Fewer than no steps, or a step that goes nowhere or uphill, is a bug of the caller: say so.",
                    TRAIN.replace(UNCHECKED["train"], ""),
                ),
            },
        ),
        also=(
            "def train(X, y, step, steps, alpha=0.0):\n    if steps < 0 or step <= 0:\n        raise ValueError('step')\n"
            "    v = np.zeros(X.shape[1] + 1)\n    loss = lambda: logistic_loss(v[:-1], v[-1], X, y, alpha)\n"
            "    losses = [loss()]\n    while len(losses) <= steps:\n"
            "        v = v - step * np.append(*logistic_gradient(v[:-1], v[-1], X, y, alpha))\n        losses += [loss()]\n"
            "    return v[:-1], float(v[-1]), losses",
        ),
    ),
    "best_threshold": Judge(
        cases=decisions,
        hints=(
            "For each candidate: who is acted on? The sick among the others are misses, the healthy among these false alarms.",
            "Candidates are the probabilities themselves, and infinity: between two of them nothing changes.",
            "Go through them from the highest down and keep the first of the cheapest: then the highest of equals wins.",
        ),
        mistakes=with_unchecked(
            [UNCHECKED["best_threshold"]],
            {
                "above-only": Mistake(
                    "You act above the threshold only. At the threshold itself one acts, too: `p >= threshold`.",
                    swap(THRESHOLD, ("p >= threshold", "p > threshold")),
                ),
                "costs-swapped": Mistake(
                    "A miss is somebody who should have been acted on and was not. You charge the two the other way round.",
                    swap(
                        THRESHOLD,
                        (
                            "miss * (y[~acted]).sum() + false_alarm * (1 - y[acted]).sum()",
                            "false_alarm * (y[~acted]).sum() + miss * (1 - y[acted]).sum()",
                        ),
                    ),
                ),
                "errors-counted": Mistake(
                    "You count errors, all alike. They have prices.",
                    swap(
                        THRESHOLD,
                        (
                            "miss * (y[~acted]).sum() + false_alarm * (1 - y[acted]).sum()",
                            "(y[~acted]).sum() + (1 - y[acted]).sum()",
                        ),
                    ),
                ),
                "lowest-of-equals": Mistake(
                    "Of equal costs you take the lowest threshold. The highest one acts on fewer people.",
                    swap(THRESHOLD, ("reverse=True)]", "reverse=True)][::-1]")),
                ),
                "never-forgotten": Mistake(
                    "To act on nobody is a choice as well: infinity is among the candidates.",
                    swap(
                        THRESHOLD,
                        ("[np.inf, *sorted(set(p.tolist()), reverse=True)]", "sorted(set(p.tolist()), reverse=True)"),
                    ),
                ),
                "fixed-grid": Mistake(
                    "You try thresholds of your own. Only where a probability lies does anything change.",
                    swap(
                        THRESHOLD,
                        ("[np.inf, *sorted(set(p.tolist()), reverse=True)]", "[np.inf, *np.arange(1.0, -0.05, -0.05)]"),
                    ),
                ),
                "ties-split": Mistake(
                    "You walk through the sorted examples and stop between two with the same probability. One threshold takes both.",
                    swap(
                        THRESHOLD,
                        (
                            "    costs = {}\n    for threshold in [np.inf, *sorted(set(p.tolist()), reverse=True)]:\n        acted = p >= threshold\n"
                            "        costs[threshold] = miss * (y[~acted]).sum() + false_alarm * (1 - y[acted]).sum()\n"
                            "    threshold = min(costs, key=costs.get)\n    return float(threshold), float(costs[threshold])",
                            "    cost = miss * y.sum()\n    best = (np.inf, cost)\n    for i in np.argsort(-p, kind='stable'):\n"
                            "        cost += false_alarm * (1 - y[i]) - miss * y[i]\n        if cost < best[1]:\n"
                            "            best = (p[i], cost)\n    return float(best[0]), float(best[1])",
                        ),
                    ),
                ),
                "rule-itself": Mistake(
                    "That is the rule, false alarm over the sum of the two. The candidates are the probabilities of the examples.",
                    swap(
                        THRESHOLD,
                        (
                            "    threshold = min(costs, key=costs.get)\n    return float(threshold), float(costs[threshold])",
                            "    threshold = false_alarm / (miss + false_alarm or 1)\n    acted = p >= threshold\n"
                            "    return float(threshold), float(miss * y[~acted].sum() + false_alarm * (1 - y[acted]).sum())",
                        ),
                    ),
                ),
                "mean-cost": Mistake(
                    "That is the mean. The cost of all examples is asked for.",
                    swap(THRESHOLD, ("float(costs[threshold])", "float(costs[threshold]) / len(p)")),
                ),
                "by-the-rule": Mistake(
                    "The rule from the costs alone. It is right if the probabilities are; here the examples decide.",
                    swap(
                        THRESHOLD,
                        (
                            "    threshold = min(costs, key=costs.get)\n",
                            "    threshold = min(costs, key=lambda t: abs(t - false_alarm / (miss + false_alarm or 1)))\n",
                        ),
                    ),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. No examples, other lengths, or costs below zero are bugs of the caller: say so.",
                    THRESHOLD.replace(UNCHECKED["best_threshold"], ""),
                ),
            },
        ),
        also=(
            "def best_threshold(p, y, miss, false_alarm):\n    if len(p) == 0 or len(p) != len(y) or min(miss, false_alarm) < 0 or set(y) - {0, 1} or any(q != q for q in p):\n"
            "        raise ValueError('bad')\n    cost = float(miss * sum(y))\n    best = (cost, -float('inf'))\n"
            "    for t in sorted(set(map(float, p)), reverse=True):\n        for q, answer in zip(p, y):\n            if q == t:\n"
            "                cost += -miss if answer else false_alarm\n        best = min(best, (cost, -t))\n"
            "    return -best[1], float(best[0])",
        ),
    ),
}

QUIZ = (
    Question(
        "boundary",
        "Two measurements: how many are right after one step and in the end, and what becomes of the gap in between?",
        (
            ("Half of them, then nine in ten; the gap stays", "Nine in ten are right after the first step already."),
            ("Nine in ten both times; the gap shrinks to a third", "What grows is how sure the unit is."),
            (
                "Nine in ten both times; the gap stays as it was",
                "Move from 1 to 100 once more and look at the dashed lines.",
            ),
            (
                "Nine in ten, then all of them; the gap vanishes",
                "The classes overlap in two measurements: no line gets all.",
            ),
        ),
        right=1,
    ),
    Question(
        "pull",
        "Of four examples whose lists of measurements are equally long arrows, which one pulls hardest on the weights?",
        (
            ("One that is right and very sure", "Its error is nearly zero."),
            ("One that is on the line", "It pulls with one half."),
            ("One that is wrong and very sure", "Predicted minus happened is nearly one."),
            ("All pull alike, only in other directions", "So it was for the perceptron's mistakes."),
        ),
        right=2,
    ),
    Question(
        "scale",
        "A colleague takes mean and spread of all 569 tumours before they are divided. What is wrong with that?",
        (
            (
                "What is learned has been told something about the rest",
                "Little here; in other data it is the whole result.",
            ),
            ("The learning part would no longer have a mean of zero", "That does no harm at all."),
            ("Nothing, since the answers were not looked at", "Mean and spread are learned numbers as well."),
            ("The spread would be larger, and the steps smaller", "Perhaps; it is not the point."),
        ),
        right=0,
    ),
    Question(
        "xor",
        "Why does no number of steps teach one unit *one or the other, and not both*?",
        (
            ("Descent gets stuck in a place that is not the best", "This loss is a bowl: there are no such places."),
            ("Four examples are too few to learn from", "For *a and b* four are plenty."),
            ("The step is too large for such a small problem", "With smaller ones it arrives at the same answer."),
            ("No weighted sum of the two inputs separates them", "A third input that is no weighted sum does it."),
        ),
        right=3,
    ),
)

REVIEWS = {
    "fresh-weights": Verdict(
        of="train",
        right=False,
        why="It is another algorithm. The bias follows a gradient that was taken somewhere else, every step differs from what "
        "the docstring and the losses of everybody else say, and the gradient is computed twice. That it ends at the same "
        "place, if it does, is no reason to call it the same.",
        cases=courses,
        witness=(np.array([[-1.0], [2.0]]), np.array([0.0, 1.0]), 0.5, 3),
    ),
    "by-sign": Verdict(
        of="logistic_loss",
        right=True,
        why="ln(1 + e^z) − z = ln((1 + e^z) / e^z) = ln(1 + e^−z). The values agree up to rounding, and where z is large and "
        "the answer is right, this form keeps digits that the subtraction loses.",
        cases=examples,
        witness=None,
    ),
}
