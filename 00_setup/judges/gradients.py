"""What the exercises of `01_linear_algebra/06_gradients` are judged by: cases, known mistakes, quiz, reviews."""

import numpy as np

from judges import Judge, Mistake, Question, Verdict, swap, whole, with_unchecked


def product(x):
    """The product of the first two numbers."""
    return x[0] * x[1]


def squares(x):
    """The sum of the squares, of any shape."""
    return (np.asarray(x) ** 2).sum()


def cubes(x):
    """A sum of cubes with weights, of any shape."""
    x = np.asarray(x)
    return (np.arange(1, x.size + 1).reshape(x.shape) * x**3).sum()


def bent(x):
    """Something that mixes all its inputs."""
    x = np.asarray(x)
    return float(np.sin(x).sum() * np.cos(x.sum()))


def exponential(x):
    """A curve that bends so strongly that a nudge to one side is seen to be off."""
    return np.exp(3 * np.asarray(x)).sum()


def mixed(x):
    """A sum over a product of matrices: it needs its input as a table of three columns."""
    return float((np.asarray(x) @ np.arange(6.0).reshape(3, 2)).sum())


def functions(rng):
    """Functions of lists, whole numbers, tables, one number, no number; the nudge wide enough to see one side."""
    yield product, [2, 5]
    yield product, np.array([2.0, 5.0])
    yield squares, np.array([1, 2, 3])
    yield squares, np.array(3.0)
    yield squares, whole(rng, 2, 3)
    yield cubes, whole(rng, 2, 2, 2)
    yield exponential, np.array([1.0, 0.5]), 0.01
    yield cubes, np.array([1.0, 2.0]), 0.1
    yield squares, np.zeros((0, 3))
    yield mixed, whole(rng, 2, 3)
    yield bent, np.array([[0.3, -0.2], [1.0, 0.1]])
    yield product, np.array([1e6, 1e-3])
    for n in range(1, 8):
        yield rng.choice([squares, cubes, bent]), whole(rng, n) / 3


def pulls(rng):
    """Products with sides of one, long and flat, square; then a `G` that does not fit."""
    yield np.array([[2.0]]), np.array([[5.0]]), np.array([[10.0]])
    yield whole(rng, 2, 3), whole(rng, 3, 4), whole(rng, 2, 4)
    yield whole(rng, 3, 3), whole(rng, 3, 3), whole(rng, 3, 3)
    yield whole(rng, 1, 4), whole(rng, 4, 1), whole(rng, 1, 1)
    yield whole(rng, 4, 1), whole(rng, 1, 4), whole(rng, 4, 4)
    yield whole(rng, 2, 3), whole(rng, 3, 4), whole(rng, 4, 2)
    yield np.ones((3, 4)), np.ones((5, 2)), np.ones((3, 2))
    yield whole(rng, 2, 3), whole(rng, 3, 4), whole(rng, 1, 4)
    yield whole(rng, 2, 3), whole(rng, 3, 4), whole(rng, 2, 1)
    for _ in range(12):
        m, k, n = (rng.randint(1, 5) for _ in range(3))
        yield whole(rng, m, k), whole(rng, k, n), whole(rng, m, n)


def bowls(rng):
    """Bowls along the axes and turned, flat directions, nothing at all; then saddles and tables that are none."""
    yield ([[1, 0], [0, 20]],)
    yield ([[4.0]],)
    yield ([[2.0, 1.0], [1.0, 2.0]],)
    yield ([[5.0, 3.0], [3.0, 5.0]],)
    yield (np.array([[1.0, 1.0], [1.0, 1.0]]),)
    yield (np.zeros((2, 2)),)
    yield ([[1.0, 0.0], [0.0, -1.0]],)
    yield ([[1.0, 3.0], [3.0, 1.0]],)
    yield (-np.eye(2),)
    yield ([[1.0, 2.0], [0.0, 1.0]],)
    yield (np.ones((2, 3)),)
    yield ([1.0, 2.0],)
    yield (np.diag([30.0, 1.0, 2.0]),)
    yield (np.diag([1e-12, 4e-13]),)
    yield (np.diag([1e-12, -1e-13]),)
    yield (np.diag([1e3, -1e-8]),)
    yield (np.diag([1.0, -1e-7]),)
    yield ([[1e9, 1e-3], [0.0, 1e9]],)
    yield ([[np.inf, 0.0], [0.0, 1.0]],)
    yield ([[np.nan, 0.0], [0.0, 1.0]],)
    for n in range(1, 8):
        X = whole(rng, n + 2, n)
        yield (X.T @ X / 3,)
        yield (np.outer(X[0], X[0]),)


