"""What the exercises of `02_neural_nets/07_language_models` are judged by: cases, known mistakes, quiz, reviews."""

import numpy as np
import torch
import torch.nn.functional as F

from judges import Args, Judge, Mistake, Question, Verdict, swap, with_unchecked


def some_ids(rng, n, most=9):
    """n ids from 1 on, so that the padding is no character of the text."""
    return torch.tensor([rng.randint(1, most) for _ in range(n)], dtype=torch.long)


def numbers(rng, *shape):
    """A table of whole numbers from −4 to 5, as doubles."""
    count = int(np.prod(shape))
    return torch.tensor([float(rng.randint(-4, 5)) for _ in range(count)], dtype=torch.double).view(*shape)


def texts(rng):
    """Texts longer and shorter than the window, of one character and of none; then what is no window or no text."""
    yield torch.tensor([7, 8, 9]), 2
    yield torch.tensor([7, 8, 9]), 1
    yield torch.tensor([3, 5]), 4
    yield torch.tensor([6]), 1
    yield torch.tensor([], dtype=torch.long), 3
    yield torch.tensor([7, 8, 9]), 0
    yield torch.tensor([7, 8, 9]), -1
    yield torch.tensor([[7, 8], [9, 1]]), 1
    yield torch.tensor(7), 1
    for n in range(1, 9):
        yield some_ids(rng, n), rng.randint(1, 5)


def lookups(rng):
    """Ids that repeat, rows that nobody looks up, single and double precision; then what does not fit."""
    yield torch.tensor([2, 0]), torch.tensor([[1.0], [5.0]]), 3
    yield torch.tensor([1, 1, 1]), torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), 2
    yield torch.tensor([0, 2, 0]), numbers(rng, 3, 2), 4
    yield (
        torch.tensor([1, 1]),
        torch.tensor([[2.0**24], [1.0]], dtype=torch.double),
        2,
    )  # single precision drops the one
    yield torch.tensor([], dtype=torch.long), torch.zeros(0, 2), 3
    yield torch.tensor([-1, 0]), torch.ones(2, 1), 3
    yield torch.tensor([0, 3]), torch.ones(2, 1), 3
    yield torch.tensor([0, 1]), torch.ones(3, 1), 3
    yield torch.tensor([0, 1]), torch.ones(2), 3
    yield torch.tensor([[0, 1]]), torch.ones(1, 2), 3
    for n in range(2, 9):
        rows = rng.randint(2, 6)
        yield torch.tensor([rng.randrange(rows) for _ in range(n)]), numbers(rng, n, rng.randint(1, 3)), rows


def with_its_type(function, ids, g, rows):
    """The gradient and what type its numbers are of."""
    found = function(ids, g, rows)
    return {"of type": str(found.dtype), "gradient": found} if isinstance(found, torch.Tensor) else found


def batches_of(rng):
    """Losses of batches of equal and of other sizes; then none, lists that do not fit, an empty batch."""
    yield [float(np.log(8)), float(np.log(2))], [1, 1]
    yield [float(np.log(8)), float(np.log(2))], [100, 1]
    yield [0.0], [5]
    yield [5.0], [1000]
    yield [5.0, 4.0], [900, 300]
    yield [], []
    yield [1.0, 2.0], [3]
    yield [1.0], [0]
    yield [1.0, 2.0], [4, -1]
    for n in range(1, 8):
        yield [round(rng.uniform(0, 4), 2) for _ in range(n)], [rng.choice([1, 8, 8, 32]) for _ in range(n)]


def between_the_sums(z, T):
    """Darts that single and double precision decide differently, a row of logits for each, and the temperature."""
    exact = torch.softmax(z.double() / T, 0).cumsum(0)
    single = torch.softmax(z / T, 0)
    sums = torch.cat([single.cumsum(0).double(), torch.softmax(z.double() / T, 0).float().cumsum(0).double()])
    exact = torch.cat([exact, exact])
    apart = ((sums - exact).abs() > 1e-9) & (exact < 0.99)
    found = ((sums + exact) / 2)[apart]
    return z.repeat(len(found), 1), found, T


