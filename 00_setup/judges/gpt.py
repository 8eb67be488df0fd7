"""What the exercises of `03_transformers/03_gpt` are judged by: cases, known mistakes, quiz, reviews."""

import math

import torch
import torch.nn.functional as F

from judges import Judge, Mistake, Question, Verdict, swap, with_unchecked

DOUBLE = torch.double


class Step:
    """A function of the stream that can be read: its source is what is shown of it."""

    def __init__(self, source: str):
        self.source = source

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return eval(self.source, {"F": F, "torch": torch, "x": x})

    def __repr__(self) -> str:
        return f"lambda x: {self.source}"


def numbers(rng, *shape):
    """Halves from −2 to 2.5, as doubles, so that a wrong answer can be checked on paper."""
    return torch.tensor([rng.randint(-4, 5) / 2 for _ in range(math.prod(shape))], dtype=DOUBLE).view(*shape)


def whole(rng, below, *shape):
    """Random ids."""
    return torch.tensor([rng.randrange(below) for _ in range(math.prod(shape))], dtype=torch.long).view(*shape)


def step(rng):
    """A random step: a factor and something added."""
    return Step(f"{rng.choice([-2, -1, 2, 3])} * x + {rng.randint(1, 5)}")


NORM = Step("F.layer_norm(x, x.shape[-1:])")
EARLIER = Step("x.cumsum(dim=-2)")


def wirings(rng):
    """Steps that can be done in the head, real norms, a writer that looks at other rows, batches; then at random."""
    yield torch.tensor([1.0]), Step("10 * x"), Step("x + 1"), Step("-x"), Step("x + 5")
    yield torch.tensor([2.0], dtype=DOUBLE), Step("x + 1"), Step("2 * x"), Step("x + 1"), Step("3 * x")
    yield numbers(rng, 3, 4), NORM, EARLIER, Step("x"), Step("x * x")
    yield numbers(rng, 2, 3, 4), NORM, Step("x"), NORM, Step("x")
    yield numbers(rng, 2, 3, 4), Step("x"), Step("x"), Step("x"), Step("x")
    yield numbers(rng, 3, 2), Step("x"), Step("0 * x"), Step("x - 1"), EARLIER
    yield numbers(rng, 3, 2), Step("x - 1"), EARLIER, Step("x"), Step("0 * x")
    yield numbers(rng, 3, 4), NORM, EARLIER, Step("2 * x"), Step("x + 1")
    yield numbers(rng, 3, 4), Step("2 * x"), EARLIER, NORM, Step("x + 1")
    for _ in range(6):
        yield numbers(rng, rng.randint(1, 3), rng.randint(1, 3)), *(step(rng) for _ in range(4))


OPEN, CHANGED = "open", "stopped by an error, as something was changed in place that is needed there"


def pulled_back(out, *given):
    """Whether there is a way back from a tensor to some others, and what is pulled back to them.

    A norm that finds what it read changed gives nothing back.
    """
    nothing = ["none"] * len(given)
    if not isinstance(out, torch.Tensor) or not out.requires_grad:
        return "closed: no gradient comes through", nothing
    weights = torch.arange(1.0, out.numel() + 1, dtype=out.dtype).view(out.shape)
    try:
        found = torch.autograd.grad((out * weights).sum(), given, allow_unused=True)
    except RuntimeError as error:
        if "inplace" not in str(error):
            raise
        return CHANGED, nothing
    return OPEN, ["none" if one is None else one for one in found]


def with_argument(function, x, *steps):
    """What comes out, what x is afterwards, and what is pulled back to it."""
    given = x.clone()
    stream = function(given, *steps)
    if stream is None:
        return None
    leaf = x.clone().requires_grad_()
    way, gradients = pulled_back(function(leaf * 1, *steps), leaf)  # no leaf, so that it may be written into
    return {"stream": stream, "x afterwards": given, "the way back": way, "gradient of x": gradients}


def texts(rng):
    """With and without positions, short and full texts, batches, several blocks, none; then a text that is too long."""
    yield torch.tensor([1, 0]), torch.eye(2), None, [Step("3 * x")], Step("x + 1")
    yield torch.tensor([1, 0]), numbers(rng, 4, 3), numbers(rng, 2, 3), [], Step("x")
    yield whole(rng, 4, 2), numbers(rng, 4, 3), numbers(rng, 5, 3), [Step("2 * x"), Step("x + 1")], Step("x")
    yield whole(rng, 4, 2, 3), numbers(rng, 4, 3), numbers(rng, 3, 3), [EARLIER, Step("x * x")], NORM
    yield whole(rng, 5, 2, 1, 3), numbers(rng, 5, 2), numbers(rng, 4, 2), [step(rng), step(rng)], Step("x - 1")
    yield whole(rng, 3, 4), numbers(rng, 3, 3), None, [EARLIER], Step("2 * x")
    yield whole(rng, 3, 1), numbers(rng, 3, 3), numbers(rng, 2, 3), [step(rng)], NORM
    yield whole(rng, 3, 4), numbers(rng, 3, 2), numbers(rng, 3, 2), [step(rng)], NORM
    yield whole(rng, 3, 2, 5), numbers(rng, 3, 2), numbers(rng, 4, 2), [], Step("x")
    for _ in range(6):
        T, d, v = rng.randint(1, 4), rng.randint(1, 3), rng.randint(2, 5)
        P = rng.choice([None, numbers(rng, T + rng.randint(0, 2), d)])
        yield whole(rng, v, 2, T), numbers(rng, v, d), P, [step(rng) for _ in range(rng.randint(1, 3))], step(rng)