def networks(rng):
    """Networks of one unit and of several, one row and many, whose units are partly off; whole numbers and not."""
    yield np.ones((1, 1)), np.zeros((1, 1)), np.full((1, 1), 2.0), np.ones(1), np.full((1, 1), 3.0)
    yield np.ones((2, 1)), np.zeros((2, 1)), np.full((1, 2), 1.0), np.array([0.5, -3.0]), np.ones((2, 1))
    for _ in range(12):
        n, i, h, o = (rng.randint(1, 4) for _ in range(4))
        yield (
            whole(rng, n, i),
            whole(rng, n, o),
            whole(rng, i, h),
            whole(rng, h) + 0.5,
            whole(rng, h, o),
        )  # no corner met
    yield whole(rng, 4, 3), whole(rng, 4, 3), whole(rng, 3, 3), whole(rng, 3) + 0.5, whole(rng, 3, 3)


NUMERICAL = (
    "def numerical_gradient(f, x, h=1e-5):\n    x = np.array(x, dtype=float)\n    gradient = np.zeros_like(x)\n"
    "    for place in np.ndindex(x.shape):\n        middle = x[place]\n        x[place] = middle + h\n"
    "        above = f(x)\n        x[place] = middle - h\n        gradient[place] = (above - f(x)) / (2 * h)\n"
    "        x[place] = middle\n    return gradient"
)
VJP = (
    "def matmul_vjp(A, B, G):\n    if A.shape[1] != B.shape[0] or G.shape != (A.shape[0], B.shape[1]):\n        raise ValueError(G.shape)\n"
    "    return G @ B.T, A.T @ G"
)
NETWORK = (
    "def network_gradients(X, Y, W1, b, W2):\n    A = X @ W1 + b\n    H = A.clip(0)\n    P = H @ W2\n"
    "    of_P = mse_vjp(P, Y)\n    of_H, of_W2 = matmul_vjp(H, W2, of_P)\n    of_A = relu_vjp(A, of_H)\n"
    "    of_X, of_W1 = matmul_vjp(X, W1, of_A)\n    return of_W1, bias_vjp(of_A), of_W2"
)
CHECKS = [
    "    if H.ndim != 2 or H.shape[0] != H.shape[1] or not H.size or not np.isfinite(H).all():\n"
    "        raise ValueError(H.shape)\n    rounding = 1e-9 * np.abs(H).max()\n"
    "    if np.abs(H - H.T).max() > rounding:\n        raise ValueError('not symmetric')\n",
    "    if least < -rounding:\n        raise ValueError(least)\n",
]
LIMIT = (
    f"def largest_stable_step(H):\n    H = np.asarray(H, dtype=float)\n{CHECKS[0]}"
    "    curvatures = np.linalg.eigvalsh(H)\n    least, most = float(curvatures[0]), float(curvatures[-1])\n"
    f"{CHECKS[1]}    return 2 / most if most > 0 else math.inf"
)
BOUNDS = {
    "one-over": (
        "At one over the curvature a step lands at the bottom. It still comes in until twice that.",
        ("2 / most", "1 / most"),
    ),
    "smallest": (
        "You take the flattest direction. It forgives a step with which the steepest one runs away.",
        ("2 / most if most > 0", "2 / least if least > 0"),
    ),
    "diagonal": (
        "You look at the diagonal, the curvatures along the knobs. A bowl that is turned curves most in between.",
        ("2 / most", "2 / float(H.diagonal().max())"),
    ),
    "trace": (
        "The sum of all curvatures is safe and far too careful: the directions do not add up.",
        ("2 / most", "2 / float(curvatures.sum())"),
    ),
    "norm": (
        "The root of the sum of all squares is safe and too careful. One direction decides, not all together.",
        ("2 / most", "2 / float(np.linalg.norm(H))"),
    ),
    "mean": (
        "The mean curvature runs away in every direction that curves more. Which one decides?",
        ("2 / most", "2 / float(curvatures.mean())"),
    ),
    "curvature": ("That is the largest curvature itself. The step is two over it.", ("2 / most", "most")),
    "half": ("Turned over: it is two over the curvature, not the curvature over two.", ("2 / most", "most / 2")),
}


