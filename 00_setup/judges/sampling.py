"""What the exercises of `03_transformers/06_sampling` are judged by: cases, known mistakes, quiz, reviews."""

import math

import torch

from judges import Judge, Mistake, Question, Verdict, swap, with_unchecked

DOUBLE = torch.double


def row(*numbers):
    """One row of doubles."""
    return torch.tensor(numbers, dtype=DOUBLE)


def logs(*chances):
    """Logits with these probabilities, shifted, so that nobody takes them for probabilities."""
    return row(*chances).log() + 2.0


def scattered(rng, *shape):
    """Different quarters in random order, as doubles, so that no two are equal."""
    n = math.prod(shape)
    return row(*(x / 4 - n / 8 + 0.1 for x in rng.sample(range(n), n))).view(*shape)


def with_argument(function, logits, *rest):
    """What comes out, of which type, and what the caller's logits are afterwards."""
    given = logits.clone()
    found = function(given, *rest)
    if not isinstance(found, torch.Tensor):
        return found
    return {"logits": found, "of type": str(found.dtype), "the caller's logits afterwards": given}


THIN = math.exp(-17.75)  # about 2e-8: a third of what single precision can tell apart just below 1


def thin_tail():
    """One token with nearly everything, then 1,200 whose probabilities are below the steps of single precision."""
    return torch.tensor([0.0] + [-17.75] * 1200)


def nuclei(rng):
    """Sharp and flat rows, a border that is reached exactly, ties, rows cut already; then a p that cannot be."""
    yield torch.tensor([0.5, 0.1, 0.4]).log(), 0.6
    yield logs(0.1, 0.6, 0.3), 0.5
    yield logs(0.1, 0.6, 0.3), 0.7
    yield logs(0.1, 0.6, 0.3), 0.95
    yield logs(0.05, 0.9, 0.05), 0.01
    yield row(0.0, 0.0, 0.0, 0.0), 0.5  # two quarters are a half exactly
    yield row(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0), 0.5
    yield row(2.0, 5.0, 2.0, 2.0, 2.0), 0.97
    yield row(0.0, -800.0, 1.0), 1
    yield row(0.0, -50.0, 1.0), 1.0
    yield row(3.0, -math.inf, 2.5, -math.inf), 0.9
    yield row(3.0, -math.inf, 2.5, -math.inf), 0.2
    yield row(700.0, 0.0, 699.0, 698.0), 0.9
    yield row(4.0), 0.3
    yield torch.stack([logs(0.7, 0.2, 0.1), logs(0.1, 0.3, 0.6), logs(0.34, 0.33, 0.33)]), 0.65
    yield scattered(rng, 2, 3, 6), 0.8
    yield logs(0.5, 0.3, 0.2).float(), 0.6
    yield torch.zeros(40, dtype=DOUBLE), 0.51  # beyond 16 a plain sort does not keep the order of equal ones
    yield thin_tail(), (1 + 37.5 * THIN) / (1 + 1200 * THIN)
    yield thin_tail(), (1 + 611.5 * THIN) / (1 + 1200 * THIN)
    yield logs(0.5, 0.3, 0.2), 0
    yield logs(0.5, 0.3, 0.2), 0.0
    yield logs(0.5, 0.3, 0.2), -0.5
    yield logs(0.5, 0.3, 0.2), 1.5
    yield logs(0.5, 0.3, 0.2), math.nan
    for _ in range(8):
        yield scattered(rng, rng.randint(1, 3), rng.randint(2, 9)), rng.choice([0.13, 0.43, 0.77, 0.91])


def bars(rng):
    """Sharp and flat rows, ties with the best, rows cut already, large logits; then a p that cannot be."""
    yield torch.tensor([3.0, 2.0, -1.0]), 0.1
    yield logs(0.5, 0.25, 0.15, 0.1), 0.4
    yield logs(0.5, 0.25, 0.15, 0.1), 0.21
    yield logs(0.15, 0.1, 0.5, 0.25), 0.25
    yield logs(0.9, 0.06, 0.04), 0.05
    yield row(1.0, 1.0, 0.0, 1.0), 1
    yield row(1.0, 1.0, 0.9, 1.0), 1.0
    yield row(3.0, -math.inf, 2.5, -math.inf), 0.9
    yield row(3.0, -math.inf, 2.5, 2.0), 0.3
    yield row(900.0, 899.0, 0.0), 0.3
    yield row(-900.0, -899.0, -990.0), 0.3
    yield row(0.0, -30.0, -20.0), 1e-10
    yield torch.stack([logs(0.7, 0.2, 0.1), logs(0.1, 0.3, 0.6)]), 0.4
    yield torch.stack([logs(0.7, 0.2, 0.1), logs(0.7, 0.2, 0.1) - 9]), 0.2
    yield scattered(rng, 2, 3, 6), 0.5
    yield logs(0.5, 0.3, 0.2).float(), 0.5
    yield logs(0.5, 0.3, 0.2), 0
    yield logs(0.5, 0.3, 0.2), -0.1
    yield logs(0.5, 0.3, 0.2), 1.5
    yield logs(0.5, 0.3, 0.2), math.nan
    for _ in range(8):
        yield scattered(rng, rng.randint(1, 3), rng.randint(2, 9)), rng.choice([0.05, 0.2, 0.5, 0.9])


def sayings(rng):
    """Positive and negative logits, repeated ids, nothing said, batches; then penalties that cannot be."""
    yield torch.tensor([3.0, -2.0, 1.0]), [0, 1, 0], 2.0
    yield row(3.0, -2.0, 1.0, -4.0), [1, 3], 1.5
    yield row(3.0, -2.0, 1.0, 0.0), [3, 0, 0, 0], 1.3
    yield row(3.0, -2.0, 1.0), [], 1.3
    yield row(3.0, -2.0, 1.0), [2, 2, 2, 1, 1], 2
    yield row(3.0, -2.0, 1.0), [0, 1], 1.0
    yield row(3.0, -2.0, 1.0), [0, 1], 0.5
    yield row(3.0, -math.inf, 1.0), [0, 1], 2.0
    yield row(3.0, -2.0, 1.0), torch.tensor([2, 0]), 2.0
    yield torch.tensor([[3.0, -2.0, 1.0], [3.0, -2.0, 1.0]]), torch.tensor([[0, 0], [1, 2]]), 2.0
    yield row(3.0, -2.0), [0], 0
    yield row(3.0, -2.0), [0], -1.0
    yield row(3.0, -2.0), [0], math.nan
    yield row(3.0, -2.0), [0], math.inf
    for _ in range(8):
        n = rng.randint(2, 6)
        yield scattered(rng, n), rng.choices(range(n), k=rng.randint(0, 5)), rng.choice([1.1, 1.3, 2.0, 0.7])