def marked(rng):
    """One text, batches, batches of batches, two tokens, a vocabulary of one; then shapes that do not fit."""
    yield torch.tensor([[0.0, 99.0], [99.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1, 0])
    yield numbers(rng, 2, 3), torch.tensor([2, 0])
    yield numbers(rng, 5, 4), whole(rng, 4, 5)
    yield numbers(rng, 2, 4, 3), whole(rng, 3, 2, 4)
    yield numbers(rng, 2, 3, 3, 2), whole(rng, 2, 2, 3, 3)
    yield numbers(rng, 3, 2, 4), whole(rng, 4, 3, 2)
    yield numbers(rng, 3, 1), torch.zeros(3, dtype=torch.long)
    yield 300 * numbers(rng, 3, 4), whole(rng, 4, 3)
    yield numbers(rng, 1, 3), whole(rng, 3, 1)
    yield numbers(rng, 2, 1, 3), whole(rng, 3, 2, 1)
    yield numbers(rng, 3, 4), whole(rng, 4, 4)
    yield numbers(rng, 2, 3, 4), whole(rng, 4, 2, 2)
    yield numbers(rng, 3, 4), whole(rng, 4, 1, 3)
    for _ in range(6):
        n, T, v = rng.randint(1, 3), rng.randint(2, 5), rng.randint(2, 4)
        yield numbers(rng, n, T, v), whole(rng, v, n, T)


def with_gradient(function, logits, ids):
    """The loss, and what is pulled back to the logits."""
    given = logits.clone().requires_grad_()
    loss = function(given, ids)
    if not isinstance(loss, torch.Tensor):
        return loss
    if not loss.requires_grad or loss.ndim:
        return {"loss": loss, "gradient": "none"}
    return {"loss": loss, "gradient": torch.autograd.grad(loss, given)[0]}


def ends(rng):
    """Tokens read once, twice and never; more tokens than places; no places; then shapes and ids that do not fit."""
    yield torch.tensor([0]), torch.tensor([[1.0, 2.0]]), torch.tensor([[10.0, 20.0]]), torch.tensor([[1.0, 3.0]])
    yield torch.tensor([1, 1]), numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 3)
    yield torch.tensor([2, 0, 2, 2]), numbers(rng, 4, 3), numbers(rng, 4, 3), numbers(rng, 4, 3)
    yield torch.tensor([1, 2]), numbers(rng, 2, 2), torch.zeros(2, 2, dtype=DOUBLE), numbers(rng, 2, 4)
    yield torch.tensor([1, 2]), torch.zeros(2, 2, dtype=DOUBLE), numbers(rng, 2, 2), numbers(rng, 2, 4)
    yield whole(rng, 2, 5), numbers(rng, 5, 1), numbers(rng, 5, 1), numbers(rng, 5, 2)
    empty = torch.zeros(0, 2, dtype=DOUBLE)
    yield torch.zeros(0, dtype=torch.long), empty, empty, torch.zeros(0, 3, dtype=DOUBLE)
    yield torch.tensor([3, 0]), numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 3)
    yield torch.tensor([-1, 0]), numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 3)
    yield torch.tensor([1, 0]), numbers(rng, 2, 2), numbers(rng, 3, 2), numbers(rng, 3, 3)
    yield torch.tensor([1, 0]), numbers(rng, 2, 2), numbers(rng, 2, 3), numbers(rng, 2, 3)
    yield torch.tensor([1, 0, 1]), numbers(rng, 2, 2), numbers(rng, 2, 2), numbers(rng, 2, 3)
    for _ in range(6):
        n, d, v = rng.randint(1, 5), rng.randint(1, 3), rng.randint(2, 4)
        yield whole(rng, v, n), numbers(rng, n, d), numbers(rng, n, d), numbers(rng, n, v)


def shapes(rng):
    """GPT-2 small, the model of the page, tiny ones, each setting; then at random."""
    from built.gpt import GPTConfig

    yield (GPTConfig(vocabulary=10, context=4, width=2, layers=1, heads=1),)
    yield (GPTConfig(50_257, context=1024, width=768, layers=12, heads=12),)
    yield (GPTConfig(72, positions="rotary", bend="relu2", sharp=10.0),)
    yield (GPTConfig(72, positions="none"),)
    yield (GPTConfig(1, context=1, width=1, layers=1, heads=1),)
    yield (GPTConfig(5, context=7, width=12, layers=3, heads=3),)
    yield (GPTConfig(5, context=7, width=12, layers=0, heads=3),)
    yield (GPTConfig(30, context=9, width=8, layers=2, heads=8),)
    for _ in range(6):
        yield (GPTConfig(rng.randint(2, 99), rng.randint(2, 99), 4 * rng.randint(1, 9), rng.randint(1, 5), 4),)


def layouts(rng):
    """A block that can be done in the head, short and full texts, batches, several blocks; then at random."""
    same = Step("x")
    yield torch.tensor([1]), torch.eye(2), torch.ones(4, 2), [(same, Step("0 * x"), same, Step("2 * x"))], same
    yield whole(rng, 4, 3), numbers(rng, 4, 2), numbers(rng, 5, 2), [(NORM, EARLIER, NORM, Step("x * x"))], NORM
    for _ in range(7):
        T, d, v = rng.randint(2, 4), rng.randint(2, 3), rng.randint(2, 5)
        blocks = [(step(rng), rng.choice([EARLIER, step(rng)]), step(rng), step(rng)) for _ in range(rng.randint(1, 3))]
        yield whole(rng, v, 2, T), numbers(rng, v, d), numbers(rng, T + rng.randint(0, 2), d), blocks, step(rng)


def names_in(code):
    """The names that a piece of code asks for, those inside of its own functions included."""
    inner = [names_in(one) for one in code.co_consts if hasattr(one, "co_names")]
    return set(code.co_names).union(*inner)


def from_memory(function, ids, E, P, blocks, norm):
    """The logits and what is pulled back to both tables; or that one of the two forbidden functions was used."""
    code = getattr(function, "__code__", None)
    if code and names_in(code) & {"gpt_logits", "through_block"}:
        return {"written": "with gpt_logits or through_block", "logits": None, "the way back": None, "gradients": None}
    tables = [one.clone().requires_grad_() for one in (E, P)]
    found = function(ids, *(one * 1 for one in tables), blocks, norm)
    if found is None:
        return None
    way, gradients = pulled_back(found, *tables)
    logits = found.detach() if isinstance(found, torch.Tensor) else found
    return {"written": "from memory", "logits": logits, "the way back": way, "gradients": gradients}


