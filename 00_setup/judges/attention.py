"""What the exercises of `03_transformers/02_attention` are judged by: cases, known mistakes, quiz, reviews."""

import math
from unittest import mock

import torch
import torch.nn.functional as F

from judges import Args, Judge, Mistake, Question, Verdict, swap, with_unchecked

DOUBLE = torch.double


def numbers(rng, *shape):
    """Halves from −2 to 2.5, as doubles, so that a wrong answer can be checked on paper."""
    return torch.tensor([rng.randint(-4, 5) / 2 for _ in range(math.prod(shape))], dtype=DOUBLE).view(*shape)


def table(*rows):
    """A mask from rows of ones and zeros."""
    return torch.tensor(rows, dtype=torch.bool)


def lengths(rng):
    """Squares, one position, a cached prefix; then lengths that cannot be."""
    yield (1,)
    yield (4,)
    yield 3, 3
    yield 1, 5
    yield 2, 5
    yield Args(3, S=7)
    yield 5, None
    yield 3, 2
    yield (0,)
    yield 0, 4
    yield -1, 3
    yield 1, 0
    yield 2, 0
    for _ in range(8):
        T = rng.randint(1, 5)
        yield T, T + rng.randint(0, 4)


def lookups(rng):
    """One head and many, wide values, masks of many shapes, large scores, rows of nothing; then what does not fit."""
    yield torch.zeros(1, 2), torch.eye(2), torch.tensor([[0.0], [4.0]])
    yield numbers(rng, 3, 4), numbers(rng, 5, 4), numbers(rng, 5, 2)
    yield numbers(rng, 2, 3, 4), numbers(rng, 2, 5, 4), numbers(rng, 2, 5, 3)
    yield numbers(rng, 2, 3, 2, 3), numbers(rng, 2, 3, 2, 3), numbers(rng, 2, 3, 2, 3), table([1, 0], [1, 1])
    yield numbers(rng, 1, 9), numbers(rng, 1, 9), numbers(rng, 1, 1)
    yield numbers(rng, 2, 4), numbers(rng, 3, 4), numbers(rng, 3, 2), table([0, 0, 0], [1, 0, 1])
    yield numbers(rng, 2, 4), numbers(rng, 3, 4), numbers(rng, 3, 2), table([0, 0, 0], [0, 0, 0])
    yield numbers(rng, 2, 4), numbers(rng, 3, 4), numbers(rng, 3, 2), table([1, 1, 0], [0, 1, 0])
    yield numbers(rng, 2, 2, 4), numbers(rng, 2, 3, 4), numbers(rng, 2, 3, 2), table([1, 1, 0], [0, 1, 1])[:, None]
    high = torch.tensor([[2000.0], [0.0]], dtype=DOUBLE)
    yield torch.ones(2, 1, dtype=DOUBLE), high, numbers(rng, 2, 2), table([0, 1], [1, 1])
    yield torch.ones(1, 1, dtype=DOUBLE), -3e9 * torch.ones(2, 1, dtype=DOUBLE), numbers(rng, 2, 2), table([1, 0])
    yield torch.ones(1, 1, dtype=DOUBLE), torch.tensor([[900.0], [899.0]], dtype=DOUBLE), numbers(rng, 2, 3)
    yield numbers(rng, 2, 4), numbers(rng, 2, 3), numbers(rng, 2, 2)
    yield numbers(rng, 2, 4), numbers(rng, 3, 4), numbers(rng, 2, 4)
    yield numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 2), torch.zeros(2, 2, dtype=DOUBLE)
    yield numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 2), torch.tensor([[1, 0], [1, 1]])
    yield numbers(rng, 1, 2), numbers(rng, 3, 2), numbers(rng, 3, 1), table([1, 0, 0], [1, 1, 0], [1, 1, 1])
    yield numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 1), table([1, 0], [1, 1])[None]
    yield torch.tensor([[math.nan, 1.0], [0.0, 1.0]], dtype=DOUBLE), torch.eye(2, dtype=DOUBLE), numbers(rng, 2, 1)
    for _ in range(8):
        T, S, d, c = (rng.randint(1, 4) for _ in range(4))
        mask = torch.tensor([rng.random() < 0.6 for _ in range(T * S)]).view(T, S)
        yield numbers(rng, 2, T, d), numbers(rng, 2, S, d), numbers(rng, 2, S, c), rng.choice([mask, None])


def with_its_gradients(function, Q, K, V, mask=None):
    """What comes out, and what is pulled back to Q, K and V: a NaN may hide there."""
    sides = [one.clone().requires_grad_() for one in (Q, K, V)]
    with mock.patch.object(F, "scaled_dot_product_attention", wraps=F.scaled_dot_product_attention) as oracle:
        out = function(*sides) if mask is None else function(*sides, mask)
    if oracle.called:
        return {"output": out, "by": "torch's own attention"}
    if not isinstance(out, torch.Tensor) or not out.requires_grad or not out.numel():
        return out
    weights = torch.arange(1.0, out.numel() + 1, dtype=out.dtype).view(out.shape)
    pulled = torch.autograd.grad((out * weights).sum(), sides, allow_unused=True)
    return {"output": out, "gradients": ["none" if one is None else one for one in pulled]}