def draws(rng):
    """Borders, pieces of nothing at both ends, sums that are not 1, single precision; then what cannot be drawn from."""
    for u in (0.0, 0.2, 0.25, 0.6, 0.99):
        yield torch.tensor([0.25, 0.0, 0.75]), u
    for u in (0.0, 0.4, 0.5, 1 - 2**-53):
        yield row(0.0, 0.5, 0.0, 0.5, 0.0), u
    yield row(1.0, 2.0, 1.0), 0.5
    yield row(1.0, 2.0, 1.0), 0.8
    yield row(0.1, 0.1, 0.05), 0.95
    yield row(0.1, 0.1, 0.05), 0.3
    yield row(1.0), 0.7
    yield torch.tensor([1.0, 3e-8, 3e-8, 3e-8]), 1 - 4e-8
    yield torch.full((10,), 0.1), 1 - 2**-53
    yield row(1.0, *[2e-8] * 200), 1 - 2e-6
    yield row(1.0, *[2e-8] * 200), 1 - 3.1e-6
    yield row(0.3, 0.7), 1
    yield row(0.3, 0.7), 1.0
    yield row(0.3, 0.7), -0.1
    yield row(0.3, 0.7), math.nan
    yield row(0.0, 0.0), 0.5
    yield row(0.3, -0.1, 0.8), 0.5
    yield row(0.3, math.nan), 0.5
    yield row(0.3, math.inf), 0.5
    for _ in range(8):
        yield row(*(rng.randint(0, 4) for _ in range(5)), 1), rng.randint(0, 99) / 100 + 0.003


def endings(rng):
    """Whole stops, halves, two under way, one within another, repeated letters, no stops; then random ones."""
    yield "so far\n\nUs", ["\n\nUser:"]
    yield "xabc", ["abc", "b"]
    yield "xabc", ["b", "abc"]
    yield "xabc", ["bc", "abc"]
    yield "xabc", ["c", "abc", "bc"]
    yield "the END and END", ["END"]
    yield "the EN", ["END"]
    yield "the END", ["END"]
    yield "END", ["END"]
    yield "", ["END"]
    yield "no stop", []
    yield "aaab", ["aab"]
    yield "aaa", ["aab"]
    yield "aa", ["aab", "ab"]
    yield "abab", ["ababc"]
    yield "ababab", ["ababc"]
    yield "x\n", ["\n\n", "\nUser"]
    yield "x E", ["END", " EN", "E!"]
    yield "late: one two", ["two", "one"]
    yield "both ends ab", ["abc", "b!"]
    yield "cut</ans", ["</answer>"]
    yield "wie schön, ja", ["ön"]
    for _ in range(14):
        stops = ["".join(rng.choices("ab", k=rng.randint(1, 4))) for _ in range(rng.randint(1, 3))]
        yield "".join(rng.choices("abc", k=rng.randint(1, 7))), stops


def gaps(rng):
    """Near and far, ties, the border, one left, batches; then errors that are none."""
    yield torch.tensor([[3.0, 2.5, 0.0], [0.0, 1.0, 3.0]]), 0.25
    yield row(1.0, 4.0, 3.0), 0.25
    yield row(1.0, 4.0, 3.0), 0.75
    yield row(1.0, 4.0, 3.0), 0.5  # exactly twice
    yield row(1.0, 4.0, 3.0), 1
    yield row(2.0, 2.0, 1.0), 0
    yield row(2.0, 2.0, 1.0), 0.1
    yield row(2.0, 1.0, 1.0), 0.1
    yield row(2.0, 1.0, 1.0), 0
    yield row(-math.inf, 3.0, -math.inf), 5.0
    yield row(-3.0, -3.5, -9.0), 0.2
    yield row(-3.0, -3.5, -9.0), 0.3
    yield scattered(rng, 2, 3, 4), 0.125
    yield scattered(rng, 4, 2), 0.3
    yield row(1.0, 4.0, 3.0), -0.1
    yield row(1.0, 4.0, 3.0), math.nan
    for _ in range(8):
        yield scattered(rng, rng.randint(1, 4), rng.randint(2, 5)), rng.choice([0.1, 0.15, 0.3])


CHECKED_P = "    if not 0 < p <= 1:\n        raise ValueError(p)\n"
ALL = "    if p == 1:\n        return logits.clone()\n"
TOP_P = (
    f"def top_p(logits, p):\n{CHECKED_P}{ALL}"
    "    ordered, order = logits.sort(dim=-1, descending=True, stable=True)\n"
    "    chances = ordered.double().softmax(dim=-1)\n"
    "    before = chances.cumsum(dim=-1) - chances\n"
    "    gone = torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)\n"
    "    return logits.masked_fill(gone, -torch.inf)"
)
MIN_P = (
    f"def min_p(logits, p):\n{CHECKED_P}"
    "    bar = logits.amax(dim=-1, keepdim=True) + math.log(p)\n"
    "    return logits.masked_fill(logits < bar, -torch.inf)"
)
CHECKED_PENALTY = "    if not 0 < penalty < math.inf:\n        raise ValueError(penalty)\n"
PENALISED = (
    f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}"
    "    ids = torch.as_tensor(ids, dtype=torch.long)\n"
    "    said = logits.gather(-1, ids)\n"
    "    return logits.scatter(-1, ids, torch.where(said < 0, said * penalty, said / penalty))"
)
CHECKED_DRAW = (
    "    if not 0 <= u < 1 or not (p >= 0).all() or not 0 < p.sum() < math.inf:\n        raise ValueError(u)\n"
)
PICKED = (
    f"def picked(p, u):\n    p = p.double()\n{CHECKED_DRAW}"
    "    edges = p.cumsum(dim=0)\n"
    "    found = torch.searchsorted(edges, u * edges[-1], right=True).item()\n"
    "    return min(found, p.nonzero()[-1].item())"
)
CUT = (
    "def cut_at_stop(text, stops):\n    for end in range(1, len(text) + 1):\n"
    "        complete = [stop for stop in stops if text.endswith(stop, 0, end)]\n"
    "        if complete:\n            stop = max(complete, key=len)\n"
    '            return text[: end - len(stop)], "", stop\n'
    "    beginnings = (n for stop in stops for n in range(1, len(stop)) if text.endswith(stop[:n]))\n"
    "    held = max(beginnings, default=0)\n"
    "    return text[: len(text) - held], text[len(text) - held :], None"
)
HELD = CUT[CUT.index("    beginnings") :]
CHECKED_E = "    if not e >= 0:\n        raise ValueError(e)\n"
AT_RISK = (
    f"def at_risk(logits, e):\n{CHECKED_E}"
    "    best, second = logits.topk(2, dim=-1).values.unbind(dim=-1)\n"
    "    return best <= second + 2 * e"
)