WIRED = (
    "def through_block(x, norm_1, attention, norm_2, mlp):\n"
    "    x = x + attention(norm_1(x))\n    return x + mlp(norm_2(x))"
)
ANOTHER = "def through_block(x, norm_1, attention, norm_2, mlp):\n"
TOO_LONG = "    if P is not None and T > len(P):\n        raise ValueError(T)\n"
PLACED = "    x = x if P is None else x + P[:T]\n"
LOGITS = (
    f"def gpt_logits(ids, E, P, blocks, norm):\n    T, x = ids.shape[-1], E[ids]\n{TOO_LONG}{PLACED}"
    "    for block in blocks:\n        x = block(x)\n    return norm(x) @ E.T"
)
UNFIT = "    if logits.shape[:-1] != ids.shape or ids.shape[-1] < 2:\n        raise ValueError(ids)\n"
LOSS = (
    f"def next_token_loss(logits, ids):\n{UNFIT}"
    "    return F.cross_entropy(logits[..., :-1, :].flatten(0, -2), ids[..., 1:].flatten())"
)
UNLIKE = "    if h.shape != G_in.shape or G_out.shape[:-1] != ids.shape:\n        raise ValueError(ids)\n"
TIED = (
    f"def tied_vjp(ids, G_in, h, G_out):\n{UNLIKE}    return lookup_vjp(ids, G_in, rows=G_out.shape[1]) + G_out.T @ h"
)
OUTSIDE = "    if len(ids) and (ids.min() < 0 or ids.max() >= G_out.shape[1]):\n        raise ValueError(ids)\n"
COUNT = (
    "def parameter_count(config):\n    d = config.width\n    attention = (3 * d * d + 3 * d) + (d * d + d)\n"
    "    mlp = (4 * d * d + 4 * d) + (4 * d * d + d)\n    tables = config.vocabulary * d\n"
    '    if config.positions == "learned":\n        tables += config.context * d\n'
    "    return tables + config.layers * (attention + mlp + 4 * d) + 2 * d"
)
MEMORY = (
    "def gpt_from_memory(ids, E, P, blocks, norm):\n    x = E[ids] + P[: ids.shape[-1]]\n"
    "    for norm_1, attention, norm_2, mlp in blocks:\n        x = x + attention(norm_1(x))\n"
    "        x = x + mlp(norm_2(x))\n    return norm(x) @ E.T"
)

