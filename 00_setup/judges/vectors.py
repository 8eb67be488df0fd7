"""What the exercises of `01_linear_algebra/01_vectors` are judged by: cases, known mistakes, quiz, reviews."""

from judges import Judge, Mistake, Question, Verdict

CAPITAL_PAIRS = ("paris france", "rome italy", "tokyo japan", "oslo norway", "cairo egypt", "lima peru")
OTHER_PAIRS = ("man woman", "king queen", "big bigger", "good better", "walk walked", "doctor hospital")


def numbers(rng, n):
    """`n` small whole numbers, so that a wrong answer can be checked on paper."""
    return [rng.randint(-5, 5) for _ in range(n)]


def two_lists(rng):
    """Pairs of lists: parallel, opposite, zero, long against short, random; and two that do not fit."""
    yield [1, 0], [0, 2]
    yield [3, 4], [6, 8]
    yield [1, 2], [-3, -6]
    yield [0, 0], [1, 2]
    yield [1e-5, 0.0], [1e-5, 0.0]
    yield [3, 4], [4, 3]
    yield [2, 1, 2], [1, 2]
    for n in range(2, 32):
        yield numbers(rng, n), [5 * x for x in numbers(rng, n)]


def scores_and_k(rng):
    """Scores with ties, negative numbers, k above the length and below 1."""
    yield [0.1, 0.9, 0.5], 2
    yield [7, 7, 7], 2
    yield [-3.0, -1.0, -2.0], 1
    yield [4.0, 8.0], 5
    yield [1.0, 2.0], 0
    yield [], 3
    for n in range(4, 40):
        yield [rng.randint(-9, 9) / 2 for _ in range(n)], rng.randint(1, n)


def shard_answers(rng):
    """Sorted answers of one to five shards, some empty, rows placed at random, with ties across shards."""
    yield [[(0.9, 4), (0.2, 8)], [(0.5, 1)]], 2
    yield [[(0.9, 0), (0.8, 1), (0.7, 2)], [(0.1, 3)], []], 3
    yield [[(0.5, 7)], [(0.5, 2)]], 2
    yield [[], []], 3
    for _ in range(40):
        shards = [[] for _ in range(rng.randint(1, 5))]
        for row in range(rng.randint(1, 20)):
            rng.choice(shards).append((rng.randint(0, 9) / 10, row))
        yield [sorted(shard, key=lambda pair: (-pair[0], pair[1])) for shard in shards], rng.randint(1, 8)


def steps(rng):
    """Analogies from capitals and from looser pairs, and one word that is not in the table."""
    yield "paris", "france", "rome"
    yield "man", "woman", "doctor"
    yield "big", "bigger", "small"
    yield "doctor", "hospital", "woman"
    yield "boy", "girl", "woman"
    yield "paris", "france", "Rome"
    for pairs in (CAPITAL_PAIRS, OTHER_PAIRS):
        for _ in range(8):
            (a, b), (c, _) = (pair.split() for pair in rng.sample(pairs, 2))
            yield a, b, c


