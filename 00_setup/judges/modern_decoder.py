"""What the exercises of `03_transformers/04_modern_decoder` are judged by: cases, known mistakes, quiz, reviews."""

import math

import torch

from judges import Args, Judge, Mistake, Question, Verdict, swap, with_unchecked

DOUBLE = torch.double


def numbers(rng, *shape):
    """Halves from −2 to 2.5, as doubles, so that a wrong answer can be checked on paper."""
    return torch.tensor([rng.randint(-4, 5) / 2 for _ in range(math.prod(shape))], dtype=DOUBLE).view(*shape)


def arrows(rng):
    """Hand cases, batches, weak arrows where eps counts, half precision with large numbers; then a weight that does not fit."""
    yield torch.tensor([[3.0, 4.0]]), torch.tensor([1.0, 10.0])
    yield numbers(rng, 5), numbers(rng, 5)
    yield numbers(rng, 3, 4), numbers(rng, 4)
    yield numbers(rng, 2, 3, 6), numbers(rng, 6)
    yield numbers(rng, 2, 4) / 1000, torch.ones(4, dtype=DOUBLE)
    yield numbers(rng, 3, 4), numbers(rng, 4), 0.5
    yield Args(numbers(rng, 3, 4), numbers(rng, 4), eps=2.0)
    yield torch.zeros(1, 3), torch.ones(3)
    yield torch.tensor([[300.0, 400.0]], dtype=torch.float16), torch.ones(2, dtype=torch.float16)
    yield torch.tensor([[0.001, 0.002]], dtype=torch.float16), torch.ones(2, dtype=torch.float16)
    for _ in range(3):
        x = torch.tensor([rng.gauss(0, 1) for _ in range(12)]).view(2, 6).bfloat16()
        yield x, torch.tensor([rng.gauss(1, 1) for _ in range(6)]).bfloat16()
    yield numbers(rng, 3, 4), numbers(rng, 3)
    yield numbers(rng, 3, 4), numbers(rng, 1)
    yield numbers(rng, 3, 4), numbers(rng, 3, 4)
    for _ in range(6):
        width = rng.randint(2, 6)
        yield numbers(rng, rng.randint(1, 4), width), numbers(rng, width)


def with_its_gradients(function, *given, **named):
    """What comes out, of which type it is, and what is pulled back to every tensor of doubles."""
    found = function(*given, **named)
    if not isinstance(found, torch.Tensor):
        return found
    told = {"out": found.double(), "of type": str(found.dtype)}
    if found.dtype is not DOUBLE or not found.numel():
        return told
    plain = [not isinstance(one, torch.Tensor) or one.dtype is torch.bool for one in given]
    leaves = [one if keep else one.clone().requires_grad_() for one, keep in zip(given, plain, strict=True)]
    again = function(*(one if keep else one * 1 for one, keep in zip(leaves, plain, strict=True)), **named)
    if not again.requires_grad:
        return told | {"gradients": "none"}
    weights = torch.arange(1.0, again.numel() + 1, dtype=again.dtype).view(again.shape)
    sides = [one for one, keep in zip(leaves, plain, strict=True) if not keep]
    pulled = torch.autograd.grad((again * weights).sum(), sides, allow_unused=True)
    return told | {"gradients": ["none" if one is None else one.double() for one in pulled]}


def gated(rng):
    """One number, batches, more and fewer hidden numbers than the width; then matrices that do not fit."""
    yield torch.tensor([[0.0], [2.0], [-20.0]]), torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1)
    yield torch.tensor([[300.0], [-300.0]]), torch.ones(1, 1), torch.ones(1, 1), torch.ones(1, 1)
    for shape, width, hidden in (((3,), 4, 6), ((2, 3), 2, 5), ((1,), 3, 2), ((2, 2, 2), 4, 4), ((4,), 3, 3)):
        yield numbers(rng, *shape, width), *(numbers(rng, hidden, width) for _ in range(2)), numbers(rng, width, hidden)
    yield numbers(rng, 4), numbers(rng, 6, 4), numbers(rng, 6, 4), numbers(rng, 4, 6)
    yield numbers(rng, 2, 4), numbers(rng, 6, 4), numbers(rng, 1, 4), numbers(rng, 4, 6)
    yield numbers(rng, 2, 4), numbers(rng, 6, 4), numbers(rng, 5, 4), numbers(rng, 4, 6)
    yield numbers(rng, 2, 4), numbers(rng, 6, 4), numbers(rng, 6, 4), numbers(rng, 6, 4)
    yield numbers(rng, 2, 3), numbers(rng, 6, 4), numbers(rng, 6, 4), numbers(rng, 4, 6)
    yield numbers(rng, 2, 4), numbers(rng, 6, 4), numbers(rng, 6, 4), numbers(rng, 5, 6)
    for _ in range(5):
        width, hidden = rng.randint(1, 4), rng.randint(1, 5)
        yield numbers(rng, 2, width), *(numbers(rng, hidden, width) for _ in range(2)), numbers(rng, width, hidden)


def groups(rng):
    """All numbers of groups, one text and batches, masks, wide values; then heads that cannot be shared out."""
    yield torch.zeros(4, 1, 2), torch.zeros(2, 1, 2), torch.tensor([[[1.0]], [[2.0]]])
    for heads, kv_heads, front in ((4, 2, ()), (4, 4, ()), (4, 1, (2,)), (6, 3, (2,)), (6, 2, (2,)), (8, 4, (1, 2))):
        T, S = rng.randint(2, 4), rng.randint(2, 4)
        sides = (
            numbers(rng, *front, heads, T, 2),
            numbers(rng, *front, kv_heads, S, 2),
            numbers(rng, *front, kv_heads, S, 3),
        )
        yield sides
        yield *sides, torch.ones(T, S, dtype=torch.bool).tril(S - T)
    yield numbers(rng, 4, 3, 2), numbers(rng, 3, 3, 2), numbers(rng, 3, 3, 2)
    yield numbers(rng, 2, 3, 2), numbers(rng, 4, 3, 2), numbers(rng, 4, 3, 2)
    yield numbers(rng, 4, 3, 2), numbers(rng, 2, 3, 2), numbers(rng, 1, 3, 2)
    yield numbers(rng, 4, 3, 2), numbers(rng, 2, 3, 2), numbers(rng, 4, 3, 2)
    yield numbers(rng, 4, 3, 2), torch.zeros(0, 3, 2, dtype=DOUBLE), torch.zeros(0, 3, 2, dtype=DOUBLE)
    for _ in range(4):
        kv_heads, each = rng.randint(1, 3), rng.randint(1, 3)
        yield numbers(rng, 2, kv_heads * each, 3, 2), numbers(rng, 2, kv_heads, 3, 2), numbers(rng, 2, kv_heads, 3, 2)


def rows(rng):
    """Rows that say their number, heads of several widths, one head; then heads that do not come out even."""
    yield torch.arange(8)[:, None], 2
    yield torch.arange(6)[:, None], 1
    yield torch.arange(16).view(16, 1), 1
    yield torch.arange(24).view(12, 2), 2
    yield numbers(rng, 18, 4), 3
    yield numbers(rng, 16, 16), 2
    yield numbers(rng, 6, 3), 3
    yield numbers(rng, 20, 5), 2
    yield numbers(rng, 8, 3), 3
    yield numbers(rng, 9, 3), 3
    yield numbers(rng, 8, 3), 0
    yield numbers(rng, 8, 3), -1
    for _ in range(5):
        heads, half = rng.randint(1, 3), rng.randint(1, 4)
        yield numbers(rng, 2 * heads * half, rng.randint(1, 4)), heads


