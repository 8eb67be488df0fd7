"""What `06_sampling` built against transformers' logits processors, interleaved in one run.

    python tests/benchmarks/sampling.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import torch  # noqa: E402
import transformers  # noqa: E402
from built import sampling as sa  # noqa: E402

torch.set_num_threads(1)
NONE = torch.zeros(64, 1, dtype=torch.long)


def rows(n: int) -> torch.Tensor:
    """Logits of n places of the passage, again and again."""
    logits = sa.logits_after(sa.PASSAGE)
    return logits[torch.arange(n) % len(logits)].contiguous()


def top_p(n: int) -> dict:
    """Top-p 0.9 on n rows of 49,152 logits."""
    logits, theirs = rows(n), transformers.TopPLogitsWarper(0.9)
    return {"top_p": lambda: sa.top_p(logits, 0.9), "TopPLogitsWarper": lambda: theirs(NONE[:n], logits)}


def min_p(n: int) -> dict:
    """Min-p 0.1 on n rows."""
    logits, theirs = rows(n), transformers.MinPLogitsWarper(0.1)
    return {"min_p": lambda: sa.min_p(logits, 0.1), "MinPLogitsWarper": lambda: theirs(NONE[:n], logits)}


def penalty(n: int) -> dict:
    """A penalty for 200 ids of each of n rows."""
    logits, ids = rows(n), torch.randint(49_152, (n, 200))
    theirs = transformers.RepetitionPenaltyLogitsProcessor(1.3)
    return {
        "penalised": lambda: sa.penalised(logits, ids, 1.3),
        "RepetitionPenaltyLogitsProcessor": lambda: theirs(ids, logits),
    }


def draw(n: int) -> dict:
    """One draw from each of n rows."""
    chances = rows(n).softmax(dim=-1)
    rng = torch.Generator().manual_seed(0)
    return {
        "picked": lambda: [sa.picked(row, 0.5) for row in chances],
        "torch.multinomial": lambda: torch.multinomial(chances, 1, generator=rng),
    }


if __name__ == "__main__":
    found = [
        *results.compare("top-p 0.9, rows of 49,152 logits", top_p, (1, 16)),
        *results.compare("min-p 0.1", min_p, (1, 16)),
        *results.compare("a penalty for 200 ids a row", penalty, (1, 16)),
        *results.compare("one draw a row", draw, (1, 16)),
    ]
    results.report("06_sampling", found)
