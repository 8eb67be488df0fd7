"""What the exercises of `01_linear_algebra/02_matrices` are judged by: cases, known mistakes, quiz, reviews."""

import itertools

import numpy as np

from judges import Judge, Mistake, Question, Verdict, swap, whole


def heads(rng):
    """Queries and keys: as many of each and not, one text, one head; then shapes that do not fit."""
    yield whole(rng, 1, 2, 1, 2), whole(rng, 1, 2, 1, 2)
    yield whole(rng, 1, 2, 2, 1), whole(rng, 1, 3, 2, 1)
    yield whole(rng, 2, 3, 4, 5), whole(rng, 2, 6, 4, 5)
    yield whole(rng, 2, 2, 2, 2), whole(rng, 2, 2, 2, 2)
    yield np.ones((1, 3, 2, 2)), np.ones((2, 3, 2, 2))
    yield np.ones((2, 3, 1, 2)), np.ones((2, 3, 2, 2))
    yield np.ones((2, 3, 2, 3)), np.ones((2, 3, 2, 1))
    yield np.ones((2, 3, 2, 3)), np.ones((2, 3, 2, 2))
    for _ in range(6):
        b, t, s, h, d = (rng.randint(1, 4) for _ in range(5))
        yield whole(rng, b, t, h, d), whole(rng, b, s, h, d)


def views(rng):
    """Shapes of one to four axes in every kind of order; then axes that name one twice, too few, or none there is."""
    yield (3, 4), (1, 0)
    yield (3, 4), (0, 1)
    yield (2, 3, 5), (2, 0, 1)
    yield (2, 3, 5), (1, 2, 0)
    yield (7,), (0,)
    yield (2, 3), (0, 0)
    yield (2, 3, 4), (0, 1)
    yield (2, 3), (0, 2)
    yield (2, 3), (0, -1)
    yield (2, 3), (0, 1, 1)
    yield (2, 3, 4), (0, 2, 1), 4
    for axes in itertools.permutations(range(4)):
        yield (2, 3, 4, 5), axes
    for n in range(1, 5):
        yield tuple(rng.randint(1, 6) for _ in range(n)), tuple(rng.sample(range(n), n)), rng.choice([1, 2, 4, 8])


def tiles(rng):
    """Products whose sides are multiples of the tile and not, tiles larger than all, lists, NaN; then bad ones."""
    yield [[1, 2, 3]], [[1], [1], [1]], 2
    yield whole(rng, 4, 4), whole(rng, 4, 4), 2
    yield whole(rng, 3, 5), whole(rng, 5, 2), 2
    yield whole(rng, 2, 6), whole(rng, 6, 4), 3
    yield whole(rng, 6, 2), whole(rng, 2, 5), 4
    yield whole(rng, 3, 3), whole(rng, 3, 3), 9
    yield np.array([[1.0, np.nan], [2.0, 3.0]]), np.eye(2), 1
    yield whole(rng, 0, 3), whole(rng, 3, 2), 2
    yield whole(rng, 2, 0), whole(rng, 0, 3), 2
    yield whole(rng, 2, 3), whole(rng, 2, 3), 2
    yield np.ones((2, 2)), np.ones((3, 2)), 2
    yield np.array([[2.0**53, 0, 1, 1, -(2.0**53), 0]]), np.ones((6, 1)), 2
    yield whole(rng, 2, 2), whole(rng, 2, 2), 0
    yield whole(rng, 2, 2), whole(rng, 2, 2), -1
    for _ in range(20):
        m, k, n = (rng.randint(1, 9) for _ in range(3))
        yield whole(rng, m, k), whole(rng, k, n), rng.randint(1, 5)


def sides(rng):
    """Sides of products: small ones, one query, a square, other sizes of numbers; then sides that are none."""
    yield 2, 3, 4
    yield 1, 1, 1
    yield 4096, 4096, 1
    yield 2, 3, 4, 2
    yield 5, 1, 7, 8
    yield 0, 3, 4
    yield 2, 0, 4
    yield 2, 3, -1
    yield -1, -2, 3
    for _ in range(20):
        yield tuple(rng.randint(1, 50) for _ in range(3))