EXERCISES = {
    "top_p": Judge(
        cases=nuclei,
        drive=with_argument,
        hints=(
            "On paper: probabilities 0.5, 0.4, 0.1 and p = 0.6. The first has 0 before it, the second 0.5, the third 0.9. "
            "Which of these are below 0.6?",
            "`values, order = logits.sort(dim=-1, descending=True, stable=True)`; softmax in doubles; `cumsum` minus "
            "the token's own probability is what stands before it.",
            "You know which sorted places are cut. `torch.zeros_like(cut).scatter(-1, order, cut)` brings that back to ids.",
        ),
        mistakes=with_unchecked(
            [CHECKED_P],
            {
                "without-the-crossing": Mistake(
                    "You stop before the token that reaches p, so the nucleus has less than p, and where the best token alone "
                    "has more than p you cut everything. Count what stands *before* a token.",
                    swap(TOP_P, (" - chances", ""), ("before >= p", "before > p")),
                ),
                "one-too-many": Mistake(
                    "Where the sum reaches p exactly you take one more. The probabilities before a token have to be *less* than p.",
                    swap(TOP_P, ("before >= p", "before > p")),
                ),
                "not-brought-back": Mistake(
                    "You cut sorted places from logits that are not sorted. The second result of `sort` says whose place it is.",
                    swap(
                        TOP_P,
                        ("torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)", "before >= p"),
                    ),
                ),
                "left-sorted": Mistake(
                    "Your logits come back in sorted order. Their place is their token's id: it has to stay.",
                    swap(TOP_P, ("    return logits.masked_fill(gone,", "    return ordered.masked_fill(before >= p,")),
                ),
                "smallest-first": Mistake(
                    "You sort upwards and keep the least probable tokens until they add up to p.",
                    swap(TOP_P, ("descending=True", "descending=False")),
                ),
                "a-threshold": Mistake(
                    "You compare each probability with p alone. It is the sum of those before it that counts.",
                    swap(TOP_P, ("before >= p", "chances < 1 - p")),
                ),
                "zeros": Mistake(
                    "A logit of 0 is a token like any other: e⁰ = 1. What is cut has to be −∞.",
                    swap(TOP_P, ("-torch.inf)", "0.0)")),
                ),
                "probabilities": Mistake(
                    "You give back probabilities. Logits came in, and logits have to come out: the next step divides by T.",
                    swap(TOP_P, ("    return logits.masked", "    return logits.softmax(dim=-1).masked")),
                ),
                "first-axis": Mistake(
                    "Right for one row. In a batch each row has a nucleus of its own: softmax and sums go over the last axis.",
                    swap(TOP_P, ("softmax(dim=-1)", "softmax(dim=0)"), ("cumsum(dim=-1)", "cumsum(dim=0)")),
                ),
                "in-place": Mistake(
                    "Right, and written into the caller's logits: whoever wants to know what the model said cannot any more.",
                    swap(TOP_P, ("logits.masked_fill(", "logits.masked_fill_(")),
                ),
                "one-by-rounding": Mistake(
                    "Nearly. At p = 1 all of it stays, and with you a token after which the sum is rounded to 1 is gone.",
                    swap(TOP_P, (ALL, "")),
                ),
                "unstable": Mistake(
                    "Right but for equal logits: of these the lower index comes first. `stable=True` keeps their order.",
                    swap(
                        TOP_P,
                        (
                            "    ordered, order = logits.sort(dim=-1, descending=True, stable=True)\n",
                            "    ordered, order = logits.flip(-1).sort(dim=-1, descending=True, stable=True)\n"
                            "    order = logits.shape[-1] - 1 - order\n",
                        ),
                    ),
                ),
                "all-doubles": Mistake(
                    "The sums belong in double precision; the logits that come back have the type in which they came.",
                    swap(TOP_P, ("    return logits.masked", "    return logits.double().masked")),
                ),
                "nothing-checked": Mistake(
                    "Right nuclei. A p of 0, of 1.5 or of NaN is a mistake of the caller: refuse it with a ValueError.",
                    swap(TOP_P, (CHECKED_P, "")),
                ),
                "zero-allowed": Mistake(
                    "Right nuclei. But p = 0 would keep nothing, and NaN compares as False with everything: write the check as "
                    "*not (0 < p <= 1)*.",
                    swap(TOP_P, ("if not 0 < p <= 1:", "if p < 0 or p > 1:")),
                ),
            },
        ),
        also=(
            f"def top_p(logits, p):\n{CHECKED_P}    flat = logits.reshape(-1, logits.shape[-1])\n    found = flat.clone()\n"
            "    if p == 1:\n        return found.view(logits.shape)\n"
            "    for r in range(len(flat)):\n        chances = flat[r].double().softmax(-1).tolist()\n        total = 0.0\n"
            "        for i in sorted(range(len(chances)), key=lambda i: (-flat[r, i].item(), i)):\n"
            "            if total >= p:\n                found[r, i] = -math.inf\n            total += chances[i]\n"
            "    return found.view(logits.shape)",
        ),
    ),
    "min_p": Judge(
        cases=bars,
        drive=with_argument,
        hints=(
            "Probabilities 0.5, 0.25, 0.15, 0.1 and p = 0.25: the bar is a quarter of 0.5. Who is below it?",
            "pᵢ < p · p_best is zᵢ < z_best + ln p: take the logarithm of both sides. No softmax is needed.",
            "`logits.amax(dim=-1, keepdim=True)` is the best of each row, in a shape that can be compared with the row.",
        ),
        mistakes=with_unchecked(
            [CHECKED_P],
            {
                "absolute": Mistake(
                    "You compare the probabilities with p itself. On a flat place that cuts everything. The bar is p times the best.",
                    swap(
                        MIN_P,
                        ("    bar = logits.amax(dim=-1, keepdim=True) + math.log(p)\n", ""),
                        ("logits < bar", "logits.softmax(dim=-1) < p"),
                    ),
                ),
                "of-logits": Mistake(
                    "p times the best *logit* means nothing: a logit may be negative. It is p times the best probability.",
                    swap(
                        MIN_P,
                        ("logits.amax(dim=-1, keepdim=True) + math.log(p)", "logits.amax(dim=-1, keepdim=True) * p"),
                    ),
                ),
                "minus-p": Mistake(
                    "You lower the bar by p. A factor of probabilities is a *logarithm* among logits: add ln p.",
                    swap(MIN_P, ("+ math.log(p)", "- p")),
                ),
                "wrong-sign": Mistake(
                    "ln p is negative, and you subtract it: the bar is above the best, and everything is cut.",
                    swap(MIN_P, ("+ math.log(p)", "- math.log(p)")),
                ),
                "all-rows": Mistake(
                    "You take the best of all rows together. Each row has a bar of its own.",
                    swap(MIN_P, ("logits.amax(dim=-1, keepdim=True)", "logits.max()")),
                ),
                "best-cut": Mistake(
                    "What is at the bar stays. With p = 1 you cut the best one itself.",
                    swap(MIN_P, ("logits < bar", "logits <= bar")),
                ),
                "log-two": Mistake(
                    "Softmax is of base e, and so is the logarithm that belongs to it: `math.log`, not `log2` or `log10`.",
                    swap(MIN_P, ("math.log(p)", "math.log2(p)")),
                ),
                "zeros": Mistake(
                    "A logit of 0 is a token like any other: e⁰ = 1. What is cut has to be −∞.",
                    swap(MIN_P, ("-torch.inf)", "0.0)")),
                ),
                "probabilities": Mistake(
                    "You give back probabilities. Logits came in, and logits have to come out.",
                    swap(MIN_P, ("    return logits.masked", "    return logits.softmax(dim=-1).masked")),
                ),
                "turned-round": Mistake(
                    "You cut what is above the bar, and keep the tail.",
                    swap(MIN_P, ("logits < bar", "logits > bar")),
                ),
                "in-place": Mistake(
                    "Right, and written into the caller's logits: whoever wants to know what the model said cannot any more.",
                    swap(MIN_P, ("logits.masked_fill(", "logits.masked_fill_(")),
                ),
                "nothing-checked": Mistake(
                    "Right bars. A p of 0, of 1.5 or of NaN is a mistake of the caller: a ValueError that says what was expected.",
                    swap(MIN_P, (CHECKED_P, ""), ("math.log(p)", "float(torch.tensor(float(p)).log())")),
                ),
                "only-above": Mistake(
                    "Right bars, and a p of 1.5 or of NaN gets through: write the check as *not (0 < p <= 1)*.",
                    swap(MIN_P, ("if not 0 < p <= 1:", "if p <= 0:")),
                ),
            },
        ),
        also=(
            f"def min_p(logits, p):\n{CHECKED_P}    chances = (logits - logits.amax(-1, keepdim=True)).double().exp()\n"
            "    return torch.where(chances >= p * (1 - 1e-12), logits, -torch.inf).to(logits.dtype)",
        ),
    ),
    "penalised": Judge(
        cases=sayings,
        drive=with_argument,
        hints=(
            "On paper: 3 and −2, both said, penalty 2. What makes each of them *less* likely?",
            "Read all of them first: `said = logits.gather(-1, ids)`, with ids as a tensor of whole numbers.",
            "Then write all at once into a copy: `logits.scatter(-1, ids, …)`. An id that comes twice writes the same twice.",
        ),
        mistakes=with_unchecked(
            [CHECKED_PENALTY],
            {
                "divided": Mistake(
                    "You divide negative logits too, and −2 / 2 = −1 is a reward. Those are multiplied.",
                    swap(PENALISED, ("torch.where(said < 0, said * penalty, said / penalty)", "said / penalty")),
                ),
                "turned-round": Mistake(
                    "The other way round: with you, what has been said becomes more likely.",
                    swap(PENALISED, ("said < 0", "said > 0")),
                ),
                "each-time": Mistake(
                    "What was said twice is penalised twice. Once is the rule: the second time you read what the first has "
                    "written.",
                    f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}    found = logits.clone()\n    for i in ids:\n"
                    "        found[..., i] = torch.where(found[..., i] < 0, found[..., i] * penalty, found[..., i] / penalty)\n"
                    "    return found",
                ),
                "subtracted": Mistake(
                    "You subtract. That is a presence penalty, which some servers have; this one divides and multiplies.",
                    swap(PENALISED, ("torch.where(said < 0, said * penalty, said / penalty)", "said - penalty")),
                ),
                "subtracted-log": Mistake(
                    "Subtracting ln of the penalty divides the *probability*, a sensible rule, and not this one: the logit is "
                    "divided or multiplied.",
                    swap(
                        PENALISED, ("torch.where(said < 0, said * penalty, said / penalty)", "said - math.log(penalty)")
                    ),
                ),
                "everybody": Mistake(
                    "You penalise all tokens, said or not.",
                    swap(
                        PENALISED,
                        (
                            "logits.scatter(-1, ids, torch.where(said < 0, said * penalty, said / penalty))",
                            "torch.where(logits < 0, logits * penalty, logits / penalty)",
                        ),
                    ),
                ),
                "in-place": Mistake(
                    "Right numbers, written into the caller's logits. Make a new tensor.",
                    swap(PENALISED, ("logits.scatter(", "logits.scatter_(")),
                ),
                "forbidden": Mistake(
                    "You forbid what was said altogether. It is to become less likely.",
                    swap(
                        PENALISED,
                        ("torch.where(said < 0, said * penalty, said / penalty)", "torch.full_like(said, -torch.inf)"),
                    ),
                ),
                "zero-multiplied": Mistake(
                    "You multiply all and divide none: a positive logit times 2 is a reward.",
                    swap(PENALISED, ("torch.where(said < 0, said * penalty, said / penalty)", "said * penalty")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. A penalty of 0 divides by zero, and a negative one turns the order round: refuse both, and NaN.",
                    swap(PENALISED, (CHECKED_PENALTY, "")),
                ),
                "below-one-refused": Mistake(
                    "A penalty below 1 is a reward, odd and allowed. Refused is what is not above 0, or not finite.",
                    swap(PENALISED, ("if not 0 < penalty < math.inf:", "if not 1 <= penalty < math.inf:")),
                ),
            },
        ),
        also=(
            f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}    ids = torch.as_tensor(ids).long()\n"
            "    said = torch.zeros(logits.shape, dtype=torch.bool)\n    said.scatter_(-1, ids, True)\n"
            "    factor = torch.where(logits < 0, penalty, 1 / penalty).to(logits.dtype)\n"
            "    return torch.where(said, torch.where(logits < 0, logits * penalty, logits / penalty), logits)",
        ),
    ),
    "picked": Judge(
        cases=draws,
        hints=(
            "Pieces of 0.25, 0 and 0.75. On which piece does u = 0.25 fall, if a piece owns its beginning and not its end?",
            "`p.double().cumsum(0)` are the ends of the pieces. The sum need not be 1: multiply u by the last end.",
            "`torch.searchsorted(edges, x, right=True)` is the first index whose edge *exceeds* x. And at the very end, "
            "rounding may put x on the last edge: take the last index with a weight.",
        ),
        mistakes=with_unchecked(
            [CHECKED_DRAW],
            {
                "reaches": Mistake(
                    "You take the first sum that *reaches* u: u = 0 picks a first token of probability 0, and a u on a border the "
                    "token before it. It has to *exceed*.",
                    swap(PICKED, ("right=True", "right=False")),
                ),
                "sum-of-one": Mistake(
                    "You trust the weights to add up to 1. Multiply u by what they really add up to.",
                    swap(PICKED, ("u * edges[-1]", "torch.tensor(u, dtype=torch.double)")),
                ),
                "best": Mistake(
                    "You take the best one, whatever u is. That is greedy.",
                    f"def picked(p, u):\n    p = p.double()\n{CHECKED_DRAW}    return p.argmax().item()",
                ),
                "own-chance": Mistake(
                    "You draw with torch's own generator, and u does nothing: nobody can replay that.",
                    f"def picked(p, u):\n    p = p.double()\n{CHECKED_DRAW}    return torch.multinomial(p, 1).item()",
                ),
                "single-precision": Mistake(
                    "Your running sum is in single precision: behind a large one, small weights are rounded away and never "
                    "picked. First `double`, then `cumsum`.",
                    swap(PICKED, ("edges = p.cumsum(dim=0)", "edges = p.float().cumsum(dim=0)")),
                ),
                "a-tensor": Mistake(
                    "The right index, as a tensor. What is appended to a list of ids is an int: `.item()`.",
                    swap(
                        PICKED,
                        (
                            "    return min(found, p.nonzero()[-1].item())",
                            "    return torch.tensor(min(found, p.nonzero()[-1].item()))",
                        ),
                    ),
                ),
                "sorted": Mistake(
                    "You lay out the pieces in order of their size. Here the order is that of the indices.",
                    f"def picked(p, u):\n    p = p.double()\n{CHECKED_DRAW}    p, order = p.sort(descending=True)\n"
                    "    edges = p.cumsum(0)\n    found = torch.searchsorted(edges, u * edges[-1], right=True).item()\n"
                    "    return order[min(found, (p > 0).sum().item() - 1)].item()",
                ),
                "one-less": Mistake(
                    "You count the borders below u and subtract one: every pick is one index too low.",
                    swap(PICKED, ("    return min(found,", "    return max(0, found - 1) if True else min(found,")),
                ),
                "u-checked-only": Mistake(
                    "Right picks. Weights that are negative, all zero, infinite or NaN pick something too, and nonsense: "
                    "refuse them.",
                    swap(
                        PICKED,
                        (
                            "if not 0 <= u < 1 or not (p >= 0).all() or not 0 < p.sum() < math.inf:",
                            "if not 0 <= u < 1:",
                        ),
                        ("p.nonzero()[-1].item()", "len(p) - 1"),
                    ),
                ),
                "one-allowed": Mistake(
                    "Right picks. But u = 1 is not in [0, 1): a piece owns its beginning, and the last one ends there.",
                    swap(PICKED, ("0 <= u < 1", "0 <= u <= 1")),
                ),
                "nothing-checked": Mistake(
                    "Right picks. What cannot be drawn from, and a u outside [0, 1), deserve a ValueError.",
                    swap(PICKED, (CHECKED_DRAW, ""), ("p.nonzero()[-1].item()", "len(p) - 1")),
                ),
            },
        ),
        also=(
            "def picked(p, u):\n    weights = p.double().tolist()\n"
            "    if not 0 <= u < 1 or any(not 0 <= w < math.inf for w in weights) or sum(weights) == 0:\n"
            "        raise ValueError('no')\n    mark, running, last = u * p.double().cumsum(0)[-1].item(), 0.0, None\n"
            "    for i, w in enumerate(weights):\n        running += w\n        last = i if w else last\n"
            "        if running > mark:\n            return i\n    return last",
        ),
    ),
    "cut_at_stop": Judge(
        cases=endings,
        hints=(
            "Take the text letter by letter, as it would have come. After each letter: is there a stop that ends here?",
            "`text.endswith(stop, 0, end)` looks at the text up to `end`. If several end there, the longest one counts.",
            "No stop: for each stop and each n below its length, does the text end with `stop[:n]`? Hold the largest such n.",
        ),
        mistakes={
            "begins-first": Mistake(
                "You take the stop that *begins* first. If the text comes in pieces, another one may be complete before it, and "
                "without waiting on the answer depends on the pieces. Which one is complete first?",
                swap(
                    CUT,
                    (
                        CUT[CUT.index("    for end") : CUT.index("    beginnings")],
                        "    found = [(text.find(stop), -len(stop), stop) for stop in stops if stop in text]\n"
                        '    if found:\n        at, _, stop = min(found)\n        return text[:at], "", stop\n',
                    ),
                ),
            ),
            "list-order": Mistake(
                "You take the first stop of the *list* that is in the text. What counts is which is complete first in the text.",
                swap(
                    CUT,
                    (
                        CUT[CUT.index("    for end") : CUT.index("    beginnings")],
                        "    for stop in stops:\n        if stop in text:\n"
                        '            return text[: text.index(stop)], "", stop\n',
                    ),
                ),
            ),
            "shortest": Mistake(
                "Of stops that are complete at the same letter you take the shorter one, and show the beginning of the longer.",
                swap(CUT, ("max(complete, key=len)", "min(complete, key=len)")),
            ),
            "nothing-held": Mistake(
                "Whole stops are found. But half of one is shown, and it cannot be taken back when the other half comes.",
                swap(CUT, (HELD, '    return text, "", None')),
            ),
            "longest-held": Mistake(
                "You hold as many letters as the longest stop could need, whatever they are. Hold only what is the beginning of one.",
                swap(
                    CUT,
                    (
                        HELD,
                        "    held = min(len(text), max(map(len, stops), default=1) - 1)\n"
                        + HELD[HELD.index("    return") :],
                    ),
                ),
            ),
            "shortest-held": Mistake(
                "Two beginnings are under way, and you hold the shorter. The longer one may still be completed.",
                swap(CUT, ("max(beginnings, default=0)", "min(beginnings, default=0)")),
            ),
            "one-letter-held": Mistake(
                "You hold a last letter with which a stop could begin. Two letters may be the beginning as well, or five.",
                swap(CUT, ("range(1, len(stop))", "range(1, min(2, len(stop)))")),
            ),
            "first-stop-held": Mistake(
                "You look at the beginnings of the first stop only.",
                swap(CUT, ("for stop in stops for n", "for stop in stops[:1] for n")),
            ),
            "with-the-stop": Mistake(
                "The stop itself is shown. What may be shown ends before it.",
                swap(CUT, ("text[: end - len(stop)]", "text[:end]")),
            ),
            "rest-held": Mistake(
                "What comes behind a stop is not held, it is dropped: the text is over.",
                swap(CUT, ('len(stop)], "", stop', "len(stop)], text[end:], stop")),
            ),
            "last": Mistake(
                "You cut at the last stop in the text. The first one that is complete ends it.",
                swap(CUT, ("range(1, len(text) + 1)", "range(len(text), 0, -1)")),
            ),
            "only-at-the-end": Mistake(
                "You look for a stop at the end of the text only. A piece may bring a stop and more behind it.",
                swap(CUT, ("range(1, len(text) + 1)", "range(len(text), len(text) + 1)")),
            ),
            "empty-for-none": Mistake(
                "Right cuts. Where there was no stop, the third is None: an empty text is a text.",
                swap(CUT, (":], None", ':], ""')),
            ),
        },
        also=(
            "def cut_at_stop(text, stops):\n    ends = sorted((text.find(s) + len(s), -len(s), s) for s in stops if s in text)\n"
            "    if ends:\n        end, size, stop = ends[0]\n        return text[: end + size], '', stop\n"
            "    for at in range(len(text)):\n        if any(s.startswith(text[at:]) for s in stops):\n"
            "            return text[:at], text[at:], None\n    return text, '', None",
        ),
    ),
    "at_risk": Judge(
        cases=gaps,
        hints=(
            "The best is 4, the second 3, and each may be off by a half. Can they meet? And by 0.4?",
            "One may be too high by e and the other too low by e: they can come closer by 2 e.",
            "`logits.topk(2, dim=-1).values` has the best two in its last axis; take them apart with `[..., 0]` and `[..., 1]`.",
        ),
        mistakes=with_unchecked(
            [CHECKED_E],
            {
                "one-error": Mistake(
                    "You let one of the two be off. Both may be, in opposite directions.",
                    swap(AT_RISK, ("2 * e", "e")),
                ),
                "strictly": Mistake(
                    "Where they can meet exactly, the index decides, and that may be another: at most, not less than.",
                    swap(AT_RISK, ("<=", "<")),
                ),
                "turned-round": Mistake(
                    "You say where nothing can happen. True is: at risk.",
                    swap(AT_RISK, ("<=", ">")),
                ),
                "different-values": Mistake(
                    "You take the two best *different* values. Two equal best logits have a gap of 0: they are the riskiest.",
                    f"def at_risk(logits, e):\n{CHECKED_E}    best = logits.amax(dim=-1, keepdim=True)\n"
                    "    second = logits.masked_fill(logits == best, -torch.inf).amax(dim=-1)\n"
                    "    return best[..., 0] <= second + 2 * e",
                ),
                "in-order": Mistake(
                    "You compare the first two tokens of a row. It is the two best that count.",
                    swap(
                        AT_RISK,
                        ("logits.topk(2, dim=-1).values.unbind(dim=-1)", "logits[..., 0], logits[..., 1]"),
                    ),
                ),
                "worst": Mistake(
                    "You compare the two smallest logits: `sort` begins with those.",
                    swap(
                        AT_RISK,
                        (
                            "logits.topk(2, dim=-1).values.unbind(dim=-1)",
                            "logits.sort(dim=-1).values[..., :2].flip(-1).unbind(dim=-1)",
                        ),
                    ),
                ),
                "against-all": Mistake(
                    "You compare the best with the smallest. The nearest rival is the second best.",
                    swap(
                        AT_RISK,
                        ("logits.topk(2, dim=-1).values.unbind(dim=-1)", "logits.amax(dim=-1), logits.amin(dim=-1)"),
                    ),
                ),
                "of-probabilities": Mistake(
                    "You compare probabilities with an error of logits. The error is in the logits: compare these.",
                    swap(AT_RISK, ("logits.topk", "logits.softmax(dim=-1).topk")),
                ),
                "any-row": Mistake(
                    "One answer for all. Each place has its own.",
                    swap(AT_RISK, ("    return best <= second + 2 * e", "    return (best <= second + 2 * e).any()")),
                ),
                "nothing-checked": Mistake(
                    "Right places. An error below 0 is none, and NaN is no number: refuse both.",
                    swap(AT_RISK, (CHECKED_E, "")),
                ),
            },
        ),
        also=(
            "def at_risk(logits, e):\n    if e < 0 or e != e:\n        raise ValueError('no')\n"
            "    ordered = logits.sort(dim=-1, descending=True).values\n    return ordered[..., 0] - ordered[..., 1] <= 2 * e",
        ),
    ),
}

