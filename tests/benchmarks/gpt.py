"""What `03_gpt` built against transformers' GPT-2 and torch's Muon, interleaved in one run.

    python tests/benchmarks/gpt.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

from dataclasses import replace  # noqa: E402

import torch  # noqa: E402
from built import gpt  # noqa: E402

torch.set_num_threads(1)
BATCH = 16


def peers(context: int) -> tuple:
    """Ids, and three models of width 128 with four blocks: ours, transformers', and the recipe of the page."""
    config = gpt.GPTConfig(72, context)
    ours, theirs = gpt.GPT(config), gpt.their_gpt2(config)
    recipe = gpt.GPT(replace(gpt.RECIPE, context=context))
    return torch.randint(72, (BATCH, context)), ours, theirs, recipe


def training(context: int) -> dict:
    """Forward, loss and backward for 16 texts, without the optimiser."""
    ids, ours, theirs, recipe = peers(context)
    return {
        "GPT": lambda: gpt.next_token_loss(ours(ids), ids).backward(),
        "GPT2LMHeadModel": lambda: gpt.next_token_loss(theirs(ids, use_cache=False).logits, ids).backward(),
        "GPT, the recipe": lambda: gpt.next_token_loss(recipe(ids), ids).backward(),
    }


def forward(context: int) -> dict:
    """Logits for 16 texts, without gradients."""
    ids, ours, theirs, recipe = peers(context)

    def without(call):
        with torch.no_grad():
            return call()

    return {
        "GPT": lambda: without(lambda: ours(ids)),
        "GPT2LMHeadModel": lambda: without(lambda: theirs(ids, use_cache=False).logits),
        "GPT, the recipe": lambda: without(lambda: recipe(ids)),
    }


def optimisers(width: int) -> dict:
    """One step for the matrices of a block, and AdamW's for the same."""
    shapes = ((3 * width, width), (width, width), (4 * width, width), (width, 4 * width))

    def some():
        found = [torch.nn.Parameter(torch.zeros(shape)) for shape in shapes]
        for one in found:
            one.grad = torch.randn(one.shape)
        return found

    ours, theirs, adam = gpt.Muon(some()), torch.optim.Muon(some(), weight_decay=0), torch.optim.AdamW(some())
    return {"Muon": ours.step, "torch.optim.Muon (16 bits)": theirs.step, "torch.optim.AdamW": adam.step}


if __name__ == "__main__":
    rows = [
        *results.compare("a training step, 16 texts of 64 tokens", training, (16, 64)),
        *results.compare("a training step, 16 texts of 256 tokens", training, (64, 256)),
        *results.compare("logits, 16 texts of 64 tokens", forward, (16, 64)),
        *results.compare("a step of the optimiser, by width", optimisers, (64, 128)),
    ]
    results.report("03_gpt", rows)