def darts(rng):
    """Darts on borders, at the ends and anywhere, hot and cold; what has no chance; then what does not fit."""
    never = float("-inf")
    yield torch.zeros(3, 4), torch.tensor([0.0, 0.25, 0.99])
    yield torch.tensor([[never, 0.0, 0.0]]), torch.tensor([0.0])
    yield torch.tensor([[0.0, 0.0, never, never]]), torch.tensor([1 - 2.0**-53], dtype=torch.double)
    many = torch.tensor([[rng.randint(0, 9) / 10 for _ in range(6)] for _ in range(60)])  # some sums end below 1
    yield F.pad(many, (0, 1), value=never), torch.full((60,), 1 - 2.0**-53, dtype=torch.double)
    yield torch.tensor([[1.0, 3.0, 3.0, 2.0]]), torch.tensor([0.9]), 0.0
    yield torch.tensor([[1.0, 3.0, 3.0, 2.0]]), torch.tensor([0.9]), 0
    yield torch.tensor([[0.0, 9.0], [9.0, 0.0]]), torch.tensor([0.5, 0.5]), 1e-3
    yield torch.tensor([[0.0, 5000.0], [5000.0, 0.0]]), torch.tensor([0.5, 0.5])
    yield Args(torch.tensor([[0.0, 1.0, 2.0]]).repeat(5, 1), torch.linspace(0, 0.96, 5), temperature=4.0)
    yield torch.tensor([[1e3, 1e3 - 1.0, never]]), torch.tensor([0.9])
    for T in (1.0, 0.5):
        yield between_the_sums(torch.linspace(-3, 3, 40), T)
    yield torch.zeros(0, 3), torch.zeros(0)
    yield torch.zeros(2, 3), torch.tensor([0.1, 0.2]), -0.5
    yield torch.zeros(2, 3), torch.tensor([0.1]), 1.0
    yield torch.zeros(3), torch.tensor([0.1, 0.2, 0.3]), 1.0
    yield torch.zeros(1, 3), torch.tensor([1.0])
    yield torch.zeros(1, 3), torch.tensor([-0.1])
    yield torch.zeros(1, 0), torch.tensor([0.5])
    for temperature in (float("inf"), float("nan")):
        yield torch.zeros(1, 3), torch.tensor([0.5]), temperature
    for hole in (float("nan"), float("inf")):
        yield torch.tensor([[0.0, hole, 1.0]]), torch.tensor([0.5])
    yield torch.tensor([[0.0, 1.0], [never, never]]), torch.tensor([0.5, 0.5])
    for _ in range(12):
        n, v = rng.randint(1, 5), rng.randint(2, 6)
        darts = torch.tensor([rng.random() for _ in range(n)], dtype=torch.double)
        yield numbers(rng, n, v) / 2, darts, rng.choice([1.0, 0.5, 2.0])


def steps_back(rng):
    """Steps of states of one number and of several; then shapes that do not fit."""
    yield torch.tensor([[0.0, 0.5]]), torch.tensor([[1.0, 2.0], [0.0, 4.0]]), torch.tensor([[1.0, 1.0]])
    yield torch.tensor([[0.5]]), torch.tensor([[2.0]]), torch.tensor([[3.0]])
    yield torch.zeros(2, 3), torch.eye(2), torch.zeros(2, 3)
    yield torch.zeros(2, 3), torch.eye(3), torch.zeros(1, 3)
    yield torch.zeros(2, 2), torch.ones(2, 1), torch.zeros(2, 2)
    yield torch.zeros(2), torch.eye(2), torch.zeros(2)
    for _ in range(10):
        n, d = rng.randint(1, 3), rng.randint(2, 4)
        yield numbers(rng, n, d) / 6, numbers(rng, d, d), numbers(rng, n, d)