EXERCISES = {
    "cosine": Judge(
        cases=two_lists,
        hints=(
            "The formula has three parts, and you have functions for all of them: `dot` and `norm`.",
            "Divide the dot product by the product of the two norms. What does that do to a list of zeros?",
            "Compute `lengths = norm(a) * norm(b)` and return 0.0 where it is 0.",
        ),
        mistakes={
            "dot": Mistake(
                "You return the dot product. Make `b` ten times as long: the angle stays, your answer does not.",
                "def cosine(a, b):\n    return dot(a, b)",
            ),
            "sum-of-norms": Mistake(
                "The lengths are added where they should be multiplied. Try a list with itself: is your answer 1?",
                "def cosine(a, b):\n    return dot(a, b) / (norm(a) + norm(b)) if norm(a) and norm(b) else dot(a, b) * 0.0",
            ),
            "one-norm": Mistake(
                "Only one of the two lengths is divided out, so your answer still grows with the other one.",
                "def cosine(a, b):\n    return dot(a, b) / norm(a) if norm(a) else dot(a, b) * 0.0",
            ),
            "squared": Mistake(
                "You divide by the squares of the lengths. `norm` takes a root; which of your steps forgot it?",
                "def cosine(a, b):\n    below = dot(a, a) * dot(b, b)\n    return dot(a, b) / below if below else dot(a, b) * 0.0",
            ),
            "zero-crash": Mistake(
                "A list of zeros has no direction, and dividing by its length fails. Which of the two may be all zeros?",
                "def cosine(a, b):\n    return dot(a, b) / (norm(a) * norm(b))",
            ),
            "absolute": Mistake(
                "Opposite directions come out as equal ones. Who took the sign away?",
                "def cosine(a, b):\n    lengths = norm(a) * norm(b)\n    return abs(dot(a, b)) / lengths if lengths else dot(a, b) * 0.0",
            ),
            "epsilon": Mistake(
                "A small number added to the divisor is not small beside short lists. Ask for zero instead.",
                "def cosine(a, b):\n    return dot(a, b) / (norm(a) * norm(b) + 1e-8)",
            ),
            "precedence": Mistake(
                "`x / y * z` divides by y and then multiplies by z. Put the product of the two lengths into brackets.",
                "def cosine(a, b):\n    return dot(a, b) / norm(a) * norm(b) if norm(a) else dot(a, b) * 0.0",
            ),
        },
        also=(
            "def cosine(a, b):\n    if len(a) != len(b):\n        raise ValueError('lengths differ')\n"
            "    a, b = np.asarray(a, float), np.asarray(b, float)\n"
            "    below = np.sqrt((a @ a) * (b @ b))\n    return float(a @ b / below) if below > 0 else 0.0",
            "def cosine(a, b):\n    together = dot(a, b)\n    for x in (a, b):\n"
            "        if not norm(x):\n            return 0.0\n        together /= norm(x)\n    return together",
        ),
    ),
    "top_k": Judge(
        cases=scores_and_k,
        hints=(
            "Walk through the scores once and keep at most k of them. Which of those must a newcomer beat?",
            "`heapq` keeps the smallest of a list at place 0: keep (score, something made from the position) there.",
            "Equal scores: the earlier position wins, so store the position with a minus sign. Sort the k at the end.",
        ),
        mistakes={
            "smallest": Mistake(
                "These are the k smallest. Look at the direction of your sort, or at which end of the heap you keep.",
                "def top_k(scores, k):\n    if k < 1:\n        raise ValueError(k)\n"
                "    return heapq.nsmallest(k, range(len(scores)), key=lambda i: (scores[i], i))",
            ),
            "values": Mistake(
                "You return the scores; the caller wants to know where they stand, to look up the words.",
                "def top_k(scores, k):\n    if k < 1:\n        raise ValueError(k)\n    return heapq.nlargest(k, scores)",
            ),
            "worst-first": Mistake(
                "The right ones, the wrong way round: the best of them should come first.",
                "def top_k(scores, k):\n    if k < 1:\n        raise ValueError(k)\n"
                "    return heapq.nsmallest(k, range(len(scores)), key=lambda i: (-scores[i], i))[::-1]",
            ),
            "by-position": Mistake(
                "The right ones, in the order of their positions. Selecting is not sorting: put the k in order at the end.",
                "def top_k(scores, k):\n    if k < 1:\n        raise ValueError(k)\n"
                "    return sorted(heapq.nsmallest(k, range(len(scores)), key=lambda i: (-scores[i], i)))",
            ),
            "late-ties": Mistake(
                "Of two equal scores you prefer the later one. What does your heap compare when the scores are equal?",
                "def top_k(scores, k):\n    if k < 1:\n        raise ValueError(k)\n"
                "    return heapq.nlargest(k, range(len(scores)), key=lambda i: (scores[i], i))",
            ),
            "late-in-front": Mistake(
                "Equal scores: the earlier position must win, both when one is thrown out and in the final order. What, "
                "stored beside the score, makes the earlier one the larger?",
                "def top_k(scores, k):\n    if k < 1:\n        raise ValueError(k)\n    best = []\n"
                "    for i, s in enumerate(scores):\n        if len(best) < k:\n            heapq.heappush(best, (s, i))\n"
                "        elif s > best[0][0]:\n            heapq.heapreplace(best, (s, i))\n"
                "    return [i for s, i in sorted(best, reverse=True)]",
            ),
            "k-unchecked": Mistake(
                "Asked for 0 results you return an empty list. The docstring promises an error: the caller has a bug.",
                "def top_k(scores, k):\n    return heapq.nsmallest(max(k, 0), range(len(scores)), key=lambda i: (-scores[i], i))",
            ),
        },
        also=(
            "def top_k(scores, k):\n    if k < 1:\n        raise ValueError('k')\n"
            "    return [int(i) for i in np.argsort(-np.asarray(scores, dtype=float), kind='stable')[:k]]",
            "def top_k(scores, k):\n    if k < 1:\n        raise ValueError('k')\n"
            "    return heapq.nsmallest(k, range(len(scores)), key=lambda i: (-scores[i], i))",
        ),
    ),
    "merge_shards": Judge(
        cases=shard_answers,
        hints=(
            "Each answer is sorted already. Which pairs can be the overall best? Only the heads of the lists.",
            "`heapq.merge(*answers, key=…)` walks all lists at once in order; stop after k.",
            "Best first means smallest key first: use `(-score, row)` as the key.",
        ),
        mistakes={
            "concatenated": Mistake(
                "You put the answers one after the other and cut. The best of the last shard then loses to the worst "
                "of the first.",
                "def merge_shards(answers, k):\n    return [pair for answer in answers for pair in answer][:k]",
            ),
            "equal-shares": Mistake(
                "You take the same number from each shard. What if all the good ones live on one?",
                "def merge_shards(answers, k):\n    share = max(1, k // len(answers))\n"
                "    return sorted((p for a in answers for p in a[:share]), key=lambda p: (-p[0], p[1]))[:k]",
            ),
            "ascending": Mistake(
                "The worst come first, so cutting after k throws the best away.",
                "def merge_shards(answers, k):\n    return sorted(p for a in answers for p in a)[:k]",
            ),
            "high-row-ties": Mistake(
                "Equal scores: the lower row should come first. Sorting pairs in reverse turns the rows round as well.",
                "def merge_shards(answers, k):\n    return sorted((p for a in answers for p in a), reverse=True)[:k]",
            ),
            "merge-reversed": Mistake(
                "`heapq.merge(reverse=True)` expects lists that are sorted in reverse, rows included; ours hold the lower "
                "row first where scores are equal. Give it a key instead.",
                "def merge_shards(answers, k):\n    return list(heapq.merge(*answers, reverse=True))[:k]",
            ),
            "score-only": Mistake(
                "Equal scores come out in the order in which the shards answered. The row decides, so put it into the key.",
                "def merge_shards(answers, k):\n    return sorted((p for a in answers for p in a), key=lambda p: -p[0])[:k]",
            ),
            "one-per-score": Mistake(
                "Two rows with the same score, and one of them is gone. Is the score a key?",
                "def merge_shards(answers, k):\n    best = {}\n    for answer in answers:\n        for score, row in answer:\n"
                "            best[score] = min(row, best.get(score, row))\n"
                "    return sorted(best.items(), key=lambda p: (-p[0], p[1]))[:k]",
            ),
            "drains": Mistake(
                "Right, but afterwards the caller's lists are empty: who else holds that answer?",
                "def merge_shards(answers, k):\n    best = []\n    while len(best) < k and any(answers):\n"
                "        head = min((a for a in answers if a), key=lambda a: (-a[0][0], a[0][1]))\n"
                "        best.append(head.pop(0))\n    return best",
            ),
        },
        also=(
            "def merge_shards(answers, k):\n"
            "    return sorted((p for a in answers for p in a), key=lambda p: (-p[0], p[1]))[:k]",
        ),
    ),
    "analogy": Judge(
        cases=steps,
        hints=(
            "The step from a to b is `b - a`. Where do you land if you take it from c?",
            "Scale the three vectors with `unit` first, then `top_k(cosines(target), …)`.",
            "At most three of the nearest words can be a, b and c themselves: ask for four and take the first other one.",
        ),
        mistakes={
            "nothing-excluded": Mistake(
                "You return the nearest word whatever it is, and mostly it is the one you started from.",
                "def analogy(a, b, c):\n    t = unit(vector(b)) - unit(vector(a)) + unit(vector(c))\n"
                "    return embeddings()[0][top_k(cosines(t), 1)[0]]",
            ),
            "backwards": Mistake(
                "The step goes the other way: from b to a. Check it on `paris`, `france`, `rome`.",
                "def analogy(a, b, c):\n    t = unit(vector(a)) - unit(vector(b)) + unit(vector(c))\n"
                "    return next(w for i in top_k(cosines(t), 4) if (w := embeddings()[0][i]) not in (a, b, c))",
            ),
            "only-c-excluded": Mistake(
                "You leave out `c`, but `a` and `b` can still win: try `boy`, `girl`, `woman`.",
                "def analogy(a, b, c):\n    t = unit(vector(b)) - unit(vector(a)) + unit(vector(c))\n"
                "    return next(w for i in top_k(cosines(t), 4) if (w := embeddings()[0][i]) != c)",
            ),
            "raw-lengths": Mistake(
                "Nearly always right. You mix the raw vectors, so a long one pulls harder than a short one: scale "
                "each to length 1 first.",
                "def analogy(a, b, c):\n    t = vector(b) - vector(a) + vector(c)\n"
                "    return next(w for i in top_k(cosines(t), 4) if (w := embeddings()[0][i]) not in (a, b, c))",
            ),
            "no-step": Mistake(
                "That is the nearest word to `c` alone; `a` and `b` have no say in it.",
                "def analogy(a, b, c):\n    vector(a), vector(b)\n"
                "    return next(w for i in top_k(cosines(vector(c)), 4) if (w := embeddings()[0][i]) not in (a, b, c))",
            ),
            "sum": Mistake(
                "All three are added, so you land in the middle of them. The step from a to b is a difference.",
                "def analogy(a, b, c):\n    t = unit(vector(b)) + unit(vector(a)) + unit(vector(c))\n"
                "    return next(w for i in top_k(cosines(t), 4) if (w := embeddings()[0][i]) not in (a, b, c))",
            ),
        },
        also=(
            "def analogy(a, b, c):\n    names = embeddings()[0]\n"
            "    near = cosines(unit(vector(b)) - unit(vector(a)) + unit(vector(c))).copy()\n"
            "    for word in (a, b, c):\n        near[positions()[word]] = -2\n    return names[int(near.argmax())]",
        ),
    ),
}