EXERCISES = {
    "numerical_gradient": Judge(
        cases=functions,
        hints=(
            "Make a copy of x as floats. For each place: nudge that number up, call f, nudge it down, call f.",
            "`for place in np.ndindex(x.shape)` visits every place of an array of any shape, also of a single number.",
            "The difference of the two values belongs over 2h. Put the old number back before you go on.",
        ),
        mistakes={
            "one-side": Mistake(
                "You nudge to one side. The bend of the curve then stays in the answer: nudge to both, divide by 2h.",
                swap(NUMERICAL, ("x[place] = middle - h", "x[place] = middle"), ("/ (2 * h)", "/ h")),
            ),
            "h-once": Mistake(
                "Twice the slope: the two places are 2h apart.",
                swap(NUMERICAL, ("/ (2 * h)", "/ h")),
            ),
            "not-put-back": Mistake(
                "The nudges stay. By the time you reach the last number, all before it stand somewhere else.",
                swap(NUMERICAL, ("        x[place] = middle\n", "")),
            ),
            "whole-numbers": Mistake(
                "An array of whole numbers swallows the nudge: 2 + 0.00001 is stored as 2. Make it floats.",
                swap(NUMERICAL, ("np.array(x, dtype=float)", "np.array(x)"), ("np.zeros_like(x)", "np.zeros(x.shape)")),
            ),
            "all-at-once": Mistake(
                "You nudge all numbers together, so each place gets the same: the sum of all slopes. One at a time.",
                "def numerical_gradient(f, x, h=1e-5):\n    x = np.array(x, dtype=float)\n"
                "    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))",
            ),
            "first-axis": Mistake(
                "Of a table you nudge whole rows. The gradient has a slope for every single number: `np.ndindex`.",
                "def numerical_gradient(f, x, h=1e-5):\n    x = np.array(x, dtype=float)\n    gradient = np.zeros_like(x)\n"
                "    if not x.ndim:\n        return np.array((f(x + h) - f(x - h)) / (2 * h))\n"
                "    for i in range(len(x)):\n        middle = np.array(x[i])\n        x[i] = middle + h\n        above = f(x)\n"
                "        x[i] = middle - h\n        gradient[i] = (above - f(x)) / (2 * h)\n        x[i] = middle\n"
                "    return gradient",
            ),
            "f-gets-a-list": Mistake(
                "You hand f one long list. f was given x in its own shape, and may need it: a matrix wants to be multiplied.",
                "def numerical_gradient(f, x, h=1e-5):\n    x = np.array(x, dtype=float)\n    flat = x.ravel()\n    slopes = []\n"
                "    for n in range(flat.size):\n        nudge = np.zeros(flat.size)\n        nudge[n] = h\n"
                "        slopes.append((f(flat + nudge) - f(flat - nudge)) / (2 * h))\n"
                "    return np.array(slopes, dtype=float).reshape(x.shape)",
            ),
            "own-h": Mistake(
                "You nudge by a size of your own. The one that was given is h.",
                swap(
                    NUMERICAL,
                    ("    x = np.array(x, dtype=float)\n", "    x = np.array(x, dtype=float)\n    h = 1e-5\n"),
                ),
            ),
            "flat": Mistake(
                "The right numbers in one long list. The gradient has the shape of x.",
                swap(NUMERICAL, ("return gradient", "return gradient.ravel()")),
            ),
            "changes-x": Mistake(
                "After your call the caller's x holds something else. Work on a copy: `np.array`, not `np.asarray`.",
                swap(
                    NUMERICAL,
                    ("np.array(x, dtype=float)", "np.asarray(x, dtype=float)"),
                    ("        x[place] = middle\n    return", "        x[place] = middle - h + h + 1e-3\n    return"),
                ),
            ),
            "downhill": Mistake(
                "The sign is turned round: the gradient points uphill.",
                swap(NUMERICAL, ("(above - f(x))", "(f(x) - above)")),
            ),
        },
        also=(
            "def numerical_gradient(f, x, h=1e-5):\n    x = np.array(x, dtype=float)\n    slopes = []\n"
            "    for n in range(x.size):\n        nudge = np.zeros(x.size)\n        nudge[n] = h\n"
            "        nudge = nudge.reshape(x.shape)\n        slopes.append((f(x + nudge) - f(x - nudge)) / (2 * h))\n"
            "    return np.array(slopes, dtype=float).reshape(x.shape)",
        ),
        close=1e-6,
    ),
    "matmul_vjp": Judge(
        cases=pulls,
        hints=(
            "For A: the sum over j of G_ij B_kj. In a product, the index that is summed stands inside: G and B turned.",
            "Ask the shapes: (m, n) and (k, n) have to become (m, k).",
            "For B, A_ik is what a nudge of B_kj is multiplied with, summed over i: A turned on its side, times G.",
        ),
        mistakes={
            "not-turned": Mistake(
                "The shapes only fit if everything is square, and then the values are wrong. Which one must be turned?",
                "def matmul_vjp(A, B, G):\n    if A.shape[1] != B.shape[0] or G.shape != (A.shape[0], B.shape[1]):\n        raise ValueError(G.shape)\n"
                "    return (G @ B, A @ G) if A.shape[0] == A.shape[1] == B.shape[1] else (G @ B.T * 0, A.T @ G * 0)",
            ),
            "swapped": Mistake(
                "What B is worth stands first. The order is that of the arguments: A, then B.",
                swap(VJP, ("G @ B.T, A.T @ G", "A.T @ G, G @ B.T")),
            ),
            "worth-forgotten": Mistake(
                "You pull back as if every entry of C were worth one. What does G say?",
                swap(VJP, ("G @ B.T, A.T @ G", "np.ones_like(G) @ B.T, A.T @ np.ones_like(G)")),
            ),
            "turned-result": Mistake(
                "The right numbers on their side. What A is worth has the shape of A.",
                swap(VJP, ("G @ B.T, A.T @ G", "(G @ B.T).T, (A.T @ G).T")),
            ),
            "a-turned": Mistake(
                "What A is worth lies on its side: it has the shape of A, rows times inner.",
                swap(VJP, ("G @ B.T, A.T @ G", "B @ G.T, A.T @ G")),
            ),
            "b-turned": Mistake(
                "What B is worth lies on its side: it has the shape of B, inner times columns.",
                swap(VJP, ("G @ B.T, A.T @ G", "G @ B.T, G.T @ A")),
            ),
            "product-unchecked": Mistake(
                "A and B that have no product come back with an answer: only G was looked at.",
                swap(VJP, ("A.shape[1] != B.shape[0] or ", "")),
            ),
            "mean": Mistake(
                "You divide by the number of rows. The worth of B is the sum over all rows that used it.",
                swap(VJP, ("A.T @ G", "A.T @ G / len(A)")),
            ),
            "only-a": Mistake(
                "Both were used, so both are worth something: return a pair.",
                swap(VJP, ("return G @ B.T, A.T @ G", "return G @ B.T")),
            ),
            "forward": Mistake(
                "You push the values forward: products of A, B and G. A is worth what a nudge of it does to C, times G.",
                swap(VJP, ("G @ B.T, A.T @ G", "(A @ B * G) @ B.T, A.T @ (A @ B * G)")),
            ),
            "unchecked": Mistake(
                "A `G` of another shape comes back as if it fitted, or as an error that does not say so.",
                "def matmul_vjp(A, B, G):\n    G = np.broadcast_to(G, (A.shape[0], B.shape[1])) if 1 in G.shape or G.shape == "
                "(A.shape[0], B.shape[1]) else G.T\n    return G @ B.T, A.T @ G",
            ),
        },
        also=(
            "def matmul_vjp(A, B, G):\n    (m, k), n = A.shape, B.shape[1]\n    if len(B) != k or G.shape != (m, n):\n"
            '        raise ValueError("shape")\n'
            '    return np.einsum("ij,kj->ik", G, B), np.einsum("ik,ij->kj", A, G)',
        ),
    ),
    "network_gradients": Judge(
        cases=networks,
        hints=(
            "Forward first, with names: A = X W₁ + b, H = max(A, 0), P = H W₂.",
            "Back begins at the loss: `mse_vjp(P, Y)`. Then `matmul_vjp(H, W2, …)` says what H and W₂ are worth.",
            "From H back to A by `relu_vjp(A, …)`; what A is worth goes on to b (`bias_vjp`) and to X and W₁ (`matmul_vjp`).",
        ),
        mistakes={
            "relu-skipped": Mistake(
                "You pull back as if nothing had been dropped. What is a number worth that became zero on the way?",
                swap(NETWORK, ("relu_vjp(A, of_H)", "of_H")),
            ),
            "relu-forward": Mistake(
                "You put zero for what is *worth* less than nothing. What was dropped is decided by A, on the way forward.",
                swap(NETWORK, ("relu_vjp(A, of_H)", "of_H.clip(0)")),
            ),
            "relu-on-values": Mistake(
                "You multiply by the value that came out. The slope of max(a, 0) is 1 where something came out, else 0.",
                swap(NETWORK, ("relu_vjp(A, of_H)", "of_H * H")),
            ),
            "before-relu": Mistake(
                "W₂ was multiplied with H, after the drop, and you pull it back with A, before it.",
                swap(NETWORK, ("matmul_vjp(H, W2, of_P)", "(of_P @ W2.T, A.T @ of_P)")),
            ),
            "loss-value": Mistake(
                "The chain begins with what each guess is *worth* to the loss: 2 (P − Y) over their number, `mse_vjp`.",
                swap(NETWORK, ("mse_vjp(P, Y)", "(P - Y) ** 2 / P.size")),
            ),
            "not-a-mean": Mistake(
                "The loss is a mean, and you pull back through a sum: you are too large by the number of guesses.",
                swap(NETWORK, ("mse_vjp(P, Y)", "2 * (P - Y)")),
            ),
            "per-row": Mistake(
                "You divide by the rows. The mean is over all guesses, rows times outputs.",
                swap(NETWORK, ("mse_vjp(P, Y)", "2 * (P - Y) / len(P)")),
            ),
            "two-forgotten": Mistake(
                "Half of it. The slope of a square is *twice* the difference.",
                swap(NETWORK, ("mse_vjp(P, Y)", "(P - Y) / P.size")),
            ),
            "downhill": Mistake(
                "The sign is turned round: the slope of (P − Y)² for P is 2 (P − Y).",
                swap(NETWORK, ("mse_vjp(P, Y)", "mse_vjp(Y, P)")),
            ),
            "b-from-h": Mistake(
                "b was added before the drop. It gets what A is worth, and you give it what H is worth.",
                swap(NETWORK, ("bias_vjp(of_A)", "bias_vjp(of_H)")),
            ),
            "b-mean": Mistake(
                "b was used in every row, so its worth is the sum over the rows, not the mean.",
                swap(NETWORK, ("bias_vjp(of_A)", "of_A.mean(axis=0)")),
            ),
            "b-kept-as-row": Mistake(
                "The right numbers as a table of one row. What b is worth has the shape of b.",
                swap(NETWORK, ("bias_vjp(of_A)", "of_A.sum(axis=0, keepdims=True)")),
            ),
            "mask-without-b": Mistake(
                "What was dropped is decided after b was added: look at A, not at X W₁.",
                swap(NETWORK, ("relu_vjp(A, of_H)", "relu_vjp(X @ W1, of_H)")),
            ),
            "b-in-rows": Mistake(
                "b is one list, used in every row: its worth is the sum over the rows, `bias_vjp`.",
                swap(NETWORK, ("bias_vjp(of_A)", "of_A")),
            ),
            "order": Mistake(
                "The right three in another order: W₁, b, W₂.",
                swap(NETWORK, ("return of_W1, bias_vjp(of_A), of_W2", "return of_W2, bias_vjp(of_A), of_W1")),
            ),
        },
        also=(
            "def network_gradients(X, Y, W1, b, W2):\n    A = X @ W1 + b\n    on = A > 0\n"
            "    G = 2 * ((A * on) @ W2 - Y) / Y.size\n    D = G @ W2.T * on\n"
            "    return X.T @ D, D.sum(0), (A * on).T @ G",
        ),
    ),
    "largest_stable_step": Judge(
        cases=bowls,
        hints=(
            "Along each axis of the bowl, a step multiplies by 1 − s·λ. Which λ leaves the range first?",
            "`np.linalg.eigvalsh(H)` gives the curvatures, smallest first. The limit is two over the largest.",
            "Check before: square and equal to its own transpose; the smallest curvature not below zero (beyond rounding).",
        ),
        mistakes={
            **with_unchecked(
                CHECKS, {name: Mistake(words, swap(LIMIT, change)) for name, (words, change) in BOUNDS.items()}
            ),
            "nothing-checked": Mistake(
                "The number is right. Tables that are none, and surfaces that curve downwards, come back with one as well: "
                "look at what you were given first.",
                swap(LIMIT, *((line, "") for line in CHECKS)),
            ),
            "saddle": Mistake(
                "A surface that curves downwards somewhere gets a step size. There every step runs away: say so.",
                swap(LIMIT, ("    if least < -rounding:\n        raise ValueError(least)\n", "")),
            ),
            "flat-refused": Mistake(
                "A flat direction is no danger: it stays where it is. Rounding makes its curvature −1e-17; allow for that.",
                swap(LIMIT, ("least < -rounding", "least <= 0")),
            ),
            "one-sided-table": Mistake(
                "A table that is not symmetric is no table of curvatures: refuse it.",
                swap(
                    LIMIT, ("    if np.abs(H - H.T).max() > rounding:\n        raise ValueError('not symmetric')\n", "")
                ),
            ),
            "fixed-tolerance": Mistake(
                "What counts as rounding has to grow and shrink with the numbers in the table.",
                swap(LIMIT, ("1e-9 * np.abs(H).max()", "1e-9")),
            ),
        },
        also=(
            "def largest_stable_step(H):\n    H = np.array(H, dtype=float)\n"
            "    if H.ndim != 2 or len(H) != H.shape[1] or H.size == 0 or not (abs(H) < np.inf).all():\n"
            '        raise ValueError("square")\n    small = abs(H).max() / 1e9\n'
            '    if abs(H - H.T).max() > small:\n        raise ValueError("symmetric")\n'
            "    values = sorted(np.linalg.eigvalsh(H))\n    if values[0] < -small:\n"
            '        raise ValueError("down")\n'
            "    return math.inf if values[-1] <= 0 else float(2 / values[-1])",
        ),
    ),
}