CHECKED_WINDOWS = "    if k < 1 or ids.ndim != 1:\n        raise ValueError(k)\n"
WINDOWS = f"def windows(ids, k):\n{CHECKED_WINDOWS}    padded = F.pad(ids, (k, 0))\n    return padded.unfold(0, k, 1)[:-1], ids"
CHECKED_LOOKUP = (
    "    if g.ndim != 2 or ids.shape != g.shape[:1]:\n        raise ValueError(ids)\n"
    "    if len(ids) and (ids.min() < 0 or ids.max() >= rows):\n        raise ValueError(rows)\n"
)
LOOKUP = (
    f"def lookup_vjp(ids, g, rows):\n{CHECKED_LOOKUP}"
    "    found = torch.zeros(rows, g.shape[1], dtype=g.dtype)\n    return found.index_add(0, ids, g)"
)
CHECKED_PERPLEXITY = (
    "    if not len(losses) or len(losses) != len(sizes) or min(sizes) < 1:\n        raise ValueError(sizes)\n"
)
PERPLEXITY = (
    f"def perplexity(losses, sizes):\n{CHECKED_PERPLEXITY}    return float(np.exp(np.average(losses, weights=sizes)))"
)
CHECKED_SAMPLE = (
    "    if logits.ndim != 2 or logits.shape[1] < 1 or uniforms.shape != logits.shape[:1]:\n"
    "        raise ValueError(logits)\n"
    '    if not 0 <= temperature < float("inf"):\n        raise ValueError(temperature)\n'
    "    if not ((uniforms >= 0) & (uniforms < 1)).all():\n        raise ValueError(uniforms)\n"
)
CHECKED_ROWS = "    if not logits.amax(dim=1).isfinite().all():\n        raise ValueError(logits)\n"
GREEDY = "    if temperature == 0:\n        return logits.argmax(dim=1)\n"
ABOVE = "    above = logits.double() - logits.double().max(dim=1, keepdim=True).values\n"
SHARES = "    p = torch.softmax(above / temperature, dim=1)\n"
SAMPLE = (
    f"def sample(logits, uniforms, temperature=1.0):\n{CHECKED_SAMPLE}{CHECKED_ROWS}{GREEDY}{ABOVE}{SHARES}"
    "    place = (p.cumsum(dim=1) <= uniforms.double()[:, None]).sum(dim=1)\n"
    "    last = p.shape[1] - 1 - (p.flip(1) > 0).int().argmax(dim=1)\n"
    "    return torch.minimum(place, last)"
)
SUMS = "    c = p.cumsum(dim=1)\n    u = uniforms.to(c.dtype)[:, None]\n"
ENDINGS = {  # how the place is found, and what is wrong with that
    "": (SAMPLE[SAMPLE.index("    place =") :], ""),
    "end": (
        f"{SUMS}    return (c <= u).sum(dim=1)",
        "Try a number a hair below 1, 1 − 2⁻⁵³ (it prints as 1): by rounding the sum may end below it, and your place has "
        "no chance or is none.",
    ),
    "last-place": (
        f"{SUMS}    return (c <= u).sum(dim=1).clamp(max=c.shape[1] - 1)",
        "You take the very last place when the sum ends too early. It may have probability zero.",
    ),
    "first-of-none": (
        f"{SUMS}    return (c > u).int().argmax(dim=1)",
        "Where no sum exceeds the number, `argmax` over nothing but zeros is 0: the first place, which may be as unlikely "
        "as you please. Print `(c > u)` for a number of 1 − 2⁻⁵³.",
    ),
    "border": (
        f"{SUMS}    place = (c < u).sum(dim=1)\n" + SAMPLE[SAMPLE.index("    last =") :],
        "A number on the border between two places belongs to the second, and 0.0 never to a place of probability zero: "
        "the sum has to *exceed* it. (`searchsorted` needs `right=True` for that.)",
    ),
    "border-end": (
        f"{SUMS}    return torch.searchsorted(c, u)[:, 0]",
        "A number on a border belongs to the second place: the sum has to *exceed* it, which is `right=True` for "
        "`searchsorted`. And where the sum ends below the number, your place has no chance or is none.",
    ),
    "border-last-place": (
        f"{SUMS}    return (c < u).sum(dim=1).clamp(max=c.shape[1] - 1)",
        "A number on a border belongs to the second place: the sum has to *exceed* it. And where the sum ends below the "
        "number, the very last place may have probability zero.",
    ),
    "border-first-of-none": (
        f"{SUMS}    return (c >= u).int().argmax(dim=1)",
        "A number on a border belongs to the second place: the sum has to *exceed* it. And where no sum does, `argmax` "
        "over nothing but zeros is 0.",
    ),
}
RIGHT_WAY = f"{ABOVE}{SHARES}"  # to the probabilities, once T = 0 is settled
WAYS = {
    "": (RIGHT_WAY, ""),
    "temperature-times": (
        swap(RIGHT_WAY, ("above / temperature", "above * temperature")),
        "You multiply by the temperature: hot becomes cold. z / T.",
    ),
    "temperature-forgotten": (
        swap(RIGHT_WAY, ("above / temperature", "above")),
        "The temperature makes no difference to what you draw.",
    ),
    "temperature-after": (
        swap(RIGHT_WAY, ("(above / temperature, dim=1)", "(above, dim=1) / temperature")),
        "You divide the probabilities by T, and then they no longer add up to one. The logits are divided.",
    ),
    "over-rows": (
        swap(RIGHT_WAY, ("dim=1)\n", "dim=0)\n")),
        "Your softmax goes down the columns: rows influence each other. Each row is a prediction of its own.",
    ),
    "single-precision": (
        "    p = torch.softmax((logits - logits.max(dim=1, keepdim=True).values) / temperature, dim=1)\n",
        "Right, but the sums are those of single precision: a number that lies between the two sums draws another place. "
        "Make the logits double first.",
    ),
    "single-sums": (
        f"{RIGHT_WAY}    p = p.float()\n",
        "Right, but you add in single precision: a number that lies between the two sums draws another place.",
    ),
}


def samplers():
    """Known mistakes of `sample`: each way to the probabilities with each way to find the place, then the others."""
    start = f"def sample(logits, uniforms, temperature=1.0):\n{CHECKED_SAMPLE}{CHECKED_ROWS}"
    found = {}
    for way, (shares, about_shares) in WAYS.items():
        for ending, (place, about_place) in ENDINGS.items():
            if ending if not way else ending in ("", "end", "first-of-none"):
                slug, words = "-".join(filter(None, (way, ending))), " ".join(filter(None, (about_shares, about_place)))
                found[slug] = Mistake(words, f"{start}{GREEDY}{shares}{place}")
    cold = "At T = 0 the largest logit is taken, the first of equals."
    for ending in ("", "end", "first-of-none"):
        place, about_place = ENDINGS[ending]
        also = f" {about_place}" if about_place else ""
        for slug, code, words in (
            ("no-zero", RIGHT_WAY, f"At T = 0 you divide by zero. {cold}"),
            (
                "nearly-zero",
                swap(RIGHT_WAY, ("above / temperature", "above / max(temperature, 1e-9)")),
                f"A very small T shares what there is among equals, and the number decides between them. {cold}",
            ),
        ):
            found["-".join(filter(None, (slug, ending)))] = Mistake(f"{words}{also}", f"{start}{code}{place}")
    return found


