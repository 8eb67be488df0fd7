"""What the exercises of `02_neural_nets/03_digits` are judged by: cases, known mistakes, quiz, reviews."""

import numpy as np
from seeded import Seeded

from judges import Judge, Mistake, Question, Verdict, swap, whole, with_unchecked


def labels(rng):
    """Labels as lists and arrays, none at all, one class; then labels that are none."""
    yield [2, 0], 3
    yield [0], 1
    yield [1, 1, 1], 2
    yield np.array([3, 0, 2]), 5
    yield [], 4
    yield [3], 3
    yield [0, -1], 3
    yield [0.5, 1], 3
    for _ in range(8):
        k = rng.randint(1, 6)
        yield [rng.randrange(k) for _ in range(rng.randint(1, 7))], k


def answered(rng):
    """Logits with ties, negative ones, lists and arrays; then labels that do not fit."""
    yield [[0.1, 2.0], [3.0, 1.0], [0.0, 0.5]], [1, 0, 0]
    yield [[1.0, 1.0], [2.0, 2.0]], [0, 1]
    yield [[-3.0, -1.0, -2.0]], [1]
    yield np.array([[0.4, 0.3, 0.3], [0.1, 0.2, 0.7]]), np.array([0, 2])
    yield [[5.0], [2.0]], [0, 0]
    yield np.zeros((0, 3)), np.zeros(0, int)
    yield np.eye(3), np.array([[0], [1], [2]])
    yield np.eye(3), [0, 1]
    yield np.eye(3), [0]
    for _ in range(8):
        n, k = rng.randint(1, 6), rng.randint(2, 5)
        yield whole(rng, n, k), [rng.randrange(k) for _ in range(n)]


def orders(rng):
    """Sizes that divide and that do not, one, more than there are, nothing; then what is refused."""
    yield 5, 2, Seeded(0)
    yield 6, 3, Seeded(1)
    yield 4, 10, Seeded(2)
    yield 3, 1, Seeded(3)
    yield 0, 4, Seeded(4)
    yield -1, 2, Seeded(5)
    yield 5, 0, Seeded(6)
    yield 5, -2, Seeded(6)
    for _ in range(8):
        yield rng.randint(1, 20), rng.randint(1, 7), Seeded(rng.randint(0, 999))


def moves(rng):
    """No move, one along an axis, both, out of the picture; oblong pictures."""
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), 1, 0
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), 0, -1
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), 0, 0
    yield np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), -1, 2
    yield np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 0, 1
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), 2, 0
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), 0, -5
    yield np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), 2, 0
    yield np.arange(1.0, 13.0).reshape(3, 4), 1, 1
    for _ in range(10):
        yield whole(rng, rng.randint(2, 5), rng.randint(2, 5)), rng.randint(-3, 3), rng.randint(-3, 3)


def in_peace(function, picture, down, right):
    """What a move returns, and whether it left the picture as it was."""
    before, found = picture.copy(), function(picture, down, right)
    kept = bool(np.array_equal(before, picture))
    return {"moved": found, "the picture is as it was": kept, "a new array": not np.shares_memory(found, picture)}


def counts(rng):
    """Confusions with errors, without, with a class that never was and one that was never said; then no square."""
    yield (np.array([[3, 1], [0, 2]]),)
    yield (np.eye(3, dtype=int),)
    yield (np.array([[5, 0], [2, 0]]),)
    yield (np.array([[0, 0], [1, 4]]),)
    yield ([[2, 1, 0], [0, 3, 1], [1, 0, 1]],)
    yield (np.zeros((2, 2), int),)
    yield (np.ones((2, 3), int),)
    yield (np.ones((3, 1), int),)
    yield (np.ones(4, int),)
    for _ in range(8):
        k = rng.randint(2, 4)
        yield (np.abs(whole(rng, k, k)).astype(int),)


def quietly(function, C):
    """A function's two arrays, with divisions by zero as errors, where numpy would only warn."""
    with np.errstate(divide="raise", invalid="raise"):
        return function(C)