def turns(rng):
    """Quarter turns, several axes, angles for each text, single precision; then pairs and angles that do not fit."""
    quarter = torch.pi / 2
    yield torch.tensor([[1.0, 0.0, 0.0, 2.0]]), torch.tensor([[quarter, torch.pi]])
    yield torch.tensor([[1.0, 2.0]], dtype=DOUBLE), torch.tensor([[quarter]], dtype=DOUBLE)
    yield numbers(rng, 3, 4), torch.zeros(3, 2, dtype=DOUBLE)
    yield numbers(rng, 2, 3, 4), numbers(rng, 3, 2)
    yield numbers(rng, 2, 5, 3, 6), numbers(rng, 3, 3)
    yield numbers(rng, 2, 3, 4), numbers(rng, 2, 3, 2)
    yield numbers(rng, 2, 4).float(), 1000.3 * torch.ones(2, 2, dtype=DOUBLE)
    yield numbers(rng, 2, 4), numbers(rng, 2, 4)
    yield numbers(rng, 2, 4), numbers(rng, 2, 1)
    yield numbers(rng, 2, 3), numbers(rng, 2, 1)
    yield numbers(rng, 1, 4), numbers(rng, 5, 2)
    yield numbers(rng, 2, 4), numbers(rng, 3, 2, 2)
    for _ in range(8):
        T, half = rng.randint(1, 4), rng.randint(1, 4)
        yield numbers(rng, 2, T, 2 * half), numbers(rng, T, half)


def with_type_and_argument(function, x, angles):
    """What comes out, of which type it is, what x is afterwards, and what is pulled back to it."""
    given = x.clone().requires_grad_()
    found = function(x, angles)
    if not isinstance(found, torch.Tensor):
        return found
    again = function(given * 1, angles)  # no leaf, so that writing into it is no error of torch's
    if not again.requires_grad or again.shape != x.shape:
        return {"turned": found, "of type": str(found.dtype), "x afterwards": x, "gradient": "none"}
    weights = torch.arange(1.0, again.numel() + 1, dtype=again.dtype).view(again.shape)
    (pulled,) = torch.autograd.grad((again * weights).sum(), given)
    return {"turned": found, "of type": str(found.dtype), "x afterwards": x, "gradient": pulled}


def cuts(rng):
    """One head, as many heads as numbers, texts and batches of texts; then cuts that do not come out even."""
    yield torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), 2
    yield numbers(rng, 3, 4), 1
    yield numbers(rng, 3, 4), 4
    yield numbers(rng, 2, 3, 6), 2
    yield numbers(rng, 2, 3, 6), 3
    yield numbers(rng, 2, 2, 3, 4), 2
    yield numbers(rng, 1, 6), 3
    yield numbers(rng, 3, 4), 3
    yield numbers(rng, 2, 4), 0
    yield numbers(rng, 2, 4), -2
    yield numbers(rng, 2, 4), 8
    for _ in range(8):
        n = rng.randint(1, 4)
        yield numbers(rng, rng.randint(1, 3), rng.randint(2, 5), n * rng.randint(1, 3)), n


def layers(rng):
    """One head and several, texts and batches of texts, one position and many."""
    zero, one = torch.zeros(1, 1), torch.ones(1, 1)
    yield torch.tensor([[2.0], [4.0]]), zero, zero, one, one, 1
    for heads, d, shape in ((1, 3, (4,)), (2, 1, (3,)), (2, 2, (2, 3)), (3, 2, (5,)), (4, 1, (2, 2, 3)), (2, 3, (1,))):
        width = heads * d
        for _ in range(2):
            yield numbers(rng, *shape, width), *(numbers(rng, width, width) / 2 for _ in range(4)), heads


MEMORY = (
    "def from_memory(x, Q, K, V, O, heads):\n    sides = [split_heads(x @ matrix, heads) for matrix in (Q, K, V)]\n"
    "    return join_heads(attend(*sides, causal_mask(x.shape[-2]))) @ O"
)
CHECKED_MASK = "    if not 1 <= T <= S:\n        raise ValueError(T)\n"
MASK = (
    f"def causal_mask(T, S=None):\n    S = T if S is None else S\n{CHECKED_MASK}"
    "    return torch.ones(T, S, dtype=torch.bool).tril(S - T)"
)
CHECKED_SHAPES = "    if Q.shape[-1] != K.shape[-1] or K.shape[-2] != V.shape[-2]:\n        raise ValueError(Q)\n"
ONLY_TYPE = "    if mask is not None and mask.dtype != torch.bool:\n        raise ValueError(mask)\n"
CHECKED_TYPE = ONLY_TYPE + (
    "    if mask is not None and (mask.ndim > scores.ndim or any(m not in (1, n) for m, n in zip(mask.shape[::-1], scores.shape[::-1]))):\n"
    "        raise ValueError(mask)\n"
)
SCORES = "    scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5\n"
FILLED = '    if mask is not None:\n        scores = scores.masked_fill(~mask, float("-inf"))\n'
WEIGHTS = "    weights = torch.softmax(scores, dim=-1)\n"
NOTHING = "    if mask is not None:\n        weights = weights.masked_fill(~mask, 0.0)\n"
ATTEND = f"def attend(Q, K, V, mask=None):\n{CHECKED_SHAPES}{SCORES}{CHECKED_TYPE}{FILLED}{WEIGHTS}{NOTHING}    return weights @ V"
ONLY_PAIRS = "    if x.shape[-1] != 2 * angles.shape[-1]:\n        raise ValueError(x)\n"
CHECKED_PAIRS = ONLY_PAIRS + (
    "    if angles.ndim > x.ndim or any(a not in (1, n) for a, n in zip(angles.shape[-2::-1], x.shape[-2::-1])):\n"
    "        raise ValueError(angles)\n"
)
ROTATE = (
    f"def rotate(x, angles):\n{CHECKED_PAIRS}"
    "    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)\n    a, b = x[..., ::2], x[..., 1::2]\n"
    "    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)"
)
UNTYPED = ((".cos().to(x.dtype)", ".cos()"), (".sin().to(x.dtype)", ".sin()"))
CHECKED_CUT = "    if n < 1 or x.shape[-1] % n:\n        raise ValueError(n)\n"
SPLIT = f"def split_heads(x, n):\n{CHECKED_CUT}    return x.unflatten(-1, (n, -1)).transpose(-3, -2)"
NEVER = 'float("-inf")'