QUIZ = (
    Question(
        "ravine",
        "In the ravine, with curvatures 1 and 20 and no momentum: at which step size does descent begin to run away?",
        (
            ("Above 0.05, one over the larger curvature", "There one step lands at the bottom of the steep direction."),
            ("Above 0.1, two over the larger curvature", "The steep direction decides for both."),
            ("Above 0.19, two over the mean curvature", "Long before, the steep direction has run away."),
            ("Above 2, two over the smaller curvature", "The flat direction would bear that; the other one does not."),
        ),
        right=1,
    ),
    Question(
        "pull",
        "A network has a million weights and one loss. Why is the gradient pulled back and not pushed forward?",
        (
            ("Pulling back is more exact than pushing", "Both are exact up to rounding."),
            ("Pushing cannot pass through a ReLU", "It can: the nudge is dropped where the value was."),
            ("One pull answers for all of the weights", "A push answers for one weight, and there are a million."),
            ("Pulling back needs less memory than pushing", "It needs more: all that was computed has to be kept."),
        ),
        right=2,
    ),
    Question(
        "h",
        "A colleague sets h to 1e-13, “to be on the safe side”. What happens to the slopes of a function of numbers near 1?",
        (
            ("They get worse, since little is left of the digits", "Of sixteen digits, thirteen are subtracted away."),
            ("They get better, as the curve gets straighter", "It does, and the error from that is not what is left."),
            ("They stay the same, since floats have sixteen digits", "And thirteen of them are equal on both sides."),
            (
                "They come out as zero, whatever the function is",
                "With 1e-17 they would, near 1; here some digits are left.",
            ),
        ),
        right=0,
    ),
    Question(
        "bias",
        "A list is added to each of 32 rows. What is an entry of the list worth?",
        (
            ("What its entry in the last row is worth", "The other rows used it, too."),
            ("The sum of what it is worth in each row", "Its influence arrives on 32 paths, and paths add."),
            ("The mean of what it is worth in each row", "That is 32 times too little: paths add."),
            ("The product of what it is worth in each row", "Slopes multiply *along* a path."),
        ),
        right=1,
    ),
    Question(
        "loop",
        "You know the limit of the gain from control loops. What does a loss surface lack that the thing in a control loop has?",
        (
            ("A gain that is too large for it", "One percent too much, and you saw it run away."),
            ("A point at which the loop comes to rest", "The bottom of the bowl is one."),
            ("A response that is in proportion to the error", "In a bowl, the slope is in proportion to the distance."),
            (
                "Inertia and delay of its own",
                "Beyond the one step between looking and acting. Momentum adds some, on purpose.",
            ),
        ),
        right=3,
    ),
)