ONE_HOT = (
    "def one_hot(labels, classes):\n    given = np.asarray(labels)\n    labels = given.astype(int)\n"
    "    if (labels != given).any() or (labels < 0).any() or (labels >= classes).any():\n        raise ValueError(given)\n"
    "    return np.eye(classes)[labels]"
)
ONE_HOT_CHECK = "    if (labels != given).any() or (labels < 0).any() or (labels >= classes).any():\n        raise ValueError(given)\n"
ACCURACY = (
    "def accuracy(logits, labels):\n    logits, labels = np.asarray(logits), np.asarray(labels)\n"
    "    if not len(logits) or labels.shape != (len(logits),):\n        raise ValueError(labels.shape)\n"
    "    return float((logits.argmax(axis=1) == labels).mean())"
)
ACCURACY_CHECK = "    if not len(logits) or labels.shape != (len(logits),):\n        raise ValueError(labels.shape)\n"
BATCHES = (
    "def batches(n, size, rng):\n    if n < 0 or size < 1:\n        raise ValueError(size)\n"
    "    order = rng.permutation(n)\n    return [order[start : start + size] for start in range(0, n, size)]"
)
BATCHES_CHECK = "    if n < 0 or size < 1:\n        raise ValueError(size)\n"
MOVED = (
    "def moved(picture, down, right):\n    result = np.zeros_like(picture)\n    rows, columns = picture.shape\n"
    "    if abs(down) < rows and abs(right) < columns:\n"
    "        kept = picture[max(-down, 0) : rows - max(down, 0), max(-right, 0) : columns - max(right, 0)]\n"
    "        result[max(down, 0) : rows - max(-down, 0), max(right, 0) : columns - max(-right, 0)] = kept\n"
    "    return result"
)
RECALL = (
    "def recall_and_precision(C):\n    C = np.asarray(C, dtype=float)\n"
    "    if C.ndim != 2 or C.shape[0] != C.shape[1]:\n        raise ValueError(C.shape)\n"
    "    right, examples, answers = np.diag(C), C.sum(axis=1), C.sum(axis=0)\n    unknown = np.full(len(C), np.nan)\n"
    "    recall = np.divide(right, examples, out=unknown.copy(), where=examples > 0)\n"
    "    return recall, np.divide(right, answers, out=unknown.copy(), where=answers > 0)"
)
RECALL_CHECK = "    if C.ndim != 2 or C.shape[0] != C.shape[1]:\n        raise ValueError(C.shape)\n"
PLAIN = (
    "def recall_and_precision(C):\n    C = np.asarray(C, dtype=float)\n"
    "    if C.ndim != 2 or C.shape[0] != C.shape[1]:\n        raise ValueError(C.shape)\n"
    "    return np.diag(C) / C.sum(axis=1), np.diag(C) / C.sum(axis=0)"
)