TINY = {"vocab_size": 10, "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 3}
LLAMA = {"vocab_size": 128_256, "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32}
LLAMA |= {"intermediate_size": 14_336, "num_key_value_heads": 8, "tie_word_embeddings": False, "rms_norm_eps": 1e-5}


def shapes(rng):
    """Small and published shapes, what is missing or None, a free head_dim, biases; then fields that are not there."""
    yield TINY
    yield TINY | {"tie_word_embeddings": True}
    yield TINY | {"num_key_value_heads": 1}
    yield TINY | {"num_key_value_heads": None, "head_dim": None}
    yield TINY | {"num_hidden_layers": 3}
    yield TINY | {"head_dim": 6, "num_key_value_heads": 1}
    yield TINY | {"attention_bias": True}
    yield TINY | {"attention_bias": True, "head_dim": 3, "num_key_value_heads": 1}
    yield TINY | {"mlp_bias": True}
    yield TINY | {"attention_bias": False, "mlp_bias": False, "tie_word_embeddings": False}
    yield LLAMA
    for name in TINY:
        yield {field: value for field, value in TINY.items() if field != name}
    for _ in range(6):
        kv_heads = rng.randint(1, 3)
        heads = kv_heads * rng.randint(1, 3)
        yield {
            "vocab_size": rng.randint(5, 50),
            "hidden_size": heads * 2 * rng.randint(1, 3),
            "num_hidden_layers": rng.randint(1, 4),
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "intermediate_size": rng.randint(2, 20),
            "tie_word_embeddings": rng.random() < 0.5,
        }


def shapes_for_parameters(rng):
    """The shapes, each as the only argument."""
    for fields in shapes(rng):
        yield (fields,)


def shapes_and_places(rng):
    """The shapes, each at some position; then positions that are none."""
    for at, fields in enumerate(shapes(rng)):
        if at % 3:
            yield fields, rng.randint(0, 40)
        else:
            yield (fields,)
    yield Args(LLAMA, position=8191)
    yield TINY, 9
    yield TINY, -1
    yield TINY, -2


def blocks(rng):
    """Blocks of small numbers: one head and groups, texts and batches, one position and many, a large eps."""
    for heads, kv_heads, d, shape in (
        (1, 1, 2, (3,)),
        (2, 2, 2, (4,)),
        (2, 1, 2, (2, 3)),
        (4, 2, 2, (4,)),
        (6, 2, 2, (2, 3)),
        (4, 1, 4, (1,)),
        (2, 1, 4, (2, 2, 3)),
        (6, 3, 2, (5,)),
    ):
        width, kv_width, hidden = heads * d, kv_heads * d, rng.randint(3, 6)
        weights = {"attention_norm": numbers(rng, width), "ffn_norm": numbers(rng, width)}
        sizes = {"wq": (width, width), "wk": (kv_width, width), "wv": (kv_width, width), "wo": (width, width)}
        sizes |= {"gate": (hidden, width), "up": (hidden, width), "down": (width, hidden)}
        weights |= {name: numbers(rng, *size) / 2 for name, size in sizes.items()}
        given = numbers(rng, *shape, width), weights, heads, kv_heads, numbers(rng, shape[-1], d // 2)
        yield given
        yield *given, 0.5


CHECKED_WEIGHT = "    if weight.shape != x.shape[-1:]:\n        raise ValueError(weight.shape)\n"
RMS = (
    f"def rms_norm(x, weight, eps=1e-5):\n{CHECKED_WEIGHT}"
    "    wide = x if x.dtype == torch.double else x.float()\n"
    "    strength = torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + eps)\n"
    "    return (wide * strength).to(x.dtype) * weight"
)
CHECKED_MATRICES = (
    "    if gate.ndim != 2 or gate.shape != up.shape or down.shape != gate.shape[::-1] or x.shape[-1] != gate.shape[1]:\n"
    "        raise ValueError(gate.shape)\n"
)
GATED = f"def swiglu(x, gate, up, down):\n{CHECKED_MATRICES}    return (F.silu(x @ gate.T) * (x @ up.T)) @ down.T"
CHECKED_GROUPS = "    if not K.shape[-3] or V.shape[-3] != K.shape[-3] or Q.shape[-3] % K.shape[-3]:\n        raise ValueError(Q.shape)\n"
GROUPED = (
    f"def grouped_attend(Q, K, V, mask=None):\n{CHECKED_GROUPS}"
    "    each = Q.shape[-3] // K.shape[-3]\n"
    "    K, V = K.repeat_interleave(each, dim=-3), V.repeat_interleave(each, dim=-3)\n"
    "    return attend(Q, K, V, mask)"
)
REPEATED = "K.repeat(*[1] * (K.ndim - 3), each, 1, 1), V.repeat(*[1] * (V.ndim - 3), each, 1, 1)"
CHECKED_ROWS = "    if heads < 1 or weight.shape[0] % (2 * heads):\n        raise ValueError(heads)\n"
ROWS = (
    f"def neighbour_rows(weight, heads):\n{CHECKED_ROWS}"
    "    return weight.unflatten(0, (heads, 2, -1)).transpose(1, 2).flatten(0, 2)"
)
CHECKED_FIELDS = (
    '    names = ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")\n'
    "    if any(name not in fields for name in names):\n        raise ValueError(fields)\n"
)
READ = (
    '    v, w, layers, heads = (fields[n] for n in ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads"))\n'
    '    hidden = fields["intermediate_size"]\n'
    '    kv = fields.get("num_key_value_heads") or heads\n'
    '    d = fields.get("head_dim") or w // heads\n'
    "    attention = 2 * heads * d * w + 2 * kv * d * w\n"
    "    mlp = 3 * hidden * w\n"
)
COUNT = (
    f"def parameters_in(fields):\n{CHECKED_FIELDS}{READ}"
    '    if fields.get("attention_bias"):\n        attention += heads * d + 2 * kv * d + w\n'
    '    if fields.get("mlp_bias"):\n        mlp += 2 * hidden + w\n'
    '    tables = 1 if fields.get("tie_word_embeddings") else 2\n'
    "    return tables * v * w + layers * (attention + mlp + 2 * w) + w"
)
CHECKED_PLACE = "    if position < 0:\n        raise ValueError(position)\n"
FLOPS = (
    f"def flops_per_token(fields, position=0):\n{CHECKED_PLACE}{CHECKED_FIELDS}{READ}"
    "    matrices = layers * (attention + mlp) + v * w\n"
    "    looking = 4 * layers * heads * d * (position + 1)\n"
    "    return 2 * matrices + looking"
)
BLOCK = (
    "def block_from_memory(x, weights, heads, kv_heads, angles, eps=1e-5):\n"
    '    read = rms_norm(x, weights["attention_norm"], eps)\n'
    '    Q = split_heads(read @ weights["wq"].T, heads)\n'
    '    K = split_heads(read @ weights["wk"].T, kv_heads)\n'
    '    V = split_heads(read @ weights["wv"].T, kv_heads)\n'
    "    Q, K = rotate(Q, angles), rotate(K, angles)\n"
    "    looked = join_heads(grouped_attend(Q, K, V, causal_mask(x.shape[-2])))\n"
    '    y = x + looked @ weights["wo"].T\n'
    '    read = rms_norm(y, weights["ffn_norm"], eps)\n'
    '    return y + swiglu(read, weights["gate"], weights["up"], weights["down"])'
)

EXERCISES = {
    "rms_norm": Judge(
        cases=arrows,
        drive=with_its_gradients,
        hints=(
            "Three steps: the strength of each arrow, the arrow divided by it, and the result times the weight.",
            "`x.square().mean(dim=-1, keepdim=True)` is the mean of squares of each arrow. eps comes to it before the root.",
            "Half precision: compute with `x.float()`, go back with `.to(x.dtype)`, then multiply by the weight. Doubles stay.",
        ),
        mistakes=with_unchecked(
            [CHECKED_WEIGHT],
            {
                "mean-taken-away": Mistake(
                    "You take the mean away first: that is LayerNorm. This norm keeps the level that all numbers share.",
                    swap(RMS, ("    strength", "    wide = wide - wide.mean(dim=-1, keepdim=True)\n    strength")),
                ),
                "sum-of-squares": Mistake(
                    "You divide by the length of the arrow, the root of the *sum* of squares. It is the root of the mean, or "
                    "numbers would get smaller where arrows get wider.",
                    swap(RMS, (".mean(dim=-1", ".sum(dim=-1")),
                ),
                "no-root": Mistake(
                    "You divide by the mean of squares, without the root. Try an arrow ten times as long: the result should stay.",
                    swap(RMS, ("torch.rsqrt(", "1 / ("), ("keepdim=True) + eps)", "keepdim=True) + eps)")),
                ),
                "eps-outside": Mistake(
                    "eps is added to the root. It belongs to the mean of squares, under the root: for weak arrows the two differ.",
                    swap(
                        RMS, ("torch.rsqrt(wide", "1 / (wide"), ("keepdim=True) + eps)", "keepdim=True).sqrt() + eps)")
                    ),
                ),
                "eps-fixed": Mistake(
                    "Your eps is always 1e-5, whatever the caller says.",
                    swap(RMS, ("keepdim=True) + eps", "keepdim=True) + 1e-5")),
                ),
                "no-eps": Mistake(
                    "Where is eps? An arrow of zeros becomes 0/0.",
                    swap(RMS, (" + eps)", ")")),
                ),
                "no-weight": Mistake(
                    "Each number is to be multiplied by its learned one, `weight`, at the end.",
                    swap(RMS, (".to(x.dtype) * weight", ".to(x.dtype)")),
                ),
                "one-plus-weight": Mistake(
                    "You multiply by 1 + weight, as Gemma's layers do. Here the weight starts at one and is the factor itself.",
                    swap(RMS, (" * weight", " * (1 + weight)")),
                ),
                "over-everything": Mistake(
                    "You take one strength for all arrows together. Each arrow has its own: the mean goes over the last axis only.",
                    swap(RMS, (".mean(dim=-1, keepdim=True)", ".mean()")),
                ),
                "over-positions": Mistake(
                    "Your mean goes over another axis than the numbers of an arrow.",
                    swap(RMS, (".mean(dim=-1, keepdim=True)", ".mean(dim=0, keepdim=True)")),
                ),
                "in-half": Mistake(
                    "In float16 300² does not exist: it is infinite, and your arrow becomes zeros. Square in float32.",
                    swap(RMS, ("x if x.dtype == torch.double else x.float()", "x")),
                ),
                "always-single": Mistake(
                    "You compute doubles in single precision too (as transformers does), and lose half of their digits.",
                    swap(RMS, ("x if x.dtype == torch.double else x.float()", "x.float()")),
                ),
                "strength-detached": Mistake(
                    "Right numbers, and a gradient that is not: the strength depends on x as well. Detached, or under `no_grad`, a "
                    "part of what is pulled back is missing.",
                    swap(RMS, ("wide.square()", "wide.detach().square()")),
                ),
                "stays-wide": Mistake(
                    "What comes out of half precision should be half precision again: the rest of the model is.",
                    swap(RMS, ("(wide * strength).to(x.dtype) * weight", "wide * strength * weight")),
                ),
                "rounded-last": Mistake(
                    "You round to half precision after the weight, and Llama does it before: other bits.",
                    swap(RMS, ("(wide * strength).to(x.dtype) * weight", "(wide * strength * weight).to(x.dtype)")),
                ),
                "divided-in-half": Mistake(
                    "Right for single precision and doubles. In float16 300² is infinite, and your arrow becomes zeros: compute "
                    "with `x.float()` there, and go back.",
                    f"def rms_norm(x, weight, eps=1e-5):\n{CHECKED_WEIGHT}"
                    "    return x / torch.sqrt((x**2).mean(dim=-1, keepdim=True) + eps) * weight",
                ),
                "length": Mistake(
                    "The length over √d is the strength, but then eps comes to the root. It belongs under the root; and in float16 the "
                    "squares overflow.",
                    f"def rms_norm(x, weight, eps=1e-5):\n{CHECKED_WEIGHT}"
                    "    return x / (x.norm(dim=-1, keepdim=True) / x.shape[-1] ** 0.5 + eps) * weight",
                ),
                "standard-deviation": Mistake(
                    "`std` and `var` take the mean away before they square, and divide by one less. Strength is the root of the mean of the "
                    "squares, as they are.",
                    f"def rms_norm(x, weight, eps=1e-5):\n{CHECKED_WEIGHT}    return x / (x.std(dim=-1, keepdim=True) + eps) * weight",
                ),
                "variance": Mistake(
                    "`var` takes the mean away before it squares, and divides by one less. The mean of `square()` is wanted.",
                    swap(RMS, ("wide.square().mean(dim=-1, keepdim=True)", "wide.var(dim=-1, keepdim=True)")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. A weight of one number is stretched over all without a word, another shape fails somewhere in "
                    "torch: refuse what is not as wide as the arrows.",
                    swap(RMS, (CHECKED_WEIGHT, "")),
                ),
            },
        ),
        also=(
            "def rms_norm(x, weight, eps=1e-5):\n    if tuple(weight.shape) != (x.shape[-1],):\n        raise ValueError('no')\n"
            "    wide = x.to(torch.promote_types(x.dtype, torch.float32))\n"
            "    return (wide / ((wide * wide).mean(-1)[..., None] + eps) ** 0.5).type_as(x) * weight",
        ),
    ),
    "swiglu": Judge(
        cases=gated,
        drive=with_its_gradients,
        hints=(
            "Two vectors of hidden numbers: the gates, gate x, and the values, up x. Only the gates are bent.",
            "`nn.Linear` keeps its matrix as (out, in): what comes out is `x @ matrix.T`.",
            "`F.silu(x @ gate.T) * (x @ up.T)`, and that `@ down.T`. Look at the shapes first.",
        ),
        mistakes=with_unchecked(
            [CHECKED_MATRICES],
            {
                "values-bent": Mistake(
                    "You bend the values and leave the gates straight. Multiplied, the two are not the same: which one is `up`?",
                    swap(GATED, ("F.silu(x @ gate.T) * (x @ up.T)", "(x @ gate.T) * F.silu(x @ up.T)")),
                ),
                "both-bent": Mistake(
                    "Both are bent. The values come through straight; only the gate decides.",
                    swap(GATED, ("(x @ up.T)", "F.silu(x @ up.T)")),
                ),
                "sigmoid": Mistake(
                    "That is a GLU: the gate is a sigmoid, between 0 and 1. Silu is a times sigmoid of a.",
                    swap(GATED, ("F.silu(", "torch.sigmoid(")),
                ),
                "gelu": Mistake(
                    "That is GEGLU, its sibling, with GELU as the bend. They differ in the third digit, and weights trained for one do "
                    "not fit the other.",
                    swap(GATED, ("F.silu(", "F.gelu(")),
                ),
                "relu": Mistake(
                    "That is ReGLU, its sibling. Silu lets a little through below zero.",
                    swap(GATED, ("F.silu(", "F.relu(")),
                ),
                "added": Mistake(
                    "Gates and values are added. A gate multiplies.",
                    swap(GATED, (" * (x @ up.T)", " + (x @ up.T)")),
                ),
                "bent-product": Mistake(
                    "You bend the product. The bend belongs to the gate alone, before it meets the value.",
                    swap(GATED, ("(F.silu(x @ gate.T) * (x @ up.T))", "F.silu((x @ gate.T) * (x @ up.T))")),
                ),
                "no-gate": Mistake(
                    "The gates are computed and not used: that is an MLP with one hidden vector.",
                    swap(GATED, ("F.silu(x @ gate.T) * (x @ up.T)", "F.silu(x @ up.T)")),
                ),
                "not-transposed": Mistake(
                    "`nn.Linear` keeps (out, in): a row for each number that comes out. So it is `x @ matrix.T`.",
                    swap(GATED, ("@ gate.T", "@ gate"), ("@ up.T", "@ up"), ("@ down.T", "@ down")),
                ),
                "not-down": Mistake(
                    "These are the hidden numbers. `down` brings them back to the width.",
                    swap(GATED, (" @ down.T", "")),
                ),
                "gated-by-up": Mistake(
                    "You multiply gate x by the sigmoid of up x. Silu multiplies a number by its *own* sigmoid; the value comes on top.",
                    swap(GATED, ("F.silu(x @ gate.T) * (x @ up.T)", "(x @ gate.T) * torch.sigmoid(x @ up.T)")),
                ),
                "overflows": Mistake(
                    "e to the 300 is infinite in float32, and infinite by infinite is no number. `F.silu` is written so that it does "
                    "not overflow, and a / (1 + e⁻ᵃ) gets by, too.",
                    swap(
                        GATED,
                        ("F.silu(x @ gate.T)", "(x @ gate.T) * torch.exp(x @ gate.T) / (1 + torch.exp(x @ gate.T))"),
                    ),
                ),
                "x-unchecked": Mistake(
                    "Right numbers, and the matrices are looked at. x has to fit them too: a ValueError in place of torch's.",
                    swap(GATED, (" or x.shape[-1] != gate.shape[1]", "")),
                ),
                "down-unchecked": Mistake(
                    "Right numbers, and nearly all shapes are looked at. `down` brings the arrow back to the width: it has a row "
                    "for each number of x.",
                    swap(GATED, ("down.shape != gate.shape[::-1]", "down.shape[-1] != gate.shape[0]")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. Matrices that do not fit fail somewhere in torch, and a value matrix of one row is stretched "
                    "without a word: refuse both.",
                    swap(GATED, (CHECKED_MATRICES, "")),
                ),
                "only-hidden": Mistake(
                    "Right numbers, and you look at some of the shapes. All of them have to fit: x to gate, gate to up, down to both.",
                    swap(
                        GATED,
                        (
                            "gate.ndim != 2 or gate.shape != up.shape or down.shape != gate.shape[::-1] or x.shape[-1] != gate.shape[1]",
                            "gate.shape != up.shape",
                        ),
                    ),
                ),
            },
        ),
        also=(
            "def swiglu(x, gate, up, down):\n    (h, w) = gate.shape\n"
            "    if up.shape != (h, w) or down.shape != (w, h) or x.shape[-1] != w:\n        raise ValueError('no')\n"
            "    a = F.linear(x, gate)\n    return F.linear(a / (1 + torch.exp(-a)) * F.linear(x, up), down)",
        ),
    ),
    "grouped_attend": Judge(
        cases=groups,
        drive=with_its_gradients,
        hints=(
            "`attend` knows nothing of groups, but it broadcasts: what stands in front of (T, d) may be 1 on one side.",
            "Cut the heads of queries in two axes, group and member: `Q.unflatten(-3, (kv_heads, -1))`.",
            "Give K and V an axis of length 1 where the members stand, `K.unsqueeze(-3)`; afterwards `.flatten(-4, -3)`.",
        ),
        mistakes=with_unchecked(
            [CHECKED_GROUPS],
            {
                "dealt-out": Mistake(
                    "You deal the heads out like cards: head 0 reads 0, head 1 reads 1, and so on. Neighbours share: heads 0 and 1 "
                    "read 0. It is `repeat_interleave`, not `repeat`.",
                    swap(GROUPED, ("K.repeat_interleave(each, dim=-3), V.repeat_interleave(each, dim=-3)", REPEATED)),
                ),
                "values-dealt-out": Mistake(
                    "Keys are shared by neighbours and values are dealt out: who is found tells what somebody else knows.",
                    swap(GROUPED, ("V.repeat_interleave(each, dim=-3)", "V.repeat(*[1] * (V.ndim - 3), each, 1, 1)")),
                ),
                "first-for-all": Mistake(
                    "All queries read the first head of keys and values. That is multi-query attention, which is right for one only.",
                    swap(
                        GROUPED,
                        (
                            "K.repeat_interleave(each, dim=-3), V.repeat_interleave(each, dim=-3)",
                            "K[..., :1, :, :], V[..., :1, :, :]",
                        ),
                    ),
                ),
                "no-mask": Mistake(
                    "The mask has got lost on the way to `attend`.",
                    swap(GROUPED, ("V, mask)", "V)")),
                ),
                "mean-of-queries": Mistake(
                    "You average the queries of a group. It is keys and values that are shared; each head still asks for itself.",
                    f"def grouped_attend(Q, K, V, mask=None):\n{CHECKED_GROUPS}"
                    "    each = Q.shape[-3] // K.shape[-3]\n"
                    "    Q = Q.unflatten(-3, (K.shape[-3], each)).mean(dim=-3)\n"
                    "    return attend(Q, K, V, mask).repeat_interleave(each, dim=-3)",
                ),
                "from-the-front": Mistake(
                    "`dim=1` counts from the front: right for (texts, heads, T, d), wrong for one text and for more axes.",
                    swap(GROUPED, ("dim=-3", "dim=1")),
                ),
                "from-the-first": Mistake(
                    "`dim=0` is the head only where one text comes alone. In a batch it is the texts: count from the end.",
                    swap(GROUPED, ("dim=-3", "dim=0")),
                ),
                "not-flattened": Mistake(
                    "The group's axis is still there. Returned are as many heads as there were queries: one axis.",
                    f"def grouped_attend(Q, K, V, mask=None):\n{CHECKED_GROUPS}"
                    "    parts = Q.unflatten(-3, (K.shape[-3], -1))\n"
                    "    return attend(parts, K.unsqueeze(-3), V.unsqueeze(-3), mask)",
                ),
                "no-groups": Mistake(
                    "`attend` broadcasts a head of keys over many only where there is one. Cut the queries into groups first.",
                    f"def grouped_attend(Q, K, V, mask=None):\n{CHECKED_GROUPS}    return attend(Q, K, V, mask)",
                ),
                "one-mean": Mistake(
                    "You average the heads of keys and values, and all queries read the mean. Each group has a head of its own.",
                    swap(
                        GROUPED,
                        (
                            "K.repeat_interleave(each, dim=-3), V.repeat_interleave(each, dim=-3)",
                            "K.mean(-3, keepdim=True), V.mean(-3, keepdim=True)",
                        ),
                    ),
                ),
                "four-axes": Mistake(
                    "You unpack four axes. A text alone has three, and there may be more in front: count from the end.",
                    "def grouped_attend(Q, K, V, mask=None):\n"
                    "    B, H, T, d = Q.shape\n    Q = Q.view(B, K.shape[1], H // K.shape[1], T, d)\n"
                    "    return attend(Q, K[:, :, None], V[:, :, None], mask).reshape(B, H, T, -1)",
                ),
                "repeated-unchecked": Mistake(
                    "Right numbers. Heads that cannot be shared out evenly are repeated a rounded number of times, and what follows depends "
                    "on luck: refuse them, and values with other heads than the keys.",
                    swap(GROUPED, (CHECKED_GROUPS, "")),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. Heads that cannot be shared out evenly, and values with other heads than the keys, deserve a "
                    "ValueError that names them.",
                    "def grouped_attend(Q, K, V, mask=None):\n    groups = Q.unflatten(-3, (K.shape[-3], -1))\n"
                    "    return attend(groups, K.unsqueeze(-3), V.unsqueeze(-3), mask).flatten(-4, -3)",
                ),
            },
        ),
        also=(
            "def grouped_attend(Q, K, V, mask=None):\n    heads, kv = Q.shape[-3], K.shape[-3]\n"
            "    if not kv or heads % kv or V.shape[-3] != kv:\n        raise ValueError('no')\n"
            "    found = [attend(Q[..., h, :, :], K[..., h * kv // heads, :, :], V[..., h * kv // heads, :, :], mask)"
            " for h in range(heads)]\n    return torch.stack(found, dim=-3)",
        ),
    ),
    "neighbour_rows": Judge(
        cases=rows,
        hints=(
            "Name the axis of rows by what is in it: head, half, place. In that order they lie in memory.",
            "You want head, place, half: one exchange of two axes.",
            "`weight.unflatten(0, (heads, 2, -1))`, then `.transpose(1, 2)`, then `.flatten(0, 2)`.",
        ),
        mistakes=with_unchecked(
            [CHECKED_ROWS],
            {
                "other-direction": Mistake(
                    "That is the way back: from neighbours to halves. For heads of 4 rows the two are the same; try 6.",
                    swap(ROWS, ("(heads, 2, -1)", "(heads, -1, 2)")),
                ),
                "one-head": Mistake(
                    "You sort the whole matrix as if it were one head. The halves are those of each head.",
                    swap(
                        ROWS,
                        (
                            "unflatten(0, (heads, 2, -1)).transpose(1, 2).flatten(0, 2)",
                            "unflatten(0, (2, -1)).transpose(0, 1).flatten(0, 1)",
                        ),
                    ),
                ),
                "columns": Mistake(
                    "You sorted the columns. They are the numbers of x, whose order nobody changed; what comes out is a row.",
                    f"def neighbour_rows(weight, heads):\n{CHECKED_ROWS}"
                    "    return weight[:, torch.arange(weight.shape[1]).view(-1).argsort(descending=True)]",
                ),
                "second-first": Mistake(
                    "The pairs are there, turned round: row i + d / 2 comes before row i. That turns everything the other way.",
                    swap(ROWS, (".transpose(1, 2)", ".flip(1).transpose(1, 2)")),
                ),
                "not-moved": Mistake(
                    "Nothing has moved. Cutting an axis and laying it end to end again gives back what was there.",
                    swap(ROWS, (".transpose(1, 2)", "")),
                ),
                "heads-mixed": Mistake(
                    "You exchanged heads and halves. The heads stay where they are; halves and places change within each.",
                    swap(ROWS, (".transpose(1, 2)", ".transpose(0, 1)")),
                ),
                "even-rows-first": Mistake(
                    "You took every second row of the whole matrix: the other direction, and as if it were one head.",
                    f"def neighbour_rows(weight, heads):\n{CHECKED_ROWS}    return torch.cat([weight[::2], weight[1::2]])",
                ),
                "only-pairs-checked": Mistake(
                    "Right order. You see to it that the number of rows is even. It has to be so in each head: 2 · heads divides it.",
                    swap(ROWS, ("heads < 1 or weight.shape[0] % (2 * heads)", "heads < 1 or weight.shape[0] % 2")),
                ),
                "viewed-unchecked": Mistake(
                    "Right order. An odd number of rows in a head, or no heads, deserve a ValueError in place of torch's or a division by "
                    "zero.",
                    "def neighbour_rows(weight, heads):\n    rows, width = weight.shape\n    d = rows // heads\n"
                    "    return weight.view(heads, 2, d // 2, width).transpose(1, 2).reshape(rows, width)",
                ),
                "nothing-checked": Mistake(
                    "Right order. Rows that cannot be cut into that many heads of pairs deserve a ValueError in place of torch's.",
                    swap(ROWS, (CHECKED_ROWS, "")),
                ),
            },
        ),
        also=(
            "def neighbour_rows(weight, heads):\n    n = len(weight)\n    if heads <= 0 or n % heads or (n // heads) % 2:\n"
            "        raise ValueError('no')\n    d = n // heads\n"
            "    order = [h * d + i + side * d // 2 for h in range(heads) for i in range(d // 2) for side in (0, 1)]\n"
            "    return weight[order]",
        ),
    ),
    "parameters_in": Judge(
        cases=shapes_for_parameters,
        hints=(
            "Tables first: vocab_size · hidden_size, once or twice. Then one layer, times the layers, and one norm at the end.",
            "q and o have heads · d · width numbers each, k and v kv_heads · d · width; the MLP has three matrices.",
            '`fields.get("num_key_value_heads") or heads` serves both for what is missing and for None.',
        ),
        mistakes=with_unchecked(
            [CHECKED_FIELDS],
            {
                "tied-for-all": Mistake(
                    "You count one table always. Only tied models use the embedding as their head.",
                    swap(COUNT, ('1 if fields.get("tie_word_embeddings") else 2', "1")),
                ),
                "never-tied": Mistake(
                    "You count the head of a tied model. It is the embedding, which was counted.",
                    swap(COUNT, ('1 if fields.get("tie_word_embeddings") else 2', "2")),
                ),
                "tied-if-missing": Mistake(
                    "Where `tie_word_embeddings` is missing it is False: there are two tables.",
                    swap(COUNT, ('fields.get("tie_word_embeddings")', 'fields.get("tie_word_embeddings", True)')),
                ),
                "no-groups": Mistake(
                    "k and v have kv_heads, which may be fewer than the heads of queries.",
                    swap(COUNT, ('fields.get("num_key_value_heads") or heads', "heads")),
                ),
                "gpt-mlp": Mistake(
                    "Your MLP has two matrices, as GPT-2's. A gated one has three.",
                    swap(COUNT, ("3 * hidden * w", "2 * hidden * w")),
                ),
                "no-norms": Mistake(
                    "The norms have numbers too: `width` each, two in a layer and one at the end.",
                    swap(COUNT, ("attention + mlp + 2 * w) + w", "attention + mlp)")),
                ),
                "no-last-norm": Mistake(
                    "Nearly: one norm is missing, the last one, in front of the head.",
                    swap(COUNT, ("2 * w) + w", "2 * w)")),
                ),
                "norms-with-shift": Mistake(
                    "Your norms have two numbers for each place, as LayerNorm's. RMSNorm has a factor and no shift.",
                    swap(COUNT, ("2 * w) + w", "4 * w) + 2 * w")),
                ),
                "d-from-width": Mistake(
                    "Some models choose `head_dim` freely, and then heads · d is not the width.",
                    swap(COUNT, ('fields.get("head_dim") or w // heads', "w // heads")),
                ),
                "o-is-square": Mistake(
                    "The matrix o goes from heads · d back to the width: with a free head_dim it is not square.",
                    swap(COUNT, ("2 * heads * d * w + 2 * kv * d * w", "heads * d * w + w * w + 2 * kv * d * w")),
                ),
                "no-biases": Mistake(
                    "`attention_bias` and `mlp_bias` add a number for each row of their matrices.",
                    swap(
                        COUNT,
                        ('fields.get("attention_bias")', "False"),
                        ('fields.get("mlp_bias")', "False"),
                    ),
                ),
                "no-bias-of-o": Mistake(
                    "The bias of o is missing: transformers' Llama gives all four one.",
                    swap(COUNT, ("2 * kv * d + w\n", "2 * kv * d\n")),
                ),
                "wide-bias-of-down": Mistake(
                    "What comes out of down is as wide as the stream: its bias has `hidden_size` numbers, and only gate and up have "
                    "one for each hidden number.",
                    swap(COUNT, ("mlp += 2 * hidden + w", "mlp += 3 * hidden")),
                ),
                "wide-bias-of-o": Mistake(
                    "What comes out of o is as wide as the stream, so its bias has `hidden_size` numbers, not heads · d.",
                    swap(COUNT, ("2 * kv * d + w\n", "2 * kv * d + heads * d\n")),
                ),
                "no-last-norm-no-biases": Mistake(
                    "Two things are missing: the norm in front of the head, and the biases, where `attention_bias` or `mlp_bias` ask for "
                    "them.",
                    swap(
                        COUNT,
                        ("2 * w) + w", "2 * w)"),
                        ('fields.get("attention_bias")', "False"),
                        ('fields.get("mlp_bias")', "False"),
                    ),
                ),
                "none-not-missing": Mistake(
                    "A field may be there and None, and `.get(name, default)` then gives None.",
                    swap(
                        COUNT,
                        ('fields.get("num_key_value_heads") or heads', 'fields.get("num_key_value_heads", heads)'),
                        ('fields.get("head_dim") or w // heads', 'fields.get("head_dim", w // heads)'),
                    ),
                ),
                "in-a-hurry": Mistake(
                    "Right for the usual models. Now the small print: a field may be there and None, biases count, and a missing field is a "
                    "ValueError.",
                    swap(
                        COUNT,
                        (CHECKED_FIELDS, ""),
                        ('fields.get("num_key_value_heads") or heads', 'fields.get("num_key_value_heads", heads)'),
                        ('fields.get("head_dim") or w // heads', 'fields.get("head_dim", w // heads)'),
                        ('fields.get("attention_bias")', "False"),
                        ('fields.get("mlp_bias")', "False"),
                    ),
                ),
                "plain-models": Mistake(
                    "Right for the usual models. `head_dim` may be another number than width / heads, and biases count.",
                    swap(
                        COUNT,
                        ('fields.get("head_dim") or w // heads', "w // heads"),
                        ('fields.get("attention_bias")', "False"),
                        ('fields.get("mlp_bias")', "False"),
                    ),
                ),
                "nothing-checked": Mistake(
                    "Right numbers. A KeyError names the field and not the trouble: a ValueError that says that this is no config.json of "
                    "a Llama.",
                    swap(COUNT, (CHECKED_FIELDS, "")),
                ),
            },
        ),
        also=(
            "def parameters_in(fields):\n    try:\n        v, w, n, h, m = (fields[k] for k in ('vocab_size', 'hidden_size', "
            "'num_hidden_layers', 'num_attention_heads', 'intermediate_size'))\n    except KeyError as missing:\n"
            "        raise ValueError(missing)\n    d, g = fields.get('head_dim') or w // h, fields.get('num_key_value_heads') or h\n"
            "    shapes = [(h * d, w), (g * d, w), (g * d, w), (w, h * d)]\n    mlp = [(m, w), (m, w), (w, m)]\n"
            "    one = sum(a * b for a, b in shapes + mlp) + 2 * w\n"
            "    one += sum(a for a, _ in shapes if fields.get('attention_bias')) + sum(a for a, _ in mlp if fields.get('mlp_bias'))\n"
            "    return v * w * (2 - bool(fields.get('tie_word_embeddings'))) + n * one + w",
        ),
    ),
    "flops_per_token": Judge(
        cases=shapes_and_places,
        hints=(
            "Two parts: 2 for each number of a matrix that the token is multiplied with, and attention over position + 1 keys.",
            "Which matrices? Seven in each layer, and the head, tied or not. Not the embedding, not the norms, no biases.",
            "Attention: 2 · d for a score and 2 · d for the mean, in every head of *queries*, in every layer, for each key.",
        ),
        mistakes=with_unchecked(
            [CHECKED_PLACE],
            {
                "products-only": Mistake(
                    "You count products. Each comes with an addition, and both are floating point operations: times two.",
                    swap(FLOPS, ("return 2 * matrices + looking", "return matrices + looking // 2")),
                ),
                "head-only-if-untied": Mistake(
                    "A tied head costs nothing to store and as much as any other to compute: it is multiplied.",
                    swap(FLOPS, ("+ v * w\n", '+ v * w * (not fields.get("tie_word_embeddings"))\n')),
                ),
                "embedding-too": Mistake(
                    "You count the embedding of an untied model. It is looked up: no product at all.",
                    swap(FLOPS, ("+ v * w\n", '+ v * w * (1 if fields.get("tie_word_embeddings") else 2)\n')),
                ),
                "no-head": Mistake(
                    "The head is missing: the logits of all tokens, in small models a large part.",
                    swap(FLOPS, (" + v * w\n", "\n")),
                ),
                "norms-too": Mistake(
                    "The norms are in it. They multiply once for each number, and are left out here.",
                    swap(FLOPS, ("(attention + mlp) + v * w", "(attention + mlp + 2 * w) + v * w + w")),
                ),
                "position-keys": Mistake(
                    "The token at position p sees p + 1 keys: itself as well.",
                    swap(FLOPS, ("(position + 1)", "position")),
                ),
                "shared-work": Mistake(
                    "You count the heads of keys. Sharing saves memory, not work: every head of queries meets every key.",
                    swap(FLOPS, ("4 * layers * heads * d", "4 * layers * kv * d")),
                ),
                "scores-only": Mistake(
                    "Half of attention is missing: the scores are one product with every key, the mean one with every value.",
                    swap(FLOPS, ("4 * layers * heads", "2 * layers * heads")),
                ),
                "one-layer": Mistake(
                    "Attention over the text happens in every layer.",
                    swap(FLOPS, ("4 * layers * heads", "4 * heads")),
                ),
                "whole-width": Mistake(
                    "You took the width for heads · d. With a free head_dim they differ.",
                    swap(FLOPS, ("4 * layers * heads * d", "4 * layers * w")),
                ),
                "no-attention": Mistake(
                    "Two for each number of a matrix is the rule of thumb. What the text before costs is missing.",
                    swap(FLOPS, (" + looking", "")),
                ),
                "backward-too": Mistake(
                    "Three times too much: that is training, forward and backward.",
                    swap(FLOPS, ("return 2 * matrices + looking", "return 3 * (2 * matrices + looking)")),
                ),
                "twice-the-parameters": Mistake(
                    "Two for every parameter is the rule of thumb. Here it is counted: an embedding is looked up, a tied one multiplies as "
                    "the head, norms and biases are left out.",
                    f"def flops_per_token(fields, position=0):\n{CHECKED_PLACE}{CHECKED_FIELDS}{READ}"
                    "    return 2 * parameters_in(fields) + 4 * layers * heads * d * (position + 1)",
                ),
                "rule-of-thumb": Mistake(
                    "Two for every parameter is the rule of thumb. Here it is counted: an embedding is looked up, norms and biases are left "
                    "out, heads · d may differ from the width, and a position below 0 is refused.",
                    "def flops_per_token(fields, position=0):\n    n = 2 * parameters_in(fields)\n"
                    '    return n + 4 * fields["num_hidden_layers"] * fields["hidden_size"] * (position + 1)',
                ),
                "biases-counted": Mistake(
                    "You count the biases, where the fields ask for them. A bias is added: no product, and the docstring leaves it out.",
                    f"def flops_per_token(fields, position=0):\n{CHECKED_PLACE}{CHECKED_FIELDS}{READ}"
                    '    n = parameters_in(fields | {"tie_word_embeddings": True}) - (2 * layers + 1) * w\n'
                    "    return 2 * n + 4 * layers * heads * d * (position + 1)",
                ),
                "place-unchecked": Mistake(
                    "Right numbers. A position below 0 gives negative work: refuse it.",
                    swap(FLOPS, (CHECKED_PLACE, "")),
                ),
                "fields-unchecked": Mistake(
                    "Right numbers. A missing field deserves a ValueError, as in `parameters_in`.",
                    swap(FLOPS, (CHECKED_FIELDS, "")),
                ),
            },
        ),
        also=(
            "def flops_per_token(fields, position=0):\n    plain = dict(fields)\n    plain.pop('attention_bias', 0), plain.pop('mlp_bias', 0)\n"
            "    total = parameters_in(plain | {'tie_word_embeddings': True})\n    if position < 0:\n        raise ValueError('no')\n"
            "    n, w, h = fields['num_hidden_layers'], fields['hidden_size'], fields['num_attention_heads']\n"
            "    d = fields.get('head_dim') or w // h\n"
            "    return 2 * (total - w - 2 * n * w) + 2 * 2 * n * h * d * (1 + position)",
        ),
    ),
    "block_from_memory": Judge(
        cases=blocks,
        hints=(
            "Twice the same: read a normalised copy of the stream, and add what comes of it to the stream itself.",
            "Queries get `heads`, keys and values `kv_heads`. Queries and keys are turned, values are not.",
            '`grouped_attend(Q, K, V, causal_mask(T))`, `join_heads`, `@ weights["wo"].T`; then the other norm, and `swiglu`.',
        ),
        mistakes={
            "no-mask": Mistake(
                "The first position sees the last one. Who may look at whom?",
                swap(BLOCK, (", causal_mask(x.shape[-2])", "")),
            ),
            "normalised-stream": Mistake(
                "You add to the normalised copy. The stream itself goes on untouched, and only what was read is normalised.",
                swap(BLOCK, ("y = x + looked", "y = read + looked")),
            ),
            "second-stream-normalised": Mistake(
                "The MLP adds to the normalised copy. What it adds to is the stream, as attention left it.",
                swap(BLOCK, ("return y + swiglu", "return read + swiglu")),
            ),
            "heads-for-all": Mistake(
                "You cut keys and values into as many heads as the queries. They have `kv_heads`, each for a group.",
                swap(
                    BLOCK,
                    ('weights["wk"].T, kv_heads', 'weights["wk"].T, heads'),
                    ('weights["wv"].T, kv_heads', 'weights["wv"].T, heads'),
                ),
            ),
            "norm-behind": Mistake(
                "Your norms stand behind the sum, as in 2017. Since GPT-2 they stand in front of each part.",
                "def block_from_memory(x, weights, heads, kv_heads, angles, eps=1e-5):\n"
                '    Q = split_heads(x @ weights["wq"].T, heads)\n    K = split_heads(x @ weights["wk"].T, kv_heads)\n'
                '    V = split_heads(x @ weights["wv"].T, kv_heads)\n    Q, K = rotate(Q, angles), rotate(K, angles)\n'
                "    looked = join_heads(grouped_attend(Q, K, V, causal_mask(x.shape[-2])))\n"
                '    y = rms_norm(x + looked @ weights["wo"].T, weights["attention_norm"], eps)\n'
                '    return rms_norm(y + swiglu(y, weights["gate"], weights["up"], weights["down"]), weights["ffn_norm"], eps)',
            ),
            "side-by-side": Mistake(
                "Your MLP reads what attention read, not what it wrote. Some models do it so, in parallel; in Llama one follows the "
                "other.",
                swap(BLOCK, ('rms_norm(y, weights["ffn_norm"], eps)', 'rms_norm(x, weights["ffn_norm"], eps)')),
            ),
            "one-norm": Mistake(
                "The MLP has a norm of its own, `ffn_norm`.",
                swap(BLOCK, ('rms_norm(y, weights["ffn_norm"], eps)', 'rms_norm(y, weights["attention_norm"], eps)')),
            ),
            "second-not-read": Mistake(
                "The MLP reads the stream as it is. It too reads a normalised copy.",
                swap(BLOCK, ('rms_norm(y, weights["ffn_norm"], eps)', "y")),
            ),
            "nothing-added": Mistake(
                "What the MLP makes replaces the stream. It is added to it.",
                swap(BLOCK, ("return y + swiglu", "return swiglu")),
            ),
            "keys-not-turned": Mistake(
                "Only the queries are turned: the scores then depend on where a text begins.",
                swap(BLOCK, ("rotate(Q, angles), rotate(K, angles)", "rotate(Q, angles), K")),
            ),
            "not-turned": Mistake(
                "Nothing is turned, so the block sees what came before as a set.",
                swap(BLOCK, ("rotate(Q, angles), rotate(K, angles)", "Q, K")),
            ),
            "values-turned": Mistake(
                "You turn the values too. They are what is told, not what is compared: turned, they would say something else at each "
                "place.",
                swap(BLOCK, ("    Q, K = rotate", "    V = rotate(V, angles)\n    Q, K = rotate")),
            ),
            "turned-before-cut": Mistake(
                "Turn after cutting into heads: each head has its own hands, from the fast one to the slow one.",
                swap(
                    BLOCK,
                    (
                        'split_heads(read @ weights["wq"].T, heads)',
                        'split_heads(rotate(read @ weights["wq"].T, angles.repeat(1, heads).flip(-1)), heads)',
                    ),
                    ("rotate(Q, angles), rotate(K, angles)", "Q, rotate(K, angles)"),
                ),
            ),
            "halves-turned": Mistake(
                "You turn halves, number i with i + d / 2, as transformers does. Here neighbours are turned, as `rotate` does it.",
                swap(
                    BLOCK,
                    (
                        "    Q, K = rotate(Q, angles), rotate(K, angles)\n",
                        "    def turned(x):\n        a, b = x.chunk(2, dim=-1)\n        c, s = angles.cos(), angles.sin()\n"
                        "        return torch.cat([a * c - b * s, a * s + b * c], dim=-1)\n\n    Q, K = turned(Q), turned(K)\n",
                    ),
                ),
            ),
            "groups-dealt-out": Mistake(
                "Your heads of keys are laid end to end and dealt out: 0, 1, 0, 1. Neighbours share: 0, 0, 1, 1.",
                swap(
                    BLOCK,
                    (
                        "grouped_attend(Q, K, V, causal",
                        "attend(Q, *(one.repeat(*[1] * (one.ndim - 3), heads // kv_heads, 1, 1) for one in (K, V)), causal",
                    ),
                ),
            ),
            "gate-and-up": Mistake(
                "Gate and up are exchanged: the value is bent, and the gate comes through straight.",
                swap(BLOCK, ('weights["gate"], weights["up"]', 'weights["up"], weights["gate"]')),
            ),
            "not-mixed": Mistake(
                "The heads lie side by side, and `wo` has not been used.",
                swap(BLOCK, (' @ weights["wo"].T', "")),
            ),
            "not-transposed": Mistake(
                "`nn.Linear` keeps (out, in): it is `@ weights[name].T`. For square matrices nobody complains.",
                swap(BLOCK, ('weights["wq"].T', 'weights["wq"]'), ('weights["wo"].T', 'weights["wo"]')),
            ),
            "eps-lost": Mistake(
                "The caller's eps does not reach the norms.",
                swap(BLOCK, ('"attention_norm"], eps', '"attention_norm"]'), ('"ffn_norm"], eps', '"ffn_norm"]')),
            ),
        },
        also=(
            "def block_from_memory(x, weights, heads, kv_heads, angles, eps=1e-5):\n    w, each = weights, heads // kv_heads\n"
            "    n = rms_norm(x, w['attention_norm'], eps)\n"
            "    q, k, v = (F.linear(n, w[name]).unflatten(-1, (-1, x.shape[-1] // heads)).transpose(-3, -2) for name in ('wq', 'wk', 'wv'))\n"
            "    q, k = rotate(q, angles), rotate(k, angles).repeat_interleave(each, dim=-3)\n"
            "    scores = q @ k.mT / q.shape[-1] ** 0.5\n"
            "    hidden = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)\n"
            "    seen = scores.masked_fill(hidden, -torch.inf).softmax(-1) @ v.repeat_interleave(each, dim=-3)\n"
            "    x = x + F.linear(seen.transpose(-3, -2).flatten(-2), w['wo'])\n"
            "    n = rms_norm(x, w['ffn_norm'], eps)\n"
            "    return x + F.linear(F.silu(F.linear(n, w['gate'])) * F.linear(n, w['up']), w['down'])",
        ),
    ),
}

QUIZ = (
    Question(
        "outweighs",
        "The shape of Llama 3 8B, two bytes a number, one text: which of these is the first length at which the cache outweighs the weights?",
        (
            ("131,072", "2¹⁷ tokens of 131 kB are 17.2 GB, beside 16.1 GB of weights."),
            ("1,048,576", "So it is if all heads share one head of keys and values. The model has 8."),
            ("8,192", "There the cache is about 1 GB. The weights are sixteen."),
            ("16,384", "Multiply: 131 kB a token. How many of them fit into 16 GB?"),
        ),
        right=0,
    ),
    Question(
        "readers",
        "Eight heads of queries share one head of keys and values. What can they still do differently?",
        (
            (
                "Read another value from one and the same token",
                "The value is shared; only what `wo` makes of it differs by head.",
            ),
            (
                "Look at different places at the same moment",
                "Each has its own query, so its own weights over the same keys.",
            ),
            ("Give one and the same token another key", "By what it is found is its key, and that is shared."),
            (
                "Nothing: sharing makes them one and the same head",
                "Their queries differ, and so do the places they look at.",
            ),
        ),
        right=1,
    ),
    Question(
        "flops",
        "Llama 2 7B and a version of it with 8 heads of keys and values write token 8,000. What is about the same for both?",
        (
            ("The bytes that are read from the cache", "Those are a quarter."),
            ("The size of the matrices for k and v", "They have a quarter of the rows."),
            ("How many texts fit into memory at once", "Four times as many, where the cache is the limit."),
            ("The work of scores and means over the text", "Every head of queries still meets every key."),
        ),
        right=3,
    ),
    Question(
        "unsorted",
        "Trained weights from transformers, rows of q and k not sorted. Which test passes all the same?",
        (
            (
                "Logits of one token alone, beside a reference",
                "One token sees one key, and gives it all its weight, whatever it says.",
            ),
            ("Logits of forty tokens, beside a reference", "From the second position on they differ, and far."),
            (
                "The loss on a text, beside that of a reference",
                "Nearly every prediction is another one. The loss notices.",
            ),
            (
                "The first ten words of an answer, beside a reference",
                "Each of them but the first comes from wrong scores.",
            ),
        ),
        right=0,
    ),
    Question(
        "not-told-apart",
        "Five pairs, mean difference 0.01 bits, interval −0.02 … 0.04. What may you say?",
        (
            (
                "The two parts are equally good, as far as one can see",
                "Not seen is not the same as not there: 0.03 would fit as well.",
            ),
            (
                "These pairs leave open which of the two is better",
                "And by how much at most: the ends of the interval say that.",
            ),
            ("Llama's part is better, by about a hundredth of a bit", "That is the mean. The interval holds zero."),
            (
                "The difference is 0.01 with 95 % probability",
                "The 95 % belong to the interval, and to the way it is made.",
            ),
        ),
        right=1,
    ),
)

REVIEWS = {
    "repeat": Verdict(
        of="grouped_attend",
        right=False,
        why="`repeat` lays the heads end to end again: 0, 1, 0, 1. `repeat_kv` gives 0, 0, 1, 1, as `repeat_interleave` does, and so "
        "were the published weights trained: head 1 belongs to group 0. The shapes are the same, and a model that is trained with "
        "it learns as well as ever, since no head has a name yet. Only foreign weights show it. With one group, or as many as "
        "heads, the two agree.",
        cases=groups,
        witness=(torch.zeros(4, 1, 2), torch.zeros(2, 1, 2), torch.tensor([[[1.0]], [[2.0]]])),
    ),
    "half": Verdict(
        of="rms_norm",
        right=False,
        why="The square of 256 is 65,536, and float16 ends at 65,504. One large number in an arrow, which trained models have, makes "
        "the mean infinite and the whole arrow zero; no NaN tells of it. Small numbers vanish at the other end, and in bfloat16 the "
        "mean has three digits. Normal random numbers never get there.",
        cases=arrows,
        witness=(torch.tensor([[300.0, 400.0]], dtype=torch.float16), torch.ones(2, dtype=torch.float16)),
    ),
    "one-matrix": Verdict(
        of="swiglu",
        right=True,
        why="Rows of a matrix do not know of each other: the first half of what comes out is gate x, the second up x. Serving engines "
        "store the two as one. (Concatenating at each call copies both; one would do it once, when the weights are loaded.) The check "
        "of the shapes stands above it.",
        cases=gated,
        witness=None,
    ),
}