SCORES = (
    "def head_scores(Q, K):\n    (b, t, h, d), (b2, s, h2, d2) = Q.shape, K.shape\n"
    "    if (b, h, d) != (b2, h2, d2):\n        raise ValueError('differ')\n"
    '    return np.einsum("bthd,bshd->bhts", Q, K)'
)
STRIDES = (
    "def view_strides(shape, axes, itemsize=8):\n    if sorted(axes) != list(range(len(shape))):\n"
    "        raise ValueError(axes)\n"
    "    stored = [itemsize * prod(shape[place + 1:]) for place in range(len(shape))]\n"
    "    return tuple(stored[axis] for axis in axes)"
)
TILES = (
    "def matmul_tiles(A, B, size):\n    A, B = fitting(A, B)\n    if size < 1:\n        raise ValueError(size)\n"
    "    (m, inner), n = A.shape, B.shape[1]\n    C = np.zeros((m, n))\n    for i in range(0, m, size):\n"
    "        for j in range(0, n, size):\n            for k in range(0, inner, size):\n"
    "                C[i : i + size, j : j + size] += by_outer(A[i : i + size, k : k + size], B[k : k + size, j : j + size])\n"
    "    return C"
)
COUNTS = (
    "def flops_and_bytes(m, k, n, itemsize=4):\n    if min(m, k, n) < 1:\n        raise ValueError(m)\n"
    "    return 2 * m * k * n, itemsize * (m * k + k * n + m * n)"
)