EXERCISES = {
    "through_block": Judge(
        cases=wirings,
        drive=with_argument,
        hints=(
            "Two lines, one for each writer. Each reads the stream through its norm and adds to the stream, not to what it "
            "has read.",
            "The second one reads the stream as the first has left it.",
            "`x = x + attention(norm_1(x))`, and the like for the other. Not `+=`: the caller still needs x.",
        ),
        mistakes={
            "replaced": Mistake(
                "You hand on what the parts make, and what came in is gone. They add to the stream.",
                ANOTHER + "    return mlp(norm_2(attention(norm_1(x))))",
            ),
            "post-norm": Mistake(
                "You norm the stream itself, after each sum: the first transformer did, and needs a slow start for it. Here "
                "the norms lie on the branches.",
                ANOTHER + "    x = norm_1(x + attention(x))\n    return norm_2(x + mlp(x))",
            ),
            "onto-the-normed": Mistake(
                "You add to the normed rows. Then the stream is normed at every block, and is no sum any more: read through "
                "the norm, and add to what was there.",
                ANOTHER + "    x = norm_1(x)\n    x = x + attention(x)\n    x = norm_2(x)\n    return x + mlp(x)",
            ),
            "side-by-side": Mistake(
                "Both read the same stream. The MLP is to read what attention has written, so it has to wait for it. (GPT-J "
                "was trained as you wired it.)",
                ANOTHER + "    return x + attention(norm_1(x)) + mlp(norm_2(x))",
            ),
            "writes-lost": Mistake(
                "The MLP adds to the old stream, and what attention wrote is lost.",
                ANOTHER + "    seen = x + attention(norm_1(x))\n    return x + mlp(norm_2(seen))",
            ),
            "one-norm": Mistake(
                "Both read through the first norm. Each has one of its own.", swap(WIRED, ("norm_2(x)", "norm_1(x)"))
            ),
            "norms-exchanged": Mistake(
                "The norms have changed places.",
                swap(WIRED, ("norm_2(x)", "norm_3(x)"), ("norm_1(x)", "norm_2(x)"), ("norm_3(x)", "norm_1(x)")),
            ),
            "mlp-first": Mistake(
                "The MLP writes before attention. A row should first get what it needs from the others, then think it over.",
                ANOTHER + "    x = x + mlp(norm_2(x))\n    return x + attention(norm_1(x))",
            ),
            "no-norms": Mistake(
                "Nobody reads through a norm.", swap(WIRED, ("(norm_1(x))", "(x)"), ("(norm_2(x))", "(x)"))
            ),
            "second-unnormed": Mistake("The MLP reads without its norm.", swap(WIRED, ("(norm_2(x))", "(x)"))),
            "norm-behind": Mistake(
                "You norm what is written. It is what is *read* that passes through a norm.",
                ANOTHER + "    x = x + norm_1(attention(x))\n    return x + norm_2(mlp(x))",
            ),
            "old-reading": Mistake(
                "The MLP is shown what attention was shown. The stream has changed since: read it again, through the second norm.",
                ANOTHER + "    read = norm_1(x)\n    x = x + attention(read)\n    return x + mlp(norm_2(read))",
            ),
            "mlp-replaces": Mistake(
                "Attention adds, and then the MLP replaces: everything before it is gone. It adds as well.",
                swap(WIRED, ("return x + mlp", "return mlp")),
            ),
            "in-place": Mistake(
                "Right numbers, and the caller's x has changed: `+=` writes into it. `x = x + …` makes a new tensor.",
                ANOTHER + "    x += attention(norm_1(x))\n    x += mlp(norm_2(x))\n    return x",
            ),
            "copy-in-place": Mistake(
                "Right numbers, and the caller's x is safe. But you change in place what the norms have read, and they have kept it "
                "for the way back: training will stop with an error. `x = x + …` leaves them theirs.",
                ANOTHER + "    x = x.clone()\n    x += attention(norm_1(x))\n    x += mlp(norm_2(x))\n    return x",
            ),
            "second-in-place": Mistake(
                "Right numbers. The second sum is in place, on a tensor of your own, and the second norm has kept that one for the "
                "way back: training will stop with an error. A new tensor here as well.",
                ANOTHER + "    x = x + attention(norm_1(x))\n    x += mlp(norm_2(x))\n    return x",
            ),
            "first-in-place": Mistake(
                "Right numbers. The first sum changes, in place, what the first norm has read and kept for the way back: training "
                "will stop with an error. `x = x + …`.",
                ANOTHER + "    x = x.clone()\n    x += attention(norm_1(x))\n    return x + mlp(norm_2(x))",
            ),
            "no-gradient": Mistake(
                "Right numbers, and no gradient comes through: whatever lies before this block would never learn.",
                ANOTHER + "    with torch.no_grad():\n        x = x + attention(norm_1(x))\n        return x + mlp(norm_2(x))",
            ),
        },
        also=(
            "def through_block(x, norm_1, attention, norm_2, mlp):\n    found = x.clone()\n    found += attention(norm_1(x))\n"
            "    return torch.add(found, mlp(norm_2(found)))",
        ),
    ),
    "gpt_logits": Judge(
        cases=texts,
        hints=(
            "Four steps: rows of E, rows of P added to them, the blocks one after the other, the last norm and the head.",
            "`E[ids]` is (…, T, width). Of P only the first T rows are wanted, and only if there is a P.",
            "The head is a product with E, turned: (…, T, width) times (width, V). Look at the length of the text before all.",
        ),
        mistakes=with_unchecked(
            [TOO_LONG],
            {
                "last-positions": Mistake(
                    "Place 0 gets the arrow of a later position. P belongs to the places from 0 on.",
                    swap(LOGITS, ("P[:T]", "P[-T:]")),
                ),
                "one-position": Mistake(
                    "All places get the arrow of position 0. Place t gets row t.", swap(LOGITS, ("P[:T]", "P[0]"))
                ),
                "all-positions": Mistake(
                    "You add all of P. A text may be shorter than the context: its first T rows.",
                    swap(LOGITS, ("P[:T]", "P")),
                ),
                "positions-by-token": Mistake(
                    "You look positions up by the token. Row t of P is for place t, whatever stands there.",
                    swap(LOGITS, ("P[:T]", "P[ids]")),
                ),
                "no-positions": Mistake(
                    "P has not been used.",
                    swap(LOGITS, (PLACED, "")),
                ),
                "no-last-norm": Mistake(
                    "The head compares the stream as it is. It reads through a norm like everybody else.",
                    swap(LOGITS, ("norm(x) @", "x @")),
                ),
                "norm-at-the-entrance": Mistake(
                    "You norm the embedding, and the head reads the stream as it is. The last norm stands before the head.",
                    swap(LOGITS, ("norm(x) @", "x @"), ("    for block", "    x = norm(x)\n    for block")),
                ),
                "added-again": Mistake(
                    "A block gives the stream, old and new. You add the old one a second time.",
                    swap(LOGITS, ("x = block(x)", "x = x + block(x)")),
                ),
                "backwards": Mistake("The last block comes first.", swap(LOGITS, ("in blocks", "in blocks[::-1]"))),
                "from-the-embedding": Mistake(
                    "Every block reads the embedding, so only the last one counts. Each reads what the one before has left.",
                    swap(LOGITS, ("    for block", "    first = x\n    for block"), ("block(x)", "block(first)")),
                ),
                "norm-after-every-block": Mistake(
                    "You norm the stream after every block. It stays a sum up to the end; the last norm is for the head alone.",
                    swap(LOGITS, ("x = block(x)", "x = norm(block(x))"), ("norm(x) @", "x @")),
                ),
                "normed-between": Mistake(
                    "You norm the stream after every block, and once more for the head. Between blocks it stays as it is.",
                    swap(LOGITS, ("x = block(x)", "x = norm(block(x))")),
                ),
                "probabilities": Mistake(
                    "These are probabilities. Logits are wanted, the scores before softmax: the loss makes its own.",
                    swap(LOGITS, ("norm(x) @ E.T", "torch.softmax(norm(x) @ E.T, dim=-1)")),
                ),
                "log-probabilities": Mistake(
                    "You take `log_softmax` of the logits. The loss would not notice: it takes one number from all logits of a place. But it "
                    "is the work of whoever asks, who will do it again, and other programs have the plain scores there.",
                    swap(LOGITS, ("norm(x) @ E.T", "torch.log_softmax(norm(x) @ E.T, dim=-1)")),
                ),
                "last-place": Mistake(
                    "You give the logits of the last place alone. Training needs those of every place.",
                    swap(LOGITS, ("norm(x) @", "norm(x)[..., -1, :] @")),
                ),
                "not-turned": Mistake(
                    "A row of E is as long as an arrow of the stream; they are to be compared, so E has to be turned: `E.T`.",
                    swap(LOGITS, ("@ E.T", "@ E")),
                ),
                "off-by-one": Mistake(
                    "A text as long as P is refused. It fits: there is a position for every token.",
                    swap(LOGITS, ("T > len(P)", "T >= len(P)")),
                ),
                "first-axis": Mistake(
                    "You take the first axis for the length of the text. With a batch it is the number of texts: count from the end.",
                    swap(LOGITS, ("ids.shape[-1]", "ids.shape[0]")),
                ),
                "cut-off": Mistake(
                    "A text that is too long is cut without a word, and the caller gets fewer logits than tokens. Refuse it.",
                    swap(
                        LOGITS,
                        (TOO_LONG, ""),
                        (
                            "    T, x = ids.shape[-1], E[ids]\n",
                            "    if P is not None:\n        ids = ids[..., : len(P)]\n    T, x = ids.shape[-1], E[ids]\n",
                        ),
                    ),
                ),
                "nothing-checked": Mistake(
                    "Right logits. For a text that is longer than P the docstring names a ValueError.",
                    swap(LOGITS, (TOO_LONG, "")),
                ),
            },
        ),
        also=(
            "def gpt_logits(ids, E, P, blocks, norm):\n    x = F.embedding(ids, E)\n    if P is not None:\n"
            "        if ids.shape[-1] > P.shape[0]:\n            raise ValueError('no')\n"
            "        x = x + F.embedding(torch.arange(ids.shape[-1]), P)\n    for b in blocks:\n        x = b(x)\n"
            "    return torch.einsum('...d,vd->...v', norm(x), E)",
        ),
    ),
    "parameter_count": Judge(
        cases=shapes,
        hints=(
            "Write down the shapes: qkv is (3 d, d) with 3 d biases, what mixes the heads (d, d) with d. And the two of the MLP?",
            "A norm has 2 d numbers, gains and biases. A block has two norms; one more stands before the head.",
            "The tables: V · d for E, and context · d for P, if positions are learned. The head is E, so it costs nothing.",
        ),
        mistakes={
            "head-counted": Mistake(
                "You count the head as a table of its own. It is E, which is counted already.",
                swap(COUNT, ("+ 2 * d", "+ 2 * d + config.vocabulary * d")),
            ),
            "no-biases": Mistake(
                "Every linear layer has biases, as many as it has outputs.",
                swap(COUNT, (" + 3 * d)", ")"), ("(d * d + d)", "(d * d)"), ("(4 * d * d + 4 * d)", "(4 * d * d)"), ("4 * d * d + d)", "4 * d * d)")),
            ),
            "no-norms": Mistake(
                "The norms are missing: two in a block and one before the head, of 2 d numbers each.",
                swap(COUNT, (" + mlp + 4 * d)", " + mlp)"), (" + 2 * d", "")),
            ),
            "matrices-only": Mistake(
                "These are the matrices and tables. Biases and norms count as well: 13 d in every block, and 2 d before the head.",
                swap(
                    COUNT,
                    (" + 3 * d)", ")"),
                    ("(d * d + d)", "(d * d)"),
                    ("(4 * d * d + 4 * d)", "(4 * d * d)"),
                    ("4 * d * d + d)", "4 * d * d)"),
                    (" + mlp + 4 * d)", " + mlp)"),
                    (" + 2 * d", ""),
                ),
            ),
            "no-last-norm": Mistake("One norm is missing, that before the head.", swap(COUNT, (") + 2 * d", ")"))),
            "gains-only": Mistake(
                "A norm has gains *and* biases, 2 d numbers.",
                swap(COUNT, ("mlp + 4 * d)", "mlp + 2 * d)"), (") + 2 * d", ") + d")),
            ),
            "one-norm-a-block": Mistake(
                "2 d are missing in each block. It has two norms of 2 d, one for each writer; and queries, keys and values have d "
                "biases each.", swap(COUNT, ("mlp + 4 * d)", "mlp + 2 * d)"))
            ),
            "no-positions": Mistake(
                "P is missing, context · d numbers, where positions are learned.",
                swap(COUNT, ("tables += config.context * d", "pass")),
            ),
            "positions-always": Mistake(
                "You count P always. Rotary positions turn arrows and have no table, and no positions have none either.",
                swap(COUNT, ('if config.positions == "learned"', "if True")),
            ),
            "positions-unless-none": Mistake(
                "You count P wherever there are positions. Rotary positions turn arrows by their place and have no table: P is there "
                "where positions are learned.",
                swap(COUNT, ('if config.positions == "learned"', 'if config.positions != "none"')),
            ),
            "times-heads": Mistake(
                "Heads share the matrices, cut in pieces: the number of heads changes nothing.",
                swap(COUNT, ("(3 * d * d + 3 * d)", "config.heads * (3 * d * d + 3 * d)")),
            ),
            "matrices-times-heads": Mistake(
                "You count the matrices of attention once for every head. Heads cut the width into pieces, each with columns of its own "
                "of the same matrices: more heads are smaller heads.",
                swap(
                    COUNT,
                    ("attention = (3 * d * d + 3 * d) + (d * d + d)", "attention = config.heads * 4 * d * d + 4 * d"),
                ),
            ),
            "attention-times-heads": Mistake(
                "You count attention once for every head. Heads cut the width into pieces, each with its own columns of the same "
                "matrices: they cost nothing.",
                swap(COUNT, ("config.layers * (attention", "config.layers * (config.heads * attention")),
            ),
            "one-matrix": Mistake(
                "The MLP has two matrices, up and down.", swap(COUNT, (" + (4 * d * d + d)\n", "\n"))
            ),
            "bias-of-the-down": Mistake(
                "The second layer of the MLP gives d numbers, so it has d biases, not 4 d.",
                swap(COUNT, ("4 * d * d + d)\n", "4 * d * d + 4 * d)\n")),
            ),
            "bias-of-the-up": Mistake(
                "The first layer of the MLP gives 4 d numbers, so it has 4 d biases, not d.",
                swap(COUNT, ("(4 * d * d + 4 * d)", "(4 * d * d + d)")),
            ),
            "one-block": Mistake("You count one block.", swap(COUNT, ("config.layers * (", "("))),
            "no-mixing": Mistake(
                "The matrix that mixes the heads is missing, d · d and its biases.", swap(COUNT, (" + (d * d + d)", ""))
            ),
        },
        also=(
            "def parameter_count(config):\n    d, v, L = config.width, config.vocabulary, config.layers\n"
            "    rows = v + (config.context if config.positions == 'learned' else 0)\n    return d * (rows + L * (12 * d + 13) + 2)",
        ),
    ),
    "next_token_loss": Judge(
        cases=marked,
        drive=with_gradient,
        hints=(
            "On paper: five tokens, so five rows of logits. Which row has no answer in the text? Which token has no guess?",
            "`logits[..., :-1, :]` are the guesses that have an answer, `ids[..., 1:]` the answers.",
            "`F.cross_entropy` wants (n, V) and (n,): flatten everything in front of the last axis, after cutting.",
        ),
        mistakes=with_unchecked(
            [UNFIT],
            {
                "unshifted": Mistake(
                    "Each place is judged by the token that it has read. Nothing is easier than to repeat it.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}    return F.cross_entropy(logits.flatten(0, -2), ids.flatten())",
                ),
                "backwards": Mistake(
                    "You judge place t by the token *before* it, which it has seen. The answer is one further on.",
                    swap(LOSS, ("logits[..., :-1, :]", "logits[..., 1:, :]"), ("ids[..., 1:]", "ids[..., :-1]")),
                ),
                "flattened-first": Mistake(
                    "Right for one text. In a batch the last place of each text is judged by the first token of the next: cut "
                    "first, flatten then.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}"
                    "    return F.cross_entropy(logits.flatten(0, -2)[:-1], ids.flatten()[1:])",
                ),
                "two-ahead": Mistake(
                    "You judge place t by the token at t + 2.",
                    swap(LOSS, ("logits[..., :-1, :]", "logits[..., :-2, :]"), ("ids[..., 1:]", "ids[..., 2:]")),
                ),
                "first-places": Mistake(
                    "The shift goes over the texts of the batch. Places are the last axis of ids, the last but one of the logits.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}"
                    "    return F.cross_entropy(logits[:-1].flatten(0, -2), ids[1:].flatten())",
                ),
                "rolled": Mistake(
                    "`roll` brings the first token round to the end, and the last place is asked for it. That place has no answer: "
                    "cut it off.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}"
                    "    return F.cross_entropy(logits.flatten(0, -2), ids.roll(-1, dims=-1).flatten())",
                ),
                "batches-only": Mistake(
                    "`[:, :-1]` counts from the front: right for (n, T, V), wrong for one text and for more axes. `[..., :-1, :]`.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}"
                    "    return F.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1))",
                ),
                "sum": Mistake(
                    "That is the sum of the surprises. A longer text would have a larger loss: the mean.",
                    swap(LOSS, (".flatten())", '.flatten(), reduction="sum")')),
                ),
                "divided-by-T": Mistake(
                    "You add up T − 1 surprises and divide by T. The first token was guessed by nobody: divide by as many as were judged.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}"
                    "    wrong = F.cross_entropy(logits[..., :-1, :].flatten(0, -2), ids[..., 1:].flatten(), reduction='sum')\n"
                    "    return wrong / ids.numel()",
                ),
                "bits": Mistake(
                    "That is in bits. The loss is wanted in nats; bits are for people.",
                    swap(LOSS, ("    return F", "    return 1.4426950408889634 * F")),
                ),
                "each": Mistake(
                    "You give every surprise. One number is wanted, the mean, so that it can be pulled back.",
                    swap(LOSS, (".flatten())", '.flatten(), reduction="none")')),
                ),
                "number": Mistake(
                    "A plain number has no way back to the logits, so nothing can learn from it. Leave `item` to whoever prints.",
                    swap(LOSS, (".flatten())", ".flatten()).item()")),
                ),
                "detached": Mistake(
                    "The right number, cut off from the logits: no gradient comes back.",
                    swap(LOSS, ("logits[..., :-1, :]", "logits.detach()[..., :-1, :]")),
                ),
                "softmax-twice": Mistake(
                    "`cross_entropy` takes logits and makes the softmax itself. Yours has gone through it twice.",
                    swap(LOSS, ("logits[..., :-1, :]", "logits.softmax(-1)[..., :-1, :]")),
                ),
                "by-hand": Mistake(
                    "Right for small logits. Where a probability is rounded to zero its logarithm is −∞: take `log_softmax`, or "
                    "`cross_entropy`, which computes both in one.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}    p = torch.softmax(logits, dim=-1)[..., :-1, :]\n"
                    "    return -p.gather(-1, ids[..., 1:, None]).log().mean()",
                ),
                "last-only": Mistake(
                    "Only the last guess is judged. Every place but the last is an exercise.",
                    f"def next_token_loss(logits, ids):\n{UNFIT}"
                    "    return F.cross_entropy(logits[..., -2, :].reshape(-1, logits.shape[-1]), ids[..., -1].reshape(-1))",
                ),
                "nothing-checked": Mistake(
                    "Right losses. The mean of nothing is NaN, and shapes that do not fit deserve a ValueError that names them.",
                    swap(LOSS, (UNFIT, "")),
                ),
                "one-token-allowed": Mistake(
                    "Right losses, and shapes are looked at. A text of one token has nothing to be judged by: refuse it, the mean "
                    "of nothing is NaN.",
                    swap(LOSS, (" or ids.shape[-1] < 2", "")),
                ),
            },
        ),
        also=(
            "def next_token_loss(logits, ids):\n"
            "    if ids.ndim == 0 or logits.ndim != ids.ndim + 1 or tuple(logits.shape[:-1]) != tuple(ids.shape) or ids.shape[-1] == 1:\n"
            "        raise ValueError('no')\n    logs = torch.log_softmax(logits, dim=-1)\n"
            "    return -logs[..., :-1, :].gather(-1, ids[..., 1:].unsqueeze(-1)).mean()",
        ),
    ),
    "tied_vjp": Judge(
        cases=ends,
        hints=(
            "E is used twice, so it gets two gradients, and they add up. Take each for itself.",
            "The entrance is `lookup_vjp`. It needs to know how many rows E has: as many as there are logits at a place.",
            "The exit is a product, h times E turned. Entry (i, v) is h[i] · E[v]: what is row v worth? It is one product.",
        ),
        mistakes=with_unchecked(
            [UNLIKE],
            {
                "entrance-only": Mistake(
                    "That is the entrance alone. The same table makes the logits.", swap(TIED, (" + G_out.T @ h", ""))
                ),
                "exit-only": Mistake(
                    "That is the exit alone. The same table is read at the entrance: what is it worth there?",
                    f"def tied_vjp(ids, G_in, h, G_out):\n{UNLIKE}{OUTSIDE}    return G_out.T @ h",
                ),
                "averaged": Mistake(
                    "You take the mean of the two. What is used twice is worth the sum of both.",
                    swap(TIED, ("return lookup_vjp", "return 0.5 * lookup_vjp"), ("+ G_out.T @ h", "+ 0.5 * G_out.T @ h")),
                ),
                "lost-update": Mistake(
                    "`found[ids] += …` reads all rows and writes them back: of a token that was read twice one gradient is lost.",
                    f"def tied_vjp(ids, G_in, h, G_out):\n{UNLIKE}{OUTSIDE}    found = G_out.T @ h\n    found[ids] += G_in\n"
                    "    return found",
                ),
                "overwritten": Mistake(
                    "Rows that were read get the gradient of the entrance *in place of* that of the exit. They add up.",
                    f"def tied_vjp(ids, G_in, h, G_out):\n{UNLIKE}{OUTSIDE}    found = G_out.T @ h\n    found[ids] = G_in\n"
                    "    return found",
                ),
                "read-rows-only": Mistake(
                    "From the exit you give something only to the rows that were read. Every logit is made by its row, read or not.",
                    swap(
                        TIED,
                        (
                            "    return ",
                            "    read = torch.zeros(G_out.shape[1], 1, dtype=h.dtype).index_fill(0, ids, 1.0)\n    return ",
                        ),
                        ("G_out.T @ h", "read * (G_out.T @ h)"),
                    ),
                ),
                "wrong-arrows": Mistake(
                    "At the exit you multiply with the gradient of the entrance. What met the rows of E there is h.",
                    swap(TIED, ("G_out.T @ h", "G_out.T @ G_in")),
                ),
                "exit-subtracted": Mistake(
                    "The two add up. That one pulls and the other pushes is in their numbers already.",
                    swap(TIED, (" + G_out", " - G_out")),
                ),
                "turned": Mistake(
                    "Your table is (d, V). E is (V, d), and its gradient has its shape.",
                    f"def tied_vjp(ids, G_in, h, G_out):\n{UNLIKE}"
                    "    return (lookup_vjp(ids, G_in, rows=G_out.shape[1]) + G_out.T @ h).T",
                ),
                "rows-by-ids": Mistake(
                    "Your table has as many rows as the largest id needs. E has one for every logit, read or not.",
                    f"def tied_vjp(ids, G_in, h, G_out):\n{UNLIKE}{OUTSIDE}    rows = int(ids.max()) + 1 if len(ids) else 1\n"
                    "    return lookup_vjp(ids, G_in, rows) + (G_out.T @ h)[:rows]",
                ),
                "rows-by-places": Mistake(
                    "The rows of E are tokens, as many as there are logits at a place. You made one for every place of the text.",
                    swap(TIED, ("rows=G_out.shape[1]", "rows=len(ids)")),
                ),
                "nothing-checked": Mistake(
                    "Right gradients. Shapes that do not fit deserve a ValueError that names them.", swap(TIED, (UNLIKE, ""))
                ),
            },
        ),
        also=(
            "def tied_vjp(ids, G_in, h, G_out):\n    n, v = G_out.shape\n"
            "    if ids.shape != (n,) or G_in.shape != h.shape or len(h) != n or (n and not 0 <= int(ids.min()) <= int(ids.max()) < v):\n"
            "        raise ValueError('no')\n    read = F.one_hot(ids, v).to(G_in.dtype) if n else torch.zeros(0, v, dtype=G_in.dtype)\n"
            "    return torch.cat([read, G_out]).T @ torch.cat([G_in, h])",
        ),
    ),
    "gpt_from_memory": Judge(
        cases=layouts,
        drive=from_memory,
        hints=(
            "Begin at both ends: `E[ids]` with rows of P, and at the exit the last norm and a product with E turned.",
            "Between them the blocks, one after the other. In each, two writers, each behind its norm.",
            "Both add to the stream, and the second reads what the first has left.",
        ),
        mistakes={
            "no-positions": Mistake("The positions are missing.", swap(MEMORY, (" + P[: ids.shape[-1]]", ""))),
            "no-last-norm": Mistake("The head reads without its norm.", swap(MEMORY, ("norm(x) @", "x @"))),
            "replaced": Mistake(
                "What came in is gone: the writers add to the stream.",
                swap(MEMORY, ("x = x + attention", "x = attention"), ("x = x + mlp", "x = mlp")),
            ),
            "mlp-replaces": Mistake("Attention adds, and then the MLP replaces.", swap(MEMORY, ("x = x + mlp", "x = mlp"))),
            "side-by-side": Mistake(
                "Both writers read the same stream. The MLP reads what attention has written.",
                swap(
                    MEMORY,
                    ("        x = x + attention(norm_1(x))\n        x = x + mlp(norm_2(x))\n",
                     "        x = x + attention(norm_1(x)) + mlp(norm_2(x))\n"),
                ),
            ),
            "post-norm": Mistake(
                "You norm the stream, after each sum. Here it is read through norms.",
                swap(MEMORY, ("x + attention(norm_1(x))", "norm_1(x + attention(x))"), ("x + mlp(norm_2(x))", "norm_2(x + mlp(x))")),
            ),
            "positions-by-token": Mistake(
                "Row t of P is for place t, whatever token stands there.", swap(MEMORY, ("P[: ids.shape[-1]]", "P[ids]"))
            ),
            "all-positions": Mistake(
                "You add all of P. A text may be shorter: its first T rows.", swap(MEMORY, ("P[: ids.shape[-1]]", "P"))
            ),
            "positions-in-every-block": Mistake(
                "You add the positions in every block. They enter once, with the tokens, and the stream carries them.",
                swap(
                    MEMORY,
                    ("x = E[ids] + P[: ids.shape[-1]]", "x = E[ids]"),
                    ("        x = x + attention", "        x = x + P[: ids.shape[-1]]\n        x = x + attention"),
                ),
            ),
            "written-before": Mistake(
                "The logits may be right, and it is not from memory: `gpt_logits` and `through_block` are not to be used here.",
                "def gpt_from_memory(ids, E, P, blocks, norm):\n"
                "    return gpt_logits(ids, E, P, [lambda x, b=b: through_block(x, *b) for b in blocks], norm)",
            ),
            "in-place": Mistake(
                "Right numbers. But `+=` changes what the norms have read and kept for the way back: training will stop with an "
                "error. `x = x + …` makes a new tensor.",
                swap(MEMORY, ("x = x + attention", "x += attention"), ("x = x + mlp", "x += mlp")),
            ),
            "shadowed": Mistake(
                "The loop gives its own norm the name `norm`, so that behind the loop the head reads through a norm of the last block. "
                "Which one was given to you for that?",
                swap(MEMORY, ("norm_1", "norm")),
            ),
            "last-place": Mistake(
                "The logits of the last place alone. All are wanted.", swap(MEMORY, ("norm(x) @", "norm(x)[..., -1:, :] @"))
            ),
        },
        also=(
            "def gpt_from_memory(ids, E, P, blocks, norm):\n    stream = F.embedding(ids, E)\n"
            "    stream = stream + P[torch.arange(ids.shape[-1])]\n    for parts in blocks:\n"
            "        for n, write in (parts[:2], parts[2:]):\n            stream = stream + write(n(stream))\n"
            "    return torch.einsum('...d,vd->...v', norm(stream), E)",
        ),
    ),
}  # fmt: skip