QUIZ = (
    Question(
        "angle",
        "In the widget: at 60°, what is the cosine, and what happens to it when `b` gets longer?",
        (
            ("0.5, and it grows with `b`", "The dot product grows with `b`. The cosine has the lengths divided out."),
            ("0.5, and it stays as it was", "Direction only. At 120° it is −0.5."),
            ("0.87, and it stays as it was", "0.87 is the cosine of 30°; at 60° less than that is left."),
            ("0.6, and it shrinks with `b`", "The cosine is not proportional to the angle, and lengths cancel."),
        ),
        right=1,
    ),
    Question(
        "self-match",
        "Why was `tuesday` not the best match for `tuesday` by dot product?",
        (
            (
                "A longer vector that agrees a little less can win",
                "Agreement times length: three other days are longer.",
            ),
            (
                "The four days have the same vector up to rounding",
                "They are near, but not equal; and equal ones would tie.",
            ),
            ("A dot product of a word with itself is not defined", "It is: the square of its length."),
            ("Float32 loses the digits that tell the days apart", "The differences are far above the rounding error."),
        ),
        right=0,
    ),
    Question(
        "river",
        "In the widget: where does `banks` lose first place, and what does the list at share 0 say?",
        (
            ("0.15, to `credit`: the corpus met rivers and lenders", "Move it again: at 0.15 `banks` is still first."),
            (
                "0.90, to `creek`: the word `bank` has no watery side",
                "It turns much earlier, and to a word for a bank of water.",
            ),
            (
                "0.55, to `shore`: its vector holds mostly the lender",
                "Not one word of water at 0: one vector averages both lives.",
            ),
            (
                "Never: `banks` stays nearest to any blend with `bank`",
                "A blend is mostly river once the share is large.",
            ),
        ),
        right=2,
    ),
    Question(
        "local-scores",
        "Each shard returns its exact top 10, and the merged list is wrong. What is the likeliest cause?",
        (
            ("Ten candidates from each of the shards are too few", "Ten from each are always enough for a top ten."),
            ("The rows were not spread evenly over the shards", "Uneven placement costs balance, never correctness."),
            (
                "The merge broke ties in the order of arrival",
                "That permutes equal scores; it loses none that are better.",
            ),
            ("Scores were made with statistics of each shard", "Different rulers: the merge needs global scores."),
        ),
        right=3,
    ),
    Question(
        "nurse",
        "`doctor − man + woman` gives `nurse`. What does the cell with nothing excluded add to that?",
        (
            (
                "The true nearest word is `doctor`; the rule hid it",
                "So the anecdote is an artefact. The bars are evidence.",
            ),
            ("The vectors hold no bias about jobs or about people", "They do: look at the order of the reaches."),
            ("The step from `man` to `woman` is not a direction", "It is one, and often too short to leave the start."),
            (
                "The answer `nurse` is an error in the table of words",
                "The table is as published; the question was loaded.",
            ),
        ),
        right=0,
    ),
)


def neighbour_cases(rng):
    """Words and counts for `neighbours`, common and rare."""
    for word in ("coffee", "kafka", "tuesday", "replication", "queen", "seven", "berlin"):
        yield word, rng.randint(1, 12)


REVIEWS = {
    "stable-sort": Verdict(
        of="top_k",
        right=False,
        why="The sort is stable; turning it round is not. Equal scores stand in order of position before `[::-1]` and in "
        "the opposite order after it. The words are true of the first half of the line. `np.argsort(-scores, "
        "kind='stable')` would have kept the promise.",
        cases=scores_and_k,
        witness=([7, 7, 7], 2),
    ),
    "distance": Verdict(
        of="neighbours",
        right=True,
        why="For vectors of length 1, ‖a − b‖² = 2 − 2 a · b: the smaller the distance, the larger the cosine. It costs "
        "more memory, and it would be wrong for rows of other lengths.",
        cases=neighbour_cases,
        witness=None,
    ),
}