NATURAL_TOP_P = {  # the same mistakes in hands that have not thought of p = 1
    slug: Mistake(
        f"{mistake.words} And p = 1 keeps everything, whatever rounding does.", swap(mistake.wrong, (ALL, ""))
    )
    for slug, mistake in EXERCISES["top_p"].mistakes.items()
    if slug.removesuffix("-unchecked") in ("zeros", "first-axis", "all-doubles", "in-place")
}
EXERCISES["top_p"].mistakes.update({f"{slug}-no-one": mistake for slug, mistake in NATURAL_TOP_P.items()})
PORTED = (
    f"def top_p(logits, p):\n{CHECKED_P}    ordered, order = torch.sort(logits, descending=False)\n"
    "    total = ordered.softmax(dim=-1).cumsum(dim=-1)\n    gone = total <= 1 - p\n    gone[..., -1:] = False\n"
    "    return logits.masked_fill(gone.scatter(-1, order, gone), -torch.inf)"
)
ROW_BY_HAND = (
    f"def top_p(logits, p):\n{CHECKED_P}    chances, order = logits.softmax(dim=-1).sort(descending=True)\n"
    "    n = (chances.cumsum(dim=-1) < p).sum() + 1\n    found = torch.full_like(logits, -torch.inf)\n"
    "    found[order[:n]] = logits[order[:n]]\n    return found"
)
EXERCISES["top_p"].mistakes.update(
    with_unchecked(
        [CHECKED_P],
        {
            "ported": Mistake(
                "That is how transformers does it, and nearly right. Of equal logits the *lower* index comes first, and p = 1 "
                "keeps everything, what is rounded to a probability of 0 as well.",
                PORTED,
            ),
            "one-row": Mistake(
                "Right for one row. A batch has several, and each has a nucleus of its own size: compare what stands before "
                "each token with p, along the last axis. (And p = 1 keeps everything.)",
                ROW_BY_HAND,
            ),
        },
    )
)
FIRST_KEPT = (  # sums up to p itself, and the best one saved by hand
    f"def top_p(logits, p):\n{CHECKED_P}{ALL}"
    "    chances, order = logits.double().softmax(dim=-1).sort(dim=-1, descending=True, stable=True)\n"
    "    keep = chances.cumsum(dim=-1) <= p\n    keep[..., 0] = True\n"
    "    return logits.masked_fill(~torch.zeros_like(keep).scatter(-1, order, keep), -torch.inf)"
)
SINGLE = swap(TOP_P, ("ordered.double().softmax", "ordered.softmax"))
TIES_KEPT = (
    f"def top_p(logits, p):\n{CHECKED_P}{ALL}"
    "    chances = logits.double().softmax(dim=-1)\n    ordered = chances.sort(dim=-1, descending=True).values\n"
    "    n = (ordered.cumsum(dim=-1) - ordered < p).sum(dim=-1, keepdim=True)\n"
    "    return logits.masked_fill(chances < ordered.gather(-1, n - 1), -torch.inf)"
)
PRECISE = {
    "first-kept": Mistake(
        "You keep tokens while the sum *with* them is at most p, and save the first one by hand. The one that reaches p stays "
        "as well: it is the sum before a token that has to be below p.",
        FIRST_KEPT,
    ),
    "first-kept-below": Mistake(
        "You keep tokens while the sum *with* them is below p, and save the first one by hand. The one that reaches p stays "
        "as well: it is the sum before a token that has to be below p.",
        swap(FIRST_KEPT, ("<= p", "< p")),
    ),
    "single": Mistake(
        "Right where tokens are few. In single precision the sum of thousands is off by more than a token of the tail: "
        "`double()` before softmax.",
        SINGLE,
    ),
    "ties-kept": Mistake(
        "You cut by value: of equal tokens at the border all stay. Here it is one token after the other, and of equal logits "
        "the lower index comes first.",
        TIES_KEPT,
    ),
}
PLAIN_SORT = swap(TOP_P, (", stable=True", ""))
if torch.zeros(40, dtype=DOUBLE).sort(descending=True).indices.tolist() != list(range(40)):  # not so on every processor
    PRECISE["plain-sort"] = Mistake(
        "Right but for equal logits: of these the lower index comes first, and `sort` keeps that order only when it is asked "
        "to, with `stable=True`.",
        PLAIN_SORT,
    )