EXERCISES = {
    "head_scores": Judge(
        cases=heads,
        hints=(
            "Give each axis a letter: `bthd` for Q. Which letters of K are the same axis, and which one is new?",
            "A letter that is in both inputs and not in the result is summed away: that should be d and nothing else.",
            "The result is (b, h, t, s), so the spec ends in `->bhts`. Compare b, h and d of the two shapes first.",
        ),
        mistakes={
            "heads-stay": Mistake(
                "The right numbers, and the heads stand where the words should: the result is (b, h, t, s).",
                swap(SCORES, ("->bhts", "->bths")),
            ),
            "keys-first": Mistake(
                "Keys down and queries across. The docstring wants one row for each query: (b, h, t, s).",
                swap(SCORES, ("->bhts", "->bhst")),
            ),
            "heads-summed": Mistake(
                "Every head gets the sum of all heads. A letter that is missing behind the arrow is summed away: which?",
                swap(
                    SCORES,
                    (
                        'return np.einsum("bthd,bshd->bhts", Q, K)',
                        'return np.repeat(np.einsum("bthd,bshd->bts", Q, K)[:, None], h, axis=1)',
                    ),
                ),
            ),
            "heads-mixed": Mistake(
                "The queries of a head meet the keys of all heads. The same axis needs the same letter in both.",
                swap(SCORES, ("bthd,bshd->bhts", "bthd,bsgd->bhts")),
            ),
            "texts-mixed": Mistake(
                "The words of one text are asking the words of the others. The same axis needs the same letter in both.",
                swap(SCORES, ("bthd,bshd->bhts", "bthd,cshd->bhts")),
            ),
            "pairs-only": Mistake(
                "Word t of the queries meets word t of the keys and no other. Two axes, two letters.",
                swap(
                    SCORES,
                    (
                        'return np.einsum("bthd,bshd->bhts", Q, K)',
                        'same = np.einsum("bthd,bthd->bht", Q, K[:, :t])\n'
                        "    return np.repeat(same[..., None], s, axis=3)",
                    ),
                ),
            ),
            "products-summed-apart": Mistake(
                "You summed Q and K over d first and multiplied the sums. The products come first, then their sum.",
                swap(SCORES, ("bthd,bshd->bhts", "bthd,bshe->bhts")),
            ),
            "reshaped": Mistake(
                "`reshape` cuts the same street into other pieces: numbers of one head land in another. Axes change places "
                "by `transpose`, or by their letters.",
                swap(
                    SCORES,
                    (
                        'return np.einsum("bthd,bshd->bhts", Q, K)',
                        "return Q.reshape(b, h, t, d) @ K.reshape(b, h, s, d).transpose(0, 1, 3, 2)",
                    ),
                ),
            ),
            "scaled": Mistake(
                "You have met attention before: it divides by √d. Here the bare dot products are asked for.",
                swap(SCORES, ('np.einsum("bthd,bshd->bhts", Q, K)', 'np.einsum("bthd,bshd->bhts", Q, K) / d**0.5')),
            ),
            "one-axis-checked": Mistake(
                "b, h and d all have to agree, and you check one of the three.",
                swap(SCORES, ("(b, h, d) != (b2, h2, d2)", "d != d2")),
            ),
            "stretched": Mistake(
                "Shapes that do not fit come back as if they did: an axis of length 1 was stretched in silence.",
                'def head_scores(Q, K):\n    return np.einsum("bthd,bshd->bhts", Q, K)',
            ),
        },
        also=(
            "def head_scores(Q, K):\n    for axis in (0, 2, 3):\n        if Q.shape[axis] != K.shape[axis]:\n"
            "            raise ValueError(axis)\n    return Q.transpose(0, 2, 1, 3) @ K.transpose(0, 2, 3, 1)",
        ),
    ),
    "view_strides": Judge(
        cases=views,
        hints=(
            "First the strides before anything is turned: a step along the last axis is one number, and along the one "
            "before it?",
            "A step along an axis passes over everything that the axes behind it hold: the product of their lengths.",
            "Then pick: the stride at a new place is the old stride of the axis that stands there, `stored[axis]`.",
        ),
        mistakes={
            "in-numbers": Mistake(
                "You count in numbers. A stride is in bytes: how many does one number take?",
                swap(STRIDES, ("itemsize * prod", "prod")),
            ),
            "as-if-copied": Mistake(
                "These are the strides of a new array of the turned shape. Nothing was moved: the numbers lie as before.",
                swap(
                    STRIDES,
                    (
                        "    return tuple(stored[axis] for axis in axes)",
                        "    turned = [shape[axis] for axis in axes]\n"
                        "    return tuple(itemsize * prod(turned[place + 1:]) for place in range(len(shape)))",
                    ),
                ),
            ),
            "not-turned": Mistake(
                "The strides before the axes are put in order. Which old axis stands at each new place?",
                swap(STRIDES, ("tuple(stored[axis] for axis in axes)", "tuple(stored)")),
            ),
            "other-way": Mistake(
                "With two axes this is right, with three it is the order turned back: `axes[0]` is the *old* axis that "
                "comes to stand first.",
                swap(
                    STRIDES,
                    (
                        "tuple(stored[axis] for axis in axes)",
                        "tuple(stored[list(axes).index(place)] for place in range(len(shape)))",
                    ),
                ),
            ),
            "column-by-column": Mistake(
                "You store column by column, so that the first axis is the tight one. Row by row, the last one is.",
                swap(STRIDES, ("prod(shape[place + 1:])", "prod(shape[:place])")),
            ),
            "one-too-many": Mistake(
                "A step along an axis passes over the axes *behind* it; its own length does not count.",
                swap(STRIDES, ("prod(shape[place + 1:])", "prod(shape[place:])")),
            ),
            "next-axis-only": Mistake(
                "You look at the next axis alone. With three axes a step along the first passes over both of the others.",
                swap(STRIDES, ("prod(shape[place + 1:])", "prod(shape[place + 1:place + 2])")),
            ),
            "eight-always": Mistake(
                "You count eight bytes for every number. `itemsize` says how many there are.",
                swap(STRIDES, ("itemsize * prod", "8 * prod")),
            ),
            "as-a-set": Mistake(
                "An axis that is named twice goes through if you compare sets. How many axes are there?",
                swap(STRIDES, ("sorted(axes) != list(range(len(shape)))", "set(axes) != set(range(len(shape)))")),
            ),
            "axes-unchecked": Mistake(
                "Axes that name one twice, or leave one out, come back with strides. They are a bug of the caller.",
                STRIDES.replace(
                    "    if sorted(axes) != list(range(len(shape))):\n        raise ValueError(axes)\n", ""
                ).replace("stored[axis]", "stored[axis % len(stored)]"),
            ),
        },
        also=(
            "def view_strides(shape, axes, itemsize=8):\n    if set(axes) != set(range(len(shape))) or len(axes) != len(shape):\n"
            "        raise ValueError('axes')\n    stored, step = [], itemsize\n    for length in reversed(shape):\n"
            "        stored.insert(0, step)\n        step *= length\n    return tuple([stored[a] for a in axes])",
        ),
    ),
    "matmul_tiles": Judge(
        cases=tiles,
        hints=(
            "Three loops again, as in `matmul_loops`, each with `range(0, side, size)`.",
            "The tile of C at (i, j) gets `by_outer` of A's tile at (i, k) and B's tile at (k, j), for every k.",
            "`C[i : i + size, j : j + size] += …`. A slice past the end stops at the end: the edges come for free.",
        ),
        mistakes={
            "overwrites": Mistake(
                "Each k puts its product in the place of the one before. A tile of the result is a *sum* over k.",
                swap(TILES, ("+= by_outer", "= by_outer")),
            ),
            "edges-lost": Mistake(
                "What is left over at the edges stays zero. Does your range reach the last, smaller tile?",
                swap(
                    TILES,
                    ("range(0, m, size)", "range(0, m - size + 1, size)"),
                    ("range(0, n, size)", "range(0, n - size + 1, size)"),
                    ("range(0, inner, size)", "range(0, inner - size + 1, size)"),
                ),
            ),
            "inner-edge-lost": Mistake(
                "The last, smaller tiles along the inner side are never added.",
                swap(TILES, ("range(0, inner, size)", "range(0, inner - size + 1, size)")),
            ),
            "diagonal": Mistake(
                "Each tile of the result gets one product. It needs A's whole row of tiles against B's whole column.",
                swap(TILES, ("            for k in range(0, inner, size):\n", "            for k in [i]:\n")),
            ),
            "b-turned": Mistake(
                "The tile of B is taken at (j, k). The inner number of A's tile and of B's tile must be the same.",
                swap(TILES, ("B[k : k + size, j : j + size]", "B[j : j + size, k : k + size].T")),
            ),
            "entry-by-entry": Mistake(
                "You multiply the tiles entry by entry. A tile is a matrix: it is multiplied like one.",
                swap(
                    TILES,
                    (
                        "by_outer(A[i : i + size, k : k + size], B[k : k + size, j : j + size])",
                        "A[i : i + size, k : k + size] * B[k : k + size, j : j + size]",
                    ),
                ),
            ),
            "sizes-mixed": Mistake(
                "The ranges take their sides from A alone. Which shape has the number of columns of the result?",
                swap(
                    TILES,
                    ("(m, inner), n = A.shape, B.shape[1]", "(m, inner), n = A.shape, A.shape[1]"),
                    ("np.zeros((m, n))", "np.zeros((m, B.shape[1]))"),
                ),
            ),
            "no-tiles": Mistake(
                "Right numbers, up to rounding, and no tiles: one product of everything. Tile by tile, the sums round in "
                "another order, and one case shows it.",
                "def matmul_tiles(A, B, size):\n    A, B = fitting(A, B)\n    if size < 1:\n        raise ValueError(size)\n"
                "    return by_outer(A, B)",
            ),
            "unfitting": Mistake(
                "Shapes that do not fit come back with a result: the slices happened to match. `fitting` looks first.",
                swap(TILES, ("A, B = fitting(A, B)", "A, B = np.asarray(A, float), np.asarray(B, float)")),
            ),
            "size-unchecked": Mistake(
                "A size below 1 comes back as zeros or as an error that does not say so. It is a bug of the caller: say it.",
                swap(
                    TILES,
                    (
                        "    if size < 1:\n        raise ValueError(size)\n",
                        "    if size < 1:\n        return np.zeros((A.shape[0], B.shape[1]))\n",
                    ),
                ),
            ),
            "starts-from-a": Mistake(
                "The sums do not start at zero. What stands in the result before the first tile is added?",
                swap(TILES, ("np.zeros((m, n))", "np.ones((m, n))")),
            ),
        },
        also=(
            "def matmul_tiles(A, B, size):\n    A, B = fitting(A, B)\n    if size < 1:\n        raise ValueError('size')\n"
            "    C = np.zeros((A.shape[0], B.shape[1]))\n    for k in range(0, A.shape[1], size):\n"
            "        for i in range(0, A.shape[0], size):\n            part = A[i:i + size, k:k + size]\n"
            "            for j in range(0, B.shape[1], size):\n"
            "                C[i:i + size, j:j + size] = C[i:i + size, j:j + size] + part @ B[k:k + size, j:j + size]\n"
            "    return C",
        ),
    ),
    "flops_and_bytes": Judge(
        cases=sides,
        hints=(
            "How many numbers has the result, and how many multiplications does each of them need?",
            "Two operations for each multiplication with its addition: 2·m·k·n.",
            "Bytes: A has m·k numbers, B has k·n, and the result m·n; each is moved once.",
        ),
        mistakes={
            "one-operation": Mistake(
                "You count multiplications. Each of them is followed by an addition, and that is an operation, too.",
                swap(COUNTS, ("2 * m * k * n", "m * k * n")),
            ),
            "exact-additions": Mistake(
                "Strictly, k products need k − 1 additions. The convention, and the docstring, count k of both.",
                swap(COUNTS, ("2 * m * k * n", "m * n * (2 * k - 1)")),
            ),
            "result-forgotten": Mistake(
                "A and B are read. Something also has to be written.",
                swap(COUNTS, (" + m * n)", ")")),
            ),
            "numbers-not-bytes": Mistake(
                "You count numbers. How many bytes is one?",
                swap(COUNTS, ("itemsize * (", "1 * (")),
            ),
            "each-use": Mistake(
                "You move each number whenever it is used. The fewest bytes: each matrix crosses once, then stays near.",
                swap(COUNTS, ("itemsize * (m * k + k * n + m * n)", "itemsize * (2 * m * k * n + m * n)")),
            ),
            "result-twice": Mistake(
                "The result is moved once: it is summed up close by and written when it is done.",
                swap(COUNTS, ("+ m * n)", "+ 2 * m * n)")),
            ),
            "added-sides": Mistake(
                "You add the sides of a matrix. A table of m rows and k columns has m·k numbers.",
                swap(COUNTS, ("m * k + k * n + m * n", "m + k + k + n + m + n")),
            ),
            "four-always": Mistake(
                "You count four bytes for every number. `itemsize` says how many there are.",
                swap(COUNTS, ("itemsize * (", "4 * (")),
            ),
            "swapped": Mistake(
                "Operations first, bytes second.",
                swap(
                    COUNTS,
                    (
                        "return 2 * m * k * n, itemsize * (m * k + k * n + m * n)",
                        "return itemsize * (m * k + k * n + m * n), 2 * m * k * n",
                    ),
                ),
            ),
            "product-checked": Mistake(
                "Two sides below zero have a positive product. Each side for itself has to be at least 1.",
                swap(COUNTS, ("min(m, k, n) < 1", "m * k * n < 1")),
            ),
            "as-ratio": Mistake(
                "Return both numbers; the ratio of the two is the next step.",
                swap(
                    COUNTS,
                    (
                        "2 * m * k * n, itemsize * (m * k + k * n + m * n)",
                        "2 * m * k * n / (itemsize * (m * k + k * n + m * n))",
                    ),
                ),
            ),
            "sides-unchecked": Mistake(
                "A side of zero or less comes back with a count. It is a bug of the caller: raise a ValueError.",
                swap(COUNTS, ("    if min(m, k, n) < 1:\n        raise ValueError(m)\n", "")),
            ),
        },
        also=(
            "def flops_and_bytes(m, k, n, itemsize=4):\n    for side in (m, k, n):\n        if side <= 0:\n"
            "            raise ValueError('side')\n    moved = sum(a * b for a, b in ((m, k), (k, n), (m, n)))\n"
            "    return m * n * (k + k), moved * itemsize",
        ),
    ),
}