ATTENDS = {  # what goes wrong between the checks and the result
    "not-scaled": Mistake(
        "The scores are not divided by √d: the wider the arrows, the more decided the weights.",
        swap(ATTEND, (" / Q.shape[-1] ** 0.5", "")),
    ),
    "by-d": Mistake(
        "You divide by d. The spread of the scores is √d.",
        swap(ATTEND, (" ** 0.5", "")),
    ),
    "by-keys": Mistake(
        "You divide by the root of the number of keys. It is d, the numbers in an arrow.",
        swap(ATTEND, ("/ Q.shape[-1] ** 0.5", "/ K.shape[-2] ** 0.5")),
    ),
    "by-values": Mistake(
        "You divide by the root of the width of the values. The scores are products of queries and keys.",
        swap(ATTEND, ("/ Q.shape[-1] ** 0.5", "/ V.shape[-1] ** 0.5")),
    ),
    "scaled-after": Mistake(
        "The scores are divided *before* softmax. Divided afterwards, the weights no longer add up to 1.",
        swap(ATTEND, (" / Q.shape[-1] ** 0.5", ""), ("dim=-1)\n", "dim=-1) / Q.shape[-1] ** 0.5\n")),
    ),
    "over-queries": Mistake(
        "Your softmax goes over the queries: each key shares itself out. Each *query* shares out 1 among the keys.",
        swap(ATTEND, ("softmax(scores, dim=-1)", "softmax(scores, dim=-2)")),
    ),
    "masked-after": Mistake(
        "What is masked has been counted in the denominator, so the rest adds up to less than 1, and the future is "
        "heard. The mask comes before softmax.",
        swap(ATTEND, (FILLED, "")),
    ),
    "renormalised": Mistake(
        "Masked after softmax and divided by the sum again: right until a masked score is so large that the others are "
        "zero before you divide, and 0/0 for a row of nothing.",
        swap(
            ATTEND,
            (FILLED, ""),
            (NOTHING, NOTHING + "        weights = weights / weights.sum(dim=-1, keepdim=True)\n"),
        ),
    ),
    "turned-round": Mistake(
        "You look where the mask forbids it, and nowhere else. True is: may look.",
        swap(ATTEND, ("~mask", "mask")),
    ),
    "nan": Mistake(
        "A query that may look at nothing gives NaN, and one NaN spoils a whole training run. It gives zeros.",
        swap(ATTEND, (NOTHING, "")),
    ),
    "nan-to-num": Mistake(
        "The zeros are there, but look at the gradients of a row of nothing: NaN may come back through softmax where "
        "nothing was filled in. Fill with the mask, both times.",
        swap(
            ATTEND,
            (
                FILLED,
                '    if mask is not None:\n        scores = scores + torch.where(mask, 0.0, float("-inf"))\n',
            ),
            (NOTHING, "    weights = weights.nan_to_num(0.0)\n"),
        ),
    ),
    "large-number": Mistake(
        "A large negative number is not −∞: a query that may look at nothing looks at all evenly, and a score can be "
        "lower than yours.",
        swap(ATTEND, (NEVER, "-1e9"), (NOTHING, "")),
    ),
    "hidden-nan": Mistake(
        "The zeros are there, and behind them a NaN, which `where` or `nan_to_num` on the output only hides: the way back goes "
        "through it and spoils every gradient. Clear the *weights*, with the mask.",
        swap(
            ATTEND,
            (NOTHING, ""),
            (
                "    return weights @ V",
                "    out = weights @ V\n    return out if mask is None else torch.where(mask.any(dim=-1, keepdim=True), out, 0.0)",
            ),
        ),
    ),
    "renormalised-epsilon": Mistake(
        "A little something in the denominator hides 0/0, and makes all weights a little too small; and where a masked score is "
        "large, the others were zero already. The mask comes before softmax.",
        swap(
            ATTEND,
            (FILLED, ""),
            (NOTHING, NOTHING + "        weights = weights / (weights.sum(dim=-1, keepdim=True) + 1e-9)\n"),
        ),
    ),
    "whole-mask": Mistake(
        "You look whether *all* is forbidden. One row alone may have nothing to look at.",
        swap(
            ATTEND,
            (NOTHING, ""),
            (FILLED, "    if mask is not None and not mask.any():\n        return 0.0 * scores @ V\n" + FILLED),
        ),
    ),
    "zero-score": Mistake(
        "You multiply the scores by the mask: a score of zero still gets weight, e⁰ = 1. It has to be −∞.",
        swap(ATTEND, (f"scores.masked_fill(~mask, {NEVER})", "scores * mask"), (NOTHING, "")),
    ),
    "no-batches": Mistake(
        "`transpose(0, 1)` and `.T` exchange the wrong axes when batches or heads stand in front. Count from the end.",
        swap(ATTEND, ("transpose(-2, -1)", "transpose(0, 1)")),
    ),
    "mask-ignored": Mistake(
        "The mask makes no difference to what you give.",
        swap(ATTEND, (FILLED, ""), (NOTHING, "")),
    ),
    "over-axis-one": Mistake(
        "`dim=1` are the keys only where nothing stands in front. With a batch they are the queries. Count from the end.",
        swap(ATTEND, ("softmax(scores, dim=-1)", "softmax(scores, dim=1)")),
    ),
    "by-the-front": Mistake(
        "You divide by the root of the wrong axis: the first one is the number of queries, or of texts. d is the last.",
        swap(ATTEND, ("/ Q.shape[-1] ** 0.5", "/ Q.shape[0] ** 0.5")),
    ),
    "added": Mistake(
        "Adding a mask of booleans adds ones to the scores of what may be seen, and forbids nothing. (Masks that are added "
        "hold 0 and −∞.)",
        swap(ATTEND, (FILLED, "    if mask is not None:\n        scores = scores + mask\n"), (NOTHING, "")),
    ),
    "lowest-number": Mistake(
        "The lowest number there is does not forbid: a query that may look at nothing looks at all of it evenly.",
        swap(ATTEND, (NEVER, "torch.finfo(scores.dtype).min"), (NOTHING, "")),
    ),
    "large-number-zero": Mistake(
        "Nearly. A score can be lower than −1e9, and then what is masked takes the weight before you set it to zero. −∞ is "
        "lower than anything.",
        swap(ATTEND, (NEVER, "-1e9")),
    ),
    "by-hand": Mistake(
        "e to a score of 900 is infinite, and ∞/∞ is NaN; a row of nothing is 0/0. `torch.softmax` subtracts the largest "
        "first, and the row of nothing is zeros.",
        f"def attend(Q, K, V, mask=None):\n{CHECKED_SHAPES}{SCORES}{CHECKED_TYPE}    parts = torch.exp(scores)\n"
        "    if mask is not None:\n        parts = parts * mask\n    return parts @ V / parts.sum(dim=-1, keepdim=True)",
    ),
}
STYLES = {  # how the same mistakes look in other hands: what is left out, and how the mask is read
    "nan": ([(NOTHING, "")], "And a query that may look at nothing gets zeros, not NaN."),
    "unchecked": (
        [(CHECKED_SHAPES, ""), (CHECKED_TYPE, "")],
        "And look at what you are given first: some of it is refused.",
    ),
    "bare": (
        [(CHECKED_SHAPES, ""), (CHECKED_TYPE, ""), (NOTHING, "")],
        "Besides, a query that may look at nothing gets zeros, not NaN, and the docstring names what is refused.",
    ),
    "bare-zeros": (
        [(CHECKED_SHAPES, ""), (CHECKED_TYPE, ""), (NOTHING, ""), ("~mask", "mask == 0")],
        "A mask of numbers is no mask of booleans, a query that may look at nothing gets zeros, not NaN, and shapes that "
        "do not fit are refused.",
    ),
}
OFTEN = (
    "not-scaled",
    "by-d",
    "by-the-front",
    "over-queries",
    "over-axis-one",
    "turned-round",
    "no-batches",
    "nan",
)