QUIZ = (
    Question(
        "temperature",
        "At which temperature does its own text surprise the writer about as much as held-out Shakespeare does?",
        (
            (
                "Well below 1: it has to be careful to write as he did",
                "There it draws what it is sure of, and pays less.",
            ),
            (
                "Exactly at 1: it was trained on plays, and writes plays",
                "At 1 it pays what the plays it *learned* from cost.",
            ),
            (
                "Above 1: it is too sure of itself on plays it never read",
                "Unread plays cost more than what it says at 1.",
            ),
            (
                "At 0: then it always writes what it holds to be the best",
                "At 0 it takes what surprises it least, at every step.",
            ),
        ),
        right=2,
    ),
    Question(
        "order",
        "Blocks only add to the stream. Why do two of them not commute?",
        (
            ("The norms divide, and a division does not commute", "Without norms they would not commute either."),
            (
                "Sums of floating point numbers depend on the order",
                "They do, in the last digits, and here bits were lost.",
            ),
            (
                "What a block adds depends on what it finds there",
                "Each reads before it writes: the order is in the program.",
            ),
            (
                "The causal mask hides the later blocks from earlier",
                "The mask is about places of the text, not about blocks.",
            ),
        ),
        right=2,
    ),
    Question(
        "letter-z",
        "No z was read in a passage. Why does the row of z in a tied table get a gradient all the same?",
        (
            (
                "Its logit is in the denominator of every softmax",
                "So at every place it is pushed away from h a little.",
            ),
            (
                "Weight decay pulls at all the rows, the unread ones too",
                "AdamW's decay is no part of a gradient, and it was off here.",
            ),
            (
                "The lookup pulls back a small gradient to all rows",
                "A lookup pulls back zeros to the rows that it left out.",
            ),
            (
                "Attention has mixed the rows of the table by then",
                "It mixes rows of the stream. The table is not touched.",
            ),
        ),
        right=0,
    ),
    Question(
        "too-good",
        "A new language model reaches a loss of 0.05 bits a character on fresh text. What do you suspect first?",
        (
            ("That the rate was too high, so it has diverged", "Then the loss would be large, or no number at all."),
            ("That it has learned the learning text by heart", "That helps on the learning text. This one is fresh."),
            ("That the text is easy, since English repeats much", "Not that much: people, too, pay about one bit."),
            ("That it sees what it is asked for, by a wrong shift", "Too good means a leak, until shown otherwise."),
        ),
        right=3,
    ),
    Question(
        "schedule",
        "Why is the loss halfway through a long run no measurement of a run of half the length?",
        (
            (
                "Halfway it has read other passages of the text",
                "It has, and that hardly matters: they are drawn alike.",
            ),
            (
                "Its rates are still high, and a short run ends at zero",
                "The last stretch brings much, and it has had none.",
            ),
            (
                "Half of a run has half of the numbers of the model",
                "The size is the same from the first step to the last.",
            ),
            (
                "The loss of a run falls along a straight line in time",
                "It falls steeply, then slowly. And why would that matter?",
            ),
        ),
        right=1,
    ),
)