EXERCISES = {
    "one_hot": Judge(
        cases=labels,
        hints=(
            "A table of zeros with a row for each label. Where does the one go in row i?",
            "`np.eye(classes)` has the one-hot of k in its row k. How do you pick rows?",
            "`np.eye(classes)[labels]`. And what would it give for a label of −1? Refuse that first.",
        ),
        mistakes=with_unchecked(
            [ONE_HOT_CHECK],
            {
                "by-column": Mistake(
                    "Transposed: each *row* belongs to a label, and has as many places as there are classes.",
                    swap(ONE_HOT, ("np.eye(classes)[labels]", "np.eye(classes)[labels].T")),
                ),
                "from-one": Mistake(
                    "Labels count from 0: label 0 has its one in the first place.",
                    swap(ONE_HOT, ("np.eye(classes)[labels]", "np.eye(classes)[labels - 1]")),
                ),
                "own-classes": Mistake(
                    "As many places as the largest label needs: the next batch has other labels, and another shape. "
                    "`classes` says how many there are.",
                    swap(ONE_HOT, ("np.eye(classes)[labels]", "np.eye(labels.max(initial=0) + 1)[labels]")),
                ),
                "all-rows": Mistake(
                    "`table[:, labels] = 1` sets whole columns, in every row. Row i gets its one at labels[i] only.",
                    swap(
                        ONE_HOT,
                        (
                            "    return np.eye(classes)[labels]",
                            "    table = np.zeros((len(labels), classes))\n    table[:, labels] = 1\n    return table",
                        ),
                    ),
                ),
            },
        )
        | {
            "fraction": Mistake(
                "A label of 0.5 becomes 0 on the way to whole numbers, without a word. It is no label: refuse it.",
                swap(ONE_HOT, ("(labels != given).any() or ", "")),
            ),
            "compared": Mistake(
                "A label of 0.5 gives a row of zeros, without a word. It is no label: refuse it.",
                "def one_hot(labels, classes):\n    labels = np.asarray(labels)\n"
                "    if labels.size and (labels.min() < 0 or labels.max() >= classes):\n        raise ValueError(labels)\n"
                "    return (labels[:, None] == np.arange(classes)).astype(float)",
            ),
            "empty": Mistake(
                "No labels at all come as floats (`np.asarray([])`), and floats pick no rows. Say that they are whole numbers.",
                "def one_hot(labels, classes):\n    return np.eye(classes)[labels if len(labels) else np.asarray([])]",
            ),
            "unchecked": Mistake(
                "Right for labels that fit. A −1 becomes the last class without a word, since numpy counts from the end.",
                swap(ONE_HOT, (ONE_HOT_CHECK, "")),
            ),
        },
        also=(
            "def one_hot(labels, classes):\n    rows = []\n    for label in labels:\n        if label not in range(classes):\n"
            "            raise ValueError(label)\n        rows.append([1.0 if k == label else 0.0 for k in range(classes)])\n"
            "    return np.array(rows).reshape(len(rows), classes)",
        ),
    ),
    "accuracy": Judge(
        cases=answered,
        hints=(
            "What does the network answer in each row? Its position, not its value.",
            "`argmax(axis=1)` gives one position a row, the first of equals. Compare with the labels, and take the mean.",
            "Before that: at least one row, and labels of shape (n,). What happens with labels of shape (n, 1)?",
        ),
        mistakes=with_unchecked(
            [ACCURACY_CHECK],
            {
                "down-the-columns": Mistake(
                    "The largest of each *column*: which picture is most of a class. An answer belongs to a row, axis 1.",
                    swap(
                        ACCURACY,
                        (
                            "    return float((logits.argmax(axis=1) == labels).mean())",
                            "    answers = logits.argmax(axis=0)\n    n = min(len(answers), len(labels))\n"
                            "    return float((answers[:n] == labels[:n]).mean())",
                        ),
                    ),
                ),
                "last-of-equals": Mistake(
                    "Of equal logits the first counts; yours takes the last, or counts them all as right.",
                    swap(
                        ACCURACY,
                        (
                            "(logits.argmax(axis=1) == labels)",
                            "(logits[np.arange(len(labels)), labels] >= logits.max(axis=1))",
                        ),
                    ),
                ),
                "a-count": Mistake(
                    "A count of the right ones. The docstring asks for their share.",
                    swap(ACCURACY, (".mean())", ".sum())")),
                ),
                "above-half": Mistake(
                    "Logits are no probabilities: the largest one counts, whether it is above ½ or not.",
                    swap(
                        ACCURACY,
                        ("(logits.argmax(axis=1) == labels)", "(logits[np.arange(len(labels)), labels] > 0.5)"),
                    ),
                ),
                "errors": Mistake("The share of the *wrong* ones.", swap(ACCURACY, ("== labels", "!= labels"))),
            },
        )
        | {
            "length-only": Mistake(
                "You compare how many there are. Labels of shape (n, 1) are n as well, and are stretched to n × n.",
                swap(ACCURACY, ("labels.shape != (len(logits),)", "len(labels) != len(logits)")),
            ),
            "unchecked": Mistake(
                "Right for what fits. No rows at all have no share, and labels of shape (n, 1) are stretched to n × n comparisons.",
                swap(ACCURACY, (ACCURACY_CHECK, "")),
            ),
        },
        also=(
            "def accuracy(logits, labels):\n    if len(logits) == 0 or np.shape(labels) != (len(logits),):\n"
            "        raise ValueError('no')\n    right = 0\n    for row, label in zip(logits, labels):\n"
            "        right += list(row).index(max(row)) == label\n    return right / len(logits)",
        ),
    ),
    "batches": Judge(
        cases=orders,
        hints=(
            "Draw the order once: `rng.permutation(n)` is 0 to n − 1, shuffled. Then cut it.",
            "A slice that reaches beyond the end gives what is there, so the last piece takes care of itself.",
            "`[order[start : start + size] for start in range(0, n, size)]`, and the two refusals before it.",
        ),
        mistakes=with_unchecked(
            [BATCHES_CHECK],
            {
                "last-dropped": Mistake(
                    "The smaller piece at the end is missing: some numbers are left out.",
                    swap(BATCHES, ("range(0, n, size)", "range(0, n - size + 1, size)")),
                ),
                "in-order": Mistake(
                    "Nothing is shuffled. Sorted pictures would come as batches of zeros, then of ones.",
                    swap(BATCHES, ("rng.permutation(n)", "np.arange(n)")),
                ),
                "drawn-anew": Mistake(
                    "Each batch is drawn for itself: some numbers come twice in an epoch, and others never.",
                    swap(
                        BATCHES,
                        (
                            "    order = rng.permutation(n)\n    return [order[start : start + size] for start in range(0, n, size)]",
                            "    return [rng.choice(n, min(size, n - start), replace=False) for start in range(0, n, size)]",
                        ),
                    ),
                ),
                "within": Mistake(
                    "Shuffled within each batch only: which pictures meet in a batch never changes.",
                    swap(
                        BATCHES,
                        (
                            "    order = rng.permutation(n)\n    return [order[start : start + size] for start in range(0, n, size)]",
                            "    return [rng.permutation(np.arange(n)[start : start + size]) for start in range(0, n, size)]",
                        ),
                    ),
                ),
                "so-many": Mistake(
                    "`size` is how many numbers a batch has, not how many batches there are.",
                    swap(
                        BATCHES,
                        (
                            "[order[start : start + size] for start in range(0, n, size)]",
                            "[piece for piece in np.array_split(order, size)]",
                        ),
                    ),
                ),
            },
        )
        | {
            "equal-pieces": Mistake(
                "Pieces of nearly equal size. The docstring wants `size` in each, and what is left in the last.",
                swap(
                    BATCHES,
                    (
                        "[order[start : start + size] for start in range(0, n, size)]",
                        "[piece for piece in np.array_split(order, max(-(-n // size), 1)) if len(piece)]",
                    ),
                ),
            ),
            "own-generator": Mistake(
                "You shuffle with a generator of your own. With the one that is given, a run can be repeated.",
                swap(BATCHES, ("rng.permutation(n)", "np.random.default_rng(0).permutation(n)")),
            ),
            "unchecked": Mistake(
                "Right for what fits. A size of 0 or below, or an n below 0, is to be refused with a ValueError.",
                swap(BATCHES, (BATCHES_CHECK, "")),
            ),
        },
        also=(
            "def batches(n, size, rng):\n    if n < 0 or size <= 0:\n        raise ValueError('no')\n"
            "    order, found = rng.permutation(n), []\n    while len(order):\n        found.append(order[:size])\n"
            "        order = order[size:]\n    return found",
        ),
    ),
    "moved": Judge(
        cases=moves,
        drive=in_peace,
        hints=(
            "Start from paper everywhere, and copy the part of the picture that stays inside.",
            "Moved down by d, row r comes from row r − d. Which rows of the result have such a source?",
            "Two rectangles of the same size, one in the picture and one in the result; `max(down, 0)` and `max(-down, 0)` "
            "are their edges. A move by more than the picture leaves nothing.",
        ),
        mistakes={
            "rolled": Mistake(
                "What leaves on one side comes in on the other. Paper comes in, and what leaves is gone.",
                "def moved(picture, down, right):\n    return np.roll(picture, (down, right), axis=(0, 1))",
            ),
            "other-way": Mistake(
                "Up and left, where it should go down and right.",
                swap(
                    MOVED,
                    (
                        "    result = np.zeros_like(picture)\n",
                        "    result, down, right = np.zeros_like(picture), -down, -right\n",
                    ),
                ),
            ),
            "same-array": Mistake(
                "Without a move you return the picture itself: whoever writes into the result writes into the original.",
                swap(
                    MOVED,
                    (
                        "    result = np.zeros_like(picture)\n",
                        "    if down == right == 0:\n        return picture\n    result = np.zeros_like(picture)\n",
                    ),
                ),
            ),
            "axes-swapped": Mistake(
                "`down` moves along the rows, the first axis; `right` along the columns.",
                swap(
                    MOVED,
                    (
                        "    result = np.zeros_like(picture)\n",
                        "    result, down, right = np.zeros_like(picture), right, down\n",
                    ),
                ),
            ),
            "in-place": Mistake(
                "The result is right, and the caller's picture is changed. Who else was using it?",
                swap(MOVED, ("    return result", "    picture[...] = result\n    return picture")),
            ),
            "positive-only": Mistake(
                "Right for moves down and right. Negative ones go up and left.",
                "def moved(picture, down, right):\n    result = np.zeros_like(picture)\n    rows, columns = picture.shape\n"
                "    down, right = max(down, 0), max(right, 0)\n"
                "    if down < rows and right < columns:\n"
                "        result[down:, right:] = picture[: rows - down, : columns - right]\n    return result",
            ),
            "far-moves": Mistake(
                "Right for small moves. One by more than the picture makes the end of a slice negative, and numpy counts "
                "that from the back: nothing must be left of the picture.",
                swap(MOVED, ("    if abs(down) < rows and abs(right) < columns:\n", "    if True:\n")),
            ),
        },
        also=(
            "def moved(picture, down, right):\n    rows, columns = picture.shape\n    result = np.zeros((rows, columns))\n"
            "    for r in range(rows):\n        for c in range(columns):\n            if 0 <= r - down < rows and 0 <= c - right < columns:\n"
            "                result[r, c] = picture[r - down, c - right]\n    return result",
        ),
    ),
    "recall_and_precision": Judge(
        cases=counts,
        drive=quietly,
        hints=(
            "Row t holds all that were a t, column s all that were called an s. Where are the right ones?",
            "Recall divides the diagonal by the sums of the rows, precision by the sums of the columns.",
            "Zero over zero shall be NaN without a warning: `np.divide(…, out=np.full(…, np.nan), where=sums > 0)`.",
        ),
        mistakes=with_unchecked(
            [RECALL_CHECK],
            {
                "exchanged": Mistake(
                    "Exchanged: recall asks of all that *are* a 4, a row; precision of all that were *called* one, a column.",
                    swap(RECALL, ("C.sum(axis=1), C.sum(axis=0)", "C.sum(axis=0), C.sum(axis=1)")),
                ),
                "zero": Mistake(
                    "Nothing over nothing is not 0. A class that was never answered has no precision: NaN.",
                    swap(RECALL, ("np.full(len(C), np.nan)", "np.zeros(len(C))")),
                ),
                "of-all": Mistake(
                    "Divided by all examples. Recall of a class is a share of *its* examples.",
                    swap(
                        RECALL, ("C.sum(axis=1), C.sum(axis=0)", "np.full(len(C), C.sum()), np.full(len(C), C.sum())")
                    ),
                ),
                "exchanged-divided": Mistake(
                    "Two things: recall asks of all that *are* a 4, a row. And where a sum is 0, numpy warns; the check takes that "
                    "for an error.",
                    swap(
                        PLAIN,
                        ("C.sum(axis=1), np.diag(C) / C.sum(axis=0)", "C.sum(axis=0), np.diag(C) / C.sum(axis=1)"),
                    ),
                ),
                "divided": Mistake(
                    "Right where every class occurs and is answered. Elsewhere you divide by zero, and numpy only warns "
                    "(the check takes that for an error).",
                    PLAIN,
                ),
            },
        )
        | {
            "unchecked": Mistake(
                "Right for square counts. What is no square has no diagonal to speak of: refuse it.",
                swap(RECALL, (RECALL_CHECK, "")),
            )
        },
        also=(
            "def recall_and_precision(C):\n    C = np.asarray(C)\n    if C.ndim != 2 or len(set(C.shape)) != 1:\n"
            "        raise ValueError('no')\n    share = lambda k, line: C[k, k] / line.sum() if line.sum() else float('nan')\n"
            "    n = range(len(C))\n    return np.array([share(k, C[k]) for k in n]), np.array([share(k, C[:, k]) for k in n])",
        ),
    ),
}