QUIZ = (
    Question(
        "flat",
        "You brought the area to zero with two columns that are not zero. Where do the columns lie, and what is left of "
        "the plane?",
        (
            ("On one line; the plane falls onto that line", "Many points have the same image, so nobody can go back."),
            (
                "At a right angle; the plane keeps its shape",
                "Then the area is the product of the two lengths: not zero.",
            ),
            ("On one line; the plane falls onto the origin", "Only if both columns were zero. Where does a column go?"),
            ("Anywhere; the plane is merely turned over", "Turned over is an area below zero, and nothing is lost."),
        ),
        right=0,
    ),
    Question(
        "batch",
        "On the invented machine, a layer of 4,096 goes from batch 1 to batch 2. What happens to the time?",
        (
            (
                "It doubles, because the arithmetic doubles",
                "So it is on the flat part. Here the machine waits for memory.",
            ),
            ("It stays nearly as it was", "The weights are nearly all the bytes, and they are fetched once for both."),
            (
                "It halves, because the weights are shared",
                "Shared, yes: the time for each list halves, not the time for both.",
            ),
            ("It depends on the values in the lists", "No matrix product looks at what it multiplies."),
        ),
        right=1,
    ),
    Question(
        "row",
        "Row 7 of A B is …",
        (
            (
                "… the rows of B, mixed in the amounts of row 7 of A",
                "Row 7 of A says how much of each row of B goes in.",
            ),
            ("… row 7 of B, after A has scaled its entries", "Each row of the result sees all the rows of B."),
            ("… a mixture of the columns of A by row 7 of B", "The columns of A are mixed by the *columns* of B."),
            ("… row 7 of A and row 7 of B, added entry by entry", "Nothing is added but products."),
        ),
        right=0,
    ),
    Question(
        "cut",
        "W is cut by rows over eight workers that all have X. What do they exchange to have X W everywhere?",
        (
            ("Nothing, since every worker has all of X", "With rows, each has a *part* of every output."),
            ("Their pieces, to be put side by side", "So it is for columns, where each output is complete somewhere."),
            ("Their tables, to be added up entry by entry", "Each is a part of every output: a sum over workers."),
            (
                "Their shards of W, one round for each worker",
                "That would move the weights; the outputs are far smaller.",
            ),
        ),
        right=2,
    ),
    Question(
        "transpose",
        "`M.T @ M` for a table of 10 GB in row order. What does the `.T` itself cost?",
        (
            ("A copy of the whole table, before the product", "No number is moved: the result is a view."),
            ("Nothing; the note on how to walk is rewritten", "Who walks it then may jump, and pays there."),
            ("A sort of the rows into the order of columns", "The street stays as it is."),
            ("Half of a copy, since M is used twice here", "There is no copy at all."),
        ),
        right=1,
    ),
)


def products(rng):
    """Products of all kinds of shapes: what a review of `matmul_loops` is tried on."""
    for _ in range(30):
        m, k, n = (rng.randint(0, 6) for _ in range(3))
        yield whole(rng, m, k) / 7, whole(rng, k, n) / 3
    yield np.array([[0.1, 0.2, 0.3]]), np.array([[1e16], [1.0], [-1e16]])


REVIEWS = {
    "skip-zeros": Verdict(
        of="matmul_loops",
        right=False,
        why="Zero times something is zero only for finite numbers. 0 · NaN and 0 · ∞ are NaN, and that NaN is the alarm: "
        "with the change a table that is broken comes out looking sound. Reference BLAS skipped zeros like this for "
        "decades. Random normal numbers contain neither zeros nor NaN, so the tests said nothing.",
        cases=products,
        witness=([[0.0]], [[float("nan")]]),
    ),
    "loop-order": Verdict(
        of="matmul_loops",
        right=True,
        why="For a given (i, j) the terms still come in the order of k, so each sum is rounded in the same way. And the "
        "claim about lines is true: along j, B and C are walked in the order in which they lie.",
        cases=products,
        witness=None,
    ),
}