REVIEWS = {
    "flat-shift": Verdict(
        of="next_token_loss",
        right=False,
        why="For one text the two are the same, to the last bit, which is all that was tested. In a batch of n texts the flattened "
        "shift judges the last place of each text by the first token of the next one: n − 1 exercises that nobody can solve, in "
        "every step. The loss is a little too high and the gradient a little wrong, for ever.",
        cases=marked,
        witness=(torch.tensor([[[1.0, 0.0], [0.0, 2.0]], [[0.0, 3.0], [1.0, 1.0]]]), torch.tensor([[0, 1], [0, 1]])),
    ),
    "closed-form": Verdict(
        of="parameter_count",
        right=True,
        why="Four d² of attention and eight of MLP are 12 d². Biases: 3 d, d, 4 d, d, and two norms of 2 d each, together 13 d. "
        "(12 d + 13) d for a block, for every d. The two sums that are left over are dead code, and harmless.",
        cases=shapes,
        witness=None,
    ),
    "both-by-lookup": Verdict(
        of="tied_vjp",
        right=False,
        why="`found[ids] += G_in` reads the rows, adds, and writes them back. Of a token that stands twice in a text one gradient is "
        "lost, as between two threads without a lock; in real texts nearly every token does. Random ids in a large table hardly "
        "ever repeat, so the test agreed. And an id that is negative now counts from the end.",
        cases=ends,
        witness=(
            torch.tensor([1, 1]),
            torch.tensor([[1.0], [2.0]]),
            torch.tensor([[0.0], [0.0]]),
            torch.tensor([[0.0, 0.0], [0.0, 0.0]]),
        ),
    ),
}