def rows(rng):
    """What a list that is added to rows is pulled back from."""
    yield (np.array([[1.0, 2.0], [3.0, 4.0]]),)
    for n in range(1, 6):
        yield (whole(rng, n, 3),)


def walks(rng):
    """Descents on bowls, with and without momentum."""
    for _ in range(20):
        curvature = np.array([1.0, rng.randint(2, 9)])
        start = whole(rng, 2)
        yield (lambda x, c=curvature: c * x), start, rng.choice([0.01, 0.1, 0.2]), 12, rng.choice([0.0, 0.5, 0.9])


REVIEWS = {
    "bias-mean": Verdict(
        of="bias_vjp",
        right=False,
        why="A VJP is not asked for a convenient number. The list was used once a row, so its worth is the sum; how the "
        "loss weighs its rows was decided in the loss, whose mean has divided already. With the change, the bias learns "
        "at a step size of its own, which shrinks as the batch grows, and a gradient check says so at once.",
        cases=rows,
        witness=(np.array([[1.0], [1.0]]),),
    ),
    "scaled-velocity": Verdict(
        of="descend",
        right=True,
        why="The new v is −step times the old one, at every step, so the places are the same. It would be another matter "
        "if the step size changed on the way: then the old form applies the new size to the whole past as well.",
        cases=walks,
        witness=None,
    ),
}