NO_ONE = {
    f"{slug}-no-one": Mistake(
        f"{mistake.words} And p = 1 keeps everything, whatever rounding does.", swap(mistake.wrong, (ALL, ""))
    )
    for slug, mistake in PRECISE.items()
    if slug != "first-kept"  # there it makes no difference
}
EXERCISES["top_p"].mistakes.update(with_unchecked([CHECKED_P], PRECISE | NO_ONE))
EXERCISES["penalised"].mistakes.update(
    with_unchecked(
        [CHECKED_PENALTY],
        {
            "one-row": Mistake(
                "Right for one row. In a batch each row has ids of its own, and you penalise everybody's in every row: `gather` "
                "and `scatter` go row by row.",
                f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}    found = logits.clone()\n"
                "    said = found[..., ids]\n"
                "    found[..., ids] = torch.where(said > 0, said / penalty, said * penalty)\n    return found",
            ),
            "loop": Mistake(
                "Right for one row and a list. Logits may be a batch, with a tensor of ids for each row: without a loop it is "
                "the same three lines for both.",
                f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}    found = logits.clone()\n    for i in set(ids):\n"
                "        found[i] = found[i] / penalty if found[i] > 0 else found[i] * penalty\n    return found",
            ),
            "divided-loop": Mistake(
                "You divide negative logits too, and −2 / 2 = −1 is a reward. And a batch has ids for each row.",
                f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}    found = logits.clone()\n    for i in set(ids):\n"
                "        found[i] /= penalty\n    return found",
            ),
            "each-time-loop": Mistake(
                "What was said twice is penalised twice: the second time you read what the first has written. And a batch has "
                "ids for each row.",
                f"def penalised(logits, ids, penalty):\n{CHECKED_PENALTY}    found = logits.clone()\n    for i in ids:\n"
                "        if found[i] > 0:\n            found[i] /= penalty\n        else:\n            found[i] *= penalty\n"
                "    return found",
            ),
        },
    )
)
EXERCISES["picked"].mistakes.update(
    {
        "reaches-plain": Mistake(
            "`searchsorted` alone finds the first sum that *reaches* u, and in single precision; `right=True` is the first that "
            "exceeds it, and doubles keep small weights apart. Then look at what is refused.",
            "def picked(p, u):\n    edges = p.cumsum(0)\n    return int(torch.searchsorted(edges, u * edges[-1]))",
        ),
        "only-u": Mistake(
            "Right picks. What are weights of which none is above 0, or one is NaN? Refuse what cannot be drawn from.",
            "def picked(p, u):\n    if not 0 <= u < 1:\n        raise ValueError(u)\n    edges = p.double().cumsum(0)\n"
            "    return int(torch.searchsorted(edges, u * edges[-1], right=True))",
        ),
        "sum-of-one-plain": Mistake(
            "You compare the sums with u itself, as if the weights added up to 1. Multiply u by what they add up to; then nothing "
            "falls off the end but by rounding.",
            f"def picked(p, u):\n    p = p.double()\n{CHECKED_DRAW}"
            "    edges = p.cumsum(0)\n"
            "    return torch.searchsorted(edges, torch.tensor(u, dtype=torch.double), right=True).item()",
        ),
        "single-precision-plain": Mistake(
            "Your running sum is in single precision: small weights are rounded away behind a large one, and a u near 1 falls "
            "off the end. First `double`, then `cumsum`.",
            f"def picked(p, u):\n{CHECKED_DRAW}    edges = p.cumsum(0)\n"
            "    return torch.searchsorted(edges, u * edges[-1], right=True).item()",
        ),
        "plain": Mistake(
            "Right picks. What cannot be drawn from, and a u outside [0, 1), deserve a ValueError, and not an index.",
            "def picked(p, u):\n    edges = p.double().cumsum(0)\n"
            "    return int(torch.searchsorted(edges, u * edges[-1], right=True))",
        ),
    }
)
EXERCISES["cut_at_stop"].mistakes["list-order-nothing-held"] = Mistake(
    "You take the first stop of the *list*, and what counts is which is complete first in the text. And where there is none, "
    "what may yet become one has to wait.",
    "def cut_at_stop(text, stops):\n    for stop in stops:\n        if stop in text:\n"
    '            return text[: text.index(stop)], "", stop\n    return text, "", None',
)
FOUND = (
    "def cut_at_stop(text, stops):\n    ends = sorted((text.find(s) + len(s), -len(s), s) for s in stops if s in text)\n"
    "    if ends:\n        end, size, stop = ends[0]\n        return text[: end + size], '', stop\n"
)
EXERCISES["cut_at_stop"].mistakes["minus-nothing"] = Mistake(
    "Where nothing is held you cut at `-0`, which is 0: `text[:-0]` is empty. Count from the front, `text[: len(text) - n]`.",
    FOUND + HELD.replace("text[: len(text) - held], text[len(text) - held :]", "text[:-held], text[-held:]"),
)
EXERCISES["at_risk"].mistakes.update(
    with_unchecked(
        [CHECKED_E],
        {
            "one-error-strictly": Mistake(
                "You let one of the two be off; both may be. And where they can meet exactly, the index decides: at most.",
                swap(AT_RISK, ("<= second + 2 * e", "< second + e")),
            ),
        },
    )
    | {
        "strictly-nan-allowed": Mistake(
            "Where they can meet exactly, the index decides, and that may be another: at most, not less than. (And NaN is to "
            "be refused: `e < 0` lets it through.)",
            swap(AT_RISK, ("if not e >= 0:", "if e < 0:"), ("<=", "<")),
        ),
        "strictly-by-difference": Mistake(
            "A gap of exactly 2 e is at risk: there they can meet, and then the index decides. At most, not less than. (And NaN "
            "is to be refused: `e < 0` lets it through.)",
            swap(AT_RISK, ("if not e >= 0:", "if e < 0:"), ("best <= second + 2 * e", "best - second < 2 * e")),
        ),
        "nan-allowed": Mistake(
            "Right places. NaN compares as False with everything, so `e < 0` lets it through: write *not e >= 0*.",
            swap(AT_RISK, ("if not e >= 0:", "if e < 0:")),
        ),
    }
)