QUIZ = (
    Question(
        "moved-three",
        "In the widget, the 3 is moved to the right, pixel by pixel. At which move is it first read as something else?",
        (
            ("At one pixel", "So much the network has seen in training."),
            ("At three pixels", "Less sure by then, and still right."),
            ("At six pixels", "It becomes a 2; of all digits moved so far, most are lost."),
            ("At none of the moves up to eight", "Look at the title above the bars."),
        ),
        right=2,
    ),
    Question(
        "larger-batch",
        "You have four machines instead of one, and give each of them a batch of 64: 256 in all. What else changes?",
        (
            ("Nothing but the time that an epoch takes", "Then all five networks would have read alike; they did not."),
            (
                "There are a quarter of the steps, each a bit better aimed",
                "So with the same step size it learns less an epoch.",
            ),
            ("The gradient is four times as large as before", "It is the gradient of a mean; its size stays."),
            ("Each picture is seen four times in every epoch", "Once, in one of four parts of a batch."),
        ),
        right=1,
    ),
    Question(
        "always-seven",
        "A network answers 7 to everything. On a thousand digits, a hundred of each: recall and precision of 7?",
        (
            ("Recall 0.1, precision 0.1", "All the sevens are found."),
            ("Recall 1, precision 1", "Nine of ten of its answers are wrong."),
            ("Recall 1, precision 0.1", "It misses no 7, and nine of ten of its sevens are none."),
            ("Recall 0.1, precision 1", "Exchanged: it misses none, and is hardly ever right."),
        ),
        right=2,
    ),
    Question(
        "gap",
        "A network reads 999 of 1,000 pictures that it learned from, and 923 of 1,000 others. What would you try first?",
        (
            ("More epochs, until the last ones are read as well", "It would memorise one picture more."),
            ("A larger step, so that it gets out of the valley", "It has reached what its pictures can tell it."),
            (
                "More pictures, or the same ones altered on their way in",
                "It has memorised; give it more than can be memorised.",
            ),
            ("More units, since the present ones are not enough", "They were enough to memorise all it was shown."),
        ),
        right=2,
    ),
    Question(
        "split-first",
        "Ten recordings each of a hundred patients; the task is to tell the sick from recordings of *new* patients. Split how?",
        (
            (
                "By recording, at random, after shuffling them all",
                "Recordings of one patient are sisters: recognised, not read.",
            ),
            (
                "By patient: all ten recordings of one on the same side",
                "What must stay together is what will be new later.",
            ),
            ("By recording, five of each patient on either side", "Each patient in question would be known already."),
            (
                "Any way, as long as the split is made before training",
                "Before is not enough if sisters are on both sides.",
            ),
        ),
        right=1,
    ),
)