CHECKED_STEP = (
    "    if h.ndim != 2 or h.shape != g.shape or U.shape != (h.shape[1], h.shape[1]):\n        raise ValueError(U)\n"
)
STEP = f"def step_vjp(h, U, g):\n{CHECKED_STEP}    return (g * (1 - h * h)) @ U.T"


EXERCISES = {
    "windows": Judge(
        cases=texts,
        hints=(
            "Put k zeros in front of the text. Which numbers of that stand before place t of the text?",
            "Those at t … t + k − 1 of the padded text. Write it with a loop first; then look at `Tensor.unfold`.",
            "`F.pad(ids, (k, 0)).unfold(0, k, 1)` has a window too many: the last one has nothing left to predict.",
        ),
        mistakes=with_unchecked(
            [CHECKED_WINDOWS],
            {
                "sees-the-answer": Mistake(
                    "Each window ends with the very id that it should predict. A model would be perfect, and useless.",
                    swap(WINDOWS, ("[:-1], ids", "[1:], ids")),
                ),
                "no-padding": Mistake(
                    "The first k characters are never predicted. Every character of a text has to be, or two models with "
                    "different k are measured on different texts.",
                    f"def windows(ids, k):\n{CHECKED_WINDOWS}    if len(ids) <= k:\n"
                    "        return torch.zeros(0, k, dtype=ids.dtype), ids[k:]\n"
                    "    return ids.unfold(0, k, 1)[:-1], ids[k:]",
                ),
                "newest-first": Mistake(
                    "The windows are turned round: the oldest comes first.",
                    swap(WINDOWS, ("[:-1], ids", "[:-1].flip(1), ids")),
                ),
                "padded-behind": Mistake(
                    "The zeros stand for what comes *before* the text. Yours stand in the wrong place.",
                    swap(WINDOWS, ("(k, 0)", "(0, k)")),
                ),
                "minus-one": Mistake(
                    "Padding with −1 would read the last row of every table, or fail. It is id 0.",
                    swap(WINDOWS, ("(k, 0))", "(k, 0), value=-1)")),
                ),
                "wraps-round": Mistake(
                    "The first windows hold the end of the text. Nobody has read it at that point.",
                    f"def windows(ids, k):\n{CHECKED_WINDOWS}"
                    "    index = torch.arange(len(ids))[:, None] + torch.arange(-k, 0)\n"
                    "    return ids[index % max(len(ids), 1)], ids",
                ),
                "window-as-target": Mistake(
                    "Your target is a window as well, moved by one. Here a row predicts one id, the one that comes next.",
                    swap(WINDOWS, ("[:-1], ids", "[:-1], padded.unfold(0, k, 1)[1:]")),
                ),
                "clamped": Mistake(
                    "Before the beginning you repeat the first character, as if the text stuttered. Nothing has come yet: id 0.",
                    f"def windows(ids, k):\n{CHECKED_WINDOWS}    if len(ids) == 0:\n        return ids.new_zeros(0, k), ids\n"
                    "    index = torch.arange(len(ids))[:, None] + torch.arange(-k, 0)\n    return ids[index.clamp(min=0)], ids",
                ),
                "padded-right": Mistake(
                    "In the first windows your zeros stand behind what was read. The newest character is always the last one of "
                    "its window, so they belong in front.",
                    f"def windows(ids, k):\n{CHECKED_WINDOWS}    X = torch.zeros(len(ids), k, dtype=ids.dtype)\n"
                    "    for t in range(len(ids)):\n        seen = ids[max(t - k, 0) : t]\n        X[t, : len(seen)] = seen\n    return X, ids",
                ),
                "first-lost": Mistake(
                    "`unfold` begins with the first whole window, so the first k characters are never predicted, and a text "
                    "shorter than k has no windows at all. What stands before a text?",
                    f"def windows(ids, k):\n{CHECKED_WINDOWS}    return ids.unfold(0, k, 1)[:-1], ids[k:]",
                ),
                "negative-index": Mistake(
                    "An index below 0 counts from the end: your first windows hold characters that are yet to come.",
                    f"def windows(ids, k):\n{CHECKED_WINDOWS}"
                    "    return ids[torch.arange(len(ids))[:, None] + torch.arange(-k, 0)], ids",
                ),
                "one-short": Mistake(
                    "One place is missing. There are as many windows as characters.",
                    swap(WINDOWS, ("F.pad(ids, (k, 0))", "F.pad(ids, (k - 1, 0))"), ("[:-1], ids", "[:-1], ids[1:]")),
                ),
                "blocks": Mistake(
                    "Your windows do not overlap. Every place has one of its own, which begins one further on.",
                    swap(WINDOWS, ("unfold(0, k, 1)[:-1], ids", "unfold(0, k, k), ids[::k]")),
                ),
                "nothing-checked": Mistake(
                    "Right windows. A k below 1 and ids that are no list are bugs of the caller: say so.",
                    WINDOWS.replace(CHECKED_WINDOWS, ""),
                ),
            },
        ),
        also=(
            "def windows(ids, k):\n    if k < 1 or ids.dim() != 1:\n        raise ValueError('no')\n"
            "    X = torch.zeros(len(ids), k, dtype=torch.long)\n    for t in range(len(ids)):\n        for j in range(k):\n"
            "            if t - k + j >= 0:\n                X[t, j] = ids[t - k + j]\n    return X, ids.clone()",
        ),
    ),
    "lookup_vjp": Judge(
        cases=lookups,
        drive=with_its_type,
        hints=(
            "On paper: ids 1, 1 with worths 3 and 5. Row 1 was used twice, so what is it worth?",
            "Begin with zeros of shape (rows, d), go through the ids, and *add* g[i] to row ids[i].",
            "`index_add(0, ids, g)` does the loop. `found[ids] += g` does not: it forgets repeated ids.",
        ),
        mistakes=with_unchecked(
            [CHECKED_LOOKUP],
            {
                "lost-update": Mistake(
                    "Of equal ids one wins: `found[ids] = g` writes over what was there, and `found[ids] += g` reads all rows, adds "
                    "and writes back. Which operation adds up?",
                    swap(LOOKUP, ("    return found.index_add(0, ids, g)", "    found[ids] += g\n    return found")),
                ),
                "single-precision": Mistake(
                    "Right up to rounding. `torch.zeros` makes single precision unless told otherwise, and so does `.float()`. g may "
                    "be double, and then the result has to be.",
                    f"def lookup_vjp(ids, g, rows):\n{CHECKED_LOOKUP}    found = torch.zeros(rows, g.shape[1])\n"
                    "    for i, one in zip(ids.tolist(), g):\n        found[i] += one\n    return found",
                ),
                "wraps-in-a-loop": Mistake(
                    "An id of −1 is taken for the last row, without a word: Python counts from the end. And g has two axes. "
                    "The docstring names what is refused.",
                    "def lookup_vjp(ids, g, rows):\n    found = torch.zeros(rows, g.shape[1], dtype=g.dtype)\n"
                    "    for i, one in zip(ids, g):\n        found[i] += one\n    return found",
                ),
                "wraps-after-shapes": Mistake(
                    "An id of −1 is taken for the last row, without a word: Python counts from the end.",
                    "def lookup_vjp(ids, g, rows):\n    if g.ndim != 2 or ids.shape != g.shape[:1]:\n        raise ValueError(ids)\n"
                    "    found = torch.zeros(rows, g.shape[1], dtype=g.dtype)\n"
                    "    for i, one in zip(ids.tolist(), g):\n        found[i] += one\n    return found",
                ),
                "mean": Mistake(
                    "You average over the uses of a row. A sum: used twice, moved once, it counts twice.",
                    f"def lookup_vjp(ids, g, rows):\n{CHECKED_LOOKUP}"
                    "    found = torch.zeros(rows, g.shape[1], dtype=g.dtype).index_add(0, ids, g)\n"
                    "    return found / torch.bincount(ids, minlength=rows).clamp(min=1)[:, None].to(g.dtype)",
                ),
                "only-used-rows": Mistake(
                    "Your table ends with the largest id. It has `rows` rows; those that nobody used are worth zero.",
                    f"def lookup_vjp(ids, g, rows):\n{CHECKED_LOOKUP}    used = int(ids.max()) + 1 if len(ids) else 0\n"
                    "    return torch.zeros(used, g.shape[1], dtype=g.dtype).index_add(0, ids, g)",
                ),
                "forward": Mistake(
                    "That looks rows of g up. Going back, row i of g is *added into* row ids[i] of the table.",
                    f"def lookup_vjp(ids, g, rows):\n{CHECKED_LOOKUP}    return g[ids.clamp(max=max(len(g) - 1, 0))]",
                ),
                "transposed": Mistake(
                    "The result has columns for rows. The table is (rows, d), and so is its gradient.",
                    swap(LOOKUP, ("found.index_add(0, ids, g)", "found.index_add(0, ids, g).T")),
                ),
                "negated": Mistake(
                    "That goes downhill. A pull-back has no step in it.",
                    swap(LOOKUP, ("found.index_add(0, ids, g)", "found.index_add(0, ids, -g)")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. Ids that the table does not have, and lists that do not fit, are bugs of the caller.",
                    LOOKUP.replace(CHECKED_LOOKUP, ""),
                ),
                "negative-allowed": Mistake(
                    "An id of −1 is taken for the last row: Python counts from the end. The docstring refuses it.",
                    swap(
                        LOOKUP,
                        ("ids.min() < 0 or ", ""),
                        ("index_add(0, ids, g)", "index_add(0, ids % rows, g)"),
                    ),
                ),
            },
        ),
        also=(
            "def lookup_vjp(ids, g, rows):\n    if g.dim() != 2 or ids.dim() != 1 or len(ids) != len(g):\n        raise ValueError('no')\n"
            "    if any(not 0 <= i < rows for i in ids.tolist()):\n        raise ValueError('no')\n"
            "    return torch.nn.functional.one_hot(ids, rows).to(g.dtype).T @ g",
            "def lookup_vjp(ids, g, rows):\n    if g.dim() != 2 or ids.dim() != 1 or len(ids) != len(g) or any(not 0 <= i < rows for i in ids.tolist()):\n"
            "        raise ValueError('no')\n    found = torch.zeros(rows, g.shape[1], dtype=g.dtype)\n"
            "    for i, worth in zip(ids.tolist(), g):\n        found[i] += worth\n    return found",
        ),
    ),
    "perplexity": Judge(
        cases=batches_of,
        hints=(
            "Which of the three adds up over pieces: the loss, the perplexity, or neither?",
            "The loss. A batch of 32 pieces with mean loss 2 has a sum of 64. Add the sums, divide by all pieces.",
            "`np.average(losses, weights=sizes)`, and e to the power of that.",
        ),
        mistakes=with_unchecked(
            [CHECKED_PERPLEXITY],
            {
                "mean-of-perplexities": Mistake(
                    "You average perplexities. Losses add, their exponentials do not: average first.",
                    swap(
                        PERPLEXITY,
                        ("np.exp(np.average(losses, weights=sizes))", "np.average(np.exp(losses), weights=sizes)"),
                    ),
                ),
                "unweighted": Mistake(
                    "A batch of one piece counts as much as one of a hundred. What is each mean a mean of?",
                    swap(PERPLEXITY, ("np.average(losses, weights=sizes)", "np.mean(losses)")),
                ),
                "both": Mistake(
                    "Perplexities do not add, and batches of different size do not count alike.",
                    swap(PERPLEXITY, ("np.exp(np.average(losses, weights=sizes))", "np.mean(np.exp(losses))")),
                ),
                "base-two": Mistake(
                    "The losses are in nats, so it is e to their power. With 2 they would have to be bits.",
                    swap(PERPLEXITY, ("np.exp(", "np.exp2(")),
                ),
                "overflow": Mistake(
                    "The power of a whole batch is more than a number can hold: e to the 5 · 1000. Take the mean of the losses "
                    "first, and e to its power last.",
                    f"def perplexity(losses, sizes):\n{CHECKED_PERPLEXITY}"
                    "    whole = np.prod([np.exp(loss) ** n for loss, n in zip(losses, sizes)])\n"
                    "    return float(whole ** (1 / sum(sizes)))",
                ),
                "to-bits-and-e": Mistake(
                    "You turn nats into bits and then take e to their power. To nats belongs e, to bits 2.",
                    swap(
                        PERPLEXITY,
                        (
                            "np.exp(np.average(losses, weights=sizes))",
                            "np.exp(np.average(losses, weights=sizes) / np.log(2))",
                        ),
                    ),
                ),
                "single-precision": Mistake(
                    "Right to seven digits: somewhere the losses are single precision, torch's default. In double, please.",
                    f"def perplexity(losses, sizes):\n{CHECKED_PERPLEXITY}"
                    "    losses, sizes = torch.tensor(losses, dtype=torch.float), torch.tensor(sizes, dtype=torch.float)\n"
                    "    return float(torch.exp((losses * sizes).sum() / sizes.sum()))",
                ),
                "sum": Mistake(
                    "You do not divide by the number of pieces: that is one over the likelihood of the whole text.",
                    swap(PERPLEXITY, ("np.average(losses, weights=sizes)", "np.dot(losses, sizes)")),
                ),
                "over-batches": Mistake(
                    "You divide by the number of batches. It should be that of pieces.",
                    swap(PERPLEXITY, ("np.average(losses, weights=sizes)", "np.dot(losses, sizes) / len(losses)")),
                ),
                "losses-are-sums": Mistake(
                    "You take the losses for sums. Each is the mean of its batch.",
                    swap(PERPLEXITY, ("np.average(losses, weights=sizes)", "np.sum(losses) / np.sum(sizes)")),
                ),
                "no-exponential": Mistake(
                    "That is the mean loss. Perplexity is e to its power.",
                    swap(
                        PERPLEXITY, ("np.exp(np.average(losses, weights=sizes))", "np.average(losses, weights=sizes)")
                    ),
                ),
                "inverse": Mistake(
                    "That is a probability, the geometric mean of those of the right answers. Perplexity is one over it.",
                    swap(PERPLEXITY, ("np.exp(np.average", "np.exp(-np.average")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. No batches, lists that do not fit, an empty batch: say so, before numpy says something else.",
                    PERPLEXITY.replace(CHECKED_PERPLEXITY, ""),
                ),
            },
        ),
        also=(
            "def perplexity(losses, sizes):\n    if len(losses) != len(sizes) or not list(sizes) or any(n < 1 for n in sizes):\n"
            "        raise ValueError('no')\n    return float(np.prod([np.exp(loss * n / sum(sizes)) for loss, n in zip(losses, sizes)]))",
        ),
    ),
    "sample": Judge(
        cases=darts,
        hints=(
            "Divide by the temperature first, then softmax, then `cumsum`: where does the sum pass the random number?",
            "Count the places where the sum is still at most the number: that count is the place. Zero needs `argmax`.",
            "At the end of a row take the smaller of that place and of the last one with a probability above 0.",
        ),
        mistakes=with_unchecked(
            [CHECKED_SAMPLE, CHECKED_ROWS],
            samplers()
            | {
                "greedy": Mistake(
                    "Always the likeliest, whatever the random number: that is T = 0.",
                    f"def sample(logits, uniforms, temperature=1.0):\n{CHECKED_SAMPLE}{CHECKED_ROWS}    return logits.argmax(dim=1)",
                ),
                "one-dart": Mistake(
                    "You use the first random number for all rows. Each row has its own.",
                    swap(SAMPLE, ("uniforms.double()[:, None]", "uniforms.double()[:1, None]")),
                ),
                "one-too-far": Mistake(
                    "One place too far, or too near: how many places has the sum not passed yet? That is the index.",
                    swap(
                        SAMPLE, (".sum(dim=1)\n", ".sum(dim=1) - 1\n"), ("(place, last)", "(place.clamp(min=0), last)")
                    ),
                ),
                "ignores-the-darts": Mistake(
                    "You draw with random numbers of your own. Use those that are given, or nothing can be repeated.",
                    f"def sample(logits, uniforms, temperature=1.0):\n{CHECKED_SAMPLE}{CHECKED_ROWS}{GREEDY}"
                    "    p = torch.softmax(logits.double() / temperature, dim=1)\n"
                    "    return torch.multinomial(p, 1, generator=torch.Generator().manual_seed(0))[:, 0] if len(p) else uniforms.long()",
                ),
                "nothing-checked": Mistake(
                    "Right draws. A temperature below 0 or without end, shapes that do not fit, numbers that are none from 0 "
                    "to 1, and rows from which nothing can be drawn: refuse them.",
                    swap(SAMPLE, (CHECKED_SAMPLE, ""), (CHECKED_ROWS, "")),
                ),
                "rows-not-checked": Mistake(
                    "Right draws, and most of what is wrong is refused. What about a row with a NaN, with +∞, or with nothing "
                    "but −∞: what would you draw from it?",
                    swap(SAMPLE, (CHECKED_ROWS, "")),
                ),
            },
        ),
        also=(
            "def sample(logits, uniforms, temperature=1.0):\n"
            "    if not 0 <= temperature <= 1e300 or logits.dim() != 2 or not logits.shape[1] or logits.shape[:1] != uniforms.shape:\n"
            "        raise ValueError('no')\n    if any(not -1e300 < max(row, key=lambda z: (z != z, z)) < 1e300 for row in logits.tolist()):\n"
            "        raise ValueError('no')\n    if any(not 0 <= u < 1 for u in uniforms.tolist()):\n        raise ValueError('no')\n"
            "    found = []\n    for row, u in zip(logits.double(), uniforms.tolist()):\n"
            "        if temperature == 0:\n            found.append(int(row.argmax()))\n            continue\n"
            "        p = torch.softmax((row - row.max()) / temperature, 0).tolist()\n        so_far = 0.0\n"
            "        for place, share in enumerate(p):\n            so_far += share\n            if share:\n                chosen = place\n"
            "            if so_far > u:\n                break\n        found.append(chosen)\n"
            "    return torch.tensor(found, dtype=torch.long)",
        ),
    ),
    "step_vjp": Judge(
        cases=steps_back,
        hints=(
            "Forward: the state before times U, plus something, then tanh. Backward it goes in the other order.",
            "The slope of tanh is 1 − tanh², and h *is* the tanh. So first g · (1 − h²), number by number.",
            "Then through the product: times the transposed U, as in every product. So (g · (1 − h²)) Uᵀ.",
        ),
        mistakes=with_unchecked(
            [CHECKED_STEP],
            {
                "not-transposed": Mistake(
                    "That goes forward through U once more. Pulling back through a product takes its transpose.",
                    swap(STEP, ("@ U.T", "@ U")),
                ),
                "no-slope": Mistake(
                    "You pull through U and leave out the tanh. Its slope is 1 − h².",
                    swap(STEP, ("(g * (1 - h * h)) @ U.T", "g @ U.T")),
                ),
                "not-squared": Mistake(
                    "The slope of tanh is 1 − tanh², so 1 − h · h.",
                    swap(STEP, ("1 - h * h", "1 - h")),
                ),
                "sigmoid": Mistake(
                    "h (1 − h) is the slope of the sigmoid. Here it is tanh.",
                    swap(STEP, ("1 - h * h", "h * (1 - h)")),
                ),
                "tanh-again": Mistake(
                    "h has been through tanh already, do not send it through once more.",
                    swap(STEP, ("1 - h * h", "1 - torch.tanh(h) ** 2")),
                ),
                "wrong-order": Mistake(
                    "First back through tanh, then back through U: the last thing forward is the first thing backward.",
                    swap(STEP, ("(g * (1 - h * h)) @ U.T", "(g @ U.T) * (1 - h * h)")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. Some shapes that do not fit are stretched without a word: look at them.",
                    STEP.replace(CHECKED_STEP, ""),
                ),
            },
        ),
        also=(
            "def step_vjp(h, U, g):\n    if h.dim() != 2 or h.shape != g.shape or list(U.shape) != [h.shape[1]] * 2:\n        raise ValueError('no')\n"
            "    return torch.stack([U @ torch.diag(1 - one**2) @ worth for one, worth in zip(h, g)])",
        ),
    ),
}

QUIZ = (
    Question(
        "gain",
        "At which gain is the new network's gradient as long after 39 steps as at the end, and why there?",
        (
            (
                "At 1.0, since a rotation changes no length",
                "Look at the picture for 1.0: what do the slopes of tanh do?",
            ),
            (
                "Near 1.9, since the slopes of tanh shrink it",
                "Gain times the root of the mean squared slope is about 1 there: what the gain adds, the slopes take.",
            ),
            ("Near 0.7, since then tanh stays in its linear part", "Move there: it fades fastest of the three."),
            (
                "At every gain, since the loss is the same",
                "Move the gain: from 0.4 to 2.0 it is more than twenty orders of magnitude.",
            ),
        ),
        right=1,
    ),
    Question(
        "stopped",
        "Why did the bigram table that was stopped early do better on held-out text than the counts?",
        (
            (
                "It was nearer to the best table for the learning text",
                "It was further from it: look at the other column.",
            ),
            ("It had seen more text than the counts had", "Both come from the same 990,000 characters."),
            ("It still gave a chance to pairs that never occurred", "Stopping early smooths."),
            (
                "It had fewer numbers that it could set freely",
                "Both tables have 5,184, and the training stopped, not the table.",
            ),
        ),
        right=2,
    ),
    Question(
        "detach",
        "What does `detach` after every 32 characters take away from the recurrent network?",
        (
            ("Learning that something further back than that mattered", "The state still carries what it carries."),
            ("All that it knew of the characters before the cut", "That would be a state of zeros. The state goes on."),
            ("Nothing, since all that it saves is some memory", "It saves memory, and it cuts gradients."),
            (
                "The use of the state at a cut, which no loss can see",
                "The next piece reads it, and its losses depend on it.",
            ),
        ),
        right=0,
    ),
    Question(
        "shared",
        "An MLP language model improves on *queen* after more text about *king*. What made that possible?",
        (
            ("The two rows of the table were averaged", "There are no rows for words or strings."),
            (
                "Both have their own rows, and rows are long arrows",
                "Own rows, however long, would have nothing in common.",
            ),
            ("The window is longer than both of the words", "A table over six characters sees as far."),
            ("Both are read through the same arrows and weights", "A table has no numbers in common for two keys."),
        ),
        right=3,
    ),
)

REVIEWS = {
    "real-context": Verdict(
        of="windows",
        right=False,
        why="The first windows now hold the end of the text, among it characters that the same windows are to predict later on. "
        "On the held-out text a model reads its own future, and the first k characters look better than they are. With a "
        "text shorter than k the windows are too few. A made-up character that means *nothing yet* is honest.",
        cases=texts,
        witness=(torch.tensor([7, 8, 9]), 2),
    ),
    "as-a-product": Verdict(
        of="lookup_vjp",
        right=True,
        why="Row r of the transposed one-hot table has a one wherever id r was looked up, so the product adds up exactly those "
        "rows of g. It costs rows times as much, which was said, and the checks above still stand. With an infinite g it would "
        "differ: 0 · ∞ is NaN, in every row, and not a deletion. The docstring promises finite ones.",
        cases=lookups,
        witness=None,
    ),
}