QUIZ = (
    Question(
        "widget",
        "On the flat place, with top-p 0.9 alone and then with min-p 0.1 alone: what happens when T goes from 1 to 2?",
        (
            ("Both keep what they kept: ranks do not change", "True of top-k. Sums and ratios do change with T."),
            (
                "Top-p keeps thousands more, min-p a hundred or two",
                "A sum of many small things grows; a ratio to the best, less.",
            ),
            ("Min-p keeps thousands more, top-p a hundred or two", "Turn them again: which of the two counts a sum?"),
            (
                "Both keep fewer, since a flat place is uncertain",
                "Flatter means that more tokens are needed, or are near.",
            ),
        ),
        right=1,
    ),
    Question(
        "stops",
        "Why does the stop that is complete first count, and not the one that begins first?",
        (
            ("It is the shorter one, and so it costs less", "It need not be shorter, and cost was not the question."),
            ("The earlier one would show too much of the text", "It would show less. Look at what the pieces do."),
            (
                "Otherwise one would wait on, or depend on the pieces",
                "Letter by letter, the other had no chance to be seen.",
            ),
            ("Servers are free to choose, and most chose this", "Perhaps; here there is a law that decides it."),
        ),
        right=2,
    ),
    Question(
        "zero",
        "The same prompt at temperature 0 gave another answer an hour later. What is the likeliest reason?",
        (
            (
                "The server's batch had another shape at that time",
                "Other shapes add in another order; a near tie does the rest.",
            ),
            ("Temperature 0 is in truth a very small temperature", "Then it would be a lottery; it is an argmax."),
            (
                "The processor makes random errors, if very rarely",
                "Same shape, same machine: the same bits, every time.",
            ),
            (
                "The seed of the server's generator was another one",
                "Nothing is drawn at temperature 0, so no seed is used.",
            ),
        ),
        right=0,
    ),
    Question(
        "penalty",
        "A code assistant with a repetition penalty of 1.3 misspells variables. Why?",
        (
            ("The penalty makes every rare token more probable", "It touches only what has been said."),
            ("It was trained on code in which names are unique", "The same model copies well with a penalty of 1."),
            ("The draws leave the head, so that a slip happens", "It happens in greedy text as well."),
            ("The right name has been said, and is pushed down", "All that may be quoted has been said before."),
        ),
        right=3,
    ),
    Question(
        "race",
        "Why did draws by a race survive small errors in the logits, where draws along a line by id did not?",
        (
            (
                "Gumbel noise is larger than the errors, and hides them",
                "The u of the line is large as well. What does it meet?",
            ),
            (
                "On the line, every error in front moves all borders",
                "In the race each logit meets its own number alone.",
            ),
            ("The race uses doubles, and the line single precision", "Both were in doubles."),
            (
                "A race takes the best token more often than it should",
                "It fits the same probabilities: chi-square said so.",
            ),
        ),
        right=1,
    ),
)

REVIEWS = {
    "crossing": Verdict(
        of="top_p",
        right=False,
        why="The token that crosses p is cut, so that the nucleus has less than p. Where the best token alone has more than p, and "
        "on confident places that is the rule, everything is cut, and softmax of nothing is NaN. The test took rows on which no "
        "token had nine tenths.",
        cases=nuclei,
        witness=(row(0.0, 5.0, 0.0), 0.5),
    ),
    "one-formula": Verdict(
        of="penalised",
        right=True,
        why="penalty¹ for positive logits, penalty⁻¹ for negative ones, and dividing by the inverse is multiplying; penalty⁰ = 1 for "
        "zero, which stays zero either way. −∞ stays −∞. It may round differently in the last bit, so that `torch.equal` with "
        "transformers would no longer hold and `allclose` would: a reason to say so in the change, not to refuse it.",
        cases=sayings,
        witness=None,
    ),
    "earliest": Verdict(
        of="cut_at_stop",
        right=False,
        why="Which stop begins first is only known when it is complete, and by then another may have been complete, and acted upon. "
        "Fed letter by letter, the text ends at another place than fed at once: the answer depends on how the network cut it.",
        cases=endings,
        witness=("4</answer>", ["</answer>", "ans"]),
    ),
}