def epochs(rng):
    """Epochs whose length is a multiple of the batch, and others."""
    for _ in range(12):
        yield rng.randint(1, 20), rng.randint(1, 7), Seeded(rng.randint(0, 999))


def pairs(rng):
    """Labels and answers of a few classes, none among them."""
    yield [0, 0, 1], [0, 1, 1], 2
    yield [], [], 3
    for _ in range(8):
        k, n = rng.randint(1, 5), rng.randint(1, 12)
        yield [rng.randrange(k) for _ in range(n)], [rng.randrange(k) for _ in range(n)], k


REVIEWS = {
    "whole-batches": Verdict(
        of="batches",
        right=False,
        why="Some do it, and in training with many large batches it hardly matters. But the docstring promises each number, "
        "and others rely on it: with fewer pictures than a batch there is no batch at all, an epoch of nothing, and whoever "
        "measures in batches leaves out a random rest.",
        cases=epochs,
        witness=(2, 5, Seeded(0)),
    ),
    "counted-pairs": Verdict(
        of="confusion",
        right=True,
        why="The product of two one-hots counts pairs, and so does adding a one for each; `np.add.at` loses none where a pair "
        "comes again. (For labels outside, `one_hot` refused, and the new one lets −1 through: worth a "
        "remark, and the explanation has said from where to where.)",
        cases=pairs,
        witness=None,
    ),
}