def attends():
    """Known mistakes of `attend`, each alone and, the frequent ones, in every style."""
    found = dict(ATTENDS)
    for slug, mistake in ATTENDS.items():
        for style, (left_out, words) in STYLES.items():
            if slug == "turned-round":  # there the mask is turned in the rows of nothing as well
                left_out = [(old.replace("~mask", "mask"), new) for old, new in left_out if style != "bare-zeros"]
            fits = left_out and all(old in mistake.wrong for old, _ in left_out)
            if slug == "nan" and style.startswith("bare"):  # its row of nothing is gone already
                left_out, fits = [pair for pair in left_out if pair[0] != NOTHING], True
            if fits and (slug in OFTEN or style == "unchecked"):
                found[f"{slug}-{style}"] = Mistake(f"{mistake.words} {words}", swap(mistake.wrong, *left_out))
    del found["nan-bare"]  # the same as unchecked
    return found


EXERCISES = {
    "causal_mask": Judge(
        cases=lengths,
        hints=(
            "On paper: three positions, all asking. Row 0 sees itself, row 1 two, row 2 three. Which triangle is True?",
            "Now five positions of which the last two ask. Row 0 stands at position 3. How many does it see?",
            "`torch.ones(T, S, dtype=torch.bool).tril(k)` keeps the columns up to row + k. Which k puts the last row right?",
        ),
        mistakes=with_unchecked(
            [CHECKED_MASK],
            {
                "top-left": Mistake(
                    "Your diagonal begins in the top left corner. With a prefix in the cache the first query stands at S − T, and "
                    "may look at all of the prefix.",
                    swap(MASK, ("tril(S - T)", "tril()")),
                ),
                "not-itself": Mistake(
                    "A position may look at itself as well: the first one would see nothing.",
                    swap(MASK, ("tril(S - T)", "tril(S - T - 1)")),
                ),
                "one-ahead": Mistake(
                    "Every position sees the next one, which is the very thing that it should predict.",
                    swap(MASK, ("tril(S - T)", "tril(S - T + 1)")),
                ),
                "forbidden": Mistake(
                    "Yours is True where a position may *not* look. There are libraries that mean it so; here True is: may look.",
                    swap(MASK, ("    return ", "    return ~")),
                ),
                "future": Mistake(
                    "The other triangle: your positions look at the future, and not at the past.",
                    swap(MASK, ("tril(S - T)", "triu(S - T)")),
                ),
                "numbers": Mistake(
                    "Ones and zeros are numbers. With `~` a one becomes −2. The mask is of booleans.",
                    swap(MASK, ("dtype=torch.bool", "dtype=torch.float32")),
                ),
                "added": Mistake(
                    "That is a mask to be *added* to the scores, zeros and −∞. Here it is booleans, True = may look.",
                    f"def causal_mask(T, S=None):\n    S = T if S is None else S\n{CHECKED_MASK}"
                    "    return torch.full((T, S), -torch.inf).triu(S - T + 1)",
                ),
                "added-top-left": Mistake(
                    "That is a mask to be *added* to the scores, zeros and −∞, and it begins in the top left corner. Here it is "
                    "booleans, True = may look, and the last query sees everything.",
                    f"def causal_mask(T, S=None):\n    S = T if S is None else S\n{CHECKED_MASK}"
                    "    return torch.full((T, S), -torch.inf).triu(1)",
                ),
                "forbidden-top-left": Mistake(
                    "Yours is True where a position may *not* look, and its diagonal begins in the top left corner. True is: may "
                    "look; and with a prefix the first query stands at S − T.",
                    swap(MASK, ("    return ", "    return ~"), ("tril(S - T)", "tril()")),
                ),
                "list": Mistake(
                    "Right, and a list of lists. What `attend` needs is a tensor of booleans.",
                    f"def causal_mask(T, S=None):\n    S = T if S is None else S\n{CHECKED_MASK}"
                    "    return [[j <= i + S - T for j in range(S)] for i in range(T)]",
                ),
                "square": Mistake(
                    "It has a row for every position. There are T queries and S keys: (T, S).",
                    swap(
                        MASK,
                        ("torch.ones(T, S, dtype=torch.bool).tril(S - T)", "torch.ones(S, S, dtype=torch.bool).tril()"),
                    ),
                ),
                "nothing-checked": Mistake(
                    "Right tables. More queries than positions, or none at all, are bugs of the caller: refuse them.",
                    swap(MASK, (CHECKED_MASK, "")),
                ),
                "zero-is-false": Mistake(
                    "`S or T` takes an S of 0 for one that was not given. More queries than positions are to be refused.",
                    swap(MASK, ("S = T if S is None else S", "S = S or T")),
                ),
                "zero-allowed": Mistake(
                    "Right tables, and too many queries are refused. A T of 0 or below asks nothing: refuse it as well.",
                    swap(MASK, ("if not 1 <= T <= S:", "if T > S:"), ("torch.ones(T, S", "torch.ones(max(T, 0), S")),
                ),
            },
        ),
        also=(
            "def causal_mask(T, S=None):\n    if S is None:\n        S = T\n    if T < 1 or T > S:\n        raise ValueError('no')\n"
            "    return torch.tensor([[j <= S - T + i for j in range(S)] for i in range(T)])",
        ),
    ),
    "attend": Judge(
        cases=lookups,
        drive=with_its_gradients,
        hints=(
            "Without a mask it is one line: scores, divided by √d, softmax over the keys, times V. Over which axis?",
            "Batches and heads stand in front, so exchange the last two axes: `K.transpose(-2, -1)`. Keys are the last axis "
            "of the scores. The mask comes before softmax: `scores.masked_fill(~mask, -inf)`.",
            "A row that is −∞ all over becomes NaN. Fill the *weights* with 0 where the mask is False, after softmax, as well.",
        ),
        mistakes=attends()
        | {
            "type-not-checked": Mistake(
                "Right for booleans. A mask of numbers is turned into something else by `~`, or fails far from here: refuse it "
                "with a ValueError.",
                swap(ATTEND, (CHECKED_TYPE, "")),
            ),
            "mask-too-large": Mistake(
                "Right where the mask fits. A mask with more rows than queries is broadcast the other way, and one query gets "
                "several answers: that is what a forgotten T does. Refuse it.",
                swap(ATTEND, (CHECKED_TYPE, ONLY_TYPE)),
            ),
            "shapes-not-checked": Mistake(
                "Right numbers. Shapes that do not fit deserve a ValueError that names them.",
                swap(ATTEND, (CHECKED_SHAPES, "")),
            ),
            "torchs-own-checked": Mistake(
                "That is the oracle, and it is right. But then the page compares torch with torch, and finds that it costs the same. "
                "Write the three steps yourself: scores, softmax, mean.",
                f"def attend(Q, K, V, mask=None):\n{CHECKED_SHAPES}{SCORES}{CHECKED_TYPE}"
                "    return F.scaled_dot_product_attention(Q, K, V, attn_mask=mask)",
            ),
            "torchs-own": Mistake(
                "That is the oracle, and right where everything fits. Write the three steps yourself: scores, softmax, mean. And "
                "a mask of numbers it takes for something to be added.",
                "def attend(Q, K, V, mask=None):\n    return F.scaled_dot_product_attention(Q, K, V, attn_mask=mask)",
            ),
            "nothing-checked": Mistake(
                "Right numbers. Shapes that do not fit, and a mask that is not of booleans, are bugs of the caller: refuse "
                "them with a ValueError.",
                swap(ATTEND, (CHECKED_SHAPES, ""), (CHECKED_TYPE, "")),
            ),
        },
        also=(
            "def attend(Q, K, V, mask=None):\n"
            "    if Q.shape[-1] != K.shape[-1] or K.shape[-2] != V.shape[-2] or (mask is not None and mask.dtype is not torch.bool):\n"
            "        raise ValueError('no')\n    scores = torch.einsum('...td,...sd->...ts', Q / Q.shape[-1] ** 0.5, K)\n"
            "    if mask is None:\n        mask = torch.ones_like(scores, dtype=torch.bool)\n"
            "    if torch.where(mask, scores, scores).shape != scores.shape:\n        raise ValueError('no')\n"
            "    scores = torch.where(mask, scores, -torch.inf)\n    top = scores.amax(dim=-1, keepdim=True).detach()\n"
            "    parts = torch.exp(scores - torch.where(top.isfinite(), top, 0.0))\n    total = parts.sum(dim=-1, keepdim=True)\n"
            "    return (parts @ V) / torch.where(total > 0, total, 1.0)",
        ),
    ),
    "rotate": Judge(
        cases=turns,
        drive=with_type_and_argument,
        hints=(
            "One pair on paper: (1, 0) turned by a quarter is (0, 1), and (0, 1) becomes (−1, 0).",
            "All first numbers of the pairs are `x[..., ::2]`, all second ones `x[..., 1::2]`. Each has the shape of the angles.",
            "Then they have to be interleaved again: `torch.stack([first, second], dim=-1).flatten(-2)`.",
        ),
        mistakes=with_unchecked(
            [CHECKED_PAIRS],
            {
                "other-way": Mistake(
                    "You turn the other way round: (1, 0) turned by a quarter is (0, 1).",
                    swap(ROTATE, ("a * cos - b * sin, a * sin + b * cos", "a * cos + b * sin, b * cos - a * sin")),
                ),
                "both-plus": Mistake(
                    "Both with a plus is no rotation, it changes lengths. One of the signs is a minus.",
                    swap(ROTATE, ("a * cos - b * sin", "a * cos + b * sin")),
                ),
                "halves": Mistake(
                    "You pair number i with number i + d/2, as the transformers library does. Here the pairs are neighbours.",
                    f"def rotate(x, angles):\n{CHECKED_PAIRS}    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)\n"
                    "    a, b = x.chunk(2, dim=-1)\n    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)",
                ),
                "not-interleaved": Mistake(
                    "The right numbers in the wrong order: first numbers of all pairs, then second ones. They have to be "
                    "interleaved again.",
                    swap(ROTATE, ("torch.stack([a", "torch.cat([a"), (", dim=-1).flatten(-2)", ", dim=-1)")),
                ),
                "in-place": Mistake(
                    "The second line reads what the first has written: a is a view of x, and it has changed. And the caller's x is "
                    "gone.",
                    f"def rotate(x, angles):\n{CHECKED_PAIRS}    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)\n"
                    "    a, b = x[..., ::2], x[..., 1::2]\n    x[..., ::2] = a * cos - b * sin\n"
                    "    x[..., 1::2] = a * sin + b * cos\n    return x",
                ),
                "over-the-callers": Mistake(
                    "Right numbers, written into the caller's x. Queries are needed again: make a new tensor.",
                    swap(ROTATE, ("    return torch.stack", "    x[:] = torch.stack")) + "\n    return x",
                ),
                "enlarged": Mistake(
                    "Right where the angles fit. Angles for five positions and one arrow give five arrows: that is what a forgotten "
                    "position does when one token is written at a time. Refuse it.",
                    swap(ROTATE, (CHECKED_PAIRS, ONLY_PAIRS)),
                ),
                "no-gradient": Mistake(
                    "Right numbers, and no gradient goes through them: the matrices for Q and K would never learn. Leave `detach`, "
                    "`no_grad` and numpy out of it.",
                    swap(ROTATE, ("x[..., ::2], x[..., 1::2]", "x.detach()[..., ::2], x.detach()[..., 1::2]")),
                ),
                "in-sequence": Mistake(
                    "The second line reads what the first has written. Compute both from the old numbers.",
                    f"def rotate(x, angles):\n{CHECKED_PAIRS}    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)\n"
                    "    found = x.clone()\n    found[..., ::2] = found[..., ::2] * cos - found[..., 1::2] * sin\n"
                    "    found[..., 1::2] = found[..., ::2] * sin + found[..., 1::2] * cos\n    return found",
                ),
                "doubles": Mistake(
                    "Right numbers, of the type of the angles. Single precision goes in, so single precision has to come out.",
                    swap(ROTATE, *UNTYPED),
                ),
                "other-way-untyped": Mistake(
                    "You turn the other way round: (1, 0) turned by a quarter is (0, 1). And the type of x is to be kept.",
                    swap(
                        ROTATE,
                        ("a * cos - b * sin, a * sin + b * cos", "a * cos + b * sin, b * cos - a * sin"),
                        *UNTYPED,
                    ),
                ),
                "halves-untyped": Mistake(
                    "You pair number i with number i + d/2, as the transformers library does. Here the pairs are neighbours. And the "
                    "type of x is to be kept.",
                    f"def rotate(x, angles):\n{CHECKED_PAIRS}    cos, sin = angles.cos(), angles.sin()\n"
                    "    a, b = x.chunk(2, dim=-1)\n    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)",
                ),
                "rounded-angles": Mistake(
                    "The angle is rounded before its cosine is taken. At position 1,000 that costs digits that single precision has: "
                    "round the cosine, not the angle.",
                    swap(ROTATE, ("    cos, sin", "    angles = angles.to(x.dtype)\n    cos, sin")),
                ),
                "stacked-in-front": Mistake(
                    "`stack` without `dim=-1` makes a new *first* axis, and the reshape then lays out all first numbers before all "
                    "second ones. The new axis has to be the last.",
                    swap(ROTATE, ("torch.stack([a", "torch.stack([a"), (", dim=-1).flatten(-2)", ").reshape(x.shape)")),
                ),
                "assigned-unchecked": Mistake(
                    "Right numbers. Angles that are too few are stretched, others fail somewhere in torch: refuse them first, with a "
                    "ValueError that names both.",
                    "def rotate(x, angles):\n    found = torch.empty_like(x)\n    cos, sin = angles.cos(), angles.sin()\n"
                    "    found[..., ::2] = x[..., ::2] * cos - x[..., 1::2] * sin\n"
                    "    found[..., 1::2] = x[..., ::2] * sin + x[..., 1::2] * cos\n    return found",
                ),
                "one-angle": Mistake(
                    "All pairs turn by the first angle. Each has one of its own.",
                    swap(ROTATE, ("    cos, sin", "    angles = angles[..., :1]\n    cos, sin")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. One angle for many pairs is stretched without a word, and an arrow of odd length has no pairs: "
                    "refuse them with a ValueError.",
                    swap(ROTATE, (CHECKED_PAIRS, "")),
                ),
            },
        ),
        also=(
            "def rotate(x, angles):\n    if x.shape[-1] != 2 * angles.shape[-1]:\n        raise ValueError('no')\n"
            "    if torch.zeros(x.shape[:-1]).add(torch.zeros(angles.shape[:-1])).shape != x.shape[:-1]:\n        raise ValueError('no')\n"
            "    found = torch.zeros(x.shape, dtype=x.dtype)\n"
            "    for i in range(angles.shape[-1]):\n        c, s = torch.cos(angles[..., i]), torch.sin(angles[..., i])\n"
            "        found[..., 2 * i] = x[..., 2 * i] * c - x[..., 2 * i + 1] * s\n"
            "        found[..., 2 * i + 1] = x[..., 2 * i] * s + x[..., 2 * i + 1] * c\n    return found",
        ),
    ),
    "split_heads": Judge(
        cases=cuts,
        hints=(
            "Two steps. First only cut the last axis in two, heads and numbers: (…, T, n, d). Nothing moves.",
            "Now positions and heads stand in the wrong order: exchange these two axes.",
            "`x.unflatten(-1, (n, -1))`, then `.transpose(-3, -2)`. Counting from the end leaves the axes in front alone.",
        ),
        mistakes=with_unchecked(
            [CHECKED_CUT],
            {
                "reshaped": Mistake(
                    "The shape is right and the tokens are mixed: your first head got the first positions, whole. Cut the last axis, "
                    "then exchange axes.",
                    swap(
                        SPLIT,
                        (
                            "x.unflatten(-1, (n, -1)).transpose(-3, -2)",
                            "x.reshape(*x.shape[:-2], n, x.shape[-2], x.shape[-1] // n)",
                        ),
                    ),
                ),
                "dealt-out": Mistake(
                    "You deal the numbers out like cards, one to each head in turn. Head h gets d neighbours.",
                    swap(SPLIT, ("(n, -1)).transpose(-3, -2)", "(-1, n)).movedim(-1, -3)")),
                ),
                "not-exchanged": Mistake(
                    "Cut, but positions still stand before heads: `attend` would let the heads of one token look at each other.",
                    swap(SPLIT, (".transpose(-3, -2)", "")),
                ),
                "cut-and-left": Mistake(
                    "Cut, but positions still stand before heads: `attend` would let the heads of one token look at each other. And "
                    "what does not divide is to be refused.",
                    "def split_heads(x, n):\n    return x.reshape(*x.shape[:-1], n, x.shape[-1] // n)",
                ),
                "three-axes": Mistake(
                    "You unpack three axes. A text alone has two, and there may be more in front: count from the end, with negative "
                    "numbers.",
                    "def split_heads(x, n):\n    B, T, C = x.shape\n    return x.view(B, T, n, C // n).transpose(1, 2)",
                ),
                "number-for-size": Mistake(
                    "You made parts of n numbers, as `split(n)` does. You were asked for n parts.",
                    f"def split_heads(x, n):\n{CHECKED_CUT}    return torch.stack(x.split(n, dim=-1), dim=-3)",
                ),
                "none-allowed": Mistake(
                    "Right cuts. Into no heads, or fewer, nothing can be cut: a ValueError that says so, in place of a division by "
                    "zero.",
                    swap(SPLIT, ("if n < 1 or x.shape[-1] % n:", "if x.shape[-1] % n:")),
                ),
                "asserted": Mistake(
                    "Right cuts. An `assert` is for your own mistakes, and is gone under `python -O`. The caller's deserve a "
                    "ValueError, for an n below 1 as well.",
                    "def split_heads(x, n):\n    assert x.shape[-1] % n == 0\n"
                    "    return x.reshape(*x.shape[:-1], n, x.shape[-1] // n).transpose(-3, -2)",
                ),
                "wrong-axes": Mistake(
                    "You exchanged positions and numbers. It is positions and heads that change places.",
                    swap(SPLIT, (".transpose(-3, -2)", ".transpose(-3, -1)")),
                ),
                "from-the-front": Mistake(
                    "`transpose(1, 2)` counts from the front: right for (n, T, width), wrong for one text and for more axes.",
                    swap(SPLIT, (".transpose(-3, -2)", ".transpose(1, 2)")),
                ),
                "heads-first": Mistake(
                    "Heads come right before positions, behind the axes of the batch. You put them in front of everything.",
                    swap(SPLIT, (".transpose(-3, -2)", ".movedim(-2, 0)")),
                ),
                "cut-off": Mistake(
                    "What does not divide is cut off without a word. Refuse it.",
                    "def split_heads(x, n):\n    if n < 1 or n > x.shape[-1]:\n        raise ValueError(n)\n"
                    "    d = x.shape[-1] // n\n    return x[..., : n * d].unflatten(-1, (n, d)).transpose(-3, -2)",
                ),
                "nothing-checked": Mistake(
                    "Right cuts. What does not divide evenly, and fewer heads than one, deserve a ValueError that says so.",
                    swap(SPLIT, (CHECKED_CUT, "")),
                ),
            },
        ),
        also=(
            "def split_heads(x, n):\n    if n <= 0 or x.shape[-1] % n != 0:\n        raise ValueError('no')\n"
            "    return torch.stack(x.split(x.shape[-1] // n, dim=-1), dim=-3)",
        ),
    ),
}

EXERCISES["from_memory"] = Judge(
    cases=layers,
    hints=(
        "Four steps: make queries, keys and values and cut each into heads; attend, with the causal mask; join; mix with O.",
        "`split_heads(x @ Q, heads)` is (…, heads, T, d). The mask is (T, T), and holds for every head.",
        "`join_heads` turns (…, heads, T, d) into (…, T, width). Then `@ O`.",
    ),
    mistakes={
        "no-mask": Mistake(
            "The first position sees the last one. Who may look at whom?",
            swap(MEMORY, (", causal_mask(x.shape[-2])", "")),
        ),
        "not-mixed": Mistake("The heads lie side by side, and O has not been used.", swap(MEMORY, (" @ O", ""))),
        "one-head": Mistake(
            "That is one head of full width. Cut queries, keys and values first.",
            "def from_memory(x, Q, K, V, O, heads):\n    return attend(x @ Q, x @ K, x @ V, causal_mask(x.shape[-2])) @ O",
        ),
        "not-joined": Mistake(
            "The shape is right and the tokens are mixed: heads and positions have to change places before the heads are laid "
            "end to end.",
            swap(MEMORY, ("join_heads(", "("), (") @ O", ").reshape(x.shape) @ O")),
        ),
        "cut-before": Mistake(
            "You cut x, and each head multiplies its part alone. A head sees all of the arrow: multiply first, then cut.",
            "def from_memory(x, Q, K, V, O, heads):\n    parts, d = split_heads(x, heads), x.shape[-1] // heads\n"
            "    return join_heads(attend(parts @ Q[:d, :d], parts @ K[:d, :d], parts @ V[:d, :d], causal_mask(x.shape[-2]))) @ O",
        ),
        "transposed": Mistake(
            "`nn.Linear` keeps its matrix the other way round. Here it is x @ Q, with Q as it is.",
            swap(MEMORY, ("x @ matrix", "x @ matrix.mT"), ("@ O", "@ O.mT")),
        ),
        "whole-width": Mistake(
            "The scores are divided by the root of the whole width. Each head has arrows of width / heads.",
            "def from_memory(x, Q, K, V, O, heads):\n    q, k, v = (split_heads(x @ matrix, heads) for matrix in (Q, K, V))\n"
            "    return join_heads(attend(q / heads**0.5, k, v, causal_mask(x.shape[-2]))) @ O",
        ),
    },
    also=(
        "def from_memory(x, Q, K, V, O, heads):\n    d = x.shape[-1] // heads\n    found = []\n    for h in range(heads):\n"
        "        at = slice(h * d, h * d + d)\n        scores = (x @ Q[:, at]) @ (x @ K[:, at]).mT / d**0.5\n"
        "        hidden = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)\n"
        "        found.append(scores.masked_fill(hidden, -torch.inf).softmax(-1) @ (x @ V[:, at]))\n"
        "    return torch.cat(found, dim=-1) @ O",
    ),
)

QUIZ = (
    Question(
        "hands",
        "When the fast hand of the four dials points up again for the first time, at position 6, how far is the next one?",
        (
            ("About a tenth of a turn", "It is ten times as slow: 6 · 0.1 radians, of the 6.28 of a turn."),
            ("About a whole turn too", "Then the two of them could be told apart nowhere. Look at the second dial."),
            ("It has not moved at all", "That is nearly true of the fourth. The second has moved visibly."),
            ("About half of a full turn", "Move there: the second dial is still in its first quarter."),
        ),
        right=0,
    ),
    Question(
        "second-layer",
        "In the second time that a string is said, where does the second layer of the copier look?",
        (
            (
                "At the character right before the one that asks",
                "That is the first layer. Choose the other in the widget.",
            ),
            (
                "At the same character, the first time it stood there",
                "Near, but that would copy what is known already.",
            ),
            (
                "At whatever came after the same character before",
                "Yes: what came then is the best guess for what comes now.",
            ),
            ("At the first characters of the text, all of them", "Look at the rows of the repetition."),
        ),
        right=2,
    ),
    Question(
        "denominator",
        "Why does a mask that is multiplied after softmax let the future through?",
        (
            (
                "Softmax is computed in floating point numbers",
                "Rounding is not it: the leak is there in exact arithmetic.",
            ),
            (
                "The future was counted in the denominator",
                "Each weight of the past is smaller when the future fits well.",
            ),
            ("The weights of the future are not really zero", "They are zero, exactly. It is the others that know."),
            (
                "The values of the future are still added up",
                "They are multiplied by zero. What is left to leak through?",
            ),
        ),
        right=1,
    ),
    Question(
        "flash",
        "What does a fused kernel such as FlashAttention save when a text gets four times as long?",
        (
            ("The scores of the keys that fit the query badly", "It cannot know which; its results are exact."),
            ("The division by the root of d, and softmax", "It does both, tile by tile."),
            ("The work: it grows four times instead of sixteen", "The slope of its time was about 2 as well."),
            ("The memory: it grows four times instead of sixteen", "It never writes the table of weights down."),
        ),
        right=3,
    ),
    Question(
        "one-head",
        "Asked for two keys at once, one head got one value right and guessed the other. What did it lack?",
        (
            (
                "A choice: it has one softmax, and an even mean loses the order",
                "Two heads have no number more, and could.",
            ),
            (
                "Numbers: two heads are two sets of matrices, so twice as many",
                "They share the same matrices, cut in two.",
            ),
            (
                "Training: with more steps the mean would have come apart",
                "Four times the steps, tried once, left it at 0.12. What would a mean come apart into?",
            ),
            (
                "Positions: without them the two keys look the same to it",
                "The keys differ, and two heads had none either.",
            ),
        ),
        right=0,
    ),
)

REVIEWS = {
    "large-number": Verdict(
        of="attend",
        right=False,
        why="Where all is masked, all scores are the same −1e9, and softmax shares evenly: a padded row gets the mean of what it must "
        "not see, without a NaN to tell. So the change is silent in the one case for which the line was there. In half precision "
        "−1e9 does not exist and torch raises, and with scores below it the masked ones win.",
        cases=lookups,
        witness=(
            torch.zeros(1, 2, dtype=DOUBLE),
            torch.eye(2, dtype=DOUBLE),
            torch.tensor([[2.0], [4.0]], dtype=DOUBLE),
            table([0, 0]),
        ),
    ),
    "complex": Verdict(
        of="rotate",
        right=True,
        why="(a + bi) · e^(iθ) has the real part a cos θ − b sin θ and the imaginary part a sin θ + b cos θ: it is the same formula, "
        "and neighbours in memory are what `view_as_complex` wants. Meta's first Llama code does it so. The check of the shapes "
        "stands above, and the result is rounded once.",
        cases=turns,
        witness=None,
    ),
    "no-transpose": Verdict(
        of="split_heads",
        right=False,
        why="A reshape reads the numbers in the order of memory: position after position. Head 0 then gets the whole arrows of the "
        "first positions, cut into pieces that are called positions. The shapes are right, which is all that was tested; and with "
        "a causal mask the future leaks. For one head the two are the same.",
        cases=cuts,
        witness=(torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), 2),
    ),
}
